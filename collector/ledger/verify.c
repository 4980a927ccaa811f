/* verify.c - the walk over the log, and what the records must be after it.
 *
 * The log is read in slices, each a short transaction of its own, so that a store being written does not
 * grow behind a long reader; entries never change, so slices fit together. The last slice goes on, in
 * the same transaction, to the tables beside the log: they are compared at one position.
 *
 * Replay obeys the verdicts recorded in the entries and judges nothing again: rules made stricter since
 * do not make an old total wrong (DESIGN 3). An entry that cannot be read is named and passed; what
 * hangs on it (seal and chain of the next ones, the replay of its record) is taken up again behind it,
 * so that one damaged value gives one finding and not a thousand. */
#include "collector/ledger/verify_private.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

#define SLICE_ENTRIES 20000u
#define DECODE_BUDGET ((size_t)UPDATE_MAX * (UNPACK_BUDGET_PER_BYTE + 2u) * 2u)

/* ---- findings ---- */

void
verify_found (verify_t *v, const char *thing, const char *what)
{
  v->counts->findings++;
  v->fn (v->ctx, thing, buf_str (&v->name), what);
}

void
verify_found_at (verify_t *v, const char *thing, uint64_t lsn, const char *what)
{
  char text[POSITION_TEXT_MAX];
  position_format ((position_t){v->l->epoch, lsn}, text);
  buf_clear (&v->name);
  buf_puts (&v->name, text);
  verify_found (v, thing, what);
}

const char *
verify_unreadable (void)
{
  return L ("không đọc được (sai tổng kiểm tra); hãy phục hồi từ bản sao lưu",
            "cannot be read (wrong checksum); restore it from a backup");
}

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
  while (slot[i].value != 0 && memcmp (slot[i].key, key, MAP_KEY) != 0)
    i = (i + 1) & (cap - 1);
  return &slot[i];
}

/* A slot is taken by setting its value, which callers do at once; n counts what was handed out empty. */
uint64_t *
map_at (map_t *m, const uint8_t key[MAP_KEY])
{
  if ((m->n + 1) * 2 > m->cap) {
    size_t cap = m->cap == 0 ? 256 : m->cap * 2;
    map_slot_t *slot = calloc (cap, sizeof *slot);
    if (slot == NULL)
      return NULL;
    for (size_t i = 0; i < m->cap; i++)
      if (m->slot[i].value != 0)
        *map_find (slot, cap, m->slot[i].key) = m->slot[i];
    free (m->slot);
    m->slot = slot;
    m->cap = cap;
  }
  map_slot_t *s = map_find (m->slot, m->cap, key);
  if (s->value == 0) {
    memcpy (s->key, key, MAP_KEY);
    m->n++;
  }
  return &s->value;
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
  uint64_t *index = map_at (&v->streams, key);
  if (index == NULL)
    return NULL;
  if (*index != 0)
    return &v->stream[*index - 1];
  if (v->streams_n == v->streams_cap) {
    size_t cap = v->streams_cap == 0 ? 64 : v->streams_cap * 2;
    seen_stream_t *grown = realloc (v->stream, cap * sizeof *grown);
    if (grown == NULL)
      return NULL;
    v->stream = grown;
    v->streams_cap = cap;
  }
  seen_stream_t *s = &v->stream[v->streams_n++];
  *s = (seen_stream_t){.id = id, .known = true};
  s->chain = chain_start (id, (store_id_t){{0}}, 0, (hash_t){{0}});
  *index = v->streams_n;
  return s;
}

/* ---- one entry ---- */

static err_t
check_seal (verify_t *v, uint64_t lsn, str_t body, const log_entry_t *e)
{
  hash_t seal = seal_next (v->seal, log_entry_sealed (body));
  if (v->seal_known && !hash_eq (seal, e->seal))
    verify_found_at (v, "chain", lsn,
                     L ("dấu niêm của nhật ký không khớp với các mục trước nó",
                        "the log's seal does not fit the entries before it"));
  v->seal = e->seal;
  v->seal_known = true;
  return ERR_OK;
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
  if (s->centre)
    v->centre_entries++;
  return ERR_OK;
}

