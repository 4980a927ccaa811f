/* agent_session.h - the agent's side of a session as a pure machine: (state, event, now) → effects.
 *
 * The shell (agent/sync) owns the socket, the store and the clock. It hands each thing that happens to
 * agent_session_step and carries out the effects, in order; some effects are answered by a later event,
 * named beside them. Nothing here waits: agent_session_deadline says when a TICK is due.
 *
 * Invariants: nothing is marked acknowledged that the centre has not said to hold in OUR chain (the hash at
 * its cursor is checked first; where it differs the stream is left for a new one); at most `credit` bytes of
 * chunks are in flight, but for one chunk; no error makes a hot loop (each failure waits, doubling to
 * RETRY_MAX_MS); nothing the centre sends can make the machine skip or drop an update of ours. */
#ifndef KC_CORE_AGENT_SESSION_H
#define KC_CORE_AGENT_SESSION_H

#include "common/core/message.h"
#include "common/core/session.h"

typedef enum {
  AGENT_IDLE = 0,   /* not started, or stopped */
  AGENT_WAITING,    /* for the next attempt */
  AGENT_DIALLING,   /* connecting and shaking hands */
  AGENT_ENROLLING,  /* ENROL sent, or its answer being stored */
  AGENT_PRESENTING, /* PRESENT sent: the centre is shown a certificate, since it does not know our key */
  AGENT_GREETING,   /* HELLO sent */
  AGENT_CHECKING,   /* WELCOME is here; the shell compares the hash at its cursor with ours */
  AGENT_FORKING,    /* the store leaves its stream for a new one (agent_fork.c) */
  AGENT_LIVE
} agent_state_name_t;

/* What the store says about us; read anew before each AGENT_E_LINE_UP and when it changed. */
#define AGENT_OTHERS_MAX (STREAMS_PER_HELLO_MAX - 1u)
typedef struct {
  stream_state_t stream;
  stream_state_t others[AGENT_OTHERS_MAX]; /* also held: those we left, newest first; the centre's, in the
                                              order they were opened */
  size_t others_n;
  bool rekey;   /* the store has made new keys: they are registered before anything else */
  bool reentry; /* we hold the key that lets PRESENT in */
  uint64_t pending, boot;
  wall_t oldest;
  position_t down;
  uint64_t epochs[EPOCHS_KNOWN_MAX];
  size_t epochs_n;
  uint32_t addresses; /* of the centre, that the shell dials in turn */
} agent_facts_t;

typedef enum {
  AGENT_E_START, /* u.repeat: an ENROL with our keys may have been sent before */
  AGENT_E_STOP,
  AGENT_E_TICK,
  AGENT_E_FACTS,          /* u.facts */
  AGENT_E_LINE_UP,        /* connected, handshake done */
  AGENT_E_LINE_DOWN,      /* u.reason: unreachable, cut or handshake */
  AGENT_E_LINE_REFUSED,   /* our key was refused at the handshake */
  AGENT_E_MESSAGE,        /* u.message */
  AGENT_E_BAD_FRAME,      /* what came cannot be decoded */
  AGENT_E_CURSOR_CHECKED, /* u.fits */
  AGENT_E_PROBED,         /* u.hash */
  AGENT_E_FORKED,         /* u.stored.ok; FACTS of the new stream came before it */
  AGENT_E_CHUNK_SENT,     /* u.chunk; last_seq 0: there is none now */
  AGENT_E_ENROL_STORED,   /* u.stored */
  AGENT_E_DOWN_STORED,    /* u.stored, u.stored.at */
  AGENT_E_REFILL_SENT,    /* u.chunk; last_seq 0: there is none */
  AGENT_E_STORE_FAILED,   /* a write or read of our own store failed */
  AGENT_E_ROUND_WANTED    /* u.round; ends the wait for the next try */
} agent_event_type_t;

typedef struct {
  agent_event_type_t type;
  mono_t now;
  wall_t wall;
  union {
    const agent_facts_t *facts;
    const message_t *message;
    session_reason_t reason;
    bool fits, repeat;
    hash_t hash;
    uint64_t round;
    struct {
      uint64_t last_seq;
      size_t bytes;
    } chunk;
    struct {
      bool ok;    /* false: forged */
      bool again; /* the down cursor begins anew: so does the session */
      position_t at;
    } stored;
  } u;
} agent_event_t;

