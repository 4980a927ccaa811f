/* Edits and rules, in rows: a record made by one edit, changed by another, and what is to come of it.
 * An edit is written "column=text|column=text". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/lang.h"
#include "common/core/edit.h"
#include "common/core/validate.h"
#include "tests/unit/core/small_catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof (rows) / sizeof (rows)[0])
#define CELLS_MAX 40

static catalogue_t *catalogue;
static columns_t *columns[KIND_COUNT];

static int
set_up (void **state)
{
  (void)state;
  fail_t fail = {.err = ERR_OK};
  catalogue = catalogue_parse (STR (SMALL_CATALOGUE), 1, &fail);
  columns[KIND_SCHEME] = columns_new (KIND_SCHEME, catalogue);
  columns[KIND_OUTCOME] = columns_new (KIND_OUTCOME, catalogue);
  return columns[KIND_SCHEME] == NULL || columns[KIND_OUTCOME] == NULL;
}

static int
tear_down (void **state)
{
  (void)state;
  columns_destroy (&columns[KIND_SCHEME]);
  columns_destroy (&columns[KIND_OUTCOME]);
  catalogue_destroy (&catalogue);
  return 0;
}

static size_t
cells_of (const columns_t *cs, const char *edit, cell_t *cells)
{
  size_t n = 0;
  while (*edit != '\0') {
    const char *eq = strchr (edit, '='), *end = strchr (edit, '|');
    if (end == NULL)
      end = edit + strlen (edit);
    assert_true (eq != NULL && eq < end && n < CELLS_MAX);
    cells[n].column = columns_find (cs, (str_t){edit, (size_t)(eq - edit)});
    if (cells[n].column < 0)
      fail_msg ("no column in \"%s\"", edit);
    cells[n++].text = (str_t){eq + 1, (size_t)(end - eq - 1)};
    edit = *end == '|' ? end + 1 : end;
  }
  return n;
}

/* "reason@column, reason": what was found, in order. */
static void
describe (const columns_t *cs, const reasons_t *found, const cell_t *cells, buf_t *out)
{
  for (uint32_t i = 0; i < found->n; i++) {
    const reason_t *r = &found->at[i];
    buf_printf (out, "%s%s", i == 0 ? "" : " ", reason_name (r->code));
    if (r->column >= 0)
      buf_printf (out, "@%.*s", STR_ARG (columns_at (cs, (size_t)cells[r->column].column)->name));
  }
}

static void
show_all (const columns_t *cs, const record_t *r, const char *like, buf_t *out)
{
  cell_t cells[CELLS_MAX];
  size_t n = cells_of (cs, like, cells);
  for (size_t i = 0; i < n; i++) {
    const column_t *col = columns_at (cs, (size_t)cells[i].column);
    buf_printf (out, "%s%.*s=", i == 0 ? "" : "|", STR_ARG (col->name));
    column_get (col, r, catalogue, out);
  }
}

typedef struct {
  const char *before; /* NULL: a create */
  const char *update;
  const char *after; /* the columns that matter */
  const char *found; /* "" = nothing */
  edit_options_t options;
} edit_row_t;

