/* Checks over records, each side of its limit; what a flag is named by; what a catalogue may say of checks.
 */
#include "common/base/lang.h"
#include "common/core/quality.h"
#include "tests/unit/core/small_catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define M INT64_C (1000000)
#define CHECKS                                                                                               \
  "[checks]\nid,kind,scope,severity,of,items,threshold,tolerance,minimum,years,valid_from,valid_to,text_vi," \
  "text_en,source\n"
#define CEILINGS "[ceilings]\nitem,from,to,per,ceiling_vnd,percent,priority,law\n"
#define LISTS                                                                                                \
  CHECKS "dates,rule,record,warning,dates_order,,,,,,,,,,\n"                                                 \
         "ceiling,ceiling,record,warning,,,,,,,,,{0n} trên {1n} của {2},{0n} above {1n} of {2},\n"        \
         "subset,subset,office,warning,,,,,,,,,{0} trên {1},,\n"                                            \
         "duplicate,duplicate,province,warning,,,85,10,,,,,trùng {0} của {1},same as {0} of {1},\n"       \
         "twice,twice,province,warning,,I.1,,,,2,2014-01-01,2020-12-31,hai lần,,\n"                        \
         "unit,unit,province,warning,scheme,,300,,4,,,,nhầm đơn vị,,\n"                                \
         "outlier,outlier,province,note,scheme,IV.8,10,5,5,,,,khác thường,,\n"                           \
         "value,outlier,province,note,outcome,,10,5,5,,,,khác thường,,\n"                                \
         "value_unit,unit,province,warning,outcome,,300,,4,,,,nhầm đơn vị,,\n"                         \
         "later,horoscope,province,warning,,,,,,,,,không biết,,\n"                                        \
         "later_rule,rule,record,warning,moon_phase,,,,,,,,,,\n" CEILINGS                                    \
         "I.1,2014-04-08,2018-05-10,establishment,200000000,50,1.5,A\n"                                      \
         "I.1,2018-05-11,,establishment,300000000,50,1.5,B\n"                                                \
         "IV.8,2014-04-08,2018-05-10,scheme,35000000,,,A\nIV.8,2018-05-11,,scheme,,,,B\n"                    \
         "[same_words]\nwords,as\nhợp tác xã,htx\n"
static const char file[] =
    SMALL_META SMALL_UNITS SMALL_SOURCES SMALL_CATEGORIES SMALL_ITEMS SMALL_INDICATORS LISTS;

static catalogue_t *c;
static const checks_t *checks;
static quality_t *q;
static unsigned serial;

static int
setup (void **state)
{
  (void)state;
  fail_t fail = {0};
  lang_set (LANG_EN);
  c = catalogue_parse (str_of (file), 1, &fail);
  if (c == NULL)
    print_error ("%s at %u:%u\n", fail.text, (unsigned)fail.line, (unsigned)fail.column);
  checks = c != NULL ? catalogue_checks (c) : NULL;
  return checks != NULL ? 0 : -1;
}

static int
teardown (void **state)
{
  (void)state;
  catalogue_destroy (&c);
  return 0;
}

static void
start (check_scope_t widest)
{
  q = quality_new (c, widest);
  assert_non_null (q);
  serial = 0;
}

static void
put (const record_t *r)
{
  record_id_t id = {{0}};
  id.b[15] = (uint8_t)++serial;
  id.b[14] = (uint8_t)(serial >> 8);
  assert_int_equal (quality_add (q, id, (wall_t){serial}, r), ERR_OK);
}

