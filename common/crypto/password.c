#include "common/crypto/password.h"

#include "common/crypto/crypto.h"

#include <sodium.h>

_Static_assert(PASSWORD_HASH_MAX == crypto_pwhash_STRBYTES, "room for libsodium's form");

bool
password_hash (str_t password, char out[PASSWORD_HASH_MAX])
{
  return crypto_pwhash_str_alg (out, password.p != NULL ? password.p : "", password.n,
                                crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                                crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool
password_fits (str_t password, str_t hash)
{
  char text[PASSWORD_HASH_MAX];
  if (str_blank (hash) || hash.n >= sizeof text) {
    bool hashed = password_hash (password, text);
    (void)hashed;
    return false;
  }
  memcpy (text, hash.p, hash.n);
  text[hash.n] = '\0';
  return crypto_pwhash_str_verify (text, password.p != NULL ? password.p : "", password.n) == 0;
}

void
secret_make (char out[SECRET_TEXT_MAX])
{
  uint8_t bytes[SECRET_BYTES];
  randombytes_buf (bytes, sizeof bytes);
  sodium_bin2base64 (out, SECRET_TEXT_MAX, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  sodium_memzero (bytes, sizeof bytes);
}

hash_t
secret_hash (str_t secret)
{
  return hash_of2 (STR ("kc-secret"), secret);
}

bool
secret_eq (str_t a, str_t b)
{
  return a.n == b.n && a.n > 0 && sodium_memcmp (a.p, b.p, a.n) == 0;
}
