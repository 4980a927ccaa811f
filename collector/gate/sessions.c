/* sessions.c - frames in, machines stepped, effects carried out.
 *
 * A peer is found by the library's name for its connection, and is who its CURVE key says, looked up anew for
 * every message. Of each key the newest session stands.
 *
 * Decoding an update costs more memory than its bytes, so chunks wait undecoded in their session's own queue
 * (bounded by its credit) and are decoded here, off the writer's path, only as the writer can soon take them,
 * in turns that are fair by bytes (turns.h). Three weeks of backlog from forty offices thus delay the others
 * by what the writer has in hand. */
#include "collector/gate/sessions.h"

#include "collector/gate/turns.h"
#include "collector/ledger/addresses.h"
#include "common/core/units.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/wire/message_wire.h"
#include "common/wire/update_wire.h"

#include <stdio.h>
#include <stdlib.h>

#define MESSAGES_PER_TURN 256u
#define FEED_PER_TURN 2u
#define BUCKETS 4096u
/* Updates decoded and with the writer, or waiting there. */
#define DECODED_MAX ((size_t)2 * COMMIT_UPDATES_MAX)
#define DECODED_BYTES_MAX ((size_t)2 * COMMIT_BYTES_MAX)
#define ARENA_EXTRA (64u << 10)
#define DOWN_BUDGET (2u << 20)
#define CREDIT_TOTAL (64u << 20) /* shared out when sessions are many */
#define CREDIT_LEAST CHUNK_MAX
#define NONE UINT32_MAX

typedef enum { NOTED_NOT = 0, NOTED_WAITING, NOTED_DONE } noted_t; /* whether updates wait at the agent */

typedef struct {
  collector_session_t *machine; /* NULL: free slot */
  peer_id_t peer;
  uint64_t handle; /* slot and a count, so that a late job cannot hit a later session */
  uint32_t serial; /* agents that said HELLO */
  uint32_t certificate;
  uint32_t next;       /* in its bucket, or in the list of free slots */
  job_t *first, *last; /* chunks not decoded yet */
  own_stream_t *own;   /* of its HELLO */
  size_t own_n;
  unit_id_t unit; /* of its agent */
  hash_t nonce;   /* that its PRESENT must sign; zeros: none was given */
  bool hears_all; /* its agent is told of more than its own unit */
  bool dirty;     /* contact to be stored */
  bool asked;     /* to sync, and somebody waits to read that it has */
  noted_t noted;  /* as it is stored */
  bool ended;
} session_t;

struct sessions {
  sessions_links_t to;
  session_t *at;
  uint32_t used, free_list, live;
  turns_t *turns; /* of sessions with chunks in their queues */
  uint32_t buckets[BUCKETS];
  uint64_t count, end_lsn;
  size_t decoded, decoded_bytes; /* updates with the writer */
  bool any_dirty, urgent, traced;
  err_t fatal;
  arena_t *scratch, *down;
  catalogue_t *catalogue; /* for what came to heirs; NULL: not read yet */
  buf_t out;
  mono_t now;
  wall_t wall;
};

sessions_t *
sessions_new (const sessions_links_t *links, uint64_t end_lsn)
{
  sessions_t *s = calloc (1, sizeof *s);
  if (s == NULL)
    return NULL;
  s->to = *links;
  s->end_lsn = end_lsn;
  s->free_list = NONE;
  s->traced = trace_wanted ();
  for (size_t i = 0; i < BUCKETS; i++)
    s->buckets[i] = NONE;
  s->at = calloc (SESSIONS_MAX, sizeof *s->at);
  s->scratch = arena_new (FRAME_MAX * UNPACK_BUDGET_PER_BYTE + ARENA_EXTRA);
  s->down = arena_new (DOWN_BUDGET);
  s->turns = turns_new (SESSIONS_MAX);
  if (s->at == NULL || s->scratch == NULL || s->down == NULL || s->turns == NULL)
    sessions_destroy (&s);
  return s;
}

static void
drop_queue (sessions_t *s, session_t *p)
{
  while (p->first != NULL) {
    job_t *j = p->first;
    p->first = j->next;
    job_destroy (&j);
  }
  p->last = NULL;
  turns_leave (s->turns, (uint32_t)(p - s->at));
}

