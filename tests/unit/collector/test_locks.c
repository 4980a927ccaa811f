/* test_locks.c - locks of periods at the centre: what a lock keeps in and out, the latest word on a table,
 * extensions to the millisecond of the collector's clock, and what stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collector/ledger/period_locks.h"
#include "collector/ledger/state.h"
#include "common/base/lang.h"
#include "tests/unit/collector/fixture.h"

#include <stdio.h>

#define HOAI_NHON 4u
#define AN_NHON 10u
#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define RECORDS 64u

typedef struct {
  ledger_t *l;
  peer_t an_nhon, hoai_nhon, province;
  version_t version[RECORDS]; /* that the centre has */
} centre_t;

static centre_t *
centre_new (void)
{
  static centre_t c;
  memset (&c, 0, sizeof c);
  lang_set (LANG_EN);
  fixture_now = (wall_t){INT64_C (1764000000000)};
  c.l = fixture_ledger ();
  peer_open (&c.an_nhon, c.l, AN_NHON, ROLE_OFFICE);
  peer_open (&c.hoai_nhon, c.l, HOAI_NHON, ROLE_OFFICE);
  peer_open (&c.province, c.l, 1, ROLE_PROVINCE);
  return &c;
}

static void
centre_close (centre_t *c)
{
  buf_t things = BUF_INIT;
  if (fixture_verify (c->l, &things) != 0)
    fail_msg ("verify: %s", buf_z (&things));
  buf_free (&things);
  peer_close (&c->an_nhon);
  peer_close (&c->hoai_nhon);
  peer_close (&c->province);
  ledger_close (&c->l);
}

/* ---- updates ---- */

static void
take_version (centre_t *c, peer_t *p, unsigned n, update_t *u)
{
  uint64_t seq = peer_add (p, u);
  assert_int_equal (peer_send (p, c->l, seq, seq).err, ERR_OK);
  if (verdict_of (c->l, p, seq)[0] == '\0')
    c->version[n] = u->version;
}

/* "" when it was accepted, else the reason. */
static const char *
send (centre_t *c, peer_t *p, unsigned n, update_t u)
{
  u.base = c->version[n];
  take_version (c, p, n, &u);
  return verdict_of (c->l, p, p->seq);
}

static update_t
scheme_in (unsigned n, uint16_t from, uint16_t to)
{
  update_t u = scheme_update (AN_NHON, n, STATUS_APPROVED, 1000, (version_t){.seq = 0});
  u.record.u.scheme.plan_year = (span_t){from, to};
  return u;
}

static const char *
put (centre_t *c, peer_t *p, unsigned n, uint16_t from, uint16_t to)
{
  return send (c, p, n, scheme_in (n, from, to));
}

static const char *
withdraw (centre_t *c, peer_t *p, unsigned n, uint16_t year)
{
  update_t u = scheme_in (n, year, year);
  u.operation = OP_WITHDRAW;
  return send (c, p, n, u);
}

static const char *
figure (centre_t *c, unsigned n, const char *period, uint16_t year)
{
  update_t u = {.home = AN_NHON, .operation = OP_PUT, .person = STR ("Hoa"), .agent_time = {1}};
  u.id.b[6] = 0x70;
  u.id.b[15] = (uint8_t)n;
  u.record.kind = KIND_OUTCOME;
  u.record.u.outcome = (outcome_t){.indicator = STR ("I.1"),
                                   .fund = STR ("KCQG"),
                                   .district = AN_NHON,
                                   .period = str_of (period),
                                   .year = {year, year},
                                   .value = {true, 5},
                                   .value_kind = VALUE_ACTUAL};
  return send (c, &c->an_nhon, n, u);
}

/* ---- locks ---- */

static bool
set (centre_t *c, const char *period, table_id_t table, unit_id_t unit, bool locked, wall_t until)
{
  const lock_row_t row = {.period = str_of (period),
                          .table = table,
                          .unit = unit,
                          .locked = locked,
                          .until = until,
                          .person = STR ("Minh"),
                          .reason = STR ("đã quyết toán")};
  bool changed = false;
  fail_t fail = {0};
  if (period_lock_set (c->l, &row, fixture_now, &changed, &fail) != ERR_OK)
    fail_msg ("%s", fail.text);
  return changed;
}

