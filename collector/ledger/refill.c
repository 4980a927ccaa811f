/* refill.c - a restored centre gets back what it had decided, and does not decide again.
 *
 * First come the tails of its own old streams. Each entry is appended to the stream it was in, goes on to
 * those it is for, and does what it did: catalogues, agents, revocations, answers, due dates, locks,
 * closings, flags. A verdict about an update that is not here yet waits for it (DB_VERDICT).
 *
 * Then the authors' streams come as ever. An update whose verdict is known gets that verdict; one that had
 * been acknowledged and has none was plainly accepted, and is again, whatever the rules say today. States
 * come in any order (refill_line.c); one that is in what stands already is logged as merged, and changes
 * nothing. */
#include "collector/ledger/refill.h"

#include "collector/ledger/closings.h"
#include "common/core/validate.h"
#include "common/crypto/crypto.h"
#include "common/store/flag_rows.h"
#include "common/store/period_rows.h"
#include "common/wire/update_wire.h"

static err_t refill_settled_by (taking_t *k, const version_t *settles, uint32_t n, uint64_t lsn);

/* ---- verdicts that wait ---- */

static str_t
row_key (version_t v, bool settled, uint8_t out[25])
{
  (void)key_version (out, v.store, v.seq);
  out[24] = settled ? 1 : 0;
  return (str_t){(const char *)out, 25};
}

bool
refill_row_decode (str_t key, str_t body, version_t *v, bool *settled, uint64_t *lsn)
{
  rd_t r = rd_of (body.p, body.n);
  *lsn = rd_u64 (&r);
  if (!rd_done (&r) || key.n != 25 || *lsn == 0)
    return false;
  memcpy (v->store.b, key.p, sizeof v->store.b);
  v->seq = key_read_u64 (key, 16);
  *settled = key.p[24] != 0;
  return true;
}

static err_t
row_put (taking_t *k, version_t v, bool settled, uint64_t lsn)
{
  uint8_t key[25], value[8];
  return val_put (k->t->txn, DB_VERDICT, row_key (v, settled, key), key_u64 (value, lsn));
}

/* *lsn 0: there is none. */
static err_t
row_take (taking_t *k, version_t v, bool settled, bool take, uint64_t *lsn)
{
  uint8_t bytes[25];
  str_t body;
  const str_t key = row_key (v, settled, bytes);
  *lsn = 0;
  err_t err = val_get (k->t->txn, DB_VERDICT, key, &body);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  if (!refill_row_decode (key, body, &v, &settled, lsn))
    return ERR_DAMAGED;
  return take ? kv_del (k->t->txn, DB_VERDICT, key) : ERR_OK;
}

err_t
refill_verdict_of (taking_t *k, version_t v, uint64_t *lsn)
{
  return row_take (k, v, false, false, lsn);
}

/* ---- what a decision does again ---- */

/* Was the row that stands written after the restore? Then it is the later word. */
static err_t
is_newer (taking_t *k, uint64_t lsn, bool *out)
{
  log_entry_t e;
  *out = false;
  if (lsn < k->l->epochs[k->l->epochs_n - 1].first_lsn)
    return ERR_OK;
  err_t err = ledger_log_get (k->l, k->t->txn, lsn, &e);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  return centre_stream_is_present (k->t->txn, e.stream, out);
}

/* Of two files under one number that of the new epoch stays in force, under a number that nobody has yet. */
static err_t
again_catalogue (taking_t *k, const decision_t *d)
{
  uint8_t key[4];
  uint64_t present = 0;
  str_t file;
  err_t err = meta_get_u64 (k->t->txn, DB_META, META_CATALOGUE, &present);
  if (err != ERR_OK || d->u.catalogue.version < present)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  if (d->u.catalogue.version > present) {
    err = val_put (k->t->txn, DB_CATALOGUE, key_u32 (key, d->u.catalogue.version), d->u.catalogue.file);
    return err == ERR_OK ? meta_put_u64 (k->t->txn, DB_META, META_CATALOGUE, d->u.catalogue.version) : err;
  }
  err = val_get (k->t->txn, DB_CATALOGUE, key_u32 (key, (uint32_t)present), &file);
  if (err != ERR_OK || str_eq (file, d->u.catalogue.file))
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  decision_t anew = {.type = DECISION_CATALOGUE};
  anew.u.catalogue.version = (uint32_t)present + 1;
  anew.u.catalogue.file = arena_str (k->l->arena, file);
  if (anew.u.catalogue.file.p == NULL)
    return ERR_NOMEM;
  err = val_put (k->t->txn, DB_CATALOGUE, key_u32 (key, anew.u.catalogue.version), anew.u.catalogue.file);
  if (err == ERR_OK)
    err = meta_put_u64 (k->t->txn, DB_META, META_CATALOGUE, anew.u.catalogue.version);
  return err == ERR_OK ? centre_append (k->l, k->t, 0, &anew, STR_NONE) : err;
}

