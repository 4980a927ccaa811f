/* number.c - what a cell of an import file says, by the locale its user declared.
 *
 * The danger is not the number nobody can read, it is the one two people read differently: "1.388" is
 * 1388 in Hà Nội and one and a bit in London, and a province's budget stands on which. So nothing is
 * guessed and nothing is rounded:
 *
 *   written      plain                vi                  en
 *   1388         1388                 1388                1388
 *   1.388        AMBIGUOUS            1388                1.388
 *   1,388        AMBIGUOUS            1.388               1388
 *   1.5          1.5                  GROUPING            1.5
 *   1,5          OTHER_LOCALE         1.5                 GROUPING
 *   0.125        0.125 (no group      GROUPING            0.125
 *                starts with 0)
 *   1234.567     1234.567 (no group   GROUPING            1234.567
 *                has four digits)
 *   1.3880       1.3880               GROUPING            1.388
 *   1.389.600    OTHER_LOCALE         1389600             GROUPING
 *   1,389,600    OTHER_LOCALE         GROUPING            1389600
 *   1.389,6      OTHER_LOCALE         1389.6              GROUPING
 *   1,389.6      OTHER_LOCALE         GROUPING            1389.6
 *
 * "1.388" is ambiguous as plain whatever the scale: that a reading has too many decimals does not make
 * the other one what the writer meant. Hence number_format_plain never writes that shape by chance.
 * ASCII spaces and no-break spaces around a value are let be (spreadsheets leave them); anything else
 * that is no digit, "+" and currency signs and the digits of other scripts included, is refused. */
#include "common/text/number.h"

#include "common/base/lang.h"

/* One number cut into its parts; nothing converted yet. */
typedef struct {
  bool negative;
  str_t whole; /* digits, perhaps with grouping marks */
  str_t fraction;
} parts_t;

static bool
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

/* Spaces of spreadsheets: U+0020 and U+00A0. */
static str_t
trim (str_t s)
{
  while (s.n > 0) {
    if (s.p[0] == ' ')
      s = (str_t){s.p + 1, s.n - 1};
    else if (s.n >= 2 && (uint8_t)s.p[0] == 0xC2 && (uint8_t)s.p[1] == 0xA0)
      s = (str_t){s.p + 2, s.n - 2};
    else
      break;
  }
  while (s.n > 0) {
    if (s.p[s.n - 1] == ' ')
      s.n--;
    else if (s.n >= 2 && (uint8_t)s.p[s.n - 2] == 0xC2 && (uint8_t)s.p[s.n - 1] == 0xA0)
      s.n -= 2;
    else
      break;
  }
  return s;
}

static size_t
count (str_t s, char c)
{
  size_t n = 0;
  for (size_t i = 0; i < s.n; i++)
    n += s.p[i] == c;
  return n;
}

/* digits and marks, E or e, an optional sign, digits: 1E+09, 1,2E5, 3.0e-2 */
static bool
is_scientific (str_t s)
{
  size_t i = 0;
  while (i < s.n && (is_digit (s.p[i]) || s.p[i] == '.' || s.p[i] == ','))
    i++;
  if (i == 0 || !is_digit (s.p[0]) || i == s.n || (s.p[i] != 'E' && s.p[i] != 'e'))
    return false;
  i++;
  if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
    i++;
  size_t exponent = i;
  while (i < s.n && is_digit (s.p[i]))
    i++;
  return i == s.n && i > exponent;
}

/* Groups of three behind a first one of one to three that does not start with 0. */
static bool
grouping_fits (str_t whole, char mark)
{
  if (count (whole, mark) == 0)
    return true;
  size_t run = 0, groups = 0;
  for (size_t i = 0; i <= whole.n; i++) {
    if (i < whole.n && whole.p[i] != mark) {
      run++;
      continue;
    }
    if (groups == 0 ? run < 1 || run > 3 : run != 3)
      return false;
    groups++;
    run = 0;
  }
  return whole.p[0] != '0';
}

/* Cuts at the decimal mark; s holds only digits and marks, and starts and ends with a digit. */
static number_status_t
cut (str_t s, char decimal, char group, parts_t *out)
{
  size_t decimals = count (s, decimal);
  if (decimals > 1)
    return NUMBER_GROUPING;
  out->whole = s;
  out->fraction = (str_t){s.p + s.n, 0};
  for (size_t i = 0; decimals == 1 && i < s.n; i++)
    if (s.p[i] == decimal) {
      out->whole.n = i;
      out->fraction = (str_t){s.p + i + 1, s.n - i - 1};
      break;
    }
  if (count (out->fraction, group) > 0 || !grouping_fits (out->whole, group))
    return NUMBER_GROUPING;
  return NUMBER_OK;
}

