/* addresses.c - where the centre is.
 *
 * What the centre says lies beside what we have until one of the new addresses has answered: then, and only
 * then, the old ones go. A mistake at the centre thus costs no office its line, and two notices in a row, or
 * one taken again, come to the same. */
#include "agent/outbox/internal.h"

#include "common/crypto/crypto.h"

#define CERTIFICATE_BUDGET (256u << 10)

static bool
same_lines (const str_t *addresses, size_t n, str_t lines)
{
  buf_t b = BUF_INIT;
  addresses_bytes (addresses, n, &b);
  const bool same = buf_ok (&b) && str_eq (buf_str (&b), lines);
  buf_free (&b);
  return same;
}

/* Absent: no bytes. A view. */
static err_t
lines_of (kv_txn_t *txn, const char *name, str_t *out)
{
  err_t err = meta_get (txn, ODB_META, name, out);
  if (err == ERR_NOT_FOUND)
    *out = STR ("");
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Addresses are kept as lines. */
static bool
can_keep (const str_t *addresses, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (addresses[i].n == 0 || memchr (addresses[i].p, '\n', addresses[i].n) != NULL)
      return false;
  return true;
}

static err_t
put_fresh (kv_txn_t *txn, const str_t *addresses, size_t n)
{
  buf_t b = BUF_INIT;
  addresses_bytes (addresses, n, &b);
  err_t err = buf_ok (&b) ? meta_put (txn, ODB_META, META_ADDRESSES_NEW, buf_str (&b)) : ERR_NOMEM;
  buf_free (&b);
  return err;
}

err_t
outbox_addresses_take (kv_txn_t *txn, const str_t *addresses, size_t n)
{
  str_t ours, fresh;
  if (!can_keep (addresses, n))
    return ERR_OK; /* those we have do */
  err_t err = lines_of (txn, META_ADDRESSES, &ours);
  const bool known = err == ERR_OK && (n == 0 || same_lines (addresses, n, ours));
  if (err == ERR_OK)
    err = lines_of (txn, META_ADDRESSES_NEW, &fresh);
  if (err != ERR_OK || (known && fresh.n == 0))
    return err;
  return put_fresh (txn, addresses, known ? 0 : n);
}

/* The centre's certificate with the key it answers under at its new addresses. */
static err_t
certificate_new (kv_txn_t *txn, arena_t *arena, signed_t *s, centre_certificate_t *out)
{
  str_t v;
  *s = (signed_t){.given = false};
  err_t err = lines_of (txn, META_CENTRE_NEW, &v);
  if (err != ERR_OK || v.n == 0)
    return err;
  err = outbox_signed_get (txn, META_CENTRE_NEW, s);
  s->body = arena_str (arena, s->body);
  return err == ERR_OK ? centre_certificate_decode (s->body, arena, out) : err;
}

/* Under the authority we know, of the same centre: only its CURVE key may be another. *same: nor is that;
 * *newer: than the one we have. */
static err_t
certified (kv_txn_t *txn, const signed_t *s, arena_t *arena, centre_certificate_t *out, bool *same,
           bool *newer)
{
  sign_key_t authority;
  curve_key_t server;
  signed_t ours = {.given = false};
  centre_certificate_t was;
  err_t err = outbox_meta_fixed (txn, META_AUTHORITY, authority.b, sizeof authority.b);
  if (err == ERR_OK)
    err = outbox_meta_fixed (txn, META_SERVER, server.b, sizeof server.b);
  if (err == ERR_OK)
    err = outbox_signed_get (txn, META_CENTRE, &ours);
  if (err == ERR_OK)
    err = centre_certificate_decode (ours.body, arena, &was);
  if (err != ERR_OK)
    return err;
  const bool good = outbox_check_centre (s, &authority, out, arena) == ERR_OK &&
                    memcmp (out->centre_key.b, was.centre_key.b, sizeof was.centre_key.b) == 0;
  *same = good && curve_key_eq (out->curve_key, server);
  *newer = good && out->serial > was.serial;
  return good ? ERR_OK : ERR_FORGED;
}

/* Those we have, too, are new under another key. */
static err_t
take_key (kv_txn_t *txn, const signed_t *certificate, const str_t *addresses, size_t n)
{
  err_t err = can_keep (addresses, n) ? put_fresh (txn, addresses, n) : ERR_OK;
  return err == ERR_OK ? outbox_signed_put (txn, META_CENTRE_NEW, certificate) : err;
}

err_t
outbox_key_take (kv_txn_t *txn, const signed_t *certificate, const str_t *addresses, size_t n)
{
  centre_certificate_t c;
  bool same = false, newer = false;
  if (!certificate->given)
    return outbox_addresses_take (txn, addresses, n);
  arena_t *arena = arena_new (CERTIFICATE_BUDGET);
  err_t err = arena != NULL ? certified (txn, certificate, arena, &c, &same, &newer) : ERR_NOMEM;
  if (err == ERR_OK && newer && !same && n > 0)
    err = take_key (txn, certificate, addresses, n);
  arena_destroy (&arena);
  return err == ERR_FORGED ? ERR_OK : err; /* it says nothing to us */
}

err_t
outbox_key_read (kv_txn_t *txn, arena_t *arena, curve_key_t *out)
{
  signed_t s;
  centre_certificate_t c;
  err_t err = certificate_new (txn, arena, &s, &c);
  if (err == ERR_OK && s.given)
    *out = c.curve_key;
  return err;
}

static bool
knows_all (const identity_t *id, const invite_t *i)
{
  size_t known = 0;
  for (size_t k = 0; k < i->addresses_n; k++)
    for (size_t n = 0; n < id->addresses_n; n++)
      if (str_eq (i->addresses[k], id->addresses[n])) {
        known++;
        break;
      }
  return known == i->addresses_n;
}

err_t
outbox_key_of_invite (outbox_t *o, const invite_t *i)
{
  kv_txn_t *txn = NULL;
  centre_certificate_t c;
  bool same = false, newer = false; /* a person has brought it: the centre may have an older one, restored */
  arena_t *arena = arena_new (CERTIFICATE_BUDGET);
  err_t err = arena != NULL ? kv_begin (o->kv, true, &txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = certified (txn, &i->centre_certificate, arena, &c, &same, &newer);
  if (err == ERR_OK && same && knows_all (&o->identity, i))
    err = ERR_EXISTS;
  if (err == ERR_OK && same)
    err = outbox_addresses_take (txn, i->addresses, i->addresses_n);
  else if (err == ERR_OK)
    err = take_key (txn, &i->centre_certificate, i->addresses, i->addresses_n);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  arena_destroy (&arena);
  return err == ERR_OK ? outbox_refresh (o, NULL) : err;
}

static bool
are (const identity_t *id, size_t n, const msg_welcome_t *w)
{
  bool equal = n == w->addresses_n;
  for (size_t i = 0; equal && i < n; i++)
    equal = str_eq (id->addresses[i], w->addresses[i]);
  return equal;
}

bool
outbox_addresses_news (const identity_t *id, const msg_welcome_t *w)
{
  return w->addresses_n > 0 && !are (id, id->addresses_new_n > 0 ? id->addresses_new_n : id->addresses_n, w);
}

err_t
outbox_addresses_said (outbox_t *o, const msg_welcome_t *w)
{
  kv_txn_t *txn = NULL;
  buf_t b = BUF_INIT;
  addresses_bytes (w->addresses, w->addresses_n, &b);
  err_t err = !buf_ok (&b) ? ERR_NOMEM
              : sign_check (SIGN_ADDRESSES, buf_str (&b), w->addresses_signature, &o->identity.centre)
                  ? kv_begin (o->kv, true, &txn)
                  : ERR_FORGED;
  if (err == ERR_OK)
    err = outbox_addresses_take (txn, w->addresses, w->addresses_n);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  buf_free (&b);
  return err == ERR_OK ? outbox_refresh (o, NULL) : err;
}

/* One of the lines? */
static bool
among (str_t lines, str_t address)
{
  bool found = false;
  for (size_t start = 0, i = 0; i < lines.n && !found; i++)
    if (lines.p[i] == '\n') {
      found = str_eq ((str_t){lines.p + start, i - start}, address);
      start = i + 1;
    }
  return found;
}

/* The key that answered there is the centre's from now on. */
static err_t
adopt_key (kv_txn_t *txn)
{
  signed_t s;
  centre_certificate_t c;
  arena_t *arena = arena_new (CERTIFICATE_BUDGET);
  err_t err = arena != NULL ? certificate_new (txn, arena, &s, &c) : ERR_NOMEM;
  if (err == ERR_OK && s.given) {
    err = outbox_signed_put (txn, META_CENTRE, &s);
    if (err == ERR_OK)
      err = meta_put (txn, ODB_META, META_SERVER, (str_t){(const char *)c.curve_key.b, sizeof c.curve_key.b});
    if (err == ERR_OK)
      err = meta_put (txn, ODB_META, META_CENTRE_NEW, STR (""));
  }
  arena_destroy (&arena);
  return err;
}

err_t
outbox_addresses_answered (outbox_t *o, str_t address)
{
  kv_txn_t *txn = NULL;
  str_t fresh;
  buf_t b = BUF_INIT;
  err_t err = kv_begin (o->kv, true, &txn);
  if (err == ERR_OK)
    err = lines_of (txn, META_ADDRESSES_NEW, &fresh);
  if (err != ERR_OK || !among (fresh, address))
    goto done;                    /* others are new by now */
  buf_put (&b, fresh.p, fresh.n); /* what is written next would move the view */
  err = buf_ok (&b) ? meta_put (txn, ODB_META, META_ADDRESSES, buf_str (&b)) : ERR_NOMEM;
  if (err == ERR_OK)
    err = meta_put (txn, ODB_META, META_ADDRESSES_NEW, STR (""));
  if (err == ERR_OK)
    err = adopt_key (txn);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  if (err == ERR_OK)
    err = outbox_refresh (o, NULL);
done:
  kv_abort (&txn);
  buf_free (&b);
  return err;
}
