/* validate_outcome.c - whose an outcome is, and of which period. */
#include "common/core/validate_outcome.h"
#include "common/core/period.h"
#include "common/text/utf8.h"

/* Supplementary figures are the province's as a whole; one that an office had before the rule may be mended.
 */
void
check_supplementary (const catalogue_t *c, const record_t *before, const record_t *after, reasons_t *found)
{
  const outcome_t *o = &after->u.outcome;
  const indicator_t *i = catalogue_indicator (c, o->indicator);
  const unit_t *province = catalogue_province (c);
  const bool had = before != NULL && before->kind == KIND_OUTCOME &&
                   before->u.outcome.district == o->district &&
                   str_eq (before->u.outcome.indicator, o->indicator);
  if (i != NULL && i->supplementary && !had && o->district != 0 &&
      (province == NULL || o->district != province->id))
    reasons_add (found, -1, REASON_PROVINCE_ONLY, i->code, STR_NONE, STR_NONE);
}

/* A period is free text of the key, so that what offices wrote before there were names is kept. */
void
flag_outcome_period (const catalogue_t *c, const record_t *r, reasons_t *found)
{
  const outcome_t *o = &r->u.outcome;
  period_t p;
  char years[12];
  if (str_blank (o->period) || o->year.from == 0 || !utf8_clean (o->period, false, NULL) ||
      (period_parse (o->period, c, &p) && p.year >= o->year.from && p.year <= o->year.to))
    return;
  span_format (o->year, years);
  const str_t year = found->arena != NULL ? arena_str (found->arena, str_of (years)) : STR_NONE;
  reasons_add (found, -1, REASON_PERIOD_ODD, STR ("period"), o->period, year);
}
