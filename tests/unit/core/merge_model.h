/* merge_model.h - three-way merging a second time: a record is a set of named texts, and each name is decided
 * by itself. Shares nothing with core/merge.c; its tables of members are written down anew. */
#ifndef KC_TESTS_MERGE_MODEL_H
#define KC_TESTS_MERGE_MODEL_H

#include "common/core/record.h"

typedef enum { TEXT, AMOUNT, YEARS, NUMBER, YES, SCALED } form_t;
typedef struct {
  const char *name;
  form_t form;
  size_t offset;
} member_t;

typedef struct {
  kind_t kind;
  const member_t *member;
  size_t n;
} model_kind_t;
#define MODEL_KINDS 6u
extern const model_kind_t model_kinds[MODEL_KINDS];

typedef struct {
  char name[96], text[64];
} entry_t;
typedef struct {
  entry_t at[160];
  size_t n;
} state_t;

/* kind: an index into model_kinds. */
void say_all (state_t *s, const record_t *r, size_t kind, operation_t operation, str_t unknown);
const char *look (const state_t *s, const char *name); /* "" when it is not there */
bool same_state (const state_t *a, const state_t *b);

typedef struct {
  state_t result;
  char clash[160][96];
  size_t clashes;
} expected_t;

/* b: as it was; empty: both were made from nothing. second: which side a clash leaves standing. */
void model_merge (const state_t *b, const state_t *x, const state_t *y, bool second, expected_t *out);

#endif
