/* checks.h - data-quality checks and support ceilings as the catalogue states them.
 *
 * [checks]: id,kind,scope,severity,of,items,threshold,tolerance,minimum,years,valid_from,valid_to,text_vi,
 * text_en,source. What a kind makes of its numbers stands with check_kind_t. scope says where a check is run:
 * record and office by the office itself and by the centre, province by the centre alone, which sees all
 * offices. A check the catalogue does not name is not run; one of a kind (or a rule) that this program does
 * not know is stepped over and can be named.
 *
 * [ceilings]: item,from,to,per,ceiling_vnd,percent,priority,law. A row without ceiling and percent says that
 * the text of that time is not known: nothing is judged by it.
 *
 * [same_words]: words,as. Folded words of names that mean the same: what stands under words is read as what
 * stands under as, or passed over when that is blank. */
#ifndef KC_CORE_CHECKS_H
#define KC_CORE_CHECKS_H

#include "common/core/catalogue.h"
#include "common/core/reason.h"

typedef enum {
  CHECK_NONE = 0,
  CHECK_RULE,      /* a soft rule of validate.h, named in `of` */
  CHECK_CEILING,   /* support above [ceilings]; up to `priority` times it only a note */
  CHECK_SUBSET,    /* an outcome counted among another of the same unit is above it */
  CHECK_DUPLICATE, /* near-duplicate schemes: names alike to threshold %, amounts to tolerance % */
  CHECK_TWICE,     /* one beneficiary, one item, within `years` years */
  CHECK_OUTLIER,   /* threshold times off the median and tolerance times the median deviation, of minimum or
                      more figures */
  CHECK_UNIT,      /* threshold times off the median of minimum or more: a wrong unit */
  CHECK_KIND_COUNT
} check_kind_t;

typedef enum { SCOPE_NONE = 0, SCOPE_RECORD, SCOPE_OFFICE, SCOPE_PROVINCE } check_scope_t;
/* A note is shown where it is asked for; a warning also becomes a decision that reaches the office. */
typedef enum { SEVERITY_NONE = 0, SEVERITY_NOTE, SEVERITY_WARNING } severity_t;
const char *severity_name (severity_t s); /* "note", "warning" */
const char *severity_words (severity_t s);

typedef struct {
  str_t id;
  check_kind_t kind;
  check_scope_t scope;
  severity_t severity;
  reason_code_t rule; /* CHECK_RULE */
  kind_t of;          /* CHECK_OUTLIER and CHECK_UNIT: schemes or outcomes */
  str_t items;        /* codes of items joined by ";"; blank: all */
  int64_t threshold, tolerance, minimum, years;
  date_t from, to; /* of the years a record is of; 0: open */
  str_t text_vi, text_en, source;
} data_check_t;

typedef struct {
  str_t item;
  date_t from, to; /* 0: open */
  bool each;       /* for each establishment, not for the scheme as a whole */
  opt_i64_t ceiling_vnd;
  int64_t percent;         /* of the cost; 0: none */
  int64_t priority_tenths; /* 15: up to 1.5 times in priority areas and trades; 10: no more */
  str_t law;
} ceiling_t;

/* The catalogue's rows, read once; they live as long as it. */
typedef struct checks checks_t;
const checks_t *catalogue_checks (const catalogue_t *c);
const data_check_t *checks_at (const checks_t *k, size_t i); /* NULL past the end */
const data_check_t *checks_find (const checks_t *k, str_t id);
/* Ids of checks this program steps over; STR_NONE past the end. */
str_t checks_unknown (const checks_t *k, size_t i);

/* Does the check look at records of these years, and at this item? */
bool check_holds (const data_check_t *k, span_t years);
bool check_of_item (const data_check_t *k, str_t item);
/* The ceiling of an item on a day, or the most lenient of those between two days. False: none is known. */
bool ceiling_of (const checks_t *k, str_t item, date_t from, date_t to, ceiling_t *out);

/* A scheme's support against the ceiling of its time: of its approval where that day is known, else the most
 * lenient of its years. False: it keeps within it, or nothing is known to judge it by. */
typedef struct {
  int64_t support_vnd, ceiling_vnd; /* for as many establishments as it has */
  bool priority;                    /* it would keep within it in a priority area or trade */
  str_t law;
} above_ceiling_t;
bool scheme_above_ceiling (const checks_t *k, const scheme_t *s, above_ceiling_t *out);
/* What a scheme gets: settled once settled, else approved, else planned; exactly, over its sources. */
int64_t scheme_money (const scheme_t *s);

/* For catalogue_parse: the first row that cannot be right, with its line; then the rows. NULL: no memory. */
MUST_USE err_t checks_check (const catalogue_t *c, fail_t *fail);
checks_t *checks_new (const catalogue_t *c);
void checks_destroy (checks_t **self_p);

/* A check's sentence: {0} an argument, {0n} one with its digits grouped. */
void check_words (const data_check_t *k, const str_t arguments[REASON_ARGS], const catalogue_t *labels,
                  buf_t *out);

#endif
