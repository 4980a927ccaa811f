/* Whatever decodes must encode, and decode again to the same record. */
#include "common/wire/update_wire.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  update_t u, again;
  reason_t why;
  buf_t out = BUF_INIT, words = BUF_INIT;
  arena_t *arena = arena_new (16u << 20);
  if (arena == NULL)
    return 0;
  if (update_decode ((str_t){(const char *)data, size}, arena, &u, &why) == ERR_OK) {
    CHECK (update_encode (&u, &out));
    if (out.n <= UPDATE_MAX && update_decode (buf_str (&out), arena, &again, NULL) == ERR_OK) {
      CHECK (record_same (&u.record, &again.record));
      CHECK (version_eq (u.version, again.version) && version_eq (u.base, again.base));
      CHECK (u.unknown.n == again.unknown.n && u.home == again.home);
    }
  } else {
    reason_words (&why, &words);
  }
  buf_free (&out);
  buf_free (&words);
  arena_destroy (&arena);
  return 0;
}
