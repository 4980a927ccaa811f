/* keys.h - an office that makes new keys stays who it is, and gets in at every moment. */
#ifndef KC_TESTS_SIM_KEYS_H
#define KC_TESTS_SIM_KEYS_H

#include "tests/sim/sim.h"

#include "collector/ledger/state.h"

/* After each commit of an office. any_centre: the centre may not be the one that gave out the certificate. */
void keys_committed (const machine_t *m, outbox_t *o, kv_txn_t *centre, bool any_centre);
/* An old copy of its store is back: of older keys, perhaps. */
void keys_restored (const machine_t *m);
/* Its copy is of keys that it has given up since: it is let in no more, and a person invites it anew. */
bool keys_shut_out (const machine_t *m, outbox_t *o, kv_txn_t *centre);
/* Begun and not yet registered, or those of its certificate are not those that the centre lets in. */
bool keys_wait (outbox_t *o, kv_txn_t *centre);
void keys_end (void);

#endif
