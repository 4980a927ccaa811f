/* submissions.c - declarations, the centre's answers to them, and due dates.
 *
 * Answer and due date are written twice in one transaction: as a decision in a stream of the centre, which
 * is what counts and what offices get, and as a row that leads to it, so that nobody walks the log to ask. */
#include "collector/ledger/submissions.h"
#include "collector/ledger/submissions_private.h"

#include "common/base/lang.h"
#include "common/text/number.h"
#include "common/text/utf8.h"
#include "common/wire/update_wire.h"

#define DECODE_ROOM ((size_t)UPDATE_MAX * (UNPACK_BUDGET_PER_BYTE + 2u))

const char *
answer_name (answer_state_t a)
{
  return a == ANSWER_ACCEPTED ? "accepted" : a == ANSWER_RETURNED ? "returned" : "waiting";
}

const char *
answer_words (answer_state_t a)
{
  return a == ANSWER_ACCEPTED   ? L ("đã chấp nhận", "accepted")
         : a == ANSWER_RETURNED ? L ("đã trả lại", "returned")
                                : L ("chờ trả lời", "waits for an answer");
}

/* ---- rows ---- */

static void
put_version (buf_t *b, version_t v)
{
  buf_put (b, v.store.b, 16);
  buf_u64 (b, v.seq);
}

static bool
answer_encode (const answer_t *a, buf_t *out)
{
  put_version (out, a->version);
  buf_u8 (out, (uint8_t)a->state);
  buf_i64 (out, a->at.ms);
  buf_u32 (out, (uint32_t)a->person.n);
  buf_put (out, a->person.p, a->person.n);
  buf_put (out, a->comment.p, a->comment.n);
  return buf_ok (out);
}

bool
answer_decode (str_t key, str_t body, answer_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  str_t store = rd_bytes (&r, 16);
  *out = (answer_t){.version.seq = rd_u64 (&r)};
  uint8_t state = rd_u8 (&r);
  out->at.ms = rd_i64 (&r);
  out->person = rd_bytes (&r, rd_u32 (&r));
  out->comment = rd_bytes (&r, r.n);
  if (!rd_done (&r) || key.n != 24 || (state != ANSWER_RETURNED && state != ANSWER_ACCEPTED))
    return false;
  memcpy (out->version.store.b, store.p, 16);
  out->state = (answer_state_t)state;
  out->lsn = key_read_u64 (key, 16);
  return true;
}

