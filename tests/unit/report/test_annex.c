/* Annexes built from figures given by hand, compared as csv; rounding on paper; parts that do not add up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/report/render.h"
#include "tests/unit/report/made_up.h"

#include <stdlib.h>
#include <string.h>

#define OUTCOME(from, to, code, fund_, kind_, v, n)                                                          \
  {                                                                                                          \
    .family = FAMILY_OUTCOME, .year = {from, to}, .indicator = T (code), .fund = T (fund_),                  \
    .value_kind = (kind_), .m = {                                                                            \
      (v),                                                                                                   \
      (n)                                                                                                    \
    }                                                                                                        \
  }

static catalogue_t *c;
static arena_t *arena;

static int
start (void **state)
{
  fail_t fail = {0};
  (void)state;
  c = catalogue_parse (str_of (made_up_catalogue), 1, &fail);
  if (c == NULL)
    print_error ("line %u: %s\n", fail.line, fail.text);
  arena = arena_new ((size_t)16 << 20);
  return c != NULL && arena != NULL ? 0 : -1;
}

static int
stop (void **state)
{
  (void)state;
  catalogue_destroy (&c);
  arena_destroy (&arena);
  return 0;
}

static annex_table_t
built (annex_id_t id, made_up_t m, span_t years)
{
  figures_t f = made_up_figures (&m, c);
  annex_table_t t;
  fail_t fail = {0};
  assert_int_equal (annex_build (id, &f, years, arena, &t, &fail), ERR_OK);
  return t;
}

static void
expect_csv (const annex_table_t *t, const char *want)
{
  buf_t out = BUF_INIT;
  render_meta_t meta = {0};
  assert_int_equal (render_csv (t, 1, &meta, &out), ERR_OK);
  const char *header = "annex,code,year,fund,measure,value\n";
  assert_memory_equal (buf_z (&out), header, strlen (header));
  assert_string_equal (buf_z (&out) + strlen (header), want);
  buf_free (&out);
}

/* ---- the five ---- */

static void
budget (void **state)
{
  (void)state;
  static const atom_t atoms[] = {
      SCHEME (2019, 2019, "I.1", 2, 1, 1000), SCHEME (2019, 2019, "I.1", 1, 0, 500),    /* money under two */
      SCHEME (2018, 2020, "I.2", 3, 2, 30),   SCHEME (2017, 2020, "I.2", 3, 9, 99),     /* within, and not */
      SCHEME (2021, 2021, "I.1", 2, 1, 7),    SCHEME (2018, 2018, "I.2", 2, 1, 0),      /* settled with 0 */
      SCHEME (2020, 2020, "II.1", 1, 1, 700), SCHEME (2020, 2020, "II.1", 1, -1, -700), /* taken back */
  };
  annex_table_t t =
      built (ANNEX_BUDGET, (made_up_t){.atom = atoms, .atoms = COUNT (atoms)}, (span_t){2018, 2020});
  assert_int_equal (t.rows, 6);
  expect_csv (&t, "budget,total,2018,KCĐP,schemes,1\nbudget,total,2018,KCĐP,support_vnd,0\n"
                  "budget,total,2019,KCĐP,schemes,1\nbudget,total,2019,KCĐP,support_vnd,1000\n"
                  "budget,total,2019,KCQG,schemes,0\nbudget,total,2019,KCQG,support_vnd,500\n"
                  "budget,total,total,KCĐP,schemes,4\nbudget,total,total,KCĐP,support_vnd,1030\n"
                  "budget,total,total,KCQG,schemes,0\nbudget,total,total,KCQG,support_vnd,500\n"
                  "budget,total,average,KCĐP,schemes,1.333\nbudget,total,average,KCĐP,support_vnd,343.333\n"
                  "budget,total,average,KCQG,schemes,0.000\nbudget,total,average,KCQG,support_vnd,166.667\n"
                  "budget,I,2018,KCĐP,schemes,1\nbudget,I,2018,KCĐP,support_vnd,0\n"
                  "budget,I,2019,KCĐP,schemes,1\nbudget,I,2019,KCĐP,support_vnd,1000\n"
                  "budget,I,2019,KCQG,schemes,0\nbudget,I,2019,KCQG,support_vnd,500\n"
                  "budget,I,total,KCĐP,schemes,4\nbudget,I,total,KCĐP,support_vnd,1030\n"
                  "budget,I,total,KCQG,schemes,0\nbudget,I,total,KCQG,support_vnd,500\n"
                  "budget,I,average,KCĐP,schemes,1.333\nbudget,I,average,KCĐP,support_vnd,343.333\n"
                  "budget,I,average,KCQG,schemes,0.000\nbudget,I,average,KCQG,support_vnd,166.667\n"
                  "budget,I.1,2019,KCĐP,schemes,1\nbudget,I.1,2019,KCĐP,support_vnd,1000\n"
                  "budget,I.1,2019,KCQG,schemes,0\nbudget,I.1,2019,KCQG,support_vnd,500\n"
                  "budget,I.1,total,KCĐP,schemes,1\nbudget,I.1,total,KCĐP,support_vnd,1000\n"
                  "budget,I.1,total,KCQG,schemes,0\nbudget,I.1,total,KCQG,support_vnd,500\n"
                  "budget,I.1,average,KCĐP,schemes,0.333\nbudget,I.1,average,KCĐP,support_vnd,333.333\n"
                  "budget,I.1,average,KCQG,schemes,0.000\nbudget,I.1,average,KCQG,support_vnd,166.667\n"
                  "budget,I.2,2018,KCĐP,schemes,1\nbudget,I.2,2018,KCĐP,support_vnd,0\n"
                  "budget,I.2,total,KCĐP,schemes,3\nbudget,I.2,total,KCĐP,support_vnd,30\n"
                  "budget,I.2,average,KCĐP,schemes,1.000\nbudget,I.2,average,KCĐP,support_vnd,10.000\n");
}

