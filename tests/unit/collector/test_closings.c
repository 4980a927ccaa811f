/* test_closings.c - closing periods, and what has changed since: the differences are worked out by hand from
 * the running totals as they were printed when a period was closed, and the records' shares must add up to
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collector/ledger/changed_records.h"
#include "collector/ledger/changes.h"
#include "collector/ledger/closings.h"
#include "collector/ledger/period_locks.h"
#include "collector/ledger/state.h"
#include "common/base/lang.h"
#include "tests/unit/collector/fixture.h"
#include "tests/unit/core/small_catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AN_NHON 10u
#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define SCHEMES 9u
#define FIGURES 5u
#define RECORDS (SCHEMES + FIGURES)

/* The same file but for the group an item belongs to. */
#define MOVED_ITEMS                                                                                          \
  "[items]\ncode,category,printed_code,label_vi,label_en\n"                                                  \
  "I.1,IV,1,Đào tạo nghề,Training\nIV.8,IV,8,Thăm cơ sở,Visits\n"
#define MOVED_CATALOGUE                                                                                      \
  SMALL_META SMALL_UNITS SMALL_SOURCES SMALL_CATEGORIES MOVED_ITEMS SMALL_INDICATORS SMALL_COLUMNS

typedef struct {
  ledger_t *l;
  peer_t peer;
  version_t version[RECORDS];
  bool withdrawn[RECORDS];
  uint32_t random;
} centre_t;

