/* book_totals.c - answering from the totals, and making them anew. */
#include "common/core/contribution.h"
#include "common/store/book_private.h"

#define META_GROUPINGS "groupings"

/* ---- queries ---- */

static err_t
each_cell (book_t *b, kv_txn_t *txn, const grouping_t *wanted, book_atom_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  char prefix = (char)wanted->id;
  str_t key = STR_NONE, stored = STR_NONE, body = STR_NONE;
  err_t err = kv_cursor_open (txn, b->dbs.total, &c);
  if (err != ERR_OK)
    return err;
  for (err = kv_seek (c, (str_t){&prefix, 1}, &key, &stored); err == ERR_OK;
       err = kv_next (c, &key, &stored)) {
    const grouping_t *g = NULL;
    atom_t a = {0};
    if (key.p[0] != prefix)
      break;
    err = val_open (b->dbs.total, key, stored, &body);
    if (err == ERR_OK && !(cell_key_decode (key, &g, &a) && cell_decode (body, a.m)))
      err = ERR_DAMAGED;
    if (err != ERR_OK)
      break;
    a.family = wanted->family;
    err = fn (ctx, &a);
    if (err != ERR_OK)
      break;
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

typedef struct {
  book_t *b;
  family_t family;
  book_atom_fn *fn;
  void *ctx;
} scan_t;

static err_t
scan_row (void *ctx, err_t err, const row_t *row)
{
  scan_t *s = ctx;
  update_t u;
  atom_t atoms[ATOMS_MAX];
  if (err != ERR_OK)
    return err;
  if (row->withdrawn)
    return ERR_OK;
  err = book_decode (s->b, row->bytes, &u);
  if (err != ERR_OK)
    return err;
  size_t n = contribution (&u.record, false, atoms);
  for (size_t i = 0; i < n && err == ERR_OK; i++)
    if (atoms[i].family == s->family)
      err = s->fn (s->ctx, &atoms[i]);
  return err;
}

err_t
book_atoms (book_t *b, kv_txn_t *txn, family_t family, uint32_t dims, book_atom_fn *fn, void *ctx)
{
  CHECK (b != NULL && txn != NULL);
  bool current = false;
  const grouping_t *g = grouping_covering (family, dims);
  err_t err = g != NULL ? book_totals_current (b, txn, &current) : ERR_OK;
  if (err != ERR_OK)
    return err;
  if (current)
    return each_cell (b, txn, g, fn, ctx);
  scan_t s = {b, family, fn, ctx};
  return book_each (b, txn, 0, scan_row, &s);
}

static err_t
feed (void *ctx, const atom_t *a)
{
  return query_feed (ctx, a);
}

err_t
book_query (book_t *b, kv_txn_t *txn, query_t *q)
{
  CHECK (q != NULL);
  return book_atoms (b, txn, query_family (q), query_dims (q), feed, q);
}

/* ---- making anew ---- */

err_t
book_totals_current (book_t *b, kv_txn_t *txn, bool *current)
{
  CHECK (b != NULL && txn != NULL && current != NULL);
  uint64_t version = 0;
  err_t err = meta_get_u64 (txn, b->dbs.meta, META_GROUPINGS, &version);
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  *current = err == ERR_OK && version == GROUPINGS_VERSION;
  return ERR_OK;
}

static err_t
clear_cells (book_t *b, kv_txn_t *txn)
{
  kv_cursor_t *c = NULL;
  str_t key = STR_NONE;
  err_t err = kv_cursor_open (txn, b->dbs.total, &c);
  while (err == ERR_OK) {
    char copy[STORE_KEY_MAX];
    err = kv_next (c, &key, NULL);
    if (err != ERR_OK)
      break;
    CHECK (key.n <= sizeof copy);
    memcpy (copy, key.p, key.n);
    err = kv_del (txn, b->dbs.total, (str_t){copy, key.n});
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

typedef struct {
  book_t *b;
  kv_txn_t *txn;
} rebuild_t;

static err_t
count_row (void *ctx, err_t err, const row_t *row)
{
  rebuild_t *r = ctx;
  update_t u;
  if (err == ERR_OK)
    err = book_decode (r->b, row->bytes, &u);
  if (err == ERR_OK)
    err = book_count (r->b, r->txn, NULL, false, &u.record, row->withdrawn);
  return err;
}

err_t
book_rebuild_totals (book_t *b, kv_txn_t *txn)
{
  CHECK (b != NULL && txn != NULL);
  rebuild_t r = {b, txn};
  book_reset (b);
  err_t err = clear_cells (b, txn);
  if (err != ERR_OK)
    return err;
  err = book_each (b, txn, 0, count_row, &r);
  if (err == ERR_OK)
    err = book_flush (b, txn);
  if (err == ERR_OK)
    err = meta_put_u64 (txn, b->dbs.meta, META_GROUPINGS, GROUPINGS_VERSION);
  if (err != ERR_OK)
    book_reset (b);
  return err;
}
