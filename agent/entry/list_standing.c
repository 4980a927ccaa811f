/* list_standing.c - what waits for the centre, and what it refused. */
#include "agent/entry/list_private.h"

#include "agent/outbox/told.h"

#include "common/base/lang.h"
#include "common/core/lists.h"
#include "common/platform/platform.h"

/* ---- entries that an update touched ---- */

typedef struct {
  listing_t *l;
  str_t reason, since; /* reason: STR_NONE in a list without it */
} touching_t;

static err_t
add_touched (touching_t *x, const record_t *scheme, const record_t *line, size_t at, update_state_t state)
{
  listing_t *l = x->l;
  if (!listing_wants_line (l, scheme, line, state))
    return ERR_OK;
  buf_clear (&l->key);
  buf_printf (&l->key, "%.*s:", STR_ARG (scheme->u.scheme.code));
  list_label (&scheme->u.scheme, line->kind, at, &l->key);
  if (!buf_ok (&l->key))
    return ERR_NOMEM;
  const str_t cells[] = {buf_str (&l->key), x->reason.p != NULL ? x->reason : x->since, x->since};
  return lines_add (&l->lines, cells);
}

/* Entries of one state that the other does not have the same. */
static err_t
add_differing (touching_t *x, const record_t *of, const record_t *other, bool only_gone, update_state_t state)
{
  const kind_t form = x->l->f->kind;
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < list_count (&of->u.scheme, form); i++) {
    record_t line, same = {.kind = form};
    size_t at;
    list_line (&of->u.scheme, form, i, &line);
    line_set_id (&same, line_id (&line));
    const bool there = other != NULL && list_find (&other->u.scheme, &same, &at) > 0;
    if (there && !only_gone)
      list_line (&other->u.scheme, form, at, &same);
    if (!there || (!only_gone && !record_same (&line, &same)))
      err = add_touched (x, of, &line, i, state);
  }
  return err;
}

/* What the update did to the lists of its scheme; the state before it is that of its base. */
static err_t
add_touched_lines (touching_t *x, const update_t *u, update_state_t state)
{
  listing_t *l = x->l;
  update_t base;
  arena_t *arena = NULL;
  if (u->record.kind != KIND_SCHEME)
    return ERR_OK;
  const bool create = u->base.seq == 0;
  err_t err = create || (arena = arena_new (UPDATE_ROOM)) != NULL ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK && !create)
    err = outbox_version_get (l->o, l->txn, u->base, arena, &base);
  const bool known = err == ERR_OK && !create;
  if (err == ERR_NOT_FOUND)
    err = ERR_OK;
  if (err == ERR_OK)
    err = add_differing (x, &u->record, known ? &base.record : NULL, false, state);
  if (err == ERR_OK && known)
    err = add_differing (x, &base.record, &u->record, true, state);
  arena_destroy (&arena);
  return err;
}

/* ---- what waits ---- */

static err_t
waiting_entries (listing_t *l, const update_t *u, wall_t stored)
{
  buf_t since = BUF_INIT;
  wall_put (stored, l->people, &since);
  touching_t x = {.l = l, .reason = STR_NONE, .since = buf_str (&since)};
  err_t err = buf_ok (&since) ? add_touched_lines (&x, u, UPDATE_WAITING) : ERR_NOMEM;
  buf_free (&since);
  return err;
}

