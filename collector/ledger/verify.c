/* verify.c - the order in which a store is proved, in slices.
 *
 * A long read transaction makes the file of a store that is being written grow, so everything is walked
 * in slices, each a short transaction of its own: log, rows, keys, version index, heads, lists. What
 * stands in a slice is checked against what stands beside it in the same transaction; log entries never
 * change, so what was learned from them fits together across slices.
 *
 * Three values of each total are compared: counted from the log, counted from the rows, and stored. That
 * takes one position. The log is walked on behind the writer, round by round, and each record an entry
 * touches is counted again, until little is left; one last transaction then takes up the rest and
 * compares. Its length does not depend on the number of records.
 *
 * `counted` of a record is the LSN whose bytes the rows' count holds for it: a row seen in a slice may be
 * newer than the log walked so far, or get newer afterwards, and either way the log's next entries
 * lead back to it. In the end it must be the last LSN the log has for the record. */
#include "collector/ledger/verify_private.h"

#include "common/base/lang.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

#define SLICE 10000u
#define HEAD_COST 20u    /* of a head against a row: each takes a signature check */
#define LITTLE 1000u     /* entries left to the last transaction */
#define ROUNDS_MAX 1000u /* of a writer that is faster than we: then the last transaction takes it all */

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
  position_format (ledger_position (v->l, lsn), text);
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

void
verify_record_key (record_ref_t ref, uint8_t out[MAP_KEY])
{
  uint8_t home[4];
  memcpy (out, key_u32 (home, ref.home).p, 4);
  memcpy (out + 4, ref.id.b, 16);
}

/* ---- rows against the log ---- */

static void
name_update (verify_t *v, str_t bytes)
{
  update_t u;
  buf_t natural = BUF_INIT;
  arena_reset (v->arena);
  buf_clear (&v->name);
  if (update_decode (bytes, v->arena, &u, NULL) == ERR_OK && record_key (&u.record, &natural))
    book_key_text (u.record.kind, buf_str (&natural), ledger_catalogue (v->l), &v->name);
  buf_free (&natural);
}

/* A row must be, byte for byte, the entry it names; and where the log was walked that far, that entry must be
 * the record's last. */
static err_t
check_row (verify_t *v, map_slot_t *slot, const row_t *row)
{
  log_entry_t e;
  bool walked = row->at < v->next;
  bool last = !walked || slot->last == row->at;
  slot->counted = row->at;
  err_t err = ledger_log_get (v->l, v->txn, row->at, &e);
  if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_DAMAGED)
    return err;
  if (v->lost > 0 && (err != ERR_OK || !last)) {
    slot->counted = COUNTED_PASSED; /* an entry that is named already */
    return ERR_OK;
  }
  version_t version = {.seq = 0};
  if (err == ERR_OK)
    err = log_entry_version (&e, v->arena, &version);
  if (err == ERR_NOMEM)
    return err;
  if (err == ERR_OK && last && str_eq (log_entry_state (&e), row->bytes) &&
      version_eq (version, row->version) && log_entry_changes (&e))
    return ERR_OK;
  slot->counted = COUNTED_PASSED;
  name_update (v, row->bytes);
  verify_found (
      v, "record",
      L ("bản ghi không phải kết quả chạy lại nhật ký", "the record is not what a replay of the log gives"));
  return ERR_OK;
}

static err_t
seen_row (void *ctx, err_t err, const row_t *row)
{
  verify_t *v = ctx;
  uint8_t key[MAP_KEY];
  v->counts->records++;
  verify_record_key (row->ref, key);
  map_slot_t *slot = map_at (&v->records, key);
  if (slot == NULL)
    return ERR_NOMEM;
  if (err == ERR_OK)
    return check_row (v, slot, row);
  slot->counted = COUNTED_PASSED; /* the book names it */
  return ERR_OK;
}

/* Counts a record again that the log has touched since its row was seen. */
static err_t
count_again (verify_t *v, const uint8_t key[MAP_KEY])
{
  row_t row;
  log_entry_t e = {.bytes = STR_NONE};
  record_ref_t ref;
  rd_t r = rd_of (key, 4);
  ref.home = rd_u32 (&r);
  memcpy (ref.id.b, key + 4, sizeof ref.id.b);
  map_slot_t *slot = map_at (&v->records, key);
  if (slot == NULL)
    return ERR_NOMEM;
  err_t err = slot->counted == COUNTED_PASSED ? ERR_NOT_FOUND : book_get (v->l->book, v->txn, ref, &row);
  if (err == ERR_NOT_FOUND || (err == ERR_OK && row.at == slot->counted))
    return ERR_OK;
  if (err == ERR_DAMAGED) {
    slot->counted = COUNTED_PASSED;
    book_check_unsure (v->check);
    buf_clear (&v->name);
    verify_found (v, "record", verify_unreadable ());
    return ERR_OK;
  }
  if (err != ERR_OK)
    return err;
  if (slot->counted != 0)
    err = ledger_log_get (v->l, v->txn, slot->counted, &e);
  else
    v->counts->records++;
  if (err == ERR_DAMAGED || err == ERR_NOT_FOUND) {
    book_check_unsure (v->check);
    err = ERR_OK;
  }
  if (err == ERR_OK)
    err = book_check_again (v->check, v->txn, log_entry_state (&e), &row);
  return err == ERR_OK ? check_row (v, slot, &row) : err;
}

