#include "agent/entry/lock_warning.h"

#include "agent/entry/edits.h"
#include "common/base/lang.h"

err_t
locks_of_outbox (outbox_t *o, kv_txn_t *txn, locks_t **out)
{
  return locks_load (txn, ODB_LOCK, outbox_catalogue (o), out);
}

/* As the centre judges it: what is there must be free to leave, what comes free to enter. */
static err_t
judge (outbox_t *o, kv_txn_t *txn, const locks_t *l, const draft_t *d, const lock_row_t **held,
       const lock_row_t **extended)
{
  present_t p = {.exists = false};
  const unit_id_t author = outbox_identity (o)->unit;
  const lock_row_t *by = NULL;
  *held = *extended = NULL;
  if (locks_count (l) == 0)
    return ERR_OK;
  arena_t *arena = arena_new (DECODE_BUDGET (UPDATE_MAX) + UPDATE_MAX);
  err_t err = arena != NULL ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK && d->base.seq != 0)
    err = present_by_ref (o, txn, d->ref, arena, &p);
  if (err == ERR_OK && p.exists && !p.row.withdrawn)
    *held = locks_holding (l, outbox_catalogue (o), &p.record, author, LOCKS_NO_CLOCK, extended);
  if (err == ERR_OK && *held == NULL && d->operation != OP_WITHDRAW)
    *held = locks_holding (l, outbox_catalogue (o), &d->record, author, LOCKS_NO_CLOCK, &by);
  if (by != NULL && (*extended == NULL || by->until.ms < (*extended)->until.ms))
    *extended = by;
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
lock_warning (outbox_t *o, kv_txn_t *txn, const locks_t *l, const draft_t *d, reasons_t *found)
{
  const lock_row_t *held, *extended;
  buf_t day = BUF_INIT;
  const str_t table = str_of (table_name (table_of_kind (d->record.kind)));
  err_t err = judge (o, txn, l, d, &held, &extended);
  CHECK (found->arena != NULL);
  if (err == ERR_OK && held != NULL) {
    reasons_add (found, -1, REASON_LOCK_AHEAD, held->period, table, STR_NONE);
  } else if (err == ERR_OK && extended != NULL) {
    day_put (day_of (extended->until), true, &day);
    reasons_add (found, -1, REASON_LOCK_EXTENDED, extended->period, table, buf_str (&day));
  }
  buf_free (&day);
  return err;
}

err_t
lock_holds (outbox_t *o, kv_txn_t *txn, const locks_t *l, const draft_t *d, bool *held)
{
  const lock_row_t *by, *extended;
  err_t err = judge (o, txn, l, d, &by, &extended);
  *held = by != NULL;
  return err;
}

err_t
lock_warning_once (outbox_t *o, const draft_t *d, reasons_t *found)
{
  kv_txn_t *txn = NULL;
  locks_t *l = NULL;
  err_t err = kv_begin (outbox_kv (o), false, &txn);
  if (err == ERR_OK)
    err = locks_of_outbox (o, txn, &l);
  if (err == ERR_OK)
    err = lock_warning (o, txn, l, d, found);
  locks_destroy (&l);
  kv_abort (&txn);
  return err;
}
