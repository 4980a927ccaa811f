/* annex_build.c - an annex filled from a snapshot's figures.
 *
 * Rows are laid out first, from the catalogue; figures then fall on them as they come, in any order. A
 * figure stands in one period column (its year) and in the total, or, when it is of a span, in the total
 * alone; and it stands on its own row and, in budget and consulting, on every row above. Only sums are
 * taken, so what a snapshot takes back with negative measures leaves no trace, and the order in which
 * figures come shows nowhere: rows the catalogue does not know are sorted when all is there.
 *
 * A cell is blank unless something stands in it. Schemes and support are filled as a pair: money of a
 * scheme that is counted under another fund has 0 schemes beside it. Figures of an indicator that is not
 * additive are counted as they are added: a cell that came to hold more than one stays blank. */
#include "common/core/period.h"
#include "common/report/annex_private.h"

#include <stdlib.h>
#include <string.h>

#define FUNDS_MAX (SOURCES_MAX + 1u) /* the last one: no fund */
#define PAIR 2u                      /* measures of a cell, at most */
#define NO_ROW SIZE_MAX

typedef struct {
  int64_t v[PAIR], figures;
} sum_t;

typedef struct {
  const figures_t *f;
  annex_id_t id;
  span_t years;
  arena_t *arena;
  annex_row_t *row;             /* malloc */
  size_t rows, rows_cap, known; /* rows from `known` on: codes the catalogue has not */
  sum_t *sum;                   /* malloc; per row: periods × funds, the total behind the years */
  size_t sums, sums_cap, per_row;
  str_t fund[FUNDS_MAX];
  size_t funds;
  bool split; /* the annex has a column a fund */
  measure_t measure[PAIR];
  size_t measures;
  bool *estimate; /* by year */
} build_t;

static size_t
years_in (span_t s)
{
  return (size_t)(s.to - s.from) + 1;
}

/* ---- rows ---- */

static err_t
add_row (build_t *b, annex_row_t row)
{
  void *grown = array_room (b->row, b->rows, &b->rows_cap, sizeof *b->row);
  if (grown == NULL)
    return ERR_NOMEM;
  b->row = grown;
  while (b->sums_cap < (b->rows + 1) * b->per_row) {
    grown = array_room (b->sum, b->sums_cap, &b->sums_cap, sizeof *b->sum);
    if (grown == NULL)
      return ERR_NOMEM;
    b->sum = grown;
  }
  memset (b->sum + b->rows * b->per_row, 0, b->per_row * sizeof *b->sum);
  b->row[b->rows++] = row;
  return ERR_OK;
}

static size_t
find_row (const build_t *b, str_t code)
{
  for (size_t i = 0; i < b->rows; i++)
    if (str_eq (b->row[i].code, code))
      return i;
  return NO_ROW;
}

static int
parent_row (const build_t *b, str_t code)
{
  size_t at = str_blank (code) ? NO_ROW : find_row (b, code);
  return at == NO_ROW ? -1 : (int)at;
}

/* The row of a code, made when the catalogue does not know it: no figure goes missing. */
static err_t
row_of (build_t *b, str_t code, int parent, size_t *out)
{
  *out = find_row (b, code);
  if (*out != NO_ROW)
    return ERR_OK;
  str_t kept = arena_str (b->arena, code);
  if (kept.p == NULL)
    return ERR_NOMEM;
  *out = b->rows;
  return add_row (b, (annex_row_t){.code = kept,
                                   .printed_code = kept,
                                   .label_vi = kept,
                                   .label_en = kept,
                                   .parent = parent,
                                   .adds = parent >= 0,
                                   .level = 2});
}

static annex_row_t
total_row (str_t vi, str_t en)
{
  return (annex_row_t){.code = STR ("total"), .label_vi = vi, .label_en = en, .parent = -1};
}

/* The results annex has wordings of its own for some of the groups. */
static str_t
category_label (const build_t *b, size_t i, const category_t *k)
{
  str_t own = b->id == ANNEX_OUTCOMES
                  ? catalogue_section_cell (b->f->catalogue, "categories", i, "label_outcomes_vi")
                  : STR_NONE;
  return str_blank (own) ? k->label_vi : own;
}

