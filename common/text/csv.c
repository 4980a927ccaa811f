/* csv.c - the reader and writer of tables.
 *
 * The reader is strict where leniency would move a figure into another cell: RFC 4180 to the letter, so
 * a quote stands only around a whole cell or doubled within one. It knows the physical line and the cell
 * of everything, because the person who must mend the file sees it in a spreadsheet. A missing quote
 * swallows the rest of a file up to some later quote, so every complaint that can come of one names
 * where the cell opened.
 *
 * Line ends are LF and CRLF. A CR of its own (files of old Macs) is refused as a control character: no
 * program of the last twenty years means a line end by it. Tabs within cells are refused too, also
 * quoted: no field of ours holds one, and a pasted tab is a slip.
 *
 * Memory: the file is the caller's; cells are views into it. Only quoted cells with doubled quotes are
 * copied, into blocks whose sum is bounded by the size of the file. A row is an array that grows to at
 * most CSV_COLUMNS_MAX cells. A UTF-16 file is converted once, whole. */
#include "common/text/csv.h"

#include "common/base/bounds.h"
#include "common/base/lang.h"
#include "common/text/csv_parts.h"
#include "common/text/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { COPY_BLOCK = 4 * CSV_CELL_MAX };

struct csv {
  buf_t converted; /* the text of a UTF-16 file */
  str_t text;
  size_t at;
  uint32_t line;
  char delimiter;
  csv_cell_t *cell; /* the present row, room for CSV_COLUMNS_MAX */
  arena_t *copies;  /* blocks for cells that are not views; made at the first one */
  char *block;
  size_t block_left;
  fail_t failed; /* a failure stays */
};

/* ---- the head of a file ---- */

static str_t
rest_of (str_t s, size_t at)
{
  return (str_t){s.p + at, s.n - at};
}

static size_t
line_length (str_t s)
{
  const char *end = s.n == 0 ? NULL : memchr (s.p, '\n', s.n);
  size_t n = end == NULL ? s.n : (size_t)(end - s.p);
  return n;
}

static bool
starts_with_sep (str_t s)
{
  return s.n >= 4 && (s.p[0] | 0x20) == 's' && (s.p[1] | 0x20) == 'e' && (s.p[2] | 0x20) == 'p' &&
         s.p[3] == '=';
}

/* The most frequent of the three in the first line that says anything, outside quotes; comma when
 * there is none. */
static char
find_delimiter (str_t s)
{
  static const char candidates[] = ",;\t";
  size_t seen[3] = {0, 0, 0};
  bool quoted = false, begun = false;
  for (size_t i = 0; i < s.n; i++) {
    char c = s.p[i];
    if (c == '"')
      quoted = !quoted;
    if (c == '\n' && begun && !quoted)
      break;
    if (c != '\n' && c != '\r' && c != ' ')
      begun = true;
    const char *which = quoted || c == '\0' ? NULL : strchr (candidates, c);
    if (which != NULL)
      seen[which - candidates]++;
  }
  size_t best = 0;
  for (size_t i = 1; i < 3; i++)
    if (seen[i] > seen[best])
      best = i;
  return candidates[best];
}

bool
csv_head (str_t text, csv_head_t *out)
{
  *out = (csv_head_t){.delimiter = ',', .start = 0, .line = 1};
  if (text.n >= 3 && memcmp (text.p, "\xEF\xBB\xBF", 3) == 0)
    out->start = 3;
  str_t s = rest_of (text, out->start);
  if (!starts_with_sep (s)) {
    out->delimiter = find_delimiter (s);
    return true;
  }
  size_t n = line_length (s), end = n;
  if (end > 0 && s.p[end - 1] == '\r')
    end--;
  if (end != 5 || (s.p[4] != ',' && s.p[4] != ';' && s.p[4] != '\t'))
    return false;
  out->delimiter = s.p[4];
  out->start += n < s.n ? n + 1 : n;
  out->line = 2;
  return true;
}

void
csv_place (str_t text, size_t at, uint32_t *line, uint32_t *column)
{
  csv_head_t head;
  (void)csv_head (text, &head);
  bool quoted = false;
  *line = head.line;
  *column = 1;
  for (size_t i = head.start; i < at && i < text.n; i++) {
    char c = text.p[i];
    if (c == '"')
      quoted = !quoted;
    if (c == '\n')
      ++*line;
    if (c == '\n' && !quoted)
      *column = 1;
    if (c == head.delimiter && !quoted)
      ++*column;
  }
}

/* ---- opening ---- */

