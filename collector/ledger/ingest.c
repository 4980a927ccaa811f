/* ingest.c - taking updates: from a session's chunk to log, record, totals and cursor, in one transaction.
 *
 * A chunk is first checked as a whole, with nothing but hashing (which ledger_prove may have done before, in
 * another thread): does it go on where its stream stands, does its chain fit what the centre holds, does the
 * head its author signed fit the chain. A chunk that fails there changes nothing. Only then is each update
 * judged on its own (judge.c); from here on nothing one update says can stop the ones behind it: whatever the
 * verdict, it is in the log and the cursor passes it.
 *
 * A chunk may overlap what is known (a cut line, a lost ack). The known part is compared by its chain and
 * acknowledged again; a known part of other bytes is no repeat but another history, and is not acked.
 *
 * What an agent may do is read from the roster inside the transaction, so that a revocation committed
 * before it holds, whatever the session still believes. */
#include "collector/ledger/refill.h"
#include "collector/ledger/taking.h"

#include "common/crypto/crypto.h"

/* ---- the chunk as a whole ---- */

void
ledger_prove (const msg_chunk_t *c, const sign_key_t *key, hash_t *chain, chunk_proof_t *out)
{
  const signed_head_t *h = &c->head;
  hash_t last = c->previous_hash;
  for (size_t i = 0; i < c->updates_n; i++)
    chain[i] = last = chain_next (last, c->updates[i]);
  *out = (chunk_proof_t){.chain = chain, .key = *key};
  if (!h->given || !hash_eq (h->hash, last))
    return;
  buf_t bytes = BUF_INIT;
  head_bytes (h->store, h->seq, h->hash, h->serial, &bytes);
  out->signed_by_key = buf_ok (&bytes) && sign_check (SIGN_HEAD, buf_str (&bytes), h->signature, key);
  buf_free (&bytes);
}

static uint32_t
certificate_of (const ingest_t *item)
{
  return item->certificate != 0 ? item->certificate : item->serial;
}

/* The head speaks of this chunk's last update and is signed with the key that the roster has now. */
static bool
head_fits (const ingest_t *item, const chunk_proof_t *proof)
{
  const msg_chunk_t *c = item->chunk;
  const signed_head_t *h = &c->head;
  return proof->signed_by_key && store_id_eq (h->store, c->store) &&
         h->seq == c->first_seq + c->updates_n - 1 && h->serial == certificate_of (item);
}

/* Each readable update must name its own place in the chunk. */
static bool
numbers_fit (const ingest_t *item)
{
  for (size_t i = 0; i < item->chunk->updates_n; i++) {
    const decoded_t *d = &item->updates[i];
    if (d->err == ERR_OK && (!store_id_eq (d->update.version.store, item->chunk->store) ||
                             d->update.version.seq != item->chunk->first_seq + i))
      return false;
  }
  return true;
}

/* Gives the author's rights and the stream's state; *go_on false: nothing of the chunk is to be taken. */
static err_t
chunk_open (taking_t *k, sign_key_t *key, bool *go_on)
{
  ingest_t *item = k->item;
  const msg_chunk_t *c = item->chunk;
  agent_full_t agent;
  *go_on = false;
  err_t err = stream_get (k->t->txn, c->store, &k->stream);
  bool fresh = err == ERR_NOT_FOUND;
  if (err != ERR_OK && !fresh)
    return err;
  if (fresh) {
    const origin_t *from = &item->origin;
    k->stream = (stream_row_t){.owner = item->serial,
                               .parent = from->parent,
                               .parent_seq = from->seq,
                               .parent_hash = from->hash,
                               .hash = chain_start (c->store, from->parent, from->seq, from->hash)};
  }
  k->fresh = fresh;
  item->cursor = k->stream.cursor;
  err = agent_get (k->t->txn, certificate_of (item), &agent);
  if (err == ERR_NOT_FOUND) {
    item->forged = true;
    return ERR_OK;
  }
  if (err != ERR_OK)
    return err;
  if (agent.row.state == AGENT_REVOKED || !agent_is_present (&agent.row) ||
      agent_row_number (&agent.row) != item->serial || k->stream.centre || k->stream.owner != item->serial ||
      c->updates_n == 0 || c->updates_n > CHUNK_UPDATES_MAX || c->first_seq == 0 ||
      c->first_seq > UINT64_MAX - c->updates_n) {
    item->forged = true;
    return ERR_OK;
  }
  bool fits = true;
  err = fresh ? origin_fits (k, &fits) : ERR_OK;
  if (err != ERR_OK || !fits) {
    item->forged = err == ERR_OK;
    return err;
  }
  k->state = agent.row.state;
  k->unit = k->stream.unit = agent.row.unit;
  k->role = agent.row.role;
  k->office = agent.row.role == ROLE_PROVINCE ? 0 : agent.row.unit;
  *key = agent.row.sign_key;
  *go_on = true;
  return ERR_OK;
}

/* Chain, head and overlap. */
static err_t
chunk_check (taking_t *k, bool *go_on)
{
  ingest_t *item = k->item;
  const msg_chunk_t *c = item->chunk;
  chunk_proof_t proof = item->proof;
  sign_key_t key;
  err_t err = chunk_open (k, &key, go_on);
  if (err != ERR_OK || !*go_on)
    return err;
  *go_on = false;
  uint64_t last = c->first_seq + c->updates_n - 1;
  if (c->first_seq > k->stream.cursor + 1) {
    item->restated = true;
    return ERR_OK;
  }
  if (proof.chain == NULL || memcmp (proof.key.b, key.b, sizeof key.b) != 0)
    ledger_prove (c, &key, k->l->chain, &proof);
  k->chain = proof.chain;
  if (!head_fits (item, &proof) || !numbers_fit (item)) {
    item->forged = true;
    return ERR_OK;
  }
  hash_t ours = k->stream.hash, theirs = c->previous_hash;
  if (c->first_seq <= k->stream.cursor) {
    uint64_t at = last < k->stream.cursor ? last : k->stream.cursor;
    theirs = k->chain[at - c->first_seq];
    err = ledger_chain_at (k->l, k->t->txn, c->store, at, &ours);
    if (err != ERR_OK)
      return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  }
  if (!hash_eq (ours, theirs)) {
    item->restated = true;
    return ERR_OK;
  }
  *go_on = true;
  return ERR_OK;
}

