/* heading.h - a header of records as people lay it out: below titles, or over two rows, captions above and
 * what they divide into below ("Kinh phí" over "quốc gia", "cấp tỉnh"). A workbook may have it so; a CSV file
 * may not, and is told which line looks like its header.
 *
 * Two rows are one header when together they name columns of a kind: a column is what stands in the lower
 * row, by itself or behind its caption, else what stands in the upper one. No row of records is ever taken
 * for the lower half: its cells stand under columns that have their name already. */
#ifndef KC_AGENT_ENTRY_HEADING_H
#define KC_AGENT_ENTRY_HEADING_H

#include "agent/entry/import_private.h"

#define LIKE_A_HEADER 2u /* columns that are known */

typedef struct {
  const catalogue_t *c;
  kind_t asked;              /* KIND_NONE: any */
  columns_t *kind[FORM_END]; /* the columns of each; NULL where there is none */
} heading_t;

void heading_open (heading_t *h, kind_t asked, const catalogue_t *c);
void heading_close (heading_t *h);

/* Columns of the kind asked for, or of any one kind, among the row's names. */
size_t heading_known (const heading_t *h, const csv_row_t *row);
/* The kind of which the row is a header: it has all that kind must have (under --kind, all that name a
 * record). KIND_NONE: it is none. */
kind_t heading_kind (const heading_t *h, const csv_row_t *row);

typedef enum {
  HEADING_UPPER, /* the upper row is the header, as far as it goes: does the one below divide it? */
  HEADING_LOWER  /* the lower one is: does the one above name what it lacks? */
} heading_half_t;

/* Both rows as one, into *out, whose cells lie in the arena. False: the other row has nothing to say in it.
 */
bool heading_join (const heading_t *h, const csv_row_t *upper, const csv_row_t *lower, heading_half_t main,
                   arena_t *arena, csv_row_t *out);

/* Of a CSV file whose first row is no header: replaces the words of *fail by which line looks like one, and
 * what to do. Reads on in the file. */
void heading_advise (const heading_t *h, csv_t *csv, const csv_row_t *first, fail_t *fail);

#endif
