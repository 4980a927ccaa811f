/* render_html.c - annexes as one document that needs nothing else: no script, no file beside it.
 *
 * On paper it is what an office files: A3 landscape, the official header of administrative papers (the body
 * at the left, the state's name and motto at the right), each annex on a page of its own, its headings anew
 * on every page, no row cut in two, position and seal at every foot. On a screen headings stay in sight.
 * Everything that comes from outside passes put_text; the style sheet takes digits and letters only. */
#include "common/report/layout.h"

#include "common/text/utf8.h"

#include <string.h>

#define ARENA_BUDGET ((size_t)64 << 20)
#define NOTES_IN_A_COLUMN 8

static const char style[] =
    "*{box-sizing:border-box}\n"
    "body{margin:0;padding:1.5rem;background:#fff;color:#000;"
    "font:12pt/1.3 \"Times New Roman\",\"Liberation Serif\",Tinos,\"Noto Serif\",serif}\n"
    "p{margin:0}\n"
    ".frame{display:flex;flex-wrap:wrap;justify-content:space-between;gap:1rem 2rem;text-align:center;"
    "margin-bottom:1.5rem;break-inside:avoid}\n"
    ".frame>*{min-width:18rem}\n"
    ".strong{font-weight:bold}\n"
    ".rule::after{content:\"\";display:block;width:10rem;max-width:60%;margin:.2rem auto .4rem;"
    "border-top:1px solid}\n"
    ".motto.rule::after{width:14rem}\n"
    ".keep{white-space:pre-wrap}\n"
    "section{margin-bottom:3rem}\n"
    ".titles{text-align:center;margin-bottom:.6rem}\n"
    "h1{margin:.2rem 0;font-size:1.2em}\n"
    ".word{font-weight:bold}\n"
    ".attached,.date,.unit{font-style:italic}\n"
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
    "tbody .bold>*{font-weight:bold}\n"
    "tbody .dash th{padding-left:1rem}\n"
    ".c{text-align:center}\n"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
    ".notes{margin:.6rem 0 0;padding-left:1.2rem;font-size:10pt}\n"
    ".notes li{break-inside:avoid}\n"
    ".many{columns:32rem;column-gap:2.5rem}\n"
    ".sign .room{height:6rem}\n"
    "@media print{body{padding:0 1px}section+section{break-before:page}section{margin:0 0 2rem}"
    ".box{overflow:visible;max-height:none}thead,tbody th{position:static}tr{break-inside:avoid}"
    "table{min-width:0!important;font-size:8.5pt;border-collapse:collapse}th,td{border-width:1px}"
    ".dense th,.dense td{padding:.1rem .15rem}.dense table{font-size:7pt}.notes{font-size:8pt}"
    ".many{columns:24rem}thead th,thead td{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

/* Text within an element or a quoted attribute. What is no UTF-8, or no character a page may hold, becomes
 * U+FFFD. */
static void
put_text (buf_t *out, str_t s)
{
  buf_t clean = BUF_INIT;
  utf8_put_clean (&clean, s, true);
  for (size_t i = 0; i < clean.n; i++)
    switch (clean.p[i]) {
    case '&':
      buf_puts (out, "&amp;");
      break;
    case '<':
      buf_puts (out, "&lt;");
      break;
    case '>':
      buf_puts (out, "&gt;");
      break;
    case '"':
      buf_puts (out, "&quot;");
      break;
    case '\'':
      buf_puts (out, "&#39;");
      break;
    default:
      buf_putc (out, clean.p[i]);
    }
  out->failed = out->failed || !buf_ok (&clean);
  buf_free (&clean);
}

/* An element around a text; attributes as they are, "" for none. */
static void
put_element (buf_t *out, const char *tag, const char *attributes, str_t text)
{
  buf_printf (out, "<%s%s>", tag, attributes);
  put_text (out, text);
  buf_printf (out, "</%s>", tag);
}

