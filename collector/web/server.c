/* server.c - the page's process: the library's callbacks, and the one loop.
 *
 * The library (0.9.75) is believed in little: a request that names its length twice or two ways, or its host
 * twice, is refused here; what follows the request line is taken as it came, so nothing is undone twice; a
 * path is compared whole with those there are, so none leads anywhere else. */
#include "collector/web/ask.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"

#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1000u
#define CONNECTIONS_BUSY 800u
#define CONNECTION_QUIET_S 20u
#define ARENA_BUDGET ((size_t)1 << 20)
#define LOOK_MS 150
#define TURN_MS 500
#define BEAT_MS 15000
#define SWEEP_MS 1000
#define ENDING_MS 10

/* ---- one request ---- */

/* Called with the request line; what it returns is the request's own from then on. */
static void *
line_came (void *ctx, const char *uri, struct MHD_Connection *connection)
{
  ask_t *a = calloc (1, sizeof *a);
  if (a == NULL)
    return NULL;
  a->web = ctx;
  a->connection = connection;
  a->arena = arena_new (ARENA_BUDGET);
  const char *mark = strchr (uri, '?');
  str_t path = {uri, mark != NULL ? (size_t)(mark - uri) : strlen (uri)};
  if (a->arena == NULL) {
    free (a);
    return NULL;
  }
  a->path = arena_str (a->arena, path);
  a->query = mark != NULL ? arena_str (a->arena, str_of (mark + 1)) : STR ("");
  const union MHD_ConnectionInfo *i =
      MHD_get_connection_info (connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  a->peer = i != NULL ? i->socket_context : NULL;
  return a;
}

static void
request_over (void *ctx, struct MHD_Connection *connection, void **of, enum MHD_RequestTerminationCode why)
{
  ask_t *a = *of;
  (void)ctx;
  (void)connection;
  (void)why;
  if (a == NULL)
    return;
  if (a->task != 0)
    runner_forget (a->web->runner, a->task);
  stream_end (a);
  if (a->peer != NULL)
    peer_idle (a->peer, clock_mono ());
  if (a->response != NULL)
    MHD_destroy_response (a->response);
  if (a->body.p != NULL)
    crypto_wipe (a->body.p, a->body.cap); /* it may hold a password */
  buf_free (&a->body);
  arena_destroy (&a->arena);
  free (a);
  *of = NULL;
}

typedef struct {
  unsigned host, length, chunked;
} counts_t;

static enum MHD_Result
count_header (void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
  counts_t *n = ctx;
  (void)kind;
  (void)value;
  n->host += strcasecmp (name, "Host") == 0;
  n->length += strcasecmp (name, "Content-Length") == 0;
  n->chunked += strcasecmp (name, "Transfer-Encoding") == 0;
  return MHD_YES;
}

/* What is wrong with a request before its body is looked at; 0: nothing. */
static unsigned
judge_head (ask_t *a, const char *method)
{
  counts_t n = {0};
  str_t length = ask_header (a, "Content-Length");
  MHD_get_connection_values (a->connection, MHD_HEADER_KIND, count_header, &n);
  a->post = strcmp (method, "POST") == 0;
  if (n.host != 1 || n.length > 1 || (n.length > 0 && n.chunked > 0) || n.chunked > 1)
    return MHD_HTTP_BAD_REQUEST;
  if (!host_is_ours (ask_header (a, "Host"), a->web->options->hosts))
    return MHD_HTTP_MISDIRECTED_REQUEST;
  if (!a->post && strcmp (method, "GET") != 0 && strcmp (method, "HEAD") != 0)
    return MHD_HTTP_METHOD_NOT_ALLOWED;
  if (length.n > 7 || (length.n > 0 && strtoull (length.p, NULL, 10) > HTTP_BODY_MAX))
    return MHD_HTTP_CONTENT_TOO_LARGE;
  return 0;
}

static const char *
head_words (unsigned status)
{
  switch (status) {
  case MHD_HTTP_MISDIRECTED_REQUEST:
    return L ("tên máy này không phải của trung tâm; cho phép bằng kc-collector serve --host TÊN",
              "this is not a name of the centre's; kc-collector serve --host NAME allows it");
  case MHD_HTTP_METHOD_NOT_ALLOWED:
    return L ("chỉ có GET và POST", "there are GET and POST only");
  case MHD_HTTP_CONTENT_TOO_LARGE:
    return L ("dữ liệu gửi lên quá lớn", "what was sent is too large");
  default:
    return L ("yêu cầu không hợp lệ", "the request is malformed");
  }
}

static bool
is_form (const ask_t *a)
{
  static const char type[] = "application/x-www-form-urlencoded";
  str_t given = ask_header (a, "Content-Type");
  return given.n >= sizeof type - 1 && strncasecmp (given.p, type, sizeof type - 1) == 0;
}

static void
handle (ask_t *a)
{
  str_t text = a->post ? buf_str (&a->body) : a->query;
  if (a->too_big || !buf_ok (&a->body)) {
    answer_error (a, MHD_HTTP_CONTENT_TOO_LARGE, head_words (MHD_HTTP_CONTENT_TOO_LARGE));
    return;
  }
  if (a->post && a->body.n > 0 && !is_form (a)) {
    answer_error (a, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                  L ("cần application/x-www-form-urlencoded", "application/x-www-form-urlencoded is needed"));
    return;
  }
  if (!form_parse (text, a->arena, &a->form)) {
    answer_error (a, MHD_HTTP_BAD_REQUEST, head_words (MHD_HTTP_BAD_REQUEST));
    return;
  }
  err_t err = who_asks (a);
  if (err != ERR_OK && err != ERR_NOT_FOUND) {
    answer_error (a, MHD_HTTP_SERVICE_UNAVAILABLE, err_words (err));
    return;
  }
  if (path_is_api (a->path))
    api_handle (a, err == ERR_OK);
  else if (!page_handle (a, err == ERR_OK))
    answer_error (a, MHD_HTTP_NOT_FOUND, L ("Không có trang này.", "There is no such page."));
}

static enum MHD_Result
queue (ask_t *a)
{
  if (a->response == NULL) {
    buf_t empty = BUF_INIT;
    answer_body (a, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, &empty);
  }
  return a->response != NULL ? MHD_queue_response (a->connection, a->status, a->response) : MHD_NO;
}

/* The library calls with the headers, with each piece of the body, at its end, and again when a suspended
 * request goes on. */
static enum MHD_Result
request_came (void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
              const char *version, const char *piece, size_t *piece_n, void **of)
{
  ask_t *a = *of;
  (void)ctx;
  (void)connection;
  (void)url;
  (void)version;
  if (a == NULL)
    return MHD_NO;
  if (a->response != NULL)
    return queue (a);
  lang_thread (a->english ? LANG_EN : LANG_VI);
  enum MHD_Result result = MHD_YES;
  if (!a->begun) {
    a->begun = true;
    str_t chosen = cookie_get (ask_header (a, "Cookie"), COOKIE_LANGUAGE);
    a->english = chosen.n > 0 ? str_is (chosen, "en") : wants_english (ask_header (a, "Accept-Language"));
    lang_thread (a->english ? LANG_EN : LANG_VI);
    unsigned wrong = judge_head (a, method);
    if (wrong != 0) {
      answer_error (a, wrong, head_words (wrong));
      result = queue (a);
    }
  } else if (*piece_n > 0) {
    a->too_big = a->too_big || a->body.n + *piece_n > HTTP_BODY_MAX;
    if (!a->too_big)
      buf_put (&a->body, piece, *piece_n);
    *piece_n = 0;
  } else if (a->task == 0) {
    if (a->peer != NULL)
      peer_busy (a->peer);
    handle (a);
    if (a->task == 0) {
      result = queue (a);
    } else {
      a->suspended = true;
      MHD_suspend_connection (a->connection);
    }
  }
  lang_thread_end ();
  return result;
}

/* ---- connections ---- */

static void
connection_turns (void *ctx, struct MHD_Connection *connection, void **of,
                  enum MHD_ConnectionNotificationCode what)
{
  web_t *w = ctx;
  if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
    if (*of != NULL)
      peers_remove (&w->peers, *of);
    *of = NULL;
    return;
  }
  const union MHD_ConnectionInfo *i = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  int cut = -1;
  *of = i != NULL ? peers_add (&w->peers, i->connect_fd, clock_mono (), &cut) : NULL;
  if (cut >= 0)
    shutdown (cut, SHUT_RDWR);
  if (*of == NULL && i != NULL)
    shutdown (i->connect_fd, SHUT_RDWR);
}

