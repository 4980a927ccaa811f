/* Events written into a catalogue: what changes, and that nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/lang.h"
#include "common/core/unit_events.h"
#include "common/core/units.h"
#include "tests/unit/core/small_catalogue.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define BEHIND SMALL_SOURCES SMALL_CATEGORIES SMALL_ITEMS SMALL_INDICATORS SMALL_COLUMNS
#define HEAD "[units]\nid,code,name,name_en,type,parent,province,valid_from,valid_to,spare\n"
#define LINEAGE_HEAD "\n[lineage]\nfrom,to,event,on,legal,heir,commune\n"
#define CENTRE "1,52,Trung tâm,Centre,tỉnh,,yes,,,\"a, b\"\n"

static const char before[] =
    SMALL_META "\n" HEAD CENTRE "4,543,Hoài Nhơn,Hoài Nhơn,huyện,1,no,,2020-05-31,x\n"
               "4,543,Hoài Nhơn,Hoài Nhơn,thị xã,1,no,2020-06-01,,y\n"
               "10,549,An Nhơn,An Nhơn,thị xã,1,no,,,\n"
               "11,550,Tuy Phước,Tuy Phước,huyện,1,no,2000-01-01,,\n\n" BEHIND;

/* Applies the change to a file; the next file, "" when nothing changed, NULL when refused. */
static const char *
apply (const char *file, const unit_change_t *ch, buf_t *out, fail_t *fail)
{
  bool changed = false;
  memset (fail, 0, sizeof *fail);
  buf_clear (out);
  catalogue_t *c = catalogue_parse (str_of (file), 1, fail);
  assert_non_null (c);
  err_t err = unit_change_apply (c, ch, out, &changed, fail);
  catalogue_destroy (&c);
  if (err != ERR_OK)
    return NULL;
  assert_true (changed == (out->n > 0));
  return buf_z (out);
}

typedef struct {
  const char *what;
  unit_change_t ch;
  const char *units;   /* the rows of [units] that are to stand behind the centre's */
  const char *lineage; /* and of [lineage] */
} event_row_t;

#define ONE(code) .offices = (const str_t[]){STR (code)}, .offices_n = 1
#define INTO(...)                                                                                            \
  .into = (const successor_t[]){__VA_ARGS__}, .into_n = COUNT (((const successor_t[]){__VA_ARGS__}))
#define T(text)                                                                                              \
  {                                                                                                          \
    text, sizeof text - 1                                                                                    \
  }
#define HN1 "4,543,Hoài Nhơn,Hoài Nhơn,huyện,1,no,,2020-05-31,x\n"
#define HN2 "4,543,Hoài Nhơn,Hoài Nhơn,thị xã,1,no,2020-06-01,,y\n"
#define AN "10,549,An Nhơn,An Nhơn,thị xã,1,no,,,\n"
#define TP "11,550,Tuy Phước,Tuy Phước,huyện,1,no,2000-01-01,,\n"

