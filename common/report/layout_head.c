/* layout_head.c - the headings over an annex's columns.
 *
 * Each column has its headings from the top down (the year, the fund under it, the measure under that). What
 * neighbours share from the top is one heading over both; a column with fewer levels than the deepest has its
 * last one reach down. Under them the printed forms have a row of letters: A, B, C for the words, and in the
 * budget 1, 2, 3, 4 anew in each period. */
#include "common/report/layout.h"

static str_t
year_heading (const layout_t *l, const annex_column_t *c, arena_t *arena)
{
  const char *estimate = "";
  if (c->estimate && l->en)
    estimate = "\n(estimate)";
  else if (c->estimate)
    estimate = l->table->id == ANNEX_STAFF ? "\n(ước tính)" : "\n(ước thực hiện)";
  return layout_text (arena, l->en ? "%u%s" : "Năm %u%s", c->year, estimate);
}

static str_t
span_heading (const layout_t *l, const annex_column_t *c, arena_t *arena)
{
  const span_t years = l->table->years;
  const bool total = c->period == COLUMN_TOTAL;
  if (years.from == years.to)
    return layout_text (arena,
                        l->en ? (total ? "Total\n%u" : "Average\n%u")
                              : (total ? "Tổng\nnăm %u" : "Trung bình\nnăm %u"),
                        years.from);
  return layout_text (arena,
                      l->en ? (total ? "Total\n%u–%u" : "Average a year\n%u–%u")
                            : (total ? "Tổng giai đoạn\n%u - %u" : "Trung bình giai đoạn\n%u - %u"),
                      years.from, years.to);
}

static str_t
period_heading (const layout_t *l, const annex_column_t *c, arena_t *arena)
{
  switch (c->period) {
  case COLUMN_YEAR:
    return year_heading (l, c, arena);
  case COLUMN_TOTAL:
  case COLUMN_AVERAGE:
    return span_heading (l, c, arena);
  case COLUMN_STATUS:
    return layout_words (l->en, "Tình hình văn bản", "State of the document");
  case COLUMN_NOTE:
    return layout_words (l->en, "Ghi chú", "Note");
  }
  UNREACHABLE ();
}

static str_t
measure_heading (bool en, measure_t m)
{
  switch (m) {
  case MEASURE_SCHEMES:
    return layout_words (en, "Số\nđề án", "Schemes");
  case MEASURE_SUPPORT_VND:
    return layout_words (en, "Số\nkinh phí", "Support");
  case MEASURE_PROJECTS:
    return layout_words (en, "Số\ndự án", "Projects");
  case MEASURE_REVENUE_VND:
    return layout_words (en, "Doanh thu\n(Tr.đồng)", "Revenue\n(million VND)");
  case MEASURE_VALUE:
  case MEASURE_STATUS:
    return STR_NONE;
  }
  UNREACHABLE ();
}

static str_t
mark_heading (bool en, document_status_t s)
{
  switch (s) {
  case DOCUMENT_ISSUED:
    return layout_words (en, "Đã ban hành", "Issued");
  case DOCUMENT_DRAFTING:
    return layout_words (en, "Đang xây dựng", "Being drafted");
  case DOCUMENT_NOT_STARTED:
    return layout_words (en, "Chưa xây dựng", "Not started");
  case DOCUMENT_NONE:
  case DOCUMENT_STATUS_COUNT:
    break;
  }
  UNREACHABLE ();
}

static str_t
label_heading (bool en, annex_id_t a)
{
  switch (a) {
  case ANNEX_CONSULTING:
    return layout_words (en, "Nội dung", "Service");
  case ANNEX_OUTCOMES:
  case ANNEX_BUDGET:
    return layout_words (en, "Nội dung và chỉ tiêu", "Activities and indicators");
  case ANNEX_DOCUMENTS:
    return layout_words (en, "Tên văn bản", "Document");
  case ANNEX_STAFF:
    return layout_words (en, "Chỉ tiêu", "Indicator");
  case ANNEX_NONE:
  case ANNEX_COUNT:
    break;
  }
  UNREACHABLE ();
}

