/* The agent's session, state by state.
 *
 * What makes it safe is told in few rules. (1) The centre's cursor is the only truth about progress: sending
 * begins behind it, whatever we thought was acknowledged, so a centre restored from an old copy is refilled.
 * (2) The cursor is believed only if the hash there is that of our own chain: else another machine writes
 * under our name, or our store went back in time, and going on would drop updates in silence. Then the store
 * leaves its stream for a new one (agent_fork.c). (3) Acknowledgements are cumulative and belong to a
 * token; those of an older session do nothing. (4) A gap is never repaired within a session: it hangs up and
 * starts over from HELLO, through the back-off, so no fault on either side can make a hot loop. */
#include "common/core/agent_session_private.h"

#include <stdlib.h>

#define DIAL_MS 10000
#define ANSWER_MS 15000
#define ATTEMPTS_AWAITED 5u /* a centre that waits for another is asked every few seconds */
#define DOUBLINGS_MAX 16u
#define ATTEMPTS_AFTER_WELCOME 1u /* a line that carried a session is retried within a second */

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

static const char *const state_names[] = {"idle",     "waiting",  "dialling", "enrolling", "presenting",
                                          "greeting", "checking", "forking",  "live"};
_Static_assert(sizeof state_names / sizeof *state_names == AGENT_LIVE + 1, "a name for each state");
static const char *const event_names[] = {
    "start",        "stop",         "tick",        "facts",          "line up",      "line down",
    "line refused", "message",      "bad frame",   "cursor checked", "probed",       "forked",
    "chunk sent",   "enrol stored", "down stored", "refill sent",    "store failed", "round wanted"};
_Static_assert(sizeof event_names / sizeof *event_names == AGENT_E_ROUND_WANTED + 1, "a name for each event");

agent_effect_t *
agent_effect (agent_effects_t *out, agent_effect_type_t type)
{
  CHECK (out->n < AGENT_EFFECTS_MAX);
  agent_effect_t *e = &out->at[out->n++];
  *e = (agent_effect_t){.type = type};
  return e;
}

message_t *
agent_say (agent_session_t *s, agent_effects_t *out, message_type_t type, mono_t now)
{
  CHECK (s->said_n < SAID_MAX);
  message_t *m = &s->said[s->said_n++];
  *m = (message_t){.type = type};
  s->spoken = now;
  agent_effect (out, AGENT_DO_SEND)->u.message = m;
  return m;
}

void
agent_tell (agent_effects_t *out, session_reason_t reason)
{
  agent_effect (out, AGENT_DO_TELL)->u.reason = reason;
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
  agent_effect_t *e = agent_effect (out, AGENT_DO_DIAL);
  e->u.dial.attempt = s->dials++;
  e->u.dial.own_key = s->enrolled || s->registered;
  e->u.dial.next_key = s->next_key && !s->presenting;
  e->u.dial.reentry = s->presenting;
}

/* The only place that assigns the state; says so, and does what entering it means. */
void
agent_change_state (agent_session_t *s, agent_state_name_t to, mono_t now, agent_effects_t *out)
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
  case AGENT_PRESENTING:
  case AGENT_GREETING:
    s->deadline.ms = now.ms + ANSWER_MS;
    break;
  case AGENT_CHECKING:
  case AGENT_FORKING:
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
  s->fork.on = false;
  s->token = 0;
  s->flight_n = 0;
  s->flight_bytes = 0;
  s->reading = false;
  s->refill_n = s->refill_at = 0;
  s->refill_sent = 0;
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

/* How often the wait has doubled: where nobody answers, once a round of all addresses. */
static uint32_t
doublings (const agent_session_t *s, session_reason_t why)
{
  const bool next = why == SESSION_UNREACHABLE || why == SESSION_HANDSHAKE;
  const uint32_t n = next && s->facts.addresses > 1 ? s->attempts / s->facts.addresses : s->attempts;
  return n < DOUBLINGS_MAX ? n : DOUBLINGS_MAX;
}

