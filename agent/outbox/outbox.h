/* outbox.h - the office's store: its own stream of updates, its book of records, what the centre sent.
 *
 * Everything entered is validated, encoded, numbered and stored in one LMDB transaction before it is
 * called saved. Several processes work on one DIR; each write is one short transaction. The outbox
 * object belongs to one thread; a second thread has a twin. */
#ifndef KC_AGENT_OUTBOX_OUTBOX_H
#define KC_AGENT_OUTBOX_OUTBOX_H

#include "common/core/message.h"
#include "common/store/book.h"
#include "common/wire/centre_wire.h"

typedef struct outbox outbox_t;

typedef enum {
  ODB_META = 0,
  ODB_LOG, /* seq → time stored, import, record, chain hash, bytes: own stream, nothing is trimmed */
  ODB_RECORD,
  ODB_KEY,
  ODB_TOTAL,
  ODB_REFUSED, /* (record id, seq) → reason, since: cleared when a later update of the record is accepted */
  ODB_IMPORT,  /* import number → file name, when, first and last seq: for undo */
  ODB_CENTRE,  /* (centre stream, seq) → bytes, lsn: kept for refills */
  ODB_CATALOGUE, /* version → file */
  ODB_HEAD,      /* (centre stream, seq) → hash, signature of the centre: up to there a refill may go */
  ODB_ANSWER,    /* answers to submissions; what is added later goes behind */
  ODB_DUE,       /* due dates */
  ODB_LOCK,      /* periods locked, and our exceptions */
  ODB_FLAG,      /* what the centre doubts, and the answers: store/flag_rows.c */
  ODB_OTHER,     /* (stream, seq) → updates by others; this and the next: told.h */
  ODB_STORY,     /* (record id, stream, seq) → lsn, verdict: what became of each record */
  ODB_SHADOW,    /* (home, record id) → the centre's state where the screen shows another */
  ODB_HIDDEN,    /* (home, record id) → nothing: its key is another record's for now */
  ODB_PARKED,    /* (record id, stream, seq) → a parked side */
  ODB_ALIAS,     /* record id → (home, id) of the record that it is another id of */
  ODB_LOST,      /* (record id, stream, seq) → updates by others that a restored centre lost: recover.c */
  ODB_COUNT
} outbox_db_t;

/* ---- life ---- */
/* Creates DIR and an empty store in it when there is none (join does); map_size 0 = default. */
MUST_USE err_t outbox_create (const char *dir, uint64_t map_size, fail_t *fail);
/* ERR_NOT_STORE etc. with words. need_joined: ERR_NOT_STORE with advice unless join is done. Counts no boot.
 */
MUST_USE err_t outbox_open (const char *dir, bool read_only, bool need_joined, outbox_t **out, fail_t *fail);
/* Over an engine already open, with these databases (tests, simulator). prepare: the first values of a new
 * store, unless they are there; open takes *kv_p. */
extern const char *const outbox_db_names[ODB_COUNT];
MUST_USE err_t outbox_prepare_kv (kv_t *kv, fail_t *fail);
MUST_USE err_t outbox_open_kv (kv_t **kv_p, outbox_t **out, fail_t *fail);
/* A second object on the same engine, for another thread; close it before o. */
MUST_USE err_t outbox_twin (outbox_t *o, outbox_t **out, fail_t *fail);
void outbox_close (outbox_t **self_p);
kv_t *outbox_kv (outbox_t *o);
book_t *outbox_book (outbox_t *o);

/* ---- who we are ---- */
typedef struct {
  bool given;
  curve_key_t curve, curve_secret;
  sign_key_t sign;
  sign_secret_t sign_secret;
} next_keys_t;

