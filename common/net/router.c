/* router.c - the centre's socket. */
#include "common/net/router.h"

#include "common/base/bounds.h"
#include "common/net/internal.h"

#include <stdlib.h>

#define SEND_HIGH 512   /* acknowledgements and DOWNs of one peer that does not read */
#define RECEIVE_HIGH 16 /* chunks of one peer in the library; the rest waits in TCP */
#define BACKLOG 512
#define BINDS_MAX 16u

struct router {
  zsock_t *socket;
  void *raw;
  curve_key_t secret; /* of most places */
  char bound[BINDS_MAX][ADDRESS_MAX + 1];
  curve_key_t key[BINDS_MAX]; /* secret under which each answers: the library takes it with the binding */
  size_t bound_n;
  bool deaf; /* bound to none of them now */
};

static void
forget (curve_key_t *keys, size_t n)
{
  volatile uint8_t *p = keys->b; /* else it would be left out */
  for (size_t i = 0; i < n * sizeof *keys; i++)
    p[i] = 0;
}

err_t
router_new (const curve_key_t *secret, router_t **out)
{
  router_t *r = calloc (1, sizeof *r);
  if (r == NULL)
    return ERR_NOMEM;
  r->socket = zsock_new (ZMQ_ROUTER);
  if (r->socket == NULL) {
    free (r);
    return ERR_IO;
  }
  r->raw = zsock_resolve (r->socket);
  bool ok = socket_limits (r->raw, SEND_HIGH, RECEIVE_HIGH) && socket_int (r->raw, ZMQ_ROUTER_MANDATORY, 1) &&
            socket_int (r->raw, ZMQ_BACKLOG, BACKLOG) && socket_int (r->raw, ZMQ_CURVE_SERVER, 1) &&
            zmq_setsockopt (r->raw, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN_NAME, sizeof ZAP_DOMAIN_NAME - 1) == 0 &&
            socket_int (r->raw, ENFORCE_ZAP_DOMAIN, 1);
  if (!ok) {
    router_destroy (&r);
    return ERR_IO;
  }
  r->secret = *secret;
  *out = r;
  return ERR_OK;
}

void
router_destroy (router_t **self_p)
{
  if (*self_p == NULL)
    return;
  zsock_destroy (&(*self_p)->socket);
  forget (&(*self_p)->secret, 1);
  forget ((*self_p)->key, BINDS_MAX);
  free (*self_p);
  *self_p = NULL;
}

static bool
use_key (router_t *r, const curve_key_t *secret)
{
  return zmq_setsockopt (r->raw, ZMQ_CURVE_SECRETKEY, secret->b, sizeof secret->b) == 0;
}

err_t
router_bind (router_t *r, const char *endpoint, buf_t *bound, const char **why)
{
  return router_bind_as (r, &r->secret, endpoint, bound, why);
}

err_t
router_bind_as (router_t *r, const curve_key_t *secret, const char *endpoint, buf_t *bound, const char **why)
{
  char text[ADDRESS_MAX + 1];
  size_t n = sizeof text;
  str_t host;
  uint16_t port;
  *why = "tcp://HOST:PORT";
  if (!endpoint_split (str_of (endpoint), &host, &port) || r->bound_n == BINDS_MAX)
    return ERR_USAGE;
  char actual[ADDRESS_MAX + 8];
  if (port == 0) /* "host:*": the system chooses */
    snprintf (actual, sizeof actual, "tcp://%.*s:*", STR_ARG (host));
  else
    snprintf (actual, sizeof actual, "%s", endpoint);
  bool ok = use_key (r, secret) && socket_int (r->raw, ZMQ_IPV6, host.p[0] == '[') &&
            zmq_bind (r->raw, actual) == 0 && zmq_getsockopt (r->raw, ZMQ_LAST_ENDPOINT, text, &n) == 0;
  if (!ok) {
    *why = zmq_strerror (zmq_errno ());
    return ERR_USAGE;
  }
  r->key[r->bound_n] = *secret;
  snprintf (r->bound[r->bound_n++], sizeof r->bound[0], "%s", text);
  buf_puts (bound, text);
  return buf_ok (bound) ? ERR_OK : ERR_NOMEM;
}

