/* record_wire.c - schemes and outcomes.
 *
 * A new text field is one row in a table of pairs below; other fields are one line each way. Checked
 * here is only what a struct could not hold or a later reader could not bear (shape); whether a value
 * makes sense is core/validate's. */
#include "common/wire/record_wire.h"

#include "common/text/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  size_t record, wire;
} pair_t;

#define PAIR(field)                                                                                          \
  {                                                                                                          \
    offsetof (scheme_t, field), offsetof (Kc__Scheme, field)                                                 \
  }
static const pair_t scheme_texts[] = {
    PAIR (code),          PAIR (name),          PAIR (item),           PAIR (commune),
    PAIR (implementer),   PAIR (beneficiary),   PAIR (approval_no),    PAIR (contract_no),
    PAIR (acceptance_no), PAIR (settlement_no), PAIR (decision_stage), PAIR (note),
};
#undef PAIR
#define PAIR(field)                                                                                          \
  {                                                                                                          \
    offsetof (outcome_t, field), offsetof (Kc__Outcome, field)                                               \
  }
static const pair_t outcome_texts[] = {
    PAIR (indicator), PAIR (fund), PAIR (scheme_code), PAIR (period), PAIR (note),
};
#undef PAIR
#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))

static void
texts_from_wire (const pair_t *pairs, size_t n, const void *wire, void *record)
{
  for (size_t i = 0; i < n; i++) {
    const char *z;
    memcpy (&z, (const char *)wire + pairs[i].wire, sizeof z);
    str_t s = pb_text (z);
    memcpy ((char *)record + pairs[i].record, &s, sizeof s);
  }
}

static bool
texts_to_wire (const pair_t *pairs, size_t n, const void *record, void *wire, arena_t *arena)
{
  bool ok = true;
  for (size_t i = 0; i < n; i++) {
    str_t s;
    memcpy (&s, (const char *)record + pairs[i].record, sizeof s);
    char *z = pb_copy (s, arena, &ok);
    memcpy ((char *)wire + pairs[i].wire, &z, sizeof z);
  }
  return ok;
}

/* ---- reasons ---- */

err_t
wire_malformed (reason_t *why, reason_code_t code, const char *field, str_t value, str_t more)
{
  *why = (reason_t){code, {str_of (field), value, more}, -1};
  return ERR_MALFORMED;
}

static str_t
number_text (uint64_t v, arena_t *arena)
{
  char text[24];
  snprintf (text, sizeof text, "%" PRIu64, v);
  return arena_str (arena, str_of (text));
}

err_t
wire_out_of_range (reason_t *why, const char *field, uint64_t v, str_t range, arena_t *arena)
{
  return wire_malformed (why, REASON_OUT_OF_RANGE, field, number_text (v, arena), range);
}

err_t
wire_malformed_pb (const pb_fail_t *fail, arena_t *arena, reason_t *why)
{
  switch (fail->what) {
  case PB_TEXT:
    return wire_malformed (why, REASON_BAD_TEXT, fail->field, STR_NONE, STR_NONE);
  case PB_ENUM:
    return wire_malformed (why, REASON_UNKNOWN_ENUM, fail->field, number_text (fail->value, arena), STR_NONE);
  case PB_NUMBER:
    return wire_malformed (why, REASON_OUT_OF_RANGE, fail->field, number_text (fail->value, arena),
                           STR ("32 bit"));
  case PB_BUDGET:
    wire_malformed (why, REASON_MALFORMED, NULL, STR_NONE, STR_NONE);
    return ERR_NOMEM;
  case PB_SHAPE:
  case PB_TWICE:
    break;
  }
  return wire_malformed (why, REASON_MALFORMED, fail->field, STR_NONE, STR_NONE);
}

err_t
wire_unknown (const ProtobufCMessage *m, const char *message, arena_t *arena, str_t *out, reason_t *why)
{
  if (!pb_unknown (m, arena, out))
    return wire_malformed (why, REASON_TOO_LONG, message, number_text (UNKNOWN_MAX, arena), STR_NONE);
  return ERR_OK;
}

/* ---- dates and years ---- */

static bool
date_shape_ok (date_t d)
{
  uint32_t year = d / 10000, month = d / 100 % 100, day = d % 100;
  if (year == 0 || year > 9999 || month > 12 || (month == 0 && day != 0))
    return false;
  return day == 0 || day <= date_days_in (year, month);
}

