/* session.h - why sessions end: names on the wire, words for people, how to retry. */
#ifndef KC_CORE_SESSION_H
#define KC_CORE_SESSION_H

#include "common/base/bytes.h"

/* Told of every change of a machine's state, for logs: the core itself writes none. Names are static. */
typedef void (session_watch_fn) (void *ctx, const char *from, const char *event, const char *to);

typedef enum {
#define X(name, wire, retry, vi, en) name,
#include "common/core/sessions.def"
#undef X
  SESSION_REASON_COUNT
} session_reason_t;

typedef enum { RETRY_soon, RETRY_slow, RETRY_never } session_retry_t;

const char *session_reason_name (session_reason_t r);
/* SESSION_REASON_COUNT for a name this version does not know. */
session_reason_t session_reason_of_name (str_t wire_name);
const char *session_reason_words (session_reason_t r);
session_retry_t session_reason_retry (session_reason_t r);

#endif
