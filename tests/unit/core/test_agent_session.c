/* The agent's machine as a play: what happens, and what it does. No socket, no store, no clock. What it does
 * with a stream that does not fit is in test_agent_fork.c. */
#include "tests/unit/core/agent_play.h"

/* Where the centre is from now on is taken before the session goes on. */
static void
a_welcome_may_name_addresses (void **state)
{
  (void)state;
  play_t *p = begin (true);
  HAPPENS (.type = AGENT_E_START);
  give_facts (p, 3, 2);
  HAPPENS (.type = AGENT_E_LINE_UP);
  stream_cursor_t c = {.store = {{9}}, .cursor = 2, .acked_fits = true};
  message_t m = {.type = MSG_WELCOME};
  m.u.welcome = (msg_welcome_t){.protocol = WIRE_PROTOCOL,
                                .streams = &c,
                                .streams_n = 1,
                                .token = TOKEN,
                                .addresses = {STR ("tcp://new:1")},
                                .addresses_n = 1,
                                .end = {5, 100}};
  say (p, m);
  DID ("clock addresses check");
  end (p);
}

/* New keys: a line of their own, by the keys we have; by the new ones where those are let in no more, since
 * the answer may have been lost. */
static void
new_keys_are_registered_first (void **state)
{
  (void)state;
  play_t *p = live (3, 3, 3);
  p->facts.rekey = true;
  HAPPENS (.type = AGENT_E_FACTS, .u.facts = &p->facts);
  DID ("send-12 hang-up dial");
  HAPPENS (.type = AGENT_E_LINE_UP);
  DID ("enrol");
  HAPPENS (.type = AGENT_E_LINE_DOWN, .u.reason = SESSION_CUT);
  DID ("hang-up tell-cut");
  p->now += RETRY_MAX_MS;
  HAPPENS (.type = AGENT_E_TICK);
  DID ("dial");
  HAPPENS (.type = AGENT_E_LINE_REFUSED);
  DID ("hang-up dial-next");
  HAPPENS (.type = AGENT_E_LINE_UP);
  DID ("enrol");
  message_t m = {.type = MSG_ENROLLED};
  say (p, m);
  DID ("store-enrol");
  p->facts.rekey = false;
  HAPPENS (.type = AGENT_E_FACTS, .u.facts = &p->facts);
  HAPPENS (.type = AGENT_E_ENROL_STORED, .u.stored.ok = true);
  DID ("hang-up dial");
  HAPPENS (.type = AGENT_E_LINE_UP);
  DID ("send-3");
  end (p);
}

/* What the centre does not take is dropped, and ours are good as before. */
static void
new_keys_may_be_refused (void **state)
{
  (void)state;
  play_t *p = begin (true);
  p->facts.rekey = true;
  p->facts.reentry = true;
  HAPPENS (.type = AGENT_E_FACTS, .u.facts = &p->facts);
  HAPPENS (.type = AGENT_E_START);
  HAPPENS (.type = AGENT_E_LINE_REFUSED);
  DID ("hang-up dial-next");
  HAPPENS (.type = AGENT_E_LINE_REFUSED);
  DID ("hang-up dial-reentry");
  HAPPENS (.type = AGENT_E_LINE_UP);
  DID ("present");
  message_t m = {.type = MSG_READMITTED};
  m.u.readmitted.admitted = true;
  say (p, m);
  DID ("hang-up dial");
  HAPPENS (.type = AGENT_E_LINE_UP);
  DID ("enrol");
  m = (message_t){.type = MSG_ENROLLED, .u.enrolled.refusal = STR ("unknown")};
  say (p, m);
  DID ("drop-keys hang-up tell-not_admitted");
  end (p);
}

/* Asked by the centre, a round gets its number from the store as one that a person wants. */
static void
the_centre_may_ask_for_a_round (void **state)
{
  (void)state;
  play_t *p = live (3, 3, 3);
  message_t m = {.type = MSG_SYNC_NOW, .u.sync_now.token = TOKEN + 1};
  say (p, m);
  DID ("");
  m.u.sync_now.token = TOKEN;
  say (p, m);
  DID ("want-round");
  HAPPENS (.type = AGENT_E_ROUND_WANTED, .u.round = 1);
  DID ("send-9");
  end (p);
}

