/* addresses.c - where agents find the centre: as configured by a person, else as last bound by serve.
 *
 * What is configured goes out as a decision in the stream for all, so that it is logged and reaches every
 * agent, also by a file; and in each WELCOME, under a signature made once. Agents try the new ones first and
 * keep the old ones until a new one answers, so a mistake here costs nothing but a few attempts. */
#include "collector/ledger/addresses.h"
#include "collector/ledger/roster_rows.h"
#include "collector/ledger/rotation.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"

#define META_CONFIGURED "addresses"

/* ---- their form ---- */

static bool
address_ok (str_t a)
{
  if (a.n < 9 || a.n > ADDRESS_MAX || memcmp (a.p, "tcp://", 6) != 0)
    return false;
  size_t colon = a.n;
  while (colon > 6 && a.p[colon - 1] != ':')
    colon--;
  if (colon <= 7 || colon == a.n)
    return false;
  uint32_t port = 0;
  for (size_t i = colon; i < a.n && port <= UINT16_MAX; i++) {
    if (a.p[i] < '0' || a.p[i] > '9')
      return false;
    port = port * 10 + (uint32_t)(a.p[i] - '0');
  }
  if (port == 0 || port > UINT16_MAX)
    return false;
  for (size_t i = 6; i < a.n; i++)
    if ((unsigned char)a.p[i] <= ' ' || a.p[i] == '*' || a.p[i] == 0x7f)
      return false;
  return true;
}

/* An endpoint bound on all addresses is reached by this machine's name. */
static void
address_of_endpoint (str_t endpoint, buf_t *out)
{
  static const char *const any[] = {"tcp://*:", "tcp://0.0.0.0:", "tcp://[::]:"};
  for (size_t i = 0; i < sizeof any / sizeof any[0]; i++) {
    str_t a = str_of (any[i]);
    if (endpoint.n > a.n && memcmp (endpoint.p, a.p, a.n) == 0) {
      const char *host = host_name ();
      buf_printf (out, "tcp://%s:%.*s", host[0] != '\0' ? host : "localhost", (int)(endpoint.n - a.n),
                  endpoint.p + a.n);
      return;
    }
  }
  buf_put (out, endpoint.p, endpoint.n);
}

err_t
addresses_check (const str_t *addresses, size_t n, fail_t *fail)
{
  if (n > ADDRESSES_MAX)
    return fail_set (fail, ERR_INPUT, L ("quá %u địa chỉ", "more than %u addresses"), ADDRESSES_MAX);
  for (size_t a = 0; a < n; a++)
    if (!address_ok (addresses[a]))
      return fail_set (fail, ERR_INPUT,
                       L ("địa chỉ “%.*s” không đúng dạng tcp://TÊN-MÁY:CỔNG",
                          "address \"%.*s\" is not of the form tcp://HOST:PORT"),
                       STR_ARG (addresses[a]));
  return ERR_OK;
}

/* ---- as bound ---- */

err_t
addresses_bound (kv_txn_t *txn, arena_t *arena, str_t *out, size_t *n)
{
  str_t v;
  *n = 0;
  err_t err = meta_get (txn, DB_META, META_BOUND, &v);
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  if (err != ERR_OK)
    return err;
  rd_t r = rd_of (v.p, v.n);
  size_t count = rd_u8 (&r);
  buf_t address = BUF_INIT;
  for (size_t i = 0; i < count && i < ADDRESSES_MAX && !r.failed; i++) {
    buf_clear (&address);
    address_of_endpoint (row_text_read (&r), &address);
    out[*n] = arena_str (arena, buf_str (&address));
    if (out[*n].p != NULL && out[*n].n > 0)
      (*n)++;
  }
  buf_free (&address);
  return r.failed ? ERR_DAMAGED : ERR_OK;
}

/* ---- as configured ---- */

err_t
addresses_configured (kv_txn_t *txn, arena_t *arena, addresses_t *out)
{
  str_t v;
  *out = (addresses_t){0};
  err_t err = meta_get (txn, DB_META, META_CONFIGURED, &v);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  rd_t r = rd_of (v.p, v.n);
  out->set.ms = (int64_t)rd_u64 (&r);
  size_t n = 0;
  err = row_texts_read (&r, arena, out->at, ADDRESSES_MAX, &n);
  if (err != ERR_OK)
    return err;
  const str_t signature = rd_bytes (&r, sizeof out->signature.b);
  if (!rd_done (&r))
    return ERR_DAMAGED;
  memcpy (out->signature.b, signature.p, signature.n);
  out->n = n;
  return ERR_OK;
}

