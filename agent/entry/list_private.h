/* list_private.h - what lists of records, of updates and of entries share: the filter, and rows in order. */
#ifndef KC_AGENT_ENTRY_LIST_PRIVATE_H
#define KC_AGENT_ENTRY_LIST_PRIVATE_H

#include "agent/entry/flags.h"
#include "agent/entry/views.h"

#define WHERE_MAX 16u
#define LIST_COLUMNS_MAX 24u

/* Rows of cells, put out in order: by one column, in Vietnamese order or by number, then by their first two.
 */
typedef struct {
  str_t *cell; /* width of them */
  str_t key;   /* while they are sorted */
} line_t;

typedef struct {
  size_t width;
  line_t *line;
  size_t n, room;
  arena_t *texts;
  const char *name[LIST_COLUMNS_MAX]; /* of the columns */
  col_type_t type[LIST_COLUMNS_MAX];
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
  flag_marks_t *marks; /* of the list of records; else NULL */
  lines_t lines;
  size_t by; /* the column that they are sorted by */
} listing_t;

/* A column of the table, and a cell of each row. Before listing_open. */
void listing_column (listing_t *l, table_t *t, const char *name, const char *label_vi, const char *label_en,
                     col_type_t type);
/* Filter, columns of all kinds and a read transaction; listing_close in any case. ERR_USAGE: no such column
 * to sort by. */
MUST_USE err_t listing_open (listing_t *l, fail_t *fail);
/* Puts the rows into the table, in order, unless err says that something failed, which it gives back. */
MUST_USE err_t listing_close (listing_t *l, err_t err, table_t *t);
/* Does a record meet the filter? */
bool listing_wants (listing_t *l, const record_t *r, update_state_t state);
/* The parts of that, for lines of forms, which share conditions with their schemes: one condition; and the
 * text searched for, in the title, the name of the office or a text of the record. */
bool listing_meets (listing_t *l, const record_t *r, update_state_t state, const condition_t *w);
bool listing_finds (listing_t *l, const record_t *r, str_t title, unit_id_t office);
/* view_list of a form: code (SCHEME:NAME), the form's columns, state; for people without those that repeat
 * it. */
MUST_USE err_t view_list_lines (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail);
/* A condition about a column of the form is the line's to meet, any other its scheme's. */
bool listing_wants_line (listing_t *l, const record_t *scheme, const record_t *line, update_state_t state);
/* Copies width cells. */
MUST_USE err_t lines_add (lines_t *l, const str_t *cells);
MUST_USE err_t lines_init (lines_t *l);
void lines_free (lines_t *l);
/* by: a column's name; blank: the first. False: there is no such column. */
bool lines_column (const lines_t *l, str_t by, size_t *out);
MUST_USE err_t lines_put (lines_t *l, size_t by, table_t *t);

#endif