/* Findings of all but the check named "" are those of `check`; their first keys joined by a space. */
static void
expect (const char *row, const char *check, const char *keys)
{
  const finding_t *f = NULL;
  size_t n = 0;
  buf_t got = BUF_INIT;
  assert_int_equal (quality_run (q, &f, &n), ERR_OK);
  for (size_t i = 0; i < n; i++)
    if (str_is (f[i].check->id, check)) {
      for (size_t k = 0; k < f[i].subjects_n; k++)
        buf_printf (&got, "%s%.*s", k > 0 ? "+" : got.n > 0 ? " " : "", STR_ARG (f[i].subject[k].key));
      if (f[i].severity == SEVERITY_NOTE)
        buf_puts (&got, "?");
    }
  if (strcmp (buf_z (&got), keys) != 0)
    fail_msg ("%s: %s found \"%s\", expected \"%s\"", row, check, buf_z (&got), keys);
  buf_free (&got);
  quality_destroy (&q);
}

static record_t
scheme (const char *code, const char *item, unsigned year, int64_t amount)
{
  record_t r = {.kind = KIND_SCHEME};
  r.u.scheme = (scheme_t){.code = str_of (code),
                          .name = str_of (code),
                          .item = str_of (item),
                          .district = 10,
                          .plan_year = {(uint16_t)year, (uint16_t)year},
                          .status = STATUS_APPROVED,
                          .kind = SCHEME_SINGLE,
                          .funding_n = 1};
  r.u.scheme.funding[0] = (funding_t){.source = 2, .approved_vnd = {true, amount}};
  return r;
}

/* ---- checks of one record ---- */

static void
rules (void **state)
{
  (void)state;
  record_t r = scheme ("A", "I.1", 2015, M);
  start (SCOPE_RECORD);
  r.u.scheme.registered_on = 20150302;
  r.u.scheme.approved_on = 20150302;
  put (&r);
  expect ("same day", "dates", "");
  start (SCOPE_RECORD);
  r.u.scheme.approved_on = 20150301;
  put (&r);
  expect ("a day before", "dates", "A");
}

static void
ceilings (void **state)
{
  (void)state;
  static const struct {
    const char *item;
    unsigned year, to;
    date_t approved;
    int64_t amount, investment;
    uint32_t beneficiaries;
    scheme_kind_t kind;
    const char *keys;
  } rows[] = {
      {"I.1", 2016, 0, 0, 200 * M, 0, 0, SCHEME_SINGLE, ""},
      {"I.1", 2016, 0, 0, 200 * M + 1, 0, 0, SCHEME_SINGLE, "A?"},
      {"I.1", 2016, 0, 0, 300 * M, 0, 0, SCHEME_SINGLE, "A?"},
      {"I.1", 2016, 0, 0, 300 * M + 1, 0, 0, SCHEME_SINGLE, "A"},
      {"I.1", 2019, 0, 0, 300 * M, 0, 0, SCHEME_SINGLE, ""},
      {"I.1", 2019, 0, 0, 451 * M, 0, 0, SCHEME_SINGLE, "A"},
      /* a year with two ceilings: the later one, unless the day says otherwise */
      {"I.1", 2018, 0, 0, 300 * M, 0, 0, SCHEME_SINGLE, ""},
      {"I.1", 2018, 0, 20180510, 300 * M + 1, 0, 0, SCHEME_SINGLE, "A"},
      {"I.1", 2018, 0, 20180511, 300 * M, 0, 0, SCHEME_SINGLE, ""},
      {"I.1", 2018, 0, 20180500, 300 * M, 0, 0, SCHEME_SINGLE, ""}, /* the day is not known */
      {"I.1", 2014, 2020, 0, 300 * M, 0, 0, SCHEME_SINGLE, ""},
      /* before the first text, after one that is not known, an item without any */
      {"I.1", 2013, 0, 0, 900 * M, 0, 0, SCHEME_SINGLE, ""},
      {"IV.8", 2017, 0, 0, 35 * M, 0, 0, SCHEME_SINGLE, ""},
      {"IV.8", 2017, 0, 0, 35 * M + 1, 0, 0, SCHEME_SINGLE, "A"}, /* no more for priority */
      {"IV.8", 2019, 0, 0, 900 * M, 0, 0, SCHEME_SINGLE, ""},
      {"IV.8", 2018, 0, 0, 900 * M, 0, 0, SCHEME_SINGLE, ""},
      {"IV.8", 2018, 0, 20180510, 900 * M, 0, 0, SCHEME_SINGLE, "A"},
      /* for each establishment; a group whose members are not known yet is not judged */
      {"I.1", 2016, 0, 0, 400 * M, 0, 2, SCHEME_SINGLE, ""},
      {"I.1", 2016, 0, 0, 601 * M, 0, 2, SCHEME_SINGLE, "A"},
      {"I.1", 2016, 0, 0, 900 * M, 0, 0, SCHEME_GROUP, ""},
      {"I.1", 2016, 0, 0, 900 * M, 0, 1, SCHEME_GROUP, "A"},
      {"IV.8", 2017, 0, 0, 70 * M, 0, 2, SCHEME_SINGLE, "A"}, /* for the scheme as a whole */
      /* of the cost, with no more for priority */
      {"I.1", 2016, 0, 0, 100 * M, 200 * M, 0, SCHEME_SINGLE, ""},
      {"I.1", 2016, 0, 0, 100 * M + 1, 200 * M, 0, SCHEME_SINGLE, "A"},
      {"I.1", 2016, 0, 0, 0, 200 * M, 0, SCHEME_SINGLE, ""},
  };
  static const beneficiary_t two[2];
  for (size_t i = 0; i < COUNT (rows); i++) {
    char name[32];
    record_t r = scheme ("A", rows[i].item, rows[i].year, rows[i].amount);
    r.u.scheme.plan_year.to = (uint16_t)(rows[i].to != 0 ? rows[i].to : rows[i].year);
    r.u.scheme.approved_on = rows[i].approved;
    r.u.scheme.kind = rows[i].kind;
    r.u.scheme.beneficiaries = two;
    r.u.scheme.beneficiaries_n = rows[i].beneficiaries;
    r.u.scheme.investment_vnd = (opt_i64_t){rows[i].investment > 0, rows[i].investment};
    start (SCOPE_RECORD);
    put (&r);
    snprintf (name, sizeof name, "row %zu", i);
    expect (name, "ceiling", rows[i].keys);
  }
}

