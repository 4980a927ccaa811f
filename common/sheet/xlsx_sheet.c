/* xlsx_sheet.c - one sheet, row by row.
 *
 * The parser is paused behind every row that holds something, so a sheet never stands in memory. Rows and
 * cells may leave out their place: then they follow the one before. Places that go backwards are refused, for
 * a figure must not land in another cell than the one the person saw it in. */
#include "common/sheet/xlsx_parts.h"

#include "common/base/bounds.h"
#include "common/base/lang.h"
#include "common/text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define ROW_BUDGET ((size_t)24 << 20)
#define MERGES_MAX 65536u

struct xlsx_rows {
  const xlsx_book_t *book;
  xml_read_t *x;
  arena_t *arena; /* the texts of one row */
  bool in_data, in_row, in_cell, in_value;
  uint32_t row, column;
  xlsx_cell_t cell[CSV_COLUMNS_MAX];
  size_t n;
  xlsx_merge_t *merge;
  size_t merges, merges_room;
  /* the cell at hand */
  char kind[12]; /* its t */
  size_t style;
  unsigned depth; /* of elements within it */
  bool formula, value;
  buf_t text;
  xlsx_runs_t runs; /* of an inline text */
  bool in_inline;
};

/* ---- a cell's value ---- */

static void
add_cell (xlsx_rows_t *s, xlsx_cell_t cell)
{
  if (s->n == CSV_COLUMNS_MAX) {
    fail_t why = {0};
    (void)fail_set (&why, ERR_TOO_BIG,
                    L ("dòng có hơn %u ô: hãy xóa các cột thừa bên phải",
                       "the row has more than %u cells: remove those on the right"),
                    CSV_COLUMNS_MAX);
    fail_at (&why, NULL, s->row, s->column);
    xml_read_abort (s->x, &why);
    return;
  }
  cell.row = s->row;
  cell.column = s->column;
  s->cell[s->n++] = cell;
}

/* A copy for the row; not blank. */
static void
add_copied (xlsx_rows_t *s, xlsx_cell_t cell)
{
  cell.text = arena_str (s->arena, cell.text);
  if (cell.text.p == NULL)
    xlsx_no_memory (s->x);
  else
    add_cell (s, cell);
}

static void
add_text (xlsx_rows_t *s, str_t text, bool shared)
{
  buf_t clean = BUF_INIT;
  if (text.n == 0)
    return;
  if (text.n > CSV_CELL_MAX) {
    add_cell (s, (xlsx_cell_t){.type = XLSX_LONG_TEXT, .text = STR ("")});
  } else if (!utf8_clean (text, true, NULL)) {
    utf8_put_clean (&clean, text, true);
    add_copied (s, (xlsx_cell_t){.type = XLSX_BAD_TEXT, .text = buf_str (&clean)});
    buf_free (&clean);
  } else if (shared) {
    add_cell (s, (xlsx_cell_t){.type = XLSX_TEXT, .text = text});
  } else {
    add_copied (s, (xlsx_cell_t){.type = XLSX_TEXT, .text = text});
  }
}

static void
add_shared (xlsx_rows_t *s)
{
  const xlsx_strings_t *strings = &s->book->strings;
  const char *z = buf_z (&s->text);
  char *end;
  const unsigned long long i = strtoull (z, &end, 10);
  if (end == z || *end != '\0' || *z < '0' || *z > '9' || i >= strings->n) {
    xlsx_damaged (s->x, s->row, s->column);
    return;
  }
  const size_t start = i > 0 ? strings->end[i - 1] : 0;
  add_text (s, (str_t){strings->text.p + start, strings->end[i] - start}, true);
}

static void
add_number (xlsx_rows_t *s)
{
  buf_t number = BUF_INIT, day = BUF_INIT;
  const xlsx_format_t f =
      s->style < s->book->formats ? s->book->format[s->style] : (xlsx_format_t){false, false, 0};
  if (!xlsx_number (buf_str (&s->text), &number))
    xlsx_damaged (s->x, s->row, s->column);
  else if (!f.date)
    add_copied (s,
                (xlsx_cell_t){
                    .type = XLSX_NUMBER, .text = buf_str (&number), .percent = f.percent, .zeros = f.zeros});
  else if (xlsx_day (buf_str (&number), s->book->from_1904, &day))
    add_copied (s, (xlsx_cell_t){.type = XLSX_DATE, .text = buf_str (&day)});
  else
    add_copied (s, (xlsx_cell_t){.type = XLSX_MOMENT, .text = buf_str (&number)});
  buf_free (&number);
  buf_free (&day);
}

