/* table.h - answers as tables: for people on a terminal, as csv, as json (INTERFACE 1).
 *
 * Rows are gathered, then printed once. In csv and json codes and names are never translated and the
 * header is there even without rows. For people columns have labels, numbers are grouped and right-
 * aligned; on a terminal the table fits its width (long text is wrapped, columns that can be spared are
 * left out and named below, and where even that is too wide each row becomes a block of lines), elsewhere
 * nothing is wrapped; nowhere is anything cut. A year is COL_TEXT: it is not to be grouped, and a span
 * ("2014-2020") is no number. */
#ifndef KC_CLI_TABLE_H
#define KC_CLI_TABLE_H

#include "common/base/bytes.h"

#include <stdio.h>

typedef enum { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON } format_t;
bool format_of_name (str_t name, format_t *out);

typedef enum {
  COL_TEXT,
  COL_NUMBER, /* plain digits as text; json: a number */
  COL_MONEY,  /* đồng; json: a string of digits */
  COL_DECIMAL /* plain decimal as text; json: a number with the same digits */
} col_type_t;

typedef struct table table_t;
/* NULL when out of memory; every call below takes that and table_print then says ERR_NOMEM, as it does when
 * memory ran out while rows were gathered. */
table_t *table_new (void);
void table_destroy (table_t **self_p);
/* name: as in csv and json; labels for people (NULL = name). */
void table_column (table_t *t, const char *name, const char *label_vi, const char *label_en, col_type_t type);
/* For people on a narrow terminal the column just added may be left out, those of a higher rank (1…) first,
 * and first of all those without any cell. The names of what was left out stand below the table. */
void table_spare (table_t *t, unsigned rank);
void table_row (table_t *t);              /* begins a row */
void table_cell (table_t *t, str_t text); /* next cell; STR_NONE: empty (json: null for non-text) */
void table_printf (table_t *t, const char *fmt, ...) PRINTF_LIKE (2, 3);
size_t table_rows (const table_t *t);
/* Rows by their cells from the left, numbers by value and all else by its bytes, as csv and json are. */
void table_sort (table_t *t);
/* json only: members before "rows": {"position":"…","seal":"…","rows":[{…}]}. Without any: {"rows":[…]}. */
void table_meta (table_t *t, const char *name, str_t value);
void table_meta_number (table_t *t, const char *name, uint64_t value);
/* Prints; excel: csv with BOM, CRLF and defused cells. title (people only) may be NULL. ERR_IO when
 * stdout cannot be written. */
MUST_USE err_t table_print (table_t *t, FILE *out, format_t f, bool excel, const char *title);
/* The same, appended to a buffer; width: columns of the terminal, 0 when there is none. */
MUST_USE err_t table_render (table_t *t, format_t f, bool excel, unsigned width, const char *title,
                             buf_t *out);
/* Digits in groups of three for people, in the current language, from plain digits ("-1389600000.5"). Text
 * that is no number is copied. */
void table_group_digits (str_t plain, buf_t *out);

#endif
