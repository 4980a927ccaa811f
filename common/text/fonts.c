/* fonts.c - text typed with a font of before Unicode, told from good Vietnamese and from everything else.
 *
 * Its letters are those of Latin-1 (and the signs of Windows-1252), so a word with a letter beyond them is no
 * such word. The others are taken back to their bytes, read by each encoding, and both the word and the
 * reading are held against the spelling of Vietnamese: "mãc" is a syllable in neither way, "m¸y" only as
 * TCVN3, "Cát" only as it stands. Signs that people use by themselves (§ 3, 5 µm) are no words. */
#include "common/text/fonts.h"

#include "common/text/syllable.h"
#include "common/text/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { SAMPLE_CELLS = 3, SAMPLE_BYTES = 160, COLUMNS_MAX = 4096 };

static bool
is_ascii (str_t s)
{
  for (size_t i = 0; i < s.n; i++)
    if ((uint8_t)s.p[i] >= 0x80)
      return false;
  return true;
}

/* ---- words ---- */

/* Back to the bytes; false: a letter that is none of Windows-1252. */
static bool
to_bytes (str_t text, buf_t *out, size_t *letters)
{
  utf8proc_int32_t c;
  uint8_t byte;
  *letters = 0;
  for (size_t i = 0; i < text.n; ++*letters) {
    const utf8proc_ssize_t n =
        utf8proc_iterate ((const utf8proc_uint8_t *)text.p + i, (utf8proc_ssize_t)(text.n - i), &c);
    if (n <= 0 || !windows_1252_byte ((uint32_t)c, &byte))
      return false;
    i += (size_t)n;
    buf_u8 (out, byte);
  }
  return buf_ok (out);
}

/* µm and the like. */
static bool
is_measure (str_t bytes)
{
  return bytes.n > 0 && bytes.n <= 3 && (uint8_t)bytes.p[0] == 0xB5 &&
         is_ascii ((str_t){bytes.p + 1, bytes.n - 1});
}

static uint64_t
hash_word (str_t s)
{
  uint64_t h = UINT64_C (14695981039346656037);
  for (size_t i = 0; i < s.n; i++)
    h = (h ^ (uint8_t)s.p[i]) * UINT64_C (1099511628211);
  return h;
}

static void
add_sign (font_signs_t *signs, str_t word)
{
  const uint64_t h = hash_word (word);
  signs->signs++;
  for (uint32_t i = 0; i < signs->different && i < 2; i++)
    if (signs->word[i] == h)
      return;
  if (signs->different < 2)
    signs->word[signs->different] = h;
  if (signs->different < 3)
    signs->different++;
}

static void
weigh_word (legacy_t e, str_t word, font_signs_t *signs, buf_t *bytes, buf_t *reading)
{
  size_t letters = 0;
  const bool stands = syllable_is_vietnamese (word);
  buf_clear (bytes);
  const bool back = to_bytes (word, bytes, &letters);
  if (back && (letters < 2 || is_measure (buf_str (bytes))))
    return;
  const bool reads = back && legacy_reads_well (e, buf_str (bytes), reading);
  if (reads && !stands)
    add_sign (signs, word);
  else if (stands && !reads)
    signs->against++;
  else if (!stands)
    signs->neither++;
}

void
fonts_weigh (legacy_t e, str_t text, font_signs_t *signs)
{
  buf_t bytes = BUF_INIT, reading = BUF_INIT;
  str_t word;
  size_t at = 0;
  while (syllable_next_word (text, &at, &word))
    if (!is_ascii (word))
      weigh_word (e, word, signs, &bytes, &reading);
  buf_free (&bytes);
  buf_free (&reading);
}

bool
fonts_certain (const font_signs_t *s, uint32_t different)
{
  return s->different >= different && s->against == 0 && s->signs > s->neither;
}

legacy_t
fonts_guess (str_t text)
{
  legacy_t best = LEGACY_NONE;
  uint32_t most = 0;
  if (is_ascii (text))
    return LEGACY_NONE;
  for (legacy_t e = LEGACY_NONE + 1; e < LEGACY_COUNT; e++) {
    font_signs_t s = {0};
    fonts_weigh (e, text, &s);
    if (fonts_certain (&s, 2) && s.signs > most) {
      best = e;
      most = s.signs;
    }
  }
  return best;
}

static bool
read_run (legacy_t e, buf_t *bytes, buf_t *out)
{
  const bool ok = bytes->n == 0 || legacy_read (e, buf_str (bytes), out);
  buf_clear (bytes);
  return ok;
}

