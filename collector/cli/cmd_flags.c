/* cmd_flags.c - flags, answer: what is in doubt, and why it is right all the same. */
#include "collector/cli/commands.h"

#include "collector/ledger/flags.h"
#include "common/base/lang.h"
#include "common/core/period.h"
#include "common/platform/platform.h"
#include "common/view/flags_view.h"

#include <stdio.h>

int
cmd_answer (const args_t *a)
{
  const char *reason = args_value (a, "reason");
  change_request_t r = {.operation = STR (CHANGE_FLAG),
                        .person = str_of (args_person (a)),
                        .args = {str_of (args_operand (a, 1)), str_of (reason != NULL ? reason : "")},
                        .args_n = 2};
  return change_ask (a, args_operand (a, 0), &r);
}

typedef struct {
  const args_t *a;
  reading_t r;
  bool people;
  flags_asked_t asked;
} asking_t;

static int
list (asking_t *k)
{
  flag_list_t l;
  fail_t fail = {0};
  table_t *t = table_new ();
  err_t err = flags_list (ledger_book (k->r.l), k->r.txn, DB_FLAG, k->r.c, SCOPE_PROVINCE, &l);
  if (err == ERR_OK)
    err = flags_view (k->a, &l, &k->asked, t, &fail);
  if (fail.err != ERR_OK) {
    table_destroy (&t);
    flag_list_free (&l);
    return args_fail (k->a, &fail);
  }
  int code = answer_table (k->a, &t, err, NULL);
  if (code == 0 && k->people)
    printf (L ("%zu %s, %zu chờ trả lời: kc-collector answer %s FLAG --reason “…”\n",
               "%zu %s, %zu open: kc-collector answer %s FLAG --reason \"…\"\n"),
            k->asked.rows, noun_of (k->asked.rows, "cảnh báo", "flag", "flags"), k->asked.open,
            args_operand (k->a, 0));
  flag_list_free (&l);
  return code;
}

/* ---- one flag's history ---- */

typedef struct {
  const asking_t *k;
  table_t *t;
} telling_t;

static err_t
event_line (void *ctx, const flag_row_t *r)
{
  telling_t *x = ctx;
  table_row (x->t);
  table_time (x->t, x->k->a, r->at);
  table_cell (x->t, str_of (x->k->people ? flag_event_words (r->event) : flag_event_name (r->event)));
  table_cell (x->t, office_code (x->k->r.c, r->unit));
  table_cell (x->t, r->key);
  table_cell (x->t, r->person);
  table_cell (x->t, r->reason);
  return ERR_OK;
}

static int
history (const asking_t *k, const char *flag)
{
  telling_t x = {k, table_new ()};
  table_column (x.t, "at", "Lúc", "At", COL_TEXT);
  table_column (x.t, "event", "Việc", "Event", COL_TEXT);
  table_column (x.t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (x.t, "code", "Bản ghi", "Record", COL_TEXT);
  table_column (x.t, "person", "Người trả lời", "Answered by", COL_TEXT);
  table_column (x.t, "answer", "Trả lời", "Answer", COL_TEXT);
  err_t err = flag_rows_each (k->r.txn, DB_FLAG, str_of (flag), event_line, &x);
  return answer_table (k->a, &x.t, err, flag);
}

int
cmd_flags (const args_t *a)
{
  asking_t k = {.a = a, .people = args_format (a) == FORMAT_TABLE, .asked.today = day_of (clock_wall ())};
  const char *office = args_value (a, "office"), *flag = args_value (a, "history");
  fail_t fail = {0};
  int code = reading_open (a, &k.r);
  if (code == 0 && office != NULL &&
      (k.asked.office = catalogue_unit_by_code (k.r.c, str_of (office))) == NULL) {
    fail_set (&fail, ERR_INPUT,
              L ("danh mục không có đơn vị mã “%s”; xem kc-collector offices DIR",
                 "the catalogue has no office with code \"%s\"; see kc-collector offices DIR"),
              office);
    code = args_fail (a, &fail);
  }
  if (code == 0)
    code = flag != NULL && *flag != '\0' ? history (&k, flag) : list (&k);
  reading_close (&k.r);
  return code;
}
