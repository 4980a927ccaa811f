/* zip_read.h - a zip archive in memory, read one entry at a time, piece by piece.
 *
 * What comes out is counted, whatever the archive says of its sizes: more than unpacked_max in all its
 * entries together is refused. Names are only compared, never used as paths. */
#ifndef KC_SHEET_ZIP_READ_H
#define KC_SHEET_ZIP_READ_H

#include "common/base/bytes.h"

typedef struct zip_read zip_read_t;

/* file: borrowed until the end. NULL: *fail says why (damaged, cut short, too many entries). */
zip_read_t *zip_read_open (str_t file, size_t unpacked_max, fail_t *fail);
void zip_read_destroy (zip_read_t **self_p);
/* Letter case of names does not count, as in office programs. */
bool zip_read_has (zip_read_t *self, const char *name);
/* Goes to the start of an entry, leaving the one before. ERR_NOT_FOUND (says nothing), ERR_INPUT. */
MUST_USE err_t zip_read_start (zip_read_t *self, const char *name, fail_t *fail);
/* The next bytes; *n 0: the entry is at its end and its sum is right. ERR_INPUT, ERR_TOO_BIG. */
MUST_USE err_t zip_read_more (zip_read_t *self, char *to, size_t room, size_t *n, fail_t *fail);
/* Share of the entry read so far, 0..1000. */
unsigned zip_read_progress (const zip_read_t *self);

#endif
