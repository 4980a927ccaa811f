/* told.c - rows of what the centre told: of records, parked sides, other ids. */
#include "agent/outbox/told.h"
#include "agent/outbox/internal.h"

#include "common/core/validate_units.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

#define KEY_MAX 48u

/* ---- pieces of keys and values ---- */

static char *
put_number (char *p, uint64_t v, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    *p++ = (char)(v >> (8 * (n - 1 - i)));
  return p;
}

static char *
put_bytes (char *p, const uint8_t *b, size_t n)
{
  memcpy (p, b, n);
  return p + n;
}

static char *
put_version (char *p, version_t v)
{
  return put_number (put_bytes (p, v.store.b, sizeof v.store.b), v.seq, 8);
}

static str_t
key_of (const char *from, const char *to)
{
  return (str_t){from, (size_t)(to - from)};
}

static void
buf_version (buf_t *b, version_t v)
{
  buf_put (b, v.store.b, sizeof v.store.b);
  buf_u64 (b, v.seq);
}

static void
buf_text (buf_t *b, str_t s)
{
  buf_u32 (b, (uint32_t)s.n);
  buf_put (b, s.p, s.n);
}

static void
rd_fixed (rd_t *r, uint8_t *out, size_t n)
{
  const str_t s = rd_bytes (r, n);
  if (s.p != NULL)
    memcpy (out, s.p, n);
}

static version_t
rd_version (rd_t *r)
{
  version_t v = {.seq = 0};
  rd_fixed (r, v.store.b, sizeof v.store.b);
  v.seq = rd_u64 (r);
  return v;
}

static err_t
put_row (kv_txn_t *txn, kv_db_t db, str_t key, buf_t *value)
{
  err_t err = buf_ok (value) ? val_put (txn, db, key, buf_str (value)) : ERR_NOMEM;
  buf_free (value);
  return err;
}

