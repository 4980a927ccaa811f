/* test_parked_chain.c - what an author writes on its own parked side is judged by that side, which is what it
 * saw, and merged against what both sides go back to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/ledger/conflicts.h"
#include "tests/unit/collector/fixture.h"

#define AN_NHON 10u

typedef struct {
  ledger_t *l;
  peer_t one, other; /* two PCs of an office */
  update_t first;    /* what both have heard */
} world_t;

static int
set_up (void **state)
{
  world_t *w = calloc (1, sizeof *w);
  w->l = fixture_ledger ();
  peer_open (&w->one, w->l, AN_NHON, ROLE_OFFICE);
  peer_open (&w->other, w->l, AN_NHON, ROLE_OFFICE);
  *state = w;
  return 0;
}

static int
tear_down (void **state)
{
  world_t *w = *state;
  buf_t things = BUF_INIT;
  const uint64_t findings = fixture_verify (w->l, &things);
  if (findings != 0)
    print_error ("%s", buf_z (&things));
  buf_free (&things);
  peer_close (&w->one);
  peer_close (&w->other);
  ledger_close (&w->l);
  free (w);
  return findings == 0 ? 0 : -1;
}

static const char *
send (world_t *w, peer_t *p, update_t *u)
{
  const uint64_t seq = peer_add (p, u);
  assert_int_equal (peer_send (p, w->l, seq, seq).err, ERR_OK);
  return verdict_of (w->l, p, seq);
}

static uint64_t
parked_now (world_t *w)
{
  kv_txn_t *txn = NULL;
  uint64_t n;
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  assert_int_equal (conflicts_count (txn, UINT64_MAX, &n), ERR_OK);
  kv_abort (&txn);
  return n;
}

static update_t
edit (const update_t *of, const char *note)
{
  update_t u = *of;
  u.base = of->version;
  u.operation = OP_PUT;
  u.record.u.scheme.note = str_of (note);
  return u;
}

/* Brought back on both PCs: the one that is parked withdraws it again, which takes its side back. */
static void
test_withdrawn_again (void **state)
{
  world_t *w = *state;
  w->first = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5, (version_t){.seq = 0});
  assert_string_equal (send (w, &w->one, &w->first), "");
  update_t gone = edit (&w->first, NULL);
  gone.operation = OP_WITHDRAW;
  assert_string_equal (send (w, &w->one, &gone), "");
  update_t theirs = edit (&gone, "một"), ours = edit (&gone, "hai");
  assert_string_equal (send (w, &w->other, &theirs), "");
  assert_string_equal (send (w, &w->one, &ours), "parked");
  update_t again = edit (&ours, "hai");
  again.operation = OP_WITHDRAW;
  assert_string_equal (send (w, &w->one, &again), "parked"); /* its note and theirs are still two */
  assert_int_equal (parked_now (w), 1);
  update_t as_it_was = edit (&again, NULL);
  assert_string_equal (send (w, &w->one, &as_it_was), "merged");
  assert_int_equal (parked_now (w), 0);
}

/* The reason for leaving a state was given with the side that is parked: the next step needs none. */
static void
test_reason_given_before (void **state)
{
  world_t *w = *state;
  w->first = scheme_update (AN_NHON, 1, STATUS_REJECTED, 5, (version_t){.seq = 0});
  assert_string_equal (send (w, &w->one, &w->first), "");
  update_t theirs = edit (&w->first, "một"), ours = edit (&w->first, "hai");
  ours.record.u.scheme.status = STATUS_APPROVED;
  ours.record.u.scheme.funding[0].approved_vnd = (opt_i64_t){true, 5};
  assert_string_equal (send (w, &w->other, &theirs), "");
  assert_string_equal (send (w, &w->one, &ours), "parked");
  update_t on = edit (&ours, "hai");
  on.record.u.scheme.status = STATUS_RUNNING;
  on.comment = STR_NONE;
  assert_string_equal (send (w, &w->one, &on), "parked");
  assert_int_equal (parked_now (w), 1);
}

/* What the author itself would have been refused still is. */
static void
test_still_refused (void **state)
{
  world_t *w = *state;
  w->first = scheme_update (AN_NHON, 1, STATUS_RUNNING, 5, (version_t){.seq = 0});
  assert_string_equal (send (w, &w->one, &w->first), "");
  update_t theirs = edit (&w->first, "một"), ours = edit (&w->first, "hai");
  ours.record.u.scheme.status = STATUS_REJECTED;
  assert_string_equal (send (w, &w->other, &theirs), "");
  assert_string_equal (send (w, &w->one, &ours), "parked");
  update_t back = edit (&ours, "hai");
  back.record.u.scheme.status = STATUS_RUNNING;
  back.comment = STR_NONE;
  assert_string_equal (send (w, &w->one, &back), "move_needs_reason");
  assert_int_equal (parked_now (w), 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (test_withdrawn_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_reason_given_before, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_still_refused, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
