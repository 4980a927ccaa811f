/* xlsx_book.c - what a workbook says of itself: its parts, sheets, day count, formats, shared strings.
 *
 * Parts refer to each other by relationships, whose types are told apart by their last word: the strict form
 * of the standard has other addresses before it. Where a part stands is the writer's choice, so nothing is
 * looked for at a place it usually has. */
#include "common/sheet/xlsx_parts.h"

#include "common/base/lang.h"

#include <stdlib.h>
#include <string.h>

#define BOOK_BUDGET ((size_t)16 << 20)
#define SHEETS_MAX 255u
#define RELATIONS_MAX 1000u
#define FORMATS_MAX 65536u
#define CODES_MAX 5000u

typedef struct {
  str_t id, type, entry; /* type: its last word */
} relation_t;

typedef struct {
  arena_t *arena;
  xml_read_t *x;
  str_t base; /* the part the relations are of */
  relation_t *relation;
  size_t relations, relations_room;
} relations_t;

/* ---- shared by the readers of parts ---- */

void
xlsx_damaged (xml_read_t *x, uint32_t row, uint32_t column)
{
  fail_t why = {0};
  (void)fail_set (
      &why, ERR_INPUT,
      L ("nội dung sổ tính không như chương trình bảng tính ghi: hãy mở trong Excel rồi lưu lại",
         "the workbook's content is not as spreadsheet programs write it: open it in Excel and save it "
         "again"));
  if (row > 0)
    fail_at (&why, NULL, row, column);
  xml_read_abort (x, &why);
}

