/* Numbers and dates of import files: the table of number.c and INTERFACE 4, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/lang.h"
#include "common/text/number.h"

#include <inttypes.h>
#include <string.h>

#define COUNT(rows) (sizeof (rows) / sizeof (rows)[0])
#define UNTOUCHED INT64_C (-77)

typedef struct {
  const char *text;
  unsigned scale;
  number_status_t status;
  int64_t value; /* when NUMBER_OK */
} number_row_t;

static void
check_rows (const number_row_t *rows, size_t n, number_locale_t locale)
{
  for (size_t i = 0; i < n; i++) {
    int64_t value = UNTOUCHED;
    number_status_t status = number_parse (str_of (rows[i].text), locale, rows[i].scale, &value);
    int64_t expected = rows[i].status == NUMBER_OK ? rows[i].value : UNTOUCHED;
    if (status != rows[i].status || value != expected)
      fail_msg ("\"%s\" scale %u: status %d, value %" PRId64 "; expected %d, %" PRId64, rows[i].text,
                rows[i].scale, (int)status, value, (int)rows[i].status, expected);
  }
}

static void
plain_numbers (void **state)
{
  (void)state;
  static const number_row_t rows[] = {
      {"1389600000", 0, NUMBER_OK, 1389600000},
      {"0", 0, NUMBER_OK, 0},
      {"007", 0, NUMBER_OK, 7},
      {"3.1", 1, NUMBER_OK, 31},
      {"14.50", 1, NUMBER_OK, 145},
      {"14.500000", 1, NUMBER_OK, 145},
      {"14.0", 0, NUMBER_OK, 14},
      {"14.5", 0, NUMBER_DECIMALS, 0},
      {"14.55", 1, NUMBER_DECIMALS, 0},
      {"1.5", 6, NUMBER_OK, 1500000},
      {"14135.6", 6, NUMBER_OK, INT64_C (14135600000)},
      {"247.14", 6, NUMBER_OK, 247140000},
      {"1234.567", 6, NUMBER_OK, 1234567000},
      {"1.1234567", 6, NUMBER_DECIMALS, 0},
      {"0.125", 3, NUMBER_OK, 125},
      {"00.125", 3, NUMBER_OK, 125},
      {"-5", 0, NUMBER_OK, -5},
      {"-0", 0, NUMBER_OK, 0},
      {"-0.5", 1, NUMBER_OK, -5},
      /* two readings */
      {"1.388", 0, NUMBER_AMBIGUOUS, 0},
      {"1.388", 1, NUMBER_AMBIGUOUS, 0},
      {"1.388", 3, NUMBER_AMBIGUOUS, 0},
      {"1.388", 6, NUMBER_AMBIGUOUS, 0},
      {"12.000", 0, NUMBER_AMBIGUOUS, 0},
      {"999.999", 3, NUMBER_AMBIGUOUS, 0},
      {"-1.388", 3, NUMBER_AMBIGUOUS, 0},
      {"1,388", 0, NUMBER_AMBIGUOUS, 0},
      {"1.3880", 3, NUMBER_OK, 1388},
      {"1.38", 2, NUMBER_OK, 138},
      /* one reading, but a declared locale's */
      {"1,5", 1, NUMBER_OTHER_LOCALE, 0},
      {"1.389.600", 0, NUMBER_OTHER_LOCALE, 0},
      {"1,389,600", 0, NUMBER_OTHER_LOCALE, 0},
      {"1.389,6", 1, NUMBER_OTHER_LOCALE, 0},
      {"1,389.6", 1, NUMBER_OTHER_LOCALE, 0},
      {"1.2.3", 0, NUMBER_GROUPING, 0},
      {"1,2.3,4", 0, NUMBER_GROUPING, 0},
      /* lost digits */
      {"1E+09", 0, NUMBER_SCIENTIFIC, 0},
      {"1,2E5", 0, NUMBER_SCIENTIFIC, 0},
      {"1.38960E+09", 0, NUMBER_SCIENTIFIC, 0},
      {"12e-3", 0, NUMBER_SCIENTIFIC, 0},
      {"-1E9", 0, NUMBER_SCIENTIFIC, 0},
      {"E9", 0, NUMBER_NOT_A_NUMBER, 0},
      {"1E", 0, NUMBER_NOT_A_NUMBER, 0},
      {"1E+", 0, NUMBER_NOT_A_NUMBER, 0},
      {"1E5x", 0, NUMBER_NOT_A_NUMBER, 0},
      /* no numbers */
      {"", 0, NUMBER_EMPTY, 0},
      {"   ", 0, NUMBER_EMPTY, 0},
      {"\xC2\xA0", 0, NUMBER_EMPTY, 0},
      {"+5", 0, NUMBER_NOT_A_NUMBER, 0},
      {"--5", 0, NUMBER_NOT_A_NUMBER, 0},
      {"-", 0, NUMBER_NOT_A_NUMBER, 0},
      {"- 5", 0, NUMBER_NOT_A_NUMBER, 0},
      {"5-", 0, NUMBER_NOT_A_NUMBER, 0},
      {"(5)", 0, NUMBER_NOT_A_NUMBER, 0},
      {".5", 1, NUMBER_NOT_A_NUMBER, 0},
      {"5.", 1, NUMBER_NOT_A_NUMBER, 0},
      {".", 0, NUMBER_NOT_A_NUMBER, 0},
      {"1 000", 0, NUMBER_NOT_A_NUMBER, 0},
      {"1\xC2\xA0"
       "000",
       0, NUMBER_NOT_A_NUMBER, 0},
      {"5 đ", 0, NUMBER_NOT_A_NUMBER, 0},
      {"5₫", 0, NUMBER_NOT_A_NUMBER, 0},
      {"$5", 0, NUMBER_NOT_A_NUMBER, 0},
      {"50%", 0, NUMBER_NOT_A_NUMBER, 0},
      {"０５", 0, NUMBER_NOT_A_NUMBER, 0},
      {"٥", 0, NUMBER_NOT_A_NUMBER, 0},
      {"−5", 0, NUMBER_NOT_A_NUMBER, 0},
      {"0x10", 0, NUMBER_NOT_A_NUMBER, 0},
      {"NaN", 0, NUMBER_NOT_A_NUMBER, 0},
      {"#REF!", 0, NUMBER_NOT_A_NUMBER, 0},
      {"'5", 0, NUMBER_NOT_A_NUMBER, 0},
      {"5\t", 0, NUMBER_NOT_A_NUMBER, 0},
      /* spaces around are let be */
      {"  5 ", 0, NUMBER_OK, 5},
      {"\xC2\xA0"
       "5\xC2\xA0 ",
       0, NUMBER_OK, 5},
      /* the edges of int64 */
      {"9223372036854775807", 0, NUMBER_OK, INT64_MAX},
      {"9223372036854775808", 0, NUMBER_RANGE, 0},
      {"-9223372036854775808", 0, NUMBER_OK, INT64_MIN},
      {"-9223372036854775809", 0, NUMBER_RANGE, 0},
      {"18446744073709551616", 0, NUMBER_RANGE, 0},
      {"99999999999999999999999999", 0, NUMBER_RANGE, 0},
      {"9223372036854.775807", 6, NUMBER_OK, INT64_MAX},
      {"9223372036854.775808", 6, NUMBER_RANGE, 0},
      {"9223372036855", 6, NUMBER_RANGE, 0},
      {"10", 18, NUMBER_RANGE, 0},
      {"9.0", 18, NUMBER_OK, INT64_C (9000000000000000000)},
  };
  check_rows (rows, COUNT (rows), NUMBER_PLAIN);
}

