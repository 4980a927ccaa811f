/* flag_list.h - flags as they stand: what the checks find in the book of records now, with what was told and
 * answered (flag_rows.h).
 *
 * What is in doubt is always worked out from the records; nothing has to be kept for that, and a flag that no
 * longer holds is gone by itself. An office runs the checks that need its own records alone; of the others it
 * knows what the centre told. */
#ifndef KC_STORE_FLAG_LIST_H
#define KC_STORE_FLAG_LIST_H

#include "common/core/quality.h"
#include "common/store/book.h"
#include "common/store/flag_rows.h"

#define FLAG_TEXTS_BUDGET ((size_t)256 << 20)

/* Puts the live records of a unit (0: of all) into q, as long as go_on (may be NULL), asked before each
 * record, says so; damaged ones are verify's to name. */
typedef bool (go_on_fn) (void *ctx);
MUST_USE err_t flags_scan (book_t *book, kv_txn_t *txn, unit_id_t home, quality_t *q, go_on_fn *go_on,
                           void *ctx);

typedef enum { FLAG_OPEN = 1, FLAG_IS_ANSWERED, FLAG_RESOLVED } flag_state_t;
const char *flag_state_name (flag_state_t s); /* "open", "answered", "resolved" */
const char *flag_state_words (flag_state_t s);

typedef struct {
  str_t flag, check;
  const data_check_t *what; /* NULL: the catalogue has it no longer */
  severity_t severity;
  flag_state_t state;
  bool told; /* the centre has told the offices of it */
  flag_record_t record[FLAG_RECORDS_MAX];
  size_t records_n;
  wall_t since, answered_at;
  str_t reason, person;
} flag_t;
/* Slices are those of the finding, of the standing flag; k may be NULL. */
void flag_of_finding (const finding_t *f, flag_t *out);
void flag_of_standing (const flag_standing_t *s, const checks_t *k, flag_t *out);
/* The answer, if there is one; s may be NULL. */
void flag_answered (const flag_standing_t *s, flag_t *out);

/* Who hears of a record: its office, or who has what that left when it went. */
unit_id_t flag_holder (const catalogue_t *c, const flag_record_t *r, date_t today);

typedef struct {
  const catalogue_t *c;
  flag_t *at; /* found now by check and keys, then the others by flag */
  size_t n, dropped;
  const checks_t *checks; /* with checks_unknown */
  quality_t *quality;
  flag_standing_t *standing;
  arena_t *arena;
} flag_list_t;
/* All flags as this transaction sees them; checks of a wider scope are not run here, and stand as told. */
MUST_USE err_t flags_list (book_t *book, kv_txn_t *txn, kv_db_t db, const catalogue_t *c,
                           check_scope_t widest, flag_list_t *out);
void flag_list_free (flag_list_t *l);

#endif