csv_t *
csv_open (str_t file, fail_t *fail)
{
  if (file.n > IMPORT_FILE_MAX) {
    fail_set (fail, ERR_TOO_BIG,
              L ("tệp lớn hơn %u MiB: hãy chia nhỏ tệp", "the file is larger than %u MiB: split it"),
              IMPORT_FILE_MAX >> 20);
    return NULL;
  }
  if (csv_is_foreign (file, fail))
    return NULL;
  csv_t *self = calloc (1, sizeof *self);
  if (self == NULL)
    goto no_memory;
  self->converted = BUF_INIT;
  self->text = file.p != NULL ? file : STR ("");
  utf16_t order = csv_utf16 (file);
  if (order != UTF16_NONE) {
    if (csv_from_utf16 (file, order, &self->converted, fail) != ERR_OK) {
      csv_destroy (&self);
      return NULL;
    }
    self->text = (str_t){buf_z (&self->converted), self->converted.n};
  }
  self->cell = calloc (CSV_COLUMNS_MAX, sizeof *self->cell);
  if (self->cell == NULL)
    goto no_memory;
  csv_head_t head;
  if (!csv_head (self->text, &head)) {
    fail_set (fail, ERR_INPUT,
              L ("dòng “sep=” phải nêu dấu phẩy, dấu chấm phẩy hoặc dấu tab, ví dụ “sep=;”",
                 "a \"sep=\" line must name a comma, a semicolon or a tab, as in \"sep=;\""));
    fail_at (fail, NULL, 1, 1);
    csv_destroy (&self);
    return NULL;
  }
  self->delimiter = head.delimiter;
  self->at = head.start;
  self->line = head.line;
  return self;

no_memory:
  fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  csv_destroy (&self);
  return NULL;
}

void
csv_destroy (csv_t **self_p)
{
  CHECK (self_p != NULL);
  csv_t *self = *self_p;
  if (self == NULL)
    return;
  buf_free (&self->converted);
  arena_destroy (&self->copies);
  free (self->cell);
  free (self);
  *self_p = NULL;
}

/* ---- cells ---- */

static err_t
refuse (csv_t *self, uint32_t line, size_t column)
{
  fail_at (&self->failed, NULL, line, (uint32_t)column);
  return self->failed.err;
}

/* Counts the line breaks of text that has been read. */
static uint32_t
breaks_in (str_t s)
{
  uint32_t n = 0;
  for (size_t i = 0; i < s.n;) {
    i += line_length (rest_of (s, i)) + 1;
    n += i <= s.n;
  }
  return n;
}

static err_t
refuse_sign (csv_t *self, str_t cell, size_t bad, uint32_t line, size_t column)
{
  uint8_t c = (uint8_t)cell.p[bad];
  line += breaks_in ((str_t){cell.p, bad});
  if (c == '\t')
    fail_set (&self->failed, ERR_INPUT,
              L ("ô có dấu tab: hãy xóa dấu tab hoặc thay bằng dấu cách",
                 "the cell holds a tab: remove it or put a space in its place"));
  else if (c == '\0')
    fail_set (&self->failed, ERR_INPUT,
              L ("có byte 0 (NUL): tệp không phải văn bản hoặc bị hỏng; trong Excel chọn Save As → “CSV "
                 "UTF-8” rồi thử lại",
                 "holds a zero byte (NUL): the file is no text or is damaged; in Excel choose Save As → "
                 "\"CSV UTF-8\" and try again"));
  else if (c == '\r')
    fail_set (&self->failed, ERR_INPUT,
              L ("ký tự xuống dòng CR đứng riêng (kiểu Mac cũ): hãy lưu lại tệp với xuống dòng kiểu Windows "
                 "hoặc Unix",
                 "a carriage return of its own (a line end of old Macs): save the file with Windows or Unix "
                 "line ends"));
  else if (c < 0x80)
    fail_set (&self->failed, ERR_INPUT,
              L ("ô có ký tự điều khiển (mã 0x%02X): hãy gõ lại nội dung ô",
                 "the cell holds a control character (0x%02X): "
                 "type the cell anew"),
              c);
  else
    fail_set (&self->failed, ERR_INPUT,
              L ("ô có ký tự ẩn hoặc ký tự điều khiển không dùng được: hãy gõ lại nội dung ô",
                 "the cell holds an invisible or control character that cannot be used: type the cell anew"));
  return refuse (self, line, column);
}

static err_t
refuse_size (csv_t *self, uint32_t line, size_t column, bool quoted)
{
  const char *hint = !quoted ? ""
                             : L ("; có thể thiếu dấu ngoặc kép đóng ô mở ở đây",
                                  "; perhaps the quote that opens here is never closed");
  fail_set (&self->failed, ERR_TOO_BIG,
            L ("ô dài hơn %u byte: hãy rút ngắn%s", "the cell is longer than %u bytes: shorten it%s"),
            CSV_CELL_MAX, hint);
  return refuse (self, line, column);
}

