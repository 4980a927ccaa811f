/* writer.h - the thread that owns the ledger's writes. Jobs go in by mail and come back by mail, done. */
#ifndef KC_COLLECTOR_GATE_WRITER_H
#define KC_COLLECTOR_GATE_WRITER_H

#include "collector/gate/gate.h"
#include "collector/ledger/roster.h"
#include "common/core/collector_session.h"
#include "common/net/actor.h"

typedef enum {
  JOB_INGEST,
  JOB_ENROL,
  JOB_PRESENT,
  JOB_STREAM, /* a HELLO named a new child of a stream: own, of serial */
  JOB_START,  /* a HELLO told the count of its store's starts: own.store, of serial */
  JOB_CHANGE,
  JOB_CONTACT,
  JOB_FLAGS, /* by way of the inspector */
  JOB_STOP,
  JOB_BUSY, /* from the writer: it cannot write now; err says why */
  JOB_FATAL /* from the writer: the ledger must be reopened */
} job_type_t;

typedef struct job job_t;
struct job {
  job_type_t type;
  job_t *next;      /* in whoever's queue it is */
  uint64_t session; /* who asked: a session's handle, or a control client's */
  err_t err;        /* INGEST is returned only when durable */

  frame_t *frame; /* what the message's slices point into */
  arena_t *arena;
  message_t message;
  ingest_t ingest;
  decoded_t *decoded;
  size_t bytes;
  uint64_t token;

  curve_key_t once; /* ENROL */
  msg_enrolled_t enrolled;
  hash_t nonce; /* PRESENT: what was to be signed */
  msg_readmitted_t readmitted;

  own_stream_t own; /* STREAM, START */
  uint32_t serial;
  uint64_t boot; /* START */

  buf_t request, reply; /* CHANGE; FLAGS: the news in request */
  told_t ask;           /* CHANGE: to sync now */
  bool more;            /* FLAGS: not all the news there is */
  int64_t took_ms;      /* FLAGS: the look that found it */

  uint32_t *serials; /* CONTACT; texts point into said */
  contact_t *contacts;
  session_contact_t *said;
  size_t contacts_n;

  uint64_t end_lsn; /* of the log after this job; 0: unchanged */
  told_t told;      /* the offices that something was written for */
};

job_t *job_new (job_type_t type, uint64_t session); /* NULL: out of memory */
void job_destroy (job_t **self_p);

/* The writer keeps l and change until it is destroyed; stop it with a JOB_STOP and wait for that to come
 * back. */
typedef struct writer writer_t;
writer_t *writer_new (ledger_t *l, gate_change_fn *change);
void writer_destroy (writer_t **self_p);
mailbox_t *writer_mailbox (writer_t *w);

#endif
