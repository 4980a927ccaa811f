/* A scheme's keyed lists: which entry a line means, putting and dropping, and the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/core/edit.h"
#include "common/core/lists.h"
#include "common/core/validate.h"
#include "tests/unit/core/small_catalogue.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))

static catalogue_t *catalogue;
static arena_t *arena;

static int
set_up (void **state)
{
  (void)state;
  fail_t fail = {0};
  catalogue = catalogue_parse (STR (SMALL_CATALOGUE), 1, &fail);
  arena = arena_new (16u << 20);
  return catalogue != NULL && arena != NULL ? 0 : -1;
}

static int
tear_down (void **state)
{
  (void)state;
  catalogue_destroy (&catalogue);
  arena_destroy (&arena);
  return 0;
}

/* ---- making ---- */

static record_t
event (uint8_t id, ledger_kind_t kind, date_t date, source_id_t source, int64_t amount, const char *voucher)
{
  record_t line = {.kind = FORM_LEDGER};
  line.u.ledger.scheme_code = STR ("DA-1");
  line.u.ledger.entry = (ledger_entry_t){.id = {{id}},
                                         .kind = kind,
                                         .date = date,
                                         .source = source,
                                         .amount_vnd = {true, amount},
                                         .voucher_no = str_of (voucher)};
  return line;
}

static record_t
reached (uint8_t id, const char *name, const char *address, int64_t support)
{
  record_t line = {.kind = FORM_BENEFICIARY};
  line.u.beneficiary.scheme_code = STR ("DA-1");
  line.u.beneficiary.entry = (beneficiary_t){
      .id = {{id}}, .name = str_of (name), .address = str_of (address), .support_vnd = {true, support}};
  return line;
}

static record_t
a_scheme (void)
{
  record_t r = {.kind = KIND_SCHEME};
  r.u.scheme = (scheme_t){.code = STR ("DA-1"),
                          .name = STR ("Máy"),
                          .item = STR ("I.1"),
                          .district = 10,
                          .plan_year = {2019, 2019},
                          .status = STATUS_APPROVED,
                          .approved_on = 20190200,
                          .funding_n = 2};
  r.u.scheme.funding[0] = (funding_t){.source = 1, .approved_vnd = {true, 100}};
  r.u.scheme.funding[1] = (funding_t){.source = 2, .approved_vnd = {true, 50}};
  return r;
}

static void
put (record_t *scheme, record_t line)
{
  list_room_t room = {NULL, 0};
  assert_true (list_put (&scheme->u.scheme, &line, &room, arena));
}

/* ---- which entry is meant ---- */

static void
a_line_means_an_entry (void **state)
{
  (void)state;
  static const struct {
    const char *what;
    kind_t form;
    ledger_kind_t kind;
    date_t date;
    source_id_t source;
    int64_t amount;
    const char *name; /* or its voucher */
    const char *address;
    size_t n;
    uint8_t id;
  } rows[] = {
      {"voucher, in its year", FORM_LEDGER, LEDGER_REFUND, 20191231, 3, 9, "PC-1", NULL, 1, 2},
      {"voucher, of another year", FORM_LEDGER, LEDGER_ADVANCE, 20200105, 1, 5, "PC-1", NULL, 1, 3},
      {"voucher, of a year without it", FORM_LEDGER, LEDGER_ADVANCE, 20180105, 1, 5, "PC-1", NULL, 0, 0},
      {"voucher without a date", FORM_LEDGER, LEDGER_NONE, 0, 0, 0, "PC-1", NULL, 2, 0},
      {"voucher is not folded", FORM_LEDGER, LEDGER_ADVANCE, 20190301, 1, 5, "pc-1", NULL, 0, 0},
      {"no voucher: all four", FORM_LEDGER, LEDGER_ADVANCE, 20190301, 1, 5, NULL, NULL, 1, 4},
      {"no voucher: another amount", FORM_LEDGER, LEDGER_ADVANCE, 20190301, 1, 6, NULL, NULL, 0, 0},
      {"no voucher: another source", FORM_LEDGER, LEDGER_ADVANCE, 20190301, 2, 5, NULL, NULL, 0, 0},
      {"no voucher: another day", FORM_LEDGER, LEDGER_ADVANCE, 20190302, 1, 5, NULL, NULL, 0, 0},
      {"no voucher: another event", FORM_LEDGER, LEDGER_PAYMENT, 20190301, 1, 5, NULL, NULL, 0, 0},
      {"name and address folded", FORM_BENEFICIARY, LEDGER_NONE, 0, 0, 0, "co so MINH tam", "nhon hau", 1, 7},
      {"name at another address", FORM_BENEFICIARY, LEDGER_NONE, 0, 0, 0, "Cơ sở Minh Tâm", "Nhơn An", 0, 0},
      {"name alone", FORM_BENEFICIARY, LEDGER_NONE, 0, 0, 0, "Cơ sở Minh Tâm", NULL, 1, 7},
      {"the start of a name", FORM_BENEFICIARY, LEDGER_NONE, 0, 0, 0, "Cơ sở Minh", NULL, 0, 0},
  };
  record_t s = a_scheme ();
  put (&s, event (4, LEDGER_ADVANCE, 20190301, 1, 5, NULL));
  put (&s, event (2, LEDGER_ADVANCE, 20190301, 1, 5, "PC-1"));
  put (&s, event (3, LEDGER_ADVANCE, 20200301, 1, 5, "PC-1"));
  put (&s, reached (7, "Cơ sở Minh Tâm", "Nhơn Hậu", 1));
  put (&s, reached (6, "HTX", NULL, 1));
  for (size_t i = 0; i < COUNT (rows); i++) {
    size_t at = 0;
    record_t found;
    const record_t line = rows[i].form == FORM_LEDGER ? event (0, rows[i].kind, rows[i].date, rows[i].source,
                                                               rows[i].amount, rows[i].name)
                                                      : reached (0, rows[i].name, rows[i].address, 0);
    const size_t n = list_find (&s.u.scheme, &line, &at);
    if (n != rows[i].n)
      fail_msg ("%s: %zu", rows[i].what, n);
    if (n == 0 || rows[i].id == 0)
      continue;
    list_line (&s.u.scheme, line.kind, at, &found);
    if (line_id (&found).b[0] != rows[i].id)
      fail_msg ("%s: entry %u", rows[i].what, line_id (&found).b[0]);
  }
}

