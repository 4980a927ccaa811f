/* facts_print.c - a fact as text: exactly for machines, rounded for people.
 *
 * A quotient is kept as its two integers until here, so whatever number of decimals is asked for is
 * rounded once, from the exact value. */
#include "common/base/lang.h"
#include "common/report/annex.h"
#include "common/report/facts_private.h"
#include "common/text/number.h"

#define QUOTIENT_DECIMALS 3u /* INTERFACE 3 */

const char *
gap_words (gap_t gap, bool en)
{
  switch (gap) {
  case GAP_NONE:
    return "";
  case GAP_NO_DATA:
    return en ? "no data" : "chưa có số liệu";
  case GAP_OUTSIDE:
    return en ? "its year is outside the report" : "năm của số liệu nằm ngoài kỳ báo cáo";
  case GAP_SEVERAL:
    return en ? "several figures that must not be added up" : "có nhiều số liệu không được cộng với nhau";
  case GAP_ZERO:
    return en ? "there is nothing to compare with" : "không có số để so sánh";
  case GAP_RANGE:
    return en ? "the number is too large" : "số quá lớn";
  }
  UNREACHABLE ();
}

/* By long division, digit after digit: no product grows beyond ten times the divisor. */
bool
fact_rounded (const fact_t *f, unsigned decimals, int64_t *out)
{
  CHECK (f->gap == GAP_NONE && f->text_vi.p == NULL && f->den > 0);
  uint64_t den = (uint64_t)f->den, num = f->num < 0 ? -(uint64_t)f->num : (uint64_t)f->num;
  int shift = (int)decimals - f->scale;
  for (; shift < 0; shift++) {
    if (den > UINT64_MAX / 200)
      return false;
    den *= 10;
  }
  if (den > UINT64_MAX / 20)
    return false;
  uint64_t whole = num / den, rest = num % den;
  for (; shift > 0; shift--) {
    rest *= 10;
    if (whole > (uint64_t)INT64_MAX / 10 - 10)
      return false;
    whole = whole * 10 + rest / den;
    rest %= den;
  }
  whole += rest * 2 >= den;
  if (whole > (uint64_t)INT64_MAX)
    return false;
  *out = f->num < 0 ? -(int64_t)whole : (int64_t)whole;
  return true;
}

void
fact_settle (fact_t *f)
{
  const unsigned decimals = f->decimals > QUOTIENT_DECIMALS ? f->decimals : QUOTIENT_DECIMALS;
  int64_t v;
  if (f->gap == GAP_NONE && f->text_vi.p == NULL && !fact_rounded (f, decimals, &v))
    f->gap = GAP_RANGE;
}

void
fact_exact (const fact_t *f, buf_t *out)
{
  int64_t v;
  if (f->gap != GAP_NONE)
    return;
  if (f->text_vi.p != NULL)
    buf_put (out, f->text_vi.p, f->text_vi.n);
  else if (!f->quotient)
    number_format_plain (f->num, (unsigned)f->scale, 0, out);
  else {
    CHECK (fact_rounded (f, QUOTIENT_DECIMALS, &v));
    number_format_plain (v, QUOTIENT_DECIMALS, QUOTIENT_DECIMALS, out);
  }
}

/* Decimals that are all 0 are not printed: 14%, not 14,0%. */
static int64_t
shortest (int64_t v, uint8_t *decimals)
{
  while (*decimals > 0 && v % 10 == 0) {
    v /= 10;
    --*decimals;
  }
  return v;
}

void
fact_printed (const fact_t *f, bool en, buf_t *out)
{
  uint8_t decimals = f->decimals;
  int64_t v, least = 1;
  if (f->gap != GAP_NONE) {
    buf_printf (out, "[%s%s%.*s]", gap_words (f->gap, en), str_blank (f->id) ? "" : ": ", STR_ARG (f->id));
    return;
  }
  if (f->text_vi.p != NULL) {
    str_t text = en ? f->text_en : f->text_vi;
    buf_put (out, text.p, text.n);
    return;
  }
  CHECK (fact_rounded (f, decimals, &v));
  v = shortest (v, &decimals);
  for (unsigned i = 1; !en && v > 0 && decimals == 0 && i < f->digits; i++) {
    least *= 10;
    if (v < least)
      buf_putc (out, '0');
  }
  annex_number_printed (v, decimals, en, out);
}

/* ---- where rounded parts do not add up ---- */

typedef struct {
  int64_t exact, printed;
  int scale;
  uint8_t decimals;
  size_t n;
} parts_t;

static bool
at_scale (int64_t v, int from, int to, int64_t *out)
{
  for (; from < to; from++)
    if (__builtin_mul_overflow (v, 10, &v))
      return false;
  *out = v;
  return true;
}

/* Printed figures are brought to the same decimals; false: a gap, or nothing to compare. */
static bool
parts_add (parts_t *p, const fact_t *f)
{
  int64_t v;
  if (f->gap != GAP_NONE || f->text_vi.p != NULL || f->quotient || f->scale != p->scale ||
      !fact_rounded (f, f->decimals, &v))
    return false;
  if (f->decimals > p->decimals) {
    if (!at_scale (p->printed, p->decimals, f->decimals, &p->printed))
      return false;
    p->decimals = f->decimals;
  }
  p->n++;
  return at_scale (v, f->decimals, p->decimals, &v) && !__builtin_add_overflow (p->printed, v, &p->printed) &&
         !__builtin_add_overflow (p->exact, f->num, &p->exact);
}

static bool
parts_differ (const facts_t *self, const fact_t *facts, size_t total, str_t list, fact_rounding_t *out)
{
  const fact_t *whole = &facts[total];
  parts_t p = {.scale = whole->scale};
  int64_t sum, both;
  str_t id;
  size_t at;
  while (facts_next_part (&list, '+', &id))
    if (!facts_find (self, id, &at) || !parts_add (&p, &facts[at]))
      return false;
  if (p.n == 0 || whole->gap != GAP_NONE || p.exact != whole->num ||
      !fact_rounded (whole, whole->decimals, &sum))
    return false;
  uint8_t decimals = whole->decimals > p.decimals ? whole->decimals : p.decimals;
  if (!at_scale (p.printed, p.decimals, decimals, &p.printed) ||
      !at_scale (sum, whole->decimals, decimals, &both) || both == p.printed)
    return false;
  *out = (fact_rounding_t){total, p.printed, both, decimals};
  return true;
}

err_t
facts_roundings (const facts_t *self, const fact_t *facts, arena_t *arena, const fact_rounding_t **out,
                 size_t *n)
{
  size_t room = 0;
  for (size_t i = 0; i < self->n; i++)
    room += self->rule[i].parts.n;
  fact_rounding_t *found = arena_alloc (arena, (room + 1) * sizeof *found);
  if (found == NULL)
    return ERR_NOMEM;
  *n = 0;
  for (size_t i = 0; i < self->n; i++) {
    str_t lists = self->rule[i].parts, list;
    while (facts_next_part (&lists, '|', &list))
      if (parts_differ (self, facts, i, list, &found[*n]))
        ++*n;
  }
  *out = found;
  return ERR_OK;
}
