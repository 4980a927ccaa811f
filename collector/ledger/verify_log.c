/* verify_log.c - the walk over the log: seal, chains, and the replay that says what records and totals must
 * be.
 *
 * Replay obeys the verdicts recorded in the entries and judges nothing again: rules made stricter since
 * do not make an old total wrong (DESIGN 3). An entry that cannot be read is named and passed; what
 * hangs on it (seal and chain of the next ones, the replay of its record) is taken up again behind it,
 * so that one damaged value gives one finding and not a thousand. */
#include "collector/ledger/verify_private.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- maps ---- */

static size_t
map_hash (const uint8_t key[MAP_KEY])
{
  uint64_t h = UINT64_C (1469598103934665603);
  for (size_t i = 0; i < MAP_KEY; i++)
    h = (h ^ key[i]) * UINT64_C (1099511628211);
  return (size_t)(h ^ h >> 32);
}

static map_slot_t *
map_find (map_slot_t *slot, size_t cap, const uint8_t key[MAP_KEY])
{
  size_t i = map_hash (key) & (cap - 1);
  while (slot[i].used && memcmp (slot[i].key, key, MAP_KEY) != 0)
    i = (i + 1) & (cap - 1);
  return &slot[i];
}

map_slot_t *
map_at (map_t *m, const uint8_t key[MAP_KEY])
{
  if ((m->n + 1) * 4 > m->cap * 3) {
    size_t cap = m->cap == 0 ? 256 : m->cap * 2;
    map_slot_t *slot = calloc (cap, sizeof *slot);
    if (slot == NULL)
      return NULL;
    for (size_t i = 0; i < m->cap; i++)
      if (m->slot[i].used)
        *map_find (slot, cap, m->slot[i].key) = m->slot[i];
    free (m->slot);
    m->slot = slot;
    m->cap = cap;
  }
  map_slot_t *s = map_find (m->slot, m->cap, key);
  if (!s->used) {
    memcpy (s->key, key, MAP_KEY);
    s->used = true;
    m->n++;
  }
  return s;
}

void
map_free (map_t *m)
{
  free (m->slot);
  *m = (map_t){0};
}

seen_stream_t *
verify_stream (verify_t *v, store_id_t id)
{
  uint8_t key[MAP_KEY] = {0};
  memcpy (key, id.b, 16);
  map_slot_t *slot = map_at (&v->streams, key);
  if (slot == NULL)
    return NULL;
  if (slot->last != 0)
    return &v->stream[slot->last - 1];
  seen_stream_t *grown = array_room (v->stream, v->streams_n, &v->streams_cap, sizeof *grown);
  if (grown == NULL)
    return NULL;
  v->stream = grown;
  seen_stream_t *s = &v->stream[v->streams_n++];
  *s = (seen_stream_t){.id = id, .known = true};
  stream_row_t row = {.cursor = 0};
  err_t err = stream_get (v->txn, id, &row);
  s->known = err == ERR_OK || err == ERR_NOT_FOUND; /* a damaged row is named with the cursors */
  s->chain = chain_start (id, row.parent, row.parent_seq, row.parent_hash);
  slot->last = v->streams_n;
  return s;
}

/* ---- one entry ---- */

static void
check_seal (verify_t *v, uint64_t lsn, str_t body, const log_entry_t *e)
{
  hash_t seal = seal_next (v->seal, log_entry_sealed (body));
  if (v->seal_known && !hash_eq (seal, e->seal))
    verify_found_at (v, "chain", lsn,
                     L ("dấu niêm của nhật ký không khớp với các mục trước nó",
                        "the log's seal does not fit the entries before it"));
  v->seal = e->seal;
  v->seal_known = true;
}

static err_t
check_chain (verify_t *v, uint64_t lsn, const log_entry_t *e)
{
  seen_stream_t *s = verify_stream (v, e->stream);
  if (s == NULL)
    return ERR_NOMEM;
  if (s->count == 0) {
    s->serial = e->serial;
    s->centre = e->serial == 0;
  }
  s->count++;
  if (e->seq != s->seq + 1) {
    if (v->lost == 0 || e->seq <= s->seq)
      verify_found_at (v, "chain", lsn,
                       L ("số thứ tự trong dòng bị nhảy", "a number of its stream is out of order"));
    s->known = false;
  }
  if (e->serial != s->serial)
    verify_found_at (v, "chain", lsn, L ("dòng này thuộc máy khác", "its stream is another agent's"));
  if (s->known && !hash_eq (chain_next (s->chain, e->bytes), e->chain))
    verify_found_at (v, "chain", lsn,
                     L ("chuỗi băm của dòng không khớp", "the chain of its stream does not fit"));
  s->seq = e->seq;
  s->chain = e->chain;
  s->known = true;
  return ERR_OK;
}

