/* annex_private.h - annex 4, which has texts where the others have figures. */
#ifndef KC_REPORT_ANNEX_PRIVATE_H
#define KC_REPORT_ANNEX_PRIVATE_H

#include "common/report/annex.h"

MUST_USE err_t annex_documents (const figures_t *f, span_t years, arena_t *arena, annex_table_t *out,
                                fail_t *fail);

#endif
