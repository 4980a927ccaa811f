/* epochs.c - the lives of a centre's log, and beginning another.
 *
 * A restored centre does not know what it has lost. So it never writes on where others may have seen it
 * write: its log goes on in a new epoch and each of its streams in a new one, all in the transaction that
 * makes the store fit to be served. What comes back from the agents is appended to the old streams, whose
 * numbers and hashes then are what everybody remembers. Serials of certificates leave a gap for those that
 * were given out meanwhile. */
#include "collector/ledger/epochs.h"

#include "collector/ledger/roster_rows.h"
#include "collector/ledger/state.h"
#include "common/base/lang.h"
#include "common/crypto/crypto.h"

#include <stdlib.h>

#define REVOKED_TEXT_MAX 4096u

/* ---- which there were ---- */

bool
epochs_decode (str_t body, epoch_row_t *out, size_t *n)
{
  rd_t r = rd_of (body.p, body.n);
  *n = 0;
  while (r.n > 0 && !r.failed && *n < LEDGER_EPOCHS_MAX) {
    epoch_row_t *e = &out[(*n)++];
    e->epoch = rd_u64 (&r);
    e->first_lsn = rd_u64 (&r);
    if (*n > 1 && e->first_lsn <= out[*n - 2].first_lsn)
      return false;
  }
  return rd_done (&r) && *n > 0;
}

err_t
epochs_load (ledger_t *l, kv_txn_t *txn)
{
  str_t v;
  err_t err = meta_get (txn, DB_META, META_EPOCHS, &v);
  if (err == ERR_NOT_FOUND) { /* never restored */
    l->epochs[0] = (epoch_row_t){l->epoch, 1};
    l->epochs_n = 1;
    return ERR_OK;
  }
  if (err != ERR_OK)
    return err;
  return epochs_decode (v, l->epochs, &l->epochs_n) && l->epochs[l->epochs_n - 1].epoch == l->epoch
             ? ERR_OK
             : ERR_DAMAGED;
}

static err_t
epochs_put (ledger_t *l, kv_txn_t *txn)
{
  buf_t v = BUF_INIT;
  for (size_t i = 0; i < l->epochs_n; i++) {
    buf_u64 (&v, l->epochs[i].epoch);
    buf_u64 (&v, l->epochs[i].first_lsn);
  }
  err_t err = buf_ok (&v) ? meta_put (txn, DB_META, META_EPOCHS, buf_str (&v)) : ERR_NOMEM;
  buf_free (&v);
  return err == ERR_OK ? meta_put_u64 (txn, DB_META, "epoch", l->epoch) : err;
}

position_t
ledger_position (const ledger_t *l, uint64_t lsn)
{
  size_t i = l->epochs_n;
  while (i > 1 && l->epochs[i - 1].first_lsn > lsn)
    i--;
  return (position_t){i > 0 ? l->epochs[i - 1].epoch : l->epoch, lsn};
}

bool
ledger_epoch_end (const ledger_t *l, uint64_t epoch, uint64_t *last)
{
  for (size_t i = 0; i < l->epochs_n; i++)
    if (l->epochs[i].epoch == epoch) {
      *last = i + 1 < l->epochs_n ? l->epochs[i + 1].first_lsn - 1 : UINT64_MAX;
      return true;
    }
  return false;
}

/* ---- another ---- */

typedef struct {
  unit_id_t *unit;
  size_t n, cap;
} units_t;

