/* convert.c - old encodings and old fonts into UTF-8. */
#include "agent/entry/convert.h"

#include "agent/entry/known_words.h"
#include "common/base/lang.h"
#include "common/core/fields.h"
#include "common/sheet/xlsx_in.h"
#include "common/text/csv.h"
#include "common/text/fonts.h"
#include "common/text/utf8.h"

#include <stdlib.h>

enum { SAMPLES = 3 };

static err_t
unknown_encoding (fail_t *fail)
{
  return fail_set (
      fail, ERR_INPUT,
      L ("không nhận ra bảng mã của tệp: hãy thêm --from với một trong tcvn3, vni, viscii, cp1258",
         "the file's encoding cannot be told: add --from with one of tcvn3, vni, viscii, cp1258"));
}

static err_t
several_encodings (str_t file, const legacy_t *e, size_t n, fail_t *fail)
{
  buf_t choices = BUF_INIT;
  known_encodings_choices (file, e, n, &choices);
  fail_set (fail, ERR_INPUT,
            L ("tệp có thể ở nhiều bảng mã: %s; hãy chọn cách đọc đúng",
               "the file may be in several encodings: %s; choose the one that reads right"),
            buf_z (&choices));
  buf_free (&choices);
  return ERR_INPUT;
}

static err_t
is_unicode (legacy_t from, fail_t *fail)
{
  if (from != LEGACY_NONE)
    return fail_set (fail, ERR_INPUT,
                     L ("tệp đã là Unicode và không có chữ nào đọc được theo %s: không có gì để chuyển",
                        "the file is Unicode and nothing in it reads as %s: there is nothing to convert"),
                     legacy_words (from));
  return fail_set (fail, ERR_INPUT,
                   L ("tệp đã là Unicode, không có chữ bảng mã cũ: hãy nhập thẳng, không cần chuyển",
                      "the file is Unicode and holds no letters of an old encoding: import it as it is"));
}

/* ---- bytes ---- */

static uint64_t
count_lost (str_t text)
{
  uint64_t n = 0;
  for (size_t i = 0; i + 2 < text.n; i++)
    n += (uint8_t)text.p[i] == 0xEF && (uint8_t)text.p[i + 1] == 0xBF && (uint8_t)text.p[i + 2] == 0xBD;
  return n;
}

static err_t
convert_bytes (str_t file, legacy_t from, const catalogue_t *c, bool excel, buf_t *out, buf_t *samples,
               convert_result_t *r, fail_t *fail)
{
  if (legacy_mostly_unicode (file))
    return fail_set (
        fail, ERR_INPUT,
        L ("tệp là UTF-8 nhưng hỏng ở vài chỗ, không phải bảng mã cũ: hãy chép hoặc lưu lại tệp gốc",
           "the file is UTF-8 with broken spots, not in an old encoding: copy or save the original again"));
  legacy_t known[LEGACY_COUNT];
  bool same;
  r->from = from != LEGACY_NONE ? from : legacy_guess (file);
  if (r->from == LEGACY_NONE) {
    const size_t n = known_encodings (file, c, known, &same);
    if (n == 0)
      return unknown_encoding (fail);
    if (!same)
      return several_encodings (file, known, n, fail);
    r->from = known[0];
    r->also = n > 1 ? known[1] : LEGACY_NONE;
  }
  r->whole = true;
  if (excel)
    csv_write_start (out, true);
  if (!legacy_read (r->from, file, out))
    return ERR_NOMEM;
  r->lost = count_lost (buf_str (out));
  legacy_samples (r->from, file, samples);
  return ERR_OK;
}

/* ---- tables ---- */

/* Where rows come from: a CSV file or the sheet of a workbook. */
typedef struct {
  str_t file;
  csv_t *csv;
  xlsx_in_t *book;
  size_t width; /* of the workbook's header; 0: not found yet */
  const catalogue_t *c;
  str_t cell[CSV_COLUMNS_MAX];
  size_t n;
  uint32_t line;
} table_in_t;