static void
sweep (web_t *w)
{
  int fd;
  while ((fd = peers_overdue (&w->peers, clock_mono ())) >= 0)
    shutdown (fd, SHUT_RDWR);
}

/* ---- the loop ---- */

static int64_t
wait_for (web_t *w)
{
  MHD_UNSIGNED_LONG_LONG library = 0;
  int64_t ms = w->streams_n > 0 ? LOOK_MS : TURN_MS;
  if (runner_is_ending (w->runner))
    ms = ENDING_MS;
  if (MHD_get_timeout (w->daemon, &library) == MHD_YES && (int64_t)library < ms)
    ms = (int64_t)library;
  return ms;
}

static void
loop (web_t *w, int epoll)
{
  int64_t look_at = 0, beat_at = clock_mono ().ms + BEAT_MS, sweep_at = 0;
  while (!stop_requested ()) {
    net_item_t items[2 + RUNNER_ITEMS_MAX];
    size_t n = 0;
    items[n++] = (net_item_t){.fd = epoll};
    items[n++] = (net_item_t){.fd = stop_fd ()};
    n += runner_items (w->runner, items + n);
    net_wait (items, n, wait_for (w));
    mono_t now = clock_mono ();
    runner_turn (w->runner, items + 2, n - 2, now);
    if (now.ms >= look_at) {
      look_at = now.ms + LOOK_MS;
      streams_look (w);
    }
    if (now.ms >= beat_at) {
      beat_at = now.ms + BEAT_MS;
      streams_beat (w);
    }
    if (now.ms >= sweep_at) {
      sweep_at = now.ms + SWEEP_MS;
      sweep (w);
    }
    MHD_run (w->daemon);
  }
}

