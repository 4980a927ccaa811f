/* What two texts have in common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/text/likeness.h"

#include <string.h>

static void
percents (void **state)
{
  (void)state;
  static const struct {
    const char *a, *b;
    unsigned low, high;
  } rows[] = {
      {"", "", 0, 0},
      {"a", "a", 0, 0}, /* no pair */
      {"ab", "ab", 100, 100},
      {"ab", "cd", 0, 0},
      {"aaaa", "aa", 50, 50}, /* a pair counts as often as it stands in both */
      {"an nhon", "an nhon bac", 70, 80},
      {"ten de an", "ten de tai", 60, 80},
      {"quyet toan", "da quyet toan", 80, 90},
      {"ghi chu", "plan_year", 0, 20},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const unsigned there = likeness_percent (str_of (rows[i].a), str_of (rows[i].b));
    assert_int_equal (there, likeness_percent (str_of (rows[i].b), str_of (rows[i].a)));
    if (there < rows[i].low || there > rows[i].high)
      fail_msg ("row %zu: %u", i, there);
  }
  char long_text[2000];
  memset (long_text, 'x', sizeof long_text);
  assert_int_equal (likeness_percent ((str_t){long_text, sizeof long_text}, (str_t){long_text, 1000}), 100);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test (percents)};
  return cmocka_run_group_tests_name ("likeness", tests, NULL, NULL);
}
