/* A small publication that agrees with itself and with us; then one thing changed at a time, and what must be
 * said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/lang.h"
#include "common/report/reconcile.h"
#include "tests/unit/report/made_up.h"

#include <stdlib.h>
#include <string.h>

#define OUTCOME(from, to, code, fund_, v)                                                                    \
  {                                                                                                          \
    .family = FAMILY_OUTCOME, .year = {from, to}, .indicator = T (code), .fund = T (fund_),                  \
    .value_kind = VALUE_ACTUAL, .m = {                                                                       \
      (v),                                                                                                   \
      1                                                                                                      \
    }                                                                                                        \
  }

static const atom_t atoms[] = {
    SCHEME (2019, 2019, "I.1", 2, 2, 10040000), SCHEME (2020, 2020, "I.1", 2, 1, 20040000),
    SCHEME (2019, 2020, "I.2", 3, 3, 5000000),  SCHEME (2020, 2020, "II.1", 1, 1, 7000000),
    OUTCOME (2019, 2019, "I.1", "KCĐP", 4),     OUTCOME (2020, 2020, "I.1", "KCĐP", 1),
    OUTCOME (2019, 2020, "I.1.a", "KCĐP", 3),   OUTCOME (2019, 2019, "II.1", "KCQG", 2500000),
};

/* The files in the order of published_files. */
static const char *const files[] = {
    "code,year,projects,revenue_million_vnd\ntotal,2019,1,0.5\n5,2019,1,0.5\n5.1,2019,1,0.50\n",
    "code,total_projects,total_revenue_million_vnd,avg_projects_per_year,avg_revenue_million_vnd_per_year\n"
    "total,1,0.5,1,0.5\n5,1,0.5,1.0,0.50\n5.1,1,0.50,,\n", /* published for one year: averages are of one */
    "code,year,source,value\nI.1,2019,KCĐP,4\nI.1,2020,KCĐP,1\nI.1.a,,KCĐP,3\nII.1,2019,KCQG,2.5\n",
    "code,total_kcdp,total_kcqg,avg_kcdp,avg_kcqg\nI.1,5,,2.5,\nI.1.a,3,,2,\nII.1,,2.5,,1.3\n",
    "code,year,source,schemes,amount_million_vnd\n"
    "total,2019,KCĐP,2,10.0\ntotal,2020,KCĐP,1,20.0\ntotal,2020,KCQG,1,7.0\n"
    "I,2019,KCĐP,2,10.0\nI,2020,KCĐP,1,20.0\nI.1,2019,KCĐP,2,10.0\nI.1,2020,KCĐP,1,20.0\n"
    "I.2,,KCĐP,1,2.0\nI.2,,KCĐP,2,3.0\nII,2020,KCQG,1,7.0\nII.1,2020,KCQG,1,7.0\n",
    "code,total_kcdp_schemes,total_kcdp_amount_million_vnd,total_kcqg_schemes,total_kcqg_amount_million_vnd,"
    "avg_kcdp_schemes,avg_kcdp_amount_million_vnd,avg_kcqg_schemes,avg_kcqg_amount_million_vnd\n"
    "total,6,35.1,1,7.0,3,18,,\nI,6,35.1,,,3,17.5,,\nI.1,3,30.1,,,,,,\nI.2,3,5.0,,,,,,\nII,,,1,7.0,,,0.5,4\n"
    "II.1,,,1,7.0,,,,\n",
    "no,status_en\n1,issued\n2,drafting\n3,\n",
    "code,year,value\n1,2019,5\n1.a,2019,3\n1.b,2019,2\n2.a,2019,4\n2.b,2019,1\n",
};

static catalogue_t *c;
static arena_t *arena;
static annex_table_t ours[ANNEX_COUNT];

static const span_t table_years[ANNEX_COUNT] = {{2019, 2020},
                                                [ANNEX_CONSULTING] = {2019, 2019},
                                                [ANNEX_OUTCOMES] = {2019, 2020},
                                                [ANNEX_BUDGET] = {2019, 2020},
                                                [ANNEX_DOCUMENTS] = {2019, 2020},
                                                [ANNEX_STAFF] = {2019, 2019}};

