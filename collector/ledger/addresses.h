/* addresses.h - where agents find the centre. */
#ifndef KC_COLLECTOR_LEDGER_ADDRESSES_H
#define KC_COLLECTOR_LEDGER_ADDRESSES_H

#include "collector/ledger/ledger.h"

typedef struct {
  str_t at[ADDRESSES_MAX];
  size_t n; /* 0: none are configured */
  signature_t signature;
  wall_t set;
} addresses_t;

/* tcp://HOST:PORT, as others can dial them? ERR_INPUT with words. */
MUST_USE err_t addresses_check (const str_t *addresses, size_t n, fail_t *fail);
/* As a person configured them; slices in the arena. */
MUST_USE err_t addresses_configured (kv_txn_t *txn, arena_t *arena, addresses_t *out);
/* One durable transaction; n 0: none any more. *changed false: they were that already. */
MUST_USE err_t addresses_set (ledger_t *l, const str_t *addresses, size_t n, str_t person, wall_t now,
                              bool *changed, fail_t *fail);
/* As serve last bound them (room for ADDRESSES_MAX), in a form that can be dialled; slices in the arena. */
MUST_USE err_t addresses_bound (kv_txn_t *txn, arena_t *arena, str_t *out, size_t *n);
/* Those that an invite names by itself (room for ADDRESSES_MAX): configured, else last bound by serve. */
MUST_USE err_t addresses_of_invites (kv_txn_t *txn, arena_t *arena, str_t *out, size_t *n);

#endif
