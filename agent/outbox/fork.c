/* fork.c - our stream goes on in a new one.
 *
 * The centre has said what this store cannot have written: it is an old copy of itself, or has a twin on
 * another PC. Up to some place both agree; what lies above it here the centre has never seen from us under
 * these numbers, and it may hold others' updates under them. So the stream ends at that place, and what lies
 * above is encoded anew as the beginning of a new stream that names where it left the old one. Versions in it
 * are renamed wherever our own updates name them (bases, parked sides they settle); record ids stay, and so
 * do places, which is all that log, imports and refusals know.
 *
 * It is one transaction. A crash leaves the store before or after it; if before, the next session finds the
 * same and does it again; if after, the new stream is just a stream that the centre has not heard of yet. */
#include "agent/outbox/internal.h"
#include "agent/outbox/told.h"

#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  store_id_t from, to;
  uint64_t common; /* last number that the old stream keeps */
  uint64_t place, last;
  hash_t chain;
  arena_t *arena;
  buf_t bytes, row;
} forking_t;

static version_t
renamed (const forking_t *f, version_t v)
{
  if (store_id_eq (v.store, f->from) && v.seq > f->common)
    v = (version_t){f->to, v.seq - f->common};
  return v;
}

/* What the book shows of the record, or keeps beside it, may be this very update. */
static err_t
rename_row (forking_t *f, record_ref_t ref, version_t from, const update_t *u)
{
  row_t row;
  err_t err = book_get (f->o->book, f->txn, ref, &row);
  const bool shadow = err == ERR_NOT_FOUND;
  if (shadow)
    err = outbox_shadow_get (f->txn, ref, &row);
  if (err != ERR_OK || !version_eq (row.version, from))
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  row.version = u->version;
  row.bytes = u->bytes;
  return shadow ? outbox_shadow_put (f->txn, &row) : book_mark (f->o->book, f->txn, &row, row.at);
}

static err_t
encode_anew (forking_t *f)
{
  outbox_log_t log;
  update_t u;
  version_t settles[SETTLES_MAX];
  arena_reset (f->arena);
  err_t err = outbox_log_read (f->txn, f->place, &log);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  const str_t before = arena_str (f->arena, log.bytes); /* unknown fields are slices of it */
  err = before.p != NULL ? update_decode (before, f->arena, &u, NULL) : ERR_NOMEM;
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_DAMAGED;
  const version_t from = u.version;
  u.version = renamed (f, from);
  u.base = renamed (f, u.base);
  for (uint32_t i = 0; i < u.settles_n; i++)
    settles[i] = renamed (f, u.settles[i]);
  u.settles = settles;
  buf_clear (&f->bytes);
  if (!update_encode (&u, &f->bytes))
    return ERR_NOMEM;
  u.bytes = log.bytes = buf_str (&f->bytes);
  log.chain = f->chain = chain_next (f->chain, u.bytes);
  err = outbox_log_replace (f->txn, f->place, &log, &f->row);
  if (err == ERR_OK)
    err = outbox_untold (f->txn, log.ref.id, from, f->place);
  return err == ERR_OK ? rename_row (f, log.ref, from, &u) : err;
}

/* A centre that was restored may have told us of what it has lost, or of a twin's updates under our numbers:
 * what goes out anew has been received and judged by nobody. */
static err_t
undecide (kv_txn_t *txn, uint64_t common)
{
  uint64_t decided = 0;
  err_t err = outbox_decided (txn, &decided);
  return err == ERR_OK && decided > common ? meta_put_u64 (txn, ODB_META, META_DECIDED, common) : err;
}

static err_t
note_fork (kv_txn_t *txn, fork_cause_t cause, uint64_t anew, wall_t now)
{
  buf_t b = BUF_INIT;
  buf_u8 (&b, (uint8_t)cause);
  buf_i64 (&b, now.ms);
  buf_u64 (&b, anew);
  err_t err = buf_ok (&b) ? meta_put (txn, ODB_META, META_FORKED, buf_str (&b)) : ERR_NOMEM;
  buf_free (&b);
  return err;
}

static err_t
fork_stream (forking_t *f, fork_cause_t cause, wall_t now)
{
  uint64_t acked = 0;
  hash_t end;
  const uint64_t before = outbox_before (f->o);
  err_t err = outbox_acked_seq (f->o, f->txn, &acked, &f->last);
  if (err == ERR_OK && f->common > f->last - before)
    err = ERR_MALFORMED;
  if (err == ERR_OK)
    err = outbox_chain_at (f->o, f->txn, before + f->common, &end);
  if (err == ERR_OK)
    err = outbox_past_add (f->o, f->txn, before + f->common, end);
  if (err == ERR_OK)
    err = meta_put (f->txn, ODB_META, META_STORE, (str_t){(const char *)f->to.b, sizeof f->to.b});
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  f->chain = chain_start (f->to, f->from, f->common, end);
  for (f->place = before + f->common + 1; err == ERR_OK && f->place <= f->last; f->place++)
    err = encode_anew (f);
  if (err == ERR_OK)
    err = outbox_stream_put (f->txn, f->last, f->chain);
  if (err == ERR_OK)
    err = meta_put_u64 (f->txn, ODB_META, META_ACKED, before + f->common);
  if (err == ERR_OK)
    err = undecide (f->txn, before + f->common);
  if (err == ERR_OK)
    err = note_fork (f->txn, cause, f->last - before - f->common, now);
  return err == ERR_OK ? book_flush (f->o->book, f->txn) : err;
}

err_t
outbox_fork (outbox_t *o, store_id_t from, uint64_t common, fork_cause_t cause, wall_t now)
{
  forking_t f = {.o = o, .from = from, .common = common, .bytes = BUF_INIT, .row = BUF_INIT};
  err_t err = ERR_NOMEM;
  f.arena = arena_new (UPDATE_ROOM + (64u << 10));
  if (f.arena == NULL)
    goto done;
  crypto_random (f.to.b, sizeof f.to.b);
  err = kv_begin (o->kv, true, &f.txn);
  if (err == ERR_OK)
    err = outbox_streams_read (o, f.txn);
  if (err != ERR_OK || !store_id_eq (o->store, from))
    goto done; /* it has left that stream already */
  err = fork_stream (&f, cause, now);
  if (err == ERR_OK)
    err = kv_commit (&f.txn);
done:
  kv_abort (&f.txn);
  book_reset (o->book);
  arena_destroy (&f.arena);
  buf_free (&f.bytes);
  buf_free (&f.row);
  return err == ERR_OK ? outbox_refresh (o, NULL) : err;
}

err_t
outbox_forked (kv_txn_t *txn, outbox_forked_t *out)
{
  str_t v;
  *out = (outbox_forked_t){.cause = FORK_NONE};
  err_t err = meta_get (txn, ODB_META, META_FORKED, &v);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  rd_t r = rd_of (v.p, v.n);
  const uint8_t cause = rd_u8 (&r);
  *out =
      (outbox_forked_t){.cause = cause <= FORK_TWIN ? (fork_cause_t)cause : FORK_TWIN, .at = {rd_i64 (&r)}};
  out->anew = rd_u64 (&r);
  return rd_done (&r) ? ERR_OK : ERR_DAMAGED;
}

err_t
outbox_fork_confirmed (kv_txn_t *txn)
{
  err_t err = kv_del (txn, ODB_META, STR (META_FORKED));
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}
