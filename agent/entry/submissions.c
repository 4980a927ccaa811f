/* submissions.c - the office's declared tables as the centre last answered, and what is due. */
#include "agent/entry/submit.h"

#include "agent/entry/views.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <stdlib.h>

static const struct {
  const char *name, *vi, *en;
} states[] = {
    [OFFICE_TODO] = {"to_submit", "chưa nộp", "to be submitted"},
    [OFFICE_WAITING] = {"waiting", "đã nộp, chờ gửi", "submitted, waits for the line"},
    [OFFICE_RECEIVED] = {"received", "trung tâm đã nhận, chờ trả lời", "received, waits for an answer"},
    [OFFICE_RETURNED] = {"returned", "BỊ TRẢ LẠI, cần sửa và nộp lại",
                         "RETURNED, to be mended and submitted again"},
    [OFFICE_ACCEPTED] = {"accepted", "đã được chấp nhận", "accepted"},
    [OFFICE_REFUSED] = {"refused", "bị từ chối", "refused"},
};

const char *
office_state_name (office_state_t s)
{
  return states[s].name;
}

const char *
office_state_words (office_state_t s)
{
  return L (states[s].vi, states[s].en);
}

/* ---- what there is ---- */

typedef struct {
  char period[PERIOD_TEXT_MAX];
  table_id_t table;
} place_t;

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  const unit_t *unit;
  arena_t *arena;
  buf_t key;
  place_t *known; /* declared, or named as due */
  size_t n, cap;
  office_submission_fn *fn;
  void *ctx;
} looking_t;

static bool
is_known (const looking_t *l, str_t period, table_id_t table)
{
  for (size_t i = 0; i < l->n; i++)
    if (l->known[i].table == table && str_is (period, l->known[i].period))
      return true;
  return false;
}

