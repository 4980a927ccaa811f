/* kv_engine.h - what an engine behind kv.h has to give: a small struct of functions.
 *
 * kv.c does what both engines would otherwise do twice: sticky errors, the list of a transaction's
 * cursors, where a cursor stands after a write, prefix and backward searches. An engine gives plain
 * reads and writes and five moves of a cursor. Its objects begin with the structs below. */
#ifndef KC_STORE_KV_ENGINE_H
#define KC_STORE_KV_ENGINE_H

#include "common/base/bounds.h"
#include "common/store/kv.h"

typedef enum { MOVE_FIRST, MOVE_LAST, MOVE_RANGE /* first >= key */, MOVE_NEXT, MOVE_PREV } kv_move_t;

typedef struct {
  void (*close) (kv_t *kv);
  err_t (*begin) (kv_t *kv, bool write, kv_txn_t **out);
  err_t (*commit) (kv_txn_t *txn); /* of a write; frees it, like abort */
  void (*abort) (kv_txn_t *txn);
  err_t (*get) (kv_txn_t *txn, kv_db_t db, str_t key, str_t *value);
  err_t (*reserve) (kv_txn_t *txn, kv_db_t db, str_t key, size_t n, bool append, char **room);
  err_t (*del) (kv_txn_t *txn, kv_db_t db, str_t key);
  err_t (*cursor_open) (kv_txn_t *txn, kv_db_t db, kv_cursor_t **out);
  void (*cursor_close) (kv_cursor_t *c);
  err_t (*move) (kv_cursor_t *c, kv_move_t how, str_t key, str_t *found_key, str_t *value);
  void (*stat) (kv_t *kv, kv_stat_t *out);
  void (*check_readers) (kv_t *kv);
  err_t (*check_pages) (kv_t *kv, fail_t *fail);
} kv_engine_t;

struct kv {
  const kv_engine_t *engine;
  size_t db_n;
  bool read_only;
};

struct kv_txn {
  kv_t *kv;
  kv_cursor_t *cursors;
  uint64_t writes; /* puts and dels so far: a cursor sees whether it must find its place again */
  err_t err;       /* first failure; sticks */
  bool write;
};

typedef enum { CURSOR_FRESH, CURSOR_PLACED, CURSOR_LOST } kv_place_t;

struct kv_cursor {
  kv_txn_t *txn;
  kv_cursor_t *next, *prev;
  uint64_t writes; /* of the transaction when it was placed */
  kv_db_t db;
  kv_place_t place;
  size_t key_n; /* in write transactions: the key it stands on */
  char key[STORE_KEY_MAX];
};

#endif
