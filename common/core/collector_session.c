/* The centre's session, state by state.
 *
 * The peer's kind comes first: a revoked or unknown key is answered with the end of its session whatever it
 * says, an invite's key may say ENROL and nothing else. Then the state, then the message, then its token.
 * What breaks the rules ends this session and no other thing: nothing of it has been believed yet.
 *
 * Down goes by reading, not by queueing: the machine holds one place in the log, asks for what lies behind it
 * while the agent's credit lasts, and asks again on DOWN_ACK, on news, or when the agent's PING carries a
 * nonce (it waits for the end of the log, so an empty DOWN that moves its cursor is worth sending). An agent
 * that has caught up is sent one DOWN at a time: what its office does meanwhile gathers, as commits do. */
#include "common/core/collector_session.h"

#include <stdlib.h>

#define HELLO_PATIENCE_MS 15000
#define DOWNS_UNCONFIRMED_MAX 64u

typedef struct {
  uint64_t lsn;
  size_t bytes;
} sent_down_t;

struct collector_session {
  collector_state_name_t state;
  collector_event_type_t event; /* of the present step */
  session_watch_fn *watch;
  void *watch_ctx;
  uint64_t token;
  mono_t heard, born, busy_said;
  uint32_t credit, chunks;
  size_t outstanding;

  position_t down_at; /* sent up to here */
  size_t down_credit, down_bytes;
  sent_down_t downs[DOWNS_UNCONFIRMED_MAX];
  size_t downs_n;
  bool down_reading, down_wanted, down_forced, down_caught; /* caught up with the log's end when last read */

  session_contact_t contact;
  store_id_t own;    /* the agent's stream */
  uint64_t last_seq; /* of it, as far as the agent said */
  message_t said[2];
  size_t said_n;
};

collector_session_t *
collector_session_new (mono_t now)
{
  collector_session_t *s = calloc (1, sizeof *s);
  if (s == NULL)
    return NULL;
  s->heard = now;
  s->born = now;
  s->busy_said.ms = INT64_MIN / 2;
  return s;
}

void
collector_session_destroy (collector_session_t **self_p)
{
  free (*self_p);
  *self_p = NULL;
}

void
collector_session_watch (collector_session_t *s, session_watch_fn *fn, void *ctx)
{
  s->watch = fn;
  s->watch_ctx = ctx;
}

static const char *const state_names[] = {"new", "enrolling", "greeting", "live", "ended"};
_Static_assert(sizeof state_names / sizeof *state_names == COLLECTOR_ENDED + 1, "a name for each state");
static const char *const event_names[] = {"message",   "bad frame",  "looked up", "failed",    "enrolled",
                                          "presented", "committed",  "busy",      "down read", "news",
                                          "ask",       "superseded", "revoked",   "shutdown",  "tick"};
_Static_assert(sizeof event_names / sizeof *event_names == COLLECTOR_E_TICK + 1, "a name for each event");

collector_state_name_t
collector_session_state (const collector_session_t *s)
{
  return s->state;
}

const session_contact_t *
collector_session_contact (const collector_session_t *s)
{
  return &s->contact;
}

static collector_effect_t *
effect (collector_effects_t *out, collector_effect_type_t type)
{
  CHECK (out->n < COLLECTOR_EFFECTS_MAX);
  collector_effect_t *e = &out->at[out->n++];
  *e = (collector_effect_t){.type = type};
  return e;
}

static message_t *
say (collector_session_t *s, collector_effects_t *out, message_type_t type)
{
  CHECK (s->said_n < sizeof s->said / sizeof *s->said);
  message_t *m = &s->said[s->said_n++];
  *m = (message_t){.type = type};
  effect (out, COLLECTOR_DO_SEND)->u.message = m;
  return m;
}

/* The only place that assigns the state; says so. */
static void
change_state (collector_session_t *s, collector_state_name_t to)
{
  CHECK (s->state != COLLECTOR_ENDED);
  if (s->watch != NULL && to != s->state)
    s->watch (s->watch_ctx, state_names[s->state], event_names[s->event], state_names[to]);
  s->state = to;
}