static void
check_edits (kind_t kind, const char *base, const edit_row_t *rows, size_t n)
{
  const columns_t *cs = columns[kind];
  for (size_t i = 0; i < n; i++) {
    arena_t *arena = arena_new (1u << 20);
    record_t before, made, after;
    reasons_t found = {.n = 0};
    cell_t cells[CELLS_MAX];
    buf_t text = BUF_INIT, got = BUF_INIT, expected = BUF_INIT;
    edit_options_t any = {.comment = STR ("lý do")};
    size_t k = cells_of (cs, base, cells);
    assert_true (edit_apply (cs, catalogue, &any, NULL, cells, k, arena, &before, &found));
    if (rows[i].before != NULL) {
      k = cells_of (cs, rows[i].before, cells);
      if (!edit_apply (cs, catalogue, &any, &before, cells, k, arena, &made, &found))
        fail_msg ("row %zu: the record to change cannot be made", i);
      before = made;
    }
    found.n = 0;
    k = cells_of (cs, rows[i].update, cells);
    bool fine = edit_apply (cs, catalogue, &rows[i].options, rows[i].before != NULL ? &before : NULL, cells,
                            k, arena, &after, &found);
    describe (cs, &found, cells, &text);
    if (strcmp (buf_z (&text), rows[i].found) != 0)
      fail_msg ("row %zu (%s): found \"%s\", expected \"%s\"", i, rows[i].update, buf_z (&text),
                rows[i].found);
    assert_int_equal (fine, reasons_hard (&found) == NULL);
    if (rows[i].after != NULL) {
      show_all (cs, &after, rows[i].after, &got);
      if (strcmp (buf_z (&got), rows[i].after) != 0)
        fail_msg ("row %zu (%s): got \"%s\", expected \"%s\"", i, rows[i].update, buf_z (&got),
                  rows[i].after);
    }
    buf_free (&text);
    buf_free (&got);
    buf_free (&expected);
    arena_destroy (&arena);
  }
}

#define BASE "code=KC-1|name=Tên|district=549|plan_year=2019|item=I.1|status=registered"

