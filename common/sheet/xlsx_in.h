/* xlsx_in.h - a workbook (.xlsx) in memory, read row by row.
 *
 * What a cell is, is told by its type and its format, never by how its text looks. Numbers are text without
 * exponent: whole ones below 2^53 exactly, others as the 15 digits Excel shows. Dates are ISO, by the
 * workbook's own day count (1900 with its day that never was, or 1904). Formulas are what their program
 * stored last. Nothing is guessed or mended: a cell that cannot be taken as it is has a type that says why.
 *
 * Hostile files: no document type or entity, names are no paths, and everything is bounded: bytes unpacked
 * (UNPACKED_MAX), sheets, rows, columns, shared strings, formats. */
#ifndef KC_SHEET_XLSX_IN_H
#define KC_SHEET_XLSX_IN_H

#include "common/base/bytes.h"

#define XLSX_ROWS_MAX 1048576u
#define XLSX_COLUMNS_MAX 16384u

typedef enum {
  XLSX_TEXT = 1,
  XLSX_NUMBER,
  XLSX_DATE,      /* yyyy-mm-dd */
  XLSX_BOOL,      /* TRUE, FALSE */
  XLSX_MOMENT,    /* a date with a time of day, a time alone, or no day of the calendar; text: the number */
  XLSX_ERROR,     /* text: "#REF!" … */
  XLSX_NO_VALUE,  /* a formula whose value was never stored */
  XLSX_BAD_TEXT,  /* with control or invisible characters, here as U+FFFD */
  XLSX_LONG_TEXT, /* over CSV_CELL_MAX; text: none */
} xlsx_type_t;

typedef struct {
  xlsx_type_t type;
  uint32_t row, column; /* from 1 */
  str_t text;           /* valid until the next row */
  bool percent;         /* a number shown with % */
  uint8_t zeros;        /* a number shown with leading zeros to this many digits; 0: as it is */
} xlsx_cell_t;

typedef struct {
  uint32_t row;
  const xlsx_cell_t *cell; /* those that hold something, by column */
  size_t n;
} xlsx_row_t;

typedef struct {
  str_t name;
  bool hidden;
} xlsx_sheet_t;

typedef struct {
  uint32_t row, column, last_row, last_column;
} xlsx_merge_t;

typedef struct xlsx_in xlsx_in_t;

/* Is it a zip archive, as every .xlsx is? */
bool xlsx_in_is (str_t file);
/* file: borrowed until the end. NULL: *fail says what it is instead, or what is wrong with it. */
xlsx_in_t *xlsx_in_open (str_t file, fail_t *fail);
void xlsx_in_destroy (xlsx_in_t **self_p);
/* The worksheets, in order. */
size_t xlsx_in_sheets (const xlsx_in_t *self);
const xlsx_sheet_t *xlsx_in_sheet (const xlsx_in_t *self, size_t i);
/* Goes to the top of a sheet. */
MUST_USE err_t xlsx_in_start (xlsx_in_t *self, size_t i, fail_t *fail);
/* Next row that holds anything; ERR_END. *fail with row and column (in line and column). */
MUST_USE err_t xlsx_in_next (xlsx_in_t *self, xlsx_row_t *row, fail_t *fail);
/* Merged cells of the sheet; all of them once xlsx_in_next gave ERR_END. */
const xlsx_merge_t *xlsx_in_merges (const xlsx_in_t *self, size_t *n);
/* Share of the sheet read so far, 0..1000. */
unsigned xlsx_in_progress (const xlsx_in_t *self);

/* Appends "B7". */
void xlsx_address (uint32_t row, uint32_t column, buf_t *out);

#endif
