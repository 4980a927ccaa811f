/* test_workbooks.c - workbooks in and out of an office: which sheet and which rows are taken, what each type
 * of cell says in each type of column, and that an export comes back unchanged. */
#include "tests/unit/agent/office.h"

#include "agent/entry/views.h"
#include "common/base/lang.h"
#include "common/text/csv.h"
#include "tests/support/workbook.h"

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

typedef struct {
  uint64_t hard, soft;
  char text[4096]; /* "place (column): text" of each hard one, a line each */
} heard_t;

static void
hear_finding (void *ctx, const import_finding_t *f)
{
  heard_t *h = ctx;
  if (f->soft) {
    h->soft++;
    return;
  }
  h->hard++;
  const size_t n = strlen (h->text);
  snprintf (h->text + n, sizeof h->text - n, "%.*s: %.*s\n", STR_ARG (f->place), STR_ARG (f->text));
}

/* ---- sheets from a shorthand ---- */

#define STYLES                                                                                               \
  "<xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"10\"/><xf numFmtId=\"164\"/><xf "                 \
  "numFmtId=\"49\"/>"
#define FORMATS "<numFmt numFmtId=\"164\" formatCode=\"000\"/>"

/* Cells parted by "|", rows by line ends. A cell's first letter: # number, @ day, % percentage, ~ number
 * shown as 007, ! error, = formula without value, ? true or false; else it is text. */
static void
put_cell (const char *cell, size_t n, buf_t *out)
{
  const int rest = n > 0 ? (int)n - 1 : 0;
  if (n == 0)
    buf_puts (out, "<c/>");
  else if (*cell == '#')
    buf_printf (out, "<c><v>%.*s</v></c>", rest, cell + 1);
  else if (*cell == '@')
    buf_printf (out, "<c s=\"1\"><v>%.*s</v></c>", rest, cell + 1);
  else if (*cell == '%')
    buf_printf (out, "<c s=\"2\"><v>%.*s</v></c>", rest, cell + 1);
  else if (*cell == '~')
    buf_printf (out, "<c s=\"3\"><v>%.*s</v></c>", rest, cell + 1);
  else if (*cell == '!')
    buf_printf (out, "<c t=\"e\"><v>%.*s</v></c>", rest, cell + 1);
  else if (*cell == '=')
    buf_printf (out, "<c><f>%.*s</f></c>", rest, cell + 1);
  else if (*cell == '?')
    buf_printf (out, "<c t=\"b\"><v>%.*s</v></c>", rest, cell + 1);
  else
    buf_printf (out, "<c t=\"inlineStr\"><is><t xml:space=\"preserve\">%.*s</t></is></c>", (int)n, cell);
}

static void
put_rows (const char *rows, buf_t *out)
{
  while (*rows != '\0') {
    buf_puts (out, "<row>");
    for (;;) {
      const size_t n = strcspn (rows, "|\n");
      put_cell (rows, n, out);
      rows += n;
      if (*rows != '|')
        break;
      rows++;
    }
    buf_puts (out, "</row>");
    rows += *rows == '\n';
  }
}

typedef struct {
  const char *name, *state, *rows, *merges;
} sheet_of_t;

static void
make_workbook (const sheet_of_t *sheets, size_t n, buf_t *out)
{
  workbook_sheet_t made[4] = {{NULL, NULL, NULL, NULL}};
  buf_t rows[4] = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
  assert_true (n <= COUNT (made));
  for (size_t i = 0; i < n; i++) {
    buf_puts (&rows[i], "<row/>");
    put_rows (sheets[i].rows, &rows[i]);
    made[i] = (workbook_sheet_t){sheets[i].name, sheets[i].state, buf_z (&rows[i]), sheets[i].merges};
  }
  workbook_make (&(workbook_t){.formats = FORMATS, .styles = STYLES, .sheet = made, .sheets = n}, out);
  for (size_t i = 0; i < n; i++)
    buf_free (&rows[i]);
}

