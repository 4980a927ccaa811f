/* period.c - the days of a report period.
 *
 * By rule a period of the months a..b runs from the 15th before month a to the 14th of month b, the first day
 * of January's being in the year before. A catalogue may say otherwise, row by row in [periods]:
 *
 *     period,from_year,from,to_year,to
 *     Q1,-1,12-15,0,03-14
 *
 * period is what stands behind the year in a name (Y, H1, 9M, Q2, 03); from_year and to_year count from that
 * year, blank being 0; a day past the end of its month (02-31) is the month's last. A row whose days cannot
 * be read is refused when the catalogue comes in (periods_check), one of a name not known here is stepped
 * over. */
#include "common/core/period.h"
#include "common/base/lang.h"
#include "common/text/number.h"

#include <stdio.h>
#include <string.h>

#define SECTION "periods"

typedef struct {
  const char *name;
  period_form_t form;
  uint8_t index, first, last; /* first and last month */
} form_row_t;

static const form_row_t forms[] = {
    {"Y", PERIOD_YEAR, 0, 1, 12},     {"H1", PERIOD_HALF, 1, 1, 6},      {"H2", PERIOD_HALF, 2, 7, 12},
    {"9M", PERIOD_NINE, 0, 1, 9},     {"Q1", PERIOD_QUARTER, 1, 1, 3},   {"Q2", PERIOD_QUARTER, 2, 4, 6},
    {"Q3", PERIOD_QUARTER, 3, 7, 9},  {"Q4", PERIOD_QUARTER, 4, 10, 12}, {"01", PERIOD_MONTH, 1, 1, 1},
    {"02", PERIOD_MONTH, 2, 2, 2},    {"03", PERIOD_MONTH, 3, 3, 3},     {"04", PERIOD_MONTH, 4, 4, 4},
    {"05", PERIOD_MONTH, 5, 5, 5},    {"06", PERIOD_MONTH, 6, 6, 6},     {"07", PERIOD_MONTH, 7, 7, 7},
    {"08", PERIOD_MONTH, 8, 8, 8},    {"09", PERIOD_MONTH, 9, 9, 9},     {"10", PERIOD_MONTH, 10, 10, 10},
    {"11", PERIOD_MONTH, 11, 11, 11}, {"12", PERIOD_MONTH, 12, 12, 12},
};
#define FORMS (sizeof forms / sizeof forms[0])

static char
upper (char ch)
{
  return ch >= 'a' && ch <= 'z' ? (char)(ch - 'a' + 'A') : ch;
}

static const form_row_t *
form_of_name (str_t name)
{
  for (size_t i = 0; i < FORMS; i++) {
    const char *want = forms[i].name;
    size_t n = strlen (want), k = 0;
    while (k < n && k < name.n && upper (name.p[k]) == want[k])
      k++;
    if (k == n && name.n == n)
      return &forms[i];
  }
  return NULL;
}

static const form_row_t *
form_of (const period_t *p)
{
  for (size_t i = 0; i < FORMS; i++)
    if (forms[i].form == p->form && forms[i].index == p->index)
      return &forms[i];
  return NULL;
}

/* Exactly n digits. */
static bool
digits (str_t text, size_t n, uint32_t *out)
{
  uint32_t v = 0;
  if (text.n != n)
    return false;
  for (size_t i = 0; i < n; i++) {
    if (text.p[i] < '0' || text.p[i] > '9')
      return false;
    v = v * 10 + (uint32_t)(text.p[i] - '0');
  }
  *out = v;
  return true;
}

static date_t
date_of (uint32_t year, uint32_t month, uint32_t day)
{
  uint32_t last = date_days_in (year, month);
  return year * 10000 + month * 100 + (day < last ? day : last);
}

/* "12-15" */
static bool
month_day (str_t cell, uint32_t *month, uint32_t *day)
{
  return cell.n == 5 && cell.p[2] == '-' && digits ((str_t){cell.p, 2}, 2, month) &&
         digits ((str_t){cell.p + 3, 2}, 2, day) && *month >= 1 && *month <= 12 && *day >= 1 && *day <= 31;
}

/* "", "0", "1", "-1" */
static bool
year_offset (str_t cell, int *out)
{
  bool minus = cell.n == 2 && cell.p[0] == '-';
  uint32_t v = 0;
  if (cell.n != 0 && !digits ((str_t){cell.p + (minus ? 1 : 0), 1}, cell.n - (minus ? 1 : 0), &v))
    return false;
  *out = minus ? -(int)v : (int)v;
  return v <= 1;
}

