/* stream.h - files of any size, piece by piece, and what replaces one by another. For the centre's tools:
 * only where there is POSIX. */
#ifndef KC_PLATFORM_STREAM_H
#define KC_PLATFORM_STREAM_H

#include "common/platform/platform.h"

typedef struct stream stream_t;
typedef enum {
  STREAM_READ,
  STREAM_NEW /* must not be there; 0600 */,
  STREAM_APPEND /* becomes 0600 */
} stream_mode_t;
/* Words name the path: ERR_NO_FILE, ERR_FULL, ERR_IO … */
MUST_USE err_t stream_open (const char *path, stream_mode_t mode, stream_t **out, fail_t *fail);
void stream_close (stream_t **self_p);
MUST_USE err_t stream_seek (stream_t *s, uint64_t offset, fail_t *fail);
/* *got less than n: the file ends there. */
MUST_USE err_t stream_read (stream_t *s, char *to, size_t n, size_t *got, fail_t *fail);
MUST_USE err_t stream_write (stream_t *s, str_t bytes, fail_t *fail);
MUST_USE err_t stream_flush (stream_t *s, fail_t *fail); /* to the disk */

/* In one step, also over a file that is there; both directories are flushed. */
MUST_USE err_t file_move (const char *from, const char *to, fail_t *fail);
/* A directory of our own (0700) beside path, its name in place of what out holds. */
MUST_USE err_t dir_temporary (const char *path, buf_t *out, fail_t *fail);
bool dir_remove (const char *path); /* an empty one */
/* The directory a path lies in; out is cleared. */
const char *path_dir (const char *path, buf_t *out);

#endif
