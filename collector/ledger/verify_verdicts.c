/* verify_verdicts.c - verdicts beside the log: each parked side has its row, each row its parked side, each
 * other id the update that made it one, and each decision says of its update what the log says. */
#include "collector/ledger/conflicts.h"
#include "collector/ledger/verify_private.h"

#include "common/base/lang.h"
#include "common/wire/update_wire.h"

static void
name_record (verify_t *v, str_t key)
{
  record_id_t id;
  char text[37];
  if (key.n < sizeof id.b)
    return;
  memcpy (id.b, key.p, sizeof id.b);
  record_id_format (id, text);
  buf_puts (&v->name, text);
}

static void
found_record (verify_t *v, const char *thing, str_t key, const char *what)
{
  buf_clear (&v->name);
  name_record (v, key);
  verify_found (v, thing, what);
}

/* ---- rows ---- */

static bool
names (const version_t *list, uint32_t n, version_t version)
{
  for (uint32_t i = 0; i < n; i++)
    if (version_eq (list[i], version))
      return true;
  return false;
}

/* Was an update made on the parked side, perhaps by way of refused ones? */
static err_t
made_on (verify_t *v, version_t base, const conflict_t *c, uint64_t before, bool *out)
{
  update_t u;
  log_entry_t e;
  uint64_t lsn = 0;
  *out = false;
  while (base.seq != 0 && !version_eq (base, c->version)) {
    err_t err = ledger_version_lsn (v->l, v->txn, base, &lsn);
    if (err == ERR_OK)
      err = lsn < before ? ledger_log_get (v->l, v->txn, lsn, &e) : ERR_NOT_FOUND;
    if (err != ERR_OK)
      return err == ERR_NOT_FOUND ? ERR_OK : err;
    if (e.verdict != VERDICT_REFUSED)
      return ERR_OK;
    arena_reset (v->arena);
    err = update_decode (e.bytes, v->arena, &u, NULL);
    if (err != ERR_OK)
      return err == ERR_NOMEM ? err : ERR_OK;
    before = lsn;
    base = u.base;
  }
  *out = base.seq != 0;
  return ERR_OK;
}

/* A side is decided by a person at the centre, by an update that says so, or by its author's next edit. */
static err_t
check_decided (verify_t *v, const conflict_t *c, bool *fits)
{
  log_entry_t e;
  update_t u;
  decision_t d = {.type = DECISION_NONE};
  record_ref_t ref = {.home = 0};
  *fits = false;
  err_t err = ledger_log_get (v->l, v->txn, c->decided, &e);
  if (err != ERR_OK || (c->decided <= c->lsn && v->l->epochs_n == 1)) /* refill.c: in whatever order */
    return err;
  arena_reset (v->arena);
  err = update_decode (e.bytes, v->arena, &u, NULL);
  if (err == ERR_OK && e.serial == 0)
    err = decision_decode (u.decision, v->arena, &d);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_OK;
  if (e.serial == 0) {
    *fits = d.type == DECISION_SETTLED && record_id_eq (d.u.settled.record, c->ref.id) &&
            names (d.u.settled.settles, d.u.settled.settles_n, c->version);
    return ERR_OK;
  }
  err = alias_resolve (v->txn, (record_ref_t){u.home, u.id}, &ref);
  if (err != ERR_OK || e.verdict == VERDICT_REFUSED || !record_id_eq (ref.id, c->ref.id))
    return err;
  *fits = e.verdict != VERDICT_PARKED && names (u.settles, u.settles_n, c->version);
  return *fits ? ERR_OK : made_on (v, u.base, c, c->decided, fits);
}

static err_t
check_conflict (verify_t *v, kv_db_t db, str_t key, str_t body)
{
  conflict_t c;
  row_t row;
  log_entry_t e;
  uint64_t base = 0;
  if (!conflict_decode (db, key, body, &c))
    return ERR_DAMAGED;
  err_t err = ledger_log_get (v->l, v->txn, c.lsn, &e);
  bool fits = err == ERR_OK && e.serial != 0 && e.verdict == VERDICT_PARKED &&
              store_id_eq (e.stream, c.version.store) && e.seq == c.version.seq;
  if (fits && db == DB_CONFLICT_PAST)
    err = check_decided (v, &c, &fits);
  if (err == ERR_OK && fits && c.base.seq != 0) {
    err = ledger_version_lsn (v->l, v->txn, c.base, &base);
    fits = err == ERR_OK && base < c.lsn;
  }
  if (err == ERR_OK && fits)
    err = book_get (v->l->book, v->txn, c.ref, &row);
  if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_DAMAGED)
    return err;
  if (err == ERR_DAMAGED || (err == ERR_OK && fits)) /* a damaged one is named where it is */
    return ERR_OK;
  found_record (
      v, "conflict", key,
      L ("không dẫn tới một bên đang chờ của bản ghi này", "it leads to no parked side of this record"));
  return ERR_OK;
}

static err_t
check_standing (verify_t *v, str_t key, str_t body)
{
  return check_conflict (v, DB_CONFLICT, key, body);
}

static err_t
check_past (verify_t *v, str_t key, str_t body)
{
  return check_conflict (v, DB_CONFLICT_PAST, key, body);
}

