/* legacy.h - the Vietnamese encodings of before Unicode: which one a text is in, and what it says.
 *
 * Nothing is converted behind anybody's back: a file in one of them is refused with the reading shown, and
 * a person says yes by `kc-agent convert`. */
#ifndef KC_TEXT_LEGACY_H
#define KC_TEXT_LEGACY_H

#include "common/base/bytes.h"

typedef enum {
  LEGACY_NONE = 0,
  LEGACY_TCVN3,  /* ABC, .VnTime; its capitals with tones are in the font, or as in TCVN 5712 VN1 */
  LEGACY_VNI,    /* a letter and a mark behind it */
  LEGACY_CP1258, /* Windows-1258: letters, and five tone marks behind them */
  LEGACY_VISCII,
  LEGACY_COUNT
} legacy_t;

const char *legacy_name (legacy_t e);  /* "tcvn3", as in --from; NULL for NONE */
const char *legacy_words (legacy_t e); /* "TCVN3 (ABC, .VnTime)" */
legacy_t legacy_of_name (str_t name);  /* LEGACY_NONE when unknown */

/* What text that is no UTF-8 is probably in; LEGACY_NONE when that is not clear. */
legacy_t legacy_guess (str_t bytes);
/* Is most of what is not ASCII good UTF-8? Then a broken spot is not a legacy encoding. */
bool legacy_mostly_unicode (str_t bytes);
/* The bytes read as `e`, appended as UTF-8 in NFC. Signs that are no letters are those of Windows-1252, what
 * is none of these becomes U+FFFD. False: out of memory. */
bool legacy_read (legacy_t e, str_t bytes, buf_t *out);

/* Does a word read as `e` make Vietnamese syllables? The reading is left in *reading. */
bool legacy_reads_well (legacy_t e, str_t word, buf_t *reading);

/* A sign of Windows-1252 (bytes 0x80..0xFF), 0: not in use; and back. */
uint32_t windows_1252 (uint8_t byte);
bool windows_1252_byte (uint32_t codepoint, uint8_t *out);

/* The first cells of a file in `e` that hold letters of it, as they would read, up to three in quotes. */
void legacy_samples (legacy_t e, str_t file, buf_t *out);
/* Adds a reading in quotes to such a list, cut to a few words. */
void legacy_sample (str_t reading, buf_t *out);

#endif
