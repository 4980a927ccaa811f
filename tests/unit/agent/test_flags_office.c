/* test_flags_office.c - doubts at the office: found by itself, told by the centre, answered, gone; and what
 * an older program kept without knowing it. */
#include "tests/unit/agent/office.h"

#include "agent/entry/flags.h"
#include "agent/entry/views.h"
#include "agent/outbox/internal.h"
#include "common/platform/platform.h"
#include "common/wire/update_wire.h"

#define HEADER HEAD ",province_vnd,registered_on,approved_on\n"

static void
enter (office_t *e, const char *row)
{
  import_counts_t n;
  buf_t text = BUF_INIT;
  buf_printf (&text, "%s%s\n", HEADER, row);
  assert_int_equal (take (e->o, buf_z (&text), NULL, NULL, &n), ERR_OK);
  buf_free (&text);
}

static row_t
row_of (office_t *e, kv_txn_t *txn, const char *code, update_t *u)
{
  record_ref_t ref;
  row_t row;
  assert_int_equal (
      book_find (outbox_book (e->o), txn, outbox_catalogue (e->o), str_of (code), KIND_SCHEME, &ref), ERR_OK);
  assert_int_equal (book_get (outbox_book (e->o), txn, ref, &row), ERR_OK);
  assert_int_equal (update_decode (row.bytes, e->arena, u, NULL), ERR_OK);
  return row;
}

static void
hear (office_t *e, const decision_t *d)
{
  fail_t fail = {0};
  const msg_down_t down = fake_centre_say (e->centre, d);
  assert_int_equal (outbox_down (e->o, &down, clock_wall (), &fail), ERR_OK);
}

static void
hear_flag (office_t *e, const char *flag, const char *check, const char *code, bool cleared)
{
  kv_txn_t *txn = NULL;
  update_t u;
  decision_t d = {.type = DECISION_FLAG};
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  d.u.flag.record = row_of (e, txn, code, &u).ref.id;
  kv_abort (&txn);
  d.u.flag.flag = str_of (flag);
  d.u.flag.check = str_of (check);
  d.u.flag.key = str_of (code);
  d.u.flag.arguments[0] = STR ("B-1");
  d.u.flag.arguments[1] = STR ("Quy Nhơn");
  d.u.flag.cleared = cleared;
  hear (e, &d);
}

static void
hear_answer (office_t *e, const char *flag, const char *code, const char *reason)
{
  kv_txn_t *txn = NULL;
  update_t u;
  decision_t d = {.type = DECISION_FLAG_ANSWER};
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  d.u.flag_answer.record = row_of (e, txn, code, &u).ref.id;
  kv_abort (&txn);
  d.u.flag_answer.flag = str_of (flag);
  d.u.flag_answer.reason = str_of (reason);
  hear (e, &d);
}

static void
put_flag (const flag_t *f, buf_t *out)
{
  buf_printf (out, "%s%.*s %.*s %s", out->n > 0 ? ", " : "", STR_ARG (f->check), STR_ARG (f->record[0].key),
              flag_state_name (f->state));
}

static err_t
put_one (void *ctx, const flag_t *f)
{
  put_flag (f, ctx);
  return ERR_OK;
}

/* The whole list, that of A-1, and how many wait. */
static void
expect (office_t *e, const char *list, const char *of_a, uint64_t waiting)
{
  kv_txn_t *txn = NULL;
  flag_list_t l;
  update_t u;
  uint64_t n = 0;
  buf_t got = BUF_INIT;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (flags_of_office (e->o, txn, &l), ERR_OK);
  for (size_t i = 0; i < l.n; i++)
    put_flag (&l.at[i], &got);
  flag_list_free (&l);
  assert_string_equal (buf_z (&got), list);
  buf_clear (&got);
  row_t row = row_of (e, txn, "A-1", &u);
  assert_int_equal (flags_of_record (e->o, txn, row.ref.id, row.received, &u.record, put_one, &got), ERR_OK);
  assert_string_equal (buf_z (&got), of_a);
  assert_int_equal (flags_waiting (e->o, txn, &n), ERR_OK);
  assert_int_equal (n, waiting);
  kv_abort (&txn);
  buf_free (&got);
}

static void
found_here (void **state)
{
  office_t *e = *state;
  enter (e, "A-1,Máy dệt chiếu Tam Quan,549,2016,III.3,approved,100000000,2016-03-02,2016-03-02");
  expect (e, "", "", 0);
  enter (e, "A-1,Máy dệt chiếu Tam Quan,549,2016,III.3,approved,100000000,2016-03-02,2016-03-01");
  expect (e, "dates A-1 open", "dates A-1 open", 1);
  /* two alike are for the centre to find, which sees all offices */
  enter (e, "A-2,Máy dệt chiếu Tam Quan,549,2016,III.3,approved,100000000,,");
  expect (e, "dates A-1 open", "dates A-1 open", 1);
}

