/* merge.h - two states of a record that go back to one base, put together field by field (PROTOCOL 5).
 *
 * The unit is one scalar: of the record, of a funding line, of an entry of a list. Who changed it wins over
 * who did not; changed on both sides to different values it is a clash, and a person decides. Pure. */
#ifndef KC_CORE_MERGE_H
#define KC_CORE_MERGE_H

#include "common/core/record.h"

/* In the result of a merge, which side a clash leaves standing. */
typedef enum { MERGE_FIRST, MERGE_SECOND } merge_prefer_t;

typedef struct {
  operation_t operation;
  record_t record;
  str_t unknown;            /* of the update's own level */
  const str_t *clashes;     /* names: see below */
  size_t clashes_n;         /* 0: clean */
  bool as_first, as_second; /* the result says nothing else than that side */
} merged_t;

/* base NULL: both were made from nothing. Of the updates only operation, record and unknown are read; the
 * records are of one kind. The result borrows from all three, and from the arena. Names of clashes:
 *   withdrawn                    one side withdrew the record, the other edited it
 *   name, value …                a field, named as in import (value: with its scale)
 *   funding.2.approved_vnd       of a source's line: planned_vnd, approved_vnd, settled_vnd, unknown
 *   ledger.<id>.amount_vnd       of an entry, its field named as in import; beneficiaries.<id>.… likewise
 *   funding.2, ledger.<id> …     removed on one side, edited on the other
 *   ledger, beneficiaries        together they are too many
 *   unknown                      what a later version wrote
 * At most CLASHES_MAX are named. An entry that both sides added under different ids with the same content is
 * one entry, the first side's. ERR_NOMEM. */
MUST_USE err_t merge3 (const update_t *base, const update_t *first, const update_t *second,
                       merge_prefer_t prefer, arena_t *arena, merged_t *out);

/* Parked sides are settled one after another: the fields that this one decides are added to those that sides
 * before it decided (room for CLASHES_MAX a side). ERR_INPUT: two sides changed one field; which is meant? */
MUST_USE err_t clashes_take (const merged_t *m, str_t *taken, size_t *taken_n, fail_t *fail);

/* What a clash is called by people, with both sides' values as import files have them. */
typedef struct {
  str_t code;  /* the record's key text; of an entry, the line's (549-01:CT05) */
  str_t field; /* a column of import, or withdrawn, removed */
  str_t first, second;
} clash_row_t;

/* One row a column: clashes that one column shows (plan and approved amount) are one row. Rows and texts live
 * in the arena. ERR_NOMEM. */
MUST_USE err_t clash_rows (const catalogue_t *c, const str_t *clashes, size_t n, const update_t *first,
                           const update_t *second, arena_t *arena, clash_row_t **out, size_t *out_n);

#endif
