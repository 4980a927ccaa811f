/* dealer.c - one connection of an office, with the monitor that tells how its handshake went. */
#include "common/net/dealer.h"

#include "common/base/bounds.h"
#include "common/net/internal.h"

#include <stdatomic.h>
#include <stdlib.h>

#define SEND_HIGH 256
#define RECEIVE_HIGH 16
#define CONNECT_MS 8000

struct dealer {
  zsock_t *socket;
  void *raw, *monitor;
};

static atomic_uint lines;

static bool
watch (dealer_t *d)
{
  char name[64];
  const int events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED |
                     ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
  /* never a name used before: the library gives one back some time after its socket was closed */
  snprintf (name, sizeof name, "inproc://kc-line-%u", atomic_fetch_add (&lines, 1));
  if (zmq_socket_monitor (d->raw, name, events) != 0)
    return false;
  d->monitor = zmq_socket (zsys_init (), ZMQ_PAIR);
  return d->monitor != NULL && socket_int (d->monitor, ZMQ_LINGER, 0) && zmq_connect (d->monitor, name) == 0;
}

err_t
dealer_new (const dealer_options_t *o, dealer_t **out)
{
  err_t err = ERR_IO;
  str_t host;
  uint16_t port;
  if (!endpoint_split (str_of (o->endpoint), &host, &port))
    return ERR_UNREACHABLE;
  dealer_t *d = calloc (1, sizeof *d);
  if (d == NULL)
    return ERR_NOMEM;
  d->socket = zsock_new (ZMQ_DEALER);
  if (d->socket == NULL)
    goto done;
  d->raw = zsock_resolve (d->socket);
  bool ok =
      socket_limits (d->raw, SEND_HIGH, RECEIVE_HIGH) && socket_int (d->raw, ZMQ_IMMEDIATE, 1) &&
      socket_int (d->raw, ZMQ_RECONNECT_IVL, -1) && socket_int (d->raw, ZMQ_CONNECT_TIMEOUT, CONNECT_MS) &&
      socket_int (d->raw, ZMQ_IPV6, host.p[0] == '[') &&
      zmq_setsockopt (d->raw, ZMQ_CURVE_SERVERKEY, o->server.b, sizeof o->server.b) == 0 &&
      zmq_setsockopt (d->raw, ZMQ_CURVE_PUBLICKEY, o->own.b, sizeof o->own.b) == 0 &&
      zmq_setsockopt (d->raw, ZMQ_CURVE_SECRETKEY, o->own_secret.b, sizeof o->own_secret.b) == 0 && watch (d);
  if (ok)
    err = zmq_connect (d->raw, o->endpoint) == 0 ? ERR_OK : ERR_UNREACHABLE;
done:
  if (err != ERR_OK)
    dealer_destroy (&d);
  else
    *out = d;
  return err;
}

void
dealer_destroy (dealer_t **self_p)
{
  dealer_t *d = *self_p;
  if (d == NULL)
    return;
  if (d->raw != NULL)
    zmq_socket_monitor (d->raw, NULL, 0);
  zsock_destroy (&d->socket);
  if (d->monitor != NULL)
    zmq_close (d->monitor);
  free (d);
  *self_p = NULL;
}

static line_event_t
meaning (uint16_t event, uint32_t value)
{
  if (event == ZMQ_EVENT_CONNECTED)
    return LINE_CONNECTED;
  if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
    return LINE_UP;
  if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
    return value == 400 ? LINE_REFUSED : LINE_HANDSHAKE; /* 300, 500: the handler is in trouble, not we */
  if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL || event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)
    return LINE_HANDSHAKE;
  return event == ZMQ_EVENT_DISCONNECTED || event == ZMQ_EVENT_CLOSED ? LINE_DOWN : LINE_NONE;
}

line_event_t
dealer_event (dealer_t *d)
{
  uint8_t bytes[8];
  char address[ADDRESS_MAX];
  uint16_t event;
  uint32_t value;
  int n = zmq_recv (d->monitor, bytes, sizeof bytes, ZMQ_DONTWAIT);
  if (n < 0)
    return LINE_NONE;
  zmq_recv (d->monitor, address, sizeof address, ZMQ_DONTWAIT);
  if (n < (int)(sizeof event + sizeof value))
    return LINE_NONE;
  memcpy (&event, bytes, sizeof event);
  memcpy (&value, bytes + sizeof event, sizeof value);
  return meaning (event, value);
}

err_t
dealer_recv (dealer_t *d, frame_t **out)
{
  frame_t *f = frame_new ();
  if (f == NULL)
    return ERR_NOMEM;
  if (zmq_msg_recv (&f->msg, d->raw, ZMQ_DONTWAIT) < 0) {
    frame_destroy (&f);
    return ERR_END;
  }
  bool parts = zmq_msg_more (&f->msg) != 0;
  for (bool on = parts; on;)
    on = zmq_msg_recv (&f->msg, d->raw, ZMQ_DONTWAIT) >= 0 && zmq_msg_more (&f->msg) != 0;
  if (parts) {
    frame_destroy (&f);
    return ERR_MALFORMED;
  }
  *out = f;
  return ERR_OK;
}

err_t
dealer_send (dealer_t *d, str_t frame)
{
  return zmq_send (d->raw, frame.p, frame.n, ZMQ_DONTWAIT) < 0 ? ERR_BUSY : ERR_OK;
}

void *
dealer_pollable (dealer_t *d)
{
  return d->raw;
}

void *
dealer_events_pollable (dealer_t *d)
{
  return d->monitor;
}
