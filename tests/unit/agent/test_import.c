/* test_import.c - files in: each rule of the import with a row that breaks it, the dry run that says the same
 * as the import does, and the shipped offices' files that come back from an export unchanged. */
#include "tests/unit/agent/office.h"

#include "agent/entry/views.h"
#include "common/platform/platform.h"

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

typedef struct {
  import_finding_t last;
  uint64_t hard, soft, rows;
  char text[512];
} heard_t;

static void
hear_finding (void *ctx, const import_finding_t *f)
{
  heard_t *h = ctx;
  if (f->soft) {
    h->soft++;
    return;
  }
  if (h->hard++ > 0)
    return;
  h->last = *f;
  snprintf (h->text, sizeof h->text, "%.*s", STR_ARG (f->text));
}

static void
hear_row (void *ctx, const import_row_t *r)
{
  (void)r;
  ((heard_t *)ctx)->rows++;
}

#define GOOD "A-1,Máy,549,2019,III.3,approved"

/* One way to be wrong a row: where it is said to be, and a word of what is said. */
static const struct {
  const char *file;
  uint32_t line, column;
  const char *says;
} wrong[] = {
    {"", 0, 0, "empty"},
    {"a,b\n1,2\n", 1, 0, "kc-agent template KIND"},
    {"DANH SÁCH\n(đồng)\n" HEAD "\n" GOOD "\n", 1, 0, "line 3 looks like it (scheme"},
    {"DANH SÁCH;;;;;\ncode;name;district;plan_year;item;status\nA-1;Máy;549;2019;III.3;approved\n", 1, 0,
     "line 2 looks like it"},
    {"DANH SÁCH\ncode,name,district\nA-1,Máy,549\n", 1, 0, "line 2 is most like one (3 names"},
    {"DANH SÁCH,,,,,\n,,,,,\n" HEAD "\n" GOOD "\n", 1, 0, "line 3 looks like it"},
    {HEAD ",Kinh phí,\n,,,,,,Quốc gia,Cấp tỉnh\n" GOOD ",1,2\n", 1, 0,
     "over two lines (1 and 2) and a CSV file has one: make one line of them at the top, where column 7 is "
     "\"Kinh phí Quốc gia\""},
    {"DANH SÁCH\n,,,,,Trạng thái\ncode,name,district,plan_year,item,\n" GOOD "\n", 1, 0,
     "over two lines (2 and 3)"},
    {"code,name\nA,B\n", 1, 0, "plan_year"},
    {"code,Ten de an,district,Nam thuc hien,Noi dung,Tinh trang\nA,B,549,2019,III.3,x\n", 1, 0,
     "nearest is scheme, which lacks: plan_year, item, status. Not understood: “Nam thuc hien” "
     "(implementer?), “Noi dung” "
     "(item?), “Tinh "
     "trang” (status?). Mend"},
    {HEAD ",foo\n" GOOD ",1\n", 1, 7, "foo"},
    {HEAD ",Ghi chu them\n" GOOD ",1\n", 1, 7, "nearest is note (Note)"},
    {HEAD ",name\n" GOOD ",1\n", 1, 7, "twice"},
    {HEAD "\n" GOOD ",1\n", 2, 0, "7 cells"},
    {HEAD "\nA-1,Máy,549\n", 2, 0, "3 cells"},
    {HEAD "\n" GOOD "\n" GOOD "\n", 3, 0, "line 2"},
    {HEAD "\nA-1,Máy,540,2019,III.3,approved\n", 2, 3, "540"},
    {HEAD "\nA-1,Máy,999,2019,III.3,approved\n", 2, 3, "999"},
    {HEAD "\nA-1,Máy,549,1999,III.3,approved\n", 2, 4, "1999"},
    {HEAD "\nA-1,Máy,549,2019,ZZ,approved\n", 2, 5, "ZZ"},
    {HEAD "\nA-1,Máy,549,2019,III.3,done\n", 2, 6, "done"},
    {HEAD "\nA-1,,549,2019,III.3,approved\n", 2, 2, "name"},
    {HEAD "\nmã,Máy,549,2019,III.3,approved\n", 2, 1, "mã"},
    {HEAD ",province_vnd\n" GOOD ",1.5\n", 2, 7, "1.5"},
    {HEAD ",province_vnd\n" GOOD ",1E+09\n", 2, 7, "1E+09"},
    {HEAD ",province_vnd\n" GOOD ",-1\n", 2, 7, "province_vnd"},
    {HEAD ",registered_on\n" GOOD ",31/12/2019\n", 2, 7, "31/12/2019"},
    {HEAD "\nA-1,\"Máy,549,2019\n", 2, 2, "quote"},
    {HEAD "\nA-1,M\xff,549,2019,III.3,approved\n", 2, 2, "UTF-8"},
    {"no,title,status\n1,x,y\n", 2, 3, "drafting"},
};

