/* Any bytes as a workbook, or as a part of one: what is read stays within its bounds, comes in order, and is
 * clean text; numbers and dates are ones that the readers of files know. Bytes that are no archive are put
 * into one as a sheet, where the checksums of an archive do not stand in the way. */
#include "common/base/bounds.h"
#include "common/sheet/xlsx_in.h"
#include "common/text/number.h"
#include "common/text/utf8.h"
#include "tests/fuzz/target.h"
#include "tests/support/workbook.h"

#include <stdlib.h>
#include <string.h>

static void
check_cell (const xlsx_cell_t *c)
{
  uint32_t date;
  CHECK (c->column <= XLSX_COLUMNS_MAX && c->text.n <= CSV_CELL_MAX);
  CHECK (utf8_valid (c->text, NULL));
  CHECK (c->type == XLSX_ERROR || utf8_clean (c->text, true, NULL));
  if (c->type == XLSX_DATE)
    CHECK (c->text.n == 10 && date_parse (c->text, NUMBER_PLAIN, &date) == NUMBER_OK);
  for (size_t i = 0; c->type == XLSX_NUMBER && i < c->text.n; i++)
    CHECK (strchr ("-.0123456789", c->text.p[i]) != NULL);
}

static err_t
read_sheet (xlsx_in_t *x, size_t i, fail_t *fail)
{
  xlsx_row_t row;
  uint32_t last = 0;
  size_t merges;
  err_t err = xlsx_in_start (x, i, fail);
  while (err == ERR_OK && (err = xlsx_in_next (x, &row, fail)) == ERR_OK) {
    CHECK (row.n > 0 && row.n <= CSV_COLUMNS_MAX && row.row > last && row.row <= XLSX_ROWS_MAX);
    last = row.row;
    for (size_t k = 0; k < row.n; k++) {
      CHECK (row.cell[k].row == row.row && (k == 0 || row.cell[k].column > row.cell[k - 1].column));
      check_cell (&row.cell[k]);
    }
  }
  CHECK (err != ERR_OK && (err == ERR_END) == (fail->err == ERR_OK));
  CHECK (xlsx_in_progress (x) <= 1000);
  if (err == ERR_END)
    (void)xlsx_in_merges (x, &merges);
  return err;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  buf_t file = BUF_INIT;
  str_t bytes = {(const char *)data, size};
  fail_t fail = {0};
  if (!xlsx_in_is (bytes)) {
    char *part = calloc (size + 1, 1); /* a part ends at its first NUL */
    CHECK (part != NULL);
    if (size > 0)
      memcpy (part, data, size);
    const workbook_sheet_t sheet = {"S", NULL, part, NULL};
    workbook_make (&(workbook_t){.strings = "<si><t>a</t></si>",
                                 .styles = "<xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"10\"/>",
                                 .sheet = &sheet,
                                 .sheets = 1},
                   &file);
    free (part);
    bytes = buf_str (&file);
  }
  xlsx_in_t *x = xlsx_in_open (bytes, &fail);
  CHECK (x != NULL || (fail.err != ERR_OK && fail.text[0] != '\0'));
  for (size_t i = 0; x != NULL && i < xlsx_in_sheets (x) && fail.err == ERR_OK; i++)
    (void)read_sheet (x, i, &fail);
  xlsx_in_destroy (&x);
  buf_free (&file);
  return 0;
}
