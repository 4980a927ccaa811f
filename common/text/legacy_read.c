/* legacy_read.c - the letters of each encoding, and text in it read as Unicode.
 *
 * The tables are facts: TCVN 5712:1993 (VN1, of which the ABC fonts are the part without capitals with
 * tones), VISCII 1.1 (RFC 1456), Windows-1258, and VNI's letters and marks. Each has all 134 letters.
 *
 * TCVN3 knows two kinds of capitals with tones. Text made by programs has those of VN1. Text typed for the
 * ABC fonts has the small letter and is shown in a capital font (.VnTimeH), so capitals are worked out: a
 * word typed with two capital letters and no small one ("NéI"), or with a capital behind a letter of the
 * upper half ("¸N"), is in capitals; where such a word stands in a cell without small ASCII letters, all of
 * the cell is. Where VN1 has capitals, Windows has quotes and dashes, which people type far more often: they
 * are letters only in a word that has no small letter. */
#include "common/text/legacy.h"

#include "common/text/utf8.h"

#include <string.h>
#include <utf8proc.h>

enum {
  GRAVE = 0x0300,
  ACUTE = 0x0301,
  CIRCUMFLEX = 0x0302,
  TILDE = 0x0303,
  BREVE = 0x0306,
  HOOK = 0x0309,
  DOT = 0x0323
};

/* ---- tables ---- */

static const uint16_t tcvn3[128] = {
    0x00C0, 0x1EA2, 0x00C3, 0x00C1, 0x1EA0, 0x1EB6, 0x1EAC, 0x00C8, 0x1EBA, 0x1EBC, 0x00C9, 0x1EB8, 0x1EC6,
    0x00CC, 0x1EC8, 0x0128, 0x00CD, 0x1ECA, 0x00D2, 0x1ECE, 0x00D5, 0x00D3, 0x1ECC, 0x1ED8, 0x1EDC, 0x1EDE,
    0x1EE0, 0x1EDA, 0x1EE2, 0x00D9, 0x1EE6, 0x0168, 0x0000, 0x0102, 0x00C2, 0x00CA, 0x00D4, 0x01A0, 0x01AF,
    0x0110, 0x0103, 0x00E2, 0x00EA, 0x00F4, 0x01A1, 0x01B0, 0x0111, 0x1EB0, 0x0000, 0x0000, 0x0000, 0x0000,
    0x0000, 0x00E0, 0x1EA3, 0x00E3, 0x00E1, 0x1EA1, 0x1EB2, 0x1EB1, 0x1EB3, 0x1EB5, 0x1EAF, 0x1EB4, 0x1EAE,
    0x1EA6, 0x1EA8, 0x1EAA, 0x1EA4, 0x1EC0, 0x1EB7, 0x1EA7, 0x1EA9, 0x1EAB, 0x1EA5, 0x1EAD, 0x00E8, 0x1EC2,
    0x1EBB, 0x1EBD, 0x00E9, 0x1EB9, 0x1EC1, 0x1EC3, 0x1EC5, 0x1EBF, 0x1EC7, 0x00EC, 0x1EC9, 0x1EC4, 0x1EBE,
    0x1ED2, 0x0129, 0x00ED, 0x1ECB, 0x00F2, 0x1ED4, 0x1ECF, 0x00F5, 0x00F3, 0x1ECD, 0x1ED3, 0x1ED5, 0x1ED7,
    0x1ED1, 0x1ED9, 0x1EDD, 0x1EDF, 0x1EE1, 0x1EDB, 0x1EE3, 0x00F9, 0x1ED6, 0x1EE7, 0x0169, 0x00FA, 0x1EE5,
    0x1EEB, 0x1EED, 0x1EEF, 0x1EE9, 0x1EF1, 0x1EF3, 0x1EF7, 0x1EF9, 0x00FD, 0x1EF5, 0x1ED0};

/* VN1's other capitals, among the control codes. */
static const struct {
  uint8_t byte;
  uint16_t letter;
} tcvn3_low[] = {{0x01, 0x00DA}, {0x02, 0x1EE4}, {0x04, 0x1EEA}, {0x05, 0x1EEC},
                 {0x06, 0x1EEE}, {0x11, 0x1EE8}, {0x12, 0x1EF0}, {0x13, 0x1EF2},
                 {0x14, 0x1EF6}, {0x15, 0x1EF8}, {0x16, 0x00DD}, {0x17, 0x1EF4}},
  viscii_low[] = {{0x02, 0x1EB2}, {0x05, 0x1EB4}, {0x06, 0x1EAA},
                  {0x14, 0x1EF6}, {0x19, 0x1EF8}, {0x1E, 0x1EF4}};

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

