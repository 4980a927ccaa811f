/* line_effects.c - the effects of the session machine, carried out: addresses, frames, tasks of the keeper.
 */
#include "agent/sync/line_private.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/wire/message_wire.h"

#include <stdio.h>

#define LINK_MS 10000 /* last contact is stored this often while nothing changes */
#define ARENA_EXTRA (64u << 10)

void
line_finish (line_t *l, err_t err)
{
  if (l->finished)
    return;
  l->finished = true;
  l->err = err;
}

/* Over a store that must be opened anew nothing goes on, whoever notices it first. */
err_t
line_seen (line_t *l, err_t err)
{
  if (err == ERR_REOPEN)
    line_finish (l, fail_set (l->fail, ERR_REOPEN, "%s", err_words (ERR_REOPEN)));
  return err;
}

static void
hand (line_t *l, task_t *t)
{
  l->tasks++;
  mailbox_send (keeper_mailbox (l->keeper), t);
}

void
line_hand_number (line_t *l, task_type_t type, uint64_t seq)
{
  task_t *t = task_new (type);
  if (t == NULL)
    return; /* said again by the next session */
  t->seq = seq;
  hand (l, t);
}

void
line_store_link (line_t *l)
{
  task_t *t = task_new (TASK_LINK);
  if (t == NULL)
    return;
  t->link = l->link;
  if (l->result.reason != SESSION_OK)
    snprintf (t->error, sizeof t->error, "%s", session_reason_words (l->result.reason));
  snprintf (t->address, sizeof t->address, "%s", l->good);
  l->link_dirty = false;
  l->link_at = clock_mono ().ms + LINK_MS;
  hand (l, t);
}

void
line_happens (line_t *l, agent_event_type_t type)
{
  CHECK (l->queue_n < QUEUE_MAX);
  l->queue[l->queue_n++] = (agent_event_t){.type = type};
}

agent_event_t *
line_last_event (line_t *l)
{
  return &l->queue[l->queue_n - 1];
}

/* ---- effects ---- */

static void
send_message (line_t *l, const message_t *m)
{
  buf_clear (&l->out);
  if (l->dealer != NULL && message_encode (m, &l->out) &&
      dealer_send (l->dealer, buf_str (&l->out)) == ERR_OK)
    return;
  line_happens (l, AGENT_E_LINE_DOWN);
  line_last_event (l)->u.reason = SESSION_CUT;
}

/* ---- addresses: the one that answered last comes first, then those behind it in turn ---- */

static uint32_t
turn_of (const line_t *l, size_t n)
{
  return n > 0 ? (uint32_t)((l->first + (l->attempt - l->first_attempt)) % n) : 0;
}

/* New ones are tried before those we have. */
static uint32_t
first_of (const line_t *l)
{
  const identity_t *id = outbox_identity (l->twin);
  for (size_t i = 0; i < id->addresses_n && id->addresses_new_n == 0; i++)
    if (str_is (id->addresses[i], l->good))
      return (uint32_t)i;
  return 0;
}

/* True: a new one, where another key may answer. */
static bool
choose_address (line_t *l, uint32_t attempt)
{
  const identity_t *id = outbox_identity (l->twin);
  uint32_t order = 0;
  for (size_t i = 0; i < id->addresses_n; i++)
    order = crc32c (order, id->addresses[i].p, id->addresses[i].n);
  if (order != l->order) {
    l->first_attempt = attempt;
    l->first = first_of (l);
  }
  l->order = order;
  l->attempt = attempt;
  l->address[0] = '\0';
  if (id->addresses_n == 0)
    return false;
  const size_t at = turn_of (l, id->addresses_n);
  snprintf (l->address, sizeof l->address, "%.*s", STR_ARG (id->addresses[at]));
  return at < id->addresses_new_n;
}

/* Whatever it says, the centre is here: a broken line is dialled here again. */
void
line_stay (line_t *l)
{
  snprintf (l->good, sizeof l->good, "%s", l->address);
  l->first = first_of (l);
  l->first_attempt = l->attempt + 1;
}

/* Something gets through here, but not all that must: the next address may do better. */
static void
go_on (line_t *l)
{
  const identity_t *id = outbox_identity (l->twin);
  for (size_t i = 0; i < id->addresses_n; i++)
    if (str_is (id->addresses[i], l->address))
      l->first = (uint32_t)i;
  l->first_attempt = l->attempt;
}

