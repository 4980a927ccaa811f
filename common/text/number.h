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
  NUMBER_AMBIGUOUS,  /* could mean two things in files people make: "1.388" as plain */
  NUMBER_SCIENTIFIC, /* 1E+09 */
  NUMBER_DECIMALS,   /* more decimals than the scale allows */
  NUMBER_GROUPING,   /* groups not of three, or mixed separators */
  NUMBER_RANGE,
  DATE_NOT_A_DATE,
  DATE_NO_SUCH_DAY,
  DATE_OTHER_LOCALE /* dd/mm/yyyy in plain or en, ISO in vi */
} number_status_t;

/* text × 10^scale, exactly. A leading "-" is allowed by the parser (ranges are the caller's).
 * plain: "1389600000", "3.1"; a "." followed by exactly three digits and nothing after is
 * NUMBER_AMBIGUOUS when scale >= 3 or scale == 0 … see number.c for the table of rows. */
number_status_t number_parse (str_t text, number_locale_t locale, unsigned scale, int64_t *out);
/* ISO yyyy-mm-dd / yyyy-mm / yyyy (plain, en), dd/mm/yyyy, mm/yyyy, yyyy (vi) → yyyymmdd with 00. */
number_status_t date_parse (str_t text, number_locale_t locale, uint32_t *out);
/* What is wrong and what to do, in the current language; e.g. for NUMBER_SCIENTIFIC it names the
 * Excel cell format to use. Static. */
const char *number_words (number_status_t s);

/* Plain form: value × 10^-scale with at least min_decimals decimals and as many more as exactness
 * needs. date: yyyy-mm-dd, yyyy-mm or yyyy. */
void number_format_plain (int64_t value, unsigned scale, unsigned min_decimals, buf_t *out);
void date_format (uint32_t date, buf_t *out);
/* For people in the current language: 1.389.600.000 or 1,389,600,000; decimals likewise. */
void number_format_people (int64_t value, unsigned scale, unsigned min_decimals, buf_t *out);
bool number_words_locale (str_t name, number_locale_t *out); /* plain, vi, en */

#endif