static void
add_iso_day (xlsx_rows_t *s)
{
  buf_t day = BUF_INIT;
  if (xlsx_iso_day (buf_str (&s->text), &day))
    add_copied (s, (xlsx_cell_t){.type = XLSX_DATE, .text = buf_str (&day)});
  else
    add_text (s, buf_str (&s->text), false);
  buf_free (&day);
}

static bool
is_kind (const xlsx_rows_t *s, const char *kind)
{
  return strcmp (s->kind, kind) == 0;
}

static void
end_cell (xlsx_rows_t *s)
{
  const str_t text = buf_str (&s->text);
  if (!buf_ok (&s->text))
    xlsx_no_memory (s->x);
  else if (is_kind (s, "inlineStr") || is_kind (s, "str")) {
    if (s->formula && !s->value)
      add_cell (s, (xlsx_cell_t){.type = XLSX_NO_VALUE, .text = STR ("")});
    else {
      xlsx_unescape (&s->text, 0);
      add_text (s, buf_str (&s->text), false);
    }
  } else if (text.n == 0) {
    if (s->formula)
      add_cell (s, (xlsx_cell_t){.type = XLSX_NO_VALUE, .text = STR ("")});
  } else if (is_kind (s, "s"))
    add_shared (s);
  else if (is_kind (s, "b"))
    add_cell (s, (xlsx_cell_t){.type = XLSX_BOOL,
                               .text = xml_yes (buf_z (&s->text)) ? STR ("TRUE") : STR ("FALSE")});
  else if (is_kind (s, "e"))
    add_copied (s, (xlsx_cell_t){.type = XLSX_ERROR, .text = text});
  else if (is_kind (s, "d"))
    add_iso_day (s);
  else
    add_number (s);
}

/* ---- elements ---- */

static void
start_row (xlsx_rows_t *s, const char **attributes)
{
  const char *r = xml_attribute (attributes, "r");
  char *end;
  const unsigned long long row = r != NULL ? strtoull (r, &end, 10) : s->row + 1ull;
  s->in_row = true;
  s->column = 0;
  s->n = 0;
  arena_reset (s->arena);
  if ((r != NULL && (*end != '\0' || *r < '0' || *r > '9')) || row <= s->row || row > XLSX_ROWS_MAX)
    xlsx_damaged (s->x, s->row, 0);
  else
    s->row = (uint32_t)row;
}

static void
start_cell (xlsx_rows_t *s, const char **attributes)
{
  const char *r = xml_attribute (attributes, "r"), *kind = xml_attribute (attributes, "t");
  const char *style = xml_attribute (attributes, "s");
  uint32_t row = s->row, column = s->column + 1;
  if ((r != NULL && !xlsx_place (r, &row, &column)) || row != s->row || column <= s->column ||
      column > XLSX_COLUMNS_MAX) {
    xlsx_damaged (s->x, s->row, s->column);
    return;
  }
  s->column = column;
  s->style = style != NULL ? strtoul (style, NULL, 10) : 0;
  s->kind[0] = '\0';
  if (kind != NULL)
    strncat (s->kind, kind, sizeof s->kind - 1);
  s->in_cell = true;
  s->formula = s->value = false;
  buf_clear (&s->text);
  s->runs = (xlsx_runs_t){.out = &s->text};
}

static void
add_merge (xlsx_rows_t *s, const char **attributes)
{
  const char *range = xml_attribute (attributes, "ref");
  xlsx_merge_t merge;
  if (range == NULL || !xlsx_range (range, &merge) || s->merges == MERGES_MAX) {
    xlsx_damaged (s->x, 0, 0);
    return;
  }
  xlsx_merge_t *grown = array_room (s->merge, s->merges, &s->merges_room, sizeof *grown);
  if (grown == NULL) {
    xlsx_no_memory (s->x);
    return;
  }
  s->merge = grown;
  s->merge[s->merges++] = merge;
}

