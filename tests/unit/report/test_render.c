/* Annexes laid out: headings and what they cover, cells and notes, html and workbooks of the same bytes
 * whenever and wherever they are made, and texts that would break either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/report/layout.h"
#include "tests/unit/core/small_catalogue.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define T(literal)                                                                                           \
  {                                                                                                          \
    (literal), sizeof (literal) - 1                                                                          \
  }
#define COUNT(rows) (sizeof (rows) / sizeof (rows)[0])

/* ---- two annexes made by hand ---- */

#define YEAR(y, fund_, measure_)                                                                             \
  {                                                                                                          \
    .period = COLUMN_YEAR, .year = (y), .fund = fund_, .measure = (measure_), .estimate = (y) == 2020        \
  }
#define OVER(period_, fund_, measure_)                                                                       \
  {                                                                                                          \
    .period = (period_), .fund = fund_, .measure = (measure_)                                                \
  }
#define LOCAL T ("KCĐP")
#define NATIONAL T ("KCQG")
#define BOTH(kind, when)                                                                                     \
  kind (when, LOCAL, MEASURE_SCHEMES), kind (when, LOCAL, MEASURE_SUPPORT_VND),                              \
      kind (when, NATIONAL, MEASURE_SCHEMES), kind (when, NATIONAL, MEASURE_SUPPORT_VND)

static const annex_column_t budget_columns[] = {BOTH (YEAR, 2019), BOTH (YEAR, 2020),
                                                BOTH (OVER, COLUMN_TOTAL), BOTH (OVER, COLUMN_AVERAGE)};
#define FIG(n)                                                                                               \
  {                                                                                                          \
    .has = true, .v = (n), .parts = 1                                                                        \
  }
#define MEAN(n)                                                                                              \
  {                                                                                                          \
    .has = true, .v = (n), .parts = 2                                                                        \
  }
#define NIL                                                                                                  \
  {                                                                                                          \
    0                                                                                                        \
  }
/* 1,04 + 1,04 triệu: each 1,0 as printed, together 2,1. */
static const annex_cell_t budget_cells[] = {
    /* total */
    FIG (2), FIG (2080000), NIL, NIL, FIG (1), FIG (1389600000), NIL, NIL, FIG (3), FIG (1391680000), NIL,
    NIL, MEAN (3), MEAN (1391680000), NIL, NIL,
    /* I */
    FIG (2), FIG (2080000), NIL, NIL, FIG (1), FIG (1389600000), NIL, NIL, FIG (3), FIG (1391680000), NIL,
    NIL, MEAN (3), MEAN (1391680000), NIL, NIL,
    /* I.1 */
    FIG (1), FIG (1040000), NIL, NIL, FIG (1), FIG (1389600000), NIL, NIL, FIG (2), FIG (1390640000), NIL,
    NIL, MEAN (2), MEAN (1390640000), NIL, NIL,
    /* I.2 */
    FIG (1), FIG (1040000), NIL, NIL, NIL, NIL, NIL, NIL, FIG (1), FIG (1040000), NIL, NIL, MEAN (1),
    MEAN (1040000), NIL, NIL};

#define HOSTILE "<script>alert('1')</script> & \"=cmd|' /C calc'!A0\" \xEF\xBF\xBE\xFF"

static annex_row_t budget_rows[] = {
    {.code = T ("total"), .label_vi = T ("Tổng số kinh phí"), .label_en = T ("Total"), .parent = -1},
    {.code = T ("I"),
     .printed_code = T ("I"),
     .label_vi = T ("Đào tạo nghề"),
     .parent = 0,
     .adds = true,
     .level = 1},
    {.code = T ("I.1"),
     .printed_code = T ("1"),
     .label_vi = T ("Truyền nghề"),
     .parent = 1,
     .adds = true,
     .level = 2},
    {.code = T ("I.2"),
     .printed_code = T ("-"),
     .label_vi = T (HOSTILE),
     .parent = 1,
     .adds = true,
     .level = 2},
};
static const annex_column_t document_columns[] = {{.period = COLUMN_STATUS, .measure = MEASURE_STATUS},
                                                  {.period = COLUMN_NOTE, .measure = MEASURE_STATUS}};
