/* Workbooks as bytes: the same calls the same bytes, and text that would break a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/platform/platform.h"
#include "common/sheet/xlsx_out.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT(rows) (sizeof (rows) / sizeof (rows)[0])
#define T(literal)                                                                                           \
  {                                                                                                          \
    (literal), sizeof (literal) - 1                                                                          \
  }
#define BAD "\xEF\xBF\xBD"

static void
one_workbook (wall_t created, buf_t *out)
{
  fail_t fail = {.err = ERR_OK};
  xlsx_out_t *x = xlsx_out_new (created, "Phụ lục", &fail);
  assert_non_null (x);
  lxw_worksheet *sheet = workbook_add_worksheet (xlsx_out_workbook (x), "Biểu");
  assert_int_equal (worksheet_write_string (sheet, 0, 0, xlsx_out_text (x, STR ("Đề án")), NULL),
                    LXW_NO_ERROR);
  assert_int_equal (xlsx_out_finish (x, out, &fail), ERR_OK);
  xlsx_out_destroy (&x);
  assert_null (x);
}

static void
same_bytes (void **state)
{
  (void)state;
  buf_t one = BUF_INIT, two = BUF_INIT, other = BUF_INIT;
  const wall_t at = {INT64_C (1588000000000)};
  setenv ("TZ", "Asia/Ho_Chi_Minh", 1);
  tzset ();
  one_workbook (at, &one);
  setenv ("TZ", "America/New_York", 1);
  tzset ();
  one_workbook (at, &two);
  one_workbook ((wall_t){at.ms + 86400000}, &other);
  unsetenv ("TZ");
  assert_true (one.n > 1000 && memcmp (one.p, "PK", 2) == 0);
  assert_true (str_eq (buf_str (&one), buf_str (&two)));
  assert_false (str_eq (buf_str (&one), buf_str (&other)));
  buf_free (&one);
  buf_free (&two);
  buf_free (&other);
}

static void
times_long_ago (void **state)
{
  (void)state;
  buf_t one = BUF_INIT, two = BUF_INIT;
  one_workbook ((wall_t){0}, &one); /* never: not the time of writing */
  one_workbook ((wall_t){1000}, &two);
  assert_true (str_eq (buf_str (&one), buf_str (&two)));
  buf_free (&one);
  buf_free (&two);
}

static void
texts (void **state)
{
  (void)state;
  static const struct {
    str_t text;
    const char *cell;
  } rows[] = {
      {{NULL, 0}, ""},
      {T (""), ""},
      {T ("Đề án\nhai dòng"), "Đề án\nhai dòng"},
      {T ("x\xFFy"), "x" BAD "y"},
      {T ("x\xEF\xBF\xBEy"), "x" BAD "y"}, /* U+FFFE */
      {T ("x\x01y"), "x" BAD "y"},
      {T ("x\0y"), "x" BAD "y"},
      {T ("\xED\xA0\x80"), BAD},  /* a surrogate */
      {T ("x\xE1\xBB"), "x" BAD}, /* cut */
      {T ("=1+1"), "=1+1"},       /* a text stays one: it is written as such */
  };
  fail_t fail = {.err = ERR_OK};
  xlsx_out_t *x = xlsx_out_new ((wall_t){1}, "", &fail);
  assert_non_null (x);
  for (size_t i = 0; i < COUNT (rows); i++)
    if (strcmp (xlsx_out_text (x, rows[i].text), rows[i].cell) != 0)
      fail_msg ("row %zu: \"%s\", expected \"%s\"", i, xlsx_out_text (x, rows[i].text), rows[i].cell);
  xlsx_out_destroy (&x);
}

static void
long_text_is_cut_between_letters (void **state)
{
  (void)state;
  fail_t fail = {.err = ERR_OK};
  buf_t text = BUF_INIT;
  xlsx_out_t *x = xlsx_out_new ((wall_t){1}, "", &fail);
  assert_non_null (x);
  while (text.n < 40000)
    buf_puts (&text, "ệ"); /* three bytes: 32767 is within one */
  size_t n = strlen (xlsx_out_text (x, buf_str (&text)));
  assert_true (n <= 32767 && n % 3 == 0 && n > 32760);
  buf_free (&text);
  xlsx_out_destroy (&x);
}

static void
nothing_is_left (void **state)
{
  (void)state;
  char dir[] = "/tmp/kc-test-xlsx-XXXXXX";
  assert_non_null (mkdtemp (dir));
  setenv ("TMPDIR", dir, 1);
  fail_t fail = {.err = ERR_OK};
  buf_t out = BUF_INIT;
  one_workbook ((wall_t){1}, &out);
  xlsx_out_t *x = xlsx_out_new ((wall_t){1}, "given up", &fail);
  assert_non_null (x);
  xlsx_out_destroy (&x);
  assert_int_equal (remove (dir), 0); /* empty, else it stays */
  setenv ("TMPDIR", "/no/such/folder", 1);
  assert_null (xlsx_out_new ((wall_t){1}, "", &fail));
  assert_int_equal (fail.err, ERR_NO_FILE);
  unsetenv ("TMPDIR");
  buf_free (&out);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (same_bytes),      cmocka_unit_test (times_long_ago),
      cmocka_unit_test (texts),           cmocka_unit_test (long_text_is_cut_between_letters),
      cmocka_unit_test (nothing_is_left),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
