/* cmd_flags.c - flags, answer: what is in doubt, and why it is right all the same. */
#include "collector/cli/commands.h"

#include "collector/ledger/flags.h"
#include "common/base/lang.h"

#include <stdio.h>
#include <stdlib.h>

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

/* ---- the list ---- */

typedef struct {
  const args_t *a;
  reading_t r;
  bool people;
  const char *check;
  const unit_t *office;
} asking_t;

static bool
wanted (const asking_t *k, const flag_t *f, size_t *side)
{
  bool concerned = k->office == NULL;
  *side = 0;
  for (size_t i = f->records_n; i > 0; i--)
    if (k->office != NULL && f->record[i - 1].unit == k->office->id) {
      concerned = true;
      *side = i - 1;
    }
  return concerned && (k->check == NULL || str_is (f->check, k->check)) &&
         (f->state != FLAG_RESOLVED || args_flag (k->a, "all")) &&
         (f->state == FLAG_OPEN || !args_flag (k->a, "open"));
}

static int
by_name (const void *x, const void *y)
{
  return str_cmp (((const flag_t *)x)->flag, ((const flag_t *)y)->flag);
}

static void
columns (table_t *t)
{
  table_column (t, "flag", "Cảnh báo", "Flag", COL_TEXT);
  table_column (t, "check", "Phép kiểm", "Check", COL_TEXT);
  table_column (t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (t, "codes", "Bản ghi", "Records", COL_TEXT);
  table_column (t, "since", "Từ", "Since", COL_TEXT);
  table_spare (t, 3);
  table_column (t, "state", "Tình trạng", "State", COL_TEXT);
  table_column (t, "words", "Nội dung", "What is in doubt", COL_TEXT);
  table_column (t, "answer", "Trả lời", "Answer", COL_TEXT);
  table_spare (t, 1);
  table_column (t, "person", "Người trả lời", "Answered by", COL_TEXT);
  table_spare (t, 2);
  table_column (t, "severity", "Mức", "Severity", COL_TEXT);
  table_spare (t, 4);
}

static void
joined (const asking_t *k, const flag_t *f, buf_t *offices, buf_t *codes)
{
  for (size_t i = 0; i < f->records_n; i++) {
    str_t code = office_code (k->r.c, f->record[i].unit);
    if (i == 0 || f->record[i].unit != f->record[0].unit)
      buf_printf (offices, "%s%.*s", i > 0 ? ";" : "", STR_ARG (code));
    buf_printf (codes, "%s%.*s", i > 0 ? ";" : "", STR_ARG (f->record[i].key));
  }
}

static void
line (const asking_t *k, const flag_t *f, size_t side, table_t *t)
{
  buf_t offices = BUF_INIT, codes = BUF_INIT, words = BUF_INIT;
  joined (k, f, &offices, &codes);
  if (f->what != NULL)
    check_words (f->what, f->record[side].arguments, &words);
  table_row (t);
  table_cell (t, f->flag);
  table_cell (t, f->check);
  table_cell (t, buf_str (&offices));
  table_cell (t, buf_str (&codes));
  table_time (t, k->a, f->since);
  table_cell (t, str_of (k->people ? flag_state_words (f->state) : flag_state_name (f->state)));
  table_cell (t, buf_str (&words));
  table_cell (t, f->reason);
  table_cell (t, f->person);
  table_cell (t, str_of (k->people ? severity_words (f->severity) : severity_name (f->severity)));
  buf_free (&offices);
  buf_free (&codes);
  buf_free (&words);
}

/* What the list does not hold must not pass unseen. */
static void
say_limits (const flag_list_t *l)
{
  str_t id;
  for (size_t i = 0; (id = checks_unknown (l->checks, i)).p != NULL; i++)
    fprintf (stderr,
             L ("phép kiểm “%.*s” của danh mục thuộc loại mà phiên bản này chưa biết; bỏ qua\n",
                "check \"%.*s\" of the catalogue is of a kind this version does not know; stepped over\n"),
             STR_ARG (id));
  if (l->dropped > 0)
    fprintf (stderr,
             L ("còn %zu cảnh báo nữa không nêu; hãy xử lý những cảnh báo trên trước\n",
                "%zu more are not listed; settle those above first\n"),
             l->dropped);
}

static int
list (asking_t *k)
{
  flag_list_t l;
  size_t side, open = 0;
  table_t *t = table_new ();
  columns (t);
  err_t err = flags_list (k->r.txn, k->r.c, &l);
  if (err == ERR_OK && !k->people && l.n > 1)
    qsort (l.at, l.n, sizeof *l.at, by_name);
  for (size_t i = 0; err == ERR_OK && i < l.n; i++)
    if (wanted (k, &l.at[i], &side)) {
      open += l.at[i].state == FLAG_OPEN;
      line (k, &l.at[i], side, t);
    }
  size_t rows = err == ERR_OK ? table_rows (t) : 0;
  int code = answer_table (k->a, &t, err, NULL);
  if (code == 0)
    say_limits (&l);
  if (code == 0 && k->people)
    printf (L ("%zu cảnh báo, %zu chờ trả lời: kc-collector answer %s FLAG --reason “…”\n",
               "%zu flags, %zu open: kc-collector answer %s FLAG --reason \"…\"\n"),
            rows, open, args_operand (k->a, 0));
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
  asking_t k = {.a = a, .people = args_format (a) == FORMAT_TABLE, .check = args_value (a, "check")};
  const char *office = args_value (a, "office"), *flag = args_value (a, "history");
  fail_t fail = {0};
  int code = reading_open (a, &k.r);
  if (code == 0 && office != NULL && (k.office = catalogue_unit_by_code (k.r.c, str_of (office))) == NULL) {
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
