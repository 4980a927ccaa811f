/* Three-way merging of records: laws, random edits of all kinds against a model that knows a record only as
 * a set of named texts, and a row for each rule that is not one scalar's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/core/catalogue.h"
#include "common/core/lists.h"
#include "common/core/merge.h"
#include "tests/unit/core/merge_model.h"
#include "tests/unit/core/small_catalogue.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))
#define ENTRIES 4

static arena_t *arena;
static catalogue_t *catalogue;

static int
set_up (void **state)
{
  (void)state;
  fail_t fail = {0};
  arena = arena_new (256u << 20);
  catalogue = catalogue_parse (STR (SMALL_CATALOGUE), 1, &fail);
  return arena != NULL && catalogue != NULL ? 0 : -1;
}

static int
tear_down (void **state)
{
  (void)state;
  arena_destroy (&arena);
  catalogue_destroy (&catalogue);
  return 0;
}

/* ---- chance ---- */

static uint64_t seed;

static unsigned
chance (unsigned n)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (unsigned)(seed >> 11) % n;
}

/* ---- random edits ---- */

static const str_t words[] = {{NULL, 0}, {"một", 4}, {"hai", 3}, {"ba", 2}};

static void
set_member (record_t *r, const member_t *m)
{
  void *at = (char *)&r->u + m->offset;
  const unsigned v = chance (4);
  switch (m->form) {
  case TEXT:
    *(str_t *)at = words[v];
    break;
  case AMOUNT:
    *(opt_i64_t *)at = (opt_i64_t){v != 0, v};
    break;
  case SCALED:
    *(opt_i64_t *)at = (opt_i64_t){v != 0, v};
    r->u.outcome.scale = (uint8_t)chance (2);
    break;
  case YEARS:
    *(span_t *)at = (span_t){(uint16_t)(2019 + v), (uint16_t)(2019 + v + chance (2))};
    break;
  case NUMBER:
    *(uint32_t *)at = v;
    break;
  case YES:
    *(bool *)at = v > 1;
    break;
  }
}

static record_id_t
entry_id (unsigned n)
{
  return (record_id_t){{1, (uint8_t)n}};
}

/* No two entries ever say the same: the voucher is the id's. */
static void
edit_list (scheme_t *s, kind_t form)
{
  const unsigned n = chance (ENTRIES);
  record_t line = {.kind = form};
  list_room_t room = {0};
  size_t at;
  line_set_id (&line, entry_id (n));
  if (list_find (s, &line, &at) > 0) {
    list_line (s, form, at, &line);
    if (chance (3) == 0) {
      assert_true (list_drop (s, form, at, arena));
      return;
    }
  }
  const str_t own[] = {STR ("n0"), STR ("n1"), STR ("n2"), STR ("n3")};
  if (form == FORM_LEDGER) {
    ledger_entry_t *e = &line.u.ledger.entry;
    e->voucher_no = own[n];
    if (chance (2))
      e->amount_vnd = (opt_i64_t){true, chance (3)};
    if (chance (2))
      e->note = words[chance (4)];
    if (chance (4) == 0)
      e->budget_year = (span_t){2020, (uint16_t)(2020 + chance (2))};
  } else {
    beneficiary_t *e = &line.u.beneficiary.entry;
    e->name = own[n];
    if (chance (2))
      e->support_vnd = (opt_i64_t){true, chance (3)};
    if (chance (2))
      e->unknown = words[chance (4)];
  }
  assert_true (list_put (s, &line, &room, arena));
}

static void
edit_funding (scheme_t *s)
{
  const source_id_t source = 1 + chance (3);
  uint32_t i = 0;
  while (i < s->funding_n && s->funding[i].source < source)
    i++;
  if (i == s->funding_n || s->funding[i].source != source) {
    memmove (&s->funding[i + 1], &s->funding[i], (s->funding_n - i) * sizeof s->funding[0]);
    s->funding[i] = (funding_t){.source = source};
    s->funding_n++;
  }
  funding_t *f = &s->funding[i];
  opt_i64_t *const amount[] = {&f->planned_vnd, &f->approved_vnd, &f->settled_vnd};
  const unsigned v = chance (3);
  *amount[chance (3)] = (opt_i64_t){v != 0, v};
  if (!f->planned_vnd.has && !f->approved_vnd.has && !f->settled_vnd.has) {
    memmove (f, f + 1, (s->funding_n - i - 1) * sizeof *f);
    s->funding_n--;
  }
}

