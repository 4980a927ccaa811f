/* The catalogue reader: what it answers, what it refuses and where, what it steps over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/lang.h"
#include "common/core/catalogue.h"
#include "tests/unit/core/small_catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof (rows) / sizeof (rows)[0])

static catalogue_t *
parse (const char *text, fail_t *fail)
{
  *fail = (fail_t){.err = ERR_OK};
  return catalogue_parse (str_of (text), 7, fail);
}

static void
assert_str (str_t s, const char *expected)
{
  if (!str_is (s, expected))
    fail_msg ("\"%.*s\", expected \"%s\"", STR_ARG (s), expected);
}

static void
answers (void **state)
{
  (void)state;
  fail_t fail;
  catalogue_t *c = parse (SMALL_CATALOGUE, &fail);
  assert_non_null (c);
  assert_int_equal (catalogue_version (c), 7);
  assert_str (catalogue_bytes (c), SMALL_CATALOGUE);
  assert_str (catalogue_title (c, false), "Danh mục thử");
  assert_str (catalogue_title (c, true), "Danh mục thử"); /* none in English */
  assert_str (catalogue_unit (c, 10)->code, "549");
  assert_int_equal (catalogue_unit_by_code (c, STR ("549"))->id, 10);
  assert_null (catalogue_unit (c, 549));
  assert_null (catalogue_unit_by_code (c, STR ("10")));
  assert_null (catalogue_unit_by_code (c, STR_NONE));
  assert_true (catalogue_unit (c, 1)->province);
  assert_int_equal (catalogue_unit (c, 10)->parent, 1);
  assert_str (catalogue_source (c, 2)->fund, "KCĐP");
  assert_int_equal (catalogue_source_by_code (c, STR ("district"))->id, 3);
  assert_false (catalogue_source (c, 4)->active);
  assert_null (catalogue_source (c, 0));
  assert_true (catalogue_is_fund (c, STR ("KCQG")));
  assert_false (catalogue_is_fund (c, STR ("KCDP")));
  assert_false (catalogue_is_fund (c, STR_NONE));
  assert_str (catalogue_item (c, STR ("IV.8"))->category, "IV");
  assert_str (catalogue_category (c, STR ("I"))->label_en, "Training");
  /* Items and indicators are separate name spaces. */
  assert_str (catalogue_item (c, STR ("I.1"))->label_vi, "Đào tạo nghề");
  assert_str (catalogue_indicator (c, STR ("I.1"))->label_vi, "Số lao động");
  assert_null (catalogue_item (c, STR ("I.1.a")));
  const indicator_t *capital = catalogue_indicator (c, STR ("BS.15"));
  assert_int_equal (capital->scale, 6);
  assert_false (capital->by_fund);
  assert_true (!capital->supplementary && capital->additive && !capital->subset);
  assert_true (catalogue_indicator (c, STR ("BS.2"))->supplementary);
  assert_true (catalogue_indicator (c, STR ("I.1.a"))->subset);
  assert_str (catalogue_column_label (c, KIND_SCHEME, STR ("national_vnd"), true), "National support");
  assert_null (catalogue_column_label (c, KIND_OUTCOME, STR ("national_vnd"), true).p);
  catalogue_destroy (&c);
  assert_null (c);
}

static void
units_are_listed_once_by_their_last_name (void **state)
{
  (void)state;
  static const char *const codes[] = {"52", "543", "549"};
  fail_t fail;
  catalogue_t *c = parse (SMALL_CATALOGUE, &fail);
  for (size_t i = 0; i < COUNT (codes); i++)
    assert_str (catalogue_unit_at (c, i)->code, codes[i]);
  assert_null (catalogue_unit_at (c, COUNT (codes)));
  assert_str (catalogue_unit (c, 4)->type, "thị xã");
  assert_str (catalogue_unit_by_code (c, STR ("543"))->type, "thị xã");
  catalogue_destroy (&c);
}

static void
newer_files_are_read (void **state)
{
  (void)state;
  static const char text[] =
      "[future]\nwhatever,here\n1,2,3,4\n" SMALL_META
      "[units]\nid,shape,code,name,province\n1,round,52,Trung tâm,yes\n" SMALL_SOURCES SMALL_CATEGORIES
          SMALL_ITEMS SMALL_INDICATORS "[future2]\nindicator,item\nX,Y\n";
  fail_t fail;
  catalogue_t *c = parse (text, &fail);
  assert_non_null (c);
  assert_str (catalogue_unit (c, 1)->name, "Trung tâm");
  catalogue_destroy (&c);
}

