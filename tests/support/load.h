/* load.h - synthetic offices that have much to send: all of it is made and encoded before the clock starts,
 * so that the load costs as little as it can on the cores it shares with what is measured. */
#ifndef KC_TESTS_SUPPORT_LOAD_H
#define KC_TESTS_SUPPORT_LOAD_H

#include "tests/support/peer.h"

typedef struct {
  peer_t *peer;
  buf_t *frames;  /* encoded chunks */
  uint64_t *last; /* sequence that each chunk ends with */
  size_t n, sent, acked;
  size_t updates, bytes; /* in all, as encoded */
} load_t;

/* Schemes of the peer's unit, numbered from number on; in a session of their own, since one that was silent
 * meanwhile is over. */
void load_make (load_t *l, peer_t *p, uint64_t number, size_t updates, size_t per_chunk);
void load_free (load_t *l);
void load_send (load_t *l, size_t in_flight); /* while fewer are unacknowledged */
size_t load_take (load_t *l);                 /* what came; chunks acknowledged by it */

/* What live offices saw that sent one update at a time. */
typedef struct {
  double *latency_ms; /* of each update */
  size_t n, live_n;   /* updates acknowledged; by the live office that had fewest */
  size_t backlog;     /* updates of the backlogs */
  double seconds;     /* until the backlogs had drained */
} lived_t;
/* Live offices send one update after the other, beside backlogs until those have drained, else for so long.
 * All loads are spent; exits when the centre falls silent. */
void load_live (load_t *live, size_t live_n, load_t *backlogs, size_t backlogs_n, double seconds,
                lived_t *out);
void lived_free (lived_t *l);

#endif
