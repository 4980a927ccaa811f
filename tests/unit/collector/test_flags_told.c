/* test_flags_told.c - what is told of doubts and answered at the centre: once, in bounded turns, provably. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/ledger/flags.h"
#include "collector/ledger/snapshot.h"
#include "collector/ledger/state.h"
#include "common/base/lang.h"
#include "tests/unit/collector/fixture.h"
#include "tests/unit/core/small_catalogue.h"

#define AN_NHON 10u
#define CHECKS                                                                                               \
  "[checks]\nid,kind,scope,severity,of,items,threshold,tolerance,minimum,years,valid_from,valid_to,text_vi," \
  "text_en,source\ndates,rule,record,warning,dates_order,,,,,,,,,,\n"                                        \
  "twice,twice,province,note,,,,,,3,,,hai lần,,\n"

typedef struct {
  ledger_t *l;
  peer_t peer;
} centre_t;

static centre_t *
centre_new (void)
{
  static centre_t c;
  uint32_t version = 0;
  fail_t fail = {0};
  lang_set (LANG_EN);
  fixture_now = (wall_t){INT64_C (1764000000000)};
  c.l = fixture_ledger ();
  assert_int_equal (
      roster_catalogue (c.l, STR (SMALL_CATALOGUE CHECKS), STR ("Lan"), fixture_now, &version, &fail),
      ERR_OK);
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

/* A scheme approved on the day; registered on 2 March. */
static version_t
put_all (centre_t *c, unsigned first, unsigned n, date_t approved, const version_t *bases)
{
  uint64_t from = c->peer.seq + 1;
  version_t last = {.seq = 0};
  for (unsigned i = 0; i < n; i++) {
    update_t u = scheme_update (AN_NHON, first + i, STATUS_APPROVED, 1000,
                                bases != NULL ? bases[i] : (version_t){.seq = 0});
    u.record.u.scheme.registered_on = 20250302;
    u.record.u.scheme.approved_on = approved;
    (void)peer_add (&c->peer, &u);
    last = u.version;
  }
  sent_t sent = peer_send (&c->peer, c->l, from, c->peer.seq);
  assert_int_equal (sent.err, ERR_OK);
  assert_int_equal (sent.item.accepted, n);
  return last;
}

static flag_list_t
listed (centre_t *c)
{
  kv_txn_t *txn = NULL;
  flag_list_t l;
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (
      flags_list (ledger_book (c->l), txn, DB_FLAG, ledger_catalogue (c->l), SCOPE_PROVINCE, &l), ERR_OK);
  kv_abort (&txn);
  return l;
}

static bool all = true;

/* As the inspector does it. */
static size_t
inspect (centre_t *c, buf_t *news, bool *more)
{
  kv_txn_t *txn = NULL;
  const finding_t *found = NULL;
  size_t n = 0;
  quality_t *q = quality_new (ledger_catalogue (c->l), SCOPE_PROVINCE);
  buf_clear (news);
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (flags_scan (ledger_book (c->l), txn, 0, q, NULL, NULL), ERR_OK);
  assert_int_equal (quality_run (q, &found, &n), ERR_OK);
  assert_int_equal (flags_news (txn, ledger_catalogue (c->l), 20251124, found, n, all, news, more), ERR_OK);
  kv_abort (&txn);
  quality_destroy (&q);
  return n;
}

static size_t
tell (centre_t *c, const buf_t *news)
{
  size_t told = 0;
  assert_int_equal (flags_tell (c->l, buf_str (news), fixture_now, &told), ERR_OK);
  return told;
}

static err_t
answer (centre_t *c, const char *flag, const char *reason, bool *changed)
{
  fail_t fail = {0};
  return flags_answer (c->l, str_of (flag), str_of (reason), STR ("Lan"), fixture_now, changed, &fail);
}

static err_t
count_event (void *ctx, const flag_row_t *r)
{
  (void)r;
  ++*(size_t *)ctx;
  return ERR_OK;
}

