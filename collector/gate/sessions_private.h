/* sessions_private.h - what the files of the gate's sessions share: the table of them, and one step of one.
 */
#ifndef KC_COLLECTOR_GATE_SESSIONS_PRIVATE_H
#define KC_COLLECTOR_GATE_SESSIONS_PRIVATE_H

#include "collector/gate/sessions.h"
#include "collector/gate/turns.h"

#define BUCKETS 4096u
#define ARENA_EXTRA (64u << 10)

typedef enum { NOTED_NOT = 0, NOTED_WAITING, NOTED_DONE } noted_t; /* whether updates wait at the agent */

typedef struct {
  collector_session_t *machine; /* NULL: free slot */
  peer_id_t peer;
  uint64_t handle; /* slot and a count, so that a late job cannot hit a later session */
  uint32_t serial; /* agents that said HELLO */
  uint32_t certificate;
  uint32_t next;       /* in its bucket, or in the list of free slots */
  job_t *first, *last; /* chunks not decoded yet */
  own_stream_t *own;   /* of its HELLO */
  size_t own_n;
  unit_id_t unit; /* of its agent */
  hash_t nonce;   /* that its PRESENT must sign; zeros: none was given */
  bool hears_all; /* its agent is told of more than its own unit */
  bool dirty;     /* contact to be stored */
  bool asked;     /* to sync, and somebody waits to read that it has */
  noted_t noted;  /* as it is stored */
  bool ended;
} session_t;

struct sessions {
  sessions_links_t to;
  session_t *at;
  uint32_t used, free_list, live;
  turns_t *turns; /* of sessions with chunks in their queues */
  uint32_t buckets[BUCKETS];
  uint64_t count, end_lsn;
  size_t decoded, decoded_bytes; /* updates with the writer */
  bool any_dirty, urgent, traced;
  err_t fatal;
  arena_t *scratch, *down;
  catalogue_t *catalogue; /* for what came to heirs; NULL: not read yet */
  buf_t out;
  mono_t now;
  wall_t wall;
};

/* ---- the table: session_table.c ---- */
void session_forget (sessions_t *s, session_t *p);
session_t *session_find (sessions_t *s, const peer_id_t *peer);
session_t *session_add (sessions_t *s, const peer_id_t *peer);
void session_drop_queue (sessions_t *s, session_t *p);
session_t *session_of_handle (sessions_t *s, uint64_t handle);
/* One that has ended and whose contact is stored. */
void session_forget_if_over (sessions_t *s, session_t *p);

/* ---- carrying out what a machine says: session_effects.c ---- */
/* Who the session's key is, looked up anew. */
admitted_t session_owner (sessions_t *s, const session_t *p);
void session_step_as (sessions_t *s, session_t *p, collector_event_t *e, job_t **job_p,
                      const admitted_t *who);
noted_t session_noted_of (const session_contact_t *c);
void session_step_simple (sessions_t *s, session_t *p, collector_event_type_t type);
/* Steps the machine and carries out what it says, as the peer's key is admitted now, or as who; a job or a
 * frame the event needs is taken from *job_p. */
void session_step (sessions_t *s, session_t *p, collector_event_t *e, job_t **job_p);

#endif