static void
each_wrong_file_is_refused (void **state)
{
  office_t *e = *state;
  for (size_t i = 0; i < COUNT (wrong); i++)
    for (int dry = 0; dry < 2; dry++) {
      heard_t h = {0};
      import_counts_t n;
      const import_options_t o = {.dry_run = dry == 1};
      const import_watch_t watch = {.ctx = &h, .finding = hear_finding};
      assert_int_equal (take (e->o, wrong[i].file, &o, &watch, &n), ERR_INPUT);
      if (h.hard == 0 || h.last.line != wrong[i].line || h.last.column != wrong[i].column ||
          strstr (h.text, wrong[i].says) == NULL)
        fail_msg ("row %zu: line %u column %u: %s", i, h.last.line, h.last.column, h.text);
      assert_int_equal (facts_of (e->o).last_seq, 0);
    }
}

static void
all_findings_of_a_file (void **state)
{
  office_t *e = *state;
  heard_t h = {0};
  import_counts_t n;
  const import_watch_t watch = {.ctx = &h, .finding = hear_finding};
  const char *file = HEAD "\n" GOOD "\nA-2,x,540,2019,III.3,draft\nA-3,x\n,,,,,\nA-4,x,549,2019,QQ,nope\n";
  assert_int_equal (take (e->o, file, NULL, &watch, &n), ERR_INPUT);
  assert_int_equal (h.hard, 4);
  assert_int_equal (n.refused, 4);
  assert_int_equal (facts_of (e->o).last_seq, 0);
}

/* A history of files over one store: what each does. */
static const struct {
  const char *file;
  import_options_t options;
  err_t err;
  uint64_t created, changed, unchanged;
} steps[] = {
    {HEAD ",province_vnd,note\n" GOOD ",5,x\nA-2,Hai,549,2014-2020,III.3,draft,,\n", {0}, ERR_OK, 2, 0, 0},
    {HEAD ",province_vnd,note\n" GOOD ",5,x\nA-2,Hai,549,2014-2020,III.3,draft,,\n", {0}, ERR_OK, 0, 0, 2},
    {HEAD "\n" GOOD "\n", {0}, ERR_OK, 0, 0, 1},       /* absent columns stay */
    {HEAD ",note\n" GOOD ",\n", {0}, ERR_OK, 0, 1, 0}, /* a blank cell clears */
    {HEAD ",note,foo\n" GOOD ",,1\n", {.ignore_unknown = true}, ERR_OK, 0, 0, 1},
    {"code;note\r\nA-1;mới\r\n", {.kind = KIND_SCHEME}, ERR_OK, 0, 1, 0}, /* --kind: only what changes */
    {"code,note\nA-9,x\n", {.kind = KIND_SCHEME}, ERR_INPUT, 0, 0, 0},    /* a create lacks columns */
    {"name,note\nA,x\n", {.kind = KIND_SCHEME}, ERR_INPUT, 0, 0, 0},      /* no key */
    {HEAD "\nA-1,Máy,549,2019,III.3,draft\n", {0}, ERR_INPUT, 0, 0, 0},   /* backward without a reason */
    {HEAD "\nA-1,Máy,549,2019,III.3,draft\n", {.reason = {"nhầm", 5}}, ERR_OK, 0, 1, 0},
    {HEAD ",province_vnd\nA-3,Ba,549,2019,III.3,settled,7\n", {0}, ERR_INPUT, 0, 0, 0}, /* no settled amount
                                                                                         */
    {HEAD ",province_vnd\nA-4,Bốn,549,2019,III.3,approved,\"1.389,5\"\n",
     {.locale = NUMBER_VI, .million = true},
     ERR_OK,
     1,
     0,
     0},
    {"sep=;\n"
     "indicator;district;year;fund;value\nIII.3;549;2020;KCĐP;3\n",
     {0},
     ERR_OK,
     1,
     0,
     0},
    {"indicator,district,year,fund,value,value_kind\nIII.3,549,2020,KCĐP,3,plan\n", {0}, ERR_OK, 1, 0, 0},
    {"indicator,district,year,fund,value,value_kind\nIII.3,549,2020,KCĐP,4,estimate\n",
     {.reason = {"x", 1}},
     ERR_OK,
     0,
     1,
     0},
};