static bool
lock (centre_t *c, const char *period, table_id_t table)
{
  return set (c, period, table, 0, true, (wall_t){0});
}

static bool
unlock (centre_t *c, const char *period, table_id_t table)
{
  return set (c, period, table, 0, false, (wall_t){0});
}

static bool
extend (centre_t *c, const char *period, table_id_t table, unit_id_t unit, int64_t ms)
{
  return set (c, period, table, unit, false, (wall_t){fixture_now.ms + ms});
}

static err_t
note_standing (void *ctx, const lock_row_t *row)
{
  assert_true (str_is (row->person, "Minh") && str_is (row->reason, "đã quyết toán"));
  buf_printf (ctx, "%.*s %s%s", STR_ARG (row->period),
              row->table != TABLE_NONE ? table_name (row->table) : "all", row->unit != 0 ? " " : "\n");
  if (row->unit != 0)
    buf_printf (ctx, "%u +%lld\n", (unsigned)row->unit, (long long)(row->until.ms - fixture_now.ms));
  return ERR_OK;
}

/* Read anew from the rows, as after a restart. */
static void
expect_standing (centre_t *c, const char *want)
{
  kv_txn_t *txn = NULL;
  locks_t *l = NULL;
  buf_t got = BUF_INIT;
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (locks_load (txn, DB_LOCK, ledger_catalogue (c->l), &l), ERR_OK);
  assert_int_equal (locks_each_standing (l, note_standing, &got), ERR_OK);
  assert_string_equal (buf_z (&got), want);
  locks_destroy (&l);
  kv_abort (&txn);
  buf_free (&got);
}

/* ---- what a lock keeps ---- */

#define LOCKED "period_locked"

static void
test_in_and_out (void **state)
{
  (void)state;
  centre_t *c = centre_new ();
  peer_t *a = &c->an_nhon;
  assert_string_equal (put (c, a, 1, 2019, 2019), "");
  assert_string_equal (put (c, a, 2, 2018, 2018), "");
  assert_string_equal (put (c, a, 3, 2019, 2019), "");
  assert_string_equal (withdraw (c, a, 3, 2019), "");
  assert_string_equal (put (c, a, 4, 2014, 2020), "");
  assert_string_equal (figure (c, 40, "", 2019), "");
  assert_true (lock (c, "2019", TABLE_BUDGET));

  assert_string_equal (put (c, a, 1, 2019, 2019), LOCKED);            /* stays in it */
  assert_string_equal (put (c, a, 1, 2018, 2018), LOCKED);            /* moves out */
  assert_string_equal (put (c, a, 1, 2014, 2020), LOCKED);            /* into a span, which is out too */
  assert_string_equal (withdraw (c, a, 1, 2019), LOCKED);             /* is retracted */
  assert_string_equal (put (c, a, 2, 2019, 2019), LOCKED);            /* moves in */
  assert_string_equal (put (c, a, 3, 2019, 2019), LOCKED);            /* is brought back into it */
  assert_string_equal (put (c, a, 5, 2019, 2019), LOCKED);            /* comes new */
  assert_string_equal (put (c, a, 4, 2019, 2019), LOCKED);            /* out of a span into it */
  assert_string_equal (put (c, a, 4, 2014, 2020), "");                /* a span is no single year */
  assert_string_equal (put (c, a, 2, 2018, 2018), "");                /* another year */
  assert_string_equal (put (c, a, 3, 2020, 2020), "");                /* brought back elsewhere */
  assert_string_equal (figure (c, 40, "", 2019), "");                 /* another table */
  assert_string_equal (put (c, &c->province, 1, 2019, 2019), LOCKED); /* whoever writes */
  assert_true (unlock (c, "2019", TABLE_BUDGET));
  assert_string_equal (put (c, a, 1, 2018, 2018),
                       ""); /* its base was refused: the centre's own stands for it */
  centre_close (c);
}