static void
end (collector_session_t *s, session_reason_t why, bool with_bye, collector_effects_t *out)
{
  if (with_bye) {
    message_t *m = say (s, out, MSG_BYE);
    m->u.bye.token = s->token;
    m->u.bye.reason = str_of (session_reason_name (why));
  }
  change_state (s, COLLECTOR_ENDED);
  effect (out, COLLECTOR_DO_END)->u.reason = why;
}

static void
copy_text (char *to, size_t room, str_t from)
{
  size_t n = from.n < room - 1 ? from.n : room - 1;
  while (n > 0 && n < from.n && ((unsigned char)from.p[n] & 0xc0) == 0x80)
    n--; /* never in the middle of a character */
  if (n > 0)
    memcpy (to, from.p, n);
  to[n] = '\0';
}

/* ---- down ---- */

static void
read_down (collector_session_t *s, collector_effects_t *out)
{
  if (s->state != COLLECTOR_LIVE || s->down_reading || !s->down_wanted ||
      s->downs_n == DOWNS_UNCONFIRMED_MAX || (s->downs_n > 0 && s->down_bytes >= s->down_credit) ||
      (s->downs_n > 0 && s->down_caught && !s->down_forced))
    return;
  size_t room = s->down_credit > s->down_bytes ? s->down_credit - s->down_bytes : 1;
  s->down_reading = true;
  s->down_wanted = false;
  collector_effect_t *e = effect (out, COLLECTOR_DO_READ_DOWN);
  e->u.read.from = s->down_at;
  e->u.read.max_bytes = room < DOWN_MAX / 2 ? room : DOWN_MAX / 2; /* one entry may pass it and still fit */
}

static void
down_read (collector_session_t *s, const collector_event_t *e, collector_effects_t *out)
{
  const msg_down_t *d = e->u.down.down;
  if (s->state != COLLECTOR_LIVE || !s->down_reading)
    return;
  s->down_reading = false;
  s->down_caught = d->complete;
  bool empty = d->centre_n == 0 && d->own_n == 0 && d->records_n == 0;
  bool moves = d->last_lsn > s->down_at.lsn || d->epoch != s->down_at.epoch;
  if (!d->complete)
    s->down_wanted = true;
  else if (empty && !s->down_forced)
    return;
  if (!empty || moves) {
    message_t *m = say (s, out, MSG_DOWN);
    m->u.down = *d;
    m->u.down.token = s->token;
    s->down_at = (position_t){d->epoch, d->last_lsn};
    s->downs[s->downs_n++] = (sent_down_t){d->last_lsn, e->u.down.bytes};
    s->down_bytes += e->u.down.bytes;
  }
  if (d->complete)
    s->down_forced = false;
  read_down (s, out);
}

static void
down_ack (collector_session_t *s, const msg_down_ack_t *a, uint64_t end_lsn, collector_effects_t *out)
{
  size_t done = 0;
  while (done < s->downs_n && s->downs[done].lsn <= a->at.lsn)
    s->down_bytes -= s->downs[done++].bytes;
  s->downs_n -= done;
  for (size_t i = 0; i < s->downs_n; i++)
    s->downs[i] = s->downs[i + done];
  if (a->at.lsn <= end_lsn)
    s->contact.position_lsn = a->at.lsn;
  effect (out, COLLECTOR_DO_CONTACT);
  read_down (s, out);
}

/* ---- what the agent says ---- */

static void
hello (collector_session_t *s, const collector_event_t *e, collector_effects_t *out)
{
  const msg_hello_t *h = &e->u.message->u.hello;
  bool speaks = false;
  for (size_t i = 0; i < h->protocols_n; i++)
    speaks = speaks || h->protocols[i] == WIRE_PROTOCOL;
  if (!speaks) {
    end (s, SESSION_VERSION, true, out);
    return;
  }
  s->token = 0;
  s->outstanding = 0;
  s->chunks = 0;
  s->down_at = h->down;
  s->down_credit = h->down_credit < DOWN_CREDIT_BYTES ? h->down_credit : DOWN_CREDIT_BYTES;
  s->down_bytes = 0;
  s->downs_n = 0;
  s->down_reading = false;
  s->down_wanted = true;
  s->down_forced = false;
  s->down_caught = false;
  s->contact.position_lsn = h->down.lsn <= e->end_lsn ? h->down.lsn : 0;
  s->contact.backlog = h->pending;
  s->contact.oldest_unsent = h->oldest;
  const bool has_own = h->streams_n > 0 && !h->streams[0].centre;
  s->own = has_own ? h->streams[0].store : (store_id_t){{0}};
  s->last_seq = has_own ? h->streams[0].last_seq : 0;
  s->contact.clock_offset_ms = h->agent_time.ms / 2 - e->wall.ms / 2; /* halves: no overflow, whoever lies */
  if (s->contact.clock_offset_ms > INT64_MAX / 4 || s->contact.clock_offset_ms < -(INT64_MAX / 4))
    s->contact.clock_offset_ms = 0;
  s->contact.clock_offset_ms *= 2;
  copy_text (s->contact.program, sizeof s->contact.program, h->program);
  copy_text (s->contact.last_error, sizeof s->contact.last_error, h->last_error);
  change_state (s, COLLECTOR_GREETING);
  effect (out, COLLECTOR_DO_LOOK_UP);
  effect (out, COLLECTOR_DO_CONTACT);
}

