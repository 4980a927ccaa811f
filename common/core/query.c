/* query.c - feeding cells or atoms, and the rows that come out.
 *
 * Whether the figures come from stored cells or from a scan of records makes no difference here: both
 * are atoms. Rows are gathered in a table by the text of their cells; the place of a cell in catalogue
 * order is worked out once, when its row is made. */
#include "common/core/query.h"
#include "common/core/query_impl.h"
#include "common/core/units.h"
#include "common/text/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 256u
#define LAST UINT64_MAX /* the rank of what the catalogue does not know */

static const char *const scheme_measures[M_SCHEME_COUNT] = {
    [M_SCHEMES] = "schemes",           [M_SUPPORT_VND] = "support_vnd",   [M_SCHEMES_ALL] = "schemes_all",
    [M_PLANNED_VND] = "planned_vnd",   [M_APPROVED_VND] = "approved_vnd", [M_SETTLED_VND] = "settled_vnd",
    [M_MATCHING_VND] = "matching_vnd",
};
static const char *const outcome_measures[] = {"value"};
static const char *const consulting_measures[M_CONSULTING_COUNT] = {
    [M_PROJECTS] = "projects", [M_REVENUE_VND] = "revenue_vnd"};

/* The measures that a family's answers show. */
static const struct {
  const char *const *name;
  size_t n;
} shown[FAMILY_COUNT] = {
    [FAMILY_SCHEME] = {scheme_measures, M_SCHEME_COUNT},
    [FAMILY_OUTCOME] = {outcome_measures, 1},
    [FAMILY_CONSULTING] = {consulting_measures, M_CONSULTING_COUNT},
};

void
query_destroy (query_t **self_p)
{
  query_t *q = *self_p;
  if (q == NULL)
    return;
  arena_destroy (&q->arena);
  free (q->slot);
  buf_free (&q->scratch);
  free (q);
  *self_p = NULL;
}

family_t
query_family (const query_t *q)
{
  return q->family;
}

const indicator_t *
query_indicator (const query_t *q)
{
  const condition_t *w = &q->where[DIM_INDICATOR];
  return w->given ? catalogue_indicator (q->c, w->text) : NULL;
}

bool
query_measure (const query_t *q, str_t name, size_t *index)
{
  for (size_t i = 0; i < shown[q->family].n; i++)
    if (str_is (name, shown[q->family].name[i])) {
      *index = i;
      return true;
    }
  return false;
}

/* ---- dimensions of an atom ---- */

/* An outcome's own, a scheme's by its source. */
static str_t
fund_of (const query_t *q, const atom_t *a)
{
  if (a->family == FAMILY_OUTCOME)
    return a->fund;
  const source_t *s = catalogue_source (q->c, a->source);
  return s != NULL ? s->fund : STR_NONE;
}

static str_t
category_of (const query_t *q, const atom_t *a)
{
  const item_t *i = catalogue_item (q->c, a->item);
  return i != NULL ? i->category : STR_NONE;
}

static void
put_code (buf_t *out, str_t code, uint32_t id)
{
  if (code.n > 0)
    buf_put (out, code.p, code.n);
  else if (id != 0)
    buf_printf (out, "#%u", (unsigned)id);
}

static void
put_name (buf_t *out, const char *name)
{
  buf_puts (out, name != NULL ? name : "");
}

