/* xlsx_value.c - what the numbers in a sheet mean.
 *
 * A file holds numbers as binary fractions written out: 0.285 stands there as 0.28499999999999998, and
 * fifteen million may stand as 1.5E7 or 15000000.000000001. People typed, and Excel shows, at most 15 digits;
 * so that many are kept, rounded half up from the digits in the file, which needs no arithmetic with
 * fractions and is the same on every machine. Whole numbers are exact up to 2^53.
 *
 * Dates are numbers whose format shows a day. Day 60 of the 1900 count is 29 February 1900, which never was:
 * days before it are one less far from 1899-12-30 than those behind it. */
#include "common/sheet/xlsx_parts.h"

#include "common/text/number.h"

#include <string.h>

#define DIGITS_SHOWN 15u
#define DIGITS_READ 400u /* a number of more digits is not one a spreadsheet wrote */
#define EXPONENT_MAX 400
#define WHOLE_MAX "9007199254740992" /* 2^53 */
#define ZEROS_MAX 30u

/* ---- numbers ---- */

/* value = 0.d1d2d3… × 10^point */
typedef struct {
  char digit[DIGITS_READ + 1];
  size_t n;
  int point;
  bool negative;
} decimal_t;

static bool
read_exponent (str_t raw, size_t *i, int *out)
{
  bool negative = false;
  int value = 0;
  *out = 0;
  if (*i == raw.n || (raw.p[*i] != 'E' && raw.p[*i] != 'e'))
    return true;
  if (++*i < raw.n && (raw.p[*i] == '-' || raw.p[*i] == '+'))
    negative = raw.p[(*i)++] == '-';
  const size_t first = *i;
  for (; *i < raw.n && raw.p[*i] >= '0' && raw.p[*i] <= '9'; ++*i)
    if (value <= EXPONENT_MAX)
      value = value * 10 + (raw.p[*i] - '0');
  *out = negative ? -value : value;
  return *i > first && value <= EXPONENT_MAX;
}

static bool
read_decimal (str_t raw, decimal_t *d)
{
  size_t i = 0;
  bool point = false, any = false;
  int exponent;
  memset (d, 0, sizeof *d);
  if (i < raw.n && (raw.p[i] == '-' || raw.p[i] == '+'))
    d->negative = raw.p[i++] == '-';
  for (; i < raw.n; i++) {
    const char c = raw.p[i];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9')
      break;
    any = true;
    if (d->n > 0 || c != '0') {
      if (d->n == DIGITS_READ)
        return false;
      d->digit[d->n++] = c;
      d->point += !point;
    } else {
      d->point -= point;
    }
  }
  if (!any || !read_exponent (raw, &i, &exponent) || i != raw.n)
    return false;
  d->point += exponent;
  return true;
}

static void
drop_zeros (decimal_t *d)
{
  while (d->n > 0 && d->digit[d->n - 1] == '0')
    d->n--;
  if (d->n == 0) {
    d->point = 0;
    d->negative = false;
  }
}

static bool
whole_and_exact (const decimal_t *d)
{
  if (d->point < (int)d->n || d->point > 16)
    return false;
  if (d->point < 16)
    return true;
  for (size_t i = 0; i < 16; i++) {
    const char c = i < d->n ? d->digit[i] : '0';
    if (c != WHOLE_MAX[i])
      return c < WHOLE_MAX[i];
  }
  return true;
}

static void
round_digits (decimal_t *d, size_t keep)
{
  if (d->n <= keep)
    return;
  const bool up = d->digit[keep] >= '5';
  d->n = keep;
  for (size_t i = keep; up;) {
    if (i == 0) {
      d->digit[0] = '1';
      d->n = 1;
      d->point++;
      return;
    }
    if (d->digit[--i] != '9') {
      d->digit[i]++;
      return;
    }
    d->digit[i] = '0';
  }
}

bool
xlsx_number (str_t raw, buf_t *out)
{
  decimal_t d;
  if (!read_decimal (raw, &d))
    return false;
  drop_zeros (&d);
  if (!whole_and_exact (&d)) {
    round_digits (&d, DIGITS_SHOWN);
    drop_zeros (&d);
  }
  if (d.negative)
    buf_putc (out, '-');
  if (d.point <= 0)
    buf_putc (out, '0');
  for (int i = 0; i < d.point; i++)
    buf_putc (out, (size_t)i < d.n ? d.digit[i] : '0');
  if ((int)d.n > d.point)
    buf_putc (out, '.');
  for (int i = d.point; i < 0; i++)
    buf_putc (out, '0');
  for (int i = d.point > 0 ? d.point : 0; i < (int)d.n; i++)
    buf_putc (out, d.digit[i]);
  return true;
}

/* ---- days ---- */

