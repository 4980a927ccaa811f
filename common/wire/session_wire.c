/* session_wire.c - enrolment, HELLO and WELCOME, and the small messages of a session. */
#include "common/wire/frame_wire.h"
#include "common/wire/signed_wire.h"

#include "wire.pb-c.h"

#include <string.h>

/* ---- enrolment ---- */

err_t
enrol_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  msg_enrol_t *m = &out->u.enrol;
  Kc__Enrol *w = PB_UNPACK (Kc__Enrol, kc__enrol__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  bool ok = FIXED (w, invite, m->invite) && FIXED (w, curve_key, m->curve_key) &&
            FIXED (w, sign_key, m->sign_key) && FIXED (w, proof, m->proof) &&
            text_from_wire (w->host, PROGRAM_MAX, &m->host) &&
            text_from_wire (w->program, PROGRAM_MAX, &m->program) && FIXED_OR_ABSENT (w, consent, m->consent);
  m->consent_given = w->has_consent != 0;
  return ok ? ERR_OK : ERR_MALFORMED;
}

bool
enrol_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_enrol_t *m = &in->u.enrol;
  Kc__Enrol w = KC__ENROL__INIT;
  bool ok = true;
  SET_FIXED (w, invite, m->invite);
  SET_FIXED (w, curve_key, m->curve_key);
  SET_FIXED (w, sign_key, m->sign_key);
  SET_FIXED (w, proof, m->proof);
  if (m->consent_given)
    SET_FIXED (w, consent, m->consent);
  w.host = pb_copy (m->host, arena, &ok);
  w.program = pb_copy (m->program, arena, &ok);
  return ok && pb_pack (&w.base, out);
}

err_t
enrolled_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  msg_enrolled_t *m = &out->u.enrolled;
  Kc__Enrolled *w = PB_UNPACK (Kc__Enrolled, kc__enrolled__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  bool ok = signed_from_wire (w->certificate, &m->certificate) &&
            signed_from_wire (w->centre_certificate, &m->centre_certificate) &&
            text_from_wire (w->refusal, PROGRAM_MAX, &m->refusal) &&
            FIXED_OR_ABSENT (w, reentry_secret, m->reentry_secret) &&
            m->certificate.given == (m->refusal.p == NULL);
  return ok ? ERR_OK : ERR_MALFORMED;
}

bool
enrolled_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_enrolled_t *m = &in->u.enrolled;
  Kc__Enrolled w = KC__ENROLLED__INIT;
  Kc__Signed certificate, centre;
  bool ok = true;
  if (m->certificate.given) {
    signed_to_wire (&m->certificate, &certificate);
    w.certificate = &certificate;
  }
  if (m->centre_certificate.given) {
    signed_to_wire (&m->centre_certificate, &centre);
    w.centre_certificate = &centre;
  }
  w.refusal = pb_copy (m->refusal, arena, &ok);
  if (!id_is_zero (m->reentry_secret.b, sizeof m->reentry_secret.b))
    SET_FIXED (w, reentry_secret, m->reentry_secret);
  return ok && pb_pack (&w.base, out);
}

/* ---- HELLO ---- */

static bool
state_from_wire (const Kc__StreamState *w, stream_state_t *s)
{
  s->parent_seq = NUMBER (w, parent_seq);
  s->last_seq = NUMBER (w, last_seq);
  s->last_acked = NUMBER (w, last_acked);
  s->centre = NUMBER (w, centre) != 0;
  return FIXED (w, store, s->store) && FIXED_OR_ABSENT (w, parent_store, s->parent_store) &&
         FIXED_OR_ABSENT (w, parent_hash, s->parent_hash) &&
         FIXED_OR_ABSENT (w, hash_at_acked, s->hash_at_acked);
}

static err_t
states_from_wire (const Kc__Hello *w, arena_t *arena, msg_hello_t *m)
{
  if (w->n_streams > STREAMS_PER_HELLO_MAX)
    return ERR_MALFORMED;
  stream_state_t *s = arena_alloc (arena, w->n_streams * sizeof *s);
  if (s == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < w->n_streams; i++)
    if (!state_from_wire (w->streams[i], &s[i]))
      return ERR_MALFORMED;
  m->streams = s;
  m->streams_n = w->n_streams;
  return ERR_OK;
}

