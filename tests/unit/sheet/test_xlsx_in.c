/* The reader of workbooks: what each cell is taken for, and what is refused. Workbooks are made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/sheet/xlsx_in.h"
#include "common/sheet/zip_read.h"
#include "common/sheet/zip_write.h"
#include "tests/support/workbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a sheet as one line of text ---- */

static void
put_cell (const xlsx_cell_t *c, buf_t *out)
{
  static const char letters[] = "?tndbmefxl";
  if (out->n > 0)
    buf_putc (out, ' ');
  xlsx_address (c->row, c->column, out);
  buf_printf (out, "=%c:%.*s%s", letters[c->type], STR_ARG (c->text), c->percent ? "%" : "");
  if (c->zeros > 0)
    buf_printf (out, "(%u)", c->zeros);
}

/* "A1=t:text B1=n:1.5", or "line,column: refused" behind what was read before. */
static void
dump_sheet (xlsx_in_t *x, size_t i, buf_t *out)
{
  fail_t fail = {0};
  xlsx_row_t row;
  uint32_t last = 0;
  err_t err = xlsx_in_start (x, i, &fail);
  while (err == ERR_OK && (err = xlsx_in_next (x, &row, &fail)) == ERR_OK) {
    assert_true (row.n > 0 && row.row > last);
    last = row.row;
    for (size_t k = 0; k < row.n; k++) {
      assert_int_equal (row.cell[k].row, row.row);
      put_cell (&row.cell[k], out);
    }
  }
  if (err == ERR_END)
    return;
  assert_true (fail.text[0] != '\0');
  buf_printf (out, "%s%s %u,%u", out->n > 0 ? " " : "", err_name (err), (unsigned)fail.line,
              (unsigned)fail.column);
}

static void
expect_sheet (const char *label, str_t file, size_t i, const char *want)
{
  buf_t got = BUF_INIT;
  fail_t fail = {0};
  xlsx_in_t *x = xlsx_in_open (file, &fail);
  if (x != NULL)
    dump_sheet (x, i, &got);
  else
    buf_printf (&got, "%s", err_name (fail.err));
  if (strcmp (buf_z (&got), want) != 0)
    fail_msg ("%s: got <%s>, wanted <%s> (%s)", label, buf_z (&got), want, fail.text);
  buf_free (&got);
  xlsx_in_destroy (&x);
}

/* ---- cells ---- */

#define STRINGS                                                                                              \
  "<si><t>An Nhơn</t></si>"                                                                                 \
  "<si><r><t xml:space=\"preserve\">Gạo </t></r><r><rPr><b/></rPr><t>nếp</t></r></si>"                   \
  "<si><t>日</t><rPh sb=\"0\" eb=\"1\"><t>nichi</t></rPh><phoneticPr fontId=\"1\"/></si>"                   \
  "<si><t> trimmed </t></si>"                                                                                \
  "<si><t xml:space=\"preserve\"> kept </t></si>"                                                            \
  "<si/>"                                                                                                    \
  "<si><t>a_x000D_\nb_x005F_x0041_</t></si>"                                                                 \
  "<si><t>bell_x0007_</t></si>"
#define STYLES                                                                                               \
  "<xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/>"                    \
  "<xf numFmtId=\"10\"/><xf numFmtId=\"166\"/><xf numFmtId=\"167\"/><xf numFmtId=\"168\"/>"                  \
  "<xf numFmtId=\"22\"/><xf numFmtId=\"3\"/>"
#define FORMATS                                                                                              \
  "<numFmt numFmtId=\"164\" formatCode=\"[$-42A]dd\\/mm\\/yyyy;@\"/>"                                        \
  "<numFmt numFmtId=\"165\" formatCode=\"#,##0\\ &quot;dong my&quot;[Red]_d\"/>"                             \
  "<numFmt numFmtId=\"166\" formatCode=\"000\"/>"                                                            \
  "<numFmt numFmtId=\"167\" formatCode=\"0.0%\"/>"                                                           \
  "<numFmt numFmtId=\"168\" formatCode=\"General\"/>"

