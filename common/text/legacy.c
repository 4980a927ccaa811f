/* legacy.c - which Vietnamese encoding of before Unicode a file is probably in.
 *
 * Each encoding reads the same bytes as letters, and the readings are weighed by how often Vietnamese
 * uses those letters: in the right reading ế, ộ, đ abound; in a wrong one there are capitals within
 * words, marks on consonants and bytes that are no letter. The best reading is named if it is good in
 * itself; otherwise none is, and the caller says no more than that the text is no UTF-8. */
#include "common/text/csv_parts.h"

#include "common/text/utf8.h"

#include <string.h>

enum {
  WEIGHT_WRONG =
      -8, /* no letter of Vietnamese, a mark on nothing, or a second vowel with a mark behind a or e */
  WEIGHT_INSIDE = -6, /* a capital behind a small letter */
  WEIGHT_RARE = 1,
  WEIGHT_MARK = 4,
  WEIGHT_CERTAIN = 2, /* mean weight that a reading must have to be named */
  SAMPLE_MIN = 4,     /* different bytes above 0x7F; fewer (KCĐP alone) say nothing */
  SAMPLE_MAX = 4000
};

/* Code points of the bytes 0xA0 up; the capitals with tones below are a matter of the font. */
static const uint16_t tcvn3[96] = {
    0x0000, 0x0102, 0x00C2, 0x00CA, 0x00D4, 0x01A0, 0x01AF, 0x0110, 0x0103, 0x00E2, 0x00EA, 0x00F4,
    0x01A1, 0x01B0, 0x0111, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x00E0, 0x1EA3, 0x00E3,
    0x00E1, 0x1EA1, 0x0000, 0x1EB1, 0x1EB3, 0x1EB5, 0x1EAF, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000,
    0x0000, 0x0000, 0x1EB7, 0x1EA7, 0x1EA9, 0x1EAB, 0x1EA5, 0x1EAD, 0x00E8, 0x0000, 0x1EBB, 0x1EBD,
    0x00E9, 0x1EB9, 0x1EC1, 0x1EC3, 0x1EC5, 0x1EBF, 0x1EC7, 0x00EC, 0x1EC9, 0x0000, 0x0000, 0x0000,
    0x0129, 0x00ED, 0x1ECB, 0x00F2, 0x0000, 0x1ECF, 0x00F5, 0x00F3, 0x1ECD, 0x1ED3, 0x1ED5, 0x1ED7,
    0x1ED1, 0x1ED9, 0x1EDD, 0x1EDF, 0x1EE1, 0x1EDB, 0x1EE3, 0x00F9, 0x0000, 0x1EE7, 0x0169, 0x00FA,
    0x1EE5, 0x1EEB, 0x1EED, 0x1EEF, 0x1EE9, 0x1EF1, 0x1EF3, 0x1EF7, 0x1EF9, 0x00FD, 0x1EF5, 0x0000};

static const uint16_t viscii[128] = {
    0x1EA0, 0x1EAE, 0x1EB0, 0x1EB6, 0x1EA4, 0x1EA6, 0x1EA8, 0x1EAC, 0x1EBC, 0x1EB8, 0x1EBE, 0x1EC0, 0x1EC2,
    0x1EC4, 0x1EC6, 0x1ED0, 0x1ED2, 0x1ED4, 0x1ED6, 0x1ED8, 0x1EE2, 0x1EDA, 0x1EDC, 0x1EDE, 0x1ECA, 0x1ECE,
    0x1ECC, 0x1EC8, 0x1EE6, 0x0168, 0x1EE4, 0x1EF2, 0x00D5, 0x1EAF, 0x1EB1, 0x1EB7, 0x1EA5, 0x1EA7, 0x1EA9,
    0x1EAD, 0x1EBD, 0x1EB9, 0x1EBF, 0x1EC1, 0x1EC3, 0x1EC5, 0x1EC7, 0x1ED1, 0x1ED3, 0x1ED5, 0x1ED7, 0x1EE0,
    0x01A0, 0x1ED9, 0x1EDD, 0x1EDF, 0x1ECB, 0x1EF0, 0x1EE8, 0x1EEA, 0x1EEC, 0x01A1, 0x1EDB, 0x01AF, 0x00C0,
    0x00C1, 0x00C2, 0x00C3, 0x1EA2, 0x0102, 0x1EB3, 0x1EB5, 0x00C8, 0x00C9, 0x00CA, 0x1EBA, 0x00CC, 0x00CD,
    0x0128, 0x1EF3, 0x0110, 0x1EE9, 0x00D2, 0x00D3, 0x00D4, 0x1EA1, 0x1EF7, 0x1EEB, 0x1EED, 0x00D9, 0x00DA,
    0x1EF9, 0x1EF5, 0x00DD, 0x1EE1, 0x01B0, 0x00E0, 0x00E1, 0x00E2, 0x00E3, 0x1EA3, 0x0103, 0x1EEF, 0x1EAB,
    0x00E8, 0x00E9, 0x00EA, 0x1EBB, 0x00EC, 0x00ED, 0x0129, 0x1EC9, 0x0111, 0x1EF1, 0x00F2, 0x00F3, 0x00F4,
    0x00F5, 0x1ECF, 0x1ECD, 0x1EE5, 0x00F9, 0x00FA, 0x0169, 0x1EE7, 0x00FD, 0x1EE3, 0x1EEE};

