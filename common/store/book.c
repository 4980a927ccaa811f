/* book.c - rows of records and the index of their natural keys.
 *
 * A row's key is home ‖ id: the office at creation never changes and ids grow with time, so what an
 * office enters is written side by side. A row's value is a fixed head and then the update's bytes as
 * their author encoded them; the head is what a reader needs without decoding.
 *
 * The index maps a kind and natural key to a row's key. It keeps the keys of withdrawn records, so that
 * entering one again finds the old record instead of making a twin. An update that leaves the key as it
 * was (nearly every one) does not touch the index. */
#include "common/crypto/crypto.h"
#include "common/store/book_private.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

#define HEAD_SIZE (16u + 8u + 8u + 4u + 8u + 1u)
#define CELL_SIZE (8u * MEASURES_MAX)

enum { ROW_WITHDRAWN = 0x01 };

/* ---- bytes ---- */

static char *
put_u32 (char *p, uint32_t v)
{
  for (int shift = 24; shift >= 0; shift -= 8)
    *p++ = (char)(v >> shift);
  return p;
}

static char *
put_u64 (char *p, uint64_t v)
{
  return put_u32 (put_u32 (p, (uint32_t)(v >> 32)), (uint32_t)v);
}

void
ref_encode (record_ref_t ref, char out[REF_SIZE])
{
  memcpy (put_u32 (out, ref.home), ref.id.b, sizeof ref.id.b);
}

bool
ref_decode (str_t bytes, record_ref_t *out)
{
  rd_t r = rd_of (bytes.p, bytes.n);
  record_ref_t ref = {.home = rd_u32 (&r)};
  str_t id = rd_bytes (&r, sizeof ref.id.b);
  if (!rd_done (&r))
    return false;
  memcpy (ref.id.b, id.p, sizeof ref.id.b);
  *out = ref;
  return true;
}

static void
head_encode (const row_t *row, char out[HEAD_SIZE])
{
  memcpy (out, row->version.store.b, 16);
  char *p = put_u64 (out + 16, row->version.seq);
  p = put_u64 (p, row->at);
  p = put_u32 (p, row->revision);
  p = put_u64 (p, (uint64_t)row->received.ms);
  *p = row->withdrawn ? ROW_WITHDRAWN : 0;
}

static err_t
row_decode (record_ref_t ref, str_t body, row_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  row_t row = {.ref = ref};
  str_t store = rd_bytes (&r, 16);
  row.version.seq = rd_u64 (&r);
  row.at = rd_u64 (&r);
  row.revision = rd_u32 (&r);
  row.received.ms = rd_i64 (&r);
  row.withdrawn = (rd_u8 (&r) & ROW_WITHDRAWN) != 0;
  if (r.failed)
    return ERR_DAMAGED;
  memcpy (row.version.store.b, store.p, 16);
  row.bytes = rd_bytes (&r, r.n);
  *out = row;
  return ERR_OK;
}

/* ---- keys ---- */

static bool
index_key (kind_t kind, str_t natural_key, buf_t *out)
{
  const size_t room = STORE_KEY_MAX - 1;
  buf_clear (out);
  buf_u8 (out, (uint8_t)kind);
  if (natural_key.n <= room)
    buf_put (out, natural_key.p, natural_key.n);
  else {
    hash_t h = hash_of (natural_key);
    buf_put (out, natural_key.p, room - sizeof h.b);
    buf_put (out, h.b, sizeof h.b);
  }
  return buf_ok (out);
}

err_t
index_key_of (const record_t *r, buf_t *out, bool *has)
{
  buf_t natural = BUF_INIT;
  *has = record_key (r, &natural);
  bool fine = buf_ok (&natural) && (!*has || index_key (r->kind, buf_str (&natural), out));
  buf_free (&natural);
  return fine ? ERR_OK : ERR_NOMEM;
}

bool
index_key_split (str_t key, kind_t *kind, str_t *natural_key)
{
  if (key.n < 1 || (unsigned char)key.p[0] >= KIND_COUNT)
    return false;
  *kind = (kind_t)(unsigned char)key.p[0];
  *natural_key = (str_t){key.p + 1, key.n - 1};
  return true;
}

static err_t
holder_of (book_t *b, kv_txn_t *txn, const buf_t *key, record_ref_t *out)
{
  str_t body = STR_NONE;
  err_t err = val_get (txn, b->dbs.key, buf_str (key), &body);
  if (err != ERR_OK)
    return err;
  return ref_decode (body, out) ? ERR_OK : ERR_DAMAGED;
}

