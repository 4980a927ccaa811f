/* test_lines.c - ledger entries and beneficiaries at an office: from files, one at a time, and as they are
 * shown. */
#include "tests/unit/agent/office.h"

#include "agent/entry/views.h"
#include "common/base/lang.h"
#include "common/core/lists.h"
#include "common/platform/platform.h"

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

#define SCHEMES                                                                                              \
  HEAD ",province_vnd,settled_province_vnd\nA-1,Máy,549,2019,III.3,settled,90,80\n"                         \
       "A-2,Đào tạo,549,2019,I.1,approved,50,\n"
#define LEDGER "scheme_code,ledger_kind,date,source,amount_vnd"
#define REACHED "scheme_code,name,address,support_vnd"

static office_t *
office_with_schemes (void)
{
  import_counts_t n;
  lang_set (LANG_EN);
  office_t *e = office_new ("549", ROLE_OFFICE);
  assert_int_equal (take (e->o, SCHEMES, NULL, NULL, &n), ERR_OK);
  return e;
}

/* A history of files over one store: what each does, and in how many updates. */
static const struct {
  const char *file;
  import_options_t options;
  err_t err;
  uint64_t created, changed, unchanged, updates;
} steps[] = {
    {LEDGER ",voucher_no\nA-1,advance,2019-03-01,province,20,PC-1\nA-2,advance,2019-03-01,province,9,\n"
            "A-1,settlement,2020-01-10,province,80,PC-9\n",
     {0},
     ERR_OK,
     3,
     0,
     0,
     2},
    {LEDGER
     ",voucher_no\nA-1,settlement,2020-01-10,province,80,PC-9\nA-1,advance,2019-03-01,province,20,PC-1\n"
     "A-2,advance,2019-03-01,province,9,\n",
     {0},
     ERR_OK,
     0,
     0,
     3,
     0},
    {LEDGER ",voucher_no\nA-1,payment,2019-04-01,province,21,PC-1\n", {0}, ERR_OK, 0, 1, 0, 1},
    {LEDGER ",note\nA-2,advance,2019-03-01,province,9,x\n", {0}, ERR_OK, 0, 1, 0, 1},
    {"scheme_code,voucher_no,note\nA-1,PC-1,đợt 1\n", {.kind = FORM_LEDGER}, ERR_OK, 0, 1, 0, 1},
    {"scheme_code,voucher_no,note\nA-1,PC-7,x\n", {.kind = FORM_LEDGER}, ERR_INPUT, 0, 0, 0, 0}, /* a create
                                                                                                  */
    {LEDGER "\nA-9,advance,2019-03-01,province,9\n", {0}, ERR_INPUT, 0, 0, 0, 0},
    {LEDGER "\nA-2,advance,2019-03-01,province,9\nA-2,advance,2019-03-01,province,9\n",
     {0},
     ERR_INPUT,
     0,
     0,
     0,
     0},
    {LEDGER "\nA-2,advance,2019-03-02,province,8\nA-2,advance,2019-03-02,province,8\n",
     {0},
     ERR_INPUT,
     0,
     0,
     0,
     0},
    {LEDGER "\nA-2,gift,2019-03-01,province,9\n", {0}, ERR_INPUT, 0, 0, 0, 0},
    {LEDGER "\nA-2,advance,2019-03-01,moon,9\n", {0}, ERR_INPUT, 0, 0, 0, 0},
    {LEDGER "\nA-2,advance,2019-03-05,province,7\nA-9,advance,2019-03-05,province,7\n",
     {0},
     ERR_INPUT,
     0,
     0,
     0,
     0},
    {LEDGER "\nA-2,payment,\"01/06/2019\",province,\"1,5\"\n",
     {.locale = NUMBER_VI, .million = true},
     ERR_OK,
     1,
     0,
     0,
     1},
    {REACHED "\nA-2,Cơ sở Minh Tâm,Nhơn Hậu,10\nA-2,HTX,,\n", {0}, ERR_OK, 2, 0, 0, 1},
    {REACHED "\nA-2,CO SO MINH TAM,nhon hau,10\n", {0}, ERR_OK, 0, 1, 0, 1}, /* spelt anew */
    {REACHED "\nA-2,Cơ sở Minh Tâm,Nhơn An,5\n", {0}, ERR_OK, 1, 0, 0, 1},   /* another place */
    {"scheme_code,name,support_vnd\nA-2,htx,3\n", {0}, ERR_OK, 0, 1, 0, 1},
    {"scheme_code,name,support_vnd\nA-2,Cơ sở Minh Tâm,3\n", {0}, ERR_INPUT, 0, 0, 0, 0}, /* which of the two?
                                                                                           */
    {"Mã đề án,Tên cơ sở thụ hưởng,Kinh phí hỗ trợ\nA-1,Một,1\n", {0}, ERR_OK, 1, 0, 0, 1},
};