static err_t
drop (kv_txn_t *txn, kv_db_t db, str_t key)
{
  err_t err = kv_del (txn, db, key);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- updates by others ---- */

err_t
outbox_other_put (kv_txn_t *txn, const other_row_t *r)
{
  char key[KEY_MAX];
  buf_t b = BUF_INIT;
  buf_u64 (&b, r->lsn);
  buf_i64 (&b, r->received.ms);
  buf_u8 (&b, (uint8_t)r->verdict);
  buf_text (&b, r->agent);
  buf_put (&b, r->bytes.p, r->bytes.n);
  return put_row (txn, ODB_OTHER, key_of (key, put_version (key, r->version)), &b);
}

err_t
outbox_other_get (kv_txn_t *txn, version_t v, other_row_t *out)
{
  char key[KEY_MAX];
  str_t body;
  err_t err = val_get (txn, ODB_OTHER, key_of (key, put_version (key, v)), &body);
  if (err != ERR_OK)
    return err;
  rd_t r = rd_of (body.p, body.n);
  *out = (other_row_t){.version = v, .lsn = rd_u64 (&r), .received = {rd_i64 (&r)}};
  out->verdict = (verdict_t)rd_u8 (&r);
  out->agent = rd_bytes (&r, rd_u32 (&r));
  out->bytes = rd_bytes (&r, r.n);
  return r.failed ? ERR_DAMAGED : ERR_OK;
}

/* ---- what became of a record ---- */

/* By version, so that one is found at once however many a record has, under whatever place it comes. */
static str_t
record_key_of (record_id_t id, version_t v, char out[KEY_MAX])
{
  return key_of (out, put_version (put_bytes (out, id.b, sizeof id.b), v));
}

err_t
outbox_story_put (kv_txn_t *txn, const story_row_t *row)
{
  char key[KEY_MAX];
  buf_t b = BUF_INIT;
  buf_u64 (&b, row->lsn);
  buf_u8 (&b, (uint8_t)row->verdict);
  if (row->resulting.seq != 0)
    buf_version (&b, row->resulting);
  return put_row (txn, ODB_STORY, record_key_of (row->id, row->version, key), &b);
}

static err_t
story_read (str_t key, str_t body, story_row_t *out)
{
  rd_t k = rd_of (key.p, key.n), r = rd_of (body.p, body.n);
  *out = (story_row_t){.lsn = rd_u64 (&r)};
  rd_fixed (&k, out->id.b, sizeof out->id.b);
  out->version = rd_version (&k);
  out->verdict = (verdict_t)rd_u8 (&r);
  if (r.n > 0)
    out->resulting = rd_version (&r);
  return rd_done (&k) && rd_done (&r) ? ERR_OK : ERR_DAMAGED;
}

static int
by_place (const void *x, const void *y)
{
  const story_row_t *a = x, *b = y;
  return (a->lsn > b->lsn) - (a->lsn < b->lsn);
}

err_t
outbox_story (kv_txn_t *txn, record_id_t id, story_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  const str_t prefix = {(const char *)id.b, sizeof id.b};
  str_t key, stored, body;
  story_row_t *rows = NULL;
  size_t n = 0, room = 0;
  err_t err = kv_cursor_open (txn, ODB_STORY, &c);
  if (err == ERR_OK)
    err = kv_seek (c, prefix, &key, &stored);
  while (err == ERR_OK && key.n > prefix.n && memcmp (key.p, prefix.p, prefix.n) == 0) {
    story_row_t *grown = array_room (rows, n, &room, sizeof *grown);
    if (grown == NULL)
      err = ERR_NOMEM;
    else
      rows = grown;
    if (err == ERR_OK)
      err = val_open (ODB_STORY, key, stored, &body);
    if (err == ERR_OK)
      err = story_read (key, body, &rows[n++]);
    if (err == ERR_OK)
      err = kv_next (c, &key, &stored);
  }
  kv_cursor_close (&c);
  if (err == ERR_NOT_FOUND)
    err = ERR_OK;
  if (err == ERR_OK && n > 1)
    qsort (rows, n, sizeof *rows, by_place);
  for (size_t i = 0; i < n && err == ERR_OK; i++)
    err = fn (ctx, &rows[i]);
  free (rows);
  return err == ERR_END ? ERR_OK : err;
}

err_t
outbox_story_of (kv_txn_t *txn, record_id_t id, version_t v, story_row_t *out)
{
  char bytes[KEY_MAX];
  str_t body;
  story_row_t row;
  const str_t key = record_key_of (id, v, bytes);
  err_t err = val_get (txn, ODB_STORY, key, &body);
  if (err == ERR_OK)
    err = story_read (key, body, &row);
  if (err == ERR_OK && out != NULL)
    *out = row;
  return err;
}

/* ---- shadows ---- */

static str_t
ref_key (record_ref_t ref, char out[KEY_MAX])
{
  return key_of (out, put_bytes (put_number (out, ref.home, 4), ref.id.b, sizeof ref.id.b));
}

err_t
outbox_shadow_put (kv_txn_t *txn, const row_t *row)
{
  char key[KEY_MAX];
  buf_t b = BUF_INIT;
  buf_version (&b, row->version);
  buf_u64 (&b, row->at);
  buf_u32 (&b, row->revision);
  buf_i64 (&b, row->received.ms);
  buf_u8 (&b, row->withdrawn);
  buf_put (&b, row->bytes.p, row->bytes.n);
  return put_row (txn, ODB_SHADOW, ref_key (row->ref, key), &b);
}

err_t
outbox_shadow_get (kv_txn_t *txn, record_ref_t ref, row_t *out)
{
  char key[KEY_MAX];
  str_t body;
  err_t err = val_get (txn, ODB_SHADOW, ref_key (ref, key), &body);
  if (err != ERR_OK)
    return err;
  rd_t r = rd_of (body.p, body.n);
  *out = (row_t){.ref = ref, .version = rd_version (&r)};
  out->at = rd_u64 (&r);
  out->revision = rd_u32 (&r);
  out->received.ms = rd_i64 (&r);
  out->withdrawn = rd_u8 (&r) != 0;
  out->bytes = rd_bytes (&r, r.n);
  return r.failed ? ERR_DAMAGED : ERR_OK;
}

err_t
outbox_shadow_del (kv_txn_t *txn, record_ref_t ref)
{
  char key[KEY_MAX];
  return drop (txn, ODB_SHADOW, ref_key (ref, key));
}

err_t
outbox_hidden_put (kv_txn_t *txn, record_ref_t ref)
{
  char key[KEY_MAX];
  return val_put (txn, ODB_HIDDEN, ref_key (ref, key), STR (""));
}

err_t
outbox_hidden_del (kv_txn_t *txn, record_ref_t ref)
{
  char key[KEY_MAX];
  return drop (txn, ODB_HIDDEN, ref_key (ref, key));
}

err_t
outbox_hidden_after (kv_txn_t *txn, record_ref_t *ref)
{
  char from[KEY_MAX];
  kv_cursor_t *c = NULL;
  str_t key = ref_key (*ref, from), at = key, stored;
  err_t err = kv_cursor_open (txn, ODB_HIDDEN, &c);
  if (err == ERR_OK)
    err = kv_seek (c, at, &key, &stored);
  if (err == ERR_OK && str_eq (key, at))
    err = kv_next (c, &key, &stored);
  if (err == ERR_OK) {
    rd_t r = rd_of (key.p, key.n);
    ref->home = rd_u32 (&r);
    rd_fixed (&r, ref->id.b, sizeof ref->id.b);
    err = rd_done (&r) ? ERR_OK : ERR_DAMAGED;
  }
  kv_cursor_close (&c);
  return err;
}

err_t
outbox_moved_to (outbox_t *o, kv_txn_t *txn, str_t record, unit_id_t *out)
{
  record_ref_t ref = {0, {{0}}};
  arena_t *arena = arena_new (UPDATE_ROOM);
  buf_t key = BUF_INIT;
  row_t row;
  char id[37];
  *out = 0;
  err_t err = arena != NULL ? ERR_OK : ERR_NOMEM;
  while (err == ERR_OK && *out == 0 && (err = outbox_hidden_after (txn, &ref)) == ERR_OK) {
    update_t u;
    arena_reset (arena);
    buf_clear (&key);
    err = outbox_shadow_get (txn, ref, &row);
    if (err == ERR_OK)
      err = update_decode (row.bytes, arena, &u, NULL);
    if (err != ERR_OK)
      break;
    record_key_text (&u.record, o->catalogue, &key);
    record_id_format (ref.id, id);
    if (!office_may_write (o->catalogue, o->identity.unit, &u.record) &&
        (str_eq (buf_str (&key), record) || str_is (record, id)))
      *out = record_office (&u.record);
  }
  buf_free (&key);
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND || err == ERR_MALFORMED ? ERR_OK : err;
}

/* ---- parked sides ---- */

err_t
outbox_parked_put (kv_txn_t *txn, const parked_row_t *row)
{
  char key[KEY_MAX];
  buf_t b = BUF_INIT;
  buf_u32 (&b, row->ref.home);
  buf_u64 (&b, row->lsn);
  buf_i64 (&b, row->since.ms);
  buf_text (&b, row->agent);
  buf_u16 (&b, (uint16_t)row->clashes_n);
  for (size_t i = 0; i < row->clashes_n; i++)
    buf_text (&b, row->clashes[i]);
  buf_put (&b, row->bytes.p, row->bytes.n);
  return put_row (txn, ODB_PARKED, record_key_of (row->ref.id, row->version, key), &b);
}

err_t
outbox_parked_del (kv_txn_t *txn, record_id_t id, version_t v)
{
  char key[KEY_MAX];
  return drop (txn, ODB_PARKED, record_key_of (id, v, key));
}

err_t
outbox_untold (kv_txn_t *txn, record_id_t id, version_t v, uint64_t place)
{
  char key[KEY_MAX];
  err_t err = drop (txn, ODB_STORY, record_key_of (id, v, key));
  if (err == ERR_OK)
    err = outbox_parked_del (txn, id, v);
  return err == ERR_OK ? outbox_refusal_del (txn, id, place) : err;
}

static err_t
parked_open (str_t key, str_t stored, str_t clashes[CLASHES_MAX], parked_row_t *out)
{
  str_t body;
  err_t err = val_open (ODB_PARKED, key, stored, &body);
  if (err != ERR_OK)
    return err;
  rd_t k = rd_of (key.p, key.n), r = rd_of (body.p, body.n);
  *out = (parked_row_t){.ref = {.home = rd_u32 (&r)}};
  rd_fixed (&k, out->ref.id.b, sizeof out->ref.id.b);
  out->version = rd_version (&k);
  out->lsn = rd_u64 (&r);
  out->since.ms = rd_i64 (&r);
  out->agent = rd_bytes (&r, rd_u32 (&r));
  out->clashes_n = rd_u16 (&r);
  if (out->clashes_n > CLASHES_MAX)
    return ERR_DAMAGED;
  for (size_t i = 0; i < out->clashes_n; i++)
    clashes[i] = rd_bytes (&r, rd_u32 (&r));
  out->clashes = clashes;
  out->bytes = rd_bytes (&r, r.n);
  return rd_done (&k) && !r.failed ? ERR_OK : ERR_DAMAGED;
}

err_t
outbox_parked (kv_txn_t *txn, const record_id_t *id, parked_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  const str_t prefix = id != NULL ? (str_t){(const char *)id->b, sizeof id->b} : STR ("");
  str_t key, stored, clashes[CLASHES_MAX];
  err_t err = kv_cursor_open (txn, ODB_PARKED, &c);
  if (err == ERR_OK)
    err = prefix.n > 0 ? kv_seek (c, prefix, &key, &stored) : kv_next (c, &key, &stored);
  while (err == ERR_OK && key.n >= prefix.n && memcmp (key.p, prefix.p, prefix.n) == 0) {
    parked_row_t row;
    err = parked_open (key, stored, clashes, &row);
    if (err == ERR_OK)
      err = fn (ctx, &row);
    if (err == ERR_OK)
      err = kv_next (c, &key, &stored);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND || err == ERR_END ? ERR_OK : err;
}

static err_t
count_parked (void *ctx, const parked_row_t *r)
{
  (void)r;
  ++*(uint64_t *)ctx;
  return ERR_OK;
}

err_t
outbox_parked_count (kv_txn_t *txn, uint64_t *sides)
{
  *sides = 0;
  return outbox_parked (txn, NULL, count_parked, sides);
}

/* ---- other ids ---- */

err_t
outbox_alias_put (kv_txn_t *txn, record_id_t id, record_ref_t to)
{
  char ref[KEY_MAX];
  return val_put (txn, ODB_ALIAS, (str_t){(const char *)id.b, sizeof id.b}, ref_key (to, ref));
}

err_t
outbox_alias_get (kv_txn_t *txn, record_id_t id, record_ref_t *out, bool *found)
{
  str_t body;
  err_t err = val_get (txn, ODB_ALIAS, (str_t){(const char *)id.b, sizeof id.b}, &body);
  *found = err == ERR_OK;
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  rd_t r = rd_of (body.p, body.n);
  record_ref_t ref = {.home = rd_u32 (&r)};
  rd_fixed (&r, ref.id.b, sizeof ref.id.b);
  if (!rd_done (&r))
    return ERR_DAMAGED;
  *out = ref;
  return ERR_OK;
}

/* ---- versions ---- */

err_t
outbox_decided (kv_txn_t *txn, uint64_t *out)
{
  return outbox_meta_number (txn, META_DECIDED, 0, out);
}

err_t
outbox_told_upto (kv_txn_t *txn, position_t *upto, wall_t *at)
{
  str_t v;
  uint64_t ms = 0;
  *upto = (position_t){0, 0};
  err_t err = meta_get (txn, ODB_META, META_DOWN, &v);
  if (err == ERR_OK) {
    rd_t r = rd_of (v.p, v.n);
    *upto = (position_t){.epoch = rd_u64 (&r)};
    upto->lsn = rd_u64 (&r);
    err = rd_done (&r) ? ERR_OK : ERR_DAMAGED;
  }
  if (err == ERR_OK || err == ERR_NOT_FOUND)
    err = outbox_meta_number (txn, META_TOLD_AT, 0, &ms);
  at->ms = (int64_t)ms;
  return err;
}

bool
outbox_row_undecided (const outbox_t *o, const row_t *row, uint64_t decided)
{
  uint64_t place;
  return outbox_place_of (o, row->version, &place) && place > decided;
}

static err_t
decode_copy (str_t bytes, arena_t *arena, update_t *out)
{
  bytes = arena_str (arena, bytes);
  err_t err = bytes.p != NULL ? update_decode (bytes, arena, out, NULL) : ERR_NOMEM;
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

/* The state in a decision: of a merge, or of a conflict settled at the centre. */
static err_t
resulting_of (kv_txn_t *txn, version_t v, arena_t *arena, update_t *out)
{
  char bytes[KEY_MAX];
  const str_t key = key_of (bytes, put_version (bytes, v));
  str_t stored, entry;
  uint64_t lsn;
  hash_t hash;
  update_t u;
  decision_t d;
  err_t err = kv_get (txn, ODB_CENTRE, key, &stored);
  if (err == ERR_OK)
    err = outbox_entry_read (key, stored, &lsn, &hash, &entry);
  if (err == ERR_OK)
    err = decode_copy (entry, arena, &u);
  if (err == ERR_OK)
    err = decision_decode (u.decision, arena, &d);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND || err == ERR_NOMEM ? err : ERR_DAMAGED;
  const str_t state = d.type == DECISION_VERDICT   ? d.u.verdict.resulting
                      : d.type == DECISION_SETTLED ? d.u.settled.resulting
                                                   : STR_NONE;
  return state.n > 0 ? decode_copy (state, arena, out) : ERR_NOT_FOUND;
}

err_t
outbox_version_get (outbox_t *o, kv_txn_t *txn, version_t v, arena_t *arena, update_t *out)
{
  outbox_log_t own;
  other_row_t other;
  uint64_t place;
  err_t err = ERR_NOT_FOUND;
  if (outbox_place_of (o, v, &place)) {
    err = outbox_log_read (txn, place, &own);
    return err == ERR_OK ? decode_copy (own.bytes, arena, out) : err;
  }
  err = outbox_other_get (txn, v, &other);
  if (err == ERR_OK)
    return decode_copy (other.bytes, arena, out);
  return err == ERR_NOT_FOUND ? resulting_of (txn, v, arena, out) : err;
}
