/* removed.c - entries that are in their scheme's lists no more.
 *
 * Nothing marks an entry as taken out: its scheme just has a version without it. So the scheme's states are
 * walked, each held against the one before; what went and has not come back by now was removed. */
#include "agent/entry/removed.h"

#include "agent/outbox/told.h"
#include "common/text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define STATE_BUDGET (4 * DECODE_BUDGET (UPDATE_MAX))

static bool
has_entry (const scheme_t *s, const record_t *line)
{
  record_t id = {.kind = line->kind};
  size_t at;
  line_set_id (&id, line_id (line));
  return list_find (s, &id, &at) > 0;
}

/* Entries of before that neither the next state nor the present one has. */
static err_t
compare (const update_t *before, const update_t *after, const scheme_t *now, kind_t form, removed_fn *fn,
         void *ctx)
{
  const scheme_t *s = &before->record.u.scheme;
  err_t err = ERR_OK;
  for (kind_t f = FORM_LEDGER; f < FORM_END; f++)
    for (size_t i = 0; err == ERR_OK && (form == KIND_NONE || form == f) && i < list_count (s, f); i++) {
      record_t line;
      list_line (s, f, i, &line);
      if (!has_entry (&after->record.u.scheme, &line) && !has_entry (now, &line))
        err = fn (ctx, &(removed_t){&line, s, i, after});
    }
  return err;
}

err_t
removed_each (outbox_t *o, kv_txn_t *txn, const present_t *scheme, kind_t form, removed_fn *fn, void *ctx)
{
  arena_t *arena[2] = {arena_new (STATE_BUDGET), arena_new (STATE_BUDGET)};
  history_steps_t steps = {NULL, 0, 0};
  update_t u[2];
  err_t err = arena[0] != NULL && arena[1] != NULL ? history_steps (o, txn, &scheme->row, arena[0], &steps)
                                                   : ERR_NOMEM;
  for (size_t i = 0; err == ERR_OK && i < steps.n; i++) {
    const size_t now = i & 1;
    arena_reset (arena[now]);
    err = outbox_version_get (o, txn, steps.at[i].state, arena[now], &u[now]);
    if (err == ERR_OK && i > 0)
      err = compare (&u[now ^ 1], &u[now], &scheme->record.u.scheme, form, fn, ctx);
  }
  free (steps.at);
  arena_destroy (&arena[0]);
  arena_destroy (&arena[1]);
  if (err == ERR_NOT_FOUND)
    return ERR_DAMAGED;
  return err == ERR_END ? ERR_OK : err;
}

/* ---- by name ---- */

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  kind_t form;
  str_t name; /* within the scheme; STR_NONE: by id */
  record_id_t id;
  record_ref_t scheme;
  arena_t *arena;
  entry_ref_t *out;
  bool found;
} looking_t;

/* A scheme that holds just the line: it is named as any entry is. */
static bool
is_named (looking_t *l, const removed_t *r)
{
  scheme_t alone = {.code = r->scheme->code};
  list_room_t room = {NULL, 0};
  size_t at;
  if (l->name.p == NULL)
    return record_id_eq (line_id (r->line), l->id);
  return list_put (&alone, r->line, &room, l->arena) &&
         list_find_named (&alone, r->line->kind, l->name, &at) > 0;
}

static err_t
look_at (void *ctx, const removed_t *r)
{
  looking_t *l = ctx;
  if (!is_named (l, r))
    return ERR_OK;
  *l->out = (entry_ref_t){l->scheme, r->line->kind, line_id (r->line)};
  l->found = true;
  return ERR_OK; /* the one removed last is meant */
}

/* Entries that an update brought which stands refused: they never came to be. */
static err_t
look_at_refused (looking_t *l, const present_t *p, arena_t *arena)
{
  refused_row_t why;
  update_t u;
  bool stands = false;
  err_t err = outbox_refusal_standing (l->o, l->txn, p->row.ref.id, &stands, &why);
  if (err != ERR_OK || !stands)
    return err;
  err = outbox_version_get (l->o, l->txn, outbox_version_at (l->o, why.seq), arena, &u);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  return compare (&u, &(update_t){.record = p->record}, &p->record.u.scheme, l->form, look_at, l);
}

static err_t
look_in (void *ctx, err_t err, const row_t *row)
{
  looking_t *l = ctx;
  present_t p;
  if (err != ERR_OK || l->found)
    return err;
  arena_t *arena = arena_new (DECODE_BUDGET (UPDATE_MAX));
  err = arena != NULL ? present_by_ref (l->o, l->txn, row->ref, arena, &p) : ERR_NOMEM;
  l->scheme = row->ref;
  if (err == ERR_OK)
    err = removed_each (l->o, l->txn, &p, l->form, look_at, l);
  if (err == ERR_OK && !l->found)
    err = look_at_refused (l, &p, arena);
  arena_destroy (&arena);
  return err;
}

/* Codes hold no colon, names may. */
static err_t
find_in_scheme (looking_t *l, str_t entry)
{
  const char *colon = entry.n > 0 ? memchr (entry.p, ':', entry.n) : NULL;
  row_t row;
  if (colon == NULL)
    return ERR_NOT_FOUND;
  const str_t code = {entry.p, (size_t)(colon - entry.p)};
  l->name = (str_t){colon + 1, entry.n - code.n - 1};
  err_t err = book_find_key (outbox_book (l->o), l->txn, KIND_SCHEME, code, &row.ref);
  return err == ERR_OK ? look_in (l, ERR_OK, &row) : err;
}

err_t
removed_find (outbox_t *o, kv_txn_t *txn, str_t entry, kind_t kind, entry_ref_t *out)
{
  looking_t l = {.o = o,
                 .txn = txn,
                 .form = kind_is_form (kind) ? kind : KIND_NONE,
                 .name = STR_NONE,
                 .arena = arena_new (DECODE_BUDGET (UPDATE_MAX)),
                 .out = out};
  err_t err = ERR_NOMEM;
  if (kind != KIND_NONE && !kind_is_form (kind))
    err = ERR_NOT_FOUND;
  else if (l.arena != NULL && record_id_parse (entry, &l.id))
    err = book_each_of (outbox_book (o), txn, KIND_SCHEME, look_in, &l);
  else if (l.arena != NULL)
    err = find_in_scheme (&l, entry);
  arena_destroy (&l.arena);
  return err == ERR_OK && !l.found ? ERR_NOT_FOUND : err;
}
