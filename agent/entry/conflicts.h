/* conflicts.h - what two PCs changed to different values, and a person's choice between the sides. */
#ifndef KC_AGENT_ENTRY_CONFLICTS_H
#define KC_AGENT_ENTRY_CONFLICTS_H

#include "agent/entry/edits.h"
#include "agent/entry/views.h"

/* code,field,mine,theirs,person,since: one row a field. mine is the side this PC wrote, else what stands;
 * person wrote the parked side. */
MUST_USE err_t view_conflicts (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail);
/* The parked sides of one record as rows field,value of show. */
MUST_USE err_t conflicts_show (outbox_t *o, kv_txn_t *txn, const row_t *row, bool people, table_t *t);
/* Records with a parked side that nothing of ours has settled yet. */
MUST_USE err_t conflicts_waiting (outbox_t *o, kv_txn_t *txn, uint64_t *out);

/* Settles all parked sides of a record with a new version of it. choice: "mine", "theirs", or pairs
 * "column=value" (other fields that clash stay as they stand). What one side alone changed is in it whatever
 * is chosen. Errors as edits_set's. */
MUST_USE err_t edits_resolve (outbox_t *o, str_t record, kind_t kind, const char *const *choice, size_t n,
                              str_t person, str_t reason, arena_t *arena, edit_result_t *out, fail_t *fail);

#endif