static const uint16_t signs[32] = {0x20AC, 0x0000, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6,
                                   0x2030, 0x0160, 0x2039, 0x0152, 0x0000, 0x017D, 0x0000, 0x0000, 0x2018,
                                   0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161,
                                   0x203A, 0x0153, 0x0000, 0x017E, 0x0178}; /* Windows-1252 from 0x80 */

/* What Windows-1258 has otherwise than Latin-1 among its letters; the five marks stand behind a vowel. */
static const struct {
  uint8_t byte;
  uint16_t letter;
} cp1258[] = {{0xC3, 0x0102}, {0xD0, 0x0110}, {0xD5, 0x01A0}, {0xDD, 0x01AF}, {0xE3, 0x0103},
              {0xF0, 0x0111}, {0xF5, 0x01A1}, {0xFD, 0x01B0}, {0xCC, GRAVE},  {0xD2, HOOK},
              {0xDE, TILDE},  {0xEC, ACUTE},  {0xF2, DOT},    {0xFE, 0x20AB}};

/* VNI: small marks with what they add and to which vowels, and letters of one byte; capitals are 0x20 less.
 */
static const struct {
  uint8_t byte;
  const char *bases;
  uint16_t shape, tone;
} vni_marks[] = {{0xF9, "aeouy\xF4\xF6", 0, ACUTE},
                 {0xF8, "aeouy\xF4\xF6", 0, GRAVE},
                 {0xFB, "aeouy\xF4\xF6", 0, HOOK},
                 {0xF5, "aeouy\xF4\xF6", 0, TILDE},
                 {0xEF, "aeou\xF4\xF6", 0, DOT},
                 {0xE2, "aeo", CIRCUMFLEX, 0},
                 {0xE1, "aeo", CIRCUMFLEX, ACUTE},
                 {0xE0, "aeo", CIRCUMFLEX, GRAVE},
                 {0xE5, "aeo", CIRCUMFLEX, HOOK},
                 {0xE3, "aeo", CIRCUMFLEX, TILDE},
                 {0xE4, "aeo", CIRCUMFLEX, DOT},
                 {0xEA, "a", BREVE, 0},
                 {0xE9, "a", BREVE, ACUTE},
                 {0xE8, "a", BREVE, GRAVE},
                 {0xFA, "a", BREVE, HOOK},
                 {0xFC, "a", BREVE, TILDE},
                 {0xEB, "a", BREVE, DOT}};
static const struct {
  uint8_t byte;
  uint16_t small, capital;
} vni_letters[] = {{0xF4, 0x01A1, 0x01A0}, {0xF6, 0x01B0, 0x01AF}, {0xF1, 0x0111, 0x0110},
                   {0xED, 0x00ED, 0x00CD}, {0xEC, 0x00EC, 0x00CC}, {0xE6, 0x1EC9, 0x1EC8},
                   {0xF3, 0x0129, 0x0128}, {0xF2, 0x1ECB, 0x1ECA}, {0xEE, 0x1EF5, 0x1EF4}};

#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))

uint32_t
windows_1252 (uint8_t byte)
{
  return byte < 0xA0 ? signs[byte & 0x1F] : byte;
}

bool
windows_1252_byte (uint32_t codepoint, uint8_t *out)
{
  if (codepoint < 0x80 || (codepoint >= 0xA0 && codepoint <= 0xFF)) {
    *out = (uint8_t)codepoint;
    return true;
  }
  for (size_t i = 0; i < COUNT (signs); i++)
    if (signs[i] == codepoint) {
      *out = (uint8_t)(0x80 + i);
      return true;
    }
  return false;
}

static uint32_t
cp1258_letter (uint8_t byte)
{
  for (size_t i = 0; i < COUNT (cp1258); i++)
    if (cp1258[i].byte == byte)
      return cp1258[i].letter;
  return byte >= 0xC0 ? byte : 0;
}

static uint32_t
legacy_letter (legacy_t e, uint8_t byte)
{
  switch (e) {
  case LEGACY_CP1258:
    return cp1258_letter (byte);
  case LEGACY_TCVN3:
    for (size_t i = 0; byte < 0x20 && i < COUNT (tcvn3_low); i++)
      if (tcvn3_low[i].byte == byte)
        return tcvn3_low[i].letter;
    return byte < 0x80 ? 0 : tcvn3[byte - 0x80];
  case LEGACY_VISCII:
    for (size_t i = 0; byte < 0x20 && i < COUNT (viscii_low); i++)
      if (viscii_low[i].byte == byte)
        return viscii_low[i].letter;
    return byte < 0x80 ? 0 : viscii[byte - 0x80];
  case LEGACY_NONE:
  case LEGACY_VNI:
  case LEGACY_COUNT:
    break;
  }
  return 0;
}

