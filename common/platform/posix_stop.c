/* Stopping. A signal writes one byte into a pipe that nobody empties: its reading end stays readable, so
 * every loop that watches it, in whichever thread, sees the stop. */
#include "common/platform/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static int stop_pipe[2] = {-1, -1};
static atomic_bool requested;

void
stop_request (void)
{
  if (atomic_exchange (&requested, true) || stop_pipe[1] < 0)
    return;
  int kept = errno;
  ssize_t put = write (stop_pipe[1], "", 1);
  (void)put; /* a full pipe is readable already */
  errno = kept;
}

static void
on_signal (int signal_number)
{
  (void)signal_number;
  stop_request ();
}

void
stop_install (void)
{
  CHECK (stop_pipe[0] < 0);
  int rc = pipe2 (stop_pipe, O_CLOEXEC | O_NONBLOCK);
  CHECK (rc == 0);
  stop_keep ();
}

void
stop_keep (void)
{
  if (stop_pipe[0] < 0)
    return;
  struct sigaction act, old;
  memset (&act, 0, sizeof act);
  act.sa_handler = on_signal;
  act.sa_flags = SA_RESTART;
  sigemptyset (&act.sa_mask);
  sigaction (SIGTERM, &act, NULL);
  sigaction (SIGINT, &act, NULL);
  /* The terminal is closed; but nohup has asked us to outlive it. */
  if (sigaction (SIGHUP, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
    sigaction (SIGHUP, &act, NULL);
  signal (SIGPIPE, SIG_IGN);
}

bool
stop_requested (void)
{
  return atomic_load (&requested);
}

int
stop_fd (void)
{
  return stop_pipe[0];
}

static _Thread_local sigset_t held;

void
signals_hold (void)
{
  sigset_t all;
  sigfillset (&all);
  int rc = pthread_sigmask (SIG_SETMASK, &all, &held);
  CHECK (rc == 0);
}

void
signals_release (void)
{
  int rc = pthread_sigmask (SIG_SETMASK, &held, NULL);
  CHECK (rc == 0);
}
