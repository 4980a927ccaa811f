/* validate_lists.h - the rules of a scheme's money ledger and beneficiaries (DESIGN 3, Data). */
#ifndef KC_CORE_VALIDATE_LISTS_H
#define KC_CORE_VALIDATE_LISTS_H

#include "common/core/catalogue.h"
#include "common/core/reason.h"

/* Hard: lists in order, and each entry that is new or changed by the rules of its form. before NULL: a
 * create. */
void check_lists (const catalogue_t *c, const record_t *before, const record_t *after, reasons_t *found);
/* Soft: settlements of the ledger that differ from the settled amount of their source; payments or advances
 * above the approved amount; beneficiaries' support above the scheme's; dates out of order. */
void flag_lists (const catalogue_t *c, const record_t *after, reasons_t *found);

#endif
