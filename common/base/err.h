/* err.h - one error type for both programs.
 *
 * A function that can fail returns err_t (0 = ERR_OK); its outputs are its last parameters and are
 * untouched on failure unless its header says otherwise. Expected errors are named in the header of
 * the function and handled by its direct caller; any other is passed up unchanged.
 * Words for people travel beside the code in a fail_t, filled at the point of knowledge. */
#ifndef KC_BASE_ERR_H
#define KC_BASE_ERR_H

#include "common/base/check.h"

#include <stdint.h>

typedef enum {
#define X(name, exit_code, vi, en) name,
#include "common/base/err.def"
#undef X
  ERR_COUNT
} err_t;

/* Where and why something failed, in the user's language. line/column 0 = does not apply. */
typedef struct {
  err_t err;
  uint32_t line, column; /* physical line, cell number in it; both from 1 */
  char where[256];       /* file, record or directory */
  char text[768];        /* what is wrong and what to do, one or two sentences, no newline */
} fail_t;

/* Process exit code of an error (INTERFACE 1). */
int err_exit_code (err_t err);
/* Short name for logs ("ERR_DAMAGED") and words in the current language. Static. */
const char *err_name (err_t err);
const char *err_words (err_t err);

/* Fills *fail (NULL allowed) unless it already holds an error (the first failure sticks);
 * returns err, so that "return fail_set (fail, ERR_INPUT, …)" reads well. Truncates at a
 * character boundary. */
err_t fail_set (fail_t *fail, err_t err, const char *fmt, ...) PRINTF_LIKE (3, 4);
#if defined(__clang_analyzer__) /* it sees one file at a time: tell it that the result is err */
#define fail_set(fail, err, ...) ((void)fail_set (fail, err, __VA_ARGS__), (err))
#endif
/* Adds the place to a failure that has none yet. */
void fail_at (fail_t *fail, const char *where, uint32_t line, uint32_t column);
/* Prints "where:line:column: text" (parts that apply) to stderr, or the words of err. */
void fail_print (const fail_t *fail, const char *program);

#endif
