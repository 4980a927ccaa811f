/* rows.c - CSV and workbooks through one door. */
#include "agent/entry/rows.h"

#include "agent/entry/sheet_rows.h"
#include "common/base/lang.h"

#include <stdlib.h>

#define HEADER_BUDGET                                                                                        \
  ((size_t)4 * CSV_COLUMNS_MAX * CSV_CELL_MAX + (256u << 10)) /* its rows, and all of them as one */
#define ROW_BUDGET ((size_t)1 << 20)                          /* numbers and dates made into text */

struct rows {
  const import_options_t *options;
  const catalogue_t *c;
  csv_t *csv;
  /* of a workbook */
  xlsx_in_t *x;
  size_t sheet;
  uint32_t header_row, last_row; /* last taken */
  arena_t *head, *texts;
  csv_cell_t column[CSV_COLUMNS_MAX]; /* the header's cells */
  size_t n;
  csv_cell_t cell[CSV_COLUMNS_MAX]; /* the present row's */
  bool below_header;                /* nothing has come since */
  buf_t why;
};

rows_t *
rows_open (str_t file, const import_options_t *options, const catalogue_t *c, fail_t *fail)
{
  rows_t *self = calloc (1, sizeof *self);
  const bool workbook = xlsx_in_is (file);
  if (self == NULL) {
    (void)fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
    return NULL;
  }
  self->options = options;
  self->c = c;
  self->why = BUF_INIT;
  if (workbook) {
    self->head = arena_new (HEADER_BUDGET);
    self->texts = arena_new (ROW_BUDGET);
    self->x = xlsx_in_open (file, fail);
  } else {
    self->csv = csv_open (file, fail);
  }
  if (workbook && self->x != NULL && (self->head == NULL || self->texts == NULL)) {
    (void)fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
    rows_destroy (&self);
  } else if (self->x == NULL && self->csv == NULL)
    rows_destroy (&self);
  return self;
}

void
rows_destroy (rows_t **self_p)
{
  rows_t *self = *self_p;
  if (self == NULL)
    return;
  csv_destroy (&self->csv);
  xlsx_in_destroy (&self->x);
  arena_destroy (&self->head);
  arena_destroy (&self->texts);
  buf_free (&self->why);
  free (self);
  *self_p = NULL;
}

/* ---- the header ---- */

static void
keep_header (rows_t *self, const csv_row_t *names)
{
  self->header_row = self->last_row = names->line;
  self->below_header = true;
  self->n = names->n;
  memcpy (self->column, names->cell, names->n * sizeof *names->cell);
}

/* The row found, with the one below that divides its captions, or with the one above that names what it
 * lacks. Leaves x at the last of them. */
static err_t
read_header (rows_t *self, const heading_t *heading, uint32_t at, fail_t *fail)
{
  xlsx_row_t found;
  csv_row_t above, names, below, both;
  err_t err = sheet_go_to (self->x, self->sheet, at, &found, self->head, &above, fail);
  if (err != ERR_OK)
    return err;
  if (!sheet_names (&found, self->head, &names))
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  err = xlsx_in_next (self->x, &found, fail);
  if (err == ERR_OK && found.row == at + 1 && sheet_names (&found, self->head, &below) &&
      heading_join (heading, &names, &below, HEADING_UPPER, self->head, &both)) {
    keep_header (self, &both);
    return ERR_OK;
  }
  if (err != ERR_OK && err != ERR_END)
    return err;
  const bool two = above.n > 0 && heading_join (heading, &above, &names, HEADING_LOWER, self->head, &both);
  keep_header (self, two ? &both : &names);
  return sheet_go_to (self->x, self->sheet, at, &found, self->head, &above, fail);
}

err_t
rows_header (rows_t *self, csv_row_t *row, fail_t *fail)
{
  heading_t heading;
  uint32_t at = 0;
  self->below_header = true;
  if (self->csv != NULL)
    return csv_next (self->csv, row, fail);
  heading_open (&heading, self->options->kind, self->c);
  err_t err = sheet_find (self->x, self->options, &heading, &self->sheet, &at, fail);
  if (err == ERR_OK)
    err = read_header (self, &heading, at, fail);
  if (err == ERR_OK)
    *row = (csv_row_t){self->column, self->n, self->header_row};
  heading_close (&heading);
  return err;
}

void
rows_advise (rows_t *self, const csv_row_t *header, fail_t *fail)
{
  heading_t heading;
  if (self->csv == NULL)
    return;
  heading_open (&heading, self->options->kind, self->c);
  heading_advise (&heading, self->csv, header, fail);
  heading_close (&heading);
}

