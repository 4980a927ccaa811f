/* test_submissions.c - declared tables at the centre: due to the millisecond, answers to versions, who is
 * behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "collector/ledger/state.h"
#include "collector/ledger/submissions.h"
#include "common/base/lang.h"
#include "tests/unit/collector/fixture.h"

#define HOAI_NHON 4u
#define AN_NHON 10u

typedef struct {
  ledger_t *l;
  peer_t peer;
} centre_t;

static centre_t *
centre_new (void)
{
  static centre_t c;
  lang_set (LANG_EN);
  fixture_now = (wall_t){INT64_C (1764000000000)};
  c.l = fixture_ledger ();
  peer_open (&c.peer, c.l, AN_NHON, ROLE_OFFICE);
  return &c;
}

static void
centre_close (centre_t *c)
{
  buf_t things = BUF_INIT;
  if (fixture_verify (c->l, &things) != 0)
    fail_msg ("verify: %s", buf_z (&things));
  buf_free (&things);
  peer_close (&c->peer);
  ledger_close (&c->l);
}

static update_t
update_of (kind_t kind, unsigned n, version_t base)
{
  update_t u = {.home = AN_NHON, .operation = OP_PUT, .base = base, .person = STR ("Hoa"), .agent_time = {1}};
  u.id.b[6] = 0x70;
  u.id.b[15] = (uint8_t)n;
  u.record.kind = kind;
  return u;
}

static version_t
send (centre_t *c, update_t u)
{
  uint64_t seq = peer_add (&c->peer, &u);
  sent_t sent = peer_send (&c->peer, c->l, seq, seq);
  assert_int_equal (sent.err, ERR_OK);
  if (sent.item.accepted != 1)
    fail_msg ("refused: %s", verdict_of (c->l, &c->peer, seq));
  return u.version;
}

static version_t
declare (centre_t *c, unsigned n, const char *table, const char *period, bool nil, version_t base)
{
  update_t u = update_of (KIND_SUBMISSION, n, base);
  u.record.u.submission =
      (submission_t){.district = AN_NHON, .table = str_of (table), .period = str_of (period), .nil = nil};
  return send (c, u);
}

static version_t
figure (centre_t *c, unsigned n, const char *period, version_t base)
{
  update_t u = update_of (KIND_OUTCOME, n, base);
  u.record.u.outcome = (outcome_t){.indicator = STR ("I.1"),
                                   .fund = STR ("KCQG"),
                                   .district = AN_NHON,
                                   .period = str_of (period),
                                   .year = {2025, 2025},
                                   .value = {true, 5},
                                   .value_kind = VALUE_ACTUAL};
  return send (c, u);
}

static err_t
answer (centre_t *c, const char *which, bool accept, const char *comment, bool *changed)
{
  fail_t fail = {0};
  return submissions_answer (c->l, str_of (which), accept, str_of (comment), STR ("Lan"), fixture_now,
                             changed, &fail);
}

static void
set_due (centre_t *c, const char *period, table_id_t table, unit_id_t unit, date_t date)
{
  due_t d = {.period = str_of (period), .table = table, .unit = unit, .date = date, .person = STR ("Lan")};
  bool changed = false;
  fail_t fail = {0};
  assert_int_equal (submissions_due_set (c->l, &d, fixture_now, &changed, &fail), ERR_OK);
  assert_true (changed);
  assert_int_equal (submissions_due_set (c->l, &d, fixture_now, &changed, &fail), ERR_OK);
  assert_false (changed);
}

static completeness_t
complete (centre_t *c, const char *period)
{
  kv_txn_t *txn = NULL;
  period_t p;
  completeness_t out;
  assert_true (period_parse (str_of (period), ledger_catalogue (c->l), &p));
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (submissions_completeness (c->l, txn, &p, &out), ERR_OK);
  kv_abort (&txn);
  return out;
}

/* The state of An Nhơn's table; all others of the period must be missing. */
static const char *
state (centre_t *c, const char *period, table_id_t table)
{
  completeness_t all = complete (c, period);
  const char *found = "no row";
  for (size_t i = 0; i < all.n; i++)
    if (all.rows[i].office == AN_NHON && all.rows[i].table == table)
      found = complete_name (all.rows[i].state);
    else
      assert_int_equal (all.rows[i].state, COMPLETE_MISSING);
  assert_true (all.done <= all.asked);
  completeness_free (&all);
  return found;
}

