/* lock_warning.h - a change to what the centre has locked is taken all the same, and says so.
 *
 * The centre's clock alone knows whether an extension has ended, so here it is named with its last day and
 * never counts as over. */
#ifndef KC_AGENT_ENTRY_LOCK_WARNING_H
#define KC_AGENT_ENTRY_LOCK_WARNING_H

#include "agent/outbox/outbox.h"
#include "common/store/locks.h"

/* As the centre has told them. */
MUST_USE err_t locks_of_outbox (outbox_t *o, kv_txn_t *txn, locks_t **out);

/* Adds to found (which has an arena) what the centre will say to the draft, by the record as the centre has
 * it and as it would be: nothing, locked, or locked and extended until a day. */
MUST_USE err_t lock_warning (outbox_t *o, kv_txn_t *txn, const locks_t *l, const draft_t *d,
                             reasons_t *found);
/* The same for one draft, in a transaction of its own. */
MUST_USE err_t lock_warning_once (outbox_t *o, const draft_t *d, reasons_t *found);
/* Is it held by a lock now, with no extension? */
MUST_USE err_t lock_holds (outbox_t *o, kv_txn_t *txn, const locks_t *l, const draft_t *d, bool *held);

#endif
