/* edit_private.h - what an edit works on, and how a cell of each type is read. Its parts only. */
#ifndef KC_CORE_EDIT_PRIVATE_H
#define KC_CORE_EDIT_PRIVATE_H

#include "common/core/edit.h"

typedef struct {
  const columns_t *cs;
  const catalogue_t *c;
  const edit_options_t *o;
  const cell_t *cells;
  size_t n;
  arena_t *arena;
  record_t *r;
  reasons_t *found;
  bool no_memory;
} edit_t;

/* The cell at hand: its place in the edit, its column and its text. */
typedef struct {
  int at;
  const column_t *col;
  str_t text;
  void *member;
} field_cell_t;

/* A finding about the cell. */
void edit_refuse (edit_t *e, const field_cell_t *f, reason_code_t code, str_t a1, str_t a2);
/* Without spaces around; trim: without no-break ones either. */
str_t edit_trim_plain (str_t s);
str_t edit_trim (str_t s);
/* The cell as it may stand in a sentence. */
str_t edit_printable (const field_cell_t *f);

/* Each reads the cell into its member, or reports it. */
void edit_set_text (edit_t *e, const field_cell_t *f);
void edit_set_code (edit_t *e, const field_cell_t *f);
void edit_set_word (edit_t *e, const field_cell_t *f);
void edit_set_yes (edit_t *e, const field_cell_t *f);
void edit_set_money (edit_t *e, const field_cell_t *f);
void edit_set_count (edit_t *e, const field_cell_t *f);
void edit_set_date (edit_t *e, const field_cell_t *f);
void edit_set_id (edit_t *e, const field_cell_t *f);
void edit_set_years (edit_t *e, const field_cell_t *f);
/* An amount within its limits, × 10^scale; and the scale of money. */
bool edit_read_amount (edit_t *e, const field_cell_t *f, unsigned scale, int64_t *out);
unsigned edit_money_scale (const edit_t *e);

#endif
