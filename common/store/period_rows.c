/* period_rows.c - rows of answers, due dates and locks.
 *
 *   answer   record id ‖ lsn → version, state, time, person, comment
 *   due      period ‖ 0x1f ‖ table ‖ 0x1f ‖ unit → lsn, date, time, person
 *   lock     the same key → lsn, locked, until, time, person, reason */
#include "common/store/period_rows.h"

#include "common/base/lang.h"

/* ---- answers ---- */

const char *
answer_name (answer_state_t a)
{
  return a == ANSWER_ACCEPTED ? "accepted" : a == ANSWER_RETURNED ? "returned" : "waiting";
}

const char *
answer_words (answer_state_t a)
{
  return a == ANSWER_ACCEPTED   ? L ("đã chấp nhận", "accepted")
         : a == ANSWER_RETURNED ? L ("đã trả lại", "returned")
                                : L ("chờ trả lời", "waits for an answer");
}

static str_t
answer_key (uint8_t out[24], record_id_t record, uint64_t lsn)
{
  memcpy (out, record.b, sizeof record.b);
  for (int i = 0; i < 8; i++)
    out[16 + i] = (uint8_t)(lsn >> (56 - 8 * i));
  return (str_t){(const char *)out, 24};
}

answer_t
answer_of_decision (const update_t *u, const decision_t *d, uint64_t lsn)
{
  return (answer_t){.state = d->u.submission.accepted ? ANSWER_ACCEPTED : ANSWER_RETURNED,
                    .version = d->u.submission.version,
                    .lsn = lsn,
                    .at = u->agent_time,
                    .person = u->person,
                    .comment = d->u.submission.comment};
}

err_t
answer_put (kv_txn_t *txn, kv_db_t db, record_id_t record, const answer_t *a)
{
  buf_t v = BUF_INIT;
  uint8_t key[24];
  buf_put (&v, a->version.store.b, 16);
  buf_u64 (&v, a->version.seq);
  buf_u8 (&v, (uint8_t)a->state);
  buf_i64 (&v, a->at.ms);
  buf_u32 (&v, (uint32_t)a->person.n);
  buf_put (&v, a->person.p, a->person.n);
  buf_put (&v, a->comment.p, a->comment.n);
  err_t err = buf_ok (&v) ? val_put (txn, db, answer_key (key, record, a->lsn), buf_str (&v)) : ERR_NOMEM;
  buf_free (&v);
  return err;
}

bool
answer_decode (str_t key, str_t body, answer_t *out)
{
  rd_t r = rd_of (body.p, body.n), k = rd_of (key.p, key.n);
  str_t store = rd_bytes (&r, 16);
  *out = (answer_t){.version.seq = rd_u64 (&r)};
  uint8_t state = rd_u8 (&r);
  out->at.ms = rd_i64 (&r);
  out->person = rd_bytes (&r, rd_u32 (&r));
  out->comment = rd_bytes (&r, r.n);
  (void)rd_bytes (&k, 16);
  out->lsn = rd_u64 (&k);
  if (!rd_done (&r) || !rd_done (&k) || (state != ANSWER_RETURNED && state != ANSWER_ACCEPTED))
    return false;
  memcpy (out->version.store.b, store.p, 16);
  out->state = (answer_state_t)state;
  return true;
}

