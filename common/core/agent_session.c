/* The agent's session, state by state.
 *
 * What makes it safe is told in few rules. (1) The centre's cursor is the only truth about progress: sending
 * begins behind it, whatever we thought was acknowledged, so a centre restored from an old copy is refilled.
 * (2) The cursor is believed only if the hash there is that of our own chain: else another machine writes
 * under our name, or our store went back in time, and going on would drop updates in silence. Such a session
 * parks: it says so in plain words and asks again slowly. (3) Acknowledgements are cumulative and belong to a
 * token; those of an older session do nothing. (4) A gap is never repaired within a session: it hangs up and
 * starts over from HELLO, through the back-off, so no fault on either side can make a hot loop.
 *
 * A round (what `sync` waits for) is: everything numbered when it began is acknowledged, then a PING whose
 * PONG names the end of the centre's log, then our down cursor has reached that end. The PING comes after the
 * acknowledgement, so verdicts on our own updates are inside the round. */
#include "common/core/agent_session.h"

#include <stdlib.h>

#define DIAL_MS 10000
#define ANSWER_MS 15000
#define SAID_MAX 3u
#define ATTEMPTS_AFTER_WELCOME 1u /* a line that carried a session is retried within a second */

typedef struct {
  uint64_t last_seq;
  size_t bytes;
} flight_t;

typedef enum { ROUND_NONE = 0, ROUND_UP, ROUND_PING, ROUND_DOWN } round_stage_t;

struct agent_session {
  agent_state_name_t state;
  agent_event_type_t event; /* of the present step */
  session_watch_fn *watch;
  void *watch_ctx;
  bool enrolled;
  bool registered; /* not enrolled, but the centre may know our key: the answer may have been lost */
  uint64_t random;
  str_t program;
  agent_facts_t facts;
  uint32_t attempts, dials;
  session_reason_t trouble; /* what a person should see at the centre too; SESSION_OK: nothing */
  mono_t deadline;          /* of the state: attempt due, or patience over */

  /* of the present session */
  uint64_t token, acked, sent;
  uint32_t credit, ping_ms;
  uint64_t epoch;
  flight_t flight[CHUNKS_IN_FLIGHT_MAX];
  size_t flight_n, flight_bytes, target;
  bool reading, progressed, busy;
  mono_t heard, spoken, busy_until;
  uint64_t down_lsn, nonce;
  uint32_t downs_storing;

  round_stage_t round_stage;
  uint64_t round_now, round_next, round_seq, round_nonce, round_lsn;

  message_t said[SAID_MAX]; /* of the present step */
  size_t said_n;
};

agent_session_t *
agent_session_new (bool enrolled, uint64_t seed, str_t program)
{
  agent_session_t *s = calloc (1, sizeof *s);
  if (s == NULL)
    return NULL;
  s->enrolled = enrolled;
  s->random = seed | 1;
  s->program = program;
  s->target = CHUNK_TARGET_MAX;
  s->deadline.ms = INT64_MAX;
  return s;
}

void
agent_session_destroy (agent_session_t **self_p)
{
  free (*self_p);
  *self_p = NULL;
}

agent_state_name_t
agent_session_state (const agent_session_t *s)
{
  return s->state;
}

void
agent_session_watch (agent_session_t *s, session_watch_fn *fn, void *ctx)
{
  s->watch = fn;
  s->watch_ctx = ctx;
}

static const char *const state_names[] = {"idle",     "waiting",  "dialling", "enrolling",
                                          "greeting", "checking", "live"};
_Static_assert(sizeof state_names / sizeof *state_names == AGENT_LIVE + 1, "a name for each state");
static const char *const event_names[] = {"start",       "stop",           "tick",         "facts",
                                          "line up",     "line down",      "line refused", "message",
                                          "bad frame",   "cursor checked", "chunk sent",   "enrol stored",
                                          "down stored", "store failed",   "round wanted"};
_Static_assert(sizeof event_names / sizeof *event_names == AGENT_E_ROUND_WANTED + 1, "a name for each event");