/* No money, no fund; an item the catalogue has not: both have a place, whatever the order they come in. */
static void
budget_strays (void **state)
{
  (void)state;
  static const atom_t atoms[] = {SCHEME (2019, 2019, "Z.9", 2, 1, 5), SCHEME (2019, 2019, "A.9", 2, 1, 6),
                                 SCHEME (2019, 2019, "I.1", 0, 1, 0)};
  annex_table_t t =
      built (ANNEX_BUDGET, (made_up_t){.atom = atoms, .atoms = COUNT (atoms)}, (span_t){2019, 2019});
  assert_int_equal (t.rows, 8);
  assert_true (str_is (t.row[6].code, "A.9") && str_is (t.row[7].code, "Z.9"));
  assert_int_equal (t.columns, 3 * 3 * 2);
  assert_true (str_is (t.column[4].fund, ""));
  assert_int_equal (annex_cell (&t, 0, 2)->v, 0);
  assert_int_equal (annex_cell (&t, 0, 0)->v, 2);
  assert_int_equal (annex_cell (&t, 0, 1)->v, 11);
  assert_int_equal (annex_cell (&t, 0, 4)->v, 1);
  static const atom_t backwards[] = {SCHEME (2019, 2019, "I.1", 0, 1, 0), SCHEME (2019, 2019, "A.9", 2, 1, 6),
                                     SCHEME (2019, 2019, "Z.9", 2, 1, 5)};
  annex_table_t same =
      built (ANNEX_BUDGET, (made_up_t){.atom = backwards, .atoms = COUNT (backwards)}, (span_t){2019, 2019});
  for (size_t i = 0; i < t.rows * t.columns; i++)
    assert_int_equal (t.cell[i].v, same.cell[i].v);
}

