/* render_xlsx.c - annexes as a workbook, a sheet each, laid out as on paper and ready to print.
 *
 * Figures are numbers, rounded as printed (each on its own, from the exact value); which separators stand in
 * them is the reader's locale. Blank cells are blank. Every text is written as a text, so that none becomes a
 * formula. Excel does not measure wrapped or merged cells when it opens a file, so heights are set here. */
#include "common/report/layout.h"

#include "common/base/lang.h"
#include "common/sheet/xlsx_out.h"

#define ARENA_BUDGET ((size_t)64 << 20)
#define FORMATS_MAX 64
#define FONT "Times New Roman"
#define PAPER_A3 8
#define LINE_POINTS 14.0
#define MOTTO_WIDTH 48.0 /* of the columns the state's name and the motto are centred over */

/* What a format is made of. Equal looks are one format: Excel has a limit of them. */
typedef struct {
  uint8_t size, align, decimals, indent;
  bool bold, italic, underline, wrap, border, fill, number, top;
} look_t;

typedef struct {
  xlsx_out_t *file;
  lxw_worksheet *sheet;
  const layout_t *l;
  const layout_frame_t *frame;
  lxw_row_t row; /* the next to be written */
  look_t look[FORMATS_MAX];
  lxw_format *format[FORMATS_MAX];
  size_t formats;
  bool failed;
} writer_t;

static bool
same_look (const look_t *a, const look_t *b)
{
  return a->size == b->size && a->align == b->align && a->decimals == b->decimals && a->indent == b->indent &&
         a->bold == b->bold && a->italic == b->italic && a->underline == b->underline && a->wrap == b->wrap &&
         a->border == b->border && a->fill == b->fill && a->number == b->number && a->top == b->top;
}

static lxw_format *
new_format (writer_t *w, look_t look)
{
  static const char *const numbers[] = {"#,##0", "#,##0.0", "#,##0.00", "#,##0.000"};
  lxw_format *f = workbook_add_format (xlsx_out_workbook (w->file));
  if (f == NULL)
    return NULL;
  format_set_font_name (f, FONT);
  format_set_font_size (f, look.size);
  format_set_align (f, look.align);
  format_set_align (f, look.top ? LXW_ALIGN_VERTICAL_TOP : LXW_ALIGN_VERTICAL_CENTER);
  if (look.bold)
    format_set_bold (f);
  if (look.italic)
    format_set_italic (f);
  if (look.underline)
    format_set_underline (f, LXW_UNDERLINE_SINGLE);
  if (look.wrap)
    format_set_text_wrap (f);
  if (look.border)
    format_set_border (f, LXW_BORDER_THIN);
  if (look.fill)
    format_set_bg_color (f, 0xF2F2F2);
  if (look.indent > 0)
    format_set_indent (f, look.indent);
  if (look.number) {
    format_set_shrink (f); /* rather than a row of # where a column is narrow */
    format_set_num_format (f, numbers[look.decimals < 3 ? look.decimals : 3]);
  }
  return f;
}

static lxw_format *
format_of (writer_t *w, look_t look)
{
  for (size_t i = 0; i < w->formats; i++)
    if (same_look (&w->look[i], &look))
      return w->format[i];
  lxw_format *f = w->formats < FORMATS_MAX ? new_format (w, look) : NULL;
  w->failed = w->failed || f == NULL;
  if (f != NULL) {
    w->look[w->formats] = look;
    w->format[w->formats++] = f;
  }
  return f;
}

static void
check (writer_t *w, lxw_error error)
{
  w->failed = w->failed || error != LXW_NO_ERROR;
}

static void
put_text (writer_t *w, lxw_row_t row, size_t column, str_t text, look_t look)
{
  const char *z = xlsx_out_text (w->file, text);
  lxw_format *f = format_of (w, look);
  if (z == NULL)
    w->failed = true;
  else if (z[0] == '\0')
    check (w, worksheet_write_blank (w->sheet, row, (lxw_col_t)column, f));
  else
    check (w, worksheet_write_string (w->sheet, row, (lxw_col_t)column, z, f));
}

/* A text over several cells; over one it is no merge. */
static void
put_merged (writer_t *w, lxw_row_t row, size_t column, size_t rows, size_t columns, str_t text, look_t look)
{
  const char *z = xlsx_out_text (w->file, text);
  if (rows == 1 && columns == 1)
    put_text (w, row, column, text, look);
  else if (z == NULL)
    w->failed = true;
  else
    check (w, worksheet_merge_range (w->sheet, row, (lxw_col_t)column, row + (lxw_row_t)rows - 1,
                                     (lxw_col_t)(column + columns - 1), z, format_of (w, look)));
}