static void
put_line (buf_t *out, const char *attributes, str_t text)
{
  if (str_blank (text))
    return;
  put_element (out, "p", attributes, text);
  buf_putc (out, '\n');
}

/* Within a string of the style sheet: position and seal are digits and letters. */
static void
put_css (buf_t *out, str_t s)
{
  for (size_t i = 0; i < s.n; i++) {
    char c = s.p[i];
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ':')
      buf_putc (out, c);
  }
}

static void
put_start (buf_t *out, const layout_frame_t *f, const render_meta_t *m)
{
  buf_printf (out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
              m->en ? "en" : "vi");
  buf_puts (out, "<meta name=\"viewport\" content=\"width=device-width\">\n");
  buf_puts (out, "<meta http-equiv=\"Content-Security-Policy\" "
                 "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
  put_element (out, "title", "", f->title);
  buf_puts (out, "\n<style>\n");
  buf_puts (out, style);
  buf_puts (out, "@page{size:A3 landscape;margin:15mm 12mm 15mm 15mm;"
                 "@bottom-left{font:8pt \"Times New Roman\",\"Liberation Serif\",serif;content:\"");
  buf_puts (out, m->en ? "Position " : "Vị trí sổ ");
  put_css (out, m->position);
  buf_puts (out, m->en ? ", seal " : ", dấu niêm ");
  put_css (out, m->seal);
  buf_puts (out, "\"}@bottom-right{font:8pt \"Times New Roman\",\"Liberation Serif\",serif;"
                 "content:counter(page) \"/\" counter(pages)}}\n</style>\n</head>\n<body>\n");
}

static void
put_frame_top (buf_t *out, const layout_frame_t *f)
{
  buf_puts (out, "<header class=\"frame\">\n<div>\n");
  put_line (out, "", f->above);
  put_line (out, " class=\"strong rule\"", f->issuer);
  put_line (out, " class=\"keep\"", f->number);
  buf_puts (out, "</div>\n<div>\n");
  put_line (out, " class=\"strong\"", f->state);
  put_line (out, " class=\"strong motto rule\"", f->motto);
  put_line (out, " class=\"date keep\"", f->date);
  buf_puts (out, "</div>\n</header>\n<main>\n");
}

static void
put_frame_end (buf_t *out, const layout_frame_t *f)
{
  buf_puts (out, "</main>\n<footer class=\"frame sign\">\n<div>\n");
  put_line (out, " class=\"strong\"", f->clerk);
  buf_puts (out, "<p class=\"room\"></p>\n</div>\n<div>\n");
  put_line (out, " class=\"strong keep\"", f->signer);
  buf_puts (out, "<p class=\"room\"></p>\n</div>\n</footer>\n</body>\n</html>\n");
}

static void
put_titles (buf_t *out, const layout_t *l, size_t number)
{
  buf_puts (out, "<div class=\"titles\">\n");
  put_line (out, " class=\"word\"", l->word);
  buf_printf (out, "<h1 id=\"annex-%zu\">", number);
  put_text (out, l->title);
  buf_puts (out, "</h1>\n");
  put_line (out, " class=\"strong\"", l->period);
  put_line (out, " class=\"attached keep\"", l->attached);
  put_line (out, " class=\"unit\"", l->money_unit);
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
  put_element (out, "caption", "", l->title);
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
        put_element (out, "td", h->column == 0 ? " class=\"first\"" : "", h->text);
        continue;
      }
      buf_printf (out, "<th scope=\"%s\"%s", h->columns > 1 ? "colgroup" : "col",
                  h->column == 0 ? " class=\"first\"" : "");
      if (h->rows > 1)
        buf_printf (out, " rowspan=\"%zu\"", h->rows);
      if (h->columns > 1)
        buf_printf (out, " colspan=\"%zu\"", h->columns);
      buf_putc (out, '>');
      put_text (out, h->text);
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
  put_text (out, buf_str (text));
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
    put_element (out, "li", "", l->note[i]);
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
  put_start (out, &frame, m);
  put_frame_top (out, &frame);
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