/* By the collector's clock, to the last millisecond of the day in Vietnam. */
static void
test_due_day (void **test)
{
  (void)test;
  static const struct {
    int64_t after; /* ms after the end of 24/11/2025 */
    const char *state;
  } rows[] = {{-1000, "on_time"}, {0, "on_time"}, {1, "late"}, {86400000, "late"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    centre_t *c = centre_new ();
    set_due (c, "2025-Q4", TABLE_NONE, 0, 20251124);
    fixture_now.ms = day_end (20251124).ms + rows[i].after;
    (void)declare (c, 1, "outcomes", "2025-Q4", false, (version_t){.seq = 0});
    assert_string_equal (state (c, "2025-Q4", TABLE_OUTCOMES), rows[i].state);
    set_due (c, "2025-Q4", TABLE_NONE, 0, 0);
    assert_string_equal (state (c, "2025-Q4", TABLE_OUTCOMES), "on_time");
    centre_close (c);
  }
}

static void
test_nearest_due (void **test)
{
  (void)test;
  static const struct {
    table_id_t table;
    unit_id_t unit;
    date_t date, outcomes, budget, others; /* what holds then: An Nhơn's tables, Hoài Nhơn's outcomes */
  } steps[] = {
      {TABLE_NONE, 0, 20250601, 20250601, 20250601, 20250601},
      {TABLE_OUTCOMES, 0, 20250602, 20250602, 20250601, 20250602},
      {TABLE_NONE, AN_NHON, 20250603, 20250603, 20250603, 20250602},
      {TABLE_OUTCOMES, AN_NHON, 20250604, 20250604, 20250603, 20250602},
      {TABLE_NONE, AN_NHON, 0, 20250604, 20250601, 20250602},
      {TABLE_OUTCOMES, AN_NHON, 0, 20250602, 20250601, 20250602},
  };
  centre_t *c = centre_new ();
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    set_due (c, "2025-Q2", steps[i].table, steps[i].unit, steps[i].date);
    completeness_t all = complete (c, "2025-Q2");
    for (size_t k = 0; k < all.n; k++) {
      const complete_row_t *r = &all.rows[k];
      if (r->office == AN_NHON)
        assert_int_equal (r->due, r->table == TABLE_OUTCOMES ? steps[i].outcomes : steps[i].budget);
      else if (r->office == HOAI_NHON && r->table == TABLE_OUTCOMES)
        assert_int_equal (r->due, steps[i].others);
    }
    completeness_free (&all);
  }
  due_t half = {.period = STR ("2025-Q2"), .date = 20250600};
  bool changed;
  fail_t fail = {0};
  assert_int_equal (submissions_due_set (c->l, &half, fixture_now, &changed, &fail), ERR_INPUT);
  const due_t early = {.period = STR ("2025-Q2"), .date = 20250314},
              first = {.period = STR ("2025-Q2"), .date = 20250315};
  fail = (fail_t){0};
  assert_int_equal (submissions_due_set (c->l, &early, fixture_now, &changed, &fail), ERR_INPUT);
  assert_non_null (strstr (fail.text, "15"));
  assert_int_equal (submissions_due_set (c->l, &first, fixture_now, &changed, &fail), ERR_OK);
  centre_close (c);
}

