/* totals_table.h - an answer of the totals as a table. */
#ifndef KC_COLLECTOR_CLI_TOTALS_TABLE_H
#define KC_COLLECTOR_CLI_TOTALS_TABLE_H

#include "collector/cli/commands.h"
#include "common/core/query.h"

/* Asks the totals in one read transaction; the query owns what result points to. */
MUST_USE err_t totals_ask (book_t *b, kv_txn_t *txn, const catalogue_t *c, str_t by, str_t where,
                           bool machine, query_t **out, query_result_t *result, fail_t *fail);
/* people: labels instead of codes. */
void totals_fill (table_t *t, const catalogue_t *c, const query_result_t *r, bool people);

#endif
