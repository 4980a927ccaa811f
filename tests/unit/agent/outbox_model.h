/* outbox_model.h - an office's store as plain arrays, and a centre that says whatever it likes: what must be
 * seen of the store after every step.
 *
 * A record is a code with three small numbers. Every state of it that anybody made is a version: an update of
 * ours, by its place in our log; one by another PC; or one that the centre made. The centre keeps to the
 * rules an office relies on (it judges ours in order, accepts what was made on what stands or on what it
 * refused) and is otherwise free: it refuses, merges into anything, parks, settles, as chance has it. Its log
 * of events is told in pieces, more than once if need be. */
#ifndef KC_TESTS_OUTBOX_MODEL_H
#define KC_TESTS_OUTBOX_MODEL_H

#include "agent/outbox/outbox.h"

#define OWN_RECORDS 5
#define RECORDS 9 /* the others are another PC's */
#define VERSIONS_MAX 400
#define EVENTS_MAX 400
#define IMPORTS_MAX 100
#define STREAMS_MAX 40

typedef struct {
  int note, commune, money; /* 0: absent */
  bool withdrawn;
} state_t;

typedef enum { OURS, THEIRS, MADE } maker_t; /* MADE: by the centre */

typedef struct {
  int record;
  state_t state;
  maker_t maker;
  int base;       /* -1: nothing */
  uint64_t place; /* ours */
  version_t name; /* not ours */
  uint64_t import;
  int settles[SETTLES_MAX], settles_n;
  verdict_t judged; /* by the centre; VERDICT_NONE: not yet */
  bool standing;    /* at the centre: parked and undecided */
} version_row_t;

/* HEARD: another PC's update, of which the next event says what came of it. */
typedef enum { EVENT_TAKEN, EVENT_HEARD, EVENT_VERDICT, EVENT_SETTLED } event_type_t;
typedef struct {
  event_type_t type;
  int version; /* taken, judged, or the outcome of what was settled */
  verdict_t verdict;
  int result; /* of a merge; -1: none */
  uint64_t lsn;
  int settles[SETTLES_MAX], settles_n;
} event_t;

typedef struct {
  store_id_t store;
  uint64_t before; /* places in front of it */
} stream_t;

typedef struct {
  version_row_t version[VERSIONS_MAX];
  int versions;
  int of_place[VERSIONS_MAX];             /* place → version */
  uint64_t last, received, acked, judged; /* places */
  stream_t stream[STREAMS_MAX];
  int streams;
  record_id_t id[RECORDS];
  bool has_id[RECORDS];
  /* the centre */
  int stands[RECORDS]; /* -1: nothing */
  event_t event[EVENTS_MAX];
  int events;
  /* what the office was told */
  int told, again; /* events known; those up to which it is being told (again) */
  uint64_t decided;
  int told_state[RECORDS];
  int told_parked[VERSIONS_MAX]; /* event that parked it, plus one; 0: not parked */
  int refused[VERSIONS_MAX];     /* likewise */
  import_log_t import[IMPORTS_MAX];
  int imports;
} model_t;

void model_begin (model_t *m, store_id_t store);
const char *model_code (int record);
version_t model_name (const model_t *m, int version);

/* ---- ours ---- */
int model_shown (const model_t *m, int record); /* -1: nothing */
/* Our next update of a record. Its version. */
int model_write (model_t *m, int record, state_t s);
void model_fork (model_t *m, uint64_t common_place, store_id_t to);

/* ---- the centre ---- */
int model_add_version (model_t *m, int record, state_t s, maker_t maker, int base);
/* What an update goes back to, past what was refused and parked. */
int model_base (const model_t *m, int version, int *replaces);
void model_settles (model_t *m, int version, bool counts);

/* ---- told ---- */
void model_tell (model_t *m, int event);
/* The next event from `at` on that is a step of the record; -1: none was told. */
int model_step (const model_t *m, int record, int at);
bool model_refusal_stands (const model_t *m, int record, int *refused);
typedef enum { STATE_WAITING, STATE_SENT, STATE_REFUSED } shown_state_t;
shown_state_t model_state_of (const model_t *m, int record);

#endif
