/* edits.h - what import, add, set and withdraw share: from cells to a draft, and findings to words. */
#ifndef KC_AGENT_ENTRY_EDITS_H
#define KC_AGENT_ENTRY_EDITS_H

#include "agent/outbox/outbox.h"
#include "common/core/edit.h"

/* The state an edit begins from. row.bytes and record live in the arena. */
typedef struct {
  bool exists;
  row_t row;
  record_t record;
} present_t;

/* The record under a natural key, or exists == false. */
MUST_USE err_t present_by_key (outbox_t *o, kv_txn_t *txn, kind_t kind, str_t natural_key, arena_t *arena,
                               present_t *out);
MUST_USE err_t present_by_ref (outbox_t *o, kv_txn_t *txn, record_ref_t ref, arena_t *arena, present_t *out);
/* Decodes a row's update; ERR_DAMAGED when its bytes cannot be read. */
MUST_USE err_t row_decode (const row_t *row, arena_t *arena, update_t *out);

/* 0 (all offices) for the provincial role, else our own unit. */
unit_id_t edits_office (const outbox_t *o);
/* May this agent write? ERR_INPUT with words for a viewer. */
MUST_USE err_t edits_may_write (const outbox_t *o, fail_t *fail);
/* A draft of `after`: a create (new id, home = its office, or ours) or the next version of what is there. */
draft_t edits_draft (const outbox_t *o, const present_t *before, const record_t *after, wall_t now);
/* Person and reason must fit their limits and be clean text. */
MUST_USE err_t edits_check_words (str_t person, str_t reason, fail_t *fail);

/* What an edit did. Texts live in the arena handed in. */
typedef struct {
  str_t key;    /* for people */
  bool changed; /* false: nothing to do */
  reasons_t found;
} edit_result_t;

/* pairs: "key=value". Values are plain numbers and ISO dates. Each call is durable when ERR_OK.
 * ERR_USAGE: no "=". ERR_INPUT: anything wrong with the values, *fail says all of it. ERR_NOT_FOUND. */
MUST_USE err_t edits_add (outbox_t *o, kind_t kind, const char *const *pairs, size_t n, str_t person,
                          arena_t *arena, edit_result_t *out, fail_t *fail);
MUST_USE err_t edits_set (outbox_t *o, str_t record, kind_t kind, const char *const *pairs, size_t n,
                          str_t person, str_t reason, arena_t *arena, edit_result_t *out, fail_t *fail);
MUST_USE err_t edits_withdraw (outbox_t *o, str_t record, kind_t kind, str_t person, str_t reason,
                               arena_t *arena, edit_result_t *out, fail_t *fail);

/* A record's natural key for people: code, or parts joined by " / " with the unit's code. */
void edits_key_text (const record_t *r, const catalogue_t *c, buf_t *out);

/* Finds RECORD of the command line, with words for not found and for ambiguous. */
MUST_USE err_t edits_find (outbox_t *o, kv_txn_t *txn, str_t record, kind_t kind, record_ref_t *out,
                           fail_t *fail);

#endif
