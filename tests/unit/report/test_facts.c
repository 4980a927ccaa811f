/* Facts: what is computed from which figures, what is a gap, how it is written; and rows that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/report/facts.h"
#include "tests/unit/report/made_up.h"

#include <stdio.h>
#include <string.h>

#define HEAD                                                                                                 \
  "[facts]\nid,section,kind,measure,where,of,over,year,scale,decimals,digits,parts,unit_vi,unit_en,text_vi," \
  "text_en\n"
#define MILLION INT64_C (1000000)
#define OUTCOME(from, to, indicator_, fund_, kind_, value, figures)                                          \
  {                                                                                                          \
    .family = FAMILY_OUTCOME, .year = {from, to}, .indicator = T (indicator_), .fund = T (fund_),            \
    .value_kind = (kind_), .m = {                                                                            \
      (value),                                                                                               \
      (figures)                                                                                              \
    }                                                                                                        \
  }

static const char facts_section[] =
    HEAD "S1,1,quantity,schemes,,,,,,,2,,đề án,schemes,,\n"
         "S2,1,quantity,support_vnd,,,,,6,,,S3+S4,triệu đồng,million đồng,,\n"
         "S3,1,quantity,support_vnd,fund=KCQG,,,,6,,,,triệu đồng,,,\n"
         "S4,1,quantity,support_vnd,fund=KCĐP,,,,6,,,,triệu đồng,,,\n"
         "S5,1,quantity,share,,S3,S2,,,1,,,%,,,\n"
         "S6,1,quantity,average,,S2,,,,1,,,triệu đồng/năm,,,\n"
         "S7,1,quantity,schemes,category=II,,,,,,,,đề án,,,\n"
         "S8,1,quantity,schemes,item=I.1,,,2019,,,,,đề án,,,\n"
         "S9,1,quantity,schemes,item=I.1,,,2030,,,,,đề án,,,\n"
         "O1,2,quantity,value,indicator=I.1,,,,,,,,người,,,\n"
         "O2,2,period,year_of,,O1,,,,,,,năm,,,\n"
         "O3,2,quantity,value,indicator=II.2,,,,,1,,,%,,,\n"
         "O4,2,quantity,value,indicator=II.2,,,last,,1,,,%,,,\n"
         "O5,2,quantity,value,indicator=II.1,,,,6,1,,,tỷ đồng,,,\n"
         "O6,2,quantity,value,indicator=BS.1,,,,,,,,lần,,,\n"
         "O7,2,quantity,sum,,O1+O6,,,,,,,,,,\n"
         "O8,2,quantity,share,,O1,S7,,,,,,%,,,\n"
         "O9,2,quantity,value,\"indicator=I.1,fund=KCQG,value_kind=plan\",,,,,,,,người,,,\n"
         "C1,3,quantity,projects,service=5.1,,,,,,,,dự án,,,\n"
         "T1,4,period,years,,,,,,,,,giai đoạn,,,\n"
         "T2,4,period,year_count,,,,,,,2,,năm,,,\n"
         "T3,4,reference,text,,,,,,,,,ngày,,01/8/2014,1 August 2014\n"
         "T4,4,reference,text,,,,2019-2020,,,,,,,1288,\nT5,4,reference,text,,,,2020,,,,,,,1881,\n";

static const atom_t atoms[] = {
    SCHEME (2019, 2019, "I.1", 1, 1, 1250 * MILLION),
    SCHEME (2019, 2019, "I.2", 2, 2, 1400 * MILLION + 500000),
    SCHEME (2020, 2020, "I.1", 3, 4, INT64_C (350) * MILLION),
    SCHEME (2018, 2020, "I.2", 3, 1, 0),                     /* within 2018-2020 alone */
    SCHEME (2017, 2017, "I.2", 1, 100, 999 * MILLION),       /* outside */
    OUTCOME (2019, 2019, "I.1", "KCĐP", VALUE_ACTUAL, 7, 1), /* one figure of each fund and a plan */
    OUTCOME (2020, 2020, "I.1", "KCQG", VALUE_ESTIMATE, 5, 1),
    OUTCOME (2020, 2020, "I.1", "KCQG", VALUE_PLAN, 1000, 1),
    OUTCOME (2019, 2019, "II.2", "", VALUE_ACTUAL, 25, 1),
    OUTCOME (2020, 2020, "II.2", "", VALUE_ACTUAL, 31, 1),
    OUTCOME (2019, 2019, "II.1", "KCĐP", VALUE_ACTUAL, INT64_C (2345678) * MILLION, 1),
    {.family = FAMILY_CONSULTING, .year = {2020, 2020}, .service = T ("5.1"), .m = {3, 5}},
};

