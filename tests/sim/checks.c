/* checks.c - what must hold, whatever happens. Safety after each commit of anybody and before each promise;
 * at the end, when nothing fails any more, that all has arrived and both sides say the same.
 *
 * The checks read the stores past all faults, and count for themselves: the log from its first entry on, each
 * stream's numbers and chain, what each clerk was told is saved. */
#include "tests/sim/compare.h"
#include "tests/sim/keys.h"

#include "agent/outbox/internal.h"
#include "collector/ledger/epochs.h"
#include "collector/ledger/state.h"
#include "collector/ledger/verify.h"
#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

#include <inttypes.h>

#define STREAMS_MAX 1024u
#define AUTHORS_MAX 256u
#define RECOUNT_EVERY 24u /* commits of the centre */
#define VERIFY_EVERY 240u

typedef struct {
  store_id_t id;
  uint64_t seq;
  hash_t chain;
} stream_t;

static struct {
  ledger_t *ledger;
  outbox_t *outbox[MACHINES_MAX];
  uint64_t acked[MACHINES_MAX], down[MACHINES_MAX], epoch[MACHINES_MAX];
  store_id_t store[MACHINES_MAX];
  struct {
    store_id_t id;
    const machine_t *author;
  } author[AUTHORS_MAX];
  size_t authors;
  bool restored; /* the centre: what agents know may be ahead of it until they have filled it again */
  arena_t *arena;
  wall_t received;
  stream_t stream[STREAMS_MAX];
  size_t streams;
  uint64_t scanned, commits, updates, refused, promised, done;
} seen;

/* ---- the centre's log ---- */

static stream_t *
stream_of (kv_txn_t *txn, store_id_t id)
{
  stream_row_t row = {.cursor = 0};
  for (size_t i = 0; i < seen.streams; i++)
    if (store_id_eq (seen.stream[i].id, id))
      return &seen.stream[i];
  CHECK (seen.streams < STREAMS_MAX);
  stream_t *s = &seen.stream[seen.streams++];
  err_t err = stream_get (txn, id, &row);
  CHECK (err == ERR_OK || err == ERR_NOT_FOUND);
  *s = (stream_t){.id = id, .chain = chain_start (id, row.parent, row.parent_seq, row.parent_hash)};
  return s;
}

/* Who writes a stream, or wrote it before going on in another. */
static const machine_t *
author_of (store_id_t id)
{
  for (size_t i = 0; i < seen.authors; i++)
    if (store_id_eq (seen.author[i].id, id))
      return seen.author[i].author;
  return NULL;
}

static void
author_note (const machine_t *m, store_id_t id)
{
  if (author_of (id) != NULL)
    return;
  CHECK (seen.authors < AUTHORS_MAX);
  seen.author[seen.authors].id = id;
  seen.author[seen.authors++].author = m;
}

/* What a newer program wrote into a record stays there through every edit by an older one. */
static void
check_unknown (kv_txn_t *txn, const log_entry_t *e)
{
  log_entry_t before;
  update_t was, is;
  if (e->previous_lsn == 0 || e->verdict != VERDICT_ACCEPTED)
    return;
  arena_reset (seen.arena);
  if (ledger_log_get (seen.ledger, txn, e->previous_lsn, &before) != ERR_OK ||
      update_decode (before.bytes, seen.arena, &was, NULL) != ERR_OK ||
      update_decode (e->bytes, seen.arena, &is, NULL) != ERR_OK || was.record.kind != KIND_SCHEME)
    return;
  str_t kept = was.record.u.scheme.unknown;
  if (!str_blank (kept) && !str_eq (kept, is.record.u.scheme.unknown))
    sim_violation ("place %" PRIu64 " of the log has lost fields that another version had written", e->lsn);
}

static void
check_author (const log_entry_t *e)
{
  const machine_t *m = author_of (e->stream);
  hash_t theirs;
  if (m == NULL)
    sim_violation ("the log holds a stream that nobody wrote, at place %" PRIu64, e->lsn);
  else if (!offices[m->index].restored && /* else it may have written what it no longer knows */
           store_id_eq (e->stream, seen.store[m->index]) &&
           (outbox_hash_at (seen.outbox[m->index], e->seq, &theirs) != ERR_OK || !hash_eq (theirs, e->chain)))
    sim_violation ("update %" PRIu64 " of %s stands in the log and is not what that office wrote", e->seq,
                   m->name);
  if (e->verdict == VERDICT_REFUSED && str_is (e->reason, "no_such_record"))
    sim_violation ("update %" PRIu64 " of %s was made on what nobody knows", e->seq,
                   m != NULL ? m->name : "nobody");
  seen.updates++;
  seen.refused += e->verdict == VERDICT_REFUSED;
}

