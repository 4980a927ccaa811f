/* reconcile.c - every printed cell against our figures; reconcile_own.c judges the publication against
 * itself.
 *
 * Rows and columns are those of our annexes, so a cell that we have and the publication left blank is found
 * as well as one that it has and we have not. Money may differ by what printing rounds away: half a unit of
 * the cell's last printed place, and as much for each printed figure it is made of, since a sum of rounded
 * figures may stray by as much as all of them together. Counts may not differ at all.
 *
 * A cell whose year the publication does not say can only be compared within the period: what we have there
 * beyond the years it does print, with all such cells of the row together. */
#include "common/report/reconcile_private.h"

#include "common/base/lang.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
judged_name (judged_t j)
{
  static const char *const names[JUDGED_COUNT] = {"equal", "rounded", "differs", "contradicts", "undated"};
  CHECK ((unsigned)j < JUDGED_COUNT);
  return names[j];
}

const char *
judged_words (judged_t j)
{
  switch (j) {
  case JUDGED_EQUAL:
    return L ("khớp", "equal");
  case JUDGED_ROUNDED:
    return L ("do làm tròn", "rounded");
  case JUDGED_DIFFERS:
    return L ("lệch", "differs");
  case JUDGED_CONTRADICTS:
    return L ("mâu thuẫn", "contradicts");
  case JUDGED_UNDATED:
    return L ("không rõ năm", "undated");
  case JUDGED_COUNT:
    break;
  }
  UNREACHABLE ();
}

/* ---- figures ---- */

int64_t
last_place (uint8_t decimals)
{
  int64_t unit = 1;
  for (unsigned i = decimals; i < PUBLISHED_SCALE; i++)
    unit *= 10;
  return unit;
}

int64_t
average (int64_t total, size_t years, uint8_t decimals)
{
  const int64_t unit = last_place (decimals), by = unit * (int64_t)years;
  return (total / by + (total % by * 2 + by) / (2 * by)) * unit;
}

size_t
years_of (const judge_t *j)
{
  return (size_t)(j->t->years.to - j->t->years.from) + 1;
}

void
put_figure (int64_t v, unsigned decimals, buf_t *out)
{
  const int64_t one = last_place (0);
  char after[24];
  size_t n = PUBLISHED_SCALE;
  if (v < 0)
    buf_putc (out, '-');
  const int64_t size = v < 0 ? -v : v;
  snprintf (after, sizeof after, "%06" PRId64, size % one);
  while (n > decimals && after[n - 1] == '0')
    n--;
  buf_printf (out, "%" PRId64, size / one);
  if (n > 0)
    buf_printf (out, ".%.*s", (int)n, after);
}

bool
place_is_money (const judge_t *j, place_t at)
{
  if (at.measure == MEASURE_VALUE) /* millions are stored as đồng */
    return j->t->id == ANNEX_OUTCOMES && j->t->row[at.row].scale == PUBLISHED_SCALE;
  return at.measure == MEASURE_SUPPORT_VND || at.measure == MEASURE_REVENUE_VND;
}

judged_t
judge (int64_t published, int64_t other, int64_t units, judged_t otherwise)
{
  int64_t apart = published > other ? published - other : other - published;
  if (apart == 0)
    return JUDGED_EQUAL;
  return apart <= units / 2 ? JUDGED_ROUNDED : otherwise;
}

/* Our figure in the publication's unit. */
static err_t
our_figure (const judge_t *j, size_t row, size_t column, int64_t *out)
{
  const annex_cell_t *cell = annex_cell (j->t, row, column);
  const measure_t m = j->t->column[column].measure;
  unsigned scale = m == MEASURE_VALUE                                     ? j->t->row[row].scale
                   : m == MEASURE_SUPPORT_VND || m == MEASURE_REVENUE_VND ? PUBLISHED_SCALE
                                                                          : 0;
  int64_t v = cell->has ? cell->v : 0;
  for (; scale < PUBLISHED_SCALE; scale++)
    if (__builtin_mul_overflow (v, INT64_C (10), &v))
      return ERR_OVERFLOW;
  for (; scale > PUBLISHED_SCALE; scale--)
    v /= 10;
  *out = v;
  return ERR_OK;
}

/* ---- what is printed ---- */

const published_cell_t *
printed_at (const judge_t *j, place_t at)
{
  return published_find (j->p, j->t->id, j->t->row[at.row].code, at.period, at.year, at.fund, at.measure);
}