err_t
submissions_answers (ledger_t *l, kv_txn_t *txn, record_id_t record, answer_fn *fn, void *ctx)
{
  (void)l;
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  uint8_t from[24];
  answer_t a;
  err_t err = kv_cursor_open (txn, DB_ANSWER, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek (c, key_refused (from, record, 0), &key, &stored);
  while (err == ERR_OK && key.n == sizeof from && memcmp (key.p, record.b, sizeof record.b) == 0) {
    err = val_open (DB_ANSWER, key, stored, &body);
    if (err == ERR_OK)
      err = answer_decode (key, body, &a) ? fn (ctx, &a) : ERR_DAMAGED;
    if (err == ERR_OK)
      err = kv_next (c, &key, &stored);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static str_t
due_key (buf_t *out, str_t period, table_id_t table, unit_id_t unit)
{
  const char *name = table_name (table);
  buf_clear (out);
  buf_put (out, period.p, period.n);
  buf_putc (out, '\x1f');
  if (name != NULL)
    buf_puts (out, name);
  buf_putc (out, '\x1f');
  buf_u32 (out, unit);
  return buf_str (out);
}

bool
due_decode (str_t key, str_t body, due_row_t *out)
{
  const char *first = memchr (key.p, '\x1f', key.n);
  size_t period_n = first != NULL ? (size_t)(first - key.p) : 0;
  rd_t r = rd_of (body.p, body.n);
  *out = (due_row_t){.lsn = rd_u64 (&r)};
  out->due.date = rd_u32 (&r);
  out->due.set.ms = rd_i64 (&r);
  out->due.person = rd_bytes (&r, r.n);
  if (!rd_done (&r) || period_n == 0 || key.n < period_n + 6 || key.p[key.n - 5] != '\x1f')
    return false;
  str_t table = {first + 1, key.n - period_n - 6};
  rd_t unit = rd_of (key.p + key.n - 4, 4);
  out->due.period = (str_t){key.p, period_n};
  out->due.table = table_of_name (table);
  out->due.unit = rd_u32 (&unit);
  return table.n == 0 || out->due.table != TABLE_NONE;
}

/* ---- what stands ---- */

static err_t
last_answers (void *ctx, const answer_t *a)
{
  submission_row_t *row = ctx;
  if (version_eq (a->version, row->version))
    row->answer = *a;
  else
    row->previous = *a;
  return ERR_OK;
}

bool
submission_open (const update_t *u, submission_row_t *out)
{
  const submission_t *s = &u->record.u.submission;
  if (u->record.kind != KIND_SUBMISSION)
    return false;
  out->version = u->version;
  out->office = s->district;
  out->table = table_of_name (s->table);
  out->period = s->period;
  out->note = s->note;
  out->nil = s->nil;
  out->person = u->person;
  return out->table != TABLE_NONE;
}

typedef struct {
  ledger_t *l;
  kv_txn_t *txn;
  arena_t *arena;
  str_t period;
  buf_t key;
  submission_fn *fn;
  void *ctx;
} walking_t;

static err_t
walk_one (void *ctx, err_t err, const row_t *row)
{
  walking_t *w = ctx;
  update_t u;
  if (err != ERR_OK || row->withdrawn)
    return ERR_OK; /* a damaged one is verify's to name */
  arena_reset (w->arena);
  submission_row_t s = {.lsn = row->at};
  err = update_decode (row->bytes, w->arena, &u, NULL);
  if (err == ERR_NOMEM)
    return err;
  if (err != ERR_OK || !submission_open (&u, &s) || (!str_blank (w->period) && !str_eq (s.period, w->period)))
    return ERR_OK;
  s.ref = row->ref;
  s.revision = row->revision;
  s.received = row->received;
  err = submissions_answers (w->l, w->txn, row->ref.id, last_answers, &s);
  if (err != ERR_OK)
    return err;
  buf_clear (&w->key);
  record_key_text (&u.record, ledger_catalogue (w->l), &w->key);
  s.key = buf_str (&w->key);
  return buf_ok (&w->key) ? w->fn (w->ctx, &s) : ERR_NOMEM;
}

err_t
submissions_each (ledger_t *l, kv_txn_t *txn, str_t period, submission_fn *fn, void *ctx)
{
  walking_t w = {.l = l, .txn = txn, .period = period, .fn = fn, .ctx = ctx};
  w.arena = arena_new (DECODE_ROOM);
  book_t *book = book_new (ledger_book_dbs ());
  err_t err =
      w.arena != NULL && book != NULL ? book_each_of (book, txn, KIND_SUBMISSION, walk_one, &w) : ERR_NOMEM;
  book_destroy (&book);
  arena_destroy (&w.arena);
  buf_free (&w.key);
  return err;
}

/* ---- answering ---- */

/* office/table/period in normal form: 549/2/2020-q2 is 549/outcomes/2020-Q2. Anything else stays. */
static str_t
normal_name (str_t which, const catalogue_t *c, buf_t *out)
{
  size_t slash[2], n = 0;
  period_t period;
  char text[PERIOD_TEXT_MAX];
  for (size_t i = which.n; i > 0 && n < 2; i--)
    if (which.p[i - 1] == '/')
      slash[n++] = i - 1;
  if (n < 2)
    return which;
  table_id_t table = table_of_name ((str_t){which.p + slash[1] + 1, slash[0] - slash[1] - 1});
  if (table == TABLE_NONE ||
      !period_parse ((str_t){which.p + slash[0] + 1, which.n - slash[0] - 1}, c, &period))
    return which;
  period_format (&period, text);
  buf_put (out, which.p, slash[1] + 1);
  buf_printf (out, "%s/%s", table_name (table), text);
  return buf_ok (out) ? buf_str (out) : which;
}

static err_t
check_comment (bool accept, str_t comment, fail_t *fail)
{
  if (!accept && str_blank (comment))
    return fail_set (fail, ERR_INPUT,
                     L ("trả lại phải nói cần sửa gì: --comment “…”",
                        "a return must say what is to be mended: --comment \"…\""));
  if (comment.n > COMMENT_MAX || !utf8_valid (comment, NULL) || !utf8_clean (comment, false, NULL))
    return fail_set (
        fail, ERR_INPUT,
        L ("lời nhắn (--comment) phải là chữ UTF-8 trên một dòng, không quá %u byte; hãy rút ngắn",
           "the comment must be one line of UTF-8, at most %u bytes; shorten it"),
        COMMENT_MAX);
  return ERR_OK;
}

static err_t
find_submission (ledger_t *l, kv_txn_t *txn, str_t which, arena_t *arena, row_t *row, submission_row_t *out,
                 fail_t *fail)
{
  record_ref_t ref;
  update_t u;
  buf_t name = BUF_INIT;
  str_t wanted = normal_name (which, l->catalogue, &name);
  err_t err = book_find (l->book, txn, l->catalogue, wanted, KIND_SUBMISSION, &ref);
  buf_free (&name);
  if (err == ERR_NOT_FOUND)
    return fail_set (
        fail, ERR_INPUT,
        L ("chưa có báo cáo “%.*s”; hãy ghi như 549/outcomes/2020-Q2, xem kc-collector submissions DIR",
           "there is no submission \"%.*s\"; write it as 549/outcomes/2020-Q2, see kc-collector "
           "submissions DIR"),
        STR_ARG (which));
  if (err == ERR_OK)
    err = book_get (l->book, txn, ref, row);
  if (err != ERR_OK)
    return err;
  str_t bytes = arena_str (arena, row->bytes); /* what follows writes, and views of the store end there */
  if (bytes.p == NULL)
    return ERR_NOMEM;
  if (update_decode (bytes, arena, &u, NULL) != ERR_OK || !submission_open (&u, out))
    return ERR_DAMAGED;
  out->ref = ref;
  buf_t key = BUF_INIT;
  record_key_text (&u.record, l->catalogue, &key);
  out->key = arena_str (arena, buf_str (&key));
  buf_free (&key);
  if (out->key.p == NULL)
    return ERR_NOMEM;
  if (row->withdrawn)
    return fail_set (fail, ERR_INPUT,
                     L ("báo cáo “%.*s” đã được đơn vị rút; hãy chờ đơn vị nộp lại",
                        "submission \"%.*s\" was withdrawn by its office; wait until it is declared again"),
                     STR_ARG (out->key));
  return submissions_answers (l, txn, ref.id, last_answers, out);
}

static err_t
answer_write (ledger_t *l, turn_t *t, const submission_row_t *s, answer_t *a)
{
  decision_t d = {.type = DECISION_SUBMISSION};
  d.u.submission.record = s->ref.id;
  d.u.submission.version = a->version;
  d.u.submission.accepted = a->state == ANSWER_ACCEPTED;
  d.u.submission.comment = a->comment;
  d.u.submission.key = s->key;
  buf_t v = BUF_INIT;
  uint8_t key[24];
  err_t err = centre_append (l, t, s->office, &d, a->person);
  if (err == ERR_OK)
    err = answer_encode (a, &v)
              ? val_put (t->txn, DB_ANSWER, key_refused (key, s->ref.id, t->lsn), buf_str (&v))
              : ERR_NOMEM;
  buf_free (&v);
  return err;
}

err_t
submissions_answer (ledger_t *l, str_t which, bool accept, str_t comment, str_t person, wall_t now,
                    bool *changed, fail_t *fail)
{
  turn_t t;
  row_t row;
  submission_row_t s = {.lsn = 0};
  answer_t a = {.state = accept ? ANSWER_ACCEPTED : ANSWER_RETURNED, .person = person, .comment = comment};
  arena_t *arena = NULL;
  err_t err = check_comment (accept, comment, fail);
  if (err != ERR_OK)
    return err;
  arena = arena_new (DECODE_ROOM);
  err = arena != NULL ? turn_begin (l, now, &t) : ERR_NOMEM;
  if (err != ERR_OK)
    goto done;
  err = find_submission (l, t.txn, which, arena, &row, &s, fail);
  bool same =
      err == ERR_OK && s.answer.state == a.state &&
      (accept || (comment.n == s.answer.comment.n && memcmp (comment.p, s.answer.comment.p, comment.n) == 0));
  if (same) {
    turn_abort (l, &t);
    *changed = false;
    goto done;
  }
  a.version = s.version;
  a.at = t.now;
  if (err == ERR_OK)
    err = answer_write (l, &t, &s, &a);
  err = turn_end (l, &t, err);
  if (err == ERR_OK)
    *changed = true;
done:
  arena_destroy (&arena);
  return ledger_said (fail, err);
}

/* ---- due dates ---- */

static err_t
due_write (ledger_t *l, turn_t *t, const due_t *d, str_t period)
{
  decision_t what = {.type = DECISION_DUE};
  const char *table = table_name (d->table);
  what.u.due.period = period;
  what.u.due.table = table != NULL ? str_of (table) : STR_NONE;
  what.u.due.unit = d->unit;
  what.u.due.date = d->date;
  buf_t key = BUF_INIT, v = BUF_INIT;
  err_t err = centre_append (l, t, d->unit, &what, d->person);
  buf_u64 (&v, t->lsn);
  buf_u32 (&v, d->date);
  buf_i64 (&v, t->now.ms);
  buf_put (&v, d->person.p, d->person.n);
  str_t k = due_key (&key, period, d->table, d->unit);
  if (err == ERR_OK)
    err = buf_ok (&v) && buf_ok (&key) ? val_put (t->txn, DB_DUE, k, buf_str (&v)) : ERR_NOMEM;
  buf_free (&key);
  buf_free (&v);
  return err;
}

/* The date of one row; 0 when there is none. */
static err_t
due_read (kv_txn_t *txn, str_t period, table_id_t table, unit_id_t unit, date_t *out)
{
  buf_t key = BUF_INIT;
  str_t k = due_key (&key, period, table, unit), body;
  due_row_t row;
  *out = 0;
  err_t err = buf_ok (&key) ? val_get (txn, DB_DUE, k, &body) : ERR_NOMEM;
  if (err == ERR_OK && !due_decode (k, body, &row))
    err = ERR_DAMAGED;
  if (err == ERR_OK)
    *out = row.due.date;
  buf_free (&key);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
submissions_due_set (ledger_t *l, const due_t *d, wall_t now, bool *changed, fail_t *fail)
{
  period_t period;
  char text[PERIOD_TEXT_MAX];
  date_t present = 0;
  turn_t t;
  err_t err = period_read (d->period, l->catalogue, &period, fail);
  if (err != ERR_OK)
    return err;
  if (d->date != 0 && (d->date % 100 == 0 || d->date / 100 % 100 == 0))
    return fail_set (fail, ERR_INPUT,
                     L ("hạn nộp phải là một ngày như 2020-06-20", "a due date is a day such as 2020-06-20"));
  period_format (&period, text);
  err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  err = due_read (t.txn, str_of (text), d->table, d->unit, &present);
  *changed = present != d->date;
  if (err == ERR_OK && !*changed) {
    turn_abort (l, &t);
    return ERR_OK;
  }
  if (err == ERR_OK)
    err = due_write (l, &t, d, str_of (text));
  return ledger_said (fail, turn_end (l, &t, err));
}

err_t
submissions_dues (ledger_t *l, kv_txn_t *txn, due_fn *fn, void *ctx)
{
  (void)l;
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  due_row_t row;
  err_t err = kv_cursor_open (txn, DB_DUE, &c);
  while (err == ERR_OK) {
    err = kv_next (c, &key, &stored);
    if (err == ERR_OK)
      err = val_open (DB_DUE, key, stored, &body);
    if (err == ERR_OK && !due_decode (key, body, &row))
      err = ERR_DAMAGED;
    if (err == ERR_OK && row.due.date != 0)
      err = fn (ctx, &row.due);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
submissions_due_of (kv_txn_t *txn, str_t period, table_id_t table, unit_id_t unit, date_t *out)
{
  const struct {
    table_id_t table;
    unit_id_t unit;
  } nearest_first[] = {{table, unit}, {TABLE_NONE, unit}, {table, 0}, {TABLE_NONE, 0}};
  date_t date = 0;
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && date == 0 && i < 4; i++)
    err = due_read (txn, period, nearest_first[i].table, nearest_first[i].unit, &date);
  if (err == ERR_OK)
    *out = date;
  return err;
}
