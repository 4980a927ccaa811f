/* removed.h - entries that a scheme's lists held once: the scheme's history knows them, who took them out and
 * why. */
#ifndef KC_AGENT_ENTRY_REMOVED_H
#define KC_AGENT_ENTRY_REMOVED_H

#include "agent/entry/line_edits.h"

/* The states that a record had, oldest first. at is to be freed. */
typedef struct {
  version_t state;  /* what holds it: an update, or a decision of the centre */
  version_t author; /* the update that came of it */
} history_step_t;

typedef struct {
  history_step_t *at;
  size_t n, room;
} history_steps_t;
MUST_USE err_t history_steps (outbox_t *o, kv_txn_t *txn, const row_t *row, arena_t *arena,
                              history_steps_t *out);

/* An entry that is in the lists no more. Valid during the call. */
typedef struct {
  const record_t *line;   /* as it was last */
  const scheme_t *scheme; /* that held it */
  size_t at;
  const update_t *by; /* without it */
} removed_t;
typedef err_t (removed_fn) (void *ctx, const removed_t *r); /* ERR_END: enough */
/* Each time one went, oldest first, unless the present state has it again. */
MUST_USE err_t removed_each (outbox_t *o, kv_txn_t *txn, const present_t *scheme, kind_t form, removed_fn *fn,
                             void *ctx);

/* What RECORD names among these, by voucher, name or id, as line_find; ERR_NOT_FOUND. */
MUST_USE err_t removed_find (outbox_t *o, kv_txn_t *txn, str_t entry, kind_t kind, entry_ref_t *out);

#endif
