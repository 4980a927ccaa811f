/* narrative_html.c - the narrative as one document: A4 portrait on paper, as it is filed. What the officer
 * still has to do, to write or to enter, is marked on screen and on paper alike. */
#include "common/report/html.h"
#include "common/report/narrative_private.h"

#define ARENA_BUDGET ((size_t)16 << 20)

static const char style[] =
    "body{max-width:48rem;margin:0 auto;font-size:13pt;line-height:1.35}\n"
    ".frame{gap:.5rem 1rem}\n"
    ".frame>*{min-width:13rem;flex:2}\n"
    "header.frame{font-size:.9em}\n"
    "header.frame>:last-child{flex:3}\n"
    "h1{margin:0;text-align:center;font-size:1.15em}\n"
    ".subtitle{text-align:center;font-weight:bold;margin:.2rem 2rem}\n"
    ".addressee{text-align:center;margin:1.2rem 0}\n"
    "h2,h3,h4,h5{margin:1rem 0 .4rem;font-size:1em;break-after:avoid}\n"
    "h2{text-align:center;margin-top:1.4rem}\n"
    "h5{font-style:italic}\n"
    ".text{text-align:justify;text-indent:2.5rem;margin:.4rem 0}\n"
    "mark{background:#ffe45c;color:#000}\n"
    ".prompt{font-style:italic}\n"
    ".prompt mark{background:#e3edff}\n"
    "table{width:100%;table-layout:fixed;border-collapse:collapse;margin:.6rem 0;font-size:.85em}\n"
    "th,td{border:1px solid #000;padding:.25rem .35rem;vertical-align:top;overflow-wrap:break-word}\n"
    "th{text-align:center;background:#f2f2f2}\n"
    "tbody th{background:none;font-weight:normal;text-align:left}\n"
    ".c{text-align:center}\n"
    ".sign{margin:1.5rem 0;align-items:flex-start}\n"
    ".recipients{text-align:left;font-size:.85em}\n"
    ".recipients p:first-child{font-weight:bold;font-style:italic}\n"
    ".notes{border-top:1px solid;margin:2rem 0 0;padding:.5rem 0 0 1.2rem;font-size:10pt}\n"
    "@media print{body{max-width:none;padding:0 1px}tr,.sign{break-inside:avoid}.text{orphans:2;widows:2}"
    "mark,th{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

static void
put_run (buf_t *out, const run_t *r)
{
  if (r->kind == RUN_TEXT) {
    markup_put_text (out, r->text);
    return;
  }
  const char *tag = r->kind == RUN_FIGURE ? "span" : "mark";
  buf_printf (out, "<%s", tag);
  if (!str_blank (r->fact)) {
    buf_puts (out, " data-fact=\"");
    markup_put_text (out, r->fact);
    buf_putc (out, '"');
  }
  buf_putc (out, '>');
  markup_put_text (out, r->text);
  buf_printf (out, "</%s>", tag);
}

static void
put_runs (buf_t *out, const char *tag, const char *attributes, const char *before, const block_t *b)
{
  buf_printf (out, "<%s%s>%s", tag, attributes, before);
  for (size_t i = 0; i < b->runs; i++)
    put_run (out, &b->run[i]);
  buf_printf (out, "</%s>\n", tag);
}

static void
put_targets (buf_t *out, const narrative_t *n, const block_t *b)
{
  buf_t text = BUF_INIT;
  put_runs (out, "p", " class=\"text\"", "", b);
  buf_puts (out, "<table>\n<colgroup>");
  for (size_t c = 0; c < TARGET_COLUMNS; c++)
    buf_printf (out, "<col style=\"width:%u%%\">", target_width[c]);
  buf_puts (out, "</colgroup>\n<thead>\n<tr>");
  for (size_t c = 0; c < TARGET_COLUMNS; c++)
    html_element (out, "th", " scope=\"col\"", target_heading (n, c));
  buf_puts (out, "</tr>\n</thead>\n<tbody>\n");
  for (size_t i = 0; i < n->targets; i++) {
    buf_puts (out, "<tr>");
    for (size_t c = 0; c < TARGET_COLUMNS; c++) {
      buf_clear (&text);
      const bool gap = target_cell (n, &n->target[i], c, &text), label = c == 1;
      buf_puts (out, label ? "<th scope=\"row\">" : "<td class=\"c\">");
      if (gap)
        html_element (out, "mark", "", buf_str (&text));
      else
        markup_put_text (out, buf_str (&text));
      buf_puts (out, label ? "</th>" : "</td>");
    }
    buf_puts (out, "</tr>\n");
  }
  buf_puts (out, "</tbody>\n</table>\n");
  out->failed = out->failed || !buf_ok (&text);
  buf_free (&text);
}

static void
put_block (buf_t *out, const narrative_t *n, const block_t *b)
{
  char heading[] = "h2";
  switch (b->kind) {
  case BLOCK_TITLE:
    put_runs (out, "h1", "", "", b);
    break;
  case BLOCK_SUBTITLE:
    put_runs (out, "p", " class=\"subtitle rule\"", "", b);
    break;
  case BLOCK_ADDRESSEE:
    put_runs (out, "p", " class=\"addressee\"", "", b);
    break;
  case BLOCK_HEADING:
    heading[1] = (char)('1' + b->level);
    put_runs (out, heading, "", "", b);
    break;
  case BLOCK_PARAGRAPH:
  case BLOCK_RUN:
    put_runs (out, "p", " class=\"text\"", "", b);
    break;
  case BLOCK_ITEM:
    put_runs (out, "p", " class=\"text\"", "- ", b);
    break;
  case BLOCK_PROMPT:
    put_runs (out, "p", " class=\"text prompt\"", "", b);
    break;
  case BLOCK_TARGETS:
    put_targets (out, n, b);
    break;
  case BLOCK_RECIPIENTS: /* beside the signature */
  case BLOCK_COUNT:
    break;
  }
}

static void
put_sign (buf_t *out, const narrative_t *n, const layout_frame_t *f, arena_t *arena)
{
  buf_puts (out, "</main>\n<footer>\n<div class=\"frame sign\">\n<div class=\"recipients\">\n");
  for (size_t i = 0; i < n->blocks; i++) {
    str_t rest = n->block[i].kind == BLOCK_RECIPIENTS ? narrative_text (&n->block[i], arena) : STR_NONE, line;
    while (narrative_next_line (&rest, &line))
      html_line (out, "", line);
  }
  buf_puts (out, "</div>\n<div>\n");
  html_line (out, " class=\"strong keep\"", f->signer);
  buf_puts (out, "<p class=\"room\"></p>\n</div>\n</div>\n<ul class=\"notes\">\n");
  for (size_t i = 0; i < n->notes; i++) {
    html_element (out, "li", "", n->note[i]);
    buf_putc (out, '\n');
  }
  buf_puts (out, "</ul>\n</footer>\n</body>\n</html>\n");
}

err_t
narrative_html (const narrative_t *n, buf_t *out)
{
  layout_frame_t frame;
  arena_t *arena = arena_new (ARENA_BUDGET);
  err_t err = arena != NULL ? narrative_frame (n, arena, &frame) : ERR_NOMEM;
  if (err == ERR_OK) {
    html_start (out, &n->meta, frame.title, style, "A4 portrait;margin:20mm 15mm 20mm 30mm");
    html_frame_top (out, &frame);
    for (size_t i = 0; i < n->blocks; i++)
      put_block (out, n, &n->block[i]);
    put_sign (out, n, &frame, arena);
    err = buf_ok (out) ? ERR_OK : ERR_NOMEM;
  }
  arena_destroy (&arena);
  return err;
}
