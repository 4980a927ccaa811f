#include "tests/unit/core/merge_model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))

/* ---- a record's scalars, written down a second time ---- */

#define S(m) offsetof (scheme_t, m)
static const member_t scheme_members[] = {
    {"code", TEXT, S (code)},
    {"name", TEXT, S (name)},
    {"item", TEXT, S (item)},
    {"commune", TEXT, S (commune)},
    {"implementer", TEXT, S (implementer)},
    {"beneficiary", TEXT, S (beneficiary)},
    {"approval_no", TEXT, S (approval_no)},
    {"contract_no", TEXT, S (contract_no)},
    {"acceptance_no", TEXT, S (acceptance_no)},
    {"settlement_no", TEXT, S (settlement_no)},
    {"decision_stage", TEXT, S (decision_stage)},
    {"note", TEXT, S (note)},
    {"district", NUMBER, S (district)},
    {"plan_year", YEARS, S (plan_year)},
    {"status", NUMBER, S (status)},
    {"kind", NUMBER, S (kind)},
    {"matching_vnd", AMOUNT, S (matching_vnd)},
    {"investment_vnd", AMOUNT, S (investment_vnd)},
    {"registered_on", NUMBER, S (registered_on)},
    {"approved_on", NUMBER, S (approved_on)},
    {"accepted_on", NUMBER, S (accepted_on)},
    {"settled_on", NUMBER, S (settled_on)},
    {"unknown", TEXT, S (unknown)},
};
#define O(m) offsetof (outcome_t, m)
static const member_t outcome_members[] = {
    {"indicator", TEXT, O (indicator)}, {"fund", TEXT, O (fund)},     {"scheme_code", TEXT, O (scheme_code)},
    {"period", TEXT, O (period)},       {"note", TEXT, O (note)},     {"district", NUMBER, O (district)},
    {"year", YEARS, O (year)},          {"value", SCALED, O (value)}, {"value_kind", NUMBER, O (value_kind)},
    {"unknown", TEXT, O (unknown)},
};
#define C(m) offsetof (consulting_t, m)
static const member_t consulting_members[] = {
    {"code", TEXT, C (code)},       {"service", TEXT, C (service)},           {"client", TEXT, C (client)},
    {"note", TEXT, C (note)},       {"district", NUMBER, C (district)},       {"year", YEARS, C (year)},
    {"unknown", TEXT, C (unknown)}, {"revenue_vnd", AMOUNT, C (revenue_vnd)},
};
static const member_t staff_members[] = {
    {"indicator", TEXT, offsetof (staff_t, indicator)}, {"district", NUMBER, offsetof (staff_t, district)},
    {"year", YEARS, offsetof (staff_t, year)},          {"value", AMOUNT, offsetof (staff_t, value)},
    {"unknown", TEXT, offsetof (staff_t, unknown)},
};
#define D(m) offsetof (document_t, m)
static const member_t document_members[] = {
    {"no", TEXT, D (no)},           {"title", TEXT, D (title)},           {"number", TEXT, D (number)},
    {"note", TEXT, D (note)},       {"district", NUMBER, D (district)},   {"status", NUMBER, D (status)},
    {"unknown", TEXT, D (unknown)}, {"issued_on", NUMBER, D (issued_on)},
};
#define B(m) offsetof (submission_t, m)
static const member_t submission_members[] = {
    {"district", NUMBER, B (district)}, {"table", TEXT, B (table)},
    {"period", TEXT, B (period)},       {"nil", YES, B (nil)},
    {"note", TEXT, B (note)},           {"unknown", TEXT, B (unknown)},
};
const model_kind_t model_kinds[MODEL_KINDS] = {
    {KIND_SCHEME, scheme_members, COUNT (scheme_members)},
    {KIND_OUTCOME, outcome_members, COUNT (outcome_members)},
    {KIND_CONSULTING, consulting_members, COUNT (consulting_members)},
    {KIND_STAFF, staff_members, COUNT (staff_members)},
    {KIND_DOCUMENT, document_members, COUNT (document_members)},
    {KIND_SUBMISSION, submission_members, COUNT (submission_members)},
};

/* ---- the model: a state is a set of named texts ---- */

