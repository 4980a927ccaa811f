/* static.h - the files of the pages, embedded when the program is built. */
#ifndef KC_COLLECTOR_WEB_STATIC_H
#define KC_COLLECTOR_WEB_STATIC_H

#include <stddef.h>

typedef struct {
  const char *path, *type; /* "/static/page.css" */
  const unsigned char *bytes;
  size_t n;
} static_file_t;
extern const static_file_t static_files[]; /* ended by a NULL path */

#endif
