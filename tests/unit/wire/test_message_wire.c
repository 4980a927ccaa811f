/* Frames, certificates, invites and decisions: there and back, and what is refused. */
#include "common/wire/message_wire.h"
#include "tests/fuzz/samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static arena_t *arena;

/* Encoding is deterministic, so equal bytes after a round trip mean that nothing was lost. */
static void
every_type_round_trips (void **state)
{
  (void)state;
  for (unsigned t = MSG_ENROL; t <= MSG_SYNC_NOW; t++) {
    if (message_limit ((message_type_t)t) == 0) /* reserved */
      continue;
    buf_t a = BUF_INIT, b = BUF_INIT;
    message_t m = sample_message ((message_type_t)t), back;
    assert_true (message_encode (&m, &a));
    assert_int_equal (message_decode (buf_str (&a), arena, &back), ERR_OK);
    assert_true (message_encode (&back, &b));
    assert_true (str_eq (buf_str (&a), buf_str (&b)));
    buf_free (&a);
    buf_free (&b);
  }
}

static void
headers (void **state)
{
  (void)state;
  static const struct {
    size_t at;
    char v;
    err_t err;
  } rows[] = {
      {0, 'k', ERR_MALFORMED},        {1, 2, ERR_VERSION},
      {2, 0, ERR_MALFORMED},          {2, 13, ERR_MALFORMED}, /* reserved */
      {2, (char)0xFF, ERR_MALFORMED}, {3, 1, ERR_MALFORMED},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    buf_t b = BUF_INIT;
    message_t m = sample_message (MSG_PING), back;
    assert_true (message_encode (&m, &b));
    b.p[rows[i].at] = rows[i].v;
    assert_int_equal (message_decode (buf_str (&b), arena, &back), rows[i].err);
    buf_free (&b);
  }
  message_t m;
  assert_int_equal (message_decode (STR (""), arena, &m), ERR_MALFORMED);
  assert_int_equal (message_decode (STR ("K\1\11"), arena, &m), ERR_MALFORMED);
}

static void
limits_come_before_unpacking (void **state)
{
  (void)state;
  unsigned taken = 0;
  for (unsigned t = MSG_ENROL; t <= MSG_SYNC_NOW; t++) {
    buf_t b = BUF_INIT;
    message_t m;
    size_t limit = message_limit ((message_type_t)t);
    if (limit == 0) /* reserved */
      continue;
    taken++;
    assert_true (limit <= FRAME_MAX);
    buf_puts (&b, "K\1");
    buf_u8 (&b, (uint8_t)t);
    while (b.n <= limit)
      buf_u8 (&b, 0);
    assert_int_equal (message_decode (buf_str (&b), arena, &m), ERR_TOO_BIG);
    buf_free (&b);
  }
  assert_int_equal (taken, 15);
  assert_int_equal (message_limit (MSG_NONE), 0);
  assert_int_equal (message_limit ((message_type_t)13), 0);
}

static err_t
recode (message_t m)
{
  buf_t b = BUF_INIT;
  message_t back;
  assert_true (message_encode (&m, &b));
  err_t err = message_decode (buf_str (&b), arena, &back);
  buf_free (&b);
  return err;
}

static void
shapes (void **state)
{
  (void)state;
  message_t m = sample_message (MSG_CHUNK);
  m.u.chunk.first_seq = 0;
  assert_int_equal (recode (m), ERR_MALFORMED);
  m = sample_message (MSG_CHUNK);
  m.u.chunk.first_seq = UINT64_MAX; /* the sequence of its last update would not fit */
  assert_int_equal (recode (m), ERR_MALFORMED);
  m = sample_message (MSG_CHUNK);
  m.u.chunk.updates_n = 0;
  assert_int_equal (recode (m), ERR_MALFORMED);
  m = sample_message (MSG_HELLO);
  m.u.hello.protocols_n = 0;
  assert_int_equal (recode (m), ERR_MALFORMED);
  m = sample_message (MSG_ENROLLED);
  m.u.enrolled.refusal = STR ("used"); /* a certificate and a refusal */
  assert_int_equal (recode (m), ERR_MALFORMED);
}

static void
every_flipped_byte_of_a_chunk_is_seen (void **state)
{
  (void)state;
  buf_t b = BUF_INIT;
  message_t m = sample_message (MSG_CHUNK), back;
  assert_true (message_encode (&m, &b));
  size_t at = 0;
  while (memcmp (b.p + at, "second", 6) != 0)
    at++;
  for (size_t i = 0; i < 6; i++) {
    b.p[at + i] ^= 1;
    assert_int_equal (message_decode (buf_str (&b), arena, &back), ERR_MALFORMED);
    b.p[at + i] ^= 1;
  }
  assert_int_equal (message_decode (buf_str (&b), arena, &back), ERR_OK);
  buf_free (&b);
}