/* Plain allows one "." and nothing else, and not where it could be a grouping mark. */
static number_status_t
cut_plain (str_t s, parts_t *out)
{
  size_t dots = count (s, '.'), commas = count (s, ',');
  if (dots + commas == 0 || (dots == 1 && commas == 0)) {
    number_status_t status = cut (s, '.', ',', out);
    CHECK (status == NUMBER_OK);
    bool could_group = out->fraction.n == 3 && out->whole.n <= 3 && out->whole.p[0] != '0';
    return could_group ? NUMBER_AMBIGUOUS : NUMBER_OK;
  }
  parts_t reading;
  bool vi = cut (s, ',', '.', &reading) == NUMBER_OK;
  bool en = cut (s, '.', ',', &reading) == NUMBER_OK;
  if (vi && en)
    return NUMBER_AMBIGUOUS;
  return vi || en ? NUMBER_OTHER_LOCALE : NUMBER_GROUPING;
}

static bool
push_digit (uint64_t *value, unsigned digit)
{
  if (*value > (UINT64_MAX - digit) / 10)
    return false;
  *value = *value * 10 + digit;
  return true;
}

/* whole and fraction × 10^scale; what the scale cannot hold must be zeros. */
static number_status_t
assemble (const parts_t *parts, unsigned scale, int64_t *out)
{
  for (size_t i = scale; i < parts->fraction.n; i++)
    if (parts->fraction.p[i] != '0')
      return NUMBER_DECIMALS;
  uint64_t value = 0;
  for (size_t i = 0; i < parts->whole.n; i++)
    if (is_digit (parts->whole.p[i]) && !push_digit (&value, (unsigned)(parts->whole.p[i] - '0')))
      return NUMBER_RANGE;
  for (size_t i = 0; i < scale; i++) {
    unsigned digit = i < parts->fraction.n ? (unsigned)(parts->fraction.p[i] - '0') : 0;
    if (!push_digit (&value, digit))
      return NUMBER_RANGE;
  }
  uint64_t most = (uint64_t)INT64_MAX + (parts->negative ? 1 : 0);
  if (value > most)
    return NUMBER_RANGE;
  if (!parts->negative)
    *out = (int64_t)value;
  else
    *out = value == most ? INT64_MIN : -(int64_t)value;
  return NUMBER_OK;
}

number_status_t
number_parse (str_t text, number_locale_t locale, unsigned scale, int64_t *out)
{
  CHECK (out != NULL && scale <= 18);
  str_t s = trim (text);
  if (str_blank (s))
    return NUMBER_EMPTY;
  parts_t parts = {.negative = s.p[0] == '-'};
  if (parts.negative)
    s = (str_t){s.p + 1, s.n - 1};
  if (is_scientific (s))
    return NUMBER_SCIENTIFIC;
  if (s.n == 0 || !is_digit (s.p[0]) || !is_digit (s.p[s.n - 1]))
    return NUMBER_NOT_A_NUMBER;
  for (size_t i = 0; i < s.n; i++)
    if (!is_digit (s.p[i]) && s.p[i] != '.' && s.p[i] != ',')
      return NUMBER_NOT_A_NUMBER;

  number_status_t status = NUMBER_OK;
  switch (locale) {
  case NUMBER_PLAIN:
    status = cut_plain (s, &parts);
    break;
  case NUMBER_VI:
    status = cut (s, ',', '.', &parts);
    break;
  case NUMBER_EN:
    status = cut (s, '.', ',', &parts);
    break;
  }
  return status == NUMBER_OK ? assemble (&parts, scale, out) : status;
}

