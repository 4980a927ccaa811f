#include "common/base/ids.h"

#include <inttypes.h>
#include <stdio.h>

bool
id_is_zero (const uint8_t *b, size_t n)
{
  uint8_t any = 0;
  for (size_t i = 0; i < n; i++)
    any |= b[i];
  return any == 0;
}

void
record_id_format (record_id_t id, char out[37])
{
  char hex[33];
  hex_encode (id.b, 16, hex);
  snprintf (out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

bool
record_id_parse (str_t text, record_id_t *out)
{
  char hex[32];
  size_t n = 0;
  if (text.p == NULL || text.n != 36)
    return false;
  for (size_t i = 0; i < 36; i++) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text.p[i] == '-'))
      return false;
    if (!dash)
      hex[n++] = text.p[i];
  }
  return hex_decode ((str_t){hex, 32}, out->b, 16);
}

record_id_t
record_id_make (wall_t now, const uint8_t random[10])
{
  record_id_t id;
  uint64_t ms = (uint64_t)now.ms;
  for (unsigned i = 0; i < 6; i++)
    id.b[i] = (uint8_t)(ms >> (40 - 8 * i));
  memcpy (id.b + 6, random, 10);
  id.b[6] = (uint8_t)((id.b[6] & 0x0F) | 0x70);
  id.b[8] = (uint8_t)((id.b[8] & 0x3F) | 0x80);
  return id;
}

void
position_format (position_t at, char out[POSITION_TEXT_MAX])
{
  snprintf (out, POSITION_TEXT_MAX, "%016" PRIx64 ":%" PRIu64, at.epoch, at.lsn);
}
