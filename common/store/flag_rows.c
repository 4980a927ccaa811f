#include "common/store/flag_rows.h"

#include "common/base/lang.h"

#include <stdlib.h>

const char *
flag_event_name (flag_event_t e)
{
  return e == FLAG_OPENED ? "opened" : e == FLAG_CLEARED ? "cleared" : "answered";
}

const char *
flag_event_words (flag_event_t e)
{
  return e == FLAG_OPENED    ? L ("đã nêu", "raised")
         : e == FLAG_CLEARED ? L ("đã hết", "no longer so")
                             : L ("đã trả lời", "answered");
}

/* ---- rows ---- */

bool
flag_row_of (const decision_t *d, unit_id_t unit, str_t person, wall_t at, uint64_t lsn, flag_row_t *out)
{
  *out = (flag_row_t){.lsn = lsn, .unit = unit, .at = at, .person = person};
  if (d->type == DECISION_FLAG) {
    out->event = d->u.flag.cleared ? FLAG_CLEARED : FLAG_OPENED;
    out->flag = d->u.flag.flag;
    out->check = d->u.flag.check;
    out->key = d->u.flag.key;
    out->record = d->u.flag.record;
    memcpy (out->arguments, d->u.flag.arguments, sizeof out->arguments);
  } else if (d->type == DECISION_FLAG_ANSWER) {
    out->event = FLAG_ANSWERED;
    out->flag = d->u.flag_answer.flag;
    out->reason = d->u.flag_answer.reason;
    out->record = d->u.flag_answer.record;
  } else
    return false;
  return !str_blank (out->flag) && out->flag.n <= CODE_MAX &&
         memchr (out->flag.p, '\x1f', out->flag.n) == NULL;
}

static void
put_text (buf_t *b, str_t s)
{
  buf_u32 (b, (uint32_t)s.n);
  buf_put (b, s.p, s.n);
}

bool
flag_row_encode (const flag_row_t *r, buf_t *body)
{
  buf_u8 (body, (uint8_t)r->event);
  buf_u32 (body, r->unit);
  buf_put (body, r->record.b, sizeof r->record.b);
  buf_i64 (body, r->at.ms);
  put_text (body, r->person);
  put_text (body, r->check);
  put_text (body, r->key);
  put_text (body, r->reason);
  for (int i = 0; i < REASON_ARGS; i++)
    put_text (body, r->arguments[i]);
  return buf_ok (body);
}

static str_t
row_key (str_t flag, uint64_t lsn, buf_t *out)
{
  buf_put (out, flag.p, flag.n);
  buf_putc (out, '\x1f');
  buf_u64 (out, lsn);
  return buf_str (out);
}

err_t
flag_row_put (kv_txn_t *txn, kv_db_t db, const flag_row_t *r)
{
  buf_t key = BUF_INIT, body = BUF_INIT;
  str_t k = row_key (r->flag, r->lsn, &key);
  err_t err = flag_row_encode (r, &body) && buf_ok (&key) ? val_put (txn, db, k, buf_str (&body)) : ERR_NOMEM;
  buf_free (&key);
  buf_free (&body);
  return err;
}

static str_t
read_text (rd_t *r)
{
  return rd_bytes (r, rd_u32 (r));
}

bool
flag_row_decode (str_t key, str_t body, flag_row_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  if (key.n < 10 || key.p[key.n - 9] != '\x1f')
    return false;
  rd_t lsn = rd_of (key.p + key.n - 8, 8);
  *out = (flag_row_t){.flag = {key.p, key.n - 9}, .lsn = rd_u64 (&lsn)};
  uint8_t event = rd_u8 (&r);
  out->unit = rd_u32 (&r);
  str_t record = rd_bytes (&r, sizeof out->record.b);
  out->at.ms = rd_i64 (&r);
  out->person = read_text (&r);
  out->check = read_text (&r);
  out->key = read_text (&r);
  out->reason = read_text (&r);
  for (int i = 0; i < REASON_ARGS; i++)
    out->arguments[i] = read_text (&r);
  if (!rd_done (&r) || event < FLAG_OPENED || event > FLAG_ANSWERED)
    return false;
  out->event = (flag_event_t)event;
  memcpy (out->record.b, record.p, sizeof out->record.b);
  return true;
}

