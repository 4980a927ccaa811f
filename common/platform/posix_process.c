#include "common/platform/platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Private memory: what would be freed if the process ended. Shared libraries and the store's map are not; the
 * map counts as private to the kernel when nobody else has it open. */
uint64_t
process_private_memory (void)
{
  char line[4352];
  uint64_t kb = 0, sum = 0;
  bool store = false;
  FILE *f = fopen ("/proc/self/smaps", "r");
  if (f == NULL)
    return 0;
  while (fgets (line, sizeof line, f) != NULL) {
    if ((line[0] >= '0' && line[0] <= '9') || (line[0] >= 'a' && line[0] <= 'f'))
      store = strstr (line, ".mdb") != NULL;
    else if (!store && (sscanf (line, "Private_Clean: %" SCNu64, &kb) == 1 ||
                        sscanf (line, "Private_Dirty: %" SCNu64, &kb) == 1))
      sum += kb * 1024;
  }
  fclose (f);
  return sum;
}

void
process_give_memory_back (void)
{
#ifdef __GLIBC__
  malloc_trim (0);
#endif
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
