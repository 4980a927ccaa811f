/* render_html.c - annexes as one document that needs nothing else: no script, no file beside it.
 *
 * On paper it is what an office files: A3 landscape, the official header of administrative papers (the body
 * at the left, the state's name and motto at the right), each annex on a page of its own, its headings anew
 * on every page, no row cut in two, position and seal at every foot. On a screen headings stay in sight. */
#include "common/report/html.h"

#define ARENA_BUDGET ((size_t)64 << 20)
#define NOTES_IN_A_COLUMN 8

static const char style[] =
    "section{margin-bottom:3rem}\n"
    ".titles{text-align:center;margin-bottom:.6rem}\n"
    "h1{margin:.2rem 0;font-size:1.2em}\n"
    ".word{font-weight:bold}\n"
    ".attached,.unit{font-style:italic}\n"
    ".unit{text-align:right;margin-top:.4rem}\n"
    ".box{overflow:auto;max-height:85vh}\n"
    "caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\n"
    "table{width:100%;table-layout:fixed;border-collapse:separate;border-spacing:0;font-size:10.5pt;"
    "line-height:1.2}\n"
    "th,td{padding:.2rem .3rem;border:solid #000;border-width:0 1px 1px 0;vertical-align:middle}\n"
    "tbody tr>:first-child,thead .first{border-left-width:1px}\n"
    "thead{position:sticky;top:0;z-index:2}\n"
    "thead th,thead td{background:#f2f2f2;text-align:center}\n"
    "thead tr:first-child>*{border-top-width:1px}\n"
    "thead .letters td{font-style:italic;font-size:.85em;padding:.1rem}\n"
    "thead th{white-space:pre-line}\n"
    "tbody th{font-weight:normal;text-align:left;position:sticky;left:0;background:#fff;z-index:1}\n"
    "tbody .bold{break-after:avoid}\n"
    "tbody .bold>*{font-weight:bold}\n"
    "tbody .dash th{padding-left:1rem}\n"
    ".c{text-align:center}\n"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
    ".notes{margin:.6rem 0 0;padding-left:1.2rem;font-size:10pt}\n"
    ".notes li{break-inside:avoid}\n"
    ".many{columns:32rem;column-gap:2.5rem}\n"
    "@media print{body{padding:0 1px}section+section{break-before:page}section{margin:0 0 2rem}"
    ".box{overflow:visible;max-height:none}thead,tbody th{position:static}tr{break-inside:avoid}"
    "table{min-width:0!important;font-size:8.5pt;border-collapse:collapse}th,td{border-width:1px}"
    ".dense th,.dense td{padding:.1rem .15rem}.dense table{font-size:7pt}.notes{font-size:8pt}"
    ".many{columns:24rem}thead th,thead td{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

static void
put_frame_end (buf_t *out, const layout_frame_t *f)
{
  buf_puts (out, "</main>\n<footer class=\"frame sign\">\n<div>\n");
  html_line (out, " class=\"strong\"", f->clerk);
  buf_puts (out, "<p class=\"room\"></p>\n</div>\n<div>\n");
  html_line (out, " class=\"strong keep\"", f->signer);
  buf_puts (out, "<p class=\"room\"></p>\n</div>\n</footer>\n</body>\n</html>\n");
}

static void
put_titles (buf_t *out, const layout_t *l, size_t number)
{
  buf_puts (out, "<div class=\"titles\">\n");
  html_line (out, " class=\"word\"", l->word);
  buf_printf (out, "<h1 id=\"annex-%zu\">", number);
  markup_put_text (out, l->title);
  buf_puts (out, "</h1>\n");
  html_line (out, " class=\"strong\"", l->period);
  html_line (out, " class=\"attached keep\"", l->attached);
  html_line (out, " class=\"unit\"", l->money_unit);
  buf_puts (out, "</div>\n");
}

/* On a screen the table is as wide as its columns need and scrolls in a box, which the keyboard reaches. */
static void
put_table_start (buf_t *out, const layout_t *l, size_t number)
{
  double all = 0;
  for (size_t c = 0; c < l->columns; c++)
    all += l->column[c].width;
  buf_printf (out,
              "<div class=\"box\" role=\"region\" tabindex=\"0\" aria-labelledby=\"annex-%zu\">\n"
              "<table style=\"min-width:%uem\">\n",
              number, (unsigned)(all * 0.52));
  html_element (out, "caption", "", l->title);
  buf_puts (out, "\n<colgroup>\n");
  for (size_t c = 0; c < l->columns; c++) {
    unsigned share = (unsigned)(l->column[c].width * 10000 / all);
    buf_printf (out, "<col style=\"width:%u.%02u%%\">\n", share / 100, share % 100);
  }
  buf_puts (out, "</colgroup>\n");
}

