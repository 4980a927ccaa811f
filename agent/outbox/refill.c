/* refill.c - what a restored centre has lost of its own streams, out of what it once sent us.
 *
 * Entries are kept as they came, and with the last of each DOWN the head that the centre signed: up to such a
 * head, and no further, we can prove that they are the centre's. */
#include "agent/outbox/internal.h"

#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

static str_t
place_key (store_id_t stream, uint64_t seq, uint8_t out[24])
{
  memcpy (out, stream.b, sizeof stream.b);
  for (int i = 0; i < 8; i++)
    out[16 + i] = (uint8_t)(seq >> (56 - 8 * i));
  return (str_t){(const char *)out, 24};
}

static uint64_t
seq_of (str_t key)
{
  rd_t r = rd_of (key.p + 16, 8);
  return rd_u64 (&r);
}

static err_t
entry_at (kv_txn_t *txn, store_id_t stream, uint64_t seq, uint64_t *lsn, hash_t *hash, str_t *bytes)
{
  uint8_t room[24];
  str_t stored;
  const str_t key = place_key (stream, seq, room);
  err_t err = kv_get (txn, ODB_CENTRE, key, &stored);
  return err == ERR_OK ? outbox_entry_read (key, stored, lsn, hash, bytes) : err;
}

/* ---- which we hold ---- */

typedef struct {
  stream_state_t state;
  uint64_t opened; /* place of its first entry */
} held_t;

