/* submit.h - an office declares tables of a period complete, and sees what became of them. Works with no
 * line. */
#ifndef KC_AGENT_ENTRY_SUBMIT_H
#define KC_AGENT_ENTRY_SUBMIT_H

#include "agent/entry/edits.h"
#include "common/store/period_rows.h"

/* What this PC holds of a table and period, of our own office. */
typedef struct {
  uint64_t records;
  uint64_t counting;  /* schemes that count */
  int64_t amount_vnd; /* their support; the revenue of consulting projects */
  uint64_t spans;     /* records of several years that touch the period, and are not among the others */
  uint64_t latest;    /* sequence of the last change to any record in it, withdrawn ones too */
} table_sum_t;

typedef struct {
  table_id_t table;
  str_t period; /* as typed */
  bool nil;
  str_t note, person;
} declaration_t;

typedef enum {
  SUBMITTED_UNCHANGED = 0, /* it stands so, and nothing in the table has changed since */
  SUBMITTED_FIRST,
  SUBMITTED_ANEW, /* a new version: after a return, or because something changed */
} submitted_t;

typedef struct {
  submitted_t what;
  table_sum_t sum;
  str_t key; /* "549/outcomes/2020-Q2"; in the arena */
} submit_result_t;

/* Durable when ERR_OK. ERR_INPUT with words: no such period, a table the office is not asked for, nil though
 * there are records, not nil though there are none. */
MUST_USE err_t submit_table (outbox_t *o, const declaration_t *d, wall_t now, arena_t *arena,
                             submit_result_t *out, fail_t *fail);

/* What submit_table would refuse of a declaration that comes as a record: nil beside records, complete with
 * none. Added to *found. */
MUST_USE err_t submit_judge (outbox_t *o, kv_txn_t *txn, const submission_t *s, reasons_t *found);

typedef enum {
  OFFICE_TODO = 0, /* it has a due date and was not declared */
  OFFICE_WAITING,  /* for the line */
  OFFICE_RECEIVED, /* by the centre, which has not answered */
  OFFICE_RETURNED,
  OFFICE_ACCEPTED,
  OFFICE_REFUSED /* the update was: see list --refused */
} office_state_t;
const char *office_state_name (office_state_t s);
const char *office_state_words (office_state_t s);

/* Slices are valid during the call. */
typedef struct {
  str_t key, period, note;
  table_id_t table;
  bool nil;
  office_state_t state;
  wall_t since; /* when it was declared here; 0: it was not */
  date_t due;   /* 0: none */
  answer_t answer;
} office_submission_t;
typedef err_t (office_submission_fn) (void *ctx, const office_submission_t *s);
/* Declared tables of our office, then those that are due and were not declared. */
MUST_USE err_t submissions_of_office (outbox_t *o, kv_txn_t *txn, office_submission_fn *fn, void *ctx);

#endif