static err_t
note (looking_t *l, str_t period, table_id_t table)
{
  if (period.n >= PERIOD_TEXT_MAX)
    return ERR_OK;
  place_t *grown = array_room (l->known, l->n, &l->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  l->known = grown;
  place_t *p = &l->known[l->n++];
  *p = (place_t){.table = table};
  memcpy (p->period, period.p, period.n);
  return ERR_OK;
}

static office_state_t
state_of (update_state_t sent, answer_state_t answer)
{
  if (sent == UPDATE_WAITING)
    return OFFICE_WAITING;
  if (sent == UPDATE_REFUSED)
    return OFFICE_REFUSED;
  return answer == ANSWER_ACCEPTED   ? OFFICE_ACCEPTED
         : answer == ANSWER_RETURNED ? OFFICE_RETURNED
                                     : OFFICE_RECEIVED;
}

static err_t
declared (void *ctx, err_t err, const row_t *row)
{
  looking_t *l = ctx;
  update_t u;
  update_state_t sent;
  answer_t previous;
  if (err != ERR_OK)
    return err;
  arena_reset (l->arena);
  err = row_decode (row, l->arena, &u);
  if (err != ERR_OK || u.record.kind != KIND_SUBMISSION)
    return err == ERR_OK ? ERR_DAMAGED : err;
  const submission_t *r = &u.record.u.submission;
  if (row->withdrawn || r->district != l->unit->id)
    return ERR_OK;
  office_submission_t s = {.period = r->period, .note = r->note, .nil = r->nil, .since = row->received};
  s.table = table_of_name (r->table);
  err = note (l, s.period, s.table);
  if (err == ERR_OK)
    err = outbox_state_of (l->o, l->txn, row, &sent);
  if (err == ERR_OK)
    err = answers_last (l->txn, ODB_ANSWER, row->ref.id, row->version, ANSWERS_ALL, &s.answer, &previous);
  if (err == ERR_OK)
    err = due_of (l->txn, ODB_DUE, s.period, s.table, l->unit->id, &s.due);
  if (err != ERR_OK)
    return err;
  s.state = state_of (sent, s.answer.state);
  buf_clear (&l->key);
  edits_key_text (&u.record, outbox_catalogue (l->o), &l->key);
  s.key = buf_str (&l->key);
  return l->fn (l->ctx, &s);
}

static err_t
owed (looking_t *l, str_t period, table_id_t table)
{
  office_submission_t s = {.period = period, .table = table, .state = OFFICE_TODO};
  if (is_known (l, period, table) || !table_expected (table, l->unit))
    return ERR_OK;
  err_t err = due_of (l->txn, ODB_DUE, period, table, l->unit->id, &s.due);
  if (err == ERR_OK)
    err = note (l, period, table);
  if (err != ERR_OK || s.due == 0)
    return err;
  buf_clear (&l->key);
  buf_printf (&l->key, "%.*s/%s/%.*s", STR_ARG (l->unit->known_as), table_name (table), STR_ARG (period));
  s.key = buf_str (&l->key);
  return l->fn (l->ctx, &s);
}

static err_t
due_row (void *ctx, const due_t *d)
{
  looking_t *l = ctx;
  err_t err = ERR_OK;
  if (d->unit != 0 && d->unit != l->unit->id)
    return ERR_OK;
  for (int t = TABLE_CONSULTING; err == ERR_OK && t < (int)TABLE_COUNT; t++)
    if (d->table == TABLE_NONE || d->table == (table_id_t)t)
      err = owed (l, d->period, (table_id_t)t);
  return err;
}

err_t
submissions_of_office (outbox_t *o, kv_txn_t *txn, office_submission_fn *fn, void *ctx)
{
  looking_t l = {.o = o, .txn = txn, .fn = fn, .ctx = ctx};
  l.unit = catalogue_unit (outbox_catalogue (o), outbox_identity (o)->unit);
  if (l.unit == NULL)
    return ERR_OK;
  l.arena = arena_new (UPDATE_ROOM);
  err_t err =
      l.arena != NULL ? book_each_of (outbox_book (o), txn, KIND_SUBMISSION, declared, &l) : ERR_NOMEM;
  if (err == ERR_OK)
    err = dues_each (txn, ODB_DUE, due_row, &l);
  arena_destroy (&l.arena);
  buf_free (&l.key);
  free (l.known);
  return err;
}

/* ---- as a table ---- */

typedef struct {
  table_t *t;
  bool people;
} showing_t;

static void
put_day (table_t *t, date_t day, bool people)
{
  buf_t text = BUF_INIT;
  day_put (day, people, &text);
  table_cell (t, buf_str (&text));
  buf_free (&text);
}

static void
put_time (table_t *t, wall_t at, bool people)
{
  buf_t text = BUF_INIT;
  wall_put (at, people, &text);
  table_cell (t, buf_str (&text));
  buf_free (&text);
}

static err_t
show_one (void *ctx, const office_submission_t *s)
{
  showing_t *v = ctx;
  const char *nil = v->people ? (s->nil ? L ("không phát sinh", "nil") : "") : s->nil ? "yes" : "no";
  table_row (v->t);
  table_cell (v->t, s->key);
  table_cell (v->t, str_of (v->people ? table_words (s->table) : table_name (s->table)));
  table_cell (v->t, s->period);
  table_cell (v->t, str_of (s->state == OFFICE_TODO ? "" : nil));
  table_cell (v->t, str_of (v->people ? office_state_words (s->state) : office_state_name (s->state)));
  put_time (v->t, s->since, v->people);
  put_day (v->t, s->due, v->people);
  put_time (v->t, s->answer.at, v->people);
  table_cell (v->t, s->answer.person);
  table_cell (v->t, s->answer.comment);
  return ERR_OK;
}

err_t
view_submissions (outbox_t *o, bool people, table_t *t)
{
  showing_t v = {t, people};
  kv_txn_t *txn = NULL;
  table_column (t, "submission", "Báo cáo", "Submission", COL_TEXT);
  table_column (t, "table", "Biểu", "Table", COL_TEXT);
  table_spare (t, 3);
  table_column (t, "period", "Kỳ", "Period", COL_TEXT);
  table_spare (t, 4);
  table_column (t, "nil", "Không phát sinh", "Nil", COL_TEXT);
  table_spare (t, 5);
  table_column (t, "state", "Tình trạng", "State", COL_TEXT);
  table_column (t, "since", "Nộp lúc", "Submitted", COL_TEXT);
  table_spare (t, 1);
  table_column (t, "due", "Hạn nộp", "Due", COL_TEXT);
  table_column (t, "answered", "Trả lời lúc", "Answered", COL_TEXT);
  table_spare (t, 2);
  table_column (t, "answered_by", "Người trả lời", "Answered by", COL_TEXT);
  table_spare (t, 2);
  table_column (t, "comment", "Lời nhắn của trung tâm", "The centre's words", COL_TEXT);
  err_t err = kv_begin (outbox_kv (o), false, &txn);
  if (err == ERR_OK)
    err = submissions_of_office (o, txn, show_one, &v);
  if (!people)
    table_sort (t);
  kv_abort (&txn);
  return err;
}
