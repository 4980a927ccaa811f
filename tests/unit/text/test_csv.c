/* The table reader and writer: what comes out, at which line and cell, and what is refused where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/bounds.h"
#include "common/base/lang.h"
#include "common/text/csv.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof (rows) / sizeof (rows)[0])
#define Z(literal)                                                                                           \
  {                                                                                                          \
    (literal), sizeof (literal) - 1                                                                          \
  }

/* A file as one line: each row is its line, then "column@line=text|" of each cell, then "\n". The last is the
 * error, if any, as "!line,column". */
static void
describe (str_t file, buf_t *out, fail_t *fail)
{
  *fail = (fail_t){0};
  csv_t *csv = csv_open (file, fail);
  csv_row_t row;
  err_t err = fail->err;
  while (csv != NULL && (err = csv_next (csv, &row, fail)) == ERR_OK) {
    buf_printf (out, "%u:", row.line);
    for (size_t i = 0; i < row.n; i++) {
      assert_int_equal (row.cell[i].column, i + 1);
      if (row.cell[i].line != row.line)
        buf_printf (out, "@%u", row.cell[i].line);
      buf_put (out, row.cell[i].text.p, row.cell[i].text.n);
      buf_putc (out, '|');
    }
  }
  if (err != ERR_END) {
    assert_int_equal (err, fail->err);
    assert_true (fail->text[0] != '\0');
    buf_printf (out, "!%u,%u", fail->line, fail->column);
  } else {
    assert_int_equal (fail->err, ERR_OK);
    assert_int_equal (csv_progress (csv), 1000);
  }
  if (csv != NULL && err != ERR_END) { /* a failure stays */
    fail_t again = {0};
    assert_int_equal (csv_next (csv, &row, &again), err);
    assert_string_equal (again.text, fail->text);
    assert_int_equal (again.line, fail->line);
  }
  csv_destroy (&csv);
  assert_null (csv);
  csv_destroy (&csv);
}

typedef struct {
  str_t file;
  const char *seen;
} read_row_t;

static void
check_reading (const read_row_t *rows, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    /* on the heap at its exact size, so that a sanitizer sees a step too far */
    char *copy = malloc (rows[i].file.n + (rows[i].file.n == 0));
    assert_non_null (copy);
    memcpy (copy, rows[i].file.p, rows[i].file.n);
    buf_t out = BUF_INIT;
    fail_t fail;
    describe ((str_t){copy, rows[i].file.n}, &out, &fail);
    if (strcmp (buf_z (&out), rows[i].seen) != 0)
      fail_msg ("row %zu: \"%s\" instead of \"%s\" (%s)", i, buf_z (&out), rows[i].seen, fail.text);
    buf_free (&out);
    free (copy);
  }
}

