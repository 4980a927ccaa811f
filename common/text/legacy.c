/* legacy.c - which Vietnamese encoding of before Unicode a text is probably in.
 *
 * Each reads the same bytes as other letters, and only in the right reading are the words spelled as
 * Vietnamese syllables. So the words that hold such bytes are read all four ways and each reading is counted
 * by its syllables; words that are none in any way (KCĐP, a foreign name) say nothing. Two different words
 * must agree: one letter over and over is no sign. */
#include "common/text/legacy.h"

#include "common/text/syllable.h"
#include "common/text/utf8.h"

#include <string.h>

enum {
  SAMPLE_MAX = 2000, /* words looked at */
  WORD_MAX = 64      /* bytes; longer runs are no words */
};

static const struct {
  const char *name, *words;
} encodings[LEGACY_COUNT] = {[LEGACY_TCVN3] = {"tcvn3", "TCVN3 (ABC, .VnTime)"},
                             [LEGACY_VNI] = {"vni", "VNI"},
                             [LEGACY_CP1258] = {"cp1258", "Windows-1258"},
                             [LEGACY_VISCII] = {"viscii", "VISCII"}};

const char *
legacy_name (legacy_t e)
{
  return e < LEGACY_COUNT ? encodings[e].name : NULL;
}

const char *
legacy_words (legacy_t e)
{
  return e < LEGACY_COUNT ? encodings[e].words : NULL;
}

legacy_t
legacy_of_name (str_t name)
{
  legacy_t e = LEGACY_NONE + 1;
  while (e < LEGACY_COUNT && !str_is (name, encodings[e].name))
    e++;
  return e < LEGACY_COUNT ? e : LEGACY_NONE;
}

/* ---- good characters ---- */

/* Length of the good character of several bytes that starts here; 0: none does. */
static size_t
sound_length (str_t s, size_t at)
{
  const size_t longest = s.n - at < 4 ? s.n - at : 4;
  for (size_t n = 2; n <= longest; n++)
    if (utf8_valid ((str_t){s.p + at, n}, NULL) && ((uint8_t)s.p[at + n - 1] & 0xC0) == 0x80)
      return n;
  return 0;
}

/* By chance some pairs of bytes are good characters; in UTF-8 nearly all are. */
bool
legacy_mostly_unicode (str_t bytes)
{
  size_t high = 0, sound = 0;
  for (size_t i = 0; i < bytes.n && high < (size_t)SAMPLE_MAX * 4;) {
    const size_t n = (uint8_t)bytes.p[i] < 0x80 ? 0 : sound_length (bytes, i);
    high += n > 0 ? n : (uint8_t)bytes.p[i] >= 0x80;
    sound += n;
    i += n > 0 ? n : 1;
  }
  return high > 0 && sound * 5 >= high * 4;
}

/* ---- words ---- */

typedef struct {
  size_t words, told; /* with bytes of the upper half; those that are syllables in some reading */
  size_t good[LEGACY_COUNT];
  str_t first[LEGACY_COUNT];
  bool differ[LEGACY_COUNT]; /* two different words agree */
} tally_t;

bool
legacy_reads_well (legacy_t e, str_t word, buf_t *reading)
{
  str_t w;
  size_t at = 0, n = 0;
  buf_clear (reading);
  if (!legacy_read (e, word, reading))
    return false;
  for (; syllable_next_word (buf_str (reading), &at, &w); n++)
    if (!syllable_is_vietnamese (w))
      return false;
  return n > 0;
}

static void
count_word (tally_t *t, str_t word, buf_t *reading)
{
  bool any = false;
  t->words++;
  for (legacy_t e = LEGACY_NONE + 1; e < LEGACY_COUNT; e++) {
    if (!legacy_reads_well (e, word, reading))
      continue;
    any = true;
    if (t->good[e]++ == 0)
      t->first[e] = word;
    else
      t->differ[e] = t->differ[e] || !str_eq (t->first[e], word);
  }
  t->told += any;
}

static bool
in_word (uint8_t byte)
{
  return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static void
count_words (str_t s, tally_t *t)
{
  buf_t reading = BUF_INIT;
  for (size_t i = 0; i < s.n && t->words < SAMPLE_MAX;) {
    size_t end = i;
    bool high = false;
    for (; end < s.n && in_word ((uint8_t)s.p[end]); end++)
      high = high || (uint8_t)s.p[end] >= 0x80;
    if (high && end - i <= WORD_MAX)
      count_word (t, (str_t){s.p + i, end - i}, &reading);
    i = end > i ? end : i + 1;
  }
  buf_free (&reading);
}

legacy_t
legacy_guess (str_t bytes)
{
  tally_t t = {0};
  legacy_t best = LEGACY_NONE + 1;
  if (legacy_mostly_unicode (bytes))
    return LEGACY_NONE;
  count_words (bytes, &t);
  for (legacy_t e = best + 1; e < LEGACY_COUNT; e++)
    if (t.good[e] > t.good[best])
      best = e;
  return t.differ[best] && t.good[best] * 4 >= t.told * 3 ? best : LEGACY_NONE;
}
