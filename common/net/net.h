/* net.h - what all sockets share: starting the library, waiting on several things, frames received.
 *
 * The only folder that knows ZeroMQ. Everything here but actor mail belongs to the thread that made it. */
#ifndef KC_NET_NET_H
#define KC_NET_NET_H

#include "common/base/ids.h"

/* Before the first socket. One I/O thread; signals stay ours. Repeating it does nothing. */
void net_init (void);
void net_shutdown (void); /* after the last socket is closed; waits for lingering ones */

/* One frame received; owned, given back with frame_destroy. */
typedef struct frame frame_t;
str_t frame_bytes (frame_t *f);
void frame_destroy (frame_t **self_p);

/* Something to wait for: a socket's pollable, or a file descriptor when socket is NULL. */
typedef struct {
  void *socket;
  int fd;
  bool want_write, readable, writable;
} net_item_t;
/* Waits until something is ready or the time is over (negative: for ever). Signals end it early. */
void net_wait (net_item_t *items, size_t n, int64_t timeout_ms);

/* Splits "tcp://host:port" (host may be [v6], "*"). False when it is no such thing. */
bool endpoint_split (str_t endpoint, str_t *host, uint16_t *port);
/* Does the name resolve? Blocks as long as the resolver does. */
bool name_resolves (str_t host);
/* Own address of this machine towards others, "" when there is none but loopback. */
void own_address (char out[64]);

#endif
