/* reconcile_own.c - the publication against itself: totals against their parts and their years, averages
 * against the total, outcomes against the budget items they count, staff against its breakdown.
 *
 * A blank cell is 0 here, but a comparison of two blanks is none. Cells without a year count in their own
 * row's total; where rows above leave them out of the years, a total is compared twice: with its years,
 * and with its years and those cells. */
#include "common/report/reconcile_private.h"

#include "common/base/lang.h"

static int64_t
value_of (const published_cell_t *cell)
{
  return cell != NULL ? cell->v : 0;
}

static bool
is_child (const judge_t *j, size_t row, size_t of)
{
  return j->t->row[row].adds && j->t->row[row].parent == (int)of;
}

/* ---- rows below ---- */

/* A row below that is blank counts as what stands below it. */
static printed_sum_t
parts_below (const judge_t *j, place_t at)
{
  printed_sum_t s = {0, 0};
  const size_t of = at.row;
  for (size_t r = of + 1; r < j->t->rows; r++) {
    if (!is_child (j, r, of))
      continue;
    at.row = r;
    const published_cell_t *cell = printed_at (j, at);
    printed_sum_t below = cell != NULL ? (printed_sum_t){cell->v, 1} : parts_below (j, at);
    s.v += below.v;
    s.n += below.n;
  }
  return s;
}

static void
name_parts (judge_t *j, place_t at)
{
  const size_t of = at.row;
  bool any = false;
  for (size_t r = of + 1; r < j->t->rows; r++) {
    at.row = r;
    if (!is_child (j, r, of) || (printed_at (j, at) == NULL && parts_below (j, at).n == 0))
      continue;
    buf_printf (&j->text, "%s%.*s", any ? " + " : "", STR_ARG (j->t->row[r].code));
    any = true;
  }
}

err_t
judge_own_parts (judge_t *j, place_t at)
{
  const published_cell_t *cell = printed_at (j, at);
  printed_sum_t parts = parts_below (j, at);
  if (cell == NULL && (parts.v == 0 || !row_is_printed (j, at)))
    return ERR_OK;
  if (parts.n == 0) {
    bool below = false; /* are its parts printed at all, elsewhere? */
    for (size_t r = at.row + 1; r < j->t->rows && !below; r++)
      below = is_child (j, r, at.row) &&
              row_is_printed (j, (place_t){r, at.period, at.year, at.fund, at.measure});
    if (!below)
      return ERR_OK;
    buf_puts (&j->text, L ("cộng các dòng dưới (đều để trống)", "sum of the rows below (all blank)"));
  } else {
    buf_puts (&j->text, L ("cộng các dòng dưới: ", "sum of the rows below: "));
    name_parts (j, at);
  }
  return judge_add (j, at, cell, parts.v, 0,
                    judge (value_of (cell), parts.v, printed_units (j, at), JUDGED_CONTRADICTS));
}

/* ---- years ---- */

static printed_sum_t
undated_below (const judge_t *j, place_t at)
{
  printed_sum_t s = {0, 0};
  const size_t of = at.row;
  for (size_t r = of + 1; r < j->t->rows; r++) {
    if (!is_child (j, r, of))
      continue;
    at.row = r;
    printed_sum_t own = printed_undated (j, at), below = own.n > 0 ? own : undated_below (j, at);
    s.v += below.v;
    s.n += below.n;
  }
  return s;
}

static bool
adds_up_over_years (const judge_t *j, size_t row)
{
  const indicator_t *n = j->t->id == ANNEX_OUTCOMES ? catalogue_indicator (j->c, j->t->row[row].code) : NULL;
  return n == NULL || n->additive;
}

err_t
judge_own_years (judge_t *j, place_t at)
{
  const published_cell_t *cell = printed_at (j, at);
  printed_sum_t years = printed_years (j, at), own = printed_undated (j, at), below = undated_below (j, at);
  const int64_t sum = years.v + own.v, units = printed_units (j, at);
  if (!published_has (j->p, j->t->id, false) || !published_has (j->p, j->t->id, true) ||
      !adds_up_over_years (j, at.row) || (cell == NULL && sum == 0))
    return ERR_OK;
  buf_puts (&j->text,
            own.n > 0 ? L ("cộng các năm và các ô không ghi năm", "sum of the years and of cells without one")
                      : L ("cộng các năm", "sum of the years"));
  err_t err = judge_add (j, at, cell, sum, 0, judge (value_of (cell), sum, units, JUDGED_CONTRADICTS));
  if (err != ERR_OK || below.n == 0)
    return err;
  buf_puts (&j->text, L ("cộng các năm và các ô không ghi năm ở các dòng dưới (",
                         "sum of the years and of cells without one in the rows below ("));
  put_figure (below.v, 0, &j->text);
  buf_putc (&j->text, ')');
  return judge_add (j, at, cell, sum + below.v, 0,
                    judge (value_of (cell), sum + below.v, units, JUDGED_CONTRADICTS));
}