static agent_effect_t *
effect (agent_effects_t *out, agent_effect_type_t type)
{
  CHECK (out->n < AGENT_EFFECTS_MAX);
  agent_effect_t *e = &out->at[out->n++];
  *e = (agent_effect_t){.type = type};
  return e;
}

static message_t *
say (agent_session_t *s, agent_effects_t *out, message_type_t type, mono_t now)
{
  CHECK (s->said_n < SAID_MAX);
  message_t *m = &s->said[s->said_n++];
  *m = (message_t){.type = type};
  s->spoken = now;
  effect (out, AGENT_DO_SEND)->u.message = m;
  return m;
}

static void
tell (agent_effects_t *out, session_reason_t reason)
{
  effect (out, AGENT_DO_TELL)->u.reason = reason;
}

/* xorshift64*: jitter needs no more. */
static uint32_t
random_below (agent_session_t *s, uint32_t n)
{
  s->random ^= s->random >> 12;
  s->random ^= s->random << 25;
  s->random ^= s->random >> 27;
  return (uint32_t)((s->random * UINT64_C (2685821657736338717)) >> 33) % n;
}

static void
dial (agent_session_t *s, agent_effects_t *out)
{
  agent_effect_t *e = effect (out, AGENT_DO_DIAL);
  e->u.dial.attempt = s->dials++;
  e->u.dial.own_key = s->enrolled || s->registered;
}

/* The only place that assigns the state; says so, and does what entering it means. */
static void
change_state (agent_session_t *s, agent_state_name_t to, mono_t now, agent_effects_t *out)
{
  CHECK (to <= AGENT_LIVE);
  if (s->watch != NULL && to != s->state)
    s->watch (s->watch_ctx, state_names[s->state], event_names[s->event], state_names[to]);
  s->state = to;
  switch (to) {
  case AGENT_IDLE:
  case AGENT_WAITING:
    s->deadline.ms = INT64_MAX; /* WAITING: set by retry */
    break;
  case AGENT_DIALLING:
    s->deadline.ms = now.ms + DIAL_MS;
    dial (s, out);
    break;
  case AGENT_ENROLLING:
  case AGENT_GREETING:
    s->deadline.ms = now.ms + ANSWER_MS;
    break;
  case AGENT_CHECKING:
  case AGENT_LIVE:
    s->deadline.ms = INT64_MAX; /* LIVE: from heard and spoken */
    break;
  }
}

static void
forget_session (agent_session_t *s)
{
  if (s->flight_n > 0 && !s->progressed && s->target > CHUNK_TARGET_MIN)
    s->target /= 2; /* what never gets through in one piece may in smaller ones */
  s->token = 0;
  s->flight_n = 0;
  s->flight_bytes = 0;
  s->reading = false;
  s->progressed = false;
  s->downs_storing = 0;
  if (s->round_stage != ROUND_NONE)
    s->round_stage = ROUND_UP; /* begins again in the next session; its seq stands */
}

/* A line that carried a session and broke is tried again soon; a centre that ends each session it has begun
 * is asked less and less often. */
static bool
line_failed (session_reason_t why)
{
  return why == SESSION_CUT || why == SESSION_SILENT || why == SESSION_SHUTDOWN;
}

/* The session is over, or never was: say why and wait. */
static void
retry (agent_session_t *s, session_reason_t why, mono_t now, bool hang_up, agent_effects_t *out)
{
  if (hang_up)
    effect (out, AGENT_DO_HANG_UP);
  if (s->state == AGENT_LIVE && line_failed (why) && s->attempts > ATTEMPTS_AFTER_WELCOME)
    s->attempts = ATTEMPTS_AFTER_WELCOME;
  forget_session (s);
  change_state (s, AGENT_WAITING, now, out);
  if (session_reason_retry (why) != RETRY_soon || why == SESSION_STORE_FAILED)
    s->trouble = why;
  int64_t wait = RETRY_MAX_MS;
  if (session_reason_retry (why) == RETRY_soon) {
    for (wait = RETRY_MIN_MS; wait < RETRY_MAX_MS && wait < (RETRY_MIN_MS << (s->attempts & 31u));)
      wait *= 2;
    if (wait > RETRY_MAX_MS)
      wait = RETRY_MAX_MS;
    if (s->attempts < 16)
      s->attempts++;
  }
  s->deadline.ms = now.ms + wait / 2 + random_below (s, (uint32_t)(wait / 2));
  tell (out, why);
}

