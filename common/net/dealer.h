/* dealer.h - the office's end: one connection attempt and, if it succeeds, the line.
 *
 * It never reconnects by itself: who dials decides when (the session machine), with a new dealer each time.
 */
#ifndef KC_NET_DEALER_H
#define KC_NET_DEALER_H

#include "common/net/net.h"

typedef enum {
  LINE_NONE,      /* nothing happened */
  LINE_CONNECTED, /* the port answers; the handshake begins */
  LINE_UP,        /* handshake done, both keys proved */
  LINE_REFUSED,   /* the centre does not know our key */
  LINE_HANDSHAKE, /* the handshake broke off: cut, or another key than the one we expect */
  LINE_DOWN       /* no connection, or it is gone */
} line_event_t;

typedef struct {
  const char *endpoint;
  curve_key_t server, own, own_secret;
} dealer_options_t;

typedef struct dealer dealer_t;
MUST_USE err_t dealer_new (const dealer_options_t *o,
                           dealer_t **out); /* ERR_UNREACHABLE: no valid endpoint */
void dealer_destroy (dealer_t **self_p);    /* what was sent last still goes out */
line_event_t dealer_event (dealer_t *d);
/* ERR_END: none waiting; ERR_MALFORMED: more than one frame, dropped. */
MUST_USE err_t dealer_recv (dealer_t *d, frame_t **out);
MUST_USE err_t dealer_send (dealer_t *d, str_t frame); /* never blocks; ERR_BUSY */
void *dealer_pollable (dealer_t *d);
void *dealer_events_pollable (dealer_t *d);

#endif
