/* quality_groups.c - checks that need more than one record: parts and wholes, pairs, and what is usual. */
#include "common/core/quality_private.h"
#include "common/text/number.h"

#include <stdlib.h>

static int
compare (int64_t a, int64_t b)
{
  return (a > b) - (a < b);
}

static int
compare_ids (record_id_t a, record_id_t b)
{
  return memcmp (a.b, b.b, sizeof a.b);
}

/* ---- a part above its whole ---- */

/* Figures of one office, years, fund and kind stand together, in them those of one indicator. */
static int
same_place (const outcome_kept_t *a, const outcome_kept_t *b)
{
  int c = compare (a->subject.office, b->subject.office);
  c = c != 0 ? c : compare (a->years.from, b->years.from);
  c = c != 0 ? c : compare (a->years.to, b->years.to);
  c = c != 0 ? c : str_cmp (a->fund, b->fund);
  return c != 0 ? c : compare (a->plan, b->plan);
}

static int
by_place (const void *x, const void *y)
{
  const outcome_kept_t *a = x, *b = y;
  int c = same_place (a, b);
  c = c != 0 ? c : str_cmp (a->indicator->code, b->indicator->code);
  return c != 0 ? c : compare_ids (a->subject.id, b->subject.id);
}

typedef struct {
  int64_t sum;
  bool over; /* more than can be counted: not judged */
  size_t n;
} sum_t;

static sum_t
sum_at (const outcome_kept_t *from, size_t n, str_t indicator)
{
  sum_t s = {.sum = 0};
  for (size_t i = 0; i < n; i++) {
    if (!str_eq (from[i].indicator->code, indicator))
      continue;
    s.over = s.over || __builtin_add_overflow (s.sum, from[i].value, &s.sum);
    s.n++;
  }
  return s;
}

static str_t
in_unit (quality_t *q, int64_t value, const indicator_t *i)
{
  buf_clear (&q->text);
  number_format_plain (value, i->scale, i->decimals, &q->text);
  return arena_str (q->arena, buf_str (&q->text));
}

static err_t
subset_place (quality_t *q, const data_check_t *k, const outcome_kept_t *at, size_t n)
{
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    const indicator_t *part = at[i].indicator, *whole;
    bool first = i == 0 || at[i - 1].indicator != part;
    if (!first || !part->subset || !check_holds (k, at[i].years) ||
        (whole = catalogue_indicator (q->c, part->parent)) == NULL ||
        !str_eq (whole->unit_vi, part->unit_vi) || whole->scale != part->scale)
      continue;
    sum_t of_part = sum_at (at, n, part->code), of_whole = sum_at (at, n, whole->code);
    if (of_whole.n == 0 || of_part.over || of_whole.over || of_part.sum <= of_whole.sum)
      continue;
    const subject_t *subject = &at[i].subject;
    str_t arguments[1][REASON_ARGS] = {
        {in_unit (q, of_part.sum, part), in_unit (q, of_whole.sum, whole), whole->code}};
    uint64_t facts = facts_number (facts_number (HASH_START, of_part.sum), of_whole.sum);
    err = quality_find (q, k, k->severity, &subject, 1, facts, arguments);
  }
  return err;
}

err_t
quality_subset (quality_t *q, const data_check_t *k)
{
  err_t err = ERR_OK;
  if (q->outcomes_n > 1)
    qsort (q->outcome, q->outcomes_n, sizeof *q->outcome, by_place);
  for (size_t i = 0, n; err == ERR_OK && i < q->outcomes_n; i += n) {
    for (n = 1; i + n < q->outcomes_n && same_place (&q->outcome[i], &q->outcome[i + n]) == 0;)
      n++;
    err = subset_place (q, k, &q->outcome[i], n);
  }
  return err;
}

/* ---- pairs of schemes ---- */

static str_t
office_of (const quality_t *q, unit_id_t id)
{
  const unit_t *u = catalogue_unit (q->c, id);
  return u != NULL ? u->name : STR ("?");
}

/* One flag for both, each told of the other. third: what is said to both. */
static err_t
find_pair (quality_t *q, const data_check_t *k, const scheme_kept_t *a, const scheme_kept_t *b, str_t third)
{
  if (str_cmp (a->subject.key, b->subject.key) > 0) {
    const scheme_kept_t *other = a;
    a = b;
    b = other;
  }
  const subject_t *subjects[] = {&a->subject, &b->subject};
  str_t arguments[2][REASON_ARGS] = {{b->subject.key, office_of (q, b->subject.office), third},
                                     {a->subject.key, office_of (q, a->subject.office), third}};
  uint64_t facts = facts_number (facts_number (HASH_START, (int64_t)a->facts), (int64_t)b->facts);
  return quality_find (q, k, k->severity, subjects, 2, facts, arguments);
}

