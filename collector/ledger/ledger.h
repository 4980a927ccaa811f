/* ledger.h - the centre's store: log, book of records, cursors, streams of the centre, roster.
 *
 * One write transaction holds the log entry, the record, the totals and the cursor of each update it
 * takes (DESIGN 2.2), so dedup needs no time window and no second file. Writes come from one thread at
 * a time (serve's writer thread, or a command that holds the store when nothing serves); reads may
 * come from any thread and process, each with its own short transaction (kv_begin (…, false, …)).
 *
 * Every log entry holds the received bytes, the verdict and the seal: a running hash over the log, so
 * a position EPOCH:LSN with its seal names one exact history. */
#ifndef KC_COLLECTOR_LEDGER_LEDGER_H
#define KC_COLLECTOR_LEDGER_LEDGER_H

#include "common/core/message.h"
#include "common/store/book.h"
#include "common/wire/centre_wire.h"

typedef struct ledger ledger_t;

/* Databases of the store (order = kv_db_t). */
typedef enum {
  DB_META = 0,
  DB_LOG,
  DB_RECORD,
  DB_KEY,
  DB_TOTAL,
  DB_CURSOR,  /* stream → cursor, hash, owner, parent */
  DB_RANGE,   /* (stream, first seq) → first lsn, count: versions to log places */
  DB_DOWN,    /* (unit or 0, lsn) → nothing: entries of the centre streams, by audience */
  DB_REFUSED, /* (record id, lsn) → nothing: what `refused` lists until it is mended or withdrawn */
  DB_AGENT,   /* certificate serial → keys, name, unit, role, state */
  DB_CONTACT, /* serial → last contact, backlog, clock offset, error: not part of the log */
  DB_INVITE,
  DB_CATALOGUE,
  DB_HEAD,          /* (stream, seq) → hash, serial, signature; what is added later goes behind */
  DB_ANSWER,        /* (submission's record id, lsn) → the centre's answer */
  DB_DUE,           /* (period, table, unit) → due date */
  DB_CLOSING,       /* (period, lsn) → position and seal of a period's tables as sent */
  DB_LOCK,          /* (period, table, unit) → lock, or an office's exception to one */
  DB_FLAG,          /* (flag, lsn) → what was told and answered */
  DB_AUDIENCE,      /* (unit, first lsn) → count: runs of record entries that are for the unit's PCs */
  DB_CONFLICT,      /* (record id, lsn) → a parked side that stands (conflicts.h) */
  DB_CONFLICT_PAST, /* likewise, decided since, and where */
  DB_ALIAS,         /* record id → (home, id) of the record that it is another id of */
  DB_VERDICT, /* (version, kind) → lsn: decisions that came back before what they are about (refill.h) */
  DB_USER,    /* name → role, state, password's hash: users.h */
  DB_TOKEN,   /* token's hash → user */
  DB_AUDIT,   /* number → who did what */
  DB_LEDGER_COUNT
} ledger_db_t;

/* ---- life ---- */
/* Makes DIR's store: epoch, keys, the two kinds of centre streams, catalogue version 1; writes the
 * authority's secret to DIR/authority.key (0600). ERR_EXISTS when there is one. map_size 0 = default. */
MUST_USE err_t ledger_init (const char *dir, str_t catalogue_file, uint64_t map_size, wall_t now,
                            fail_t *fail);
/* The public half of the authority's key in its file. ERR_INPUT with words. */
MUST_USE err_t ledger_authority_read (const char *path, sign_key_t *out, sign_secret_t *secret, fail_t *fail);
MUST_USE err_t ledger_open (const char *dir, bool read_only, ledger_t **out, fail_t *fail);
/* Over an engine already open (tests, simulator); takes *kv_p. */
MUST_USE err_t ledger_open_kv (kv_t **kv_p, ledger_t **out, fail_t *fail);
/* For verify: read only, and a catalogue that cannot be read is no reason to give up (it is NULL then). */
MUST_USE err_t ledger_open_lenient (const char *dir, ledger_t **out, fail_t *fail);
/* Databases and default map size of a ledger's engine; fills an empty engine as ledger_init does. */
kv_options_t ledger_kv_options (void);
MUST_USE err_t ledger_init_kv (kv_t *kv, str_t catalogue_file, wall_t now, sign_secret_t *authority_secret,
                               fail_t *fail);
void ledger_close (ledger_t **self_p);
kv_t *ledger_kv (ledger_t *l);
book_t *ledger_book (ledger_t *l); /* writer's book; readers make their own with ledger_book_dbs */
book_dbs_t ledger_book_dbs (void);
/* RECORD of the command line as book_find takes it, by the ledger's catalogue; also an id that is another id
 * of a record. */
