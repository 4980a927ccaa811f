/* ingest.c - taking updates: from a session's chunk to log, record, totals and cursor, in one transaction.
 *
 * A chunk is first checked as a whole, with nothing but hashing (which ledger_prove may have done before, in
 * another thread): does it go on where its stream stands, does its chain fit what the centre holds, does the
 * head its author signed fit the chain. A chunk that fails there changes nothing. Only then is each update
 * judged on its own; from here on nothing one update says can stop the ones behind it: it is accepted or
 * refused, and either way it is in the log and the cursor passes it.
 *
 * A chunk may overlap what is known (a cut line, a lost ack). The known part is compared by its chain and
 * acknowledged again; a known part of other bytes is no repeat but another history, and is not acked.
 *
 * What an agent may do is read from the roster inside the transaction, so that a revocation committed
 * before it holds, whatever the session still believes. */
#include "collector/ledger/state.h"

#include "common/core/validate.h"
#include "common/core/validate_units.h"
#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

#define BASE_HOPS_MAX 10000u
#define VERDICT_TEXT_MAX 1000u
#define RESOLVED_MAX 32u

/* One chunk being taken. */
typedef struct {
  ledger_t *l;
  turn_t *t;
  ingest_t *item;
  unit_id_t unit, office; /* the author's own; what it may write for (0 = all) */
  role_t role;
  stream_row_t stream;
  const hash_t *chain; /* after each update of the chunk */
  run_t run;
  /* bases resolved in this chunk, by sequence: a long file of corrections of what was refused costs one walk
   */
  struct {
    record_id_t record;
    version_t of, is;
  } resolved[RESOLVED_MAX];
} taking_t;

/* What judging one update found out. */
typedef struct {
  const update_t *u;
  bool exists;
  row_t row;       /* views of the store: good until the first write, which is book_apply's */
  update_t before; /* borrows from row.bytes */
  reasons_t found;
} judged_t;

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

/* The head speaks of this chunk's last update and is signed with the key that the roster has now. */
static bool
head_fits (const ingest_t *item, const chunk_proof_t *proof)
{
  const msg_chunk_t *c = item->chunk;
  const signed_head_t *h = &c->head;
  return proof->signed_by_key && store_id_eq (h->store, c->store) &&
         h->seq == c->first_seq + c->updates_n - 1 && h->serial == item->serial;
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
    k->stream = (stream_row_t){.owner = item->serial};
    k->stream.hash = chain_start (c->store, k->stream.parent, 0, k->stream.parent_hash);
  }
  item->cursor = k->stream.cursor;
  err = agent_get (k->t->txn, item->serial, &agent);
  if (err == ERR_NOT_FOUND) {
    item->forged = true;
    return ERR_OK;
  }
  if (err != ERR_OK)
    return err;
  if (agent.row.state == AGENT_REVOKED || k->stream.centre || k->stream.owner != item->serial ||
      c->updates_n == 0 || c->updates_n > CHUNK_UPDATES_MAX || c->first_seq == 0 ||
      c->first_seq > UINT64_MAX - c->updates_n) {
    item->forged = true;
    return ERR_OK;
  }
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

/* ---- judging one update ---- */

static str_t
unit_code (const ledger_t *l, unit_id_t id)
{
  const unit_t *u = catalogue_unit (l->catalogue, id);
  return u != NULL ? u->known_as : STR ("?");
}

static void
refuse (judged_t *j, reason_code_t code, str_t a0, str_t a1)
{
  reasons_add (&j->found, -1, code, a0, a1, STR_NONE);
}

/* The record's natural key as people write it; "" when it has none. */
static void
key_text (const ledger_t *l, const update_t *u, buf_t *out)
{
  buf_t key = BUF_INIT;
  if (kind_supported (u->record.kind) && record_key (&u->record, &key))
    book_key_text (u->record.kind, buf_str (&key), l->catalogue, out);
  buf_free (&key);
}

