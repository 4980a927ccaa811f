/* groupings.h - which running totals are kept. One row a grouping; adding one is a row here and a
 * rebuild (kc-collector and kc-agent rebuild when the table's version in the store differs). */
#ifndef KC_CORE_GROUPINGS_H
#define KC_CORE_GROUPINGS_H

#include "common/core/contribution.h"

typedef enum {
  DIM_YEAR = 0,
  DIM_CATEGORY,
  DIM_ITEM,
  DIM_SOURCE,
  DIM_FUND,
  DIM_DISTRICT,
  DIM_STATUS,
  DIM_KIND,
  DIM_INDICATOR,
  DIM_VALUE_KIND,
  DIM_PERIOD,
  DIM_SERVICE,
  DIM_COUNT
} dim_t;

#define DIM_BIT(d) (1u << (d))
#define GROUPINGS_VERSION 2u

typedef struct {
  uint8_t id; /* first byte of a cell's key; never reused */
  family_t family;
  uint32_t dims; /* DIM_BITs; category and (for schemes) fund are derived, never stored */
} grouping_t;

/* Shipped groupings, ended by id 0. Cheapest first within a family. */
extern const grouping_t groupings[];

/* The first grouping of the family that has all these dimensions; NULL: its atoms must come from records. */
const grouping_t *grouping_covering (family_t family, uint32_t dims);

/* A cell's key: grouping id, then the grouping's dimensions in the order of dim_t: years and unit as
 * big-endian numbers, enums as a byte, text as bytes and a NUL. */
bool cell_key_encode (const grouping_t *g, const atom_t *a, buf_t *out);
/* Fills the dimensions of *out that the grouping has (text borrowed from key); false if malformed. */
bool cell_key_decode (str_t key, const grouping_t **g, atom_t *out);

const char *dim_name (dim_t d);
bool dim_of_name (str_t name, dim_t *out); /* "office" is an alias of district */

#endif
