/* line.c - the loop under serve, sync, join and doctor.
 *
 * What happens (socket, store, clock) becomes an event of the session machine, and its effects are carried
 * out here, in order; an effect that has an answer queues it as the next event. Two threads: this one reads
 * the store through a twin and never waits for its write lock, the keeper writes.
 *
 * News of other processes is noticed by the store's transaction id, looked at a few times a second: it costs
 * a memory read, and works wherever the store does. */
#include "agent/sync/line_private.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/wire/message_wire.h"

#include <stdio.h>

#define LOOK_MS 200
#define READERS_MS 30000
#define OWED_MS 5000 /* between attempts to store a mark */
#define FRAMES_PER_TURN 64u
#define OWN_STREAMS_MAX 17u /* the present one, and those that it and its parents left */
#define STOP_PATIENCE_MS 1500
#define LINK_BUDGET (64u << 10)

/* ---- what the store says ---- */

static void
read_facts (line_t *l)
{
  facts_t f;
  err_t err = line_seen (l, outbox_refresh (l->twin, NULL));
  if (err == ERR_OK)
    err = line_seen (l, outbox_facts (l->twin, &f));
  if (err != ERR_OK) {
    line_happens (l, AGENT_E_STORE_FAILED);
    line_settle (l);
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
  line_happens (l, AGENT_E_FACTS);
  line_last_event (l)->u.facts = &l->facts;
  if (f.sync_wanted > 0) {
    line_happens (l, AGENT_E_ROUND_WANTED);
    line_last_event (l)->u.round = f.sync_wanted;
  }
  line_settle (l);
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
    line_finish (l, ERR_OK);
}

/* ---- what the keeper says ---- */

static void
answer_stored (line_t *l, const task_t *t, agent_event_type_t type)
{
  if (t->err != ERR_OK && t->err != ERR_FORGED && t->err != ERR_END) {
    line_happens (l, AGENT_E_STORE_FAILED);
    return;
  }
  line_happens (l, type);
  agent_event_t *e = line_last_event (l);
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
    line_hand_number (l, TASK_ACK, l->owed_ack);
  if (l->owed_round != 0)
    line_hand_number (l, TASK_ROUND, l->owed_round);
}

static void
task_done (line_t *l, task_t *t)
{
  l->tasks--;
  (void)line_seen (l, t->err);
  if (t->fail.err != ERR_OK && l->fail != NULL && l->fail->err == ERR_OK && l->options->goal != GOAL_SERVE)
    *l->fail = t->fail;
  switch (t->type) {
  case TASK_DOWN:
    answer_stored (l, t, AGENT_E_DOWN_STORED);
    line_settle (l);
    check_joined (l);
    break;
  case TASK_ENROL:
    if (outbox_refresh (l->twin, NULL) != ERR_OK)
      t->err = ERR_IO;
    read_facts (l);
    answer_stored (l, t, AGENT_E_ENROL_STORED);
    line_settle (l);
    check_joined (l);
    break;
  case TASK_FORK:
    read_facts (l);
    answer_stored (l, t, AGENT_E_FORKED);
    line_settle (l);
    break;
  case TASK_ROUND:
    if (l->options->goal == GOAL_ROUND && t->err == ERR_OK && t->seq >= l->options->round)
      line_finish (l, ERR_OK);
    owe (l, &l->owed_round, t);
    break;
  case TASK_ACK:
    owe (l, &l->owed_ack, t);
    break;
  case TASK_WANT:
    line_round_asked (l, t);
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
      line_happens (l, AGENT_E_LINE_UP);
      break;
    case LINE_REFUSED:
      line_happens (l, AGENT_E_LINE_REFUSED);
      break;
    case LINE_HANDSHAKE:
    case LINE_DOWN:
      line_happens (l, AGENT_E_LINE_DOWN);
      line_last_event (l)->u.reason = e == LINE_HANDSHAKE ? SESSION_HANDSHAKE
                                      : agent_session_state (l->machine) == AGENT_DIALLING
                                          ? SESSION_UNREACHABLE
                                          : SESSION_CUT;
      break;
    }
    line_settle (l);
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
    line_stay (l);
    l->link.last_contact = clock_wall ();
    line_happens (l, AGENT_E_MESSAGE);
    line_last_event (l)->u.message = &t->message;
  } else
    line_happens (l, AGENT_E_BAD_FRAME);
  /* the message must outlive the step, not the task: DOWN's task may be gone to the keeper by then */
  line_settle (l);
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
    line_happens (l, AGENT_E_TICK);
    line_settle (l);
  }
  bool due = l->link.online && clock_mono ().ms >= l->link_at;
  if (l->options->goal != GOAL_PROBE && l->tasks == 0 && (l->link_dirty || due))
    line_store_link (l);
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
  line_finish (l, never ? ERR_UNREACHABLE : ERR_TIMEOUT);
}

static void
close_line (line_t *l)
{
  int64_t until = clock_mono ().ms + STOP_PATIENCE_MS;
  l->finished = true;
  line_happens (l, AGENT_E_STOP);
  line_settle (l);
  l->link.online = false;
  if (l->options->goal != GOAL_PROBE)
    line_store_link (l);
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
  line_happens (&l, AGENT_E_START);
  line_last_event (&l)->u.repeat = options->repeat;
  line_settle (&l);
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
