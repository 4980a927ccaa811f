/* values.h - values with their own CRC-32C (over db, key and body): LMDB trusts its file, we do not. */
#ifndef KC_STORE_VALUES_H
#define KC_STORE_VALUES_H

#include "common/store/kv.h"

/* body views are valid as kv_get's. ERR_DAMAGED: the checksum does not fit. */
MUST_USE err_t val_get (kv_txn_t *txn, kv_db_t db, str_t key, str_t *body);
MUST_USE err_t val_put (kv_txn_t *txn, kv_db_t db, str_t key, str_t body);
MUST_USE err_t val_append (kv_txn_t *txn, kv_db_t db, str_t key, str_t body);
/* The body in two parts, joined in the store. */
MUST_USE err_t val_put2 (kv_txn_t *txn, kv_db_t db, str_t key, str_t head, str_t tail);
MUST_USE err_t val_open (kv_db_t db, str_t key, str_t stored, str_t *body); /* for cursors */

/* Typed meta values: name → bytes or number, in the database given. */
MUST_USE err_t meta_get_u64 (kv_txn_t *txn, kv_db_t db, const char *name, uint64_t *out); /* ERR_NOT_FOUND */
MUST_USE err_t meta_put_u64 (kv_txn_t *txn, kv_db_t db, const char *name, uint64_t v);
MUST_USE err_t meta_get (kv_txn_t *txn, kv_db_t db, const char *name, str_t *out);
MUST_USE err_t meta_put (kv_txn_t *txn, kv_db_t db, const char *name, str_t v);

#endif
