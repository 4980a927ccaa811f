/* totals.h - the running totals of one write transaction.
 *
 * totals_apply is the one function through which totals change; it has one production caller
 * (store/book.c). Dirty cells are gathered here and written once at commit. Pure: stored values
 * come through the loader passed in. */
#ifndef KC_CORE_TOTALS_H
#define KC_CORE_TOTALS_H

#include "common/core/groupings.h"

typedef struct totals totals_t;

/* Gives the stored measures of a cell; fills zeros when there is none. */
typedef err_t (totals_load_fn) (void *ctx, str_t key, int64_t m[MEASURES_MAX]);

totals_t *totals_new (totals_load_fn *load, void *ctx);
void totals_destroy (totals_t **self_p);

/* Takes the old version's contribution out and puts the new one's in (either may be NULL).
 * ERR_OVERFLOW: a cell would leave int64; nothing has changed then. Other errors are the loader's. */
MUST_USE err_t totals_apply (totals_t *self, const record_t *before, bool before_withdrawn,
                             const record_t *after, bool after_withdrawn);

/* Calls fn for each dirty cell (in key order) with its absolute value; stops at the first error. */
typedef err_t (totals_cell_fn) (void *ctx, str_t key, const int64_t m[MEASURES_MAX]);
MUST_USE err_t totals_each_dirty (totals_t *self, totals_cell_fn *fn, void *ctx);
/* Forgets everything: after a commit (cells are stored) or an abort. */
void totals_reset (totals_t *self);

#endif