typedef struct {
  bool joined;   /* certificate and catalogue are here */
  bool enrolled; /* certificate is here */
  uint32_t serial;
  uint32_t number; /* serial of our first certificate: what the centre knows us by */
  str_t agent;     /* "549-1" */
  unit_id_t unit;
  role_t role;
  curve_key_t curve, curve_secret;
  sign_key_t sign;
  sign_secret_t sign_secret;
  next_keys_t next;             /* new ones that are being registered */
  sign_key_t authority, centre; /* pinned; certified by it */
  curve_key_t server;           /* the collector's CURVE key */
  curve_key_t server_new;       /* at its new addresses: another one, or the same */
  /* In the order to try: new ones that have not answered yet, then ours. */
  str_t addresses[2 * ADDRESSES_MAX];
  size_t addresses_n, addresses_new_n;
  record_id_t invite;                  /* the one used */
  curve_key_t once, once_secret;       /* until enrolled */
  curve_key_t reentry, reentry_secret; /* lets PRESENT in; zeros: the centre gave none */
  signed_t certificate;                /* ours */
  str_t unit_code, unit_name;          /* from the invite, for people */
} identity_t;
/* Owned by the outbox, re-read by outbox_refresh. */
const identity_t *outbox_identity (const outbox_t *o);
const catalogue_t *outbox_catalogue (const outbox_t *o); /* NULL before join is done */
/* Re-reads identity and catalogue if another process changed them. */
MUST_USE err_t outbox_refresh (outbox_t *o, fail_t *fail);

/* Makes new keys, to be registered by the next session; nothing when that is begun already. */
MUST_USE err_t outbox_rekey_begin (outbox_t *o, fail_t *fail);
/* The centre does not take them: they are dropped, ours stay. */
MUST_USE err_t outbox_rekey_refused (outbox_t *o);

/* Does it say other addresses than those we have or try? */
bool outbox_addresses_news (const identity_t *id, const msg_welcome_t *w);
/* Addresses of a WELCOME. ERR_FORGED: not under the centre's signature; nothing is stored. */
MUST_USE err_t outbox_addresses_said (outbox_t *o, const msg_welcome_t *w);
/* The centre has answered there: when it is a new address, the old ones are dropped. */
MUST_USE err_t outbox_addresses_answered (outbox_t *o, str_t address);

/* An invite of our centre on a store that has joined: where it is by now and under which key, checked by the
 * authority we know. ERR_FORGED: it is another's; ERR_EXISTS: nothing new. */
MUST_USE err_t outbox_key_of_invite (outbox_t *o, const invite_t *invite);

/* ---- entering ---- */
typedef struct {
  record_ref_t ref;       /* existing record; for a create: id made by the caller, home = its office */
  version_t base;         /* the version it was edited from; seq 0 = create */
  const version_t *named; /* what the update calls its base, if that is another; NULL: base */
  operation_t operation;
  record_t record;          /* full new state */
  const version_t *settles; /* parked sides that it decides */
  uint32_t settles_n;       /* at most SETTLES_MAX */
  const str_t *unknown;     /* of the update's own level; NULL: as it was */
} draft_t;
typedef struct {
  str_t file;
  uint64_t rows;
  uint64_t undoes; /* the import that this takes back; 0: none */
} import_info_t;

/* Stores all drafts as updates, in order, in ONE durable transaction: sequence, chain, log, book, import
 * row. ERR_INPUT with REASON_BASE_NOT_CURRENT words when a base is no longer current (another process
 * wrote in between; nothing is stored, the caller validates again and retries). ERR_TOO_BIG
 * (an update over UPDATE_MAX), ERR_OVERFLOW (a total), ERR_FULL: nothing is stored either.
 * first_seq/import_no may be NULL. */
MUST_USE err_t outbox_store (outbox_t *o, const draft_t *drafts, size_t n, str_t person, str_t comment,
                             const import_info_t *import, wall_t now, uint64_t *first_seq,
                             uint64_t *import_no, fail_t *fail);
/* The same for drafts that come one by one (a file of a million rows never stands in memory as records).
 * next: ERR_OK and a draft valid until the next call, ERR_END, or an error that undoes everything. */
typedef err_t (draft_next_fn) (void *ctx, draft_t *out);
MUST_USE err_t outbox_store_each (outbox_t *o, draft_next_fn *next, void *ctx, str_t person, str_t comment,
                                  const import_info_t *import, wall_t now, uint64_t *first_seq,
                                  uint64_t *import_no, fail_t *fail);

