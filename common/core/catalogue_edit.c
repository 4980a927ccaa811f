/* catalogue_edit.c - one row of a catalogue's text at a time.
 *
 * Rows are found by their physical lines, which the reader keeps; a row takes one line and as many more as
 * its cells hold line breaks. The rest of the file is copied as it is, blank lines and spare columns
 * included. */
#include "common/core/catalogue_edit.h"
#include "common/base/lang.h"
#include "common/core/catalogue_impl.h"
#include "common/text/csv.h"

#include <stdlib.h>

struct draft {
  catalogue_t *c;
  str_t eol; /* the file's line ending */
};

static err_t
no_memory (fail_t *fail)
{
  return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
}

/* ---- lines ---- */

/* Offset of the start of a physical line from 1; the file's end behind the last. */
static size_t
line_start (str_t file, uint32_t line)
{
  size_t at = 0;
  for (uint32_t i = 1; i < line && at < file.n; i++) {
    const char *eol = memchr (file.p + at, '\n', file.n - at);
    at = eol == NULL ? file.n : (size_t)(eol - file.p) + 1;
  }
  return at;
}

static uint32_t
row_lines (const raw_row_t *r)
{
  uint32_t n = 1;
  for (size_t i = 0; i < r->n; i++)
    for (size_t k = 0; k < r->cell[i].n; k++)
      n += r->cell[i].p[k] == '\n';
  return n;
}

/* The file with lines [from, from + n) replaced becomes the draft. */
static err_t
splice (draft_t *d, uint32_t from, uint32_t n, str_t text, fail_t *fail)
{
  str_t file = catalogue_bytes (d->c);
  buf_t whole = BUF_INIT;
  size_t start = line_start (file, from), end = line_start (file, from + n);
  buf_put (&whole, file.p, start);
  if (start > 0 && file.p[start - 1] != '\n')
    buf_put (&whole, d->eol.p, d->eol.n);
  buf_put (&whole, text.p, text.n);
  buf_put (&whole, file.p + end, file.n - end);
  err_t err = buf_ok (&whole) ? ERR_OK : no_memory (fail);
  catalogue_t *c = err == ERR_OK ? catalogue_parse (buf_str (&whole), catalogue_version (d->c), fail) : NULL;
  if (c != NULL) {
    catalogue_destroy (&d->c);
    d->c = c;
  } else if (err == ERR_OK)
    err = fail != NULL && fail->err != ERR_OK ? fail->err : ERR_INPUT;
  buf_free (&whole);
  return err;
}

/* ---- rows ---- */

static const raw_section_t *
section_of (const draft_t *d, const char *name)
{
  for (size_t i = 0; i < d->c->raw_n; i++)
    if (str_is (d->c->raw[i].name, name) && d->c->raw[i].n > 0)
      return &d->c->raw[i];
  return NULL;
}

static err_t
check_columns (const raw_section_t *s, const draft_cell_t *cells, size_t n, fail_t *fail)
{
  for (size_t k = 0; k < n; k++) {
    bool there = cells[k].text.n == 0;
    for (size_t i = 0; !there && i < s->rows[0].n; i++)
      there = str_is (s->rows[0].cell[i], cells[k].column);
    if (!there)
      return fail_set (
          fail, ERR_INPUT,
          L ("phần [%.*s] của danh mục không có cột “%s”; hãy thêm cột này bằng catalogue import",
             "section [%.*s] of the catalogue has no column \"%s\"; add it with catalogue import"),
          STR_ARG (s->name), cells[k].column);
  }
  return ERR_OK;
}

/* A row's text: the cells named, else those of `like`, which may be NULL. */
static void
put_row (const draft_t *d, const raw_section_t *s, const raw_row_t *like, const draft_cell_t *cells, size_t n,
         buf_t *out)
{
  const raw_row_t *header = &s->rows[0];
  size_t width = like != NULL ? like->n : header->n;
  for (size_t i = 0; i < width; i++) {
    str_t text = like != NULL ? like->cell[i] : STR ("");
    for (size_t k = 0; i < header->n && k < n; k++)
      if (str_is (header->cell[i], cells[k].column))
        text = cells[k].text;
    csv_write_cell (out, text, i == 0, false);
  }
  buf_put (out, d->eol.p, d->eol.n);
}

