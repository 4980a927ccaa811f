/* backup.h - a copy of the centre's store in one file, and a store made of it again. */
#ifndef KC_COLLECTOR_LEDGER_BACKUP_H
#define KC_COLLECTOR_LEDGER_BACKUP_H

#include "collector/ledger/ledger.h"

typedef enum { BACKUP_COPYING, BACKUP_CHECKING, BACKUP_SEALING, BACKUP_STAGES } backup_stage_t;
typedef void (backup_progress_fn) (void *ctx, backup_stage_t stage, uint64_t done, uint64_t total);

typedef struct {
  record_id_t centre_id;
  position_t at; /* end of its log */
  wall_t made;
  uint64_t size; /* bytes of the store in it */
} backup_info_t;

/* Beside a running serve. The file holds the centre's secrets (0600), never the authority's. Nothing is at
 * that name, or what was there before, until the copy has been opened and recounted. ERR_DAMAGED: verify
 * found something, in the copy or already in the store. */
MUST_USE err_t backup_make (const char *dir, const char *file, wall_t now, backup_progress_fn *progress,
                            void *ctx, backup_info_t *out, fail_t *fail);

/* Makes DIR's store of it, in a new epoch. revoked: agents that are not let in any more, known there or not.
 * ERR_EXISTS: DIR has a store, which is left as it was; ERR_FOREIGN: DIR has the authority's key of another
 * centre. After an error nothing is left behind. *now_at: end of the new store's log. */
MUST_USE err_t backup_restore (const char *file, const char *dir, const str_t *revoked, size_t revoked_n,
                               wall_t now, backup_progress_fn *progress, void *ctx, backup_info_t *out,
                               position_t *now_at, fail_t *fail);

#endif