static void
end_session (agent_session_t *s, session_reason_t why, mono_t now, agent_effects_t *out)
{
  message_t *m = say (s, out, MSG_BYE, now);
  m->u.bye.token = s->token;
  m->u.bye.reason = str_of (session_reason_name (why));
  retry (s, why, now, true, out);
}

/* ---- going on within a live session ---- */

static void
ping (agent_session_t *s, uint64_t nonce, mono_t now, agent_effects_t *out)
{
  message_t *m = say (s, out, MSG_PING, now);
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
  if (s->round_stage == ROUND_UP && s->acked >= s->round_seq) {
    s->round_stage = ROUND_PING;
    s->round_nonce = ++s->nonce;
    ping (s, s->round_nonce, now, out);
  }
  if (s->round_stage == ROUND_DOWN && s->down_lsn >= s->round_lsn && s->downs_storing == 0) {
    s->round_stage = ROUND_NONE;
    effect (out, AGENT_DO_ROUND_DONE)->u.seq = s->round_now;
  }
}

/* Sends what credit allows: one chunk an effect; the shell's CHUNK_SENT comes back here. */
static void
pump (agent_session_t *s, mono_t now, agent_effects_t *out)
{
  if (s->state != AGENT_LIVE)
    return;
  round_on (s, now, out);
  if (s->reading || s->sent >= s->facts.stream.last_seq || s->flight_n == CHUNKS_IN_FLIGHT_MAX ||
      now.ms < s->busy_until.ms)
    return;
  size_t room = s->credit > s->flight_bytes ? s->credit - s->flight_bytes : 0;
  if (s->flight_n > 0 && room < UPDATE_MAX)
    return; /* the next update could be that large; one chunk alone may be any size */
  s->reading = true;
  agent_effect_t *e = effect (out, AGENT_DO_SEND_CHUNK);
  e->u.chunk.first_seq = s->sent + 1;
  e->u.chunk.token = s->token;
  e->u.chunk.max_bytes = s->target < room || s->flight_n == 0 ? s->target : room;
}

static void
go_live (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  change_state (s, AGENT_LIVE, e->now, out);
  s->sent = s->acked;
  s->busy = false;
  s->busy_until.ms = 0;
  tell (out, SESSION_OK);
  if (s->acked > s->facts.stream.last_acked)
    effect (out, AGENT_DO_STORE_ACK)->u.seq = s->acked;
  pump (s, e->now, out);
}

static void
hello (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  change_state (s, AGENT_GREETING, e->now, out);
  msg_hello_t *h = &say (s, out, MSG_HELLO, e->now)->u.hello;
  h->protocols[0] = WIRE_PROTOCOL;
  h->protocols_n = 1;
  h->streams = &s->facts.stream;
  h->streams_n = 1;
  h->boot = s->facts.boot;
  h->epochs = s->facts.epochs;
  h->epochs_n = s->facts.epochs_n;
  h->down = s->facts.down;
  h->program = s->program;
  h->agent_time = e->wall;
  h->uptime_ms = (uint64_t)e->now.ms;
  h->pending = s->facts.pending;
  h->oldest = s->facts.oldest;
  h->down_credit = DOWN_CREDIT_BYTES;
  if (s->trouble != SESSION_OK)
    h->last_error = str_of (session_reason_words (s->trouble));
}

/* ---- what the centre says ---- */