static void
events (void **state)
{
  (void)state;
  const event_row_t rows[] = {
      {"rename",
       {.event = EVENT_RENAME,
        ONE ("549"),
        .on = 20250301,
        .name = T ("An Nhơn Mới"),
        .legal = T ("NQ 1, 2")},
       HN1 HN2 "10,549,An Nhơn,An Nhơn,thị xã,1,no,,2025-02-28,\n"
               "10,549,An Nhơn Mới,An Nhơn Mới,thị xã,1,no,2025-03-01,,\n" TP,
       "10,,rename,2025-03-01,\"NQ 1, 2\",no,\n"},
      {"rename in the past goes on through later versions",
       {.event = EVENT_RENAME, ONE ("543"), .on = 20160229, .name = T ("H"), .name_en = T ("E")},
       "4,543,Hoài Nhơn,Hoài Nhơn,huyện,1,no,,2016-02-28,x\n4,543,H,E,huyện,1,no,2016-02-29,2020-05-31,x\n"
       "4,543,H,E,thị xã,1,no,2020-06-01,,y\n" AN TP,
       "4,,rename,2016-02-29,,no,\n"},
      {"retype stops where the type had changed already",
       {.event = EVENT_RETYPE, ONE ("543"), .on = 20100101, .type = T ("thị trấn")},
       "4,543,Hoài Nhơn,Hoài Nhơn,huyện,1,no,,2009-12-31,x\n"
       "4,543,Hoài Nhơn,Hoài Nhơn,thị trấn,1,no,2010-01-01,2020-05-31,x\n" HN2 AN TP,
       "4,,retype,2010-01-01,,no,\n"},
      {"retype on the day a version begins",
       {.event = EVENT_RETYPE, ONE ("543"), .on = 20200601, .type = T ("thành phố")},
       HN1 "4,543,Hoài Nhơn,Hoài Nhơn,thành phố,1,no,2020-06-01,,y\n" AN TP,
       "4,,retype,2020-06-01,,no,\n"},
      {"merge into a new one",
       {.event = EVENT_MERGE,
        .offices = (const str_t[]){T ("549"), T ("550")},
        .offices_n = 2,
        .on = 20260101,
        INTO ({.code = T ("560")}),
        .name = T ("An Phước")},
       HN1 HN2 "10,549,An Nhơn,An Nhơn,thị xã,1,no,,2025-12-31,\n"
               "11,550,Tuy Phước,Tuy Phước,huyện,1,no,2000-01-01,2025-12-31,\n"
               "12,560,An Phước,An Phước,thị xã,1,no,2026-01-01,,\n",
       "10,12,merge,2026-01-01,,yes,\n11,12,merge,2026-01-01,,yes,\n"},
      {"merge into a new one, named with its code",
       {.event = EVENT_MERGE,
        ONE ("549"),
        .on = 20260101,
        INTO ({T ("560"), T ("phường"), T ("Mới"), {NULL, 0}})},
       HN1 HN2 "10,549,An Nhơn,An Nhơn,thị xã,1,no,,2025-12-31,\n" TP
               "12,560,Mới,Mới,phường,1,no,2026-01-01,,\n",
       "10,12,merge,2026-01-01,,yes,\n"},
      {"merge into one of them",
       {.event = EVENT_MERGE,
        .offices = (const str_t[]){T ("549"), T ("550")},
        .offices_n = 2,
        .on = 20300101,
        INTO ({.code = T ("549")})},
       HN1 HN2 AN "11,550,Tuy Phước,Tuy Phước,huyện,1,no,2000-01-01,2029-12-31,\n",
       "11,10,merge,2030-01-01,,yes,\n"},
      {"merge into another, renamed",
       {.event = EVENT_MERGE, ONE ("550"), .on = 20250701, INTO ({.code = T ("549")}), .name = T ("X")},
       HN1 HN2 "10,549,An Nhơn,An Nhơn,thị xã,1,no,,2025-06-30,\n10,549,X,X,thị xã,1,no,2025-07-01,,\n"
               "11,550,Tuy Phước,Tuy Phước,huyện,1,no,2000-01-01,2025-06-30,\n",
       "11,10,merge,2025-07-01,,yes,\n"},
      {"split, a code living on",
       {.event = EVENT_SPLIT,
        ONE ("549"),
        .on = 20250701,
        .heir = T ("549"),
        .legal = T ("NQ 1664"),
        INTO ({T ("549"), T ("phường"), T ("An Nhơn"), {NULL, 0}},
              {T ("21907"), T ("phường"), T ("Bình Định"), T ("Bình Định;Nhơn Phúc")},
              {T ("550"), {NULL, 0}, {NULL, 0}, {NULL, 0}})},
       HN1 HN2 "10,549,An Nhơn,An Nhơn,thị xã,1,no,,2025-06-30,\n" TP
               "12,549,An Nhơn,An Nhơn,phường,1,no,2025-07-01,,\n13,21907,Bình Định,Bình "
               "Định,phường,1,no,2025-07-01,,\n",
       "10,12,split,2025-07-01,NQ 1664,yes,\n10,13,split,2025-07-01,NQ 1664,no,Bình Định\n"
       "10,13,split,2025-07-01,NQ 1664,no,Nhơn Phúc\n10,11,split,2025-07-01,NQ 1664,no,\n"},
      {"split off",
       {.event = EVENT_SPLIT,
        ONE ("549"),
        .on = 20250701,
        .keep = true,
        INTO ({T ("560"), T ("xã"), T ("Mới"), T ("Nhơn Phúc")})},
       HN1 HN2 AN TP "12,560,Mới,Mới,xã,1,no,2025-07-01,,\n",
       "10,12,split,2025-07-01,,no,Nhơn Phúc\n"},
      {"abolish",
       {.event = EVENT_ABOLISH, ONE ("543"), .on = 20250701, .heir = T ("549")},
       HN1 "4,543,Hoài Nhơn,Hoài Nhơn,thị xã,1,no,2020-06-01,2025-06-30,y\n" AN TP,
       "4,10,abolish,2025-07-01,,yes,\n"},
      {"abolish without heir",
       {.event = EVENT_ABOLISH, ONE ("549"), .on = 20240301},
       HN1 HN2 "10,549,An Nhơn,An Nhơn,thị xã,1,no,,2024-02-29,\n" TP,
       "10,,abolish,2024-03-01,,no,\n"},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_t out = BUF_INIT, again = BUF_INIT;
    fail_t fail;
    char want[4096];
    const char *got = apply (before, &rows[i].ch, &out, &fail);
    snprintf (want, sizeof want, SMALL_META "\n" HEAD CENTRE "%s" LINEAGE_HEAD "%s\n" BEHIND, rows[i].units,
              rows[i].lineage);
    if (got == NULL || strcmp (got, want) != 0)
      fail_msg ("%s: %s\n%s\nwanted\n%s", rows[i].what, fail.text, got != NULL ? got : "", want);
    const char *twice = apply (got, &rows[i].ch, &again, &fail);
    if (twice == NULL || twice[0] != '\0')
      fail_msg ("%s, again: %s\n%s", rows[i].what, fail.text, twice != NULL ? twice : "");
    buf_free (&out);
    buf_free (&again);
  }
}

