/* narrative_odt.c - the narrative for LibreOffice: OpenDocument text in a zip. Its first entry is the type,
 * bare, as the format wants it. */
#include "common/report/office.h"
#include "common/sheet/zip_write.h"
#include "common/text/markup.h"

#define TYPE "application/vnd.oasis.opendocument.text"
#define TEXT_WIDTH 1650u /* tenths of a millimetre: A4 less 30 mm and 15 mm */
#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define OASIS "urn:oasis:names:tc:opendocument:xmlns:"
#define NAMES                                                                                                \
  " xmlns:office=\"" OASIS "office:1.0\" xmlns:style=\"" OASIS "style:1.0\" xmlns:text=\"" OASIS             \
  "text:1.0\" xmlns:table=\"" OASIS "table:1.0\" xmlns:fo=\"" OASIS                                          \
  "xsl-fo-compatible:1.0\" xmlns:meta=\"" OASIS "meta:1.0\" xmlns:svg=\"" OASIS                              \
  "svg-compatible:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" office:version=\"1.2\""

static const char manifest[] =
    XML_HEAD "<manifest:manifest xmlns:manifest=\"" OASIS "manifest:1.0\" manifest:version=\"1.2\">"
             "<manifest:file-entry manifest:full-path=\"/\" manifest:version=\"1.2\" "
             "manifest:media-type=\"" TYPE "\"/>"
             "<manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\"/>"
             "<manifest:file-entry manifest:full-path=\"styles.xml\" manifest:media-type=\"text/xml\"/>"
             "<manifest:file-entry manifest:full-path=\"meta.xml\" manifest:media-type=\"text/xml\"/>"
             "</manifest:manifest>\n";

/* ---- the dialect ---- */

/* Runs of spaces fold in a document: those behind the first are written as what they are. */
static void
put_text (buf_t *out, str_t text)
{
  size_t from = 0;
  for (size_t i = 0; i < text.n; i++) {
    size_t spaces = 0;
    while (text.p[i] == ' ' && i + 1 + spaces < text.n && text.p[i + 1 + spaces] == ' ')
      spaces++;
    if (spaces == 0)
      continue;
    markup_put_text (out, (str_t){text.p + from, i + 1 - from});
    buf_printf (out, "<text:s text:c=\"%zu\"/>", spaces);
    i += spaces;
    from = i + 1;
  }
  markup_put_text (out, (str_t){text.p + from, text.n - from});
}

static void
paragraph (buf_t *out, const char *style, unsigned level)
{
  if (level > 0)
    buf_printf (out, "<text:h text:style-name=\"%s\" text:outline-level=\"%u\">", style, level);
  else
    buf_printf (out, "<text:p text:style-name=\"%s\">", style);
}

static void
run (buf_t *out, run_kind_t kind, str_t text)
{
  const bool marked = kind == RUN_GAP || kind == RUN_PROMPT;
  if (marked)
    buf_printf (out, "<text:span text:style-name=\"%s\">", kind == RUN_GAP ? "GapMark" : "PromptMark");
  put_text (out, text);
  if (marked)
    buf_puts (out, "</text:span>");
}

static void
paragraph_end (buf_t *out, unsigned level)
{
  buf_puts (out, level > 0 ? "</text:h>\n" : "</text:p>\n");
}

static void
table (buf_t *out, const office_table_t *t)
{
  buf_printf (out, "<table:table table:name=\"%s\" table:style-name=\"%s\">", t->name, t->name);
  for (size_t c = 0; c < t->columns; c++)
    buf_printf (out, "<table:table-column table:style-name=\"%s.%zu\"/>", t->name, c + 1);
  buf_putc (out, '\n');
}

static void
row (buf_t *out, bool head)
{
  buf_puts (out, head ? "<table:table-header-rows><table:table-row table:style-name=\"Row\">"
                      : "<table:table-row table:style-name=\"Row\">");
}

static void
cell (buf_t *out, const office_table_t *t, size_t column)
{
  (void)column;
  buf_printf (out, "<table:table-cell table:style-name=\"%s\" office:value-type=\"string\">",
              t->lines ? "CellLines" : "CellBare");
}

static void
cell_end (buf_t *out)
{
  buf_puts (out, "</table:table-cell>");
}

static void
row_end (buf_t *out, bool head)
{
  buf_puts (out, head ? "</table:table-row></table:table-header-rows>\n" : "</table:table-row>\n");
}

