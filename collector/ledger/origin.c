/* origin.c - a stream that begins: which other it left, and what that says of its agent.
 *
 * An agent whose store turned out to be an old copy, or to have a twin, goes on in a new stream that names
 * where it left the old one. Its data is taken as any other; but people should look, so the agent's row says
 * so until somebody confirms:
 *   forked       it went on in a new stream: an old copy was put back, or the store was copied
 *   cloned       and the stream it left is written on, too: there are two PCs
 *   reinstalled  its key began a stream out of nothing though it has one already
 * A copy that only connects leaves no stream and writes on in none. But a store counts its starts, and of one
 * that was started less often than was heard of before there are two, or it is an old one: forked; when the
 * other comes again and then it once more, both live: cloned. A line that is cut and comes back has the same
 * count.
 *
 * What a restored centre is given back was looked at before, and alarms nobody. */
#include "collector/ledger/taking.h"

#include "common/crypto/crypto.h"

#include <stdio.h>

typedef struct {
  store_id_t stream;
  uint32_t owner;
  bool other, child; /* the owner has another stream; one that left this one */
} kin_t;

static void
look_at (kin_t *kin, str_t key, const stream_row_t *row)
{
  if (row->centre || row->owner != kin->owner)
    return;
  kin->other = kin->other || memcmp (key.p, kin->stream.b, sizeof kin->stream.b) != 0;
  kin->child = kin->child || store_id_eq (row->parent, kin->stream);
}

