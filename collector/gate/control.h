/* control.h - the way of a command into a running serve: a socket in DIR that only its owner may open. */
#ifndef KC_COLLECTOR_GATE_CONTROL_H
#define KC_COLLECTOR_GATE_CONTROL_H

#include "common/base/bytes.h"

#define CONTROL_SOCKET "control.sock"
#define CONTROL_FRAME_MAX (2u << 20)

/* Sends request to the serve of DIR and waits for its answer, appended to reply. Returns what the change
 * returned there (reply is filled with what it left, also on failure). With an empty reply: ERR_NOT_FOUND,
 * nothing serves DIR - do it directly, under its lock; ERR_TIMEOUT, no answer came; ERR_TOO_BIG, ERR_NOMEM,
 * ERR_MALFORMED (another program's answer). */
MUST_USE err_t control_call (const char *dir, str_t request, buf_t *reply);
/* Is a serve running on DIR? (by its lock, which a crash cannot leave behind) */
bool control_served (const char *dir);

#endif
