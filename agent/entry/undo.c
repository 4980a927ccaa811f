/* undo.c - an import taken back.
 *
 * Every update of ours is in our log for ever, and an import's lie in one run of it. For each the state
 * before (that of its base, whoever made it: another PC, or the centre as it merged or settled), the state it
 * made, and the present one are held together. Only where the present
 * state is the one the import made does the state before return; states are compared, not versions, so that a
 * later import that was taken back itself does not stand in the way. Where the present state is the one
 * before, there is nothing to do: taking back twice changes nothing. */
#include "agent/entry/undo.h"

#include "agent/entry/lock_warning.h"
#include "agent/outbox/told.h"
#include "common/base/lang.h"
#include "common/core/validate.h"
#include "common/platform/platform.h"
#include "common/text/utf8.h"

#include <inttypes.h>
#include <stdlib.h>

#define UNDO_TRIES 5
#define UNDO_ROOM (6 * UPDATE_ROOM)
#define FILE_COLUMNS 200u

/* One update to make: of which record, from which version, to the state that lies in the buffer. */
typedef struct {
  record_ref_t ref;
  version_t base;
  operation_t operation;
  size_t at, n;
} step_t;

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  const undo_options_t *options;
  import_log_t import;
  locks_t *locks; /* as the centre has told them */
  buf_t comment, text;
  buf_t states; /* encoded updates whose state returns */
  step_t *step;
  size_t steps, step_room, row_room;
  arena_t *arena; /* one record's */
  arena_t *told;  /* the caller's */
  undo_result_t *out;
} undoing_t;

const char *
undo_action_name (undo_action_t a)
{
  switch (a) {
  case UNDO_RETURNED:
    return "returned";
  case UNDO_WITHDRAWN:
    return "withdrawn";
  case UNDO_LEFT:
    return "left";
  }
  UNREACHABLE ();
}

const char *
undo_action_words (undo_action_t a)
{
  switch (a) {
  case UNDO_RETURNED:
    return L ("trở lại như trước", "returned");
  case UNDO_WITHDRAWN:
    return L ("rút", "withdrawn");
  case UNDO_LEFT:
    return L ("để nguyên", "left alone");
  }
  UNREACHABLE ();
}

/* ---- states ---- */

