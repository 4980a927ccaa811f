#include "common/wire/signed_wire.h"

#include <string.h>

bool
signed_from_wire (const Kc__Signed *w, signed_t *out)
{
  memset (out, 0, sizeof *out);
  if (w == NULL)
    return true;
  out->body = pb_bytes (w->body, w->has_body);
  out->given = true;
  return out->body.n > 0 && FIXED (w, signature, out->signature);
}

bool
head_from_wire (const Kc__SignedHead *w, signed_head_t *out)
{
  memset (out, 0, sizeof *out);
  if (w == NULL)
    return true;
  out->seq = NUMBER (w, seq);
  out->serial = NUMBER (w, certificate_serial);
  out->given = true;
  return out->seq > 0 && FIXED (w, store, out->store) && FIXED (w, hash, out->hash) &&
         FIXED (w, signature, out->signature);
}

void
signed_to_wire (const signed_t *s, Kc__Signed *w)
{
  kc__signed__init (w);
  SET_BYTES (*w, body, s->body.p, s->body.n);
  SET_FIXED (*w, signature, s->signature);
}

void
head_to_wire (const signed_head_t *h, Kc__SignedHead *w)
{
  kc__signed_head__init (w);
  SET_FIXED (*w, store, h->store);
  SET (*w, seq, h->seq);
  SET_FIXED (*w, hash, h->hash);
  SET (*w, certificate_serial, h->serial);
  SET_FIXED (*w, signature, h->signature);
}

bool
text_from_wire (const char *z, size_t max, str_t *out)
{
  *out = pb_text (z);
  return out->n <= max;
}

err_t
settles_from_wire (Kc__Version **w, size_t n, arena_t *arena, const version_t **out, uint32_t *out_n)
{
  *out = NULL;
  *out_n = 0;
  if (n == 0)
    return ERR_OK;
  if (n > SETTLES_MAX)
    return ERR_MALFORMED;
  version_t *v = arena_alloc (arena, n * sizeof *v);
  if (v == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < n; i++) {
    if (!FIXED (w[i], store, v[i].store) || NUMBER (w[i], seq) == 0)
      return ERR_MALFORMED;
    v[i].seq = w[i]->seq;
  }
  *out = v;
  *out_n = (uint32_t)n;
  return ERR_OK;
}

bool
settles_to_wire (const version_t *v, uint32_t n, arena_t *arena, Kc__Version ***out)
{
  CHECK (n <= SETTLES_MAX);
  *out = NULL;
  if (n == 0)
    return true;
  Kc__Version *w = arena_alloc (arena, n * sizeof *w);
  *out = arena_alloc (arena, n * sizeof **out);
  if (w == NULL || *out == NULL)
    return false;
  for (uint32_t i = 0; i < n; i++) {
    kc__version__init (&w[i]);
    SET_FIXED (w[i], store, v[i].store);
    SET (w[i], seq, v[i].seq);
    (*out)[i] = &w[i];
  }
  return true;
}
