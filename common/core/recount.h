/* recount.h - totals counted anew from records. Shares no code with totals.c but `contribution`:
 * what it proves must not lean on what it checks. */
#ifndef KC_CORE_RECOUNT_H
#define KC_CORE_RECOUNT_H

#include "common/core/groupings.h"

typedef struct recount recount_t;

recount_t *recount_new (void);
void recount_destroy (recount_t **self_p);
/* sign +1 adds the record, -1 takes it away. */
MUST_USE err_t recount_add (recount_t *self, const record_t *r, bool withdrawn, int sign);
/* Compares with a stored cell (key as in groupings.h) and marks it seen. False: differs; m_ours is filled. */
bool recount_check (recount_t *self, str_t key, const int64_t m[MEASURES_MAX], int64_t m_ours[MEASURES_MAX]);
/* After all stored cells were checked: cells that should exist (not all zero) and were never seen. */
typedef void (recount_missing_fn) (void *ctx, str_t key, const int64_t m[MEASURES_MAX]);
size_t recount_missing (recount_t *self, recount_missing_fn *fn, void *ctx);

#endif
