/* kv_lmdb_file.h - looks at an LMDB file by plain reads, before anybody maps it. */
#ifndef KC_STORE_KV_LMDB_FILE_H
#define KC_STORE_KV_LMDB_FILE_H

#include "common/base/err.h"

/* ERR_NOT_STORE, ERR_DAMAGED, ERR_VERSION; words in *fail. Quick: the whole file is read only when it is
 * shorter than its meta page says. */
MUST_USE err_t lmdb_file_check (const char *path, fail_t *fail);

#endif
