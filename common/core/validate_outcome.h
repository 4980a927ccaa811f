/* validate_outcome.h - rules of outcomes that ask more than one field; parts of validate. */
#ifndef KC_CORE_VALIDATE_OUTCOME_H
#define KC_CORE_VALIDATE_OUTCOME_H

#include "common/core/validate.h"

/* Hard: a supplementary figure of anyone but the province. before may be NULL. */
void check_supplementary (const catalogue_t *c, const record_t *before, const record_t *after,
                          reasons_t *found);
/* Soft: a period that is no report period of the outcome's year. */
void flag_outcome_period (const catalogue_t *c, const record_t *r, reasons_t *found);

#endif
