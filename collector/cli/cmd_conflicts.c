/* cmd_conflicts.c - conflicts, resolve: what two PCs changed to different values, and whom a person finds
 * right. */
#include "collector/cli/commands.h"

#include "collector/ledger/conflicts.h"
#include "common/base/lang.h"

#include <stdio.h>

static void
fill (const args_t *a, const conflict_row_t *row, size_t n, table_t *t)
{
  table_column (t, "code", "Mã", "Code", COL_TEXT);
  table_column (t, "field", "Cột", "Field", COL_TEXT);
  table_column (t, "current", "Đang đứng (current)", "Standing (current)", COL_TEXT);
  table_column (t, "parked", "Đang chờ (parked)", "Parked", COL_TEXT);
  table_column (t, "person", "Người ghi bên đang chờ", "Author of the parked side", COL_TEXT);
  table_column (t, "since", "Từ lúc", "Since", COL_TEXT);
  for (size_t i = 0; i < n; i++) {
    table_row (t);
    table_cell (t, row[i].code);
    table_cell (t, row[i].field);
    table_cell (t, row[i].current);
    table_cell (t, row[i].parked);
    table_cell (t, row[i].person);
    table_time (t, a, row[i].since);
  }
}

int
cmd_conflicts (const args_t *a)
{
  reading_t r;
  conflict_row_t *row = NULL;
  size_t n = 0;
  arena_t *arena = NULL;
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  arena = arena_new (SIZE_MAX / 4);
  table_t *t = table_new ();
  err_t err = arena != NULL ? conflicts_rows (r.l, r.txn, arena, &row, &n) : ERR_NOMEM;
  if (err == ERR_OK)
    fill (a, row, n, t);
  code = answer_table (a, &t, err, NULL);
  for (size_t i = 0; code == 0 && for_people (a) && i < n; i++)
    if (row[i].why.n > 0 && (i == 0 || row[i].lsn != row[i - 1].lsn))
      printf (L ("%.*s: ghép hai bên lại thì %.*s\n", "%.*s: put together, %.*s\n"), STR_ARG (row[i].code),
              STR_ARG (row[i].why));
  if (code == 0 && for_people (a) && n > 0)
    printf (L ("Giải quyết: kc-collector resolve %s MÃ current|parked|cột=giá trị --reason “…”\n",
               "Settle them with kc-collector resolve %s CODE current|parked|column=value --reason \"…\"\n"),
            args_operand (a, 0));
  arena_destroy (&arena);
  reading_close (&r);
  return code;
}

int
cmd_resolve (const args_t *a)
{
  const char *reason = args_value (a, "reason");
  change_request_t r = {.operation = STR (CHANGE_RESOLVE),
                        .person = str_of (args_person (a)),
                        .args = {str_of (args_operand (a, 1)), str_of (reason != NULL ? reason : "")},
                        .args_n = 2};
  if (args_count (a) < 3)
    return args_usage (a, L ("hãy nêu bên nào đúng: current, parked, hoặc cột=giá trị",
                             "say which side is right: current, parked, or column=value"));
  for (size_t i = 2; i < args_count (a); i++) {
    if (r.args_n == CHANGE_ARGS_MAX)
      return args_usage (a, L ("quá nhiều giá trị trong một lần", "too many values at once"));
    r.args[r.args_n++] = str_of (args_operand (a, i));
  }
  return change_ask (a, args_operand (a, 0), &r);
}