typedef struct {
  const char *label, *row, *want; /* row: what is within <row r="1"> */
} cell_row_t;

static const cell_row_t cell_rows[] = {
    {"shared", "<c r=\"A1\" t=\"s\"><v>0</v></c>", "A1=t:An Nhơn"},
    {"runs joined", "<c r=\"A1\" t=\"s\"><v>1</v></c>", "A1=t:Gạo nếp"},
    {"phonetic runs are not the text", "<c r=\"A1\" t=\"s\"><v>2</v></c>", "A1=t:日"},
    {"blanks that nobody kept", "<c r=\"A1\" t=\"s\"><v>3</v></c>", "A1=t:trimmed"},
    {"blanks that are meant", "<c r=\"A1\" t=\"s\"><v>4</v></c>", "A1=t: kept "},
    {"an empty string is a blank cell", "<c r=\"B1\" t=\"s\"><v>5</v></c>", ""},
    {"escapes", "<c r=\"A1\" t=\"s\"><v>6</v></c>", "A1=t:a\r\nb_x0041_"},
    {"a control character", "<c r=\"A1\" t=\"s\"><v>7</v></c>", "A1=x:bell\xEF\xBF\xBD"},
    {"no such string", "<c r=\"B1\" t=\"s\"><v>8</v></c>", "ERR_INPUT 1,2"},
    {"a string's number that is none", "<c r=\"A1\" t=\"s\"><v>-1</v></c>", "ERR_INPUT 1,1"},
    {"inline", "<c r=\"C1\" t=\"inlineStr\"><is><t>Đập Đá</t></is></c>", "C1=t:Đập Đá"},
    {"inline runs", "<c t=\"inlineStr\"><is><r><t>a</t></r><r><t>b</t></r></is></c>", "A1=t:ab"},
    {"whole", "<c r=\"A1\"><v>27852800000</v></c>", "A1=n:27852800000"},
    {"exponent", "<c r=\"A1\"><v>1.5E7</v></c>", "A1=n:15000000"},
    {"exponent with sign", "<c r=\"A1\"><v>1.2E+7</v></c>", "A1=n:12000000"},
    {"small", "<c r=\"A1\"><v>1.25E-3</v></c>", "A1=n:0.00125"},
    {"noise behind the digits shown", "<c r=\"A1\"><v>15000000.000000001</v></c>", "A1=n:15000000"},
    {"a fraction written out", "<c r=\"A1\"><v>0.28499999999999998</v></c>", "A1=n:0.285"},
    {"a sum of fractions", "<c r=\"A1\"><v>0.30000000000000004</v></c>", "A1=n:0.3"},
    {"nines roll over", "<c r=\"A1\"><v>99.999999999999999</v></c>", "A1=n:100"},
    {"million with decimals", "<c r=\"A1\"><v>14135.6</v></c>", "A1=n:14135.6"},
    {"largest exact", "<c r=\"A1\"><v>9007199254740992</v></c>", "A1=n:9007199254740992"},
    {"beyond", "<c r=\"A1\"><v>9007199254740993</v></c>", "A1=n:9007199254740990"},
    {"negative", "<c r=\"A1\"><v>-12.50</v></c>", "A1=n:-12.5"},
    {"zero", "<c r=\"A1\"><v>-0.0</v></c>", "A1=n:0"},
    {"no number", "<c r=\"A1\"><v>12abc</v></c>", "ERR_INPUT 1,1"},
    {"not finite", "<c r=\"A1\"><v>1E999</v></c>", "ERR_INPUT 1,1"},
    {"built-in date", "<c r=\"A1\" s=\"1\"><v>43982</v></c>", "A1=d:2020-05-31"},
    {"Vietnamese date", "<c r=\"A1\" s=\"2\"><v>43982</v></c>", "A1=d:2020-05-31"},
    {"letters in quotes make no date", "<c r=\"A1\" s=\"3\"><v>43982</v></c>", "A1=n:43982"},
    {"General makes no date", "<c r=\"A1\" s=\"7\"><v>43982</v></c>", "A1=n:43982"},
    {"grouped", "<c r=\"A1\" s=\"9\"><v>43982</v></c>", "A1=n:43982"},
    {"day 1", "<c r=\"A1\" s=\"1\"><v>1</v></c>", "A1=d:1900-01-01"},
    {"day 59", "<c r=\"A1\" s=\"1\"><v>59</v></c>", "A1=d:1900-02-28"},
    {"the day that never was", "<c r=\"A1\" s=\"1\"><v>60</v></c>", "A1=m:60"},
    {"day 61", "<c r=\"A1\" s=\"1\"><v>61</v></c>", "A1=d:1900-03-01"},
    {"a leap day", "<c r=\"A1\" s=\"1\"><v>43890</v></c>", "A1=d:2020-02-29"},
    {"last day", "<c r=\"A1\" s=\"1\"><v>2958465</v></c>", "A1=d:9999-12-31"},
    {"behind the last day", "<c r=\"A1\" s=\"1\"><v>2958466</v></c>", "A1=m:2958466"},
    {"a time of day", "<c r=\"A1\" s=\"8\"><v>43982.5</v></c>", "A1=m:43982.5"},
    {"midnight is no time", "<c r=\"A1\" s=\"8\"><v>43982.0</v></c>", "A1=d:2020-05-31"},
    {"ISO date", "<c r=\"A1\" t=\"d\"><v>2020-05-31</v></c>", "A1=d:2020-05-31"},
    {"ISO date and midnight", "<c r=\"A1\" t=\"d\"><v>2020-05-31T00:00:00</v></c>", "A1=d:2020-05-31"},
    {"ISO date and noon", "<c r=\"A1\" t=\"d\"><v>2020-05-31T12:00:00</v></c>", "A1=t:2020-05-31T12:00:00"},
    {"percent", "<c r=\"A1\" s=\"4\"><v>0.12</v></c>", "A1=n:0.12%"},
    {"percent by code", "<c r=\"A1\" s=\"6\"><v>0.125</v></c>", "A1=n:0.125%"},
    {"leading zeros", "<c r=\"A1\" s=\"5\"><v>7</v></c>", "A1=n:7(3)"},
    {"true", "<c r=\"A1\" t=\"b\"><v>1</v></c>", "A1=b:TRUE"},
    {"false", "<c r=\"A1\" t=\"b\"><v>0</v></c>", "A1=b:FALSE"},
    {"error", "<c r=\"D1\" t=\"e\"><f>A9</f><v>#REF!</v></c>", "D1=e:#REF!"},
    {"formula", "<c r=\"A1\"><f>SUM(B1:B9)</f><v>1200000</v></c>", "A1=n:1200000"},
    {"formula of text", "<c r=\"A1\" t=\"str\"><f>B1&amp;C1</f><v>x y</v></c>", "A1=t:x y"},
    {"formula of empty text", "<c r=\"A1\" t=\"str\"><f>\"\"</f><v></v></c>", ""},
    {"formula never worked out", "<c r=\"B1\"><f>SUM(B1:B9)</f></c>", "B1=f:"},
    {"formula with an empty value", "<c r=\"B1\"><f>A1</f><v></v></c>", "B1=f:"},
    {"text formula never worked out", "<c r=\"B1\" t=\"str\"><f>A1</f></c>", "B1=f:"},
    {"styled but empty", "<c r=\"A1\" s=\"1\"/><c r=\"B1\" s=\"2\"></c>", ""},
    {"places left out", "<c><v>1</v></c><c r=\"D1\"><v>2</v></c><c><v>3</v></c>", "A1=n:1 D1=n:2 E1=n:3"},
    {"far right", "<c r=\"XFD1\"><v>1</v></c>", "XFD1=n:1"},
    {"too far right", "<c r=\"XFE1\"><v>1</v></c>", "ERR_INPUT 1,0"},
    {"backwards", "<c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>2</v></c>", "ERR_INPUT 1,2"},
    {"the same cell twice", "<c r=\"B1\"><v>1</v></c><c r=\"B1\"><v>2</v></c>", "ERR_INPUT 1,2"},
    {"a cell of another row", "<c r=\"A2\"><v>1</v></c>", "ERR_INPUT 1,0"},
    {"no address", "<c r=\"1A\"><v>1</v></c>", "ERR_INPUT 1,0"},
    {"an unknown style", "<c r=\"A1\" s=\"99\"><v>5</v></c>", "A1=n:5"},
    {"what is unknown is skipped", "<c r=\"A1\"><v>5</v><extLst><ext><v>6</v></ext></extLst></c>", "A1=n:5"},
};

