/* retry.h - what the centre refused is sent again, as it stands on this PC: nobody types it anew. */
#ifndef KC_AGENT_ENTRY_RETRY_H
#define KC_AGENT_ENTRY_RETRY_H

#include "agent/entry/edits.h"

typedef struct {
  uint64_t sent;    /* updates made */
  uint64_t held;    /* a lock holds them still: left as they are */
  uint64_t refused; /* for other reasons, which sending again does not mend: left as they are */
} retry_result_t;

/* record absent: whatever was refused for a lock that holds it no longer; with --reason absent each keeps the
 * reason it had. A record named is sent again whatever refused it; ERR_INPUT when it does not stand refused.
 * found: what the centre will say to the one named. Durable when ERR_OK. */
MUST_USE err_t retry_refused (outbox_t *o, str_t record, kind_t kind, str_t person, str_t reason,
                              reasons_t *found, retry_result_t *out, fail_t *fail);
/* How many would be sent again, with no record named. */
MUST_USE err_t retry_count (outbox_t *o, kv_txn_t *txn, uint64_t *out);

#endif
