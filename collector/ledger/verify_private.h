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
  uint64_t run_first;   /* of the last run seen: it may grow */
  uint64_t head_seq;    /* of the last head seen */
  uint64_t count;       /* entries seen */
  hash_t chain;
  bool known, centre, row_seen;
  unit_id_t unit;
  uint32_t serial;
} seen_stream_t;

/* Fixed keys to numbers, open addressing. */
#define MAP_KEY 20u
#define COUNTED_PASSED UINT64_MAX /* named already, or cannot be judged */
typedef struct {
  uint8_t key[MAP_KEY];
  bool used;
  uint64_t last;    /* a stream's index + 1; a record's last accepted LSN */
  uint64_t counted; /* a record's: see verify.c */
} map_slot_t;
typedef struct {
  map_slot_t *slot;
  size_t cap, n;
} map_t;
/* A key not seen before gets a slot of zeros. NULL when out of memory; good until the next call. */
map_slot_t *map_at (map_t *m, const uint8_t key[MAP_KEY]);
void map_free (map_t *m);

/* Where a walk in slices stands: behind this key. */
typedef struct {
  uint8_t key[24];
  size_t n;
} place_t;

typedef struct {
  ledger_t *l;
  kv_txn_t *txn;
  verify_finding_fn *fn;
  verify_progress_fn *progress;
  void *ctx;
  verify_counts_t *counts;
  size_t slice;  /* values a transaction */
  uint64_t next; /* LSN to read next */
  hash_t seal;
  bool seal_known;
  uint64_t lost; /* entries that could not be read */
  bool unsure;   /* the recount of the log does not know all shares */
  position_t end;
  hash_t end_seal;
  bool end_known, rows_walked, runs_named;
  map_t streams, records;
  buf_t touched; /* keys of records that entries touched after the rows were walked */
  place_t run, head, down, refused, audience, conflict, past, alias;
  seen_stream_t *stream;
  size_t streams_n, streams_cap;
  recount_t *recount;  /* of the log */
  book_check_t *check; /* of the rows */
  arena_t *arena;
  buf_t name;
} verify_t;

void verify_found (verify_t *v, const char *thing, const char *what); /* named by v->name */
void verify_found_at (verify_t *v, const char *thing, uint64_t lsn, const char *what);
seen_stream_t *verify_stream (verify_t *v, store_id_t id);
const char *verify_unreadable (void);
void verify_record_key (record_ref_t ref, uint8_t out[MAP_KEY]);

/* verify_log.c */
MUST_USE err_t verify_log (verify_t *v, uint64_t limit, bool *over); /* *over: it reached the log's end */
MUST_USE err_t verify_log_end (verify_t *v);

/* Up to limit values behind the place; one whose checksum does not fit, or that fn finds ERR_DAMAGED, is
 * named and passed. */
typedef err_t (table_row_fn) (verify_t *v, str_t key, str_t body);
typedef void (table_name_fn) (verify_t *v, str_t key);
MUST_USE err_t verify_some (verify_t *v, kv_db_t db, place_t *place, size_t limit, bool *over,
                            const char *thing, table_name_fn *name, table_row_fn *fn);

/* Every value of a database that is small. */
MUST_USE err_t verify_each (verify_t *v, kv_db_t db, const char *thing, table_name_fn *name,
                            table_row_fn *fn);

/* A decision about what is not here yet must be waiting for it. */
MUST_USE err_t verify_waiting (verify_t *v, uint64_t lsn, version_t of);
MUST_USE err_t verify_verdict_row (verify_t *v, str_t key, str_t body); /* of DB_VERDICT */
/* verify_epochs.c; named by v->name */
MUST_USE err_t verify_parent (verify_t *v, store_id_t id, const stream_row_t *row);
MUST_USE err_t verify_epochs (verify_t *v, str_t body); /* ERR_DAMAGED: cannot be read */

/* verify_tables.c, verify_audience.c: walks in slices … */
MUST_USE err_t verify_runs (verify_t *v, size_t limit, bool *over);
MUST_USE err_t verify_heads (verify_t *v, size_t limit, bool *over);
MUST_USE err_t verify_down (verify_t *v, size_t limit, bool *over);
MUST_USE err_t verify_refused (verify_t *v, size_t limit, bool *over);
/* verify_verdicts.c: parked sides and aliases beside the log, and */
MUST_USE err_t verify_conflicts (verify_t *v, size_t limit, bool *over);
MUST_USE err_t verify_conflicts_past (verify_t *v, size_t limit, bool *over);
MUST_USE err_t verify_aliases (verify_t *v, size_t limit, bool *over);
/* what a verdict's entry must have beside it: a parked one its row, a decision the entry it speaks of. */
MUST_USE err_t verify_verdict (verify_t *v, uint64_t lsn, const log_entry_t *e);
MUST_USE err_t verify_audience (verify_t *v, size_t limit, bool *over);
/* Is an entry found by the offices it is for? */
MUST_USE err_t verify_told (verify_t *v, uint64_t lsn, const log_entry_t *e);
/* … and, behind the log's walk, on to what streams got since; */
MUST_USE err_t verify_runs_since (verify_t *v, size_t limit, bool *over);
MUST_USE err_t verify_heads_since (verify_t *v, size_t limit, bool *over);
/* … and what is done in the last transaction, after the whole log was seen. */
MUST_USE err_t verify_cursors (verify_t *v);
MUST_USE err_t verify_runs_end (verify_t *v);
MUST_USE err_t verify_people (verify_t *v); /* verify_people.c: users, tokens, audit trail */
MUST_USE err_t verify_rows (
    verify_t *v); /* agents, contacts, invites, catalogues, meta, answers, due dates, locks, closings */

#endif