/* The centre was restored: it has less of one of its own streams than we hold, and of ours. */
static void
what_a_centre_lost_of_its_own_goes_first (void **state)
{
  (void)state;
  const store_id_t lost = {{3}}, whole = {{4}};
  play_t *p = begin (true);
  HAPPENS (.type = AGENT_E_START);
  p->facts = (agent_facts_t){.others_n = 2};
  p->facts.stream = (stream_state_t){.store = {{9}}, .last_seq = 7, .last_acked = 5};
  p->facts.others[0] = (stream_state_t){.store = lost, .last_seq = 8, .centre = true};
  p->facts.others[1] = (stream_state_t){.store = whole, .last_seq = 3, .centre = true};
  HAPPENS (.type = AGENT_E_FACTS, .u.facts = &p->facts);
  HAPPENS (.type = AGENT_E_LINE_UP);
  assert_int_equal (p->did.n, 1);
  const msg_hello_t *h = &p->did.at[0].u.message->u.hello;
  assert_int_equal (h->streams_n, 3);
  assert_true (h->streams[1].centre && store_id_eq (h->streams[1].store, lost));
  const stream_cursor_t cursors[] = {
      {.store = {{9}}, .cursor = 2}, {.store = lost, .cursor = 4}, {.store = whole, .cursor = 3}};
  message_t m = {.type = MSG_WELCOME};
  m.u.welcome = (msg_welcome_t){.protocol = WIRE_PROTOCOL,
                                .streams = cursors,
                                .streams_n = 3,
                                .token = TOKEN,
                                .credit = CREDIT_BYTES,
                                .end = {5, 100}};
  say (p, m);
  HAPPENS (.type = AGENT_E_CURSOR_CHECKED, .u.fits = true);
  DID ("tell- refill-5");
  HAPPENS (.type = AGENT_E_REFILL_SENT, .u.chunk.last_seq = 6);
  DID ("");
  HAPPENS (.type = AGENT_E_ROUND_WANTED, .u.round = 1);
  DID ("");
  m = (message_t){.type = MSG_ACK};
  m.u.ack = (msg_ack_t){.token = TOKEN, .store = lost, .seq = 6};
  say (p, m);
  DID ("refill-7");
  HAPPENS (.type = AGENT_E_REFILL_SENT, .u.chunk.last_seq = 8);
  m.u.ack.seq = 8;
  say (p, m);
  DID ("chunk-3");
  end (p);
}

/* Its key refused, an agent shows its certificate, once, and comes in with its own key. */
static void
a_centre_that_forgot_us (void **state)
{
  (void)state;
  message_t m = {.type = MSG_READMITTED};
  play_t *p = begin (true);
  HAPPENS (.type = AGENT_E_START);
  DID ("dial");
  p->facts = (agent_facts_t){.reentry = true};
  HAPPENS (.type = AGENT_E_FACTS, .u.facts = &p->facts);
  HAPPENS (.type = AGENT_E_LINE_REFUSED);
  DID ("hang-up dial-reentry");
  HAPPENS (.type = AGENT_E_LINE_UP);
  DID ("present");
  m.u.readmitted.nonce.b[5] = 1;
  say (p, m);
  DID ("present-signed");
  m.u.readmitted = (msg_readmitted_t){.admitted = true};
  say (p, m);
  DID ("hang-up dial");
  assert_true (p->did.at[1].u.dial.own_key);
  HAPPENS (.type = AGENT_E_LINE_REFUSED); /* all the same: not again at once */
  DID ("hang-up tell-key_refused");
  end (p);

  p = begin (true);
  HAPPENS (.type = AGENT_E_START);
  p->facts = (agent_facts_t){.reentry = true};
  HAPPENS (.type = AGENT_E_FACTS, .u.facts = &p->facts);
  HAPPENS (.type = AGENT_E_LINE_REFUSED);
  HAPPENS (.type = AGENT_E_LINE_UP);
  m.u.readmitted = (msg_readmitted_t){.refusal = STR ("revoked")};
  say (p, m);
  DID ("hang-up tell-revoked");
  end (p);
}

