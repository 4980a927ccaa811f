/* sheet_cells.c - what a cell of a workbook says in a column of records.
 *
 * A number cell is that number: the locale is for what people type as text. In columns of text it is the
 * shortest form of the number, or the zeros its format shows. Nothing else is turned into something else: a
 * date in a column of text is most often what Excel made of "1/2", and only the person knows. */
#include "agent/entry/sheet_rows.h"

#include "common/base/lang.h"
#include "common/text/utf8.h"

#include <string.h>

#define DIGITS_KEPT 15u /* by Excel, of any number */

static bool
is_amount (field_type_t t)
{
  return t == FIELD_MONEY || t == FIELD_COUNT || t == FIELD_VALUE || t == FIELD_SUPPORT || t == FIELD_SETTLED;
}

bool
sheet_cell_says (const xlsx_cell_t *cell)
{
  if (cell->type != XLSX_TEXT)
    return true;
  for (size_t i = 0; i < cell->text.n; i++)
    if (cell->text.p[i] != ' ')
      return true;
  return false;
}

/* ---- numbers ---- */

/* As number_parse reads it in the locale, and never as something else: "1.388" could be either. */
static void
put_amount (str_t number, number_locale_t locale, buf_t *out)
{
  const char *point = memchr (number.p, '.', number.n);
  const size_t decimals = point != NULL ? (size_t)(number.p + number.n - point) - 1 : 0;
  for (size_t i = 0; i < number.n; i++)
    buf_putc (out, number.p[i] == '.' && locale == NUMBER_VI ? ',' : number.p[i]);
  if (decimals == 3 && locale == NUMBER_PLAIN)
    buf_putc (out, '0');
}

static bool
is_whole (str_t number)
{
  return number.n > 0 && number.p[0] != '-' && memchr (number.p, '.', number.n) == NULL;
}

static bool
put_as_text (const xlsx_cell_t *cell, buf_t *out, buf_t *why)
{
  const bool whole = is_whole (cell->text);
  if (whole && cell->text.n > DIGITS_KEPT) {
    buf_puts (why,
              L ("ô là số dài hơn 15 chữ số, Excel đã làm tròn phần sau; hãy chọn định dạng Text cho ô rồi "
                 "gõ lại",
                 "the cell is a number of more than 15 digits, the rest of which Excel has rounded; format "
                 "the cell as Text and type it again"));
    return false;
  }
  for (size_t n = cell->text.n; whole && n < cell->zeros; n++)
    buf_putc (out, '0');
  buf_put (out, cell->text.p, cell->text.n);
  return true;
}

/* Days of 2000 to 2100: a date that has lost its format. */
static bool
looks_like_a_day (str_t number)
{
  return is_whole (number) && number.n == 5 && str_cmp (number, STR ("36526")) >= 0 &&
         str_cmp (number, STR ("73415")) < 0;
}

static bool
put_number (const xlsx_cell_t *cell, const column_t *col, number_locale_t locale, buf_t *out, buf_t *why)
{
  if (cell->percent) {
    buf_printf (
        why,
        L ("ô là %.*s nhưng hiện theo phần trăm; hãy chọn định dạng Number cho ô rồi ghi số theo đơn vị của "
           "cột",
           "the cell is %.*s but shown as a percentage; format the cell as Number and write it in the "
           "column's unit"),
        STR_ARG (cell->text));
    return false;
  }
  if (col->type == FIELD_DATE && looks_like_a_day (cell->text)) {
    buf_printf (
        why,
        L ("ô là số %.*s, có lẽ là một ngày mất định dạng; hãy chọn định dạng Date cho ô",
           "the cell is the number %.*s, probably a date without its format; format the cell as Date"),
        STR_ARG (cell->text));
    return false;
  }
  if (is_amount (col->type)) {
    put_amount (cell->text, locale, out);
    return true;
  }
  return put_as_text (cell, out, why);
}

/* ---- dates ---- */