err_t
hello_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  msg_hello_t *m = &out->u.hello;
  Kc__Hello *w = PB_UNPACK (Kc__Hello, kc__hello__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  size_t room = sizeof m->protocols / sizeof m->protocols[0];
  if (w->n_protocols == 0 || w->n_protocols > room || w->n_epochs > EPOCHS_PER_HELLO_MAX)
    return ERR_MALFORMED;
  memcpy (m->protocols, w->protocols, w->n_protocols * sizeof m->protocols[0]);
  m->protocols_n = w->n_protocols;
  m->epochs = w->epochs;
  m->epochs_n = w->n_epochs;
  m->boot = NUMBER (w, boot);
  m->down = (position_t){NUMBER (w, down_epoch), NUMBER (w, down_lsn)};
  m->agent_time.ms = NUMBER (w, agent_ms);
  m->uptime_ms = NUMBER (w, uptime_ms);
  m->pending = NUMBER (w, pending);
  m->oldest.ms = NUMBER (w, oldest_ms);
  m->down_credit = NUMBER (w, down_credit);
  if (!text_from_wire (w->program, PROGRAM_MAX, &m->program) ||
      !text_from_wire (w->last_error, TEXT_LONG_MAX, &m->last_error))
    return ERR_MALFORMED;
  return states_from_wire (w, arena, m);
}

static bool
states_to_wire (const msg_hello_t *m, arena_t *arena, Kc__Hello *w)
{
  w->streams = arena_alloc (arena, m->streams_n * sizeof *w->streams);
  Kc__StreamState *s = arena_alloc (arena, m->streams_n * sizeof *s);
  if (w->streams == NULL || s == NULL)
    return false;
  for (size_t i = 0; i < m->streams_n; i++, s++) {
    const stream_state_t *from = &m->streams[i];
    kc__stream_state__init (s);
    SET_FIXED (*s, store, from->store);
    if (!id_is_zero (from->parent_store.b, sizeof from->parent_store.b)) { /* a fork may start at 0 */
      SET_FIXED (*s, parent_store, from->parent_store);
      SET (*s, parent_seq, from->parent_seq);
      SET_FIXED (*s, parent_hash, from->parent_hash);
    }
    SET (*s, last_seq, from->last_seq);
    SET (*s, last_acked, from->last_acked);
    SET_FIXED (*s, hash_at_acked, from->hash_at_acked);
    if (from->centre)
      SET (*s, centre, 1);
    w->streams[i] = s;
  }
  w->n_streams = m->streams_n;
  return true;
}

bool
hello_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_hello_t *m = &in->u.hello;
  Kc__Hello w = KC__HELLO__INIT;
  bool ok = true;
  CHECK (m->streams_n <= STREAMS_PER_HELLO_MAX && m->epochs_n <= EPOCHS_PER_HELLO_MAX);
  w.protocols = (uint32_t *)(uintptr_t)m->protocols;
  w.n_protocols = m->protocols_n;
  w.epochs = (uint64_t *)(uintptr_t)m->epochs;
  w.n_epochs = m->epochs_n;
  SET (w, boot, m->boot);
  SET (w, down_epoch, m->down.epoch);
  SET (w, down_lsn, m->down.lsn);
  SET (w, agent_ms, m->agent_time.ms);
  SET (w, uptime_ms, m->uptime_ms);
  SET (w, pending, m->pending);
  SET (w, oldest_ms, m->oldest.ms);
  SET (w, down_credit, m->down_credit);
  w.program = pb_copy (m->program, arena, &ok);
  w.last_error = pb_copy (m->last_error, arena, &ok);
  return ok && states_to_wire (m, arena, &w) && pb_pack (&w.base, out);
}

/* ---- WELCOME ---- */