static arena_t *arena;
static buf_t file;

static int
start (void **state)
{
  (void)state;
  arena = arena_new (4u << 20);
  return arena == NULL;
}

static int
end (void **state)
{
  (void)state;
  arena_destroy (&arena);
  buf_free (&file);
  return 0;
}

static catalogue_t *
catalogue_with (const char *sections)
{
  fail_t fail = {.err = ERR_OK};
  buf_clear (&file);
  buf_puts (&file, made_up_catalogue);
  buf_puts (&file, sections);
  catalogue_t *c = catalogue_parse (buf_str (&file), 1, &fail);
  if (c == NULL)
    fail_msg ("line %u: %s", (unsigned)fail.line, fail.text);
  return c;
}

typedef struct {
  const char *id, *exact, *printed, *english;
  gap_t gap;
} fact_row_t;

static void
check_facts (span_t years, size_t n_atoms, const fact_row_t *rows, size_t n)
{
  catalogue_t *c = catalogue_with (facts_section);
  made_up_t made = {.atom = atoms, .atoms = n_atoms};
  figures_t f = made_up_figures (&made, c);
  fail_t fail = {.err = ERR_OK};
  facts_t *facts = NULL;
  const fact_t *fact;
  assert_int_equal (facts_read (c, &facts, &fail), ERR_OK);
  assert_int_equal (facts_eval (facts, &f, years, arena, &fact, &fail), ERR_OK);
  for (size_t i = 0; i < n; i++) {
    buf_t exact = BUF_INIT, printed = BUF_INIT, english = BUF_INIT;
    size_t at;
    assert_true (facts_find (facts, str_of (rows[i].id), &at));
    fact_exact (&fact[at], &exact);
    fact_printed (&fact[at], false, &printed);
    fact_printed (&fact[at], true, &english);
    if (strcmp (buf_z (&exact), rows[i].exact) != 0 || strcmp (buf_z (&printed), rows[i].printed) != 0 ||
        strcmp (buf_z (&english), rows[i].english) != 0 || fact[at].gap != rows[i].gap)
      fail_msg ("%s: “%s”, “%s”, “%s”, gap %d", rows[i].id, buf_z (&exact), buf_z (&printed),
                buf_z (&english), (int)fact[at].gap);
    buf_free (&exact);
    buf_free (&printed);
    buf_free (&english);
  }
  facts_destroy (&facts);
  assert_null (facts);
  catalogue_destroy (&c);
}

static void
figures (void **state)
{
  (void)state;
  static const fact_row_t rows[] = {
      {"S1", "7", "07", "7", GAP_NONE},
      {"S2", "3000.5", "3.001", "3,001", GAP_NONE}, /* half up, once, from the exact figure */
      {"S3", "1250", "1.250", "1,250", GAP_NONE},
      {"S4", "1750.5", "1.751", "1,751", GAP_NONE},
      {"S5", "41.660", "41,7", "41.7", GAP_NONE}, /* 1250 ÷ 3000,5 */
      {"S6", "1500.250", "1.500,3", "1,500.3", GAP_NONE},
      {"S7", "0", "0", "0", GAP_NONE}, /* schemes are known: there is none of it */
      {"S8", "1", "1", "1", GAP_NONE},
      {"S9", "", "[năm của số liệu nằm ngoài kỳ báo cáo: S9]", "[its year is outside the report: S9]",
       GAP_OUTSIDE},
      {"O1", "12", "12", "12", GAP_NONE}, /* never the plan */
      {"O2", "2019, 2020", "2019, 2020", "2019, 2020", GAP_NONE},
      {"O3", "", "[có nhiều số liệu không được cộng với nhau: O3]",
       "[several figures that must not be added up: O3]", GAP_SEVERAL},
      {"O4", "3.1", "3,1", "3.1", GAP_NONE},
      {"O5", "2.345678", "2,3", "2.3", GAP_NONE},
      {"O6", "", "[chưa có số liệu: O6]", "[no data: O6]", GAP_NO_DATA},
      {"O7", "12", "12", "12", GAP_NONE}, /* of what is known */
      {"O8", "", "[không có số để so sánh: O8]", "[there is nothing to compare with: O8]", GAP_ZERO},
      {"O9", "1000", "1.000", "1,000", GAP_NONE}, /* unless plans are asked for */
      {"C1", "3", "3", "3", GAP_NONE},
      {"T1", "2019-2020", "2019-2020", "2019-2020", GAP_NONE},
      {"T2", "2", "02", "2", GAP_NONE},
      {"T3", "01/8/2014", "01/8/2014", "1 August 2014", GAP_NONE},
      {"T4", "1288", "1288", "1288", GAP_NONE}, /* a text is true of its years alone */
      {"T5", "", "[năm của số liệu nằm ngoài kỳ báo cáo: T5]", "[its year is outside the report: T5]",
       GAP_OUTSIDE},
  };
  check_facts ((span_t){2019, 2020}, COUNT (atoms), rows, COUNT (rows));
}

