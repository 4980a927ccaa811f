/* sheet_find.c - which sheet of a workbook holds the records.
 *
 * People keep cover sheets, lists and last year's table beside the one they mean, so a sheet is known by its
 * header alone: a row, or two (heading.h), with all the columns a kind must have (under --kind, all that name
 * a record). Where several sheets have one, those without a row below it are left out, then those of other
 * kinds; what remains must be one. Hidden sheets count only where no other has a header. Where none has, the
 * row most like a header is handed on, for whoever reads headers to say what it lacks. */
#include "agent/entry/sheet_rows.h"

#include "common/base/lang.h"
#include "common/text/fonts.h"

#include <stdio.h>
#include <string.h>

#define HEADER_WITHIN 50u /* rows that hold anything */
#define CANDIDATES_MAX 32u
#define SEARCH_BUDGET ((size_t)4 << 20)

typedef struct {
  size_t sheet;
  uint32_t row;
  kind_t kind;
  bool hidden, has_rows;
} candidate_t;

typedef struct {
  xlsx_in_t *x;
  const import_options_t *options;
  const heading_t *heading;
  candidate_t found[CANDIDATES_MAX];
  size_t n;
} search_t;

/* ---- one row ---- */

/* Cells that hold more than blanks; their texts stay the row's. */
static void
names_of (const xlsx_row_t *row, csv_cell_t cell[CSV_COLUMNS_MAX], csv_row_t *out)
{
  *out = (csv_row_t){cell, 0, row->row};
  CHECK (row->n <= CSV_COLUMNS_MAX);
  for (size_t i = 0; i < row->n; i++)
    if (sheet_cell_says (&row->cell[i]))
      cell[out->n++] = (csv_cell_t){row->cell[i].text, row->cell[i].row, row->cell[i].column};
}

bool
sheet_names (const xlsx_row_t *row, arena_t *arena, csv_row_t *out)
{
  csv_cell_t cell[CSV_COLUMNS_MAX];
  names_of (row, cell, out);
  csv_cell_t *kept = arena_alloc (arena, (out->n + 1) * sizeof *kept);
  for (size_t i = 0; kept != NULL && i < out->n; i++) {
    kept[i] = cell[i];
    kept[i].text = arena_str (arena, cell[i].text);
    if (kept[i].text.p == NULL)
      return false;
  }
  out->cell = kept;
  return kept != NULL;
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

/* Goes on to the row that is a header, alone or with the one above it, which then is the header's first.
 * ERR_END: there is none near the top. */
static err_t
find_header (search_t *s, size_t sheet, candidate_t *c, fail_t *fail)
{
  xlsx_row_t row;
  csv_row_t names, above = {NULL, 0, 0}, both;
  arena_t *arena = arena_new (SEARCH_BUDGET);
  err_t err = arena != NULL ? xlsx_in_start (s->x, sheet, fail) : ERR_NOMEM;
  for (size_t i = 0; err == ERR_OK && c->kind == KIND_NONE && i < HEADER_WITHIN; i++) {
    err = xlsx_in_next (s->x, &row, fail);
    if (err == ERR_OK && !sheet_names (&row, arena, &names))
      break; /* no header is that long */
    if (err == ERR_OK && (c->kind = heading_kind (s->heading, &names)) != KIND_NONE)
      c->row = row.row;
    else if (err == ERR_OK && above.line + 1 == names.line &&
             heading_join (s->heading, &above, &names, HEADING_UPPER, arena, &both) &&
             (c->kind = heading_kind (s->heading, &both)) != KIND_NONE)
      c->row = above.line;
    above = names;
  }
  arena_destroy (&arena);
  return err == ERR_OK && c->kind == KIND_NONE ? ERR_END : err;
}

static err_t
look_at (search_t *s, size_t sheet, fail_t *fail)
{
  xlsx_row_t row;
  candidate_t c = {.sheet = sheet, .hidden = xlsx_in_sheet (s->x, sheet)->hidden};
  err_t err = find_header (s, sheet, &c, fail);
  if (err != ERR_OK)
    return err == ERR_END ? ERR_OK : err;
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
in_old_letters (const csv_row_t *names)
{
  buf_t all = BUF_INIT;
  for (size_t i = 0; i < names->n; i++) {
    buf_put (&all, names->cell[i].text.p, names->cell[i].text.n);
    buf_putc (&all, '\n');
  }
  const bool old = names->n > 2 && fonts_guess (buf_str (&all)) != LEGACY_NONE;
  buf_free (&all);
  return old;
}

/* Row 0: no row is like one, or none holds anything. */
static err_t
most_like (search_t *s, size_t first, size_t end, candidate_t *best, fail_t *fail)
{
  csv_cell_t cell[CSV_COLUMNS_MAX];
  csv_row_t names;
  xlsx_row_t row;
  size_t best_likeness = 0;
  err_t err = ERR_OK;
  for (size_t i = first; i < end && (err == ERR_OK || err == ERR_END); i++) {
    err = xlsx_in_start (s->x, i, fail);
    for (size_t k = 0; err == ERR_OK && k < HEADER_WITHIN; k++) {
      if ((err = xlsx_in_next (s->x, &row, fail)) != ERR_OK)
        continue;
      names_of (&row, cell, &names);
      size_t like = heading_known (s->heading, &names);
      if (like < LIKE_A_HEADER && best_likeness < LIKE_A_HEADER && in_old_letters (&names))
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

err_t
sheet_go_to (xlsx_in_t *x, size_t sheet, uint32_t to, xlsx_row_t *row, arena_t *arena, csv_row_t *above,
             fail_t *fail)
{
  err_t err = xlsx_in_start (x, sheet, fail);
  *above = (csv_row_t){NULL, 0, 0};
  while (err == ERR_OK && (err = xlsx_in_next (x, row, fail)) == ERR_OK && row->row != to)
    if (row->row + 1 == to && !sheet_names (row, arena, above))
      *above = (csv_row_t){NULL, 0, 0};
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
sheet_find (xlsx_in_t *x, const import_options_t *options, const heading_t *heading, size_t *sheet,
            uint32_t *row, fail_t *fail)
{
  search_t s = {.x = x, .options = options, .heading = heading};
  candidate_t chosen = {0};
  err_t err = search (&s, &chosen, fail);
  *sheet = chosen.sheet;
  *row = chosen.row;
  return err;
}
