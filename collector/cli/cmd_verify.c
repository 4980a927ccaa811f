/* cmd_verify.c - verify: 0 when all is right, 1 with each finding named. */
#include "collector/cli/commands.h"

#include "collector/ledger/verify.h"
#include "common/base/lang.h"

#include <stdio.h>

static void
found (void *ctx, const char *thing, str_t name, const char *what)
{
  table_t *t = ctx;
  table_row (t);
  table_cell (t, str_of (thing));
  table_cell (t, name);
  table_cell (t, str_of (what));
}

static void
progress (void *ctx, uint64_t done, uint64_t total)
{
  (void)ctx;
  progress_show (L ("kiểm tra nhật ký", "checking the log"), done, total);
}

int
cmd_verify (const args_t *a)
{
  ledger_t *l = NULL;
  fail_t fail = {0};
  verify_counts_t n;
  if (ledger_open_lenient (args_operand (a, 0), &l, &fail) != ERR_OK)
    return args_fail (a, &fail);
  table_t *t = table_new ();
  table_column (t, "thing", "Loại", "Thing", COL_TEXT);
  table_column (t, "name", "Tên", "Name", COL_TEXT);
  table_column (t, "finding", "Điều sai", "Finding", COL_TEXT);
  err_t err = verify_run (l, found, progress, t, &n);
  progress_show (NULL, UINT64_MAX, 0);
  ledger_close (&l);
  if (err != ERR_OK) {
    table_destroy (&t);
    return answer_err (a, err);
  }
  char position[POSITION_TEXT_MAX];
  position_format (n.at, position);
  bool people = args_format (a) == FORMAT_TABLE;
  if (people && n.findings == 0) {
    table_destroy (&t);
    printf (
        L ("Tốt. Vị trí %s: %llu mục nhật ký, %llu bản ghi, %llu dòng, %llu đầu dòng đã ký.\n",
           "All is right. Position %s: %llu log entries, %llu records, %llu streams, %llu signed heads.\n"),
        position, (unsigned long long)n.entries, (unsigned long long)n.records, (unsigned long long)n.streams,
        (unsigned long long)n.heads);
    return 0;
  }
  int code = answer_table (a, &t, ERR_OK, NULL);
  if (n.findings > 0)
    fprintf (stderr, L ("%s: %llu điều sai ở vị trí %s\n", "%s: %llu findings at position %s\n"),
             args_program (a)->program, (unsigned long long)n.findings, position);
  return code != 0 ? code : (n.findings > 0 ? 1 : 0);
}