static void
refuse_key (ledger_t *l, judged_t *j, reason_code_t code, str_t a1)
{
  buf_t text = BUF_INIT;
  key_text (l, j->u, &text);
  refuse (j, code, buf_str (&text), a1); /* copied into the arena */
  buf_free (&text);
}

static err_t
read_current (ledger_t *l, turn_t *t, judged_t *j)
{
  err_t err = book_get (l->book, t->txn, (record_ref_t){j->u->home, j->u->id}, &j->row);
  j->exists = err == ERR_OK;
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  if (err != ERR_OK)
    return err;
  err = update_decode (j->row.bytes, l->arena, &j->before, NULL);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

/* The run being written is not in its table yet. */
static err_t
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

/* A base that was itself refused stands for that update's own base, recursively (PROTOCOL 5).
 * *known false: the centre has no such version of this record. */
static err_t
resolve_base (taking_t *k, const update_t *u, version_t *base, bool *known)
{
  ledger_t *l = k->l;
  turn_t *t = k->t;
  uint64_t lsn, before = t->lsn + 1;
  log_entry_t e;
  arena_t *arena = NULL;
  err_t err = ERR_OK;
  *base = u->base;
  *known = false;
  for (unsigned hops = 0; hops < BASE_HOPS_MAX; hops++) {
    update_t at;
    if (base->seq == 0) {
      *known = true;
      break;
    }
    const size_t slot = base->seq % RESOLVED_MAX;
    if (version_eq (k->resolved[slot].of, *base) && record_id_eq (k->resolved[slot].record, u->id)) {
      *base = k->resolved[slot].is;
      *known = true;
      break;
    }
    err = version_place (k, *base, &lsn);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && lsn >= before)) {
      err = ERR_OK;
      break;
    }
    if (err == ERR_OK)
      err = ledger_log_get (l, t->txn, lsn, &e);
    if (err != ERR_OK)
      break;
    if (arena == NULL && (arena = arena_new (UPDATE_ROOM)) == NULL) {
      err = ERR_NOMEM;
      break;
    }
    arena_reset (arena);
    if (update_decode (e.bytes, arena, &at, NULL) != ERR_OK || !record_id_eq (at.id, u->id) ||
        at.home != u->home)
      break;
    if (e.verdict != VERDICT_REFUSED) {
      *known = true;
      break;
    }
    before = lsn;
    *base = at.base;
  }
  arena_destroy (&arena);
  if (err == ERR_OK && *known) {
    const size_t slot = u->base.seq % RESOLVED_MAX;
    k->resolved[slot].record = u->id;
    k->resolved[slot].of = u->base;
    k->resolved[slot].is = *base;
  }
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

static err_t
judge_base (taking_t *k, judged_t *j)
{
  ledger_t *l = k->l;
  const update_t *u = j->u;
  version_t base = u->base;
  bool known = true;
  if (j->exists && version_eq (base, j->row.version))
    return ERR_OK;
  if (base.seq != 0) {
    err_t err = resolve_base (k, u, &base, &known);
    if (err != ERR_OK)
      return err;
  }
  if (!known || (!j->exists && base.seq != 0))
    refuse (j, REASON_NO_SUCH_RECORD, STR_NONE, STR_NONE);
  else if (!j->exists && u->operation == OP_WITHDRAW)
    refuse (j, REASON_NEVER_TAKEN, STR_NONE, STR_NONE);
  else if (j->exists && !version_eq (base, j->row.version))
    refuse_key (l, j, REASON_BASE_NOT_CURRENT, STR_NONE);
  return ERR_OK;
}

