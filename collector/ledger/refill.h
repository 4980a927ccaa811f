/* refill.h - a restored centre gets back what it had decided, and does not decide again. */
#ifndef KC_COLLECTOR_LEDGER_REFILL_H
#define KC_COLLECTOR_LEDGER_REFILL_H

#include "collector/ledger/taking.h"

/* A chunk under the centre's own signature: the lost tail of one of its old streams, handed back by an agent.
 * What does not fit is passed over: the agent cannot help it. *refilled false: the chunk is no such thing. */
MUST_USE err_t refill_chunk (taking_t *k, bool *refilled);

/* What became of update i of the chunk before the restore, if that is known: a verdict that came back, or
 * that the agent had it acknowledged. Then it is carried out, and *obeyed. */
MUST_USE err_t refill_obey (taking_t *k, size_t i, bool *obeyed);

/* refill_wait.c: must update i of the chunk wait for what it was made on, which is still to come back? */
MUST_USE err_t refill_awaits (taking_t *k, size_t i, bool *out);
/* Place of a decision that came back about an update that has not; 0: none. */
MUST_USE err_t refill_verdict_of (taking_t *k, version_t v, uint64_t *lsn);

/* refill_line.c: does a state come behind what stands of its record, or is it in that already? */
MUST_USE err_t line_comes_later (taking_t *k, const judged_t *j, version_t v, version_t base, bool *out);
/* A state is here that was made on base: if it is what stands now, what is known to have followed it does. */
MUST_USE err_t line_goes_on (taking_t *k, record_ref_t ref, version_t v, version_t base);
/* Was the update at a place of the log made on v, however far back? */
MUST_USE err_t refill_made_on (taking_t *k, uint64_t lsn, version_t v, bool *out);

/* A row of DB_VERDICT: what the log's entry at *lsn says of a version that is still to come back. */
bool refill_row_decode (str_t key, str_t body, version_t *v, bool *settled, uint64_t *lsn);

#endif
