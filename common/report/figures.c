#include "common/report/figures.h"

typedef struct {
  unit_id_t only;
  figures_atom_fn *atom;
  figures_record_fn *record;
  void *ctx;
} sieve_t;

static err_t
own_atom (void *ctx, const atom_t *a)
{
  const sieve_t *s = ctx;
  return a->district == s->only ? s->atom (s->ctx, a) : ERR_OK;
}

static err_t
own_record (void *ctx, const record_t *r)
{
  const sieve_t *s = ctx;
  return record_office (r) == s->only ? s->record (s->ctx, r) : ERR_OK;
}

static err_t
atoms (void *ctx, family_t family, uint32_t dims, figures_atom_fn *fn, void *fn_ctx)
{
  const figures_office_t *w = ctx;
  sieve_t s = {.only = w->only, .atom = fn, .ctx = fn_ctx};
  return w->all.atoms (w->all.ctx, family, dims | DIM_BIT (DIM_DISTRICT), own_atom, &s);
}

static err_t
records (void *ctx, kind_t kind, figures_record_fn *fn, void *fn_ctx)
{
  const figures_office_t *w = ctx;
  sieve_t s = {.only = w->only, .record = fn, .ctx = fn_ctx};
  return w->all.records (w->all.ctx, kind, own_record, &s);
}

void
figures_of_office (figures_office_t *w, const figures_t *all, unit_id_t unit, figures_t *out)
{
  *w = (figures_office_t){*all, unit};
  *out = *all;
  out->office = unit;
  if (unit == 0)
    return;
  out->ctx = w;
  out->atoms = atoms;
  out->records = records;
}
