/* sheet_find.c - which sheet of a workbook holds the records.
 *
 * People keep cover sheets, lists and last year's table beside the one they mean, so a sheet is known by its
 * header alone: a row that has all the columns a kind must have (under --kind, all that name a record). Where
 * several sheets have one, those without a row below it are left out, then those of other kinds; what remains
 * must be one. Hidden sheets count only where no other has a header. Where none has, the row most like a
 * header is handed on, for whoever reads headers to say what it lacks. */
#include "agent/entry/sheet_rows.h"

#include "common/base/lang.h"
#include "common/text/fonts.h"

#include <stdio.h>
#include <string.h>

#define HEADER_WITHIN 50u /* rows that hold anything */
#define CANDIDATES_MAX 32u
#define LIKE_A_HEADER 2u /* columns that are known */

typedef struct {
  size_t sheet;
  uint32_t row;
  kind_t kind;
  bool hidden, has_rows;
} candidate_t;

typedef struct {
  xlsx_in_t *x;
  const import_options_t *options;
  const catalogue_t *c;
  columns_t *kinds[FORM_END]; /* the columns of each; NULL where there is none */
  candidate_t found[CANDIDATES_MAX];
  size_t n;
} search_t;

/* ---- one row ---- */

static size_t
names_of (const xlsx_row_t *row, str_t *names)
{
  size_t n = 0;
  for (size_t i = 0; i < row->n; i++)
    if (sheet_cell_says (&row->cell[i]))
      names[n++] = row->cell[i].text;
  return n;
}

/* Columns of the kind asked for, or of any one kind, among the names. */
static size_t
known_names (const search_t *s, const str_t *names, size_t n)
{
  size_t best = 0;
  for (size_t k = 0; k < FORM_END; k++) {
    size_t found = 0;
    for (size_t i = 0; s->kinds[k] != NULL && i < n; i++)
      found += columns_find (s->kinds[k], names[i]) >= 0;
    if (found > best && (s->options->kind == KIND_NONE || (kind_t)k == s->options->kind))
      best = found;
  }
  return best;
}

static bool
has_keys (const columns_t *cs, const str_t *names, size_t n)
{
  for (size_t i = 0; i < columns_count (cs); i++) {
    const column_t *col = columns_at (cs, i);
    bool has = !(col->key && col->required);
    for (size_t k = 0; k < n && !has; k++)
      has = columns_find (cs, names[k]) == (int)i;
    if (!has)
      return false;
  }
  return true;
}

/* The kind of which the row is a header, KIND_NONE if it is none. */
static kind_t
header_of (const search_t *s, const xlsx_row_t *row)
{
  str_t names[CSV_COLUMNS_MAX];
  CHECK (row->n <= CSV_COLUMNS_MAX);
  const size_t n = names_of (row, names);
  const columns_t *asked = s->kinds[s->options->kind];
  if (known_names (s, names, n) < (asked != NULL ? 1 : LIKE_A_HEADER))
    return KIND_NONE; /* to know the kind takes much longer */
  const kind_t kind = n > 1 ? columns_recognise (s->c, names, n) : KIND_NONE;
  if (kind == KIND_NONE && asked != NULL && has_keys (asked, names, n))
    return s->options->kind;
  return kind;
}

numbering_t
sheet_numbers_columns (const xlsx_row_t *row)
{
  str_t cell[CSV_COLUMNS_MAX];
  size_t n = 0;
  for (size_t i = 0; i < row->n; i++) {
    if (!sheet_cell_says (&row->cell[i]))
      continue;
    if (row->cell[i].type != XLSX_TEXT && row->cell[i].type != XLSX_NUMBER)
      return NUMBERING_NONE;
    cell[n++] = row->cell[i].text;
  }
  return numbering_of (cell, n);
}

/* ---- one sheet ---- */

