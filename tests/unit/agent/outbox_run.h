/* outbox_run.h - what the parts of the outbox's model test share: one run, the store and its model. */
#ifndef KC_TESTS_OUTBOX_RUN_H
#define KC_TESTS_OUTBOX_RUN_H

#include "tests/unit/agent/office.h"
#include "tests/unit/agent/outbox_model.h"

typedef struct {
  office_t *e;
  model_t *m;
  arena_t *work;
  store_id_t other_store;
  uint64_t other_seq, dice, seed;
  centre_entry_t entry[EVENTS_MAX]; /* what the centre sent of each event; lsn 0: it is no entry */
  signed_head_t head[EVENTS_MAX];
  bool loud;
} run_t;

extern run_t *running; /* whose seed a failure names */

#define WRONG(...)                                                                                           \
  do {                                                                                                       \
    print_error ("again: KC_SEED=%llu tests/test_outbox_model\n", (unsigned long long)running->seed);        \
    fail_msg (__VA_ARGS__);                                                                                  \
  } while (0)

uint32_t dice (run_t *r, uint32_t n);

/* outbox_seen.c */
state_t random_state (run_t *r);
bool state_same (state_t a, state_t b);
void record_of (run_t *r, int record, state_t s, record_t *out); /* texts: until the call after next */
void check_update (run_t *r, str_t bytes, int version, const char *where);
void see_all (run_t *r);

/* outbox_centre.c */
void centre_acts (run_t *r);
int events_next (run_t *r); /* up to which event is told next: as chance has it */
/* Events from..to as one DOWN; texts live in the arena. */
msg_down_t down_of (run_t *r, int from, int to, arena_t *arena);
void told_upto (model_t *m, int to);

#endif
