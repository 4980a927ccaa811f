#include "common/platform/platform.h"
#include "common/platform/windows_text.h"

#include <io.h>
#include <stdio.h>
#include <stdlib.h>

#include <fcntl.h>
#include <windows.h>

#include <shellapi.h>

#define WIDTH_UNKNOWN 80u
#define HEIGHT_UNKNOWN 24u

bool
console_is_terminal (int fd)
{
  DWORD mode = 0;
  return fd >= 0 && fd <= 2 && GetConsoleMode ((HANDLE)_get_osfhandle (fd), &mode);
}

unsigned
console_width (void)
{
  CONSOLE_SCREEN_BUFFER_INFO info;
  if (!GetConsoleScreenBufferInfo (GetStdHandle (STD_OUTPUT_HANDLE), &info))
    return WIDTH_UNKNOWN;
  return (unsigned)(info.srWindow.Right - info.srWindow.Left + 1);
}

unsigned
console_height (void)
{
  CONSOLE_SCREEN_BUFFER_INFO info;
  if (!GetConsoleScreenBufferInfo (GetStdHandle (STD_OUTPUT_HANDLE), &info))
    return HEIGHT_UNKNOWN;
  return (unsigned)(info.srWindow.Bottom - info.srWindow.Top + 1);
}

bool
console_gone (int fd)
{
  (void)fd; /* told by the next write */
  return false;
}

void
console_init (void)
{
  static const DWORD handles[] = {STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
  SetConsoleOutputCP (CP_UTF8);
  for (int fd = 0; fd <= 2; fd++)
    _setmode (fd, _O_BINARY); /* csv ends its lines as asked, not as the library likes */
  for (size_t i = 0; i < 2; i++) {
    DWORD mode = 0;
    HANDLE h = GetStdHandle (handles[i]);
    if (GetConsoleMode (h, &mode))
      SetConsoleMode (h, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
  }
}

/* The arguments live as long as the program: they are what argv points to. */
void
console_arguments (int *argc, char ***argv)
{
  int n = 0;
  wchar_t **wide = CommandLineToArgvW (GetCommandLineW (), &n);
  char **converted = wide != NULL ? calloc ((size_t)n + 1, sizeof *converted) : NULL;
  bool good = converted != NULL;
  for (int i = 0; good && i < n; i++) {
    converted[i] = utf8_of (wide[i]);
    good = converted[i] != NULL;
  }
  LocalFree (wide);
  if (good) {
    *argc = n;
    *argv = converted;
  }
}

static const char *
keep_utf8 (const wchar_t *wide, char *out, size_t room)
{
  char *text = utf8_of (wide);
  snprintf (out, room, "%s", text != NULL ? text : "");
  free (text);
  return out;
}

const char *
login_name (void)
{
  static char name[3 * 257];
  wchar_t wide[257];
  DWORD n = 257;
  return GetUserNameW (wide, &n) ? keep_utf8 (wide, name, sizeof name) : "";
}

const char *
host_name (void)
{
  static char name[3 * 257];
  wchar_t wide[257];
  DWORD n = 257;
  return GetComputerNameExW (ComputerNameDnsHostname, wide, &n) ? keep_utf8 (wide, name, sizeof name) : "";
}

const char *
locale_name (void)
{
  static char name[3 * LOCALE_NAME_MAX_LENGTH];
  wchar_t wide[LOCALE_NAME_MAX_LENGTH];
  const char *said = getenv ("LANG");
  if (said != NULL && said[0] != '\0')
    return said;
  return GetUserDefaultLocaleName (wide, LOCALE_NAME_MAX_LENGTH) > 0 ? keep_utf8 (wide, name, sizeof name)
                                                                     : "";
}
