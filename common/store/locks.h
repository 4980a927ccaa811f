/* locks.h - the periods locked now, read once and asked for each record: by the centre, which refuses, and by
 * an office, which warns. */
#ifndef KC_STORE_LOCKS_H
#define KC_STORE_LOCKS_H

#include "common/store/period_rows.h"

typedef struct locks locks_t;

/* Reads the rows; the catalogue says which days a period has and is not kept. */
MUST_USE err_t locks_load (kv_txn_t *txn, kv_db_t db, const catalogue_t *c, locks_t **out);
void locks_destroy (locks_t **self_p);
size_t locks_count (const locks_t *l); /* 0: nothing is locked */

/* The lock that keeps a record as it is: one of its table and of a period it belongs to, without an exception
 * in force for its office or the author's (0: none). NULL: it may be changed. An exception counts for the
 * lock it was made after: one that is set anew has none. */
const lock_row_t *locks_holding (const locks_t *l, const catalogue_t *c, const record_t *r, unit_id_t author,
                                 wall_t now);

#endif