static err_t
table_open (table_in_t *s, fail_t *fail)
{
  csv_destroy (&s->csv);
  xlsx_in_destroy (&s->book);
  s->width = 0;
  if (!xlsx_in_is (s->file)) {
    s->csv = csv_open (s->file, fail);
    return s->csv != NULL ? ERR_OK : fail->err;
  }
  s->book = xlsx_in_open (s->file, fail);
  if (s->book == NULL)
    return fail->err;
  size_t sheet = 0;
  while (sheet < xlsx_in_sheets (s->book) && xlsx_in_sheet (s->book, sheet)->hidden)
    sheet++;
  return xlsx_in_start (s->book, sheet < xlsx_in_sheets (s->book) ? sheet : 0, fail);
}

static void
table_close (table_in_t *s)
{
  csv_destroy (&s->csv);
  xlsx_in_destroy (&s->book);
}

static err_t
next_of_csv (table_in_t *s, fail_t *fail)
{
  csv_row_t row;
  err_t err = csv_next (s->csv, &row, fail);
  if (err != ERR_OK)
    return err;
  s->n = row.n;
  s->line = row.line;
  for (size_t i = 0; i < row.n; i++)
    s->cell[i] = row.cell[i].text;
  return ERR_OK;
}

static err_t
next_of_book (table_in_t *s, fail_t *fail)
{
  xlsx_row_t row;
  err_t err = xlsx_in_next (s->book, &row, fail);
  if (err != ERR_OK)
    return err;
  s->line = row.row;
  s->n = s->width;
  for (size_t i = 0; i < CSV_COLUMNS_MAX; i++)
    s->cell[i] = STR ("");
  for (size_t i = 0; i < row.n; i++) {
    const size_t at = row.cell[i].column - 1;
    if (at < CSV_COLUMNS_MAX && row.cell[i].text.p != NULL) {
      s->cell[at] = row.cell[i].text;
      s->n = s->width == 0 && at >= s->n ? at + 1 : s->n;
    }
  }
  return ERR_OK;
}

static err_t
table_next_row (table_in_t *s, fail_t *fail)
{
  return s->book != NULL ? next_of_book (s, fail) : next_of_csv (s, fail);
}

typedef struct {
  table_in_t source;
  fonts_t *fonts;
  legacy_t from, of_header;
  bool excel;
  buf_t *out, *samples;
  buf_t reading, header;
  unsigned shown;
  convert_result_t *r;
} converting_t;

static bool
is_header_of_records (const converting_t *x, const str_t *names)
{
  return x->source.n > 0 && columns_recognise (x->source.c, names, x->source.n) != KIND_NONE;
}

/* The row as one text: the cells of a header are too short to be certain alone. */
static legacy_t
guess_row (converting_t *x)
{
  buf_clear (&x->reading);
  for (size_t i = 0; i < x->source.n; i++) {
    buf_put (&x->reading, x->source.cell[i].p, x->source.cell[i].n);
    buf_putc (&x->reading, '\n');
  }
  return fonts_guess (buf_str (&x->reading));
}

/* Looks at every cell below the header, which says for itself what it is in. */
static err_t
look_at_all (converting_t *x, fail_t *fail)
{
  bool first = true;
  err_t err = table_open (&x->source, fail);
  while (err == ERR_OK && (err = table_next_row (&x->source, fail)) == ERR_OK) {
    const bool header = x->source.book != NULL ? is_header_of_records (x, x->source.cell) : first;
    if (x->of_header == LEGACY_NONE)
      x->of_header = guess_row (x);
    if (header) {
      fonts_destroy (&x->fonts);
      x->fonts = fonts_new ();
    }
    if (x->fonts == NULL)
      return ERR_NOMEM;
    for (size_t i = 0; !header && i < x->source.n; i++)
      fonts_look (x->fonts, i, x->source.cell[i], x->source.line, (uint32_t)i + 1);
    first = false;
  }
  return err == ERR_END ? ERR_OK : err;
}

/* The cell as it is to be, valid until the next call. */
static err_t
read_cell (converting_t *x, size_t column, bool header, bool count, str_t *out)
{
  const str_t cell = x->source.cell[column];
  const legacy_t e = x->r->from;
  *out = cell;
  if (!fonts_applies (e, cell, header ? x->of_header == e : fonts_sure (x->fonts, column, e)))
    return ERR_OK;
  buf_clear (&x->reading);
  if (!fonts_read (e, cell, &x->reading))
    return ERR_NOMEM;
  *out = buf_str (&x->reading);
  x->r->cells += count;
  if (count && x->shown < SAMPLES) {
    x->shown++;
    legacy_sample (*out, x->samples);
  }
  return ERR_OK;
}

