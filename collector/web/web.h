/* web.h - the centre's page and API, as a process of its own that reads the store beside serve.
 *
 * It only reads; what changes something it asks of serve as any command does. So a client that is slow,
 * hostile or in great numbers costs this process, and never delays an acknowledgement. One thread: the
 * library's sockets (libmicrohttpd, its epoll descriptor in our loop), the commands under way, the feed. */
#ifndef KC_COLLECTOR_WEB_WEB_H
#define KC_COLLECTOR_WEB_WEB_H

#include "common/base/err.h"

#define WEB_DEFAULT "127.0.0.1:8570"
#define WEB_HOSTS_MAX 16u

typedef struct {
  const char *dir, *program, *version;
  const char *hosts[WEB_HOSTS_MAX + 1]; /* names it may be asked for by, besides addresses; NULL-ended */
} web_options_t;

/* Opens HOST:PORT (HOST an address, localhost or *; port 0: a free one) and says where. ERR_USAGE with words.
 * The descriptor is the caller's. */
MUST_USE err_t web_listen (const char *where, int *fd, char at[64], fail_t *fail);

/* Serves until the platform's stop event. Takes *fd_p. */
MUST_USE err_t web_serve (const web_options_t *o, int *fd_p, fail_t *fail);

/* ---- serve's side: keeps such a process running ---- */
typedef struct web_keeper web_keeper_t;
/* Opens the place and starts the process. at: where, for people. ERR_USAGE: it cannot be had. */
MUST_USE err_t web_keeper_new (const web_options_t *o, const char *where, char at[64], web_keeper_t **out,
                               fail_t *fail);
void web_keeper_tick (web_keeper_t *self);       /* now and then: starts it again when it ended */
void web_keeper_destroy (web_keeper_t **self_p); /* ends the process */
/* In the process: the descriptor it was given; -1: none. */
int web_keeper_given (void);

#endif
