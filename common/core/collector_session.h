/* collector_session.h - the centre's side of one session as a pure machine: (state, event, now) → effects.
 *
 * One machine a peer of the ROUTER. The shell (collector/gate) says with each event who the peer is, by the
 * CURVE key it came with - never by what a message claims - so a revocation works from the next message on.
 *
 * Invariants: an ACK is said only for what the writer reports as committed; a message of another token does
 * nothing; what is unacknowledged from one agent is at most its credit and one chunk, what is unconfirmed
 * towards it at most the credit it granted and one DOWN; a session that ended stays ended. */
#ifndef KC_CORE_COLLECTOR_SESSION_H
#define KC_CORE_COLLECTOR_SESSION_H

#include "common/core/message.h"
#include "common/core/session.h"

typedef enum { PEER_STRANGER = 0, PEER_INVITE, PEER_AGENT, PEER_REVOKED, PEER_REENTRY } peer_kind_t;

typedef enum {
  COLLECTOR_NEW = 0,   /* nothing said yet */
  COLLECTOR_ENROLLING, /* ENROL is with the writer */
  COLLECTOR_GREETING,  /* HELLO is being looked up */
  COLLECTOR_LIVE,
  COLLECTOR_ENDED
} collector_state_name_t;

typedef enum {
  COLLECTOR_E_MESSAGE,    /* u.message, peer, end_lsn */
  COLLECTOR_E_BAD_FRAME,  /* cannot be decoded, or more than one frame; u.reason: malformed or version */
  COLLECTOR_E_LOOKED_UP,  /* u.welcome: all of WELCOME but what the machine adds */
  COLLECTOR_E_FAILED,     /* a look-up, enrolment or read failed for now */
  COLLECTOR_E_ENROLLED,   /* u.enrolled */
  COLLECTOR_E_PRESENTED,  /* u.readmitted: a nonce, or the answer */
  COLLECTOR_E_COMMITTED,  /* u.committed: a chunk of this session was judged and is durable */
  COLLECTOR_E_BUSY,       /* the writer cannot write now; u.retry_after_ms */
  COLLECTOR_E_DOWN_READ,  /* u.down */
  COLLECTOR_E_NEWS,       /* something for offices was written; end_lsn */
  COLLECTOR_E_ASK,        /* a person wants it to sync now */
  COLLECTOR_E_SUPERSEDED, /* the same key said HELLO elsewhere */
  COLLECTOR_E_REVOKED,    /* its key is no agent's any more */
  COLLECTOR_E_SHUTDOWN,
  COLLECTOR_E_TICK
} collector_event_type_t;

typedef struct {
  collector_event_type_t type;
  peer_kind_t peer;
  mono_t now;
  wall_t wall;
  uint64_t end_lsn; /* last committed place of the log, as the shell knows it */
  union {
    const message_t *message;
    session_reason_t reason;
    const msg_welcome_t *welcome;
    const msg_enrolled_t *enrolled;
    const msg_readmitted_t *readmitted;
    uint32_t retry_after_ms;
    struct {
      uint64_t token, cursor;
      store_id_t store;
      size_t bytes;
      uint32_t refused;
      bool restated, forged, awaited;
    } committed;
    struct {
      const msg_down_t *down;
      size_t bytes;
    } down;
  } u;
} collector_event_t;

typedef enum {
  COLLECTOR_DO_SEND,      /* u.message; borrowed until the next step */
  COLLECTOR_DO_LOOK_UP,   /* this event's HELLO; → LOOKED_UP or FAILED */
  COLLECTOR_DO_ENROL,     /* this event's ENROL; → ENROLLED or FAILED */
  COLLECTOR_DO_PRESENT,   /* this event's PRESENT; → PRESENTED or FAILED */
  COLLECTOR_DO_INGEST,    /* this event's CHUNK, u.bytes; → COMMITTED */
  COLLECTOR_DO_READ_DOWN, /* u.read; → DOWN_READ or FAILED */
  COLLECTOR_DO_CONTACT,   /* collector_session_contact has news */
  COLLECTOR_DO_END        /* forget the peer; u.reason */
} collector_effect_type_t;

typedef struct {
  collector_effect_type_t type;
  union {
    const message_t *message;
    size_t bytes;
    struct {
      position_t from;
      size_t max_bytes;
    } read;
    session_reason_t reason;
  } u;
} collector_effect_t;

#define COLLECTOR_EFFECTS_MAX 8u
typedef struct {
  collector_effect_t at[COLLECTOR_EFFECTS_MAX];
  size_t n;
} collector_effects_t;

/* What the agent said of itself, for `agents`. */
typedef struct {
  wall_t seen;
  uint64_t position_lsn, backlog;
  wall_t oldest_unsent;
  int64_t clock_offset_ms;
  char program[64], last_error[256];
} session_contact_t;

typedef struct collector_session collector_session_t;
collector_session_t *collector_session_new (mono_t now); /* NULL: no memory */
void collector_session_destroy (collector_session_t **self_p);
/* fn hears of every change of state; ctx must outlive the machine. */
void collector_session_watch (collector_session_t *s, session_watch_fn *fn, void *ctx);
void collector_session_step (collector_session_t *s, const collector_event_t *e, collector_effects_t *out);
collector_state_name_t collector_session_state (const collector_session_t *s);
const session_contact_t *collector_session_contact (const collector_session_t *s);

#endif
