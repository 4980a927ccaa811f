/* down.c - what is for an agent out of the log, in the order of the log and under one cursor.
 *
 * Three kinds of things come side by side: decisions of the centre (its office's stream and the one for all),
 * updates that others made to its office's records, and of its own updates only that they were accepted. Each
 * comes from a feed of its own, a table that leads to places of the log; the lowest place is taken next. What
 * forebears of the office left is fed likewise, and each of their records looked at: where a unit was divided
 * it may have come to another heir. The provincial office's agents are for everything: their one feed is the
 * log itself.
 *
 * The cursor passes what is not for the office, so an agent that is up to date holds the log's end whoever
 * wrote last. A call looks at a bounded number of entries; a head is signed over the last entry of each of
 * the centre's streams in the message: its reader checks chains, not single entries. */
#include "collector/ledger/state.h"

#include "common/core/units.h"
#include "common/core/validate_units.h"
#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

/* Room that entries take in the message beside their bytes. */
#define ENTRY_OVERHEAD 24u
#define RECORD_OVERHEAD (64u + PROGRAM_MAX)
#define RANGE_OVERHEAD 56u
#define LOOKED_AT_MAX 4000u
#define FEEDS_MAX (2u + 2u * FOREBEARS_MAX + 2u)

typedef enum { FEED_DECISIONS, FEED_RECORDS, FEED_LOG } feed_type_t;

typedef struct {
  feed_type_t type;
  unit_id_t unit;
  bool forebear;
  kv_cursor_t *cursor;
  uint64_t lsn; /* of the next entry; UINT64_MAX = no more */
  uint64_t end; /* FEED_RECORDS: of the present run; FEED_LOG: of the log */
} feed_t;

typedef struct {
  ledger_t *l;
  kv_txn_t *txn;
  const listener_t *who;
  arena_t *arena;
  feed_t feed[FEEDS_MAX];
  size_t feeds;
  centre_entry_t *entry;
  record_entry_t *record;
  own_range_t *own;
  signed_head_t *head;
  size_t entries, records, ranges, heads, bytes, max_bytes;
  uint64_t at;    /* everything up to here was looked at */
  uint32_t named; /* serial whose agent's name is at hand */
  str_t name;
} gathering_t;

/* ---- feeds ---- */

static err_t
feed_to (feed_t *f, uint64_t lsn)
{
  uint8_t from[12], prefix[12];
  str_t key = STR_NONE, value;
  audience_run_t run;
  err_t err = ERR_OK;
  f->lsn = UINT64_MAX;
  switch (f->type) {
  case FEED_DECISIONS:
    err = kv_seek (f->cursor, key_down (from, f->unit, lsn), &key, &value);
    if (err == ERR_OK && key.n == 12 && memcmp (key.p, key_down (prefix, f->unit, 0).p, 4) == 0)
      f->lsn = key_read_u64 (key, 4);
    break;
  case FEED_RECORDS:
    if (lsn < f->end) {
      f->lsn = lsn;
      break;
    }
    err = audience_seek (f->cursor, f->unit, lsn, &run);
    if (err == ERR_OK) {
      f->lsn = run.first > lsn ? run.first : lsn;
      f->end = run.first + run.count;
    }
    break;
  case FEED_LOG:
    f->lsn = lsn <= f->end ? lsn : UINT64_MAX;
    break;
  }
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
feed_add (gathering_t *g, feed_type_t type, unit_id_t unit, bool forebear)
{
  CHECK (g->feeds < FEEDS_MAX);
  feed_t *f = &g->feed[g->feeds++];
  *f = (feed_t){.type = type, .unit = unit, .forebear = forebear, .lsn = UINT64_MAX};
  err_t err = kv_cursor_open (g->txn, type == FEED_DECISIONS ? DB_DOWN : DB_AUDIENCE, &f->cursor);
  return err == ERR_OK ? feed_to (f, g->at + 1) : err;
}

static err_t
feeds_open (gathering_t *g, uint64_t end)
{
  unit_id_t forebear[FOREBEARS_MAX];
  const listener_t *who = g->who;
  if (who->role == ROLE_PROVINCE) {
    g->feed[g->feeds++] = (feed_t){.type = FEED_LOG, .lsn = g->at < end ? g->at + 1 : UINT64_MAX, .end = end};
    return ERR_OK;
  }
  err_t err = feed_add (g, FEED_DECISIONS, 0, false);
  if (err == ERR_OK && who->unit != 0)
    err = feed_add (g, FEED_DECISIONS, who->unit, false);
  if (err != ERR_OK || who->role != ROLE_OFFICE)
    return err;
  err = feed_add (g, FEED_RECORDS, who->unit, false);
  const size_t n =
      who->catalogue != NULL ? unit_forebears (who->catalogue, who->unit, forebear, FOREBEARS_MAX) : 0;
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    err = feed_add (g, FEED_RECORDS, forebear[i], true);
    if (err == ERR_OK)
      err = feed_add (g, FEED_DECISIONS, forebear[i], true);
  }
  return err;
}

/* ---- what they lead to ---- */

