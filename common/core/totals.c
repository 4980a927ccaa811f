/* totals.c - dirty cells of one transaction in a hash table.
 *
 * An update touches a few dozen cells at most, many of them twice (taken from and put back), and a
 * commit of thousands of updates touches the same cells over and over. So cells are kept here and
 * written once. Each apply has two passes: first every change is added up per cell in `delta`, then all
 * touched cells are checked, and only when none would leave int64 are the deltas folded in. */
#include "common/core/totals.h"

#include <stdlib.h>
#include <string.h>

#define TOUCHED_MAX ((size_t)2 * ATOMS_MAX * 8u) /* before and after, at most 8 groupings a family */
#define SLOTS_MIN 1024u
#define SLOTS_KEPT 65536u /* a table that grew beyond this is given back at reset */

typedef struct {
  str_t key;
  uint64_t hash;
  int64_t m[MEASURES_MAX], delta[MEASURES_MAX];
  bool touched, dirty;
} cell_t;

struct totals {
  totals_load_fn *load;
  void *ctx;
  arena_t *arena; /* cells and their keys */
  cell_t **slot;  /* open addressing; a power of two */
  size_t slots, used, dirty;
  cell_t *touched[TOUCHED_MAX];
  size_t touched_n;
  buf_t scratch;
};

totals_t *
totals_new (totals_load_fn *load, void *ctx)
{
  totals_t *self = calloc (1, sizeof *self);
  if (self == NULL)
    return NULL;
  self->load = load;
  self->ctx = ctx;
  self->arena = arena_new (SIZE_MAX / 4);
  if (self->arena == NULL)
    totals_destroy (&self);
  return self;
}

void
totals_destroy (totals_t **self_p)
{
  totals_t *self = *self_p;
  if (self == NULL)
    return;
  arena_destroy (&self->arena);
  free (self->slot);
  buf_free (&self->scratch);
  free (self);
  *self_p = NULL;
}

void
totals_reset (totals_t *self)
{
  arena_reset (self->arena);
  if (self->slots > SLOTS_KEPT) {
    free (self->slot);
    self->slot = NULL;
    self->slots = 0;
  } else if (self->used > 0) {
    memset (self->slot, 0, self->slots * sizeof *self->slot);
  }
  self->used = self->dirty = self->touched_n = 0;
}

/* ---- the table ---- */

/* FNV-1a, then a mix so that its low bits are good enough for a table of powers of two. */
static uint64_t
hash_key (str_t key)
{
  uint64_t h = UINT64_C (14695981039346656037);
  for (size_t i = 0; i < key.n; i++)
    h = (h ^ (uint8_t)key.p[i]) * UINT64_C (1099511628211);
  return h ^ (h >> 32);
}

static cell_t **
slot_for (cell_t **slot, size_t slots, str_t key, uint64_t hash)
{
  size_t i = (size_t)hash & (slots - 1);
  while (slot[i] != NULL && (slot[i]->hash != hash || !str_eq (slot[i]->key, key)))
    i = (i + 1) & (slots - 1);
  return &slot[i];
}

static bool
make_room (totals_t *self)
{
  if (self->slots != 0 && self->used < self->slots / 2)
    return true;
  size_t slots = self->slots == 0 ? SLOTS_MIN : self->slots * 2;
  cell_t **slot = calloc (slots, sizeof *slot);
  if (slot == NULL)
    return false;
  for (size_t i = 0; i < self->slots; i++)
    if (self->slot[i] != NULL)
      *slot_for (slot, slots, self->slot[i]->key, self->slot[i]->hash) = self->slot[i];
  free (self->slot);
  self->slot = slot;
  self->slots = slots;
  return true;
}

static err_t
get_cell (totals_t *self, str_t key, cell_t **out)
{
  if (!make_room (self))
    return ERR_NOMEM;
  uint64_t hash = hash_key (key);
  cell_t **at = slot_for (self->slot, self->slots, key, hash);
  if (*at == NULL) {
    cell_t *c = arena_alloc (self->arena, sizeof *c);
    if (c == NULL)
      return ERR_NOMEM;
    c->key = arena_str (self->arena, key);
    c->hash = hash;
    if (c->key.p == NULL)
      return ERR_NOMEM;
    err_t err = self->load (self->ctx, c->key, c->m);
    if (err != ERR_OK)
      return err;
    *at = c;
    self->used++;
  }
  *out = *at;
  return ERR_OK;
}

