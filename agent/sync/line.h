/* line.h - the loop under serve, sync, join and doctor: one socket, one session machine, one store.
 *
 * The caller holds DIR's line lock and has opened the store; line_run borrows both. */
#ifndef KC_AGENT_SYNC_LINE_H
#define KC_AGENT_SYNC_LINE_H

#include "agent/outbox/outbox.h"
#include "common/core/session.h"

typedef enum {
  GOAL_SERVE, /* until stopped */
  GOAL_ROUND, /* until round `round` is done */
  GOAL_REKEY, /* until the centre has welcomed our new keys */
  GOAL_JOIN,  /* until enrolled and the catalogue is here */
  GOAL_PROBE  /* until the centre said WELCOME */
} goal_t;

typedef struct {
  goal_t goal;
  int64_t timeout_ms; /* negative: none */
  uint64_t round;
  bool repeat; /* JOIN: begun before, by this invite */
} line_options_t;

typedef struct {
  session_reason_t reason; /* what was last said of the session */
  bool connected;          /* a port answered at all */
  bool welcomed;
  int64_t clock_offset_ms;
} line_result_t;

/* ERR_OK: goal reached, or stopped. ERR_REFUSED, ERR_FORGED: at once where only a person can help (not
 * SERVE). ERR_UNREACHABLE, ERR_TIMEOUT: time is over. Words in fail. result may be NULL. */
MUST_USE err_t line_run (outbox_t *o, const line_options_t *options, line_result_t *result, fail_t *fail);

#endif
