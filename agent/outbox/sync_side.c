/* sync_side.c - what the sync asks of the store: how far we are, chunks, acknowledgements, the line. */
#include "agent/outbox/internal.h"
#include "agent/outbox/told.h"

#include "common/crypto/crypto.h"

#include <stdlib.h>

/* Begins, lets fn write, commits: the shape of every small change here. */
typedef err_t (change_fn) (kv_txn_t *txn, void *ctx);

static err_t
change (outbox_t *o, change_fn *fn, void *ctx)
{
  kv_txn_t *txn = NULL;
  err_t err = kv_begin (o->kv, true, &txn);
  if (err == ERR_OK)
    err = fn (txn, ctx);
  if (err == ERR_OK)
    return kv_commit (&txn);
  kv_abort (&txn);
  return err;
}

static err_t
count_refused (void *ctx, const refused_row_t *r)
{
  (void)r;
  ++*(uint64_t *)ctx;
  return ERR_OK;
}

static err_t
read_position (kv_txn_t *txn, facts_t *f)
{
  str_t v;
  err_t err = meta_get (txn, ODB_META, META_DOWN, &v);
  if (err == ERR_OK) {
    rd_t r = rd_of (v.p, v.n);
    f->down.epoch = rd_u64 (&r);
    f->down.lsn = rd_u64 (&r);
    err = rd_done (&r) ? ERR_OK : ERR_DAMAGED;
  }
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  err = meta_get (txn, ODB_META, META_EPOCHS, &v);
  if (err == ERR_OK) {
    rd_t r = rd_of (v.p, v.n);
    while (r.n >= 8 && f->epochs_n < EPOCHS_KNOWN_MAX)
      f->epochs[f->epochs_n++] = rd_u64 (&r);
  }
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
read_facts (outbox_t *o, kv_txn_t *txn, facts_t *f)
{
  uint64_t acked = 0, last = 0;
  err_t err = outbox_streams_read (o, txn);
  if (err == ERR_OK)
    err = outbox_acked_seq (o, txn, &acked, &last);
  if (err == ERR_OK)
    err = outbox_chain_at (o, txn, acked, &f->hash_at_acked);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  f->store = o->store;
  f->before = outbox_before (o);
  if (last < acked || acked < f->before)
    return ERR_DAMAGED;
  f->last_seq = last - f->before;
  f->acked = acked - f->before;
  f->pending = last - acked;
  if (f->pending > 0) {
    outbox_log_t row;
    err = outbox_log_read (txn, acked + 1, &row);
    if (err != ERR_OK)
      return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
    f->oldest_pending = row.stored;
  }
  err = read_position (txn, f);
  if (err == ERR_OK)
    err = outbox_centre_streams (txn, f);
  if (err == ERR_OK)
    err = outbox_meta_number (txn, META_BOOT, 0, &f->boot);
  if (err == ERR_OK)
    err = outbox_meta_number (txn, META_WANT, 0, &f->sync_wanted);
  if (err == ERR_OK)
    err = outbox_refused (o, txn, count_refused, &f->refused);
  return err;
}

err_t
outbox_facts (outbox_t *o, facts_t *out)
{
  kv_txn_t *txn = NULL;
  facts_t f = {0};
  err_t err = kv_begin (o->kv, false, &txn);
  if (err == ERR_OK)
    err = read_facts (o, txn, &f);
  kv_abort (&txn);
  if (err == ERR_OK)
    *out = f;
  return err;
}

static err_t
bump (kv_txn_t *txn, const char *name, uint64_t *now)
{
  uint64_t n = 0;
  err_t err = outbox_meta_number (txn, name, 0, &n);
  *now = n + 1;
  return err == ERR_OK ? meta_put_u64 (txn, ODB_META, name, n + 1) : err;
}

/* It grows by a step and some chance, so that two copies of a store never count alike for long. */
static err_t
bump_boot (kv_txn_t *txn, void *ctx)
{
  uint64_t n = 0;
  uint8_t chance[2];
  (void)ctx;
  crypto_random (chance, sizeof chance);
  err_t err = outbox_meta_number (txn, META_BOOT, 0, &n);
  n = ((n >> 16) + 1) << 16 | (uint64_t)chance[0] << 8 | chance[1];
  return err == ERR_OK ? meta_put_u64 (txn, ODB_META, META_BOOT, n) : err;
}

err_t
outbox_count_boot (outbox_t *o)
{
  return change (o, bump_boot, NULL);
}

/* ---- chunks ---- */

static err_t
sign_chunk (outbox_t *o, msg_chunk_t *c, uint64_t last, hash_t hash)
{
  buf_t b = BUF_INIT;
  head_bytes (c->store, last, hash, o->identity.serial, &b);
  c->head = (signed_head_t){
      .store = c->store, .seq = last, .hash = hash, .serial = o->identity.serial, .given = true};
  if (buf_ok (&b))
    c->head.signature = sign_make (SIGN_HEAD, buf_str (&b), &o->identity.sign_secret);
  err_t err = buf_ok (&b) ? ERR_OK : ERR_NOMEM;
  buf_free (&b);
  return err;
}

/* Of the present stream, or of one that we have left. */
static err_t
read_chunk (outbox_t *o, kv_txn_t *txn, store_id_t stream, uint64_t first_seq, size_t max_bytes,
            arena_t *arena, msg_chunk_t *c)
{
  outbox_log_t row;
  hash_t hash;
  size_t bytes = 0;
  uint64_t before = 0, last = 0;
  err_t err = outbox_span (o, txn, stream, &before, &last, &c->previous_hash);
  if (err != ERR_OK)
    return err;
  if (first_seq == 0 || first_seq > last - before)
    return ERR_NOT_FOUND;
  const uint64_t room = last - before - first_seq + 1, first = before + first_seq;
  str_t *updates =
      arena_alloc (arena, sizeof *updates * (room < CHUNK_UPDATES_MAX ? room : CHUNK_UPDATES_MAX));
  if (updates == NULL)
    return ERR_NOMEM;
  if (first_seq > 1)
    err = outbox_log_read (txn, first - 1, &row);
  if (err == ERR_OK && first_seq > 1)
    c->previous_hash = row.chain;
  hash = c->previous_hash;
  for (uint64_t place = first; err == ERR_OK && place <= last && c->updates_n < CHUNK_UPDATES_MAX; place++) {
    err = outbox_log_read (txn, place, &row);
    if (err != ERR_OK || (c->updates_n > 0 && bytes + row.bytes.n > max_bytes))
      break;
    updates[c->updates_n] = arena_str (arena, row.bytes);
    if (updates[c->updates_n].p == NULL)
      return ERR_NOMEM;
    c->updates_n++;
    bytes += row.bytes.n;
    hash = row.chain;
  }
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  c->store = stream;
  c->first_seq = first_seq;
  c->updates = updates;
  return sign_chunk (o, c, first_seq + c->updates_n - 1, hash);
}

err_t
outbox_read_chunk (outbox_t *o, uint64_t first_seq, size_t max_bytes, arena_t *arena, msg_chunk_t *out)
{
  kv_txn_t *txn = NULL;
  msg_chunk_t c = {0};
  err_t err = kv_begin (o->kv, false, &txn);
  if (err == ERR_OK)
    err = outbox_streams_read (o, txn);
  if (err == ERR_OK)
    err = read_chunk (o, txn, o->store, first_seq, max_bytes < CHUNK_MAX ? max_bytes : CHUNK_MAX, arena, &c);
  kv_abort (&txn);
  if (err == ERR_OK)
    *out = c;
  return err;
}

err_t
outbox_read_left (outbox_t *o, kv_txn_t *txn, store_id_t stream, uint64_t first_seq, arena_t *arena,
                  msg_chunk_t *out)
{
  *out = (msg_chunk_t){0};
  return read_chunk (o, txn, stream, first_seq, CHUNK_TARGET_MAX, arena, out);
}

err_t
outbox_hash_at (outbox_t *o, uint64_t seq, hash_t *out)
{
  kv_txn_t *txn = NULL;
  err_t err = kv_begin (o->kv, false, &txn);
  if (err == ERR_OK)
    err = outbox_streams_read (o, txn);
  if (err == ERR_OK)
    err = outbox_chain_at (o, txn, outbox_before (o) + seq, out);
  kv_abort (&txn);
  return err;
}

/* ---- acknowledgements ---- */

typedef struct {
  outbox_t *o;
  uint64_t seq;
  wall_t now;
} acked_t;

static err_t
write_acked (kv_txn_t *txn, void *ctx)
{
  const acked_t *a = ctx;
  uint64_t last = 0, acked = 0;
  err_t err = outbox_streams_read (a->o, txn);
  if (err == ERR_OK)
    err = outbox_acked_seq (a->o, txn, &acked, &last);
  const uint64_t place = outbox_before (a->o) + a->seq;
  if (err == ERR_OK && place > last)
    err = ERR_MALFORMED;
  if (err == ERR_OK && place > acked)
    err = meta_put_u64 (txn, ODB_META, META_ACKED, place);
  if (err == ERR_OK)
    err = meta_put_u64 (txn, ODB_META, META_LAST_ACK, (uint64_t)a->now.ms);
  return err;
}

err_t
outbox_acked (outbox_t *o, uint64_t seq, wall_t now)
{
  return change (o, write_acked, &(acked_t){o, seq, now});
}

/* ---- the line ---- */

static void
put_text (buf_t *b, str_t s, size_t max)
{
  const size_t n = s.n < max ? s.n : max;
  buf_u16 (b, (uint16_t)n);
  buf_put (b, s.p, n);
}

static err_t
write_link (kv_txn_t *txn, void *ctx)
{
  const link_state_t *s = ctx;
  buf_t b = BUF_INIT;
  buf_i64 (&b, s->last_contact.ms);
  buf_i64 (&b, s->last_ack.ms);
  buf_i64 (&b, s->clock_offset_ms);
  buf_u8 (&b, s->online);
  put_text (&b, s->last_error, 2000);
  put_text (&b, s->address, ADDRESS_MAX);
  err_t err = buf_ok (&b) ? meta_put (txn, ODB_META, META_LINK, buf_str (&b)) : ERR_NOMEM;
  buf_free (&b);
  return err;
}

err_t
outbox_link_put (outbox_t *o, const link_state_t *s)
{
  link_state_t copy = *s;
  return change (o, write_link, &copy);
}

static err_t
read_link (kv_txn_t *txn, arena_t *arena, link_state_t *s)
{
  str_t v;
  uint64_t last_ack = 0;
  err_t err = meta_get (txn, ODB_META, META_LINK, &v);
  if (err == ERR_OK) {
    rd_t r = rd_of (v.p, v.n);
    s->last_contact.ms = rd_i64 (&r);
    s->last_ack.ms = rd_i64 (&r);
    s->clock_offset_ms = rd_i64 (&r);
    s->online = rd_u8 (&r) != 0;
    s->last_error = arena_str (arena, rd_bytes (&r, rd_u16 (&r)));
    s->address = arena_str (arena, rd_bytes (&r, rd_u16 (&r)));
    err = rd_done (&r) ? ERR_OK : ERR_DAMAGED;
  }
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  err = outbox_meta_number (txn, META_LAST_ACK, 0, &last_ack);
  if (err == ERR_OK && (int64_t)last_ack > s->last_ack.ms)
    s->last_ack.ms = (int64_t)last_ack;
  if (s->last_contact.ms < s->last_ack.ms)
    s->last_contact = s->last_ack; /* stored less often */
  return err;
}

err_t
outbox_link_get (outbox_t *o, arena_t *arena, link_state_t *out)
{
  kv_txn_t *txn = NULL;
  link_state_t s = {0};
  err_t err = kv_begin (o->kv, false, &txn);
  if (err == ERR_OK)
    err = read_link (txn, arena, &s);
  kv_abort (&txn);
  if (err == ERR_OK)
    *out = s;
  return err;
}

/* ---- rounds: sync beside serve ---- */

static err_t
bump_want (kv_txn_t *txn, void *ctx)
{
  return bump (txn, META_WANT, ctx);
}

err_t
outbox_want_sync (outbox_t *o, uint64_t *number)
{
  return change (o, bump_want, number);
}

static err_t
write_done (kv_txn_t *txn, void *ctx)
{
  const uint64_t *number = ctx;
  uint64_t done = 0;
  err_t err = outbox_meta_number (txn, META_DONE, 0, &done);
  return err == ERR_OK && *number > done ? meta_put_u64 (txn, ODB_META, META_DONE, *number) : err;
}

err_t
outbox_round_done (outbox_t *o, uint64_t number)
{
  return change (o, write_done, &number);
}

err_t
outbox_rounds (outbox_t *o, uint64_t *wanted, uint64_t *done)
{
  kv_txn_t *txn = NULL;
  uint64_t w = 0, d = 0;
  err_t err = kv_begin (o->kv, false, &txn);
  if (err == ERR_OK)
    err = outbox_meta_number (txn, META_WANT, 0, &w);
  if (err == ERR_OK)
    err = outbox_meta_number (txn, META_DONE, 0, &d);
  kv_abort (&txn);
  if (err != ERR_OK)
    return err;
  *wanted = w;
  *done = d;
  return ERR_OK;
}