bool
row_is_printed (const judge_t *j, place_t at)
{
  const published_cell_t *k;
  for (size_t i = 0; (k = published_at (j->p, i)) != NULL; i++)
    if (k->annex == j->t->id && k->period == at.period && str_eq (k->code, j->t->row[at.row].code))
      return true;
  return false;
}

static printed_sum_t
printed_sum (const judge_t *j, place_t at, printed_t period)
{
  const published_cell_t *k;
  printed_sum_t s = {0, 0};
  for (size_t i = 0; (k = published_at (j->p, i)) != NULL; i++)
    if (k->annex == j->t->id && k->period == period && k->measure == at.measure &&
        str_eq (k->code, j->t->row[at.row].code) && str_eq (k->fund, at.fund)) {
      s.v += k->v;
      s.n++;
    }
  return s;
}

printed_sum_t
printed_years (const judge_t *j, place_t at)
{
  return printed_sum (j, at, PRINTED_YEAR);
}

printed_sum_t
printed_undated (const judge_t *j, place_t at)
{
  return printed_sum (j, at, PRINTED_UNDATED);
}

static size_t
find_row (const annex_table_t *t, str_t code)
{
  for (size_t i = 0; i < t->rows; i++)
    if (str_eq (t->row[i].code, code))
      return i;
  return SIZE_MAX;
}

/* Is the row part of the other, at any depth, or that row itself? */
static bool
row_within (const annex_table_t *t, size_t row, size_t of)
{
  while (row != of) {
    if (!t->row[row].adds || t->row[row].parent < 0)
      return false;
    row = (size_t)t->row[row].parent;
  }
  return true;
}

int64_t
printed_units (const judge_t *j, place_t at)
{
  const published_cell_t *k;
  int64_t units = 0;
  if (!place_is_money (j, at))
    return 0;
  for (size_t i = 0; (k = published_at (j->p, i)) != NULL; i++) {
    bool period = at.period == PRINTED_TOTAL ? k->period != PRINTED_AVERAGE
                                             : k->period == at.period && k->year == at.year;
    if (k->annex != j->t->id || k->measure != at.measure || !period || !str_eq (k->fund, at.fund))
      continue;
    size_t row = find_row (j->t, k->code);
    if (row != SIZE_MAX && row_within (j->t, row, at.row))
      units += last_place (k->decimals);
  }
  return units;
}

judged_t
judge_average (const judge_t *j, place_t at, const published_cell_t *cell, int64_t total, judged_t otherwise)
{
  const size_t years = years_of (j);
  const uint8_t decimals = cell->decimals;
  if (average (total, years, decimals) == cell->v)
    return JUDGED_EQUAL;
  at.period = PRINTED_TOTAL;
  const published_cell_t *of = printed_at (j, at);
  const int64_t half = of != NULL && place_is_money (j, at) ? last_place (of->decimals) / 2 : 0;
  return cell->v >= average (total > half ? total - half : 0, years, decimals) &&
                 cell->v <= average (total + half, years, decimals)
             ? JUDGED_ROUNDED
             : otherwise;
}

/* ---- findings ---- */

static err_t
add (judge_t *j, finding_t f)
{
  finding_t *grown = array_room (j->found, j->n, &j->cap, sizeof *grown);
  if (grown != NULL)
    j->found = grown;
  f.code = arena_str (j->arena, f.code);
  f.fund = arena_str (j->arena, f.fund);
  f.year = arena_str (j->arena, f.year);
  f.published = arena_str (j->arena, f.published);
  f.other = arena_str (j->arena, f.other);
  f.note = arena_str (j->arena, buf_str (&j->text));
  if (grown == NULL || !buf_ok (&j->text) || f.code.p == NULL || f.year.p == NULL || f.published.p == NULL ||
      f.other.p == NULL)
    return ERR_NOMEM;
  j->found[j->n++] = f;
  buf_clear (&j->text);
  return ERR_OK;
}

static str_t
period_text (printed_t period, uint16_t year, char room[8])
{
  switch (period) {
  case PRINTED_YEAR:
    snprintf (room, 8, "%u", (unsigned)year);
    return str_of (room);
  case PRINTED_TOTAL:
    return STR ("total");
  case PRINTED_AVERAGE:
    return STR ("average");
  case PRINTED_UNDATED:
  case PRINTED_STATUS:
    break;
  }
  return STR ("");
}

