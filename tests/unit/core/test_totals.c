/* Random histories: running totals == recount == all records added up by brute force. */
#include "common/core/recount.h"
#include "common/core/totals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define RECORDS 40u
#define STEPS 3000u
#define STORED_MAX 4096u

typedef struct {
  char key[CELL_KEY_MAX];
  size_t n;
  int64_t m[MEASURES_MAX];
} stored_t;

/* What a store would hold. */
typedef struct {
  stored_t at[STORED_MAX];
  size_t n;
  str_t last;
  bool ordered;
} shelf_t;

static stored_t *
shelf_find (shelf_t *s, str_t key)
{
  for (size_t i = 0; i < s->n; i++)
    if (s->at[i].n == key.n && memcmp (s->at[i].key, key.p, key.n) == 0)
      return &s->at[i];
  return NULL;
}

static err_t
load (void *ctx, str_t key, int64_t m[MEASURES_MAX])
{
  stored_t *c = shelf_find (ctx, key);
  memset (m, 0, MEASURES_MAX * sizeof *m);
  if (c != NULL)
    memcpy (m, c->m, sizeof c->m);
  return ERR_OK;
}

static err_t
put (void *ctx, str_t key, const int64_t m[MEASURES_MAX])
{
  shelf_t *s = ctx;
  stored_t *c = shelf_find (s, key);
  s->ordered = s->ordered && (s->last.p == NULL || str_cmp (s->last, key) < 0);
  s->last = key;
  if (c == NULL) {
    assert_true (s->n < STORED_MAX);
    c = &s->at[s->n++];
    memcpy (c->key, key.p, key.n);
    c->n = key.n;
  }
  memcpy (c->m, m, sizeof c->m);
  return ERR_OK;
}

static uint32_t seed;

static uint32_t
pick (uint32_t n)
{
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % n;
}

static opt_i64_t
pick_amount (void)
{
  return pick (3) == 0 ? (opt_i64_t){false, 0} : (opt_i64_t){true, pick (5) * 1000};
}

static record_t
pick_record (void)
{
  static const char *const items[] = {"III.3", "IV.8", "I.1"};
  record_t r = {.kind = pick (4) == 0 ? KIND_OUTCOME : KIND_SCHEME};
  uint16_t year = (uint16_t)(2014 + pick (3));
  if (r.kind == KIND_OUTCOME) {
    r.u.outcome = (outcome_t){.indicator = str_of (items[pick (3)]),
                              .fund = pick (2) ? STR ("KCQG") : STR_NONE,
                              .period = pick (3) ? STR_NONE : STR ("2019-H1"),
                              .district = 1 + pick (3),
                              .year = {year, year},
                              .value = {true, (int64_t)pick (9) - 4},
                              .value_kind = (value_kind_t)(1 + pick (3))};
    return r;
  }
  scheme_t *s = &r.u.scheme;
  s->item = str_of (items[pick (3)]);
  s->district = 1 + pick (3);
  s->plan_year = (span_t){year, pick (4) ? year : 2020};
  s->status = (status_t)(1 + pick (STATUS_COUNT - 1));
  s->matching_vnd = pick_amount ();
  for (uint32_t source = 1; source <= 3; source++)
    if (pick (2))
      s->funding[s->funding_n++] =
          (funding_t){source, pick_amount (), pick_amount (), pick_amount (), STR_NONE};
  return r;
}

static void
compare (shelf_t *shelf, const record_t *records, const bool *given, const bool *withdrawn)
{
  int64_t ours[MEASURES_MAX], sum[MEASURES_MAX];
  recount_t *rc = recount_new ();
  assert_non_null (rc);
  for (size_t i = 0; i < RECORDS; i++)
    if (given[i])
      assert_int_equal (recount_add (rc, &records[i], withdrawn[i], +1), ERR_OK);
  for (size_t c = 0; c < shelf->n; c++) {
    str_t key = {shelf->at[c].key, shelf->at[c].n};
    assert_true (recount_check (rc, key, shelf->at[c].m, ours));
    memset (sum, 0, sizeof sum);
    for (size_t i = 0; i < RECORDS; i++) {
      atom_t atoms[ATOMS_MAX];
      size_t n = given[i] ? contribution (&records[i], withdrawn[i], atoms) : 0;
      for (size_t a = 0; a < n; a++) {
        const grouping_t *g;
        atom_t point;
        buf_t own = BUF_INIT;
        assert_true (cell_key_decode (key, &g, &point));
        if (g->family == atoms[a].family && cell_key_encode (g, &atoms[a], &own) &&
            str_eq (buf_str (&own), key))
          for (size_t k = 0; k < MEASURES_MAX; k++)
            sum[k] += atoms[a].m[k];
        buf_free (&own);
      }
    }
    assert_memory_equal (sum, shelf->at[c].m, sizeof sum);
  }
  assert_int_equal (recount_missing (rc, NULL, NULL), 0);
  recount_destroy (&rc);
}

