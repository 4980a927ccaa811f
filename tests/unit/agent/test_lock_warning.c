/* test_lock_warning.c - locks at the office: named before a change leaves, never in its way; what they
 * refused is sent again as it stands. */
#include "tests/unit/agent/office.h"

#include "agent/entry/lock_warning.h"
#include "agent/entry/retry.h"
#include "agent/outbox/internal.h"
#include "common/core/period.h"
#include "common/platform/platform.h"
#include "common/wire/update_wire.h"

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

/* ---- the centre's words ---- */

static void
hear (office_t *e, const decision_t *d)
{
  fail_t fail = {0};
  const msg_down_t down = fake_centre_say (e->centre, d);
  assert_int_equal (outbox_down (e->o, &down, clock_wall (), &fail), ERR_OK);
}

/* until: a day; 0 with ours: the extension is taken back. */
static void
say (office_t *e, const char *period, const char *table, bool locked, bool ours, date_t until)
{
  decision_t d = {.type = DECISION_LOCK};
  d.u.lock.period = str_of (period);
  d.u.lock.table = str_of (table);
  d.u.lock.locked = locked;
  d.u.lock.unit = ours ? outbox_identity (e->o)->unit : 0;
  if (until != 0)
    d.u.lock.until = day_end (until);
  hear (e, &d);
}

static void
acknowledge (office_t *e)
{
  assert_int_equal (outbox_acked (e->o, facts_of (e->o).last_seq, clock_wall ()), ERR_OK);
}

/* ---- edits ---- */

static edit_result_t
add (office_t *e, const char *code, const char *year)
{
  char parts[2][40];
  edit_result_t r = {0};
  fail_t fail = {0};
  snprintf (parts[0], sizeof parts[0], "code=%s", code);
  snprintf (parts[1], sizeof parts[1], "plan_year=%s", year);
  const char *const pairs[] = {parts[0],     "name=Máy",        "district=549",  parts[1],
                               "item=III.3", "status=approved", "province_vnd=5"};
  if (edits_add (e->o, KIND_SCHEME, pairs, COUNT (pairs), STR ("Lan"), e->arena, &r, &fail) != ERR_OK)
    fail_msg ("%s", fail.text);
  return r;
}

static edit_result_t
set (office_t *e, const char *code, const char *pair)
{
  edit_result_t r = {0};
  fail_t fail = {0};
  if (edits_set (e->o, str_of (code), KIND_NONE, &pair, 1, STR ("Lan"), STR ("sửa theo kiểm toán"), e->arena,
                 &r, &fail) != ERR_OK)
    fail_msg ("%s", fail.text);
  return r;
}

static edit_result_t
withdraw (office_t *e, const char *code)
{
  edit_result_t r = {0};
  fail_t fail = {0};
  if (edits_withdraw (e->o, str_of (code), KIND_NONE, STR ("Lan"), STR ("nhầm"), e->arena, &r, &fail) !=
      ERR_OK)
    fail_msg ("%s", fail.text);
  return r;
}

/* "" for none: the names and arguments of all findings. */
static const char *
found (const edit_result_t *r)
{
  static char text[160];
  size_t n = 0;
  text[0] = '\0';
  for (uint32_t i = 0; i < r->found.n; i++)
    n += (size_t)snprintf (text + n, sizeof text - n, "%s%s %.*s %.*s %.*s", i > 0 ? "; " : "",
                           reason_name (r->found.at[i].code), STR_ARG (r->found.at[i].arg[0]),
                           STR_ARG (r->found.at[i].arg[1]), STR_ARG (r->found.at[i].arg[2]));
  return text;
}

#define EXPECT(result, want)                                                                                 \
  do {                                                                                                       \
    const edit_result_t r_ = (result);                                                                       \
    assert_string_equal (found (&r_), want);                                                                 \
  } while (0)
#define AHEAD "lock_ahead 2020 budget "