static void
a_history_of_files (void **state)
{
  office_t *e = *state;
  for (size_t i = 0; i < COUNT (steps); i++) {
    import_counts_t dry, n;
    import_options_t o = steps[i].options;
    const uint64_t before = facts_of (e->o).last_seq;
    o.dry_run = true;
    const err_t dry_err = take (e->o, steps[i].file, &o, NULL, &dry);
    assert_int_equal (facts_of (e->o).last_seq, before);
    o.dry_run = false;
    const err_t err = take (e->o, steps[i].file, &o, NULL, &n);
    dry.import = n.import; /* a dry run stores none */
    if (err != steps[i].err || dry_err != err || memcmp (&dry, &n, sizeof n) != 0)
      fail_msg ("row %zu: %s, dry run %s", i, err_name (err), err_name (dry_err));
    if (err == ERR_OK &&
        (n.created != steps[i].created || n.changed != steps[i].changed || n.unchanged != steps[i].unchanged))
      fail_msg ("row %zu: %d created, %d changed, %d unchanged", i, (int)n.created, (int)n.changed,
                (int)n.unchanged);
    assert_int_equal (facts_of (e->o).last_seq - before, err == ERR_OK ? n.created + n.changed : 0);
  }
}

/* A dry run of several files: the second is judged as if the first had been stored. */
static void
a_rehearsal_leaves_nothing (void **state)
{
  office_t *e = *state;
  import_counts_t n;
  const import_options_t dry = {.dry_run = true};
  assert_int_equal (outbox_rehearse (e->o), ERR_OK);
  assert_int_equal (take (e->o, HEAD "\n" GOOD "\n", &dry, NULL, &n), ERR_OK);
  assert_int_equal (n.created, 1);
  assert_int_equal (take (e->o, HEAD ",note\n" GOOD ",x\n", &dry, NULL, &n), ERR_OK);
  assert_int_equal (n.changed, 1);
  outbox_rehearse_end (e->o);
  assert_int_equal (facts_of (e->o).last_seq, 0);
  assert_int_equal (take (e->o, HEAD "\n" GOOD "\n", NULL, NULL, &n), ERR_OK);
  assert_int_equal (n.created, 1);
}

/* A row that numbers the columns, as on paper. */
static void
numbered_columns (void **state)
{
  static const struct {
    const char *row;
    bool skipped;
  } rows[] = {
      {"(1),(2),(3),(4),(5),(6)=(4)+(5)", true},
      {"A,B,C,D,E,F", true},
      {"A,B,1,2,3,4=2+3", true},
      {"[1], (2) ,3,4,5,6", true},
      {"(1),(2),,,,", true},
      {"(1),(2),(4),(5),(6),(7)", false},
      {"1,2,3,,,", false},
      {"A,B,D,E,F,G", false},
  };
  office_t *e = *state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char file[512];
    import_counts_t n;
    (void)snprintf (file, sizeof file, HEAD "\n%s\n" GOOD "\n", rows[i].row);
    const err_t err = take (e->o, file, NULL, NULL, &n);
    if ((err == ERR_OK) != rows[i].skipped)
      fail_msg ("%s", rows[i].row);
    if (err != ERR_OK)
      assert_int_equal (n.refused_rows, 1);
  }
}

