/* groupings.c - the table of running totals and the keys of their cells.
 *
 * A key must sort by bytes as its dimensions do and must decode to just what was encoded: numbers are
 * big-endian, texts end with a NUL and may not hold one. */
#include "common/core/groupings.h"

#include <string.h>

/* Cheapest (fewest cells) first within a family: a query takes the first that covers it. */
const grouping_t groupings[] = {
    {3, FAMILY_SCHEME, DIM_BIT (DIM_YEAR) | DIM_BIT (DIM_STATUS)},
    {1, FAMILY_SCHEME, DIM_BIT (DIM_YEAR) | DIM_BIT (DIM_ITEM) | DIM_BIT (DIM_SOURCE)},
    {2, FAMILY_SCHEME, DIM_BIT (DIM_YEAR) | DIM_BIT (DIM_DISTRICT) | DIM_BIT (DIM_SOURCE)},
    {4, FAMILY_SCHEME,
     DIM_BIT (DIM_YEAR) | DIM_BIT (DIM_ITEM) | DIM_BIT (DIM_SOURCE) | DIM_BIT (DIM_DISTRICT)},
    {16, FAMILY_OUTCOME,
     DIM_BIT (DIM_YEAR) | DIM_BIT (DIM_FUND) | DIM_BIT (DIM_INDICATOR) | DIM_BIT (DIM_VALUE_KIND)},
    {17, FAMILY_OUTCOME,
     DIM_BIT (DIM_YEAR) | DIM_BIT (DIM_FUND) | DIM_BIT (DIM_DISTRICT) | DIM_BIT (DIM_INDICATOR) |
         DIM_BIT (DIM_VALUE_KIND) | DIM_BIT (DIM_PERIOD)},
    {32, FAMILY_CONSULTING, DIM_BIT (DIM_YEAR) | DIM_BIT (DIM_SERVICE)},
    {0, 0, 0},
};

const grouping_t *
grouping_covering (family_t family, uint32_t dims)
{
  for (const grouping_t *g = groupings; g->id != 0; g++)
    if (g->family == family && (dims & ~g->dims) == 0)
      return g;
  return NULL;
}

/* ---- keys ---- */

static void
put_text (buf_t *out, str_t s)
{
  buf_put (out, s.p, s.n);
  buf_u8 (out, 0);
}

static bool
has_nul (str_t s)
{
  return s.n > 0 && memchr (s.p, '\0', s.n) != NULL;
}

static void
put_dim (buf_t *out, dim_t d, const atom_t *a)
{
  switch (d) {
  case DIM_YEAR:
    buf_u16 (out, a->year.from);
    buf_u16 (out, a->year.to);
    break;
  case DIM_ITEM:
    put_text (out, a->item);
    break;
  case DIM_SOURCE:
    buf_u32 (out, a->source);
    break;
  case DIM_FUND:
    put_text (out, a->fund);
    break;
  case DIM_DISTRICT:
    buf_u32 (out, a->district);
    break;
  case DIM_STATUS:
    buf_u8 (out, (uint8_t)a->status);
    break;
  case DIM_KIND:
    buf_u8 (out, (uint8_t)a->kind);
    break;
  case DIM_INDICATOR:
    put_text (out, a->indicator);
    break;
  case DIM_VALUE_KIND:
    buf_u8 (out, (uint8_t)a->value_kind);
    break;
  case DIM_PERIOD:
    put_text (out, a->period);
    break;
  case DIM_SERVICE:
    put_text (out, a->service);
    break;
  case DIM_CATEGORY:
  case DIM_COUNT:
    UNREACHABLE ();
  }
}

bool
cell_key_encode (const grouping_t *g, const atom_t *a, buf_t *out)
{
  CHECK (g->family == a->family);
  size_t start = out->n;
  if (has_nul (a->item) || has_nul (a->fund) || has_nul (a->indicator) || has_nul (a->period) ||
      has_nul (a->service))
    return false;
  buf_u8 (out, g->id);
  for (unsigned d = 0; d < DIM_COUNT; d++)
    if (g->dims & DIM_BIT (d))
      put_dim (out, (dim_t)d, a);
  return buf_ok (out) && out->n - start <= CELL_KEY_MAX;
}