static void
check_entry (kv_txn_t *txn, const log_entry_t *e)
{
  stream_t *s = stream_of (txn, e->stream);
  if (e->received.ms < seen.received.ms)
    sim_violation ("place %" PRIu64 " of the log came before the one ahead of it, by the centre's clock",
                   e->lsn);
  seen.received = e->received;
  if (e->seq != s->seq + 1) {
    sim_violation ("update %" PRIu64 " of a stream follows number %" PRIu64 " in the log", e->seq, s->seq);
    return;
  }
  s->seq = e->seq;
  s->chain = chain_next (s->chain, e->bytes);
  if (!hash_eq (s->chain, e->chain))
    sim_violation ("the chain does not fit at place %" PRIu64 " of the log", e->lsn);
  else if (e->serial != 0) {
    check_author (e);
    check_unknown (txn, e);
    check_merged (seen.ledger, txn, e);
  }
}

static void
found (void *ctx, const char *thing, str_t name, const char *what)
{
  sim_violation ("%s: %s %.*s: %s", (const char *)ctx, thing, STR_ARG (name), what);
}

static void
check_log (kv_txn_t *txn)
{
  position_t end;
  log_entry_t e;
  err_t err = ledger_end (seen.ledger, txn, &end, NULL);
  CHECK (err == ERR_OK);
  if (end.lsn < seen.scanned)
    sim_violation ("the log ends at %" PRIu64 " and went to %" PRIu64 " before", end.lsn, seen.scanned);
  while (seen.scanned < end.lsn && !sim_violated ()) {
    err = ledger_log_get (seen.ledger, txn, ++seen.scanned, &e);
    if (err != ERR_OK)
      sim_violation ("place %" PRIu64 " of the log cannot be read: %s", seen.scanned, err_name (err));
    else
      check_entry (txn, &e);
  }
}

static void
verify_centre (void)
{
  verify_counts_t counts = {0};
  err_t err = verify_run (seen.ledger, found, NULL, "verify of the centre's store", &counts);
  if (err != ERR_OK)
    sim_violation ("verify of the centre's store: %s", err_name (err));
}

static void
centre_committed (void)
{
  kv_txn_t *txn = NULL;
  uint64_t n = 0;
  CHECK (kv_begin (ledger_kv (seen.ledger), false, &txn) == ERR_OK);
  check_log (txn);
  if (++seen.commits % RECOUNT_EVERY == 0 && !sim_violated ()) {
    err_t err = book_verify (ledger_book (seen.ledger), txn, ledger_catalogue (seen.ledger), found,
                             "recount of the centre's totals", &n);
    if (err != ERR_OK)
      sim_violation ("recount of the centre's totals: %s", err_name (err));
  }
  kv_abort (&txn);
  if (seen.commits % VERIFY_EVERY == 0 && !sim_violated ())
    verify_centre ();
}

/* ---- an office's marks ---- */

static void
check_acked (const machine_t *m, kv_txn_t *txn, store_id_t store, uint64_t acked, const hash_t *hash)
{
  hash_t there;
  uint64_t cursor = 0;
  uint32_t owner;
  if (acked == 0)
    return;
  err_t err = ledger_cursor (seen.ledger, txn, store, &cursor, &there, &owner);
  if (seen.restored && (err == ERR_NOT_FOUND || (err == ERR_OK && cursor < acked)))
    return; /* promised by the one that is lost: it comes back, or never drains */
  if (err == ERR_OK && cursor >= acked)
    err = ledger_chain_at (seen.ledger, txn, store, acked, &there);
  if (err != ERR_OK || cursor < acked)
    sim_violation ("%s was told that %" PRIu64 " updates are safe, the centre holds %" PRIu64, m->name, acked,
                   cursor);
  else if (hash != NULL && !hash_eq (there, *hash))
    sim_violation ("%s: the acknowledged update %" PRIu64 " is another one at the centre", m->name, acked);
}

