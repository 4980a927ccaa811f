/* rotation.h - another CURVE key for the centre.
 *
 * begin tells every agent the new key and where it answers; until finish serve answers there under it, and
 * under the old one where it always did. Agents keep the old until the new one has answered. */
#ifndef KC_COLLECTOR_LEDGER_ROTATION_H
#define KC_COLLECTOR_LEDGER_ROTATION_H

#include "collector/ledger/ledger.h"

typedef struct {
  bool given;           /* one is under way */
  curve_key_t secret;   /* of the new pair */
  signed_t certificate; /* the centre's with the new key, under the authority's signature */
  str_t endpoint;       /* to bind */
  str_t addresses[ADDRESSES_MAX];
  size_t addresses_n;
  uint64_t lsn; /* of the notice: who has confirmed that place knows the new key */
} rotation_t;

/* A new pair, and a certificate for it by the authority; slices in the arena. */
MUST_USE err_t rotation_make (const ledger_t *l, const sign_secret_t *authority, arena_t *arena,
                              rotation_t *out);
/* The one under way; slices in the arena. */
MUST_USE err_t rotation_pending (kv_txn_t *txn, arena_t *arena, rotation_t *out);
/* One durable transaction each. Writer only; words in fail. */
MUST_USE err_t rotation_begin (ledger_t *l, const rotation_t *r, str_t person, wall_t now, fail_t *fail);
MUST_USE err_t rotation_finish (ledger_t *l, wall_t now, fail_t *fail);
/* Where agents were told to go by the last one that was finished: bound besides. Absent: nowhere. */
MUST_USE err_t rotation_endpoint (kv_txn_t *txn, arena_t *arena, str_t *out);

#endif
