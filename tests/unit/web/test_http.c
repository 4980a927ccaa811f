/* test_http.c - what a client's words mean, and which are believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/web/http.h"

static void
forms (void **state)
{
  static const struct {
    const char *text, *name, *value; /* value NULL: the form is refused; name NULL: it has no such field */
  } rows[] = {
      {"", NULL, ""},
      {"a=1&b=2", "b", "2"},
      {"a=1&&b=2&", "b", "2"},
      {"by=year,source", "by", "year,source"},
      {"q=%C4%90%E1%BA%ADp+%C4%90%C3%A1", "q", "Đập Đá"},
      {"a=%2B%26%3D", "a", "+&="},
      {"a", "a", ""},
      {"a==b", "a", "=b"},
      {"a=%", "a", NULL},
      {"a=%4", "a", NULL},
      {"a=%zz", "a", NULL},
      {"a=%00", "a", NULL},
      {"a%00b=1", "a", NULL},
      {"=1", "a", NULL},
      {"a=%FF", "a", NULL},
      {"a=%C0%AF", "a", NULL},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    form_t f;
    arena_t *arena = arena_new (4096);
    bool ok = form_parse (str_of (rows[i].text), arena, &f);
    assert_int_equal (ok, rows[i].value != NULL);
    if (ok && rows[i].name != NULL)
      assert_true (str_is (form_get (&f, rows[i].name), rows[i].value));
    if (ok)
      assert_null (form_get (&f, "nothing").p);
    arena_destroy (&arena);
  }
}

static void
a_form_has_so_many_fields (void **state)
{
  buf_t text = BUF_INIT;
  form_t f;
  (void)state;
  for (unsigned i = 0; i < FORM_FIELDS_MAX; i++)
    buf_printf (&text, "f%u=1&", i);
  arena_t *arena = arena_new (65536);
  assert_true (form_parse (buf_str (&text), arena, &f));
  buf_puts (&text, "one=more");
  assert_false (form_parse (buf_str (&text), arena, &f));
  arena_destroy (&arena);
  buf_free (&text);
}

static void
cookies (void **state)
{
  static const struct {
    const char *header, *value;
  } rows[] = {
      {"kc_session=abc", "abc"},
      {"a=1; kc_session=abc; b=2", "abc"},
      {"a=1;kc_session=abc ", "abc"},
      {"xkc_session=abc", NULL},
      {"kc_session2=abc", NULL},
      {"a=kc_session=abc", NULL},
      {"", NULL},
      {"kc_session", ""},
      {"kc_session=", ""},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    str_t got = cookie_get (str_of (rows[i].header), "kc_session");
    assert_int_equal (got.p != NULL, rows[i].value != NULL);
    if (rows[i].value != NULL)
      assert_true (str_is (got, rows[i].value));
  }
}

static void
hosts (void **state)
{
  static const char *const names[] = {"board.example", NULL};
  static const struct {
    const char *host;
    bool ours;
  } rows[] = {
      {"127.0.0.1:8570", true},
      {"127.0.0.1", true},
      {"10.1.2.3:80", true},
      {"localhost:8570", true},
      {"LocalHost", true},
      {"[::1]:8570", true},
      {"[fe80::1]", true},
      {"board.example", true},
      {"Board.Example:1", true},
      {"evil.example", false},
      {"evil.example:8570", false},
      {"127.0.0.1.evil.example", false},
      {"localhost.evil.example", false},
      {"", false},
      {":80", false},
      {"[evil]:80", false},
      {"localhost:80a", false},
      {"board.example:80@evil", false},
      {"[::1]x", false},
      {"[]", false},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (host_is_ours (str_of (rows[i].host), names) != rows[i].ours)
      fail_msg ("%s", rows[i].host);
}

static void
origins (void **state)
{
  static const struct {
    const char *origin, *host;
    bool same;
  } rows[] = {
      {"http://127.0.0.1:8570", "127.0.0.1:8570", true},
      {"https://board.example", "board.example", true},
      {"http://127.0.0.1:8571", "127.0.0.1:8570", false},
      {"http://evil.example", "127.0.0.1:8570", false},
      {"null", "127.0.0.1:8570", false},
      {"", "127.0.0.1:8570", false},
      {"http://127.0.0.1:8570.evil", "127.0.0.1:8570", false},
      {"ftp://h", "h", false},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    assert_int_equal (origin_is_host (str_of (rows[i].origin), str_of (rows[i].host)), rows[i].same);
}

static void
languages_and_tokens (void **state)
{
  (void)state;
  assert_false (wants_english (STR_NONE));
  assert_false (wants_english (STR ("vi-VN,vi;q=0.9,en;q=0.8")));
  assert_false (wants_english (STR ("*")));
  assert_true (wants_english (STR ("fr, en-US;q=0.7, vi;q=0.3")));
  assert_true (str_is (bearer_of (STR ("Bearer abc")), "abc"));
  assert_true (str_is (bearer_of (STR ("bearer  abc ")), "abc"));
  assert_null (bearer_of (STR ("Basic abc")).p);
  assert_null (bearer_of (STR_NONE).p);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (forms),   cmocka_unit_test (a_form_has_so_many_fields),
      cmocka_unit_test (cookies), cmocka_unit_test (hosts),
      cmocka_unit_test (origins), cmocka_unit_test (languages_and_tokens),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