static void
random_histories (void **state)
{
  (void)state;
  shelf_t *shelf = calloc (1, sizeof *shelf);
  totals_t *t = totals_new (load, shelf);
  record_t records[RECORDS];
  bool given[RECORDS] = {false}, withdrawn[RECORDS] = {false};
  for (seed = 1; pick (STEPS) != 0;) {
    size_t i = pick (RECORDS);
    record_t next = pick_record ();
    if (given[i])
      next.kind = records[i].kind == next.kind ? next.kind : KIND_NONE;
    if (next.kind == KIND_NONE)
      continue;
    bool gone = pick (6) == 0;
    assert_int_equal (totals_apply (t, given[i] ? &records[i] : NULL, withdrawn[i], &next, gone), ERR_OK);
    records[i] = next;
    given[i] = true;
    withdrawn[i] = gone;
    if (pick (20) != 0)
      continue;
    shelf->ordered = true;
    shelf->last = STR_NONE;
    assert_int_equal (totals_each_dirty (t, put, shelf), ERR_OK);
    assert_true (shelf->ordered);
    totals_reset (t);
    compare (shelf, records, given, withdrawn);
  }
  assert_true (shelf->n > 50);
  totals_destroy (&t);
  free (shelf);
}

static void
overflow_changes_nothing (void **state)
{
  (void)state;
  shelf_t *shelf = calloc (1, sizeof *shelf);
  totals_t *t = totals_new (load, shelf);
  record_t r = {.kind = KIND_SCHEME};
  r.u.scheme.status = STATUS_APPROVED;
  r.u.scheme.funding_n = 1;
  r.u.scheme.funding[0] = (funding_t){.source = 1, .approved_vnd = {true, INT64_MAX - 10}};
  assert_int_equal (totals_apply (t, NULL, false, &r, false), ERR_OK);
  record_t more = r;
  more.u.scheme.funding[0].approved_vnd.v = 11;
  more.u.scheme.status = STATUS_RUNNING; /* its status cell is new and would fit */
  assert_int_equal (totals_apply (t, NULL, false, &more, false), ERR_OVERFLOW);
  assert_int_equal (totals_each_dirty (t, put, shelf), ERR_OK);
  bool withdrawn[RECORDS] = {false}, given[RECORDS] = {true};
  compare (shelf, (record_t[RECORDS]){r}, given, withdrawn);
  more.u.scheme.funding[0].approved_vnd.v = 10;
  assert_int_equal (totals_apply (t, NULL, false, &more, false), ERR_OK);
  assert_int_equal (totals_apply (t, &more, false, &more, true), ERR_OK);
  totals_destroy (&t);
  free (shelf);
}

static void
count_missing (void *ctx, str_t key, const int64_t m[MEASURES_MAX])
{
  const grouping_t *g;
  atom_t a;
  assert_true (cell_key_decode (key, &g, &a));
  *(int64_t *)ctx += m[M_SCHEMES_ALL];
}

static void
recount_says_no (void **state)
{
  (void)state;
  recount_t *rc = recount_new ();
  record_t r = {.kind = KIND_SCHEME};
  buf_t key = BUF_INIT;
  int64_t m[MEASURES_MAX] = {0}, ours[MEASURES_MAX], missing = 0, others = -1;
  atom_t atoms[ATOMS_MAX];
  for (const grouping_t *g = groupings; g->id != 0; g++)
    others += g->family == FAMILY_SCHEME;
  r.u.scheme.status = STATUS_APPROVED;
  assert_int_equal (contribution (&r, false, atoms), 1);
  assert_int_equal (recount_add (rc, &r, false, +1), ERR_OK);
  assert_true (cell_key_encode (&groupings[0], &atoms[0], &key));
  assert_false (recount_check (rc, buf_str (&key), m, ours));
  assert_int_equal (ours[M_SCHEMES], 1);
  assert_false (recount_check (rc, STR ("\xFFnonsense"), m, ours));
  assert_int_equal (recount_missing (rc, count_missing, &missing), others); /* cells never shown */
  assert_int_equal (missing, others);
  assert_int_equal (recount_add (rc, &r, false, -1), ERR_OK);
  assert_true (recount_check (rc, buf_str (&key), m, ours));
  assert_int_equal (recount_missing (rc, count_missing, &missing), 0);
  buf_free (&key);
  recount_destroy (&rc);
}

static void
keys (void **state)
{
  (void)state;
  atom_t a = {.family = FAMILY_OUTCOME,
              .year = {2014, 2020},
              .district = 7,
              .indicator = STR ("I.1.a"),
              .fund = STR ("KCĐP"),
              .period = STR ("2019-H1"),
              .value_kind = VALUE_ACTUAL};
  for (const grouping_t *g = groupings; g->id != 0; g++) {
    buf_t key = BUF_INIT;
    const grouping_t *back;
    atom_t b;
    a.family = g->family;
    a.item = g->family == FAMILY_SCHEME ? STR ("III.3") : STR_NONE;
    assert_true (cell_key_encode (g, &a, &key));
    assert_true (cell_key_decode (buf_str (&key), &back, &b));
    assert_ptr_equal (back, g);
    assert_int_equal (b.year.to, 2020);
    if (g->dims & DIM_BIT (DIM_PERIOD))
      assert_true (str_eq (b.period, a.period));
    for (size_t n = 0; n < key.n; n++) /* no prefix is a key */
      assert_false (cell_key_decode ((str_t){key.p, n}, &back, &b));
    buf_putc (&key, 'x');
    assert_false (cell_key_decode (buf_str (&key), &back, &b));
    buf_free (&key);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (random_histories),
      cmocka_unit_test (overflow_changes_nothing),
      cmocka_unit_test (recount_says_no),
      cmocka_unit_test (keys),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
