/* xlsx_out.h - a workbook being written with libxlsxwriter, ending as bytes in memory.
 *
 * The library writes to a name only, so its file is a temporary one of ours, read back and removed. It takes
 * any text and then makes a file Excel calls damaged: text goes through xlsx_out_text first. The same calls
 * give the same bytes: the only time in the file is the one given here. */
#ifndef KC_SHEET_XLSX_OUT_H
#define KC_SHEET_XLSX_OUT_H

#include "common/base/ids.h"

#include <xlsxwriter.h>

typedef struct xlsx_out xlsx_out_t;

/* created: what the file says about when it was made. NULL: *fail says why. */
xlsx_out_t *xlsx_out_new (wall_t created, const char *title, fail_t *fail);
void xlsx_out_destroy (xlsx_out_t **self_p);
/* To add sheets and formats to; the xlsx_out_t's own. Gone after xlsx_out_finish. */
lxw_workbook *xlsx_out_workbook (xlsx_out_t *self);
/* The text as a cell may hold it, NUL-terminated: what is no UTF-8 or no character of XML becomes U+FFFD; cut
 * at the longest a cell takes. "" for none. Lives as long as self; NULL when out of memory. */
const char *xlsx_out_text (xlsx_out_t *self, str_t text);
/* Writes the workbook and appends its bytes. Once. ERR_IO, ERR_FULL, ERR_NOMEM. */
MUST_USE err_t xlsx_out_finish (xlsx_out_t *self, buf_t *out, fail_t *fail);

#endif
