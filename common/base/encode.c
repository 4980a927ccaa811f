#include "common/base/bytes.h"

void
hex_encode (const void *p, size_t n, char *out)
{
  static const char digits[] = "0123456789abcdef";
  const uint8_t *b = p;
  for (size_t i = 0; i < n; i++) {
    out[2 * i] = digits[b[i] >> 4];
    out[2 * i + 1] = digits[b[i] & 15];
  }
  out[2 * n] = '\0';
}

static int
hex_value (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

bool
hex_decode (str_t hex, uint8_t *out, size_t n)
{
  if (hex.p == NULL || hex.n != 2 * n)
    return false;
  for (size_t i = 0; i < n; i++) {
    int high = hex_value (hex.p[2 * i]), low = hex_value (hex.p[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    out[i] = (uint8_t)(high << 4 | low);
  }
  return true;
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
base64url_encode (const void *p, size_t n, buf_t *out)
{
  const uint8_t *b = p;
  uint32_t bits = 0;
  unsigned have = 0;
  for (size_t i = 0; i < n; i++) {
    bits = bits << 8 | b[i];
    have += 8;
    while (have >= 6) {
      have -= 6;
      buf_putc (out, base64_digits[bits >> have & 63]);
    }
  }
  if (have > 0)
    buf_putc (out, base64_digits[bits << (6 - have) & 63]);
}

static int
base64_value (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  if (c == '-')
    return 62;
  return c == '_' ? 63 : -1;
}

bool
base64url_decode (str_t text, buf_t *out)
{
  uint32_t bits = 0;
  unsigned have = 0;
  if (text.n % 4 == 1)
    return false;
  for (size_t i = 0; i < text.n; i++) {
    int v = base64_value (text.p[i]);
    if (v < 0)
      return false;
    bits = bits << 6 | (uint32_t)v;
    have += 6;
    if (have >= 8) {
      have -= 8;
      buf_u8 (out, (uint8_t)(bits >> have & 255));
    }
  }
  return (bits & ((1u << have) - 1)) == 0 && buf_ok (out);
}
