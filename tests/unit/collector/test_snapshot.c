/* The past worked out from the present is compared with what was there: a second ledger takes the same
 * updates one at a time and is written down after each, so that every position of the first has its like. */
#include "tests/unit/collector/fixture.h"

#include "collector/ledger/snapshot.h"
#include "common/core/period.h"
#include "common/wire/update_wire.h"
#include "tests/unit/core/small_catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SCHEMES 7u
#define OUTCOMES 4u
#define RECORDS (SCHEMES + OUTCOMES)
#define STEPS 60u
#define MOMENTS_MAX 400u
#define PEERS 3u

/* The same file but for the group an item belongs to: figures of then stand in the group of then. */
#define MOVED_ITEMS                                                                                          \
  "[items]\ncode,category,printed_code,label_vi,label_en\n"                                                  \
  "I.1,IV,1,Đào tạo nghề,Training\nIV.8,IV,8,Thăm cơ sở,Visits\n"
#define MOVED_CATALOGUE                                                                                      \
  SMALL_META SMALL_UNITS SMALL_SOURCES SMALL_CATEGORIES MOVED_ITEMS SMALL_INDICATORS SMALL_COLUMNS

static const char *const questions[][2] = {
    {"year", ""},
    {"year,status", ""},
    {"category,year", ""},
    {"item,source", ""},
    {"district,year,source", ""},
    {"district,fund", "year=2019"},
    {"kind,status", ""}, /* no grouping has it: from the records */
    {"indicator,year", ""},
    {"indicator,district,value_kind", ""},
    {"indicator", "district=549"},
};
#define QUESTIONS (sizeof questions / sizeof questions[0])

typedef struct {
  uint64_t lsn, seq; /* in the first ledger; of the peer */
  unsigned peer;
  buf_t answer[QUESTIONS], rows;
} moment_t;

typedef struct {
  ledger_t *l, *shadow;
  uint32_t random;
  version_t version[RECORDS], older[RECORDS]; /* present; the one before */
  bool exists[RECORDS], withdrawn[RECORDS];
  unit_id_t home[RECORDS];
  moment_t moment[MOMENTS_MAX];
  size_t moments;
  struct {
    uint64_t lsn;
    hash_t seal;
    wall_t at;
    uint32_t catalogue;
  } end[STEPS + 8];
  size_t ends;
} world_t;

static peer_t first[PEERS], second[PEERS];
static const unit_id_t units[PEERS] = {1, 4, 10};

static uint32_t
chance (world_t *w, uint32_t n)
{
  w->random = w->random * 1664525u + 1013904223u;
  return (w->random >> 8) % n;
}

/* ---- writing down ---- */

static void
put_result (const query_result_t *r, buf_t *out)
{
  for (size_t i = 0; i < r->rows * r->columns; i++)
    buf_printf (out, "%.*s%c", STR_ARG (r->cell[i]), (i + 1) % r->columns == 0 ? '\n' : ',');
}

static void
put_row (const row_t *row, buf_t *out)
{
  char id[37];
  record_id_format (row->ref.id, id);
  buf_printf (out, "%u/%s r%u v%llu%s %08x\n", (unsigned)row->ref.home, id, (unsigned)row->revision,
              (unsigned long long)row->version.seq, row->withdrawn ? " withdrawn" : "",
              (unsigned)crc32c (0, row->bytes.p, row->bytes.n));
}

static err_t
put_book_row (void *ctx, err_t err, const row_t *row)
{
  if (err == ERR_OK)
    put_row (row, ctx);
  return err;
}

static err_t
put_snapshot_row (void *ctx, const row_t *row, const update_t *u)
{
  assert_true (record_id_eq (u->id, row->ref.id) && u->home == row->ref.home);
  assert_true (version_eq (u->version, row->version));
  put_row (row, ctx);
  return ERR_OK;
}