/* ---- applying ---- */

static bool
add_checked (int64_t *to, int64_t v, int sign)
{
  return sign > 0 ? !__builtin_add_overflow (*to, v, to) : !__builtin_sub_overflow (*to, v, to);
}

static err_t
gather_atom (totals_t *self, const grouping_t *g, const atom_t *a, int sign)
{
  cell_t *c;
  buf_clear (&self->scratch);
  if (!cell_key_encode (g, a, &self->scratch))
    return buf_ok (&self->scratch) ? ERR_TOO_BIG : ERR_NOMEM;
  err_t err = get_cell (self, buf_str (&self->scratch), &c);
  if (err != ERR_OK)
    return err;
  if (!c->touched) {
    CHECK (self->touched_n < TOUCHED_MAX);
    c->touched = true;
    memset (c->delta, 0, sizeof c->delta);
    self->touched[self->touched_n++] = c;
  }
  for (size_t i = 0; i < MEASURES_MAX; i++)
    if (!add_checked (&c->delta[i], a->m[i], sign))
      return ERR_OVERFLOW;
  return ERR_OK;
}

static err_t
gather (totals_t *self, const record_t *r, bool withdrawn, int sign)
{
  if (r == NULL)
    return ERR_OK;
  atom_t atoms[ATOMS_MAX];
  size_t n = contribution (r, withdrawn, atoms);
  for (size_t i = 0; i < n; i++)
    for (const grouping_t *g = groupings; g->id != 0; g++) {
      if (g->family != atoms[i].family)
        continue;
      err_t err = gather_atom (self, g, &atoms[i], sign);
      if (err != ERR_OK)
        return err;
    }
  return ERR_OK;
}

static bool
all_fit (const totals_t *self)
{
  for (size_t t = 0; t < self->touched_n; t++)
    for (size_t i = 0; i < MEASURES_MAX; i++) {
      int64_t v = self->touched[t]->m[i];
      if (!add_checked (&v, self->touched[t]->delta[i], +1))
        return false;
    }
  return true;
}

static void
fold_in (totals_t *self, cell_t *c)
{
  bool changed = false;
  for (size_t i = 0; i < MEASURES_MAX; i++) {
    c->m[i] += c->delta[i];
    changed |= c->delta[i] != 0;
  }
  if (changed && !c->dirty) {
    c->dirty = true;
    self->dirty++;
  }
}

err_t
totals_apply (totals_t *self, const record_t *before, bool before_withdrawn, const record_t *after,
              bool after_withdrawn)
{
  err_t err = gather (self, before, before_withdrawn, -1);
  if (err == ERR_OK)
    err = gather (self, after, after_withdrawn, +1);
  if (err == ERR_OK && !all_fit (self))
    err = ERR_OVERFLOW;
  for (size_t t = 0; t < self->touched_n; t++) {
    if (err == ERR_OK)
      fold_in (self, self->touched[t]);
    self->touched[t]->touched = false;
  }
  self->touched_n = 0;
  return err;
}

static int
by_key (const void *a, const void *b)
{
  return str_cmp ((*(cell_t *const *)a)->key, (*(cell_t *const *)b)->key);
}

err_t
totals_each_dirty (totals_t *self, totals_cell_fn *fn, void *ctx)
{
  if (self->dirty == 0)
    return ERR_OK;
  err_t err = ERR_OK;
  size_t n = 0;
  cell_t **list = malloc (self->dirty * sizeof *list);
  if (list == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < self->slots; i++)
    if (self->slot[i] != NULL && self->slot[i]->dirty)
      list[n++] = self->slot[i];
  CHECK (n == self->dirty);
  qsort (list, n, sizeof *list, by_key);
  for (size_t i = 0; i < n && err == ERR_OK; i++)
    err = fn (ctx, list[i]->key, list[i]->m);
  free (list);
  return err;
}