/* Who holds the key decides the words: another office, or another PC of ours. */
static err_t
judge_key_held (ledger_t *l, turn_t *t, judged_t *j)
{
  buf_t key = BUF_INIT;
  record_ref_t ref;
  row_t row;
  update_t holder;
  err_t err = record_key (&j->u->record, &key) && buf_ok (&key) ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK)
    err = book_find_key (l->book, t->txn, j->u->record.kind, buf_str (&key), &ref);
  if (err == ERR_OK)
    err = book_get (l->book, t->txn, ref, &row);
  if (err == ERR_OK)
    err = update_decode (row.bytes, l->arena, &holder, NULL);
  buf_free (&key);
  if (err == ERR_NOMEM)
    return err;
  if (err != ERR_OK)
    return ERR_DAMAGED;
  unit_id_t office = record_office (&holder.record);
  if (office != record_office (&j->u->record))
    refuse_key (l, j, REASON_KEY_HELD, unit_code (l, office));
  else
    refuse_key (l, j, REASON_BASE_NOT_CURRENT, STR_NONE);
  return ERR_OK;
}

static void
judge_withdrawal (ledger_t *l, const taking_t *k, judged_t *j)
{
  if (str_blank (j->u->comment)) {
    refuse (j, REASON_WITHDRAW_NEEDS_REASON, STR_NONE, STR_NONE);
    return;
  }
  if (j->row.withdrawn) {
    refuse_key (l, j, REASON_WITHDRAWN, STR_NONE);
    return;
  }
  /* A withdrawal keeps the state; rules made stricter since must not hold the record in. */
  if (!record_same (&j->before.record, &j->u->record))
    (void)validate (l->catalogue, &j->before.record, &j->u->record, j->u->comment, k->office, &j->found);
  else if (!office_may_write (l->catalogue, k->office, &j->before.record))
    refuse (j, REASON_FOREIGN_OFFICE, unit_code (l, record_office (&j->before.record)),
            unit_code (l, k->office));
}

/* A locked table of a period keeps what is in it, and lets nothing in. */
static err_t
judge_locks (taking_t *k, judged_t *j)
{
  const locks_t *locks;
  const lock_row_t *by = NULL;
  err_t err = period_locks (k->l, k->t->txn, &locks);
  if (err != ERR_OK || locks_count (locks) == 0)
    return err;
  if (j->exists && !j->row.withdrawn)
    by = locks_holding (locks, k->l->catalogue, &j->before.record, k->unit, k->t->now, NULL);
  if (by == NULL && j->u->operation != OP_WITHDRAW)
    by = locks_holding (locks, k->l->catalogue, &j->u->record, k->unit, k->t->now, NULL);
  if (by != NULL)
    refuse (j, REASON_PERIOD_LOCKED, by->period, str_of (table_name (table_of_kind (j->u->record.kind))));
  return ERR_OK;
}

/* Fixed order: readable, kind, role, home, base, the record's own rules, locks. */
static err_t
judge (taking_t *k, const decoded_t *d, judged_t *j)
{
  ledger_t *l = k->l;
  const update_t *u = j->u;
  if (d->err != ERR_OK) {
    if (d->why.code != REASON_NONE && d->err == ERR_MALFORMED)
      reasons_add (&j->found, -1, d->why.code, d->why.arg[0], d->why.arg[1], d->why.arg[2]);
    if (reasons_hard (&j->found) == NULL)
      refuse (j, REASON_MALFORMED, STR_NONE, STR_NONE);
    return ERR_OK;
  }
  if (!kind_supported (u->record.kind)) {
    const char *name = kind_name (u->record.kind);
    refuse (j, REASON_KIND_UNSUPPORTED, str_of (name != NULL ? name : "?"), STR_NONE);
    return ERR_OK;
  }
  if (k->role != ROLE_OFFICE && k->role != ROLE_PROVINCE) {
    refuse (j, REASON_READ_ONLY, STR_NONE, STR_NONE);
    return ERR_OK;
  }
  if (catalogue_unit (l->catalogue, u->home) == NULL ||
      !office_may_write_home (l->catalogue, k->office, u->home, &u->record)) {
    refuse (j, REASON_FOREIGN_OFFICE, unit_code (l, u->home), unit_code (l, k->unit));
    return ERR_OK;
  }
  err_t err = read_current (l, k->t, j);
  if (err == ERR_OK)
    err = judge_base (k, j);
  if (err != ERR_OK || reasons_hard (&j->found) != NULL)
    return err;
  if (u->operation == OP_WITHDRAW)
    judge_withdrawal (l, k, j);
  else
    (void)validate (l->catalogue, j->exists ? &j->before.record : NULL, &u->record, u->comment, k->office,
                    &j->found);
  return reasons_hard (&j->found) == NULL ? judge_locks (k, j) : ERR_OK;
}

