/* cmd_periods.c - due, dues, submissions, accept, return, completeness. */
#include "collector/cli/commands.h"

#include "collector/ledger/submissions.h"
#include "common/base/lang.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- changes ---- */

static int
answer (const args_t *a, const char *what)
{
  const char *comment = args_value (a, "comment");
  change_request_t r = {
      .operation = STR (CHANGE_ANSWER),
      .person = str_of (args_person (a)),
      .args = {str_of (args_operand (a, 1)), str_of (what), str_of (comment != NULL ? comment : "")},
      .args_n = 3};
  return change_ask (a, args_operand (a, 0), &r);
}

int
cmd_accept (const args_t *a)
{
  return answer (a, "accepted");
}

int
cmd_return (const args_t *a)
{
  return answer (a, "returned");
}

int
cmd_due (const args_t *a)
{
  const char *table = args_value (a, "table"), *office = args_value (a, "office");
  change_request_t r = {.operation = STR (CHANGE_DUE),
                        .person = str_of (args_person (a)),
                        .args = {str_of (args_operand (a, 1)), str_of (args_operand (a, 2)),
                                 str_of (table != NULL ? table : ""), str_of (office != NULL ? office : "")},
                        .args_n = 4};
  return change_ask (a, args_operand (a, 0), &r);
}

/* ---- lists ---- */

typedef struct {
  const args_t *a;
  reading_t r;
  table_t *t;
} listing_t;

static err_t
due_line (void *ctx, const due_t *d)
{
  listing_t *s = ctx;
  bool people = for_people (s->a);
  table_row (s->t);
  table_cell (s->t, d->period);
  table_table (s->t, s->a, d->table);
  table_cell (s->t, d->unit != 0 ? office_code (s->r.c, d->unit)
                                 : str_of (people ? L ("mọi đơn vị", "every office") : ""));
  table_day (s->t, s->a, d->date);
  table_time (s->t, s->a, d->set);
  table_cell (s->t, d->person);
  return ERR_OK;
}