err_t
flag_rows_each (kv_txn_t *txn, kv_db_t db, str_t flag, flag_row_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  flag_row_t row;
  const bool all = flag.p == NULL || flag.n == 0;
  err_t err = kv_cursor_open (txn, db, &c);
  if (err == ERR_OK)
    err = all ? kv_next (c, &key, &stored) : kv_seek (c, flag, &key, &stored);
  while (err == ERR_OK) {
    if (!all && (key.n != flag.n + 9 || memcmp (key.p, flag.p, flag.n) != 0))
      break;
    err = val_open (db, key, stored, &body);
    if (err == ERR_OK && !flag_row_decode (key, body, &row))
      err = ERR_DAMAGED;
    if (err == ERR_OK)
      err = fn (ctx, &row);
    if (err == ERR_OK)
      err = kv_next (c, &key, &stored);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND || err == ERR_END ? ERR_OK : err;
}

/* ---- how flags stand ---- */

typedef struct {
  arena_t *arena;
  flag_standing_t *at;
  size_t n, cap;
} gathering_t;

static bool
keep (gathering_t *g, str_t text, str_t *out)
{
  *out = arena_str (g->arena, text);
  return out->p != NULL || text.p == NULL;
}

static bool
note_record (gathering_t *g, flag_standing_t *s, const flag_row_t *r)
{
  size_t i = 0;
  while (i < s->records_n && !record_id_eq (s->record[i].record, r->record))
    i++;
  if (i == FLAG_RECORDS_MAX)
    return true;
  flag_record_t *record = &s->record[i];
  s->records_n = i == s->records_n ? i + 1 : s->records_n;
  record->unit = r->unit;
  record->record = r->record;
  bool ok = keep (g, r->key, &record->key);
  for (int k = 0; k < REASON_ARGS && ok; k++)
    ok = keep (g, r->arguments[k], &record->arguments[k]);
  return ok;
}

static err_t
note (void *ctx, const flag_row_t *r)
{
  gathering_t *g = ctx;
  bool ok = true;
  if (g->n == 0 || !str_eq (g->at[g->n - 1].flag, r->flag)) {
    flag_standing_t *grown = array_room (g->at, g->n, &g->cap, sizeof *grown);
    if (grown == NULL)
      return ERR_NOMEM;
    g->at = grown;
    g->at[g->n] = (flag_standing_t){.open = false};
    ok = keep (g, r->flag, &g->at[g->n].flag);
    g->n++;
  }
  flag_standing_t *s = &g->at[g->n - 1];
  switch (r->event) {
  case FLAG_OPENED:
    if (!s->open)
      s->since = r->at;
    s->open = true;
    ok = ok && keep (g, r->check, &s->check) && note_record (g, s, r);
    break;
  case FLAG_CLEARED:
    s->open = false;
    s->cleared = r->at;
    break;
  case FLAG_ANSWERED:
    s->answered = true;
    s->answered_at = r->at;
    ok = ok && keep (g, r->reason, &s->reason) && keep (g, r->person, &s->person);
    break;
  }
  return ok ? ERR_OK : ERR_NOMEM;
}

err_t
flags_standing (kv_txn_t *txn, kv_db_t db, arena_t *arena, flag_standing_t **out, size_t *n)
{
  gathering_t g = {.arena = arena};
  err_t err = flag_rows_each (txn, db, STR_NONE, note, &g);
  *out = g.at;
  *n = g.n;
  return err;
}

static int
by_flag (const void *key, const void *at)
{
  return str_cmp (*(const str_t *)key, ((const flag_standing_t *)at)->flag);
}

const flag_standing_t *
flag_standing_find (const flag_standing_t *at, size_t n, str_t flag)
{
  return n > 0 ? bsearch (&flag, at, n, sizeof *at, by_flag) : NULL;
}
