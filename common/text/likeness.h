/* likeness.h - how much two short texts have in common: to name what a person may have meant. */
#ifndef KC_TEXT_LIKENESS_H
#define KC_TEXT_LIKENESS_H

#include "common/base/bytes.h"

#define LIKENESS_NEAR 40u /* from here on a text is worth naming */

/* 0..100: pairs of letters that stand in both, of folded texts (utf8_fold); of a long text its first
 * 512 bytes. */
unsigned likeness_percent (str_t folded_a, str_t folded_b);

#endif
