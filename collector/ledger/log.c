/* log.c - entries of the log, and where a version stands in it.
 *
 * An entry's value is its seal and then the entry; the seal is a hash over the previous seal and the
 * entry, so a position with its seal names one exact history. Versions are found by runs: updates of a
 * stream that lie side by side in the log share one row, however many they are. */
#include "collector/ledger/state.h"

#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

#define ABSENT 0xFFFFu

/* ---- keys ---- */

static void
put_big_endian (uint8_t *out, uint64_t v, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    out[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

str_t
key_u32 (uint8_t out[4], uint32_t v)
{
  put_big_endian (out, v, 4);
  return (str_t){(const char *)out, 4};
}

str_t
key_u64 (uint8_t out[8], uint64_t v)
{
  put_big_endian (out, v, 8);
  return (str_t){(const char *)out, 8};
}

str_t
key_version (uint8_t out[24], store_id_t stream, uint64_t seq)
{
  memcpy (out, stream.b, 16);
  put_big_endian (out + 16, seq, 8);
  return (str_t){(const char *)out, 24};
}

str_t
key_down (uint8_t out[12], unit_id_t unit, uint64_t lsn)
{
  put_big_endian (out, unit, 4);
  put_big_endian (out + 4, lsn, 8);
  return (str_t){(const char *)out, 12};
}

str_t
key_refused (uint8_t out[24], record_id_t id, uint64_t lsn)
{
  memcpy (out, id.b, 16);
  put_big_endian (out + 16, lsn, 8);
  return (str_t){(const char *)out, 24};
}

uint64_t
key_read_u64 (str_t key, size_t at)
{
  if (key.n < at + 8)
    return 0;
  rd_t r = rd_of (key.p + at, 8);
  return rd_u64 (&r);
}

/* ---- entries ---- */

static void
put_text16 (buf_t *b, str_t s)
{
  if (s.p == NULL) {
    buf_u16 (b, ABSENT);
    return;
  }
  uint16_t n = (uint16_t)(s.n < ABSENT - 1 ? s.n : ABSENT - 1);
  buf_u16 (b, n);
  buf_put (b, s.p, n);
}

static str_t
read_text16 (rd_t *r)
{
  uint16_t n = rd_u16 (r);
  return n == ABSENT ? STR_NONE : rd_bytes (r, n);
}

err_t
log_append (ledger_t *l, turn_t *t, log_entry_t *e)
{
  CHECK (l != NULL && t->txn != NULL && t->lsn + 1 >= t->first_lsn);
  CHECK (e->bytes.p != NULL && e->verdict != VERDICT_NONE && e->seq > 0 && e->previous_lsn <= t->lsn);
  buf_t *b = &l->entry;
  buf_clear (b);
  buf_put (b, (uint8_t[32]){0}, 32);
  buf_u64 (b, e->previous_lsn);
  buf_put (b, e->stream.b, 16);
  buf_u64 (b, e->seq);
  buf_u32 (b, e->serial);
  buf_u8 (b, (uint8_t)e->verdict);
  buf_u32 (b, e->rules);
  buf_i64 (b, e->received.ms);
  buf_put (b, e->chain.b, 32);
  put_text16 (b, e->reason);
  for (size_t i = 0; i < REASON_ARGS; i++)
    put_text16 (b, e->arguments[i]);
  buf_u32 (b, (uint32_t)e->resulting.n);
  buf_put (b, e->resulting.p, e->resulting.n);
  buf_u32 (b, (uint32_t)e->bytes.n);
  buf_put (b, e->bytes.p, e->bytes.n);
  if (!buf_ok (b))
    return ERR_NOMEM;
  e->lsn = t->lsn + 1;
  e->seal = seal_next (t->seal, log_entry_sealed (buf_str (b)));
  memcpy (b->p, e->seal.b, 32);
  uint8_t key[8];
  err_t err = val_append (t->txn, DB_LOG, key_u64 (key, e->lsn), buf_str (b));
  if (err != ERR_OK)
    return err;
  t->lsn = e->lsn;
  t->seal = e->seal;
  if (e->serial == 0 || !verdict_is_told (e->verdict))
    return ERR_OK;
  err = audience_note (t, e->office, e->lsn);
  if (err == ERR_OK && e->office_before != 0 && e->office_before != e->office)
    err = audience_note (t, e->office_before, e->lsn);
  return err;
}

str_t
log_entry_sealed (str_t body)
{
  return body.n < 32 ? STR_NONE : (str_t){body.p + 32, body.n - 32};
}

bool
log_entry_decode (str_t body, log_entry_t *out)
{
  *out = (log_entry_t){0};
  rd_t r = rd_of (body.p, body.n);
  str_t seal = rd_bytes (&r, 32);
  out->previous_lsn = rd_u64 (&r);
  str_t stream = rd_bytes (&r, 16);
  out->seq = rd_u64 (&r);
  out->serial = rd_u32 (&r);
  out->verdict = (verdict_t)rd_u8 (&r);
  out->rules = rd_u32 (&r);
  out->received.ms = rd_i64 (&r);
  str_t chain = rd_bytes (&r, 32);
  out->reason = read_text16 (&r);
  for (size_t i = 0; i < REASON_ARGS; i++)
    out->arguments[i] = read_text16 (&r);
  out->resulting = rd_bytes (&r, rd_u32 (&r));
  out->bytes = rd_bytes (&r, rd_u32 (&r));
  if (!rd_done (&r) || out->verdict > VERDICT_REFUSED || out->verdict == VERDICT_NONE)
    return false;
  memcpy (out->seal.b, seal.p, 32);
  memcpy (out->stream.b, stream.p, 16);
  memcpy (out->chain.b, chain.p, 32);
  return true;
}

err_t
ledger_log_get (ledger_t *l, kv_txn_t *txn, uint64_t lsn, log_entry_t *out)
{
  (void)l;
  uint8_t key[8];
  str_t body;
  err_t err = val_get (txn, DB_LOG, key_u64 (key, lsn), &body);
  if (err != ERR_OK)
    return err;
  if (!log_entry_decode (body, out))
    return ERR_DAMAGED;
  out->lsn = lsn;
  return ERR_OK;
}

err_t
log_decision (ledger_t *l, kv_txn_t *txn, uint64_t lsn, arena_t *arena, log_entry_t *e, decision_t *out)
{
  update_t u;
  err_t err = ledger_log_get (l, txn, lsn, e);
  if (err != ERR_OK)
    return err;
  arena_reset (arena);
  err = update_decode (e->bytes, arena, &u, NULL);
  if (err == ERR_OK)
    err = decision_decode (u.decision, arena, out);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_MALFORMED;
}

err_t
log_entry_version (const log_entry_t *e, arena_t *arena, version_t *out)
{
  update_t u;
  *out = (version_t){e->stream, e->seq};
  if (e->resulting.n == 0)
    return ERR_OK;
  arena_reset (arena);
  err_t err = update_decode (e->resulting, arena, &u, NULL);
  *out = u.version;
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

/* The row of an entry that gave the record its state. */
static err_t
row_of_entry (const log_entry_t *e, uint64_t at, row_t *row)
{
  arena_t *arena = e->resulting.n > 0 ? arena_new (UPDATE_ROOM) : NULL;
  err_t err = e->resulting.n > 0 && arena == NULL ? ERR_NOMEM : log_entry_version (e, arena, &row->version);
  arena_destroy (&arena);
  row->at = at;
  row->received = e->received;
  row->bytes = log_entry_state (e);
  return err;
}

err_t
log_row_back (ledger_t *l, kv_txn_t *txn, uint64_t upto, row_t *row)
{
  log_entry_t e;
  uint64_t at = row->at;
  if (at <= upto)
    return ERR_OK;
  for (;;) {
    err_t err = ledger_log_get (l, txn, at, &e);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && e.previous_lsn >= at))
      err = ERR_DAMAGED;
    if (err != ERR_OK)
      return err;
    if (at <= upto)
      break;
    if (e.previous_lsn == 0)
      return ERR_NOT_FOUND;
    at = e.previous_lsn;
    row->revision--;
  }
  return row_of_entry (&e, at, row);
}

/* ---- runs ---- */

bool
run_decode (str_t key, str_t body, run_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  *out = (run_t){.first_lsn = rd_u64 (&r), .count = rd_u32 (&r)};
  if (!rd_done (&r) || key.n != 24)
    return false;
  memcpy (out->stream.b, key.p, 16);
  out->first_seq = key_read_u64 (key, 16);
  return out->count > 0 && out->first_seq > 0 && out->first_lsn > 0;
}

err_t
run_last (kv_txn_t *txn, store_id_t stream, uint64_t seq, run_t *out)
{
  uint8_t key[24];
  kv_cursor_t *c = NULL;
  str_t found, stored, body;
  *out = (run_t){.stream = stream};
  err_t err = kv_cursor_open (txn, DB_RANGE, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek_before (c, key_version (key, stream, seq), &found, &stored);
  if (err == ERR_NOT_FOUND) {
    err = ERR_OK;
    goto done;
  }
  if (err != ERR_OK)
    goto done;
  if (found.n != 24 || memcmp (found.p, stream.b, 16) != 0)
    goto done;
  err = val_open (DB_RANGE, found, stored, &body);
  if (err == ERR_OK && !run_decode (found, body, out))
    err = ERR_DAMAGED;
done:
  kv_cursor_close (&c);
  return err;
}

err_t
run_flush (kv_txn_t *txn, const run_t *run)
{
  if (run->count == 0)
    return ERR_OK;
  uint8_t key[24], value[12];
  put_big_endian (value, run->first_lsn, 8);
  put_big_endian (value + 8, run->count, 4);
  return val_put (txn, DB_RANGE, key_version (key, run->stream, run->first_seq),
                  (str_t){(const char *)value, sizeof value});
}

err_t
run_note (kv_txn_t *txn, run_t *run, uint64_t seq, uint64_t lsn)
{
  bool goes_on = run->count > 0 && run->count < UINT32_MAX && run->first_seq + run->count == seq &&
                 run->first_lsn + run->count == lsn;
  if (goes_on) {
    run->count++;
    return ERR_OK;
  }
  err_t err = run_flush (txn, run);
  run->first_seq = seq;
  run->first_lsn = lsn;
  run->count = 1;
  return err;
}

err_t
ledger_version_lsn (ledger_t *l, kv_txn_t *txn, version_t v, uint64_t *lsn)
{
  (void)l;
  run_t run;
  err_t err = run_last (txn, v.store, v.seq, &run);
  if (err != ERR_OK)
    return err;
  if (run.count == 0 || v.seq < run.first_seq || v.seq - run.first_seq >= run.count)
    return ERR_NOT_FOUND;
  *lsn = run.first_lsn + (v.seq - run.first_seq);
  return ERR_OK;
}

/* ---- streams ---- */

bool
stream_row_decode (str_t body, stream_row_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  *out = (stream_row_t){.cursor = rd_u64 (&r)};
  str_t hash = rd_bytes (&r, 32);
  out->owner = rd_u32 (&r);
  out->centre = rd_u8 (&r) != 0;
  out->unit = rd_u32 (&r);
  str_t parent = rd_bytes (&r, 16);
  out->parent_seq = rd_u64 (&r);
  str_t parent_hash = rd_bytes (&r, 32);
  if (!rd_done (&r))
    return false;
  memcpy (out->hash.b, hash.p, 32);
  memcpy (out->parent.b, parent.p, 16);
  memcpy (out->parent_hash.b, parent_hash.p, 32);
  return true;
}

err_t
stream_get (kv_txn_t *txn, store_id_t id, stream_row_t *out)
{
  str_t body;
  err_t err = val_get (txn, DB_CURSOR, (str_t){(const char *)id.b, 16}, &body);
  if (err != ERR_OK)
    return err;
  return stream_row_decode (body, out) ? ERR_OK : ERR_DAMAGED;
}

err_t
stream_put (kv_txn_t *txn, store_id_t id, const stream_row_t *row)
{
  uint8_t value[8 + 32 + 4 + 1 + 4 + 16 + 8 + 32], *p = value;
  put_big_endian (p, row->cursor, 8);
  memcpy (p + 8, row->hash.b, 32);
  put_big_endian (p + 40, row->owner, 4);
  p[44] = row->centre ? 1 : 0;
  put_big_endian (p + 45, row->unit, 4);
  memcpy (p + 49, row->parent.b, 16);
  put_big_endian (p + 65, row->parent_seq, 8);
  memcpy (p + 73, row->parent_hash.b, 32);
  return val_put (txn, DB_CURSOR, (str_t){(const char *)id.b, 16},
                  (str_t){(const char *)value, sizeof value});
}

err_t
ledger_cursor (ledger_t *l, kv_txn_t *txn, store_id_t stream, uint64_t *cursor, hash_t *hash, uint32_t *owner)
{
  (void)l;
  stream_row_t row;
  *cursor = 0;
  *hash = (hash_t){{0}};
  *owner = 0;
  err_t err = stream_get (txn, stream, &row);
  if (err != ERR_OK)
    return err;
  *cursor = row.cursor;
  *hash = row.hash;
  *owner = row.owner;
  return ERR_OK;
}

err_t
ledger_chain_at (ledger_t *l, kv_txn_t *txn, store_id_t stream, uint64_t seq, hash_t *out)
{
  stream_row_t row;
  err_t err = stream_get (txn, stream, &row);
  if (err != ERR_OK)
    return err;
  if (seq == 0) {
    *out = chain_start (stream, row.parent, row.parent_seq, row.parent_hash);
    return ERR_OK;
  }
  if (seq == row.cursor) {
    *out = row.hash;
    return ERR_OK;
  }
  uint64_t lsn;
  log_entry_t e;
  err = ledger_version_lsn (l, txn, (version_t){stream, seq}, &lsn);
  if (err == ERR_OK)
    err = ledger_log_get (l, txn, lsn, &e);
  if (err == ERR_OK)
    *out = e.chain;
  return err;
}
