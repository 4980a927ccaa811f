/* Queries over a handful of atoms: a row is a question, and the table it must give. */
#include "common/base/lang.h"
#include "common/core/query.h"
#include "tests/unit/core/small_catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static catalogue_t *catalogue;

static const atom_t atoms[] = {
    {.family = FAMILY_SCHEME,
     .year = {2019, 2019},
     .district = 10,
     .item = {"IV.8", 4},
     .source = 3,
     .status = STATUS_SETTLED,
     .kind = SCHEME_SINGLE,
     .m = {2, 700, 2, 900, 800, 700, 5}},
    {.family = FAMILY_SCHEME,
     .year = {2019, 2019},
     .district = 4,
     .item = {"I.1", 3},
     .source = 2,
     .status = STATUS_RUNNING,
     .m = {1, 300, 1, 0, 300, 0, 0}},
    {.family = FAMILY_SCHEME,
     .year = {2014, 2020},
     .district = 10,
     .item = {"I.1", 3},
     .source = 1,
     .status = STATUS_RUNNING,
     .m = {1, 50, 1, 0, 50, 0, 0}},
    {.family = FAMILY_SCHEME,
     .year = {2020, 2020},
     .district = 1,
     .item = {"I.1", 3},
     .source = 0,
     .status = STATUS_DRAFT,
     .m = {0, 0, 1, 0, 0, 0, 0}},
    {.family = FAMILY_SCHEME,
     .year = {2018, 2018},
     .district = 1,
     .item = {"I.1", 3},
     .source = 2,
     .status = STATUS_DRAFT},
    {.family = FAMILY_OUTCOME,
     .year = {2019, 2019},
     .district = 10,
     .indicator = {"BS.15", 5},
     .value_kind = VALUE_ACTUAL,
     .m = {1500000, 1}},
    {.family = FAMILY_OUTCOME,
     .year = {2019, 2019},
     .district = 4,
     .indicator = {"BS.15", 5},
     .value_kind = VALUE_ESTIMATE,
     .m = {500000, 1}},
    {.family = FAMILY_OUTCOME,
     .year = {2019, 2019},
     .district = 4,
     .indicator = {"BS.15", 5},
     .value_kind = VALUE_PLAN,
     .m = {9000000, 1}},
    {.family = FAMILY_OUTCOME,
     .year = {2019, 2019},
     .district = 4,
     .indicator = {"BS.17", 5},
     .value_kind = VALUE_ACTUAL,
     .m = {14, 1}},
    {.family = FAMILY_OUTCOME,
     .year = {2019, 2019},
     .district = 10,
     .indicator = {"BS.17", 5},
     .value_kind = VALUE_ACTUAL,
     .m = {15, 1}},
    {.family = FAMILY_OUTCOME,
     .year = {2019, 2019},
     .district = 10,
     .indicator = {"I.1", 3},
     .fund = {"KCQG", 4},
     .value_kind = VALUE_ACTUAL,
     .m = {30, 1}},
    {.family = FAMILY_CONSULTING, .year = {2019, 2019}, .district = 1, .service = {"5.1", 3}, .m = {1, 40}},
    {.family = FAMILY_CONSULTING, .year = {2020, 2020}, .district = 1, .service = {"5.1", 3}, .m = {2, 60}},
    {.family = FAMILY_CONSULTING, .year = {2020, 2020}, .district = 1, .service = {"5", 1}, .m = {1, 5}},
};