/* How many entries are for an office, up to a place of the log. */
static size_t
entries_for (kv_txn_t *txn, unit_id_t unit, uint64_t upto, uint64_t after)
{
  kv_cursor_t *c = NULL;
  uint8_t from[12], prefix[12];
  str_t key, value;
  size_t n = 0;
  CHECK (kv_cursor_open (txn, DB_DOWN, &c) == ERR_OK);
  err_t err = kv_seek (c, key_down (from, unit, after + 1), &key, &value);
  for (; err == ERR_OK && memcmp (key.p, key_down (prefix, unit, 0).p, 4) == 0; n++) {
    if (key_read_u64 (key, 4) > upto)
      break;
    err = kv_next (c, &key, &value);
  }
  kv_cursor_close (&c);
  return n;
}

static void
check_kept (const machine_t *m, kv_txn_t *there, str_t key, str_t stored, uint64_t down)
{
  uint64_t lsn = 0;
  hash_t hash;
  str_t bytes;
  log_entry_t e;
  err_t err = outbox_entry_read (key, stored, &lsn, &hash, &bytes);
  if (err == ERR_OK && seen.restored) {
    version_t v = {.seq = key_read_u64 (key, 16)};
    memcpy (v.store.b, key.p, sizeof v.store.b);
    err = ledger_version_lsn (seen.ledger, there, v, &lsn);
    if (err == ERR_NOT_FOUND && down != UINT64_MAX)
      return; /* it is still to be handed back */
    down = UINT64_MAX;
  }
  if (err == ERR_OK)
    err = ledger_log_get (seen.ledger, there, lsn, &e);
  if (err != ERR_OK || lsn > down || !str_eq (e.bytes, bytes) || !hash_eq (e.chain, hash))
    sim_violation ("%s keeps a decision that is not the centre's, at place %" PRIu64, m->name, lsn);
}

static void
check_down (const machine_t *m, kv_txn_t *here, kv_txn_t *there, uint64_t down)
{
  kv_cursor_t *c = NULL;
  str_t key, value;
  size_t n = 0;
  unit_id_t unit = offices[m->index].unit;
  CHECK (kv_cursor_open (here, ODB_CENTRE, &c) == ERR_OK);
  for (; kv_next (c, &key, &value) == ERR_OK && !sim_violated (); n++)
    check_kept (m, there, key, value, down);
  kv_cursor_close (&c);
  size_t due = entries_for (there, 0, down, 0) + entries_for (there, unit, down, 0);
  if (!sim_violated () && (seen.restored ? n < due : n != due))
    sim_violation ("%s has passed place %" PRIu64 " and holds %zu of the %zu decisions up to it", m->name,
                   down, n, due);
}

static void
check_saved (const machine_t *m, const facts_t *f)
{
  const office_t *o = &offices[m->index];
  hash_t there;
  if (f->last_seq < o->saved)
    sim_violation ("%s: %" PRIu64 " updates were saved, %" PRIu64 " are there", m->name, o->saved,
                   f->last_seq);
  else if (o->saved > 0 && (outbox_hash_at (seen.outbox[m->index], o->saved, &there) != ERR_OK ||
                            !hash_eq (there, o->saved_hash)))
    sim_violation ("%s: the saved update %" PRIu64 " is another one now", m->name, o->saved);
  if (f->acked > f->last_seq)
    sim_violation ("%s: acknowledged up to %" PRIu64 ", but there are %" PRIu64, m->name, f->acked,
                   f->last_seq);
}

