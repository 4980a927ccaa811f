/* test_list_order.c - "nguyen" finds "Nguyễn" in every text of every kind, and lists stand in Vietnamese
 * order. */
#include "tests/unit/agent/office.h"

#include "agent/entry/views.h"
#include "common/base/lang.h"

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

/* Texts that each stand in one place alone; the provincial office may enter all kinds. */
static const char *const files[] = {
    HEAD ",commune,implementer,beneficiary,approval_no,note,province_vnd\n"
         "B-1,Đập dâng,549,2019,III.3,approved,Nhơn Hậu,Hợp tác xã Nguyễn Trãi,Cơ sở Ðặng Lụa,15/QĐ-SCT,Ghi "
         "chú lạ,900\n"
         "B-2,Ẩm thực,540,2020,I.1,draft,,,,,,10000\n"
         "B-3,An toàn,540,2020,I.1,draft,,,,,,\n",
    "indicator,district,year,fund,value,note\nIII.3,549,2020,KCĐP,3,Kỳ Sơn\nI.1,540,2020,KCĐP,20,\n",
    "code,service,year,revenue_vnd,client,note\nTV-1,5.2,2019,5,Công ty Phú Mỹ,Quý hai\n",
    "indicator,year,value\n2.b,2019,7\n",
    "no,title,status,number,note\n1,Quyết định về khuyến công,issued,08/2020/QĐ-UBND,Thay thế\n",
    "scheme_code,name,address\nB-2,Cơ sở Trần Thị Bưởi,Thôn Đại Bình\n",
    "scheme_code,ledger_kind,date,source,amount_vnd,voucher_no\nB-3,advance,2020-05-01,province,3,PC-77\n",
};

static const struct {
  const char *search, *code; /* code of the one that is found; NULL: none */
} finds[] = {
    {"nguyen", "B-1"},   {"NGUYỄN", "B-1"},         {"Nguyễn Trãi", "B-1"},
    {"dap dang", "B-1"}, {"đập dâng", "B-1"},       {"nhon hau", "B-1"},
    {"dang lua", "B-1"}, {"15/qd-sct", "B-1"},      {"ghi chu la", "B-1"},
    {"b-1", "B-1"},      {"ky son", "III.3 / 549"}, {"phu my", "TV-1"},
    {"tv-1", "TV-1"},    {"quy hai", "TV-1"},       {"tac dong moi truong", "TV-1"},
    {"dai hoc", "2.b"},  {"university", "2.b"},     {"khuyen cong", "1"},
    {"08/2020", "1"},    {"thay the", "1"},         {"tran thi buoi", "B-2"},
    {"dai binh", "B-2"}, {"pc-77", "B-3"},          {"am thuc", "B-2"},
    {"khong co", NULL},  {"  Trần   thị ", "B-2"},
};

static office_t *office;

static int
set_up (void **state)
{
  import_counts_t n;
  (void)state;
  lang_set (LANG_EN);
  office = office_new ("52", ROLE_PROVINCE);
  for (size_t i = 0; i < COUNT (files); i++)
    if (take (office->o, files[i], NULL, NULL, &n) != ERR_OK)
      fail_msg ("file %zu", i);
  return 0;
}

static int
tear_down (void **state)
{
  (void)state;
  office_destroy (office);
  lang_set (LANG_VI);
  return 0;
}

static err_t
list (const list_filter_t *f, bool people, buf_t *out)
{
  fail_t fail = {0};
  table_t *t = table_new ();
  err_t err = view_list (office->o, f, people, t, &fail);
  if (err == ERR_OK)
    err = table_render (t, FORMAT_CSV, false, 0, NULL, out);
  table_destroy (&t);
  return err;
}

static void
searches (void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT (finds); i++) {
    buf_t out = BUF_INIT;
    const list_filter_t f = {.search = str_of (finds[i].search)};
    size_t rows = 0;
    assert_int_equal (list (&f, false, &out), ERR_OK);
    for (size_t k = 0; k < out.n; k++)
      rows += out.p[k] == '\n';
    const char *first = strchr (buf_z (&out), '\n') + 1;
    const bool right = finds[i].code == NULL || strncmp (first, finds[i].code, strlen (finds[i].code)) == 0;
    if (rows != (finds[i].code == NULL ? 1 : 2) || !right)
      fail_msg ("\"%s\": %s", finds[i].search, buf_z (&out));
    buf_free (&out);
  }
}

