/* xlsx_text.c - texts of a workbook: runs joined, escapes resolved, the shared ones kept by number. */
#include "common/sheet/xlsx_parts.h"

#include "common/text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define STRINGS_MAX (4u << 20)

/* ---- runs ---- */

void
xlsx_runs_start (xlsx_runs_t *r, const char *name, const char **attributes)
{
  if (strcmp (name, "rPh") == 0)
    r->phonetic++;
  else if (strcmp (name, "t") == 0 && r->phonetic == 0) {
    const char *space = xml_attribute (attributes, "space");
    r->in_t = true;
    r->preserve = space != NULL && strcmp (space, "preserve") == 0;
    r->t_start = r->out->n;
  }
}

void
xlsx_runs_text (xlsx_runs_t *r, str_t text)
{
  if (r->in_t)
    buf_put (r->out, text.p, text.n);
}

static bool
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Blanks at the ends of a run count only where it says so. */
static void
trim_run (buf_t *out, size_t start)
{
  size_t first = start;
  while (out->n > start && is_space (out->p[out->n - 1]))
    out->n--;
  while (first < out->n && is_space (out->p[first]))
    first++;
  if (first > start) {
    memmove (out->p + start, out->p + first, out->n - first);
    out->n -= first - start;
  }
}

void
xlsx_runs_end (xlsx_runs_t *r, const char *name)
{
  if (strcmp (name, "rPh") == 0 && r->phonetic > 0)
    r->phonetic--;
  else if (strcmp (name, "t") == 0 && r->in_t) {
    r->in_t = false;
    if (!r->preserve)
      trim_run (r->out, r->t_start);
  }
}

static int
hex_value (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
xlsx_escape_at (str_t s, size_t i, uint32_t *unit)
{
  *unit = 0;
  if (s.n - i < 7 || s.p[i] != '_' || s.p[i + 1] != 'x' || s.p[i + 6] != '_')
    return false;
  for (size_t k = i + 2; k < i + 6; k++) {
    const int digit = hex_value (s.p[k]);
    if (digit < 0)
      return false;
    *unit = *unit * 16 + (uint32_t)digit;
  }
  return *unit < 0xD800 || *unit > 0xDFFF;
}

void
xlsx_unescape (buf_t *text, size_t start)
{
  buf_t plain = BUF_INIT;
  uint32_t unit;
  const str_t s = {text->p + start, text->n - start};
  if (s.n < 7 || !buf_ok (text) || memchr (s.p, '_', s.n) == NULL)
    return;
  for (size_t i = 0; i < s.n;) {
    if (xlsx_escape_at (s, i, &unit)) {
      utf8_put (&plain, unit);
      i += 7;
    } else {
      buf_putc (&plain, s.p[i++]);
    }
  }
  if (!buf_ok (&plain))
    text->failed = true;
  else {
    memcpy (text->p + start, plain.p, plain.n); /* never longer */
    text->n = start + plain.n;
  }
  buf_free (&plain);
}

/* ---- shared strings ---- */

typedef struct {
  xml_read_t *x;
  xlsx_strings_t *strings;
  xlsx_runs_t runs;
  bool in_si;
} strings_reader_t;

static void
strings_start (void *ctx, const char *name, const char **attributes)
{
  strings_reader_t *r = ctx;
  if (strcmp (name, "si") == 0)
    r->in_si = true;
  else if (r->in_si)
    xlsx_runs_start (&r->runs, name, attributes);
}

static void
strings_text (void *ctx, str_t text)
{
  strings_reader_t *r = ctx;
  xlsx_runs_text (&r->runs, text);
}

static void
keep_string (strings_reader_t *r)
{
  xlsx_strings_t *s = r->strings;
  const size_t start = s->n > 0 ? s->end[s->n - 1] : 0;
  xlsx_unescape (&s->text, start);
  if (s->n == STRINGS_MAX) {
    xlsx_damaged (r->x, 0, 0);
    return;
  }
  uint32_t *end = array_room (s->end, s->n, &s->room, sizeof *end);
  if (end == NULL || !buf_ok (&s->text)) {
    xlsx_no_memory (r->x);
    return;
  }
  s->end = end;
  s->end[s->n++] = (uint32_t)s->text.n;
}

static void
strings_end (void *ctx, const char *name)
{
  strings_reader_t *r = ctx;
  if (strcmp (name, "si") != 0) {
    if (r->in_si)
      xlsx_runs_end (&r->runs, name);
    return;
  }
  if (r->in_si)
    keep_string (r);
  r->in_si = false;
}

err_t
xlsx_strings_read (zip_read_t *zip, const char *entry, xlsx_strings_t *out, fail_t *fail)
{
  strings_reader_t r = {.strings = out, .runs = {.out = &out->text}};
  const xml_told_t told = {&r, strings_start, strings_end, strings_text};
  return xlsx_read_part (zip, entry, &told, &r.x, fail);
}

void
xlsx_strings_free (xlsx_strings_t *s)
{
  buf_free (&s->text);
  free (s->end);
  *s = (xlsx_strings_t){.text = BUF_INIT};
}
