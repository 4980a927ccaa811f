/* join.c - becoming an agent: the invite and our own keys first, then the certificate.
 *
 * Keys are made and stored before anything is sent, so that a crash at any point leaves a store that can
 * repeat the same enrolment with the same keys; the centre then answers with the same certificate. */
#include "agent/outbox/internal.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"

#define CERTIFICATE_BUDGET (256u << 10)

static str_t
bytes_of (const void *p, size_t n)
{
  return (str_t){p, n};
}

err_t
outbox_check_centre (const signed_t *s, const sign_key_t *authority, centre_certificate_t *out,
                     arena_t *arena)
{
  if (!s->given || !sign_check (SIGN_CENTRE_CERTIFICATE, s->body, s->signature, authority))
    return ERR_FORGED;
  return centre_certificate_decode (s->body, arena, out) == ERR_OK ? ERR_OK : ERR_FORGED;
}

static err_t
check_invite (const invite_t *i, fail_t *fail)
{
  centre_certificate_t c;
  arena_t *arena = arena_new (CERTIFICATE_BUDGET);
  if (arena == NULL)
    return ERR_NOMEM;
  err_t err = outbox_check_centre (&i->centre_certificate, &i->authority_key, &c, arena);
  if (err == ERR_OK && !curve_key_eq (c.curve_key, i->server_key))
    err = ERR_FORGED;
  arena_destroy (&arena);
  if (err == ERR_FORGED)
    fail_set (fail, err,
              L ("giấy mời này không có chữ ký đúng của trung tâm; hãy xin giấy mời mới",
                 "this invite is not properly signed by the centre; ask for a new one"));
  return err;
}

static err_t
put_once (kv_txn_t *txn, const char *name, const void *p, size_t n)
{
  str_t v;
  err_t err = meta_get (txn, ODB_META, name, &v);
  return err == ERR_NOT_FOUND ? meta_put (txn, ODB_META, name, bytes_of (p, n)) : err;
}

static err_t
put_keys (kv_txn_t *txn)
{
  curve_key_t curve, curve_secret;
  sign_key_t sign;
  sign_secret_t sign_secret;
  str_t v;
  err_t err = meta_get (txn, ODB_META, META_SIGN, &v);
  if (err != ERR_NOT_FOUND)
    return err;
  curve_keys_make (&curve, &curve_secret);
  sign_keys_make (&sign, &sign_secret);
  err = put_once (txn, META_CURVE, curve_secret.b, 32);
  if (err == ERR_OK)
    err = put_once (txn, META_SIGN_PUBLIC, sign.b, 32);
  if (err == ERR_OK)
    err = put_once (txn, META_SIGN, sign_secret.b, 64);
  crypto_wipe (&curve_secret, sizeof curve_secret);
  crypto_wipe (&sign_secret, sizeof sign_secret);
  return err;
}

static err_t
put_invite (kv_txn_t *txn, const invite_t *i)
{
  buf_t addresses = BUF_INIT;
  addresses_bytes (i->addresses, i->addresses_n, &addresses);
  const struct {
    const char *name;
    str_t v;
  } rows[] = {
      {META_INVITE, bytes_of (i->id.b, 16)},
      {META_AUTHORITY, bytes_of (i->authority_key.b, 32)},
      {META_SERVER, bytes_of (i->server_key.b, 32)},
      {META_ONCE, bytes_of (i->once_secret.b, 32)},
      {META_ADDRESSES, buf_str (&addresses)},
      {META_UNIT_CODE, i->unit_code},
      {META_UNIT_NAME, i->unit_name},
  };
  err_t err = buf_ok (&addresses) ? outbox_signed_put (txn, META_CENTRE, &i->centre_certificate) : ERR_NOMEM;
  for (size_t k = 0; k < sizeof rows / sizeof rows[0] && err == ERR_OK; k++)
    if (rows[k].v.n > 0)
      err = meta_put (txn, ODB_META, rows[k].name, rows[k].v);
  buf_free (&addresses);
  return err;
}

err_t
outbox_join_begin (outbox_t *o, const invite_t *invite, wall_t now, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  (void)now; /* the centre's clock decides whether the invite is still good */
  const bool same = memcmp (o->identity.invite.b, invite->id.b, 16) == 0;
  if (o->identity.enrolled && same)
    return ERR_OK;
  if (o->identity.enrolled && outbox_key_of_invite (o, invite) == ERR_OK)
    return ERR_OK; /* it says where the centre is by now */
  if (o->identity.enrolled)
    return fail_set (fail, ERR_EXISTS,
                     L ("kho này đã kết nối với trung tâm bằng giấy mời khác; dùng một thư mục mới",
                        "this store has joined a centre by another invite; use a new directory"));
  err_t err = check_invite (invite, fail);
  if (err == ERR_OK)
    err = kv_begin (o->kv, true, &txn);
  if (err == ERR_OK)
    err = put_keys (txn);
  if (err == ERR_OK)
    err = put_invite (txn, invite);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  if (err == ERR_OK)
    err = outbox_refresh (o, fail);
  return outbox_fail (fail, err);
}

