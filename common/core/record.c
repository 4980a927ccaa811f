/* record.c - identity and equality of records.
 *
 * The members of a record stand here once more, as tables of offsets that comparing walks: a new member is
 * one line here (test_record names one that was forgotten: a change of it alone would be no change). */
#include "common/core/record.h"
#include "common/core/catalogue.h"
#include "common/core/lists.h"

#include <stdio.h>

#define KEY_SEPARATOR '\x1f'

static const size_t scheme_texts[] = {
    offsetof (scheme_t, code),           offsetof (scheme_t, name),
    offsetof (scheme_t, item),           offsetof (scheme_t, commune),
    offsetof (scheme_t, implementer),    offsetof (scheme_t, beneficiary),
    offsetof (scheme_t, approval_no),    offsetof (scheme_t, contract_no),
    offsetof (scheme_t, acceptance_no),  offsetof (scheme_t, settlement_no),
    offsetof (scheme_t, decision_stage), offsetof (scheme_t, note),
    offsetof (scheme_t, unknown),
};
static const size_t scheme_amounts[] = {
    offsetof (scheme_t, matching_vnd),
    offsetof (scheme_t, investment_vnd),
};
static const size_t scheme_dates[] = {
    offsetof (scheme_t, registered_on),
    offsetof (scheme_t, approved_on),
    offsetof (scheme_t, accepted_on),
    offsetof (scheme_t, settled_on),
};
static const size_t outcome_texts[] = {
    offsetof (outcome_t, indicator), offsetof (outcome_t, fund), offsetof (outcome_t, scheme_code),
    offsetof (outcome_t, period),    offsetof (outcome_t, note), offsetof (outcome_t, unknown),
};

static const size_t ledger_texts[] = {
    offsetof (ledger_entry_t, voucher_no),
    offsetof (ledger_entry_t, note),
    offsetof (ledger_entry_t, unknown),
};
static const size_t beneficiary_texts[] = {
    offsetof (beneficiary_t, name),    offsetof (beneficiary_t, address),
    offsetof (beneficiary_t, note),    offsetof (beneficiary_t, acceptance_no),
    offsetof (beneficiary_t, unknown),
};
static const size_t consulting_texts[] = {
    offsetof (consulting_t, code), offsetof (consulting_t, service), offsetof (consulting_t, client),
    offsetof (consulting_t, note), offsetof (consulting_t, unknown),
};
static const size_t staff_texts[] = {offsetof (staff_t, indicator), offsetof (staff_t, unknown)};
static const size_t document_texts[] = {
    offsetof (document_t, no),   offsetof (document_t, title),   offsetof (document_t, number),
    offsetof (document_t, note), offsetof (document_t, unknown),
};
static const size_t submission_texts[] = {
    offsetof (submission_t, table),
    offsetof (submission_t, period),
    offsetof (submission_t, note),
    offsetof (submission_t, unknown),
};

#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))
#define AT_CONST(type, base, offset) ((const type *)((const char *)(base) + (offset)))

bool
kind_supported (kind_t k)
{
  return k > KIND_NONE && k < KIND_DECISION;
}

bool
kind_is_form (kind_t k)
{
  return k >= FORM_LEDGER && k < FORM_END;
}

const unit_id_t *
record_provincial (const record_t *r)
{
  switch (r->kind) {
  case KIND_CONSULTING:
    return &r->u.consulting.district;
  case KIND_STAFF:
    return &r->u.staff.district;
  case KIND_DOCUMENT:
    return &r->u.document.district;
  case KIND_NONE:
  case KIND_SCHEME:
  case KIND_OUTCOME:
  case KIND_SUBMISSION:
  case KIND_DECISION:
  case KIND_COUNT:
  case FORM_LEDGER:
  case FORM_BENEFICIARY:
  case FORM_END:
    break;
  }
  return NULL;
}

str_t
record_commune (const record_t *r)
{
  return r->kind == KIND_SCHEME ? r->u.scheme.commune : STR_NONE;
}