static err_t
again_due (taking_t *k, const update_t *u, const decision_t *d, uint64_t lsn)
{
  date_t there;
  uint64_t place = 0;
  bool newer = false;
  const due_t due = due_of_decision (u, d, lsn);
  err_t err = due_place (k->t->txn, DB_DUE, due.period, due.table, due.unit, &place, &there);
  if (err == ERR_OK)
    err = is_newer (k, place, &newer);
  if (err != ERR_OK)
    return err;
  return newer ? ERR_OK : due_put (k->t->txn, DB_DUE, &due);
}

static err_t
again_lock (taking_t *k, const update_t *u, const decision_t *d, uint64_t lsn)
{
  lock_row_t there;
  bool newer = false;
  const lock_row_t row = lock_of_decision (u, d, lsn);
  err_t err = lock_get (k->t->txn, DB_LOCK, row.period, row.table, row.unit, &there);
  if (err == ERR_OK)
    err = is_newer (k, there.lsn, &newer);
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  if (newer)
    return ERR_OK;
  locks_destroy (&k->l->locks);
  return lock_put (k->t->txn, DB_LOCK, &row);
}

static err_t
again_answer (taking_t *k, const update_t *u, const decision_t *d, uint64_t lsn)
{
  const answer_t a = answer_of_decision (u, d, lsn);
  return answer_put (k->t->txn, DB_ANSWER, d->u.submission.record, &a);
}

static err_t
again_closing (taking_t *k, const update_t *u, const decision_t *d, uint64_t lsn)
{
  const closing_t c = {.period = d->u.closing.period,
                       .at = d->u.closing.at,
                       .seal = d->u.closing.seal,
                       .lsn = lsn,
                       .closed = u->agent_time,
                       .person = u->person,
                       .comment = d->u.closing.comment};
  return closing_put (k->t->txn, &c);
}

static err_t
again_verdict (taking_t *k, const decision_t *d, uint64_t lsn)
{
  uint64_t place;
  err_t err = ledger_version_lsn (k->l, k->t->txn, d->u.verdict.update, &place);
  return err == ERR_NOT_FOUND ? row_put (k, d->u.verdict.update, false, lsn) : err;
}

static err_t
again (taking_t *k, const stream_row_t *stream, const update_t *u, const decision_t *d, uint64_t lsn)
{
  flag_row_t flag;
  switch (d->type) {
  case DECISION_VERDICT:
    return again_verdict (k, d, lsn);
  case DECISION_PARKED_SIDE: /* told an office of a side; what parks it is its verdict */
    return ERR_OK;
  case DECISION_CATALOGUE:
    return again_catalogue (k, d);
  case DECISION_ENROLMENT:
    return roster_enrolled_before (k->l, k->t, &d->u.enrolment.certificate, d->u.enrolment.invite);
  case DECISION_REVOCATION:
    return roster_state_put (k->l, k->t, d->u.revocation.serial, AGENT_REVOKED);
  case DECISION_CONFIRMATION:
    return roster_state_put (k->l, k->t, d->u.confirmation.serial, AGENT_ENROLLED);
  case DECISION_SUBMISSION:
    return again_answer (k, u, d, lsn);
  case DECISION_DUE:
    return again_due (k, u, d, lsn);
  case DECISION_LOCK:
    return again_lock (k, u, d, lsn);
  case DECISION_CLOSING:
    return again_closing (k, u, d, lsn);
  case DECISION_FLAG:
  case DECISION_FLAG_ANSWER:
    return flag_row_of (d, stream->unit, u->person, k->t->now, lsn, &flag)
               ? flag_row_put (k->t->txn, DB_FLAG, &flag)
               : ERR_OK;
  case DECISION_SETTLED:
    return refill_settled_by (k, d->u.settled.settles, d->u.settled.settles_n, lsn);
  case DECISION_KEY_NOTICE: /* with a certificate: of a key that the backup has not */
    return d->u.key_notice.centre_certificate.given ? ERR_OK
                                                    : addresses_set_before (k->l, k->t, d, u->agent_time);
  case DECISION_NONE:
  case DECISION_OPENED:
  case DECISION_COUNT:
    return ERR_OK;
  }
  return ERR_OK;
}

/* ---- one decision ---- */