static err_t
take_bytes (outbox_t *o, str_t file, const import_options_t *options, heard_t *h, import_counts_t *n)
{
  fail_t fail = {0};
  import_options_t with = options != NULL ? *options : (import_options_t){0};
  const import_watch_t watch = {.ctx = h, .finding = hear_finding};
  with.person = STR ("Lan");
  memset (h, 0, sizeof *h);
  return import_file (o, STR ("a.csv"), file, &with, &watch, n, &fail);
}

/* ---- which sheet ---- */

#define H "code|name|district|plan_year|item|status"
#define VI "Mã đề án|Tên đề án|Mã đơn vị|Năm kế hoạch|Nội dung chi|Trạng thái"
#define A1 "A-1|Máy|549|#2019|III.3|approved"
#define OUTCOMES "indicator|district|year|fund|value\nI.1|549|#2019|KCQG|#12"

static const struct {
  const char *label;
  sheet_of_t sheet[4];
  const char *asked, *kind;
  const char *says; /* NULL: taken, one record of */
  kind_t is;
} choices[] = {
    {"the only one", {{"S", NULL, H "\n" A1, NULL}}, NULL, NULL, NULL, KIND_SCHEME},
    {"labels", {{"S", NULL, VI "\n" A1, NULL}}, NULL, NULL, NULL, KIND_SCHEME},
    {"titles above, merged, and blank rows",
     {{"S", NULL, "BÁO CÁO|||\n\n(Đơn vị: đồng)\n|" H "\n|" A1,
       "<mergeCells><mergeCell ref=\"A2:D2\"/><mergeCell ref=\"A4:D4\"/></mergeCells>"}},
     NULL,
     NULL,
     NULL,
     KIND_SCHEME},
    {"numbers of columns below",
     {{"S", NULL, H "\n(1)|(2)|(3)|(4)|(5)|(6)\n" A1, NULL}},
     NULL,
     NULL,
     NULL,
     KIND_SCHEME},
    {"numbers of columns, one worked out",
     {{"S", NULL, H "\n(1)|(2)|(3)|(4)|(5)|(6)=(4)+(5)\n" A1, NULL}},
     NULL,
     NULL,
     NULL,
     KIND_SCHEME},
    {"letters below, numbers below them",
     {{"S", NULL, H "\nA|B|C|D|E|F\n#-1|#-2|#-3|#-4|#-5|#-6\n" A1, NULL}},
     NULL,
     NULL,
     NULL,
     KIND_SCHEME},
    {"letters and numbers below",
     {{"S", NULL, H "\nA|B|#1|#2|#3|#4\n" A1, NULL}},
     NULL,
     NULL,
     NULL,
     KIND_SCHEME},
    {"behind a cover",
     {{"Bìa", NULL, "Báo cáo\nnăm|#2019", NULL}, {"S", NULL, H "\n" A1, NULL}},
     NULL,
     NULL,
     NULL,
     KIND_SCHEME},
    {"not a hidden one",
     {{"Cũ", "hidden", H "\n" A1, NULL}, {"S", NULL, OUTCOMES, NULL}},
     NULL,
     NULL,
     NULL,
     KIND_OUTCOME},
    {"a hidden one where no other is",
     {{"S", NULL, "chú thích", NULL}, {"Cũ", "hidden", H "\n" A1, NULL}},
     NULL,
     NULL,
     NULL,
     KIND_SCHEME},
    {"the one with rows",
     {{"Mẫu", NULL, H, NULL}, {"S", NULL, H "\n" A1, NULL}},
     NULL,
     NULL,
     NULL,
     KIND_SCHEME},
    {"by kind",
     {{"S", NULL, H "\n" A1, NULL}, {"K", NULL, OUTCOMES, NULL}},
     NULL,
     "outcome",
     NULL,
     KIND_OUTCOME},
    {"by name", {{"S", NULL, H "\n" A1, NULL}, {"K", NULL, OUTCOMES, NULL}}, "K", NULL, NULL, KIND_OUTCOME},
    {"part of a kind, when it is said",
     {{"S", NULL, "code|note\nA-1|x", NULL}},
     NULL,
     "scheme",
     "name",
     KIND_SCHEME},
    {"two",
     {{"2019", NULL, H "\n" A1, NULL}, {"2020", NULL, H "\n" A1, NULL}},
     NULL,
     NULL,
     "“2019” (scheme), “2020” (scheme)",
     KIND_NONE},
    {"no such sheet", {{"S", NULL, H "\n" A1, NULL}}, "T", NULL, "“S”", KIND_NONE},
    {"none with a header", {{"S", NULL, "a|b\nc|d", NULL}}, NULL, NULL, "kc-agent template", KIND_NONE},
    {"nothing at all", {{"S", NULL, "", NULL}}, NULL, NULL, "empty", KIND_NONE},
    {"what is most like a header lacks something",
     {{"S", NULL, "Đề án năm 2019\ncode|name|district|plan_year|status\nA-1|Máy|549|#2019|approved", NULL}},
     NULL,
     NULL,
     "S, row 3: the header fits no kind of record; nearest is scheme, which lacks: item",
     KIND_NONE},
    {"an unknown column", {{"S", NULL, H "|STT\n" A1 "|1", NULL}}, NULL, NULL, "S!G2", KIND_NONE},
    {"the same column twice", {{"S", NULL, H "|name\n" A1 "|1", NULL}}, NULL, NULL, "S!G2", KIND_NONE},
    {"a header in letters of an old font",
     {{"S", NULL, "B¸o c¸o|\nM· ®Ò ¸n|Tªn ®Ò ¸n|M· ®¬n vÞ|N¨m kÕ ho¹ch|Néi dung chi|Tr¹ng th¸i\n" A1, NULL}},
     NULL,
     NULL,
     "S, row 3: the header is in letters of",
     KIND_NONE},
    {"captions over two rows",
     {{"S", NULL,
       "DANH SÁCH\n" VI "|Kinh phí||Quyết toán|\n||||||Quốc gia|Cấp tỉnh|quốc gia|cấp tỉnh\n"
       "(1)|(2)|(3)|(4)|(5)|(6)|(7)|(8)|(9)|(10)\n" A1 "|#1|#2|#1|#2",
       "<mergeCells><mergeCell ref=\"A3:A4\"/><mergeCell ref=\"G3:H3\"/><mergeCell "
       "ref=\"I3:J3\"/></mergeCells>"}},
     NULL,
     NULL,
     NULL,
     KIND_SCHEME},
    {"captions over all of it, one column merged down",
     {{"S", NULL, "Đề án||||||Ghi chú\n" VI "\n" A1 "|x", NULL}},
     NULL,
     NULL,
     NULL,
     KIND_SCHEME},
    {"what must be there, over two rows",
     {{"S", NULL, "Mã đề án|Đề án||Năm kế hoạch|Nội dung chi|Trạng thái\n|Tên đề án|Mã đơn vị\n" A1, NULL}},
     NULL,
     NULL,
     NULL,
     KIND_SCHEME},
    {"a part that is unknown is named with its caption",
     {{"S", NULL, H "|Kinh phí|\n||||||Quốc gia|Khác\n" A1 "|#1|#2", NULL}},
     NULL,
     NULL,
     "no column \"Kinh phí Khác\"",
     KIND_NONE},
    {"a caption that says otherwise than the name below it",
     {{"S", NULL, VI "|Quyết toán|\n||||||Kinh phí quốc gia|Kinh phí cấp tỉnh\n" A1 "|#1|#2", NULL}},
     NULL,
     NULL,
     "no column \"Quyết toán Kinh phí quốc gia\"",
     KIND_NONE},
    {"the same, where the lower row is a header by itself",
     {{"S", NULL, "Đề án||||||Quyết toán\n" VI "|Kinh phí quốc gia\n" A1 "|#1", NULL}},
     NULL,
     NULL,
     "no column \"Quyết toán Kinh phí quốc gia\"",
     KIND_NONE},
    {"a caption without parts", {{"S", NULL, H "|Kinh phí\n" A1 "|#1", NULL}}, NULL, NULL, "S!G2", KIND_NONE},
    {"a header and no row", {{"S", NULL, H, NULL}}, NULL, NULL, NULL, KIND_NONE},
};

