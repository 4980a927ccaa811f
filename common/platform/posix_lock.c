/* A lock of the kernel's on a file of its own: it is gone with the process, however that ends, and a file
 * that stays behind says nothing. Open-file-description locks, since classic ones belong to the process and
 * fall with the first close of the file anywhere in it. */
#include "common/platform/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct lock {
  int fd;
};

static struct flock
whole_file (void)
{
  struct flock l;
  memset (&l, 0, sizeof l);
  l.l_type = F_WRLCK;
  l.l_whence = SEEK_SET;
  return l;
}

err_t
lock_take (const char *path, lock_t **out)
{
  struct flock l = whole_file ();
  lock_t *self = malloc (sizeof *self);
  if (self == NULL)
    return ERR_NOMEM;
  err_t err = ERR_OK;
  self->fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->fd < 0)
    err = errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
  else if (fcntl (self->fd, F_OFD_SETLK, &l) != 0)
    err = errno == EAGAIN || errno == EACCES ? ERR_BUSY : ERR_IO;
  if (err != ERR_OK) {
    lock_release (&self);
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
  if ((*self_p)->fd >= 0)
    close ((*self_p)->fd);
  free (*self_p);
  *self_p = NULL;
}

bool
lock_is_taken (const char *path)
{
  struct flock l = whole_file ();
  int fd = open (path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return false;
  bool taken = fcntl (fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
  close (fd);
  return taken;
}
