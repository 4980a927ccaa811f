#include "collector/web/runner.h"

#include "common/crypto/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SELF "/proc/self/exe"
#define READ_PIECE 65536u

extern char **environ;

typedef struct {
  uint64_t id; /* 0: free */
  char **words;
  buf_t input, out, err;
  size_t put;
  bool heavy, failed;
  run_done_fn *fn; /* NULL: nobody is told */
  void *ctx;
  pid_t pid;                 /* 0: not begun */
  int in_fd, out_fd, err_fd; /* -1: closed */
  mono_t until;
} task_t;
static const task_t no_task = {.in_fd = -1, .out_fd = -1, .err_fd = -1};

struct runner {
  task_t running[RUNNER_AT_ONCE];
  task_t waiting[RUNNER_WAITING_MAX]; /* in order */
  size_t waiting_n;
  uint64_t ids;
};

static void
words_free (char **words)
{
  for (size_t i = 0; words != NULL && words[i] != NULL; i++)
    free (words[i]);
  free (words);
}

static char **
words_copy (const char *const *words)
{
  size_t n = 0;
  while (words[n] != NULL)
    n++;
  char **copy = calloc (n + 1, sizeof *copy);
  for (size_t i = 0; copy != NULL && i < n; i++)
    if ((copy[i] = strdup (words[i])) == NULL) {
      words_free (copy);
      return NULL;
    }
  return copy;
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
task_free (task_t *t)
{
  words_free (t->words);
  if (t->input.p != NULL)
    crypto_wipe (t->input.p, t->input.cap);
  buf_free (&t->input);
  buf_free (&t->out);
  buf_free (&t->err);
  close_fd (&t->in_fd);
  close_fd (&t->out_fd);
  close_fd (&t->err_fd);
  *t = no_task;
}

static void
finish (task_t *t, int exit_code)
{
  task_t done = *t;
  *t = no_task;
  if (done.fn != NULL)
    done.fn (done.ctx, exit_code, buf_str (&done.out), buf_str (&done.err));
  task_free (&done);
}

runner_t *
runner_new (void)
{
  runner_t *self = calloc (1, sizeof *self);
  for (size_t i = 0; self != NULL && i < RUNNER_AT_ONCE; i++)
    self->running[i] = no_task;
  return self;
}

void
runner_destroy (runner_t **self_p)
{
  runner_t *self = *self_p;
  if (self == NULL)
    return;
  for (size_t i = 0; i < RUNNER_AT_ONCE; i++) {
    task_t *t = &self->running[i];
    if (t->pid > 0) {
      kill (t->pid, SIGKILL);
      waitpid (t->pid, NULL, 0);
    }
    finish (t, -1);
  }
  for (size_t i = 0; i < self->waiting_n; i++)
    finish (&self->waiting[i], -1);
  free (self);
  *self_p = NULL;
}

err_t
runner_run (runner_t *self, const char *const *words, str_t input, bool heavy, run_done_fn *fn, void *ctx,
            uint64_t *id)
{
  if (self->waiting_n == RUNNER_WAITING_MAX)
    return ERR_BUSY;
  task_t t = {.id = ++self->ids,
              .words = words_copy (words),
              .heavy = heavy,
              .fn = fn,
              .ctx = ctx,
              .in_fd = -1,
              .out_fd = -1,
              .err_fd = -1};
  buf_put (&t.input, input.p, input.n);
  if (t.words == NULL || !buf_ok (&t.input)) {
    task_free (&t);
    return ERR_NOMEM;
  }
  self->waiting[self->waiting_n++] = t;
  *id = t.id;
  return ERR_OK;
}

static void
drop_waiting (runner_t *self, size_t i)
{
  self->waiting_n--;
  memmove (&self->waiting[i], &self->waiting[i + 1], (self->waiting_n - i) * sizeof self->waiting[0]);
}

void
runner_forget (runner_t *self, uint64_t id)
{
  for (size_t i = 0; i < RUNNER_AT_ONCE; i++)
    if (self->running[i].id == id)
      self->running[i].fn = NULL;
  for (size_t i = 0; i < self->waiting_n; i++)
    if (self->waiting[i].id == id) {
      task_free (&self->waiting[i]);
      drop_waiting (self, i);
      return;
    }
}

/* ---- beginning ---- */

static bool
three_pipes (int in[2], int out[2], int err[2])
{
  int *const pipes[] = {in, out, err};
  for (size_t i = 0; i < 3; i++)
    pipes[i][0] = pipes[i][1] = -1;
  for (size_t i = 0; i < 3; i++)
    if (pipe2 (pipes[i], O_CLOEXEC) != 0)
      return false;
  return fcntl (in[1], F_SETFL, O_NONBLOCK) == 0 && fcntl (out[0], F_SETFL, O_NONBLOCK) == 0 &&
         fcntl (err[0], F_SETFL, O_NONBLOCK) == 0;
}

/* Its streams are the pipes; everything else of ours is closed by its own flag. */
static bool
spawn (task_t *t, const int in[2], const int out[2], const int err[2])
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, usual;
  if (posix_spawn_file_actions_init (&actions) != 0)
    return false;
  if (posix_spawnattr_init (&attributes) != 0) {
    posix_spawn_file_actions_destroy (&actions);
    return false;
  }
  sigemptyset (&none);
  sigemptyset (&usual);
  sigaddset (&usual, SIGPIPE);
  sigaddset (&usual, SIGTERM);
  sigaddset (&usual, SIGINT);
  bool ok = posix_spawn_file_actions_adddup2 (&actions, in[0], 0) == 0 &&
            posix_spawn_file_actions_adddup2 (&actions, out[1], 1) == 0 &&
            posix_spawn_file_actions_adddup2 (&actions, err[1], 2) == 0 &&
            posix_spawnattr_setsigmask (&attributes, &none) == 0 &&
            posix_spawnattr_setsigdefault (&attributes, &usual) == 0 &&
            posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0 &&
            posix_spawn (&t->pid, SELF, &actions, &attributes, t->words, environ) == 0;
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);
  if (!ok)
    t->pid = 0;
  return ok;
}