/* Days from 1970-01-01 to a day of the calendar, by counting years from March. */
static void
civil_of (int64_t days, unsigned *year, unsigned *month, unsigned *day)
{
  days += 719468; /* from 0000-03-01 */
  const unsigned era = (unsigned)(days / 146097), in_era = (unsigned)(days % 146097);
  const unsigned years = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  const unsigned in_year = in_era - (365 * years + years / 4 - years / 100);
  const unsigned shifted = (5 * in_year + 2) / 153;
  *day = in_year - (153 * shifted + 2) / 5 + 1;
  *month = shifted < 10 ? shifted + 3 : shifted - 9;
  *year = era * 400 + years + (*month <= 2);
}

bool
xlsx_day (str_t number, bool from_1904, buf_t *out)
{
  enum { DAYS_MAX = 2958465 /* 9999-12-31 */, DAY_THAT_NEVER_WAS = 60, TO_1904 = 1462, TO_1970 = 25569 };
  int64_t days = 0;
  unsigned year, month, day;
  if (number.n == 0 || number.n > 7)
    return false;
  for (size_t i = 0; i < number.n; i++) {
    if (number.p[i] < '0' || number.p[i] > '9')
      return false;
    days = days * 10 + (number.p[i] - '0');
  }
  if (from_1904)
    days += TO_1904;
  else if (days == 0 || days == DAY_THAT_NEVER_WAS)
    return false;
  else if (days < DAY_THAT_NEVER_WAS)
    days++;
  if (days > DAYS_MAX)
    return false;
  civil_of (days - TO_1970, &year, &month, &day);
  buf_printf (out, "%04u-%02u-%02u", year, month, day);
  return true;
}

bool
xlsx_iso_day (str_t text, buf_t *out)
{
  uint32_t date;
  const str_t day = {text.p, text.n < 10 ? text.n : 10};
  if (day.n < 10 || date_parse (day, NUMBER_PLAIN, &date) != NUMBER_OK)
    return false;
  for (size_t i = 10; i < text.n; i++)
    if (strchr (i == 10 ? "T" : "0:.Z", text.p[i]) == NULL)
      return false;
  date_format (date, out);
  return true;
}

/* ---- formats ---- */

static bool
built_in_date (uint32_t id)
{
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

/* The code's letters that say something of the number: without what is quoted, escaped or in brackets. */
static void
plain_letters (const char *code, buf_t *out)
{
  for (const char *p = code; *p != '\0'; p++) {
    const char *close = *p == '"' ? strchr (p + 1, '"') : *p == '[' ? strchr (p + 1, ']') : NULL;
    if (*p == '"' || *p == '[') {
      if (close == NULL)
        return;
      p = close;
    } else if (*p == '\\' || *p == '_' || *p == '*') {
      if (p[1] != '\0')
        p++;
    } else {
      buf_putc (out, *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p);
    }
  }
}

xlsx_format_t
xlsx_format_of (uint32_t id, const char *code)
{
  xlsx_format_t f = {.date = built_in_date (id), .percent = id == 9 || id == 10};
  buf_t letters = BUF_INIT;
  if (code == NULL)
    return f;
  plain_letters (code, &letters);
  const char *z = buf_z (&letters);
  f.date = strcmp (z, "general") != 0 && strpbrk (z, "ymdhs") != NULL;
  f.percent = strchr (z, '%') != NULL;
  if (letters.n > 1 && letters.n <= ZEROS_MAX && strspn (z, "0") == letters.n)
    f.zeros = (uint8_t)letters.n;
  buf_free (&letters);
  return f;
}

/* ---- addresses ---- */

static const char *
read_place (const char *p, uint32_t *row, uint32_t *column)
{
  *row = *column = 0;
  for (; *p >= 'A' && *p <= 'Z' && *column <= XLSX_COLUMNS_MAX; p++)
    *column = *column * 26 + (uint32_t)(*p - 'A' + 1);
  for (; *p >= '0' && *p <= '9' && *row <= XLSX_ROWS_MAX; p++)
    *row = *row * 10 + (uint32_t)(*p - '0');
  return *row >= 1 && *row <= XLSX_ROWS_MAX && *column >= 1 && *column <= XLSX_COLUMNS_MAX ? p : NULL;
}

bool
xlsx_place (const char *text, uint32_t *row, uint32_t *column)
{
  const char *end = read_place (text, row, column);
  return end != NULL && *end == '\0';
}

bool
xlsx_range (const char *text, xlsx_merge_t *out)
{
  const char *end = read_place (text, &out->row, &out->column);
  if (end != NULL && *end == '\0') {
    out->last_row = out->row;
    out->last_column = out->column;
    return true;
  }
  if (end == NULL || *end != ':')
    return false;
  return xlsx_place (end + 1, &out->last_row, &out->last_column) && out->last_row >= out->row &&
         out->last_column >= out->column;
}

void
xlsx_address (uint32_t row, uint32_t column, buf_t *out)
{
  char letters[8];
  size_t n = 0;
  for (uint32_t c = column; c > 0 && n < sizeof letters; c = (c - 1) / 26)
    letters[n++] = (char)('A' + (c - 1) % 26);
  while (n > 0)
    buf_putc (out, letters[--n]);
  buf_printf (out, "%u", (unsigned)row);
}
