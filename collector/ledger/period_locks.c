#include "collector/ledger/period_locks.h"
#include "collector/ledger/state.h"

#include "common/base/lang.h"

err_t
period_locks (ledger_t *l, kv_txn_t *txn, const locks_t **out)
{
  if (l->locks != NULL && l->locks_catalogue != catalogue_version (l->catalogue))
    locks_destroy (&l->locks); /* a period may have other days now */
  if (l->locks == NULL) {
    err_t err = locks_load (txn, DB_LOCK, l->catalogue, &l->locks);
    if (err != ERR_OK)
      return err;
    l->locks_catalogue = catalogue_version (l->catalogue);
  }
  *out = l->locks;
  return ERR_OK;
}

/* Does it stand so already, for every table it is about? An exception is to what is locked. */
static err_t
compare (const locks_t *l, const lock_row_t *want, wall_t now, bool *changed, fail_t *fail)
{
  size_t locked = 0, open = 0, other = 0, excepted = 0; /* other: an exception that ends elsewhen, or none */
  for (int t = TABLE_NONE + 1; t < TABLE_COUNT; t++) {
    if (want->table != TABLE_NONE && want->table != (table_id_t)t)
      continue;
    const lock_row_t *lock = locks_of (l, want->period, (table_id_t)t);
    const lock_row_t *e = locks_exception (l, want->period, (table_id_t)t, want->unit);
    locked += lock != NULL;
    open += lock == NULL;
    excepted += e != NULL;
    other += lock != NULL && (e == NULL || e->until.ms != want->until.ms);
  }
  if (want->unit == 0) {
    *changed = (want->locked ? open : locked) > 0;
    return ERR_OK;
  }
  *changed = (want->locked ? excepted : other) > 0;
  if (want->locked)
    return ERR_OK;
  if (locked == 0)
    return fail_set (fail, ERR_INPUT,
                     L ("kỳ %.*s không bị khóa ở biểu này nên không cần gia hạn; xem kc-collector locks DIR",
                        "period %.*s is not locked for this table, so there is nothing to make an exception "
                        "to; see kc-collector locks DIR"),
                     STR_ARG (want->period));
  if (want->until.ms < now.ms)
    return fail_set (fail, ERR_INPUT,
                     L ("ngày gia hạn đã qua; hãy cho một ngày từ hôm nay trở đi (--until)",
                        "the exception would end in the past; give a day from today on (--until)"));
  return ERR_OK;
}

static err_t
write_lock (ledger_t *l, turn_t *t, lock_row_t *row)
{
  decision_t d = {.type = DECISION_LOCK};
  d.u.lock.period = row->period;
  d.u.lock.table = str_of (table_name (row->table));
  d.u.lock.locked = row->locked;
  d.u.lock.unit = row->unit;
  d.u.lock.until = row->until;
  d.u.lock.reason = row->reason;
  err_t err = centre_append (l, t, row->unit, &d, row->person);
  row->lsn = t->lsn;
  row->set = t->now;
  return err == ERR_OK ? lock_put (t->txn, DB_LOCK, row) : err;
}

err_t
period_lock_set (ledger_t *l, const lock_row_t *want, wall_t now, bool *changed, fail_t *fail)
{
  period_t period;
  char text[PERIOD_TEXT_MAX];
  turn_t t;
  const locks_t *locks;
  lock_row_t row = *want;
  err_t err = period_read (want->period, l->catalogue, &period, fail);
  if (err == ERR_OK)
    err = centre_comment_check (want->reason, fail);
  if (err != ERR_OK)
    return err;
  period_format (&period, text);
  row.period = str_of (text);
  if (row.unit == 0 || row.locked)
    row.until = (wall_t){0};
  err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  *changed = false;
  err = period_locks (l, t.txn, &locks);
  if (err == ERR_OK)
    err = compare (locks, &row, t.now, changed, fail);
  if (err == ERR_OK && !*changed) {
    turn_abort (l, &t);
    return ERR_OK;
  }
  if (err == ERR_OK)
    err = write_lock (l, &t, &row);
  err = turn_end (l, &t, err);
  locks_destroy (&l->locks);
  return ledger_said (fail, err);
}
