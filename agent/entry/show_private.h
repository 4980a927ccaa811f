/* show_private.h - a record's fields as show and history write them; the entries of its lists. */
#ifndef KC_AGENT_ENTRY_SHOW_PRIVATE_H
#define KC_AGENT_ENTRY_SHOW_PRIVATE_H

#include "agent/entry/line_edits.h"
#include "agent/entry/views.h"

#define SHOW_BUDGET (4 * DECODE_BUDGET (UPDATE_MAX))

/* What RECORD names: a record, or an entry of a scheme's list, also one that was taken out of it. */
typedef struct {
  record_ref_t ref; /* of an entry: its scheme's */
  bool is_entry;
  entry_ref_t entry;
} thing_t;
MUST_USE err_t show_find (outbox_t *o, kv_txn_t *txn, str_t record, kind_t kind, thing_t *out, fail_t *fail);

/* The column's label for people, else its name. */
str_t show_label (const column_t *col, bool people);
/* *v holds the column's plain value; words instead of a code, or beside it, where people know the words
 * better; money in groups of three. */
void show_words (const column_t *col, const record_t *r, const catalogue_t *c, buf_t *v);
/* Appends to a cleared buffer: plain, or in words for people. */
void show_value (const column_t *col, const record_t *r, const catalogue_t *c, bool people, buf_t *out);

/* The entries of a scheme's lists as rows field,value: for people one an entry, else one a field. */
MUST_USE err_t show_lists (const scheme_t *s, const catalogue_t *c, bool people, table_t *t);
/* What differs between the lists of two versions (before may be NULL), of one entry where only is given, a
 * call a row: ledger[PC-12].amount_vnd, old, new; for people an entry that came or went is one row. */
typedef void (list_change_fn) (void *ctx, str_t field, str_t old, str_t now);
MUST_USE err_t history_lists (const scheme_t *before, const scheme_t *after, const record_id_t *only,
                              const catalogue_t *c, bool people, list_change_fn *fn, void *ctx);

#endif
