/* recover.c - what a restored centre has lost of others' work, and we still hold.
 *
 * A centre restored from a backup gets each stream back from its author. When that author never returns, its
 * disk dead or its certificate revoked, its last updates live on in the books of those they were sent down
 * to. We may not hand its stream back: we hold its updates one by one, under no signature of its own. So what
 * came down in the part of the log that the restore cut off is noted when the new epoch begins, and crossed
 * out as it comes down again. What remains a person may have entered anew, as ours.
 *
 * Such an update is the record's full state as it stands here. Its base is the last state of its line that
 * the centre has, or nothing; so it is taken as it is, or merged with what happened meanwhile. It names the
 * lost updates it holds among those it settles: by that the centre does not wait for them, and when their
 * author returns after all it knows them to be in what stands.
 *
 * Whether anything is lost is read off a record's line each time: where the centre has what stands here, or
 * was told of it in our own stream, nothing is. So nothing has to be crossed out when it was entered anew. */
#include "agent/outbox/recover.h"

#include "agent/outbox/internal.h"
#include "agent/outbox/told.h"

#include "common/wire/update_wire.h"

#include <stdlib.h>

#define LINE_HOPS_MAX 10000u

/* ---- rows: (record id, version) → the record's home ---- */

#define LOST_KEY (16u + 24u)

typedef struct {
  record_ref_t ref;
  version_t version;
} mark_t;

typedef struct {
  mark_t *at;
  size_t n, room;
} marks_t;

static str_t
mark_key (record_id_t id, version_t v, uint8_t out[LOST_KEY])
{
  memcpy (out, id.b, 16);
  memcpy (out + 16, v.store.b, 16);
  for (int i = 0; i < 8; i++)
    out[32 + i] = (uint8_t)(v.seq >> (56 - 8 * i));
  return (str_t){(const char *)out, LOST_KEY};
}

static err_t
mark_put (kv_txn_t *txn, const mark_t *m)
{
  uint8_t key[LOST_KEY];
  buf_t b = BUF_INIT;
  buf_u32 (&b, m->ref.home);
  err_t err =
      buf_ok (&b) ? val_put (txn, ODB_LOST, mark_key (m->ref.id, m->version, key), buf_str (&b)) : ERR_NOMEM;
  buf_free (&b);
  return err;
}

static err_t
mark_read (str_t key, str_t stored, mark_t *out)
{
  str_t body;
  err_t err = val_open (ODB_LOST, key, stored, &body);
  if (err != ERR_OK || key.n != LOST_KEY)
    return err != ERR_OK ? err : ERR_DAMAGED;
  rd_t r = rd_of (body.p, body.n), n = rd_of (key.p + 32, 8);
  *out = (mark_t){.ref = {.home = rd_u32 (&r)}, .version = {.seq = rd_u64 (&n)}};
  memcpy (out->ref.id.b, key.p, 16);
  memcpy (out->version.store.b, key.p + 16, 16);
  return rd_done (&r) ? ERR_OK : ERR_DAMAGED;
}