typedef struct {
  quality_t *q;
  const data_check_t *k;
} pairing_t;

static uint64_t
pair_number (size_t a, size_t b)
{
  return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

static err_t
alike_pair (void *ctx, size_t a, size_t b)
{
  pairing_t *p = ctx;
  quality_t *q = p->q;
  const scheme_kept_t *x = &q->scheme[a], *y = &q->scheme[b];
  if (!x->alive || !y->alive || !check_holds (p->k, x->years) || !check_of_item (p->k, x->item))
    return ERR_OK;
  uint64_t *grown = array_room (q->pair, q->pairs_n, &q->pairs_cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  q->pair = grown;
  q->pair[q->pairs_n++] = pair_number (a, b);
  return find_pair (q, p->k, x, y, quality_digits (q, x->money < y->money ? y->money : x->money));
}

err_t
quality_duplicates (quality_t *q, const data_check_t *k)
{
  pairing_t p = {q, k};
  err_t err = similar_index (q->similar);
  return err == ERR_OK ? similar_pairs (q->similar, alike_pair, &p) : err;
}

typedef struct {
  uint64_t who;
  const scheme_kept_t *s;
} ranked_t;

static int
by_who (const void *x, const void *y)
{
  const ranked_t *p = x, *r = y;
  const scheme_kept_t *a = p->s, *b = r->s;
  if (p->who != r->who)
    return p->who < r->who ? -1 : 1;
  int c = str_cmp (a->item, b->item);
  c = c != 0 ? c : compare (a->years.from, b->years.from);
  return c != 0 ? c : compare_ids (a->subject.id, b->subject.id);
}

static int
by_pair (const void *x, const void *y)
{
  uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
  return (a > b) - (a < b);
}

static bool
told (const quality_t *q, size_t a, size_t b)
{
  uint64_t pair = pair_number (a, b);
  return q->pairs_n > 0 && bsearch (&pair, q->pair, q->pairs_n, sizeof pair, by_pair) != NULL;
}

/* Each pair once, whatever they have in common. */
static err_t
find_pairs (quality_t *q, const data_check_t *k, uint64_t *pair, size_t n)
{
  err_t err = ERR_OK;
  if (n > 1)
    qsort (pair, n, sizeof *pair, by_pair);
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    const scheme_kept_t *a = &q->scheme[pair[i] >> 32], *b = &q->scheme[pair[i] & UINT32_MAX];
    if (i == 0 || pair[i] != pair[i - 1])
      err = find_pair (q, k, a, b, a->item);
  }
  return err;
}

err_t
quality_twice (quality_t *q, const data_check_t *k)
{
  ranked_t *at = calloc (q->helped_n + 1, sizeof *at);
  uint64_t *pair = calloc (q->helped_n + 1, sizeof *pair);
  size_t n = 0, pairs = 0;
  err_t err = at != NULL && pair != NULL ? ERR_OK : ERR_NOMEM;
  for (size_t i = 0; err == ERR_OK && i < q->helped_n; i++) {
    const scheme_kept_t *s = &q->scheme[q->helped[i].scheme];
    if (s->alive && check_holds (k, s->years) && check_of_item (k, s->item))
      at[n++] = (ranked_t){q->helped[i].who, s};
  }
  if (n > 1)
    qsort (at, n, sizeof *at, by_who);
  if (q->pairs_n > 1)
    qsort (q->pair, q->pairs_n, sizeof *q->pair, by_pair);
  for (size_t i = 1; err == ERR_OK && i < n; i++) {
    const scheme_kept_t *a = at[i - 1].s, *b = at[i].s;
    if (a != b && at[i - 1].who == at[i].who && str_eq (a->item, b->item) &&
        b->years.from <= a->years.to + k->years &&
        !told (q, (size_t)(a - q->scheme), (size_t)(b - q->scheme)))
      pair[pairs++] = pair_number ((size_t)(a - q->scheme), (size_t)(b - q->scheme));
  }
  if (err == ERR_OK)
    err = find_pairs (q, k, pair, pairs);
  free (at);
  free (pair);
  return err;
}

/* ---- what is usual ---- */

/* A figure in its group: amounts of an item and fund, values of an indicator. */
typedef struct {
  str_t group, fund;
  int64_t value;
  const subject_t *subject;
  const indicator_t *indicator; /* NULL: đồng */
  bool *unit_told;
} figure_t;

static int
by_group (const void *x, const void *y)
{
  const figure_t *a = x, *b = y;
  int c = str_cmp (a->group, b->group);
  c = c != 0 ? c : str_cmp (a->fund, b->fund);
  c = c != 0 ? c : compare (a->value, b->value);
  return c != 0 ? c : compare_ids (a->subject->id, b->subject->id);
}

static int
by_value (const void *x, const void *y)
{
  return compare (*(const int64_t *)x, *(const int64_t *)y);
}

typedef struct {
  size_t n;
  int64_t median, deviation; /* deviation: the median distance from the median */
} usual_t;

static int64_t
distance (int64_t a, int64_t b)
{
  return a > b ? a - b : b - a;
}

/* scratch: room for n. Even numbers of figures have their lower middle. */
static usual_t
usual_of (const figure_t *at, size_t n, int64_t *scratch)
{
  usual_t u = {.n = n};
  for (size_t i = 0; i < n; i++)
    scratch[i] = at[i].value;
  qsort (scratch, n, sizeof *scratch, by_value);
  u.median = scratch[(n - 1) / 2];
  for (size_t i = 0; i < n; i++)
    scratch[i] = distance (at[i].value, u.median);
  qsort (scratch, n, sizeof *scratch, by_value);
  u.deviation = scratch[(n - 1) / 2];
  return u;
}

/* Off by a factor; an outlier must also stand far outside what the others differ by, at least by a quarter.
 */
static bool
off (const data_check_t *k, int64_t value, const usual_t *u)
{
  int64_t high = value > u->median ? value : u->median, low = value > u->median ? u->median : value;
  int64_t spread = u->deviation > u->median / 4 ? u->deviation : u->median / 4;
  if (low <= 0 || high / low < k->threshold)
    return false;
  return k->kind == CHECK_UNIT || value < u->median || distance (value, u->median) / k->tolerance > spread;
}

/* Of a figure in a wrong unit that is said, and not that it is far from the others as well. */
static err_t
judge_group (quality_t *q, const data_check_t *k, const figure_t *at, size_t n, const usual_t *u)
{
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    const figure_t *f = &at[i];
    if (!off (k, f->value, u) || (k->kind == CHECK_OUTLIER && *f->unit_told))
      continue;
    *f->unit_told = *f->unit_told || k->kind == CHECK_UNIT;
    str_t arguments[1][REASON_ARGS] = {
        {f->indicator != NULL ? in_unit (q, f->value, f->indicator) : quality_digits (q, f->value),
         f->indicator != NULL ? in_unit (q, u->median, f->indicator) : quality_digits (q, u->median),
         f->group}};
    err = quality_find (q, k, k->severity, &f->subject, 1, facts_number (HASH_START, f->value), arguments);
  }
  return err;
}

