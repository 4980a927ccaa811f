/* keeper.h - the thread that writes to the office's store on behalf of the line: it may wait for the write
 * lock (another process imports), the line never does. */
#ifndef KC_AGENT_SYNC_KEEPER_H
#define KC_AGENT_SYNC_KEEPER_H

#include "agent/outbox/outbox.h"
#include "common/net/actor.h"

typedef enum {
  TASK_ACK,   /* seq */
  TASK_DOWN,  /* message, frame, arena */
  TASK_ENROL, /* likewise */
  TASK_DROP_KEYS,
  TASK_ADDRESSES, /* message (its WELCOME), frame, arena */
  TASK_ANSWERED,  /* address: the centre has answered there */
  TASK_FORK,      /* store, seq = what is common, cause */
  TASK_WANT,      /* a round; seq = its number, after */
  TASK_ROUND,     /* seq = number */
  TASK_LINK,      /* link, text in error */
  TASK_STOP
} task_type_t;

typedef struct {
  task_type_t type;
  err_t err; /* how it went */
  fail_t fail;
  uint64_t seq;
  store_id_t store;
  fork_cause_t cause;
  frame_t *frame;
  arena_t *arena;
  message_t message;
  link_state_t link;
  char error[512], address[ADDRESS_MAX + 1];
} task_t;

task_t *task_new (task_type_t type); /* NULL: no memory */
void task_destroy (task_t **self_p);

/* Uses o, and nobody else may, until it is destroyed. Each task comes back by mail, done, in order. */
typedef struct keeper keeper_t;
keeper_t *keeper_new (outbox_t *o);
void keeper_destroy (keeper_t **self_p);
mailbox_t *keeper_mailbox (keeper_t *k);

#endif
