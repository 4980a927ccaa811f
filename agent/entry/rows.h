/* rows.h - a file of records as rows of text cells, whether it is CSV or a workbook.
 *
 * The file is known by its bytes, not by its name. Of a workbook the sheet is taken that has a row, or two
 * (heading.h), which is a header of records; what stands above it (titles, blank rows) and a row of column
 * numbers below it are passed over. Its cells become the text that a CSV file of the same locale would hold:
 * a number or a date is what it is, whatever the locale; where the type of a cell and the type of its column
 * do not go together, and where a row is none of records (totals, signatures), the cell is named and refused.
 */
#ifndef KC_AGENT_ENTRY_ROWS_H
#define KC_AGENT_ENTRY_ROWS_H

#include "agent/entry/import_private.h"

typedef struct rows rows_t;

/* file, options and c are borrowed until the end. NULL: *fail says what is wrong. */
rows_t *rows_open (str_t file, const import_options_t *options, const catalogue_t *c, fail_t *fail);
void rows_destroy (rows_t **self_p);

/* The header row; of a workbook it may also be the row that is most like one. Lives until the end. ERR_END:
 * there is none. ERR_INPUT: several sheets have one, or the one asked for has none. */
MUST_USE err_t rows_header (rows_t *self, csv_row_t *row, fail_t *fail);
/* Of CSV whose first row is no header: which line looks like one goes into *fail (heading.h). Its rows are
 * gone then. */
void rows_advise (rows_t *self, const csv_row_t *header, fail_t *fail);

typedef struct {
  void *ctx;
  void (*finding) (void *ctx, const import_finding_t *f); /* hard */
} rows_tell_t;

/* Next row below it, as many cells as the header has (of CSV: as the file has). *refused: some of it was told
 * off to `tell`, and it is not to be taken. h and cs: what header_read made of the header. Texts live until
 * the next call. ERR_END. */
MUST_USE err_t rows_next (rows_t *self, const header_t *h, const columns_t *cs, const rows_tell_t *tell,
                          csv_row_t *row, bool *refused, fail_t *fail);
/* CSV as --excel writes it: cells have a ' before what Excel would take for a formula. */
bool rows_are_for_excel (const rows_t *self);
unsigned rows_progress (const rows_t *self);
/* Appends where that is, as people see it: "Đề án!B7". False for CSV, whose lines and columns are numbers. */
bool rows_place (const rows_t *self, uint32_t line, uint32_t column, buf_t *out);

#endif
