/* known_words.h - text in an old encoding whose few words are no Vietnamese syllables, such as KCĐP: known by
 * the words that the catalogue has. */
#ifndef KC_AGENT_ENTRY_KNOWN_WORDS_H
#define KC_AGENT_ENTRY_KNOWN_WORDS_H

#include "common/core/catalogue.h"
#include "common/text/legacy.h"

/* The encodings in which every word of the bytes that is not ASCII is a word of the catalogue or Vietnamese,
 * one of the catalogue at least; their number. *same: all of them read the whole the same. Nothing for text
 * that is UTF-8 or tells its encoding by itself (legacy_guess). */
size_t known_encodings (str_t bytes, const catalogue_t *c, legacy_t out[LEGACY_COUNT], bool *same);

/* "VISCII or Windows-1258". */
void known_encodings_words (const legacy_t *e, size_t n, buf_t *out);

/* Each with its reading and its --from. */
void known_encodings_choices (str_t file, const legacy_t *e, size_t n, buf_t *out);

/* Instead of what is wrong with a file that was refused as no UTF-8: which encoding it is in, with a reading
 * and the command to convert it. False, and *fail is left alone: that is not known. */
bool known_encodings_refuse (str_t name, str_t file, const catalogue_t *c, fail_t *fail);

#endif
