/* catalogue_read.h - a catalogue that a person brings as a file, judged as strictly as it ever is: it parses,
 * and the sections that are read only when a report is wanted are right as well. */
#ifndef KC_VIEW_CATALOGUE_READ_H
#define KC_VIEW_CATALOGUE_READ_H

#include "common/core/catalogue.h"

/* Appends the file's bytes. What is wrong: *fail, with the file's name, line and column. */
MUST_USE err_t catalogue_read (const char *path, buf_t *out, fail_t *fail);

#endif
