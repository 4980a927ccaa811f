/* facts.c - from the declared facts to figures: one walk over the atoms of each family.
 *
 * For every total a cell is kept for each year of the report and one for the spans that lie within it (older
 * figures whose year nobody knows). The rules over other facts then go from the top down. */
#include "common/report/facts_private.h"

#define SPANS 0u /* the cell of what has no single year; the year from + i - 1 is in cell i */

typedef struct {
  int64_t v;
  int64_t figures;   /* what says that there is something; of schemes those that count */
  int64_t estimates; /* of the figures */
} year_cell_t;

typedef struct {
  const facts_t *facts;
  span_t years;
  size_t width;         /* cells of a fact */
  year_cell_t *cell;    /* fact by fact */
  int64_t *schemes_all; /* by cell: where there are none, not even a 0 is known */
  arena_t *arena;
  fact_t *out;
} eval_t;

/* ---- gathering ---- */

static bool
add (int64_t *sum, int64_t v)
{
  return !__builtin_add_overflow (*sum, v, sum);
}

/* Where an atom's years belong; false: outside. */
static bool
cell_of (const eval_t *e, span_t year, size_t *out)
{
  if (year.from < e->years.from || year.to > e->years.to || year.from == 0)
    return false;
  *out = year.from == year.to ? (size_t)(year.from - e->years.from) + 1 : SPANS;
  return true;
}

static bool
add_atom (const eval_t *e, size_t fact, size_t at, const atom_t *a)
{
  year_cell_t *cell = &e->cell[fact * e->width + at];
  const bool outcome = a->family == FAMILY_OUTCOME;
  int64_t figures = outcome                          ? a->m[M_FIGURES]
                    : a->family == FAMILY_CONSULTING ? a->m[M_PROJECTS]
                                                     : a->m[M_SCHEMES];
  return add (&cell->v, a->m[e->facts->rule[fact].measure]) && add (&cell->figures, figures) &&
         (!outcome || a->value_kind != VALUE_ESTIMATE || add (&cell->estimates, figures));
}

static err_t
take_atom (void *ctx, const atom_t *a)
{
  const eval_t *e = ctx;
  size_t at;
  if (!cell_of (e, a->year, &at))
    return ERR_OK;
  if (a->family == FAMILY_SCHEME && !add (&e->schemes_all[at], a->m[M_SCHEMES_ALL]))
    return ERR_OVERFLOW;
  for (size_t i = 0; i < e->facts->n; i++) {
    const fact_rule_t *r = &e->facts->rule[i];
    if (r->rule == RULE_TOTAL && query_matches (r->query, a) && !add_atom (e, i, at, a))
      return ERR_OVERFLOW;
  }
  return ERR_OK;
}

static err_t
gather (eval_t *e, const figures_t *f)
{
  err_t err = ERR_OK;
  for (unsigned family = FAMILY_SCHEME; err == ERR_OK && family < FAMILY_COUNT; family++) {
    uint32_t dims = 0;
    for (size_t i = 0; i < e->facts->n; i++) {
      const fact_rule_t *r = &e->facts->rule[i];
      if (r->rule == RULE_TOTAL && query_family (r->query) == (family_t)family)
        dims |= query_dims (r->query) | DIM_BIT (DIM_YEAR);
    }
    if (dims != 0)
      err = f->atoms (f->ctx, (family_t)family, dims, take_atom, e);
  }
  return err;
}

/* ---- totals ---- */

static bool
has_figure (const eval_t *e, size_t fact, size_t at)
{
  const year_cell_t *cell = &e->cell[fact * e->width + at];
  return cell->figures != 0 || cell->v != 0;
}

/* The cells a total goes over: first..end. False: the year is none of the report's. */
static bool
cells_of (const eval_t *e, size_t fact, size_t *first, size_t *end)
{
  const fact_rule_t *r = &e->facts->rule[fact];
  *first = 0;
  *end = e->width;
  if (r->year != 0) {
    if (!cell_of (e, (span_t){r->year, r->year}, first))
      return false;
    *end = *first + 1;
  } else if (r->last)
    for (size_t at = e->width; at-- > 1;)
      if (has_figure (e, fact, at)) {
        *first = at;
        *end = at + 1;
        break;
      }
  return true;
}

static err_t
eval_total (const eval_t *e, size_t fact)
{
  const fact_rule_t *r = &e->facts->rule[fact];
  fact_t *out = &e->out[fact];
  year_cell_t sum = {0, 0, 0};
  int64_t known = 0;
  size_t first, end;
  if (!cells_of (e, fact, &first, &end)) {
    out->gap = GAP_OUTSIDE;
    return ERR_OK;
  }
  for (size_t at = first; at < end; at++) {
    const year_cell_t *cell = &e->cell[fact * e->width + at];
    if (!add (&sum.v, cell->v) || !add (&sum.figures, cell->figures) ||
        !add (&sum.estimates, cell->estimates) || !add (&known, e->schemes_all[at]))
      return ERR_OVERFLOW;
  }
  if (query_family (r->query) != FAMILY_SCHEME)
    known = sum.figures;
  out->num = sum.v;
  out->estimate = sum.estimates > 0;
  if (known == 0)
    out->gap = GAP_NO_DATA;
  else if (!r->additive && sum.figures != 1)
    out->gap = GAP_SEVERAL;
  return ERR_OK;
}

