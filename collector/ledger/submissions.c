/* submissions.c - declarations, the centre's answers to them, and due dates.
 *
 * Answer and due date are written twice in one transaction: as a decision in a stream of the centre, which
 * is what counts and what offices get, and as a row that leads to it, so that nobody walks the log to ask. */
#include "collector/ledger/submissions.h"
#include "collector/ledger/state.h"

#include "common/base/lang.h"
#include "common/text/utf8.h"
#include "common/wire/update_wire.h"

/* ---- what stands ---- */

static bool
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
  uint64_t upto;
  buf_t key;
  submission_fn *fn;
  void *ctx;
} walking_t;

static err_t
walk_one (void *ctx, err_t err, const row_t *now)
{
  walking_t *w = ctx;
  update_t u;
  row_t row = *now;
  if (err != ERR_OK)
    return ERR_OK; /* a damaged one is verify's to name */
  arena_reset (w->arena);
  err = log_row_back (w->l, w->txn, w->upto, &row);
  if (err == ERR_OK)
    err = update_decode (row.bytes, w->arena, &u, NULL);
  submission_row_t s = {.ref = row.ref, .lsn = row.at, .revision = row.revision, .received = row.received};
  if (err == ERR_NOMEM)
    return err;
  if (err != ERR_OK || u.operation == OP_WITHDRAW || !submission_open (&u, &s) ||
      (!str_blank (w->period) && !str_eq (s.period, w->period)))
    return ERR_OK;
  err = answers_last (w->txn, DB_ANSWER, row.ref.id, s.version, w->upto, &s.answer, &s.previous);
  if (err != ERR_OK)
    return err;
  buf_clear (&w->key);
  record_key_text (&u.record, ledger_catalogue (w->l), &w->key);
  s.key = buf_str (&w->key);
  return buf_ok (&w->key) ? w->fn (w->ctx, &s) : ERR_NOMEM;
}

err_t
submissions_each (ledger_t *l, kv_txn_t *txn, str_t period, uint64_t upto, submission_fn *fn, void *ctx)
{
  walking_t w = {.l = l, .txn = txn, .period = period, .upto = upto, .fn = fn, .ctx = ctx};
  w.arena = arena_new (UPDATE_ROOM);
  book_t *book = book_new (ledger_book_dbs ());
  err_t err =
      w.arena != NULL && book != NULL ? book_each_of (book, txn, KIND_SUBMISSION, walk_one, &w) : ERR_NOMEM;
  book_destroy (&book);
  arena_destroy (&w.arena);
  buf_free (&w.key);
  return err;
}

/* ---- answering ---- */

static char
lower (char ch)
{
  return ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
}

static bool
same_folded (str_t a, str_t b)
{
  bool same = a.n == b.n;
  for (size_t i = 0; same && i < a.n; i++)
    same = lower (a.p[i]) == lower (b.p[i]);
  return same;
}

/* As tables call the office; in any case, where only one code fits so. */
static str_t
normal_office (str_t code, const catalogue_t *c)
{
  const unit_t *u = catalogue_unit_by_code (c, code), *other;
  if (u != NULL)
    return u->known_as;
  str_t found = code;
  for (size_t i = 0, n = 0; (other = catalogue_unit_at (c, i)) != NULL; i++)
    if (same_folded (other->known_as, code))
      found = n++ == 0 ? other->known_as : code;
  return found;
}

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
  char table_text[16] = "";
  for (size_t i = slash[1] + 1, k = 0; i < slash[0] && k + 1 < sizeof table_text; i++, k++)
    table_text[k] = lower (which.p[i]);
  table_id_t table =
      slash[0] - slash[1] <= sizeof table_text ? table_of_name (str_of (table_text)) : TABLE_NONE;
  if (table == TABLE_NONE ||
      !period_parse ((str_t){which.p + slash[0] + 1, which.n - slash[0] - 1}, c, &period))
    return which;
  period_format (&period, text);
  const str_t office = normal_office ((str_t){which.p, slash[1]}, c);
  buf_printf (out, "%.*s/%s/%s", STR_ARG (office), table_name (table), text);
  return buf_ok (out) ? buf_str (out) : which;
}

static err_t
check_comment (bool accept, str_t comment, fail_t *fail)
{
  if (!accept && utf8_blank (comment))
    return fail_set (fail, ERR_USAGE,
                     L ("trả lại phải nói cần sửa gì: --comment “…”",
                        "a return must say what is to be mended: --comment \"…\""));
  return centre_comment_check (comment, fail);
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
  return answers_last (txn, DB_ANSWER, ref.id, out->version, ANSWERS_ALL, &out->answer, &out->previous);
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
  err_t err = centre_append (l, t, s->office, &d, a->person);
  a->lsn = t->lsn;
  return err == ERR_OK ? answer_put (t->txn, DB_ANSWER, s->ref.id, a) : err;
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
  arena = arena_new (UPDATE_ROOM);
  err = arena != NULL ? turn_begin (l, now, &t) : ERR_NOMEM;
  if (err != ERR_OK)
    goto done;
  err = find_submission (l, t.txn, which, arena, &row, &s, fail);
  bool same =
      err == ERR_OK && s.answer.state == a.state &&
      (accept || (comment.n == s.answer.comment.n && memcmp (comment.p, s.answer.comment.p, comment.n) == 0));
  bool since = false;
  if (same && accept)
    err = accepted_changed_since (l, t.txn, &s, &since);
  same = same && !since; /* the officer accepts what it has become */
  if (err == ERR_OK && same) {
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
due_write (ledger_t *l, turn_t *t, due_t *d)
{
  decision_t what = {.type = DECISION_DUE};
  what.u.due.period = d->period;
  what.u.due.table = str_of (table_name (d->table));
  what.u.due.unit = d->unit;
  what.u.due.date = d->date;
  err_t err = centre_append (l, t, d->unit, &what, d->person);
  d->lsn = t->lsn;
  d->set = t->now;
  return err == ERR_OK ? due_put (t->txn, DB_DUE, d) : err;
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
  if (d->date != 0 && d->date < period.from) {
    buf_t first = BUF_INIT;
    day_put (period.from, true, &first);
    fail_set (
        fail, ERR_INPUT,
        L ("hạn nộp không thể trước ngày đầu của kỳ (%s); hãy xem lại ngày hoặc kỳ",
           "a due date cannot be before the period's first day (%s); look again at the date or the period"),
        buf_z (&first));
    buf_free (&first);
    return ERR_INPUT;
  }
  period_format (&period, text);
  err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  err = due_get (t.txn, DB_DUE, str_of (text), d->table, d->unit, &present);
  *changed = present != d->date;
  if (err == ERR_OK && !*changed) {
    turn_abort (l, &t);
    return ERR_OK;
  }
  due_t row = *d;
  row.period = str_of (text);
  if (err == ERR_OK)
    err = due_write (l, &t, &row);
  return ledger_said (fail, turn_end (l, &t, err));
}
