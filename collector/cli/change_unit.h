/* change_unit.h - the operation behind `unit rename|retype|merge|split|abolish`. */
#ifndef KC_COLLECTOR_CLI_CHANGE_UNIT_H
#define KC_COLLECTOR_CLI_CHANGE_UNIT_H

#include "collector/cli/change.h"

/* Arguments: event, office codes (a line each), day, legal text, name, name_en, type, successors (a line
 * each), heir, "yes" when the office goes on; "" where absent. */
#define CHANGE_UNIT_ARGS 10u

/* Writer thread only. Fills out with a sentence, or *fail. */
err_t change_unit (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail);

#endif
