/* conflicts.c - parked sides: where they are kept, what they say beside what stands, and how people settle
 * them.
 *
 * A side that is decided goes to conflict_past, with the place that decided it: so the number that stood at a
 * place of the log is known as long as the log is, and a record's history has its parked sides for ever. */
#include "collector/ledger/conflicts.h"
#include "collector/ledger/state.h"

#include "common/base/lang.h"
#include "common/core/edit.h"
#include "common/core/validate.h"
#include "common/text/utf8.h"
#include "common/wire/update_wire.h"

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
  if (out->parked.record.kind != out->current.record.kind ||
      (out->based && out->base.record.kind != out->current.record.kind))
    return ERR_DAMAGED;
  return merge3 (out->based ? &out->base : NULL, &out->current, &out->parked, prefer, arena, &out->merged);
}

/* ---- settling ---- */

typedef struct {
  ledger_t *l;
  turn_t t;
  const resolve_t *r;
  arena_t *arena;
  record_ref_t ref;
  row_t row;
  update_t before, result;
  conflict_t side[SETTLES_MAX];
  uint32_t sides;
  version_t settles[SETTLES_MAX];
  str_t taken[SETTLES_MAX * CLASHES_MAX]; /* clashes decided for a parked side */
  size_t taken_n;
  fail_t *fail;
} settling_t;

static err_t
note_side (void *ctx, const conflict_t *c)
{
  settling_t *s = ctx;
  if (s->sides == SETTLES_MAX)
    return ERR_END;
  s->settles[s->sides] = c->version;
  s->side[s->sides++] = *c;
  return ERR_OK;
}

