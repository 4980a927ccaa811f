/* clockahead.c - preloaded: the wall clock is ahead by KC_CLOCK_AHEAD seconds, so that a day can pass in a
 * test. What measures how long something takes is left alone. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime (clockid_t which, struct timespec *out);

int
clock_gettime (clockid_t which, struct timespec *out)
{
  int result = (int)syscall (SYS_clock_gettime, which, out);
  const char *ahead = getenv ("KC_CLOCK_AHEAD");
  if (result == 0 && which == CLOCK_REALTIME && ahead != NULL)
    out->tv_sec += (time_t)strtoll (ahead, NULL, 10);
  return result;
}
