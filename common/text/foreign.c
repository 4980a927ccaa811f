/* foreign.c - files that are not UTF-8 text, and what their owner can do about it.
 *
 * Workbooks, documents and archives show themselves by their first bytes. The Vietnamese encodings of
 * before Unicode do not: they are plain bytes above 0x7F, so a file is only looked at for them once it
 * has failed as UTF-8 (good UTF-8 is never refused for what it might also be); legacy.c then names the
 * likely one. A file that is mostly good UTF-8 with a broken spot is not taken for legacy. */
#include "common/text/csv.h"

#include "common/base/lang.h"
#include "common/text/csv_parts.h"
#include "common/text/utf8.h"

#include <inttypes.h>
#include <string.h>

/* ---- by the first bytes ---- */

typedef enum { MAGIC_EXCEL, MAGIC_DOCUMENT, MAGIC_HTML, MAGIC_OTHER } magic_kind_t;

static const struct {
  const char *bytes;
  size_t n;
  magic_kind_t kind;
  const char *name;
} magics[] = {
#define M(bytes, kind, name)                                                                                 \
  {                                                                                                          \
    bytes, sizeof (bytes) - 1, kind, name                                                                    \
  }
    M ("PK\x03\x04", MAGIC_EXCEL, "ZIP"),
    M ("PK\x05\x06", MAGIC_OTHER, "ZIP"),
    M ("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", MAGIC_EXCEL, "Excel (.xls)"),
    M ("%PDF-", MAGIC_DOCUMENT, "PDF"),
    M ("{\\rtf", MAGIC_DOCUMENT, "RTF"),
    M ("\x89PNG", MAGIC_OTHER, "PNG"),
    M ("\xFF\xD8\xFF", MAGIC_OTHER, "JPEG"),
    M ("GIF8", MAGIC_OTHER, "GIF"),
    M ("Rar!\x1A", MAGIC_OTHER, "RAR"),
    M ("7z\xBC\xAF\x27\x1C", MAGIC_OTHER, "7-Zip"),
    M ("\x1F\x8B", MAGIC_OTHER, "gzip"),
    M ("<!DOCTYPE", MAGIC_HTML, "HTML"),
    M ("<html", MAGIC_HTML, "HTML"),
    M ("<table", MAGIC_HTML, "HTML"),
    M ("<?xml", MAGIC_HTML, "XML"),
#undef M
};

static bool
holds (str_t s, const char *word)
{
  return utf8_contains (s, str_of (word));
}

/* A workbook, a document or a plain archive: the names of a ZIP's first entries tell. */
static const char *
zip_name (str_t file, magic_kind_t *kind)
{
  str_t head = {file.p, file.n < 4096 ? file.n : 4096};
  *kind = MAGIC_EXCEL;
  if (holds (head, "opendocument.spreadsheet"))
    return "OpenDocument (.ods)";
  if (holds (head, "xl/"))
    return "Excel (.xlsx)";
  *kind = MAGIC_DOCUMENT;
  if (holds (head, "word/"))
    return "Word (.docx)";
  if (holds (head, "opendocument.text"))
    return "OpenDocument (.odt)";
  *kind = MAGIC_EXCEL;
  if (holds (head, "[Content_Types].xml"))
    return "Excel (.xlsx)";
  *kind = MAGIC_OTHER;
  return "ZIP";
}

static bool
refuse_kind (magic_kind_t kind, const char *name, fail_t *fail)
{
  switch (kind) {
  case MAGIC_EXCEL:
    fail_set (fail, ERR_INPUT,
              L ("tệp là sổ tính %s, dù tên tệp là gì; chưa đọc được sổ tính: hãy mở tệp trong Excel, chọn "
                 "Save As → "
                 "“CSV UTF-8 (Comma delimited)” rồi nhập tệp đó",
                 "the file is a workbook, %s, whatever its name says; workbooks are not read yet: open it in "
                 "Excel, "
                 "choose Save As → \"CSV UTF-8 (Comma delimited)\" and import that file"),
              name);
    break;
  case MAGIC_DOCUMENT:
    fail_set (fail, ERR_INPUT,
              L ("tệp là văn bản %s, không phải bảng: hãy chép bảng sang Excel, chọn Save As → “CSV UTF-8” "
                 "rồi nhập tệp đó",
                 "the file is a document, %s, not a table: copy the table into Excel, choose Save As → \"CSV "
                 "UTF-8\" "
                 "and import that file"),
              name);
    break;
  case MAGIC_HTML:
    fail_set (fail, ERR_INPUT,
              L ("tệp là %s (trang mạng hoặc bảng xuất từ phần mềm khác), không phải CSV: hãy mở trong "
                 "Excel, chọn Save As → "
                 "“CSV UTF-8” rồi nhập tệp đó",
                 "the file is %s (a web page or another program's export), not CSV: open it in Excel, choose "
                 "Save As → "
                 "\"CSV UTF-8\" and import that file"),
              name);
    break;
  case MAGIC_OTHER:
    fail_set (fail, ERR_INPUT,
              L ("tệp có dạng %s, không phải bảng CSV: hãy chọn đúng tệp",
                 "the file is %s, not a CSV table: choose the right file"),
              name);
    break;
  }
  return true;
}

