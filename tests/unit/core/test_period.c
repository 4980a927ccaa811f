/* test_period.c - names and days of report periods, by the rule and by a catalogue; what belongs to one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/lang.h"
#include "common/core/period.h"
#include "tests/unit/core/small_catalogue.h"

static const struct {
  const char *text, *normal; /* NULL: no such period */
  period_form_t form;
  uint8_t index;
  date_t from, to;
} names[] = {
    {"2020", "2020", PERIOD_CALENDAR, 0, 20200101, 20201231},
    {"2000", "2000", PERIOD_CALENDAR, 0, 20000101, 20001231},
    {"2000-Y", "2000-Y", PERIOD_YEAR, 0, 19991215, 20001214},
    {"2020-Y", "2020-Y", PERIOD_YEAR, 0, 20191215, 20201214},
    {"2020-y", "2020-Y", PERIOD_YEAR, 0, 20191215, 20201214},
    {"2020-H1", "2020-H1", PERIOD_HALF, 1, 20191215, 20200614},
    {"2020-h2", "2020-H2", PERIOD_HALF, 2, 20200615, 20201214},
    {"2020-9M", "2020-9M", PERIOD_NINE, 0, 20191215, 20200914},
    {"2020-9m", "2020-9M", PERIOD_NINE, 0, 20191215, 20200914},
    {"2020-Q1", "2020-Q1", PERIOD_QUARTER, 1, 20191215, 20200314},
    {"2020-q2", "2020-Q2", PERIOD_QUARTER, 2, 20200315, 20200614},
    {"2020-Q3", "2020-Q3", PERIOD_QUARTER, 3, 20200615, 20200914},
    {"2020-Q4", "2020-Q4", PERIOD_QUARTER, 4, 20200915, 20201214},
    {"2020-01", "2020-01", PERIOD_MONTH, 1, 20191215, 20200114},
    {"2020-02", "2020-02", PERIOD_MONTH, 2, 20200115, 20200214},
    {"2020-03", "2020-03", PERIOD_MONTH, 3, 20200215, 20200314}, /* over a 29 February */
    {"2021-03", "2021-03", PERIOD_MONTH, 3, 20210215, 20210314},
    {"2020-12", "2020-12", PERIOD_MONTH, 12, 20201115, 20201214},
    {"2100", "2100", PERIOD_CALENDAR, 0, 21000101, 21001231},
    {"", NULL, 0, 0, 0, 0},
    {"202", NULL, 0, 0, 0, 0},
    {"20200", NULL, 0, 0, 0, 0},
    {"1999", NULL, 0, 0, 0, 0},
    {"2101-Q1", NULL, 0, 0, 0, 0},
    {"2020-", NULL, 0, 0, 0, 0},
    {"2020 ", NULL, 0, 0, 0, 0},
    {" 2020", NULL, 0, 0, 0, 0},
    {"2020-Q", NULL, 0, 0, 0, 0},
    {"2020-Q0", NULL, 0, 0, 0, 0},
    {"2020-Q5", NULL, 0, 0, 0, 0},
    {"2020-Q22", NULL, 0, 0, 0, 0},
    {"2020-H3", NULL, 0, 0, 0, 0},
    {"2020-6M", NULL, 0, 0, 0, 0},
    {"2020-00", NULL, 0, 0, 0, 0},
    {"2020-13", NULL, 0, 0, 0, 0},
    {"2020-3", NULL, 0, 0, 0, 0},
    {"2020-2021", NULL, 0, 0, 0, 0},
    {"2020Q2", NULL, 0, 0, 0, 0},
    {"2020/Q2", NULL, 0, 0, 0, 0},
    {"2020-Ý", NULL, 0, 0, 0, 0},
};

static void
test_names (void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    period_t p = {.year = 7};
    char text[PERIOD_TEXT_MAX];
    bool ok = period_parse (str_of (names[i].text), NULL, &p);
    if (ok != (names[i].normal != NULL))
      print_error ("\"%s\"\n", names[i].text);
    assert_int_equal (ok, names[i].normal != NULL);
    if (!ok) {
      assert_int_equal (p.year, 7); /* untouched */
      continue;
    }
    period_format (&p, text);
    assert_string_equal (text, names[i].normal);
    assert_int_equal (p.form, names[i].form);
    assert_int_equal (p.index, names[i].index);
    assert_int_equal (p.from, names[i].from);
    assert_int_equal (p.to, names[i].to);
  }
}

#define HEADER "[periods]\nperiod,from_year,from,to_year,to\n"