const char *
number_words (number_status_t s)
{
  switch (s) {
  case NUMBER_OK:
    return L ("hợp lệ", "fine");
  case NUMBER_EMPTY:
    return L ("để trống", "is blank");
  case NUMBER_NOT_A_NUMBER:
    return L ("không phải số: chỉ viết chữ số, không kèm đơn vị, dấu “+” hay chữ",
              "is not a number: write digits only, without a unit, a \"+\" or letters");
  case NUMBER_AMBIGUOUS:
    return L (
        "hiểu được hai cách, như “1.388” là 1388 hay 1,388: hãy viết 1388 (hoặc 1.3880 nếu là phần lẻ), "
        "hoặc thêm --locale vi (dấu chấm ngăn hàng nghìn) hay --locale en (dấu phẩy ngăn hàng nghìn)",
        "could mean two things, as \"1.388\" is 1388 or 1 and 388 thousandths: write 1388 (or 1.3880 for "
        "decimals), or add --locale vi (dots group thousands) or --locale en (commas group thousands)");
  case NUMBER_OTHER_LOCALE:
    return L ("có dấu phẩy hoặc dấu ngăn hàng nghìn: hãy bỏ dấu ngăn và viết phần lẻ sau dấu chấm (1389.6), "
              "hoặc thêm --locale vi nếu tệp viết 1.389,6, --locale en nếu tệp viết 1,389.6",
              "has a comma or grouping marks: leave the marks out and write decimals after a point (1389.6), "
              "or add --locale vi if the file says 1.389,6, --locale en if it says 1,389.6");
  case NUMBER_SCIENTIFIC:
    return L (
        "viết kiểu khoa học (1E+09) nên đã mất chữ số: trong Excel chọn định dạng ô “Number” với 0 chữ số "
        "thập phân (hoặc “0”), kiểm tra lại số rồi lưu lại tệp",
        "is in scientific notation (1E+09), so digits are lost: in Excel set the cell format to \"Number\" "
        "with 0 decimals (or \"0\"), check the figure and save the file again");
  case NUMBER_DECIMALS:
    return L ("có nhiều chữ số lẻ hơn mức cho phép: không tự làm tròn, hãy sửa lại số",
              "has more decimals than are allowed here: nothing is rounded for you, mend the figure");
  case NUMBER_GROUPING:
    return L ("dấu ngăn hàng nghìn hoặc dấu thập phân đặt sai chỗ: mỗi nhóm phải đủ ba chữ số và chỉ có một "
              "dấu thập phân; hãy sửa số hoặc chọn lại --locale",
              "has grouping or decimal marks in the wrong place: groups are of three digits and there is one "
              "decimal mark; mend the figure or choose another --locale");
  case NUMBER_RANGE:
    return L ("quá lớn", "is too large");
  case DATE_NOT_A_DATE:
    return L (
        "không phải ngày: viết năm-tháng-ngày như 2019-03-12 (hoặc 2019-03, 2019); với --locale vi viết "
        "12/03/2019 (hoặc 03/2019, 2019)",
        "is not a date: write year-month-day as in 2019-03-12 (or 2019-03, 2019); with --locale vi write "
        "12/03/2019 (or 03/2019, 2019)");
  case DATE_NO_SUCH_DAY:
    return L ("không có trong lịch: kiểm tra lại ngày và tháng",
              "is no day of the calendar: check the day and the month");
  case DATE_OTHER_LOCALE:
    return L (
        "viết theo kiểu khác với --locale đang dùng: ngày/tháng/năm (12/03/2019) cần --locale vi, "
        "năm-tháng-ngày (2019-03-12) thì không; hãy viết lại hoặc đổi --locale",
        "is written another way than the --locale in use: day/month/year (12/03/2019) needs --locale vi, "
        "year-month-day (2019-03-12) needs it left out; rewrite it or change --locale");
  }
  UNREACHABLE ();
}

/* ---- dates ---- */

/* Up to three runs of digits with one mark between them. */
typedef struct {
  uint32_t value[3];
  size_t width[3];
  size_t n;
} runs_t;

static bool
cut_date (str_t s, char mark, runs_t *out)
{
  *out = (runs_t){.n = 1};
  for (size_t i = 0; i < s.n; i++) {
    if (s.p[i] == mark && out->n < 3) {
      out->n++;
      continue;
    }
    if (!is_digit (s.p[i]))
      return false;
    size_t at = out->n - 1;
    if (++out->width[at] > 4)
      return false;
    out->value[at] = out->value[at] * 10 + (uint32_t)(s.p[i] - '0');
  }
  return true;
}

