/* closings.h - periods closed: the position at which their tables were sent.
 *
 * A closing is a decision in the stream for all: period, position, seal. The log keeps the rest, so figures
 * as sent are figures as of that position. Closing a period again makes a newer closing; the earlier ones
 * stay. */
#ifndef KC_COLLECTOR_LEDGER_CLOSINGS_H
#define KC_COLLECTOR_LEDGER_CLOSINGS_H

#include "collector/ledger/ledger.h"
#include "common/core/period.h"

typedef struct {
  str_t period;  /* normal form */
  position_t at; /* everything up to here was in the tables */
  hash_t seal;
  uint64_t lsn; /* of the decision */
  wall_t closed;
  str_t person, comment;
} closing_t;
MUST_USE err_t closing_put (kv_txn_t *txn, const closing_t *c);
bool closing_decode (str_t key, str_t body, closing_t *out);

/* By period, the oldest closing of each first. Slices are views as kv_get's. */
typedef err_t (closing_fn) (void *ctx, const closing_t *c);
MUST_USE err_t closings_each (ledger_t *l, kv_txn_t *txn, closing_fn *fn, void *ctx);
/* The period's latest; ERR_NOT_FOUND. */
MUST_USE err_t closings_latest (kv_txn_t *txn, str_t period, closing_t *out);
/* Does any record that is not withdrawn belong to the period? Costs up to the first that does. */
MUST_USE err_t closings_any_record (ledger_t *l, kv_txn_t *txn, const period_t *p, bool *any);

/* How many records (no submissions) were written since each of some places of the log, the earliest first.
 * Costs what has happened since the first; stops when there are `limit` since that. */
MUST_USE err_t closings_touched (ledger_t *l, kv_txn_t *txn, const uint64_t *lsn, size_t n, uint64_t limit,
                                 uint64_t *touched);

/* Closes a period at the log's end. *out: the closing that stands then, period as given. *changed false:
 * nothing that a table is made of has changed since the latest one (its texts are absent), so none was made.
 * ERR_INPUT with words: no such period, or it is not over. One durable transaction. */
MUST_USE err_t closings_close (ledger_t *l, str_t period, str_t comment, str_t person, wall_t now,
                               closing_t *out, bool *changed, fail_t *fail);

#endif
