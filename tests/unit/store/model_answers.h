/* model_answers.h - does the book answer as the model does? */
#ifndef KC_TESTS_MODEL_ANSWERS_H
#define KC_TESTS_MODEL_ANSWERS_H

#include "common/store/book.h"
#include "tests/unit/store/model.h"

/* Asks a set of questions that between them use every grouping, a scan, conditions of several kinds and both
 * views of the offices. False: the first that differs is in why. */
bool model_agrees (book_t *book, kv_txn_t *txn, const catalogue_t *c, const plain_t *list, size_t n,
                   const model_events_t *events, char *why, size_t room);

#endif