static void
people_name_an_entry (void **state)
{
  (void)state;
  static const struct {
    kind_t form;
    const char *name;
    size_t n;
  } rows[] = {{FORM_LEDGER, "pc-2", 1},     {FORM_LEDGER, "PC-1", 2},
              {FORM_LEDGER, "03000000", 1}, {FORM_LEDGER, "03000000-0000-0000", 1},
              {FORM_LEDGER, "0300", 1},     {FORM_LEDGER, "030", 0},
              {FORM_LEDGER, "", 0},         {FORM_BENEFICIARY, "htx dap da", 1},
              {FORM_BENEFICIARY, "PC-2", 0}};
  record_t s = a_scheme ();
  buf_t label = BUF_INIT;
  size_t at;
  put (&s, event (1, LEDGER_ADVANCE, 20190301, 1, 5, "PC-1"));
  put (&s, event (2, LEDGER_ADVANCE, 20200301, 1, 5, "PC-1"));
  put (&s, event (3, LEDGER_ADVANCE, 20200301, 1, 5, "PC-2"));
  put (&s, reached (7, "HTX Đập Đá", NULL, 1));
  for (size_t i = 0; i < COUNT (rows); i++)
    if (list_find_named (&s.u.scheme, rows[i].form, str_of (rows[i].name), &at) != rows[i].n)
      fail_msg ("%s", rows[i].name);
  list_label (&s.u.scheme, FORM_LEDGER, 2, &label);
  assert_string_equal (buf_z (&label), "PC-2");
  buf_clear (&label);
  list_label (&s.u.scheme, FORM_LEDGER, 0, &label); /* another has the same number */
  assert_string_equal (buf_z (&label), "01000000");
  buf_free (&label);
}

/* ---- editing ---- */

static void
lists_are_copied_and_ordered (void **state)
{
  (void)state;
  const record_t none = a_scheme ();
  record_t one = none;
  list_room_t room = {NULL, 0};
  for (unsigned i = 0; i < 40; i++) {
    const record_t line = event ((uint8_t)(1 + (i * 7) % 40), LEDGER_ADVANCE, 20190301, 1, i, NULL);
    assert_true (list_put (&one.u.scheme, &line, &room, arena));
  }
  assert_int_equal (none.u.scheme.ledger_n, 0);
  assert_int_equal (one.u.scheme.ledger_n, 40);
  for (unsigned i = 0; i < 40; i++)
    assert_int_equal (one.u.scheme.ledger[i].id.b[0], i + 1);
  record_t two = one;
  put (&two, event (5, LEDGER_REFUND, 20190301, 1, 99, NULL));
  assert_int_equal (two.u.scheme.ledger_n, 40);
  assert_int_equal (two.u.scheme.ledger[4].amount_vnd.v, 99);
  assert_int_not_equal (one.u.scheme.ledger[4].amount_vnd.v, 99);
  assert_false (record_same (&one, &two));
  record_t three = two;
  assert_true (list_drop (&three.u.scheme, FORM_LEDGER, 4, arena));
  assert_int_equal (three.u.scheme.ledger_n, 39);
  assert_int_equal (three.u.scheme.ledger[4].id.b[0], 6);
  assert_int_equal (two.u.scheme.ledger[4].id.b[0], 5);
}