static err_t
find_record (settling_t *s)
{
  ledger_t *l = s->l;
  const str_t name = s->r->record;
  err_t err = ledger_find (l, s->t.txn, name, KIND_NONE, &s->ref);
  if (err == ERR_INPUT)
    return fail_set (s->fail, err,
                     L ("nhiều loại bản ghi có mã “%.*s”; hãy ghi id của bản ghi",
                        "more than one kind of record has the code \"%.*s\"; give the record's id"),
                     STR_ARG (name));
  if (err == ERR_NOT_FOUND)
    return fail_set (s->fail, ERR_INPUT,
                     L ("không có bản ghi “%.*s”; xem kc-collector conflicts DIR",
                        "there is no record \"%.*s\"; see kc-collector conflicts DIR"),
                     STR_ARG (name));
  if (err == ERR_OK)
    err = book_get (l->book, s->t.txn, s->ref, &s->row);
  if (err == ERR_OK)
    err = conflicts_each (s->t.txn, &s->ref.id, note_side, s);
  if (err == ERR_OK && s->sides == 0)
    return fail_set (s->fail, ERR_INPUT,
                     L ("bản ghi “%.*s” không có xung đột nào; xem kc-collector conflicts DIR",
                        "record \"%.*s\" has no conflict; see kc-collector conflicts DIR"),
                     STR_ARG (name));
  if (err != ERR_OK)
    return err;
  s->row.bytes = arena_str (s->arena, s->row.bytes);
  err = s->row.bytes.p != NULL ? update_decode (s->row.bytes, s->arena, &s->before, NULL) : ERR_NOMEM;
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

/* Two parked sides that both changed a field: which of them is meant? */
static err_t
note_taken (settling_t *s, const merged_t *m)
{
  for (size_t i = 0; i < m->clashes_n; i++) {
    for (size_t k = 0; k < s->taken_n; k++)
      if (str_eq (s->taken[k], m->clashes[i]))
        return fail_set (s->fail, ERR_INPUT,
                         L ("có hai bên đang chờ cùng sửa “%.*s”; hãy ghi giá trị: %.*s=…",
                            "two parked sides changed \"%.*s\"; give the value: %.*s=…"),
                         STR_ARG (m->clashes[i]), STR_ARG (m->clashes[i]));
    s->taken[s->taken_n++] = m->clashes[i];
  }
  return ERR_OK;
}

/* Side after side into the result; what only one side changed comes in either way. */
static err_t
merge_sides (settling_t *s)
{
  const bool parked = s->r->how == RESOLVE_PARKED;
  err_t err = ERR_OK;
  s->result = s->before;
  for (uint32_t i = 0; i < s->sides && err == ERR_OK; i++) {
    conflict_sides_t of;
    merged_t m;
    err = conflict_sides (s->l, s->t.txn, &s->side[i], MERGE_FIRST, s->arena, &of);
    if (err == ERR_OK)
      err = merge3 (of.based ? &of.base : NULL, &s->result, &of.parked, parked ? MERGE_SECOND : MERGE_FIRST,
                    s->arena, &m);
    if (err == ERR_OK && parked)
      err = note_taken (s, &m);
    if (err != ERR_OK)
      break;
    s->result.operation = m.operation;
    s->result.record = m.record;
    s->result.unknown = m.unknown;
  }
  return err;
}

static err_t
say_reason (settling_t *s, const reasons_t *found)
{
  const reason_t *why = reasons_hard (found);
  buf_t text = BUF_INIT;
  if (why == NULL)
    return ERR_OK;
  reason_words (why, &text);
  fail_set (s->fail, ERR_INPUT, "%s", buf_z (&text));
  buf_free (&text);
  return ERR_INPUT;
}

static err_t
edit_cells (settling_t *s, const columns_t *cs)
{
  const catalogue_t *c = s->l->catalogue;
  cell_t cells[CSV_COLUMNS_MAX];
  edit_options_t o = {.locale = NUMBER_PLAIN, .comment = s->r->reason};
  reasons_t found = {.arena = s->arena};
  record_t after;
  for (size_t i = 0; i < s->r->cells_n; i++) {
    str_t cell = s->r->cells[i];
    const char *equals = memchr (cell.p, '=', cell.n);
    if (equals == NULL || i == CSV_COLUMNS_MAX)
      return fail_set (s->fail, ERR_USAGE,
                       L ("“%.*s” không phải current, parked hay cột=giá trị",
                          "\"%.*s\" is none of current, parked, column=value"),
                       STR_ARG (cell));
    const size_t n = (size_t)(equals - cell.p);
    cells[i] = (cell_t){columns_find (cs, (str_t){cell.p, n}), {equals + 1, cell.n - n - 1}};
    if (cells[i].column < 0)
      return fail_set (s->fail, ERR_INPUT,
                       L ("không có cột “%.*s”; hãy dùng tên cột như trong tệp nhập",
                          "there is no column \"%.*s\"; use names as in import files"),
                       (int)n, cell.p);
  }
  if (!edit_apply (cs, c, &o, &s->result.record, cells, s->r->cells_n, s->arena, &after, &found))
    return say_reason (s, &found);
  s->result.record = after;
  return ERR_OK;
}

static err_t
judge_result (settling_t *s)
{
  ledger_t *l = s->l;
  reasons_t found = {.arena = s->arena};
  const locks_t *locks;
  (void)validate (l->catalogue, &s->before.record, &s->result.record, s->r->reason, 0, &found);
  err_t err = say_reason (s, &found);
  if (err == ERR_OK)
    err = period_locks (l, s->t.txn, &locks);
  if (err != ERR_OK || locks_count (locks) == 0)
    return err;
  const unit_id_t unit = record_office (&s->before.record);
  const lock_row_t *by = locks_holding (locks, l->catalogue, &s->before.record, unit, s->t.now, NULL);
  if (by == NULL)
    by = locks_holding (locks, l->catalogue, &s->result.record, unit, s->t.now, NULL);
  if (by == NULL)
    return ERR_OK;
  return fail_set (
      s->fail, ERR_INPUT,
      L ("kỳ %.*s đang khóa với bản ghi này; hãy mở khóa bằng kc-collector unlock, rồi làm lại",
         "period %.*s is locked for this record; unlock it with kc-collector unlock, then settle "
         "it again"),
      STR_ARG (by->period));
}

static err_t
write_decision (settling_t *s, unit_id_t unit)
{
  ledger_t *l = s->l;
  buf_t key = BUF_INIT;
  decision_t d = {.type = DECISION_SETTLED};
  record_key_text (&s->before.record, l->catalogue, &key);
  d.u.settled.record = s->ref.id;
  d.u.settled.home = s->ref.home;
  d.u.settled.kind = s->before.record.kind;
  d.u.settled.key = buf_str (&key);
  d.u.settled.reason = s->r->reason;
  d.u.settled.resulting = s->result.bytes;
  d.u.settled.settles = s->settles;
  d.u.settled.settles_n = s->sides;
  err_t err = buf_ok (&key)
                  ? centre_append_state (l, &s->t, unit, &d, s->r->person, s->result.bytes, s->row.at)
                  : ERR_NOMEM;
  for (uint32_t i = 0; i < s->sides && err == ERR_OK; i++)
    err = conflict_decide (s->t.txn, s->ref.id, s->side[i].lsn, s->t.lsn);
  buf_free (&key);
  return err;
}

static err_t
write_result (settling_t *s)
{
  ledger_t *l = s->l;
  update_t *u = &s->result;
  const unit_id_t unit = record_office (&s->before.record);
  u->id = s->ref.id;
  u->home = s->ref.home;
  u->base = s->row.version;
  u->settles = s->settles;
  u->settles_n = s->sides;
  u->person = s->r->person;
  u->comment = s->r->reason;
  u->agent_time = s->t.now;
  err_t err = centre_next (l, &s->t, unit, &u->version);
  buf_clear (&l->resulting);
  if (err == ERR_OK && !update_encode (u, &l->resulting))
    err = ERR_NOMEM;
  u->bytes = buf_str (&l->resulting);
  if (err == ERR_OK)
    err = book_apply (l->book, s->t.txn, &s->row, &s->before.record, u, s->t.lsn + 1, s->t.now);
  if (err == ERR_OVERFLOW)
    return fail_set (s->fail, ERR_INPUT,
                     L ("tổng sẽ vượt quá giới hạn số nguyên 64 bit", "a total would overflow 64 bits"));
  if (err == ERR_OK)
    err = write_decision (s, unit);
  if (err == ERR_TOO_BIG)
    return fail_set (s->fail, ERR_INPUT,
                     L ("bản ghi quá lớn để trung tâm gửi xuống; hãy để đơn vị giải quyết trên máy của mình",
                        "the record is too large for the centre to send down; let the office settle it"));
  return err;
}

static err_t
resolve_in_turn (settling_t *s)
{
  err_t err = find_record (s);
  if (err == ERR_OK)
    err = merge_sides (s);
  if (err == ERR_OK && s->r->how == RESOLVE_VALUES) {
    columns_t *cs = columns_new (s->before.record.kind, s->l->catalogue);
    err = cs != NULL ? edit_cells (s, cs) : ERR_NOMEM;
    columns_destroy (&cs);
  }
  if (err == ERR_OK)
    err = judge_result (s);
  return err == ERR_OK ? write_result (s) : err;
}

err_t
conflicts_resolve (ledger_t *l, const resolve_t *r, wall_t now, size_t *settled, fail_t *fail)
{
  settling_t *s = NULL;
  arena_t *arena = NULL;
  *settled = 0;
  if (utf8_blank (r->reason))
    return fail_set (fail, ERR_USAGE,
                     L ("giải quyết xung đột phải nói vì sao: --reason “…”",
                        "settling a conflict needs a reason: --reason \"…\""));
  err_t err = centre_comment_check (r->reason, fail);
  if (err != ERR_OK)
    return err;
  arena = arena_new ((size_t)(2 + 4 * SETTLES_MAX) * UPDATE_ROOM);
  s = arena != NULL ? arena_alloc (arena, sizeof *s) : NULL;
  if (s == NULL) {
    err = ERR_NOMEM;
    goto done;
  }
  s->l = l;
  s->r = r;
  s->arena = arena;
  s->fail = fail;
  err = turn_begin (l, now, &s->t);
  if (err != ERR_OK)
    goto done;
  err = turn_end (l, &s->t, resolve_in_turn (s));
  if (err == ERR_OK)
    *settled = s->sides;
done:
  arena_destroy (&arena);
  return ledger_said (fail, err);
}
