#include "agent/entry/lock_warning.h"

#include "agent/entry/edits.h"
#include "agent/outbox/told.h"
#include "common/wire/update_wire.h"

err_t
locks_of_outbox (outbox_t *o, kv_txn_t *txn, locks_t **out)
{
  return locks_load (txn, ODB_LOCK, outbox_catalogue (o), out);
}

/* The record as the centre has it: what the shadow keeps, else our latest version that it acknowledged and
 * did not refuse. What waits may meet the lock itself. *there false: it has none, or has it withdrawn. */
static err_t
at_the_centre (outbox_t *o, kv_txn_t *txn, record_ref_t ref, arena_t *arena, record_t *out, bool *there)
{
  present_t p;
  uint64_t acked = 0, last, place;
  *there = false;
  row_t shadow;
  update_t stands;
  err_t err = outbox_shadow_get (txn, ref, &shadow);
  if (err == ERR_OK)
    err = row_decode (&shadow, arena, &stands);
  if (err == ERR_OK) {
    *there = !shadow.withdrawn;
    *out = stands.record;
  }
  if (err != ERR_NOT_FOUND)
    return err;
  err = outbox_acked_seq (o, txn, &acked, &last);
  if (err == ERR_OK)
    err = present_by_ref (o, txn, ref, arena, &p);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  version_t at = p.row.version;
  *there = !p.row.withdrawn;
  *out = p.record;
  while (outbox_place_of (o, at, &place)) {
    bool refused = place > acked; /* or not judged yet */
    log_row_t log;
    update_t u;
    if (!refused)
      err = outbox_refusal_of (o, txn, ref.id, at, &refused, NULL);
    if (err == ERR_OK)
      err = outbox_log_get (o, txn, place, &log);
    arena_reset (arena);
    if (err == ERR_OK)
      err = update_decode (log.bytes, arena, &u, NULL);
    if (err != ERR_OK)
      return err == ERR_NOMEM ? err : ERR_DAMAGED;
    *there = !refused && u.operation != OP_WITHDRAW;
    *out = u.record;
    if (!refused || u.base.seq == 0)
      break;
    at = u.base;
  }
  return ERR_OK;
}

/* As the centre judges it: what is there must be free to leave, what comes free to enter. */
static err_t
judge (outbox_t *o, kv_txn_t *txn, const locks_t *l, const draft_t *d, const lock_row_t **held,
       const lock_row_t **extended)
{
  record_t before;
  bool there = false;
  const unit_id_t author = outbox_identity (o)->unit;
  const lock_row_t *by = NULL;
  *held = *extended = NULL;
  if (locks_count (l) == 0)
    return ERR_OK;
  arena_t *arena = arena_new (DECODE_BUDGET (UPDATE_MAX) + UPDATE_MAX);
  err_t err = arena != NULL ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK && d->base.seq != 0)
    err = at_the_centre (o, txn, d->ref, arena, &before, &there);
  if (err == ERR_OK && there)
    *held = locks_holding (l, outbox_catalogue (o), &before, author, LOCKS_NO_CLOCK, extended);
  if (err == ERR_OK && *held == NULL && d->operation != OP_WITHDRAW)
    *held = locks_holding (l, outbox_catalogue (o), &d->record, author, LOCKS_NO_CLOCK, &by);
  if (by != NULL && (*extended == NULL || by->until.ms < (*extended)->until.ms))
    *extended = by;
  arena_destroy (&arena);
  return err;
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
