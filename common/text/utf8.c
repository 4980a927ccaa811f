/* utf8.c - checking, normalising and measuring text. Folding and sorting are in collate.c.
 *
 * Most text here is ASCII or precomposed Vietnamese, both of which are their own normal form; that is
 * seen in one pass without decomposing anything, so that an import of 100,000 rows does not spend its
 * time in utf8proc. Whatever is not seen so goes through utf8proc. */
#include "common/text/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* Length of the well-formed sequence at p (Unicode table 3-7), 0 when there is none. */
static size_t
sequence (const uint8_t *p, size_t n, uint32_t *codepoint)
{
  uint8_t lead = p[0];
  if (lead < 0x80) {
    *codepoint = lead;
    return 1;
  }
  if (lead < 0xC2 || lead > 0xF4)
    return 0;
  size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (n < length)
    return 0;
  uint8_t low = 0x80, high = 0xBF; /* of the second byte: no overlong, surrogate or too large */
  if (lead == 0xE0)
    low = 0xA0;
  else if (lead == 0xED)
    high = 0x9F;
  else if (lead == 0xF0)
    low = 0x90;
  else if (lead == 0xF4)
    high = 0x8F;
  if (p[1] < low || p[1] > high)
    return 0;
  uint32_t c = (uint32_t)lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; i++) {
    if ((p[i] & 0xC0) != 0x80)
      return 0;
    c = c << 6 | (p[i] & 0x3Fu);
  }
  *codepoint = c;
  return length;
}

/* Bytes at the start that are ASCII, eight at a time. */
static size_t
ascii_run (const char *p, size_t n)
{
  size_t i = 0;
  for (uint64_t word; i + 8 <= n; i += 8) {
    memcpy (&word, p + i, 8);
    if ((word & UINT64_C (0x8080808080808080)) != 0)
      break;
  }
  while (i < n && (uint8_t)p[i] < 0x80)
    i++;
  return i;
}

bool
utf8_valid (str_t s, size_t *at)
{
  uint32_t codepoint;
  for (size_t i = 0; i < s.n;) {
    i += ascii_run (s.p + i, s.n - i);
    if (i == s.n)
      break;
    size_t length = sequence ((const uint8_t *)s.p + i, s.n - i, &codepoint);
    if (length == 0) {
      if (at != NULL)
        *at = i;
      return false;
    }
    i += length;
  }
  return true;
}

/* Bytes at the start that are printable ASCII, eight at a time and no further. */
static size_t
printable_run (const char *p, size_t n)
{
  const uint64_t ones = UINT64_C (0x0101010101010101), tops = ones << 7;
  size_t i = 0;
  for (uint64_t word; i + 8 <= n; i += 8) {
    memcpy (&word, p + i, 8);
    uint64_t del = word ^ (ones * 0x7F);
    if (((word | (word - ones * 0x20) | (del - ones)) & tops) != 0)
      break;
  }
  return i;
}

/* next is the byte that follows (0 at the end): a carriage return is only half a line break. */
static bool
is_clean (uint32_t c, bool multiline, char next)
{
  if (c == '\n' || c == 0x2028 || c == 0x2029)
    return multiline;
  if (c == '\r')
    return multiline && next == '\n';
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F))
    return false;
  if (c == 0xFEFF || (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF))
    return false;
  return !((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069));
}

bool
utf8_clean (str_t s, bool multiline, size_t *at)
{
  uint32_t codepoint;
  for (size_t i = 0; i < s.n;) {
    size_t length = printable_run (s.p + i, s.n - i);
    if (length == 0) {
      length = sequence ((const uint8_t *)s.p + i, s.n - i, &codepoint);
      if (length == 0 || !is_clean (codepoint, multiline, i + 1 < s.n ? s.p[i + 1] : '\0')) {
        if (at != NULL)
          *at = i;
        return false;
      }
    }
    i += length;
  }
  return true;
}

