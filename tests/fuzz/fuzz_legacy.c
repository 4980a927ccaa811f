/* Any bytes in any old encoding, and any text for letters of old fonts: readings are good normal text,
 * samples too, and what is found in a column lies within it. */
#include "common/text/fonts.h"
#include "common/text/syllable.h"
#include "common/text/utf8.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_reading (legacy_t e, str_t bytes)
{
  buf_t out = BUF_INIT, samples = BUF_INIT;
  CHECK (legacy_read (e, bytes, &out));
  CHECK (utf8_valid (buf_str (&out), NULL) && utf8_is_normal (buf_str (&out)));
  legacy_samples (e, bytes, &samples);
  CHECK (utf8_valid (buf_str (&samples), NULL));
  buf_free (&out);
  buf_free (&samples);
}

static void
check_text (str_t text)
{
  buf_t out = BUF_INIT;
  font_finding_t found;
  str_t word;
  size_t at = 0, before = 0;
  fonts_t *fonts = fonts_new ();
  CHECK (fonts != NULL);
  for (; syllable_next_word (text, &at, &word); before = at) {
    CHECK (word.n > 0 && at > before && at <= text.n);
    (void)syllable_is_vietnamese (word);
  }
  fonts_look (fonts, 1, text, 2, 3);
  const legacy_t guess = fonts_guess (text);
  if (guess != LEGACY_NONE)
    CHECK (fonts_read (guess, text, &out) && utf8_valid (buf_str (&out), NULL));
  buf_clear (&out);
  if (fonts_found (fonts, 1, &found, &out))
    CHECK (found.cells == 1 && found.line == 2 && found.at == 3 && utf8_valid (buf_str (&out), NULL));
  CHECK (!fonts_found (fonts, 0, &found, NULL));
  fonts_destroy (&fonts);
  buf_free (&out);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const str_t bytes = {(const char *)data, size};
  if (size > 8192)
    return 0;
  (void)legacy_guess (bytes);
  for (legacy_t e = LEGACY_NONE + 1; e < LEGACY_COUNT; e++)
    check_reading (e, bytes);
  if (utf8_valid (bytes, NULL))
    check_text (bytes);
  return 0;
}
