/* rotation.c - another CURVE key for the centre (rotation.h). */
#include "collector/ledger/rotation.h"
#include "collector/ledger/addresses.h"
#include "collector/ledger/roster_rows.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"

#define META_NEXT_KEY "next_key" /* empty: none */
#define META_BIND_TOO "bind_too" /* endpoint */
#define TEXT_BUDGET (64u << 10)

err_t
rotation_make (const ledger_t *l, const sign_secret_t *authority, arena_t *arena, rotation_t *out)
{
  centre_certificate_t c;
  buf_t body = BUF_INIT;
  *out = (rotation_t){.certificate.given = true};
  err_t err = centre_certificate_decode (l->keys.centre_certificate.body, arena, &c);
  if (err != ERR_OK)
    return err;
  curve_keys_make (&c.curve_key, &out->secret);
  c.serial++;
  if (centre_certificate_encode (&c, &body))
    out->certificate.body = arena_str (arena, buf_str (&body));
  buf_free (&body);
  if (out->certificate.body.p == NULL)
    return ERR_NOMEM;
  out->certificate.signature = sign_make (SIGN_CENTRE_CERTIFICATE, out->certificate.body, authority);
  return ERR_OK;
}

static err_t
put (kv_txn_t *txn, const rotation_t *r)
{
  buf_t v = BUF_INIT;
  buf_put (&v, r->secret.b, sizeof r->secret.b);
  buf_put (&v, r->certificate.signature.b, sizeof r->certificate.signature.b);
  row_text (&v, r->certificate.body);
  row_text (&v, r->endpoint);
  buf_u64 (&v, r->lsn);
  row_texts (&v, r->addresses, r->addresses_n);
  err_t err = buf_ok (&v) ? meta_put (txn, DB_META, META_NEXT_KEY, buf_str (&v)) : ERR_NOMEM;
  if (v.p != NULL)
    crypto_wipe (v.p, v.n);
  buf_free (&v);
  return err;
}

err_t
rotation_pending (kv_txn_t *txn, arena_t *arena, rotation_t *out)
{
  str_t v;
  *out = (rotation_t){.given = false};
  err_t err = meta_get (txn, DB_META, META_NEXT_KEY, &v);
  if (err != ERR_OK || v.n == 0)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  rd_t r = rd_of (v.p, v.n);
  const str_t secret = rd_bytes (&r, sizeof out->secret.b);
  const str_t signature = rd_bytes (&r, sizeof out->certificate.signature.b);
  out->certificate.body = arena_str (arena, row_text_read (&r));
  out->endpoint = arena_str (arena, row_text_read (&r));
  out->lsn = rd_u64 (&r);
  err = row_texts_read (&r, arena, out->addresses, ADDRESSES_MAX, &out->addresses_n);
  if (err != ERR_OK)
    return err;
  if (!rd_done (&r))
    return ERR_DAMAGED;
  memcpy (out->secret.b, secret.p, secret.n);
  memcpy (out->certificate.signature.b, signature.p, signature.n);
  out->certificate.given = true;
  out->given = out->certificate.body.p != NULL && out->endpoint.p != NULL;
  return out->given ? ERR_OK : ERR_NOMEM;
}

err_t
rotation_endpoint (kv_txn_t *txn, arena_t *arena, str_t *out)
{
  str_t v;
  *out = STR_NONE;
  err_t err = meta_get (txn, DB_META, META_BIND_TOO, &v);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  *out = arena_str (arena, v);
  return out->p != NULL ? ERR_OK : ERR_NOMEM;
}

/* Nothing but the CURVE key may be another. */
static bool
follows (const ledger_t *l, const rotation_t *r, arena_t *arena)
{
  centre_certificate_t was, is;
  curve_key_t pub;
  curve_public_of (&r->secret, &pub);
  return sign_check (SIGN_CENTRE_CERTIFICATE, r->certificate.body, r->certificate.signature,
                     &l->keys.authority) &&
         centre_certificate_decode (l->keys.centre_certificate.body, arena, &was) == ERR_OK &&
         centre_certificate_decode (r->certificate.body, arena, &is) == ERR_OK &&
         memcmp (was.centre_key.b, is.centre_key.b, sizeof is.centre_key.b) == 0 &&
         memcmp (was.centre_id.b, is.centre_id.b, sizeof is.centre_id.b) == 0 &&
         curve_key_eq (was.reentry_key, is.reentry_key) && is.serial > was.serial &&
         curve_key_eq (is.curve_key, pub) && r->addresses_n > 0;
}

err_t
rotation_begin (ledger_t *l, const rotation_t *r, str_t person, wall_t now, fail_t *fail)
{
  turn_t t;
  rotation_t there;
  decision_t d = {.type = DECISION_KEY_NOTICE, .u.key_notice.centre_certificate = r->certificate};
  if (addresses_check (r->addresses, r->addresses_n, fail) != ERR_OK)
    return fail->err;
  arena_t *arena = arena_new ((size_t)2 * TEXT_BUDGET);
  if (arena == NULL)
    return ledger_said (fail, ERR_NOMEM);
  err_t err = follows (l, r, arena) ? turn_begin (l, now, &t)
                                    : fail_set (fail, ERR_INPUT,
                                                L ("khóa gốc không phải của trung tâm này",
                                                   "the authority's key is not this centre's"));
  if (err == ERR_OK) {
    err = rotation_pending (t.txn, arena, &there);
    if (err == ERR_OK && there.given)
      err = fail_set (fail, ERR_INPUT,
                      L ("đang đổi khóa dở dang; hãy kết thúc bằng --finish trước",
                         "the key is being changed already; end that with --finish first"));
    for (size_t i = 0; i < r->addresses_n; i++)
      d.u.key_notice.addresses[i] = r->addresses[i];
    d.u.key_notice.addresses_n = r->addresses_n;
    if (err == ERR_OK)
      err = addresses_put (l, t.txn, r->addresses, r->addresses_n, t.now);
    if (err == ERR_OK)
      err = centre_append (l, &t, 0, &d, person);
    there = *r;
    there.lsn = t.lsn;
    if (err == ERR_OK)
      err = put (t.txn, &there);
    err = turn_end (l, &t, err);
  }
  crypto_wipe (&there, sizeof there);
  arena_destroy (&arena);
  return ledger_said (fail, err);
}

err_t
rotation_finish (ledger_t *l, wall_t now, fail_t *fail)
{
  turn_t t;
  rotation_t r = {.given = false};
  arena_t *arena = arena_new (TEXT_BUDGET);
  err_t err = arena != NULL ? turn_begin (l, now, &t) : ERR_NOMEM;
  if (err == ERR_OK) {
    err = rotation_pending (t.txn, arena, &r);
    if (err == ERR_OK && !r.given)
      err = fail_set (fail, ERR_INPUT,
                      L ("không có lần đổi khóa nào đang dở", "no change of the key is under way"));
    if (err == ERR_OK)
      err = ledger_curve_put (l, t.txn, &r.secret, &r.certificate);
    if (err == ERR_OK)
      err = meta_put (t.txn, DB_META, META_BIND_TOO, r.endpoint);
    if (err == ERR_OK)
      err = meta_put (t.txn, DB_META, META_NEXT_KEY, STR (""));
    err = turn_end (l, &t, err);
  }
  if (err == ERR_OK)
    err = ledger_curve_take (l, &r.secret, &r.certificate);
  crypto_wipe (&r, sizeof r);
  arena_destroy (&arena);
  return ledger_said (fail, err);
}