static void
office_committed (machine_t *m)
{
  facts_t f;
  kv_txn_t *here = NULL, *there = NULL;
  if (seen.outbox[m->index] == NULL) {
    disk_watch (true);
    err_t err = outbox_open (m->dir, true, false, &seen.outbox[m->index], NULL);
    disk_watch (false);
    CHECK (err == ERR_OK);
  }
  outbox_t *o = seen.outbox[m->index];
  err_t err = outbox_facts (o, &f);
  if (err != ERR_OK) {
    sim_violation ("%s: its store cannot be read: %s", m->name, err_name (err));
    return;
  }
  if (!store_id_eq (f.store, seen.store[m->index])) { /* it goes on in a stream of its own, numbered anew */
    seen.acked[m->index] = seen.down[m->index] = 0;
    offices[m->index].saved = 0;
    offices[m->index].restored = false;
    author_note (m, f.store);
  }
  seen.store[m->index] = f.store;
  check_saved (m, &f);
  if (f.down.epoch != seen.epoch[m->index])
    seen.down[m->index] = 0;
  seen.epoch[m->index] = f.down.epoch;
  if (f.acked < seen.acked[m->index] || f.down.lsn < seen.down[m->index])
    sim_violation ("%s: a mark went back", m->name);
  CHECK (kv_begin (outbox_kv (o), false, &here) == ERR_OK);
  CHECK (kv_begin (ledger_kv (seen.ledger), false, &there) == ERR_OK);
  if (f.acked != seen.acked[m->index])
    check_acked (m, there, f.store, f.acked, &f.hash_at_acked);
  if (f.down.lsn != seen.down[m->index] && f.down.epoch == ledger_epoch (seen.ledger))
    check_down (m, here, there, f.down.lsn);
  keys_committed (m, o, there, seen.restored);
  seen.acked[m->index] = f.acked;
  seen.down[m->index] = f.down.lsn;
  kv_abort (&here);
  kv_abort (&there);
}

void
checks_committed (machine_t *m)
{
  if (seen.ledger == NULL || sim_violated ())
    return;
  seen.done++;
  if (m->index == 0)
    centre_committed ();
  else
    office_committed (m);
}

void
checks_acknowledged (machine_t *m, store_id_t store, uint64_t seq)
{
  kv_txn_t *txn = NULL;
  CHECK (kv_begin (ledger_kv (seen.ledger), false, &txn) == ERR_OK);
  check_acked (m, txn, store, seq, NULL);
  kv_abort (&txn);
  seen.promised++;
}

void
checks_enrolled (machine_t *m, str_t certificate)
{
  kv_txn_t *txn = NULL;
  agent_certificate_t c;
  agent_full_t row;
  arena_reset (seen.arena);
  CHECK (kv_begin (ledger_kv (seen.ledger), false, &txn) == ERR_OK);
  if (agent_certificate_decode (certificate, seen.arena, &c) != ERR_OK ||
      agent_get (txn, c.serial, &row) != ERR_OK || !curve_key_eq (row.row.curve_key, c.curve_key))
    sim_violation ("%s is given a certificate that the centre has not registered", m->name);
  kv_abort (&txn);
}

/* Its clerk reads "saved": from here on it is. */
void
checks_saved (machine_t *m, outbox_t *o, bool changed)
{
  office_t *of = &offices[m->index];
  facts_t f;
  hash_t hash;
  if (outbox_facts (o, &f) != ERR_OK || outbox_hash_at (o, f.last_seq, &hash) != ERR_OK)
    return; /* it died, or could not read: nothing was said */
  if (changed && f.last_seq <= of->saved)
    sim_violation ("%s: its clerk was told that something is saved, and nothing is", m->name);
  of->saved = f.last_seq;
  of->saved_hash = hash;
}

/* Its store is an older one: what it knew is not what it knows. */
void
checks_restored (machine_t *m)
{
  offices[m->index].restored = true;
  offices[m->index].saved = 0;
  seen.acked[m->index] = seen.down[m->index] = 0;
  keys_restored (m);
}

void
checks_centre_restored (machine_t *m)
{
  ledger_t *l = NULL;
  fail_t fail = {0};
  ledger_close (&seen.ledger);
  machine_enter (m);
  disk_watch (true);
  err_t err = ledger_open (m->dir, false, &l, &fail);
  if (err == ERR_OK)
    err = ledger_fork (l, NULL, 0, machine_clock (m), &fail);
  ledger_close (&l);
  if (err == ERR_OK)
    err = ledger_open (m->dir, true, &seen.ledger, &fail);
  disk_watch (false);
  machine_leave ();
  CHECK (err == ERR_OK);
  seen.restored = true;
  seen.scanned = seen.streams = seen.updates = seen.refused = 0;
  seen.received = (wall_t){0};
}

/* ---- the end ---- */

static bool
counts (unsigned i, kv_txn_t *there)
{
  return seen.outbox[i] != NULL && offices[i].joined && !offices[i].revoked &&
         !keys_shut_out (&machines[i], seen.outbox[i], there);
}

