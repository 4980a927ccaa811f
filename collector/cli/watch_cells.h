/* watch_cells.h - what watch says where there is no terminal: a snapshot, then the cells that changed, as
 * absolute values. A cell that is gone is said once more, with zeros. The form:
 *
 *   table  a line a cell: position dimensions… and the first measures, "-" for an empty dimension
 *   csv    one header, then a row a cell: position, the dimensions as named, the measures
 *   json   a line a look: {"position":…,"rows":[{…}]}, the first also when it has no row */
#ifndef KC_COLLECTOR_CLI_WATCH_CELLS_H
#define KC_COLLECTOR_CLI_WATCH_CELLS_H

#include "common/cli/table.h"
#include "common/core/query.h"

#define WATCH_MEASURES 2u /* shown to people */

typedef struct watch_cells watch_cells_t;
watch_cells_t *watch_cells_new (format_t format, bool excel); /* NULL: no memory */
void watch_cells_destroy (watch_cells_t **self_p);
MUST_USE err_t watch_cells_show (watch_cells_t *self, const query_result_t *r, const char *position);

#endif