static void
outcomes (void **state)
{
  (void)state;
  static const atom_t atoms[] = {
      OUTCOME (2019, 2019, "I.1", "KCĐP", VALUE_PLAN, 50, 1),
      OUTCOME (2019, 2019, "I.1", "KCĐP", VALUE_ACTUAL, 0, 1),
      OUTCOME (2020, 2020, "I.1", "KCĐP", VALUE_ACTUAL, 4, 2),
      OUTCOME (2020, 2020, "I.1", "KCĐP", VALUE_ESTIMATE, 3, 1),
      OUTCOME (2019, 2020, "I.1.a", "KCQG", VALUE_ACTUAL, 2, 1),
      OUTCOME (2019, 2019, "II.1", "KCQG", VALUE_ACTUAL, 1500000, 1),
      OUTCOME (2019, 2019, "II.2", "", VALUE_ACTUAL, 311, 1),
      OUTCOME (2020, 2020, "II.2", "", VALUE_ACTUAL, 400, 2),
      OUTCOME (2019, 2019, "BS.1", "", VALUE_ACTUAL, 9, 1),
  };
  annex_table_t t =
      built (ANNEX_OUTCOMES, (made_up_t){.atom = atoms, .atoms = COUNT (atoms)}, (span_t){2019, 2020});
  expect_csv (
      &t, "outcomes,I.1,2019,KCĐP,value,0\noutcomes,I.1,2020,KCĐP,value,7\noutcomes,I.1,total,KCĐP,value,7\n"
          "outcomes,I.1,average,KCĐP,value,3.500\noutcomes,I.1.a,total,KCQG,value,2\n"
          "outcomes,I.1.a,average,KCQG,value,1.000\noutcomes,II.1,2019,KCQG,value,1.5\n"
          "outcomes,II.1,total,KCQG,value,1.5\noutcomes,II.1,average,KCQG,value,0.750\n"
          "outcomes,II.2,2019,,value,31.1\n");
  assert_true (str_is (t.row[0].label_vi, "Đào tạo") && str_is (t.row[3].label_vi, "Kết quả"));
  assert_int_equal (t.row[2].parent, 1);
  assert_false (t.row[2].adds);
  static const atom_t one[] = {OUTCOME (2019, 2019, "II.2", "", VALUE_ACTUAL, 311, 1)};
  t = built (ANNEX_OUTCOMES, (made_up_t){.atom = one, .atoms = 1}, (span_t){2019, 2020});
  expect_csv (&t, "outcomes,II.2,2019,,value,31.1\noutcomes,II.2,total,,value,31.1\n");
}

static void
consulting_staff_documents (void **state)
{
  (void)state;
  record_t r[9] = {0};
  for (size_t i = 0; i < 4; i++) {
    r[i].kind = KIND_CONSULTING;
    r[i].u.consulting.service = i == 0 ? STR ("5.1") : i == 1 ? STR ("5.2") : STR ("5");
    r[i].u.consulting.year = i == 3 ? (span_t){2019, 2020} : (span_t){2019, 2019};
    r[i].u.consulting.revenue_vnd = (opt_i64_t){true, (int64_t)(i + 1) * 10};
  }
  r[4] = (record_t){.kind = KIND_STAFF,
                    .u.staff = {.indicator = STR ("1.a"), .year = {2019, 2019}, .value = {true, 0}}};
  r[5] = (record_t){.kind = KIND_STAFF,
                    .u.staff = {.indicator = STR ("1"), .year = {2019, 2020}, .value = {true, 9}}};
  static const char *const no[] = {"10", "9", "2"};
  for (size_t i = 0; i < 3; i++)
    r[6 + i] = (record_t){
        .kind = KIND_DOCUMENT,
        .u.document = {.no = str_of (no[i]), .title = STR ("Quy chế"), .status = DOCUMENT_DRAFTING}};
  made_up_t m = {.record = r, .records = COUNT (r)};
  annex_table_t t = built (ANNEX_CONSULTING, m, (span_t){2019, 2020});
  expect_csv (&t, "consulting,total,2019,,projects,3\nconsulting,total,2019,,revenue_vnd,60\n"
                  "consulting,total,total,,projects,4\nconsulting,total,total,,revenue_vnd,100\n"
                  "consulting,total,average,,projects,2.000\nconsulting,total,average,,revenue_vnd,50.000\n"
                  "consulting,5,2019,,projects,3\nconsulting,5,2019,,revenue_vnd,60\n"
                  "consulting,5,total,,projects,4\nconsulting,5,total,,revenue_vnd,100\n"
                  "consulting,5,average,,projects,2.000\nconsulting,5,average,,revenue_vnd,50.000\n"
                  "consulting,5.1,2019,,projects,1\nconsulting,5.1,2019,,revenue_vnd,10\n"
                  "consulting,5.1,total,,projects,1\nconsulting,5.1,total,,revenue_vnd,10\n"
                  "consulting,5.1,average,,projects,0.500\nconsulting,5.1,average,,revenue_vnd,5.000\n"
                  "consulting,5.2,2019,,projects,1\nconsulting,5.2,2019,,revenue_vnd,20\n"
                  "consulting,5.2,total,,projects,1\nconsulting,5.2,total,,revenue_vnd,20\n"
                  "consulting,5.2,average,,projects,0.500\nconsulting,5.2,average,,revenue_vnd,10.000\n");
  t = built (ANNEX_STAFF, m, (span_t){2019, 2020});
  expect_csv (&t, "staff,1.a,2019,,value,0\n");
  assert_int_equal (t.columns, 2);
  t = built (ANNEX_DOCUMENTS, m, (span_t){2019, 2020});
  expect_csv (
      &t, "documents,2,,,status,drafting\ndocuments,9,,,status,drafting\ndocuments,10,,,status,drafting\n");
  assert_int_equal (t.rows, 4); /* the form's last line stays open */
  assert_true (str_is (t.row[3].printed_code, "11") && str_is (t.row[3].label_vi, "Văn bản khác…."));
}