static void
trees_and_links (void **state)
{
  (void)state;
  fail_t fail;
  catalogue_t *c = parse (SMALL_CATALOGUE SMALL_TREES, &fail);
  assert_non_null (c);
  assert_str (catalogue_service (c, STR ("5.1"))->parent, "5");
  assert_str (catalogue_service_at (c, 0)->label_en, "Other");
  assert_null (catalogue_service_at (c, 2));
  assert_null (catalogue_service (c, STR ("1.a")));
  assert_str (catalogue_staff_item (c, STR ("1.a"))->printed_code, "-");
  assert_str (catalogue_staff_item_at (c, 1)->unit_vi, "Người");
  assert_int_equal (catalogue_link_at (c, 0)->relation, LINK_AT_LEAST);
  assert_str (catalogue_link_at (c, 0)->item, "IV.8");
  assert_null (catalogue_link_at (c, 1));
  assert_int_equal (catalogue_province (c)->id, 1);
  assert_str (catalogue_meta (c, "title_vi"), "Danh mục thử");
  assert_null (catalogue_meta (c, "none").p);
  catalogue_destroy (&c);
}

/* Any section can be read as it stands, one with types too; case, order and blanks are kept. */
static void
sections_as_they_stand (void **state)
{
  (void)state;
  fail_t fail;
  catalogue_t *c =
      parse ("[facts]\nid,Text,text\nF1,\"a \"\"b\"\"\",Á\n\nF2,,\nF3\n[empty]\n" SMALL_CATALOGUE, &fail);
  assert_non_null (c);
  assert_int_equal (catalogue_section_rows (c, "facts"), 3);
  assert_str (catalogue_section_cell (c, "facts", 0, "Text"), "a \"b\"");
  assert_str (catalogue_section_cell (c, "facts", 0, "text"), "Á");
  str_t blank = catalogue_section_cell (c, "facts", 1, "text");
  assert_non_null (blank.p);
  assert_int_equal (blank.n, 0);
  assert_null (catalogue_section_cell (c, "facts", 2, "Text").p);
  assert_null (catalogue_section_cell (c, "facts", 3, "id").p);
  assert_null (catalogue_section_cell (c, "facts", 0, "ID").p);
  assert_int_equal (catalogue_section_line (c, "facts", 1), 5);
  assert_int_equal (catalogue_section_line (c, "facts", 3), 0);
  assert_int_equal (catalogue_section_rows (c, "empty"), 0);
  assert_int_equal (catalogue_section_rows (c, "nowhere"), 0);
  assert_null (catalogue_section_cell (c, "empty", 0, "id").p);
  assert_int_equal (catalogue_section_rows (c, "units"), 4);
  assert_str (catalogue_section_cell (c, "units", 1, "valid_to"), "2020-05-31");
  catalogue_destroy (&c);
}

typedef struct {
  const char *text;
  uint32_t line, column;
  const char *word; /* in the message */
} bad_row_t;

