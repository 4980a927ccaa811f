/* state.h - what the files of this folder share: the ledger's own struct, one write transaction of it
 * (turn_t), and the rows of its databases. Nobody outside this folder includes it, but tests of verify.
 *
 * Keys and values are big-endian; every value carries its CRC (store/values.h).
 *
 *   meta       name → value; "end" → lsn, seal, latest collector time: written once a turn
 *   log        lsn → seal ‖ entry; the seal covers the entry and every one before it
 *   cursor     stream → stream_row_t
 *   range      stream ‖ first seq → first lsn, count; neighbours are joined
 *   down       unit (0 = all) ‖ lsn → empty
 *   refused    record id ‖ lsn → empty: all there is to know stands in the log entry
 *   agent      serial → agent_row_t, certificate
 *   contact    serial → contact_t
 *   invite     id → invite_row_t, the agent's keys once used
 *   catalogue  version → file
 *   head       stream ‖ seq → hash, serial, signature
 *   answer     record id ‖ lsn; due, lock   period, table, unit: store/period_rows.c
 *   flag       flag ‖ 0x1f ‖ lsn: store/flag_rows.c
 *   conflict, conflict_past   record id ‖ lsn → conflict_t (conflicts.h)
 *   alias      record id → home, id, lsn of the update that made it
 *   verdict    version ‖ 0, or 1 for what settled it → lsn of the decision: refill.c
 *   user       name → role, disabled, revision, changed, hash of the password
 *   token      hash → made, name
 *   audit      number → at, person, action, subject
 *   closing    period ‖ 0x1f ‖ lsn → epoch, lsn, seal, time, person, comment
 *   audience   unit ‖ first lsn → count: audience.c */
#ifndef KC_COLLECTOR_LEDGER_STATE_H
#define KC_COLLECTOR_LEDGER_STATE_H

#include "collector/ledger/epochs.h"
#include "collector/ledger/ledger.h"
#include "collector/ledger/roster.h"
#include "common/store/locks.h"

#define LEDGER_FORMAT 1u
#define META_END "end"
#define META_CATALOGUE "catalogue"
#define META_SERIAL "serial"
#define META_BOUND "bound"
#define SERIAL_GAP 1000u               /* more agents than enrol between a backup and its restore */
#define META_EPOCHS "epochs"           /* epoch, first lsn of each, oldest first; absent: there was one */
#define META_TURNED_AWAY "turned_away" /* names, one a line, of agents that a restore revoked unseen */
#define META_TABLES "tables" /* how many databases the store has had made; absent: TABLES_AT_FIRST */
#define TABLES_AT_FIRST 14u  /* meta to head */

typedef struct {
  uint64_t epoch, first_lsn;
} epoch_row_t;

struct ledger {
  kv_t *kv;
  book_t *book;
  ledger_keys_t keys;
  buf_t certificate; /* body of the centre certificate */
  uint64_t epoch;
  epoch_row_t epochs[LEDGER_EPOCHS_MAX];
  size_t epochs_n;
  catalogue_t *catalogue, *catalogue_before;
  arena_t *arena;           /* of one update's judging: up to three states and what they merge into */
  hash_t *chain;            /* of one chunk, CHUNK_UPDATES_MAX */
  locks_t *locks;           /* the writer's: read when first needed, forgotten when one is set */
  uint32_t locks_catalogue; /* version they were read with */
  buf_t entry, value, update, decision, resulting;
  buf_t audit; /* of the next transaction (users.h); empty: nobody's */
};

/* Record entries that lie side by side and are for one unit. */
typedef struct {
  unit_id_t unit;
  uint64_t first;
  uint32_t count; /* 0: a free place */
} audience_run_t;
#define AUDIENCE_OPEN 8u

/* One write transaction: where the log stands in it and its clamped time. */
typedef struct {
  kv_txn_t *txn;
  uint64_t lsn, first_lsn; /* last given out; first of this turn */
  hash_t seal;
  wall_t now;                  /* never before the log's latest */
  bool any_refused, any_alias; /* rows in `refused`, `alias`: only then are they looked for */
  audience_run_t open[AUDIENCE_OPEN];
  told_t told;
} turn_t;

MUST_USE err_t turn_begin (ledger_t *l, wall_t now, turn_t *t);
/* Durable when ERR_OK. In any case the turn is over; after an error the ledger has forgotten all of it. */
MUST_USE err_t turn_commit (ledger_t *l, turn_t *t);
void turn_abort (ledger_t *l, turn_t *t);
/* Ends a turn by what came of it: commits, or aborts and passes the error on. */
MUST_USE err_t turn_end (ledger_t *l, turn_t *t, err_t err);
/* Words for an error that has none of its own yet. */
err_t ledger_said (fail_t *fail, err_t err);

