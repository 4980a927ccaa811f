/* Golden outputs of one small table in every form, and the rules of fitting. */
#include "common/base/lang.h"
#include "common/cli/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static table_t *
sample (void)
{
  table_t *t = table_new ();
  table_column (t, "code", "Mã", "Code", COL_TEXT);
  table_column (t, "name", "Tên đề án", "Scheme", COL_TEXT);
  table_column (t, "schemes", "Số đề án", "Schemes", COL_NUMBER);
  table_column (t, "support_vnd", "Kinh phí", "Support", COL_MONEY);
  table_column (t, "value", NULL, NULL, COL_DECIMAL);
  table_row (t);
  table_cell (t, STR ("KC-1"));
  table_cell (t, STR ("Máy, \"mới\" của cơ sở sản xuất nước mắm"));
  table_printf (t, "%d", 1341);
  table_cell (t, STR ("1389600000"));
  table_cell (t, STR ("-1234.50"));
  table_row (t);
  table_cell (t, STR ("=2"));
  table_cell (t, STR_NONE);
  return t;
}

static void
check_render (table_t *t, format_t f, bool excel, unsigned width, const char *title, const char *want)
{
  buf_t out = BUF_INIT;
  assert_int_equal (table_render (t, f, excel, width, title, &out), ERR_OK);
  assert_string_equal (buf_z (&out), want);
  buf_free (&out);
}

static void
test_csv (void **state)
{
  (void)state;
  table_t *t = sample ();
  check_render (t, FORMAT_CSV, false, 0, "title",
                "code,name,schemes,support_vnd,value\n"
                "KC-1,\"Máy, \"\"mới\"\" của cơ sở sản xuất nước mắm\",1341,1389600000,-1234.50\n"
                "=2,,,,\n");
  table_destroy (&t);
  assert_null (t);
}

static void
test_csv_excel (void **state)
{
  (void)state;
  table_t *t = table_new ();
  table_column (t, "code", "Mã", "Code", COL_TEXT);
  static const char *const codes[] = {"=2", "+2", "-2", "@a", "a=", ""};
  for (size_t i = 0; i < 6; i++) {
    table_row (t);
    table_cell (t, str_of (codes[i]));
  }
  buf_t out = BUF_INIT;
  assert_int_equal (table_render (t, FORMAT_CSV, true, 0, NULL, &out), ERR_OK);
  assert_memory_equal (buf_z (&out),
                       "\xEF\xBB\xBF"
                       "code\r\n",
                       9);
  for (const char *line = strchr (buf_z (&out), '\n'); line != NULL && line[1] != '\0';
       line = strchr (line + 1, '\n'))
    assert_null (strchr ("=+-@", line[1]));
  buf_free (&out);
  table_destroy (&t);
}

static void
test_json (void **state)
{
  (void)state;
  table_t *t = sample ();
  table_meta (t, "position", STR ("00:7"));
  table_meta (t, "seal", STR ("ab\"\x01"));
  check_render (
      t, FORMAT_JSON, false, 0, NULL,
      "{\"position\":\"00:7\",\"seal\":\"ab\\\"\\u0001\",\"rows\":[\n"
      "{\"code\":\"KC-1\",\"name\":\"Máy, \\\"mới\\\" của cơ sở sản xuất nước mắm\",\"schemes\":1341,"
      "\"support_vnd\":\"1389600000\",\"value\":-1234.50},\n"
      "{\"code\":\"=2\",\"name\":\"\",\"schemes\":null,\"support_vnd\":null,\"value\":null}\n]}\n");
  table_destroy (&t);
}

static void
test_json_numbers (void **state)
{
  (void)state;
  static const struct {
    const char *text, *want;
  } rows[] = {
      {"0", "0"},     {"10", "10"},     {"-3", "-3"},     {"0.50", "0.50"},   {"007", "\"007\""},
      {"-", "\"-\""}, {"1.", "\"1.\""}, {".5", "\".5\""}, {"1e5", "\"1e5\""}, {"2014-2020", "\"2014-2020\""}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char want[64];
    table_t *t = table_new ();
    table_column (t, "v", NULL, NULL, COL_NUMBER);
    table_row (t);
    table_cell (t, str_of (rows[i].text));
    snprintf (want, sizeof want, "{\"rows\":[\n{\"v\":%s}\n]}\n", rows[i].want);
    check_render (t, FORMAT_JSON, false, 0, NULL, want);
    table_destroy (&t);
  }
}

static void
test_no_rows (void **state)
{
  (void)state;
  table_t *t = table_new ();
  table_column (t, "code", "Mã", "Code", COL_TEXT);
  table_column (t, "value", NULL, NULL, COL_NUMBER);
  check_render (t, FORMAT_CSV, false, 0, NULL, "code,value\n");
  check_render (t, FORMAT_JSON, false, 0, NULL, "{\"rows\":[]}\n");
  check_render (t, FORMAT_TABLE, false, 0, NULL, "Mã  value\n──  ─────\n");
  table_destroy (&t);
}