static err_t
decode_at (verify_t *v, uint64_t lsn, update_t *out)
{
  log_entry_t e;
  err_t err = ledger_log_get (v->l, v->txn, lsn, &e);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  err = update_decode (e.bytes, v->arena, out, NULL);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

/* Carries an accepted update into the replay. */
static err_t
replay (verify_t *v, uint64_t lsn, const log_entry_t *e)
{
  update_t u, before;
  uint8_t key[MAP_KEY], home[4];
  if (e->verdict == VERDICT_REFUSED)
    return ERR_OK;
  arena_reset (v->arena);
  err_t err = update_decode (e->bytes, v->arena, &u, NULL);
  if (err == ERR_NOMEM)
    return err;
  if (err != ERR_OK || !store_id_eq (u.version.store, e->stream) || u.version.seq != e->seq) {
    verify_found_at (v, "log", lsn,
                     L ("nội dung thay đổi không đọc được hoặc sai số",
                        "its update cannot be read, or has another number"));
    return ERR_OK;
  }
  if (e->serial == 0)
    return ERR_OK;
  memcpy (key, key_u32 (home, u.home).p, 4);
  memcpy (key + 4, u.id.b, 16);
  uint64_t *last = map_at (&v->records, key);
  if (last == NULL)
    return ERR_NOMEM;
  if (*last != e->previous_lsn && v->lost == 0)
    verify_found_at (
        v, "log", lsn,
        L ("không nối vào phiên bản trước của bản ghi", "it does not follow its record's version before"));
  uint64_t previous = *last;
  *last = lsn;
  if (previous == 0)
    v->live_records++;
  if (previous != 0) {
    err = decode_at (v, previous, &before);
    if (err == ERR_DAMAGED)
      return ERR_OK; /* named; totals are then not compared with the log */
    if (err == ERR_OK)
      err = recount_add (v->recount, &before.record, before.operation == OP_WITHDRAW, -1);
    if (err != ERR_OK)
      return err;
  }
  return recount_add (v->recount, &u.record, u.operation == OP_WITHDRAW, 1);
}

static err_t
check_entry (verify_t *v, uint64_t lsn)
{
  uint8_t key[8];
  str_t body;
  log_entry_t e;
  err_t err = val_get (v->txn, DB_LOG, key_u64 (key, lsn), &body);
  if (err == ERR_OK && !log_entry_decode (body, &e))
    err = ERR_DAMAGED;
  if (err == ERR_DAMAGED || err == ERR_NOT_FOUND) {
    v->lost++;
    v->seal_known = false;
    verify_found_at (v, "log", lsn,
                     err == ERR_DAMAGED ? verify_unreadable ()
                                        : L ("thiếu mục nhật ký này", "this log entry is missing"));
    return ERR_OK;
  }
  if (err != ERR_OK)
    return err;
  v->counts->entries++;
  err = check_seal (v, lsn, body, &e);
  if (err == ERR_OK)
    err = check_chain (v, lsn, &e);
  return err == ERR_OK ? replay (v, lsn, &e) : err;
}

/* ---- records against the replay ---- */

static err_t
check_record (void *ctx, err_t err, const row_t *row)
{
  verify_t *v = ctx;
  uint8_t key[MAP_KEY], home[4];
  log_entry_t e;
  v->counts->records++;
  if (err == ERR_DAMAGED)
    return ERR_OK; /* the book names it */
  if (err != ERR_OK)
    return err;
  memcpy (key, key_u32 (home, row->ref.home).p, 4);
  memcpy (key + 4, row->ref.id.b, 16);
  uint64_t *last = map_at (&v->records, key);
  if (last == NULL)
    return ERR_NOMEM;
  uint64_t at = *last;
  *last = UINT64_MAX;
  bool fits = at == row->at;
  err = fits ? ledger_log_get (v->l, v->txn, at, &e) : ERR_OK;
  if (err == ERR_DAMAGED || (err == ERR_OK && !fits && v->lost > 0))
    return ERR_OK;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  fits = fits && err == ERR_OK && str_eq (e.bytes, row->bytes) &&
         store_id_eq (e.stream, row->version.store) && e.seq == row->version.seq;
  if (fits)
    return ERR_OK;
  update_t u;
  buf_t natural = BUF_INIT;
  arena_reset (v->arena);
  buf_clear (&v->name);
  if (update_decode (row->bytes, v->arena, &u, NULL) == ERR_OK && record_key (&u.record, &natural))
    book_key_text (u.record.kind, buf_str (&natural), ledger_catalogue (v->l), &v->name);
  buf_free (&natural);
  verify_found (
      v, "record",
      L ("bản ghi không phải kết quả chạy lại nhật ký", "the record is not what a replay of the log gives"));
  return ERR_OK;
}

static err_t
check_missing_records (verify_t *v)
{
  if (v->lost > 0)
    return ERR_OK;
  for (size_t i = 0; i < v->records.cap; i++) {
    map_slot_t *s = &v->records.slot[i];
    update_t u;
    if (s->value == 0 || s->value == UINT64_MAX)
      continue;
    row_t row;
    record_ref_t ref;
    rd_t r = rd_of (s->key, 4);
    ref.home = rd_u32 (&r);
    memcpy (ref.id.b, s->key + 4, 16);
    if (book_get (v->l->book, v->txn, ref, &row) == ERR_DAMAGED)
      continue;
    buf_t natural = BUF_INIT;
    arena_reset (v->arena);
    buf_clear (&v->name);
    err_t err = decode_at (v, s->value, &u);
    if (err == ERR_OK && record_key (&u.record, &natural))
      book_key_text (u.record.kind, buf_str (&natural), ledger_catalogue (v->l), &v->name);
    buf_free (&natural);
    if (err != ERR_OK && err != ERR_DAMAGED)
      return err;
    verify_found (
        v, "record",
        L ("nhật ký có bản ghi này nhưng kho không có", "the log has this record, the store has not"));
  }
  return ERR_OK;
}

/* ---- totals against the log ---- */

static void
total_missing (void *ctx, str_t key, const int64_t m[MEASURES_MAX])
{
  verify_t *v = ctx;
  (void)m;
  buf_clear (&v->name);
  buf_printf (&v->name, L ("ô số %u", "cell of grouping %u"), key.n > 0 ? (unsigned)(uint8_t)key.p[0] : 0u);
  verify_found (v, "total", L ("thiếu so với đếm lại từ nhật ký", "missing against a recount of the log"));
}

static void
name_cell (verify_t *v, str_t key)
{
  const grouping_t *g;
  atom_t a;
  memset (&a, 0, sizeof a);
  buf_clear (&v->name);
  if (!cell_key_decode (key, &g, &a)) {
    buf_puts (&v->name, "?");
    return;
  }
  char years[12];
  span_format (a.year, years);
  const unit_t *unit = v->l->catalogue != NULL ? catalogue_unit (v->l->catalogue, a.district) : NULL;
  if ((g->dims & DIM_BIT (DIM_YEAR)) != 0)
    buf_printf (&v->name, "year=%s ", years);
  if ((g->dims & DIM_BIT (DIM_DISTRICT)) != 0 && unit != NULL)
    buf_printf (&v->name, "district=%.*s ", STR_ARG (unit->code));
  if (a.item.p != NULL)
    buf_printf (&v->name, "item=%.*s ", STR_ARG (a.item));
  if (a.indicator.p != NULL)
    buf_printf (&v->name, "indicator=%.*s ", STR_ARG (a.indicator));
  if ((g->dims & DIM_BIT (DIM_SOURCE)) != 0)
    buf_printf (&v->name, "source=%u ", (unsigned)a.source);
  if ((g->dims & DIM_BIT (DIM_STATUS)) != 0 && status_name (a.status) != NULL)
    buf_printf (&v->name, "status=%s ", status_name (a.status));
  if (v->name.n > 0)
    v->name.n--;
}

static err_t
check_totals (verify_t *v)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  if (v->lost > 0)
    return ERR_OK; /* part of the log is unknown: records alone say what totals should be */
  err_t err = kv_cursor_open (v->txn, DB_TOTAL, &c);
  if (err != ERR_OK)
    return err;
  for (err = kv_seek (c, STR ("\0"), &key, &stored); err == ERR_OK; err = kv_next (c, &key, &stored)) {
    int64_t m[MEASURES_MAX], ours[MEASURES_MAX];
    memset (m, 0, sizeof m);
    bool readable = val_open (DB_TOTAL, key, stored, &body) == ERR_OK;
    rd_t r = rd_of (readable ? body.p : NULL, readable ? body.n : 0);
    for (size_t i = 0; readable && i < MEASURES_MAX; i++)
      m[i] = rd_i64 (&r);
    bool fits = recount_check (v->recount, key, m, ours);
    if (!readable || fits)
      continue; /* a damaged one is named by the book */
    name_cell (v, key);
    verify_found (v, "total", L ("khác với đếm lại từ nhật ký", "differs from a recount of the log"));
  }
  kv_cursor_close (&c);
  if (err == ERR_NOT_FOUND)
    (void)recount_missing (v->recount, total_missing, v);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- the whole ---- */

static void
book_found (void *ctx, const char *thing, str_t name, const char *what)
{
  verify_t *v = ctx;
  v->counts->findings++;
  v->fn (v->ctx, thing, name, what);
}

static err_t
check_end (verify_t *v, position_t end, hash_t seal)
{
  kv_cursor_t *c = NULL;
  str_t key, value;
  if (v->seal_known && !hash_eq (v->seal, seal))
    verify_found_at (v, "chain", end.lsn,
                     L ("dấu niêm cuối không khớp", "the seal of the log's end does not fit"));
  err_t err = kv_cursor_open (v->txn, DB_LOG, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek_last (c, STR (""), &key, &value);
  if (err == ERR_OK && key_read_u64 (key, 0) > end.lsn)
    verify_found_at (v, "log", key_read_u64 (key, 0),
                     L ("nằm sau cuối nhật ký", "lies behind the log's end"));
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Everything beside the log, in the transaction that saw its end. */
static err_t
check_tables (verify_t *v, position_t end, hash_t seal)
{
  uint64_t n = 0;
  err_t err = check_end (v, end, seal);
  if (err == ERR_OK)
    err = verify_cursors (v);
  if (err == ERR_OK)
    err = verify_runs (v);
  if (err == ERR_OK)
    err = verify_heads (v);
  if (err == ERR_OK)
    err = verify_down (v);
  if (err == ERR_OK)
    err = verify_refused (v);
  if (err == ERR_OK)
    err = verify_rows (v);
  if (err == ERR_OK)
    err = book_each (v->l->book, v->txn, 0, check_record, v);
  if (err == ERR_OK)
    err = check_missing_records (v);
  if (err == ERR_OK)
    err = check_totals (v);
  if (err == ERR_OK)
    err = book_verify (v->l->book, v->txn, v->l->catalogue, book_found, v, &n);
  return err;
}

/* One slice. *over: it reached the log's end and went through the tables. */
static err_t
slice (verify_t *v, bool *over)
{
  position_t end = {0};
  hash_t seal = {{0}};
  err_t err = kv_begin (ledger_kv (v->l), false, &v->txn);
  if (err != ERR_OK)
    return err;
  err = ledger_end (v->l, v->txn, &end, &seal);
  bool end_known = err == ERR_OK;
  if (err == ERR_DAMAGED) { /* named with meta; the log itself says where it ends */
    kv_cursor_t *c = NULL;
    str_t key, value;
    err = kv_cursor_open (v->txn, DB_LOG, &c);
    if (err == ERR_OK && kv_seek_last (c, STR (""), &key, &value) == ERR_OK)
      end = (position_t){v->l->epoch, key_read_u64 (key, 0)};
    kv_cursor_close (&c);
  }
  uint64_t stop = v->next + SLICE_ENTRIES;
  while (err == ERR_OK && v->next <= end.lsn && v->next < stop)
    err = check_entry (v, v->next++);
  *over = err == ERR_OK && v->next > end.lsn;
  if (*over) {
    v->counts->at = end;
    err = check_tables (v, end, end_known ? seal : v->seal);
  }
  if (v->progress != NULL)
    v->progress (v->ctx, v->next - 1, end.lsn);
  kv_abort (&v->txn);
  return err;
}

err_t
verify_run (ledger_t *l, verify_finding_fn *fn, verify_progress_fn *progress, void *ctx,
            verify_counts_t *counts)
{
  *counts = (verify_counts_t){0};
  verify_t v = {
      .l = l, .fn = fn, .progress = progress, .ctx = ctx, .counts = counts, .next = 1, .seal_known = true};
  bool over = false;
  v.recount = recount_new ();
  v.arena = arena_new (DECODE_BUDGET);
  err_t err = v.recount != NULL && v.arena != NULL ? ERR_OK : ERR_NOMEM;
  while (err == ERR_OK && !over)
    err = slice (&v, &over);
  recount_destroy (&v.recount);
  arena_destroy (&v.arena);
  map_free (&v.streams);
  map_free (&v.records);
  free (v.stream);
  buf_free (&v.name);
  return err;
}