err_t
judge_own_average (judge_t *j, place_t at)
{
  const published_cell_t *cell = printed_at (j, at);
  place_t total = at;
  total.period = PRINTED_TOTAL;
  const published_cell_t *of = printed_at (j, total);
  if (cell == NULL)
    return ERR_OK;
  buf_printf (&j->text, L ("cột tổng chia %zu năm: %.*s", "the total column divided by %zu years: %.*s"),
              years_of (j), STR_ARG (of != NULL ? of->text : STR ("0")));
  return judge_add (j, at, cell, average (value_of (of), years_of (j), cell->decimals), cell->decimals,
                    judge_average (j, at, cell, value_of (of), JUDGED_CONTRADICTS));
}

/* ---- across tables ---- */

err_t
judge_own_link (judge_t *j, place_t at)
{
  const link_t *link;
  const bool totals = at.period == PRINTED_TOTAL;
  err_t err = ERR_OK;
  if (j->t->id != ANNEX_OUTCOMES || !published_has (j->p, ANNEX_OUTCOMES, totals) ||
      !published_has (j->p, ANNEX_BUDGET, totals))
    return ERR_OK;
  for (size_t i = 0; err == ERR_OK && (link = catalogue_link_at (j->c, i)) != NULL; i++) {
    if (link->relation == LINK_NONE || !str_eq (link->indicator, j->t->row[at.row].code))
      continue;
    const published_cell_t *cell = printed_at (j, at),
                           *item = published_find (j->p, ANNEX_BUDGET, link->item, at.period, at.year,
                                                   at.fund, MEASURE_SCHEMES);
    const bool enough = link->relation == LINK_AT_LEAST && value_of (cell) > value_of (item);
    if ((cell == NULL && item == NULL) || enough)
      continue;
    buf_printf (&j->text,
                link->relation == LINK_EQUAL ? L ("số đề án ở mục %.*s của biểu kinh phí, phải bằng",
                                                  "schemes of budget item %.*s, which it must equal")
                                             : L ("số đề án ở mục %.*s của biểu kinh phí, không được ít hơn",
                                                  "schemes of budget item %.*s, which it may not be below"),
                STR_ARG (link->item));
    err = judge_add (j, at, cell, value_of (item), 0,
                     judge (value_of (cell), value_of (item), 0, JUDGED_CONTRADICTS));
  }
  return err;
}

/* A heading without figures of its own may break another line down: "sums_to" of the catalogue's [staff]. */
err_t
judge_own_staff (judge_t *j, place_t at)
{
  const staff_item_t *heading, *line;
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && (heading = catalogue_staff_item_at (j->c, i)) != NULL; i++) {
    if (!str_eq (catalogue_section_cell (j->c, "staff", i, "sums_to"), j->t->row[at.row].code))
      continue;
    printed_sum_t sum = {0, 0};
    buf_puts (&j->text, L ("cộng ", "sum of "));
    for (size_t k = 0; (line = catalogue_staff_item_at (j->c, k)) != NULL; k++) {
      const published_cell_t *part =
          str_eq (line->parent, heading->code)
              ? published_find (j->p, ANNEX_STAFF, line->code, at.period, at.year, at.fund, at.measure)
              : NULL;
      if (part == NULL)
        continue;
      buf_printf (&j->text, "%s%.*s", sum.n > 0 ? " + " : "", STR_ARG (line->code));
      sum.v += part->v;
      sum.n++;
    }
    if (sum.n == 0)
      buf_clear (&j->text);
    else
      err = judge_add (j, at, printed_at (j, at), sum.v, 0,
                       judge (value_of (printed_at (j, at)), sum.v, 0, JUDGED_CONTRADICTS));
  }
  return err;
}
