/* collate.c - how Vietnamese text is searched and sorted.
 *
 * Searching folds: "Đập Đá" and "dap da" are the same, since clerks type without accents.
 *
 * Sorting compares three levels, as Vietnamese dictionaries and ICU's vi order do: first the letters
 * (ă, â, đ, ê, ô, ơ, ư are letters of their own, behind a, d, e, o, u), then the tones in the order
 * ngang, huyền, hỏi, ngã, sắc, nặng, then case, small before capital. The key holds the levels one
 * behind the other with a 0 byte between, so that memcmp compares them in that order; no weight is 0.
 * Signs go before digits, digits before letters, other scripts last in the order of their code points. */
#include "common/text/utf8.h"

#include <utf8proc.h>

enum {
  DECOMPOSED_MAX = 32, /* code points of one; the longest of Unicode is 18 */
  WEIGHT_SPACE = 0x02,
  WEIGHT_SIGN = 0x03,  /* 33 ASCII signs from here */
  WEIGHT_DIGIT = 0x30, /* ten */
  WEIGHT_LETTER = 0x40,
  WEIGHT_OTHER = 0xF0, /* then 21 bits of code point */
  TONE_NONE = 0x02,
  TONE_UNKNOWN = 0x10,
  CASE_SMALL = 0x02,
  CASE_CAPITAL = 0x03
};

enum { BREVE = 0x0306, CIRCUMFLEX = 0x0302, HORN = 0x031B };

static bool
next_codepoint (str_t s, size_t *at, utf8proc_int32_t *codepoint)
{
  utf8proc_ssize_t n =
      utf8proc_iterate ((const utf8proc_uint8_t *)s.p + *at, (utf8proc_ssize_t)(s.n - *at), codepoint);
  if (n <= 0)
    return false;
  *at += (size_t)n;
  return true;
}

static bool
is_space (utf8proc_int32_t c)
{
  return c == ' ' || (c >= '\t' && c <= '\r') || utf8proc_category (c) == UTF8PROC_CATEGORY_ZS ||
         c == 0x2028 || c == 0x2029;
}

/* đ, and the letters that look like its capital: ð of Iceland, ɖ of Africa. */
static bool
is_d_bar (utf8proc_int32_t c)
{
  return c == 0x0111 || c == 0x00F0 || c == 0x0256;
}

/* Keeps a space only between words. */
static void
put_folded (buf_t *out, utf8proc_int32_t c, size_t start, bool *gap)
{
  if (is_space (c)) {
    *gap = out->n > start;
    return;
  }
  if (*gap)
    buf_putc (out, ' ');
  *gap = false;
  utf8_put (out, is_d_bar (c) ? 'd' : (uint32_t)c);
}

bool
utf8_fold (str_t s, buf_t *out)
{
  CHECK (out != NULL);
  size_t start = out->n;
  bool gap = false;
  utf8proc_int32_t c, parts[DECOMPOSED_MAX];
  for (size_t i = 0; i < s.n;) {
    if (!next_codepoint (s, &i, &c)) {
      out->n = start;
      return false;
    }
    if (c < 0x80) {
      put_folded (out, c >= 'A' && c <= 'Z' ? c + 32 : c, start, &gap);
      continue;
    }
    if (c == 0x01A3 || c == 0x01A2)
      c = 'u';
    int boundary = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char (c, parts, DECOMPOSED_MAX,
                                                  UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                                      UTF8PROC_STRIPMARK | UTF8PROC_IGNORE,
                                                  &boundary);
    if (n > DECOMPOSED_MAX)
      n = 0;
    for (utf8proc_ssize_t k = 0; k < n; k++)
      put_folded (out, parts[k], start, &gap);
  }
  return buf_ok (out);
}

/* ---- sorting ---- */

/* A base with the marks that follow it. */
typedef struct {
  utf8proc_int32_t base;
  utf8proc_int32_t shape; /* BREVE, CIRCUMFLEX, HORN or 0 */
  uint8_t tone, letter_case;
} element_t;

typedef struct {
  buf_t tones, cases;
} levels_t;

static uint8_t
tone_of (utf8proc_int32_t mark)
{
  static const utf8proc_int32_t marks[] = {0x0300, 0x0309, 0x0303, 0x0301, 0x0323};
  for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
    if (mark == marks[i])
      return (uint8_t)(TONE_NONE + 1 + i);
  return TONE_UNKNOWN;
}

static bool
takes_shape (utf8proc_int32_t base, utf8proc_int32_t mark)
{
  switch (mark) {
  case BREVE:
    return base == 'a';
  case CIRCUMFLEX:
    return base == 'a' || base == 'e' || base == 'o';
  case HORN:
    return base == 'o' || base == 'u';
  default:
    return false;
  }
}

