/* test_import_fonts.c - an import refuses cells in letters of an old font, by column, with what they say; in
 * a CSV file and in a workbook, in the header too; and never good Vietnamese. */
#include "tests/unit/agent/office.h"

#include "tests/support/workbook.h"

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

typedef struct {
  uint64_t hard;
  uint32_t line, column;
  char text[600], place[80], name[80];
} heard_t;

static void
hear (void *ctx, const import_finding_t *f)
{
  heard_t *h = ctx;
  if (f->soft || h->hard++ > 0)
    return;
  h->line = f->line;
  h->column = f->column;
  snprintf (h->text, sizeof h->text, "%.*s", STR_ARG (f->text));
  snprintf (h->place, sizeof h->place, "%.*s", STR_ARG (f->place));
  snprintf (h->name, sizeof h->name, "%.*s", STR_ARG (f->column_name));
}

static err_t
bring (office_t *e, str_t file, heard_t *h)
{
  import_counts_t n;
  fail_t fail = {0};
  const import_options_t o = {.person = STR ("Lan"), .ignore_unknown = true, .dry_run = true};
  const import_watch_t watch = {.ctx = h, .finding = hear};
  *h = (heard_t){.hard = 0};
  return import_file (e->o, STR ("a.csv"), file, &o, &watch, &n, &fail);
}

static const struct {
  const char *file;
  uint64_t hard;
  uint32_t line, column;
  const char *name, *says;
} rows[] = {
    {HEAD "\nA-1,Máy,549,2019,III.3,draft\nA-2,Hç trî m¸y mãc,549,2019,III.3,draft\n", 1, 3, 2, "name",
     "1 cells of this column are in letters of TCVN3 (ABC, .VnTime), not in Unicode; they read: “Hỗ trợ máy "
     "móc”"},
    {HEAD "\nA-1,M¸y,549,2019,III.3,draft\nA-2,B¸n,549,2019,III.3,draft\nA-3,§Ëp,549,2019,III.3,draft\n", 1,
     2, 2, "name", "“Máy”, “Bán”, “Đập”"},
    {HEAD "\nA-1,Hoã trôï maùy moùc,549,2019,III.3,draft\n", 1, 2, 2, "name", "VNI"},
    {HEAD ",note\nA-1,Hç trî m¸y mãc,549,2019,III.3,draft,Hç trî m¸y\n", 2, 2, 2, "name", "convert"},
    /* the header */
    {"M· ®Ò ¸n,Tªn ®Ò ¸n,M· ®¬n vÞ,N¨m kÕ ho¹ch,Néi dung chi,Tr¹ng th¸i\nA-1,x,549,2019,III.3,draft\n", 1, 1,
     0, "", "Mã đề án; Tên đề án; Mã đơn vị"},
    /* good text, a column that is left out, and words that say nothing alone */
    {HEAD "\nA-1,Máy móc,549,2019,III.3,draft\nA-2,Phù Cát Hoài Ân,549,2019,III.3,draft\n", 0, 0, 0, "", ""},
    {HEAD ",la\nA-1,Máy,549,2019,III.3,draft,Hç trî m¸y mãc\n", 0, 0, 0, "", ""},
    {HEAD "\nA-1,M¸y,549,2019,III.3,draft\nA-2,5 µm x 3 µm,549,2019,III.3,draft\n", 0, 0, 0, "", ""},
};

static void
files (void **state)
{
  office_t *e = *state;
  for (size_t i = 0; i < COUNT (rows); i++) {
    heard_t h;
    const err_t err = bring (e, str_of (rows[i].file), &h);
    if (h.hard != rows[i].hard || (err == ERR_OK) != (h.hard == 0))
      fail_msg ("row %zu: %d findings: %s", i, (int)h.hard, h.text);
    if (h.line != rows[i].line || h.column != rows[i].column || strcmp (h.name, rows[i].name) != 0 ||
        strstr (h.text, rows[i].says) == NULL)
      fail_msg ("row %zu: line %u column %u (%s): %s", i, h.line, h.column, h.name, h.text);
  }
}

#define TEXT(at, text) "<c r=\"" at "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"

static void
workbook (void **state)
{
  office_t *e = *state;
  heard_t h;
  buf_t book = BUF_INIT;
  workbook_of_rows (
      "<row r=\"2\">" TEXT ("A2", "code") TEXT ("B2", "name") TEXT ("C2", "district") TEXT ("D2", "plan_year")
          TEXT ("E2", "item")
              TEXT ("F2", "status") "</row>"
                                    "<row r=\"4\">" TEXT ("A4", "A-1") TEXT ("B4", "Hç trî m¸y mãc")
                                        TEXT ("C4", "549") "<c r=\"D4\"><v>2019</v></c>" TEXT ("E4", "III.3")
                                            TEXT ("F4", "draft") "</row>",
      &book);
  assert_int_equal (bring (e, buf_str (&book), &h), ERR_INPUT);
  assert_int_equal (h.hard, 1);
  assert_string_equal (h.place, "S!B4");
  assert_non_null (strstr (h.text, "“Hỗ trợ máy móc”"));
  buf_free (&book);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test (files), cmocka_unit_test (workbook)};
  return cmocka_run_group_tests_name ("import fonts", tests, office_set_up, office_tear_down);
}