/* The session is over, or never was: say why and wait. */
void
agent_retry (agent_session_t *s, session_reason_t why, mono_t now, bool hang_up, agent_effects_t *out)
{
  if (hang_up)
    agent_effect (out, AGENT_DO_HANG_UP);
  if (s->state == AGENT_LIVE && line_failed (why) && s->attempts > ATTEMPTS_AFTER_WELCOME)
    s->attempts = ATTEMPTS_AFTER_WELCOME;
  if (why == SESSION_AWAITED && s->attempts > ATTEMPTS_AWAITED)
    s->attempts = ATTEMPTS_AWAITED;
  forget_session (s);
  s->presenting = s->readmitted = s->next_key = false;
  agent_change_state (s, AGENT_WAITING, now, out);
  if (session_reason_retry (why) != RETRY_soon || why == SESSION_STORE_FAILED)
    s->trouble = why;
  int64_t wait = RETRY_MAX_MS;
  if (session_reason_retry (why) == RETRY_soon) {
    for (wait = RETRY_MIN_MS; wait < RETRY_MAX_MS && wait < (RETRY_MIN_MS << doublings (s, why));)
      wait *= 2;
    if (wait > RETRY_MAX_MS)
      wait = RETRY_MAX_MS;
    if (s->attempts < UINT32_MAX)
      s->attempts++;
  }
  s->deadline.ms = now.ms + wait / 2 + random_below (s, (uint32_t)(wait / 2));
  agent_tell (out, why);
}

void
agent_end_session (agent_session_t *s, session_reason_t why, mono_t now, agent_effects_t *out)
{
  message_t *m = agent_say (s, out, MSG_BYE, now);
  m->u.bye.token = s->token;
  m->u.bye.reason = str_of (session_reason_name (why));
  agent_retry (s, why, now, true, out);
}

