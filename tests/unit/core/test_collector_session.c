/* The centre's machine as a play: who says what, and what is answered. */
#include "common/core/collector_session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TOKEN 77u

static collector_session_t *s;
static collector_effects_t did;
static int64_t now_ms;
static peer_kind_t peer;
static uint64_t end_lsn;

static void
step (collector_event_t e)
{
  e.now.ms = now_ms;
  e.peer = peer;
  e.end_lsn = end_lsn;
  collector_session_step (s, &e, &did);
}

static void
say (message_t m)
{
  step ((collector_event_t){.type = COLLECTOR_E_MESSAGE, .u.message = &m});
}

static void
did_at (const char *expected, int line)
{
  static const char *const names[] = {"send",   "look-up",   "enrol",   "present",
                                      "ingest", "read-down", "contact", "end"};
  char got[256] = "", one[64];
  for (size_t i = 0; i < did.n; i++) {
    const collector_effect_t *f = &did.at[i];
    snprintf (one, sizeof one, "%s%s", i > 0 ? " " : "", names[f->type]);
    if (f->type == COLLECTOR_DO_SEND)
      snprintf (one + strlen (one), sizeof one - strlen (one), "-%d", (int)f->u.message->type);
    if (f->type == COLLECTOR_DO_END)
      snprintf (one + strlen (one), sizeof one - strlen (one), "-%s", session_reason_name (f->u.reason));
    strncat (got, one, sizeof got - strlen (got) - 1);
  }
  if (strcmp (got, expected) != 0)
    fail_msg ("line %d: did \"%s\", expected \"%s\"", line, got, expected);
}
#define DID(text) did_at (text, __LINE__)

static int
begin (void **state)
{
  (void)state;
  now_ms = 0;
  peer = PEER_AGENT;
  end_lsn = 100;
  s = collector_session_new ((mono_t){0});
  return 0;
}

static int
finish (void **state)
{
  (void)state;
  collector_session_destroy (&s);
  return 0;
}

static void
go_live (void)
{
  message_t hello = {.type = MSG_HELLO};
  hello.u.hello.protocols[0] = WIRE_PROTOCOL;
  hello.u.hello.protocols_n = 1;
  hello.u.hello.down = (position_t){5, 100};
  hello.u.hello.down_credit = DOWN_CREDIT_BYTES;
  say (hello);
  DID ("look-up contact");
  msg_welcome_t w = {.token = TOKEN, .credit = CREDIT_BYTES, .end = {5, 100}};
  step ((collector_event_t){.type = COLLECTOR_E_LOOKED_UP, .u.welcome = &w});
  DID ("send-4 read-down");
  msg_down_t d = {.epoch = 5, .first_lsn = 101, .last_lsn = 100, .complete = true};
  collector_event_t e = {.type = COLLECTOR_E_DOWN_READ};
  e.u.down.down = &d;
  step (e);
  DID ("");
}

static void
chunk (size_t bytes, uint64_t token)
{
  static char body[CHUNK_MAX];
  str_t update = {body, bytes};
  message_t m = {.type = MSG_CHUNK};
  m.u.chunk = (msg_chunk_t){.token = token, .first_seq = 1, .updates = &update, .updates_n = 1};
  say (m);
}

static void
committed (size_t bytes, uint64_t cursor, bool forged)
{
  collector_event_t e = {.type = COLLECTOR_E_COMMITTED};
  e.u.committed.token = TOKEN;
  e.u.committed.cursor = cursor;
  e.u.committed.bytes = bytes;
  e.u.committed.forged = forged;
  step (e);
}

static void
an_ack_comes_with_the_commit_only (void **state)
{
  (void)state;
  go_live ();
  chunk (200, TOKEN);
  DID ("ingest");
  committed (200, 1, false);
  DID ("send-6");
  assert_int_equal (did.at[0].u.message->u.ack.seq, 1);
}

/* What waits for another PC is acknowledged as far as it was taken; the rest is sent in a later session. */
static void
what_is_awaited_ends_the_session (void **state)
{
  (void)state;
  go_live ();
  chunk (200, TOKEN);
  collector_event_t e = {.type = COLLECTOR_E_COMMITTED};
  e.u.committed.token = TOKEN;
  e.u.committed.cursor = 3;
  e.u.committed.bytes = 200;
  e.u.committed.awaited = true;
  step (e);
  DID ("send-6 send-12 end-awaited");
  assert_int_equal (did.at[0].u.message->u.ack.seq, 3);
  assert_true (str_is (did.at[1].u.message->u.bye.reason, "awaited"));
}

