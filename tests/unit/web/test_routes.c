/* test_routes.c - from an address to a command line that can be nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/web/routes.h"

#include <string.h>

static void
words_of (const route_t *r, const char *query, err_t want, buf_t *out)
{
  form_t f;
  command_line_t line;
  fail_t fail = {0};
  arena_t *arena = arena_new (1u << 16);
  assert_true (form_parse (str_of (query), arena, &f));
  assert_int_equal (route_command (r, &f, "kc", "/dir", STR ("an"), false, arena, &line, &fail), want);
  buf_clear (out);
  for (size_t i = 0; want == ERR_OK && line.word[i] != NULL; i++)
    buf_printf (out, "%s%s", i > 0 ? "|" : "", line.word[i]);
  if (want != ERR_OK)
    assert_true (fail.text[0] != '\0');
  arena_destroy (&arena);
}

static void
commands (void **state)
{
  static const struct {
    bool post;
    const char *path, *query, *words; /* words NULL: refused */
  } rows[] = {
      {false, "totals", "by=year,source",
       "kc|totals|--lang=vi|--as=an|--by=year,source|--format=json|--|/dir"},
      {false, "totals", "by=year&where=district%3D549&as-of=3&view=",
       "kc|totals|--lang=vi|--as=an|--by=year|--where=district=549|--as-of=3|--format=json|--|/dir"},
      {false, "totals", "by=--help", "kc|totals|--lang=vi|--as=an|--by=--help|--format=json|--|/dir"},
      {false, "totals", "", NULL},
      {false, "totals", "by=", NULL},
      {false, "totals", "by=year&by=year", NULL},
      {false, "totals", "by=year&catalogue=/etc/passwd", NULL},
      {false, "trace", "where=-o", "kc|trace|--lang=vi|--as=an|--format=json|--|/dir|-o"},
      {false, "history", "record=--help", "kc|trace|--lang=vi|--as=an|--format=json|--|/dir|--help"},
      {false, "flags", "open=1&all=0", "kc|flags|--lang=vi|--as=an|--open|--format=json|--|/dir"},
      {false, "users", "", "kc|user|--lang=vi|--as=an|--format=json|--|list|/dir"},
      {false, "report", "years=2014-2020&format=xlsx",
       "kc|report|--lang=vi|--as=an|--years=2014-2020|--format=xlsx|-o|-|--|/dir"},
      {false, "report", "years=2014-2020&format=xlsx&o=/etc/cron.d/x", NULL},
      {true, "submissions/accept", "submission=549/budget/2020",
       "kc|accept|--lang=vi|--as=an|--|/dir|549/budget/2020"},
      {true, "submissions/return", "submission=549/budget/2020", NULL},
      {true, "conflicts/resolve", "reason=r&choice=name%3Dx&record=S-1&choice=note%3Dy",
       "kc|resolve|--lang=vi|--as=an|--reason=r|--|/dir|S-1|name=x|note=y"},
      {true, "invites/cancel", "id=7", "kc|invite|--lang=vi|--as=an|--cancel=7|--|/dir"},
      {true, "periods/lock", "period=2020&table=all", "kc|lock|--lang=vi|--as=an|--|/dir|2020|all"},
      {true, "periods/lock", "table=all", NULL},
  };
  buf_t words = BUF_INIT;
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    buf_t path = BUF_INIT;
    bool other;
    buf_printf (&path, API_PREFIX "%s", rows[i].path);
    const route_t *r = route_find (rows[i].post, buf_str (&path), &other);
    assert_non_null (r);
    words_of (r, rows[i].query, rows[i].words != NULL ? ERR_OK : ERR_USAGE, &words);
    if (rows[i].words != NULL)
      assert_string_equal (buf_z (&words), rows[i].words);
    buf_free (&path);
  }
  buf_free (&words);
}

static void
only_what_there_is (void **state)
{
  static const struct {
    bool post;
    const char *path;
    bool other;
  } rows[] = {
      {false, "/api/v1/", false},
      {false, "/api/v1/totals/", false},
      {false, "/api/v1/../totals", false},
      {false, "/api/v1/TOTALS", false},
      {false, "/api/v2/totals", false},
      {false, "/api/v1/%74otals", false},
      {true, "/api/v1/totals", true},
      {false, "/api/v1/submissions/accept", true},
      {false, "", false},
  };
  bool other;
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    assert_null (route_find (rows[i].post, str_of (rows[i].path), &other));
    assert_int_equal (other, rows[i].other);
  }
  assert_int_equal (route_find (false, STR ("/api/v1/invites"), &other)->role, USER_OFFICER);
  assert_true (route_find (true, STR ("/api/v1/invites"), &other)->post);
}

/* Whatever changes something is for more than looking, and each parameter has a name of its own. */
static void
every_route_is_sound (void **state)
{
  (void)state;
  for (const route_t *r = routes; r->path != NULL; r++) {
    assert_true (r->role > (r->post ? USER_VIEWER : USER_NONE));
    assert_true (r->help[0] != '\0' && r->command[0] != '\0');
    for (const param_t *p = r->params; p->name != NULL; p++) {
      assert_true (p < r->params + ROUTE_PARAMS_MAX);
      for (const param_t *q = r->params; q != p; q++)
        assert_string_not_equal (p->name, q->name);
      if (p->kind == PARAM_OPERAND || p->kind == PARAM_OPERANDS)
        assert_non_null (p->help);
    }
    for (const route_t *other = routes; other != r; other++)
      assert_false (other->post == r->post && strcmp (other->path, r->path) == 0);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (commands),
      cmocka_unit_test (only_what_there_is),
      cmocka_unit_test (every_route_is_sound),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
