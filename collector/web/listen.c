/* listen.c - the place where the page is served. */
#include "collector/web/web.h"

#include "common/base/bytes.h"
#include "common/base/lang.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 256

/* HOST:PORT, [v6]:PORT; * is every address. */
static bool
split (const char *where, char host[64], char port[8])
{
  const char *colon = strrchr (where, ':');
  size_t n = colon != NULL ? (size_t)(colon - where) : 0, digits = colon != NULL ? strlen (colon + 1) : 0;
  if (n == 0 || n >= 64 || digits == 0 || digits > 5 || strspn (colon + 1, "0123456789") != digits)
    return false;
  if (strtol (colon + 1, NULL, 10) > 65535)
    return false;
  bool v6 = where[0] == '[' && where[n - 1] == ']';
  snprintf (host, 64, "%.*s", (int)(v6 ? n - 2 : n), v6 ? where + 1 : where);
  snprintf (port, 8, "%s", colon + 1);
  return v6 || strchr (host, ':') == NULL;
}

static int
listening_on (const struct addrinfo *a)
{
  int yes = 1, fd = socket (a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -1;
  int rc = setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (rc == 0 && bind (fd, a->ai_addr, a->ai_addrlen) == 0 && listen (fd, BACKLOG) == 0)
    return fd;
  rc = errno;
  close (fd);
  errno = rc;
  return -1;
}

static void
describe (int fd, char at[64])
{
  struct sockaddr_storage own = {0};
  socklen_t n = sizeof own;
  char host[48] = "?", port[8] = "?";
  bool v6 = getsockname (fd, (struct sockaddr *)&own, &n) == 0 && own.ss_family == AF_INET6;
  getnameinfo ((const struct sockaddr *)&own, n, host, sizeof host, port, sizeof port,
               NI_NUMERICHOST | NI_NUMERICSERV);
  snprintf (at, 64, v6 ? "[%s]:%s" : "%s:%s", host, port);
}

err_t
web_listen (const char *where, int *fd, char at[64], fail_t *fail)
{
  char host[64], port[8];
  struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found = NULL;
  if (!split (where, host, port))
    return fail_set (fail, ERR_USAGE,
                     L ("--http “%s”: cần ĐỊA-CHỈ:CỔNG, ví dụ 127.0.0.1:8570, hoặc off",
                        "--http \"%s\": it is HOST:PORT, such as 127.0.0.1:8570, or off"),
                     where);
  const char *why = NULL;
  int rc = getaddrinfo (strcmp (host, "*") == 0 ? NULL : host, port, &want, &found);
  *fd = rc == 0 ? listening_on (found) : -1;
  if (*fd < 0)
    why = rc != 0               ? gai_strerror (rc)
          : errno == EADDRINUSE ? L ("đang có chương trình khác dùng", "another program has it")
                                : strerror (errno);
  if (found != NULL)
    freeaddrinfo (found);
  if (*fd < 0)
    return fail_set (fail, ERR_USAGE,
                     L ("không mở được trang web ở “%s”: %s; chọn nơi khác bằng --http, hoặc --http off",
                        "cannot serve the page at \"%s\": %s; choose another with --http, or --http off"),
                     where, why);
  describe (*fd, at);
  return ERR_OK;
}