static centre_t *
centre_new (uint32_t seed)
{
  static centre_t c;
  memset (&c, 0, sizeof c);
  c.random = seed * 2654435761u + 1;
  lang_set (LANG_EN);
  fixture_now = (wall_t){INT64_C (1764000000000)}; /* 2025-11-24 */
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

static uint32_t
chance (centre_t *c, uint32_t n)
{
  c->random = c->random * 1664525u + 1013904223u;
  return (c->random >> 8) % n;
}

/* ---- updates ---- */

static void
send (centre_t *c, unsigned n, update_t u)
{
  u.base = c->version[n];
  uint64_t seq = peer_add (&c->peer, &u);
  assert_int_equal (peer_send (&c->peer, c->l, seq, seq).err, ERR_OK);
  if (verdict_of (c->l, &c->peer, seq)[0] != '\0')
    fail_msg ("record %u: %s", n, verdict_of (c->l, &c->peer, seq));
  c->version[n] = u.version;
  c->withdrawn[n] = u.operation == OP_WITHDRAW;
}

static update_t
scheme_of (unsigned n, uint16_t year, int64_t vnd)
{
  update_t u = scheme_update (AN_NHON, n + 1, STATUS_APPROVED, vnd, (version_t){.seq = 0});
  u.record.u.scheme.plan_year = (span_t){year, year};
  return u;
}

static update_t
figure_of (unsigned n, const char *indicator, uint16_t year, int64_t value)
{
  update_t u = {.home = AN_NHON, .operation = OP_PUT, .person = STR ("Hoa"), .comment = STR ("x")};
  u.id.b[6] = 0x70;
  u.id.b[15] = (uint8_t)n;
  u.record.kind = KIND_OUTCOME;
  u.record.u.outcome = (outcome_t){.indicator = str_of (indicator),
                                   .fund = STR ("KCQG"),
                                   .district = AN_NHON,
                                   .year = {year, year},
                                   .value = {true, value},
                                   .value_kind = VALUE_ACTUAL};
  return u;
}

static void
put (centre_t *c, unsigned n, uint16_t year, int64_t vnd)
{
  send (c, n, scheme_of (n, year, vnd));
}

static void
anything (centre_t *c)
{
  unsigned n = chance (c, RECORDS);
  update_t u = n < SCHEMES ? scheme_of (n, (uint16_t)(2018 + chance (c, 3)), 1000 * chance (c, 4))
                           : figure_of (n, n % 2 == 0 ? "I.1" : "I.1.a", (uint16_t)(2010 + n), chance (c, 5));
  if (n < SCHEMES && chance (c, 3) == 0)
    u.record.u.scheme.note = STR ("chỉ sửa lời");
  if (c->version[n].seq != 0 && !c->withdrawn[n] && chance (c, 4) == 0)
    u.operation = OP_WITHDRAW;
  send (c, n, u);
}

/* ---- closing ---- */

static bool
close_period (centre_t *c, const char *period, closing_t *out)
{
  bool changed = false;
  fail_t fail = {0};
  err_t err =
      closings_close (c->l, str_of (period), STR ("BC 12"), STR ("Minh"), fixture_now, out, &changed, &fail);
  if (err != ERR_OK)
    fail_msg ("%s: %s", period, fail.text);
  return changed;
}

static uint64_t
end_of (centre_t *c)
{
  kv_txn_t *txn = NULL;
  position_t at;
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (ledger_end (c->l, txn, &at, NULL), ERR_OK);
  kv_abort (&txn);
  return at.lsn;
}

static void
test_not_yet (void **state)
{
  static const struct {
    const char *period, *comment;
    int64_t ms; /* later than the fixture's moment */
    bool closes;
  } rows[] = {
      {"2025-Q5", "", 0, false},
      {"hai", "", 0, false},
      {"2025", "", 0, false},
      {"2025-Y", "", 0, false},
      {"2025-Q3", "", 0, true},
      {"2024", "two\nlines", 0, false},
      {"2024", "", 0, true},
      {"2025-11", "", 0, true},  /* to the 14th */
      {"2025-12", "", 0, false}, /* to 14 December, in Vietnam */
      {"2025-12", "", INT64_C (1765731599999) - INT64_C (1764000000000), false},
      {"2025-12", "", INT64_C (1765731600000) - INT64_C (1764000000000), true},
  };
  (void)state;
  centre_t *c = centre_new (1);
  for (size_t i = 0; i < COUNT (rows); i++) {
    closing_t out;
    bool changed;
    fail_t fail = {0};
    wall_t now = {fixture_now.ms + rows[i].ms};
    err_t err = closings_close (c->l, str_of (rows[i].period), str_of (rows[i].comment), STR ("Minh"), now,
                                &out, &changed, &fail);
    if (err != (rows[i].closes ? ERR_OK : ERR_INPUT) || (err != ERR_OK) != (fail.text[0] != '\0'))
      fail_msg ("row %zu: %s %s", i, err_name (err), fail.text);
  }
  centre_close (c);
}

static err_t
note_closing (void *ctx, const closing_t *c)
{
  assert_true (str_is (c->person, "Minh") && str_is (c->comment, "BC 12"));
  buf_printf (ctx, "%.*s %llu;", STR_ARG (c->period), (unsigned long long)c->at.lsn);
  return ERR_OK;
}

/* Again only when something has changed that a table is made of. */
static void
test_again (void **state)
{
  (void)state;
  centre_t *c = centre_new (1);
  closing_t first, second, out;
  fail_t fail = {0};
  bool changed;
  put (c, 0, 2019, 1000);
  uint64_t end = end_of (c);
  assert_true (close_period (c, "2019", &first));
  assert_int_equal (first.at.lsn, end);
  assert_false (close_period (c, "2019", &out));
  assert_int_equal (out.at.lsn, first.at.lsn);

  const lock_row_t row = {.period = STR ("2019"), .locked = true, .person = STR ("Minh")};
  assert_int_equal (period_lock_set (c->l, &row, fixture_now, &changed, &fail), ERR_OK);
  assert_true (changed);
  assert_true (close_period (c, "2018", &out)); /* another period's */
  put (c, 1, 2020, 1);
  assert_true (close_period (c, "2019", &second)); /* of whatever year: the tables tell of all */
  assert_false (close_period (c, "2019", &out));
  assert_int_equal (out.at.lsn, second.at.lsn);
  update_t refused = scheme_of (2, 2019, 5);
  uint64_t seq = peer_add (&c->peer, &refused);
  assert_int_equal (peer_send (&c->peer, c->l, seq, seq).err, ERR_OK);
  assert_string_equal (verdict_of (c->l, &c->peer, seq), "period_locked");
  assert_false (close_period (c, "2019", &out)); /* what was refused changed nothing */
  uint32_t version;
  assert_int_equal (roster_catalogue (c->l, STR (MOVED_CATALOGUE), STR ("Lan"), fixture_now, &version, &fail),
                    ERR_OK);
  assert_true (close_period (c, "2019", &out));

  kv_txn_t *txn = NULL;
  buf_t got = BUF_INIT, want = BUF_INIT;
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (closings_each (c->l, txn, note_closing, &got), ERR_OK);
  buf_printf (&want, "2018 %llu;2019 %llu;2019 %llu;2019 %llu;", (unsigned long long)end + 2,
              (unsigned long long)first.at.lsn, (unsigned long long)second.at.lsn,
              (unsigned long long)out.at.lsn);
  assert_string_equal (buf_z (&got), buf_z (&want));
  uint64_t places[] = {0, first.at.lsn, second.at.lsn}, touched[3];
  assert_int_equal (closings_touched (c->l, txn, places, 3, UINT64_MAX, touched), ERR_OK);
  assert_int_equal (touched[0], 2);
  assert_int_equal (touched[1], 1);
  assert_int_equal (touched[2], 0);
  kv_abort (&txn);
  buf_free (&got);
  buf_free (&want);
  centre_close (c);
}

/* A bare year is a place of the log, closed or not; since a year is since its closing. */
static void
test_names (void **state)
{
  static const struct {
    const char *text;
    bool since;
    int where; /* 1 the closing of 2019, 2 that of 2019-Q2, 3 place 3 of the log, 0 refused */
  } rows[] = {{"2019", false, 0},
              {"closing:2019", false, 1},
              {"2019", true, 1},
              {"closing:2019", true, 1},
              {"2019-q2", false, 2},
              {"closing:2019-Q2", false, 2},
              {"2019-Q2", true, 2},
              {"3", false, 3},
              {"3", true, 3},
              {"closing:3", false, 0},
              {"closing:", false, 0},
              {"closing:2019-12-31", false, 0},
              {"closing:2018", false, 0},
              {"2018", false, 0},
              {"2018", true, 0},
              {"2018-Q2", true, 0},
              {"0", true, 0}};
  (void)state;
  centre_t *c = centre_new (1);
  closing_t year, quarter;
  put (c, 0, 2019, 1000);
  assert_true (close_period (c, "2019", &year));
  put (c, 1, 2019, 1000);
  assert_true (close_period (c, "2019-Q2", &quarter));
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  for (size_t i = 0; i < COUNT (rows); i++) {
    snapshot_t *s = NULL;
    fail_t fail = {0};
    const uint64_t want[] = {0, year.at.lsn, quarter.at.lsn, 3};
    err_t err = rows[i].since ? snapshot_open_since (c->l, txn, str_of (rows[i].text), &s, &fail)
                              : snapshot_open (c->l, txn, str_of (rows[i].text), &s, &fail);
    if (err != (rows[i].where == 0 ? ERR_INPUT : ERR_OK) ||
        (err == ERR_OK && snapshot_position (s).lsn != want[rows[i].where]))
      fail_msg ("row %zu: %s %s", i, err_name (err), fail.text);
    snapshot_close (&s);
  }
  kv_abort (&txn);
  centre_close (c);
}

/* ---- what changed ---- */

typedef struct {
  buf_t text;
  size_t measures;
} printed_t;

static err_t
put_change (void *ctx, const change_row_t *r)
{
  printed_t *p = ctx;
  buf_t *out = &p->text;
  if (r->record)
    buf_printf (out, "  %.*s r%u%s", STR_ARG (r->key), (unsigned)r->revision,
                r->withdrawn ? " withdrawn" : "");
  else
    buf_printf (out, "%.*s", STR_ARG (r->cell[0]));
  for (size_t m = 0; m < 2 && m < p->measures; m++)
    buf_printf (out, " %.*s>%.*s", STR_ARG (r->before[m]), STR_ARG (r->now[m]));
  buf_putc (out, '\n');
  return ERR_OK;
}

static void
expect_changes (centre_t *c, const changes_ask_t *ask, const char *want, uint64_t touched, uint64_t moved)
{
  kv_txn_t *txn = NULL;
  changes_t *changes = NULL;
  fail_t fail = {0};
  printed_t got = {.text = BUF_INIT};
  changes_count_t count;
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  if (changes_open (c->l, txn, ask, &changes, &fail) != ERR_OK)
    fail_msg ("%s", fail.text);
  got.measures = changes_form (changes)->columns - changes_dimensions (changes);
  assert_int_equal (changes_records (changes, put_change, &got, &count), ERR_OK);
  assert_string_equal (buf_z (&got.text), want);
  assert_int_equal (count.touched, touched);
  assert_int_equal (count.moved, moved);
  changes_close (&changes);
  kv_abort (&txn);
  buf_free (&got.text);
}

static err_t
put_record (void *ctx, const changed_record_t *r)
{
  assert_int_equal (r->office, AN_NHON);
  buf_printf (ctx, "%s %.*s r%u %s %.*s\n", kind_name (r->kind), STR_ARG (r->key), (unsigned)r->revision,
              record_change_name (r->change), STR_ARG (r->fields));
  return ERR_OK;
}

static void
expect_records (centre_t *c, const char *want)
{
  kv_txn_t *txn = NULL;
  snapshot_t *then = NULL;
  fail_t fail = {0};
  buf_t got = BUF_INIT;
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (snapshot_open_since (c->l, txn, STR ("2019"), &then, &fail), ERR_OK);
  assert_int_equal (changed_records (then, ledger_catalogue (c->l), false, put_record, &got), ERR_OK);
  assert_string_equal (buf_z (&got), want);
  snapshot_close (&then);
  kv_abort (&txn);
  buf_free (&got);
}

/* Whatever kind, and whether a figure moves or not; not what is as it was. */
static void
test_every_record (void **state)
{
  (void)state;
  centre_t *c = centre_new (1);
  closing_t out;
  static const ledger_entry_t paid = {.id = {{[6] = 0x70, [15] = 1}},
                                      .kind = LEDGER_ADVANCE,
                                      .date = 20190301,
                                      .budget_year = {2019, 2019},
                                      .source = 2,
                                      .amount_vnd = {true, 5}};
  update_t withdrawn = scheme_of (2, 2019, 1);
  withdrawn.operation = OP_WITHDRAW;
  for (unsigned n = 0; n < 5; n++)
    put (c, n, 2019, 1);
  send (c, 2, withdrawn);
  send (c, 9, figure_of (9, "I.1", 2019, 4));
  assert_true (close_period (c, "2019", &out));
  expect_records (c, "");

  update_t u = scheme_of (0, 2020, 1);
  u.record.u.scheme.note = STR ("x");
  send (c, 0, u);
  u = scheme_of (1, 2019, 1);
  u.record.u.scheme.ledger = &paid;
  u.record.u.scheme.ledger_n = 1;
  send (c, 1, u);
  put (c, 2, 2019, 1); /* brought back */
  put (c, 3, 2018, 1);
  put (c, 3, 2019, 1); /* there and back */
  u = scheme_of (4, 2019, 1);
  u.operation = OP_WITHDRAW;
  send (c, 4, u);
  put (c, 5, 2019, 1);
  u = scheme_of (6, 2019, 1);
  send (c, 6, u);
  u.operation = OP_WITHDRAW; /* came and went */
  send (c, 6, u);
  send (c, 9, figure_of (9, "I.1", 2019, 6));
  expect_records (c, "outcome I.1 / 549 / 2019 / KCQG r2 changed value\n"
                     "scheme SCHEME-1 r2 changed plan_year note\n"
                     "scheme SCHEME-2 r2 changed lists\n"
                     "scheme SCHEME-3 r3 restored \n"
                     "scheme SCHEME-5 r2 withdrawn \n"
                     "scheme SCHEME-6 r1 added \n");
  centre_close (c);
}

static void
test_records_behind (void **state)
{
  (void)state;
  centre_t *c = centre_new (1);
  closing_t out;
  put (c, 0, 2019, 1000);
  put (c, 1, 2019, 2000);
  put (c, 2, 2018, 500);
  put (c, 3, 2018, 700);
  put (c, 4, 2017, 1);
  assert_true (close_period (c, "2019", &out));
  const changes_ask_t by_year = {.since = STR ("2019"), .by = STR ("year")};
  expect_changes (c, &by_year, "", 0, 0);

  put (c, 0, 2019, 1500);
  update_t u = scheme_of (1, 2019, 2000);
  u.operation = OP_WITHDRAW;
  send (c, 1, u);
  put (c, 2, 2018, 600); /* these two cancel out */
  put (c, 3, 2018, 600);
  put (c, 5, 2020, 9); /* late */
  u = scheme_of (4, 2017, 1);
  u.record.u.scheme.note = STR ("chỉ sửa lời"); /* no figure moves */
  send (c, 4, u);
  expect_changes (c, &by_year,
                  "  SCHEME-3 r2 1>1 500>600\n  SCHEME-4 r2 1>1 700>600\n"
                  "2019 2>1 3000>1500\n  SCHEME-1 r2 1>1 1000>1500\n  SCHEME-2 r2 withdrawn 1>0 2000>0\n"
                  "2020 0>1 0>9\n  SCHEME-6 r1 0>1 0>9\n",
                  6, 5);
  const changes_ask_t where = {.since = STR ("2019"), .by = STR ("status"), .where = STR ("year=2020")};
  expect_changes (c, &where, "approved 0>1 0>9\n  SCHEME-6 r1 0>1 0>9\n", 6, 1);
  put (c, 0, 2019, 1000); /* as it was when closed */
  const changes_ask_t one = {.since = STR ("2019"), .by = STR ("year"), .where = STR ("year=2019")};
  expect_changes (c, &one, "2019 2>1 3000>1000\n  SCHEME-2 r2 withdrawn 1>0 2000>0\n", 6, 1);
  centre_close (c);
}

static update_t
times_of (unsigned n, const char *period, int64_t tenths)
{
  update_t u = figure_of (n, "BS.17", 2019, tenths);
  u.record.u.outcome.fund = STR_NONE;
  u.record.u.outcome.period = str_of (period);
  u.record.u.outcome.scale = 1;
  return u;
}

/* Of an indicator that is not additive several figures are none, and so is none: never 0. */
static void
test_not_additive (void **state)
{
  (void)state;
  centre_t *c = centre_new (1);
  closing_t out;
  const changes_ask_t ask = {.since = STR ("2019"), .by = STR ("indicator")};
  put (c, 0, 2019, 1000);
  assert_true (close_period (c, "2019", &out));
  send (c, 9, times_of (9, "", 15));
  expect_changes (c, &ask, "BS.17 >1.5\n  BS.17 / 549 / 2019 / - r1 >1.5\n", 1, 1);
  assert_true (close_period (c, "2019", &out));
  send (c, 9, times_of (9, "", 18));
  expect_changes (c, &ask, "BS.17 1.5>1.8\n  BS.17 / 549 / 2019 / - r2 1.5>1.8\n", 1, 1);
  send (c, 10, times_of (10, "2019-Q2", 25));
  expect_changes (
      c, &ask,
      "BS.17 1.5>\n  BS.17 / 549 / 2019 / - r2 1.5>1.8\n  BS.17 / 549 / 2019 / - / - / 2019-Q2 r1 >2.5\n", 2,
      2);
  centre_close (c);
}

/* ---- against the totals ---- */

static const char *const questions[] = {"year", "year,status", "item,source", "district,year",
                                        "indicator,year"};

static void
print_totals (centre_t *c, const char *by, query_t **q, query_result_t *r)
{
  kv_txn_t *txn = NULL;
  fail_t fail = {0};
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  *q = query_parse (str_of (by), STR_NONE, ledger_catalogue (c->l), &fail);
  assert_non_null (*q);
  assert_int_equal (book_query (ledger_book (c->l), txn, *q), ERR_OK);
  assert_int_equal (query_finish (*q, true, r), ERR_OK);
  kv_abort (&txn);
}

typedef struct {
  const query_result_t *form, *then, *now;
  size_t dims;
  size_t cells; /* told */
  const change_row_t *cell;
  int64_t shares[MEASURES_MAX]; /* of the records since the cell */
  int64_t wanted[MEASURES_MAX];
} proof_t;

static int64_t
number_of (str_t s)
{
  char text[40];
  assert_true (s.n < sizeof text);
  memcpy (text, s.p, s.n);
  text[s.n] = '\0';
  return strtoll (text, NULL, 10);
}

/* A cell's measure by the printed totals; a cell without a row is 0. */
static int64_t
printed (const query_result_t *r, const str_t *cell, size_t dims, size_t m)
{
  for (size_t i = 0; i < r->rows; i++) {
    const str_t *row = r->cell + i * r->columns;
    size_t k = 0;
    while (k < dims && str_eq (row[k], cell[k]))
      k++;
    if (k == dims)
      return number_of (row[dims + m]);
  }
  return 0;
}

static err_t
check_cell (void *ctx, const change_row_t *r)
{
  proof_t *p = ctx;
  assert_false (r->record);
  bool any = false;
  for (size_t m = 0; m + p->dims < p->form->columns; m++) {
    assert_int_equal (number_of (r->before[m]), printed (p->then, r->cell, p->dims, m));
    assert_int_equal (number_of (r->now[m]), printed (p->now, r->cell, p->dims, m));
    any = any || !str_eq (r->before[m], r->now[m]);
  }
  assert_true (any);
  p->cells++;
  return ERR_OK;
}

/* Whatever a cell, its shares add up to its change; where it has no row, to nothing. */
static err_t
check_shares (void *ctx, const change_row_t *r)
{
  proof_t *p = ctx;
  for (size_t m = 0; m + p->dims < p->form->columns; m++)
    if (r->record)
      p->shares[m] += number_of (r->now[m]) - number_of (r->before[m]);
    else
      p->wanted[m] += number_of (r->now[m]) - number_of (r->before[m]);
  return ERR_OK;
}

/* Cells that differ between two printed totals. */
static size_t
differing (const query_result_t *a, const query_result_t *b, size_t dims, bool only_missing)
{
  size_t n = 0;
  for (size_t i = 0; i < a->rows; i++) {
    const str_t *cell = a->cell + i * a->columns;
    bool same = true, there = false;
    for (size_t k = 0; k < b->rows && !there; k++) {
      there = true;
      for (size_t d = 0; d < dims; d++)
        there = there && str_eq (b->cell[k * b->columns + d], cell[d]);
    }
    for (size_t m = 0; m + dims < a->columns; m++)
      same = same && number_of (cell[dims + m]) == printed (b, cell, dims, m);
    n += only_missing ? !there : !same;
  }
  return n;
}

static void
prove (centre_t *c, const char *by, const query_result_t *then, const query_result_t *now)
{
  kv_txn_t *txn = NULL;
  changes_t *changes = NULL;
  fail_t fail = {0};
  const changes_ask_t ask = {.since = STR ("2019"), .by = str_of (by)};
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (changes_open (c->l, txn, &ask, &changes, &fail), ERR_OK);
  proof_t p = {
      .form = changes_form (changes), .then = then, .now = now, .dims = changes_dimensions (changes)};
  assert_int_equal (changes_cells (changes, check_cell, &p), ERR_OK);
  assert_int_equal (p.cells, differing (then, now, p.dims, false) + differing (now, then, p.dims, true));
  assert_int_equal (changes_records (changes, check_shares, &p, NULL), ERR_OK);
  assert_memory_equal (p.shares, p.wanted, sizeof p.shares);
  changes_close (&changes);
  kv_abort (&txn);
}

static void
test_random (void **state)
{
  (void)state;
  for (uint32_t seed = 1; seed <= 12; seed++) {
    centre_t *c = centre_new (seed);
    query_t *q[COUNT (questions)], *now;
    query_result_t then[COUNT (questions)], r;
    closing_t out;
    for (unsigned i = 0; i < 20 + seed; i++)
      anything (c);
    for (size_t i = 0; i < COUNT (questions); i++)
      print_totals (c, questions[i], &q[i], &then[i]);
    assert_true (close_period (c, "2019", &out));
    for (unsigned i = 0; i < 3 * seed; i++)
      anything (c);
    for (size_t i = 0; i < COUNT (questions); i++) {
      print_totals (c, questions[i], &now, &r);
      prove (c, questions[i], &then[i], &r);
      query_destroy (&now);
      query_destroy (&q[i]);
    }
    centre_close (c);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (test_not_yet),      cmocka_unit_test (test_again),
      cmocka_unit_test (test_names),        cmocka_unit_test (test_records_behind),
      cmocka_unit_test (test_not_additive), cmocka_unit_test (test_random),
      cmocka_unit_test (test_every_record),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
