/* keeper.c - serve's side of the page's process: opens its place, starts it, starts it again, ends it.
 *
 * The place stays open here, so that a process that ended costs its connections and nothing else, and nobody
 * else can take the port meanwhile. The process gets it as descriptor 3, as service managers hand them out.
 */
#include "collector/web/web.h"

#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define GIVEN_FD 3
#define GIVEN "KC_WEB_GIVEN"
#define AGAIN_MS 1000
#define AGAIN_MS_MAX 60000
#define STEADY_MS 60000 /* ran so long: the next end is the first one */
#define END_PATIENCE_MS 400

extern char **environ;

struct web_keeper {
  web_options_t options;
  int fd;
  pid_t pid; /* 0: it does not run */
  int64_t started, again_at, wait_ms;
};

int
web_keeper_given (void)
{
  const char *given = getenv (GIVEN);
  if (given == NULL || fcntl (GIVEN_FD, F_SETFD, FD_CLOEXEC) != 0)
    return -1;
  prctl (PR_SET_PDEATHSIG, SIGTERM); /* however serve ends, this ends */
  prctl (PR_SET_NAME, "kc-web");
  if (getppid () != (pid_t)strtol (given, NULL, 10)) /* it ended before we asked to be told */
    stop_request ();
  return GIVEN_FD;
}

/* The environment with a word more; the strings are shared. */
static char **
environment (char *more)
{
  size_t n = 0;
  while (environ[n] != NULL)
    n++;
  char **copy = calloc (n + 2, sizeof *copy);
  if (copy != NULL) {
    memcpy (copy, environ, n * sizeof *copy);
    copy[n] = more;
  }
  return copy;
}

static bool
start (web_keeper_t *self)
{
  char given[sizeof GIVEN + 24];
  const char *words[2 * WEB_HOSTS_MAX + 8];
  size_t n = 0;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset (&none);
  snprintf (given, sizeof given, GIVEN "=%ld", (long)getpid ());
  words[n++] = self->options.program;
  words[n++] = "web";
  words[n++] = lang_get () == LANG_EN ? "--lang=en" : "--lang=vi";
  for (size_t i = 0; self->options.hosts[i] != NULL; i++) {
    words[n++] = "--host";
    words[n++] = self->options.hosts[i];
  }
  words[n++] = "--";
  words[n++] = self->options.dir;
  words[n] = NULL;
  char **env = environment (given);
  if (env == NULL || posix_spawn_file_actions_init (&actions) != 0) {
    free (env);
    return false;
  }
  if (posix_spawnattr_init (&attributes) != 0) {
    posix_spawn_file_actions_destroy (&actions);
    free (env);
    return false;
  }
  bool ok = posix_spawn_file_actions_adddup2 (&actions, self->fd, GIVEN_FD) == 0 &&
            posix_spawn_file_actions_addopen (&actions, 0, "/dev/null", O_RDONLY, 0) == 0 &&
            posix_spawn_file_actions_addopen (&actions, 1, "/dev/null", O_WRONLY, 0) == 0 &&
            posix_spawnattr_setsigmask (&attributes, &none) == 0 &&
            posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK) == 0 &&
            posix_spawn (&self->pid, "/proc/self/exe", &actions, &attributes, (char *const *)words, env) == 0;
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);
  free (env);
  self->started = clock_mono ().ms;
  if (!ok)
    self->pid = 0;
  return ok;
}

err_t
web_keeper_new (const web_options_t *o, const char *where, char at[64], web_keeper_t **out, fail_t *fail)
{
  web_keeper_t *self = calloc (1, sizeof *self);
  if (self == NULL)
    return ERR_NOMEM;
  self->options = *o;
  self->wait_ms = AGAIN_MS;
  self->fd = -1;
  err_t err = web_listen (where, &self->fd, at, fail);
  if (err == ERR_OK && self->fd == GIVEN_FD) { /* a descriptor that is given as itself would be closed */
    self->fd = fcntl (GIVEN_FD, F_DUPFD_CLOEXEC, GIVEN_FD + 1);
    close (GIVEN_FD);
  }
  if (err == ERR_OK && (self->fd < 0 || !start (self)))
    err = fail_set (fail, ERR_IO, L ("không chạy được trang web", "the page's process cannot be started"));
  if (err == ERR_OK)
    *out = self;
  else
    web_keeper_destroy (&self);
  return err;
}

void
web_keeper_tick (web_keeper_t *self)
{
  int64_t now = clock_mono ().ms;
  int status = 0;
  if (self->pid > 0 && waitpid (self->pid, &status, WNOHANG) == self->pid) {
    self->pid = 0;
    self->wait_ms = now - self->started > STEADY_MS ? AGAIN_MS : self->wait_ms * 2;
    if (self->wait_ms > AGAIN_MS_MAX)
      self->wait_ms = AGAIN_MS_MAX;
    self->again_at = now + self->wait_ms;
    fprintf (stderr,
             L ("trang web đã dừng (%s %d), sẽ chạy lại\n", "the page ended (%s %d), it is started again\n"),
             WIFSIGNALED (status) ? L ("tín hiệu", "signal") : L ("mã", "exit"),
             WIFSIGNALED (status) ? WTERMSIG (status) : WEXITSTATUS (status));
  }
  if (self->pid == 0 && now >= self->again_at && !start (self))
    self->again_at = now + self->wait_ms;
}

void
web_keeper_destroy (web_keeper_t **self_p)
{
  web_keeper_t *self = *self_p;
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  int64_t until = clock_mono ().ms + END_PATIENCE_MS;
  if (self->pid > 0)
    kill (self->pid, SIGTERM);
  while (self->pid > 0 && waitpid (self->pid, NULL, WNOHANG) == 0) {
    if (clock_mono ().ms >= until)
      kill (self->pid, SIGKILL);
    clock_sleep_ms (10);
  }
  free (self);
  *self_p = NULL;
}