static err_t
category_row (build_t *b, size_t i, const category_t *k)
{
  const bool sums = b->id == ANNEX_BUDGET;
  return add_row (b, (annex_row_t){.code = k->code,
                                   .printed_code = k->code,
                                   .label_vi = category_label (b, i, k),
                                   .label_en = k->label_en,
                                   .parent = sums ? 0 : -1,
                                   .adds = sums,
                                   .level = 1});
}

static err_t
budget_rows (build_t *b)
{
  const category_t *k;
  const item_t *m;
  err_t err = add_row (b, total_row (STR ("Tổng số kinh phí"), STR ("Total funds")));
  for (size_t i = 0; err == ERR_OK && (k = catalogue_category_at (b->f->catalogue, i)) != NULL; i++) {
    int parent = (int)b->rows;
    err = category_row (b, i, k);
    for (size_t j = 0; err == ERR_OK && (m = catalogue_item_at (b->f->catalogue, j)) != NULL; j++)
      if (str_eq (m->category, k->code))
        err = add_row (b, (annex_row_t){.code = m->code,
                                        .printed_code = m->printed_code,
                                        .label_vi = m->label_vi,
                                        .label_en = m->label_en,
                                        .parent = parent,
                                        .adds = true,
                                        .level = 2});
  }
  return err;
}

static err_t
indicator_row (build_t *b, const indicator_t *n, int category)
{
  const bool below = !str_blank (n->parent);
  return add_row (b, (annex_row_t){.code = n->code,
                                   .printed_code = n->printed_code,
                                   .label_vi = n->label_vi,
                                   .label_en = n->label_en,
                                   .unit_vi = n->unit_vi,
                                   .unit_en = n->unit_en,
                                   .parent = below ? parent_row (b, n->parent) : category,
                                   .adds = below && !n->subset,
                                   .level = below ? 3 : 2,
                                   .scale = n->scale,
                                   .decimals = n->decimals,
                                   .average_decimals = n->average_decimals});
}

static err_t
outcome_rows (build_t *b)
{
  const category_t *k;
  const indicator_t *n;
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && (k = catalogue_category_at (b->f->catalogue, i)) != NULL; i++) {
    int category = (int)b->rows;
    err = category_row (b, i, k);
    for (size_t j = 0; err == ERR_OK && (n = catalogue_indicator_at (b->f->catalogue, j)) != NULL; j++)
      if (!n->supplementary && str_eq (n->category, k->code))
        err = indicator_row (b, n, category);
  }
  return err;
}

static err_t
consulting_rows (build_t *b)
{
  const service_t *s;
  err_t err = add_row (b, total_row (STR ("Tổng cộng"), STR ("Total")));
  for (size_t i = 0; err == ERR_OK && (s = catalogue_service_at (b->f->catalogue, i)) != NULL; i++) {
    int parent = parent_row (b, s->parent);
    err = add_row (b, (annex_row_t){.code = s->code,
                                    .printed_code = s->code,
                                    .label_vi = s->label_vi,
                                    .label_en = s->label_en,
                                    .parent = parent < 0 ? 0 : parent,
                                    .adds = true,
                                    .level = parent < 0 ? 1 : 2});
  }
  return err;
}

static err_t
staff_rows (build_t *b)
{
  const staff_item_t *s;
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && (s = catalogue_staff_item_at (b->f->catalogue, i)) != NULL; i++) {
    int parent = parent_row (b, s->parent);
    bool dash = str_is (s->printed_code, "-");
    err = add_row (b, (annex_row_t){.code = s->code,
                                    .printed_code = s->printed_code,
                                    .label_vi = s->label_vi,
                                    .label_en = s->label_en,
                                    .unit_vi = s->unit_vi,
                                    .unit_en = s->unit_en,
                                    .parent = parent,
                                    .adds = parent >= 0,
                                    .level = parent < 0 ? 1
                                             : dash     ? 3
                                                        : 2});
  }
  return err;
}

/* ---- figures ---- */

static size_t
fund_of (const build_t *b, str_t fund)
{
  for (size_t i = 0; i < b->funds; i++)
    if (str_eq (b->fund[i], fund))
      return i;
  return b->funds; /* none, or one the catalogue does not know */
}

static err_t
add_sum (sum_t *s, const int64_t v[PAIR], int64_t figures)
{
  for (size_t i = 0; i < PAIR; i++)
    if (__builtin_add_overflow (s->v[i], v[i], &s->v[i]))
      return ERR_OVERFLOW;
  s->figures += figures;
  return ERR_OK;
}

