#include "collector/web/http.h"

#include "common/text/utf8.h"

#include <string.h>
#include <strings.h>

/* ---- forms ---- */

static int
hex_digit (char c)
{
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

/* %XX and + undone, in place of a copy; p NULL: malformed. */
static str_t
unescape (str_t s, arena_t *arena)
{
  size_t n = 0;
  char *to = arena_alloc (arena, s.n + 1);
  for (size_t i = 0; to != NULL && i < s.n; i++) {
    if (s.p[i] == '%') {
      int high = i + 2 < s.n ? hex_digit (s.p[i + 1]) : -1, low = i + 2 < s.n ? hex_digit (s.p[i + 2]) : -1;
      if (high < 0 || low < 0)
        return STR_NONE;
      to[n++] = (char)(high << 4 | low);
      i += 2;
    } else {
      to[n++] = s.p[i] == '+' ? ' ' : s.p[i];
    }
  }
  return to != NULL ? (str_t){to, n} : STR_NONE;
}

static str_t
until (str_t *rest, char end)
{
  const char *at = rest->n > 0 ? memchr (rest->p, end, rest->n) : NULL;
  size_t n = at != NULL ? (size_t)(at - rest->p) : rest->n;
  str_t part = {rest->p, n};
  *rest = at != NULL ? (str_t){at + 1, rest->n - n - 1} : (str_t){rest->p + n, 0};
  return part;
}

/* False: too many, a NUL in it, or no UTF-8. */
static bool
form_add (form_t *f, str_t name, str_t value)
{
  if (f->n == FORM_FIELDS_MAX || name.n == 0 || memchr (name.p, '\0', name.n) != NULL ||
      (value.n > 0 && memchr (value.p, '\0', value.n) != NULL) || !utf8_valid (name, NULL) ||
      !utf8_valid (value, NULL))
    return false;
  f->at[f->n++] = (field_t){name, value.p != NULL ? value : STR ("")};
  return true;
}

bool
form_parse (str_t text, arena_t *arena, form_t *out)
{
  *out = (form_t){.n = 0};
  while (text.n > 0) {
    str_t pair = until (&text, '&');
    if (pair.n == 0)
      continue;
    str_t name = unescape (until (&pair, '='), arena), value = unescape (pair, arena);
    if (name.p == NULL || value.p == NULL || !form_add (out, name, value))
      return false;
  }
  return true;
}

str_t
form_get (const form_t *f, const char *name)
{
  for (size_t i = 0; i < f->n; i++)
    if (str_is (f->at[i].name, name))
      return f->at[i].value;
  return STR_NONE;
}

/* ---- headers ---- */

static str_t
trimmed (str_t s)
{
  while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
    s = (str_t){s.p + 1, s.n - 1};
  while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
    s.n--;
  return s;
}

static bool
is_word (str_t s, const char *word)
{
  return s.n == strlen (word) && strncasecmp (s.p, word, s.n) == 0;
}

str_t
cookie_get (str_t header, const char *name)
{
  while (header.n > 0) {
    str_t pair = until (&header, ';');
    str_t key = trimmed (until (&pair, '='));
    if (str_is (key, name))
      return trimmed (pair);
  }
  return STR_NONE;
}

static bool
all_of (str_t s, const char *these)
{
  for (size_t i = 0; i < s.n; i++)
    if (strchr (these, s.p[i]) == NULL || s.p[i] == '\0')
      return false;
  return s.n > 0;
}

/* The name before the port; false: it is no host at all. */
static bool
host_name_of (str_t host, str_t *name)
{
  const char *end = host.n > 0 && host.p[0] == '[' ? memchr (host.p, ']', host.n) : NULL;
  const char *colon = end != NULL ? end + 1 : host.n > 0 ? memchr (host.p, ':', host.n) : NULL;
  size_t n = colon != NULL && colon < host.p + host.n ? (size_t)(colon - host.p) : host.n;
  str_t port = n < host.n ? (str_t){host.p + n, host.n - n} : STR_NONE;
  *name = (str_t){host.p, n};
  if (port.n > 0 && (port.p[0] != ':' || !all_of ((str_t){port.p + 1, port.n - 1}, "0123456789")))
    return false;
  return n > 0;
}

bool
host_is_ours (str_t host, const char *const *names)
{
  str_t name;
  if (!host_name_of (host, &name))
    return false;
  if (name.p[0] == '[')
    return name.n > 2 && all_of ((str_t){name.p + 1, name.n - 2}, "0123456789abcdefABCDEF:.");
  if (is_word (name, "localhost") || all_of (name, "0123456789."))
    return true;
  for (; names != NULL && *names != NULL; names++)
    if (is_word (name, *names))
      return true;
  return false;
}

bool
origin_is_host (str_t origin, str_t host)
{
  static const char *const schemes[] = {"http://", "https://"};
  for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
    size_t n = strlen (schemes[i]);
    if (origin.n > n && memcmp (origin.p, schemes[i], n) == 0)
      return origin.n - n == host.n && strncasecmp (origin.p + n, host.p, host.n) == 0;
  }
  return false;
}

bool
wants_english (str_t accept)
{
  while (accept.n > 0) {
    str_t part = until (&accept, ',');
    str_t tag = trimmed (until (&part, ';'));
    if (tag.n >= 2 && strncasecmp (tag.p, "vi", 2) == 0)
      return false;
    if (tag.n >= 2 && strncasecmp (tag.p, "en", 2) == 0)
      return true;
  }
  return false;
}

str_t
bearer_of (str_t authorization)
{
  str_t rest = trimmed (authorization);
  str_t scheme = until (&rest, ' ');
  return is_word (scheme, "Bearer") ? trimmed (rest) : STR_NONE;
}
