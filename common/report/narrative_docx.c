/* narrative_docx.c - the narrative for Word: WordprocessingML in a zip, with styles an officer can go on
 * with. */
#include "common/report/office.h"
#include "common/sheet/zip_write.h"
#include "common/text/markup.h"

#define TEXT_WIDTH 9355u /* twentieths of a point: A4 less 30 mm and 15 mm */
#define WORD_XML "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define RELATIONS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"

static const char types[] = XML_HEAD
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
    "<Default Extension=\"rels\" "
    "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
    "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
    "<Override PartName=\"/word/document.xml\" "
    "ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>"
    "<Override PartName=\"/word/styles.xml\" "
    "ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/>"
    "<Override PartName=\"/word/footer1.xml\" "
    "ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>"
    "<Override PartName=\"/docProps/core.xml\" "
    "ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>"
    "</Types>\n";
static const char relations[] =
    XML_HEAD "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
             "<Relationship Id=\"rId1\" Type=\"" RELATIONS "/officeDocument\" Target=\"word/document.xml\"/>"
             "<Relationship Id=\"rId2\" "
             "Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" "
             "Target=\"docProps/core.xml\"/>"
             "</Relationships>\n";
static const char document_relations[] =
    XML_HEAD "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
             "<Relationship Id=\"rId1\" Type=\"" RELATIONS "/styles\" Target=\"styles.xml\"/>"
             "<Relationship Id=\"rId2\" Type=\"" RELATIONS "/footer\" Target=\"footer1.xml\"/>"
             "</Relationships>\n";
/* As Word 2013 and later lay it out. */
static const char settings[] =
    XML_HEAD "<w:settings xmlns:w=\"" WORD_XML "\"><w:compat><w:compatSetting w:name=\"compatibilityMode\" "
             "w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat></w:settings>\n";
static const char section_end[] =
    "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId2\"/>"
    "<w:pgSz w:w=\"11906\" w:h=\"16838\"/>"
    "<w:pgMar w:top=\"1134\" w:right=\"850\" w:bottom=\"1134\" w:left=\"1701\" w:header=\"567\" "
    "w:footer=\"567\" w:gutter=\"0\"/></w:sectPr>";

/* ---- the dialect ---- */

static void
paragraph (buf_t *out, const char *style, unsigned level)
{
  (void)level; /* the style has it */
  buf_printf (out, "<w:p><w:pPr><w:pStyle w:val=\"%s\"/></w:pPr>", style);
}

static void
run (buf_t *out, run_kind_t kind, str_t text)
{
  buf_puts (out, "<w:r>");
  if (kind == RUN_GAP)
    buf_puts (out, "<w:rPr><w:highlight w:val=\"yellow\"/></w:rPr>");
  else if (kind == RUN_PROMPT)
    buf_puts (out, "<w:rPr><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"E3EDFF\"/></w:rPr>");
  buf_puts (out, "<w:t xml:space=\"preserve\">");
  markup_put_text (out, text);
  buf_puts (out, "</w:t></w:r>");
}

static void
paragraph_end (buf_t *out, unsigned level)
{
  (void)level;
  buf_puts (out, "</w:p>\n");
}

static unsigned
width_of (const office_table_t *t, size_t column)
{
  return TEXT_WIDTH * t->width[column] / 100;
}

static void
table (buf_t *out, const office_table_t *t)
{
  static const char *const sides[] = {"top", "left", "bottom", "right", "insideH", "insideV"};
  buf_printf (out, "<w:tbl><w:tblPr><w:tblW w:w=\"%u\" w:type=\"dxa\"/>", TEXT_WIDTH);
  if (t->lines) {
    buf_puts (out, "<w:tblBorders>");
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
      buf_printf (out, "<w:%s w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>", sides[i]);
    buf_puts (out, "</w:tblBorders>");
  }
  buf_puts (out, "<w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:left w:w=\"0\" w:type=\"dxa\"/>"
                 "<w:right w:w=\"0\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>");
  for (size_t c = 0; c < t->columns; c++)
    buf_printf (out, "<w:gridCol w:w=\"%u\"/>", width_of (t, c));
  buf_puts (out, "</w:tblGrid>\n");
}

static void
row (buf_t *out, bool head)
{
  buf_printf (out, "<w:tr><w:trPr><w:cantSplit/>%s</w:trPr>", head ? "<w:tblHeader/>" : "");
}

static void
cell (buf_t *out, const office_table_t *t, size_t column)
{
  buf_printf (out, "<w:tc><w:tcPr><w:tcW w:w=\"%u\" w:type=\"dxa\"/></w:tcPr>", width_of (t, column));
}

static void
cell_end (buf_t *out)
{
  buf_puts (out, "</w:tc>");
}

static void
row_end (buf_t *out, bool head)
{
  (void)head;
  buf_puts (out, "</w:tr>\n");
}