static size_t
events (centre_t *c)
{
  kv_txn_t *txn = NULL;
  size_t n = 0;
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (flag_rows_each (txn, DB_FLAG, STR_NONE, count_event, &n), ERR_OK);
  kv_abort (&txn);
  return n;
}

static void
test_told_once (void **state)
{
  (void)state;
  centre_t *c = centre_new ();
  buf_t news = BUF_INIT;
  bool more = true;
  assert_int_equal (inspect (c, &news, &more), 0);
  assert_int_equal (news.n, 0);
  version_t v = put_all (c, 1, 1, 20250301, NULL);
  assert_int_equal (inspect (c, &news, &more), 1);
  assert_false (more);
  assert_int_equal (tell (c, &news), 1);
  assert_int_equal (tell (c, &news), 0); /* the same news again */
  assert_int_equal (inspect (c, &news, &more), 1);
  assert_int_equal (news.n, 0);
  assert_int_equal (events (c), 1);
  v = put_all (c, 1, 1, 20250303, &v);
  all = false; /* what is not among the first of very many may still hold */
  assert_int_equal (inspect (c, &news, &more), 0);
  assert_int_equal (news.n, 0);
  all = true;
  assert_int_equal (inspect (c, &news, &more), 0);
  assert_int_equal (tell (c, &news), 1);
  assert_int_equal (tell (c, &news), 0);
  flag_list_t l = listed (c);
  assert_int_equal (l.n, 1);
  assert_int_equal (l.at[0].state, FLAG_RESOLVED);
  flag_list_free (&l);
  (void)put_all (c, 1, 1, 20250301, &v); /* as it was: the same flag again */
  (void)inspect (c, &news, &more);
  assert_int_equal (tell (c, &news), 1);
  l = listed (c);
  assert_int_equal (l.n, 1);
  assert_int_equal (l.at[0].state, FLAG_OPEN);
  flag_list_free (&l);
  assert_int_equal (events (c), 3);
  buf_free (&news);
  centre_close (c);
}

static void
position (centre_t *c, char out[POSITION_TEXT_MAX])
{
  kv_txn_t *txn = NULL;
  snapshot_t *s = NULL;
  fail_t fail = {0};
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (snapshot_open (c->l, txn, STR_NONE, &s, &fail), ERR_OK);
  snprintf (out, POSITION_TEXT_MAX, "%.*s", STR_ARG (snapshot_position_text (s)));
  snapshot_close (&s);
  kv_abort (&txn);
}

/* Reports with nothing but doubts and answers between them are one report. */
static void
test_position (void **state)
{
  (void)state;
  centre_t *c = centre_new ();
  buf_t news = BUF_INIT;
  bool more, changed;
  char before[POSITION_TEXT_MAX], after[POSITION_TEXT_MAX];
  version_t v = put_all (c, 1, 2, 20250301, NULL);
  position (c, before);
  (void)inspect (c, &news, &more);
  assert_int_equal (tell (c, &news), 2);
  position (c, after);
  assert_string_equal (after, before);
  flag_list_t l = listed (c);
  char flag[CODE_MAX + 1];
  snprintf (flag, sizeof flag, "%.*s", STR_ARG (l.at[0].flag));
  assert_int_equal (answer (c, flag, "đúng vậy", &changed), ERR_OK);
  flag_list_free (&l);
  position (c, after);
  assert_string_equal (after, before);
  (void)put_all (c, 2, 1, 20250303, &v);
  position (c, after);
  assert_string_not_equal (after, before);
  buf_free (&news);
  centre_close (c);
}

/* However many there are, a turn is bounded, and turns come to an end. */
static void
test_bounded (void **state)
{
  (void)state;
  centre_t *c = centre_new ();
  buf_t news = BUF_INIT;
  bool more = true;
  size_t told = 0, turns = 0;
  (void)put_all (c, 1, FLAGS_NEWS_MAX + 50, 20250301, NULL);
  while (more && turns < 5) {
    (void)inspect (c, &news, &more);
    size_t now = news.n > 0 ? tell (c, &news) : 0;
    assert_true (now <= FLAGS_NEWS_MAX);
    told += now;
    turns++;
  }
  assert_int_equal (told, FLAGS_NEWS_MAX + 50);
  assert_int_equal (turns, 2);
  buf_free (&news);
  centre_close (c);
}

