/* The encodings of before Unicode: every letter of each, what a text is taken for, and that good text is
 * never taken for one. The bytes come from tables other than ours: glibc's iconv, and VNI's own description.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/text/fonts.h"
#include "common/text/syllable.h"
#include "common/text/utf8.h"

#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))

/* All 134 letters, each behind an h. */
#define LETTERS                                                                                              \
  "hà hả hã há hạ hă hằ hẳ hẵ hắ hặ hâ hầ hẩ hẫ hấ hậ hè hẻ hẽ "           \
  "hé hẹ hê hề hể hễ hế hệ hì hỉ hĩ hí hị hò hỏ hõ hó họ hô hồ "              \
  "hổ hỗ hố hộ hơ hờ hở hỡ hớ hợ hù hủ hũ hú hụ hư hừ hử hữ hứ "          \
  "hự hỳ hỷ hỹ hý hỵ hđ HÀ HẢ HÃ HÁ HẠ HĂ HẰ HẲ HẴ HẮ HẶ HÂ HẦ "            \
  "HẨ HẪ HẤ HẬ HÈ HẺ HẼ HÉ HẸ HÊ HỀ HỂ HỄ HẾ HỆ HÌ HỈ HĨ HÍ HỊ "           \
  "HÒ HỎ HÕ HÓ HỌ HÔ HỒ HỔ HỖ HỐ HỘ HƠ HỜ HỞ HỠ HỚ HỢ HÙ HỦ HŨ "            \
  "HÚ HỤ HƯ HỪ HỬ HỮ HỨ HỰ HỲ HỶ HỸ HÝ HỴ HĐ"
#define TCVN3_LETTERS                                                                                        \
  "h\265 h\266 h\267 h\270 h\271 h\250 h\273 h\274 h\275 h\276 h\306 h\251 h\307 h\310 "                     \
  "h\311 h\312 h\313 h\314 h\316 h\317 h\320 h\321 h\252 h\322 h\323 h\324 h\325 h\326 "                     \
  "h\327 h\330 h\334 h\335 h\336 h\337 h\341 h\342 h\343 h\344 h\253 h\345 h\346 h\347 "                     \
  "h\350 h\351 h\254 h\352 h\353 h\354 h\355 h\356 h\357 h\361 h\362 h\363 h\364 h\255 "                     \
  "h\365 h\366 h\367 h\370 h\371 h\372 h\373 h\374 h\375 h\376 h\256 H\200 H\201 H\202 "                     \
  "H\203 H\204 H\241 H\257 H\272 H\277 H\300 H\205 H\242 H\301 H\302 H\303 H\304 H\206 "                     \
  "H\207 H\210 H\211 H\212 H\213 H\243 H\305 H\315 H\331 H\332 H\214 H\215 H\216 H\217 "                     \
  "H\220 H\221 H\222 H\223 H\224 H\225 H\226 H\244 H\333 H\340 H\360 H\377 H\227 H\245 "                     \
  "H\230 H\231 H\232 H\233 H\234 H\235 H\236 H\237 H\001 H\002 H\246 H\004 H\005 H\006 "                     \
  "H\021 H\022 H\023 H\024 H\025 H\026 H\027 H\247"
#define VNI_LETTERS                                                                                          \
  "ha\370 ha\373 ha\365 ha\371 ha\357 ha\352 ha\350 ha\372 ha\374 ha\351 ha\353 ha\342 "                     \
  "ha\340 ha\345 ha\343 ha\341 ha\344 he\370 he\373 he\365 he\371 he\357 he\342 he\340 "                     \
  "he\345 he\343 he\341 he\344 h\354 h\346 h\363 h\355 h\362 ho\370 ho\373 ho\365 ho\371 "                   \
  "ho\357 ho\342 ho\340 ho\345 ho\343 ho\341 ho\344 h\364 h\364\370 h\364\373 h\364\365 "                    \
  "h\364\371 h\364\357 hu\370 hu\373 hu\365 hu\371 hu\357 h\366 h\366\370 h\366\373 "                        \
  "h\366\365 h\366\371 h\366\357 hy\370 hy\373 hy\365 hy\371 h\356 h\361 HA\330 HA\333 "                     \
  "HA\325 HA\331 HA\317 HA\312 HA\310 HA\332 HA\334 HA\311 HA\313 HA\302 HA\300 HA\305 "                     \
  "HA\303 HA\301 HA\304 HE\330 HE\333 HE\325 HE\331 HE\317 HE\302 HE\300 HE\305 HE\303 "                     \
  "HE\301 HE\304 H\314 H\306 H\323 H\315 H\322 HO\330 HO\333 HO\325 HO\331 HO\317 HO\302 "                   \
  "HO\300 HO\305 HO\303 HO\301 HO\304 H\324 H\324\330 H\324\333 H\324\325 H\324\331 "                        \
  "H\324\317 HU\330 HU\333 HU\325 HU\331 HU\317 H\326 H\326\330 H\326\333 H\326\325 "                        \
  "H\326\331 H\326\317 HY\330 HY\333 HY\325 HY\331 H\316 H\321"