static void
begin (task_t *t, mono_t now)
{
  int in[2], out[2], err[2];
  bool ok = three_pipes (in, out, err) && spawn (t, in, out, err);
  close_fd (&in[0]);
  close_fd (&out[1]);
  close_fd (&err[1]);
  t->in_fd = in[1];
  t->out_fd = out[0];
  t->err_fd = err[0];
  t->until.ms = now.ms + RUNNER_PATIENCE_MS;
  if (!ok) {
    t->failed = true;
    close_fd (&t->in_fd);
    close_fd (&t->out_fd);
    close_fd (&t->err_fd);
  } else if (t->input.n == 0) {
    close_fd (&t->in_fd);
  }
}

static bool
heavy_runs (const runner_t *self)
{
  for (size_t i = 0; i < RUNNER_AT_ONCE; i++)
    if (self->running[i].id != 0 && self->running[i].heavy)
      return true;
  return false;
}

static void
begin_waiting (runner_t *self, mono_t now)
{
  for (size_t i = 0; i < RUNNER_AT_ONCE; i++) {
    if (self->running[i].id != 0)
      continue;
    size_t w = 0;
    while (w < self->waiting_n && self->waiting[w].heavy && heavy_runs (self))
      w++;
    if (w == self->waiting_n)
      return;
    self->running[i] = self->waiting[w];
    drop_waiting (self, w);
    begin (&self->running[i], now);
  }
}

/* ---- going on ---- */

static void
read_some (int *fd, buf_t *to, size_t limit, bool *failed)
{
  char *room = buf_reserve (to, READ_PIECE);
  ssize_t got = room != NULL ? read (*fd, room, READ_PIECE) : 0;
  if (got > 0)
    to->n += (size_t)got;
  else if (got == 0 || (errno != EAGAIN && errno != EINTR))
    close_fd (fd);
  *failed = *failed || to->n > limit || room == NULL;
}

static void
write_some (task_t *t)
{
  ssize_t put = write (t->in_fd, t->input.p + t->put, t->input.n - t->put);
  if (put > 0)
    t->put += (size_t)put;
  if (t->put == t->input.n || (put < 0 && errno != EAGAIN && errno != EINTR))
    close_fd (&t->in_fd);
}

size_t
runner_items (const runner_t *self, net_item_t *items)
{
  size_t n = 0;
  for (size_t i = 0; i < RUNNER_AT_ONCE; i++) {
    const task_t *t = &self->running[i];
    if (t->in_fd >= 0)
      items[n++] = (net_item_t){.fd = t->in_fd, .want_write = true};
    if (t->out_fd >= 0)
      items[n++] = (net_item_t){.fd = t->out_fd};
    if (t->err_fd >= 0)
      items[n++] = (net_item_t){.fd = t->err_fd};
  }
  return n;
}

static void
serve_item (task_t *t, const net_item_t *item)
{
  if (item->fd == t->in_fd && item->writable)
    write_some (t);
  else if (item->fd == t->out_fd && item->readable)
    read_some (&t->out_fd, &t->out, RUNNER_OUTPUT_MAX, &t->failed);
  else if (item->fd == t->err_fd && item->readable)
    read_some (&t->err_fd, &t->err, READ_PIECE, &t->failed);
}

static void
look_after (task_t *t, mono_t now)
{
  int status = 0;
  if (t->id == 0)
    return;
  if (t->pid == 0) {
    finish (t, -1);
    return;
  }
  if (t->failed || now.ms > t->until.ms) {
    t->failed = true;
    kill (t->pid, SIGKILL);
  } else if (t->out_fd >= 0 || t->err_fd >= 0) {
    return;
  }
  if (waitpid (t->pid, &status, WNOHANG) == 0)
    return;
  finish (t, !t->failed && WIFEXITED (status) ? WEXITSTATUS (status) : -1);
}

void
runner_turn (runner_t *self, const net_item_t *items, size_t n, mono_t now)
{
  for (size_t k = 0; k < n; k++)
    for (size_t i = 0; i < RUNNER_AT_ONCE; i++)
      if (self->running[i].id != 0)
        serve_item (&self->running[i], &items[k]);
  for (size_t i = 0; i < RUNNER_AT_ONCE; i++)
    look_after (&self->running[i], now);
  begin_waiting (self, now);
}

bool
runner_is_ending (const runner_t *self)
{
  for (size_t i = 0; i < RUNNER_AT_ONCE; i++)
    if (self->running[i].id != 0 &&
        (self->running[i].failed || (self->running[i].out_fd < 0 && self->running[i].err_fd < 0)))
      return true;
  return false;
}