static size_t
figure_levels (const layout_t *l, const annex_column_t *c, arena_t *arena, str_t level[LAYOUT_LEVELS])
{
  size_t n = 0;
  if (l->table->id == ANNEX_STAFF)
    level[n++] = layout_words (l->en, "Số lượng", "Number");
  level[n++] = period_heading (l, c, arena);
  if (c->fund.p != NULL)
    level[n++] = c->fund.n > 0 ? c->fund : layout_words (l->en, "Không rõ nguồn", "No fund");
  str_t measure = measure_heading (l->en, c->measure);
  if (measure.p != NULL)
    level[n++] = measure;
  return n;
}

size_t
layout_levels (const layout_t *l, size_t column, arena_t *arena, str_t level[LAYOUT_LEVELS])
{
  const layout_column_t *c = &l->column[column];
  switch (c->kind) {
  case LAYOUT_CODE:
    level[0] = layout_words (l->en, "TT", "No.");
    return 1;
  case LAYOUT_LABEL:
    level[0] = label_heading (l->en, l->table->id);
    return 1;
  case LAYOUT_UNIT:
    level[0] = layout_words (l->en, "ĐVT", "Unit");
    return 1;
  case LAYOUT_FIGURE:
    return figure_levels (l, &l->table->column[c->column], arena, level);
  case LAYOUT_MARK:
    level[0] = period_heading (l, &l->table->column[c->column], arena);
    level[1] = mark_heading (l->en, c->mark);
    return 2;
  case LAYOUT_NOTE:
    level[0] = period_heading (l, &l->table->column[c->column], arena);
    return 1;
  }
  UNREACHABLE ();
}

typedef struct {
  size_t n;
  str_t level[LAYOUT_LEVELS];
} levels_t;

/* Does the heading at this level of column b continue that of a, its neighbour? */
static bool
continues (const levels_t *a, const levels_t *b, size_t level)
{
  if (level + 1 >= a->n || level + 1 >= b->n)
    return false;
  for (size_t k = 0; k <= level; k++)
    if (!str_eq (a->level[k], b->level[k]))
      return false;
  return true;
}

static void
add_head (layout_t *l, layout_head_t *to, layout_head_t head)
{
  to[l->heads++] = head;
}

static bool
same_period (const annex_column_t *a, const annex_column_t *b)
{
  return a->period == b->period && a->year == b->year;
}

static void
letters_make (layout_t *l, layout_head_t *to, arena_t *arena)
{
  const annex_table_t *t = l->table;
  unsigned number = 0;
  if (t->id == ANNEX_DOCUMENTS || t->id == ANNEX_STAFF)
    return;
  for (size_t c = 0; c < l->columns; c++) {
    str_t text = STR ("");
    if (l->column[c].kind != LAYOUT_FIGURE) {
      text = layout_text (arena, "%c", (char)('A' + c));
    } else if (t->id == ANNEX_BUDGET) {
      bool first = l->column[c - 1].kind != LAYOUT_FIGURE ||
                   !same_period (&t->column[l->column[c - 1].column], &t->column[l->column[c].column]);
      number = first ? 1 : number + 1;
      text = layout_text (arena, "%u", number);
    }
    add_head (l, to,
              (layout_head_t){.row = l->head_rows, .column = c, .rows = 1, .columns = 1, .text = text});
  }
  l->head_rows++;
  l->letters = true;
}

err_t
layout_head_make (layout_t *l, arena_t *arena)
{
  levels_t *stack = arena_alloc (arena, l->columns * sizeof *stack);
  layout_head_t *to = arena_alloc (arena, l->columns * (LAYOUT_LEVELS + 1) * sizeof *to);
  size_t depth = 0;
  if (stack == NULL || to == NULL)
    return ERR_NOMEM;
  for (size_t c = 0; c < l->columns; c++) {
    stack[c].n = layout_levels (l, c, arena, stack[c].level);
    depth = stack[c].n > depth ? stack[c].n : depth;
  }
  for (size_t k = 0; k < depth; k++)
    for (size_t c = 0; c < l->columns;) {
      size_t end = c + 1;
      while (end < l->columns && continues (&stack[end - 1], &stack[end], k))
        end++;
      if (k < stack[c].n)
        add_head (l, to,
                  (layout_head_t){.row = k,
                                  .column = c,
                                  .rows = k + 1 == stack[c].n ? depth - k : 1,
                                  .columns = end - c,
                                  .text = stack[c].level[k]});
      c = end;
    }
  l->head_rows = depth;
  letters_make (l, to, arena);
  l->head = to;
  return ERR_OK;
}
