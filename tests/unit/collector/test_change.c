/* test_change.c - requests of commands: their answers, exit codes and words, whoever carries them out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/cli/change.h"
#include "common/base/lang.h"
#include "tests/unit/collector/fixture.h"
#include "tests/unit/core/small_catalogue.h"

#define AN_NHON 10u
#define HOAI_NHON 4u

static const struct {
  const char *operation, *args[6];
  int exit_code;
  const char *out, *err; /* what the answer begins with and what the words hold; NULL: nothing */
} rows[] = {
    {CHANGE_INVITE, {"549", "office", "tcp://10.0.0.1:5570"}, 0, "KCI1-", NULL},
    {CHANGE_INVITE, {"549", "office", "http://10.0.0.1"}, 3, NULL, "http://10.0.0.1"},
    {CHANGE_INVITE, {"549", "office", "tcp://:5570"}, 3, NULL, "tcp://HOST:PORT"},
    {CHANGE_INVITE, {"549", "office"}, 3, NULL, "--address"}, /* nothing was ever bound */
    {CHANGE_INVITE, {"999", "office"}, 3, NULL, "999"},
    {CHANGE_INVITE, {"549", "king"}, 2, NULL, "viewer"},
    {CHANGE_INVITE, {"549"}, 3, NULL, ""},
    {CHANGE_CANCEL, {"nonsense"}, 3, NULL, "nonsense"},
    {CHANGE_CANCEL, {"01a2109b-6282-797e-a5d5-ad02b60af8af"}, 3, NULL, "01a2109b"},
    {CHANGE_REVOKE, {"549-1", ""}, 3, NULL, "549-1"},
    {CHANGE_CATALOGUE, {SMALL_CATALOGUE "\n"}, 0, "catalogue version 2", NULL},
    {CHANGE_CATALOGUE, {SMALL_CATALOGUE "[units]\nid\nx,y\n"}, 3, NULL, "line"},
    {CHANGE_CATALOGUE, {SMALL_META SMALL_SOURCES SMALL_CATEGORIES}, 3, NULL, ""},
    {CHANGE_ANSWER, {"549/outcomes/2020-Q2", "accepted", ""}, 3, NULL, "549/outcomes/2020-Q2"},
    {CHANGE_ANSWER, {"549/outcomes/2020-Q2", "returned", ""}, 2, NULL, "--comment"},
    {CHANGE_ANSWER, {"549/outcomes/2020-Q2"}, 3, NULL, ""},
    {CHANGE_DUE, {"2020-q2", "2020-06-20", "", ""}, 0, "2020-q2: the due date is set", NULL},
    {CHANGE_DUE, {"2020-Q2", "none", "2", "549"}, 0, "2020-Q2: the due date stands", NULL},
    {CHANGE_DUE, {"2020-Q2", "20/06/2020", "", ""}, 3, NULL, "20/06/2020"},
    {CHANGE_DUE, {"2020-Q2", "2020-06", "", ""}, 3, NULL, "2020-06-20"},
    {CHANGE_DUE, {"2020-Q9", "2020-06-20", "", ""}, 3, NULL, "2020-Q9"},
    {CHANGE_DUE, {"2020-Q2", "2020-06-20", "dances", ""}, 3, NULL, "dances"},
    {CHANGE_DUE, {"2020-Q2", "2020-06-20", "", "999"}, 3, NULL, "999"},
    {CHANGE_CLOSE, {"2024", ""}, 0, "2024: closed at position", NULL},
    {CHANGE_CLOSE, {"2099", ""}, 3, NULL, "is not over"},
    {CHANGE_CLOSE, {"2024"}, 3, NULL, ""},
    {CHANGE_LOCK, {"2020", "all", "locked", "", "", ""}, 0, "2020, every table: locked", NULL},
    {CHANGE_LOCK, {"2020", "3", "open", "", "", ""}, 0, "2020, ", NULL},
    {CHANGE_LOCK, {"2020", "3", "open", "549", "2099-12-31", ""}, 3, NULL, "is not locked"},
    {CHANGE_LOCK, {"2020", "3", "open", "549", "2099-12", ""}, 3, NULL, "2026-12-05"},
    {CHANGE_LOCK, {"2020", "3", "open", "999", "2099-12-31", ""}, 3, NULL, "999"},
    {CHANGE_LOCK, {"2020", "dances", "locked", "", "", ""}, 3, NULL, "all for every table"},
    {CHANGE_LOCK, {"2020-Q9", "all", "locked", "", "", ""}, 3, NULL, "2020-Q9"},
    {CHANGE_LOCK, {"2020", "all", "locked", "", ""}, 3, NULL, ""},
    {"dance", {NULL}, 5, NULL, ""},
};

static void
ask (ledger_t *l, size_t i, change_reply_t *answer, buf_t *reply)
{
  change_request_t r = {.operation = str_of (rows[i].operation), .person = STR ("Lan")};
  for (size_t a = 0; a < 6 && rows[i].args[a] != NULL; a++)
    r.args[r.args_n++] = str_of (rows[i].args[a]);
  buf_t request = BUF_INIT;
  assert_true (change_request_encode (&r, &request));
  assert_int_equal (change_run (l, buf_str (&request), (wall_t){1}, reply, NULL), ERR_OK);
  assert_int_equal (change_reply_decode (buf_str (reply), answer), ERR_OK);
  buf_free (&request);
}

