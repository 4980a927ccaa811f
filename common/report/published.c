/* published.c - which files and columns a publication has, and how they are read.
 *
 * The columns of the totals carry the fund in their name, in plain letters: total_kcdp_schemes is the column
 * of KCĐP. In the table below "%" stands for it. */
#include "common/report/published.h"

#include "common/base/lang.h"
#include "common/text/csv.h"
#include "common/text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 4u
#define CELLS_BUDGET ((size_t)64 << 20)

typedef struct {
  const char *name; /* "%": the fund */
  printed_t period;
  measure_t measure;
} column_t;

typedef struct {
  annex_id_t annex;
  bool totals; /* a row holds totals and averages; else a year's figures, of the fund under `source` */
  const char *code;
  column_t column[COLUMNS_MAX];
} table_t;

const char *const published_files[] = {"annex_consulting.csv",
                                       "annex_consulting_published.csv",
                                       "annex_outcomes.csv",
                                       "annex_outcomes_published.csv",
                                       "annex_budget.csv",
                                       "annex_budget_published.csv",
                                       "annex_legal_documents.csv",
                                       "annex_staff.csv",
                                       NULL};

static const table_t tables[] = {
    {ANNEX_CONSULTING,
     false,
     "code",
     {{"projects", PRINTED_YEAR, MEASURE_PROJECTS},
      {"revenue_million_vnd", PRINTED_YEAR, MEASURE_REVENUE_VND}}},
    {ANNEX_CONSULTING,
     true,
     "code",
     {{"total_projects", PRINTED_TOTAL, MEASURE_PROJECTS},
      {"total_revenue_million_vnd", PRINTED_TOTAL, MEASURE_REVENUE_VND},
      {"avg_projects_per_year", PRINTED_AVERAGE, MEASURE_PROJECTS},
      {"avg_revenue_million_vnd_per_year", PRINTED_AVERAGE, MEASURE_REVENUE_VND}}},
    {ANNEX_OUTCOMES, false, "code", {{"value", PRINTED_YEAR, MEASURE_VALUE}}},
    {ANNEX_OUTCOMES,
     true,
     "code",
     {{"total_%", PRINTED_TOTAL, MEASURE_VALUE}, {"avg_%", PRINTED_AVERAGE, MEASURE_VALUE}}},
    {ANNEX_BUDGET,
     false,
     "code",
     {{"schemes", PRINTED_YEAR, MEASURE_SCHEMES}, {"amount_million_vnd", PRINTED_YEAR, MEASURE_SUPPORT_VND}}},
    {ANNEX_BUDGET,
     true,
     "code",
     {{"total_%_schemes", PRINTED_TOTAL, MEASURE_SCHEMES},
      {"total_%_amount_million_vnd", PRINTED_TOTAL, MEASURE_SUPPORT_VND},
      {"avg_%_schemes", PRINTED_AVERAGE, MEASURE_SCHEMES},
      {"avg_%_amount_million_vnd", PRINTED_AVERAGE, MEASURE_SUPPORT_VND}}},
    {ANNEX_DOCUMENTS, false, "no", {{"status_en", PRINTED_STATUS, MEASURE_STATUS}}},
    {ANNEX_STAFF, false, "code", {{"value", PRINTED_YEAR, MEASURE_VALUE}}},
};

struct published {
  const catalogue_t *c;
  arena_t *arena;
  published_cell_t *cell;
  size_t cells, cells_cap;
  bool read[ANNEX_COUNT][2];
  span_t years[ANNEX_COUNT]; /* of each table; [ANNEX_NONE]: of all */
};

published_t *
published_new (const catalogue_t *c)
{
  published_t *p = calloc (1, sizeof *p);
  if (p == NULL)
    return NULL;
  p->c = c;
  p->arena = arena_new (CELLS_BUDGET);
  if (p->arena == NULL)
    published_destroy (&p);
  return p;
}

void
published_destroy (published_t **self_p)
{
  if (*self_p == NULL)
    return;
  arena_destroy (&(*self_p)->arena);
  free ((*self_p)->cell);
  free (*self_p);
  *self_p = NULL;
}

bool
published_has (const published_t *p, annex_id_t a, bool totals)
{
  return p->read[a][totals];
}

span_t
published_years (const published_t *p, annex_id_t a)
{
  return p->years[a].from != 0 ? p->years[a] : p->years[ANNEX_NONE];
}

const published_cell_t *
published_at (const published_t *p, size_t i)
{
  return i < p->cells ? &p->cell[i] : NULL;
}

const published_cell_t *
published_find (const published_t *p, annex_id_t a, str_t code, printed_t period, uint16_t year, str_t fund,
                measure_t m)
{
  for (size_t i = 0; i < p->cells; i++) {
    const published_cell_t *k = &p->cell[i];
    if (k->annex == a && k->period == period && k->measure == m &&
        (period != PRINTED_YEAR || k->year == year) && str_eq (k->code, code) && str_eq (k->fund, fund))
      return k;
  }
  return NULL;
}