err_t
draft_set (draft_t *d, const char *section, size_t row, const draft_cell_t *cells, size_t n, fail_t *fail)
{
  const raw_section_t *s = section_of (d, section);
  buf_t text = BUF_INIT;
  CHECK (s != NULL && row < s->n - 1);
  const raw_row_t *r = &s->rows[row + 1];
  err_t err = check_columns (s, cells, n, fail);
  if (err == ERR_OK)
    put_row (d, s, r, cells, n, &text);
  if (err == ERR_OK)
    err = splice (d, r->line, row_lines (r), buf_str (&text), fail);
  buf_free (&text);
  return err;
}

err_t
draft_insert (draft_t *d, const char *section, size_t after, size_t like, const draft_cell_t *cells, size_t n,
              fail_t *fail)
{
  const raw_section_t *s = section_of (d, section);
  buf_t text = BUF_INIT;
  CHECK (s != NULL && after < s->n - 1 && (like == DRAFT_NONE || like < s->n - 1));
  const raw_row_t *r = &s->rows[after + 1];
  err_t err = check_columns (s, cells, n, fail);
  if (err == ERR_OK)
    put_row (d, s, like != DRAFT_NONE ? &s->rows[like + 1] : NULL, cells, n, &text);
  if (err == ERR_OK)
    err = splice (d, r->line + row_lines (r), 0, buf_str (&text), fail);
  buf_free (&text);
  return err;
}

/* The line behind a section's last row. */
static uint32_t
section_end (const raw_section_t *s)
{
  const raw_row_t *last = &s->rows[s->n - 1];
  return last->line + row_lines (last);
}

static err_t
make_section (draft_t *d, const char *section, const char *header, const char *behind, fail_t *fail)
{
  const raw_section_t *s = section_of (d, behind);
  buf_t text = BUF_INIT;
  CHECK (s != NULL);
  buf_printf (&text, "%.*s[%s]%.*s%s%.*s", STR_ARG (d->eol), section, STR_ARG (d->eol), header,
              STR_ARG (d->eol));
  err_t err = splice (d, section_end (s), 0, buf_str (&text), fail);
  buf_free (&text);
  return err;
}

err_t
draft_append (draft_t *d, const char *section, const char *header, const char *behind,
              const draft_cell_t *cells, size_t n, fail_t *fail)
{
  buf_t text = BUF_INIT;
  err_t err = section_of (d, section) == NULL ? make_section (d, section, header, behind, fail) : ERR_OK;
  const raw_section_t *s = err == ERR_OK ? section_of (d, section) : NULL;
  if (s != NULL)
    err = check_columns (s, cells, n, fail);
  if (s != NULL && err == ERR_OK) {
    put_row (d, s, NULL, cells, n, &text);
    err = splice (d, section_end (s), 0, buf_str (&text), fail);
  }
  buf_free (&text);
  return err;
}

/* ---- a draft ---- */

static bool
is_utf16 (str_t file)
{
  return file.n >= 2 && (memcmp (file.p, "\xFF\xFE", 2) == 0 || memcmp (file.p, "\xFE\xFF", 2) == 0);
}

err_t
draft_new (const catalogue_t *c, draft_t **out, fail_t *fail)
{
  str_t file = catalogue_bytes (c);
  draft_t *d = calloc (1, sizeof *d);
  if (d == NULL)
    return no_memory (fail);
  const char *eol = memchr (file.p, '\n', file.n);
  d->eol = eol != NULL && eol > file.p && eol[-1] == '\r' ? STR ("\r\n") : STR ("\n");
  err_t err = ERR_OK;
  if (is_utf16 (file))
    err = fail_set (fail, ERR_INPUT,
                    L ("danh mục ở dạng UTF-16; hãy lưu tệp thành UTF-8 rồi dùng catalogue import",
                       "the catalogue is UTF-16; save the file as UTF-8 and use catalogue import"));
  else if ((d->c = catalogue_parse (file, catalogue_version (c), fail)) == NULL)
    err = fail != NULL && fail->err != ERR_OK ? fail->err : ERR_INPUT;
  if (err != ERR_OK)
    draft_destroy (&d);
  *out = d;
  return err;
}

void
draft_destroy (draft_t **self_p)
{
  draft_t *d = *self_p;
  if (d == NULL)
    return;
  catalogue_destroy (&d->c);
  free (d);
  *self_p = NULL;
}

const catalogue_t *
draft_catalogue (const draft_t *d)
{
  return d->c;
}
