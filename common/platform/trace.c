#include "common/platform/platform.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool
trace_wanted (void)
{
  const char *said = getenv ("KC_TRACE");
  return said != NULL && said[0] != '\0';
}

void
trace_line (const char *fmt, ...)
{
  buf_t line = BUF_INIT;
  char text[512];
  va_list args;
  va_start (args, fmt);
  vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  wall_format_iso (clock_wall (), &line);
  buf_printf (&line, " %s\n", text);
  fputs (buf_z (&line), stderr); /* at once: several threads may trace */
  buf_free (&line);
}
