/* foreign.c - files that are not UTF-8 text, and what their owner can do about it.
 *
 * Workbooks, documents and archives show themselves by their first bytes. The Vietnamese encodings of
 * before Unicode do not: they are plain bytes above 0x7F, so a file is only looked at for them once it
 * has failed as UTF-8 (good UTF-8 is never refused for what it might also be); legacy.c then names the
 * likely one. A file that is mostly good UTF-8 with a broken spot is not taken for legacy. */
#include "common/text/csv.h"

#include "common/base/lang.h"
#include "common/text/csv_parts.h"
#include "common/text/legacy.h"
#include "common/text/utf8.h"

#include <inttypes.h>
#include <string.h>

/* ---- by the first bytes ---- */

typedef enum { MAGIC_XLSX, MAGIC_EXCEL, MAGIC_LOCKED, MAGIC_DOCUMENT, MAGIC_HTML, MAGIC_OTHER } magic_kind_t;

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

/* A workbook, a document or a plain archive: the names of a ZIP's first entries tell, or its list of them. */
static const char *
zip_name (str_t file, magic_kind_t *kind)
{
  str_t head = {file.p, file.n < 4096 ? file.n : 4096};
  size_t last = file.n < 65536 ? file.n : 65536;
  str_t list = {file.p + file.n - last, last};
  *kind = MAGIC_EXCEL;
  if (holds (head, "opendocument.spreadsheet"))
    return "OpenDocument (.ods)";
  if (holds (list, "xl/workbook.bin"))
    return "Excel (.xlsb)";
  *kind = MAGIC_XLSX;
  if (holds (head, "xl/"))
    return "Excel (.xlsx)";
  *kind = MAGIC_DOCUMENT;
  if (holds (head, "word/"))
    return "Word (.docx)";
  if (holds (head, "opendocument.text"))
    return "OpenDocument (.odt)";
  *kind = MAGIC_XLSX;
  if (holds (head, "[Content_Types].xml"))
    return "Excel (.xlsx)";
  *kind = MAGIC_OTHER;
  return "ZIP";
}

/* Old Office files are alike outside; names of their parts, of two bytes a letter, tell. */
static bool
has_part (str_t file, const char *name)
{
  const size_t n = strlen (name);
  for (size_t i = 0; i + 2 * n <= file.n; i++) {
    size_t k = 0;
    while (k < n && file.p[i + 2 * k] == name[k] && file.p[i + 2 * k + 1] == '\0')
      k++;
    if (k == n)
      return true;
  }
  return false;
}

/* What such a file is, where it is no workbook of its own. */
static const char *
office_name (str_t file, const char *name, magic_kind_t *kind)
{
  if (has_part (file, "EncryptedPackage"))
    *kind = MAGIC_LOCKED;
  else if (has_part (file, "WordDocument")) {
    *kind = MAGIC_DOCUMENT;
    return "Word (.doc)";
  } else if (has_part (file, "PowerPoint Document")) {
    *kind = MAGIC_DOCUMENT;
    return "PowerPoint (.ppt)";
  }
  return name;
}

