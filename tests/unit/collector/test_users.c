/* test_users.c - who is let in, by what, and that a deed and its line in the audit trail are one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/ledger/roster.h"
#include "collector/ledger/users.h"
#include "common/crypto/crypto.h"
#include "tests/unit/collector/fixture.h"

#define NOW ((wall_t){INT64_C (1764000000000)})

static int
set_up (void **state)
{
  if (!crypto_init ())
    return 1;
  *state = fixture_ledger ();
  return 0;
}

static int
tear_down (void **state)
{
  ledger_t *l = *state;
  ledger_close (&l);
  return 0;
}

static err_t
get (ledger_t *l, const char *name, user_t *out)
{
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  err_t err = user_get (txn, str_of (name), out);
  kv_abort (&txn); /* only numbers are looked at afterwards */
  return err;
}

static err_t
token (ledger_t *l, const char *text)
{
  kv_txn_t *txn = NULL;
  user_t u;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  err_t err = token_user (txn, secret_hash (str_of (text)), &u);
  kv_abort (&txn);
  return err;
}

static void
a_user_has_a_role_and_a_state (void **state)
{
  ledger_t *l = *state;
  user_t u;
  bool changed;
  fail_t fail = {0};
  assert_int_equal (get (l, "an", &u), ERR_NOT_FOUND);
  assert_int_equal (user_add (l, STR ("an"), USER_ADMIN, STR ("x"), NOW, NULL), ERR_OK);
  assert_int_equal (user_add (l, STR ("an"), USER_VIEWER, STR ("x"), NOW, &fail), ERR_EXISTS);
  assert_int_equal (user_add (l, STR ("bình"), USER_VIEWER, STR ("y"), NOW, NULL), ERR_OK);
  assert_int_equal (get (l, "bình", &u), ERR_OK);
  assert_int_equal (u.role, USER_VIEWER);
  uint64_t revision = u.revision;
  assert_int_equal (user_role (l, STR ("bình"), USER_OFFICER, NOW, &changed, NULL), ERR_OK);
  assert_true (changed);
  assert_int_equal (user_disable (l, STR ("bình"), true, NOW, &changed, NULL), ERR_OK);
  assert_int_equal (user_disable (l, STR ("bình"), true, NOW, &changed, NULL), ERR_OK);
  assert_false (changed);
  assert_int_equal (get (l, "bình", &u), ERR_OK);
  assert_true (u.disabled && u.role == USER_OFFICER && u.revision == revision + 2);
  assert_int_equal (user_disable (l, STR ("ai"), true, NOW, &changed, &(fail_t){0}), ERR_INPUT);
}

static void
the_last_administrator_stays (void **state)
{
  ledger_t *l = *state;
  bool changed;
  assert_int_equal (user_add (l, STR ("an"), USER_ADMIN, STR ("x"), NOW, NULL), ERR_OK);
  assert_int_equal (user_disable (l, STR ("an"), true, NOW, &changed, &(fail_t){0}), ERR_INPUT);
  assert_int_equal (user_role (l, STR ("an"), USER_VIEWER, NOW, &changed, &(fail_t){0}), ERR_INPUT);
  assert_int_equal (user_add (l, STR ("ba"), USER_ADMIN, STR ("x"), NOW, NULL), ERR_OK);
  assert_int_equal (user_disable (l, STR ("an"), true, NOW, &changed, NULL), ERR_OK);
}

