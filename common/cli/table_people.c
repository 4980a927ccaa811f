/* Tables for people.
 *
 * A column is as wide as its widest cell. On a terminal that is too narrow the widest text columns give
 * way first, down to a comfortable width, and their cells are wrapped between words: nothing is ever cut,
 * since a figure or a name that is cut is a wrong answer. Where that does not fit, columns that can be spared
 * are left out one by one, and the table says which; then words may be broken, down to a least width; where
 * not even that fits, every row becomes a block of "label  value" lines. Widths are columns of the terminal,
 * not bytes or letters. */
#include "common/base/lang.h"
#include "common/cli/table_private.h"
#include "common/text/utf8.h"

#include <limits.h>
#include <string.h>

#define GAP 2u
#define TEXT_LEAST 10u /* a text column does not get narrower than this */
#define WORD_MOST 18u  /* longer words are broken sooner than a column is left out */
#define FIRST_MOST 28u /* so are the cells of the first column, which name the row and get copied */

typedef struct {
  size_t full;         /* the widest cell, or the label */
  size_t words, parts; /* least widths: comfortable, and with any word broken */
  bool blank;          /* no cell holds anything */
} extent_t;

typedef struct {
  const table_t *t;
  extent_t extent[TABLE_COLUMNS_MAX];
  size_t width[TABLE_COLUMNS_MAX], least[TABLE_COLUMNS_MAX];
  bool left_out[TABLE_COLUMNS_MAX];
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

static size_t
larger (size_t a, size_t b)
{
  return a > b ? a : b;
}

static size_t
smaller (size_t a, size_t b)
{
  return a < b ? a : b;
}

static void
measure (layout_t *l, buf_t *room)
{
  const table_t *t = l->t;
  for (size_t c = 0; c < t->columns; c++) {
    const bool is_text = t->column[c].type == COL_TEXT;
    const str_t head = label (&t->column[c]);
    size_t widest = 0, word = 0;
    for (size_t r = 0; r < t->rows; r++) {
      const str_t cell = shown (t, r, c, room);
      widest = larger (widest, utf8_width (cell));
      word = larger (word, is_text ? longest_word (cell) : utf8_width (cell));
    }
    const size_t broken = is_text && widest > TEXT_LEAST ? TEXT_LEAST : widest;
    if (is_text)
      word = c == 0 ? smaller (widest, FIRST_MOST) : smaller (word, WORD_MOST);
    l->extent[c] = (extent_t){.full = larger (widest, utf8_width (head)),
                              .words = larger (larger (word, broken), longest_word (head)),
                              .parts = larger (broken, longest_word (head)),
                              .blank = widest == 0};
  }
}

static size_t
total_width (const layout_t *l)
{
  size_t sum = 0;
  for (size_t c = 0; c < l->t->columns; c++)
    if (!l->left_out[c])
      sum += l->width[c] + (sum > 0 ? GAP : 0);
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
      if (!l->left_out[c] && l->width[c] > l->least[c] &&
          (widest == l->t->columns || l->width[c] > l->width[widest]))
        widest = c;
    if (widest == l->t->columns)
      return false;
    l->width[widest]--;
    total--;
  }
  return true;
}

/* False when there is no column left that can be spared. */
static bool
leave_one_out (layout_t *l)
{
  size_t best = 0;
  unsigned best_rank = 0;
  for (size_t c = 0; c < l->t->columns; c++) {
    const unsigned spare = l->t->column[c].spare;
    const unsigned rank = spare == 0 || l->left_out[c] ? 0 : l->extent[c].blank ? UINT_MAX : spare;
    if (rank > 0 && rank >= best_rank) {
      best_rank = rank;
      best = c;
    }
  }
  l->left_out[best] = l->left_out[best] || best_rank > 0;
  return best_rank > 0;
}

static bool
fit (layout_t *l, size_t room, bool whole_words)
{
  memset (l->left_out, 0, sizeof l->left_out);
  do {
    for (size_t c = 0; c < l->t->columns; c++) {
      l->width[c] = l->extent[c].full;
      l->least[c] = whole_words ? l->extent[c].words : l->extent[c].parts;
    }
    if (room == 0 || shrink (l, room))
      return true;
  } while (leave_one_out (l));
  return false;
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
      if (l->left_out[c])
        continue;
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
    if (l->left_out[c])
      continue;
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

/* A column without any cell is not missed. */
static void
name_left_out (const layout_t *l, size_t width, buf_t *out)
{
  buf_t names = BUF_INIT;
  for (size_t c = 0; c < l->t->columns; c++)
    if (l->left_out[c] && !l->extent[c].blank) {
      const str_t name = label (&l->t->column[c]);
      buf_printf (&names, "%s%.*s", names.n > 0 ? ", " : "", STR_ARG (name));
    }
  if (names.n > 0 && buf_ok (&names)) {
    buf_t all = BUF_INIT;
    buf_printf (&all,
                L ("(màn hình hẹp, chưa in: %s; hãy nới rộng, hoặc dùng --format csv)",
                   "(too narrow to show: %s; widen the terminal, or use --format csv)"),
                buf_z (&names));
    str_t rest = buf_str (&all);
    while (rest.n > 0) {
      const str_t line = next_line (&rest, width);
      buf_put (out, line.p, line.n);
      buf_putc (out, '\n');
    }
    buf_free (&all);
  }
  buf_free (&names);
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
  if (fit (&l, width, true) || fit (&l, width, false) || t->rows == 0) {
    put_columns (&l, out);
    name_left_out (&l, width, out);
  } else
    put_blocks (&l, width, out, &room);
  buf_free (&room);
}