/* What is no letter of the encoding. */
static void
put_other (uint8_t byte, buf_t *out)
{
  const uint32_t sign = byte < 0x80 ? byte : windows_1252 (byte);
  if (byte < 0x80)
    buf_putc (out, (char)byte);
  else
    utf8_put (out, sign != 0 ? sign : 0xFFFD);
}

static void
put_letter (legacy_t e, uint8_t byte, buf_t *out)
{
  const uint32_t letter = legacy_letter (e, byte);
  if (letter != 0)
    utf8_put (out, letter);
  else
    put_other (byte, out);
}

/* ---- VNI ---- */

static bool
is_capital_ascii (uint8_t c)
{
  return c >= 'A' && c <= 'Z';
}

static bool
is_small_ascii (uint8_t c)
{
  return c >= 'a' && c <= 'z';
}

static uint8_t
vni_small (uint8_t byte)
{
  return (byte >= 0xC0 && byte < 0xE0) || is_capital_ascii (byte) ? (uint8_t)(byte + 0x20) : byte;
}

static void
read_vni (str_t s, buf_t *out)
{
  for (size_t i = 0; i < s.n; i++) {
    const uint8_t byte = (uint8_t)s.p[i], small = vni_small (byte);
    const uint8_t next = i + 1 < s.n ? vni_small ((uint8_t)s.p[i + 1]) : 0;
    size_t letter = 0, mark = 0;
    while (letter < COUNT (vni_letters) && vni_letters[letter].byte != small)
      letter++;
    if (letter < COUNT (vni_letters))
      utf8_put (out, byte == small ? vni_letters[letter].small : vni_letters[letter].capital);
    else
      put_other (byte, out);
    while (mark < COUNT (vni_marks) && (next < 0x80 || vni_marks[mark].byte != next))
      mark++;
    if (mark == COUNT (vni_marks) || strchr (vni_marks[mark].bases, (char)small) == NULL || small == 0)
      continue;
    if (vni_marks[mark].shape != 0)
      utf8_put (out, vni_marks[mark].shape);
    if (vni_marks[mark].tone != 0)
      utf8_put (out, vni_marks[mark].tone);
    i++;
  }
}

/* ---- TCVN3 ---- */

static bool
is_tcvn3_capital (uint8_t byte)
{
  return byte >= 0xA1 && byte <= 0xA7;
}

static bool
in_word (uint8_t byte)
{
  return is_capital_ascii (byte) || is_small_ascii (byte) || (byte >= 0x80 && tcvn3[byte - 0x80] != 0);
}

static bool
ends_cell (uint8_t byte)
{
  static const char ends[] = {',', ';', '\t', '\n', '\r', '"'};
  return memchr (ends, byte, sizeof ends) != NULL;
}

typedef struct {
  unsigned capitals, small, high;
  unsigned lower; /* small letters, those of the upper half among them */
  unsigned other; /* than quotes and dashes of Windows */
  bool behind;    /* a capital stands behind a small letter of the upper half */
} word_t;

static bool
is_small_letter (uint32_t letter)
{
  return utf8proc_toupper ((utf8proc_int32_t)letter) != (utf8proc_int32_t)letter;
}

static bool
is_punctuation (uint8_t byte)
{
  return byte == 0x85 || (byte >= 0x91 && byte <= 0x97);
}

static word_t
look_at (str_t s, size_t from, size_t to)
{
  word_t w = {0};
  for (size_t i = from; i < to; i++) {
    const uint8_t byte = (uint8_t)s.p[i];
    const bool capital = is_capital_ascii (byte) || is_tcvn3_capital (byte);
    w.behind = w.behind || (capital && w.high > 0);
    w.capitals += capital;
    w.small += is_small_ascii (byte);
    w.lower += is_small_ascii (byte) || is_small_letter (legacy_letter (LEGACY_TCVN3, byte));
    w.high += byte > 0xA7;
    w.other += !is_punctuation (byte);
  }
  return w;
}

static bool
is_typed_in_capitals (const word_t *w)
{
  return w->small == 0 && (w->behind || w->capitals >= 2);
}

static size_t
word_end (str_t s, size_t from, size_t to)
{
  while (from < to && in_word ((uint8_t)s.p[from]))
    from++;
  return from;
}

/* *behind: the word before was in capitals, which settles a word with a single capital letter and no other
 * ("THÞ X·"). */
static void
read_tcvn3_word (str_t s, size_t from, size_t to, bool capitals, bool *behind, buf_t *out)
{
  const word_t w = look_at (s, from, to);
  capitals = capitals || is_typed_in_capitals (&w) || (*behind && w.small == 0 && w.capitals == 1);
  *behind = capitals && w.high > 0;
  for (size_t i = from; i < to; i++) {
    const uint8_t byte = (uint8_t)s.p[i];
    if (is_punctuation (byte) && (w.lower > 0 || w.other == 0))
      put_other (byte, out);
    else if (capitals && byte >= 0x80)
      utf8_put (out, (uint32_t)utf8proc_toupper ((utf8proc_int32_t)legacy_letter (LEGACY_TCVN3, byte)));
    else
      put_letter (LEGACY_TCVN3, byte, out);
  }
}

