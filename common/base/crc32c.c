/* CRC-32C: eight bytes a step from tables, or the processor's instruction where there is one. */
#include "common/base/bytes.h"

#include <string.h>

#define POLYNOMIAL 0x82F63B78u

static uint32_t table[8][256];
static bool ready;

static void
make_tables (void)
{
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++)
      c = (c & 1) != 0 ? c >> 1 ^ POLYNOMIAL : c >> 1;
    table[0][i] = c;
  }
  for (uint32_t i = 0; i < 256; i++)
    for (int t = 1; t < 8; t++)
      table[t][i] = table[t - 1][i] >> 8 ^ table[0][table[t - 1][i] & 255];
}

static uint32_t
crc_by_table (uint32_t c, const uint8_t *p, size_t n)
{
  while (n >= 8) {
    uint32_t low = c ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
    c = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^ table[4][low >> 24] ^
        table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
    p += 8;
    n -= 8;
  }
  while (n-- > 0)
    c = c >> 8 ^ table[0][(c ^ *p++) & 255];
  return c;
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__ ((target ("sse4.2"))) static uint32_t
crc_by_instruction (uint32_t c, const uint8_t *p, size_t n)
{
  uint64_t c64 = c;
  while (n >= 8) {
    uint64_t word;
    memcpy (&word, p, 8);
    c64 = __builtin_ia32_crc32di (c64, word);
    p += 8;
    n -= 8;
  }
  uint32_t c32 = (uint32_t)c64;
  while (n-- > 0)
    c32 = __builtin_ia32_crc32qi (c32, *p++);
  return c32;
}
#endif

uint32_t
crc32c (uint32_t crc, const void *p, size_t n)
{
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports ("sse4.2"))
    return ~crc_by_instruction (~crc, p, n);
#endif
  if (!ready) {
    make_tables (); /* idempotent: two threads may both do it */
    ready = true;
  }
  return ~crc_by_table (~crc, p, n);
}
