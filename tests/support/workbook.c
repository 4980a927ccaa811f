#include "tests/support/workbook.h"

#include "common/sheet/zip_write.h"

#include <stdio.h>
#include <string.h>

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define RELATIONS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/relationships"

static void
add (zip_write_t *zip, const char *name, buf_t *part)
{
  CHECK (buf_ok (part) && zip_write_add (zip, name, buf_str (part), false) == ERR_OK);
  buf_clear (part);
}

static void
add_relations (zip_write_t *zip, const workbook_t *w, buf_t *b)
{
  buf_puts (b, XML "<Relationships xmlns=\"" PACKAGE "\"><Relationship Id=\"rId1\" Type=\"" RELATIONS
                   "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
  add (zip, "_rels/.rels", b);
  buf_puts (b, XML "<Relationships xmlns=\"" PACKAGE "\">");
  for (size_t i = 0; i < w->sheets; i++)
    buf_printf (b,
                "<Relationship Id=\"rId%zu\" Type=\"" RELATIONS
                "/worksheet\" Target=\"worksheets/sheet%zu.xml\"/>",
                i + 1, i + 1);
  if (w->strings != NULL)
    buf_puts (b, "<Relationship Id=\"rId900\" Type=\"" RELATIONS
                 "/sharedStrings\" Target=\"sharedStrings.xml\"/>");
  if (w->styles != NULL)
    buf_puts (b, "<Relationship Id=\"rId901\" Type=\"" RELATIONS "/styles\" Target=\"/xl/styles.xml\"/>");
  buf_puts (b, "</Relationships>");
  add (zip, "xl/_rels/workbook.xml.rels", b);
}

static void
add_workbook (zip_write_t *zip, const workbook_t *w, buf_t *b)
{
  buf_printf (b, XML "%s<workbook xmlns=\"" MAIN "\" xmlns:r=\"" RELATIONS "\"><workbookPr %s/><sheets>",
              w->doctype != NULL ? w->doctype : "", w->properties != NULL ? w->properties : "");
  for (size_t i = 0; i < w->sheets; i++) {
    const workbook_sheet_t *s = &w->sheet[i];
    buf_printf (b, "<sheet name=\"%s\" sheetId=\"%zu\"%s%s%s r:id=\"rId%zu\"/>", s->name, i + 1,
                s->state != NULL ? " state=\"" : "", s->state != NULL ? s->state : "",
                s->state != NULL ? "\"" : "", i + 1);
  }
  buf_puts (b, "</sheets></workbook>");
  add (zip, "xl/workbook.xml", b);
}

static void
add_sheet (zip_write_t *zip, const workbook_sheet_t *s, size_t i, buf_t *b)
{
  char name[64];
  (void)snprintf (name, sizeof name, "xl/worksheets/sheet%zu.xml", i + 1);
  if (strncmp (s->data, "<worksheet", 10) == 0 || s->data[0] == '\0')
    buf_puts (b, s->data);
  else
    buf_printf (b, XML "<worksheet xmlns=\"" MAIN "\"><sheetData>%s</sheetData>%s</worksheet>", s->data,
                s->after != NULL ? s->after : "");
  add (zip, name, b);
}

void
workbook_make (const workbook_t *w, buf_t *out)
{
  buf_t b = BUF_INIT;
  zip_write_t *zip = zip_write_new (out);
  CHECK (zip != NULL);
  add_relations (zip, w, &b);
  add_workbook (zip, w, &b);
  for (size_t i = 0; i < w->sheets; i++)
    add_sheet (zip, &w->sheet[i], i, &b);
  if (w->strings != NULL) {
    buf_printf (&b, XML "<sst xmlns=\"" MAIN "\">%s</sst>", w->strings);
    add (zip, "xl/sharedStrings.xml", &b);
  }
  if (w->styles != NULL) {
    buf_printf (&b,
                XML "<styleSheet xmlns=\"" MAIN "\"><numFmts>%s</numFmts><cellStyleXfs><xf numFmtId=\"14\"/>"
                    "</cellStyleXfs><cellXfs>%s</cellXfs></styleSheet>",
                w->formats != NULL ? w->formats : "", w->styles);
    add (zip, "xl/styles.xml", &b);
  }
  CHECK (zip_write_finish (zip) == ERR_OK);
  zip_write_destroy (&zip);
  buf_free (&b);
}

void
workbook_of_rows (const char *rows, buf_t *out)
{
  const workbook_sheet_t sheet = {"S", NULL, rows, NULL};
  workbook_make (&(workbook_t){.sheet = &sheet, .sheets = 1}, out);
}