static void
say (state_t *s, const char *prefix, const char *name, const char *text)
{
  if (text[0] == '\0')
    return;
  CHECK (s->n < COUNT (s->at));
  entry_t *e = &s->at[s->n++];
  snprintf (e->name, sizeof e->name, "%s%s", prefix, name);
  snprintf (e->text, sizeof e->text, "%s", text);
}

static void
say_text (state_t *s, const char *prefix, const char *name, str_t t)
{
  char text[64];
  snprintf (text, sizeof text, "%.*s", STR_ARG (t));
  say (s, prefix, name, text);
}

static void
say_amount (state_t *s, const char *prefix, const char *name, opt_i64_t v)
{
  char text[64] = "";
  if (v.has)
    snprintf (text, sizeof text, "%" PRId64, v.v);
  say (s, prefix, name, text);
}

static void
say_years (state_t *s, const char *prefix, const char *name, span_t v)
{
  char text[64];
  snprintf (text, sizeof text, "%u-%u", v.from, v.to);
  say (s, prefix, name, v.from == 0 ? "" : text);
}

static void
say_member (state_t *s, const record_t *r, const member_t *m)
{
  const void *at = (const char *)&r->u + m->offset;
  char text[64];
  switch (m->form) {
  case TEXT:
    say_text (s, "", m->name, *(const str_t *)at);
    break;
  case AMOUNT:
    say_amount (s, "", m->name, *(const opt_i64_t *)at);
    break;
  case SCALED:
    snprintf (text, sizeof text, "%d:%" PRId64 "e%u", r->u.outcome.value.has,
              r->u.outcome.value.has ? r->u.outcome.value.v : 0, r->u.outcome.scale);
    say (s, "", m->name, text);
    break;
  case YEARS:
    say_years (s, "", m->name, *(const span_t *)at);
    break;
  case NUMBER:
    snprintf (text, sizeof text, "%u", *(const uint32_t *)at);
    say (s, "", m->name, *(const uint32_t *)at != 0 ? text : "");
    break;
  case YES:
    say (s, "", m->name, *(const bool *)at ? "yes" : "");
    break;
  }
}

static void
say_lists (state_t *s, const scheme_t *r)
{
  char prefix[64], id[37];
  for (uint32_t i = 0; i < r->funding_n; i++) {
    snprintf (prefix, sizeof prefix, "funding.%u", (unsigned)r->funding[i].source);
    say (s, prefix, "", "here");
    say_amount (s, prefix, ".planned_vnd", r->funding[i].planned_vnd);
    say_amount (s, prefix, ".approved_vnd", r->funding[i].approved_vnd);
    say_amount (s, prefix, ".settled_vnd", r->funding[i].settled_vnd);
  }
  for (uint32_t i = 0; i < r->ledger_n; i++) {
    record_id_format (r->ledger[i].id, id);
    snprintf (prefix, sizeof prefix, "ledger.%s", id);
    say (s, prefix, "", "here");
    say_text (s, prefix, ".voucher_no", r->ledger[i].voucher_no);
    say_text (s, prefix, ".note", r->ledger[i].note);
    say_amount (s, prefix, ".amount_vnd", r->ledger[i].amount_vnd);
    say_years (s, prefix, ".budget_year", r->ledger[i].budget_year);
  }
  for (uint32_t i = 0; i < r->beneficiaries_n; i++) {
    record_id_format (r->beneficiaries[i].id, id);
    snprintf (prefix, sizeof prefix, "beneficiaries.%s", id);
    say (s, prefix, "", "here");
    say_text (s, prefix, ".name", r->beneficiaries[i].name);
    say_amount (s, prefix, ".support_vnd", r->beneficiaries[i].support_vnd);
    say_text (s, prefix, ".unknown", r->beneficiaries[i].unknown);
  }
}

void
say_all (state_t *s, const record_t *r, size_t kind, operation_t operation, str_t unknown)
{
  s->n = 0;
  for (size_t i = 0; i < model_kinds[kind].n; i++)
    say_member (s, r, &model_kinds[kind].member[i]);
  if (r->kind == KIND_SCHEME)
    say_lists (s, &r->u.scheme);
  say (s, "", "withdrawn", operation == OP_WITHDRAW ? "yes" : "");
  say_text (s, "", "(update)unknown", unknown);
}