err_t
book_find_key (book_t *b, kv_txn_t *txn, kind_t kind, str_t natural_key, record_ref_t *out)
{
  CHECK (b != NULL && txn != NULL && out != NULL);
  buf_t key = BUF_INIT;
  err_t err = index_key (kind, natural_key, &key) ? holder_of (b, txn, &key, out) : ERR_NOMEM;
  buf_free (&key);
  return err;
}

/* ---- life ---- */

static err_t
load_cell (void *ctx, str_t key, int64_t m[MEASURES_MAX])
{
  book_t *b = ctx;
  str_t body = STR_NONE;
  memset (m, 0, MEASURES_MAX * sizeof m[0]);
  err_t err = val_get (b->txn, b->dbs.total, key, &body);
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  if (err != ERR_OK)
    return err;
  return cell_decode (body, m) ? ERR_OK : ERR_DAMAGED;
}

book_t *
book_new (book_dbs_t dbs)
{
  book_t *b = calloc (1, sizeof *b);
  if (b == NULL)
    return NULL;
  b->dbs = dbs;
  b->totals = totals_new (load_cell, b);
  if (b->totals == NULL)
    book_destroy (&b);
  return b;
}

void
book_destroy (book_t **self_p)
{
  CHECK (self_p != NULL);
  book_t *b = *self_p;
  if (b == NULL)
    return;
  *self_p = NULL;
  totals_destroy (&b->totals);
  arena_destroy (&b->arena);
  buf_free (&b->key);
  buf_free (&b->key_then);
  free (b);
}

void
book_reset (book_t *b)
{
  CHECK (b != NULL);
  totals_reset (b->totals);
}

/* ---- rows ---- */

err_t
book_get (book_t *b, kv_txn_t *txn, record_ref_t ref, row_t *out)
{
  CHECK (b != NULL && txn != NULL && out != NULL);
  char key[REF_SIZE];
  ref_encode (ref, key);
  str_t body = STR_NONE;
  err_t err = val_get (txn, b->dbs.record, (str_t){key, sizeof key}, &body);
  return err == ERR_OK ? row_decode (ref, body, out) : err;
}

err_t
book_row_open (const book_t *b, str_t key, str_t stored, row_t *out)
{
  str_t body = STR_NONE;
  *out = (row_t){0};
  if (!ref_decode (key, &out->ref) || val_open (b->dbs.record, key, stored, &body) != ERR_OK)
    return ERR_DAMAGED;
  return row_decode (out->ref, body, out);
}

