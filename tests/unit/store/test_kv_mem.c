/* What only the engine in memory can do: fail, fill up and lose power on demand. */
#include "common/store/values.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

static const char *const names[] = {"one", "two"};
enum { ONE, TWO };

static kv_t *
open_mem (void)
{
  kv_options_t o = {.db_names = names, .db_n = 2, .create = true};
  kv_t *kv = NULL;
  assert_int_equal (kv_open_mem (&o, &kv), ERR_OK);
  return kv;
}

static err_t
put_one (kv_t *kv, const char *key)
{
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (kv, true, &txn), ERR_OK);
  assert_int_equal (val_put (txn, ONE, str_of (key), STR ("v")), ERR_OK);
  err_t err = kv_commit (&txn);
  assert_null (txn);
  return err;
}

static bool
has (kv_t *kv, const char *key)
{
  kv_txn_t *txn = NULL;
  str_t v;
  assert_int_equal (kv_begin (kv, false, &txn), ERR_OK);
  err_t err = val_get (txn, ONE, str_of (key), &v);
  kv_abort (&txn);
  return err == ERR_OK;
}

static void
test_failing_commits (void **state)
{
  static const struct {
    kv_faults_t faults;
    bool ok[4], there[4]; /* of four commits in a row */
  } rows[] = {
      {{.fail_commit_at = 0}, {1, 1, 1, 1}, {1, 1, 1, 1}},
      {{.fail_commit_at = 1, .lose_failed = true}, {0, 1, 1, 1}, {0, 1, 1, 1}},
      {{.fail_commit_at = 3, .lose_failed = true}, {1, 1, 0, 1}, {1, 1, 0, 1}},
      {{.fail_commit_at = 2, .lose_failed = false}, {1, 0, 1, 1}, {1, 1, 1, 1}},
      {{.fail_commit_at = 2, .fail_sticky = true, .lose_failed = true}, {1, 0, 0, 0}, {1, 0, 0, 0}},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    static const char *const keys[] = {"a", "b", "c", "d"};
    kv_t *kv = open_mem ();
    kv_mem_faults (kv, &rows[i].faults);
    for (size_t k = 0; k < 4; k++)
      assert_int_equal (put_one (kv, keys[k]), rows[i].ok[k] ? ERR_OK : ERR_IO);
    kv_mem_crash (kv);
    for (size_t k = 0; k < 4; k++)
      assert_int_equal (has (kv, keys[k]), rows[i].there[k]);
    kv_close (&kv);
  }
}

static void
test_full (void **state)
{
  (void)state;
  kv_t *kv = open_mem ();
  kv_txn_t *txn = NULL;
  assert_int_equal (put_one (kv, "a"), ERR_OK);
  kv_mem_faults (kv, &(kv_faults_t){.full_after = 20});
  assert_int_equal (kv_begin (kv, true, &txn), ERR_OK);
  assert_int_equal (kv_put (txn, ONE, STR ("b"), STR ("0123456789")), ERR_OK);
  assert_int_equal (kv_put (txn, TWO, STR ("c"), STR ("0123456789")), ERR_FULL);
  assert_int_equal (kv_commit (&txn), ERR_FULL);
  assert_true (has (kv, "a"));
  assert_false (has (kv, "b"));
  assert_int_equal (kv_begin (kv, true, &txn), ERR_OK);
  assert_int_equal (kv_del (txn, ONE, STR ("a")), ERR_OK); /* what is taken out makes room */
  assert_int_equal (kv_put (txn, TWO, STR ("c"), STR ("0123456789")), ERR_OK);
  assert_int_equal (kv_commit (&txn), ERR_OK);
  kv_close (&kv);
}

static void
test_power_cut (void **state)
{
  (void)state;
  kv_t *kv = open_mem ();
  kv_txn_t *writer = NULL, *reader = NULL;
  str_t v;
  assert_int_equal (put_one (kv, "kept"), ERR_OK);
  assert_int_equal (kv_begin (kv, false, &reader), ERR_OK);
  assert_int_equal (kv_begin (kv, true, &writer), ERR_OK);
  assert_int_equal (val_put (writer, ONE, STR ("lost"), STR ("v")), ERR_OK);
  kv_mem_crash (kv);
  assert_true (has (kv, "kept"));
  assert_false (has (kv, "lost"));
  assert_int_equal (put_one (kv, "after"), ERR_OK); /* the one that was writing is in nobody's way */
  assert_int_equal (kv_get (reader, ONE, STR ("kept"), &v), ERR_IO);
  assert_int_equal (kv_commit (&writer), ERR_IO);
  assert_false (has (kv, "lost"));
  assert_true (has (kv, "after"));
  kv_close (&kv); /* the reader's handle was left behind */
}

/* Orderly and in reasonable time with many keys, in whatever order they come. */
static void
test_many_keys (void **state)
{
  (void)state;
  enum { N = 100000 };
  kv_t *kv = open_mem ();
  kv_txn_t *txn = NULL;
  kv_cursor_t *c = NULL;
  char key[16];
  str_t k, v;
  assert_int_equal (kv_begin (kv, true, &txn), ERR_OK);
  for (int i = 0; i < N; i++) {
    snprintf (key, sizeof key, "%08d", i);
    assert_int_equal (kv_append (txn, ONE, str_of (key), STR ("v")), ERR_OK);
    snprintf (key, sizeof key, "%08d", N - i);
    assert_int_equal (kv_put (txn, TWO, str_of (key), STR ("v")), ERR_OK);
  }
  assert_int_equal (kv_commit (&txn), ERR_OK);
  assert_int_equal (kv_begin (kv, false, &txn), ERR_OK);
  assert_int_equal (kv_cursor_open (txn, TWO, &c), ERR_OK);
  for (int i = 1; i <= N; i++) {
    snprintf (key, sizeof key, "%08d", i);
    assert_int_equal (kv_next (c, &k, &v), ERR_OK);
    assert_true (str_is (k, key));
  }
  assert_int_equal (kv_next (c, &k, &v), ERR_NOT_FOUND);
  kv_abort (&txn);
  kv_close (&kv);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (test_failing_commits),
      cmocka_unit_test (test_full),
      cmocka_unit_test (test_power_cut),
      cmocka_unit_test (test_many_keys),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