bool
utf8_blank (str_t s)
{
  uint32_t c = 0;
  for (size_t i = 0; i < s.n;) {
    const size_t length = sequence ((const uint8_t *)s.p + i, s.n - i, &c);
    const bool space = c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
                       (c >= 0x2000 && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
                       c == 0x205F || c == 0x2060 || c == 0x3000 || c == 0xFEFF;
    if (length == 0 || !space)
      return false;
    i += length;
  }
  return true;
}

void
utf8_put_clean (buf_t *out, str_t s, bool multiline)
{
  size_t bad = 0;
  while (!utf8_clean (s, multiline, &bad)) {
    buf_put (out, s.p, bad);
    utf8_put (out, 0xFFFD);
    do
      bad++;
    while (bad < s.n && ((uint8_t)s.p[bad] & 0xC0) == 0x80);
    s.p += bad;
    s.n -= bad;
  }
  buf_put (out, s.p, s.n);
}

/* ---- normal form ---- */

/* Code points that no normalisation touches and nothing after them can change. Marks start at U+0300;
 * a base before a mark is caught by the mark. */
static bool
is_plainly_normal (uint32_t c)
{
  if (c == 0x01A2 || c == 0x01A3)
    return false;
  return c < 0x0300 || (c >= 0x1EA0 && c <= 0x1EF9) || (c >= 0x2010 && c <= 0x2027);
}

typedef enum { PLAINLY_NORMAL, PERHAPS_NORMAL, NOT_UTF8 } glance_t;

static glance_t
glance (str_t s)
{
  glance_t seen = PLAINLY_NORMAL;
  uint32_t codepoint;
  for (size_t i = 0; i < s.n;) {
    i += ascii_run (s.p + i, s.n - i);
    if (i == s.n)
      break;
    size_t length = sequence ((const uint8_t *)s.p + i, s.n - i, &codepoint);
    if (length == 0)
      return NOT_UTF8;
    if (!is_plainly_normal (codepoint))
      seen = PERHAPS_NORMAL;
    i += length;
  }
  return seen;
}

static utf8proc_int32_t
repair (utf8proc_int32_t codepoint, void *data)
{
  (void)data;
  return codepoint == 0x01A3 ? 0x01B0 : codepoint == 0x01A2 ? 0x01AF : codepoint;
}

/* The stored form in memory of its own, to be freed; NULL when out of memory. */
static utf8proc_uint8_t *
normal_form (str_t s, size_t *n)
{
  utf8proc_uint8_t *made = NULL;
  utf8proc_ssize_t length = utf8proc_map_custom ((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &made,
                                                 UTF8PROC_STABLE | UTF8PROC_COMPOSE, repair, NULL);
  if (length < 0)
    return NULL;
  *n = (size_t)length;
  return made;
}

bool
utf8_normalise (str_t s, arena_t *arena, str_t *out)
{
  CHECK (arena != NULL && out != NULL);
  switch (glance (s)) {
  case PLAINLY_NORMAL:
    *out = s;
    return true;
  case NOT_UTF8:
    return false;
  case PERHAPS_NORMAL:
    break;
  }
  size_t n = 0;
  utf8proc_uint8_t *made = normal_form (s, &n);
  if (made == NULL)
    return false;
  str_t result = {(const char *)made, n};
  if (str_eq (result, s))
    result = s;
  else
    result = arena_str (arena, result);
  free (made);
  if (result.p == NULL)
    return false;
  *out = result;
  return true;
}

bool
utf8_is_normal (str_t s)
{
  glance_t seen = glance (s);
  if (seen != PERHAPS_NORMAL)
    return seen == PLAINLY_NORMAL;
  size_t n = 0;
  utf8proc_uint8_t *made = normal_form (s, &n);
  bool same = made != NULL && str_eq ((str_t){(const char *)made, n}, s);
  free (made);
  return same;
}

bool
utf8_contains (str_t folded_haystack, str_t folded_needle)
{
  str_t hay = folded_haystack, needle = folded_needle;
  if (needle.n == 0)
    return true;
  for (size_t i = 0; i + needle.n <= hay.n; i++) {
    const char *first = memchr (hay.p + i, needle.p[0], hay.n - needle.n - i + 1);
    if (first == NULL)
      return false;
    i = (size_t)(first - hay.p);
    if (memcmp (first, needle.p, needle.n) == 0)
      return true;
  }
  return false;
}

/* ---- widths ---- */

/* Columns of what starts at i, and its bytes; a byte that is no UTF-8 shows as one sign. */
static size_t
columns_at (str_t s, size_t i, size_t *length)
{
  uint32_t codepoint;
  *length = sequence ((const uint8_t *)s.p + i, s.n - i, &codepoint);
  if (*length == 0) {
    *length = 1;
    return 1;
  }
  int width = utf8proc_charwidth ((utf8proc_int32_t)codepoint);
  return width > 0 ? (size_t)width : 0;
}

size_t
utf8_width (str_t s)
{
  size_t width = 0, length;
  for (size_t i = 0; i < s.n; i += length)
    width += columns_at (s, i, &length);
  return width;
}

size_t
utf8_prefix (str_t s, size_t columns)
{
  size_t i = 0, width = 0, length;
  for (; i < s.n; i += length) {
    width += columns_at (s, i, &length);
    if (width > columns)
      break;
  }
  return i;
}

void
utf8_put (buf_t *b, uint32_t codepoint)
{
  utf8proc_uint8_t bytes[4];
  if (!utf8proc_codepoint_valid ((utf8proc_int32_t)codepoint))
    codepoint = 0xFFFD;
  utf8proc_ssize_t n = utf8proc_encode_char ((utf8proc_int32_t)codepoint, bytes);
  buf_put (b, bytes, (size_t)n);
}