static double
width_of (const layout_t *l, size_t from, size_t n)
{
  double all = 0;
  for (size_t c = from; c < from + n; c++)
    all += l->column[c].width;
  return all;
}

static void
set_height (writer_t *w, lxw_row_t row, double points)
{
  check (w, worksheet_set_row (w->sheet, row, points, NULL));
}

/* A line over the whole width; absent ones take no row. */
static void
put_line (writer_t *w, str_t text, look_t look)
{
  if (str_blank (text))
    return;
  look.wrap = true;
  double width = width_of (w->l, 0, w->l->columns) * 11 / (look.size + (look.bold ? 1 : 0));
  set_height (w, w->row, (double)layout_lines (text, width) * (look.size + 4));
  put_merged (w, w->row++, 0, 1, w->l->columns, text, look);
}

/* ---- the official header and the signatures: two blocks side by side ---- */

/* The first column of the right block: as little of the right as its lines need. 0: the table is too narrow
 * for both, and they stand at its edges, running over into the empty cells. */
static size_t
right_block (const layout_t *l)
{
  for (size_t c = l->columns; c-- > 2;)
    if (width_of (l, c, l->columns - c) >= MOTTO_WIDTH)
      return c;
  return 0;
}

/* The first line of a text, which moves on behind it. */
static str_t
take_line (str_t *text)
{
  size_t n = 0;
  while (n < text->n && text->p[n] != '\n')
    n++;
  str_t line = {text->p, n};
  n += n < text->n;
  *text = (str_t){text->p + n, text->n - n};
  return line;
}

static void
put_pair (writer_t *w, str_t left, look_t left_look, str_t right, look_t right_look)
{
  const layout_t *l = w->l;
  const size_t split = right_block (l);
  if (split == 0) {
    left_look.align = LXW_ALIGN_LEFT;
    right_look.align = LXW_ALIGN_RIGHT;
  }
  do {
    str_t left_line = take_line (&left), right_line = take_line (&right);
    set_height (w, w->row, LINE_POINTS + 2);
    if (split == 0) {
      put_text (w, w->row, 0, left_line, left_look);
      put_text (w, w->row, l->columns - 1, right_line, right_look);
    } else {
      put_merged (w, w->row, 0, 1, 2, left_line, left_look);
      put_merged (w, w->row, split, 1, l->columns - split, right_line, right_look);
    }
    w->row++;
  } while (left.n > 0 || right.n > 0);
}

static const look_t plain = {.size = 12, .align = LXW_ALIGN_CENTER};
static const look_t strong = {.size = 12, .align = LXW_ALIGN_CENTER, .bold = true};
static const look_t underlined = {.size = 12, .align = LXW_ALIGN_CENTER, .bold = true, .underline = true};
static const look_t slanted = {.size = 12, .align = LXW_ALIGN_CENTER, .italic = true};

static void
put_frame_top (writer_t *w)
{
  const layout_frame_t *f = w->frame;
  if (str_blank (f->above)) {
    put_pair (w, f->issuer, strong, f->state, strong);
    put_pair (w, f->number, plain, f->motto, underlined);
    put_pair (w, STR_NONE, plain, f->date, slanted);
  } else {
    put_pair (w, f->above, plain, f->state, strong);
    put_pair (w, f->issuer, strong, f->motto, underlined);
    put_pair (w, f->number, plain, f->date, slanted);
  }
  set_height (w, w->row++, 6);
}

static void
put_frame_end (writer_t *w)
{
  set_height (w, w->row++, 10);
  put_pair (w, w->frame->clerk, strong, w->frame->signer, strong);
}

/* ---- the table ---- */

