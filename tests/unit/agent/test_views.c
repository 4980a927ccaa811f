/* test_views.c - what list finds and how it says where each record stands. */
#include "tests/unit/agent/office.h"

#include "agent/entry/views.h"

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

static const char files[] = HEAD ",province_vnd,national_vnd\n"
                                 "A-1,Hỗ trợ máy móc Đập Đá,549,2019,III.3,approved,5,\n"
                                 "A-2,Đào tạo nghề,549,2020,I.1,draft,,7\n"
                                 "A-3,Hội chợ,549,2014-2020,IV.2,registered,,\n";
static const char outcomes[] = "indicator,district,year,fund,value\nIII.3,549,2020,KCĐP,3\n";

static const struct {
  kind_t kind;
  const char *search, *where;
  size_t rows;
} lists[] = {
    {KIND_NONE, NULL, NULL, 4},
    {KIND_SCHEME, NULL, NULL, 3},
    {KIND_OUTCOME, NULL, NULL, 1},
    {KIND_NONE, "dap da", NULL, 1},
    {KIND_NONE, "ĐÀO TẠO", NULL, 1},
    {KIND_NONE, "a-3", NULL, 1},
    {KIND_NONE, "không có", NULL, 0},
    {KIND_NONE, NULL, "year=2020", 2},
    {KIND_NONE, NULL, "year=2014-2020", 1},
    {KIND_NONE, NULL, "status=draft", 1},
    {KIND_NONE, NULL, "source=province", 1},
    {KIND_NONE, NULL, "district=549", 4},
    {KIND_NONE, NULL, "office=540", 0},
    {KIND_NONE, NULL, "category=III,kind=scheme", 1},
    {KIND_NONE, NULL, "state=waiting", 4},
    {KIND_NONE, "hoi", "year=2019", 0},
};

static const char *const bad_where[] = {"foo=1", "year", "=1", "year=2019,foo=2"};

static size_t
rows_of (outbox_t *o, kind_t kind, const char *search, const char *where)
{
  fail_t fail = {0};
  table_t *t = table_new ();
  const list_filter_t f = {.kind = kind, .search = str_of (search), .where = str_of (where)};
  assert_int_equal (view_list (o, &f, false, t, &fail), ERR_OK);
  const size_t n = table_rows (t);
  table_destroy (&t);
  return n;
}

static void
list_finds (void **state)
{
  import_counts_t n;
  (void)state;
  office_t *e = office_new ("549", ROLE_OFFICE);
  assert_int_equal (take (e->o, files, NULL, NULL, &n), ERR_OK);
  assert_int_equal (take (e->o, outcomes, NULL, NULL, &n), ERR_OK);
  for (size_t i = 0; i < COUNT (lists); i++)
    if (rows_of (e->o, lists[i].kind, lists[i].search, lists[i].where) != lists[i].rows)
      fail_msg ("row %zu", i);
  for (size_t i = 0; i < COUNT (bad_where); i++) {
    fail_t fail = {0};
    table_t *t = table_new ();
    const list_filter_t f = {.where = str_of (bad_where[i])};
    assert_int_equal (view_list (e->o, &f, false, t, &fail), ERR_USAGE);
    table_destroy (&t);
  }
  assert_int_equal (outbox_acked (e->o, 3, (wall_t){1}), ERR_OK);
  assert_int_equal (rows_of (e->o, KIND_NONE, NULL, "state=waiting"), 1);
  assert_int_equal (rows_of (e->o, KIND_NONE, NULL, "state=sent"), 3);
  office_destroy (e);
}

static void
render (outbox_t *o, bool history, buf_t *out)
{
  static const list_filter_t all = {.kind = KIND_NONE};
  fail_t fail = {0};
  table_t *t = table_new ();
  const err_t err = history ? view_history (o, STR ("A-1"), KIND_NONE, false, t, &fail)
                            : view_waiting (o, &all, false, t, &fail);
  assert_int_equal (err, ERR_OK);
  assert_int_equal (table_render (t, FORMAT_CSV, false, 0, NULL, out), ERR_OK);
  table_destroy (&t);
}

static void
history_and_waiting (void **state)
{
  import_counts_t n;
  buf_t text = BUF_INIT;
  edit_result_t r;
  fail_t fail = {0};
  (void)state;
  office_t *e = office_new ("549", ROLE_OFFICE);
  const char *set[] = {"note=x"};
  assert_int_equal (take (e->o, files, NULL, NULL, &n), ERR_OK);
  assert_int_equal (
      edits_set (e->o, STR ("A-1"), KIND_NONE, set, 1, STR ("Hoa"), STR_NONE, e->arena, &r, &fail), ERR_OK);
  assert_int_equal (
      edits_withdraw (e->o, STR ("A-1"), KIND_NONE, STR ("Hoa"), STR ("nhầm"), e->arena, &r, &fail), ERR_OK);
  render (e->o, true, &text);
  assert_memory_equal (buf_z (&text), "revision,person,at,field,old,new,agent\n1,Lan,", 45);
  assert_non_null (strstr (buf_z (&text), "\n2,Hoa,"));
  assert_non_null (strstr (buf_z (&text), ",note,,x,"));
  assert_non_null (strstr (buf_z (&text), ",withdrawn,no,yes,"));
  assert_non_null (strstr (buf_z (&text), ",reason,,nhầm,"));
  buf_clear (&text);
  render (e->o, false, &text);
  assert_memory_equal (buf_z (&text), "code,since\nA-1,", 15);
  buf_free (&text);
  assert_int_equal (rows_of (e->o, KIND_NONE, NULL, NULL), 2); /* withdrawn ones are not listed */
  office_destroy (e);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (list_finds),
      cmocka_unit_test (history_and_waiting),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
