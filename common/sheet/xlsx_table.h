/* xlsx_table.h - a workbook to be filled in or read back: one table with its header, and the choices of its
 * columns on a second sheet.
 *
 * Columns have a look each: text stays text whatever is typed (007, 1/2), figures and dates are true ones. A
 * column with choices drops them down from the second sheet, since a list within a cell ends at 255 letters;
 * there the words stand beside the codes. The same calls give the same bytes. */
#ifndef KC_SHEET_XLSX_TABLE_H
#define KC_SHEET_XLSX_TABLE_H

#include "common/base/bytes.h"

typedef enum {
  XLSX_LOOK_TEXT = 1,
  XLSX_LOOK_LONG_TEXT, /* of several lines within its cell */
  XLSX_LOOK_MONEY,     /* whole, grouped, from 0 on */
  XLSX_LOOK_COUNT,     /* the same, without a limit to how people write it */
  XLSX_LOOK_VALUE,     /* a number from 0 on, as it is */
  XLSX_LOOK_YEAR,
  XLSX_LOOK_DATE
} xlsx_look_t;

typedef struct {
  str_t code, words;
} xlsx_choice_t;

typedef struct {
  str_t name; /* in the header */
  xlsx_look_t look;
  double width; /* in letters */
  bool required;
  str_t help, error;           /* shown beside a chosen cell; when something else is typed */
  const xlsx_choice_t *choice; /* borrowed while the table is made; the code is what is chosen */
  size_t choices;
  str_t code_head, words_head; /* over them */
} xlsx_column_t;

typedef struct {
  str_t title, sheet, lists;   /* of the file; names of the two sheets */
  const xlsx_column_t *column; /* borrowed until the end */
  size_t columns;
  size_t rows; /* so many will come; as many as a person may want are made ready behind them */
} xlsx_table_head_t;

typedef struct xlsx_table xlsx_table_t;

/* NULL: *fail says why. */
xlsx_table_t *xlsx_table_new (const xlsx_table_head_t *head, fail_t *fail);
void xlsx_table_destroy (xlsx_table_t **self_p);
/* Cells of the present row, columns from 0; those not written are blank. */
void xlsx_table_text (xlsx_table_t *self, size_t column, str_t text);
void xlsx_table_number (xlsx_table_t *self, size_t column, double number);
void xlsx_table_date (xlsx_table_t *self, size_t column, uint32_t yyyymmdd);
void xlsx_table_next_row (xlsx_table_t *self);
/* Appends the workbook's bytes. Once. ERR_TOO_BIG: more rows than a sheet has. ERR_IO, ERR_FULL, ERR_NOMEM.
 */
MUST_USE err_t xlsx_table_finish (xlsx_table_t *self, buf_t *out, fail_t *fail);

#endif
