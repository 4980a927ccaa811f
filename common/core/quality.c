/* quality.c - records in, findings out; checks of one record alone are made as it comes. */
#include "common/core/quality_private.h"
#include "common/core/validate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ARENA_BUDGET ((size_t)4 << 30)
#define SCRATCH_BUDGET (4u << 20)

/* ---- facts and flags ---- */

uint64_t
facts_number (uint64_t h, int64_t v)
{
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++)
    bytes[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
  return hash_more (h, bytes, sizeof bytes);
}

uint64_t
facts_text (uint64_t h, str_t s)
{
  return hash_more (facts_number (h, (int64_t)s.n), s.p, s.n);
}

static void
flag_name (uint64_t facts, char out[FLAG_ID_MAX])
{
  static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
  uint64_t h = hash_end (facts);
  for (size_t i = 0; i < FLAG_ID_MAX - 1; i++)
    out[i] = digits[h >> (59 - 5 * i) & 31u];
  out[FLAG_ID_MAX - 1] = '\0';
}

str_t
quality_digits (quality_t *q, int64_t v)
{
  char text[24];
  int n = snprintf (text, sizeof text, "%" PRId64, v);
  return arena_str (q->arena, (str_t){text, (size_t)n});
}

err_t
quality_find (quality_t *q, const data_check_t *k, severity_t severity, const subject_t *const subjects[],
              size_t subjects_n, uint64_t facts, str_t arguments[][REASON_ARGS])
{
  CHECK (subjects_n >= 1 && subjects_n <= SUBJECTS_MAX);
  if (q->findings_n >= FINDINGS_MAX) {
    q->dropped++;
    return ERR_OK;
  }
  finding_t *grown = array_room (q->finding, q->findings_n, &q->findings_cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  q->finding = grown;
  finding_t *f = &grown[q->findings_n];
  *f = (finding_t){.check = k, .severity = severity, .subjects_n = subjects_n};
  uint64_t h = facts_text (HASH_START, k->id);
  for (size_t i = 0; i < subjects_n; i++) {
    f->subject[i] = *subjects[i];
    h = hash_more (h, subjects[i]->id.b, sizeof subjects[i]->id.b);
    for (int a = 0; a < REASON_ARGS; a++) {
      f->argument[i][a] = arguments[i][a].p != NULL ? arena_str (q->arena, arguments[i][a]) : STR_NONE;
      if (arguments[i][a].p != NULL && f->argument[i][a].p == NULL)
        return ERR_NOMEM;
    }
  }
  flag_name (facts_number (h, (int64_t)facts), f->flag);
  q->findings_n++;
  return ERR_OK;
}

/* ---- life ---- */

static const data_check_t *
check_of (const quality_t *q, check_kind_t kind)
{
  const data_check_t *k;
  for (size_t i = 0; (k = checks_at (q->k, i)) != NULL; i++)
    if (k->kind == kind && k->scope <= q->widest)
      return k;
  return NULL;
}

quality_t *
quality_new (const catalogue_t *c, check_scope_t widest)
{
  quality_t *q = calloc (1, sizeof *q);
  if (q == NULL)
    return NULL;
  q->c = c;
  q->k = catalogue_checks (c);
  q->widest = widest;
  q->arena = arena_new (ARENA_BUDGET);
  q->scratch = arena_new (SCRATCH_BUDGET);
  const data_check_t *alike = check_of (q, CHECK_DUPLICATE);
  q->similar = similar_new (c, (similar_limits_t){alike != NULL ? (unsigned)alike->threshold : 100u,
                                                  alike != NULL ? (unsigned)alike->tolerance : 0u});
  if (q->arena == NULL || q->scratch == NULL || q->similar == NULL)
    quality_destroy (&q);
  return q;
}

void
quality_destroy (quality_t **self_p)
{
  quality_t *q = *self_p;
  if (q == NULL)
    return;
  for (int i = 0; i < (int)KIND_COUNT; i++)
    columns_destroy (&q->columns[i]);
  similar_destroy (&q->similar);
  arena_destroy (&q->scratch);
  arena_destroy (&q->arena);
  free (q->scheme);
  free (q->helped);
  free (q->outcome);
  free (q->finding);
  free (q->pair);
  buf_free (&q->text);
  free (q);
  *self_p = NULL;
}

size_t
quality_dropped (const quality_t *q)
{
  return q->dropped;
}

/* ---- checks of one record ---- */

/* A record of no year is of any. */
static span_t
years_of (const record_t *r)
{
  return r->kind == KIND_SCHEME       ? r->u.scheme.plan_year
         : r->kind == KIND_OUTCOME    ? r->u.outcome.year
         : r->kind == KIND_CONSULTING ? r->u.consulting.year
         : r->kind == KIND_STAFF      ? r->u.staff.year
                                      : (span_t){0, YEAR_MAX};
}

/* The values a rule doubts: of the columns its sentence names, else the sentence's own words. */
static err_t
rule_facts (quality_t *q, const record_t *r, const reason_t *why, uint64_t *facts)
{
  columns_t **columns = &q->columns[r->kind];
  if (*columns == NULL)
    *columns = columns_new (r->kind, q->c);
  if (*columns == NULL)
    return ERR_NOMEM;
  *facts = HASH_START;
  for (int i = 0; i < REASON_ARGS; i++) {
    *facts = facts_text (*facts, why->arg[i]);
    int at = str_blank (why->arg[i]) ? -1 : columns_find (*columns, why->arg[i]);
    if (at < 0)
      continue;
    buf_clear (&q->text);
    column_get (columns_at (*columns, (size_t)at), r, q->c, &q->text);
    *facts = facts_text (*facts, buf_str (&q->text));
  }
  return buf_ok (&q->text) ? ERR_OK : ERR_NOMEM;
}

static err_t
apply_rules (quality_t *q, const subject_t *subject, const record_t *r)
{
  reasons_t found = {.arena = q->scratch};
  const data_check_t *k;
  err_t err = ERR_OK;
  if (check_of (q, CHECK_RULE) == NULL)
    return ERR_OK;
  (void)validate (q->c, NULL, r, STR_NONE, 0, &found);
  for (size_t i = 0; err == ERR_OK && (k = checks_at (q->k, i)) != NULL; i++) {
    if (k->kind != CHECK_RULE || k->scope > q->widest || !check_holds (k, years_of (r)))
      continue;
    for (uint32_t n = 0; err == ERR_OK && n < found.n; n++) {
      uint64_t facts = 0;
      if (found.at[n].code != k->rule)
        continue;
      err = rule_facts (q, r, &found.at[n], &facts);
      if (err == ERR_OK)
        err = quality_find (q, k, k->severity, &subject, 1, facts, &found.at[n].arg);
    }
  }
  return err;
}

static err_t
apply_ceiling (quality_t *q, const data_check_t *k, const subject_t *subject, const scheme_t *s)
{
  above_ceiling_t above;
  if (!check_of_item (k, s->item) || !scheme_above_ceiling (q->k, s, &above))
    return ERR_OK;
  str_t arguments[1][REASON_ARGS] = {
      {quality_digits (q, above.support_vnd), quality_digits (q, above.ceiling_vnd), above.law}};
  uint64_t facts = facts_number (facts_number (HASH_START, above.support_vnd), above.ceiling_vnd);
  return quality_find (q, k, above.priority ? SEVERITY_NOTE : k->severity, &subject, 1, facts, arguments);
}

/* ---- what is kept for checks over all ---- */

static str_t
main_fund (const quality_t *q, const scheme_t *s)
{
  int64_t most = -1;
  str_t fund = STR_NONE;
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const funding_t *f = &s->funding[i];
    const source_t *source = catalogue_source (q->c, f->source);
    opt_i64_t line = f->approved_vnd.has ? f->approved_vnd : f->planned_vnd;
    if (source == NULL || !line.has || line.v <= most)
      continue;
    most = line.v;
    fund = source->fund;
  }
  return fund;
}