/* Quarters within the year that is locked, and the year they are in. */
static void
test_periods (void **state)
{
  (void)state;
  centre_t *c = centre_new ();
  assert_true (lock (c, "2020-q2", TABLE_OUTCOMES)); /* any form of the name */
  assert_string_equal (figure (c, 1, "2020-Q2", 2020), LOCKED);
  assert_string_equal (figure (c, 2, "2020-Q1", 2020), "");
  assert_string_equal (figure (c, 3, "2020-04", 2020), LOCKED);
  assert_true (lock (c, "2020-Y", TABLE_NONE));
  assert_string_equal (figure (c, 2, "2020-Q1", 2020), LOCKED);
  assert_true (unlock (c, "2020-Y", TABLE_NONE));
  assert_string_equal (figure (c, 2, "2020-Q1", 2020), "");
  assert_string_equal (figure (c, 1, "2020-Q2", 2020), LOCKED); /* its own lock is another's */
  centre_close (c);
}

/* ---- extensions ---- */

static void
test_extension (void **state)
{
  (void)state;
  centre_t *c = centre_new ();
  peer_t *a = &c->an_nhon;
  fail_t fail = {0};
  bool changed;
  const lock_row_t none = {
      .period = STR ("2019"), .unit = AN_NHON, .until = {fixture_now.ms + 1}, .person = STR ("Minh")};
  assert_int_equal (period_lock_set (c->l, &none, fixture_now, &changed, &fail), ERR_INPUT); /* to nothing */
  assert_true (lock (c, "2019", TABLE_BUDGET));
  fail = (fail_t){0};
  const lock_row_t past = {.period = STR ("2019"),
                           .table = TABLE_BUDGET,
                           .unit = AN_NHON,
                           .until = {fixture_now.ms - 1},
                           .person = STR ("Minh")};
  assert_int_equal (period_lock_set (c->l, &past, fixture_now, &changed, &fail), ERR_INPUT);
  assert_string_equal (put (c, a, 1, 2019, 2019), LOCKED);

  wall_t begun = fixture_now;
  assert_true (extend (c, "2019", TABLE_BUDGET, AN_NHON, 5000));
  assert_false (extend (c, "2019", TABLE_BUDGET, AN_NHON, 5000));
  assert_string_equal (put (c, a, 1, 2019, 2019), "");
  assert_string_equal (put (c, &c->province, 1, 2019, 2019), ""); /* the record is that office's */
  update_t other = scheme_in (2, 2019, 2019);
  other.home = other.record.u.scheme.district = HOAI_NHON;
  assert_string_equal (send (c, &c->hoai_nhon, 2, other), LOCKED); /* another office's is not */

  fixture_now.ms = begun.ms + 5000;
  assert_string_equal (put (c, a, 1, 2019, 2019), ""); /* to its last millisecond */
  fixture_now.ms++;
  assert_string_equal (put (c, a, 1, 2019, 2019), LOCKED);
  assert_string_equal (withdraw (c, a, 1, 2019), LOCKED);
  fixture_now = begun; /* a clock set back makes nothing good again */
  assert_string_equal (put (c, a, 1, 2019, 2019), LOCKED);
  fixture_now.ms = begun.ms + 5001;
  assert_true (extend (c, "2019", TABLE_BUDGET, AN_NHON, 100)); /* once more */
  assert_string_equal (put (c, a, 1, 2019, 2019), "");
  assert_true (set (c, "2019", TABLE_BUDGET, AN_NHON, true, (wall_t){0})); /* taken back */
  assert_false (set (c, "2019", TABLE_BUDGET, AN_NHON, true, (wall_t){0}));
  assert_string_equal (put (c, a, 1, 2019, 2019), LOCKED);
  assert_true (extend (c, "2019", TABLE_BUDGET, 1, 100)); /* the provincial office's own */
  assert_string_equal (put (c, a, 1, 2019, 2019), LOCKED);
  assert_string_equal (put (c, &c->province, 1, 2019, 2019), "");
  centre_close (c);
}

/* ---- the latest word ---- */