static void
table_end (buf_t *out)
{
  buf_puts (out, "</w:tbl>\n");
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

/* ---- the parts ---- */

static err_t
put_document (const narrative_t *n, buf_t *out)
{
  buf_puts (out, XML_HEAD "<w:document xmlns:w=\"" WORD_XML "\" xmlns:r=\"" RELATIONS "\">\n<w:body>\n");
  err_t err = office_body (n, &dialect, out);
  buf_puts (out, section_end);
  buf_puts (out, "</w:body></w:document>\n");
  return err;
}

/* Elements in the order the schema wants. */
static void
put_style (buf_t *out, const office_style_t *s)
{
  static const char *const align[] = {
      [OFFICE_LEFT] = "left", [OFFICE_CENTRE] = "center", [OFFICE_JUSTIFIED] = "both"};
  buf_printf (out, "<w:style w:type=\"paragraph\" w:styleId=\"%s\"><w:name w:val=\"", s->name);
  if (s->level > 0)
    buf_printf (out, "heading %u", s->level);
  else
    buf_puts (out, s->name);
  buf_puts (out, "\"/><w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr>");
  if (s->keep_with_next)
    buf_puts (out, "<w:keepNext/>");
  if (s->rule)
    buf_puts (out,
              "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"000000\"/></w:pBdr>");
  if (s->tab)
    buf_printf (out, "<w:tabs><w:tab w:val=\"right\" w:pos=\"%u\"/></w:tabs>", TEXT_WIDTH);
  buf_printf (out, "<w:spacing w:before=\"%u\" w:after=\"%u\"/>", s->before, s->after);
  buf_printf (out, "<w:ind w:left=\"%u\" w:right=\"%u\" w:firstLine=\"%u\"/>", s->inset, s->inset, s->indent);
  buf_printf (out, "<w:jc w:val=\"%s\"/>", align[s->align]);
  if (s->level > 0)
    buf_printf (out, "<w:outlineLvl w:val=\"%u\"/>", s->level - 1);
  buf_printf (out, "</w:pPr><w:rPr>%s%s<w:sz w:val=\"%u\"/><w:szCs w:val=\"%u\"/></w:rPr></w:style>\n",
              s->bold ? "<w:b/>" : "", s->italic ? "<w:i/>" : "", s->size, s->size);
}

static void
put_styles (const narrative_t *n, buf_t *out)
{
  buf_puts (out, XML_HEAD "<w:styles xmlns:w=\"" WORD_XML "\"><w:docDefaults><w:rPrDefault><w:rPr>"
                          "<w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" "
                          "w:eastAsia=\"Times New Roman\" w:cs=\"Times New Roman\"/>"
                          "<w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/>");
  buf_printf (out, "<w:lang w:val=\"%s\"/></w:rPr></w:rPrDefault></w:docDefaults>\n",
              n->meta.en ? "en-GB" : "vi-VN");
  buf_puts (out, "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name "
                 "w:val=\"Normal\"/><w:qFormat/></w:style>\n");
  for (const office_style_t *s = office_styles; s->name != NULL; s++)
    put_style (out, s);
  buf_puts (out, "</w:styles>\n");
}

static void
put_field (buf_t *out, const char *name)
{
  buf_printf (out, "<w:fldSimple w:instr=\" %s \"><w:r><w:t>1</w:t></w:r></w:fldSimple>", name);
}

static void
put_footer (const narrative_t *n, buf_t *out)
{
  buf_t foot = BUF_INIT;
  office_foot (n, &foot);
  buf_puts (out, XML_HEAD "<w:ftr xmlns:w=\"" WORD_XML "\"><w:p><w:pPr><w:pStyle w:val=\"Foot\"/></w:pPr>");
  run (out, RUN_TEXT, buf_str (&foot));
  buf_puts (out, "<w:r><w:tab/></w:r>");
  put_field (out, "PAGE");
  run (out, RUN_TEXT, STR ("/"));
  put_field (out, "NUMPAGES");
  buf_puts (out, "</w:p></w:ftr>\n");
  out->failed = out->failed || !buf_ok (&foot);
  buf_free (&foot);
}

static err_t
put_properties (const narrative_t *n, buf_t *out)
{
  buf_t title = BUF_INIT, created = BUF_INIT;
  err_t err = office_facts (n, &title, &created);
  buf_puts (out, XML_HEAD
            "<cp:coreProperties "
            "xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" "
            "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" "
            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>");
  markup_put_text (out, buf_str (&title));
  buf_printf (out,
              "</dc:title><dcterms:created xsi:type=\"dcterms:W3CDTF\">%s</dcterms:created>"
              "</cp:coreProperties>\n",
              buf_z (&created));
  buf_free (&title);
  buf_free (&created);
  return err;
}

err_t
narrative_docx (const narrative_t *n, buf_t *out)
{
  buf_t document = BUF_INIT, styles = BUF_INIT, footer = BUF_INIT, properties = BUF_INIT;
  err_t err = put_document (n, &document);
  put_styles (n, &styles);
  put_footer (n, &footer);
  if (err == ERR_OK)
    err = put_properties (n, &properties);
  const zip_part_t parts[] = {
      {"[Content_Types].xml", str_of (types), false},
      {"_rels/.rels", str_of (relations), false},
      {"word/document.xml", buf_str (&document), false},
      {"word/_rels/document.xml.rels", str_of (document_relations), false},
      {"word/styles.xml", buf_str (&styles), false},
      {"word/settings.xml", str_of (settings), false},
      {"word/footer1.xml", buf_str (&footer), false},
      {"docProps/core.xml", buf_str (&properties), false},
  };
  if (err == ERR_OK &&
      (!buf_ok (&document) || !buf_ok (&styles) || !buf_ok (&footer) || !buf_ok (&properties)))
    err = ERR_NOMEM;
  if (err == ERR_OK)
    err = zip_write_all (parts, sizeof parts / sizeof *parts, out);
  buf_free (&document);
  buf_free (&styles);
  buf_free (&footer);
  buf_free (&properties);
  return err;
}