static const annex_row_t document_rows[] = {
    {.code = T ("1"), .printed_code = T ("1"), .label_vi = T ("Quy chế"), .parent = -1, .level = 2},
    {.code = T ("2"), .printed_code = T ("2"), .label_vi = T ("=1+1"), .parent = -1, .level = 2},
};
static const annex_cell_t document_cells[] = {
    {.has = true, .parts = 1, .text = T ("drafting")},
    {.has = true, .parts = 1, .text = T ("Đang trình")},
    NIL,
    NIL,
};

static annex_table_t
table (annex_id_t id)
{
  if (id == ANNEX_DOCUMENTS)
    return (annex_table_t){id, {2019, 2020}, 2, 2, document_rows, document_columns, document_cells};
  return (annex_table_t){id,          {2019, 2020},   COUNT (budget_rows), COUNT (budget_columns),
                         budget_rows, budget_columns, budget_cells};
}

static render_meta_t
meta (bool en)
{
  return (render_meta_t){
      .position = STR ("00000000000000aa:12"),
      .seal = STR ("0123456789abcdef0123456789abcdef"),
      .at = {INT64_C (1585682999000)}, /* 31/03/2020 19:29:59 UTC, in Vietnam 01/04 02:29:59 */
      .authority_vi = STR ("UBND TỈNH THỬ"),
      .authority_en = STR ("PEOPLE'S COMMITTEE OF THỬ"),
      .body_vi = STR ("UBND tỉnh Thử"),
      .body_en = STR ("People's Committee of Thử"),
      .place_vi = STR ("Thử"),
      .symbol = STR ("BC-UBND"),
      .signer_vi = STR ("KT. CHỦ TỊCH|PHÓ CHỦ TỊCH"),
      .en = en};
}

static arena_t *arena;

static int
start (void **state)
{
  (void)state;
  arena = arena_new (4u << 20);
  return arena == NULL;
}

static int
end (void **state)
{
  (void)state;
  arena_destroy (&arena);
  return 0;
}

static layout_t
laid_out (annex_id_t id, bool en)
{
  static annex_table_t t;
  render_meta_t m = meta (en);
  layout_t l;
  t = table (id);
  assert_int_equal (layout_of (&t, &m, arena, &l), ERR_OK);
  return l;
}

/* ---- headings ---- */

typedef struct {
  size_t row, column, rows, columns;
  const char *text;
} head_row_t;

static void
check_heads (const layout_t *l, const head_row_t *rows, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    bool found = false;
    for (size_t k = 0; k < l->heads; k++) {
      const layout_head_t *h = &l->head[k];
      found = found || (h->row == rows[i].row && h->column == rows[i].column && h->rows == rows[i].rows &&
                        h->columns == rows[i].columns && str_is (h->text, rows[i].text));
    }
    if (!found)
      fail_msg ("no heading “%s” at row %zu, column %zu over %zu × %zu", rows[i].text, rows[i].row,
                rows[i].column, rows[i].rows, rows[i].columns);
  }
}

/* Every place of the grid is under exactly one heading: overlapping merges break a workbook. */
static void
check_grid (const layout_t *l)
{
  for (size_t row = 0; row < l->head_rows; row++)
    for (size_t column = 0; column < l->columns; column++) {
      unsigned over = 0;
      for (size_t k = 0; k < l->heads; k++) {
        const layout_head_t *h = &l->head[k];
        over +=
            row >= h->row && row < h->row + h->rows && column >= h->column && column < h->column + h->columns;
      }
      if (over != 1)
        fail_msg ("row %zu, column %zu is under %u headings", row, column, over);
    }
}