err_t
judge_add (judge_t *j, place_t at, const published_cell_t *cell, int64_t other, unsigned decimals,
           judged_t judged)
{
  char year[8];
  buf_t text = BUF_INIT;
  put_figure (other, decimals, &text);
  if (cell == NULL)
    buf_puts (&j->text, L ("; ô này để trống", "; the cell is blank"));
  err_t err = !buf_ok (&text) ? ERR_NOMEM
                              : add (j, (finding_t){.annex = j->t->id,
                                                    .measure = at.measure,
                                                    .judged = judged,
                                                    .code = j->t->row[at.row].code,
                                                    .year = period_text (at.period, at.year, year),
                                                    .fund = at.fund,
                                                    .published = cell != NULL ? cell->text : STR ("0"),
                                                    .other = buf_str (&text)});
  buf_free (&text);
  return err;
}

/* ---- against ours ---- */

static err_t
against_ours (judge_t *j, place_t at, size_t column)
{
  const published_cell_t *cell = printed_at (j, at);
  int64_t ours = 0;
  err_t err = our_figure (j, at.row, column, &ours);
  if (err != ERR_OK || !published_has (j->p, j->t->id, at.period != PRINTED_YEAR))
    return err;
  if (at.period == PRINTED_AVERAGE && cell == NULL)
    return ERR_OK;
  if (cell == NULL && (ours == 0 || (at.period == PRINTED_YEAR && printed_undated (j, at).n > 0)))
    return ERR_OK;
  buf_puts (&j->text, L ("số của hệ thống", "our figure"));
  if (at.period == PRINTED_AVERAGE)
    return judge_add (j, at, cell, average (ours, years_of (j), cell->decimals), cell->decimals,
                      judge_average (j, at, cell, ours, JUDGED_DIFFERS));
  return judge_add (j, at, cell, ours, 0,
                    cell != NULL ? judge (cell->v, ours, printed_units (j, at), JUDGED_DIFFERS)
                                 : JUDGED_DIFFERS);
}

static size_t
find_column (const annex_table_t *t, annex_period_t period, uint16_t year, str_t fund, measure_t m)
{
  for (size_t i = 0; i < t->columns; i++)
    if (t->column[i].period == period && t->column[i].measure == m && str_eq (t->column[i].fund, fund) &&
        (period != COLUMN_YEAR || t->column[i].year == year))
      return i;
  return SIZE_MAX;
}

/* What we have in the period beyond the years that are printed. */
static err_t
our_rest (const judge_t *j, place_t at, int64_t *out)
{
  size_t column = find_column (j->t, COLUMN_TOTAL, 0, at.fund, at.measure);
  *out = 0;
  err_t err = column != SIZE_MAX ? our_figure (j, at.row, column, out) : ERR_OK;
  at.period = PRINTED_YEAR;
  for (unsigned y = j->t->years.from; err == ERR_OK && y <= j->t->years.to; y++) {
    int64_t v = 0;
    at.year = (uint16_t)y;
    column = find_column (j->t, COLUMN_YEAR, at.year, at.fund, at.measure);
    if (column == SIZE_MAX || printed_at (j, at) == NULL)
      continue;
    err = our_figure (j, at.row, column, &v);
    *out -= v;
  }
  return err;
}

static err_t
against_ours_undated (judge_t *j, size_t row)
{
  const published_cell_t *k;
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && (k = published_at (j->p, i)) != NULL; i++) {
    if (k->annex != j->t->id || k->period != PRINTED_UNDATED || !str_eq (k->code, j->t->row[row].code))
      continue;
    place_t at = {row, PRINTED_UNDATED, 0, k->fund, k->measure}, total = at;
    total.period = PRINTED_TOTAL;
    printed_sum_t all = printed_undated (j, at);
    int64_t rest;
    err = our_rest (j, at, &rest);
    if (err != ERR_OK)
      break;
    judged_t judged = judge (all.v, rest, printed_units (j, total), JUDGED_DIFFERS);
    buf_printf (
        &j->text,
        L ("số của hệ thống trong %u-%u ngoài các năm đã in; cộng các ô không ghi năm (%zu ô): ",
           "our figure within %u-%u beyond the years printed; cells without a year (%zu), together: "),
        j->t->years.from, j->t->years.to, all.n);
    put_figure (all.v, 0, &j->text);
    err = judge_add (j, at, k, rest, 0, judged == JUDGED_DIFFERS ? JUDGED_DIFFERS : JUDGED_UNDATED);
  }
  return err;
}

/* ---- all of it ---- */