static void
told (void **state)
{
  office_t *e = *state;
  enter (e, "A-1,Máy dệt chiếu Tam Quan,549,2016,III.3,approved,100000000,,");
  enter (e, "A-2,Máy sấy bún,549,2016,III.3,approved,100000000,,");
  hear_flag (e, "flag00000001", "duplicate", "A-1", false);
  hear_flag (e, "flag00000002", "duplicate", "A-2", false);
  expect (e, "duplicate A-1 open, duplicate A-2 open", "duplicate A-1 open", 2);
  hear_answer (e, "flag00000001", "A-1", "hai máy khác nhau");
  expect (e, "duplicate A-1 answered, duplicate A-2 open", "duplicate A-1 answered", 1);
  hear_flag (e, "flag00000001", "duplicate", "A-1", true);
  expect (e, "duplicate A-1 resolved, duplicate A-2 open", "", 1);
  hear_flag (e, "flag00000001", "duplicate", "A-1", false); /* as it was: its answer too */
  expect (e, "duplicate A-1 answered, duplicate A-2 open", "duplicate A-1 answered", 1);
  /* what the office can see for itself is gone as soon as it is mended */
  hear_flag (e, "flag00000003", "dates", "A-1", false);
  expect (e, "duplicate A-1 answered, duplicate A-2 open, dates A-1 resolved", "duplicate A-1 answered", 1);
  /* a check this catalogue does not have stands as it was told */
  hear_flag (e, "flag00000004", "moon", "A-1", false);
  expect (e, "duplicate A-1 answered, duplicate A-2 open, dates A-1 resolved, moon A-1 open",
          "duplicate A-1 answered, moon A-1 open", 2);
}

/* The list's last column: which checks doubt a record, for people how many. */
static void
marks (void **state)
{
  office_t *e = *state;
  static const struct {
    bool people;
    const char *row[2];
  } rows[] = {{false, {"\nA-1,scheme,", ",dates;duplicate\n"}},
              {false, {"\nA-2,scheme,", ",waiting,\n"}},
              {true, {"\nA-1,", ",2\n"}},
              {true, {"\nA-2,", ",\n"}}};
  enter (e, "A-1,Máy dệt chiếu Tam Quan,549,2016,III.3,approved,100000000,2016-03-02,2016-03-01");
  enter (e, "A-2,Máy sấy bún,549,2016,III.3,approved,100000000,,");
  hear_flag (e, "flag00000001", "duplicate", "A-1", false);
  hear_flag (e, "flag00000002", "duplicate", "A-2", false);
  hear_answer (e, "flag00000002", "A-2", "hai máy khác nhau");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    fail_t fail = {0};
    buf_t out = BUF_INIT;
    table_t *t = table_new ();
    assert_int_equal (view_list (e->o, &(list_filter_t){.kind = KIND_SCHEME}, rows[i].people, t, &fail),
                      ERR_OK);
    assert_int_equal (table_render (t, FORMAT_CSV, false, 0, NULL, &out), ERR_OK);
    const char *at = strstr (buf_z (&out), rows[i].row[0]);
    const char *end = at != NULL ? strchr (at + 1, '\n') : NULL;
    const size_t n = strlen (rows[i].row[1]);
    if (end == NULL || strncmp (end + 1 - n, rows[i].row[1], n) != 0)
      fail_msg ("row %zu: %s", i, buf_z (&out));
    table_destroy (&t);
    buf_free (&out);
  }
}

static void
catching_up (void **state)
{
  office_t *e = *state;
  kv_txn_t *txn = NULL;
  kv_cursor_t *c = NULL;
  str_t key, value;
  char copy[64];
  enter (e, "A-1,Máy dệt chiếu Tam Quan,549,2016,III.3,approved,100000000,,");
  hear_flag (e, "flag00000001", "duplicate", "A-1", false);
  assert_int_equal (kv_begin (outbox_kv (e->o), true, &txn), ERR_OK);
  assert_int_equal (kv_cursor_open (txn, ODB_FLAG, &c), ERR_OK);
  assert_int_equal (kv_next (c, &key, &value), ERR_OK);
  assert_true (key.n < sizeof copy);
  memcpy (copy, key.p, key.n);
  const str_t gone = {copy, key.n};
  kv_cursor_close (&c);
  assert_int_equal (kv_del (txn, ODB_FLAG, gone), ERR_OK);
  assert_int_equal (meta_put_u64 (txn, ODB_META, META_TAKEN, 2), ERR_OK);
  assert_int_equal (kv_commit (&txn), ERR_OK);
  expect (e, "", "", 0);
  assert_int_equal (outbox_catch_up (e->o), ERR_OK);
  expect (e, "duplicate A-1 open", "duplicate A-1 open", 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (found_here, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (told, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (marks, office_set_up, office_tear_down),
      cmocka_unit_test_setup_teardown (catching_up, office_set_up, office_tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
