/* test_conflict_rules.c - two PCs of an office and the province edit the same records off line: a row for
 * each rule that the model of test_conflicts.c has no room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/ledger/conflicts.h"
#include "collector/ledger/period_locks.h"
#include "collector/ledger/trace.h"
#include "common/wire/update_wire.h"
#include "tests/unit/collector/fixture.h"

#define AN_NHON 10u
#define HOAI_NHON 4u
#define CENTRE 1u
#define AUTHORS 3u

static ledger_t *l;
static peer_t peer[AUTHORS];
static buf_t things;

static int
set_up (void **state)
{
  static const unit_id_t unit[] = {AN_NHON, AN_NHON, CENTRE};
  (void)state;
  l = fixture_ledger ();
  for (unsigned i = 0; i < AUTHORS; i++)
    peer_open (&peer[i], l, unit[i], i == 2 ? ROLE_PROVINCE : ROLE_OFFICE);
  return 0;
}

static int
tear_down (void **state)
{
  (void)state;
  for (unsigned i = 0; i < AUTHORS; i++)
    peer_close (&peer[i]);
  ledger_close (&l);
  buf_free (&things);
  return 0;
}

/* One author's update into the log; what became of it. */
static const char *
send_one (unsigned author, update_t *u)
{
  const uint64_t seq = peer_add (&peer[author], u);
  sent_t sent = peer_send (&peer[author], l, seq, seq);
  assert_int_equal (sent.err, ERR_OK);
  return verdict_of (l, &peer[author], seq);
}

/* The first decision of the type that was told behind an update. */
static void
decision_behind (const peer_t *p, uint64_t seq, decision_type_t type, arena_t *arena, update_t *u,
                 decision_t *d)
{
  uint64_t lsn;
  log_entry_t e;
  kv_txn_t *txn = fixture_reading (l);
  assert_int_equal (ledger_version_lsn (l, txn, (version_t){p->store, seq}, &lsn), ERR_OK);
  do { /* the stream it is told in may have been opened before it */
    assert_int_equal (ledger_log_get (l, txn, ++lsn, &e), ERR_OK);
    assert_int_equal (e.serial, 0);
    assert_int_equal (update_decode (arena_str (arena, e.bytes), arena, u, NULL), ERR_OK);
    assert_int_equal (decision_decode (u->decision, arena, d), ERR_OK);
  } while (d->type != type);
  kv_abort (&txn);
}

static update_t
settled_scheme (version_t base)
{
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, base);
  u.record.u.scheme.status = STATUS_SETTLED;
  u.record.u.scheme.funding[0].settled_vnd = (opt_i64_t){true, 4000000};
  return u;
}

static resolve_t
settle (resolve_how_t how, const str_t *cells, size_t n)
{
  return (resolve_t){.record = STR ("SCHEME-1"),
                     .how = how,
                     .cells = cells,
                     .cells_n = n,
                     .reason = STR ("theo quyết định"),
                     .person = STR ("Trần B")};
}

/* One settles the scheme, the other gives it another source: fine alone, against the rules together. */
static void
test_wrong_only_together (void **state)
{
  (void)state;
  static const str_t value[] = {{"settled_national_vnd=7", 22}};
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0});
  arena_t *arena = arena_new (8 * UPDATE_ROOM);
  assert_string_equal (send_one (0, &u), "");
  update_t one = settled_scheme (u.version), other = u;
  assert_string_equal (send_one (0, &one), "");
  other.base = u.version;
  other.record.u.scheme.funding[1] = other.record.u.scheme.funding[0];
  other.record.u.scheme.funding[0] =
      (funding_t){.source = 1, .planned_vnd = {true, 9}, .approved_vnd = {true, 9}};
  other.record.u.scheme.funding_n = 2;
  assert_string_equal (send_one (1, &other), "parked");
  update_t said;
  decision_t d;
  decision_behind (&peer[1], 1, DECISION_VERDICT, arena, &said, &d);
  assert_true (str_is (d.u.verdict.reason, "settled_amount") && d.u.verdict.clashes_n == 0);

  conflict_row_t *row;
  size_t n, settled;
  fail_t fail = {0};
  kv_txn_t *txn = fixture_reading (l);
  assert_int_equal (conflicts_rows (l, txn, arena, &row, &n), ERR_OK);
  kv_abort (&txn);
  assert_int_equal (n, 1);
  assert_string_equal (row[0].field.p, "national_vnd");
  assert_string_equal (row[0].parked.p, "9");
  assert_true (row[0].why.n > 0);
  resolve_t r = settle (RESOLVE_PARKED, NULL, 0);
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_INPUT);
  r = settle (RESOLVE_VALUES, value, 1);
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_OK);
  assert_int_equal (settled, 1);
  fixture_all_is_right (l);
  arena_destroy (&arena);
}

