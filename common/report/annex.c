/* annex.c - annexes: their names, and their figures as text.
 *
 * A figure is kept exact and rounded only when it is written, on its own, never from another rounded
 * one. Which decimals are printed where is the printed annex's habit:
 *   consulting  millions with two decimals; counts whole, their averages with one, the grand total's whole
 *   budget      millions with one decimal; the grand total's period and every average whole
 *   outcomes    the indicator's own decimals; averages of the fund nearest to the office (the first printed)
 *               whole, or with those the catalogue gives the row (average_decimals), of others at least one
 *   staff       whole */
#include "common/report/annex.h"

#include "common/core/period.h"
#include "common/text/number.h"

#include <inttypes.h>
#include <stdio.h>

#define MILLION_DECIMALS 6u
#define AVERAGE_DECIMALS 3u /* INTERFACE 3, for machines */

_Static_assert((int)ANNEX_CONSULTING == (int)TABLE_CONSULTING && (int)ANNEX_OUTCOMES == (int)TABLE_OUTCOMES &&
                   (int)ANNEX_BUDGET == (int)TABLE_BUDGET && (int)ANNEX_DOCUMENTS == (int)TABLE_DOCUMENTS &&
                   (int)ANNEX_STAFF == (int)TABLE_STAFF,
               "an annex is the table of the same number and name");

static const struct {
  const char *vi, *en;
} titles[ANNEX_COUNT] = {
    [ANNEX_NONE] = {"", ""},
    [ANNEX_CONSULTING] = {"BÁO CÁO KẾT QUẢ THỰC HIỆN CÔNG TÁC TƯ VẤN PHÁT TRIỂN CÔNG NGHIỆP",
                          "RESULTS OF INDUSTRIAL DEVELOPMENT CONSULTING"},
    [ANNEX_OUTCOMES] = {"BÁO CÁO KẾT QUẢ THỰC HIỆN KẾ HOẠCH KHUYẾN CÔNG",
                        "RESULTS OF THE INDUSTRIAL PROMOTION PLAN"},
    [ANNEX_BUDGET] = {"BÁO CÁO TÌNH HÌNH THỰC HIỆN KẾ HOẠCH KINH PHÍ KHUYẾN CÔNG",
                      "CARRYING OUT OF THE INDUSTRIAL PROMOTION BUDGET"},
    [ANNEX_DOCUMENTS] = {"BIỂU TỔNG HỢP VỀ CÔNG TÁC XÂY DỰNG VÀ BAN HÀNH MỘT SỐ VĂN BẢN QUY PHẠM PHÁP LUẬT "
                         "VỀ HOẠT ĐỘNG KHUYẾN CÔNG TẠI ĐỊA PHƯƠNG",
                         "DRAFTING AND ISSUE OF LEGAL DOCUMENTS ON LOCAL INDUSTRIAL PROMOTION"},
    [ANNEX_STAFF] = {"BIỂU TỔNG HỢP VỀ LAO ĐỘNG, CỘNG TÁC VIÊN KHUYẾN CÔNG, CƠ SỞ VẬT CHẤT KỸ THUẬT CỦA "
                     "TRUNG TÂM KHUYẾN CÔNG VÀ TƯ VẤN PHÁT TRIỂN CÔNG NGHIỆP",
                     "STAFF, COLLABORATORS AND FACILITIES OF THE CENTRE FOR INDUSTRIAL PROMOTION AND "
                     "INDUSTRIAL DEVELOPMENT CONSULTING"},
};

const char *
annex_name (annex_id_t a)
{
  CHECK ((unsigned)a < ANNEX_COUNT);
  return a == ANNEX_NONE ? "" : table_name ((table_id_t)a);
}

annex_id_t
annex_of_name (str_t name)
{
  if (name.n == 1 && name.p[0] >= '1' && name.p[0] < '0' + ANNEX_COUNT)
    return (annex_id_t)(name.p[0] - '0');
  for (unsigned a = ANNEX_NONE + 1; a < ANNEX_COUNT; a++)
    if (str_is (name, annex_name ((annex_id_t)a)))
      return (annex_id_t)a;
  return ANNEX_NONE;
}

const char *
annex_title_vi (annex_id_t a)
{
  CHECK ((unsigned)a < ANNEX_COUNT);
  return titles[a].vi;
}

const char *
annex_title_en (annex_id_t a)
{
  CHECK ((unsigned)a < ANNEX_COUNT);
  return titles[a].en;
}