static void
nothing_at_all (void **state)
{
  (void)state;
  for (unsigned a = ANNEX_NONE + 1; a < ANNEX_COUNT; a++) {
    annex_table_t t = built ((annex_id_t)a, (made_up_t){0}, (span_t){2019, 2020});
    expect_csv (&t, "");
    assert_int_equal (annex_of_name (str_of (annex_name ((annex_id_t)a))), a);
  }
  assert_int_equal (annex_of_name (STR ("3")), ANNEX_BUDGET);
  assert_int_equal (annex_of_name (STR ("0")), ANNEX_NONE);
  assert_int_equal (annex_of_name (STR ("6")), ANNEX_NONE);
  assert_int_equal (annex_of_name (STR ("")), ANNEX_NONE);
}

static void
overflow (void **state)
{
  (void)state;
  static const atom_t atoms[] = {SCHEME (2019, 2019, "I.1", 2, 1, INT64_MAX),
                                 SCHEME (2019, 2019, "I.2", 2, 1, 1)};
  made_up_t m = {.atom = atoms, .atoms = COUNT (atoms)};
  figures_t f = made_up_figures (&m, c);
  annex_table_t t;
  fail_t fail = {0};
  assert_int_equal (annex_build (ANNEX_BUDGET, &f, (span_t){2019, 2019}, arena, &t, &fail), ERR_OVERFLOW);
}

/* The running year; one whose outcomes are estimates; in the budget one with a scheme not settled. */
static void
estimates (void **state)
{
  (void)state;
  atom_t atoms[] = {SCHEME (2016, 2016, "I.1", 2, 1, 1), SCHEME (2017, 2017, "I.1", 2, 1, 1),
                    OUTCOME (2018, 2018, "I.1", "KCĐP", VALUE_ESTIMATE, 1, 1)};
  atoms[1].status = STATUS_RUNNING;
  const made_up_t m = {.atom = atoms, .atoms = COUNT (atoms)};
  static const struct {
    annex_id_t id;
    bool y2016, y2017, y2018, y2019, y2020;
  } rows[] = {{ANNEX_BUDGET, false, true, true, false, true},
              {ANNEX_OUTCOMES, false, false, true, false, true},
              {ANNEX_CONSULTING, false, false, true, false, true},
              {ANNEX_STAFF, false, false, true, false, true}};
  for (size_t i = 0; i < COUNT (rows); i++) {
    annex_table_t t = built (rows[i].id, m, (span_t){2016, 2020});
    const bool want[] = {rows[i].y2016, rows[i].y2017, rows[i].y2018, rows[i].y2019, rows[i].y2020};
    for (size_t k = 0; k < t.columns; k++)
      assert_int_equal (t.column[k].estimate,
                        t.column[k].period == COLUMN_YEAR && want[t.column[k].year - 2016]);
  }
}

/* ---- rounding ---- */

