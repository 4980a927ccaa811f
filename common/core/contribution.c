/* contribution.c - DESIGN 3, "What counts", as code.
 *
 * Two questions are kept apart. Where do the counts stand? On one source only, the main one: the
 * largest amount that counts now, or, of a scheme that does not count, the largest approved-else-planned
 * amount. How is the money split? Exactly as the funding lines say, each on its own source. A reported 0 is
 * an amount (blank is not zero): a scheme settled with 0 stands under its source. One with no amount that
 * counts stands on source 0, whose fund is empty. */
#include "common/core/contribution.h"

/* The amount of a line that decides the main source; for a scheme that counts it is its support. */
static opt_i64_t
line_amount (const funding_t *f, status_t status)
{
  if (!status_counts (status))
    return f->approved_vnd.has ? f->approved_vnd : f->planned_vnd;
  return status == STATUS_SETTLED ? f->settled_vnd : f->approved_vnd;
}

/* Lines stand in ascending order of source, so "greater" alone settles ties for the lowest id. */
static source_id_t
main_source (const scheme_t *s)
{
  source_id_t source = 0;
  int64_t most = -1;
  for (uint32_t i = 0; i < s->funding_n; i++) {
    opt_i64_t amount = line_amount (&s->funding[i], s->status);
    if (amount.has && amount.v > most) {
      most = amount.v;
      source = s->funding[i].source;
    }
  }
  return source;
}

static int64_t
given (opt_i64_t v)
{
  return v.has ? v.v : 0;
}

static void
add_counts (const scheme_t *s, atom_t *a)
{
  bool counts = status_counts (s->status);
  a->m[M_SCHEMES] = counts ? 1 : 0;
  a->m[M_SCHEMES_ALL] = 1;
  a->m[M_MATCHING_VND] = counts ? given (s->matching_vnd) : 0;
}

static size_t
scheme_atoms (const scheme_t *s, atom_t out[ATOMS_MAX])
{
  CHECK (s->funding_n <= FUNDING_MAX);
  const atom_t point = {.family = FAMILY_SCHEME,
                        .year = s->plan_year,
                        .district = s->district,
                        .commune = s->commune,
                        .item = s->item,
                        .status = s->status,
                        .kind = s->kind};
  bool counts = status_counts (s->status);
  source_id_t main_id = main_source (s);
  size_t n = 0;
  if (main_id == 0) {
    out[n] = point;
    add_counts (s, &out[n++]);
  }
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const funding_t *f = &s->funding[i];
    atom_t a = point;
    a.source = f->source;
    a.m[M_SUPPORT_VND] = counts ? given (line_amount (f, s->status)) : 0;
    a.m[M_PLANNED_VND] = given (f->planned_vnd);
    a.m[M_APPROVED_VND] = given (f->approved_vnd);
    a.m[M_SETTLED_VND] = given (f->settled_vnd);
    if (f->source == main_id && main_id != 0)
      add_counts (s, &a);
    else if ((a.m[M_SUPPORT_VND] | a.m[M_PLANNED_VND] | a.m[M_APPROVED_VND] | a.m[M_SETTLED_VND]) == 0)
      continue;
    out[n++] = a;
  }
  return n;
}

static size_t
outcome_atoms (const outcome_t *o, atom_t out[ATOMS_MAX])
{
  if (!o->value.has)
    return 0;
  out[0] = (atom_t){.family = FAMILY_OUTCOME,
                    .year = o->year,
                    .district = o->district,
                    .indicator = o->indicator,
                    .fund = o->fund,
                    .period = o->period,
                    .value_kind = o->value_kind};
  out[0].m[M_VALUE] = o->value.v;
  out[0].m[M_FIGURES] = 1;
  return 1;
}

static size_t
consulting_atoms (const consulting_t *s, atom_t out[ATOMS_MAX])
{
  out[0] =
      (atom_t){.family = FAMILY_CONSULTING, .year = s->year, .district = s->district, .service = s->service};
  out[0].m[M_PROJECTS] = 1;
  out[0].m[M_REVENUE_VND] = given (s->revenue_vnd);
  return 1;
}

size_t
contribution (const record_t *r, bool withdrawn, atom_t out[ATOMS_MAX])
{
  if (withdrawn)
    return 0;
  switch (r->kind) {
  case KIND_SCHEME:
    return scheme_atoms (&r->u.scheme, out);
  case KIND_OUTCOME:
    return outcome_atoms (&r->u.outcome, out);
  case KIND_CONSULTING:
    return consulting_atoms (&r->u.consulting, out);
  case KIND_NONE:
  case KIND_STAFF:
  case KIND_DOCUMENT:
  case KIND_SUBMISSION:
  case KIND_DECISION:
  case KIND_COUNT:
  case FORM_LEDGER:
  case FORM_BENEFICIARY:
  case FORM_END:
    break;
  }
  return 0;
}
