/* admission.h - who may come in, as a table in memory made from the roster; feeds the ZAP handler. */
#ifndef KC_COLLECTOR_GATE_ADMISSION_H
#define KC_COLLECTOR_GATE_ADMISSION_H

#include "collector/ledger/roster.h"
#include "common/core/collector_session.h"
#include "common/net/zap.h"

typedef struct {
  peer_kind_t kind;
  uint32_t serial;      /* agents: number */
  uint32_t certificate; /* agents: whose keys these are */
  unit_id_t unit;
  role_t role;
  curve_key_t curve; /* it comes with: an agent's own, or an invite's */
  sign_key_t sign;   /* agents */
} admitted_t;

typedef struct admission admission_t;
admission_t *admission_new (void);
void admission_destroy (admission_t **self_p);
/* Reads the roster anew (a short read transaction) and hands the keys to zap. On failure the old table
 * stands. */
MUST_USE err_t admission_refresh (admission_t *a, ledger_t *l, zap_t *zap, wall_t now);
/* Who a message is from, by the user its key has in the ZAP table. PEER_STRANGER when it is in no table now.
 */
admitted_t admission_find (const admission_t *a, const char *user);

#endif