static void
vietnamese_numbers (void **state)
{
  (void)state;
  static const number_row_t rows[] = {
      {"1.389,6", 1, NUMBER_OK, 13896},
      {"1389,6", 1, NUMBER_OK, 13896},
      {"1.388", 0, NUMBER_OK, 1388},
      {"1.389.600", 0, NUMBER_OK, 1389600},
      {"1.389.600.000", 0, NUMBER_OK, 1389600000},
      {"1389600", 0, NUMBER_OK, 1389600},
      {"999.999", 0, NUMBER_OK, 999999},
      {"1,388", 3, NUMBER_OK, 1388},
      {"1,388", 0, NUMBER_DECIMALS, 0},
      {"1,50", 1, NUMBER_OK, 15},
      {"0,125", 3, NUMBER_OK, 125},
      {"-1.389,6", 1, NUMBER_OK, -13896},
      {" 1.388 ", 0, NUMBER_OK, 1388},
      {"1.38", 2, NUMBER_GROUPING, 0},
      {"1.5", 1, NUMBER_GROUPING, 0},
      {"0.125", 3, NUMBER_GROUPING, 0},
      {"01.388", 0, NUMBER_GROUPING, 0},
      {"1234.567", 0, NUMBER_GROUPING, 0},
      {"1.3880", 0, NUMBER_GROUPING, 0},
      {"1.389.60", 0, NUMBER_GROUPING, 0},
      {"1389.600.000", 0, NUMBER_GROUPING, 0},
      {"1..389", 0, NUMBER_GROUPING, 0},
      {"1,389,600", 0, NUMBER_GROUPING, 0},
      {"1,389.6", 1, NUMBER_GROUPING, 0},
      {"1.389,600.1", 3, NUMBER_GROUPING, 0},
      {"1E+09", 0, NUMBER_SCIENTIFIC, 0},
      {"1,2E5", 0, NUMBER_SCIENTIFIC, 0},
      {"1.388 đồng", 0, NUMBER_NOT_A_NUMBER, 0},
      {"", 0, NUMBER_EMPTY, 0},
      {"9.223.372.036.854.775.807", 0, NUMBER_OK, INT64_MAX},
      {"9.223.372.036.854.775.808", 0, NUMBER_RANGE, 0},
  };
  check_rows (rows, COUNT (rows), NUMBER_VI);
}