const char *
measure_name (measure_t m)
{
  switch (m) {
  case MEASURE_SCHEMES:
    return "schemes";
  case MEASURE_SUPPORT_VND:
    return "support_vnd";
  case MEASURE_PROJECTS:
    return "projects";
  case MEASURE_REVENUE_VND:
    return "revenue_vnd";
  case MEASURE_VALUE:
    return "value";
  case MEASURE_STATUS:
    return "status";
  }
  UNREACHABLE ();
}

const annex_cell_t *
annex_cell (const annex_table_t *t, size_t row, size_t column)
{
  CHECK (row < t->rows && column < t->columns);
  return &t->cell[row * t->columns + column];
}

bool
annex_is_money (const annex_column_t *column)
{
  return column->measure == MEASURE_SUPPORT_VND || column->measure == MEASURE_REVENUE_VND;
}

/* ---- rounding ---- */

static int64_t
power_of_ten (unsigned n)
{
  CHECK (n <= 18);
  int64_t p = 1;
  while (n-- > 0)
    p *= 10;
  return p;
}

/* v × 10^-scale ÷ parts with so many decimals, half away from zero: half up, as no figure is negative. The
 * remainder is below the divisor, so its part of the product stays small whatever v is. */
static int64_t
rounded (int64_t v, unsigned scale, uint32_t parts, unsigned decimals)
{
  int64_t shrink = scale > decimals ? power_of_ten (scale - decimals) : 1;
  int64_t grow = decimals > scale ? power_of_ten (decimals - scale) : 1;
  int64_t by = shrink * (int64_t)parts, whole = v / by, rest = v % by;
  int64_t twice = rest * grow * 2, sign = v < 0 ? -1 : 1;
  return whole * grow + (twice + sign * by) / (2 * by);
}

static unsigned
scale_of (const annex_row_t *row, const annex_column_t *column)
{
  return column->measure == MEASURE_VALUE ? row->scale : 0;
}

void
annex_figure_exact (const annex_row_t *row, const annex_column_t *column, const annex_cell_t *cell,
                    buf_t *out)
{
  if (!cell->has)
    return;
  if (cell->text.p != NULL) {
    buf_put (out, cell->text.p, cell->text.n);
    return;
  }
  unsigned scale = scale_of (row, column);
  if (column->period == COLUMN_AVERAGE)
    number_format_plain (rounded (cell->v, scale, cell->parts, AVERAGE_DECIMALS), AVERAGE_DECIMALS,
                         AVERAGE_DECIMALS, out);
  else
    number_format_plain (cell->v, scale, column->measure == MEASURE_VALUE ? row->decimals : 0, out);
}

static uint8_t
average_decimals (const annex_table_t *t, const annex_row_t *row, const annex_column_t *column)
{
  const bool nearest = !str_blank (column->fund) && str_eq (column->fund, t->column[0].fund);
  const uint8_t least = nearest ? row->average_decimals : 1;
  return row->decimals > least ? row->decimals : least;
}

static uint8_t
decimals_printed (const annex_table_t *t, const annex_row_t *row, const annex_column_t *column)
{
  const bool average = column->period == COLUMN_AVERAGE;
  switch (column->measure) {
  case MEASURE_SCHEMES:
    return 0;
  case MEASURE_SUPPORT_VND:
    return average || (row->level == 0 && column->period == COLUMN_TOTAL) ? 0 : 1;
  case MEASURE_PROJECTS:
    return average && row->level > 0 ? 1 : 0;
  case MEASURE_REVENUE_VND:
    return 2;
  case MEASURE_VALUE:
    return average && t->id != ANNEX_STAFF ? average_decimals (t, row, column) : row->decimals;
  case MEASURE_STATUS:
    return 0;
  }
  UNREACHABLE ();
}

int64_t
annex_figure_rounded (const annex_table_t *t, size_t row, size_t column, uint8_t *decimals)
{
  const annex_row_t *r = &t->row[row];
  const annex_column_t *c = &t->column[column];
  const annex_cell_t *cell = annex_cell (t, row, column);
  unsigned scale = scale_of (r, c) + (annex_is_money (c) ? MILLION_DECIMALS : 0);
  *decimals = decimals_printed (t, r, c);
  return cell->has ? rounded (cell->v, scale, cell->parts, *decimals) : 0;
}

