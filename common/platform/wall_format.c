/* Points in time for people and machines, by plain arithmetic: no time zone table of the system is asked,
 * since Vietnam's time is UTC+7 all year and the machine's own zone must not matter. */
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <inttypes.h>

#define DAY_MS INT64_C (86400000)
#define VIETNAM_MS (7 * INT64_C (3600000))

typedef struct {
  int64_t year;
  int month, day, hour, minute, second;
} civil_t;

static int64_t
floor_div (int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

/* Days are counted from 1 March of year 0, in cycles of 400 years (146,097 days), so that the leap day is
 * the last of its year. */
static civil_t
civil_of (int64_t ms)
{
  int64_t days = floor_div (ms, DAY_MS), rest = (ms - days * DAY_MS) / 1000;
  int64_t z = days + 719468, era = floor_div (z, 146097), of_era = z - era * 146097;
  int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * year + year / 4 - year / 100), shifted = (5 * of_year + 2) / 153;
  civil_t c;
  c.day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
  c.month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
  c.year = year + era * 400 + (c.month <= 2);
  c.hour = (int)(rest / 3600);
  c.minute = (int)(rest / 60 % 60);
  c.second = (int)(rest % 60);
  return c;
}

void
wall_format (wall_t t, buf_t *out)
{
  civil_t c = civil_of (t.ms + VIETNAM_MS);
  if (lang_get () == LANG_VI)
    buf_printf (out, "%02d/%02d/%04" PRId64 " %02d:%02d:%02d", c.day, c.month, c.year, c.hour, c.minute,
                c.second);
  else
    buf_printf (out, "%04" PRId64 "-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
                c.second);
}

void
wall_format_iso (wall_t t, buf_t *out)
{
  civil_t c = civil_of (t.ms);
  buf_printf (out, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute,
              c.second);
}

void
wall_put (wall_t t, bool people, buf_t *out)
{
  buf_clear (out);
  if (t.ms == 0)
    return;
  if (people)
    wall_format (t, out);
  else
    wall_format_iso (t, out);
}
