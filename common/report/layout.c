#include "common/report/layout.h"

#include "common/platform/platform.h"
#include "common/text/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define VIETNAM_MS (7 * INT64_C (3600000))

str_t
layout_words (bool en, const char *vi_words, const char *en_words)
{
  return str_of (en ? en_words : vi_words);
}

str_t
layout_text (arena_t *arena, const char *fmt, ...)
{
  char room[1024];
  va_list args;
  va_start (args, fmt);
  int n = vsnprintf (room, sizeof room, fmt, args);
  va_end (args);
  if (n < 0)
    return STR_NONE;
  if ((size_t)n < sizeof room)
    return arena_str (arena, (str_t){room, (size_t)n});
  char *all = arena_alloc (arena, (size_t)n + 1);
  if (all == NULL)
    return STR_NONE;
  va_start (args, fmt);
  n = vsnprintf (all, (size_t)n + 1, fmt, args);
  va_end (args);
  return (str_t){all, (size_t)n};
}

str_t
layout_years (arena_t *arena, span_t years)
{
  return years.from == years.to ? layout_text (arena, "%u", years.from)
                                : layout_text (arena, "%u - %u", years.from, years.to);
}

static unsigned
digits (const char *p, size_t n)
{
  unsigned v = 0;
  while (n-- > 0)
    v = 10 * v + (unsigned)(*p++ - '0');
  return v;
}

layout_time_t
layout_time (wall_t at)
{
  buf_t iso = BUF_INIT;
  layout_time_t t = {0};
  wall_format_iso ((wall_t){at.ms + VIETNAM_MS}, &iso);
  if (buf_ok (&iso) && iso.n == sizeof "2026-11-25T02:05:07Z" - 1)
    t = (layout_time_t){.year = digits (iso.p, 4),
                        .month = digits (iso.p + 5, 2),
                        .day = digits (iso.p + 8, 2),
                        .hour = digits (iso.p + 11, 2),
                        .minute = digits (iso.p + 14, 2)};
  buf_free (&iso);
  return t;
}

size_t
layout_lines (str_t text, double width)
{
  size_t lines = 0, room = width > 1 ? (size_t)width : 1;
  while (text.n > 0) {
    const char *line_break = memchr (text.p, '\n', text.n);
    str_t line = {text.p, line_break != NULL ? (size_t)(line_break - text.p) : text.n};
    size_t used = 0;
    lines++;
    for (size_t i = 0; i < line.n;) {
      size_t end = i;
      while (end < line.n && line.p[end] != ' ')
        end++;
      size_t word = utf8_width ((str_t){line.p + i, end - i});
      if (used > 0 && used + 1 + word > room) {
        lines++;
        used = 0;
      }
      used += (used > 0) + word;
      lines += used > room ? (used - 1) / room : 0;
      used = used > room ? (used - 1) % room + 1 : used;
      i = end + 1;
    }
    size_t taken = line.n + (line_break != NULL);
    text.p += taken;
    text.n -= taken;
  }
  return lines > 0 ? lines : 1;
}

/* ---- the columns ---- */

static double
figure_width (measure_t m, bool en)
{
  switch (m) {
  case MEASURE_SCHEMES:
    return en ? 7.5 : 4.6;
  case MEASURE_SUPPORT_VND:
    return 7.8;
  case MEASURE_PROJECTS:
    return 6;
  case MEASURE_REVENUE_VND:
    return 9.5;
  case MEASURE_VALUE:
    return 7.5;
  case MEASURE_STATUS:
    return 24;
  }
  UNREACHABLE ();
}

static const double label_widths[ANNEX_COUNT] = {
    [ANNEX_CONSULTING] = 42, [ANNEX_OUTCOMES] = 56, [ANNEX_BUDGET] = 38,
    [ANNEX_DOCUMENTS] = 62,  [ANNEX_STAFF] = 58,
};

static void
add_column (layout_column_t *to, size_t *n, layout_kind_t kind, size_t column, double width)
{
  to[(*n)++] = (layout_column_t){.kind = kind, .column = column, .width = width};
}

static err_t
columns_make (layout_t *l, arena_t *arena)
{
  const annex_table_t *t = l->table;
  const size_t most = 3 + DOCUMENT_STATUS_COUNT * t->columns;
  layout_column_t *to = arena_alloc (arena, most * sizeof *to);
  size_t n = 0;
  if (to == NULL)
    return ERR_NOMEM;
  add_column (to, &n, LAYOUT_CODE, 0, 5);
  add_column (to, &n, LAYOUT_LABEL, 0, label_widths[t->id]);
  if (t->id == ANNEX_OUTCOMES || t->id == ANNEX_STAFF)
    add_column (to, &n, LAYOUT_UNIT, 0, 11);
  for (size_t c = 0; c < t->columns; c++) {
    const annex_column_t *column = &t->column[c];
    if (column->period == COLUMN_STATUS) {
      for (unsigned s = DOCUMENT_NONE + 1; s < DOCUMENT_STATUS_COUNT; s++) {
        add_column (to, &n, LAYOUT_MARK, c, 16);
        to[n - 1].mark = (document_status_t)s;
      }
    } else if (column->period == COLUMN_NOTE) {
      add_column (to, &n, LAYOUT_NOTE, c, 34);
    } else {
      add_column (to, &n, LAYOUT_FIGURE, c,
                  t->id == ANNEX_STAFF ? 11 : figure_width (column->measure, l->en));
    }
  }
  l->column = to;
  l->columns = n;
  return ERR_OK;
}

