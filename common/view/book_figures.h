/* book_figures.h - a report's figures straight from a book of records, as it stands in one transaction. */
#ifndef KC_VIEW_BOOK_FIGURES_H
#define KC_VIEW_BOOK_FIGURES_H

#include "common/report/figures.h"
#include "common/store/book.h"

typedef struct {
  book_t *book;
  kv_txn_t *txn;
  arena_t *arena; /* for one record at a time */
} book_figures_t;

/* The functions of *f and their context; whose position and time they are, the caller says. ctx
 * outlives them; end it with book_figures_end. */
void book_figures (book_figures_t *ctx, figures_t *f);
void book_figures_end (book_figures_t *ctx);

#endif