static void
test_latest_word (void **state)
{
  enum { LOCK, UNLOCK, EXTEND, SHORTEN };
  static const struct {
    int act;
    table_id_t table;
    bool changed;
    const char *stands;
  } steps[] = {
      {UNLOCK, TABLE_NONE, false, ""},
      {LOCK, TABLE_BUDGET, true, "2019 budget\n"},
      {LOCK, TABLE_BUDGET, false, "2019 budget\n"},
      {EXTEND, TABLE_NONE, true, "2019 budget\n2019 all 10 +9\n"},               /* to what is locked */
      {LOCK, TABLE_STAFF, true, "2019 budget\n2019 budget 10 +9\n2019 staff\n"}, /* came after it */
      {LOCK, TABLE_NONE, true, "2019 all\n"},                                    /* anew: no extensions */
      {LOCK, TABLE_BUDGET, false, "2019 all\n"},
      {EXTEND, TABLE_NONE, true, "2019 all\n2019 all 10 +9\n"},
      {SHORTEN, TABLE_STAFF, true,
       "2019 all\n2019 consulting 10 +9\n2019 outcomes 10 +9\n2019 budget 10 +9\n2019 documents 10 +9\n"},
      {UNLOCK, TABLE_OUTCOMES, true,
       "2019 consulting\n2019 consulting 10 +9\n2019 budget\n2019 budget 10 +9\n2019 documents\n2019 "
       "documents "
       "10 +9\n2019 staff\n"},
      {UNLOCK, TABLE_OUTCOMES, false,
       "2019 consulting\n2019 consulting 10 +9\n2019 budget\n2019 budget 10 +9\n2019 documents\n2019 "
       "documents "
       "10 +9\n2019 staff\n"},
      {LOCK, TABLE_OUTCOMES, true,
       "2019 consulting\n2019 consulting 10 +9\n2019 outcomes\n2019 budget\n2019 budget 10 +9\n2019 "
       "documents\n2019 documents 10 +9\n2019 staff\n"},
      {SHORTEN, TABLE_NONE, true,
       "2019 consulting\n2019 outcomes\n2019 budget\n2019 documents\n2019 staff\n"},
      {UNLOCK, TABLE_NONE, true, ""},
      {LOCK, TABLE_NONE, true, "2019 all\n"}, /* extensions of long ago do not come back */
  };
  (void)state;
  centre_t *c = centre_new ();
  for (size_t i = 0; i < COUNT (steps); i++) {
    bool changed = steps[i].act == LOCK     ? lock (c, "2019", steps[i].table)
                   : steps[i].act == UNLOCK ? unlock (c, "2019", steps[i].table)
                   : steps[i].act == EXTEND ? extend (c, "2019", steps[i].table, AN_NHON, 9)
                                            : set (c, "2019", steps[i].table, AN_NHON, true, (wall_t){0});
    if (changed != steps[i].changed)
      fail_msg ("step %zu: changed %d", i, changed);
    expect_standing (c, steps[i].stands);
  }
  centre_close (c);
}

/* Words that cannot be: refused before anything is written. */
static void
test_refusals (void **state)
{
  static const struct {
    const char *period, *reason;
  } rows[] = {{"2020-Q5", ""}, {"", ""}, {"2020", "two\nlines"}};
  (void)state;
  centre_t *c = centre_new ();
  for (size_t i = 0; i < COUNT (rows); i++) {
    fail_t fail = {0};
    bool changed;
    const lock_row_t row = {.period = str_of (rows[i].period),
                            .locked = true,
                            .person = STR ("Minh"),
                            .reason = str_of (rows[i].reason)};
    if (period_lock_set (c->l, &row, fixture_now, &changed, &fail) != ERR_INPUT || fail.text[0] == '\0')
      fail_msg ("row %zu", i);
  }
  expect_standing (c, "");
  centre_close (c);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (test_in_and_out), cmocka_unit_test (test_periods),
      cmocka_unit_test (test_extension),  cmocka_unit_test (test_latest_word),
      cmocka_unit_test (test_refusals),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