/* A rehearsal: until its end outbox_store and outbox_store_each write into one transaction that is thrown
 * away, so that a dry run of several files sees what the earlier ones would have done. It holds the write
 * lock; readers of its state use outbox_rehearsal's transaction (NULL: none runs). */
MUST_USE err_t outbox_rehearse (outbox_t *o);
kv_txn_t *outbox_rehearsal (outbox_t *o);
void outbox_rehearse_end (outbox_t *o);
store_id_t outbox_store_id (const outbox_t *o);

/* ---- places (streams.c) ---- */
/* Every update of ours has a place in our log, from 1, whatever stream it stands in. False: not ours, or
 * not in this store; *place is 0 then. */
bool outbox_place_of (const outbox_t *o, version_t v, uint64_t *place);
version_t outbox_version_at (const outbox_t *o, uint64_t place);
/* The last place of streams before the present one: 0 unless there was a fork. */
uint64_t outbox_before (const outbox_t *o);

/* ---- what the sync needs; each call is one short transaction of its own ---- */
typedef struct {
  store_id_t store;
  uint64_t before;          /* updates of ours in the streams before this one */
  uint64_t last_seq, acked; /* of the present stream */
  hash_t hash_at_acked;
  uint64_t pending;      /* last_seq − acked */
  wall_t oldest_pending; /* agent time of seq acked+1; 0 = none */
  position_t down;       /* cursor */
  uint64_t epochs[EPOCHS_KNOWN_MAX];
  size_t epochs_n;
  stream_state_t centre[STREAMS_PER_HELLO_MAX - 1u]; /* its streams that we hold, as they were opened */
  size_t centre_n;
  uint64_t boot;
  uint64_t sync_wanted; /* grows with each outbox_want_sync */
  uint64_t refused;     /* records now marked refused */
} facts_t;
MUST_USE err_t outbox_facts (outbox_t *o, facts_t *out);
/* Our streams for the HELLO, the present one first, as outbox_facts has just read them. */
size_t outbox_streams (const outbox_t *o, const facts_t *f, stream_state_t *out, size_t room);
MUST_USE err_t outbox_count_boot (outbox_t *o); /* serve and sync, once at start */
/* Updates from first_seq on, about max_bytes of them (at least one): chunk with previous hash and signed
 * head, token 0; slices in the arena. ERR_NOT_FOUND past the end. */
MUST_USE err_t outbox_read_chunk (outbox_t *o, uint64_t first_seq, size_t max_bytes, arena_t *arena,
                                  msg_chunk_t *out);
/* Entries of a stream of the centre as we hold them, from first_seq to a head that the centre signed; or of
 * one of ours that we have left.
 * ERR_NOT_FOUND: none lies that far. */
MUST_USE err_t outbox_read_refill (outbox_t *o, store_id_t stream, uint64_t first_seq, arena_t *arena,
                                   msg_chunk_t *out);
/* Chain hash of our stream at seq. ERR_NOT_FOUND past the end. */
MUST_USE err_t outbox_hash_at (outbox_t *o, uint64_t seq, hash_t *out);
/* The centre has acknowledged up to seq (never lowers it). */
MUST_USE err_t outbox_acked (outbox_t *o, uint64_t seq, wall_t now);
/* The stream `from` ends at number common, what lies above goes on in a new one (fork.c). Nothing when it is
 * not the present stream any more: a repeat does no harm. */
typedef enum {
  FORK_NONE = 0,
  FORK_OLDER,
  FORK_TWIN
} fork_cause_t; /* an old copy; a copy, or one written on */
MUST_USE err_t outbox_fork (outbox_t *o, store_id_t from, uint64_t common, fork_cause_t cause, wall_t now);
typedef struct {
  fork_cause_t cause; /* FORK_NONE: there was none, or a person at the centre has looked at it */
  wall_t at;
  uint64_t anew; /* updates that went into the new stream at once */
} outbox_forked_t;
MUST_USE err_t outbox_forked (kv_txn_t *txn, outbox_forked_t *out);
/* A DOWN: checks that it continues the cursor, verifies each centre entry's chain and the signed heads,
 * stores the entries, applies verdicts (refusals) and the catalogue, moves the cursor: one transaction.
 * ERR_FORGED: nothing stored. ERR_END: the cursor begins anew (records of more units come to us now). */
