/* catalogue_parse.c - reads a catalogue file, row by row, by one table of sections and columns.
 *
 * A catalogue decides what every office may write, so the reader takes nothing on trust: what it
 * knows must be right to the letter, or the file is refused with line and column. What it does not
 * know (a section, a column of a newer edition) it steps over. References between sections may point
 * forward; they are noted while reading and followed at the end, still with their line. */
#include "common/base/lang.h"
#include "common/core/catalogue_impl.h"
#include "common/text/csv.h"
#include "common/text/number.h"
#include "common/text/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SCALE_MAX 9u
#define ARENA_BUDGET (24u << 20) /* a file of CATALOGUE_FILE_MAX in cells of one byte, rows included */
#define SPECS_MAX 16u

typedef enum {
  CELL_ID,      /* a number from 1 */
  CELL_UNIT,    /* the id of a unit of this file, may be blank */
  CELL_CODE,    /* ASCII */
  CELL_FUND,    /* as CELL_CODE, but Đ is a letter */
  CELL_WORD,    /* short text that must be given */
  CELL_TEXT,    /* may be blank */
  CELL_DATE,    /* a whole day, may be blank */
  CELL_BOOL,    /* yes, no, blank = no */
  CELL_DECIMALS /* 0..SCALE_MAX, blank = 0 */
} cell_type_t;

typedef struct {
  const char *name;
  cell_type_t type;
  size_t offset;
  bool required;        /* the column must be there */
  index_space_t refers; /* CELL_CODE, CELL_UNIT: what it names, then it may be blank if not required */
} spec_t;

typedef struct parser parser_t;

typedef struct {
  const char *name;
  bool required;
  size_t row_size;
  /* Puts a finished row into the index. */
  err_t (*add) (parser_t *p, void *row);
  spec_t specs[SPECS_MAX];
} section_t;

/* A reference still to be followed. */
typedef struct {
  index_space_t space;
  uint32_t id, line, column;
  str_t code;
} ref_t;

struct parser {
  catalogue_t *c;
  fail_t *fail;
  const section_t *section; /* NULL: before the first one, or in one that is unknown */
  bool in_section, header_read;
  int place[SPECS_MAX]; /* where the header has each spec's column, -1 = nowhere */
  size_t width;         /* cells of the header */
  bool seen[LIST_COUNT];
  csv_row_t row;
  uint32_t column; /* of the cell being read, for messages */
  ref_t *refs;
  size_t refs_n, refs_cap;
};

static err_t refuse (parser_t *p, const char *fmt, ...) PRINTF_LIKE (2, 3);

static err_t
refuse (parser_t *p, const char *fmt, ...)
{
  char text[sizeof ((fail_t *)NULL)->text];
  va_list args;
  va_start (args, fmt);
  vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  fail_set (p->fail, ERR_INPUT, "%s", text);
  fail_at (p->fail, NULL, p->row.line, p->column);
  return ERR_INPUT;
}

