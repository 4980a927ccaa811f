/* seal.h - bytes that only one CURVE key opens: a random key sealed to it, and under that a row of records of
 * which none can be changed, dropped, repeated or moved, and whose last one is known as such. */
#ifndef KC_CRYPTO_SEAL_H
#define KC_CRYPTO_SEAL_H

#include "common/base/ids.h"

#define SEAL_START 104u /* bytes in front of the records */
#define SEAL_EXTRA 17u  /* a record gets longer by */

typedef struct seal seal_t;
/* To write; start is what the reader needs. NULL: no memory. */
seal_t *seal_new (const curve_key_t *to, uint8_t start[SEAL_START]);
/* To read. ERR_FORGED: it was not sealed to this key, or changed. */
MUST_USE err_t seal_open (const curve_key_t *to, const curve_key_t *secret, const uint8_t start[SEAL_START],
                          seal_t **out);
void seal_destroy (seal_t **self_p);
/* Back to the first record, under the same key. To read. */
void seal_rewind (seal_t *s);
/* Appends a record. beside: bytes the reader must name too. */
MUST_USE bool seal_put (seal_t *s, str_t plain, str_t beside, bool last, buf_t *out);
/* to: room for record.n - SEAL_EXTRA bytes. False: it does not belong here. */
MUST_USE bool seal_take (seal_t *s, str_t record, str_t beside, char *to, bool *last);

#endif
