/* test_peers.c - of those who keep a request open the oldest go, and none stays for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/web/peers.h"

static mono_t
at (int64_t ms)
{
  return (mono_t){ms};
}

static void
the_oldest_half_open_goes (void **state)
{
  static peers_t p;
  int cut;
  (void)state;
  peers_init (&p, 3);
  peer_t *a = peers_add (&p, 10, at (1), &cut);
  assert_int_equal (cut, -1);
  peers_add (&p, 11, at (2), &cut);
  peers_add (&p, 12, at (3), &cut);
  assert_int_equal (cut, -1);
  peer_busy (a);
  peers_add (&p, 13, at (4), &cut);
  assert_int_equal (cut, 11);
  peers_add (&p, 14, at (5), &cut);
  assert_int_equal (cut, 12); /* 11 is on its way out already */
  peer_idle (a, at (6));
  peers_add (&p, 15, at (7), &cut);
  assert_int_equal (cut, 13);
}

static void
nobody_is_half_open_for_ever (void **state)
{
  static peers_t p;
  int cut;
  (void)state;
  peers_init (&p, 100);
  peer_t *a = peers_add (&p, 10, at (0), &cut);
  peer_t *b = peers_add (&p, 11, at (1000), &cut);
  assert_int_equal (peers_overdue (&p, at (PEER_PATIENCE_MS)), -1);
  assert_int_equal (peers_overdue (&p, at (PEER_PATIENCE_MS + 1)), 10);
  assert_int_equal (peers_overdue (&p, at (PEER_PATIENCE_MS + 1)), -1);
  peers_remove (&p, a);
  peer_busy (b);
  assert_int_equal (peers_overdue (&p, at (10 * PEER_PATIENCE_MS)), -1);
  peer_idle (b, at (10 * PEER_PATIENCE_MS));
  assert_int_equal (peers_overdue (&p, at (11 * PEER_PATIENCE_MS)), -1);
  assert_int_equal (peers_overdue (&p, at (11 * PEER_PATIENCE_MS + 1)), 11);
}

static void
there_are_so_many_places (void **state)
{
  static peers_t p;
  int cut;
  (void)state;
  peers_init (&p, 10);
  for (int i = 0; i < (int)PEERS_MAX; i++)
    assert_non_null (peers_add (&p, i, at (i), &cut));
  assert_null (peers_add (&p, 9999, at (9999), &cut));
  peers_remove (&p, &p.at[5]);
  assert_non_null (peers_add (&p, 9999, at (9999), &cut));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (the_oldest_half_open_goes),
      cmocka_unit_test (nobody_is_half_open_for_ever),
      cmocka_unit_test (there_are_so_many_places),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