static char
lower (char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
begins (str_t s, const char *bytes, size_t n)
{
  if (s.n < n)
    return false;
  for (size_t i = 0; i < n; i++)
    if (lower (s.p[i]) != lower (bytes[i]))
      return false;
  return true;
}

static bool
by_magic (str_t file, fail_t *fail)
{
  str_t s = file;
  if (begins (s, "\xEF\xBB\xBF", 3))
    s = (str_t){s.p + 3, s.n - 3};
  while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\r' || s.p[0] == '\n'))
    s = (str_t){s.p + 1, s.n - 1};
  for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
    magic_kind_t kind = magics[i].kind;
    /* only markup may stand behind blanks, and only it has letters of either case */
    bool markup = kind == MAGIC_HTML;
    bool same = markup ? begins (s, magics[i].bytes, magics[i].n)
                       : file.n >= magics[i].n && memcmp (file.p, magics[i].bytes, magics[i].n) == 0;
    if (!same)
      continue;
    const char *name = i == 0 ? zip_name (file, &kind) : magics[i].name;
    return refuse_kind (kind, name, fail);
  }
  return false;
}

/* Text of two bytes a letter without its mark: every other byte of mostly Latin text is 0. */
static bool
is_bare_utf16 (str_t file)
{
  size_t n = file.n < 1024 ? file.n : 1024, zeros[2] = {0, 0};
  for (size_t i = 0; i < n; i++)
    zeros[i % 2] += file.p[i] == '\0';
  return n >= 4 && (zeros[0] > n / 4 || zeros[1] > n / 4) && zeros[0] != zeros[1];
}

/* ---- broken or other text ---- */

/* The end of the file is the start of a character: the file was cut short. */
static bool
is_cut (str_t file, size_t bad)
{
  size_t left = file.n - bad;
  uint8_t lead = (uint8_t)file.p[bad];
  size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || left >= length)
    return false;
  for (size_t i = 1; i < left; i++)
    if (((uint8_t)file.p[bad + i] & 0xC0) != 0x80)
      return false;
  return true;
}

static void
refuse_text (str_t file, size_t bad, fail_t *fail)
{
  const char *legacy = csv_legacy_name (file);
  if (legacy != NULL)
    fail_set (
        fail, ERR_INPUT,
        L ("tệp viết bằng bảng mã cũ %s, không phải Unicode (UTF-8): hãy chuyển mã bằng UniKey Toolkit "
           "(Ctrl+Shift+F6) sang Unicode, hoặc mở trong Excel, đổi sang phông và mã Unicode rồi Save As → "
           "“CSV UTF-8”",
           "the file is in the old encoding %s, not in Unicode (UTF-8): convert it to Unicode with the "
           "UniKey "
           "Toolkit (Ctrl+Shift+F6), or open it in Excel, change to a Unicode font and letters and choose "
           "Save As → \"CSV UTF-8\""),
        legacy);
  else if (is_cut (file, bad))
    fail_set (fail, ERR_INPUT,
              L ("tệp bị cắt giữa một ký tự UTF-8: hãy chép hoặc lưu lại tệp",
                 "the file is cut in the middle of a UTF-8 character: copy or save it again"));
  else
    fail_set (fail, ERR_INPUT,
              L ("byte 0x%02X ở đây không phải văn bản UTF-8: trong Excel chọn Save As → “CSV UTF-8 (Comma "
                 "delimited)” rồi "
                 "nhập tệp đó; chữ gõ bằng bảng mã cũ (TCVN3, VNI) thì chuyển mã bằng UniKey Toolkit trước",
                 "the byte 0x%02X here is no UTF-8 text: in Excel choose Save As → \"CSV UTF-8 (Comma "
                 "delimited)\" and "
                 "import that file; text typed in an old encoding (TCVN3, VNI) must first be converted with "
                 "UniKey Toolkit"),
              (unsigned)(uint8_t)file.p[bad]);
}

bool
csv_is_foreign (str_t file, fail_t *fail)
{
  if (by_magic (file, fail))
    return true;
  if (csv_utf16 (file) != UTF16_NONE)
    return false;
  if (is_bare_utf16 (file)) {
    fail_set (fail, ERR_INPUT,
              L ("tệp là UTF-16 không có dấu BOM ở đầu: hãy lưu lại bằng “CSV UTF-8”",
                 "the file is UTF-16 without a byte order mark: save it again as \"CSV UTF-8\""));
    return true;
  }
  size_t bad;
  if (utf8_valid (file, &bad))
    return false;
  uint32_t line, column;
  csv_place (file, bad, &line, &column);
  refuse_text (file, bad, fail);
  fail_at (fail, NULL, line, column);
  return true;
}