/* Answering: told or not, again, otherwise, and what cannot be answered. */
static void
test_answers (void **state)
{
  (void)state;
  centre_t *c = centre_new ();
  buf_t news = BUF_INIT;
  bool changed = false, more;
  version_t v = put_all (c, 1, 1, 20250301, NULL);
  flag_list_t l = listed (c);
  char flag[FLAG_ID_MAX];
  memcpy (flag, l.at[0].flag.p, sizeof flag);
  assert_int_equal (l.at[0].severity, SEVERITY_WARNING);
  flag_list_free (&l);
  assert_int_equal (answer (c, flag, "", &changed), ERR_USAGE);
  assert_int_equal (answer (c, flag, "hai\ndòng", &changed), ERR_INPUT);
  assert_int_equal (answer (c, "000000000000", "x", &changed), ERR_INPUT);
  assert_int_equal (events (c), 0);
  assert_int_equal (answer (c, flag, "đúng", &changed), ERR_OK); /* nobody was told of it yet */
  assert_true (changed);
  assert_int_equal (events (c), 2);
  assert_int_equal (answer (c, flag, "đúng", &changed), ERR_OK);
  assert_false (changed);
  assert_int_equal (answer (c, flag, "vẫn đúng", &changed), ERR_OK);
  assert_true (changed);
  (void)inspect (c, &news, &more);
  assert_int_equal (news.n, 0); /* told with its answer */
  l = listed (c);
  assert_int_equal (l.at[0].state, FLAG_IS_ANSWERED);
  assert_true (str_is (l.at[0].reason, "vẫn đúng"));
  assert_true (str_is (l.at[0].person, "Lan"));
  flag_list_free (&l);

  (void)put_all (c, 1, 1, 20250303, &v);
  (void)inspect (c, &news, &more);
  assert_int_equal (tell (c, &news), 1);
  assert_int_equal (answer (c, flag, "nữa", &changed), ERR_INPUT); /* it no longer holds */
  buf_free (&news);
  centre_close (c);
}

/* A note is listed and may be answered, but nobody is told of it before. */
static void
test_note (void **state)
{
  (void)state;
  centre_t *c = centre_new ();
  buf_t news = BUF_INIT;
  bool more, changed;
  for (unsigned i = 1; i <= 2; i++) {
    update_t u = scheme_update (AN_NHON, i, STATUS_APPROVED, 1000 * i, (version_t){.seq = 0});
    u.record.u.scheme.beneficiary = STR ("HTX Đập Đá");
    uint64_t seq = peer_add (&c->peer, &u);
    assert_int_equal (peer_send (&c->peer, c->l, seq, seq).item.accepted, 1);
  }
  assert_int_equal (inspect (c, &news, &more), 1);
  assert_int_equal (tell (c, &news), 2); /* what an office cannot see by itself it is told, a note too */
  flag_list_t l = listed (c);
  assert_int_equal (l.n, 1);
  assert_int_equal (l.at[0].records_n, 2);
  char flag[FLAG_ID_MAX];
  memcpy (flag, l.at[0].flag.p, sizeof flag);
  flag_list_free (&l);
  assert_int_equal (answer (c, flag, "hai máy khác nhau", &changed), ERR_OK);
  assert_int_equal (events (c), 4); /* both records: told, answered */
  (void)inspect (c, &news, &more);
  assert_int_equal (news.n, 0);
  buf_free (&news);
  centre_close (c);
}

