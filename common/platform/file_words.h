/* file_words.h - what is said when a file cannot be used; which words, each system decides. Private to the
 * layer. */
#ifndef KC_PLATFORM_FILE_WORDS_H
#define KC_PLATFORM_FILE_WORDS_H

#include "common/base/err.h"

#include <stddef.h>

typedef enum {
  FILE_MISSING,
  FILE_FORBIDDEN,
  FILE_HELD, /* forbidden, or another program has it open: the system does not say which */
  FILE_IS_FOLDER,
  FILE_NO_FOLDER, /* to be written where no folder is */
  FILE_DISK_FULL,
  FILE_TROUBLE, /* anything else, by its number */
} file_state_t;

err_t file_fail (fail_t *fail, const char *path, file_state_t state, unsigned long code);
/* posix_file.c: by errno. */
err_t file_fail_errno (fail_t *fail, const char *path, int error);
err_t file_fail_too_big (fail_t *fail, const char *path, size_t limit);

#endif