static void
files_in_turn (void **state)
{
  (void)state;
  office_t *e = office_with_schemes ();
  for (size_t i = 0; i < COUNT (steps); i++)
    for (int dry = 1; dry >= 0; dry--) {
      import_options_t o = steps[i].options;
      import_counts_t n;
      const uint64_t before = facts_of (e->o).last_seq;
      o.dry_run = dry;
      const err_t err = take (e->o, steps[i].file, &o, NULL, &n);
      const uint64_t updates = facts_of (e->o).last_seq - before;
      if (err != steps[i].err || updates != (dry ? 0 : steps[i].updates) ||
          (err == ERR_OK && (n.created != steps[i].created || n.changed != steps[i].changed ||
                             n.unchanged != steps[i].unchanged)))
        fail_msg ("row %zu: %s, %d created, %d changed, %d unchanged, %d updates", i, err_name (err),
                  (int)n.created, (int)n.changed, (int)n.unchanged, (int)updates);
    }
  office_destroy (e);
}

/* What an export holds imports back with no change, and, with the schemes, into an empty office: the same
 * entries under the same ids. */
static void
exports_come_back (void **state)
{
  (void)state;
  office_t *e = office_with_schemes (), *other = office_with_schemes ();
  import_counts_t n;
  fail_t fail = {0};
  for (size_t i = 0; i < COUNT (steps); i++)
    if (steps[i].err == ERR_OK)
      assert_int_equal (take (e->o, steps[i].file, &steps[i].options, NULL, &n), ERR_OK);
  for (kind_t form = FORM_LEDGER; form < FORM_END; form++) {
    buf_t text = BUF_INIT, again = BUF_INIT;
    assert_int_equal (export_records (e->o, form, false, &text, &fail), ERR_OK);
    assert_int_equal (take (e->o, buf_z (&text), NULL, NULL, &n), ERR_OK);
    assert_int_equal (n.kind, form);
    assert_true (n.rows > 0 && n.unchanged == n.rows);
    assert_int_equal (take (other->o, buf_z (&text), NULL, NULL, &n), ERR_OK);
    assert_int_equal (n.created, n.rows);
    assert_int_equal (export_records (other->o, form, false, &again, &fail), ERR_OK);
    assert_string_equal (buf_z (&again), buf_z (&text));
    buf_free (&text);
    buf_free (&again);
  }
  office_destroy (e);
  office_destroy (other);
}

/* A clerk mends the scheme's code in an exported file: the money must not stand in two schemes. */
static void
an_entry_stands_in_one_scheme (void **state)
{
  (void)state;
  office_t *e = office_with_schemes ();
  import_counts_t n;
  fail_t fail = {0};
  buf_t text = BUF_INIT;
  assert_int_equal (
      take (e->o, LEDGER ",voucher_no\nA-1,advance,2019-03-01,province,20,PC-1\n", NULL, NULL, &n), ERR_OK);
  assert_int_equal (export_records (e->o, FORM_LEDGER, false, &text, &fail), ERR_OK);
  char *code = strstr ((char *)(uintptr_t)buf_z (&text), "A-1");
  assert_non_null (code);
  code[2] = '2';
  assert_int_equal (take (e->o, buf_z (&text), NULL, NULL, &n), ERR_INPUT);
  assert_int_equal (n.refused, 1);
  buf_free (&text);
  office_destroy (e);
}