static err_t
count_touched (verify_t *v)
{
  err_t err = ERR_OK;
  for (size_t at = 0; at < v->touched.n && err == ERR_OK; at += MAP_KEY)
    err = count_again (v, (const uint8_t *)v->touched.p + at);
  buf_clear (&v->touched);
  return err;
}

static err_t
check_missing (verify_t *v)
{
  for (size_t i = 0; i < v->records.cap; i++) {
    const map_slot_t *s = &v->records.slot[i];
    log_entry_t e;
    if (!s->used || s->counted == COUNTED_PASSED || s->counted == s->last)
      continue;
    if (s->counted != 0 && v->lost > 0)
      continue;
    err_t err = ledger_log_get (v->l, v->txn, s->last != 0 ? s->last : s->counted, &e);
    if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_DAMAGED)
      return err;
    name_update (v, err == ERR_OK ? log_entry_state (&e) : STR_NONE);
    verify_found (v, "record",
                  s->counted == 0 ? L ("nhật ký có bản ghi này nhưng kho không có",
                                       "the log has this record, the store has not")
                                  : L ("bản ghi không phải kết quả chạy lại nhật ký",
                                       "the record is not what a replay of the log gives"));
  }
  return ERR_OK;
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
step_log (verify_t *v, bool *over)
{
  err_t err = verify_log (v, v->slice, over);
  if (err == ERR_OK)
    err = count_touched (v);
  return err;
}

static err_t
step_rows (verify_t *v, bool *over)
{
  v->rows_walked = true;
  return book_check_rows (v->check, v->txn, v->slice, seen_row, v, over);
}

static err_t
step_keys (verify_t *v, bool *over)
{
  return book_check_keys (v->check, v->txn, v->slice, over);
}

static err_t
step_runs (verify_t *v, bool *over)
{
  return verify_runs (v, v->slice, over);
}

static err_t
step_heads (verify_t *v, bool *over)
{
  return verify_heads (v, v->slice / HEAD_COST + 1, over);
}

static err_t
step_down (verify_t *v, bool *over)
{
  return verify_down (v, v->slice, over);
}

static err_t
step_refused (verify_t *v, bool *over)
{
  return verify_refused (v, v->slice, over);
}

static err_t
step_audience (verify_t *v, bool *over)
{
  return verify_audience (v, v->slice, over);
}

static err_t
step_conflicts (verify_t *v, bool *over)
{
  return verify_conflicts (v, v->slice, over);
}

static err_t
step_past (verify_t *v, bool *over)
{
  return verify_conflicts_past (v, v->slice, over);
}

static err_t
step_aliases (verify_t *v, bool *over)
{
  return verify_aliases (v, v->slice, over);
}

static err_t
step_runs_since (verify_t *v, bool *over)
{
  return verify_runs_since (v, v->slice, over);
}

static err_t
step_heads_since (verify_t *v, bool *over)
{
  return verify_heads_since (v, v->slice / HEAD_COST + 1, over);
}

/* The last transaction: what came since, and everything that takes one position. */
static err_t
step_end (verify_t *v, bool *over)
{
  bool all;
  *over = true;
  err_t err = verify_log (v, UINT64_MAX, &all);
  if (err == ERR_OK)
    err = count_touched (v);
  if (err == ERR_OK)
    err = verify_log_end (v);
  if (err == ERR_OK)
    err = verify_cursors (v);
  if (err == ERR_OK)
    err = verify_runs_end (v);
  if (err == ERR_OK)
    err = verify_heads_since (v, SIZE_MAX, &all);
  if (err == ERR_OK)
    err = verify_rows (v);
  if (err == ERR_OK)
    err = check_missing (v);
  if (err == ERR_OK)
    err = book_check_totals (v->check, v->txn, v->unsure ? NULL : v->recount);
  v->counts->at = v->end;
  return err;
}

typedef err_t (step_fn) (verify_t *v, bool *over);