static ledger_entry_t
paid (uint8_t id, int64_t amount)
{
  return (ledger_entry_t){
      .id = {{id}}, .kind = LEDGER_PAYMENT, .date = 20190305, .source = 2, .amount_vnd = {true, amount}};
}

/* One file imported on two PCs: ids of their own for the scheme and for the entries of its ledger. */
static void
test_one_file_twice (void **state)
{
  (void)state;
  const ledger_entry_t ours[] = {paid (1, 5), paid (2, 6)}, theirs[] = {paid (3, 5), paid (4, 6)};
  arena_t *arena = arena_new (8 * UPDATE_ROOM);
  update_t a = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), b = a, said;
  decision_t d;
  b.id.b[14] = 9;
  a.record.u.scheme.ledger = ours;
  b.record.u.scheme.ledger = theirs;
  a.record.u.scheme.ledger_n = b.record.u.scheme.ledger_n = 2;
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "alias");
  decision_behind (&peer[1], 1, DECISION_VERDICT, arena, &said, &d);
  assert_true (record_id_eq (d.u.verdict.record, b.id) && record_id_eq (d.u.verdict.alias_to, a.id));
  assert_int_equal (d.u.verdict.alias_home, AN_NHON);
  b.base = b.version;
  b.record.u.scheme.note = STR ("đã xem");
  assert_string_equal (send_one (1, &b), "merged");
  decision_behind (&peer[1], 2, DECISION_VERDICT, arena, &said, &d);
  update_t merged;
  assert_int_equal (update_decode (d.u.verdict.resulting, arena, &merged, NULL), ERR_OK);
  assert_true (record_id_eq (merged.id, a.id) && version_eq (merged.version, said.version));
  assert_int_equal (merged.record.u.scheme.ledger_n, 2);
  assert_true (record_id_eq (merged.record.u.scheme.ledger[0].id, ours[0].id));
  record_ref_t found;
  char id[37];
  record_id_format (b.id, id);
  kv_txn_t *txn = fixture_reading (l);
  assert_int_equal (ledger_find (l, txn, str_of (id), KIND_NONE, &found), ERR_OK);
  assert_true (record_id_eq (found.id, a.id));
  b.id.b[14] = 10;
  record_id_format (b.id, id);
  assert_int_equal (ledger_find (l, txn, str_of (id), KIND_NONE, &found), ERR_NOT_FOUND);
  kv_abort (&txn);
  fixture_all_is_right (l);
  arena_destroy (&arena);
}

/* Within an entry of a list; the entry is named as its lines are, and a value settles it. */
static void
test_entry_of_a_list (void **state)
{
  (void)state;
  ledger_entry_t one = paid (1, 5), other = paid (1, 6), both = paid (1, 4);
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a, b;
  arena_t *arena = arena_new (8 * UPDATE_ROOM);
  static const str_t value[] = {{"amount_vnd=8", 12}};
  one.voucher_no = other.voucher_no = both.voucher_no = STR ("CT5");
  u.record.u.scheme.ledger = &both;
  u.record.u.scheme.ledger_n = 1;
  a = b = u;
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = u.version;
  a.record.u.scheme.ledger = &one;
  b.record.u.scheme.ledger = &other;
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  conflict_row_t *row;
  size_t n, settled;
  fail_t fail = {0};
  kv_txn_t *txn = fixture_reading (l);
  assert_int_equal (conflicts_rows (l, txn, arena, &row, &n), ERR_OK);
  assert_int_equal (n, 1);
  assert_string_equal (row[0].code.p, "SCHEME-1:CT5");
  assert_string_equal (row[0].field.p, "amount_vnd");
  kv_abort (&txn);
  resolve_t r = settle (RESOLVE_VALUES, value, 1);
  r.record = STR ("SCHEME-1:CT6");
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_INPUT);
  r.record = row[0].code;
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_OK);
  record_ref_t ref;
  row_t now;
  update_t state_now;
  txn = fixture_reading (l);
  assert_int_equal (ledger_find (l, txn, STR ("SCHEME-1"), KIND_NONE, &ref), ERR_OK);
  assert_int_equal (book_get (ledger_book (l), txn, ref, &now), ERR_OK);
  assert_int_equal (update_decode (now.bytes, arena, &state_now, NULL), ERR_OK);
  assert_int_equal (state_now.record.u.scheme.ledger_n, 1);
  assert_int_equal (state_now.record.u.scheme.ledger[0].amount_vnd.v, 8);
  kv_abort (&txn);
  fixture_all_is_right (l);
  arena_destroy (&arena);
}

