/* trace.h - from a figure to the records behind it, and from a record to its versions. */
#ifndef KC_COLLECTOR_LEDGER_TRACE_H
#define KC_COLLECTOR_LEDGER_TRACE_H

#include "collector/ledger/submissions.h"

/* One record behind a cell, with its own contribution to it. Valid during the call. */
typedef struct {
  str_t key; /* natural key for people */
  unit_id_t office;
  uint32_t revision;
  str_t person;
  wall_t received;
  int64_t schemes, support_vnd; /* schemes; of consulting projects, revenue */
  str_t value;                  /* outcomes: decimal in the indicator's unit */
} trace_row_t;
typedef err_t (trace_row_fn) (void *ctx, const trace_row_t *row);

/* What a cell's description is about. ERR_USAGE with words. */
MUST_USE err_t trace_family (const catalogue_t *c, str_t where, family_t *out, fail_t *fail);
/* Records behind the cell, sorted by key; their contributions add up to it. today: offices are those that
 * have the records on that day; 0: as they were. */
MUST_USE err_t trace_cell (ledger_t *l, kv_txn_t *txn, str_t where, date_t today, trace_row_fn *fn, void *ctx,
                           fail_t *fail);

/* One update of a record. Valid during the call. */
typedef struct {
  uint64_t lsn;
  verdict_t verdict;
  str_t reason;
  str_t arguments[REASON_ARGS];
  wall_t received;
  str_t agent;      /* name */
  str_t key;        /* natural key for people; "" when unreadable */
  unit_id_t office; /* the author's */
  const update_t *update;
  str_t comment;         /* of the update, or of the answer */
  answer_state_t answer; /* of the centre to a submission */
  bool settled;          /* a conflict, by a person at the centre */
} trace_version_t;
typedef err_t (trace_version_fn) (void *ctx, const trace_version_t *v);

/* Versions of a record, oldest first, with the refused ones that still stand, every side that was ever parked
 * and the centre's answers to a submission (updates of kind decision). */
MUST_USE err_t trace_record (ledger_t *l, kv_txn_t *txn, record_ref_t ref, trace_version_fn *fn, void *ctx);
/* Every refusal that still stands, sorted by key. */
MUST_USE err_t trace_refused (ledger_t *l, kv_txn_t *txn, trace_version_fn *fn, void *ctx);
/* A refusal's sentence in the current language (reason_words_in). */
void trace_reason_words (str_t reason, const str_t arguments[REASON_ARGS], const catalogue_t *c, kind_t kind,
                         buf_t *out);

#endif
