/* facts.h - the figures a report's sentences state, computed as the catalogue's section [facts] says.
 *
 * A row is one fact:
 *   id, section   as printed: F004 of I.II.1
 *   kind          quantity, period, reference; helper: only for other facts, stated nowhere
 *   measure       one of `totals` (schemes, support_vnd, …, value, projects, revenue_vnd): the total of what
 *                 `where` says (district=549,fund=KCĐP); or a rule:
 *                 share         `of` as a percentage of `over`
 *                 average       `of` by the years asked
 *                 sum           of those of `of` that are known: F001+F002
 *                 year_of       the years in which `of` has a figure
 *                 years, year_count   of the report itself
 *                 text          text_vi, text_en as they stand
 *   year          of a total: one year; "last", the last that has a figure; blank, all the years asked;
 *                 of a text: the years it is true of (2014-2020), a report of others has a gap there
 *   scale         divides by so many powers of ten: 6 for đồng in millions
 *   decimals      as printed; digits: the least number of them ("01")
 *   parts         what adds up to it: F007+F018, further lists behind a "|"
 * `of` and `over` name facts further up (but for year_of, which waits for none), so there are no circles.
 *
 * What the data do not give is a gap, never 0: a figure nobody sent, several figures of an indicator that is
 * not additive, a year outside the report. Only where schemes are known can their number be 0. */
#ifndef KC_REPORT_FACTS_H
#define KC_REPORT_FACTS_H

#include "common/report/figures.h"

typedef enum { FACT_QUANTITY = 0, FACT_PERIOD, FACT_REFERENCE, FACT_HELPER, FACT_KIND_COUNT } fact_kind_t;

typedef enum {
  GAP_NONE = 0,
  GAP_NO_DATA, /* no record says anything */
  GAP_OUTSIDE, /* its year is not one of the years asked for */
  GAP_SEVERAL, /* several figures of an indicator that is not additive */
  GAP_ZERO,    /* a share of nothing */
  GAP_RANGE    /* beyond what can be written down */
} gap_t;
const char *gap_words (gap_t gap, bool en);

typedef struct {
  str_t id, section, unit_vi, unit_en; /* of the catalogue */
  str_t indicator;                     /* whose total it is; absent: of none */
  fact_kind_t kind;
  gap_t gap;
  str_t text_vi, text_en; /* a fact that is no number; p is NULL for a number */
  int64_t num, den;       /* num × 10^-scale ÷ den, den > 0 */
  int scale;
  bool quotient; /* a share or an average: its exact form has three decimals */
  bool estimate; /* an estimate is among its figures */
  uint8_t decimals, digits;
} fact_t;

typedef struct facts facts_t;

/* Reads and checks [facts], which may be absent; borrows the catalogue. ERR_INPUT: *fail says line and
 * column. */
MUST_USE err_t facts_read (const catalogue_t *c, facts_t **out, fail_t *fail);
void facts_destroy (facts_t **self_p);
size_t facts_count (const facts_t *self);
/* The place of a fact in the section's order; false when there is none. */
bool facts_find (const facts_t *self, str_t id, size_t *index);

/* All facts for whole years from..to, in the section's order, in the arena; texts of the catalogue are its
 * own. ERR_OVERFLOW, ERR_NOMEM, and the figures' own errors. */
MUST_USE err_t facts_eval (const facts_t *self, const figures_t *f, span_t years, arena_t *arena,
                           const fact_t **out, fail_t *fail);

/* Exactly, for machines; a share and an average with three decimals, half up. Nothing for a gap. */
void fact_exact (const fact_t *f, buf_t *out);
/* As printed, rounded half up from the exact figure. A gap: its reason and the fact, "[chưa có số liệu:
 * F004]". */
void fact_printed (const fact_t *f, bool en, buf_t *out);
/* ×10^decimals, half up; false when out of range. Of a number that is no gap. */
bool fact_rounded (const fact_t *f, unsigned decimals, int64_t *out);
/* Makes a number that cannot be written down a gap; every number goes through it before it is shown. */
void fact_settle (fact_t *f);

/* Where the parts of a total add up to it exactly and, as printed, do not. */
typedef struct {
  size_t total;       /* index of the fact */
  int64_t parts, sum; /* as printed, × 10^-decimals: of the parts, of the total */
  uint8_t decimals;
} fact_rounding_t;
MUST_USE err_t facts_roundings (const facts_t *self, const fact_t *facts, arena_t *arena,
                                const fact_rounding_t **out, size_t *n);

#endif