/* ---- rows ---- */
typedef struct {
  uint64_t cursor;
  hash_t hash;
  uint32_t owner; /* certificate serial; 0 = the centre */
  bool centre;
  unit_id_t unit; /* centre streams: for whom (0 = all); else the author's */
  store_id_t parent;
  uint64_t parent_seq;
  hash_t parent_hash;
} stream_row_t;
MUST_USE err_t stream_get (kv_txn_t *txn, store_id_t id, stream_row_t *out);
MUST_USE err_t stream_put (kv_txn_t *txn, store_id_t id, const stream_row_t *row);
bool stream_row_decode (str_t body, stream_row_t *out);

str_t key_u32 (uint8_t out[4], uint32_t v);
str_t key_u64 (uint8_t out[8], uint64_t v);
str_t key_version (uint8_t out[24], store_id_t stream, uint64_t seq);
str_t key_down (uint8_t out[12], unit_id_t unit, uint64_t lsn);
str_t key_refused (uint8_t out[24], record_id_t id, uint64_t lsn);
uint64_t key_read_u64 (str_t key, size_t at);

/* Every row of a database in the order of their keys, opened; key and body are views that are valid until the
 * next step. ERR_END from fn ends it well. */
typedef err_t (row_fn) (void *ctx, str_t key, str_t body);
MUST_USE err_t rows_each (kv_txn_t *txn, kv_db_t db, row_fn *fn, void *ctx);

/* ---- the log ---- */
/* Does an entry give a record another state? An accepted update does, a merged one unless what it said was
 * there already, and of the centre's decisions that of a conflict. */
static inline bool
log_entry_changes (const log_entry_t *e)
{
  return e->resulting.n > 0 || (e->serial != 0 && e->verdict == VERDICT_ACCEPTED);
}
MUST_USE err_t log_append (ledger_t *l, turn_t *t, log_entry_t *e); /* fills lsn and seal */
bool log_entry_decode (str_t body, log_entry_t *out);               /* all but lsn; views of body */
str_t log_entry_sealed (str_t body);                                /* the part the seal covers */
/* The decision an entry holds, decoded into the arena (reset before). ERR_MALFORMED: it holds none that can
 * be read. */
MUST_USE err_t log_decision (ledger_t *l, kv_txn_t *txn, uint64_t lsn, arena_t *arena, log_entry_t *e,
                             decision_t *out);
/* The bytes of the state an entry gave its record. */
static inline str_t
log_entry_state (const log_entry_t *e)
{
  return e->resulting.n > 0 ? e->resulting : e->bytes;
}
/* The version that state has. The arena is reset for it when need be. */
MUST_USE err_t log_entry_version (const log_entry_t *e, arena_t *arena, version_t *out);
/* Makes a record's row that of the version that stood at upto (withdrawn is left as it was). Its bytes are a
 * view. ERR_NOT_FOUND: there was none yet. */
MUST_USE err_t log_row_back (ledger_t *l, kv_txn_t *txn, uint64_t upto, row_t *row);

/* Runs of a stream that lie side by side in the log. */
typedef struct {
  store_id_t stream;
  uint64_t first_seq, first_lsn;
  uint32_t count; /* 0: nothing yet */
} run_t;
bool run_decode (str_t key, str_t body, run_t *out);
/* The stream's last run, to be continued; count 0 when there is none. */
MUST_USE err_t run_last (kv_txn_t *txn, store_id_t stream, uint64_t seq, run_t *out);
MUST_USE err_t run_note (kv_txn_t *txn, run_t *run, uint64_t seq, uint64_t lsn);
MUST_USE err_t run_flush (kv_txn_t *txn, const run_t *run);

/* Within the turn that makes the change. */
MUST_USE err_t audit_write (ledger_t *l, turn_t *t);

/* ---- whom a record entry is for ---- */
MUST_USE err_t audience_note (turn_t *t, unit_id_t unit, uint64_t lsn);
MUST_USE err_t audience_flush (turn_t *t);
bool audience_run_decode (str_t key, str_t body, audience_run_t *out);
/* The run that holds lsn, or else the next one of the unit. ERR_NOT_FOUND. */
MUST_USE err_t audience_seek (kv_cursor_t *c, unit_id_t unit, uint64_t lsn, audience_run_t *out);
/* Makes the table from the log: a store of a program that did not have it. */
MUST_USE err_t audience_build (ledger_t *l, turn_t *t);
/* Does an entry of this verdict go to the record's offices? A refused one concerns its author alone. */
static inline bool
verdict_is_told (verdict_t v)
{
  return v == VERDICT_ACCEPTED || v == VERDICT_MERGED || v == VERDICT_PARKED;
}

