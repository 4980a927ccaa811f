/* contribution.h - what one record adds to the totals: a pure function of that record alone.
 *
 * The only code that running totals and recount share (DESIGN 2.3). An atom is a point in all
 * dimensions of its family, with measures; a scheme gives one atom per source that has money
 * (its support is split exactly), and the counts stand on the atom of its main source. */
#ifndef KC_CORE_CONTRIBUTION_H
#define KC_CORE_CONTRIBUTION_H

#include "common/core/record.h"

typedef enum { FAMILY_SCHEME = 1, FAMILY_OUTCOME = 2, FAMILY_CONSULTING = 3, FAMILY_COUNT } family_t;

/* Measures of a scheme atom, in the order of `totals` columns. */
typedef enum {
  M_SCHEMES = 0, /* schemes that count, under the source with the largest amount that counts */
  M_SUPPORT_VND, /* settled once settled, approved before; of schemes that count */
  M_SCHEMES_ALL, /* every record that is not withdrawn */
  M_PLANNED_VND, /* planned amounts of every record that is not withdrawn, likewise the next two */
  M_APPROVED_VND,
  M_SETTLED_VND,
  M_MATCHING_VND, /* of schemes that count, on the main source's atom */
  M_SCHEME_COUNT
} scheme_measure_t;

/* Measures of an outcome atom. */
typedef enum { M_VALUE = 0, M_FIGURES, M_OUTCOME_COUNT } outcome_measure_t;

/* Measures of a consulting atom. */
typedef enum { M_PROJECTS = 0, M_REVENUE_VND, M_CONSULTING_COUNT } consulting_measure_t;

typedef struct {
  family_t family;
  span_t year;
  unit_id_t district;
  /* scheme */
  str_t item;         /* borrowed from the record, like every text here */
  source_id_t source; /* 0: no money at all */
  status_t status;
  scheme_kind_t kind;
  str_t commune; /* no dimension of totals: says where a divided unit's scheme belongs; absent in cells */
  /* outcome */
  str_t indicator, fund, period;
  value_kind_t value_kind;
  /* consulting */
  str_t service;
  int64_t m[MEASURES_MAX];
} atom_t;

/* Atoms of a live record; 0 when withdrawn is set or the kind has no totals. */
size_t contribution (const record_t *r, bool withdrawn, atom_t out[ATOMS_MAX]);

#endif
