/* catalogue_parser.h - what the files that read a catalogue share: catalogue_parse.c goes through lines and
 * rows, catalogue_cells.c reads a cell by its type, catalogue_sections.c holds the table of sections and what
 * a finished row must agree with. */
#ifndef KC_CORE_CATALOGUE_PARSER_H
#define KC_CORE_CATALOGUE_PARSER_H

#include "common/core/catalogue_impl.h"
#include "common/text/csv.h"

#define SPECS_MAX 16u

typedef enum {
  CELL_ID,       /* a number from 1 */
  CELL_UNIT,     /* the id of a unit of this file, may be blank */
  CELL_CODE,     /* ASCII */
  CELL_FUND,     /* as CELL_CODE, but Đ is a letter */
  CELL_WORD,     /* short text that must be given */
  CELL_TEXT,     /* may be blank */
  CELL_DATE,     /* a whole day, may be blank */
  CELL_BOOL,     /* yes, no, blank = no */
  CELL_DECIMALS, /* one digit, blank = 0 */
  CELL_RELATION, /* equal, at_least, none, blank = none */
  CELL_EVENT     /* rename, retype, merge, split, abolish */
} cell_type_t;

typedef struct {
  const char *name;
  cell_type_t type;
  size_t offset;
  bool required;        /* the column must be there */
  index_space_t refers; /* CELL_CODE, CELL_UNIT: what it names, then it may be blank if not required */
} spec_t;

typedef struct parser parser_t;

typedef struct {
  const char *name;
  bool required;
  size_t row_size;
  /* Puts a finished row into the index. */
  err_t (*add) (parser_t *p, void *row);
  spec_t specs[SPECS_MAX];
} section_t;

/* A reference still to be followed. */
typedef struct {
  index_space_t space;
  uint32_t id, line, column;
  str_t code;
} ref_t;

struct parser {
  catalogue_t *c;
  fail_t *fail;
  const section_t *section; /* NULL: before the first one, or in one that is unknown */
  raw_section_t *raw;       /* the one being read, known or not; NULL before the first */
  bool header_read;
  int place[SPECS_MAX]; /* where the header has each spec's column, -1 = nowhere */
  size_t width;         /* cells of the header */
  csv_row_t row;
  uint32_t column; /* of the cell being read, for messages */
  ref_t *refs;
  size_t refs_n, refs_cap;
};

extern const section_t catalogue_sections[LIST_COUNT];

/* Are rows of one day free of circles? Over the whole section; refuses at the row that closes one. */
err_t parser_lineage_whole (parser_t *p);
err_t parser_add_lineage (parser_t *p, void *row);
err_t parser_add_commune (parser_t *p, void *row);
err_t parser_name_units (parser_t *p); /* fills known_as of every version */

/* Refuses the file at the parser's line and column; ERR_INPUT. */
err_t parser_refuse (parser_t *p, const char *fmt, ...) PRINTF_LIKE (2, 3);
err_t parser_no_memory (parser_t *p);
/* Reads a cell into a row's member. */
err_t parser_cell (parser_t *p, const spec_t *spec, str_t text, void *member);

#endif