static void
normal_resume_sends_behind_the_cursor (void **state)
{
  (void)state;
  play_t *p = live (10, 4, 6);
  DID ("tell- ack-6 chunk-7");
  sent (p, 10, 5000);
  DID ("");
  ack (p, 10, false, TOKEN);
  DID ("ack-10");
  give_facts (p, 11, 10);
  DID ("chunk-11");
  end (p);
}

static void
a_restored_centre_is_refilled (void **state)
{
  (void)state;
  play_t *p = live (10, 8, 3);
  DID ("tell- chunk-4");
  end (p);
}

static void
an_ack_of_another_token_does_nothing (void **state)
{
  (void)state;
  play_t *p = live (3, 0, 0);
  DID ("clock tell- chunk-1");
  sent (p, 3, 900);
  ack (p, 3, false, TOKEN - 1);
  DID ("");
  ack (p, 3, false, TOKEN);
  DID ("ack-3");
  end (p);
}

static void
an_ack_beyond_what_was_sent_ends_the_session (void **state)
{
  (void)state;
  play_t *p = live (3, 0, 0);
  sent (p, 2, 600);
  ack (p, 3, false, TOKEN);
  DID ("send-12 hang-up tell-malformed");
  end (p);
}

static void
a_restated_cursor_starts_over_through_the_back_off (void **state)
{
  (void)state;
  play_t *p = live (3, 0, 0);
  sent (p, 3, 900);
  ack (p, 1, true, TOKEN);
  DID ("send-12 hang-up tell-restated");
  assert_true (agent_session_deadline (p->s).ms > p->now);
  end (p);
}

/* A centre that waits for another PC is asked again every few seconds, however long that takes. */
static void
an_awaited_session_comes_back_soon (void **state)
{
  (void)state;
  play_t *p = live (3, 0, 0);
  for (unsigned i = 0; i < 20; i++) {
    message_t m = {.type = MSG_BYE};
    m.u.bye = (msg_bye_t){.token = TOKEN, .reason = STR ("awaited")};
    say (p, m);
    DID ("hang-up tell-awaited");
    assert_true (agent_session_deadline (p->s).ms - p->now <= 32 * RETRY_MIN_MS);
    p->now = agent_session_deadline (p->s).ms;
    HAPPENS (.type = AGENT_E_TICK);
    HAPPENS (.type = AGENT_E_LINE_UP);
    welcome (p, 0, true);
  }
  end (p);
}

static void
credit_bounds_what_is_in_flight (void **state)
{
  (void)state;
  play_t *p = live (1000000, 0, 0);
  size_t flight = 0;
  uint64_t seq = 0;
  while (p->did.n > 0 && p->did.at[p->did.n - 1].type == AGENT_DO_SEND_CHUNK) {
    size_t bytes = p->did.at[p->did.n - 1].u.chunk.max_bytes;
    flight += bytes;
    assert_true (flight <= CREDIT_BYTES);
    sent (p, seq += 100, bytes);
  }
  assert_true (flight > CREDIT_BYTES / 2);
  ack (p, 100, false, TOKEN);
  assert_int_equal (p->did.at[p->did.n - 1].type, AGENT_DO_SEND_CHUNK);
  end (p);
}

static void
a_round_ends_behind_the_centres_end (void **state)
{
  (void)state;
  play_t *p = live (2, 0, 0);
  HAPPENS (.type = AGENT_E_ROUND_WANTED, .u.round = 1);
  DID (""); /* not before everything is acknowledged */
  sent (p, 2, 500);
  DID ("");
  ack (p, 2, false, TOKEN);
  DID ("ack-2 send-9");
  message_t pong = {.type = MSG_PONG};
  pong.u.pong = (msg_pong_t){.token = TOKEN, .nonce = p->did.at[1].u.message->u.ping.nonce, .lsn = 120};
  say (p, pong);
  DID ("");
  message_t down = {.type = MSG_DOWN};
  down.u.down = (msg_down_t){.token = TOKEN, .epoch = 5, .last_lsn = 120, .complete = true};
  say (p, down);
  DID ("store-down");
  agent_event_t stored = {.type = AGENT_E_DOWN_STORED};
  stored.u.stored.ok = true;
  stored.u.stored.at = (position_t){5, 120};
  step (p, stored);
  DID ("send-8 round-1");
  end (p);
}

