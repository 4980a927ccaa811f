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
