#include "common/platform/stream.h"

#include "common/platform/file_words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct stream {
  int fd;
  char *path; /* for words */
};

static err_t
said (stream_t *s, fail_t *fail)
{
  return file_fail_errno (fail, s->path, errno);
}

err_t
stream_open (const char *path, stream_mode_t mode, stream_t **out, fail_t *fail)
{
  static const int flags[] = {[STREAM_READ] = O_RDONLY | O_NOCTTY,
                              [STREAM_NEW] = O_WRONLY | O_CREAT | O_EXCL,
                              [STREAM_APPEND] = O_WRONLY | O_APPEND};
  struct stat st;
  stream_t *s = calloc (1, sizeof *s);
  if (s != NULL)
    s->path = strdup (path);
  if (s == NULL || s->path == NULL) {
    free (s);
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  }
  err_t err = ERR_OK;
  s->fd = open (path, flags[mode] | O_CLOEXEC, 0600);
  if (s->fd < 0 && mode == STREAM_NEW && (errno == ENOENT || errno == ENOTDIR))
    err = file_fail (fail, path, FILE_NO_FOLDER, (unsigned long)errno);
  else if (s->fd < 0 || fstat (s->fd, &st) != 0 || (mode == STREAM_APPEND && fchmod (s->fd, 0600) != 0))
    err = said (s, fail);
  else if (!S_ISREG (st.st_mode))
    err = file_fail_errno (fail, path, S_ISDIR (st.st_mode) ? EISDIR : ENOENT);
  if (err != ERR_OK) {
    stream_close (&s);
    return err;
  }
  *out = s;
  return ERR_OK;
}

void
stream_close (stream_t **self_p)
{
  stream_t *s = *self_p;
  if (s == NULL)
    return;
  if (s->fd >= 0)
    close (s->fd); /* what counts was flushed before */
  free (s->path);
  free (s);
  *self_p = NULL;
}

err_t
stream_seek (stream_t *s, uint64_t offset, fail_t *fail)
{
  return lseek (s->fd, (off_t)offset, SEEK_SET) >= 0 ? ERR_OK : said (s, fail);
}

err_t
stream_read (stream_t *s, char *to, size_t n, size_t *got, fail_t *fail)
{
  *got = 0;
  while (*got < n) {
    ssize_t k = read (s->fd, to + *got, n - *got);
    if (k < 0 && errno == EINTR)
      continue;
    if (k < 0)
      return said (s, fail);
    if (k == 0)
      break;
    *got += (size_t)k;
  }
  return ERR_OK;
}

err_t
stream_write (stream_t *s, str_t bytes, fail_t *fail)
{
  while (bytes.n > 0) {
    ssize_t k = write (s->fd, bytes.p, bytes.n);
    if (k < 0 && errno == EINTR)
      continue;
    if (k < 0)
      return said (s, fail);
    bytes.p += k;
    bytes.n -= (size_t)k;
  }
  return ERR_OK;
}

err_t
stream_flush (stream_t *s, fail_t *fail)
{
  return fsync (s->fd) == 0 ? ERR_OK : said (s, fail);
}

const char *
path_dir (const char *path, buf_t *out)
{
  const char *slash = strrchr (path, '/');
  buf_clear (out);
  if (slash == NULL)
    buf_putc (out, '.');
  else
    buf_put (out, path, slash == path ? 1 : (size_t)(slash - path));
  return buf_z (out);
}

err_t
file_move (const char *from, const char *to, fail_t *fail)
{
  buf_t dir = BUF_INIT;
  err_t err = rename (from, to) == 0 ? ERR_OK : file_fail_errno (fail, to, errno);
  if (err == ERR_OK &&
      (dir_sync (path_dir (to, &dir)) != ERR_OK || dir_sync (path_dir (from, &dir)) != ERR_OK))
    err = file_fail_errno (fail, to, EIO);
  buf_free (&dir);
  return err;
}

err_t
dir_temporary (const char *path, buf_t *out, fail_t *fail)
{
  buf_clear (out);
  buf_printf (out, "%s.XXXXXX", path);
  if (!buf_ok (out))
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  (void)buf_z (out);
  return mkdtemp (out->p) != NULL ? ERR_OK : file_fail_errno (fail, path, errno);
}

bool
dir_remove (const char *path)
{
  return rmdir (path) == 0;
}
