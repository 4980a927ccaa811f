#include "collector/cli/watch_cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define END '\x1f' /* after each part of a cell */

/* One cell as text: its dimensions and its measures, each part ended. */
typedef struct {
  char *dims, *measures;
  bool seen;
} cell_t;

struct watch_cells {
  format_t format;
  bool excel, begun;
  cell_t *at;
  size_t n, cap;
};

watch_cells_t *
watch_cells_new (format_t format, bool excel)
{
  watch_cells_t *self = calloc (1, sizeof *self);
  if (self != NULL) {
    self->format = format;
    self->excel = excel;
  }
  return self;
}

void
watch_cells_destroy (watch_cells_t **self_p)
{
  watch_cells_t *self = *self_p;
  if (self == NULL)
    return;
  for (size_t i = 0; i < self->n; i++) {
    free (self->at[i].dims);
    free (self->at[i].measures);
  }
  free (self->at);
  free (self);
  *self_p = NULL;
}

/* ---- cells ---- */

static char *
text_copy (const buf_t *b)
{
  char *p = buf_ok (b) ? malloc (b->n + 1) : NULL;
  if (p != NULL) {
    memcpy (p, b->p, b->n);
    p[b->n] = '\0';
  }
  return p;
}

static cell_t *
cell_for (watch_cells_t *self, buf_t *dims)
{
  const char *key = buf_z (dims);
  for (size_t i = 0; i < self->n; i++)
    if (strcmp (self->at[i].dims, key) == 0)
      return &self->at[i];
  cell_t *at = array_room (self->at, self->n, &self->cap, sizeof *at);
  if (at == NULL)
    return NULL;
  self->at = at;
  cell_t *c = &self->at[self->n];
  *c = (cell_t){.dims = text_copy (dims)};
  if (c->dims == NULL)
    return NULL;
  self->n++;
  return c;
}

static size_t
measures_shown (const watch_cells_t *self, const query_result_t *r, size_t dims)
{
  size_t n = r->columns - dims;
  return self->format == FORMAT_TABLE && n > WATCH_MEASURES ? WATCH_MEASURES : n;
}

static void
put_parts (const str_t *part, size_t n, buf_t *out)
{
  buf_clear (out);
  for (size_t i = 0; i < n; i++) {
    buf_put (out, part[i].p, part[i].n);
    buf_putc (out, END);
  }
}

/* ---- saying ---- */

static void
say_parts (table_t *t, const char *parts, bool dims)
{
  const char *end;
  for (; (end = strchr (parts, END)) != NULL; parts = end + 1) {
    str_t s = {parts, (size_t)(end - parts)};
    if (t != NULL)
      table_cell (t, s);
    else
      printf (" %.*s", dims && s.n == 0 ? 1 : (int)s.n, dims && s.n == 0 ? "-" : s.p);
  }
}

static void
say_cell (watch_cells_t *self, table_t *t, const cell_t *c, const char *position)
{
  if (t == NULL)
    fputs (position, stdout);
  else
    table_row (t);
  if (self->format == FORMAT_CSV)
    table_cell (t, str_of (position));
  say_parts (t, c->dims, true);
  say_parts (t, c->measures, false);
  if (t == NULL)
    fputc ('\n', stdout);
}

static table_t *
table_begin (const watch_cells_t *self, const query_result_t *r, const char *position)
{
  table_t *t = table_new ();
  if (self->format == FORMAT_CSV)
    table_column (t, "position", NULL, NULL, COL_TEXT);
  else
    table_meta (t, "position", str_of (position));
  for (size_t i = 0; i < r->columns; i++) {
    bool decimal = r->is_measure[i] && strcmp (r->name[i], "value") == 0;
    table_column (t, r->name[i], NULL, NULL,
                  decimal            ? COL_DECIMAL
                  : r->is_money[i]   ? COL_MONEY
                  : r->is_measure[i] ? COL_NUMBER
                                     : COL_TEXT);
  }
  return t;
}

/* csv has its header once; json is one line a look. */
static err_t
table_say (watch_cells_t *self, table_t *t)
{
  buf_t text = BUF_INIT;
  bool first = !self->begun;
  err_t err = table_rows (t) > 0 || first
                  ? table_render (t, self->format, self->excel && self->format == FORMAT_CSV, 0, NULL, &text)
                  : ERR_OK;
  const char *p = text.p, *end = text.n > 0 ? memchr (text.p, '\n', text.n) : NULL;
  size_t n = text.n;
  if (err == ERR_OK && self->format == FORMAT_CSV && !first && end != NULL) {
    n -= (size_t)(end + 1 - p);
    p = end + 1;
  }
  for (size_t i = 0; err == ERR_OK && i < n; i++)
    if (self->format == FORMAT_CSV || p[i] != '\n')
      fputc (p[i], stdout);
  if (err == ERR_OK && self->format == FORMAT_JSON && n > 0)
    fputc ('\n', stdout);
  buf_free (&text);
  return err;
}

static err_t
show_rows (watch_cells_t *self, table_t *t, const query_result_t *r, size_t dims, const char *position)
{
  buf_t key = BUF_INIT, measures = BUF_INIT;
  err_t err = ERR_OK;
  for (size_t row = 0; row < r->rows && err == ERR_OK; row++) {
    const str_t *cell = r->cell + row * r->columns;
    put_parts (cell, dims, &key);
    put_parts (cell + dims, measures_shown (self, r, dims), &measures);
    cell_t *c = buf_ok (&key) ? cell_for (self, &key) : NULL;
    if (c == NULL) {
      err = ERR_NOMEM;
      break;
    }
    c->seen = true;
    if (c->measures != NULL && strcmp (c->measures, buf_z (&measures)) == 0)
      continue;
    free (c->measures);
    c->measures = text_copy (&measures);
    if (c->measures == NULL)
      err = ERR_NOMEM;
    else
      say_cell (self, t, c, position);
  }
  buf_free (&key);
  buf_free (&measures);
  return err;
}

/* Cells that were there and are gone stand at 0 now. */
static err_t
show_gone (watch_cells_t *self, table_t *t, size_t measures, const char *position)
{
  const str_t zero[MEASURES_MAX] = {STR ("0"), STR ("0"), STR ("0"), STR ("0"),
                                    STR ("0"), STR ("0"), STR ("0")};
  buf_t zeros = BUF_INIT;
  err_t err = ERR_OK;
  put_parts (zero, measures, &zeros);
  for (size_t i = 0; i < self->n && err == ERR_OK; i++) {
    cell_t *c = &self->at[i];
    if (c->seen || c->measures == NULL || strcmp (c->measures, buf_z (&zeros)) == 0)
      continue;
    free (c->measures);
    c->measures = text_copy (&zeros);
    if (c->measures == NULL)
      err = ERR_NOMEM;
    else
      say_cell (self, t, c, position);
  }
  buf_free (&zeros);
  return err;
}

err_t
watch_cells_show (watch_cells_t *self, const query_result_t *r, const char *position)
{
  size_t dims = 0;
  while (dims < r->columns && !r->is_measure[dims])
    dims++;
  for (size_t i = 0; i < self->n; i++)
    self->at[i].seen = false;
  table_t *t = self->format != FORMAT_TABLE ? table_begin (self, r, position) : NULL;
  err_t err = show_rows (self, t, r, dims, position);
  if (err == ERR_OK)
    err = show_gone (self, t, measures_shown (self, r, dims), position);
  if (err == ERR_OK && self->format != FORMAT_TABLE)
    err = table_say (self, t);
  table_destroy (&t);
  self->begun = true;
  return fflush (stdout) == 0 ? err : ERR_IO;
}
