#include "common/cli/table.h"
#include "common/cli/table_private.h"
#include "common/platform/platform.h"
#include "common/text/csv.h"
#include "common/text/json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

bool
format_of_name (str_t name, format_t *out)
{
  static const char *const names[] = {"table", "csv", "json"};
  for (size_t i = 0; i < 3; i++)
    if (str_is (name, names[i])) {
      *out = (format_t)i;
      return true;
    }
  return false;
}

table_t *
table_new (void)
{
  return calloc (1, sizeof (table_t));
}

void
table_destroy (table_t **self_p)
{
  CHECK (self_p != NULL);
  if (*self_p == NULL)
    return;
  free ((*self_p)->cell);
  buf_free (&(*self_p)->text);
  free (*self_p);
  *self_p = NULL;
}

void
table_column (table_t *t, const char *name, const char *label_vi, const char *label_en, col_type_t type)
{
  if (t == NULL)
    return;
  CHECK (t->rows == 0 && t->columns < TABLE_COLUMNS_MAX);
  t->column[t->columns++] = (table_column_t){name, label_vi, label_en, type, 0};
}

void
table_spare (table_t *t, unsigned rank)
{
  if (t == NULL)
    return;
  CHECK (t->columns > 0);
  t->column[t->columns - 1].spare = rank;
}

static text_at_t
keep (table_t *t, str_t text)
{
  text_at_t s = {t->text.n, text.n};
  buf_put (&t->text, text.p, text.n);
  if (!buf_ok (&t->text)) {
    t->failed = true;
    return (text_at_t){0, 0};
  }
  return s;
}

static void
add_cell (table_t *t, text_at_t s)
{
  text_at_t *grown = array_room (t->cell, t->cells, &t->cells_cap, sizeof *grown);
  if (grown == NULL) {
    t->failed = true;
    return;
  }
  t->cell = grown;
  t->cell[t->cells++] = s;
}

static void
fill_row (table_t *t)
{
  while (!t->failed && t->cells < t->rows * t->columns)
    add_cell (t, (text_at_t){0, 0});
}

void
table_row (table_t *t)
{
  if (t == NULL)
    return;
  CHECK (t->columns > 0);
  fill_row (t);
  t->rows++;
}

void
table_cell (table_t *t, str_t text)
{
  if (t == NULL || t->failed)
    return;
  CHECK (t->cells < t->rows * t->columns);
  add_cell (t, keep (t, text));
}

void
table_printf (table_t *t, const char *fmt, ...)
{
  if (t == NULL)
    return;
  char small[256];
  va_list args;
  va_start (args, fmt);
  int n = vsnprintf (small, sizeof small, fmt, args);
  va_end (args);
  CHECK (n >= 0);
  if ((size_t)n < sizeof small) {
    table_cell (t, (str_t){small, (size_t)n});
    return;
  }
  char *large = malloc ((size_t)n + 1);
  if (large == NULL) {
    t->failed = true;
    return;
  }
  va_start (args, fmt);
  vsnprintf (large, (size_t)n + 1, fmt, args);
  va_end (args);
  table_cell (t, (str_t){large, (size_t)n});
  free (large);
}

/* ---- order ---- */

typedef struct {
  const table_t *t;
  size_t row;
} place_t;

/* Plain digits: the longer is the larger, below zero the smaller. */
static int
number_order (str_t a, str_t b)
{
  const bool below = a.n > 0 && a.p[0] == '-';
  if (below != (b.n > 0 && b.p[0] == '-'))
    return below ? -1 : 1;
  const int c = a.n != b.n ? (a.n < b.n ? -1 : 1) : str_cmp (a, b);
  return below ? -c : c;
}

static int
by_cells (const void *x, const void *y)
{
  const place_t *a = x, *b = y;
  for (size_t i = 0; i < a->t->columns; i++) {
    const col_type_t type = a->t->column[i].type;
    const str_t one = table_at (a->t, a->row, i), other = table_at (a->t, b->row, i);
    const int c = type == COL_NUMBER || type == COL_MONEY ? number_order (one, other) : str_cmp (one, other);
    if (c != 0)
      return c;
  }
  return (a->row > b->row) - (a->row < b->row);
}

