/* streams.c - which streams our updates stand in.
 *
 * What is entered here has a place: 1, 2, 3 … for ever, whatever happens to the store; log, imports and
 * refusals go by it. To the centre an update is a number in a stream. As long as nothing unusual happens
 * there is one stream and both numbers are the same. A fork (fork.c) ends it at some place, and what comes
 * behind is numbered from 1 in the next: so a place belongs to exactly one stream. */
#include "agent/outbox/internal.h"

#include "common/crypto/crypto.h"

#include <stdlib.h>

#define PAST_BYTES (16u + 8u + 32u)

static err_t
read_past (outbox_t *o, kv_txn_t *txn)
{
  str_t v;
  err_t err = meta_get (txn, ODB_META, META_PAST, &v);
  if (err == ERR_NOT_FOUND) {
    v.n = 0;
    err = ERR_OK;
  }
  if (err != ERR_OK || v.n % PAST_BYTES != 0)
    return err != ERR_OK ? err : ERR_DAMAGED;
  const size_t n = v.n / PAST_BYTES;
  past_t *past = calloc (n + 1, sizeof *past);
  if (past == NULL)
    return ERR_NOMEM;
  rd_t r = rd_of (v.p, v.n);
  for (size_t i = 0; i < n; i++) {
    memcpy (past[i].store.b, rd_bytes (&r, 16).p, 16);
    past[i].last = rd_u64 (&r);
    memcpy (past[i].hash.b, rd_bytes (&r, 32).p, 32);
    past[i].before = i > 0 ? past[i - 1].last : 0;
    if (past[i].last < past[i].before) {
      free (past);
      return ERR_DAMAGED;
    }
  }
  free (o->past);
  o->past = past;
  o->past_n = n;
  return ERR_OK;
}

err_t
outbox_streams_read (outbox_t *o, kv_txn_t *txn)
{
  str_t v;
  err_t err = meta_get (txn, ODB_META, META_STORE, &v);
  if (err == ERR_OK && v.n != sizeof o->store.b)
    err = ERR_DAMAGED;
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  if (memcmp (v.p, o->store.b, v.n) == 0 && o->past != NULL)
    return ERR_OK;
  store_id_t store;
  memcpy (store.b, v.p, v.n);
  err = read_past (o, txn);
  if (err == ERR_OK)
    o->store = store;
  return err;
}

err_t
outbox_past_add (outbox_t *o, kv_txn_t *txn, uint64_t last, hash_t hash)
{
  buf_t b = BUF_INIT;
  str_t v;
  err_t err = meta_get (txn, ODB_META, META_PAST, &v);
  if (err == ERR_OK)
    buf_put (&b, v.p, v.n);
  buf_put (&b, o->store.b, sizeof o->store.b);
  buf_u64 (&b, last);
  buf_put (&b, hash.b, sizeof hash.b);
  if (err == ERR_OK || err == ERR_NOT_FOUND)
    err = buf_ok (&b) ? meta_put (txn, ODB_META, META_PAST, buf_str (&b)) : ERR_NOMEM;
  buf_free (&b);
  return err;
}

uint64_t
outbox_before (const outbox_t *o)
{
  return o->past_n > 0 ? o->past[o->past_n - 1].last : 0;
}

/* Of the nth stream, the present one behind all others. */
static hash_t
start_of (const outbox_t *o, size_t n)
{
  const store_id_t store = n < o->past_n ? o->past[n].store : o->store;
  if (n == 0)
    return chain_start (store, (store_id_t){{0}}, 0, (hash_t){{0}});
  const past_t *p = &o->past[n - 1];
  return chain_start (store, p->store, p->last - p->before, p->hash);
}

hash_t
outbox_stream_start (const outbox_t *o)
{
  return start_of (o, o->past_n);
}

err_t
outbox_span (outbox_t *o, kv_txn_t *txn, store_id_t stream, uint64_t *before, uint64_t *last, hash_t *start)
{
  hash_t end;
  size_t n = 0;
  err_t err = outbox_streams_read (o, txn);
  while (n < o->past_n && !store_id_eq (o->past[n].store, stream))
    n++;
  if (err != ERR_OK || (n == o->past_n && !store_id_eq (o->store, stream)))
    return err != ERR_OK ? err : ERR_NOT_FOUND;
  *start = start_of (o, n);
  if (n == o->past_n) {
    *before = outbox_before (o);
    return outbox_stream_end (o, txn, last, &end);
  }
  *before = o->past[n].before;
  *last = o->past[n].last;
  return ERR_OK;
}

bool
outbox_place_of (const outbox_t *o, version_t v, uint64_t *place)
{
  *place = 0;
  if (v.seq == 0)
    return false;
  if (store_id_eq (v.store, o->store)) {
    *place = outbox_before (o) + v.seq;
    return true;
  }
  for (size_t i = 0; i < o->past_n; i++)
    if (store_id_eq (v.store, o->past[i].store) && v.seq <= o->past[i].last - o->past[i].before) {
      *place = o->past[i].before + v.seq;
      return true;
    }
  return false;
}

version_t
outbox_version_at (const outbox_t *o, uint64_t place)
{
  for (size_t i = 0; i < o->past_n; i++)
    if (place <= o->past[i].last)
      return (version_t){o->past[i].store, place - o->past[i].before};
  return (version_t){o->store, place - outbox_before (o)};
}

static void
set_parent (const past_t *p, stream_state_t *s)
{
  s->parent_store = p->store;
  s->parent_seq = p->last - p->before;
  s->parent_hash = p->hash;
}

size_t
outbox_streams (const outbox_t *o, const facts_t *f, stream_state_t *out, size_t room)
{
  size_t n = 0;
  CHECK (room > 0);
  out[n] = (stream_state_t){
      .store = f->store, .last_seq = f->last_seq, .last_acked = f->acked, .hash_at_acked = f->hash_at_acked};
  for (size_t i = o->past_n; i > 0; i--) {
    const past_t *p = &o->past[i - 1];
    set_parent (p, &out[n]);
    if (++n == room)
      return n;
    out[n] = (stream_state_t){.store = p->store,
                              .last_seq = p->last - p->before,
                              .last_acked = p->last - p->before,
                              .hash_at_acked = p->hash};
  }
  return n + 1;
}