static err_t
refused (str_t why, fail_t *fail)
{
  if (str_is (why, "used"))
    return fail_set (fail, ERR_REFUSED,
                     L ("giấy mời này đã được máy khác dùng; hãy xin giấy mời mới",
                        "this invite was used by another PC; ask for a new one"));
  if (str_is (why, "cancelled"))
    return fail_set (fail, ERR_REFUSED,
                     L ("giấy mời này đã bị trung tâm hủy; hãy xin giấy mời mới",
                        "the centre has cancelled this invite; ask for a new one"));
  if (str_is (why, "expired"))
    return fail_set (
        fail, ERR_REFUSED,
        L ("giấy mời này đã hết hạn; hãy xin giấy mời mới", "this invite has expired; ask for a new one"));
  return fail_set (fail, ERR_REFUSED,
                   L ("trung tâm không nhận giấy mời này (%.*s); hãy xin giấy mời mới",
                      "the centre does not take this invite (%.*s); ask for a new one"),
                   STR_ARG (why));
}

static err_t
check_enrolled (outbox_t *o, const msg_enrolled_t *e, arena_t *arena)
{
  centre_certificate_t centre;
  agent_certificate_t c;
  err_t err = outbox_check_centre (&e->centre_certificate, &o->identity.authority, &centre, arena);
  if (err != ERR_OK)
    return err;
  if (!e->certificate.given ||
      !sign_check (SIGN_AGENT_CERTIFICATE, e->certificate.body, e->certificate.signature, &centre.centre_key))
    return ERR_FORGED;
  if (agent_certificate_decode (e->certificate.body, arena, &c) != ERR_OK)
    return ERR_FORGED;
  if (!id_is_zero (e->reentry_secret.b, sizeof e->reentry_secret.b)) {
    curve_key_t pub;
    curve_public_of (&e->reentry_secret, &pub);
    if (!curve_key_eq (pub, centre.reentry_key))
      return ERR_FORGED;
  }
  const identity_t *id = &o->identity;
  const curve_key_t curve = id->next.given ? id->next.curve : id->curve;
  const sign_key_t sign = id->next.given ? id->next.sign : id->sign;
  const bool ours =
      curve_key_eq (c.curve_key, curve) && memcmp (c.sign_key.b, sign.b, sizeof c.sign_key.b) == 0;
  const bool goes_on = !id->next.given || (agent_number (&c) == id->number && c.serial > id->serial);
  return ours && goes_on && c.unit != 0 && c.serial != 0 ? ERR_OK : ERR_FORGED;
}

static err_t
write_enrolled (kv_txn_t *txn, const msg_enrolled_t *e, bool rekeyed)
{
  err_t err = outbox_signed_put (txn, META_CERTIFICATE, &e->certificate);
  if (err == ERR_OK && !id_is_zero (e->reentry_secret.b, sizeof e->reentry_secret.b))
    err = meta_put (txn, ODB_META, META_REENTRY, bytes_of (e->reentry_secret.b, 32));
  if (err == ERR_OK && rekeyed)
    err = outbox_next_keys_adopt (txn);
  if (err == ERR_OK) /* its work is done */
    err = meta_put (txn, ODB_META, META_ONCE, bytes_of ((const uint8_t[32]){0}, 32));
  return err;
}

err_t
outbox_join_enrolled (outbox_t *o, const msg_enrolled_t *e, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  if (!str_blank (e->refusal))
    return refused (e->refusal, fail);
  arena_t *arena = arena_new (CERTIFICATE_BUDGET);
  err_t err =
      arena != NULL ? outbox_refresh (o, fail) : ERR_NOMEM; /* another process may have made new keys */
  if (err == ERR_OK)
    err = check_enrolled (o, e, arena);
  if (err == ERR_FORGED)
    fail_set (fail, err,
              L ("giấy chứng nhận nhận được không có chữ ký đúng của trung tâm; hãy gọi trung tâm",
                 "the certificate received is not properly signed by the centre; call the centre"));
  if (err == ERR_OK)
    err = kv_begin (o->kv, true, &txn);
  if (err == ERR_OK)
    err = write_enrolled (txn, e, o->identity.next.given);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  arena_destroy (&arena);
  if (err == ERR_OK)
    err = outbox_refresh (o, fail);
  return outbox_fail (fail, err);
}
