/* utf16.c - Excel's "Unicode Text" and its kin, converted once at opening. */
#include "common/text/csv_parts.h"

#include "common/base/lang.h"
#include "common/text/utf8.h"

utf16_t
csv_utf16 (str_t file)
{
  if (file.n < 2)
    return UTF16_NONE;
  uint8_t a = (uint8_t)file.p[0], b = (uint8_t)file.p[1];
  return a == 0xFF && b == 0xFE ? UTF16_LITTLE : a == 0xFE && b == 0xFF ? UTF16_BIG : UTF16_NONE;
}

static uint32_t
unit_at (str_t file, utf16_t order, size_t i)
{
  uint32_t a = (uint8_t)file.p[i], b = (uint8_t)file.p[i + 1];
  return order == UTF16_LITTLE ? b << 8 | a : a << 8 | b;
}

err_t
csv_from_utf16 (str_t file, utf16_t order, buf_t *out, fail_t *fail)
{
  CHECK (order != UTF16_NONE && file.n >= 2);
  uint32_t line = 1;
  size_t i = 2;
  for (; i + 1 < file.n; i += 2) {
    uint32_t c = unit_at (file, order, i);
    if (c >= 0xD800 && c <= 0xDFFF) {
      uint32_t low = i + 3 < file.n ? unit_at (file, order, i + 2) : 0;
      if (c >= 0xDC00 || low < 0xDC00 || low > 0xDFFF) {
        fail_set (fail, ERR_INPUT,
                  L ("văn bản UTF-16 bị hỏng ở đây: hãy lưu lại tệp bằng “CSV UTF-8”",
                     "the UTF-16 text is damaged here: save the file again as \"CSV UTF-8\""));
        fail_at (fail, NULL, line, 0);
        return ERR_INPUT;
      }
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
      i += 2;
    }
    if (c < 0x80)
      buf_putc (out, (char)c);
    else
      utf8_put (out, c);
    line += c == '\n';
  }
  if (i != file.n) {
    fail_set (fail, ERR_INPUT,
              L ("tệp UTF-16 bị cắt giữa một ký tự: hãy chép hoặc lưu lại tệp",
                 "the UTF-16 file is cut in the middle of a character: copy or save it again"));
    fail_at (fail, NULL, line, 0);
    return ERR_INPUT;
  }
  return buf_ok (out) ? ERR_OK : fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
}