static err_t
refill_settled_by (taking_t *k, const version_t *settles, uint32_t n, uint64_t lsn)
{
  err_t err = ERR_OK;
  for (uint32_t i = 0; i < n && err == ERR_OK; i++) {
    uint64_t place;
    err = ledger_version_lsn (k->l, k->t->txn, settles[i], &place);
    if (err == ERR_NOT_FOUND)
      err = row_put (k, settles[i], true, lsn);
  }
  return err;
}

/* The state a settled conflict gave its record; what it gives the entry is filled in. */
static err_t
settle_again (taking_t *k, const decision_t *d, judged_t *out, str_t *resulting, uint64_t *previous_lsn)
{
  judged_t j;
  update_t u;
  bool later = false;
  memset (&j, 0, sizeof j);
  j.found.arena = k->l->arena;
  err_t err = update_decode (d->u.settled.resulting, k->l->arena, &u, NULL);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_OK; /* of a later version: it says nothing to us */
  j.u = &u;
  err = judge_standing (k, &j);
  out->ref = j.ref;
  out->line = u.version;
  out->line_base = u.base;
  if (err == ERR_OK)
    err = line_comes_later (k, &j, u.version, u.base, &later);
  if (err != ERR_OK || !later)
    return err;
  err = book_apply (k->l->book, k->t->txn, j.exists ? &j.row : NULL, j.exists ? &j.before.record : NULL, &u,
                    k->t->lsn + 1, k->t->now);
  if (err == ERR_EXISTS || err == ERR_OVERFLOW)
    return ERR_OK; /* what stands keeps its key */
  for (uint32_t i = 0; i < d->u.settled.settles_n && err == ERR_OK; i++) {
    uint64_t place;
    err = ledger_version_lsn (k->l, k->t->txn, d->u.settled.settles[i], &place);
    if (err == ERR_OK)
      err = conflict_decide (k->t->txn, j.ref.id, place, k->t->lsn + 1);
    if (err == ERR_NOT_FOUND)
      err = ERR_OK;
  }
  *resulting = u.bytes;
  *previous_lsn = j.exists ? j.row.at : 0;
  return err;
}

static err_t
take_decision (taking_t *k, stream_row_t *row, size_t i)
{
  const decoded_t *said = &k->item->updates[i];
  decision_t d = {.type = DECISION_NONE};
  str_t resulting = STR_NONE;
  uint64_t previous = 0, lsn = 0;
  judged_t j;
  j.line.seq = 0;
  arena_reset (k->l->arena);
  bool readable = said->err == ERR_OK && said->update.record.kind == KIND_DECISION;
  err_t err = readable ? decision_decode (said->update.decision, k->l->arena, &d) : ERR_OK;
  if (err == ERR_NOMEM)
    return err;
  if (err != ERR_OK)
    d.type = DECISION_NONE; /* of a later version: kept as it came */
  err = d.type == DECISION_SETTLED ? settle_again (k, &d, &j, &resulting, &previous) : ERR_OK;
  if (err == ERR_OK)
    err = centre_log (k->l, k->t, k->item->chunk->store, row, k->item->chunk->updates[i], resulting, previous,
                      &lsn);
  if (err == ERR_OK && readable)
    err = again (k, row, &said->update, &d, lsn);
  return err == ERR_OK && j.line.seq != 0 ? line_goes_on (k, j.ref, j.line, j.line_base) : err;
}

/* ---- a chunk of one of our old streams ---- */

/* What its first entry says of it. */
static bool
row_of_opening (const taking_t *k, stream_row_t *row)
{
  const ingest_t *item = k->item;
  const msg_chunk_t *c = item->chunk;
  decision_t d = {.type = DECISION_NONE};
  arena_reset (k->l->arena);
  if (c->first_seq != 1 || item->updates[0].err != ERR_OK ||
      decision_decode (item->updates[0].update.decision, k->l->arena, &d) != ERR_OK ||
      d.type != DECISION_OPENED || d.u.opened.epoch == k->l->epoch)
    return false;
  *row = (stream_row_t){.centre = true,
                        .unit = d.u.opened.unit,
                        .parent = d.u.opened.parent,
                        .parent_seq = d.u.opened.parent_seq,
                        .parent_hash = d.u.opened.parent_hash};
  row->hash = chain_start (c->store, row->parent, row->parent_seq, row->parent_hash);
  return true;
}

