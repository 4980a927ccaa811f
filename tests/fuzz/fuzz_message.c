/* Frames of every type; whatever decodes must encode again within its limit. */
#include "common/wire/message_wire.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  message_t m, again;
  buf_t out = BUF_INIT;
  arena_t *arena = arena_new (32u << 20);
  if (arena == NULL)
    return 0;
  /* An encoding may be longer than what was received (defaults are spelled out), so big ones are left. */
  if (message_decode ((str_t){(const char *)data, size}, arena, &m) == ERR_OK && size <= 2048) {
    CHECK (message_encode (&m, &out));
    CHECK (message_decode (buf_str (&out), arena, &again) == ERR_OK);
    CHECK (again.type == m.type);
  }
  buf_free (&out);
  arena_destroy (&arena);
  return 0;
}