static err_t
no_memory (parser_t *p)
{
  return fail_set (p->fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
}

/* ---- the sections ---- */

static err_t
index_code (parser_t *p, index_space_t space, str_t code, const void *row)
{
  p->column = (uint32_t)p->place[0] + 1;
  if (catalogue_index_get (p->c, space, 0, code) != NULL)
    return refuse (p, L ("mã “%.*s” đã có ở một dòng trên", "code \"%.*s\" stands on a line above already"),
                   STR_ARG (code));
  return catalogue_index_put (p->c, space, 0, code, row) == ERR_OK ? ERR_OK : no_memory (p);
}

/* Versions of a unit follow one another in time; so do the units that bear a code in turn. */
static bool
follows (const unit_t *before, const unit_t *after)
{
  return before->valid_to != 0 && after->valid_from > before->valid_to;
}

static err_t
add_unit (parser_t *p, void *row)
{
  unit_t *u = row;
  const unit_t *same_id = catalogue_index_get (p->c, INDEX_UNIT_ID, u->id, STR_NONE);
  const unit_t *same_code = catalogue_index_get (p->c, INDEX_UNIT_CODE, 0, u->code);
  p->column = (uint32_t)p->place[0] + 1;
  if (u->valid_to != 0 && u->valid_to < u->valid_from)
    return refuse (
        p, L ("đơn vị “%.*s” hết hiệu lực trước khi có hiệu lực", "unit \"%.*s\" ends before it begins"),
        STR_ARG (u->name));
  if (same_id != NULL && !follows (same_id, u))
    return refuse (p,
                   L ("id của đơn vị “%.*s” đã có ở một dòng trên; các phiên bản của một đơn vị phải nối "
                      "tiếp nhau theo ngày",
                      "the id of unit \"%.*s\" stands on a line above already; versions of a unit must "
                      "follow one another "
                      "by date"),
                   STR_ARG (u->name));
  p->column = (uint32_t)p->place[1] + 1;
  if (same_code != NULL && same_code->id != u->id && !follows (same_code, u))
    return refuse (
        p, L ("mã đơn vị “%.*s” đang thuộc đơn vị khác", "unit code \"%.*s\" belongs to another unit"),
        STR_ARG (u->code));
  list_t *units = &p->c->units;
  size_t i = 0;
  while (same_id != NULL && i < units->n && units->at[i] != same_id)
    i++;
  if (same_id != NULL)
    units->at[i] = u;
  else if (units->n >= UNITS_MAX)
    return refuse (p, L ("quá nhiều đơn vị, từ “%.*s”", "too many units, from \"%.*s\""), STR_ARG (u->name));
  else if (catalogue_list_add (units, u) != ERR_OK)
    return no_memory (p);
  if (catalogue_index_put (p->c, INDEX_UNIT_ID, u->id, STR_NONE, u) != ERR_OK ||
      catalogue_index_put (p->c, INDEX_UNIT_CODE, 0, u->code, u) != ERR_OK)
    return no_memory (p);
  return ERR_OK;
}

/* The columns X_vnd and settled_X_vnd are made of a source's code: they must be nobody else's. */
static bool
code_makes_columns (str_t code)
{
  static const char prefix[] = "settled_";
  return !str_is (code, "matching") && !str_is (code, "investment") &&
         (code.n < sizeof prefix - 1 || memcmp (code.p, prefix, sizeof prefix - 1) != 0);
}

static err_t
add_source (parser_t *p, void *row)
{
  const source_t *s = row;
  p->column = (uint32_t)p->place[0] + 1;
  if (catalogue_index_get (p->c, INDEX_SOURCE_ID, s->id, STR_NONE) != NULL)
    return refuse (
        p, L ("id của nguồn “%.*s” đã có ở một dòng trên", "the id of source \"%.*s\" stands above already"),
        STR_ARG (s->code));
  p->column = (uint32_t)p->place[1] + 1;
  if (catalogue_index_get (p->c, INDEX_SOURCE_CODE, 0, s->code) != NULL)
    return refuse (p,
                   L ("mã nguồn “%.*s” đã có ở một dòng trên", "source code \"%.*s\" stands above already"),
                   STR_ARG (s->code));
  if (!code_makes_columns (s->code))
    return refuse (p,
                   L ("mã nguồn “%.*s” trùng với cột khác của tệp nhập; chọn mã khác",
                      "source code \"%.*s\" collides with another import column; choose another"),
                   STR_ARG (s->code));
  if (p->c->lists[LIST_SOURCES].n >= SOURCES_MAX)
    return refuse (p, L ("quá nhiều nguồn, từ “%.*s”", "too many sources, from \"%.*s\""), STR_ARG (s->code));
  if (catalogue_index_put (p->c, INDEX_SOURCE_ID, s->id, STR_NONE, s) != ERR_OK ||
      catalogue_index_put (p->c, INDEX_SOURCE_CODE, 0, s->code, s) != ERR_OK)
    return no_memory (p);
  return ERR_OK;
}

static err_t
add_category (parser_t *p, void *row)
{
  return index_code (p, INDEX_CATEGORY, ((category_t *)row)->code, row);
}

static err_t
add_item (parser_t *p, void *row)
{
  return index_code (p, INDEX_ITEM, ((item_t *)row)->code, row);
}

static err_t
add_indicator (parser_t *p, void *row)
{
  const indicator_t *i = row;
  if (i->decimals > i->scale)
    return refuse (
        p, L ("chỉ tiêu “%.*s”: decimals lớn hơn scale", "indicator \"%.*s\": decimals is above scale"),
        STR_ARG (i->code));
  return index_code (p, INDEX_INDICATOR, i->code, row);
}

static err_t
add_nothing (parser_t *p, void *row)
{
  (void)p, (void)row;
  return ERR_OK;
}

#define COL(type, row, name, must)                                                                           \
  {                                                                                                          \
#name, type, offsetof(row, name), must, INDEX_NONE                                                       \
  }
#define REF(type, row, name, must, space)                                                                    \
  {                                                                                                          \
#name, type, offsetof(row, name), must, space                                                            \
  }

/* By list_id_t. The first column of a section with codes is its code. */
static const section_t sections[LIST_COUNT] = {
    [LIST_META] = {"meta",
                   false,
                   sizeof (meta_row_t),
                   add_nothing,
                   {COL (CELL_WORD, meta_row_t, key, true), COL (CELL_TEXT, meta_row_t, value, true)}},
    [LIST_UNITS] = {"units",
                    true,
                    sizeof (unit_t),
                    add_unit,
                    {COL (CELL_ID, unit_t, id, true), COL (CELL_CODE, unit_t, code, true),
                     COL (CELL_WORD, unit_t, name, true), COL (CELL_TEXT, unit_t, name_en, false),
                     COL (CELL_TEXT, unit_t, type, false),
                     REF (CELL_UNIT, unit_t, parent, false, INDEX_UNIT_ID),
                     COL (CELL_DATE, unit_t, valid_from, false), COL (CELL_DATE, unit_t, valid_to, false),
                     COL (CELL_BOOL, unit_t, province, true)}},
    [LIST_SOURCES] = {"sources",
                      true,
                      sizeof (source_t),
                      add_source,
                      {COL (CELL_ID, source_t, id, true), COL (CELL_CODE, source_t, code, true),
                       COL (CELL_FUND, source_t, fund, true), COL (CELL_WORD, source_t, label_vi, true),
                       COL (CELL_TEXT, source_t, label_en, false), COL (CELL_BOOL, source_t, active, true)}},
    [LIST_CATEGORIES] = {"categories",
                         true,
                         sizeof (category_t),
                         add_category,
                         {COL (CELL_CODE, category_t, code, true),
                          COL (CELL_WORD, category_t, label_vi, true),
                          COL (CELL_TEXT, category_t, label_en, false)}},
    [LIST_ITEMS] = {"items",
                    true,
                    sizeof (item_t),
                    add_item,
                    {COL (CELL_CODE, item_t, code, true),
                     REF (CELL_CODE, item_t, category, true, INDEX_CATEGORY),
                     COL (CELL_TEXT, item_t, printed_code, false), COL (CELL_WORD, item_t, label_vi, true),
                     COL (CELL_TEXT, item_t, label_en, false)}},
    [LIST_INDICATORS] =
        {"indicators",
         true,
         sizeof (indicator_t),
         add_indicator,
         {COL (CELL_CODE, indicator_t, code, true),
          REF (CELL_CODE, indicator_t, category, false, INDEX_CATEGORY),
          REF (CELL_CODE, indicator_t, parent, false, INDEX_INDICATOR),
          COL (CELL_TEXT, indicator_t, printed_code, false), COL (CELL_TEXT, indicator_t, unit_vi, false),
          COL (CELL_WORD, indicator_t, label_vi, true), COL (CELL_TEXT, indicator_t, label_en, false),
          COL (CELL_DECIMALS, indicator_t, decimals, true), COL (CELL_DECIMALS, indicator_t, scale, true),
          COL (CELL_BOOL, indicator_t, additive, true), COL (CELL_BOOL, indicator_t, by_fund, true),
          COL (CELL_BOOL, indicator_t, subset, false), COL (CELL_BOOL, indicator_t, supplementary, false)}},
    [LIST_COLUMNS] = {"columns",
                      false,
                      sizeof (label_row_t),
                      add_nothing,
                      {COL (CELL_WORD, label_row_t, kind, true), COL (CELL_WORD, label_row_t, column, true),
                       COL (CELL_TEXT, label_row_t, label_vi, true),
                       COL (CELL_TEXT, label_row_t, label_en, false)}},
};

/* ---- cells ---- */

static err_t
note_ref (parser_t *p, index_space_t space, uint32_t id, str_t code)
{
  ref_t *refs = array_room (p->refs, p->refs_n, &p->refs_cap, sizeof *refs);
  if (refs == NULL)
    return no_memory (p);
  p->refs = refs;
  p->refs[p->refs_n++] = (ref_t){space, id, p->row.line, p->column, code};
  return ERR_OK;
}

static bool
code_fits (str_t text, bool fund)
{
  static const char letter[] = "Đ";
  char plain[CATALOGUE_CODE_MAX];
  size_t n = 0;
  if (text.n == 0 || text.n > CATALOGUE_CODE_MAX)
    return false;
  for (size_t i = 0; i < text.n; i++)
    if (fund && i + 1 < text.n && memcmp (text.p + i, letter, 2) == 0)
      i++;
    else
      plain[n++] = text.p[i];
  return n == 0 || code_valid ((str_t){plain, n});
}

static err_t
read_number (parser_t *p, str_t text, int64_t low, int64_t high, int64_t *out)
{
  int64_t v = 0;
  if (number_parse (text, NUMBER_PLAIN, 0, &v) != NUMBER_OK || v < low || v > high)
    return refuse (
        p, L ("“%.*s” không phải số nguyên trong khoảng cho phép", "\"%.*s\" is not a whole number in range"),
        STR_ARG (text));
  *out = v;
  return ERR_OK;
}

static err_t
read_text (parser_t *p, const spec_t *spec, str_t text, str_t *out)
{
  bool code = spec->type == CELL_CODE || spec->type == CELL_FUND;
  if (code && text.n > 0 && !code_fits (text, spec->type == CELL_FUND))
    return refuse (p,
                   L ("mã “%.*s” phải gồm 1 đến 15 byte: chữ cái không dấu, chữ số và . - _ /",
                      "code \"%.*s\" must be 1 to 15 bytes: ASCII letters, digits and . - _ /"),
                   STR_ARG (text));
  if (text.n > TEXT_LONG_MAX)
    return refuse (p, L ("nội dung dài quá %u byte", "the text is longer than %u bytes"), TEXT_LONG_MAX);
  if (!utf8_is_normal (text))
    return refuse (p, L ("“%.*s” không ở dạng Unicode dựng sẵn (NFC)", "\"%.*s\" is not in Unicode NFC"),
                   STR_ARG (text));
  *out = arena_str (p->c->arena, text);
  if (out->p == NULL)
    return no_memory (p);
  return code && text.n > 0 && spec->refers != INDEX_NONE ? note_ref (p, spec->refers, 0, *out) : ERR_OK;
}

static err_t
read_cell (parser_t *p, const spec_t *spec, str_t text, void *member)
{
  int64_t v = 0;
  bool may_be_blank = spec->type == CELL_TEXT || spec->type == CELL_DATE || spec->type == CELL_BOOL ||
                      spec->type == CELL_DECIMALS || spec->type == CELL_UNIT ||
                      (spec->refers != INDEX_NONE && !spec->required);
  if (text.n == 0 && !may_be_blank)
    return refuse (p, L ("ô này không được để trống", "this cell must not be blank"));
  switch (spec->type) {
  case CELL_ID:
  case CELL_UNIT:
    if (text.n == 0)
      return ERR_OK;
    if (read_number (p, text, 1, UINT32_MAX, &v) != ERR_OK)
      return ERR_INPUT;
    *(uint32_t *)member = (uint32_t)v;
    return spec->type == CELL_UNIT ? note_ref (p, spec->refers, (uint32_t)v, STR_NONE) : ERR_OK;
  case CELL_DECIMALS:
    if (text.n > 0 && read_number (p, text, 0, SCALE_MAX, &v) != ERR_OK)
      return ERR_INPUT;
    *(uint8_t *)member = (uint8_t)v;
    return ERR_OK;
  case CELL_DATE:
    if (text.n > 0 && (date_parse (text, NUMBER_PLAIN, member) != NUMBER_OK || *(date_t *)member % 100 == 0))
      return refuse (p, L ("“%.*s” không phải ngày dạng yyyy-mm-dd", "\"%.*s\" is not a date as yyyy-mm-dd"),
                     STR_ARG (text));
    return ERR_OK;
  case CELL_BOOL:
    *(bool *)member = str_is (text, "yes");
    if (text.n > 0 && !str_is (text, "yes") && !str_is (text, "no"))
      return refuse (p, L ("“%.*s” phải là yes hoặc no", "\"%.*s\" must be yes or no"), STR_ARG (text));
    return ERR_OK;
  case CELL_CODE:
  case CELL_FUND:
  case CELL_WORD:
  case CELL_TEXT:
    return read_text (p, spec, text, member);
  }
  UNREACHABLE ();
}

/* ---- rows ---- */

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

static err_t
open_section (parser_t *p, str_t name)
{
  p->section = NULL;
  p->in_section = true;
  p->header_read = false;
  p->column = 1;
  for (int i = 0; i < LIST_COUNT; i++) {
    if (!str_is (name, sections[i].name))
      continue;
    if (p->seen[i])
      return refuse (p, L ("phần [%.*s] xuất hiện hai lần", "section [%.*s] stands twice"), STR_ARG (name));
    p->seen[i] = true;
    p->section = &sections[i];
  }
  return ERR_OK;
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
        return refuse (p, L ("cột “%.*s” xuất hiện hai lần", "column \"%.*s\" stands twice"),
                       STR_ARG (str_of (spec->name)));
      p->place[s] = (int)i;
    }
    p->column = 0;
    if (p->place[s] < 0 && spec->required)
      return refuse (p, L ("thiếu cột bắt buộc “%.*s”", "required column \"%.*s\" is missing"),
                     STR_ARG (str_of (spec->name)));
  }
  return ERR_OK;
}