static void
money (void **state)
{
  (void)state;
  record_t r = scheme ("A", "I.1", 2016, 5);
  scheme_t *s = &r.u.scheme;
  s->funding_n = 2;
  s->funding[0].planned_vnd = (opt_i64_t){true, 7};
  s->funding[0].settled_vnd = (opt_i64_t){true, 3};
  s->funding[1] = (funding_t){.source = 3, .planned_vnd = {true, 20}};
  assert_int_equal (scheme_money (s), 25);
  s->status = STATUS_SETTLED;
  assert_int_equal (scheme_money (s), 23);
}

/* ---- parts and wholes ---- */

static record_t
outcome (const char *indicator, unsigned year, const char *fund, int64_t value, value_kind_t kind)
{
  record_t r = {.kind = KIND_OUTCOME};
  r.u.outcome = (outcome_t){.indicator = str_of (indicator),
                            .district = 10,
                            .year = {(uint16_t)year, (uint16_t)year},
                            .fund = str_of (fund),
                            .value = {true, value},
                            .value_kind = kind};
  return r;
}

static void
subset (void **state)
{
  (void)state;
  typedef struct {
    const char *indicator, *fund;
    unsigned year;
    int64_t value;
    value_kind_t kind;
    unit_id_t office;
  } figure_t;
  static const struct {
    figure_t f[4];
    bool flagged;
  } rows[] = {
      {{{"I.1", "KCQG", 2016, 30, VALUE_ACTUAL, 10}, {"I.1.a", "KCQG", 2016, 30, VALUE_ACTUAL, 10}}, false},
      {{{"I.1", "KCQG", 2016, 30, VALUE_ACTUAL, 10}, {"I.1.a", "KCQG", 2016, 31, VALUE_ACTUAL, 10}}, true},
      {{{"I.1", "KCQG", 2016, 30, VALUE_ACTUAL, 10}, {"I.1.a", "KCQG", 2016, 31, VALUE_ESTIMATE, 10}}, true},
      {{{"I.1", "KCQG", 2016, 30, VALUE_ACTUAL, 10}, {"I.1.a", "KCQG", 2016, 31, VALUE_PLAN, 10}}, false},
      {{{"I.1", "KCQG", 2016, 30, VALUE_ACTUAL, 10}, {"I.1.a", "KCĐP", 2016, 31, VALUE_ACTUAL, 10}}, false},
      {{{"I.1", "KCQG", 2016, 30, VALUE_ACTUAL, 10}, {"I.1.a", "KCQG", 2017, 31, VALUE_ACTUAL, 10}}, false},
      {{{"I.1", "KCQG", 2016, 30, VALUE_ACTUAL, 10}, {"I.1.a", "KCQG", 2016, 31, VALUE_ACTUAL, 4}}, false},
      {{{"I.1.a", "KCQG", 2016, 31, VALUE_ACTUAL, 10}}, false}, /* the whole is not said */
      {{{"I.1", "KCQG", 2016, 10, VALUE_ACTUAL, 10},
        {"I.1", "KCQG", 2016, 20, VALUE_ACTUAL, 10},
        {"I.1.a", "KCQG", 2016, 15, VALUE_ACTUAL, 10},
        {"I.1.a", "KCQG", 2016, 15, VALUE_ACTUAL, 10}},
       false},
      {{{"I.1", "KCQG", 2016, 10, VALUE_ACTUAL, 10},
        {"I.1", "KCQG", 2016, 20, VALUE_ACTUAL, 10},
        {"I.1.a", "KCQG", 2016, 15, VALUE_ACTUAL, 10},
        {"I.1.a", "KCQG", 2016, 16, VALUE_ACTUAL, 10}},
       true},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    char name[32];
    const finding_t *f = NULL;
    size_t n = 0;
    start (SCOPE_OFFICE);
    for (size_t k = 0; k < 4 && rows[i].f[k].indicator != NULL; k++) {
      const figure_t *g = &rows[i].f[k];
      record_t r = outcome (g->indicator, g->year, g->fund, g->value, g->kind);
      r.u.outcome.district = g->office;
      put (&r);
    }
    snprintf (name, sizeof name, "row %zu", i);
    assert_int_equal (quality_run (q, &f, &n), ERR_OK);
    if (n != rows[i].flagged)
      fail_msg ("%s: %zu findings", name, n);
    quality_destroy (&q);
  }
}