/* Goes on to the row that is a header; ERR_END: there is none near the top. */
static err_t
find_header (search_t *s, size_t sheet, xlsx_row_t *row, kind_t *kind, fail_t *fail)
{
  err_t err = xlsx_in_start (s->x, sheet, fail);
  for (size_t i = 0; err == ERR_OK && i < HEADER_WITHIN; i++) {
    err = xlsx_in_next (s->x, row, fail);
    if (err == ERR_OK && (*kind = header_of (s, row)) != KIND_NONE)
      return ERR_OK;
  }
  return err == ERR_OK ? ERR_END : err;
}

static err_t
look_at (search_t *s, size_t sheet, fail_t *fail)
{
  xlsx_row_t row;
  candidate_t c = {.sheet = sheet, .hidden = xlsx_in_sheet (s->x, sheet)->hidden};
  err_t err = find_header (s, sheet, &row, &c.kind, fail);
  if (err != ERR_OK)
    return err == ERR_END ? ERR_OK : err;
  c.row = row.row;
  while ((err = xlsx_in_next (s->x, &row, fail)) == ERR_OK && sheet_numbers_columns (&row) == NUMBERING_SURE)
    ;
  c.has_rows = err == ERR_OK;
  if (s->n < CANDIDATES_MAX)
    s->found[s->n++] = c;
  return err == ERR_END ? ERR_OK : err;
}

/* ---- the choice ---- */

typedef bool (fits_fn) (const search_t *s, const candidate_t *c);

static bool
is_visible (const search_t *s, const candidate_t *c)
{
  (void)s;
  return !c->hidden;
}

static bool
has_rows (const search_t *s, const candidate_t *c)
{
  (void)s;
  return c->has_rows;
}

static bool
is_of_kind (const search_t *s, const candidate_t *c)
{
  return s->options->kind == KIND_NONE || c->kind == s->options->kind;
}

/* Keeps those that fit, unless none does. */
static void
prefer (search_t *s, fits_fn *fits)
{
  size_t n = 0;
  for (size_t i = 0; i < s->n; i++)
    n += fits (s, &s->found[i]);
  if (n == 0)
    return;
  n = 0;
  for (size_t i = 0; i < s->n; i++)
    if (fits (s, &s->found[i]))
      s->found[n++] = s->found[i];
  s->n = n;
}

static err_t
several (const search_t *s, fail_t *fail)
{
  buf_t names = BUF_INIT;
  for (size_t i = 0; i < s->n; i++)
    buf_printf (&names, "%s“%.*s” (%s)", i > 0 ? ", " : "",
                STR_ARG (xlsx_in_sheet (s->x, s->found[i].sheet)->name), kind_name (s->found[i].kind));
  (void)fail_set (fail, ERR_INPUT,
                  L ("có nhiều trang tính nhập được: %s; hãy chọn bằng --sheet “tên trang tính”, hoặc --kind",
                     "several sheets can be imported: %s; choose one with --sheet NAME, or with --kind"),
                  buf_z (&names));
  buf_free (&names);
  return ERR_INPUT;
}

/* The sheet of --sheet; ERR_INPUT with the names there are. */
static err_t
sheet_by_name (const search_t *s, size_t *out, fail_t *fail)
{
  buf_t names = BUF_INIT;
  err_t err = ERR_INPUT;
  for (size_t i = 0; i < xlsx_in_sheets (s->x); i++) {
    const str_t name = xlsx_in_sheet (s->x, i)->name;
    buf_printf (&names, "%s“%.*s”", i > 0 ? ", " : "", STR_ARG (name));
    if (str_eq (name, s->options->sheet) && err != ERR_OK) {
      *out = i;
      err = ERR_OK;
    }
  }
  if (err != ERR_OK)
    (void)fail_set (
        fail, err,
        L ("không có trang tính “%.*s”; tệp có: %s", "there is no sheet \"%.*s\"; the file has: %s"),
        STR_ARG (s->options->sheet), buf_z (&names));
  buf_free (&names);
  return err;
}

/* ---- where there is no header ---- */