/* What the shadow says now, by its running totals and rows. */
static void
write_down (ledger_t *l, moment_t *m)
{
  kv_txn_t *txn = NULL;
  fail_t fail = {0};
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  for (size_t i = 0; i < QUESTIONS; i++) {
    query_result_t r;
    query_t *q =
        query_parse (str_of (questions[i][0]), str_of (questions[i][1]), ledger_catalogue (l), &fail);
    assert_non_null (q);
    assert_int_equal (book_query (ledger_book (l), txn, q), ERR_OK);
    assert_int_equal (query_finish (q, true, &r), ERR_OK);
    buf_clear (&m->answer[i]);
    put_result (&r, &m->answer[i]);
    query_destroy (&q);
  }
  buf_clear (&m->rows);
  assert_int_equal (book_each (ledger_book (l), txn, 0, put_book_row, &m->rows), ERR_OK);
  kv_abort (&txn);
}

static void
write_end (world_t *w)
{
  kv_txn_t *txn = NULL;
  position_t at;
  log_entry_t e;
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  assert_int_equal (ledger_end (w->l, txn, &at, &w->end[w->ends].seal), ERR_OK);
  assert_int_equal (ledger_log_get (w->l, txn, at.lsn, &e), ERR_OK);
  w->end[w->ends].lsn = at.lsn;
  w->end[w->ends].at = e.received;
  w->end[w->ends++].catalogue = catalogue_version (ledger_catalogue (w->l));
  kv_abort (&txn);
}

/* ---- histories ---- */

static void
join (peer_t *twin, const peer_t *p, ledger_t *shadow, unit_id_t unit, role_t role)
{
  peer_open (twin, shadow, unit, role);
  twin->store = p->store; /* the same stream, so that the same bytes fit */
  twin->chain[0] = p->chain[0];
}

static void
begin (world_t *w, uint32_t seed)
{
  memset (w, 0, sizeof *w);
  w->random = seed * 2654435761u + 1;
  fixture_now = (wall_t){INT64_C (1764000000000)};
  w->l = fixture_ledger ();
  w->shadow = fixture_ledger ();
  for (unsigned i = 0; i < PEERS; i++) {
    role_t role = i == 0 ? ROLE_PROVINCE : ROLE_OFFICE;
    peer_open (&first[i], w->l, units[i], role);
    join (&second[i], &first[i], w->shadow, units[i], role);
  }
  write_down (w->shadow, &w->moment[w->moments++]);
  write_end (w);
}

static void
end (world_t *w)
{
  for (size_t i = 0; i < w->moments; i++) {
    for (size_t k = 0; k < QUESTIONS; k++)
      buf_free (&w->moment[i].answer[k]);
    buf_free (&w->moment[i].rows);
  }
  for (unsigned i = 0; i < PEERS; i++) {
    peer_close (&first[i]);
    peer_close (&second[i]);
  }
  ledger_close (&w->l);
  ledger_close (&w->shadow);
}

static update_t
outcome_update (unit_id_t home, unsigned n, int64_t value, version_t base)
{
  update_t u;
  memset (&u, 0, sizeof u);
  memcpy (u.id.b, &n, sizeof n);
  u.id.b[15] = 2;
  u.home = home;
  u.operation = OP_PUT;
  u.base = base;
  u.person = STR ("Hoa");
  u.comment = STR ("lý do");
  u.record.kind = KIND_OUTCOME;
  outcome_t *o = &u.record.u.outcome;
  o->indicator = n % 2 == 0 ? STR ("I.1") : STR ("BS.15");
  o->scale = n % 2 == 0 ? 0 : 6;
  o->fund = n % 2 == 0 ? STR ("KCQG") : STR_NONE;
  o->district = home;
  o->year = (span_t){(uint16_t)(2018 + n), (uint16_t)(2018 + n)};
  o->value = (opt_i64_t){true, value};
  o->value_kind = VALUE_ACTUAL;
  return u;
}