/* One whom the scheme to be kept next supports. */
static err_t
keep_helped (quality_t *q, str_t name)
{
  helped_t h = {.scheme = q->schemes_n};
  err_t err = similar_who (q->similar, name, &h.who);
  if (err != ERR_OK || h.who == 0)
    return err;
  helped_t *grown = array_room (q->helped, q->helped_n, &q->helped_cap, sizeof h);
  if (grown == NULL)
    return ERR_NOMEM;
  q->helped = grown;
  q->helped[q->helped_n++] = h;
  return ERR_OK;
}

static err_t
keep_scheme (quality_t *q, const subject_t *subject, const scheme_t *s)
{
  scheme_kept_t k = {
      .subject = *subject, .fund = main_fund (q, s), .years = s->plan_year, .money = scheme_money (s)};
  const item_t *item = catalogue_item (q->c, s->item);
  k.item = item != NULL ? item->code : arena_str (q->arena, s->item);
  k.alive = s->status != STATUS_REJECTED && s->status != STATUS_STOPPED && s->status != STATUS_WITHDRAWN;
  k.facts = facts_text (facts_text (HASH_START, s->name), s->beneficiary);
  for (uint32_t i = 0; i < s->beneficiaries_n; i++)
    k.facts = facts_text (k.facts, s->beneficiaries[i].name);
  k.facts = facts_number (facts_number (k.facts, s->plan_year.from * 10000 + s->plan_year.to), k.money);
  k.likeness = similar_count (q->similar);
  scheme_kept_t *grown = array_room (q->scheme, q->schemes_n, &q->schemes_cap, sizeof k);
  if (grown == NULL)
    return ERR_NOMEM;
  q->scheme = grown;
  err_t err = similar_add (q->similar, &(likeness_t){.name = s->name,
                                                     .beneficiary = s->beneficiary,
                                                     .item = s->item,
                                                     .years = s->plan_year,
                                                     .amount_vnd = k.money});
  if (err == ERR_OK)
    err = keep_helped (q, s->beneficiary);
  for (uint32_t i = 0; err == ERR_OK && i < s->beneficiaries_n; i++)
    err = keep_helped (q, s->beneficiaries[i].name);
  if (err == ERR_OK)
    q->scheme[q->schemes_n++] = k;
  return err;
}

