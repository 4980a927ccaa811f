/* test_fork.c - our stream goes on in a new one: everything above the common place is encoded anew, bases and
 * chains of edits renamed; imports, refusals, undo and what waits go on as they were; twice does nothing. */
#include "tests/unit/agent/office.h"

#include "agent/entry/undo.h"
#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

static void
import (office_t *e, const char *text)
{
  import_counts_t n;
  assert_int_equal (take (e->o, text, NULL, NULL, &n), ERR_OK);
}

static void
set (office_t *e, const char *code, const char *pair)
{
  fail_t fail = {0};
  edit_result_t r;
  assert_int_equal (
      edits_set (e->o, str_of (code), KIND_NONE, &pair, 1, STR ("Lan"), STR (""), e->arena, &r, &fail),
      ERR_OK);
}

static present_t
present (office_t *e, const char *code)
{
  kv_txn_t *txn = NULL;
  present_t p;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (present_by_key (e->o, txn, KIND_SCHEME, str_of (code), e->arena, &p), ERR_OK);
  p.row.bytes = arena_str (e->arena, p.row.bytes);
  kv_abort (&txn);
  assert_true (p.exists);
  return p;
}

static void
do_fork (office_t *e, uint64_t common)
{
  const store_id_t from = outbox_store_id (e->o);
  assert_int_equal (outbox_fork (e->o, from, common, FORK_TWIN, (wall_t){1000}), ERR_OK);
  assert_false (store_id_eq (outbox_store_id (e->o), from));
  const store_id_t to = outbox_store_id (e->o);
  assert_int_equal (outbox_fork (e->o, from, common, FORK_TWIN, (wall_t){2000}), ERR_OK); /* again: nothing */
  assert_true (store_id_eq (outbox_store_id (e->o), to));
}

/* The whole present stream: chain from its start, dense numbers, no base that names what is gone. */
static size_t
check_stream (office_t *e, store_id_t left, uint64_t common)
{
  msg_chunk_t c;
  const facts_t f = facts_of (e->o);
  stream_state_t s[8];
  assert_true (outbox_streams (e->o, &f, s, 8) >= 2);
  assert_true (store_id_eq (s[0].parent_store, left) && store_id_eq (s[1].store, left));
  assert_int_equal (s[0].parent_seq, common);
  assert_int_equal (s[1].last_seq, common);
  hash_t h = chain_start (s[0].store, s[0].parent_store, s[0].parent_seq, s[0].parent_hash);
  size_t n = 0;
  while (n < f.last_seq) {
    assert_int_equal (outbox_read_chunk (e->o, n + 1, 1u << 20, e->arena, &c), ERR_OK);
    assert_true (hash_eq (c.previous_hash, h) && store_id_eq (c.store, s[0].store));
    for (size_t i = 0; i < c.updates_n; i++) {
      update_t u;
      assert_int_equal (update_decode (c.updates[i], e->arena, &u, NULL), ERR_OK);
      assert_true (store_id_eq (u.version.store, s[0].store));
      assert_int_equal (u.version.seq, ++n);
      assert_true (u.base.seq == 0 || (store_id_eq (u.base.store, left) && u.base.seq <= common) ||
                   (store_id_eq (u.base.store, s[0].store) && u.base.seq < n));
      h = chain_next (h, c.updates[i]);
    }
    assert_true (hash_eq (c.head.hash, h));
  }
  assert_int_equal (outbox_read_chunk (e->o, n + 1, 1u << 20, e->arena, &c), ERR_NOT_FOUND);
  return n;
}

static void
finding (void *ctx, const char *thing, str_t name, const char *what)
{
  (void)ctx;
  fail_msg ("%s %.*s: %s", thing, STR_ARG (name), what);
}

static void
check_book (office_t *e)
{
  kv_txn_t *txn = NULL;
  uint64_t n = 0;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (book_verify (outbox_book (e->o), txn, outbox_catalogue (e->o), finding, NULL, &n),
                    ERR_OK);
  assert_int_equal (n, 0);
  kv_abort (&txn);
}

#define THREE                                                                                                \
  HEAD "\nA-1,Một,549,2019,III.3,draft\nA-2,Hai,549,2019,III.3,draft\nA-3,Ba,549,2019,III.3,draft\n"

