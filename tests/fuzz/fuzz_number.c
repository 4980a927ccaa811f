/* Any text as a number and a date: what is understood is written back in plain form and understood as
 * the same; and a plain reading is never at odds with that of a locale that also reads it, but for "."
 * and "," that the locale takes for grouping, which plain must then have refused. The first byte
 * chooses the scale. */
#include "common/text/number.h"
#include "common/text/utf8.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_number (str_t text, unsigned scale)
{
  int64_t value[3] = {0};
  number_status_t status[3];
  for (int l = NUMBER_PLAIN; l <= NUMBER_EN; l++) {
    status[l] = number_parse (text, (number_locale_t)l, scale, &value[l]);
    CHECK (number_words (status[l])[0] != '\0');
    if (status[l] != NUMBER_OK)
      continue;
    buf_t out = BUF_INIT;
    int64_t back = 0;
    number_format_plain (value[l], scale, 0, &out);
    CHECK (number_parse (buf_str (&out), NUMBER_PLAIN, scale, &back) == NUMBER_OK);
    CHECK (back == value[l]);
    buf_free (&out);
  }
  for (int l = NUMBER_VI; l <= NUMBER_EN; l++)
    if (status[NUMBER_PLAIN] == NUMBER_OK && status[l] == NUMBER_OK)
      CHECK (value[NUMBER_PLAIN] == value[l]);
}

static void
check_date (str_t text)
{
  for (int l = NUMBER_PLAIN; l <= NUMBER_EN; l++) {
    uint32_t date = 0, back = 0;
    if (date_parse (text, (number_locale_t)l, &date) != NUMBER_OK)
      continue;
    buf_t out = BUF_INIT;
    date_format (date, &out);
    CHECK (date_parse (buf_str (&out), NUMBER_PLAIN, &back) == NUMBER_OK);
    CHECK (back == date);
    buf_free (&out);
  }
}

/* The text functions take what csv lets through; here they take anything. */
static void
check_text (str_t text)
{
  buf_t out = BUF_INIT;
  arena_t *arena = arena_new (1 << 20);
  CHECK (arena != NULL);
  bool valid = utf8_valid (text, NULL);
  CHECK (utf8_fold (text, &out) == valid);
  CHECK (utf8_sort_key (text, &out) == valid);
  CHECK (utf8_prefix (text, SIZE_MAX) == text.n);
  str_t normal = STR_NONE;
  if (utf8_normalise (text, arena, &normal))
    CHECK (utf8_valid (normal, NULL) && utf8_is_normal (normal));
  CHECK (valid || !utf8_is_normal (text));
  arena_destroy (&arena);
  buf_free (&out);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size == 0 || size > 4096)
    return 0;
  str_t text = {(const char *)data + 1, size - 1};
  check_number (text, data[0] % 19);
  check_date (text);
  check_text (text);
  return 0;
}