static err_t
read_row (parser_t *p)
{
  p->column = (uint32_t)(p->row.n < p->width ? p->row.n : p->width) + 1;
  if (p->row.n < p->width || !rest_is_blank (&p->row, p->width))
    return refuse (p, L ("số ô khác với dòng tiêu đề của phần",
                         "the number of cells differs from the section's header"));
  char *row = arena_alloc (p->c->arena, p->section->row_size);
  if (row == NULL)
    return no_memory (p);
  err_t err = ERR_OK;
  for (size_t s = 0; err == ERR_OK && s < SPECS_MAX && p->section->specs[s].name != NULL; s++) {
    const spec_t *spec = &p->section->specs[s];
    if (p->place[s] < 0)
      continue;
    p->column = (uint32_t)p->place[s] + 1;
    err = read_cell (p, spec, p->row.cell[p->place[s]].text, row + spec->offset);
  }
  if (err == ERR_OK)
    err = p->section->add (p, row);
  if (err == ERR_OK && catalogue_list_add (&p->c->lists[p->section - sections], row) != ERR_OK)
    err = no_memory (p);
  return err;
}

static err_t
read_line (parser_t *p)
{
  str_t name;
  if (starts_section (&p->row, &name))
    return open_section (p, name);
  p->column = 1;
  if (!p->in_section)
    return refuse (p,
                   L ("tệp danh mục phải mở đầu bằng tên phần như [meta], không phải “%.*s”",
                      "a catalogue starts with a section such as [meta], not with \"%.*s\""),
                   STR_ARG (p->row.cell[0].text));
  if (p->section == NULL)
    return ERR_OK;
  return p->header_read ? read_row (p) : read_header (p);
}

static err_t
check_whole (parser_t *p)
{
  for (int i = 0; i < LIST_COUNT; i++)
    if (sections[i].required && p->c->lists[i].n == 0)
      return fail_set (p->fail, ERR_INPUT,
                       L ("danh mục thiếu phần [%s] hoặc phần này không có dòng nào",
                          "the catalogue has no section [%s], or no row in it"),
                       sections[i].name);
  for (size_t i = 0; i < p->refs_n; i++) {
    const ref_t *r = &p->refs[i];
    if (catalogue_index_get (p->c, r->space, r->id, r->code) != NULL)
      continue;
    p->row.line = r->line;
    p->column = r->column;
    if (r->code.p != NULL)
      return refuse (p, L ("mã “%.*s” không có trong danh mục", "code \"%.*s\" is not in the catalogue"),
                     STR_ARG (r->code));
    return refuse (p, L ("id đơn vị này không có trong danh mục", "this unit id is not in the catalogue"));
  }
  return ERR_OK;
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
    no_memory (&p);
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