MUST_USE err_t outbox_down (outbox_t *o, const msg_down_t *d, wall_t now, fail_t *fail);

typedef struct {
  wall_t last_contact, last_ack;
  int64_t clock_offset_ms; /* ours − the centre's */
  bool online;             /* serve or sync holds a session now */
  str_t last_error;        /* words for people */
  str_t address;           /* that answered last */
} link_state_t;
MUST_USE err_t outbox_link_put (outbox_t *o, const link_state_t *s);
MUST_USE err_t outbox_link_get (outbox_t *o, arena_t *arena, link_state_t *out);

/* sync beside serve: want_sync asks for a round and gives its number; serve says round_done (n) once a
 * full round begun after the request is over (everything local acked, down cursor at the centre's end). */
MUST_USE err_t outbox_want_sync (outbox_t *o, uint64_t *number);
MUST_USE err_t outbox_round_done (outbox_t *o, uint64_t number);
MUST_USE err_t outbox_rounds (outbox_t *o, uint64_t *wanted, uint64_t *done);

/* ---- joining ---- */
/* Keeps the invite and makes our keys, unless they are there (a repeat after a crash). ERR_EXISTS with words
 * when the store is joined already by another invite; ERR_OK at once when by this one. */
MUST_USE err_t outbox_join_begin (outbox_t *o, const invite_t *invite, wall_t now, fail_t *fail);
/* Verifies authority → centre certificate → our certificate, stores them. ERR_FORGED. */
MUST_USE err_t outbox_join_enrolled (outbox_t *o, const msg_enrolled_t *e, fail_t *fail);

/* ---- imports ---- */
typedef struct {
  uint64_t number; /* from 1 */
  wall_t at;
  uint64_t first, last; /* places of its updates */
  uint64_t rows, undoes;
  str_t file; /* as people know it; a view */
} import_log_t;
/* ERR_NOT_FOUND: there was no such import. */
MUST_USE err_t outbox_import_get (kv_txn_t *txn, uint64_t number, import_log_t *out);
typedef err_t (import_log_fn) (void *ctx, const import_log_t *i);
MUST_USE err_t outbox_imports (kv_txn_t *txn, import_log_fn *fn, void *ctx); /* oldest first */

/* ---- for list, show, history ---- */
typedef struct {
  uint64_t seq; /* place */
  wall_t stored;
  str_t bytes;
  hash_t chain; /* of the stream, up to and with this one */
} log_row_t;
MUST_USE err_t outbox_log_get (outbox_t *o, kv_txn_t *txn, uint64_t place, log_row_t *out); /* views */
typedef struct {
  record_id_t id;
  uint64_t seq; /* place */
  str_t reason;
  str_t arguments[REASON_ARGS];
  wall_t since;
  str_t key;
  kind_t kind;
} refused_row_t;
typedef err_t (refused_row_fn) (void *ctx, const refused_row_t *r);
/* Records that stand refused, one row each (the latest refusal): no later update of the record has been
 * accepted and it is not withdrawn, unless its withdrawal was refused since its period is locked. */
MUST_USE err_t outbox_refused (outbox_t *o, kv_txn_t *txn, refused_row_fn *fn, void *ctx);
/* Was this update of ours refused? Then *out says why (NULL allowed). */
MUST_USE err_t outbox_refusal_of (outbox_t *o, kv_txn_t *txn, record_id_t id, version_t v, bool *refused,
                                  refused_row_t *out);
typedef enum { UPDATE_WAITING = 1, UPDATE_SENT, UPDATE_REFUSED } update_state_t;
MUST_USE err_t outbox_state_of (outbox_t *o, kv_txn_t *txn, const row_t *row, update_state_t *out);
const char *update_state_name (update_state_t s); /* "waiting" */
const char *update_state_words (update_state_t s);
/* Places: up to which the centre has ours, and the last. */
MUST_USE err_t outbox_acked_seq (outbox_t *o, kv_txn_t *txn, uint64_t *acked, uint64_t *last);

#endif