static void
rounding (void **state)
{
  (void)state;
  static const struct {
    annex_id_t id;
    uint8_t level, scale, decimals; /* of the row */
    annex_period_t period;
    measure_t measure;
    int64_t v;
    uint32_t parts;
    const char *exact, *vi, *en;
  } rows[] = {
      {ANNEX_BUDGET, 2, 0, 0, COLUMN_YEAR, MEASURE_SUPPORT_VND, 1389600000, 1, "1389600000", "1.389,6",
       "1,389.6"},
      {ANNEX_BUDGET, 2, 0, 0, COLUMN_YEAR, MEASURE_SUPPORT_VND, 1049999, 1, "1049999", "1,0", "1.0"},
      {ANNEX_BUDGET, 2, 0, 0, COLUMN_YEAR, MEASURE_SUPPORT_VND, 1050000, 1, "1050000", "1,1", "1.1"},
      {ANNEX_BUDGET, 2, 0, 0, COLUMN_TOTAL, MEASURE_SUPPORT_VND, 18133600000, 1, "18133600000", "18.133,6",
       "18,133.6"},
      {ANNEX_BUDGET, 0, 0, 0, COLUMN_TOTAL, MEASURE_SUPPORT_VND, 18133600000, 1, "18133600000", "18.134",
       "18,134"},
      {ANNEX_BUDGET, 0, 0, 0, COLUMN_AVERAGE, MEASURE_SUPPORT_VND, 18133600000, 7, "2590514285.714", "2.591",
       "2,591"},
      {ANNEX_BUDGET, 0, 0, 0, COLUMN_AVERAGE, MEASURE_SCHEMES, 320, 7, "45.714", "46", "46"},
      {ANNEX_BUDGET, 0, 0, 0, COLUMN_AVERAGE, MEASURE_SCHEMES, 1, 2, "0.500", "1", "1"},
      {ANNEX_CONSULTING, 1, 0, 0, COLUMN_YEAR, MEASURE_REVENUE_VND, 147552000, 1, "147552000", "147,55",
       "147.55"},
      {ANNEX_CONSULTING, 1, 0, 0, COLUMN_AVERAGE, MEASURE_PROJECTS, 33, 7, "4.714", "4,7", "4.7"},
      {ANNEX_OUTCOMES, 2, 0, 0, COLUMN_YEAR, MEASURE_VALUE, 1234567, 1, "1234567", "1.234.567", "1,234,567"},
      {ANNEX_OUTCOMES, 2, 0, 0, COLUMN_AVERAGE, MEASURE_VALUE, 240, 7, "34.286", "34,3", "34.3"},
      {ANNEX_OUTCOMES, 2, 6, 1, COLUMN_YEAR, MEASURE_VALUE, 1550000, 1, "1.55", "1,6", "1.6"},
      {ANNEX_OUTCOMES, 2, 6, 1, COLUMN_AVERAGE, MEASURE_VALUE, 1550000, 3, "0.517", "0,5", "0.5"},
      {ANNEX_STAFF, 1, 0, 0, COLUMN_YEAR, MEASURE_VALUE, 0, 1, "0", "0", "0"},
      {ANNEX_BUDGET, 2, 0, 0, COLUMN_YEAR, MEASURE_SUPPORT_VND, INT64_MAX, 1, "9223372036854775807",
       "9.223.372.036.854,8", "9,223,372,036,854.8"},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    const annex_row_t row = {
        .parent = -1, .level = rows[i].level, .scale = rows[i].scale, .decimals = rows[i].decimals};
    const annex_column_t column = {.period = rows[i].period, .measure = rows[i].measure};
    const annex_cell_t cell = {.has = true, .v = rows[i].v, .parts = rows[i].parts};
    const annex_table_t t = {rows[i].id, {2014, 2020}, 1, 1, &row, &column, &cell};
    buf_t out = BUF_INIT;
    annex_figure_exact (&row, &column, &cell, &out);
    assert_string_equal (buf_z (&out), rows[i].exact);
    buf_clear (&out);
    annex_figure_printed (&t, 0, 0, false, &out);
    assert_string_equal (buf_z (&out), rows[i].vi);
    buf_clear (&out);
    annex_figure_printed (&t, 0, 0, true, &out);
    assert_string_equal (buf_z (&out), rows[i].en);
    buf_free (&out);
  }
}

