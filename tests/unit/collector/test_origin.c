/* A stream that begins: it is taken when it left one of the same agent, at a place of our history; people are
 * told what that means, until they confirm. */
#include "tests/unit/collector/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/ledger/epochs.h"
#include "common/crypto/crypto.h"

#define OFFICE 10u

typedef struct {
  ledger_t *l;
  peer_t *p, *child, *other;
} centre_t;

static int
set_up (void **state)
{
  centre_t *c = calloc (1, sizeof *c);
  assert_non_null (c);
  c->l = fixture_ledger ();
  c->p = calloc (1, sizeof *c->p);
  c->child = calloc (1, sizeof *c->child);
  c->other = calloc (1, sizeof *c->other);
  assert_true (c->p != NULL && c->child != NULL && c->other != NULL);
  peer_open (c->p, c->l, OFFICE, ROLE_OFFICE);
  *state = c;
  return 0;
}

static int
tear_down (void **state)
{
  centre_t *c = *state;
  buf_t things = BUF_INIT;
  const uint64_t n = fixture_verify (c->l, &things);
  if (n != 0)
    fail_msg ("verify: %s", buf_z (&things));
  buf_free (&things);
  peer_t *peers[] = {c->p, c->child, c->other};
  for (size_t i = 0; i < 3; i++) {
    peer_close (peers[i]);
    free (peers[i]);
  }
  ledger_close (&c->l);
  free (c);
  return 0;
}

static void
enter (peer_t *p, unsigned n)
{
  update_t u = scheme_update (OFFICE, n, STATUS_APPROVED, 100, (version_t){.seq = 0});
  peer_add (p, &u);
}

static sent_t
send_all (const centre_t *c, peer_t *p)
{
  return peer_send (p, c->l, cursor_of (c->l, p->store) + 1, p->seq);
}

static void
taken (const centre_t *c, peer_t *p)
{
  const sent_t s = send_all (c, p);
  assert_int_equal (s.err, ERR_OK);
  assert_false (s.item.forged || s.item.restated);
  assert_int_equal (s.item.cursor, p->seq);
}

typedef struct {
  uint32_t serial;
  agent_state_t state;
  char name[32];
} sought_t;

static err_t
find (void *ctx, const agent_row_t *a, const contact_t *c)
{
  sought_t *s = ctx;
  (void)c;
  if (a->serial == s->serial) {
    s->state = a->state;
    snprintf (s->name, sizeof s->name, "%.*s", STR_ARG (a->name));
  }
  return ERR_OK;
}

static sought_t
agent (const centre_t *c)
{
  kv_txn_t *txn = NULL;
  sought_t s = {.serial = c->p->serial};
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (roster_agents (c->l, txn, find, &s), ERR_OK);
  kv_abort (&txn);
  return s;
}

static void
confirm (const centre_t *c)
{
  bool changed = false;
  fail_t fail = {0};
  const sought_t s = agent (c);
  assert_int_equal (
      roster_confirm (c->l, str_of (s.name), STR ("called"), STR ("Lan"), fixture_now, &changed, &fail),
      ERR_OK);
  assert_true (changed);
  assert_int_equal (agent (c).state, AGENT_ENROLLED);
}

/* The child goes on; when the stream it left does, too, there are two. */
static void
forked_then_cloned (void **state)
{
  centre_t *c = *state;
  enter (c->p, 1);
  enter (c->p, 2);
  taken (c, c->p);
  assert_int_equal (agent (c).state, AGENT_ENROLLED);
  peer_fork (c->p, 1, c->child);
  enter (c->child, 3);
  taken (c, c->child);
  assert_int_equal (agent (c).state, AGENT_FORKED);
  enter (c->child, 4);
  taken (c, c->child);
  assert_int_equal (agent (c).state, AGENT_FORKED);
  enter (c->p, 5);
  taken (c, c->p);
  assert_int_equal (agent (c).state, AGENT_CLONED);
  confirm (c);
  enter (c->child, 6);
  taken (c, c->child);
  assert_int_equal (agent (c).state, AGENT_ENROLLED); /* looked at */
}

/* A HELLO is enough; once. */
static void
noted_without_updates (void **state)
{
  centre_t *c = *state;
  enter (c->p, 1);
  taken (c, c->p);
  peer_fork (c->p, 1, c->child);
  for (int i = 0; i < 2; i++) {
    assert_int_equal (
        ledger_stream_begins (c->l, c->p->serial, c->child->store, &c->child->origin, fixture_now), ERR_OK);
    assert_int_equal (agent (c).state, i == 0 ? AGENT_FORKED : AGENT_ENROLLED);
    if (i == 0)
      confirm (c);
  }
  enter (c->child, 2);
  taken (c, c->child);
  assert_int_equal (agent (c).state, AGENT_ENROLLED);
}

static void
reinstalled (void **state)
{
  centre_t *c = *state;
  enter (c->p, 1);
  taken (c, c->p);
  peer_fork (c->p, 1, c->child);
  c->child->origin = (origin_t){.seq = 0};
  c->child->chain[0] = chain_start (c->child->store, (store_id_t){{0}}, 0, (hash_t){{0}});
  enter (c->child, 2);
  taken (c, c->child);
  assert_int_equal (agent (c).state, AGENT_REINSTALLED);
}