static bool
row_days (const catalogue_t *c, size_t row, uint32_t year, date_t *from, date_t *to)
{
  uint32_t m1 = 0, d1 = 0, m2 = 0, d2 = 0;
  int y1 = 0, y2 = 0;
  if (!month_day (catalogue_section_cell (c, SECTION, row, "from"), &m1, &d1) ||
      !month_day (catalogue_section_cell (c, SECTION, row, "to"), &m2, &d2) ||
      !year_offset (catalogue_section_cell (c, SECTION, row, "from_year"), &y1) ||
      !year_offset (catalogue_section_cell (c, SECTION, row, "to_year"), &y2))
    return false;
  *from = date_of ((uint32_t)((int)year + y1), m1, d1);
  *to = date_of ((uint32_t)((int)year + y2), m2, d2);
  return *from <= *to;
}

static void
days_of (const form_row_t *f, uint32_t year, const catalogue_t *c, date_t *from, date_t *to)
{
  size_t n = c != NULL ? catalogue_section_rows (c, SECTION) : 0;
  for (size_t i = 0; i < n; i++)
    if (str_is (catalogue_section_cell (c, SECTION, i, "period"), f->name) && row_days (c, i, year, from, to))
      return;
  *from = f->first == 1 ? date_of (year - 1, 12, 15) : date_of (year, f->first - 1u, 15);
  *to = date_of (year, f->last, 14);
}

bool
period_parse (str_t text, const catalogue_t *c, period_t *out)
{
  uint32_t year = 0;
  if (text.n < 4 || !digits ((str_t){text.p, 4}, 4, &year) || year < YEAR_MIN || year > YEAR_MAX)
    return false;
  if (text.n == 4) {
    *out = (period_t){PERIOD_CALENDAR, (uint16_t)year, 0, date_of (year, 1, 1), date_of (year, 12, 31)};
    return true;
  }
  const form_row_t *f = text.p[4] == '-' ? form_of_name ((str_t){text.p + 5, text.n - 5}) : NULL;
  if (f == NULL)
    return false;
  *out = (period_t){f->form, (uint16_t)year, f->index, 0, 0};
  days_of (f, year, c, &out->from, &out->to);
  return true;
}

err_t
period_read (str_t text, const catalogue_t *c, period_t *out, fail_t *fail)
{
  if (period_parse (text, c, out))
    return ERR_OK;
  return fail_set (
      fail, ERR_INPUT,
      L ("không có kỳ “%.*s”; hãy ghi như 2020 (năm theo lịch), 2020-Y, 2020-H1, 2020-9M, 2020-Q2 "
         "hoặc 2020-03",
         "there is no period \"%.*s\"; write it as 2020 (calendar year), 2020-Y, 2020-H1, 2020-9M, "
         "2020-Q2 or 2020-03"),
      STR_ARG (text));
}

err_t
periods_check (const catalogue_t *c, fail_t *fail)
{
  size_t n = catalogue_section_rows (c, SECTION);
  for (size_t i = 0; i < n; i++) {
    str_t name = catalogue_section_cell (c, SECTION, i, "period");
    const form_row_t *f = form_of_name (name);
    date_t from = 0, to = 0;
    bool twice = false;
    for (size_t k = 0; k < i && f != NULL; k++)
      twice = twice || form_of_name (catalogue_section_cell (c, SECTION, k, "period")) == f;
    if (f == NULL || (!twice && row_days (c, i, 2000, &from, &to)))
      continue;
    fail_set (fail, ERR_INPUT,
              twice
                  ? L ("kỳ “%s” đã có ở một dòng trên; hãy bỏ một dòng",
                       "period \"%s\" stands on a line above already; remove one")
                  : L ("ngày của kỳ “%s” không đọc được; cột from và to ghi tháng-ngày như 12-15, from_year "
                       "và to_year là -1, 0 hay 1, ngày đầu không sau ngày cuối",
                       "the days of period \"%s\" cannot be read; from and to take month-day such as 12-15, "
                       "from_year and to_year -1, 0 or 1, the first day not after the last"),
              f->name);
    fail_at (fail, NULL, catalogue_section_line (c, SECTION, i), 0);
    return ERR_INPUT;
  }
  return ERR_OK;
}

void
period_format (const period_t *p, char out[PERIOD_TEXT_MAX])
{
  const form_row_t *f = form_of (p);
  out[0] = '\0';
  if (p->form == PERIOD_CALENDAR)
    snprintf (out, PERIOD_TEXT_MAX, "%u", (unsigned)p->year);
  else if (f != NULL)
    snprintf (out, PERIOD_TEXT_MAX, "%u-%s", (unsigned)p->year, f->name);
}

void
day_put (date_t day, bool people, buf_t *out)
{
  if (day == 0)
    return;
  if (people && lang_get () == LANG_VI)
    buf_printf (out, "%02u/%02u/%04u", (unsigned)(day % 100), (unsigned)(day / 100 % 100),
                (unsigned)(day / 10000));
  else
    date_format (day, out);
}

