/* centre_stream.c - the centre's own streams: one for all, and one for each office.
 *
 * A decision is an update like any other: numbered and chained in its stream, kept in the log, and from
 * there sent to those it is for, so that agents can check the whole chain and refill a restored centre
 * (PROTOCOL 4). The stream of an office is opened by the first thing there is to tell it. */
#include "collector/ledger/state.h"

#include "common/base/lang.h"
#include "common/core/validate.h"
#include "common/crypto/crypto.h"
#include "common/text/utf8.h"
#include "common/wire/update_wire.h"

#include <stdio.h>

static void
stream_name (unit_id_t unit, char out[32])
{
  snprintf (out, 32, "stream.%u", (unsigned)unit);
}

/* What an entry says beside the decision it holds. */
typedef struct {
  str_t resulting;
  uint64_t previous_lsn;
} gives_t;

/* A record that a decision gives to another office than the one told here: that office is given the state. */
static err_t
note_moved (turn_t *t, const stream_row_t *row, str_t resulting, uint64_t lsn)
{
  update_t u;
  arena_t *arena = arena_new (DECODE_BUDGET (resulting.n));
  err_t err = arena != NULL ? update_decode (resulting, arena, &u, NULL) : ERR_NOMEM;
  if (err == ERR_OK && record_office (&u.record) != row->unit)
    err = audience_note (t, record_office (&u.record), lsn);
  arena_destroy (&arena);
  return err == ERR_MALFORMED || err == ERR_VERSION ? ERR_OK
                                                    : err; /* of a later version: nobody can be told */
}

err_t
centre_log (ledger_t *l, turn_t *t, store_id_t id, stream_row_t *row, str_t bytes, str_t resulting,
            uint64_t previous_lsn, uint64_t *lsn)
{
  row->cursor++;
  row->hash = chain_next (row->hash, bytes);
  log_entry_t e = {
      .previous_lsn = previous_lsn,
      .stream = id,
      .seq = row->cursor,
      .verdict = VERDICT_ACCEPTED,
      .rules = RULES_VERSION,
      .received = t->now,
      .chain = row->hash,
      .resulting = resulting,
      .bytes = bytes,
  };
  run_t run;
  uint8_t key[12];
  err_t err = log_append (l, t, &e);
  *lsn = e.lsn;
  if (err == ERR_OK)
    err = val_put (t->txn, DB_DOWN, key_down (key, row->unit, e.lsn), STR (""));
  if (err == ERR_OK && resulting.n > 0)
    err = note_moved (t, row, resulting, e.lsn);
  if (err == ERR_OK)
    err = run_last (t->txn, id, row->cursor, &run);
  if (err == ERR_OK)
    err = run_note (t->txn, &run, row->cursor, e.lsn);
  if (err == ERR_OK)
    err = run_flush (t->txn, &run);
  return err;
}

/* Appends one decision to a stream whose row is at hand; the caller stores the row. */
static err_t
append (ledger_t *l, turn_t *t, store_id_t id, stream_row_t *row, const decision_t *d, str_t person,
        const gives_t *gives)
{
  buf_clear (&l->decision);
  buf_clear (&l->update);
  if (!decision_encode (d, &l->decision))
    return ERR_NOMEM;
  uint8_t random[10];
  crypto_random (random, sizeof random);
  update_t u = {
      .version = {id, row->cursor + 1},
      .id = record_id_make (t->now, random),
      .home = row->unit,
      .operation = OP_PUT,
      .person = person,
      .agent_time = t->now,
      .record.kind = KIND_DECISION,
      .decision = buf_str (&l->decision),
  };
  if (!update_encode (&u, &l->update))
    return ERR_NOMEM;
  if (l->update.n > UPDATE_MAX)
    return ERR_TOO_BIG; /* no agent could take it, nor anything behind it */
  const gives_t none = {STR_NONE, 0};
  uint64_t lsn;
  if (gives == NULL)
    gives = &none;
  return centre_log (l, t, id, row, buf_str (&l->update), gives->resulting, gives->previous_lsn, &lsn);
}

