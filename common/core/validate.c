/* validate.c - the hard rules and the soft flags: one pass, one order, no state.
 *
 * Both sides run this. The agent's run is a service to its user; the collector's is the one that
 * decides, on a record that may have been made by anybody: so nothing about it is assumed, not that
 * its text is UTF-8, nor that its enums are ours or its lists in order. The shape of the fields comes
 * from fields.def, so a new field is checked the day it is added. */
#include "common/core/validate.h"
#include "common/core/checks.h"
#include "common/core/fields.h"
#include "common/core/period.h"
#include "common/core/validate_lists.h"
#include "common/core/validate_outcome.h"
#include "common/core/validate_units.h"
#include "common/text/number.h"
#include "common/text/utf8.h"

typedef struct {
  const catalogue_t *c;
  const record_t *before, *after;
  str_t comment;
  unit_id_t office;
  reasons_t *found;
} check_t;

static void
add (const check_t *k, reason_code_t code, str_t a0, str_t a1, str_t a2)
{
  reasons_add (k->found, -1, code, a0, a1, a2);
}

/* Numbers in a reason: copied when there is an arena to copy to, else left out. */
static void
add_number (const check_t *k, reason_code_t code, str_t a0, uint64_t number, str_t a2)
{
  char digits[24];
  size_t i = sizeof digits;
  do
    digits[--i] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  str_t text = k->found->arena != NULL ? (str_t){digits + i, sizeof digits - i} : STR_NONE;
  add (k, code, a0, text, a2);
}

/* ---- shape ---- */

static bool
text_is_fine (str_t s)
{
  return utf8_clean (s, true, NULL) && utf8_is_normal (s); /* clean says no to what is no UTF-8, too */
}

static void
check_text (const check_t *k, const field_t *f, str_t s)
{
  if (str_blank (s))
    return;
  if (s.n > f->max_bytes)
    add_number (k, REASON_TOO_LONG, str_of (f->name), f->max_bytes, STR_NONE);
  else if (!text_is_fine (s))
    add (k, REASON_BAD_TEXT, str_of (f->name), STR_NONE, STR_NONE);
  else if (f->type == FIELD_CODE && !code_valid (s))
    add (k, REASON_BAD_CODE, str_of (f->name), s, STR_NONE);
}

static void
check_enum (const check_t *k, const field_t *f, unsigned value, unsigned count)
{
  if (value >= count)
    add_number (k, REASON_UNKNOWN_ENUM, str_of (f->name), value, STR_NONE);
}

static void
check_shape (const check_t *k, const field_t *f)
{
  const void *member = field_member (k->after, f->offset);
  switch (f->type) {
  case FIELD_TEXT:
  case FIELD_CODE:
  case FIELD_ITEM:
  case FIELD_INDICATOR:
  case FIELD_FUND:
  case FIELD_SERVICE:
  case FIELD_STAFF_ITEM:
    check_text (k, f, *(const str_t *)member);
    return;
  case FIELD_STATUS:
    check_enum (k, f, (unsigned)*(const status_t *)member, STATUS_COUNT);
    return;
  case FIELD_SCHEME_KIND:
    check_enum (k, f, (unsigned)*(const scheme_kind_t *)member, SCHEME_KIND_COUNT);
    return;
  case FIELD_VALUE_KIND:
    check_enum (k, f, (unsigned)*(const value_kind_t *)member, VALUE_KIND_COUNT);
    return;
  case FIELD_DOCUMENT_STATUS:
    check_enum (k, f, (unsigned)*(const document_status_t *)member, DOCUMENT_STATUS_COUNT);
    return;
  case FIELD_LEDGER_KIND:
    check_enum (k, f, (unsigned)*(const ledger_kind_t *)member, LEDGER_KIND_COUNT);
    return;
  case FIELD_ID:
  case FIELD_SOURCE:
  case FIELD_UNIT:
  case FIELD_YEARS:
  case FIELD_YES:
  case FIELD_DATE:
  case FIELD_COUNT:
  case FIELD_MONEY:
  case FIELD_VALUE:
  case FIELD_SUPPORT:
  case FIELD_SETTLED:
    return;
  }
  UNREACHABLE ();
}