/* probe: our hash at the place asked for; NULL: no question. */
static void
hello (agent_session_t *s, const agent_event_t *e, const hash_t *probe, agent_effects_t *out)
{
  agent_change_state (s, AGENT_GREETING, e->now, out);
  msg_hello_t *h = &agent_say (s, out, MSG_HELLO, e->now)->u.hello;
  h->protocols[0] = WIRE_PROTOCOL;
  h->protocols_n = 1;
  s->streams[0] = s->facts.stream;
  for (size_t i = 0; i < s->facts.others_n; i++)
    s->streams[i + 1] = s->facts.others[i];
  h->streams = s->streams;
  h->streams_n = s->facts.others_n + 1;
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
  if (probe != NULL) {
    s->streams[0].last_acked = s->fork.probe;
    s->streams[0].hash_at_acked = *probe;
    h->down_credit = 0;
  }
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
note_one_refill (agent_session_t *s, const msg_welcome_t *w, const stream_state_t *held)
{
  for (size_t k = 0; k < w->streams_n; k++)
    if (store_id_eq (w->streams[k].store, held->store) && w->streams[k].cursor < held->last_seq) {
      s->refill[s->refill_n].store = held->store;
      s->refill[s->refill_n].next = w->streams[k].cursor + 1;
      s->refill[s->refill_n++].last = held->last_seq;
      return;
    }
}

/* A centre that has less than we hold of a stream of its own, or of one that we have left, was restored from
 * a backup. Its own come first, then ours from the oldest on. */
static void
note_refill (agent_session_t *s, const msg_welcome_t *w)
{
  s->refill_n = s->refill_at = 0;
  s->refill_sent = 0;
  for (size_t i = 0; i < s->facts.others_n; i++)
    if (s->facts.others[i].centre)
      note_one_refill (s, w, &s->facts.others[i]);
  for (size_t i = s->facts.others_n; i > 0; i--)
    if (!s->facts.others[i - 1].centre)
      note_one_refill (s, w, &s->facts.others[i - 1]);
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
  if (s->fork.on && at.acked != 0 && at.acked != s->fork.probe)
    return; /* answers an earlier question, twice */
  agent_effect (out, AGENT_DO_CLOCK)->u.offset_ms = clock_offset (e->wall, w->collector_time);
  if (w->protocol != WIRE_PROTOCOL) {
    agent_end_session (s, SESSION_VERSION, e->now, out);
    return;
  }
  s->token = w->token;
  s->credit = w->credit;
  s->ping_ms = w->ping_ms > 0 && w->ping_ms <= 3600000 ? w->ping_ms : PING_INTERVAL_MS;
  s->epoch = w->end.epoch;
  s->down_lsn = s->facts.down.epoch == w->end.epoch ? s->facts.down.lsn : 0;
  s->acked = at.cursor;
  s->at = at;
  note_refill (s, w);
  if (w->addresses_n > 0)
    agent_effect (out, AGENT_DO_ADDRESSES);
  if (s->fork.on)
    agent_fork_answered (s, &at, e->now, out);
  else if (at.cursor > mine->last_seq || (at.cursor >= mine->last_acked && !at.acked_fits))
    agent_fork_begin (s, &at, false, e->now, out);
  else if (at.cursor == 0)
    agent_live_begin (s, e, out);
  else {
    agent_change_state (s, AGENT_CHECKING, e->now, out);
    agent_effect (out, AGENT_DO_CHECK_CURSOR)->u.cursor = at;
  }
}

void
agent_bye (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  session_reason_t why = session_reason_of_name (e->u.message->u.bye.reason);
  agent_retry (s, why == SESSION_REASON_COUNT ? SESSION_CUT : why, e->now, true, out);
}

static void
enrolled (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  const msg_enrolled_t *m = &e->u.message->u.enrolled;
  if (str_blank (m->refusal)) {
    agent_effect (out, AGENT_DO_STORE_ENROL);
    return;
  }
  session_reason_t why = session_reason_of_name (m->refusal);
  if (s->enrolled) { /* new keys that it does not take, or does not know the like of: ours are good as before
                      */
    agent_effect (out, AGENT_DO_DROP_KEYS);
    why = why == SESSION_INVITE_UNKNOWN ? SESSION_NOT_ADMITTED : why;
  }
  agent_retry (s, why == SESSION_REASON_COUNT ? SESSION_NOT_ADMITTED : why, e->now, true, out);
}

/* A nonce to sign, or the answer: then our own key is tried again. */
static void
readmitted (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  const msg_readmitted_t *m = &e->u.message->u.readmitted;
  if (!id_is_zero (m->nonce.b, sizeof m->nonce.b)) {
    s->spoken = e->now;
    agent_effect (out, AGENT_DO_PRESENT)->u.nonce = m->nonce;
    return;
  }
  if (!m->admitted) {
    session_reason_t why = session_reason_of_name (m->refusal);
    agent_retry (s, why == SESSION_REVOKED || why == SESSION_REPLACED ? why : SESSION_KEY_REFUSED, e->now,
                 true, out);
    return;
  }
  s->presenting = false;
  s->readmitted = true;
  agent_effect (out, AGENT_DO_HANG_UP);
  agent_change_state (s, AGENT_DIALLING, e->now, out);
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
      agent_bye (s, e, out);
    return;
  case AGENT_PRESENTING:
    if (type == MSG_READMITTED)
      readmitted (s, e, out);
    else if (type == MSG_BYE)
      agent_bye (s, e, out);
    return;
  case AGENT_GREETING:
    if (type == MSG_WELCOME)
      welcome (s, e, out);
    else if (type == MSG_BUSY)
      agent_retry (s, SESSION_BUSY, e->now, true, out);
    else if (type == MSG_BYE)
      agent_bye (s, e, out);
    return;
  case AGENT_CHECKING:
  case AGENT_FORKING:
    if (type == MSG_BYE)
      agent_bye (s, e, out);
    return; /* a DOWN this early is sent again: its credit is never given back without a DOWN_ACK */
  case AGENT_LIVE:
    agent_live_message (s, e, out);
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
  case AGENT_FORKING:
    return;
  case AGENT_WAITING:
    if (now.ms >= s->deadline.ms)
      agent_change_state (s, AGENT_DIALLING, now, out);
    return;
  case AGENT_DIALLING:
    if (now.ms >= s->deadline.ms)
      agent_retry (s, SESSION_UNREACHABLE, now, true, out);
    return;
  case AGENT_ENROLLING:
  case AGENT_PRESENTING:
  case AGENT_GREETING:
    if (now.ms >= s->deadline.ms)
      agent_retry (s, SESSION_SILENT, now, true, out);
    return;
  case AGENT_LIVE:
    agent_live_tick (s, now, out);
    return;
  }
}