static void
withdrawn_records_need_restore (void **state)
{
  office_t *e = *state;
  import_counts_t n;
  fail_t fail = {0};
  edit_result_t result;
  assert_int_equal (take (e->o, HEAD "\n" GOOD "\n", NULL, NULL, &n), ERR_OK);
  assert_int_equal (
      edits_withdraw (e->o, STR ("A-1"), KIND_SCHEME, STR ("Lan"), STR ("nhầm"), e->arena, &result, &fail),
      ERR_OK);
  assert_int_equal (take (e->o, HEAD "\n" GOOD "\n", NULL, NULL, &n), ERR_INPUT);
  assert_int_equal (take (e->o, HEAD "\n" GOOD "\n", &(import_options_t){.restore = true}, NULL, &n), ERR_OK);
  assert_int_equal (n.restored, 1);
  assert_int_equal (take (e->o, HEAD "\n" GOOD "\n", NULL, NULL, &n), ERR_OK);
  assert_int_equal (n.unchanged, 1);
}

static void
roles (void **state)
{
  import_counts_t n;
  (void)state;
  office_t *e = office_new ("52", ROLE_PROVINCE);
  assert_int_equal (
      take (e->o, HEAD "\nA-1,Máy,540,2019,III.3,draft\nA-2,Máy,549,2019,III.3,draft\n", NULL, NULL, &n),
      ERR_OK);
  assert_int_equal (n.created, 2);
  office_destroy (e);
  e = office_new ("52", ROLE_VIEWER);
  assert_int_equal (take (e->o, HEAD "\nA-1,Máy,52,2019,III.3,draft\n", NULL, NULL, &n), ERR_INPUT);
  office_destroy (e);
}

static void
one_by_one (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  edit_result_t r;
  const char *add[] = {"code=B-1",       "name=Máy",   "district=549",
                       "plan_year=2020", "item=III.3", "status=draft"};
  const char *set[] = {"note=a", "province_vnd=7"};
  const char *clear[] = {"note="};
  const char *unknown[] = {"foo=1"};
  const char *shapeless[] = {"foo"};
  const str_t who = STR ("Lan"), code = STR ("B-1");
  assert_int_equal (edits_add (e->o, KIND_SCHEME, add, 6, who, e->arena, &r, &fail), ERR_OK);
  assert_int_equal (edits_add (e->o, KIND_SCHEME, add, 6, who, e->arena, &r, &fail), ERR_INPUT);
  assert_int_equal (edits_set (e->o, code, KIND_NONE, set, 2, who, STR_NONE, e->arena, &r, &fail), ERR_OK);
  assert_true (r.changed);
  assert_int_equal (edits_set (e->o, code, KIND_NONE, set, 2, who, STR_NONE, e->arena, &r, &fail), ERR_OK);
  assert_false (r.changed);
  assert_int_equal (edits_set (e->o, code, KIND_NONE, clear, 1, who, STR_NONE, e->arena, &r, &fail), ERR_OK);
  assert_true (r.changed);
  assert_int_equal (edits_set (e->o, code, KIND_NONE, unknown, 1, who, STR_NONE, e->arena, &r, &fail),
                    ERR_INPUT);
  assert_int_equal (edits_set (e->o, code, KIND_NONE, shapeless, 1, who, STR_NONE, e->arena, &r, &fail),
                    ERR_USAGE);
  assert_int_equal (edits_set (e->o, STR ("B-2"), KIND_NONE, set, 2, who, STR_NONE, e->arena, &r, &fail),
                    ERR_NOT_FOUND);
  assert_int_equal (edits_withdraw (e->o, code, KIND_NONE, who, STR_NONE, e->arena, &r, &fail), ERR_USAGE);
  assert_int_equal (facts_of (e->o).last_seq, 3);
  table_t *t = table_new ();
  fail = (fail_t){0};
  assert_int_equal (view_history (e->o, code, KIND_NONE, false, t, &fail), ERR_OK);
  assert_int_equal (table_rows (t), 6 + 2 + 1);
  table_destroy (&t);
}

