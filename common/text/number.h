/* number.h - numbers, money and dates of import files, by declared locale, never by guessing
 * (INTERFACE 4). Integers only: a decimal is parsed to a scaled int64, never through a double. */
#ifndef KC_TEXT_NUMBER_H
#define KC_TEXT_NUMBER_H

#include "common/base/bytes.h"

typedef enum {
  NUMBER_PLAIN, /* digits, "." before decimals; ISO dates */
  NUMBER_VI,    /* 1.389,6; dd/mm/yyyy */
  NUMBER_EN     /* 1,389.6; yyyy-mm-dd */
} number_locale_t;

typedef enum {
  NUMBER_OK = 0,
  NUMBER_EMPTY,
  NUMBER_NOT_A_NUMBER,
  NUMBER_AMBIGUOUS,    /* could mean two things in files people make: "1.388" as plain */
  NUMBER_OTHER_LOCALE, /* plain, but only readable as vi or only as en: "1.389,6" */
  NUMBER_SCIENTIFIC,   /* 1E+09 */
  NUMBER_DECIMALS,     /* more decimals than the scale allows */
  NUMBER_GROUPING,     /* groups not of three, or mixed separators */
  NUMBER_RANGE,
  DATE_NOT_A_DATE,
  DATE_NO_SUCH_DAY,
  DATE_OTHER_LOCALE /* dd/mm/yyyy in plain or en, ISO in vi */
} number_status_t;

/* text × 10^scale (scale <= 18), exactly. A leading "-" is allowed by the parser (ranges are the
 * caller's), spaces and no-break spaces around are skipped. plain: "1389600000", "3.1"; a "." that
 * could be a grouping mark ("1.388", not "0.125" or "1234.567") is NUMBER_AMBIGUOUS whatever the scale;
 * number.c holds the table of shapes. Zeros beyond the scale are fine ("14.50" at scale 1). */
number_status_t number_parse (str_t text, number_locale_t locale, unsigned scale, int64_t *out);
/* ISO yyyy-mm-dd / yyyy-mm / yyyy (plain, en), d/m/yyyy, m/yyyy, yyyy (vi; one or two digits for day
 * and month) → yyyymmdd with 00 where not said. A day of the real calendar; year ranges are the caller's. */
number_status_t date_parse (str_t text, number_locale_t locale, uint32_t *out);
/* Days of a month 1..12. */
uint32_t date_days_in (uint32_t year, uint32_t month);
/* Of two dates that are given; unknown months and days have the benefit of the doubt. */
bool date_surely_earlier (uint32_t a, uint32_t b);
/* What is wrong and what to do, in the current language; e.g. for NUMBER_SCIENTIFIC it names the
 * Excel cell format to use. Static. */
const char *number_words (number_status_t s);

/* Plain form: value × 10^-scale with at least min_decimals decimals and as many more as exactness
 * needs; always read back as the same value: where that would give the ambiguous shape of "1.388", one
 * zero more ("1.3880"). Only a caller that asks for three decimals or more gets just what it asked for.
 * date: yyyy-mm-dd, yyyy-mm or yyyy. */
void number_format_plain (int64_t value, unsigned scale, unsigned min_decimals, buf_t *out);
void date_format (uint32_t date, buf_t *out);
bool number_words_locale (str_t name, number_locale_t *out); /* plain, vi, en */

#endif