/* The centre has answered where we are. */
static void
answered (line_t *l)
{
  const identity_t *id = outbox_identity (l->twin);
  bool fresh = false;
  for (size_t i = 0; l->fresh && i < id->addresses_new_n; i++)
    fresh = fresh || str_is (id->addresses[i], l->address);
  task_t *t = fresh ? task_new (TASK_ANSWERED) : NULL;
  if (t == NULL)
    return; /* or the next session says it */
  snprintf (t->address, sizeof t->address, "%s", l->address);
  hand (l, t);
}

static void
dial (line_t *l, const agent_effect_t *f)
{
  err_t err = line_seen (l, outbox_refresh (l->twin, NULL));
  const identity_t *id = outbox_identity (l->twin);
  dealer_options_t o = {.endpoint = l->address, .server = id->server};
  dealer_destroy (&l->dealer);
  l->owed_ack = 0; /* WELCOME says it again */
  l->fresh = choose_address (l, f->u.dial.attempt);
  if (l->fresh)
    o.server = id->server_new;
  o.own = f->u.dial.own_key ? id->curve : id->once;
  o.own_secret = f->u.dial.own_key ? id->curve_secret : id->once_secret;
  if (f->u.dial.next_key) {
    o.own = id->next.curve;
    o.own_secret = id->next.curve_secret;
  }
  if (f->u.dial.reentry) {
    o.own = id->reentry;
    o.own_secret = id->reentry_secret;
  }
  if (err == ERR_OK)
    err = dealer_new (&o, &l->dealer);
  crypto_wipe (&o.own_secret, sizeof o.own_secret);
  if (err == ERR_OK)
    return;
  line_happens (l, AGENT_E_LINE_DOWN);
  line_last_event (l)->u.reason = SESSION_UNREACHABLE;
}

/* By the invite; or, enrolled, with new keys that those we have consent to. */
static void
enrol (line_t *l)
{
  const identity_t *id = outbox_identity (l->twin);
  const bool anew = id->enrolled && id->next.given;
  buf_t proved = BUF_INIT, consent = BUF_INIT;
  message_t m = {.type = MSG_ENROL};
  msg_enrol_t *e = &m.u.enrol;
  *e = (msg_enrol_t){.invite = anew ? (record_id_t){{0}} : id->invite,
                     .curve_key = anew ? id->next.curve : id->curve,
                     .sign_key = anew ? id->next.sign : id->sign,
                     .host = str_of (host_name ()),
                     .program = STR ("kc-agent " KC_VERSION),
                     .consent_given = anew};
  buf_put (&proved, e->invite.b, sizeof e->invite.b);
  buf_put (&proved, e->curve_key.b, sizeof e->curve_key.b);
  rekey_bytes (&e->curve_key, &e->sign_key, &consent);
  if (buf_ok (&proved))
    e->proof = sign_make (SIGN_ENROL, buf_str (&proved), anew ? &id->next.sign_secret : &id->sign_secret);
  if (buf_ok (&consent) && anew)
    e->consent = sign_make (SIGN_REKEY, buf_str (&consent), &id->sign_secret);
  buf_free (&proved);
  buf_free (&consent);
  send_message (l, &m);
}

static void
present (line_t *l, const hash_t *nonce)
{
  const identity_t *id = outbox_identity (l->twin);
  message_t m = {.type = MSG_PRESENT, .u.present.certificate = id->certificate};
  if (!id_is_zero (nonce->b, sizeof nonce->b)) {
    m.u.present.signature_given = true;
    m.u.present.signature =
        sign_make (SIGN_PRESENT, (str_t){(const char *)nonce->b, sizeof nonce->b}, &id->sign_secret);
  }
  send_message (l, &m);
}

static void
check_cursor (line_t *l, const stream_cursor_t *at)
{
  hash_t ours;
  err_t err = line_seen (l, outbox_hash_at (l->twin, at->cursor, &ours));
  if (err != ERR_OK && err != ERR_NOT_FOUND) {
    line_happens (l, AGENT_E_STORE_FAILED);
    return;
  }
  line_happens (l, AGENT_E_CURSOR_CHECKED);
  line_last_event (l)->u.fits = err == ERR_OK && hash_eq (ours, at->hash);
}