static void
the_sheet_is_chosen (void **state)
{
  office_t *e = *state;
  for (size_t i = 0; i < COUNT (choices); i++) {
    buf_t file = BUF_INIT;
    heard_t h;
    import_counts_t n;
    size_t sheets = 0;
    while (sheets < 4 && choices[i].sheet[sheets].name != NULL)
      sheets++;
    make_workbook (choices[i].sheet, sheets, &file);
    const import_options_t o = {
        .dry_run = true, .sheet = str_of (choices[i].asked), .kind = kind_of_name (str_of (choices[i].kind))};
    const err_t err = take_bytes (e->o, buf_str (&file), &o, &h, &n);
    const bool taken = err == ERR_OK && n.rows == (choices[i].is != KIND_NONE) &&
                       (choices[i].is == KIND_NONE || n.kind == choices[i].is);
    if (choices[i].says == NULL ? !taken : err != ERR_INPUT || strstr (h.text, choices[i].says) == NULL)
      fail_msg ("%s: %s, %d rows of %s: %s", choices[i].label, err_name (err), (int)n.rows,
                kind_name (n.kind), h.text);
    buf_free (&file);
  }
}

/* ---- cells ---- */

#define T H "|province_vnd|registered_on|approval_no|note"

typedef struct {
  const char *label, *cells; /* of province_vnd, registered_on, approval_no, note */
  number_locale_t locale;
  bool million;
  const char *want; /* "column=value" of the record; or part of what is said when refused */
} cell_row_t;