/* A decision of the centre must be found by those it is for. */
static err_t
check_sent_down (verify_t *v, uint64_t lsn, const log_entry_t *e)
{
  uint8_t key[12];
  stream_row_t stream;
  str_t stored;
  if (e->serial != 0)
    return ERR_OK;
  err_t err = stream_get (v->txn, e->stream, &stream);
  if (err == ERR_OK)
    err = kv_get (v->txn, DB_DOWN, key_down (key, stream.unit, lsn), &stored);
  else if (err == ERR_NOT_FOUND || err == ERR_DAMAGED)
    return ERR_OK; /* named with the cursors */
  if (err == ERR_NOT_FOUND) {
    verify_found_at (v, "down", lsn,
                     L ("quyết định này không nằm trong danh sách gửi xuống",
                        "this decision is not among the entries to send down"));
    return ERR_OK;
  }
  return err;
}

static err_t
decode_at (verify_t *v, uint64_t lsn, update_t *out)
{
  log_entry_t e;
  err_t err = ledger_log_get (v->l, v->txn, lsn, &e);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  err = update_decode (log_entry_state (&e), v->arena, out, NULL);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

/* Its update must be readable and have the entry's number. */
static err_t
check_update (verify_t *v, uint64_t lsn, const log_entry_t *e, bool *fine)
{
  update_t u;
  *fine = true;
  if (e->verdict == VERDICT_REFUSED)
    return ERR_OK;
  arena_reset (v->arena);
  err_t err = update_decode (e->bytes, v->arena, &u, NULL);
  if (err == ERR_NOMEM)
    return err;
  *fine = err == ERR_OK && store_id_eq (u.version.store, e->stream) && u.version.seq == e->seq;
  if (*fine)
    return ERR_OK;
  verify_found_at (
      v, "log", lsn,
      L ("nội dung thay đổi không đọc được hoặc sai số", "its update cannot be read, or has another number"));
  v->unsure = true;
  return ERR_OK;
}

/* Carries a record's new state into the replay. */
static err_t
replay (verify_t *v, uint64_t lsn, const log_entry_t *e)
{
  update_t u, before;
  uint8_t key[MAP_KEY];
  if (!log_entry_changes (e))
    return ERR_OK;
  arena_reset (v->arena);
  err_t err = update_decode (log_entry_state (e), v->arena, &u, NULL);
  if (err == ERR_NOMEM)
    return err;
  if (err != ERR_OK) {
    verify_found_at (v, "log", lsn,
                     L ("trạng thái ghép được không đọc được", "the state it resulted in cannot be read"));
    v->unsure = true;
    return ERR_OK;
  }
  verify_record_key ((record_ref_t){u.home, u.id}, key);
  map_slot_t *slot = map_at (&v->records, key);
  if (slot == NULL)
    return ERR_NOMEM;
  if (slot->last != e->previous_lsn && v->lost == 0)
    verify_found_at (
        v, "log", lsn,
        L ("không nối vào phiên bản trước của bản ghi", "it does not follow its record's version before"));
  uint64_t previous = slot->last;
  slot->last = lsn;
  if (v->rows_walked) {
    buf_put (&v->touched, key, sizeof key);
    if (!buf_ok (&v->touched))
      return ERR_NOMEM;
  }
  if (previous != 0) {
    err = decode_at (v, previous, &before);
    if (err == ERR_OK)
      err = recount_add (v->recount, &before.record, before.operation == OP_WITHDRAW, -1);
    if (err == ERR_DAMAGED)
      v->unsure = true; /* named; totals are then not compared with the log */
    else if (err != ERR_OK && err != ERR_OVERFLOW)
      return err;
    arena_reset (v->arena);
    err = update_decode (log_entry_state (e), v->arena, &u, NULL);
    if (err != ERR_OK)
      return err == ERR_NOMEM ? err : ERR_DAMAGED;
  }
  err = recount_add (v->recount, &u.record, u.operation == OP_WITHDRAW, 1);
  if (err != ERR_OVERFLOW)
    return err;
  v->unsure = true;
  verify_found_at (v, "log", lsn,
                   L ("số tiền quá lớn, không cộng được", "its amounts are too large to be added up"));
  return ERR_OK;
}

/* The next entry there is, or the one behind the end. */
static err_t
next_entry (verify_t *v, uint64_t lsn, uint64_t *next)
{
  uint8_t key[8];
  kv_cursor_t *c = NULL;
  str_t found, value;
  *next = v->end.lsn + 1;
  err_t err = kv_cursor_open (v->txn, DB_LOG, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek (c, key_u64 (key, lsn + 1), &found, &value);
  if (err == ERR_OK && key_read_u64 (found, 0) > lsn && key_read_u64 (found, 0) <= v->end.lsn)
    *next = key_read_u64 (found, 0);
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
missing_entries (verify_t *v, uint64_t lsn)
{
  char what[128];
  err_t err = next_entry (v, lsn, &v->next);
  if (err != ERR_OK)
    return err;
  v->lost += v->next - lsn;
  snprintf (what, sizeof what,
            L ("thiếu %llu mục nhật ký từ đây", "%llu log entries are missing from here on"),
            (unsigned long long)(v->next - lsn));
  verify_found_at (v, "log", lsn, what);
  return ERR_OK;
}

/* Reads the entry at v->next and moves behind it. */
static err_t
check_entry (verify_t *v)
{
  uint8_t key[8];
  str_t body;
  log_entry_t e;
  bool fine = false;
  uint64_t lsn = v->next++;
  err_t err = val_get (v->txn, DB_LOG, key_u64 (key, lsn), &body);
  if (err == ERR_OK && !log_entry_decode (body, &e))
    err = ERR_DAMAGED;
  if (err == ERR_DAMAGED || err == ERR_NOT_FOUND) {
    v->unsure = true;
    v->seal_known = false;
    if (err == ERR_NOT_FOUND)
      return missing_entries (v, lsn);
    v->lost++;
    verify_found_at (v, "log", lsn, verify_unreadable ());
    return ERR_OK;
  }
  if (err != ERR_OK)
    return err;
  v->counts->entries++;
  check_seal (v, lsn, body, &e);
  err = check_chain (v, lsn, &e);
  if (err == ERR_OK)
    err = check_sent_down (v, lsn, &e);
  if (err == ERR_OK)
    err = verify_told (v, lsn, &e);
  if (err == ERR_OK)
    err = check_update (v, lsn, &e, &fine);
  if (err == ERR_OK && fine)
    err = verify_verdict (v, lsn, &e);
  return err == ERR_OK && fine ? replay (v, lsn, &e) : err;
}

/* The log's end; where that is damaged (named with meta) the log itself says where it ends. */
static err_t
find_end (verify_t *v)
{
  err_t err = ledger_end (v->l, v->txn, &v->end, &v->end_seal);
  v->end_known = err == ERR_OK;
  if (err != ERR_DAMAGED)
    return err;
  kv_cursor_t *c = NULL;
  str_t key, value;
  v->end = (position_t){v->l->epoch, 0};
  err = kv_cursor_open (v->txn, DB_LOG, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek_last (c, STR (""), &key, &value);
  if (err == ERR_OK)
    v->end.lsn = key_read_u64 (key, 0);
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
verify_log (verify_t *v, uint64_t limit, bool *over)
{
  err_t err = find_end (v);
  while (err == ERR_OK && v->next <= v->end.lsn && limit-- > 0)
    err = check_entry (v);
  *over = err == ERR_OK && v->next > v->end.lsn;
  return err;
}

err_t
verify_log_end (verify_t *v)
{
  kv_cursor_t *c = NULL;
  str_t key, value;
  if (v->end_known && v->seal_known && !hash_eq (v->seal, v->end_seal))
    verify_found_at (v, "chain", v->end.lsn,
                     L ("dấu niêm cuối không khớp", "the seal of the log's end does not fit"));
  err_t err = kv_cursor_open (v->txn, DB_LOG, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek_last (c, STR (""), &key, &value);
  if (err == ERR_OK && key_read_u64 (key, 0) > v->end.lsn)
    verify_found_at (v, "log", key_read_u64 (key, 0),
                     L ("nằm sau cuối nhật ký", "lies behind the log's end"));
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}