/* ---- pairs ---- */

static void
pairs (void **state)
{
  (void)state;
  static const struct {
    const char *name_b, *who_b, *item_b;
    unsigned year_b;
    status_t status_b;
    const char *duplicate, *twice;
  } rows[] = {
      {"Máy dệt chiếu Tam Quan", "HTX Đập Đá", "I.1", 2016, STATUS_APPROVED, "A+B", ""}, /* told once */
      {"Máy dệt chiếu Tam Quan", "HTX Đập Đá", "I.1", 2016, STATUS_REJECTED, "", ""},
      {"Máy sấy bún", "hợp tác xã đập đá", "I.1", 2016, STATUS_APPROVED, "", "A+B"},
      {"Máy sấy bún", "hợp tác xã đập đá", "I.1", 2018, STATUS_APPROVED, "", "A+B"},
      {"Máy sấy bún", "hợp tác xã đập đá", "I.1", 2019, STATUS_APPROVED, "", ""},
      {"Máy sấy bún", "hợp tác xã đập đá", "I.1", 2018, STATUS_STOPPED, "", ""},
      {"Máy sấy bún", "hợp tác xã đập đá", "IV.8", 2016, STATUS_APPROVED, "", ""},
      {"Máy sấy bún", "HTX Đập Đá 2", "I.1", 2016, STATUS_APPROVED, "", ""},
      {"Máy sấy bún", NULL, "I.1", 2016, STATUS_APPROVED, "", ""},
  };
  for (size_t i = 0; i < COUNT (rows); i++)
    for (int which = 0; which < 4; which++) {
      char name[32];
      record_t a = scheme ("A", "I.1", 2016, M), b = scheme ("B", rows[i].item_b, rows[i].year_b, M);
      a.u.scheme.name = STR ("Máy dệt chiếu Tam Quan");
      a.u.scheme.beneficiary = STR ("HTX Đập Đá");
      b.u.scheme.name = str_of (rows[i].name_b);
      b.u.scheme.beneficiary = str_of (rows[i].who_b);
      b.u.scheme.district = 4;
      b.u.scheme.status = rows[i].status_b;
      start (SCOPE_PROVINCE);
      put (which < 2 ? &a : &b); /* the order does not matter */
      put (which < 2 ? &b : &a);
      snprintf (name, sizeof name, "row %zu.%d", i, which);
      expect (name, which % 2 == 0 ? "duplicate" : "twice",
              which % 2 == 0 ? rows[i].duplicate : rows[i].twice);
    }
}