static void
edit (update_t *u, size_t kind, unsigned times)
{
  record_t *r = &u->record;
  for (unsigned i = 0; i < times; i++) {
    const unsigned what = chance (r->kind == KIND_SCHEME ? 6 : 3);
    if (what < 3)
      set_member (r, &model_kinds[kind].member[chance ((unsigned)model_kinds[kind].n)]);
    else if (what == 3)
      edit_funding (&r->u.scheme);
    else
      edit_list (&r->u.scheme, what == 4 ? FORM_LEDGER : FORM_BENEFICIARY);
  }
  if (chance (12) == 0)
    u->operation = u->operation == OP_PUT ? OP_WITHDRAW : OP_PUT;
  if (chance (12) == 0)
    u->unknown = words[chance (4)];
}

/* ---- against the model ---- */

static bool
names_clash (const merged_t *m, const char *name)
{
  for (size_t i = 0; i < m->clashes_n; i++)
    if (str_is (m->clashes[i], name))
      return true;
  return false;
}

static void
compare_with_model (size_t kind, const update_t *b, const update_t *x, const update_t *y, bool second)
{
  static state_t of_b, of_x, of_y, got;
  static expected_t expected;
  merged_t m;
  assert_int_equal (merge3 (b, x, y, second ? MERGE_SECOND : MERGE_FIRST, arena, &m), ERR_OK);
  say_all (&of_b, &b->record, kind, b->operation, b->unknown);
  say_all (&of_x, &x->record, kind, x->operation, x->unknown);
  say_all (&of_y, &y->record, kind, y->operation, y->unknown);
  say_all (&got, &m.record, kind, m.operation, m.unknown);
  model_merge (&of_b, &of_x, &of_y, second, &expected);
  for (size_t i = 0; i < expected.clashes; i++)
    if (!names_clash (&m, expected.clash[i]))
      fail_msg ("kind %d: clash %s not named", (int)model_kinds[kind].kind, expected.clash[i]);
  if (expected.clashes == 0)
    assert_int_equal (m.clashes_n, 0);
  for (size_t i = 0; i < expected.result.n; i++)
    if (strcmp (look (&got, expected.result.at[i].name), expected.result.at[i].text) != 0)
      fail_msg ("kind %d: %s is '%s', not '%s'", (int)model_kinds[kind].kind, expected.result.at[i].name,
                look (&got, expected.result.at[i].name), expected.result.at[i].text);
  assert_int_equal (got.n, expected.result.n);
  assert_int_equal (m.as_first, same_state (&got, &of_x));
  assert_int_equal (m.as_second, same_state (&got, &of_y));
}

static void
random_edits (void **state)
{
  (void)state;
  seed = UINT64_C (20190701);
  for (unsigned round = 0; round < 6000; round++) {
    const size_t kind = round % MODEL_KINDS;
    update_t b = {.operation = chance (8) ? OP_PUT : OP_WITHDRAW, .record.kind = model_kinds[kind].kind};
    arena_reset (arena);
    edit (&b, kind, 20);
    update_t x = b, y = b;
    edit (&x, kind, chance (6));
    edit (&y, kind, chance (6));
    compare_with_model (kind, &b, &x, &y, chance (2));
  }
}

/* ---- laws ---- */

static void
is_state (const update_t *u, const merged_t *m)
{
  assert_int_equal (m->clashes_n, 0);
  assert_int_equal (m->operation, u->operation);
  assert_true (record_same (&m->record, &u->record));
  assert_int_equal (str_cmp (m->unknown, u->unknown), 0);
}