void
annex_figure_printed (const annex_table_t *t, size_t row, size_t column, bool en, buf_t *out)
{
  const annex_cell_t *cell = annex_cell (t, row, column);
  uint8_t decimals;
  if (!cell->has)
    return;
  if (cell->text.p != NULL) {
    buf_put (out, cell->text.p, cell->text.n);
    return;
  }
  int64_t v = annex_figure_rounded (t, row, column, &decimals);
  annex_number_printed (v, decimals, en, out);
}

void
annex_number_printed (int64_t v, uint8_t decimals, bool en, buf_t *out)
{
  char digits[24];
  uint64_t size = v < 0 ? -(uint64_t)v : (uint64_t)v;
  int n = snprintf (digits, sizeof digits, "%0*" PRIu64, decimals + 1, size);
  CHECK (n > 0 && (size_t)n < sizeof digits);
  int whole = n - decimals;
  if (v < 0)
    buf_putc (out, '-');
  for (int i = 0; i < n; i++) {
    if (i == whole)
      buf_putc (out, en ? '.' : ',');
    else if (i > 0 && i < whole && (whole - i) % 3 == 0)
      buf_putc (out, en ? ',' : '.');
    buf_putc (out, digits[i]);
  }
}

/* ---- where rounded parts do not add up ---- */

typedef struct {
  int64_t exact, rounded; /* of the parts; rounded at the finest decimals seen */
  uint8_t decimals;
  size_t n;
} parts_t;

static void
parts_add (parts_t *p, const annex_table_t *t, size_t row, size_t column)
{
  uint8_t decimals;
  const annex_cell_t *cell = annex_cell (t, row, column);
  if (!cell->has)
    return;
  int64_t v = annex_figure_rounded (t, row, column, &decimals);
  if (decimals > p->decimals) {
    p->rounded *= power_of_ten (decimals - p->decimals);
    p->decimals = decimals;
  }
  p->rounded += v * power_of_ten (p->decimals - decimals);
  p->exact += cell->v;
  p->n++;
}

/* Exactly equal, and not as printed? Then *out says so. */
static bool
parts_differ (parts_t p, const annex_table_t *t, size_t row, size_t column, annex_rounding_t *out)
{
  uint8_t decimals;
  const annex_cell_t *cell = annex_cell (t, row, column);
  if (p.n < 2 || !cell->has || cell->v != p.exact)
    return false;
  int64_t total = annex_figure_rounded (t, row, column, &decimals);
  if (decimals < p.decimals)
    total *= power_of_ten (p.decimals - decimals);
  else
    p.rounded *= power_of_ten (decimals - p.decimals);
  if (total == p.rounded)
    return false;
  *out = (annex_rounding_t){.row = row,
                            .column = column,
                            .parts = p.rounded,
                            .total = total,
                            .decimals = decimals > p.decimals ? decimals : p.decimals};
  return true;
}

static parts_t
parts_below (const annex_table_t *t, size_t row, size_t column)
{
  parts_t p = {0};
  for (size_t r = 0; r < t->rows; r++)
    if (t->row[r].parent == (int)row && t->row[r].adds)
      parts_add (&p, t, r, column);
  return p;
}

static parts_t
parts_beside (const annex_table_t *t, size_t row, size_t column)
{
  parts_t p = {0};
  const annex_column_t *total = &t->column[column];
  for (size_t c = 0; total->period == COLUMN_TOTAL && c < t->columns; c++) {
    const annex_column_t *year = &t->column[c];
    if (year->period == COLUMN_YEAR && year->measure == total->measure && str_eq (year->fund, total->fund))
      parts_add (&p, t, row, c);
  }
  return p;
}

err_t
annex_roundings (const annex_table_t *t, arena_t *arena, const annex_rounding_t **out, size_t *n_out)
{
  annex_rounding_t *found = arena_alloc (arena, 2 * t->rows * t->columns * sizeof *found + 1);
  size_t n = 0;
  if (found == NULL)
    return ERR_NOMEM;
  for (size_t r = 0; r < t->rows; r++)
    for (size_t c = 0; c < t->columns; c++) {
      if (t->column[c].measure == MEASURE_STATUS)
        continue;
      if (parts_differ (parts_below (t, r, c), t, r, c, &found[n]))
        n++;
      if (parts_differ (parts_beside (t, r, c), t, r, c, &found[n]))
        found[n++].across_years = true;
    }
  *out = found;
  *n_out = n;
  return ERR_OK;
}