static bool
note_head (gathering_t *g, const log_entry_t *e)
{
  size_t i = 0;
  while (i < g->heads && !store_id_eq (g->head[i].store, e->stream))
    i++;
  if (i == HEADS_PER_DOWN_MAX)
    return false;
  if (i == g->heads)
    g->heads++;
  g->head[i] = (signed_head_t){.store = e->stream, .seq = e->seq, .hash = e->chain, .given = true};
  return true;
}

static err_t
sign_heads (gathering_t *g)
{
  buf_t bytes = BUF_INIT;
  err_t err = ERR_OK;
  for (size_t i = 0; i < g->heads && err == ERR_OK; i++) {
    signed_head_t *h = &g->head[i];
    buf_clear (&bytes);
    head_bytes (h->store, h->seq, h->hash, h->serial, &bytes);
    if (!buf_ok (&bytes))
      err = ERR_NOMEM;
    else
      h->signature = sign_make (SIGN_HEAD, buf_str (&bytes), &g->l->keys.centre_secret);
  }
  buf_free (&bytes);
  return err;
}

/* Is there room for this much more? The first thing always has it. */
static bool
has_room (gathering_t *g, size_t bytes)
{
  const bool first = g->entries + g->records + g->ranges == 0;
  if (!first && g->bytes + bytes > g->max_bytes)
    return false;
  g->bytes += bytes;
  return true;
}

static err_t
take_decision (gathering_t *g, const log_entry_t *e, bool *full)
{
  if (g->entries == DOWN_ENTRIES_MAX || !has_room (g, e->bytes.n + ENTRY_OVERHEAD) || !note_head (g, e)) {
    *full = true;
    return ERR_OK;
  }
  centre_entry_t *to = &g->entry[g->entries];
  *to = (centre_entry_t){e->lsn, arena_str (g->arena, e->bytes)};
  if (to->update.p == NULL)
    return ERR_NOMEM;
  g->entries++;
  return ERR_OK;
}

static bool
is_own (const listener_t *who, const log_entry_t *e)
{
  for (size_t i = 0; i < who->own_n; i++)
    if (store_id_eq (who->own[i].store, e->stream))
      return e->serial == who->serial && e->seq <= who->own[i].upto;
  return false;
}

/* Of ours it need only be said that it was accepted; other verdicts are decisions. */
static void
take_own (gathering_t *g, const log_entry_t *e, bool *full)
{
  CHECK (g->own != NULL); /* make_room's */
  own_range_t *last = g->ranges > 0 ? &g->own[g->ranges - 1] : NULL;
  if (e->verdict != VERDICT_ACCEPTED)
    return;
  if (last != NULL && store_id_eq (last->store, e->stream) && last->last_seq + 1 == e->seq &&
      last->first_lsn + (e->seq - last->first_seq) == e->lsn) {
    last->last_seq = e->seq;
    return;
  }
  if (g->ranges == DOWN_ENTRIES_MAX || !has_room (g, RANGE_OVERHEAD)) {
    *full = true;
    return;
  }
  g->own[g->ranges++] = (own_range_t){e->stream, e->seq, e->seq, e->lsn};
}

