/* imports.c - the imports there were: which of our updates came of which file. */
#include "agent/outbox/internal.h"

static err_t
import_read (str_t key, str_t body, import_log_t *out)
{
  rd_t k = rd_of (key.p, key.n), r = rd_of (body.p, body.n);
  import_log_t i = {.number = rd_u64 (&k)};
  i.at.ms = rd_i64 (&r);
  i.first = rd_u64 (&r);
  i.last = rd_u64 (&r);
  i.rows = rd_u64 (&r);
  i.file = rd_bytes (&r, rd_u16 (&r));
  if (r.n > 0)
    i.undoes = rd_u64 (&r);
  if (!rd_done (&k) || !rd_done (&r))
    return ERR_DAMAGED;
  *out = i;
  return ERR_OK;
}

err_t
outbox_import_get (kv_txn_t *txn, uint64_t number, import_log_t *out)
{
  buf_t key = BUF_INIT;
  str_t body;
  buf_u64 (&key, number);
  err_t err = buf_ok (&key) ? val_get (txn, ODB_IMPORT, buf_str (&key), &body) : ERR_NOMEM;
  if (err == ERR_OK)
    err = import_read (buf_str (&key), body, out);
  buf_free (&key);
  return err;
}

err_t
outbox_imports (kv_txn_t *txn, import_log_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  import_log_t i;
  err_t err = kv_cursor_open (txn, ODB_IMPORT, &c);
  while (err == ERR_OK) {
    err = kv_next (c, &key, &stored);
    if (err == ERR_OK)
      err = val_open (ODB_IMPORT, key, stored, &body);
    if (err == ERR_OK)
      err = import_read (key, body, &i);
    if (err == ERR_OK)
      err = fn (ctx, &i);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}
