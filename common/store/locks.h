/* locks.h - the periods locked now, read once and asked for each record: by the centre, which refuses, and by
 * an office, which warns.
 *
 * A table of a period is locked or open by the latest word on it, whether that named the table or all tables;
 * likewise an office has longer, or not, by the latest word on that. A lock set anew has no exceptions: one
 * counts only for the lock it came after. */
#ifndef KC_STORE_LOCKS_H
#define KC_STORE_LOCKS_H

#include "common/store/period_rows.h"

typedef struct locks locks_t;

/* Reads the rows; the catalogue says which days a period has and is not kept. */
MUST_USE err_t locks_load (kv_txn_t *txn, kv_db_t db, const catalogue_t *c, locks_t **out);
void locks_destroy (locks_t **self_p);
size_t locks_count (const locks_t *l); /* 0: nothing is locked */

/* The lock that keeps a record as it is: one of its table and of a period it belongs to, without an exception
 * for its office or the author's (0: none) that still runs at `now`. NULL: it may be changed; *by then is the
 * exception that allows it, the one that ends first (NULL: no lock is about the record). For an office, whose
 * clock decides nothing, no exception ends: LOCKS_NO_CLOCK. by may be NULL. */
#define LOCKS_NO_CLOCK ((wall_t){INT64_MIN})
const lock_row_t *locks_holding (const locks_t *l, const catalogue_t *c, const record_t *r, unit_id_t author,
                                 wall_t now, const lock_row_t **by);

/* The lock of a table of a period in its normal form; the exception of exactly this unit to it. NULL: none.
 */
const lock_row_t *locks_of (const locks_t *l, str_t period, table_id_t table);
const lock_row_t *locks_exception (const locks_t *l, str_t period, table_id_t table, unit_id_t unit);

/* What stands, sorted by period, then table, locks before exceptions to them. table is TABLE_NONE where one
 * word holds for every table (of an exception: every locked one), else the table it holds for. Texts as long
 * as the locks live. */
MUST_USE err_t locks_each_standing (const locks_t *l, lock_fn *fn, void *ctx);

#endif
