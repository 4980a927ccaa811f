/* history.c - how a record came to be so: each state it had, who made it and on which PC.
 *
 * What the centre took stands in the record's story, whoever sent it; on top of that lie updates of ours that
 * it has not judged. A refused or parked one gave the record no state and is told where those are listed. */
#include "agent/entry/removed.h"
#include "agent/entry/show_private.h"

#include "agent/outbox/told.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/store/period_rows.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  const catalogue_t *c;
  columns_t *cs;
  bool people;
  table_t *t;
  uint32_t revision;
  const update_t *now;     /* the version being told */
  str_t agent;             /* the PC it came from */
  const entry_ref_t *only; /* of a scheme: this entry's alone */
  version_t declared;      /* of a submission: the version whose answers are told */
  buf_t at, old, new_;
} telling_t;

static void
history_row (const telling_t *h, const update_t *u, str_t field, str_t old, str_t now)
{
  table_row (h->t);
  table_printf (h->t, "%" PRIu32, h->revision);
  table_cell (h->t, u->person);
  table_cell (h->t, buf_str (&h->at));
  table_cell (h->t, field);
  table_cell (h->t, old.p != NULL ? old : STR (""));
  table_cell (h->t, now.p != NULL ? now : STR (""));
  table_cell (h->t, u == h->now ? h->agent : STR (""));
}

static void
entry_row (void *ctx, str_t field, str_t old, str_t now)
{
  const telling_t *h = ctx;
  history_row (h, h->now, field, old, now);
}

static err_t
tell_change (telling_t *h, const update_t *before, const update_t *u)
{
  int changed[256];
  const record_t *old = before != NULL ? &before->record : NULL;
  const bool was_out = before != NULL && before->operation == OP_WITHDRAW;
  const bool is_out = u->operation == OP_WITHDRAW;
  const size_t rows = table_rows (h->t);
  CHECK (columns_count (h->cs) <= 256);
  h->now = u;
  wall_put (u->agent_time, h->people, &h->at);
  const size_t n = h->only == NULL ? edit_diff (h->cs, h->c, old, &u->record, changed) : 0;
  for (size_t i = 0; i < n; i++) {
    const column_t *col = columns_at (h->cs, (size_t)changed[i]);
    buf_clear (&h->old);
    buf_clear (&h->new_);
    if (old != NULL)
      show_value (col, old, h->c, h->people, &h->old);
    show_value (col, &u->record, h->c, h->people, &h->new_);
    history_row (h, u, show_label (col, h->people), buf_str (&h->old), buf_str (&h->new_));
  }
  err_t err = u->record.kind == KIND_SCHEME
                  ? history_lists (old != NULL ? &old->u.scheme : NULL, &u->record.u.scheme,
                                   h->only != NULL ? &h->only->id : NULL, h->c, h->people, entry_row, h)
                  : ERR_OK;
  if (h->only != NULL && table_rows (h->t) == rows)
    return err; /* a version that left the entry alone */
  if (was_out != is_out && h->people)
    history_row (h, u, str_of (L ("Đã rút", "Withdrawn")),
                 str_of (was_out ? L ("có", "yes") : L ("không", "no")),
                 str_of (is_out ? L ("có", "yes") : L ("không", "no")));
  else if (was_out != is_out)
    history_row (h, u, STR ("withdrawn"), str_of (was_out ? "yes" : "no"), str_of (is_out ? "yes" : "no"));
  if (!str_blank (u->comment))
    history_row (h, u, h->people ? str_of (L ("Lý do", "Reason")) : STR ("reason"), STR (""), u->comment);
  return err;
}

/* ---- a submission: each time it was declared, and what the centre said to that ---- */

static err_t
tell_answer (void *ctx, const answer_t *a)
{
  telling_t *h = ctx;
  if (!version_eq (a->version, h->declared))
    return ERR_OK;
  const update_t said = {.person = a->person};
  const char *what = h->people ? answer_words (a->state) : answer_name (a->state);
  buf_clear (&h->new_);
  buf_puts (&h->new_, what);
  if (!str_blank (a->comment))
    buf_printf (&h->new_, ": %.*s", STR_ARG (a->comment));
  wall_put (a->at, h->people, &h->at);
  history_row (h, &said, h->people ? str_of (L ("Trung tâm", "The centre")) : STR ("answer"), STR (""),
               buf_str (&h->new_));
  return ERR_OK;
}

static err_t
tell_submission (telling_t *h, const update_t *before, const update_t *u)
{
  if (before != NULL && u->operation == OP_PUT && record_same (&before->record, &u->record))
    history_row (h, u, h->people ? str_of (L ("Nộp lại", "Submitted again")) : STR ("submitted"), STR (""),
                 STR (""));
  h->declared = u->version;
  return answers_each (h->txn, ODB_ANSWER, u->id, tell_answer, h);
}

/* ---- the states, one after the other ---- */

