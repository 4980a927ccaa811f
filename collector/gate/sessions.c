/* sessions.c - frames in, machines stepped, effects carried out.
 *
 * A peer is found by the library's name for its connection, and is who its CURVE key says, looked up anew for
 * every message. Of each key the newest session stands.
 *
 * Decoding an update costs more memory than its bytes, so chunks wait undecoded in their session's own queue
 * (bounded by its credit) and are decoded here, off the writer's path, only as the writer can soon take them,
 * in turns that are fair by bytes (turns.h). Three weeks of backlog from forty offices thus delay the others
 * by what the writer has in hand. */
#include "collector/gate/sessions_private.h"

#include "common/platform/platform.h"
#include "common/wire/message_wire.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

#define MESSAGES_PER_TURN 256u
#define FEED_PER_TURN 2u
/* Updates decoded and with the writer, or waiting there. */
#define DECODED_MAX ((size_t)2 * COMMIT_UPDATES_MAX)
#define DECODED_BYTES_MAX ((size_t)2 * COMMIT_BYTES_MAX)

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
  session_t *p = session_find (s, &in.peer);
  if (p != NULL && p->ended) {
    session_forget (s, p); /* the same connection begins anew */
    p = NULL;
  }
  if (p == NULL && (p = session_add (s, &in.peer)) == NULL) {
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
  session_step_as (s, p, &e, &job, &who);
  session_forget_if_over (s, p);
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
    admitted_t who = session_owner (s, p);
    if (!decode_updates (s, j, &who)) { /* no memory for it: nothing is lost, it comes again */
      job_destroy (&j);
      session_step (s, p, &(collector_event_t){.type = COLLECTOR_E_BAD_FRAME, .u.reason = SESSION_BUSY},
                    NULL);
      session_forget_if_over (s, p);
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
  session_t *p = session_of_handle (s, j->session);
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
  session_step (s, p, &e, NULL);
  session_forget_if_over (s, p);
}

static void
enrolled (sessions_t *s, job_t *j)
{
  session_t *p = session_of_handle (s, j->session);
  if (p == NULL || p->ended)
    return;
  /* roster_enrol fills the answer whatever it returns; without a certificate or a refusal it could not write.
   */
  collector_event_t e = {.type = COLLECTOR_E_ENROLLED, .u.enrolled = &j->enrolled};
  if (!j->enrolled.certificate.given && str_blank (j->enrolled.refusal))
    e.type = COLLECTOR_E_FAILED;
  session_step (s, p, &e, NULL);
  session_forget_if_over (s, p);
}

static void
presented (sessions_t *s, job_t *j)
{
  session_t *p = session_of_handle (s, j->session);
  if (p == NULL || p->ended)
    return;
  collector_event_t e = {.type = COLLECTOR_E_PRESENTED, .u.readmitted = &j->readmitted};
  if (j->err != ERR_OK)
    e.type = COLLECTOR_E_FAILED;
  session_step (s, p, &e, NULL);
  session_forget_if_over (s, p);
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
        session_step (s, &s->at[i], &(collector_event_t){.type = COLLECTOR_E_BUSY, .u.retry_after_ms = 2000},
                      NULL);
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
    if (p->machine != NULL && !p->ended && p->serial != 0 && session_owner (s, p).kind != PEER_AGENT)
      session_step_simple (s, p, COLLECTOR_E_REVOKED); /* also one that only listens */
    else if (p->machine != NULL && !p->ended)
      session_step_simple (s, p, type);
    if (p->machine != NULL)
      session_forget_if_over (s, p);
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
    session_step_simple (s, p, COLLECTOR_E_ASK);
    session_forget_if_over (s, p);
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
      session_step_simple (s, &s->at[i], COLLECTOR_E_SHUTDOWN);
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
    p->noted = session_noted_of (said);
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
