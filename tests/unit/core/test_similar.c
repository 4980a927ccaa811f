/* Schemes that are one scheme twice: names as people write them, and those that only look alike. */
#include "common/core/similar.h"
#include "tests/unit/core/small_catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

static const char file[] = SMALL_META SMALL_UNITS SMALL_SOURCES SMALL_CATEGORIES
    "[items]\ncode,category,printed_code,label_vi,label_en\n"
    "III.3,IV,3,\"Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến\",\n"
    "[indicators]\n"
    "code,category,parent,printed_code,unit_vi,label_vi,label_en,decimals,scale,additive,by_fund,subset\n"
    "III.3,IV,,3,Cơ sở,Số cơ sở,,0,0,yes,yes,no\n"
    "[same_words]\nwords,as\nhợp tác xã,htx\ncông ty,cty\ntrách nhiệm hữu "
    "hạn,tnhh\nxã,\nphường,\nhuyện,\nx,\n"
    "cho,\ntại,\nnông nghiệp,nn\nphộng,phụng\n";

static catalogue_t *c;

static int
setup (void **state)
{
  (void)state;
  fail_t fail = {0};
  c = catalogue_parse (str_of (file), 1, &fail);
  if (c == NULL)
    print_error ("%s at %u:%u\n", fail.text, (unsigned)fail.line, (unsigned)fail.column);
  return c != NULL ? 0 : -1;
}

static int
teardown (void **state)
{
  (void)state;
  catalogue_destroy (&c);
  return 0;
}

static similar_t *
set_new (void)
{
  similar_t *s = similar_new (c, (similar_limits_t){85, 10});
  assert_non_null (s);
  return s;
}

static void
add (similar_t *s, const char *name, const char *who, unsigned year, int64_t amount)
{
  likeness_t l = {.name = str_of (name),
                  .beneficiary = str_of (who),
                  .item = STR ("III.3"),
                  .years = {(uint16_t)year, (uint16_t)year},
                  .amount_vnd = amount};
  assert_int_equal (similar_add (s, &l), ERR_OK);
}

typedef struct {
  const char *a, *who_a;
  unsigned year_a;
  int64_t amount_a;
  const char *b, *who_b;
  unsigned year_b;
  int64_t amount_b;
  bool alike;
} pair_t;

#define KILN "Lò nung gốm tiết kiệm điện làng Vân Sơn"
#define M INT64_C (1000000)

static const pair_t pairs[] = {
    /* the same, however it is written */
    {KILN, NULL, 2019, 100 * M, KILN, NULL, 2019, 100 * M, true},
    {KILN, NULL, 2019, 100 * M, "LO NUNG GOM TIET KIEM DIEN LANG VAN SON", NULL, 2019, 100 * M, true},
    {"Máy sấy bún Nguyễn Văn Đạt", NULL, 2019, 0, "may say bun nguyen van dat", NULL, 2019, 0, true},
    {"Máy dệt chiếu Hoà Mỹ", NULL, 2019, 0, "Máy dệt chiếu Hòa Mĩ", NULL, 2019, 0, true},
    {KILN, NULL, 2019, 100 * M, "Làng Vân Sơn: lò nung gốm, tiết kiệm điện", NULL, 2019, 100 * M, true},
    {"Máy ép gạch cho HTX Nhơn Hậu", NULL, 2019, 0, "Máy ép gạch tại Hợp tác xã Nhơn Hậu", NULL, 2019, 0,
     true},
    {"Hỗ trợ máy sấy lúa cho Hợp tác xã nông nghiệp Nhơn Hậu", NULL, 2019, 100 * M,
     "Máy sấy lúa HTX NN Nhơn Hậu", NULL, 2019, 100 * M, true},
    {"Máy ép dầu phụng An Hòa", NULL, 2019, 100 * M, "Máy ép dầu phộng An Hoà", NULL, 2019, 100 * M, true},
    {"Máy ép gạch Cty TNHH Ánh Việt", NULL, 2019, 0, "Máy ép gạch công ty trách nhiệm hữu hạn Ánh Việt", NULL,
     2019, 0, true},
    {"Máy ép gạch xã Nhơn Hậu", NULL, 2019, 0, "Máy ép gạch x. Nhơn Hậu", NULL, 2019, 0, true},
    {"Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến sản xuất gạch không nung", NULL, 2019, 0,
     "Ứng dụng thiết bị tiên tiến sản xuất gạch không nung", NULL, 2019, 0, true},
    {"Máy CNC 2 trục khắc gỗ", NULL, 2019, 0, "Máy CNC2 trục khắc gỗ", NULL, 2019, 0, true},
    {"Lò đốt số 02 bãi rác", NULL, 2019, 0, "Lò đốt số 2 bãi rác", NULL, 2019, 0, true},
    /* numbers, letters and stages tell them apart */
    {"Máy CNC 2 trục", NULL, 2019, 0, "Máy CNC 3 trục", NULL, 2019, 0, false},
    {"Máy CNC 2 trục khắc gỗ mỹ nghệ", "HTX A", 2019, 0, "Máy CNC 3 trục khắc gỗ mỹ nghệ", "HTX A", 2019, 0,
     false},
    {"Đường nội bộ cụm Gò Đá giai đoạn I", NULL, 2019, 0, "Đường nội bộ cụm Gò Đá giai đoạn II", NULL, 2019,
     0, false},
    {"Nhà xưởng loại A làng nghề", NULL, 2019, 0, "Nhà xưởng loại B làng nghề", NULL, 2019, 0, false},
    /* one word that matters */
    {"Máy ép gạch Nhơn Hậu", NULL, 2019, 0, "Máy ép dầu Nhơn Hậu", NULL, 2019, 0, false},
    {KILN, NULL, 2019, 0, "Lò nung gốm tiết kiệm dầu làng Nhơn Hậu", NULL, 2019, 0, false},
    /* the label of the item is everybody's name */
    {"Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến", NULL, 2019, 100 * M,
     "Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến", NULL, 2019, 100 * M, false},
    {"Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến", "HTX Nhơn Hậu", 2019, 100 * M,
     "Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến", "Hợp tác xã Nhơn Hậu", 2019, 100 * M, true},
    /* beneficiaries */
    {KILN, "HTX Vân Sơn", 2019, 0, KILN, "hop tac xa van son", 2019, 0, true},
    {KILN, "HTX Vân Sơn", 2019, 0, KILN, NULL, 2019, 0, true},
    {KILN, "HTX Vân Sơn", 2019, 0, KILN, "HTX Vân Hà", 2019, 0, false},
    {KILN, "HTX Vân Sơn 1", 2019, 0, KILN, "HTX Vân Sơn 2", 2019, 0, false},
    /* year and amount, each side of the limit */
    {KILN, NULL, 2019, 0, KILN, NULL, 2020, 0, false},
    {KILN, NULL, 2019, 100 * M, KILN, NULL, 2019, 90 * M, true},
    {KILN, NULL, 2019, 100 * M, KILN, NULL, 2019, 90 * M - 1, false},
    {KILN, NULL, 2019, 100 * M, KILN, NULL, 2019, 0, true},
    {"", NULL, 2019, 100 * M, "", NULL, 2019, 100 * M, false},
};

