#include "common/sheet/xlsx_table.h"

#include "common/base/lang.h"
#include "common/sheet/xlsx_out.h"
#include "common/text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_READY 2000u /* to be filled in */
#define ROWS_MAX 1048575u
#define LIST_TOP 2u /* rows above the choices */
#define HEADER_POINTS 32.0
#define LINE_POINTS 15.0
#define LINES_MAX 27u     /* Excel's rows are no higher */
#define TITLE_LETTERS 32u /* Excel's limits of what it shows beside a cell */
#define HELP_LETTERS 255u
#define PAPER_A3 8
#define MONEY_MAX 1e15
#define YEAR_FIRST 2000
#define YEAR_LAST 2100

struct xlsx_table {
  xlsx_out_t *file;
  lxw_worksheet *sheet;
  const xlsx_column_t *column;
  size_t columns;
  lxw_row_t row;
  size_t lines; /* of the row's longest text */
  lxw_format *look[XLSX_LOOK_DATE + 1];
  bool failed, too_long;
};

/* ---- formats ---- */

static lxw_format *
new_format (xlsx_table_t *t, const char *number)
{
  lxw_format *f = workbook_add_format (xlsx_out_workbook (t->file));
  if (f == NULL) {
    t->failed = true;
    return NULL;
  }
  format_set_align (f, LXW_ALIGN_VERTICAL_TOP);
  if (number != NULL)
    format_set_num_format (f, number);
  return f;
}

static lxw_format *
header_format (xlsx_table_t *t, bool required)
{
  lxw_format *f = new_format (t, "@");
  if (f == NULL)
    return NULL;
  format_set_bold (f);
  format_set_text_wrap (f);
  format_set_align (f, LXW_ALIGN_CENTER);
  format_set_align (f, LXW_ALIGN_VERTICAL_CENTER);
  format_set_border (f, LXW_BORDER_THIN);
  format_set_bg_color (f, required ? 0xFFE699 : 0xDDEBF7);
  return f;
}

static void
make_formats (xlsx_table_t *t)
{
  static const char *const numbers[] = {
      [XLSX_LOOK_TEXT] = "@",         [XLSX_LOOK_LONG_TEXT] = "@",   [XLSX_LOOK_MONEY] = "#,##0",
      [XLSX_LOOK_COUNT] = "#,##0",    [XLSX_LOOK_VALUE] = "General", [XLSX_LOOK_YEAR] = "0",
      [XLSX_LOOK_DATE] = "dd/mm/yyyy"};
  for (size_t i = XLSX_LOOK_TEXT; i <= XLSX_LOOK_DATE; i++)
    t->look[i] = new_format (t, numbers[i]);
  if (t->failed)
    return;
  format_set_text_wrap (t->look[XLSX_LOOK_LONG_TEXT]);
  format_set_align (t->look[XLSX_LOOK_YEAR], LXW_ALIGN_CENTER);
  format_set_align (t->look[XLSX_LOOK_DATE], LXW_ALIGN_CENTER);
}

static void
check (xlsx_table_t *t, lxw_error error)
{
  t->failed = t->failed || error != LXW_NO_ERROR;
}

/* NUL-terminated, of at most so many letters; "" when there is none. */
static char *
letters (xlsx_table_t *t, str_t text, size_t max)
{
  size_t n = 0, i = 0;
  for (; i < text.n && n < max; n++)
    for (i++; i < text.n && ((uint8_t)text.p[i] & 0xC0) == 0x80;)
      i++;
  const char *z = xlsx_out_text (t->file, (str_t){text.p, i});
  t->failed = t->failed || z == NULL;
  return (char *)(uintptr_t)(z != NULL ? z : "");
}

/* ---- the choices ---- */

static void
put_choices (xlsx_table_t *t, lxw_worksheet *lists, lxw_col_t at, const xlsx_column_t *c)
{
  lxw_format *bold = header_format (t, false), *text = t->look[XLSX_LOOK_TEXT];
  const char *label = letters (t, c->name, HELP_LETTERS);
  check (t, worksheet_merge_range (lists, 0, at, 0, (lxw_col_t)(at + 1), label, bold));
  check (t, worksheet_write_string (lists, 1, at, letters (t, c->code_head, HELP_LETTERS), bold));
  check (t, worksheet_write_string (lists, 1, (lxw_col_t)(at + 1), letters (t, c->words_head, HELP_LETTERS),
                                    bold));
  check (t, worksheet_set_column (lists, at, at, 16, text));
  check (t, worksheet_set_column (lists, (lxw_col_t)(at + 1), (lxw_col_t)(at + 1), 80, text));
  for (size_t i = 0; i < c->choices; i++) {
    const lxw_row_t row = (lxw_row_t)(LIST_TOP + i);
    const char *code = xlsx_out_text (t->file, c->choice[i].code);
    const char *words = xlsx_out_text (t->file, c->choice[i].words);
    t->failed = t->failed || code == NULL || words == NULL;
    if (t->failed)
      return;
    check (t, worksheet_write_string (lists, row, at, code, text));
    if (words[0] != '\0')
      check (t, worksheet_write_string (lists, row, (lxw_col_t)(at + 1), words, text));
  }
}

