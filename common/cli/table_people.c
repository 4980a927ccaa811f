/* Tables for people.
 *
 * A column is as wide as its widest cell. On a terminal that is too narrow the widest text columns give
 * way first, down to a least width, and their cells are wrapped between words: nothing is ever cut,
 * since a figure or a name that is cut is a wrong answer. Where not even the least widths fit, every row
 * becomes a block of "label  value" lines. Widths are columns of the terminal, not bytes or letters. */
#include "common/base/lang.h"
#include "common/cli/table_private.h"
#include "common/text/utf8.h"

#include <string.h>

#define GAP 2u
#define TEXT_LEAST 10u /* a text column does not get narrower than this */

typedef struct {
  const table_t *t;
  size_t width[TABLE_COLUMNS_MAX], least[TABLE_COLUMNS_MAX];
} layout_t;

void
table_group_digits (str_t plain, buf_t *out)
{
  char group = L ('.', ','), point = L (',', '.');
  size_t start = plain.n > 0 && plain.p[0] == '-', end = start;
  while (end < plain.n && plain.p[end] >= '0' && plain.p[end] <= '9')
    end++;
  size_t rest = end;
  if (rest < plain.n && plain.p[rest] == '.')
    for (rest++; rest < plain.n && plain.p[rest] >= '0' && plain.p[rest] <= '9';)
      rest++;
  if (end == start || rest != plain.n) {
    buf_put (out, plain.p, plain.n);
    return;
  }
  buf_put (out, plain.p, start);
  for (size_t i = start; i < end; i++) {
    if (i > start && (end - i) % 3 == 0)
      buf_putc (out, group);
    buf_putc (out, plain.p[i]);
  }
  if (end < plain.n) {
    buf_putc (out, point);
    buf_put (out, plain.p + end + 1, plain.n - end - 1);
  }
}

static str_t
label (const table_column_t *c)
{
  const char *text = L (c->label_vi, c->label_en);
  return str_of (text != NULL ? text : c->name);
}

/* The cell as shown: grouped digits, no line breaks or tabs. Valid until the next call. */
static str_t
shown (const table_t *t, size_t row, size_t column, buf_t *room)
{
  str_t text = table_at (t, row, column);
  buf_clear (room);
  if (t->column[column].type != COL_TEXT) {
    table_group_digits (text, room);
    return buf_str (room);
  }
  buf_put (room, text.p, text.n);
  for (size_t i = 0; i < room->n; i++)
    if ((unsigned char)room->p[i] < 0x20)
      room->p[i] = ' ';
  return buf_str (room);
}

static size_t
longest_word (str_t s)
{
  size_t most = 0, from = 0;
  for (size_t i = 0; i <= s.n; i++)
    if (i == s.n || s.p[i] == ' ') {
      size_t w = utf8_width ((str_t){s.p + from, i - from});
      most = w > most ? w : most;
      from = i + 1;
    }
  return most;
}

static void
measure (layout_t *l, buf_t *room)
{
  const table_t *t = l->t;
  for (size_t c = 0; c < t->columns; c++) {
    size_t widest = 0;
    for (size_t r = 0; r < t->rows; r++) {
      size_t w = utf8_width (shown (t, r, c, room));
      widest = w > widest ? w : widest;
    }
    str_t head = label (&t->column[c]);
    size_t head_width = utf8_width (head), word = longest_word (head);
    l->width[c] = widest > head_width ? widest : head_width;
    if (t->column[c].type == COL_TEXT && widest > TEXT_LEAST)
      widest = TEXT_LEAST;
    l->least[c] = widest > word ? widest : word;
  }
}

static size_t
total_width (const layout_t *l)
{
  size_t sum = GAP * (l->t->columns - 1);
  for (size_t c = 0; c < l->t->columns; c++)
    sum += l->width[c];
  return sum;
}

/* Takes columns away from the widest that can give some. False when it cannot be made to fit. */
static bool
shrink (layout_t *l, size_t room)
{
  size_t total = total_width (l);
  while (total > room) {
    size_t widest = l->t->columns;
    for (size_t c = 0; c < l->t->columns; c++)
      if (l->width[c] > l->least[c] && (widest == l->t->columns || l->width[c] > l->width[widest]))
        widest = c;
    if (widest == l->t->columns)
      return false;
    l->width[widest]--;
    total--;
  }
  return true;
}