static err_t
count_one (void *ctx, size_t a, size_t b)
{
  assert_int_not_equal (a, b);
  ++*(size_t *)ctx;
  return ERR_OK;
}

/* By comparing them, and by the index, both ways round. */
static void
table (void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT (pairs); i++) {
    const pair_t *p = &pairs[i];
    similar_t *s = set_new ();
    size_t found = 0, back = 0, all = 0;
    add (s, p->a, p->who_a, p->year_a, p->amount_a);
    add (s, p->b, p->who_b, p->year_b, p->amount_b);
    bool alike = similar_alike (s, 0, 1);
    assert_int_equal (similar_index (s), ERR_OK);
    assert_int_equal (similar_find (s, 0, count_one, &found), ERR_OK);
    assert_int_equal (similar_find (s, 1, count_one, &back), ERR_OK);
    assert_int_equal (similar_pairs (s, count_one, &all), ERR_OK);
    if (alike != p->alike || similar_alike (s, 1, 0) != alike || found != p->alike || back != p->alike ||
        all != p->alike)
      fail_msg ("row %zu: alike %d, found %zu, %zu, %zu", i, alike, found, back, all);
    similar_destroy (&s);
  }
}

/* A span is in every year of it. */
static void
spans (void **state)
{
  (void)state;
  static const struct {
    uint16_t from, to;
    bool alike;
  } rows[] = {
      {2014, 2014, true}, {2020, 2020, true}, {2013, 2013, false}, {2021, 2021, false}, {2012, 2016, true}};
  for (size_t i = 0; i < COUNT (rows); i++) {
    similar_t *s = set_new ();
    size_t found = 0;
    likeness_t a = {.name = STR (KILN), .item = STR ("III.3"), .years = {2014, 2020}}, b = a;
    b.years = (span_t){rows[i].from, rows[i].to};
    assert_int_equal (similar_add (s, &a), ERR_OK);
    assert_int_equal (similar_add (s, &b), ERR_OK);
    assert_int_equal (similar_index (s), ERR_OK);
    assert_int_equal (similar_pairs (s, count_one, &found), ERR_OK);
    assert_int_equal (found, rows[i].alike);
    similar_destroy (&s);
  }
}

typedef struct {
  size_t n, at[16][2];
} list_t;

static err_t
note (void *ctx, size_t a, size_t b)
{
  list_t *l = ctx;
  assert_in_range (l->n, 0, 15);
  l->at[l->n][0] = a;
  l->at[l->n++][1] = b;
  return ERR_OK;
}

