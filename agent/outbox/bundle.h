/* bundle.h - the office's end of a session in a file, for who has no line: what it would have said goes into
 * a file for the centre, what the centre answers is taken from another. The rules are the line's own. */
#ifndef KC_AGENT_OUTBOX_BUNDLE_H
#define KC_AGENT_OUTBOX_BUNDLE_H

#include "agent/outbox/outbox.h"

typedef struct {
  uint64_t first_seq, last_seq; /* of our stream; last < first: nothing to send, it only asks */
  uint64_t end;                 /* of our stream; behind last_seq: did not fit, goes into another file */
} bundle_made_t;

/* Our updates from first_seq on (0: behind what the centre has acknowledged; 1: all, the office's own copy).
 * When a first one is named, what we hold of the centre's own streams goes along: it may have been restored.
 * Writes nothing to the store. */
MUST_USE err_t outbox_bundle_export (outbox_t *o, uint64_t first_seq, str_t program, wall_t now, buf_t *out,
                                     bundle_made_t *made, fail_t *fail);

typedef struct {
  uint64_t acked_before, acked; /* what the centre has received */
  position_t before, at;        /* down cursor */
  bool complete;                /* there was no more for us when it was made */
  bool forked; /* this store is an old copy, or has a twin: our stream goes on in a new one */
} bundle_taken_t;

/* Work that has waited so long without a word from the centre is better carried there. */
#define EXPORT_DUE_DAYS 3
/* Whole days since the oldest of it was stored, or since the last contact if that was later; 0: nothing
 * waits, or not for a day. */
uint64_t outbox_waiting_days (const facts_t *f, wall_t last_contact, wall_t now);

/* A reply of the centre. One that is known changes nothing (ERR_OK). ERR_INPUT, ERR_FOREIGN with words:
 * nothing of it was taken, but for what stands under the centre's signature before the place that does not
 * fit. */
MUST_USE err_t outbox_bundle_import (outbox_t *o, str_t file, wall_t now, bundle_taken_t *taken,
                                     fail_t *fail);

#endif