static void
start_in_cell (xlsx_rows_t *s, const char *name, const char **attributes)
{
  if (s->depth++ > 0) {
    if (s->in_inline)
      xlsx_runs_start (&s->runs, name, attributes);
  } else if (strcmp (name, "v") == 0)
    s->in_value = s->value = true;
  else if (strcmp (name, "f") == 0)
    s->formula = true;
  else if (strcmp (name, "is") == 0)
    s->in_inline = true;
}

static void
on_start (void *ctx, const char *name, const char **attributes)
{
  xlsx_rows_t *s = ctx;
  if (s->in_cell)
    start_in_cell (s, name, attributes);
  else if (s->in_row && strcmp (name, "c") == 0)
    start_cell (s, attributes);
  else if (s->in_data && !s->in_row && strcmp (name, "row") == 0)
    start_row (s, attributes);
  else if (strcmp (name, "sheetData") == 0)
    s->in_data = true;
  else if (strcmp (name, "mergeCell") == 0)
    add_merge (s, attributes);
}

static void
on_text (void *ctx, str_t text)
{
  xlsx_rows_t *s = ctx;
  if (s->in_value)
    buf_put (&s->text, text.p, text.n);
  else if (s->in_inline)
    xlsx_runs_text (&s->runs, text);
}

static void
end_in_cell (xlsx_rows_t *s, const char *name)
{
  if (--s->depth == 0)
    s->in_value = s->in_inline = false;
  else if (s->in_inline)
    xlsx_runs_end (&s->runs, name);
}

static void
on_end (void *ctx, const char *name)
{
  xlsx_rows_t *s = ctx;
  if (s->in_cell && s->depth > 0)
    end_in_cell (s, name);
  else if (s->in_cell) {
    s->in_cell = false;
    end_cell (s);
  } else if (s->in_row && strcmp (name, "row") == 0) {
    s->in_row = false;
    if (s->n > 0)
      xml_read_pause (s->x);
  } else if (strcmp (name, "sheetData") == 0)
    s->in_data = false;
}

/* ---- life ---- */

err_t
xlsx_rows_new (zip_read_t *zip, const char *entry, const xlsx_book_t *book, xlsx_rows_t **out, fail_t *fail)
{
  err_t err = ERR_NOMEM;
  xlsx_rows_t *self = calloc (1, sizeof *self);
  if (self != NULL && (self->arena = arena_new (ROW_BUDGET)) != NULL) {
    const xml_told_t told = {self, on_start, on_end, on_text};
    self->book = book;
    self->text = BUF_INIT;
    err = xml_read_new (zip, entry, &told, &self->x, fail);
  }
  if (err == ERR_OK) {
    *out = self;
    return ERR_OK;
  }
  xlsx_rows_destroy (&self);
  if (err == ERR_NOT_FOUND)
    return fail_set (fail, ERR_INPUT,
                     L ("một trang tính không có trong tệp: hãy mở trong Excel rồi lưu lại",
                        "a sheet is missing in the file: open it in Excel and save it again"));
  return fail_set (fail, err, "%s", err_words (err));
}

void
xlsx_rows_destroy (xlsx_rows_t **self_p)
{
  xlsx_rows_t *self = *self_p;
  if (self == NULL)
    return;
  xml_read_destroy (&self->x);
  arena_destroy (&self->arena);
  free (self->merge);
  buf_free (&self->text);
  free (self);
  *self_p = NULL;
}

err_t
xlsx_rows_next (xlsx_rows_t *self, xlsx_row_t *row, fail_t *fail)
{
  err_t err = xml_read_on (self->x, fail);
  if (err == ERR_OK)
    *row = (xlsx_row_t){self->row, self->cell, self->n};
  return err;
}

const xlsx_merge_t *
xlsx_rows_merges (const xlsx_rows_t *self, size_t *n)
{
  *n = self->merges;
  return self->merge;
}
