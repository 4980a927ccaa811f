/* snapshot.c - figures and records as of a position, out of the present and the log behind that position.
 *
 * Totals: the running ones of now, less what each record touched since contributes now, plus what it
 * contributed then. A record is met once: at the first entry behind the position, whose previous_lsn leads to
 * the version that stood (or to none), so nothing needs to be remembered of the records met. Refused updates
 * changed nothing; decisions of the centre are no records. Rows: each row of now whose version is behind the
 * position is followed back to the version that stood; rows are never deleted, so none is missing.
 *
 * Costs: totals O(entries since), each_row O(records + entries since), memory one record at a time. */
#include "collector/ledger/snapshot_private.h"
#include "collector/ledger/state.h"

#include "common/core/contribution.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

struct snapshot {
  ledger_t *l;
  kv_txn_t *txn;
  uint64_t lsn, end;
  wall_t at;
  hash_t seal;
  char position_text[POSITION_TEXT_MAX], seal_text[33];
  const catalogue_t *c;
  catalogue_t *own;           /* c, when it is not the ledger's present one */
  book_t *book;               /* a reader's own */
  arena_t *then, *now;        /* one record's two states */
  figures_office_t of_office; /* of the figures asked for last */
};

/* ---- life ---- */

static err_t
load_catalogue (snapshot_t *s, fail_t *fail)
{
  uint32_t version = 0;
  uint64_t present = 0;
  uint8_t key[4];
  str_t file;
  err_t err;
  if (s->lsn == s->end) { /* no need to look for it in the log */
    err = meta_get_u64 (s->txn, DB_META, META_CATALOGUE, &present);
    version = (uint32_t)present;
  } else {
    err = snapshot_catalogue_version (s->l, s->txn, s->lsn, &version);
  }
  if (err != ERR_OK)
    return err;
  s->c = ledger_catalogue (s->l);
  if (version == catalogue_version (s->c))
    return ERR_OK;
  err = val_get (s->txn, DB_CATALOGUE, key_u32 (key, version), &file);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  s->c = s->own = catalogue_parse (file, version, fail);
  return s->c != NULL ? ERR_OK : ERR_DAMAGED;
}

static err_t
open_at (snapshot_t *s, bool now, fail_t *fail)
{
  position_t end;
  log_entry_t e;
  uint64_t named = s->lsn;
  err_t err = ledger_end (s->l, s->txn, &end, NULL);
  if (err == ERR_OK && now)
    err = snapshot_last_of_figures (s->l, s->txn, &named);
  if (err == ERR_OK)
    err = ledger_log_get (s->l, s->txn, named, &e);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  s->end = end.lsn;
  s->seal = e.seal;
  s->at = e.received;
  position_format (ledger_position (s->l, named), s->position_text);
  hex_encode (s->seal.b, 16, s->seal_text);
  return load_catalogue (s, fail);
}

static err_t
open_by (ledger_t *l, kv_txn_t *txn, str_t text, bool period_first, snapshot_t **out, fail_t *fail)
{
  snapshot_t *s = calloc (1, sizeof *s);
  err_t err = s != NULL ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK) {
    s->l = l;
    s->txn = txn;
    s->book = book_new (ledger_book_dbs ());
    s->then = arena_new (DECODE_BUDGET (UPDATE_MAX));
    s->now = arena_new (DECODE_BUDGET (UPDATE_MAX));
    if (s->book == NULL || s->then == NULL || s->now == NULL)
      err = ERR_NOMEM;
  }
  if (err == ERR_OK)
    err = snapshot_place (l, txn, text, period_first, &s->lsn, fail);
  if (err == ERR_OK)
    err = open_at (s, text.p == NULL, fail);
  if (err != ERR_OK) {
    snapshot_close (&s);
    return ledger_said (fail, err);
  }
  *out = s;
  return ERR_OK;
}

err_t
snapshot_open (ledger_t *l, kv_txn_t *txn, str_t as_of, snapshot_t **out, fail_t *fail)
{
  return open_by (l, txn, as_of, false, out, fail);
}

err_t
snapshot_open_since (ledger_t *l, kv_txn_t *txn, str_t since, snapshot_t **out, fail_t *fail)
{
  return open_by (l, txn, since, true, out, fail);
}

void
snapshot_close (snapshot_t **self_p)
{
  snapshot_t *s = *self_p;
  if (s == NULL)
    return;
  *self_p = NULL;
  catalogue_destroy (&s->own);
  book_destroy (&s->book);
  arena_destroy (&s->then);
  arena_destroy (&s->now);
  free (s);
}

position_t
snapshot_position (const snapshot_t *s)
{
  return ledger_position (s->l, s->lsn);
}

str_t
snapshot_position_text (const snapshot_t *s)
{
  return str_of (s->position_text);
}