/* Events that say what is so already leave no trace. */
static void
nothing_new (void **state)
{
  (void)state;
  const unit_change_t rows[] = {
      {.event = EVENT_RETYPE, ONE ("549"), .on = 20240601, .type = T ("thị xã")},
      {.event = EVENT_RENAME, ONE ("549"), .on = 20240601, .name = T ("An Nhơn")},
      {.event = EVENT_RENAME,
       ONE ("52"),
       .on = 20240601,
       .name = T ("Trung tâm")}, /* stays Centre in English */
      {.event = EVENT_RETYPE, ONE ("543"), .on = 20200601, .type = T ("thị xã")},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_t out = BUF_INIT;
    fail_t fail;
    const char *got = apply (before, &rows[i], &out, &fail);
    if (got == NULL || got[0] != '\0')
      fail_msg ("row %zu: %s\n%s", i, fail.text, buf_z (&out));
    buf_free (&out);
  }
}

/* One event behind another; the second appends to the section the first made. */
static void
one_after_another (void **state)
{
  (void)state;
  buf_t first = BUF_INIT, second = BUF_INIT;
  fail_t fail;
  unit_change_t a = {.event = EVENT_MERGE, ONE ("550"), .on = 20240101, INTO ({.code = T ("549")})};
  unit_change_t b = {.event = EVENT_ABOLISH, ONE ("549"), .on = 20250701, .heir = T ("543")};
  const char *one = apply (before, &a, &first, &fail);
  assert_non_null (one);
  const char *two = apply (one, &b, &second, &fail);
  assert_non_null (two);
  catalogue_t *c = catalogue_parse (str_of (two), 1, &fail);
  assert_int_equal (unit_today (c, 11, STR_NONE, 0), 4);
  assert_int_equal (unit_today (c, 11, STR_NONE, 20240102), 10);
  assert_int_equal (unit_today (c, 11, STR_NONE, 20231231), 11);
  catalogue_destroy (&c);
  buf_free (&first);
  buf_free (&second);
}