static const cell_row_t cell_rows[] = {
    {"a number", "#15000000", NUMBER_PLAIN, false, "province_vnd=15000000"},
    {"a number with exponent", "#1.5E7", NUMBER_PLAIN, false, "province_vnd=15000000"},
    {"a number whatever the locale", "#15000000", NUMBER_VI, false, "province_vnd=15000000"},
    {"a fraction that could be thousands", "#1.388", NUMBER_PLAIN, true, "province_vnd=1388000"},
    {"the same in vi", "#1.388", NUMBER_VI, true, "province_vnd=1388000"},
    {"the same in en", "#1.388", NUMBER_EN, true, "province_vnd=1388000"},
    {"million with noise", "#14135.599999999999", NUMBER_VI, true, "province_vnd=14135600000"},
    {"text by its locale", "1.389,6", NUMBER_VI, true, "province_vnd=1389600000"},
    {"text by its locale, en", "15,000,000", NUMBER_EN, false, "province_vnd=15000000"},
    {"text that could be two", "1.388", NUMBER_PLAIN, true, "S!G3: "},
    {"a fraction of a đồng", "#1.5", NUMBER_PLAIN, false, "S!G3: "},
    {"below zero", "#-1", NUMBER_PLAIN, false, "S!G3: "},
    {"too much", "#2E15", NUMBER_PLAIN, false, "S!G3: "},
    {"a percentage", "%0.5", NUMBER_PLAIN, false, "S!G3: the cell is 0.5 but shown as a percentage"},
    {"a date for money", "@43982", NUMBER_PLAIN, false, "S!G3: the cell holds the date 31/05/2020"},
    {"an error", "!#REF!", NUMBER_PLAIN, false, "S!G3: the cell holds the formula error #REF!"},
    {"a formula nobody worked out", "=A1", NUMBER_PLAIN, false, "S!G3: the formula in the cell"},
    {"true is no number", "?1", NUMBER_PLAIN, false, "S!G3: "},
    {"a blank cell clears", "", NUMBER_PLAIN, false, "province_vnd="},
    {"a date", "|@43982", NUMBER_PLAIN, false, "registered_on=2020-05-31"},
    {"a date whatever the locale", "|@43982", NUMBER_VI, false, "registered_on=2020-05-31"},
    {"text as a date", "|31/05/2020", NUMBER_VI, false, "registered_on=2020-05-31"},
    {"a month", "|2020-05", NUMBER_PLAIN, false, "registered_on=2020-05"},
    {"a year alone", "|#2020", NUMBER_PLAIN, false, "registered_on=2020"},
    {"a date that lost its format", "|#43982", NUMBER_PLAIN, false, "S!H3: the cell is the number 43982"},
    {"with a time of day", "|@43982.5", NUMBER_PLAIN, false, "S!H3: the cell is formatted as a date"},
    {"no day", "|@60", NUMBER_PLAIN, false, "S!H3: the cell is formatted as a date"},
    {"a number as text", "||#125", NUMBER_PLAIN, false, "approval_no=125"},
    {"zeros that are shown", "||~7", NUMBER_PLAIN, false, "approval_no=007"},
    {"digits Excel has rounded", "||#1234567890123456", NUMBER_PLAIN, false,
     "S!I3: the cell is a number of more"},
    {"what Excel made of 1/2", "||@43862", NUMBER_PLAIN, false, "S!I3: the cell holds the date 01/02/2020"},
    {"true in words", "||?1", NUMBER_PLAIN, false, "approval_no=TRUE"},
    {"text stays", "||007", NUMBER_PLAIN, false, "approval_no=007"},
    {"what looks like a formula", "||'=1", NUMBER_PLAIN, false, "approval_no='=1"},
    {"outside the table", "||||stray", NUMBER_PLAIN, false, "S!K3: this cell is outside the table"},
};