static void
reading (void **state)
{
  (void)state;
  static const read_row_t rows[] = {
      {Z (""), ""},
      {Z ("\n\n\r\n"), ""},
      {Z ("a"), "1:a|"},
      {Z ("a,b\n1,2\n"), "1:a|b|2:1|2|"},
      {Z ("a,b\r\n1,2\r\n"), "1:a|b|2:1|2|"},
      {Z ("a,b\n1,2"), "1:a|b|2:1|2|"},
      {Z ("a,b\n1,\n,2\n"), "1:a|b|2:1||3:|2|"},
      {Z ("a,b\n1,2,3\n1\n"), "1:a|b|2:1|2|3|3:1|"}, /* counting cells is the caller's */
      /* what is in cells stays as it is */
      {Z ("a\n007\n"), "1:a|2:007|"},
      {Z ("a,b\n12E5,None\nNULL,\" x \"\n"), "1:a|b|2:12E5|None|3:NULL| x |"},
      {Z ("a,b\n x ,'y\n"), "1:a|b|2: x |'y|"},
      /* quotes */
      {Z ("a,b\n\"1\",\"\"\n"), "1:a|b|2:1||"},
      {Z ("\"a,b\",c\n"), "1:a,b|c|"},
      {Z ("a\n\"x\"\"y\"\n"), "1:a|2:x\"y|"},
      {Z ("a\n\"\"\"x\"\"\"\n"), "1:a|2:\"x\"|"},
      {Z ("a\n\"\"\"\"\n"), "1:a|2:\"|"},
      {Z ("a\n\"x\"\"y\",\"\"\"\",\"z\"\"\""), "1:a|2:x\"y|\"|z\"|"},
      {Z ("\"a\""), "1:a|"},
      {Z ("\"a\",\"b\"\r\n"), "1:a|b|"},
      /* physical lines */
      {Z ("a,b\n\"1\n2\",3\n4,5\n"), "1:a|b|2:1\n2|@33|4:4|5|"},
      {Z ("a\n\"\r\n\r\n\"\nx\n"), "1:a|2:\r\n\r\n|5:x|"},
      {Z ("\"a\nb\",c\nx,y\n"), "1:a\nb|@2c|3:x|y|"},
      /* wholly empty rows */
      {Z ("\n\na,b\n,\n\n  ,\n\"\",\n1,2\n\n"), "3:a|b|8:1|2|"},
      {Z (",,\n"), ""},
      /* delimiters */
      {Z ("a;b\n1;2,5\n"), "1:a|b|2:1|2,5|"},
      {Z ("a\tb\n1\t2,5;x\n"), "1:a|b|2:1|2,5;x|"},
      {Z ("a,x;b,c\n"), "1:a|x;b|c|"},
      {Z ("\"a;b;c\",d\n1,2\n"), "1:a;b;c|d|2:1|2|"},
      {Z ("\"a\n;;\",d\n1,2\n"), "1:a\n;;|@2d|3:1|2|"},
      {Z ("a\n1;2\n"), "1:a|2:1;2|"}, /* one column: comma */
      {Z ("\n\r\na;b\n1;2\n"), "3:a|b|4:1|2|"},
      {Z ("sep=;\na,x;b\n1;2\n"), "2:a,x|b|3:1|2|"},
      {Z ("SEP=,\r\na,b\r\n"), "2:a|b|"},
      {Z ("sep=\t\na\tb\n"), "2:a|b|"},
      {Z ("\xEF\xBB\xBFsep=;\na;b\n"), "2:a|b|"},
      {Z ("sep=;"), ""},
      {Z ("sep=;\n"), ""},
      {Z ("sepal,b\n"), "1:sepal|b|"},
      /* encodings */
      {Z ("\xEF\xBB\xBF"), ""},
      {Z ("\xEF\xBB\xBFtên,mã\nĐập Đá,1\n"), "1:tên|mã|2:Đập Đá|1|"},
      {Z ("\xFF\xFE"), ""},
      {Z ("\xFF\xFE"
          "a\0\t\0\x11\x01\n\0\xBF\x1E\t\0"
          "2\0\r\0\n\0"),
       "1:a|đ|2:ế|2|"},
      {Z ("\xFE\xFF\0a\0;\x01\x11\0\n\x1E\xBF\0;\0"
          "2"),
       "1:a|đ|2:ế|2|"},
      {Z ("\xFF\xFE=\xD8\0\xDE"), "1:\xF0\x9F\x98\x80|"},
      {Z ("\xFF\xFE\"\0a\0\n\0\"\0\"\0\"\0"), "1:a\n\"|"},
  };
  check_reading (rows, COUNT (rows));
}