/* Who asks for a round does not wait for the end of a long back-off; each number ends it once. */
static void
a_round_is_tried_at_once (void **state)
{
  (void)state;
  play_t *p = begin (true);
  HAPPENS (.type = AGENT_E_START);
  for (int i = 0; i < 12; i++) {
    HAPPENS (.type = AGENT_E_LINE_DOWN, .u.reason = SESSION_UNREACHABLE);
    p->now = agent_session_deadline (p->s).ms;
    HAPPENS (.type = AGENT_E_TICK);
  }
  for (int i = 0; i < 2; i++) {
    HAPPENS (.type = AGENT_E_LINE_DOWN, .u.reason = SESSION_UNREACHABLE);
    assert_true (agent_session_deadline (p->s).ms >= p->now + RETRY_MAX_MS / 2);
    HAPPENS (.type = AGENT_E_ROUND_WANTED, .u.round = 1);
    assert_true (i == 0 ? agent_session_deadline (p->s).ms == p->now
                        : agent_session_deadline (p->s).ms > p->now);
    HAPPENS (.type = AGENT_E_TICK);
    DID (i == 0 ? "dial" : "");
  }
  end (p);
}

static void
a_forged_down_is_answered_and_left (void **state)
{
  (void)state;
  play_t *p = live (0, 0, 0);
  message_t down = {.type = MSG_DOWN};
  down.u.down.token = TOKEN;
  say (p, down);
  step (p, (agent_event_t){.type = AGENT_E_DOWN_STORED});
  DID ("send-12 hang-up tell-forged");
  end (p);
}

static void
retries_double_to_their_ceiling (void **state)
{
  (void)state;
  play_t *p = begin (true);
  int64_t longest = 0;
  HAPPENS (.type = AGENT_E_START);
  for (int i = 0; i < 20; i++) {
    HAPPENS (.type = AGENT_E_LINE_DOWN, .u.reason = SESSION_UNREACHABLE);
    int64_t wait = agent_session_deadline (p->s).ms - p->now;
    assert_true (wait > 0 && wait <= (i == 0 ? RETRY_MIN_MS : RETRY_MAX_MS));
    longest = wait > longest ? wait : longest;
    p->now += wait;
    HAPPENS (.type = AGENT_E_TICK);
    DID ("dial");
  }
  assert_true (longest >= RETRY_MAX_MS / 2);
  end (p);
}

/* With nobody at one address the next is tried soon: the wait doubles once a round. What the centre itself
 * says counts as ever. */
static void
a_round_of_addresses_is_one_attempt (void **state)
{
  (void)state;
  play_t *p = begin (true);
  int64_t longest = 0;
  p->facts.addresses = 3;
  HAPPENS (.type = AGENT_E_FACTS, .u.facts = &p->facts);
  HAPPENS (.type = AGENT_E_START);
  for (int i = 0; i < 40; i++) {
    HAPPENS (.type = AGENT_E_LINE_DOWN, .u.reason = i % 2 == 0 ? SESSION_UNREACHABLE : SESSION_HANDSHAKE);
    const int64_t wait = agent_session_deadline (p->s).ms - p->now;
    assert_true (wait > 0 && wait <= (i < 24 ? RETRY_MIN_MS << i / 3 : RETRY_MAX_MS));
    longest = wait > longest ? wait : longest;
    p->now += wait;
    HAPPENS (.type = AGENT_E_TICK);
    DID ("dial");
  }
  assert_true (longest >= RETRY_MAX_MS / 2);
  end (p);
  p = begin (true);
  p->facts.addresses = 3;
  HAPPENS (.type = AGENT_E_FACTS, .u.facts = &p->facts);
  HAPPENS (.type = AGENT_E_START);
  for (int i = 0; i < 10; i++) {
    HAPPENS (.type = AGENT_E_LINE_UP);
    const message_t busy = {.type = MSG_BUSY};
    say (p, busy);
    longest = agent_session_deadline (p->s).ms - p->now;
    p->now += longest;
    HAPPENS (.type = AGENT_E_TICK);
  }
  assert_true (longest >= RETRY_MAX_MS / 2);
  end (p);
}