mono_t
agent_session_deadline (const agent_session_t *s)
{
  return s->state == AGENT_LIVE ? agent_live_deadline (s) : s->deadline;
}

static void
line_up (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  if (s->state != AGENT_DIALLING)
    return;
  s->heard = e->now;
  if (s->presenting) {
    agent_change_state (s, AGENT_PRESENTING, e->now, out);
    s->spoken = e->now;
    agent_effect (out, AGENT_DO_PRESENT)->u.nonce = (hash_t){{0}};
    return;
  }
  if (s->enrolled && !s->facts.rekey) {
    hello (s, e, NULL, out);
    return;
  }
  agent_change_state (s, AGENT_ENROLLING, e->now, out);
  s->registered = true;
  s->spoken = e->now;
  agent_effect (out, AGENT_DO_ENROL);
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
  /* The answer to our new keys may have been lost: then they are let in, and no others. */
  if (s->enrolled && s->facts.rekey && !s->presenting && !s->next_key) {
    s->next_key = true;
    agent_effect (out, AGENT_DO_HANG_UP);
    agent_change_state (s, AGENT_DIALLING, now, out);
    return;
  }
  s->next_key = false;
  /* A centre restored from a backup of before we enrolled: our certificate speaks for us, once. */
  if (s->enrolled && s->facts.reentry && !s->presenting && !s->readmitted) {
    s->presenting = true;
    agent_effect (out, AGENT_DO_HANG_UP);
    agent_change_state (s, AGENT_DIALLING, now, out);
    return;
  }
  if (s->enrolled || !s->registered) {
    agent_retry (s, s->enrolled ? SESSION_KEY_REFUSED : SESSION_INVITE_UNKNOWN, now, true, out);
    return;
  }
  s->registered = false;
  agent_effect (out, AGENT_DO_HANG_UP);
  agent_change_state (s, AGENT_DIALLING, now, out);
}

static void
enrol_stored (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  if (s->state != AGENT_ENROLLING)
    return;
  if (!e->u.stored.ok) {
    agent_end_session (s, SESSION_FORGED, e->now, out);
    return;
  }
  s->enrolled = true;
  s->next_key = false;
  agent_effect (out, AGENT_DO_HANG_UP);
  agent_change_state (s, AGENT_DIALLING, e->now, out);
}

/* New keys are registered over a line of their own. */
static void
renew_keys (agent_session_t *s, mono_t now, agent_effects_t *out)
{
  message_t *m = agent_say (s, out, MSG_BYE, now);
  m->u.bye = (msg_bye_t){.token = s->token, .reason = str_of (session_reason_name (SESSION_SHUTDOWN))};
  agent_effect (out, AGENT_DO_HANG_UP);
  forget_session (s);
  agent_change_state (s, AGENT_DIALLING, now, out);
}

static void
facts (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  position_t down = s->facts.down;
  const bool rekey = s->facts.rekey;
  const bool same = store_id_eq (s->facts.stream.store, e->u.facts->stream.store);
  s->facts = *e->u.facts;
  if (!same) /* numbers begin anew */
    s->round_seq = s->facts.stream.last_seq;
  if (s->state == AGENT_LIVE)
    s->facts.down = down; /* ours is ahead of, or equal to, what another transaction read */
  if (s->state == AGENT_LIVE && s->facts.rekey) {
    renew_keys (s, e->now, out);
    return;
  }
  if (s->state == AGENT_WAITING && s->facts.rekey && !rekey)
    s->deadline = e->now; /* somebody waits for it */
  agent_live_pump (s, e->now, out);
}

static void
cursor_checked (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  if (s->state != AGENT_CHECKING || s->fork.on)
    return;
  if (e->u.fits)
    agent_live_begin (s, e, out);
  else
    agent_fork_begin (s, &s->at, true, e->now, out);
}

