/* book.h - the book of records: current state of every record, natural keys, running totals.
 *
 * Both sides keep one, by the same code: the collector's ledger applies what agents send, the agent's
 * outbox what its clerk enters. book_apply is the one production caller of totals_apply. The book
 * lives inside the caller's transaction; it never begins or commits one. */
#ifndef KC_STORE_BOOK_H
#define KC_STORE_BOOK_H

#include "common/core/query.h"
#include "common/core/record.h"
#include "common/core/recount.h"
#include "common/core/totals.h"
#include "common/store/values.h"

typedef struct {
  kv_db_t record, key, total, meta;
} book_dbs_t;

/* Where a record stands: its storage key is (home, id). */
typedef struct {
  unit_id_t home;
  record_id_t id;
} record_ref_t;

/* A record's row. Slices are views as kv_get's. */
typedef struct {
  record_ref_t ref;
  version_t version; /* of the update that made the present state */
  uint64_t at;       /* collector: its LSN; agent: its seq in the log */
  uint32_t revision; /* 1, 2, …: display only */
  wall_t received;   /* collector: when it came; agent: when it was stored */
  bool withdrawn;
  str_t bytes; /* the update, as encoded by its author */
} row_t;

typedef struct book book_t;
book_t *book_new (book_dbs_t dbs);
void book_destroy (book_t **self_p);

/* ERR_NOT_FOUND, ERR_DAMAGED. */
MUST_USE err_t book_get (book_t *b, kv_txn_t *txn, record_ref_t ref, row_t *out);
/* natural_key: record_key's bytes. Withdrawn records keep their keys. ERR_NOT_FOUND, ERR_DAMAGED. */
MUST_USE err_t book_find_key (book_t *b, kv_txn_t *txn, kind_t kind, str_t natural_key, record_ref_t *out);
/* The same for people: record_key_text's form with the code of the unit (c may be NULL: its id). */
void book_key_text (kind_t kind, str_t natural_key, const catalogue_t *c, buf_t *out);
/* RECORD of the command line: a scheme's code, another kind's key text (book_key_text; a submission's is
 * office/table/period), or an id. kind
 * KIND_NONE = any. ERR_NOT_FOUND; ERR_INPUT when two kinds have it (ambiguous). */
MUST_USE err_t book_find (book_t *b, kv_txn_t *txn, const catalogue_t *c, str_t record, kind_t kind,
                          record_ref_t *out);

/* Puts u's state as the record's current one: row, natural key, totals (in memory until book_flush).
 * before: what book_get gave for it, decoded (NULL for a create) - the caller has it from validating.
 * before may borrow from the store (a row's bytes). ERR_OVERFLOW: nothing changed. A natural key that
 * stands for another record: ERR_EXISTS, nothing changed. u->bytes must not be a view of the store. */
MUST_USE err_t book_apply (book_t *b, kv_txn_t *txn, const row_t *before_row, const record_t *before,
                           const update_t *u, uint64_t at, wall_t received);
/* The same with a row given whole: what the centre says a record's state is. */
MUST_USE err_t book_set (book_t *b, kv_txn_t *txn, const row_t *before_row, const record_t *before,
                         const update_t *u, const row_t *row);
/* Takes a record out: row, key, totals. before as in book_apply. */
MUST_USE err_t book_drop (book_t *b, kv_txn_t *txn, const row_t *before_row, const record_t *before);
/* Another `at` for a row whose state stays. row->bytes must not be a view of the store. */
MUST_USE err_t book_mark (book_t *b, kv_txn_t *txn, const row_t *row, uint64_t at);
/* Writes every dirty total once; call before the commit. */
MUST_USE err_t book_flush (book_t *b, kv_txn_t *txn);
/* After an abort or a failed commit: forget what was not stored. Also fine after a commit. */
void book_reset (book_t *b);

/* Rows in storage order (home, then age); home 0 = all. Stops when fn gives an error (ERR_END = stop, fine).
 * A row that is damaged is given with err = ERR_DAMAGED and only its ref filled. */
typedef err_t (book_row_fn) (void *ctx, err_t err, const row_t *row);
MUST_USE err_t book_each (book_t *b, kv_txn_t *txn, unit_id_t home, book_row_fn *fn, void *ctx);
/* The rows of one kind alone, by natural key: costs what there is of that kind. */
MUST_USE err_t book_each_of (book_t *b, kv_txn_t *txn, kind_t kind, book_row_fn *fn, void *ctx);

/* The atoms of a family, added up at least by the dimensions asked for: the cells of the first grouping that
 * has them all; where there is none, or the stored totals are those of another program's table
 * (book_totals_current), the contributions of every record. Stops when fn gives an error. */
typedef err_t (book_atom_fn) (void *ctx, const atom_t *a);
MUST_USE err_t book_atoms (book_t *b, kv_txn_t *txn, family_t family, uint32_t dims, book_atom_fn *fn,
                           void *ctx);
/* Feeds a query with the atoms it needs. Finish it (query_finish) before the transaction ends. */
MUST_USE err_t book_query (book_t *b, kv_txn_t *txn, query_t *q);

/* Checks rows, keys and totals against a recount of the rows; each finding is given to fn with the kind
 * of thing ("record", "key", "total"), its name for people and what is wrong. Returns their number in *n. */
typedef void (book_finding_fn) (void *ctx, const char *thing, str_t name, const char *what);
MUST_USE err_t book_verify (book_t *b, kv_txn_t *txn, const catalogue_t *c, book_finding_fn *fn, void *ctx,
                            uint64_t *n);
/* The same in slices, each in a transaction of its own if need be: all rows, then all keys, then, after every
 * row that has changed since its slice was counted again, the totals. A slice goes on behind the one
 * before it, up to limit values; *over: it reached the end. */
typedef struct book_check book_check_t;
book_check_t *book_check_new (book_t *b, const catalogue_t *c, book_finding_fn *fn, void *ctx);
void book_check_destroy (book_check_t **self_p);
/* fn (may be NULL) is given each row as book_each gives it, after it was checked. */
MUST_USE err_t book_check_rows (book_check_t *v, kv_txn_t *txn, size_t limit, book_row_fn *fn, void *ctx,
                                bool *over);
MUST_USE err_t book_check_keys (book_check_t *v, kv_txn_t *txn, size_t limit, bool *over);
/* Takes out what was counted (update bytes; STR_NONE = nothing was) and checks and counts the row. */
MUST_USE err_t book_check_again (book_check_t *v, kv_txn_t *txn, str_t counted, const row_t *row);
void book_check_unsure (book_check_t *v); /* what was counted is not known: compare with the other only */
/* other: a second recount to compare with, NULL = none. Totals of another program's table are one finding. */
MUST_USE err_t book_check_totals (book_check_t *v, kv_txn_t *txn, recount_t *other);
/* Are the stored totals those of this program's grouping table? (GROUPINGS_VERSION in meta.) */
MUST_USE err_t book_totals_current (book_t *b, kv_txn_t *txn, bool *current);
/* Makes all totals anew from the records and notes GROUPINGS_VERSION in meta. On a new store this is
 * what notes it. ERR_DAMAGED when a record cannot be read. */
MUST_USE err_t book_rebuild_totals (book_t *b, kv_txn_t *txn);

#endif