static void
silence_ends_the_session (void **state)
{
  (void)state;
  play_t *p = live (0, 0, 0);
  p->now += PING_INTERVAL_MS;
  HAPPENS (.type = AGENT_E_TICK);
  DID ("send-9");
  p->now += SILENT_AFTER_MS + PING_INTERVAL_MS;
  HAPPENS (.type = AGENT_E_TICK);
  DID ("hang-up tell-silent");
  end (p);
}

static void
enrolling_goes_on_with_the_own_key (void **state)
{
  (void)state;
  play_t *p = begin (false);
  HAPPENS (.type = AGENT_E_START);
  HAPPENS (.type = AGENT_E_LINE_UP);
  DID ("enrol");
  say (p, (message_t){.type = MSG_ENROLLED});
  DID ("store-enrol");
  agent_event_t stored = {.type = AGENT_E_ENROL_STORED};
  stored.u.stored.ok = true;
  step (p, stored);
  DID ("hang-up dial");
  HAPPENS (.type = AGENT_E_LINE_UP);
  DID ("send-3");
  end (p);
}

/* PROTOCOL 2: who may have enrolled already comes with its own key first, then with the invite's. */
static void
a_repeat_of_enrolling_tries_the_own_key_first (void **state)
{
  (void)state;
  play_t *p = begin (false);
  HAPPENS (.type = AGENT_E_START);
  assert_false (p->did.at[0].u.dial.own_key);
  end (p);
  p = begin (false);
  HAPPENS (.type = AGENT_E_START, .u.repeat = true);
  assert_true (p->did.at[0].u.dial.own_key);
  HAPPENS (.type = AGENT_E_LINE_REFUSED);
  DID ("hang-up dial");
  assert_false (p->did.at[1].u.dial.own_key);
  HAPPENS (.type = AGENT_E_LINE_UP);
  DID ("enrol");
  HAPPENS (.type = AGENT_E_LINE_DOWN,
           .u.reason = SESSION_CUT); /* the answer is lost: it may have come to pass */
  p->now = agent_session_deadline (p->s).ms;
  HAPPENS (.type = AGENT_E_TICK);
  assert_true (p->did.at[0].u.dial.own_key);
  HAPPENS (.type = AGENT_E_LINE_REFUSED);
  HAPPENS (.type = AGENT_E_LINE_REFUSED);
  DID ("hang-up tell-unknown");
  end (p);
}

/* A centre that lets us in and throws us out again is asked less and less often; a line that breaks is not
 * held against it. */
static void
who_is_thrown_out_backs_off (void **state)
{
  (void)state;
  for (int cut = 0; cut < 2; cut++) {
    play_t *p = live (3, 0, 0);
    int64_t longest = 0;
    for (int i = 0; i < 12; i++) {
      message_t m = {.type = MSG_BYE};
      m.u.bye = (msg_bye_t){.token = TOKEN, .reason = STR ("credit")};
      if (cut)
        HAPPENS (.type = AGENT_E_LINE_DOWN, .u.reason = SESSION_CUT);
      else
        say (p, m);
      assert_int_equal (agent_session_state (p->s), AGENT_WAITING);
      int64_t wait = agent_session_deadline (p->s).ms - p->now;
      longest = wait > longest ? wait : longest;
      p->now += wait;
      HAPPENS (.type = AGENT_E_TICK);
      HAPPENS (.type = AGENT_E_LINE_UP);
      welcome (p, 0, true);
    }
    assert_true (cut ? longest <= 1000 : longest >= RETRY_MAX_MS / 2);
    end (p);
  }
}

static void
an_absurd_clock_is_only_far_off (void **state)
{
  (void)state;
  static const int64_t clocks[] = {INT64_MIN, INT64_MAX, 0};
  for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    play_t *p = begin (true);
    HAPPENS (.type = AGENT_E_START);
    HAPPENS (.type = AGENT_E_LINE_UP);
    message_t m = {.type = MSG_WELCOME};
    m.u.welcome = (msg_welcome_t){
        .protocol = WIRE_PROTOCOL, .token = TOKEN, .end = {5, 100}, .collector_time = {clocks[i]}};
    say (p, m);
    assert_int_equal (p->did.at[0].type, AGENT_DO_CLOCK);
    assert_true ((p->did.at[0].u.offset_ms > 0) == (clocks[i] <= 0));
    end (p);
  }
}

