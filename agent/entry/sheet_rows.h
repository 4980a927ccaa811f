/* sheet_rows.h - the workbook's side of rows.h; nobody else includes it. */
#ifndef KC_AGENT_ENTRY_SHEET_ROWS_H
#define KC_AGENT_ENTRY_SHEET_ROWS_H

#include "agent/entry/heading.h"
#include "agent/entry/numbering.h"
#include "agent/entry/rows.h"
#include "common/sheet/xlsx_in.h"

/* ---- the sheet with the header (sheet_find.c) ---- */

/* Its number, and the row of its header, or of what is most like one. ERR_END: no sheet holds anything. */
MUST_USE err_t sheet_find (xlsx_in_t *x, const import_options_t *options, const heading_t *heading,
                           size_t *sheet, uint32_t *row, fail_t *fail);
/* Leaves x at that row, which is in *row; *above: the names in the row right above it, if there is one. */
MUST_USE err_t sheet_go_to (xlsx_in_t *x, size_t sheet, uint32_t to, xlsx_row_t *row, arena_t *arena,
                            csv_row_t *above, fail_t *fail);
/* A row's cells that say something, kept in the arena. False: they are too long. */
bool sheet_names (const xlsx_row_t *row, arena_t *arena, csv_row_t *out);
/* (1) (2) (3) …: what stands below a header to number its columns. */
numbering_t sheet_numbers_columns (const xlsx_row_t *row);

/* ---- a cell as text (sheet_cells.c) ---- */

/* Does it hold more than blanks? */
bool sheet_cell_says (const xlsx_cell_t *cell);
/* The cell as CSV of the locale would hold it in this column. False: *why says why it cannot stand there. */
bool sheet_cell_text (const xlsx_cell_t *cell, const column_t *col, number_locale_t locale, arena_t *arena,
                      str_t *out, buf_t *why);
/* "Tổng cộng" and the like at the head of a row. */
bool sheet_says_total (str_t text);

#endif