const char *
look (const state_t *s, const char *name)
{
  for (size_t i = 0; i < s->n; i++)
    if (strcmp (s->at[i].name, name) == 0)
      return s->at[i].text;
  return "";
}

bool
same_state (const state_t *a, const state_t *b)
{
  bool same = a->n == b->n;
  for (size_t i = 0; i < a->n && same; i++)
    same = strcmp (look (b, a->at[i].name), a->at[i].text) == 0;
  return same;
}

/* "funding.2" of "funding.2.planned_vnd"; false: no entry's. */
static bool
entry_of (const char *name, char out[96])
{
  snprintf (out, 96, "%s", name);
  char *dot = strchr (out, '.');
  if (dot == NULL)
    return false;
  dot = strchr (dot + 1, '.');
  if (dot != NULL)
    *dot = '\0';
  return true;
}

static bool
entry_same (const state_t *a, const state_t *b, const char *entry)
{
  const state_t *each[] = {a, b};
  const size_t n = strlen (entry);
  for (size_t k = 0; k < 2; k++)
    for (size_t i = 0; i < each[k]->n; i++) {
      const char *name = each[k]->at[i].name;
      if (strncmp (name, entry, n) == 0 && (name[n] == '.' || name[n] == '\0') &&
          strcmp (look (a, name), look (b, name)) != 0)
        return false;
    }
  return true;
}

static void
expect_clash (expected_t *e, const char *name)
{
  if (strcmp (name, "(update)unknown") == 0)
    name = "unknown";
  for (size_t i = 0; i < e->clashes; i++)
    if (strcmp (e->clash[i], name) == 0)
      return;
  snprintf (e->clash[e->clashes++], 96, "%s", name);
}

/* How one name comes out, and whether it clashes. */
static const char *
decide (expected_t *e, const char *name, const state_t *b, const state_t *x, const state_t *y, bool second)
{
  char entry[96];
  const char *in_b = look (b, name), *in_x = look (x, name), *in_y = look (y, name);
  if (entry_of (name, entry)) {
    const bool there = look (b, entry)[0] != '\0', x_has = look (x, entry)[0] != '\0',
               y_has = look (y, entry)[0] != '\0';
    if (!x_has || !y_has) {
      if (!there)
        return x_has ? in_x : in_y;
      if (!x_has && !y_has)
        return "";
      if (entry_same (b, x_has ? x : y, entry))
        return "";
      expect_clash (e, entry);
      return second ? in_y : in_x;
    }
  }
  if (strcmp (in_x, in_y) == 0)
    return in_x;
  bool x_changed = strcmp (in_b, in_x) != 0, y_changed = strcmp (in_b, in_y) != 0;
  if (strcmp (name, "withdrawn") == 0) {
    x_changed = !same_state (b, x);
    y_changed = !same_state (b, y);
  }
  if (x_changed && y_changed) {
    expect_clash (e, name);
    return second ? in_y : in_x;
  }
  return y_changed ? in_y : in_x;
}

/* A funding line that both sides emptied piece by piece is gone: the model keeps its mark. */
static void
drop_empty_marks (state_t *s)
{
  for (size_t i = 0; i < s->n; i++) {
    bool more = strncmp (s->at[i].name, "funding.", 8) != 0 || strcmp (s->at[i].text, "here") != 0;
    for (size_t j = 0; j < s->n && !more; j++)
      more = j != i && strncmp (s->at[j].name, s->at[i].name, strlen (s->at[i].name)) == 0;
    if (!more)
      s->at[i--] = s->at[--s->n];
  }
}

void
model_merge (const state_t *b, const state_t *x, const state_t *y, bool second, expected_t *out)
{
  const state_t *each[] = {b, x, y};
  out->result.n = out->clashes = 0;
  for (size_t k = 0; k < 3; k++)
    for (size_t i = 0; i < each[k]->n; i++) {
      const char *name = each[k]->at[i].name;
      if (look (&out->result, name)[0] == '\0')
        say (&out->result, "", name, decide (out, name, b, x, y, second));
    }
  drop_empty_marks (&out->result);
}
