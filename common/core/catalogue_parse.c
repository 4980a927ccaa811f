/* catalogue_parse.c - reads a catalogue file, row by row, by one table of sections and columns.
 *
 * A catalogue decides what every office may write, so the reader takes nothing on trust: what it
 * knows must be right to the letter, or the file is refused with line and column. What it does not
 * know (a section, a column of a newer edition) it steps over. References between sections may point
 * forward; they are noted while reading and followed at the end, still with their line. */
#include "common/base/lang.h"
#include "common/core/catalogue_parser.h"
#include "common/core/checks.h"
#include "common/core/period.h"

#include <stdlib.h>

/* A file of CATALOGUE_FILE_MAX in rows of one cell of one byte, as text and as rows. */
#define ARENA_BUDGET (64u << 20)

static bool
rest_is_blank (const csv_row_t *row, size_t from)
{
  for (size_t i = from; i < row->n; i++)
    if (row->cell[i].text.n > 0)
      return false;
  return true;
}

static bool
starts_section (const csv_row_t *row, str_t *name)
{
  str_t first = row->cell[0].text;
  if (first.n < 3 || first.p[0] != '[' || first.p[first.n - 1] != ']' || !rest_is_blank (row, 1))
    return false;
  *name = (str_t){first.p + 1, first.n - 2};
  return true;
}

/* Cells of the file lie in the catalogue already; only what the reader unquoted or converted is copied. */
static err_t
keep_text (parser_t *p, str_t text, str_t *out)
{
  str_t file = p->c->bytes;
  bool ours = text.p >= file.p && text.p < file.p + file.n;
  *out = ours || text.n == 0 ? (str_t){text.n == 0 ? "" : text.p, text.n} : arena_str (p->c->arena, text);
  return out->p == NULL ? parser_no_memory (p) : ERR_OK;
}

static err_t
open_section (parser_t *p, str_t name)
{
  catalogue_t *c = p->c;
  p->section = NULL;
  p->header_read = false;
  p->column = 1;
  for (size_t i = 0; i < c->raw_n; i++)
    if (str_eq (c->raw[i].name, name))
      return parser_refuse (p, L ("phần [%.*s] xuất hiện hai lần", "section [%.*s] stands twice"),
                            STR_ARG (name));
  raw_section_t *raw = array_room (c->raw, c->raw_n, &c->raw_cap, sizeof *raw);
  if (raw == NULL)
    return parser_no_memory (p);
  c->raw = raw;
  p->raw = &raw[c->raw_n];
  *p->raw = (raw_section_t){0};
  err_t err = keep_text (p, name, &p->raw->name);
  if (err != ERR_OK)
    return err;
  c->raw_n++;
  for (int i = 0; i < LIST_COUNT; i++)
    if (str_is (name, catalogue_sections[i].name))
      p->section = &catalogue_sections[i];
  return ERR_OK;
}

static err_t
keep_row (parser_t *p)
{
  raw_section_t *s = p->raw;
  raw_row_t *rows = array_room (s->rows, s->n, &s->cap, sizeof *rows);
  if (rows == NULL)
    return parser_no_memory (p);
  s->rows = rows;
  raw_row_t *r = &rows[s->n];
  *r = (raw_row_t){arena_alloc (p->c->arena, p->row.n * sizeof *r->cell), p->row.n, p->row.line};
  if (r->cell == NULL)
    return parser_no_memory (p);
  s->n++;
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < r->n; i++)
    err = keep_text (p, p->row.cell[i].text, &r->cell[i]);
  return err;
}

static err_t
read_header (parser_t *p)
{
  p->header_read = true;
  p->width = p->row.n;
  while (p->width > 0 && p->row.cell[p->width - 1].text.n == 0)
    p->width--;
  for (size_t i = 0; i < SPECS_MAX; i++)
    p->place[i] = -1;
  for (size_t s = 0; s < SPECS_MAX && p->section->specs[s].name != NULL; s++) {
    const spec_t *spec = &p->section->specs[s];
    for (size_t i = 0; i < p->width; i++) {
      if (!str_is (p->row.cell[i].text, spec->name))
        continue;
      p->column = (uint32_t)i + 1;
      if (p->place[s] >= 0)
        return parser_refuse (p, L ("cột “%.*s” xuất hiện hai lần", "column \"%.*s\" stands twice"),
                              STR_ARG (str_of (spec->name)));
      p->place[s] = (int)i;
    }
    p->column = 0;
    if (p->place[s] < 0 && spec->required)
      return parser_refuse (p, L ("thiếu cột bắt buộc “%.*s”", "required column \"%.*s\" is missing"),
                            STR_ARG (str_of (spec->name)));
  }
  return ERR_OK;
}