/* ---- the lines above a table ---- */

static str_t
attached_line (const render_meta_t *m, arena_t *arena)
{
  const layout_time_t at = layout_time (m->at);
  const bool office = !str_blank (m->office_vi);
  str_t of = office ? (m->en && !str_blank (m->office_en) ? m->office_en : m->office_vi)
                    : (m->en && !str_blank (m->body_en) ? m->body_en : m->body_vi);
  str_t slash = !office && !str_blank (m->symbol) ? STR ("/") : STR ("");
  str_t symbol = slash.n > 0 ? m->symbol : STR ("");
  if (str_blank (of))
    return STR_NONE;
  if (m->en)
    return layout_text (arena, "(Attached to Report No.          %.*s%.*s of      /%u/%u, %.*s)",
                        STR_ARG (slash), STR_ARG (symbol), at.month, at.year, STR_ARG (of));
  return layout_text (arena, "(Kèm theo Báo cáo số          %.*s%.*s ngày      /%u/%u của %.*s)",
                      STR_ARG (slash), STR_ARG (symbol), at.month, at.year, STR_ARG (of));
}

static bool
headings_say_money (annex_id_t a)
{
  return a != ANNEX_BUDGET;
}

static void
titles_make (layout_t *l, const render_meta_t *m, arena_t *arena)
{
  const annex_table_t *t = l->table;
  l->word = layout_words (l->en, "Phụ lục", "Annex");
  l->title = layout_words (l->en, annex_title_vi (t->id), annex_title_en (t->id));
  if (t->years.from == t->years.to)
    l->period = layout_text (arena, l->en ? "(%u)" : "(Năm %u)", t->years.from);
  else
    l->period = layout_text (arena, l->en ? "(%u–%u)" : "(Giai đoạn %u - %u)", t->years.from, t->years.to);
  l->attached = attached_line (m, arena);
  if (!headings_say_money (t->id))
    l->money_unit = layout_words (l->en, "Đơn vị tính: triệu đồng", "Unit: million VND");
}

err_t
layout_of (const annex_table_t *t, const render_meta_t *m, arena_t *arena, layout_t *out)
{
  layout_t l = {.table = t, .en = m->en};
  titles_make (&l, m, arena);
  err_t err = columns_make (&l, arena);
  if (err == ERR_OK)
    err = layout_head_make (&l, arena);
  if (err == ERR_OK)
    err = layout_notes_make (&l, m, arena);
  if (err == ERR_OK)
    *out = l;
  return err;
}

/* ---- the cells of the body ---- */

bool
layout_is_dash (const layout_t *l, size_t row)
{
  return str_is (l->table->row[row].printed_code, "-");
}

static str_t
label_of (const layout_t *l, size_t row)
{
  const annex_row_t *r = &l->table->row[row];
  return l->en && !str_blank (r->label_en) ? r->label_en : r->label_vi;
}

bool
layout_is_foreign (const layout_t *l, size_t row, size_t column)
{
  const annex_row_t *r = &l->table->row[row];
  const layout_kind_t kind = l->column[column].kind;
  return l->en && ((kind == LAYOUT_LABEL && str_blank (r->label_en)) ||
                   (kind == LAYOUT_UNIT && str_blank (r->unit_en)) || kind == LAYOUT_NOTE);
}

static bool
is_parent (const annex_table_t *t, size_t row)
{
  for (size_t r = 0; r < t->rows; r++)
    if (t->row[r].parent == (int)row)
      return true;
  return false;
}

bool
layout_is_bold (const layout_t *l, size_t row)
{
  const annex_table_t *t = l->table;
  if (t->row[row].level > 1)
    return false;
  return t->row[row].level == 0 || t->id == ANNEX_OUTCOMES || t->id == ANNEX_BUDGET || is_parent (t, row);
}

bool
layout_label_covers_unit (const layout_t *l, size_t row)
{
  const annex_table_t *t = l->table;
  return t->row[row].level <= 1 && str_blank (t->row[row].unit_vi) && l->columns > 2 &&
         l->column[2].kind == LAYOUT_UNIT;
}

bool
layout_is_number (const layout_t *l, size_t row, size_t column)
{
  const layout_column_t *c = &l->column[column];
  if (c->kind != LAYOUT_FIGURE)
    return false;
  const annex_cell_t *cell = annex_cell (l->table, row, c->column);
  return cell->has && cell->text.p == NULL;
}

void
layout_put (const layout_t *l, size_t row, size_t column, buf_t *out)
{
  const layout_column_t *c = &l->column[column];
  const annex_row_t *r = &l->table->row[row];
  str_t text = STR_NONE;
  switch (c->kind) {
  case LAYOUT_CODE:
    text = layout_is_dash (l, row) ? STR_NONE : r->printed_code;
    break;
  case LAYOUT_LABEL:
    if (layout_is_dash (l, row))
      buf_puts (out, "- ");
    text = label_of (l, row);
    break;
  case LAYOUT_UNIT:
    text = l->en && !str_blank (r->unit_en) ? r->unit_en : r->unit_vi;
    break;
  case LAYOUT_FIGURE:
    annex_figure_printed (l->table, row, c->column, l->en, out);
    break;
  case LAYOUT_MARK:
    if (str_is (annex_cell (l->table, row, c->column)->text, document_status_name (c->mark)))
      text = STR ("x");
    break;
  case LAYOUT_NOTE:
    text = annex_cell (l->table, row, c->column)->text;
    break;
  }
  if (text.n > 0)
    buf_put (out, text.p, text.n);
}