/* An update of record n by somebody who may or may not; often right, sometimes for the centre to refuse. */
static void
write_update (world_t *w, unsigned n, unsigned peer)
{
  static const status_t states[] = {STATUS_REGISTERED, STATUS_APPROVED, STATUS_RUNNING,  STATUS_SETTLED,
                                    STATUS_STOPPED,    STATUS_REJECTED, STATUS_RETURNED, STATUS_DRAFT};
  version_t base = w->version[n];
  if (w->exists[n] && chance (w, 8) == 0)
    base = w->older[n]; /* refused: another was first; for a first version it is a second create */
  int64_t amount = (int64_t)chance (w, 1000) * 1000000;
  update_t u;
  if (n < SCHEMES) {
    u = scheme_update (w->home[n], n + 1, states[chance (w, 8)], amount, base);
    scheme_t *s = &u.record.u.scheme;
    uint16_t year = (uint16_t)(2018 + chance (w, 3));
    s->plan_year = chance (w, 6) == 0 ? (span_t){2014, 2020} : (span_t){year, year};
    s->item = chance (w, 2) == 0 ? STR ("I.1") : STR ("IV.8");
    s->kind = (scheme_kind_t)chance (w, SCHEME_KIND_COUNT);
    s->funding[0].source = 1 + chance (w, 2);
    if (chance (w, 3) == 0) {
      s->funding[1] = s->funding[0];
      s->funding[1].source = 3;
      s->funding_n = 2;
    }
    if (peer == 0 && chance (w, 4) == 0)
      s->district = units[1 + chance (w, 2)]; /* goes to another office */
    if (chance (w, 12) == 0)
      s->item = STR ("X.9"); /* refused */
  } else {
    u = outcome_update (w->home[n], n - SCHEMES, amount, base);
  }
  if (w->exists[n] && chance (w, 5) == 0)
    u.operation = OP_WITHDRAW;
  u.version = (version_t){first[peer].store, first[peer].seq + 1};
  peer_add (&first[peer], &u);
}

/* What became of the peer's update seq: known from the shadow, which took it alone. */
static void
note_verdict (world_t *w, unsigned peer, uint64_t seq)
{
  update_t u;
  arena_t *arena = arena_new ((size_t)4 << 20);
  assert_int_equal (update_decode (buf_str (&first[peer].bytes[seq - 1]), arena, &u, NULL), ERR_OK);
  unsigned n;
  memcpy (&n, u.id.b, sizeof n);
  n = u.id.b[15] == 1 ? n - 1 : n + SCHEMES;
  if (verdict_of (w->shadow, &second[peer], seq)[0] == '\0') {
    w->older[n] = w->version[n];
    w->version[n] = (version_t){first[peer].store, seq};
    w->exists[n] = true;
    w->withdrawn[n] = u.operation == OP_WITHDRAW;
  }
  arena_destroy (&arena);
}

static uint64_t
place_of (ledger_t *l, const peer_t *p, uint64_t seq)
{
  kv_txn_t *txn = NULL;
  uint64_t lsn = 0;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  assert_int_equal (ledger_version_lsn (l, txn, (version_t){p->store, seq}, &lsn), ERR_OK);
  kv_abort (&txn);
  return lsn;
}

/* A few updates of one peer: alone into the shadow, together into the ledger. */
static void
updates (world_t *w)
{
  unsigned peer = chance (w, PEERS), n = 1 + chance (w, 4);
  uint64_t from = first[peer].seq + 1;
  for (unsigned i = 0; i < n; i++) {
    unsigned record = chance (w, RECORDS);
    if (!w->exists[record])
      w->home[record] = units[peer == 0 ? 1 + chance (w, 2) : peer];
    write_update (w, record, peer);
    uint64_t seq = first[peer].seq;
    peer_add_raw (&second[peer], buf_str (&first[peer].bytes[seq - 1]));
    assert_int_equal (peer_send (&second[peer], w->shadow, seq, seq).err, ERR_OK);
    note_verdict (w, peer, seq);
    assert_true (w->moments < MOMENTS_MAX);
    moment_t *m = &w->moment[w->moments++];
    m->peer = peer;
    m->seq = seq;
    write_down (w->shadow, m);
  }
  assert_int_equal (peer_send (&first[peer], w->l, from, first[peer].seq).err, ERR_OK);
  for (size_t i = w->moments - n; i < w->moments; i++)
    w->moment[i].lsn = place_of (w->l, &first[peer], w->moment[i].seq);
}