/* The column's value of the only scheme, as an export has it. */
static void
value_of (outbox_t *o, str_t column, buf_t *out)
{
  buf_t text = BUF_INIT;
  fail_t fail = {0};
  csv_row_t row;
  size_t at = 0;
  assert_int_equal (export_records (o, KIND_SCHEME, false, &text, &fail), ERR_OK);
  csv_t *csv = csv_open (buf_str (&text), &fail);
  assert_int_equal (csv_next (csv, &row, &fail), ERR_OK);
  while (!str_eq (row.cell[at].text, column))
    at++;
  assert_int_equal (csv_next (csv, &row, &fail), ERR_OK);
  buf_put (out, row.cell[at].text.p, row.cell[at].text.n);
  csv_destroy (&csv);
  buf_free (&text);
}

static void
expect_cell (outbox_t *o, const cell_row_t *row)
{
  buf_t rows = BUF_INIT, file = BUF_INIT, got = BUF_INIT;
  heard_t h;
  import_counts_t n;
  const char *value = strchr (row->want, '=');
  const bool taken = strncmp (row->want, "S!", 2) != 0;
  buf_printf (&rows, T "\n" A1 "|%s", row->cells);
  make_workbook (&(sheet_of_t){"S", NULL, buf_z (&rows), NULL}, 1, &file);
  const import_options_t options = {.locale = row->locale, .million = row->million};
  const err_t err = take_bytes (o, buf_str (&file), &options, &h, &n);
  if (err != (taken ? ERR_OK : ERR_INPUT) || (!taken && strstr (h.text, row->want) == NULL))
    fail_msg ("%s: %s: %s", row->label, err_name (err), h.text);
  if (taken) {
    value_of (o, (str_t){row->want, (size_t)(value - row->want)}, &got);
    if (!str_is (buf_str (&got), value + 1))
      fail_msg ("%s: got <%s>", row->label, buf_z (&got));
  }
  buf_free (&rows);
  buf_free (&file);
  buf_free (&got);
}

static void
cells_by_type (void **state)
{
  office_t *e = *state;
  for (size_t i = 0; i < COUNT (cell_rows); i++)
    expect_cell (e->o, &cell_rows[i]);
}

/* ---- rows ---- */

