/* query_parse.c - "year,source" and "district=549,year=2019" to a query; which grouping answers it.
 *
 * The family (schemes or outcomes) follows from the dimensions named: one that only outcomes have makes it a
 * question about outcomes, and naming both is an error with words, never an empty answer. */
#include "common/base/lang.h"
#include "common/core/query_impl.h"
#include "common/core/units.h"

#include <stdlib.h>

#define SCHEME_DIMS                                                                                          \
  (DIM_BIT (DIM_CATEGORY) | DIM_BIT (DIM_ITEM) | DIM_BIT (DIM_SOURCE) | DIM_BIT (DIM_STATUS) |               \
   DIM_BIT (DIM_KIND))
#define NOT_CONSULTING_DIMS (SCHEME_DIMS | OUTCOME_DIMS | DIM_BIT (DIM_FUND))
#define OUTCOME_DIMS (DIM_BIT (DIM_INDICATOR) | DIM_BIT (DIM_VALUE_KIND) | DIM_BIT (DIM_PERIOD))

static str_t
trim (str_t s)
{
  while (s.n > 0 && s.p[0] == ' ')
    s = (str_t){s.p + 1, s.n - 1};
  while (s.n > 0 && s.p[s.n - 1] == ' ')
    s.n--;
  return s;
}

/* Takes the part up to the next comma; false when nothing is left. */
static bool
take_part (str_t *in, str_t *part)
{
  if (in->p == NULL)
    return false;
  size_t n = 0;
  while (n < in->n && in->p[n] != ',')
    n++;
  *part = trim ((str_t){in->p, n});
  *in = n < in->n ? (str_t){in->p + n + 1, in->n - n - 1} : STR_NONE;
  return true;
}

static err_t
find_dim (str_t name, dim_t *out, fail_t *fail)
{
  if (dim_of_name (name, out))
    return ERR_OK;
  return fail_set (
      fail, ERR_USAGE,
      L ("không có chiều “%.*s”; dùng: year, category, item, source, fund, district (office), status, "
         "kind; với kết quả: indicator, year, district, fund, value_kind, period; với tư vấn: service, year",
         "no dimension \"%.*s\"; use year, category, item, source, fund, district (office), status, "
         "kind; for outcomes indicator, year, district, fund, value_kind, period; for consulting service, "
         "year"),
      STR_ARG (name));
}

static err_t
named_twice (str_t name, fail_t *fail)
{
  return fail_set (fail, ERR_USAGE,
                   L ("chiều “%.*s” được nêu hai lần; hãy bỏ bớt một lần",
                      "dimension \"%.*s\" is named twice; leave one out"),
                   STR_ARG (name));
}

static err_t
parse_by (query_t *q, str_t by, fail_t *fail)
{
  str_t part;
  uint32_t seen = 0;
  if (str_blank (trim (by)))
    return ERR_OK;
  while (take_part (&by, &part)) {
    dim_t d;
    err_t err = find_dim (part, &d, fail);
    if (err != ERR_OK)
      return err;
    if (seen & DIM_BIT (d))
      return named_twice (part, fail);
    seen |= DIM_BIT (d);
    q->by_name[q->by_n] = str_is (part, "office") ? "office" : dim_name (d);
    q->by[q->by_n++] = d;
  }
  return ERR_OK;
}

/* Resolves a code of the catalogue to what atoms carry. An empty value asks for what has none. */
static bool
resolve (const query_t *q, dim_t d, str_t value, condition_t *out)
{
  const source_t *source;
  const unit_t *unit;
  switch (d) {
  case DIM_YEAR:
    return span_parse (value, &out->year);
  case DIM_CATEGORY:
    return catalogue_category (q->c, value) != NULL;
  case DIM_ITEM:
    return catalogue_item (q->c, value) != NULL;
  case DIM_INDICATOR:
    return catalogue_indicator (q->c, value) != NULL;
  case DIM_FUND:
    return value.n == 0 || catalogue_is_fund (q->c, value);
  case DIM_SERVICE:
    return catalogue_service (q->c, value) != NULL;
  case DIM_PERIOD:
    return true;
  case DIM_SOURCE:
    source = catalogue_source_by_code (q->c, value);
    out->number = source != NULL ? source->id : 0;
    return value.n == 0 || source != NULL;
  case DIM_DISTRICT:
    unit = catalogue_unit_by_code (q->c, value);
    out->number = unit != NULL ? unit->id : 0;
    return unit != NULL;
  case DIM_STATUS:
    out->number = (uint32_t)status_of_name (value);
    return out->number != 0;
  case DIM_KIND:
    out->number = (uint32_t)scheme_kind_of_name (value);
    return value.n == 0 || out->number != 0;
  case DIM_VALUE_KIND:
    out->number = (uint32_t)value_kind_of_name (value);
    return out->number != 0;
  case DIM_COUNT:
    break;
  }
  UNREACHABLE ();
}

