/* list_private.h - what lists of records, of updates and of entries share: the filter, and rows in order. */
#ifndef KC_AGENT_ENTRY_LIST_PRIVATE_H
#define KC_AGENT_ENTRY_LIST_PRIVATE_H

#include "agent/entry/views.h"

#define WHERE_MAX 16u

/* Rows sorted by their first two cells when they are put out. */
typedef struct {
  str_t *cell; /* width of them */
} line_t;

typedef struct {
  size_t width;
  line_t *line;
  size_t n, room;
  arena_t *texts;
} lines_t;

typedef struct {
  str_t dim, value;
} condition_t;

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  const catalogue_t *c;
  const list_filter_t *f;
  bool people;
  condition_t where[WHERE_MAX];
  size_t where_n;
  columns_t *cs[FORM_END]; /* of kinds and forms */
  arena_t *arena;
  buf_t needle, hay, a, b, key;
  lines_t lines;
} listing_t;

/* Filter, columns of all kinds and a read transaction; listing_close in any case. width: cells of a row. */
MUST_USE err_t listing_open (listing_t *l, size_t width, fail_t *fail);
/* Puts the rows into the table unless err says that something failed, which it gives back. */
MUST_USE err_t listing_close (listing_t *l, err_t err, table_t *t);
/* Does a record meet the filter? */
bool listing_wants (listing_t *l, const record_t *r, update_state_t state);
/* The parts of that, for lines of forms, which share conditions with their schemes: one condition; and the
 * text searched for, in the title or a text of the record. */
bool listing_meets (listing_t *l, const record_t *r, update_state_t state, const condition_t *w);
bool listing_finds (listing_t *l, const record_t *r, str_t title);
/* view_list of a form: code (SCHEME:NAME), the form's columns, state; for people without those that repeat
 * it. */
MUST_USE err_t view_list_lines (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail);
/* Copies width cells. */
MUST_USE err_t lines_add (lines_t *l, const str_t *cells);

#endif
