/* decisions.c - what the centre decided of our tables, kept where it is quickly asked.
 *
 * Every decision is kept as it came, also one that this program does not know. So when a newer program learns
 * of a type, it takes what lies there already: whatever order the centre and its offices are upgraded in, no
 * answer is lost on an office. Rows say only what their decision says, hence taking one twice is harmless. */
#include "agent/outbox/internal.h"

#include "common/store/flag_rows.h"
#include "common/store/period_rows.h"
#include "common/wire/update_wire.h"

/* Raise it with each type of decision that outbox_take_decision learns. */
#define DECISIONS_TAKEN 4u

static err_t
take_answer (kv_txn_t *txn, const update_t *u, const decision_t *d, uint64_t lsn)
{
  const answer_t a = answer_of_decision (u, d, lsn);
  return answer_put (txn, ODB_ANSWER, d->u.submission.record, &a);
}

static err_t
take_due (kv_txn_t *txn, const update_t *u, const decision_t *d, uint64_t lsn)
{
  const due_t due = due_of_decision (u, d, lsn);
  if (str_blank (due.period) || (due.table == TABLE_NONE && !str_blank (d->u.due.table)))
    return ERR_OK; /* of a later version: it stays what it is */
  return due_put (txn, ODB_DUE, &due);
}

static err_t
take_lock (kv_txn_t *txn, const update_t *u, const decision_t *d, uint64_t lsn)
{
  const lock_row_t row = lock_of_decision (u, d, lsn);
  if (str_blank (row.period) || (row.table == TABLE_NONE && !str_blank (d->u.lock.table)))
    return ERR_OK; /* of a later version: it stays what it is */
  return lock_put (txn, ODB_LOCK, &row);
}

/* One of a form that this version cannot keep as a row stays what it is. */
static err_t
take_flag (kv_txn_t *txn, const update_t *u, const decision_t *d, uint64_t lsn)
{
  flag_row_t row;
  return flag_row_of (d, u->home, u->person, u->agent_time, lsn, &row) ? flag_row_put (txn, ODB_FLAG, &row)
                                                                       : ERR_OK;
}

err_t
outbox_take_decision (kv_txn_t *txn, const update_t *u, const decision_t *d, uint64_t lsn)
{
  switch (d->type) {
  case DECISION_SUBMISSION:
    return take_answer (txn, u, d, lsn);
  case DECISION_DUE:
    return take_due (txn, u, d, lsn);
  case DECISION_LOCK:
    return take_lock (txn, u, d, lsn);
  case DECISION_FLAG:
  case DECISION_FLAG_ANSWER:
    return take_flag (txn, u, d, lsn);
  case DECISION_KEY_NOTICE:
    return outbox_key_take (txn, &d->u.key_notice.centre_certificate, d->u.key_notice.addresses,
                            d->u.key_notice.addresses_n);
  case DECISION_NONE:
  case DECISION_OPENED:
  case DECISION_VERDICT:
  case DECISION_CATALOGUE:
  case DECISION_ENROLMENT:
  case DECISION_REVOCATION:
  case DECISION_SETTLED:
  case DECISION_CONFIRMATION:
  case DECISION_PARKED_SIDE:
  case DECISION_COUNT:
  case DECISION_CLOSING:
    break;
  }
  return ERR_OK;
}

/* ---- what an older program left lying ---- */

static err_t
take_again (kv_txn_t *txn, str_t key, str_t stored, arena_t *arena)
{
  update_t u;
  decision_t d = {.type = DECISION_NONE};
  uint64_t lsn = 0;
  hash_t hash;
  str_t bytes;
  arena_reset (arena);
  err_t err = outbox_entry_read (key, stored, &lsn, &hash, &bytes);
  if (err != ERR_OK)
    return err;
  bytes = arena_str (arena, bytes); /* what is written next would move the view */
  err = bytes.p != NULL ? update_decode (bytes, arena, &u, NULL) : ERR_NOMEM;
  if (err == ERR_OK)
    err = decision_decode (u.decision, arena, &d);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_OK;
  return outbox_take_decision (txn, &u, &d, lsn);
}

static err_t
take_all_again (kv_txn_t *txn)
{
  kv_cursor_t *c = NULL;
  str_t key, stored;
  arena_t *arena = arena_new (2 * UPDATE_ROOM);
  err_t err = arena != NULL ? kv_cursor_open (txn, ODB_CENTRE, &c) : ERR_NOMEM;
  while (err == ERR_OK) {
    err = kv_next (c, &key, &stored);
    if (err == ERR_OK)
      err = take_again (txn, key, stored, arena);
  }
  kv_cursor_close (&c);
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND ? meta_put_u64 (txn, ODB_META, META_TAKEN, DECISIONS_TAKEN) : err;
}

/* The cursor begins anew, for what an older program passed over: what is known then does nothing. */
static err_t
ask_again (kv_txn_t *txn)
{
  str_t v;
  uint8_t cursor[16] = {0};
  err_t err = meta_get (txn, ODB_META, META_DOWN, &v);
  if (err == ERR_OK && v.n != sizeof cursor)
    err = ERR_DAMAGED;
  if (err == ERR_OK) {
    memcpy (cursor, v.p, 8); /* the epoch stays, the place is the log's beginning */
    err = meta_put (txn, ODB_META, META_DOWN, (str_t){(const char *)cursor, sizeof cursor});
  }
  if (err == ERR_NOT_FOUND)
    err = ERR_OK;
  return err == ERR_OK ? meta_put_u64 (txn, ODB_META, META_TOLD, TOLD_FORM) : err;
}

err_t
outbox_catch_up (outbox_t *o)
{
  kv_txn_t *txn = NULL;
  uint64_t taken = 0, told = 0;
  err_t err = kv_begin (o->kv, false, &txn);
  if (err == ERR_OK)
    err = outbox_meta_number (txn, META_TAKEN, 0, &taken);
  if (err == ERR_OK)
    err = outbox_meta_number (txn, META_TOLD, 0, &told);
  kv_abort (&txn);
  if (err != ERR_OK || (taken >= DECISIONS_TAKEN && told >= TOLD_FORM))
    return err;
  err = kv_begin (o->kv, true, &txn);
  if (err == ERR_OK && taken < DECISIONS_TAKEN)
    err = take_all_again (txn);
  if (err == ERR_OK && told < TOLD_FORM)
    err = ask_again (txn);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  return err;
}
