/* annex_documents.c - annex 4: one row a document, its state and a note. Documents belong to every period. */
#include "common/report/annex_private.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS 2u /* the state, the note */

typedef struct {
  annex_row_t row;
  annex_cell_t cell[COLUMNS];
} line_t;

typedef struct {
  arena_t *arena;
  line_t *line; /* malloc */
  size_t n, cap;
} lines_t;

static annex_cell_t
text_cell (str_t text)
{
  return (annex_cell_t){.has = !str_blank (text), .parts = 1, .text = text};
}

static err_t
document_record (void *ctx, const record_t *r)
{
  lines_t *l = ctx;
  const document_t *d = &r->u.document;
  const char *status = document_status_name (d->status);
  line_t *grown = array_room (l->line, l->n, &l->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  l->line = grown;
  str_t no = arena_str (l->arena, d->no), title = arena_str (l->arena, d->title);
  str_t note = arena_str (l->arena, d->note);
  if (no.p == NULL || (title.p == NULL && d->title.p != NULL) || (note.p == NULL && d->note.p != NULL))
    return ERR_NOMEM;
  l->line[l->n++] = (line_t){{.code = no, .printed_code = no, .label_vi = title, .parent = -1, .level = 2},
                             {text_cell (str_of (status)), text_cell (note)}};
  return ERR_OK;
}

static size_t
digits (str_t s, size_t at)
{
  size_t n = 0;
  while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
    n++;
  return n;
}

/* As people number: 2 before 10, 1.2 before 1.10. */
static int
by_number (const void *a, const void *b)
{
  const str_t x = ((const line_t *)a)->row.code, y = ((const line_t *)b)->row.code;
  size_t i = 0, j = 0;
  while (i < x.n && j < y.n) {
    size_t m = digits (x, i), n = digits (y, j);
    if (m > 0 && n > 0) {
      while (m > 1 && x.p[i] == '0')
        i++, m--;
      while (n > 1 && y.p[j] == '0')
        j++, n--;
      int c = m != n ? (m < n ? -1 : 1) : memcmp (x.p + i, y.p + j, m);
      if (c != 0)
        return c;
      i += m;
      j += n;
    } else if (x.p[i] != y.p[j]) {
      return (unsigned char)x.p[i] < (unsigned char)y.p[j] ? -1 : 1;
    } else {
      i++;
      j++;
    }
  }
  if (x.n - i != y.n - j)
    return x.n - i < y.n - j ? -1 : 1;
  return str_cmp (x, y);
}

/* The form's last line stays open for others: one number behind the last. */
static annex_row_t
open_row (const lines_t *l)
{
  static const char vi[] = "Văn bản khác….", en[] = "Other documents….";
  unsigned long last = 0;
  for (size_t i = 0; i < l->n; i++) {
    const str_t code = l->line[i].row.code;
    unsigned long v = 0;
    for (size_t k = 0; k < digits (code, 0) && k < 6; k++)
      v = 10 * v + (unsigned long)(code.p[k] - '0');
    last = v > last ? v : last;
  }
  buf_t text = BUF_INIT;
  buf_printf (&text, "%lu", last + 1);
  const str_t number = arena_str (l->arena, buf_str (&text));
  buf_free (&text);
  return (annex_row_t){.code = STR ("other"),
                       .printed_code = number,
                       .label_vi = STR (vi),
                       .label_en = STR (en),
                       .parent = -1,
                       .level = 2};
}

static err_t
lay_out (const lines_t *l, span_t years, annex_table_t *out)
{
  annex_row_t *row = arena_alloc (l->arena, (l->n + 1) * sizeof *row);
  annex_cell_t *cell = arena_alloc (l->arena, (l->n + 1) * sizeof *cell * COLUMNS);
  annex_column_t *column = arena_alloc (l->arena, COLUMNS * sizeof *column);
  if (row == NULL || cell == NULL || column == NULL)
    return ERR_NOMEM;
  column[0] = (annex_column_t){.period = COLUMN_STATUS, .measure = MEASURE_STATUS};
  column[1] = (annex_column_t){.period = COLUMN_NOTE, .measure = MEASURE_STATUS};
  for (size_t i = 0; i < l->n; i++) {
    row[i] = l->line[i].row;
    memcpy (cell + i * COLUMNS, l->line[i].cell, sizeof l->line[i].cell);
  }
  row[l->n] = open_row (l);
  memset (cell + l->n * COLUMNS, 0, COLUMNS * sizeof *cell);
  *out = (annex_table_t){ANNEX_DOCUMENTS, years, l->n + 1, COLUMNS, row, column, cell};
  return row[l->n].printed_code.p != NULL ? ERR_OK : ERR_NOMEM;
}

err_t
annex_documents (const figures_t *f, span_t years, arena_t *arena, annex_table_t *out, fail_t *fail)
{
  lines_t l = {.arena = arena};
  err_t err = f->records (f->ctx, KIND_DOCUMENT, document_record, &l);
  if (err == ERR_OK && l.n > 0)
    qsort (l.line, l.n, sizeof *l.line, by_number);
  if (err == ERR_OK)
    err = lay_out (&l, years, out);
  free (l.line);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}
