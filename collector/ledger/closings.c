#include "collector/ledger/closings.h"
#include "collector/ledger/state.h"

#include "common/base/lang.h"
#include "common/wire/update_wire.h"

/* ---- rows ---- */

static str_t
closing_key (buf_t *out, str_t period, uint64_t lsn)
{
  buf_put (out, period.p, period.n);
  buf_putc (out, '\x1f');
  buf_u64 (out, lsn);
  return buf_str (out);
}

err_t
closing_put (kv_txn_t *txn, const closing_t *c)
{
  buf_t key = BUF_INIT, v = BUF_INIT;
  str_t k = closing_key (&key, c->period, c->lsn);
  buf_u64 (&v, c->at.epoch);
  buf_u64 (&v, c->at.lsn);
  buf_put (&v, c->seal.b, sizeof c->seal.b);
  buf_i64 (&v, c->closed.ms);
  buf_u32 (&v, (uint32_t)c->person.n);
  buf_put (&v, c->person.p, c->person.n);
  buf_put (&v, c->comment.p, c->comment.n);
  err_t err = buf_ok (&key) && buf_ok (&v) ? val_put (txn, DB_CLOSING, k, buf_str (&v)) : ERR_NOMEM;
  buf_free (&key);
  buf_free (&v);
  return err;
}

bool
closing_decode (str_t key, str_t body, closing_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  *out = (closing_t){.at.epoch = rd_u64 (&r)};
  out->at.lsn = rd_u64 (&r);
  str_t seal = rd_bytes (&r, sizeof out->seal.b);
  out->closed.ms = rd_i64 (&r);
  out->person = rd_bytes (&r, rd_u32 (&r));
  out->comment = rd_bytes (&r, r.n);
  if (!rd_done (&r) || key.n < 10 || key.p[key.n - 9] != '\x1f')
    return false;
  memcpy (out->seal.b, seal.p, sizeof out->seal.b);
  out->period = (str_t){key.p, key.n - 9};
  out->lsn = key_read_u64 (key, key.n - 8);
  return true;
}

static err_t
closing_open (str_t key, str_t stored, closing_t *out)
{
  str_t body;
  err_t err = val_open (DB_CLOSING, key, stored, &body);
  return err != ERR_OK || closing_decode (key, body, out) ? err : ERR_DAMAGED;
}

