/* Units in time: names and codes of a day, walks through mergers and splits, communes. */
#include "common/base/lang.h"
#include "common/core/query.h"
#include "common/core/units.h"
#include "common/core/validate.h"
#include "tests/unit/core/small_catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define REST SMALL_META SMALL_SOURCES SMALL_CATEGORIES SMALL_ITEMS SMALL_INDICATORS
#define UNITS "[units]\nid,code,name,type,parent,province,valid_from,valid_to\n"
#define LINEAGE "[lineage]\nfrom,to,event,on,legal,heir,commune\n"

/* 549 becomes three communes on 2025-07-01, one of which takes its code over; 543 changes its type; 548 gives
 * a commune to 549 in 2010 and gets it back in 2012; 545 goes with no heir. */
static const char reform[] = REST UNITS
    "1,52,Bình Định,tỉnh,,yes,,2025-06-30\n1,52,Gia Lai,tỉnh,,yes,2025-07-01,\n"
    "4,543,Hoài Nhơn,huyện,1,no,,2020-05-31\n4,543,Hoài Nhơn,thị xã,1,no,2020-06-01,2025-06-30\n"
    "6,545,Phù Mỹ,huyện,1,no,,2025-06-30\n"
    "9,548,Phù Cát,huyện,1,no,1990-01-01,2025-06-30\n10,549,An Nhơn,thị xã,1,no,,2025-06-30\n"
    "20,549,An Nhơn,phường,1,no,2025-07-01,\n21,21907,Bình Định,phường,1,no,2025-07-01,\n"
    "22,21853,Phù Cát,xã,1,no,2025-07-01,\n23,4300,Hoài Nhơn,phường,1,no,2025-07-01,2026-12-31\n"
    "24,4301,Hoài Nhơn Mới,phường,1,no,2027-01-01,\n" LINEAGE
    "1,,rename,2025-07-01,NQ 202,no,\n4,,retype,2020-06-01,NQ 932,no,\n"
    "10,20,split,2025-07-01,NQ 1664,yes,\n10,21,split,2025-07-01,NQ 1664,no,Nhơn Hưng\n"
    "10,21,split,2025-07-01,NQ 1664,no,TT. Bình Định\n"
    "9,10,split,2010-01-01,,no,Nhơn Mỹ\n10,9,split,2012-01-01,,no,Nhơn Mỹ\n9,22,merge,2025-07-01,,yes,\n"
    "4,23,merge,2025-07-01,,yes,\n23,24,merge,2027-01-01,,yes,\n6,,abolish,2025-07-01,,no,\n"
    "[communes]\nunit,code,name,type,valid_from,valid_to\n"
    "549,1,Nhơn Hưng,xã,,\n549,2,Nhơn Hòa,phường,,\n549,3,Nhơn Mỹ,xã,,\n549,4,Bình Định,phường,,\n"
    "548,5,Cát Tài,xã,,\n52,6,Quy Nhơn,phường,,\n";

static catalogue_t *c;

static int
setup (void **state)
{
  (void)state;
  fail_t fail = {0};
  c = catalogue_parse (str_of (reform), 1, &fail);
  if (c == NULL)
    print_error ("%s at %u:%u\n", fail.text, (unsigned)fail.line, (unsigned)fail.column);
  return c != NULL ? 0 : -1;
}

static int
teardown (void **state)
{
  (void)state;
  catalogue_destroy (&c);
  return 0;
}

static void
names_of_a_day (void **state)
{
  (void)state;
  static const struct {
    unit_id_t id;
    date_t day;
    const char *name, *type;
  } rows[] = {
      {4, 20200531, "Hoài Nhơn", "huyện"},  {4, 20200601, "Hoài Nhơn", "thị xã"},
      {4, 20260101, "Hoài Nhơn", "thị xã"}, {4, 0, "Hoài Nhơn", "thị xã"},
      {1, 20250630, "Bình Định", "tỉnh"},   {1, 20250701, "Gia Lai", "tỉnh"},
      {9, 19000101, "Phù Cát", "huyện"},    {20, 20200101, "An Nhơn", "phường"},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    const unit_t *u = unit_named_on (c, rows[i].id, rows[i].day);
    if (u == NULL || !str_is (u->name, rows[i].name) || !str_is (u->type, rows[i].type))
      fail_msg ("row %zu", i);
  }
  assert_null (unit_named_on (c, 99, 20200101));
}