#define CP1258_LETTERS                                                                                       \
  "h\340 ha\322 ha\336 h\341 ha\362 h\343 h\343\314 h\343\322 h\343\336 h\343\354 h\343\362 "                \
  "h\342 h\342\314 h\342\322 h\342\336 h\342\354 h\342\362 h\350 he\322 he\336 h\351 "                       \
  "he\362 h\352 h\352\314 h\352\322 h\352\336 h\352\354 h\352\362 hi\314 hi\322 hi\336 "                     \
  "h\355 hi\362 ho\314 ho\322 ho\336 h\363 ho\362 h\364 h\364\314 h\364\322 h\364\336 "                      \
  "h\364\354 h\364\362 h\365 h\365\314 h\365\322 h\365\336 h\365\354 h\365\362 h\371 "                       \
  "hu\322 hu\336 h\372 hu\362 h\375 h\375\314 h\375\322 h\375\336 h\375\354 h\375\362 "                      \
  "hy\314 hy\322 hy\336 hy\354 hy\362 h\360 H\300 HA\322 HA\336 H\301 HA\362 H\303 H\303\314 "               \
  "H\303\322 H\303\336 H\303\354 H\303\362 H\302 H\302\314 H\302\322 H\302\336 H\302\354 "                   \
  "H\302\362 H\310 HE\322 HE\336 H\311 HE\362 H\312 H\312\314 H\312\322 H\312\336 H\312\354 "                \
  "H\312\362 HI\314 HI\322 HI\336 H\315 HI\362 HO\314 HO\322 HO\336 H\323 HO\362 H\324 "                     \
  "H\324\314 H\324\322 H\324\336 H\324\354 H\324\362 H\325 H\325\314 H\325\322 H\325\336 "                   \
  "H\325\354 H\325\362 H\331 HU\322 HU\336 H\332 HU\362 H\335 H\335\314 H\335\322 H\335\336 "                \
  "H\335\354 H\335\362 HY\314 HY\322 HY\336 HY\354 HY\362 H\320"
#define VISCII_LETTERS                                                                                       \
  "h\340 h\344 h\343 h\341 h\325 h\345 h\242 h\306 h\307 h\241 h\243 h\342 h\245 h\246 "                     \
  "h\347 h\244 h\247 h\350 h\353 h\250 h\351 h\251 h\352 h\253 h\254 h\255 h\252 h\256 "                     \
  "h\354 h\357 h\356 h\355 h\270 h\362 h\366 h\365 h\363 h\367 h\364 h\260 h\261 h\262 "                     \
  "h\257 h\265 h\275 h\266 h\267 h\336 h\276 h\376 h\371 h\374 h\373 h\372 h\370 h\337 "                     \
  "h\327 h\330 h\346 h\321 h\361 h\317 h\326 h\333 h\375 h\334 h\360 H\300 H\304 H\303 "                     \
  "H\301 H\200 H\305 H\202 H\002 H\005 H\201 H\203 H\302 H\205 H\206 H\006 H\204 H\207 "                     \
  "H\310 H\313 H\210 H\311 H\211 H\312 H\213 H\214 H\215 H\212 H\216 H\314 H\233 H\316 "                     \
  "H\315 H\230 H\322 H\231 H\240 H\323 H\232 H\324 H\220 H\221 H\222 H\217 H\223 H\264 "                     \
  "H\226 H\227 H\263 H\225 H\224 H\331 H\234 H\235 H\332 H\236 H\277 H\273 H\274 H\377 "                     \
  "H\272 H\271 H\237 H\024 H\031 H\335 H\036 H\320"

static const struct {
  legacy_t e;
  const char *bytes;
} alphabets[] = {{LEGACY_TCVN3, TCVN3_LETTERS},
                 {LEGACY_VNI, VNI_LETTERS},
                 {LEGACY_CP1258, CP1258_LETTERS},
                 {LEGACY_VISCII, VISCII_LETTERS}};