static void
headings (void **state)
{
  (void)state;
  static const head_row_t budget[] = {
      {0, 0, 3, 1, "TT"},
      {0, 1, 3, 1, "Nội dung và chỉ tiêu"},
      {0, 2, 1, 4, "Năm 2019"},
      {0, 6, 1, 4, "Năm 2020\n(ước thực hiện)"},
      {0, 10, 1, 4, "Tổng giai đoạn\n2019 - 2020"},
      {0, 14, 1, 4, "Trung bình giai đoạn\n2019 - 2020"},
      {1, 2, 1, 2, "KCĐP"},
      {1, 16, 1, 2, "KCQG"},
      {2, 2, 1, 1, "Số\nđề án"},
      {2, 17, 1, 1, "Số\nkinh phí"},
      {3, 0, 1, 1, "A"},
      {3, 1, 1, 1, "B"},
      {3, 5, 1, 1, "4"},
      {3, 6, 1, 1, "1"},
  };
  static const head_row_t documents[] = {
      {0, 0, 2, 1, "TT"},          {0, 1, 2, 1, "Tên văn bản"},   {0, 2, 1, 3, "Tình hình văn bản"},
      {1, 2, 1, 1, "Đã ban hành"}, {1, 3, 1, 1, "Đang xây dựng"}, {1, 4, 1, 1, "Chưa xây dựng"},
      {0, 5, 2, 1, "Ghi chú"},
  };
  static const head_row_t english[] = {{0, 6, 1, 4, "2020\n(estimate)"}, {2, 2, 1, 1, "Schemes"}};
  layout_t l = laid_out (ANNEX_BUDGET, false);
  check_heads (&l, budget, COUNT (budget));
  check_grid (&l);
  assert_true (l.letters && l.head_rows == 4);
  assert_true (str_is (l.money_unit, "Đơn vị tính: triệu đồng"));
  assert_true (str_is (l.period, "(Giai đoạn 2019 - 2020)"));
  assert_true (
      str_is (l.attached, "(Kèm theo Báo cáo số          /BC-UBND ngày      /4/2020 của UBND tỉnh Thử)"));
  l = laid_out (ANNEX_DOCUMENTS, false);
  check_heads (&l, documents, COUNT (documents));
  check_grid (&l);
  assert_true (!l.letters && l.head_rows == 2 && l.money_unit.p == NULL);
  l = laid_out (ANNEX_BUDGET, true);
  check_heads (&l, english, COUNT (english));
  check_grid (&l);
}

/* ---- cells ---- */

static void
cells (void **state)
{
  (void)state;
  static const struct {
    annex_id_t id;
    bool en;
    size_t row, column;
    const char *text;
    bool number;
  } rows[] = {
      {ANNEX_BUDGET, false, 0, 0, "", false},
      {ANNEX_BUDGET, false, 0, 1, "Tổng số kinh phí", false},
      {ANNEX_BUDGET, true, 0, 1, "Total", false},
      {ANNEX_BUDGET, true, 1, 1, "Đào tạo nghề", false}, /* no English given */
      {ANNEX_BUDGET, false, 0, 7, "1.389,6", true},
      {ANNEX_BUDGET, true, 0, 7, "1,389.6", true},
      {ANNEX_BUDGET, false, 0, 11, "1.392", true}, /* the period's total is printed whole */
      {ANNEX_BUDGET, false, 0, 8, "", false},      /* blank is not 0 */
      {ANNEX_BUDGET, false, 3, 0, "", false},      /* a dash row: the dash goes to the words */
      {ANNEX_DOCUMENTS, false, 0, 2, "", false},
      {ANNEX_DOCUMENTS, false, 0, 3, "x", false},
      {ANNEX_DOCUMENTS, false, 0, 5, "Đang trình", false},
      {ANNEX_DOCUMENTS, false, 1, 3, "", false},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    layout_t l = laid_out (rows[i].id, rows[i].en);
    buf_t text = BUF_INIT;
    layout_put (&l, rows[i].row, rows[i].column, &text);
    if (strcmp (buf_z (&text), rows[i].text) != 0 ||
        layout_is_number (&l, rows[i].row, rows[i].column) != rows[i].number)
      fail_msg ("row %zu: “%s”, expected “%s”", i, buf_z (&text), rows[i].text);
    buf_free (&text);
  }
}

static bool
has_note (const layout_t *l, const char *note)
{
  for (size_t i = 0; i < l->notes; i++)
    if (str_is (l->note[i], note))
      return true;
  return false;
}

static void
notes (void **state)
{
  (void)state;
  layout_t l = laid_out (ANNEX_BUDGET, false);
  assert_true (has_note (&l,
                         "Năm 2020: số ước thực hiện (năm chưa kết thúc, hoặc còn số liệu ước tính, đề án "
                         "chưa quyết toán)."));
  assert_true (
      has_note (&l, "Mỗi số được làm tròn riêng từ giá trị chính xác, không cộng từ các số đã làm tròn."));
  assert_true (
      has_note (&l, "I, cột “Năm 2019, KCĐP, Số kinh phí”: các số thành phần cộng lại bằng 2,0, số tổng là "
                    "2,1 (chênh lệch do làm tròn)."));
  assert_true (
      has_note (&l, "Số liệu tại vị trí sổ 00000000000000aa:12, dấu niêm 0123456789abcdef0123456789abcdef "
                    "(02:29 ngày 01/04/2020, giờ Việt Nam)."));
  l = laid_out (ANNEX_BUDGET, true);
  assert_true (
      has_note (&l, "I, column “2019, KCĐP, Support”: the parts as printed add up to 2.0, the total is 2.1 "
                    "(rounding)."));
  l = laid_out (ANNEX_DOCUMENTS, false);
  assert_int_equal (l.notes, 1); /* nothing rounded, nothing estimated */
}