static void
a_full_list_takes_no_more (void **state)
{
  (void)state;
  record_t s = a_scheme ();
  list_room_t room = {NULL, 0};
  for (unsigned i = 0; i <= BENEFICIARIES_MAX; i++) {
    record_t line = reached (1, "Cơ sở", NULL, 0);
    line_set_id (&line, (record_id_t){{1, (uint8_t)(i >> 8), (uint8_t)i}});
    assert_true (list_put (&s.u.scheme, &line, &room, arena) == (i < BENEFICIARIES_MAX));
  }
  assert_int_equal (list_count (&s.u.scheme, FORM_BENEFICIARY), list_max (FORM_BENEFICIARY));
}

/* ---- the rules ---- */

/* Changes a good scheme with one entry in each list; what is found first, about what. */
static void
spoil (record_t *s, ledger_entry_t *e, beneficiary_t *b, size_t i)
{
  static char long_text[TEXT_LONG_MAX + 2];
  memset (long_text, 'x', sizeof long_text - 1);
  switch (i) {
  case 0:
    e->kind = LEDGER_NONE;
    break;
  case 1:
    e->kind = (ledger_kind_t)9;
    break;
  case 2:
    e->date = 0;
    break;
  case 3:
    e->date = 19991231;
    break;
  case 4:
    e->source = 9;
    break;
  case 5:
    e->source = 4; /* not in use */
    break;
  case 6:
    e->amount_vnd.has = false;
    break;
  case 7:
    e->amount_vnd.v = -1;
    break;
  case 8:
    e->amount_vnd.v = AMOUNT_MAX + 1;
    break;
  case 9:
    e->budget_year = (span_t){2019, 2020};
    break;
  case 10:
    e->budget_year = (span_t){1999, 1999};
    break;
  case 11:
    e->voucher_no = STR ("a\x01");
    break;
  case 12:
    e->note = str_of (long_text);
    break;
  case 13:
    e->id = (record_id_t){{0}};
    break;
  case 14:
    s->u.scheme.ledger_n = 2; /* the second has the id of the first */
    break;
  case 15:
    b->name = STR_NONE;
    break;
  case 16:
    b->support_vnd = (opt_i64_t){true, -5};
    break;
  case 17:
    b->accepted_on = 21010101;
    break;
  default:
    b->address = str_of (long_text);
    break;
  }
}

static void
each_wrong_entry_is_refused (void **state)
{
  (void)state;
  static const struct {
    reason_code_t why;
    const char *about;
  } want[] = {{REASON_REQUIRED, "ledger[PC-1].ledger_kind"},
              {REASON_UNKNOWN_ENUM, "ledger[PC-1].ledger_kind"},
              {REASON_REQUIRED, "ledger[PC-1].date"},
              {REASON_OUT_OF_RANGE, "ledger[PC-1].date"},
              {REASON_UNKNOWN_CODE, "ledger[PC-1].source"},
              {REASON_INACTIVE_CODE, "ledger[PC-1].source"},
              {REASON_REQUIRED, "ledger[PC-1].amount_vnd"},
              {REASON_OUT_OF_RANGE, "ledger[PC-1].amount_vnd"},
              {REASON_OUT_OF_RANGE, "ledger[PC-1].amount_vnd"},
              {REASON_OUT_OF_RANGE, "ledger[PC-1].budget_year"},
              {REASON_BAD_YEAR, "ledger[PC-1].budget_year"},
              {REASON_BAD_TEXT, "ledger[01000000].voucher_no"},
              {REASON_TOO_LONG, "ledger[PC-1].note"},
              {REASON_MALFORMED_LIST, "ledger"},
              {REASON_MALFORMED_LIST, "ledger"},
              {REASON_REQUIRED, "beneficiary[02000000].name"},
              {REASON_OUT_OF_RANGE, "beneficiary[HTX].support_vnd"},
              {REASON_OUT_OF_RANGE, "beneficiary[HTX].accepted_on"},
              {REASON_TOO_LONG, "beneficiary[HTX].address"}};
  for (size_t i = 0; i < COUNT (want); i++) {
    record_t s = a_scheme ();
    const record_t one = event (1, LEDGER_ADVANCE, 20190301, 1, 5, "PC-1"), two = reached (2, "HTX", NULL, 5);
    ledger_entry_t ledger[2] = {one.u.ledger.entry, one.u.ledger.entry};
    beneficiary_t beneficiary = two.u.beneficiary.entry;
    reasons_t found = {.arena = arena};
    s.u.scheme.ledger = ledger;
    s.u.scheme.beneficiaries = &beneficiary;
    s.u.scheme.ledger_n = s.u.scheme.beneficiaries_n = 1;
    assert_true (validate (catalogue, NULL, &s, STR_NONE, 0, &found));
    const record_t was = s;
    spoil (&s, &ledger[0], &beneficiary, i);
    found = (reasons_t){.arena = arena};
    assert_false (validate (catalogue, NULL, &s, STR_NONE, 0, &found));
    const reason_t *r = reasons_hard (&found);
    if (r->code != want[i].why || !str_is (r->arg[0], want[i].about))
      fail_msg ("row %zu: %s %.*s", i, reason_name (r->code), STR_ARG (r->arg[0]));
    /* what stood so before is nobody's fault now: `was` shares the entries */
    found = (reasons_t){.arena = arena};
    if (i != 13 && i != 14)
      assert_true (validate (catalogue, &was, &s, STR_NONE, 0, &found));
  }
}

