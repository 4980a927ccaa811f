/* kv_lmdb_file.h - looks at an LMDB file by plain reads, before anybody maps it. */
#ifndef KC_STORE_KV_LMDB_FILE_H
#define KC_STORE_KV_LMDB_FILE_H

#include "common/base/err.h"

/* ERR_NOT_STORE, ERR_DAMAGED, ERR_VERSION; words in *fail. Quick: the whole file is read only when it
 * is shorter than its meta page says, or small. */
MUST_USE err_t lmdb_file_check (const char *path, fail_t *fail);

/* Reads every page in use of the snapshot with this transaction number; a reader must hold it.
 * ERR_NOT_FOUND: the meta pages have moved on from it. ERR_DAMAGED with words. */
MUST_USE err_t lmdb_file_walk (const char *path, uint64_t txn, fail_t *fail);

#endif