static void
put_dim (const query_t *q, dim_t d, const atom_t *a, buf_t *out)
{
  char year[12];
  const source_t *source;
  const unit_t *unit;
  str_t s;
  switch (d) {
  case DIM_YEAR:
    span_format (a->year, year);
    buf_puts (out, year);
    break;
  case DIM_CATEGORY:
    s = category_of (q, a);
    buf_put (out, s.p, s.n);
    break;
  case DIM_ITEM:
    buf_put (out, a->item.p, a->item.n);
    break;
  case DIM_SOURCE:
    source = catalogue_source (q->c, a->source);
    put_code (out, source != NULL ? source->code : STR_NONE, a->source);
    break;
  case DIM_FUND:
    s = fund_of (q, a);
    buf_put (out, s.p, s.n);
    break;
  case DIM_DISTRICT:
    unit = catalogue_unit (q->c, a->district);
    put_code (out, unit != NULL ? unit->known_as : STR_NONE, a->district);
    break;
  case DIM_STATUS:
    put_name (out, status_name (a->status));
    break;
  case DIM_KIND:
    put_name (out, scheme_kind_name (a->kind));
    break;
  case DIM_INDICATOR:
    buf_put (out, a->indicator.p, a->indicator.n);
    break;
  case DIM_VALUE_KIND:
    put_name (out, value_kind_name (a->value_kind));
    break;
  case DIM_PERIOD:
    buf_put (out, a->period.p, a->period.n);
    break;
  case DIM_SERVICE:
    buf_put (out, a->service.p, a->service.n);
    break;
  case DIM_COUNT:
    UNREACHABLE ();
  }
}

static bool
text_matches (str_t have, str_t want)
{
  return have.n == want.n && (want.n == 0 || memcmp (have.p, want.p, want.n) == 0);
}

static bool
dim_matches (const query_t *q, dim_t d, const atom_t *a)
{
  const condition_t *w = &q->where[d];
  switch (d) {
  case DIM_YEAR:
    return a->year.from == w->year.from && a->year.to == w->year.to;
  case DIM_CATEGORY:
    return text_matches (category_of (q, a), w->text);
  case DIM_ITEM:
    return text_matches (a->item, w->text);
  case DIM_SOURCE:
    return a->source == w->number;
  case DIM_FUND:
    return text_matches (fund_of (q, a), w->text);
  case DIM_DISTRICT:
    return a->district == w->number;
  case DIM_STATUS:
    return (uint32_t)a->status == w->number;
  case DIM_KIND:
    return (uint32_t)a->kind == w->number;
  case DIM_INDICATOR:
    return text_matches (a->indicator, w->text);
  case DIM_VALUE_KIND:
    return (uint32_t)a->value_kind == w->number;
  case DIM_PERIOD:
    return text_matches (a->period, w->text);
  case DIM_SERVICE:
    return text_matches (a->service, w->text);
  case DIM_COUNT:
    break;
  }
  UNREACHABLE ();
}

void
query_today (query_t *q, date_t day)
{
  q->today = day;
}

bool
query_own (query_t *q, unit_id_t office)
{
  for (size_t i = 0; i < q->by_n; i++)
    if (q->by[i] == DIM_DISTRICT)
      return false;
  condition_t *w = &q->where[DIM_DISTRICT];
  if (w->given)
    return false;
  *w = (condition_t){.given = true, .number = office};
  return true;
}

bool
query_takes_office (const query_t *q, unit_id_t office)
{
  const condition_t *w = &q->where[DIM_DISTRICT];
  return !w->given || w->number == office;
}

bool
query_matches (const query_t *q, const atom_t *a)
{
  if (a->family != q->family)
    return false;
  if (q->family == FAMILY_OUTCOME && !q->plans_too && a->value_kind == VALUE_PLAN)
    return false;
  for (unsigned d = 0; d < DIM_COUNT; d++)
    if (q->where[d].given && !dim_matches (q, (dim_t)d, a))
      return false;
  return true;
}

/* ---- catalogue order ---- */

/* Index of the entry of the catalogue whose code (or fund) is `code`. */
#define RANK_BY_CODE(q, code_, at, type, member)                                                             \
  do {                                                                                                       \
    const type *entry;                                                                                       \
    for (size_t i = 0; (entry = at ((q)->c, i)) != NULL; i++)                                                \
      if (str_eq (entry->member, code_))                                                                     \
        return i;                                                                                            \
  } while (0)

static uint64_t
year_rank (span_t y)
{
  uint64_t order = (uint64_t)y.from << 16 | y.to;
  return y.from == y.to ? order : order | UINT64_C (1) << 40;
}

