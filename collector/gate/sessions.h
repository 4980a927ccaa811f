/* sessions.h - all sessions of the centre: frames in, machines stepped, effects carried out.
 *
 * Belongs to the network thread. Reads the ledger by short read transactions of its own; every write is a job
 * for the writer. */
#ifndef KC_COLLECTOR_GATE_SESSIONS_H
#define KC_COLLECTOR_GATE_SESSIONS_H

#include "collector/gate/admission.h"
#include "collector/gate/writer.h"
#include "common/net/router.h"

typedef struct {
  ledger_t *ledger;
  router_t *router;
  mailbox_t *writer;
  const admission_t *admission;
} sessions_links_t;

typedef struct sessions sessions_t;
sessions_t *sessions_new (const sessions_links_t *links, uint64_t end_lsn); /* NULL: no memory */
void sessions_destroy (sessions_t **self_p);

/* One turn: a bounded number of messages, then as many decoded chunks to the writer as it may hold, taken
 * round-robin over the sessions. True: more is waiting. */
bool sessions_turn (sessions_t *s);
/* A job of ours came back from the writer (INGEST, ENROL) or word of it (BUSY). Takes it. */
void sessions_job_done (sessions_t *s, job_t **job_p);
/* The log grew to end_lsn; told: the offices something in it is for (NULL: none). */
void sessions_end_moved (sessions_t *s, uint64_t end_lsn, const told_t *told);
/* Their agents are asked to sync now. */
void sessions_ask (sessions_t *s, const told_t *offices);
void sessions_tick (sessions_t *s);
/* ERR_REOPEN: a read found that the ledger must be opened anew; nothing can be done for anybody over this
 * one. */
err_t sessions_fatal (const sessions_t *s);
void sessions_shutdown (sessions_t *s); /* says BYE to all */
/* A CONTACT job with what changed since the last one (all: every session, as gone); NULL: nothing, or no
 * memory. */
job_t *sessions_contacts (sessions_t *s, bool gone);
/* A state changed that is worth noting soon. */
bool sessions_urgent (const sessions_t *s);

#endif