static int
start (void **state)
{
  static record_t r[8];
  (void)state;
  lang_set (LANG_EN);
  fail_t fail = {0};
  c = catalogue_parse (str_of (made_up_catalogue), 1, &fail);
  arena = arena_new ((size_t)16 << 20);
  if (c == NULL || arena == NULL)
    return -1;
  r[0] = (record_t){
      .kind = KIND_CONSULTING,
      .u.consulting = {.service = STR ("5.1"), .year = {2019, 2019}, .revenue_vnd = {true, 500000}}};
  static const struct {
    const char *code;
    int64_t v;
  } staff[] = {{"1", 5}, {"1.a", 3}, {"1.b", 2}, {"2.a", 4}, {"2.b", 1}};
  for (size_t i = 0; i < COUNT (staff); i++)
    r[1 + i] = (record_t){
        .kind = KIND_STAFF,
        .u.staff = {.indicator = str_of (staff[i].code), .year = {2019, 2019}, .value = {true, staff[i].v}}};
  r[6] = (record_t){.kind = KIND_DOCUMENT,
                    .u.document = {.no = STR ("1"), .title = STR ("a"), .status = DOCUMENT_ISSUED}};
  r[7] = (record_t){.kind = KIND_DOCUMENT,
                    .u.document = {.no = STR ("2"), .title = STR ("b"), .status = DOCUMENT_DRAFTING}};
  made_up_t m = {atoms, COUNT (atoms), r, COUNT (r)};
  figures_t f = made_up_figures (&m, c);
  for (unsigned a = ANNEX_NONE + 1; a < ANNEX_COUNT; a++)
    if (annex_build ((annex_id_t)a, &f, table_years[a], arena, &ours[a], &fail) != ERR_OK)
      return -1;
  return 0;
}

static int
stop (void **state)
{
  (void)state;
  catalogue_destroy (&c);
  arena_destroy (&arena);
  return 0;
}

/* The publication with `old` of one file replaced; every file but those of `left_out`. */
static published_t *
publication (size_t file, const char *old, const char *new, uint32_t left_out)
{
  published_t *p = published_new (c);
  assert_non_null (p);
  for (size_t i = 0; i < COUNT (files); i++) {
    buf_t text = BUF_INIT;
    fail_t fail = {0};
    const char *at = old != NULL && i == file ? strstr (files[i], old) : NULL;
    if (left_out & (1u << i))
      continue;
    assert_true (old == NULL || i != file || at != NULL);
    buf_put (&text, files[i], at != NULL ? (size_t)(at - files[i]) : strlen (files[i]));
    if (at != NULL) {
      buf_puts (&text, new);
      buf_puts (&text, at + strlen (old));
    }
    err_t err = published_read (p, i, buf_str (&text), &fail);
    if (err != ERR_OK)
      print_error ("%s: %s\n", published_files[i], fail.text);
    assert_int_equal (err, ERR_OK);
    buf_free (&text);
  }
  return p;
}

/* What is not equal, a line each: "annex code year fund published other verdict". */
static void
findings (const published_t *p, buf_t *out, size_t *all)
{
  const finding_t *f;
  size_t n;
  assert_int_equal (reconcile (c, p, ours, arena, &f, &n), ERR_OK);
  for (size_t i = 0; i < n; i++) {
    assert_false (str_blank (f[i].note));
    if (f[i].judged != JUDGED_EQUAL)
      buf_printf (out, "%s %.*s %.*s %.*s %.*s %.*s %s\n", annex_name (f[i].annex), STR_ARG (f[i].code),
                  STR_ARG (f[i].year), STR_ARG (f[i].fund), STR_ARG (f[i].published), STR_ARG (f[i].other),
                  judged_name (f[i].judged));
  }
  *all = n;
}

/* Ours are 10,04 and 20,04 million: 10.0 and 20.0 in print, 30.1 together, 35.1 with the 5.0 of no year. */
static void
as_it_is (void **state)
{
  (void)state;
  size_t n;
  buf_t out = BUF_INIT;
  published_t *p = publication (0, NULL, NULL, 0);
  for (unsigned a = ANNEX_NONE; a < ANNEX_COUNT; a++) {
    assert_int_equal (published_years (p, (annex_id_t)a).from, table_years[a].from);
    assert_int_equal (published_years (p, (annex_id_t)a).to, table_years[a].to);
  }
  findings (p, &out, &n);
  assert_string_equal (buf_z (&out), "outcomes I.1.a  KCĐP 3 3 undated\n"
                                     "budget total 2019 KCĐP 10.0 10.04 rounded\n"
                                     "budget total 2020 KCĐP 20.0 20.04 rounded\n"
                                     "budget total total KCĐP 6 3 contradicts\n"
                                     "budget total total KCĐP 35.1 35.08 rounded\n"
                                     "budget total total KCĐP 35.1 30 contradicts\n"
                                     "budget total total KCĐP 35.1 35 rounded\n"
                                     "budget I 2019 KCĐP 10.0 10.04 rounded\n"
                                     "budget I 2020 KCĐP 20.0 20.04 rounded\n"
                                     "budget I total KCĐP 6 3 contradicts\n"
                                     "budget I total KCĐP 35.1 35.08 rounded\n"
                                     "budget I total KCĐP 35.1 30 contradicts\n"
                                     "budget I total KCĐP 35.1 35 rounded\n"
                                     "budget I average KCĐP 17.5 17.6 rounded\n" /* 35.08 ÷ 2 */
                                     "budget I.1 2019 KCĐP 10.0 10.04 rounded\n"
                                     "budget I.1 2020 KCĐP 20.0 20.04 rounded\n"
                                     "budget I.1 total KCĐP 30.1 30.08 rounded\n"
                                     "budget I.1 total KCĐP 30.1 30 rounded\n"
                                     "budget I.2  KCĐP 1 3 undated\n"
                                     "budget I.2  KCĐP 2.0 5 undated\n"
                                     "budget I.2  KCĐP 2 3 undated\n"
                                     "budget I.2  KCĐP 3.0 5 undated\n");
  assert_true (n > 60);
  buf_free (&out);
  published_destroy (&p);
}

