/* xlsx_parts.h - what the files of the workbook reader share; nobody else includes it. */
#ifndef KC_SHEET_XLSX_PARTS_H
#define KC_SHEET_XLSX_PARTS_H

#include "common/sheet/xlsx_in.h"
#include "common/sheet/xml_read.h"

/* ---- numbers and formats (xlsx_value.c) ---- */

typedef struct {
  bool date, percent;
  uint8_t zeros;
} xlsx_format_t;

/* What the format with this number and code (NULL: a built-in one) makes of a number. */
xlsx_format_t xlsx_format_of (uint32_t id, const char *code);
/* A number as XML has it ("1.5E7") as text without exponent, appended. False: no number, or one without end.
 */
bool xlsx_number (str_t raw, buf_t *out);
/* A whole number of days, as xlsx_number wrote it, as yyyy-mm-dd, appended. False: none of the calendar. */
bool xlsx_day (str_t number, bool from_1904, buf_t *out);
/* "2020-05-31" or "2020-05-31T00:00:00": appends the day. False: a time of day, or none of the calendar. */
bool xlsx_iso_day (str_t text, buf_t *out);
/* "B7": row and column from 1. */
bool xlsx_place (const char *text, uint32_t *row, uint32_t *column);
/* "B7" or "B7:D9" */
bool xlsx_range (const char *text, xlsx_merge_t *out);

/* ---- texts (xlsx_text.c) ---- */

/* A text made of runs, <t>…</t>; phonetic ones left out. Shared strings and inline ones are made alike. */
typedef struct {
  buf_t *out;
  unsigned phonetic; /* how deep in <rPh> */
  bool in_t, preserve;
  size_t t_start;
} xlsx_runs_t;

void xlsx_runs_start (xlsx_runs_t *r, const char *name, const char **attributes);
void xlsx_runs_text (xlsx_runs_t *r, str_t text);
void xlsx_runs_end (xlsx_runs_t *r, const char *name);
/* Does "_x000D_" or the like stand there? *unit is what it stands for. */
bool xlsx_escape_at (str_t s, size_t i, uint32_t *unit);
/* Turns _x000D_ and the like into what they stand for, from start on. */
void xlsx_unescape (buf_t *text, size_t start);

typedef struct {
  buf_t text;
  uint32_t *end; /* of string i in text */
  size_t n, room;
} xlsx_strings_t;

/* xl/sharedStrings.xml */
MUST_USE err_t xlsx_strings_read (zip_read_t *zip, const char *entry, xlsx_strings_t *out, fail_t *fail);
void xlsx_strings_free (xlsx_strings_t *s);

/* ---- the workbook (xlsx_book.c) ---- */

typedef struct {
  xlsx_sheet_t sheet;
  str_t entry; /* NUL-terminated */
} xlsx_part_t;

typedef struct {
  arena_t *arena;
  xlsx_part_t *part;
  size_t parts, parts_room;
  bool from_1904;
  xlsx_format_t *format; /* by a cell's style number */
  size_t formats, formats_room;
  xlsx_strings_t strings;
} xlsx_book_t;

MUST_USE err_t xlsx_book_read (zip_read_t *zip, xlsx_book_t *out, fail_t *fail);
void xlsx_book_free (xlsx_book_t *b);

/* Reads a whole entry. ERR_NOT_FOUND. */
MUST_USE err_t xlsx_read_part (zip_read_t *zip, const char *entry, const xml_told_t *told, xml_read_t **x,
                               fail_t *fail);
/* Ends the reading from within a callback. */
void xlsx_damaged (xml_read_t *x, uint32_t row, uint32_t column);
void xlsx_no_memory (xml_read_t *x);

/* ---- one sheet (xlsx_sheet.c) ---- */

typedef struct xlsx_rows xlsx_rows_t;
MUST_USE err_t xlsx_rows_new (zip_read_t *zip, const char *entry, const xlsx_book_t *book, xlsx_rows_t **out,
                              fail_t *fail);
void xlsx_rows_destroy (xlsx_rows_t **self_p);
MUST_USE err_t xlsx_rows_next (xlsx_rows_t *self, xlsx_row_t *row, fail_t *fail);
const xlsx_merge_t *xlsx_rows_merges (const xlsx_rows_t *self, size_t *n);

#endif
