/* Rows of argv against what the command saw and the exit code. Output goes to a scratch file. */
#include "common/base/lang.h"
#include "common/cli/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOT_RUN "(not run)"

static buf_t seen;

static void
see_option (const args_t *a, const char *name)
{
  const char *values[8];
  size_t n = args_values (a, name, values, 8);
  for (size_t i = 0; i < n; i++)
    buf_printf (&seen, " %s=%s", name, values[i] != NULL ? values[i] : "yes");
}

static int
run_import (const args_t *a)
{
  static const char *const formats[] = {"table", "csv", "json"};
  int64_t ms = 0;
  buf_clear (&seen);
  for (size_t i = 0; i < args_count (a); i++)
    buf_printf (&seen, "%s[%s]", i > 0 ? " " : "", args_operand (a, i));
  assert_null (args_operand (a, args_count (a)));
  see_option (a, "dry-run");
  see_option (a, "kind");
  see_option (a, "o");
  if (args_format (a) != FORMAT_TABLE)
    buf_printf (&seen, " %s%s", formats[args_format (a)], args_excel (a) ? "+excel" : "");
  if (!args_seconds (a, "timeout", 60000, &ms))
    return 2;
  if (ms != 60000)
    buf_printf (&seen, " %lldms", (long long)ms);
  if (args_flag (a, "as"))
    buf_printf (&seen, " by %s", args_person (a));
  return 0;
}

static int
run_fail (const args_t *a)
{
  fail_t fail = {.err = ERR_OK};
  (void)fail_set (&fail, ERR_DAMAGED, "%s", "damaged");
  return args_fail (a, &fail);
}

static int
run_report (const args_t *a)
{
  buf_clear (&seen);
  see_option (a, "format");
  return 0;
}

static const option_t import_options[] = {
    {"dry-run", NULL, false, "chỉ nói sẽ làm gì", "say what would be done"},
    {"kind", "KIND", true, "loại", "kind"},
    {"timeout", "SECONDS", false, "thời gian chờ", "how long"},
    {"locale", "plain|vi|en", false, "cách viết số", "how numbers are written"},
    {"o", "FILE", false, "tệp ra", "output file"},
    {NULL, NULL, false, NULL, NULL},
};
static const option_t report_options[] = {
    {"format", "xlsx|csv", false, "dạng", "form"},
    {NULL, NULL, false, NULL, NULL},
};
static const command_t commands[] = {
    {"import", "DIR FILE…", 2, OPERANDS_MANY, "Nhập tệp", "Imports files", import_options, run_import},
    {"status", "DIR", 1, 1, "Tình trạng", "State", NULL, run_fail},
    {"report", "DIR", 1, 1, "Báo cáo", "Report", report_options, run_report},
    {NULL, NULL, 0, 0, NULL, NULL, NULL, NULL},
};
static const program_t program = {"kc-test", "1.2", "Chương trình thử", "A program to test", commands};

static char *
slurp (FILE *f)
{
  static char text[65536];
  rewind (f);
  size_t n = fread (text, 1, sizeof text - 1, f);
  text[n] = '\0';
  return text;
}

/* Splits at spaces, runs, returns the exit code; what was printed goes to *out (static). */
static int
run (const char *line, const char **out)
{
  char words[1024];
  char *argv[64];
  int argc = 0;
  snprintf (words, sizeof words, "kc-test %s", line);
  for (char *save = NULL, *w = strtok_r (words, " ", &save); w != NULL; w = strtok_r (NULL, " ", &save))
    argv[argc++] = strcmp (w, "''") == 0 ? w + 2 : w;
  argv[argc] = NULL;
  FILE *scratch = tmpfile ();
  assert_non_null (scratch);
  fflush (stdout);
  fflush (stderr);
  int kept_out = dup (1), kept_err = dup (2);
  dup2 (fileno (scratch), 1);
  dup2 (fileno (scratch), 2);
  buf_clear (&seen);
  buf_puts (&seen, NOT_RUN);
  int code = args_main (&program, argc, argv);
  fflush (stdout);
  dup2 (kept_out, 1);
  dup2 (kept_err, 2);
  close (kept_out);
  close (kept_err);
  *out = slurp (scratch);
  fclose (scratch);
  return code;
}

