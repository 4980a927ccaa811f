/* internal.h - shared by the files of this folder. */
#ifndef KC_NET_INTERNAL_H
#define KC_NET_INTERNAL_H

#include "common/net/net.h"

#include <czmq.h>

#define ZAP_DOMAIN_NAME "kc"
#define ENFORCE_ZAP_DOMAIN 93 /* ZMQ_ZAP_ENFORCE_DOMAIN: czmq 4.2's own call for it does nothing */

struct frame {
  zmq_msg_t msg;
};
frame_t *frame_new (void); /* an empty message */

/* Limits that every connection has: size, handshake time, keep-alive, finite linger. False on failure. */
bool socket_limits (void *socket, int send_high, int receive_high);
bool socket_int (void *socket, int option, int value);

/* What one thread gives away by mail, another takes: ThreadSanitizer cannot see that through libzmq, which is
 * not built with it, and is told. Nothing in other builds. */
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#define HANDED_OVER(p) __tsan_release (p)
#define TAKEN_OVER(p) __tsan_acquire (p)
#else
#define HANDED_OVER(p) ((void)(p))
#define TAKEN_OVER(p) ((void)(p))
#endif

#endif
