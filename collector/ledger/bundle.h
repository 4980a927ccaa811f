/* bundle.h - the centre's end of a session in a file: what an office without a line carried here.
 *
 * The command reads the file and writes the reply, with reads of its own; what is to be taken goes through
 * the writer a few chunks at a time, by ledger_ingest, so a file delays nobody for longer than a chunk on the
 * line. */
#ifndef KC_COLLECTOR_LEDGER_BUNDLE_H
#define KC_COLLECTOR_LEDGER_BUNDLE_H

#include "collector/ledger/roster.h"

typedef struct {
  uint32_t serial;
  str_t agent; /* its name */
  unit_id_t unit;
  role_t role;
  store_id_t stream;    /* its present one */
  uint64_t last_seq;    /* of it, when the file was made */
  wall_t made;          /* by the agent's clock */
  position_t down;      /* what it had heard of the centre */
  uint64_t first, upto; /* updates in the file; upto < first: none */
  str_t present, hello; /* the frames, for ledger_bundle_take */
} bundle_source_t;

/* A file that was looked over as a whole: of an agent of ours, not revoked. */
typedef struct bundle_in bundle_in_t;
/* file is borrowed. ERR_INPUT, ERR_FOREIGN with words. */
MUST_USE err_t ledger_bundle_open (ledger_t *l, kv_txn_t *txn, str_t file, bundle_in_t **out, fail_t *fail);
void ledger_bundle_close (bundle_in_t **self_p);
const bundle_source_t *ledger_bundle_source (const bundle_in_t *b);
/* Frames of its chunks, until about max_bytes are in; valid until the next call. *n = 0: there are no more.
 */
#define BUNDLE_FRAMES_MAX 32u
MUST_USE err_t ledger_bundle_next (bundle_in_t *b, size_t max_bytes, str_t frames[BUNDLE_FRAMES_MAX],
                                   size_t *n);
/* ERR_INPUT with words: updates before the file's first are missing here (which, and what to ask for). Until
 * then nothing need be sent to the writer. */
MUST_USE err_t ledger_bundle_fits (ledger_t *l, kv_txn_t *txn, const bundle_in_t *b, fail_t *fail);

/* ---- the writer's part ---- */
typedef struct {
  uint64_t accepted, merged, parked, refused, repeated;
  uint64_t regained; /* decisions and updates that a restore had lost */
} bundle_counts_t;
/* Takes frames of chunks of the agent who said hello, and notes what is known of it since; what was taken is
 * durable. ERR_INPUT, ERR_FOREIGN with words: the frames from one on do not fit here. */
MUST_USE err_t ledger_bundle_take (ledger_t *l, str_t present, str_t hello, const str_t *frames, size_t n,
                                   wall_t now, bundle_counts_t *out, fail_t *fail);

/* ---- the reply ---- */
/* How far the centre has its stream, and what is for the agent behind what it had heard; as the transaction
 * sees it. *complete false: there is more than one file holds. */
MUST_USE err_t ledger_bundle_reply (ledger_t *l, kv_txn_t *txn, const bundle_in_t *b, wall_t now, buf_t *out,
                                    bool *complete, fail_t *fail);

#endif
