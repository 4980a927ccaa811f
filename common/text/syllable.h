/* syllable.h - is a word a syllable that Vietnamese spelling allows? */
#ifndef KC_TEXT_SYLLABLE_H
#define KC_TEXT_SYLLABLE_H

#include "common/base/bytes.h"

/* The word, in UTF-8 of either normal form, in small letters, in capitals or with one in front, is one
 * syllable: an onset, a rime that exists, and a tone the rime can bear (áp and ạp, but no ap). */
bool syllable_is_vietnamese (str_t word);

/* The next word from *at on: letters and marks, with *at behind it. False: there is none. What cannot be in a
 * word (digits, spaces, punctuation) parts them; signs such as § are taken in, for they are letters of a
 * font. */
bool syllable_next_word (str_t text, size_t *at, str_t *word);

#endif
