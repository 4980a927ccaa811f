/* verify_epochs.c - that epochs begin where the log says, and streams go on from what they name. */
#include "collector/ledger/refill.h"
#include "collector/ledger/verify_private.h"

#include "common/base/lang.h"
#include "common/wire/update_wire.h"

/* What opened a stream; ERR_NOT_FOUND: its first entry is something else. */
static err_t
opening_of (verify_t *v, uint64_t lsn, log_entry_t *e, decision_t *d)
{
  err_t err = log_decision (v->l, v->txn, lsn, v->arena, e, d);
  if (err == ERR_MALFORMED ||
      (err == ERR_OK && (d->type != DECISION_OPENED || e->serial != 0 || e->seq != 1)))
    return ERR_NOT_FOUND;
  return err;
}

/* A finding unless it fits; what is damaged is named where it is. */
static err_t
judge (verify_t *v, err_t err, bool fits, const char *thing, const char *what)
{
  if (err == ERR_DAMAGED || (err == ERR_OK && fits))
    return ERR_OK;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  verify_found (v, thing, what);
  return ERR_OK;
}

err_t
verify_parent (verify_t *v, store_id_t id, const stream_row_t *row)
{
  hash_t there;
  uint64_t lsn = 0;
  log_entry_t e;
  decision_t d = {.type = DECISION_NONE};
  if (id_is_zero (row->parent.b, sizeof row->parent.b))
    return ERR_OK;
  err_t err = ledger_chain_at (v->l, v->txn, row->parent, row->parent_seq, &there);
  if (err == ERR_NOT_FOUND && !row->centre && v->l->epochs_n > 1)
    return ERR_OK; /* an author's, that a restore has lost: it is yet to come back */
  err = judge (v, err, err == ERR_OK && hash_eq (there, row->parent_hash), "chain",
               L ("dòng này không nối vào dòng mà nó nêu", "it does not go on from the stream it names"));
  if (err != ERR_OK || !row->centre)
    return err;
  err = ledger_version_lsn (v->l, v->txn, (version_t){id, 1}, &lsn);
  if (err == ERR_OK)
    err = opening_of (v, lsn, &e, &d);
  bool fits = err == ERR_OK && d.u.opened.unit == row->unit && store_id_eq (d.u.opened.parent, row->parent) &&
              d.u.opened.parent_seq == row->parent_seq && hash_eq (d.u.opened.parent_hash, row->parent_hash);
  return judge (v, err, fits, "chain",
                L ("mục đầu của dòng không nêu dòng mà nó nối vào",
                   "the stream's first entry does not name the one it goes on from"));
}

err_t
verify_epochs (verify_t *v, str_t body)
{
  epoch_row_t row[LEDGER_EPOCHS_MAX];
  size_t n;
  err_t err = ERR_OK;
  if (!epochs_decode (body, row, &n))
    return ERR_DAMAGED;
  for (size_t i = 1; i < n && err == ERR_OK; i++) {
    log_entry_t e;
    decision_t d = {.type = DECISION_NONE};
    err = opening_of (v, row[i].first_lsn, &e, &d);
    err = judge (v, err, err == ERR_OK && d.u.opened.epoch == row[i].epoch, "epoch",
                 L ("đời của nhật ký không bắt đầu ở chỗ đã ghi",
                    "the log's epoch does not begin where it is said to"));
  }
  return err;
}

err_t
verify_waiting (verify_t *v, uint64_t lsn, version_t of)
{
  uint8_t key[25];
  str_t body;
  uint64_t place = 0;
  bool settled = false;
  (void)key_version (key, of.store, of.seq);
  key[24] = 0;
  const str_t k = {(const char *)key, sizeof key};
  err_t err = val_get (v->txn, DB_VERDICT, k, &body);
  bool fits = err == ERR_OK && refill_row_decode (k, body, &of, &settled, &place) && place == lsn;
  if (fits || (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_DAMAGED))
    return err;
  verify_found_at (v, "decision", lsn,
                   L ("thay đổi mà quyết định này nói tới không có trong nhật ký",
                      "the update this decision is about is not in the log"));
  return ERR_OK;
}

/* What waits must be said somewhere: by a decision, or by an update that settles it. */
err_t
verify_verdict_row (verify_t *v, str_t key, str_t body)
{
  log_entry_t e;
  update_t u = {.settles = NULL};
  decision_t d = {.type = DECISION_NONE};
  version_t of;
  bool settled = false, fits = false;
  uint64_t lsn = 0;
  if (key.n == 25 && key.p[24] > 1) /* refill_line.c's */
    return body.n == 24 ? ERR_OK : ERR_DAMAGED;
  if (!refill_row_decode (key, body, &of, &settled, &lsn))
    return ERR_DAMAGED;
  err_t err = ledger_log_get (v->l, v->txn, lsn, &e);
  arena_reset (v->arena);
  if (err == ERR_OK)
    err = update_decode (e.bytes, v->arena, &u, NULL);
  if (err == ERR_OK && e.serial == 0)
    err = decision_decode (u.decision, v->arena, &d);
  if (err == ERR_OK && !settled)
    fits = d.type == DECISION_VERDICT && version_eq (d.u.verdict.update, of);
  const version_t *list = d.type == DECISION_SETTLED ? d.u.settled.settles : u.settles;
  const uint32_t n = d.type == DECISION_SETTLED ? d.u.settled.settles_n : u.settles_n;
  for (uint32_t i = 0; err == ERR_OK && settled && i < n; i++)
    fits = fits || version_eq (list[i], of);
  char text[33];
  hex_encode (of.store.b, sizeof of.store.b, text);
  buf_clear (&v->name);
  buf_printf (&v->name, "%s:%llu", text, (unsigned long long)of.seq);
  return judge (v, err == ERR_MALFORMED ? ERR_NOT_FOUND : err, fits, "verdict",
                L ("không dẫn tới điều đã quyết định về thay đổi này",
                   "it leads to nothing that was decided of this update"));
}