/* Two edits on a create that is common, one create above it with an edit of its own. */
static void
test_bases (void **state)
{
  office_t *e = *state;
  const store_id_t left = outbox_store_id (e->o);
  import (e, THREE); /* 1 to 3 */
  assert_int_equal (outbox_acked (e->o, 3, (wall_t){1}), ERR_OK);
  set (e, "A-1", "name=Một lần"); /* 4 */
  set (e, "A-1", "name=Hai lần"); /* 5 */
  import (e, HEAD "\nA-4,Bốn,549,2019,III.3,draft\n");
  set (e, "A-4", "note=mới"); /* 7 */
  const present_t before = present (e, "A-1"), other = present (e, "A-2");
  do_fork (e, 3);
  assert_int_equal (check_stream (e, left, 3), 4);
  facts_t f = facts_of (e->o);
  assert_int_equal (f.before, 3);
  assert_int_equal (f.last_seq, 4);
  assert_int_equal (f.acked, 0);
  assert_int_equal (f.pending, 4);
  const present_t after = present (e, "A-1"), same = present (e, "A-2");
  assert_true (record_id_eq (after.row.ref.id, before.row.ref.id) &&
               record_same (&after.record, &before.record));
  assert_true (store_id_eq (after.row.version.store, outbox_store_id (e->o)));
  assert_int_equal (after.row.version.seq, 2);
  assert_true (version_eq (same.row.version, other.row.version)); /* common: as it was */
  set (e, "A-1", "name=Ba lần");                                  /* what stands is current */
  set (e, "A-2", "name=Hai mới");
  assert_int_equal (check_stream (e, left, 3), 6);
  check_book (e);
  assert_int_equal (outbox_acked (e->o, 6, (wall_t){1}), ERR_OK);
  f = facts_of (e->o);
  assert_int_equal (f.acked, 6);
  assert_int_equal (f.pending, 0);
}

/* Nothing is common, or everything; and a fork of a fork. */
static void
test_places (void **state)
{
  office_t *e = *state;
  const store_id_t first = outbox_store_id (e->o);
  version_t v;
  uint64_t place;
  import (e, THREE);
  do_fork (e, 0);
  assert_int_equal (check_stream (e, first, 0), 3);
  assert_false (outbox_place_of (e->o, (version_t){first, 1}, &place));
  const store_id_t second = outbox_store_id (e->o);
  do_fork (e, 2);
  assert_int_equal (check_stream (e, second, 2), 1);
  v = outbox_version_at (e->o, 2);
  assert_true (store_id_eq (v.store, second) && v.seq == 2);
  assert_true (outbox_place_of (e->o, v, &place) && place == 2);
  assert_false (outbox_place_of (e->o, (version_t){second, 3}, &place));
  v = outbox_version_at (e->o, 3);
  assert_true (store_id_eq (v.store, outbox_store_id (e->o)) && v.seq == 1);
  const store_id_t third = outbox_store_id (e->o);
  do_fork (e, 1);
  assert_int_equal (check_stream (e, third, 1), 0);
  set (e, "A-3", "name=Ba mới");
  assert_int_equal (check_stream (e, third, 1), 1);
  assert_int_equal (facts_of (e->o).before, 3);
  check_book (e);
}

/* More is said to be common than there is: refused, nothing changes. */
static void
test_impossible (void **state)
{
  office_t *e = *state;
  const store_id_t store = outbox_store_id (e->o);
  import (e, THREE);
  assert_int_equal (outbox_fork (e->o, store, 4, FORK_OLDER, (wall_t){1}), ERR_MALFORMED);
  assert_true (store_id_eq (outbox_store_id (e->o), store));
  assert_int_equal (facts_of (e->o).last_seq, 3);
}

/* Imports on both sides of the common place are taken back as ever. */
static void
test_undo (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  undo_result_t r;
  import (e, THREE);
  import (e, HEAD "\nA-1,Đổi,549,2020,III.3,draft\nA-9,Chín,549,2019,III.3,draft\n");
  do_fork (e, 3);
  const undo_options_t last = {.import = 2, .person = STR ("Lan")};
  assert_int_equal (undo_import (e->o, &last, e->arena, &r, &fail), ERR_OK);
  assert_int_equal (r.returned, 1);
  assert_int_equal (r.withdrawn, 1);
  assert_int_equal (r.left, 0);
  undo_free (&r);
  const present_t back = present (e, "A-1");
  assert_true (str_is (back.record.u.scheme.name, "Một"));
  const undo_options_t first = {.import = 1, .person = STR ("Lan")};
  assert_int_equal (undo_import (e->o, &first, e->arena, &r, &fail), ERR_OK);
  assert_int_equal (r.withdrawn, 3);
  undo_free (&r);
  check_book (e);
}

static err_t
count_one (void *ctx, const refused_row_t *r)
{
  (void)r;
  ++*(int *)ctx;
  return ERR_OK;
}

static int
refused_n (office_t *e)
{
  kv_txn_t *txn = NULL;
  int n = 0;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (outbox_refused (e->o, txn, count_one, &n), ERR_OK);
  kv_abort (&txn);
  return n;
}