/* Cuts the next line of at most width columns off *rest, between words where it can. */
static str_t
next_line (str_t *rest, size_t width)
{
  size_t n = utf8_prefix (*rest, width), skip = 0;
  if (n == 0 && rest->n > 0)
    n = rest->n; /* a letter wider than the column */
  if (n < rest->n) {
    size_t space = n;
    while (space > 0 && rest->p[space] != ' ')
      space--;
    if (space > 0) {
      n = space;
      skip = 1;
    }
  }
  str_t line = {rest->p, n};
  *rest = (str_t){rest->p + n + skip, rest->n - n - skip};
  return line;
}

static void
spaces (buf_t *out, size_t n)
{
  while (n-- > 0)
    buf_putc (out, ' ');
}

static void
trim_line (buf_t *out)
{
  while (out->n > 0 && out->p[out->n - 1] == ' ')
    out->n--;
  buf_putc (out, '\n');
}

/* One row of cells, over as many lines as the tallest needs. texts are consumed. */
static void
put_row (const layout_t *l, str_t *texts, buf_t *out)
{
  bool more = true;
  while (more) {
    more = false;
    for (size_t c = 0; c < l->t->columns; c++) {
      str_t line = next_line (&texts[c], l->width[c]);
      size_t pad = l->width[c] - utf8_width (line);
      if (l->t->column[c].type != COL_TEXT)
        spaces (out, pad);
      buf_put (out, line.p, line.n);
      if (l->t->column[c].type == COL_TEXT)
        spaces (out, pad);
      spaces (out, GAP);
      more = more || texts[c].n > 0;
    }
    trim_line (out);
  }
}

static void
put_columns (const layout_t *l, buf_t *out)
{
  const table_t *t = l->t;
  str_t texts[TABLE_COLUMNS_MAX];
  buf_t rooms[TABLE_COLUMNS_MAX];
  memset (rooms, 0, sizeof rooms);
  for (size_t c = 0; c < t->columns; c++)
    texts[c] = label (&t->column[c]);
  put_row (l, texts, out);
  for (size_t c = 0; c < t->columns; c++) {
    for (size_t i = 0; i < l->width[c]; i++)
      buf_puts (out, "─");
    spaces (out, GAP);
  }
  trim_line (out);
  for (size_t r = 0; r < t->rows; r++) {
    for (size_t c = 0; c < t->columns; c++)
      texts[c] = shown (t, r, c, &rooms[c]);
    put_row (l, texts, out);
  }
  for (size_t c = 0; c < t->columns; c++)
    buf_free (&rooms[c]);
}

static void
put_blocks (const layout_t *l, size_t width, buf_t *out, buf_t *room)
{
  const table_t *t = l->t;
  size_t names = 0;
  for (size_t c = 0; c < t->columns; c++) {
    size_t w = utf8_width (label (&t->column[c]));
    names = w > names ? w : names;
  }
  size_t left = width > names + GAP + TEXT_LEAST ? width - names - GAP : TEXT_LEAST;
  for (size_t r = 0; r < t->rows; r++) {
    if (r > 0)
      buf_putc (out, '\n');
    for (size_t c = 0; c < t->columns; c++) {
      str_t name = label (&t->column[c]), text = shown (t, r, c, room);
      size_t pad = names + GAP - utf8_width (name);
      buf_put (out, name.p, name.n);
      do {
        str_t line = next_line (&text, left);
        spaces (out, pad);
        buf_put (out, line.p, line.n);
        trim_line (out);
        pad = names + GAP;
      } while (text.n > 0);
    }
  }
}

void
table_people (const table_t *t, unsigned width, const char *title, buf_t *out)
{
  layout_t l = {.t = t};
  buf_t room = BUF_INIT;
  if (title != NULL)
    buf_printf (out, "%s\n\n", title);
  measure (&l, &room);
  if (width > 0 && !shrink (&l, width) && t->rows > 0)
    put_blocks (&l, width, out, &room);
  else
    put_columns (&l, out);
  buf_free (&room);
}