/* Asked for only where there is a session to ask in. */
static void
one_can_be_asked_to_sync (void **state)
{
  (void)state;
  step ((collector_event_t){.type = COLLECTOR_E_ASK});
  DID ("");
  go_live ();
  step ((collector_event_t){.type = COLLECTOR_E_ASK});
  DID ("send-21");
  assert_int_equal (did.at[0].u.message->u.sync_now.token, TOKEN);
}

static void
what_is_committed_waits_no_more (void **state)
{
  (void)state;
  go_live ();
  message_t m = {.type = MSG_PING};
  m.u.ping = (msg_ping_t){.token = TOKEN, .last_acked = 4, .pending = 3, .oldest = {77}};
  say (m);
  chunk (200, TOKEN);
  committed (200, 6, false);
  DID ("send-6 contact");
  assert_int_equal (collector_session_contact (s)->backlog, 1);
  assert_int_equal (collector_session_contact (s)->oldest_unsent.ms, 77);
  chunk (200, TOKEN);
  committed (200, 8, false); /* and one more than it had when it said so */
  assert_int_equal (collector_session_contact (s)->backlog, 0);
  assert_int_equal (collector_session_contact (s)->oldest_unsent.ms, 0);
}

static void
an_old_token_does_nothing (void **state)
{
  (void)state;
  go_live ();
  chunk (200, TOKEN + 1);
  DID ("");
  collector_event_t e = {.type = COLLECTOR_E_COMMITTED};
  e.u.committed.token = TOKEN + 1;
  step (e);
  DID ("");
}

static void
a_chunk_without_hello_does_nothing (void **state)
{
  (void)state;
  chunk (200, 0);
  DID ("");
}

static void
who_passes_its_credit_is_out (void **state)
{
  (void)state;
  go_live ();
  for (unsigned i = 0; i < CREDIT_BYTES / CHUNK_MAX + 1; i++) {
    chunk (CHUNK_MAX, TOKEN);
    DID ("ingest");
  }
  chunk (CHUNK_MAX, TOKEN);
  DID ("send-12 end-credit");
  chunk (10, TOKEN);
  DID ("");
}

static void
many_tiny_chunks_are_bounded (void **state)
{
  (void)state;
  go_live ();
  for (unsigned i = 0; i < CHUNKS_IN_HAND_MAX; i++)
    chunk (1, TOKEN);
  DID ("ingest");
  chunk (1, TOKEN);
  DID ("send-12 end-credit");
}

static void
a_forged_chunk_ends_the_session (void **state)
{
  (void)state;
  go_live ();
  chunk (200, TOKEN);
  committed (200, 0, true);
  DID ("send-12 end-forged");
}

static void
who_may_say_what (void **state)
{
  (void)state;
  static const struct {
    peer_kind_t peer;
    message_type_t type;
    const char *did;
  } rows[] = {
      {PEER_STRANGER, MSG_HELLO, "send-12 end-key_refused"},
      {PEER_REVOKED, MSG_HELLO, "send-12 end-revoked"},
      {PEER_REVOKED, MSG_CHUNK, "send-12 end-revoked"},
      {PEER_INVITE, MSG_HELLO, "send-12 end-not_admitted"},
      {PEER_INVITE, MSG_CHUNK, "send-12 end-not_admitted"},
      {PEER_INVITE, MSG_ENROL, "enrol"},
      {PEER_REENTRY, MSG_HELLO, "send-12 end-not_admitted"},
      {PEER_REENTRY, MSG_CHUNK, "send-12 end-not_admitted"},
      {PEER_REENTRY, MSG_PRESENT, "present"},
      {PEER_AGENT, MSG_ENROL, "enrol"}, /* a repeat: the answer was lost */
      {PEER_AGENT, MSG_PING, ""},
      {PEER_AGENT, MSG_HELLO, "send-12 end-version"}, /* one without a protocol */
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    finish (state);
    begin (state);
    peer = rows[i].peer;
    say ((message_t){.type = rows[i].type});
    did_at (rows[i].did, (int)i);
  }
}

static void
a_revocation_reaches_a_standing_session (void **state)
{
  (void)state;
  go_live ();
  peer = PEER_REVOKED;
  chunk (200, TOKEN);
  DID ("send-12 end-revoked");
  finish (state);
  begin (state);
  go_live ();
  step ((collector_event_t){.type = COLLECTOR_E_REVOKED}); /* and one that says nothing */
  DID ("send-12 end-revoked");
}