static void
a_used_invite_is_told (void **state)
{
  (void)state;
  play_t *p = begin (false);
  HAPPENS (.type = AGENT_E_START);
  HAPPENS (.type = AGENT_E_LINE_UP);
  message_t m = {.type = MSG_ENROLLED};
  m.u.enrolled.refusal = STR ("used");
  say (p, m);
  DID ("hang-up tell-used");
  assert_int_equal (session_reason_retry (p->did.at[1].u.reason), RETRY_never);
  end (p);
}

static void
busy_holds_back_and_goes_on (void **state)
{
  (void)state;
  play_t *p = live (5, 0, 0);
  sent (p, 2, 300);
  DID ("chunk-3");
  sent (p, 3, 300);
  message_t m = {.type = MSG_BUSY};
  m.u.busy = (msg_busy_t){.token = TOKEN, .retry_after_ms = 1000};
  say (p, m);
  DID ("tell-busy");
  ack (p, 3, false, TOKEN);
  assert_int_equal (p->did.at[0].u.reason, SESSION_OK);
  end (p);
}

/* ---- whatever comes, in whatever order: the machine's own checks hold ---- */

static uint32_t dice_state;

static uint32_t
dice (uint32_t n)
{
  dice_state = dice_state * 1664525u + 1013904223u;
  return (dice_state >> 8) % n;
}

static message_t
any_message (play_t *p)
{
  static const message_type_t types[] = {MSG_ENROLLED, MSG_WELCOME, MSG_ACK, MSG_ACK,  MSG_DOWN,
                                         MSG_PONG,     MSG_BUSY,    MSG_BYE, MSG_HELLO};
  static stream_cursor_t cursor;
  message_t m = {.type = types[dice (sizeof types / sizeof types[0])]};
  const uint64_t token = dice (8) == 0 ? TOKEN + 1 : TOKEN,
                 seq = dice ((uint32_t)p->facts.stream.last_seq + 2);
  cursor = (stream_cursor_t){.store = {{9}}, .cursor = seq, .acked_fits = dice (4) != 0};
  if (m.type == MSG_WELCOME)
    m.u.welcome = (msg_welcome_t){.protocol = WIRE_PROTOCOL,
                                  .streams = &cursor,
                                  .streams_n = 1,
                                  .token = TOKEN,
                                  .credit = dice (2) * CREDIT_BYTES,
                                  .ping_ms = dice (9000)};
  else if (m.type == MSG_ACK)
    m.u.ack = (msg_ack_t){.token = token, .store = {{9}}, .seq = seq, .restated = dice (30) == 0};
  else if (m.type == MSG_DOWN)
    m.u.down = (msg_down_t){.token = token};
  else if (m.type == MSG_PONG)
    m.u.pong = (msg_pong_t){.token = token, .nonce = dice (4), .lsn = dice (9)};
  else if (m.type == MSG_BUSY)
    m.u.busy = (msg_busy_t){.token = token, .retry_after_ms = dice (5000)};
  else if (m.type == MSG_BYE)
    m.u.bye = (msg_bye_t){.token = token, .reason = STR ("no such reason")};
  return m;
}