/* ---- a row of a sheet ---- */

typedef struct {
  rows_t *rows;
  const header_t *h;
  const columns_t *cs;
  const rows_tell_t *tell;
  bool refused;
} taking_t;

static void
refuse (taking_t *t, uint32_t row, uint32_t column, str_t name, const char *text)
{
  t->refused = true;
  t->tell->finding (
      t->tell->ctx,
      &(import_finding_t){.line = row, .column = column, .column_name = name, .text = str_of (text)});
}

static void
take_cell (taking_t *t, const xlsx_cell_t *cell, size_t i)
{
  rows_t *rows = t->rows;
  if (t->h->column[i] < 0)
    return;
  buf_clear (&rows->why);
  if (!sheet_cell_text (cell, columns_at (t->cs, (size_t)t->h->column[i]), rows->options->locale, rows->texts,
                        &rows->cell[i].text, &rows->why))
    refuse (t, cell->row, cell->column, t->h->name[i], buf_z (&rows->why));
}

/* The header's column that a cell stands in; rows->n: none. */
static size_t
column_of (const rows_t *rows, const xlsx_cell_t *cell)
{
  for (size_t i = 0; i < rows->n; i++)
    if (rows->column[i].column == cell->column)
      return i;
  return rows->n;
}

/* Does anything stand in the table's columns, or beside them where that matters? */
static bool
row_says (const rows_t *rows, const xlsx_row_t *row)
{
  for (size_t k = 0; k < row->n; k++)
    if (sheet_cell_says (&row->cell[k]) &&
        (!rows->options->ignore_unknown || column_of (rows, &row->cell[k]) < rows->n))
      return true;
  return false;
}

static void
take_cells (taking_t *t, const xlsx_row_t *row)
{
  rows_t *rows = t->rows;
  for (size_t i = 0; i < rows->n; i++)
    rows->cell[i] = (csv_cell_t){STR (""), row->row, rows->column[i].column};
  for (size_t k = 0; k < row->n; k++) {
    const xlsx_cell_t *cell = &row->cell[k];
    const size_t i = column_of (rows, cell);
    if (!sheet_cell_says (cell))
      continue;
    if (i < rows->n)
      take_cell (t, cell, i);
    else if (!rows->options->ignore_unknown)
      refuse (t, cell->row, cell->column, STR_NONE,
              L ("ô này nằm ngoài bảng: cột của nó không có tên ở dòng tiêu đề; hãy ghi tên cột, xóa ô, hoặc "
                 "dùng "
                 "--ignore-unknown để bỏ qua",
                 "this cell is outside the table: its column has no name in the header; name the column, "
                 "delete the "
                 "cell, or use --ignore-unknown to skip it"));
  }
}

/* ---- rows that are none of records ---- */

/* Does the row name its record, in part at least? */
static bool
names_a_record (const taking_t *t, const xlsx_row_t *row)
{
  const rows_t *rows = t->rows;
  bool asked = false;
  for (size_t i = 0; i < rows->n; i++) {
    if (t->h->column[i] < 0 || !columns_at (t->cs, (size_t)t->h->column[i])->key)
      continue;
    asked = true;
    for (size_t k = 0; k < row->n; k++)
      if (row->cell[k].column == rows->column[i].column && sheet_cell_says (&row->cell[k]))
        return true;
  }
  return !asked;
}

/* Totals and signatures stand below tables on paper; they are never taken, and never passed over in silence.
 */
static void
refuse_row (taking_t *t, const xlsx_row_t *row)
{
  size_t first = 0;
  while (first < row->n && !sheet_cell_says (&row->cell[first]))
    first++;
  const xlsx_cell_t *cell = &row->cell[first];
  CHECK (first < row->n);
  if (cell->type == XLSX_TEXT && sheet_says_total (cell->text))
    refuse (t, cell->row, cell->column, STR_NONE,
            L ("đây là dòng cộng, không phải bản ghi; hãy xóa dòng này (tổng do chương trình tính)",
               "this is a row of totals, not a record; delete it (totals are worked out by the program)"));
  else if (!names_a_record (t, row))
    refuse (t, row->row, 0, STR_NONE,
            L ("dòng này không có mã hoặc khóa của bản ghi nào; hãy ghi mã, hoặc xóa dòng nếu nó là tiêu đề "
               "nhóm, "
               "ghi chú hay chữ ký",
               "this row has no code or key of a record; write it, or delete the row if it is a heading, a "
               "note or "
               "a signature"));
}

