/* events.h - the stream of server-sent events: one ring for everybody, and for each listener how far they
 * are.
 *
 * A change says absolute values, so what a listener has missed is made good by any later snapshot, and what
 * they have twice does no harm. Who comes back says which id they had last (EPOCH:LSN): they go on behind it
 * when the ring reaches back so far, else they start over with a snapshot. Pure: no socket, no clock. */
#ifndef KC_COLLECTOR_WEB_EVENTS_H
#define KC_COLLECTOR_WEB_EVENTS_H

#include "common/base/ids.h"

#define EVENTS_MAX 4096u
#define EVENTS_BYTES_MAX ((size_t)8 << 20)

/* One event as the stream has it; id absent: none. */
void event_put (buf_t *out, const char *event, str_t id, str_t data);

typedef struct events events_t;
/* Nothing has changed since the position yet. NULL: no memory. */
events_t *events_new (position_t base);
void events_destroy (events_t **self_p); /* when no listener is left */
/* Appends a change; the oldest go when there are too many. */
MUST_USE err_t events_push (events_t *self, position_t at, str_t data);
/* The whole state at a position, for who starts over: the latest one given counts. */
MUST_USE err_t events_snapshot (events_t *self, position_t at, str_t data);
position_t events_end (const events_t *self);

/* ---- listeners ---- */
typedef struct listening listening_t;
/* last_id: of the Last-Event-ID header, or absent. NULL: no memory. */
listening_t *listening_new (events_t *e, str_t last_id);
void listening_destroy (listening_t **self_p);
/* Must a snapshot be made before listening_read can go on? */
bool listening_wants_snapshot (const listening_t *l);
bool listening_has_more (const listening_t *l);
/* Up to max bytes for the listener; 0: nothing for now. */
size_t listening_read (listening_t *l, char *to, size_t max);
/* A sign of life, when there is nothing else to say. */
void listening_beat (listening_t *l);

#endif
