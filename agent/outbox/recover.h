/* recover.h - what a restored centre has lost of others' work and we still hold (recover.c). */
#ifndef KC_AGENT_OUTBOX_RECOVER_H
#define KC_AGENT_OUTBOX_RECOVER_H

#include "agent/outbox/outbox.h"

/* A record whose state here holds what the centre has not shown since its restore. */
typedef struct {
  record_ref_t ref;
  str_t agent;           /* name of the PC that the latest of it was entered on */
  const update_t *state; /* as it stands here */
  version_t base;        /* what the centre has of it; seq 0: nothing */
} lost_t;
typedef err_t (lost_fn) (void *ctx, const lost_t *l);
/* One call per record, in no particular order; none while the new epoch is still coming down. Nothing may be
 * written meanwhile. */
MUST_USE err_t outbox_lost (outbox_t *o, kv_txn_t *txn, lost_fn *fn, void *ctx);

/* Enters all of it as updates of our own, in one durable transaction; fn (may be NULL) is told each. dry_run:
 * nothing is stored. What was entered so, here or elsewhere, is lost no more: a repeat finds nothing. */
MUST_USE err_t outbox_recover (outbox_t *o, str_t person, str_t comment, bool dry_run, wall_t now,
                               lost_fn *fn, void *ctx, uint64_t *records, fail_t *fail);

/* ---- what a DOWN does ---- */

/* The log goes on in another epoch from first_lsn: what others did from there on is not in it yet. */
MUST_USE err_t outbox_lost_from (kv_txn_t *txn, uint64_t first_lsn);
/* All that the epoch has so far is here. */
MUST_USE err_t outbox_lost_complete (kv_txn_t *txn);
/* An update by another came down, or what became of it: it is there. */
MUST_USE err_t outbox_lost_shown (kv_txn_t *txn, record_id_t id, version_t v);

#endif
