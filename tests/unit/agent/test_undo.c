/* test_undo.c - an import taken back: whole states return bit for bit, new records go, what was changed since
 * stays and is named; twice changes nothing, and the taking back can be taken back. */
#include "tests/unit/agent/office.h"

#include "agent/entry/undo.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/wire/update_wire.h"

/* ---- what there is ---- */

static present_t
present (office_t *e, const char *code)
{
  kv_txn_t *txn = NULL;
  present_t p;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (present_by_key (e->o, txn, KIND_SCHEME, str_of (code), e->arena, &p), ERR_OK);
  kv_abort (&txn);
  assert_true (p.exists);
  return p;
}

/* The whole state as it travels, whoever made it and when. */
static str_t
state_of (office_t *e, const char *code)
{
  buf_t b = BUF_INIT;
  const present_t p = present (e, code);
  const update_t u = {.version = {outbox_store_id (e->o), 1},
                      .id = p.row.ref.id,
                      .home = p.row.ref.home,
                      .operation = p.row.withdrawn ? OP_WITHDRAW : OP_PUT,
                      .person = STR ("x"),
                      .record = p.record};
  assert_true (update_encode (&u, &b));
  const str_t kept = arena_str (e->arena, buf_str (&b));
  buf_free (&b);
  return kept;
}

static void
import (office_t *e, const char *text, const import_options_t *options)
{
  import_counts_t n;
  assert_int_equal (take (e->o, text, options, NULL, &n), ERR_OK);
}

typedef struct {
  uint64_t returned, withdrawn, left, already, undo;
  char who[64], why[200], key[64];
} outcome_of_t;

static outcome_of_t
undo (office_t *e, uint64_t number, bool dry)
{
  fail_t fail = {0};
  undo_result_t r;
  outcome_of_t out = {0};
  const undo_options_t o = {.import = number, .person = STR ("Lan"), .dry_run = dry};
  const err_t err = undo_import (e->o, &o, e->arena, &r, &fail);
  if (err != ERR_OK)
    fail_msg ("undo %d: %s %s", (int)number, err_name (err), fail.text);
  assert_int_equal (r.import, number);
  assert_int_equal (r.n, r.returned + r.withdrawn + r.left);
  out = (outcome_of_t){r.returned, r.withdrawn, r.left, r.already, r.undo, "", "", ""};
  for (size_t i = 0; i < r.n; i++)
    if (r.row[i].action == UNDO_LEFT) {
      assert_true (r.row[i].at.ms > 0);
      snprintf (out.who, sizeof out.who, "%.*s", STR_ARG (r.row[i].person));
      snprintf (out.why, sizeof out.why, "%.*s", STR_ARG (r.row[i].why));
      snprintf (out.key, sizeof out.key, "%.*s", STR_ARG (r.row[i].key));
    }
  undo_free (&r);
  return out;
}

static void
expect (outcome_of_t r, uint64_t returned, uint64_t withdrawn, uint64_t left, uint64_t already)
{
  if (r.returned != returned || r.withdrawn != withdrawn || r.left != left || r.already != already)
    fail_msg ("%d returned, %d withdrawn, %d left, %d already", (int)r.returned, (int)r.withdrawn,
              (int)r.left, (int)r.already);
}

static void
set_as (office_t *e, const char *code, const char *pair, const char *person)
{
  fail_t fail = {0};
  edit_result_t r;
  assert_int_equal (
      edits_set (e->o, str_of (code), KIND_NONE, &pair, 1, str_of (person), STR ("why"), e->arena, &r, &fail),
      ERR_OK);
}

#define FIRST                                                                                                \
  HEAD ",province_vnd,note\nA-1,Máy,549,2019,III.3,approved,5,cũ\nA-2,Hai,549,2019,III.3,draft,,\n"
#define SECOND                                                                                               \
  HEAD ",province_vnd,note\nA-1,Máy "                                                                       \
       "khác,549,2020,III.3,running,9,\nA-2,Hai,549,2019,III.3,draft,,\nA-3,Ba,549,2019,III.3,draft,,\n"

/* ---- tests ---- */

static void
back_and_forth (void **state)
{
  office_t *e = *state;
  import (e, FIRST, NULL);
  const str_t before = state_of (e, "A-1"), second = state_of (e, "A-2");
  import (e, SECOND, NULL);
  const str_t after = state_of (e, "A-1"), made = state_of (e, "A-3");
  const uint64_t seq = facts_of (e->o).last_seq;

  expect (undo (e, 2, true), 1, 1, 0, 0); /* a dry run says the same and stores nothing */
  assert_int_equal (facts_of (e->o).last_seq, seq);

  outcome_of_t r = undo (e, 2, false);
  expect (r, 1, 1, 0, 0);
  assert_int_equal (r.undo, 3);
  assert_int_equal (facts_of (e->o).last_seq, seq + 2);
  assert_true (str_eq (state_of (e, "A-1"), before));
  assert_true (str_eq (state_of (e, "A-2"), second));
  assert_true (present (e, "A-3").row.withdrawn);
  update_t u;
  const present_t p = present (e, "A-3");
  assert_int_equal (row_decode (&p.row, e->arena, &u), ERR_OK);
  assert_true (str_is (u.comment, "undo of import 2: a.csv"));
  assert_true (str_is (u.person, "Lan"));

  r = undo (e, 2, false); /* twice changes nothing */
  expect (r, 0, 0, 0, 2);
  assert_int_equal (r.undo, 0);
  assert_int_equal (facts_of (e->o).last_seq, seq + 2);

  expect (undo (e, 3, false), 2, 0, 0, 0); /* the undo undone */
  assert_true (str_eq (state_of (e, "A-1"), after));
  assert_true (str_eq (state_of (e, "A-3"), made));
  expect (undo (e, 2, false), 1, 1, 0, 0); /* and again */
  assert_true (str_eq (state_of (e, "A-1"), before));
}