static const struct {
  const char *line;
  int code;
  const char *seen;  /* by the command */
  const char *words; /* somewhere in the output; NULL: any */
} rows[] = {
    {"import d f", 0, "[d] [f]", ""},
    {"import d f g h", 0, "[d] [f] [g] [h]", NULL},
    {"import --dry-run d f", 0, "[d] [f] dry-run=yes", NULL},
    {"import d --dry-run f", 0, "[d] [f] dry-run=yes", NULL},
    {"import d f --dry-run", 0, "[d] [f] dry-run=yes", NULL},
    {"import d --kind=scheme f", 0, "[d] [f] kind=scheme", NULL},
    {"import d --kind scheme f", 0, "[d] [f] kind=scheme", NULL},
    {"import d --kind a --kind b f", 0, "[d] [f] kind=a kind=b", NULL},
    {"import d --kind= f", 0, "[d] [f] kind=", NULL},
    {"import d --kind --dry-run f", 0, "[d] [f] kind=--dry-run", NULL},
    {"import d -o x f", 0, "[d] [f] o=x", NULL},
    {"import d -ox f", 0, "[d] [f] o=x", NULL},
    {"import d -- --dry-run", 0, "[d] [--dry-run]", NULL},
    {"import -- d f --kind", 0, "[d] [f] [--kind]", NULL},
    {"import d -", 0, "[d] [-]", NULL},
    {"import d f --format csv", 0, "[d] [f] csv", NULL},
    {"import d f --format=json", 0, "[d] [f] json", NULL},
    {"import d f --format csv --excel", 0, "[d] [f] csv+excel", NULL},
    {"import d f --excel", 0, "[d] [f] csv+excel", NULL},
    {"import d f --timeout 5", 0, "[d] [f] 5000ms", NULL},
    {"import d f --timeout 0", 0, "[d] [f] 0ms", NULL},
    {"import d f --as Lan", 0, "[d] [f] by Lan", NULL},
    {"--lang en import d f", 0, "[d] [f]", NULL},
    {"--lang=vi import d f", 0, "[d] [f]", NULL},
    {"import d f --as Lê\xCC\x81", 0, "[d] [f] by Lế", NULL},
    {"report d --format xlsx", 0, " format=xlsx", NULL},
    {"status d", 5, NOT_RUN, "kc-test: damaged"},
    {"", 2, NOT_RUN, "Các lệnh:"},
    {"import", 2, NOT_RUN, "thiếu DIR"},
    {"import d", 2, NOT_RUN, "thiếu FILE…"},
    {"import d ''", 2, NOT_RUN, "FILE… để trống"},
    {"status d e", 2, NOT_RUN, "thừa “e”"},
    {"imprt d f", 2, NOT_RUN, "có phải “import” không"},
    {"quux", 2, NOT_RUN, "không có lệnh “quux”"},
    {"import d f --knd x", 2, NOT_RUN, "có phải “--kind” không"},
    {"import d f --knd x", 2, NOT_RUN, "kc-test import --help"},
    {"import d f --quux", 2, NOT_RUN, "không có lựa chọn “--quux”"},
    {"--quux import d f", 2, NOT_RUN, "không có lựa chọn “--quux”"},
    {"--dry-run import d f", 2, NOT_RUN, "không có lựa chọn “--dry-run”"},
    {"status d --dry-run", 2, NOT_RUN, "không có lựa chọn “--dry-run”"},
    {"import d f -x", 2, NOT_RUN, "không có lựa chọn “-x”"},
    {"import d f --kind", 2, NOT_RUN, "“--kind” cần một giá trị (KIND)"},
    {"import d f -o", 2, NOT_RUN, "“-o” cần một giá trị (FILE)"},
    {"import d f --dry-run=yes", 2, NOT_RUN, "không nhận giá trị"},
    {"import d f --format xml", 2, NOT_RUN, "table, csv và json"},
    {"import d f --format json --excel", 2, NOT_RUN, "--format csv"},
    {"import d f --lang fr", 2, NOT_RUN, "chỉ có vi và en"},
    {"import d f --timeout soon", 2, "[d] [f]", "cần số giây nguyên"},
    {"import d f --timeout -1", 2, "[d] [f]", "cần số giây nguyên"},
    {"import d f --timeout 99999999", 2, "[d] [f]", "cần số giây nguyên"},
    {"import d f --as ''", 2, NOT_RUN, "cần tên người"},
    {"import d f --as \xFF", 2, NOT_RUN, "cần tên người"},
    {"import d f --as \x07", 2, NOT_RUN, "cần tên người"},
    {"--lang en import d", 2, NOT_RUN, "import: FILE… is missing"},
    {"import d --lang en", 2, NOT_RUN, "import: FILE… is missing"},
    {"--help", 0, NOT_RUN, "import DIR FILE…"},
    {"--help --lang en", 0, NOT_RUN, "A program to test"},
    {"--version", 0, NOT_RUN, "kc-test 1.2\n"},
    {"import --help", 0, NOT_RUN, "--locale plain|vi|en"},
    {"import --help", 0, NOT_RUN, "Lựa chọn chung:"},
    {"import d f --help", 0, NOT_RUN, "Cách dùng: kc-test import DIR FILE…"},
    {"--help-man", 0, NOT_RUN, ".SS \"import DIR FILE…\"\nNhập tệp\n.TP\n.B \\-\\-dry\\-run\n"},
    {"--help-man --lang en", 0, NOT_RUN, ".SH \"EXIT STATUS\""},
    {"--completion bash", 0, NOT_RUN, "complete -o default -F _kc_test kc-test"},
    {"--completion bash", 0, NOT_RUN, "--locale) COMPREPLY=($(compgen -W 'plain vi en'"},
    {"--completion zsh", 2, NOT_RUN, "chỉ có bash"},
};

