/* Apart from the console, so that what stands in for the machine in a simulation may stand in for its name.
 */
#include "common/platform/platform.h"

#include <unistd.h>

const char *
host_name (void)
{
  static char name[256];
  if (gethostname (name, sizeof name - 1) != 0)
    name[0] = '\0';
  return name;
}
