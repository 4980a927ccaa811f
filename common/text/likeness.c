/* likeness.c - texts compared by their pairs of letters: words left out, added or exchanged cost what they
 * weigh. */
#include "common/text/likeness.h"

#include <stdlib.h>

enum { PAIRS_MAX = 512 };

static int
by_pair (const void *a, const void *b)
{
  return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static size_t
pairs_of (str_t s, uint16_t out[PAIRS_MAX])
{
  size_t n = 0;
  for (size_t i = 0; i + 1 < s.n && n < PAIRS_MAX; i++)
    out[n++] = (uint16_t)((uint8_t)s.p[i] << 8 | (uint8_t)s.p[i + 1]);
  if (n > 1)
    qsort (out, n, sizeof out[0], by_pair);
  return n;
}

unsigned
likeness_percent (str_t a, str_t b)
{
  uint16_t x[PAIRS_MAX], y[PAIRS_MAX];
  const size_t n = pairs_of (a, x), m = pairs_of (b, y);
  size_t common = 0;
  for (size_t i = 0, k = 0; i < n && k < m;) {
    common += x[i] == y[k];
    const bool first = x[i] <= y[k], second = y[k] <= x[i];
    i += first;
    k += second;
  }
  return n + m == 0 ? 0 : (unsigned)(200 * common / (n + m));
}