static void
table_end (buf_t *out)
{
  buf_puts (out, "</table:table>\n");
}

static const office_dialect_t dialect = {.paragraph = paragraph,
                                         .run = run,
                                         .paragraph_end = paragraph_end,
                                         .table = table,
                                         .row = row,
                                         .cell = cell,
                                         .cell_end = cell_end,
                                         .row_end = row_end,
                                         .table_end = table_end};

/* ---- styles ---- */

/* Twentieths of a point, as points with two decimals. */
static void
put_distance (buf_t *out, const char *attribute, unsigned twentieths)
{
  buf_printf (out, " %s=\"%u.%02upt\"", attribute, twentieths / 20, twentieths % 20 * 5);
}

static void
put_style (buf_t *out, const office_style_t *s)
{
  static const char *const align[] = {
      [OFFICE_LEFT] = "start", [OFFICE_CENTRE] = "center", [OFFICE_JUSTIFIED] = "justify"};
  buf_printf (out, "<style:style style:name=\"%s\" style:family=\"paragraph\"", s->name);
  if (s->level > 0)
    buf_printf (out, " style:default-outline-level=\"%u\"", s->level);
  buf_printf (out, "><style:paragraph-properties fo:text-align=\"%s\" style:justify-single-word=\"false\"",
              align[s->align]);
  put_distance (out, "fo:margin-top", s->before);
  put_distance (out, "fo:margin-bottom", s->after);
  put_distance (out, "fo:margin-left", s->inset);
  put_distance (out, "fo:margin-right", s->inset);
  put_distance (out, "fo:text-indent", s->indent);
  if (s->keep_with_next)
    buf_puts (out, " fo:keep-with-next=\"always\"");
  if (s->rule)
    buf_puts (out, " fo:border-bottom=\"0.75pt solid #000000\" fo:padding=\"0pt\"");
  if (s->tab)
    buf_printf (out,
                "><style:tab-stops><style:tab-stop style:position=\"%u.%umm\" style:type=\"right\"/>"
                "</style:tab-stops></style:paragraph-properties>",
                TEXT_WIDTH / 10, TEXT_WIDTH % 10);
  else
    buf_puts (out, "/>");
  buf_printf (out, "<style:text-properties fo:font-size=\"%u.%upt\"", s->size / 2, s->size % 2 * 5);
  buf_printf (out, "%s%s/></style:style>\n", s->bold ? " fo:font-weight=\"bold\"" : "",
              s->italic ? " fo:font-style=\"italic\"" : "");
}

static void
put_table_styles (buf_t *out)
{
  for (const office_table_t *t = office_tables; t->name != NULL; t++) {
    buf_printf (
        out,
        "<style:style style:name=\"%s\" style:family=\"table\"><style:table-properties "
        "style:width=\"%u.%umm\" table:align=\"left\" table:border-model=\"collapsing\"/></style:style>\n",
        t->name, TEXT_WIDTH / 10, TEXT_WIDTH % 10);
    for (size_t c = 0; c < t->columns; c++) {
      const unsigned width = TEXT_WIDTH * t->width[c] / 100;
      buf_printf (out,
                  "<style:style style:name=\"%s.%zu\" style:family=\"table-column\">"
                  "<style:table-column-properties style:column-width=\"%u.%umm\"/></style:style>\n",
                  t->name, c + 1, width / 10, width % 10);
    }
  }
  buf_puts (out, "<style:style style:name=\"Row\" style:family=\"table-row\">"
                 "<style:table-row-properties fo:keep-together=\"always\"/></style:style>\n"
                 "<style:style style:name=\"CellBare\" style:family=\"table-cell\">"
                 "<style:table-cell-properties fo:padding=\"0mm\"/></style:style>\n"
                 "<style:style style:name=\"CellLines\" style:family=\"table-cell\">"
                 "<style:table-cell-properties fo:border=\"0.5pt solid #000000\" fo:padding=\"0mm\"/>"
                 "</style:style>\n"
                 "<style:style style:name=\"GapMark\" style:family=\"text\">"
                 "<style:text-properties fo:background-color=\"#ffff00\"/></style:style>\n"
                 "<style:style style:name=\"PromptMark\" style:family=\"text\">"
                 "<style:text-properties fo:background-color=\"#e3edff\"/></style:style>\n");
}

