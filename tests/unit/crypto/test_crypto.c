#include "common/crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
hashes (void **state)
{
  (void)state;
  char hex[65];
  hex_encode (hash_of (STR ("abc")).b, 32, hex); /* BLAKE2b-256, as b2sum -l 256 gives it */
  assert_string_equal (hex, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  assert_true (hash_eq (hash_of (STR ("abc")), hash_of2 (STR ("a"), STR ("bc"))));
}

static void
chains_depend_on_everything (void **state)
{
  (void)state;
  store_id_t a = {{1}}, b = {{2}};
  hash_t none = {{0}}, h = chain_start (a, b, 3, none);
  assert_false (hash_eq (h, chain_start (b, b, 3, none)));
  assert_false (hash_eq (h, chain_start (a, a, 3, none)));
  assert_false (hash_eq (h, chain_start (a, b, 4, none)));
  assert_false (hash_eq (h, chain_start (a, b, 3, h)));
  /* h(n) = BLAKE2b (h(n-1) ‖ length as 8 bytes LE ‖ bytes), spelled out */
  str_t previous = {(const char *)h.b, 32};
  hash_t by_hand = hash_of2 (previous, STR ("\3\0\0\0\0\0\0\0xyz"));
  assert_true (hash_eq (chain_next (h, STR ("xyz")), by_hand));
  assert_false (hash_eq (seal_next (h, STR ("xyz")), by_hand));
}

static void
signatures (void **state)
{
  (void)state;
  sign_key_t pub, other;
  sign_secret_t secret, other_secret;
  sign_keys_make (&pub, &secret);
  sign_keys_make (&other, &other_secret);
  signature_t sig = sign_make (SIGN_HEAD, STR ("bytes"), &secret);
  assert_true (sign_check (SIGN_HEAD, STR ("bytes"), sig, &pub));
  assert_false (sign_check (SIGN_HEAD, STR ("bytez"), sig, &pub));
  assert_false (sign_check (SIGN_HEAD, STR ("byte"), sig, &pub));
  assert_false (sign_check (SIGN_ENROL, STR ("bytes"), sig, &pub));
  assert_false (sign_check (SIGN_HEAD, STR ("bytes"), sig, &other));
  sig.b[0] ^= 1;
  assert_false (sign_check (SIGN_HEAD, STR ("bytes"), sig, &pub));
}

static void
curve_keys (void **state)
{
  (void)state;
  curve_key_t pub, secret, again;
  curve_keys_make (&pub, &secret);
  curve_public_of (&secret, &again);
  assert_true (curve_key_eq (pub, again));
  crypto_wipe (&secret, sizeof secret);
  assert_true (id_is_zero (secret.b, sizeof secret.b));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (hashes),
      cmocka_unit_test (chains_depend_on_everything),
      cmocka_unit_test (signatures),
      cmocka_unit_test (curve_keys),
  };
  if (!crypto_init ())
    return 1;
  return cmocka_run_group_tests (tests, NULL, NULL);
}