/* ---- streams of the centre ---- */
/* Appends a decision to the stream of a unit (0 = all), opening it first if need be. */
MUST_USE err_t centre_append (ledger_t *l, turn_t *t, unit_id_t unit, const decision_t *d, str_t person);
/* The version that the next decision in the stream of a unit will be; the stream is opened if need be. */
MUST_USE err_t centre_next (ledger_t *l, turn_t *t, unit_id_t unit, version_t *out);
/* A decision that gives a record another state: its entry carries the resulting update's bytes. */
MUST_USE err_t centre_append_state (ledger_t *l, turn_t *t, unit_id_t unit, const decision_t *d, str_t person,
                                    str_t resulting, uint64_t previous_lsn);

/* Appends an entry of a stream of the centre as it is; the caller stores the row. */
MUST_USE err_t centre_log (ledger_t *l, turn_t *t, store_id_t id, stream_row_t *row, str_t bytes,
                           str_t resulting, uint64_t previous_lsn, uint64_t *lsn);
/* Is it one that the centre writes on in, or one it has left? */
MUST_USE err_t centre_stream_is_present (kv_txn_t *txn, store_id_t id, bool *out);
/* The stream of a unit goes on in a new one, of the present epoch, that has it as its parent. */
MUST_USE err_t centre_fork (ledger_t *l, turn_t *t, unit_id_t unit);

/* A person's words in a decision: one line of UTF-8, not too long; blank is fine. ERR_INPUT with words. */
MUST_USE err_t centre_comment_check (str_t comment, fail_t *fail);

/* ---- epochs ---- */
bool epochs_decode (str_t body, epoch_row_t *out, size_t *n); /* room for LEDGER_EPOCHS_MAX */
MUST_USE err_t epochs_load (ledger_t *l, kv_txn_t *txn);

/* ---- other ids ---- */
/* What id is another id of; an id that is none is its own record's. */
MUST_USE err_t alias_resolve (kv_txn_t *txn, record_ref_t of, record_ref_t *out);
MUST_USE err_t alias_put (turn_t *t, record_id_t id, record_ref_t to, uint64_t lsn);
bool alias_decode (str_t body, record_ref_t *to, uint64_t *lsn);

/* ---- locks ---- */
/* Those in force, for the writer. */
MUST_USE err_t period_locks (ledger_t *l, kv_txn_t *txn, const locks_t **out);

/* ---- the centre's CURVE key (ledger.c) ---- */
/* As it is from now on in the store; take: in this object, once that is durable. */
MUST_USE err_t ledger_curve_put (ledger_t *l, kv_txn_t *txn, const curve_key_t *secret,
                                 const signed_t *certificate);
MUST_USE err_t ledger_curve_take (ledger_t *l, const curve_key_t *secret, const signed_t *certificate);

/* ---- roster ---- */
typedef struct {
  agent_row_t row;
  signed_t certificate;
  record_id_t invite;
} agent_full_t;
/* Are these the keys of this row, both of them? */
static inline bool
agent_has_keys (const agent_row_t *a, const curve_key_t *curve, const sign_key_t *sign)
{
  return curve_key_eq (a->curve_key, *curve) && memcmp (a->sign_key.b, sign->b, sizeof sign->b) == 0;
}
MUST_USE err_t agent_get (kv_txn_t *txn, uint32_t serial, agent_full_t *out);  /* views */
MUST_USE err_t agent_root (kv_txn_t *txn, uint32_t serial, agent_full_t *out); /* of its first certificate */
/* A restore was told not to let an agent of that name in. */
MUST_USE err_t roster_turned_away (kv_txn_t *txn, str_t name, bool *out);
/* Revokes inside a turn; nothing when it is revoked already. */
MUST_USE err_t roster_revoke_in (ledger_t *l, turn_t *t, uint32_t serial, str_t reason);
/* Puts an agent into the roster by what the centre once signed; slices in the arena. ERR_FORGED. */
MUST_USE err_t roster_take_certificate (ledger_t *l, turn_t *t, const signed_t *certificate,
                                        record_id_t invite, agent_state_t state, arena_t *arena,
                                        agent_certificate_t *out);
/* An agent that was enrolled before a restore, by its certificate; what became of it since. */
MUST_USE err_t roster_enrolled_before (ledger_t *l, turn_t *t, const signed_t *certificate,
                                       record_id_t invite);
/* Both act on the row that an agent's certificates share. */
MUST_USE err_t roster_state_put (ledger_t *l, turn_t *t, uint32_t serial, agent_state_t state);
bool agent_decode (str_t body, agent_full_t *out);
MUST_USE err_t agent_put (ledger_t *l, kv_txn_t *txn, const agent_full_t *a);
bool invite_decode (str_t key, str_t body, invite_row_t *out);
bool contact_decode (str_t body, contact_t *out);

/* ---- addresses ---- */
MUST_USE err_t addresses_put (ledger_t *l, kv_txn_t *txn, const str_t *addresses, size_t n, wall_t set);
/* A decision of before a restore; a later one stands. */
MUST_USE err_t addresses_set_before (ledger_t *l, turn_t *t, const decision_t *d, wall_t set);

#endif
