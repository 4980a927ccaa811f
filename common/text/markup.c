#include "common/text/markup.h"

#include "common/text/utf8.h"

void
markup_put_text (buf_t *out, str_t s)
{
  buf_t clean = BUF_INIT;
  utf8_put_clean (&clean, s, true);
  for (size_t i = 0; i < clean.n; i++)
    switch (clean.p[i]) {
    case '&':
      buf_puts (out, "&amp;");
      break;
    case '<':
      buf_puts (out, "&lt;");
      break;
    case '>':
      buf_puts (out, "&gt;");
      break;
    case '"':
      buf_puts (out, "&quot;");
      break;
    case '\'':
      buf_puts (out, "&#39;");
      break;
    default:
      buf_putc (out, clean.p[i]);
    }
  out->failed = out->failed || !buf_ok (&clean);
  buf_free (&clean);
}