static void
lines (void **state)
{
  (void)state;
  static const struct {
    const char *text;
    double width;
    size_t lines;
  } rows[] = {
      {"", 10, 1},         {"một", 10, 1}, {"một hai ba", 10, 1},  {"một hai ba b", 10, 2},
      {"một\nhai", 10, 2}, {"\n", 10, 1},  {"abcdefghijkl", 5, 3}, {"ab abcdefgh c", 5, 3},
      {"một  hai", 3, 2},  {"Đ", 0, 1},
  };
  for (size_t i = 0; i < COUNT (rows); i++)
    if (layout_lines (str_of (rows[i].text), rows[i].width) != rows[i].lines)
      fail_msg ("row %zu: %zu lines, expected %zu", i, layout_lines (str_of (rows[i].text), rows[i].width),
                rows[i].lines);
}

/* ---- words of the catalogue ---- */

static void
meta_of_catalogue (void **state)
{
  (void)state;
  fail_t fail = {.err = ERR_OK};
  catalogue_t *c = catalogue_parse (
      STR (SMALL_META "authority_vi,UBND TỈNH THỬ\nbody_vi,UBND tỉnh Thử\nsymbol,BC-UBND\n\n" SMALL_UNITS
                      "\n" SMALL_SOURCES "\n" SMALL_CATEGORIES "\n" SMALL_ITEMS "\n" SMALL_INDICATORS),
      1, &fail);
  assert_non_null (c);
  figures_t f = {.catalogue = c, .position = STR ("p"), .seal = STR ("s"), .at = {5}};
  render_meta_t m;
  assert_int_equal (render_meta_of (&f, true, arena, &m), ERR_OK);
  assert_true (str_is (m.authority_vi, "UBND TỈNH THỬ") && str_is (m.symbol, "BC-UBND") && m.en);
  assert_true (m.office_vi.p == NULL && m.signer_vi.p == NULL && m.at.ms == 5);
  f.office = 10;
  assert_int_equal (render_meta_of (&f, false, arena, &m), ERR_OK);
  assert_true (str_is (m.office_vi, "UBND thị xã An Nhơn"));
  assert_true (str_is (m.office_en, "People's Committee of An Nhơn"));
  layout_frame_t frame;
  annex_table_t t = table (ANNEX_BUDGET);
  assert_int_equal (layout_frame (&t, 1, &m, arena, &frame), ERR_OK);
  assert_true (str_is (frame.above, "UBND TỈNH THỬ") && str_is (frame.issuer, "UBND thị xã An Nhơn"));
  assert_true (str_is (frame.signer, "THỦ TRƯỞNG ĐƠN VỊ"));
  f.office = 1;
  assert_int_equal (render_meta_of (&f, false, arena, &m), ERR_OK);
  assert_true (str_is (m.office_vi, "Trung tâm"));
  catalogue_destroy (&c);
}

/* ---- the files ---- */

static void
render (bool xlsx, const annex_table_t *t, size_t n, const render_meta_t *m, buf_t *out)
{
  fail_t fail = {.err = ERR_OK};
  assert_int_equal (xlsx ? render_xlsx (t, n, m, out, &fail) : render_html (t, n, m, out), ERR_OK);
  assert_true (buf_ok (out) && out->n > 0);
}

