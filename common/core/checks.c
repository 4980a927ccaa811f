#include "common/core/checks.h"
#include "common/core/catalogue_impl.h"

#include "common/base/lang.h"
#include "common/text/number.h"

#include <stdlib.h>

#define CHECKS "checks"
#define CEILINGS "ceilings"
#define WORDS "same_words"
#define STEPPED_OVER_MAX 32u

struct checks {
  data_check_t *check;
  ceiling_t *ceiling;
  size_t checks_n, ceilings_n, unknown_n;
  str_t unknown[STEPPED_OVER_MAX];
};

static const char *const kinds[CHECK_KIND_COUNT] = {[CHECK_NONE] = "",
                                                    [CHECK_RULE] = "rule",
                                                    [CHECK_CEILING] = "ceiling",
                                                    [CHECK_SUBSET] = "subset",
                                                    [CHECK_DUPLICATE] = "duplicate",
                                                    [CHECK_TWICE] = "twice",
                                                    [CHECK_OUTLIER] = "outlier",
                                                    [CHECK_UNIT] = "unit"};
static const char *const scopes[] = {"", "record", "office", "province"};
static const char *const severities[] = {"", "note", "warning"};

const char *
severity_name (severity_t s)
{
  return severities[s];
}

const char *
severity_words (severity_t s)
{
  return s == SEVERITY_NOTE ? L ("lưu ý", "note") : s == SEVERITY_WARNING ? L ("cảnh báo", "warning") : "";
}

/* ---- cells ---- */

/* Place of a word in a list whose first stands for none; -1: not among them. */
static int
word_of (str_t text, const char *const *words, size_t n)
{
  for (size_t i = 1; i < n; i++)
    if (str_is (text, words[i]))
      return (int)i;
  return -1;
}

static bool
number_of (str_t text, unsigned scale, int64_t high, int64_t *out)
{
  *out = 0;
  return str_blank (text) ||
         (number_parse (text, NUMBER_PLAIN, scale, out) == NUMBER_OK && *out >= 0 && *out <= high);
}

static bool
day_of (str_t text, date_t *out)
{
  *out = 0;
  return str_blank (text) || (date_parse (text, NUMBER_PLAIN, out) == NUMBER_OK && *out % 100 != 0);
}

/* The next of codes joined by ";". */
static bool
next_code (str_t list, size_t *at, str_t *code)
{
  if (str_blank (list) || *at >= list.n)
    return false;
  size_t from = *at, to = from;
  while (to < list.n && list.p[to] != ';')
    to++;
  *code = (str_t){list.p + from, to - from};
  *at = to + 1;
  return true;
}

static bool
items_known (const catalogue_t *c, str_t items)
{
  str_t code;
  for (size_t at = 0; next_code (items, &at, &code);)
    if (catalogue_item (c, code) == NULL)
      return false;
  return true;
}

typedef enum { ROW_GOOD, ROW_UNKNOWN, ROW_BAD } row_state_t;

/* *column: the one that is wrong. */
static row_state_t
read_check (const catalogue_t *c, size_t row, data_check_t *out, const char **column)
{
#define CELL(name) catalogue_section_cell (c, CHECKS, row, (*column = (name)))
  *out = (data_check_t){.id = CELL ("id")};
  if (str_blank (out->id) || out->id.n > CODE_MAX || !code_valid (out->id))
    return ROW_BAD;
  int kind = word_of (CELL ("kind"), kinds, CHECK_KIND_COUNT);
  if (kind < 0)
    return str_blank (CELL ("kind")) ? ROW_BAD : ROW_UNKNOWN;
  out->kind = (check_kind_t)kind;
  int scope = word_of (CELL ("scope"), scopes, sizeof scopes / sizeof scopes[0]);
  if (scope < 0)
    return ROW_BAD;
  out->scope = (check_scope_t)scope;
  int severity = word_of (CELL ("severity"), severities, sizeof severities / sizeof severities[0]);
  if (severity < 0)
    return ROW_BAD;
  out->severity = (severity_t)severity;
  str_t of = CELL ("of");
  if (out->kind == CHECK_RULE) {
    out->rule = reason_of_name (of);
    if (out->rule == REASON_NONE)
      return str_blank (of) ? ROW_BAD : ROW_UNKNOWN;
    if (!reason_soft (out->rule))
      return ROW_BAD;
  }
  out->of = kind_of_name (of);
  bool figures = out->kind == CHECK_OUTLIER || out->kind == CHECK_UNIT;
  if (figures && out->of != KIND_SCHEME && out->of != KIND_OUTCOME)
    return ROW_BAD;
  out->items = CELL ("items");
  if (!items_known (c, out->items))
    return ROW_BAD;
  if (!number_of (CELL ("threshold"), 0, 1000000, &out->threshold) ||
      (out->kind == CHECK_DUPLICATE && (out->threshold < 1 || out->threshold > 100)) ||
      (figures && out->threshold < 2))
    return ROW_BAD;
  if (!number_of (CELL ("tolerance"), 0, 1000000, &out->tolerance) ||
      (out->kind == CHECK_OUTLIER && out->tolerance < 1))
    return ROW_BAD;
  if (!number_of (CELL ("minimum"), 0, 1000000, &out->minimum) || (figures && out->minimum < 3))
    return ROW_BAD;
  if (!number_of (CELL ("years"), 0, YEAR_MAX - YEAR_MIN, &out->years))
    return ROW_BAD;
  if (!day_of (CELL ("valid_from"), &out->from) || !day_of (CELL ("valid_to"), &out->to) ||
      (out->to != 0 && out->to < out->from))
    return ROW_BAD;
  out->text_en = CELL ("text_en");
  out->source = CELL ("source");
  out->text_vi = CELL ("text_vi");
  return str_blank (out->text_vi) && out->kind != CHECK_RULE ? ROW_BAD : ROW_GOOD;
#undef CELL
}

