/* agent_live.c - what a live session does: sends what credit allows, takes what the centre says, keeps
 * rounds.
 *
 * A round (what `sync` waits for) is: everything numbered when it began is acknowledged, then a PING whose
 * PONG names the end of the centre's log, then our down cursor has reached that end. The PING comes after the
 * acknowledgement, so verdicts on our own updates are inside the round. */
#include "common/core/agent_session_private.h"

static void
ping (agent_session_t *s, uint64_t nonce, mono_t now, agent_effects_t *out)
{
  message_t *m = agent_say (s, out, MSG_PING, now);
  m->u.ping = (msg_ping_t){.token = s->token,
                           .last_acked = s->acked,
                           .pending = s->facts.stream.last_seq - s->acked,
                           .nonce = nonce,
                           .oldest = s->facts.stream.last_seq > s->acked ? s->facts.oldest : (wall_t){0}};
}

static void
round_on (agent_session_t *s, mono_t now, agent_effects_t *out)
{
  if (s->round_stage == ROUND_NONE && s->round_next > s->round_now) {
    s->round_now = s->round_next;
    s->round_seq = s->facts.stream.last_seq;
    s->round_stage = ROUND_UP;
  }
  if (s->round_stage == ROUND_UP && s->acked >= s->round_seq && s->refill_at == s->refill_n) {
    s->round_stage = ROUND_PING;
    s->round_nonce = ++s->nonce;
    ping (s, s->round_nonce, now, out);
  }
  if (s->round_stage == ROUND_DOWN && s->down_lsn >= s->round_lsn && s->downs_storing == 0) {
    s->round_stage = ROUND_NONE;
    agent_effect (out, AGENT_DO_ROUND_DONE)->u.seq = s->round_now;
  }
}

/* What the centre lost of its own streams goes first, a chunk at a time: what it had decided of our updates
 * must be there before they are. True: nothing else goes meanwhile. */
static bool
refill_on (agent_session_t *s, agent_effects_t *out)
{
  if (s->refill_at == s->refill_n)
    return false;
  if (s->reading || s->refill_sent != 0)
    return true;
  s->reading = true;
  agent_effect_t *e = agent_effect (out, AGENT_DO_SEND_REFILL);
  e->u.refill.store = s->refill[s->refill_at].store;
  e->u.refill.first_seq = s->refill[s->refill_at].next;
  e->u.refill.token = s->token;
  return true;
}

/* Sends what credit allows: one chunk an effect; the shell's CHUNK_SENT comes back here. */
void
agent_live_pump (agent_session_t *s, mono_t now, agent_effects_t *out)
{
  if (s->state != AGENT_LIVE)
    return;
  round_on (s, now, out);
  if (now.ms >= s->busy_until.ms && refill_on (s, out))
    return;
  if (s->reading || s->refill_at < s->refill_n || s->sent >= s->facts.stream.last_seq ||
      s->flight_n == CHUNKS_IN_FLIGHT_MAX || now.ms < s->busy_until.ms)
    return;
  size_t room = s->credit > s->flight_bytes ? s->credit - s->flight_bytes : 0;
  if (s->flight_n > 0 && room < UPDATE_MAX)
    return; /* the next update could be that large; one chunk alone may be any size */
  s->reading = true;
  agent_effect_t *e = agent_effect (out, AGENT_DO_SEND_CHUNK);
  e->u.chunk.first_seq = s->sent + 1;
  e->u.chunk.token = s->token;
  e->u.chunk.max_bytes = s->target < room || s->flight_n == 0 ? s->target : room;
}

void
agent_live_begin (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  agent_change_state (s, AGENT_LIVE, e->now, out);
  s->forked = false;
  s->sent = s->acked;
  s->busy = false;
  s->busy_until.ms = 0;
  agent_tell (out, SESSION_OK);
  if (s->acked > s->facts.stream.last_acked)
    agent_effect (out, AGENT_DO_STORE_ACK)->u.seq = s->acked;
  agent_live_pump (s, e->now, out);
}

/* ---- what the centre says ---- */

static void
refill_acked (agent_session_t *s, const msg_ack_t *a, mono_t now, agent_effects_t *out)
{
  if (s->refill_sent == 0 || !store_id_eq (a->store, s->refill[s->refill_at].store) ||
      a->seq < s->refill_sent)
    return;
  s->refill[s->refill_at].next = a->seq + 1;
  s->refill_at += a->seq >= s->refill[s->refill_at].last;
  s->refill_sent = 0;
  s->progressed = true;
  agent_live_pump (s, now, out);
}

static void
ack (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  const msg_ack_t *a = &e->u.message->u.ack;
  if (!store_id_eq (a->store, s->facts.stream.store)) {
    refill_acked (s, a, e->now, out);
    return;
  }
  if (a->restated || a->seq > s->sent) {
    agent_end_session (s, a->restated ? SESSION_RESTATED : SESSION_MALFORMED, e->now, out);
    return;
  }
  size_t done = 0;
  while (done < s->flight_n && s->flight[done].last_seq <= a->seq)
    s->flight_bytes -= s->flight[done++].bytes;
  s->flight_n -= done;
  for (size_t i = 0; i < s->flight_n; i++)
    s->flight[i] = s->flight[i + done];
  if (a->seq > s->acked) {
    s->acked = a->seq;
    s->progressed = true;
    s->trouble = SESSION_OK;
    s->attempts = 0;
    if (s->busy)
      agent_tell (out, SESSION_OK);
    s->busy = false;
    s->busy_until.ms = 0;
    s->target = s->target * 2 < CHUNK_TARGET_MAX ? s->target * 2 : CHUNK_TARGET_MAX;
    agent_effect (out, AGENT_DO_STORE_ACK)->u.seq = a->seq;
  }
  agent_live_pump (s, e->now, out);
}

