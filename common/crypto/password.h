/* password.h - passwords as argon2id (interactive cost: 64 MiB, some 0.2 s), bearer tokens as random bytes of
 * which only the hash is kept. */
#ifndef KC_CRYPTO_PASSWORD_H
#define KC_CRYPTO_PASSWORD_H

#include "common/base/ids.h"

#define PASSWORD_HASH_MAX 128u /* with its NUL */
#define SECRET_BYTES 24u       /* of a token, a session, a form's key */
#define SECRET_TEXT_MAX 33u    /* the same in base64url, with its NUL */

/* The password is in its normal form (NFC) already: one word typed on two keyboards is one password. False:
 * no memory. */
MUST_USE bool password_hash (str_t password, char out[PASSWORD_HASH_MAX]);
/* Takes as long for a hash that is absent: who asks does not learn whether there is such a user. */
MUST_USE bool password_fits (str_t password, str_t hash);

/* Fresh random bytes as text. */
void secret_make (char out[SECRET_TEXT_MAX]);
/* What is kept of one. */
hash_t secret_hash (str_t secret);
/* Equal? In a time that says nothing of where they differ. */
bool secret_eq (str_t a, str_t b);

#endif
