/* taking.h - what the two files share that take a DOWN: centre.c its decisions, records.c what it says of
 * records. */
#ifndef KC_AGENT_OUTBOX_TAKING_H
#define KC_AGENT_OUTBOX_TAKING_H

#include "agent/outbox/internal.h"
#include "agent/outbox/told.h"

/* The end of a centre stream as we hold it. */
typedef struct {
  store_id_t stream;
  uint64_t seq;
  hash_t hash;
  bool extended, signed_for;
} tip_t;

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  arena_t *arena; /* of one entry */
  tip_t tip[HEADS_PER_DOWN_MAX];
  size_t tips;
  wall_t now;
  position_t cursor;
  uint64_t decided;  /* META_DECIDED, stored with the cursor */
  uint64_t own_told; /* META_OWN_TOLD, likewise */
  wall_t told_at;    /* META_TOLD_AT, likewise */
  bool again;        /* the cursor begins anew */
} taking_t;

/* records.c */
MUST_USE err_t records_take_other (taking_t *t, const record_entry_t *e);
MUST_USE err_t records_take_own (taking_t *t, const own_range_t *r);
/* A verdict, a settled conflict, a side that came with its record; u is the decision's update. */
MUST_USE err_t records_take_decision (taking_t *t, const update_t *u, const decision_t *d, uint64_t lsn);
/* What could not be shown for another's key may have its place now. */
MUST_USE err_t records_show_hidden (taking_t *t);

#endif
