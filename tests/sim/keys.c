/* keys.c - what must hold of keys: the number an office has at the centre never changes, serials of its
 * certificates only rise, and whatever dies in whatever order, one pair in its store is the pair that the
 * centre lets in. Only a copy of before may hold none: those keys were given up, on purpose. */
#include "tests/sim/keys.h"

#include <inttypes.h>

static struct {
  uint32_t number, serial;
  bool copied;
} of[MACHINES_MAX];

/* The row of the certificate whose keys count now. */
static err_t
present_row (kv_txn_t *centre, uint32_t number, agent_full_t *out)
{
  err_t err = agent_get (centre, number, out);
  return err == ERR_OK && out->row.present != 0 ? agent_get (centre, out->row.present, out) : err;
}

/* Has it keys that the centre lets in? ERR_NOT_FOUND: the centre knows nothing of it. */
static err_t
gets_in (const identity_t *id, kv_txn_t *centre, bool *own, bool *next)
{
  agent_full_t now;
  err_t err = present_row (centre, id->number, &now);
  *own = err == ERR_OK && curve_key_eq (now.row.curve_key, id->curve);
  *next = err == ERR_OK && id->next.given && curve_key_eq (now.row.curve_key, id->next.curve);
  return err;
}

void
keys_committed (const machine_t *m, outbox_t *o, kv_txn_t *centre, bool any_centre)
{
  bool own, next;
  const unsigned i = m->index;
  if (outbox_refresh (o, NULL) != ERR_OK) {
    sim_violation ("%s: who it is cannot be read", m->name);
    return;
  }
  const identity_t *id = outbox_identity (o);
  if (!id->enrolled)
    return;
  if (of[i].number != 0 && id->number != of[i].number)
    sim_violation ("%s was number %" PRIu32 " at the centre and is %" PRIu32, m->name, of[i].number,
                   id->number);
  if (id->serial < of[i].serial)
    sim_violation ("%s: its certificate %" PRIu32 " gave way to %" PRIu32, m->name, of[i].serial, id->serial);
  if (of[i].serial != 0 && id->serial > of[i].serial)
    sim_say ("%s: has new keys", m->name);
  of[i].number = id->number;
  of[i].serial = id->serial;
  err_t err = gets_in (id, centre, &own, &next);
  if (!any_centre && !of[i].copied && (err != ERR_OK || (!own && !next)))
    sim_violation ("%s holds no keys that the centre lets in", m->name);
}

void
keys_restored (const machine_t *m)
{
  of[m->index].copied = true;
  of[m->index].serial = 0;
}

bool
keys_shut_out (const machine_t *m, outbox_t *o, kv_txn_t *centre)
{
  bool own, next;
  return of[m->index].copied && outbox_refresh (o, NULL) == ERR_OK &&
         gets_in (outbox_identity (o), centre, &own, &next) == ERR_OK && !own && !next;
}

bool
keys_wait (outbox_t *o, kv_txn_t *centre)
{
  bool own, next;
  return outbox_refresh (o, NULL) != ERR_OK || outbox_identity (o)->next.given ||
         gets_in (outbox_identity (o), centre, &own, &next) != ERR_OK || !own;
}

void
keys_end (void)
{
  memset (of, 0, sizeof of);
}