static void
laws (void **state)
{
  (void)state;
  seed = UINT64_C (99);
  for (unsigned round = 0; round < 3000; round++) {
    const size_t kind = round % MODEL_KINDS;
    update_t b = {.operation = OP_PUT, .record.kind = model_kinds[kind].kind};
    merged_t m;
    arena_reset (arena);
    edit (&b, kind, 12);
    update_t x = b;
    edit (&x, kind, chance (8));
    assert_int_equal (merge3 (&b, &x, &b, MERGE_SECOND, arena, &m), ERR_OK);
    is_state (&x, &m);
    assert_true (m.as_first);
    assert_int_equal (merge3 (&b, &b, &x, MERGE_FIRST, arena, &m), ERR_OK);
    is_state (&x, &m);
    assert_true (m.as_second);
    assert_int_equal (merge3 (&b, &x, &x, MERGE_FIRST, arena, &m), ERR_OK);
    is_state (&x, &m);
    assert_true (m.as_first && m.as_second);
    assert_int_equal (merge3 (NULL, &x, &x, MERGE_FIRST, arena, &m), ERR_OK);
    is_state (&x, &m);
  }
}

/* Whoever comes first, the outcome is one. */
static void
disjoint_edits_commute (void **state)
{
  (void)state;
  seed = UINT64_C (7);
  unsigned clean = 0;
  for (unsigned round = 0; round < 3000; round++) {
    const size_t kind = round % MODEL_KINDS;
    update_t b = {.operation = OP_PUT, .record.kind = model_kinds[kind].kind};
    merged_t m, n;
    arena_reset (arena);
    edit (&b, kind, 12);
    update_t x = b, y = b;
    edit (&x, kind, 3);
    edit (&y, kind, 3);
    assert_int_equal (merge3 (&b, &x, &y, MERGE_FIRST, arena, &m), ERR_OK);
    assert_int_equal (merge3 (&b, &y, &x, MERGE_FIRST, arena, &n), ERR_OK);
    assert_int_equal (m.clashes_n, n.clashes_n);
    if (m.clashes_n > 0)
      continue;
    clean++;
    assert_true (record_same (&m.record, &n.record) && m.operation == n.operation);
  }
  assert_true (clean > 1000);
}

/* ---- rules beyond one scalar ---- */

static ledger_entry_t
paid (uint8_t id, int64_t amount, const char *voucher)
{
  return (ledger_entry_t){.id = {{id}},
                          .kind = LEDGER_PAYMENT,
                          .date = 20190305,
                          .source = 1,
                          .amount_vnd = {true, amount},
                          .voucher_no = str_of (voucher)};
}

static update_t
scheme_with (const ledger_entry_t *ledger, uint32_t n)
{
  update_t u = {.operation = OP_PUT, .record.kind = KIND_SCHEME};
  u.record.u.scheme = (scheme_t){.code = STR ("DA-1"), .name = STR ("Máy"), .ledger = ledger, .ledger_n = n};
  return u;
}

/* One file imported on two PCs: the entries have ids of their own. */
static void
twins_are_one (void **state)
{
  (void)state;
  const ledger_entry_t ours[] = {paid (1, 5, "CT1"), paid (3, 7, NULL), paid (5, 7, NULL)};
  const ledger_entry_t theirs[] = {paid (2, 5, "CT1"), paid (4, 7, NULL), paid (6, 9, "CT2")};
  update_t b = scheme_with (NULL, 0), x = scheme_with (ours, 3), y = scheme_with (theirs, 3);
  merged_t m;
  assert_int_equal (merge3 (&b, &x, &y, MERGE_FIRST, arena, &m), ERR_OK);
  assert_int_equal (m.clashes_n, 0);
  assert_int_equal (m.record.u.scheme.ledger_n, 4); /* 1, 3, 5 and 6 */
  for (uint32_t i = 0; i < 4; i++)
    assert_int_equal (m.record.u.scheme.ledger[i].id.b[0], ((int[]){1, 3, 5, 6})[i]);
  assert_false (m.as_first || m.as_second);
  y = scheme_with (theirs, 2);
  x = scheme_with (ours, 2);
  assert_int_equal (merge3 (NULL, &x, &y, MERGE_FIRST, arena, &m), ERR_OK);
  assert_true (m.as_first && m.as_second && m.clashes_n == 0);
}