static void
warnings (void **state)
{
  office_t *e = *state;
  add (e, "A-1", "2020");
  add (e, "A-2", "2019");
  add (e, "A-3", "2014-2020");
  acknowledge (e);
  say (e, "2020", "budget", true, false, 0);
  EXPECT (set (e, "A-1", "note=x"), AHEAD);
  EXPECT (set (e, "A-2", "note=x"), "");
  EXPECT (set (e, "A-2", "plan_year=2020"), AHEAD);
  EXPECT (set (e, "A-3", "note=x"), "");
  EXPECT (add (e, "A-4", "2020"), AHEAD);
  EXPECT (set (e, "A-1", "plan_year=2019"), AHEAD); /* out of it */
  EXPECT (set (e, "A-1", "note=y"), AHEAD);         /* what waits is not the centre's */
  EXPECT (withdraw (e, "A-1"), AHEAD);
  assert_int_equal (facts_of (e->o).last_seq, 11); /* nothing was held back */

  say (e, "2020", "budget", false, true, 20201231); /* long past by this PC's clock: not ours to judge */
  EXPECT (set (e, "A-4", "note=x"), "lock_extended 2020 budget 2020-12-31");
  say (e, "2020", NULL, true, true, 0); /* taken back */
  EXPECT (set (e, "A-4", "note=y"), AHEAD);
  say (e, "2020", "budget", false, false, 0);
  EXPECT (set (e, "A-4", "note=z"), "");
  say (e, "2020-Y", NULL, true, false, 0); /* every table, by the budget year too: period.h */
  EXPECT (set (e, "A-4", "note="), "lock_ahead 2020-Y budget ");
}

typedef struct {
  unsigned n;
  char first[200];
} told_t;

static void
tell (void *ctx, const import_finding_t *f)
{
  told_t *t = ctx;
  if (t->n++ == 0)
    snprintf (t->first, sizeof t->first, "%u %.*s: %.*s", (unsigned)f->line, STR_ARG (f->key),
              STR_ARG (f->text));
  assert_true (f->soft);
}

static void
importing (void **state)
{
  office_t *e = *state;
  import_counts_t n;
  told_t told = {0};
  const import_watch_t watch = {.ctx = &told, .finding = tell};
  const char *file =
      HEAD "\nA-1,Một,549,2019,III.3,draft\nA-2,Hai,549,2020,III.3,draft\nA-3,Ba,549,2020,III.3,draft\n";
  say (e, "2020", "3", true, false, 0);
  assert_int_equal (take (e->o, file, NULL, &watch, &n), ERR_OK);
  assert_int_equal (n.created, 3);
  assert_int_equal (n.warnings, 2);
  assert_int_equal (told.n, 2);
  assert_string_equal (told.first,
                       "3 A-2: period 2020 is locked for table budget: the centre will refuse this change "
                       "unless the office gets an extension");
  assert_int_equal (take (e->o, file, NULL, &watch, &n), ERR_OK); /* nothing to send, nothing to say */
  assert_int_equal (n.warnings, 0);
}

/* ---- refused, and sent again ---- */

static void
refuse (office_t *e, const char *code, const char *reason)
{
  kv_txn_t *txn = NULL;
  record_ref_t ref;
  row_t row;
  fail_t fail = {0};
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (
      book_find (outbox_book (e->o), txn, outbox_catalogue (e->o), str_of (code), KIND_SCHEME, &ref), ERR_OK);
  assert_int_equal (book_get (outbox_book (e->o), txn, ref, &row), ERR_OK);
  const version_t version = row.version;
  kv_abort (&txn);
  assert_int_equal (
      fake_centre_refuse (e->centre, e->o, version, ref.id, str_of (code), str_of (reason), &fail), ERR_OK);
}

static retry_result_t
retry (office_t *e, const char *record, const char *reason, err_t want)
{
  retry_result_t r = {0, 0, 0};
  fail_t fail = {0};
  reasons_t notes = {.arena = e->arena};
  assert_int_equal (
      retry_refused (e->o, str_of (record), KIND_NONE, STR ("Hoa"), str_of (reason), &notes, &r, &fail),
      want);
  return r;
}

static uint64_t
to_retry (office_t *e)
{
  kv_txn_t *txn = NULL;
  uint64_t n = 0;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (retry_count (e->o, txn, &n), ERR_OK);
  kv_abort (&txn);
  return n;
}

/* The latest update of ours. */
static void
expect_last (office_t *e, operation_t operation, const char *code, const char *comment)
{
  kv_txn_t *txn = NULL;
  log_row_t row;
  update_t u;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (outbox_log_get (e->o, txn, facts_of (e->o).last_seq, &row), ERR_OK);
  assert_int_equal (update_decode (row.bytes, e->arena, &u, NULL), ERR_OK);
  assert_int_equal (u.operation, operation);
  assert_true (str_is (u.record.u.scheme.code, code) && str_is (u.comment, comment) &&
               str_is (u.person, "Hoa"));
  assert_int_equal (u.base.seq, u.version.seq > 1 ? u.base.seq : 0);
  kv_abort (&txn);
}