void
sessions_destroy (sessions_t **self_p)
{
  sessions_t *s = *self_p;
  if (s == NULL)
    return;
  for (uint32_t i = 0; i < s->used; i++) {
    drop_queue (s, &s->at[i]);
    free (s->at[i].own);
    collector_session_destroy (&s->at[i].machine);
  }
  turns_destroy (&s->turns);
  catalogue_destroy (&s->catalogue);
  arena_destroy (&s->scratch);
  arena_destroy (&s->down);
  buf_free (&s->out);
  free (s->at);
  free (s);
  *self_p = NULL;
}

/* ---- finding ---- */

static uint32_t
bucket_of (const peer_id_t *peer)
{
  return crc32c (0, peer->b, peer->n) % BUCKETS;
}

static session_t *
find (sessions_t *s, const peer_id_t *peer)
{
  for (uint32_t i = s->buckets[bucket_of (peer)]; i != NONE; i = s->at[i].next)
    if (s->at[i].peer.n == peer->n && memcmp (s->at[i].peer.b, peer->b, peer->n) == 0)
      return &s->at[i];
  return NULL;
}

static session_t *
find_handle (sessions_t *s, uint64_t handle)
{
  session_t *p = &s->at[handle % SESSIONS_MAX];
  return p->machine != NULL && p->handle == handle ? p : NULL;
}

static void
say_change (void *ctx, const char *from, const char *event, const char *to)
{
  const session_t *p = ctx;
  trace_line ("session %llu, agent %u: %s, %s -> %s", (unsigned long long)p->handle, (unsigned)p->serial,
              from, event, to);
}

static session_t *
add (sessions_t *s, const peer_id_t *peer)
{
  uint32_t slot = s->free_list;
  if (slot == NONE && s->used == SESSIONS_MAX)
    return NULL;
  collector_session_t *machine = collector_session_new (s->now);
  if (machine == NULL)
    return NULL;
  if (slot == NONE)
    slot = s->used++;
  else
    s->free_list = s->at[slot].next;
  uint32_t *bucket = &s->buckets[bucket_of (peer)];
  s->at[slot] = (session_t){
      .machine = machine, .peer = *peer, .handle = ++s->count * SESSIONS_MAX + slot, .next = *bucket};
  if (s->traced)
    collector_session_watch (machine, say_change, &s->at[slot]);
  *bucket = slot;
  s->live++;
  return &s->at[slot];
}

static void
forget (sessions_t *s, session_t *p)
{
  uint32_t slot = (uint32_t)(p - s->at), *link = &s->buckets[bucket_of (&p->peer)];
  while (*link != slot)
    link = &s->at[*link].next;
  *link = p->next;
  drop_queue (s, p);
  free (p->own);
  collector_session_destroy (&p->machine);
  *p = (session_t){.next = s->free_list};
  s->free_list = slot;
  s->live--;
}

static void
forget_if_over (sessions_t *s, session_t *p)
{
  if (p->ended && !p->dirty)
    forget (s, p);
}

/* ---- carrying out ---- */

static void step (sessions_t *s, session_t *p, collector_event_t *e, job_t **job_p);

static noted_t
noted_of (const session_contact_t *c)
{
  return c->backlog > 0 ? NOTED_WAITING : NOTED_DONE;
}

static void
step_simple (sessions_t *s, session_t *p, collector_event_type_t type)
{
  step (s, p, &(collector_event_t){.type = type}, NULL);
}

/* An agent's session stays until its end has been noted for `agents`; what it sent and nobody has begun with
 * does not: its agent sends it again. */
static void
end_peer (sessions_t *s, session_t *p)
{
  drop_queue (s, p);
  p->ended = true;
  p->dirty = p->serial != 0;
  s->any_dirty = s->any_dirty || p->dirty;
  s->urgent = s->urgent || p->dirty;
}

static void
send_message (sessions_t *s, session_t *p, const message_t *m)
{
  buf_clear (&s->out);
  if (!message_encode (m, &s->out) || router_send (s->to.router, &p->peer, buf_str (&s->out)) != ERR_OK)
    end_peer (s, p); /* gone or not reading: it comes back with HELLO and learns where we are */
}

