/* catalogue_edit.h - changing rows of a catalogue's text, every other byte kept.
 *
 * A draft starts from a catalogue's bytes; each step changes one row and reads the whole again, so that a
 * draft is at all times a file that would be taken. What cannot be taken is refused with the words of the
 * reader. */
#ifndef KC_CORE_CATALOGUE_EDIT_H
#define KC_CORE_CATALOGUE_EDIT_H

#include "common/core/catalogue.h"

typedef struct draft draft_t;

/* A cell of a row to be written, by the name of its column. */
typedef struct {
  const char *column;
  str_t text;
} draft_cell_t;

/* ERR_INPUT: not UTF-8 text. */
MUST_USE err_t draft_new (const catalogue_t *c, draft_t **out, fail_t *fail);
void draft_destroy (draft_t **self_p);
/* As it stands; until the next step. */
const catalogue_t *draft_catalogue (const draft_t *d);

/* Sets cells of a row (from 0, as catalogue_section_cell counts); the section must have the columns. */
MUST_USE err_t draft_set (draft_t *d, const char *section, size_t row, const draft_cell_t *cells, size_t n,
                          fail_t *fail);
/* Puts a row behind row `after`, cells not named copied from row `like` (DRAFT_NONE: blank). A cell whose
 * column the section lacks is left out when blank, else refused. */
#define DRAFT_NONE SIZE_MAX
MUST_USE err_t draft_insert (draft_t *d, const char *section, size_t after, size_t like,
                             const draft_cell_t *cells, size_t n, fail_t *fail);
/* Puts a row at the end of a section; made with `header` behind section `behind` when it is not there yet. */
MUST_USE err_t draft_append (draft_t *d, const char *section, const char *header, const char *behind,
                             const draft_cell_t *cells, size_t n, fail_t *fail);

#endif
