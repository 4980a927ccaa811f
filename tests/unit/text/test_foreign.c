/* Files that are no UTF-8 text: what they are taken for, and that good text never is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/lang.h"
#include "common/text/csv.h"

#include <string.h>

#define COUNT(rows) (sizeof (rows) / sizeof (rows)[0])
#define Z(literal)                                                                                           \
  {                                                                                                          \
    (literal), sizeof (literal) - 1                                                                          \
  }

/* "Đề án hỗ trợ ứng dụng máy móc thiết bị tiên tiến, đào tạo nghề cho lao động nông thôn huyện Hoài Nhơn" */
#define TCVN3                                                                                                \
  "\xA7\xD2 \xB8n h\xE7 tr\xEE \xF8ng d\xF4ng m\xB8y m\xE3"                                                  \
  "c thi\xD5t b\xDE ti\xAAn ti\xD5n, \xAE\xB5o t\xB9o ngh\xD2 cho lao \xAE\xE9ng n\xABng th\xABn huy\xD6n "  \
  "Ho\xB5i Nh\xACn"
#define VNI                                                                                                  \
  "\xD1"                                                                                                     \
  "e\xE0 a\xF9n ho\xE3 tr\xF4\xEF \xF6\xF9ng du\xEFng ma\xF9y mo\xF9"                                        \
  "c thie\xE1t b\xF2 tie\xE2n tie\xE1n, \xF1"                                                                \
  "a\xF8o ta\xEFo nghe\xE0 cho lao \xF1o\xE4ng no\xE2ng tho\xE2n huye\xE4n Hoa\xF8i Nh\xF4n"
#define VISCII                                                                                               \
  "\xD0\xAB \xE1n h\xB2 tr\xFE \xD1ng d\xF8ng m\xE1y m\xF3"                                                  \
  "c thi\xAAt b\xB8 ti\xEAn ti\xAAn, \xF0\xE0o t\xD5o ngh\xAB cho lao \xF0\xB5ng n\xF4ng th\xF4n huy\xAEn "  \
  "Ho\xE0i Nh\xBDn"
#define CP1258                                                                                               \
  "\xD0\xEA\xCC \xE1n h\xF4\xDE tr\xF5\xF2 \xFD\xECng du\xF2ng m\xE1y m\xF3"                                 \
  "c thi\xEA\xECt bi\xF2 ti\xEAn ti\xEA\xECn, \xF0\xE0o ta\xF2o ngh\xEA\xCC cho lao \xF0\xF4\xF2ng n\xF4ng " \
  "th\xF4n huy\xEA\xF2n Ho\xE0i Nh\xF5n"

typedef struct {
  str_t file;
  const char *named; /* in the words of both languages; NULL: not foreign */
  uint32_t line, column;
} foreign_row_t;

static void
check_rows (const foreign_row_t *rows, size_t n)
{
  for (size_t i = 0; i < n; i++)
    for (int lang = LANG_VI; lang <= LANG_EN; lang++) {
      lang_set ((lang_t)lang);
      fail_t fail = {0};
      bool foreign = csv_is_foreign (rows[i].file, &fail);
      if (foreign != (rows[i].named != NULL))
        fail_msg ("row %zu: foreign %d: %s", i, foreign, fail.text);
      if (!foreign) {
        assert_int_equal (fail.err, ERR_OK);
        continue;
      }
      assert_int_equal (fail.err, ERR_INPUT);
      if (strstr (fail.text, rows[i].named) == NULL)
        fail_msg ("row %zu: \"%s\" names no %s", i, fail.text, rows[i].named);
      assert_int_equal (fail.line, rows[i].line);
      assert_int_equal (fail.column, rows[i].column);
    }
  lang_set (LANG_VI);
}

