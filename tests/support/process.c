#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void
process_fail (const char *what)
{
  fprintf (stderr, "%s\n", what);
  exit (1);
}

double
process_seconds (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Forks argv with stdout in a pipe and stderr where errors say (-1: ours); returns the reading end. */
static int
spawn (const char *const *argv, int errors, pid_t *pid)
{
  int ends[2];
  if (pipe (ends) != 0)
    process_fail ("pipe");
  *pid = fork ();
  if (*pid < 0)
    process_fail ("fork");
  if (*pid == 0) {
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    dup2 (ends[1], 1);
    if (errors >= 0)
      dup2 (errors, 2);
    close (ends[0]);
    close (ends[1]);
    execv (argv[0], (char *const *)(uintptr_t)argv);
    _exit (127);
  }
  close (ends[1]);
  return ends[0];
}

int
process_run (const char *const *argv, buf_t *out)
{
  pid_t pid;
  FILE *errors = tmpfile ();
  int fd = spawn (argv, errors != NULL ? fileno (errors) : -1, &pid);
  char chunk[4096];
  ssize_t n;
  while ((n = read (fd, chunk, sizeof chunk)) > 0)
    if (out != NULL)
      buf_put (out, chunk, (size_t)n);
  close (fd);
  int status = 0;
  waitpid (pid, &status, 0);
  if (errors != NULL && status != 0) {
    rewind (errors);
    while ((n = (ssize_t)fread (chunk, 1, sizeof chunk, errors)) > 0)
      fwrite (chunk, 1, (size_t)n, stderr);
  }
  if (errors != NULL)
    fclose (errors);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128;
}

pid_t
process_start (const char *const *argv, buf_t *line)
{
  pid_t pid;
  int fd = spawn (argv, -1, &pid);
  char c;
  while (line != NULL && read (fd, &c, 1) == 1 && c != '\n')
    buf_putc (line, c);
  /* the pipe stays open: the program must not meet a closed stdout */
  return pid;
}

void
process_kill (pid_t pid, int signal_number)
{
  kill (pid, signal_number);
  waitpid (pid, NULL, 0);
}

double
process_private_mb (pid_t pid)
{
  char path[64], line[4352];
  snprintf (path, sizeof path, "/proc/%d/smaps", (int)pid);
  FILE *f = fopen (path, "r");
  if (f == NULL)
    return 0;
  double kb = 0;
  bool store = false;
  while (fgets (line, sizeof line, f) != NULL) {
    long v = 0;
    char first = line[0];
    if ((first >= '0' && first <= '9') || (first >= 'a' && first <= 'f'))
      store = strstr (line, ".mdb") != NULL;
    else if (!store && (sscanf (line, "Private_Clean: %ld kB", &v) == 1 ||
                        sscanf (line, "Private_Dirty: %ld kB", &v) == 1))
      kb += (double)v;
  }
  fclose (f);
  return kb / 1024;
}

double
process_cpu_seconds (pid_t pid)
{
  char path[64], line[1024] = "";
  snprintf (path, sizeof path, "/proc/%d/stat", (int)pid);
  FILE *f = fopen (path, "r");
  if (f == NULL)
    return 0;
  unsigned long user = 0, system = 0;
  const char *rest = fgets (line, sizeof line, f) != NULL ? strrchr (line, ')') : NULL;
  if (rest == NULL ||
      sscanf (rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
    user = system = 0;
  fclose (f);
  return (double)(user + system) / (double)sysconf (_SC_CLK_TCK);
}
