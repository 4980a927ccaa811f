/* annex.h - the five annexes as tables of exact figures, before anyone lays them out.
 *
 * Rows and columns are those of the printed annexes (DOMAIN 5; INTERFACE 3, report). A cell is blank, a
 * figure or a text. Figures are exact: nothing is rounded here. A blank cell is no 0. */
#ifndef KC_REPORT_ANNEX_H
#define KC_REPORT_ANNEX_H

#include "common/report/figures.h"

typedef enum {
  ANNEX_NONE = 0,
  ANNEX_CONSULTING, /* in the printed order; equal to table_id_t of core/period.h */
  ANNEX_OUTCOMES,
  ANNEX_BUDGET,
  ANNEX_DOCUMENTS,
  ANNEX_STAFF,
  ANNEX_COUNT
} annex_id_t;
const char *annex_name (annex_id_t a);     /* "consulting" */
annex_id_t annex_of_name (str_t name);     /* also "1".."5" */
const char *annex_title_vi (annex_id_t a); /* as printed, in capitals where the print has them */
const char *annex_title_en (annex_id_t a);

typedef enum {
  MEASURE_SCHEMES = 0,
  MEASURE_SUPPORT_VND,
  MEASURE_PROJECTS,
  MEASURE_REVENUE_VND,
  MEASURE_VALUE,
  MEASURE_STATUS
} measure_t;
const char *measure_name (measure_t m);

typedef struct {
  str_t code;         /* as in the catalogue, "total" for the grand total */
  str_t printed_code; /* as printed: "IV", "3", "-" */
  str_t label_vi, label_en, unit_vi, unit_en;
  int parent;               /* index of the row it is a part of, -1 = none */
  bool adds;                /* its figures add up into the parent's (no "trong đó" row) */
  uint8_t level;            /* 0 total, 1 group, 2 item or indicator, 3 dash row */
  uint8_t scale, decimals;  /* of value: stored v × 10^-scale; decimals shown */
  uint8_t average_decimals; /* of averages of the local fund */
} annex_row_t;

/* STATUS and NOTE: the two columns of documents, texts. The printed annex has a column a state, with a mark.
 */
typedef enum { COLUMN_YEAR = 0, COLUMN_TOTAL, COLUMN_AVERAGE, COLUMN_STATUS, COLUMN_NOTE } annex_period_t;
typedef struct {
  annex_period_t period;
  uint16_t year; /* COLUMN_YEAR */
  /* "KCĐP", "KCQG", in the printed order: the level nearest to the office first. Empty, behind them: figures
   * that stand under no fund, only where there are any. Absent where the annex is not split. */
  str_t fund;
  measure_t measure;
  bool estimate; /* "ước thực hiện": it holds estimates or schemes not settled, or its year is not over */
} annex_column_t;

typedef struct {
  bool has;
  int64_t v;      /* money in đồng; counts; value scaled by the row's scale */
  uint32_t parts; /* an average is v divided by this; else 1 */
  str_t text;     /* documents: document_status_name or a note; then has is true and v 0 */
} annex_cell_t;

typedef struct {
  annex_id_t id;
  span_t years;
  size_t rows, columns;
  const annex_row_t *row;
  const annex_column_t *column;
  const annex_cell_t *cell; /* row by row */
} annex_table_t;

/* Builds an annex for whole years from..to; each year, then the total (a span counts in it when it lies
 * within, and in no year), then the average. A row the catalogue no longer knows stands at the end under its
 * code. Everything lives in the arena, texts of the catalogue excepted. ERR_OVERFLOW, ERR_NOMEM, and the
 * figures' own errors. */
MUST_USE err_t annex_build (annex_id_t id, const figures_t *f, span_t years, arena_t *arena,
                            annex_table_t *out, fail_t *fail);
const annex_cell_t *annex_cell (const annex_table_t *t, size_t row, size_t column);

/* A figure as text: exact (machine) "27852800000", "3.1", an average with three decimals half up. */
void annex_figure_exact (const annex_row_t *row, const annex_column_t *column, const annex_cell_t *cell,
                         buf_t *out);
bool annex_is_money (const annex_column_t *column); /* stored đồng, shown millions */
/* As printed, by the language's separators: money in millions, counts whole, averages as in the printed annex
 * (annex.c says which decimals where). Rounded half up from the exact value, each on its own. "" for a blank
 * cell, the text of a text. */
void annex_figure_printed (const annex_table_t *t, size_t row, size_t column, bool en, buf_t *out);
void annex_number_printed (int64_t v, uint8_t decimals, bool en, buf_t *out); /* v × 10^-decimals */
/* The same as a number with its decimals: v × 10^-decimals. For cells of workbooks. */
int64_t annex_figure_rounded (const annex_table_t *t, size_t row, size_t column, uint8_t *decimals);

/* Where parts add up to their total exactly and, as rounded, do not: one sentence each for the notes under a
 * table. The parts of a cell are the rows below it, or, in a total column, the years beside it. */
typedef struct {
  size_t row, column;
  bool across_years;
  int64_t parts, total; /* × 10^-decimals, as printed */
  uint8_t decimals;
} annex_rounding_t;
MUST_USE err_t annex_roundings (const annex_table_t *t, arena_t *arena, const annex_rounding_t **out,
                                size_t *n);

#endif