static void
by_first_bytes (void **state)
{
  (void)state;
  static const foreign_row_t rows[] = {
      {Z ("PK\x03\x04\x14\0[Content_Types].xml"), "Excel (.xlsx)", 0, 0},
      {Z ("PK\x03\x04\x14\0xl/workbook.xml"), "Excel (.xlsx)", 0, 0},
      {Z ("PK\x03\x04\x14\0[Content_Types].xml word/document.xml"), "Word (.docx)", 0, 0},
      {Z ("PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), ".ods", 0, 0},
      {Z ("PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.text"), ".odt", 0, 0},
      {Z ("PK\x03\x04readme.txt"), "ZIP", 0, 0},
      {Z ("PK\x03\x04"), "ZIP", 0, 0},
      {Z ("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0"), "Excel (.xls)", 0, 0},
      {Z ("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"), "Word (.doc)", 0, 0},
      {Z ("%PDF-1.7\n"), "PDF", 0, 0},
      {Z ("{\\rtf1\\ansi"), "RTF", 0, 0},
      {Z ("\x89PNG\r\n\x1A\n"), "PNG", 0, 0},
      {Z ("\xFF\xD8\xFF\xE0"), "JPEG", 0, 0},
      {Z ("\x1F\x8B\x08"), "gzip", 0, 0},
      {Z ("<!DOCTYPE html>"), "HTML", 0, 0},
      {Z ("\xEF\xBB\xBF\r\n <HTML><table>"), "HTML", 0, 0},
      {Z ("<?xml version=\"1.0\"?>"), "XML", 0, 0},
      {Z ("a\0,\0b\0\n\0"), "UTF-16", 0, 0},
      {Z ("\0a\0,\0b\0\n"), "UTF-16", 0, 0},
      /* not by a likeness */
      {Z ("PK\x03"), NULL, 0, 0},
      {Z ("PK,b\n1,2\n"), NULL, 0, 0},
      {Z ("pdf-1,b\n"), NULL, 0, 0},
      {Z ("GIF,a\n"), NULL, 0, 0},
      {Z ("<5,b\n"), NULL, 0, 0},
      {Z ("a,b\n<html>,2\n"), NULL, 0, 0},
      {Z (""), NULL, 0, 0},
      {Z ("\xFF\xFE"
          "a\0"),
       NULL, 0, 0},
      {Z ("\xFE\xFF\0a"), NULL, 0, 0},
  };
  check_rows (rows, COUNT (rows));
}

static void
by_letters (void **state)
{
  (void)state;
  static const foreign_row_t rows[] = {
      {Z ("ten,b\n1," TCVN3 "\n"), "TCVN3", 2, 2},
      {Z ("ten,b\n1," VNI "\n"), "VNI", 2, 2},
      {Z ("ten,b\n1," VISCII "\n"), "VISCII", 2, 2},
      {Z ("ten,b\n1," CP1258 "\n"), "Windows-1258", 2, 2},
      /* one letter over and over says nothing, but is refused all the same */
      {Z ("fund\nKC\xD0P\nKC\xD0P\nKC\xD0P\n"), "0xD0", 2, 1},
      {Z ("a\n\x80\x81\x82\x83\x84\x85\x86\n"), "0x80", 2, 1},
      {Z ("caf\xE9,na\xEFve\n"), "0xE9", 1, 1},
      /* good UTF-8 with one broken spot is no legacy encoding */
      {Z ("Đề án hỗ trợ ứng dụng máy móc thiết bị tiên tiến,x\nđào tạo nghề\xE1\xBB,nông thôn\n"), "0xE1", 2,
       1},
      {Z ("Đề án hỗ trợ ứng dụng máy móc thiết b\xE1\xBB"), "UTF-8", 1, 1},
      /* and good UTF-8 is never refused, whatever it might be besides */
      {Z ("Đề án hỗ trợ ứng dụng máy móc thiết bị tiên tiến"), NULL, 0, 0},
      {Z ("§Ò ¸n hç trî øng dông m¸y mãc thiÕt bÞ"), NULL, 0,
       0}, /* TCVN3 saved as UTF-8: the letters are there */
      {Z ("5 µm, § 3, ¶"), NULL, 0, 0},
      {Z ("中文,日本語\n"), NULL, 0, 0},
      {Z ("\xEF\xBB\xBFmã,tên\n"), NULL, 0, 0},
  };
  check_rows (rows, COUNT (rows));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test (by_first_bytes), cmocka_unit_test (by_letters)};
  return cmocka_run_group_tests_name ("foreign", tests, NULL, NULL);
}
