/* audit.c - what people did, in the order they did it. */
#include "collector/ledger/state.h"
#include "collector/ledger/users.h"

#include "common/text/utf8.h"

#define SUBJECT_MAX 400u

/* So much of a text as stands in a row; cut at a character. */
static void
put_some (buf_t *out, str_t s, size_t max)
{
  s.n = s.n < max ? s.n : max;
  while (s.n > 0 && !utf8_valid (s, NULL))
    s.n--;
  buf_u32 (out, (uint32_t)s.n);
  buf_put (out, s.p, s.n);
}

void
audit_next (ledger_t *l, str_t person, str_t action, str_t subject)
{
  buf_clear (&l->audit);
  if (action.n == 0)
    return;
  put_some (&l->audit, person, PERSON_MAX);
  put_some (&l->audit, action, PERSON_MAX);
  put_some (&l->audit, subject, SUBJECT_MAX);
}

err_t
audit_write (ledger_t *l, turn_t *t)
{
  kv_cursor_t *c = NULL;
  str_t key, value;
  uint8_t number[8];
  uint64_t last = 0;
  if (l->audit.n == 0)
    return buf_ok (&l->audit) ? ERR_OK : ERR_NOMEM;
  err_t err = kv_cursor_open (t->txn, DB_AUDIT, &c);
  if (err == ERR_OK)
    err = kv_prev (c, &key, &value);
  if (err == ERR_OK)
    last = key_read_u64 (key, 0);
  kv_cursor_close (&c);
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  buf_t row = BUF_INIT;
  buf_i64 (&row, t->now.ms);
  buf_put (&row, l->audit.p, l->audit.n);
  err = buf_ok (&row) ? val_put (t->txn, DB_AUDIT, key_u64 (number, last + 1), buf_str (&row)) : ERR_NOMEM;
  buf_free (&row);
  return err;
}

bool
audit_decode (str_t key, str_t body, audit_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  *out = (audit_t){.number = key.n == 8 ? key_read_u64 (key, 0) : 0};
  out->at.ms = rd_i64 (&r);
  out->person = rd_bytes (&r, rd_u32 (&r));
  out->action = rd_bytes (&r, rd_u32 (&r));
  out->subject = rd_bytes (&r, rd_u32 (&r));
  return rd_done (&r) && out->number > 0;
}

typedef struct {
  audit_fn *fn;
  void *ctx;
} each_t;

static err_t
each_deed (void *ctx, str_t key, str_t body)
{
  const each_t *e = ctx;
  audit_t row;
  return audit_decode (key, body, &row) ? e->fn (e->ctx, &row) : ERR_DAMAGED;
}

err_t
audit_each (kv_txn_t *txn, audit_fn *fn, void *ctx)
{
  return rows_each (txn, DB_AUDIT, each_deed, &(each_t){fn, ctx});
}