/* ---- one cell ---- */

/* Digits with a point before the decimals, as printed: 147.552 is a hundred and forty-seven, not a grouping.
 */
static bool
read_figure (str_t text, int64_t *v, uint8_t *decimals)
{
  int64_t sum = 0;
  size_t after = 0, digits = 0;
  bool point = false;
  for (size_t i = 0; i < text.n; i++) {
    const char c = text.p[i];
    if (c == '.' && !point && digits > 0) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9' || ++digits > 18 || (point && ++after > PUBLISHED_SCALE))
      return false;
    sum = sum * 10 + (c - '0');
  }
  for (size_t i = after; i < PUBLISHED_SCALE; i++)
    if (__builtin_mul_overflow (sum, INT64_C (10), &sum))
      return false;
  *v = sum;
  *decimals = (uint8_t)after;
  return digits > 0 && (!point || after > 0);
}

static err_t
bad_cell (const csv_cell_t *cell, fail_t *fail, const char *what)
{
  fail_set (fail, ERR_INPUT, "“%.*s”: %s", STR_ARG (cell->text), what);
  fail_at (fail, NULL, cell->line, cell->column);
  return ERR_INPUT;
}

static err_t
keep_cell (published_t *p, published_cell_t k, const csv_cell_t *from, fail_t *fail)
{
  if (k.period == PRINTED_STATUS) {
    if (document_status_of_name (from->text) == DOCUMENT_NONE)
      return bad_cell (from, fail,
                       L ("tình trạng văn bản là issued, drafting hoặc not_started",
                          "a document is issued, drafting or not_started"));
  } else if (!read_figure (from->text, &k.v, &k.decimals)) {
    return bad_cell (
        from, fail,
        L ("không phải là số; hãy viết chữ số, dấu chấm trước phần thập phân, nhiều nhất sáu chữ "
           "số thập phân",
           "no number; write digits, a point before at most six decimals"));
  }
  if (k.period != PRINTED_UNDATED &&
      published_find (p, k.annex, k.code, k.period, k.year, k.fund, k.measure) != NULL)
    return bad_cell (from, fail,
                     L ("ô này đã có ở một dòng trên", "this cell stands in a line above already"));
  published_cell_t *grown = array_room (p->cell, p->cells, &p->cells_cap, sizeof *grown);
  k.code = arena_str (p->arena, k.code);
  k.fund = arena_str (p->arena, k.fund);
  k.text = arena_str (p->arena, from->text);
  if (grown != NULL)
    p->cell = grown;
  if (grown == NULL || k.code.p == NULL || k.text.p == NULL)
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  p->cell[p->cells++] = k;
  return ERR_OK;
}

/* ---- one table ---- */

typedef struct {
  size_t at; /* its cell in a row */
  column_t column;
  str_t fund;
} place_t;

typedef struct {
  const table_t *table;
  size_t code, year, source; /* NONE: the table has none */
  place_t *place;            /* figures */
  size_t places, places_cap, width;
} header_t;

#define NONE SIZE_MAX

static size_t
find_column (const csv_row_t *row, const char *name)
{
  for (size_t i = 0; i < row->n; i++)
    if (str_is (row->cell[i].text, name))
      return i;
  return NONE;
}

static err_t
need_column (const csv_row_t *row, const char *name, size_t *out, fail_t *fail)
{
  *out = find_column (row, name);
  if (*out != NONE)
    return ERR_OK;
  fail_set (fail, ERR_INPUT, L ("thiếu cột “%s”", "column \"%s\" is missing"), name);
  fail_at (fail, NULL, row->line, 0);
  return ERR_INPUT;
}

static err_t
add_place (header_t *h, const csv_row_t *row, const char *name, column_t column, str_t fund, fail_t *fail)
{
  place_t *grown = array_room (h->place, h->places, &h->places_cap, sizeof *grown);
  if (grown == NULL)
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  h->place = grown;
  place_t *place = &h->place[h->places];
  *place = (place_t){.column = column, .fund = fund};
  err_t err = need_column (row, name, &place->at, fail);
  h->places += err == ERR_OK;
  return err;
}

