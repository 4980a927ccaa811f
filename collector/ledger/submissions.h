/* submissions.h - tables of a period at the centre: declared by offices, due, answered; who is behind.
 *
 * A submission is a record of its office: one for each office, table and period, with a version for each time
 * it was declared. The centre's answer is a decision in the office's stream about one version, so a table
 * declared again waits again. Due dates are decisions too: for all offices, or an office's own. Both are kept
 * in tables beside the log for quick reading; the log holds what they say. */
#ifndef KC_COLLECTOR_LEDGER_SUBMISSIONS_H
#define KC_COLLECTOR_LEDGER_SUBMISSIONS_H

#include "collector/ledger/ledger.h"
#include "common/store/period_rows.h"

/* ---- what was declared, and the answers ---- */

/* One submission as it stands. Slices are valid during the call. */
typedef struct {
  record_ref_t ref;
  version_t version;
  uint64_t lsn;      /* of the version that stands */
  uint32_t revision; /* 1: declared once */
  wall_t received;   /* that version, by the collector's clock */
  unit_id_t office;
  table_id_t table;
  str_t period, note, person;
  bool nil;
  answer_t answer;   /* to the version that stands; NONE: it waits */
  answer_t previous; /* the last one to an earlier version; NONE: there was none, or it is the one above */
  str_t key;         /* "549/outcomes/2020-Q2" */
} submission_row_t;
typedef err_t (submission_fn) (void *ctx, const submission_row_t *s);

/* Those not withdrawn, by office, table and period; period blank: of every period. upto: as they stood at
 * that place in the log. */
#define SUBMISSIONS_NOW ANSWERS_ALL
MUST_USE err_t submissions_each (ledger_t *l, kv_txn_t *txn, str_t period, uint64_t upto, submission_fn *fn,
                                 void *ctx);

/* Accepts or returns the version that stands. which: office/table/period or an id. *changed false: it was
 * accepted before and nothing in it has changed since (returned with the same comment). ERR_INPUT with words:
 * no such submission, withdrawn; ERR_USAGE: a return without a comment. One durable transaction. */
MUST_USE err_t submissions_answer (ledger_t *l, str_t which, bool accept, str_t comment, str_t person,
                                   wall_t now, bool *changed, fail_t *fail);

/* ---- due dates ---- */

/* date 0 takes it back. *changed false: it stood so. ERR_INPUT with words. One durable transaction. */
MUST_USE err_t submissions_due_set (ledger_t *l, const due_t *d, wall_t now, bool *changed, fail_t *fail);

/* ---- who is behind ---- */

/* In the order of who is furthest behind. */
typedef enum {
  COMPLETE_MISSING = 0, /* nothing declared, nothing recorded */
  COMPLETE_PARTIAL,     /* records are in it, but nobody declared it (or it was declared nil before) */
  COMPLETE_RETURNED,    /* the centre sent it back and it was not declared again */
  COMPLETE_LATE,        /* declared after the due day, by the collector's clock; waits for an answer */
  COMPLETE_ON_TIME,     /* declared in time, or without a due date; waits for an answer */
  COMPLETE_EMPTY,       /* declared nil, and nothing is in it */
  COMPLETE_ACCEPTED,
  COMPLETE_COUNT
} complete_state_t;
const char *complete_name (complete_state_t s); /* "on_time" */
const char *complete_words (complete_state_t s);

typedef struct {
  unit_id_t office;
  const unit_t *unit; /* as it was on the period's last day */
  table_id_t table;
  complete_state_t state;
  bool asked;      /* false: nobody asks for it, but it was declared (an abolished office's backlog) */
  date_t due;      /* 0: none */
  wall_t received; /* the version that stands; 0: none */
  uint64_t records;
  uint64_t since; /* records of it that came, changed or were withdrawn after it was declared */
} complete_row_t;

typedef struct {
  complete_row_t *rows; /* by office code, table; free it */
  size_t n;
  uint64_t asked, done; /* done: neither missing, partial nor returned, among those asked */
} completeness_t;

/* A row for each office in being on the period's last day and each table it is asked for, and for what was
 * declared beyond that. */
MUST_USE err_t submissions_completeness (ledger_t *l, kv_txn_t *txn, const period_t *p, completeness_t *out);
void completeness_free (completeness_t *c);

/* ---- accepted figures ---- */

/* Which records stand in an accepted table. Of the office's declarations of the table that hold the record
 * and were ever answered, the newest event decides: an answer, or that an answered one was declared anew and
 * waits. So a first declaration of a half-year takes nothing from an accepted quarter, and sending the
 * quarter back does. What the record became after that answer was not accepted with it, and waits for the
 * table to be accepted anew. A record of several years asks for an accepted table of each
 * calendar year (2014, 2015 …). */
typedef struct accepted accepted_t;
MUST_USE err_t accepted_open (ledger_t *l, kv_txn_t *txn, const catalogue_t *c, uint64_t upto,
                              accepted_t **out);
void accepted_close (accepted_t **self_p);
bool accepted_has (const accepted_t *a, const record_t *r, uint64_t version_lsn); /* of its present version */

/* Has anything in an answered submission's table changed since that answer? */
MUST_USE err_t accepted_changed_since (ledger_t *l, kv_txn_t *txn, const submission_row_t *s, bool *out);

/* totals --where accepted=yes|no: a condition no dimension holds, so it is taken off the others, and the
 * query is fed record by record. ERR_INPUT with words: neither yes nor no. */
typedef enum { ACCEPTED_ANY = 0, ACCEPTED_YES, ACCEPTED_NO } accepted_want_t;
MUST_USE err_t accepted_of_where (str_t where, buf_t *rest, accepted_want_t *want, fail_t *fail);
/* Feeds the record's atoms if it is wanted; a is of the same position. */
MUST_USE err_t accepted_feed (const accepted_t *a, accepted_want_t want, const record_t *r, const row_t *row,
                              query_t *q);

#endif