/* Which lines a change brings, and which it takes away. */
static void
changes (void **state)
{
  (void)state;
  static const struct {
    size_t file;
    const char *old, *new;
    const char *lines[5];
  } rows[] = {
      {7, "2.b,2019,1", "2.b,2019,2", {"staff 1 2019  5 6 contradicts", "staff 2.b 2019  2 1 differs"}},
      {7, "1.b,2019,2", "1.b,2019,0", {"staff 1 2019  5 3 contradicts", "staff 1.b 2019  0 2 differs"}},
      {7, "1.b,2019,2\n", "", {"staff 1 2019  5 3 contradicts", "staff 1.b 2019  0 2 differs"}},
      {6, "2,drafting", "2,issued", {"documents 2   issued drafting differs"}},
      {6, "2,drafting", "4,drafting", {"documents 2    drafting differs", "documents 4   drafting  differs"}},
      {5, "II.1,,,1,7.0", "II.1,,,1,7.1", {"budget II.1 total KCQG 7.1 7 rounded"}},
      {5,
       "II.1,,,1,7.0",
       "II.1,,,1,7.2",
       {"budget II.1 total KCQG 7.2 7 differs", "budget II.1 total KCQG 7.2 7 contradicts"}},
      {4,
       "I,2019,KCĐP,2",
       "I,2019,KCĐP,3",
       {"budget I 2019 KCĐP 3 2 differs", "budget I 2019 KCĐP 3 2 contradicts",
        "budget total 2019 KCĐP 2 3 contradicts"}},
      {4,
       "II,2020,KCQG,1",
       "II,2020,KCQG,",
       {"budget II 2020 KCQG 0 1 differs", "budget II 2020 KCQG 0 1 contradicts"}},
      {4, "I.2,,KCĐP,1,2.0", "I.2,,KCĐP,1,2.5", {"budget I.2  KCĐP 2.5 5 differs"}},
      {4, "I.2,,KCĐP,1,2.0", "I.2,,KCĐP,1,2.1", {"budget I.2  KCĐP 2.1 5 undated"}},
      {3,
       "I.1,5,,2.5",
       "I.1,5,,2.4",
       {"outcomes I.1 average KCĐP 2.4 2.5 differs", "outcomes I.1 average KCĐP 2.4 2.5 contradicts"}},
      {3, "I.1,5,,2.5", "I.1,5,,3", {""}}, /* 2.5, rounded as printed */
      {3, "I.1,5,,2.5", "I.1,5,,", {""}},  /* no average is no claim */
      {2,
       "I.1,2020,KCĐP,1",
       "I.1,2020,KCĐP,0",
       {"outcomes I.1 2020 KCĐP 0 1 differs", "outcomes I.1 2020 KCĐP 0 1 contradicts"}},
      {3,
       "I.1.a,3,,2",
       "I.1.a,4,,2",
       {"outcomes I.1.a total KCĐP 4 3 differs", "outcomes I.1.a total KCĐP 4 3 contradicts"}},
      {2,
       "II.1,2019,KCQG,2.5",
       "II.1,2019,KCQG,3",
       {"outcomes II.1 2019 KCQG 3 2.5 rounded", "outcomes II.1 total KCQG 2.5 3 rounded"}},
      {0, "5.1,2019,1,0.50", "5.1,2019,1,0.505", {"consulting 5.1 2019  0.505 0.5 differs"}},
      {1, "total,1,0.5,1,0.5", "total,1,0.5,0,0.5", {"consulting total average  0 1 differs"}},
      {0,
       "5.1,2019,1,0.50",
       "9.9,2019,1,0.50",
       {"consulting 9.9 2019  1 0 differs", "consulting 5.1 2019  0 1 differs"}},
  };
  size_t n;
  buf_t plain = BUF_INIT, out = BUF_INIT;
  published_t *p = publication (0, NULL, NULL, 0);
  findings (p, &plain, &n);
  published_destroy (&p);
  for (size_t i = 0; i < COUNT (rows); i++) {
    p = publication (rows[i].file, rows[i].old, rows[i].new, 0);
    buf_clear (&out);
    findings (p, &out, &n);
    if (rows[i].lines[0][0] == '\0')
      assert_string_equal (buf_z (&out), buf_z (&plain));
    for (size_t k = 0; k < 5 && rows[i].lines[k] != NULL; k++) {
      buf_t line = BUF_INIT;
      buf_printf (&line, "%s\n", rows[i].lines[k]);
      if (rows[i].lines[k][0] != '\0' && strstr (buf_z (&out), buf_z (&line)) == NULL)
        fail_msg ("row %zu: no \"%s\" in\n%s", i, rows[i].lines[k], buf_z (&out));
      buf_free (&line);
    }
    published_destroy (&p);
  }
  buf_free (&plain);
  buf_free (&out);
}

