/* flags.h - what is in doubt of the office's records: found here, or told by the centre. */
#ifndef KC_AGENT_ENTRY_FLAGS_H
#define KC_AGENT_ENTRY_FLAGS_H

#include "agent/outbox/outbox.h"
#include "common/store/flag_list.h"

/* All of the office's: checks of its own records run now, those of all offices stand as the centre told. */
MUST_USE err_t flags_of_office (outbox_t *o, kv_txn_t *txn, flag_list_t *out);
/* Of one record, not those that no longer hold. Costs that record, and what was told. Slices are valid during
 * the call. */
typedef err_t (record_flag_fn) (void *ctx, const flag_t *f);
MUST_USE err_t flags_of_record (outbox_t *o, kv_txn_t *txn, record_id_t id, wall_t since, const record_t *r,
                                record_flag_fn *fn, void *ctx);
/* Which records are in doubt, looked up by their ids: for lists. */
typedef struct flag_marks flag_marks_t;
MUST_USE err_t flag_marks_read (outbox_t *o, kv_txn_t *txn, flag_marks_t **out);
void flag_marks_destroy (flag_marks_t **self_p);
/* The checks whose flags wait for an answer, "ceiling;duplicate"; for people how many. Appends nothing where
 * there are none. */
void flag_marks_put (const flag_marks_t *m, record_id_t id, bool people, buf_t *out);
/* How many wait for an answer, for status: all there are in a store of few records, else those told alone. */
#define FLAGS_FEW 5000u
MUST_USE err_t flags_waiting (outbox_t *o, kv_txn_t *txn, uint64_t *n);

#endif