static void
chunk (collector_session_t *s, const msg_chunk_t *c, collector_effects_t *out)
{
  size_t bytes = chunk_bytes (c);
  if (c->updates_n == 0) {
    end (s, SESSION_MALFORMED, true, out);
    return;
  }
  if (s->chunks >= CHUNKS_IN_HAND_MAX ||
      (s->outstanding > 0 && s->outstanding + bytes > (size_t)s->credit + CHUNK_MAX)) {
    end (s, SESSION_CREDIT, true, out);
    return;
  }
  s->outstanding += bytes;
  s->chunks++;
  effect (out, COLLECTOR_DO_INGEST)->u.bytes = bytes;
}

static void
ping (collector_session_t *s, const collector_event_t *e, collector_effects_t *out)
{
  const msg_ping_t *p = &e->u.message->u.ping;
  s->contact.backlog = p->pending;
  s->contact.oldest_unsent = p->oldest;
  s->last_seq = p->last_acked + p->pending;
  message_t *m = say (s, out, MSG_PONG);
  m->u.pong =
      (msg_pong_t){.token = s->token, .nonce = p->nonce, .lsn = e->end_lsn, .collector_time = e->wall};
  effect (out, COLLECTOR_DO_CONTACT);
  if (p->nonce == 0 || s->down_at.lsn >= e->end_lsn)
    return;
  s->down_wanted = true;
  s->down_forced = true;
  read_down (s, out);
}

static void
live_message (collector_session_t *s, const collector_event_t *e, collector_effects_t *out)
{
  const message_t *m = e->u.message;
  switch (m->type) {
  case MSG_HELLO:
    hello (s, e, out);
    return;
  case MSG_CHUNK:
    if (m->u.chunk.token == s->token)
      chunk (s, &m->u.chunk, out);
    return;
  case MSG_DOWN_ACK:
    if (m->u.down_ack.token == s->token)
      down_ack (s, &m->u.down_ack, e->end_lsn, out);
    return;
  case MSG_PING:
    if (m->u.ping.token == s->token)
      ping (s, e, out);
    return;
  case MSG_BYE:
    if (m->u.bye.token == s->token)
      end (s, SESSION_OK, false, out);
    return;
  case MSG_NONE:
  case MSG_ENROL:
  case MSG_ENROLLED:
  case MSG_WELCOME:
  case MSG_ACK:
  case MSG_DOWN:
  case MSG_PONG:
  case MSG_BUSY:
  case MSG_PRESENT:
  case MSG_READMITTED:
  case MSG_SYNC_NOW:
    end (s, SESSION_MALFORMED, true, out); /* not an agent's to say */
    return;
  }
}

static void
enrol (collector_session_t *s, collector_effects_t *out)
{
  change_state (s, COLLECTOR_ENROLLING);
  effect (out, COLLECTOR_DO_ENROL);
}