static void
send_chunk (line_t *l, uint64_t first_seq, size_t max_bytes, uint64_t token)
{
  message_t m = {.type = MSG_CHUNK};
  arena_t *arena = arena_new (CHUNK_MAX + UPDATE_MAX + ARENA_EXTRA);
  err_t err = arena != NULL
                  ? line_seen (l, outbox_read_chunk (l->twin, first_seq, max_bytes, arena, &m.u.chunk))
                  : ERR_NOMEM;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    line_happens (l, AGENT_E_STORE_FAILED);
  else {
    size_t bytes = chunk_bytes (&m.u.chunk);
    if (err == ERR_OK) {
      m.u.chunk.token = token;
      send_message (l, &m);
    }
    line_happens (l, AGENT_E_CHUNK_SENT);
    line_last_event (l)->u.chunk.last_seq = err == ERR_OK ? first_seq + m.u.chunk.updates_n - 1 : 0;
    line_last_event (l)->u.chunk.bytes = bytes;
  }
  arena_destroy (&arena);
}

static void
send_refill (line_t *l, store_id_t stream, uint64_t first_seq, uint64_t token)
{
  message_t m = {.type = MSG_CHUNK};
  arena_t *arena = arena_new (CHUNK_MAX + UPDATE_MAX + ARENA_EXTRA);
  err_t err = arena != NULL
                  ? line_seen (l, outbox_read_refill (l->twin, stream, first_seq, arena, &m.u.chunk))
                  : ERR_NOMEM;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    line_happens (l, AGENT_E_STORE_FAILED);
  else {
    if (err == ERR_OK) {
      m.u.chunk.token = token;
      send_message (l, &m);
    }
    line_happens (l, AGENT_E_REFILL_SENT);
    line_last_event (l)->u.chunk.last_seq = err == ERR_OK ? first_seq + m.u.chunk.updates_n - 1 : 0;
  }
  arena_destroy (&arena);
}

/* Our hash at a place the centre is asked about. */
static void
probe (line_t *l, uint64_t seq)
{
  hash_t ours;
  err_t err = line_seen (l, outbox_hash_at (l->twin, seq, &ours));
  line_happens (l, err == ERR_OK ? AGENT_E_PROBED : AGENT_E_STORE_FAILED);
  if (err == ERR_OK)
    line_last_event (l)->u.hash = ours;
}

static void
hand_fork (line_t *l, const agent_effect_t *f)
{
  task_t *t = task_new (TASK_FORK);
  if (t == NULL) {
    line_happens (l, AGENT_E_STORE_FAILED);
    return;
  }
  t->store = f->u.fork.store;
  t->seq = f->u.fork.common;
  t->cause = f->u.fork.older ? FORK_OLDER : FORK_TWIN;
  hand (l, t);
}

static void
hand_arrived (line_t *l, task_type_t type)
{
  CHECK (l->arrived != NULL);
  task_t *t = l->arrived;
  l->arrived = NULL;
  t->type = type;
  hand (l, t);
}

/* A probe has had each address once. */
static bool
probed_all (line_t *l)
{
  return l->options->goal == GOAL_PROBE && ++l->probes >= outbox_identity (l->twin)->addresses_n;
}

static void
tell (line_t *l, session_reason_t reason)
{
  bool ok = reason == SESSION_OK;
  if (ok)
    answered (l);
  else if (reason == SESSION_SILENT)
    go_on (l);
  l->link_dirty = l->link_dirty || l->link.online != ok || l->result.reason != reason;
  l->link.online = ok;
  l->result.reason = reason;
  l->result.welcomed = l->result.welcomed || ok;
  if (l->options->goal == GOAL_SERVE)
    return;
  if (ok && (l->options->goal == GOAL_PROBE || l->options->goal == GOAL_REKEY))
    line_finish (l, ERR_OK);
  if (!ok && (session_reason_retry (reason) != RETRY_soon || probed_all (l))) {
    err_t err = session_reason_retry (reason) == RETRY_soon ? ERR_UNREACHABLE
                : reason == SESSION_FORGED                  ? ERR_FORGED
                                                            : ERR_REFUSED;
    fail_set (l->fail, err, "%s", session_reason_words (reason));
    line_finish (l, err);
  }
}

