/* layout_notes.c - what stands under an annex: which figures are estimates, that each is rounded on its own
 * and where rounded parts therefore do not add up, and from what place in the books all of it was read. */
#include "common/report/layout.h"

typedef struct {
  str_t *at;
  size_t n, room;
  bool failed;
} list_t;

static void
add (list_t *list, str_t note)
{
  list->failed = list->failed || note.p == NULL || list->n == list->room;
  if (!list->failed)
    list->at[list->n++] = note;
}

static void
estimate_note (const layout_t *l, arena_t *arena, list_t *list)
{
  const annex_table_t *t = l->table;
  const char *word = t->id == ANNEX_STAFF ? "ước tính" : "ước thực hiện";
  buf_t years = BUF_INIT;
  uint16_t last = 0;
  for (size_t c = 0; c < t->columns; c++)
    if (t->column[c].period == COLUMN_YEAR && t->column[c].estimate && t->column[c].year != last) {
      buf_printf (&years, "%s%u", last != 0 ? ", " : "", t->column[c].year);
      last = t->column[c].year;
    }
  if (last != 0)
    add (list,
         l->en ? layout_text (arena,
                              "%s: estimate. The year is not over, or figures are estimates or of schemes "
                              "not yet settled.",
                              buf_z (&years))
               : layout_text (arena,
                              "Năm %s: số %s (năm chưa kết thúc, hoặc còn số liệu ước tính, đề án chưa "
                              "quyết toán).",
                              buf_z (&years), word));
  buf_free (&years);
}

/* Names a row as the notes do: by its code, a total by its words. */
static str_t
row_name (const layout_t *l, size_t row)
{
  const annex_row_t *r = &l->table->row[row];
  if (r->level > 0)
    return r->code;
  return l->en && !str_blank (r->label_en) ? r->label_en : r->label_vi;
}

/* The headings of a column on one line: "Năm 2016, KCĐP, Số kinh phí". */
static void
put_column_name (const layout_t *l, size_t column, arena_t *arena, buf_t *out)
{
  str_t level[LAYOUT_LEVELS];
  size_t n = layout_levels (l, column, arena, level);
  for (size_t k = 0; k < n; k++) {
    buf_puts (out, k > 0 ? ", " : "");
    for (size_t i = 0; i < level[k].n; i++)
      buf_putc (out, level[k].p[i] == '\n' ? ' ' : level[k].p[i]);
  }
}

static size_t
column_of (const layout_t *l, size_t annex_column)
{
  for (size_t c = 0; c < l->columns; c++)
    if (l->column[c].kind == LAYOUT_FIGURE && l->column[c].column == annex_column)
      return c;
  UNREACHABLE ();
}

static void
rounding_note (const layout_t *l, const annex_rounding_t *r, arena_t *arena, list_t *list)
{
  buf_t column = BUF_INIT, parts = BUF_INIT, total = BUF_INIT;
  str_t row = row_name (l, r->row);
  put_column_name (l, column_of (l, r->column), arena, &column);
  annex_number_printed (r->parts, r->decimals, l->en, &parts);
  annex_number_printed (r->total, r->decimals, l->en, &total);
  if (l->en)
    add (list,
         layout_text (arena, "%.*s, column “%s”: the %s as printed add up to %s, the total is %s (rounding).",
                      STR_ARG (row), buf_z (&column), r->across_years ? "years" : "parts", buf_z (&parts),
                      buf_z (&total)));
  else
    add (list, layout_text (
                   arena, "%.*s, cột “%s”: các %s cộng lại bằng %s, số tổng là %s (chênh lệch do làm tròn).",
                   STR_ARG (row), buf_z (&column), r->across_years ? "năm" : "số thành phần", buf_z (&parts),
                   buf_z (&total)));
  buf_free (&column);
  buf_free (&parts);
  buf_free (&total);
}

static bool
has_rounded (const annex_table_t *t)
{
  for (size_t c = 0; c < t->columns; c++)
    if (t->column[c].period == COLUMN_AVERAGE || annex_is_money (&t->column[c]))
      return true;
  return false;
}

str_t
layout_source (const render_meta_t *m, arena_t *arena)
{
  const layout_time_t at = layout_time (m->at);
  return m->en ? layout_text (arena,
                              "Figures as of position %.*s, seal %.*s (%04u-%02u-%02u %02u:%02u, Vietnam "
                              "time).",
                              STR_ARG (m->position), STR_ARG (m->seal), at.year, at.month, at.day, at.hour,
                              at.minute)
               : layout_text (arena,
                              "Số liệu tại vị trí sổ %.*s, dấu niêm %.*s (%02u:%02u ngày %02u/%02u/%04u, giờ "
                              "Việt Nam).",
                              STR_ARG (m->position), STR_ARG (m->seal), at.hour, at.minute, at.day, at.month,
                              at.year);
}

err_t
layout_notes_make (layout_t *l, const render_meta_t *m, arena_t *arena)
{
  const annex_rounding_t *rounding;
  size_t roundings;
  err_t err = annex_roundings (l->table, arena, &rounding, &roundings);
  if (err != ERR_OK)
    return err;
  list_t list = {.room = roundings + 3};
  list.at = arena_alloc (arena, list.room * sizeof *list.at);
  if (list.at == NULL)
    return ERR_NOMEM;
  estimate_note (l, arena, &list);
  if (has_rounded (l->table))
    add (&list,
         layout_words (l->en,
                       "Mỗi số được làm tròn riêng từ giá trị chính xác, không cộng từ các số đã làm tròn.",
                       "Each figure is rounded on its own from its exact value, never added up from "
                       "rounded ones."));
  for (size_t i = 0; i < roundings; i++)
    rounding_note (l, &rounding[i], arena, &list);
  add (&list, layout_source (m, arena));
  l->note = list.at;
  l->notes = list.n;
  return list.failed ? ERR_NOMEM : ERR_OK;
}