/* Ours minus theirs, bounded whatever they say. */
static int64_t
clock_offset (wall_t ours, wall_t theirs)
{
  const int64_t far = INT64_MAX / 4;
  if (theirs.ms > far || theirs.ms < -far)
    theirs.ms = theirs.ms > 0 ? far : -far;
  if (ours.ms > far || ours.ms < -far)
    ours.ms = ours.ms > 0 ? far : -far;
  return ours.ms - theirs.ms;
}

static void
welcome (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  const msg_welcome_t *w = &e->u.message->u.welcome;
  const stream_state_t *mine = &s->facts.stream;
  stream_cursor_t at = {.store = mine->store, .acked_fits = mine->last_acked == 0};
  for (size_t i = 0; i < w->streams_n; i++)
    if (store_id_eq (w->streams[i].store, mine->store))
      at = w->streams[i];
  effect (out, AGENT_DO_CLOCK)->u.offset_ms = clock_offset (e->wall, w->collector_time);
  if (w->protocol != WIRE_PROTOCOL) {
    end_session (s, SESSION_VERSION, e->now, out);
    return;
  }
  s->token = w->token;
  s->credit = w->credit;
  s->ping_ms = w->ping_ms > 0 && w->ping_ms <= 3600000 ? w->ping_ms : PING_INTERVAL_MS;
  s->epoch = w->end.epoch;
  s->down_lsn = s->facts.down.epoch == w->end.epoch ? s->facts.down.lsn : 0;
  s->acked = at.cursor;
  if (at.cursor > mine->last_seq)
    end_session (s, SESSION_STORE_OLDER, e->now, out);
  else if (at.cursor >= mine->last_acked && !at.acked_fits)
    end_session (s, SESSION_STORE_CLONED, e->now, out);
  else if (at.cursor == 0)
    go_live (s, e, out);
  else {
    change_state (s, AGENT_CHECKING, e->now, out);
    effect (out, AGENT_DO_CHECK_CURSOR)->u.cursor = at;
  }
}

static void
ack (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  const msg_ack_t *a = &e->u.message->u.ack;
  if (!store_id_eq (a->store, s->facts.stream.store))
    return;
  if (a->restated || a->seq > s->sent) {
    end_session (s, a->restated ? SESSION_RESTATED : SESSION_MALFORMED, e->now, out);
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
      tell (out, SESSION_OK);
    s->busy = false;
    s->busy_until.ms = 0;
    s->target = s->target * 2 < CHUNK_TARGET_MAX ? s->target * 2 : CHUNK_TARGET_MAX;
    effect (out, AGENT_DO_STORE_ACK)->u.seq = a->seq;
  }
  pump (s, e->now, out);
}

static void
bye (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  session_reason_t why = session_reason_of_name (e->u.message->u.bye.reason);
  retry (s, why == SESSION_REASON_COUNT ? SESSION_CUT : why, e->now, true, out);
}

static void
enrolled (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  const msg_enrolled_t *m = &e->u.message->u.enrolled;
  if (str_blank (m->refusal)) {
    effect (out, AGENT_DO_STORE_ENROL);
    return;
  }
  session_reason_t why = session_reason_of_name (m->refusal);
  retry (s, why == SESSION_REASON_COUNT ? SESSION_NOT_ADMITTED : why, e->now, true, out);
}

/* Messages of a live session. Those of another token do nothing, but for BYE of a peer that knows none. */
static void
live_message (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
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
    effect (out, AGENT_DO_STORE_DOWN);
    return;
  case MSG_PONG:
    if (m->u.pong.token != s->token)
      return;
    if (s->round_stage == ROUND_PING && m->u.pong.nonce == s->round_nonce) {
      s->round_stage = ROUND_DOWN;
      s->round_lsn = m->u.pong.lsn;
    }
    pump (s, e->now, out);
    return;
  case MSG_BUSY:
    if (m->u.busy.token != s->token)
      return;
    s->busy = true;
    s->busy_until.ms =
        e->now.ms + (m->u.busy.retry_after_ms < RETRY_MAX_MS ? m->u.busy.retry_after_ms : RETRY_MAX_MS);
    tell (out, SESSION_BUSY);
    return;
  case MSG_BYE:
    if (m->u.bye.token == s->token || m->u.bye.token == 0)
      bye (s, e, out);
    return;
  case MSG_NONE:
  case MSG_ENROL:
  case MSG_ENROLLED:
  case MSG_HELLO:
  case MSG_WELCOME:
  case MSG_CHUNK:
  case MSG_DOWN_ACK:
  case MSG_PING:
    return; /* late or not the centre's to send: no effect */
  }
}

