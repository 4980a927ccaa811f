/* known_words.c - see known_words.h.
 *
 * An abbreviation is spelled as no syllable, so it says nothing to legacy_guess; but it stands in the
 * catalogue, and read in the wrong encoding it does not. Two encodings may have the same letter at the same
 * place (Đ in VISCII and Windows-1258): then both are named, and either will do. */
#include "agent/entry/known_words.h"

#include "common/base/lang.h"
#include "common/text/utf8.h"

enum { WORDS_MAX = 64, WORD_BYTES_MAX = 64 };

static bool
in_word (uint8_t byte)
{
  return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Different words with bytes of the upper half. */
static size_t
gather (str_t s, str_t words[WORDS_MAX])
{
  size_t n = 0;
  for (size_t i = 0; i < s.n && n < WORDS_MAX;) {
    size_t end = i;
    bool high = false;
    for (; end < s.n && in_word ((uint8_t)s.p[end]); end++)
      high = high || (uint8_t)s.p[end] >= 0x80;
    const str_t word = {s.p + i, end - i};
    bool new_ = high && word.n <= WORD_BYTES_MAX;
    for (size_t k = 0; k < n && new_; k++)
      new_ = !str_eq (words[k], word);
    if (new_)
      words[n++] = word;
    i = end > i ? end : i + 1;
  }
  return n;
}

/* Does the word stand in the text, with nothing of a word beside it? */
static bool
has_word (str_t text, str_t word)
{
  if (word.n < 3)
    return false;
  for (size_t i = 0; i + word.n <= text.n; i++) {
    const char *at = memchr (text.p + i, word.p[0], text.n - word.n - i + 1);
    if (at == NULL)
      return false;
    i = (size_t)(at - text.p);
    const bool begins = i == 0 || !in_word ((uint8_t)text.p[i - 1]);
    const bool ends = i + word.n == text.n || !in_word ((uint8_t)text.p[i + word.n]);
    if (begins && ends && memcmp (at, word.p, word.n) == 0)
      return true;
  }
  return false;
}

static bool
knows (legacy_t e, const str_t *words, size_t n, str_t catalogue)
{
  buf_t reading = BUF_INIT;
  bool all = true, some = false;
  for (size_t i = 0; i < n && all; i++) {
    buf_clear (&reading);
    const bool known = legacy_read (e, words[i], &reading) && has_word (catalogue, buf_str (&reading));
    all = known || legacy_reads_well (e, words[i], &reading);
    some = some || known;
  }
  buf_free (&reading);
  return all && some;
}

static bool
read_the_same (str_t bytes, const legacy_t *e, size_t n)
{
  buf_t first = BUF_INIT, other = BUF_INIT;
  bool same = n > 0 && legacy_read (e[0], bytes, &first);
  for (size_t i = 1; i < n && same; i++) {
    buf_clear (&other);
    same = legacy_read (e[i], bytes, &other) && str_eq (buf_str (&first), buf_str (&other));
  }
  buf_free (&first);
  buf_free (&other);
  return same;
}

size_t
known_encodings (str_t bytes, const catalogue_t *c, legacy_t out[LEGACY_COUNT], bool *same)
{
  str_t words[WORDS_MAX];
  size_t n = 0;
  *same = false;
  if (utf8_valid (bytes, NULL) || legacy_mostly_unicode (bytes) || legacy_guess (bytes) != LEGACY_NONE)
    return 0;
  const size_t words_n = gather (bytes, words);
  for (legacy_t e = LEGACY_NONE + 1; e < LEGACY_COUNT; e++)
    if (knows (e, words, words_n, catalogue_bytes (c)))
      out[n++] = e;
  *same = read_the_same (bytes, out, n);
  return n;
}

void
known_encodings_words (const legacy_t *e, size_t n, buf_t *out)
{
  for (size_t i = 0; i < n; i++)
    buf_printf (out, "%s%s", i > 0 ? L (" hoặc ", " or ") : "", legacy_words (e[i]));
}

void
known_encodings_choices (str_t file, const legacy_t *e, size_t n, buf_t *out)
{
  for (size_t i = 0; i < n; i++) {
    buf_t samples = BUF_INIT;
    legacy_samples (e[i], file, &samples);
    buf_printf (out, L ("%s%s đọc là %s (--from %s)", "%s%s reads %s (--from %s)"), i > 0 ? "; " : "",
                legacy_words (e[i]), buf_z (&samples), legacy_name (e[i]));
    buf_free (&samples);
  }
}

bool
known_encodings_refuse (str_t name, str_t file, const catalogue_t *c, fail_t *fail)
{
  legacy_t e[LEGACY_COUNT];
  bool same;
  buf_t words = BUF_INIT, samples = BUF_INIT;
  const size_t n = known_encodings (file, c, e, &same);
  fail_t found = {0};
  if (n == 0)
    return false;
  if (same) {
    known_encodings_words (e, n, &words);
    legacy_samples (e[0], file, &samples);
    fail_set (
        &found, ERR_INPUT,
        L ("tệp viết bằng bảng mã cũ %s, không phải Unicode (UTF-8); đọc là: %s. Nếu đúng, hãy chuyển "
           "bằng: kc-agent convert \"%.*s\" -o \"%.*s.utf8.csv\" rồi nhập tệp mới",
           "the file is in the old encoding %s, not in Unicode (UTF-8); it reads: %s. If that is right, "
           "convert it with: kc-agent convert \"%.*s\" -o \"%.*s.utf8.csv\" and import the new file"),
        buf_z (&words), buf_z (&samples), STR_ARG (name), STR_ARG (name));
  } else {
    known_encodings_choices (file, e, n, &words);
    fail_set (&found, ERR_INPUT,
              L ("tệp viết bằng một bảng mã cũ, không phải Unicode (UTF-8): %s. Hãy chọn cách đọc đúng và "
                 "chuyển bằng: kc-agent convert \"%.*s\" --from %s -o \"%.*s.utf8.csv\" rồi nhập tệp mới",
                 "the file is in an old encoding, not in Unicode (UTF-8): %s. Choose what reads right and "
                 "convert it with: kc-agent convert \"%.*s\" --from %s -o \"%.*s.utf8.csv\", then import "
                 "the new file"),
              buf_z (&words), STR_ARG (name), legacy_name (e[0]), STR_ARG (name));
  }
  found.line = fail->line;
  found.column = fail->column;
  *fail = found;
  buf_free (&words);
  buf_free (&samples);
  return true;
}
