/* facts_parse.c - section [facts] of a catalogue: what each figure of the report is computed from.
 *
 * Conditions are those of `totals`, read by the same code, so a fact cannot name what the catalogue does not
 * have. Whatever is wrong is refused where it stands: the catalogue is checked before it is taken, not when
 * the first report is wanted. */
#include "common/base/lang.h"
#include "common/report/facts_private.h"
#include "common/report/section.h"

#include <stdlib.h>

#define SECTION "facts"
#define DECIMALS_MAX 6
#define DIGITS_MAX 4
#define SCALE_MAX 9

typedef struct {
  section_row_t row;
  facts_t *facts; /* those above the row */
} reader_t;

bool
facts_next_part (str_t *rest, char separator, str_t *part)
{
  size_t n = 0;
  if (str_blank (*rest))
    return false;
  while (n < rest->n && rest->p[n] != separator)
    n++;
  *part = (str_t){rest->p, n};
  *rest = n < rest->n ? (str_t){rest->p + n + 1, rest->n - n - 1} : STR_NONE;
  return true;
}

/* ---- rules over other facts ---- */

static err_t
unknown_fact (const reader_t *r, const char *column, str_t id)
{
  return section_refuse (
      &r->row, column,
      L ("số liệu “%.*s” không có ở các dòng phía trên", "fact \"%.*s\" stands on no line above"),
      STR_ARG (id));
}

/* The facts a cell names: all above this one, numbers, and no quotients. */
static err_t
read_facts (const reader_t *r, const char *column, size_t *out, size_t *n)
{
  str_t rest = section_cell (&r->row, column), id;
  while (facts_next_part (&rest, '+', &id)) {
    size_t at;
    if (!facts_find (r->facts, id, &at))
      return unknown_fact (r, column, id);
    const fact_rule_t *of = &r->facts->rule[at];
    if (of->rule != RULE_TOTAL && of->rule != RULE_SUM)
      return section_refuse (&r->row, column,
                             L ("“%.*s” không phải là một tổng nên không tính tiếp được",
                                "\"%.*s\" is no total, so nothing can be computed from it"),
                             STR_ARG (id));
    if (*n == FACT_PARTS_MAX)
      return section_refuse (&r->row, column, L ("quá %u số liệu", "more than %u facts"), FACT_PARTS_MAX);
    out[(*n)++] = at;
  }
  if (*n > 0)
    return ERR_OK;
  return section_refuse (&r->row, column, "%s", L ("phải nêu mã số liệu", "must name a fact"));
}

static err_t
read_one_fact (const reader_t *r, const char *column, size_t *out)
{
  size_t found[FACT_PARTS_MAX] = {0}, n = 0;
  err_t err = read_facts (r, column, found, &n);
  if (err == ERR_OK && n > 1)
    err = section_refuse (&r->row, column, "%s", L ("chỉ được nêu một số liệu", "must name one fact only"));
  if (err == ERR_OK)
    *out = found[0];
  return err;
}

/* ---- a total ---- */

static err_t
read_year (const reader_t *r, fact_rule_t *out)
{
  str_t text = section_cell (&r->row, "year");
  span_t span;
  if (str_blank (text))
    return ERR_OK;
  out->last = str_is (text, "last");
  if (out->last)
    return ERR_OK;
  if (!span_parse (text, &span) || span.from != span.to)
    return section_refuse (&r->row, "year",
                           L ("“%.*s” phải là một năm hoặc last", "\"%.*s\" must be a year or the word last"),
                           STR_ARG (text));
  out->year = span.from;
  return ERR_OK;
}

