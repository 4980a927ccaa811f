/* cmd_submit.c - submit, submissions. */
#include "agent/cli/commands.h"

#include "agent/entry/submit.h"
#include "agent/entry/views.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <inttypes.h>
#include <stdio.h>

#define SUBMIT_BUDGET ((size_t)8 << 20)

static void
say_sum (table_id_t table, const table_sum_t *s, FILE *out)
{
  buf_t plain = BUF_INIT, grouped = BUF_INIT;
  buf_printf (&plain, "%" PRId64, s->amount_vnd);
  table_group_digits (buf_str (&plain), &grouped);
  fprintf (out, L ("Trong biểu có %" PRIu64 " %s", "The table holds %" PRIu64 " %s"), s->records,
           noun_of (s->records, "bản ghi", "record", "records"));
  if (table == TABLE_BUDGET)
    fprintf (out, L (", %" PRIu64 " %s, hỗ trợ %s đồng", ", %" PRIu64 " %s, support %s VND"), s->counting,
             noun_of (s->counting, "đề án được tính", "scheme counts", "schemes count"), buf_z (&grouped));
  if (table == TABLE_CONSULTING)
    fprintf (out, L (", doanh thu %s đồng", ", revenue %s VND"), buf_z (&grouped));
  fprintf (out, ".\n");
  buf_free (&plain);
  buf_free (&grouped);
}

static void
say_submitted (const declaration_t *d, const submit_result_t *r, FILE *out)
{
  if (!d->nil)
    say_sum (d->table, &r->sum, out);
  const char *what = "";
  switch (r->what) {
  case SUBMITTED_UNCHANGED:
    what = L ("đã nộp từ trước, không có gì thay đổi", "was submitted before, nothing has changed");
    break;
  case SUBMITTED_FIRST:
    what = d->nil ? L ("đã ghi không phát sinh; sẽ gửi ở lần liên lạc tới",
                       "saved as nil; it goes with the next contact")
                  : L ("đã ghi nộp; sẽ gửi ở lần liên lạc tới", "saved; it goes with the next contact");
    break;
  case SUBMITTED_ANEW:
    what = L ("đã ghi nộp lại; sẽ gửi ở lần liên lạc tới",
              "saved as submitted anew; it goes with the next contact");
    break;
  }
  fprintf (out, "%.*s: %s\n", STR_ARG (r->key), what);
}

int
cmd_submit (const args_t *a)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  submit_result_t result = {.what = SUBMITTED_UNCHANGED};
  declaration_t d = {.table = table_of_name (str_of (args_operand (a, 1))),
                     .period = str_of (args_operand (a, 2)),
                     .nil = args_flag (a, "nil"),
                     .note = str_of (args_value (a, "note")),
                     .person = str_of (args_person (a))};
  if (d.table == TABLE_NONE)
    return args_usage (
        a,
        L ("không có biểu “%s”; dùng consulting, outcomes, budget, documents, staff hoặc 1..5",
           "there is no table \"%s\"; use consulting, outcomes, budget, documents, staff or 1..5"),
        args_operand (a, 1));
  int code = store_open (a, false, true, &o);
  if (code != 0)
    return code;
  arena_t *arena = arena_new (SUBMIT_BUDGET);
  err_t err = arena != NULL ? submit_table (o, &d, clock_wall (), arena, &result, &fail) : ERR_NOMEM;
  if (err == ERR_OK)
    say_submitted (&d, &result, args_words (a));
  else
    code = answer_fail (a, err, &fail);
  arena_destroy (&arena);
  outbox_close (&o);
  return code;
}

int
cmd_submissions (const args_t *a)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  int code = store_open (a, true, true, &o);
  if (code != 0)
    return code;
  table_t *t = table_new ();
  err_t err = t != NULL ? view_submissions (o, for_people (a), t) : ERR_NOMEM;
  code = answer (a, &t, err, &fail, NULL);
  outbox_close (&o);
  return code;
}