static void
put_heads (writer_t *w)
{
  const layout_t *l = w->l;
  const look_t look = {
      .size = 11, .align = LXW_ALIGN_CENTER, .bold = true, .wrap = true, .border = true, .fill = true};
  const look_t letters = {.size = 9, .align = LXW_ALIGN_CENTER, .italic = true, .border = true, .fill = true};
  for (size_t i = 0, row = 0; row < l->head_rows; row++) {
    const bool last = l->letters && row + 1 == l->head_rows;
    size_t lines = 1;
    for (; i < l->heads && l->head[i].row == row; i++) {
      const layout_head_t *h = &l->head[i];
      size_t need = layout_lines (h->text, width_of (l, h->column, h->columns) * 1.1);
      if (h->rows == 1 && need > lines)
        lines = need;
      put_merged (w, w->row + (lxw_row_t)h->row, h->column, h->rows, h->columns, h->text,
                  last ? letters : look);
    }
    set_height (w, w->row + (lxw_row_t)row, last ? 13.5 : (double)lines * LINE_POINTS + 3);
  }
  w->row += (lxw_row_t)l->head_rows;
}

static void
put_number (writer_t *w, size_t row, size_t column, look_t look)
{
  static const double power[] = {1, 10, 100, 1000};
  uint8_t decimals;
  int64_t v = annex_figure_rounded (w->l->table, row, w->l->column[column].column, &decimals);
  CHECK (decimals < sizeof power / sizeof power[0]);
  look.number = true;
  look.decimals = decimals;
  look.align = LXW_ALIGN_RIGHT;
  check (w, worksheet_write_number (w->sheet, w->row, (lxw_col_t)column, (double)v / power[decimals],
                                    format_of (w, look)));
}

static look_t
cell_look (const layout_t *l, size_t row, size_t column)
{
  look_t look = {
      .size = 11, .align = LXW_ALIGN_CENTER, .wrap = true, .border = true, .bold = layout_is_bold (l, row)};
  switch (l->column[column].kind) {
  case LAYOUT_LABEL:
    look.indent = layout_is_dash (l, row) ? 1 : 0;
    look.align = LXW_ALIGN_LEFT;
    break;
  case LAYOUT_NOTE:
    look.align = LXW_ALIGN_LEFT;
    break;
  case LAYOUT_FIGURE:
    look.align = LXW_ALIGN_RIGHT;
    look.wrap = false;
    break;
  case LAYOUT_CODE:
  case LAYOUT_UNIT:
  case LAYOUT_MARK:
    break;
  }
  return look;
}

static void
put_row (writer_t *w, size_t row, buf_t *text)
{
  const layout_t *l = w->l;
  const bool covers = layout_label_covers_unit (l, row);
  size_t lines = 1;
  for (size_t c = 0; c < l->columns; c++) {
    const layout_kind_t kind = l->column[c].kind;
    const look_t look = cell_look (l, row, c);
    if (layout_is_number (l, row, c)) {
      put_number (w, row, c, look);
      continue;
    }
    if (kind == LAYOUT_UNIT && covers)
      continue;
    buf_clear (text);
    layout_put (l, row, c, text);
    size_t span = kind == LAYOUT_LABEL && covers ? 2 : 1;
    if (look.wrap) {
      double width = width_of (l, c, span) * (look.bold ? 1.2 : 1.3) - 2.0 * look.indent;
      size_t need = layout_lines (buf_str (text), width);
      lines = need > lines ? need : lines;
    }
    put_merged (w, w->row, c, 1, span, buf_str (text), look);
  }
  set_height (w, w->row++, (double)lines * LINE_POINTS + 3);
}

static void
put_rows (writer_t *w)
{
  buf_t text = BUF_INIT;
  for (size_t row = 0; row < w->l->table->rows; row++)
    put_row (w, row, &text);
  w->failed = w->failed || !buf_ok (&text);
  buf_free (&text);
}

static void
put_notes (writer_t *w)
{
  const look_t look = {.size = 10, .align = LXW_ALIGN_LEFT, .italic = true, .top = true};
  set_height (w, w->row++, 6);
  for (size_t i = 0; i < w->l->notes; i++)
    put_line (w, w->l->note[i], look);
}

/* ---- a sheet ---- */

static str_t
sheet_name (annex_id_t a, bool en)
{
  switch (a) {
  case ANNEX_CONSULTING:
    return layout_words (en, "1 Tư vấn", "1 Consulting");
  case ANNEX_OUTCOMES:
    return layout_words (en, "2 Kết quả", "2 Outcomes");
  case ANNEX_BUDGET:
    return layout_words (en, "3 Kinh phí", "3 Budget");
  case ANNEX_DOCUMENTS:
    return layout_words (en, "4 Văn bản", "4 Documents");
  case ANNEX_STAFF:
    return layout_words (en, "5 Nhân lực", "5 Staff");
  case ANNEX_NONE:
  case ANNEX_COUNT:
    break;
  }
  UNREACHABLE ();
}

