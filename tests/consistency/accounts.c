/* accounts.c - records of the workload: as numbers, and as updates. */
#include "tests/consistency/conserved.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const items[ITEMS] = {"I.1", "II.2", "III.1", "III.3"};

bool
sums_same (const sums_t *a, const sums_t *b)
{
  return memcmp (a, b, sizeof *a) == 0;
}

void
sums_add (sums_t *to, const sums_t *more, int sign)
{
  to->support += sign * more->support;
  to->schemes += sign * more->schemes;
  to->schemes_all += sign * more->schemes_all;
  to->matching += sign * more->matching;
  to->value += sign * more->value;
  to->figures += sign * more->figures;
}

void
sums_say (const char *what, const sums_t *s)
{
  printf ("  %-10s support %" PRId64 " schemes %" PRId64 " of %" PRId64 " matching %" PRId64 " value %" PRId64
          " figures %" PRId64 "\n",
          what, s->support, s->schemes, s->schemes_all, s->matching, s->value, s->figures);
}

record_id_t
id_of_number (uint32_t n)
{
  return (record_id_t){
      .b = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, [15] = 1}};
}

uint32_t
number_of_id (record_id_t id)
{
  return (uint32_t)id.b[0] << 24 | (uint32_t)id.b[1] << 16 | (uint32_t)id.b[2] << 8 | id.b[3];
}

bool
account_counts_settled (const account_t *a)
{
  return a->status == STATUS_SETTLED;
}

/* All schemes of the workload that are not withdrawn count: from approved on, and no draft among them. */
sums_t
account_sums (const account_t *a)
{
  sums_t s = {0};
  if (a->withdrawn)
    return s;
  if (a->outcome)
    return (sums_t){.value = a->value, .figures = 1};
  s.schemes_all = 1;
  if (a->status < STATUS_APPROVED || a->status > STATUS_SETTLED)
    return s;
  s.schemes = 1;
  s.matching = a->matching;
  const int64_t *amounts = account_counts_settled (a) ? a->settled : a->approved;
  for (size_t i = 0; i < SOURCES; i++)
    s.support += amounts[i] > 0 ? amounts[i] : 0;
  return s;
}

static opt_i64_t
amount_of (int64_t v)
{
  return (opt_i64_t){v >= 0, v >= 0 ? v : 0};
}

static void
scheme_of (const account_t *a, made_t *out)
{
  scheme_t *s = &out->u.record.u.scheme;
  out->u.record.kind = KIND_SCHEME;
  s->code = str_of (out->code);
  s->name = STR ("Hỗ trợ máy móc");
  s->note = str_of (out->note);
  s->district = a->office;
  s->plan_year = (span_t){(uint16_t)(FIRST_YEAR + a->year), (uint16_t)(FIRST_YEAR + a->year)};
  s->item = str_of (items[a->item]);
  s->status = a->status;
  s->matching_vnd = amount_of (a->matching);
  for (size_t i = 0; i < SOURCES; i++)
    if (a->approved[i] >= 0 || a->settled[i] >= 0) {
      funding_t *f = &s->funding[s->funding_n++];
      f->source = (source_id_t)(i + 1);
      f->approved_vnd = amount_of (a->approved[i]);
      f->settled_vnd = amount_of (a->settled[i]);
    }
}

static void
outcome_of (const account_t *a, made_t *out)
{
  outcome_t *o = &out->u.record.u.outcome;
  out->u.record.kind = KIND_OUTCOME;
  o->indicator = STR ("I.1");
  o->fund = STR ("KCĐP");
  o->scheme_code = str_of (out->code);
  o->note = str_of (out->note);
  o->district = a->office;
  o->year = (span_t){(uint16_t)(FIRST_YEAR + a->year), (uint16_t)(FIRST_YEAR + a->year)};
  o->value = amount_of (a->value);
  o->value_kind = a->value_kind;
}

void
account_update (const account_t *a, operation_t operation, const char *comment, made_t *out)
{
  memset (&out->u, 0, sizeof out->u);
  snprintf (out->code, sizeof out->code, "DA-%u", (unsigned)a->n);
  snprintf (out->note, sizeof out->note, "%" PRIu64, a->note);
  out->u.id = id_of_number (a->id);
  out->u.home = a->home;
  out->u.operation = operation;
  out->u.base = a->version;
  out->u.person = STR ("Nguyễn Văn A");
  out->u.comment = str_of (comment);
  if (a->outcome)
    outcome_of (a, out);
  else
    scheme_of (a, out);
}

void
account_read (account_t *a, const update_t *u)
{
  const scheme_t *s = &u->record.u.scheme;
  a->withdrawn = u->operation == OP_WITHDRAW;
  a->office = s->district;
  a->status = s->status;
  a->year = s->plan_year.from - FIRST_YEAR;
  for (unsigned i = 0; i < ITEMS; i++)
    if (str_is (s->item, items[i]))
      a->item = i;
  a->matching = s->matching_vnd.v;
  a->note = 0;
  for (size_t i = 0; i < s->note.n; i++)
    a->note = a->note * 10 + (uint64_t)(s->note.p[i] - '0');
  for (size_t i = 0; i < SOURCES; i++)
    a->approved[i] = a->settled[i] = -1;
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const funding_t *f = &s->funding[i];
    a->approved[f->source - 1] = f->approved_vnd.has ? f->approved_vnd.v : -1;
    a->settled[f->source - 1] = f->settled_vnd.has ? f->settled_vnd.v : -1;
  }
}
