/* The report's text: figures and gaps in their places, targets, notes; what a catalogue must not say; and the
 * files: the same bytes whenever and wherever they are made, and texts that would break them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/report/narrative.h"
#include "tests/unit/report/made_up.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MILLION INT64_C (1000000)
#define FACTS                                                                                                \
  "[facts]\nid,section,kind,measure,where,of,over,year,scale,decimals,digits,parts,unit_vi,unit_en,text_vi," \
  "text_en\n"                                                                                                \
  "F1,I,quantity,schemes,,,,,,,2,,đề án,schemes,,\n"                                                     \
  "F2,I,quantity,support_vnd,,,,,6,,,F3+F4,triệu đồng,million đồng,,\n"                              \
  "F3,I,quantity,support_vnd,fund=KCQG,,,,6,,,,triệu đồng,,,\n"                                         \
  "F4,I,quantity,support_vnd,fund=KCĐP,,,,6,,,,triệu đồng,,,\n"                                        \
  "F5,I,quantity,value,indicator=I.1,,,,,,,,người,people,,\n"                                             \
  "F6,I,quantity,value,indicator=BS.1,,,2020,,,,,lần,times,,\n"                                            \
  "F7,I,quantity,value,indicator=BS.1,,,,,,,,lần,times,,\n"                                                \
  "H1,I,helper,value,indicator=I.1.a,,,,,,,,người,people,,\n"
#define SENTENCES "[sentences]\nsection,kind,level,year,text_vi,text_en\n"
#define TARGETS                                                                                              \
  "[targets]\nid,section,from,year,value,unit_vi,unit_en,qualifier_vi,qualifier_en,progress,text_vi,text_"   \
  "en\n"
#define HOSTILE "<script>alert('1')</script> & ]]>"

static const char sections[] = FACTS SENTENCES
    ",title,,,BÁO CÁO,REPORT\n"
    ",subtitle,,,Chương trình,\n"
    ",addressee,,,Kính gửi: Bộ,To: the Ministry\n"
    "I,heading,1,,PHẦN I,PART I\n"
    "I,paragraph,,,Có {F1} đề án với {F2} triệu đồng;,There were {F1} schemes with {F2} million đồng;\n"
    "I,run,,,đào tạo {F5:ước |}{F5} người.,training of {F5:an estimated |}{F5} people.\n"
    "I,item,,2020,Năm 2020: {F6} lần.,In 2020: {F6} times.\n"
    "I,item,,2014,Năm 2014: {F6} lần.,In 2014: {F6} times.\n"
    "I,prompt,,,Nêu kết quả.,Describe results.\n"
    "I,paragraph,,," HOSTILE ",\n"
    "II,targets,,,Mục tiêu.,Targets.\n"
    ",recipients,,,Nơi nhận: | - Như trên; | - Lưu.,To: | - as above.\n" TARGETS
    "T1,II,2020,2021,24,người,people,trên,over,F5,Đào tạo,Training\n"
    "T2,II,2021,2025,20,%,%,khoảng,about,,Tỷ trọng,Share\n"
    "T3,II,2021,2025,,,,,,,Hoàn thiện chính sách,Policies\n";

static const atom_t atoms[] = {
    SCHEME (2019, 2019, "I.1", 1, 1, 500000),
    SCHEME (2020, 2020, "I.2", 2, 2, 500000),
    {.family = FAMILY_OUTCOME,
     .year = {2019, 2019},
     .indicator = T ("I.1"),
     .value_kind = VALUE_ACTUAL,
     .m = {7, 1}},
    {.family = FAMILY_OUTCOME,
     .year = {2020, 2020},
     .indicator = T ("I.1"),
     .value_kind = VALUE_ESTIMATE,
     .m = {6, 1}},
};

static arena_t *arena;
static buf_t file;

static int
start (void **state)
{
  (void)state;
  arena = arena_new (8u << 20);
  return arena == NULL;
}

static int
end (void **state)
{
  (void)state;
  arena_destroy (&arena);
  buf_free (&file);
  return 0;
}

static catalogue_t *
catalogue_with (const char *more)
{
  fail_t fail = {.err = ERR_OK};
  buf_clear (&file);
  buf_puts (&file, made_up_catalogue);
  buf_puts (&file, more);
  catalogue_t *c = catalogue_parse (buf_str (&file), 1, &fail);
  if (c == NULL)
    fail_msg ("line %u: %s", (unsigned)fail.line, fail.text);
  return c;
}

static narrative_t
built (const catalogue_t *c, span_t years, bool en)
{
  static made_up_t made;
  made = (made_up_t){.atom = atoms, .atoms = COUNT (atoms)};
  figures_t f = made_up_figures (&made, c);
  fail_t fail = {.err = ERR_OK};
  narrative_t n;
  if (narrative_build (&f, years, en, arena, &n, &fail) != ERR_OK)
    fail_msg ("%s", fail.text);
  return n;
}

/* Blocks one a line, gaps between <>, prompts between {}. */
static const char *
as_text (const narrative_t *n, buf_t *out)
{
  for (size_t i = 0; i < n->blocks; i++) {
    for (size_t k = 0; k < n->block[i].runs; k++) {
      const run_t *r = &n->block[i].run[k];
      const char *open = r->kind == RUN_GAP ? "<" : r->kind == RUN_PROMPT ? "{" : "";
      const char *close = r->kind == RUN_GAP ? ">" : r->kind == RUN_PROMPT ? "}" : "";
      buf_printf (out, "%s%.*s%s", open, STR_ARG (r->text), close);
    }
    buf_putc (out, '\n');
  }
  return buf_z (out);
}

