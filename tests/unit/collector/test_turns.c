/* test_turns.c - shares of the writer are of bytes, and a little of something does not wait for a lot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/gate/turns.h"

#define SLOTS 64u
#define LARGE (128u << 10)
#define SMALL 200u

static int
set_up (void **state)
{
  *state = turns_new (SLOTS);
  return *state != NULL ? 0 : -1;
}

static int
tear_down (void **state)
{
  turns_t *t = *state;
  turns_destroy (&t);
  return t == NULL ? 0 : -1;
}

static uint32_t
next (turns_t *t)
{
  uint32_t slot = UINT32_MAX;
  assert_true (turns_next (t, &slot));
  return slot;
}

static void
nobody_waits (void **state)
{
  uint32_t slot;
  assert_false (turns_any (*state));
  assert_false (turns_next (*state, &slot));
  turns_leave (*state, 3);
  turns_wait (*state, 3, SMALL);
  assert_true (turns_any (*state));
  assert_int_equal (next (*state), 3);
  assert_false (turns_next (*state, &slot));
}

/* Forty backlogs, each with more behind: who comes with an update goes before all of them, every time. */
static void
little_goes_before_much (void **state)
{
  turns_t *t = *state;
  for (uint32_t i = 0; i < 40; i++)
    turns_wait (t, i, LARGE);
  for (int k = 0; k < 200; k++) {
    turns_wait (t, 50, SMALL);
    assert_int_equal (next (t), 50);
    const uint32_t slot = next (t);
    assert_true (slot < 40);
    turns_wait (t, slot, LARGE);
  }
}

/* However they cut what they have: after long enough all have had the same, but for a chunk. */
static void
shares_are_of_bytes (void **state)
{
  turns_t *t = *state;
  size_t had[20] = {0};
  for (uint32_t i = 0; i < 20; i++)
    turns_wait (t, i, LARGE >> (i % 4));
  for (int k = 0; k < 20000; k++) {
    const uint32_t i = next (t);
    had[i] += LARGE >> (i % 4);
    turns_wait (t, i, LARGE >> (i % 4));
  }
  for (uint32_t i = 4; i < 20; i++) {
    const size_t more = had[i] > had[i % 4] ? had[i] - had[i % 4] : had[i % 4] - had[i];
    assert_true (more <= LARGE);
    assert_true (had[i] * 100 > had[0] * 90 && had[i] * 100 < had[0] * 110); /* chunks cost something, too */
  }
}

/* Small chunks without end do not keep a large one out. */
static void
much_is_not_kept_out (void **state)
{
  turns_t *t = *state;
  size_t small = 0;
  turns_wait (t, 0, LARGE);
  for (uint32_t i = 1; i < SLOTS; i++)
    turns_wait (t, i, SMALL);
  for (uint32_t slot; (slot = next (t)) != 0; small += SMALL)
    turns_wait (t, slot, SMALL);
  assert_true (small <= (size_t)SLOTS * LARGE);
}

/* What it did not use while it had nothing to send is not saved up. */
static void
silence_earns_nothing (void **state)
{
  turns_t *t = *state;
  uint32_t run = 0;
  for (int k = 0; k < 1000; k++) {
    turns_wait (t, 0, LARGE);
    assert_int_equal (next (t), 0);
  }
  turns_wait (t, 0, LARGE);
  turns_wait (t, 1, LARGE);
  for (; next (t) == 1; run++)
    turns_wait (t, 1, LARGE);
  assert_true (run <= 1);
}

/* Whoever waits is told exactly once, in the order of marks, whoever leaves meanwhile. */
static void
all_that_wait_and_no_others (void **state)
{
  turns_t *t = *state;
  uint32_t random = 12345;
  bool waits[SLOTS] = {false};
  size_t n = 0;
  for (int k = 0; k < 100000; k++) {
    random = random * 1664525u + 1013904223u;
    const uint32_t slot = random >> 8 & (SLOTS - 1);
    switch (random >> 24 & 3u) {
    case 0:
    case 1:
      if (!waits[slot])
        turns_wait (t, slot, random >> 16);
      n += !waits[slot];
      waits[slot] = true;
      break;
    case 2:
      turns_leave (t, slot);
      n -= waits[slot];
      waits[slot] = false;
      break;
    default:
      if (n > 0) {
        const uint32_t got = next (t);
        assert_true (waits[got]);
        waits[got] = false;
        n--;
      }
    }
    assert_int_equal (turns_any (t), n > 0);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (nobody_waits, set_up, tear_down),
      cmocka_unit_test_setup_teardown (little_goes_before_much, set_up, tear_down),
      cmocka_unit_test_setup_teardown (shares_are_of_bytes, set_up, tear_down),
      cmocka_unit_test_setup_teardown (much_is_not_kept_out, set_up, tear_down),
      cmocka_unit_test_setup_teardown (silence_earns_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown (all_that_wait_and_no_others, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