/* ---- rules over others ---- */

static bool
times_ten (int64_t *v, int times)
{
  while (times-- > 0)
    if (__builtin_mul_overflow (*v, 10, v))
      return false;
  return true;
}

static err_t
eval_sum (const eval_t *e, const fact_rule_t *r, fact_t *out)
{
  bool any = false;
  out->scale = 0;
  out->den = 1;
  for (size_t i = 0; i < r->of_n; i++) {
    const fact_t *part = &e->out[r->of[i]];
    int64_t v = part->num;
    if (part->gap != GAP_NONE) {
      if (!any)
        out->gap = part->gap;
      continue;
    }
    if (part->scale > out->scale) {
      if (!times_ten (&out->num, part->scale - out->scale))
        return ERR_OVERFLOW;
      out->scale = part->scale;
    } else if (!times_ten (&v, out->scale - part->scale))
      return ERR_OVERFLOW;
    if (!add (&out->num, v))
      return ERR_OVERFLOW;
    any = true;
    out->gap = GAP_NONE;
    out->estimate = out->estimate || part->estimate;
  }
  return ERR_OK;
}

static void
eval_quotient (const eval_t *e, const fact_rule_t *r, fact_t *out)
{
  const fact_t *of = &e->out[r->of[0]];
  const bool share = r->rule == RULE_SHARE;
  const fact_t *over = share ? &e->out[r->over] : of;
  out->gap = of->gap != GAP_NONE ? of->gap : over->gap;
  out->estimate = of->estimate || over->estimate;
  out->num = of->num;
  out->den = share ? over->num : e->years.to - e->years.from + 1;
  out->scale = share ? of->scale - over->scale - 2 : of->scale;
  if (out->gap == GAP_NONE && out->den <= 0)
    out->gap = GAP_ZERO;
}

/* "2018", or "2018, 2020" where there are several. */
static err_t
eval_year_of (const eval_t *e, const fact_rule_t *r, fact_t *out)
{
  size_t of = r->of[0], first, end;
  buf_t text = BUF_INIT;
  if (!cells_of (e, of, &first, &end))
    out->gap = GAP_OUTSIDE;
  else
    for (size_t at = first > SPANS ? first : 1; at < end; at++)
      if (has_figure (e, of, at))
        buf_printf (&text, "%s%u", text.n > 0 ? ", " : "", (unsigned)(e->years.from + at - 1));
  if (text.n == 0 && out->gap == GAP_NONE)
    out->gap = GAP_NO_DATA;
  out->text_vi = out->text_en = arena_str (e->arena, (str_t){text.p != NULL ? text.p : "", text.n});
  err_t err = buf_ok (&text) && out->text_vi.p != NULL ? ERR_OK : ERR_NOMEM;
  buf_free (&text);
  return err;
}

static err_t
eval_years (const eval_t *e, fact_t *out)
{
  char text[12];
  span_format (e->years, text);
  out->text_vi = out->text_en = arena_str (e->arena, str_of (text));
  return out->text_vi.p != NULL ? ERR_OK : ERR_NOMEM;
}

static err_t
eval_rule (const eval_t *e, size_t fact)
{
  const fact_rule_t *r = &e->facts->rule[fact];
  fact_t *out = &e->out[fact];
  switch (r->rule) {
  case RULE_TOTAL:
    return eval_total (e, fact);
  case RULE_SUM:
    return eval_sum (e, r, out);
  case RULE_SHARE:
  case RULE_AVERAGE:
    eval_quotient (e, r, out);
    return ERR_OK;
  case RULE_YEAR_OF:
    return eval_year_of (e, r, out);
  case RULE_YEARS:
    return eval_years (e, out);
  case RULE_YEAR_COUNT:
    out->num = e->years.to - e->years.from + 1;
    out->den = 1;
    return ERR_OK;
  case RULE_TEXT:
    if (r->valid.from != 0 && (e->years.from < r->valid.from || e->years.to > r->valid.to))
      out->gap = GAP_OUTSIDE;
    return ERR_OK;
  }
  UNREACHABLE ();
}

err_t
facts_eval (const facts_t *self, const figures_t *f, span_t years, arena_t *arena, const fact_t **out,
            fail_t *fail)
{
  CHECK (years.from > 0 && years.from <= years.to);
  eval_t e = {.facts = self, .years = years, .width = (size_t)(years.to - years.from) + 2, .arena = arena};
  e.cell = arena_alloc (arena, self->n * e.width * sizeof *e.cell + 1);
  e.schemes_all = arena_alloc (arena, e.width * sizeof *e.schemes_all);
  e.out = arena_alloc (arena, self->n * sizeof *e.out + 1);
  err_t err = e.cell != NULL && e.schemes_all != NULL && e.out != NULL ? gather (&e, f) : ERR_NOMEM;
  for (size_t i = 0; err == ERR_OK && i < self->n; i++) {
    e.out[i] = self->rule[i].fact;
    err = eval_rule (&e, i);
    fact_settle (&e.out[i]);
  }
  if (err != ERR_OK)
    return fail_set (fail, err, "%s", err_words (err));
  *out = e.out;
  return ERR_OK;
}