/* A code alone names nobody: the day decides. Without one it is who bore it last. */
static void
codes_of_a_day (void **state)
{
  (void)state;
  assert_int_equal (unit_by_code_on (c, STR ("549"), 20250630)->id, 10);
  assert_int_equal (unit_by_code_on (c, STR ("549"), 20250701)->id, 20);
  assert_int_equal (catalogue_unit_by_code (c, STR ("549"))->id, 20);
  assert_null (unit_by_code_on (c, STR ("548"), 20250701));
  assert_int_equal (catalogue_unit_by_code (c, STR ("548"))->id, 9);
  assert_null (unit_by_code_on (c, STR ("21907"), 20200101));
  assert_null (unit_by_code_on (c, STR ("1"), 20200101));
  static const struct {
    const char *text;
    unit_id_t want;
  } rows[] = {
      {"549", 20},           {"549@2025-06-30", 10}, {"549@2000-01-01", 10}, {"549@2025-07-01", 20},
      {"548@2025-06-30", 9}, {"548@2025-07-01", 0},  {"549@2025-06", 0},     {"549@2025-06-31", 0},
      {"549@", 0},           {"@2025-06-30", 0},     {"549@30/06/2025", 0},  {"548", 9},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    const unit_t *u = catalogue_unit_by_code (c, str_of (rows[i].text));
    if ((u != NULL ? u->id : 0) != rows[i].want)
      fail_msg ("%s is unit %u", rows[i].text, u != NULL ? (unsigned)u->id : 0u);
  }
  assert_true (str_is (catalogue_unit (c, 10)->known_as, "549@2025-06-30"));
  assert_true (str_is (catalogue_unit (c, 20)->known_as, "549"));
  assert_true (str_is (catalogue_unit (c, 9)->known_as, "548"));
  assert_true (str_is (unit_named_on (c, 4, 20200101)->known_as, "543"));
}

/* A code that passed on means to its old bearer, and in its old records, what it meant. */
static void
codes_as_meant (void **state)
{
  (void)state;
  static const struct {
    const char *code;
    unit_id_t now, office, want;
  } rows[] = {
      {"549", 0, 0, 20},   {"549", 0, 10, 10}, {"549", 0, 20, 20}, {"549", 0, 9, 20}, {"549", 10, 0, 10},
      {"549", 20, 10, 20}, {"549", 9, 10, 10}, {"548", 10, 10, 9}, {"1", 10, 10, 0},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    const unit_t *u = unit_meant (c, str_of (rows[i].code), rows[i].now, rows[i].office);
    if ((u != NULL ? u->id : 0) != rows[i].want)
      fail_msg ("row %zu", i);
  }
}

static void
walks (void **state)
{
  (void)state;
  static const struct {
    unit_id_t unit;
    const char *commune;
    date_t day;
    unit_id_t want;
  } rows[] = {
      {10, NULL, 0, 20},
      {10, "", 20260101, 20},
      {10, "Nhơn Hưng", 20260101, 21},
      {10, "xã nhơn hưng", 20260101, 21},
      {10, "P. Bình Định", 20260101, 21},
      {10, "Nhơn Hậu", 20260101, 20},
      {10, "Nhơn Hưng, Nhơn Hậu", 20260101, 21},
      {10, "Nhơn Hưng", 20250630, 10},
      {10, NULL, 20250701, 20},
      {4, NULL, 20260101, 23}, /* and on, once the second event has come */
      {4, NULL, 20270101, 24},
      {4, NULL, 0, 24},
      {6, NULL, 0, 6}, /* no heir: itself */
      {1, NULL, 0, 1},
      {9, "Nhơn Mỹ", 20110101, 10}, /* given away, given back: no circle */
      {9, "Nhơn Mỹ", 20130101, 9},
      {9, "Nhơn Mĩ", 20260101, 22},
      {99, NULL, 0, 99},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    unit_id_t got = unit_today (c, rows[i].unit, str_of (rows[i].commune), rows[i].day);
    if (got != rows[i].want)
      fail_msg ("row %zu: %u", i, (unsigned)got);
  }
  assert_true (unit_communes_decide (c, 0));
  assert_true (unit_communes_decide (c, 20100101));
  assert_false (unit_communes_decide (c, 20091231));
}