err_t
answers_each (kv_txn_t *txn, kv_db_t db, record_id_t record, answer_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  uint8_t from[24];
  answer_t a;
  err_t err = kv_cursor_open (txn, db, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek (c, answer_key (from, record, 0), &key, &stored);
  while (err == ERR_OK && key.n == sizeof from && memcmp (key.p, record.b, sizeof record.b) == 0) {
    err = val_open (db, key, stored, &body);
    if (err == ERR_OK)
      err = answer_decode (key, body, &a) ? fn (ctx, &a) : ERR_DAMAGED;
    if (err == ERR_OK)
      err = kv_next (c, &key, &stored);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

typedef struct {
  version_t version;
  uint64_t upto;
  answer_t *answer, *previous;
} last_t;

static err_t
last_one (void *ctx, const answer_t *a)
{
  last_t *l = ctx;
  if (a->lsn <= l->upto)
    *(version_eq (a->version, l->version) ? l->answer : l->previous) = *a;
  return ERR_OK;
}

err_t
answers_last (kv_txn_t *txn, kv_db_t db, record_id_t record, version_t version, uint64_t upto,
              answer_t *answer, answer_t *previous)
{
  last_t l = {version, upto, answer, previous};
  *answer = *previous = (answer_t){.state = ANSWER_NONE};
  return answers_each (txn, db, record, last_one, &l);
}

/* ---- what is about a table of a period, for one office or all ---- */

static str_t
place_key (buf_t *out, str_t period, table_id_t table, unit_id_t unit)
{
  const char *name = table_name (table);
  buf_put (out, period.p, period.n);
  buf_putc (out, '\x1f');
  if (name != NULL)
    buf_puts (out, name);
  buf_putc (out, '\x1f');
  buf_u32 (out, unit);
  return buf_str (out);
}

static bool
place_read (str_t key, str_t *period, table_id_t *table, unit_id_t *unit)
{
  const char *first = key.n > 0 ? memchr (key.p, '\x1f', key.n) : NULL;
  size_t period_n = first != NULL ? (size_t)(first - key.p) : 0;
  if (period_n == 0 || key.n < period_n + 6 || key.p[key.n - 5] != '\x1f')
    return false;
  str_t name = {first + 1, key.n - period_n - 6};
  rd_t r = rd_of (key.p + key.n - 4, 4);
  *period = (str_t){key.p, period_n};
  *table = table_of_name (name);
  *unit = rd_u32 (&r);
  return name.n == 0 || *table != TABLE_NONE;
}

/* ---- due dates ---- */

due_t
due_of_decision (const update_t *u, const decision_t *d, uint64_t lsn)
{
  return (due_t){.period = d->u.due.period,
                 .table = table_of_name (d->u.due.table),
                 .unit = d->u.due.unit,
                 .date = d->u.due.date,
                 .lsn = lsn,
                 .set = u->agent_time,
                 .person = u->person};
}

err_t
due_put (kv_txn_t *txn, kv_db_t db, const due_t *d)
{
  buf_t key = BUF_INIT, v = BUF_INIT;
  str_t k = place_key (&key, d->period, d->table, d->unit);
  buf_u64 (&v, d->lsn);
  buf_u32 (&v, d->date);
  buf_i64 (&v, d->set.ms);
  buf_put (&v, d->person.p, d->person.n);
  err_t err = buf_ok (&v) && buf_ok (&key) ? val_put (txn, db, k, buf_str (&v)) : ERR_NOMEM;
  buf_free (&key);
  buf_free (&v);
  return err;
}

bool
due_decode (str_t key, str_t body, due_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  *out = (due_t){.lsn = rd_u64 (&r)};
  out->date = rd_u32 (&r);
  out->set.ms = rd_i64 (&r);
  out->person = rd_bytes (&r, r.n);
  return rd_done (&r) && place_read (key, &out->period, &out->table, &out->unit);
}

err_t
due_place (kv_txn_t *txn, kv_db_t db, str_t period, table_id_t table, unit_id_t unit, uint64_t *lsn,
           date_t *out)
{
  buf_t key = BUF_INIT;
  str_t k = place_key (&key, period, table, unit), body;
  due_t row;
  *lsn = 0;
  *out = 0;
  err_t err = buf_ok (&key) ? val_get (txn, db, k, &body) : ERR_NOMEM;
  if (err == ERR_OK && !due_decode (k, body, &row))
    err = ERR_DAMAGED;
  if (err == ERR_OK) {
    *lsn = row.lsn;
    *out = row.date;
  }
  buf_free (&key);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
due_get (kv_txn_t *txn, kv_db_t db, str_t period, table_id_t table, unit_id_t unit, date_t *out)
{
  uint64_t lsn;
  return due_place (txn, db, period, table, unit, &lsn, out);
}

err_t
dues_each (kv_txn_t *txn, kv_db_t db, due_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  due_t row;
  err_t err = kv_cursor_open (txn, db, &c);
  while (err == ERR_OK) {
    err = kv_next (c, &key, &stored);
    if (err == ERR_OK)
      err = val_open (db, key, stored, &body);
    if (err == ERR_OK && !due_decode (key, body, &row))
      err = ERR_DAMAGED;
    if (err == ERR_OK && row.date != 0)
      err = fn (ctx, &row);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
due_of (kv_txn_t *txn, kv_db_t db, str_t period, table_id_t table, unit_id_t unit, date_t *out)
{
  const struct {
    table_id_t table;
    unit_id_t unit;
  } nearest_first[] = {{table, unit}, {TABLE_NONE, unit}, {table, 0}, {TABLE_NONE, 0}};
  date_t date = 0;
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && date == 0 && i < 4; i++)
    err = due_get (txn, db, period, nearest_first[i].table, nearest_first[i].unit, &date);
  if (err == ERR_OK)
    *out = date;
  return err;
}

/* ---- locks ---- */

lock_row_t
lock_of_decision (const update_t *u, const decision_t *d, uint64_t lsn)
{
  return (lock_row_t){.period = d->u.lock.period,
                      .table = table_of_name (d->u.lock.table),
                      .unit = d->u.lock.unit,
                      .locked = d->u.lock.locked,
                      .until = d->u.lock.until,
                      .lsn = lsn,
                      .set = u->agent_time,
                      .person = u->person,
                      .reason = d->u.lock.reason};
}

err_t
lock_put (kv_txn_t *txn, kv_db_t db, const lock_row_t *row)
{
  buf_t key = BUF_INIT, v = BUF_INIT;
  str_t k = place_key (&key, row->period, row->table, row->unit);
  buf_u64 (&v, row->lsn);
  buf_u8 (&v, row->locked ? 1 : 0);
  buf_i64 (&v, row->until.ms);
  buf_i64 (&v, row->set.ms);
  buf_u32 (&v, (uint32_t)row->person.n);
  buf_put (&v, row->person.p, row->person.n);
  buf_put (&v, row->reason.p, row->reason.n);
  err_t err = buf_ok (&v) && buf_ok (&key) ? val_put (txn, db, k, buf_str (&v)) : ERR_NOMEM;
  buf_free (&key);
  buf_free (&v);
  return err;
}

bool
lock_decode (str_t key, str_t body, lock_row_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  *out = (lock_row_t){.lsn = rd_u64 (&r)};
  uint8_t locked = rd_u8 (&r);
  out->locked = locked == 1;
  out->until.ms = rd_i64 (&r);
  out->set.ms = rd_i64 (&r);
  out->person = rd_bytes (&r, rd_u32 (&r));
  out->reason = rd_bytes (&r, r.n);
  return rd_done (&r) && locked <= 1 && place_read (key, &out->period, &out->table, &out->unit);
}

err_t
locks_each (kv_txn_t *txn, kv_db_t db, lock_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  lock_row_t row;
  err_t err = kv_cursor_open (txn, db, &c);
  while (err == ERR_OK) {
    err = kv_next (c, &key, &stored);
    if (err == ERR_OK)
      err = val_open (db, key, stored, &body);
    if (err == ERR_OK)
      err = lock_decode (key, body, &row) ? fn (ctx, &row) : ERR_DAMAGED;
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
lock_get (kv_txn_t *txn, kv_db_t db, str_t period, table_id_t table, unit_id_t unit, lock_row_t *out)
{
  buf_t key = BUF_INIT;
  str_t k = place_key (&key, period, table, unit), body;
  err_t err = buf_ok (&key) ? val_get (txn, db, k, &body) : ERR_NOMEM;
  if (err == ERR_OK && !lock_decode (k, body, out))
    err = ERR_DAMAGED;
  out->period = period; /* the key's bytes go */
  buf_free (&key);
  return err;
}
