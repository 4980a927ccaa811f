/* facts_private.h - a fact as [facts] declares it; for facts*.c alone. */
#ifndef KC_REPORT_FACTS_PRIVATE_H
#define KC_REPORT_FACTS_PRIVATE_H

#include "common/core/query.h"
#include "common/report/facts.h"

#define FACT_PARTS_MAX 16u

typedef enum {
  RULE_TOTAL, /* of a query's measure */
  RULE_SHARE,
  RULE_AVERAGE,
  RULE_SUM,
  RULE_YEAR_OF,
  RULE_YEARS,
  RULE_YEAR_COUNT,
  RULE_TEXT
} rule_t;

typedef struct {
  fact_t fact; /* what does not depend on figures */
  rule_t rule;
  query_t *query; /* RULE_TOTAL; what follows likewise */
  size_t measure;
  bool additive, last;
  uint16_t year; /* 0: all */
  span_t valid;  /* RULE_TEXT: the years it is true of; absent: any */
  size_t of[FACT_PARTS_MAX], of_n, over;
  str_t parts;
} fact_rule_t;

struct facts {
  fact_rule_t *rule;
  size_t n;
};

/* Takes the next of the parts between separators off *rest; false at its end. */
bool facts_next_part (str_t *rest, char separator, str_t *part);

#endif
