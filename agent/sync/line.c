/* line.c - the loop under serve, sync, join and doctor.
 *
 * What happens (socket, store, clock) becomes an event of the session machine, and its effects are carried
 * out here, in order; an effect that has an answer queues it as the next event. Two threads: this one reads
 * the store through a twin and never waits for its write lock, the keeper writes.
 *
 * News of other processes is noticed by the store's transaction id, looked at a few times a second: it costs
 * a memory read, and works wherever the store does. */
#include "agent/sync/line.h"

#include "agent/sync/keeper.h"
#include "common/base/lang.h"
#include "common/core/agent_session.h"
#include "common/crypto/crypto.h"
#include "common/net/dealer.h"
#include "common/platform/platform.h"
#include "common/wire/message_wire.h"

#include <stdio.h>
#include <stdlib.h>

#define LOOK_MS 200
#define LINK_MS 10000 /* last contact is stored this often while nothing changes */
#define READERS_MS 30000
#define OWED_MS 5000 /* between attempts to store a mark */
#define FRAMES_PER_TURN 64u
#define QUEUE_MAX 8u
#define OWN_STREAMS_MAX 17u /* the present one, and those that it and its parents left */
#define STOP_PATIENCE_MS 1500
#define ARENA_EXTRA (64u << 10)
#define LINK_BUDGET (64u << 10)

typedef struct {
  const line_options_t *options;
  outbox_t *twin;
  keeper_t *keeper;
  agent_session_t *machine;
  dealer_t *dealer;
  agent_facts_t facts;
  agent_event_t queue[QUEUE_MAX];
  size_t queue_n;
  bool stepping, finished, link_dirty;
  unsigned tasks; /* with the keeper */
  size_t probes;  /* attempts of a probe that failed */
  err_t err;
  fail_t *fail;
  line_result_t result;
  link_state_t link;
  char address[ADDRESS_MAX + 1];          /* of the present attempt */
  char good[ADDRESS_MAX + 1];             /* where the centre answered last */
  uint32_t order;                         /* which addresses we try in turn, */
  uint32_t first, first_attempt, attempt; /* from which on, since when; the present attempt */
  uint64_t seen_txn;
  int64_t look_at, link_at, readers_at, owed_at;
  uint64_t asked_round; /* by the centre, and not done yet; 0: none */
  uint64_t last_round;
  uint64_t owed_ack, owed_round; /* could not be stored; the session goes on */
  buf_t out;
  task_t *arrived; /* the message of the present event, if it may outlive it */
} line_t;

static void
finish (line_t *l, err_t err)
{
  if (l->finished)
    return;
  l->finished = true;
  l->err = err;
}

/* Over a store that must be opened anew nothing goes on, whoever notices it first. */
static err_t
seen (line_t *l, err_t err)
{
  if (err == ERR_REOPEN)
    finish (l, fail_set (l->fail, ERR_REOPEN, "%s", err_words (ERR_REOPEN)));
  return err;
}

static void
hand (line_t *l, task_t *t)
{
  l->tasks++;
  mailbox_send (keeper_mailbox (l->keeper), t);
}

static void
hand_number (line_t *l, task_type_t type, uint64_t seq)
{
  task_t *t = task_new (type);
  if (t == NULL)
    return; /* said again by the next session */
  t->seq = seq;
  hand (l, t);
}

static void
store_link (line_t *l)
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

static void
happens (line_t *l, agent_event_type_t type)
{
  CHECK (l->queue_n < QUEUE_MAX);
  l->queue[l->queue_n++] = (agent_event_t){.type = type};
}

static agent_event_t *
last_event (line_t *l)
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
  happens (l, AGENT_E_LINE_DOWN);
  last_event (l)->u.reason = SESSION_CUT;
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
static void
stay (line_t *l)
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
  for (size_t i = 0; i < id->addresses_new_n; i++)
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
  err_t err = seen (l, outbox_refresh (l->twin, NULL));
  const identity_t *id = outbox_identity (l->twin);
  dealer_options_t o = {.endpoint = l->address, .server = id->server};
  dealer_destroy (&l->dealer);
  l->owed_ack = 0; /* WELCOME says it again */
  if (choose_address (l, f->u.dial.attempt))
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
  happens (l, AGENT_E_LINE_DOWN);
  last_event (l)->u.reason = SESSION_UNREACHABLE;
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
  err_t err = seen (l, outbox_hash_at (l->twin, at->cursor, &ours));
  if (err != ERR_OK && err != ERR_NOT_FOUND) {
    happens (l, AGENT_E_STORE_FAILED);
    return;
  }
  happens (l, AGENT_E_CURSOR_CHECKED);
  last_event (l)->u.fits = err == ERR_OK && hash_eq (ours, at->hash);
}

