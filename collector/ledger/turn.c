/* turn.c - one write transaction of the centre's store, and where its log ends. */
#include "collector/ledger/state.h"

static bool
end_decode (str_t v, uint64_t *lsn, hash_t *seal, wall_t *latest)
{
  rd_t r = rd_of (v.p, v.n);
  *lsn = rd_u64 (&r);
  str_t s = rd_bytes (&r, 32);
  latest->ms = rd_i64 (&r);
  if (!rd_done (&r))
    return false;
  memcpy (seal->b, s.p, 32);
  return true;
}

static err_t
end_put (ledger_t *l, const turn_t *t)
{
  buf_clear (&l->value);
  buf_u64 (&l->value, t->lsn);
  buf_put (&l->value, t->seal.b, 32);
  buf_i64 (&l->value, t->now.ms);
  return buf_ok (&l->value) ? meta_put (t->txn, DB_META, META_END, buf_str (&l->value)) : ERR_NOMEM;
}

static err_t
has_rows (kv_txn_t *txn, kv_db_t db, bool *out)
{
  kv_cursor_t *c = NULL;
  str_t key, value;
  err_t err = kv_cursor_open (txn, db, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek (c, STR ("\0"), &key, &value);
  *out = err == ERR_OK;
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
turn_begin (ledger_t *l, wall_t now, turn_t *t)
{
  *t = (turn_t){.now = now};
  str_t v;
  wall_t latest = {0};
  err_t err = kv_begin (l->kv, true, &t->txn);
  if (err != ERR_OK)
    return err;
  err = meta_get (t->txn, DB_META, META_END, &v);
  if (err == ERR_NOT_FOUND || (err == ERR_OK && !end_decode (v, &t->lsn, &t->seal, &latest)))
    err = ERR_DAMAGED;
  if (err == ERR_OK)
    err = has_rows (t->txn, DB_REFUSED, &t->any_refused);
  if (err == ERR_OK)
    err = has_rows (t->txn, DB_ALIAS, &t->any_alias);
  if (err != ERR_OK) {
    turn_abort (l, t);
    return err;
  }
  if (latest.ms > t->now.ms)
    t->now = latest;
  t->first_lsn = t->lsn + 1;
  return ERR_OK;
}

err_t
turn_commit (ledger_t *l, turn_t *t)
{
  CHECK (t->txn != NULL && t->lsn + 1 >= t->first_lsn);
  err_t err = end_put (l, t);
  if (err == ERR_OK)
    err = audience_flush (t);
  if (err == ERR_OK)
    err = book_flush (l->book, t->txn);
  if (err == ERR_OK)
    err = audit_write (l, t);
  if (err != ERR_OK) {
    turn_abort (l, t);
    return err;
  }
  err = kv_commit (&t->txn);
  buf_clear (&l->audit);
  book_reset (l->book);
  return err;
}

void
turn_abort (ledger_t *l, turn_t *t)
{
  kv_abort (&t->txn);
  book_reset (l->book);
}

err_t
turn_end (ledger_t *l, turn_t *t, err_t err)
{
  if (err == ERR_OK)
    return turn_commit (l, t);
  turn_abort (l, t);
  return err;
}

err_t
ledger_said (fail_t *fail, err_t err)
{
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

err_t
ledger_end (ledger_t *l, kv_txn_t *txn, position_t *at, hash_t *seal)
{
  str_t v;
  wall_t latest;
  hash_t s;
  uint64_t lsn;
  err_t err = meta_get (txn, DB_META, META_END, &v);
  if (err == ERR_NOT_FOUND || (err == ERR_OK && !end_decode (v, &lsn, &s, &latest)))
    return ERR_DAMAGED;
  if (err != ERR_OK)
    return err;
  *at = (position_t){l->epoch, lsn};
  if (seal != NULL)
    *seal = s;
  return ERR_OK;
}

wall_t
ledger_clock (kv_txn_t *txn, wall_t now)
{
  str_t v;
  wall_t latest;
  hash_t seal;
  uint64_t lsn;
  bool known = meta_get (txn, DB_META, META_END, &v) == ERR_OK && end_decode (v, &lsn, &seal, &latest);
  return known && latest.ms > now.ms ? latest : now;
}
