/* json.c - escaping of texts, shape of numbers. */
#include "common/text/json.h"

void
json_put_text (buf_t *out, str_t s)
{
  buf_putc (out, '"');
  for (size_t i = 0; i < s.n; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if (c == '"' || c == '\\')
      buf_printf (out, "\\%c", c);
    else if (c == '\n')
      buf_puts (out, "\\n");
    else if (c == '\t')
      buf_puts (out, "\\t");
    else if (c < 0x20 || c == 0x7F)
      buf_printf (out, "\\u%04x", c);
    else
      buf_putc (out, (char)c);
  }
  buf_putc (out, '"');
}

static size_t
digits (str_t s, size_t i)
{
  size_t n = 0;
  while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
    n++;
  return n;
}

bool
json_is_number (str_t s)
{
  size_t i = s.n > 0 && s.p[0] == '-';
  size_t n = digits (s, i);
  if (n == 0 || (n > 1 && s.p[i] == '0'))
    return false;
  i += n;
  if (i < s.n && s.p[i] == '.') {
    n = digits (s, i + 1);
    if (n == 0)
      return false;
    i += 1 + n;
  }
  return i == s.n;
}