static err_t
read_row (parser_t *p)
{
  p->column = (uint32_t)(p->row.n < p->width ? p->row.n : p->width) + 1;
  if (p->row.n < p->width || !rest_is_blank (&p->row, p->width))
    return parser_refuse (p, L ("số ô khác với dòng tiêu đề của phần",
                                "the number of cells differs from the section's header"));
  char *row = arena_alloc (p->c->arena, p->section->row_size);
  if (row == NULL)
    return parser_no_memory (p);
  err_t err = ERR_OK;
  for (size_t s = 0; err == ERR_OK && s < SPECS_MAX && p->section->specs[s].name != NULL; s++) {
    const spec_t *spec = &p->section->specs[s];
    if (p->place[s] < 0)
      continue;
    p->column = (uint32_t)p->place[s] + 1;
    err = parser_cell (p, spec, p->row.cell[p->place[s]].text, row + spec->offset);
  }
  if (err == ERR_OK)
    err = p->section->add (p, row);
  if (err == ERR_OK && catalogue_list_add (&p->c->lists[p->section - catalogue_sections], row) != ERR_OK)
    err = parser_no_memory (p);
  return err;
}

static err_t
read_line (parser_t *p)
{
  str_t name;
  if (starts_section (&p->row, &name))
    return open_section (p, name);
  p->column = 1;
  if (p->raw == NULL)
    return parser_refuse (p,
                          L ("tệp danh mục phải mở đầu bằng tên phần như [meta], không phải “%.*s”",
                             "a catalogue starts with a section such as [meta], not with \"%.*s\""),
                          STR_ARG (p->row.cell[0].text));
  err_t err = keep_row (p);
  if (err != ERR_OK || p->section == NULL)
    return err;
  return p->header_read ? read_row (p) : read_header (p);
}

static err_t
check_whole (parser_t *p)
{
  for (int i = 0; i < LIST_COUNT; i++)
    if (catalogue_sections[i].required && p->c->lists[i].n == 0)
      return fail_set (p->fail, ERR_INPUT,
                       L ("danh mục thiếu phần [%s] hoặc phần này không có dòng nào",
                          "the catalogue has no section [%s], or no row in it"),
                       catalogue_sections[i].name);
  for (size_t i = 0; i < p->refs_n; i++) {
    const ref_t *r = &p->refs[i];
    if (catalogue_index_get (p->c, r->space, r->id, r->code) != NULL)
      continue;
    p->row.line = r->line;
    p->column = r->column;
    if (r->code.p != NULL)
      return parser_refuse (p,
                            L ("mã “%.*s” không có trong danh mục", "code \"%.*s\" is not in the catalogue"),
                            STR_ARG (r->code));
    return parser_refuse (
        p, L ("id đơn vị này không có trong danh mục", "this unit id is not in the catalogue"));
  }
  err_t err = parser_name_units (p);
  if (err == ERR_OK)
    err = parser_lineage_whole (p);
  if (err == ERR_OK)
    err = periods_check (p->c, p->fail);
  if (err == ERR_OK)
    err = checks_check (p->c, p->fail);
  if (err == ERR_OK && (p->c->checks = checks_new (p->c)) == NULL)
    err = parser_no_memory (p);
  return err;
}

static catalogue_t *
catalogue_new (str_t file, uint32_t version)
{
  catalogue_t *c = calloc (1, sizeof *c);
  if (c == NULL)
    return NULL;
  c->version = version;
  c->arena = arena_new (ARENA_BUDGET);
  if (c->arena != NULL)
    c->bytes = arena_str (c->arena, file);
  if (c->bytes.p == NULL)
    catalogue_destroy (&c);
  return c;
}

catalogue_t *
catalogue_parse (str_t file, uint32_t version, fail_t *fail)
{
  parser_t p = {.fail = fail};
  csv_t *csv = NULL;
  err_t err = ERR_OK;

  if (file.n > CATALOGUE_FILE_MAX) {
    fail_set (fail, ERR_TOO_BIG,
              L ("tệp danh mục quá lớn (tối đa %u KiB)", "the catalogue is too big (at most %u KiB)"),
              CATALOGUE_FILE_MAX >> 10);
    return NULL;
  }
  p.c = catalogue_new (file.p == NULL ? STR ("") : file, version);
  if (p.c == NULL) {
    parser_no_memory (&p);
    return NULL;
  }
  csv = csv_open (p.c->bytes, fail);
  if (csv == NULL) {
    err = ERR_INPUT;
    goto done;
  }
  while (err == ERR_OK && (err = csv_next (csv, &p.row, fail)) == ERR_OK)
    err = read_line (&p);
  if (err == ERR_END)
    err = check_whole (&p);

done:
  csv_destroy (&csv);
  free (p.refs);
  if (err != ERR_OK)
    catalogue_destroy (&p.c);
  return p.c;
}
