/* conflicts.c - parked sides: where they are kept, what they say beside what stands, and how people settle
 * them.
 *
 * A side that is decided goes to conflict_past, with the place that decided it: so the number that stood at a
 * place of the log is known as long as the log is, and a record's history has its parked sides for ever. */
#include "collector/ledger/conflicts.h"
#include "collector/ledger/taking.h"

#include "common/wire/update_wire.h"

#include <stdlib.h>

/* ---- rows ---- */

static void
put_version (buf_t *b, version_t v)
{
  buf_put (b, v.store.b, sizeof v.store.b);
  buf_u64 (b, v.seq);
}

static version_t
read_version (rd_t *r)
{
  version_t v = {.seq = 0};
  str_t store = rd_bytes (r, sizeof v.store.b);
  v.seq = rd_u64 (r);
  if (store.p != NULL)
    memcpy (v.store.b, store.p, sizeof v.store.b);
  return v;
}

bool
conflict_decode (kv_db_t db, str_t key, str_t body, conflict_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  *out = (conflict_t){.ref.home = rd_u32 (&r)};
  out->version = read_version (&r);
  out->base = read_version (&r);
  if (db == DB_CONFLICT_PAST)
    out->decided = rd_u64 (&r);
  if (!rd_done (&r) || key.n != 24)
    return false;
  memcpy (out->ref.id.b, key.p, 16);
  out->lsn = key_read_u64 (key, 16);
  return true;
}

static err_t
row_put (kv_txn_t *txn, kv_db_t db, const conflict_t *c)
{
  uint8_t key[24];
  buf_t value = BUF_INIT;
  buf_u32 (&value, c->ref.home);
  put_version (&value, c->version);
  put_version (&value, c->base);
  if (db == DB_CONFLICT_PAST)
    buf_u64 (&value, c->decided);
  err_t err =
      buf_ok (&value) ? val_put (txn, db, key_refused (key, c->ref.id, c->lsn), buf_str (&value)) : ERR_NOMEM;
  buf_free (&value);
  return err;
}

err_t
conflict_put (kv_txn_t *txn, const conflict_t *c)
{
  return row_put (txn, DB_CONFLICT, c);
}

err_t
conflict_get (kv_txn_t *txn, record_id_t id, uint64_t lsn, conflict_t *out)
{
  uint8_t key[24];
  str_t body, at = key_refused (key, id, lsn);
  err_t err = val_get (txn, DB_CONFLICT, at, &body);
  return err == ERR_OK && !conflict_decode (DB_CONFLICT, at, body, out) ? ERR_DAMAGED : err;
}

err_t
conflict_decide (kv_txn_t *txn, record_id_t id, uint64_t lsn, uint64_t decided)
{
  uint8_t key[24];
  conflict_t c;
  err_t err = conflict_get (txn, id, lsn, &c);
  if (err != ERR_OK)
    return err;
  c.decided = decided;
  err = kv_del (txn, DB_CONFLICT, key_refused (key, id, lsn));
  return err == ERR_OK ? row_put (txn, DB_CONFLICT_PAST, &c) : err;
}

static err_t
each_row (kv_txn_t *txn, kv_db_t db, const record_id_t *id, conflict_fn *fn, void *ctx)
{
  kv_cursor_t *cursor = NULL;
  str_t key, stored, body;
  uint8_t from[24];
  conflict_t c;
  err_t err = kv_cursor_open (txn, db, &cursor);
  if (err != ERR_OK)
    return err;
  err = kv_seek (cursor, id != NULL ? key_refused (from, *id, 0) : STR ("\0"), &key, &stored);
  while (err == ERR_OK && (id == NULL || (key.n == 24 && memcmp (key.p, id->b, 16) == 0))) {
    err = val_open (db, key, stored, &body);
    if (err == ERR_OK && !conflict_decode (db, key, body, &c))
      err = ERR_DAMAGED;
    if (err == ERR_OK)
      err = fn (ctx, &c);
    if (err == ERR_OK)
      err = kv_next (cursor, &key, &stored);
  }
  kv_cursor_close (&cursor);
  return err == ERR_NOT_FOUND || err == ERR_END ? ERR_OK : err;
}

err_t
conflicts_each (kv_txn_t *txn, const record_id_t *id, conflict_fn *fn, void *ctx)
{
  return each_row (txn, DB_CONFLICT, id, fn, ctx);
}

typedef struct {
  uint64_t lsn, n;
} counting_t;

static err_t
count_row (void *ctx, const conflict_t *c)
{
  counting_t *k = ctx;
  k->n += c->lsn <= k->lsn && (c->decided == 0 || c->decided > k->lsn);
  return ERR_OK;
}

err_t
conflicts_count (kv_txn_t *txn, uint64_t lsn, uint64_t *n)
{
  counting_t k = {.lsn = lsn};
  err_t err = each_row (txn, DB_CONFLICT, NULL, count_row, &k);
  if (err == ERR_OK && lsn != UINT64_MAX)
    err = each_row (txn, DB_CONFLICT_PAST, NULL, count_row, &k);
  *n = k.n;
  return err;
}