bool
fonts_read (legacy_t e, str_t text, buf_t *out)
{
  buf_t bytes = BUF_INIT;
  utf8proc_int32_t c;
  uint8_t byte;
  bool ok = true;
  for (size_t i = 0; ok && i < text.n;) {
    const utf8proc_ssize_t n =
        utf8proc_iterate ((const utf8proc_uint8_t *)text.p + i, (utf8proc_ssize_t)(text.n - i), &c);
    const size_t length = n > 0 ? (size_t)n : 1;
    if (n > 0 && windows_1252_byte ((uint32_t)c, &byte))
      buf_u8 (&bytes, byte);
    else {
      ok = read_run (e, &bytes, out);
      buf_put (out, text.p + i, length);
    }
    i += length;
  }
  ok = ok && read_run (e, &bytes, out) && buf_ok (&bytes) && buf_ok (out);
  buf_free (&bytes);
  return ok;
}

static bool
is_in_capitals (str_t text)
{
  utf8proc_int32_t c;
  for (size_t i = 0; i < text.n;) {
    const utf8proc_ssize_t n =
        utf8proc_iterate ((const utf8proc_uint8_t *)text.p + i, (utf8proc_ssize_t)(text.n - i), &c);
    if (n <= 0 || utf8proc_toupper (c) != c)
      return false;
    i += (size_t)n;
  }
  return true;
}

bool
fonts_applies (legacy_t e, str_t text, bool sure)
{
  font_signs_t s = {0};
  buf_t reading = BUF_INIT;
  if (is_ascii (text))
    return false;
  fonts_weigh (e, text, &s);
  bool applies = s.against == 0 && (sure || s.signs > s.neither);
  if (!sure && s.against == 0 && s.signs == 0 && s.neither > 0)
    applies = fonts_read (e, text, &reading) && is_in_capitals (buf_str (&reading));
  buf_free (&reading);
  return applies;
}

/* ---- tables ---- */

typedef struct {
  font_signs_t signs[LEGACY_COUNT];
  font_finding_t certain[LEGACY_COUNT]; /* cells certain by themselves */
  uint64_t cells;                       /* with letters above ASCII */
  uint32_t line, at;                    /* the first of them that has a sign */
  str_t sample[SAMPLE_CELLS];           /* cells with a sign, certain ones first */
  unsigned samples;
  bool sure; /* the samples are certain ones */
} column_t;

struct fonts {
  column_t *column;
  size_t n, room;
  arena_t *arena;
};

fonts_t *
fonts_new (void)
{
  fonts_t *self = calloc (1, sizeof *self);
  if (self == NULL)
    return NULL;
  self->arena = arena_new ((size_t)COLUMNS_MAX * SAMPLE_CELLS * 2 * SAMPLE_BYTES);
  if (self->arena == NULL)
    fonts_destroy (&self);
  return self;
}

void
fonts_destroy (fonts_t **self_p)
{
  if (*self_p == NULL)
    return;
  arena_destroy (&(*self_p)->arena);
  free ((*self_p)->column);
  free (*self_p);
  *self_p = NULL;
}

static column_t *
column_at (fonts_t *self, size_t i)
{
  while (self->n <= i && i < COLUMNS_MAX) {
    column_t *grown = array_room (self->column, self->n, &self->room, sizeof *grown);
    if (grown == NULL)
      return NULL;
    self->column = grown;
    self->column[self->n++] = (column_t){.cells = 0};
  }
  return i < self->n ? &self->column[i] : NULL;
}

static void
keep_sample (fonts_t *self, column_t *col, str_t cell, bool sure)
{
  if (sure && !col->sure) {
    col->samples = 0;
    col->sure = true;
  }
  if (col->samples == SAMPLE_CELLS || sure != col->sure)
    return;
  for (unsigned i = 0; i < col->samples; i++)
    if (str_eq (col->sample[i], cell))
      return;
  size_t n = cell.n < SAMPLE_BYTES ? cell.n : SAMPLE_BYTES;
  while (n < cell.n && n > 0 && ((uint8_t)cell.p[n] & 0xC0) == 0x80)
    n--;
  const str_t copy = arena_str (self->arena, (str_t){cell.p, n});
  if (copy.p != NULL)
    col->sample[col->samples++] = copy;
}