static err_t
read_update (undoing_t *x, uint64_t seq, update_t *out)
{
  log_row_t log;
  err_t err = outbox_log_get (x->o, x->txn, seq, &log);
  if (err == ERR_OK)
    err = row_decode (&(row_t){.bytes = log.bytes}, x->arena, out);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* A record's state before the import: made by it, or what its base was. */
typedef struct {
  bool none;  /* there was no record */
  bool known; /* else its version is not on this PC */
  update_t u;
} before_t;

static err_t
read_before (undoing_t *x, const update_t *made, before_t *out)
{
  uint64_t place, at;
  *out = (before_t){.none = made->base.seq == 0};
  if (out->none || (outbox_place_of (x->o, made->base, &place) &&
                    (!outbox_place_of (x->o, made->version, &at) || place >= at)))
    return ERR_OK;
  err_t err = outbox_version_get (x->o, x->txn, made->base, x->arena, &out->u);
  out->known = err == ERR_OK;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static bool
is_state_of (const present_t *present, const update_t *u)
{
  return present->row.withdrawn == (u->operation == OP_WITHDRAW) &&
         record_same (&present->record, &u->record);
}

static bool
is_as_before (const present_t *present, const before_t *before)
{
  if (before->none)
    return present->row.withdrawn;
  return before->known && is_state_of (present, &before->u);
}

/* ---- what becomes of a record ---- */

static err_t
tell (undoing_t *x, undo_row_t row, const record_t *r)
{
  undo_row_t *grown = array_room (x->out->row, x->out->n, &x->row_room, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  x->out->row = grown;
  buf_clear (&x->text);
  edits_key_text (r, outbox_catalogue (x->o), &x->text);
  row.key = arena_str (x->told, buf_str (&x->text));
  row.person = arena_str (x->told, row.person);
  row.why = arena_str (x->told, row.why);
  x->out->row[x->out->n++] = row;
  x->out->returned += row.action == UNDO_RETURNED;
  x->out->withdrawn += row.action == UNDO_WITHDRAWN;
  x->out->left += row.action == UNDO_LEFT;
  return buf_ok (&x->text) && row.key.p != NULL ? ERR_OK : ERR_NOMEM;
}

static err_t
leave (undoing_t *x, const present_t *present, const char *reason, str_t why)
{
  update_t u;
  err_t err = row_decode (&present->row, x->arena, &u);
  if (err != ERR_OK)
    return err;
  const undo_row_t row = {
      .action = UNDO_LEFT, .person = u.person, .at = present->row.received, .reason = reason, .why = why};
  return tell (x, row, &present->record);
}

/* Why the rules forbid the state before by now (an office that has gone, a settled amount that is asked for
 * …); false: they do not. */
static bool
is_forbidden (undoing_t *x, const present_t *present, const record_t *after, const char **reason, str_t *why)
{
  reasons_t found = {.arena = x->arena};
  if (validate (outbox_catalogue (x->o), &present->record, after, buf_str (&x->comment), edits_office (x->o),
                &found))
    return false;
  buf_clear (&x->text);
  reason_words_in (reasons_hard (&found), outbox_catalogue (x->o), after->kind, &x->text);
  *reason = reason_name (reasons_hard (&found)->code);
  *why = arena_str (x->arena, buf_str (&x->text));
  return true;
}

/* What the centre will say to it. */
static err_t
look_at_locks (undoing_t *x, const draft_t *draft, undo_row_t *row)
{
  reasons_t notes = {.arena = x->arena};
  err_t err = lock_warning (x->o, x->txn, x->locks, draft, &notes);
  if (err != ERR_OK || notes.n == 0)
    return err;
  buf_clear (&x->text);
  reason_words (&notes.at[0], &x->text);
  row->reason = reason_name (notes.at[0].code);
  row->why = arena_str (x->arena, buf_str (&x->text));
  return row->why.p != NULL ? ERR_OK : ERR_NOMEM;
}

static err_t
keep_step (undoing_t *x, const draft_t *d, str_t state)
{
  step_t *grown = array_room (x->step, x->steps, &x->step_room, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  x->step = grown;
  x->step[x->steps++] = (step_t){d->ref, d->base, d->operation, x->states.n, state.n};
  buf_put (&x->states, state.p, state.n);
  return buf_ok (&x->states) ? ERR_OK : ERR_NOMEM;
}

static err_t
take_back (undoing_t *x, const present_t *present, const update_t *made, const before_t *before)
{
  const update_t *state = before->none ? made : &before->u;
  const bool withdraw = before->none || before->u.operation == OP_WITHDRAW;
  const unit_id_t office = edits_office (x->o);
  const char *reason = NULL;
  str_t why = STR_NONE;
  if (withdraw && office != 0 && record_office (&present->record) != office)
    return leave (x, present, "other_office",
                  str_of (L ("nay là của đơn vị khác", "is another office's now")));
  if (!withdraw && is_forbidden (x, present, &state->record, &reason, &why))
    return leave (x, present, reason, why);
  const draft_t draft = {.ref = present->row.ref,
                         .base = present->row.version,
                         .operation = withdraw ? OP_WITHDRAW : OP_PUT,
                         .record = state->record};
  undo_row_t row = {.action = withdraw ? UNDO_WITHDRAWN : UNDO_RETURNED};
  err_t err = look_at_locks (x, &draft, &row);
  x->out->again += withdraw && !before->none;
  if (err == ERR_OK)
    err = keep_step (x, &draft, state->bytes);
  return err == ERR_OK ? tell (x, row, &present->record) : err;
}

/* The record is not here under its id: the centre said that it is another PC's of the same key, or that it
 * has gone to another office, or it never was taken. */
static err_t
look_elsewhere (undoing_t *x, const update_t *made)
{
  record_ref_t ref = {made->home, made->id};
  present_t present;
  row_t shadow;
  bool alias;
  err_t err = outbox_alias_get (x->txn, made->id, &ref, &alias);
  if (err == ERR_OK && alias)
    err = present_by_ref (x->o, x->txn, ref, x->arena, &present);
  if (err == ERR_OK && alias)
    return leave (x, &present, "merged",
                  str_of (L ("đã được gộp với bản của máy khác", "was merged with another PC's record")));
  if (err == ERR_OK || err == ERR_NOT_FOUND)
    err = outbox_shadow_get (x->txn, ref, &shadow);
  if (err == ERR_OK)
    return tell (x,
                 (undo_row_t){.action = UNDO_LEFT,
                              .reason = "other_office",
                              .why = str_of (L ("nay là của đơn vị khác", "is another office's now"))},
                 &made->record);
  x->out->already += err == ERR_NOT_FOUND;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
look_at (undoing_t *x, uint64_t seq)
{
  update_t made;
  before_t before;
  present_t present;
  arena_reset (x->arena);
  err_t err = read_update (x, seq, &made);
  if (err == ERR_OK)
    err = read_before (x, &made, &before);
  if (err != ERR_OK)
    return err;
  err = present_by_ref (x->o, x->txn, (record_ref_t){made.home, made.id}, x->arena, &present);
  if (err == ERR_NOT_FOUND)
    return look_elsewhere (x, &made);
  if (err != ERR_OK)
    return err;
  if (is_as_before (&present, &before)) {
    x->out->already++;
    return ERR_OK;
  }
  if (!is_state_of (&present, &made))
    return leave (x, &present, "changed_since",
                  str_of (L ("đã được sửa sau lần nhập này", "was changed since the import")));
  if (!before.none && !before.known)
    return leave (x, &present, "unknown_before",
                  str_of (L ("bản trước lần nhập không có trên máy này",
                             "the version before the import is not on this PC")));
  return take_back (x, &present, &made, &before);
}

/* ---- the whole import ---- */

static err_t
no_such_import (uint64_t number, fail_t *fail)
{
  return fail_set (fail, ERR_NOT_FOUND,
                   L ("không có lần nhập %" PRIu64 " trên máy này; xem “kc-agent imports”",
                      "there is no import %" PRIu64 " on this PC; see \"kc-agent imports\""),
                   number);
}

static void
forget (undoing_t *x)
{
  x->steps = 0;
  buf_clear (&x->states);
  undo_free (x->out);
  x->row_room = 0;
  locks_destroy (&x->locks);
  *x->out = (undo_result_t){.import = x->options->import};
}

static err_t
make_comment (undoing_t *x)
{
  buf_clear (&x->comment);
  buf_printf (&x->comment, L ("hoàn tác lần nhập %" PRIu64 ": ", "undo of import %" PRIu64 ": "),
              x->import.number);
  utf8_put_clean (&x->comment, (str_t){x->import.file.p, utf8_prefix (x->import.file, FILE_COLUMNS)}, false);
  if (!str_blank (x->options->reason) && x->comment.n + x->options->reason.n + 2 <= COMMENT_MAX)
    buf_printf (&x->comment, "; %.*s", STR_ARG (x->options->reason));
  x->out->file = arena_str (x->told, x->import.file);
  return buf_ok (&x->comment) && x->comment.n <= COMMENT_MAX ? ERR_OK : ERR_NOMEM;
}

static err_t
plan (undoing_t *x, fail_t *fail)
{
  forget (x);
  err_t err = kv_begin (outbox_kv (x->o), false, &x->txn);
  if (err == ERR_OK)
    err = outbox_import_get (x->txn, x->options->import, &x->import);
  if (err == ERR_NOT_FOUND)
    err = no_such_import (x->options->import, fail);
  if (err == ERR_OK)
    err = make_comment (x);
  if (err == ERR_OK)
    err = locks_of_outbox (x->o, x->txn, &x->locks);
  for (uint64_t seq = x->import.first; err == ERR_OK && seq <= x->import.last; seq++)
    err = look_at (x, seq);
  kv_abort (&x->txn);
  x->import.file = x->out->file;
  return err;
}

typedef struct {
  undoing_t *x;
  size_t at;
} replay_t;

static err_t
next_step (void *ctx, draft_t *out)
{
  replay_t *r = ctx;
  undoing_t *x = r->x;
  update_t u;
  if (r->at == x->steps)
    return ERR_END;
  const step_t *s = &x->step[r->at++];
  arena_reset (x->arena);
  err_t err = row_decode (&(row_t){.bytes = {x->states.p + s->at, s->n}}, x->arena, &u);
  if (err == ERR_OK)
    *out = (draft_t){.ref = s->ref, .base = s->base, .operation = s->operation, .record = u.record};
  return err;
}

static err_t
store (undoing_t *x, fail_t *fail)
{
  replay_t r = {.x = x};
  const import_info_t info = {x->import.file, x->steps, x->import.number};
  return outbox_store_each (x->o, next_step, &r, x->options->person, buf_str (&x->comment), &info,
                            clock_wall (), NULL, &x->out->undo, fail);
}

static err_t
run (undoing_t *x, fail_t *fail)
{
  err_t err = ERR_INPUT;
  for (int i = 0; i < UNDO_TRIES && err == ERR_INPUT; i++) {
    fail_t why = {0};
    err = plan (x, fail);
    if (err != ERR_OK || x->steps == 0 || x->options->dry_run)
      return err;
    err = store (x, &why);
    if (err != ERR_OK && err != ERR_INPUT) { /* that one: another process wrote meanwhile */
      if (fail != NULL && fail->err == ERR_OK)
        *fail = why;
      return err;
    }
  }
  return err == ERR_OK ? ERR_OK
                       : fail_set (fail, err,
                                   L ("kho đang được sửa ở nơi khác; hãy thử lại",
                                      "the store is being changed elsewhere; try again"));
}

err_t
undo_import (outbox_t *o, const undo_options_t *options, arena_t *arena, undo_result_t *out, fail_t *fail)
{
  undoing_t x = {.o = o, .options = options, .told = arena, .out = out};
  *out = (undo_result_t){.import = options->import};
  err_t err = edits_may_write (o, fail);
  if (err == ERR_OK)
    err = edits_check_words (options->person, options->reason, fail);
  if (err == ERR_OK)
    err = (x.arena = arena_new (UNDO_ROOM)) != NULL ? run (&x, fail) : ERR_NOMEM;
  arena_destroy (&x.arena);
  locks_destroy (&x.locks);
  free (x.step);
  buf_free (&x.comment);
  buf_free (&x.text);
  buf_free (&x.states);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

void
undo_free (undo_result_t *r)
{
  free (r->row);
  r->row = NULL;
  r->n = 0;
}