static void
refuses (void **state)
{
  (void)state;
#define ALL_BUT_ITEMS SMALL_META SMALL_UNITS SMALL_SOURCES SMALL_CATEGORIES SMALL_INDICATORS
#define ITEMS "[items]\ncode,category,label_vi\n"
#define UNITS "[units]\nid,code,name,parent,province,valid_from,valid_to\n"
#define SOURCES "[sources]\nid,code,fund,label_vi,active\n"
#define INDICATORS "[indicators]\ncode,category,parent,label_vi,decimals,scale,additive,by_fund\n"
  static const bad_row_t rows[] = {
      {"", 0, 0, ""},
      {"a,b\n1,2\n", 1, 1, "[meta]"},
      {SMALL_META SMALL_SOURCES SMALL_CATEGORIES SMALL_ITEMS SMALL_INDICATORS, 0, 0, "[units]"},
      {SMALL_META SMALL_UNITS SMALL_CATEGORIES SMALL_ITEMS SMALL_INDICATORS, 0, 0, "[sources]"},
      {SMALL_META SMALL_UNITS SMALL_SOURCES SMALL_ITEMS SMALL_INDICATORS, 0, 0, "[categories]"},
      {ALL_BUT_ITEMS, 0, 0, "[items]"},
      {ALL_BUT_ITEMS ITEMS, 0, 0, "[items]"},
      {SMALL_META SMALL_UNITS SMALL_SOURCES SMALL_CATEGORIES SMALL_ITEMS, 0, 0, "[indicators]"},
      {ITEMS "I.1,I,a\nI.2,I,a\nI.1,I,b\n", 5, 1, "I.1"},
      {SMALL_CATEGORIES ITEMS "I.1,X,a\n" SMALL_META SMALL_UNITS SMALL_SOURCES SMALL_INDICATORS, 7, 2, "X"},
      {ITEMS "I.1,,a\n", 3, 2, "blank"},
      {ITEMS "I.1,I,\n", 3, 3, "blank"},
      {ITEMS ",I,a\n", 3, 1, "blank"},
      {ITEMS "I 1,I,a\n", 3, 1, "I 1"},
      {ITEMS "HOICH\xD0\x9E,I,a\n", 3, 1, "ASCII"}, /* a Cyrillic О */
      {ITEMS "A234567890123456,I,a\n", 3, 1, "15"},
      {ITEMS "I.1,I\n", 3, 3, "number of cells"},
      {ITEMS "I.1,I,a,b\n", 3, 4, "number of cells"},
      {"[items]\ncode,label_vi\n", 2, 0, "category"},
      {"[items]\ncode,code,category,label_vi\n", 2, 2, "twice"},
      {ITEMS "I.1,I,a\n[items]\ncode\n", 4, 1, "twice"},
      {ITEMS "I.1,I,a\xCC\x81\n", 3, 3, "NFC"},
      {ITEMS "I.1,I,a\xFF\n", 3, 0, ""},
      {UNITS "0,52,a,,yes,,\n", 3, 1, "0"},
      {UNITS "x,52,a,,yes,,\n", 3, 1, "x"},
      {UNITS "4294967296,52,a,,yes,,\n", 3, 1, "4294967296"},
      {UNITS "1,52,a,,yes,,\n1,53,b,,no,,\n", 4, 1, "id"},
      {UNITS "1,52,a,,yes,,2020-05-31\n1,52,b,,yes,2020-05-31,\n", 4, 1, "id"},
      {UNITS "1,52,a,,yes,,\n2,52,b,,no,,\n", 4, 2, "52"},
      {UNITS "1,52,a,,yes,2020-02-30,\n", 3, 6, "2020-02-30"},
      {UNITS "1,52,a,,yes,2020-02,\n", 3, 6, "2020-02"},
      {UNITS "1,52,a,,yes,2020-02-02,2020-02-01\n", 3, 1, "ends"},
      {UNITS "1,52,a,,maybe,,\n", 3, 5, "maybe"},
      {UNITS "1,52,a,9,yes,,\n" SMALL_SOURCES SMALL_CATEGORIES SMALL_ITEMS SMALL_INDICATORS, 3, 4, "unit id"},
      {SOURCES "1,a,F,x,yes\n1,b,F,x,yes\n", 4, 1, "id"},
      {SOURCES "1,a,F,x,yes\n2,a,F,x,yes\n", 4, 2, "a"},
      {SOURCES "1,matching,F,x,yes\n", 3, 2, "matching"},
      {SOURCES "1,settled_a,F,x,yes\n", 3, 2, "settled_a"},
      {SOURCES "1,a,KC QG,x,yes\n", 3, 3, "KC QG"},
      {INDICATORS "I.1,,,a,0,0,yes,yes\nI.1,,,a,0,0,yes,yes\n", 4, 1, "I.1"},
      {INDICATORS "I.1,,,a,0,10,yes,yes\n", 3, 6, "10"},
      {INDICATORS "I.1,,,a,-1,0,yes,yes\n", 3, 5, "-1"},
      {INDICATORS "I.1,,,a,2,1,yes,yes\n", 3, 0, "decimals"},
      {"[odd]\na\n[odd]\n", 3, 1, "twice"},
      {"[services]\ncode,parent,label_vi\n5.1,5,a\n5,,b\n", 3, 2, "above"},
      {"[services]\ncode,parent,label_vi\n5,,a\n5,,b\n", 4, 1, "5"},
      {"[staff]\ncode,parent,label_vi\n1,1,a\n", 3, 2, "above"},
      {"[links]\nindicator,item,relation\nI.1,I.1,more\n", 3, 3, "at_least"},
      {SMALL_CATALOGUE "[links]\nindicator,item,relation\nI.1,I.9,equal\n", 37, 2, "I.9"},
      {SMALL_META SMALL_UNITS SMALL_SOURCES SMALL_CATEGORIES SMALL_ITEMS INDICATORS "I.1,,Q,a,0,0,yes,yes\n",
       26, 3, "Q"},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    fail_t fail;
    catalogue_t *c = parse (rows[i].text, &fail);
    if (c != NULL)
      fail_msg ("row %zu was taken", i);
    bool column_fits = rows[i].column == 0 || fail.column == rows[i].column;
    if (fail.err != ERR_INPUT || fail.line != rows[i].line || !column_fits ||
        strstr (fail.text, rows[i].word) == NULL)
      fail_msg ("row %zu: %s at %u:%u, \"%s\"; expected %u:%u with \"%s\"", i, err_name (fail.err), fail.line,
                fail.column, fail.text, rows[i].line, rows[i].column, rows[i].word);
  }
}