/* ---- both sides ---- */

/* A row's state, under its bytes' own copy. */
static err_t
decode_copy (str_t bytes, arena_t *arena, update_t *out)
{
  str_t copy = arena_str (arena, bytes);
  err_t err = copy.p != NULL ? update_decode (copy, arena, out, NULL) : ERR_NOMEM;
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

err_t
conflict_sides (ledger_t *l, kv_txn_t *txn, const conflict_t *c, merge_prefer_t prefer, arena_t *arena,
                conflict_sides_t *out)
{
  log_entry_t e;
  *out = (conflict_sides_t){.conflict = c, .based = c->base.seq != 0};
  err_t err = book_get (l->book, txn, c->ref, &out->row);
  if (err == ERR_OK)
    err = decode_copy (out->row.bytes, arena, &out->current);
  if (err == ERR_OK)
    err = ledger_log_get (l, txn, c->lsn, &e);
  if (err == ERR_OK)
    err = decode_copy (e.bytes, arena, &out->parked);
  if (err == ERR_OK && out->based)
    err = ledger_version_state (l, txn, c->base, arena, &out->base);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  out->received = e.received;
  out->reason = arena_str (arena, e.reason);
  for (size_t i = 0; i < REASON_ARGS; i++)
    out->arguments[i] = arena_str (arena, e.arguments[i]);
  if (out->parked.record.kind != out->current.record.kind ||
      (out->based && out->base.record.kind != out->current.record.kind))
    return ERR_DAMAGED;
  return merge3 (out->based ? &out->base : NULL, &out->current, &out->parked, prefer, arena, &out->merged);
}

/* ---- to where the record went ---- */

#define FOLLOW_MAX 64u
#define FOLLOW_BYTES_MAX (UPDATE_MAX - 8192u) /* both states, with room for the decision around them */

typedef struct {
  conflict_t side[FOLLOW_MAX];
  size_t n;
} sides_t;

static err_t
note_side (void *ctx, const conflict_t *c)
{
  sides_t *s = ctx;
  if (s->n == FOLLOW_MAX)
    return ERR_END;
  s->side[s->n++] = *c;
  return ERR_OK;
}

/* Who the side came from. */
static err_t
author_of (ledger_t *l, kv_txn_t *txn, uint64_t lsn, arena_t *arena, str_t *out)
{
  log_entry_t e;
  agent_full_t agent;
  *out = STR ("");
  err_t err = ledger_log_get (l, txn, lsn, &e);
  if (err == ERR_OK)
    err = agent_get (txn, e.serial, &agent);
  if (err == ERR_OK && (*out = arena_str (arena, agent.row.name)).p == NULL)
    err = ERR_NOMEM;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
follow (ledger_t *l, turn_t *t, const conflict_t *c, unit_id_t to, arena_t *arena)
{
  conflict_sides_t of;
  buf_t update = BUF_INIT;
  decision_t d = {.type = DECISION_PARKED_SIDE};
  err_t err = conflict_sides (l, t->txn, c, MERGE_FIRST, arena, &of);
  if (err == ERR_DAMAGED)
    return ERR_OK; /* verify names it; it must not keep an office's updates out */
  if (err == ERR_OK)
    err = author_of (l, t->txn, c->lsn, arena, &d.u.parked_side.agent);
  if (err != ERR_OK)
    return err;
  of.parked.base = c->base; /* past what was refused or parked itself: what it is given with */
  if (!update_encode (&of.parked, &update) || !buf_ok (&update))
    err = ERR_NOMEM;
  d.u.parked_side.record = c->ref.id;
  d.u.parked_side.home = c->ref.home;
  d.u.parked_side.update = buf_str (&update);
  d.u.parked_side.base = of.based ? of.base.bytes : STR_NONE;
  d.u.parked_side.clashes = of.merged.clashes;
  d.u.parked_side.clashes_n = of.merged.clashes_n;
  d.u.parked_side.since = of.received;
  if (err == ERR_OK && update.n + d.u.parked_side.base.n <= FOLLOW_BYTES_MAX)
    err = centre_append (l, t, to, &d, STR_NONE);
  buf_free (&update);
  return err;
}

err_t
conflicts_follow (ledger_t *l, turn_t *t, record_ref_t ref, unit_id_t to)
{
  sides_t *s = calloc (1, sizeof *s);
  arena_t *arena = arena_new ((size_t)6 * UPDATE_ROOM);
  err_t err = s != NULL && arena != NULL ? conflicts_each (t->txn, &ref.id, note_side, s) : ERR_NOMEM;
  for (size_t i = 0; err == ERR_OK && i < s->n; i++) {
    arena_reset (arena);
    err = follow (l, t, &s->side[i], to, arena);
  }
  arena_destroy (&arena);
  free (s);
  return err;
}