/* The answer to an effect that has one, as the shell would give it; false: none is owed. */
static bool
answer (play_t *p)
{
  for (size_t i = 0; i < p->did.n; i++) {
    const agent_effect_t f = p->did.at[i];
    if (f.type == AGENT_DO_DIAL)
      HAPPENS (.type = dice (4) != 0 ? AGENT_E_LINE_UP : AGENT_E_LINE_REFUSED);
    else if (f.type == AGENT_DO_CHECK_CURSOR)
      HAPPENS (.type = AGENT_E_CURSOR_CHECKED, .u.fits = dice (8) != 0);
    else if (f.type == AGENT_DO_SEND_CHUNK)
      sent (p, dice (8) != 0 ? f.u.chunk.first_seq + dice (3) : 0, dice (200000));
    else if (f.type == AGENT_DO_SEND_REFILL)
      HAPPENS (.type = AGENT_E_REFILL_SENT,
               .u.chunk.last_seq = dice (8) != 0 ? f.u.refill.first_seq + dice (3) : 0);
    else if (f.type == AGENT_DO_STORE_DOWN)
      HAPPENS (.type = AGENT_E_DOWN_STORED, .u.stored = {.ok = dice (8) != 0, .at = {5, dice (9)}});
    else if (f.type == AGENT_DO_STORE_ENROL)
      HAPPENS (.type = AGENT_E_ENROL_STORED, .u.stored = {.ok = dice (8) != 0});
    else
      continue;
    return true;
  }
  return false;
}

static void
whatever_comes_it_stands (void **state)
{
  (void)state;
  for (uint32_t seed = 1; seed <= 200; seed++) {
    dice_state = seed;
    play_t *p = begin (seed % 2 == 0);
    HAPPENS (.type = AGENT_E_START);
    for (unsigned turn = 0; turn < 300; turn++) {
      p->now += dice (4000);
      for (unsigned i = 0; i < 50 && dice (10) != 0 && answer (p); i++)
        ;
      const uint32_t what = dice (12);
      if (what < 7) {
        message_t m = any_message (p);
        say (p, m);
      } else if (what == 7)
        give_facts (p, p->facts.stream.last_seq + dice (20), dice ((uint32_t)p->facts.stream.last_seq + 1));
      else if (what == 8)
        HAPPENS (.type = AGENT_E_ROUND_WANTED, .u.round = dice (turn + 1));
      else if (what == 9 && dice (6) == 0)
        HAPPENS (.type = dice (2) == 0 ? AGENT_E_STORE_FAILED : AGENT_E_BAD_FRAME);
      else if (what == 10 && dice (6) == 0)
        HAPPENS (.type = AGENT_E_LINE_DOWN, .u.reason = SESSION_CUT);
      else if (what == 11 && dice (20) == 0) {
        HAPPENS (.type = AGENT_E_STOP);
        HAPPENS (.type = AGENT_E_START);
      } else
        HAPPENS (.type = AGENT_E_TICK);
    }
    end (p);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (a_welcome_may_name_addresses),
      cmocka_unit_test (the_centre_may_ask_for_a_round),
      cmocka_unit_test (new_keys_are_registered_first),
      cmocka_unit_test (new_keys_may_be_refused),
      cmocka_unit_test (what_a_centre_lost_of_its_own_goes_first),
      cmocka_unit_test (a_centre_that_forgot_us),
      cmocka_unit_test (normal_resume_sends_behind_the_cursor),
      cmocka_unit_test (a_restored_centre_is_refilled),
      cmocka_unit_test (an_ack_of_another_token_does_nothing),
      cmocka_unit_test (an_ack_beyond_what_was_sent_ends_the_session),
      cmocka_unit_test (a_restated_cursor_starts_over_through_the_back_off),
      cmocka_unit_test (an_awaited_session_comes_back_soon),
      cmocka_unit_test (credit_bounds_what_is_in_flight),
      cmocka_unit_test (a_round_ends_behind_the_centres_end),
      cmocka_unit_test (a_round_is_tried_at_once),
      cmocka_unit_test (a_forged_down_is_answered_and_left),
      cmocka_unit_test (retries_double_to_their_ceiling),
      cmocka_unit_test (a_round_of_addresses_is_one_attempt),
      cmocka_unit_test (silence_ends_the_session),
      cmocka_unit_test (enrolling_goes_on_with_the_own_key),
      cmocka_unit_test (a_repeat_of_enrolling_tries_the_own_key_first),
      cmocka_unit_test (who_is_thrown_out_backs_off),
      cmocka_unit_test (an_absurd_clock_is_only_far_off),
      cmocka_unit_test (a_used_invite_is_told),
      cmocka_unit_test (busy_holds_back_and_goes_on),
      cmocka_unit_test (whatever_comes_it_stands),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