err_t
addresses_put (ledger_t *l, kv_txn_t *txn, const str_t *addresses, size_t n, wall_t set)
{
  buf_t v = BUF_INIT, said = BUF_INIT;
  signature_t signature = {{0}};
  CHECK (n <= ADDRESSES_MAX);
  addresses_bytes (addresses, n, &said);
  if (buf_ok (&said) && n > 0)
    signature = sign_make (SIGN_ADDRESSES, buf_str (&said), &l->keys.centre_secret);
  buf_u64 (&v, (uint64_t)set.ms);
  row_texts (&v, addresses, n);
  buf_put (&v, signature.b, sizeof signature.b);
  err_t err =
      buf_ok (&v) && buf_ok (&said) ? meta_put (txn, DB_META, META_CONFIGURED, buf_str (&v)) : ERR_NOMEM;
  buf_free (&v);
  buf_free (&said);
  return err;
}

static bool
same (const addresses_t *a, const str_t *addresses, size_t n)
{
  bool equal = a->n == n;
  for (size_t i = 0; equal && i < n; i++)
    equal = str_eq (a->at[i], addresses[i]);
  return equal;
}

/* Until the new key is everywhere, an address alone does not say which key answers there. */
static err_t
no_rotation (kv_txn_t *txn, arena_t *arena, fail_t *fail)
{
  rotation_t r;
  err_t err = rotation_pending (txn, arena, &r);
  crypto_wipe (&r.secret, sizeof r.secret);
  return err != ERR_OK || !r.given
             ? err
             : fail_set (fail, ERR_INPUT,
                         L ("đang đổi khóa của trung tâm; hãy kết thúc bằng rotate-key --finish trước",
                            "the centre's key is being changed; end that with rotate-key --finish first"));
}

err_t
addresses_set (ledger_t *l, const str_t *addresses, size_t n, str_t person, wall_t now, bool *changed,
               fail_t *fail)
{
  turn_t t;
  addresses_t before;
  decision_t d = {.type = DECISION_KEY_NOTICE};
  *changed = false;
  if (addresses_check (addresses, n, fail) != ERR_OK)
    return fail->err;
  arena_t *arena = arena_new (64u << 10);
  if (arena == NULL)
    return ledger_said (fail, ERR_NOMEM);
  err_t err = turn_begin (l, now, &t);
  if (err == ERR_OK) {
    err = no_rotation (t.txn, arena, fail);
    if (err == ERR_OK)
      err = addresses_configured (t.txn, arena, &before);
    *changed = err == ERR_OK && !same (&before, addresses, n);
    for (size_t i = 0; i < n; i++)
      d.u.key_notice.addresses[i] = addresses[i];
    d.u.key_notice.addresses_n = n;
    if (*changed)
      err = addresses_put (l, t.txn, addresses, n, t.now);
    if (err == ERR_OK && *changed)
      err = centre_append (l, &t, 0, &d, person);
    if (err == ERR_OK && !*changed)
      turn_abort (l, &t);
    else
      err = turn_end (l, &t, err);
  }
  *changed = *changed && err == ERR_OK;
  arena_destroy (&arena);
  return ledger_said (fail, err);
}

err_t
addresses_set_before (ledger_t *l, turn_t *t, const decision_t *d, wall_t set)
{
  addresses_t there;
  arena_t *arena = arena_new (64u << 10);
  err_t err = arena != NULL ? addresses_configured (t->txn, arena, &there) : ERR_NOMEM;
  if (err == ERR_OK && there.set.ms <= set.ms)
    err = addresses_put (l, t->txn, d->u.key_notice.addresses, d->u.key_notice.addresses_n, set);
  arena_destroy (&arena);
  return err;
}

err_t
addresses_of_invites (kv_txn_t *txn, arena_t *arena, str_t *out, size_t *n)
{
  addresses_t set;
  err_t err = addresses_configured (txn, arena, &set);
  if (err != ERR_OK)
    return err;
  if (set.n == 0)
    return addresses_bound (txn, arena, out, n);
  for (size_t i = 0; i < set.n; i++)
    out[i] = set.at[i];
  *n = set.n;
  return ERR_OK;
}
