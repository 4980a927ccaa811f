/* period_locks.h - locking a period's tables, unlocking them, and giving an office longer.
 *
 * Each is a decision in a stream of the centre (a lock in the one for all, an exception in its office's) and
 * a row beside it. What a lock does stands in store/locks.h. */
#ifndef KC_COLLECTOR_LEDGER_PERIOD_LOCKS_H
#define KC_COLLECTOR_LEDGER_PERIOD_LOCKS_H

#include "collector/ledger/ledger.h"
#include "common/store/locks.h"

/* want: period (any form), table and unit as in lock_row_t; unit 0: locked or open again; else an exception
 * until then (locked: it is taken back). *changed false: it stood so. ERR_INPUT with words: no such period,
 * an exception to nothing, one that ends in the past. One durable transaction. */
MUST_USE err_t period_lock_set (ledger_t *l, const lock_row_t *want, wall_t now, bool *changed, fail_t *fail);

#endif