static err_t
cursors_from_wire (const Kc__Welcome *w, arena_t *arena, msg_welcome_t *m)
{
  if (w->n_streams > STREAMS_PER_HELLO_MAX || w->n_addresses > ADDRESSES_MAX)
    return ERR_MALFORMED;
  stream_cursor_t *c = arena_alloc (arena, w->n_streams * sizeof *c);
  if (c == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < w->n_streams; i++) {
    c[i].cursor = NUMBER (w->streams[i], cursor);
    c[i].acked_fits = NUMBER (w->streams[i], acked_fits) != 0;
    c[i].acked = NUMBER (w->streams[i], acked);
    if (!FIXED (w->streams[i], store, c[i].store) || !FIXED_OR_ABSENT (w->streams[i], hash, c[i].hash))
      return ERR_MALFORMED;
  }
  m->streams = c;
  m->streams_n = w->n_streams;
  for (size_t i = 0; i < w->n_addresses; i++)
    if (!text_from_wire (w->addresses[i], ADDRESS_MAX, &m->addresses[i]))
      return ERR_MALFORMED;
  m->addresses_n = w->n_addresses;
  return ERR_OK;
}

err_t
welcome_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  msg_welcome_t *m = &out->u.welcome;
  Kc__Welcome *w = PB_UNPACK (Kc__Welcome, kc__welcome__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  m->protocol = NUMBER (w, protocol);
  m->token = NUMBER (w, token);
  m->end = (position_t){NUMBER (w, epoch), NUMBER (w, lsn)};
  m->credit = NUMBER (w, credit);
  m->ping_ms = NUMBER (w, ping_ms);
  m->collector_time.ms = NUMBER (w, collector_ms);
  if (!FIXED_OR_ABSENT (w, addresses_signature, m->addresses_signature) ||
      !text_from_wire (w->program, PROGRAM_MAX, &m->program))
    return ERR_MALFORMED;
  return cursors_from_wire (w, arena, m);
}

static bool
cursors_to_wire (const msg_welcome_t *m, arena_t *arena, Kc__Welcome *w)
{
  bool ok = true;
  w->streams = arena_alloc (arena, m->streams_n * sizeof *w->streams);
  Kc__StreamCursor *c = arena_alloc (arena, m->streams_n * sizeof *c);
  w->addresses = arena_alloc (arena, m->addresses_n * sizeof *w->addresses);
  if (w->streams == NULL || c == NULL || w->addresses == NULL)
    return false;
  for (size_t i = 0; i < m->streams_n; i++, c++) {
    kc__stream_cursor__init (c);
    SET_FIXED (*c, store, m->streams[i].store);
    SET (*c, cursor, m->streams[i].cursor);
    SET_FIXED (*c, hash, m->streams[i].hash);
    SET (*c, acked_fits, m->streams[i].acked_fits);
    SET (*c, acked, m->streams[i].acked);
    w->streams[i] = c;
  }
  w->n_streams = m->streams_n;
  for (size_t i = 0; i < m->addresses_n; i++)
    w->addresses[i] = pb_copy (m->addresses[i], arena, &ok);
  w->n_addresses = m->addresses_n;
  return ok;
}

bool
welcome_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_welcome_t *m = &in->u.welcome;
  Kc__Welcome w = KC__WELCOME__INIT;
  bool ok = true;
  CHECK (m->streams_n <= STREAMS_PER_HELLO_MAX && m->addresses_n <= ADDRESSES_MAX);
  SET (w, protocol, m->protocol);
  SET (w, token, m->token);
  SET (w, epoch, m->end.epoch);
  SET (w, lsn, m->end.lsn);
  SET (w, credit, m->credit);
  SET (w, ping_ms, m->ping_ms);
  SET (w, collector_ms, m->collector_time.ms);
  if (m->addresses_n > 0)
    SET_FIXED (w, addresses_signature, m->addresses_signature);
  w.program = pb_copy (m->program, arena, &ok);
  return ok && cursors_to_wire (m, arena, &w) && pb_pack (&w.base, out);
}

/* ---- small talk ---- */

err_t
ping_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  Kc__Ping *w = PB_UNPACK (Kc__Ping, kc__ping__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  out->u.ping = (msg_ping_t){.token = NUMBER (w, token),
                             .last_acked = NUMBER (w, last_acked),
                             .pending = NUMBER (w, pending),
                             .nonce = NUMBER (w, nonce),
                             .oldest = {NUMBER (w, oldest_ms)}};
  return ERR_OK;
}

bool
ping_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_ping_t *m = &in->u.ping;
  Kc__Ping w = KC__PING__INIT;
  (void)arena;
  SET (w, token, m->token);
  SET (w, last_acked, m->last_acked);
  SET (w, pending, m->pending);
  SET (w, nonce, m->nonce);
  SET (w, oldest_ms, m->oldest.ms);
  return pb_pack (&w.base, out);
}