static void
refusing (void **state)
{
  (void)state;
  static const read_row_t rows[] = {
      /* quotes: where they open */
      {Z ("a,b\n1,\"2\n3,4\n"), "1:a|b|!2,2"},
      {Z ("\""), "!1,1"},
      {Z ("a\n\"x\"\"\n"), "1:a|!2,1"},
      {Z ("a,b\n\"1\"x,2\n"), "1:a|b|!2,1"},
      {Z ("a,b\n1,\"2\" \n"), "1:a|b|!2,2"},
      {Z ("a,b\n\"1\n2\"x,2\n"), "1:a|b|!3,1"},
      {Z ("a,b\n1,x\"y\"\n"), "1:a|b|!2,2"},
      {Z ("a,b\n1, \"y\"\n"), "1:a|b|!2,2"},
      /* control characters */
      {Z ("a,b\n1,x\0y\n"), "1:a|b|!2,2"},
      {Z ("a,b\n1,\"x\0y\"\n"), "1:a|b|!2,2"},
      {Z ("a,b\n1,x\x07\n"), "1:a|b|!2,2"},
      {Z ("a,b\n1,\x7F\n"), "1:a|b|!2,2"},
      {Z ("a,b\n1,\xC2\x85\n"), "1:a|b|!2,2"},
      {Z ("a,b\n1,x\xEF\xBB\xBF\n"), "1:a|b|!2,2"},
      {Z ("a,b\n1,x\ty\n"), "1:a|b|!2,2"},
      {Z ("a,b\n1,\"x\ty\"\n"), "1:a|b|!2,2"},
      {Z ("a\tb\n1\t\"x\ty\"\n"), "1:a|b|!2,2"},
      {Z ("a,b\n1,\"x\n\ny\x01\"\n"), "1:a|b|!4,2"}, /* the line of the sign itself */
      {Z ("a,b\r1,2\r"), "!1,2"},
      {Z ("a,b\n1,2\r"), "1:a|b|!2,2"},
      {Z ("a,b\n1,\"2\r3\"\n"), "1:a|b|!2,2"},
      {Z ("a,b\n1,\"2\"\r"), "1:a|b|!2,2"},
      /* no UTF-8: nothing is read at all */
      {Z ("a,b\n1,x\xFFy\n"), "!2,2"},
      {Z ("\xEF\xBB\xBF"
          "a,b\n1,\"x,\n\n\"\n1,\xE1\xBB\n"),
       "!5,2"},
      {Z ("sep=;\na,x;b\n1;2;\xC0\x80"), "!3,3"},
      {Z ("a;b\n\"1;2\n\";\x80\n"), "!3,2"},
      {Z ("tên,mã\nx,\xC4"), "!2,2"},
      {Z ("a,b\n\xED\xA0\x80,2\n"), "!2,1"},
      /* UTF-16 */
      {Z ("\xFF\xFE"
          "a"),
       "!1,0"},
      {Z ("\xFF\xFE"
          "a\0\n\0=\xD8"
          "x\0"),
       "!2,0"},
      {Z ("\xFF\xFE\0\xDE\0\xDE"), "!1,0"}, /* two halves of the same sort */
      {Z ("\xFF\xFE\0\xDE"
          "x\0"),
       "!1,0"},
      {Z ("\xFE\xFF\xD8\x3D"), "!1,0"},
      {Z ("\xFF\xFE\0\0a\0"), "!1,1"},
      {Z ("\xFF\xFE"
          "a\0,\0\xFE\xFF"),
       "!1,2"},
      {Z ("a\0,\0b\0\n\0"
          "1\0,\0"
          "2\0\n\0"),
       "!0,0"},
      /* a "sep=" line that names something else */
      {Z ("sep=|\na|b\n"), "!1,1"},
      {Z ("sep=\na,b\n"), "!1,1"},
      {Z ("sep=;;\na;b\n"), "!1,1"},
      {Z ("sep="), "!1,1"},
  };
  check_reading (rows, COUNT (rows));
}

static void
words (void **state)
{
  (void)state;
  static const struct {
    str_t file;
    err_t err;
    const char *vi, *en; /* what the words must name */
  } rows[] = {
      {Z ("a\n\"x"), ERR_INPUT, "không có dấu đóng", "not closed"},
      {Z ("a\n\"x\ny\"z"), ERR_INPUT, "mở ở dòng 2", "opened in line 2"},
      {Z ("a\n\"x\"z"), ERR_INPUT, "viết đôi", "written twice"},
      {Z ("a\nx\"y"), ERR_INPUT, "bọc cả ô", "whole cell"},
      {Z ("a\nx\0"), ERR_INPUT, "NUL", "NUL"},
      {Z ("a\n\x07"), ERR_INPUT, "0x07", "0x07"},
      {Z ("a,b\nx\ty,"), ERR_INPUT, "tab", "tab"},
      {Z ("a\rb"), ERR_INPUT, "CR", "carriage return"},
      {Z ("a\nx\xFFy"), ERR_INPUT, "0xFF", "0xFF"},
      {Z ("a\nx\xE1\xBB"), ERR_INPUT, "bị cắt", "cut in the middle"},
      {Z ("\xFF\xFE"
          "a"),
       ERR_INPUT, "UTF-16", "UTF-16"},
      {Z ("sep=|\n"), ERR_INPUT, "sep=;", "sep=;"},
  };
  for (size_t i = 0; i < COUNT (rows); i++)
    for (int lang = LANG_VI; lang <= LANG_EN; lang++) {
      lang_set ((lang_t)lang);
      buf_t out = BUF_INIT;
      fail_t fail;
      describe (rows[i].file, &out, &fail);
      assert_int_equal (fail.err, rows[i].err);
      if (strstr (fail.text, L (rows[i].vi, rows[i].en)) == NULL)
        fail_msg ("row %zu: %s", i, fail.text);
      buf_free (&out);
    }
  lang_set (LANG_VI);
}