static err_t
later (void *ctx, err_t err, const row_t *row)
{
  uint64_t *last = ctx;
  if (err == ERR_OK && row->at > *last)
    *last = row->at;
  return ERR_OK;
}

/* 1: records of the office have changed since it last heard, by its other PC or by the centre. */
static size_t
records_wait (unsigned i, kv_txn_t *txn, uint64_t down)
{
  uint64_t last = 0;
  if (offices[i].twin == NULL)
    return 0;
  CHECK (book_each (ledger_book (seen.ledger), txn, offices[i].unit, later, &last) == ERR_OK);
  return last > down;
}

/* What an office still waits for, or the centre for it. */
static size_t
waits (unsigned i, kv_txn_t *txn, facts_t *f)
{
  *f = (facts_t){.pending = 0};
  if (seen.outbox[i] == NULL || !offices[i].joined)
    return offices[i].revoked ? 0 : 1;
  if (!counts (i, txn))
    return 0;
  if (outbox_facts (seen.outbox[i], f) != ERR_OK || keys_wait (seen.outbox[i], txn))
    return 1;
  uint64_t cursor = 0;
  uint32_t owner;
  hash_t hash;
  err_t err = ledger_cursor (seen.ledger, txn, f->store, &cursor, &hash, &owner);
  if ((err != ERR_OK && err != ERR_NOT_FOUND) || cursor < f->last_seq ||
      f->down.epoch != ledger_epoch (seen.ledger))
    return 1;
  return f->pending + entries_for (txn, 0, UINT64_MAX, f->down.lsn) +
         entries_for (txn, offices[i].unit, UINT64_MAX, f->down.lsn) + records_wait (i, txn, f->down.lsn);
}

bool
checks_drained (bool say)
{
  kv_txn_t *txn = NULL;
  bool all = true;
  CHECK (kv_begin (ledger_kv (seen.ledger), false, &txn) == ERR_OK);
  for (unsigned i = 1; i < machines_n; i++) {
    facts_t f;
    size_t n = waits (i, txn, &f);
    all = all && n == 0;
    if (n > 0 && say)
      sim_violation ("%s waits for %zu things long after the last fault: %" PRIu64
                     " of its updates, down at %" PRIu64,
                     machines[i].name, n, f.pending, f.down.lsn);
  }
  kv_abort (&txn);
  return all;
}

static void
compare_office (unsigned i, kv_txn_t *there)
{
  outbox_t *o = seen.outbox[i];
  compare_t t = {.machine = &machines[i], .o = o, .l = seen.ledger, .there = there};
  uint64_t n = 0;
  err_t err = outbox_refresh (o, NULL);
  CHECK (err == ERR_OK && kv_begin (outbox_kv (o), false, &t.here) == ERR_OK);
  err = book_verify (outbox_book (o), t.here, outbox_catalogue (o), found, machines[i].name, &n);
  if (err != ERR_OK)
    sim_violation ("%s: its book: %s", machines[i].name, err_name (err));
  compare_records (&t);
  check_down (&machines[i], t.here, there, seen.restored ? UINT64_MAX : seen.down[i]);
  kv_abort (&t.here);
}

void
checks_final (void)
{
  kv_txn_t *there = NULL;
  verify_centre ();
  CHECK (kv_begin (ledger_kv (seen.ledger), false, &there) == ERR_OK);
  for (unsigned i = 1; i < machines_n && !sim_violated (); i++)
    if (counts (i, there))
      compare_office (i, there);
  kv_abort (&there);
}

void
checks_begin (void)
{
  machine_enter (&machines[0]);
  disk_watch (true);
  err_t err = ledger_open (machines[0].dir, true, &seen.ledger, NULL);
  disk_watch (false);
  machine_leave ();
  seen.arena = arena_new (4 * UPDATE_ROOM);
  CHECK (err == ERR_OK && seen.arena != NULL);
}

void
checks_end (run_result_t *out)
{
  for (unsigned i = 0; i < MACHINES_MAX; i++)
    outbox_close (&seen.outbox[i]);
  ledger_close (&seen.ledger);
  arena_destroy (&seen.arena);
  keys_end ();
  out->updates = seen.updates;
  out->refused = seen.refused;
  out->acknowledged = seen.promised;
  out->checks = seen.done;
  memset (&seen, 0, sizeof seen);
}
