/* validate.h - the hard rules, in a fixed order, and the soft flags (INTERFACE 4, DESIGN 3).
 *
 * Run by the agent before an update is stored and by the collector whatever the agent claims.
 * RULES_VERSION is recorded with each verdict: tomorrow's stricter rules never change yesterday's. */
#ifndef KC_CORE_VALIDATE_H
#define KC_CORE_VALIDATE_H

#include "common/core/catalogue.h"
#include "common/core/reason.h"

#define RULES_VERSION 4u

/* before: the current state, NULL for a create (a withdrawn record's state is its before).
 * office: the unit the author may write for; 0 = all. Checks, in this order: shape of every text and
 * enum, required fields, codes against the catalogue, ranges, foreign office (before and after),
 * key unchanged, legal move, settled amounts, then the soft flags. *found starts empty and tells all;
 * the answer is only a convenience: true when nothing hard. Numbers in reasons need found->arena.
 * A line of a form (record.h) is judged by the rules of its fields alone; its scheme's rules follow when the
 * scheme that holds it is judged. */
bool validate (const catalogue_t *c, const record_t *before, const record_t *after, str_t comment,
               unit_id_t office, reasons_t *found);

typedef enum { MOVE_FREE, MOVE_NEEDS_REASON, MOVE_ILLEGAL } move_t;
/* The moves table (DESIGN 3). A move to the same state is free. STATUS_NONE before = creation. */
move_t move_judge (status_t from, status_t to);

#endif