bool
router_listen (router_t *r, bool on)
{
  bool all = true;
  if (r->deaf != on)
    return true;
  for (size_t i = 0; i < r->bound_n && on && all; i++) {
    str_t host;
    uint16_t port;
    all = endpoint_split (str_of (r->bound[i]), &host, &port) && use_key (r, &r->key[i]) &&
          socket_int (r->raw, ZMQ_IPV6, host.p[0] == '[') && zmq_bind (r->raw, r->bound[i]) == 0;
  }
  for (size_t i = 0; i < r->bound_n && (!on || !all); i++)
    zmq_unbind (r->raw, r->bound[i]);
  r->deaf = !on || !all;
  return all;
}

bool
router_bound (const router_t *r, str_t endpoint)
{
  for (size_t i = 0; i < r->bound_n; i++)
    if (str_is (endpoint, r->bound[i]))
      return true;
  return false;
}

bool
router_rekey (router_t *r, const curve_key_t *secret)
{
  const bool open = !r->deaf;
  router_listen (r, false);
  r->secret = *secret;
  for (size_t i = 0; i < r->bound_n; i++)
    r->key[i] = *secret;
  return !open || router_listen (r, true);
}

static bool
more (zmq_msg_t *m)
{
  return zmq_msg_more (m) != 0;
}

/* Reads and drops what is left of a message with too many parts. */
static void
drop_rest (router_t *r)
{
  zmq_msg_t m;
  for (bool on = true; on;) {
    zmq_msg_init (&m);
    on = zmq_msg_recv (&m, r->raw, ZMQ_DONTWAIT) >= 0 && more (&m);
    zmq_msg_close (&m);
  }
}

static bool
take_id (router_t *r, peer_id_t *out)
{
  zmq_msg_t id;
  zmq_msg_init (&id);
  bool got = zmq_msg_recv (&id, r->raw, ZMQ_DONTWAIT) >= 0;
  out->n = 0;
  if (got && zmq_msg_size (&id) <= PEER_ID_MAX) {
    out->n = (uint8_t)zmq_msg_size (&id);
    memcpy (out->b, zmq_msg_data (&id), out->n);
    if (out->b[0] != 0)
      out->n = 0; /* chosen by the peer: the library's own begin with a zero byte */
  }
  got = got && more (&id);
  zmq_msg_close (&id);
  return got;
}

err_t
router_recv (router_t *r, inbound_t *out)
{
  *out = (inbound_t){.frame = NULL};
  if (!take_id (r, &out->peer))
    return ERR_END;
  frame_t *f = frame_new ();
  if (f == NULL) {
    drop_rest (r);
    return ERR_NOMEM;
  }
  if (zmq_msg_recv (&f->msg, r->raw, ZMQ_DONTWAIT) < 0) {
    frame_destroy (&f);
    return ERR_END;
  }
  const char *user = zmq_msg_gets (&f->msg, "User-Id");
  if (user != NULL)
    snprintf (out->user, sizeof out->user, "%s", user);
  bool parts = more (&f->msg);
  if (parts)
    drop_rest (r);
  if (parts || out->peer.n == 0) {
    frame_destroy (&f);
    return ERR_MALFORMED;
  }
  out->frame = f;
  return ERR_OK;
}

err_t
router_send (router_t *r, const peer_id_t *to, str_t frame)
{
  if (zmq_send (r->raw, to->b, to->n, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
    return zmq_errno () == EHOSTUNREACH ? ERR_UNREACHABLE : ERR_BUSY;
  return zmq_send (r->raw, frame.p, frame.n, ZMQ_DONTWAIT) < 0 ? ERR_BUSY : ERR_OK;
}

void *
router_pollable (router_t *r)
{
  return r->raw;
}