static void
schemes (void **state)
{
  (void)state;
  static const edit_row_t rows[] = {
      /* amounts */
      {"note=", "national_vnd=100", "national_vnd=100|status=registered", "", {0}},
      {"national_vnd=100", "status=approved", "national_vnd=100", "", {0}},
      {"national_vnd=100", "status=approved|national_vnd=90", "national_vnd=90", "", {0}},
      {"national_vnd=100", "national_vnd=90|status=approved", "national_vnd=90", "", {0}},
      {"national_vnd=100", "national_vnd=|status=approved", "national_vnd=", "", {0}},
      {"national_vnd=100|status=approved", "status=returned|national_vnd=70", "national_vnd=70", "", {0}},
      {"national_vnd=100|status=approved", "status=settled", NULL, "settled_amount", {0}},
      {"national_vnd=100|status=approved",
       "status=settled|settled_national_vnd=",
       NULL,
       "settled_amount@settled_national_vnd",
       {0}},
      {"national_vnd=0|status=approved", "status=settled", NULL, "settled_amount", {0}},
      {"national_vnd=100|status=approved",
       "status=settled|settled_national_vnd=0",
       "settled_national_vnd=0",
       "",
       {0}},
      {"national_vnd=9|settled_national_vnd=9|status=settled",
       "status=running",
       "settled_national_vnd=9|national_vnd=9",
       "",
       {.comment = STR ("sai")}},
      {"national_vnd=9|province_vnd=8|status=approved",
       "status=settled|settled_national_vnd=9",
       NULL,
       "settled_amount",
       {0}},
      {"national_vnd=9|status=approved",
       "settled_national_vnd=10",
       NULL,
       "settled_above_approved@settled_national_vnd",
       {0}},
      {"note=", "national_vnd=1389.6", "national_vnd=1389600000", "", {.million = true}},
      {"note=",
       "national_vnd=1.389,6|matching_vnd=2",
       "national_vnd=1389600000|matching_vnd=2000000",
       "",
       {.million = true, .locale = NUMBER_VI}},
      {"note=", "national_vnd=1.389,6", NULL, "bad_number@national_vnd", {.locale = NUMBER_VI}},
      {"note=", "national_vnd=1E+09", NULL, "bad_number@national_vnd", {0}},
      {"note=", "national_vnd=-1", NULL, "out_of_range@national_vnd", {0}},
      {"note=", "matching_vnd=1000000000000000", NULL, "", {0}},
      {"note=", "matching_vnd=1000000000000001", NULL, "out_of_range@matching_vnd", {0}},
      /* text */
      {"note=cũ", "commune=", "note=cũ|commune=", "", {0}},
      {"note=cũ", "note=", "note=", "", {0}},
      {"note=",
       "note=007|contract_no=12E5|approval_no=None|beneficiary=NULL",
       "note=007|contract_no=12E5|approval_no=None|beneficiary=NULL",
       "",
       {0}},
      {"note=", "note= a  b ", "note= a  b ", "", {0}},
      {"note=", "note=dƣ ng|name=Ca\xCC\x81t", "note=dư ng|name=Cát", "", {0}},
      {"note=", "note=a\x01", NULL, "bad_text@note", {0}},
      {"note=", "note=a\xFF", NULL, "bad_text@note", {0}},
      {"note=", "note=H? tr? t?o", NULL, "lost_letters@note", {0}},
      {"note=", "note=Ai làm?", NULL, "", {0}},
      {"note=", "name=", NULL, "required@name", {0}},
      {"note=", "name= ", NULL, "required@name", {0}},
      /* codes */
      {"note=", "district=540", NULL, "unknown_code@district", {0}},
      {"note=", "item=I.9", NULL, "unknown_code@item", {0}},
      {"note=", "item= IV.8 ", "item=IV.8", "", {0}},
      {"note=", "status=done", NULL, "unknown_word@status", {0}},
      {"note=", "kind=double", NULL, "unknown_word@kind", {0}},
      {"note=", "kind=group", "kind=group", "", {0}},
      {"note=", "plan_year=1999", NULL, "bad_year@plan_year", {0}},
      {"note=", "plan_year=2020-2014", NULL, "bad_year@plan_year", {0}},
      {"note=", "plan_year=2014-2020", "plan_year=2014-2020", "", {0}},
      /* dates */
      {"note=", "approved_on=27/06/2014", NULL, "bad_date@approved_on", {0}},
      {"note=", "approved_on=27/06/2014", "approved_on=2014-06-27", "", {.locale = NUMBER_VI}},
      {"note=", "approved_on=2014-06", "approved_on=2014-06", "", {0}},
      {"note=", "approved_on=2014-02-30", NULL, "bad_date@approved_on", {0}},
      {"note=", "approved_on=1014-02-03", NULL, "out_of_range@approved_on", {0}},
      {"registered_on=2014-06-27", "approved_on=2014-06-26", NULL, "dates_order@approved_on", {0}},
      {"registered_on=2014-06-27", "approved_on=2014-06", NULL, "", {0}},
      /* offices, keys, moves */
      {"note=", "note=x", NULL, "", {.office = 10}},
      {"note=", "note=x", NULL, "foreign_office", {.office = 4}},
      {"note=", "district=543", NULL, "foreign_office@district", {.office = 10}},
      {"district=543", "district=549", NULL, "foreign_office@district", {.office = 10}},
      {"note=", "district=543", NULL, "", {0}},
      {"note=", "code=KC-2", NULL, "key_changed@code", {0}},
      {"note=", "code=KC 2", NULL, "bad_code@code", {0}},
      {"note=", "code=KC-1\xC2\xA0", NULL, "bad_code@code", {0}},
      {"note=", "code= KC-1 ", "code=KC-1", "", {0}},
      {"note=", "district=549\xC2\xA0", NULL, "unknown_code@district", {0}},
      {"note=", "matching_vnd=5\xC2\xA0", "matching_vnd=5", "", {0}},
      /* what --excel guards comes back as it was; a text of its own stays */
      {"note==1+1", "note='=1+1", "note==1+1", "", {.file = true}},
      {"note=@a", "note='-b", "note='-b", "", {.file = true}},
      {"note=-5", "note='-5", "note='-5", "", {0}},
      {"note=", "note='=1", "note='=1", "", {.file = true}},
      {"note='x", "note='x", "note='x", "", {.file = true}},
      {"status=running", "status=approved", NULL, "move_needs_reason@status", {0}},
      {"status=running", "status=approved", NULL, "", {.comment = STR ("nhầm")}},
      /* creation */
      {NULL, BASE "|national_vnd=5", "national_vnd=5", "", {0}},
      {NULL, "name=x", NULL, "required required required required required", {0}},
      {NULL, BASE "|note=1", NULL, "", {.office = 10}},
      {NULL, BASE, NULL, "foreign_office@district", {.office = 1}},
      {NULL,
       "code=A|name=x|district=549|plan_year=20x|item=I.1|status=draft",
       NULL,
       "bad_year@plan_year",
       {0}},
  };
  check_edits (KIND_SCHEME, BASE, rows, COUNT (rows));
}