/* The centre waits for a round. Asked again before that is over, it is the same one. */
static void
want_round (line_t *l)
{
  task_t *t = l->asked_round == 0 ? task_new (TASK_WANT) : NULL;
  if (t == NULL)
    return;
  l->asked_round = UINT64_MAX; /* it has no number yet */
  hand (l, t);
  if (l->options->goal == GOAL_SERVE)
    fprintf (stderr, "%s\n", L ("trung tâm yêu cầu gửi nhận ngay", "the centre asks to sync now"));
}

static void
round_over (line_t *l, uint64_t number)
{
  l->last_round = number;
  if (l->asked_round == 0 || number < l->asked_round)
    return;
  l->asked_round = 0;
  if (l->options->goal == GOAL_SERVE)
    fprintf (stderr, "%s\n", L ("đã gửi nhận xong theo yêu cầu của trung tâm", "synced as the centre asked"));
}

void
line_round_asked (line_t *l, const task_t *t)
{
  l->asked_round = t->err == ERR_OK ? t->seq : 0; /* not written: the centre sees it, and asks again */
  if (l->asked_round != 0 && l->last_round >= l->asked_round)
    round_over (l, l->last_round);
}

static void
carry_out (line_t *l, const agent_effect_t *f)
{
  switch (f->type) {
  case AGENT_DO_DIAL:
    dial (l, f);
    return;
  case AGENT_DO_HANG_UP:
    dealer_destroy (&l->dealer);
    return;
  case AGENT_DO_SEND:
    send_message (l, f->u.message);
    return;
  case AGENT_DO_ENROL:
    enrol (l);
    return;
  case AGENT_DO_PRESENT:
    present (l, &f->u.nonce);
    return;
  case AGENT_DO_DROP_KEYS:
    line_hand_number (l, TASK_DROP_KEYS, 0);
    return;
  case AGENT_DO_STORE_ENROL:
    hand_arrived (l, TASK_ENROL);
    return;
  case AGENT_DO_CHECK_CURSOR:
    check_cursor (l, &f->u.cursor);
    return;
  case AGENT_DO_PROBE:
    probe (l, f->u.seq);
    return;
  case AGENT_DO_FORK:
    hand_fork (l, f);
    return;
  case AGENT_DO_SEND_CHUNK:
    send_chunk (l, f->u.chunk.first_seq, f->u.chunk.max_bytes, f->u.chunk.token);
    return;
  case AGENT_DO_SEND_REFILL:
    send_refill (l, f->u.refill.store, f->u.refill.first_seq, f->u.refill.token);
    return;
  case AGENT_DO_STORE_ACK:
    l->link.last_ack = clock_wall ();
    line_hand_number (l, TASK_ACK, f->u.seq);
    return;
  case AGENT_DO_STORE_DOWN:
    hand_arrived (l, TASK_DOWN);
    return;
  case AGENT_DO_ADDRESSES:
    if (outbox_addresses_news (outbox_identity (l->twin), &l->arrived->message.u.welcome))
      hand_arrived (l, TASK_ADDRESSES);
    return;
  case AGENT_DO_WANT_ROUND:
    want_round (l);
    return;
  case AGENT_DO_ROUND_DONE:
    round_over (l, f->u.seq);
    line_hand_number (l, TASK_ROUND, f->u.seq);
    return;
  case AGENT_DO_TELL:
    tell (l, f->u.reason);
    return;
  case AGENT_DO_CLOCK:
    l->link.clock_offset_ms = f->u.offset_ms;
    l->result.clock_offset_ms = f->u.offset_ms;
    return;
  }
}

/* Steps the machine through all that is queued, and what comes of it. */
void
line_settle (line_t *l)
{
  agent_effects_t effects;
  CHECK (!l->stepping);
  l->stepping = true;
  while (l->queue_n > 0) {
    agent_event_t e = l->queue[0];
    l->queue_n--;
    for (size_t i = 0; i < l->queue_n; i++)
      l->queue[i] = l->queue[i + 1];
    e.now = clock_mono ();
    e.wall = clock_wall ();
    agent_session_step (l->machine, &e, &effects);
    for (size_t i = 0; i < effects.n; i++)
      carry_out (l, &effects.at[i]);
  }
  l->stepping = false;
}