/* What Windows-1258 has otherwise than Latin-1 among its letters; the five marks stand behind a vowel. */
static const struct {
  uint8_t byte;
  uint16_t letter;
} cp1258[] = {{0xC3, 0x0102}, {0xD0, 0x0110}, {0xD5, 0x01A0}, {0xDD, 0x01AF},
              {0xE3, 0x0103}, {0xF0, 0x0111}, {0xF5, 0x01A1}, {0xFD, 0x01B0}};
static const char cp1258_marks[] = "\xCC\xD2\xDE\xEC\xF2";
static const char cp1258_latin1[] = "\xC0\xC1\xC2\xC8\xC9\xCA\xCD\xD3\xD4\xD9\xDA"
                                    "\xE0\xE1\xE2\xE8\xE9\xEA\xED\xF3\xF4\xF9\xFA";

/* VNI writes a letter and behind it a mark, small ones here; a capital mark is 0x20 less. */
static const struct {
  const char *marks, *bases;
} vni[] = {{"\xF9\xF8\xFB\xF5\xEF", "aeouy\xF4\xF6"}, /* the five tones; F4 and F6 are o and u with horn */
           {"\xE2\xE1\xE0\xE5\xE3\xE4", "aeo"},       /* circumflex, alone and with each tone */
           {"\xEA\xE9\xE8\xFA\xFC\xEB", "a"}};        /* breve likewise */
static const char vni_letters[] = "\xF4\xF6\xF1\xED\xEC\xE6\xF3\xF2\xEE"; /* a byte of their own */

static bool
among (uint8_t byte, const char *set)
{
  return byte != 0 && strchr (set, (char)byte) != NULL;
}

/* How often Vietnamese uses a letter, in steps. */
static int
letter_weight (uint32_t letter)
{
  static const struct {
    const char *letters;
    int weight;
  } steps[] = {{"áôợếệđơêưứâ", 6},
               {"ụềàểịởóìĐựạộăả", 5},
               {"ổấốậãầýớẩọồờíủ", 4},
               {"ỗỹẫễòỉỡửúắỏừùữặũ", 3},
               {"ĩỷẳỳẵằỵẹẻẽéèõÂÔƯ", 2}};
  char text[3];
  size_t n = letter < 0x800 ? 2 : 3;
  if (n == 2)
    text[0] = (char)(0xC0 | letter >> 6);
  else {
    text[0] = (char)(0xE0 | letter >> 12);
    text[1] = (char)(0x80 | (letter >> 6 & 0x3F));
  }
  text[n - 1] = (char)(0x80 | (letter & 0x3F));
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
    if (utf8_contains (str_of (steps[i].letters), (str_t){text, n}))
      return steps[i].weight;
  return WEIGHT_RARE;
}

static bool
is_capital (uint32_t letter)
{
  if (letter < 0x100)
    return letter < 0xE0;
  return letter == 0x01AF || (letter != 0x01B0 && letter % 2 == 0);
}

static bool
is_small_ascii (uint8_t c)
{
  return c >= 'a' && c <= 'z';
}

