/* The text as pasted, and, so that the check sum does not hide the rest, the bytes inside it too. */
#include "common/wire/centre_wire.h"
#include "tests/fuzz/target.h"

static void
try_text (str_t text)
{
  invite_t i, again;
  buf_t out = BUF_INIT;
  arena_t *arena = arena_new (1u << 20);
  if (arena != NULL && invite_parse (text, arena, &i) == ERR_OK) {
    CHECK (invite_format (&i, &out));
    CHECK (invite_parse (buf_str (&out), arena, &again) == ERR_OK);
    CHECK (record_id_eq (i.id, again.id) && str_eq (i.unit_name, again.unit_name));
  }
  buf_free (&out);
  arena_destroy (&arena);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  buf_t sum = BUF_INIT, text = BUF_INIT;
  try_text ((str_t){(const char *)data, size});
  if (size <= 4096) {
    buf_put (&sum, data, size);
    buf_u32 (&sum, crc32c (0, data, size));
    buf_puts (&text, "KCI1-");
    base64url_encode (sum.p, sum.n, &text);
    try_text (buf_str (&text));
  }
  buf_free (&sum);
  buf_free (&text);
  return 0;
}