static bool
read_ceiling (const catalogue_t *c, size_t row, ceiling_t *out, const char **column)
{
#define CELL(name) catalogue_section_cell (c, CEILINGS, row, (*column = (name)))
  *out = (ceiling_t){.item = CELL ("item"), .priority_tenths = 10};
  if (catalogue_item (c, out->item) == NULL)
    return false;
  str_t per = CELL ("per"), amount = CELL ("ceiling_vnd"), priority = CELL ("priority");
  *column = "per";
  out->each = str_is (per, "establishment");
  if (!out->each && !str_is (per, "scheme"))
    return false;
  *column = "ceiling_vnd";
  out->ceiling_vnd.has = !str_blank (amount);
  if (!number_of (amount, 0, AMOUNT_MAX, &out->ceiling_vnd.v))
    return false;
  *column = "priority";
  if (!str_blank (priority) &&
      (!number_of (priority, 1, 100, &out->priority_tenths) || out->priority_tenths < 10))
    return false;
  if (!number_of (CELL ("percent"), 0, 100, &out->percent) || !day_of (CELL ("from"), &out->from) ||
      !day_of (CELL ("to"), &out->to) || (out->to != 0 && out->to < out->from))
    return false;
  out->law = CELL ("law");
  return !str_blank (out->law);
#undef CELL
}

/* ---- what an import refuses ---- */

static err_t
refuse (const catalogue_t *c, const char *section, size_t row, const char *column, fail_t *fail)
{
  str_t cell = catalogue_section_cell (c, section, row, column);
  fail_set (fail, ERR_INPUT,
            L ("phần [%s]: “%.*s” không phải giá trị của cột %s; xem lại dòng này",
               "section [%s]: \"%.*s\" is no value of column %s; look again at this row"),
            section, STR_ARG (cell), column);
  fail_at (fail, NULL, catalogue_section_line (c, section, row),
           catalogue_section_column (c, section, column));
  return ERR_INPUT;
}

err_t
checks_check (const catalogue_t *c, fail_t *fail)
{
  data_check_t check;
  ceiling_t ceiling;
  const char *column = "";
  for (size_t i = 0; i < catalogue_section_rows (c, CHECKS); i++) {
    if (read_check (c, i, &check, &column) == ROW_BAD)
      return refuse (c, CHECKS, i, column, fail);
    for (size_t k = 0; k < i; k++)
      if (str_eq (catalogue_section_cell (c, CHECKS, k, "id"), check.id))
        return refuse (c, CHECKS, i, "id", fail);
  }
  for (size_t i = 0; i < catalogue_section_rows (c, CEILINGS); i++)
    if (!read_ceiling (c, i, &ceiling, &column))
      return refuse (c, CEILINGS, i, column, fail);
  for (size_t i = 0; i < catalogue_section_rows (c, WORDS); i++)
    if (str_blank (catalogue_section_cell (c, WORDS, i, "words")))
      return refuse (c, WORDS, i, "words", fail);
  return ERR_OK;
}

/* ---- the rows ---- */

checks_t *
checks_new (const catalogue_t *c)
{
  const char *column;
  size_t checks = catalogue_section_rows (c, CHECKS), ceilings = catalogue_section_rows (c, CEILINGS);
  checks_t *k = calloc (1, sizeof *k);
  if (k == NULL)
    return NULL;
  k->check = calloc (checks + 1, sizeof *k->check);
  k->ceiling = calloc (ceilings + 1, sizeof *k->ceiling);
  if (k->check == NULL || k->ceiling == NULL) {
    checks_destroy (&k);
    return NULL;
  }
  for (size_t i = 0; i < checks; i++) {
    row_state_t state = read_check (c, i, &k->check[k->checks_n], &column);
    if (state == ROW_GOOD)
      k->checks_n++;
    else if (k->unknown_n < STEPPED_OVER_MAX)
      k->unknown[k->unknown_n++] = catalogue_section_cell (c, CHECKS, i, "id");
  }
  for (size_t i = 0; i < ceilings; i++)
    if (read_ceiling (c, i, &k->ceiling[k->ceilings_n], &column))
      k->ceilings_n++;
  return k;
}

void
checks_destroy (checks_t **self_p)
{
  checks_t *k = *self_p;
  if (k == NULL)
    return;
  free (k->check);
  free (k->ceiling);
  free (k);
  *self_p = NULL;
}