static void
one_id_two_contents (void **state)
{
  (void)state;
  const ledger_entry_t ours[] = {paid (1, 5, "CT1")}, theirs[] = {paid (1, 6, "CT1")};
  update_t b = scheme_with (NULL, 0), x = scheme_with (ours, 1), y = scheme_with (theirs, 1);
  merged_t m;
  assert_int_equal (merge3 (&b, &x, &y, MERGE_SECOND, arena, &m), ERR_OK);
  assert_int_equal (m.clashes_n, 1);
  assert_true (str_is (m.clashes[0], "ledger.01000000-0000-0000-0000-000000000000.amount_vnd"));
  assert_int_equal (m.record.u.scheme.ledger[0].amount_vnd.v, 6);
}

/* A list that is against the rules is one thing: it cannot be gone through by its ids. */
static void
out_of_order (void **state)
{
  (void)state;
  const ledger_entry_t wrong[] = {paid (2, 5, "CT1"), paid (1, 7, "CT2")}, none[] = {paid (0, 5, "CT1")},
                       right[] = {paid (1, 9, "CT2")};
  update_t b = scheme_with (NULL, 0), x = scheme_with (wrong, 2), y = scheme_with (right, 1);
  merged_t m;
  assert_int_equal (merge3 (&b, &x, &y, MERGE_SECOND, arena, &m), ERR_OK);
  assert_true (m.clashes_n == 1 && str_is (m.clashes[0], "ledger") && m.record.u.scheme.ledger_n == 1);
  assert_int_equal (merge3 (&b, &b, &x, MERGE_FIRST, arena, &m), ERR_OK);
  assert_true (m.clashes_n == 0 && m.as_second && m.record.u.scheme.ledger_n == 2);
  x = scheme_with (none, 1);
  assert_int_equal (merge3 (&b, &x, &y, MERGE_FIRST, arena, &m), ERR_OK);
  assert_true (m.clashes_n == 1 && str_is (m.clashes[0], "ledger"));
}

/* Each list is full, and they have nothing in common. */
static void
too_many_together (void **state)
{
  (void)state;
  arena_reset (arena);
  ledger_entry_t *each = arena_alloc (arena, 2 * LEDGER_MAX * sizeof *each);
  assert_non_null (each);
  for (uint32_t i = 0; i < 2 * LEDGER_MAX; i++) {
    each[i] = paid (0, i, NULL);
    each[i].id.b[0] = (uint8_t)(1 + i / 256);
    each[i].id.b[1] = (uint8_t)i;
  }
  update_t x = scheme_with (each, LEDGER_MAX), y = scheme_with (each + LEDGER_MAX, LEDGER_MAX);
  merged_t m;
  assert_int_equal (merge3 (NULL, &x, &y, MERGE_SECOND, arena, &m), ERR_OK);
  assert_int_equal (m.clashes_n, 1);
  assert_true (str_is (m.clashes[0], "ledger"));
  assert_true (m.record.u.scheme.ledger_n == LEDGER_MAX &&
               m.record.u.scheme.ledger[0].amount_vnd.v == LEDGER_MAX);
}

typedef struct {
  operation_t base, first, second;
  bool first_edits, second_edits;
  bool clash;
  operation_t out;
} withdrawal_t;

static void
withdrawals (void **state)
{
  (void)state;
  static const withdrawal_t rows[] = {
      {OP_PUT, OP_WITHDRAW, OP_PUT, false, false, false, OP_WITHDRAW},
      {OP_PUT, OP_PUT, OP_WITHDRAW, false, false, false, OP_WITHDRAW},
      {OP_PUT, OP_WITHDRAW, OP_PUT, false, true, true, OP_WITHDRAW},
      {OP_PUT, OP_PUT, OP_WITHDRAW, true, false, true, OP_PUT},
      {OP_PUT, OP_WITHDRAW, OP_WITHDRAW, false, false, false, OP_WITHDRAW},
      {OP_WITHDRAW, OP_PUT, OP_WITHDRAW, false, false, false, OP_PUT}, /* brought back */
      {OP_WITHDRAW, OP_PUT, OP_PUT, true, false, false, OP_PUT},
      {OP_NONE, OP_WITHDRAW, OP_PUT, false, false, true, OP_WITHDRAW}, /* created anew: never by itself */
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    const withdrawal_t *r = &rows[i];
    update_t b = scheme_with (NULL, 0), x = b, y = b;
    merged_t m;
    b.operation = r->base;
    x.operation = r->first;
    y.operation = r->second;
    if (r->first_edits)
      x.record.u.scheme.note = STR ("một");
    if (r->second_edits)
      y.record.u.scheme.name = STR ("Lò");
    assert_int_equal (merge3 (r->base == OP_NONE ? NULL : &b, &x, &y, MERGE_FIRST, arena, &m), ERR_OK);
    if (m.clashes_n != r->clash || m.operation != r->out || (r->clash && !str_is (m.clashes[0], "withdrawn")))
      fail_msg ("row %zu: %zu clashes, operation %d", i, m.clashes_n, (int)m.operation);
  }
}