static void
test_people (void **state)
{
  (void)state;
  table_t *t = sample ();
  check_render (t, FORMAT_TABLE, false, 0, "Bảng",
                "Bảng\n\n"
                "Mã    Tên đề án                               Số đề án       Kinh phí      value\n"
                "────  ──────────────────────────────────────  ────────  ─────────────  ─────────\n"
                "KC-1  Máy, \"mới\" của cơ sở sản xuất nước mắm     1.341  1.389.600.000  -1.234,50\n"
                "=2\n");
  lang_set (LANG_EN);
  check_render (t, FORMAT_TABLE, false, 0, NULL,
                "Code  Scheme                                  Schemes        Support      value\n"
                "────  ──────────────────────────────────────  ───────  ─────────────  ─────────\n"
                "KC-1  Máy, \"mới\" của cơ sở sản xuất nước mắm    1,341  1,389,600,000  -1,234.50\n"
                "=2\n");
  lang_set (LANG_VI);
  table_destroy (&t);
}

static void
test_people_wraps_on_a_terminal (void **state)
{
  (void)state;
  table_t *t = sample ();
  check_render (t, FORMAT_TABLE, false, 60, NULL,
                "Mã    Tên đề án           Số đề án       Kinh phí      value\n"
                "────  ──────────────────  ────────  ─────────────  ─────────\n"
                "KC-1  Máy, \"mới\" của cơ      1.341  1.389.600.000  -1.234,50\n"
                "      sở sản xuất nước\n"
                "      mắm\n"
                "=2\n");
  table_destroy (&t);
}

static void
test_people_blocks_when_too_narrow (void **state)
{
  (void)state;
  table_t *t = sample ();
  check_render (t, FORMAT_TABLE, false, 30, NULL,
                "Mã         KC-1\n"
                "Tên đề án  Máy, \"mới\" của cơ\n"
                "           sở sản xuất nước\n"
                "           mắm\n"
                "Số đề án   1.341\n"
                "Kinh phí   1.389.600.000\n"
                "value      -1.234,50\n"
                "\n"
                "Mã         =2\n"
                "Tên đề án\n"
                "Số đề án\n"
                "Kinh phí\n"
                "value\n");
  table_destroy (&t);
}

static void
test_people_spares_columns (void **state)
{
  (void)state;
  table_t *t = table_new ();
  table_column (t, "code", "Mã", "Code", COL_TEXT);
  table_column (t, "kind", "Loại", "Kind", COL_TEXT);
  table_spare (t, 1);
  table_column (t, "name", "Tên", "Name", COL_TEXT);
  table_column (t, "money_vnd", "Số tiền", "Money", COL_MONEY);
  table_spare (t, 2);
  table_column (t, "value", "Giá trị", "Value", COL_DECIMAL);
  table_spare (t, 1);
  table_row (t);
  table_cell (t, STR ("KC-549-2014-001"));
  table_cell (t, STR ("đề án"));
  table_cell (t, STR ("Máy mới"));
  table_cell (t, STR ("1389600000"));
  table_cell (t, STR_NONE);
  check_render (t, FORMAT_TABLE, false, 55, NULL,
                "Mã               Loại   Tên            Số tiền  Giá trị\n"
                "───────────────  ─────  ───────  ─────────────  ───────\n"
                "KC-549-2014-001  đề án  Máy mới  1.389.600.000\n");
  check_render (t, FORMAT_TABLE, false, 46, NULL,
                "Mã               Loại   Tên            Số tiền\n"
                "───────────────  ─────  ───────  ─────────────\n"
                "KC-549-2014-001  đề án  Máy mới  1.389.600.000\n");
  check_render (t, FORMAT_TABLE, false, 40, NULL,
                "Mã               Loại   Tên\n"
                "───────────────  ─────  ───────\n"
                "KC-549-2014-001  đề án  Máy mới\n"
                "(màn hình hẹp, chưa in: Số tiền; hãy nới\n"
                "rộng, hoặc dùng --format csv)\n");
  check_render (t, FORMAT_CSV, false, 40, NULL,
                "code,kind,name,money_vnd,value\nKC-549-2014-001,đề án,Máy mới,1389600000,\n");
  table_destroy (&t);
}