static uint8_t
to_small_ascii (uint8_t c)
{
  return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 0x20) : c;
}

/* ---- the weight of one byte, given the one before ---- */

static int
weigh_letter (uint32_t letter, uint8_t before)
{
  if (letter == 0)
    return WEIGHT_WRONG;
  if (is_capital (letter) && is_small_ascii (before))
    return WEIGHT_INSIDE;
  bool vowel = letter != 0x0110 && letter != 0x0111;
  if (vowel && among (to_small_ascii (before), "ae"))
    return WEIGHT_WRONG;
  return letter_weight (letter);
}

static int
weigh_tcvn3 (uint8_t byte, uint8_t before)
{
  return weigh_letter (byte < 0xA0 ? 0 : tcvn3[byte - 0xA0], before);
}

static int
weigh_viscii (uint8_t byte, uint8_t before)
{
  return weigh_letter (viscii[byte - 0x80], before);
}

static int
weigh_cp1258 (uint8_t byte, uint8_t before)
{
  if (among (byte, cp1258_marks)) {
    bool vowel =
        among (to_small_ascii (before), "aeiouy") || (before >= 0x80 && !among (before, cp1258_marks));
    return vowel ? WEIGHT_MARK : WEIGHT_WRONG;
  }
  for (size_t i = 0; i < sizeof cp1258 / sizeof cp1258[0]; i++)
    if (byte == cp1258[i].byte)
      return weigh_letter (cp1258[i].letter, before);
  return weigh_letter (among (byte, cp1258_latin1) ? byte : 0, before);
}

static int
weigh_vni (uint8_t byte, uint8_t before)
{
  if (byte < 0xC0)
    return WEIGHT_WRONG;
  bool capital = byte < 0xE0;
  uint8_t mark = capital ? (uint8_t)(byte + 0x20) : byte;
  uint8_t base = before >= 0xC0 && before < 0xE0 ? (uint8_t)(before + 0x20) : to_small_ascii (before);
  if (capital && is_small_ascii (before))
    return WEIGHT_INSIDE;
  for (size_t i = 0; i < sizeof vni / sizeof vni[0]; i++)
    if (among (mark, vni[i].marks) && among (base, vni[i].bases))
      return WEIGHT_MARK;
  return among (mark, vni_letters) ? WEIGHT_MARK : WEIGHT_WRONG;
}

/* ---- a whole file ---- */

/* Where readings weigh the same the first is named: the commonest. */
static const struct {
  const char *name;
  int (*weigh) (uint8_t byte, uint8_t before);
} encodings[] = {{"Windows-1258", weigh_cp1258},
                 {"TCVN3 (ABC, .VnTime)", weigh_tcvn3},
                 {"VNI", weigh_vni},
                 {"VISCII", weigh_viscii}};
enum { ENCODINGS = sizeof encodings / sizeof encodings[0] };

const char *
csv_legacy_name (str_t file)
{
  int64_t sum[ENCODINGS] = {0};
  int64_t seen = 0, unicode = 0;
  bool met[128] = {false};
  unsigned different = 0;
  for (size_t i = 0; i < file.n && seen < SAMPLE_MAX; i++) {
    uint8_t byte = (uint8_t)file.p[i], before = i > 0 ? (uint8_t)file.p[i - 1] : 0;
    if (byte < 0x80)
      continue;
    seen++;
    different += !met[byte - 0x80];
    met[byte - 0x80] = true;
    for (size_t e = 0; e < ENCODINGS; e++)
      sum[e] += encodings[e].weigh (byte, before);
    size_t longest = file.n - i < 4 ? file.n - i : 4;
    bool sound = false; /* does a good character start here? */
    for (size_t n = 2; n <= longest && !sound; n++)
      sound = utf8_valid ((str_t){file.p + i, n}, NULL) && ((uint8_t)file.p[i + n - 1] & 0xC0) == 0x80;
    unicode += sound;
  }
  /* good UTF-8 has a start every second or third byte */
  if (different < SAMPLE_MIN || unicode * 4 >= seen)
    return NULL;
  size_t best = 0;
  for (size_t e = 1; e < ENCODINGS; e++)
    if (sum[e] > sum[best])
      best = e;
  return sum[best] >= seen * WEIGHT_CERTAIN ? encodings[best].name : NULL;
}
