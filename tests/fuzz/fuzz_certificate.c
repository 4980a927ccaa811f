#include "common/wire/centre_wire.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  centre_certificate_t centre;
  agent_certificate_t agent;
  str_t bytes = {(const char *)data, size};
  buf_t out = BUF_INIT;
  arena_t *arena = arena_new (1u << 20);
  if (arena == NULL)
    return 0;
  if (centre_certificate_decode (bytes, arena, &centre) == ERR_OK) {
    CHECK (centre_certificate_encode (&centre, &out));
    CHECK (centre_certificate_decode (buf_str (&out), arena, &centre) == ERR_OK);
  }
  buf_clear (&out);
  if (agent_certificate_decode (bytes, arena, &agent) == ERR_OK) {
    CHECK (agent_certificate_encode (&agent, &out));
    CHECK (agent_certificate_decode (buf_str (&out), arena, &agent) == ERR_OK);
  }
  buf_free (&out);
  arena_destroy (&arena);
  return 0;
}
