/* A key that decodes is exactly the key its cell encodes to. */
#include "common/core/groupings.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const grouping_t *g;
  atom_t a;
  buf_t out = BUF_INIT;
  str_t key = {(const char *)data, size};
  if (cell_key_decode (key, &g, &a) && size <= CELL_KEY_MAX) {
    CHECK (cell_key_encode (g, &a, &out));
    CHECK (str_eq (buf_str (&out), key));
  }
  buf_free (&out);
  return 0;
}