/* ---- required ---- */

static bool
given (const record_t *r, const field_t *f)
{
  column_t col = {.type = f->type, .offset = f->offset};
  const void *member = field_member (r, f->offset);
  switch (f->type) {
  case FIELD_TEXT:
  case FIELD_CODE:
  case FIELD_ITEM:
  case FIELD_INDICATOR:
  case FIELD_FUND:
  case FIELD_SERVICE:
  case FIELD_STAFF_ITEM: {
    str_t s = *(const str_t *)member;
    size_t i = 0;
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r'))
      i++;
    return i < s.n;
  }
  case FIELD_UNIT:
  case FIELD_YEARS:
  case FIELD_STATUS:
  case FIELD_SCHEME_KIND:
  case FIELD_VALUE_KIND:
  case FIELD_YES:
  case FIELD_DOCUMENT_STATUS:
  case FIELD_ID:
  case FIELD_LEDGER_KIND:
  case FIELD_SOURCE:
  case FIELD_COUNT:
  case FIELD_DATE:
  case FIELD_MONEY:
  case FIELD_VALUE:
  case FIELD_SUPPORT:
  case FIELD_SETTLED:
    return column_has (&col, r);
  }
  UNREACHABLE ();
}

/* fund is required as a column; whether it may be blank is the indicator's to say (check_outcome_codes).
 * value_kind may be left out of a file, where it means actual; a record always has one. */
static void
check_required (const check_t *k, const field_t *f)
{
  bool required = (f->required && f->type != FIELD_FUND) || f->type == FIELD_VALUE_KIND;
  if (required && !given (k->after, f))
    add (k, REASON_REQUIRED, str_of (f->name), STR_NONE, STR_NONE);
}

/* ---- codes ---- */

/* What a reason may repeat of what a stranger wrote. */
static str_t
quotable (str_t s)
{
  return s.n <= CODE_MAX && text_is_fine (s) ? s : STR ("?");
}

static void
check_unit (const check_t *k, unit_id_t id)
{
  if (id != 0 && catalogue_unit (k->c, id) == NULL)
    add_number (k, REASON_UNKNOWN_CODE, STR ("district"), id, STR_NONE);
}

/* A source put out of use keeps the money that older records have of it. */
static bool
had_source (const record_t *before, source_id_t id)
{
  for (uint32_t i = 0; before != NULL && i < before->u.scheme.funding_n; i++)
    if (before->u.scheme.funding[i].source == id)
      return true;
  return false;
}

static void
check_scheme_codes (const check_t *k)
{
  const scheme_t *s = &k->after->u.scheme;
  check_unit (k, s->district);
  if (!str_blank (s->item) && catalogue_item (k->c, s->item) == NULL)
    add (k, REASON_UNKNOWN_CODE, STR ("item"), quotable (s->item), STR_NONE);
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const source_t *source = catalogue_source (k->c, s->funding[i].source);
    if (i > 0 && s->funding[i].source <= s->funding[i - 1].source)
      add (k, REASON_MALFORMED_FUNDING, STR_NONE, STR_NONE, STR_NONE);
    if (source == NULL)
      add_number (k, REASON_UNKNOWN_CODE, STR ("source"), s->funding[i].source, STR_NONE);
    else if (!source->active && !had_source (k->before, source->id))
      add (k, REASON_INACTIVE_CODE, STR ("source"), source->code, STR_NONE);
  }
}