static void
other_years (void **state)
{
  (void)state;
  static const fact_row_t with_span[] = {
      {"S1", "8", "08", "8", GAP_NONE}, /* the span lies within */
      {"S6", "1000.167", "1.000,2", "1,000.2", GAP_NONE},
      {"T2", "3", "03", "3", GAP_NONE},
      {"T4", "", "[năm của số liệu nằm ngoài kỳ báo cáo: T4]", "[its year is outside the report: T4]",
       GAP_OUTSIDE},
  };
  static const fact_row_t one_year[] = {
      {"O3", "3.1", "3,1", "3.1", GAP_NONE}, /* one figure alone */
      {"O2", "2020", "2020", "2020", GAP_NONE},
      {"T4", "1288", "1288", "1288", GAP_NONE},
      {"T5", "1881", "1881", "1881", GAP_NONE},
      {"S8", "", "[năm của số liệu nằm ngoài kỳ báo cáo: S8]", "[its year is outside the report: S8]",
       GAP_OUTSIDE},
  };
  static const fact_row_t nothing[] = {
      {"S1", "", "[chưa có số liệu: S1]", "[no data: S1]", GAP_NO_DATA},
      {"S5", "", "[chưa có số liệu: S5]", "[no data: S5]", GAP_NO_DATA},
      {"O2", "", "[chưa có số liệu: O2]", "[no data: O2]", GAP_NO_DATA},
      {"O4", "", "[chưa có số liệu: O4]", "[no data: O4]", GAP_NO_DATA},
      {"O7", "", "[chưa có số liệu: O7]", "[no data: O7]", GAP_NO_DATA},
  };
  check_facts ((span_t){2018, 2020}, COUNT (atoms), with_span, COUNT (with_span));
  check_facts ((span_t){2020, 2020}, COUNT (atoms), one_year, COUNT (one_year));
  check_facts ((span_t){2019, 2020}, 0, nothing, COUNT (nothing));
}

/* 1.250 + 1.751 is printed beside 3.001: they do add up; 0,5 + 0,5 beside 1 do not. */
static void
roundings (void **state)
{
  (void)state;
  static const atom_t halves[] = {SCHEME (2019, 2019, "I.1", 1, 1, 500000),
                                  SCHEME (2019, 2019, "I.2", 2, 1, 500000)};
  static const struct {
    const atom_t *atom;
    size_t atoms, found;
  } rows[] = {{atoms, COUNT (atoms), 0}, {halves, COUNT (halves), 1}, {halves, 1, 0}, {NULL, 0, 0}};
  for (size_t i = 0; i < COUNT (rows); i++) {
    catalogue_t *c = catalogue_with (facts_section);
    made_up_t made = {.atom = rows[i].atom, .atoms = rows[i].atoms};
    figures_t f = made_up_figures (&made, c);
    fail_t fail = {.err = ERR_OK};
    facts_t *facts = NULL;
    const fact_t *fact;
    const fact_rounding_t *found;
    size_t n = 0;
    assert_int_equal (facts_read (c, &facts, &fail), ERR_OK);
    assert_int_equal (facts_eval (facts, &f, (span_t){2019, 2019}, arena, &fact, &fail), ERR_OK);
    assert_int_equal (facts_roundings (facts, fact, arena, &found, &n), ERR_OK);
    if (n != rows[i].found || (n > 0 && (found[0].parts != 2 || found[0].sum != 1)))
      fail_msg ("row %zu: %zu found", i, n);
    facts_destroy (&facts);
    catalogue_destroy (&c);
  }
}