static void
set_up_page (writer_t *w, lxw_row_t head, lxw_row_t body, arena_t *arena)
{
  lxw_worksheet *s = w->sheet;
  worksheet_set_landscape (s);
  worksheet_set_paper (s, PAPER_A3);
  worksheet_set_margins (s, 0.6, 0.5, 0.6, 0.7);
  worksheet_center_horizontally (s);
  worksheet_fit_to_pages (s, 1, 0);
  worksheet_gridlines (s, LXW_HIDE_ALL_GRIDLINES);
  check (w, worksheet_repeat_rows (s, head, body - 1));
  check (w, worksheet_print_area (s, 0, 0, w->row - 1, (lxw_col_t)(w->l->columns - 1)));
  worksheet_freeze_panes (s, body, 2);
  worksheet_set_zoom (s, 85);
  check (w, worksheet_ignore_errors (s, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:XFD1048576"));
  str_t footer = layout_text (arena, "&L&\"" FONT ",Regular\"&8%.*s, %.*s&R&\"" FONT ",Regular\"&8&P/&N",
                              STR_ARG (w->frame->position), STR_ARG (w->frame->seal));
  const char *z = xlsx_out_text (w->file, footer);
  if (z == NULL || footer.p == NULL)
    w->failed = true;
  else
    check (w, worksheet_set_footer (s, z));
}

static void
put_sheet (writer_t *w, arena_t *arena)
{
  const layout_t *l = w->l;
  for (size_t c = 0; c < l->columns; c++)
    check (w, worksheet_set_column (w->sheet, (lxw_col_t)c, (lxw_col_t)c, l->column[c].width, NULL));
  w->row = 0;
  put_frame_top (w);
  look_t title = strong;
  put_line (w, l->word, strong);
  title.size = 14;
  put_line (w, l->title, title);
  put_line (w, l->period, strong);
  put_line (w, l->attached, slanted);
  look_t unit = slanted;
  unit.align = LXW_ALIGN_RIGHT;
  unit.size = 11;
  put_line (w, l->money_unit, unit);
  set_height (w, w->row++, 6);
  lxw_row_t head = w->row;
  put_heads (w);
  lxw_row_t body = w->row;
  put_rows (w);
  put_notes (w);
  put_frame_end (w);
  set_up_page (w, head, body, arena);
}

static err_t
put_sheets (writer_t *w, const annex_table_t *tables, size_t n, const render_meta_t *m, arena_t *arena)
{
  unsigned seen[ANNEX_COUNT] = {0};
  layout_t *l = arena_alloc (arena, n * sizeof *l + 1);
  if (l == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < n; i++) {
    err_t err = layout_of (&tables[i], m, arena, &l[i]);
    if (err != ERR_OK)
      return err;
    str_t name = sheet_name (tables[i].id, m->en);
    if (seen[tables[i].id]++ > 0)
      name = layout_text (arena, "%.*s (%u)", STR_ARG (name), seen[tables[i].id]);
    if (name.p == NULL)
      return ERR_NOMEM;
    w->sheet = workbook_add_worksheet (xlsx_out_workbook (w->file), name.p);
    if (w->sheet == NULL)
      return ERR_NOMEM;
    w->l = &l[i];
    put_sheet (w, arena);
  }
  return w->failed ? ERR_NOMEM : ERR_OK;
}

err_t
render_xlsx (const annex_table_t *tables, size_t n, const render_meta_t *m, buf_t *out, fail_t *fail)
{
  layout_frame_t frame;
  writer_t w = {.frame = &frame};
  arena_t *arena = arena_new (ARENA_BUDGET);
  err_t err = arena != NULL ? layout_frame (tables, n, m, arena, &frame) : ERR_NOMEM;
  if (err == ERR_OK) {
    w.file = xlsx_out_new (m->at, frame.title.p, fail);
    err = w.file != NULL ? ERR_OK : fail != NULL && fail->err != ERR_OK ? fail->err : ERR_IO;
  }
  if (err == ERR_OK)
    err = put_sheets (&w, tables, n, m, arena);
  if (err == ERR_OK)
    err = xlsx_out_finish (w.file, out, fail);
  if (err != ERR_OK)
    err = fail_set (fail, err, "%s", err_words (err));
  xlsx_out_destroy (&w.file);
  arena_destroy (&arena);
  return err;
}