static err_t
read_opening (kv_txn_t *txn, held_t *h)
{
  update_t u;
  decision_t d = {.type = DECISION_NONE};
  str_t bytes;
  hash_t hash;
  arena_t *arena = NULL;
  err_t err = entry_at (txn, h->state.store, 1, &h->opened, &hash, &bytes);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  arena = arena_new (DECODE_BUDGET (bytes.n) * 2);
  err = arena != NULL ? update_decode (bytes, arena, &u, NULL) : ERR_NOMEM;
  if (err == ERR_OK)
    err = decision_decode (u.decision, arena, &d);
  if (err == ERR_OK && d.type == DECISION_OPENED) {
    h->state.parent_store = d.u.opened.parent;
    h->state.parent_seq = d.u.opened.parent_seq;
    h->state.parent_hash = d.u.opened.parent_hash;
  }
  arena_destroy (&arena);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

static int
by_opening (const void *a, const void *b)
{
  const uint64_t x = ((const held_t *)a)->opened, y = ((const held_t *)b)->opened;
  return (x > y) - (x < y);
}

err_t
outbox_centre_streams (kv_txn_t *txn, facts_t *f)
{
  const size_t most = sizeof f->centre / sizeof *f->centre;
  kv_cursor_t *c = NULL;
  str_t key, value;
  size_t n = 0;
  held_t *held = calloc (most, sizeof *held);
  err_t err = held != NULL ? kv_cursor_open (txn, ODB_HEAD, &c) : ERR_NOMEM;
  if (err == ERR_OK)
    err = kv_seek (c, STR ("\0"), &key, &value);
  while (err == ERR_OK && n < most) {
    held_t *h = &held[n++];
    h->state.centre = true;
    if (key.n != 24)
      err = ERR_DAMAGED;
    else {
      memcpy (h->state.store.b, key.p, sizeof h->state.store.b);
      err = kv_seek_last (c, (str_t){(const char *)h->state.store.b, 16}, &key, &value);
    }
    if (err != ERR_OK)
      break;
    h->state.last_seq = h->state.last_acked = seq_of (key);
    err = outbox_centre_chain_at (txn, h->state.store, h->state.last_seq, &h->state.hash_at_acked);
    if (err == ERR_OK)
      err = read_opening (txn, h);
    if (err == ERR_OK)
      err = kv_next (c, &key, &value);
  }
  kv_cursor_close (&c);
  if (err == ERR_NOT_FOUND)
    err = ERR_OK;
  if (n > 1)
    qsort (held, n, sizeof *held, by_opening);
  for (size_t i = 0; err == ERR_OK && i < n; i++)
    f->centre[f->centre_n++] = held[i].state;
  free (held);
  return err;
}

/* ---- handing them back ---- */

/* The next head from a number on. */
static err_t
head_from (kv_txn_t *txn, store_id_t stream, uint64_t seq, signed_head_t *out)
{
  kv_cursor_t *c = NULL;
  uint8_t room[24];
  str_t key, stored, body;
  err_t err = kv_cursor_open (txn, ODB_HEAD, &c);
  if (err == ERR_OK)
    err = kv_seek (c, place_key (stream, seq, room), &key, &stored);
  if (err == ERR_OK && (key.n != 24 || memcmp (key.p, stream.b, sizeof stream.b) != 0))
    err = ERR_NOT_FOUND;
  if (err == ERR_OK)
    err = val_open (ODB_HEAD, key, stored, &body);
  if (err == ERR_OK && body.n != sizeof out->hash.b + sizeof out->signature.b)
    err = ERR_DAMAGED;
  if (err == ERR_OK) {
    *out = (signed_head_t){.store = stream, .seq = seq_of (key), .given = true};
    memcpy (out->hash.b, body.p, sizeof out->hash.b);
    memcpy (out->signature.b, body.p + sizeof out->hash.b, sizeof out->signature.b);
  }
  kv_cursor_close (&c);
  return err;
}

static err_t
previous_hash (kv_txn_t *txn, store_id_t stream, uint64_t first_seq, hash_t *out)
{
  held_t h = {.state.store = stream};
  if (first_seq > 1)
    return outbox_centre_chain_at (txn, stream, first_seq - 1, out);
  err_t err = read_opening (txn, &h);
  if (err == ERR_OK)
    *out = chain_start (stream, h.state.parent_store, h.state.parent_seq, h.state.parent_hash);
  return err;
}

static err_t
read_refill (kv_txn_t *txn, store_id_t stream, uint64_t first_seq, arena_t *arena, msg_chunk_t *c)
{
  size_t bytes = 0;
  err_t err = head_from (txn, stream, first_seq, &c->head);
  if (err != ERR_OK)
    return err;
  const uint64_t n = c->head.seq - first_seq + 1;
  if (n > CHUNK_UPDATES_MAX)
    return ERR_NOT_FOUND;
  str_t *updates = arena_alloc (arena, (size_t)n * sizeof *updates);
  err = updates != NULL ? previous_hash (txn, stream, first_seq, &c->previous_hash) : ERR_NOMEM;
  for (uint64_t i = 0; err == ERR_OK && i < n; i++) {
    uint64_t lsn;
    hash_t hash;
    str_t entry;
    err = entry_at (txn, stream, first_seq + i, &lsn, &hash, &entry);
    if (err != ERR_OK)
      break;
    bytes += entry.n;
    if (bytes > CHUNK_MAX)
      return ERR_NOT_FOUND; /* no DOWN is that large */
    updates[i] = arena_str (arena, entry);
    if (updates[i].p == NULL)
      err = ERR_NOMEM;
    c->updates_n++;
  }
  c->store = stream;
  c->first_seq = first_seq;
  c->updates = updates;
  return err;
}

err_t
outbox_read_refill (outbox_t *o, store_id_t stream, uint64_t first_seq, arena_t *arena, msg_chunk_t *out)
{
  kv_txn_t *txn = NULL;
  msg_chunk_t c = {.first_seq = first_seq};
  err_t err = kv_begin (o->kv, false, &txn);
  if (err == ERR_OK)
    err = outbox_read_left (o, txn, stream, first_seq, arena, &c);
  if (err == ERR_NOT_FOUND) {
    c = (msg_chunk_t){.first_seq = first_seq};
    err = read_refill (txn, stream, first_seq, arena, &c);
  }
  kv_abort (&txn);
  if (err == ERR_OK)
    *out = c;
  return err;
}