/* What a restored centre had before, and is given back, alarms nobody; nor does a parent that it has lost. */
static void
given_back (void **state)
{
  centre_t *c = *state;
  fail_t fail = {0};
  assert_int_equal (ledger_fork (c->l, NULL, 0, fixture_now, &fail), ERR_OK);
  enter (c->p, 1); /* is lost, or yet to come */
  peer_fork (c->p, 1, c->child);
  c->child->acked_before = 1;
  enter (c->child, 2);
  taken (c, c->child);
  assert_int_equal (agent (c).state, AGENT_ENROLLED);
}

static void
refused (const centre_t *c)
{
  const sent_t s = send_all (c, c->child);
  assert_int_equal (s.err, ERR_OK);
  assert_true (s.item.forged);
  assert_int_equal (agent (c).state, AGENT_ENROLLED);
  assert_int_equal (
      ledger_stream_begins (c->l, c->child->serial, c->child->store, &c->child->origin, fixture_now), ERR_OK);
  assert_int_equal (agent (c).state, AGENT_ENROLLED);
  assert_int_equal (cursor_of (c->l, c->child->store), 0);
}

static void
not_a_child_of_that (void **state)
{
  centre_t *c = *state;
  enter (c->p, 1);
  taken (c, c->p);
  peer_open (c->other, c->l, OFFICE, ROLE_OFFICE);
  enter (c->other, 7);
  taken (c, c->other);
  peer_fork (c->other, 1, c->child); /* of another agent's stream */
  c->child->serial = c->p->serial;
  c->child->sign = c->p->sign;
  c->child->secret = c->p->secret;
  enter (c->child, 2);
  refused (c);
  peer_close (c->child);
  peer_fork (c->p, 1, c->child); /* at a place that was otherwise */
  c->child->origin.hash.b[0] ^= 1;
  c->child->chain[0] = chain_start (c->child->store, c->p->store, 1, c->child->origin.hash);
  enter (c->child, 3);
  refused (c);
}

/* Copies that only connect: each start counts on, and who comes with less has an old copy, or a twin. */
static void
idle_copies (void **state)
{
  static const struct {
    unsigned store;
    uint64_t boot;
    bool confirmed; /* before it */
    agent_state_t becomes;
  } rows[] = {
      {0, 0x10007, false, AGENT_ENROLLED},
      {0, 0x10007, false, AGENT_ENROLLED}, /* a line that was cut */
      {0, 0x20001, false, AGENT_ENROLLED},
      {0, 0x30009, false, AGENT_ENROLLED},
      {0, 0x20044, false, AGENT_FORKED}, /* the other of two, or an old one put back */
      {0, 0x20044, false, AGENT_FORKED},
      {0, 0x30003, false, AGENT_FORKED}, /* which goes on */
      {0, 0x40001, true, AGENT_ENROLLED},
      {0, 0x40000, false, AGENT_FORKED}, /* as often, and not the same start */
      {0, 0x50000, false, AGENT_FORKED}, /* the first one again */
      {0, 0x41000, false, AGENT_CLONED}, /* and the second: both live */
      {0, 0x60000, false, AGENT_CLONED},
      {1, 0x10000, true, AGENT_ENROLLED}, /* of a store of its own nothing is known */
      {1, 0x20000, false, AGENT_ENROLLED},
      {0, 0x10000, false, AGENT_ENROLLED}, /* of the one before nothing any more */
      {0, 3, false, AGENT_FORKED},         /* a program that counts by ones */
      {0, 4, true, AGENT_ENROLLED},
      {0, 0x10000, false, AGENT_ENROLLED},
  };
  centre_t *c = *state;
  const store_id_t stores[] = {c->p->store, {{7}}};
  kv_txn_t *txn = NULL;
  position_t before, after;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (rows[i].confirmed)
      confirm (c);
    assert_int_equal (
        ledger_store_started (c->l, c->p->serial, stores[rows[i].store], rows[i].boot, fixture_now), ERR_OK);
    if (agent (c).state != rows[i].becomes)
      fail_msg ("row %zu: state %d", i, (int)agent (c).state);
  }
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (ledger_end (c->l, txn, &before, NULL), ERR_OK);
  kv_abort (&txn);
  assert_int_equal (ledger_store_started (c->l, c->p->serial, stores[0], 0x10000, fixture_now), ERR_OK);
  assert_int_equal (ledger_store_started (c->l, 999, stores[0], 5, fixture_now), ERR_OK); /* nobody */
  assert_int_equal (ledger_store_started (c->l, 999, stores[0], 4, fixture_now), ERR_OK);
  assert_int_equal (kv_begin (ledger_kv (c->l), false, &txn), ERR_OK);
  assert_int_equal (ledger_end (c->l, txn, &after, NULL), ERR_OK);
  kv_abort (&txn);
  assert_int_equal (before.lsn, after.lsn);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (forked_then_cloned, set_up, tear_down),
      cmocka_unit_test_setup_teardown (noted_without_updates, set_up, tear_down),
      cmocka_unit_test_setup_teardown (idle_copies, set_up, tear_down),
      cmocka_unit_test_setup_teardown (reinstalled, set_up, tear_down),
      cmocka_unit_test_setup_teardown (given_back, set_up, tear_down),
      cmocka_unit_test_setup_teardown (not_a_child_of_that, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