/* What was refused before stays so, under its old name; what is refused later is under its new one. */
static void
test_refusals (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  bool refused = false;
  kv_txn_t *txn = NULL;
  import (e, THREE);
  const present_t one = present (e, "A-1");
  assert_int_equal (outbox_acked (e->o, 2, (wall_t){1}), ERR_OK);
  assert_int_equal (fake_centre_refuse (e->centre, e->o, one.row.version, one.row.ref.id, STR ("A-1"),
                                        STR ("key_held"), &fail),
                    ERR_OK);
  assert_int_equal (refused_n (e), 1);
  do_fork (e, 2);
  assert_int_equal (refused_n (e), 1);
  const present_t three = present (e, "A-3");
  assert_int_equal (three.row.version.seq, 1);
  assert_int_equal (outbox_acked (e->o, 1, (wall_t){1}), ERR_OK);
  assert_int_equal (fake_centre_refuse (e->centre, e->o, three.row.version, three.row.ref.id, STR ("A-3"),
                                        STR ("key_held"), &fail),
                    ERR_OK);
  assert_int_equal (refused_n (e), 2);
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (outbox_refusal_of (e->o, txn, one.row.ref.id, one.row.version, &refused, NULL), ERR_OK);
  assert_true (refused);
  assert_int_equal (outbox_refusal_of (e->o, txn, three.row.ref.id, three.row.version, &refused, NULL),
                    ERR_OK);
  assert_true (refused);
  kv_abort (&txn);
}

/* A second object on the same store follows at its next look. */
static void
test_twin (void **state)
{
  office_t *e = *state;
  outbox_t *twin = NULL;
  fail_t fail = {0};
  facts_t f;
  import (e, THREE);
  assert_int_equal (outbox_twin (e->o, &twin, &fail), ERR_OK);
  do_fork (e, 1);
  assert_int_equal (outbox_facts (twin, &f), ERR_OK);
  assert_true (store_id_eq (f.store, outbox_store_id (e->o)));
  assert_int_equal (f.last_seq, 2);
  outbox_close (&twin);
}

static void
test_said (void **state)
{
  office_t *e = *state;
  kv_txn_t *txn = NULL;
  outbox_forked_t f;
  import (e, THREE);
  do_fork (e, 1);
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (outbox_forked (txn, &f), ERR_OK);
  kv_abort (&txn);
  assert_int_equal (f.cause, FORK_TWIN);
  assert_int_equal (f.at.ms, 1000);
  assert_int_equal (f.anew, 2);
}

static uint64_t
acked_place (office_t *e)
{
  kv_txn_t *txn = NULL;
  uint64_t acked = 0, last = 0;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (outbox_acked_seq (e->o, txn, &acked, &last), ERR_OK);
  kv_abort (&txn);
  return acked;
}

/* What a centre had told of and lost stands above the place both have: it goes out again, and is not taken
 * for received or judged under its new name. */
static void
test_told_and_lost (void **state)
{
  office_t *e = *state;
  const store_id_t left = outbox_store_id (e->o);
  fail_t fail = {0};
  import (e, THREE);
  const own_range_t own = {left, 1, 3, e->centre->lsn + 1};
  const msg_down_t d = {.epoch = e->centre->epoch,
                        .first_lsn = own.first_lsn,
                        .last_lsn = own.first_lsn + 2,
                        .own = &own,
                        .own_n = 1,
                        .complete = true};
  assert_int_equal (outbox_down (e->o, &d, (wall_t){1}, &fail), ERR_OK);
  e->centre->lsn = d.last_lsn;
  set (e, "A-3", "note=sai");
  const present_t three = present (e, "A-3");
  assert_int_equal (fake_centre_refuse (e->centre, e->o, three.row.version, three.row.ref.id, STR ("A-3"),
                                        STR ("bad_code"), &fail),
                    ERR_OK);
  assert_int_equal (facts_of (e->o).pending, 0);
  assert_int_equal (acked_place (e), 4); /* as what is said of each update has it */
  assert_int_equal (refused_n (e), 1);
  do_fork (e, 1);
  assert_int_equal (check_stream (e, left, 1), 3);
  const facts_t f = facts_of (e->o);
  assert_int_equal (f.acked, 0);
  assert_int_equal (f.pending, 3);
  assert_int_equal (refused_n (e), 0);
  set (e, "A-2", "note=mới");
  assert_int_equal (facts_of (e->o).pending, 4);
  check_book (e);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (test_bases, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (test_places, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (test_impossible, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (test_undo, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (test_refusals, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (test_twin, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (test_said, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (test_told_and_lost, office_set_up, office_tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
