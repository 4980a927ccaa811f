/* csv.h - tables as text: our own reader (line and column of everything) and writer.
 *
 * Reader: comma, semicolon or tab (found from the header line, or a leading "sep=;" line, which is
 * obeyed and skipped); quotes as in RFC 4180; LF or CRLF; UTF-8 with or without BOM, UTF-16 with BOM.
 * Refuses: invalid UTF-8, NUL and control characters (also a tab within a cell and a CR of its own),
 * legacy encodings and workbooks (recognised, with advice), an open quote (reported where it opens), text
 * after a closing quote, a quote within an unquoted cell, and what is over CSV_CELL_MAX, CSV_COLUMNS_MAX,
 * IMPORT_FILE_MAX. Wholly empty rows (cells empty or only spaces) are skipped. Lines are physical lines: a
 * line break in a cell counts, and a row's line is its first. Encodings are checked at opening, for the
 * whole file; the rest as rows are read, and a failure stays.
 */
#ifndef KC_TEXT_CSV_H
#define KC_TEXT_CSV_H

#include "common/base/bytes.h"

typedef struct csv csv_t;

typedef struct {
  str_t text; /* unquoted, as read; borrowed from the csv_t's arena or the file, valid until csv_destroy */
  uint32_t line, column; /* where it starts: physical line; cell number in its row, from 1 */
} csv_cell_t;

typedef struct {
  csv_cell_t *cell;
  size_t n;
  uint32_t line;
} csv_row_t;

/* Takes a whole file in memory (borrowed until csv_destroy). NULL: *fail says where and what. A file
 * without any row opens and ends at once. *fail must be empty, as everywhere. */
csv_t *csv_open (str_t file, fail_t *fail);
void csv_destroy (csv_t **self_p);
/* Next row that is not wholly empty: ERR_OK, ERR_END, or an error with *fail filled. The row's cells
 * are valid until the next call; their text until csv_destroy. */
MUST_USE err_t csv_next (csv_t *self, csv_row_t *row, fail_t *fail);
/* Share of the file read so far, 0..1000, for progress. */
unsigned csv_progress (const csv_t *self);

/* What a file is, for advice: a workbook, a PDF …, or text in an encoding that is none of ours (TCVN3, VNI,
 * VISCII, Windows-1258 …). Fills *fail with ERR_INPUT and returns true when it is none of our text. */
bool csv_is_foreign (str_t file, fail_t *fail);
/* The same by the first bytes alone: no text at all. */
bool csv_is_no_text (str_t file, fail_t *fail);

/* Writer. excel: BOM at the start, CRLF, and a cell that Excel takes for a formula gets a leading ', as does
 * one that begins so itself: a reader takes one off and has the text again. */
bool csv_is_formula (str_t text); /* starts with = + - @ */
bool csv_is_guarded (str_t cell); /* as such a cell is written: ' before one that needs it */
/* Was the file written so (and at most saved again by Excel)? Byte order mark, CRLF, commas, and no cell that
 * would have needed the ' lacks it. Whose header it is, is not looked at. */
bool csv_is_for_excel (const csv_t *self);
void csv_write_start (buf_t *out, bool excel);
void csv_write_cell (buf_t *out, str_t text, bool first, bool excel);
void csv_write_end (buf_t *out, bool excel);

#endif