static void
heirs (void **state)
{
  (void)state;
  assert_true (unit_heir_of (c, 20, 10, STR_NONE));
  assert_false (unit_heir_of (c, 21, 10, STR_NONE));
  assert_true (unit_heir_of (c, 21, 10, STR ("Nhơn Hưng")));
  assert_false (unit_heir_of (c, 20, 10, STR ("Nhơn Hưng")));
  assert_true (unit_heir_of (c, 23, 4, STR_NONE)); /* on the way */
  assert_true (unit_heir_of (c, 24, 4, STR_NONE));
  assert_false (unit_heir_of (c, 10, 10, STR_NONE));
  assert_false (unit_heir_of (c, 10, 20, STR_NONE));
  assert_false (unit_heir_of (c, 0, 10, STR_NONE));
  static const struct {
    unit_id_t heir, unit;
    bool all;
  } rows[] = {
      {20, 10, false},                               /* communes went elsewhere */
      {21, 10, false}, {23, 4, true}, {24, 4, true}, /* on the way, and in the end */
      {22, 9, true},                                 /* a commune went and came back */
      {10, 10, false}, {0, 4, false},
  };
  for (size_t i = 0; i < COUNT (rows); i++)
    if (unit_heir_of_all (c, rows[i].heir, rows[i].unit) != rows[i].all)
      fail_msg ("row %zu", i);
}

static void
communes (void **state)
{
  (void)state;
  static const struct {
    unit_id_t unit;
    const char *text;
    bool fits;
  } rows[] = {
      {10, NULL, true},
      {10, "Nhơn Hòa", true},
      {10, "Nhơn Hoà", true},
      {10, "phường Nhơn Hòa", true},
      {10, "P.Nhơn Hòa", true},
      {10, "TT. Bình Định", true},
      {10, "Thị trấn Bình Định", true},
      {10, "NHON MI", true},
      {10, "Nhơn Hưng, Nhơn Mỹ và Bình Định", true},
      {10, "Nhơn Hưng; Cát Tài", false},
      {10, "Cát Tài", false},
      {10, "xã", false},
      {9, "Cát Tài", true},
      {9, "Nhơn Hòa", false},
      {6, "Nhơn Hòa", true},  /* its communes are not known */
      {1, "Nhơn Hòa", true},  /* the province's lie anywhere */
      {99, "Nhơn Hòa", true}, /* an unknown unit is another rule's */
      {10, ", ,", true},
  };
  for (size_t i = 0; i < COUNT (rows); i++)
    if (commune_fits (c, rows[i].unit, str_of (rows[i].text)) != rows[i].fits)
      fail_msg ("row %zu", i);
}

static void
folds (void **state)
{
  (void)state;
  static const char *const rows[][2] = {
      {"Xã Nhơn Mỹ", "nhonmi"},    {"TT. Phú Phong", "phuphong"}, {"Thị trấn Ngô Mây", "ngomai"},
      {"X. An Hòa", "anhoa"},      {"P An Hoà", "anhoa"},         {"Xã", "xa"},
      {"Phước Hưng", "phuochung"}, {"Xuân An", "xuanan"},         {"", ""},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_t b = BUF_INIT;
    assert_true (commune_fold (str_of (rows[i][0]), &b));
    assert_string_equal (buf_z (&b), rows[i][1]);
    buf_free (&b);
  }
  buf_t b = BUF_INIT;
  assert_false (commune_fold (STR ("\xFF"), &b));
  buf_free (&b);
}

