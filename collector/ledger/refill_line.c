/* refill_line.c - in which order states of a record were made, when they come back in any order.
 *
 * Before the restore a record's states had one line, each made on the one before. So a state whose base is
 * known here, but stands no more, has been followed by what stands, and so has one that what stands was made
 * on, however far back. Where the line leads to what is not here yet, the order within a stream still tells.
 * A state that is in what stands already changes nothing.
 *
 * Where nothing tells, because three or more wrote in turn, a state may be put before one it should stand
 * behind. That shows when what is between comes: whatever was made on a state is noted, and followed from
 * there to the line's end, which then stands again. */
#include "collector/ledger/refill.h"

#include "common/wire/update_wire.h"

#define LINE_HOPS_MAX 1000u

/* ---- rows of DB_VERDICT: what was made on a version; what a version was put in the place of ---- */

typedef enum { LINE_NEXT = 2, LINE_STANDS_FOR = 3 } line_row_t;

static str_t
row_key (version_t v, line_row_t kind, uint8_t out[25])
{
  (void)key_version (out, v.store, v.seq);
  out[24] = (uint8_t)kind;
  return (str_t){(const char *)out, 25};
}

static err_t
row_put (taking_t *k, version_t v, line_row_t kind, version_t to)
{
  uint8_t key[25], value[24];
  return val_put (k->t->txn, DB_VERDICT, row_key (v, kind, key), key_version (value, to.store, to.seq));
}

/* ERR_NOT_FOUND. */
static err_t
row_get (taking_t *k, version_t v, line_row_t kind, version_t *out)
{
  uint8_t key[25];
  str_t body;
  err_t err = val_get (k->t->txn, DB_VERDICT, row_key (v, kind, key), &body);
  if (err == ERR_OK && body.n != 24)
    err = ERR_DAMAGED;
  if (err != ERR_OK)
    return err;
  memcpy (out->store.b, body.p, sizeof out->store.b);
  out->seq = key_read_u64 (body, 16);
  return ERR_OK;
}

/* ---- what comes behind what ---- */

/* Is the state that a version names one that has stood here? */
static err_t
has_stood (taking_t *k, version_t v, bool *out)
{
  log_entry_t e;
  uint64_t lsn;
  *out = false;
  err_t err = ledger_version_lsn (k->l, k->t->txn, v, &lsn);
  if (err == ERR_OK)
    err = ledger_log_get (k->l, k->t->txn, lsn, &e);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  *out = true;
  if (e.serial != 0)
    return ERR_OK;
  /* a merged state stands once the update that was merged is here */
  decision_t d = {.type = DECISION_NONE};
  arena_t *arena = arena_new (2 * UPDATE_ROOM);
  err = arena != NULL ? log_decision (k->l, k->t->txn, lsn, arena, &e, &d) : ERR_NOMEM;
  if (err == ERR_OK && d.type == DECISION_VERDICT) {
    err = ledger_version_lsn (k->l, k->t->txn, d.u.verdict.update, &lsn);
    *out = err == ERR_OK;
  }
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND || err == ERR_MALFORMED ? ERR_OK : err;
}

/* In one stream the smaller number came first, of the centre's as of an author's. */
static bool
is_before (version_t v, version_t of)
{
  return v.seq != 0 && store_id_eq (v.store, of.store) && v.seq < of.seq;
}

/* Was what stands made on this state, however far back? Where its line leads to what is not here, the order
 * within a stream still tells: a state next to one that came before a member of the line came before it, too.
 */