static void
forked (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  if (s->state != AGENT_FORKING)
    return;
  s->fork.on = false;
  if (!e->u.stored.ok) {
    agent_retry (s, SESSION_STORE_FAILED, e->now, true, out);
    return;
  }
  s->forked = true;
  hello (s, e, NULL, out);
}

static void
round_wanted (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  if (e->u.round > s->round_next) {
    s->round_next = e->u.round;
    if (s->state == AGENT_WAITING)
      s->deadline = e->now; /* somebody waits for this one: the line is tried at once */
  }
  agent_live_pump (s, e->now, out);
}

static void
stop (agent_session_t *s, mono_t now, agent_effects_t *out)
{
  if (s->state >= AGENT_CHECKING) {
    message_t *m = agent_say (s, out, MSG_BYE, now);
    m->u.bye = (msg_bye_t){.token = s->token, .reason = str_of (session_reason_name (SESSION_SHUTDOWN))};
  }
  if (has_line (s))
    agent_effect (out, AGENT_DO_HANG_UP);
  forget_session (s);
  s->presenting = s->readmitted = s->next_key = false;
  agent_change_state (s, AGENT_IDLE, now, out);
}

/* What holds between any two events, whatever came. */
static void
check_machine (const agent_session_t *s)
{
  size_t bytes = 0;
  uint64_t before = s->acked;
  for (size_t i = 0; i < s->flight_n; i++) {
    CHECK (s->flight[i].last_seq > before);
    before = s->flight[i].last_seq;
    bytes += s->flight[i].bytes;
  }
  CHECK (bytes == s->flight_bytes);
  bool live = s->state == AGENT_LIVE;
  CHECK (live || (s->flight_n == 0 && !s->reading));
  CHECK (!live || (s->acked <= s->sent && before <= s->sent));
  CHECK (s->round_now <= s->round_next);
  bool waits = s->state != AGENT_IDLE && s->state != AGENT_CHECKING && s->state != AGENT_FORKING && !live;
  CHECK (waits == (s->deadline.ms != INT64_MAX)); /* nothing waits for ever */
}

static void
react (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  switch (e->type) {
  case AGENT_E_START:
    if (s->state == AGENT_IDLE) {
      s->registered = e->u.repeat;
      agent_change_state (s, AGENT_DIALLING, e->now, out);
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
      agent_retry (s, e->u.reason, e->now, true, out);
    return;
  case AGENT_E_LINE_REFUSED:
    line_refused (s, e->now, out);
    return;
  case AGENT_E_MESSAGE:
    message (s, e, out);
    return;
  case AGENT_E_BAD_FRAME:
    if (s->state >= AGENT_ENROLLING)
      agent_end_session (s, SESSION_MALFORMED, e->now, out);
    return;
  case AGENT_E_CURSOR_CHECKED:
    cursor_checked (s, e, out);
    return;
  case AGENT_E_PROBED:
    if (s->state == AGENT_CHECKING && s->fork.on)
      hello (s, e, &e->u.hash, out);
    return;
  case AGENT_E_FORKED:
    forked (s, e, out);
    return;
  case AGENT_E_CHUNK_SENT:
    agent_live_chunk_sent (s, e, out);
    return;
  case AGENT_E_REFILL_SENT:
    agent_live_refill_sent (s, e, out);
    return;
  case AGENT_E_ENROL_STORED:
    enrol_stored (s, e, out);
    return;
  case AGENT_E_DOWN_STORED:
    agent_live_down_stored (s, e, out);
    return;
  case AGENT_E_STORE_FAILED:
    if (has_line (s))
      agent_retry (s, SESSION_STORE_FAILED, e->now, true, out);
    return;
  case AGENT_E_ROUND_WANTED:
    round_wanted (s, e, out);
    return;
  }
}

void
agent_session_step (agent_session_t *s, const agent_event_t *e, agent_effects_t *out)
{
  CHECK (s != NULL && e != NULL && out != NULL);
  out->n = 0;
  s->said_n = 0;
  s->event = e->type;
  react (s, e, out);
  check_machine (s);
}