/* The office has gone: its heir hears of what is in doubt of the records it left. */
static void
test_heir (void **state)
{
  (void)state;
  static const char gone[] =
      SMALL_META "[units]\nid,code,name,name_en,type,parent,province,valid_from,valid_to\n"
                 "1,52,Trung tâm,Centre,tỉnh,,yes,,\n4,543,Hoài Nhơn,Hoài Nhơn,huyện,1,no,,\n"
                 "10,549,An Nhơn,An Nhơn,thị xã,1,no,,2025-06-30\n" SMALL_SOURCES SMALL_CATEGORIES SMALL_ITEMS
                     SMALL_INDICATORS SMALL_COLUMNS CHECKS
                 "[lineage]\nfrom,to,event,on,legal,heir,commune\n10,4,merge,2025-07-01,,yes,\n";
  centre_t *c = centre_new ();
  buf_t news = BUF_INIT;
  bool more;
  uint32_t version = 0;
  fail_t fail = {0};
  kv_txn_t *txn = NULL;
  flag_standing_t *told = NULL;
  size_t n = 0;
  arena_t *arena = arena_new (1u << 20);
  (void)put_all (c, 1, 1, 20250301, NULL);
  for (int i = 0; i < 2; i++) {
    (void)inspect (c, &news, &more);
    assert_int_equal (tell (c, &news), 1); /* again, for the heir */
    (void)inspect (c, &news, &more);
    assert_int_equal (news.n, 0);
    assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
    assert_int_equal (flags_standing (txn, DB_FLAG, arena, &told, &n), ERR_OK);
    kv_abort (&txn);
    assert_int_equal (n, 1);
    assert_int_equal (told[0].records_n, 1);
    assert_int_equal (told[0].record[0].unit, i == 0 ? AN_NHON : 4);
    free (told);
    if (i == 0)
      assert_int_equal (roster_catalogue (c->l, STR (gone), STR ("Lan"), fixture_now, &version, &fail),
                        ERR_OK);
  }
  arena_destroy (&arena);
  buf_free (&news);
  centre_close (c);
}

static void
test_verify (void **state)
{
  (void)state;
  centre_t *c = centre_new ();
  buf_t news = BUF_INIT, things = BUF_INIT;
  bool more;
  kv_txn_t *txn = NULL;
  (void)put_all (c, 1, 1, 20250301, NULL);
  (void)inspect (c, &news, &more);
  assert_int_equal (tell (c, &news), 1);
  assert_int_equal (fixture_verify (c->l, &things), 0);
  static const struct {
    uint64_t lsn; /* 0: of the decision there is */
    const char *check;
    unit_id_t unit;
  } forged[] = {
      {0, "twice", AN_NHON}, {0, "dates", 4}, {2, "dates", AN_NHON}, {UINT64_MAX, "dates", AN_NHON}};
  flag_list_t l = listed (c);
  for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
    flag_row_t row = {.flag = l.at[0].flag,
                      .lsn = forged[i].lsn,
                      .event = FLAG_OPENED,
                      .unit = forged[i].unit,
                      .record = l.at[0].record[0].record,
                      .at = fixture_now,
                      .check = str_of (forged[i].check),
                      .key = l.at[0].record[0].key};
    position_t end;
    assert_int_equal (kv_begin (ledger_kv (c->l), true, &txn), ERR_OK);
    assert_int_equal (ledger_end (c->l, txn, &end, NULL), ERR_OK);
    row.lsn = row.lsn == 0 ? end.lsn : row.lsn;
    assert_int_equal (flag_row_put (txn, DB_FLAG, &row), ERR_OK);
    assert_int_equal (kv_commit (&txn), ERR_OK);
    buf_clear (&things);
    if (fixture_verify (c->l, &things) != (i < 2 ? 1 : i) || strncmp (buf_z (&things), "flag|", 5) != 0)
      fail_msg ("row %zu: %s", i, buf_z (&things));
  }
  flag_list_free (&l);
  buf_free (&news);
  buf_free (&things);
  peer_close (&c->peer);
  ledger_close (&c->l);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test (test_told_once), cmocka_unit_test (test_position),
                                     cmocka_unit_test (test_bounded),   cmocka_unit_test (test_answers),
                                     cmocka_unit_test (test_note),      cmocka_unit_test (test_heir),
                                     cmocka_unit_test (test_verify)};
  return cmocka_run_group_tests (tests, NULL, NULL);
}