static size_t
gather (quality_t *q, const data_check_t *k, figure_t *out)
{
  size_t n = 0;
  for (size_t i = 0; k->of == KIND_SCHEME && i < q->schemes_n; i++) {
    scheme_kept_t *s = &q->scheme[i];
    if (s->money > 0 && s->alive && check_holds (k, s->years) && check_of_item (k, s->item))
      out[n++] = (figure_t){s->item, s->fund, s->money, &s->subject, NULL, &s->unit_told};
  }
  for (size_t i = 0; k->of == KIND_OUTCOME && i < q->outcomes_n; i++) {
    outcome_kept_t *o = &q->outcome[i];
    if (o->value > 0 && !o->plan && check_holds (k, o->years))
      out[n++] = (figure_t){o->indicator->code, STR_NONE, o->value, &o->subject, o->indicator, &o->unit_told};
  }
  if (n > 1)
    qsort (out, n, sizeof *out, by_group);
  return n;
}

err_t
quality_figures (quality_t *q, const data_check_t *k)
{
  size_t most = q->schemes_n + q->outcomes_n + 1;
  figure_t *at = calloc (most, sizeof *at);
  int64_t *scratch = calloc (most, sizeof *scratch);
  err_t err = at != NULL && scratch != NULL ? ERR_OK : ERR_NOMEM;
  size_t n = err == ERR_OK ? gather (q, k, at) : 0;
  usual_t all = {.n = n};
  if (n > 0 && k->of == KIND_SCHEME)
    all = usual_of (at, n, scratch);
  for (size_t i = 0, run; err == ERR_OK && i < n; i += run) {
    for (run = 1; i + run < n && str_eq (at[i].group, at[i + run].group) &&
                  str_cmp (at[i].fund, at[i + run].fund) == 0;)
      run++;
    usual_t own = usual_of (at + i, run, scratch);
    /* an item with little behind it is measured by all schemes, for a wrong unit only */
    const usual_t *u = own.n >= (size_t)k->minimum                     ? &own
                       : k->kind == CHECK_UNIT && k->of == KIND_SCHEME ? &all
                                                                       : NULL;
    if (u != NULL && u->n >= (size_t)k->minimum)
      err = judge_group (q, k, at + i, run, u);
  }
  free (at);
  free (scratch);
  return err;
}
