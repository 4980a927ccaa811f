/* workbooks.c - templates and exports as workbooks.
 *
 * A column's look and choices follow from its type and the catalogue. An export is the CSV one with each cell
 * turned into what it is: so a workbook holds just what the CSV file holds, and imports back the same. */
#include "agent/entry/views.h"

#include "common/base/lang.h"
#include "common/core/units.h"
#include "common/sheet/xlsx_table.h"
#include "common/text/csv.h"
#include "common/text/number.h"

#include <stdlib.h>
#include <string.h>

#define CHOICES_BUDGET ((size_t)8 << 20)

typedef struct {
  columns_t *cs;
  const catalogue_t *c;
  unit_id_t office; /* 0: all */
  arena_t *arena;
  xlsx_column_t *column;
  bool failed;
} filling_t;

/* ---- looks ---- */

static xlsx_look_t
look_of (const column_t *col)
{
  const field_type_t type = col->type;
  if (type == FIELD_TEXT && col->max_bytes > TEXT_SHORT_MAX)
    return XLSX_LOOK_LONG_TEXT;
  if (type == FIELD_MONEY || type == FIELD_SUPPORT || type == FIELD_SETTLED)
    return XLSX_LOOK_MONEY;
  if (type == FIELD_COUNT)
    return XLSX_LOOK_COUNT;
  if (type == FIELD_VALUE)
    return XLSX_LOOK_VALUE;
  if (type == FIELD_YEARS)
    return XLSX_LOOK_YEAR;
  return type == FIELD_DATE ? XLSX_LOOK_DATE : XLSX_LOOK_TEXT;
}

static double
width_of (const column_t *col)
{
  const xlsx_look_t look = look_of (col);
  if (look == XLSX_LOOK_LONG_TEXT)
    return 48;
  if (look == XLSX_LOOK_MONEY)
    return 18;
  return col->type == FIELD_TEXT || col->type == FIELD_CODE ? 22 : 14;
}

static const char *
help_of (const column_t *col, bool choices)
{
  if (choices)
    return L ("Chọn trong danh sách; giải thích ở trang “Danh mục”.",
              "Choose from the list; what each means stands on the sheet \"Lists\".");
  switch ((int)look_of (col)) {
  case XLSX_LOOK_MONEY:
    return L ("Số tiền bằng đồng, không phải triệu đồng; ví dụ 140000000.",
              "An amount in đồng, not in millions; such as 140000000.");
  case XLSX_LOOK_COUNT:
    return L ("Số nguyên.", "A whole number.");
  case XLSX_LOOK_VALUE:
    return L ("Số theo đơn vị tính của chỉ tiêu.", "A number in the indicator's unit.");
  case XLSX_LOOK_YEAR:
    return L ("Năm, ví dụ 2020, hoặc giai đoạn, ví dụ 2014-2020.",
              "A year such as 2020, or years such as 2014-2020.");
  case XLSX_LOOK_DATE:
    return L ("Ngày, ví dụ 31/05/2020.", "A date, such as 31/05/2020.");
  default:
    break;
  }
  if (col->type == FIELD_CODE)
    return L ("Chữ không dấu, chữ số và . - _ /, không có dấu cách.",
              "Letters without accents, digits and . - _ /, no spaces.");
  return "";
}

static const char *
error_of (const column_t *col, bool choices)
{
  if (choices)
    return L ("Không có trong danh mục. Hãy chọn trong danh sách xổ xuống.",
              "Not in the catalogue. Choose from the list that drops down.");
  switch ((int)look_of (col)) {
  case XLSX_LOOK_MONEY:
    return L ("Phải là số nguyên từ 0 trở lên; số tiền ghi bằng đồng, không ghi bằng triệu đồng.",
              "Must be a whole number from 0 on; amounts are in đồng, not in millions.");
  case XLSX_LOOK_COUNT:
    return L ("Phải là số nguyên từ 0 trở lên.", "Must be a whole number from 0 on.");
  case XLSX_LOOK_VALUE:
    return L ("Phải là một số từ 0 trở lên.", "Must be a number from 0 on.");
  case XLSX_LOOK_YEAR:
    return L ("Năm phải từ 2000 đến 2100; giai đoạn ghi dạng 2014-2020. Giữ nội dung này?",
              "A year is from 2000 to 2100, years are written 2014-2020. Keep this?");
  case XLSX_LOOK_DATE:
    return L (
        "Ngày phải từ 01/01/2000 đến 31/12/2100; chưa rõ ngày thì ghi 2020-05 hoặc 2020. Giữ nội dung này?",
        "A date is from 01/01/2000 to 31/12/2100; where the day is not known write 2020-05 or 2020. Keep "
        "this?");
  default:
    return "";
  }
}

