/* flow_wire.c - what flows: chunks and acks up, entries and their acks down. */
#include "common/wire/frame_wire.h"
#include "common/wire/signed_wire.h"

#include "wire.pb-c.h"

#include <string.h>

/* ---- CHUNK ---- */

static err_t
updates_from_wire (const Kc__Chunk *w, arena_t *arena, msg_chunk_t *m)
{
  if (w->n_updates == 0 || w->n_updates > CHUNK_UPDATES_MAX || w->first_seq > UINT64_MAX - w->n_updates)
    return ERR_MALFORMED;
  str_t *updates = arena_alloc (arena, w->n_updates * sizeof *updates);
  if (updates == NULL)
    return ERR_NOMEM;
  size_t sum = 0;
  uint32_t crc = 0;
  for (size_t i = 0; i < w->n_updates; i++) {
    if (w->updates[i].len == 0 || w->updates[i].len > UPDATE_MAX)
      return ERR_MALFORMED;
    updates[i] = pb_bytes (w->updates[i], true);
    sum += updates[i].n;
    crc = crc32c (crc, updates[i].p, updates[i].n);
  }
  if (sum > CHUNK_MAX || !w->has_crc || crc != w->crc)
    return ERR_MALFORMED;
  m->updates = updates;
  m->updates_n = w->n_updates;
  return ERR_OK;
}

err_t
chunk_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  msg_chunk_t *m = &out->u.chunk;
  Kc__Chunk *w = PB_UNPACK (Kc__Chunk, kc__chunk__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  m->token = NUMBER (w, token);
  m->first_seq = NUMBER (w, first_seq);
  if (m->first_seq == 0 || !FIXED (w, store, m->store) || !FIXED (w, previous_hash, m->previous_hash) ||
      !head_from_wire (w->head, &m->head))
    return ERR_MALFORMED;
  return updates_from_wire (w, arena, m);
}

bool
chunk_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_chunk_t *m = &in->u.chunk;
  Kc__Chunk w = KC__CHUNK__INIT;
  Kc__SignedHead head;
  uint32_t crc = 0;
  CHECK (m->updates_n <= CHUNK_UPDATES_MAX);
  w.updates = arena_alloc (arena, m->updates_n * sizeof *w.updates);
  if (w.updates == NULL)
    return false;
  for (size_t i = 0; i < m->updates_n; i++) {
    w.updates[i] = pb_view (m->updates[i].p, m->updates[i].n);
    crc = crc32c (crc, m->updates[i].p, m->updates[i].n);
  }
  w.n_updates = m->updates_n;
  SET (w, token, m->token);
  SET_FIXED (w, store, m->store);
  SET (w, first_seq, m->first_seq);
  SET_FIXED (w, previous_hash, m->previous_hash);
  SET (w, crc, crc);
  if (m->head.given) {
    head_to_wire (&m->head, &head);
    w.head = &head;
  }
  return pb_pack (&w.base, out);
}

/* ---- ACK ---- */

err_t
ack_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  msg_ack_t *m = &out->u.ack;
  Kc__Ack *w = PB_UNPACK (Kc__Ack, kc__ack__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  m->token = NUMBER (w, token);
  m->seq = NUMBER (w, seq);
  m->restated = NUMBER (w, restated) != 0;
  m->refused = NUMBER (w, refused);
  return FIXED (w, store, m->store) ? ERR_OK : ERR_MALFORMED;
}

bool
ack_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_ack_t *m = &in->u.ack;
  Kc__Ack w = KC__ACK__INIT;
  (void)arena;
  SET (w, token, m->token);
  SET_FIXED (w, store, m->store);
  SET (w, seq, m->seq);
  SET (w, restated, m->restated);
  SET (w, refused, m->refused);
  return pb_pack (&w.base, out);
}

/* ---- DOWN ---- */