/* Expected: dimensions and the first measure (two for schemes), "|" between cells, "\n" after rows. */
static const struct {
  const char *by, *where;
  bool machine;
  int grouping; /* 0 = scan */
  const char *table;
} rows[] = {
    {"year", NULL, true, 3, "2014-2020|1|50\n2019|3|1000\n2020|0|0\n"},
    {"year", NULL, false, 3, "2019|3|1000\n2020|0|0\n2014-2020|1|50\n"},
    {"year", "year=2019", true, 3, "2019|3|1000\n"},
    {"year", "year=2014-2020", true, 3, "2014-2020|1|50\n"},
    {"fund", NULL, true, 1, "|0|0\nKCQG|1|50\nKCĐP|3|1000\n"},
    {"source", "fund=KCĐP", true, 1, "district|2|700\nprovince|1|300\n"},
    {"source", NULL, false, 1, "national|1|50\nprovince|1|300\ndistrict|2|700\n|0|0\n"},
    {"source", "source=", true, 1, "|0|0\n"},
    {"category", NULL, true, 1, "I|2|350\nIV|2|700\n"},
    {"office,year", NULL, true, 2, "52|2020|0|0\n543|2019|1|300\n549|2014-2020|1|50\n549|2019|2|700\n"},
    {"year", "district=549,category=IV", true, 4, "2019|2|700\n"},
    {"status", "year=2019", true, 3, "running|1|300\nsettled|2|700\n"},
    {"status", NULL, false, 3, "draft|0|0\nrunning|2|350\nsettled|2|700\n"},
    {"kind", "source=district", true, 0, "single|2|700\n"},
    {"", "source=district", true, 1, "2|700\n"},
    {"indicator", "indicator=BS.15", true, 16, "BS.15|2\n"},
    {"indicator,value_kind", "indicator=BS.15", true, 16,
     "BS.15|actual|1.5\nBS.15|estimate|0.5\nBS.15|plan|9\n"},
    {"district", "indicator=BS.15,value_kind=plan", true, 17, "543|9\n"},
    {"district", "indicator=BS.17", true, 17, "543|1.4\n549|1.5\n"},
    {"year", "indicator=BS.17", true, 16, ""}, /* not additive, two figures */
    {"service", NULL, true, 32, "5|1|5\n5.1|3|100\n"},
    {"year", "service=5.1", true, 32, "2019|1|40\n2020|2|60\n"},
    {"service,district", NULL, false, 0, "5|52|1|5\n5.1|52|3|100\n"},
    {"indicator,fund", NULL, false, 16, "I.1|KCQG|30\nBS.15||2\n"},
};

static void
ask (size_t i, buf_t *out)
{
  fail_t fail = {.err = ERR_OK};
  query_result_t r;
  query_t *q = query_parse (str_of (rows[i].by), str_of (rows[i].where), catalogue, &fail);
  if (q == NULL)
    fail_msg ("row %zu: %s", i, fail.text);
  const grouping_t *g = query_grouping (q);
  assert_int_equal (g != NULL ? g->id : 0, rows[i].grouping);
  for (size_t a = 0; a < sizeof atoms / sizeof atoms[0]; a++)
    assert_int_equal (query_feed (q, &atoms[a]), ERR_OK);
  assert_int_equal (query_finish (q, rows[i].machine, &r), ERR_OK);
  size_t measures = 0;
  for (size_t c = 0; c < r.columns; c++)
    measures += r.is_measure[c];
  const family_t family = query_family (q);
  size_t shown = r.columns - measures + (family == FAMILY_OUTCOME ? 1 : 2);
  assert_int_equal (measures, family == FAMILY_SCHEME ? 7 : family == FAMILY_OUTCOME ? 1 : 2);
  for (size_t row = 0; row < r.rows; row++)
    for (size_t c = 0; c < shown; c++) {
      str_t cell = r.cell[row * r.columns + c];
      buf_put (out, cell.p, cell.n);
      buf_putc (out, c + 1 < shown ? '|' : '\n');
    }
  query_destroy (&q);
}

static void
answers (void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    buf_t out = BUF_INIT;
    ask (i, &out);
    if (!str_is (buf_str (&out), rows[i].table))
      fail_msg ("by %s where %s:\n%s", rows[i].by, rows[i].where != NULL ? rows[i].where : "", buf_z (&out));
    buf_free (&out);
  }
}