/* ---- choices ---- */

typedef struct {
  xlsx_choice_t *at;
  size_t n, room;
  bool failed;
} choices_t;

static void
add_choice (choices_t *list, str_t code, str_t words)
{
  xlsx_choice_t *grown = array_room (list->at, list->n, &list->room, sizeof *grown);
  list->failed = list->failed || grown == NULL;
  if (grown == NULL)
    return;
  list->at = grown;
  list->at[list->n++] = (xlsx_choice_t){code, words};
}

static str_t
label (str_t vi, str_t en)
{
  return lang_get () == LANG_VI || str_blank (en) ? vi : en;
}

/* The offices whose records the author may write. */
static void
add_units (const filling_t *b, choices_t *list)
{
  const unit_t *u;
  for (size_t i = 0; (u = catalogue_unit_at (b->c, i)) != NULL; i++)
    if (b->office == 0 || u->id == b->office || unit_heir_of (b->c, b->office, u->id, STR_NONE))
      add_choice (list, u->code, label (u->name, u->name_en));
}

static void
add_funds (const filling_t *b, choices_t *list)
{
  const source_t *s;
  for (size_t i = 0; (s = catalogue_source_at (b->c, i)) != NULL; i++) {
    bool there = false;
    for (size_t k = 0; k < list->n; k++)
      there = there || str_eq (list->at[k].code, s->fund);
    if (!there)
      add_choice (list, s->fund, label (s->label_vi, s->label_en));
  }
}

static void
add_sources (const filling_t *b, choices_t *list)
{
  const source_t *s;
  for (size_t i = 0; (s = catalogue_source_at (b->c, i)) != NULL; i++)
    if (s->active)
      add_choice (list, s->code, label (s->label_vi, s->label_en));
}

/* Text made here: "Tổng vốn đầu tư (Tr. đồng)". */
static str_t
with_unit (filling_t *b, str_t words, str_t unit)
{
  buf_t text = BUF_INIT;
  if (str_blank (unit))
    return words;
  buf_printf (&text, "%.*s (%.*s)", STR_ARG (words), STR_ARG (unit));
  const str_t kept = arena_str (b->arena, buf_str (&text));
  b->failed = b->failed || kept.p == NULL;
  buf_free (&text);
  return kept;
}

static void
add_catalogue (filling_t *b, field_type_t type, choices_t *list)
{
  const item_t *item;
  const indicator_t *indicator;
  const service_t *service;
  const staff_item_t *staff;
  for (size_t i = 0; type == FIELD_ITEM && (item = catalogue_item_at (b->c, i)) != NULL; i++)
    add_choice (list, item->code, label (item->label_vi, item->label_en));
  for (size_t i = 0; type == FIELD_INDICATOR && (indicator = catalogue_indicator_at (b->c, i)) != NULL; i++)
    add_choice (list, indicator->code,
                with_unit (b, label (indicator->label_vi, indicator->label_en), indicator->unit_vi));
  for (size_t i = 0; type == FIELD_SERVICE && (service = catalogue_service_at (b->c, i)) != NULL; i++)
    add_choice (list, service->code, label (service->label_vi, service->label_en));
  for (size_t i = 0; type == FIELD_STAFF_ITEM && (staff = catalogue_staff_item_at (b->c, i)) != NULL; i++)
    add_choice (list, staff->code, with_unit (b, label (staff->label_vi, staff->label_en), staff->unit_vi));
}

/* Words that are fixed: people choose and read them, files hold their names. False for a type of other
 * choices, or none. */