void
xlsx_no_memory (xml_read_t *x)
{
  fail_t why = {0};
  (void)fail_set (&why, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  xml_read_abort (x, &why);
}

err_t
xlsx_read_part (zip_read_t *zip, const char *entry, const xml_told_t *told, xml_read_t **x, fail_t *fail)
{
  err_t err = xml_read_new (zip, entry, told, x, fail);
  if (err != ERR_OK)
    return err;
  err = xml_read_on (*x, fail);
  CHECK (err != ERR_OK); /* nobody pauses here */
  xml_read_destroy (x);
  return err == ERR_END ? ERR_OK : err;
}

/* A copy that lives as long as the book; "" for none. */
static str_t
keep (arena_t *arena, xml_read_t *x, const char *text)
{
  str_t kept = arena_str (arena, str_of (text != NULL ? text : ""));
  if (kept.p == NULL)
    xlsx_no_memory (x);
  return kept;
}

static void
nothing_ends (void *ctx, const char *name)
{
  (void)ctx;
  (void)name;
}

/* ---- relationships ---- */

static str_t
last_word (str_t address)
{
  size_t i = address.n;
  while (i > 0 && address.p[i - 1] != '/')
    i--;
  return (str_t){address.p + i, address.n - i};
}

/* The entry a target names, seen from the part that names it. */
static void
resolve (str_t base, const char *target, buf_t *out)
{
  buf_clear (out);
  if (*target != '/')
    buf_put (out, base.p, base.n - last_word (base).n);
  while (*target == '/')
    target++;
  while (*target != '\0') {
    const size_t n = strcspn (target, "/");
    if (n == 2 && memcmp (target, "..", 2) == 0) {
      if (out->n > 0)
        out->n--;
      while (out->n > 0 && out->p[out->n - 1] != '/')
        out->n--;
    } else if (n != 1 || *target != '.') {
      buf_put (out, target, n);
      if (target[n] == '/')
        buf_putc (out, '/');
    }
    target += n + (target[n] == '/');
  }
}

static void
relations_start (void *ctx, const char *name, const char **attributes)
{
  relations_t *r = ctx;
  const char *target = xml_attribute (attributes, "Target"), *type = xml_attribute (attributes, "Type");
  const char *mode = xml_attribute (attributes, "TargetMode");
  if (strcmp (name, "Relationship") != 0 || target == NULL ||
      (mode != NULL && strcmp (mode, "External") == 0))
    return;
  if (r->relations == RELATIONS_MAX) {
    xlsx_damaged (r->x, 0, 0);
    return;
  }
  relation_t *grown = array_room (r->relation, r->relations, &r->relations_room, sizeof *grown);
  if (grown == NULL) {
    xlsx_no_memory (r->x);
    return;
  }
  r->relation = grown;
  buf_t entry = BUF_INIT;
  resolve (r->base, target, &entry);
  r->relation[r->relations++] =
      (relation_t){keep (r->arena, r->x, xml_attribute (attributes, "Id")),
                   last_word (keep (r->arena, r->x, type)), keep (r->arena, r->x, buf_z (&entry))};
  buf_free (&entry);
}

/* The relations of a part ("" for the archive itself). None is fine. */
static err_t
read_relations (zip_read_t *zip, relations_t *r, str_t base, fail_t *fail)
{
  buf_t entry = BUF_INIT;
  const xml_told_t told = {r, relations_start, nothing_ends, NULL};
  const str_t name = last_word (base);
  buf_put (&entry, base.p, base.n - name.n);
  buf_printf (&entry, "_rels/%.*s.rels", STR_ARG (name));
  r->base = base;
  r->relations = 0;
  err_t err = xlsx_read_part (zip, buf_z (&entry), &told, &r->x, fail);
  buf_free (&entry);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static const relation_t *
relation_of (const relations_t *r, const char *type)
{
  for (size_t i = 0; i < r->relations; i++)
    if (str_is (r->relation[i].type, type))
      return &r->relation[i];
  return NULL;
}

static const relation_t *
relation_by_id (const relations_t *r, str_t id)
{
  for (size_t i = 0; i < r->relations; i++)
    if (str_eq (r->relation[i].id, id))
      return &r->relation[i];
  return NULL;
}

/* ---- the workbook part ---- */

typedef struct {
  xlsx_book_t *book;
  const relations_t *relations;
  xml_read_t *x;
  bool is_workbook;
} sheets_reader_t;

static void
add_sheet (sheets_reader_t *r, const char **attributes)
{
  xlsx_book_t *b = r->book;
  const char *state = xml_attribute (attributes, "state");
  const relation_t *relation = relation_by_id (r->relations, str_of (xml_attribute (attributes, "id")));
  if (relation == NULL || !str_is (relation->type, "worksheet")) /* a sheet of a chart, of a dialogue */
    return;
  xlsx_part_t *grown = array_room (b->part, b->parts, &b->parts_room, sizeof *grown);
  if (grown == NULL) {
    xlsx_no_memory (r->x);
    return;
  }
  b->part = grown;
  if (b->parts == SHEETS_MAX) {
    xlsx_damaged (r->x, 0, 0);
    return;
  }
  b->part[b->parts++] = (xlsx_part_t){{keep (b->arena, r->x, xml_attribute (attributes, "name")),
                                       state != NULL && strcmp (state, "visible") != 0},
                                      relation->entry};
}

static void
book_start (void *ctx, const char *name, const char **attributes)
{
  sheets_reader_t *r = ctx;
  if (strcmp (name, "workbook") == 0)
    r->is_workbook = true;
  else if (strcmp (name, "workbookPr") == 0)
    r->book->from_1904 = xml_yes (xml_attribute (attributes, "date1904"));
  else if (strcmp (name, "sheet") == 0)
    add_sheet (r, attributes);
}

/* ---- formats ---- */

typedef struct {
  uint32_t id;
  xlsx_format_t format;
} code_t;

typedef struct {
  xlsx_book_t *book;
  xml_read_t *x;
  bool in_cells; /* <cellXfs>, not the named styles' */
  code_t *code;
  size_t codes, codes_room;
} styles_reader_t;

static void
add_code (styles_reader_t *r, const char **attributes)
{
  const char *id = xml_attribute (attributes, "numFmtId"), *code = xml_attribute (attributes, "formatCode");
  if (id == NULL || code == NULL || r->codes == CODES_MAX)
    return;
  code_t *grown = array_room (r->code, r->codes, &r->codes_room, sizeof *grown);
  if (grown == NULL) {
    xlsx_no_memory (r->x);
    return;
  }
  r->code = grown;
  const uint32_t number = (uint32_t)strtoul (id, NULL, 10);
  r->code[r->codes++] = (code_t){number, xlsx_format_of (number, code)};
}

static void
add_format (styles_reader_t *r, const char **attributes)
{
  xlsx_book_t *b = r->book;
  const char *id = xml_attribute (attributes, "numFmtId");
  const uint32_t number = id != NULL ? (uint32_t)strtoul (id, NULL, 10) : 0;
  if (b->formats == FORMATS_MAX) {
    xlsx_damaged (r->x, 0, 0);
    return;
  }
  xlsx_format_t *grown = array_room (b->format, b->formats, &b->formats_room, sizeof *grown);
  if (grown == NULL) {
    xlsx_no_memory (r->x);
    return;
  }
  b->format = grown;
  xlsx_format_t f = xlsx_format_of (number, NULL);
  for (size_t i = 0; i < r->codes; i++)
    if (r->code[i].id == number)
      f = r->code[i].format;
  b->format[b->formats++] = f;
}

static void
styles_start (void *ctx, const char *name, const char **attributes)
{
  styles_reader_t *r = ctx;
  if (strcmp (name, "numFmt") == 0)
    add_code (r, attributes);
  else if (strcmp (name, "cellXfs") == 0)
    r->in_cells = true;
  else if (strcmp (name, "xf") == 0 && r->in_cells)
    add_format (r, attributes);
}

static void
styles_end (void *ctx, const char *name)
{
  styles_reader_t *r = ctx;
  if (strcmp (name, "cellXfs") == 0)
    r->in_cells = false;
}

static err_t
read_styles (zip_read_t *zip, const relations_t *relations, xlsx_book_t *book, fail_t *fail)
{
  const relation_t *styles = relation_of (relations, "styles");
  styles_reader_t r = {.book = book};
  const xml_told_t told = {&r, styles_start, styles_end, NULL};
  if (styles == NULL)
    return ERR_OK;
  err_t err = xlsx_read_part (zip, styles->entry.p, &told, &r.x, fail);
  free (r.code);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
read_strings (zip_read_t *zip, const relations_t *relations, xlsx_book_t *book, fail_t *fail)
{
  const relation_t *strings = relation_of (relations, "sharedStrings");
  if (strings == NULL)
    return ERR_OK;
  err_t err = xlsx_strings_read (zip, strings->entry.p, &book->strings, fail);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- all of it ---- */

static err_t
read_book (zip_read_t *zip, relations_t *r, xlsx_book_t *out, fail_t *fail)
{
  sheets_reader_t sheets = {.book = out, .relations = r};
  const xml_told_t told = {&sheets, book_start, nothing_ends, NULL};
  err_t err = read_relations (zip, r, STR (""), fail);
  if (err != ERR_OK)
    return err;
  const relation_t *main_part = relation_of (r, "officeDocument");
  const str_t entry = main_part != NULL ? main_part->entry : STR ("xl/workbook.xml");
  if (entry.n < 4 || memcmp (entry.p + entry.n - 4, ".xml", 4) != 0)
    return ERR_NOT_FOUND;
  err = read_relations (zip, r, entry, fail);
  if (err == ERR_OK)
    err = xlsx_read_part (zip, entry.p, &told, &sheets.x, fail);
  if (err == ERR_OK && !sheets.is_workbook)
    return ERR_NOT_FOUND;
  if (err == ERR_OK && out->parts == 0)
    err =
        fail_set (fail, ERR_INPUT, L ("sổ tính không có trang tính nào", "the workbook holds no worksheet"));
  if (err == ERR_OK)
    err = read_styles (zip, r, out, fail);
  return err == ERR_OK ? read_strings (zip, r, out, fail) : err;
}

err_t
xlsx_book_read (zip_read_t *zip, xlsx_book_t *out, fail_t *fail)
{
  *out = (xlsx_book_t){.strings = {.text = BUF_INIT}, .arena = arena_new (BOOK_BUDGET)};
  relations_t r = {.arena = out->arena};
  err_t err = out->arena != NULL ? read_book (zip, &r, out, fail) : ERR_NOMEM;
  if (err == ERR_NOMEM)
    (void)fail_set (fail, err, "%s", err_words (err));
  free (r.relation);
  return err;
}

void
xlsx_book_free (xlsx_book_t *b)
{
  arena_destroy (&b->arena);
  free (b->part);
  free (b->format);
  xlsx_strings_free (&b->strings);
}