/* ---- carrying the verdict out ---- */

/* Refusals of a record are over once a later update of it is accepted. */
static err_t
clear_refused (turn_t *t, record_id_t id)
{
  if (!t->any_refused)
    return ERR_OK;
  for (;;) {
    kv_cursor_t *c = NULL;
    uint8_t from[24], copy[24];
    str_t key, value;
    err_t err = kv_cursor_open (t->txn, DB_REFUSED, &c);
    if (err != ERR_OK)
      return err;
    err = kv_seek (c, key_refused (from, id, 0), &key, &value);
    bool ours = err == ERR_OK && key.n == sizeof copy && memcmp (key.p, id.b, 16) == 0;
    if (ours)
      memcpy (copy, key.p, sizeof copy);
    kv_cursor_close (&c);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && !ours))
      return ERR_OK;
    if (err == ERR_OK)
      err = kv_del (t->txn, DB_REFUSED, (str_t){(const char *)copy, sizeof copy});
    if (err != ERR_OK)
      return err;
  }
}

/* As much of a text as a paper of the centre holds, up to a character's end. Only what is refused can be
 * longer, and a verdict its office could not read would keep everything behind it from that office. */
static str_t
clipped (str_t s)
{
  size_t n = s.n < VERDICT_TEXT_MAX ? s.n : VERDICT_TEXT_MAX;
  while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
    n--;
  return (str_t){s.p, n};
}

static err_t
keep_refused (taking_t *k, judged_t *j, log_entry_t *e)
{
  ledger_t *l = k->l;
  turn_t *t = k->t;
  const reason_t *why = reasons_hard (&j->found);
  uint8_t key[24];
  e->verdict = VERDICT_REFUSED;
  e->reason = str_of (reason_name (why->code));
  for (size_t i = 0; i < REASON_ARGS; i++)
    e->arguments[i] = clipped (why->arg[i]);
  err_t err = log_append (l, t, e);
  if (err == ERR_OK)
    err = val_put (t->txn, DB_REFUSED, key_refused (key, j->u->id, e->lsn), STR (""));
  if (err != ERR_OK)
    return err;
  t->any_refused = true;
  buf_t text = BUF_INIT;
  decision_t d = {.type = DECISION_VERDICT};
  d.u.verdict.update = (version_t){e->stream, e->seq};
  d.u.verdict.record = j->u->id;
  d.u.verdict.verdict = VERDICT_REFUSED;
  d.u.verdict.reason = e->reason;
  memcpy (d.u.verdict.arguments, e->arguments, sizeof e->arguments);
  d.u.verdict.kind = j->u->record.kind;
  key_text (l, j->u, &text);
  d.u.verdict.key = text.n > 0 ? clipped (buf_str (&text)) : STR_NONE;
  err = buf_ok (&text) ? centre_append (l, t, k->unit, &d, STR_NONE) : ERR_NOMEM;
  buf_free (&text);
  return err;
}

/* The book says no to what only it can see; that is a refusal too. */
static err_t
apply (taking_t *k, judged_t *j)
{
  ledger_t *l = k->l;
  err_t err = book_apply (l->book, k->t->txn, j->exists ? &j->row : NULL,
                          j->exists ? &j->before.record : NULL, j->u, k->t->lsn + 1, k->t->now);
  if (err == ERR_OVERFLOW) {
    refuse (j, REASON_OVERFLOW, STR_NONE, STR_NONE);
    return ERR_OK;
  }
  return err == ERR_EXISTS ? judge_key_held (l, k->t, j) : err;
}

