/* audience.c - which record entries of the log are for the PCs of which office.
 *
 * An agent is told what others did to its office's records, and the log is shared by all offices. What an
 * office sends lies side by side in the log, so the table holds runs: a chunk of a thousand updates costs one
 * row, written once a turn. A record that changes office is told to both; where a decision of the centre
 * moves it, which the old office reads in its stream, the new one finds the entry here. */
#include "collector/ledger/state.h"

#include "common/wire/update_wire.h"

bool
told_has (const told_t *t, unit_id_t unit)
{
  for (size_t i = 0; i < t->n; i++)
    if (t->unit[i] == unit)
      return true;
  return t->all;
}

void
told_note (told_t *t, unit_id_t unit)
{
  if (told_has (t, unit))
    return;
  if (t->n == TOLD_MAX)
    t->all = true;
  else
    t->unit[t->n++] = unit;
}

static err_t
run_put (kv_txn_t *txn, audience_run_t *run)
{
  uint8_t key[12], count[4];
  if (run->count == 0)
    return ERR_OK;
  err_t err = val_put (txn, DB_AUDIENCE, key_down (key, run->unit, run->first), key_u32 (count, run->count));
  run->count = 0;
  return err;
}

err_t
audience_note (turn_t *t, unit_id_t unit, uint64_t lsn)
{
  audience_run_t *place = &t->open[0];
  told_note (&t->told, unit);
  for (size_t i = 0; i < AUDIENCE_OPEN; i++) {
    audience_run_t *run = &t->open[i];
    if (run->count > 0 && run->unit == unit) {
      if (run->first + run->count == lsn && run->count < UINT32_MAX) {
        run->count++;
        return ERR_OK;
      }
      place = run;
      break;
    }
    if (run->count == 0 || (place->count > 0 && run->first < place->first))
      place = run;
  }
  err_t err = run_put (t->txn, place);
  *place = (audience_run_t){unit, lsn, 1};
  return err;
}

err_t
audience_flush (turn_t *t)
{
  err_t err = ERR_OK;
  for (size_t i = 0; i < AUDIENCE_OPEN && err == ERR_OK; i++)
    err = run_put (t->txn, &t->open[i]);
  return err;
}

bool
audience_run_decode (str_t key, str_t body, audience_run_t *out)
{
  rd_t k = rd_of (key.p, key.n), r = rd_of (body.p, body.n);
  out->unit = rd_u32 (&k);
  out->first = rd_u64 (&k);
  out->count = rd_u32 (&r);
  return rd_done (&k) && rd_done (&r) && out->first > 0 && out->count > 0;
}

static err_t
run_open (str_t key, str_t stored, audience_run_t *out)
{
  str_t body;
  err_t err = val_open (DB_AUDIENCE, key, stored, &body);
  if (err == ERR_OK && !audience_run_decode (key, body, out))
    err = ERR_DAMAGED;
  return err;
}

err_t
audience_seek (kv_cursor_t *c, unit_id_t unit, uint64_t lsn, audience_run_t *out)
{
  uint8_t bytes[12];
  str_t key, stored;
  const str_t at = key_down (bytes, unit, lsn);
  err_t err = kv_seek_before (c, at, &key, &stored);
  if (err == ERR_OK && key.n == at.n && memcmp (key.p, at.p, 4) == 0) {
    err = run_open (key, stored, out);
    if (err != ERR_OK || out->first + out->count > lsn)
      return err;
  } else if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  err = kv_seek (c, at, &key, &stored);
  if (err == ERR_OK && (key.n != at.n || memcmp (key.p, at.p, 4) != 0))
    err = ERR_NOT_FOUND;
  return err == ERR_OK ? run_open (key, stored, out) : err;
}

/* The office of the state that an entry gave its record, or meant to; 0: it is about none. */
static err_t
office_at (ledger_t *l, kv_txn_t *txn, uint64_t lsn, log_entry_t *e, unit_id_t *out)
{
  update_t u;
  err_t err = ledger_log_get (l, txn, lsn, e);
  *out = 0;
  if (err != ERR_OK || (e->serial == 0 && e->resulting.n == 0) || !verdict_is_told (e->verdict))
    return err;
  arena_reset (l->arena);
  err = update_decode (log_entry_state (e), l->arena, &u, NULL);
  if (err == ERR_OK)
    *out = record_office (&u.record);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

/* A decision is told in its stream; only who has the record by it and does not read that needs to be led
 * here. */
static err_t
note_entry (turn_t *t, const log_entry_t *e, unit_id_t office, unit_id_t before)
{
  stream_row_t stream = {.unit = 0};
  err_t err = e->serial == 0 ? stream_get (t->txn, e->stream, &stream) : ERR_OK;
  if (err == ERR_OK && (e->serial != 0 || office != stream.unit))
    err = audience_note (t, office, e->lsn);
  if (err == ERR_OK && e->serial != 0 && before != 0 && before != office)
    err = audience_note (t, before, e->lsn);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* What cannot be read is passed: verify names it, and nobody can be told of it. */
err_t
audience_build (ledger_t *l, turn_t *t)
{
  position_t end;
  err_t err = ledger_end (l, t->txn, &end, NULL);
  for (uint64_t lsn = 1; err == ERR_OK && lsn <= end.lsn; lsn++) {
    log_entry_t e, previous;
    unit_id_t office = 0, before = 0;
    err = office_at (l, t->txn, lsn, &e, &office);
    if (err == ERR_OK && office != 0 && e.previous_lsn != 0)
      err = office_at (l, t->txn, e.previous_lsn, &previous, &before);
    if (err == ERR_DAMAGED || err == ERR_NOT_FOUND)
      err = ERR_OK;
    if (err == ERR_OK && office != 0)
      err = note_entry (t, &e, office, before);
  }
  return err == ERR_OK ? audience_flush (t) : err;
}
