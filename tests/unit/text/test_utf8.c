/* Text: checking, the stored form, searching without accents, Vietnamese order, widths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/text/utf8.h"

#include <string.h>

#define COUNT(rows) (sizeof (rows) / sizeof (rows)[0])

typedef struct {
  str_t text;
  bool ok;
  size_t at; /* of the first fault */
} check_row_t;

static void
validity (void **state)
{
  (void)state;
  static const check_row_t rows[] = {
      {{"", 0}, true, 0},
      {{"abc", 3}, true, 0},
      {{"a\0b", 3}, true, 0},
      {{"Bình Định", 12}, true, 0},
      {{"\x7F\xC2\x80\xDF\xBF", 5}, true, 0},
      {{"\xE0\xA0\x80\xEF\xBF\xBF", 6}, true, 0},
      {{"\xED\x9F\xBF\xEE\x80\x80", 6}, true, 0},
      {{"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 8}, true, 0},
      {{"a\x80", 2}, false, 1}, /* a tail alone */
      {{"a\xBF"
        "b",
        3},
       false,
       1},
      {{"\xC0\x80", 2}, false, 0}, /* overlong */
      {{"\xC1\xBF", 2}, false, 0},
      {{"\xE0\x9F\xBF", 3}, false, 0},
      {{"\xF0\x8F\xBF\xBF", 4}, false, 0},
      {{"ab\xED\xA0\x80", 5}, false, 2}, /* surrogates */
      {{"\xED\xBF\xBF", 3}, false, 0},
      {{"\xF4\x90\x80\x80", 4}, false, 0}, /* above U+10FFFF */
      {{"\xF5\x80\x80\x80", 4}, false, 0},
      {{"\xFE", 1}, false, 0},
      {{"\xFF", 1}, false, 0},
      {{"\xC3", 1}, false, 0}, /* cut */
      {{"\xE1\xBB", 2}, false, 0},
      {{"\xF0\x9F\x98", 3}, false, 0},
      {{"\xC3(", 2}, false, 0},
      {{"\xE1\xBB(", 3}, false, 0},
      {{"\xE1(\x80", 3}, false, 0},
      {{"12345678901234567\xFF", 18}, false, 17}, /* behind the fast path */
      {{"\xE1\xBB\x81"
        "12345678\xE1\xBB",
        13},
       false,
       11},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    size_t at = 99;
    bool ok = utf8_valid (rows[i].text, &at);
    if (ok != rows[i].ok || at != (ok ? 99 : rows[i].at))
      fail_msg ("row %zu: %d at %zu", i, ok, at);
    assert_int_equal (utf8_valid (rows[i].text, NULL), rows[i].ok);
  }
}

static void
cleanness (void **state)
{
  (void)state;
  static const struct {
    str_t text;
    bool single, multi;
    size_t at;
  } rows[] = {
      {{"", 0}, true, true, 0},
      {{"Mương cái, số 7", 18}, true, true, 0},
      {{"a\nb", 3}, false, true, 1},
      {{"a\r\nb", 4}, false, true, 1},
      {{"a\rb", 3}, false, false, 1},
      {{"a\r", 2}, false, false, 1},
      {{"a\tb", 3}, false, false, 1},
      {{"\0", 1}, false, false, 0},
      {{"ab\x01", 3}, false, false, 2},
      {{"\x1F", 1}, false, false, 0},
      {{"\x7F", 1}, false, false, 0},
      {{"\xC2\x80", 2}, false, false, 0}, /* C1 */
      {{"a\xC2\x9F", 3}, false, false, 1},
      {{"\xC2\xA0", 2}, true, true, 0},        /* a no-break space is text */
      {{"a\xEF\xBB\xBF", 4}, false, false, 1}, /* U+FEFF */
      {{"\xEF\xBF\xBE", 3}, false, false, 0},  /* U+FFFE */
      {{"\xEF\xBF\xBF", 3}, false, false, 0},
      {{"\xEF\xB7\x90", 3}, false, false, 0},     /* U+FDD0 */
      {{"\xF0\x9F\xBF\xBE", 4}, false, false, 0}, /* U+1FFFE */
      {{"\xEF\xBF\xBD", 3}, true, true, 0},       /* U+FFFD */
      {{"x\xE2\x80\xAE", 4}, false, false, 1},    /* right-to-left override */
      {{"\xE2\x81\xA6", 3}, false, false, 0},     /* isolate */
      {{"\xE2\x80\xA8", 3}, false, true, 0},      /* line separator */
      {{"\xF0\x9F\x98\x80", 4}, true, true, 0},
      {{"~ 34567 ~ 34567 z", 17}, true, true, 0}, /* seen eight at a time */
      {{"\x1F"
        "1234567",
        8},
       false,
       false,
       0},
      {{"1234567\x1F", 8}, false, false, 7},
      {{"12345678123\x7F"
        "5678",
        16},
       false,
       false,
       11},
      {{"1234567\n\x7F", 9}, false, false, 7},
      {{"1234567\n ~", 10}, false, true, 7},
      {{"1234567\x80", 8}, false, false, 7},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    size_t at = 99;
    if (utf8_clean (rows[i].text, false, &at) != rows[i].single || at != (rows[i].single ? 99 : rows[i].at))
      fail_msg ("row %zu as one line: at %zu", i, at);
    if (utf8_clean (rows[i].text, true, NULL) != rows[i].multi)
      fail_msg ("row %zu as several lines", i);
  }
}

static void
normal_form (void **state)
{
  (void)state;
  static const struct {
    const char *text, *stored;
  } rows[] = {
      {"", ""},
      {"ASCII", "ASCII"},
      {"Nguyễn Đập Đá", "Nguyễn Đập Đá"},
      {"a\xCC\x81", "á"},
      {"e\xCC\x82\xCC\x81", "ế"},
      {"a\xCC\xA3\xCC\x82", "ậ"},
      {"a\xCC\x82\xCC\xA3", "ậ"}, /* marks in either order */
      {"o\xCC\x9B\xCC\x80", "ờ"},
      {"â\xCC\x81", "ấ"},
      {"Ph\xC6\xA3ng", "Phưng"}, /* the slip */
      {"\xC6\xA2u", "Ưu"},
      {"\xC6\xA3\xCC\x81", "ứ"},
      {"đường", "đường"},
      {"\xEF\xBB\xBFx", "\xEF\xBB\xBFx"}, /* kept: refusing is utf8_clean's */
      {"\xE2\x84\xAA", "K"},              /* the Kelvin sign is K */
      {"“—”…", "“—”…"},
  };
  arena_t *arena = arena_new (1 << 16);
  assert_non_null (arena);
  for (size_t i = 0; i < COUNT (rows); i++) {
    str_t text = str_of (rows[i].text), out = STR_NONE, again = STR_NONE;
    bool same = strcmp (rows[i].text, rows[i].stored) == 0;
    assert_true (utf8_normalise (text, arena, &out));
    if (!str_eq (out, str_of (rows[i].stored)))
      fail_msg ("\"%s\" became \"%.*s\"", rows[i].text, STR_ARG (out));
    assert_int_equal (utf8_is_normal (text), same);
    assert_true (utf8_is_normal (out));
    if (same)
      assert_ptr_equal (out.p, text.p);
    assert_true (utf8_normalise (out, arena, &again));
    assert_true (str_eq (again, out));
  }
  str_t out = STR_NONE;
  assert_false (utf8_normalise (STR ("a\xFF"), arena, &out));
  assert_false (utf8_is_normal (STR ("a\xFF")));
  arena_destroy (&arena);

  arena_t *tight = arena_new (16);
  static char long_text[3 * 400];
  for (size_t i = 0; i < sizeof long_text; i += 3)
    memcpy (long_text + i, "a\xCC\x81", 3);
  assert_non_null (tight);
  assert_false (utf8_normalise ((str_t){long_text, sizeof long_text}, tight, &out));
  assert_null (out.p);
  arena_destroy (&tight);
}

static void
folding (void **state)
{
  (void)state;
  static const struct {
    const char *text, *folded;
  } rows[] = {
      {"", ""},
      {"   ", ""},
      {"Nguyễn", "nguyen"},
      {"Đập Đá", "dap da"},
      {"ĐẬP ĐÁ", "dap da"},
      {"  Hoài   Nhơn\t", "hoai nhon"},
      {"a\xC2\xA0\xE2\x80\x83"
       "b",
       "a b"},
      {"Ƣu tiên", "uu tien"},
      {"a\xCC\x82\xCC\x81", "a"},
      {"ăâđêôơưĂÂĐÊÔƠƯ", "aadeoouaadeoou"},
      {"ỳỷỹýỵ", "yyyyy"},
      {"\xC3\x90ặng ð", "dang d"}, /* the eth that looks like Đ */
      {"KC-549-2014-001", "kc-549-2014-001"},
      {"ﬁ Ａ１", "fi a1"},
      {"ß", "ss"},
      {"x\xE2\x80\x8By", "xy"}, /* a zero-width space */
  };
  buf_t out = BUF_INIT;
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_clear (&out);
    assert_true (utf8_fold (str_of (rows[i].text), &out));
    assert_string_equal (buf_z (&out), rows[i].folded);
  }
  buf_clear (&out);
  buf_puts (&out, "kept ");
  assert_false (utf8_fold (STR ("ab\xFF"), &out));
  assert_string_equal (buf_z (&out), "kept ");
  assert_true (utf8_fold (STR (" Đá"), &out));
  assert_string_equal (buf_z (&out), "kept da");
  buf_free (&out);
}

static void
searching (void **state)
{
  (void)state;
  static const struct {
    const char *hay, *needle;
    bool found;
  } rows[] = {
      {"dap da", "da", true},     {"dap da", "p d", true},
      {"dap da", "dap da", true}, {"dap da", "dap da ", false},
      {"dap da", "", true},       {"", "", true},
      {"", "a", false},           {"aab", "ab", true},
      {"ababac", "abac", true},   {"dap da", "dd", false},
      {"abc", "c", true},         {"abc", "abcd", false},
  };
  for (size_t i = 0; i < COUNT (rows); i++)
    if (utf8_contains (str_of (rows[i].hay), str_of (rows[i].needle)) != rows[i].found)
      fail_msg ("\"%s\" in \"%s\"", rows[i].needle, rows[i].hay);
}

static int
compare (const char *a, const char *b)
{
  buf_t x = BUF_INIT, y = BUF_INIT;
  assert_true (utf8_sort_key (str_of (a), &x));
  assert_true (utf8_sort_key (str_of (b), &y));
  int order = str_cmp (buf_str (&x), buf_str (&y));
  buf_free (&x);
  buf_free (&y);
  return order;
}

/* Every list is in strictly rising order; every pair of it is compared. */
static void
order (void **state)
{
  (void)state;
  static const char *const lists[][40] = {
      {"a", "ă", "â", "b", "c", "d", "đ", "e", "ê", "f", "g", "h", "i", "j", "k", "l", "m",
       "n", "o", "ô", "ơ", "p", "q", "r", "s", "t", "u", "ư", "v", "w", "x", "y", "z"},
      {"A", "Ă", "Â", "B", "D", "Đ", "E", "Ê", "O", "Ô", "Ơ", "U", "Ư", "Y"},
      {"ma", "mà", "mả", "mã", "má", "mạ"},
      {"â", "ầ", "ẩ", "ẫ", "ấ", "ậ", "b"},
      {"ư", "ừ", "ử", "ữ", "ứ", "ự", "v"},
      {"a", "A", "à", "À", "á", "Á", "ă", "Ă"},
      /* letters before tones before case, over the whole text */
      {"an", "An", "án", "ạn", "ang", "ăn", "ân", "ba"},
      {"Hoài Ân", "Hoài Nhơn", "Phù Cát", "Phù Mỹ", "Tây Sơn", "Tuy Phước", "Vân Canh", "Vĩnh Thạnh"},
      {"An Lão", "An Nhơn", "Hoài Ân", "Quy Nhơn"},
      {"da", "dạ", "đa", "đà", "đá", "e"},
      {"", " ", "-", "1", "12", "2", "a", "Ω"},
      {"KC 3a", "KC-2", "KC-20", "KC-3"},
      {"a b", "ab"},
      {"hoà", "hoá", "hoạ"},
      {"ba", "bà", "bả", "bã", "bá", "bạ", "ba ba", "bà ba", "bạ ba", "ban", "băn", "bân"},
      {"Đông", "Đồng", "Đổng", "Đống", "Động", "Đông Hà", "Đồng Hới", "Đơ", "Đu"},
      {"Nguyễn An", "Nguyện An", "Nguyễn Ánh", "Nguyễn Ân", "Nguyễn Bảy", "Ngữ"},
      {"thị xã", "thị Xã", "thị xạ", "thoa"},
  };
  for (size_t i = 0; i < COUNT (lists); i++)
    for (size_t a = 0; lists[i][a] != NULL; a++)
      for (size_t b = 0; lists[i][b] != NULL; b++) {
        int expected = (a > b) - (a < b), got = compare (lists[i][a], lists[i][b]);
        if ((got > 0) - (got < 0) != expected)
          fail_msg ("\"%s\" against \"%s\": %d", lists[i][a], lists[i][b], got);
      }
}

static void
order_of_forms (void **state)
{
  (void)state;
  assert_int_equal (compare ("ế", "e\xCC\x82\xCC\x81"), 0); /* the same text in other forms */
  assert_int_equal (compare ("ậ", "a\xCC\xA3\xCC\x82"), 0);
  assert_int_equal (compare ("ư", "\xC6\xA3"), 0);
  assert_int_equal (compare ("Đập", "\xC3\x90ập"), 0); /* Ð, the eth that looks the same */
  assert_int_equal (compare ("đập", "ðập"), 0);
  assert_true (compare ("\xCC\x81", "a") != 0); /* a mark on nothing still sorts */
  buf_t out = BUF_INIT;
  buf_puts (&out, "kept");
  assert_false (utf8_sort_key (STR ("a\xC3"), &out));
  assert_string_equal (buf_z (&out), "kept");
  buf_free (&out);
}

static void
widths (void **state)
{
  (void)state;
  static const struct {
    const char *text;
    size_t width;
    size_t prefix2; /* bytes of a prefix of two columns */
  } rows[] = {
      {"", 0, 0},
      {"abc", 3, 2},
      {"Đập", 3, 5},
      {"a\xCC\x81"
       "bc",
       3, 4},
      {"ab\xCC\x81"
       "c",
       3, 4}, /* a mark stays with its letter */
      {"中文", 4, 3},
      {"a中", 3, 1},
      {"\xFFx", 2, 2},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    assert_int_equal (utf8_width (str_of (rows[i].text)), rows[i].width);
    assert_int_equal (utf8_prefix (str_of (rows[i].text), 2), rows[i].prefix2);
    assert_int_equal (utf8_prefix (str_of (rows[i].text), 100), strlen (rows[i].text));
  }
}

static void
putting (void **state)
{
  (void)state;
  static const struct {
    uint32_t codepoint;
    const char *text;
  } rows[] = {{'a', "a"},
              {0x111, "đ"},
              {0x1EBF, "ế"},
              {0x1F600, "\xF0\x9F\x98\x80"},
              {0xD800, "\xEF\xBF\xBD"},
              {0x110000, "\xEF\xBF\xBD"},
              {UINT32_MAX, "\xEF\xBF\xBD"}};
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_t out = BUF_INIT;
    utf8_put (&out, rows[i].codepoint);
    assert_string_equal (buf_z (&out), rows[i].text);
    buf_free (&out);
  }
}

static void
blanks (void **state)
{
  (void)state;
  static const struct {
    const char *text;
    bool blank;
  } rows[] = {{NULL, true},       {"", true},       {"  \t\r\n", true},     {" a ", false},
              {"\xC2\xA0", true}, {"\u3000", true}, {"\u200B\u2003", true}, {"\u1EBF", false},
              {"\u200Bx", false}, {"\xFF", false},  {"\xC2", false},        {"0", false}};
  for (size_t i = 0; i < COUNT (rows); i++)
    if (utf8_blank (str_of (rows[i].text)) != rows[i].blank)
      fail_msg ("row %zu", i);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (validity),       cmocka_unit_test (cleanness), cmocka_unit_test (normal_form),
      cmocka_unit_test (folding),        cmocka_unit_test (searching), cmocka_unit_test (order),
      cmocka_unit_test (order_of_forms), cmocka_unit_test (widths),    cmocka_unit_test (putting),
      cmocka_unit_test (blanks),
  };
  return cmocka_run_group_tests_name ("utf8", tests, NULL, NULL);
}
