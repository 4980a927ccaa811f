/* session_effects.c - what a session's machine says is carried out: looked up, read, sent, handed on. */
#include "collector/gate/sessions_private.h"

#include "collector/ledger/addresses.h"
#include "common/core/units.h"
#include "common/crypto/crypto.h"
#include "common/wire/message_wire.h"

#include <stdio.h>
#include <stdlib.h>

#define CREDIT_TOTAL (64u << 20) /* shared out when sessions are many */
#define CREDIT_LEAST CHUNK_MAX

noted_t
session_noted_of (const session_contact_t *c)
{
  return c->backlog > 0 ? NOTED_WAITING : NOTED_DONE;
}

void
session_step_simple (sessions_t *s, session_t *p, collector_event_type_t type)
{
  session_step (s, p, &(collector_event_t){.type = type}, NULL);
}

/* An agent's session stays until its end has been noted for `agents`; what it sent and nobody has begun with
 * does not: its agent sends it again. */
static void
end_peer (sessions_t *s, session_t *p)
{
  session_drop_queue (s, p);
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
      session_step_simple (s, p, COLLECTOR_E_SUPERSEDED);
    session_forget (s, p);
  }
}

/* A read of the ledger failed: for now, unless all of them will. */
static void
read_failed (sessions_t *s, session_t *p, err_t err)
{
  if (err == ERR_REOPEN)
    s->fatal = err;
  session_step_simple (s, p, COLLECTOR_E_FAILED);
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
  session_step (s, p, &(collector_event_t){.type = COLLECTOR_E_LOOKED_UP, .u.welcome = &w}, NULL);
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
  session_step (s, p, &e, NULL);
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
    session_step (s, p, &(collector_event_t){.type = COLLECTOR_E_PRESENTED, .u.readmitted = &m}, NULL);
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
admitted_t
session_owner (sessions_t *s, const session_t *p)
{
  char user[ZAP_USER_MAX];
  snprintf (user, sizeof user, "a%u", (unsigned)p->certificate);
  return admission_find (s->to.admission, user);
}

void
session_step_as (sessions_t *s, session_t *p, collector_event_t *e, job_t **job_p, const admitted_t *who)
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
      session_drop_queue (s, p); /* of the session before it on this line: credit begins anew */
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
      s->urgent =
          s->urgent || p->asked || session_noted_of (collector_session_contact (p->machine)) != p->noted;
      break;
    case COLLECTOR_DO_END:
      end_peer (s, p);
      break;
    }
  }
}

void
session_step (sessions_t *s, session_t *p, collector_event_t *e, job_t **job_p)
{
  admitted_t who = session_owner (s, p);
  session_step_as (s, p, e, job_p, &who);
}
