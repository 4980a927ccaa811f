/* verify_audience.c - the table of whom record entries are for: it must lead each office to what is its, and
 * to nothing else. */
#include "collector/ledger/verify_private.h"

#include "common/base/lang.h"
#include "common/wire/update_wire.h"

/* The office of the state at lsn; 0: it cannot be said, which is named elsewhere. */
static err_t
office_of (verify_t *v, const log_entry_t *e, unit_id_t *out)
{
  update_t u;
  *out = 0;
  arena_reset (v->arena);
  err_t err = update_decode (log_entry_state (e), v->arena, &u, NULL);
  if (err == ERR_OK)
    *out = record_office (&u.record);
  return err == ERR_NOMEM ? err : ERR_OK;
}

static err_t
offices_of (verify_t *v, const log_entry_t *e, unit_id_t *now, unit_id_t *before)
{
  log_entry_t previous;
  *before = 0;
  err_t err = office_of (v, e, now);
  if (err != ERR_OK || e->previous_lsn == 0)
    return err;
  err = ledger_log_get (v->l, v->txn, e->previous_lsn, &previous);
  if (err == ERR_OK)
    return office_of (v, &previous, before);
  return err == ERR_NOT_FOUND || err == ERR_DAMAGED ? ERR_OK : err;
}

static err_t
leads_to (verify_t *v, unit_id_t unit, uint64_t lsn, bool *out)
{
  kv_cursor_t *c = NULL;
  audience_run_t run;
  err_t err = kv_cursor_open (v->txn, DB_AUDIENCE, &c);
  if (err == ERR_OK)
    err = audience_seek (c, unit, lsn, &run);
  kv_cursor_close (&c);
  *out = (err == ERR_OK && run.first <= lsn && lsn - run.first < run.count) || err == ERR_DAMAGED;
  return err == ERR_NOT_FOUND || err == ERR_DAMAGED ? ERR_OK : err; /* a damaged one is named where it is */
}

err_t
verify_told (verify_t *v, uint64_t lsn, const log_entry_t *e)
{
  unit_id_t unit[2];
  uint64_t made = 0;
  bool led = true;
  if (e->serial == 0 || !verdict_is_told (e->verdict))
    return ERR_OK;
  err_t err = meta_get_u64 (v->txn, DB_META, META_TABLES, &made);
  if (err == ERR_OK && made <= DB_AUDIENCE)
    return ERR_OK; /* still to be made */
  if (err == ERR_NOT_FOUND || err == ERR_DAMAGED)
    return ERR_OK;
  if (err == ERR_OK)
    err = offices_of (v, e, &unit[0], &unit[1]);
  for (size_t i = 0; err == ERR_OK && i < 2 && led; i++)
    if (unit[i] != 0)
      err = leads_to (v, unit[i], lsn, &led);
  if (err == ERR_OK && !led)
    verify_found_at (v, "audience", lsn,
                     L ("thay đổi này không nằm trong danh sách gửi xuống đơn vị của nó",
                        "this change is not among what its office is told"));
  return err;
}

static err_t
check_run (verify_t *v, str_t key, str_t body)
{
  audience_run_t run;
  if (!audience_run_decode (key, body, &run))
    return ERR_DAMAGED;
  for (uint64_t lsn = run.first; lsn - run.first < run.count; lsn++) {
    log_entry_t e;
    unit_id_t now = 0, before = 0;
    err_t err = ledger_log_get (v->l, v->txn, lsn, &e);
    bool fits = err == ERR_OK && (e.serial != 0 || e.resulting.n > 0) && verdict_is_told (e.verdict);
    if (fits)
      err = offices_of (v, &e, &now, &before);
    fits = fits && (now == run.unit || (before == run.unit && e.serial != 0) || now == 0);
    if (err == ERR_DAMAGED || fits) /* a damaged one is named where it is */
      continue;
    if (err != ERR_OK && err != ERR_NOT_FOUND)
      return err;
    verify_found_at (
        v, "audience", lsn,
        L ("không dẫn tới một thay đổi của đơn vị này", "it leads to no change of this office's records"));
    break;
  }
  return ERR_OK;
}

static void
name_run (verify_t *v, str_t key)
{
  char text[POSITION_TEXT_MAX];
  position_format (ledger_position (v->l, key_read_u64 (key, 4)), text);
  buf_puts (&v->name, text);
}

err_t
verify_audience (verify_t *v, size_t limit, bool *over)
{
  return verify_some (v, DB_AUDIENCE, &v->audience, limit, over, "audience", name_run, check_run);
}
