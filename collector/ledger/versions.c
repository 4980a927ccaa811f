/* versions.c - what a version's name stands for, which records have several ids, and what an update goes back
 * to.
 *
 * An update names the version it was made on. That need not be one that ever stood: refused, it stands for
 * its own base; parked, for the base it was merged against, since the author's next edit takes its place. A
 * parked side that was decided in the meantime is over: what was made on it is merged against the author's
 * own bytes, so that only what is new in it is asked about again. */
#include "collector/ledger/taking.h"

#include "common/wire/update_wire.h"

#define BASE_HOPS_MAX 10000u

/* ---- states ---- */

/* The resulting update of a decision. */
static err_t
decision_state (str_t bytes, arena_t *arena, update_t *out)
{
  update_t u;
  decision_t d = {.type = DECISION_NONE};
  err_t err = update_decode (bytes, arena, &u, NULL);
  if (err == ERR_OK)
    err = decision_decode (u.decision, arena, &d);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_DAMAGED;
  str_t resulting = d.type == DECISION_VERDICT   ? d.u.verdict.resulting
                    : d.type == DECISION_SETTLED ? d.u.settled.resulting
                                                 : STR_NONE;
  if (str_blank (resulting))
    return ERR_NOT_FOUND;
  err = update_decode (resulting, arena, out, NULL);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

/* Bytes are copied: what is decoded outlives the transaction's next write. */
static err_t
entry_version_state (const log_entry_t *e, arena_t *arena, update_t *out)
{
  str_t bytes = arena_str (arena, e->bytes);
  if (bytes.p == NULL)
    return ERR_NOMEM;
  if (e->serial == 0)
    return decision_state (bytes, arena, out);
  err_t err = update_decode (bytes, arena, out, NULL);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_NOT_FOUND; /* it was refused as it came */
}

err_t
ledger_version_state (ledger_t *l, kv_txn_t *txn, version_t v, arena_t *arena, update_t *out)
{
  uint64_t lsn;
  log_entry_t e;
  err_t err = ledger_version_lsn (l, txn, v, &lsn);
  if (err == ERR_OK)
    err = ledger_log_get (l, txn, lsn, &e);
  return err == ERR_OK ? entry_version_state (&e, arena, out) : err;
}

/* ---- other ids ---- */

bool
alias_decode (str_t body, record_ref_t *to, uint64_t *lsn)
{
  rd_t r = rd_of (body.p, body.n);
  record_ref_t ref = {.home = rd_u32 (&r)};
  str_t id = rd_bytes (&r, sizeof ref.id.b);
  *lsn = rd_u64 (&r);
  if (!rd_done (&r))
    return false;
  memcpy (ref.id.b, id.p, sizeof ref.id.b);
  *to = ref;
  return true;
}

err_t
alias_resolve (kv_txn_t *txn, record_ref_t of, record_ref_t *out)
{
  str_t body;
  uint64_t lsn;
  *out = of;
  err_t err = val_get (txn, DB_ALIAS, (str_t){(const char *)of.id.b, sizeof of.id.b}, &body);
  if (err == ERR_OK && !alias_decode (body, out, &lsn))
    err = ERR_DAMAGED;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
ledger_find (ledger_t *l, kv_txn_t *txn, str_t name, kind_t kind, record_ref_t *out)
{
  record_ref_t id = {.home = 0};
  err_t err = book_find (l->book, txn, l->catalogue, name, kind, out);
  if (err != ERR_NOT_FOUND || !record_id_parse (name, &id.id))
    return err;
  err = alias_resolve (txn, id, out);
  return err == ERR_OK && out->home == 0 ? ERR_NOT_FOUND : err;
}

err_t
alias_put (turn_t *t, record_id_t id, record_ref_t to, uint64_t lsn)
{
  buf_t value = BUF_INIT;
  buf_u32 (&value, to.home);
  buf_put (&value, to.id.b, sizeof to.id.b);
  buf_u64 (&value, lsn);
  err_t err = buf_ok (&value)
                  ? val_put (t->txn, DB_ALIAS, (str_t){(const char *)id.b, sizeof id.b}, buf_str (&value))
                  : ERR_NOMEM;
  buf_free (&value);
  t->any_alias = true;
  return err;
}

/* ---- bases ---- */

/* The run being written is not in its table yet. */
err_t
version_place (const taking_t *k, version_t v, uint64_t *lsn)
{
  const run_t *r = &k->run;
  if (r->count > 0 && store_id_eq (v.store, r->stream) && v.seq >= r->first_seq &&
      v.seq - r->first_seq < r->count) {
    *lsn = r->first_lsn + (v.seq - r->first_seq);
    return ERR_OK;
  }
  return ledger_version_lsn (k->l, k->t->txn, v, lsn);
}

/* Is the update about the record, by whatever id? */
static err_t
is_of (const taking_t *k, const update_t *at, record_ref_t ref, bool *out)
{
  record_ref_t to = {at->home, at->id};
  err_t err = ERR_OK;
  if (k->t->any_alias && !record_id_eq (to.id, ref.id))
    err = alias_resolve (k->t->txn, to, &to);
  *out = err == ERR_OK && to.home == ref.home && record_id_eq (to.id, ref.id);
  return err;
}

/* One step: *on false, the walk is over (known, or not). */
static err_t
base_step (taking_t *k, record_ref_t ref, uint64_t *before, base_t *b, arena_t *arena, bool *on)
{
  uint64_t lsn;
  log_entry_t e;
  conflict_t parked;
  bool ours = false;
  *on = false;
  err_t err = version_place (k, b->version, &lsn);
  if (err == ERR_NOT_FOUND || (err == ERR_OK && lsn >= *before))
    return ERR_OK;
  if (err == ERR_OK)
    err = ledger_log_get (k->l, k->t->txn, lsn, &e);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  arena_reset (arena);
  err = entry_version_state (&e, arena, &b->state);
  if (err == ERR_OK)
    err = is_of (k, &b->state, ref, &ours);
  if (err != ERR_OK || !ours)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  *before = lsn;
  if (e.serial != 0 && e.verdict == VERDICT_REFUSED) {
    b->version = b->state.base;
    *on = true;
    return ERR_OK;
  }
  err = e.verdict == VERDICT_PARKED ? conflict_get (k->t->txn, ref.id, lsn, &parked) : ERR_NOT_FOUND;
  if (err == ERR_OK) {
    b->replaces = lsn;
    b->version = parked.base;
    *on = true;
    return ERR_OK;
  }
  b->known = b->given = true;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Decoded into the ledger's arena, out of the walk's, which ends. */
static err_t
keep_state (taking_t *k, const update_t *of, update_t *out)
{
  const str_t bytes = arena_str (k->l->arena, of->bytes);
  return bytes.p == NULL ? ERR_NOMEM : update_decode (bytes, k->l->arena, out, NULL);
}

static err_t
keep_parked (taking_t *k, base_t *b)
{
  update_t *parked = arena_alloc (k->l->arena, sizeof *parked);
  b->parked = parked;
  return parked != NULL ? keep_state (k, &b->state, parked) : ERR_NOMEM;
}

err_t
base_find (taking_t *k, const update_t *u, record_ref_t ref, const row_t *current, base_t *out)
{
  uint64_t before = k->t->lsn + 1;
  arena_t *arena = NULL;
  bool on = true;
  err_t err = ERR_OK;
  size_t slot = u->base.seq % RESOLVED_MAX;
  *out = (base_t){.version = u->base};
  if (u->base.seq != 0 && version_eq (k->resolved[slot].of, u->base) &&
      record_id_eq (k->resolved[slot].record, u->id))
    out->version = k->resolved[slot].is;
  for (unsigned hops = 0; err == ERR_OK && on && hops < BASE_HOPS_MAX; hops++) {
    out->current = current != NULL && version_eq (out->version, current->version);
    out->known = out->current || out->version.seq == 0;
    if (out->known)
      break;
    if (arena == NULL && (arena = arena_new (2 * UPDATE_ROOM)) == NULL)
      err = ERR_NOMEM;
    if (err == ERR_OK)
      err = base_step (k, ref, &before, out, arena, &on);
    if (err == ERR_OK && out->parked == NULL && out->replaces != 0)
      err = keep_parked (k, out);
  }
  if (err == ERR_OK && out->given)
    err = keep_state (k, &out->state, &out->state);
  if (err == ERR_OK && out->known && out->replaces == 0 && u->base.seq != 0) {
    k->resolved[slot].record = u->id;
    k->resolved[slot].of = u->base;
    k->resolved[slot].is = out->version;
  }
  arena_destroy (&arena);
  return err;
}
