#include "common/platform/platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

/* Private memory: what would be freed if the process ended. Shared libraries and the store's map are not. */
uint64_t
process_private_memory (void)
{
  char line[256];
  uint64_t kb = 0, sum = 0;
  FILE *f = fopen ("/proc/self/smaps_rollup", "r");
  if (f == NULL)
    return 0;
  while (fgets (line, sizeof line, f) != NULL)
    if (sscanf (line, "Private_Clean: %" SCNu64, &kb) == 1 ||
        sscanf (line, "Private_Dirty: %" SCNu64, &kb) == 1)
      sum += kb * 1024;
  fclose (f);
  return sum;
}

void
process_raise_limits (void)
{
  struct rlimit limit;
  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit (RLIMIT_NOFILE, &limit);
  }
}