static void
sentences (void **state)
{
  (void)state;
  catalogue_t *c = catalogue_with (sections);
  static const struct {
    span_t years;
    bool en;
    const char *wanted;
    const char *unwanted;
    size_t gaps;
  } rows[] = {
      {{2019, 2020}, false, "Có 03 đề án với 1 triệu đồng; đào tạo ước 13 người.\n", "2014", 1},
      {{2019, 2020}, false, "Năm 2020: <[chưa có số liệu: F6]> lần.\n", "2014", 1},
      {{2019, 2020}, false, "{[}{Nêu kết quả.}{]}\n", "2014", 1},
      {{2019, 2019}, false, "đào tạo 7 người.\n", "2020", 0}, /* no estimate among it */
      {{2019, 2020},
       true,
       "There were 3 schemes with 1 million đồng; training of an estimated 13 people.\n",
       "2014",
       1},
      {{2019, 2020}, true, "Chương trình\n", "2014", 1}, /* no English given */
      {{2014, 2014}, false, "Năm 2014: <[năm của số liệu nằm ngoài kỳ báo cáo: F6]> lần.\n", "2020", 4},
      {{2014, 2014},
       false,
       "Có <[chưa có số liệu: F1]> đề án với <[chưa có số liệu: F2]> triệu đồng;",
       "2020",
       4},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_t text = BUF_INIT;
    narrative_t n = built (c, rows[i].years, rows[i].en);
    as_text (&n, &text);
    if (strstr (buf_z (&text), rows[i].wanted) == NULL || strstr (buf_z (&text), rows[i].unwanted) != NULL ||
        n.gaps != rows[i].gaps)
      fail_msg ("row %zu: %zu gaps: %s", i, n.gaps, buf_z (&text));
    buf_free (&text);
  }
  catalogue_destroy (&c);
}

static bool
has_note (const narrative_t *n, const char *words)
{
  buf_t all = BUF_INIT;
  for (size_t i = 0; i < n->notes; i++)
    buf_printf (&all, "%.*s\n", STR_ARG (n->note[i]));
  bool has = strstr (buf_z (&all), words) != NULL;
  buf_free (&all);
  return has;
}

static void
notes (void **state)
{
  (void)state;
  catalogue_t *c = catalogue_with (sections);
  narrative_t n = built (c, (span_t){2019, 2020}, false);
  assert_true (has_note (&n, "chưa có số liệu (1 chỗ)"));
  assert_true (has_note (&n, "Chỉ tiêu cần nhập: BS.1 Thêm (F6).")); /* F7 stands nowhere */
  assert_true (has_note (&n, "các số thành phần của 1 triệu đồng (F2) như đã in cộng lại bằng 2."));
  assert_true (has_note (&n, "vị trí sổ 00000000000000aa:12, dấu niêm 0123456789abcdef0123456789abcdef"));
  n = built (c, (span_t){2019, 2019}, true);
  assert_int_equal (n.notes, 1); /* nothing missing, nothing rounded away */
  catalogue_destroy (&c);
}

/* ---- csv ---- */