/* ---- limits, at their edges ---- */

static err_t
read_all (const buf_t *file, fail_t *fail, size_t *cells, size_t *longest)
{
  *fail = (fail_t){0};
  *cells = *longest = 0;
  csv_t *csv = csv_open (buf_str (file), fail);
  csv_row_t row;
  err_t err = fail->err;
  unsigned last = 0;
  while (csv != NULL && (err = csv_next (csv, &row, fail)) == ERR_OK) {
    *cells += row.n;
    for (size_t i = 0; i < row.n; i++)
      if (row.cell[i].text.n > *longest)
        *longest = row.cell[i].text.n;
    assert_true (csv_progress (csv) >= last && csv_progress (csv) <= 1000);
    last = csv_progress (csv);
  }
  csv_destroy (&csv);
  return err;
}

static void
put_many (buf_t *out, const char *what, size_t n)
{
  for (size_t i = 0; i < n; i++)
    buf_puts (out, what);
}

static void
cell_limit (void **state)
{
  (void)state;
  for (int quoted = 0; quoted <= 1; quoted++)
    for (size_t extra = 0; extra <= 1; extra++) {
      buf_t file = BUF_INIT;
      buf_puts (&file, quoted ? "a,b\n1,\"" : "a,b\n1,");
      put_many (&file, "x", CSV_CELL_MAX + extra);
      buf_puts (&file, quoted ? "\"\n" : "\n");
      fail_t fail;
      size_t cells, longest;
      assert_int_equal (read_all (&file, &fail, &cells, &longest), extra == 0 ? ERR_END : ERR_TOO_BIG);
      assert_int_equal (fail.line, extra == 0 ? 0 : 2);
      assert_int_equal (fail.column, extra == 0 ? 0 : 2);
      assert_int_equal (longest, extra == 0 ? CSV_CELL_MAX : 1);
      buf_free (&file);
    }
}

static void
column_limit (void **state)
{
  (void)state;
  for (size_t extra = 0; extra <= 1; extra++) {
    buf_t file = BUF_INIT;
    put_many (&file, "x,", CSV_COLUMNS_MAX - 1 + extra);
    buf_puts (&file, "y\n");
    fail_t fail;
    size_t cells, longest;
    assert_int_equal (read_all (&file, &fail, &cells, &longest), extra == 0 ? ERR_END : ERR_TOO_BIG);
    assert_int_equal (cells, extra == 0 ? CSV_COLUMNS_MAX : 0);
    assert_int_equal (fail.column, extra == 0 ? 0 : CSV_COLUMNS_MAX + 1);
    buf_free (&file);
  }
}

static void
file_limit (void **state)
{
  (void)state;
  fail_t fail = {0};
  assert_null (csv_open ((str_t){"x", (size_t)IMPORT_FILE_MAX + 1}, &fail)); /* refused before it is read */
  assert_int_equal (fail.err, ERR_TOO_BIG);
}