/* Another catalogue for both; figures of now change their groups, so the moment is written anew. */
static void
change_catalogue (world_t *w)
{
  uint32_t version;
  fail_t fail = {0};
  str_t file = str_is (catalogue_bytes (ledger_catalogue (w->l)), SMALL_CATALOGUE) ? STR (MOVED_CATALOGUE)
                                                                                   : STR (SMALL_CATALOGUE);
  assert_int_equal (roster_catalogue (w->l, file, STR ("Lan"), fixture_now, &version, &fail), ERR_OK);
  assert_int_equal (roster_catalogue (w->shadow, file, STR ("Lan"), fixture_now, &version, &fail), ERR_OK);
  kv_txn_t *txn = NULL;
  position_t at;
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  assert_int_equal (ledger_end (w->l, txn, &at, NULL), ERR_OK);
  kv_abort (&txn);
  assert_true (w->moments < MOMENTS_MAX);
  moment_t *m = &w->moment[w->moments++];
  m->lsn = at.lsn;
  write_down (w->shadow, m);
}

static void
step (world_t *w)
{
  fixture_now.ms += (int64_t)chance (w, 20) * 3600000 - 3600000; /* may go back: the log does not */
  if (chance (w, 9) == 0)
    change_catalogue (w);
  else
    updates (w);
  write_end (w);
}

/* ---- the proof ---- */

static void
check_position (world_t *w, kv_txn_t *txn, const moment_t *m, uint64_t lsn)
{
  char text[24];
  snapshot_t *s = NULL;
  fail_t fail = {0};
  buf_t got = BUF_INIT;
  snprintf (text, sizeof text, "%llu", (unsigned long long)lsn);
  assert_int_equal (snapshot_open (w->l, txn, str_of (text), &s, &fail), ERR_OK);
  assert_int_equal (snapshot_position (s).lsn, lsn);
  for (size_t i = 0; i < QUESTIONS; i++) {
    query_result_t r;
    query_t *q =
        query_parse (str_of (questions[i][0]), str_of (questions[i][1]), snapshot_catalogue (s), &fail);
    assert_non_null (q);
    assert_int_equal (snapshot_query (s, q), ERR_OK);
    assert_int_equal (query_finish (q, true, &r), ERR_OK);
    buf_clear (&got);
    put_result (&r, &got);
    if (!str_eq (buf_str (&got), buf_str (&m->answer[i])) && (got.n | m->answer[i].n) != 0)
      fail_msg ("position %s, by %s where %s: got\n%.*swanted\n%.*s", text, questions[i][0], questions[i][1],
                STR_ARG (buf_str (&got)), STR_ARG (buf_str (&m->answer[i])));
    query_destroy (&q);
  }
  buf_clear (&got);
  assert_int_equal (snapshot_each (s, 0, put_snapshot_row, &got), ERR_OK);
  if ((got.n | m->rows.n) != 0)
    assert_string_equal (buf_z (&got), buf_z ((buf_t *)&m->rows));
  buf_free (&got);
  snapshot_close (&s);
}

static void
check_ends (world_t *w, kv_txn_t *txn)
{
  char text[POSITION_TEXT_MAX];
  for (size_t i = 0; i < w->ends; i++) {
    snapshot_t *s = NULL;
    fail_t fail = {0};
    position_format ((position_t){ledger_epoch (w->l), w->end[i].lsn}, text);
    assert_int_equal (snapshot_open (w->l, txn, str_of (text), &s, &fail), ERR_OK);
    assert_true (hash_eq (snapshot_seal (s), w->end[i].seal));
    assert_int_equal (snapshot_time (s).ms, w->end[i].at.ms);
    assert_int_equal (catalogue_version (snapshot_catalogue (s)), w->end[i].catalogue);
    assert_true (str_is (snapshot_position_text (s), text));
    snapshot_close (&s);

    /* The end of its day: the last end whose time is not after it. */
    size_t last = i;
    wall_t until = day_end (day_of (w->end[i].at));
    while (last + 1 < w->ends && w->end[last + 1].at.ms <= until.ms)
      last++;
    buf_t day = BUF_INIT;
    day_put (day_of (w->end[i].at), false, &day);
    assert_int_equal (snapshot_open (w->l, txn, buf_str (&day), &s, &fail), ERR_OK);
    assert_int_equal (snapshot_position (s).lsn, w->end[last].lsn);
    snapshot_close (&s);
    buf_free (&day);
  }
}