static uint64_t
rank_of (const query_t *q, dim_t d, const atom_t *a, str_t text)
{
  switch (d) {
  case DIM_YEAR:
    return year_rank (a->year);
  case DIM_CATEGORY:
    RANK_BY_CODE (q, text, catalogue_category_at, category_t, code);
    break;
  case DIM_ITEM:
    RANK_BY_CODE (q, text, catalogue_item_at, item_t, code);
    break;
  case DIM_SOURCE:
    RANK_BY_CODE (q, text, catalogue_source_at, source_t, code);
    break;
  case DIM_FUND:
    RANK_BY_CODE (q, text, catalogue_source_at, source_t, fund);
    break;
  case DIM_DISTRICT:
    RANK_BY_CODE (q, text, catalogue_unit_at, unit_t, known_as);
    break;
  case DIM_INDICATOR:
    RANK_BY_CODE (q, text, catalogue_indicator_at, indicator_t, code);
    break;
  case DIM_SERVICE:
    RANK_BY_CODE (q, text, catalogue_service_at, service_t, code);
    break;
  case DIM_STATUS:
    return a->status;
  case DIM_KIND:
    return a->kind;
  case DIM_VALUE_KIND:
    return a->value_kind;
  case DIM_PERIOD:
    return 0;
  case DIM_COUNT:
    UNREACHABLE ();
  }
  return LAST;
}

/* ---- rows ---- */

static uint64_t
hash_text (str_t s)
{
  uint64_t h = UINT64_C (0x9E3779B97F4A7C15);
  for (size_t i = 0; i < s.n; i++)
    h = (h ^ (uint8_t)s.p[i]) * UINT64_C (0x100000001B3);
  return h ^ (h >> 29);
}

static query_row_t **
slot_for (query_row_t **slot, size_t slots, str_t key, uint64_t hash)
{
  size_t i = (size_t)hash & (slots - 1);
  while (slot[i] != NULL && (slot[i]->hash != hash || !str_eq (slot[i]->key, key)))
    i = (i + 1) & (slots - 1);
  return &slot[i];
}

static bool
make_room (query_t *q)
{
  if (q->slots != 0 && q->rows < q->slots / 2)
    return true;
  size_t slots = q->slots == 0 ? SLOTS_MIN : q->slots * 2;
  query_row_t **slot = calloc (slots, sizeof *slot);
  if (slot == NULL)
    return false;
  for (size_t i = 0; i < q->slots; i++)
    if (q->slot[i] != NULL)
      *slot_for (slot, slots, q->slot[i]->key, q->slot[i]->hash) = q->slot[i];
  free (q->slot);
  q->slot = slot;
  q->slots = slots;
  return true;
}

static query_row_t *
new_row (query_t *q, const atom_t *a, str_t key, uint64_t hash)
{
  query_row_t *row = arena_alloc (q->arena, sizeof *row);
  if (row == NULL)
    return NULL;
  row->key = arena_str (q->arena, key);
  row->indicator = arena_str (q->arena, a->indicator.p != NULL ? a->indicator : STR (""));
  row->hash = hash;
  if (row->key.p == NULL || row->indicator.p == NULL)
    return NULL;
  const char *p = row->key.p;
  for (size_t i = 0; i < q->by_n; i++) {
    row->cell[i] = str_of (p);
    row->rank[i] = rank_of (q, q->by[i], a, row->cell[i]);
    p += row->cell[i].n + 1;
  }
  q->rows++;
  return row;
}

err_t
query_feed (query_t *q, const atom_t *atom)
{
  atom_t of;
  const atom_t *a = atom;
  if (q->today != 0) {
    of = *atom;
    of.district = unit_today (q->c, of.district, of.commune, q->today);
    a = &of;
  }
  if (!query_matches (q, a))
    return ERR_OK;
  buf_clear (&q->scratch);
  for (size_t i = 0; i < q->by_n; i++) {
    put_dim (q, q->by[i], a, &q->scratch);
    buf_u8 (&q->scratch, 0);
  }
  if (!buf_ok (&q->scratch) || !make_room (q))
    return ERR_NOMEM;
  str_t key = buf_str (&q->scratch);
  uint64_t hash = hash_text (key);
  query_row_t **at = slot_for (q->slot, q->slots, key, hash);
  if (*at == NULL)
    *at = new_row (q, a, key, hash);
  if (*at == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < MEASURES_MAX; i++)
    if (__builtin_add_overflow ((*at)->m[i], a->m[i], &(*at)->m[i]))
      return ERR_OVERFLOW;
  return ERR_OK;
}

