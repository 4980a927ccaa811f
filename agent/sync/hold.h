/* hold.h - the store opened and its line held: what serve, sync and join begin with. */
#ifndef KC_AGENT_SYNC_HOLD_H
#define KC_AGENT_SYNC_HOLD_H

#include "agent/outbox/outbox.h"
#include "common/platform/platform.h"

typedef struct {
  outbox_t *outbox;
  lock_t *lock; /* NULL: another process holds the line */
} hold_t;

/* Opens the store and tries for the line for up to patience_ms; counts the boot when it has it. The line
 * being held by another is no error: lock stays NULL. */
MUST_USE err_t hold_take (const char *dir, bool need_joined, int64_t patience_ms, hold_t *out, fail_t *fail);
/* Once more, without waiting. */
MUST_USE err_t hold_try (const char *dir, hold_t *h);
void hold_release (hold_t *h);

#endif