/* ---- names for people ---- */

static void
names (void **state)
{
  (void)state;
  ledger_entry_t ours[] = {paid (1, 5, "CT1"), paid (2, 5, "CT2")}, theirs[] = {paid (1, 6, "CT1")};
  const str_t clashes[] = {STR ("name"),
                           STR ("status"),
                           STR ("funding.1.planned_vnd"),
                           STR ("funding.1.approved_vnd"),
                           STR ("funding.2"),
                           STR ("ledger.01000000-0000-0000-0000-000000000000.amount_vnd"),
                           STR ("ledger.02000000-0000-0000-0000-000000000000"),
                           STR ("withdrawn"),
                           STR ("unknown")};
  static const struct {
    const char *code, *field, *first, *second;
  } expected[] = {
      {"DA-1", "name", "Máy", "Lò"},
      {"DA-1", "status", "approved", "running"},
      {"DA-1", "national_vnd", "100", "200"},
      {"DA-1", "province_vnd", "", "7"},
      {"DA-1", "settled_province_vnd", "", "8"},
      {"DA-1:CT1", "amount_vnd", "5", "6"},
      {"DA-1:CT2", "removed", "", "yes"},
      {"DA-1", "withdrawn", "", "yes"},
      {"DA-1", "unknown", "", ""},
  };
  update_t x = scheme_with (ours, 2), y = scheme_with (theirs, 1);
  scheme_t *sx = &x.record.u.scheme, *sy = &y.record.u.scheme;
  sx->status = STATUS_APPROVED;
  sy->status = STATUS_RUNNING;
  sy->name = STR ("Lò");
  y.operation = OP_WITHDRAW;
  sx->funding_n = 1;
  sx->funding[0] = (funding_t){.source = 1, .planned_vnd = {true, 90}, .approved_vnd = {true, 100}};
  sy->funding_n = 2;
  sy->funding[0] = (funding_t){.source = 1, .planned_vnd = {true, 80}, .approved_vnd = {true, 200}};
  sy->funding[1] = (funding_t){.source = 2, .approved_vnd = {true, 7}, .settled_vnd = {true, 8}};
  const str_t approved_first[] = {clashes[3], clashes[2]};
  clash_row_t *row;
  size_t n;
  assert_int_equal (clash_rows (catalogue, clashes, COUNT (clashes), &x, &y, arena, &row, &n), ERR_OK);
  assert_int_equal (n, COUNT (expected));
  for (size_t i = 0; i < n; i++) {
    assert_string_equal (row[i].code.p, expected[i].code);
    assert_string_equal (row[i].field.p, expected[i].field);
    if (i == 2) /* told by the plan, whose clash came first */
      continue;
    assert_string_equal (row[i].first.p, expected[i].first);
    assert_string_equal (row[i].second.p, expected[i].second);
  }
  assert_int_equal (clash_rows (catalogue, approved_first, 2, &x, &y, arena, &row, &n), ERR_OK);
  assert_int_equal (n, 1);
  assert_string_equal (row[0].first.p, "100");
  assert_string_equal (row[0].second.p, "200");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (random_edits),
      cmocka_unit_test (laws),
      cmocka_unit_test (disjoint_edits_commute),
      cmocka_unit_test (twins_are_one),
      cmocka_unit_test (one_id_two_contents),
      cmocka_unit_test (too_many_together),
      cmocka_unit_test (out_of_order),
      cmocka_unit_test (withdrawals),
      cmocka_unit_test (names),
  };
  return cmocka_run_group_tests (tests, set_up, tear_down);
}
