/* validate_units.c - offices in time, as rules for one record.
 *
 * An office that has gone sends what it still has, whenever that is: nothing here refuses it. Its heir may go
 * on with its records. Which is the heir follows from the catalogue alone, future events included, so that a
 * verdict is the same on whatever day it is given. */
#include "common/core/validate_units.h"
#include "common/core/period.h"
#include "common/core/units.h"
#include "common/text/utf8.h"

#include <stdio.h>

bool
office_may_write_home (const catalogue_t *c, unit_id_t office, unit_id_t home, const record_t *r)
{
  return office == 0 || home == office || unit_heir_of (c, office, home, record_commune (r));
}

bool
office_may_write (const catalogue_t *c, unit_id_t office, const record_t *r)
{
  return office_may_write_home (c, office, record_office (r), r);
}

static void
flag_ended (const unit_t *u, const record_t *r, reasons_t *found)
{
  char day[16];
  if (u->valid_to == 0 || record_years (r).from <= u->valid_to / 10000)
    return;
  int n = snprintf (day, sizeof day, "%02u/%02u/%04u", (unsigned)(u->valid_to % 100),
                    (unsigned)(u->valid_to / 100 % 100), (unsigned)(u->valid_to / 10000));
  /* The day is copied where there is an arena to copy to, else left out. */
  reasons_add (found, -1, REASON_UNIT_ENDED, STR ("district"), u->name,
               found->arena != NULL && n > 0 ? (str_t){day, (size_t)n} : STR_NONE);
}

void
flag_units (const catalogue_t *c, const record_t *r, reasons_t *found)
{
  const unit_t *u = catalogue_unit (c, record_office (r));
  str_t commune = record_commune (r);
  if (u == NULL)
    return;
  flag_ended (u, r, found);
  if (utf8_clean (commune, false, NULL) && !commune_fits (c, u->id, commune))
    reasons_add (found, -1, REASON_COMMUNE_FOREIGN, STR ("commune"), commune, u->name);
}