static void
english_numbers (void **state)
{
  (void)state;
  static const number_row_t rows[] = {
      {"1,389.6", 1, NUMBER_OK, 13896},       {"1389.6", 1, NUMBER_OK, 13896},
      {"1,388", 0, NUMBER_OK, 1388},          {"1,389,600", 0, NUMBER_OK, 1389600},
      {"1.388", 3, NUMBER_OK, 1388},          {"1.388", 0, NUMBER_DECIMALS, 0},
      {"1,38", 2, NUMBER_GROUPING, 0},        {"1.389,6", 1, NUMBER_GROUPING, 0},
      {"1.389.600", 0, NUMBER_GROUPING, 0},   {"0,125", 0, NUMBER_GROUPING, 0},
      {"1,389.600,1", 3, NUMBER_GROUPING, 0}, {"1234,567", 0, NUMBER_GROUPING, 0},
      {"1E+09", 0, NUMBER_SCIENTIFIC, 0},
  };
  check_rows (rows, COUNT (rows), NUMBER_EN);
}

typedef struct {
  const char *text;
  number_locale_t locale;
  number_status_t status;
  uint32_t date;
} date_row_t;

static void
dates (void **state)
{
  (void)state;
  static const date_row_t rows[] = {
      {"2019-03-12", NUMBER_PLAIN, NUMBER_OK, 20190312},
      {"2019-03-12", NUMBER_EN, NUMBER_OK, 20190312},
      {" 2019-03-12\xC2\xA0", NUMBER_PLAIN, NUMBER_OK, 20190312},
      {"2019-03", NUMBER_PLAIN, NUMBER_OK, 20190300},
      {"2019", NUMBER_PLAIN, NUMBER_OK, 20190000},
      {"2019", NUMBER_VI, NUMBER_OK, 20190000},
      {"12/03/2019", NUMBER_VI, NUMBER_OK, 20190312},
      {"1/3/2019", NUMBER_VI, NUMBER_OK, 20190301},
      {"03/2019", NUMBER_VI, NUMBER_OK, 20190300},
      {"3/2019", NUMBER_VI, NUMBER_OK, 20190300},
      /* the calendar */
      {"2020-02-29", NUMBER_PLAIN, NUMBER_OK, 20200229},
      {"2019-02-29", NUMBER_PLAIN, DATE_NO_SUCH_DAY, 0},
      {"2000-02-29", NUMBER_PLAIN, NUMBER_OK, 20000229},
      {"2100-02-29", NUMBER_PLAIN, DATE_NO_SUCH_DAY, 0},
      {"2019-04-31", NUMBER_PLAIN, DATE_NO_SUCH_DAY, 0},
      {"2019-12-31", NUMBER_PLAIN, NUMBER_OK, 20191231},
      {"2019-13-01", NUMBER_PLAIN, DATE_NO_SUCH_DAY, 0},
      {"2019-00-01", NUMBER_PLAIN, DATE_NO_SUCH_DAY, 0},
      {"2019-01-00", NUMBER_PLAIN, DATE_NO_SUCH_DAY, 0},
      {"2019-01-32", NUMBER_PLAIN, DATE_NO_SUCH_DAY, 0},
      {"2019-13", NUMBER_PLAIN, DATE_NO_SUCH_DAY, 0},
      {"0000", NUMBER_PLAIN, DATE_NO_SUCH_DAY, 0},
      {"03/13/2019", NUMBER_VI, DATE_NO_SUCH_DAY, 0},
      {"31/4/2019", NUMBER_VI, DATE_NO_SUCH_DAY, 0},
      {"0/2019", NUMBER_VI, DATE_NO_SUCH_DAY, 0},
      /* another locale's way */
      {"12/03/2019", NUMBER_PLAIN, DATE_OTHER_LOCALE, 0},
      {"12/03/2019", NUMBER_EN, DATE_OTHER_LOCALE, 0},
      {"3/2019", NUMBER_PLAIN, DATE_OTHER_LOCALE, 0},
      {"2019-03-12", NUMBER_VI, DATE_OTHER_LOCALE, 0},
      {"2019-03", NUMBER_VI, DATE_OTHER_LOCALE, 0},
      /* no dates */
      {"", NUMBER_PLAIN, NUMBER_EMPTY, 0},
      {"2019-3-12", NUMBER_PLAIN, DATE_NOT_A_DATE, 0},
      {"19-03-12", NUMBER_PLAIN, DATE_NOT_A_DATE, 0},
      {"20190312", NUMBER_PLAIN, DATE_NOT_A_DATE, 0},
      {"43536", NUMBER_PLAIN, DATE_NOT_A_DATE, 0},
      {"2019-03-12 00:00:00", NUMBER_PLAIN, DATE_NOT_A_DATE, 0},
      {"2019-03-12-01", NUMBER_PLAIN, DATE_NOT_A_DATE, 0},
      {"2019-", NUMBER_PLAIN, DATE_NOT_A_DATE, 0},
      {"-2019", NUMBER_PLAIN, DATE_NOT_A_DATE, 0},
      {"2019/03/12", NUMBER_PLAIN, DATE_NOT_A_DATE, 0},
      {"12-03-2019", NUMBER_PLAIN, DATE_NOT_A_DATE, 0},
      {"12/03/19", NUMBER_VI, DATE_NOT_A_DATE, 0},
      {"012/03/2019", NUMBER_VI, DATE_NOT_A_DATE, 0},
      {"/03/2019", NUMBER_VI, DATE_NOT_A_DATE, 0},
      {"2019/03/12", NUMBER_VI, DATE_NOT_A_DATE, 0},
      {"12.03.2019", NUMBER_VI, DATE_NOT_A_DATE, 0},
      {"tháng 3", NUMBER_VI, DATE_NOT_A_DATE, 0},
      {"19", NUMBER_PLAIN, DATE_NOT_A_DATE, 0},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    uint32_t date = 77, expected = rows[i].status == NUMBER_OK ? rows[i].date : 77;
    number_status_t status = date_parse (str_of (rows[i].text), rows[i].locale, &date);
    if (status != rows[i].status || date != expected)
      fail_msg ("\"%s\" locale %d: status %d, date %u; expected %d, %u", rows[i].text, (int)rows[i].locale,
                (int)status, date, (int)rows[i].status, expected);
  }
}