/* Of our own streams a restored centre wants those it has left; we write on in the others alone. */
static err_t
wanted_of (sessions_t *s, kv_txn_t *txn, const stream_state_t *held, stream_cursor_t *out)
{
  bool wanted = false;
  *out = (stream_cursor_t){.store = held->store, .acked_fits = true};
  err_t err = ledger_refill_from (s->to.ledger, txn, held->store, &wanted, &out->cursor, &out->hash);
  if (err == ERR_OK && !wanted)
    out->cursor = held->last_seq;
  return err;
}

static err_t
cursor_of (sessions_t *s, kv_txn_t *txn, uint32_t serial, const stream_state_t *mine, stream_cursor_t *out)
{
  uint32_t owner = 0;
  hash_t there;
  if (mine->centre)
    return wanted_of (s, txn, mine, out);
  *out =
      (stream_cursor_t){.store = mine->store, .acked_fits = mine->last_acked == 0, .acked = mine->last_acked};
  err_t err = ledger_cursor (s->to.ledger, txn, mine->store, &out->cursor, &out->hash, &owner);
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  if (err != ERR_OK)
    return err;
  if (owner != serial) { /* another agent's stream: its chain is nobody else's to continue */
    *out = (stream_cursor_t){.store = mine->store, .cursor = mine->last_acked, .acked = mine->last_acked};
    return ERR_OK;
  }
  if (mine->last_acked == 0 || mine->last_acked > out->cursor)
    return ERR_OK;
  err = ledger_chain_at (s->to.ledger, txn, mine->store, mine->last_acked, &there);
  out->acked_fits = err == ERR_OK && hash_eq (there, mine->hash_at_acked);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Of a key, one session: the older ones go at once, so that none can fill the table by coming again. */
static void
supersede (sessions_t *s, const session_t *by)
{
  for (uint32_t i = 0; i < s->used; i++) {
    session_t *p = &s->at[i];
    if (p == by || p->machine == NULL || p->serial != by->serial)
      continue;
    if (!p->ended)
      step_simple (s, p, COLLECTOR_E_SUPERSEDED);
    forget (s, p);
  }
}

/* A read of the ledger failed: for now, unless all of them will. */
static void
read_failed (sessions_t *s, session_t *p, err_t err)
{
  if (err == ERR_REOPEN)
    s->fatal = err;
  step_simple (s, p, COLLECTOR_E_FAILED);
}

/* Its present stream comes first; of the others it says how much it has. */
static bool
keep_own (session_t *p, const msg_hello_t *h, const stream_cursor_t *at)
{
  free (p->own);
  p->own_n = 0;
  p->own = calloc (h->streams_n > 0 ? h->streams_n : 1, sizeof *p->own);
  for (size_t i = 0; p->own != NULL && i < h->streams_n && i < STREAMS_PER_HELLO_MAX; i++) {
    const stream_state_t *mine = &h->streams[i];
    if (!mine->centre)
      p->own[p->own_n++] =
          (own_stream_t){.store = mine->store,
                         .upto = i == 0 ? UINT64_MAX : mine->last_seq,
                         .origin = {mine->parent_store, mine->parent_seq, mine->parent_hash},
                         .acked_before = mine->last_acked > at[i].cursor ? mine->last_acked : 0};
  }
  return p->own != NULL;
}

/* Its present stream left another, and is not here: noted though nothing may come in it for long. One that
 * was acknowledged before comes back by itself. */
static void
note_child (sessions_t *s, const session_t *p, const stream_state_t *mine, const stream_cursor_t *at)
{
  if (id_is_zero (mine->parent_store.b, sizeof mine->parent_store.b) || mine->last_acked > 0 ||
      !id_is_zero (at->hash.b, sizeof at->hash.b))
    return;
  job_t *j = job_new (JOB_STREAM, p->handle);
  if (j == NULL)
    return; /* its first chunk says the same */
  j->own = p->own[0];
  j->serial = p->serial;
  mailbox_send (s->to.writer, j);
}

/* Two copies of a store that merely connect differ in nothing but how often they were started. */
static void
note_start (sessions_t *s, const session_t *p, const msg_hello_t *h)
{
  job_t *j = h->boot > 0 && h->streams_n > 0 && !h->streams[0].centre ? job_new (JOB_START, p->handle) : NULL;
  if (j == NULL)
    return; /* its next HELLO says it again */
  j->own = p->own[0];
  j->serial = p->serial;
  j->boot = h->boot;
  mailbox_send (s->to.writer, j);
}

static void
look_up (sessions_t *s, session_t *p, const msg_hello_t *h, const admitted_t *who)
{
  kv_txn_t *txn = NULL;
  stream_cursor_t cursors[STREAMS_PER_HELLO_MAX];
  msg_welcome_t w = {.streams = cursors, .program = STR ("kc-collector " KC_VERSION)};
  addresses_t addresses = {0};
  err_t err = kv_begin (ledger_kv (s->to.ledger), false, &txn);
  if (err == ERR_OK)
    err = ledger_end (s->to.ledger, txn, &w.end, NULL);
  arena_reset (s->down);
  if (err == ERR_OK)
    err = addresses_configured (txn, s->down, &addresses);
  for (size_t i = 0; err == ERR_OK && i < h->streams_n && i < STREAMS_PER_HELLO_MAX; i++)
    err = cursor_of (s, txn, who->serial, &h->streams[i], &cursors[w.streams_n++]);
  kv_abort (&txn);
  if (err == ERR_OK && !keep_own (p, h, cursors))
    err = ERR_NOMEM;
  if (err != ERR_OK) {
    read_failed (s, p, err);
    return;
  }
  for (size_t i = 0; i < addresses.n; i++)
    w.addresses[i] = addresses.at[i];
  w.addresses_n = addresses.n;
  w.addresses_signature = addresses.signature;
  p->serial = who->serial;
  p->certificate = who->certificate;
  p->unit = who->unit;
  p->hears_all = who->role == ROLE_PROVINCE;
  if (h->streams_n > 0 && !h->streams[0].centre)
    note_child (s, p, &h->streams[0], &cursors[0]);
  note_start (s, p, h);
  supersede (s, p);
  do
    crypto_random (&w.token, sizeof w.token);
  while (w.token == 0);
  w.credit = CREDIT_TOTAL / s->live;
  w.credit = w.credit > CREDIT_BYTES ? CREDIT_BYTES : w.credit < CREDIT_LEAST ? CREDIT_LEAST : w.credit;
  step (s, p, &(collector_event_t){.type = COLLECTOR_E_LOOKED_UP, .u.welcome = &w}, NULL);
}

static err_t
catalogue_of (sessions_t *s, kv_txn_t *txn)
{
  uint64_t version = 0;
  catalogue_t *c = NULL;
  err_t err = ledger_catalogue_version (txn, &version);
  if (err != ERR_OK || (s->catalogue != NULL && catalogue_version (s->catalogue) == version))
    return err;
  err = ledger_catalogue_load (txn, &c, NULL);
  if (err != ERR_OK)
    return err;
  catalogue_destroy (&s->catalogue);
  s->catalogue = c;
  return ERR_OK;
}

static void
read_down (sessions_t *s, session_t *p, position_t from, size_t max_bytes, const admitted_t *who)
{
  kv_txn_t *txn = NULL;
  msg_down_t d = {0};
  arena_reset (s->down);
  err_t err = kv_begin (ledger_kv (s->to.ledger), false, &txn);
  if (err == ERR_OK)
    err = catalogue_of (s, txn);
  const listener_t listener = {.unit = who->unit,
                               .role = who->role,
                               .serial = who->serial,
                               .own = p->own,
                               .own_n = p->own_n,
                               .catalogue = s->catalogue};
  unit_id_t forebear;
  p->hears_all = who->role == ROLE_PROVINCE ||
                 (err == ERR_OK && unit_forebears (s->catalogue, who->unit, &forebear, 1) > 0);
  if (err == ERR_OK)
    err = ledger_down (s->to.ledger, txn, &listener, from, max_bytes, s->down, &d);
  kv_abort (&txn);
  if (err != ERR_OK) {
    read_failed (s, p, err);
    return;
  }
  collector_event_t e = {.type = COLLECTOR_E_DOWN_READ, .u.down.down = &d};
  for (size_t i = 0; i < d.centre_n; i++)
    e.u.down.bytes += d.centre[i].update.n;
  for (size_t i = 0; i < d.records_n; i++)
    e.u.down.bytes += d.records[i].update.n;
  step (s, p, &e, NULL);
}

/* The chunk of this event waits for its turn. */
static void
keep_chunk (sessions_t *s, session_t *p, job_t **job_p, size_t bytes, const admitted_t *who)
{
  CHECK (job_p != NULL && *job_p != NULL);
  job_t *j = *job_p;
  *job_p = NULL;
  j->session = p->handle;
  j->bytes = bytes;
  j->token = j->message.u.chunk.token;
  j->ingest = (ingest_t){.serial = who->serial,
                         .certificate = who->certificate,
                         .office = who->role == ROLE_PROVINCE ? 0 : who->unit,
                         .role = who->role,
                         .chunk = &j->message.u.chunk,
                         .patient = true};
  for (size_t i = 0; i < p->own_n; i++)
    if (store_id_eq (p->own[i].store, j->message.u.chunk.store)) {
      j->ingest.acked_before = p->own[i].acked_before;
      j->ingest.origin = p->own[i].origin;
    }
  if (p->last != NULL)
    p->last->next = j;
  else {
    p->first = j;
    turns_wait (s->turns, (uint32_t)(p - s->at), bytes);
  }
  p->last = j;
}

static void
enrol (sessions_t *s, session_t *p, job_t **job_p, const admitted_t *who)
{
  CHECK (job_p != NULL && *job_p != NULL);
  job_t *j = *job_p;
  *job_p = NULL;
  j->type = JOB_ENROL;
  j->session = p->handle;
  j->once = who->curve;
  mailbox_send (s->to.writer, j);
}

/* A nonce first, so that what was once overheard or kept is worth nothing. */
static void
present (sessions_t *s, session_t *p, job_t **job_p)
{
  CHECK (job_p != NULL && *job_p != NULL);
  if (!(*job_p)->message.u.present.signature_given || id_is_zero (p->nonce.b, sizeof p->nonce.b)) {
    crypto_random (p->nonce.b, sizeof p->nonce.b);
    const msg_readmitted_t m = {.nonce = p->nonce};
    step (s, p, &(collector_event_t){.type = COLLECTOR_E_PRESENTED, .u.readmitted = &m}, NULL);
    return;
  }
  job_t *j = *job_p;
  *job_p = NULL;
  j->type = JOB_PRESENT;
  j->session = p->handle;
  j->nonce = p->nonce;
  p->nonce = (hash_t){{0}};
  mailbox_send (s->to.writer, j);
}

/* Who this session belongs to, for effects that need it after the message is gone. */
static admitted_t
owner (sessions_t *s, const session_t *p)
{
  char user[ZAP_USER_MAX];
  snprintf (user, sizeof user, "a%u", (unsigned)p->certificate);
  return admission_find (s->to.admission, user);
}

static void
step_as (sessions_t *s, session_t *p, collector_event_t *e, job_t **job_p, const admitted_t *who)
{
  collector_effects_t effects;
  const uint64_t handle = p->handle;
  e->now = s->now;
  e->wall = s->wall;
  e->end_lsn = s->end_lsn;
  collector_session_step (p->machine, e, &effects);
  for (size_t i = 0; i < effects.n && p->machine != NULL && p->handle == handle; i++) {
    const collector_effect_t *f = &effects.at[i];
    switch (f->type) {
    case COLLECTOR_DO_SEND:
      send_message (s, p, f->u.message);
      break;
    case COLLECTOR_DO_LOOK_UP:
      drop_queue (s, p); /* of the session before it on this line: credit begins anew */
      look_up (s, p, &e->u.message->u.hello, who);
      break;
    case COLLECTOR_DO_ENROL:
      enrol (s, p, job_p, who);
      break;
    case COLLECTOR_DO_PRESENT:
      present (s, p, job_p);
      break;
    case COLLECTOR_DO_INGEST:
      keep_chunk (s, p, job_p, f->u.bytes, who);
      break;
    case COLLECTOR_DO_READ_DOWN:
      read_down (s, p, f->u.read.from, f->u.read.max_bytes, who);
      break;
    case COLLECTOR_DO_CONTACT:
      p->dirty = true;
      s->any_dirty = true;
      s->urgent = s->urgent || p->asked || noted_of (collector_session_contact (p->machine)) != p->noted;
      break;
    case COLLECTOR_DO_END:
      end_peer (s, p);
      break;
    }
  }
}

static void
step (sessions_t *s, session_t *p, collector_event_t *e, job_t **job_p)
{
  admitted_t who = owner (s, p);
  step_as (s, p, e, job_p, &who);
}

/* ---- receiving ---- */

/* Decodes a frame into a job of its own (chunks and enrolments outlive this turn) or into scratch. */
static err_t
decode (sessions_t *s, frame_t **frame_p, message_t *small, job_t **job_p)
{
  str_t bytes = frame_bytes (*frame_p);
  message_type_t type = bytes.n > 2 ? (message_type_t)(uint8_t)bytes.p[2] : MSG_NONE;
  if (type != MSG_CHUNK && type != MSG_ENROL && type != MSG_PRESENT) {
    arena_reset (s->scratch);
    return message_decode (bytes, s->scratch, small);
  }
  job_t *j = job_new (JOB_INGEST, 0);
  if (j == NULL)
    return ERR_NOMEM;
  j->frame = *frame_p;
  *frame_p = NULL;
  j->arena = arena_new (2 * bytes.n * UNPACK_BUDGET_PER_BYTE + (size_t)2 * ARENA_EXTRA);
  err_t err = j->arena != NULL ? message_decode (bytes, j->arena, &j->message) : ERR_NOMEM;
  if (err != ERR_OK)
    job_destroy (&j);
  else
    *small = j->message;
  *job_p = j;
  return err;
}

/* As many sessions as we hold: it tries again by itself, later and later. */
static void
turn_away (sessions_t *s, const peer_id_t *peer)
{
  message_t m = {.type = MSG_BYE};
  m.u.bye.reason = str_of (session_reason_name (SESSION_CROWDED));
  buf_clear (&s->out);
  if (message_encode (&m, &s->out) && router_send (s->to.router, peer, buf_str (&s->out)) != ERR_OK)
    return; /* gone */
}

/* False: nothing was waiting. */
static bool
receive_one (sessions_t *s)
{
  inbound_t in;
  message_t m = {.type = MSG_NONE};
  job_t *job = NULL;
  err_t err = router_recv (s->to.router, &in);
  if (err == ERR_END)
    return false;
  if (in.peer.n == 0 || err == ERR_NOMEM)
    return true;
  admitted_t who = admission_find (s->to.admission, in.user);
  session_t *p = find (s, &in.peer);
  if (p != NULL && p->ended) {
    forget (s, p); /* the same connection begins anew */
    p = NULL;
  }
  if (p == NULL && (p = add (s, &in.peer)) == NULL) {
    frame_destroy (&in.frame);
    turn_away (s, &in.peer);
    return true;
  }
  if (err == ERR_OK)
    err = decode (s, &in.frame, &m, &job);
  collector_event_t e = {.type = COLLECTOR_E_MESSAGE, .peer = who.kind, .u.message = &m};
  if (err != ERR_OK) {
    e.type = COLLECTOR_E_BAD_FRAME;
    e.u.reason = err == ERR_VERSION ? SESSION_VERSION : SESSION_MALFORMED;
  }
  step_as (s, p, &e, &job, &who);
  forget_if_over (s, p);
  job_destroy (&job);
  frame_destroy (&in.frame);
  return true;
}

/* ---- feeding the writer ---- */

/* Decodes, hashes and checks the signature: all that needs no store. */
static bool
decode_updates (const sessions_t *s, job_t *j, const admitted_t *who)
{
  const msg_chunk_t *c = &j->message.u.chunk;
  j->decoded = calloc (c->updates_n, sizeof *j->decoded);
  if (j->decoded == NULL)
    return false;
  for (size_t i = 0; i < c->updates_n; i++) {
    decoded_t *d = &j->decoded[i];
    d->err = update_decode (c->updates[i], j->arena, &d->update, &d->why);
    d->update.bytes = c->updates[i];
    if (d->err == ERR_NOMEM)
      return false;
  }
  j->ingest.updates = j->decoded;
  hash_t *chain = arena_alloc (j->arena, c->updates_n * sizeof *chain);
  const sign_key_t *key =
      c->head.given && c->head.serial == 0 ? &ledger_keys (s->to.ledger)->centre : &who->sign;
  if (who->kind == PEER_AGENT && chain != NULL)
    ledger_prove (c, key, chain, &j->ingest.proof);
  return true;
}

/* A few at a time: what the writer has done meanwhile is acknowledged in between. True: more could go now. */
static bool
feed (sessions_t *s)
{
  for (unsigned n = 0; s->decoded < DECODED_MAX && s->decoded_bytes < DECODED_BYTES_MAX;) {
    uint32_t slot;
    if (n == FEED_PER_TURN)
      return turns_any (s->turns);
    if (!turns_next (s->turns, &slot))
      break;
    session_t *p = &s->at[slot];
    job_t *j = p->first;
    p->first = j->next;
    if (p->first != NULL)
      turns_wait (s->turns, slot, p->first->bytes);
    else
      p->last = NULL;
    j->next = NULL;
    admitted_t who = owner (s, p);
    if (!decode_updates (s, j, &who)) { /* no memory for it: nothing is lost, it comes again */
      job_destroy (&j);
      step (s, p, &(collector_event_t){.type = COLLECTOR_E_BAD_FRAME, .u.reason = SESSION_BUSY}, NULL);
      forget_if_over (s, p);
      continue;
    }
    s->decoded += j->message.u.chunk.updates_n;
    s->decoded_bytes += j->bytes;
    mailbox_send (s->to.writer, j);
    n++;
  }
  return false;
}

static void
read_clocks (sessions_t *s)
{
  s->now = clock_mono ();
  s->wall = clock_wall ();
}

bool
sessions_turn (sessions_t *s)
{
  read_clocks (s);
  unsigned n = 0;
  while (n < MESSAGES_PER_TURN && receive_one (s))
    n++;
  bool more = feed (s);
  return more || n == MESSAGES_PER_TURN;
}

/* ---- what the writer says ---- */

static void
ingested (sessions_t *s, job_t *j)
{
  CHECK (s->decoded >= j->message.u.chunk.updates_n);
  s->decoded -= j->message.u.chunk.updates_n;
  s->decoded_bytes -= j->bytes;
  session_t *p = find_handle (s, j->session);
  if (p == NULL || p->ended)
    return;
  collector_event_t e = {.type = COLLECTOR_E_COMMITTED};
  e.u.committed.token = j->token;
  e.u.committed.store = j->message.u.chunk.store;
  e.u.committed.cursor = j->ingest.cursor;
  e.u.committed.bytes = j->bytes;
  e.u.committed.refused = j->ingest.refused;
  e.u.committed.restated = j->ingest.restated;
  e.u.committed.awaited = j->ingest.awaited;
  e.u.committed.forged = j->ingest.forged;
  step (s, p, &e, NULL);
  forget_if_over (s, p);
}

static void
enrolled (sessions_t *s, job_t *j)
{
  session_t *p = find_handle (s, j->session);
  if (p == NULL || p->ended)
    return;
  /* roster_enrol fills the answer whatever it returns; without a certificate or a refusal it could not write.
   */
  collector_event_t e = {.type = COLLECTOR_E_ENROLLED, .u.enrolled = &j->enrolled};
  if (!j->enrolled.certificate.given && str_blank (j->enrolled.refusal))
    e.type = COLLECTOR_E_FAILED;
  step (s, p, &e, NULL);
  forget_if_over (s, p);
}

static void
presented (sessions_t *s, job_t *j)
{
  session_t *p = find_handle (s, j->session);
  if (p == NULL || p->ended)
    return;
  collector_event_t e = {.type = COLLECTOR_E_PRESENTED, .u.readmitted = &j->readmitted};
  if (j->err != ERR_OK)
    e.type = COLLECTOR_E_FAILED;
  step (s, p, &e, NULL);
  forget_if_over (s, p);
}

void
sessions_job_done (sessions_t *s, job_t **job_p)
{
  job_t *j = *job_p;
  read_clocks (s);
  switch (j->type) {
  case JOB_INGEST:
    ingested (s, j);
    break;
  case JOB_ENROL:
    enrolled (s, j);
    break;
  case JOB_PRESENT:
    presented (s, j);
    break;
  case JOB_BUSY:
    for (uint32_t i = 0; i < s->used; i++)
      if (s->at[i].machine != NULL && !s->at[i].ended)
        step (s, &s->at[i], &(collector_event_t){.type = COLLECTOR_E_BUSY, .u.retry_after_ms = 2000}, NULL);
    break;
  case JOB_STREAM:
  case JOB_START:
  case JOB_CHANGE:
  case JOB_CONTACT:
  case JOB_FLAGS:
  case JOB_STOP:
  case JOB_FATAL:
    break;
  }
  job_destroy (job_p);
}

/* told NULL: all. A revocation is told to all. */
static void
each (sessions_t *s, collector_event_type_t type, const told_t *told)
{
  for (uint32_t i = 0; i < s->used; i++) {
    session_t *p = &s->at[i];
    if (p->machine != NULL && !p->ended && told != NULL && !told->all && !p->hears_all &&
        !told_has (told, p->unit))
      continue;
    if (p->machine != NULL && !p->ended && p->serial != 0 && owner (s, p).kind != PEER_AGENT)
      step_simple (s, p, COLLECTOR_E_REVOKED); /* also one that only listens */
    else if (p->machine != NULL && !p->ended)
      step_simple (s, p, type);
    if (p->machine != NULL)
      forget_if_over (s, p);
  }
}

void
sessions_end_moved (sessions_t *s, uint64_t end_lsn, const told_t *told)
{
  if (end_lsn > s->end_lsn)
    s->end_lsn = end_lsn;
  if (told == NULL || (told->n == 0 && !told->all))
    return;
  read_clocks (s);
  each (s, COLLECTOR_E_NEWS, told);
}

void
sessions_ask (sessions_t *s, const told_t *offices)
{
  for (uint32_t i = 0; i < s->used; i++) {
    session_t *p = &s->at[i];
    if (p->machine == NULL || p->ended || p->serial == 0 || !told_has (offices, p->unit))
      continue;
    p->asked = true;
    step_simple (s, p, COLLECTOR_E_ASK);
    forget_if_over (s, p);
  }
}

void
sessions_tick (sessions_t *s)
{
  read_clocks (s);
  each (s, COLLECTOR_E_TICK, NULL);
}

void
sessions_shutdown (sessions_t *s)
{
  read_clocks (s);
  for (uint32_t i = 0; i < s->used; i++)
    if (s->at[i].machine != NULL && !s->at[i].ended)
      step_simple (s, &s->at[i], COLLECTOR_E_SHUTDOWN);
}

/* What is worth noting: not the end of a session whose agent is here again. */
static bool
to_note (const sessions_t *s, const session_t *p, bool gone)
{
  if (p->machine == NULL || p->serial == 0 || !(p->dirty || gone))
    return false;
  for (uint32_t i = 0; p->ended && i < s->used; i++)
    if (s->at[i].machine != NULL && s->at[i].serial == p->serial && !s->at[i].ended)
      return false;
  return true;
}

err_t
sessions_fatal (const sessions_t *s)
{
  return s->fatal;
}

bool
sessions_urgent (const sessions_t *s)
{
  return s->urgent;
}

job_t *
sessions_contacts (sessions_t *s, bool gone)
{
  size_t n = 0;
  if (!s->any_dirty && !gone)
    return NULL;
  s->any_dirty = false;
  s->urgent = false;
  for (uint32_t i = 0; i < s->used; i++)
    n += to_note (s, &s->at[i], gone);
  job_t *j = n > 0 ? job_new (JOB_CONTACT, 0) : NULL;
  if (j == NULL)
    return NULL;
  j->serials = calloc (n, sizeof *j->serials);
  j->contacts = calloc (n, sizeof *j->contacts);
  j->said = calloc (n, sizeof *j->said);
  if (j->serials == NULL || j->contacts == NULL || j->said == NULL) {
    job_destroy (&j);
    return NULL;
  }
  for (uint32_t i = 0; i < s->used; i++) {
    session_t *p = &s->at[i];
    bool noted = to_note (s, p, gone);
    p->dirty = false;
    if (!noted)
      continue;
    size_t k = j->contacts_n++;
    session_contact_t *said = &j->said[k];
    *said = *collector_session_contact (p->machine);
    p->noted = noted_of (said);
    p->asked = p->asked && (said->backlog > 0 || said->position_lsn < s->end_lsn);
    j->serials[k] = p->serial;
    j->contacts[k] = (contact_t){.online = !gone && !p->ended,
                                 .seen = said->seen,
                                 .position_lsn = said->position_lsn,
                                 .backlog = said->backlog,
                                 .oldest_unsent = said->oldest_unsent,
                                 .clock_offset_ms = said->clock_offset_ms,
                                 .version = str_of (said->program),
                                 .last_error = str_of (said->last_error)};
  }
  return j;
}