/* CRLF stays CRLF, and a last line without an end gets one. */
static void
line_endings (void **state)
{
  (void)state;
  static const char file[] =
      "[sources]\r\nid,code,fund,label_vi,active\r\n1,a,F,x,yes\r\n[categories]\r\ncode,label_vi\r\nI,a\r\n"
      "[items]\r\ncode,category,label_vi\r\nI.1,I,a\r\n"
      "[indicators]\r\ncode,label_vi,decimals,scale,additive,by_fund\r\nI.1,a,0,0,yes,yes\r\n"
      "[units]\r\nid,code,name,type,valid_from,valid_to,province\r\n1,52,A,tỉnh,,,yes";
  unit_change_t english = {
      .event = EVENT_RENAME, ONE ("52"), .on = 20250701, .name = T ("Gia Lai"), .name_en = T ("G")};
  buf_t out = BUF_INIT;
  fail_t fail;
  const char *got = apply (file, &english, &out, &fail);
  assert_null (got); /* there is no column to hold it */
  assert_non_null (strstr (fail.text, "name_en"));
  unit_change_t plain = {.event = EVENT_RENAME, ONE ("52"), .on = 20250701, .name = T ("Gia Lai")};
  got = apply (file, &plain, &out, &fail);
  assert_non_null (got);
  static const char end[] =
      "1,52,A,tỉnh,,2025-06-30,yes\r\n1,52,Gia Lai,tỉnh,2025-07-01,,yes\r\n\r\n[lineage]\r\n"
      "from,to,event,on,legal,heir,commune\r\n1,,rename,2025-07-01,,no,\r\n";
  assert_string_equal (got + strlen (got) - (sizeof end - 1), end);
  buf_free (&out);
}

