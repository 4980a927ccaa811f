/* test_convert.c - old encodings and fonts into UTF-8: whole files, columns of a good file, workbooks; good
 * text is said to be so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/entry/convert.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "tests/support/workbook.h"

#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define PLAIN "code,name\nA-1,Hỗ trợ máy móc\nA-2,\"Đào tạo, nghề\"\n"
#define TCVN3 "code,name\nA-1,H\347 tr\356 m\270y m\343c\nA-2,\042\247\265o t\271o, ngh\322\042\n"
#define VNI "code,name\nA-1,Ho\343 tr\364\357 ma\371y mo\371c\nA-2,\042\321a\370o ta\357o, nghe\340\042\n"
#define VISCII "code,name\nA-1,H\262 tr\376 m\341y m\363c\nA-2,\042\320\340o t\325o, ngh\253\042\n"
#define CP1258                                                                                               \
  "code,name\nA-1,H\364\336 tr\365\362 m\341y m\363c\nA-2,\042\320\340o ta\362o, ngh\352\314\042\n"

static const struct {
  const char *file;
  legacy_t from;
  legacy_t found;  /* LEGACY_NONE: refused */
  const char *out; /* or a word of why not */
  uint64_t cells;
} rows[] = {
    {TCVN3, LEGACY_NONE, LEGACY_TCVN3, PLAIN, 0},
    {TCVN3, LEGACY_TCVN3, LEGACY_TCVN3, PLAIN, 0},
    {VNI, LEGACY_NONE, LEGACY_VNI, PLAIN, 0},
    {VISCII, LEGACY_NONE, LEGACY_VISCII, PLAIN, 0},
    {CP1258, LEGACY_NONE, LEGACY_CP1258, PLAIN, 0},
    /* one word that is no syllable: one of the catalogue's, or a person must say */
    {"fund\nKC\247P\n", LEGACY_NONE, LEGACY_TCVN3, "fund\nKCĐP\n", 0},
    {"fund\nKC\321P\n", LEGACY_NONE, LEGACY_VNI, "fund\nKCĐP\n", 0},
    {"fund\nKC\320P\n", LEGACY_NONE, LEGACY_CP1258, "fund\nKCĐP\n", 0}, /* or VISCII, just the same */
    {"fund\nKC\347P\n", LEGACY_NONE, LEGACY_NONE, "--from", 0},
    {"fund\nKC\247P\nXY\347Z\n", LEGACY_NONE, LEGACY_NONE, "--from", 0},
    {"fund\nKC\247P\n", LEGACY_TCVN3, LEGACY_TCVN3, "fund\nKCĐP\n", 0},
    {"fund\nKC\320P\n", LEGACY_VISCII, LEGACY_VISCII, "fund\nKCĐP\n", 0},
    {PLAIN, LEGACY_NONE, LEGACY_NONE, "import it as it is", 0},
    {PLAIN, LEGACY_VNI, LEGACY_NONE, "nothing in it reads as VNI", 0},
    {"a\nHỗ trợ máy móc thiết\341\273 bị\n", LEGACY_NONE, LEGACY_NONE, "broken spots", 0},
    {"a\nHỗ trợ máy móc thiết\341\273 bị\n", LEGACY_TCVN3, LEGACY_NONE, "broken spots", 0},
    {"%PDF-1.4", LEGACY_TCVN3, LEGACY_NONE, "PDF", 0},
    {"", LEGACY_NONE, LEGACY_NONE, "import it as it is", 0},
    /* letters of a font in good UTF-8: those cells alone */
    {"code;name\nA-1;Hç trî m¸y mãc\n", LEGACY_NONE, LEGACY_TCVN3, "code,name\nA-1,Hỗ trợ máy móc\n", 1},
    {"name,client\nHç trî m¸y mãc,Cơ sở Đập Đá\nMáy Müller,Hoã trôï\n", LEGACY_NONE, LEGACY_TCVN3,
     "name,client\nHỗ trợ máy móc,Cơ sở Đập Đá\nMáy Müller,Hoã trôï\n", 1},
    {"name,client\nHç trî m¸y mãc,Cơ sở Đập Đá\nMáy Müller,Hoã trôï\n", LEGACY_VNI, LEGACY_VNI,
     "name,client\nHç trî m¸y mãc,Cơ sở Đập Đá\nMáy Müller,Hỗ trợ\n", 1},
    /* where all of it is so, what could be either is too: "chó" is a word, and so is "chú" */
    {"M· ®Ò ¸n,Tªn ®Ò ¸n,Ghi chó,Nguån\nA-1,Hç trî m¸y mãc,chó,KC§P\n", LEGACY_NONE, LEGACY_TCVN3,
     "Mã đề án,Tên đề án,Ghi chú,Nguồn\nA-1,Hỗ trợ máy móc,chú,KCĐP\n", 7},
    {"name,note\nHç trî m¸y mãc,chó\nB¶o,Cát\n", LEGACY_NONE, LEGACY_TCVN3,
     "name,note\nHỗ trợ máy móc,chó\nBảo,Cát\n", 2},
    {"\xFF\xFE"
     "a\0\n\0H\0\347\0 \0t\0r\0\356\0 \0m\0\270\0y\0\n",
     LEGACY_NONE, LEGACY_TCVN3, "a\nHỗ trợ máy\n", 1},
};

static catalogue_t *catalogue;

static int
set_up (void **state)
{
  buf_t b = BUF_INIT;
  fail_t fail = {0};
  (void)state;
  lang_set (LANG_EN);
  assert_int_equal (
      file_read (KC_SOURCE_DIR "/deploy/binh-dinh/catalogue.csv", CATALOGUE_FILE_MAX, &b, &fail), ERR_OK);
  catalogue = catalogue_parse (buf_str (&b), 1, &fail);
  buf_free (&b);
  return catalogue != NULL ? 0 : -1;
}