static void
what_only_the_centre_says_is_malformed (void **state)
{
  (void)state;
  go_live ();
  say ((message_t){.type = MSG_ACK});
  DID ("send-12 end-malformed");
}

static void
a_bad_frame_ends_it (void **state)
{
  (void)state;
  step ((collector_event_t){.type = COLLECTOR_E_BAD_FRAME, .u.reason = SESSION_MALFORMED});
  DID ("send-12 end-malformed");
  assert_int_equal (collector_session_state (s), COLLECTOR_ENDED);
}

static void
a_ping_with_a_nonce_moves_the_cursor (void **state)
{
  (void)state;
  go_live ();
  end_lsn = 130;
  message_t ping = {.type = MSG_PING};
  ping.u.ping = (msg_ping_t){.token = TOKEN, .nonce = 3};
  say (ping);
  DID ("send-10 contact read-down");
  assert_int_equal (did.at[0].u.message->u.pong.lsn, 130);
  msg_down_t d = {.epoch = 5, .first_lsn = 101, .last_lsn = 130, .complete = true};
  collector_event_t e = {.type = COLLECTOR_E_DOWN_READ};
  e.u.down.down = &d;
  step (e);
  DID ("send-7");
  ping.u.ping.nonce = 0; /* a mere sign of life is worth no empty DOWN */
  end_lsn = 140;
  say (ping);
  DID ("send-10 contact");
}

static void
silence_and_a_newer_session_end_it (void **state)
{
  (void)state;
  go_live ();
  now_ms = SILENT_AFTER_MS;
  step ((collector_event_t){.type = COLLECTOR_E_TICK});
  DID ("end-silent");
  finish (state);
  begin (state);
  go_live ();
  step ((collector_event_t){.type = COLLECTOR_E_SUPERSEDED});
  DID ("send-12 end-superseded");
}

static void
busy_is_said_to_who_waits_only (void **state)
{
  (void)state;
  go_live ();
  step ((collector_event_t){.type = COLLECTOR_E_BUSY, .u.retry_after_ms = 1000});
  DID ("");
  chunk (200, TOKEN);
  step ((collector_event_t){.type = COLLECTOR_E_BUSY, .u.retry_after_ms = 1000});
  DID ("send-11");
  step ((collector_event_t){.type = COLLECTOR_E_BUSY, .u.retry_after_ms = 1000});
  DID ("");
}

/* A read that failed is wanted still, without news: who waits for it has no other way to hear of it. */
static void
a_failed_read_is_tried_again (void **state)
{
  (void)state;
  go_live ();
  end_lsn = 101;
  step ((collector_event_t){.type = COLLECTOR_E_NEWS});
  DID ("read-down");
  step ((collector_event_t){.type = COLLECTOR_E_FAILED});
  DID ("");
  step ((collector_event_t){.type = COLLECTOR_E_TICK});
  DID ("read-down");
  step ((collector_event_t){.type = COLLECTOR_E_TICK});
  DID (""); /* while it is being read */
  const centre_entry_t entry = {101, STR ("a decision")};
  msg_down_t d = {
      .epoch = 5, .first_lsn = 101, .last_lsn = 101, .centre = &entry, .centre_n = 1, .complete = true};
  collector_event_t e = {.type = COLLECTOR_E_DOWN_READ};
  e.u.down.down = &d;
  step (e);
  DID ("send-7");
  step ((collector_event_t){.type = COLLECTOR_E_TICK});
  DID ("");
}

int
main (void)
{
#define TEST(f) cmocka_unit_test_setup_teardown (f, begin, finish)
  const struct CMUnitTest tests[] = {
      TEST (an_ack_comes_with_the_commit_only),
      TEST (one_can_be_asked_to_sync),
      TEST (a_failed_read_is_tried_again),
      TEST (what_is_awaited_ends_the_session),
      TEST (what_is_committed_waits_no_more),
      TEST (an_old_token_does_nothing),
      TEST (a_chunk_without_hello_does_nothing),
      TEST (who_passes_its_credit_is_out),
      TEST (many_tiny_chunks_are_bounded),
      TEST (a_forged_chunk_ends_the_session),
      TEST (who_may_say_what),
      TEST (a_revocation_reaches_a_standing_session),
      TEST (what_only_the_centre_says_is_malformed),
      TEST (a_bad_frame_ends_it),
      TEST (a_ping_with_a_nonce_moves_the_cursor),
      TEST (silence_and_a_newer_session_end_it),
      TEST (busy_is_said_to_who_waits_only),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
