/* agent_session_private.h - the inside of the agent's machine: agent_session.c has the states, agent_live.c
 * what a live session does. */
#ifndef KC_CORE_AGENT_SESSION_PRIVATE_H
#define KC_CORE_AGENT_SESSION_PRIVATE_H

#include "common/core/agent_session.h"

#define SAID_MAX 3u

typedef struct {
  uint64_t last_seq;
  size_t bytes;
} flight_t;

typedef enum { ROUND_NONE = 0, ROUND_UP, ROUND_PING, ROUND_DOWN } round_stage_t;

struct agent_session {
  agent_state_name_t state;
  agent_event_type_t event; /* of the present step */
  session_watch_fn *watch;
  void *watch_ctx;
  bool enrolled;
  bool presenting; /* by the re-entry key, since our own was refused */
  bool readmitted; /* and that was done: our own must do now */
  bool next_key;   /* our own was refused, so it may know the new one */
  bool registered; /* not enrolled, but the centre may know our key: the answer may have been lost */
  uint64_t random;
  str_t program;
  agent_facts_t facts;
  uint32_t attempts, dials;
  session_reason_t trouble; /* what a person should see at the centre too; SESSION_OK: nothing */
  mono_t deadline;          /* of the state: attempt due, or patience over */

  stream_state_t streams[STREAMS_PER_HELLO_MAX]; /* as the HELLO names them */

  struct {
    bool on, older;
    uint64_t lo, hi; /* both have the same up to lo, and not above hi */
    uint64_t probe;  /* asked for last; 0: nothing was */
  } fork;            /* agent_fork.c */
  bool forked;       /* and no session has begun since */

  /* of the present session */
  struct {
    store_id_t store;
    uint64_t next, last;
  } refill[AGENT_OTHERS_MAX]; /* what a restored centre has lost of its own streams, and of those we left:
                                 goes up before ours */
  size_t refill_n, refill_at;
  uint64_t refill_sent; /* waits to be acknowledged; 0: nothing does */
  stream_cursor_t at;   /* our stream, as the WELCOME says */
  uint64_t token, acked, sent;
  uint32_t credit, ping_ms;
  uint64_t epoch;
  flight_t flight[CHUNKS_IN_FLIGHT_MAX];
  size_t flight_n, flight_bytes, target;
  bool reading, progressed, busy;
  mono_t heard, spoken, busy_until;
  uint64_t down_lsn, nonce;
  uint32_t downs_storing;

  round_stage_t round_stage;
  uint64_t round_now, round_next, round_seq, round_nonce, round_lsn;

  message_t said[SAID_MAX]; /* of the present step */
  size_t said_n;
};

/* agent_session.c */
agent_effect_t *agent_effect (agent_effects_t *out, agent_effect_type_t type);
message_t *agent_say (agent_session_t *s, agent_effects_t *out, message_type_t type, mono_t now);
void agent_tell (agent_effects_t *out, session_reason_t reason);
void agent_change_state (agent_session_t *s, agent_state_name_t to, mono_t now, agent_effects_t *out);
/* The session is over, or never was: say why and wait. */
void agent_retry (agent_session_t *s, session_reason_t why, mono_t now, bool hang_up, agent_effects_t *out);
/* The same, with BYE. */
void agent_end_session (agent_session_t *s, session_reason_t why, mono_t now, agent_effects_t *out);
/* The centre's BYE. */
void agent_bye (agent_session_t *s, const agent_event_t *e, agent_effects_t *out);

/* agent_fork.c */
/* What the centre holds of our stream is not what we hold. */
void agent_fork_begin (agent_session_t *s, const stream_cursor_t *at, bool cursor_misfits, mono_t now,
                       agent_effects_t *out);
/* A WELCOME, to a HELLO that asked for a place. */
void agent_fork_answered (agent_session_t *s, const stream_cursor_t *at, mono_t now, agent_effects_t *out);

/* agent_live.c */
void agent_live_begin (agent_session_t *s, const agent_event_t *e, agent_effects_t *out);
void agent_live_pump (agent_session_t *s, mono_t now, agent_effects_t *out); /* nothing unless live */
void agent_live_message (agent_session_t *s, const agent_event_t *e, agent_effects_t *out);
void agent_live_tick (agent_session_t *s, mono_t now, agent_effects_t *out);
mono_t agent_live_deadline (const agent_session_t *s);
void agent_live_chunk_sent (agent_session_t *s, const agent_event_t *e, agent_effects_t *out);
void agent_live_refill_sent (agent_session_t *s, const agent_event_t *e, agent_effects_t *out);
void agent_live_down_stored (agent_session_t *s, const agent_event_t *e, agent_effects_t *out);

#endif