static void
refuses (void **state)
{
  (void)state;
#define THREE UNITS "1,52,a,,,yes,,\n2,1,b,,1,no,,\n3,2,c,,1,no,,\n" LINEAGE
  static const struct {
    const char *text;
    uint32_t line, column;
    const char *word;
  } rows[] = {
      {THREE ",2,merge,2025-07-01,,yes,\n", 8, 1, "blank"},
      {THREE "2,3,union,2025-07-01,,yes,\n", 8, 3, "union"},
      {THREE "2,3,,2025-07-01,,yes,\n", 8, 3, "blank"},
      {THREE "2,3,merge,,,yes,\n", 8, 4, "blank"},
      {THREE "2,2,merge,2025-07-01,,yes,\n", 8, 2, "own heir"},
      {THREE "2,,merge,2025-07-01,,yes,\n", 8, 2, "missing"},
      {THREE "2,3,rename,2025-07-01,,yes,\n", 8, 2, "column to"},
      {THREE "2,,abolish,2025-07-01,,yes,\n", 8, 2, "column to"},
      {THREE "2,,abolish,2025-07-01,,no,X\n", 8, 2, "column to"},
      {THREE "2,3,merge,2025-07-01,,yes,\n2,1,merge,2025-07-01,,yes,\n", 9, 1, "above"},
      {THREE "2,3,split,2025-07-01,,no,Hòa\n2,1,split,2025-07-01,,no,xã Hoà\n", 9, 1, "above"},
      {REST THREE "2,9,merge,2025-07-01,,yes,\n", 32, 2, "unit id"},
      {REST THREE "2,3,merge,2025-07-01,,yes,\n3,2,merge,2025-07-01,,yes,\n", 0, 0, "circle on 2025-07-01"},
      {REST THREE "2,3,merge,2025-07-01,,yes,\n3,1,merge,2025-07-01,,no,X\n1,2,abolish,2025-07-01,,yes,\n", 0,
       0, "circle"},
      {"[communes]\nunit,code,name,valid_from,valid_to\n549,1,a,2020-01-02,2020-01-01\n", 3, 2, "ends"},
      {"[communes]\nunit,code,name\n549,1,\n", 3, 3, "blank"},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    fail_t fail = {0};
    catalogue_t *bad = catalogue_parse (str_of (rows[i].text), 1, &fail);
    if (bad != NULL)
      fail_msg ("row %zu was taken", i);
    if (fail.err != ERR_INPUT || fail.line != rows[i].line || fail.column != rows[i].column ||
        strstr (fail.text, rows[i].word) == NULL)
      fail_msg ("row %zu: %u:%u \"%s\"", i, fail.line, fail.column, fail.text);
  }
  fail_t fail = {0};
  catalogue_t *good =
      catalogue_parse (STR (REST THREE "2,3,merge,2025-07-01,,yes,\n3,2,merge,2025-07-02,,yes,\n"), 1, &fail);
  assert_non_null (good);
  assert_int_equal (unit_today (good, 2, STR_NONE, 0), 2);
  assert_int_equal (unit_today (good, 2, STR_NONE, 20250701), 3);
  catalogue_destroy (&good);
}

static record_t
scheme_of (unit_id_t unit, const char *commune, uint16_t year)
{
  record_t r = {.kind = KIND_SCHEME};
  r.u.scheme = (scheme_t){.code = STR ("S"),
                          .name = STR ("S"),
                          .item = STR ("I.1"),
                          .commune = str_of (commune),
                          .district = unit,
                          .plan_year = {year, year},
                          .status = STATUS_APPROVED,
                          .funding = {{.source = 3, .approved_vnd = {true, 100}}},
                          .funding_n = 1};
  return r;
}

/* Who may write whose records, and what is flagged; an office that has gone is refused nothing. */
static void
rules (void **state)
{
  (void)state;
  static const struct {
    unit_id_t office, unit;
    const char *commune;
    uint16_t year;
    const char *says; /* wire names of what is found */
  } rows[] = {
      {10, 10, "Nhơn Hưng", 2020, ""},
      {10, 10, NULL, 2025, ""}, /* the year of its end is its own */
      {10, 10, NULL, 2026, "unit_ended "},
      {10, 10, "Cát Tài", 2020, "commune_foreign "},
      {10, 10, "Cát Tài", 2026, "unit_ended commune_foreign "},
      {10, 10, "Cát Tài\n", 2020, ""}, /* no text to repeat */
      {20, 10, "Nhơn Hòa", 2020, ""},
      {20, 10, "Nhơn Hưng", 2020, "foreign_office "},
      {21, 10, "Nhơn Hưng", 2020, ""},
      {21, 10, NULL, 2020, "foreign_office "},
      {10, 20, NULL, 2026, "foreign_office "},
      {24, 4, NULL, 2020, ""},
      {0, 10, NULL, 2020, ""},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    record_t r = scheme_of (rows[i].unit, rows[i].commune, rows[i].year);
    reasons_t found = {.n = 0};
    buf_t said = BUF_INIT;
    (void)validate (c, NULL, &r, STR_NONE, rows[i].office, &found);
    for (uint32_t k = 0; k < found.n; k++)
      buf_printf (&said, "%s ", reason_name (found.at[k].code));
    if (strcmp (buf_z (&said), rows[i].says) != 0)
      fail_msg ("row %zu: %s", i, buf_z (&said));
    buf_free (&said);
  }
  /* A record may not be taken out of, or brought into, what one may write. */
  record_t before = scheme_of (10, "Nhơn Hưng", 2020), after = scheme_of (10, "Nhơn Mỹ", 2020);
  reasons_t found = {.n = 0};
  assert_false (validate (c, &before, &after, STR_NONE, 21, &found));
  assert_int_equal (found.at[0].code, REASON_FOREIGN_OFFICE);
}