/* Does it go on where the stream stands, under our own signature? *known: that much is here already. */
static err_t
fits (taking_t *k, const stream_row_t *row, bool *out, size_t *known)
{
  const msg_chunk_t *c = k->item->chunk;
  const signed_head_t *h = &c->head;
  const uint64_t last = c->first_seq + c->updates_n - 1;
  chunk_proof_t proof = k->item->proof;
  *out = false;
  if (proof.chain == NULL || memcmp (proof.key.b, k->l->keys.centre.b, sizeof proof.key.b) != 0)
    ledger_prove (c, &k->l->keys.centre, k->l->chain, &proof);
  k->chain = proof.chain;
  if (!proof.signed_by_key || !store_id_eq (h->store, c->store) || h->seq != last ||
      c->first_seq > row->cursor + 1)
    return ERR_OK;
  *known =
      row->cursor < c->first_seq ? 0 : (size_t)((row->cursor < last ? row->cursor : last) - c->first_seq + 1);
  hash_t ours = row->hash, theirs = c->previous_hash;
  if (*known > 0) {
    theirs = k->chain[*known - 1];
    err_t err = ledger_chain_at (k->l, k->t->txn, c->store, c->first_seq + *known - 1, &ours);
    if (err != ERR_OK)
      return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  }
  *out = hash_eq (ours, theirs);
  return ERR_OK;
}

err_t
ledger_refill_from (ledger_t *l, kv_txn_t *txn, store_id_t stream, bool *wanted, uint64_t *cursor,
                    hash_t *hash)
{
  stream_row_t row;
  bool present = false;
  *wanted = l->epochs_n > 1;
  *cursor = 0;
  *hash = (hash_t){{0}};
  if (!*wanted)
    return ERR_OK;
  err_t err = stream_get (txn, stream, &row);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  err = centre_stream_is_present (txn, stream, &present);
  *wanted = row.centre && !present;
  *cursor = row.cursor;
  *hash = row.hash;
  return err;
}

err_t
refill_chunk (taking_t *k, bool *refilled)
{
  ingest_t *item = k->item;
  const msg_chunk_t *c = item->chunk;
  stream_row_t row;
  bool present = false, fit = false;
  size_t known = 0;
  *refilled = c->head.given && c->head.serial == 0 && k->l->epochs_n > 1 && c->updates_n > 0 &&
              c->updates_n <= CHUNK_UPDATES_MAX && c->first_seq > 0 &&
              c->first_seq <= UINT64_MAX - c->updates_n;
  if (!*refilled)
    return ERR_OK;
  item->cursor = c->first_seq + c->updates_n - 1;
  item->repeated = (uint32_t)c->updates_n;
  err_t err = stream_get (k->t->txn, c->store, &row);
  if (err == ERR_NOT_FOUND) {
    if (!row_of_opening (k, &row))
      return ERR_OK;
    err = ERR_OK;
  } else if (err == ERR_OK)
    err = centre_stream_is_present (k->t->txn, c->store, &present);
  if (err != ERR_OK || present || !row.centre)
    return err;
  err = fits (k, &row, &fit, &known);
  if (err != ERR_OK || !fit || known == c->updates_n)
    return err;
  for (size_t i = known; i < c->updates_n && err == ERR_OK; i++)
    err = take_decision (k, &row, i);
  item->repeated = (uint32_t)known;
  item->accepted = (uint32_t)(c->updates_n - known);
  k->t->told.all = true;
  if (err == ERR_OK)
    err = ledger_catalogue_refresh (k->l, k->t->txn, NULL);
  return err == ERR_OK ? stream_put (k->t->txn, c->store, &row) : err;
}

/* ---- an update whose verdict is known ---- */

static err_t
read_given (taking_t *k, judged_t *j, const decision_t *d)
{
  update_t *u = arena_alloc (k->l->arena, sizeof *u);
  str_t bytes = arena_str (k->l->arena, d->u.verdict.resulting);
  bool later = false;
  if (u == NULL || bytes.p == NULL)
    return ERR_NOMEM;
  err_t err = update_decode (bytes, k->l->arena, u, NULL);
  if (err == ERR_OK) {
    j->line = u->version;
    j->line_base = u->base;
    err = line_comes_later (k, j, u->version, u->base, &later);
  } else if (err != ERR_NOMEM)
    err = ERR_OK; /* of a later version */
  if (err == ERR_OK && later) {
    j->given = u;
    j->changes = true;
  }
  return err;
}

static void
find_why (judged_t *j, const decision_t *d)
{
  const reason_code_t code = reason_of_name (d->u.verdict.reason);
  reasons_add (&j->found, -1, code != REASON_NONE ? code : REASON_MALFORMED, d->u.verdict.arguments[0],
               d->u.verdict.arguments[1], d->u.verdict.arguments[2]);
}

