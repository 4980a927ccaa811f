/* Files on Windows, by the wide calls: paths are UTF-8 inside the program, whatever the code page. A file is
 * replaced by MoveFileEx with write-through, which flushes the change of name as a directory flush does
 * elsewhere. */
#include "common/platform/file_words.h"
#include "common/platform/platform.h"
#include "common/platform/windows_text.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define READ_STEP 65536u

wchar_t *
wide_of (const char *utf8)
{
  int n = MultiByteToWideChar (CP_UTF8, MB_ERR_INVALID_CHARS, utf8, -1, NULL, 0);
  wchar_t *wide = n > 0 ? malloc ((size_t)n * sizeof *wide) : NULL;
  if (wide != NULL)
    MultiByteToWideChar (CP_UTF8, MB_ERR_INVALID_CHARS, utf8, -1, wide, n);
  return wide;
}

char *
utf8_of (const wchar_t *wide)
{
  int n = WideCharToMultiByte (CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
  char *utf8 = n > 0 ? malloc ((size_t)n) : NULL;
  if (utf8 != NULL)
    WideCharToMultiByte (CP_UTF8, 0, wide, -1, utf8, n, NULL, NULL);
  return utf8;
}

static err_t
fail_code (fail_t *fail, const char *path, DWORD code)
{
  switch (code) {
  case ERROR_FILE_NOT_FOUND:
  case ERROR_PATH_NOT_FOUND:
  case ERROR_INVALID_NAME:
    return file_fail (fail, path, FILE_MISSING, code);
  case ERROR_ACCESS_DENIED:
  case ERROR_SHARING_VIOLATION:
    return file_fail (fail, path, FILE_HELD, code);
  case ERROR_DIRECTORY:
    return file_fail (fail, path, FILE_IS_FOLDER, code);
  case ERROR_DISK_FULL:
  case ERROR_HANDLE_DISK_FULL:
    return file_fail (fail, path, FILE_DISK_FULL, code);
  default:
    return file_fail (fail, path, FILE_TROUBLE, code);
  }
}

static err_t
read_all (HANDLE h, const char *path, size_t limit, buf_t *out, fail_t *fail)
{
  size_t start = out->n;
  for (;;) {
    DWORD got = 0;
    char *to = buf_reserve (out, READ_STEP);
    if (to == NULL)
      return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
    if (!ReadFile (h, to, READ_STEP, &got, NULL) && GetLastError () != ERROR_BROKEN_PIPE)
      return fail_code (fail, path, GetLastError ());
    if (got == 0)
      return ERR_OK;
    out->n += got;
    if (out->n - start > limit)
      return file_fail_too_big (fail, path, limit);
  }
}

err_t
file_read (const char *path, size_t limit, buf_t *out, fail_t *fail)
{
  err_t err = ERR_OK;
  size_t start = out->n;
  wchar_t *wide = NULL;
  HANDLE h = INVALID_HANDLE_VALUE;
  bool std_in = strcmp (path, "-") == 0;
  const char *where = std_in ? "stdin" : path;
  if (std_in) {
    h = GetStdHandle (STD_INPUT_HANDLE);
  } else if (path_is_dir (path)) {
    err = fail_code (fail, where, ERROR_DIRECTORY);
  } else {
    wide = wide_of (path);
    if (wide != NULL)
      h = CreateFileW (wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                       OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (h == INVALID_HANDLE_VALUE)
      err = fail_code (fail, where, wide == NULL ? ERROR_INVALID_NAME : GetLastError ());
  }
  if (err == ERR_OK && !std_in && file_size (path) > limit)
    err = file_fail_too_big (fail, where, limit);
  if (err == ERR_OK)
    err = read_all (h, where, limit, out, fail);
  if (!std_in && h != INVALID_HANDLE_VALUE)
    CloseHandle (h);
  free (wide);
  if (err != ERR_OK)
    out->n = start;
  return err;
}

static DWORD
write_new (const wchar_t *wide, str_t bytes)
{
  DWORD code = 0;
  HANDLE h = CreateFileW (wide, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
  if (h == INVALID_HANDLE_VALUE)
    return GetLastError ();
  while (code == 0 && bytes.n > 0) {
    DWORD put = 0, step = bytes.n < (1u << 20) ? (DWORD)bytes.n : 1u << 20;
    if (!WriteFile (h, bytes.p, step, &put, NULL))
      code = GetLastError ();
    bytes.p += put;
    bytes.n -= put;
  }
  if (code == 0 && !FlushFileBuffers (h))
    code = GetLastError ();
  CloseHandle (h);
  return code;
}

/* Private: a file under the user's profile is its owner's alone by the access list it inherits. */
err_t
file_write (const char *path, str_t bytes, bool mode_private, fail_t *fail)
{
  static atomic_uint count;
  (void)mode_private;
  if (path_is_dir (path))
    return fail_code (fail, path, ERROR_DIRECTORY);
  buf_t temporary = BUF_INIT;
  buf_printf (&temporary, "%s.%lu-%u.tmp", path, GetCurrentProcessId (), atomic_fetch_add (&count, 1));
  wchar_t *from = wide_of (buf_z (&temporary)), *to = wide_of (path);
  DWORD code = ERROR_INVALID_NAME;
  if (from != NULL && to != NULL) {
    code = write_new (from, bytes);
    if (code == 0 && !MoveFileExW (from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
      code = GetLastError ();
    if (code != 0)
      DeleteFileW (from);
  }
  free (from);
  free (to);
  buf_free (&temporary);
  if (code == ERROR_PATH_NOT_FOUND)
    return file_fail (fail, path, FILE_NO_FOLDER, code);
  return code == 0 ? ERR_OK : fail_code (fail, path, code);
}

static DWORD
attributes (const char *path)
{
  wchar_t *wide = wide_of (path);
  DWORD found = wide != NULL ? GetFileAttributesW (wide) : INVALID_FILE_ATTRIBUTES;
  free (wide);
  return found;
}

bool
file_exists (const char *path)
{
  return attributes (path) != INVALID_FILE_ATTRIBUTES;
}

bool
path_is_dir (const char *path)
{
  DWORD found = attributes (path);
  return found != INVALID_FILE_ATTRIBUTES && (found & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

static bool
is_separator (char c)
{
  return c == '/' || c == '\\';
}

err_t
dir_make (const char *path)
{
  err_t err = ERR_OK;
  buf_t room = BUF_INIT;
  buf_puts (&room, path);
  buf_z (&room);
  for (size_t i = 1; err == ERR_OK && buf_ok (&room) && i <= room.n; i++) {
    if (i < room.n && !is_separator (room.p[i]))
      continue;
    char kept = room.p[i];
    room.p[i] = '\0';
    wchar_t *wide = wide_of (room.p);
    bool drive = room.p[i - 1] == ':';
    if (!drive && (wide == NULL || !CreateDirectoryW (wide, NULL)) && !path_is_dir (room.p))
      err = file_exists (room.p) ? ERR_EXISTS : ERR_IO;
    free (wide);
    room.p[i] = kept;
  }
  if (!buf_ok (&room))
    err = ERR_NOMEM;
  buf_free (&room);
  return err;
}

err_t
dir_sync (const char *path)
{
  return path_is_dir (path) ? ERR_OK : ERR_IO; /* names are written through where they change */
}

bool
file_remove (const char *path)
{
  wchar_t *wide = wide_of (path);
  bool removed = wide != NULL && DeleteFileW (wide);
  free (wide);
  return removed;
}

/* By its short name, whose letters every code page has: fopen takes no UTF-8 here. */
err_t
file_temporary (buf_t *out, fail_t *fail)
{
  wchar_t dir[MAX_PATH + 1], path[MAX_PATH + 1], name[MAX_PATH + 1];
  buf_clear (out);
  if (GetTempPathW (MAX_PATH, dir) == 0 || GetTempFileNameW (dir, L"kc", 0, path) == 0)
    return fail_code (fail, "%TEMP%", GetLastError ());
  if (GetShortPathNameW (path, name, MAX_PATH) == 0)
    memcpy (name, path, sizeof name);
  char *utf8 = utf8_of (name);
  if (utf8 == NULL)
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  buf_puts (out, utf8);
  free (utf8);
  return ERR_OK;
}

const char *
path_join (buf_t *out, const char *dir, const char *name)
{
  buf_clear (out);
  buf_puts (out, dir);
  if (out->n > 0 && !is_separator (out->p[out->n - 1]))
    buf_putc (out, '\\');
  buf_puts (out, name);
  return buf_z (out);
}

uint64_t
disk_free (const char *path)
{
  ULARGE_INTEGER left;
  wchar_t *wide = wide_of (path);
  bool known = wide != NULL && GetDiskFreeSpaceExW (wide, &left, NULL, NULL);
  free (wide);
  return known ? left.QuadPart : UINT64_MAX;
}

uint64_t
file_size (const char *path)
{
  WIN32_FILE_ATTRIBUTE_DATA data;
  wchar_t *wide = wide_of (path);
  bool known = wide != NULL && GetFileAttributesExW (wide, GetFileExInfoStandard, &data);
  free (wide);
  return known ? (uint64_t)data.nFileSizeHigh << 32 | data.nFileSizeLow : 0;
}
