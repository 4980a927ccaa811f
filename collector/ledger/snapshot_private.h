/* snapshot_private.h - what the files of a snapshot share. */
#ifndef KC_COLLECTOR_LEDGER_SNAPSHOT_PRIVATE_H
#define KC_COLLECTOR_LEDGER_SNAPSHOT_PRIVATE_H

#include "collector/ledger/snapshot.h"

/* Finds the position that is meant; its entry is there. period_first: 2020 is a year, closed or not.
 * ERR_INPUT with words. */
MUST_USE err_t snapshot_place (ledger_t *l, kv_txn_t *txn, str_t text, bool period_first, uint64_t *lsn,
                               fail_t *fail);
/* The version of the catalogue in force at a position. */
MUST_USE err_t snapshot_catalogue_version (ledger_t *l, kv_txn_t *txn, uint64_t lsn, uint32_t *version);
/* The last entry up to *lsn that may have to do with figures: doubts and answers to them have not, and come
 * by themselves after what they are about. Two reports with no change between them name one position so. */
MUST_USE err_t snapshot_last_of_figures (ledger_t *l, kv_txn_t *txn, uint64_t *lsn);

#endif