/* Place of a letter among a ă â b c d đ e ê f … o ô ơ p … u ư v w x y z; 0 when it is none. */
static uint8_t
letter_weight (utf8proc_int32_t base, utf8proc_int32_t shape)
{
  static const struct {
    utf8proc_int32_t base, shape;
  } own[] = {{'a', BREVE},      {'a', CIRCUMFLEX}, {0x0111, 0}, {'e', CIRCUMFLEX},
             {'o', CIRCUMFLEX}, {'o', HORN},       {'u', HORN}};
  static const char behind[] = "aadeoou";
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
    if (base == own[i].base && shape == own[i].shape) {
      uint8_t plain = letter_weight (behind[i], 0);
      return (uint8_t)(plain + (shape == CIRCUMFLEX && base == 'a' ? 2
                                : shape == HORN && base == 'o'     ? 2
                                                                   : 1));
    }
  if (base < 'a' || base > 'z')
    return 0;
  uint8_t place = (uint8_t)(base - 'a');
  for (size_t i = 0; i < sizeof behind - 1; i++)
    place = (uint8_t)(place + (behind[i] < base));
  return (uint8_t)(WEIGHT_LETTER + place);
}

static void
put_primary (buf_t *out, const element_t *e)
{
  uint8_t letter = letter_weight (e->base, e->shape);
  if (letter != 0)
    buf_u8 (out, letter);
  else if (is_space (e->base))
    buf_u8 (out, WEIGHT_SPACE);
  else if (e->base >= '0' && e->base <= '9')
    buf_u8 (out, (uint8_t)(WEIGHT_DIGIT + (e->base - '0')));
  else if (e->base > ' ' && e->base < 0x7F) {
    /* letters are gone, so the signs are at most 33: below 0, between 9 and a, behind z */
    utf8proc_int32_t c = e->base;
    utf8proc_int32_t place = c < '0'   ? c - '!'
                             : c < 'A' ? c - ':' + 15
                             : c < 'a' ? c - '[' + 22
                                       : c - '{' + 28;
    buf_u8 (out, (uint8_t)(WEIGHT_SIGN + place));
  } else {
    buf_u8 (out, WEIGHT_OTHER);
    for (int shift = 14; shift >= 0; shift -= 7)
      buf_u8 (out, (uint8_t)(0x80 | ((uint32_t)e->base >> shift & 0x7F)));
  }
}

static void
put_element (buf_t *out, levels_t *levels, const element_t *e)
{
  if (e->base == 0)
    return;
  put_primary (out, e);
  buf_u8 (&levels->tones, e->tone);
  buf_u8 (&levels->cases, e->letter_case);
}

static void
start_element (element_t *e, utf8proc_int32_t c)
{
  if (c == 0x01A3 || c == 0x01A2) { /* the slip for ư */
    bool capital = c == 0x01A2;
    *e = (element_t){'u', HORN, TONE_NONE, capital ? CASE_CAPITAL : CASE_SMALL};
    return;
  }
  utf8proc_int32_t small = utf8proc_tolower (c);
  *e = (element_t){is_d_bar (small) ? 0x0111 : small, 0, TONE_NONE, small == c ? CASE_SMALL : CASE_CAPITAL};
}

static void
add_mark (element_t *e, utf8proc_int32_t mark)
{
  if (e->shape == 0 && takes_shape (e->base, mark))
    e->shape = mark;
  else
    e->tone = tone_of (mark);
}

bool
utf8_sort_key (str_t s, buf_t *out)
{
  CHECK (out != NULL);
  size_t start = out->n;
  bool ok = false;
  levels_t levels = {BUF_INIT, BUF_INIT};
  element_t element = {.base = 0};
  utf8proc_int32_t c, parts[DECOMPOSED_MAX];
  for (size_t i = 0; i < s.n;) {
    if (!next_codepoint (s, &i, &c))
      goto done;
    int boundary = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char (c, parts, DECOMPOSED_MAX, UTF8PROC_DECOMPOSE, &boundary);
    if (n > DECOMPOSED_MAX)
      n = 0;
    for (utf8proc_ssize_t k = 0; k < n; k++) {
      if (element.base != 0 && utf8proc_get_property (parts[k])->combining_class != 0) {
        add_mark (&element, parts[k]);
        continue;
      }
      put_element (out, &levels, &element);
      start_element (&element, parts[k]);
    }
  }
  put_element (out, &levels, &element);
  buf_u8 (out, 0);
  buf_put (out, levels.tones.p, levels.tones.n);
  buf_u8 (out, 0);
  buf_put (out, levels.cases.p, levels.cases.n);
  ok = buf_ok (out) && buf_ok (&levels.tones) && buf_ok (&levels.cases);
done:
  buf_free (&levels.tones);
  buf_free (&levels.cases);
  if (!ok)
    out->n = start;
  return ok;
}
