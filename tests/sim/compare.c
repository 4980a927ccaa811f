/* compare.c - what a record must be: after each merge, and at the end on both sides. */
#include "tests/sim/compare.h"

#include "agent/outbox/told.h"
#include "collector/ledger/conflicts.h"
#include "common/wire/update_wire.h"

#include <inttypes.h>

/* ---- merges ---- */

static const scheme_t *
scheme_of (err_t err, const update_t *u)
{
  return err == ERR_OK && u->record.kind == KIND_SCHEME ? &u->record.u.scheme : NULL;
}

static bool
survives (str_t base, str_t first, str_t second, str_t merged)
{
  if (str_eq (first, base))
    return str_eq (merged, second);
  return !str_eq (second, base) || str_eq (merged, first);
}

/* Only where the base is plain: a version that stood, and before any restore of the centre. */
void
check_merged (ledger_t *l, kv_txn_t *txn, const log_entry_t *e)
{
  log_entry_t at;
  uint64_t lsn;
  update_t u, base, first, merged;
  if (e->verdict != VERDICT_MERGED || e->resulting.n == 0 || e->previous_lsn == 0 || l->epochs_n > 1)
    return;
  arena_t *arena = arena_new (8 * UPDATE_ROOM);
  CHECK (arena != NULL);
  const scheme_t *s = scheme_of (update_decode (e->bytes, arena, &u, NULL), &u);
  const scheme_t *m =
      scheme_of (update_decode (arena_str (arena, e->resulting), arena, &merged, NULL), &merged);
  const scheme_t *f = NULL, *b = NULL;
  if (s != NULL && m != NULL && u.base.seq != 0 && record_id_eq (u.id, merged.id) &&
      ledger_version_lsn (l, txn, u.base, &lsn) == ERR_OK && ledger_log_get (l, txn, lsn, &at) == ERR_OK &&
      (at.serial == 0 || at.verdict == VERDICT_ACCEPTED || at.verdict == VERDICT_MERGED))
    b = scheme_of (ledger_version_state (l, txn, u.base, arena, &base), &base);
  if (b != NULL && ledger_log_get (l, txn, e->previous_lsn, &at) == ERR_OK)
    f = scheme_of (update_decode (arena_str (arena, log_entry_state (&at)), arena, &first, NULL), &first);
  if (f != NULL && (!survives (b->note, f->note, s->note, m->note) ||
                    !survives (str_of (status_name (b->status)), str_of (status_name (f->status)),
                               str_of (status_name (s->status)), str_of (status_name (m->status)))))
    sim_violation ("place %" PRIu64 " of the log has merged away what one side had changed alone", e->lsn);
  arena_destroy (&arena);
}

/* ---- records ---- */

/* Does the centre list a refusal of this record? Then the office goes on from its own. */
static bool
stands_refused (kv_txn_t *there, record_id_t id)
{
  kv_cursor_t *c = NULL;
  uint8_t from[24];
  str_t key, value;
  CHECK (kv_cursor_open (there, DB_REFUSED, &c) == ERR_OK);
  err_t err = kv_seek (c, key_refused (from, id, 0), &key, &value);
  bool yes = err == ERR_OK && memcmp (key.p, id.b, sizeof id.b) == 0;
  kv_cursor_close (&c);
  return yes;
}

/* What people call it; valid until the next call. */
static const char *
row_key (const row_t *row)
{
  static char text[128];
  update_t u;
  buf_t key = BUF_INIT, shown = BUF_INIT;
  arena_t *arena = arena_new (UPDATE_ROOM);
  CHECK (arena != NULL);
  if (update_decode (row->bytes, arena, &u, NULL) == ERR_OK && record_key (&u.record, &key))
    book_key_text (u.record.kind, buf_str (&key), NULL, &shown);
  arena_destroy (&arena);
  snprintf (text, sizeof text, "%s", buf_z (&shown));
  buf_free (&key);
  buf_free (&shown);
  return text;
}

static err_t
compare_row (void *ctx, err_t err, const row_t *row)
{
  compare_t *t = ctx;
  row_t other;
  char id[37];
  record_id_format (row->ref.id, id);
  if (err == ERR_OK && stands_refused (t->there, row->ref.id))
    return ERR_OK;
  if (err == ERR_OK)
    err = t->reverse ? book_get (outbox_book (t->o), t->here, row->ref, &other)
                     : book_get (ledger_book (t->l), t->there, row->ref, &other);
  if (err != ERR_OK)
    sim_violation ("%s: record %s (%s) is %s alone: %s", t->machine->name, id, row_key (row),
                   t->reverse ? "at the centre" : "here", err_name (err));
  else if (!str_eq (row->bytes, other.bytes) || row->withdrawn != other.withdrawn)
    sim_violation ("%s: record %s (%s) differs between the office and the centre", t->machine->name, id,
                   row_key (row));
  return sim_violated () ? ERR_END : ERR_OK;
}