/* An answer is about one version. */
static void
test_answers (void **test)
{
  (void)test;
  centre_t *c = centre_new ();
  const version_t none = {.seq = 0};
  bool changed = false;
  assert_int_equal (answer (c, "549/outcomes/2025-Q2", true, NULL, &changed), ERR_INPUT);
  version_t v = declare (c, 1, "outcomes", "2025-Q2", false, none);
  assert_int_equal (answer (c, "549/outcomes/2025-Q2", false, NULL, &changed), ERR_USAGE);
  assert_int_equal (answer (c, "549/outcomes/2025-Q2", false, " \n", &changed), ERR_USAGE);
  assert_int_equal (answer (c, "549/outcomes/2025-Q2", false, "   ", &changed), ERR_USAGE);
  assert_int_equal (answer (c, "549/outcomes/2025-Q1", true, NULL, &changed), ERR_INPUT);
  static const struct {
    const char *which;
    bool accept;
    const char *comment;
    bool changed;
    const char *state;
  } steps[] = {
      {"549/outcomes/2025-Q2", false, "thiếu", true, "returned"},
      {"549/2/2025-q2", false, "thiếu", false, "returned"},
      {"549/OUTCOMES/2025-q2", false, "thiếu", false, "returned"},
      {"549@2020-01-01/Outcomes/2025-Q2", false, "thiếu", false, "returned"},
      {"549/outcome/2025-q2", false, "vẫn thiếu", true, "returned"},
      {"00000000-0000-7000-0000-000000000001", true, NULL, true, "accepted"},
      {"549/outcomes/2025-Q2", true, "tốt", false, "accepted"},
      {"549/outcomes/2025-Q2", false, "xem lại", true, "returned"},
  };
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    changed = !steps[i].changed;
    assert_int_equal (answer (c, steps[i].which, steps[i].accept, steps[i].comment, &changed), ERR_OK);
    assert_int_equal (changed, steps[i].changed);
    assert_string_equal (state (c, "2025-Q2", TABLE_OUTCOMES), steps[i].state);
  }
  v = declare (c, 1, "outcomes", "2025-Q2", false, v);
  assert_string_equal (state (c, "2025-Q2", TABLE_OUTCOMES), "on_time");
  assert_int_equal (answer (c, "549/outcomes/2025-Q2", true, NULL, &changed), ERR_OK);
  update_t back = update_of (KIND_SUBMISSION, 1, v);
  back.operation = OP_WITHDRAW;
  back.comment = STR ("nhầm");
  back.record.u.submission =
      (submission_t){.district = AN_NHON, .table = STR ("outcomes"), .period = STR ("2025-Q2")};
  (void)send (c, back);
  assert_string_equal (state (c, "2025-Q2", TABLE_OUTCOMES), "missing");
  assert_int_equal (answer (c, "549/outcomes/2025-Q2", true, NULL, &changed), ERR_INPUT);
  centre_close (c);
}

static void
test_states (void **test)
{
  (void)test;
  const version_t none = {.seq = 0};
  centre_t *c = centre_new ();
  completeness_t all = complete (c, "2025-Q2");
  assert_int_equal (all.n, 9); /* the provincial office five, two offices two each */
  assert_int_equal (all.asked, 9);
  assert_int_equal (all.done, 0);
  completeness_free (&all);
  version_t v = declare (c, 1, "outcomes", "2025-Q2", true, none);
  assert_string_equal (state (c, "2025-Q2", TABLE_OUTCOMES), "empty");
  (void)figure (c, 2, "2025-Q1", none);
  assert_string_equal (state (c, "2025-Q2", TABLE_OUTCOMES), "empty"); /* of another quarter */
  version_t f = figure (c, 3, "2025-Q2", none);
  assert_string_equal (state (c, "2025-Q2", TABLE_OUTCOMES), "partial"); /* nil holds no longer */
  assert_string_equal (state (c, "2025-Q1", TABLE_OUTCOMES), "partial");
  assert_string_equal (state (c, "2025-Q3", TABLE_OUTCOMES), "missing");
  assert_string_equal (state (c, "2025-H1", TABLE_OUTCOMES), "partial");
  (void)declare (c, 1, "outcomes", "2025-Q2", false, v);
  assert_string_equal (state (c, "2025-Q2", TABLE_OUTCOMES), "on_time");
  update_t gone = update_of (KIND_OUTCOME, 3, f);
  gone.operation = OP_WITHDRAW;
  gone.comment = STR ("nhầm");
  gone.record.u.outcome = (outcome_t){.indicator = STR ("I.1"),
                                      .fund = STR ("KCQG"),
                                      .district = AN_NHON,
                                      .period = STR ("2025-Q2"),
                                      .year = {2025, 2025},
                                      .value = {true, 5},
                                      .value_kind = VALUE_ACTUAL};
  (void)send (c, gone);
  assert_string_equal (state (c, "2025-Q2", TABLE_OUTCOMES), "on_time");
  all = complete (c, "2025-Q2"); /* what was withdrawn after the declaration is seen */
  for (size_t i = 0; i < all.n; i++) {
    bool ours = all.rows[i].office == AN_NHON && all.rows[i].table == TABLE_OUTCOMES;
    assert_int_equal (all.rows[i].records, 0);
    assert_int_equal (all.rows[i].since, ours ? 1 : 0);
  }
  completeness_free (&all);
  centre_close (c);
}