static void
changed_since (void **state)
{
  office_t *e = *state;
  import (e, FIRST, NULL);
  import (e, SECOND, NULL);
  set_as (e, "A-1", "note=sửa", "Hoa");
  const str_t now = state_of (e, "A-1");
  outcome_of_t r = undo (e, 2, false);
  expect (r, 0, 1, 1, 0);
  assert_string_equal (r.who, "Hoa");
  assert_string_equal (r.key, "A-1");
  assert_non_null (strstr (r.why, "changed since"));
  assert_true (str_eq (state_of (e, "A-1"), now));
  expect (undo (e, 2, false), 0, 0, 1, 1);
  set_as (e, "A-1", "note=", "Hoa"); /* as the import had made it: nothing stands in the way */
  expect (undo (e, 2, false), 1, 0, 0, 1);
  expect (undo (e, 1, false), 0, 2, 0, 0);
}

/* A later import that was taken back does not stand in the way of an earlier one. */
static void
one_upon_another (void **state)
{
  office_t *e = *state;
  import (e, FIRST, NULL);
  const str_t before = state_of (e, "A-1");
  import (e, SECOND, NULL);
  import (e, "code,note\nA-1,ba\n", &(import_options_t){.kind = KIND_SCHEME});
  expect (undo (e, 2, false), 0, 1, 1, 0);
  expect (undo (e, 3, false), 1, 0, 0, 0);
  expect (undo (e, 2, false), 1, 0, 0, 1);
  assert_true (str_eq (state_of (e, "A-1"), before));
}

/* What this version does not read, and the lists of a scheme, are of the state. */
static void
whole_states (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  import (e, FIRST, NULL);
  present_t p = present (e, "A-1");
  p.record.u.scheme.unknown = STR ("\xFA\x3E\x03xyz"); /* field 1007, of a later program */
  const draft_t d = {.ref = p.row.ref, .base = p.row.version, .operation = OP_PUT, .record = p.record};
  assert_int_equal (outbox_store (e->o, &d, 1, STR ("Lan"), STR_NONE, NULL, clock_wall (), NULL, NULL, &fail),
                    ERR_OK);
  const str_t before = state_of (e, "A-1");
  import (e,
          "scheme_code,ledger_kind,date,budget_year,source,amount_vnd\n"
          "A-1,advance,2019-05-01,2019,province,3\nA-1,payment,2019-06-01,2019,province,2\n",
          NULL);
  assert_false (str_eq (state_of (e, "A-1"), before));
  expect (undo (e, 2, false), 1, 0, 0, 0);
  assert_true (str_eq (state_of (e, "A-1"), before));
  assert_true (str_is (present (e, "A-1").record.u.scheme.unknown, "\xFA\x3E\x03xyz"));
  expect (undo (e, 3, false), 1, 0, 0, 0);
  assert_int_equal (present (e, "A-1").record.u.scheme.ledger_n, 2);
}

/* Whether it was sent or refused makes no difference to what returns. */
static void
sent_and_refused (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  import (e, FIRST, NULL);
  const str_t before = state_of (e, "A-1");
  import (e, SECOND, NULL);
  assert_int_equal (outbox_acked (e->o, facts_of (e->o).last_seq, clock_wall ()), ERR_OK);
  const present_t p = present (e, "A-3");
  assert_int_equal (
      fake_centre_refuse (e->centre, e->o, p.row.version, p.row.ref.id, STR ("A-3"), STR ("key_held"), &fail),
      ERR_OK);
  assert_int_equal (facts_of (e->o).refused, 1);
  expect (undo (e, 2, false), 1, 1, 0, 0);
  assert_true (str_eq (state_of (e, "A-1"), before));
  assert_int_equal (facts_of (e->o).refused, 0);
  assert_int_equal (facts_of (e->o).pending, 2);
}