static void
sending_again (void **state)
{
  office_t *e = *state;
  add (e, "A-1", "2020");
  add (e, "A-2", "2020");
  add (e, "A-3", "2020");
  acknowledge (e);
  say (e, "2020", "budget", true, false, 0);
  set (e, "A-1", "note=x");
  withdraw (e, "A-2");
  set (e, "A-3", "note=x");
  acknowledge (e);
  refuse (e, "A-1", "period_locked");
  refuse (e, "A-2", "period_locked");
  refuse (e, "A-3", "overflow");
  assert_int_equal (facts_of (e->o).refused,
                    3); /* a withdrawal that was refused is one: the record is there */

  retry_result_t r = retry (e, NULL, NULL, ERR_OK);
  assert_int_equal (r.sent, 0);
  assert_int_equal (r.held, 2);
  assert_int_equal (r.refused, 1);
  assert_int_equal (to_retry (e), 0);
  (void)retry (e, "A-9", NULL, ERR_NOT_FOUND);

  say (e, "2020", NULL, false, true, 20991231);
  assert_int_equal (to_retry (e), 2);
  const uint64_t before = facts_of (e->o).last_seq;
  r = retry (e, NULL, NULL, ERR_OK);
  assert_int_equal (r.sent, 2);
  assert_int_equal (r.refused, 1);
  assert_int_equal (facts_of (e->o).last_seq, before + 2);
  assert_int_equal (to_retry (e), 0);
  assert_int_equal (retry (e, NULL, NULL, ERR_OK).sent, 0); /* they wait */
  (void)retry (e, "A-1", NULL, ERR_INPUT);
  acknowledge (e);
  assert_int_equal (facts_of (e->o).refused, 1);

  r = retry (e, "A-3", NULL, ERR_OK); /* by name, whatever refused it, with the reason it had */
  assert_int_equal (r.sent, 1);
  expect_last (e, OP_PUT, "A-3", "sửa theo kiểm toán");
  withdraw (e, "A-1");
  acknowledge (e);
  refuse (e, "A-1", "period_locked");
  assert_int_equal (retry (e, NULL, "theo gia hạn", ERR_OK).sent, 1);
  expect_last (e, OP_WITHDRAW, "A-1", "theo gia hạn");
}

/* What was refused on its way out of a locked period is there still. */
static void
moved_out (void **state)
{
  office_t *e = *state;
  add (e, "A-1", "2020");
  acknowledge (e);
  say (e, "2020", "budget", true, false, 0);
  set (e, "A-1", "plan_year=2019");
  acknowledge (e);
  refuse (e, "A-1", "period_locked");
  assert_int_equal (retry (e, NULL, NULL, ERR_OK).held, 1);
  EXPECT (set (e, "A-1", "note=x"), AHEAD);
  acknowledge (e);
  refuse (e, "A-1", "period_locked");
  assert_int_equal (retry (e, NULL, NULL, ERR_OK).held, 1);
  say (e, "2020", NULL, false, false, 0);
  assert_int_equal (retry (e, NULL, NULL, ERR_OK).sent, 1);
}

/* An older program kept the decisions, but not the rows. */
static void
catching_up (void **state)
{
  office_t *e = *state;
  kv_txn_t *txn = NULL;
  kv_cursor_t *c = NULL;
  str_t key, value;
  char copy[64];
  add (e, "A-1", "2020");
  acknowledge (e);
  say (e, "2020", "budget", true, false, 0);
  assert_int_equal (kv_begin (outbox_kv (e->o), true, &txn), ERR_OK);
  assert_int_equal (kv_cursor_open (txn, ODB_LOCK, &c), ERR_OK);
  assert_int_equal (kv_next (c, &key, &value), ERR_OK);
  assert_true (key.n < sizeof copy);
  memcpy (copy, key.p, key.n);
  const str_t gone = {copy, key.n};
  kv_cursor_close (&c);
  assert_int_equal (kv_del (txn, ODB_LOCK, gone), ERR_OK);
  assert_int_equal (meta_put_u64 (txn, ODB_META, META_TAKEN, 1), ERR_OK); /* as it was before locks */
  assert_int_equal (kv_commit (&txn), ERR_OK);
  EXPECT (set (e, "A-1", "note=x"), "");
  assert_int_equal (outbox_catch_up (e->o), ERR_OK);
  EXPECT (set (e, "A-1", "note=y"), AHEAD);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (warnings, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (importing, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (sending_again, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (moved_out, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (catching_up, office_set_up, office_tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
