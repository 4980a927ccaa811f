/* reconcile_private.h - what reconcile.c (order and our figures) and reconcile_own.c (the publication against
 * itself) share. */
#ifndef KC_REPORT_RECONCILE_PRIVATE_H
#define KC_REPORT_RECONCILE_PRIVATE_H

#include "common/report/reconcile.h"

/* A place in an annex: one row, period, fund and measure. */
typedef struct {
  size_t row; /* of ours */
  printed_t period;
  uint16_t year;
  str_t fund;
  measure_t measure;
} place_t;

typedef struct {
  const catalogue_t *c;
  const published_t *p;
  const annex_table_t *ours; /* by annex */
  const annex_table_t *t;    /* the annex in hand */
  arena_t *arena;
  finding_t *found; /* malloc */
  size_t n, cap;
  buf_t text;
} judge_t;

typedef struct {
  int64_t v;
  size_t n; /* printed cells in it */
} printed_sum_t;

bool place_is_money (const judge_t *j, place_t at);
const published_cell_t *printed_at (const judge_t *j, place_t at); /* NULL: blank */
bool row_is_printed (const judge_t *j, place_t at);                /* has it any cell of this kind? */
/* The row's cells of the place's fund and measure, whatever their year; those without one. */
printed_sum_t printed_years (const judge_t *j, place_t at);
printed_sum_t printed_undated (const judge_t *j, place_t at);
/* Units of the last printed place, of the cell and of everything printed that it is made of: a difference is
 * rounding when it is at most half of that. 0 for counts. */
int64_t printed_units (const judge_t *j, place_t at);
int64_t last_place (uint8_t decimals);
int64_t average (int64_t total, size_t years, uint8_t decimals); /* rounded half up */
size_t years_of (const judge_t *j);
void put_figure (int64_t v, unsigned decimals, buf_t *out); /* with at least so many decimals */
/* Equal, rounded, or what it is otherwise. */
judged_t judge (int64_t published, int64_t other, int64_t units, judged_t otherwise);
/* An average against a total divided by the years, rounded as printed. The publication may have divided
 * before it rounded the total: money within half of that total's last place is rounding. */
judged_t judge_average (const judge_t *j, place_t at, const published_cell_t *cell, int64_t total,
                        judged_t otherwise);
/* Adds a comparison of the cell (NULL: a blank one); its note stands in j->text. other is written with at
 * least so many decimals. */
MUST_USE err_t judge_add (judge_t *j, place_t at, const published_cell_t *cell, int64_t other,
                          unsigned decimals, judged_t judged);

MUST_USE err_t judge_own_parts (judge_t *j, place_t at);   /* rows below */
MUST_USE err_t judge_own_years (judge_t *j, place_t at);   /* of a total */
MUST_USE err_t judge_own_average (judge_t *j, place_t at); /* against the total */
MUST_USE err_t judge_own_link (judge_t *j, place_t at);    /* an outcome against its budget item */
MUST_USE err_t judge_own_staff (judge_t *j, place_t at);   /* a staff line against what breaks it down */

#endif
