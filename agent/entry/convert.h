/* convert.h - a file in an encoding of before Unicode made into UTF-8 that imports.
 *
 * Bytes of such an encoding are read as a whole. Good UTF-8 (and a workbook) is looked through for cells
 * whose letters are an old font's; those alone are read anew, what is good Vietnamese stays. A workbook
 * becomes CSV from its header on. */
#ifndef KC_AGENT_ENTRY_CONVERT_H
#define KC_AGENT_ENTRY_CONVERT_H

#include "common/core/catalogue.h"
#include "common/text/legacy.h"

typedef struct {
  legacy_t from;  /* as given, or as found */
  legacy_t also;  /* found too, and it reads all of the file the same; else NONE */
  bool whole;     /* all of the file was in it */
  uint64_t cells; /* read anew, unless whole */
  uint64_t lost;  /* letters that the encoding does not have: U+FFFD */
} convert_result_t;

/* from: LEGACY_NONE to find it. c tells a workbook's header. excel: with a byte order mark. samples: some
 * cells as they read now. ERR_INPUT with words: no text, good Unicode already, or the encoding cannot be
 * told. */
MUST_USE err_t convert_file (str_t file, legacy_t from, const catalogue_t *c, bool excel, buf_t *out,
                             buf_t *samples, convert_result_t *result, fail_t *fail);

#endif