int
cmd_dues (const args_t *a)
{
  listing_t s = {.a = a};
  int code = reading_open (a, &s.r);
  if (code != 0)
    return code;
  s.t = table_new ();
  table_column (s.t, "period", "Kỳ", "Period", COL_TEXT);
  table_column (s.t, "table", "Biểu", "Table", COL_TEXT);
  table_column (s.t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (s.t, "due", "Hạn nộp", "Due", COL_TEXT);
  table_column (s.t, "set", "Đặt lúc", "Set", COL_TEXT);
  table_spare (s.t, 2);
  table_column (s.t, "person", "Người đặt", "Person", COL_TEXT);
  table_spare (s.t, 1);
  err_t err = dues_each (s.r.txn, DB_DUE, due_line, &s);
  if (!for_people (a))
    table_sort (s.t);
  code = answer_table (a, &s.t, err, NULL);
  reading_close (&s.r);
  return code;
}

static err_t
submission_line (void *ctx, const submission_row_t *r)
{
  listing_t *s = ctx;
  bool people = for_people (s->a), answered = r->answer.state != ANSWER_NONE;
  const answer_t *last = answered ? &r->answer : &r->previous;
  table_row (s->t);
  table_cell (s->t, r->key);
  table_cell (s->t, office_code (s->r.c, r->office));
  table_table (s->t, s->a, r->table);
  table_cell (s->t, r->period);
  table_cell (s->t, str_of (people ? (r->nil ? L ("không phát sinh", "nil") : "") : r->nil ? "yes" : "no"));
  table_cell (s->t, str_of (people ? answer_words (r->answer.state) : answer_name (r->answer.state)));
  table_time (s->t, s->a, r->received);
  table_printf (s->t, "%u", (unsigned)r->revision);
  table_cell (s->t, r->person);
  table_time (s->t, s->a, last->at);
  table_cell (s->t, last->person);
  table_cell (s->t, last->comment);
  table_cell (s->t, r->note);
  return ERR_OK;
}

int
cmd_submissions (const args_t *a)
{
  listing_t s = {.a = a};
  period_t p;
  char period[PERIOD_TEXT_MAX];
  int code = reading_open (a, &s.r);
  if (code == 0)
    code = option_period (a, s.r.c, &p, period);
  if (code != 0)
    goto done;
  s.t = table_new ();
  table_column (s.t, "submission", "Báo cáo", "Submission", COL_TEXT);
  table_column (s.t, "office", "Đơn vị", "Office", COL_TEXT);
  table_spare (s.t, 5);
  table_column (s.t, "table", "Biểu", "Table", COL_TEXT);
  table_spare (s.t, 5);
  table_column (s.t, "period", "Kỳ", "Period", COL_TEXT);
  table_spare (s.t, 5);
  table_column (s.t, "nil", "Không phát sinh", "Nil", COL_TEXT);
  table_spare (s.t, 4);
  table_column (s.t, "state", "Tình trạng", "State", COL_TEXT);
  table_column (s.t, "received", "Nhận lúc", "Received", COL_TEXT);
  table_column (s.t, "revision", "Lần nộp", "Revision", COL_NUMBER);
  table_spare (s.t, 3);
  table_column (s.t, "person", "Người nộp", "Person", COL_TEXT);
  table_spare (s.t, 3);
  table_column (s.t, "answered", "Trả lời lúc", "Answered", COL_TEXT);
  table_spare (s.t, 2);
  table_column (s.t, "answered_by", "Người trả lời", "Answered by", COL_TEXT);
  table_spare (s.t, 2);
  table_column (s.t, "comment", "Lời nhắn", "Comment", COL_TEXT);
  table_column (s.t, "note", "Ghi chú của đơn vị", "Office's note", COL_TEXT);
  table_spare (s.t, 1);
  err_t err = submissions_each (s.r.l, s.r.txn, str_of (period), SUBMISSIONS_NOW, submission_line, &s);
  if (!for_people (a))
    table_sort (s.t);
  code = answer_table (a, &s.t, err, NULL);
done:
  reading_close (&s.r);
  return code;
}

/* ---- who is behind ---- */

static int
behind_first (const void *x, const void *y)
{
  const complete_row_t *a = x, *b = y;
  if (a->state != b->state)
    return a->state < b->state ? -1 : 1;
  int c = a->unit != NULL && b->unit != NULL ? str_cmp (a->unit->known_as, b->unit->known_as) : 0;
  return c != 0 ? c : (a->table > b->table) - (a->table < b->table);
}

static void
complete_columns (table_t *t, bool people)
{
  table_column (t, "office", "Đơn vị", "Office", COL_TEXT);
  if (people)
    table_column (t, "name", "Tên", "Name", COL_TEXT);
  table_column (t, "table", "Biểu", "Table", COL_TEXT);
  table_column (t, "state", "Tình trạng", "State", COL_TEXT);
  table_column (t, "due", "Hạn nộp", "Due", COL_TEXT);
  table_column (t, "received", "Nhận lúc", "Received", COL_TEXT);
  if (people) {
    table_column (t, "records", "Số bản ghi", "Records", COL_NUMBER);
    table_spare (t, 1);
    table_column (t, "since", "Đổi sau khi nộp", "Changed since", COL_NUMBER);
  }
}

static void
complete_line (table_t *t, const args_t *a, const catalogue_t *c, const complete_row_t *r)
{
  bool people = for_people (a);
  table_row (t);
  table_cell (t, r->unit != NULL ? r->unit->known_as : office_code (c, r->office));
  if (people)
    table_cell (t, r->unit == NULL ? STR ("") : r->unit->name);
  table_table (t, a, r->table);
  table_cell (t, str_of (people ? complete_words (r->state) : complete_name (r->state)));
  table_day (t, a, r->due);
  table_time (t, a, r->received);
  if (!people)
    return;
  table_printf (t, "%" PRIu64, r->records);
  if (r->since > 0)
    table_printf (t, "%" PRIu64, r->since);
  else
    table_cell (t, STR (""));
}

/* Whole per cent, rounded down: 100 stands for all. */
static void
summary (const completeness_t *c)
{
  uint64_t of[COMPLETE_COUNT] = {0}, beyond = 0;
  for (size_t i = 0; i < c->n; i++) {
    beyond += !c->rows[i].asked;
    if (c->rows[i].asked)
      of[c->rows[i].state]++;
  }
  printf (L ("Đã nộp %" PRIu64 "/%" PRIu64 " biểu (%" PRIu64 " %%): %" PRIu64 " đã chấp nhận, %" PRIu64
             " nộp muộn; còn %" PRIu64 " chưa nộp, %" PRIu64 " phải nộp lại.\n",
             "Submitted %" PRIu64 "/%" PRIu64 " tables (%" PRIu64 " %%): %" PRIu64 " accepted, %" PRIu64
             " late; %" PRIu64 " not submitted, %" PRIu64 " to be submitted again.\n"),
          c->done, c->asked, c->asked > 0 ? c->done * 100 / c->asked : 100, of[COMPLETE_ACCEPTED],
          of[COMPLETE_LATE], of[COMPLETE_MISSING] + of[COMPLETE_PARTIAL], of[COMPLETE_RETURNED]);
  if (beyond > 0)
    printf (L ("Ngoài ra %" PRIu64 " biểu của đơn vị không phải nộp kỳ này.\n",
               "Beside these, %" PRIu64 " of offices not asked for this period.\n"),
            beyond);
}

int
cmd_completeness (const args_t *a)
{
  reading_t r;
  period_t p;
  char period[PERIOD_TEXT_MAX];
  buf_t title = BUF_INIT;
  completeness_t c = {.rows = NULL};
  if (args_value (a, "period") == NULL)
    return args_usage (
        a, L ("thiếu --period, ví dụ --period 2020-Q2", "--period is missing, such as --period 2020-Q2"));
  int code = reading_open (a, &r);
  if (code == 0)
    code = option_period (a, r.c, &p, period);
  if (code != 0)
    goto done;
  table_t *t = table_new ();
  err_t err = submissions_completeness (r.l, r.txn, &p, &c);
  complete_columns (t, for_people (a));
  if (err == ERR_OK && for_people (a) && c.n > 0)
    qsort (c.rows, c.n, sizeof *c.rows, behind_first);
  for (size_t i = 0; err == ERR_OK && i < c.n; i++)
    complete_line (t, a, r.c, &c.rows[i]);
  period_words (&p, &title);
  code = answer_table (a, &t, err, buf_z (&title));
  if (code == 0 && for_people (a)) {
    summary (&c);
    say_since_closing (a, &r, str_of (period));
  }
done:
  completeness_free (&c);
  buf_free (&title);
  reading_close (&r);
  return code;
}