/* ---- the shipped figures ---- */

static const char *const offices[] = {"540", "542", "543", "544", "545", "546",
                                      "547", "548", "549", "550", "551", "52"};
static const char *const files[] = {"1-registered-schemes", "2-approved-schemes", "3-running-schemes",
                                    "4-accepted-schemes",   "5-settled-schemes",  "6-outcomes"};

static void
import_office (office_t *e, const char *unit)
{
  for (size_t i = 0; i < COUNT (files); i++) {
    char path[512];
    buf_t file = BUF_INIT;
    fail_t fail = {0};
    import_counts_t n;
    snprintf (path, sizeof path, KC_SOURCE_DIR "/deploy/binh-dinh/updates/%s/%s.csv", unit, files[i]);
    assert_int_equal (file_read (path, IMPORT_FILE_MAX, &file, &fail), ERR_OK);
    const import_options_t o = {.person = STR ("Lan")};
    const err_t err = import_file (e->o, str_of (path), buf_str (&file), &o, NULL, &n, &fail);
    if (err != ERR_OK)
      fail_msg ("%s: %s", path, fail.text);
    buf_free (&file);
  }
}

static void
exports_import_back_unchanged (void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT (offices); i++) {
    office_t *e = office_new (offices[i], i + 1 == COUNT (offices) ? ROLE_PROVINCE : ROLE_OFFICE);
    import_office (e, offices[i]);
    const uint64_t before = facts_of (e->o).last_seq;
    for (kind_t kind = KIND_SCHEME; kind <= KIND_OUTCOME; kind++) {
      buf_t text = BUF_INIT;
      fail_t fail = {0};
      heard_t h = {0};
      import_counts_t n;
      const import_watch_t watch = {.ctx = &h, .row = hear_row, .finding = hear_finding};
      const import_options_t o = {.person = STR ("Lan")};
      assert_int_equal (export_records (e->o, kind, kind == KIND_OUTCOME, &text, &fail), ERR_OK);
      const err_t err = import_file (e->o, STR ("x.csv"), buf_str (&text), &o, &watch, &n, &fail);
      if (err != ERR_OK || n.created + n.changed > 0 || n.rows == 0 || h.rows != n.rows)
        fail_msg ("%s %s: %s: %s", offices[i], kind_name (kind), err_name (err), h.text);
      buf_free (&text);
    }
    assert_int_equal (facts_of (e->o).last_seq, before);
    office_destroy (e);
  }
}

static void
template_is_taken (void **state)
{
  office_t *e = *state;
  for (kind_t kind = KIND_SCHEME; kind <= KIND_OUTCOME; kind++) {
    buf_t text = BUF_INIT;
    fail_t fail = {0};
    import_counts_t n;
    assert_int_equal (export_template (kind, outbox_catalogue (e->o), true, &text, &fail), ERR_OK);
    assert_int_equal (take (e->o, buf_z (&text), NULL, NULL, &n), ERR_OK);
    assert_int_equal (n.kind, kind);
    buf_free (&text);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (each_wrong_file_is_refused, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (all_findings_of_a_file, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (numbered_columns, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (a_history_of_files, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (a_rehearsal_leaves_nothing, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (withdrawn_records_need_restore, office_set_up, office_tear_down),
      cmocka_unit_test (roles),
      cmocka_unit_test_setup_teardown (one_by_one, office_set_up, office_tear_down),
      cmocka_unit_test (exports_import_back_unchanged),
      cmocka_unit_test_setup_teardown (template_is_taken, office_set_up, office_tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