static void
send_chunk (line_t *l, uint64_t first_seq, size_t max_bytes, uint64_t token)
{
  message_t m = {.type = MSG_CHUNK};
  arena_t *arena = arena_new (CHUNK_MAX + UPDATE_MAX + ARENA_EXTRA);
  err_t err = arena != NULL ? seen (l, outbox_read_chunk (l->twin, first_seq, max_bytes, arena, &m.u.chunk))
                            : ERR_NOMEM;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    happens (l, AGENT_E_STORE_FAILED);
  else {
    size_t bytes = chunk_bytes (&m.u.chunk);
    if (err == ERR_OK) {
      m.u.chunk.token = token;
      send_message (l, &m);
    }
    happens (l, AGENT_E_CHUNK_SENT);
    last_event (l)->u.chunk.last_seq = err == ERR_OK ? first_seq + m.u.chunk.updates_n - 1 : 0;
    last_event (l)->u.chunk.bytes = bytes;
  }
  arena_destroy (&arena);
}

static void
send_refill (line_t *l, store_id_t stream, uint64_t first_seq, uint64_t token)
{
  message_t m = {.type = MSG_CHUNK};
  arena_t *arena = arena_new (CHUNK_MAX + UPDATE_MAX + ARENA_EXTRA);
  err_t err = arena != NULL ? seen (l, outbox_read_refill (l->twin, stream, first_seq, arena, &m.u.chunk))
                            : ERR_NOMEM;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    happens (l, AGENT_E_STORE_FAILED);
  else {
    if (err == ERR_OK) {
      m.u.chunk.token = token;
      send_message (l, &m);
    }
    happens (l, AGENT_E_REFILL_SENT);
    last_event (l)->u.chunk.last_seq = err == ERR_OK ? first_seq + m.u.chunk.updates_n - 1 : 0;
  }
  arena_destroy (&arena);
}

/* Our hash at a place the centre is asked about. */
static void
probe (line_t *l, uint64_t seq)
{
  hash_t ours;
  err_t err = seen (l, outbox_hash_at (l->twin, seq, &ours));
  happens (l, err == ERR_OK ? AGENT_E_PROBED : AGENT_E_STORE_FAILED);
  if (err == ERR_OK)
    last_event (l)->u.hash = ours;
}