static err_t
start (web_t *w, int fd, fail_t *fail)
{
  err_t err = ledger_open (w->options->dir, true, &w->ledger, fail);
  if (err == ERR_OK)
    err = feed_new (w->ledger, &w->feed, fail);
  if (err != ERR_OK)
    return err;
  peers_init (&w->peers, CONNECTIONS_BUSY);
  w->runner = runner_new ();
  w->logins = logins_new ();
  if (w->runner == NULL || w->logins == NULL)
    return ERR_NOMEM;
  w->daemon = MHD_start_daemon (
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, request_came, w, MHD_OPTION_LISTEN_SOCKET, fd,
      MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_QUIET_S,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEADERS_MAX, MHD_OPTION_URI_LOG_CALLBACK, line_came, w,
      MHD_OPTION_NOTIFY_COMPLETED, request_over, w, MHD_OPTION_NOTIFY_CONNECTION, connection_turns, w,
      MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
  return w->daemon != NULL ? ERR_OK : ERR_NOMEM;
}

/* Everybody is told, or at least let go: the library does not stop with a suspended request. */
static void
stop (web_t *w)
{
  streams_stop (w);
  if (w->daemon == NULL)
    return;
  runner_destroy (&w->runner);
  MHD_run (w->daemon);
  MHD_stop_daemon (w->daemon);
}

err_t
web_serve (const web_options_t *o, int *fd_p, fail_t *fail)
{
  web_t *w = calloc (1, sizeof *w);
  err_t err = ERR_NOMEM;
  if (w == NULL)
    goto done;
  w->options = o;
  net_init ();
  err = start (w, *fd_p, fail);
  if (err == ERR_OK) {
    const union MHD_DaemonInfo *i = MHD_get_daemon_info (w->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    *fd_p = -1; /* the library's now */
    CHECK (i != NULL && i->epoll_fd >= 0);
    loop (w, i->epoll_fd);
  }
  stop (w);
  feed_destroy (&w->feed);
  runner_destroy (&w->runner);
  logins_destroy (&w->logins);
  ledger_close (&w->ledger);
  net_shutdown ();
done:
  free (w);
  if (*fd_p >= 0)
    close (*fd_p);
  *fd_p = -1;
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}