/* One kind of step, a transaction each, until it is over. */
static err_t
walk (verify_t *v, step_fn *step)
{
  bool over = false;
  err_t err = ERR_OK;
  while (err == ERR_OK && !over) {
    err = kv_begin (ledger_kv (v->l), false, &v->txn);
    if (err == ERR_OK)
      err = step (v, &over);
    kv_abort (&v->txn);
    if (v->progress != NULL)
      v->progress (v->ctx, v->next - 1 + v->counts->records + v->counts->heads,
                   v->end.lsn + v->records.n + v->counts->heads);
  }
  return err;
}

/* Behind the writer until little is left. */
static err_t
catch_up (verify_t *v)
{
  err_t err = ERR_OK;
  for (unsigned i = 0; i < ROUNDS_MAX && err == ERR_OK; i++) {
    uint64_t from = v->next;
    err = walk (v, step_log);
    if (err == ERR_OK)
      err = walk (v, step_runs_since);
    if (err == ERR_OK)
      err = walk (v, step_heads_since);
    if (v->next - from < LITTLE)
      break;
  }
  return err;
}

/* Databases that a store of an older program is still to be given are not lost. */
static err_t
tables_lost (verify_t *v, uint32_t missing, bool *lost)
{
  kv_txn_t *txn = NULL;
  uint64_t made = TABLES_AT_FIRST;
  err_t err = kv_begin (ledger_kv (v->l), false, &txn);
  if (err == ERR_OK)
    err = meta_get_u64 (txn, DB_META, META_TABLES, &made);
  kv_abort (&txn);
  uint64_t to_come = made < DB_LEDGER_COUNT ? DB_LEDGER_COUNT - made : 0;
  *lost = missing > to_come;
  return err == ERR_NOT_FOUND || err == ERR_DAMAGED ? ERR_OK
                                                    : err; /* what is damaged in meta is named there */
}

/* The pages first: LMDB believes them, and a wrong one may crash it. A table that is not found reads as an
 * empty one, and not every table is needed by another to show that. */
static err_t
check_pages (verify_t *v, bool *fine)
{
  fail_t fail = {0};
  kv_stat_t stat;
  bool lost = false;
  kv_stat (ledger_kv (v->l), &stat);
  err_t err = kv_check_pages (ledger_kv (v->l), &fail);
  *fine = err != ERR_DAMAGED;
  buf_clear (&v->name);
  buf_puts (&v->name, "data.mdb");
  if (!*fine)
    verify_found (v, "store", fail.text);
  else if (err == ERR_OK && stat.missing > 0)
    err = tables_lost (v, stat.missing, &lost);
  if (lost)
    verify_found (v, "store",
                  L ("thiếu bảng của kho; hãy phục hồi từ bản sao lưu",
                     "a table of the store is missing; restore it from a backup"));
  return *fine ? err : ERR_OK;
}

err_t
verify_run (ledger_t *l, verify_finding_fn *fn, verify_progress_fn *progress, void *ctx,
            verify_counts_t *counts)
{
  return verify_run_sliced (l, SLICE, fn, progress, ctx, counts);
}

err_t
verify_run_sliced (ledger_t *l, size_t slice, verify_finding_fn *fn, verify_progress_fn *progress, void *ctx,
                   verify_counts_t *counts)
{
  static step_fn *const steps[] = {step_log,       step_rows, step_keys,    step_runs,
                                   step_heads,     step_down, step_refused, step_audience,
                                   step_conflicts, step_past, step_aliases};
  bool fine = false;
  *counts = (verify_counts_t){0};
  verify_t v = {.l = l,
                .fn = fn,
                .progress = progress,
                .ctx = ctx,
                .counts = counts,
                .slice = slice,
                .next = 1,
                .seal_known = true};
  v.recount = recount_new ();
  v.arena = arena_new (2 * UPDATE_ROOM);
  v.check = book_check_new (l->book, ledger_catalogue (l), book_found, &v);
  err_t err = v.recount != NULL && v.arena != NULL && v.check != NULL ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK)
    err = check_pages (&v, &fine);
  for (size_t i = 0; i < sizeof steps / sizeof steps[0] && err == ERR_OK && fine; i++)
    err = walk (&v, steps[i]);
  if (err == ERR_OK && fine)
    err = catch_up (&v);
  if (err == ERR_OK && fine)
    err = walk (&v, step_end);
  recount_destroy (&v.recount);
  arena_destroy (&v.arena);
  book_check_destroy (&v.check);
  map_free (&v.streams);
  map_free (&v.records);
  free (v.stream);
  buf_free (&v.name);
  buf_free (&v.touched);
  return err;
}
