/* query_impl.h - the inside of a query, shared by query.c (feeding, rows) and query_parse.c. */
#ifndef KC_CORE_QUERY_IMPL_H
#define KC_CORE_QUERY_IMPL_H

#include "common/core/query.h"

/* A condition on one dimension; which member holds depends on the dimension. */
typedef struct {
  bool given;
  span_t year;
  uint32_t number; /* source, district, status, kind, value_kind */
  str_t text;      /* category, item, fund, indicator, period, service */
} condition_t;

typedef struct {
  str_t key; /* the cells' text, each closed by a NUL */
  uint64_t hash;
  str_t cell[DIM_COUNT];
  uint64_t rank[DIM_COUNT]; /* place in catalogue order */
  str_t indicator;
  int64_t m[MEASURES_MAX];
} query_row_t;

struct query {
  const catalogue_t *c;
  arena_t *arena;
  family_t family;
  dim_t by[DIM_COUNT];
  const char *by_name[DIM_COUNT]; /* as asked: "office" stays "office" */
  size_t by_n;
  condition_t where[DIM_COUNT];
  date_t today;   /* offices of this day, 0: as they were */
  bool plans_too; /* value_kind is named: nothing is implied */
  query_row_t **slot;
  size_t slots, rows;
  buf_t scratch;
};

#endif