static void
add_signs (font_signs_t *sum, const font_signs_t *s)
{
  sum->signs += s->signs;
  sum->against += s->against;
  sum->neither += s->neither;
  for (uint32_t i = 0; i < s->different && i < 2; i++) {
    bool known = false;
    for (uint32_t k = 0; k < sum->different && k < 2; k++)
      known = known || sum->word[k] == s->word[i];
    if (!known && sum->different < 2)
      sum->word[sum->different] = s->word[i];
    if (!known && sum->different < 3)
      sum->different++;
  }
}

/* Letters that only Unicode has: one settles that a cell was typed in it, and most cells have one. */
static bool
has_own_letter (str_t text)
{
  for (size_t i = 0; i + 1 < text.n; i++) {
    const uint8_t a = (uint8_t)text.p[i], b = (uint8_t)text.p[i + 1];
    if ((a == 0xE1 && b >= 0xBA && b <= 0xBB) || (a == 0xC4 && (b < 0xA0 || b == 0xA8 || b == 0xA9)) ||
        (a == 0xC5 && (b == 0xA8 || b == 0xA9)) ||
        (a == 0xC6 && (b == 0xA0 || b == 0xA1 || b == 0xAF || b == 0xB0)))
      return true;
  }
  return false;
}

void
fonts_look (fonts_t *self, size_t column, str_t cell, uint32_t line, uint32_t at)
{
  if (is_ascii (cell))
    return;
  column_t *col = column_at (self, column);
  bool any = false, sure = false;
  if (col == NULL)
    return;
  col->cells++;
  if (has_own_letter (cell)) {
    for (legacy_t e = LEGACY_NONE + 1; e < LEGACY_COUNT; e++)
      col->signs[e].against++;
    return;
  }
  for (legacy_t e = LEGACY_NONE + 1; e < LEGACY_COUNT; e++) {
    font_signs_t s = {0};
    fonts_weigh (e, cell, &s);
    any = any || s.signs > 0;
    add_signs (&col->signs[e], &s);
    if (!fonts_certain (&s, 2))
      continue;
    sure = true;
    if (col->certain[e].cells++ == 0)
      col->certain[e] = (font_finding_t){e, 1, line, at};
  }
  if (any && col->line == 0) {
    col->line = line;
    col->at = at;
  }
  if (any)
    keep_sample (self, col, cell, sure);
}

/* A column that is it as a whole goes before cells that are it by themselves. */
static bool
found_in (const column_t *col, font_finding_t *out)
{
  uint32_t most = 0;
  *out = (font_finding_t){.cells = 0};
  for (legacy_t e = LEGACY_NONE + 1; e < LEGACY_COUNT; e++) {
    const font_signs_t *s = &col->signs[e];
    const bool whole = fonts_certain (s, 3);
    if ((!whole && col->certain[e].cells == 0) || s->signs <= most)
      continue;
    most = s->signs;
    *out = whole ? (font_finding_t){e, col->cells, col->line, col->at} : col->certain[e];
  }
  return most > 0;
}

bool
fonts_found (const fonts_t *self, size_t column, font_finding_t *out, buf_t *samples)
{
  buf_t reading = BUF_INIT;
  if (column >= self->n || !found_in (&self->column[column], out))
    return false;
  const column_t *col = &self->column[column];
  for (unsigned i = 0; samples != NULL && i < col->samples; i++) {
    buf_clear (&reading);
    if (fonts_read (out->encoding, col->sample[i], &reading))
      legacy_sample (buf_str (&reading), samples);
  }
  buf_free (&reading);
  return true;
}

bool
fonts_sure (const fonts_t *self, size_t column, legacy_t e)
{
  uint64_t against = 0, signs = 0;
  if (column < self->n && fonts_certain (&self->column[column].signs[e], 3))
    return true;
  for (size_t i = 0; i < self->n; i++) {
    against += self->column[i].signs[e].against;
    signs += self->column[i].signs[e].signs;
  }
  return against == 0 && signs > 0;
}

legacy_t
fonts_of_table (const fonts_t *self)
{
  uint64_t cells[LEGACY_COUNT] = {0};
  legacy_t best = LEGACY_NONE;
  font_finding_t f;
  for (size_t i = 0; i < self->n; i++)
    if (found_in (&self->column[i], &f))
      cells[f.encoding] += f.cells;
  for (legacy_t e = LEGACY_NONE + 1; e < LEGACY_COUNT; e++)
    if (cells[e] > cells[best])
      best = e;
  return best;
}