static err_t
waiting_rows (listing_t *l)
{
  uint64_t acked = 0, last = 0;
  err_t err = outbox_acked_seq (l->o, l->txn, &acked, &last);
  for (uint64_t seq = acked + 1; err == ERR_OK && seq <= last; seq++) {
    log_row_t log;
    update_t u;
    arena_reset (l->arena);
    err = outbox_log_get (l->o, l->txn, seq, &log);
    if (err == ERR_OK)
      err = row_decode (&(row_t){.bytes = log.bytes}, l->arena, &u);
    if (err == ERR_OK && kind_is_form (l->f->kind)) {
      err = waiting_entries (l, &u, log.stored);
      continue;
    }
    if (err != ERR_OK || !listing_wants (l, &u.record, UPDATE_WAITING))
      continue;
    buf_clear (&l->key);
    edits_key_text (&u.record, l->c, &l->key);
    wall_put (log.stored, l->people, &l->b);
    err = buf_ok (&l->key) && buf_ok (&l->b)
              ? lines_add (&l->lines, (str_t[]){buf_str (&l->key), buf_str (&l->b)})
              : ERR_NOMEM;
  }
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

err_t
view_waiting (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail)
{
  listing_t l = {.o = o, .f = f, .people = people};
  listing_column (&l, t, "code", "Mã", "Code", COL_TEXT);
  listing_column (&l, t, "since", "Chờ từ", "Since", COL_TEXT);
  err_t err = listing_open (&l, fail);
  if (err == ERR_OK)
    err = waiting_rows (&l);
  return listing_close (&l, err, t);
}

/* ---- what was refused ---- */

static err_t
refused_entries (listing_t *l, const refused_row_t *r, str_t reason)
{
  update_t u;
  arena_t *arena = arena_new (UPDATE_ROOM);
  buf_t since = BUF_INIT;
  wall_put (r->since, l->people, &since);
  touching_t x = {.l = l, .reason = reason, .since = buf_str (&since)};
  err_t err = arena != NULL ? outbox_version_get (l->o, l->txn, outbox_version_at (l->o, r->seq), arena, &u)
                            : ERR_NOMEM;
  if (err == ERR_OK)
    err = add_touched_lines (&x, &u, UPDATE_REFUSED);
  buf_free (&since);
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Another record has the key by now: this one is named by its id. */
static err_t
refused_name (listing_t *l, const refused_row_t *r)
{
  row_t row;
  char id[37];
  const err_t err = outbox_displaced (l->o, l->txn, r->id, &row);
  const bool displaced = err == ERR_OK;
  record_id_format (r->id, id);
  if (!displaced || l->people)
    book_key_text (r->kind, r->key, l->c, &l->key);
  if (displaced)
    buf_printf (&l->key, l->people ? " (%s)" : "%s", id);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* The record as it stands here decides whether it is wanted. */
static err_t
refused_line (void *ctx, const refused_row_t *r)
{
  listing_t *l = ctx;
  present_t now;
  const reason_t reason = {
      reason_of_name (r->reason), {r->arguments[0], r->arguments[1], r->arguments[2]}, -1};
  arena_reset (l->arena);
  const bool form = kind_is_form (l->f->kind);
  err_t err = form ? ERR_OK : present_by_key (l->o, l->txn, r->kind, r->key, l->arena, &now);
  if (err != ERR_OK ||
      (form ? r->kind != KIND_SCHEME : now.exists && !listing_wants (l, &now.record, UPDATE_REFUSED)))
    return err;
  buf_clear (&l->a);
  buf_clear (&l->key);
  if (l->people && reason.code != REASON_NONE)
    reason_words_in (&reason, outbox_catalogue (l->o), r->kind, &l->a);
  else
    buf_put (&l->a, r->reason.p, r->reason.n);
  if (form) {
    const str_t said = arena_str (l->arena, buf_str (&l->a)); /* conditions write into the buffer */
    return said.p != NULL ? refused_entries (l, r, said) : ERR_NOMEM;
  }
  wall_put (r->since, l->people, &l->b);
  err = refused_name (l, r);
  if (err != ERR_OK)
    return err;
  return buf_ok (&l->a) && buf_ok (&l->b) && buf_ok (&l->key)
             ? lines_add (&l->lines, (str_t[]){buf_str (&l->key), buf_str (&l->a), buf_str (&l->b)})
             : ERR_NOMEM;
}

err_t
view_refused (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail)
{
  listing_t l = {.o = o, .f = f, .people = people};
  listing_column (&l, t, "code", "Mã", "Code", COL_TEXT);
  listing_column (&l, t, "reason", "Lý do trung tâm từ chối", "Reason", COL_TEXT);
  listing_column (&l, t, "since", "Từ lúc", "Since", COL_TEXT);
  err_t err = listing_open (&l, fail);
  if (err == ERR_OK)
    err = outbox_refused (o, l.txn, refused_line, &l);
  return listing_close (&l, err, t);
}