static void
same_bytes_anywhere (void **state)
{
  (void)state;
  static const char *const zones[] = {"UTC", "Asia/Ho_Chi_Minh", "Pacific/Kiritimati", "America/New_York"};
  const annex_table_t t[] = {table (ANNEX_BUDGET), table (ANNEX_DOCUMENTS)};
  for (unsigned xlsx = 0; xlsx < 2; xlsx++) {
    buf_t first = BUF_INIT, other = BUF_INIT;
    render_meta_t m = meta (false);
    for (size_t i = 0; i < COUNT (zones); i++) {
      setenv ("TZ", zones[i], 1);
      tzset ();
      buf_t again = BUF_INIT;
      render (xlsx == 1, t, COUNT (t), &m, i == 0 ? &first : &again);
      if (i > 0 && !str_eq (buf_str (&first), buf_str (&again)))
        fail_msg ("%s: other bytes in %s", xlsx == 1 ? "xlsx" : "html", zones[i]);
      buf_free (&again);
    }
    m.position = STR ("00000000000000aa:13");
    render (xlsx == 1, t, COUNT (t), &m, &other);
    assert_false (str_eq (buf_str (&first), buf_str (&other)));
    buf_free (&first);
    buf_free (&other);
  }
  unsetenv ("TZ");
  tzset ();
}

static void
html_says (void **state)
{
  (void)state;
  static const char *const wanted[] = {
      "<!DOCTYPE html>\n<html lang=\"vi\">",
      "<p class=\"strong rule\">UBND TỈNH THỬ</p>",
      "<p class=\"strong\">CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</p>",
      "<p class=\"date keep\">Thử, ngày      tháng 4 năm 2020</p>",
      "<th scope=\"colgroup\" colspan=\"4\">Năm 2020\n(ước thực hiện)</th>",
      "<th scope=\"row\">Tổng số kinh phí</th>",
      "<td class=\"n\">1.389,6</td>",
      "<td></td>",
      "size:A3 landscape",
      ("- &lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;=cmd|&#39; /C calc&#39;!A0&quot; "
       "\xEF\xBF\xBD\xEF\xBF\xBD</th>"),
      "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH",
  };
  static const char *const unwanted[] = {
      "<script", "\xEF\xBF\xBE", "\xFF", "http:", "https:", "src=", "url("};
  const annex_table_t t[] = {table (ANNEX_BUDGET), table (ANNEX_DOCUMENTS)};
  render_meta_t m = meta (false);
  buf_t out = BUF_INIT;
  render (false, t, COUNT (t), &m, &out);
  for (size_t i = 0; i < COUNT (wanted); i++)
    if (strstr (buf_z (&out), wanted[i]) == NULL)
      fail_msg ("the page lacks %s", wanted[i]);
  for (size_t i = 0; i < COUNT (unwanted); i++)
    if (strstr (buf_z (&out), unwanted[i]) != NULL)
      fail_msg ("the page holds %s", unwanted[i]);
  buf_free (&out);
}

/* Position and seal also stand in the style sheet, where no escape helps. */
static void
style_takes_no_text (void **state)
{
  (void)state;
  const annex_table_t t = table (ANNEX_DOCUMENTS);
  render_meta_t m = meta (true);
  m.position = STR ("\"}</style><b>");
  buf_t out = BUF_INIT;
  render (false, &t, 1, &m, &out);
  const char *close = strstr (buf_z (&out), "</style>");
  assert_non_null (close);
  assert_null (strstr (close + 1, "</style>"));
  assert_null (strstr (buf_z (&out), "<b>"));
  assert_non_null (strstr (buf_z (&out), "lang=\"en\""));
  buf_free (&out);
}

static void
any_number_of_tables (void **state)
{
  (void)state;
  const annex_table_t t[] = {table (ANNEX_BUDGET), table (ANNEX_BUDGET), table (ANNEX_BUDGET)};
  render_meta_t m = {.position = STR ("p"), .seal = STR ("s"), .at = {1}}; /* a catalogue without the words */
  for (unsigned xlsx = 0; xlsx < 2; xlsx++)
    for (size_t n = 1; n <= COUNT (t); n++) {
      buf_t out = BUF_INIT;
      render (xlsx == 1, t, n, &m, &out);
      buf_free (&out);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (headings),
      cmocka_unit_test (cells),
      cmocka_unit_test (notes),
      cmocka_unit_test (lines),
      cmocka_unit_test (meta_of_catalogue),
      cmocka_unit_test (same_bytes_anywhere),
      cmocka_unit_test (html_says),
      cmocka_unit_test (style_takes_no_text),
      cmocka_unit_test (any_number_of_tables),
  };
  return cmocka_run_group_tests (tests, start, end);
}