static err_t
marks_add (marks_t *m, const mark_t *row)
{
  mark_t *grown = array_room (m->at, m->n, &m->room, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  m->at = grown;
  m->at[m->n++] = *row;
  return ERR_OK;
}

/* Those of one record (id NULL: all). */
static err_t
marks_read (kv_txn_t *txn, const record_id_t *id, marks_t *out)
{
  kv_cursor_t *c = NULL;
  const str_t prefix = id != NULL ? (str_t){(const char *)id->b, sizeof id->b} : STR ("");
  str_t key, stored;
  mark_t row;
  err_t err = kv_cursor_open (txn, ODB_LOST, &c);
  if (err == ERR_OK)
    err = prefix.n > 0 ? kv_seek (c, prefix, &key, &stored) : kv_next (c, &key, &stored);
  while (err == ERR_OK && key.n >= prefix.n && memcmp (key.p, prefix.p, prefix.n) == 0) {
    err = mark_read (key, stored, &row);
    if (err == ERR_OK)
      err = marks_add (out, &row);
    if (err == ERR_OK)
      err = kv_next (c, &key, &stored);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- what a DOWN does ---- */

/* What was parked, refused or cannot be read here has no state to be entered again. */
static err_t
note_other (kv_txn_t *txn, str_t key, uint64_t first_lsn, arena_t *arena, marks_t *out)
{
  version_t v = {.seq = 0};
  other_row_t other;
  update_t u;
  rd_t k = rd_of (key.p + 16, key.n == 24 ? 8 : 0);
  v.seq = rd_u64 (&k);
  if (!rd_done (&k))
    return ERR_DAMAGED;
  memcpy (v.store.b, key.p, sizeof v.store.b);
  err_t err = outbox_other_get (txn, v, &other);
  if (err != ERR_OK || other.lsn < first_lsn ||
      (other.verdict != VERDICT_ACCEPTED && other.verdict != VERDICT_MERGED &&
       other.verdict != VERDICT_ALIAS))
    return err;
  arena_reset (arena);
  err = update_decode (other.bytes, arena, &u, NULL);
  if (err != ERR_OK || !kind_supported (u.record.kind))
    return err == ERR_NOMEM ? err : ERR_OK;
  return marks_add (out, &(mark_t){.ref = {u.home, u.id}, .version = v});
}

err_t
outbox_lost_from (kv_txn_t *txn, uint64_t first_lsn)
{
  kv_cursor_t *c = NULL;
  marks_t found = {0};
  str_t key, stored;
  arena_t *arena = arena_new (2 * UPDATE_ROOM);
  err_t err = arena != NULL ? kv_cursor_open (txn, ODB_OTHER, &c) : ERR_NOMEM;
  while (err == ERR_OK) {
    err = kv_next (c, &key, &stored);
    if (err == ERR_OK)
      err = note_other (txn, key, first_lsn, arena, &found);
  }
  kv_cursor_close (&c);
  if (err == ERR_NOT_FOUND)
    err = ERR_OK;
  for (size_t i = 0; i < found.n && err == ERR_OK; i++)
    err = mark_put (txn, &found.at[i]);
  free (found.at);
  arena_destroy (&arena);
  if (err == ERR_OK)
    err = meta_put_u64 (txn, ODB_META, META_LOST_OPEN, 1);
  return err == ERR_OK ? meta_put_u64 (txn, ODB_META, META_OWN_TOLD, 0) : err;
}

err_t
outbox_lost_complete (kv_txn_t *txn)
{
  uint64_t open = 0;
  err_t err = outbox_meta_number (txn, META_LOST_OPEN, 0, &open);
  return err == ERR_OK && open != 0 ? meta_put_u64 (txn, ODB_META, META_LOST_OPEN, 0) : err;
}

err_t
outbox_lost_shown (kv_txn_t *txn, record_id_t id, version_t v)
{
  uint8_t key[LOST_KEY];
  err_t err = kv_del (txn, ODB_LOST, mark_key (id, v, key));
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- one record ---- */

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  uint64_t decided, own_told; /* places */
  arena_t *arena;             /* of one step of a line */
  const mark_t *mark;         /* of this record */
  size_t marks;
  version_t version, judged; /* a merged state, and the update that was merged */
} looking_t;

static err_t
judged_by (void *ctx, const story_row_t *r)
{
  looking_t *k = ctx;
  if (r->resulting.seq == 0 || !version_eq (r->resulting, k->version))
    return ERR_OK;
  k->judged = r->version;
  return ERR_END;
}

typedef enum { STATE_LOST, STATE_OURS_ALONE, STATE_COMES, STATE_THERE } state_t;

/* Where is a state of the record: lost; ours and never taken; ours, taken, and to be shown again; there? */
static err_t
look (looking_t *k, record_id_t id, version_t v, state_t *out)
{
  uint64_t place = 0;
  bool unsettled = false;
  k->version = k->judged = v;
  err_t err = outbox_story (k->txn, id, judged_by, k);
  *out = STATE_THERE;
  for (size_t i = 0; i < k->marks; i++)
    if (version_eq (k->mark[i].version, k->judged))
      *out = STATE_LOST;
  if (err != ERR_OK || *out == STATE_LOST || !outbox_place_of (k->o, k->judged, &place))
    return err;
  err = outbox_unsettled (k->o, k->txn, id, k->judged, k->decided, &unsettled);
  *out = unsettled ? STATE_OURS_ALONE : place > k->own_told ? STATE_COMES : STATE_THERE;
  return err;
}

/* Goes back along the line of what stands here. *base: the nearest state that the centre has or gets from us
 * before. *lost false: what stands here it has, or nothing of what stands is lost. */
static err_t
go_back (looking_t *k, const row_t *row, version_t *base, bool *lost)
{
  version_t v = row->version;
  bool found = false;
  err_t err = ERR_OK;
  *base = (version_t){.seq = 0};
  *lost = false;
  for (unsigned hops = 0; v.seq != 0 && hops < LINE_HOPS_MAX; hops++) {
    state_t state;
    update_t u;
    err = look (k, row->ref.id, v, &state);
    if (err != ERR_OK)
      return err;
    *lost = *lost || state == STATE_LOST;
    if (!found && (state == STATE_COMES || state == STATE_THERE)) {
      *base = v;
      found = true;
    }
    if (state == STATE_THERE || (*lost && found))
      return ERR_OK;
    arena_reset (k->arena);
    err = outbox_version_get (k->o, k->txn, v, k->arena, &u);
    if (err == ERR_NOT_FOUND) {
      *lost = *lost && found;
      return ERR_OK;
    }
    if (err != ERR_OK)
      return err;
    v = u.base;
  }
  return ERR_OK;
}

/* ---- all of them ---- */

/* Under the id that its record has by now. */
static err_t
resolve (kv_txn_t *txn, marks_t *m)
{
  err_t err = ERR_OK;
  for (size_t i = 0; i < m->n && err == ERR_OK; i++) {
    bool alias;
    err = outbox_alias_get (txn, m->at[i].ref.id, &m->at[i].ref, &alias);
  }
  return err;
}

static int
by_record (const void *x, const void *y)
{
  const mark_t *a = x, *b = y;
  if (a->ref.home != b->ref.home)
    return a->ref.home < b->ref.home ? -1 : 1;
  return memcmp (a->ref.id.b, b->ref.id.b, sizeof a->ref.id.b);
}

/* The PC that the last of them was entered on, by the order they stood in. */
static err_t
entered_on (looking_t *k, arena_t *arena, str_t *out)
{
  uint64_t latest = 0;
  *out = STR ("");
  for (size_t i = 0; i < k->marks; i++) {
    other_row_t other;
    err_t err = outbox_other_get (k->txn, k->mark[i].version, &other);
    if (err == ERR_NOT_FOUND)
      continue;
    if (err == ERR_OK && other.lsn >= latest) {
      latest = other.lsn;
      *out = arena_str (arena, other.agent);
      err = out->p != NULL ? ERR_OK : ERR_NOMEM;
    }
    if (err != ERR_OK)
      return err;
  }
  return ERR_OK;
}

/* A record that is not shown here is another office's by now, or its key another's: nothing to enter. What is
 * withdrawn and unknown at the centre may stay so. */
static err_t
look_at_record (looking_t *k, arena_t *arena, lost_fn *fn, void *ctx)
{
  row_t row;
  update_t u;
  lost_t l = {.ref = k->mark[0].ref, .state = &u};
  bool lost = false;
  err_t err = book_get (k->o->book, k->txn, l.ref, &row);
  if (err == ERR_OK)
    err = go_back (k, &row, &l.base, &lost);
  if (err != ERR_OK || !lost || (row.withdrawn && l.base.seq == 0))
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  arena_reset (arena);
  err = entered_on (k, arena, &l.agent);
  const str_t bytes = err == ERR_OK ? arena_str (arena, row.bytes) : STR_NONE;
  if (err == ERR_OK)
    err = bytes.p != NULL ? update_decode (bytes, arena, &u, NULL) : ERR_NOMEM;
  if (err == ERR_MALFORMED || err == ERR_TOO_BIG)
    err = ERR_DAMAGED;
  return err == ERR_OK ? fn (ctx, &l) : err;
}

err_t
outbox_lost (outbox_t *o, kv_txn_t *txn, lost_fn *fn, void *ctx)
{
  marks_t all = {0};
  looking_t k = {.o = o, .txn = txn};
  arena_t *arena = arena_new (2 * UPDATE_ROOM);
  k.arena = arena_new (2 * UPDATE_ROOM);
  uint64_t open = 0;
  err_t err =
      arena != NULL && k.arena != NULL ? outbox_meta_number (txn, META_LOST_OPEN, 0, &open) : ERR_NOMEM;
  if (err == ERR_OK && open == 0)
    err = marks_read (txn, NULL, &all);
  if (err == ERR_OK)
    err = resolve (txn, &all);
  if (err == ERR_OK)
    err = outbox_decided (txn, &k.decided);
  if (err == ERR_OK)
    err = outbox_meta_number (txn, META_OWN_TOLD, 0, &k.own_told);
  if (err == ERR_OK && all.n > 1)
    qsort (all.at, all.n, sizeof *all.at, by_record);
  for (size_t i = 0, end; i < all.n && err == ERR_OK; i = end) {
    for (end = i + 1; end < all.n && by_record (&all.at[i], &all.at[end]) == 0;)
      end++;
    k.mark = &all.at[i];
    k.marks = end - i;
    err = look_at_record (&k, arena, fn, ctx);
  }
  free (all.at);
  arena_destroy (&k.arena);
  arena_destroy (&arena);
  return err == ERR_END ? ERR_OK : err;
}

/* ---- entered anew ---- */

typedef struct {
  record_ref_t ref;
  version_t base, stands;
} anew_t;

typedef struct {
  outbox_t *o;
  lost_fn *fn;
  void *ctx;
  anew_t *at;
  size_t n, room, next;
  arena_t *arena; /* of one draft */
  version_t settles[SETTLES_MAX];
} recovering_t;

static err_t
gather (void *ctx, const lost_t *l)
{
  recovering_t *r = ctx;
  anew_t *grown = array_room (r->at, r->n, &r->room, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  r->at = grown;
  r->at[r->n++] = (anew_t){l->ref, l->base, l->state->version};
  return r->fn != NULL ? r->fn (r->ctx, l) : ERR_OK;
}

/* Those of the record that are lost are in it, and the states they were merged to; where they are too many to
 * name, some. */
static err_t
name_lost (recovering_t *r, record_id_t id, uint32_t *n)
{
  marks_t rows = {0};
  err_t err = marks_read (r->o->rehearsal, &id, &rows);
  *n = 0;
  for (size_t i = 0; i < rows.n && err == ERR_OK && *n + 2 <= SETTLES_MAX; i++) {
    story_row_t story = {.resulting = {.seq = 0}};
    r->settles[(*n)++] = rows.at[i].version;
    err = outbox_story_of (r->o->rehearsal, id, rows.at[i].version, &story);
    if (err == ERR_OK && story.resulting.seq != 0)
      r->settles[(*n)++] = story.resulting;
    if (err == ERR_NOT_FOUND)
      err = ERR_OK;
  }
  free (rows.at);
  return err;
}

static err_t
next_draft (void *ctx, draft_t *out)
{
  recovering_t *r = ctx;
  row_t row;
  update_t u;
  if (r->next == r->n)
    return ERR_END;
  const anew_t *a = &r->at[r->next++];
  uint32_t settles_n = 0;
  arena_reset (r->arena);
  err_t err = book_get (r->o->book, r->o->rehearsal, a->ref, &row);
  const str_t bytes = err == ERR_OK ? arena_str (r->arena, row.bytes) : STR_NONE;
  if (err == ERR_OK)
    err = bytes.p != NULL ? update_decode (bytes, r->arena, &u, NULL) : ERR_NOMEM;
  if (err == ERR_OK)
    err = name_lost (r, a->ref.id, &settles_n);
  if (err != ERR_OK)
    return err == ERR_MALFORMED || err == ERR_TOO_BIG || err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  *out = (draft_t){.ref = a->ref,
                   .base = a->stands,
                   .named = &a->base,
                   .operation = u.operation,
                   .record = u.record,
                   .settles = r->settles,
                   .settles_n = settles_n};
  return ERR_OK;
}

/* What is looked at and what is written are one transaction. */
err_t
outbox_recover (outbox_t *o, str_t person, str_t comment, bool dry_run, wall_t now, lost_fn *fn, void *ctx,
                uint64_t *records, fail_t *fail)
{
  recovering_t r = {.o = o, .fn = fn, .ctx = ctx, .arena = arena_new (2 * UPDATE_ROOM)};
  *records = 0;
  err_t err = r.arena != NULL ? outbox_rehearse (o) : ERR_NOMEM;
  if (err == ERR_OK)
    err = outbox_streams_read (o, o->rehearsal);
  if (err == ERR_OK)
    err = outbox_lost (o, o->rehearsal, gather, &r);
  if (err == ERR_OK && r.n > 0 && !dry_run)
    err = outbox_store_each (o, next_draft, &r, person, comment, NULL, now, NULL, NULL, fail);
  if (err == ERR_OK && r.n > 0 && !dry_run)
    err = kv_commit (&o->rehearsal);
  outbox_rehearse_end (o);
  if (err == ERR_OK)
    *records = r.n;
  free (r.at);
  arena_destroy (&r.arena);
  return outbox_fail (fail, err);
}
