/* told.h - what the centre told of records: what others did, in which order all of it stands at the centre,
 * which sides are parked, and the state the centre has where the screen shows another.
 *
 * A record with updates of ours that the centre has not judged shows our latest; the centre's state waits in
 * its shadow. All rows are kept by version, so that being told twice changes nothing. */
#ifndef KC_AGENT_OUTBOX_TOLD_H
#define KC_AGENT_OUTBOX_TOLD_H

#include "agent/outbox/outbox.h"

/* An update by another PC, as it came. Views. */
typedef struct {
  version_t version;
  uint64_t lsn;
  wall_t received; /* by the centre's clock */
  verdict_t verdict;
  str_t agent; /* name of the PC it came from */
  str_t bytes;
} other_row_t;
MUST_USE err_t outbox_other_get (kv_txn_t *txn, version_t v, other_row_t *out);
MUST_USE err_t outbox_other_put (kv_txn_t *txn, const other_row_t *r);

/* What became of a record, step by step. */
typedef struct {
  record_id_t id;
  uint64_t lsn;
  version_t version; /* of the update judged; of a conflict settled at the centre: of that decision */
  verdict_t verdict;
  version_t resulting; /* the decision that holds the state; seq 0: the update does */
} story_row_t;
MUST_USE err_t outbox_story_put (kv_txn_t *txn, const story_row_t *r);
/* ERR_NOT_FOUND: it was not judged yet. */
MUST_USE err_t outbox_story_of (kv_txn_t *txn, record_id_t id, version_t v, story_row_t *out);
typedef err_t (story_fn) (void *ctx, const story_row_t *r);                           /* ERR_END: enough */
MUST_USE err_t outbox_story (kv_txn_t *txn, record_id_t id, story_fn *fn, void *ctx); /* oldest first */

/* The centre's state of a record that shows another, or cannot be shown: at is its LSN. Views. */
MUST_USE err_t outbox_shadow_get (kv_txn_t *txn, record_ref_t ref, row_t *out);
MUST_USE err_t outbox_shadow_put (kv_txn_t *txn, const row_t *row);
MUST_USE err_t outbox_shadow_del (kv_txn_t *txn, record_ref_t ref);

/* The record's latest refusal, if no later update of it was taken (*out may be NULL). */
MUST_USE err_t outbox_refusal_standing (outbox_t *o, kv_txn_t *txn, record_id_t id, bool *stands,
                                        refused_row_t *out);

MUST_USE err_t outbox_refusal_del (kv_txn_t *txn, record_id_t id, uint64_t place); /* none: fine */
/* Takes back what we were told of an update of ours, under the name it had: it goes to the centre anew. */
MUST_USE err_t outbox_untold (kv_txn_t *txn, record_id_t id, version_t v, uint64_t place);

/* A record of ours that was refused and had to leave its place in the book: another that stands at the centre
 * has its key. It is named by its id. ERR_NOT_FOUND: it is no such record. */
MUST_USE err_t outbox_displaced (outbox_t *o, kv_txn_t *txn, record_id_t id, row_t *out);

/* The office that a record went to, by its natural key as people write it or its id; 0: no such record. */
MUST_USE err_t outbox_moved_to (outbox_t *o, kv_txn_t *txn, str_t record, unit_id_t *out);

/* A parked side. Views. */
typedef struct {
  record_ref_t ref; /* of the record it is a side of */
  version_t version;
  uint64_t lsn;
  wall_t since;
  str_t agent; /* "": it is ours */
  str_t bytes; /* the parked update */
  const str_t *clashes;
  size_t clashes_n;
} parked_row_t;
MUST_USE err_t outbox_parked_put (kv_txn_t *txn, const parked_row_t *r);
MUST_USE err_t outbox_parked_del (kv_txn_t *txn, record_id_t id, version_t v); /* none: fine */
typedef err_t (parked_fn) (void *ctx, const parked_row_t *r);                  /* ERR_END: enough */
/* Of one record (id NULL: of all). Nothing may be written meanwhile. */
MUST_USE err_t outbox_parked (kv_txn_t *txn, const record_id_t *id, parked_fn *fn, void *ctx);
MUST_USE err_t outbox_parked_count (kv_txn_t *txn, uint64_t *sides);

/* The record that another id stands for. *out is left alone when there is none. */
MUST_USE err_t outbox_alias_get (kv_txn_t *txn, record_id_t id, record_ref_t *out, bool *found);
MUST_USE err_t outbox_alias_put (kv_txn_t *txn, record_id_t id, record_ref_t to);

/* Our updates up to here have been judged, as far as we were told. */
MUST_USE err_t outbox_decided (kv_txn_t *txn, uint64_t *out);
/* How far we were told, and the centre's latest time in it; zeros: nothing yet. */
MUST_USE err_t outbox_told_upto (kv_txn_t *txn, position_t *upto, wall_t *at);
/* Does the row show an update of ours that is not judged yet? */
bool outbox_row_undecided (const outbox_t *o, const row_t *row, uint64_t decided);
/* `at` of a row that shows the update seq of ours; what the centre said stands before it. */
#define AT_UNDECIDED (UINT64_C (1) << 63)

/* The update a version names, decoded into the arena: ours, another's, or the state in a decision of the
 * centre. ERR_NOT_FOUND. */
MUST_USE err_t outbox_version_get (outbox_t *o, kv_txn_t *txn, version_t v, arena_t *arena, update_t *out);

#endif
