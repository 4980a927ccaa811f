/* period.h - report periods: names, first and last day, and which records fall into one.
 *
 * Three calendars live side by side (DOMAIN 4): the calendar and budget year, the administrative periods that
 * run from the 15th to the 14th, and the date of an event. A name says which: 2020 is the calendar year;
 * 2020-Y, 2020-H1, 2020-H2, 2020-9M, 2020-Q1..Q4 and 2020-01..12 are administrative. Where they begin and end
 * is data: [periods] of the catalogue; without that section the days of DOMAIN 4 hold. */
#ifndef KC_CORE_PERIOD_H
#define KC_CORE_PERIOD_H

#include "common/core/catalogue.h"

typedef enum {
  PERIOD_NONE = 0,
  PERIOD_CALENDAR, /* 2020 */
  PERIOD_YEAR,     /* 2020-Y */
  PERIOD_HALF,     /* 2020-H1 */
  PERIOD_NINE,     /* 2020-9M */
  PERIOD_QUARTER,  /* 2020-Q2 */
  PERIOD_MONTH     /* 2020-03 */
} period_form_t;

typedef struct {
  period_form_t form;
  uint16_t year;
  uint8_t index;   /* half 1..2, quarter 1..4, month 1..12; else 0 */
  date_t from, to; /* first and last day in it */
} period_t;

#define PERIOD_TEXT_MAX 12

/* Letters in either case. False: no such period. c may be NULL: the days of DOMAIN 4. */
bool period_parse (str_t text, const catalogue_t *c, period_t *out);
/* The same with words: ERR_INPUT. */
MUST_USE err_t period_read (str_t text, const catalogue_t *c, period_t *out, fail_t *fail);
/* The normal form, "2020-Q2". */
void period_format (const period_t *p, char out[PERIOD_TEXT_MAX]);
/* For people: "quý II năm 2020 (15/03/2020–14/06/2020)". */
void period_words (const period_t *p, buf_t *out);
/* A day: yyyy-mm-dd; for people in Vietnamese dd/mm/yyyy. Appends nothing for 0. */
void day_put (date_t day, bool people, buf_t *out);
/* The last millisecond of a whole day in Vietnam (UTC+7 all year). */
wall_t day_end (date_t day);
/* The day in Vietnam at a moment; the other way round. */
date_t day_of (wall_t at);
/* Is a wholly inside b? */
bool period_within (const period_t *a, const period_t *b);

/* Are the rows of the catalogue's [periods] readable? ERR_INPUT with words and line. */
MUST_USE err_t periods_check (const catalogue_t *c, fail_t *fail);

/* The years it counts in; {0, 0} for kinds without. */
span_t record_years (const record_t *r);
/* Does the record belong to the period's table? An outcome by its own period if it names an administrative
 * one, else by its year, and then only to whole years; the calendar year goes by the record's year alone. A
 * scheme by its plan year to the calendar year, to administrative periods by the date of the step it last
 * made, every day that date may mean being in it; where that date is not given, or leaves open which report
 * year it is of, to the report year of its plan year. Consulting and staff by their year; documents to every
 * period. What counts within a span of years (2014-2020) belongs to no single year. */
bool period_has (const period_t *p, const record_t *r, const catalogue_t *c);
/* That, or a figure of several years of which the calendar year is one: it is in none of their tables, and
 * whoever declares and accepts each of them answers for it. */
bool period_touches (const period_t *p, const record_t *r, const catalogue_t *c);
/* The date of the step a scheme last made, by its state: settled, else accepted, approved, registered. 0:
 * none is given. */
date_t scheme_step_date (const scheme_t *s);

/* The tables an office declares, by the names of the annexes. */
typedef enum {
  TABLE_NONE = 0,
  TABLE_CONSULTING,
  TABLE_OUTCOMES,
  TABLE_BUDGET,
  TABLE_DOCUMENTS,
  TABLE_STAFF,
  TABLE_COUNT
} table_id_t;
const char *table_name (table_id_t t); /* "outcomes" */
table_id_t table_of_name (str_t name); /* also "scheme", "outcome", "document" and 1..5 */
table_id_t table_of_kind (kind_t k);
const char *table_words (table_id_t t);
/* Is the unit asked for this table? The provincial office for all five, others for budget and outcomes. */
bool table_expected (table_id_t t, const unit_t *u);

#endif
