/* syllable.c - the spelling of Vietnamese syllables.
 *
 * Each is written apart, from a small stock of onsets and rimes; the tone sits on the vowel, and rimes that
 * end in c, ch, p, t bear only two of the six. So text read by a wrong table of letters shows at once: hardly
 * a word of it is spelled as a syllable. A word is brought into letters of one byte each, with the letters of
 * their own as digits: ă 1, â 2, ê 3, ô 4, ơ 5, ư 6, đ 7. */
#include "common/text/syllable.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

enum { LETTERS_MAX = 8 }; /* nghiêng has seven */

enum {
  TONE_GRAVE = 0x0300,
  TONE_ACUTE = 0x0301,
  CIRCUMFLEX = 0x0302,
  TONE_TILDE = 0x0303,
  BREVE = 0x0306,
  TONE_HOOK = 0x0309,
  HORN = 0x031B,
  TONE_DOT = 0x0323,
  D_BAR = 0x0111
};

/* Longer ones first. */
static const char *const onsets[] = {"ngh", "ng", "nh", "gh", "gi", "kh", "ph", "qu", "th", "tr",
                                     "ch",  "b",  "c",  "d",  "7",  "g",  "h",  "k",  "l",  "m",
                                     "n",   "p",  "r",  "s",  "t",  "v",  "x",  ""};

static const char rimes[] = " a ac ach ai am an ang anh ao ap at au ay 1c 1m 1n 1ng 1p 1t 2c 2m 2n 2ng 2p 2t "
                            "2u 2y e ec em en eng eo ep et "
                            "3 3ch 3m 3n 3ng 3nh 3p 3t 3u i ia ich im in inh ip it iu i3c i3m i3n i3ng i3p "
                            "i3t i3u o oa oac oach oai oam oan "
                            "oang oanh oao oap oat oay o1c o1m o1n o1ng o1t oc oe oen oeo oet oi om on ong "
                            "ooc oong op ot 4 4c 4i 4m 4n 4ng "
                            "4p 4t 5 5i 5m 5n 5p 5t u ua uc ui um un ung up ut u2n u2ng u2t u2y u3 u3ch u3nh "
                            "u4c u4i u4m u4n u4ng u4t u5 uy "
                            "uya uych uynh uyt uyu uy3n uy3t 6 6a 6c 6i 6ng 6t 6u 65c 65i 65m 65n 65ng 65p "
                            "65t 65u y yn ynh yt y3m y3n y3ng "
                            "y3t y3u ";

typedef struct {
  char letter[LETTERS_MAX + 1];
  size_t n;
  utf8proc_int32_t tone;
  size_t capitals;
  bool first; /* the first letter is a capital */
} spelling_t;

/* The letter with its hook, roof or horn; 0: there is no such. */
static char
with_shape (char base, utf8proc_int32_t mark)
{
  switch (mark) {
  case BREVE:
    return base == 'a' ? '1' : 0;
  case CIRCUMFLEX:
    return base == 'a' ? '2' : base == 'e' ? '3' : base == 'o' ? '4' : 0;
  case HORN:
    return base == 'o' ? '5' : base == 'u' ? '6' : 0;
  default:
    return 0;
  }
}

static bool
take (spelling_t *s, utf8proc_int32_t c)
{
  switch (c) {
  case TONE_GRAVE:
  case TONE_ACUTE:
  case TONE_TILDE:
  case TONE_HOOK:
  case TONE_DOT:
    if (s->tone != 0 || s->n == 0 || strchr ("aeiouy123456", s->letter[s->n - 1]) == NULL)
      return false;
    s->tone = c;
    return true;
  case BREVE:
  case CIRCUMFLEX:
  case HORN:
    return s->n > 0 && (s->letter[s->n - 1] = with_shape (s->letter[s->n - 1], c)) != 0;
  default:
    break;
  }
  const utf8proc_int32_t small = utf8proc_tolower (c);
  if (s->n == LETTERS_MAX || !(small == D_BAR || (small >= 'a' && small <= 'z')))
    return false;
  s->first = s->first || (s->n == 0 && small != c);
  s->capitals += small != c;
  s->letter[s->n++] = small == D_BAR ? '7' : (char)small;
  return true;
}

/* Small, with a capital first, or in capitals; no other mixture. */
static bool
is_of_one_case (const spelling_t *s)
{
  return s->capitals == 0 || (s->first && (s->capitals == 1 || s->capitals == s->n));
}

static bool
spell (str_t word, spelling_t *out)
{
  utf8proc_int32_t c, parts[4];
  *out = (spelling_t){.n = 0};
  for (size_t i = 0; i < word.n;) {
    const utf8proc_ssize_t n =
        utf8proc_iterate ((const utf8proc_uint8_t *)word.p + i, (utf8proc_ssize_t)(word.n - i), &c);
    if (n <= 0)
      return false;
    i += (size_t)n;
    int boundary = 0;
    const utf8proc_ssize_t k = utf8proc_decompose_char (c, parts, 4, UTF8PROC_DECOMPOSE, &boundary);
    for (utf8proc_ssize_t j = 0; j < k; j++)
      if (j == 4 || !take (out, parts[j]))
        return false;
  }
  return out->n > 0 && is_of_one_case (out);
}

static bool
is_rime (const char *rime, utf8proc_int32_t tone)
{
  char wanted[LETTERS_MAX + 3];
  const size_t n = strlen (rime);
  if (n == 0)
    return false;
  snprintf (wanted, sizeof wanted, " %s ", rime);
  if (strstr (rimes, wanted) == NULL)
    return false;
  const bool stop = strchr ("cpt", rime[n - 1]) != NULL || (n > 1 && memcmp (rime + n - 2, "ch", 2) == 0);
  return !stop || tone == TONE_ACUTE || tone == TONE_DOT;
}

bool
syllable_is_vietnamese (str_t word)
{
  spelling_t s;
  if (!spell (word, &s))
    return false;
  for (size_t i = 0; i < sizeof onsets / sizeof onsets[0]; i++) {
    const size_t n = strlen (onsets[i]);
    if (strncmp (s.letter, onsets[i], n) == 0 && is_rime (s.letter + n, s.tone))
      return true;
  }
  return false;
}

/* ---- words ---- */

static bool
parts_words (utf8proc_int32_t c)
{
  if (c < 0x80)
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
  return c == 0xA0 || (c >= 0x2000 && c < 0x2100 && c != 0x2020 && c != 0x2021 && c != 0x2030);
}

bool
syllable_next_word (str_t text, size_t *at, str_t *word)
{
  size_t start = *at;
  bool begun = false;
  while (*at < text.n) {
    utf8proc_int32_t c;
    utf8proc_ssize_t n =
        utf8proc_iterate ((const utf8proc_uint8_t *)text.p + *at, (utf8proc_ssize_t)(text.n - *at), &c);
    const bool parting = n <= 0 || parts_words (c);
    if (parting && begun)
      break;
    if (!parting && !begun)
      start = *at;
    begun = begun || !parting;
    *at += n <= 0 ? 1 : (size_t)n;
  }
  *word = (str_t){text.p + start, *at - start};
  return begun;
}