/* Adds to the row and, where rows add up, to those above it. */
static err_t
add_figure (build_t *b, size_t row, span_t year, size_t fund, const int64_t v[PAIR], int64_t figures)
{
  const bool up = b->id == ANNEX_BUDGET || b->id == ANNEX_CONSULTING;
  const size_t funds = b->split ? b->funds + 1 : 1, total = years_in (b->years);
  if (year.from < b->years.from || year.to > b->years.to || year.from > year.to)
    return ERR_OK;
  err_t err = ERR_OK;
  for (int r = (int)row; err == ERR_OK && r >= 0; r = up ? b->row[r].parent : -1) {
    sum_t *sums = b->sum + (size_t)r * b->per_row;
    if (year.from == year.to)
      err = add_sum (&sums[(size_t)(year.from - b->years.from) * funds + fund], v, figures);
    if (err == ERR_OK)
      err = add_sum (&sums[total * funds + fund], v, figures);
  }
  return err;
}

static err_t
scheme_atom (void *ctx, const atom_t *a)
{
  build_t *b = ctx;
  const source_t *source = catalogue_source (b->f->catalogue, a->source);
  const int64_t v[PAIR] = {a->m[M_SCHEMES], a->m[M_SUPPORT_VND]};
  size_t row;
  if (v[0] == 0 && v[1] == 0)
    return ERR_OK;
  err_t err = row_of (b, a->item, 0, &row);
  if (err != ERR_OK)
    return err;
  return add_figure (b, row, a->year, fund_of (b, source != NULL ? source->fund : STR ("")), v, 0);
}

static err_t
outcome_atom (void *ctx, const atom_t *a)
{
  build_t *b = ctx;
  const indicator_t *n = catalogue_indicator (b->f->catalogue, a->indicator);
  const int64_t v[PAIR] = {a->m[M_VALUE], 0};
  size_t row;
  if (a->value_kind == VALUE_PLAN || (n != NULL && n->supplementary))
    return ERR_OK;
  err_t err = row_of (b, a->indicator, -1, &row);
  if (err != ERR_OK)
    return err;
  return add_figure (b, row, a->year, fund_of (b, a->fund), v, a->m[M_FIGURES]);
}

static err_t
consulting_record (void *ctx, const record_t *r)
{
  build_t *b = ctx;
  const consulting_t *c = &r->u.consulting;
  const int64_t v[PAIR] = {1, c->revenue_vnd.has ? c->revenue_vnd.v : 0};
  size_t row;
  err_t err = row_of (b, c->service, 0, &row);
  return err == ERR_OK ? add_figure (b, row, c->year, 0, v, 0) : err;
}

static err_t
staff_record (void *ctx, const record_t *r)
{
  build_t *b = ctx;
  const staff_t *s = &r->u.staff;
  const int64_t v[PAIR] = {s->value.v, 0};
  size_t row;
  if (!s->value.has)
    return ERR_OK;
  err_t err = row_of (b, s->indicator, -1, &row);
  return err == ERR_OK ? add_figure (b, row, s->year, 0, v, 1) : err;
}

/* ---- years that are an estimate ---- */

/* What is not final, counted per year: what a snapshot takes back comes with a minus. */
typedef struct {
  const build_t *b;
  int64_t *open;
} open_t;

static void
open_add (const open_t *o, span_t year, int64_t n)
{
  if (year.from == year.to && year.from >= o->b->years.from && year.to <= o->b->years.to)
    o->open[year.from - o->b->years.from] += n;
}

static err_t
unsettled_atom (void *ctx, const atom_t *a)
{
  if (a->status != STATUS_SETTLED)
    open_add (ctx, a->year, a->m[M_SCHEMES]);
  return ERR_OK;
}

static err_t
estimate_atom (void *ctx, const atom_t *a)
{
  if (a->value_kind == VALUE_ESTIMATE)
    open_add (ctx, a->year, a->m[M_FIGURES]);
  return ERR_OK;
}

/* A year is an estimate while it runs; also as long as its outcomes say so, and, in the budget, as long as a
 * scheme of it that counts is not settled. */