static void
read_tcvn3_cell (str_t s, size_t from, size_t to, buf_t *out)
{
  const word_t cell = look_at (s, from, to);
  bool capitals = false, behind = false;
  for (size_t i = from; i < to && cell.small == 0 && !capitals;) {
    const size_t end = word_end (s, i, to);
    const word_t w = look_at (s, i, end);
    capitals = w.high > 0 && is_typed_in_capitals (&w);
    i = end > i ? end : i + 1;
  }
  for (size_t i = from; i < to;) {
    const size_t end = word_end (s, i, to);
    if (end > i)
      read_tcvn3_word (s, i, end, capitals, &behind, out);
    else
      put_letter (LEGACY_TCVN3, (uint8_t)s.p[i], out);
    i = end > i ? end : i + 1;
  }
}

static void
read_tcvn3 (str_t s, buf_t *out)
{
  for (size_t i = 0; i < s.n;) {
    size_t end = i;
    while (end < s.n && !ends_cell ((uint8_t)s.p[end]))
      end++;
    read_tcvn3_cell (s, i, end, out);
    if (end < s.n)
      buf_putc (out, s.p[end]);
    i = end + 1;
  }
}

/* ---- any ---- */

static void
read_letters (legacy_t e, str_t s, buf_t *out)
{
  for (size_t i = 0; i < s.n; i++)
    put_letter (e, (uint8_t)s.p[i], out);
}

/* Windows-1258 and VNI are read as letters and marks behind them. */
static bool
compose (buf_t *marked, buf_t *out)
{
  str_t normal = STR_NONE;
  arena_t *arena = arena_new (2 * marked->n + 4096);
  const bool ok = arena != NULL && buf_ok (marked) && utf8_normalise (buf_str (marked), arena, &normal);
  if (ok)
    buf_put (out, normal.p, normal.n);
  arena_destroy (&arena);
  return ok;
}

bool
legacy_read (legacy_t e, str_t bytes, buf_t *out)
{
  buf_t marked = BUF_INIT;
  bool ok = true;
  CHECK (e > LEGACY_NONE && e < LEGACY_COUNT);
  if (e == LEGACY_TCVN3)
    read_tcvn3 (bytes, out);
  else if (e == LEGACY_VISCII)
    read_letters (e, bytes, out);
  else {
    if (e == LEGACY_VNI)
      read_vni (bytes, &marked);
    else
      read_letters (e, bytes, &marked);
    ok = marked.n == 0 || compose (&marked, out);
  }
  buf_free (&marked);
  return ok && buf_ok (out);
}

/* ---- samples ---- */

enum { SAMPLES = 3, SAMPLE_COLUMNS = 48 };

void
legacy_sample (str_t reading, buf_t *out)
{
  const size_t n = utf8_prefix (reading, SAMPLE_COLUMNS);
  if (out->n > 0)
    buf_puts (out, ", ");
  buf_printf (out, "“%.*s%s”", (int)n, reading.p, n < reading.n ? "…" : "");
}

static bool
is_upper_half (str_t s, unsigned least)
{
  unsigned n = 0;
  for (size_t i = 0; i < s.n; i++)
    n += (uint8_t)s.p[i] >= 0x80;
  return n >= least;
}

/* Cells with so many letters of it. */
static void
samples_of (legacy_t e, str_t file, unsigned least, buf_t *out)
{
  buf_t reading = BUF_INIT;
  str_t shown[SAMPLES];
  unsigned n = 0;
  for (size_t i = 0; i < file.n && n < SAMPLES;) {
    size_t end = i;
    while (end < file.n && !ends_cell ((uint8_t)file.p[end]))
      end++;
    str_t cell = {file.p + i, end - i};
    i = end + 1;
    while (cell.n > 0 && *cell.p == ' ')
      cell = (str_t){cell.p + 1, cell.n - 1};
    bool new_ = is_upper_half (cell, least);
    for (unsigned k = 0; k < n; k++)
      new_ = new_ && !str_eq (shown[k], cell);
    buf_clear (&reading);
    if (!new_ || !legacy_read (e, cell, &reading))
      continue;
    shown[n++] = cell;
    legacy_sample (buf_str (&reading), out);
  }
  buf_free (&reading);
}

void
legacy_samples (legacy_t e, str_t file, buf_t *out)
{
  const size_t before = out->n;
  samples_of (e, file, 2, out);
  if (out->n == before)
    samples_of (e, file, 1, out);
}