static void
cells (void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cell_rows / sizeof cell_rows[0]; i++) {
    buf_t rows = BUF_INIT, file = BUF_INIT;
    buf_printf (&rows, "<row r=\"1\">%s</row>", cell_rows[i].row);
    const workbook_sheet_t sheet = {"S", NULL, buf_z (&rows), NULL};
    workbook_make (
        &(workbook_t){.strings = STRINGS, .formats = FORMATS, .styles = STYLES, .sheet = &sheet, .sheets = 1},
        &file);
    expect_sheet (cell_rows[i].label, buf_str (&file), 0, cell_rows[i].want);
    buf_free (&rows);
    buf_free (&file);
  }
}

/* ---- numbers by the 1904 count ---- */

static void
days_from_1904 (void **state)
{
  static const cell_row_t rows[] = {
      {"the first day", "<row><c s=\"1\"><v>0</v></c></row>", "A1=d:1904-01-01"},
      {"no day is left out", "<row><c s=\"1\"><v>60</v></c></row>", "A1=d:1904-03-01"},
      {"the same day, 1462 less", "<row><c s=\"1\"><v>42520</v></c></row>", "A1=d:2020-05-31"},
      {"behind the last", "<row><c s=\"1\"><v>2957004</v></c></row>", "A1=m:2957004"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    buf_t file = BUF_INIT;
    const workbook_sheet_t sheet = {"S", NULL, rows[i].row, NULL};
    workbook_make (
        &(workbook_t){.properties = "date1904=\"1\"", .styles = STYLES, .sheet = &sheet, .sheets = 1}, &file);
    expect_sheet (rows[i].label, buf_str (&file), 0, rows[i].want);
    buf_free (&file);
  }
}

/* ---- rows and sheets ---- */

static void
rows_of_a_sheet (void **state)
{
  static const cell_row_t rows[] = {
      {"empty sheet", "", ""},
      {"rows without anything are skipped",
       "<row r=\"1\"/><row r=\"3\"><c r=\"A3\"/></row><row r=\"7\"><c><v>1</v></c></row>", "A7=n:1"},
      {"rows without number", "<row><c><v>1</v></c></row><row/><row><c><v>2</v></c></row>", "A1=n:1 A3=n:2"},
      {"rows backwards", "<row r=\"2\"><c><v>1</v></c></row><row r=\"2\"><c><v>2</v></c></row>",
       "A2=n:1 ERR_INPUT 2,0"},
      {"last row", "<row r=\"1048576\"><c><v>1</v></c></row>", "A1048576=n:1"},
      {"behind the last row", "<row r=\"1048577\"><c><v>1</v></c></row>", "ERR_INPUT 0,0"},
      {"row 0", "<row r=\"0\"><c><v>1</v></c></row>", "ERR_INPUT 0,0"},
      {"a prefix of its own",
       "<worksheet xmlns:x=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><x:sheetData><x:row>"
       "<x:c><x:v>4</x:v></x:c></x:row></x:sheetData></worksheet>",
       "A1=n:4"},
      {"rows elsewhere are none",
       "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData><extLst><row><c><v>9</v></c></row></"
       "extLst>"
       "</worksheet>",
       "A1=n:1"},
      {"cut short", "<worksheet><sheetData><row><c><v>1</v></c></row><row><c><v>", "A1=n:1 ERR_INPUT 0,0"},
      {"no XML", "<worksheet>&", "ERR_INPUT 0,0"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    buf_t file = BUF_INIT;
    if (rows[i].row[0] == '\0')
      workbook_of_rows ("<row/>", &file);
    else
      workbook_of_rows (rows[i].row, &file);
    expect_sheet (rows[i].label, buf_str (&file), 0, rows[i].want);
    buf_free (&file);
  }
}

static void
sheets_in_order (void **state)
{
  static const workbook_sheet_t sheets[] = {
      {"Bìa &amp; lời", NULL, "<row><c><v>1</v></c></row>", NULL},
      {"Ẩn", "hidden", "<row><c><v>2</v></c></row>", NULL},
      {"Ẩn hẳn", "veryHidden", "<row><c><v>3</v></c></row>", NULL},
      {"Đề án", "visible", "<row><c><v>4</v></c></row>",
       "<mergeCells count=\"2\"><mergeCell ref=\"A1:C1\"/><mergeCell ref=\"B3:B5\"/></mergeCells>"},
  };
  (void)state;
  buf_t file = BUF_INIT, got = BUF_INIT;
  fail_t fail = {0};
  size_t merges;
  workbook_make (&(workbook_t){.sheet = sheets, .sheets = 4}, &file);
  xlsx_in_t *x = xlsx_in_open (buf_str (&file), &fail);
  assert_non_null (x);
  assert_int_equal (xlsx_in_sheets (x), 4);
  for (size_t i = 4; i-- > 0;) { /* in any order, and again */
    dump_sheet (x, i, &got);
    dump_sheet (x, i, &got);
    buf_printf (&got, " [%.*s%s]", STR_ARG (xlsx_in_sheet (x, i)->name),
                xlsx_in_sheet (x, i)->hidden ? " hidden" : "");
  }
  assert_string_equal (buf_z (&got), "A1=n:4 A1=n:4 [Đề án] A1=n:3 A1=n:3 [Ẩn hẳn hidden] A1=n:2 A1=n:2 "
                                     "[Ẩn hidden] A1=n:1 A1=n:1 [Bìa & lời]");
  buf_clear (&got);
  dump_sheet (x, 3, &got);
  const xlsx_merge_t *merge = xlsx_in_merges (x, &merges);
  assert_int_equal (merges, 2);
  assert_memory_equal (&merge[1], (&(xlsx_merge_t){3, 2, 5, 2}), sizeof *merge);
  assert_int_equal (xlsx_in_progress (x), 1000);
  xlsx_in_destroy (&x);
  buf_free (&got);
  buf_free (&file);
}

/* ---- what is refused ---- */

static void
expect_refused (const char *label, str_t file, const char *words)
{
  fail_t fail = {0};
  xlsx_row_t row;
  err_t err = ERR_OK;
  xlsx_in_t *x = xlsx_in_open (file, &fail);
  if (x != NULL) {
    err = xlsx_in_start (x, 0, &fail);
    while (err == ERR_OK)
      err = xlsx_in_next (x, &row, &fail);
    assert_true (err != ERR_END);
  }
  if (fail.err == ERR_OK || err_exit_code (fail.err) != 3 || strstr (fail.text, words) == NULL)
    fail_msg ("%s: %s <%s>, wanted <%s>", label, err_name (fail.err), fail.text, words);
  xlsx_in_destroy (&x);
}

static void
zip_of (const char *name, const char *bytes, buf_t *out)
{
  zip_write_t *zip = zip_write_new (out);
  assert_non_null (zip);
  assert_int_equal (zip_write_add (zip, name, str_of (bytes), true), ERR_OK);
  assert_int_equal (zip_write_finish (zip), ERR_OK);
  zip_write_destroy (&zip);
}

static void
other_archives (void **state)
{
  static const struct {
    const char *name, *bytes, *words;
  } rows[] = {
      {"xl/workbook.bin", "", ".xlsb"},
      {"mimetype", "application/vnd.oasis.opendocument.spreadsheet", ".ods"},
      {"word/document.xml", "", "Word"},
      {"photo.txt", "", "ZIP"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    buf_t file = BUF_INIT;
    zip_of (rows[i].name, rows[i].bytes, &file);
    assert_true (xlsx_in_is (buf_str (&file)));
    expect_refused (rows[i].name, buf_str (&file), rows[i].words);
    buf_free (&file);
  }
  assert_false (xlsx_in_is (STR ("code,name\n")));
  assert_false (xlsx_in_is (STR ("PK")));
}

#define DOCTYPE                                                                                              \
  "<!DOCTYPE w [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>"

static void
document_types (void **state)
{
  (void)state;
  buf_t file = BUF_INIT;
  const workbook_sheet_t sheet = {"S", NULL, "<row/>", NULL};
  workbook_make (&(workbook_t){.sheet = &sheet, .sheets = 1, .doctype = DOCTYPE}, &file);
  expect_refused ("in the workbook", buf_str (&file), "DOCTYPE");
  buf_clear (&file);
  /* in a sheet it stands before the root; an entity without one is no XML */
  workbook_of_rows ("<worksheet><sheetData><row><c t=\"str\"><v>&lol;</v></c></row></sheetData></worksheet>",
                    &file);
  expect_refused ("an entity", buf_str (&file), "XML");
  buf_free (&file);
}

/* What is unpacked counts, of all entries together, not what the archive says. */
static void
bombs (void **state)
{
  (void)state;
  buf_t blanks = BUF_INIT, file = BUF_INIT;
  char piece[4096];
  fail_t fail = {0};
  size_t n = 1, all = 0;
  zip_write_t *zip = zip_write_new (&file);
  assert_non_null (zip);
  for (size_t i = 0; i < 600u << 10; i++)
    buf_putc (&blanks, ' ');
  assert_int_equal (zip_write_add (zip, "a", buf_str (&blanks), false), ERR_OK);
  assert_int_equal (zip_write_add (zip, "b", buf_str (&blanks), false), ERR_OK);
  assert_int_equal (zip_write_finish (zip), ERR_OK);
  zip_write_destroy (&zip);
  assert_true (file.n < 4096);
  zip_read_t *z = zip_read_open (buf_str (&file), 1u << 20, &fail);
  assert_non_null (z);
  assert_true (zip_read_has (z, "B"));
  assert_int_equal (zip_read_start (z, "nowhere", &fail), ERR_NOT_FOUND);
  assert_int_equal (zip_read_start (z, "a", &fail), ERR_OK);
  for (; n > 0; all += n)
    assert_int_equal (zip_read_more (z, piece, sizeof piece, &n, &fail), ERR_OK);
  assert_int_equal (all, 600u << 10);
  assert_int_equal (zip_read_start (z, "b", &fail), ERR_OK);
  err_t err = ERR_OK;
  for (all = 0; err == ERR_OK && all < 600u << 10; all += n)
    err = zip_read_more (z, piece, sizeof piece, &n, &fail);
  assert_int_equal (err, ERR_TOO_BIG);
  assert_non_null (strstr (fail.text, "1 MiB"));
  zip_read_destroy (&z);
  buf_free (&blanks);
  buf_free (&file);
}

static void
one_endless_mark (void **state)
{
  (void)state;
  buf_t rows = BUF_INIT, file = BUF_INIT;
  buf_puts (&rows, "<worksheet><sheetData a=\"");
  for (size_t i = 0; i < 5u << 20; i++)
    buf_putc (&rows, 'x');
  buf_puts (&rows, "\"/></worksheet>");
  workbook_of_rows (buf_z (&rows), &file);
  expect_refused ("an attribute", buf_str (&file), "Excel");
  buf_free (&rows);
  buf_free (&file);
}

static void
a_cell_too_long (void **state)
{
  (void)state;
  buf_t rows = BUF_INIT, file = BUF_INIT;
  buf_puts (&rows, "<row><c r=\"B1\" t=\"inlineStr\"><is><t>");
  for (size_t i = 0; i < 65537; i++)
    buf_putc (&rows, 'x');
  buf_puts (&rows, "</t></is></c></row>");
  workbook_of_rows (buf_z (&rows), &file);
  expect_sheet ("long", buf_str (&file), 0, "B1=l:");
  buf_free (&rows);
  buf_free (&file);
}

static void
too_many_cells_in_a_row (void **state)
{
  (void)state;
  buf_t rows = BUF_INIT, file = BUF_INIT;
  buf_puts (&rows, "<row>");
  for (size_t i = 0; i < 257; i++)
    buf_puts (&rows, "<c><v>1</v></c>");
  buf_puts (&rows, "</row>");
  workbook_of_rows (buf_z (&rows), &file);
  expect_refused ("257 cells", buf_str (&file), "256");
  buf_free (&rows);
  buf_free (&file);
}

/* Cut anywhere, or with any byte changed, it is refused or read; never more. */
static void
cut_and_flipped (void **state)
{
  (void)state;
  buf_t file = BUF_INIT, got = BUF_INIT;
  const workbook_sheet_t sheet = {"S", NULL, "<row><c t=\"s\"><v>1</v></c><c s=\"1\"><v>43982</v></c></row>",
                                  NULL};
  workbook_make (
      &(workbook_t){.strings = STRINGS, .formats = FORMATS, .styles = STYLES, .sheet = &sheet, .sheets = 1},
      &file);
  for (size_t n = 0; n < file.n; n += n + 100 < file.n ? 100 : 1) {
    fail_t fail = {0};
    char *cut = malloc (n + 1);
    assert_non_null (cut);
    memcpy (cut, file.p, n);
    xlsx_in_t *x = xlsx_in_open ((str_t){cut, n}, &fail);
    if (x != NULL || fail.err != ERR_INPUT)
      fail_msg ("cut to %zu of %zu: %s", n, file.n, err_name (fail.err));
    free (cut);
  }
  for (size_t i = 0; i < file.n; i++) {
    fail_t fail = {0};
    file.p[i] = (char)(file.p[i] ^ 0x55);
    xlsx_in_t *x = xlsx_in_open (buf_str (&file), &fail);
    buf_clear (&got);
    if (x != NULL)
      dump_sheet (x, 0, &got);
    else
      assert_int_equal (err_exit_code (fail.err), 3);
    xlsx_in_destroy (&x);
    file.p[i] = (char)(file.p[i] ^ 0x55);
  }
  buf_free (&got);
  buf_free (&file);
}

static void
addresses (void **state)
{
  static const struct {
    uint32_t row, column;
    const char *want;
  } rows[] = {{1, 1, "A1"},
              {7, 2, "B7"},
              {9, 26, "Z9"},
              {10, 27, "AA10"},
              {1, 702, "ZZ1"},
              {1, 703, "AAA1"},
              {1048576, 16384, "XFD1048576"}};
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    buf_t got = BUF_INIT;
    xlsx_address (rows[i].row, rows[i].column, &got);
    assert_string_equal (buf_z (&got), rows[i].want);
    buf_free (&got);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (cells),           cmocka_unit_test (days_from_1904),
      cmocka_unit_test (rows_of_a_sheet), cmocka_unit_test (sheets_in_order),
      cmocka_unit_test (other_archives),  cmocka_unit_test (document_types),
      cmocka_unit_test (bombs),           cmocka_unit_test (one_endless_mark),
      cmocka_unit_test (a_cell_too_long), cmocka_unit_test (too_many_cells_in_a_row),
      cmocka_unit_test (cut_and_flipped), cmocka_unit_test (addresses),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