/* Cells that must be copied fill many blocks, and all stay until the end. */
static void
copies_stay (void **state)
{
  (void)state;
  enum { ROWS = 3000, SIZE = 500 };
  buf_t file = BUF_INIT;
  for (size_t r = 0; r < ROWS; r++) {
    buf_printf (&file, "\"%zu\"\"", r);
    put_many (&file, "\"\"", (r * 7) % SIZE);
    buf_puts (&file, "\"\n");
  }
  fail_t fail = {0};
  csv_t *csv = csv_open (buf_str (&file), &fail);
  assert_non_null (csv);
  str_t *kept = calloc (ROWS, sizeof *kept);
  assert_non_null (kept);
  csv_row_t row;
  for (size_t r = 0; r < ROWS; r++) {
    assert_int_equal (csv_next (csv, &row, &fail), ERR_OK);
    kept[r] = row.cell[0].text;
  }
  assert_int_equal (csv_next (csv, &row, &fail), ERR_END);
  for (size_t r = 0; r < ROWS; r++) {
    buf_t expected = BUF_INIT;
    buf_printf (&expected, "%zu\"", r);
    put_many (&expected, "\"", (r * 7) % SIZE);
    assert_true (str_eq (kept[r], buf_str (&expected)));
    buf_free (&expected);
  }
  free (kept);
  csv_destroy (&csv);
  buf_free (&file);
}

/* ---- writing ---- */

static void
writing (void **state)
{
  (void)state;
  static const struct {
    const char *cells[4];
    bool excel;
    const char *line;
  } rows[] = {
      {{"a", "b"}, false, "a,b\n"},
      {{"", ""}, false, ",\n"},
      {{"x,y", "x;y", " z "}, false, "\"x,y\",x;y, z \n"},
      {{"x\"y", "\""}, false, "\"x\"\"y\",\"\"\"\"\n"},
      {{"x\ny", "x\r\ny"}, false, "\"x\ny\",\"x\r\ny\"\n"},
      {{"=1+1", "+5", "-5", "@x"}, false, "=1+1,+5,-5,@x\n"},
      {{"Đập Đá"}, false, "Đập Đá\n"},
      {{"a", "b"}, true, "a,b\r\n"},
      {{"=1+1", "+5", "-5", "@x"}, true, "'=1+1,'+5,'-5,'@x\r\n"},
      {{"=A1,\"x\""}, true, "\"'=A1,\"\"x\"\"\"\r\n"},
      {{"x=1"}, true, "x=1\r\n"},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_t out = BUF_INIT;
    for (size_t c = 0; c < 4 && rows[i].cells[c] != NULL; c++)
      csv_write_cell (&out, str_of (rows[i].cells[c]), c == 0, rows[i].excel);
    csv_write_end (&out, rows[i].excel);
    assert_string_equal (buf_z (&out), rows[i].line);
    buf_free (&out);
  }
  buf_t out = BUF_INIT;
  csv_write_start (&out, false);
  assert_int_equal (out.n, 0);
  csv_write_start (&out, true);
  assert_string_equal (buf_z (&out), "\xEF\xBB\xBF");
  buf_free (&out);
}

static void
round_trip (void **state)
{
  (void)state;
  static const char *const texts[] = {"a",    "",     "x,y",    "x;y", "\"",       "\"\"", "x\ny",
                                      "\r\n", " sp ", "Đập Đá", "007", "'quoted'", ",",    "sep=;"};
  buf_t file = BUF_INIT;
  csv_write_start (&file, false);
  for (size_t c = 0; c < COUNT (texts); c++)
    csv_write_cell (&file, STR ("h"), c == 0, false);
  csv_write_end (&file, false);
  for (size_t c = 0; c < COUNT (texts); c++)
    csv_write_cell (&file, str_of (texts[c]), c == 0, false);
  csv_write_end (&file, false);
  fail_t fail = {0};
  csv_t *csv = csv_open (buf_str (&file), &fail);
  csv_row_t row;
  assert_int_equal (csv_next (csv, &row, &fail), ERR_OK);
  assert_int_equal (csv_next (csv, &row, &fail), ERR_OK);
  assert_int_equal (row.n, COUNT (texts));
  for (size_t c = 0; c < COUNT (texts); c++)
    assert_true (str_eq (row.cell[c].text, str_of (texts[c])));
  csv_destroy (&csv);
  buf_free (&file);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (reading),     cmocka_unit_test (refusing),     cmocka_unit_test (words),
      cmocka_unit_test (cell_limit),  cmocka_unit_test (column_limit), cmocka_unit_test (file_limit),
      cmocka_unit_test (copies_stay), cmocka_unit_test (writing),      cmocka_unit_test (round_trip),
  };
  return cmocka_run_group_tests_name ("csv", tests, NULL, NULL);
}