/* A copy of a quoted cell with its doubled quotes made single; room for it is never more than it. */
static err_t
copy_unquoted (csv_t *self, str_t raw, str_t *out)
{
  if (self->copies == NULL)
    self->copies = arena_new (self->text.n + self->text.n / 2 + (size_t)2 * COPY_BLOCK);
  if (self->copies != NULL && self->block_left < raw.n) {
    size_t room = self->text.n < COPY_BLOCK ? self->text.n : COPY_BLOCK;
    self->block = arena_alloc (self->copies, room);
    self->block_left = self->block != NULL ? room : 0;
  }
  if (self->block_left < raw.n)
    return fail_set (&self->failed, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  size_t n = 0;
  for (size_t i = 0; i < raw.n; i++) {
    self->block[n++] = raw.p[i];
    if (raw.p[i] == '"')
      i++;
  }
  *out = (str_t){self->block, n};
  self->block += n;
  self->block_left -= n;
  return ERR_OK;
}

/* Is there an end of cell (or of the file) at i? */
static bool
ends_at (const csv_t *self, size_t i)
{
  str_t t = self->text;
  return i >= t.n || t.p[i] == self->delimiter || t.p[i] == '\n' ||
         (t.p[i] == '\r' && i + 1 < t.n && t.p[i + 1] == '\n');
}

static err_t
refuse_after_quote (csv_t *self, uint32_t line, size_t column)
{
  if (line == self->line)
    fail_set (&self->failed, ERR_INPUT,
              L ("có chữ đứng sau dấu ngoặc kép đóng: dấu ngoặc kép trong ô phải viết đôi (\"\")",
                 "text stands behind the closing quote: a quote within a cell is written twice (\"\")"));
  else
    fail_set (
        &self->failed, ERR_INPUT,
        L ("có chữ đứng sau dấu ngoặc kép đóng; ô này mở ở dòng %" PRIu32
           ", có thể thiếu dấu đóng ở đó: dấu ngoặc kép trong ô phải viết đôi (\"\")",
           "text stands behind the closing quote; the cell opened in line %" PRIu32
           ", perhaps its closing quote is missing there: a quote within a cell is written twice (\"\")"),
        line);
  return refuse (self, self->line, column);
}

/* self->at is behind the opening quote. */
static err_t
read_quoted (csv_t *self, size_t column, csv_cell_t *out)
{
  uint32_t line = self->line;
  size_t start = self->at, i = start;
  bool doubled = false;
  for (;;) {
    const char *quote = i < self->text.n ? memchr (self->text.p + i, '"', self->text.n - i) : NULL;
    if (quote == NULL) {
      fail_set (&self->failed, ERR_INPUT,
                L ("dấu ngoặc kép mở ở đây không có dấu đóng cho đến hết tệp: thêm dấu đóng, hoặc tệp bị cắt "
                   "giữa chừng",
                   "the quote that opens here is not closed up to the end of the file: close it, or the file "
                   "was cut short"));
      return refuse (self, line, column);
    }
    i = (size_t)(quote - self->text.p) + 1;
    if (i >= self->text.n || self->text.p[i] != '"')
      break;
    doubled = true;
    i++;
  }
  str_t raw = {self->text.p + start, i - 1 - start};
  if (raw.n > CSV_CELL_MAX)
    return refuse_size (self, line, column, true);
  size_t bad;
  if (!utf8_clean (raw, true, &bad))
    return refuse_sign (self, raw, bad, line, column);
  self->line += breaks_in (raw);
  if (!ends_at (self, i))
    return refuse_after_quote (self, line, column);
  self->at = i;
  *out = (csv_cell_t){raw, line, (uint32_t)column};
  return doubled ? copy_unquoted (self, raw, &out->text) : ERR_OK;
}

static err_t
read_bare (csv_t *self, size_t column, csv_cell_t *out)
{
  size_t i = self->at;
  while (!ends_at (self, i))
    i++;
  str_t raw = {self->text.p + self->at, i - self->at};
  if (raw.n > CSV_CELL_MAX)
    return refuse_size (self, self->line, column, false);
  size_t bad;
  if (!utf8_clean (raw, false, &bad))
    return refuse_sign (self, raw, bad, self->line, column);
  if (raw.n > 0 && memchr (raw.p, '"', raw.n) != NULL) {
    fail_set (
        &self->failed, ERR_INPUT,
        L ("có dấu ngoặc kép giữa ô không bọc: hãy bọc cả ô trong ngoặc kép và viết đôi dấu bên trong (\"\")",
           "a quote within a cell that is not quoted: put the whole cell in quotes and write the quote "
           "within twice (\"\")"));
    return refuse (self, self->line, column);
  }
  self->at = i;
  *out = (csv_cell_t){raw, self->line, (uint32_t)column};
  return ERR_OK;
}

/* ---- rows ---- */

static bool
is_empty (const csv_row_t *row)
{
  for (size_t i = 0; i < row->n; i++)
    for (size_t k = 0; k < row->cell[i].text.n; k++)
      if (row->cell[i].text.p[k] != ' ')
        return false;
  return true;
}

static err_t
read_row (csv_t *self, csv_row_t *row)
{
  *row = (csv_row_t){self->cell, 0, self->line};
  for (;;) {
    size_t column = row->n + 1;
    if (row->n == CSV_COLUMNS_MAX) {
      fail_set (&self->failed, ERR_TOO_BIG,
                L ("dòng có hơn %u cột: hãy xóa các cột thừa bên phải",
                   "the row has more than %u columns: remove those on the right"),
                CSV_COLUMNS_MAX);
      return refuse (self, self->line, column);
    }
    bool quoted = self->at < self->text.n && self->text.p[self->at] == '"';
    self->at += quoted;
    csv_cell_t *cell = &self->cell[row->n];
    err_t err = quoted ? read_quoted (self, column, cell) : read_bare (self, column, cell);
    if (err != ERR_OK)
      return err;
    row->n++;
    if (self->at >= self->text.n || self->text.p[self->at] != self->delimiter)
      break;
    self->at++;
  }
  if (self->at < self->text.n) {
    self->at += self->text.p[self->at] == '\r' ? 2 : 1;
    self->line++;
  }
  return ERR_OK;
}

err_t
csv_next (csv_t *self, csv_row_t *row, fail_t *fail)
{
  CHECK (self != NULL && row != NULL);
  if (self->failed.err == ERR_OK)
    while (self->at < self->text.n) {
      csv_row_t read;
      if (read_row (self, &read) != ERR_OK)
        break;
      if (is_empty (&read))
        continue;
      *row = read;
      return ERR_OK;
    }
  if (self->failed.err == ERR_OK)
    return ERR_END;
  fail_set (fail, self->failed.err, "%s", self->failed.text);
  fail_at (fail, NULL, self->failed.line, self->failed.column);
  return self->failed.err;
}

unsigned
csv_progress (const csv_t *self)
{
  CHECK (self != NULL);
  return self->text.n == 0 ? 1000 : (unsigned)((uint64_t)self->at * 1000 / self->text.n);
}

/* ---- writing ---- */

void
csv_write_start (buf_t *out, bool excel)
{
  if (excel)
    buf_puts (out, "\xEF\xBB\xBF");
}

/* Only what a reader would take apart. */
static bool
needs_quotes (str_t s)
{
  for (size_t i = 0; i < s.n; i++)
    if (s.p[i] == '"' || s.p[i] == ',' || (uint8_t)s.p[i] < 0x20)
      return true;
  return false;
}

bool
csv_is_formula (str_t text)
{
  static const char starts[] = {'=', '+', '-', '@'};
  return text.n > 0 && memchr (starts, text.p[0], sizeof starts) != NULL;
}

static bool
needs_guard (str_t text)
{
  while (text.n > 0 && text.p[0] == '\'')
    text = (str_t){text.p + 1, text.n - 1};
  return csv_is_formula (text);
}

bool
csv_is_guarded (str_t cell)
{
  return cell.n > 1 && cell.p[0] == '\'' && needs_guard (cell);
}

bool
csv_is_for_excel (const csv_t *self)
{
  const str_t t = self->text;
  bool quoted = false, begins = true;
  if (t.n < 3 || memcmp (t.p, "\xEF\xBB\xBF", 3) != 0 || self->delimiter != ',' ||
      starts_with_sep (rest_of (t, 3)))
    return false;
  for (size_t i = 3; i < t.n; i++) {
    const char c = t.p[i];
    if (begins && csv_is_formula (rest_of (t, c == '"' ? i + 1 : i)))
      return false;
    if (!quoted && c == '\n' && t.p[i - 1] != '\r')
      return false;
    begins = !quoted && (c == ',' || c == '\n');
    quoted = quoted != (c == '"');
  }
  return true;
}

void
csv_write_cell (buf_t *out, str_t text, bool first, bool excel)
{
  if (!first)
    buf_putc (out, ',');
  bool formula = excel && needs_guard (text);
  bool quotes = needs_quotes (text);
  if (quotes)
    buf_putc (out, '"');
  if (formula)
    buf_putc (out, '\'');
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == '"')
      buf_putc (out, '"');
    buf_putc (out, text.p[i]);
  }
  if (quotes)
    buf_putc (out, '"');
}

void
csv_write_end (buf_t *out, bool excel)
{
  buf_puts (out, excel ? "\r\n" : "\n");
}