/* Below the header, over more than one cell, and in columns that are taken? */
static bool
merges_in_table (const taking_t *t, const xlsx_merge_t *m)
{
  const rows_t *rows = t->rows;
  if (m->row <= rows->header_row || m->row > rows->last_row ||
      (m->row == m->last_row && m->column == m->last_column))
    return false;
  for (size_t i = 0; i < rows->n; i++)
    if (t->h->column[i] >= 0 && rows->column[i].column >= m->column &&
        rows->column[i].column <= m->last_column)
      return true;
  return false;
}

/* A merged cell holds its value once, where the rows below it mean it too: nobody but the person can say. */
static void
refuse_merges (taking_t *t)
{
  size_t n;
  const xlsx_merge_t *m = xlsx_in_merges (t->rows->x, &n);
  for (size_t i = 0; i < n; i++)
    if (merges_in_table (t, &m[i]))
      refuse (t, m[i].row, m[i].column, STR_NONE,
              L ("ô gộp (Merge) trong bảng: chỉ ô đầu có giá trị; hãy bỏ gộp ô (Unmerge) và ghi đủ từng ô",
                 "merged cells in the table: only the first one holds the value; unmerge them and fill each "
                 "cell"));
}

static void
refuse_numbering (taking_t *t, uint32_t line)
{
  refuse (t, line, 0, STR_NONE,
          L ("dòng ngay dưới tiêu đề này có vẻ là dòng đánh số cột của biểu giấy, không phải bản ghi; nếu "
             "đúng hãy xóa dòng này",
             "this row right below the header seems to number the columns as on paper, and to be no record; "
             "if so delete it"));
}

/* Of CSV: the row below the header may number its columns. */
static err_t
next_of_csv (taking_t *t, csv_row_t *row, fail_t *fail)
{
  rows_t *rows = t->rows;
  err_t err;
  while ((err = csv_next (rows->csv, row, fail)) == ERR_OK && rows->below_header) {
    str_t cell[CSV_COLUMNS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < row->n; i++)
      if (!str_blank (row->cell[i].text))
        cell[n++] = row->cell[i].text;
    const numbering_t numbers = numbering_of (cell, n);
    rows->below_header = numbers == NUMBERING_SURE;
    if (numbers == NUMBERING_LIKELY)
      refuse_numbering (t, row->line);
    if (numbers != NUMBERING_SURE)
      return ERR_OK;
  }
  return err;
}

static err_t
next_of_sheet (taking_t *t, csv_row_t *row, fail_t *fail)
{
  rows_t *rows = t->rows;
  xlsx_row_t found;
  err_t err;
  while ((err = xlsx_in_next (rows->x, &found, fail)) == ERR_OK) {
    const numbering_t numbers = rows->below_header ? sheet_numbers_columns (&found) : NUMBERING_NONE;
    arena_reset (rows->texts);
    if (numbers == NUMBERING_SURE || !row_says (rows, &found))
      continue;
    rows->below_header = false;
    rows->last_row = found.row;
    if (numbers == NUMBERING_LIKELY)
      refuse_numbering (t, found.row);
    else
      refuse_row (t, &found);
    if (!t->refused)
      take_cells (t, &found);
    *row = (csv_row_t){rows->cell, rows->n, found.row};
    return ERR_OK;
  }
  if (err == ERR_END)
    refuse_merges (t);
  return err;
}

/* ---- the door ---- */

err_t
rows_next (rows_t *self, const header_t *h, const columns_t *cs, const rows_tell_t *tell, csv_row_t *row,
           bool *refused, fail_t *fail)
{
  taking_t t = {.rows = self, .h = h, .cs = cs, .tell = tell};
  err_t err = self->csv != NULL ? next_of_csv (&t, row, fail) : next_of_sheet (&t, row, fail);
  *refused = t.refused;
  return err;
}

bool
rows_are_for_excel (const rows_t *self)
{
  return self->csv != NULL && csv_is_for_excel (self->csv);
}

unsigned
rows_progress (const rows_t *self)
{
  return self->csv != NULL ? csv_progress (self->csv) : xlsx_in_progress (self->x);
}

bool
rows_place (const rows_t *self, uint32_t line, uint32_t column, buf_t *out)
{
  if (self->x == NULL || self->header_row == 0 || line == 0)
    return false;
  const str_t name = xlsx_in_sheet (self->x, self->sheet)->name;
  buf_put (out, name.p, name.n);
  if (column > 0) {
    buf_putc (out, '!');
    xlsx_address (line, column, out);
  } else {
    buf_printf (out, L (", dòng %u", ", row %u"), (unsigned)line);
  }
  return true;
}