static void
every_letter (void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT (alphabets); i++) {
    buf_t out = BUF_INIT;
    assert_true (legacy_read (alphabets[i].e, str_of (alphabets[i].bytes), &out));
    assert_string_equal (buf_z (&out), LETTERS);
    buf_free (&out);
  }
  size_t letters = 0;
  for (const char *p = LETTERS; *p != '\0'; p++)
    letters += (uint8_t)*p >= 0xC0;
  assert_int_equal (letters, 134);
}

/* What is said, and how it reads. */
static const struct {
  legacy_t e;
  const char *bytes, *reading;
} readings[] = {
    {LEGACY_TCVN3, "K\325 HO\271CH", "KẾ HOẠCH"},
    {LEGACY_TCVN3, "H\265 N\351I", "HÀ NỘI"},
    {LEGACY_TCVN3, "\247\322 \270N", "ĐỀ ÁN"},
    {LEGACY_TCVN3, "H\265 L\375", "Hà Lý"},
    {LEGACY_TCVN3, "UBND huy\326n, TH\336 X\267 An Nh\254n", "UBND huyện, THỊ XÃ An Nhơn"},
    {LEGACY_TCVN3, "KC\247P", "KCĐP"},
    {LEGACY_TCVN3, "\223\247\322 \270n\224 \226 x\205", "“Đề án” – x…"},
    {LEGACY_TCVN3, "\205\205..", "…….."},
    {LEGACY_TCVN3, "30\260C, 5 m\262", "30°C, 5 m²"},
    {LEGACY_VNI, "TO\305NG h\364\357p \316", "TỔNG hợp Ỵ"},
    {LEGACY_VNI, "A\371n, 30\260C \223x\224", "Án, 30°C “x”"},
    {LEGACY_CP1258, "T\364\322ng 5 \376", "Tổng 5 ₫"},
    {LEGACY_CP1258, "a\201b", "a�b"},
    {LEGACY_VISCII, "H\326 \005", "Hỷ Ẵ"},
};

static void
readings_of_text (void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT (readings); i++) {
    buf_t out = BUF_INIT;
    assert_true (legacy_read (readings[i].e, str_of (readings[i].bytes), &out));
    if (strcmp (buf_z (&out), readings[i].reading) != 0)
      fail_msg ("row %zu: \"%s\"", i, buf_z (&out));
    assert_true (utf8_is_normal (buf_str (&out)));
    buf_free (&out);
  }
}

static const struct {
  legacy_t e;
  const char *bytes;
} guesses[] = {
    {LEGACY_TCVN3, "\247\322 \270n \256i\323m"},
    {LEGACY_VNI, "\321e\340 a\371n \361ie\345m"},
    {LEGACY_CP1258, "\320\352\314 \341n \360i\352\322m"},
    {LEGACY_VISCII, "\320\253 \341n \360i\254m"},
    {LEGACY_TCVN3, "Ph\255\352ng \247\313p \247\270"},
    {LEGACY_VNI, "Ph\366\364\370ng \321a\344p \321a\371"},
    {LEGACY_CP1258, "Ph\375\365\314ng \320\342\362p \320\341"},
    {LEGACY_VISCII, "Ph\337\266ng \320\247p \320\341"},
    {LEGACY_TCVN3, "Nguy\324n V\250n B\266y"},
    {LEGACY_VNI, "Nguye\343n Va\352n Ba\373y"},
    {LEGACY_CP1258, "Nguy\352\336n V\343n Ba\322y"},
    {LEGACY_VISCII, "Nguy\255n V\345n B\344y"},
    {LEGACY_TCVN3, "h\347 tr\356 thi\325t b\336"},
    {LEGACY_VNI, "ho\343 tr\364\357 thie\341t b\362"},
    {LEGACY_CP1258, "h\364\336 tr\365\362 thi\352\354t bi\362"},
    {LEGACY_VISCII, "h\262 tr\376 thi\252t b\270"},
    {LEGACY_TCVN3, "T\346NG H\356P K\325T QU\266"},
    {LEGACY_VNI, "TO\305NG H\324\317P KE\301T QUA\333"},
    {LEGACY_CP1258, "T\324\322NG H\325\362P K\312\354T QUA\322"},
    {LEGACY_VISCII, "T\221NG H\224P K\212T QU\304"},
    {LEGACY_NONE, ""},
    {LEGACY_NONE, "KC\320P KC\320P KC\320P"}, /* one word says nothing */
    {LEGACY_NONE, "caf\351,na\357ve"},        /* Latin-1 */
    {LEGACY_NONE, "M\374ller und S\366hne, Gr\366\337e"},
    {LEGACY_NONE, "\200\201\202\203\204\205\206"},
    {LEGACY_NONE, "Đề án hỗ trợ thiết bị\341\273 tiên tiến"}, /* UTF-8 with a broken spot */
};