/* The codes of the rows in their order. */
static const struct {
  list_filter_t f;
  bool people;
  const char *codes;
} orders[] = {
    {{.kind = KIND_SCHEME}, false, "B-1 B-2 B-3 "},
    {{.kind = KIND_SCHEME}, true, "B-3 B-2 B-1 "}, /* An, Ẩm, Đập */
    {{.kind = KIND_SCHEME, .sort = {"name", 4}}, false, "B-3 B-2 B-1 "},
    {{.kind = KIND_SCHEME, .sort = {"code", 4}}, true, "B-1 B-2 B-3 "},
    {{.kind = KIND_SCHEME, .sort = {"support_vnd", 11}}, false, "B-3 B-1 B-2 "}, /* 0, 900, 10000 */
    {{.kind = KIND_SCHEME, .sort = {"status", 6}}, false, "B-1 B-2 B-3 "},
    {{.kind = KIND_SCHEME, .sort = {"district", 8}}, true, "B-1 B-2 B-3 "}, /* An Nhơn, Quy Nhơn */
    {{.kind = KIND_SCHEME, .sort = {"district", 8}}, false, "B-2 B-3 B-1 "},
    {{.kind = FORM_BENEFICIARY, .sort = {"address", 7}}, false, "B-2:Cơ sở Trần Thị Bưởi "},
};

static void
order_of_rows (void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT (orders); i++) {
    buf_t out = BUF_INIT, codes = BUF_INIT;
    assert_int_equal (list (&orders[i].f, orders[i].people, &out), ERR_OK);
    for (const char *p = strchr (buf_z (&out), '\n') + 1; *p != '\0'; p = strchr (p, '\n') + 1)
      buf_printf (&codes, "%.*s ", (int)strcspn (p, ","), p);
    if (strcmp (buf_z (&codes), orders[i].codes) != 0)
      fail_msg ("row %zu: %s", i, buf_z (&codes));
    buf_free (&out);
    buf_free (&codes);
  }
  buf_t out = BUF_INIT;
  assert_int_equal (list (&(list_filter_t){.sort = STR ("foo")}, false, &out), ERR_USAGE);
  buf_free (&out);
}

/* What a record counts stands in the column of its kind. */
static void
figures (void **state)
{
  (void)state;
  static const struct {
    kind_t kind;
    const char *end; /* item,support_vnd,value,state,flags of its first row */
  } rows[] = {
      {KIND_SCHEME, ",III.3,900,,waiting,\n"}, {KIND_OUTCOME, ",I.1,,20,waiting,\n"},
      {KIND_CONSULTING, ",5.2,,5,waiting,\n"}, {KIND_STAFF, ",2.b,,7,waiting,\n"},
      {KIND_DOCUMENT, ",,,,waiting,\n"},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_t out = BUF_INIT;
    assert_int_equal (list (&(list_filter_t){.kind = rows[i].kind}, false, &out), ERR_OK);
    const char *end = strchr (strchr (buf_z (&out), '\n') + 1, '\n') + 1;
    const size_t n = strlen (rows[i].end);
    if (strncmp (end - n, rows[i].end, n) != 0)
      fail_msg ("row %zu: %s", i, buf_z (&out));
    buf_free (&out);
  }
}

/* Names that a byte order puts wrong. */
static void
vietnamese_order (void **state)
{
  (void)state;
  static const char *const names[] = {"An Lão",  "An Nhơn",   "Ăn mặc",     "Ân Hảo",  "Bình Định",
                                      "Cát Tài", "Dệt chiếu", "Đá mỹ nghệ", "Đan lát", "Đèn",
                                      "Êm",      "Hoài Ân",   "Hoài Nhơn",  "Ông",     "Ở",
                                      "Phù Cát", "Tuy Phước", "Ươm tơ",     "Vân Canh"};
  import_counts_t n;
  buf_t file = BUF_INIT, out = BUF_INIT;
  office_t *e = office_new ("549", ROLE_OFFICE);
  buf_puts (&file, HEAD "\n");
  for (size_t i = COUNT (names); i-- > 0;)
    buf_printf (&file, "C-%02zu,%s,549,2019,III.3,draft\n", (i * 7) % COUNT (names), names[i]);
  assert_int_equal (take (e->o, buf_z (&file), NULL, NULL, &n), ERR_OK);
  fail_t fail = {0};
  table_t *t = table_new ();
  assert_int_equal (view_list (e->o, &(list_filter_t){.kind = KIND_NONE}, true, t, &fail), ERR_OK);
  assert_int_equal (table_render (t, FORMAT_CSV, false, 0, NULL, &out), ERR_OK);
  const char *at = buf_z (&out);
  for (size_t i = 0; i < COUNT (names); i++) {
    const char *found = strstr (at, names[i]);
    if (found == NULL)
      fail_msg ("%s stands too early: %s", names[i], buf_z (&out));
    at = found;
  }
  table_destroy (&t);
  buf_free (&file);
  buf_free (&out);
  office_destroy (e);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (searches),
      cmocka_unit_test (order_of_rows),
      cmocka_unit_test (figures),
      cmocka_unit_test (vietnamese_order),
  };
  return cmocka_run_group_tests_name ("list order", tests, set_up, tear_down);
}
