/* crypto.h - hashing, chains and signatures over libsodium. Pure but for key making, whose
 * randomness comes from the platform's generator through libsodium. Call crypto_init once. */
#ifndef KC_CRYPTO_CRYPTO_H
#define KC_CRYPTO_CRYPTO_H

#include "common/base/ids.h"

MUST_USE bool crypto_init (void);
void crypto_random (void *out, size_t n);

/* BLAKE2b-256 (not named crypto_…: libsodium exports those names). */
hash_t hash_of (str_t bytes);
hash_t hash_of2 (str_t a, str_t b); /* of a ‖ b */
/* Piece by piece, for what does not fit into memory. */
typedef struct hashing hashing_t;
hashing_t *hashing_new (void); /* NULL: no memory */
void hashing_put (hashing_t *h, str_t piece);
hash_t hashing_end (hashing_t **self_p); /* also frees it */

/* The chain of a stream (PROTOCOL 1): h0 over tag, store, parent; then each update's bytes. */
hash_t chain_start (store_id_t store, store_id_t parent, uint64_t parent_seq, hash_t parent_hash);
hash_t chain_next (hash_t previous, str_t bytes);
/* The running hash over the collector's log entries: the seal of a position. */
hash_t seal_next (hash_t previous, str_t entry);

/* Ed25519 with a domain tag in front of the bytes, so that a signature of one thing is none of another. */
typedef enum {
  SIGN_CENTRE_CERTIFICATE = 1,
  SIGN_AGENT_CERTIFICATE,
  SIGN_HEAD,
  SIGN_ENROL,
  SIGN_ADDRESSES,
  SIGN_BUNDLE,
  SIGN_PRESENT,
  SIGN_REKEY
} sign_domain_t;
void sign_keys_make (sign_key_t *pub, sign_secret_t *secret);
signature_t sign_make (sign_domain_t d, str_t bytes, const sign_secret_t *secret);
MUST_USE bool sign_check (sign_domain_t d, str_t bytes, signature_t sig, const sign_key_t *pub);
/* The bytes that a signed head covers: store ‖ seq ‖ hash ‖ serial. */
void head_bytes (store_id_t store, uint64_t seq, hash_t hash, uint32_t serial, buf_t *out);
/* The bytes that consent to new keys covers: curve ‖ sign. */
void rekey_bytes (const curve_key_t *curve, const sign_key_t *sign, buf_t *out);
/* The bytes that a signature of addresses covers: each with a line end. */
void addresses_bytes (const str_t *addresses, size_t n, buf_t *out);

/* CURVE pair (raw 32-byte keys). */
void curve_keys_make (curve_key_t *pub, curve_key_t *secret);
void curve_public_of (const curve_key_t *secret, curve_key_t *pub);
/* Overwrites a secret before its memory is given back. */
void crypto_wipe (void *p, size_t n);

#endif
