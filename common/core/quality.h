/* quality.h - data-quality checks over a set of records: doubts for a person, never refusals.
 *
 * Records are put in one after another, then the findings come out. What a check is and what its numbers are
 * says the catalogue (checks.h). A finding's flag is a short name made of the check, its records and the
 * values that are doubted: as long as these stand the flag is the same, and so is a person's answer to it;
 * when they change it is another. Pure; the order of records does not matter. */
#ifndef KC_CORE_QUALITY_H
#define KC_CORE_QUALITY_H

#include "common/core/checks.h"

#define FLAG_ID_MAX 13u /* 12 of 0-9 and a-z without i, l, o, u, and NUL */
#define FINDINGS_MAX 20000u

/* A record in doubt. */
typedef struct {
  record_id_t id;
  unit_id_t office;
  str_t commune; /* may be absent */
  str_t key;     /* natural key as people know it */
  wall_t since;  /* when its present version came */
} subject_t;

#define SUBJECTS_MAX 2u
typedef struct {
  char flag[FLAG_ID_MAX];
  const data_check_t *check;
  severity_t severity; /* the check's, or less */
  subject_t subject[SUBJECTS_MAX];
  size_t subjects_n;
  str_t argument[SUBJECTS_MAX][REASON_ARGS]; /* as the office of each subject reads them */
} finding_t;

/* Runs the checks of the catalogue whose scope is no wider; borrows it. NULL: no memory. */
typedef struct quality quality_t;
quality_t *quality_new (const catalogue_t *c, check_scope_t widest);
void quality_destroy (quality_t **self_p);
/* A live record; what is needed of it is copied. */
MUST_USE err_t quality_add (quality_t *q, record_id_t id, wall_t since, const record_t *r);
/* All findings, sorted by check, keys, flag; valid as long as q. No more records after that. */
MUST_USE err_t quality_run (quality_t *q, const finding_t **out, size_t *n);
/* Findings beyond FINDINGS_MAX, which are not given. */
size_t quality_dropped (const quality_t *q);

#endif
