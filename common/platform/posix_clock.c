#include "common/platform/platform.h"

#include <errno.h>
#include <time.h>

static int64_t
now_ms (clockid_t id)
{
  struct timespec t;
  int rc = clock_gettime (id, &t);
  CHECK (rc == 0);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

wall_t
clock_wall (void)
{
  return (wall_t){now_ms (CLOCK_REALTIME)};
}

mono_t
clock_mono (void)
{
  return (mono_t){now_ms (CLOCK_MONOTONIC)};
}

void
clock_sleep_ms (int64_t ms)
{
  if (ms <= 0)
    return;
  struct timespec left = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
  while (nanosleep (&left, &left) != 0 && errno == EINTR && !stop_requested ())
    ;
}
