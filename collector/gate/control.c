/* control.c - a command's end of the control socket. */
#include "collector/gate/control.h"

#include "collector/gate/control_path.h"
#include "common/platform/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_S 30

int
control_address (const char *dir, struct sockaddr_un *out)
{
  int fd = open (dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  *out = (struct sockaddr_un){.sun_family = AF_UNIX};
  snprintf (out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/" CONTROL_SOCKET, fd);
  return fd;
}

bool
control_served (const char *dir)
{
  buf_t path = BUF_INIT;
  bool served = lock_is_taken (path_join (&path, dir, "serve.lock"));
  buf_free (&path);
  return served;
}

static bool
read_all (int fd, char *p, size_t n)
{
  while (n > 0) {
    ssize_t got = recv (fd, p, n, 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    p += got;
    n -= (size_t)got;
  }
  return true;
}

static bool
write_all (int fd, const char *p, size_t n)
{
  while (n > 0) {
    ssize_t put = send (fd, p, n, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return false;
    p += put;
    n -= (size_t)put;
  }
  return true;
}

/* Frames: length (4 bytes, big-endian) and bytes; the answer's bytes begin with its err_t (4 bytes). */
static err_t
converse (int fd, str_t request, buf_t *reply)
{
  char head[8];
  buf_t frame = BUF_INIT;
  buf_u32 (&frame, (uint32_t)request.n);
  buf_put (&frame, request.p, request.n);
  bool sent = buf_ok (&frame) && write_all (fd, frame.p, frame.n);
  buf_free (&frame);
  if (!sent || !read_all (fd, head, sizeof head))
    return ERR_TIMEOUT;
  rd_t r = rd_of (head, sizeof head);
  uint32_t n = rd_u32 (&r), code = rd_u32 (&r);
  if (n < 4 || n > CONTROL_FRAME_MAX + 4 || code >= ERR_COUNT)
    return ERR_MALFORMED;
  char *room = buf_reserve (reply, n - 4);
  if (room == NULL)
    return ERR_NOMEM;
  if (!read_all (fd, room, n - 4))
    return ERR_TIMEOUT;
  reply->n += n - 4;
  return (err_t)code;
}

err_t
control_call (const char *dir, str_t request, buf_t *reply)
{
  struct sockaddr_un address;
  const struct timeval patience = {.tv_sec = PATIENCE_S};
  int fd = -1;
  err_t err = ERR_NOT_FOUND;
  if (request.n > CONTROL_FRAME_MAX)
    return ERR_TOO_BIG;
  int dir_fd = control_address (dir, &address);
  if (dir_fd < 0)
    return ERR_NOT_FOUND;
  if (!control_served (dir))
    goto done;
  /* A serve that has only just begun takes a moment to listen. */
  for (int attempt = 0; attempt < 50; attempt++) {
    fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect (fd, (const struct sockaddr *)&address, sizeof address) == 0)
      break;
    close (fd);
    fd = -1;
    if (!control_served (dir))
      goto done;
    clock_sleep_ms (100);
  }
  err = ERR_BUSY;
  if (fd < 0)
    goto done;
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  err = converse (fd, request, reply);
done:
  if (fd >= 0)
    close (fd);
  close (dir_fd);
  return err;
}
