/* conflicts.h - parked sides: kept until a person, or the author's own next edit, decides them. */
#ifndef KC_COLLECTOR_LEDGER_CONFLICTS_H
#define KC_COLLECTOR_LEDGER_CONFLICTS_H

#include "collector/ledger/ledger.h"
#include "common/core/merge.h"

/* A parked side. The base is what it was merged against: where its own base was refused or parked, that one's
 * in turn. */
typedef struct {
  record_ref_t ref; /* of the record */
  uint64_t lsn;     /* of the parked update */
  version_t version, base;
  uint64_t decided; /* place of what decided it; 0: it stands */
} conflict_t;

bool conflict_decode (kv_db_t db, str_t key, str_t body, conflict_t *out);
MUST_USE err_t conflict_put (kv_txn_t *txn, const conflict_t *c);
/* The one that stands of a record, by its place. ERR_NOT_FOUND. */
MUST_USE err_t conflict_get (kv_txn_t *txn, record_id_t id, uint64_t lsn, conflict_t *out);
/* It stands no more, by what is at that place of the log. ERR_NOT_FOUND: it did not stand. */
MUST_USE err_t conflict_decide (kv_txn_t *txn, record_id_t id, uint64_t lsn, uint64_t decided);

typedef err_t (conflict_fn) (void *ctx, const conflict_t *c);
/* Those that stand, of one record (id NULL: of all), in the order of the log within a record. */
MUST_USE err_t conflicts_each (kv_txn_t *txn, const record_id_t *id, conflict_fn *fn, void *ctx);
/* How many stood at a place of the log (UINT64_MAX: stand now). */
MUST_USE err_t conflicts_count (kv_txn_t *txn, uint64_t lsn, uint64_t *n);

/* A parked side beside what stands, decoded into the arena (not reset). */
typedef struct {
  const conflict_t *conflict;
  row_t row;
  update_t current, parked, base;
  bool based; /* else both were made from nothing */
  wall_t received;
  str_t reason, arguments[REASON_ARGS]; /* the rule that the two only break together; absent: none */
  merged_t merged;                      /* clashes leave what prefer says */
} conflict_sides_t;
MUST_USE err_t conflict_sides (ledger_t *l, kv_txn_t *txn, const conflict_t *c, merge_prefer_t prefer,
                               arena_t *arena, conflict_sides_t *out);

/* The same for people: a row for each field, those that clash; where the sides only together break a rule,
 * all that the parked one would change. Never none. */
typedef struct {
  str_t code, field, current, parked;
  str_t person; /* of the parked side */
  str_t why;    /* in words, the rule that both break together; "" where fields clash */
  wall_t since; /* when it came */
  uint64_t lsn;
} conflict_row_t;
/* Rows of all that stand, by code and place; rows and texts live in the arena. */
MUST_USE err_t conflicts_rows (ledger_t *l, kv_txn_t *txn, arena_t *arena, conflict_row_t **out, size_t *n);

/* ---- settling ---- */
typedef enum { RESOLVE_CURRENT, RESOLVE_PARKED, RESOLVE_VALUES } resolve_how_t;
typedef struct {
  str_t record; /* as people name it */
  resolve_how_t how;
  const str_t *cells; /* VALUES: key=value, the keys as in import; other clashes stay as they stand */
  size_t cells_n;
  str_t reason, person;
} resolve_t;
/* Decides all parked sides of a record (at most SETTLES_MAX) with a new version of it. What either side
 * changed alone is in it whatever is chosen. *settled: how many. ERR_INPUT with words. */
MUST_USE err_t conflicts_resolve (ledger_t *l, const resolve_t *r, wall_t now, size_t *settled, fail_t *fail);

#endif
