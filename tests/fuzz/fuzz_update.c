/* Whatever decodes must encode, and decode again to the same record; and the rules can bear it. */
#include "common/core/validate.h"
#include "common/wire/update_wire.h"
#include "tests/fuzz/target.h"
#include "tests/unit/core/small_catalogue.h"

static void
judge (const update_t *u, arena_t *arena)
{
  static catalogue_t *c;
  reasons_t found = {.arena = arena};
  buf_t words = BUF_INIT;
  if (c == NULL)
    c = catalogue_parse (STR (SMALL_CATALOGUE), 1, NULL);
  CHECK (c != NULL);
  (void)validate (c, NULL, &u->record, u->comment, 0, &found);
  for (uint32_t i = 0; i < found.n; i++)
    reason_words (&found.at[i], &words);
  buf_free (&words);
}

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
    if (u.record.kind != KIND_DECISION)
      judge (&u, arena);
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
