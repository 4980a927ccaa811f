/* Any bytes as a table: cells stay within their bounds, are clean text, come in order, and what was
 * read comes back the same when it is written and read again. */
#include "common/base/bounds.h"
#include "common/text/csv.h"
#include "common/text/utf8.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_row (const csv_row_t *row, uint32_t *line)
{
  CHECK (row->n >= 1 && row->n <= CSV_COLUMNS_MAX);
  CHECK (row->line > *line);
  *line = row->line;
  for (size_t i = 0; i < row->n; i++) {
    const csv_cell_t *cell = &row->cell[i];
    CHECK (cell->column == i + 1 && cell->line >= *line);
    CHECK (cell->text.n <= CSV_CELL_MAX);
    CHECK (utf8_valid (cell->text, NULL) && utf8_clean (cell->text, true, NULL));
    *line = cell->line;
  }
}

static void
write_row (buf_t *out, const csv_row_t *row)
{
  for (size_t i = 0; i < row->n; i++)
    csv_write_cell (out, row->cell[i].text, i == 0, false);
  csv_write_end (out, false);
}

/* Reads all rows into plain form; the error, or ERR_END. */
static err_t
rewrite (str_t file, buf_t *out, fail_t *fail)
{
  csv_t *csv = csv_open (file, fail);
  if (csv == NULL)
    return fail->err;
  csv_row_t row;
  uint32_t line = 0;
  err_t err;
  while ((err = csv_next (csv, &row, fail)) == ERR_OK) {
    check_row (&row, &line);
    write_row (out, &row);
  }
  CHECK ((err == ERR_END) == (fail->err == ERR_OK));
  CHECK (csv_progress (csv) <= 1000);
  csv_destroy (&csv);
  return err;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  buf_t once = BUF_INIT, twice = BUF_INIT;
  fail_t fail = {0}, again = {0};
  /* a first row of commas settles the delimiter, whatever the cells hold */
  const str_t header = STR ("a,b,c\n");
  buf_put (&once, header.p, header.n);
  err_t err = rewrite ((str_t){(const char *)data, size}, &once, &fail);
  CHECK (err == ERR_END || fail.text[0] != '\0');
  CHECK (rewrite (buf_str (&once), &twice, &again) == ERR_END);
  CHECK (str_eq (buf_str (&once), buf_str (&twice)));
  buf_free (&once);
  buf_free (&twice);
  return 0;
}