static catalogue_t *
with_periods (const char *rows, fail_t *fail)
{
  buf_t file = BUF_INIT;
  buf_puts (&file, SMALL_CATALOGUE);
  buf_puts (&file, rows);
  catalogue_t *c = catalogue_parse (buf_str (&file), 1, fail);
  buf_free (&file);
  return c;
}

static void
test_catalogue_days (void **state)
{
  (void)state;
  static const struct {
    const char *text;
    date_t from, to;
  } rows[] = {
      {"2020-Q1", 20200101, 20200331}, /* as the rows say */
      {"2020-02", 20200201, 20200229}, /* to a leap year's last of February */
      {"2019-02", 20190201, 20190228}, {"2100-02", 21000201, 21000228}, {"2000-02", 20000201, 20000229},
      {"2020-Y", 20191201, 20210131},  {"2020-Q2", 20200315, 20200614}, /* no row: by the rule */
  };
  fail_t fail = {0};
  catalogue_t *c = with_periods (HEADER "Q1,,01-01,,03-31\n02,0,02-01,0,02-31\nY,-1,12-01,1,01-31\n", &fail);
  assert_non_null (c);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    period_t p;
    assert_true (period_parse (str_of (rows[i].text), c, &p));
    assert_int_equal (p.from, rows[i].from);
    assert_int_equal (p.to, rows[i].to);
  }
  catalogue_destroy (&c);
}

static void
test_catalogue_refused (void **state)
{
  (void)state;
  static const struct {
    const char *row, *words; /* NULL: taken */
  } rows[] = {
      {"Q1,-1,12-15,0,03-14", NULL},
      {"Q9,-1,12-15,0,xx", NULL},
      {"q1,-1,12-15,0,xx", "Q1"},
      {"Q1,-2,12-15,0,03-14", "from_year"},
      {"Q1,-1,12/15,0,03-14", "12-15"},
      {"Q1,-1,13-01,0,03-14", "12-15"},
      {"Q1,-1,12-00,0,03-14", "12-15"},
      {"Q1,-1,12-32,0,03-14", "12-15"},
      {"Q1,0,12-15,0,03-14", "first day"},
      {"Q1,-1,12-15,0,", "12-15"},
      {"Q1,-1,12-15,0,03-14\nq1,,01-01,,03-31", "above"},
  };
  lang_set (LANG_EN);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    fail_t fail = {0};
    buf_t section = BUF_INIT;
    buf_printf (&section, HEADER "%s\n", rows[i].row);
    catalogue_t *c = with_periods (buf_z (&section), &fail);
    if ((c != NULL) != (rows[i].words == NULL))
      print_error ("row \"%s\": %s\n", rows[i].row, fail.text);
    assert_int_equal (c != NULL, rows[i].words == NULL);
    if (c == NULL) {
      assert_int_equal (fail.err, ERR_INPUT);
      assert_non_null (strstr (fail.text, rows[i].words));
      assert_int_not_equal (fail.line, 0);
    }
    catalogue_destroy (&c);
    buf_free (&section);
  }
}