/* A column a fund of the catalogue: "%" is its name folded to plain letters. */
static err_t
add_fund_places (const published_t *p, header_t *h, const csv_row_t *row, column_t column, fail_t *fail)
{
  const source_t *s;
  buf_t name = BUF_INIT;
  const char *mark = strchr (column.name, '%');
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && (s = catalogue_source_at (p->c, i)) != NULL; i++) {
    bool before = str_blank (s->fund);
    for (size_t j = 0; j < i; j++)
      before = before || str_eq (catalogue_source_at (p->c, j)->fund, s->fund);
    if (before)
      continue;
    buf_clear (&name);
    buf_put (&name, column.name, (size_t)(mark - column.name));
    if (!utf8_fold (s->fund, &name))
      err = ERR_NOMEM;
    buf_puts (&name, mark + 1);
    if (err == ERR_OK)
      err = add_place (h, row, buf_z (&name), column, s->fund, fail);
  }
  buf_free (&name);
  return err;
}

static err_t
read_header (const published_t *p, header_t *h, const csv_row_t *row, fail_t *fail)
{
  const table_t *t = h->table;
  const bool dated = !t->totals && t->annex != ANNEX_DOCUMENTS;
  h->width = row->n;
  h->year = h->source = NONE;
  err_t err = need_column (row, t->code, &h->code, fail);
  if (err == ERR_OK && dated)
    err = need_column (row, "year", &h->year, fail);
  if (err == ERR_OK && dated && (t->annex == ANNEX_BUDGET || t->annex == ANNEX_OUTCOMES))
    err = need_column (row, "source", &h->source, fail);
  for (size_t i = 0; err == ERR_OK && i < COLUMNS_MAX && t->column[i].name != NULL; i++)
    err = strchr (t->column[i].name, '%') != NULL
              ? add_fund_places (p, h, row, t->column[i], fail)
              : add_place (h, row, t->column[i].name, t->column[i], STR_NONE, fail);
  return err;
}

static void
note_year (span_t *years, uint16_t year)
{
  if (years->from == 0 || year < years->from)
    years->from = year;
  if (year > years->to)
    years->to = year;
}

static err_t
read_year (published_t *p, const csv_cell_t *cell, published_cell_t *k, fail_t *fail)
{
  span_t s;
  if (str_blank (cell->text)) {
    k->period = PRINTED_UNDATED;
    return ERR_OK;
  }
  if (!span_parse (cell->text, &s) || s.from != s.to)
    return bad_cell (cell, fail, L ("không phải là năm", "no year"));
  k->year = s.from;
  note_year (&p->years[ANNEX_NONE], s.from);
  note_year (&p->years[k->annex], s.from);
  return ERR_OK;
}

static err_t
read_row (published_t *p, const header_t *h, const csv_row_t *row, fail_t *fail)
{
  published_cell_t k = {.annex = h->table->annex};
  if (row->n != h->width) {
    fail_set (fail, ERR_INPUT, L ("dòng có %zu ô, dòng tiêu đề có %zu", "%zu cells, the header has %zu"),
              row->n, h->width);
    fail_at (fail, NULL, row->line, 0);
    return ERR_INPUT;
  }
  k.code = row->cell[h->code].text;
  if (str_blank (k.code))
    return bad_cell (&row->cell[h->code], fail, L ("thiếu mã", "the code is missing"));
  if (h->source != NONE) {
    k.fund = row->cell[h->source].text;
    if (!catalogue_is_fund (p->c, k.fund))
      return bad_cell (&row->cell[h->source], fail,
                       L ("danh mục không có nguồn này", "the catalogue has no such fund"));
  }
  printed_t period = PRINTED_YEAR;
  err_t err = h->year != NONE ? read_year (p, &row->cell[h->year], &k, fail) : ERR_OK;
  period = k.period;
  for (size_t i = 0; err == ERR_OK && i < h->places; i++) {
    const place_t *place = &h->place[i];
    const csv_cell_t *cell = &row->cell[place->at];
    k.period = place->column.period == PRINTED_YEAR ? period : place->column.period;
    k.measure = place->column.measure;
    if (h->source == NONE)
      k.fund = place->fund;
    if (!str_blank (cell->text))
      err = keep_cell (p, k, cell, fail);
  }
  return err;
}

err_t
published_read (published_t *p, size_t file, str_t bytes, fail_t *fail)
{
  CHECK (file < sizeof tables / sizeof tables[0]);
  header_t h = {.table = &tables[file]};
  csv_row_t row = {0};
  csv_t *csv = csv_open (bytes, fail);
  err_t err = csv != NULL ? csv_next (csv, &row, fail) : fail->err;
  if (err == ERR_END)
    err = fail_set (fail, ERR_INPUT, "%s", L ("tệp không có dòng nào", "the file has no rows"));
  if (err == ERR_OK)
    err = read_header (p, &h, &row, fail);
  while (err == ERR_OK && (err = csv_next (csv, &row, fail)) == ERR_OK)
    err = read_row (p, &h, &row, fail);
  if (err == ERR_END) {
    p->read[h.table->annex][h.table->totals] = true;
    err = ERR_OK;
  }
  free (h.place);
  csv_destroy (&csv);
  return err;
}