static void
agent_message (collector_session_t *s, const collector_event_t *e, collector_effects_t *out)
{
  message_type_t type = e->u.message->type;
  switch (s->state) {
  case COLLECTOR_NEW:
    if (type == MSG_HELLO)
      hello (s, e, out);
    else if (type == MSG_ENROL) /* again, by one that never got the answer (PROTOCOL 2) */
      enrol (s, out);
    else if (type == MSG_BYE)
      end (s, SESSION_OK, false, out);
    /* else: of an older session of ours, say from before a restart; it does nothing */
    return;
  case COLLECTOR_ENROLLING:
  case COLLECTOR_GREETING:
    if (type == MSG_BYE)
      end (s, SESSION_OK, false, out);
    return;
  case COLLECTOR_LIVE:
    live_message (s, e, out);
    return;
  case COLLECTOR_ENDED:
    return;
  }
}

static void
message (collector_session_t *s, const collector_event_t *e, collector_effects_t *out)
{
  s->heard = e->now;
  s->contact.seen = e->wall;
  switch (e->peer) {
  case PEER_STRANGER:
    end (s, SESSION_KEY_REFUSED, true, out);
    return;
  case PEER_REVOKED:
    end (s, SESSION_REVOKED, true, out);
    return;
  case PEER_INVITE:
    if (e->u.message->type == MSG_BYE)
      end (s, SESSION_OK, false, out);
    else if (e->u.message->type != MSG_ENROL)
      end (s, SESSION_NOT_ADMITTED, true, out);
    else if (s->state == COLLECTOR_NEW)
      enrol (s, out);
    return;
  case PEER_REENTRY:
    if (e->u.message->type == MSG_BYE)
      end (s, SESSION_OK, false, out);
    else if (e->u.message->type != MSG_PRESENT)
      end (s, SESSION_NOT_ADMITTED, true, out);
    else if (s->state == COLLECTOR_NEW) {
      change_state (s, COLLECTOR_ENROLLING);
      effect (out, COLLECTOR_DO_PRESENT);
    }
    return;
  case PEER_AGENT:
    agent_message (s, e, out);
    return;
  }
}

/* ---- what the shell says ---- */

static void
looked_up (collector_session_t *s, const collector_event_t *e, collector_effects_t *out)
{
  if (s->state != COLLECTOR_GREETING)
    return;
  const msg_welcome_t *w = e->u.welcome;
  CHECK (w->token != 0);
  change_state (s, COLLECTOR_LIVE);
  s->token = w->token;
  s->credit = w->credit;
  message_t *m = say (s, out, MSG_WELCOME);
  m->u.welcome = *w;
  m->u.welcome.protocol = WIRE_PROTOCOL;
  m->u.welcome.ping_ms = PING_INTERVAL_MS;
  m->u.welcome.collector_time = e->wall;
  read_down (s, out);
}

static void
committed (collector_session_t *s, const collector_event_t *e, collector_effects_t *out)
{
  if (s->state != COLLECTOR_LIVE || e->u.committed.token != s->token)
    return; /* durable all the same; the agent learns it from the next WELCOME */
  CHECK (s->outstanding >= e->u.committed.bytes && s->chunks > 0);
  s->outstanding -= e->u.committed.bytes;
  s->chunks--;
  if (e->u.committed.forged) {
    end (s, SESSION_FORGED, true, out);
    return;
  }
  message_t *m = say (s, out, MSG_ACK);
  m->u.ack = (msg_ack_t){.token = s->token,
                         .store = e->u.committed.store,
                         .seq = e->u.committed.cursor,
                         .restated = e->u.committed.restated,
                         .refused = e->u.committed.refused};
  if (e->u.committed.awaited) {
    end (s, SESSION_AWAITED, true, out);
    return;
  }
  if (s->last_seq == 0 || !store_id_eq (s->own, e->u.committed.store))
    return;
  s->contact.backlog = s->last_seq > e->u.committed.cursor ? s->last_seq - e->u.committed.cursor : 0;
  if (s->contact.backlog == 0)
    s->contact.oldest_unsent = (wall_t){0};
  effect (out, COLLECTOR_DO_CONTACT);
}

static void
busy (collector_session_t *s, const collector_event_t *e, collector_effects_t *out)
{
  if (s->state != COLLECTOR_LIVE || s->outstanding == 0 ||
      e->now.ms - s->busy_said.ms < (int64_t)e->u.retry_after_ms)
    return;
  s->busy_said = e->now;
  message_t *m = say (s, out, MSG_BUSY);
  m->u.busy = (msg_busy_t){.token = s->token, .retry_after_ms = e->u.retry_after_ms};
}