#define OUTCOME "indicator=I.1|district=549|year=2019|fund=KCĐP|value=5"

static void
outcomes (void **state)
{
  (void)state;
  static const edit_row_t rows[] = {
      {NULL, OUTCOME, "value=5|value_kind=actual", "", {0}},
      {NULL, OUTCOME "|value_kind=", "value_kind=actual", "", {0}},
      {NULL, OUTCOME "|value_kind=plan", "value_kind=plan", "", {0}},
      {NULL, "indicator=I.1|district=549|year=2019|fund=|value=5", NULL, "by_fund@fund", {0}},
      {NULL, "indicator=BS.15|district=52|year=2019|fund=KCQG|value=5", NULL, "not_by_fund@fund", {0}},
      {NULL, "indicator=BS.15|district=52|year=2019|fund=|value=160107", "value=160107|fund=", "", {0}},
      {NULL, "value=3.1|indicator=BS.17|district=52|year=2019|fund=", "value=3.1", "", {0}},
      {NULL, "indicator=BS.17|district=52|year=2019|fund=|value=3.15", NULL, "bad_number@value", {0}},
      {NULL, "indicator=BS.2|district=52|year=2019|fund=|value=4", "value=4", "", {0}},
      {NULL, "indicator=BS.2|district=549|year=2019|fund=|value=4", NULL, "province_only", {0}},
      {NULL, OUTCOME "|period=2019-Q2", "period=2019-Q2", "", {0}},
      {NULL, OUTCOME "|period=2019", "period=2019", "", {0}},
      {NULL, OUTCOME "|period=đợt 1", "period=đợt 1", "period_odd@period", {0}},
      {NULL, OUTCOME "|period=2020-Q1", "period=2020-Q1", "period_odd@period", {0}},
      {NULL,
       "indicator=I.1|district=549|year=2018-2020|fund=KCĐP|value=5|period=2019-H1",
       "value=5",
       "",
       {0}},
      {NULL, "indicator=I.1|district=549|year=2019|fund=KCĐP|value=1.5", NULL, "bad_number@value", {0}},
      {NULL, "indicator=X|district=549|year=2019|fund=KCĐP|value=1", NULL, "unknown_code@indicator", {0}},
      {NULL, "indicator=I.1|district=549|year=2019|fund=KCDP|value=1", NULL, "unknown_code@fund", {0}},
      {NULL, "indicator=I.1|district=549|year=2019|fund=KCĐP|value=", NULL, "required@value", {0}},
      {"note=", "value=0", "value=0", "", {0}},
      {"note=", "value_kind=estimate", "value_kind=estimate", "", {0}},
      {"note=", "value_kind=plan", NULL, "key_changed", {0}},
      {"note=", "year=2020", NULL, "key_changed", {0}},
      {"note=", "period=2019-H1", NULL, "key_changed", {0}},
      {"note=", "scheme_code=a b", NULL, "bad_code@scheme_code", {0}},
  };
  check_edits (KIND_OUTCOME, OUTCOME, rows, COUNT (rows));
}

