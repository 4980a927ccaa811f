/* centre_wire.c - papers of the centre: certificates and invites.
 *
 * What is signed are bytes, never a struct: a paper is checked and kept as the bytes that came, and decoded
 * beside them. */
#include "common/wire/centre_wire.h"
#include "common/wire/frame_wire.h"
#include "common/wire/signed_wire.h"

#include <string.h>

#define INVITE_PREFIX "KCI1-"
#define INVITE_TEXT_MAX 8192u
#define PAPER_MAX SMALL_MESSAGE_MAX /* a certificate or an invite */

static const char *const roles[ROLE_COUNT] = {
    [ROLE_OFFICE] = "office", [ROLE_PROVINCE] = "province", [ROLE_VIEWER] = "viewer"};
static const char *const verdicts[] = {
    [VERDICT_ACCEPTED] = "accepted", [VERDICT_MERGED] = "merged",   [VERDICT_PARKED] = "parked",
    [VERDICT_ALIAS] = "alias",       [VERDICT_REFUSED] = "refused",
};

const char *
role_name (role_t r)
{
  return (unsigned)r < ROLE_COUNT ? roles[r] : NULL;
}

role_t
role_of_name (str_t name)
{
  for (unsigned r = 1; r < ROLE_COUNT; r++)
    if (str_is (name, roles[r]))
      return (role_t)r;
  return ROLE_NONE;
}

const char *
verdict_name (verdict_t v)
{
  return (unsigned)v < sizeof verdicts / sizeof verdicts[0] ? verdicts[v] : NULL;
}

/* ---- certificates ---- */

bool
centre_certificate_encode (const centre_certificate_t *c, buf_t *out)
{
  Kc__CentreCertificate w = KC__CENTRE_CERTIFICATE__INIT;
  SET_FIXED (w, centre_key, c->centre_key);
  SET_FIXED (w, curve_key, c->curve_key);
  SET (w, serial, c->serial);
  SET_FIXED (w, centre_id, c->centre_id);
  SET_FIXED (w, reentry_key, c->reentry_key);
  return pb_pack (&w.base, out);
}

