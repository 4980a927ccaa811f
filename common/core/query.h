/* query.h - a question to the totals: by which dimensions, where. Pure: cells are fed in. */
#ifndef KC_CORE_QUERY_H
#define KC_CORE_QUERY_H

#include "common/core/catalogue.h"
#include "common/core/groupings.h"

typedef struct query query_t;

/* by: "year,source"; where: "district=549,year=2019" or absent. Unknown dimensions or dimensions of
 * different families: NULL and *fail (ERR_USAGE); a value the catalogue does not know: ERR_INPUT. Values are
 * codes; an empty one ("fund=") asks for what has none. A blank `by` gives one row of totals. Borrows the
 * catalogue. */
query_t *query_parse (str_t by, str_t where, const catalogue_t *c, fail_t *fail);
void query_destroy (query_t **self_p);

/* From now on figures stand where the successors of their offices have them on `day` (unit_today). Call it
 * before query_dims: where communes decide, they ask for more than cells have. */
void query_today (query_t *q, date_t day);

/* Where neither `by` nor `where` names an office: from now on this one's alone. Gives whether it is so. Call
 * it before query_dims. */
bool query_own (query_t *q, unit_id_t office);
/* Does no condition leave the office out? */
bool query_takes_office (const query_t *q, unit_id_t office);

family_t query_family (const query_t *q);
/* The first grouping that has all dimensions it needs (by, where and the implied filter of plans); NULL: feed
 * atoms of a scan instead. */
const grouping_t *query_grouping (const query_t *q);

/* The dimensions it needs of an atom, as atoms carry them (DIM_BITs): an item for a category, a source for
 * the fund of a scheme. */
uint32_t query_dims (const query_t *q);
/* Does the atom, of whatever family, meet the conditions, under its own office? Plans only where value_kind
 * is named. */
bool query_matches (const query_t *q, const atom_t *a);
/* The one indicator its conditions ask for; NULL when they name none. */
const indicator_t *query_indicator (const query_t *q);
/* Which of an atom's measures a column of the answer shows: "support_vnd". False: its family has no such. */
bool query_measure (const query_t *q, str_t name, size_t *index);

/* Feed: a cell or an atom (measures in a->m). ERR_OVERFLOW possible. */
MUST_USE err_t query_feed (query_t *q, const atom_t *a);

/* The result: columns are the dimensions as named, then the measures. Rows whose measures are all 0
 * are left out; of an indicator that is not additive only rows that hold one figure are there.
 * Sorted by the leading columns: as bytes of their text (machine) or in catalogue order (people). */
typedef struct {
  size_t columns;
  const char *name[DIM_COUNT + MEASURES_MAX];
  bool is_measure[DIM_COUNT + MEASURES_MAX];
  bool is_money[DIM_COUNT + MEASURES_MAX];
  size_t rows;
  str_t *cell; /* rows × columns, row by row; text as in import; owned by the query */
} query_result_t;
MUST_USE err_t query_finish (query_t *q, bool machine, query_result_t *out);

#endif
