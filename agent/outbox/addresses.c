/* addresses.c - where the centre is.
 *
 * What the centre says lies beside what we have until one of the new addresses has answered: then, and only
 * then, the old ones go. A mistake at the centre thus costs no office its line, and two notices in a row, or
 * one taken again, come to the same. */
#include "agent/outbox/internal.h"

#include "common/crypto/crypto.h"

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

err_t
outbox_addresses_take (kv_txn_t *txn, const str_t *addresses, size_t n)
{
  str_t ours, fresh;
  buf_t b = BUF_INIT;
  for (size_t i = 0; i < n; i++)
    if (addresses[i].n == 0 || memchr (addresses[i].p, '\n', addresses[i].n) != NULL)
      return ERR_OK; /* no address that we could keep: those we have do */
  err_t err = lines_of (txn, META_ADDRESSES, &ours);
  const bool known = err == ERR_OK && (n == 0 || same_lines (addresses, n, ours));
  if (err == ERR_OK)
    err = lines_of (txn, META_ADDRESSES_NEW, &fresh);
  if (err != ERR_OK || (known && fresh.n == 0))
    return err;
  if (!known)
    addresses_bytes (addresses, n, &b);
  err = buf_ok (&b) ? meta_put (txn, ODB_META, META_ADDRESSES_NEW, buf_str (&b)) : ERR_NOMEM;
  buf_free (&b);
  return err;
}

static bool
are (const identity_t *id, size_t first, size_t n, const msg_welcome_t *w)
{
  bool equal = n == w->addresses_n;
  for (size_t i = 0; equal && i < n; i++)
    equal = str_eq (id->addresses[first + i], w->addresses[i]);
  return equal;
}

bool
outbox_addresses_news (const identity_t *id, const msg_welcome_t *w)
{
  return w->addresses_n > 0 &&
         !are (id, 0, id->addresses_new_n > 0 ? id->addresses_new_n : id->addresses_n, w);
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
    err = kv_commit (&txn);
  if (err == ERR_OK)
    err = outbox_refresh (o, NULL);
done:
  kv_abort (&txn);
  buf_free (&b);
  return err;
}