typedef struct {
  buf_t then, now;
  unsigned n;
} diff_t;

static void
put_state (const update_t *u, buf_t *out)
{
  char id[37];
  record_id_format (u->id, id);
  buf_printf (out, "%s %08x\n", id, (unsigned)crc32c (0, u->bytes.p, u->bytes.n));
}

static err_t
note_change (void *ctx, const update_t *then, bool then_withdrawn, const update_t *now, const row_t *now_row)
{
  diff_t *d = ctx;
  assert_true (version_eq (now->version, now_row->version) &&
               now_row->withdrawn == (now->operation == OP_WITHDRAW));
  if (then != NULL) {
    assert_int_equal (then_withdrawn, then->operation == OP_WITHDRAW);
    assert_true (record_id_eq (then->id, now->id) && !version_eq (then->version, now->version));
    put_state (then, &d->then);
  }
  put_state (now, &d->now);
  d->n++;
  return ERR_OK;
}

typedef struct {
  uint64_t since;
  buf_t now;
  unsigned n;
} touched_t;

static err_t
note_touched (void *ctx, err_t err, const row_t *row)
{
  touched_t *t = ctx;
  char id[37];
  if (err != ERR_OK || row->at <= t->since)
    return err;
  record_id_format (row->ref.id, id);
  buf_printf (&t->now, "%s %08x\n", id, (unsigned)crc32c (0, row->bytes.p, row->bytes.n));
  t->n++;
  return ERR_OK;
}

/* Each record touched since, once, in storage order. */
static void
check_changes (world_t *w, kv_txn_t *txn, uint64_t lsn)
{
  char text[24];
  snapshot_t *s = NULL;
  fail_t fail = {0};
  diff_t d = {.n = 0};
  touched_t t = {.since = lsn};
  snprintf (text, sizeof text, "%llu", (unsigned long long)lsn);
  assert_int_equal (snapshot_open (w->l, txn, str_of (text), &s, &fail), ERR_OK);
  assert_int_equal (snapshot_changes (s, note_change, &d), ERR_OK);
  assert_int_equal (book_each (ledger_book (w->l), txn, 0, note_touched, &t), ERR_OK);
  assert_int_equal (d.n, t.n);
  assert_string_equal (buf_z (&d.now), buf_z (&t.now));
  buf_free (&d.then);
  buf_free (&d.now);
  buf_free (&t.now);
  snapshot_close (&s);
}

typedef struct {
  int64_t m[MEASURES_MAX];
  uint64_t records, support;
  unit_id_t only;
} sums_t;

static err_t
sum_atom (void *ctx, const atom_t *a)
{
  sums_t *s = ctx;
  if (s->only != 0)
    assert_int_equal (a->district, s->only);
  for (size_t i = 0; i < MEASURES_MAX; i++)
    s->m[i] += a->m[i];
  return ERR_OK;
}

static err_t
sum_record (void *ctx, const record_t *r)
{
  sums_t *s = ctx;
  atom_t atoms[ATOMS_MAX];
  size_t n = contribution (r, false, atoms);
  s->records++;
  for (size_t i = 0; i < n; i++)
    s->support += (uint64_t)atoms[i].m[M_SUPPORT_VND];
  return ERR_OK;
}

