/* validate_units.h - the rules about offices in time: who may write for whom, and what looks odd about it. */
#ifndef KC_CORE_VALIDATE_UNITS_H
#define KC_CORE_VALIDATE_UNITS_H

#include "common/core/catalogue.h"
#include "common/core/reason.h"

/* May an office (0 = all) write this record: is it its own, or that of a unit it is the heir of? */
bool office_may_write (const catalogue_t *c, unit_id_t office, const record_t *r);
/* The same about the unit a record was made by. */
bool office_may_write_home (const catalogue_t *c, unit_id_t office, unit_id_t home, const record_t *r);

/* Soft flags: a plan of a year in which its unit was no more; a commune that is not the unit's. */
void flag_units (const catalogue_t *c, const record_t *r, reasons_t *found);

#endif
