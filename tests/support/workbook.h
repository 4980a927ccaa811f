/* workbook.h - workbooks for tests, made of their parts' XML. */
#ifndef KC_TESTS_SUPPORT_WORKBOOK_H
#define KC_TESTS_SUPPORT_WORKBOOK_H

#include "common/base/bytes.h"

typedef struct {
  const char *name;
  const char *state; /* NULL: visible */
  const char *data;  /* what is in <sheetData>, or from "<worksheet" on a whole part */
  const char *after; /* behind it; may be NULL */
} workbook_sheet_t;

typedef struct {
  const char *properties; /* attributes of workbookPr; may be NULL */
  const char *strings;    /* the <si>s; NULL: no such part */
  const char *formats;    /* the <numFmt>s; may be NULL */
  const char *styles;     /* the <xf>s of cellXfs; NULL: no such part */
  const workbook_sheet_t *sheet;
  size_t sheets;
  const char *doctype; /* before the workbook's root; may be NULL */
} workbook_t;

void workbook_make (const workbook_t *w, buf_t *out);
/* One visible sheet "S" with this in its <sheetData>. */
void workbook_of_rows (const char *rows, buf_t *out);

#endif