/* ---- the result ---- */

static bool
row_shows (const query_t *q, const query_row_t *row)
{
  if (q->family == FAMILY_OUTCOME) {
    const indicator_t *i = catalogue_indicator (q->c, row->indicator);
    return row->m[M_VALUE] != 0 && (i == NULL || i->additive || row->m[M_FIGURES] == 1);
  }
  for (size_t i = 0; i < shown[q->family].n; i++)
    if (row->m[i] != 0)
      return true;
  return false;
}

/* Rows in one of two orders; qsort has no context, so each order has a comparison of its own. */
static int
by_bytes (const void *a, const void *b)
{
  const query_row_t *x = *(query_row_t *const *)a, *y = *(query_row_t *const *)b;
  for (size_t i = 0; i < DIM_COUNT; i++) {
    int c = str_cmp (x->cell[i], y->cell[i]);
    if (c != 0)
      return c;
  }
  return 0;
}

static int
by_catalogue (const void *a, const void *b)
{
  const query_row_t *x = *(query_row_t *const *)a, *y = *(query_row_t *const *)b;
  for (size_t i = 0; i < DIM_COUNT; i++) {
    int c = (x->rank[i] > y->rank[i]) - (x->rank[i] < y->rank[i]);
    if (c == 0)
      c = str_cmp (x->cell[i], y->cell[i]);
    if (c != 0)
      return c;
  }
  return 0;
}

static void
name_columns (const query_t *q, query_result_t *out)
{
  for (size_t i = 0; i < q->by_n; i++)
    out->name[out->columns++] = q->by_name[i];
  for (size_t i = 0; i < shown[q->family].n; i++) {
    const char *name = shown[q->family].name[i];
    size_t n = strlen (name);
    out->is_measure[out->columns] = true;
    out->is_money[out->columns] = n > 4 && strcmp (name + n - 4, "_vnd") == 0;
    out->name[out->columns++] = name;
  }
}

static bool
put_row (query_t *q, const query_row_t *row, const query_result_t *r, str_t *cells)
{
  for (size_t i = 0; i < r->columns; i++) {
    if (i < q->by_n) {
      cells[i] = row->cell[i];
      continue;
    }
    buf_clear (&q->scratch);
    const indicator_t *of = q->family == FAMILY_OUTCOME ? catalogue_indicator (q->c, row->indicator) : NULL;
    number_format_plain (row->m[i - q->by_n], of != NULL ? of->scale : 0, of != NULL ? of->decimals : 0,
                         &q->scratch);
    cells[i] = arena_str (q->arena, buf_str (&q->scratch));
    if (!buf_ok (&q->scratch) || cells[i].p == NULL)
      return false;
  }
  return true;
}

err_t
query_finish (query_t *q, bool machine, query_result_t *out)
{
  query_result_t r;
  memset (&r, 0, sizeof r);
  name_columns (q, &r);
  query_row_t **list = arena_alloc (q->arena, q->rows * sizeof *list);
  r.cell = arena_alloc (q->arena, q->rows * r.columns * sizeof *r.cell);
  if (list == NULL || r.cell == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < q->slots; i++)
    if (q->slot[i] != NULL && row_shows (q, q->slot[i]))
      list[r.rows++] = q->slot[i];
  qsort (list, r.rows, sizeof *list, machine ? by_bytes : by_catalogue);
  for (size_t i = 0; i < r.rows; i++)
    if (!put_row (q, list[i], &r, r.cell + i * r.columns))
      return ERR_NOMEM;
  *out = r;
  return ERR_OK;
}