static const struct {
  const char *label, *rows, *merges, *says; /* says NULL: taken, two records */
  bool ignore_unknown;
} row_rows[] = {
    {"two", A1 "\nA-2|Lò|549|#2019|III.3|approved", NULL, NULL, false},
    {"blank rows between", A1 "\n\n|||\nA-2|Lò|549|#2019|III.3|approved\n ", NULL, NULL, false},
    {"a column beside it left out", A1 "|x\nA-2|Lò|549|#2019|III.3|approved|y\n||||||z", NULL, NULL, true},
    {"a total", A1 "\nTổng cộng||||||", NULL, "S!A4: this is a row of totals", false},
    {"a total in another column", A1 "\n|Cộng:|||", NULL, "S!B4: this is a row of totals", false},
    {"a signature", A1 "\n\n|||An Nhơn, ngày 5 tháng 5", NULL, "S, row 5: this row has no code", false},
    {"numbers again", A1 "\n1|2|3|4|5|6", NULL, "S!C4", false},
    {"the same code twice", A1 "\n" A1, NULL, "S, row 4", false},
    {"merged down", A1 "\nA-2|Lò|549|#2019|III.3|approved",
     "<mergeCells><mergeCell ref=\"E3:E4\"/></mergeCells>", "S!E3: merged cells", false},
    {"merged from beside the table into it", A1 "\nA-2|Lò|549|#2019|III.3|approved",
     "<mergeCells><mergeCell ref=\"F3:H3\"/></mergeCells>", "S!F3: merged cells", true},
    {"merged elsewhere", A1 "\nA-2|Lò|549|#2019|III.3|approved",
     "<mergeCells><mergeCell ref=\"H3:J4\"/><mergeCell ref=\"A9:C9\"/></mergeCells>", NULL, false},
};

static void
rows_of_records_alone (void **state)
{
  office_t *e = *state;
  for (size_t i = 0; i < COUNT (row_rows); i++) {
    buf_t rows = BUF_INIT, file = BUF_INIT;
    heard_t h;
    import_counts_t n;
    buf_printf (&rows, H "\n%s", row_rows[i].rows);
    make_workbook (&(sheet_of_t){"S", NULL, buf_z (&rows), row_rows[i].merges}, 1, &file);
    const import_options_t o = {.dry_run = true, .ignore_unknown = row_rows[i].ignore_unknown};
    const err_t err = take_bytes (e->o, buf_str (&file), &o, &h, &n);
    if (row_rows[i].says == NULL ? err != ERR_OK || n.created != 2
                                 : err != ERR_INPUT || strstr (h.text, row_rows[i].says) == NULL)
      fail_msg ("%s: %s, %d created: %s", row_rows[i].label, err_name (err), (int)n.created, h.text);
    buf_free (&rows);
    buf_free (&file);
  }
}

/* A box to tick. */
static void
yes_and_no (void **state)
{
  office_t *e = *state;
  buf_t file = BUF_INIT, text = BUF_INIT;
  heard_t h;
  import_counts_t n;
  fail_t fail = {0};
  const str_t outcome = STR ("indicator,district,year,fund,value,period\nI.1,549,2020,KCQG,1,2020-Q2\n");
  assert_int_equal (take_bytes (e->o, outcome, NULL, &h, &n), ERR_OK);
  make_workbook (&(sheet_of_t){"S", NULL,
                               "district|table|period|nil\n#549|outcomes|2020-Q2|?0\n#549|budget|2020-Q2|?1",
                               NULL},
                 1, &file);
  if (take_bytes (e->o, buf_str (&file), NULL, &h, &n) != ERR_OK)
    fail_msg ("%s", h.text);
  assert_int_equal (export_records (e->o, KIND_SUBMISSION, false, &text, &fail), ERR_OK);
  assert_non_null (strstr (buf_z (&text), "549,outcomes,2020-Q2,,"));
  assert_non_null (strstr (buf_z (&text), "549,budget,2020-Q2,yes,"));
  buf_free (&file);
  buf_free (&text);
}

static void
what_is_no_workbook (void **state)
{
  static const struct {
    str_t file;
    const char *says;
  } rows[] = {
      {STR ("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old"), ".xlsx"},
      {STR ("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"), "password"},
      {STR ("PK\x03\x04 cut short"), "damaged"},
  };
  office_t *e = *state;
  for (size_t i = 0; i < COUNT (rows); i++) {
    heard_t h;
    import_counts_t n;
    assert_int_equal (take_bytes (e->o, rows[i].file, NULL, &h, &n), ERR_INPUT);
    if (strstr (h.text, rows[i].says) == NULL)
      fail_msg ("row %zu: %s", i, h.text);
  }
}

/* ---- out and back ---- */

