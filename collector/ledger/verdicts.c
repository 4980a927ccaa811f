/* verdicts.c - carrying a verdict out: the log, the book, the tables beside, and the decision that tells the
 * office.
 *
 * Plain acceptance stands in the log entry alone. Every other verdict is also a decision in a stream of the
 * centre, which a refill obeys instead of judging again (PROTOCOL 4). A merged state is a version of its own
 * under that decision's number, so the number must be known before the entry is written. */
#include "collector/ledger/refill.h"
#include "collector/ledger/taking.h"

#include "common/core/validate.h"
#include "common/wire/update_wire.h"

#define VERDICT_TEXT_MAX 1000u
/* What a decision needs around a resulting update, which must fit into one update with it. */
#define RESULTING_MAX (UPDATE_MAX - 8192u)

/* ---- tables beside ---- */

static err_t
clear_refused_of (taking_t *k, record_id_t id, version_t taken)
{
  uint64_t after = 0;
  for (;;) {
    kv_cursor_t *c = NULL;
    uint8_t from[24], copy[24];
    str_t key, value;
    bool later = false;
    err_t err = kv_cursor_open (k->t->txn, DB_REFUSED, &c);
    if (err != ERR_OK)
      return err;
    err = kv_seek (c, key_refused (from, id, after), &key, &value);
    bool ours = err == ERR_OK && key.n == sizeof copy && memcmp (key.p, id.b, 16) == 0;
    if (ours)
      memcpy (copy, key.p, sizeof copy);
    kv_cursor_close (&c);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && !ours))
      return ERR_OK;
    after = ours ? key_read_u64 ((str_t){(const char *)copy, sizeof copy}, 16) : 0;
    if (err == ERR_OK && k->l->epochs_n > 1)
      err = refill_made_on (k, after++, taken, &later);
    if (err == ERR_OK && !later)
      err = kv_del (k->t->txn, DB_REFUSED, (str_t){(const char *)copy, sizeof copy});
    if (err != ERR_OK)
      return err;
  }
}

/* Refusals of a record are over once a later update of it is taken; a parked one holds all they held. After a
 * restore one that was made on what is taken now may have come back first: it stays. */
static err_t
clear_refused (taking_t *k, const judged_t *j, version_t taken)
{
  if (!k->t->any_refused)
    return ERR_OK;
  err_t err = clear_refused_of (k, j->u->id, taken);
  return err == ERR_OK && j->aliased ? clear_refused_of (k, j->ref.id, taken) : err;
}

/* The parked side the update was made on is in it; those it settles are decided once it counts. Versions that
 * are not parked are passed. */
static err_t
decide_parked (taking_t *k, const judged_t *j, uint64_t lsn)
{
  err_t err = ERR_OK;
  if (j->base.replaces != 0)
    err = conflict_decide (k->t->txn, j->ref.id, j->base.replaces, lsn);
  for (uint32_t i = 0; i < j->u->settles_n && err == ERR_OK && j->verdict != VERDICT_PARKED; i++) {
    uint64_t place;
    err = ledger_version_lsn (k->l, k->t->txn, j->u->settles[i], &place);
    if (err == ERR_OK)
      err = conflict_decide (k->t->txn, j->ref.id, place, lsn);
    if (err == ERR_NOT_FOUND)
      err = ERR_OK;
  }
  return err;
}

/* ---- the decision ---- */

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

/* In whose stream it stands: a refusal is the author's to mend; what came of a record is for the office that
 * has it, whoever wrote it. */
static unit_id_t
stream_of (const taking_t *k, const judged_t *j)
{
  return j->verdict != VERDICT_REFUSED && j->exists ? record_office (&j->before.record) : k->unit;
}

