/* retry.c - refused updates made anew.
 *
 * The record on this PC is as its last update left it, refused or not. Sending again is an update that
 * changes nothing here: its base is the refused one, for which the centre takes the state it has (PROTOCOL
 * 5). */
#include "agent/entry/retry.h"

#include "agent/entry/lock_warning.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

typedef struct {
  record_ref_t ref;
  str_t bytes; /* of the refused update, in the arena */
  str_t comment;
} again_t;

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  locks_t *locks;
  bool named;       /* only this record, whatever refused it */
  record_id_t only; /* which */
  arena_t *keep, *decode;
  again_t *at;
  size_t n, cap;
  reasons_t *found; /* NULL: nobody asks */
  retry_result_t result;
} retrying_t;

/* ---- which ---- */

static draft_t
draft_of (const update_t *u)
{
  return (draft_t){
      .ref = {u->home, u->id}, .base = u->version, .operation = u->operation, .record = u->record};
}

static err_t
keep_one (retrying_t *r, const update_t *u)
{
  again_t *grown = array_room (r->at, r->n, &r->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  r->at = grown;
  again_t *a = &grown[r->n];
  a->ref = (record_ref_t){u->home, u->id};
  a->bytes = arena_str (r->keep, u->bytes);
  a->comment = arena_str (r->keep, u->comment.p != NULL ? u->comment : STR (""));
  if (a->bytes.p == NULL || a->comment.p == NULL)
    return ERR_NOMEM;
  r->n++;
  return ERR_OK;
}

/* What stands refused and was not sent again already. */
static err_t
take_refused (void *ctx, const refused_row_t *row)
{
  retrying_t *r = ctx;
  log_row_t log;
  update_t u;
  row_t present;
  uint64_t place;
  bool held = false;
  if (r->named && !record_id_eq (row->id, r->only))
    return ERR_OK;
  const bool locked = reason_of_name (row->reason) == REASON_PERIOD_LOCKED;
  arena_reset (r->decode);
  err_t err = outbox_log_get (r->o, r->txn, row->seq, &log);
  if (err == ERR_OK)
    err = update_decode (log.bytes, r->decode, &u, NULL);
  if (err == ERR_OK)
    err = book_get (outbox_book (r->o), r->txn, (record_ref_t){u.home, u.id}, &present);
  if (err == ERR_NOT_FOUND)
    return ERR_OK; /* another office has the record by now */
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_DAMAGED;
  if (outbox_place_of (r->o, present.version, &place) && place > row->seq)
    return ERR_OK; /* a later update waits for its verdict */
  const draft_t d = draft_of (&u);
  if (r->named && r->found != NULL)
    err = lock_warning (r->o, r->txn, r->locks, &d, r->found);
  else if (!r->named && locked)
    err = lock_holds (r->o, r->txn, r->locks, &d, &held);
  r->result.held += held;
  r->result.refused += !r->named && !locked;
  return err == ERR_OK && (r->named || (locked && !held)) ? keep_one (r, &u) : err;
}

static err_t
gather (retrying_t *r)
{
  r->keep = arena_new (SIZE_MAX / 4);
  r->decode = arena_new (DECODE_BUDGET (UPDATE_MAX));
  err_t err = r->keep != NULL && r->decode != NULL ? locks_of_outbox (r->o, r->txn, &r->locks) : ERR_NOMEM;
  return err == ERR_OK ? outbox_refused (r->o, r->txn, take_refused, r) : err;
}

static void
drop (retrying_t *r)
{
  free (r->at);
  locks_destroy (&r->locks);
  arena_destroy (&r->keep);
  arena_destroy (&r->decode);
}

err_t
retry_count (outbox_t *o, kv_txn_t *txn, uint64_t *out)
{
  retrying_t r = {.o = o, .txn = txn};
  err_t err = gather (&r);
  *out = r.n;
  drop (&r);
  return err;
}

/* ---- again ---- */

typedef struct {
  retrying_t *r;
  size_t next, end;
} run_t;

static err_t
next_draft (void *ctx, draft_t *out)
{
  run_t *run = ctx;
  update_t u;
  if (run->next == run->end)
    return ERR_END;
  arena_reset (run->r->decode);
  err_t err = update_decode (run->r->at[run->next++].bytes, run->r->decode, &u, NULL);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_DAMAGED;
  *out = draft_of (&u);
  return ERR_OK;
}

/* A transaction for each run of one reason. */
static err_t
store_all (retrying_t *r, str_t person, str_t reason, fail_t *fail)
{
  err_t err = ERR_OK;
  for (size_t first = 0, end; err == ERR_OK && first < r->n; first = end) {
    const str_t comment = str_blank (reason) ? r->at[first].comment : reason;
    for (end = first + 1; end < r->n && (!str_blank (reason) || str_eq (r->at[end].comment, comment));)
      end++;
    run_t run = {r, first, end};
    err = outbox_store_each (r->o, next_draft, &run, person, comment, NULL, clock_wall (), NULL, NULL, fail);
    if (err == ERR_OK)
      r->result.sent += end - first;
  }
  return err;
}

static err_t
find (retrying_t *r, str_t record, kind_t kind, fail_t *fail)
{
  record_ref_t ref;
  r->named = record.p != NULL;
  if (!r->named)
    return ERR_OK;
  err_t err = edits_find (r->o, r->txn, record, kind, &ref, fail);
  r->only = ref.id;
  return err;
}

err_t
retry_refused (outbox_t *o, str_t record, kind_t kind, str_t person, str_t reason, reasons_t *found,
               retry_result_t *out, fail_t *fail)
{
  retrying_t r = {.o = o, .found = found};
  err_t err = edits_may_write (o, fail);
  if (err == ERR_OK)
    err = edits_check_words (person, reason, fail);
  if (err == ERR_OK)
    err = kv_begin (outbox_kv (o), false, &r.txn);
  if (err == ERR_OK)
    err = find (&r, record, kind, fail);
  if (err == ERR_OK)
    err = gather (&r);
  kv_abort (&r.txn);
  if (err == ERR_OK && r.named && r.n == 0)
    err = fail_set (fail, ERR_INPUT,
                    L ("“%.*s” không có thay đổi nào đang bị từ chối; xem “kc-agent list --refused”",
                       "no change of \"%.*s\" stands refused; see \"kc-agent list --refused\""),
                    STR_ARG (record));
  if (err == ERR_OK)
    err = store_all (&r, person, reason, fail);
  *out = r.result;
  drop (&r);
  return err;
}