/* Names in letters of an old font are known as such, not as what they say. */
static bool
in_old_letters (const str_t *names, size_t n)
{
  buf_t all = BUF_INIT;
  for (size_t i = 0; i < n; i++) {
    buf_put (&all, names[i].p, names[i].n);
    buf_putc (&all, '\n');
  }
  const bool old = n > 2 && fonts_guess (buf_str (&all)) != LEGACY_NONE;
  buf_free (&all);
  return old;
}

/* Row 0: no row is like one, or none holds anything. */
static err_t
most_like (search_t *s, size_t first, size_t end, candidate_t *best, fail_t *fail)
{
  str_t names[CSV_COLUMNS_MAX];
  xlsx_row_t row;
  size_t best_likeness = 0;
  err_t err = ERR_OK;
  for (size_t i = first; i < end && (err == ERR_OK || err == ERR_END); i++) {
    err = xlsx_in_start (s->x, i, fail);
    for (size_t k = 0; err == ERR_OK && k < HEADER_WITHIN; k++) {
      if ((err = xlsx_in_next (s->x, &row, fail)) != ERR_OK)
        continue;
      const size_t n = names_of (&row, names);
      size_t like = known_names (s, names, n);
      if (like < LIKE_A_HEADER && best_likeness < LIKE_A_HEADER && in_old_letters (names, n))
        like = LIKE_A_HEADER;
      if (best->row == 0 || like > best_likeness)
        *best = (candidate_t){.sheet = i, .row = row.row};
      if (like > best_likeness)
        best_likeness = like;
    }
  }
  if (err != ERR_OK && err != ERR_END)
    return err;
  if (best->row == 0)
    return ERR_END;
  if (best_likeness >= LIKE_A_HEADER || (s->options->kind != KIND_NONE && best_likeness == 1))
    return ERR_OK;
  return fail_set (
      fail, ERR_INPUT,
      L ("không thấy dòng tiêu đề trong %u dòng đầu của trang tính nào; dòng tiêu đề phải ghi tên các cột "
         "của một "
         "loại bản ghi, xem “kc-agent template KIND -o TỆP.xlsx”",
         "no sheet has a header among its first %u rows; a header names the columns of a kind of record, see "
         "\"kc-agent template KIND -o FILE.xlsx\""),
      HEADER_WITHIN);
}

/* ---- all of it ---- */

static err_t
go_to (search_t *s, const candidate_t *c, size_t *sheet, xlsx_row_t *row, fail_t *fail)
{
  err_t err = xlsx_in_start (s->x, c->sheet, fail);
  while (err == ERR_OK && (err = xlsx_in_next (s->x, row, fail)) == ERR_OK && row->row != c->row)
    ;
  *sheet = c->sheet;
  return err;
}

static err_t
search (search_t *s, candidate_t *out, fail_t *fail)
{
  size_t first = 0, end = xlsx_in_sheets (s->x);
  err_t err = ERR_OK;
  if (!str_blank (s->options->sheet)) {
    err = sheet_by_name (s, &first, fail);
    end = first + 1;
  }
  for (size_t i = first; i < end && err == ERR_OK; i++)
    err = look_at (s, i, fail);
  if (err != ERR_OK)
    return err;
  prefer (s, is_visible);
  prefer (s, is_of_kind);
  prefer (s, has_rows);
  if (s->n > 1)
    return several (s, fail);
  if (s->n == 0)
    return most_like (s, first, end, out, fail);
  *out = s->found[0];
  return ERR_OK;
}

err_t
sheet_find (xlsx_in_t *x, const import_options_t *options, const catalogue_t *c, size_t *sheet,
            xlsx_row_t *row, fail_t *fail)
{
  search_t s = {.x = x, .options = options, .c = c};
  candidate_t chosen = {0};
  for (size_t k = KIND_SCHEME; k < FORM_END; k++)
    s.kinds[k] = columns_new ((kind_t)k, c);
  err_t err = search (&s, &chosen, fail);
  if (err == ERR_OK)
    err = go_to (&s, &chosen, sheet, row, fail);
  for (size_t k = 0; k < FORM_END; k++)
    columns_destroy (&s.kinds[k]);
  return err;
}