static err_t
tell (taking_t *k, const judged_t *j, const log_entry_t *e)
{
  buf_t text = BUF_INIT;
  decision_t d = {.type = DECISION_VERDICT};
  d.u.verdict.update = (version_t){e->stream, e->seq};
  d.u.verdict.record = j->u->id;
  d.u.verdict.verdict = j->verdict;
  d.u.verdict.reason = e->reason;
  memcpy (d.u.verdict.arguments, e->arguments, sizeof e->arguments);
  d.u.verdict.kind = j->u->record.kind;
  judge_key_text (k->l, j->u, &text);
  d.u.verdict.key = text.n > 0 ? clipped (buf_str (&text)) : STR_NONE;
  d.u.verdict.resulting = e->resulting;
  if (j->aliased && j->verdict != VERDICT_REFUSED) {
    d.u.verdict.alias_to = j->ref.id;
    d.u.verdict.alias_home = j->ref.home;
  }
  if (j->verdict == VERDICT_PARKED) {
    d.u.verdict.clashes = j->merged.clashes;
    d.u.verdict.clashes_n = j->merged.clashes_n;
  }
  err_t err = buf_ok (&text) ? centre_append (k->l, k->t, stream_of (k, j), &d, STR_NONE) : ERR_NOMEM;
  buf_free (&text);
  return err;
}

/* ---- merged ---- */

/* Puts the merged state into the book, under the number its decision will have. Too large: parked. */
static err_t
apply_merged (taking_t *k, judged_t *j)
{
  ledger_t *l = k->l;
  const merged_t *m = &j->merged;
  update_t r = {.id = j->ref.id,
                .home = j->ref.home,
                .operation = m->operation,
                .base = j->row.version,
                .person = j->u->person,
                .comment = j->u->comment,
                .agent_time = j->u->agent_time,
                .record = m->record,
                .unknown = m->unknown};
  err_t err = centre_next (l, k->t, stream_of (k, j), &r.version);
  if (err != ERR_OK)
    return err;
  buf_clear (&l->resulting);
  if (!update_encode (&r, &l->resulting))
    return ERR_NOMEM;
  r.bytes = buf_str (&l->resulting);
  if (r.bytes.n > RESULTING_MAX) {
    j->verdict = VERDICT_PARKED;
    judge_refuse (j, REASON_MERGED_TOO_LARGE, STR_NONE, STR_NONE);
    return ERR_OK;
  }
  err = book_apply (l->book, k->t->txn, &j->row, &j->before.record, &r, k->t->lsn + 1, k->t->now);
  if (err == ERR_OVERFLOW) {
    j->verdict = VERDICT_REFUSED;
    judge_refuse (j, REASON_OVERFLOW, STR_NONE, STR_NONE);
    return ERR_OK;
  }
  return err == ERR_EXISTS ? ERR_DAMAGED : err;
}

/* A merged state as it was before a restore; where the book cannot take it, what stands stays. */
static err_t
apply_given (taking_t *k, judged_t *j)
{
  err_t err = book_apply (k->l->book, k->t->txn, j->exists ? &j->row : NULL,
                          j->exists ? &j->before.record : NULL, j->given, k->t->lsn + 1, k->t->now);
  j->changes = err == ERR_OK;
  return err == ERR_EXISTS || err == ERR_OVERFLOW ? ERR_OK : err;
}

/* The book says no to what only it can see. */
static err_t
apply (taking_t *k, judged_t *j)
{
  err_t err = ERR_OK;
  if (j->given != NULL)
    return apply_given (k, j);
  if (j->verdict == VERDICT_ACCEPTED) {
    err = book_apply (k->l->book, k->t->txn, j->exists ? &j->row : NULL, j->exists ? &j->before.record : NULL,
                      j->u, k->t->lsn + 1, k->t->now);
    if (err == ERR_OVERFLOW) {
      j->verdict = VERDICT_REFUSED;
      judge_refuse (j, REASON_OVERFLOW, STR_NONE, STR_NONE);
      return ERR_OK;
    }
    if (err == ERR_EXISTS)
      err = judge_key_held (k, j);
  }
  return err == ERR_OK && j->verdict == VERDICT_MERGED && j->changes ? apply_merged (k, j) : err;
}

/* ---- all of it ---- */