static void
check_outcome_codes (const check_t *k)
{
  const outcome_t *o = &k->after->u.outcome;
  const indicator_t *i = catalogue_indicator (k->c, o->indicator);
  check_unit (k, o->district);
  if (!str_blank (o->indicator) && i == NULL)
    add (k, REASON_UNKNOWN_CODE, STR ("indicator"), quotable (o->indicator), STR_NONE);
  if (!str_blank (o->fund) && !catalogue_is_fund (k->c, o->fund))
    add (k, REASON_UNKNOWN_CODE, STR ("fund"), quotable (o->fund), STR_NONE);
  if (i == NULL)
    return;
  if (i->by_fund && str_blank (o->fund))
    add (k, REASON_BY_FUND, i->code, STR_NONE, STR_NONE);
  if (!i->by_fund && !str_blank (o->fund))
    add (k, REASON_NOT_BY_FUND, i->code, STR_NONE, STR_NONE);
  if (o->scale != i->scale)
    add_number (k, REASON_SCALE, i->code, o->scale, STR_NONE);
  check_supplementary (k->c, k->before, k->after, k->found);
}

/* Table and period in the one form they have, so that a key names one thing. */
static void
check_submission_codes (const check_t *k)
{
  const submission_t *s = &k->after->u.submission;
  const char *name = table_name (table_of_name (s->table));
  period_t p;
  char normal[PERIOD_TEXT_MAX] = "";
  check_unit (k, s->district);
  if (!str_blank (s->table) && (name == NULL || !str_is (s->table, name)))
    add (k, REASON_UNKNOWN_WORD, STR ("table"), quotable (s->table),
         STR ("consulting, outcomes, budget, documents, staff"));
  const unit_t *unit = catalogue_unit (k->c, s->district);
  const bool had = k->before != NULL && str_eq (k->before->u.submission.table, s->table);
  if (name != NULL && unit != NULL && !had && !table_expected (table_of_name (s->table), unit))
    add (k, REASON_NOT_ASKED, s->table, unit->code, STR_NONE);
  if (period_parse (s->period, k->c, &p))
    period_format (&p, normal);
  if (!str_blank (s->period) && !str_is (s->period, normal))
    add (k, REASON_BAD_PERIOD, STR ("period"), quotable (s->period), STR_NONE);
}

static bool
source_before (const record_t *before, source_id_t id)
{
  return before != NULL && before->u.ledger.entry.source == id;
}

static void
check_ledger_codes (const check_t *k)
{
  const ledger_entry_t *e = &k->after->u.ledger.entry;
  const source_t *source = catalogue_source (k->c, e->source);
  if (e->source != 0 && source == NULL)
    add_number (k, REASON_UNKNOWN_CODE, STR ("source"), e->source, STR_NONE);
  else if (source != NULL && !source->active && !source_before (k->before, source->id))
    add (k, REASON_INACTIVE_CODE, STR ("source"), source->code, STR_NONE);
  if (e->budget_year.from != e->budget_year.to)
    add_number (k, REASON_OUT_OF_RANGE, STR ("budget_year"), e->budget_year.to, STR ("2000..2100"));
}

/* Only the provincial office has these records (DESIGN 3). */
static void
check_provincial (const check_t *k)
{
  const unit_id_t *district = record_provincial (k->after);
  const unit_t *province = catalogue_province (k->c);
  const record_t *r = k->after;
  if (r->kind == KIND_CONSULTING && !str_blank (r->u.consulting.service) &&
      catalogue_service (k->c, r->u.consulting.service) == NULL)
    add (k, REASON_UNKNOWN_CODE, STR ("service"), quotable (r->u.consulting.service), STR_NONE);
  if (r->kind == KIND_STAFF && !str_blank (r->u.staff.indicator) &&
      catalogue_staff_item (k->c, r->u.staff.indicator) == NULL)
    add (k, REASON_UNKNOWN_CODE, STR ("indicator"), quotable (r->u.staff.indicator), STR_NONE);
  if (*district == 0)
    add (k, REASON_REQUIRED, STR ("district"), STR_NONE, STR_NONE);
  else if (province == NULL || *district != province->id)
    add (k, REASON_PROVINCE_ONLY, str_of (kind_name (r->kind)), STR_NONE, STR_NONE);
}

/* ---- ranges ---- */

