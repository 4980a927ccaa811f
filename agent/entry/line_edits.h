/* line_edits.h - one entry of a list at a time: add, set, withdraw; and the identity of a new one. */
#ifndef KC_AGENT_ENTRY_LINE_EDITS_H
#define KC_AGENT_ENTRY_LINE_EDITS_H

#include "agent/entry/edits.h"
#include "common/core/lists.h"

/* The id of a new entry comes from its scheme and its key, so that one thing entered on two PCs, or again
 * from the same file after a reinstall, is one entry. Where that id is taken by an entry whose key has
 * changed since, the next one. */
void line_identify (const scheme_t *s, record_id_t scheme, record_t *line);

/* An entry on the command line: SCHEME:NAME, NAME being its voucher, its beneficiary's name or the first
 * digits of its id; or its whole id. */
typedef struct {
  record_ref_t scheme;
  kind_t form;
  record_id_t id;
} entry_ref_t;
/* What RECORD of the command line names, where that is an entry; kind is a form or KIND_NONE (either list, if
 * no record has that name). ERR_NOT_FOUND: it does not look like an entry; ERR_INPUT with words: the scheme
 * has none of that name, or several. */
MUST_USE err_t line_find (outbox_t *o, kv_txn_t *txn, str_t entry, kind_t kind, entry_ref_t *out,
                          fail_t *fail);

/* As edits_add, edits_set and edits_withdraw, for entries. */
MUST_USE err_t line_add (outbox_t *o, kind_t form, const char *const *pairs, size_t n, str_t person,
                         arena_t *arena, edit_result_t *out, fail_t *fail);
MUST_USE err_t line_set (outbox_t *o, const entry_ref_t *entry, const char *const *pairs, size_t n,
                         str_t person, str_t reason, arena_t *arena, edit_result_t *out, fail_t *fail);
/* Takes the entry out of its scheme's list; the scheme's history keeps it. */
MUST_USE err_t line_withdraw (outbox_t *o, const entry_ref_t *entry, str_t person, str_t reason,
                              arena_t *arena, edit_result_t *out, fail_t *fail);

#endif