/* ---- one at a time ---- */

typedef enum { ADD, SET, WITHDRAW } what_t;

static const struct {
  what_t what;
  kind_t kind;
  const char *entry;
  const char *pairs[6];
  err_t err;
  const char *says; /* key, or a word of the refusal */
} edits[] = {
    {ADD,
     FORM_LEDGER,
     "",
     {"scheme_code=A-1", "ledger_kind=advance", "date=2019-03-01", "source=province", "amount_vnd=5",
      "voucher_no=PC-1"},
     ERR_OK,
     "A-1:PC-1"},
    {ADD,
     FORM_LEDGER,
     "",
     {"scheme_code=A-1", "ledger_kind=advance", "date=2019-04-01", "source=province", "amount_vnd=6",
      "voucher_no=PC-1"},
     ERR_INPUT,
     "already"},
    {ADD,
     FORM_LEDGER,
     "",
     {"scheme_code=A-1", "ledger_kind=advance", "date=2020-04-01", "source=province", "amount_vnd=6",
      "voucher_no=PC-1"},
     ERR_OK,
     "A-1:PC-1"},
    {ADD,
     FORM_LEDGER,
     "",
     {"scheme_code=A-9", "ledger_kind=advance", "date=2019-04-01", "source=province", "amount_vnd=6",
      "voucher_no=PC-1"},
     ERR_INPUT,
     "A-9"},
    {ADD, FORM_LEDGER, "", {"scheme_code=A-1", "ledger_kind=advance"}, ERR_INPUT, "date"},
    {ADD,
     FORM_BENEFICIARY,
     "",
     {"scheme_code=A-1", "name=HTX Đập Đá", "support_vnd=7"},
     ERR_OK,
     "A-1:HTX Đập Đá"},
    {SET, KIND_NONE, "A-1:htx dap da", {"support_vnd=8"}, ERR_OK, "A-1:HTX Đập Đá"},
    {SET, KIND_NONE, "A-1:PC-1", {"note=x"}, ERR_INPUT, "2 entries"},
    {SET, FORM_BENEFICIARY, "A-1:PC-1", {"note=x"}, ERR_INPUT, "no entry"},
    {SET, KIND_NONE, "A-1:HTX Đập Đá", {"scheme_code=A-2"}, ERR_INPUT, "scheme_code"},
    {SET, KIND_NONE, "A-1:HTX Đập Đá", {"support_vnd=-1"}, ERR_INPUT, "support_vnd"},
    {SET, KIND_NONE, "A-1:HTX Đập Đá", {"ledger_kind=advance"}, ERR_INPUT, "ledger_kind"},
    {SET, KIND_NONE, "A-9:HTX", {"note=x"}, ERR_NOT_FOUND, "A-9"},
    {SET, KIND_NONE, "01234567-89ab-cdef-0123-456789abcdef", {"note=x"}, ERR_NOT_FOUND, "no record"},
    {WITHDRAW, KIND_NONE, "A-1:HTX Đập Đá", {NULL}, ERR_OK, "A-1:HTX Đập Đá"},
    {WITHDRAW, KIND_NONE, "A-1:HTX Đập Đá", {NULL}, ERR_INPUT, "no entry"},
    {SET, KIND_NONE, "A-1", {"note=the scheme itself"}, ERR_OK, "A-1"},
    {WITHDRAW, KIND_NONE, "A-1", {NULL}, ERR_OK, "A-1"},
    {ADD, FORM_BENEFICIARY, "", {"scheme_code=A-1", "name=Một"}, ERR_INPUT, "withdrawn"},
    {SET, KIND_NONE, "A-1:PC-1", {"note=x"}, ERR_INPUT, "2 entries"},
};