static void
check_span (const check_t *k, str_t name, span_t s)
{
  bool absent = s.from == 0 && s.to == 0;
  if (!absent && (s.from < YEAR_MIN || s.to > YEAR_MAX || s.from > s.to))
    add_number (k, REASON_BAD_YEAR, name, s.from, STR_NONE);
}

static void
check_date (const check_t *k, str_t name, date_t d)
{
  unsigned y = d / 10000, m = d / 100 % 100, day = d % 100;
  if (d == 0)
    return;
  bool exists = m <= 12 && (m != 0 || day == 0) && (day == 0 || day <= date_days_in (y, m));
  if (!exists || y < YEAR_MIN || y > YEAR_MAX)
    add_number (k, REASON_OUT_OF_RANGE, name, d, STR ("2000-01-01..2100-12-31"));
}

static void
check_amount (const check_t *k, str_t name, opt_i64_t a)
{
  if (a.has && (a.v < 0 || a.v > AMOUNT_MAX))
    add (k, REASON_OUT_OF_RANGE, name, a.v < 0 ? STR ("< 0") : STR ("> 10^15"), STR ("0..10^15"));
}

static void
check_range (const check_t *k, const field_t *f)
{
  const void *member = field_member (k->after, f->offset);
  str_t name = str_of (f->name);
  if (f->type == FIELD_YEARS)
    check_span (k, name, *(const span_t *)member);
  else if (f->type == FIELD_DATE)
    check_date (k, name, *(const date_t *)member);
  else if (f->type == FIELD_MONEY || f->type == FIELD_VALUE || f->type == FIELD_COUNT)
    check_amount (k, name, *(const opt_i64_t *)member);
}

/* The name of a source's column, for a reason; needs an arena to live in. */
static str_t
source_column (const check_t *k, const char *prefix, source_id_t id)
{
  const source_t *s = catalogue_source (k->c, id);
  str_t head = str_of (prefix), tail = STR ("_vnd");
  size_t n = s == NULL ? 0 : head.n + s->code.n + tail.n;
  char *p = s == NULL || k->found->arena == NULL ? NULL : arena_alloc (k->found->arena, n);
  if (p == NULL)
    return str_of (head.n == 0 ? "X_vnd" : "settled_X_vnd");
  memcpy (p, head.p, head.n);
  memcpy (p + head.n, s->code.p, s->code.n);
  memcpy (p + head.n + s->code.n, tail.p, tail.n);
  return (str_t){p, n};
}

static bool
amount_fits (opt_i64_t a)
{
  return !a.has || (a.v >= 0 && a.v <= AMOUNT_MAX);
}

static void
check_funding_ranges (const check_t *k)
{
  const scheme_t *s = &k->after->u.scheme;
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const funding_t *f = &s->funding[i];
    if (!amount_fits (f->planned_vnd))
      check_amount (k, source_column (k, "", f->source), f->planned_vnd);
    if (!amount_fits (f->approved_vnd))
      check_amount (k, source_column (k, "", f->source), f->approved_vnd);
    if (!amount_fits (f->settled_vnd))
      check_amount (k, source_column (k, "settled_", f->source), f->settled_vnd);
  }
}

/* ---- rules ---- */

static str_t
unit_code (const check_t *k, unit_id_t id)
{
  const unit_t *u = catalogue_unit (k->c, id);
  return u == NULL ? STR ("?") : u->code;
}

static void
check_office (const check_t *k)
{
  const record_t *sides[] = {k->before, k->after};
  for (size_t i = 0; i < 2; i++)
    if (sides[i] != NULL && record_office (sides[i]) != 0 && !office_may_write (k->c, k->office, sides[i])) {
      add (k, REASON_FOREIGN_OFFICE, unit_code (k, record_office (sides[i])), unit_code (k, k->office),
           STR_NONE);
      return;
    }
}