static void
guesses_of_bytes (void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT (guesses); i++) {
    const legacy_t e = legacy_guess (str_of (guesses[i].bytes));
    if (e != guesses[i].e)
      fail_msg ("row %zu: taken for %s", i, e == LEGACY_NONE ? "none" : legacy_name (e));
  }
}

static void
names (void **state)
{
  (void)state;
  for (legacy_t e = LEGACY_NONE + 1; e < LEGACY_COUNT; e++)
    assert_int_equal (legacy_of_name (str_of (legacy_name (e))), e);
  assert_int_equal (legacy_of_name (STR ("utf8")), LEGACY_NONE);
  assert_int_equal (legacy_of_name (STR_NONE), LEGACY_NONE);
  assert_null (legacy_name (LEGACY_NONE));
}

static void
samples (void **state)
{
  (void)state;
  buf_t out = BUF_INIT;
  legacy_samples (LEGACY_TCVN3,
                  STR ("ma;ten\n1;m\270y m\343c\n2; m\270y m\343c\n3;\247\322 \270n\n4;KC\247P\n"), &out);
  assert_string_equal (buf_z (&out), "“máy móc”, “Đề án”");
  buf_free (&out);
}

/* ---- syllables ---- */

static void
syllables (void **state)
{
  (void)state;
  static const char *const good[] = {
      "a",   "Đề",  "án",  "nghiêng", "khuyến", "Quyết", "GIẾNG", "gì", "quýt", "Mỹ",
      "ươm", "hoà", "hòa", "Hoà",     "thuở",   "khuya", "xoong", "uỷ", "ủy",   "e\xCC\x82\xCC\x81"};
  static const char *const bad[] = {"",    "Đ",   "KCĐP", "ap", "àp",       "hõc",  "Müller", "ngế̉",
                                    "mÁy", "m¸y", "aùn",  "w",  "tráiphải", "đẻđẻ", "qu",     "ộậ"};
  for (size_t i = 0; i < COUNT (good); i++)
    if (!syllable_is_vietnamese (str_of (good[i])))
      fail_msg ("%s is none", good[i]);
  for (size_t i = 0; i < COUNT (bad); i++)
    if (syllable_is_vietnamese (str_of (bad[i])))
      fail_msg ("%s is one", bad[i]);
  str_t word;
  size_t at = 0;
  const str_t text = STR ("1. Đập-Đá (§Ò), “x”…\xFF");
  static const char *const words[] = {"Đập", "Đá", "§Ò", "x"};
  for (size_t i = 0; i < COUNT (words); i++) {
    assert_true (syllable_next_word (text, &at, &word));
    assert_true (str_is (word, words[i]));
  }
  assert_false (syllable_next_word (text, &at, &word));
}

/* ---- letters of a font, in good UTF-8 ---- */

static const struct {
  const char *text;
  legacy_t e;
  const char *reading;
} fonts_rows[] = {
    {"§Ò ¸n hç trî øng dông m¸y mãc thiÕt bÞ tiªn tiÕn", LEGACY_TCVN3,
     "Đề án hỗ trợ ứng dụng máy móc thiết bị tiên tiến"},
    {"Ñeà aùn hoã trôï öùng duïng maùy moùc thieát bò tieân tieán", LEGACY_VNI,
     "Đề án hỗ trợ ứng dụng máy móc thiết bị tiên tiến"},
    {"§Ëp §¸", LEGACY_TCVN3, "Đập Đá"},
    {"Ñaäp Ñaù", LEGACY_VNI, "Đập Đá"},
    {"C«ng ty TNHH §Çu t­", LEGACY_TCVN3, "Công ty TNHH Đầu tư"},
    {"Coâng ty TNHH Ñaàu tö", LEGACY_VNI, "Công ty TNHH Đầu tư"},
    {"NguyÔn V¨n B¶y", LEGACY_TCVN3, "Nguyễn Văn Bảy"},
    {"Nguyeãn Vaên Baûy", LEGACY_VNI, "Nguyễn Văn Bảy"},
    {"§Ò", LEGACY_NONE, NULL}, /* one word is not certain */
    {"", LEGACY_NONE, NULL},
    {"TONG HOP", LEGACY_NONE, NULL},
    {"TỔNG HỢP KẾT QUẢ", LEGACY_NONE, NULL},
    {"Phù Cát, Hoài Ân, Cát Tài, Vân Canh", LEGACY_NONE, NULL}, /* letters of Latin-1 only */
    {"5 µm x 3 µm, § 3, ¶ 2, ±5 °C, m², 3×4, Ø50", LEGACY_NONE, NULL},
    {"§ 3, µ, ¶", LEGACY_NONE, NULL},
    {"café à côté, naïve, Noël, Müller & Söhne, Größe", LEGACY_NONE, NULL},
    {"São João, señor, niño, mañana, Åse Ødegård, þú ert", LEGACY_NONE, NULL},
    {"© 2019 ®", LEGACY_NONE, NULL},
    {"Đak Bah, Y Blă, K’Bang, ôtô", LEGACY_NONE, NULL},
    {"中文 日本語 Ελληνικά", LEGACY_NONE, NULL},
    {"m¸y mãc của xã", LEGACY_NONE, NULL}, /* good Vietnamese beside it: not certain */
};

