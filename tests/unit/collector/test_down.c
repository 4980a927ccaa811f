/* test_down.c - what goes down to whom: to each of an office's PCs what the others did, to its author that it
 * was accepted, to other offices nothing, to the provincial office everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/ledger/conflicts.h"
#include "collector/ledger/state.h"
#include "common/wire/update_wire.h"
#include "tests/unit/collector/fixture.h"

#define AN_NHON 10u
#define HOAI_NHON 4u
#define CENTRE 1u
#define NO_BASE ((version_t){{{0}}, 0})

static peer_t first, second, other, province;

typedef struct {
  ledger_t *l;
  arena_t *arena;
  buf_t things;
} world_t;

static int
set_up (void **state)
{
  world_t *w = calloc (1, sizeof *w);
  w->l = fixture_ledger ();
  w->arena = arena_new ((size_t)32 << 20);
  peer_open (&first, w->l, AN_NHON, ROLE_OFFICE);
  peer_open (&second, w->l, AN_NHON, ROLE_OFFICE);
  peer_open (&other, w->l, HOAI_NHON, ROLE_OFFICE);
  peer_open (&province, w->l, CENTRE, ROLE_PROVINCE);
  *state = w;
  return 0;
}

static int
tear_down (void **state)
{
  world_t *w = *state;
  peer_close (&first);
  peer_close (&second);
  peer_close (&other);
  peer_close (&province);
  ledger_close (&w->l);
  arena_destroy (&w->arena);
  buf_free (&w->things);
  free (w);
  return 0;
}

static void
all_is_right (world_t *w)
{
  uint64_t n = fixture_verify (w->l, &w->things);
  if (n != 0)
    print_error ("%s", buf_z (&w->things));
  assert_int_equal (n, 0);
}

/* What a peer is sent from the beginning on, in pieces of at most max bytes: "r1" the update 1 of somebody's,
 * "o1-3" own ones, "d" a decision; by the order of the log. */
static const char *
told (world_t *w, const peer_t *p, size_t max, uint64_t upto)
{
  static char text[2][2000];
  static unsigned slot;
  char *out = text[slot++ % 2];
  kv_txn_t *txn = NULL;
  position_t at = {ledger_epoch (w->l), 0};
  const own_stream_t own = {.store = p->store, .upto = upto};
  const listener_t who = {.unit = p->unit, .role = p->role, .serial = p->serial, .own = &own, .own_n = 1};
  size_t n = 0;
  out[0] = '\0';
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  for (unsigned pieces = 0; pieces < 200; pieces++) {
    msg_down_t d;
    arena_reset (w->arena);
    assert_int_equal (ledger_down (w->l, txn, &who, at, max, w->arena, &d), ERR_OK);
    assert_true (d.first_lsn == at.lsn + 1 && d.last_lsn >= at.lsn);
    size_t c = 0, r = 0, o = 0;
    uint64_t before = at.lsn;
    while (c < d.centre_n || r < d.records_n || o < d.own_n) {
      uint64_t lc = c < d.centre_n ? d.centre[c].lsn : UINT64_MAX;
      uint64_t lr = r < d.records_n ? d.records[r].lsn : UINT64_MAX;
      uint64_t lo = o < d.own_n ? d.own[o].first_lsn : UINT64_MAX;
      uint64_t lsn = lc < lr ? lc : lr;
      lsn = lsn < lo ? lsn : lo;
      assert_true (lsn > before && lsn <= d.last_lsn);
      before = lsn;
      if (lsn == lc) {
        c++;
        continue;
      }
      if (lsn == lr) {
        update_t u;
        assert_int_equal (update_decode (d.records[r].update, w->arena, &u, NULL), ERR_OK);
        stream_row_t stream;
        assert_int_equal (stream_get (txn, u.version.store, &stream), ERR_OK);
        assert_true ((d.records[r].agent.n > 0 || stream.centre) && d.records[r].received.ms > 0);
        n += (size_t)snprintf (out + n, 2000 - n, "r%u ", (unsigned)u.version.seq);
        r++;
        continue;
      }
      assert_true (store_id_eq (d.own[o].store, p->store));
      for (uint64_t seq = d.own[o].first_seq; seq <= d.own[o].last_seq; seq++)
        n += (size_t)snprintf (out + n, 2000 - n, "o%u ", (unsigned)seq);
      o++;
    }
    at.lsn = d.last_lsn;
    if (d.complete)
      break;
  }
  position_t end;
  assert_int_equal (ledger_end (w->l, txn, &end, NULL), ERR_OK);
  assert_true (at.lsn == end.lsn);
  kv_abort (&txn);
  return out;
}

