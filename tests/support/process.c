#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Forks argv with stdout in a pipe; returns the reading end. */
static int
spawn (const char *const *argv, pid_t *pid)
{
  int ends[2];
  if (pipe (ends) != 0)
    process_fail ("pipe");
  *pid = fork ();
  if (*pid < 0)
    process_fail ("fork");
  if (*pid == 0) {
    dup2 (ends[1], 1);
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
  int fd = spawn (argv, &pid);
  char chunk[4096];
  ssize_t n;
  while ((n = read (fd, chunk, sizeof chunk)) > 0)
    if (out != NULL)
      buf_put (out, chunk, (size_t)n);
  close (fd);
  int status = 0;
  waitpid (pid, &status, 0);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128;
}

pid_t
process_start (const char *const *argv, buf_t *line)
{
  pid_t pid;
  int fd = spawn (argv, &pid);
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
  char path[64], line[256];
  snprintf (path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
  FILE *f = fopen (path, "r");
  if (f == NULL)
    return 0;
  double kb = 0;
  while (fgets (line, sizeof line, f) != NULL) {
    long v = 0;
    if (sscanf (line, "Private_Clean: %ld kB", &v) == 1 || sscanf (line, "Private_Dirty: %ld kB", &v) == 1)
      kb += (double)v;
  }
  fclose (f);
  return kb / 1024;
}
