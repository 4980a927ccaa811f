/* reconcile.h - a publication judged cell by cell: against our figures, and against itself (INTERFACE 3,
 * reconcile). reconcile.c says what is compared with what. */
#ifndef KC_REPORT_RECONCILE_H
#define KC_REPORT_RECONCILE_H

#include "common/report/published.h"

typedef enum {
  JUDGED_EQUAL = 0,
  JUDGED_ROUNDED,
  JUDGED_DIFFERS,
  JUDGED_CONTRADICTS,
  JUDGED_UNDATED,
  JUDGED_COUNT
} judged_t;
const char *judged_name (judged_t j);  /* "equal" */
const char *judged_words (judged_t j); /* in the current language */

/* One comparison. Figures in the publication's unit, `published` as it was printed, "0" where the cell is
 * blank. note: what `other` is, in the current language. */
typedef struct {
  annex_id_t annex;
  measure_t measure;
  judged_t judged;
  str_t code, year, fund, published, other, note;
} finding_t;

/* ours: the five annexes, each of the years its table was published for, by annex_id_t. In the order of the
 * annexes, their rows, then years. Findings and their texts live in the arena. ERR_NOMEM. */
MUST_USE err_t reconcile (const catalogue_t *c, const published_t *p, const annex_table_t ours[ANNEX_COUNT],
                          arena_t *arena, const finding_t **out, size_t *n);

#endif