/* What a report is given agrees with itself: atoms by different dimensions, and the records. */
static void
check_figures (world_t *w, kv_txn_t *txn, uint64_t lsn)
{
  char text[24];
  snapshot_t *s = NULL;
  fail_t fail = {0};
  int64_t schemes = 0;
  snprintf (text, sizeof text, "%llu", (unsigned long long)lsn);
  assert_int_equal (snapshot_open (w->l, txn, str_of (text), &s, &fail), ERR_OK);
  for (unsigned i = 0; i <= PEERS; i++) {
    unit_id_t office = i == 0 ? 0 : units[i - 1];
    sums_t by_year = {.only = office}, by_kind = {.only = office}, records = {.only = office};
    figures_t f = snapshot_figures (s, office);
    assert_true (f.catalogue == snapshot_catalogue (s) && f.office == office && f.seal.n == 32);
    assert_int_equal (f.atoms (f.ctx, FAMILY_SCHEME, DIM_BIT (DIM_YEAR), sum_atom, &by_year), ERR_OK);
    assert_int_equal (f.atoms (f.ctx, FAMILY_SCHEME, DIM_BIT (DIM_KIND), sum_atom, &by_kind), ERR_OK);
    assert_memory_equal (by_year.m, by_kind.m, sizeof by_year.m);
    assert_int_equal (f.records (f.ctx, KIND_SCHEME, sum_record, &records), ERR_OK);
    assert_int_equal (records.records, by_year.m[M_SCHEMES_ALL]);
    assert_int_equal (records.support, by_year.m[M_SUPPORT_VND]);
    schemes = i == 0 ? by_year.m[M_SCHEMES_ALL] : schemes - by_year.m[M_SCHEMES_ALL];
  }
  assert_int_equal (schemes, 0); /* the offices make up the province */
  snapshot_close (&s);
}

static void
test_every_position (void **state)
{
  (void)state;
  static world_t w;
  for (uint32_t seed = 1; seed <= 6; seed++) {
    kv_txn_t *txn = NULL;
    position_t at;
    size_t m = 0;
    buf_t things = BUF_INIT;
    begin (&w, seed);
    for (unsigned i = 0; i < STEPS; i++)
      step (&w);
    assert_int_equal (kv_begin (ledger_kv (w.l), false, &txn), ERR_OK);
    assert_int_equal (ledger_end (w.l, txn, &at, NULL), ERR_OK);
    for (uint64_t lsn = 2; lsn <= at.lsn; lsn++) {
      while (m + 1 < w.moments && w.moment[m + 1].lsn <= lsn)
        m++;
      check_position (&w, txn, &w.moment[m], lsn);
      if (lsn % 9 == 0) {
        check_changes (&w, txn, lsn);
        check_figures (&w, txn, lsn);
      }
    }
    check_ends (&w, txn);
    kv_abort (&txn);
    assert_int_equal (fixture_verify (w.l, &things), 0);
    buf_free (&things);
    end (&w);
  }
}

static void
test_words (void **state)
{
  (void)state;
  static world_t w;
  static const struct {
    const char *text;
    err_t err;
  } rows[] = {
      {"0", ERR_INPUT},
      {"1", ERR_OK},
      {"99999", ERR_INPUT},
      {"18446744073709551617", ERR_INPUT},
      {"1111111111111111:1", ERR_INPUT},
      {":1", ERR_INPUT},
      {"x:1", ERR_INPUT},
      {"1:", ERR_INPUT},
      {"", ERR_INPUT},
      {"yesterday", ERR_INPUT},
      {"2025-02-30", ERR_INPUT},
      {"2025-11-23", ERR_INPUT}, /* before the log began */
      {"2025-11-25", ERR_OK},
      {"2099-01-01", ERR_OK}, /* a day to come: now */
      {"2025-Q2", ERR_INPUT}, /* not closed */
  };
  kv_txn_t *txn = NULL;
  begin (&w, 1);
  assert_int_equal (kv_begin (ledger_kv (w.l), false, &txn), ERR_OK);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    snapshot_t *s = NULL;
    fail_t fail = {0};
    err_t err = snapshot_open (w.l, txn, str_of (rows[i].text), &s, &fail);
    if (err != rows[i].err)
      fail_msg ("%s: %s", rows[i].text, err_name (err));
    assert_int_equal (err != ERR_OK, fail.text[0] != '\0');
    snapshot_close (&s);
  }
  kv_abort (&txn);
  end (&w);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test (test_every_position), cmocka_unit_test (test_words)};
  return cmocka_run_group_tests (tests, NULL, NULL);
}
