/* period_rows.h - what the centre has said of periods, kept for quick reading: answers to submissions, due
 * dates, locks.
 *
 * Both sides keep these rows, by the same code, in databases of their own behind the decisions they come
 * from: the centre when it decides, an office when the decision comes down. */
#ifndef KC_STORE_PERIOD_ROWS_H
#define KC_STORE_PERIOD_ROWS_H

#include "common/core/period.h"
#include "common/store/values.h"
#include "common/wire/centre_wire.h"

typedef enum { ANSWER_NONE = 0, ANSWER_RETURNED, ANSWER_ACCEPTED } answer_state_t;
const char *answer_name (answer_state_t a); /* "waiting", "returned", "accepted" */
const char *answer_words (answer_state_t a);

typedef struct {
  answer_state_t state;
  version_t version; /* what it is about */
  uint64_t lsn;      /* of the decision, in the centre's log */
  wall_t at;         /* the collector's clock */
  str_t person, comment;
} answer_t;

/* The row that a decision asks for, lsn its place in the centre's log; texts are the decision's. */
answer_t answer_of_decision (const update_t *u, const decision_t *d, uint64_t lsn);
MUST_USE err_t answer_put (kv_txn_t *txn, kv_db_t db, record_id_t record, const answer_t *a);
bool answer_decode (str_t key, str_t body, answer_t *out);
/* Every answer to a record, oldest first; slices are views as kv_get's. */
typedef err_t (answer_fn) (void *ctx, const answer_t *a);
MUST_USE err_t answers_each (kv_txn_t *txn, kv_db_t db, record_id_t record, answer_fn *fn, void *ctx);
/* The last answer to a version, and the last one to another version, of those up to a place in the centre's
 * log (ANSWERS_ALL: of all); state NONE: there is none. */
#define ANSWERS_ALL UINT64_MAX
MUST_USE err_t answers_last (kv_txn_t *txn, kv_db_t db, record_id_t record, version_t version, uint64_t upto,
                             answer_t *answer, answer_t *previous);

typedef struct {
  str_t period;
  table_id_t table; /* TABLE_NONE: every table */
  unit_id_t unit;   /* 0: every office */
  date_t date;      /* 0: taken back */
  uint64_t lsn;     /* of the decision */
  wall_t set;
  str_t person;
} due_t;

due_t due_of_decision (const update_t *u, const decision_t *d, uint64_t lsn);
MUST_USE err_t due_put (kv_txn_t *txn, kv_db_t db, const due_t *d);
bool due_decode (str_t key, str_t body, due_t *out);
typedef err_t (due_fn) (void *ctx, const due_t *d);
MUST_USE err_t dues_each (kv_txn_t *txn, kv_db_t db, due_fn *fn, void *ctx); /* but those taken back */
/* The date of exactly this row; 0: none. */
MUST_USE err_t due_get (kv_txn_t *txn, kv_db_t db, str_t period, table_id_t table, unit_id_t unit,
                        date_t *out);
/* The same with the place of the decision that set it; 0: none did. */
MUST_USE err_t due_place (kv_txn_t *txn, kv_db_t db, str_t period, table_id_t table, unit_id_t unit,
                          uint64_t *lsn, date_t *out);
/* The date that holds for a table of an office: its own for that table, its own for every table, all
 * offices' for that table, all offices' for every table. 0: none. */
MUST_USE err_t due_of (kv_txn_t *txn, kv_db_t db, str_t period, table_id_t table, unit_id_t unit,
                       date_t *out);

/* A period's table locked against edits, or an office's exception to that. */
typedef struct {
  str_t period;
  table_id_t table; /* TABLE_NONE: every table */
  unit_id_t unit;   /* 0: the lock itself; else an exception for this office */
  bool locked;      /* false: open again, or an exception in force */
  wall_t until;     /* an exception's last moment by the collector's clock */
  uint64_t lsn;     /* of the decision */
  wall_t set;
  str_t person, reason;
} lock_row_t;

lock_row_t lock_of_decision (const update_t *u, const decision_t *d, uint64_t lsn);
MUST_USE err_t lock_put (kv_txn_t *txn, kv_db_t db, const lock_row_t *row);
bool lock_decode (str_t key, str_t body, lock_row_t *out);
/* Every row, also of what is open again. */
typedef err_t (lock_fn) (void *ctx, const lock_row_t *row);
MUST_USE err_t locks_each (kv_txn_t *txn, kv_db_t db, lock_fn *fn, void *ctx);
/* Exactly this row; ERR_NOT_FOUND. Views as kv_get's. */
MUST_USE err_t lock_get (kv_txn_t *txn, kv_db_t db, str_t period, table_id_t table, unit_id_t unit,
                         lock_row_t *out);

#endif
