#include "common/platform/platform.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_UNKNOWN 80u
#define HEIGHT_UNKNOWN 24u

bool
console_is_terminal (int fd)
{
  return isatty (fd) == 1;
}

unsigned
console_width (void)
{
  struct winsize size;
  for (int fd = 1; fd <= 2; fd++)
    if (ioctl (fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
      return size.ws_col;
  return WIDTH_UNKNOWN;
}

unsigned
console_height (void)
{
  struct winsize size;
  for (int fd = 1; fd <= 2; fd++)
    if (ioctl (fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
      return size.ws_row;
  return HEIGHT_UNKNOWN;
}

bool
console_gone (int fd)
{
  struct pollfd p = {.fd = fd};
  return poll (&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLNVAL)) != 0;
}

/* A stream that came closed would lend its number to the next file opened, and words for people would go into
 * a store. Its place is taken: nothing to read, and who writes to it is told. */
static void
fill_closed_streams (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDONLY) != fd)
      abort ();
}

void
console_init (void)
{
  fill_closed_streams ();
  /* A reader that goes away is an error of that write, told where it happens. */
  signal (SIGPIPE, SIG_IGN);
}

void
console_arguments (int *argc, char ***argv)
{
  (void)argc;
  (void)argv;
}

const char *
login_name (void)
{
  static char name[256];
  struct passwd entry, *found = NULL;
  char room[4096];
  if (getpwuid_r (getuid (), &entry, room, sizeof room, &found) == 0 && found != NULL) {
    snprintf (name, sizeof name, "%s", found->pw_name);
  } else {
    const char *said = getenv ("LOGNAME");
    snprintf (name, sizeof name, "%s", said != NULL ? said : "");
  }
  return name;
}

const char *
locale_name (void)
{
  static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
  for (size_t i = 0; i < 3; i++) {
    const char *value = getenv (variables[i]);
    if (value != NULL && value[0] != '\0')
      return value;
  }
  return "";
}
