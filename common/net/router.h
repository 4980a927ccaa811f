/* router.h - the centre's socket: CURVE, only keys the ZAP handler knows, one frame a message. */
#ifndef KC_NET_ROUTER_H
#define KC_NET_ROUTER_H

#include "common/net/zap.h"

#define PEER_ID_MAX 15u

/* The library's own name for a connection; never chosen by the peer (those are dropped unread). */
typedef struct {
  uint8_t n, b[PEER_ID_MAX];
} peer_id_t;

typedef struct {
  peer_id_t peer;
  char user[ZAP_USER_MAX]; /* of its key, as the ZAP table has it */
  frame_t *frame;          /* yours; NULL with ERR_MALFORMED */
} inbound_t;

typedef struct router router_t;
/* A zap_t must be running. ERR_IO when the library refuses what makes it safe. */
MUST_USE err_t router_new (const curve_key_t *secret, router_t **out);
void router_destroy (router_t **self_p);
/* Appends the endpoint as bound (real port). ERR_USAGE: cannot be bound; *why: errno's words, static. */
MUST_USE err_t router_bind (router_t *r, const char *endpoint, buf_t *bound, const char **why);

/* The same at a place that answers under another key. */
MUST_USE err_t router_bind_as (router_t *r, const curve_key_t *secret, const char *endpoint, buf_t *bound,
                               const char **why);
bool router_bound (const router_t *r, str_t endpoint);
/* All places answer under this key from now on; who is connected is out, and dials again. False: not all
 * could be had again, so none is. */
bool router_rekey (router_t *r, const curve_key_t *secret);

/* Off: the door is shut and all who came through it are out (the library ends their lines with it); they dial
 * again by themselves. On: at the same places. False: not all could be had, so it stays off. */
bool router_listen (router_t *r, bool on);

/* Next message waiting. ERR_END: none; ERR_MALFORMED: more than one frame, dropped; ERR_NOMEM. */
MUST_USE err_t router_recv (router_t *r, inbound_t *out);
/* Never blocks. ERR_UNREACHABLE: that peer is gone; ERR_BUSY: it does not read, its queue is full. */
MUST_USE err_t router_send (router_t *r, const peer_id_t *to, str_t frame);
void *router_pollable (router_t *r);

#endif