#define IS(peer, expected)                                                                                   \
  do {                                                                                                       \
    assert_string_equal (told (w, &(peer), DOWN_MAX, UINT64_MAX), expected);                                 \
    assert_string_equal (told (w, &(peer), 1, UINT64_MAX), expected);                                        \
  } while (0)

static void
send_one (world_t *w, peer_t *p, update_t *u)
{
  uint64_t seq = peer_add (p, u);
  sent_t s = peer_send (p, w->l, seq, seq);
  assert_int_equal (s.err, ERR_OK);
  assert_int_equal (s.item.cursor, seq);
}

static void
test_office (void **state)
{
  world_t *w = *state;
  for (unsigned i = 1; i <= 3; i++) {
    update_t u = scheme_update (AN_NHON, i, STATUS_APPROVED, 1000, NO_BASE);
    peer_add (&first, &u);
  }
  sent_t s = peer_send (&first, w->l, 1, 3);
  assert_int_equal (s.item.accepted, 3);
  assert_true (told_has (&s.report.told, AN_NHON) && !told_has (&s.report.told, HOAI_NHON));
  IS (first, "o1 o2 o3 ");
  IS (second, "r1 r2 r3 ");
  IS (other, "");
  IS (province, "r1 r2 r3 ");
  /* a store that went back in time is given what it lost */
  assert_string_equal (told (w, &first, DOWN_MAX, 1), "o1 r2 r3 ");

  update_t u = scheme_update (AN_NHON, 2, STATUS_APPROVED, 2000, (version_t){first.store, 2});
  send_one (w, &second, &u);
  u = scheme_update (HOAI_NHON, 7, STATUS_APPROVED, 1000, NO_BASE);
  send_one (w, &other, &u);
  IS (first, "o1 o2 o3 r1 ");
  IS (second, "r1 r2 r3 o1 ");
  IS (other, "o1 ");
  IS (province, "r1 r2 r3 r1 r1 ");
  all_is_right (w);
}

static void
test_refused (void **state)
{
  world_t *w = *state;
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 1000, NO_BASE);
  u.record.u.scheme.item = STR ("X.9");
  send_one (w, &first, &u);
  IS (first, "");
  IS (second, "");
  IS (province, "");
  all_is_right (w);
}

/* From An Nhon to Hoai Nhon, by the provincial office: both hear of it, from then on only the new one. */
static void
test_moved (void **state)
{
  world_t *w = *state;
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 1000, NO_BASE);
  send_one (w, &first, &u);
  u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 1000, (version_t){first.store, 1});
  u.record.u.scheme.district = HOAI_NHON;
  send_one (w, &province, &u);
  u.base = (version_t){province.store, 1};
  u.record.u.scheme.funding[0].approved_vnd.v = 5;
  send_one (w, &province, &u);
  IS (first, "o1 r1 ");
  IS (second, "r1 r1 ");
  IS (other, "r1 r2 ");
  IS (province, "r1 o1 o2 ");
  all_is_right (w);
}

static void
clash_on (world_t *w, unsigned number)
{
  update_t u = scheme_update (AN_NHON, number, STATUS_APPROVED, 1000, NO_BASE);
  send_one (w, &first, &u);
  const version_t base = u.version;
  u = scheme_update (AN_NHON, number, STATUS_APPROVED, 2000, base);
  send_one (w, &first, &u);
  u = scheme_update (AN_NHON, number, STATUS_APPROVED, 3000, base);
  send_one (w, &second, &u);
}

