/* kv.h - the narrow interface to a transactional ordered store (DESIGN 6).
 *
 * Two engines: LMDB (kv_lmdb.c, the only user of lmdb.h) and one in memory with a simulated disk
 * (kv_mem.c) for unit tests and the simulator. One writer at a time, readers see a snapshot.
 * First failure sticks to a transaction: later calls return it, commit turns into abort.
 * Values read are views, valid until the transaction ends or its next write. */
#ifndef KC_STORE_KV_H
#define KC_STORE_KV_H

#include "common/base/bytes.h"

#define KV_DB_MAX 32u

typedef struct kv kv_t;
typedef struct kv_txn kv_txn_t;
typedef struct kv_cursor kv_cursor_t;
typedef uint8_t kv_db_t; /* index into the names given at opening */

typedef struct {
  const char *const *db_names; /* index = kv_db_t */
  size_t db_n;
  uint64_t map_size; /* create only; afterwards the store's own is kept in it */
  bool create;       /* create: the directory must hold no store (ERR_EXISTS) */
  bool read_only;    /* a plain read never changes the files' contents */
} kv_options_t;

/* Opens DIR/data.mdb. ERR_NOT_STORE (no file, or not LMDB's), ERR_DAMAGED (cut: size against the meta
 * pages, checked before mapping), ERR_EXISTS, ERR_FULL, ERR_IO. create makes files 0600, fsyncs file and DIR.
 */
MUST_USE err_t kv_open_lmdb (const char *dir, const kv_options_t *o, kv_t **out, fail_t *fail);
void kv_close (kv_t **self_p);

MUST_USE err_t kv_begin (kv_t *kv, bool write, kv_txn_t **out);
/* Durable when it returns ERR_OK. The handle is gone whatever the result. After an error of a write
 * commit the outcome is unknown: reopen and read (ERR_IO, ERR_FULL). */
MUST_USE err_t kv_commit (kv_txn_t **txn_p);
void kv_abort (kv_txn_t **txn_p); /* tolerates NULL */
err_t kv_txn_error (const kv_txn_t *txn);

/* ERR_NOT_FOUND does not stick. Keys 1..STORE_KEY_MAX bytes. A value given to put must not be a view of
 * this store. kv_append of a key that is not beyond all others: ERR_EXISTS. */
MUST_USE err_t kv_get (kv_txn_t *txn, kv_db_t db, str_t key, str_t *value);
MUST_USE err_t kv_put (kv_txn_t *txn, kv_db_t db, str_t key, str_t value);
MUST_USE err_t kv_append (kv_txn_t *txn, kv_db_t db, str_t key, str_t value); /* key beyond all others */
MUST_USE err_t kv_del (kv_txn_t *txn, kv_db_t db, str_t key);                 /* ERR_NOT_FOUND */

/* Puts a value of n bytes and gives the room to write it into, before the next call on this
 * transaction: building a value in its place saves a copy. */
MUST_USE err_t kv_reserve (kv_txn_t *txn, kv_db_t db, str_t key, size_t n, char **room);
MUST_USE err_t kv_reserve_append (kv_txn_t *txn, kv_db_t db, str_t key, size_t n, char **room);

/* Cursors end with their transaction at the latest: close them before it or forget them.
 * On a new cursor kv_next gives the first and kv_prev the last; once a move found nothing it must be
 * placed anew. Writes of the same transaction do not disturb it: it goes on from the key it stood on. */
MUST_USE err_t kv_cursor_open (kv_txn_t *txn, kv_db_t db, kv_cursor_t **out);
void kv_cursor_close (kv_cursor_t **self_p);
MUST_USE err_t kv_seek (kv_cursor_t *c, str_t key, str_t *found_key,
                        str_t *value); /* first >= key; ERR_NOT_FOUND */
MUST_USE err_t kv_seek_last (kv_cursor_t *c, str_t prefix, str_t *found_key,
                             str_t *value); /* last with prefix ("" = all) */
MUST_USE err_t kv_seek_before (kv_cursor_t *c, str_t key, str_t *found_key, str_t *value); /* last <= key */
MUST_USE err_t kv_next (kv_cursor_t *c, str_t *key, str_t *value); /* ERR_NOT_FOUND at the end */
MUST_USE err_t kv_prev (kv_cursor_t *c, str_t *key, str_t *value);

typedef struct {
  uint64_t last_txn; /* id of the last committed write: changes when anything changed */
  uint64_t map_size, used;
  uint32_t readers, missing; /* missing: databases named at opening that the store does not have */
} kv_stat_t;
/* last_txn is what a reader who begins now sees, or less. Cheap: no page is read. */
void kv_stat (kv_t *kv, kv_stat_t *out);
void kv_check_readers (kv_t *kv); /* frees the slots of dead processes */

/* Reads the file's pages by plain reads and checks how they hang together: LMDB itself believes them and
 * may crash over a wrong one. What verify begins with. ERR_DAMAGED with words; takes as long as reading
 * the whole file. */
MUST_USE err_t kv_check_pages (kv_t *kv, fail_t *fail);

/* A copy of an LMDB store as it was last committed, beside readers and writers, into an empty directory. The
 * copying reads all along, so the store's file grows by what is written meanwhile. ERR_FULL, ERR_IO with
 * words that name the directory. */
MUST_USE err_t kv_copy_lmdb (kv_t *kv, const char *dir, fail_t *fail);

/* ---- the engine in memory; o->create and o->map_size do not matter ---- */
typedef struct {
  uint64_t fail_commit_at; /* nth write commit from now fails with ERR_IO (0 = never) */
  bool fail_sticky;        /* and every one after it */
  uint64_t full_after;     /* bytes of live data; then ERR_FULL (0 = unbounded) */
  bool lose_failed;        /* what a failed commit leaves: false = written after all, true = nothing */
} kv_faults_t;
MUST_USE err_t kv_open_mem (const kv_options_t *o, kv_t **out);
void kv_mem_faults (kv_t *kv, const kv_faults_t *f);
/* Power cut: open transactions vanish (their handles give ERR_IO and may still be aborted); the state is
 * that of the last durable commit. The handle stays usable. */
void kv_mem_crash (kv_t *kv);
/* Another store in memory, as this one was last committed. */
MUST_USE err_t kv_copy_mem (kv_t *kv, kv_t **out);

#endif