/* Whom a list names counts as the one line does; one who stands twice in a scheme is no second scheme. */
static void
listed_beneficiaries (void **state)
{
  (void)state;
  static const struct {
    const char *line_a, *list_a[2], *line_b, *list_b[2], *keys;
  } rows[] = {
      {NULL, {"Cơ sở Bảy", "HTX Đập Đá"}, "hợp tác xã đập đá", {NULL, NULL}, "A+B"},
      {NULL, {"Cơ sở Bảy", "HTX Đập Đá"}, NULL, {"htx dap da", "Cơ sở Tám"}, "A+B"},
      {NULL, {"Cơ sở Bảy", "HTX Đập Đá"}, NULL, {"HTX Đập Đá", "Cơ sở Bảy"}, "A+B"}, /* one pair, told once */
      {"HTX Đập Đá", {"HTX Đập Đá", NULL}, "Cơ sở Tám", {NULL, NULL}, ""},
      {"HTX Đập Đá", {NULL, NULL}, "Cơ sở Tám", {"Cơ sở Bảy", NULL}, ""},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    record_t a = scheme ("A", "I.1", 2016, M), b = scheme ("B", "I.1", 2016, 2 * M);
    beneficiary_t list[2][2] = {{{.id = {{1}}}, {.id = {{2}}}}, {{.id = {{3}}}, {.id = {{4}}}}};
    for (unsigned n = 0; n < 2; n++) {
      list[0][n].name = str_of (rows[i].list_a[n]);
      list[1][n].name = str_of (rows[i].list_b[n]);
      a.u.scheme.beneficiaries_n += rows[i].list_a[n] != NULL;
      b.u.scheme.beneficiaries_n += rows[i].list_b[n] != NULL;
    }
    a.u.scheme.beneficiaries = list[0];
    b.u.scheme.beneficiaries = list[1];
    a.u.scheme.beneficiary = str_of (rows[i].line_a);
    b.u.scheme.beneficiary = str_of (rows[i].line_b);
    start (SCOPE_PROVINCE);
    put (&a);
    put (&b);
    expect (rows[i].keys, "twice", rows[i].keys);
  }
}

static void
years_of_a_check (void **state)
{
  (void)state;
  static const struct {
    unsigned year;
    const char *keys;
  } rows[] = {{2012, ""}, {2014, "A+B"}, {2020, "A+B"}, {2021, ""}};
  for (size_t i = 0; i < COUNT (rows); i++) {
    record_t a = scheme ("A", "I.1", rows[i].year, M), b = scheme ("B", "I.1", rows[i].year, 2 * M);
    a.u.scheme.beneficiary = b.u.scheme.beneficiary = STR ("HTX Đập Đá");
    start (SCOPE_PROVINCE);
    put (&a);
    put (&b);
    expect ("valid", "twice", rows[i].keys);
  }
}