static void
invites (void **state)
{
  (void)state;
  buf_t b = BUF_INIT, spaced = BUF_INIT;
  invite_t i = sample_invite (), back;
  assert_true (invite_format (&i, &b));
  for (size_t k = 0; k < b.n; k++) {
    buf_putc (&spaced, b.p[k]);
    if (k % 60 == 59)
      buf_puts (&spaced, "\r\n ");
  }
  assert_int_equal (invite_parse (buf_str (&spaced), arena, &back), ERR_OK);
  assert_true (record_id_eq (back.id, i.id) && curve_key_eq (back.once_secret, i.once_secret));
  assert_int_equal (back.addresses_n, 2);
  assert_true (str_eq (back.addresses[1], i.addresses[1]) && str_eq (back.unit_name, i.unit_name));
  assert_int_equal (back.expires.ms, i.expires.ms);
  for (size_t n = 0; n < b.n; n++) /* pasted short */
    assert_int_equal (invite_parse ((str_t){b.p, n}, arena, &back), ERR_MALFORMED);
  for (size_t k = 0; k < b.n; k++) { /* one letter mistyped */
    char was = b.p[k];
    b.p[k] = was == 'A' ? 'B' : 'A';
    assert_int_not_equal (invite_parse (buf_str (&b), arena, &back), ERR_OK);
    b.p[k] = was;
  }
  buf_free (&b);
  buf_free (&spaced);
}

static void
decisions (void **state)
{
  (void)state;
  for (unsigned t = DECISION_OPENED; t < DECISION_COUNT; t++) {
    buf_t a = BUF_INIT, b = BUF_INIT;
    decision_t d = sample_decision ((decision_type_t)t), back;
    assert_true (decision_encode (&d, &a));
    assert_int_equal (decision_decode (buf_str (&a), arena, &back), ERR_OK);
    assert_int_equal (back.type, t);
    assert_true (decision_encode (&back, &b));
    assert_true (str_eq (buf_str (&a), buf_str (&b)));
    buf_free (&a);
    buf_free (&b);
  }
  decision_t later;
  /* field 10: of a later version */
  assert_int_equal (decision_decode (STR ("\x52\x00"), arena, &later), ERR_OK);
  assert_int_equal (later.type, DECISION_NONE);
}

/* A stream forked where nothing was common has a parent all the same. */
static void
a_fork_at_nought (void **state)
{
  (void)state;
  buf_t b = BUF_INIT;
  stream_state_t s = {
      .store = {{1}}, .parent_store = {{2}}, .parent_seq = 0, .parent_hash = {{3}}, .last_seq = 4};
  message_t m = {.type = MSG_HELLO}, back;
  m.u.hello = (msg_hello_t){.protocols = {WIRE_PROTOCOL}, .protocols_n = 1, .streams = &s, .streams_n = 1};
  assert_true (message_encode (&m, &b));
  assert_int_equal (message_decode (buf_str (&b), arena, &back), ERR_OK);
  assert_true (store_id_eq (back.u.hello.streams[0].parent_store, s.parent_store));
  assert_true (hash_eq (back.u.hello.streams[0].parent_hash, s.parent_hash));
  buf_free (&b);
}

static void
certificates (void **state)
{
  (void)state;
  buf_t b = BUF_INIT;
  agent_certificate_t agent = sample_agent_certificate (), agent_back;
  centre_certificate_t centre = sample_centre_certificate (), centre_back;
  assert_true (agent_certificate_encode (&agent, &b));
  assert_int_equal (agent_certificate_decode (buf_str (&b), arena, &agent_back), ERR_OK);
  assert_true (str_eq (agent.agent, agent_back.agent) && agent_back.unit == 10 &&
               agent_back.role == ROLE_OFFICE);
  buf_clear (&b);
  agent.unit = 0;
  assert_true (agent_certificate_encode (&agent, &b));
  assert_int_equal (agent_certificate_decode (buf_str (&b), arena, &agent_back), ERR_MALFORMED);
  buf_clear (&b);
  assert_true (centre_certificate_encode (&centre, &b));
  assert_int_equal (centre_certificate_decode (buf_str (&b), arena, &centre_back), ERR_OK);
  assert_memory_equal (&centre.centre_key, &centre_back.centre_key, 32);
  assert_true (record_id_eq (centre.centre_id, centre_back.centre_id));
  buf_free (&b);
}

static int
setup (void **state)
{
  (void)state;
  arena = arena_new (64u << 20);
  return arena == NULL;
}

static int
teardown (void **state)
{
  (void)state;
  arena_destroy (&arena);
  return 0;
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (every_type_round_trips),
      cmocka_unit_test (headers),
      cmocka_unit_test (limits_come_before_unpacking),
      cmocka_unit_test (shapes),
      cmocka_unit_test (every_flipped_byte_of_a_chunk_is_seen),
      cmocka_unit_test (invites),
      cmocka_unit_test (decisions),
      cmocka_unit_test (a_fork_at_nought),
      cmocka_unit_test (certificates),
  };
  return cmocka_run_group_tests (tests, setup, teardown);
}
