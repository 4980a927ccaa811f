/* descriptors.c - the system gives out the lowest free number, so one look tells how many are gone. */
#include "collector/gate/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define RESERVE_MIN 8u
#define RESERVE_MAX 64u

bool
descriptors_scarce (bool already)
{
  struct rlimit limit;
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return false;
  rlim_t reserve = limit.rlim_cur / 8;
  reserve = reserve < RESERVE_MIN ? RESERVE_MIN : reserve > RESERVE_MAX ? RESERVE_MAX : reserve;
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return true;
  close (fd);
  return (rlim_t)fd + (already ? 2 * reserve : reserve) >= limit.rlim_cur;
}