/* Entries, and the flags they raise: wire names in order. */
static void
what_is_odd_is_flagged (void **state)
{
  (void)state;
  static const struct {
    ledger_kind_t kind;
    date_t date;
    source_id_t source;
    int64_t amount;
  } rows[][3] = {
      {{LEDGER_ADVANCE, 20190301, 1, 100}},
      {{LEDGER_ADVANCE, 20190301, 1, 101}},
      {{LEDGER_ADVANCE, 20190301, 1, 60}, {LEDGER_PAYMENT, 20190401, 1, 60}},
      {{LEDGER_PAYMENT, 20190301, 1, 60}, {LEDGER_PAYMENT, 20190401, 1, 60}},
      {{LEDGER_PAYMENT, 20190301, 1, 60},
       {LEDGER_PAYMENT, 20190401, 1, 60},
       {LEDGER_REFUND, 20190402, 1, 20}},
      {{LEDGER_PAYMENT, 20190301, 3, 1}},
      {{LEDGER_ADVANCE, 20190100, 1, 5}},
      {{LEDGER_ADVANCE, 20190200, 1, 5}},
      {{LEDGER_PAYMENT, 20190601, 1, 5}, {LEDGER_SETTLEMENT, 20190501, 1, 5}},
      {{LEDGER_PAYMENT, 20190601, 2, 5}, {LEDGER_SETTLEMENT, 20190501, 1, 5}},
      {{LEDGER_SETTLEMENT, 20200110, 1, 95}},
      {{LEDGER_SETTLEMENT, 20200110, 2, 40}},
      {{LEDGER_SETTLEMENT, 20200110, 2, 20}, {LEDGER_SETTLEMENT, 20200111, 2, 20}},
      {{LEDGER_SETTLEMENT, 20200110, 2, 41}},
  };
  static const char *const want[] = {
      "",
      "ledger_above_approved ",
      "",
      "ledger_above_approved ",
      "",
      "ledger_above_approved ",
      "dates_order ",
      "",
      "dates_order ",
      "",
      "", /* source 1 is not settled, nor is the scheme */
      "",
      "",
      "ledger_settled ",
  };
  for (size_t i = 0; i < COUNT (want); i++) {
    record_t s = a_scheme ();
    char got[200] = "";
    reasons_t found = {.arena = arena};
    s.u.scheme.funding[1].settled_vnd = (opt_i64_t){true, 40};
    for (uint8_t k = 0; k < 3 && rows[i][k].kind != LEDGER_NONE; k++)
      put (&s, event (k + 1, rows[i][k].kind, rows[i][k].date, rows[i][k].source, rows[i][k].amount, NULL));
    assert_true (validate (catalogue, NULL, &s, STR_NONE, 0, &found));
    for (uint32_t k = 0; k < found.n; k++)
      snprintf (got + strlen (got), sizeof got - strlen (got), "%s ", reason_name (found.at[k].code));
    if (strcmp (got, want[i]) != 0)
      fail_msg ("row %zu: %s", i, got);
  }
}