#define REFUSED_MAX 4096u

typedef struct {
  kv_txn_t *there;
  size_t n;
  record_id_t id[REFUSED_MAX];
} refusals_t;

static err_t
take_refused (void *ctx, const refused_row_t *r)
{
  refusals_t *t = ctx;
  CHECK (t->n < REFUSED_MAX);
  t->id[t->n++] = r->id;
  if (!stands_refused (t->there, r->id))
    sim_violation ("an office lists a refusal that the centre does not");
  return ERR_OK;
}

/* A refused record of this office's must be listed there, unless the office has withdrawn it. */
static void
check_refused (compare_t *t, const refusals_t *listed, const log_entry_t *e)
{
  update_t u;
  row_t row;
  arena_t *arena = arena_new (UPDATE_ROOM);
  CHECK (arena != NULL);
  err_t err = update_decode (e->bytes, arena, &u, NULL);
  bool told = err == ERR_OK &&
              book_get (outbox_book (t->o), t->here, (record_ref_t){u.home, u.id}, &row) == ERR_OK &&
              row.withdrawn;
  for (size_t i = 0; i < listed->n && !told; i++)
    told = record_id_eq (listed->id[i], u.id);
  if (!told)
    sim_violation ("%s does not know that its update %" PRIu64 " was refused", t->machine->name, e->seq);
  arena_destroy (&arena);
}

static void
compare_refusals (compare_t *t)
{
  kv_cursor_t *c = NULL;
  str_t key, value;
  log_entry_t e;
  static refusals_t listed;
  listed.n = 0;
  listed.there = t->there;
  if (outbox_refused (t->o, t->here, take_refused, &listed) != ERR_OK)
    sim_violation ("%s: what was refused cannot be read", t->machine->name);
  CHECK (kv_cursor_open (t->there, DB_REFUSED, &c) == ERR_OK);
  while (!sim_violated () && kv_next (c, &key, &value) == ERR_OK) {
    CHECK (ledger_log_get (t->l, t->there, key_read_u64 (key, 16), &e) == ERR_OK);
    if (store_id_eq (e.stream, outbox_store_id (t->o)))
      check_refused (t, &listed, &e);
  }
  kv_cursor_close (&c);
}

/* ---- parked sides ---- */

#define PARKED_MAX 1024u

typedef struct {
  unit_id_t unit;
  size_t n;
  version_t side[PARKED_MAX];
} parked_t;

static err_t
note_conflict (void *ctx, const conflict_t *c)
{
  parked_t *p = ctx;
  if (c->ref.home != p->unit)
    return ERR_OK;
  CHECK (p->n < PARKED_MAX);
  p->side[p->n++] = c->version;
  return ERR_OK;
}

static err_t
cross_off (void *ctx, const parked_row_t *r)
{
  parked_t *p = ctx;
  for (size_t i = 0; i < p->n; i++)
    if (version_eq (p->side[i], r->version)) {
      p->side[i] = p->side[--p->n];
      return ERR_OK;
    }
  sim_violation ("a side of a conflict is parked at an office and not at the centre");
  return ERR_END;
}

static void
compare_parked (compare_t *t)
{
  static parked_t p;
  p = (parked_t){.unit = offices[t->machine->index].unit};
  CHECK (conflicts_each (t->there, NULL, note_conflict, &p) == ERR_OK);
  const err_t err = outbox_parked (t->here, NULL, cross_off, &p);
  if ((err != ERR_OK && err != ERR_END) || (p.n > 0 && !sim_violated ()))
    sim_violation ("%s does not know of %zu sides of conflicts that are parked", t->machine->name, p.n);
}

void
compare_records (compare_t *t)
{
  err_t err = ERR_OK;
  if (!sim_violated ())
    err = book_each (outbox_book (t->o), t->here, 0, compare_row, t);
  t->reverse = true;
  if (err == ERR_OK && !sim_violated ())
    err = book_each (ledger_book (t->l), t->there, offices[t->machine->index].unit, compare_row, t);
  if (err != ERR_OK && err != ERR_END)
    sim_violation ("%s: comparing with the centre: %s", t->machine->name, err_name (err));
  if (!sim_violated ())
    compare_refusals (t);
  if (!sim_violated ())
    compare_parked (t);
}