static void
names_are_clean (void **state)
{
  static const char *const bad[] = {
      "",     " a",   "a ",        "-a",
      "a\nb", "\xff", "e\xcc\x81", "1234567890123456789012345678901234567890123456789012345678901234567890"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_int_equal (user_name_check (str_of (bad[i]), &(fail_t){0}), ERR_INPUT);
  assert_int_equal (user_name_check (STR ("Nguyễn Văn A"), NULL), ERR_OK);
}

static void
a_token_ends_with_its_user (void **state)
{
  ledger_t *l = *state;
  bool changed;
  uint64_t cancelled = 0;
  assert_int_equal (token_add (l, STR ("an"), secret_hash (STR ("t1")), NOW, &(fail_t){0}), ERR_INPUT);
  assert_int_equal (user_add (l, STR ("an"), USER_VIEWER, STR ("x"), NOW, NULL), ERR_OK);
  assert_int_equal (user_add (l, STR ("ba"), USER_VIEWER, STR ("x"), NOW, NULL), ERR_OK);
  assert_int_equal (token_add (l, STR ("an"), secret_hash (STR ("t1")), NOW, NULL), ERR_OK);
  assert_int_equal (token_add (l, STR ("an"), secret_hash (STR ("t2")), NOW, NULL), ERR_OK);
  assert_int_equal (token_add (l, STR ("ba"), secret_hash (STR ("t3")), NOW, NULL), ERR_OK);
  assert_int_equal (token (l, "t1"), ERR_OK);
  assert_int_equal (token (l, "t4"), ERR_NOT_FOUND);
  assert_int_equal (tokens_cancel (l, STR ("an"), NOW, &cancelled, NULL), ERR_OK);
  assert_int_equal (cancelled, 2);
  assert_int_equal (token (l, "t1"), ERR_NOT_FOUND);
  assert_int_equal (token (l, "t3"), ERR_OK);
  assert_int_equal (user_password (l, STR ("ba"), STR ("z"), NOW, NULL), ERR_OK);
  assert_int_equal (token (l, "t3"), ERR_NOT_FOUND);
  assert_int_equal (token_add (l, STR ("an"), secret_hash (STR ("t5")), NOW, NULL), ERR_OK);
  assert_int_equal (user_disable (l, STR ("an"), true, NOW, &changed, NULL), ERR_OK);
  assert_int_equal (token (l, "t5"), ERR_NOT_FOUND);
}

static void
passwords_and_secrets (void **state)
{
  char hash[PASSWORD_HASH_MAX], a[SECRET_TEXT_MAX], b[SECRET_TEXT_MAX];
  (void)state;
  assert_true (password_hash (STR ("mật khẩu"), hash));
  assert_true (password_fits (STR ("mật khẩu"), str_of (hash)));
  assert_false (password_fits (STR ("mật khẩU"), str_of (hash)));
  assert_false (password_fits (STR (""), str_of (hash)));
  assert_false (password_fits (STR ("mật khẩu"), STR_NONE));
  secret_make (a);
  secret_make (b);
  assert_int_equal (strlen (a), 32);
  assert_false (secret_eq (str_of (a), str_of (b)));
  assert_true (secret_eq (str_of (a), str_of (a)));
  assert_false (secret_eq (STR (""), STR ("")));
}

typedef struct {
  size_t n;
  char last[3][PERSON_MAX + 1];
} trail_t;

static void
copy (char *to, str_t s)
{
  memcpy (to, s.p, s.n);
  to[s.n] = '\0';
}

static err_t
note (void *ctx, const audit_t *a)
{
  trail_t *t = ctx;
  assert_int_equal (a->number, ++t->n);
  copy (t->last[0], a->person);
  copy (t->last[1], a->action);
  copy (t->last[2], a->subject);
  return ERR_OK;
}

static void
read_trail (ledger_t *l, trail_t *t)
{
  kv_txn_t *txn = NULL;
  *t = (trail_t){0};
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  assert_int_equal (audit_each (txn, note, t), ERR_OK);
  kv_abort (&txn);
}

static void
a_deed_is_in_the_trail_once_and_only_when_done (void **state)
{
  ledger_t *l = *state;
  trail_t t;
  read_trail (l, &t);
  assert_int_equal (t.n, 0);
  audit_next (l, STR ("chị Hoa"), STR ("user"), STR ("add an"));
  assert_int_equal (user_add (l, STR ("an"), USER_VIEWER, STR ("x"), NOW, NULL), ERR_OK);
  read_trail (l, &t);
  assert_int_equal (t.n, 1);
  assert_string_equal (t.last[0], "chị Hoa");
  assert_string_equal (t.last[1], "user");
  assert_string_equal (t.last[2], "add an");
  assert_int_equal (user_add (l, STR ("ba"), USER_VIEWER, STR ("x"), NOW, NULL), ERR_OK);
  read_trail (l, &t);
  assert_int_equal (t.n, 1); /* nobody was named for it */
  audit_next (l, STR ("chị Hoa"), STR ("user"), STR ("add an"));
  assert_int_equal (user_add (l, STR ("an"), USER_VIEWER, STR ("x"), NOW, &(fail_t){0}), ERR_EXISTS);
  audit_next (l, STR_NONE, STR_NONE, STR_NONE);
  assert_int_equal (user_add (l, STR ("cả"), USER_VIEWER, STR ("x"), NOW, NULL), ERR_OK);
  read_trail (l, &t);
  assert_int_equal (t.n, 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (a_user_has_a_role_and_a_state, set_up, tear_down),
      cmocka_unit_test_setup_teardown (the_last_administrator_stays, set_up, tear_down),
      cmocka_unit_test (names_are_clean),
      cmocka_unit_test_setup_teardown (a_token_ends_with_its_user, set_up, tear_down),
      cmocka_unit_test_setup_teardown (passwords_and_secrets, set_up, tear_down),
      cmocka_unit_test_setup_teardown (a_deed_is_in_the_trail_once_and_only_when_done, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