static void
formats (void **state)
{
  (void)state;
  static const struct {
    int64_t value;
    unsigned scale, min_decimals;
    const char *plain;
  } rows[] = {
      {0, 0, 0, "0"},
      {0, 6, 0, "0"},
      {0, 6, 1, "0.0"},
      {5, 0, 0, "5"},
      {999, 0, 0, "999"},
      {1000, 0, 0, "1000"},
      {1389600000, 0, 0, "1389600000"},
      {-1389600, 0, 0, "-1389600"},
      {31, 1, 1, "3.1"},
      {30, 1, 1, "3.0"},
      {30, 1, 0, "3"},
      {INT64_C (14135600000), 6, 1, "14135.6"},
      {247140000, 6, 1, "247.14"},
      {5, 6, 0, "0.000005"},
      {-5, 1, 1, "-0.5"},
      {3, 0, 2, "3.00"},
      /* never the shape of 1.388 by chance */
      {1388, 3, 0, "1.3880"},
      {-1388, 3, 1, "-1.3880"},
      {1388000, 6, 1, "1.3880"},
      {125, 3, 0, "0.125"},
      {1234567, 3, 0, "1234.567"},
      {1388, 3, 3, "1.388"}, /* asked for */
      {INT64_MAX, 0, 0, "9223372036854775807"},
      {INT64_MIN, 0, 0, "-9223372036854775808"},
      {INT64_MIN, 18, 0, "-9.223372036854775808"},
  };
  buf_t out = BUF_INIT;
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_clear (&out);
    number_format_plain (rows[i].value, rows[i].scale, rows[i].min_decimals, &out);
    assert_string_equal (buf_z (&out), rows[i].plain);
    if (rows[i].min_decimals < 3) {
      int64_t back = UNTOUCHED;
      assert_int_equal (number_parse (buf_str (&out), NUMBER_PLAIN, rows[i].scale, &back), NUMBER_OK);
      assert_true (back == rows[i].value);
    }
  }
  buf_free (&out);
}

