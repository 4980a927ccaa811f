/* list_rows.c - the rows of a list and their order.
 *
 * By default rows stand in the order of their first two cells, by bytes, as csv and json promise. By another
 * column they stand as people look for them: names in Vietnamese order, numbers by their size, days by the
 * calendar, and what is empty last; the first two cells decide between equals. */
#include "agent/entry/list_private.h"

#include "common/text/utf8.h"

#include <stdlib.h>

#define TEXT_BUDGET ((size_t)1 << 30)
#define DIGITS 24u /* before the decimals of any number */

err_t
lines_init (lines_t *l)
{
  l->texts = arena_new (TEXT_BUDGET);
  return l->texts != NULL ? ERR_OK : ERR_NOMEM;
}

void
lines_free (lines_t *l)
{
  free (l->line);
  arena_destroy (&l->texts);
}

err_t
lines_add (lines_t *l, const str_t *cells)
{
  line_t *grown = array_room (l->line, l->n, &l->room, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  l->line = grown;
  str_t *copy = arena_alloc (l->texts, l->width * sizeof *copy);
  if (copy == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < l->width; i++) {
    copy[i] = arena_str (l->texts, cells[i]);
    if (cells[i].p != NULL && copy[i].p == NULL)
      return ERR_NOMEM;
  }
  l->line[l->n++] = (line_t){copy, STR_NONE};
  return ERR_OK;
}

bool
lines_column (const lines_t *l, str_t by, size_t *out)
{
  *out = 0;
  while (!str_blank (by) && *out < l->width && !str_is (by, l->name[*out]))
    ++*out;
  return *out < l->width;
}

/* ---- keys ---- */

static bool
is_digits (str_t s, size_t from, size_t n)
{
  for (size_t i = from; i < from + n; i++)
    if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
      return false;
  return true;
}

/* "01/06/2019" goes by the year. */
static bool
put_day (str_t s, buf_t *out)
{
  const bool day = s.n >= 10 && is_digits (s, 0, 2) && s.p[2] == '/' && is_digits (s, 3, 2) &&
                   s.p[5] == '/' && is_digits (s, 6, 4);
  if (day)
    buf_printf (out, "%.4s%.2s%.2s%.*s", s.p + 6, s.p + 3, s.p, (int)(s.n - 10), s.p + 10);
  return day;
}

/* Plain numbers, never negative: as many digits as there are go before. */
static void
put_number (str_t s, buf_t *out)
{
  size_t whole = 0;
  while (whole < s.n && s.p[whole] != '.')
    whole++;
  for (size_t i = whole; i < DIGITS; i++)
    buf_putc (out, '0');
  buf_put (out, s.p, s.n);
}

static err_t
make_key (lines_t *l, line_t *line, size_t by, buf_t *b)
{
  const str_t cell = line->cell[by];
  buf_clear (b);
  buf_putc (b, str_blank (cell) ? '1' : '0');
  if (l->type[by] != COL_TEXT)
    put_number (cell, b);
  else if (!put_day (cell, b) && !str_blank (cell) && !utf8_sort_key (cell, b))
    buf_put (b, cell.p, cell.n);
  line->key = arena_str (l->texts, buf_str (b));
  return buf_ok (b) && line->key.p != NULL ? ERR_OK : ERR_NOMEM;
}

static int
by_key (const void *a, const void *b)
{
  const line_t *x = a, *y = b;
  int c = str_cmp (x->key, y->key);
  for (size_t i = 0; c == 0 && i < 2; i++)
    c = str_cmp (x->cell[i], y->cell[i]);
  return c;
}

err_t
lines_put (lines_t *l, size_t by, table_t *t)
{
  buf_t b = BUF_INIT;
  err_t err = ERR_OK;
  CHECK (l->width >= 2 && by < l->width);
  for (size_t i = 0; by > 0 && i < l->n && err == ERR_OK; i++)
    err = make_key (l, &l->line[i], by, &b);
  if (err == ERR_OK && l->n > 1)
    qsort (l->line, l->n, sizeof *l->line, by_key);
  for (size_t i = 0; err == ERR_OK && i < l->n; i++) {
    table_row (t);
    for (size_t k = 0; k < l->width; k++)
      table_cell (t, l->line[i].cell[k]);
  }
  buf_free (&b);
  return err;
}
