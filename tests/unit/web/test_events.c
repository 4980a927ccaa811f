/* test_events.c - a stream without a gap: from the start, from where one was, and after too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "collector/web/events.h"

#define EPOCH UINT64_C (0xabc)

static position_t
at (uint64_t lsn)
{
  return (position_t){.epoch = EPOCH, .lsn = lsn};
}

static void
id_of (uint64_t lsn, char out[POSITION_TEXT_MAX])
{
  position_format (at (lsn), out);
}

/* Everything there is for a listener, piece by piece. */
static void
read_all (listening_t *l, buf_t *out, size_t piece)
{
  char some[512];
  size_t n;
  buf_clear (out);
  while ((n = listening_read (l, some, piece)) > 0)
    buf_put (out, some, n);
}

static bool
holds (buf_t *text, const char *what)
{
  return strstr (buf_z (text), what) != NULL;
}

static void
framing (void **state)
{
  buf_t b = BUF_INIT;
  (void)state;
  event_put (&b, "change", STR ("a:1"), STR ("{\n\"x\":1}"));
  assert_string_equal (buf_z (&b), "event: change\nid: a:1\ndata: {\ndata: \"x\":1}\n\n");
  buf_clear (&b);
  event_put (&b, "change", STR_NONE, STR ("x\r\ny\rz"));
  assert_string_equal (buf_z (&b), "event: change\ndata: x\ndata: yz\n\n");
  buf_free (&b);
}

static void
a_newcomer_gets_a_snapshot_then_changes (void **state)
{
  buf_t b = BUF_INIT;
  char id[POSITION_TEXT_MAX];
  events_t *e = events_new (at (5));
  listening_t *l = listening_new (e, STR_NONE);
  (void)state;
  assert_true (listening_wants_snapshot (l));
  read_all (l, &b, 512);
  assert_int_equal (b.n, 0);
  assert_int_equal (events_snapshot (e, at (5), STR ("all")), ERR_OK);
  assert_false (listening_wants_snapshot (l));
  read_all (l, &b, 7);
  id_of (5, id);
  assert_true (strncmp (buf_z (&b), "event: snapshot\nid: ", 20) == 0);
  assert_true (holds (&b, id) && holds (&b, "data: all\n\n"));
  assert_false (listening_has_more (l));
  assert_int_equal (events_push (e, at (6), STR ("six")), ERR_OK);
  assert_int_equal (events_push (e, at (9), STR ("nine")), ERR_OK);
  assert_true (listening_has_more (l));
  read_all (l, &b, 5);
  assert_true (holds (&b, "data: six\n\n") && holds (&b, "data: nine\n\n") && !holds (&b, "snapshot"));
  listening_beat (l);
  read_all (l, &b, 512);
  assert_string_equal (buf_z (&b), ": \n\n");
  listening_destroy (&l);
  events_destroy (&e);
  buf_free (&b);
}

static void
who_comes_back_goes_on (void **state)
{
  static const struct {
    uint64_t had;
    const char *gets, *misses;
  } rows[] = {
      {5, "six", "snapshot"}, {6, "nine", "six"}, {7, "nine", "six"},
      {9, ": \n", "nine"},    {4, "", "six"},     {10, "", "nine"},
  };
  buf_t b = BUF_INIT;
  events_t *e = events_new (at (5));
  (void)state;
  assert_int_equal (events_push (e, at (6), STR ("six")), ERR_OK);
  assert_int_equal (events_push (e, at (9), STR ("nine")), ERR_OK);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char id[POSITION_TEXT_MAX];
    id_of (rows[i].had, id);
    listening_t *l = listening_new (e, str_of (id));
    assert_int_equal (listening_wants_snapshot (l), rows[i].gets[0] == '\0');
    read_all (l, &b, 64);
    assert_true (holds (&b, rows[i].gets));
    assert_false (holds (&b, rows[i].misses));
    listening_destroy (&l);
  }
  static const char *const odd[] = {"abc:6",
                                    "6",
                                    ":6",
                                    "0000000000000abc:6x",
                                    "0000000000000abc:06",
                                    "0000000000000abd:6",
                                    "0000000000000abc:99999999999999999999999999"};
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    listening_t *l = listening_new (e, str_of (odd[i]));
    assert_true (listening_wants_snapshot (l));
    listening_destroy (&l);
  }
  events_destroy (&e);
  buf_free (&b);
}

static void
who_falls_too_far_behind_starts_over (void **state)
{
  buf_t b = BUF_INIT;
  char id[POSITION_TEXT_MAX];
  events_t *e = events_new (at (1));
  id_of (1, id);
  listening_t *slow = listening_new (e, str_of (id));
  (void)state;
  for (uint64_t i = 0; i < EVENTS_MAX + 1; i++)
    assert_int_equal (events_push (e, at (2 + i), STR ("x")), ERR_OK);
  assert_true (listening_wants_snapshot (slow));
  assert_int_equal (events_snapshot (e, events_end (e), STR ("all")), ERR_OK);
  read_all (slow, &b, 512);
  assert_true (strncmp (buf_z (&b), ": \n\nevent: snapshot", 19) == 0);
  assert_false (listening_has_more (slow));
  assert_int_equal (events_push (e, at (2 + EVENTS_MAX + 1), STR ("next")), ERR_OK);
  read_all (slow, &b, 512);
  assert_true (holds (&b, "next"));
  listening_destroy (&slow);
  events_destroy (&e);
  buf_free (&b);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (framing),
      cmocka_unit_test (a_newcomer_gets_a_snapshot_then_changes),
      cmocka_unit_test (who_comes_back_goes_on),
      cmocka_unit_test (who_falls_too_far_behind_starts_over),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