void
period_words (const period_t *p, buf_t *out)
{
  static const char *const roman[] = {"", "I", "II", "III", "IV"};
  unsigned year = p->year;
  switch (p->form) {
  case PERIOD_NONE:
    return;
  case PERIOD_CALENDAR:
    buf_printf (out, L ("năm %u theo lịch", "calendar year %u"), year);
    break;
  case PERIOD_YEAR:
    buf_printf (out, L ("năm báo cáo %u", "report year %u"), year);
    break;
  case PERIOD_HALF:
    buf_printf (out,
                p->index == 1 ? L ("6 tháng đầu năm %u", "first half of %u")
                              : L ("6 tháng cuối năm %u", "second half of %u"),
                year);
    break;
  case PERIOD_NINE:
    buf_printf (out, L ("9 tháng năm %u", "nine months of %u"), year);
    break;
  case PERIOD_QUARTER:
    buf_printf (out, L ("quý %s năm %u", "quarter %s of %u"), p->index <= 4 ? roman[p->index] : "", year);
    break;
  case PERIOD_MONTH:
    buf_printf (out, L ("tháng %u năm %u", "month %u of %u"), (unsigned)p->index, year);
    break;
  }
  buf_puts (out, " (");
  day_put (p->from, true, out);
  buf_puts (out, "–");
  day_put (p->to, true, out);
  buf_puts (out, ")");
}

/* Days since 1970 by the civil calendar, years beginning in March so that the leap day is the last. */
wall_t
day_end (date_t day)
{
  int64_t year = day / 10000, month = day / 100 % 100;
  int64_t y = month > 2 ? year : year - 1, shifted = month > 2 ? month - 3 : month + 9;
  int64_t days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * shifted + 2) / 5 + day % 100 - 1 - 719468;
  return (wall_t){(days + 1) * INT64_C (86400000) - 7 * INT64_C (3600000) - 1};
}

date_t
day_of (wall_t at)
{
  int64_t ms = at.ms + 7 * INT64_C (3600000), days = ms / 86400000 - (ms % 86400000 < 0) + 719468;
  int64_t era = days / 146097 - (days % 146097 < 0), day = days - era * 146097;
  int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  int64_t in_year = day - (365 * year + year / 4 - year / 100), shifted = (5 * in_year + 2) / 153;
  int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return date_of ((uint32_t)(year + era * 400 + (month <= 2)), (uint32_t)month,
                  (uint32_t)(in_year - (153 * shifted + 2) / 5 + 1));
}

bool
period_within (const period_t *a, const period_t *b)
{
  return a->from >= b->from && a->to <= b->to;
}

/* ---- what belongs to a period ---- */

static bool
whole_year (const period_t *p, span_t years)
{
  return (p->form == PERIOD_CALENDAR || p->form == PERIOD_YEAR) && years.from == p->year &&
         years.to == p->year;
}

span_t
record_years (const record_t *r)
{
  switch (r->kind) {
  case KIND_SCHEME:
    return r->u.scheme.plan_year;
  case KIND_OUTCOME:
    return r->u.outcome.year;
  case KIND_CONSULTING:
    return r->u.consulting.year;
  case KIND_STAFF:
    return r->u.staff.year;
  case KIND_NONE:
  case KIND_DOCUMENT:
  case KIND_SUBMISSION:
  case KIND_DECISION:
  case KIND_COUNT:
  case FORM_LEDGER:
  case FORM_BENEFICIARY:
  case FORM_END:
    break;
  }
  return (span_t){0, 0};
}

/* Every day that the date may mean lies in the period. */
static bool
dated_within (const period_t *p, date_t d)
{
  uint32_t year = d / 10000, month = d / 100 % 100, day = d % 100;
  if (d == 0 || month > 12)
    return false;
  date_t from = date_of (year, month != 0 ? month : 1, day != 0 ? day : 1);
  date_t to = date_of (year, month != 0 ? month : 12, day != 0 ? day : 31);
  return from >= p->from && to <= p->to;
}

date_t
scheme_step_date (const scheme_t *s)
{
  const date_t steps[] = {s->registered_on, s->approved_on, s->accepted_on, s->settled_on};
  size_t reached = 0;
  switch (s->status) {
  case STATUS_NONE:
  case STATUS_DRAFT:
  case STATUS_REGISTERED:
  case STATUS_APPRAISED_BASE:
  case STATUS_APPRAISED_MINISTRY:
  case STATUS_RETURNED:
  case STATUS_REJECTED:
  case STATUS_WITHDRAWN:
  case STATUS_COUNT:
    reached = 1;
    break;
  case STATUS_APPROVED:
  case STATUS_CONTRACTED:
  case STATUS_RUNNING:
  case STATUS_STOPPED:
    reached = 2;
    break;
  case STATUS_ACCEPTED:
  case STATUS_LIQUIDATED:
    reached = 3;
    break;
  case STATUS_SETTLED:
    reached = 4;
    break;
  }
  while (reached > 0 && steps[reached - 1] == 0)
    reached--;
  return reached > 0 ? steps[reached - 1] : 0;
}

