/* flag_rows.h - what became of flags, kept where it is quickly asked: one row an event, straight from the
 * decision that made it (flag ‖ 0x1f ‖ lsn → event).
 *
 * Both sides keep these rows, by the same code: the centre when it decides, an office when the decision comes
 * down; an office has those of its own stream. How a flag stands follows from its events (flags_standing). */
#ifndef KC_STORE_FLAG_ROWS_H
#define KC_STORE_FLAG_ROWS_H

#include "common/store/values.h"
#include "common/wire/centre_wire.h"

typedef enum { FLAG_OPENED = 1, FLAG_CLEARED, FLAG_ANSWERED } flag_event_t;
const char *flag_event_name (flag_event_t e); /* "opened", "cleared", "answered" */
const char *flag_event_words (flag_event_t e);

typedef struct {
  str_t flag;
  uint64_t lsn; /* of the decision */
  flag_event_t event;
  unit_id_t unit; /* whose stream it is in */
  record_id_t record;
  wall_t at; /* the collector's clock */
  str_t person, check, key, reason;
  str_t arguments[REASON_ARGS];
} flag_row_t;

/* The event a FLAG or FLAG_ANSWER decision is. False: of a form that can be no row. */
bool flag_row_of (const decision_t *d, unit_id_t unit, str_t person, wall_t at, uint64_t lsn,
                  flag_row_t *out);
bool flag_row_encode (const flag_row_t *r, buf_t *body); /* false: no memory */
MUST_USE err_t flag_row_put (kv_txn_t *txn, kv_db_t db, const flag_row_t *r);
bool flag_row_decode (str_t key, str_t body, flag_row_t *out); /* slices are views of both */
/* Every event of a flag (blank: of all flags), by flag, the oldest first. */
typedef err_t (flag_row_fn) (void *ctx, const flag_row_t *r);
MUST_USE err_t flag_rows_each (kv_txn_t *txn, kv_db_t db, str_t flag, flag_row_fn *fn, void *ctx);

/* ---- how flags stand ---- */

#define FLAG_RECORDS_MAX 2u

typedef struct {
  unit_id_t unit;
  record_id_t record;
  str_t key;
  str_t commune; /* of the record as it is; absent in what was told */
  str_t arguments[REASON_ARGS];
} flag_record_t;

typedef struct {
  str_t flag, check;
  flag_record_t record[FLAG_RECORDS_MAX]; /* as they were told last, in order of first telling */
  size_t records_n;
  bool open;     /* opened and not cleared since */
  bool answered; /* whenever: an answer holds as long as the flag is the same */
  wall_t since, cleared, answered_at;
  str_t reason, person; /* of the last answer */
} flag_standing_t;

/* All flags that have events, sorted by flag, their texts in the arena. Free *out. */
MUST_USE err_t flags_standing (kv_txn_t *txn, kv_db_t db, arena_t *arena, flag_standing_t **out, size_t *n);
/* Of such a list; NULL. */
const flag_standing_t *flag_standing_find (const flag_standing_t *at, size_t n, str_t flag);

#endif