void
table_sort (table_t *t)
{
  if (t == NULL || t->rows < 2)
    return;
  fill_row (t);
  place_t *place = calloc (t->rows, sizeof *place);
  text_at_t *sorted = calloc (t->rows * t->columns, sizeof *sorted);
  t->failed = t->failed || place == NULL || sorted == NULL;
  if (!t->failed) {
    for (size_t i = 0; i < t->rows; i++)
      place[i] = (place_t){t, i};
    qsort (place, t->rows, sizeof *place, by_cells);
    for (size_t i = 0; i < t->rows; i++)
      memcpy (sorted + i * t->columns, t->cell + place[i].row * t->columns, t->columns * sizeof *sorted);
    memcpy (t->cell, sorted, t->rows * t->columns * sizeof *sorted);
  }
  free (place);
  free (sorted);
}

size_t
table_rows (const table_t *t)
{
  return t != NULL ? t->rows : 0;
}

void
table_meta (table_t *t, const char *name, str_t value)
{
  if (t == NULL)
    return;
  CHECK (t->metas < TABLE_META_MAX);
  t->meta[t->metas].name = name;
  t->meta[t->metas++].value = keep (t, value);
}

void
table_meta_number (table_t *t, const char *name, uint64_t value)
{
  char text[24];
  if (t == NULL)
    return;
  snprintf (text, sizeof text, "%" PRIu64, value);
  t->meta[t->metas].number = true;
  table_meta (t, name, str_of (text));
}

static str_t
span_text (const table_t *t, text_at_t s)
{
  return (str_t){s.n > 0 ? t->text.p + s.at : "", s.n};
}

str_t
table_at (const table_t *t, size_t row, size_t column)
{
  return span_text (t, t->cell[row * t->columns + column]);
}

/* ---- csv ---- */

static void
print_csv (const table_t *t, bool excel, buf_t *out)
{
  csv_write_start (out, excel);
  for (size_t c = 0; c < t->columns; c++)
    csv_write_cell (out, str_of (t->column[c].name), c == 0, excel);
  csv_write_end (out, excel);
  for (size_t r = 0; r < t->rows; r++) {
    for (size_t c = 0; c < t->columns; c++)
      csv_write_cell (out, table_at (t, r, c), c == 0, excel);
    csv_write_end (out, excel);
  }
}

/* ---- json ---- */

static void
json_cell (buf_t *out, str_t text, col_type_t type)
{
  bool number = type == COL_NUMBER || type == COL_DECIMAL;
  if (type != COL_TEXT && text.n == 0)
    buf_puts (out, "null");
  else if (number && json_is_number (text))
    buf_put (out, text.p, text.n);
  else
    json_put_text (out, text);
}

static void
print_json (const table_t *t, buf_t *out)
{
  buf_putc (out, '{');
  for (size_t i = 0; i < t->metas; i++) {
    json_put_text (out, str_of (t->meta[i].name));
    buf_putc (out, ':');
    const str_t value = span_text (t, t->meta[i].value);
    if (t->meta[i].number)
      buf_put (out, value.p, value.n);
    else
      json_put_text (out, value);
    buf_putc (out, ',');
  }
  buf_puts (out, "\"rows\":[");
  for (size_t r = 0; r < t->rows; r++) {
    buf_puts (out, r == 0 ? "\n{" : ",\n{");
    for (size_t c = 0; c < t->columns; c++) {
      if (c > 0)
        buf_putc (out, ',');
      json_put_text (out, str_of (t->column[c].name));
      buf_putc (out, ':');
      json_cell (out, table_at (t, r, c), t->column[c].type);
    }
    buf_putc (out, '}');
  }
  buf_puts (out, t->rows > 0 ? "\n]}\n" : "]}\n");
}

/* ---- all of them ---- */

err_t
table_render (table_t *t, format_t f, bool excel, unsigned width, const char *title, buf_t *out)
{
  if (t == NULL)
    return ERR_NOMEM;
  fill_row (t);
  if (t->failed)
    return ERR_NOMEM;
  switch (f) {
  case FORMAT_TABLE:
    table_people (t, width, title, out);
    break;
  case FORMAT_CSV:
    print_csv (t, excel, out);
    break;
  case FORMAT_JSON:
    print_json (t, out);
    break;
  }
  return buf_ok (out) ? ERR_OK : ERR_NOMEM;
}

err_t
table_print (table_t *t, FILE *out, format_t f, bool excel, const char *title)
{
  buf_t text = BUF_INIT;
  unsigned width = out == stdout && console_is_terminal (1) ? console_width () : 0;
  err_t err = table_render (t, f, excel, width, title, &text);
  if (err == ERR_OK && (fwrite (text.p, 1, text.n, out) != text.n || fflush (out) != 0))
    err = ERR_IO;
  buf_free (&text);
  return err;
}
