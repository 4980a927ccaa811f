/* compare.h - what a record must be: after each merge, and at the end on both sides. */
#ifndef KC_TESTS_SIM_COMPARE_H
#define KC_TESTS_SIM_COMPARE_H

#include "tests/sim/sim.h"

#include "collector/ledger/state.h"

/* An office that has everything, beside the centre. */
typedef struct {
  const machine_t *machine;
  outbox_t *o;
  ledger_t *l;
  kv_txn_t *here, *there;
  bool reverse;
} compare_t;

/* Records, parked sides and refusals are the same on both sides. */
void compare_records (compare_t *t);
/* What either side changed alone is in what was merged of them. */
void check_merged (ledger_t *l, kv_txn_t *txn, const log_entry_t *e);

#endif