/* A report year asks for the step's date, and for the plan year where the date does not say one. */
static bool
has_scheme (const period_t *p, const scheme_t *s, const catalogue_t *c)
{
  const date_t d = scheme_step_date (s);
  if (p->form == PERIOD_CALENDAR)
    return whole_year (p, s->plan_year);
  if (p->form != PERIOD_YEAR)
    return dated_within (p, d);
  for (uint32_t year = d / 10000; d != 0 && year <= d / 10000 + 1; year++) {
    period_t of = *p;
    days_of (form_of (p), year, c, &of.from, &of.to);
    if (dated_within (&of, d))
      return year == p->year;
  }
  return whole_year (p, s->plan_year);
}

static bool
has_outcome (const period_t *p, const outcome_t *o, const catalogue_t *c)
{
  period_t own;
  if (p->form != PERIOD_CALENDAR && period_parse (o->period, c, &own) && own.form != PERIOD_CALENDAR)
    return period_within (&own, p);
  return whole_year (p, o->year);
}

bool
period_has (const period_t *p, const record_t *r, const catalogue_t *c)
{
  switch (r->kind) {
  case KIND_SCHEME:
    return has_scheme (p, &r->u.scheme, c);
  case KIND_OUTCOME:
    return has_outcome (p, &r->u.outcome, c);
  case KIND_CONSULTING:
    return whole_year (p, r->u.consulting.year);
  case KIND_STAFF:
    return whole_year (p, r->u.staff.year);
  case KIND_DOCUMENT:
    return true;
  case KIND_NONE:
  case KIND_SUBMISSION:
  case KIND_DECISION:
  case KIND_COUNT:
  case FORM_LEDGER:
  case FORM_BENEFICIARY:
  case FORM_END:
    break;
  }
  return false;
}

bool
period_touches (const period_t *p, const record_t *r, const catalogue_t *c)
{
  const span_t years = record_years (r);
  return period_has (p, r, c) || (p->form == PERIOD_CALENDAR && years.from < years.to &&
                                  years.from <= p->year && p->year <= years.to);
}

/* ---- tables ---- */

const char *
table_name (table_id_t t)
{
  switch (t) {
  case TABLE_CONSULTING:
    return "consulting";
  case TABLE_OUTCOMES:
    return "outcomes";
  case TABLE_BUDGET:
    return "budget";
  case TABLE_DOCUMENTS:
    return "documents";
  case TABLE_STAFF:
    return "staff";
  case TABLE_NONE:
  case TABLE_COUNT:
    break;
  }
  return NULL;
}

table_id_t
table_of_name (str_t name)
{
  if (name.n == 1 && name.p[0] >= '1' && name.p[0] < '0' + (int)TABLE_COUNT)
    return (table_id_t)(name.p[0] - '0');
  for (int t = TABLE_CONSULTING; t < (int)TABLE_COUNT; t++)
    if (str_is (name, table_name ((table_id_t)t)))
      return (table_id_t)t;
  return table_of_kind (kind_of_name (name));
}

table_id_t
table_of_kind (kind_t k)
{
  switch (k) {
  case KIND_SCHEME:
    return TABLE_BUDGET;
  case KIND_OUTCOME:
    return TABLE_OUTCOMES;
  case KIND_CONSULTING:
    return TABLE_CONSULTING;
  case KIND_STAFF:
    return TABLE_STAFF;
  case KIND_DOCUMENT:
    return TABLE_DOCUMENTS;
  case KIND_NONE:
  case KIND_SUBMISSION:
  case KIND_DECISION:
  case KIND_COUNT:
  case FORM_LEDGER:
  case FORM_BENEFICIARY:
  case FORM_END:
    break;
  }
  return TABLE_NONE;
}

const char *
table_words (table_id_t t)
{
  switch (t) {
  case TABLE_CONSULTING:
    return L ("tư vấn", "consulting");
  case TABLE_OUTCOMES:
    return L ("kết quả", "outcomes");
  case TABLE_BUDGET:
    return L ("kinh phí", "budget");
  case TABLE_DOCUMENTS:
    return L ("văn bản", "documents");
  case TABLE_STAFF:
    return L ("nhân lực, cơ sở vật chất", "staff");
  case TABLE_NONE:
  case TABLE_COUNT:
    break;
  }
  return "";
}

bool
table_expected (table_id_t t, const unit_t *u)
{
  return u->province ? table_name (t) != NULL : t == TABLE_OUTCOMES || t == TABLE_BUDGET;
}
