#include "common/wire/centre_wire.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  decision_t d, again;
  buf_t out = BUF_INIT;
  arena_t *arena = arena_new (16u << 20);
  if (arena == NULL)
    return 0;
  if (decision_decode ((str_t){(const char *)data, size}, arena, &d) == ERR_OK && d.type != DECISION_NONE &&
      size <= UPDATE_MAX / 2) {
    CHECK (decision_encode (&d, &out));
    CHECK (decision_decode (buf_str (&out), arena, &again) == ERR_OK);
    CHECK (again.type == d.type);
  }
  buf_free (&out);
  arena_destroy (&arena);
  return 0;
}