static err_t
find_estimates (build_t *b)
{
  const size_t n = years_in (b->years);
  open_t o = {b, arena_alloc (b->arena, n * sizeof (int64_t))};
  b->estimate = arena_alloc (b->arena, n * sizeof *b->estimate);
  if (o.open == NULL || b->estimate == NULL)
    return ERR_NOMEM;
  err_t err = b->f->atoms (b->f->ctx, FAMILY_OUTCOME, DIM_BIT (DIM_YEAR) | DIM_BIT (DIM_VALUE_KIND),
                           estimate_atom, &o);
  if (err == ERR_OK && b->id == ANNEX_BUDGET)
    err =
        b->f->atoms (b->f->ctx, FAMILY_SCHEME, DIM_BIT (DIM_YEAR) | DIM_BIT (DIM_STATUS), unsettled_atom, &o);
  for (size_t i = 0; i < n; i++)
    b->estimate[i] = o.open[i] > 0 || day_end ((date_t)(b->years.from + i) * 10000 + 1231).ms >= b->f->at.ms;
  return err;
}

/* ---- the table ---- */

static int
by_code (const void *a, const void *b)
{
  const annex_row_t *x = *(annex_row_t *const *)a, *y = *(annex_row_t *const *)b;
  return str_cmp (x->code, y->code);
}

/* Rows in the order of the table: those of the catalogue as they are, behind them the others by code. */
static const annex_row_t **
ordered_rows (const build_t *b)
{
  const annex_row_t **order = arena_alloc (b->arena, (b->rows + 1) * sizeof *order);
  if (order == NULL)
    return NULL;
  for (size_t i = 0; i < b->rows; i++)
    order[i] = &b->row[i];
  qsort (order + b->known, b->rows - b->known, sizeof *order, by_code);
  return order;
}

static bool
has_fundless (const build_t *b)
{
  for (size_t i = b->funds; b->split && i < b->rows * b->per_row; i += b->funds + 1) {
    const sum_t *s = &b->sum[i];
    if (s->v[0] != 0 || s->v[1] != 0 || s->figures != 0)
      return true;
  }
  return false;
}

static bool
row_additive (const build_t *b, str_t code)
{
  const indicator_t *n = b->id == ANNEX_OUTCOMES ? catalogue_indicator (b->f->catalogue, code) : NULL;
  return n == NULL || n->additive;
}

/* One cell from its sum. An average of what does not add up would say nothing. */
static annex_cell_t
cell_of (const build_t *b, const annex_row_t *row, const sum_t *s, annex_period_t period, size_t m)
{
  const bool additive = row_additive (b, row->code);
  annex_cell_t cell = {.v = s->v[m], .parts = 1};
  if (b->id == ANNEX_BUDGET || b->id == ANNEX_CONSULTING)
    cell.has = s->v[0] != 0 || s->v[1] != 0;
  else
    cell.has = additive ? s->figures > 0 : s->figures == 1;
  if (period == COLUMN_AVERAGE) {
    cell.has = cell.has && additive;
    cell.parts = (uint32_t)years_in (b->years);
  }
  if (!cell.has)
    cell.v = 0;
  return cell;
}

static annex_column_t
column_of (const build_t *b, size_t period, size_t fund, size_t m)
{
  const size_t years = years_in (b->years);
  annex_column_t c = {.period = period < years    ? COLUMN_YEAR
                                : period == years ? COLUMN_TOTAL
                                                  : COLUMN_AVERAGE,
                      .measure = b->measure[m]};
  if (c.period == COLUMN_YEAR) {
    c.year = (uint16_t)(b->years.from + period);
    c.estimate = b->estimate[period];
  }
  if (b->split)
    c.fund = fund < b->funds ? b->fund[fund] : STR ("");
  return c;
}

static err_t
lay_out (const build_t *b, annex_table_t *out)
{
  const size_t years = years_in (b->years), periods = b->id == ANNEX_STAFF ? years : years + 2;
  const size_t stored = b->split ? b->funds + 1 : 1, funds = stored - (b->split && !has_fundless (b));
  const size_t columns = periods * funds * b->measures;
  const annex_row_t **order = ordered_rows (b);
  annex_row_t *row = arena_alloc (b->arena, (b->rows + 1) * sizeof *row);
  annex_column_t *column = arena_alloc (b->arena, (columns + 1) * sizeof *column);
  annex_cell_t *cell = arena_alloc (b->arena, (b->rows * columns + 1) * sizeof *cell);
  if (order == NULL || row == NULL || column == NULL || cell == NULL)
    return ERR_NOMEM;
  *out = (annex_table_t){b->id, b->years, b->rows, columns, row, column, cell};
  for (size_t r = 0; r < b->rows; r++)
    row[r] = *order[r];
  for (size_t p = 0, c = 0; p < periods; p++)
    for (size_t f = 0; f < funds; f++)
      for (size_t m = 0; m < b->measures; m++, c++) {
        column[c] = column_of (b, p, f, m);
        for (size_t r = 0; r < b->rows; r++) {
          const size_t from = (size_t)(order[r] - b->row) * b->per_row;
          const sum_t *s = &b->sum[from + (p < years ? p : years) * stored + f];
          cell[r * columns + c] = cell_of (b, &row[r], s, column[c].period, m);
        }
      }
  return ERR_OK;
}

