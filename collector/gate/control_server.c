/* control_server.c - serve's end of the control socket. */
#include "collector/gate/control_server.h"

#include "collector/gate/control.h"
#include "collector/gate/control_path.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  int fd; /* -1: free */
  uint32_t id;
  buf_t in, out;
  size_t sent;
  bool asked; /* its request is with the writer */
} client_t;

struct control_server {
  int fd, dir_fd;
  uint32_t ids;
  buf_t path;
  client_t clients[CONTROL_CLIENTS_MAX];
};

err_t
control_server_new (const char *dir, control_server_t **out, fail_t *fail)
{
  struct sockaddr_un address;
  err_t err = ERR_IO;
  control_server_t *s = calloc (1, sizeof *s);
  if (s == NULL)
    return ERR_NOMEM;
  s->fd = -1;
  for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
    s->clients[i].fd = -1;
  s->dir_fd = control_address (dir, &address);
  file_remove (path_join (&s->path, dir, CONTROL_SOCKET));
  s->fd = s->dir_fd < 0 ? -1 : socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  mode_t before = umask (0177);
  if (s->fd >= 0 && bind (s->fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
      listen (s->fd, (int)CONTROL_CLIENTS_MAX) == 0)
    err = ERR_OK;
  umask (before);
  if (err != ERR_OK) {
    fail_set (fail, err,
              L ("không mở được cổng điều khiển trong thư mục này", "cannot open the control socket in it"));
    fail_at (fail, dir, 0, 0);
    control_server_destroy (&s);
    return err;
  }
  *out = s;
  return ERR_OK;
}

static void
drop (client_t *c)
{
  if (c->fd >= 0)
    close (c->fd);
  buf_free (&c->in);
  buf_free (&c->out);
  *c = (client_t){.fd = -1};
}

void
control_server_destroy (control_server_t **self_p)
{
  control_server_t *s = *self_p;
  if (s == NULL)
    return;
  for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
    drop (&s->clients[i]);
  if (s->fd >= 0)
    close (s->fd);
  if (s->dir_fd >= 0)
    close (s->dir_fd);
  file_remove (buf_z (&s->path));
  buf_free (&s->path);
  free (s);
  *self_p = NULL;
}

size_t
control_server_items (const control_server_t *s, net_item_t *items)
{
  size_t n = 0;
  items[n++] = (net_item_t){.fd = s->fd};
  for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
    if (s->clients[i].fd >= 0)
      items[n++] =
          (net_item_t){.fd = s->clients[i].fd, .want_write = s->clients[i].out.n > s->clients[i].sent};
  return n;
}

static void
welcome (control_server_t *s)
{
  int fd = accept4 (s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0)
    return;
  for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
    client_t *c = &s->clients[i];
    if (c->fd >= 0)
      continue;
    c->fd = fd;
    c->id = ++s->ids;
    return;
  }
  close (fd); /* too many at once; the command tries again or says so */
}

/* False: the client is done with, or broken. */
static bool
read_request (client_t *c, control_request_fn *fn, void *ctx)
{
  char *room = buf_reserve (&c->in, 65536);
  if (room == NULL)
    return false;
  ssize_t got = recv (c->fd, room, 65536, 0);
  if (got < 0)
    return errno == EAGAIN || errno == EINTR;
  if (got == 0)
    return false;
  c->in.n += (size_t)got;
  if (c->in.n < 4)
    return true;
  rd_t r = rd_of (c->in.p, c->in.n);
  uint32_t n = rd_u32 (&r);
  if (n > CONTROL_FRAME_MAX || r.n > n)
    return false;
  if (r.n == n && !c->asked) {
    c->asked = true;
    fn (ctx, c->id, rd_bytes (&r, n));
  }
  return true;
}

static bool
write_answer (client_t *c)
{
  ssize_t put = send (c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL);
  if (put < 0)
    return errno == EAGAIN || errno == EINTR;
  c->sent += (size_t)put;
  return c->sent < c->out.n;
}

void
control_server_turn (control_server_t *s, const net_item_t *items, size_t n, control_request_fn *fn,
                     void *ctx)
{
  for (size_t k = 1; k < n; k++) {
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
      client_t *c = &s->clients[i];
      if (c->fd < 0 || c->fd != items[k].fd)
        continue;
      bool keep = !items[k].readable || read_request (c, fn, ctx);
      if (keep && items[k].writable && c->out.n > c->sent)
        keep = write_answer (c);
      if (!keep)
        drop (c);
      break;
    }
  }
  if (n > 0 && items[0].readable)
    welcome (s);
}

void
control_server_answer (control_server_t *s, uint32_t client, err_t err, str_t reply)
{
  for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
    client_t *c = &s->clients[i];
    if (c->fd < 0 || c->id != client)
      continue;
    if (reply.n > CONTROL_FRAME_MAX)
      reply.n = CONTROL_FRAME_MAX;
    buf_u32 (&c->out, (uint32_t)(reply.n + 4));
    buf_u32 (&c->out, (uint32_t)err);
    buf_put (&c->out, reply.p, reply.n);
    if (!buf_ok (&c->out) || !write_answer (c))
      drop (c);
    return;
  }
}
