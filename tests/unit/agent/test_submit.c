/* test_submit.c - declaring tables at the office: what is in them, again and anew, the centre's answers, and
 * those that an older program kept without knowing them. */
#include "tests/unit/agent/office.h"

#include "agent/entry/submit.h"
#include "agent/outbox/internal.h"
#include "common/platform/platform.h"

#define OUTCOMES "indicator,district,year,fund,value,period\n"

static err_t
submit (office_t *e, table_id_t table, const char *period, bool nil, const char *note, submit_result_t *out,
        fail_t *fail)
{
  const declaration_t d = {
      .table = table, .period = str_of (period), .nil = nil, .note = str_of (note), .person = STR ("Hoa")};
  *fail = (fail_t){0};
  return submit_table (e->o, &d, clock_wall (), e->arena, out, fail);
}

typedef struct {
  size_t n;
  char text[8][160];
} seen_t;

static err_t
note_one (void *ctx, const office_submission_t *s)
{
  seen_t *seen = ctx;
  assert_true (seen->n < 8);
  snprintf (seen->text[seen->n++], sizeof seen->text[0], "%.*s %s %u %.*s", STR_ARG (s->key),
            office_state_name (s->state), (unsigned)s->due, STR_ARG (s->answer.comment));
  return ERR_OK;
}

static void
expect (office_t *e, size_t n, const char *const *lines)
{
  seen_t seen = {.n = 0};
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (submissions_of_office (e->o, txn, note_one, &seen), ERR_OK);
  kv_abort (&txn);
  for (size_t i = 0; i < n && i < seen.n; i++)
    assert_string_equal (seen.text[i], lines[i]);
  assert_int_equal (seen.n, n);
}

#define EXPECT(e, ...)                                                                                       \
  do {                                                                                                       \
    const char *const lines[] = {__VA_ARGS__};                                                               \
    expect (e, sizeof lines / sizeof lines[0], lines);                                                       \
  } while (0)

static void
declaring (void **state)
{
  office_t *e = *state;
  fail_t fail;
  submit_result_t r;
  static const struct {
    const char *file; /* imported before */
    table_id_t table;
    const char *period;
    bool nil;
    const char *note;
    err_t err;
    const char *words; /* in the failure */
    submitted_t what;
    uint64_t records, counting;
    int64_t amount;
  } steps[] = {
      {NULL, TABLE_OUTCOMES, "2020-Q2", false, NULL, ERR_INPUT, "--nil", 0, 0, 0, 0},
      {NULL, TABLE_OUTCOMES, "2020-Q2", true, NULL, ERR_OK, NULL, SUBMITTED_FIRST, 0, 0, 0},
      {NULL, TABLE_OUTCOMES, "2020-q2", true, NULL, ERR_OK, NULL, SUBMITTED_UNCHANGED, 0, 0, 0},
      {OUTCOMES "I.1,549,2020,KCQG,1,2020-Q2\nI.2,549,2020,KCQG,1,2020-Q3\n", TABLE_OUTCOMES, "2020-Q2", true,
       NULL, ERR_INPUT, "1 record and", 0, 0, 0, 0},
      {NULL, TABLE_OUTCOMES, "2020-Q2", false, NULL, ERR_OK, NULL, SUBMITTED_ANEW, 1, 0, 0},
      {NULL, TABLE_OUTCOMES, "2020-Q2", false, NULL, ERR_OK, NULL, SUBMITTED_UNCHANGED, 1, 0, 0},
      {NULL, TABLE_OUTCOMES, "2020-Q2", false, "x", ERR_OK, NULL, SUBMITTED_ANEW, 1, 0, 0},
      {NULL, TABLE_OUTCOMES, "2020-Q2", false, "x", ERR_OK, NULL, SUBMITTED_UNCHANGED, 1, 0, 0},
      {OUTCOMES "I.2,549,2020,KCQG,2,2020-Q3\n", TABLE_OUTCOMES, "2020-Q2", false, "x", ERR_OK, NULL,
       SUBMITTED_UNCHANGED, 1, 0, 0},
      {OUTCOMES "I.1,549,2020,KCQG,2,2020-Q2\n", TABLE_OUTCOMES, "2020-Q2", false, "x", ERR_OK, NULL,
       SUBMITTED_ANEW, 1, 0, 0},
      {HEAD ",province_vnd\nA,Một,549,2020,III.3,approved,3000000\nB,Hai,549,2020,III.3,draft,5000000\n",
       TABLE_BUDGET, "2020", false, NULL, ERR_OK, NULL, SUBMITTED_FIRST, 2, 1, 3000000},
      {NULL, TABLE_STAFF, "2020", true, NULL, ERR_INPUT, "549", 0, 0, 0, 0},
      {NULL, TABLE_BUDGET, "2020-Q7", true, NULL, ERR_INPUT, "2020-Q7", 0, 0, 0, 0},
      {NULL, TABLE_BUDGET, "2020", false, "hai\ndòng", ERR_INPUT, "the note", 0, 0, 0, 0},
  };
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    import_counts_t n;
    if (steps[i].file != NULL)
      assert_int_equal (take (e->o, steps[i].file, NULL, NULL, &n), ERR_OK);
    err_t err = submit (e, steps[i].table, steps[i].period, steps[i].nil, steps[i].note, &r, &fail);
    if (err != steps[i].err)
      fail_msg ("step %zu: %s", i, fail.text);
    if (err != ERR_OK) {
      if (strstr (fail.text, steps[i].words) == NULL)
        fail_msg ("step %zu: %s", i, fail.text);
      continue;
    }
    assert_int_equal (r.what, steps[i].what);
    assert_int_equal (r.sum.records, steps[i].records);
    assert_int_equal (r.sum.counting, steps[i].counting);
    assert_int_equal (r.sum.amount_vnd, steps[i].amount);
  }
  EXPECT (e, "549/budget/2020 waiting 0 ", "549/outcomes/2020-Q2 waiting 0 ");
}