/* Atoms of records and cells where the successors have them; the sum over all offices stays. */
static void
mapped (void **state)
{
  (void)state;
  static const struct {
    date_t today;
    const char *by, *where, *want;
    bool records;
  } rows[] = {
      {0, "district", "", "543=100 545=100 548=100 549=100 549@2025-06-30=300 ", false},
      {20250630, "district", "", "543=100 545=100 548=100 549=100 549@2025-06-30=300 ", true},
      {20260101, "district", "", "21853=100 21907=100 4300=100 545=100 549=300 ", true},
      {20270101, "district", "", "21853=100 21907=100 4301=100 545=100 549=300 ", true},
      {20260101, "year", "district=21907", "2020=100 ", true},
      {20260101, "year", "", "2020=700 ", false},
      {0, "year", "", "2020=700 ", false},
      {20091231, "district", "", "543=100 545=100 548=100 549=100 549@2025-06-30=300 ", false},
      /* two units are never added up under the code they bore in turn */
      {0, "year", "district=549", "2020=100 ", false},
      {0, "district", "district=549@2025-01-01", "549@2025-06-30=300 ", false},
      {20260101, "year", "district=549", "2020=300 ", true},
      {20260101, "year", "district=549@2025-06-30", "", true},
  };
  static const struct {
    unit_id_t unit;
    const char *commune;
  } records[] = {{10, "Nhơn Hưng"}, {10, "Nhơn Hậu"}, {10, NULL}, {20, NULL},
                 {4, NULL},         {6, NULL},        {9, NULL}};
  for (size_t i = 0; i < COUNT (rows); i++) {
    fail_t fail = {0};
    query_result_t result;
    buf_t got = BUF_INIT;
    query_t *q = query_parse (str_of (rows[i].by), str_of (rows[i].where), c, &fail);
    assert_non_null (q);
    query_today (q, rows[i].today);
    if ((query_grouping (q) == NULL) != rows[i].records)
      fail_msg ("row %zu is fed from the wrong thing", i);
    for (size_t k = 0; k < COUNT (records); k++) {
      record_t r = scheme_of (records[k].unit, records[k].commune, 2020);
      atom_t atoms[ATOMS_MAX];
      size_t n = contribution (&r, false, atoms);
      for (size_t a = 0; a < n; a++)
        assert_int_equal (query_feed (q, &atoms[a]), ERR_OK);
    }
    assert_int_equal (query_finish (q, true, &result), ERR_OK);
    for (size_t k = 0; k < result.rows; k++)
      buf_printf (&got, "%.*s=%.*s ", STR_ARG (result.cell[k * result.columns]),
                  STR_ARG (result.cell[k * result.columns + 2]));
    if (strcmp (buf_z (&got), rows[i].want) != 0)
      fail_msg ("row %zu: %s", i, buf_z (&got));
    buf_free (&got);
    query_destroy (&q);
  }
}

/* What people read: the province, then Vietnamese order; of one name the code and the time decide. */
static void
order_for_people (void **state)
{
  (void)state;
  static const unit_t units[] = {
      {.code = {"52", 2}, .name = {"Trung tâm", 10}, .province = true},
      {.code = {"549", 3}, .name = {"An Nhơn", 8}, .valid_from = 1},
      {.code = {"549", 3}, .name = {"An Nhơn", 8}, .valid_from = 2},
      {.code = {"550", 3}, .name = {"An Nhơn", 8}},
      {.code = {"2", 1}, .name = {"Đập Đá", 11}},
      {.code = {"1", 1}, .name = {"Em", 2}},
  };
  const int n = (int)(sizeof units / sizeof units[0]);
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++) {
      const int order = unit_order (&units[a], &units[b]);
      assert_int_equal ((order > 0) - (order < 0), (a > b) - (a < b));
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (order_for_people),
      cmocka_unit_test (names_of_a_day),
      cmocka_unit_test (codes_of_a_day),
      cmocka_unit_test (codes_as_meant),
      cmocka_unit_test (walks),
      cmocka_unit_test (heirs),
      cmocka_unit_test (communes),
      cmocka_unit_test (folds),
      cmocka_unit_test (refuses),
      cmocka_unit_test (rules),
      cmocka_unit_test (mapped),
  };
  lang_set (LANG_EN);
  return cmocka_run_group_tests (tests, setup, teardown);
}