static void
one_at_a_time (void **state)
{
  (void)state;
  office_t *e = office_with_schemes ();
  for (size_t i = 0; i < COUNT (edits); i++) {
    fail_t fail = {0};
    edit_result_t r = {.changed = false};
    size_t n = 0;
    const str_t entry = str_of (edits[i].entry), who = STR ("Hoa");
    err_t err = ERR_OK;
    while (n < 6 && edits[i].pairs[n] != NULL)
      n++;
    switch (edits[i].what) {
    case ADD:
      err = edits_add (e->o, edits[i].kind, edits[i].pairs, n, who, e->arena, &r, &fail);
      break;
    case SET:
      err = edits_set (e->o, entry, edits[i].kind, edits[i].pairs, n, who, STR_NONE, e->arena, &r, &fail);
      break;
    case WITHDRAW:
      err = edits_withdraw (e->o, entry, edits[i].kind, who, STR ("nhầm"), e->arena, &r, &fail);
      break;
    }
    const bool said = err == ERR_OK ? str_is (r.key, edits[i].says) && r.changed
                                    : strstr (fail.text, edits[i].says) != NULL;
    if (err != edits[i].err || !said)
      fail_msg ("row %zu: %s %s %.*s", i, err_name (err), fail.text, STR_ARG (r.key));
  }
  office_destroy (e);
}

/* ---- views ---- */

static void
render (table_t **t, err_t err, buf_t *out)
{
  assert_int_equal (err, ERR_OK);
  buf_clear (out);
  assert_int_equal (table_render (*t, FORMAT_CSV, false, 0, NULL, out), ERR_OK);
  table_destroy (t);
}

static void
entries_are_shown (void **state)
{
  (void)state;
  office_t *e = office_with_schemes ();
  import_counts_t n;
  fail_t fail = {0};
  edit_result_t r;
  buf_t text = BUF_INIT;
  static const char *const set[] = {"amount_vnd=30"};
  const list_filter_t all = {.kind = FORM_LEDGER},
                      some = {.kind = FORM_LEDGER, .where = STR ("ledger_kind=advance,status=settled")};
  assert_int_equal (take (e->o, steps[0].file, NULL, NULL, &n), ERR_OK);
  assert_int_equal (
      edits_set (e->o, STR ("A-1:PC-1"), KIND_NONE, set, 1, STR ("Hoa"), STR_NONE, e->arena, &r, &fail),
      ERR_OK);
  assert_int_equal (
      edits_withdraw (e->o, STR ("A-1:PC-9"), KIND_NONE, STR ("Hoa"), STR ("nhầm"), e->arena, &r, &fail),
      ERR_OK);
  table_t *t = table_new ();
  render (&t, view_show (e->o, STR ("A-1"), KIND_NONE, false, t, &fail), &text);
  assert_non_null (strstr (buf_z (&text), "\nledger[PC-1].amount_vnd,30\n"));
  assert_null (strstr (buf_z (&text), "PC-9"));
  t = table_new ();
  render (&t, view_history (e->o, STR ("A-1"), KIND_NONE, false, t, &fail), &text);
  assert_non_null (strstr (buf_z (&text), ",ledger[PC-1].amount_vnd,,20,"));
  assert_non_null (strstr (buf_z (&text), ",ledger[PC-1].amount_vnd,20,30,"));
  assert_non_null (strstr (buf_z (&text), ",ledger[PC-9].ledger_kind,settlement,,"));
  t = table_new ();
  render (&t, view_list (e->o, &all, false, t, &fail), &text);
  assert_non_null (strstr (buf_z (&text),
                           "code,scheme_code,ledger_kind,date,budget_year,source,amount_vnd,voucher_no,"
                           "note,id,state\nA-1:PC-1,A-1,advance,2019-03-01,,province,30,PC-1,,"));
  assert_non_null (strstr (buf_z (&text), "\nA-2:"));
  t = table_new ();
  render (&t, view_list (e->o, &some, false, t, &fail), &text);
  assert_non_null (strstr (buf_z (&text), "\nA-1:PC-1,"));
  assert_null (strstr (buf_z (&text), "\nA-2:"));
  buf_free (&text);
  office_destroy (e);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (files_in_turn),
      cmocka_unit_test (exports_come_back),
      cmocka_unit_test (an_entry_stands_in_one_scheme),
      cmocka_unit_test (one_at_a_time),
      cmocka_unit_test (entries_are_shown),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
