/* A lock of the kernel's on a file of its own; it falls with the process. */
#include "common/platform/platform.h"
#include "common/platform/windows_text.h"

#include <stdlib.h>
#include <windows.h>

struct lock {
  HANDLE file;
};

static err_t
open_and_lock (const char *path, DWORD how, HANDLE *out)
{
  OVERLAPPED at;
  memset (&at, 0, sizeof at);
  wchar_t *wide = wide_of (path);
  if (wide == NULL)
    return ERR_IO;
  HANDLE h = CreateFileW (wide, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, how,
                          FILE_ATTRIBUTE_NORMAL, NULL);
  free (wide);
  if (h == INVALID_HANDLE_VALUE)
    return ERR_IO;
  if (!LockFileEx (h, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)) {
    err_t err = GetLastError () == ERROR_LOCK_VIOLATION ? ERR_BUSY : ERR_IO;
    CloseHandle (h);
    return err;
  }
  *out = h;
  return ERR_OK;
}

err_t
lock_take (const char *path, lock_t **out)
{
  lock_t *self = malloc (sizeof *self);
  if (self == NULL)
    return ERR_NOMEM;
  err_t err = open_and_lock (path, OPEN_ALWAYS, &self->file);
  if (err != ERR_OK) {
    free (self);
    return err;
  }
  *out = self;
  return ERR_OK;
}

void
lock_release (lock_t **self_p)
{
  CHECK (self_p != NULL);
  if (*self_p == NULL)
    return;
  CloseHandle ((*self_p)->file);
  free (*self_p);
  *self_p = NULL;
}

/* There is no asking without trying here: a lock that could be taken is given back at once. */
bool
lock_is_taken (const char *path)
{
  HANDLE h = NULL;
  err_t err = open_and_lock (path, OPEN_EXISTING, &h);
  if (err == ERR_OK)
    CloseHandle (h);
  return err == ERR_BUSY;
}