static err_t
add_step (history_steps_t *s, version_t state, version_t author)
{
  history_step_t *grown = array_room (s->at, s->n, &s->room, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  s->at = grown;
  s->at[s->n++] = (history_step_t){state, author};
  return ERR_OK;
}

static err_t
add_taken (void *ctx, const story_row_t *r)
{
  if (r->verdict == VERDICT_MERGED && r->resulting.seq != 0)
    return add_step (ctx, r->resulting, r->version);
  return r->verdict == VERDICT_ACCEPTED ? add_step (ctx, r->version, r->version) : ERR_OK;
}

static bool
is_taken (const history_steps_t *s, size_t taken, version_t v)
{
  for (size_t i = 0; i < taken; i++)
    if (version_eq (s->at[i].state, v) || version_eq (s->at[i].author, v))
      return true;
  return false;
}

/* From the state shown back over updates of ours to one that the centre took. */
static err_t
add_ours (outbox_t *o, kv_txn_t *txn, const row_t *row, arena_t *arena, history_steps_t *s)
{
  const size_t taken = s->n;
  version_t v = row->version;
  uint64_t place;
  err_t err = ERR_OK;
  while (err == ERR_OK && outbox_place_of (o, v, &place) && !is_taken (s, taken, v)) {
    update_t u;
    arena_reset (arena);
    err = outbox_version_get (o, txn, v, arena, &u);
    if (err == ERR_OK)
      err = add_step (s, v, v);
    if (err == ERR_OK && u.base.seq >= v.seq && store_id_eq (u.base.store, v.store))
      break;
    if (err == ERR_OK)
      v = u.base;
  }
  for (size_t i = taken, k = s->n; i + 1 < k; i++) { /* they were found newest first */
    const history_step_t last = s->at[--k];
    s->at[k] = s->at[i];
    s->at[i] = last;
  }
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

err_t
history_steps (outbox_t *o, kv_txn_t *txn, const row_t *row, arena_t *arena, history_steps_t *out)
{
  *out = (history_steps_t){NULL, 0, 0};
  err_t err = outbox_story (txn, row->ref.id, add_taken, out);
  return err == ERR_OK ? add_ours (o, txn, row, arena, out) : err;
}

/* Of the centre's own decisions no PC is named. */
static str_t
agent_of (telling_t *h, version_t author, arena_t *arena)
{
  other_row_t other;
  uint64_t place;
  if (outbox_place_of (h->o, author, &place))
    return outbox_identity (h->o)->agent;
  const str_t name =
      outbox_other_get (h->txn, author, &other) == ERR_OK ? arena_str (arena, other.agent) : STR ("");
  return name.p != NULL ? name : STR ("");
}

static err_t
tell_all (telling_t *h, const history_steps_t *s, arena_t *arenas[2])
{
  update_t u[2];
  for (size_t i = 0; i < s->n; i++) {
    update_t *now = &u[i & 1];
    const update_t *before = i > 0 ? &u[(i & 1) ^ 1] : NULL;
    arena_reset (arenas[i & 1]);
    err_t err = outbox_version_get (h->o, h->txn, s->at[i].state, arenas[i & 1], now);
    if (err != ERR_OK)
      return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
    h->agent = agent_of (h, s->at[i].author, arenas[i & 1]);
    h->revision++;
    err = tell_change (h, before, now);
    if (err == ERR_OK && now->record.kind == KIND_SUBMISSION)
      err = tell_submission (h, before, now);
    if (err != ERR_OK)
      return err;
  }
  return ERR_OK;
}

err_t
view_history (outbox_t *o, str_t record, kind_t kind, bool people, table_t *t, fail_t *fail)
{
  telling_t h = {.o = o, .c = outbox_catalogue (o), .people = people, .t = t};
  thing_t thing;
  present_t p;
  history_steps_t steps = {NULL, 0, 0};
  arena_t *arenas[2] = {arena_new (SHOW_BUDGET), arena_new (SHOW_BUDGET)};
  table_column (t, "revision", "Lần", "Revision", COL_NUMBER);
  table_column (t, "person", "Người làm", "Person", COL_TEXT);
  table_column (t, "at", "Lúc", "At", COL_TEXT);
  table_column (t, "field", "Cột", "Field", COL_TEXT);
  table_column (t, "old", "Cũ", "Old", COL_TEXT);
  table_column (t, "new", "Mới", "New", COL_TEXT);
  table_column (t, "agent", "Máy", "PC", COL_TEXT);
  err_t err = arenas[0] != NULL && arenas[1] != NULL ? kv_begin (outbox_kv (o), false, &h.txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = show_find (o, h.txn, record, kind, &thing, fail);
  if (err == ERR_OK)
    err = present_by_ref (o, h.txn, thing.ref, arenas[0], &p);
  h.only = err == ERR_OK && thing.is_entry ? &thing.entry : NULL;
  if (err == ERR_OK && (h.cs = columns_new (p.record.kind, h.c)) == NULL)
    err = ERR_DAMAGED;
  if (err == ERR_OK)
    err = history_steps (o, h.txn, &p.row, arenas[1], &steps);
  if (err == ERR_OK)
    err = tell_all (&h, &steps, arenas);
  kv_abort (&h.txn);
  free (steps.at);
  columns_destroy (&h.cs);
  buf_free (&h.at);
  buf_free (&h.old);
  buf_free (&h.new_);
  arena_destroy (&arenas[0]);
  arena_destroy (&arenas[1]);
  return err;
}