static void
parts_that_do_not_add_up (void **state)
{
  (void)state;
  /* 1,04 + 1,04 = 2,08: printed 1,0 + 1,0 and 2,1. */
  static const atom_t atoms[] = {
      SCHEME (2019, 2019, "I.1", 2, 1, 1040000), SCHEME (2020, 2020, "I.1", 2, 1, 1040000),
      SCHEME (2020, 2020, "II.1", 2, 1, 2000000),
      /* a span: the years are not all of this total */
      SCHEME (2019, 2020, "I.2", 1, 1, 1040000), SCHEME (2019, 2019, "I.2", 1, 1, 1040000)};
  annex_table_t t =
      built (ANNEX_BUDGET, (made_up_t){.atom = atoms, .atoms = COUNT (atoms)}, (span_t){2019, 2020});
  const annex_rounding_t *found;
  size_t n, across = 0;
  assert_int_equal (annex_roundings (&t, arena, &found, &n), ERR_OK);
  for (size_t i = 0; i < n; i++) {
    const annex_column_t *column = &t.column[found[i].column];
    assert_int_equal (column->measure, MEASURE_SUPPORT_VND);
    if (!found[i].across_years)
      continue;
    assert_true (str_is (column->fund, "KCĐP") && column->period == COLUMN_TOTAL);
    if (str_is (t.row[found[i].row].code, "I.1")) {
      across++;
      assert_int_equal (found[i].parts, 20);
      assert_int_equal (found[i].total, 21);
      assert_int_equal (found[i].decimals, 1);
    }
  }
  assert_int_equal (across, 1);
}

/* Yearly averages of the province's publication, from its totals of seven years. */
static void
averages_as_printed (void **state)
{
  (void)state;
  static const struct {
    annex_id_t id;
    uint8_t level, decimals; /* average_decimals of the row */
    int64_t total[2];        /* KCĐP, KCQG; -1: blank */
    const char *want[2];
  } rows[] = {
      {ANNEX_OUTCOMES, 2, 0, {467, 240}, {"67", "34,3"}}, {ANNEX_OUTCOMES, 2, 0, {111, 7}, {"16", "1,0"}},
      {ANNEX_OUTCOMES, 2, 0, {1, 0}, {"0", "0,0"}},       {ANNEX_OUTCOMES, 3, 0, {332, -1}, {"47", ""}},
      {ANNEX_OUTCOMES, 2, 1, {3, -1}, {"0,4", ""}},       {ANNEX_OUTCOMES, 2, 1, {11, 1}, {"1,6", "0,1"}},
      {ANNEX_OUTCOMES, 2, 0, {5, -1}, {"1", ""}},         {ANNEX_OUTCOMES, 2, 0, {93, 19}, {"13", "2,7"}},
      {ANNEX_BUDGET, 0, 0, {320, 21}, {"46", "3"}},       {ANNEX_CONSULTING, 0, 0, {35, -1}, {"5", ""}},
      {ANNEX_CONSULTING, 1, 0, {33, -1}, {"4,7", ""}},    {ANNEX_CONSULTING, 2, 0, {1, -1}, {"0,1", ""}},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    const measure_t m = rows[i].id == ANNEX_OUTCOMES ? MEASURE_VALUE
                        : rows[i].id == ANNEX_BUDGET ? MEASURE_SCHEMES
                                                     : MEASURE_PROJECTS;
    const bool funds = rows[i].id != ANNEX_CONSULTING;
    const annex_row_t row = {.parent = -1, .level = rows[i].level, .average_decimals = rows[i].decimals};
    const annex_column_t columns[] = {
        {.period = COLUMN_AVERAGE, .fund = funds ? STR ("KCĐP") : STR_NONE, .measure = m},
        {.period = COLUMN_AVERAGE, .fund = funds ? STR ("KCQG") : STR_NONE, .measure = m}};
    annex_cell_t cells[2] = {{0}};
    const annex_table_t t = {rows[i].id, {2014, 2020}, 1, 2, &row, columns, cells};
    for (size_t k = 0; k < 2; k++)
      cells[k] = (annex_cell_t){.has = rows[i].total[k] >= 0, .v = rows[i].total[k], .parts = 7};
    for (size_t k = 0; k < 2; k++) {
      buf_t out = BUF_INIT;
      annex_figure_printed (&t, 0, k, false, &out);
      if (strcmp (buf_z (&out), rows[i].want[k]) != 0)
        fail_msg ("row %zu: \"%s\", printed \"%s\"", i, buf_z (&out), rows[i].want[k]);
      buf_free (&out);
    }
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (budget),
      cmocka_unit_test (budget_strays),
      cmocka_unit_test (outcomes),
      cmocka_unit_test (averages_as_printed),
      cmocka_unit_test (consulting_staff_documents),
      cmocka_unit_test (nothing_at_all),
      cmocka_unit_test (overflow),
      cmocka_unit_test (estimates),
      cmocka_unit_test (rounding),
      cmocka_unit_test (parts_that_do_not_add_up),
  };
  return cmocka_run_group_tests (tests, start, stop);
}