static err_t
keep_outcome (quality_t *q, const subject_t *subject, const outcome_t *o)
{
  outcome_kept_t k = {.subject = *subject,
                      .indicator = catalogue_indicator (q->c, o->indicator),
                      .fund = arena_str (q->arena, o->fund),
                      .years = o->year,
                      .value = o->value.v,
                      .plan = o->value_kind == VALUE_PLAN};
  if (k.indicator == NULL || !o->value.has)
    return ERR_OK;
  outcome_kept_t *grown = array_room (q->outcome, q->outcomes_n, &q->outcomes_cap, sizeof k);
  if (grown == NULL)
    return ERR_NOMEM;
  q->outcome = grown;
  q->outcome[q->outcomes_n++] = k;
  return ERR_OK;
}

err_t
quality_add (quality_t *q, record_id_t id, wall_t since, const record_t *r)
{
  subject_t subject = {.id = id, .office = record_office (r), .since = since};
  const data_check_t *k;
  if (!kind_supported (r->kind))
    return ERR_OK;
  buf_clear (&q->text);
  record_key_text (r, q->c, &q->text);
  subject.key = buf_ok (&q->text) ? arena_str (q->arena, buf_str (&q->text)) : STR_NONE;
  subject.commune = arena_str (q->arena, record_commune (r));
  if (subject.key.p == NULL || (subject.commune.p == NULL && record_commune (r).p != NULL))
    return ERR_NOMEM;
  arena_reset (q->scratch);
  err_t err = apply_rules (q, &subject, r);
  if (r->kind == KIND_OUTCOME)
    return err == ERR_OK ? keep_outcome (q, &subject, &r->u.outcome) : err;
  if (r->kind != KIND_SCHEME)
    return err;
  for (size_t i = 0; err == ERR_OK && (k = checks_at (q->k, i)) != NULL; i++)
    if (k->kind == CHECK_CEILING && k->scope <= q->widest && check_holds (k, r->u.scheme.plan_year))
      err = apply_ceiling (q, k, &subject, &r->u.scheme);
  return err == ERR_OK ? keep_scheme (q, &subject, &r->u.scheme) : err;
}

/* ---- out ---- */

static int
by_check (const void *x, const void *y)
{
  const finding_t *a = x, *b = y;
  if (a->check != b->check)
    return a->check < b->check ? -1 : 1;
  int c = str_cmp (a->subject[0].key, b->subject[0].key);
  if (c == 0 && a->subjects_n > 1 && b->subjects_n > 1)
    c = str_cmp (a->subject[1].key, b->subject[1].key);
  return c != 0 ? c : strcmp (a->flag, b->flag);
}

static err_t
run_one (quality_t *q, const data_check_t *k)
{
  switch (k->kind) {
  case CHECK_SUBSET:
    return quality_subset (q, k);
  case CHECK_DUPLICATE:
    return quality_duplicates (q, k);
  case CHECK_TWICE:
    return quality_twice (q, k);
  case CHECK_OUTLIER:
  case CHECK_UNIT:
    return quality_figures (q, k);
  case CHECK_NONE:
  case CHECK_RULE:
  case CHECK_CEILING:
  case CHECK_KIND_COUNT:
    break;
  }
  return ERR_OK;
}

/* What is told first is not told again as something less: near-duplicates not as supported twice, figures in
 * a wrong unit not as unusual. */
static bool
tells_first (check_kind_t kind)
{
  return kind == CHECK_DUPLICATE || kind == CHECK_UNIT;
}

err_t
quality_run (quality_t *q, const finding_t **out, size_t *n)
{
  const data_check_t *k;
  err_t err = ERR_OK;
  for (int turn = 0; turn < 2; turn++)
    for (size_t i = 0; err == ERR_OK && (k = checks_at (q->k, i)) != NULL; i++)
      if (k->scope <= q->widest && tells_first (k->kind) == (turn == 0))
        err = run_one (q, k);
  if (err == ERR_OK && q->findings_n > 1)
    qsort (q->finding, q->findings_n, sizeof *q->finding, by_check);
  *out = q->finding;
  *n = q->findings_n;
  return err;
}