static void
count (ingest_t *item, verdict_t verdict)
{
  item->accepted += verdict == VERDICT_ACCEPTED;
  item->merged += verdict == VERDICT_MERGED || verdict == VERDICT_ALIAS;
  item->parked += verdict == VERDICT_PARKED;
  item->refused += verdict == VERDICT_REFUSED;
}

static void
say_why (const judged_t *j, log_entry_t *e)
{
  const reason_t *why = reasons_hard (&j->found);
  if (why == NULL)
    return;
  e->reason = str_of (reason_name (why->code));
  for (size_t i = 0; i < REASON_ARGS; i++)
    e->arguments[i] = clipped (why->arg[i]);
}

/* What stands beside the log because of an update that was not refused. */
static err_t
note_taken (taking_t *k, const judged_t *j, const log_entry_t *e)
{
  conflict_t c = {.ref = j->ref, .lsn = e->lsn, .version = {e->stream, e->seq}};
  err_t err = decide_parked (k, j, e->lsn);
  if (err == ERR_OK && j->verdict == VERDICT_PARKED) {
    c.base = j->alias_new ? (version_t){.seq = 0} : j->base.version;
    err = conflict_put (k->t->txn, &c);
  }
  if (err == ERR_OK && j->alias_new)
    err = alias_put (k->t, j->u->id, j->ref, e->lsn);
  return err == ERR_OK ? clear_refused (k, j, c.version) : err;
}

/* A refusal that came back stands where its decision does: what was taken of the record behind that has
 * mended it, unless the refused one was made on it. */
static err_t
note_refused (taking_t *k, const judged_t *j, uint64_t lsn)
{
  uint8_t key[24];
  bool later = true;
  if (j->recorded && j->exists && j->row.at > j->decided_at) {
    err_t err = refill_made_on (k, lsn, j->row.version, &later);
    if (err != ERR_OK || !later)
      return err;
  }
  k->t->any_refused = true;
  return val_put (k->t->txn, DB_REFUSED, key_refused (key, j->ref.id, lsn), STR (""));
}

static const record_t *
state_of (const judged_t *j)
{
  if (j->verdict != VERDICT_MERGED || !j->changes)
    return &j->u->record;
  return j->given != NULL ? &j->given->record : &j->merged.record;
}

err_t
verdict_carry_out (taking_t *k, size_t i, judged_t *j)
{
  const msg_chunk_t *c = k->item->chunk;
  err_t err = apply (k, j);
  if (err != ERR_OK)
    return err;
  log_entry_t e = {
      .previous_lsn = j->exists ? j->row.at : 0,
      .stream = c->store,
      .seq = c->first_seq + i,
      .serial = k->item->serial,
      .verdict = j->verdict,
      .rules = RULES_VERSION,
      .received = k->t->now,
      .chain = k->chain[i],
      .bytes = c->updates[i],
      .office = record_office (state_of (j)),
      .office_before = j->exists ? record_office (&j->before.record) : 0,
  };
  CHECK ((j->verdict == VERDICT_REFUSED) <= (reasons_hard (&j->found) != NULL));
  if (j->verdict == VERDICT_REFUSED || j->verdict == VERDICT_PARKED)
    say_why (j, &e);
  if (j->verdict == VERDICT_MERGED && j->changes)
    e.resulting = j->given != NULL ? j->given->bytes : buf_str (&k->l->resulting);
  count (k->item, j->verdict);
  err = log_append (k->l, k->t, &e);
  if (err == ERR_OK)
    err = j->verdict == VERDICT_REFUSED ? note_refused (k, j, e.lsn) : note_taken (k, j, &e);
  if (err == ERR_OK)
    err = run_note (k->t->txn, &k->run, e.seq, e.lsn);
  if (err == ERR_OK && j->verdict != VERDICT_ACCEPTED && !j->recorded)
    err = tell (k, j, &e);
  const bool moved = j->exists && log_entry_changes (&e) && e.office != e.office_before;
  return err == ERR_OK && moved && !j->recorded ? conflicts_follow (k->l, k->t, j->ref, e.office) : err;
}