static err_t
read_total (const reader_t *r, str_t measure, fact_rule_t *out)
{
  str_t where = section_cell (&r->row, "where");
  fail_t why = {0};
  int64_t scale;
  out->query = query_parse (STR (""), where, r->row.c, &why);
  if (out->query == NULL)
    return why.err == ERR_NOMEM ? fail_set (r->row.fail, ERR_NOMEM, "%s", why.text)
                                : section_refuse (&r->row, "where", "%s", why.text);
  if (!query_measure (out->query, measure, &out->measure))
    return section_refuse (
        &r->row, "measure",
        L ("không có số đo “%.*s” cho điều kiện “%.*s” (value cần indicator=…)",
           "there is no measure \"%.*s\" for the conditions \"%.*s\" (value needs indicator=…)"),
        STR_ARG (measure), STR_ARG (where));
  err_t err = section_number (&r->row, "scale", 0, SCALE_MAX, &scale);
  if (err == ERR_OK)
    err = read_year (r, out);
  const indicator_t *indicator = query_indicator (out->query);
  out->additive = indicator == NULL || indicator->additive;
  out->fact.indicator = indicator != NULL ? indicator->code : STR_NONE;
  out->fact.scale = (int)scale + (indicator != NULL ? indicator->scale : 0);
  out->fact.den = 1;
  return err;
}

/* ---- a row ---- */

static err_t
read_kind (const reader_t *r, fact_rule_t *out)
{
  static const char *const names[FACT_KIND_COUNT] = {"quantity", "period", "reference", "helper"};
  str_t text = section_cell (&r->row, "kind");
  for (unsigned k = 0; k < FACT_KIND_COUNT; k++)
    if (str_is (text, names[k])) {
      out->fact.kind = (fact_kind_t)k;
      return ERR_OK;
    }
  return section_refuse (&r->row, "kind",
                         L ("“%.*s” phải là quantity, period, reference hoặc helper",
                            "\"%.*s\" must be quantity, period, reference or helper"),
                         STR_ARG (text));
}

static err_t
read_text (const reader_t *r, fact_rule_t *out)
{
  out->fact.text_vi = section_cell (&r->row, "text_vi");
  out->fact.text_en = section_cell (&r->row, "text_en");
  if (str_blank (out->fact.text_vi))
    return section_refuse (&r->row, "text_vi", "%s",
                           L ("ô này không được để trống", "this cell must not be blank"));
  if (str_blank (out->fact.text_en))
    out->fact.text_en = out->fact.text_vi;
  str_t year = section_cell (&r->row, "year");
  if (!str_blank (year) && !span_parse (year, &out->valid))
    return section_refuse (
        &r->row, "year",
        L ("“%.*s” phải là một năm hoặc 2014-2020", "\"%.*s\" must be a year or like 2014-2020"),
        STR_ARG (year));
  return ERR_OK;
}

static err_t
read_rule (const reader_t *r, fact_rule_t *out)
{
  static const struct {
    const char *name;
    rule_t rule;
  } rules[] = {{"share", RULE_SHARE},           {"average", RULE_AVERAGE}, {"sum", RULE_SUM},
               {"year_of", RULE_YEAR_OF},       {"years", RULE_YEARS},     {"text", RULE_TEXT},
               {"year_count", RULE_YEAR_COUNT}, {NULL, RULE_TOTAL}};
  str_t measure = section_cell (&r->row, "measure");
  size_t i = 0;
  while (rules[i].name != NULL && !str_is (measure, rules[i].name))
    i++;
  out->rule = rules[i].rule;
  err_t err = ERR_OK;
  switch (out->rule) {
  case RULE_TOTAL:
    return read_total (r, measure, out);
  case RULE_TEXT:
    return read_text (r, out);
  case RULE_SUM:
    return read_facts (r, "of", out->of, &out->of_n);
  case RULE_SHARE:
    err = read_one_fact (r, "over", &out->over);
    return err == ERR_OK ? read_one_fact (r, "of", out->of) : err;
  case RULE_AVERAGE:
    return read_one_fact (r, "of", out->of);
  case RULE_YEAR_OF: /* whose total may stand below */
  case RULE_YEARS:
  case RULE_YEAR_COUNT:
    return ERR_OK;
  }
  UNREACHABLE ();
}