/* ='Danh mục'!$A$3:$A$40 */
static void
put_range (str_t lists, lxw_col_t at, size_t n, buf_t *out)
{
  char first[LXW_MAX_CELL_NAME_LENGTH], last[LXW_MAX_CELL_NAME_LENGTH];
  lxw_rowcol_to_cell_abs (first, LIST_TOP, at, 1, 1);
  lxw_rowcol_to_cell_abs (last, (lxw_row_t)(LIST_TOP + n - 1), at, 1, 1);
  buf_puts (out, "='");
  for (size_t i = 0; i < lists.n; i++)
    buf_printf (out, "%s%c", lists.p[i] == '\'' ? "'" : "", lists.p[i]);
  buf_printf (out, "'!%s:%s", first, last);
}

/* ---- what may be typed ---- */

static void
set_limits (lxw_data_validation *v, xlsx_look_t look)
{
  v->criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
  switch (look) {
  case XLSX_LOOK_TEXT:
  case XLSX_LOOK_LONG_TEXT:
    v->validate = LXW_VALIDATION_TYPE_ANY;
    v->criteria = LXW_VALIDATION_CRITERIA_NONE;
    return;
  case XLSX_LOOK_MONEY:
  case XLSX_LOOK_COUNT:
    v->validate = LXW_VALIDATION_TYPE_INTEGER;
    v->maximum_number = MONEY_MAX;
    return;
  case XLSX_LOOK_VALUE:
    v->validate = LXW_VALIDATION_TYPE_DECIMAL;
    v->maximum_number = MONEY_MAX;
    return;
  case XLSX_LOOK_YEAR: /* "2014-2020" is one too: a question, not a wall */
    v->validate = LXW_VALIDATION_TYPE_INTEGER;
    v->minimum_number = YEAR_FIRST;
    v->maximum_number = YEAR_LAST;
    v->error_type = LXW_VALIDATION_ERROR_TYPE_WARNING;
    return;
  case XLSX_LOOK_DATE: /* so is a month alone */
    v->validate = LXW_VALIDATION_TYPE_DATE;
    v->minimum_datetime = (lxw_datetime){.year = YEAR_FIRST, .month = 1, .day = 1};
    v->maximum_datetime = (lxw_datetime){.year = YEAR_LAST, .month = 12, .day = 31};
    v->error_type = LXW_VALIDATION_ERROR_TYPE_WARNING;
    return;
  }
  UNREACHABLE ();
}

static void
validate_column (xlsx_table_t *t, size_t i, lxw_row_t last, const char *range)
{
  const xlsx_column_t *c = &t->column[i];
  lxw_data_validation v = {.ignore_blank = LXW_VALIDATION_ON,
                           .show_input = LXW_VALIDATION_ON,
                           .show_error = LXW_VALIDATION_ON,
                           .dropdown = LXW_VALIDATION_ON,
                           .error_type = LXW_VALIDATION_ERROR_TYPE_STOP};
  if (range != NULL) {
    v.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
    v.value_formula = (char *)(uintptr_t)range;
  } else {
    set_limits (&v, c->look);
  }
  char *title = letters (t, c->name, TITLE_LETTERS);
  v.input_title = title;
  v.error_title = title;
  v.input_message = letters (t, c->help, HELP_LETTERS);
  v.error_message = letters (t, c->error, HELP_LETTERS);
  check (t, worksheet_data_validation_range (t->sheet, 1, (lxw_col_t)i, last, (lxw_col_t)i, &v));
}

/* ---- the table ---- */

static void
put_header (xlsx_table_t *t)
{
  lxw_format *must = header_format (t, true), *may = header_format (t, false);
  check (t, worksheet_set_row (t->sheet, 0, HEADER_POINTS, NULL));
  for (size_t i = 0; i < t->columns; i++) {
    const xlsx_column_t *c = &t->column[i];
    const char *name = xlsx_out_text (t->file, c->name);
    t->failed = t->failed || name == NULL;
    if (t->failed)
      return;
    check (t, worksheet_set_column (t->sheet, (lxw_col_t)i, (lxw_col_t)i, c->width, t->look[c->look]));
    check (t, worksheet_write_string (t->sheet, 0, (lxw_col_t)i, name, c->required ? must : may));
  }
  worksheet_freeze_panes (t->sheet, 1, 1);
  worksheet_set_landscape (t->sheet);
  worksheet_set_paper (t->sheet, PAPER_A3);
  worksheet_fit_to_pages (t->sheet, 1, 0);
  check (t, worksheet_repeat_rows (t->sheet, 0, 0));
}