static void
check_accepted_at (centre_t *c, uint64_t upto, const record_t *r, uint64_t version_lsn, bool wanted)
{
  kv_txn_t *txn = NULL;
  accepted_t *a = NULL;
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (accepted_open (c->l, txn, ledger_catalogue (c->l), upto, &a), ERR_OK);
  assert_int_equal (accepted_has (a, r, version_lsn), wanted);
  accepted_close (&a);
  kv_abort (&txn);
}

/* Of a record older than everything declared. */
static void
check_accepted (centre_t *c, uint64_t upto, const record_t *r, bool wanted)
{
  check_accepted_at (c, upto, r, 1, wanted);
}

static uint64_t
log_end (centre_t *c)
{
  kv_txn_t *txn = NULL;
  position_t at;
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (ledger_end (c->l, txn, &at, NULL), ERR_OK);
  kv_abort (&txn);
  return at.lsn;
}

/* The newest answer, or new declaration of an answered one, decides; so it did at every position before. */
static void
test_accepted (void **test)
{
  (void)test;
  const version_t none = {.seq = 0};
  centre_t *c = centre_new ();
  record_t q2 = {.kind = KIND_OUTCOME};
  q2.u.outcome = (outcome_t){.district = AN_NHON, .period = STR ("2025-Q2"), .year = {2025, 2025}};
  record_t q1 = q2, span = q2, other = q2, scheme = {.kind = KIND_SCHEME};
  span.u.outcome.period = STR_NONE;
  span.u.outcome.year = (span_t){2023, 2024};
  q1.u.outcome.period = STR ("2025-Q1");
  other.u.outcome.district = HOAI_NHON;
  scheme.u.scheme = (scheme_t){.district = AN_NHON, .plan_year = {2025, 2025}};
  static const struct {
    unsigned id;                  /* declared; 0: answered */
    const char *period, *comment; /* with a comment: sent back */
    bool q2, q1, span;
  } steps[] = {
      {1, "2025-Q2", NULL, false, false, false},
      {0, "2025-Q2", NULL, true, false, false},
      {2, "2025-H1", NULL, true, false, false}, /* holds it too, but nobody has answered it yet */
      {0, "2025-Q2", "sửa", false, false, false},
      {0, "2025-H1", NULL, true, true, false},
      {3, "2025-Q3", NULL, true, true, false},
      {0, "2025-Q2", "sửa nữa", false, true, false}, /* newer than the half-year's answer */
      {1, "2025-Q2", NULL, false, true, false},      /* declared anew: the second quarter waits again */
      {0, "2025-Q2", NULL, true, true, false},
      {2, "2025-H1", NULL, false, false, false}, /* so does the half-year, which was answered */
      {4, "2023", NULL, false, false, false},
      {0, "2023", NULL, false, false, false}, /* one of the two years */
      {5, "2024-Y", NULL, false, false, false},
      {0, "2024-Y", NULL, false, false, false}, /* not the calendar year */
      {6, "2024", NULL, false, false, false},
      {0, "2024", NULL, false, false, true},
      {0, "2023", "sửa", false, false, false},
      {0, "2025-H1", NULL, true, true, false},
  };
  uint64_t end[sizeof steps / sizeof steps[0]];
  version_t last[7] = {none};
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    bool changed;
    const unsigned id = steps[i].id;
    if (id == 0) {
      char which[40];
      snprintf (which, sizeof which, "549/outcomes/%s", steps[i].period);
      assert_int_equal (answer (c, which, steps[i].comment == NULL, steps[i].comment, &changed), ERR_OK);
    } else {
      last[id] = declare (c, id, "outcomes", steps[i].period, false, last[id]);
    }
    end[i] = log_end (c);
    check_accepted (c, SUBMISSIONS_NOW, &q2, steps[i].q2);
    check_accepted_at (c, SUBMISSIONS_NOW, &q2, end[i] + 1, false); /* changed since */
    if (id == 0 && steps[i].q2)
      check_accepted_at (c, SUBMISSIONS_NOW, &q2, end[i] - 1, true);
    check_accepted (c, SUBMISSIONS_NOW, &q1, steps[i].q1);
    check_accepted (c, SUBMISSIONS_NOW, &span, steps[i].span);
    check_accepted (c, SUBMISSIONS_NOW, &other, false);
    check_accepted (c, SUBMISSIONS_NOW, &scheme, false);
  }
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    check_accepted (c, end[i], &q2, steps[i].q2);
    check_accepted (c, end[i], &q1, steps[i].q1);
    check_accepted (c, end[i], &span, steps[i].span);
  }
  centre_close (c);
}