unit_id_t
record_office (const record_t *r)
{
  if (record_provincial (r) != NULL)
    return *record_provincial (r);
  if (r->kind == KIND_SCHEME)
    return r->u.scheme.district;
  if (r->kind == KIND_SUBMISSION)
    return r->u.submission.district;
  return r->kind == KIND_OUTCOME ? r->u.outcome.district : 0;
}

/* ---- natural keys ---- */

static void
put_part (buf_t *out, str_t part, bool people)
{
  if (people && str_blank (part))
    part = STR ("-");
  buf_put (out, part.p, part.n);
}

static void
put_unit (buf_t *out, const catalogue_t *c, unit_id_t id)
{
  const unit_t *unit = c != NULL ? catalogue_unit (c, id) : NULL;
  if (unit != NULL)
    buf_put (out, unit->code.p, unit->code.n);
  else
    buf_printf (out, "%u", (unsigned)id);
}

static bool
outcome_key (const outcome_t *o, const char *separator, const catalogue_t *c, buf_t *out, bool people)
{
  char year[12];
  span_format (o->year, year);
  buf_put (out, o->indicator.p, o->indicator.n);
  buf_puts (out, separator);
  put_unit (out, c, o->district);
  buf_printf (out, "%s%s%s", separator, year, separator);
  put_part (out, o->fund, people);
  bool plan = o->value_kind == VALUE_PLAN;
  if (!people || !str_blank (o->scheme_code) || !str_blank (o->period)) {
    buf_puts (out, separator);
    put_part (out, o->scheme_code, people);
    buf_puts (out, separator);
    put_part (out, o->period, people);
  }
  if (!people)
    buf_printf (out, "%s%c", separator, plan ? 'P' : 'F');
  else if (plan)
    buf_printf (out, "%s%s", separator, value_kind_name (VALUE_PLAN));
  return !str_blank (o->indicator) && o->district != 0 && o->year.from != 0;
}

/* For people office/table/period, as accept and return take it. */
static bool
submission_key (const submission_t *s, const char *separator, const catalogue_t *c, buf_t *out)
{
  put_unit (out, c, s->district);
  buf_puts (out, separator);
  buf_put (out, s->table.p, s->table.n);
  buf_puts (out, separator);
  buf_put (out, s->period.p, s->period.n);
  return s->district != 0 && !str_blank (s->table) && !str_blank (s->period);
}

/* A staff figure is one of a line and year; the line's codes are a name space of their own. */
static bool
staff_key (const staff_t *s, const char *separator, buf_t *out)
{
  char year[12];
  span_format (s->year, year);
  buf_put (out, s->indicator.p, s->indicator.n);
  buf_printf (out, "%s%s", separator, year);
  return !str_blank (s->indicator) && s->year.from != 0;
}

/* Kinds whose key is one text. */
static str_t
own_code (const record_t *r)
{
  if (r->kind == KIND_SCHEME)
    return r->u.scheme.code;
  if (r->kind == KIND_CONSULTING)
    return r->u.consulting.code;
  return r->kind == KIND_DOCUMENT ? r->u.document.no : STR_NONE;
}

bool
record_key (const record_t *r, buf_t *out)
{
  static const char separator[] = {KEY_SEPARATOR, '\0'};
  const str_t code = own_code (r);
  if (!str_blank (code)) {
    buf_put (out, code.p, code.n);
    return true;
  }
  if (kind_is_form (r->kind))
    return line_full_key (r, out);
  if (r->kind == KIND_STAFF)
    return staff_key (&r->u.staff, separator, out);
  if (r->kind == KIND_SUBMISSION)
    return submission_key (&r->u.submission, separator, NULL, out);
  return r->kind == KIND_OUTCOME && outcome_key (&r->u.outcome, separator, NULL, out, false);
}

void
record_key_text (const record_t *r, const catalogue_t *c, buf_t *out)
{
  const str_t code = own_code (r);
  if (!str_blank (code))
    buf_put (out, code.p, code.n);
  else if (kind_is_form (r->kind)) {
    buf_put (out, line_scheme_code (r).p, line_scheme_code (r).n);
    buf_putc (out, ':');
    line_label (r, out);
  } else if (r->kind == KIND_STAFF)
    staff_key (&r->u.staff, " / ", out);
  else if (r->kind == KIND_OUTCOME)
    outcome_key (&r->u.outcome, " / ", c, out, true);
  else if (r->kind == KIND_SUBMISSION)
    submission_key (&r->u.submission, "/", c, out);
}