static void
overflow (void **state)
{
  (void)state;
  static const atom_t large[] = {SCHEME (2019, 2019, "I.1", 1, 1, INT64_MAX),
                                 SCHEME (2019, 2019, "I.1", 1, 1, 1)};
  catalogue_t *c = catalogue_with (facts_section);
  made_up_t made = {.atom = large, .atoms = COUNT (large)};
  figures_t f = made_up_figures (&made, c);
  fail_t fail = {.err = ERR_OK};
  facts_t *facts = NULL;
  const fact_t *fact;
  assert_int_equal (facts_read (c, &facts, &fail), ERR_OK);
  assert_int_equal (facts_eval (facts, &f, (span_t){2019, 2019}, arena, &fact, &fail), ERR_OVERFLOW);
  made.atoms = 1; /* what can be added up and still not be written down with decimals is a gap */
  fail = (fail_t){.err = ERR_OK};
  assert_int_equal (facts_eval (facts, &f, (span_t){2019, 2019}, arena, &fact, &fail), ERR_OK);
  size_t share;
  assert_true (facts_find (facts, STR ("S5"), &share));
  assert_int_equal (fact[share].gap, GAP_RANGE);
  facts_destroy (&facts);
  catalogue_destroy (&c);
}

static void
refused (void **state)
{
  (void)state;
  static const struct {
    const char *row, *column, *what;
  } rows[] = {
      {"1 1,1,quantity,schemes,,,,,,,,,,,,", "id", "“1 1”"},
      {"A,1,quantity,schemes,,,,,,,,,,,,\nA,1,quantity,schemes,,,,,,,,,,,,", "id", "“A”"},
      {"A,1,number,schemes,,,,,,,,,,,,", "kind", "number"},
      {"A,1,quantity,kroner,,,,,,,,,,,,", "measure", "kroner"},
      {"A,1,quantity,value,,,,,,,,,,,,", "measure", "indicator"},
      {"A,1,quantity,schemes,district=999,,,,,,,,,,,", "where", "999"},
      {"A,1,quantity,schemes,colour=red,,,,,,,,,,,", "where", "colour"},
      {"A,1,quantity,schemes,,,,20,,,,,,,,", "year", "20"},
      {"A,1,quantity,schemes,,,,2014-2020,,,,,,,,", "year", "2014-2020"},
      {"A,1,quantity,schemes,,,,,99,,,,,,,", "scale", "99"},
      {"A,1,quantity,schemes,,,,,,-1,,,,,,", "decimals", "-1"},
      {"A,1,quantity,schemes,,,,,,,x,,,,,", "digits", "“x”"},
      {"A,1,quantity,schemes,,,,,,,,B+A,,,,", "parts", "“B”"},
      {"A,1,quantity,share,,B,C,,,,,,,,,", "over", "“C”"},
      {"A,1,quantity,average,,,,,,,,,,,,", "of", "mã"},
      {"A,1,quantity,average,,A,,,,,,,,,,", "of", "“A”"}, /* a circle */
      {"A,1,quantity,schemes,,,,,,,,,,,,\nB,1,quantity,average,,A+A,,,,,,,,,,", "of", "một"},
      {"A,1,quantity,years,,,,,,,,,,,,\nB,1,quantity,sum,,A,,,,,,,,,,", "of", "“A”"},
      {"A,1,period,year_of,,B,,,,,,,,,,", "of", "“B”"},
      {"A,1,reference,text,,,,,,,,,,,,", "text_vi", "trống"},
      {"A,1,reference,text,,,,last,,,,,,,a,", "year", "last"},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    char sections[512];
    snprintf (sections, sizeof sections, HEAD "%s\n", rows[i].row);
    catalogue_t *c = catalogue_with (sections);
    fail_t fail = {.err = ERR_OK};
    facts_t *facts = NULL;
    err_t err = facts_read (c, &facts, &fail);
    if (err != ERR_INPUT || facts != NULL || fail.line == 0 || fail.column == 0 ||
        strstr (fail.text, rows[i].column) == NULL || strstr (fail.text, rows[i].what) == NULL)
      fail_msg ("row %zu: %d, line %u, column %u: %s", i, (int)err, (unsigned)fail.line,
                (unsigned)fail.column, fail.text);
    catalogue_destroy (&c);
  }
}

static void
none (void **state)
{
  (void)state;
  catalogue_t *c = catalogue_with ("");
  fail_t fail = {.err = ERR_OK};
  facts_t *facts = NULL;
  assert_int_equal (facts_read (c, &facts, &fail), ERR_OK);
  assert_int_equal (facts_count (facts), 0);
  facts_destroy (&facts);
  catalogue_destroy (&c);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (figures),  cmocka_unit_test (other_years), cmocka_unit_test (roundings),
      cmocka_unit_test (overflow), cmocka_unit_test (refused),     cmocka_unit_test (none),
  };
  return cmocka_run_group_tests (tests, start, end);
}