MUST_USE err_t ledger_find (ledger_t *l, kv_txn_t *txn, str_t name, kind_t kind, record_ref_t *out);

typedef struct {
  sign_key_t authority, centre;
  sign_secret_t centre_secret;
  curve_key_t curve, curve_secret, reentry, reentry_secret;
  record_id_t centre_id;
  signed_t centre_certificate; /* body lives as long as the ledger */
} ledger_keys_t;
const ledger_keys_t *ledger_keys (const ledger_t *l);
uint64_t ledger_epoch (const ledger_t *l);
/* A catalogue travels down in one entry, which is an update like any other. */
#define LEDGER_CATALOGUE_MAX (UPDATE_MAX - 8192u)

/* Position and seal of the log's end as this transaction sees it. */
MUST_USE err_t ledger_end (ledger_t *l, kv_txn_t *txn, position_t *at, hash_t *seal);
/* The collector's clock for what ends by itself, never behind the log: set back, it makes nothing good again.
 */
wall_t ledger_clock (kv_txn_t *txn, wall_t now);
/* The catalogue in force (parsed once per version, owned by the ledger; valid until the version after
 * next is loaded). For the thread that owns the ledger. */
const catalogue_t *ledger_catalogue (const ledger_t *l);
/* Takes up a newer version if another process or this turn made one. */
MUST_USE err_t ledger_catalogue_refresh (ledger_t *l, kv_txn_t *txn, fail_t *fail);

/* The catalogue as a transaction sees it, parsed anew, for a thread of its own; destroy it. */
MUST_USE err_t ledger_catalogue_load (kv_txn_t *txn, catalogue_t **out, fail_t *fail);

/* ---- the log ---- */
typedef struct {
  uint64_t lsn, previous_lsn; /* previous_lsn: of the same record, 0 = none */
  store_id_t stream;
  uint64_t seq;
  uint32_t serial; /* certificate of the session it came by; 0 = the centre itself */
  verdict_t verdict;
  str_t reason; /* wire name and arguments of a refusal */
  str_t arguments[REASON_ARGS];
  uint32_t rules; /* RULES_VERSION it was judged by */
  wall_t received;
  hash_t chain; /* h(seq) of its stream */
  hash_t seal;
  str_t resulting; /* update bytes of the resulting record where they differ: merged, settled */
  str_t bytes;     /* as received */
  unit_id_t office,
      office_before; /* to append: whose record it is, and was; an entry that is read has none */
} log_entry_t;

/* Views valid until the transaction ends. ERR_NOT_FOUND, ERR_DAMAGED. */
MUST_USE err_t ledger_log_get (ledger_t *l, kv_txn_t *txn, uint64_t lsn, log_entry_t *out);
/* Log place of a version; ERR_NOT_FOUND. */
MUST_USE err_t ledger_version_lsn (ledger_t *l, kv_txn_t *txn, version_t v, uint64_t *lsn);
/* The state a version names: an author's means the author's bytes, also when they were merged; one of a
 * stream of the centre, what that decision gave (PROTOCOL 5). Out of the arena (not reset). ERR_NOT_FOUND:
 * there is none, or it is a decision about something else. */
MUST_USE err_t ledger_version_state (ledger_t *l, kv_txn_t *txn, version_t v, arena_t *arena, update_t *out);

/* ---- taking updates ---- */
typedef struct {
  err_t err; /* of update_decode */
  reason_t why;
  update_t update; /* as far as it could be read; .bytes always set */
} decoded_t;

/* What needs only the chunk itself: hashing, and the head's signature, which costs as much as a whole
 * commit's worth of updates. */
typedef struct {
  const hash_t *chain; /* after each update; NULL: not worked out, ledger_ingest does it */
  sign_key_t key;      /* the signature was checked with this; ledger_ingest compares it with the roster's */
  bool signed_by_key;
} chunk_proof_t;
/* chain: room for the hashes of c->updates_n updates, kept by the caller as long as the proof. Any thread. */
void ledger_prove (const msg_chunk_t *c, const sign_key_t *key, hash_t *chain, chunk_proof_t *out);

/* Where a stream left another, as its author's HELLO says; zeros: it is nobody's child. */
typedef struct {
  store_id_t parent;
  uint64_t seq;
  hash_t hash; /* of the parent's chain there */
} origin_t;

/* One chunk of one session, decoded off the writer's path. The caller keeps its memory until the
 * call returns. */