static err_t
judge_place (judge_t *j, size_t row, size_t column)
{
  const annex_column_t *c = &j->t->column[column];
  place_t at = {row,
                c->period == COLUMN_YEAR    ? PRINTED_YEAR
                : c->period == COLUMN_TOTAL ? PRINTED_TOTAL
                                            : PRINTED_AVERAGE,
                c->year, c->fund, c->measure};
  err_t err = against_ours (j, at, column);
  if (at.period == PRINTED_AVERAGE)
    return err == ERR_OK ? judge_own_average (j, at) : err;
  if (err == ERR_OK && at.period == PRINTED_TOTAL)
    err = judge_own_years (j, at);
  if (err == ERR_OK)
    err = judge_own_parts (j, at);
  if (err == ERR_OK)
    err = j->t->id == ANNEX_STAFF ? judge_own_staff (j, at) : judge_own_link (j, at);
  return err;
}

static err_t
judge_row (judge_t *j, size_t row)
{
  err_t err = ERR_OK;
  bool undated = false;
  for (size_t c = 0; err == ERR_OK && c < j->t->columns; c++) {
    if (j->t->column[c].period != COLUMN_YEAR && !undated) {
      undated = true;
      err = against_ours_undated (j, row);
    }
    if (err == ERR_OK)
      err = judge_place (j, row, c);
  }
  return err == ERR_OK && !undated ? against_ours_undated (j, row) : err;
}

/* Printed rows that our annex has not. */
static err_t
judge_unknown (judge_t *j)
{
  const published_cell_t *k;
  char year[8];
  err_t err = ERR_OK;
  const bool texts = j->t->id == ANNEX_DOCUMENTS;
  for (size_t i = 0; err == ERR_OK && (k = published_at (j->p, i)) != NULL; i++) {
    if (k->annex != j->t->id || find_row (j->t, k->code) != SIZE_MAX)
      continue;
    buf_puts (&j->text, L ("hệ thống không có dòng này", "we have no such row"));
    err = add (j, (finding_t){.annex = k->annex,
                              .measure = k->measure,
                              .judged = !texts && k->v == 0 ? JUDGED_EQUAL : JUDGED_DIFFERS,
                              .code = k->code,
                              .year = period_text (k->period, k->year, year),
                              .fund = k->fund,
                              .published = k->text,
                              .other = texts ? STR ("") : STR ("0")});
  }
  return err;
}

static err_t
judge_documents (judge_t *j)
{
  err_t err = ERR_OK;
  for (size_t r = 0; err == ERR_OK && r < j->t->rows; r++) {
    const annex_cell_t *ours = annex_cell (j->t, r, 0);
    const published_cell_t *k =
        published_find (j->p, j->t->id, j->t->row[r].code, PRINTED_STATUS, 0, STR_NONE, MEASURE_STATUS);
    if (k == NULL && !ours->has)
      continue;
    buf_puts (&j->text, k != NULL
                            ? L ("tình trạng trong hệ thống", "the state we have")
                            : L ("văn bản này không có tình trạng được in", "no state of it is printed"));
    err = add (
        j, (finding_t){.annex = j->t->id,
                       .measure = MEASURE_STATUS,
                       .judged = k != NULL && str_eq (k->text, ours->text) ? JUDGED_EQUAL : JUDGED_DIFFERS,
                       .code = j->t->row[r].code,
                       .year = STR (""),
                       .published = k != NULL ? k->text : STR (""),
                       .other = ours->text});
  }
  return err;
}

err_t
reconcile (const catalogue_t *c, const published_t *p, const annex_table_t ours[ANNEX_COUNT], arena_t *arena,
           const finding_t **out, size_t *n)
{
  judge_t j = {.c = c, .p = p, .ours = ours, .arena = arena};
  err_t err = ERR_OK;
  for (unsigned a = ANNEX_NONE + 1; err == ERR_OK && a < ANNEX_COUNT; a++) {
    j.t = &ours[a];
    if (!published_has (p, j.t->id, false) && !published_has (p, j.t->id, true))
      continue;
    if (a == ANNEX_DOCUMENTS)
      err = judge_documents (&j);
    else
      for (size_t r = 0; err == ERR_OK && r < j.t->rows; r++)
        err = judge_row (&j, r);
    if (err == ERR_OK)
      err = judge_unknown (&j);
  }
  finding_t *found = err == ERR_OK ? arena_alloc (arena, (j.n + 1) * sizeof *found) : NULL;
  if (err == ERR_OK && found == NULL)
    err = ERR_NOMEM;
  if (err == ERR_OK) {
    if (j.n > 0)
      memcpy (found, j.found, j.n * sizeof *found);
    *out = found;
    *n = j.n;
  }
  free (j.found);
  buf_free (&j.text);
  return err;
}