static bool
refuse_kind (magic_kind_t kind, const char *name, fail_t *fail)
{
  switch (kind) {
  case MAGIC_XLSX:
    fail_set (
        fail, ERR_INPUT,
        L ("tệp là sổ tính %s, dù tên tệp là gì; ở đây cần tệp CSV: hãy mở tệp trong Excel, chọn Save As → "
           "“CSV UTF-8 (Comma delimited)”",
           "the file is a workbook, %s, whatever its name says; a CSV file is needed here: open it in Excel "
           "and choose Save As → \"CSV UTF-8 (Comma delimited)\""),
        name);
    break;
  case MAGIC_EXCEL:
    fail_set (
        fail, ERR_INPUT,
        L ("tệp là sổ tính %s, dù tên tệp là gì; dạng này không đọc được: hãy mở tệp, chọn Save As → “Excel "
           "Workbook (*.xlsx)” hoặc “CSV UTF-8 (Comma delimited)” rồi nhập tệp đó",
           "the file is a workbook, %s, whatever its name says; this form is not read: open it, choose Save "
           "As → \"Excel Workbook (*.xlsx)\" or \"CSV UTF-8 (Comma delimited)\" and import that file"),
        name);
    break;
  case MAGIC_LOCKED:
    fail_set (
        fail, ERR_INPUT,
        L ("tệp là sổ tính có mật khẩu: hãy mở tệp trong Excel, bỏ mật khẩu (File → Info → Protect Workbook "
           "→ "
           "Encrypt with Password, xóa trống) rồi lưu lại",
           "the file is a workbook with a password: open it in Excel, take the password off (File → Info → "
           "Protect Workbook → Encrypt with Password, left blank) and save it"));
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
    if (i > 0 && kind == MAGIC_EXCEL)
      name = office_name (file, name, &kind);
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

/* The reading is shown, so that a person can say whether it is the right one; nobody else can. */
static void
refuse_legacy (str_t file, legacy_t e, fail_t *fail)
{
  buf_t samples = BUF_INIT;
  legacy_samples (e, file, &samples);
  fail_set (
      fail, ERR_INPUT,
      L ("tệp viết bằng bảng mã cũ %s, không phải Unicode (UTF-8). Đọc theo bảng mã đó là: %s. Nếu đúng, "
         "hãy chuyển bằng “kc-agent convert TỆP -o TỆP-MỚI” rồi nhập tệp mới; nếu sai, thêm --from với "
         "một trong tcvn3, vni, viscii, cp1258",
         "the file is in the old encoding %s, not in Unicode (UTF-8). Read so it says: %s. If that is "
         "right, convert it with \"kc-agent convert FILE -o NEW-FILE\" and import the new file; if not, "
         "add --from with one of tcvn3, vni, viscii, cp1258"),
      legacy_words (e), buf_z (&samples));
  buf_free (&samples);
}

static void
refuse_text (str_t file, size_t bad, fail_t *fail)
{
  const legacy_t legacy = legacy_guess (file);
  if (legacy != LEGACY_NONE)
    refuse_legacy (file, legacy, fail);
  else if (is_cut (file, bad))
    fail_set (fail, ERR_INPUT,
              L ("tệp bị cắt giữa một ký tự UTF-8: hãy chép hoặc lưu lại tệp",
                 "the file is cut in the middle of a UTF-8 character: copy or save it again"));
  else
    fail_set (
        fail, ERR_INPUT,
        L ("byte 0x%02X ở đây không phải văn bản UTF-8: trong Excel chọn Save As → “CSV UTF-8 (Comma "
           "delimited)” rồi "
           "nhập tệp đó; chữ gõ bằng bảng mã cũ (TCVN3, VNI …) thì chuyển trước bằng “kc-agent convert "
           "--from”",
           "the byte 0x%02X here is no UTF-8 text: in Excel choose Save As → \"CSV UTF-8 (Comma "
           "delimited)\" and "
           "import that file; text typed in an old encoding (TCVN3, VNI …) must first be converted with "
           "\"kc-agent convert --from\""),
        (unsigned)(uint8_t)file.p[bad]);
}

bool
csv_is_no_text (str_t file, fail_t *fail)
{
  if (by_magic (file, fail))
    return true;
  if (csv_utf16 (file) != UTF16_NONE || !is_bare_utf16 (file))
    return false;
  fail_set (fail, ERR_INPUT,
            L ("tệp là UTF-16 không có dấu BOM ở đầu: hãy lưu lại bằng “CSV UTF-8”",
               "the file is UTF-16 without a byte order mark: save it again as \"CSV UTF-8\""));
  return true;
}

bool
csv_is_foreign (str_t file, fail_t *fail)
{
  size_t bad;
  if (csv_is_no_text (file, fail))
    return true;
  if (csv_utf16 (file) != UTF16_NONE || utf8_valid (file, &bad))
    return false;
  uint32_t line, column;
  csv_place (file, bad, &line, &column);
  refuse_text (file, bad, fail);
  fail_at (fail, NULL, line, column);
  return true;
}