/* Without the table of totals nothing is said of totals; without the budget nothing of links. */
static void
tables_left_out (void **state)
{
  (void)state;
  const finding_t *f;
  size_t n;
  published_t *p = publication (0, NULL, NULL, (1u << 3) | (1u << 5) | (1u << 1));
  assert_int_equal (reconcile (c, p, ours, arena, &f, &n), ERR_OK);
  for (size_t i = 0; i < n; i++)
    assert_false (str_is (f[i].year, "total") || str_is (f[i].year, "average") ||
                  f[i].judged == JUDGED_CONTRADICTS);
  published_destroy (&p);
  p = publication (0, NULL, NULL, 0xff & ~((1u << 3) | (1u << 2)));
  assert_int_equal (reconcile (c, p, ours, arena, &f, &n), ERR_OK);
  assert_true (n > 0);
  for (size_t i = 0; i < n; i++)
    assert_true (f[i].annex == ANNEX_OUTCOMES && f[i].judged != JUDGED_CONTRADICTS);
  published_destroy (&p);
}

static void
malformed (void **state)
{
  (void)state;
  static const struct {
    size_t file;
    const char *text;
    uint32_t line, column;
  } rows[] = {
      {7, "", 0, 0},
      {7, "code,value\n1,2\n", 1, 0},
      {7, "code,year,value\n1,2019,5,6\n", 2, 0},
      {7, "code,year,value\n1,2019,5\n,2019,5\n", 3, 1},
      {7, "code,year,value\n1,2019,5\n\n1,19,5\n", 4, 2},
      {7, "code,year,value\n1,2014-2020,5\n", 2, 2},
      {7, "code,year,value\n1,2019,-5\n", 2, 3},
      {7, "code,year,value\n1,2019,1.\n", 2, 3},
      {7, "code,year,value\n1,2019,.5\n", 2, 3},
      {7, "code,year,value\n1,2019,1.2.3\n", 2, 3},
      {7, "code,year,value\n1,2019,\"1,5\"\n", 2, 3},
      {7, "code,year,value\n1,2019,1.1234567\n", 2, 3},
      {7, "code,year,value\n1,2019,99999999999999\n", 2, 3},
      {7, "code,year,value\n1,2019,5\n1,2019,5\n", 3, 3},
      {6, "no,status_en\n1,done\n", 2, 2},
      {2, "code,year,source,value\nI.1,2019,KCX,1\n", 2, 3},
      {2, "code,year,source,value\nI.1,2019,,1\n", 2, 3},
      {3, "code,total_kcdp,avg_kcdp,avg_kcqg\nI.1,5,2,\n", 1, 0},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    fail_t fail = {0};
    published_t *p = published_new (c);
    assert_non_null (p);
    err_t err = published_read (p, rows[i].file, str_of (rows[i].text), &fail);
    if (err != ERR_INPUT || fail.line != rows[i].line || fail.column != rows[i].column)
      fail_msg ("row %zu: %s at %u:%u: %s", i, err_name (err), fail.line, fail.column, fail.text);
    published_destroy (&p);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (as_it_is),
      cmocka_unit_test (changes),
      cmocka_unit_test (tables_left_out),
      cmocka_unit_test (malformed),
  };
  return cmocka_run_group_tests (tests, start, stop);
}