#define FULL                                                                                                 \
  HEAD ",commune,kind,national_vnd,province_vnd,settled_national_vnd,settled_province_vnd,registered_on,"    \
       "approved_on,approval_no,"                                                                            \
       "note\n"                                                                                              \
       "007,\"Máy, có dấu phẩy\",549,2019,III.3,settled,Đập "                                       \
       "Đá,key,0,1000000000000000,0,999999999999999,2019-05-31,"                                           \
       "2019-06,=1+1,\"dòng 1\nDÒNG 2 _x000D_ &<>\"\n"                                                     \
       "1E5,' nháy,549,2014-2020,III.3,draft,,,,,,,,2019,0012,  hai đầu  \n"

static void
out_and_back (void **state)
{
  static const struct {
    kind_t kind;
    const char *file;
  } rows[] = {
      {KIND_SCHEME, FULL},
      {KIND_OUTCOME, "indicator,district,year,fund,value,value_kind,period\n"
                     "III.1.a,549,2019,KCQG,1234.5,estimate,2019-Q2\nIII.1.a,549,2014-2020,KCĐP,0.125,plan,\n"
                     "I.1,549,2019,KCQG,999999999999999,actual,\n"},
      {FORM_LEDGER, "scheme_code,ledger_kind,date,source,amount_vnd\n007,advance,2019-06-01,province,1000\n"
                    "007,payment,2019-06-01,province,1000\n"},
      {FORM_BENEFICIARY, "scheme_code,name,support_vnd\n007,HTX Nhơn Hậu,500\n"},
      {KIND_SUBMISSION, "district,table,period,nil,note\n549,outcomes,2020-Q2,yes,\n"},
  };
  office_t *e = *state;
  for (size_t i = 0; i < COUNT (rows); i++) {
    heard_t h;
    import_counts_t n;
    if (take_bytes (e->o, str_of (rows[i].file), NULL, &h, &n) != ERR_OK)
      fail_msg ("row %zu: %s", i, h.text);
    const uint64_t created = n.created;
    for (lang_t lang = LANG_VI; lang <= LANG_EN; lang++) {
      fail_t fail = {0};
      buf_t one = BUF_INIT, two = BUF_INIT;
      lang_set (lang);
      assert_int_equal (export_workbook (e->o, rows[i].kind, &one, &fail), ERR_OK);
      assert_int_equal (export_workbook (e->o, rows[i].kind, &two, &fail), ERR_OK);
      assert_true (str_eq (buf_str (&one), buf_str (&two)));
      if (take_bytes (e->o, buf_str (&one), NULL, &h, &n) != ERR_OK || n.unchanged != created)
        fail_msg ("row %zu: %d unchanged: %s", i, (int)n.unchanged, h.text);
      buf_free (&one);
      buf_free (&two);
    }
    lang_set (LANG_EN);
  }
}

static void
templates_of_all_kinds (void **state)
{
  static const kind_t kinds[] = {KIND_SCHEME,   KIND_OUTCOME,    KIND_CONSULTING, KIND_STAFF,
                                 KIND_DOCUMENT, KIND_SUBMISSION, FORM_LEDGER,     FORM_BENEFICIARY};
  office_t *e = *state;
  for (size_t i = 0; i < COUNT (kinds); i++) {
    heard_t h;
    import_counts_t n;
    fail_t fail = {0};
    buf_t file = BUF_INIT;
    lang_set (i % 2 == 0 ? LANG_VI : LANG_EN);
    assert_int_equal (template_workbook (kinds[i], outbox_catalogue (e->o), 0, &file, &fail), ERR_OK);
    if (take_bytes (e->o, buf_str (&file), NULL, &h, &n) != ERR_OK || n.kind != kinds[i] || n.rows != 0)
      fail_msg ("%s: taken for %s: %s", kind_name (kinds[i]), kind_name (n.kind), h.text);
    buf_free (&file);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (the_sheet_is_chosen, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (cells_by_type, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (rows_of_records_alone, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (yes_and_no, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (what_is_no_workbook, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (out_and_back, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (templates_of_all_kinds, office_set_up, office_tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
