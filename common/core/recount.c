/* recount.c - what the running totals are checked against, built another way on purpose.
 *
 * A cell is found here under a readable text made of its dimensions ("1/2019-2019/5:III.3/2"), in a
 * chained map; stored keys are decoded and looked up by that same text. So a mistake in the byte form
 * of keys, in the table of totals.c or in its deltas shows as a difference instead of cancelling out.
 * Only `contribution`, the table of groupings and the codec of stored keys are shared. */
#include "common/core/recount.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS 4096u

typedef struct entry {
  struct entry *next;
  str_t name;
  const grouping_t *g;
  atom_t point; /* texts copied */
  int64_t m[MEASURES_MAX];
  bool seen;
} entry_t;

struct recount {
  arena_t *arena;
  entry_t *chain[CHAINS];
  buf_t name;
};

recount_t *
recount_new (void)
{
  recount_t *self = calloc (1, sizeof *self);
  if (self == NULL)
    return NULL;
  self->arena = arena_new (SIZE_MAX / 4);
  if (self->arena == NULL)
    recount_destroy (&self);
  return self;
}

void
recount_destroy (recount_t **self_p)
{
  recount_t *self = *self_p;
  if (self == NULL)
    return;
  arena_destroy (&self->arena);
  buf_free (&self->name);
  free (self);
  *self_p = NULL;
}

static void
name_text (buf_t *out, str_t s)
{
  buf_printf (out, "/%zu:", s.n);
  buf_put (out, s.p, s.n);
}

static bool
name_cell (const grouping_t *g, const atom_t *a, buf_t *out)
{
  buf_clear (out);
  buf_printf (out, "%u", (unsigned)g->id);
  if (g->dims & DIM_BIT (DIM_YEAR))
    buf_printf (out, "/%u-%u", (unsigned)a->year.from, (unsigned)a->year.to);
  if (g->dims & DIM_BIT (DIM_ITEM))
    name_text (out, a->item);
  if (g->dims & DIM_BIT (DIM_SOURCE))
    buf_printf (out, "/%" PRIu32, a->source);
  if (g->dims & DIM_BIT (DIM_FUND))
    name_text (out, a->fund);
  if (g->dims & DIM_BIT (DIM_DISTRICT))
    buf_printf (out, "/%" PRIu32, a->district);
  if (g->dims & DIM_BIT (DIM_STATUS))
    buf_printf (out, "/%d", (int)a->status);
  if (g->dims & DIM_BIT (DIM_KIND))
    buf_printf (out, "/%d", (int)a->kind);
  if (g->dims & DIM_BIT (DIM_INDICATOR))
    name_text (out, a->indicator);
  if (g->dims & DIM_BIT (DIM_VALUE_KIND))
    buf_printf (out, "/%d", (int)a->value_kind);
  if (g->dims & DIM_BIT (DIM_PERIOD))
    name_text (out, a->period);
  if (g->dims & DIM_BIT (DIM_SERVICE))
    name_text (out, a->service);
  return buf_ok (out);
}

static entry_t **
chain_of (recount_t *self, str_t name)
{
  uint32_t h = 5381;
  for (size_t i = 0; i < name.n; i++)
    h = h * 33 + (uint8_t)name.p[i];
  return &self->chain[h % CHAINS];
}

static entry_t *
find (recount_t *self, str_t name)
{
  for (entry_t *e = *chain_of (self, name); e != NULL; e = e->next)
    if (str_eq (e->name, name))
      return e;
  return NULL;
}

static bool
copy_text (arena_t *arena, str_t *s)
{
  bool absent = s->p == NULL;
  *s = arena_str (arena, *s);
  return absent || s->p != NULL;
}

static entry_t *
find_or_make (recount_t *self, const grouping_t *g, const atom_t *a)
{
  if (!name_cell (g, a, &self->name))
    return NULL;
  str_t name = buf_str (&self->name);
  entry_t *e = find (self, name);
  if (e != NULL)
    return e;
  e = arena_alloc (self->arena, sizeof *e);
  if (e == NULL)
    return NULL;
  e->name = name;
  e->g = g;
  e->point = *a;
  if (!copy_text (self->arena, &e->name) || !copy_text (self->arena, &e->point.item) ||
      !copy_text (self->arena, &e->point.fund) || !copy_text (self->arena, &e->point.indicator) ||
      !copy_text (self->arena, &e->point.period) || !copy_text (self->arena, &e->point.service))
    return NULL;
  entry_t **chain = chain_of (self, e->name);
  e->next = *chain;
  *chain = e;
  return e;
}

err_t
recount_add (recount_t *self, const record_t *r, bool withdrawn, int sign)
{
  CHECK (sign == 1 || sign == -1);
  atom_t atoms[ATOMS_MAX];
  size_t n = contribution (r, withdrawn, atoms);
  for (size_t i = 0; i < n; i++)
    for (size_t g = 0; groupings[g].id != 0; g++) {
      if (groupings[g].family != atoms[i].family)
        continue;
      entry_t *e = find_or_make (self, &groupings[g], &atoms[i]);
      if (e == NULL)
        return ERR_NOMEM;
      for (size_t k = 0; k < MEASURES_MAX; k++) {
        int64_t v;
        if (__builtin_mul_overflow (atoms[i].m[k], (int64_t)sign, &v) ||
            __builtin_add_overflow (e->m[k], v, &e->m[k]))
          return ERR_OVERFLOW;
      }
    }
  return ERR_OK;
}

bool
recount_check (recount_t *self, str_t key, const int64_t m[MEASURES_MAX], int64_t m_ours[MEASURES_MAX])
{
  const grouping_t *g;
  atom_t a;
  memset (m_ours, 0, MEASURES_MAX * sizeof *m_ours);
  if (!cell_key_decode (key, &g, &a) || !name_cell (g, &a, &self->name))
    return false;
  entry_t *e = find (self, buf_str (&self->name));
  if (e != NULL) {
    e->seen = true;
    memcpy (m_ours, e->m, sizeof e->m);
  }
  return memcmp (m, m_ours, MEASURES_MAX * sizeof *m) == 0;
}

static bool
all_zero (const int64_t m[MEASURES_MAX])
{
  for (size_t i = 0; i < MEASURES_MAX; i++)
    if (m[i] != 0)
      return false;
  return true;
}

size_t
recount_missing (recount_t *self, recount_missing_fn *fn, void *ctx)
{
  size_t n = 0;
  buf_t key = BUF_INIT;
  for (size_t i = 0; i < CHAINS; i++)
    for (const entry_t *e = self->chain[i]; e != NULL; e = e->next) {
      if (e->seen || all_zero (e->m))
        continue;
      n++;
      buf_clear (&key);
      if (cell_key_encode (e->g, &e->point, &key))
        fn (ctx, buf_str (&key), e->m);
      else
        fn (ctx, e->name, e->m);
    }
  buf_free (&key);
  return n;
}