static err_t
put_content (const narrative_t *n, buf_t *out)
{
  buf_puts (out, XML_HEAD "<office:document-content" NAMES ">\n<office:automatic-styles>\n");
  put_table_styles (out);
  buf_puts (out, "</office:automatic-styles>\n<office:body><office:text>\n");
  err_t err = office_body (n, &dialect, out);
  buf_puts (out, "</office:text></office:body></office:document-content>\n");
  return err;
}

static void
put_page (const narrative_t *n, buf_t *out)
{
  buf_t foot = BUF_INIT;
  office_foot (n, &foot);
  buf_puts (out,
            "<office:automatic-styles><style:page-layout style:name=\"A4\">"
            "<style:page-layout-properties fo:page-width=\"210mm\" fo:page-height=\"297mm\" "
            "style:print-orientation=\"portrait\" fo:margin-top=\"20mm\" fo:margin-bottom=\"12mm\" "
            "fo:margin-left=\"30mm\" fo:margin-right=\"15mm\"/>"
            "<style:footer-style><style:header-footer-properties fo:min-height=\"8mm\" "
            "fo:margin-top=\"3mm\"/></style:footer-style></style:page-layout></office:automatic-styles>\n"
            "<office:master-styles><style:master-page style:name=\"Standard\" "
            "style:page-layout-name=\"A4\"><style:footer><text:p text:style-name=\"Foot\">");
  put_text (out, buf_str (&foot));
  buf_puts (out, "<text:tab/><text:page-number>1</text:page-number>/<text:page-count>1</text:page-count>"
                 "</text:p></style:footer></style:master-page></office:master-styles>\n");
  out->failed = out->failed || !buf_ok (&foot);
  buf_free (&foot);
}

static void
put_styles (const narrative_t *n, buf_t *out)
{
  buf_puts (out, XML_HEAD "<office:document-styles" NAMES ">\n<office:font-face-decls>"
                          "<style:font-face style:name=\"Times New Roman\" "
                          "svg:font-family=\"&apos;Times New Roman&apos;\" "
                          "style:font-family-generic=\"roman\" style:font-pitch=\"variable\"/>"
                          "</office:font-face-decls>\n<office:styles>"
                          "<style:default-style style:family=\"paragraph\"><style:paragraph-properties "
                          "fo:orphans=\"2\" fo:widows=\"2\"/><style:text-properties "
                          "style:font-name=\"Times New Roman\" fo:font-size=\"14pt\" ");
  buf_printf (out, "fo:language=\"%s\" fo:country=\"%s\"/></style:default-style>\n", n->meta.en ? "en" : "vi",
              n->meta.en ? "GB" : "VN");
  for (const office_style_t *s = office_styles; s->name != NULL; s++)
    put_style (out, s);
  buf_puts (out, "</office:styles>\n");
  put_page (n, out);
  buf_puts (out, "</office:document-styles>\n");
}

static err_t
put_properties (const narrative_t *n, buf_t *out)
{
  buf_t title = BUF_INIT, created = BUF_INIT;
  err_t err = office_facts (n, &title, &created);
  buf_puts (out, XML_HEAD "<office:document-meta" NAMES "><office:meta><dc:title>");
  markup_put_text (out, buf_str (&title));
  buf_printf (out,
              "</dc:title><meta:creation-date>%s</meta:creation-date></office:meta>"
              "</office:document-meta>\n",
              buf_z (&created));
  buf_free (&title);
  buf_free (&created);
  return err;
}

err_t
narrative_odt (const narrative_t *n, buf_t *out)
{
  buf_t content = BUF_INIT, styles = BUF_INIT, properties = BUF_INIT;
  err_t err = put_content (n, &content);
  put_styles (n, &styles);
  if (err == ERR_OK)
    err = put_properties (n, &properties);
  const zip_part_t parts[] = {
      {"mimetype", STR (TYPE), true},
      {"META-INF/manifest.xml", str_of (manifest), false},
      {"content.xml", buf_str (&content), false},
      {"styles.xml", buf_str (&styles), false},
      {"meta.xml", buf_str (&properties), false},
  };
  if (err == ERR_OK && (!buf_ok (&content) || !buf_ok (&styles) || !buf_ok (&properties)))
    err = ERR_NOMEM;
  if (err == ERR_OK)
    err = zip_write_all (parts, sizeof parts / sizeof *parts, out);
  buf_free (&content);
  buf_free (&styles);
  buf_free (&properties);
  return err;
}