/* ---- equality and copies ---- */

/* To a record, text that is absent and text that is empty are the same thing: nothing was given. */
static bool
texts_same (const void *a, const void *b, const size_t *offsets, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    str_t x = *AT_CONST (str_t, a, offsets[i]), y = *AT_CONST (str_t, b, offsets[i]);
    if (x.n != y.n || (x.n != 0 && memcmp (x.p, y.p, x.n) != 0))
      return false;
  }
  return true;
}

static bool
amount_same (const opt_i64_t *a, const opt_i64_t *b)
{
  return a->has == b->has && (!a->has || a->v == b->v);
}

static bool
span_same (span_t a, span_t b)
{
  return a.from == b.from && a.to == b.to;
}

static bool
funding_same (const funding_t *a, const funding_t *b)
{
  static const size_t unknown = offsetof (funding_t, unknown);
  return a->source == b->source && amount_same (&a->planned_vnd, &b->planned_vnd) &&
         amount_same (&a->approved_vnd, &b->approved_vnd) && amount_same (&a->settled_vnd, &b->settled_vnd) &&
         texts_same (a, b, &unknown, 1);
}

bool
ledger_entry_same (const ledger_entry_t *a, const ledger_entry_t *b)
{
  return record_id_eq (a->id, b->id) && a->kind == b->kind && a->date == b->date &&
         span_same (a->budget_year, b->budget_year) && a->source == b->source &&
         amount_same (&a->amount_vnd, &b->amount_vnd) &&
         texts_same (a, b, ledger_texts, COUNT (ledger_texts));
}

bool
beneficiary_same (const beneficiary_t *a, const beneficiary_t *b)
{
  return record_id_eq (a->id, b->id) && amount_same (&a->support_vnd, &b->support_vnd) &&
         a->accepted_on == b->accepted_on && texts_same (a, b, beneficiary_texts, COUNT (beneficiary_texts));
}

static bool
lists_same (const scheme_t *a, const scheme_t *b)
{
  if (a->ledger_n != b->ledger_n || a->beneficiaries_n != b->beneficiaries_n)
    return false;
  for (uint32_t i = 0; a->ledger != b->ledger && i < a->ledger_n; i++)
    if (!ledger_entry_same (&a->ledger[i], &b->ledger[i]))
      return false;
  for (uint32_t i = 0; a->beneficiaries != b->beneficiaries && i < a->beneficiaries_n; i++)
    if (!beneficiary_same (&a->beneficiaries[i], &b->beneficiaries[i]))
      return false;
  return true;
}

static bool
scheme_same (const scheme_t *a, const scheme_t *b)
{
  if (a->district != b->district || !span_same (a->plan_year, b->plan_year) || a->status != b->status ||
      a->kind != b->kind || a->funding_n != b->funding_n)
    return false;
  for (size_t i = 0; i < COUNT (scheme_amounts); i++)
    if (!amount_same (AT_CONST (opt_i64_t, a, scheme_amounts[i]), AT_CONST (opt_i64_t, b, scheme_amounts[i])))
      return false;
  for (size_t i = 0; i < COUNT (scheme_dates); i++)
    if (*AT_CONST (date_t, a, scheme_dates[i]) != *AT_CONST (date_t, b, scheme_dates[i]))
      return false;
  for (uint32_t i = 0; i < a->funding_n; i++)
    if (!funding_same (&a->funding[i], &b->funding[i]))
      return false;
  return texts_same (a, b, scheme_texts, COUNT (scheme_texts)) && lists_same (a, b);
}

static bool
outcome_same (const outcome_t *a, const outcome_t *b)
{
  return a->district == b->district && span_same (a->year, b->year) && amount_same (&a->value, &b->value) &&
         a->scale == b->scale && a->value_kind == b->value_kind &&
         texts_same (a, b, outcome_texts, COUNT (outcome_texts));
}