static void
test_within (void **state)
{
  (void)state;
  static const struct {
    const char *a, *b;
    bool within;
  } rows[] = {
      {"2020-Q2", "2020-H1", true},  {"2020-Q2", "2020-9M", true},  {"2020-Q2", "2020-Y", true},
      {"2020-Q2", "2020-Q2", true},  {"2020-Q2", "2020", true},     {"2020-Q1", "2020", false},
      {"2020-Q3", "2020-H1", false}, {"2020-H1", "2020-Q2", false}, {"2020-12", "2020-Q4", true},
      {"2021-01", "2020-Y", false},  {"2021-01", "2021-Q1", true},  {"2020-H2", "2020-9M", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    period_t a, b;
    assert_true (period_parse (str_of (rows[i].a), NULL, &a) && period_parse (str_of (rows[i].b), NULL, &b));
    assert_int_equal (period_within (&a, &b), rows[i].within);
  }
}

static void
test_day_end (void **state)
{
  (void)state;
  static const struct {
    date_t day;
    int64_t ms; /* of the first millisecond of the next day in UTC+7 */
  } rows[] = {
      {19700101, INT64_C (61200000)},      {20200229, INT64_C (1582995600000)},
      {20200331, INT64_C (1585674000000)}, {20201231, INT64_C (1609434000000)},
      {20210228, INT64_C (1614531600000)}, {21000228, INT64_C (4107517200000)},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    assert_int_equal (day_end (rows[i].day).ms, rows[i].ms - 1);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    assert_int_equal (day_of ((wall_t){rows[i].ms - 1}), rows[i].day);
    assert_int_equal (day_of ((wall_t){rows[i].ms - 86400000}), rows[i].day);
    assert_true (day_of ((wall_t){rows[i].ms}) > rows[i].day);
  }
  assert_int_equal (day_of ((wall_t){-1}), 19700101);
  assert_int_equal (day_of ((wall_t){INT64_C (1585674000000)}), 20200401);
  assert_int_equal (day_of ((wall_t){INT64_C (951757200000)}), 20000229);
}

static void
test_words (void **state)
{
  (void)state;
  static const struct {
    const char *text, *vi, *en;
  } rows[] = {
      {"2020-Q2", "quý II năm 2020 (15/03/2020–14/06/2020)", "quarter II of 2020 (2020-03-15–2020-06-14)"},
      {"2020", "năm 2020 theo lịch (01/01/2020–31/12/2020)", "calendar year 2020 (2020-01-01–2020-12-31)"},
      {"2020-Y", "năm báo cáo 2020 (15/12/2019–14/12/2020)", "report year 2020 (2019-12-15–2020-12-14)"},
      {"2020-H1", "6 tháng đầu năm 2020 (15/12/2019–14/06/2020)",
       "first half of 2020 (2019-12-15–2020-06-14)"},
      {"2020-03", "tháng 3 năm 2020 (15/02/2020–14/03/2020)", "month 3 of 2020 (2020-02-15–2020-03-14)"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    period_t p;
    buf_t out = BUF_INIT;
    assert_true (period_parse (str_of (rows[i].text), NULL, &p));
    lang_set (LANG_VI);
    period_words (&p, &out);
    assert_string_equal (buf_z (&out), rows[i].vi);
    buf_clear (&out);
    lang_set (LANG_EN);
    period_words (&p, &out);
    assert_string_equal (buf_z (&out), rows[i].en);
    buf_free (&out);
  }
}

/* ---- what belongs ---- */

static record_t
scheme (status_t status, uint16_t from, uint16_t to, date_t registered, date_t approved, date_t accepted,
        date_t settled)
{
  record_t r = {.kind = KIND_SCHEME};
  r.u.scheme.status = status;
  r.u.scheme.plan_year = (span_t){from, to};
  r.u.scheme.registered_on = registered;
  r.u.scheme.approved_on = approved;
  r.u.scheme.accepted_on = accepted;
  r.u.scheme.settled_on = settled;
  return r;
}

static record_t
outcome (uint16_t from, uint16_t to, const char *period)
{
  record_t r = {.kind = KIND_OUTCOME};
  r.u.outcome.year = (span_t){from, to};
  r.u.outcome.period = str_of (period);
  return r;
}

static record_t
of_year (kind_t kind, uint16_t year)
{
  record_t r = {.kind = kind};
  if (kind == KIND_CONSULTING)
    r.u.consulting.year = (span_t){year, year};
  else
    r.u.staff.year = (span_t){year, year};
  return r;
}

static void
test_belongs (void **state)
{
  (void)state;
  const record_t settled = scheme (STATUS_SETTLED, 2019, 2019, 20180910, 20190301, 20191120, 20200115);
  const record_t running = scheme (STATUS_RUNNING, 2020, 2020, 20190910, 20200401, 0, 0);
  const struct {
    record_t r;
    const char *periods; /* it belongs to these … */
    const char *others;  /* … and not to these */
  } rows[] = {
      /* settled in January on last year's budget: the budget year is 2019, the step falls into 2020-Q1 */
      {settled, "2019 2020-Y 2020-Q1 2020-H1 2020-9M 2020-02", "2020 2019-Y 2019-Q4 2019-H2 2020-01"},
      {running, "2020 2020-Y 2020-Q2 2020-04 2020-H1", "2019-Y 2020-Q1 2020-H2"},
      /* a month alone: only in a period that holds all of it */
      {scheme (STATUS_APPROVED, 2020, 2020, 0, 20200500, 0, 0), "2020 2020-Q2 2020-H1", "2020-05 2020-Q3"},
      {scheme (STATUS_APPROVED, 2020, 2020, 0, 20200600, 0, 0), "2020 2020-9M", "2020-Q2 2020-Q3 2020-H1"},
      /* a later date than its state means nothing; an earlier one stands in */
      {scheme (STATUS_APPROVED, 2020, 2020, 20200110, 0, 20200801, 0), "2020-Q1", "2020-Q3"},
      {scheme (STATUS_DRAFT, 2020, 2020, 0, 0, 0, 0), "2020 2020-Y", "2020-Q1 2020-Q2 2020-9M"},
      {scheme (STATUS_SETTLED, 2014, 2020, 0, 0, 0, 20200401), "2020-Q2 2020-Y", "2020 2014 2019-Y"},
      {scheme (STATUS_SETTLED, 2014, 2020, 0, 0, 0, 0), "", "2020 2014 2020-Y"},
      /* the report year ends on 14 December */
      {scheme (STATUS_APPROVED, 2020, 2020, 0, 20201214, 0, 0), "2020 2020-Y 2020-Q4", "2021-Y"},
      {scheme (STATUS_APPROVED, 2020, 2020, 0, 20201215, 0, 0), "2020 2021-Y 2021-Q1", "2020-Y"},
      /* a date that may be of two report years says none: the plan year does */
      {scheme (STATUS_APPROVED, 2019, 2019, 0, 20201200, 0, 0), "2019 2019-Y", "2020-Y 2021-Y 2020"},
      {scheme (STATUS_APPROVED, 2020, 2020, 0, 20200000, 0, 0), "2020 2020-Y", "2021-Y 2020-Q2"},
      {outcome (2020, 2020, NULL), "2020 2020-Y", "2020-Q1 2020-H1 2019 2021"},
      {outcome (2020, 2020, "2020-Q2"), "2020 2020-Y 2020-Q2 2020-H1 2020-9M", "2020-Q1 2020-H2 2021"},
      {outcome (2020, 2020, "2020-q2"), "2020-Q2", "2020-Q1"},
      {outcome (2020, 2020, "2020"), "2020 2020-Y", "2020-Q1"},
      {outcome (2020, 2020, "đợt 1"), "2020 2020-Y", "2020-Q1"},
      {outcome (2019, 2019, "2020-Q1"), "2019 2020-Q1 2020-Y", "2020 2019-Y 2019-Q4"},
      {outcome (2014, 2020, NULL), "", "2014 2020 2020-Y"},
      {of_year (KIND_CONSULTING, 2020), "2020 2020-Y", "2019 2020-Q1"},
      {of_year (KIND_STAFF, 2020), "2020 2020-Y", "2019 2020-H1"},
      {{.kind = KIND_DOCUMENT}, "2020 2019-Q1 2021-H2", ""},
      {{.kind = KIND_SUBMISSION}, "", "2020 2020-Q2"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    for (int want = 1; want >= 0; want--) {
      str_t rest = str_of (want ? rows[i].periods : rows[i].others);
      while (rest.n > 0) {
        const char *space = memchr (rest.p, ' ', rest.n);
        str_t name = {rest.p, space != NULL ? (size_t)(space - rest.p) : rest.n};
        period_t p;
        assert_true (period_parse (name, NULL, &p));
        if (period_has (&p, &rows[i].r, NULL) != (want == 1))
          print_error ("row %zu, period %.*s\n", i, STR_ARG (name));
        assert_int_equal (period_has (&p, &rows[i].r, NULL), want == 1);
        size_t used = name.n < rest.n ? name.n + 1 : name.n;
        rest = (str_t){rest.p + used, rest.n - used};
      }
    }
}

static void
test_tables (void **state)
{
  (void)state;
  static const struct {
    const char *name;
    table_id_t table;
  } rows[] = {
      {"consulting", TABLE_CONSULTING},
      {"outcomes", TABLE_OUTCOMES},
      {"budget", TABLE_BUDGET},
      {"documents", TABLE_DOCUMENTS},
      {"staff", TABLE_STAFF},
      {"scheme", TABLE_BUDGET},
      {"outcome", TABLE_OUTCOMES},
      {"document", TABLE_DOCUMENTS},
      {"1", TABLE_CONSULTING},
      {"5", TABLE_STAFF},
      {"0", TABLE_NONE},
      {"6", TABLE_NONE},
      {"", TABLE_NONE},
      {"submission", TABLE_NONE},
      {"Budget", TABLE_NONE},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    assert_int_equal (table_of_name (str_of (rows[i].name)), rows[i].table);
  const unit_t province = {.province = true}, district = {0};
  for (int t = TABLE_NONE; t <= (int)TABLE_COUNT; t++) {
    bool real = t > TABLE_NONE && t < (int)TABLE_COUNT;
    assert_int_equal (table_name ((table_id_t)t) != NULL, real);
    assert_int_equal (table_expected ((table_id_t)t, &province), real);
    assert_int_equal (table_expected ((table_id_t)t, &district), t == TABLE_OUTCOMES || t == TABLE_BUDGET);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (test_names),  cmocka_unit_test (test_catalogue_days),
      cmocka_unit_test (test_within), cmocka_unit_test (test_catalogue_refused),
      cmocka_unit_test (test_words),  cmocka_unit_test (test_belongs),
      cmocka_unit_test (test_tables), cmocka_unit_test (test_day_end),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