/* What the province makes of another office's record is told in that office's stream. */
static void
test_told_where_the_record_is (void **state)
{
  (void)state;
  arena_t *arena = arena_new (8 * UPDATE_ROOM);
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, c = u,
           said;
  decision_t d;
  assert_string_equal (send_one (0, &u), "");
  a.base = c.base = u.version;
  a.record.u.scheme.name = STR ("Tên một");
  c.record.u.scheme.name = STR ("Tên hai");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (2, &c), "parked");
  decision_behind (&peer[2], 1, DECISION_VERDICT, arena, &said, &d);
  assert_int_equal (said.home, AN_NHON);
  assert_int_equal (d.u.verdict.clashes_n, 1);
  assert_true (str_is (d.u.verdict.clashes[0], "name") && str_is (d.u.verdict.key, "SCHEME-1"));
  fixture_all_is_right (l);
  arena_destroy (&arena);
}

/* A record that goes to another office takes its parked sides along: told there, with what they were made on.
 */
static void
test_follows_the_record (void **state)
{
  (void)state;
  arena_t *arena = arena_new (16 * UPDATE_ROOM);
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, b = u,
           c = u, said, side, made_on;
  decision_t d;
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = u.version;
  a.record.u.scheme.name = STR ("Tên một");
  b.record.u.scheme.name = STR ("Tên hai");
  b.record.u.scheme.note = STR ("hai");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  c = a;
  c.base = a.version;
  c.record.u.scheme.district = HOAI_NHON;
  assert_string_equal (send_one (2, &c), "");
  decision_behind (&peer[2], c.version.seq, DECISION_PARKED_SIDE, arena, &said, &d);
  assert_int_equal (said.home, HOAI_NHON);
  assert_true (record_id_eq (d.u.parked_side.record, u.id) && d.u.parked_side.home == u.home);
  assert_int_equal (d.u.parked_side.clashes_n, 1);
  assert_true (str_is (d.u.parked_side.clashes[0], "name") && d.u.parked_side.agent.n > 0);
  assert_int_equal (update_decode (d.u.parked_side.update, arena, &side, NULL), ERR_OK);
  assert_int_equal (update_decode (d.u.parked_side.base, arena, &made_on, NULL), ERR_OK);
  assert_true (version_eq (side.version, b.version) && version_eq (side.base, u.version));
  assert_true (str_is (side.record.u.scheme.name, "Tên hai") && version_eq (made_on.version, u.version));
  const resolve_t r = settle (RESOLVE_PARKED, NULL, 0);
  size_t settled = 0;
  fail_t fail = {0};
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_OK);
  assert_int_equal (settled, 1);
  fixture_all_is_right (l);
  arena_destroy (&arena);
}

typedef struct {
  char verdicts[200];
} history_t;

static err_t
note_version (void *ctx, const trace_version_t *v)
{
  history_t *t = ctx;
  const size_t n = strlen (t->verdicts);
  snprintf (t->verdicts + n, sizeof t->verdicts - n, "%s:%.*s ", verdict_name (v->verdict),
            STR_ARG (v->update->record.u.scheme.name));
  return ERR_OK;
}

/* A record's history has every side, also the one that was decided against. */
static void
test_history (void **state)
{
  (void)state;
  history_t told = {""};
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, b = u,
           c = u;
  size_t settled;
  fail_t fail = {0};
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = c.base = u.version;
  a.record.u.scheme.name = STR ("Một");
  b.record.u.scheme.name = STR ("Hai");
  c.record.u.scheme.note = STR ("x");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  assert_string_equal (send_one (2, &c), "merged");
  const resolve_t r = settle (RESOLVE_PARKED, NULL, 0);
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_OK);
  kv_txn_t *txn = fixture_reading (l);
  assert_int_equal (trace_record (l, txn, (record_ref_t){AN_NHON, u.id}, note_version, &told), ERR_OK);
  kv_abort (&txn);
  assert_string_equal (told.verdicts,
                       "accepted:Hỗ trợ máy móc accepted:Một parked:Hai merged:Một accepted:Hai ");
  fixture_all_is_right (l);
}