static void
refuses (void **state)
{
  (void)state;
  const struct {
    const char *what, *word;
    unit_change_t ch;
  } rows[] = {
      {"an unknown code",
       "no office bears",
       {.event = EVENT_RENAME, ONE ("999"), .on = 20250701, .name = T ("X")}},
      {"not yet there", "no office bears", {.event = EVENT_ABOLISH, ONE ("550"), .on = 19991231}},
      {"unknown heir",
       "no office bears",
       {.event = EVENT_ABOLISH, ONE ("550"), .on = 20250701, .heir = T ("1")}},
      {"changes after", "changes after", {.event = EVENT_ABOLISH, ONE ("543"), .on = 20200101}},
      {"the province", "cannot end", {.event = EVENT_ABOLISH, ONE ("52"), .on = 20250701}},
      {"a new one without a name",
       "type and name",
       {.event = EVENT_MERGE, ONE ("550"), .on = 20250701, INTO ({.code = T ("560")})}},
      {"a code that is taken",
       "belongs to",
       {.event = EVENT_SPLIT, ONE ("550"), .on = 20250701, INTO ({T ("549"), T ("xã"), T ("B"), {NULL, 0}})}},
      {"an heir who is no successor",
       "--heir",
       {.event = EVENT_SPLIT,
        ONE ("550"),
        .on = 20250701,
        .heir = T ("549"),
        INTO ({T ("560"), T ("xã"), T ("B"), {NULL, 0}})}},
      {"a bad code",
       "ASCII",
       {.event = EVENT_SPLIT, ONE ("550"), .on = 20250701, INTO ({T ("5 6"), T ("xã"), T ("B"), {NULL, 0}})}},
      {"a blank name", "blank", {.event = EVENT_RENAME, ONE ("549"), .on = 20250701, .name = T (" ")}},
      {"no name", "blank", {.event = EVENT_RENAME, ONE ("549"), .on = 20250701}},
      {"no type", "blank", {.event = EVENT_RETYPE, ONE ("549"), .on = 20250701}},
      {"a name of two lines",
       "line break",
       {.event = EVENT_RENAME, ONE ("549"), .on = 20250701, .name = T ("two\nlines")}},
      {"a control character",
       "line break",
       {.event = EVENT_RETYPE,
        ONE ("549"),
        .on = 20250701,
        .type = T ("a\x1b"
                   "b")}},
      {"no UTF-8", "UTF-8", {.event = EVENT_RENAME, ONE ("549"), .on = 20250701, .name = T ("\xff\xfe")}},
      {"a legal text of two lines",
       "--legal",
       {.event = EVENT_ABOLISH, ONE ("549"), .on = 20250701, .legal = T ("NQ\n1")}},
      {"a successor's name of two lines",
       "--into",
       {.event = EVENT_SPLIT,
        ONE ("550"),
        .on = 20250701,
        INTO ({T ("560"), T ("xã"), T ("a\tb"), {NULL, 0}})}},
      {"merged into itself",
       "into itself",
       {.event = EVENT_MERGE, ONE ("549"), .on = 20250701, INTO ({.code = T ("549")})}},
      {"merged into itself twice",
       "into itself",
       {.event = EVENT_MERGE,
        .offices = (const str_t[]){T ("549"), T ("549")},
        .offices_n = 2,
        .on = 20250701,
        INTO ({.code = T ("549")})}},
      {"a receiver there is, called otherwise",
       "belongs to",
       {.event = EVENT_MERGE, ONE ("550"), .on = 20250701, INTO ({T ("549"), T ("xã"), T ("B"), {NULL, 0}})}},
      {"two names",
       "different",
       {.event = EVENT_MERGE,
        ONE ("550"),
        .on = 20250701,
        .name = T ("C"),
        INTO ({T ("560"), T ("xã"), T ("B"), {NULL, 0}})}},
      {"communes of a merger",
       "every commune",
       {.event = EVENT_MERGE, ONE ("550"), .on = 20250701, INTO ({T ("560"), T ("xã"), T ("B"), T ("C")})}},
      {"a commune twice",
       "above",
       {.event = EVENT_SPLIT,
        ONE ("550"),
        .on = 20250701,
        INTO ({T ("560"), T ("xã"), T ("B"), T ("Hòa")}, {T ("561"), T ("xã"), T ("C"), T ("xã Hoà")})}},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_t out = BUF_INIT;
    fail_t fail;
    if (apply (before, &rows[i].ch, &out, &fail) != NULL || strstr (fail.text, rows[i].word) == NULL)
      fail_msg ("%s: \"%s\"\n%s", rows[i].what, fail.text, buf_z (&out));
    buf_free (&out);
  }
}

static void
successors (void **state)
{
  (void)state;
  successor_t s;
  assert_true (successor_parse (STR ("560:xã:Tuy Phước:Phước An;Phước: Thành"), &s));
  assert_true (str_is (s.code, "560") && str_is (s.type, "xã") && str_is (s.name, "Tuy Phước") &&
               str_is (s.communes, "Phước An;Phước: Thành"));
  assert_true (successor_parse (STR ("560"), &s) && s.name.n == 0);
  assert_true (successor_parse (STR ("560:xã:B"), &s) && s.communes.n == 0);
  static const char *const bad[] = {"", ":xã:B", "560:xã", "560::B", "560:xã:"};
  for (size_t i = 0; i < COUNT (bad); i++)
    if (successor_parse (str_of (bad[i]), &s))
      fail_msg ("\"%s\"", bad[i]);
}

static void
days (void **state)
{
  (void)state;
  static const date_t rows[][2] = {{20250701, 20250630}, {20240301, 20240229}, {20250301, 20250228},
                                   {20000301, 20000229}, {21000301, 21000228}, {20250101, 20241231},
                                   {20250102, 20250101}};
  for (size_t i = 0; i < COUNT (rows); i++)
    assert_int_equal (day_before (rows[i][0]), rows[i][1]);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (events),      cmocka_unit_test (one_after_another), cmocka_unit_test (line_endings),
      cmocka_unit_test (refuses),     cmocka_unit_test (successors),        cmocka_unit_test (days),
      cmocka_unit_test (nothing_new),
  };
  lang_set (LANG_EN);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