static bool
consulting_same (const consulting_t *a, const consulting_t *b)
{
  return a->district == b->district && span_same (a->year, b->year) &&
         amount_same (&a->revenue_vnd, &b->revenue_vnd) &&
         texts_same (a, b, consulting_texts, COUNT (consulting_texts));
}

static bool
staff_same (const staff_t *a, const staff_t *b)
{
  return a->district == b->district && span_same (a->year, b->year) && amount_same (&a->value, &b->value) &&
         texts_same (a, b, staff_texts, COUNT (staff_texts));
}

static bool
document_same (const document_t *a, const document_t *b)
{
  return a->district == b->district && a->status == b->status && a->issued_on == b->issued_on &&
         texts_same (a, b, document_texts, COUNT (document_texts));
}

bool
record_same (const record_t *a, const record_t *b)
{
  if (a->kind != b->kind)
    return false;
  if (a->kind == KIND_SCHEME)
    return scheme_same (&a->u.scheme, &b->u.scheme);
  if (a->kind == KIND_CONSULTING)
    return consulting_same (&a->u.consulting, &b->u.consulting);
  if (a->kind == KIND_STAFF)
    return staff_same (&a->u.staff, &b->u.staff);
  if (a->kind == KIND_DOCUMENT)
    return document_same (&a->u.document, &b->u.document);
  if (a->kind == KIND_SUBMISSION)
    return a->u.submission.district == b->u.submission.district &&
           a->u.submission.nil == b->u.submission.nil &&
           texts_same (&a->u.submission, &b->u.submission, submission_texts, COUNT (submission_texts));
  if (a->kind == FORM_LEDGER)
    return str_cmp (a->u.ledger.scheme_code, b->u.ledger.scheme_code) == 0 &&
           ledger_entry_same (&a->u.ledger.entry, &b->u.ledger.entry);
  if (a->kind == FORM_BENEFICIARY)
    return str_cmp (a->u.beneficiary.scheme_code, b->u.beneficiary.scheme_code) == 0 &&
           beneficiary_same (&a->u.beneficiary.entry, &b->u.beneficiary.entry);
  return a->kind != KIND_OUTCOME || outcome_same (&a->u.outcome, &b->u.outcome);
}

/* ---- codes and states ---- */

bool
status_approved_or_later (status_t s)
{
  return s >= STATUS_APPROVED && s <= STATUS_SETTLED;
}

bool
status_counts (status_t s)
{
  return status_approved_or_later (s);
}

bool
code_valid (str_t code)
{
  for (size_t i = 0; i < code.n; i++) {
    char ch = code.p[i];
    bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
    bool digit = ch >= '0' && ch <= '9';
    if (!letter && !digit && ch != '.' && ch != '-' && ch != '_' && ch != '/')
      return false;
  }
  return code.n > 0;
}

/* ---- years ---- */

static bool
year_parse (str_t text, uint16_t *out)
{
  if (text.n != 4)
    return false;
  unsigned y = 0;
  for (size_t i = 0; i < 4; i++) {
    if (text.p[i] < '0' || text.p[i] > '9')
      return false;
    y = y * 10 + (unsigned)(text.p[i] - '0');
  }
  *out = (uint16_t)y;
  return y >= YEAR_MIN && y <= YEAR_MAX;
}

bool
span_parse (str_t text, span_t *out)
{
  span_t s;
  if (text.p == NULL || (text.n != 4 && text.n != 9))
    return false;
  if (!year_parse ((str_t){text.p, 4}, &s.from))
    return false;
  s.to = s.from;
  if (text.n == 9 && (text.p[4] != '-' || !year_parse ((str_t){text.p + 5, 4}, &s.to) || s.to <= s.from))
    return false;
  *out = s;
  return true;
}

void
span_format (span_t s, char out[12])
{
  if (s.from == 0)
    out[0] = '\0';
  else if (s.from == s.to)
    snprintf (out, 12, "%u", (unsigned)s.from);
  else
    snprintf (out, 12, "%u-%u", (unsigned)s.from, (unsigned)s.to);
}
