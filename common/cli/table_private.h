/* table_private.h - what a table holds, for its writers (table.c: csv, json; table_people.c: people). */
#ifndef KC_CLI_TABLE_PRIVATE_H
#define KC_CLI_TABLE_PRIVATE_H

#include "common/cli/table.h"

#define TABLE_COLUMNS_MAX 64u
#define TABLE_META_MAX 8u

typedef struct {
  const char *name, *label_vi, *label_en; /* borrowed: literals, or strings the caller keeps */
  col_type_t type;
  unsigned spare; /* 0: always shown; the higher, the sooner it is left out */
} table_column_t;

typedef struct {
  size_t at, n; /* in the table's text */
} text_at_t;

struct table {
  table_column_t column[TABLE_COLUMNS_MAX];
  size_t columns;
  text_at_t *cell; /* rows × columns, the last row perhaps still short */
  size_t cells, cells_cap;
  size_t rows;
  buf_t text; /* all cells, one behind the other */
  struct {
    const char *name;
    text_at_t value;
    bool number;
  } meta[TABLE_META_MAX];
  size_t metas;
  bool failed; /* out of memory */
};

str_t table_at (const table_t *t, size_t row, size_t column);
/* width: columns of the terminal, 0 when there is none. */
void table_people (const table_t *t, unsigned width, const char *title, buf_t *out);

#endif
