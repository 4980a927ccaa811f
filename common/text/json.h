/* json.h - the two things json is particular about when it is written. */
#ifndef KC_TEXT_JSON_H
#define KC_TEXT_JSON_H

#include "common/base/bytes.h"

/* The text in quotes, escaped. */
void json_put_text (buf_t *out, str_t s);
/* Is it a number as json spells them? "007" and "-" are not. */
bool json_is_number (str_t s);

#endif
