/* failflush.c - a library put in front of the C library (LD_PRELOAD): while the file named by
 * KC_FAIL_FLUSH exists, every flush to disk fails with EIO, as a dying disk's does. */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int fsync (int fd);
int fdatasync (int fd);

static int
failing (void)
{
  const char *path = getenv ("KC_FAIL_FLUSH");
  int saved = errno;
  int yes = path != NULL && access (path, F_OK) == 0;
  errno = saved;
  return yes;
}

static int
flush (const char *name, int fd)
{
  if (failing ()) {
    errno = EIO;
    return -1;
  }
  union {
    void *p;
    int (*f) (int);
  } next = {dlsym (RTLD_NEXT, name)};
  return next.f (fd);
}

int
fsync (int fd)
{
  return flush ("fsync", fd);
}

int
fdatasync (int fd)
{
  return flush ("fdatasync", fd);
}

int
msync (void *addr, size_t length, int flags)
{
  if (failing ()) {
    errno = EIO;
    return -1;
  }
  union {
    void *p;
    int (*f) (void *, size_t, int);
  } next = {dlsym (RTLD_NEXT, "msync")};
  return next.f (addr, length, flags);
}