#define SUBMISSIONS "district,table,period,nil\n"

/* add, set and import of a declaration are judged as submit is. */
static void
as_records (void **state)
{
  office_t *e = *state;
  import_counts_t n;
  edit_result_t result;
  assert_int_equal (take (e->o, OUTCOMES "I.1,549,2020,KCQG,1,2020-Q2\n", NULL, NULL, &n), ERR_OK);
  static const struct {
    const char *table, *period, *nil, *words; /* NULL: taken */
  } rows[] = {
      {"outcomes", "2020-Q2", "yes", "cannot be declared nil"},
      {"outcomes", "2020-H1", "yes", "cannot be declared nil"},
      {"outcomes", "2020-Q3", "", "nil=yes"},
      {"staff", "2020-Q2", "yes", "not asked"},
      {"outcomes", "2020-Q2", "", NULL},
      {"outcomes", "2020-Q3", "yes", NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char table[40], period[40], nil[16], file[200];
    fail_t fail = {0};
    snprintf (table, sizeof table, "table=%s", rows[i].table);
    snprintf (period, sizeof period, "period=%s", rows[i].period);
    snprintf (nil, sizeof nil, "nil=%s", rows[i].nil);
    snprintf (file, sizeof file, SUBMISSIONS "549,%s,%s,%s\n", rows[i].table, rows[i].period, rows[i].nil);
    const char *const pairs[] = {"district=549", table, period, nil};
    const err_t want = rows[i].words != NULL ? ERR_INPUT : ERR_OK;
    if (want != ERR_OK)
      assert_int_equal (take (e->o, file, NULL, NULL, &n), ERR_INPUT);
    if (edits_add (e->o, KIND_SUBMISSION, pairs, 4, STR ("Hoa"), e->arena, &result, &fail) != want)
      fail_msg ("row %zu: %s", i, fail.text);
    if (want != ERR_OK && strstr (fail.text, rows[i].words) == NULL)
      fail_msg ("row %zu: %s", i, fail.text);
    if (want == ERR_OK) /* again: it stands */
      assert_int_equal (take (e->o, file, NULL, NULL, &n), ERR_OK);
  }
  fail_t fail = {0};
  const char *const nil[] = {"nil=yes"};
  assert_int_equal (edits_set (e->o, STR ("549/outcomes/2020-Q2"), KIND_SUBMISSION, nil, 1, STR ("Hoa"),
                               STR_NONE, e->arena, &result, &fail),
                    ERR_INPUT);
  assert_non_null (strstr (fail.text, "cannot be declared nil"));
}

static void
hear (office_t *e, const decision_t *d)
{
  fail_t fail = {0};
  const msg_down_t down = fake_centre_say (e->centre, d);
  assert_int_equal (outbox_down (e->o, &down, clock_wall (), &fail), ERR_OK);
}

static decision_t
due_decision (const char *period, const char *table, unit_id_t unit, date_t date)
{
  decision_t d = {.type = DECISION_DUE};
  d.u.due.period = str_of (period);
  d.u.due.table = str_of (table);
  d.u.due.unit = unit;
  d.u.due.date = date;
  return d;
}

static record_id_t
id_of (office_t *e, const char *key, version_t *version)
{
  kv_txn_t *txn = NULL;
  record_ref_t ref;
  row_t row;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (
      book_find (outbox_book (e->o), txn, outbox_catalogue (e->o), str_of (key), KIND_SUBMISSION, &ref),
      ERR_OK);
  assert_int_equal (book_get (outbox_book (e->o), txn, ref, &row), ERR_OK);
  *version = row.version;
  kv_abort (&txn);
  return ref.id;
}

static decision_t
answer_decision (office_t *e, const char *key, bool accepted, const char *comment)
{
  decision_t d = {.type = DECISION_SUBMISSION};
  d.u.submission.record = id_of (e, key, &d.u.submission.version);
  d.u.submission.accepted = accepted;
  d.u.submission.comment = str_of (comment);
  d.u.submission.key = str_of (key);
  return d;
}

static void
acknowledge (office_t *e)
{
  assert_int_equal (outbox_acked (e->o, facts_of (e->o).last_seq, clock_wall ()), ERR_OK);
}

/* From "due" to "accepted", with a return on the way. */
static void
answers (void **state)
{
  office_t *e = *state;
  fail_t fail;
  submit_result_t r;
  decision_t d = due_decision ("2020-Q2", NULL, 0, 20200620);
  hear (e, &d);
  EXPECT (e, "549/outcomes/2020-Q2 to_submit 20200620 ", "549/budget/2020-Q2 to_submit 20200620 ");
  d = due_decision ("2020-Q2", "budget", outbox_identity (e->o)->unit, 20200630);
  hear (e, &d);
  d = due_decision ("2020-Q2", "staff", 0, 20200630); /* not ours to submit */
  hear (e, &d);
  d = due_decision ("2020-Q3", NULL, 1, 20200930); /* another office's */
  hear (e, &d);
  EXPECT (e, "549/outcomes/2020-Q2 to_submit 20200620 ", "549/budget/2020-Q2 to_submit 20200630 ");
  assert_int_equal (submit (e, TABLE_OUTCOMES, "2020-Q2", true, NULL, &r, &fail), ERR_OK);
  EXPECT (e, "549/outcomes/2020-Q2 waiting 20200620 ", "549/budget/2020-Q2 to_submit 20200630 ");
  acknowledge (e);
  EXPECT (e, "549/outcomes/2020-Q2 received 20200620 ", "549/budget/2020-Q2 to_submit 20200630 ");
  d = answer_decision (e, "549/outcomes/2020-Q2", false, "thiếu");
  hear (e, &d);
  EXPECT (e, "549/outcomes/2020-Q2 returned 20200620 thiếu", "549/budget/2020-Q2 to_submit 20200630 ");
  /* declared again as it was: after a return that is a new version */
  assert_int_equal (submit (e, TABLE_OUTCOMES, "2020-Q2", true, NULL, &r, &fail), ERR_OK);
  assert_int_equal (r.what, SUBMITTED_ANEW);
  acknowledge (e);
  EXPECT (e, "549/outcomes/2020-Q2 received 20200620 ", "549/budget/2020-Q2 to_submit 20200630 ");
  d = answer_decision (e, "549/outcomes/2020-Q2", true, NULL);
  hear (e, &d);
  EXPECT (e, "549/outcomes/2020-Q2 accepted 20200620 ", "549/budget/2020-Q2 to_submit 20200630 ");
  assert_int_equal (submit (e, TABLE_OUTCOMES, "2020-Q2", true, NULL, &r, &fail), ERR_OK);
  assert_int_equal (r.what, SUBMITTED_UNCHANGED);
  d = due_decision ("2020-Q2", NULL, 0, 0); /* taken back */
  hear (e, &d);
  EXPECT (e, "549/outcomes/2020-Q2 accepted 0 ", "549/budget/2020-Q2 to_submit 20200630 ");
}

/* An older program kept the decisions, but not the rows. */
static void
catching_up (void **state)
{
  office_t *e = *state;
  fail_t fail;
  submit_result_t r;
  kv_txn_t *txn = NULL;
  decision_t d = due_decision ("2020-Q2", "outcomes", 0, 20200620);
  assert_int_equal (submit (e, TABLE_OUTCOMES, "2020-Q2", true, NULL, &r, &fail), ERR_OK);
  acknowledge (e);
  hear (e, &d);
  d = answer_decision (e, "549/outcomes/2020-Q2", false, "thiếu");
  hear (e, &d);
  EXPECT (e, "549/outcomes/2020-Q2 returned 20200620 thiếu");
  assert_int_equal (kv_begin (outbox_kv (e->o), true, &txn), ERR_OK);
  for (kv_db_t db = ODB_ANSWER; db <= ODB_DUE; db++) {
    kv_cursor_t *c = NULL;
    str_t key, value;
    char copy[64];
    assert_int_equal (kv_cursor_open (txn, db, &c), ERR_OK);
    assert_int_equal (kv_next (c, &key, &value), ERR_OK);
    assert_true (key.n < sizeof copy);
    memcpy (copy, key.p, key.n);
    const str_t gone = {copy, key.n};
    kv_cursor_close (&c);
    assert_int_equal (kv_del (txn, db, gone), ERR_OK);
  }
  assert_int_equal (meta_put_u64 (txn, ODB_META, META_TAKEN, 0), ERR_OK);
  assert_int_equal (kv_commit (&txn), ERR_OK);
  EXPECT (e, "549/outcomes/2020-Q2 received 0 ");
  assert_int_equal (outbox_catch_up (e->o), ERR_OK);
  EXPECT (e, "549/outcomes/2020-Q2 returned 20200620 thiếu");
  assert_int_equal (outbox_catch_up (e->o), ERR_OK);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (declaring, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (as_records, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (answers, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (catching_up, office_set_up, office_tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