static void
ask (collector_session_t *s, collector_effects_t *out)
{
  if (s->state == COLLECTOR_LIVE)
    say (s, out, MSG_SYNC_NOW)->u.sync_now.token = s->token;
}

static void
failed (collector_session_t *s, collector_effects_t *out)
{
  s->down_wanted = s->down_wanted || s->down_reading; /* the next TICK tries again */
  s->down_reading = false;
  if (s->state == COLLECTOR_ENROLLING || s->state == COLLECTOR_GREETING) {
    message_t *m = say (s, out, MSG_BUSY);
    m->u.busy.retry_after_ms = RETRY_MIN_MS * 4;
    end (s, SESSION_BUSY, true, out);
  }
}

static void
tick (collector_session_t *s, mono_t now, collector_effects_t *out)
{
  switch (s->state) {
  case COLLECTOR_NEW:
    if (now.ms - s->born.ms >= HELLO_PATIENCE_MS)
      end (s, SESSION_SILENT, false, out);
    return;
  case COLLECTOR_LIVE:
    if (now.ms - s->heard.ms >= SILENT_AFTER_MS)
      end (s, SESSION_SILENT, false, out);
    else
      read_down (s, out);
    return;
  case COLLECTOR_ENROLLING:
  case COLLECTOR_GREETING:
  case COLLECTOR_ENDED:
    return;
  }
}

/* What holds between any two events, whatever came. */
static void
check_machine (const collector_session_t *s)
{
  size_t bytes = 0;
  for (size_t i = 0; i < s->downs_n; i++)
    bytes += s->downs[i].bytes;
  CHECK (bytes == s->down_bytes);
  CHECK (s->chunks <= CHUNKS_IN_HAND_MAX && (s->chunks > 0 || s->outstanding == 0));
  CHECK (s->state != COLLECTOR_LIVE || s->token != 0);
}

static void
react (collector_session_t *s, const collector_event_t *e, collector_effects_t *out)
{
  switch (e->type) {
  case COLLECTOR_E_MESSAGE:
    message (s, e, out);
    return;
  case COLLECTOR_E_BAD_FRAME:
    end (s, e->u.reason, true, out);
    return;
  case COLLECTOR_E_LOOKED_UP:
    looked_up (s, e, out);
    return;
  case COLLECTOR_E_FAILED:
    failed (s, out);
    return;
  case COLLECTOR_E_ENROLLED:
    if (s->state == COLLECTOR_ENROLLING) {
      change_state (s, COLLECTOR_NEW); /* a repeat over the same line is answered again */
      say (s, out, MSG_ENROLLED)->u.enrolled = *e->u.enrolled;
    }
    return;
  case COLLECTOR_E_PRESENTED:
    if (s->state == COLLECTOR_ENROLLING) {
      change_state (s, COLLECTOR_NEW);
      say (s, out, MSG_READMITTED)->u.readmitted = *e->u.readmitted;
    }
    return;
  case COLLECTOR_E_COMMITTED:
    committed (s, e, out);
    return;
  case COLLECTOR_E_BUSY:
    busy (s, e, out);
    return;
  case COLLECTOR_E_DOWN_READ:
    down_read (s, e, out);
    return;
  case COLLECTOR_E_NEWS:
    if (s->down_at.lsn < e->end_lsn) {
      s->down_wanted = true;
      read_down (s, out);
    }
    return;
  case COLLECTOR_E_ASK:
    ask (s, out);
    return;
  case COLLECTOR_E_SUPERSEDED:
    end (s, SESSION_SUPERSEDED, true, out);
    return;
  case COLLECTOR_E_REVOKED:
    end (s, SESSION_REVOKED, true, out);
    return;
  case COLLECTOR_E_SHUTDOWN:
    end (s, SESSION_SHUTDOWN, s->state == COLLECTOR_LIVE, out);
    return;
  case COLLECTOR_E_TICK:
    tick (s, e->now, out);
    return;
  }
}

void
collector_session_step (collector_session_t *s, const collector_event_t *e, collector_effects_t *out)
{
  CHECK (s != NULL && e != NULL && out != NULL);
  out->n = 0;
  s->said_n = 0;
  s->event = e->type;
  if (s->state == COLLECTOR_ENDED)
    return;
  react (s, e, out);
  check_machine (s);
}