err_t
pong_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  Kc__Pong *w = PB_UNPACK (Kc__Pong, kc__pong__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  out->u.pong = (msg_pong_t){.token = NUMBER (w, token),
                             .nonce = NUMBER (w, nonce),
                             .lsn = NUMBER (w, lsn),
                             .collector_time = {NUMBER (w, collector_ms)}};
  return ERR_OK;
}

bool
pong_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_pong_t *m = &in->u.pong;
  Kc__Pong w = KC__PONG__INIT;
  (void)arena;
  SET (w, token, m->token);
  SET (w, nonce, m->nonce);
  SET (w, lsn, m->lsn);
  SET (w, collector_ms, m->collector_time.ms);
  return pb_pack (&w.base, out);
}

err_t
busy_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  Kc__Busy *w = PB_UNPACK (Kc__Busy, kc__busy__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  out->u.busy = (msg_busy_t){NUMBER (w, token), NUMBER (w, retry_after_ms)};
  return ERR_OK;
}

bool
busy_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  Kc__Busy w = KC__BUSY__INIT;
  (void)arena;
  SET (w, token, in->u.busy.token);
  SET (w, retry_after_ms, in->u.busy.retry_after_ms);
  return pb_pack (&w.base, out);
}

err_t
bye_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  Kc__Bye *w = PB_UNPACK (Kc__Bye, kc__bye__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  out->u.bye.token = NUMBER (w, token);
  bool ok = text_from_wire (w->reason, PROGRAM_MAX, &out->u.bye.reason) &&
            text_from_wire (w->text, TEXT_LONG_MAX, &out->u.bye.text);
  return ok ? ERR_OK : ERR_MALFORMED;
}

bool
bye_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  Kc__Bye w = KC__BYE__INIT;
  bool ok = true;
  SET (w, token, in->u.bye.token);
  w.reason = pb_copy (in->u.bye.reason, arena, &ok);
  w.text = pb_copy (in->u.bye.text, arena, &ok);
  return ok && pb_pack (&w.base, out);
}

/* ---- re-entry, and the centre's wish ---- */

err_t
present_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  msg_present_t *m = &out->u.present;
  Kc__Present *w = PB_UNPACK (Kc__Present, kc__present__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  m->signature_given = w->has_signature != 0;
  bool ok = signed_from_wire (w->certificate, &m->certificate) && m->certificate.given &&
            FIXED_OR_ABSENT (w, signature, m->signature);
  return ok ? ERR_OK : ERR_MALFORMED;
}

bool
present_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_present_t *m = &in->u.present;
  Kc__Present w = KC__PRESENT__INIT;
  Kc__Signed certificate;
  (void)arena;
  signed_to_wire (&m->certificate, &certificate);
  w.certificate = &certificate;
  if (m->signature_given)
    SET_FIXED (w, signature, m->signature);
  return pb_pack (&w.base, out);
}

err_t
readmitted_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  msg_readmitted_t *m = &out->u.readmitted;
  Kc__Readmitted *w = PB_UNPACK (Kc__Readmitted, kc__readmitted__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  m->admitted = NUMBER (w, admitted) != 0;
  bool ok = FIXED_OR_ABSENT (w, nonce, m->nonce) && text_from_wire (w->refusal, PROGRAM_MAX, &m->refusal);
  return ok ? ERR_OK : ERR_MALFORMED;
}

bool
readmitted_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_readmitted_t *m = &in->u.readmitted;
  Kc__Readmitted w = KC__READMITTED__INIT;
  bool ok = true;
  if (!id_is_zero (m->nonce.b, sizeof m->nonce.b))
    SET_FIXED (w, nonce, m->nonce);
  SET (w, admitted, m->admitted);
  w.refusal = pb_copy (m->refusal, arena, &ok);
  return ok && pb_pack (&w.base, out);
}

err_t
sync_now_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  Kc__SyncNow *w = PB_UNPACK (Kc__SyncNow, kc__sync_now__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  out->u.sync_now.token = NUMBER (w, token);
  return ERR_OK;
}

bool
sync_now_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  Kc__SyncNow w = KC__SYNC_NOW__INIT;
  (void)arena;
  SET (w, token, in->u.sync_now.token);
  return pb_pack (&w.base, out);
}