static void
test_where (void **test)
{
  (void)test;
  static const struct {
    const char *where, *rest; /* NULL: refused */
    accepted_want_t want;
  } rows[] = {
      {"", "", ACCEPTED_ANY},
      {"year=2020,district=549", "year=2020,district=549", ACCEPTED_ANY},
      {"accepted=yes", "", ACCEPTED_YES},
      {"year=2020,accepted=no,district=549", "year=2020,district=549", ACCEPTED_NO},
      {"accepted=yes,accepted=yes", "", ACCEPTED_YES},
      {"accepted=yes,accepted=no", NULL, ACCEPTED_ANY},
      {"accepted=maybe", NULL, ACCEPTED_ANY},
      {"accepted=", NULL, ACCEPTED_ANY},
      {"accepted", "accepted", ACCEPTED_ANY}, /* the query's to refuse */
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    buf_t rest = BUF_INIT;
    accepted_want_t want;
    fail_t fail = {0};
    err_t err = accepted_of_where (str_of (rows[i].where), &rest, &want, &fail);
    assert_int_equal (err, rows[i].rest != NULL ? ERR_OK : ERR_INPUT);
    if (err == ERR_OK) {
      assert_string_equal (buf_z (&rest), rows[i].rest);
      assert_int_equal (want, rows[i].want);
    }
    buf_free (&rest);
  }
}

/* What is not as an office would say it never becomes a record. */
static void
test_refused (void **test)
{
  (void)test;
  static const struct {
    const char *table, *period, *why;
  } rows[] = {
      {"outcome", "2025-Q2", "unknown_word"}, {"dances", "2025-Q2", "unknown_word"},
      {NULL, "2025-Q2", "required"},          {"outcomes", "2025-q2", "bad_period"},
      {"outcomes", "2025-Q5", "bad_period"},  {"outcomes", NULL, "required"},
      {"outcomes", "1999", "bad_period"},
  };
  centre_t *c = centre_new ();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    update_t u = update_of (KIND_SUBMISSION, (unsigned)i, (version_t){.seq = 0});
    u.record.u.submission = (submission_t){
        .district = AN_NHON, .table = str_of (rows[i].table), .period = str_of (rows[i].period)};
    uint64_t seq = peer_add (&c->peer, &u);
    assert_int_equal (peer_send (&c->peer, c->l, seq, seq).item.refused, 1);
    assert_string_equal (verdict_of (c->l, &c->peer, seq), rows[i].why);
  }
  centre_close (c);
}

/* Rows beside the log must say what it says. */
static void
test_verify (void **test)
{
  (void)test;
  centre_t *c = centre_new ();
  bool changed;
  buf_t things = BUF_INIT;
  kv_txn_t *txn = NULL;
  (void)declare (c, 1, "outcomes", "2025-Q2", false, (version_t){.seq = 0});
  assert_int_equal (answer (c, "549/outcomes/2025-Q2", false, "x", &changed), ERR_OK);
  set_due (c, "2025-Q2", TABLE_NONE, 0, 20250601);
  assert_int_equal (fixture_verify (c->l, &things), 0);
  assert_int_equal (kv_begin (ledger_kv (c->l), true, &txn), ERR_OK);
  const answer_t forged = {.state = ANSWER_ACCEPTED, .version = {c->peer.store, 1}, .lsn = 3};
  const due_t moved = {.period = STR ("2025-Q2"), .date = 20990101, .lsn = 2};
  record_id_t id = {{0}};
  assert_int_equal (answer_put (txn, DB_ANSWER, id, &forged), ERR_OK);
  assert_int_equal (due_put (txn, DB_DUE, &moved), ERR_OK);
  assert_int_equal (kv_commit (&txn), ERR_OK);
  buf_clear (&things);
  assert_int_equal (fixture_verify (c->l, &things), 2);
  assert_non_null (strstr (buf_z (&things), "answer"));
  assert_non_null (strstr (buf_z (&things), "due"));
  buf_free (&things);
  peer_close (&c->peer);
  ledger_close (&c->l);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (test_due_day), cmocka_unit_test (test_nearest_due), cmocka_unit_test (test_answers),
      cmocka_unit_test (test_states),  cmocka_unit_test (test_accepted),    cmocka_unit_test (test_refused),
      cmocka_unit_test (test_verify),  cmocka_unit_test (test_where),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