static int
tear_down (void **state)
{
  (void)state;
  catalogue_destroy (&catalogue);
  lang_set (LANG_VI);
  return 0;
}

static str_t
bytes_of (const char *file)
{
  /* the one file with zero bytes in it */
  static const char wide[] = "\xFF\xFE"
                             "a\0\n\0H\0\347\0 \0t\0r\0\356\0 \0m\0\270\0y\0\n";
  return (uint8_t)file[0] == 0xFF ? (str_t){wide, sizeof wide} : str_of (file);
}

static void
files (void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_t out = BUF_INIT, samples = BUF_INIT;
    fail_t fail = {0};
    convert_result_t r;
    const err_t err =
        convert_file (bytes_of (rows[i].file), rows[i].from, catalogue, false, &out, &samples, &r, &fail);
    if ((err == ERR_OK) != (rows[i].found != LEGACY_NONE))
      fail_msg ("row %zu: %s %s", i, err_name (err), fail.text);
    if (err != ERR_OK) {
      assert_int_equal (err, ERR_INPUT);
      if (strstr (fail.text, rows[i].out) == NULL)
        fail_msg ("row %zu: %s", i, fail.text);
    } else {
      assert_int_equal (r.from, rows[i].found);
      if (r.cells != rows[i].cells)
        fail_msg ("row %zu: %d cells: %s", i, (int)r.cells, buf_z (&out));
      assert_int_equal (r.whole, rows[i].cells == 0);
      assert_int_equal (r.lost, 0);
      assert_string_equal (buf_z (&out), rows[i].out);
      if (rows[i].cells > 0)
        assert_true (samples.n > 0);
    }
    buf_free (&out);
    buf_free (&samples);
  }
}

static void
for_excel (void **state)
{
  (void)state;
  static const char *const from[] = {TCVN3, "code,name\nA-1,Hç trî m¸y mãc\n"};
  static const char *const wanted[] = {"\xEF\xBB\xBF" PLAIN, "\xEF\xBB\xBF"
                                                             "code,name\r\nA-1,Hỗ trợ máy móc\r\n"};
  for (size_t i = 0; i < COUNT (from); i++) {
    buf_t out = BUF_INIT, samples = BUF_INIT;
    fail_t fail = {0};
    convert_result_t r;
    assert_int_equal (
        convert_file (str_of (from[i]), LEGACY_NONE, catalogue, true, &out, &samples, &r, &fail), ERR_OK);
    assert_string_equal (buf_z (&out), wanted[i]);
    buf_free (&out);
    buf_free (&samples);
  }
  buf_t out = BUF_INIT, samples = BUF_INIT;
  fail_t fail = {0};
  convert_result_t r;
  assert_int_equal (
      convert_file (STR ("a\nx\201y\n"), LEGACY_CP1258, catalogue, false, &out, &samples, &r, &fail), ERR_OK);
  assert_int_equal (r.lost, 1);
  buf_free (&out);
  buf_free (&samples);
}

#define TEXT(at, text) "<c r=\"" at "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define HEADER                                                                                               \
  "<row r=\"3\">" TEXT ("A3", "M· ®Ò ¸n") TEXT ("B3", "Tªn ®Ò ¸n") TEXT ("C3", "M· ®¬n vÞ")                  \
      TEXT ("D3", "N¨m kÕ ho¹ch") TEXT ("E3", "Néi dung chi") TEXT ("F3", "Tr¹ng th¸i") "</row>"

/* From the header on, which shows itself only as the font shows it. */
static void
workbooks (void **state)
{
  (void)state;
  buf_t book = BUF_INIT, out = BUF_INIT, samples = BUF_INIT;
  fail_t fail = {0};
  convert_result_t r;
  workbook_of_rows ("<row r=\"1\">" TEXT (
                        "B1", "Danh s¸ch ®Ò ¸n n¨m 2019") "</row>" HEADER "<row r=\"4\">" TEXT ("A4", "A-1")
                        TEXT ("B4", "Hç trî m¸y mãc") "<c r=\"C4\"><v>549</v></c>"
                                                      "<c r=\"D4\"><v>2019</v></c>" TEXT ("E4", "III.3")
                                                          TEXT ("F4", "®· quyÕt to¸n") "</row>",
                    &book);
  const err_t err = convert_file (buf_str (&book), LEGACY_NONE, catalogue, false, &out, &samples, &r, &fail);
  if (err != ERR_OK)
    fail_msg ("%s", fail.text);
  assert_int_equal (r.from, LEGACY_TCVN3);
  assert_string_equal (buf_z (&out), "Mã đề án,Tên đề án,Mã đơn vị,Năm kế hoạch,Nội dung chi,Trạng thái\n"
                                     "A-1,Hỗ trợ máy móc,549,2019,III.3,đã quyết toán\n");
  buf_clear (&book);
  buf_clear (&out);
  workbook_of_rows ("<row r=\"1\">" TEXT ("A1", "Danh s¸ch ®Ò ¸n") "</row>", &book);
  assert_int_equal (convert_file (buf_str (&book), LEGACY_NONE, catalogue, false, &out, &samples, &r, &fail),
                    ERR_INPUT);
  assert_non_null (strstr (fail.text, "no row of the workbook"));
  buf_free (&book);
  buf_free (&out);
  buf_free (&samples);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test (files), cmocka_unit_test (for_excel),
                                     cmocka_unit_test (workbooks)};
  return cmocka_run_group_tests_name ("convert", tests, set_up, tear_down);
}