typedef struct {
  uint32_t serial;      /* number of the agent whose session it is */
  uint32_t certificate; /* it comes with; 0: its first */
  unit_id_t office;     /* what the session believes; the roster's row, read in the transaction, decides */
  role_t role;
  const msg_chunk_t *chunk;
  decoded_t *updates; /* chunk->updates_n of them */
  chunk_proof_t proof;
  origin_t origin;       /* of the chunk's stream: looked at when it begins */
  uint64_t acked_before; /* a restored centre had taken the stream up to here before, as its author says; 0 */
  bool patient;          /* its author keeps what must wait, and sends it again */
  /* results, valid when ledger_ingest returned ERR_OK */
  uint64_t cursor; /* of the stream, now durable: ack this */
  bool restated;   /* gap, or previous hash or sequence does not fit: the agent must go on from cursor */
  bool forged;     /* chain, head or ownership is wrong: end the session */
  bool awaited;    /* what is behind cursor waits for updates that a restored centre has yet to get back */
  uint32_t accepted, merged, parked, repeated, refused; /* merged: also those that are another id */
} ingest_t;

/* Offices whose PCs have something to hear of: a few, or all. */
#define TOLD_MAX 16u
typedef struct {
  unit_id_t unit[TOLD_MAX];
  size_t n;
  bool all;
} told_t;
bool told_has (const told_t *t, unit_id_t unit);
void told_note (told_t *t, unit_id_t unit); /* no room for it: all */

typedef struct {
  uint64_t first_lsn, last_lsn; /* of this commit; last < first: nothing new */
  uint64_t accepted, merged, parked, refused, repeated;
  told_t told;
} ingest_report_t;

/* One transaction for all of them: begin, apply, book_flush, commit (fsync). ERR_OK: everything said in
 * the results is durable. Any error: nothing may be acknowledged; the ledger has reset itself and can
 * be used again (ERR_FULL, ERR_IO), or must be reopened (ERR_DAMAGED). One bad update never stops the
 * ones behind it: it is refused, kept, and its verdict written to the office's centre stream. */
MUST_USE err_t ledger_ingest (ledger_t *l, ingest_t *items, size_t n, wall_t now, ingest_report_t *report);

/* Cursor of a stream: zeros and ERR_NOT_FOUND when the centre has never seen it. owner = serial. */
MUST_USE err_t ledger_cursor (ledger_t *l, kv_txn_t *txn, store_id_t stream, uint64_t *cursor, hash_t *hash,
                              uint32_t *owner);
/* Chain hash of a stream at a sequence it holds (for "does the hash at last acked fit"). */
MUST_USE err_t ledger_chain_at (ledger_t *l, kv_txn_t *txn, store_id_t stream, uint64_t seq, hash_t *out);

/* A restored centre wants its old streams back: *wanted, and from behind *cursor. */
MUST_USE err_t ledger_refill_from (ledger_t *l, kv_txn_t *txn, store_id_t stream, bool *wanted,
                                   uint64_t *cursor, hash_t *hash);

/* A HELLO names a stream that is not here and left another of its agent's: it begins, and people are told,
 * though it may hold nothing for long. Nothing when it is here already, or is another's child. */
MUST_USE err_t ledger_stream_begins (ledger_t *l, uint32_t serial, store_id_t stream, const origin_t *from,
                                     wall_t now);

/* A HELLO told how often its agent's store was started. Whoever comes with less than another of that store
 * has an old copy, or a twin; people are told though neither has written. Nothing is written when it is
 * known. */
MUST_USE err_t ledger_store_started (ledger_t *l, uint32_t serial, store_id_t store, uint64_t boot,
                                     wall_t now);

/* ---- down ---- */
/* A stream that is the listener's own as far as its updates are known to be in its store. */
typedef struct {
  store_id_t store;
  uint64_t upto; /* UINT64_MAX: all, it writes on in it */
  origin_t origin;
  uint64_t acked_before; /* what it had acknowledged and we have lost; 0 */
} own_stream_t;

/* Who is listening: a session's agent, with the streams of its HELLO. */
typedef struct {
  unit_id_t unit;
  role_t role;
  uint32_t serial;
  const own_stream_t *own;
  size_t own_n;
  const catalogue_t *catalogue; /* says what a forebear's record has come to the unit; NULL: nothing has */
} listener_t;

/* What is for a listener after from.lsn, up to max_bytes: decisions, record entries by others, ranges of its
 * own accepted updates. Fills a DOWN (token left 0) whose slices live in the arena. complete when it reaches
 * the end; a call looks at a bounded part of the log, so an empty DOWN may be incomplete. */
MUST_USE err_t ledger_down (ledger_t *l, kv_txn_t *txn, const listener_t *who, position_t from,
                            size_t max_bytes, arena_t *arena, msg_down_t *out);
/* Version of the catalogue in force, as the transaction sees it. */
MUST_USE err_t ledger_catalogue_version (kv_txn_t *txn, uint64_t *out);

#endif