/* ---- what is usual ---- */

static void
figures (void **state)
{
  (void)state;
  static const struct {
    const char *check, *item;
    unsigned others;
    int64_t usual, step, odd;
    const char *keys;
  } rows[] = {
      {"unit", "I.1", 4, 100 * M, 0, 300 * 100 * M, "X"},
      {"unit", "I.1", 4, 100 * M, 0, 300 * 100 * M - 1, ""},
      {"unit", "I.1", 4, 100 * M, 0, 100, "X"}, /* millions written as đồng */
      {"unit", "I.1", 4, 100 * M, 0, 0, ""},
      {"unit", "I.1", 2, 100 * M, 0, 300 * 100 * M, ""}, /* too few to know */
      {"outlier", "IV.8", 5, 100 * M, M, 1020 * M, "X?"},
      {"outlier", "IV.8", 5, 100 * M, M, 1019 * M, ""},
      {"outlier", "IV.8", 3, 100 * M, M, 2000 * M, ""},
      {"outlier", "IV.8", 5, 100 * M, M, 10 * M, "X?"},
      {"outlier", "I.1", 5, 100 * M, M, 2000 * M, ""}, /* another item */
      {"outlier", "IV.8", 5, 100 * M, 90 * M, 2800 * M, "X?"},
      {"outlier", "IV.8", 5, 100 * M, 190 * M, 2000 * M, ""}, /* they differ widely */
      {"unit", "IV.8", 5, 100 * M, M, 300 * 102 * M, "X"},
      {"outlier", "IV.8", 5, 100 * M, M, 300 * 102 * M, ""}, /* that says it */
      {"outlier", "IV.8", 5, 100 * M, M, 300 * 102 * M - 1, "X?"},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    char code[16], name[32];
    start (SCOPE_PROVINCE);
    for (unsigned k = 0; k < rows[i].others; k++) {
      snprintf (code, sizeof code, "A%u", k);
      record_t r = scheme (code, rows[i].item, 2012, rows[i].usual + k * rows[i].step);
      put (&r);
    }
    record_t x = scheme ("X", rows[i].item, 2012, rows[i].odd);
    put (&x);
    snprintf (name, sizeof name, "row %zu", i);
    expect (name, rows[i].check, rows[i].keys);
  }
}

/* One cell far out is one flag, the one that says more. */
static void
one_flag_a_cell (void **state)
{
  (void)state;
  static const struct {
    int64_t odd;
    const char *check;
  } rows[] = {{50, "value"}, {299, "value"}, {300, "value_unit"}, {4000, "value_unit"}};
  for (size_t i = 0; i < COUNT (rows); i++) {
    const finding_t *f = NULL;
    size_t n = 0;
    start (SCOPE_PROVINCE);
    for (unsigned k = 0; k < 6; k++) {
      record_t r = outcome ("BS.2", 2010 + k, "", k < 5 ? 1 : rows[i].odd, VALUE_ACTUAL);
      put (&r);
    }
    assert_int_equal (quality_run (q, &f, &n), ERR_OK);
    if (n != 1 || !str_is (f[0].check->id, rows[i].check))
      fail_msg ("row %zu: %zu flags, %.*s", i, n, n > 0 ? (int)f[0].check->id.n : 0,
                n > 0 ? f[0].check->id.p : "");
    quality_destroy (&q);
  }
}

/* ---- flags ---- */

static void
only_flag (char out[FLAG_ID_MAX])
{
  const finding_t *f = NULL;
  size_t n = 0;
  assert_int_equal (quality_run (q, &f, &n), ERR_OK);
  assert_int_equal (n, 1);
  assert_int_equal (strlen (f->flag), FLAG_ID_MAX - 1);
  memcpy (out, f->flag, FLAG_ID_MAX);
  quality_destroy (&q);
}

