/* epochs.h - the lives of a centre's log: each restore of a backup begins another.
 *
 * Log places go on across a restore, so a place belongs to the epoch that was in force when it was written,
 * and a position EPOCH:LSN of an earlier epoch names the same state for ever, up to where that epoch was
 * left. What lay beyond there is another history: its positions name nothing here. */
#ifndef KC_COLLECTOR_LEDGER_EPOCHS_H
#define KC_COLLECTOR_LEDGER_EPOCHS_H

#include "collector/ledger/ledger.h"

#define LEDGER_EPOCHS_MAX 64u

/* The position of a place in the log, by the epoch it was written in; the end's is the present one. */
position_t ledger_position (const ledger_t *l, uint64_t lsn);
/* Last place of an epoch that is part of this log (UINT64_MAX: it is the present one). False: none is. */
bool ledger_epoch_end (const ledger_t *l, uint64_t epoch, uint64_t *last);

/* Begins a new epoch at the log's end: every stream of the centre goes on in a new one that names it as its
 * parent. revoked: agents that are not let in any more; one that is not known here is turned away by its
 * name. One durable transaction. */
MUST_USE err_t ledger_fork (ledger_t *l, const str_t *revoked, size_t revoked_n, wall_t now, fail_t *fail);

#endif