static err_t
stands_on (taking_t *k, version_t top, version_t v, version_t base, bool *out)
{
  arena_t *arena = arena_new (2 * UPDATE_ROOM);
  err_t err = arena != NULL ? ERR_OK : ERR_NOMEM;
  *out = false;
  for (unsigned hops = 0; err == ERR_OK && !*out && top.seq != 0 && hops < LINE_HOPS_MAX; hops++) {
    update_t u;
    *out = version_eq (top, v) || is_before (v, top) || is_before (base, top) ||
           (hops > 0 && version_eq (top, base));
    arena_reset (arena);
    err = *out ? ERR_OK : ledger_version_state (k->l, k->t->txn, top, arena, &u);
    if (err == ERR_OK && !*out)
      top = u.base;
  }
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
refill_made_on (taking_t *k, uint64_t lsn, version_t v, bool *out)
{
  log_entry_t e;
  update_t u;
  arena_t *arena = arena_new (2 * UPDATE_ROOM);
  err_t err = arena != NULL ? ledger_log_get (k->l, k->t->txn, lsn, &e) : ERR_NOMEM;
  *out = false;
  if (err == ERR_OK)
    err = update_decode (e.bytes, arena, &u, NULL);
  for (unsigned hops = 0; err == ERR_OK && u.base.seq != 0 && hops < LINE_HOPS_MAX; hops++) {
    const version_t base = u.base;
    *out = version_eq (base, v);
    if (*out)
      break;
    arena_reset (arena);
    err = ledger_version_state (k->l, k->t->txn, base, arena, &u);
  }
  arena_destroy (&arena);
  return err == ERR_NOMEM || err == ERR_DAMAGED || err == ERR_IO ? err : ERR_OK;
}

/* Does a state come behind what stands of its record, or is it in that already? */
err_t
line_comes_later (taking_t *k, const judged_t *j, version_t v, version_t base, bool *out)
{
  bool before = false;
  version_t stands = j->exists ? j->row.version : (version_t){.seq = 0};
  err_t err = j->exists ? row_get (k, stands, LINE_STANDS_FOR, &stands) : ERR_NOT_FOUND;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  *out = !j->exists || version_eq (base, stands);
  if (*out || base.seq == 0)
    return ERR_OK;
  err = run_flush (k->t->txn, &k->run); /* of this chunk, too */
  if (err == ERR_OK)
    err = has_stood (k, base, &before);
  if (err == ERR_OK && !before)
    err = stands_on (k, stands, v, base, &before);
  *out = !before;
  return err;
}

/* ---- going on where the line is known ---- */

/* The last state that is known to have been made on a version, step by step; the version itself if none was.
 */
static err_t
line_end (taking_t *k, version_t from, version_t *out)
{
  err_t err = ERR_OK;
  *out = from;
  for (unsigned hops = 0; err == ERR_OK && hops < LINE_HOPS_MAX; hops++)
    err = row_get (k, *out, LINE_NEXT, out);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* The state at the line's end stands again, as a new version that everybody is told of. */
static err_t
put_end (taking_t *k, record_ref_t ref, const row_t *row, version_t end)
{
  ledger_t *l = k->l;
  update_t stands, u;
  arena_t *arena = arena_new (3 * UPDATE_ROOM);
  buf_t text = BUF_INIT, resulting = BUF_INIT;
  decision_t d = {.type = DECISION_SETTLED};
  str_t bytes = arena != NULL ? arena_str (arena, row->bytes) : STR_NONE;
  row_t before = *row;
  err_t err = bytes.p != NULL ? update_decode (bytes, arena, &stands, NULL) : ERR_NOMEM;
  before.bytes = bytes;
  if (err == ERR_OK)
    err = ledger_version_state (l, k->t->txn, end, arena, &u);
  if (err == ERR_OK)
    err = centre_next (l, k->t, record_office (&u.record), &u.version);
  u.id = ref.id;
  u.home = ref.home;
  u.base = end;
  u.settles_n = 0;
  if (err == ERR_OK && !update_encode (&u, &resulting))
    err = ERR_NOMEM;
  u.bytes = buf_str (&resulting);
  if (err == ERR_OK)
    err = book_apply (l->book, k->t->txn, &before, &stands.record, &u, k->t->lsn + 1, k->t->now);
  if (err == ERR_OK) {
    judge_key_text (l, &u, &text);
    d.u.settled.record = ref.id;
    d.u.settled.home = ref.home;
    d.u.settled.kind = u.record.kind;
    d.u.settled.key = buf_str (&text);
    d.u.settled.resulting = u.bytes;
    d.u.settled.reason = STR ("như trước khi phục hồi");
    err = centre_append_state (l, k->t, record_office (&u.record), &d, STR_NONE, u.bytes, row->at);
  }
  if (err == ERR_OK)
    err = row_put (k, u.version, LINE_STANDS_FOR, end);
  buf_free (&text);
  buf_free (&resulting);
  arena_destroy (&arena);
  return err == ERR_EXISTS || err == ERR_OVERFLOW || err == ERR_NOT_FOUND || err == ERR_MALFORMED ? ERR_OK
                                                                                                  : err;
}

err_t
line_goes_on (taking_t *k, record_ref_t ref, version_t v, version_t base)
{
  row_t row;
  version_t end;
  err_t err = base.seq != 0 ? row_put (k, base, LINE_NEXT, v) : ERR_OK;
  if (err == ERR_OK)
    err = run_flush (k->t->txn, &k->run);
  if (err == ERR_OK)
    err = book_get (k->l->book, k->t->txn, ref, &row);
  if (err != ERR_OK || !version_eq (row.version, v))
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  err = line_end (k, v, &end);
  return err == ERR_OK && !version_eq (end, v) ? put_end (k, ref, &row, end) : err;
}