static err_t
read_row (const reader_t *r, fact_rule_t *out)
{
  int64_t decimals = 0, digits = 0;
  size_t twin;
  err_t err = section_code (&r->row, "id", &out->fact.id);
  if (err == ERR_OK && facts_find (r->facts, out->fact.id, &twin))
    err = section_refuse (
        &r->row, "id", L ("mã “%.*s” đã có ở một dòng trên", "code \"%.*s\" stands on a line above already"),
        STR_ARG (out->fact.id));
  out->fact.section = section_cell (&r->row, "section");
  out->fact.unit_vi = section_cell (&r->row, "unit_vi");
  out->fact.unit_en = section_cell (&r->row, "unit_en");
  out->parts = section_cell (&r->row, "parts");
  if (err == ERR_OK)
    err = read_kind (r, out);
  if (err == ERR_OK)
    err = read_rule (r, out);
  if (err == ERR_OK)
    err = section_number (&r->row, "decimals", 0, DECIMALS_MAX, &decimals);
  if (err == ERR_OK)
    err = section_number (&r->row, "digits", 0, DIGITS_MAX, &digits);
  out->fact.quotient = out->rule == RULE_SHARE || out->rule == RULE_AVERAGE;
  out->fact.decimals = (uint8_t)decimals;
  out->fact.digits = (uint8_t)digits;
  return err;
}

/* ---- what may stand below ---- */

static err_t
check_parts (const reader_t *r, str_t lists)
{
  str_t list, id;
  size_t at;
  while (facts_next_part (&lists, '|', &list))
    while (facts_next_part (&list, '+', &id))
      if (!facts_find (r->facts, id, &at))
        return section_refuse (&r->row, "parts", L ("không có số liệu “%.*s”", "there is no fact \"%.*s\""),
                               STR_ARG (id));
  return ERR_OK;
}

/* A total waits for no other fact, so it may be asked for its years from above. */
static err_t
find_year_of (const reader_t *r, fact_rule_t *out)
{
  str_t id = section_cell (&r->row, "of");
  if (facts_find (r->facts, id, &out->of[0]) && r->facts->rule[out->of[0]].rule == RULE_TOTAL)
    return ERR_OK;
  return section_refuse (&r->row, "of",
                         L ("“%.*s” phải là mã của một tổng theo năm", "\"%.*s\" must be a total by years"),
                         STR_ARG (id));
}

static err_t
check_rows (reader_t *r)
{
  err_t err = ERR_OK;
  for (r->row.row = 0; err == ERR_OK && r->row.row < r->facts->n; r->row.row++) {
    fact_rule_t *rule = &r->facts->rule[r->row.row];
    err = check_parts (r, rule->parts);
    if (err == ERR_OK && rule->rule == RULE_YEAR_OF)
      err = find_year_of (r, rule);
  }
  return err;
}

err_t
facts_read (const catalogue_t *c, facts_t **out, fail_t *fail)
{
  size_t rows = catalogue_section_rows (c, SECTION);
  facts_t *self = calloc (1, sizeof *self);
  if (self != NULL)
    self->rule = calloc (rows + 1, sizeof *self->rule);
  err_t err = self != NULL && self->rule != NULL ? ERR_OK : ERR_NOMEM;
  reader_t r = {{c, SECTION, 0, fail}, self};
  for (; err == ERR_OK && r.row.row < rows; r.row.row++) {
    err = read_row (&r, &self->rule[r.row.row]);
    self->n = r.row.row + 1; /* a row that was refused may hold a query */
  }
  if (err == ERR_OK)
    err = check_rows (&r);
  if (err != ERR_OK) {
    facts_destroy (&self);
    return fail_set (fail, err, "%s", err_words (err));
  }
  *out = self;
  return ERR_OK;
}

void
facts_destroy (facts_t **self_p)
{
  facts_t *self = *self_p;
  if (self == NULL)
    return;
  for (size_t i = 0; i < self->n; i++)
    query_destroy (&self->rule[i].query);
  free (self->rule);
  free (self);
  *self_p = NULL;
}

size_t
facts_count (const facts_t *self)
{
  return self->n;
}

bool
facts_find (const facts_t *self, str_t id, size_t *index)
{
  for (size_t i = 0; i < self->n; i++)
    if (str_eq (self->rule[i].fact.id, id)) {
      *index = i;
      return true;
    }
  return false;
}