err_t
centre_certificate_decode (str_t bytes, arena_t *arena, centre_certificate_t *out)
{
  pb_fail_t fail;
  centre_certificate_t c = {0};
  if (bytes.n > PAPER_MAX)
    return ERR_TOO_BIG;
  Kc__CentreCertificate *w =
      PB_UNPACK (Kc__CentreCertificate, kc__centre_certificate__descriptor, bytes, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  c.serial = NUMBER (w, serial);
  if (!FIXED (w, centre_key, c.centre_key) || !FIXED (w, curve_key, c.curve_key) ||
      !FIXED (w, centre_id, c.centre_id) || !FIXED_OR_ABSENT (w, reentry_key, c.reentry_key))
    return ERR_MALFORMED;
  *out = c;
  return ERR_OK;
}

bool
agent_certificate_encode (const agent_certificate_t *c, buf_t *out)
{
  Kc__AgentCertificate w = KC__AGENT_CERTIFICATE__INIT;
  bool ok = true;
  arena_t *arena = arena_new (PAPER_MAX);
  if (arena == NULL)
    return false;
  SET (w, serial, c->serial);
  w.agent = pb_copy (c->agent, arena, &ok);
  SET_FIXED (w, curve_key, c->curve_key);
  SET_FIXED (w, sign_key, c->sign_key);
  SET (w, unit, c->unit);
  SET (w, role, (Kc__Role)c->role);
  if (c->replaces != 0)
    SET (w, replaces, c->replaces);
  if (c->root != 0)
    SET (w, root, c->root);
  ok = ok && pb_pack (&w.base, out);
  arena_destroy (&arena);
  return ok;
}

err_t
agent_certificate_decode (str_t bytes, arena_t *arena, agent_certificate_t *out)
{
  pb_fail_t fail;
  agent_certificate_t c = {0};
  if (bytes.n > PAPER_MAX)
    return ERR_TOO_BIG;
  Kc__AgentCertificate *w =
      PB_UNPACK (Kc__AgentCertificate, kc__agent_certificate__descriptor, bytes, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  c.serial = NUMBER (w, serial);
  c.unit = NUMBER (w, unit);
  c.role = w->has_role ? (role_t)w->role : ROLE_NONE;
  c.replaces = NUMBER (w, replaces);
  c.root = NUMBER (w, root);
  if (!FIXED (w, curve_key, c.curve_key) || !FIXED (w, sign_key, c.sign_key) ||
      !text_from_wire (w->agent, CODE_MAX, &c.agent) || c.agent.n == 0 || c.serial == 0 || c.unit == 0 ||
      c.role == ROLE_NONE || (c.root != 0 && c.root >= c.serial))
    return ERR_MALFORMED;
  *out = c;
  return ERR_OK;
}

/* ---- invites ---- */

static bool
invite_pack (const invite_t *i, arena_t *arena, buf_t *out)
{
  Kc__Invite w = KC__INVITE__INIT;
  Kc__Signed centre;
  char *addresses[ADDRESSES_MAX];
  bool ok = true;
  CHECK (i->addresses_n <= ADDRESSES_MAX);
  SET_FIXED (w, id, i->id);
  for (size_t a = 0; a < i->addresses_n; a++)
    addresses[a] = pb_copy (i->addresses[a], arena, &ok);
  w.addresses = addresses;
  w.n_addresses = i->addresses_n;
  SET_FIXED (w, server_key, i->server_key);
  SET_FIXED (w, authority_key, i->authority_key);
  if (i->centre_certificate.given) {
    signed_to_wire (&i->centre_certificate, &centre);
    w.centre_certificate = &centre;
  }
  SET_FIXED (w, once_public, i->once_public);
  SET_FIXED (w, once_secret, i->once_secret);
  SET (w, unit, i->unit);
  w.unit_code = pb_copy (i->unit_code, arena, &ok);
  w.unit_name = pb_copy (i->unit_name, arena, &ok);
  SET (w, role, (Kc__Role)i->role);
  SET (w, expires_ms, i->expires.ms);
  return ok && pb_pack (&w.base, out);
}

bool
invite_format (const invite_t *i, buf_t *out)
{
  buf_t body = BUF_INIT;
  arena_t *arena = arena_new ((size_t)2 * PAPER_MAX);
  bool ok = arena != NULL && invite_pack (i, arena, &body);
  if (ok) {
    buf_u32 (&body, crc32c (0, body.p, body.n));
    buf_puts (out, INVITE_PREFIX);
    base64url_encode (body.p, body.n, out);
    ok = buf_ok (&body) && buf_ok (out);
  }
  buf_free (&body);
  arena_destroy (&arena);
  return ok;
}

/* The bytes inside the text, their check sum taken off. */
static err_t
invite_unwrap (str_t text, arena_t *arena, str_t *body)
{
  static const size_t prefix = sizeof INVITE_PREFIX - 1;
  err_t err = ERR_MALFORMED;
  buf_t plain = BUF_INIT, bytes = BUF_INIT;
  if (text.n > INVITE_TEXT_MAX)
    return ERR_TOO_BIG;
  for (size_t i = 0; i < text.n; i++)
    if (text.p[i] != ' ' && text.p[i] != '\t' && text.p[i] != '\r' && text.p[i] != '\n')
      buf_putc (&plain, text.p[i]);
  if (plain.n <= prefix || memcmp (plain.p, INVITE_PREFIX, prefix) != 0 ||
      !base64url_decode ((str_t){plain.p + prefix, plain.n - prefix}, &bytes) || bytes.n <= 4)
    goto done;
  rd_t crc = rd_of (bytes.p + bytes.n - 4, 4);
  if (rd_u32 (&crc) != crc32c (0, bytes.p, bytes.n - 4))
    goto done;
  *body = arena_str (arena, (str_t){bytes.p, bytes.n - 4});
  err = body->p != NULL ? ERR_OK : ERR_NOMEM;

done:
  buf_free (&plain);
  buf_free (&bytes);
  return err;
}

static bool
invite_from_wire (const Kc__Invite *w, invite_t *out)
{
  if (w->n_addresses > ADDRESSES_MAX)
    return false;
  for (size_t i = 0; i < w->n_addresses; i++)
    if (!text_from_wire (w->addresses[i], ADDRESS_MAX, &out->addresses[i]))
      return false;
  out->addresses_n = w->n_addresses;
  out->unit = NUMBER (w, unit);
  out->role = w->has_role ? (role_t)w->role : ROLE_NONE;
  out->expires.ms = NUMBER (w, expires_ms);
  return FIXED (w, id, out->id) && FIXED (w, server_key, out->server_key) &&
         FIXED (w, authority_key, out->authority_key) && FIXED (w, once_public, out->once_public) &&
         FIXED (w, once_secret, out->once_secret) &&
         signed_from_wire (w->centre_certificate, &out->centre_certificate) &&
         text_from_wire (w->unit_code, CODE_MAX, &out->unit_code) &&
         text_from_wire (w->unit_name, TEXT_SHORT_MAX, &out->unit_name) && out->unit != 0 &&
         out->role != ROLE_NONE;
}

err_t
invite_parse (str_t text, arena_t *arena, invite_t *out)
{
  pb_fail_t fail;
  str_t body;
  invite_t i;
  memset (&i, 0, sizeof i);
  err_t err = invite_unwrap (text, arena, &body);
  if (err != ERR_OK)
    return err == ERR_TOO_BIG ? ERR_MALFORMED : err;
  Kc__Invite *w = PB_UNPACK (Kc__Invite, kc__invite__descriptor, body, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  if (!invite_from_wire (w, &i))
    return ERR_MALFORMED;
  *out = i;
  return ERR_OK;
}