/* ---- each annex ---- */

/* Funds in the printed order: the nearest level first, which is the catalogue's order of sources backwards.
 */
static void
list_funds (build_t *b)
{
  size_t n = 0;
  while (catalogue_source_at (b->f->catalogue, n) != NULL)
    n++;
  while (n-- > 0) {
    const source_t *s = catalogue_source_at (b->f->catalogue, n);
    if (!str_blank (s->fund) && fund_of (b, s->fund) == b->funds && b->funds + 1 < FUNDS_MAX)
      b->fund[b->funds++] = s->fund;
  }
}

static err_t
fill (build_t *b)
{
  const uint32_t year = DIM_BIT (DIM_YEAR);
  switch (b->id) {
  case ANNEX_CONSULTING:
    return b->f->records (b->f->ctx, KIND_CONSULTING, consulting_record, b);
  case ANNEX_OUTCOMES:
    return b->f->atoms (b->f->ctx, FAMILY_OUTCOME,
                        year | DIM_BIT (DIM_FUND) | DIM_BIT (DIM_INDICATOR) | DIM_BIT (DIM_VALUE_KIND),
                        outcome_atom, b);
  case ANNEX_BUDGET:
    return b->f->atoms (b->f->ctx, FAMILY_SCHEME, year | DIM_BIT (DIM_ITEM) | DIM_BIT (DIM_SOURCE),
                        scheme_atom, b);
  case ANNEX_STAFF:
    return b->f->records (b->f->ctx, KIND_STAFF, staff_record, b);
  case ANNEX_NONE:
  case ANNEX_DOCUMENTS:
  case ANNEX_COUNT:
    break;
  }
  UNREACHABLE ();
}

static err_t
first_rows (build_t *b)
{
  switch (b->id) {
  case ANNEX_CONSULTING:
    return consulting_rows (b);
  case ANNEX_OUTCOMES:
    return outcome_rows (b);
  case ANNEX_BUDGET:
    return budget_rows (b);
  case ANNEX_STAFF:
    return staff_rows (b);
  case ANNEX_NONE:
  case ANNEX_DOCUMENTS:
  case ANNEX_COUNT:
    break;
  }
  UNREACHABLE ();
}

static void
set_columns (build_t *b)
{
  b->split = b->id == ANNEX_BUDGET || b->id == ANNEX_OUTCOMES;
  if (b->split)
    list_funds (b);
  b->measure[b->measures++] = b->id == ANNEX_BUDGET       ? MEASURE_SCHEMES
                              : b->id == ANNEX_CONSULTING ? MEASURE_PROJECTS
                                                          : MEASURE_VALUE;
  if (b->id == ANNEX_BUDGET || b->id == ANNEX_CONSULTING)
    b->measure[b->measures++] = b->id == ANNEX_BUDGET ? MEASURE_SUPPORT_VND : MEASURE_REVENUE_VND;
  b->per_row = (years_in (b->years) + 1) * (b->split ? b->funds + 1 : 1);
}

err_t
annex_build (annex_id_t id, const figures_t *f, span_t years, arena_t *arena, annex_table_t *out,
             fail_t *fail)
{
  CHECK (id > ANNEX_NONE && id < ANNEX_COUNT && years.from != 0 && years.from <= years.to);
  build_t b = {.f = f, .id = id, .years = years, .arena = arena};
  if (id == ANNEX_DOCUMENTS)
    return annex_documents (f, years, arena, out, fail);
  set_columns (&b);
  err_t err = first_rows (&b);
  b.known = b.rows;
  if (err == ERR_OK)
    err = find_estimates (&b);
  if (err == ERR_OK)
    err = fill (&b);
  if (err == ERR_OK)
    err = lay_out (&b, out);
  free (b.row);
  free (b.sum);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}