/* By giving the record to another office; the version that makes. */
static version_t
settle_into (world_t *w, unsigned number, unit_id_t unit)
{
  char name[32], cell[32];
  size_t settled = 0;
  fail_t fail = {0};
  kv_txn_t *txn = NULL;
  record_ref_t ref;
  row_t row;
  snprintf (name, sizeof name, "SCHEME-%u", number);
  snprintf (cell, sizeof cell, "district=%.*s",
            STR_ARG (catalogue_unit (ledger_catalogue (w->l), unit)->code));
  const str_t asked = str_of (cell);
  const resolve_t how = {.record = str_of (name),
                         .how = RESOLVE_VALUES,
                         .cells = &asked,
                         .cells_n = 1,
                         .reason = STR ("của Hoài Nhơn"),
                         .person = STR ("Hòa")};
  if (conflicts_resolve (w->l, &how, fixture_now, &settled, &fail) != ERR_OK)
    fail_msg ("%s", fail.text);
  assert_int_equal (settled, 1);
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  assert_int_equal (ledger_find (w->l, txn, str_of (name), KIND_SCHEME, &ref), ERR_OK);
  assert_int_equal (book_get (ledger_book (w->l), txn, ref, &row), ERR_OK);
  const version_t v = row.version;
  kv_abort (&txn);
  return v;
}

/* A conflict that the centre settles by giving the record to Hoai Nhon: An Nhon reads it in its stream, Hoai
 * Nhon is given the whole state, the provincial office reads the decision. */
static void
test_settled_elsewhere (void **state)
{
  world_t *w = *state;
  char expected[32];
  clash_on (w, 1);
  IS (other, "");
  const version_t settled = settle_into (w, 1, HOAI_NHON);
  snprintf (expected, sizeof expected, "r%u ", (unsigned)settled.seq);
  IS (first, "o1 o2 r1 ");
  IS (second, "r1 r2 ");
  IS (other, expected);
  IS (province, "r1 r2 r1 ");
  /* and on from there, by who has it now */
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 4000, settled);
  u.record.u.scheme.district = HOAI_NHON;
  send_one (w, &other, &u);
  snprintf (expected, sizeof expected, "r%u o1 ", (unsigned)settled.seq);
  IS (other, expected);
  IS (first, "o1 o2 r1 ");
  all_is_right (w);
}

/* The table made anew from the log says the same. */
static void
test_built (void **state)
{
  world_t *w = *state;
  version_t moved = NO_BASE;
  for (unsigned i = 1; i <= 20; i++) {
    peer_t *p = i % 3 == 0 ? &other : i % 3 == 1 ? &first : &second;
    update_t u = scheme_update (p->unit, i, STATUS_APPROVED, 1000, NO_BASE);
    send_one (w, p, &u);
    if (i == 4)
      moved = u.version;
  }
  update_t u = scheme_update (AN_NHON, 4, STATUS_APPROVED, 1000, moved);
  u.record.u.scheme.district = HOAI_NHON;
  send_one (w, &province, &u);
  clash_on (w, 30);
  (void)settle_into (w, 30, HOAI_NHON);
  char before[2][2000];
  snprintf (before[0], sizeof before[0], "%s", told (w, &first, DOWN_MAX, UINT64_MAX));
  snprintf (before[1], sizeof before[1], "%s", told (w, &other, DOWN_MAX, UINT64_MAX));
  turn_t t;
  kv_cursor_t *c = NULL;
  str_t key;
  assert_int_equal (turn_begin (w->l, fixture_now, &t), ERR_OK);
  for (;;) {
    uint8_t copy[12];
    assert_int_equal (kv_cursor_open (t.txn, DB_AUDIENCE, &c), ERR_OK);
    err_t err = kv_next (c, &key, NULL);
    if (err == ERR_OK)
      memcpy (copy, key.p, sizeof copy);
    kv_cursor_close (&c);
    if (err == ERR_NOT_FOUND)
      break;
    assert_int_equal (kv_del (t.txn, DB_AUDIENCE, (str_t){(const char *)copy, sizeof copy}), ERR_OK);
  }
  assert_int_equal (turn_commit (w->l, &t), ERR_OK);
  assert_true (fixture_verify (w->l, &w->things) > 0);
  assert_int_equal (turn_begin (w->l, fixture_now, &t), ERR_OK);
  assert_int_equal (audience_build (w->l, &t), ERR_OK);
  assert_int_equal (turn_commit (w->l, &t), ERR_OK);
  assert_string_equal (told (w, &first, DOWN_MAX, UINT64_MAX), before[0]);
  assert_string_equal (told (w, &other, 1, UINT64_MAX), before[1]);
  all_is_right (w);
}

int
main (void)
{
#define T(f) cmocka_unit_test_setup_teardown (f, set_up, tear_down)
  const struct CMUnitTest tests[] = {T (test_office), T (test_refused), T (test_moved),
                                     T (test_settled_elsewhere), T (test_built)};
  return cmocka_run_group_tests (tests, NULL, NULL);
}
