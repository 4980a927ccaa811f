/* verify_private.h - what the files of verify share. */
#ifndef KC_COLLECTOR_LEDGER_VERIFY_PRIVATE_H
#define KC_COLLECTOR_LEDGER_VERIFY_PRIVATE_H

#include "collector/ledger/state.h"
#include "collector/ledger/verify.h"
#include "common/core/recount.h"

/* What the walk has learned of a stream. */
typedef struct {
  store_id_t id;
  uint64_t seq, ranged; /* last seen in the log; covered by runs */
  uint64_t count;       /* entries seen */
  hash_t chain;
  bool known, centre, row_seen;
  unit_id_t unit;
  uint32_t serial;
} seen_stream_t;

/* Fixed keys to numbers, open addressing. */
#define MAP_KEY 20u
typedef struct {
  uint8_t key[MAP_KEY];
  uint64_t value; /* 0 = free slot */
} map_slot_t;
typedef struct {
  map_slot_t *slot;
  size_t cap, n;
} map_t;
/* NULL when out of memory. *value is 0 for a key not seen before; set it. */
uint64_t *map_at (map_t *m, const uint8_t key[MAP_KEY]);
void map_free (map_t *m);

typedef struct {
  ledger_t *l;
  kv_txn_t *txn;
  verify_finding_fn *fn;
  verify_progress_fn *progress;
  void *ctx;
  verify_counts_t *counts;
  uint64_t next; /* LSN to read next */
  hash_t seal;
  bool seal_known;
  uint64_t lost; /* entries that could not be read */
  uint64_t centre_entries;
  map_t streams, records; /* stream → index + 1; (home, id) → LSN of the last accepted update */
  uint64_t live_records;
  seen_stream_t *stream;
  size_t streams_n, streams_cap;
  recount_t *recount; /* of the log */
  arena_t *arena;
  buf_t name;
} verify_t;

void verify_found (verify_t *v, const char *thing, const char *what); /* named by v->name */
void verify_found_at (verify_t *v, const char *thing, uint64_t lsn, const char *what);
seen_stream_t *verify_stream (verify_t *v, store_id_t id);
const char *verify_unreadable (void);

/* verify_tables.c: all in the caller's transaction, after the whole log was seen. */
MUST_USE err_t verify_cursors (verify_t *v);
MUST_USE err_t verify_runs (verify_t *v);
MUST_USE err_t verify_heads (verify_t *v);
MUST_USE err_t verify_down (verify_t *v);
MUST_USE err_t verify_refused (verify_t *v);
MUST_USE err_t verify_rows (verify_t *v); /* agents, contacts, invites, catalogues, meta */

#endif