/* 14 × 14, row = from, column = to, in the order of status_t: "." free, "r" needs a reason. */
static void
moves (void **state)
{
  (void)state;
  static const char *const table[] = {
      /* draft */ "..............",      /* registered */ "r.............",
      /* appr. base */ "rr............", /* appr. ministry */ "rrr...........",
      /* approved */ "rrrr..........",   /* contracted */ "rrrrr.........",
      /* running */ "rrrrrr........",    /* accepted */ "rrrrrrr.......",
      /* liquidated */ "rrrrrrrr......", /* settled */ "rrrrrrrrr.rrrr",
      /* returned */ "..............",   /* rejected */ "rrrrrrrrrrr.rr",
      /* stopped */ "rrrrrrrrrrrr.r",    /* withdrawn */ "rrrrrrrrrrrrr.",
  };
  for (int from = STATUS_DRAFT; from < STATUS_COUNT; from++)
    for (int to = STATUS_DRAFT; to < STATUS_COUNT; to++) {
      move_t expected = table[from - 1][to - 1] == '.' ? MOVE_FREE : MOVE_NEEDS_REASON;
      if (move_judge ((status_t)from, (status_t)to) != expected)
        fail_msg ("%s to %s", status_name ((status_t)from), status_name ((status_t)to));
    }
  for (int to = STATUS_DRAFT; to < STATUS_COUNT; to++)
    assert_int_equal (move_judge (STATUS_NONE, (status_t)to), MOVE_FREE);
  assert_int_equal (move_judge (STATUS_DRAFT, STATUS_NONE), MOVE_ILLEGAL);
  assert_int_equal (move_judge (STATUS_DRAFT, (status_t)99), MOVE_ILLEGAL);
}

/* What edit_apply never makes, but a stranger may send. */
static void
strangers (void **state)
{
  (void)state;
  const record_t good = {.kind = KIND_SCHEME,
                         .u.scheme = {.code = STR ("KC-1"),
                                      .name = STR ("Tên"),
                                      .district = 10,
                                      .plan_year = {2019, 2019},
                                      .item = STR ("I.1"),
                                      .status = STATUS_DRAFT,
                                      .funding = {{.source = 1}, {.source = 2}},
                                      .funding_n = 2}};
  enum {
    GOOD,
    KIND,
    STATUS,
    SHAPE,
    UNIT,
    ITEM,
    SOURCE,
    INACTIVE,
    ORDER,
    TWICE,
    MANY,
    NEGATIVE,
    HUGE_AMOUNT,
    YEARS,
    DATE,
    DECOMPOSED,
    CASES
  };
  static const char *const expected[CASES] = {"",
                                              "kind_unsupported",
                                              "unknown_enum",
                                              "unknown_enum",
                                              "unknown_code",
                                              "unknown_code",
                                              "unknown_code",
                                              "inactive_code",
                                              "malformed_funding",
                                              "malformed_funding",
                                              "malformed",
                                              "out_of_range",
                                              "out_of_range",
                                              "bad_year",
                                              "out_of_range",
                                              "bad_text"};
  for (int i = 0; i < CASES; i++) {
    record_t r = good;
    scheme_t *s = &r.u.scheme;
    reasons_t found = {.n = 0};
    if (i == KIND)
      r.kind = KIND_DECISION;
    s->status = i == STATUS ? (status_t)77 : s->status;
    s->kind = i == SHAPE ? (scheme_kind_t)9 : s->kind;
    s->district = i == UNIT ? 99 : s->district;
    s->item = i == ITEM ? STR ("bad\xFF") : s->item;
    s->funding[1].source = i == SOURCE ? 9 : i == INACTIVE ? 4 : i == TWICE ? 1 : 2;
    s->funding[0].source = i == ORDER ? 3 : 1;
    s->funding_n = i == MANY ? 1000 : 2;
    s->funding[0].planned_vnd =
        (opt_i64_t){i == NEGATIVE || i == HUGE_AMOUNT, i == NEGATIVE ? -1 : INT64_MAX};
    s->plan_year.from = i == YEARS ? 2020 : 2019;
    s->approved_on = i == DATE ? 20190229 : 0;
    s->name = i == DECOMPOSED ? STR ("Ca\xCC\x81t") : s->name;
    bool fine = validate (catalogue, NULL, &r, STR_NONE, 0, &found);
    assert_int_equal (fine, i == GOOD);
    const char *last = found.n == 0 ? "" : reason_name (found.at[found.n - 1].code);
    if (strcmp (last, expected[i]) != 0)
      fail_msg ("case %d: %s, expected %s", i, last, expected[i]);
  }
}

