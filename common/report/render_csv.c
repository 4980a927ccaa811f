/* render_csv.c - annexes for machines: one row a cell that is not blank, as csv and as json. */
#include "common/report/render.h"

#include "common/text/csv.h"
#include "common/text/json.h"

#include <stdio.h>

#define FIELDS 6u

static const char *const names[FIELDS] = {"annex", "code", "year", "fund", "measure", "value"};

typedef struct {
  str_t field[FIELDS];
  measure_t measure;
} line_t;

typedef void (line_fn) (void *ctx, const line_t *line);

static str_t
year_text (const annex_column_t *c, char room[8])
{
  switch (c->period) {
  case COLUMN_YEAR:
    snprintf (room, 8, "%u", (unsigned)c->year);
    return str_of (room);
  case COLUMN_TOTAL:
    return STR ("total");
  case COLUMN_AVERAGE:
    return STR ("average");
  case COLUMN_STATUS:
  case COLUMN_NOTE:
    break;
  }
  return STR ("");
}

static void
each_line (const annex_table_t *t, buf_t *value, line_fn *fn, void *ctx)
{
  char year[8];
  for (size_t r = 0; r < t->rows; r++)
    for (size_t c = 0; c < t->columns; c++) {
      const annex_column_t *column = &t->column[c];
      if (!annex_cell (t, r, c)->has || column->period == COLUMN_NOTE)
        continue;
      buf_clear (value);
      annex_figure_exact (&t->row[r], column, annex_cell (t, r, c), value);
      fn (ctx, &(line_t){{str_of (annex_name (t->id)), t->row[r].code, year_text (column, year), column->fund,
                          str_of (measure_name (column->measure)), buf_str (value)},
                         column->measure});
    }
}

typedef struct {
  buf_t *out;
  bool excel, first;
} writer_t;

static void
csv_line (void *ctx, const line_t *line)
{
  writer_t *w = ctx;
  for (size_t i = 0; i < FIELDS; i++)
    csv_write_cell (w->out, line->field[i], i == 0, w->excel);
  csv_write_end (w->out, w->excel);
}

err_t
render_csv (const annex_table_t *tables, size_t n, const render_meta_t *m, buf_t *out)
{
  buf_t value = BUF_INIT;
  writer_t w = {.out = out, .excel = m->excel};
  csv_write_start (out, m->excel);
  for (size_t i = 0; i < FIELDS; i++)
    csv_write_cell (out, str_of (names[i]), i == 0, m->excel);
  csv_write_end (out, m->excel);
  for (size_t i = 0; i < n; i++)
    each_line (&tables[i], &value, csv_line, &w);
  err_t err = buf_ok (out) && buf_ok (&value) ? ERR_OK : ERR_NOMEM;
  buf_free (&value);
  return err;
}

/* đồng as a string of digits: a double would round them. */
static void
json_value (const line_t *line, buf_t *out)
{
  const bool money = line->measure == MEASURE_SUPPORT_VND || line->measure == MEASURE_REVENUE_VND;
  const str_t value = line->field[FIELDS - 1];
  if (!money && json_is_number (value))
    buf_put (out, value.p, value.n);
  else
    json_put_text (out, value);
}

static void
json_line (void *ctx, const line_t *line)
{
  writer_t *w = ctx;
  buf_puts (w->out, w->first ? "\n{" : ",\n{");
  w->first = false;
  for (size_t i = 0; i + 1 < FIELDS; i++) {
    json_put_text (w->out, str_of (names[i]));
    buf_putc (w->out, ':');
    json_put_text (w->out, line->field[i]);
    buf_putc (w->out, ',');
  }
  json_put_text (w->out, str_of (names[FIELDS - 1]));
  buf_putc (w->out, ':');
  json_value (line, w->out);
  buf_putc (w->out, '}');
}

err_t
render_json (const annex_table_t *tables, size_t n, const render_meta_t *m, buf_t *out)
{
  buf_t value = BUF_INIT;
  writer_t w = {.out = out, .first = true};
  buf_puts (out, "{\"position\":");
  json_put_text (out, m->position);
  buf_puts (out, ",\"seal\":");
  json_put_text (out, m->seal);
  buf_puts (out, ",\"rows\":[");
  for (size_t i = 0; i < n; i++)
    each_line (&tables[i], &value, json_line, &w);
  buf_puts (out, w.first ? "]}\n" : "\n]}\n");
  err_t err = buf_ok (out) && buf_ok (&value) ? ERR_OK : ERR_NOMEM;
  buf_free (&value);
  return err;
}