static void
restored_and_settled (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  edit_result_t r;
  import (e, FIRST, NULL);
  assert_int_equal (
      edits_withdraw (e->o, STR ("A-1"), KIND_NONE, STR ("Hoa"), STR ("nhầm"), e->arena, &r, &fail), ERR_OK);
  const str_t withdrawn = state_of (e, "A-1"), draft = state_of (e, "A-2");
  import (e, HEAD ",province_vnd\nA-1,Máy,549,2019,III.3,approved,8\n", &(import_options_t){.restore = true});
  import (e, HEAD ",province_vnd,settled_province_vnd\nA-2,Hai,549,2019,III.3,settled,5,5\n", NULL);
  expect (undo (e, 2, false), 0, 1, 0, 0);
  assert_true (str_eq (state_of (e, "A-1"), withdrawn));
  expect (undo (e, 3, false), 1, 0, 0, 0); /* backward, out of settled: the undo is its reason */
  assert_true (str_eq (state_of (e, "A-2"), draft));
}

/* A state that the rules of today forbid does not return. */
static void
forbidden (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  import (e, FIRST, NULL);
  present_t p = present (e, "A-1");
  p.record.u.scheme.status = STATUS_SETTLED; /* without its settled amount */
  const draft_t d = {.ref = p.row.ref, .base = p.row.version, .operation = OP_PUT, .record = p.record};
  assert_int_equal (outbox_store (e->o, &d, 1, STR ("Lan"), STR_NONE, NULL, clock_wall (), NULL, NULL, &fail),
                    ERR_OK);
  import (e, "code,settled_province_vnd\nA-1,5\n", &(import_options_t){.kind = KIND_SCHEME});
  const outcome_of_t r = undo (e, 2, false);
  expect (r, 0, 0, 1, 0);
  assert_non_null (strstr (r.why, "settled_province_vnd"));
}

/* A period that is locked meanwhile: the undo is stored all the same, and says what the centre will do. */
static void
locked (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  undo_result_t r;
  const decision_t d = {.type = DECISION_LOCK,
                        .u.lock = {.period = STR ("2019"), .table = STR ("budget"), .locked = true}};
  import (e, FIRST, NULL);
  import (e, "code,note\nA-1,ba\n", &(import_options_t){.kind = KIND_SCHEME});
  assert_int_equal (outbox_acked (e->o, facts_of (e->o).last_seq, clock_wall ()), ERR_OK);
  const msg_down_t down = fake_centre_say (e->centre, &d);
  assert_int_equal (outbox_down (e->o, &down, clock_wall (), &fail), ERR_OK);
  const undo_options_t o = {.import = 1, .person = STR ("Lan")};
  assert_int_equal (undo_import (e->o, &o, e->arena, &r, &fail), ERR_OK);
  assert_int_equal (r.left, 1); /* A-1, changed by the second; A-2 is a draft, which no figure holds */
  assert_int_equal (r.withdrawn, 1);
  undo_free (&r);
  const undo_options_t second = {.import = 2, .person = STR ("Lan")};
  assert_int_equal (undo_import (e->o, &second, e->arena, &r, &fail), ERR_OK);
  assert_int_equal (r.returned, 1);
  assert_string_equal (r.row[0].reason, "lock_ahead");
  assert_non_null (strstr (r.row[0].why.p, "2019"));
  undo_free (&r);
}

static void
refused (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  undo_result_t r;
  undo_options_t o = {.import = 1, .person = STR ("Lan")};
  assert_int_equal (undo_import (e->o, &o, e->arena, &r, &fail), ERR_NOT_FOUND);
  assert_non_null (strstr (fail.text, "no import 1"));
  fail = (fail_t){0};
  o.reason = STR ("hai\ndòng");
  assert_int_equal (undo_import (e->o, &o, e->arena, &r, &fail), ERR_INPUT);
}

/* import,file,at,person,created,changed,undoes,undone_by */
static void
list_of_imports (void **state)
{
  office_t *e = *state;
  buf_t b = BUF_INIT;
  import (e, FIRST, NULL);
  import (e, FIRST, NULL); /* changes nothing, is none */
  import (e, SECOND, NULL);
  undo (e, 2, false);
  undo (e, 3, false);
  undo (e, 2, false);
  table_t *t = table_new ();
  assert_int_equal (view_imports (e->o, false, t), ERR_OK);
  assert_int_equal (table_render (t, FORMAT_CSV, false, 0, NULL, &b), ERR_OK);
  static const char *const wanted[] = {"import,file,at,person,created,changed,undoes,undone_by\n1,a.csv,",
                                       ",Lan,2,0,,\n2,a.csv,",
                                       ",Lan,1,1,,5\n3,a.csv,",
                                       ",Lan,0,2,2,4\n4,a.csv,",
                                       ",Lan,0,2,3,\n5,a.csv,",
                                       ",Lan,0,2,2,\n"};
  const char *p = buf_z (&b);
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
    const char *at = strstr (p, wanted[i]);
    if (at == NULL)
      fail_msg ("%s is not in %s", wanted[i], buf_z (&b));
    p = at + 1;
  }
  table_destroy (&t);
  buf_free (&b);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (back_and_forth, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (changed_since, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (one_upon_another, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (whole_states, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (sent_and_refused, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (restored_and_settled, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (forbidden, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (locked, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (refused, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (list_of_imports, office_set_up, office_tear_down),
  };
  return cmocka_run_group_tests_name ("undo", tests, NULL, NULL);
}