static void
put_lists (xlsx_table_t *t, const xlsx_table_head_t *head)
{
  const size_t ready = head->rows + ROWS_READY;
  const lxw_row_t last = (lxw_row_t)(ready < ROWS_MAX ? ready : ROWS_MAX);
  lxw_worksheet *lists = NULL;
  lxw_col_t at = 0;
  for (size_t i = 0; i < t->columns && !t->failed; i++) {
    const xlsx_column_t *c = &t->column[i];
    buf_t range = BUF_INIT;
    if (c->choices > 0 && lists == NULL) {
      lists =
          workbook_add_worksheet (xlsx_out_workbook (t->file), letters (t, head->lists, TITLE_LETTERS - 1));
      if (lists == NULL) {
        t->failed = true;
        return;
      }
      worksheet_freeze_panes (lists, LIST_TOP, 0);
    }
    if (c->choices > 0) {
      put_choices (t, lists, at, c);
      put_range (head->lists, at, c->choices, &range);
      at = (lxw_col_t)(at + 2);
    }
    validate_column (t, i, last, range.n > 0 ? buf_z (&range) : NULL);
    buf_free (&range);
  }
}

xlsx_table_t *
xlsx_table_new (const xlsx_table_head_t *head, fail_t *fail)
{
  xlsx_table_t *self = calloc (1, sizeof *self);
  buf_t title = BUF_INIT;
  if (self == NULL)
    goto no_memory;
  self->column = head->column;
  self->columns = head->columns;
  buf_put (&title, head->title.p, head->title.n);
  self->file = xlsx_out_new ((wall_t){0}, buf_z (&title), fail);
  buf_free (&title);
  if (self->file == NULL) {
    xlsx_table_destroy (&self);
    return NULL;
  }
  self->sheet =
      workbook_add_worksheet (xlsx_out_workbook (self->file), letters (self, head->sheet, TITLE_LETTERS - 1));
  if (self->sheet == NULL)
    goto no_memory;
  make_formats (self);
  if (!self->failed)
    put_header (self);
  if (!self->failed)
    put_lists (self, head);
  self->row = 1;
  if (!self->failed)
    return self;

no_memory:
  (void)fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  xlsx_table_destroy (&self);
  return NULL;
}

void
xlsx_table_destroy (xlsx_table_t **self_p)
{
  xlsx_table_t *self = *self_p;
  if (self == NULL)
    return;
  xlsx_out_destroy (&self->file);
  free (self);
  *self_p = NULL;
}

/* ---- rows ---- */

static bool
may_write (xlsx_table_t *t, size_t column)
{
  CHECK (column < t->columns);
  t->too_long = t->too_long || t->row > ROWS_MAX;
  return !t->failed && !t->too_long;
}

/* Programs do not measure wrapped cells when they open a file. */
static size_t
lines_of (str_t text, double width)
{
  const size_t room = width > 1 ? (size_t)width : 1;
  size_t lines = 0;
  while (text.n > 0) {
    const char *end = memchr (text.p, '\n', text.n);
    const size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
    lines += 1 + utf8_width ((str_t){text.p, n}) / room;
    text = end != NULL ? (str_t){end + 1, text.n - n - 1} : STR ("");
  }
  return lines < LINES_MAX ? lines : LINES_MAX;
}

void
xlsx_table_text (xlsx_table_t *self, size_t column, str_t text)
{
  if (text.n == 0 || !may_write (self, column))
    return;
  const bool is_long = self->column[column].look == XLSX_LOOK_LONG_TEXT;
  lxw_format *look = self->look[is_long ? XLSX_LOOK_LONG_TEXT : XLSX_LOOK_TEXT];
  const size_t lines = is_long ? lines_of (text, self->column[column].width) : 1;
  const char *z = xlsx_out_text (self->file, text);
  if (lines > self->lines)
    self->lines = lines;
  if (z == NULL)
    self->failed = true;
  else
    check (self, worksheet_write_string (self->sheet, self->row, (lxw_col_t)column, z, look));
}

void
xlsx_table_number (xlsx_table_t *self, size_t column, double number)
{
  if (may_write (self, column))
    check (self, worksheet_write_number (self->sheet, self->row, (lxw_col_t)column, number,
                                         self->look[self->column[column].look]));
}

void
xlsx_table_date (xlsx_table_t *self, size_t column, uint32_t yyyymmdd)
{
  lxw_datetime day = {
      .year = (int)(yyyymmdd / 10000), .month = (int)(yyyymmdd / 100 % 100), .day = (int)(yyyymmdd % 100)};
  if (may_write (self, column))
    check (self, worksheet_write_datetime (self->sheet, self->row, (lxw_col_t)column, &day,
                                           self->look[XLSX_LOOK_DATE]));
}

void
xlsx_table_next_row (xlsx_table_t *self)
{
  if (self->lines > 1 && may_write (self, 0))
    check (self, worksheet_set_row (self->sheet, self->row, LINE_POINTS * (double)self->lines, NULL));
  self->lines = 0;
  self->row++;
}

err_t
xlsx_table_finish (xlsx_table_t *self, buf_t *out, fail_t *fail)
{
  if (self->too_long)
    return fail_set (fail, ERR_TOO_BIG,
                     L ("trang tính chỉ chứa được %u dòng: hãy xuất ra tệp .csv",
                        "a sheet holds %u rows only: export to a .csv file"),
                     ROWS_MAX);
  if (self->failed)
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  return xlsx_out_finish (self->file, out, fail);
}
