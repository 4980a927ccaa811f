#include "common/crypto/crypto.h"

#include <sodium.h>
#include <stdlib.h>

_Static_assert(sizeof (hash_t) == 32 && crypto_generichash_BYTES == 32, "BLAKE2b-256");
_Static_assert(sizeof (sign_key_t) == crypto_sign_PUBLICKEYBYTES, "Ed25519 public key");
_Static_assert(sizeof (sign_secret_t) == crypto_sign_SECRETKEYBYTES, "Ed25519 secret key");
_Static_assert(sizeof (signature_t) == crypto_sign_BYTES, "Ed25519 signature");
_Static_assert(sizeof (curve_key_t) == crypto_scalarmult_curve25519_BYTES, "Curve25519 key");

#define STREAM_TAG "kc-stream"
#define SEAL_TAG "kc-seal"

bool
crypto_init (void)
{
  return sodium_init () >= 0;
}

void
crypto_random (void *out, size_t n)
{
  randombytes_buf (out, n);
}

/* ---- hashes and chains ---- */

typedef crypto_generichash_state hasher_t;

static void
hash_begin (hasher_t *h)
{
  CHECK (crypto_generichash_init (h, NULL, 0, sizeof (hash_t)) == 0);
}

static void
hash_put (hasher_t *h, const void *p, size_t n)
{
  if (n > 0)
    crypto_generichash_update (h, p, n);
}

static void
hash_put_u64 (hasher_t *h, uint64_t v)
{
  uint8_t le[8];
  for (unsigned i = 0; i < 8; i++)
    le[i] = (uint8_t)(v >> (8 * i));
  hash_put (h, le, sizeof le);
}

static hash_t
hash_end (hasher_t *h)
{
  hash_t out;
  crypto_generichash_final (h, out.b, sizeof out.b);
  return out;
}

struct hashing {
  hasher_t *h; /* within room, where its alignment wants it */
  char room[sizeof (hasher_t) + _Alignof(hasher_t)];
};

hashing_t *
hashing_new (void)
{
  hashing_t *self = malloc (sizeof *self);
  if (self == NULL)
    return NULL;
  const size_t step = _Alignof(hasher_t);
  self->h = (hasher_t *)(((uintptr_t)self->room + step - 1) / step * step);
  hash_begin (self->h);
  return self;
}

void
hashing_put (hashing_t *h, str_t piece)
{
  hash_put (h->h, piece.p, piece.n);
}

hash_t
hashing_end (hashing_t **self_p)
{
  hash_t out = hash_end ((*self_p)->h);
  free (*self_p);
  *self_p = NULL;
  return out;
}

hash_t
hash_of2 (str_t a, str_t b)
{
  hasher_t h;
  hash_begin (&h);
  hash_put (&h, a.p, a.n);
  hash_put (&h, b.p, b.n);
  return hash_end (&h);
}

hash_t
hash_of (str_t bytes)
{
  return hash_of2 (bytes, STR_NONE);
}

hash_t
chain_start (store_id_t store, store_id_t parent, uint64_t parent_seq, hash_t parent_hash)
{
  hasher_t h;
  hash_begin (&h);
  hash_put (&h, STREAM_TAG, sizeof STREAM_TAG - 1);
  hash_put (&h, store.b, sizeof store.b);
  hash_put (&h, parent.b, sizeof parent.b);
  hash_put_u64 (&h, parent_seq);
  hash_put (&h, parent_hash.b, sizeof parent_hash.b);
  return hash_end (&h);
}

hash_t
chain_next (hash_t previous, str_t bytes)
{
  hasher_t h;
  hash_begin (&h);
  hash_put (&h, previous.b, sizeof previous.b);
  hash_put_u64 (&h, bytes.n);
  hash_put (&h, bytes.p, bytes.n);
  return hash_end (&h);
}

hash_t
seal_next (hash_t previous, str_t entry)
{
  hasher_t h;
  hash_begin (&h);
  hash_put (&h, SEAL_TAG, sizeof SEAL_TAG - 1);
  hash_put (&h, previous.b, sizeof previous.b);
  hash_put_u64 (&h, entry.n);
  hash_put (&h, entry.p, entry.n);
  return hash_end (&h);
}

/* ---- signatures ---- */

/* No tag is a prefix of another, so a tag and its bytes can be joined without a separator. */
static str_t
domain_tag (sign_domain_t d)
{
  switch (d) {
  case SIGN_CENTRE_CERTIFICATE:
    return STR ("kc-centre-certificate");
  case SIGN_AGENT_CERTIFICATE:
    return STR ("kc-agent-certificate");
  case SIGN_HEAD:
    return STR ("kc-head");
  case SIGN_ENROL:
    return STR ("kc-enrol");
  case SIGN_ADDRESSES:
    return STR ("kc-addresses");
  case SIGN_BUNDLE:
    return STR ("kc-bundle");
  case SIGN_PRESENT:
    return STR ("kc-present");
  case SIGN_REKEY:
    return STR ("kc-rekey");
  }
  UNREACHABLE ();
}

static void
tagged (sign_domain_t d, str_t bytes, buf_t *out)
{
  str_t tag = domain_tag (d);
  buf_put (out, tag.p, tag.n);
  buf_put (out, bytes.p, bytes.n);
}

void
sign_keys_make (sign_key_t *pub, sign_secret_t *secret)
{
  CHECK (crypto_sign_keypair (pub->b, secret->b) == 0);
}

signature_t
sign_make (sign_domain_t d, str_t bytes, const sign_secret_t *secret)
{
  signature_t sig;
  buf_t message = BUF_INIT;
  tagged (d, bytes, &message);
  CHECK (buf_ok (&message));
  CHECK (crypto_sign_detached (sig.b, NULL, (const uint8_t *)message.p, message.n, secret->b) == 0);
  buf_free (&message);
  return sig;
}

bool
sign_check (sign_domain_t d, str_t bytes, signature_t sig, const sign_key_t *pub)
{
  buf_t message = BUF_INIT;
  tagged (d, bytes, &message);
  bool ok = buf_ok (&message) &&
            crypto_sign_verify_detached (sig.b, (const uint8_t *)message.p, message.n, pub->b) == 0;
  buf_free (&message);
  return ok;
}

void
head_bytes (store_id_t store, uint64_t seq, hash_t hash, uint32_t serial, buf_t *out)
{
  buf_put (out, store.b, sizeof store.b);
  buf_u64 (out, seq);
  buf_put (out, hash.b, sizeof hash.b);
  buf_u32 (out, serial);
}

void
rekey_bytes (const curve_key_t *curve, const sign_key_t *sign, buf_t *out)
{
  buf_put (out, curve->b, sizeof curve->b);
  buf_put (out, sign->b, sizeof sign->b);
}

void
addresses_bytes (const str_t *addresses, size_t n, buf_t *out)
{
  for (size_t i = 0; i < n; i++) {
    buf_put (out, addresses[i].p, addresses[i].n);
    buf_putc (out, '\n');
  }
}

/* ---- CURVE keys ---- */

void
curve_keys_make (curve_key_t *pub, curve_key_t *secret)
{
  randombytes_buf (secret->b, sizeof secret->b);
  curve_public_of (secret, pub);
}

void
curve_public_of (const curve_key_t *secret, curve_key_t *pub)
{
  CHECK (crypto_scalarmult_curve25519_base (pub->b, secret->b) == 0);
}

void
crypto_wipe (void *p, size_t n)
{
  sodium_memzero (p, n);
}
