/* fonts.h - good UTF-8 that says something else: letters of an old font ("§Ò ¸n", which a .VnTime font shows
 * as "Đề án"), or a file in an old encoding opened as Western and saved again.
 *
 * Only what is certain is called so: words that are no Vietnamese as they stand and are as the font shows
 * them, two different ones in a cell, or three in a column that has no good Vietnamese. */
#ifndef KC_TEXT_FONTS_H
#define KC_TEXT_FONTS_H

#include "common/text/legacy.h"

/* What the words of a text say about one encoding. */
typedef struct {
  uint32_t signs;   /* only Vietnamese as it reads them */
  uint32_t against; /* only Vietnamese as they stand */
  uint32_t neither;
  uint64_t word[2];   /* hashes of different ones among the signs */
  uint32_t different; /* up to 3 */
} font_signs_t;

void fonts_weigh (legacy_t e, str_t text, font_signs_t *signs); /* adds to it */
bool fonts_certain (const font_signs_t *signs, uint32_t different);
/* The encoding that a text is certainly in; LEGACY_NONE. */
legacy_t fonts_guess (str_t text);
/* The text as the font shows it, appended; signs that no such font has stay what they are. False: out of
 * memory. */
bool fonts_read (legacy_t e, str_t text, buf_t *out);

/* Is a text to be read so, where the table is known to be of that encoding? Not what is good Vietnamese as it
 * stands; of what is neither only words in capitals, such as "KC§P"; sure: of what may be either, and
 * neither, all. */
bool fonts_applies (legacy_t e, str_t text, bool sure);

/* A table's cells, looked at one by one. */
typedef struct fonts fonts_t;
fonts_t *fonts_new (void);
void fonts_destroy (fonts_t **self_p);
/* column: from 0. line and at: where the cell stands. Nothing is kept when memory is short. */
void fonts_look (fonts_t *self, size_t column, str_t cell, uint32_t line, uint32_t at);

typedef struct {
  legacy_t encoding;
  uint64_t cells;    /* that show it */
  uint32_t line, at; /* the first of them */
} font_finding_t;
/* What a column's cells show; false: nothing that is certain. Readings of the first are appended to samples.
 */
bool fonts_found (const fonts_t *self, size_t column, font_finding_t *out, buf_t *samples);
/* Is all that stands in the column, or in the whole table, of this encoding? */
bool fonts_sure (const fonts_t *self, size_t column, legacy_t e);
/* The encoding of most of the table's columns that show one; LEGACY_NONE. */
legacy_t fonts_of_table (const fonts_t *self);

#endif