static void
fonts_of_text (void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT (fonts_rows); i++) {
    const legacy_t e = fonts_guess (str_of (fonts_rows[i].text));
    buf_t out = BUF_INIT;
    if (e != fonts_rows[i].e)
      fail_msg ("row %zu: %s is taken for %s", i, fonts_rows[i].text,
                e == LEGACY_NONE ? "none" : legacy_name (e));
    if (e != LEGACY_NONE) {
      assert_true (fonts_read (e, str_of (fonts_rows[i].text), &out));
      assert_string_equal (buf_z (&out), fonts_rows[i].reading);
    }
    buf_free (&out);
  }
  buf_t out = BUF_INIT;
  assert_true (fonts_read (LEGACY_TCVN3, STR ("m¸y → đ §Ëp ≥"), &out)); /* what no font has stays */
  assert_string_equal (buf_z (&out), "máy → đ Đập ≥");
  buf_free (&out);
}

/* Columns: cells of one word, which say something only together. */
static const struct {
  const char *cells[6];
  legacy_t e;
  uint64_t n;
  uint32_t line;
  const char *samples;
} columns[] = {
    {{"M¸y", "B¸n", "§Ëp", "KC§P"}, LEGACY_TCVN3, 4, 2, "“Máy”, “Bán”, “Đập”"},
    {{"x", "M¸y", "B¸n", "M¸y"}, LEGACY_NONE, 0, 0, NULL},   /* two different ones */
    {{"M¸y", "B¸n", "§Ëp", "Đập"}, LEGACY_NONE, 0, 0, NULL}, /* good Vietnamese among them */
    {{"M¸y", "B¸n", "§Ëp", "Cát"}, LEGACY_NONE, 0, 0, NULL},
    {{"Đập Đá", "§Ëp §¸", "Nhơn Hậu"}, LEGACY_TCVN3, 1, 3, "“Đập Đá”"}, /* a cell certain by itself */
    {{"Phù Cát", "Hoài Ân", "Vân Canh", "Cát Tài"}, LEGACY_NONE, 0, 0, NULL},
};

static void
fonts_of_columns (void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT (columns); i++) {
    font_finding_t f;
    buf_t out = BUF_INIT;
    fonts_t *fonts = fonts_new ();
    assert_non_null (fonts);
    for (uint32_t k = 0; k < COUNT (columns[i].cells) && columns[i].cells[k] != NULL; k++)
      fonts_look (fonts, 7, str_of (columns[i].cells[k]), k + 2, 8);
    const bool found = fonts_found (fonts, 7, &f, &out);
    if (found != (columns[i].e != LEGACY_NONE))
      fail_msg ("row %zu: found %d", i, found);
    assert_int_equal (fonts_of_table (fonts), columns[i].e);
    assert_false (fonts_found (fonts, 3, &f, NULL) || fonts_found (fonts, 99, &f, NULL));
    if (found) {
      assert_true (fonts_found (fonts, 7, &f, NULL));
      assert_int_equal (f.encoding, columns[i].e);
      assert_int_equal (f.cells, columns[i].n);
      assert_int_equal (f.line, columns[i].line);
      assert_int_equal (f.at, 8);
      assert_string_equal (buf_z (&out), columns[i].samples);
    }
    buf_free (&out);
    fonts_destroy (&fonts);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (every_letter),     cmocka_unit_test (readings_of_text),
      cmocka_unit_test (guesses_of_bytes), cmocka_unit_test (names),
      cmocka_unit_test (samples),          cmocka_unit_test (syllables),
      cmocka_unit_test (fonts_of_text),    cmocka_unit_test (fonts_of_columns),
  };
  return cmocka_run_group_tests_name ("legacy", tests, NULL, NULL);
}
