/* net.c - starting the library, limits of sockets, waiting. */
#include "common/net/internal.h"

#include "common/base/bounds.h"
#include "common/platform/platform.h"

#include <stdlib.h>

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

#define WAIT_ITEMS_MAX 64u
#define LINGER_MS 300
#define HANDSHAKE_MS 10000
#define KEEPALIVE_IDLE_S 60
#define SOCKETS_MAX 128u

static bool started;

void
net_init (void)
{
  if (started)
    return;
  started = true;
  /* The library takes the signals for itself for a moment and gives back what it believes to be the default:
   * one that comes meanwhile would be swallowed, or end the program. */
  signals_hold ();
  zsys_handler_set (NULL);
  zsys_set_io_threads (1);
  zsys_set_max_sockets (SOCKETS_MAX); /* the default reserves room for 65,535 */
  zsys_set_pipehwm (0);               /* mail between our threads is bounded by credit, not by blocking */
  zsys_set_linger (LINGER_MS);
  CHECK (zsys_init () != NULL);
  zsys_handler_set (NULL);
  stop_keep ();
  signals_release ();
}

void
net_shutdown (void)
{
  if (!started)
    return;
  signals_hold ();
  zsys_shutdown ();
  stop_keep ();
  signals_release ();
  started = false;
}

bool
socket_int (void *socket, int option, int value)
{
  return zmq_setsockopt (socket, option, &value, sizeof value) == 0;
}

bool
socket_limits (void *socket, int send_high, int receive_high)
{
  int64_t size = FRAME_MAX;
  return zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &size, sizeof size) == 0 &&
         socket_int (socket, ZMQ_SNDHWM, send_high) && socket_int (socket, ZMQ_RCVHWM, receive_high) &&
         socket_int (socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) && socket_int (socket, ZMQ_LINGER, LINGER_MS) &&
         socket_int (socket, ZMQ_TCP_KEEPALIVE, 1) &&
         socket_int (socket, ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE_S);
}

/* ---- frames ---- */

frame_t *
frame_new (void)
{
  frame_t *f = malloc (sizeof *f);
  if (f != NULL)
    zmq_msg_init (&f->msg);
  return f;
}

str_t
frame_bytes (frame_t *f)
{
  return (str_t){zmq_msg_data (&f->msg), zmq_msg_size (&f->msg)};
}

void
frame_destroy (frame_t **self_p)
{
  if (*self_p == NULL)
    return;
  zmq_msg_close (&(*self_p)->msg);
  free (*self_p);
  *self_p = NULL;
}

/* ---- waiting ---- */

void
net_wait (net_item_t *items, size_t n, int64_t timeout_ms)
{
  zmq_pollitem_t polls[WAIT_ITEMS_MAX];
  CHECK (n <= WAIT_ITEMS_MAX);
  for (size_t i = 0; i < n; i++)
    polls[i] = (zmq_pollitem_t){.socket = items[i].socket,
                                .events = (short)(ZMQ_POLLIN | (items[i].want_write ? ZMQ_POLLOUT : 0))};
  for (size_t i = 0; i < n; i++)
    if (items[i].socket == NULL)
      polls[i].fd = items[i].fd;
  int got = zmq_poll (polls, (int)n, timeout_ms < 0 ? -1 : (long)(timeout_ms > 60000 ? 60000 : timeout_ms));
  for (size_t i = 0; i < n; i++) {
    items[i].readable = got > 0 && (polls[i].revents & (ZMQ_POLLIN | ZMQ_POLLERR)) != 0;
    items[i].writable = got > 0 && (polls[i].revents & ZMQ_POLLOUT) != 0;
  }
}

/* ---- names and addresses ---- */

bool
endpoint_split (str_t endpoint, str_t *host, uint16_t *port)
{
  static const char scheme[] = "tcp://";
  const size_t skip = sizeof scheme - 1;
  if (endpoint.n <= skip || endpoint.n > ADDRESS_MAX || memcmp (endpoint.p, scheme, skip) != 0)
    return false;
  str_t rest = {endpoint.p + skip, endpoint.n - skip};
  size_t colon = rest.n;
  while (colon > 0 && rest.p[colon - 1] != ':')
    colon--;
  if (colon < 2 || colon == rest.n)
    return false;
  uint32_t n = 0;
  for (size_t i = colon; i < rest.n; i++) {
    if (rest.p[i] < '0' || rest.p[i] > '9' || n > 65535)
      return false;
    n = n * 10 + (uint32_t)(rest.p[i] - '0');
  }
  if (n > 65535)
    return false;
  *host = (str_t){rest.p, colon - 1};
  *port = (uint16_t)n;
  return true;
}

bool
name_resolves (str_t host)
{
  char name[ADDRESS_MAX + 1];
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
  if (host.n >= 2 && host.p[0] == '[')
    host = (str_t){host.p + 1, host.n - 2};
  if (host.n > ADDRESS_MAX)
    return false;
  memcpy (name, host.p, host.n);
  name[host.n] = '\0';
  if (getaddrinfo (name, NULL, &hints, &found) != 0)
    return false;
  freeaddrinfo (found);
  return true;
}

/* A datagram socket "connected" to somewhere else sends nothing, but has to choose our address. */
void
own_address (char out[64])
{
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST};
  struct addrinfo *far = NULL;
  struct sockaddr_in own = {0};
  socklen_t size = sizeof own;
  out[0] = '\0';
  if (getaddrinfo ("192.0.2.1", "9", &hints, &far) != 0)
    return;
#ifdef _WIN32
  SOCKET fd = socket (AF_INET, SOCK_DGRAM, 0);
  bool open = fd != INVALID_SOCKET;
#else
  int fd = socket (AF_INET, SOCK_DGRAM, 0);
  bool open = fd >= 0;
#endif
  if (open && connect (fd, far->ai_addr, far->ai_addrlen) == 0 &&
      getsockname (fd, (struct sockaddr *)&own, &size) == 0 && own.sin_family == AF_INET)
    getnameinfo ((struct sockaddr *)&own, size, out, 64, NULL, 0, NI_NUMERICHOST);
#ifdef _WIN32
  if (open)
    closesocket (fd);
#else
  if (open)
    close (fd);
#endif
  freeaddrinfo (far);
}
