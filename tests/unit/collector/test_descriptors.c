/* test_descriptors.c - the gate sees that open files are nearly spent before they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collector/gate/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define LIMIT 128

static void
test_scarce (void **state)
{
  (void)state;
  struct rlimit before, low;
  int open_now[LIMIT], n = 0;
  bool scarce = false;
  assert_int_equal (getrlimit (RLIMIT_NOFILE, &before), 0);
  low = before;
  low.rlim_cur = LIMIT;
  assert_int_equal (setrlimit (RLIMIT_NOFILE, &low), 0);
  assert_false (descriptors_scarce (false));
  while (!scarce && n < LIMIT) {
    open_now[n] = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true (open_now[n++] >= 0); /* some are left when it says so */
    scarce = descriptors_scarce (false);
  }
  assert_true (scarce);
  close (open_now[--n]);
  assert_false (descriptors_scarce (false));
  assert_true (descriptors_scarce (true)); /* one is not enough to be well again */
  while (n > 0)
    close (open_now[--n]);
  assert_false (descriptors_scarce (true));
  setrlimit (RLIMIT_NOFILE, &before);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test (test_scarce)};
  return cmocka_run_group_tests (tests, NULL, NULL);
}