/* What we write we read, at every scale, about every power of ten. */
static void
round_trip (void **state)
{
  (void)state;
  buf_t out = BUF_INIT;
  for (unsigned scale = 0; scale <= 18; scale++)
    for (int64_t power = 1; power <= INT64_MAX / 10; power *= 10)
      for (int64_t d = -1; d <= 1; d++)
        for (unsigned min_decimals = 0; min_decimals < 3; min_decimals++)
          for (int64_t sign = -1; sign <= 1; sign += 2) {
            int64_t value = sign * (power + d), back = UNTOUCHED;
            buf_clear (&out);
            number_format_plain (value, scale, min_decimals, &out);
            if (number_parse (buf_str (&out), NUMBER_PLAIN, scale, &back) != NUMBER_OK || back != value)
              fail_msg ("%" PRId64 " scale %u: \"%s\" gives %" PRId64, value, scale, buf_z (&out), back);
          }
  buf_free (&out);
}

static void
date_formats (void **state)
{
  (void)state;
  static const struct {
    uint32_t date;
    const char *text;
  } rows[] = {{20190312, "2019-03-12"}, {20190300, "2019-03"}, {20190000, "2019"}};
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_t out = BUF_INIT;
    uint32_t back = 0;
    date_format (rows[i].date, &out);
    assert_string_equal (buf_z (&out), rows[i].text);
    assert_int_equal (date_parse (buf_str (&out), NUMBER_PLAIN, &back), NUMBER_OK);
    assert_int_equal (back, rows[i].date);
    buf_free (&out);
  }
}

static void
words (void **state)
{
  (void)state;
  static const struct {
    number_status_t status;
    const char *vi, *en; /* what the words must name */
  } rows[] = {
      {NUMBER_SCIENTIFIC, "“Number” với 0 chữ số thập phân", "\"Number\" with 0 decimals"},
      {NUMBER_AMBIGUOUS, "--locale vi", "--locale vi"},
      {NUMBER_OTHER_LOCALE, "--locale vi", "--locale en"},
      {DATE_OTHER_LOCALE, "--locale vi", "--locale"},
      {NUMBER_NOT_A_NUMBER, "không phải số", "is not a number"},
      {DATE_NO_SUCH_DAY, "không có trong lịch", "is no day of the calendar"},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    lang_set (LANG_VI);
    assert_non_null (strstr (number_words (rows[i].status), rows[i].vi));
    lang_set (LANG_EN);
    assert_non_null (strstr (number_words (rows[i].status), rows[i].en));
  }
  lang_set (LANG_VI);
  for (int s = NUMBER_OK; s <= DATE_OTHER_LOCALE; s++)
    assert_true (strlen (number_words ((number_status_t)s)) > 3);
}

static void
locales (void **state)
{
  (void)state;
  number_locale_t locale = NUMBER_PLAIN;
  assert_true (number_words_locale (STR ("vi"), &locale) && locale == NUMBER_VI);
  assert_true (number_words_locale (STR ("en"), &locale) && locale == NUMBER_EN);
  assert_true (number_words_locale (STR ("plain"), &locale) && locale == NUMBER_PLAIN);
  static const char *const others[] = {"", "VI", "vi_VN", "fr", "v"};
  for (size_t i = 0; i < COUNT (others); i++)
    assert_false (number_words_locale (str_of (others[i]), &locale));
  assert_false (number_words_locale (STR_NONE, &locale));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (plain_numbers),   cmocka_unit_test (vietnamese_numbers),
      cmocka_unit_test (english_numbers), cmocka_unit_test (dates),
      cmocka_unit_test (formats),         cmocka_unit_test (round_trip),
      cmocka_unit_test (date_formats),    cmocka_unit_test (words),
      cmocka_unit_test (locales),
  };
  return cmocka_run_group_tests_name ("number", tests, NULL, NULL);
}
