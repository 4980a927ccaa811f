/* The agent's machine where the centre holds something else under our name. */
#include "tests/unit/core/agent_play.h"

/* MESSAGING 4.2: what the store has, what the centre has, and up to where they are the same; what comes of
 * it. Each question is answered as the centre would. */
static void
a_store_that_does_not_fit_leaves_its_stream (void **state)
{
  static const struct {
    uint64_t last, acked, cursor, common;
    const char *comes;
  } rows[] = {
      {5, 5, 9, 5, "fork-5-older"},    /* an old copy of itself, all of it acknowledged */
      {8, 5, 9, 8, "fork-8-older"},    /* what the copy still waited with had arrived */
      {8, 5, 12, 6, "fork-6-older"},   /* and it was written on */
      {1, 0, 1000, 1, "fork-1-older"}, /* a copy of its first day */
      {3, 0, 7, 0, "fork-0-older"},    /* nothing is common */
      {0, 0, 7, 0, "fork-0-older"},    /* there is nothing at all */
      {9, 5, 7, 5, "fork-5"},          /* a twin wrote 6 and 7 */
      {9, 5, 9, 8, "fork-8"},          /* only the last differs */
      {900, 5, 900, 513, "fork-513"},  /* halving finds it */
      {900, 5, 901, 900, "fork-900-older"},
      {9, 5, 7, 2, "fork-2"}, /* not even what was acknowledged is the same */
      {9, 5, 5, 0, "fork-0"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const uint64_t common = rows[i].common;
    play_t *p = begin (true);
    HAPPENS (.type = AGENT_E_START);
    give_facts (p, rows[i].last, rows[i].acked);
    HAPPENS (.type = AGENT_E_LINE_UP);
    welcome (p, rows[i].cursor, rows[i].acked <= common);
    int questions = 0;
    while (p->did.at[p->did.n - 1].type != AGENT_DO_FORK) {
      const agent_effect_t did = p->did.at[p->did.n - 1];
      if (did.type == AGENT_DO_CHECK_CURSOR) {
        HAPPENS (.type = AGENT_E_CURSOR_CHECKED, .u.fits = did.u.cursor.cursor <= common);
        continue;
      }
      assert_int_equal (did.type, AGENT_DO_PROBE);
      HAPPENS (.type = AGENT_E_PROBED, .u.hash = {{(uint8_t)did.u.seq}});
      DID ("send-3");
      const msg_hello_t *h = &p->did.at[0].u.message->u.hello;
      assert_int_equal (h->streams[0].last_acked, did.u.seq);
      assert_int_equal (h->streams[0].hash_at_acked.b[0], (uint8_t)did.u.seq);
      assert_int_equal (h->down_credit, 0);
      welcome_to (p, rows[i].cursor, did.u.seq > common, did.u.seq + 1); /* an earlier one that comes twice */
      DID ("");
      welcome_to (p, rows[i].cursor, did.u.seq <= common, questions % 2 ? did.u.seq : 0);
      assert_true (++questions < 12);
    }
    assert_int_equal (agent_session_state (p->s), AGENT_FORKING);
    char got[64];
    snprintf (got, sizeof got, "%s", effect_name (&p->did.at[p->did.n - 1]));
    if (strcmp (got, rows[i].comes) != 0)
      fail_msg ("row %zu: %s, expected %s", i, got, rows[i].comes);
    end (p);
  }
}

/* The same store with a higher boot, however often, is nothing but a reconnect. */
static void
a_reconnect_is_no_clone (void **state)
{
  (void)state;
  play_t *p = live (9, 7, 7);
  for (uint64_t boot = 2; boot < 5; boot++) {
    HAPPENS (.type = AGENT_E_LINE_DOWN, .u.reason = SESSION_CUT);
    p->now = agent_session_deadline (p->s).ms;
    HAPPENS (.type = AGENT_E_TICK);
    give_facts (p, 9, 7);
    p->facts.boot = boot;
    HAPPENS (.type = AGENT_E_FACTS, .u.facts = &p->facts);
    HAPPENS (.type = AGENT_E_LINE_UP);
    welcome (p, 7, true);
    DID ("clock check");
    HAPPENS (.type = AGENT_E_CURSOR_CHECKED, .u.fits = true);
    assert_int_equal (agent_session_state (p->s), AGENT_LIVE);
  }
  end (p);
}

/* A store that leaves its stream at 5. */
static play_t *
forking (void)
{
  play_t *p = begin (true);
  HAPPENS (.type = AGENT_E_START);
  give_facts (p, 5, 5);
  HAPPENS (.type = AGENT_E_ROUND_WANTED, .u.round = 1);
  HAPPENS (.type = AGENT_E_LINE_UP);
  welcome (p, 9, true);
  DID ("clock fork-5-older");
  return p;
}

static void
fork_now (play_t *p, uint64_t last)
{
  p->facts.stream =
      (stream_state_t){.store = {{8}}, .parent_store = {{9}}, .parent_seq = 5, .last_seq = last};
  p->facts.others[0] = (stream_state_t){.store = {{9}}, .last_seq = 5, .last_acked = 5};
  p->facts.others_n = 1;
  HAPPENS (.type = AGENT_E_FACTS, .u.facts = &p->facts);
  HAPPENS (.type = AGENT_E_FORKED, .u.stored.ok = true);
}

/* The new stream is begun on the same line: HELLO names parent and place, the round goes on in it. */
static void
a_new_stream_is_begun_on_the_same_line (void **state)
{
  (void)state;
  play_t *p = forking ();
  fork_now (p, 2);
  DID ("send-3");
  const msg_hello_t *h = &p->did.at[0].u.message->u.hello;
  assert_int_equal (h->streams_n, 2);
  assert_int_equal (h->streams[0].store.b[0], 8);
  assert_int_equal (h->streams[0].parent_store.b[0], 9);
  assert_int_equal (h->streams[0].parent_seq, 5);
  assert_int_equal (h->streams[1].last_seq, 5);
  assert_int_equal (h->down_credit, DOWN_CREDIT_BYTES);
  welcome (p, 9, true); /* of the stream it left: the new one is not there yet */
  DID ("clock tell- chunk-1");
  sent (p, 2, 500);
  message_t m = {.type = MSG_ACK};
  m.u.ack = (msg_ack_t){.token = TOKEN, .store = {{8}}, .seq = 2};
  say (p, m);
  DID ("ack-2 send-9"); /* and asks for the end of the log */
  end (p);
}

/* A new stream that does not fit either is left to people, and asked for slowly. */
static void
it_does_not_fork_twice_in_a_row (void **state)
{
  (void)state;
  play_t *p = forking ();
  fork_now (p, 2);
  stream_cursor_t c = {.store = {{8}}, .cursor = 4, .acked_fits = true};
  message_t m = {.type = MSG_WELCOME};
  m.u.welcome = (msg_welcome_t){
      .protocol = WIRE_PROTOCOL, .streams = &c, .streams_n = 1, .token = TOKEN, .credit = CREDIT_BYTES};
  say (p, m);
  DID ("clock send-12 hang-up tell-store_older");
  assert_true (agent_session_deadline (p->s).ms >= p->now + RETRY_MAX_MS / 2);
  end (p);
}

/* The store could not be written, or the line broke: the next session finds the same. */
static void
a_fork_that_failed_is_begun_again (void **state)
{
  (void)state;
  play_t *p = forking ();
  HAPPENS (.type = AGENT_E_FORKED, .u.stored.ok = false);
  DID ("hang-up tell-store");
  end (p);
  p = forking ();
  HAPPENS (.type = AGENT_E_LINE_DOWN, .u.reason = SESSION_CUT);
  DID ("hang-up tell-cut");
  HAPPENS (.type = AGENT_E_FORKED, .u.stored.ok = true); /* it was done all the same: told by the facts */
  DID ("");
  p->now = agent_session_deadline (p->s).ms;
  HAPPENS (.type = AGENT_E_TICK);
  HAPPENS (.type = AGENT_E_LINE_UP);
  welcome (p, 9, true);
  DID ("clock fork-5-older");
  end (p);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (a_store_that_does_not_fit_leaves_its_stream),
      cmocka_unit_test (a_reconnect_is_no_clone),
      cmocka_unit_test (a_new_stream_is_begun_on_the_same_line),
      cmocka_unit_test (it_does_not_fork_twice_in_a_row),
      cmocka_unit_test (a_fork_that_failed_is_begun_again),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