/* Among many, the pairs put in and no others; in the order of their numbers. */
static void
among_many (void **state)
{
  (void)state;
  static const char *const heads[] = {"Máy ép",  "Lò nung", "Máy sấy", "Dây chuyền",
                                      "Máy cưa", "Máy dệt", "Lò hấp"};
  static const char *const things[] = {"gạch", "gốm", "bún", "chiếu", "đá", "dừa",
                                       "rượu", "nón", "trà", "cói",   "sắt"};
  similar_t *s = set_new ();
  list_t l = {.n = 0};
  char text[128];
  for (unsigned i = 0; i < 3000; i++) {
    snprintf (text, sizeof text, "%s %s Nhơn Hậu lô %u", heads[i % 7], things[i % 11], i);
    add (s, text, NULL, 2014 + i % 7, (50 + i % 100) * M);
  }
  add (s, "nhon hau: may ep gach, lo 0", NULL, 2014, 50 * M);
  add (s, "lô 1999 Máy dệt nón Nhơn Hậu", NULL, 2014 + 1999 % 7, (50 + 1999 % 100) * M);
  assert_int_equal (similar_index (s), ERR_OK);
  assert_int_equal (similar_pairs (s, note, &l), ERR_OK);
  snprintf (text, sizeof text, "%s %s", heads[1999 % 7], things[1999 % 11]);
  size_t expected = 1 + (strcmp (text, "Máy dệt nón") == 0);
  assert_int_equal (l.n, expected);
  assert_int_equal (l.at[0][0], 0);
  assert_int_equal (l.at[0][1], 3000);
  similar_destroy (&s);
}

/* ---- against comparing each with each ---- */

#define MANY 400u

typedef struct {
  bool told[MANY][MANY];
  size_t n, last_a, last_b;
} matrix_t;

static err_t
mark (void *ctx, size_t a, size_t b)
{
  matrix_t *m = ctx;
  assert_false (m->told[a][b]);
  assert_true (m->n == 0 || a > m->last_a || (a == m->last_a && b > m->last_b));
  m->told[a][b] = true;
  m->n++;
  m->last_a = a;
  m->last_b = b;
  return ERR_OK;
}

/* Few words, years and beneficiaries, so that many are alike and blocks are full. */
static void
as_each_with_each (void **state)
{
  (void)state;
  static const char *const words[] = {"ép", "sấy", "gạch", "gốm", "bún", "chiếu", "đá", "dừa", "2", "lò 3"};
  static const char *const people[] = {NULL, "Nguyễn Văn An", "Lê Thị Bình", "Trần Chi"};
  static matrix_t paired, found;
  similar_t *s = set_new ();
  uint32_t chance = 7;
  size_t alike = 0;
  for (unsigned i = 0; i < MANY; i++) {
    char name[128] = "máy";
    unsigned pick[6];
    for (unsigned k = 0; k < COUNT (pick); k++)
      pick[k] = (chance = chance * 1664525u + 1013904223u) >> 16;
    for (unsigned k = 0; k < 2 + pick[0] % 2; k++) {
      const size_t n = strlen (name);
      snprintf (name + n, sizeof name - n, " %s", words[pick[k + 1] % COUNT (words)]);
    }
    const uint16_t year = (uint16_t)(2014 + pick[4] % 2);
    const likeness_t l = {.name = str_of (name),
                          .beneficiary = str_of (people[pick[5] % COUNT (people)]),
                          .item = STR ("III.3"),
                          .years = {year, (uint16_t)(year + pick[0] % 2)},
                          .amount_vnd = (50 + pick[3] % 3 * 4) * M};
    assert_int_equal (similar_add (s, &l), ERR_OK);
  }
  assert_int_equal (similar_index (s), ERR_OK);
  assert_int_equal (similar_index (s), ERR_OK); /* anew */
  assert_int_equal (similar_pairs (s, mark, &paired), ERR_OK);
  for (size_t a = 0; a < MANY; a++) {
    found.n = 0;
    assert_int_equal (similar_find (s, a, mark, &found), ERR_OK);
    for (size_t b = 0; b < MANY; b++) {
      const bool like = a != b && similar_alike (s, a, b);
      if (found.told[a][b] != like || paired.told[a][b] != (like && a < b))
        fail_msg ("%zu and %zu: alike %d, found %d, paired %d", a, b, like, found.told[a][b],
                  paired.told[a][b]);
      alike += like;
    }
  }
  assert_in_range (alike, 200, MANY * MANY / 4);
  similar_destroy (&s);
}

static void
who (void **state)
{
  (void)state;
  similar_t *s = set_new ();
  uint64_t a, b, other, none;
  assert_int_equal (similar_who (s, STR ("Công ty TNHH Ánh Việt"), &a), ERR_OK);
  assert_int_equal (similar_who (s, STR ("ANH VIET, Cty trách nhiệm hữu hạn"), &b), ERR_OK);
  assert_int_equal (similar_who (s, STR ("Công ty TNHH Ánh Việt 2"), &other), ERR_OK);
  assert_int_equal (similar_who (s, STR (" . "), &none), ERR_OK);
  assert_true (a != 0 && a == b && a != other && none == 0);
  similar_destroy (&s);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test (table), cmocka_unit_test (spans),
                                     cmocka_unit_test (as_each_with_each), cmocka_unit_test (among_many),
                                     cmocka_unit_test (who)};
  return cmocka_run_group_tests (tests, setup, teardown);
}
