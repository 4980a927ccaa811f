/* markup.h - text inside html and xml. */
#ifndef KC_TEXT_MARKUP_H
#define KC_TEXT_MARKUP_H

#include "common/base/bytes.h"

/* Within an element or a quoted attribute: & < > and quotes escaped; what is no UTF-8, or no character a
 * document may hold, becomes U+FFFD. */
void markup_put_text (buf_t *out, str_t s);

#endif