static void
refusals (void **state)
{
  (void)state;
  static const struct {
    const char *by, *where;
    err_t err;
  } bad[] = {
      {"colour", NULL, ERR_USAGE},          {"year,year", NULL, ERR_USAGE},
      {"district,office", NULL, ERR_USAGE}, {"year,", NULL, ERR_USAGE},
      {"service,item", NULL, ERR_USAGE},    {"item,indicator", NULL, ERR_USAGE},
      {"service,fund", NULL, ERR_USAGE},    {"year", "service=99", ERR_INPUT},
      {"period", NULL, ERR_USAGE}, /* outcomes without an indicator */
      {"year", "district", ERR_USAGE},      {"year", "year=2019,year=2020", ERR_USAGE},
      {"year", "colour=red", ERR_USAGE},    {"year", "district=999", ERR_INPUT},
      {"year", "year=19", ERR_INPUT},       {"year", "status=happy", ERR_INPUT},
      {"year", "fund=KCDP", ERR_INPUT},     {"year", "item=I.9", ERR_INPUT},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    fail_t fail = {.err = ERR_OK};
    query_t *q = query_parse (str_of (bad[i].by), str_of (bad[i].where), catalogue, &fail);
    if (q != NULL || fail.err != bad[i].err || fail.text[0] == '\0')
      fail_msg ("by %s where %s: %s", bad[i].by, bad[i].where != NULL ? bad[i].where : "",
                err_name (fail.err));
  }
}

/* An office's own, unless somebody names an office. */
static void
own_office (void **state)
{
  (void)state;
  static const struct {
    const char *by, *where;
    bool alone;
    const char *cell; /* of the first row, its first measure */
  } own[] = {
      {"year", "year=2019", true, "2"},
      {"fund", NULL, true, "1"},
      {"district", "year=2019", false, "1"},
      {"year,office", "year=2019", false, "1"},
      {"year", "year=2019,district=543", false, "1"},
      {"indicator", "indicator=BS.17", true, "1.5"},
  };
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
    fail_t fail = {.err = ERR_OK};
    query_result_t r;
    query_t *q = query_parse (str_of (own[i].by), own[i].where != NULL ? str_of (own[i].where) : STR_NONE,
                              catalogue, &fail);
    assert_non_null (q);
    assert_true (query_own (q, 10) == own[i].alone);
    assert_true (!own[i].alone || ((query_dims (q) & DIM_BIT (DIM_DISTRICT)) != 0 &&
                                   query_takes_office (q, 10) && !query_takes_office (q, 4)));
    for (size_t k = 0; k < sizeof atoms / sizeof atoms[0]; k++)
      assert_int_equal (query_feed (q, &atoms[k]), ERR_OK);
    assert_int_equal (query_finish (q, true, &r), ERR_OK);
    size_t measure = 0;
    while (!r.is_measure[measure])
      measure++;
    if (r.rows == 0 || !str_is (r.cell[measure], own[i].cell))
      fail_msg ("row %zu: %s", i, r.rows > 0 ? r.cell[measure].p : "");
    query_destroy (&q);
  }
}

static void
overflow (void **state)
{
  (void)state;
  atom_t a = {.family = FAMILY_SCHEME, .m = {0, INT64_MAX}};
  fail_t fail = {.err = ERR_OK};
  query_t *q = query_parse (STR ("year"), STR_NONE, catalogue, &fail);
  assert_int_equal (query_feed (q, &a), ERR_OK);
  assert_int_equal (query_feed (q, &a), ERR_OVERFLOW);
  query_destroy (&q);
}

static int
setup (void **state)
{
  (void)state;
  fail_t fail = {.err = ERR_OK};
  catalogue = catalogue_parse (STR (SMALL_CATALOGUE SMALL_TREES), 1, &fail);
  return catalogue == NULL;
}

static int
teardown (void **state)
{
  (void)state;
  catalogue_destroy (&catalogue);
  return 0;
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (answers),
      cmocka_unit_test (refusals),
      cmocka_unit_test (own_office),
      cmocka_unit_test (overflow),
  };
  return cmocka_run_group_tests (tests, setup, teardown);
}