static void
differences (void **state)
{
  (void)state;
  const columns_t *cs = columns[KIND_SCHEME];
  arena_t *arena = arena_new (1u << 20);
  record_t a, b;
  reasons_t found = {.n = 0};
  cell_t cells[CELLS_MAX];
  int out[CELLS_MAX];
  edit_options_t o = {.office = 0};
  size_t n = cells_of (cs, BASE "|national_vnd=5", cells);
  assert_true (edit_apply (cs, catalogue, &o, NULL, cells, n, arena, &a, &found));
  assert_int_equal (edit_diff (cs, catalogue, NULL, &a, out), 7);
  assert_int_equal (edit_diff (cs, catalogue, &a, &a, out), 0);
  n = cells_of (cs, "note=x|status=approved", cells);
  assert_true (edit_apply (cs, catalogue, &o, &a, cells, n, arena, &b, &found));
  assert_int_equal (edit_diff (cs, catalogue, &a, &b, out), 2);
  assert_true (str_is (columns_at (cs, (size_t)out[0])->name, "status"));
  assert_true (str_is (columns_at (cs, (size_t)out[1])->name, "note"));
  assert_false (record_same (&a, &b));
  assert_true (b.u.scheme.funding[0].approved_vnd.has && b.u.scheme.funding[0].planned_vnd.has);
  arena_destroy (&arena);
}

/* Export, import: whatever edits made a record, its own columns given back change nothing. */
static void
round_trips (void **state)
{
  (void)state;
  static const char *const texts[][4] = {{"status", "draft", "approved", "returned"},
                                         {"national_vnd", "", "0", "700"},
                                         {"province_vnd", "", "5", "1000000000000000"},
                                         {"settled_national_vnd", "", "0", "700"},
                                         {"settled_province_vnd", "", "4", "5"},
                                         {"status", "settled", "running", "stopped"},
                                         {"note", "", " a,\"b\" ", "007"},
                                         {"plan_year", "2014-2020", "2019", "2015"},
                                         {"approved_on", "", "2014", "2014-06-27"}};
  const columns_t *cs = columns[KIND_SCHEME];
  edit_options_t o = {.comment = STR ("thử")};
  uint32_t random = 12345;
  for (int round = 0; round < 300; round++) {
    arena_t *arena = arena_new (1u << 22);
    record_t r, next;
    reasons_t found = {.n = 0};
    cell_t cells[CELLS_MAX];
    size_t n = cells_of (cs, BASE, cells);
    assert_true (edit_apply (cs, catalogue, &o, NULL, cells, n, arena, &r, &found));
    for (int step = 0; step < 12; step++) {
      random = random * 1664525u + 1013904223u;
      const char *const *t = texts[(random >> 16) % COUNT (texts)];
      cells[0] = (cell_t){columns_find (cs, str_of (t[0])), str_of (t[1 + (random >> 8) % 3])};
      found.n = 0;
      if (edit_apply (cs, catalogue, &o, &r, cells, 1, arena, &next, &found))
        r = next;
    }
    for (size_t i = 0; i < columns_count (cs); i++) {
      buf_t b = BUF_INIT;
      column_get (columns_at (cs, i), &r, catalogue, &b);
      cells[i] = (cell_t){(int)i, arena_str (arena, b.n > 0 ? buf_str (&b) : STR (""))};
      buf_free (&b);
    }
    found.n = 0;
    assert_true (edit_apply (cs, catalogue, &o, &r, cells, columns_count (cs), arena, &next, &found));
    assert_true (record_same (&r, &next));
    arena_destroy (&arena);
  }
}

int
main (void)
{
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test (schemes),   cmocka_unit_test (outcomes),    cmocka_unit_test (moves),
      cmocka_unit_test (strangers), cmocka_unit_test (differences), cmocka_unit_test (round_trips),
  };
  lang_set (LANG_EN);
  return cmocka_run_group_tests (tests, set_up, tear_down);
}
