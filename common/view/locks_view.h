/* locks_view.h - locks and extensions as a table: the same words and columns at the centre and in an office.
 */
#ifndef KC_VIEW_LOCKS_VIEW_H
#define KC_VIEW_LOCKS_VIEW_H

#include "common/cli/table.h"
#include "common/store/locks.h"

/* Columns and rows. now: extensions that ended before are shown as ended; LOCKS_NO_CLOCK: none is. */
MUST_USE err_t locks_fill (table_t *t, const locks_t *l, const catalogue_t *c, wall_t now, bool people);

#endif
