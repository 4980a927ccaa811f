/* totals_view.h - an answer of the totals as a table: the same words and columns at the centre and in an
 * office. */
#ifndef KC_VIEW_TOTALS_VIEW_H
#define KC_VIEW_TOTALS_VIEW_H

#include "common/cli/table.h"
#include "common/store/book.h"

/* Asks the totals within the caller's transaction. machine: rows sorted by bytes, else in catalogue order.
 * *out (yours) owns what result points to. ERR_USAGE, ERR_INPUT as query_parse's; words in *fail. */
MUST_USE err_t totals_ask (book_t *b, kv_txn_t *txn, const catalogue_t *c, str_t by, str_t where,
                           bool machine, query_t **out, query_result_t *result, fail_t *fail);
/* The same for a question that stands. */
MUST_USE err_t totals_answer (book_t *b, kv_txn_t *txn, query_t *q, bool machine, query_result_t *result,
                              fail_t *fail);
/* Columns and rows. people: labels of the catalogue instead of codes. */
void totals_fill (table_t *t, const catalogue_t *c, const query_result_t *r, bool people);

/* Of what totals_fill lays out: labels of a column (its name where there are none) and its type. */
void totals_labels (const char *name, const char **vi, const char **en);
col_type_t totals_type (const query_result_t *r, size_t column);
/* A dimension's value for people: its label, behind its code where that is what they know it by; an
 * office by its name of today. A code the
 * catalogue does not know stays as it is. */
void totals_value (const catalogue_t *c, const char *dim, str_t value, buf_t *out);

#endif
