/* changes.h - what has changed since a position, by cells of the totals, and the records behind it.
 *
 * Before is what `totals --as-of` says of the position, by the catalogue of then; now is what `totals` says.
 * All figures are compared, not only those of the years a closed period has: the tables that were sent tell
 * of the years before as well. Who wants fewer says so with conditions. */
#ifndef KC_COLLECTOR_LEDGER_CHANGES_H
#define KC_COLLECTOR_LEDGER_CHANGES_H

#include "collector/ledger/snapshot.h"

typedef struct {
  str_t since, by, where;
  date_t today; /* offices mapped to that day; 0: as they were */
} changes_ask_t;

typedef struct changes changes_t;
/* ERR_INPUT, ERR_USAGE with words. Within txn, which outlives it. */
MUST_USE err_t changes_open (ledger_t *l, kv_txn_t *txn, const changes_ask_t *ask, changes_t **out,
                             fail_t *fail);
void changes_close (changes_t **self_p);
snapshot_t *changes_then (const changes_t *c);
snapshot_t *changes_now (const changes_t *c);

/* The columns: dimensions as asked for, then measures. */
const query_result_t *changes_form (const changes_t *c);
size_t changes_dimensions (const changes_t *c);

/* A cell in which a measure changed; or a record's share in one. cell: as many as there are dimensions;
 * before, now: as many as there are measures, STR_NONE where there is no one figure. */
typedef struct {
  const str_t *cell, *before, *now;
  bool record; /* what follows is about it */
  str_t key;
  unit_id_t office;
  uint32_t revision;
  bool withdrawn;
  str_t person;
  wall_t received;
} change_row_t;
typedef err_t (change_row_fn) (void *ctx, const change_row_t *row);

/* Cells, sorted by their texts. */
MUST_USE err_t changes_cells (changes_t *c, change_row_fn *fn, void *ctx);

typedef struct {
  uint64_t touched, moved; /* records written since; those that moved a figure asked for */
} changes_count_t;
/* The same, each cell followed by its records, sorted by key. Shares of a cell add up to its change where
 * nothing but records changed. Where they cancel out the cell itself has no row, its records have. Keeps
 * every share in memory. count may be NULL. */
MUST_USE err_t changes_records (changes_t *c, change_row_fn *fn, void *ctx, changes_count_t *count);

#endif
