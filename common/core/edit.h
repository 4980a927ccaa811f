/* edit.h - one way to change a record: cells (column, text) applied to what was there.
 *
 * Import, add, set and the pages all come through edit_apply. It parses each cell by its column's
 * type, applies them all together (the status first, since X_vnd depends on the status after the
 * update), fills approved amounts from the plan (DESIGN 3, Amounts) and then runs validate. */
#ifndef KC_CORE_EDIT_H
#define KC_CORE_EDIT_H

#include "common/core/fields.h"
#include "common/text/number.h"

typedef struct {
  int column; /* index in the columns_t */
  str_t text; /* as read; blank clears the field */
} cell_t;

typedef struct {
  number_locale_t locale;
  bool million;     /* --unit trieu: money columns are millions of đồng */
  str_t comment;    /* reason, if any */
  unit_id_t office; /* 0 = all offices (provincial role) */
  bool file;        /* cells of a file: "'=1" is what --excel made of "=1" */
  bool guarded;     /* that has been taken off already */
} edit_options_t;

/* before NULL: a create. All slices of *after live in the arena or are borrowed from before.
 * True when nothing hard was found; every finding is in *found either way, with the index of its cell
 * in cells. found->arena is set to arena when it is NULL. */
MUST_USE bool edit_apply (const columns_t *cs, const catalogue_t *c, const edit_options_t *o,
                          const record_t *before, const cell_t *cells, size_t n, arena_t *arena,
                          record_t *after, reasons_t *found);

/* The columns in which two records differ: their indexes into out (room for columns_count).
 * before NULL: every column that has a value. */
size_t edit_diff (const columns_t *cs, const catalogue_t *c, const record_t *before, const record_t *after,
                  int *out);

#endif