typedef enum {
  AGENT_DO_DIAL,         /* u.dial: a new socket; → LINE_UP, LINE_DOWN or LINE_REFUSED */
  AGENT_DO_HANG_UP,      /* close it; no event follows */
  AGENT_DO_SEND,         /* u.message: HELLO, PING, DOWN_ACK, BYE; borrowed until the next step */
  AGENT_DO_ENROL,        /* send ENROL, signed */
  AGENT_DO_PRESENT,      /* u.nonce: send PRESENT, signed over it; zeros: unsigned */
  AGENT_DO_DROP_KEYS,    /* new ones, that the centre does not take */
  AGENT_DO_STORE_ENROL,  /* the ENROLLED of this event; → ENROL_STORED */
  AGENT_DO_CHECK_CURSOR, /* u.cursor against our chain; → CURSOR_CHECKED */
  AGENT_DO_PROBE,        /* our chain's hash at u.seq; → PROBED */
  AGENT_DO_FORK,         /* u.fork; → FACTS, FORKED */
  AGENT_DO_SEND_CHUNK,   /* u.chunk: read and send; → CHUNK_SENT */
  AGENT_DO_SEND_REFILL,  /* u.refill: read and send; → REFILL_SENT */
  AGENT_DO_STORE_ACK,    /* u.seq */
  AGENT_DO_STORE_DOWN,   /* the DOWN of this event; → DOWN_STORED, in order */
  AGENT_DO_ADDRESSES,    /* of the WELCOME of this event: where the centre says it is from now on */
  AGENT_DO_WANT_ROUND,   /* the centre asks for one; → ROUND_WANTED, once it has a number */
  AGENT_DO_ROUND_DONE,   /* u.seq: round number; after what was stored before it */
  AGENT_DO_TELL,         /* u.reason: what people should see; SESSION_OK once live */
  AGENT_DO_CLOCK         /* u.offset_ms: ours − the centre's */
} agent_effect_type_t;

typedef struct {
  agent_effect_type_t type;
  union {
    const message_t *message;
    stream_cursor_t cursor;
    struct {
      uint64_t first_seq, token;
      size_t max_bytes;
    } chunk;
    struct {
      store_id_t store; /* of the centre, or one that we have left */
      uint64_t first_seq, token;
    } refill;
    uint64_t seq;
    struct {
      store_id_t store; /* the stream to leave */
      uint64_t common;  /* its last number that the centre has as we have it */
      bool older;       /* the centre has more of it: this store is an old copy */
    } fork;
    struct {
      uint32_t attempt; /* from 0: which address to try */
      bool own_key;     /* else the invite's */
      bool next_key;    /* else these: the new one that is being registered */
      bool reentry;     /* else these: the re-entry key */
    } dial;
    session_reason_t reason;
    hash_t nonce;
    int64_t offset_ms;
  } u;
} agent_effect_t;

#define AGENT_EFFECTS_MAX 12u
typedef struct {
  agent_effect_t at[AGENT_EFFECTS_MAX];
  size_t n;
} agent_effects_t;

typedef struct agent_session agent_session_t;
/* enrolled: dial with our own key, else enrol by the invite first. seed: of the jitter. program: borrowed. */
agent_session_t *agent_session_new (bool enrolled, uint64_t seed, str_t program); /* NULL: no memory */
void agent_session_destroy (agent_session_t **self_p);

/* *out is filled anew. Slices of the event live until the effects are carried out. */
void agent_session_step (agent_session_t *s, const agent_event_t *e, agent_effects_t *out);
mono_t agent_session_deadline (const agent_session_t *s); /* INT64_MAX: none */
agent_state_name_t agent_session_state (const agent_session_t *s);
/* fn hears of every change of state; ctx must outlive the machine. */
void agent_session_watch (agent_session_t *s, session_watch_fn *fn, void *ctx);

#endif