static void
put_heads (buf_t *out, const layout_t *l)
{
  buf_puts (out, "<thead>\n");
  size_t at = 0;
  for (size_t row = 0; row < l->head_rows; row++) {
    const bool letters = l->letters && row + 1 == l->head_rows;
    buf_puts (out, letters ? "<tr class=\"letters\">" : "<tr>");
    for (; at < l->heads && l->head[at].row == row; at++) {
      const layout_head_t *h = &l->head[at];
      if (letters) {
        html_element (out, "td", h->column == 0 ? " class=\"first\"" : "", h->text);
        continue;
      }
      buf_printf (out, "<th scope=\"%s\"%s", h->columns > 1 ? "colgroup" : "col",
                  h->column == 0 ? " class=\"first\"" : "");
      if (h->rows > 1)
        buf_printf (out, " rowspan=\"%zu\"", h->rows);
      if (h->columns > 1)
        buf_printf (out, " colspan=\"%zu\"", h->columns);
      buf_putc (out, '>');
      markup_put_text (out, h->text);
      buf_puts (out, "</th>");
    }
    buf_puts (out, "</tr>\n");
  }
  buf_puts (out, "</thead>\n");
}

static void
put_cell (buf_t *out, const layout_t *l, size_t row, size_t column, buf_t *text)
{
  const layout_kind_t kind = l->column[column].kind;
  const char *lang = layout_is_foreign (l, row, column) ? " lang=\"vi\"" : "", *class = "";
  buf_clear (text);
  layout_put (l, row, column, text);
  switch (kind) {
  case LAYOUT_CODE:
  case LAYOUT_UNIT:
  case LAYOUT_MARK:
    class = " class=\"c\"";
    break;
  case LAYOUT_FIGURE:
    class = " class=\"n\"";
    break;
  case LAYOUT_LABEL:
  case LAYOUT_NOTE:
    break;
  }
  if (text->n == 0)
    lang = class = "";
  if (kind == LAYOUT_LABEL)
    buf_printf (out, "<th scope=\"row\"%s%s>", layout_label_covers_unit (l, row) ? " colspan=\"2\"" : "",
                lang);
  else
    buf_printf (out, "<td%s%s>", class, lang);
  markup_put_text (out, buf_str (text));
  buf_puts (out, kind == LAYOUT_LABEL ? "</th>" : "</td>");
}

static void
put_rows (buf_t *out, const layout_t *l)
{
  buf_t text = BUF_INIT;
  buf_puts (out, "<tbody>\n");
  for (size_t row = 0; row < l->table->rows; row++) {
    if (layout_is_bold (l, row))
      buf_puts (out, "<tr class=\"bold\">");
    else
      buf_puts (out, layout_is_dash (l, row) ? "<tr class=\"dash\">" : "<tr>");
    for (size_t c = 0; c < l->columns; c++)
      if (l->column[c].kind != LAYOUT_UNIT || !layout_label_covers_unit (l, row))
        put_cell (out, l, row, c, &text);
    buf_puts (out, "</tr>\n");
  }
  buf_puts (out, "</tbody>\n");
  out->failed = out->failed || !buf_ok (&text);
  buf_free (&text);
}

static void
put_annex (buf_t *out, const layout_t *l, size_t number)
{
  const char *dense = l->columns > 24 ? " dense" : "";
  buf_printf (out, "<section class=\"%s%s\" aria-labelledby=\"annex-%zu\">\n", annex_name (l->table->id),
              dense, number);
  put_titles (out, l, number);
  put_table_start (out, l, number);
  put_heads (out, l);
  put_rows (out, l);
  buf_printf (out, "</table>\n</div>\n<ul class=\"notes%s\">\n", l->notes > NOTES_IN_A_COLUMN ? " many" : "");
  for (size_t i = 0; i < l->notes; i++) {
    html_element (out, "li", "", l->note[i]);
    buf_putc (out, '\n');
  }
  buf_puts (out, "</ul>\n</section>\n");
}

err_t
render_html (const annex_table_t *tables, size_t n, const render_meta_t *m, buf_t *out)
{
  layout_frame_t frame;
  arena_t *arena = arena_new (ARENA_BUDGET);
  err_t err = arena != NULL ? layout_frame (tables, n, m, arena, &frame) : ERR_NOMEM;
  if (err != ERR_OK)
    goto done;
  html_start (out, m, frame.title, style, "A3 landscape;margin:15mm 12mm 15mm 15mm");
  html_frame_top (out, &frame);
  for (size_t i = 0; i < n; i++) {
    layout_t l;
    err = layout_of (&tables[i], m, arena, &l);
    if (err != ERR_OK)
      goto done;
    put_annex (out, &l, i + 1);
  }
  put_frame_end (out, &frame);
  err = buf_ok (out) ? ERR_OK : ERR_NOMEM;
done:
  arena_destroy (&arena);
  return err;
}