err_t
book_each (book_t *b, kv_txn_t *txn, unit_id_t home, book_row_fn *fn, void *ctx)
{
  CHECK (b != NULL && txn != NULL && fn != NULL);
  kv_cursor_t *c = NULL;
  char from[4];
  put_u32 (from, home);
  str_t key = STR_NONE, stored = STR_NONE;
  err_t err = kv_cursor_open (txn, b->dbs.record, &c);
  if (err != ERR_OK)
    return err;
  for (err = kv_seek (c, (str_t){from, sizeof from}, &key, &stored); err == ERR_OK;
       err = kv_next (c, &key, &stored)) {
    row_t row = {0};
    err_t readable = book_row_open (b, key, stored, &row);
    if (home != 0 && row.ref.home != home && row.ref.home != 0)
      break;
    err = fn (ctx, readable, &row);
    if (err != ERR_OK)
      break;
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND || err == ERR_END ? ERR_OK : err;
}

err_t
book_decode (book_t *b, str_t bytes, update_t *out)
{
  if (b->arena == NULL)
    b->arena = arena_new (DECODE_BUDGET (UPDATE_MAX));
  if (b->arena == NULL)
    return ERR_NOMEM;
  arena_reset (b->arena);
  err_t err = update_decode (bytes, b->arena, out, NULL);
  return err == ERR_MALFORMED || err == ERR_TOO_BIG ? ERR_DAMAGED : err;
}

/* ---- changes ---- */

/* Says whether the index must get b->key, after making sure that no other record has it. */
static err_t
judge_key (book_t *b, kv_txn_t *txn, record_ref_t ref, const record_t *before, const record_t *after,
           bool *put, bool *drop)
{
  bool has = false, had = false;
  err_t err = index_key_of (after, &b->key, &has);
  if (err == ERR_OK && before != NULL)
    err = index_key_of (before, &b->key_then, &had);
  if (err != ERR_OK)
    return err;
  bool same = has && had && str_eq (buf_str (&b->key), buf_str (&b->key_then));
  *put = has && !same;
  *drop = had && !same;
  if (!*put)
    return ERR_OK;
  record_ref_t holder;
  err = holder_of (b, txn, &b->key, &holder);
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  if (err != ERR_OK)
    return err;
  return holder.home == ref.home && record_id_eq (holder.id, ref.id) ? ERR_OK : ERR_EXISTS;
}

err_t
book_count (book_t *b, kv_txn_t *txn, const record_t *before, bool before_withdrawn, const record_t *after,
            bool after_withdrawn)
{
  b->txn = txn;
  err_t err = totals_apply (b->totals, before, before_withdrawn, after, after_withdrawn);
  b->txn = NULL;
  return err;
}

static err_t
put_row (book_t *b, kv_txn_t *txn, const row_t *row, str_t bytes)
{
  char key[REF_SIZE], head[HEAD_SIZE];
  ref_encode (row->ref, key);
  head_encode (row, head);
  return val_put2 (txn, b->dbs.record, (str_t){key, sizeof key}, (str_t){head, sizeof head}, bytes);
}

static err_t
drop_index (book_t *b, kv_txn_t *txn)
{
  err_t err = kv_del (txn, b->dbs.key, buf_str (&b->key_then));
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
book_set (book_t *b, kv_txn_t *txn, const row_t *before_row, const record_t *before, const update_t *u,
          const row_t *row)
{
  CHECK (b != NULL && txn != NULL && u != NULL && u->bytes.n > 0);
  CHECK ((before_row == NULL) == (before == NULL));
  /* Everything of before is used up ahead of the first write: it may be a view of the store. */
  bool put_key = false, drop_key = false;
  err_t err = judge_key (b, txn, row->ref, before, &u->record, &put_key, &drop_key);
  if (err != ERR_OK)
    return err;
  err = book_count (b, txn, before, before_row != NULL && before_row->withdrawn, &u->record, row->withdrawn);
  if (err == ERR_OK)
    err = put_row (b, txn, row, u->bytes);
  if (err == ERR_OK && drop_key)
    err = drop_index (b, txn);
  if (err == ERR_OK && put_key) {
    char key[REF_SIZE];
    ref_encode (row->ref, key);
    err = val_put (txn, b->dbs.key, buf_str (&b->key), (str_t){key, sizeof key});
  }
  return err;
}

err_t
book_apply (book_t *b, kv_txn_t *txn, const row_t *before_row, const record_t *before, const update_t *u,
            uint64_t at, wall_t received)
{
  const row_t row = {
      .ref = {u->home, u->id},
      .version = u->version,
      .at = at,
      .revision = before_row != NULL ? before_row->revision + 1 : 1,
      .received = received,
      .withdrawn = u->operation == OP_WITHDRAW,
  };
  return book_set (b, txn, before_row, before, u, &row);
}

err_t
book_drop (book_t *b, kv_txn_t *txn, const row_t *before_row, const record_t *before)
{
  char key[REF_SIZE];
  bool had = false;
  err_t err = index_key_of (before, &b->key_then, &had);
  if (err == ERR_OK)
    err = book_count (b, txn, before, before_row->withdrawn, NULL, false);
  ref_encode (before_row->ref, key);
  if (err == ERR_OK)
    err = kv_del (txn, b->dbs.record, (str_t){key, sizeof key});
  return err == ERR_OK && had ? drop_index (b, txn) : err;
}

err_t
book_mark (book_t *b, kv_txn_t *txn, const row_t *row, uint64_t at)
{
  row_t marked = *row;
  marked.at = at;
  return put_row (b, txn, &marked, row->bytes);
}

/* ---- cells ---- */

bool
cell_decode (str_t body, int64_t m[MEASURES_MAX])
{
  rd_t r = rd_of (body.p, body.n);
  int64_t v[MEASURES_MAX];
  for (size_t i = 0; i < MEASURES_MAX; i++)
    v[i] = rd_i64 (&r);
  if (!rd_done (&r))
    return false;
  memcpy (m, v, sizeof v);
  return true;
}

typedef struct {
  book_t *b;
  kv_txn_t *txn;
} flush_t;

/* A cell that came back to nothing is taken out: the store then holds what a recount gives. */
static err_t
flush_cell (void *ctx, str_t key, const int64_t m[MEASURES_MAX])
{
  flush_t *f = ctx;
  char body[CELL_SIZE];
  char *p = body;
  bool zero = true;
  for (size_t i = 0; i < MEASURES_MAX; i++) {
    p = put_u64 (p, (uint64_t)m[i]);
    zero = zero && m[i] == 0;
  }
  if (!zero)
    return val_put (f->txn, f->b->dbs.total, key, (str_t){body, sizeof body});
  err_t err = kv_del (f->txn, f->b->dbs.total, key);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
book_flush (book_t *b, kv_txn_t *txn)
{
  CHECK (b != NULL && txn != NULL);
  flush_t f = {b, txn};
  err_t err = totals_each_dirty (b->totals, flush_cell, &f);
  if (err == ERR_OK)
    totals_reset (b->totals); /* whatever comes next is read from the store, which now holds it */
  return err;
}
