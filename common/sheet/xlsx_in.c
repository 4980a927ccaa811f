#include "common/sheet/xlsx_in.h"

#include "common/base/lang.h"
#include "common/sheet/xlsx_parts.h"
#include "common/text/csv.h"

#include <stdlib.h>
#include <string.h>

#define UNPACKED_MAX ((size_t)256 << 20)

struct xlsx_in {
  zip_read_t *zip;
  xlsx_book_t book;
  xlsx_rows_t *rows; /* of the sheet at hand */
};

bool
xlsx_in_is (str_t file)
{
  return file.n >= 4 && (memcmp (file.p, "PK\x03\x04", 4) == 0 || memcmp (file.p, "PK\x05\x06", 4) == 0);
}

/* A zip archive that is no workbook of ours: words for what it is. */
static void
say_what_it_is (str_t file, fail_t *fail)
{
  if (!csv_is_foreign (file, fail))
    (void)fail_set (fail, ERR_INPUT,
                    L ("tệp không phải sổ tính Excel (.xlsx)", "the file is no Excel workbook (.xlsx)"));
}

xlsx_in_t *
xlsx_in_open (str_t file, fail_t *fail)
{
  xlsx_in_t *self = calloc (1, sizeof *self);
  if (self == NULL) {
    (void)fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
    return NULL;
  }
  self->zip = zip_read_open (file, UNPACKED_MAX, fail);
  err_t err = self->zip != NULL ? xlsx_book_read (self->zip, &self->book, fail) : ERR_INPUT;
  if (err == ERR_NOT_FOUND)
    say_what_it_is (file, fail);
  if (err != ERR_OK)
    xlsx_in_destroy (&self);
  return self;
}

void
xlsx_in_destroy (xlsx_in_t **self_p)
{
  xlsx_in_t *self = *self_p;
  if (self == NULL)
    return;
  xlsx_rows_destroy (&self->rows);
  xlsx_book_free (&self->book);
  zip_read_destroy (&self->zip);
  free (self);
  *self_p = NULL;
}

size_t
xlsx_in_sheets (const xlsx_in_t *self)
{
  return self->book.parts;
}

const xlsx_sheet_t *
xlsx_in_sheet (const xlsx_in_t *self, size_t i)
{
  CHECK (i < self->book.parts);
  return &self->book.part[i].sheet;
}

err_t
xlsx_in_start (xlsx_in_t *self, size_t i, fail_t *fail)
{
  CHECK (i < self->book.parts);
  xlsx_rows_destroy (&self->rows);
  return xlsx_rows_new (self->zip, self->book.part[i].entry.p, &self->book, &self->rows, fail);
}

err_t
xlsx_in_next (xlsx_in_t *self, xlsx_row_t *row, fail_t *fail)
{
  CHECK (self->rows != NULL);
  return xlsx_rows_next (self->rows, row, fail);
}

const xlsx_merge_t *
xlsx_in_merges (const xlsx_in_t *self, size_t *n)
{
  CHECK (self->rows != NULL);
  return xlsx_rows_merges (self->rows, n);
}

unsigned
xlsx_in_progress (const xlsx_in_t *self)
{
  return zip_read_progress (self->zip);
}
