/* line_private.h - what the two files of the line share: its state, and what is done for its session machine.
 */
#ifndef KC_AGENT_SYNC_LINE_PRIVATE_H
#define KC_AGENT_SYNC_LINE_PRIVATE_H

#include "agent/sync/keeper.h"
#include "agent/sync/line.h"
#include "common/core/agent_session.h"
#include "common/net/dealer.h"

#define QUEUE_MAX 8u

typedef struct line line_t;
struct line {
  const line_options_t *options;
  outbox_t *twin;
  keeper_t *keeper;
  agent_session_t *machine;
  dealer_t *dealer;
  agent_facts_t facts;
  agent_event_t queue[QUEUE_MAX];
  size_t queue_n;
  bool stepping, finished, link_dirty, fresh; /* fresh: dialled as a new address, under the key it has */
  unsigned tasks;                             /* with the keeper */
  size_t probes;                              /* attempts of a probe that failed */
  err_t err;
  fail_t *fail;
  line_result_t result;
  link_state_t link;
  char address[ADDRESS_MAX + 1];          /* of the present attempt */
  char good[ADDRESS_MAX + 1];             /* where the centre answered last */
  uint32_t order;                         /* which addresses we try in turn, */
  uint32_t first, first_attempt, attempt; /* from which on, since when; the present attempt */
  uint64_t seen_txn;
  int64_t look_at, link_at, readers_at, owed_at;
  uint64_t asked_round; /* by the centre, and not done yet; 0: none */
  uint64_t last_round;
  uint64_t owed_ack, owed_round; /* could not be stored; the session goes on */
  buf_t out;
  task_t *arrived; /* the message of the present event, if it may outlive it */
};

/* Ends the loop; the first error stays. */
void line_finish (line_t *l, err_t err);
/* What an access to the store came to, passed on; a store to be opened anew ends the loop. */
err_t line_seen (line_t *l, err_t err);
/* A task for the keeper. */
void line_hand_number (line_t *l, task_type_t type, uint64_t seq);
/* What is known of the line goes to the store. */
void line_store_link (line_t *l);
/* Queues an event; line_settle steps the machine through all there are. The last may be given its facts. */
void line_happens (line_t *l, agent_event_type_t type);
agent_event_t *line_last_event (line_t *l);
/* The centre has answered at this address: dialled first from now on. */
void line_stay (line_t *l);
/* The centre's wish for a round is stored. */
void line_round_asked (line_t *l, const task_t *t);
void line_settle (line_t *l);

#endif