static err_t
entries_from_wire (const Kc__Down *w, arena_t *arena, msg_down_t *m)
{
  if (w->n_centre > DOWN_ENTRIES_MAX)
    return ERR_MALFORMED;
  centre_entry_t *e = arena_alloc (arena, w->n_centre * sizeof *e);
  if (e == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < w->n_centre; i++) {
    e[i].lsn = NUMBER (w->centre[i], lsn);
    e[i].update = pb_bytes (w->centre[i]->update, w->centre[i]->has_update);
    if (e[i].lsn == 0 || e[i].update.n == 0 || e[i].update.n > UPDATE_MAX)
      return ERR_MALFORMED;
  }
  m->centre = e;
  m->centre_n = w->n_centre;
  return ERR_OK;
}

static err_t
ranges_from_wire (const Kc__Down *w, arena_t *arena, msg_down_t *m)
{
  if (w->n_own > DOWN_ENTRIES_MAX)
    return ERR_MALFORMED;
  own_range_t *r = arena_alloc (arena, w->n_own * sizeof *r);
  if (r == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < w->n_own; i++) {
    r[i].first_seq = NUMBER (w->own[i], first_seq);
    r[i].last_seq = NUMBER (w->own[i], last_seq);
    r[i].first_lsn = NUMBER (w->own[i], first_lsn);
    if (!FIXED (w->own[i], store, r[i].store) || r[i].first_seq == 0 || r[i].last_seq < r[i].first_seq)
      return ERR_MALFORMED;
  }
  m->own = r;
  m->own_n = w->n_own;
  return ERR_OK;
}

static err_t
records_from_wire (const Kc__Down *w, arena_t *arena, msg_down_t *m)
{
  if (w->n_records > DOWN_ENTRIES_MAX)
    return ERR_MALFORMED;
  record_entry_t *e = arena_alloc (arena, w->n_records * sizeof *e);
  if (e == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < w->n_records; i++) {
    const Kc__RecordEntry *r = w->records[i];
    e[i] = (record_entry_t){.lsn = NUMBER (r, lsn),
                            .update = pb_bytes (r->update, r->has_update),
                            .verdict = (uint32_t)NUMBER (r, verdict),
                            .received = {NUMBER (r, received_ms)}};
    if (e[i].lsn == 0 || e[i].update.n == 0 || e[i].update.n > UPDATE_MAX || e[i].verdict == 0 ||
        !text_from_wire (r->agent, PROGRAM_MAX, &e[i].agent))
      return ERR_MALFORMED;
  }
  m->records = e;
  m->records_n = w->n_records;
  return ERR_OK;
}

static err_t
heads_from_wire (const Kc__Down *w, arena_t *arena, msg_down_t *m)
{
  if (w->n_heads > HEADS_PER_DOWN_MAX)
    return ERR_MALFORMED;
  signed_head_t *h = arena_alloc (arena, w->n_heads * sizeof *h);
  if (h == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < w->n_heads; i++)
    if (!head_from_wire (w->heads[i], &h[i]))
      return ERR_MALFORMED;
  m->heads = h;
  m->heads_n = w->n_heads;
  return ERR_OK;
}

err_t
down_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  msg_down_t *m = &out->u.down;
  Kc__Down *w = PB_UNPACK (Kc__Down, kc__down__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  m->token = NUMBER (w, token);
  m->epoch = NUMBER (w, epoch);
  m->first_lsn = NUMBER (w, first_lsn);
  m->last_lsn = NUMBER (w, last_lsn);
  m->complete = NUMBER (w, complete) != 0;
  err_t err = entries_from_wire (w, arena, m);
  if (err == ERR_OK)
    err = ranges_from_wire (w, arena, m);
  if (err == ERR_OK)
    err = records_from_wire (w, arena, m);
  if (err == ERR_OK)
    err = heads_from_wire (w, arena, m);
  return err;
}