err_t
wire_date (bool has, uint32_t v, const char *field, arena_t *arena, date_t *out, reason_t *why)
{
  *out = has ? v : 0;
  if (!has || date_shape_ok (v))
    return ERR_OK;
  return wire_malformed (why, REASON_BAD_DATE, field, number_text (v, arena), STR ("yyyymmdd"));
}

err_t
wire_span (bool has_from, uint32_t from, bool has_to, uint32_t to, const char *field, arena_t *arena,
           span_t *out, reason_t *why)
{
  *out = (span_t){0, 0};
  if (!has_from && !has_to)
    return ERR_OK;
  if (!has_from || !has_to || from == 0 || from > to || to > UINT16_MAX)
    return wire_malformed (why, REASON_BAD_YEAR, field, number_text (has_from ? from : to, arena), STR_NONE);
  *out = (span_t){(uint16_t)from, (uint16_t)to};
  return ERR_OK;
}

static opt_i64_t
amount_from_wire (bool has, int64_t v)
{
  return has ? (opt_i64_t){true, v} : (opt_i64_t){false, 0};
}

/* ---- funding lines ---- */

static err_t
funding_from_wire (const Kc__Scheme *w, arena_t *arena, scheme_t *out, reason_t *why)
{
  if (w->n_funding > FUNDING_MAX)
    return wire_out_of_range (why, "funding", w->n_funding, STR ("0..16"), arena);
  for (size_t i = 0; i < w->n_funding; i++) {
    const Kc__FundingLine *l = w->funding[i];
    funding_t f = {.source = l->has_source ? l->source : 0,
                   .planned_vnd = amount_from_wire (l->has_planned_vnd, l->planned_vnd),
                   .approved_vnd = amount_from_wire (l->has_approved_vnd, l->approved_vnd),
                   .settled_vnd = amount_from_wire (l->has_settled_vnd, l->settled_vnd)};
    if (f.source == 0)
      return wire_malformed (why, REASON_REQUIRED, "source", STR_NONE, STR_NONE);
    err_t err = wire_unknown (&l->base, "funding", arena, &f.unknown, why);
    if (err != ERR_OK)
      return err;
    uint32_t at = out->funding_n;
    while (at > 0 && out->funding[at - 1].source > f.source)
      at--;
    if (at > 0 && out->funding[at - 1].source == f.source)
      return wire_malformed (why, REASON_MALFORMED, "funding", STR_NONE, STR_NONE);
    memmove (&out->funding[at + 1], &out->funding[at], (out->funding_n - at) * sizeof f);
    out->funding[at] = f;
    out->funding_n++;
  }
  return ERR_OK;
}

static bool
funding_to_wire (const scheme_t *s, Kc__Scheme *w, arena_t *arena)
{
  if (s->funding_n == 0)
    return true;
  w->funding = arena_alloc (arena, s->funding_n * sizeof *w->funding);
  if (w->funding == NULL)
    return false;
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const funding_t *f = &s->funding[i];
    Kc__FundingLine *l = arena_alloc (arena, sizeof *l);
    if (l == NULL)
      return false;
    kc__funding_line__init (l);
    l->has_source = 1;
    l->source = f->source;
    l->has_planned_vnd = f->planned_vnd.has;
    l->planned_vnd = f->planned_vnd.v;
    l->has_approved_vnd = f->approved_vnd.has;
    l->approved_vnd = f->approved_vnd.v;
    l->has_settled_vnd = f->settled_vnd.has;
    l->settled_vnd = f->settled_vnd.v;
    if (!pb_add_unknown (&l->base, f->unknown, arena))
      return false;
    w->funding[i] = l;
  }
  w->n_funding = s->funding_n;
  return true;
}

/* ---- schemes ---- */

err_t
scheme_from_wire (const Kc__Scheme *w, arena_t *arena, scheme_t *out, reason_t *why)
{
  memset (out, 0, sizeof *out);
  texts_from_wire (scheme_texts, COUNT (scheme_texts), w, out);
  out->district = w->has_district ? w->district : 0;
  out->status = w->has_status ? (status_t)w->status : STATUS_NONE;
  out->kind = w->has_kind ? (scheme_kind_t)w->kind : SCHEME_KIND_NONE;
  out->matching_vnd = amount_from_wire (w->has_matching_vnd, w->matching_vnd);
  out->investment_vnd = amount_from_wire (w->has_investment_vnd, w->investment_vnd);
  err_t err = wire_span (w->has_plan_year_from, w->plan_year_from, w->has_plan_year_to, w->plan_year_to,
                         "plan_year", arena, &out->plan_year, why);
  if (err == ERR_OK)
    err =
        wire_date (w->has_registered_on, w->registered_on, "registered_on", arena, &out->registered_on, why);
  if (err == ERR_OK)
    err = wire_date (w->has_approved_on, w->approved_on, "approved_on", arena, &out->approved_on, why);
  if (err == ERR_OK)
    err = wire_date (w->has_accepted_on, w->accepted_on, "accepted_on", arena, &out->accepted_on, why);
  if (err == ERR_OK)
    err = wire_date (w->has_settled_on, w->settled_on, "settled_on", arena, &out->settled_on, why);
  if (err == ERR_OK)
    err = funding_from_wire (w, arena, out, why);
  if (err == ERR_OK)
    err = lists_from_wire (w, arena, out, why);
  return err == ERR_OK ? wire_unknown (&w->base, "scheme", arena, &out->unknown, why) : err;
}