/* Whatever the width, all letters and digits come out. */
static void
test_people_never_cuts (void **state)
{
  (void)state;
  table_t *t = sample ();
  for (unsigned width = 1; width < 120; width++) {
    static const char *const words[] = {"KC-1", "nước", "mắm", "1.341", "1.389.600.000", "-1.234,50", "=2"};
    buf_t out = BUF_INIT;
    assert_int_equal (table_render (t, FORMAT_TABLE, false, width, NULL, &out), ERR_OK);
    for (size_t i = 0; width >= 24 && i < sizeof words / sizeof words[0]; i++)
      assert_non_null (strstr (buf_z (&out), words[i]));
    buf_free (&out);
  }
  table_destroy (&t);
}

static void
test_group_digits (void **state)
{
  (void)state;
  static const struct {
    const char *plain, *vi, *en;
  } rows[] = {
      {"", "", ""},
      {"0", "0", "0"},
      {"999", "999", "999"},
      {"1000", "1.000", "1,000"},
      {"-999", "-999", "-999"},
      {"-1000.25", "-1.000,25", "-1,000.25"},
      {"1389600000", "1.389.600.000", "1,389,600,000"},
      {"9223372036854775807", "9.223.372.036.854.775.807", "9,223,372,036,854,775,807"},
      {"2014-2020", "2014-2020", "2014-2020"},
      {"12 kg", "12 kg", "12 kg"},
      {"-", "-", "-"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    for (int lang = 0; lang < 2; lang++) {
      buf_t out = BUF_INIT;
      lang_set (lang == 0 ? LANG_VI : LANG_EN);
      table_group_digits (str_of (rows[i].plain), &out);
      assert_string_equal (buf_z (&out), lang == 0 ? rows[i].vi : rows[i].en);
      buf_free (&out);
    }
  lang_set (LANG_VI);
}

static void
test_format_names (void **state)
{
  (void)state;
  format_t f = FORMAT_TABLE;
  assert_true (format_of_name (STR ("csv"), &f));
  assert_int_equal (f, FORMAT_CSV);
  assert_true (format_of_name (STR ("json"), &f));
  assert_int_equal (f, FORMAT_JSON);
  assert_true (format_of_name (STR ("table"), &f));
  assert_int_equal (f, FORMAT_TABLE);
  assert_false (format_of_name (STR ("CSV"), &f));
  assert_false (format_of_name (STR (""), &f));
  assert_false (format_of_name (STR_NONE, &f));
}

static void
test_sort (void **state)
{
  (void)state;
  static const char *const rows[][3] = {{"b", "10", "x"},  {"a", "9", "y"}, {"a", "10", "y"},
                                        {"a", "10", "x"},  {"a", "", "z"},  {"a", "-2", "z"},
                                        {"a", "-10", "z"}, {"Đ", "1", ""}};
  static const char want[] = "k,n,t\na,-10,z\na,-2,z\na,,z\na,9,y\na,10,x\na,10,y\nb,10,x\nĐ,1,\n";
  table_t *t = table_new ();
  buf_t out = BUF_INIT;
  table_column (t, "k", NULL, NULL, COL_TEXT);
  table_column (t, "n", NULL, NULL, COL_NUMBER);
  table_column (t, "t", NULL, NULL, COL_TEXT);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    table_row (t);
    for (size_t k = 0; k < (rows[i][2][0] != '\0' ? 3u : 2u); k++)
      table_cell (t, str_of (rows[i][k]));
  }
  table_sort (t);
  assert_int_equal (table_render (t, FORMAT_CSV, false, 0, NULL, &out), ERR_OK);
  assert_string_equal (buf_z (&out), want);
  buf_free (&out);
  table_destroy (&t);
}

/* Out of memory is said once, at the end. */
static void
no_table (void **state)
{
  (void)state;
  table_t *t = NULL;
  buf_t out = BUF_INIT;
  table_column (t, "a", NULL, NULL, COL_TEXT);
  table_spare (t, 1);
  table_row (t);
  table_cell (t, STR ("x"));
  table_printf (t, "%d", 1);
  table_meta_number (t, "n", 1);
  table_sort (t);
  assert_int_equal (table_rows (t), 0);
  for (format_t f = FORMAT_TABLE; f <= FORMAT_JSON; f++)
    assert_int_equal (table_render (t, f, false, 0, NULL, &out), ERR_NOMEM);
  table_destroy (&t);
  buf_free (&out);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (no_table),
      cmocka_unit_test (test_csv),
      cmocka_unit_test (test_csv_excel),
      cmocka_unit_test (test_json),
      cmocka_unit_test (test_json_numbers),
      cmocka_unit_test (test_no_rows),
      cmocka_unit_test (test_people),
      cmocka_unit_test (test_people_wraps_on_a_terminal),
      cmocka_unit_test (test_people_blocks_when_too_narrow),
      cmocka_unit_test (test_people_spares_columns),
      cmocka_unit_test (test_people_never_cuts),
      cmocka_unit_test (test_group_digits),
      cmocka_unit_test (test_format_names),
      cmocka_unit_test (test_sort),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
