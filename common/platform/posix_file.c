/* Files on POSIX systems.
 *
 * A file is replaced in one step: written beside itself, flushed, renamed over, and the directory flushed,
 * so that a crash leaves either the old bytes or the new ones. What is no regular file (a terminal, a pipe,
 * /dev/stdout and other links) is written in place instead: renaming over it would replace the device. */
#include "common/platform/file_words.h"
#include "common/platform/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define READ_STEP 65536u

err_t
file_fail_errno (fail_t *fail, const char *path, int error)
{
  switch (error) {
  case ENOENT:
  case ENOTDIR:
    return file_fail (fail, path, FILE_MISSING, (unsigned long)error);
  case EACCES:
  case EPERM:
    return file_fail (fail, path, FILE_FORBIDDEN, (unsigned long)error);
  case EISDIR:
    return file_fail (fail, path, FILE_IS_FOLDER, (unsigned long)error);
  case ENOSPC:
  case EDQUOT:
    return file_fail (fail, path, FILE_DISK_FULL, (unsigned long)error);
  default:
    return file_fail (fail, path, FILE_TROUBLE, (unsigned long)error);
  }
}

static err_t
read_all (int fd, const char *path, size_t limit, buf_t *out, fail_t *fail)
{
  size_t start = out->n;
  for (;;) {
    char *to = buf_reserve (out, READ_STEP);
    if (to == NULL)
      return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
    ssize_t got = read (fd, to, READ_STEP);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return file_fail_errno (fail, path, errno);
    if (got == 0)
      return ERR_OK;
    out->n += (size_t)got;
    if (out->n - start > limit)
      return file_fail_too_big (fail, path, limit);
  }
}

err_t
file_read (const char *path, size_t limit, buf_t *out, fail_t *fail)
{
  err_t err = ERR_OK;
  struct stat st;
  size_t start = out->n;
  bool std_in = path[0] == '-' && path[1] == '\0';
  const char *where = std_in ? "stdin" : path;
  int fd = std_in ? 0 : open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return file_fail_errno (fail, where, errno);
  if (fstat (fd, &st) != 0)
    err = file_fail_errno (fail, where, errno);
  else if (S_ISDIR (st.st_mode))
    err = file_fail_errno (fail, where, EISDIR);
  else if (S_ISREG (st.st_mode) && (uint64_t)st.st_size > limit)
    err = file_fail_too_big (fail, where, limit);
  else
    err = read_all (fd, where, limit, out, fail);
  if (!std_in)
    close (fd);
  if (err != ERR_OK)
    out->n = start;
  return err;
}

static int
write_all (int fd, str_t bytes)
{
  while (bytes.n > 0) {
    ssize_t put = write (fd, bytes.p, bytes.n);
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return errno;
    bytes.p += put;
    bytes.n -= (size_t)put;
  }
  return 0;
}

static err_t
write_in_place (const char *path, str_t bytes, fail_t *fail)
{
  int fd = open (path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return file_fail_errno (fail, path, errno);
  int error = write_all (fd, bytes);
  if (close (fd) != 0 && error == 0)
    error = errno;
  return error == 0 ? ERR_OK : file_fail_errno (fail, path, error);
}

err_t
file_write (const char *path, str_t bytes, bool mode_private, fail_t *fail)
{
  static atomic_uint count;
  struct stat st;
  if (lstat (path, &st) == 0) {
    if (S_ISDIR (st.st_mode))
      return file_fail_errno (fail, path, EISDIR);
    if (!S_ISREG (st.st_mode))
      return write_in_place (path, bytes, fail);
  }
  buf_t temporary = BUF_INIT, dir = BUF_INIT;
  buf_printf (&temporary, "%s.%ld-%u.tmp", path, (long)getpid (), atomic_fetch_add (&count, 1));
  int error = 0,
      fd = open (buf_z (&temporary), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_private ? 0600 : 0666);
  if (fd < 0) {
    error = errno;
  } else {
    error = write_all (fd, bytes);
    if (error == 0 && fsync (fd) != 0)
      error = errno;
    if (close (fd) != 0 && error == 0)
      error = errno;
    if (error == 0 && rename (buf_z (&temporary), path) != 0)
      error = errno;
    if (error != 0)
      unlink (buf_z (&temporary));
  }
  err_t err = error == 0 ? ERR_OK
              : error == ENOENT || error == ENOTDIR
                  ? file_fail (fail, path, FILE_NO_FOLDER, (unsigned long)error)
                  : file_fail_errno (fail, path, error);
  if (err == ERR_OK && dir_sync (path_dir (path, &dir)) != ERR_OK)
    err = file_fail_errno (fail, path, EIO);
  buf_free (&temporary);
  buf_free (&dir);
  return err;
}

bool
file_exists (const char *path)
{
  struct stat st;
  return stat (path, &st) == 0;
}

bool
path_is_dir (const char *path)
{
  struct stat st;
  return stat (path, &st) == 0 && S_ISDIR (st.st_mode);
}

err_t
dir_make (const char *path)
{
  err_t err = ERR_OK;
  buf_t room = BUF_INIT;
  buf_puts (&room, path);
  buf_z (&room);
  for (size_t i = 1; err == ERR_OK && buf_ok (&room) && i <= room.n; i++) {
    if (i < room.n && room.p[i] != '/')
      continue;
    char kept = room.p[i];
    room.p[i] = '\0';
    if (mkdir (room.p, 0700) != 0 && !path_is_dir (room.p))
      err = errno == ENOSPC || errno == EDQUOT ? ERR_FULL : errno == EEXIST ? ERR_EXISTS : ERR_IO;
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
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return ERR_IO;
  /* Some file systems know no flush of a directory and say EINVAL. */
  err_t err = fsync (fd) == 0 || errno == EINVAL ? ERR_OK : ERR_IO;
  close (fd);
  return err;
}

bool
file_remove (const char *path)
{
  return unlink (path) == 0;
}

err_t
file_temporary (buf_t *out, fail_t *fail)
{
  const char *dir = getenv ("TMPDIR");
  path_join (out, dir != NULL && dir[0] != '\0' ? dir : "/tmp", "khuyencong-XXXXXX");
  if (!buf_ok (out))
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  int fd = mkstemp (out->p);
  if (fd < 0 || close (fd) != 0)
    return file_fail_errno (fail, buf_z (out), errno);
  return ERR_OK;
}

const char *
path_join (buf_t *out, const char *dir, const char *name)
{
  buf_clear (out);
  buf_puts (out, dir);
  if (out->n > 0 && out->p[out->n - 1] != '/')
    buf_putc (out, '/');
  buf_puts (out, name);
  return buf_z (out);
}

uint64_t
disk_free (const char *path)
{
  struct statvfs st;
  if (statvfs (path, &st) != 0)
    return UINT64_MAX;
  return (uint64_t)st.f_bavail * (uint64_t)st.f_frsize;
}

uint64_t
file_size (const char *path)
{
  struct stat st;
  return stat (path, &st) == 0 ? (uint64_t)st.st_size : 0;
}
