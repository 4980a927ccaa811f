/* zip_write.h - a zip archive being written into memory, for documents that are one (docx, odt).
 *
 * Nothing of the machine gets in: every entry bears the first day a zip can name, so that the same entries
 * give the same bytes. */
#ifndef KC_SHEET_ZIP_WRITE_H
#define KC_SHEET_ZIP_WRITE_H

#include "common/base/bytes.h"

typedef struct zip_write zip_write_t;

/* Appends the archive to out, which is borrowed until the end of this. NULL when out of memory. */
zip_write_t *zip_write_new (buf_t *out);
void zip_write_destroy (zip_write_t **self_p);
/* An entry of ASCII name; stored as it is, or packed. ERR_NOMEM. */
MUST_USE err_t zip_write_add (zip_write_t *self, const char *name, str_t bytes, bool stored);
/* Writes the directory. Once. ERR_NOMEM. */
MUST_USE err_t zip_write_finish (zip_write_t *self);

/* A whole archive. ERR_NOMEM. */
typedef struct {
  const char *name;
  str_t bytes;
  bool stored;
} zip_part_t;
MUST_USE err_t zip_write_all (const zip_part_t *parts, size_t n, buf_t *out);

#endif
