/* reason.h - reasons with their arguments: made in the core, sent over the wire, shown to people. */
#ifndef KC_CORE_REASON_H
#define KC_CORE_REASON_H

#include "common/core/record.h"

typedef enum {
#define X(name, wire, soft, vi, en) name,
#include "common/core/reasons.def"
#undef X
  REASON_COUNT
} reason_code_t;

#define REASON_ARGS 3

/* One finding. Arguments are borrowed (catalogue, arena or static); absent ones are STR_NONE. */
typedef struct {
  reason_code_t code;
  str_t arg[REASON_ARGS];
  int column; /* index of the cell it is about in the edit, -1 = the record as a whole */
} reason_t;

#define REASONS_MAX 32u /* findings kept for one record; further ones are dropped */

typedef struct {
  reason_t at[REASONS_MAX];
  uint32_t n;
  arena_t *arena; /* arguments are copied here; NULL: they are borrowed as given */
} reasons_t;

const char *reason_name (reason_code_t c);      /* wire name */
reason_code_t reason_of_name (str_t wire_name); /* REASON_NONE when unknown */
bool reason_soft (reason_code_t c);
/* The sentence in the current language. An unknown wire name is shown as it is. */
void reason_words (const reason_t *r, buf_t *out);
/* The same about a record of the kind (KIND_NONE: any), for people: where it names a column a Vietnamese
 * reader has the catalogue's label, too. */
void reason_words_in (const reason_t *r, const catalogue_t *c, kind_t kind, buf_t *out);

/* A plain number with its digits in groups of three and its decimals, as the current language writes them;
 * other text as it is. */
void words_put_digits (str_t digits, buf_t *out);

/* Adds a finding; missing arguments: STR_NONE. */
void reasons_add (reasons_t *rs, int column, reason_code_t c, str_t a0, str_t a1, str_t a2);
/* First hard finding, NULL if there is none. */
const reason_t *reasons_hard (const reasons_t *rs);

#endif
