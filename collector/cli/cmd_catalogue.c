/* cmd_catalogue.c - catalogue show and import. */
#include "collector/cli/commands.h"

#include "common/base/lang.h"
#include "common/view/catalogue_read.h"

#include <stdio.h>

static int
show (const args_t *a, const char *dir)
{
  ledger_t *l = NULL;
  fail_t fail = {0};
  if (ledger_open (dir, true, &l, &fail) != ERR_OK)
    return args_fail (a, &fail);
  str_t bytes = catalogue_bytes (ledger_catalogue (l));
  bool ok = fwrite (bytes.p, 1, bytes.n, stdout) == bytes.n && fflush (stdout) == 0;
  ledger_close (&l);
  return ok ? 0 : answer_err (a, ERR_IO);
}

static int
import (const args_t *a, const char *dir, const char *path)
{
  buf_t file = BUF_INIT;
  fail_t fail = {0};
  int code;
  if (catalogue_read (path, &file, &fail) != ERR_OK) { /* said here, where the file's name is known */
    code = args_fail (a, &fail);
  } else {
    change_request_t r = {.operation = STR (CHANGE_CATALOGUE),
                          .person = str_of (args_person (a)),
                          .args = {buf_str (&file)},
                          .args_n = 1};
    code = change_ask (a, dir, &r);
  }
  buf_free (&file);
  return code;
}

int
cmd_catalogue (const args_t *a)
{
  str_t what = str_of (args_operand (a, 0));
  const char *dir = args_operand (a, 1), *file = args_operand (a, 2);
  if (str_is (what, "show") && file == NULL)
    return show (a, dir);
  if (str_is (what, "import") && file != NULL)
    return import (a, dir, file);
  return args_usage (a, L ("dùng: catalogue show DIR, hoặc catalogue import DIR FILE",
                           "use: catalogue show DIR, or catalogue import DIR FILE"));
}
