/* quality_private.h - what the checks keep of records, and how they tell. */
#ifndef KC_CORE_QUALITY_PRIVATE_H
#define KC_CORE_QUALITY_PRIVATE_H

#include "common/core/fields.h"
#include "common/core/quality.h"
#include "common/core/similar.h"

typedef struct {
  subject_t subject;
  str_t item, fund;
  span_t years;
  int64_t money;
  uint64_t facts; /* a number for what a pair is judged by */
  bool alive;     /* not rejected, stopped or withdrawn: it may cost money */
  bool unit_told; /* its amount was found to be in a wrong unit */
  size_t likeness;
} scheme_kept_t;

/* Whom a scheme supports: its beneficiary as one line, and those of its list. */
typedef struct {
  uint64_t who;
  size_t scheme; /* place among those kept */
} helped_t;

typedef struct {
  subject_t subject;
  const indicator_t *indicator;
  str_t fund;
  span_t years;
  int64_t value;
  bool plan, unit_told;
} outcome_kept_t;

struct quality {
  const catalogue_t *c;
  const checks_t *k;
  check_scope_t widest;
  arena_t *arena, *scratch;
  columns_t *columns[KIND_COUNT];
  similar_t *similar;
  scheme_kept_t *scheme;
  helped_t *helped;
  outcome_kept_t *outcome;
  finding_t *finding;
  uint64_t *pair; /* schemes found near-duplicate, to be told once */
  size_t schemes_n, schemes_cap, helped_n, helped_cap, outcomes_n, outcomes_cap, findings_n, findings_cap,
      pairs_n, pairs_cap, dropped;
  buf_t text;
};

/* A number for facts, to be continued; a flag is made of it. */
uint64_t facts_number (uint64_t h, int64_t v);
uint64_t facts_text (uint64_t h, str_t s);
/* Keeps a finding on one or two subjects; facts: of the values doubted. arguments: of each subject. */
MUST_USE err_t quality_find (quality_t *q, const data_check_t *k, severity_t severity,
                             const subject_t *const subjects[], size_t subjects_n, uint64_t facts,
                             str_t arguments[][REASON_ARGS]);
/* A number as text in q's arena. */
str_t quality_digits (quality_t *q, int64_t v);

/* Checks over all records. */
MUST_USE err_t quality_subset (quality_t *q, const data_check_t *k);
MUST_USE err_t quality_duplicates (quality_t *q, const data_check_t *k);
MUST_USE err_t quality_twice (quality_t *q, const data_check_t *k);
MUST_USE err_t quality_figures (quality_t *q, const data_check_t *k); /* outliers and wrong units */

#endif