static void
hand_fork (line_t *l, const agent_effect_t *f)
{
  task_t *t = task_new (TASK_FORK);
  if (t == NULL) {
    happens (l, AGENT_E_STORE_FAILED);
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
    finish (l, ERR_OK);
  if (!ok && (session_reason_retry (reason) != RETRY_soon || probed_all (l))) {
    err_t err = session_reason_retry (reason) == RETRY_soon ? ERR_UNREACHABLE
                : reason == SESSION_FORGED                  ? ERR_FORGED
                                                            : ERR_REFUSED;
    fail_set (l->fail, err, "%s", session_reason_words (reason));
    finish (l, err);
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

static void
round_asked (line_t *l, const task_t *t)
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
    hand_number (l, TASK_DROP_KEYS, 0);
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
    hand_number (l, TASK_ACK, f->u.seq);
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
    hand_number (l, TASK_ROUND, f->u.seq);
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
static void
settle (line_t *l)
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

/* ---- what the store says ---- */

static void
read_facts (line_t *l)
{
  facts_t f;
  err_t err = seen (l, outbox_refresh (l->twin, NULL));
  if (err == ERR_OK)
    err = seen (l, outbox_facts (l->twin, &f));
  if (err != ERR_OK) {
    happens (l, AGENT_E_STORE_FAILED);
    settle (l);
    return;
  }
  stream_state_t ours[OWN_STREAMS_MAX];
  const size_t ours_n = outbox_streams (l->twin, &f, ours, OWN_STREAMS_MAX);
  l->facts = (agent_facts_t){
      .stream = ours[0], .pending = f.pending, .boot = f.boot, .oldest = f.oldest_pending, .down = f.down};
  l->facts.rekey = outbox_identity (l->twin)->enrolled && outbox_identity (l->twin)->next.given;
  l->facts.reentry = !id_is_zero (outbox_identity (l->twin)->reentry_secret.b, sizeof (curve_key_t));
  for (size_t i = 1; i < ours_n; i++)
    l->facts.others[l->facts.others_n++] = ours[i];
  for (size_t i = 0; i < f.centre_n && l->facts.others_n < STREAMS_PER_HELLO_MAX - 1u; i++)
    l->facts.others[l->facts.others_n++] = f.centre[i];
  for (size_t i = 0; i < f.epochs_n; i++)
    l->facts.epochs[l->facts.epochs_n++] = f.epochs[i];
  l->facts.addresses = (uint32_t)outbox_identity (l->twin)->addresses_n;
  happens (l, AGENT_E_FACTS);
  last_event (l)->u.facts = &l->facts;
  if (f.sync_wanted > 0) {
    happens (l, AGENT_E_ROUND_WANTED);
    last_event (l)->u.round = f.sync_wanted;
  }
  settle (l);
}

static void
look (line_t *l)
{
  kv_stat_t stat;
  int64_t now = clock_mono ().ms;
  if (now < l->look_at)
    return;
  l->look_at = now + LOOK_MS;
  if (now >= l->readers_at) {
    kv_check_readers (outbox_kv (l->twin)); /* commands that were killed leave theirs behind */
    l->readers_at = now + READERS_MS;
  }
  kv_stat (outbox_kv (l->twin), &stat);
  if (stat.last_txn == l->seen_txn)
    return;
  l->seen_txn = stat.last_txn;
  read_facts (l);
}

/* Join is over when another look at the store finds certificate and catalogue. */
static void
check_joined (line_t *l)
{
  if (l->options->goal == GOAL_JOIN && outbox_refresh (l->twin, NULL) == ERR_OK &&
      outbox_identity (l->twin)->joined)
    finish (l, ERR_OK);
}

/* ---- what the keeper says ---- */

static void
answer_stored (line_t *l, const task_t *t, agent_event_type_t type)
{
  if (t->err != ERR_OK && t->err != ERR_FORGED && t->err != ERR_END) {
    happens (l, AGENT_E_STORE_FAILED);
    return;
  }
  happens (l, type);
  agent_event_t *e = last_event (l);
  e->u.stored.ok = t->err != ERR_FORGED;
  e->u.stored.again = t->err == ERR_END;
  if (type == AGENT_E_DOWN_STORED)
    e->u.stored.at = (position_t){t->message.u.down.epoch, t->message.u.down.last_lsn};
}

/* A mark that could not be stored is no reason to end the session, but nobody will say it again while that
 * lasts. */
static void
owe (line_t *l, uint64_t *owed, const task_t *t)
{
  if (t->err == ERR_OK && t->seq >= *owed)
    *owed = 0;
  else if (t->err != ERR_OK && t->seq > *owed)
    *owed = t->seq;
  if (t->err != ERR_OK)
    l->owed_at = clock_mono ().ms + OWED_MS;
}

static void
pay (line_t *l)
{
  if ((l->owed_ack == 0 && l->owed_round == 0) || l->tasks > 0 || clock_mono ().ms < l->owed_at)
    return;
  l->owed_at = clock_mono ().ms + OWED_MS;
  if (l->owed_ack != 0)
    hand_number (l, TASK_ACK, l->owed_ack);
  if (l->owed_round != 0)
    hand_number (l, TASK_ROUND, l->owed_round);
}

static void
task_done (line_t *l, task_t *t)
{
  l->tasks--;
  (void)seen (l, t->err);
  if (t->fail.err != ERR_OK && l->fail != NULL && l->fail->err == ERR_OK && l->options->goal != GOAL_SERVE)
    *l->fail = t->fail;
  switch (t->type) {
  case TASK_DOWN:
    answer_stored (l, t, AGENT_E_DOWN_STORED);
    settle (l);
    check_joined (l);
    break;
  case TASK_ENROL:
    if (outbox_refresh (l->twin, NULL) != ERR_OK)
      t->err = ERR_IO;
    read_facts (l);
    answer_stored (l, t, AGENT_E_ENROL_STORED);
    settle (l);
    check_joined (l);
    break;
  case TASK_FORK:
    read_facts (l);
    answer_stored (l, t, AGENT_E_FORKED);
    settle (l);
    break;
  case TASK_ROUND:
    if (l->options->goal == GOAL_ROUND && t->err == ERR_OK && t->seq >= l->options->round)
      finish (l, ERR_OK);
    owe (l, &l->owed_round, t);
    break;
  case TASK_ACK:
    owe (l, &l->owed_ack, t);
    break;
  case TASK_WANT:
    round_asked (l, t);
    break;
  case TASK_DROP_KEYS: /* refused again otherwise */
  case TASK_ADDRESSES: /* what fails is said again by the next session */
  case TASK_ANSWERED:
  case TASK_LINK:
  case TASK_STOP:
    break;
  }
  task_destroy (&t);
}

/* ---- what the socket says ---- */

static void
take_events (line_t *l)
{
  line_event_t e;
  while (l->dealer != NULL && (e = dealer_event (l->dealer)) != LINE_NONE) {
    switch (e) {
    case LINE_NONE:
      break;
    case LINE_CONNECTED:
      l->result.connected = true;
      break;
    case LINE_UP:
      read_facts (l);
      happens (l, AGENT_E_LINE_UP);
      break;
    case LINE_REFUSED:
      happens (l, AGENT_E_LINE_REFUSED);
      break;
    case LINE_HANDSHAKE:
    case LINE_DOWN:
      happens (l, AGENT_E_LINE_DOWN);
      last_event (l)->u.reason = e == LINE_HANDSHAKE                                  ? SESSION_HANDSHAKE
                                 : agent_session_state (l->machine) == AGENT_DIALLING ? SESSION_UNREACHABLE
                                                                                      : SESSION_CUT;
      break;
    }
    settle (l);
  }
}

/* False: none was waiting. */
static bool
take_frame (line_t *l)
{
  frame_t *frame = NULL;
  err_t err = l->dealer != NULL ? dealer_recv (l->dealer, &frame) : ERR_END;
  if (err == ERR_END)
    return false;
  task_t *t = err == ERR_OK ? task_new (TASK_DOWN) : NULL;
  if (t != NULL) {
    t->frame = frame;
    frame = NULL;
    str_t bytes = frame_bytes (t->frame);
    t->arena = arena_new (DECODE_BUDGET (bytes.n));
    err = t->arena != NULL ? message_decode (bytes, t->arena, &t->message) : ERR_NOMEM;
  }
  frame_destroy (&frame);
  l->arrived = t;
  if (t != NULL && err == ERR_OK) {
    stay (l);
    l->link.last_contact = clock_wall ();
    happens (l, AGENT_E_MESSAGE);
    last_event (l)->u.message = &t->message;
  } else
    happens (l, AGENT_E_BAD_FRAME);
  /* the message must outlive the step, not the task: DOWN's task may be gone to the keeper by then */
  settle (l);
  task_destroy (&l->arrived);
  return true;
}

/* ---- the loop ---- */

static void
wait (line_t *l, int64_t until)
{
  net_item_t items[4];
  size_t n = 0;
  int64_t now = clock_mono ().ms, next = agent_session_deadline (l->machine).ms;
  int64_t timeout = LOOK_MS;
  if (next - now < timeout)
    timeout = next - now;
  if (until - now < timeout)
    timeout = until - now;
  items[n++] = (net_item_t){.socket = mailbox_pollable (keeper_mailbox (l->keeper))};
  if (stop_fd () >= 0)
    items[n++] = (net_item_t){.fd = stop_fd ()};
  if (l->dealer != NULL) {
    items[n++] = (net_item_t){.socket = dealer_events_pollable (l->dealer)};
    items[n++] = (net_item_t){.socket = dealer_pollable (l->dealer)};
  }
  net_wait (items, n, timeout > 0 ? timeout : 0);
}

static void
take_mail (line_t *l)
{
  void *mail = NULL;
  while (mailbox_get (keeper_mailbox (l->keeper), 0, &mail) == MAIL_GOT)
    task_done (l, mail);
}

static void
turn (line_t *l)
{
  take_mail (l);
  /* Frames first: what arrived before the line went down still counts. */
  for (unsigned n = 0; n < FRAMES_PER_TURN && take_frame (l);)
    n++;
  take_events (l);
  look (l);
  if (clock_mono ().ms >= agent_session_deadline (l->machine).ms) {
    happens (l, AGENT_E_TICK);
    settle (l);
  }
  bool due = l->link.online && clock_mono ().ms >= l->link_at;
  if (l->options->goal != GOAL_PROBE && l->tasks == 0 && (l->link_dirty || due))
    store_link (l);
  pay (l);
}

static void
time_over (line_t *l)
{
  bool never = !l->result.welcomed;
  fail_set (l->fail, never ? ERR_UNREACHABLE : ERR_TIMEOUT, L ("hết thời gian chờ: %s", "time ran out: %s"),
            l->result.reason != SESSION_OK ? session_reason_words (l->result.reason)
            : never                        ? session_reason_words (SESSION_UNREACHABLE)
                    : L ("chưa gửi nhận xong; dữ liệu vẫn giữ ở máy này, hãy chạy lại",
                         "not everything is exchanged; the data stays here, run it again"));
  finish (l, never ? ERR_UNREACHABLE : ERR_TIMEOUT);
}

static void
close_line (line_t *l)
{
  int64_t until = clock_mono ().ms + STOP_PATIENCE_MS;
  l->finished = true;
  happens (l, AGENT_E_STOP);
  settle (l);
  l->link.online = false;
  if (l->options->goal != GOAL_PROBE)
    store_link (l);
  while (l->tasks > 0 && clock_mono ().ms < until) {
    void *mail = NULL;
    if (mailbox_get (keeper_mailbox (l->keeper), 100, &mail) == MAIL_GOT) {
      task_t *t = mail;
      l->tasks--;
      task_destroy (&t);
    }
  }
}

/* What earlier runs knew stays true until this one knows better. */
static void
recall_link (line_t *l, outbox_t *o)
{
  link_state_t before = {0};
  arena_t *arena = arena_new (LINK_BUDGET);
  if (arena != NULL && outbox_link_get (o, arena, &before) == ERR_OK) {
    l->link.last_contact = before.last_contact;
    l->link.last_ack = before.last_ack;
    l->link.clock_offset_ms = before.clock_offset_ms;
    snprintf (l->good, sizeof l->good, "%.*s", STR_ARG (before.address));
  }
  arena_destroy (&arena);
}

static void
say_change (void *ctx, const char *from, const char *event, const char *to)
{
  (void)ctx;
  trace_line ("session: %s, %s -> %s", from, event, to);
}

err_t
line_run (outbox_t *o, const line_options_t *options, line_result_t *result, fail_t *fail)
{
  line_t l = {.options = options, .fail = fail};
  uint64_t seed;
  int64_t until = options->timeout_ms < 0 ? INT64_MAX : clock_mono ().ms + options->timeout_ms;
  err_t err = outbox_twin (o, &l.twin, fail);
  if (err != ERR_OK)
    return err;
  net_init ();
  crypto_random (&seed, sizeof seed);
  l.machine = agent_session_new (outbox_identity (l.twin)->enrolled, seed, STR ("kc-agent " KC_VERSION));
  if (l.machine != NULL && trace_wanted ())
    agent_session_watch (l.machine, say_change, NULL);
  l.keeper = l.machine != NULL ? keeper_new (o) : NULL;
  if (l.keeper == NULL) {
    err = ERR_NOMEM;
    goto done;
  }
  recall_link (&l, o);
  check_joined (&l);
  read_facts (&l);
  happens (&l, AGENT_E_START);
  last_event (&l)->u.repeat = options->repeat;
  settle (&l);
  while (!l.finished && !stop_requested ()) {
    wait (&l, until);
    turn (&l);
    if (!l.finished && clock_mono ().ms >= until)
      time_over (&l);
  }
  close_line (&l);
  err = l.err;
done:
  if (result != NULL)
    *result = l.result;
  keeper_destroy (&l.keeper);
  dealer_destroy (&l.dealer);
  agent_session_destroy (&l.machine);
  buf_free (&l.out);
  outbox_close (&l.twin);
  return err;
}