Kc__Scheme *
scheme_to_wire (const scheme_t *s, arena_t *arena)
{
  Kc__Scheme *w = arena_alloc (arena, sizeof *w);
  if (w == NULL)
    return NULL;
  kc__scheme__init (w);
  w->has_district = s->district != 0;
  w->district = s->district;
  w->has_plan_year_from = w->has_plan_year_to = s->plan_year.from != 0;
  w->plan_year_from = s->plan_year.from;
  w->plan_year_to = s->plan_year.to;
  w->has_status = s->status != STATUS_NONE;
  w->status = (Kc__Status)s->status;
  w->has_kind = s->kind != SCHEME_KIND_NONE;
  w->kind = (Kc__SchemeKind)s->kind;
  w->has_matching_vnd = s->matching_vnd.has;
  w->matching_vnd = s->matching_vnd.v;
  w->has_investment_vnd = s->investment_vnd.has;
  w->investment_vnd = s->investment_vnd.v;
  w->has_registered_on = s->registered_on != 0;
  w->registered_on = s->registered_on;
  w->has_approved_on = s->approved_on != 0;
  w->approved_on = s->approved_on;
  w->has_accepted_on = s->accepted_on != 0;
  w->accepted_on = s->accepted_on;
  w->has_settled_on = s->settled_on != 0;
  w->settled_on = s->settled_on;
  bool ok = texts_to_wire (scheme_texts, COUNT (scheme_texts), s, w, arena) &&
            funding_to_wire (s, w, arena) && lists_to_wire (s, w, arena) &&
            pb_add_unknown (&w->base, s->unknown, arena);
  return ok ? w : NULL;
}

/* ---- outcomes ---- */

#define SCALE_MAX 18u /* 10^18 fits int64 */

err_t
outcome_from_wire (const Kc__Outcome *w, arena_t *arena, outcome_t *out, reason_t *why)
{
  memset (out, 0, sizeof *out);
  texts_from_wire (outcome_texts, COUNT (outcome_texts), w, out);
  out->district = w->has_district ? w->district : 0;
  out->value = amount_from_wire (w->has_value, w->value);
  out->value_kind = w->has_value_kind ? (value_kind_t)w->value_kind : VALUE_NONE;
  uint32_t scale = w->has_scale ? w->scale : 0;
  if (scale > SCALE_MAX)
    return wire_out_of_range (why, "scale", scale, STR ("0..18"), arena);
  out->scale = (uint8_t)scale;
  err_t err =
      wire_span (w->has_year_from, w->year_from, w->has_year_to, w->year_to, "year", arena, &out->year, why);
  return err == ERR_OK ? wire_unknown (&w->base, "outcome", arena, &out->unknown, why) : err;
}

Kc__Outcome *
outcome_to_wire (const outcome_t *o, arena_t *arena)
{
  Kc__Outcome *w = arena_alloc (arena, sizeof *w);
  if (w == NULL)
    return NULL;
  kc__outcome__init (w);
  w->has_district = o->district != 0;
  w->district = o->district;
  w->has_year_from = w->has_year_to = o->year.from != 0;
  w->year_from = o->year.from;
  w->year_to = o->year.to;
  w->has_value = o->value.has;
  w->value = o->value.v;
  w->has_scale = o->scale != 0;
  w->scale = o->scale;
  w->has_value_kind = o->value_kind != VALUE_NONE;
  w->value_kind = (Kc__ValueKind)o->value_kind;
  bool ok = texts_to_wire (outcome_texts, COUNT (outcome_texts), o, w, arena) &&
            pb_add_unknown (&w->base, o->unknown, arena);
  return ok ? w : NULL;
}
