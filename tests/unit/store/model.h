/* model.h - what the totals must be, worked out a second time and as simply as it goes.
 *
 * Nothing of the product is included here or in model.c: records are plain texts and numbers, the rules of
 * DESIGN 3 (Moves, Amounts, What counts) are written down once more from the page, and a question is answered
 * by walking the list of records. */
#ifndef KC_TESTS_MODEL_H
#define KC_TESTS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_SOURCES 3
#define MODEL_NONE (-1) /* an amount that is not given */
#define MODEL_MEASURES 7

typedef enum { PLAIN_SCHEME, PLAIN_OUTCOME, PLAIN_CONSULTING, PLAIN_OTHER } plain_kind_t;

/* One record. Texts are static, "" where there is none. */
typedef struct {
  plain_kind_t kind;
  bool withdrawn;
  const char *year, *unit, *commune;
  const char *item, *status, *form; /* of a scheme */
  int64_t plan[MODEL_SOURCES], approved[MODEL_SOURCES], settled[MODEL_SOURCES], matching;
  const char *indicator, *fund, *value_kind, *period;
  int64_t value; /* with the decimals of its indicator */
  const char *service;
  int64_t revenue;
} plain_t;

/* Which events have come to pass. */
typedef struct {
  bool merged;    /* 550 into 549 */
  bool split;     /* 543 into 21907 (Bồng Sơn, Tam Quan) and 21910 (all else) */
  bool abolished; /* 551, its heir 549 */
} model_events_t;

extern const char *const model_source[MODEL_SOURCES];
extern const char *const model_status[14]; /* the road's ten, then the four beside it */

/* Amounts an edit gives: [0] X_vnd, [1] settled_X_vnd. given without a value clears. */
typedef struct {
  bool given[2][MODEL_SOURCES];
  int64_t value[2][MODEL_SOURCES];
} model_amounts_t;

/* An edit of a scheme: its state after it (NULL: as it is) and amounts, all at once. False: the rules forbid
 * it and nothing has changed. create: there was nothing before. */
bool model_edit (plain_t *p, bool create, const char *status, const model_amounts_t *amounts, bool reason);

/* A row of an answer: the dimensions' texts joined by "|", then the measures as they are shown. */
typedef struct {
  char key[160];
  int64_t m[MODEL_MEASURES];
  unsigned figures;
  const char *indicator;
} model_row_t;

/* kind: of which records; by: dimensions; where: "dim=value" or ""; today: offices mapped by the events. Rows
 * that are shown; their number. */
size_t model_ask (const plain_t *list, size_t n, const model_events_t *events, plain_kind_t kind,
                  const char *by, const char *where, bool today, model_row_t *out, size_t max);

/* Decimals an indicator is shown with. */
unsigned model_decimals (const char *indicator);

#endif
