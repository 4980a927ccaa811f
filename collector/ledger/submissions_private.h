/* submissions_private.h - rows of submissions, for the files about them and for verify. */
#ifndef KC_COLLECTOR_LEDGER_SUBMISSIONS_PRIVATE_H
#define KC_COLLECTOR_LEDGER_SUBMISSIONS_PRIVATE_H

#include "collector/ledger/state.h"
#include "collector/ledger/submissions.h"

typedef struct {
  due_t due;
  uint64_t lsn; /* of the decision */
} due_row_t;

bool answer_decode (str_t key, str_t body, answer_t *out);
bool due_decode (str_t key, str_t body, due_row_t *out);
/* Fills what an update says of a submission; false: it is none. */
bool submission_open (const update_t *u, submission_row_t *out);

#endif