static void
too_big_is_refused (void **state)
{
  (void)state;
  char *big = calloc (1, CATALOGUE_FILE_MAX + 1);
  fail_t fail = {.err = ERR_OK};
  assert_non_null (big);
  assert_null (catalogue_parse ((str_t){big, CATALOGUE_FILE_MAX + 1}, 1, &fail));
  assert_int_equal (fail.err, ERR_TOO_BIG);
  free (big);
}

static char *
read_shipped (void)
{
  FILE *f = fopen (KC_SOURCE_DIR "/deploy/binh-dinh/catalogue.csv", "rb");
  char *text = calloc (1, CATALOGUE_FILE_MAX + 1);
  assert_non_null (f);
  assert_non_null (text);
  assert_true (fread (text, 1, CATALOGUE_FILE_MAX, f) > 0);
  fclose (f);
  return text;
}

static void
the_shipped_catalogue (void **state)
{
  (void)state;
  fail_t fail;
  char *text = read_shipped ();
  catalogue_t *c = parse (text, &fail);
  if (c == NULL)
    fail_msg ("%u:%u %s", fail.line, fail.column, fail.text);
  size_t units = 0, sources = 0, categories = 0, items = 0, indicators = 0;
  while (catalogue_unit_at (c, units) != NULL)
    units++;
  while (catalogue_source_at (c, sources) != NULL)
    sources++;
  while (catalogue_category_at (c, categories) != NULL)
    categories++;
  for (const item_t *i; (i = catalogue_item_at (c, items)) != NULL; items++)
    if (str_blank (i->label_en))
      fail_msg ("item %.*s has no English label", STR_ARG (i->code));
  for (const indicator_t *i; (i = catalogue_indicator_at (c, indicators)) != NULL; indicators++) {
    if (str_blank (i->label_en))
      fail_msg ("indicator %.*s has no English label", STR_ARG (i->code));
    if (str_is (i->unit_vi, "Tr. đồng"))
      assert_int_equal (i->scale, 6);
  }
  assert_int_equal (units, 12);
  assert_int_equal (sources, 4);
  assert_int_equal (categories, 9);
  assert_int_equal (items, 42);
  assert_int_equal (indicators, 79);
  assert_str (catalogue_unit_by_code (c, STR ("543"))->type, "thị xã");
  assert_true (catalogue_unit_by_code (c, STR ("52"))->province);
  catalogue_destroy (&c);
  free (text);
}

int
main (void)
{
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test (answers),
      cmocka_unit_test (units_are_listed_once_by_their_last_name),
      cmocka_unit_test (newer_files_are_read),
      cmocka_unit_test (trees_and_links),
      cmocka_unit_test (sections_as_they_stand),
      cmocka_unit_test (refuses),
      cmocka_unit_test (too_big_is_refused),
      cmocka_unit_test (the_shipped_catalogue),
  };
  lang_set (LANG_EN);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