str_t
snapshot_seal_text (const snapshot_t *s)
{
  return str_of (s->seal_text);
}

hash_t
snapshot_seal (const snapshot_t *s)
{
  return s->seal;
}

wall_t
snapshot_time (const snapshot_t *s)
{
  return s->at;
}

const catalogue_t *
snapshot_catalogue (const snapshot_t *s)
{
  return s->c;
}

/* ---- one record, then and now ---- */

static err_t
decode (str_t bytes, arena_t *arena, update_t *out)
{
  arena_reset (arena);
  err_t err = update_decode (bytes, arena, out, NULL);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

/* Gives the state of a record at a version's place; lsn 0: there was none. */
static err_t
state_at (snapshot_t *s, uint64_t lsn, update_t *out)
{
  log_entry_t e;
  err_t err = ledger_log_get (s->l, s->txn, lsn, &e);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  return decode (log_entry_state (&e), s->then, out);
}

static err_t
state_now (snapshot_t *s, record_ref_t ref, row_t *row, update_t *out)
{
  err_t err = book_get (s->book, s->txn, ref, row);
  if (err == ERR_OK)
    err = decode (row->bytes, s->now, out);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* ---- what was touched since ---- */

/* then_lsn: the version that stood; 0 = none. */
typedef err_t (touched_fn) (void *ctx, record_ref_t ref, uint64_t then_lsn);

static err_t
touched_one (snapshot_t *s, str_t body, touched_fn *fn, void *ctx)
{
  log_entry_t e;
  update_t u;
  if (!log_entry_decode (body, &e))
    return ERR_DAMAGED;
  if (!log_entry_changes (&e) || e.previous_lsn > s->lsn)
    return ERR_OK;
  err_t err = decode (log_entry_state (&e), s->then, &u);
  return err == ERR_OK ? fn (ctx, (record_ref_t){u.home, u.id}, e.previous_lsn) : err;
}

/* Each record touched since the position, once, in the order of the log. */
static err_t
each_touched (snapshot_t *s, touched_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  uint8_t from[8];
  if (s->lsn == s->end)
    return ERR_OK;
  err_t err = kv_cursor_open (s->txn, DB_LOG, &c);
  if (err == ERR_OK)
    err = kv_seek (c, key_u64 (from, s->lsn + 1), &key, &stored);
  for (uint64_t lsn = s->lsn + 1; err == ERR_OK; lsn++) {
    if (key_read_u64 (key, 0) != lsn) {
      err = ERR_DAMAGED;
      break;
    }
    err = val_open (DB_LOG, key, stored, &body);
    if (err == ERR_OK)
      err = touched_one (s, body, fn, ctx);
    if (err == ERR_OK && lsn == s->end)
      break;
    if (err == ERR_OK)
      err = kv_next (c, &key, &stored);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

typedef struct {
  snapshot_t *s;
  family_t family;
  book_atom_fn *fn;
  void *ctx;
} correction_t;

static err_t
correct_by (correction_t *k, const update_t *u, int sign)
{
  atom_t atoms[ATOMS_MAX];
  err_t err = ERR_OK;
  size_t n = contribution (&u->record, u->operation == OP_WITHDRAW, atoms);
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    if (atoms[i].family != k->family)
      continue;
    for (size_t m = 0; sign < 0 && m < MEASURES_MAX; m++)
      atoms[i].m[m] = -atoms[i].m[m];
    err = k->fn (k->ctx, &atoms[i]);
  }
  return err;
}

static err_t
correct_one (void *ctx, record_ref_t ref, uint64_t then_lsn)
{
  correction_t *k = ctx;
  row_t row;
  update_t u;
  err_t err = state_now (k->s, ref, &row, &u);
  if (err == ERR_OK)
    err = correct_by (k, &u, -1);
  if (err != ERR_OK || then_lsn == 0)
    return err;
  err = state_at (k->s, then_lsn, &u);
  return err == ERR_OK ? correct_by (k, &u, 1) : err;
}

static err_t
each_atom (snapshot_t *s, family_t family, uint32_t dims, book_atom_fn *fn, void *ctx)
{
  correction_t k = {.s = s, .family = family, .fn = fn, .ctx = ctx};
  err_t err = book_atoms (s->book, s->txn, family, dims, fn, ctx);
  return err == ERR_OK ? each_touched (s, correct_one, &k) : err;
}

static err_t
feed (void *ctx, const atom_t *a)
{
  return query_feed (ctx, a);
}

err_t
snapshot_query (snapshot_t *s, query_t *q)
{
  return each_atom (s, query_family (q), query_dims (q), feed, q);
}

/* ---- rows ---- */

typedef struct {
  snapshot_t *s;
  snapshot_row_fn *fn;
  void *ctx;
} rows_t;

static err_t
row_then (void *ctx, err_t err, const row_t *now)
{
  rows_t *r = ctx;
  row_t row = *now;
  update_t u;
  if (err != ERR_OK)
    return err;
  err = log_row_back (r->s->l, r->s->txn, r->s->lsn, &row);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  err = decode (row.bytes, r->s->then, &u);
  if (err != ERR_OK)
    return err;
  row.withdrawn = u.operation == OP_WITHDRAW;
  return r->fn (r->ctx, &row, &u);
}

err_t
snapshot_each (snapshot_t *s, unit_id_t home, snapshot_row_fn *fn, void *ctx)
{
  rows_t r = {s, fn, ctx};
  return book_each (s->book, s->txn, home, row_then, &r);
}

err_t
snapshot_each_of (snapshot_t *s, kind_t kind, snapshot_row_fn *fn, void *ctx)
{
  rows_t r = {s, fn, ctx};
  return book_each_of (s->book, s->txn, kind, row_then, &r);
}

/* ---- accepted figures ---- */

typedef struct {
  accepted_t *accepted;
  accepted_want_t want;
  query_t *q;
} accepting_t;

static err_t
feed_accepted (void *ctx, const row_t *row, const update_t *u)
{
  accepting_t *k = ctx;
  return accepted_feed (k->accepted, k->want, &u->record, row, k->q);
}

err_t
snapshot_query_accepted (snapshot_t *s, accepted_want_t want, query_t *q)
{
  accepting_t k = {.want = want, .q = q};
  err_t err = accepted_open (s->l, s->txn, s->c, s->lsn, &k.accepted);
  if (err == ERR_OK)
    err = snapshot_each (s, 0, feed_accepted, &k);
  accepted_close (&k.accepted);
  return err;
}

/* ---- figures of reports ---- */

typedef struct {
  figures_record_fn *fn;
  void *ctx;
} figuring_t;

static err_t
figures_atoms (void *ctx, family_t family, uint32_t dims, figures_atom_fn *fn, void *fn_ctx)
{
  return each_atom (ctx, family, dims, fn, fn_ctx);
}

static err_t
figures_record (void *ctx, const row_t *row, const update_t *u)
{
  const figuring_t *f = ctx;
  return row->withdrawn ? ERR_OK : f->fn (f->ctx, &u->record);
}

static err_t
figures_records (void *ctx, kind_t kind, figures_record_fn *fn, void *fn_ctx)
{
  figuring_t f = {fn, fn_ctx};
  return snapshot_each_of (ctx, kind, figures_record, &f);
}

figures_t
snapshot_figures (snapshot_t *s, unit_id_t office)
{
  const figures_t all = {.ctx = s,
                         .catalogue = s->c,
                         .position = str_of (s->position_text),
                         .seal = str_of (s->seal_text),
                         .at = s->at,
                         .atoms = figures_atoms,
                         .records = figures_records};
  figures_t f;
  figures_of_office (&s->of_office, &all, office, &f);
  return f;
}

/* ---- what changed ---- */

typedef struct {
  record_ref_t ref;
  uint64_t then_lsn;
} touched_t;
_Static_assert(sizeof (touched_t) == 32, "what snapshot.h says a touched record takes");

typedef struct {
  touched_t *at;
  size_t n, cap;
} touched_list_t;

static err_t
note_touched (void *ctx, record_ref_t ref, uint64_t then_lsn)
{
  touched_list_t *list = ctx;
  touched_t *grown = array_room (list->at, list->n, &list->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  list->at = grown;
  list->at[list->n++] = (touched_t){ref, then_lsn};
  return ERR_OK;
}

static int
by_storage (const void *x, const void *y)
{
  const touched_t *a = x, *b = y;
  if (a->ref.home != b->ref.home)
    return a->ref.home < b->ref.home ? -1 : 1;
  return memcmp (a->ref.id.b, b->ref.id.b, sizeof a->ref.id.b);
}

err_t
snapshot_changes (snapshot_t *s, snapshot_change_fn *fn, void *ctx)
{
  touched_list_t list = {0};
  err_t err = each_touched (s, note_touched, &list);
  if (err == ERR_OK && list.n > 0)
    qsort (list.at, list.n, sizeof *list.at, by_storage);
  for (size_t i = 0; err == ERR_OK && i < list.n; i++) {
    row_t row;
    update_t then, now;
    const touched_t *t = &list.at[i];
    err = state_now (s, t->ref, &row, &now);
    if (err == ERR_OK && t->then_lsn != 0)
      err = state_at (s, t->then_lsn, &then);
    if (err == ERR_OK)
      err = fn (ctx, t->then_lsn != 0 ? &then : NULL, t->then_lsn != 0 && then.operation == OP_WITHDRAW, &now,
                &row);
  }
  free (list.at);
  return err;
}