uint32_t
date_days_in (uint32_t year, uint32_t month)
{
  static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

bool
date_surely_earlier (uint32_t a, uint32_t b)
{
  if (a == 0 || b == 0)
    return false;
  if (a % 10000 / 100 == 0 || b % 10000 / 100 == 0)
    return a / 10000 < b / 10000;
  if (a % 100 == 0 || b % 100 == 0)
    return a / 100 < b / 100;
  return a < b;
}

static number_status_t
make_date (uint32_t year, uint32_t month, uint32_t day, size_t precision, uint32_t *out)
{
  if (year == 0 || (precision >= 2 && (month < 1 || month > 12)))
    return DATE_NO_SUCH_DAY;
  if (precision == 3 && (day < 1 || day > date_days_in (year, month)))
    return DATE_NO_SUCH_DAY;
  *out = year * 10000 + (precision >= 2 ? month * 100 : 0) + (precision == 3 ? day : 0);
  return NUMBER_OK;
}

/* yyyy, yyyy-mm, yyyy-mm-dd: all digits there */
static bool
is_iso (const runs_t *r)
{
  return r->width[0] == 4 && (r->n < 2 || r->width[1] == 2) && (r->n < 3 || r->width[2] == 2);
}

/* yyyy, m/yyyy, d/m/yyyy: days and months of one or two digits */
static bool
is_slashed (const runs_t *r)
{
  for (size_t i = 0; i + 1 < r->n; i++)
    if (r->width[i] < 1 || r->width[i] > 2)
      return false;
  return r->width[r->n - 1] == 4;
}

number_status_t
date_parse (str_t text, number_locale_t locale, uint32_t *out)
{
  CHECK (out != NULL);
  str_t s = trim (text);
  if (str_blank (s))
    return NUMBER_EMPTY;
  runs_t iso, slashed;
  bool looks_iso = cut_date (s, '-', &iso) && is_iso (&iso);
  bool looks_slashed = cut_date (s, '/', &slashed) && is_slashed (&slashed);
  if (locale == NUMBER_VI) {
    if (!looks_slashed)
      return looks_iso ? DATE_OTHER_LOCALE : DATE_NOT_A_DATE;
    size_t n = slashed.n;
    uint32_t month = n >= 2 ? slashed.value[n - 2] : 0, day = n == 3 ? slashed.value[0] : 0;
    return make_date (slashed.value[n - 1], month, day, n, out);
  }
  if (!looks_iso)
    return looks_slashed ? DATE_OTHER_LOCALE : DATE_NOT_A_DATE;
  return make_date (iso.value[0], iso.value[1], iso.value[2], iso.n, out);
}

/* ---- writing ---- */

/* The digits of |value| / 10^scale, most significant first: whole (at least "0") and fraction. */
typedef struct {
  char digit[40];
  size_t whole, fraction;
} digits_t;

static digits_t
digits_of (int64_t value, unsigned scale, unsigned min_decimals)
{
  CHECK (scale <= 18 && min_decimals <= 18);
  char reversed[40];
  size_t n = 0;
  uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  while (left > 0 || n <= scale) {
    reversed[n++] = (char)('0' + left % 10);
    left /= 10;
  }
  digits_t out = {.whole = n - scale, .fraction = scale};
  for (size_t i = 0; i < n; i++)
    out.digit[i] = reversed[n - 1 - i];
  while (out.fraction > min_decimals && out.digit[out.whole + out.fraction - 1] == '0')
    out.fraction--;
  while (out.fraction < min_decimals)
    out.digit[out.whole + out.fraction++] = '0';
  return out;
}

void
number_format_plain (int64_t value, unsigned scale, unsigned min_decimals, buf_t *out)
{
  digits_t d = digits_of (value, scale, min_decimals);
  if (value < 0)
    buf_putc (out, '-');
  buf_put (out, d.digit, d.whole);
  if (d.fraction == 0)
    return;
  buf_putc (out, '.');
  buf_put (out, d.digit + d.whole, d.fraction);
  if (min_decimals < 3 && d.fraction == 3 && d.whole <= 3 && d.digit[0] != '0')
    buf_putc (out, '0');
}

void
date_format (uint32_t date, buf_t *out)
{
  uint32_t year = date / 10000, month = date / 100 % 100, day = date % 100;
  buf_printf (out, "%04u", (unsigned)year);
  if (month != 0)
    buf_printf (out, "-%02u", (unsigned)month);
  if (month != 0 && day != 0)
    buf_printf (out, "-%02u", (unsigned)day);
}

bool
number_words_locale (str_t name, number_locale_t *out)
{
  static const struct {
    const char *name;
    number_locale_t locale;
  } table[] = {{"plain", NUMBER_PLAIN}, {"vi", NUMBER_VI}, {"en", NUMBER_EN}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (str_is (name, table[i].name)) {
      *out = table[i].locale;
      return true;
    }
  return false;
}
