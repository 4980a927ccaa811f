/* rekey.c - new keys of our own.
 *
 * They are made and stored beside those we have before anything is sent. The centre answers with a
 * certificate for them only once it knows them durably; then, in one transaction, they take the place of the
 * old ones. So at any moment the store holds keys that get in: the old ones, or new ones that the centre
 * knows already and that are tried when the old ones are not let in any more. */
#include "agent/outbox/internal.h"

#include "common/crypto/crypto.h"

static const uint8_t nothing[64] = {0};

static str_t
bytes_of (const void *p, size_t n)
{
  return (str_t){p, n};
}

static err_t
put (kv_txn_t *txn, const void *curve_secret, const void *sign, const void *sign_secret)
{
  err_t err = meta_put (txn, ODB_META, META_NEXT_CURVE, bytes_of (curve_secret, 32));
  if (err == ERR_OK)
    err = meta_put (txn, ODB_META, META_NEXT_SIGN_PUBLIC, bytes_of (sign, 32));
  return err == ERR_OK ? meta_put (txn, ODB_META, META_NEXT_SIGN, bytes_of (sign_secret, 64)) : err;
}

static err_t
make (kv_txn_t *txn)
{
  next_keys_t n;
  sign_secret_t secret;
  curve_key_t curve, curve_secret;
  err_t err = outbox_next_keys (txn, &n);
  const bool there = n.given;
  crypto_wipe (&n, sizeof n);
  if (err != ERR_OK || there)
    return err; /* begun before: with the same ones */
  curve_keys_make (&curve, &curve_secret);
  sign_keys_make (&n.sign, &secret);
  err = put (txn, curve_secret.b, n.sign.b, secret.b);
  crypto_wipe (&curve_secret, sizeof curve_secret);
  crypto_wipe (&secret, sizeof secret);
  return err;
}

err_t
outbox_rekey_begin (outbox_t *o, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  err_t err = kv_begin (o->kv, true, &txn);
  if (err == ERR_OK)
    err = make (txn);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  if (err == ERR_OK)
    err = outbox_refresh (o, fail);
  return outbox_fail (fail, err);
}

err_t
outbox_next_keys (kv_txn_t *txn, next_keys_t *out)
{
  *out = (next_keys_t){.given = false};
  err_t err = outbox_meta_fixed (txn, META_NEXT_CURVE, out->curve_secret.b, 32);
  if (err == ERR_OK)
    err = outbox_meta_fixed (txn, META_NEXT_SIGN_PUBLIC, out->sign.b, 32);
  if (err == ERR_OK)
    err = outbox_meta_fixed (txn, META_NEXT_SIGN, out->sign_secret.b, 64);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  out->given = !id_is_zero (out->curve_secret.b, 32);
  if (out->given)
    curve_public_of (&out->curve_secret, &out->curve);
  return ERR_OK;
}

err_t
outbox_next_keys_adopt (kv_txn_t *txn)
{
  next_keys_t n;
  err_t err = outbox_next_keys (txn, &n);
  if (err == ERR_OK && !n.given)
    err = ERR_FORGED;
  if (err == ERR_OK)
    err = meta_put (txn, ODB_META, META_CURVE, bytes_of (n.curve_secret.b, 32));
  if (err == ERR_OK)
    err = meta_put (txn, ODB_META, META_SIGN_PUBLIC, bytes_of (n.sign.b, 32));
  if (err == ERR_OK)
    err = meta_put (txn, ODB_META, META_SIGN, bytes_of (n.sign_secret.b, 64));
  if (err == ERR_OK)
    err = put (txn, nothing, nothing, nothing);
  crypto_wipe (&n, sizeof n);
  return err;
}

err_t
outbox_rekey_refused (outbox_t *o)
{
  kv_txn_t *txn = NULL;
  err_t err = kv_begin (o->kv, true, &txn);
  if (err == ERR_OK)
    err = put (txn, nothing, nothing, nothing);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  return err == ERR_OK ? outbox_refresh (o, NULL) : err;
}