err_t
centre_stream_is_present (kv_txn_t *txn, store_id_t id, bool *out)
{
  char name[32];
  str_t stored;
  stream_row_t row;
  *out = false;
  err_t err = stream_get (txn, id, &row);
  if (err != ERR_OK || !row.centre)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  stream_name (row.unit, name);
  err = meta_get (txn, DB_META, name, &stored);
  *out = err == ERR_OK && stored.n == sizeof id.b && memcmp (stored.p, id.b, sizeof id.b) == 0;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* parent NULL: it is the unit's first. */
static err_t
open_stream (ledger_t *l, turn_t *t, unit_id_t unit, const char *name, const store_id_t *parent,
             const stream_row_t *parent_row, store_id_t *id, stream_row_t *row)
{
  crypto_random (id->b, sizeof id->b);
  *row = (stream_row_t){.centre = true, .unit = unit};
  if (parent != NULL) {
    row->parent = *parent;
    row->parent_seq = parent_row->cursor;
    row->parent_hash = parent_row->hash;
  }
  row->hash = chain_start (*id, row->parent, row->parent_seq, row->parent_hash);
  err_t err = meta_put (t->txn, DB_META, name, (str_t){(const char *)id->b, 16});
  if (err != ERR_OK)
    return err;
  decision_t opened = {.type = DECISION_OPENED,
                       .u.opened = {.unit = unit,
                                    .epoch = l->epoch,
                                    .parent = row->parent,
                                    .parent_seq = row->parent_seq,
                                    .parent_hash = row->parent_hash}};
  return append (l, t, *id, row, &opened, STR_NONE, NULL);
}

/* The stream of a unit; *opened: it was not there, and its row is not stored yet. */
static err_t
find_stream (ledger_t *l, turn_t *t, unit_id_t unit, store_id_t *id, stream_row_t *row, bool *opened)
{
  char name[32];
  str_t stored;
  stream_name (unit, name);
  err_t err = meta_get (t->txn, DB_META, name, &stored);
  *opened = err == ERR_NOT_FOUND;
  if (*opened)
    return open_stream (l, t, unit, name, NULL, NULL, id, row);
  if (err != ERR_OK)
    return err;
  if (stored.n != 16)
    return ERR_DAMAGED;
  memcpy (id->b, stored.p, 16);
  err = stream_get (t->txn, *id, row);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

static err_t
append_to (ledger_t *l, turn_t *t, unit_id_t unit, const decision_t *d, str_t person, const gives_t *gives)
{
  store_id_t id;
  stream_row_t row;
  bool opened;
  err_t err = find_stream (l, t, unit, &id, &row, &opened);
  if (err == ERR_OK)
    err = append (l, t, id, &row, d, person, gives);
  if (err == ERR_OK)
    err = stream_put (t->txn, id, &row);
  return err;
}

err_t
centre_fork (ledger_t *l, turn_t *t, unit_id_t unit)
{
  store_id_t id, parent;
  stream_row_t row, parent_row;
  char name[32];
  bool opened;
  err_t err = find_stream (l, t, unit, &parent, &parent_row, &opened);
  stream_name (unit, name);
  if (err == ERR_OK && !opened)
    err = open_stream (l, t, unit, name, &parent, &parent_row, &id, &row);
  if (err == ERR_OK)
    err = stream_put (t->txn, opened ? parent : id, opened ? &parent_row : &row);
  return err;
}

err_t
centre_append (ledger_t *l, turn_t *t, unit_id_t unit, const decision_t *d, str_t person)
{
  return append_to (l, t, unit, d, person, NULL);
}

err_t
centre_append_state (ledger_t *l, turn_t *t, unit_id_t unit, const decision_t *d, str_t person,
                     str_t resulting, uint64_t previous_lsn)
{
  const gives_t gives = {resulting, previous_lsn};
  CHECK (resulting.n > 0);
  return append_to (l, t, unit, d, person, &gives);
}

err_t
centre_next (ledger_t *l, turn_t *t, unit_id_t unit, version_t *out)
{
  store_id_t id;
  stream_row_t row;
  bool opened;
  err_t err = find_stream (l, t, unit, &id, &row, &opened);
  if (err == ERR_OK && opened)
    err = stream_put (t->txn, id, &row);
  if (err == ERR_OK)
    *out = (version_t){id, row.cursor + 1};
  return err;
}

err_t
centre_comment_check (str_t comment, fail_t *fail)
{
  if (comment.n <= COMMENT_MAX && utf8_valid (comment, NULL) && utf8_clean (comment, false, NULL))
    return ERR_OK;
  return fail_set (
      fail, ERR_INPUT,
      L ("lời nhắn (--comment, --reason) phải là chữ UTF-8 trên một dòng, không quá %u byte; hãy rút ngắn",
         "the words (--comment, --reason) must be one line of UTF-8, at most %u bytes; shorten them"),
      COMMENT_MAX);
}