static void
check_key (const check_t *k)
{
  buf_t was = BUF_INIT, now = BUF_INIT, text = BUF_INIT;
  if (k->before == NULL)
    return;
  if (k->before->kind == KIND_SCHEME) {
    if (!str_eq (k->before->u.scheme.code, k->after->u.scheme.code))
      add (k, REASON_KEY_CHANGED, k->before->u.scheme.code, STR_NONE, STR_NONE);
    return;
  }
  (void)record_key (k->before, &was);
  (void)record_key (k->after, &now);
  if (!str_eq (buf_str (&was), buf_str (&now))) {
    record_key_text (k->before, k->c, &text);
    add (k, REASON_KEY_CHANGED, k->found->arena != NULL ? buf_str (&text) : STR_NONE, STR_NONE, STR_NONE);
  }
  buf_free (&was);
  buf_free (&now);
  buf_free (&text);
}

static void
check_move (const check_t *k)
{
  status_t from = k->before == NULL ? STATUS_NONE : k->before->u.scheme.status,
           to = k->after->u.scheme.status;
  if (to == STATUS_NONE || (unsigned)to >= STATUS_COUNT)
    return; /* said already */
  move_t move = move_judge (from, to);
  if (move == MOVE_ILLEGAL)
    add (k, REASON_ILLEGAL_MOVE, str_of (status_name (from)), str_of (status_name (to)), STR_NONE);
  else if (move == MOVE_NEEDS_REASON && str_blank (k->comment))
    add (k, REASON_MOVE_NEEDS_REASON, str_of (status_name (from)), str_of (status_name (to)), STR_NONE);
}

static void
check_settled (const check_t *k)
{
  const scheme_t *s = &k->after->u.scheme;
  for (uint32_t i = 0; s->status == STATUS_SETTLED && i < s->funding_n; i++)
    if (s->funding[i].approved_vnd.has && !s->funding[i].settled_vnd.has)
      add (k, REASON_SETTLED_AMOUNT, source_column (k, "settled_", s->funding[i].source), STR_NONE, STR_NONE);
}

/* ---- flags ---- */

static void
flag_dates (const check_t *k)
{
  const scheme_t *s = &k->after->u.scheme;
  const struct {
    const char *name;
    date_t date;
  } steps[] = {{"registered_on", s->registered_on},
               {"approved_on", s->approved_on},
               {"accepted_on", s->accepted_on},
               {"settled_on", s->settled_on}};
  int last = -1;
  for (int i = 0; i < 4; i++) {
    if (steps[i].date == 0)
      continue;
    if (last >= 0 && date_surely_earlier (steps[i].date, steps[last].date))
      add (k, REASON_DATES_ORDER, str_of (steps[i].name), str_of (steps[last].name), STR_NONE);
    last = i;
  }
}

static void
flag_settled_above (const check_t *k)
{
  const scheme_t *s = &k->after->u.scheme;
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const funding_t *f = &s->funding[i];
    if (f->settled_vnd.has && f->approved_vnd.has && f->settled_vnd.v > f->approved_vnd.v)
      add (k, REASON_SETTLED_ABOVE, source_column (k, "settled_", f->source), STR_NONE, STR_NONE);
  }
}

/* By a check of the catalogue that is of the item and the years; without one nothing is looked at. */
static void
flag_ceiling (const check_t *k)
{
  const scheme_t *s = &k->after->u.scheme;
  const checks_t *checks = catalogue_checks (k->c);
  const data_check_t *c;
  above_ceiling_t above;
  buf_t support = BUF_INIT, ceiling = BUF_INIT;
  for (size_t i = 0; k->found->arena != NULL && (c = checks_at (checks, i)) != NULL; i++) {
    if (c->kind != CHECK_CEILING || !check_holds (c, s->plan_year) || !check_of_item (c, s->item) ||
        !scheme_above_ceiling (checks, s, &above))
      continue;
    number_format_plain (above.support_vnd, 0, 0, &support);
    number_format_plain (above.ceiling_vnd, 0, 0, &ceiling);
    add (k, REASON_ABOVE_CEILING, buf_str (&support), buf_str (&ceiling), above.law);
    break;
  }
  buf_free (&support);
  buf_free (&ceiling);
}

