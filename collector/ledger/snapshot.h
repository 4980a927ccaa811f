/* snapshot.h - the ledger as it stood at a position: totals, records and catalogue of then.
 *
 * The log keeps every version and each entry names the record's version before it, so the past is worked out
 * from the present: today's totals, less what changed records contribute now, plus what they contributed
 * then. That costs what has happened since, not what happened before. */
#ifndef KC_COLLECTOR_LEDGER_SNAPSHOT_H
#define KC_COLLECTOR_LEDGER_SNAPSHOT_H

#include "collector/ledger/submissions.h"
#include "common/report/figures.h"

typedef struct snapshot snapshot_t;

/* as_of absent: the log's end. Else EPOCH:LSN, an LSN of the present epoch, a day (yyyy-mm-dd: the end of
 * that day in Vietnam by the collector's clock), or a closed period (its latest closing): 2020-Q2, or
 * closing:2020, since a bare year is an LSN. Reads within txn, which outlives the snapshot; l's catalogue,
 * where it is the one of the position, as long as that one lives. ERR_INPUT with words: no such position. */
MUST_USE err_t snapshot_open (ledger_t *l, kv_txn_t *txn, str_t as_of, snapshot_t **out, fail_t *fail);
/* The same, but a year is never an LSN: where it is not closed, that is what is wrong. */
MUST_USE err_t snapshot_open_since (ledger_t *l, kv_txn_t *txn, str_t since, snapshot_t **out, fail_t *fail);
void snapshot_close (snapshot_t **self_p);
position_t snapshot_position (const snapshot_t *s);
str_t snapshot_position_text (const snapshot_t *s); /* EPOCH:LSN, likewise the seal: as files name it */
str_t snapshot_seal_text (const snapshot_t *s);
hash_t snapshot_seal (const snapshot_t *s);
wall_t snapshot_time (const snapshot_t *s);
const catalogue_t *snapshot_catalogue (const snapshot_t *s);

/* Feeds a query; finish it before the snapshot is closed. */
MUST_USE err_t snapshot_query (snapshot_t *s, query_t *q);
/* The same of records in accepted tables alone, or of the others; record by record. */
MUST_USE err_t snapshot_query_accepted (snapshot_t *s, accepted_want_t want, query_t *q);
/* Rows as of the position, in storage order; home 0 = all. Withdrawn ones too. */
typedef err_t (snapshot_row_fn) (void *ctx, const row_t *row, const update_t *u);
MUST_USE err_t snapshot_each (snapshot_t *s, unit_id_t home, snapshot_row_fn *fn, void *ctx);
/* The rows of one kind alone, by their natural key of now. */
MUST_USE err_t snapshot_each_of (snapshot_t *s, kind_t kind, snapshot_row_fn *fn, void *ctx);
/* For reports; office 0 = the province. Lives as long as the snapshot, until the next one is asked for. */
figures_t snapshot_figures (snapshot_t *s, unit_id_t office);

/* What changed after a position, up to now: the records touched, each with its state then and now (then NULL:
 * it was not there). Sorted by storage key; keeps 32 bytes for each record touched, and no record. */
typedef err_t (snapshot_change_fn) (void *ctx, const update_t *then, bool then_withdrawn, const update_t *now,
                                    const row_t *now_row);
MUST_USE err_t snapshot_changes (snapshot_t *s, snapshot_change_fn *fn, void *ctx);

#endif
