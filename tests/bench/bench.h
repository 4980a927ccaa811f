/* bench.h - the parts of the benchmark: limits measured in the same run, and the product driven hard.
 *
 * Figures hold as ratios within one run on one machine; nothing here is asserted. */
#ifndef KC_TESTS_BENCH_BENCH_H
#define KC_TESTS_BENCH_BENCH_H

#include "tests/support/process.h"

#define OFFICES 11u
#define RETURNING 40u /* offices that come back with a backlog, beside live ones */

/* ---- limits ---- */
/* The same writes an update costs the ledger (log, record, key; cursor, range and head once a chunk; totals
 * once a commit), straight into LMDB, no network, no decoding: updates a second. */
double limit_lmdb (const char *dir, size_t updates, size_t batch, size_t update_bytes);
/* A bare CURVE echo between processes, one message in flight for each of OFFICES clients: round trips a
 * second. */
double limit_echo (double seconds);

/* ---- near-duplicates ---- */
typedef struct {
  double read_ms;          /* the limit of making the index: writing and folding every name once */
  double index_ms;         /* taking all schemes in, and the index */
  double each_ms;          /* the limit of one: comparing it with each */
  double one_ms, pairs_ms; /* by the index: one against all, and all pairs */
  size_t pairs;
} alike_t;
void bench_alike (size_t schemes, alike_t *out);

/* ---- driving a collector ---- */
typedef struct {
  double updates_per_s;
  double ack_p50_ms, ack_p99_ms;
  size_t update_bytes;
} drive_t;
/* Joins OFFICES synthetic offices (once). */
void drive_join (const char *collector, const char *dir, const char *const *unit_codes);
void drive_backlog (size_t updates_each, drive_t *out); /* chunks under credit */
void drive_single (double seconds, drive_t *out);       /* one update in flight each */
/* Of live offices, with an update in flight each: by themselves, and while RETURNING others send backlogs
 * (whose rate is that of beside). */
void drive_reconnect (const char *collector, const char *dir, const char *const *unit_codes,
                      size_t updates_each, drive_t *alone, drive_t *beside);
void drive_leave (void);

#endif