const checks_t *
catalogue_checks (const catalogue_t *c)
{
  return c->checks;
}

const data_check_t *
checks_at (const checks_t *k, size_t i)
{
  return i < k->checks_n ? &k->check[i] : NULL;
}

const data_check_t *
checks_find (const checks_t *k, str_t id)
{
  for (size_t i = 0; i < k->checks_n; i++)
    if (str_eq (k->check[i].id, id))
      return &k->check[i];
  return NULL;
}

str_t
checks_unknown (const checks_t *k, size_t i)
{
  return i < k->unknown_n ? k->unknown[i] : STR_NONE;
}

bool
check_holds (const data_check_t *k, span_t years)
{
  return (k->from == 0 || years.to * 10000u + 1231u >= k->from) &&
         (k->to == 0 || years.from * 10000u + 101u <= k->to);
}

bool
check_of_item (const data_check_t *k, str_t item)
{
  str_t code;
  if (str_blank (k->items))
    return true;
  for (size_t at = 0; next_code (k->items, &at, &code);)
    if (str_eq (code, item))
      return true;
  return false;
}

bool
ceiling_of (const checks_t *k, str_t item, date_t from, date_t to, ceiling_t *out)
{
  bool any = false;
  for (size_t i = 0; i < k->ceilings_n; i++) {
    const ceiling_t *c = &k->ceiling[i];
    if (!str_eq (c->item, item) || (c->from != 0 && c->from > to) || (c->to != 0 && c->to < from))
      continue;
    if (!c->ceiling_vnd.has && c->percent == 0)
      return false;
    if (!any || !c->ceiling_vnd.has || (out->ceiling_vnd.has && c->ceiling_vnd.v > out->ceiling_vnd.v))
      *out = *c;
    any = true;
  }
  return any;
}

/* ---- a scheme and its ceiling ---- */

int64_t
scheme_money (const scheme_t *s)
{
  int64_t sum = 0;
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const funding_t *f = &s->funding[i];
    opt_i64_t line = s->status == STATUS_SETTLED && f->settled_vnd.has ? f->settled_vnd
                     : f->approved_vnd.has                             ? f->approved_vnd
                                                                       : f->planned_vnd;
    sum += line.has && line.v > 0 && line.v <= AMOUNT_MAX ? line.v : 0;
  }
  return sum;
}

bool
scheme_above_ceiling (const checks_t *k, const scheme_t *s, above_ceiling_t *out)
{
  ceiling_t c;
  date_t from = s->plan_year.from * 10000u + 101u, to = s->plan_year.to * 10000u + 1231u;
  int64_t most = INT64_MAX, cost = s->investment_vnd.has ? s->investment_vnd.v : 0;
  *out = (above_ceiling_t){.support_vnd = scheme_money (s)};
  if (s->approved_on % 100 != 0 && s->approved_on / 100 % 100 != 0)
    from = to = s->approved_on;
  if (out->support_vnd == 0 || !ceiling_of (k, s->item, from, to, &c))
    return false;
  if (c.each && s->kind == SCHEME_GROUP && s->beneficiaries_n == 0)
    return false; /* for whom and how many is not known yet */
  if (c.ceiling_vnd.has)
    most = c.ceiling_vnd.v * (c.each && s->beneficiaries_n > 1 ? (int64_t)s->beneficiaries_n : 1);
  bool share = c.percent > 0 && cost > 0 && cost <= AMOUNT_MAX && cost / 100 * c.percent < most;
  if (share)
    most = cost / 100 * c.percent;
  out->ceiling_vnd = most;
  out->law = c.law;
  out->priority = !share && most < INT64_MAX && out->support_vnd <= most / 10 * c.priority_tenths;
  return out->support_vnd > most;
}

/* ---- words ---- */

void
check_words (const data_check_t *k, const str_t arguments[REASON_ARGS], const catalogue_t *labels, buf_t *out)
{
  str_t text = lang_get () == LANG_EN && !str_blank (k->text_en) ? k->text_en : k->text_vi;
  if (k->kind == CHECK_RULE && str_blank (text)) {
    reason_t r = {.code = k->rule, .column = -1};
    for (int i = 0; i < REASON_ARGS; i++)
      r.arg[i] = arguments[i];
    reason_words_in (&r, labels, KIND_NONE, out);
    return;
  }
  for (size_t i = 0; i < text.n; i++) {
    size_t left = text.n - i;
    bool place = left >= 3 && text.p[i] == '{' && text.p[i + 1] >= '0' && text.p[i + 1] < '0' + REASON_ARGS;
    bool plain = place && text.p[i + 2] == '}',
         grouped = place && left >= 4 && memcmp (text.p + i + 2, "n}", 2) == 0;
    if (!plain && !grouped) {
      buf_putc (out, text.p[i]);
      continue;
    }
    str_t a = arguments[text.p[i + 1] - '0'];
    if (grouped)
      words_put_digits (a, out);
    else
      buf_put (out, a.p, a.n);
    i += grouped ? 3 : 2;
  }
}
