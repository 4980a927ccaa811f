/* edits_private.h - what edits of records and of their entries share. */
#ifndef KC_AGENT_ENTRY_EDITS_PRIVATE_H
#define KC_AGENT_ENTRY_EDITS_PRIVATE_H

#include "agent/entry/edits.h"

#define EDIT_TRIES 8 /* another process may write in between */
#define PAIRS_MAX 256u

typedef struct {
  outbox_t *o;
  columns_t *cs;
  const char *const *pairs;
  size_t n;
  str_t person, reason;
  arena_t *arena;
  cell_t cells[PAIRS_MAX];
} editing_t;

/* May we write, are person and reason fine, and which cells do the pairs mean? columns_destroy (&e->cs) in
 * any case. */
MUST_USE err_t editing_begin (editing_t *e, kind_t kind, fail_t *fail);
/* The cells applied; what is hard becomes words. */
MUST_USE err_t editing_apply (editing_t *e, const record_t *before, record_t *after, edit_result_t *out,
                              fail_t *fail);
/* Hard findings in one sentence; ERR_INPUT. */
err_t editing_refuse (const outbox_t *o, kind_t kind, const reasons_t *found, fail_t *fail);
/* The next version of what is there; out hears of locks. ERR_EXISTS: another process was quicker, begin anew.
 */
MUST_USE err_t editing_store (editing_t *e, const draft_t *draft, edit_result_t *out, fail_t *fail);
/* Words for the case that others are always quicker. */
err_t editing_gave_up (fail_t *fail);

#endif