static void
csv_rows (void **state)
{
  (void)state;
  static const char *const wanted[] = {
      "fact,section,value,unit\n",
      "\nF1,I,3,đề án\n",
      "\nF2,I,1,triệu đồng\n",
      "\nF3,I,0.5,triệu đồng\n",
      "\nF6,I,,lần\n",
      "\nT1,II,24,người\n",
      "\nT1.period,II,13,người\n",
      "\nT1.progress,II,6,người\n", /* of 2020 and 2021 */
      "\nT1.percent,II,25.000,%\n",
      "\nT2,II,20,%\n",
      "\nT2.progress,II,,%\n",
  };
  catalogue_t *c = catalogue_with (sections);
  narrative_t n = built (c, (span_t){2019, 2020}, true);
  buf_t out = BUF_INIT, json = BUF_INIT, excel = BUF_INIT;
  assert_int_equal (narrative_csv (&n, &out), ERR_OK);
  for (size_t i = 0; i < COUNT (wanted); i++)
    if (strstr (buf_z (&out), wanted[i]) == NULL)
      fail_msg ("no %s in %s", wanted[i], buf_z (&out));
  assert_null (strstr (buf_z (&out), "H1"));
  assert_null (strstr (buf_z (&out), "T3"));
  assert_int_equal (narrative_json (&n, &json), ERR_OK);
  assert_non_null (
      strstr (buf_z (&json), "{\"fact\":\"F6\",\"section\":\"I\",\"value\":null,\"unit\":\"lần\"}"));
  assert_non_null (strstr (buf_z (&json), "{\"position\":\"00000000000000aa:12\",\"seal\":"));
  assert_non_null (strstr (buf_z (&json), "\"value\":0.5,"));
  n.meta.excel = true;
  assert_int_equal (narrative_csv (&n, &excel), ERR_OK);
  assert_memory_equal (excel.p,
                       "\xEF\xBB\xBF"
                       "fact,section,value,unit\r\n",
                       strlen ("\xEF\xBB\xBF"
                               "fact,section,value,unit\r\n"));
  buf_free (&out);
  buf_free (&json);
  buf_free (&excel);
  catalogue_destroy (&c);
}

/* ---- documents ---- */

static err_t (*const writers[]) (const narrative_t *n, buf_t *out) = {narrative_html, narrative_docx,
                                                                      narrative_odt};

static void
html_says (void **state)
{
  (void)state;
  static const char *const wanted[] = {
      "<html lang=\"vi\">",
      "<h1>BÁO CÁO</h1>",
      "Có <span data-fact=\"F1\">03</span> đề án",
      "<mark data-fact=\"F6\">[chưa có số liệu: F6]</mark> lần.",
      "<mark>Nêu kết quả.</mark>",
      "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; ]]&gt;</p>",
      ("<th scope=\"row\">Đào tạo</th><td class=\"c\">trên 24 người, đến 2021</td><td class=\"c\">13</td>"
       "<td class=\"c\">6 (2020-2021)</td><td class=\"c\">25%</td>"),
      "<td class=\"c\">khoảng 20%, đến 2025</td><td class=\"c\"><mark>[chưa có số liệu]</mark></td>",
      "<td class=\"c\">định tính</td><td class=\"c\"></td>",
      "<p>- Như trên;</p>",
      "size:A4 portrait",
  };
  static const char *const unwanted[] = {"<script", "http:", "https:", "src=", "url(", "{F"};
  catalogue_t *c = catalogue_with (sections);
  narrative_t n = built (c, (span_t){2019, 2020}, false);
  buf_t out = BUF_INIT;
  assert_int_equal (narrative_html (&n, &out), ERR_OK);
  for (size_t i = 0; i < COUNT (wanted); i++)
    if (strstr (buf_z (&out), wanted[i]) == NULL)
      fail_msg ("the page lacks %s in %s", wanted[i], buf_z (&out));
  for (size_t i = 0; i < COUNT (unwanted); i++)
    if (strstr (buf_z (&out), unwanted[i]) != NULL)
      fail_msg ("the page holds %s", unwanted[i]);
  buf_free (&out);
  catalogue_destroy (&c);
}

static void
same_bytes_anywhere (void **state)
{
  (void)state;
  static const char *const zones[] = {"UTC", "Asia/Ho_Chi_Minh", "Pacific/Kiritimati", "America/New_York"};
  catalogue_t *c = catalogue_with (sections);
  for (size_t w = 0; w < COUNT (writers); w++) {
    buf_t first = BUF_INIT, other = BUF_INIT;
    narrative_t n = built (c, (span_t){2019, 2020}, false);
    for (size_t i = 0; i < COUNT (zones); i++) {
      buf_t again = BUF_INIT;
      setenv ("TZ", zones[i], 1);
      tzset ();
      n = built (c, (span_t){2019, 2020}, false);
      assert_int_equal (writers[w](&n, i == 0 ? &first : &again), ERR_OK);
      if (i > 0 && !str_eq (buf_str (&first), buf_str (&again)))
        fail_msg ("document %zu: other bytes in %s", w, zones[i]);
      buf_free (&again);
    }
    n.meta.position = STR ("00000000000000aa:13");
    assert_int_equal (writers[w](&n, &other), ERR_OK);
    assert_false (str_eq (buf_str (&first), buf_str (&other)));
    assert_true (first.n > 1000);
    buf_free (&first);
    buf_free (&other);
  }
  unsetenv ("TZ");
  tzset ();
  catalogue_destroy (&c);
}