static bool
records_to_wire (const msg_down_t *m, arena_t *arena, Kc__Down *w)
{
  bool ok = true;
  Kc__RecordEntry *e = arena_alloc (arena, m->records_n * sizeof *e);
  w->records = arena_alloc (arena, m->records_n * sizeof *w->records);
  if (e == NULL || w->records == NULL)
    return false;
  for (size_t i = 0; i < m->records_n; i++, e++) {
    const record_entry_t *from = &m->records[i];
    kc__record_entry__init (e);
    SET (*e, lsn, from->lsn);
    SET_BYTES (*e, update, from->update.p, from->update.n);
    SET (*e, verdict, (Kc__Verdict)from->verdict);
    SET (*e, received_ms, from->received.ms);
    e->agent = pb_copy (from->agent, arena, &ok);
    w->records[i] = e;
  }
  w->n_records = m->records_n;
  return ok;
}

static bool
lists_to_wire (const msg_down_t *m, arena_t *arena, Kc__Down *w)
{
  Kc__CentreEntry *e = arena_alloc (arena, m->centre_n * sizeof *e);
  Kc__OwnRange *r = arena_alloc (arena, m->own_n * sizeof *r);
  Kc__SignedHead *h = arena_alloc (arena, m->heads_n * sizeof *h);
  w->centre = arena_alloc (arena, m->centre_n * sizeof *w->centre);
  w->own = arena_alloc (arena, m->own_n * sizeof *w->own);
  w->heads = arena_alloc (arena, m->heads_n * sizeof *w->heads);
  if (e == NULL || r == NULL || h == NULL || w->centre == NULL || w->own == NULL || w->heads == NULL)
    return false;
  for (size_t i = 0; i < m->centre_n; i++, e++) {
    kc__centre_entry__init (e);
    SET (*e, lsn, m->centre[i].lsn);
    SET_BYTES (*e, update, m->centre[i].update.p, m->centre[i].update.n);
    w->centre[i] = e;
  }
  for (size_t i = 0; i < m->own_n; i++, r++) {
    kc__own_range__init (r);
    SET_FIXED (*r, store, m->own[i].store);
    SET (*r, first_seq, m->own[i].first_seq);
    SET (*r, last_seq, m->own[i].last_seq);
    SET (*r, first_lsn, m->own[i].first_lsn);
    w->own[i] = r;
  }
  for (size_t i = 0; i < m->heads_n; i++, h++) {
    head_to_wire (&m->heads[i], h);
    w->heads[i] = h;
  }
  w->n_centre = m->centre_n;
  w->n_own = m->own_n;
  w->n_heads = m->heads_n;
  return true;
}

bool
down_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_down_t *m = &in->u.down;
  Kc__Down w = KC__DOWN__INIT;
  CHECK (m->centre_n <= DOWN_ENTRIES_MAX && m->own_n <= DOWN_ENTRIES_MAX &&
         m->records_n <= DOWN_ENTRIES_MAX && m->heads_n <= HEADS_PER_DOWN_MAX);
  SET (w, token, m->token);
  SET (w, epoch, m->epoch);
  SET (w, first_lsn, m->first_lsn);
  SET (w, last_lsn, m->last_lsn);
  SET (w, complete, m->complete);
  return lists_to_wire (m, arena, &w) && records_to_wire (m, arena, &w) && pb_pack (&w.base, out);
}

err_t
down_ack_from_wire (str_t body, arena_t *arena, message_t *out)
{
  pb_fail_t fail;
  Kc__DownAck *w = PB_UNPACK (Kc__DownAck, kc__down_ack__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  out->u.down_ack = (msg_down_ack_t){NUMBER (w, token), {NUMBER (w, epoch), NUMBER (w, lsn)}};
  return ERR_OK;
}

bool
down_ack_to_wire (const message_t *in, arena_t *arena, buf_t *out)
{
  const msg_down_ack_t *m = &in->u.down_ack;
  Kc__DownAck w = KC__DOWN_ACK__INIT;
  (void)arena;
  SET (w, token, m->token);
  SET (w, epoch, m->at.epoch);
  SET (w, lsn, m->at.lsn);
  return pb_pack (&w.base, out);
}