/* Excel writes "?" for each letter its code page lacks: "H? tr? t?o ?i?u". A question ends a phrase. */
static bool
lost_letters (str_t s)
{
  for (size_t i = 0; i + 1 < s.n; i++) {
    if (s.p[i] != '?')
      continue;
    uint8_t next = (uint8_t)s.p[i + 1], after = i + 2 < s.n ? (uint8_t)s.p[i + 2] : 0;
    bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next >= 0x80;
    if (letter || next == '?' || (next == ' ' && ((after >= 'a' && after <= 'z') || after == '?')))
      return true;
  }
  return false;
}

static void
flag_lost_letters (const check_t *k, const field_t *f)
{
  if (f->type != FIELD_TEXT)
    return;
  str_t s = *(const str_t *)field_member (k->after, f->offset);
  if (!str_blank (s) && memchr (s.p, '?', s.n) != NULL && lost_letters (s))
    add (k, REASON_LOST_LETTERS, str_of (f->name), STR_NONE, STR_NONE);
}

/* ---- all of it ---- */

static void
check_fields (const check_t *k, void (*one) (const check_t *, const field_t *))
{
  size_t n;
  const field_t *f = fields_of (k->after->kind, &n);
  for (size_t i = 0; i < n; i++)
    one (k, &f[i]);
}

/* A line of a form: an entry of a scheme's list, as far as it can be judged alone. */
static bool
validate_line (const check_t *k)
{
  check_fields (k, check_shape);
  check_fields (k, check_required);
  if (k->after->kind == FORM_LEDGER)
    check_ledger_codes (k);
  check_fields (k, check_range);
  check_fields (k, flag_lost_letters);
  return reasons_hard (k->found) == NULL;
}

bool
validate (const catalogue_t *c, const record_t *before, const record_t *after, str_t comment,
          unit_id_t office, reasons_t *found)
{
  check_t k = {c, before, after, comment, office, found};
  bool scheme = after->kind == KIND_SCHEME;
  if (kind_is_form (after->kind))
    return validate_line (&k);
  if (!kind_supported (after->kind)) {
    add (&k, REASON_KIND_UNSUPPORTED, str_of (kind_name (after->kind)), STR_NONE, STR_NONE);
    return false;
  }
  if ((before != NULL && before->kind != after->kind) ||
      (scheme && (after->u.scheme.funding_n > FUNDING_MAX || after->u.scheme.ledger_n > LEDGER_MAX ||
                  after->u.scheme.beneficiaries_n > BENEFICIARIES_MAX))) {
    add (&k, REASON_MALFORMED, STR_NONE, STR_NONE, STR_NONE);
    return false;
  }
  check_fields (&k, check_shape);
  if (comment.n > COMMENT_MAX)
    add_number (&k, REASON_TOO_LONG, STR ("comment"), COMMENT_MAX, STR_NONE);
  else if (!str_blank (comment) && !text_is_fine (comment))
    add (&k, REASON_BAD_TEXT, STR ("comment"), STR_NONE, STR_NONE);
  check_fields (&k, check_required);
  if (scheme)
    check_scheme_codes (&k);
  else if (after->kind == KIND_SUBMISSION)
    check_submission_codes (&k);
  else if (record_provincial (after) != NULL)
    check_provincial (&k);
  else
    check_outcome_codes (&k);
  check_fields (&k, check_range);
  if (scheme) {
    check_funding_ranges (&k);
    check_lists (c, before, after, found);
  }
  check_office (&k);
  check_key (&k);
  if (scheme) {
    check_move (&k);
    check_settled (&k);
    flag_dates (&k);
    flag_settled_above (&k);
    flag_ceiling (&k);
    flag_lists (c, after, found);
  }
  if (after->kind == KIND_OUTCOME)
    flag_outcome_period (c, after, found);
  check_fields (&k, flag_lost_letters);
  flag_units (c, after, found);
  return reasons_hard (found) == NULL;
}