static bool
put_date (const xlsx_cell_t *cell, const column_t *col, number_locale_t locale, buf_t *out, buf_t *why)
{
  const char *d = cell->text.p; /* yyyy-mm-dd */
  CHECK (cell->text.n == 10);
  if (col->type != FIELD_DATE) {
    buf_printf (
        why,
        L ("ô chứa ngày %.2s/%.2s/%.4s (Excel tự đổi khi gõ, hoặc do định dạng), còn cột này không phải cột "
           "ngày; hãy chọn định dạng %s cho ô rồi gõ lại",
           "the cell holds the date %.2s/%.2s/%.4s (made by Excel as it was typed, or by the format), but "
           "this "
           "is no column of dates; format the cell as %s and type it again"),
        d + 8, d + 5, d, is_amount (col->type) || col->type == FIELD_YEARS ? "Number" : "Text");
    return false;
  }
  if (locale == NUMBER_VI)
    buf_printf (out, "%.2s/%.2s/%.4s", d + 8, d + 5, d);
  else
    buf_put (out, d, cell->text.n);
  return true;
}

/* ---- any cell ---- */

static bool
put_bool (const xlsx_cell_t *cell, const column_t *col, buf_t *out)
{
  if (col->type != FIELD_YES)
    buf_put (out, cell->text.p, cell->text.n);
  else if (str_is (cell->text, "TRUE"))
    buf_puts (out, "yes");
  return true;
}

/* Cells that say nothing anywhere. */
static void
say_why (const xlsx_cell_t *cell, buf_t *why)
{
  switch (cell->type) {
  case XLSX_TEXT:
  case XLSX_NUMBER:
  case XLSX_DATE:
  case XLSX_BOOL:
    return;
  case XLSX_MOMENT:
    buf_printf (
        why,
        L ("ô định dạng ngày nhưng giá trị %.*s có giờ phút hoặc không phải ngày có thật; hãy gõ lại ngày, "
           "không kèm giờ",
           "the cell is formatted as a date but its value %.*s has a time of day or is no day of the "
           "calendar; type the date again, without a time"),
        STR_ARG (cell->text));
    return;
  case XLSX_ERROR:
    buf_printf (why,
                L ("ô chứa lỗi %.*s của công thức; hãy sửa công thức hoặc ghi giá trị",
                   "the cell holds the formula error %.*s; mend the formula or write the value"),
                STR_ARG (cell->text));
    return;
  case XLSX_NO_VALUE:
    buf_puts (why,
              L ("công thức trong ô chưa từng được tính; hãy mở tệp trong Excel, lưu lại rồi nhập",
                 "the formula in the cell has never been worked out; open the file in Excel, save it and "
                 "import it"));
    return;
  case XLSX_BAD_TEXT:
    buf_printf (
        why,
        L ("ô có ký tự ẩn hoặc ký tự điều khiển không dùng được (“%.*s”): hãy gõ lại nội dung ô",
           "the cell holds an invisible or control character that cannot be used (\"%.*s\"): type the "
           "cell anew"),
        STR_ARG (cell->text));
    return;
  case XLSX_LONG_TEXT:
    buf_printf (why, L ("ô dài hơn %u byte: hãy rút ngắn", "the cell is longer than %u bytes: shorten it"),
                CSV_CELL_MAX);
    return;
  }
  UNREACHABLE ();
}

bool
sheet_cell_text (const xlsx_cell_t *cell, const column_t *col, number_locale_t locale, arena_t *arena,
                 str_t *out, buf_t *why)
{
  buf_t b = BUF_INIT;
  bool fine = true;
  if (cell->type == XLSX_TEXT) {
    *out = cell->text;
    return true;
  }
  if (cell->type == XLSX_NUMBER)
    fine = put_number (cell, col, locale, &b, why);
  else if (cell->type == XLSX_DATE)
    fine = put_date (cell, col, locale, &b, why);
  else if (cell->type == XLSX_BOOL)
    fine = put_bool (cell, col, &b);
  else {
    say_why (cell, why);
    fine = false;
  }
  *out = fine && b.n > 0 ? arena_str (arena, buf_str (&b)) : STR ("");
  if (!buf_ok (&b) || out->p == NULL) {
    buf_puts (why, err_words (ERR_NOMEM));
    fine = false;
  }
  buf_free (&b);
  return fine;
}

bool
sheet_says_total (str_t text)
{
  static const char *const begins[] = {"tong cong", "tong so", "cong:", "tong:"};
  buf_t folded = BUF_INIT;
  bool total = false;
  if (!code_valid (text) && utf8_fold (text, &folded)) {
    const str_t f = buf_str (&folded);
    total = str_is (f, "tong") || str_is (f, "cong") || str_is (f, "grand total");
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
      total = total || (f.n >= strlen (begins[i]) && memcmp (f.p, begins[i], strlen (begins[i])) == 0);
  }
  buf_free (&folded);
  return total;
}