static err_t
parse_condition (query_t *q, str_t part, fail_t *fail)
{
  size_t n = 0;
  dim_t d;
  while (n < part.n && part.p[n] != '=')
    n++;
  if (n == part.n)
    return fail_set (fail, ERR_USAGE,
                     L ("điều kiện “%.*s” thiếu dấu “=”; viết như district=549",
                        "condition \"%.*s\" lacks \"=\"; write it as district=549"),
                     STR_ARG (part));
  str_t name = trim ((str_t){part.p, n}), value = trim ((str_t){part.p + n + 1, part.n - n - 1});
  err_t err = find_dim (name, &d, fail);
  if (err != ERR_OK)
    return err;
  condition_t *w = &q->where[d];
  if (w->given)
    return named_twice (name, fail);
  w->given = true;
  w->text = arena_str (q->arena, value);
  if (w->text.p == NULL)
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  if (resolve (q, d, value, w))
    return ERR_OK;
  return fail_set (fail, ERR_INPUT,
                   L ("“%.*s” không phải giá trị của chiều %s; xem mã trong danh mục",
                      "\"%.*s\" is not a value of dimension %s; see the codes in the catalogue"),
                   STR_ARG (value), dim_name (d));
}

static uint32_t
dims_named (const query_t *q)
{
  uint32_t dims = 0;
  for (size_t i = 0; i < q->by_n; i++)
    dims |= DIM_BIT (q->by[i]);
  for (unsigned d = 0; d < DIM_COUNT; d++)
    if (q->where[d].given)
      dims |= DIM_BIT (d);
  return dims;
}

static err_t
find_family (query_t *q, fail_t *fail)
{
  uint32_t dims = dims_named (q);
  bool scheme = (dims & SCHEME_DIMS) != 0, outcome = (dims & OUTCOME_DIMS) != 0;
  if (scheme && outcome)
    return fail_set (
        fail, ERR_USAGE, "%s",
        L ("category, item, source, status, kind là chiều của đề án; indicator, value_kind, period là "
           "chiều của kết quả: không dùng chung trong một câu hỏi",
           "category, item, source, status and kind are dimensions of schemes; indicator, value_kind "
           "and period of outcomes: one question cannot use both"));
  if (outcome && (dims & DIM_BIT (DIM_INDICATOR)) == 0)
    return fail_set (
        fail, ERR_USAGE, "%s",
        L ("tổng của kết quả cần chiều indicator (trong --by hoặc --where): mỗi chỉ tiêu một đơn vị tính",
           "totals of outcomes need the dimension indicator (in --by or --where): each indicator has a "
           "unit of its own"));
  const bool consulting = (dims & DIM_BIT (DIM_SERVICE)) != 0;
  if (consulting && (dims & NOT_CONSULTING_DIMS) != 0)
    return fail_set (
        fail, ERR_USAGE, "%s",
        L ("service là chiều của dự án tư vấn: chỉ dùng cùng year và district",
           "service is a dimension of consulting projects: it goes with year and district only"));
  q->family = outcome ? FAMILY_OUTCOME : consulting ? FAMILY_CONSULTING : FAMILY_SCHEME;
  q->plans_too = (dims & DIM_BIT (DIM_VALUE_KIND)) != 0;
  return ERR_OK;
}

query_t *
query_parse (str_t by, str_t where, const catalogue_t *c, fail_t *fail)
{
  str_t part;
  query_t *q = calloc (1, sizeof *q);
  if (q != NULL)
    q->arena = arena_new (SIZE_MAX / 4);
  if (q == NULL || q->arena == NULL) {
    fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
    query_destroy (&q);
    return NULL;
  }
  q->c = c;
  err_t err = parse_by (q, by, fail);
  if (!str_blank (trim (where)))
    while (err == ERR_OK && take_part (&where, &part))
      err = parse_condition (q, part, fail);
  if (err == ERR_OK)
    err = find_family (q, fail);
  if (err != ERR_OK)
    query_destroy (&q);
  return q;
}

uint32_t
query_dims (const query_t *q)
{
  uint32_t dims = dims_named (q);
  if (dims & DIM_BIT (DIM_CATEGORY))
    dims = (dims & ~DIM_BIT (DIM_CATEGORY)) | DIM_BIT (DIM_ITEM);
  if (q->family == FAMILY_SCHEME && (dims & DIM_BIT (DIM_FUND)))
    dims = (dims & ~DIM_BIT (DIM_FUND)) | DIM_BIT (DIM_SOURCE);
  if (q->family == FAMILY_OUTCOME)
    dims |= DIM_BIT (DIM_VALUE_KIND);
  if (q->today != 0 && q->family == FAMILY_SCHEME && (dims & DIM_BIT (DIM_DISTRICT)) &&
      unit_communes_decide (q->c, q->today))
    dims |= DIM_BIT (DIM_COUNT); /* which no grouping has */
  return dims;
}

const grouping_t *
query_grouping (const query_t *q)
{
  return grouping_covering (q->family, query_dims (q));
}