static str_t
read_text (rd_t *r)
{
  const uint8_t *end = r->failed || r->n == 0 ? NULL : memchr (r->p, 0, r->n);
  if (end == NULL) {
    r->failed = true;
    return STR_NONE;
  }
  str_t s = rd_bytes (r, (size_t)(end - r->p));
  rd_u8 (r);
  return s;
}

/* A byte that stands for an enum of `count` values, 0 (absent) among them. */
static unsigned
read_enum (rd_t *r, unsigned count)
{
  unsigned v = rd_u8 (r);
  if (v >= count)
    r->failed = true;
  return v < count ? v : 0;
}

static void
read_dim (rd_t *r, dim_t d, atom_t *a)
{
  switch (d) {
  case DIM_YEAR:
    a->year.from = rd_u16 (r);
    a->year.to = rd_u16 (r);
    break;
  case DIM_ITEM:
    a->item = read_text (r);
    break;
  case DIM_SOURCE:
    a->source = rd_u32 (r);
    break;
  case DIM_FUND:
    a->fund = read_text (r);
    break;
  case DIM_DISTRICT:
    a->district = rd_u32 (r);
    break;
  case DIM_STATUS:
    a->status = (status_t)read_enum (r, STATUS_COUNT);
    break;
  case DIM_KIND:
    a->kind = (scheme_kind_t)read_enum (r, SCHEME_KIND_COUNT);
    break;
  case DIM_INDICATOR:
    a->indicator = read_text (r);
    break;
  case DIM_VALUE_KIND:
    a->value_kind = (value_kind_t)read_enum (r, VALUE_KIND_COUNT);
    break;
  case DIM_PERIOD:
    a->period = read_text (r);
    break;
  case DIM_SERVICE:
    a->service = read_text (r);
    break;
  case DIM_CATEGORY:
  case DIM_COUNT:
    UNREACHABLE ();
  }
}

static const grouping_t *
grouping_of_id (uint8_t id)
{
  for (const grouping_t *g = groupings; g->id != 0; g++)
    if (g->id == id)
      return g;
  return NULL;
}

bool
cell_key_decode (str_t key, const grouping_t **g_out, atom_t *out)
{
  rd_t r = rd_of (key.p, key.n);
  const grouping_t *g = grouping_of_id (rd_u8 (&r));
  if (g == NULL)
    return false;
  atom_t a = {.family = g->family};
  for (unsigned d = 0; d < DIM_COUNT; d++)
    if (g->dims & DIM_BIT (d))
      read_dim (&r, (dim_t)d, &a);
  if (!rd_done (&r))
    return false;
  *g_out = g;
  *out = a;
  return true;
}

/* ---- names ---- */

static const char *const names[DIM_COUNT] = {
    [DIM_YEAR] = "year",     [DIM_CATEGORY] = "category", [DIM_ITEM] = "item",
    [DIM_SOURCE] = "source", [DIM_FUND] = "fund",         [DIM_DISTRICT] = "district",
    [DIM_STATUS] = "status", [DIM_KIND] = "kind",         [DIM_INDICATOR] = "indicator",
    [DIM_PERIOD] = "period", [DIM_SERVICE] = "service",   [DIM_VALUE_KIND] = "value_kind",
};

const char *
dim_name (dim_t d)
{
  CHECK ((unsigned)d < DIM_COUNT);
  return names[d];
}

bool
dim_of_name (str_t name, dim_t *out)
{
  if (str_is (name, "office")) {
    *out = DIM_DISTRICT;
    return true;
  }
  for (unsigned d = 0; d < DIM_COUNT; d++)
    if (str_is (name, names[d])) {
      *out = (dim_t)d;
      return true;
    }
  return false;
}