static err_t
check_alias (verify_t *v, str_t key, str_t body)
{
  record_ref_t to;
  uint64_t lsn;
  row_t row;
  log_entry_t e;
  update_t u;
  if (key.n != sizeof to.id.b || !alias_decode (body, &to, &lsn))
    return ERR_DAMAGED;
  err_t err = ledger_log_get (v->l, v->txn, lsn, &e);
  bool fits = err == ERR_OK && e.serial != 0 &&
              (e.verdict == VERDICT_ALIAS || e.verdict == VERDICT_MERGED || e.verdict == VERDICT_PARKED);
  if (fits) {
    arena_reset (v->arena);
    err = update_decode (e.bytes, v->arena, &u, NULL);
    fits = err == ERR_OK && memcmp (u.id.b, key.p, sizeof u.id.b) == 0 && !record_id_eq (u.id, to.id);
    err = err == ERR_NOMEM ? err : ERR_OK;
  }
  if (fits)
    err = book_get (v->l->book, v->txn, to, &row);
  if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_DAMAGED)
    return err;
  if (err == ERR_DAMAGED || (err == ERR_OK && fits))
    return ERR_OK;
  found_record (
      v, "alias", key,
      L ("không phải một id khác của một bản ghi có trong kho", "it is no other id of a record here"));
  return ERR_OK;
}

err_t
verify_conflicts (verify_t *v, size_t limit, bool *over)
{
  return verify_some (v, DB_CONFLICT, &v->conflict, limit, over, "conflict", name_record, check_standing);
}

err_t
verify_conflicts_past (verify_t *v, size_t limit, bool *over)
{
  return verify_some (v, DB_CONFLICT_PAST, &v->past, limit, over, "conflict", name_record, check_past);
}

err_t
verify_aliases (verify_t *v, size_t limit, bool *over)
{
  return verify_some (v, DB_ALIAS, &v->alias, limit, over, "alias", name_record, check_alias);
}

/* ---- entries ---- */

/* A parked side stands, or is decided: it never vanishes. */
static err_t
check_parked (verify_t *v, uint64_t lsn, const log_entry_t *e)
{
  update_t u;
  record_ref_t ref;
  uint8_t key[24];
  str_t stored;
  arena_reset (v->arena);
  err_t err = update_decode (e->bytes, v->arena, &u, NULL);
  if (err == ERR_OK)
    err = alias_resolve (v->txn, (record_ref_t){u.home, u.id}, &ref);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_OK; /* named elsewhere */
  err = kv_get (v->txn, DB_CONFLICT, key_refused (key, ref.id, lsn), &stored);
  if (err == ERR_NOT_FOUND)
    err = kv_get (v->txn, DB_CONFLICT_PAST, key_refused (key, ref.id, lsn), &stored);
  if (err != ERR_NOT_FOUND)
    return err;
  verify_found_at (v, "conflict", lsn,
                   L ("bên đang chờ này không có trong danh sách xung đột",
                      "this parked side is not among the conflicts"));
  return ERR_OK;
}

/* A verdict told is the verdict recorded, with the state it resulted in. */
static err_t
check_decision (verify_t *v, uint64_t lsn, const log_entry_t *e)
{
  update_t u;
  log_entry_t judged;
  uint64_t at = 0;
  decision_t d = {.type = DECISION_NONE};
  arena_reset (v->arena);
  err_t err = update_decode (e->bytes, v->arena, &u, NULL);
  if (err == ERR_OK)
    err = decision_decode (u.decision, v->arena, &d);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_OK; /* of a later version, or named already */
  bool fits = true;
  if (d.type == DECISION_SETTLED) {
    fits = str_cmp (e->resulting, d.u.settled.resulting) == 0;
  } else if (d.type == DECISION_VERDICT) {
    err = ledger_version_lsn (v->l, v->txn, d.u.verdict.update, &at);
    if (err == ERR_OK)
      err = ledger_log_get (v->l, v->txn, at, &judged);
    if (err == ERR_DAMAGED || (err == ERR_NOT_FOUND && v->lost > 0))
      return ERR_OK;
    if (err == ERR_NOT_FOUND)
      return verify_waiting (v, lsn, d.u.verdict.update);
    if (err != ERR_OK)
      return err;
    if (v->l->epochs_n > 1 && judged.verdict == VERDICT_MERGED && judged.resulting.n == 0)
      return ERR_OK; /* it came back behind what was made of it */
    if (v->l->epochs_n > 1 && lsn >= v->l->epochs[1].first_lsn) {
      bool present = false;
      err = centre_stream_is_present (v->txn, e->stream, &present);
      if (err == ERR_OK && !present)
        return ERR_OK; /* a verdict that came back when its update had been taken */
      if (err != ERR_OK)
        return err == ERR_DAMAGED ? ERR_OK : err;
    }
    fits = err == ERR_OK && judged.verdict == d.u.verdict.verdict &&
           str_cmp (judged.resulting, d.u.verdict.resulting) == 0;
    if (fits && d.u.verdict.alias_home != 0) {
      record_ref_t to;
      err = alias_resolve (v->txn, (record_ref_t){0, d.u.verdict.record}, &to);
      if (err != ERR_OK)
        return err == ERR_DAMAGED ? ERR_OK : err;
      fits = to.home == d.u.verdict.alias_home && record_id_eq (to.id, d.u.verdict.alias_to);
    }
  } else {
    fits = e->resulting.n == 0;
  }
  if (!fits)
    verify_found_at (v, "decision", lsn,
                     L ("quyết định này không nói đúng điều nhật ký ghi về thay đổi của nó",
                        "this decision does not say what the log says of its update"));
  return ERR_OK;
}

err_t
verify_verdict (verify_t *v, uint64_t lsn, const log_entry_t *e)
{
  if (e->serial == 0)
    return check_decision (v, lsn, e);
  return e->verdict == VERDICT_PARKED ? check_parked (v, lsn, e) : ERR_OK;
}
