/* section.h - a row of a section of the catalogue being read by whoever the section is for, and refused where
 * it is wrong. Private to the layer. */
#ifndef KC_REPORT_SECTION_H
#define KC_REPORT_SECTION_H

#include "common/core/catalogue.h"

typedef struct {
  const catalogue_t *c;
  const char *section;
  size_t row;
  fail_t *fail;
} section_row_t;

str_t section_cell (const section_row_t *r, const char *column);
/* The cell in the language asked for, in Vietnamese where it is blank: text_vi or text_en of "text". */
str_t section_words (const section_row_t *r, const char *column, bool en);
/* Refuses the row at a column; ERR_INPUT. */
err_t section_refuse (const section_row_t *r, const char *column, const char *fmt, ...) PRINTF_LIKE (3, 4);
/* A year, 0 for a blank cell. */
MUST_USE err_t section_year (const section_row_t *r, const char *column, uint16_t *out);
/* A whole number from low to high, 0 for a blank cell. */
MUST_USE err_t section_number (const section_row_t *r, const char *column, int64_t low, int64_t high,
                               int64_t *out);
/* The cell is a code. */
MUST_USE err_t section_code (const section_row_t *r, const char *column, str_t *out);

#endif
