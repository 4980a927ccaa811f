/* test_logins.c - who is logged in and for how long, and how often somebody may try. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "collector/web/logins.h"
#include "common/crypto/crypto.h"

static int
set_up (void **state)
{
  if (!crypto_init ())
    return 1;
  *state = logins_new ();
  return *state == NULL;
}

static int
tear_down (void **state)
{
  logins_t *l = *state;
  logins_destroy (&l);
  return 0;
}

static mono_t
at (int64_t ms)
{
  return (mono_t){ms};
}

static void
a_login_ends (void **state)
{
  logins_t *l = *state;
  char secret[SECRET_TEXT_MAX];
  const login_t *in = logins_add (l, STR ("an"), 3, at (0), secret);
  assert_string_equal (in->name, "an");
  assert_int_equal (in->revision, 3);
  assert_string_not_equal (in->form_key, secret);
  assert_ptr_equal (logins_find (l, str_of (secret), at (1)), in);
  assert_null (logins_find (l, STR ("x"), at (1)));
  assert_null (logins_find (l, STR ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), at (1)));
  assert_null (logins_find (l, STR_NONE, at (1)));
  assert_ptr_equal (logins_find (l, str_of (secret), at (LOGIN_IDLE_MS)), in);
  assert_null (logins_find (l, str_of (secret), at (2 * LOGIN_IDLE_MS + 1)));
  assert_null (logins_find (l, str_of (secret), at (2 * LOGIN_IDLE_MS + 1)));

  logins_add (l, STR ("an"), 3, at (0), secret);
  for (int64_t now = 0; now <= LOGIN_LONGEST_MS; now += LOGIN_IDLE_MS / 2)
    assert_non_null (logins_find (l, str_of (secret), at (now)));
  assert_null (logins_find (l, str_of (secret), at (LOGIN_LONGEST_MS + 1)));

  in = logins_add (l, STR ("an"), 3, at (0), secret);
  logins_remove (l, in);
  assert_null (logins_find (l, str_of (secret), at (0)));
}

static void
the_quietest_makes_room (void **state)
{
  logins_t *l = *state;
  char first[SECRET_TEXT_MAX], second[SECRET_TEXT_MAX], other[SECRET_TEXT_MAX];
  logins_add (l, STR ("an"), 1, at (0), first);
  logins_add (l, STR ("ba"), 1, at (1), second);
  for (unsigned i = 2; i < LOGINS_MAX; i++)
    logins_add (l, STR ("ca"), 1, at (i), other);
  assert_non_null (logins_find (l, str_of (first), at (LOGINS_MAX)));
  logins_add (l, STR ("da"), 1, at (LOGINS_MAX + 1), other);
  assert_non_null (logins_find (l, str_of (first), at (LOGINS_MAX + 2)));
  assert_null (logins_find (l, str_of (second), at (LOGINS_MAX + 2)));
  assert_non_null (logins_find (l, str_of (other), at (LOGINS_MAX + 2)));
}

static void
attempts_are_counted (void **state)
{
  logins_t *l = *state;
  unsigned wait = 0;
  for (int i = 0; i < 10; i++) {
    assert_true (attempts_allowed (l, STR ("an"), STR ("1.1.1.1"), at (i), &wait));
    attempts_failed (l, STR ("an"), STR ("1.1.1.1"), at (i));
  }
  assert_false (attempts_allowed (l, STR ("an"), STR ("1.1.1.1"), at (10), &wait));
  assert_in_range (wait, 1, 15 * 60 + 1);
  assert_true (attempts_allowed (l, STR ("an"), STR ("1.1.1.2"), at (10), &wait));
  assert_true (attempts_allowed (l, STR ("ba"), STR ("1.1.1.1"), at (10), &wait));
  attempts_forgive (l, STR ("an"), STR ("1.1.1.1"));
  assert_true (attempts_allowed (l, STR ("an"), STR ("1.1.1.1"), at (10), &wait));
}

static void
an_address_runs_out_and_the_time_heals (void **state)
{
  logins_t *l = *state;
  unsigned wait = 0;
  char name[16];
  for (int i = 0; i < 60; i++) {
    snprintf (name, sizeof name, "n%d", i);
    attempts_failed (l, str_of (name), STR ("1.1.1.1"), at (i));
  }
  assert_false (attempts_allowed (l, STR ("new"), STR ("1.1.1.1"), at (60), &wait));
  assert_true (attempts_allowed (l, STR ("new"), STR ("2.2.2.2"), at (60), &wait));
  assert_true (attempts_allowed (l, STR ("new"), STR ("1.1.1.1"), at (16 * 60 * 1000), &wait));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (a_login_ends, set_up, tear_down),
      cmocka_unit_test_setup_teardown (the_quietest_makes_room, set_up, tear_down),
      cmocka_unit_test_setup_teardown (attempts_are_counted, set_up, tear_down),
      cmocka_unit_test_setup_teardown (an_address_runs_out_and_the_time_heals, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