/* Messages of a live session. Those of another token do nothing, but for BYE of a peer that knows none. */
void
agent_live_message (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  const message_t *m = e->u.message;
  switch (m->type) {
  case MSG_ACK:
    if (m->u.ack.token == s->token)
      ack (s, e, out);
    return;
  case MSG_DOWN:
    if (m->u.down.token != s->token)
      return;
    s->downs_storing++;
    agent_effect (out, AGENT_DO_STORE_DOWN);
    return;
  case MSG_PONG:
    if (m->u.pong.token != s->token)
      return;
    if (s->round_stage == ROUND_PING && m->u.pong.nonce == s->round_nonce) {
      s->round_stage = ROUND_DOWN;
      s->round_lsn = m->u.pong.lsn;
    }
    agent_live_pump (s, e->now, out);
    return;
  case MSG_BUSY:
    if (m->u.busy.token != s->token)
      return;
    s->busy = true;
    s->busy_until.ms =
        e->now.ms + (m->u.busy.retry_after_ms < RETRY_MAX_MS ? m->u.busy.retry_after_ms : RETRY_MAX_MS);
    agent_tell (out, SESSION_BUSY);
    return;
  case MSG_BYE:
    if (m->u.bye.token == s->token || m->u.bye.token == 0)
      agent_bye (s, e, out);
    return;
  case MSG_SYNC_NOW:
    if (m->u.sync_now.token == s->token)
      agent_effect (out, AGENT_DO_WANT_ROUND);
    return;
  case MSG_NONE:
  case MSG_ENROL:
  case MSG_ENROLLED:
  case MSG_HELLO:
  case MSG_WELCOME:
  case MSG_CHUNK:
  case MSG_DOWN_ACK:
  case MSG_PING:
  case MSG_PRESENT:
  case MSG_READMITTED:
    return; /* late or not the centre's to send: no effect */
  }
}

/* ---- what the shell says ---- */

void
agent_live_tick (agent_session_t *s, mono_t now, agent_effects_t *out)
{
  if (now.ms - s->heard.ms >= SILENT_AFTER_MS + (int64_t)s->ping_ms) {
    agent_retry (s, SESSION_SILENT, now, true, out);
    return;
  }
  if (now.ms - s->spoken.ms >= (int64_t)s->ping_ms)
    ping (s, 0, now, out);
  agent_live_pump (s, now, out);
}

mono_t
agent_live_deadline (const agent_session_t *s)
{
  int64_t at = s->spoken.ms + (int64_t)s->ping_ms;
  if (s->busy && s->busy_until.ms > 0 && s->busy_until.ms < at && s->sent < s->facts.stream.last_seq &&
      s->flight_n == 0)
    at = s->busy_until.ms;
  return (mono_t){at};
}

void
agent_live_down_stored (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  if (s->state != AGENT_LIVE || s->downs_storing == 0)
    return; /* of a session that is over: the next HELLO says how far we are */
  s->downs_storing--;
  if (!e->u.stored.ok) {
    agent_end_session (s, SESSION_FORGED, e->now, out);
    return;
  }
  if (e->u.stored.again) {
    s->progressed = true;
    agent_end_session (s, SESSION_RESTATED, e->now, out);
    return;
  }
  s->facts.down = e->u.stored.at;
  s->down_lsn = e->u.stored.at.lsn;
  s->progressed = true;
  s->attempts = 0;
  message_t *m = agent_say (s, out, MSG_DOWN_ACK, e->now);
  m->u.down_ack = (msg_down_ack_t){.token = s->token, .at = e->u.stored.at};
  agent_live_pump (s, e->now, out);
}

void
agent_live_refill_sent (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  if (s->state != AGENT_LIVE || !s->reading || s->refill_at == s->refill_n)
    return;
  s->reading = false;
  s->refill_sent = e->u.chunk.last_seq;
  s->spoken = e->now;
  if (s->refill_sent == 0)
    s->refill_at++; /* we have none after all */
  agent_live_pump (s, e->now, out);
}

void
agent_live_chunk_sent (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  if (s->state != AGENT_LIVE || !s->reading)
    return;
  s->reading = false;
  if (e->u.chunk.last_seq == 0) {
    s->facts.stream.last_seq = s->sent; /* until the store says otherwise */
    return;
  }
  CHECK (e->u.chunk.last_seq > s->sent && s->flight_n < CHUNKS_IN_FLIGHT_MAX);
  s->sent = e->u.chunk.last_seq;
  s->spoken = e->now;
  s->flight[s->flight_n++] = (flight_t){e->u.chunk.last_seq, e->u.chunk.bytes};
  s->flight_bytes += e->u.chunk.bytes;
  agent_live_pump (s, e->now, out);
}