/* ---- one update after the other ---- */

static err_t
take_one (taking_t *k, size_t i)
{
  const decoded_t *d = &k->item->updates[i];
  judged_t j;
  bool obeyed = false;
  err_t err = k->l->epochs_n > 1 ? refill_obey (k, i, &obeyed) : ERR_OK;
  if (err != ERR_OK || obeyed)
    return err;
  arena_reset (k->l->arena);
  j.u = &d->update;
  j.ref = (record_ref_t){d->update.home, d->update.id};
  j.aliased = j.alias_new = j.exists = j.changes = false;
  j.base.version.seq = j.base.replaces = 0;
  j.row.at = 0;
  j.row.withdrawn = false;
  j.found.n = 0;
  j.found.arena = k->l->arena;
  j.recorded = false;
  j.given = NULL;
  err = judge_update (k, d, &j);
  return err == ERR_OK ? verdict_carry_out (k, i, &j) : err;
}

static err_t
head_keep (turn_t *t, const signed_head_t *h)
{
  uint8_t key[24], value[32 + 4 + 64], serial[4];
  memcpy (value, h->hash.b, 32);
  memcpy (value + 32, key_u32 (serial, h->serial).p, 4);
  memcpy (value + 36, h->signature.b, 64);
  return val_put (t->txn, DB_HEAD, key_version (key, h->store, h->seq),
                  (str_t){(const char *)value, sizeof value});
}

static err_t
take_chunk (taking_t *k)
{
  const msg_chunk_t *c = k->item->chunk;
  bool go_on, refilled = false;
  err_t err = refill_chunk (k, &refilled);
  if (err != ERR_OK || refilled)
    return err;
  err = chunk_check (k, &go_on);
  if (err != ERR_OK || !go_on)
    return err;
  uint64_t last = c->first_seq + c->updates_n - 1, cursor = k->stream.cursor;
  uint64_t known = cursor < c->first_seq ? 0 : (cursor < last ? cursor : last) - c->first_seq + 1;
  k->item->repeated = (uint32_t)known;
  if (known == c->updates_n)
    return ERR_OK;
  err = run_last (k->t->txn, c->store, cursor, &k->run);
  size_t taken = known;
  while (err == ERR_OK && taken < c->updates_n) {
    err = refill_awaits (k, taken, &k->item->awaited);
    if (err != ERR_OK || k->item->awaited)
      break;
    err = take_one (k, taken);
    taken += err == ERR_OK;
  }
  if (err != ERR_OK || taken == known)
    return err;
  err = run_flush (k->t->txn, &k->run);
  if (err == ERR_OK && taken == c->updates_n) /* else the next chunk's head is theirs, too */
    err = head_keep (k->t, &c->head);
  last = c->first_seq + taken - 1;
  k->stream.cursor = last;
  k->stream.hash = k->chain[taken - 1];
  if (err == ERR_OK)
    err = stream_put (k->t->txn, c->store, &k->stream);
  if (err == ERR_OK)
    err = origin_note (k);
  k->item->cursor = last;
  return err;
}

/* Every update of a chunk has one outcome, or none has when the chunk was turned away. */
static void
check_item (const ingest_t *item)
{
  size_t judged = (size_t)item->accepted + item->merged + item->parked + item->refused;
  CHECK (!(item->restated && item->forged));
  if (item->restated || item->forged)
    CHECK (judged == 0);
  else
    CHECK (item->awaited ? judged + item->repeated < item->chunk->updates_n
                         : judged + item->repeated == item->chunk->updates_n);
}

err_t
ledger_ingest (ledger_t *l, ingest_t *items, size_t n, wall_t now, ingest_report_t *report)
{
  CHECK (l != NULL && report != NULL && (items != NULL || n == 0));
  turn_t t;
  *report = (ingest_report_t){.first_lsn = 1};
  for (size_t i = 0; i < n; i++) {
    items[i].cursor = 0;
    items[i].restated = items[i].forged = items[i].awaited = false;
    items[i].accepted = items[i].merged = items[i].parked = items[i].repeated = items[i].refused = 0;
  }
  err_t err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return err;
  for (size_t i = 0; i < n && err == ERR_OK; i++) {
    taking_t k = {.l = l, .t = &t, .item = &items[i]};
    err = take_chunk (&k);
    if (err == ERR_OK)
      check_item (&items[i]);
    report->accepted += items[i].accepted;
    report->merged += items[i].merged;
    report->parked += items[i].parked;
    report->refused += items[i].refused;
    report->repeated += items[i].repeated;
  }
  report->first_lsn = t.first_lsn;
  report->last_lsn = t.lsn;
  report->told = t.told;
  report->told.all = report->told.all || report->refused > 0; /* verdicts */
  CHECK (err != ERR_OK ||
         t.lsn + 1 - t.first_lsn >= report->accepted + report->merged + report->parked + report->refused);
  if (err != ERR_OK || t.lsn < t.first_lsn) {
    turn_abort (l, &t); /* nothing new: no flush, and what is known was durable before */
    return err;
  }
  return turn_commit (l, &t);
}