static err_t
find_kin (kv_txn_t *txn, kin_t *kin)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  err_t err = kv_cursor_open (txn, DB_CURSOR, &c);
  while (err == ERR_OK) {
    stream_row_t row;
    err = kv_next (c, &key, &stored);
    if (err == ERR_OK)
      err = val_open (DB_CURSOR, key, stored, &body);
    if (err == ERR_OK && (key.n != sizeof kin->stream.b || !stream_row_decode (body, &row)))
      err = ERR_DAMAGED;
    if (err == ERR_OK)
      look_at (kin, key, &row);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
parent_fits (ledger_t *l, kv_txn_t *txn, uint32_t serial, const origin_t *from, bool *fits)
{
  stream_row_t parent;
  hash_t there;
  *fits = true;
  if (id_is_zero (from->parent.b, sizeof from->parent.b))
    return ERR_OK;
  err_t err = stream_get (txn, from->parent, &parent);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err; /* lost in a restore; it comes back by itself */
  *fits = !parent.centre && parent.owner == serial;
  if (!*fits || from->seq > parent.cursor)
    return ERR_OK;
  err = ledger_chain_at (l, txn, from->parent, from->seq, &there);
  *fits = err == ERR_OK && hash_eq (there, from->hash);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

err_t
origin_fits (taking_t *k, bool *fits)
{
  return parent_fits (k->l, k->t->txn, k->item->serial, &k->item->origin, fits);
}

/* The state an agent gets by what was just taken; its own when there is nothing to say. */
static agent_state_t
state_by (const taking_t *k, const kin_t *kin)
{
  const bool left = !id_is_zero (k->stream.parent.b, sizeof k->stream.parent.b);
  if (k->fresh && left)
    return AGENT_FORKED;
  if (k->fresh)
    return kin->other ? AGENT_REINSTALLED : k->state;
  return kin->child ? AGENT_CLONED : k->state;
}

err_t
origin_note (taking_t *k)
{
  kin_t kin = {.stream = k->item->chunk->store, .owner = k->item->serial};
  if ((!k->fresh && k->state != AGENT_FORKED) || k->state == AGENT_CLONED || k->item->acked_before > 0)
    return ERR_OK;
  err_t err = find_kin (k->t->txn, &kin);
  const agent_state_t state = state_by (k, &kin);
  return err == ERR_OK && state != k->state ? roster_state_put (k->l, k->t, kin.owner, state) : err;
}

static err_t
begin_stream (ledger_t *l, turn_t *t, uint32_t serial, store_id_t stream, const origin_t *from, bool *begun)
{
  agent_full_t agent;
  stream_row_t row;
  bool fits = false;
  err_t err = stream_get (t->txn, stream, &row);
  if (err != ERR_NOT_FOUND)
    return err;
  err = agent_get (t->txn, serial, &agent);
  if (err == ERR_OK && agent.row.state != AGENT_REVOKED)
    err = parent_fits (l, t->txn, serial, from, &fits);
  if (err != ERR_OK || !fits)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  const agent_state_t state = agent.row.state;
  row = (stream_row_t){.owner = serial,
                       .unit = agent.row.unit,
                       .parent = from->parent,
                       .parent_seq = from->seq,
                       .parent_hash = from->hash,
                       .hash = chain_start (stream, from->parent, from->seq, from->hash)};
  err = stream_put (t->txn, stream, &row);
  if (err == ERR_OK && state != AGENT_CLONED && state != AGENT_FORKED)
    err = roster_state_put (l, t, serial, AGENT_FORKED);
  *begun = err == ERR_OK;
  return err;
}

err_t
ledger_stream_begins (ledger_t *l, uint32_t serial, store_id_t stream, const origin_t *from, wall_t now)
{
  turn_t t;
  bool begun = false;
  err_t err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return err;
  err = begin_stream (l, &t, serial, stream, from, &begun);
  if (err == ERR_OK && begun)
    return turn_commit (l, &t);
  turn_abort (l, &t);
  return err;
}

/* ---- how often a store was started ---- */

typedef struct {
  store_id_t store;
  uint64_t boot;
} start_t;

static err_t
start_get (kv_txn_t *txn, uint32_t serial, char name[32], start_t *out)
{
  str_t v;
  *out = (start_t){.boot = 0};
  snprintf (name, 32, "start/%u", (unsigned)serial);
  err_t err = meta_get (txn, DB_META, name, &v);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  rd_t r = rd_of (v.p, v.n);
  const str_t store = rd_bytes (&r, sizeof out->store.b);
  out->boot = rd_u64 (&r);
  if (!rd_done (&r))
    return ERR_DAMAGED;
  memcpy (out->store.b, store.p, sizeof out->store.b);
  return ERR_OK;
}

static err_t
start_put (kv_txn_t *txn, const char *name, const start_t *s)
{
  buf_t v = BUF_INIT;
  buf_put (&v, s->store.b, sizeof s->store.b);
  buf_u64 (&v, s->boot);
  err_t err = buf_ok (&v) ? meta_put (txn, DB_META, name, buf_str (&v)) : ERR_NOMEM;
  buf_free (&v);
  return err;
}

/* Does it say what the last one said? */
static err_t
start_is_known (ledger_t *l, uint32_t serial, const start_t *now, bool *known)
{
  kv_txn_t *txn = NULL;
  char name[32];
  start_t last;
  err_t err = kv_begin (l->kv, false, &txn);
  if (err == ERR_OK)
    err = start_get (txn, serial, name, &last);
  *known = err == ERR_OK && last.boot == now->boot && store_id_eq (last.store, now->store);
  kv_abort (&txn);
  return err;
}

static err_t
start_note (ledger_t *l, turn_t *t, uint32_t serial, const start_t *now)
{
  char name[32];
  start_t last;
  agent_full_t agent;
  err_t err = start_get (t->txn, serial, name, &last);
  if (err == ERR_OK)
    err = start_put (t->txn, name, now);
  if (err != ERR_OK || !store_id_eq (last.store, now->store) || now->boot > last.boot)
    return err;
  err = agent_get (t->txn, serial, &agent);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  const agent_state_t state = agent.row.state;
  if (state == AGENT_REVOKED || state == AGENT_CLONED)
    return ERR_OK;
  return roster_state_put (l, t, serial, state == AGENT_FORKED ? AGENT_CLONED : AGENT_FORKED);
}

err_t
ledger_store_started (ledger_t *l, uint32_t serial, store_id_t store, uint64_t boot, wall_t now)
{
  const start_t start = {store, boot};
  turn_t t;
  bool known = false;
  err_t err = start_is_known (l, serial, &start, &known);
  if (err != ERR_OK || known)
    return err;
  err = turn_begin (l, now, &t);
  return err == ERR_OK ? turn_end (l, &t, start_note (l, &t, serial, &start)) : err;
}
