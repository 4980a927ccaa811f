/* verify.h - proves the store: every value's checksum, the log's seal, streams and their heads, records
 * against a replay of the log, keys, totals against recounts. Works beside a running serve. */
#ifndef KC_COLLECTOR_LEDGER_VERIFY_H
#define KC_COLLECTOR_LEDGER_VERIFY_H

#include "collector/ledger/ledger.h"

/* thing: "log", "record", "key", "total", "cursor", "chain", "head", …; name: which one, for people. */
typedef void (verify_finding_fn) (void *ctx, const char *thing, str_t name, const char *what);
typedef void (verify_progress_fn) (void *ctx, uint64_t done, uint64_t total);

typedef struct {
  uint64_t entries, records, streams, heads, values, findings;
  position_t at;
} verify_counts_t;

/* ERR_OK: it ran through, see counts->findings. Other errors: it could not. */
MUST_USE err_t verify_run (ledger_t *l, verify_finding_fn *fn, verify_progress_fn *progress, void *ctx,
                           verify_counts_t *counts);
/* The same with so many values a transaction. progress is called between them. */
MUST_USE err_t verify_run_sliced (ledger_t *l, size_t slice, verify_finding_fn *fn,
                                  verify_progress_fn *progress, void *ctx, verify_counts_t *counts);

#endif