err_t
closings_each (ledger_t *l, kv_txn_t *txn, closing_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  str_t key, stored;
  closing_t one;
  (void)l;
  err_t err = kv_cursor_open (txn, DB_CLOSING, &c);
  while (err == ERR_OK) {
    err = kv_next (c, &key, &stored);
    if (err == ERR_OK)
      err = closing_open (key, stored, &one);
    if (err == ERR_OK)
      err = fn (ctx, &one);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
closings_latest (kv_txn_t *txn, str_t period, closing_t *out)
{
  kv_cursor_t *c = NULL;
  str_t key, stored;
  buf_t prefix = BUF_INIT;
  buf_put (&prefix, period.p, period.n);
  buf_putc (&prefix, '\x1f');
  err_t err = buf_ok (&prefix) ? kv_cursor_open (txn, DB_CLOSING, &c) : ERR_NOMEM;
  if (err == ERR_OK)
    err = kv_seek_last (c, buf_str (&prefix), &key, &stored);
  if (err == ERR_OK)
    err = closing_open (key, stored, out);
  kv_cursor_close (&c);
  buf_free (&prefix);
  return err;
}

/* A submission is no figure: nobody asks whether it changed. */
static err_t
is_submission (const log_entry_t *e, arena_t *arena, bool *out)
{
  update_t u = {.record.kind = KIND_NONE};
  arena_reset (arena);
  err_t err = update_decode (log_entry_state (e), arena, &u, NULL);
  *out = err == ERR_OK && u.record.kind == KIND_SUBMISSION;
  return err == ERR_NOMEM ? err : ERR_OK; /* a damaged one is verify's to name */
}

err_t
closings_touched (ledger_t *l, kv_txn_t *txn, const uint64_t *lsn, size_t n, uint64_t limit,
                  uint64_t *touched)
{
  position_t end;
  arena_t *arena = arena_new (DECODE_BUDGET (UPDATE_MAX));
  err_t err = arena != NULL ? ledger_end (l, txn, &end, NULL) : ERR_NOMEM;
  memset (touched, 0, n * sizeof *touched);
  for (uint64_t at = n > 0 ? lsn[0] + 1 : UINT64_MAX; err == ERR_OK && at <= end.lsn && touched[0] < limit;
       at++) {
    log_entry_t e;
    bool submission = false;
    err = ledger_log_get (l, txn, at, &e);
    /* the record's first version behind some of the places: those from its version before on */
    size_t places = 0, last = n;
    while (last > 0 && lsn[last - 1] >= at)
      last--;
    while (err == ERR_OK && log_entry_changes (&e) && places < last &&
           lsn[last - places - 1] >= e.previous_lsn)
      places++;
    if (places > 0)
      err = is_submission (&e, arena, &submission);
    for (size_t i = 0; !submission && i < places; i++)
      touched[last - i - 1]++;
  }
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* ---- closing ---- */

typedef struct {
  const period_t *p;
  const catalogue_t *c;
  arena_t *arena;
  bool any;
} looking_t;

static err_t
look_at (void *ctx, err_t err, const row_t *row)
{
  looking_t *k = ctx;
  update_t u;
  if (err != ERR_OK || row->withdrawn)
    return ERR_OK; /* a damaged one is verify's to name */
  arena_reset (k->arena);
  err = update_decode (row->bytes, k->arena, &u, NULL);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_OK;
  k->any = table_of_kind (u.record.kind) != TABLE_NONE && period_has (k->p, &u.record, k->c);
  return k->any ? ERR_END : ERR_OK;
}

err_t
closings_any_record (ledger_t *l, kv_txn_t *txn, const period_t *p, bool *any)
{
  looking_t k = {.p = p, .c = l->catalogue, .arena = arena_new (DECODE_BUDGET (UPDATE_MAX))};
  book_t *book = book_new (ledger_book_dbs ());
  err_t err = k.arena != NULL && book != NULL ? book_each (book, txn, 0, look_at, &k) : ERR_NOMEM;
  *any = k.any;
  book_destroy (&book);
  arena_destroy (&k.arena);
  return err;
}

static err_t
closing_write (ledger_t *l, turn_t *t, closing_t *c)
{
  decision_t d = {.type = DECISION_CLOSING};
  c->at = (position_t){l->epoch, t->lsn};
  c->seal = t->seal;
  c->closed = t->now;
  d.u.closing.period = c->period;
  d.u.closing.at = c->at;
  d.u.closing.seal = c->seal;
  d.u.closing.comment = c->comment;
  err_t err = centre_append (l, t, 0, &d, c->person);
  c->lsn = t->lsn;
  return err == ERR_OK ? closing_put (t->txn, c) : err;
}

/* Has anything a table is made of changed behind a place of the log: a record, the catalogue, the answer to a
 * submission? Costs up to the first that has. */
static err_t
changed_since (ledger_t *l, kv_txn_t *txn, uint64_t lsn, uint64_t end, bool *changed)
{
  err_t err = ERR_OK;
  arena_t *arena = arena_new (DECODE_BUDGET (UPDATE_MAX) * 2u);
  *changed = false;
  if (arena == NULL)
    return ERR_NOMEM;
  while (err == ERR_OK && !*changed && lsn < end) {
    log_entry_t e;
    decision_t d = {.type = DECISION_NONE};
    err = ledger_log_get (l, txn, ++lsn, &e);
    if (err == ERR_OK && e.serial != 0)
      *changed = log_entry_changes (&e);
    else if (err == ERR_OK && log_decision (l, txn, lsn, arena, &e, &d) == ERR_NOMEM)
      err = ERR_NOMEM;
    *changed = *changed || d.type == DECISION_CATALOGUE || d.type == DECISION_SUBMISSION ||
               d.type == DECISION_SETTLED;
  }
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

static err_t
check_over (const period_t *p, wall_t now, fail_t *fail)
{
  buf_t words = BUF_INIT;
  if (day_end (p->to).ms < now.ms)
    return ERR_OK;
  period_words (p, &words);
  fail_set (
      fail, ERR_INPUT,
      L ("%s chưa kết thúc nên chưa chốt được; để so với hôm nay hãy ghi lại vị trí mà totals --format "
         "json nêu",
         "%s is not over, so it cannot be closed yet; to compare with today note the position that totals "
         "--format json gives"),
      buf_z (&words));
  buf_free (&words);
  return ERR_INPUT;
}

/* Closes, unless the latest closing says all there is to say. */
static err_t
close_in (ledger_t *l, turn_t *t, closing_t *c, closing_t *before, bool *changed)
{
  err_t err = closings_latest (t->txn, c->period, before);
  *changed = err == ERR_NOT_FOUND;
  if (err == ERR_OK)
    err = changed_since (l, t->txn, before->lsn, t->lsn, changed);
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  if (*changed)
    return closing_write (l, t, c);
  const str_t period = c->period;
  *c = *before;
  c->period = period;
  c->person = c->comment = STR_NONE; /* views of this transaction */
  return ERR_OK;
}

err_t
closings_close (ledger_t *l, str_t period_text, str_t comment, str_t person, wall_t now, closing_t *out,
                bool *changed, fail_t *fail)
{
  period_t period;
  char text[PERIOD_TEXT_MAX];
  closing_t before = {.lsn = 0}, c = {.person = person, .comment = comment};
  turn_t t;
  *changed = false;
  err_t err = period_read (period_text, l->catalogue, &period, fail);
  if (err == ERR_OK)
    err = centre_comment_check (comment, fail);
  if (err != ERR_OK)
    return err;
  period_format (&period, text);
  c.period = str_of (text);
  err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  err = check_over (&period, t.now, fail);
  if (err == ERR_OK)
    err = close_in (l, &t, &c, &before, changed);
  if (err == ERR_OK && !*changed)
    turn_abort (l, &t);
  else
    err = turn_end (l, &t, err);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  *out = c;
  out->period = period_text;
  return ERR_OK;
}