static void
bare_catalogue (void **state)
{
  (void)state;
  catalogue_t *c = catalogue_with (SENTENCES ",paragraph,,,Lời.,\n"); /* no facts, no targets, no words */
  narrative_t n = built (c, (span_t){2019, 2020}, true);
  for (size_t w = 0; w < COUNT (writers); w++) {
    buf_t out = BUF_INIT;
    assert_int_equal (writers[w](&n, &out), ERR_OK);
    buf_free (&out);
  }
  catalogue_destroy (&c);
}

/* ---- what is refused ---- */

static void
not_told (void **state)
{
  (void)state;
  made_up_t made = {.atom = atoms, .atoms = COUNT (atoms)};
  narrative_t n;
  for (unsigned i = 0; i < 2; i++) {
    catalogue_t *c = catalogue_with (i == 0 ? "" : sections);
    figures_t f = made_up_figures (&made, c);
    fail_t fail = {.err = ERR_OK};
    f.office = i == 0 ? 0 : 10;
    assert_int_equal (narrative_build (&f, (span_t){2019, 2020}, false, arena, &n, &fail), ERR_INPUT);
    assert_non_null (strstr (fail.text, i == 0 ? "[sentences]" : "--annex"));
    catalogue_destroy (&c);
  }
}

static void
refused (void **state)
{
  (void)state;
  static const struct {
    const char *more, *column, *what;
  } rows[] = {
      {FACTS SENTENCES "I,paragraph,,,Có {F9} đề án,\n", "text_vi", "“F9”"},
      {FACTS SENTENCES "I,paragraph,,,Có {F1} đề án,{F9} schemes\n", "text_en", "“F9”"},
      {FACTS SENTENCES "I,paragraph,,,Có {F1 đề án,\n", "text_vi", "“}”"},
      {FACTS SENTENCES "I,paragraph,,,Có {} đề án,\n", "text_vi", "“”"},
      {FACTS SENTENCES "I,paragraph,,,Có {F1:ước} đề án,\n", "text_vi", "“|”"},
      {FACTS SENTENCES "I,poem,,,Có,\n", "kind", "poem"},
      {FACTS SENTENCES "I,heading,5,,Có,\n", "level", "4"},
      {FACTS SENTENCES "I,heading,,,Có,\n", "level", "4"},
      {FACTS SENTENCES "I,item,,2014-2020,Có,\n", "year", "2014-2020"},
      {FACTS TARGETS "T 1,II,2021,2025,1,,,,,,Có,\n", "id", "“T 1”"},
      {FACTS TARGETS "T1,II,2025,2021,1,,,,,,Có,\n", "from", "năm"},
      {FACTS TARGETS "T1,II,,2025,1,,,,,,Có,\n", "from", "năm"},
      {FACTS TARGETS "T1,II,2021,2025,nhiều,,,,,,Có,\n", "value", "nhiều"},
      {FACTS TARGETS "T1,II,2021,2025,1,,,,,F9,Có,\n", "progress", "“F9”"},
      {FACTS "F1,I,quantity,schemes,,,,,,,,,,,,\n", "id", "“F1”"},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    catalogue_t *c = catalogue_with (rows[i].more);
    fail_t fail = {.err = ERR_OK};
    err_t err = narrative_check (c, &fail);
    if (err != ERR_INPUT || fail.line == 0 || fail.column == 0 ||
        strstr (fail.text, rows[i].column) == NULL || strstr (fail.text, rows[i].what) == NULL)
      fail_msg ("row %zu: %d, line %u, column %u: %s", i, (int)err, (unsigned)fail.line,
                (unsigned)fail.column, fail.text);
    catalogue_destroy (&c);
  }
  catalogue_t *good = catalogue_with (sections);
  fail_t fail = {.err = ERR_OK};
  assert_int_equal (narrative_check (good, &fail), ERR_OK);
  catalogue_destroy (&good);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (sentences),
      cmocka_unit_test (notes),
      cmocka_unit_test (csv_rows),
      cmocka_unit_test (html_says),
      cmocka_unit_test (same_bytes_anywhere),
      cmocka_unit_test (bare_catalogue),
      cmocka_unit_test (not_told),
      cmocka_unit_test (refused),
  };
  return cmocka_run_group_tests (tests, start, end);
}