/* The same facts, the same flag, whatever else changes; other facts, another. */
static void
named_by_facts (void **state)
{
  (void)state;
  char first[FLAG_ID_MAX], again[FLAG_ID_MAX];
  record_t r = scheme ("A", "I.1", 2016, 400 * M);
  start (SCOPE_RECORD);
  put (&r);
  only_flag (first);
  r.u.scheme.note = STR ("xong");
  r.u.scheme.status = STATUS_RUNNING;
  start (SCOPE_PROVINCE);
  put (&r);
  only_flag (again);
  assert_string_equal (first, again);
  r.u.scheme.funding[0].approved_vnd.v++;
  start (SCOPE_RECORD);
  put (&r);
  only_flag (again);
  assert_string_not_equal (first, again);
  r.u.scheme.funding[0].approved_vnd.v--;
  start (SCOPE_RECORD);
  serial = 7; /* another record */
  put (&r);
  only_flag (again);
  assert_string_not_equal (first, again);
}

static void
words (void **state)
{
  (void)state;
  static const str_t a[REASON_ARGS] = {{"1234567", 7}, {"200", 3}, {"A", 1}};
  buf_t b = BUF_INIT;
  check_words (checks_find (checks, STR ("ceiling")), a, NULL, &b);
  assert_string_equal (buf_z (&b), "1,234,567 above 200 of A");
  buf_clear (&b);
  lang_set (LANG_VI);
  check_words (checks_find (checks, STR ("ceiling")), a, NULL, &b);
  lang_set (LANG_EN);
  assert_string_equal (buf_z (&b), "1.234.567 trên 200 của A");
  static const struct {
    const char *number, *vi, *en;
  } numbers[] = {
      {"1234567", "1.234.567", "1,234,567"}, {"1234567.50", "1.234.567,50", "1,234,567.50"},
      {"123.4567", "123,4567", "123.4567"},  {"0", "0", "0"},
      {"1234.", "1234.", "1234."},           {"1234.5.6", "1234.5.6", "1234.5.6"},
      {"III.1000", "III.1000", "III.1000"},  {"", "", ""},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    for (int vi = 0; vi < 2; vi++) {
      buf_clear (&b);
      lang_set (vi ? LANG_VI : LANG_EN);
      words_put_digits (str_of (numbers[i].number), &b);
      assert_string_equal (buf_z (&b), vi ? numbers[i].vi : numbers[i].en);
    }
  lang_set (LANG_EN);
  buf_free (&b);
  assert_true (str_is (checks_unknown (checks, 0), "later"));
  assert_true (str_is (checks_unknown (checks, 1), "later_rule"));
  assert_null (checks_unknown (checks, 2).p);
  assert_null (checks_find (checks, STR ("later")));
}

/* What a catalogue may not say, and where it is told. */
static void
bad_rows (void **state)
{
  (void)state;
#define HEAD SMALL_META SMALL_UNITS SMALL_SOURCES SMALL_CATEGORIES SMALL_ITEMS SMALL_INDICATORS
  static const struct {
    const char *rows, *word; /* NULL: fine */
  } table[] = {
      {CHECKS "a,ceiling,record,note,,,,,,,,,x,,\n", NULL},
      {CHECKS "a,from_the_future,nowhere,loud,,,,,,,,,,,\n", NULL},
      {CHECKS ",ceiling,record,note,,,,,,,,,x,,\n", "id"},
      {CHECKS "ă,ceiling,record,note,,,,,,,,,x,,\n", "id"},
      {CHECKS "a,,record,note,,,,,,,,,x,,\n", "kind"},
      {CHECKS "a,ceiling,planet,note,,,,,,,,,x,,\n", "scope"},
      {CHECKS "a,ceiling,record,loud,,,,,,,,,x,,\n", "severity"},
      {CHECKS "a,rule,record,note,,,,,,,,,,,\n", "of"},
      {CHECKS "a,rule,record,note,required,,,,,,,,,,\n", "of"}, /* a hard rule */
      {CHECKS "a,unit,record,note,staff,,300,,4,,,,x,,\n", "of"},
      {CHECKS "a,twice,record,note,,I.1;Z.9,,,,,,,x,,\n", "items"},
      {CHECKS "a,duplicate,record,note,,,101,,,,,,x,,\n", "threshold"},
      {CHECKS "a,duplicate,record,note,,,0,,,,,,x,,\n", "threshold"},
      {CHECKS "a,unit,record,note,scheme,,1,,4,,,,x,,\n", "threshold"},
      {CHECKS "a,unit,record,note,scheme,,300,,2,,,,x,,\n", "minimum"},
      {CHECKS "a,twice,record,note,,,,,,-1,,,x,,\n", "years"},
      {CHECKS "a,outlier,record,note,scheme,,10,0,5,,,,x,,\n", "tolerance"},
      {CHECKS "a,ceiling,record,note,,,,,,,2014,,x,,\n", "valid_from"},
      {CHECKS "a,ceiling,record,note,,,,,,,2014-01-02,2014-01-01,x,,\n", "valid_to"},
      {CHECKS "a,ceiling,record,note,,,,,,,,,,,\n", "text_vi"},
      {CHECKS "a,ceiling,record,note,,,,,,,,,x,,\na,twice,record,note,,,,,,1,,,x,,\n", "id"},
      {CEILINGS "I.1,,,scheme,1,,,A\n", NULL},
      {CEILINGS "I.1,,,scheme,,,,A\n", NULL},
      {CEILINGS "Z.1,,,scheme,1,,,A\n", "item"},
      {CEILINGS "I.1,2014-02-30,,scheme,1,,,A\n", "from"},
      {CEILINGS "I.1,2014-02-02,2014-02-01,scheme,1,,,A\n", "to"},
      {CEILINGS "I.1,,,village,1,,,A\n", "per"},
      {CEILINGS "I.1,,,scheme,1.5,,,A\n", "ceiling_vnd"},
      {CEILINGS "I.1,,,scheme,1,101,,A\n", "percent"},
      {CEILINGS "I.1,,,scheme,1,,0.9,A\n", "priority"},
      {CEILINGS "I.1,,,scheme,1,,,\n", "law"},
      {"[same_words]\nwords,as\nhợp tác xã,\n", NULL},
      {"[same_words]\nwords,as\n,htx\n", "words"},
  };
  for (size_t i = 0; i < COUNT (table); i++) {
    char text[8192], place[32];
    fail_t fail = {0};
    int n = snprintf (text, sizeof text, "%s%s", HEAD, table[i].rows);
    catalogue_t *made = catalogue_parse ((str_t){text, (size_t)n}, 1, &fail);
    snprintf (place, sizeof place, "column %s;", table[i].word != NULL ? table[i].word : "");
    bool named = made == NULL && table[i].word != NULL && strstr (fail.text, place) != NULL &&
                 fail.line > 20 && fail.column > 0;
    if (table[i].word == NULL ? made == NULL : !named)
      fail_msg ("row %zu: %s at %u:%u", i, fail.text, (unsigned)fail.line, (unsigned)fail.column);
    catalogue_destroy (&made);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test (rules),
                                     cmocka_unit_test (ceilings),
                                     cmocka_unit_test (money),
                                     cmocka_unit_test (subset),
                                     cmocka_unit_test (pairs),
                                     cmocka_unit_test (listed_beneficiaries),
                                     cmocka_unit_test (years_of_a_check),
                                     cmocka_unit_test (figures),
                                     cmocka_unit_test (one_flag_a_cell),
                                     cmocka_unit_test (named_by_facts),
                                     cmocka_unit_test (words),
                                     cmocka_unit_test (bad_rows)};
  return cmocka_run_group_tests (tests, setup, teardown);
}