static err_t
take_one (taking_t *k, size_t i)
{
  ledger_t *l = k->l;
  const msg_chunk_t *c = k->item->chunk;
  const decoded_t *d = &k->item->updates[i];
  arena_reset (l->arena);
  judged_t j;
  j.u = &d->update;
  j.exists = false;
  j.row.at = 0;
  j.row.withdrawn = false;
  j.found.n = 0;
  j.found.arena = l->arena;
  err_t err = judge (k, d, &j);
  if (err == ERR_OK && reasons_hard (&j.found) == NULL)
    err = apply (k, &j);
  if (err != ERR_OK)
    return err;
  log_entry_t e = {
      .previous_lsn = j.exists ? j.row.at : 0,
      .stream = c->store,
      .seq = c->first_seq + i,
      .serial = k->item->serial,
      .verdict = VERDICT_ACCEPTED,
      .rules = RULES_VERSION,
      .received = k->t->now,
      .chain = k->chain[i],
      .bytes = c->updates[i],
  };
  if (reasons_hard (&j.found) != NULL) {
    k->item->refused++;
    err = keep_refused (k, &j, &e);
  } else {
    k->item->accepted++;
    err = log_append (l, k->t, &e);
    if (err == ERR_OK)
      err = clear_refused (k->t, j.u->id);
  }
  if (err == ERR_OK)
    err = run_note (k->t->txn, &k->run, e.seq, e.lsn);
  return err;
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
  bool go_on;
  err_t err = chunk_check (k, &go_on);
  if (err != ERR_OK || !go_on)
    return err;
  uint64_t last = c->first_seq + c->updates_n - 1, cursor = k->stream.cursor;
  uint64_t known = cursor < c->first_seq ? 0 : (cursor < last ? cursor : last) - c->first_seq + 1;
  k->item->repeated = (uint32_t)known;
  if (known == c->updates_n)
    return ERR_OK;
  err = run_last (k->t->txn, c->store, cursor, &k->run);
  for (size_t i = known; err == ERR_OK && i < c->updates_n; i++)
    err = take_one (k, i);
  if (err == ERR_OK)
    err = run_flush (k->t->txn, &k->run);
  if (err == ERR_OK)
    err = head_keep (k->t, &c->head);
  k->stream.cursor = last;
  k->stream.hash = k->chain[c->updates_n - 1];
  if (err == ERR_OK)
    err = stream_put (k->t->txn, c->store, &k->stream);
  k->item->cursor = last;
  return err;
}

/* Every update of a chunk has one outcome, or none has when the chunk was turned away. */
static void
check_item (const ingest_t *item)
{
  size_t judged = (size_t)item->accepted + item->refused;
  CHECK (!(item->restated && item->forged));
  if (item->restated || item->forged)
    CHECK (judged == 0);
  else
    CHECK (judged + item->repeated == item->chunk->updates_n);
}

err_t
ledger_ingest (ledger_t *l, ingest_t *items, size_t n, wall_t now, ingest_report_t *report)
{
  CHECK (l != NULL && report != NULL && (items != NULL || n == 0));
  turn_t t;
  *report = (ingest_report_t){.first_lsn = 1};
  for (size_t i = 0; i < n; i++) {
    items[i].cursor = 0;
    items[i].restated = items[i].forged = false;
    items[i].accepted = items[i].repeated = items[i].refused = 0;
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
    report->refused += items[i].refused;
    report->repeated += items[i].repeated;
  }
  report->first_lsn = t.first_lsn;
  report->last_lsn = t.lsn;
  CHECK (err != ERR_OK || t.lsn + 1 - t.first_lsn >= report->accepted + report->refused);
  if (err != ERR_OK || t.lsn < t.first_lsn) {
    turn_abort (l, &t); /* nothing new: no flush, and what is known was durable before */
    return err;
  }
  return turn_commit (l, &t);
}
