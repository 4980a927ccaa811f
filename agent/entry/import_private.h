/* import_private.h - parts of the import: the header row, keys seen in a file. */
#ifndef KC_AGENT_ENTRY_IMPORT_PRIVATE_H
#define KC_AGENT_ENTRY_IMPORT_PRIVATE_H

#include "agent/entry/import.h"

#include "common/text/csv.h"

typedef struct {
  kind_t kind;
  size_t n;
  int column[CSV_COLUMNS_MAX]; /* file column → column of the kind, -1: ignored */
  str_t name[CSV_COLUMNS_MAX]; /* as the file writes it */
} header_t;

/* Recognises the kind and maps every column. ERR_INPUT with words: kind unknown, not supported, a column
 * unknown, given twice, or missing. */
MUST_USE err_t header_read (header_t *h, const csv_row_t *row, const import_options_t *options,
                            const catalogue_t *c, columns_t **columns, fail_t *fail);

/* Keys met in a file, each with its first line: hashes only, 24 bytes a key. */
typedef struct seen seen_t;
seen_t *seen_new (void);
void seen_destroy (seen_t **self_p);
/* False: it was there, *first is its line; or out of memory, *first is 0. */
bool seen_add (seen_t *self, str_t key, uint32_t line, uint32_t *first);

#endif
