/* changed_records.h - every record that is not what it was at a position, of whatever kind: also those that
 * no figure of the totals shows (staff, documents, notes). */
#ifndef KC_COLLECTOR_LEDGER_CHANGED_RECORDS_H
#define KC_COLLECTOR_LEDGER_CHANGED_RECORDS_H

#include "collector/ledger/snapshot.h"

typedef enum { RECORD_ADDED = 1, RECORD_CHANGED, RECORD_WITHDRAWN, RECORD_RESTORED } record_change_t;
const char *record_change_name (record_change_t c); /* "added" */
const char *record_change_words (record_change_t c);

typedef struct {
  kind_t kind;
  str_t key;
  unit_id_t office;
  uint32_t revision;
  str_t person;
  wall_t received;
  record_change_t change;
  str_t fields; /* CHANGED: the columns that differ, by name or by label, and the lists of a scheme */
} changed_record_t;
typedef err_t (changed_record_fn) (void *ctx, const changed_record_t *r);

/* Sorted by kind and key; submissions are no records here, nor is what was changed back, nor what came and
 * was withdrawn meanwhile. labels: of the columns, in the current language. Keeps a row for each in memory.
 */
MUST_USE err_t changed_records (snapshot_t *then, const catalogue_t *c, bool labels, changed_record_fn *fn,
                                void *ctx);

#endif