/* Whose streams there are; the one for all comes first. */
static err_t
stream_units (kv_txn_t *txn, units_t *out)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  err_t err = kv_cursor_open (txn, DB_CURSOR, &c);
  while (err == ERR_OK) {
    stream_row_t row;
    bool seen = false;
    err = kv_next (c, &key, &stored);
    if (err == ERR_OK)
      err = val_open (DB_CURSOR, key, stored, &body);
    if (err == ERR_OK && !stream_row_decode (body, &row))
      err = ERR_DAMAGED;
    for (size_t i = 0; err == ERR_OK && i < out->n; i++)
      seen = seen || out->unit[i] == row.unit;
    if (err != ERR_OK || !row.centre || seen)
      continue;
    unit_id_t *grown = array_room (out->unit, out->n, &out->cap, sizeof *grown);
    if (grown == NULL) {
      err = ERR_NOMEM;
      continue;
    }
    out->unit = grown;
    size_t at = out->n++;
    if (row.unit == 0 && at > 0) {
      out->unit[at] = out->unit[0];
      at = 0;
    }
    out->unit[at] = row.unit;
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
fork_streams (ledger_t *l, turn_t *t)
{
  units_t u = {0};
  err_t err = stream_units (t->txn, &u);
  for (size_t i = 0; i < u.n && err == ERR_OK; i++)
    err = centre_fork (l, t, u.unit[i]);
  free (u.unit);
  return err;
}

/* How far is left to chance: a backup may be restored twice, and each life gives out serials of its own. */
static err_t
leave_serials (turn_t *t)
{
  uint64_t serial = 0;
  err_t err = meta_get_u64 (t->txn, DB_META, META_SERIAL, &serial);
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  return meta_put_u64 (t->txn, DB_META, META_SERIAL, roster_serial_leap (serial));
}

static err_t
turn_away (ledger_t *l, turn_t *t, const str_t *revoked, size_t n)
{
  buf_t names = BUF_INIT;
  str_t before;
  err_t err = meta_get (t->txn, DB_META, META_TURNED_AWAY, &before);
  if (err == ERR_OK)
    buf_put (&names, before.p, before.n);
  if (err == ERR_NOT_FOUND)
    err = ERR_OK;
  for (size_t i = 0; i < n && err == ERR_OK; i++) {
    agent_row_t a;
    err = roster_agent_by_name (l, t->txn, revoked[i], &a);
    if (err == ERR_OK)
      err = roster_revoke_in (l, t, a.serial, STR_NONE);
    else if (err == ERR_NOT_FOUND) {
      buf_put (&names, revoked[i].p, revoked[i].n);
      buf_putc (&names, '\n');
      err = ERR_OK;
    }
  }
  if (err == ERR_OK && (!buf_ok (&names) || names.n > REVOKED_TEXT_MAX))
    err = buf_ok (&names) ? ERR_TOO_BIG : ERR_NOMEM;
  if (err == ERR_OK && names.n > 0)
    err = meta_put (t->txn, DB_META, META_TURNED_AWAY, buf_str (&names));
  buf_free (&names);
  return err;
}

err_t
roster_turned_away (kv_txn_t *txn, str_t name, bool *out)
{
  str_t names;
  err_t err = meta_get (txn, DB_META, META_TURNED_AWAY, &names);
  *out = false;
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  for (size_t i = 0; i < names.n && !*out;) {
    const char *end = memchr (names.p + i, '\n', names.n - i);
    const size_t n = end != NULL ? (size_t)(end - names.p) - i : names.n - i;
    *out = str_eq ((str_t){names.p + i, n}, name);
    i += n + 1;
  }
  return ERR_OK;
}

typedef struct {
  record_id_t *id;
  size_t n, cap;
} open_invites_t;

static err_t
note_open (void *ctx, const invite_row_t *i)
{
  open_invites_t *o = ctx;
  if (i->state != INVITE_OPEN)
    return ERR_OK;
  record_id_t *grown = array_room (o->id, o->n, &o->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  o->id = grown;
  o->id[o->n++] = i->id;
  return ERR_OK;
}

/* One that was open then may have been used or cancelled since, and nobody could tell: none lets anyone in.
 */
static err_t
close_invites (ledger_t *l, turn_t *t)
{
  open_invites_t o = {0};
  err_t err = roster_invites (l, t->txn, t->now, note_open, &o);
  for (size_t i = 0; i < o.n && err == ERR_OK; i++) {
    invite_row_t row;
    err = invite_get (t->txn, o.id[i], &row);
    row.state = INVITE_CANCELLED;
    if (err == ERR_OK)
      err = invite_put (l, t->txn, &row);
  }
  free (o.id);
  return err;
}

err_t
ledger_fork (ledger_t *l, const str_t *revoked, size_t revoked_n, wall_t now, fail_t *fail)
{
  turn_t t;
  if (l->epochs_n == LEDGER_EPOCHS_MAX)
    return fail_set (fail, ERR_INPUT,
                     L ("kho này đã được phục hồi %u lần, không thêm được nữa",
                        "this store has been restored %u times, and cannot be again"),
                     LEDGER_EPOCHS_MAX);
  err_t err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  const uint64_t before = l->epoch;
  do
    crypto_random (&l->epoch, sizeof l->epoch);
  while (l->epoch == 0 || l->epoch == before);
  l->epochs[l->epochs_n++] = (epoch_row_t){l->epoch, t.lsn + 1};
  err = epochs_put (l, t.txn);
  if (err == ERR_OK)
    err = fork_streams (l, &t);
  if (err == ERR_OK)
    err = leave_serials (&t);
  if (err == ERR_OK)
    err = turn_away (l, &t, revoked, revoked_n);
  if (err == ERR_OK)
    err = close_invites (l, &t);
  err = turn_end (l, &t, err);
  if (err != ERR_OK) {
    l->epoch = before;
    l->epochs_n--;
  }
  return ledger_said (fail, err);
}