/* Nothing is decided by what has nothing to do with it. */
static void
test_verify_sees_who_decided (void **state)
{
  (void)state;
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, b = u;
  uint64_t lsn;
  kv_txn_t *txn = NULL;
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = u.version;
  a.record.u.scheme.name = STR ("Một");
  b.record.u.scheme.name = STR ("Hai");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  a.base = a.version;
  a.record.u.scheme.note = STR ("y");
  assert_string_equal (send_one (0, &a), "");
  assert_int_equal (kv_begin (ledger_kv (l), true, &txn), ERR_OK);
  assert_int_equal (ledger_version_lsn (l, txn, b.version, &lsn), ERR_OK);
  assert_int_equal (conflict_decide (txn, u.id, lsn, lsn + 2), ERR_OK); /* by the other's edit */
  assert_int_equal (kv_commit (&txn), ERR_OK);
  assert_true (fixture_verify (l, &things) > 0);
  assert_non_null (strstr (buf_z (&things), "conflict|"));
}

/* A locked table takes no merge either, nor what settles a conflict. */
static void
test_locked (void **state)
{
  (void)state;
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, b = u,
           c = u;
  lock_row_t lock = {.period = STR ("2019"), .locked = true, .person = STR ("Trần B")};
  bool changed;
  size_t settled;
  fail_t fail = {0};
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = c.base = u.version;
  a.record.u.scheme.name = STR ("Một");
  b.record.u.scheme.name = STR ("Hai");
  c.record.u.scheme.note = STR ("x");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  assert_int_equal (period_lock_set (l, &lock, fixture_now, &changed, &fail), ERR_OK);
  assert_string_equal (send_one (1, &c), "period_locked");
  const resolve_t r = settle (RESOLVE_PARKED, NULL, 0);
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_INPUT);
  lock.locked = false;
  assert_int_equal (period_lock_set (l, &lock, fixture_now, &changed, &fail), ERR_OK);
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_OK);
  fixture_all_is_right (l);
}

/* What is missing beside the log is found. */
static void
test_verify_sees (void **state)
{
  (void)state;
  static const struct {
    kv_db_t db;
    const char *thing;
  } rows[] = {{DB_CONFLICT, "conflict|"}, {DB_CONFLICT_PAST, "conflict|"}, {DB_ALIAS, "decision|"}};
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, b = u,
           c = u;
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = u.version;
  a.record.u.scheme.name = STR ("Một");
  b.record.u.scheme.name = STR ("Hai");
  c.id.b[14] = 7;
  c.record.u.scheme.name = STR ("Ba");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  b.base = b.version;
  b.record.u.scheme.note = STR ("y");
  assert_string_equal (send_one (1, &b), "parked");
  assert_string_equal (send_one (2, &c), "parked");
  fixture_all_is_right (l);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    kv_txn_t *txn = NULL;
    kv_cursor_t *cursor = NULL;
    str_t key, value;
    buf_t kept_key = BUF_INIT, kept = BUF_INIT;
    assert_int_equal (kv_begin (ledger_kv (l), true, &txn), ERR_OK);
    assert_int_equal (kv_cursor_open (txn, rows[i].db, &cursor), ERR_OK);
    assert_int_equal (kv_next (cursor, &key, &value), ERR_OK);
    buf_put (&kept_key, key.p, key.n);
    buf_put (&kept, value.p, value.n);
    kv_cursor_close (&cursor);
    assert_int_equal (kv_del (txn, rows[i].db, buf_str (&kept_key)), ERR_OK);
    assert_int_equal (kv_commit (&txn), ERR_OK);
    assert_true (fixture_verify (l, &things) > 0);
    assert_non_null (strstr (buf_z (&things), rows[i].thing));
    assert_int_equal (kv_begin (ledger_kv (l), true, &txn), ERR_OK);
    assert_int_equal (kv_put (txn, rows[i].db, buf_str (&kept_key), buf_str (&kept)), ERR_OK);
    assert_int_equal (kv_commit (&txn), ERR_OK);
    fixture_all_is_right (l);
    buf_free (&kept_key);
    buf_free (&kept);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (test_wrong_only_together, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_one_file_twice, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_entry_of_a_list, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_told_where_the_record_is, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_follows_the_record, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_history, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_verify_sees, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_verify_sees_who_decided, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_locked, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
