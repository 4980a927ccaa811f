#include "common/crypto/seal.h"

#include <sodium.h>
#include <stdlib.h>

typedef crypto_secretstream_xchacha20poly1305_state state_t;
#define STREAM_KEY crypto_secretstream_xchacha20poly1305_KEYBYTES
#define STREAM_HEAD crypto_secretstream_xchacha20poly1305_HEADERBYTES

_Static_assert(SEAL_START == crypto_box_SEALBYTES + STREAM_KEY + STREAM_HEAD, "sealed key, then the start");
_Static_assert(SEAL_EXTRA == crypto_secretstream_xchacha20poly1305_ABYTES, "what a record adds");
_Static_assert(sizeof (curve_key_t) == crypto_box_PUBLICKEYBYTES, "CURVE's keys are crypto_box's");

struct seal {
  state_t state;
  uint8_t key[STREAM_KEY], head[STREAM_HEAD];
};

seal_t *
seal_new (const curve_key_t *to, uint8_t start[SEAL_START])
{
  seal_t *s = calloc (1, sizeof *s);
  if (s == NULL)
    return NULL;
  crypto_secretstream_xchacha20poly1305_keygen (s->key);
  if (crypto_box_seal (start, s->key, sizeof s->key, to->b) != 0 ||
      crypto_secretstream_xchacha20poly1305_init_push (&s->state, s->head, s->key) != 0)
    seal_destroy (&s);
  else
    memcpy (start + SEAL_START - STREAM_HEAD, s->head, STREAM_HEAD);
  return s;
}

err_t
seal_open (const curve_key_t *to, const curve_key_t *secret, const uint8_t start[SEAL_START], seal_t **out)
{
  seal_t *s = calloc (1, sizeof *s);
  if (s == NULL)
    return ERR_NOMEM;
  memcpy (s->head, start + SEAL_START - STREAM_HEAD, STREAM_HEAD);
  if (crypto_box_seal_open (s->key, start, SEAL_START - STREAM_HEAD, to->b, secret->b) != 0 ||
      crypto_secretstream_xchacha20poly1305_init_pull (&s->state, s->head, s->key) != 0) {
    seal_destroy (&s);
    return ERR_FORGED;
  }
  *out = s;
  return ERR_OK;
}

void
seal_destroy (seal_t **self_p)
{
  if (*self_p != NULL)
    sodium_memzero (*self_p, sizeof **self_p);
  free (*self_p);
  *self_p = NULL;
}

void
seal_rewind (seal_t *s)
{
  int rc = crypto_secretstream_xchacha20poly1305_init_pull (&s->state, s->head, s->key);
  CHECK (rc == 0); /* it did before, of the same bytes */
}

bool
seal_put (seal_t *s, str_t plain, str_t beside, bool last, buf_t *out)
{
  char *room = buf_reserve (out, plain.n + SEAL_EXTRA);
  const uint8_t tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                           : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  if (room == NULL ||
      crypto_secretstream_xchacha20poly1305_push (&s->state, (uint8_t *)room, NULL, (const uint8_t *)plain.p,
                                                  plain.n, (const uint8_t *)beside.p, beside.n, tag) != 0)
    return false;
  out->n += plain.n + SEAL_EXTRA;
  return true;
}

bool
seal_take (seal_t *s, str_t record, str_t beside, char *to, bool *last)
{
  uint8_t tag = 0;
  if (record.n < SEAL_EXTRA || crypto_secretstream_xchacha20poly1305_pull (
                                   &s->state, (uint8_t *)to, NULL, &tag, (const uint8_t *)record.p, record.n,
                                   (const uint8_t *)beside.p, beside.n) != 0)
    return false;
  *last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  return true;
}