static void
test_answers (void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    ledger_t *l = fixture_ledger ();
    buf_t reply = BUF_INIT, text = BUF_INIT;
    change_reply_t answer;
    lang_set (LANG_EN);
    ask (l, i, &answer, &reply);
    if (answer.exit_code != rows[i].exit_code)
      print_error ("row %zu: %.*s\n", i, STR_ARG (answer.err));
    assert_int_equal (answer.exit_code, rows[i].exit_code);
    assert_int_equal (answer.out.n > 0, rows[i].out != NULL);
    assert_int_equal (answer.err.n > 0, rows[i].err != NULL);
    buf_put (&text, answer.out.p, answer.out.n);
    buf_put (&text, answer.err.p, answer.err.n);
    if (rows[i].out != NULL)
      assert_memory_equal (buf_z (&text), rows[i].out, strlen (rows[i].out));
    else
      assert_non_null (strstr (buf_z (&text), rows[i].err));
    buf_free (&reply);
    buf_free (&text);
    ledger_close (&l);
  }
}

/* The words are the asker's, the program's own language stays. */
static void
test_language (void **state)
{
  (void)state;
  ledger_t *l = fixture_ledger ();
  buf_t request = BUF_INIT, reply = BUF_INIT;
  change_request_t r = {.operation = STR (CHANGE_CANCEL), .args = {STR ("x")}, .args_n = 1};
  change_reply_t answer;
  lang_set (LANG_EN);
  assert_true (change_request_encode (&r, &request));
  lang_set (LANG_VI);
  assert_int_equal (change_run (l, buf_str (&request), (wall_t){1}, &reply, NULL), ERR_OK);
  assert_int_equal (lang_get (), LANG_VI);
  assert_int_equal (change_reply_decode (buf_str (&reply), &answer), ERR_OK);
  assert_non_null (strstr (buf_z (&reply) + 9, "is no id"));
  buf_free (&request);
  buf_free (&reply);
  ledger_close (&l);
}

/* Every cut of a request, and bytes behind it, are refused and leave an answer all the same. */
static void
test_malformed (void **state)
{
  (void)state;
  ledger_t *l = fixture_ledger ();
  buf_t request = BUF_INIT, reply = BUF_INIT;
  change_request_t r = {.operation = STR (CHANGE_REVOKE), .args = {STR ("549-1"), STR ("")}, .args_n = 2};
  change_reply_t answer;
  assert_true (change_request_encode (&r, &request));
  buf_putc (&request, 'x');
  for (size_t n = 0; n <= request.n; n++) {
    if (n == request.n - 1)
      continue; /* the whole one */
    buf_clear (&reply);
    assert_int_equal (change_run (l, (str_t){request.p, n}, (wall_t){1}, &reply, NULL), ERR_MALFORMED);
    assert_int_equal (change_reply_decode (buf_str (&reply), &answer), ERR_OK);
    assert_int_equal (answer.exit_code, 3);
  }
  for (size_t n = 0; n < reply.n; n++)
    assert_int_equal (change_reply_decode ((str_t){reply.p, n}, &answer), ERR_MALFORMED);
  buf_free (&request);
  buf_free (&reply);
  ledger_close (&l);
}

/* Whom serve is to ask; without serve nobody is there to be asked. */
static void
test_sync (void **state)
{
  (void)state;
  static const struct {
    const char *office;
    bool served;
    int exit_code;
    bool an_nhon, other;
  } cases[] = {
      {NULL, true, 0, true, true},
      {"549", true, 0, true, false},
      {"999", true, 3, false, false},
      {NULL, false, 4, false, false},
  };
  ledger_t *l = fixture_ledger ();
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    buf_t request = BUF_INIT, reply = BUF_INIT;
    change_request_t r = {.operation = STR (CHANGE_SYNC), .person = STR ("Lan")};
    change_reply_t answer;
    told_t offices = {.n = 0};
    if (cases[i].office != NULL)
      r.args[r.args_n++] = str_of (cases[i].office);
    assert_true (change_request_encode (&r, &request));
    assert_int_equal (
        change_run (l, buf_str (&request), (wall_t){1}, &reply, cases[i].served ? &offices : NULL), ERR_OK);
    assert_int_equal (change_reply_decode (buf_str (&reply), &answer), ERR_OK);
    assert_int_equal (answer.exit_code, cases[i].exit_code);
    assert_int_equal (told_has (&offices, AN_NHON), cases[i].an_nhon);
    assert_int_equal (told_has (&offices, HOAI_NHON), cases[i].other);
    buf_free (&request);
    buf_free (&reply);
  }
  ledger_close (&l);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (test_answers),
      cmocka_unit_test (test_sync),
      cmocka_unit_test (test_language),
      cmocka_unit_test (test_malformed),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
