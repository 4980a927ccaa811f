#include "common/base/lang.h"
#include "common/cli/args.h"
#include "common/platform/platform.h"

#include <inttypes.h>

#define REDRAW_MS 100

void
progress_show (const char *what, uint64_t done, uint64_t total)
{
  static mono_t last;
  static bool open;
  if (!console_is_terminal (2))
    return;
  if (done == UINT64_MAX) {
    if (open)
      fputs ("\r\033[K", stderr);
    open = false;
    return;
  }
  mono_t now = clock_mono ();
  if (open && done != total && now.ms - last.ms < REDRAW_MS)
    return;
  last = now;
  open = true;
  uint64_t percent = total == 0 ? 0 : done * 100 / total;
  fprintf (stderr, "\r%s: %" PRIu64 " %%\033[K", what, percent);
  fflush (stderr);
}