static void
message (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  s->heard = e->now;
  message_type_t type = e->u.message->type;
  switch (s->state) {
  case AGENT_IDLE:
  case AGENT_WAITING:
  case AGENT_DIALLING:
    return; /* nothing can come from a line we do not have */
  case AGENT_ENROLLING:
    if (type == MSG_ENROLLED)
      enrolled (s, e, out);
    else if (type == MSG_BYE)
      bye (s, e, out);
    return;
  case AGENT_GREETING:
    if (type == MSG_WELCOME)
      welcome (s, e, out);
    else if (type == MSG_BUSY)
      retry (s, SESSION_BUSY, e->now, true, out);
    else if (type == MSG_BYE)
      bye (s, e, out);
    return;
  case AGENT_CHECKING:
    if (type == MSG_BYE)
      bye (s, e, out);
    return; /* a DOWN this early is sent again: its credit is never given back without a DOWN_ACK */
  case AGENT_LIVE:
    live_message (s, e, out);
    return;
  }
}

/* ---- what the shell says ---- */

static void
tick (agent_session_t *s, mono_t now, agent_effects_t *out)
{
  switch (s->state) {
  case AGENT_IDLE:
  case AGENT_CHECKING:
    return;
  case AGENT_WAITING:
    if (now.ms >= s->deadline.ms)
      change_state (s, AGENT_DIALLING, now, out);
    return;
  case AGENT_DIALLING:
    if (now.ms >= s->deadline.ms)
      retry (s, SESSION_UNREACHABLE, now, true, out);
    return;
  case AGENT_ENROLLING:
  case AGENT_GREETING:
    if (now.ms >= s->deadline.ms)
      retry (s, SESSION_SILENT, now, true, out);
    return;
  case AGENT_LIVE:
    if (now.ms - s->heard.ms >= SILENT_AFTER_MS + (int64_t)s->ping_ms) {
      retry (s, SESSION_SILENT, now, true, out);
      return;
    }
    if (now.ms - s->spoken.ms >= (int64_t)s->ping_ms)
      ping (s, 0, now, out);
    pump (s, now, out);
    return;
  }
}

mono_t
agent_session_deadline (const agent_session_t *s)
{
  if (s->state != AGENT_LIVE)
    return s->deadline;
  int64_t at = s->spoken.ms + (int64_t)s->ping_ms;
  if (s->busy && s->busy_until.ms > 0 && s->busy_until.ms < at && s->sent < s->facts.stream.last_seq &&
      s->flight_n == 0)
    at = s->busy_until.ms;
  return (mono_t){at};
}

static void
line_up (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  if (s->state != AGENT_DIALLING)
    return;
  s->heard = e->now;
  if (s->enrolled) {
    hello (s, e, out);
    return;
  }
  change_state (s, AGENT_ENROLLING, e->now, out);
  s->registered = true;
  s->spoken = e->now;
  effect (out, AGENT_DO_ENROL);
}

static bool
has_line (const agent_session_t *s)
{
  return s->state >= AGENT_DIALLING;
}

/* Our own key is tried first by who may have enrolled already, then the invite's. */
static void
line_refused (agent_session_t *s, mono_t now, agent_effects_t *out)
{
  if (!has_line (s))
    return;
  if (s->enrolled || !s->registered) {
    retry (s, s->enrolled ? SESSION_KEY_REFUSED : SESSION_INVITE_UNKNOWN, now, true, out);
    return;
  }
  s->registered = false;
  effect (out, AGENT_DO_HANG_UP);
  change_state (s, AGENT_DIALLING, now, out);
}

