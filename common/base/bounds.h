/* bounds.h - the limits of the system in one place: what comes from outside, travels, or is kept. Each is
 * refused with a reason, never cut. Sizes in bytes unless the name says otherwise.
 *
 * What concerns one file alone stands at its top: how often its loop looks, how much it takes in a turn, how
 * large a table of its own is, how long it waits before it gives up. */
#ifndef KC_BASE_BOUNDS_H
#define KC_BASE_BOUNDS_H

#include <stddef.h>
#include <stdint.h>

/* Files and import */
#define IMPORT_FILE_MAX (64u << 20)     /* INTERFACE 1 */
#define BUNDLE_FILE_MAX IMPORT_FILE_MAX /* a session in a file; what does not fit goes into another */
#define CSV_COLUMNS_MAX 256u
#define CSV_CELL_MAX 65536u
#define CATALOGUE_FILE_MAX (1u << 20)

/* Records */
#define CODE_MAX 64u           /* code, scheme_code: ASCII */
#define CATALOGUE_CODE_MAX 15u /* item, indicator, service, fund … codes */
#define TEXT_SHORT_MAX 200u    /* *_no, period, commune, number, beneficiary … */
#define TEXT_LONG_MAX 2000u    /* name, note, implementer, title */
#define COMMENT_MAX 1000u
#define PERSON_MAX 120u
#define FUNDING_MAX 16u  /* funding lines of a scheme */
#define LEDGER_MAX 1000u /* money ledger entries of a scheme */
#define BENEFICIARIES_MAX 500u
#define UNKNOWN_MAX 65536u                    /* unknown bytes kept per message level */
#define AMOUNT_MAX INT64_C (1000000000000000) /* 10^15 dong, INTERFACE 4 */
#define YEAR_MIN 2000u
#define YEAR_MAX 2100u
#define UPDATE_MAX (192u << 10) /* one encoded update */
#define SETTLES_MAX 16u         /* parked sides that one update decides */
#define CLASHES_MAX 64u         /* fields of a conflict that are named */

/* Reference data */
#define SOURCES_MAX 16u
#define UNITS_MAX 4096u

/* Totals */
#define ATOMS_MAX (FUNDING_MAX + 1u) /* contributions of one record */
#define MEASURES_MAX 8u
#define CELL_KEY_MAX 320u /* holds a period of TEXT_SHORT_MAX; below STORE_KEY_MAX */

/* The wire: one frame after the routing id */
#define FRAME_MAX (512u << 10) /* ZMQ_MAXMSGSIZE */
#define CHUNK_MAX (256u << 10) /* sum of the updates' bytes in one chunk */
#define CHUNK_UPDATES_MAX 2000u
#define HELLO_MAX (16u << 10)
#define SMALL_MESSAGE_MAX (4u << 10)
#define STREAMS_PER_HELLO_MAX 64u
#define DOWN_MAX (384u << 10)
#define DOWN_ENTRIES_MAX 2000u
#define ADDRESSES_MAX 8u
#define ADDRESS_MAX 256u
#define EPOCHS_PER_HELLO_MAX 256u
#define EPOCHS_KNOWN_MAX 16u /* of the centre, that an office remembers */
#define HEADS_PER_DOWN_MAX 64u
#define PROGRAM_MAX TEXT_SHORT_MAX /* names of programs and PCs */
#define UNPACK_BUDGET_PER_BYTE 12u
/* Arena budget within which n bytes are decoded. */
#define DECODE_BUDGET(n) ((size_t)(n)*UNPACK_BUDGET_PER_BYTE + (64u << 10))
/* One update decoded, with a copy of its bytes. */
#define UPDATE_ROOM ((size_t)UPDATE_MAX * (UNPACK_BUDGET_PER_BYTE + 2u))

/* Session */
#define CREDIT_BYTES (1u << 20) /* up: chunk bytes an agent may have unacknowledged */
#define DOWN_CREDIT_BYTES (1u << 20)
/* A chunk may pass its target by one update and stay below CHUNK_MAX. */
#define CHUNK_TARGET_MAX (128u << 10)
#define CHUNK_TARGET_MIN (2u << 10)
#define CHUNKS_IN_FLIGHT_MAX 64u /* an agent's, unacknowledged */
#define CHUNKS_IN_HAND_MAX 256u  /* of one session at the centre, not yet committed, however small */
#define SESSIONS_MAX 4096u
#define COMMIT_UPDATES_MAX 2000u /* updates in one write transaction: what a live office waits for */
#define COMMIT_BYTES_MAX (8u << 20)
#define RETRY_MIN_MS 250
#define RETRY_MAX_MS 30000
#define PING_INTERVAL_MS 5000
#define SILENT_AFTER_MS 20000

/* The store */
#define STORE_KEY_MAX 400u /* LMDB's own limit is 511 */
#define MAP_SIZE_MIN (UINT64_C (1) << 20)
#define MAP_SIZE_MAX (UINT64_C (1) << 46)
#define MAP_SIZE_COLLECTOR (UINT64_C (32) << 30)
#define MAP_SIZE_AGENT (UINT64_C (1) << 30)

#endif