/* Is the row of a workbook the header of records? What stands above it is no table. */
static err_t
find_header (converting_t *x, bool *out)
{
  str_t names[CSV_COLUMNS_MAX];
  size_t at[CSV_COLUMNS_MAX + 1] = {0};
  err_t err = ERR_OK;
  buf_clear (&x->header);
  for (size_t i = 0; i < x->source.n && err == ERR_OK; i++) {
    str_t cell;
    err = read_cell (x, i, true, false, &cell);
    buf_put (&x->header, cell.p, cell.n);
    at[i + 1] = x->header.n;
  }
  for (size_t i = 0; i < x->source.n; i++)
    names[i] = (str_t){x->header.p + at[i], at[i + 1] - at[i]};
  *out = err == ERR_OK && x->header.n > 0 && is_header_of_records (x, names);
  return err;
}

static err_t
write_row (converting_t *x, bool header)
{
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < x->source.n; i++) {
    str_t cell;
    err = read_cell (x, i, header, true, &cell);
    csv_write_cell (x->out, cell, i == 0, false);
  }
  csv_write_end (x->out, x->excel);
  return err;
}

static err_t
write_rows (converting_t *x, fail_t *fail)
{
  bool begun = false;
  err_t err = table_open (&x->source, fail);
  csv_write_start (x->out, x->excel);
  while (err == ERR_OK && (err = table_next_row (&x->source, fail)) == ERR_OK) {
    bool header = !begun && x->source.book == NULL;
    if (!begun && !header)
      err = find_header (x, &header);
    begun = begun || header;
    if (header && x->source.book != NULL)
      x->source.width = x->source.n;
    if (err == ERR_OK && begun)
      err = write_row (x, header);
  }
  if (err == ERR_END && !begun)
    return fail_set (fail, ERR_INPUT,
                     L ("không tìm thấy dòng tiêu đề nào trong sổ tính, kể cả khi đọc theo %s",
                        "no row of the workbook is a header of records, read as %s either"),
                     legacy_words (x->r->from));
  return err == ERR_END ? ERR_OK : err;
}

static err_t
convert_table (converting_t *x, fail_t *fail)
{
  x->fonts = fonts_new ();
  err_t err = x->fonts != NULL ? look_at_all (x, fail) : ERR_NOMEM;
  if (err == ERR_OK && x->from == LEGACY_NONE)
    x->r->from = fonts_of_table (x->fonts);
  if (err == ERR_OK && x->r->from == LEGACY_NONE)
    x->r->from = x->of_header;
  if (err == ERR_OK && x->r->from == LEGACY_NONE)
    err = is_unicode (LEGACY_NONE, fail);
  if (err == ERR_OK)
    err = write_rows (x, fail);
  if (err == ERR_OK && x->r->cells == 0)
    err = is_unicode (x->from, fail);
  return err;
}

static bool
is_utf16 (str_t file)
{
  return file.n >= 2 && (memcmp (file.p, "\xFF\xFE", 2) == 0 || memcmp (file.p, "\xFE\xFF", 2) == 0);
}

err_t
convert_file (str_t file, legacy_t from, const catalogue_t *c, bool excel, buf_t *out, buf_t *samples,
              convert_result_t *result, fail_t *fail)
{
  converting_t x = {.source = {.file = file, .c = c},
                    .from = from,
                    .excel = excel,
                    .out = out,
                    .samples = samples,
                    .r = result};
  err_t err;
  *result = (convert_result_t){.from = from};
  if (xlsx_in_is (file))
    err = convert_table (&x, fail);
  else if (csv_is_no_text (file, fail))
    err = ERR_INPUT;
  else if (is_utf16 (file) || utf8_valid (file, NULL))
    err = convert_table (&x, fail);
  else
    err = convert_bytes (file, from, c, excel, out, samples, result, fail);
  table_close (&x.source);
  fonts_destroy (&x.fonts);
  buf_free (&x.reading);
  buf_free (&x.header);
  return err == ERR_OK && !buf_ok (out) ? ERR_NOMEM : err;
}