static void
check_rows (void)
{
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const char *out = NULL;
    int code = run (rows[i].line, &out);
    bool good = code == rows[i].code && strcmp (buf_z (&seen), rows[i].seen) == 0 &&
                (rows[i].words == NULL || strstr (out, rows[i].words) != NULL);
    if (!good)
      fail_msg ("kc-test %s: exit %d, saw \"%s\", printed:\n%s", rows[i].line, code, buf_z (&seen), out);
  }
}

static void
test_rows (void **state)
{
  (void)state;
  check_rows ();
}

/* Options and operands mix whatever the environment asks of getopt. */
static void
test_rows_posixly_correct (void **state)
{
  (void)state;
  setenv ("POSIXLY_CORRECT", "1", 1);
  check_rows ();
  unsetenv ("POSIXLY_CORRECT");
}

static void
test_answers_that_cannot_be_written (void **state)
{
  (void)state;
  char *argv[] = {(char[]){"kc-test"}, (char[]){"--help"}, NULL};
  fflush (stdout);
  int kept = dup (1), kept_err = dup (2);
  FILE *full = fopen ("/dev/full", "w"), *null = fopen ("/dev/null", "w");
  assert_non_null (full);
  assert_non_null (null);
  dup2 (fileno (full), 1);
  dup2 (fileno (null), 2);
  int code = args_main (&program, 2, argv);
  clearerr (stdout);
  dup2 (kept, 1);
  dup2 (kept_err, 2);
  close (kept);
  close (kept_err);
  fclose (full);
  fclose (null);
  assert_int_equal (code, 5);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (test_rows),
      cmocka_unit_test (test_rows_posixly_correct),
      cmocka_unit_test (test_answers_that_cannot_be_written),
  };
  unsetenv ("POSIXLY_CORRECT");
  setenv ("LC_ALL", "C", 1);
  int failed = cmocka_run_group_tests (tests, NULL, NULL);
  buf_free (&seen);
  return failed;
}
