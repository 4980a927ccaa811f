/* refill_wait.c - what a restored centre must have first.
 *
 * The PCs of an office build on each other's updates, and each brings back its own. Taken as they come, a
 * state could return before the one it was made on: it would be refused as made on nothing, or stand where
 * the other belongs. So an update waits, unjudged and unacknowledged, until what it was made on is here; its
 * author keeps it and asks again soon. That loses nothing and cannot lock: of all that is still to come back
 * the one that was first in the lost log waits for nobody.
 *
 * Whoever is to bring it may be gone for good. So the wait ends, a day after the restore, or, for what was
 * made since, once the waiting PC has entered anew what it holds of it (kc-agent recover); then an update is
 * judged by what there is. Files in place of a line are judged at once: nobody could ask again. */
#include "collector/ledger/refill.h"

#include "common/wire/update_wire.h"

#define AWAITED_MS (24 * INT64_C (3600000))

/* A state that a decision gave stands once the update it was about is here, too. */
static err_t
is_here (taking_t *k, version_t v, bool *out)
{
  uint64_t lsn;
  log_entry_t e;
  decision_t d = {.type = DECISION_NONE};
  *out = v.seq == 0 || store_id_eq (v.store, k->item->chunk->store);
  if (*out)
    return ERR_OK;
  err_t err = version_place (k, v, &lsn);
  if (err == ERR_OK)
    err = ledger_log_get (k->l, k->t->txn, lsn, &e);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  *out = true;
  if (e.serial != 0)
    return ERR_OK;
  err = log_decision (k->l, k->t->txn, lsn, k->l->arena, &e, &d);
  if (err == ERR_MALFORMED)
    return ERR_OK; /* of a later version */
  const version_t of = d.type == DECISION_VERDICT ? d.u.verdict.update : (version_t){.seq = 0};
  if (err != ERR_OK || of.seq == 0 || store_id_eq (of.store, k->item->chunk->store))
    return err;
  err = version_place (k, of, &lsn);
  *out = err == ERR_OK;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* What the decision about it, where that is here already, says it came after. */
static err_t
decision_is_fed (taking_t *k, version_t v, bool *out)
{
  log_entry_t e;
  update_t u;
  row_t row;
  decision_t d = {.type = DECISION_NONE};
  uint64_t lsn = 0;
  *out = true;
  err_t err = refill_verdict_of (k, v, &lsn);
  if (err != ERR_OK || lsn == 0)
    return err;
  err = log_decision (k->l, k->t->txn, lsn, k->l->arena, &e, &d);
  if (err != ERR_OK)
    return err == ERR_MALFORMED ? ERR_OK : err;
  if (d.u.verdict.alias_home != 0) {
    err =
        book_get (k->l->book, k->t->txn, (record_ref_t){d.u.verdict.alias_home, d.u.verdict.alias_to}, &row);
    *out = err == ERR_OK;
    if (!*out)
      return err == ERR_NOT_FOUND ? ERR_OK : err;
  }
  if (d.u.verdict.verdict != VERDICT_MERGED || d.u.verdict.resulting.n == 0)
    return ERR_OK;
  err = update_decode (d.u.verdict.resulting, k->l->arena, &u, NULL);
  return err == ERR_OK ? is_here (k, u.base, out) : err == ERR_NOMEM ? err : ERR_OK;
}

static err_t
wait_is_over (taking_t *k, bool *out)
{
  log_entry_t e;
  err_t err = ledger_log_get (k->l, k->t->txn, k->l->epochs[k->l->epochs_n - 1].first_lsn, &e);
  *out = err != ERR_OK || k->t->now.ms - e.received.ms > AWAITED_MS;
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* Its author has entered the record anew, with what this waits for in it: nobody else is to bring it. What
 * was here before the restore keeps its order all the same. */
static bool
entered_anew (const ingest_t *item, size_t i)
{
  const update_t *u = &item->updates[i].update;
  if (u->version.seq <= item->acked_before)
    return false;
  for (size_t k = i + 1; k < item->chunk->updates_n; k++) {
    const decoded_t *d = &item->updates[k];
    for (uint32_t s = 0; d->err == ERR_OK && s < d->update.settles_n; s++)
      if (version_eq (d->update.settles[s], u->base))
        return true;
  }
  return false;
}

err_t
refill_awaits (taking_t *k, size_t i, bool *out)
{
  const decoded_t *said = &k->item->updates[i];
  bool here = true, over = false;
  *out = false;
  if (k->l->epochs_n < 2 || !k->item->patient || said->err != ERR_OK)
    return ERR_OK;
  arena_reset (k->l->arena);
  err_t err = is_here (k, said->update.base, &here);
  if (err == ERR_OK && here)
    err = decision_is_fed (k, said->update.version, &here);
  if (err == ERR_OK && !here)
    err = wait_is_over (k, &over);
  *out = err == ERR_OK && !here && !over && !entered_anew (k->item, i);
  return err;
}