static bool
words_of (field_type_t type, word_set_t *set)
{
  static const struct {
    field_type_t type;
    word_set_t set;
  } sets[] = {{FIELD_STATUS, WORDS_STATUS},
              {FIELD_SCHEME_KIND, WORDS_SCHEME_KIND},
              {FIELD_VALUE_KIND, WORDS_VALUE_KIND},
              {FIELD_DOCUMENT_STATUS, WORDS_DOCUMENT_STATUS},
              {FIELD_LEDGER_KIND, WORDS_LEDGER_KIND}};
  for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
    if (sets[i].type == type) {
      *set = sets[i].set;
      return true;
    }
  return false;
}

static void
add_choices (filling_t *b, field_type_t type, choices_t *list)
{
  word_set_t set;
  const word_t *w;
  if (type == FIELD_UNIT)
    add_units (b, list);
  else if (type == FIELD_FUND)
    add_funds (b, list);
  else if (type == FIELD_SOURCE)
    add_sources (b, list);
  else if (type == FIELD_YES)
    add_choice (list, str_of (L ("có", "yes")), STR ("yes"));
  else if (words_of (type, &set))
    for (unsigned i = 1; (w = word_of_set (set, i)) != NULL; i++)
      add_choice (list, str_of (L (w->vi, w->en)), str_of (w->name));
  else
    add_catalogue (b, type, list);
}

/* ---- the table ---- */

static str_t
column_label (const column_t *col)
{
  const str_t words = label (col->label_vi, col->label_en);
  return str_blank (words) ? col->name : words;
}

static str_t
required_help (filling_t *b, const column_t *col, const char *help)
{
  buf_t text = BUF_INIT;
  buf_printf (&text, "%s%s%s", col->required ? L ("Bắt buộc.", "Required.") : "",
              col->required && *help != '\0' ? " " : "", help);
  const str_t kept = arena_str (b->arena, buf_str (&text));
  b->failed = b->failed || !buf_ok (&text) || (text.n > 0 && kept.p == NULL);
  buf_free (&text);
  return kept;
}

static void
describe (filling_t *b, size_t i)
{
  const column_t *col = columns_at (b->cs, i);
  choices_t list = {NULL, 0, 0, false};
  word_set_t set;
  const bool words = words_of (col->type, &set) || col->type == FIELD_YES;
  add_choices (b, col->type, &list);
  b->failed = b->failed || list.failed;
  b->column[i] =
      (xlsx_column_t){.name = column_label (col),
                      .look = look_of (col),
                      .width = width_of (col),
                      .required = col->required,
                      .help = required_help (b, col, help_of (col, list.n > 0)),
                      .error = str_of (error_of (col, list.n > 0)),
                      .choice = list.at,
                      .choices = list.n,
                      .code_head = words ? L (STR ("Giá trị"), STR ("Value")) : L (STR ("Mã"), STR ("Code")),
                      .words_head = words ? L (STR ("Mã trong tệp CSV"), STR ("Code in CSV files"))
                                          : L (STR ("Tên"), STR ("Name"))};
}

static err_t
book_open (filling_t *b, kind_t kind, size_t rows, xlsx_table_t **out, fail_t *fail)
{
  const size_t n = columns_count (b->cs);
  b->arena = arena_new (CHOICES_BUDGET);
  b->column = calloc (n, sizeof *b->column);
  if (b->arena == NULL || b->column == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < n; i++)
    describe (b, i);
  if (b->failed)
    return ERR_NOMEM;
  const xlsx_table_head_t head = {.title = str_of (kind_words (kind)),
                                  .sheet = str_of (kind_words (kind)),
                                  .lists = L (STR ("Danh mục"), STR ("Lists")),
                                  .column = b->column,
                                  .columns = n,
                                  .rows = rows};
  *out = xlsx_table_new (&head, fail);
  return *out != NULL ? ERR_OK : fail->err;
}

static void
book_close (filling_t *b)
{
  for (size_t i = 0; b->column != NULL && i < columns_count (b->cs); i++)
    free ((void *)(uintptr_t)b->column[i].choice);
  free (b->column);
  arena_destroy (&b->arena);
}

/* ---- cells ---- */

