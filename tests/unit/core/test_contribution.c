/* Each row is a scheme and what it must stand as, source by source. Source 0 is "no money at all". */
#include "common/core/contribution.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NO INT64_MIN /* absent */

typedef struct {
  source_id_t source;
  int64_t planned, approved, settled;
} line_t;

typedef struct {
  source_id_t source;
  int64_t m[M_SCHEME_COUNT]; /* schemes, support, all, planned, approved, settled, matching */
} expected_t;

typedef struct {
  const char *what;
  status_t status;
  bool withdrawn;
  int64_t matching;
  line_t line[3];
  size_t lines;
  expected_t atom[3];
  size_t atoms;
} case_t;

static const case_t cases[] = {
    {"approved: one source",
     STATUS_APPROVED,
     false,
     7,
     {{2, 50, 40, NO}},
     1,
     {{2, {1, 40, 1, 50, 40, 0, 7}}},
     1},
    {"approved: the largest approved amount leads, money is split",
     STATUS_RUNNING,
     false,
     NO,
     {{1, 90, 10, NO}, {2, NO, 30, NO}, {3, NO, 20, NO}},
     3,
     {{1, {0, 10, 0, 90, 10, 0, 0}}, {2, {1, 30, 1, 0, 30, 0, 0}}, {3, {0, 20, 0, 0, 20, 0, 0}}},
     3},
    {"a tie goes to the lowest source",
     STATUS_CONTRACTED,
     false,
     5,
     {{2, NO, 30, NO}, {3, NO, 30, NO}},
     2,
     {{2, {1, 30, 1, 0, 30, 0, 5}}, {3, {0, 30, 0, 0, 30, 0, 0}}},
     2},
    {"settled: the settled amounts are the support and pick the source",
     STATUS_SETTLED,
     false,
     NO,
     {{1, NO, 50, 10}, {2, NO, 20, 20}},
     2,
     {{1, {0, 10, 0, 0, 50, 10, 0}}, {2, {1, 20, 1, 0, 20, 20, 0}}},
     2},
    {"before settled: a settled amount is no support",
     STATUS_LIQUIDATED,
     false,
     NO,
     {{2, NO, 20, 99}},
     1,
     {{2, {1, 20, 1, 0, 20, 99, 0}}},
     1},
    {"settled with 0: a reported 0 is an amount, it counts under its source",
     STATUS_SETTLED,
     false,
     3,
     {{2, NO, 20, 0}},
     1,
     {{2, {1, 0, 1, 0, 20, 0, 3}}},
     1},
    {"settled with 0 twice: a tie, the lowest source has it",
     STATUS_SETTLED,
     false,
     NO,
     {{2, NO, 20, 0}, {3, NO, 30, 0}},
     2,
     {{2, {1, 0, 1, 0, 20, 0, 0}}, {3, {0, 0, 0, 0, 30, 0, 0}}},
     2},
    {"no money at all", STATUS_ACCEPTED, false, 3, {{0}}, 0, {{0, {1, 0, 1, 0, 0, 0, 3}}}, 1},
    {"counting, with a plan only: the plan is no support",
     STATUS_APPROVED,
     false,
     NO,
     {{2, 80, NO, NO}},
     1,
     {{0, {1, 0, 1, 0, 0, 0, 0}}, {2, {0, 0, 0, 80, 0, 0, 0}}},
     2},
    {"not counting: under the largest approved-else-planned, matching is left out",
     STATUS_REGISTERED,
     false,
     9,
     {{1, 60, NO, NO}, {2, 90, 10, NO}},
     2,
     {{1, {0, 0, 1, 60, 0, 0, 0}}, {2, {0, 0, 0, 90, 10, 0, 0}}},
     2},
    {"stopped counts no more",
     STATUS_STOPPED,
     false,
     NO,
     {{3, 5, 6, NO}},
     1,
     {{3, {0, 0, 1, 5, 6, 0, 0}}},
     1},
    {"xin rút is a state, the record stands",
     STATUS_WITHDRAWN,
     false,
     NO,
     {{3, 5, NO, NO}},
     1,
     {{3, {0, 0, 1, 5, 0, 0, 0}}},
     1},
    {"a withdrawn record adds nothing", STATUS_SETTLED, true, 9, {{1, 5, 5, 5}}, 1, {{0}}, 0},
    {"a line of zeros beside money has no atom",
     STATUS_APPROVED,
     false,
     NO,
     {{1, 0, 0, NO}, {2, NO, 4, NO}},
     2,
     {{2, {1, 4, 1, 0, 4, 0, 0}}},
     1},
};

static opt_i64_t
amount (int64_t v)
{
  return v == NO ? (opt_i64_t){false, 0} : (opt_i64_t){true, v};
}

static void
schemes (void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const case_t *c = &cases[i];
    record_t r = {.kind = KIND_SCHEME};
    scheme_t *s = &r.u.scheme;
    s->status = c->status;
    s->matching_vnd = amount (c->matching);
    s->funding_n = (uint32_t)c->lines;
    for (size_t l = 0; l < c->lines; l++)
      s->funding[l] = (funding_t){.source = c->line[l].source,
                                  .planned_vnd = amount (c->line[l].planned),
                                  .approved_vnd = amount (c->line[l].approved),
                                  .settled_vnd = amount (c->line[l].settled)};
    atom_t out[ATOMS_MAX];
    size_t n = contribution (&r, c->withdrawn, out);
    if (n != c->atoms)
      fail_msg ("%s: %zu atoms", c->what, n);
    for (size_t a = 0; a < n; a++)
      for (size_t m = 0; m < M_SCHEME_COUNT; m++)
        if (out[a].source != c->atom[a].source || out[a].m[m] != c->atom[a].m[m])
          fail_msg ("%s: atom %zu, source %u, measure %zu", c->what, a, (unsigned)out[a].source, m);
  }
}

static void
every_status_counts_or_not (void **state)
{
  (void)state;
  for (unsigned st = 1; st < STATUS_COUNT; st++) {
    record_t r = {.kind = KIND_SCHEME};
    atom_t out[ATOMS_MAX];
    r.u.scheme.status = (status_t)st;
    assert_int_equal (contribution (&r, false, out), 1);
    assert_int_equal (out[0].m[M_SCHEMES], st >= STATUS_APPROVED && st <= STATUS_SETTLED);
    assert_int_equal (out[0].m[M_SCHEMES_ALL], 1);
  }
}

static void
outcomes (void **state)
{
  (void)state;
  record_t r = {.kind = KIND_OUTCOME};
  atom_t out[ATOMS_MAX];
  assert_int_equal (contribution (&r, false, out), 0);
  r.u.outcome.value = amount (-3);
  r.u.outcome.value_kind = VALUE_PLAN;
  r.u.outcome.fund = STR ("KCQG");
  assert_int_equal (contribution (&r, false, out), 1);
  assert_int_equal (out[0].m[M_VALUE], -3);
  assert_int_equal (out[0].m[M_FIGURES], 1);
  assert_int_equal (out[0].value_kind, VALUE_PLAN);
  assert_true (str_is (out[0].fund, "KCQG"));
  assert_int_equal (contribution (&r, true, out), 0);
  r.kind = KIND_STAFF;
  assert_int_equal (contribution (&r, false, out), 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (schemes),
      cmocka_unit_test (every_status_counts_or_not),
      cmocka_unit_test (outcomes),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
