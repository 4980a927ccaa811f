/* narrative_csv.c - the narrative's figures for machines. */
#include "common/report/narrative_private.h"
#include "common/text/csv.h"
#include "common/text/json.h"

#include <stdlib.h>

#define ARENA_BUDGET ((size_t)16 << 20)
#define LINES_OF_TARGET 4u

typedef struct {
  str_t fact, section, unit;
  const fact_t *value;
} line_t;

typedef void (line_fn) (void *ctx, const line_t *line);

static int
by_fact (const void *a, const void *b)
{
  return str_cmp (((const line_t *)a)->fact, ((const line_t *)b)->fact);
}

/* T03, T03.percent, T03.period, T03.progress. False: no memory. */
static bool
target_lines (const target_t *t, arena_t *arena, line_t *out)
{
  const struct {
    const char *suffix;
    const fact_t *value;
    str_t unit;
  } lines[LINES_OF_TARGET] = {{"", &t->value, t->unit_vi},
                              {".percent", &t->progress_share, STR ("%")},
                              {".period", &t->period, t->unit_vi},
                              {".progress", &t->progress, t->unit_vi}};
  bool ok = true;
  for (size_t i = 0; i < LINES_OF_TARGET; i++) {
    str_t name = layout_text (arena, "%.*s%s", STR_ARG (t->id), lines[i].suffix);
    out[i] = (line_t){name, t->section, lines[i].unit, lines[i].value};
    ok = ok && name.p != NULL;
  }
  return ok;
}

/* Sorted, as all that machines read. */
static err_t
each_line (const narrative_t *n, line_fn *fn, void *ctx)
{
  arena_t *arena = arena_new (ARENA_BUDGET);
  line_t *line = arena != NULL
                     ? arena_alloc (arena, (n->facts + n->targets * LINES_OF_TARGET + 1) * sizeof *line)
                     : NULL;
  size_t lines = 0;
  bool ok = line != NULL;
  for (size_t i = 0; ok && i < n->facts; i++)
    if (n->fact[i].kind != FACT_HELPER)
      line[lines++] = (line_t){n->fact[i].id, n->fact[i].section, n->fact[i].unit_vi, &n->fact[i]};
  for (size_t i = 0; ok && i < n->targets; i++)
    if (n->target[i].measurable) {
      ok = target_lines (&n->target[i], arena, &line[lines]);
      lines += LINES_OF_TARGET;
    }
  if (ok)
    qsort (line, lines, sizeof *line, by_fact);
  for (size_t i = 0; ok && i < lines; i++)
    fn (ctx, &line[i]);
  arena_destroy (&arena);
  return ok ? ERR_OK : ERR_NOMEM;
}

typedef struct {
  buf_t *out;
  buf_t value;
  bool excel, first;
} writer_t;

static err_t
writer_end (writer_t *w, err_t err)
{
  if (!buf_ok (w->out) || !buf_ok (&w->value))
    err = ERR_NOMEM;
  buf_free (&w->value);
  return err;
}

static void
csv_line (void *ctx, const line_t *line)
{
  writer_t *w = ctx;
  buf_clear (&w->value);
  fact_exact (line->value, &w->value);
  csv_write_cell (w->out, line->fact, true, w->excel);
  csv_write_cell (w->out, line->section, false, w->excel);
  csv_write_cell (w->out, buf_str (&w->value), false, w->excel);
  csv_write_cell (w->out, line->unit, false, w->excel);
  csv_write_end (w->out, w->excel);
}

err_t
narrative_csv (const narrative_t *n, buf_t *out)
{
  static const char *const names[] = {"fact", "section", "value", "unit"};
  writer_t w = {.out = out, .value = BUF_INIT, .excel = n->meta.excel};
  csv_write_start (out, w.excel);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    csv_write_cell (out, str_of (names[i]), i == 0, w.excel);
  csv_write_end (out, w.excel);
  return writer_end (&w, each_line (n, csv_line, &w));
}

static void
put_member (buf_t *out, const char *name, str_t value, bool last)
{
  buf_printf (out, "\"%s\":", name);
  json_put_text (out, value);
  if (!last)
    buf_putc (out, ',');
}

static void
json_line (void *ctx, const line_t *line)
{
  writer_t *w = ctx;
  const fact_t *f = line->value;
  buf_clear (&w->value);
  fact_exact (f, &w->value);
  buf_puts (w->out, w->first ? "\n{" : ",\n{");
  w->first = false;
  put_member (w->out, "fact", line->fact, false);
  put_member (w->out, "section", line->section, false);
  buf_puts (w->out, "\"value\":");
  if (f->gap != GAP_NONE)
    buf_puts (w->out, "null");
  else if (f->text_vi.p == NULL && json_is_number (buf_str (&w->value)))
    buf_put (w->out, w->value.p, w->value.n);
  else
    json_put_text (w->out, buf_str (&w->value));
  buf_putc (w->out, ',');
  put_member (w->out, "unit", line->unit, true);
  buf_putc (w->out, '}');
}

err_t
narrative_json (const narrative_t *n, buf_t *out)
{
  writer_t w = {.out = out, .value = BUF_INIT, .first = true};
  buf_putc (out, '{');
  put_member (out, "position", n->meta.position, false);
  put_member (out, "seal", n->meta.seal, false);
  buf_puts (out, "\"rows\":[");
  err_t err = each_line (n, json_line, &w);
  buf_puts (out, w.first ? "]}\n" : "\n]}\n");
  return writer_end (&w, err);
}
