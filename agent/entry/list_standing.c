/* list_standing.c - what waits for the centre, and what it refused. */
#include "agent/entry/list_private.h"

#include "common/base/lang.h"
#include "common/platform/platform.h"

static err_t
waiting_rows (listing_t *l)
{
  uint64_t acked = 0, last = 0;
  err_t err = outbox_acked_seq (l->o, l->txn, &acked, &last);
  for (uint64_t seq = acked + 1; err == ERR_OK && seq <= last; seq++) {
    log_row_t log;
    update_t u;
    arena_reset (l->arena);
    err = outbox_log_get (l->o, l->txn, seq, &log);
    if (err == ERR_OK)
      err = row_decode (&(row_t){.bytes = log.bytes}, l->arena, &u);
    if (err != ERR_OK || !listing_wants (l, &u.record, UPDATE_WAITING))
      continue;
    buf_clear (&l->key);
    edits_key_text (&u.record, l->c, &l->key);
    wall_put (log.stored, l->people, &l->b);
    err = buf_ok (&l->key) && buf_ok (&l->b)
              ? lines_add (&l->lines, (str_t[]){buf_str (&l->key), buf_str (&l->b)})
              : ERR_NOMEM;
  }
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

err_t
view_waiting (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail)
{
  listing_t l = {.o = o, .f = f, .people = people};
  listing_column (&l, t, "code", "Mã", "Code", COL_TEXT);
  listing_column (&l, t, "since", "Chờ từ", "Since", COL_TEXT);
  err_t err = listing_open (&l, fail);
  if (err == ERR_OK)
    err = waiting_rows (&l);
  return listing_close (&l, err, t);
}

/* The record as it stands here decides whether it is wanted. */
static err_t
refused_line (void *ctx, const refused_row_t *r)
{
  listing_t *l = ctx;
  present_t now;
  const reason_t reason = {
      reason_of_name (r->reason), {r->arguments[0], r->arguments[1], r->arguments[2]}, -1};
  arena_reset (l->arena);
  err_t err = present_by_key (l->o, l->txn, r->kind, r->key, l->arena, &now);
  if (err != ERR_OK || (now.exists && !listing_wants (l, &now.record, UPDATE_REFUSED)))
    return err;
  buf_clear (&l->a);
  buf_clear (&l->key);
  if (l->people && reason.code != REASON_NONE)
    reason_words (&reason, &l->a);
  else
    buf_put (&l->a, r->reason.p, r->reason.n);
  wall_put (r->since, l->people, &l->b);
  book_key_text (r->kind, r->key, l->c, &l->key);
  return buf_ok (&l->a) && buf_ok (&l->b) && buf_ok (&l->key)
             ? lines_add (&l->lines, (str_t[]){buf_str (&l->key), buf_str (&l->a), buf_str (&l->b)})
             : ERR_NOMEM;
}

err_t
view_refused (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail)
{
  listing_t l = {.o = o, .f = f, .people = people};
  listing_column (&l, t, "code", "Mã", "Code", COL_TEXT);
  listing_column (&l, t, "reason", "Lý do trung tâm từ chối", "Reason", COL_TEXT);
  listing_column (&l, t, "since", "Từ lúc", "Since", COL_TEXT);
  err_t err = listing_open (&l, fail);
  if (err == ERR_OK)
    err = outbox_refused (o, l.txn, refused_line, &l);
  return listing_close (&l, err, t);
}
