/* agent_play.h - a play of the agent's machine: what happens to it, and what it does, for the tests of it. */
#ifndef KC_TESTS_UNIT_CORE_AGENT_PLAY_H
#define KC_TESTS_UNIT_CORE_AGENT_PLAY_H

#include "common/core/agent_session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TOKEN 77u

typedef struct {
  agent_session_t *s;
  agent_effects_t did;
  agent_facts_t facts;
  int64_t now;
} play_t;

static inline const char *
effect_name (const agent_effect_t *f)
{
  static char text[64];
  switch (f->type) {
  case AGENT_DO_DIAL:
    return f->u.dial.reentry ? "dial-reentry" : f->u.dial.next_key ? "dial-next" : "dial";
  case AGENT_DO_HANG_UP:
    return "hang-up";
  case AGENT_DO_SEND:
    snprintf (text, sizeof text, "send-%d", (int)f->u.message->type);
    return text;
  case AGENT_DO_ENROL:
    return "enrol";
  case AGENT_DO_PRESENT:
    return id_is_zero (f->u.nonce.b, sizeof f->u.nonce.b) ? "present" : "present-signed";
  case AGENT_DO_DROP_KEYS:
    return "drop-keys";
  case AGENT_DO_STORE_ENROL:
    return "store-enrol";
  case AGENT_DO_CHECK_CURSOR:
    return "check";
  case AGENT_DO_PROBE:
    snprintf (text, sizeof text, "probe-%d", (int)f->u.seq);
    return text;
  case AGENT_DO_FORK:
    snprintf (text, sizeof text, "fork-%d%s", (int)f->u.fork.common, f->u.fork.older ? "-older" : "");
    return text;
  case AGENT_DO_SEND_CHUNK:
    snprintf (text, sizeof text, "chunk-%d", (int)f->u.chunk.first_seq);
    return text;
  case AGENT_DO_SEND_REFILL:
    snprintf (text, sizeof text, "refill-%d", (int)f->u.refill.first_seq);
    return text;
  case AGENT_DO_STORE_ACK:
    snprintf (text, sizeof text, "ack-%d", (int)f->u.seq);
    return text;
  case AGENT_DO_STORE_DOWN:
    return "store-down";
  case AGENT_DO_ADDRESSES:
    return "addresses";
  case AGENT_DO_WANT_ROUND:
    return "want-round";
  case AGENT_DO_ROUND_DONE:
    snprintf (text, sizeof text, "round-%d", (int)f->u.seq);
    return text;
  case AGENT_DO_TELL:
    snprintf (text, sizeof text, "tell-%s", session_reason_name (f->u.reason));
    return text;
  case AGENT_DO_CLOCK:
    return "clock";
  }
  return "?";
}

static inline void
step (play_t *p, agent_event_t e)
{
  e.now.ms = p->now;
  e.wall.ms = 1000000 + p->now;
  agent_session_step (p->s, &e, &p->did);
}

/* The effects of the last step, in order, as one line. */
static inline void
did_at (play_t *p, const char *expected, int line)
{
  char got[512] = "";
  for (size_t i = 0; i < p->did.n; i++) {
    strncat (got, i > 0 ? " " : "", sizeof got - strlen (got) - 1);
    strncat (got, effect_name (&p->did.at[i]), sizeof got - strlen (got) - 1);
  }
  if (strcmp (got, expected) != 0)
    fail_msg ("line %d: did \"%s\", expected \"%s\"", line, got, expected);
}
#define DID(text) did_at (p, text, __LINE__)
#define HAPPENS(...) step (p, (agent_event_t){__VA_ARGS__})

static inline void
say (play_t *p, message_t m)
{
  HAPPENS (.type = AGENT_E_MESSAGE, .u.message = &m);
}

static inline void
give_facts (play_t *p, uint64_t last, uint64_t acked)
{
  p->facts = (agent_facts_t){.pending = last - acked};
  p->facts.stream = (stream_state_t){.store = {{9}}, .last_seq = last, .last_acked = acked};
  HAPPENS (.type = AGENT_E_FACTS, .u.facts = &p->facts);
}

/* acked: of which HELLO it speaks; 0: it does not say. */
static inline void
welcome_to (play_t *p, uint64_t cursor, bool fits, uint64_t acked)
{
  stream_cursor_t c = {.store = {{9}}, .cursor = cursor, .acked_fits = fits, .acked = acked};
  message_t m = {.type = MSG_WELCOME};
  m.u.welcome = (msg_welcome_t){.protocol = WIRE_PROTOCOL,
                                .streams = &c,
                                .streams_n = 1,
                                .token = TOKEN,
                                .credit = CREDIT_BYTES,
                                .ping_ms = PING_INTERVAL_MS,
                                .end = {5, 100}};
  say (p, m);
}

static inline void
welcome (play_t *p, uint64_t cursor, bool fits)
{
  welcome_to (p, cursor, fits, 0);
}

static inline void
ack (play_t *p, uint64_t seq, bool restated, uint64_t token)
{
  message_t m = {.type = MSG_ACK};
  m.u.ack = (msg_ack_t){.token = token, .store = {{9}}, .seq = seq, .restated = restated};
  say (p, m);
}

static inline void
sent (play_t *p, uint64_t last, size_t bytes)
{
  agent_event_t e = {.type = AGENT_E_CHUNK_SENT};
  e.u.chunk.last_seq = last;
  e.u.chunk.bytes = bytes;
  step (p, e);
}

static inline play_t *
begin (bool enrolled)
{
  static play_t play;
  play = (play_t){.s = agent_session_new (enrolled, 42, STR ("test"))};
  return &play;
}

static inline void
end (play_t *p)
{
  agent_session_destroy (&p->s);
}

/* A live session of a store with updates 1..last, the centre's cursor at `cursor`. */
static inline play_t *
live (uint64_t last, uint64_t acked, uint64_t cursor)
{
  play_t *p = begin (true);
  HAPPENS (.type = AGENT_E_START);
  DID ("dial");
  give_facts (p, last, acked);
  HAPPENS (.type = AGENT_E_LINE_UP);
  DID ("send-3");
  welcome (p, cursor, acked <= cursor);
  if (cursor == 0)
    return p;
  DID ("clock check");
  HAPPENS (.type = AGENT_E_CURSOR_CHECKED, .u.fits = true);
  return p;
}

#endif