/* As the decision says. */
static err_t
judge_as_told (taking_t *k, judged_t *j, const decision_t *d)
{
  err_t err = judge_standing (k, j);
  j->recorded = true;
  j->verdict = d->u.verdict.verdict;
  if (err == ERR_OK && d->u.verdict.alias_home != 0 && !j->aliased) {
    j->ref = (record_ref_t){d->u.verdict.alias_home, d->u.verdict.alias_to};
    j->aliased = j->alias_new = true;
    err = judge_standing_of (k, j);
  }
  if (err == ERR_OK && j->verdict == VERDICT_MERGED && d->u.verdict.resulting.n > 0)
    err = read_given (k, j, d);
  if (err == ERR_OK && (j->verdict == VERDICT_PARKED || j->verdict == VERDICT_MERGED))
    err = base_find (k, j->u, j->ref, j->exists ? &j->row : NULL, &j->base);
  if (!j->base.known && !j->base.current)
    j->base.version.seq = 0;
  if (j->verdict == VERDICT_REFUSED || (j->verdict == VERDICT_PARKED && d->u.verdict.reason.n > 0))
    find_why (j, d);
  return err;
}

/* What another PC entered anew for an author who did not come back, and who has come back first this time. */
static bool
holds_what_stands (const judged_t *j)
{
  bool out = false;
  for (uint32_t i = 0; j->exists && i < j->u->settles_n; i++)
    out = out || version_eq (j->u->settles[i], j->row.version);
  return out;
}

/* As plainly accepted as it was. */
static err_t
judge_as_acked (taking_t *k, judged_t *j)
{
  bool later = false;
  err_t err = judge_standing (k, j);
  if (err == ERR_OK)
    err = base_find (k, j->u, j->ref, j->exists ? &j->row : NULL, &j->base);
  if (err == ERR_OK)
    err = line_comes_later (k, j, j->u->version, j->base.version, &later);
  later = later || holds_what_stands (j);
  j->verdict = later ? VERDICT_ACCEPTED : VERDICT_MERGED;
  return err;
}

/* A parked side whose end came back before it did. */
static err_t
end_parked (taking_t *k, const judged_t *j, version_t v, uint64_t lsn)
{
  uint64_t by;
  err_t err = row_take (k, v, true, true, &by);
  if (err == ERR_OK && by != 0 && j->verdict == VERDICT_PARKED)
    err = conflict_decide (k->t->txn, j->ref.id, lsn, by);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
refill_obey (taking_t *k, size_t i, bool *obeyed)
{
  const decoded_t *said = &k->item->updates[i];
  const version_t v = {k->item->chunk->store, k->item->chunk->first_seq + i};
  uint64_t lsn = 0;
  log_entry_t e;
  decision_t d = {.type = DECISION_NONE};
  judged_t j;
  *obeyed = false;
  err_t err = row_take (k, v, false, true, &lsn);
  if (err != ERR_OK || (lsn == 0 && (v.seq > k->item->acked_before || said->err != ERR_OK)))
    return err;
  memset (&j, 0, sizeof j);
  if (lsn != 0) {
    err = log_decision (k->l, k->t->txn, lsn, k->l->arena, &e, &d);
    if (err != ERR_OK)
      return err == ERR_MALFORMED ? ERR_DAMAGED : err;
  } else
    arena_reset (k->l->arena);
  j.u = &said->update;
  j.found.arena = k->l->arena;
  j.decided_at = lsn;
  if (lsn == 0 && !judge_may (k, said, &j))
    return ERR_OK; /* judged as any other: it was never his to write */
  err = lsn != 0 ? judge_as_told (k, &j, &d) : judge_as_acked (k, &j);
  if (err == ERR_OK)
    err = verdict_carry_out (k, i, &j);
  if (err == ERR_OK)
    err = end_parked (k, &j, v, k->run.first_lsn + k->run.count - 1);
  if (err == ERR_OK && j.verdict == VERDICT_MERGED && j.line.seq != 0)
    err = line_goes_on (k, j.ref, j.line, j.line_base);
  else if (err == ERR_OK && !j.recorded && j.verdict != VERDICT_REFUSED && j.verdict != VERDICT_PARKED)
    err = line_goes_on (k, j.ref, v, j.base.version);
  if (err == ERR_OK && j.verdict != VERDICT_REFUSED && j.verdict != VERDICT_PARKED)
    err = refill_settled_by (k, j.u->settles, j.u->settles_n, k->run.first_lsn + k->run.count - 1);
  *obeyed = err == ERR_OK;
  return err;
}