static void
beneficiaries_above_the_scheme (void **state)
{
  (void)state;
  for (int64_t second = 49; second <= 51; second++) {
    record_t s = a_scheme (); /* 150 approved */
    reasons_t found = {.arena = arena};
    put (&s, reached (1, "Một", NULL, 100));
    put (&s, reached (2, "Hai", NULL, second));
    assert_true (validate (catalogue, NULL, &s, STR_NONE, 0, &found));
    assert_int_equal (found.n, second == 51);
    if (found.n > 0) {
      assert_int_equal (found.at[0].code, REASON_BENEFICIARIES_ABOVE);
      assert_true (str_is (found.at[0].arg[0], "151") && str_is (found.at[0].arg[1], "150"));
    }
  }
}

/* ---- the forms ---- */

static void
headers_are_recognised (void **state)
{
  (void)state;
  static const struct {
    str_t header[6];
    kind_t kind;
  } rows[] = {
      {{STR ("scheme_code"), STR ("ledger_kind"), STR ("date"), STR ("source"), STR ("amount_vnd")},
       FORM_LEDGER},
      {{STR ("scheme_code"), STR ("name")}, FORM_BENEFICIARY},
      {{STR ("scheme_code"), STR ("date"), STR ("amount_vnd")}, KIND_NONE},
      {{STR ("code"), STR ("name"), STR ("district"), STR ("plan_year"), STR ("item"), STR ("status")},
       KIND_SCHEME},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    size_t n = 0;
    while (n < 6 && rows[i].header[n].p != NULL)
      n++;
    if (columns_recognise (catalogue, rows[i].header, n) != rows[i].kind)
      fail_msg ("row %zu", i);
  }
}

/* A cell of each column, read and written back. */
static void
lines_are_edited_as_records_are (void **state)
{
  (void)state;
  static const char *const given[][2] = {{"scheme_code", "DA-1"},
                                         {"ledger_kind", "settlement"},
                                         {"date", "2020-01-10"},
                                         {"budget_year", "2019"},
                                         {"source", "province"},
                                         {"amount_vnd", "5000"},
                                         {"voucher_no", "PC-1"},
                                         {"note", "x"},
                                         {"id", "01234567-89ab-cdef-0123-456789abcdef"}};
  static const char *const wrong[][2] = {
      {"ledger_kind", "gift"},      {"source", "moon"},    {"id", "7"},
      {"budget_year", "2019-2020"}, {"amount_vnd", "1,5"}, {"date", "hôm nay"}};
  columns_t *cs = columns_new (FORM_LEDGER, catalogue);
  const edit_options_t o = {.office = 0};
  cell_t cells[COUNT (given)];
  record_t line, again;
  buf_t text = BUF_INIT;
  reasons_t found = {.arena = arena};
  assert_non_null (cs);
  assert_int_equal (columns_count (cs), COUNT (given));
  for (size_t i = 0; i < COUNT (given); i++)
    cells[i] = (cell_t){columns_find (cs, str_of (given[i][0])), str_of (given[i][1])};
  assert_true (edit_apply (cs, catalogue, &o, NULL, cells, COUNT (given), arena, &line, &found));
  for (size_t i = 0; i < COUNT (given); i++) {
    buf_clear (&text);
    column_get (columns_at (cs, (size_t)cells[i].column), &line, catalogue, &text);
    assert_string_equal (buf_z (&text), given[i][1]);
  }
  for (size_t i = 0; i < COUNT (wrong); i++) {
    const cell_t cell = {columns_find (cs, str_of (wrong[i][0])), str_of (wrong[i][1])};
    found = (reasons_t){.arena = arena};
    assert_false (edit_apply (cs, catalogue, &o, &line, &cell, 1, arena, &again, &found));
    assert_int_equal (reasons_hard (&found)->column, 0);
  }
  const cell_t blank = {columns_find (cs, STR ("id")), STR ("")};
  found = (reasons_t){.arena = arena};
  assert_true (edit_apply (cs, catalogue, &o, &line, &blank, 1, arena, &again, &found));
  assert_true (record_same (&line, &again)); /* an entry keeps its id */
  columns_destroy (&cs);
  buf_free (&text);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (a_line_means_an_entry),           cmocka_unit_test (people_name_an_entry),
      cmocka_unit_test (lists_are_copied_and_ordered),    cmocka_unit_test (a_full_list_takes_no_more),
      cmocka_unit_test (each_wrong_entry_is_refused),     cmocka_unit_test (what_is_odd_is_flagged),
      cmocka_unit_test (beneficiaries_above_the_scheme),  cmocka_unit_test (headers_are_recognised),
      cmocka_unit_test (lines_are_edited_as_records_are),
  };
  return cmocka_run_group_tests (tests, set_up, tear_down);
}