/* A plain number as the nearest one that a sheet can hold. */
static bool
number_of (str_t text, double *out)
{
  const char *point = text.n > 0 ? memchr (text.p, '.', text.n) : NULL;
  const unsigned decimals = point != NULL ? (unsigned)(text.p + text.n - point) - 1 : 0;
  int64_t scaled;
  double power = 1;
  if (decimals > 6 || number_parse (text, NUMBER_PLAIN, decimals, &scaled) != NUMBER_OK)
    return false;
  for (unsigned i = 0; i < decimals; i++)
    power *= 10;
  *out = (double)scaled / power;
  return true;
}

/* The word for a name of a column's choices; the text itself where it is none. */
static str_t
in_words (const xlsx_column_t *col, field_type_t type, str_t text)
{
  word_set_t set;
  for (size_t i = 0; (words_of (type, &set) || type == FIELD_YES) && i < col->choices; i++)
    if (str_eq (col->choice[i].words, text))
      return col->choice[i].code;
  return text;
}

static void
put_cell (xlsx_table_t *t, size_t i, xlsx_look_t look, str_t text)
{
  double number;
  uint32_t date;
  if (look == XLSX_LOOK_DATE && text.n == 10 && date_parse (text, NUMBER_PLAIN, &date) == NUMBER_OK)
    xlsx_table_date (t, i, date);
  else if (look != XLSX_LOOK_DATE && look != XLSX_LOOK_TEXT && look != XLSX_LOOK_LONG_TEXT &&
           number_of (text, &number))
    xlsx_table_number (t, i, number);
  else
    xlsx_table_text (t, i, text);
}

/* The rows of the CSV export below its header. */
static err_t
put_rows (const filling_t *b, csv_t *csv, xlsx_table_t *t, fail_t *fail)
{
  csv_row_t row;
  err_t err = csv_next (csv, &row, fail);
  while (err == ERR_OK && (err = csv_next (csv, &row, fail)) == ERR_OK) {
    CHECK (row.n == columns_count (b->cs));
    for (size_t i = 0; i < row.n; i++)
      put_cell (t, i, b->column[i].look,
                in_words (&b->column[i], columns_at (b->cs, i)->type, row.cell[i].text));
    xlsx_table_next_row (t);
  }
  return err == ERR_END ? ERR_OK : err;
}

static size_t
count_rows (str_t csv)
{
  size_t n = 0;
  for (size_t i = 0; i < csv.n; i++)
    n += csv.p[i] == '\n';
  return n;
}

static err_t
make (filling_t *b, kind_t kind, str_t records, buf_t *out, fail_t *fail)
{
  xlsx_table_t *t = NULL;
  csv_t *csv = NULL;
  err_t err = book_open (b, kind, count_rows (records), &t, fail);
  if (err == ERR_OK && records.n > 0) {
    csv = csv_open (records, fail);
    err = csv != NULL ? put_rows (b, csv, t, fail) : fail->err;
  }
  if (err == ERR_OK)
    err = xlsx_table_finish (t, out, fail);
  csv_destroy (&csv);
  xlsx_table_destroy (&t);
  book_close (b);
  return err;
}

err_t
template_workbook (kind_t kind, const catalogue_t *c, unit_id_t office, buf_t *out, fail_t *fail)
{
  buf_t header = BUF_INIT;
  filling_t b = {.c = c, .office = office};
  err_t err = export_template (kind, c, false, &header, fail); /* for its words about kinds */
  buf_free (&header);
  if (err != ERR_OK)
    return err;
  b.cs = columns_new (kind, c);
  err = b.cs != NULL ? make (&b, kind, STR_NONE, out, fail) : ERR_NOMEM;
  columns_destroy (&b.cs);
  return err;
}

err_t
export_workbook (outbox_t *o, kind_t kind, buf_t *out, fail_t *fail)
{
  buf_t records = BUF_INIT;
  filling_t b = {.c = outbox_catalogue (o), .office = edits_office (o)};
  err_t err = export_records (o, kind, false, &records, fail);
  if (err == ERR_OK) {
    b.cs = columns_new (kind, b.c);
    err = b.cs != NULL ? make (&b, kind, buf_str (&records), out, fail) : ERR_NOMEM;
  }
  columns_destroy (&b.cs);
  buf_free (&records);
  return err;
}
