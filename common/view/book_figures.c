#include "common/view/book_figures.h"

#include "common/wire/update_wire.h"

static err_t
atoms (void *ctx, family_t family, uint32_t dims, figures_atom_fn *fn, void *fn_ctx)
{
  book_figures_t *own = ctx;
  return book_atoms (own->book, own->txn, family, dims, fn, fn_ctx);
}

typedef struct {
  book_figures_t *own;
  figures_record_fn *fn;
  void *ctx;
} feed_t;

static err_t
feed_row (void *ctx, err_t err, const row_t *row)
{
  feed_t *f = ctx;
  update_t u;
  if (err != ERR_OK || row->withdrawn)
    return err;
  arena_reset (f->own->arena);
  err = update_decode (row->bytes, f->own->arena, &u, NULL);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_DAMAGED;
  return f->fn (f->ctx, &u.record);
}

static err_t
records (void *ctx, kind_t kind, figures_record_fn *fn, void *fn_ctx)
{
  book_figures_t *own = ctx;
  feed_t f = {own, fn, fn_ctx};
  if (own->arena == NULL)
    own->arena = arena_new (DECODE_BUDGET (UPDATE_MAX));
  return own->arena != NULL ? book_each_of (own->book, own->txn, kind, feed_row, &f) : ERR_NOMEM;
}

void
book_figures (book_figures_t *ctx, figures_t *f)
{
  f->ctx = ctx;
  f->atoms = atoms;
  f->records = records;
}

void
book_figures_end (book_figures_t *ctx)
{
  arena_destroy (&ctx->arena);
}