static void
enrol_stored (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  if (s->state != AGENT_ENROLLING)
    return;
  if (!e->u.stored.ok) {
    end_session (s, SESSION_FORGED, e->now, out);
    return;
  }
  s->enrolled = true;
  effect (out, AGENT_DO_HANG_UP);
  change_state (s, AGENT_DIALLING, e->now, out);
}

static void
down_stored (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  if (s->state != AGENT_LIVE || s->downs_storing == 0)
    return; /* of a session that is over: the next HELLO says how far we are */
  s->downs_storing--;
  if (!e->u.stored.ok) {
    end_session (s, SESSION_FORGED, e->now, out);
    return;
  }
  s->facts.down = e->u.stored.at;
  s->down_lsn = e->u.stored.at.lsn;
  s->progressed = true;
  s->attempts = 0;
  message_t *m = say (s, out, MSG_DOWN_ACK, e->now);
  m->u.down_ack = (msg_down_ack_t){.token = s->token, .at = e->u.stored.at};
  pump (s, e->now, out);
}

static void
chunk_sent (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
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
  pump (s, e->now, out);
}

static void
facts (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  position_t down = s->facts.down;
  s->facts = *e->u.facts;
  if (s->state == AGENT_LIVE)
    s->facts.down = down; /* ours is ahead of, or equal to, what another transaction read */
  pump (s, e->now, out);
}

static void
stop (agent_session_t *s, mono_t now, agent_effects_t *out)
{
  if (s->state == AGENT_LIVE || s->state == AGENT_CHECKING) {
    message_t *m = say (s, out, MSG_BYE, now);
    m->u.bye = (msg_bye_t){.token = s->token, .reason = str_of (session_reason_name (SESSION_SHUTDOWN))};
  }
  if (has_line (s))
    effect (out, AGENT_DO_HANG_UP);
  forget_session (s);
  change_state (s, AGENT_IDLE, now, out);
}

void
agent_session_step (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  CHECK (s != NULL && e != NULL);
  out->n = 0;
  s->said_n = 0;
  s->event = e->type;
  switch (e->type) {
  case AGENT_E_START:
    if (s->state == AGENT_IDLE) {
      s->registered = e->u.repeat;
      change_state (s, AGENT_DIALLING, e->now, out);
    }
    return;
  case AGENT_E_STOP:
    stop (s, e->now, out);
    return;
  case AGENT_E_TICK:
    tick (s, e->now, out);
    return;
  case AGENT_E_FACTS:
    facts (s, e, out);
    return;
  case AGENT_E_LINE_UP:
    line_up (s, e, out);
    return;
  case AGENT_E_LINE_DOWN:
    if (has_line (s))
      retry (s, e->u.reason, e->now, true, out);
    return;
  case AGENT_E_LINE_REFUSED:
    line_refused (s, e->now, out);
    return;
  case AGENT_E_MESSAGE:
    message (s, e, out);
    return;
  case AGENT_E_BAD_FRAME:
    if (s->state >= AGENT_ENROLLING)
      end_session (s, SESSION_MALFORMED, e->now, out);
    return;
  case AGENT_E_CURSOR_CHECKED:
    if (s->state != AGENT_CHECKING)
      return;
    if (e->u.fits)
      go_live (s, e, out);
    else
      end_session (s, SESSION_STORE_CLONED, e->now, out);
    return;
  case AGENT_E_CHUNK_SENT:
    chunk_sent (s, e, out);
    return;
  case AGENT_E_ENROL_STORED:
    enrol_stored (s, e, out);
    return;
  case AGENT_E_DOWN_STORED:
    down_stored (s, e, out);
    return;
  case AGENT_E_STORE_FAILED:
    if (has_line (s))
      retry (s, SESSION_STORE_FAILED, e->now, true, out);
    return;
  case AGENT_E_ROUND_WANTED:
    if (e->u.round > s->round_next)
      s->round_next = e->u.round;
    pump (s, e->now, out);
    return;
  }
}