/* Has this record of a forebear come to the listener? */
static err_t
came_to (gathering_t *g, const log_entry_t *e, bool *out)
{
  update_t u;
  arena_t *arena = arena_new (DECODE_BUDGET (e->bytes.n) + DECODE_BUDGET (e->resulting.n));
  err_t err = arena != NULL ? update_decode (log_entry_state (e), arena, &u, NULL) : ERR_NOMEM;
  *out = err == ERR_OK && office_may_write (g->who->catalogue, g->who->unit, &u.record);
  arena_destroy (&arena);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

static err_t
agent_name (gathering_t *g, uint32_t serial, str_t *out)
{
  agent_full_t agent;
  *out = serial != 0 ? g->name : STR ("");
  if (g->named == serial || serial == 0)
    return ERR_OK;
  err_t err = agent_get (g->txn, serial, &agent);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  *out = g->name = arena_str (g->arena, agent.row.name);
  g->named = serial;
  return g->name.p != NULL ? ERR_OK : ERR_NOMEM;
}

/* A state that was merged, or settled by a person, stands in a decision to the office that had the record
 * before. To one that the record went to by it the decision does not go, so it is given the state as an
 * update. */
static err_t
decided_elsewhere (gathering_t *g, const log_entry_t *e, bool *out)
{
  update_t u;
  stream_row_t stream;
  *out = false;
  if (g->who->role == ROLE_PROVINCE || (e->serial != 0 && e->verdict != VERDICT_MERGED) ||
      e->resulting.n == 0)
    return ERR_OK;
  arena_t *arena = arena_new (DECODE_BUDGET (e->resulting.n));
  err_t err = arena != NULL ? update_decode (e->resulting, arena, &u, NULL) : ERR_NOMEM;
  if (err == ERR_OK)
    err = stream_get (g->txn, u.version.store, &stream);
  *out = err == ERR_OK && stream.centre;
  for (size_t i = 0; i < g->feeds && *out; i++)
    *out = g->feed[i].type != FEED_DECISIONS || g->feed[i].unit != stream.unit;
  arena_destroy (&arena);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

static err_t
take_record (gathering_t *g, const log_entry_t *e, bool elsewhere, bool *full)
{
  err_t err;
  const str_t bytes = elsewhere ? e->resulting : e->bytes;
  if (g->records == DOWN_ENTRIES_MAX || !has_room (g, bytes.n + RECORD_OVERHEAD)) {
    *full = true;
    return ERR_OK;
  }
  record_entry_t *to = &g->record[g->records];
  *to = (record_entry_t){.lsn = e->lsn,
                         .update = arena_str (g->arena, bytes),
                         .verdict = (uint32_t)(elsewhere ? VERDICT_ACCEPTED : e->verdict),
                         .received = e->received};
  err = to->update.p != NULL ? agent_name (g, e->serial, &to->agent) : ERR_NOMEM;
  if (err == ERR_OK)
    g->records++;
  return err;
}

static err_t
take (gathering_t *g, const feed_t *f, uint64_t lsn, bool *full)
{
  log_entry_t e;
  bool ours = true, elsewhere = false;
  err_t err = ledger_log_get (g->l, g->txn, lsn, &e);
  if (err == ERR_OK)
    err = decided_elsewhere (g, &e, &elsewhere);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  if (e.serial == 0 && !elsewhere)
    return take_decision (g, &e, full);
  if (!verdict_is_told (e.verdict))
    return ERR_OK;
  if (is_own (g->who, &e)) {
    take_own (g, &e, full);
    return ERR_OK;
  }
  if (f->forebear)
    err = came_to (g, &e, &ours);
  return err == ERR_OK && ours ? take_record (g, &e, elsewhere, full) : err;
}

/* *more: something may be left. */
static err_t
gather (gathering_t *g, bool *more)
{
  err_t err = ERR_OK;
  *more = false;
  for (unsigned looked = 0; err == ERR_OK && !*more; looked++) {
    feed_t *first = &g->feed[0];
    for (size_t i = 1; i < g->feeds; i++)
      if (g->feed[i].lsn < first->lsn || (g->feed[i].lsn == first->lsn && first->forebear))
        first = &g->feed[i];
    const uint64_t lsn = first->lsn;
    if (lsn == UINT64_MAX)
      break;
    if (looked == LOOKED_AT_MAX) {
      *more = true;
      break;
    }
    err = take (g, first, lsn, more);
    if (err != ERR_OK || *more)
      break;
    g->at = lsn;
    for (size_t i = 0; i < g->feeds && err == ERR_OK; i++)
      if (g->feed[i].lsn == lsn)
        err = feed_to (&g->feed[i], lsn + 1);
  }
  return err;
}

static err_t
make_room (gathering_t *g)
{
  g->entry = arena_alloc (g->arena, DOWN_ENTRIES_MAX * sizeof *g->entry);
  g->record = arena_alloc (g->arena, DOWN_ENTRIES_MAX * sizeof *g->record);
  g->own = arena_alloc (g->arena, DOWN_ENTRIES_MAX * sizeof *g->own);
  g->head = arena_alloc (g->arena, HEADS_PER_DOWN_MAX * sizeof *g->head);
  return g->entry != NULL && g->record != NULL && g->own != NULL && g->head != NULL ? ERR_OK : ERR_NOMEM;
}

/* A reader that stands beyond the place its epoch was left goes on from there; one that knows another history
 * begins anew. */
static uint64_t
resumes_after (const ledger_t *l, position_t from, uint64_t end)
{
  uint64_t last = 0;
  if (!ledger_epoch_end (l, from.epoch, &last))
    return 0;
  if (last != UINT64_MAX)
    return from.lsn < last ? from.lsn : last;
  return from.lsn <= end ? from.lsn : 0;
}

err_t
ledger_down (ledger_t *l, kv_txn_t *txn, const listener_t *who, position_t from, size_t max_bytes,
             arena_t *arena, msg_down_t *out)
{
  position_t end;
  bool more = false;
  gathering_t g = {.l = l,
                   .txn = txn,
                   .who = who,
                   .arena = arena,
                   .max_bytes = max_bytes < DOWN_MAX ? max_bytes : DOWN_MAX};
  err_t err = ledger_end (l, txn, &end, NULL);
  if (err != ERR_OK)
    return err;
  const uint64_t after = resumes_after (l, from, end.lsn);
  g.at = after;
  err = make_room (&g);
  if (err == ERR_OK)
    err = feeds_open (&g, end.lsn);
  if (err == ERR_OK)
    err = gather (&g, &more);
  if (err == ERR_OK)
    err = sign_heads (&g);
  if (err == ERR_OK)
    *out = (msg_down_t){
        .epoch = l->epoch,
        .first_lsn = after + 1,
        .last_lsn = more ? g.at : end.lsn,
        .centre = g.entry,
        .centre_n = g.entries,
        .own = g.own,
        .own_n = g.ranges,
        .records = g.record,
        .records_n = g.records,
        .heads = g.head,
        .heads_n = g.heads,
        .complete = !more,
    };
  for (size_t i = 0; i < g.feeds; i++)
    kv_cursor_close (&g.feed[i].cursor);
  return err;
}
