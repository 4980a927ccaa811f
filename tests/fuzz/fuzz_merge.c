/* Three updates of whatever content, merged: the outcome can be written and read again, each law of merging
 * that needs no order of lists holds, and every clash has a name people can read. The first byte says whether
 * there is a base (1) and which side clashes leave standing (2); then each update behind its length. */
#include "common/core/catalogue.h"
#include "common/core/merge.h"
#include "common/wire/update_wire.h"
#include "tests/fuzz/target.h"
#include "tests/unit/core/small_catalogue.h"

static bool
take_update (rd_t *r, arena_t *arena, update_t *out)
{
  const size_t n = rd_u16 (r);
  const str_t bytes = rd_bytes (r, n);
  return bytes.p != NULL && update_decode (bytes, arena, out, NULL) == ERR_OK &&
         kind_supported (out->record.kind);
}

static void
write_again (const merged_t *m, arena_t *arena)
{
  update_t u = {.version = {{{1}}, 1}, .id = {{1}}, .home = 1, .operation = m->operation}, again;
  buf_t out = BUF_INIT;
  u.record = m->record;
  u.unknown = m->unknown;
  CHECK (update_encode (&u, &out));
  if (out.n <= UPDATE_MAX && update_decode (buf_str (&out), arena, &again, NULL) == ERR_OK)
    CHECK (record_same (&u.record, &again.record));
  buf_free (&out);
}

static void
name_clashes (const merged_t *m, const update_t *first, const update_t *second, arena_t *arena)
{
  static catalogue_t *c;
  clash_row_t *row;
  size_t n;
  if (c == NULL)
    c = catalogue_parse (STR (SMALL_CATALOGUE), 1, NULL);
  CHECK (c != NULL && m->clashes_n <= CLASHES_MAX);
  if (clash_rows (c, m->clashes, m->clashes_n, first, second, arena, &row, &n) == ERR_OK)
    CHECK (n <= 2 * m->clashes_n && (n > 0 || m->clashes_n == 0));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  rd_t r = rd_of (data, size);
  const uint8_t how = rd_u8 (&r);
  update_t base, first, second;
  merged_t m;
  arena_t *arena = arena_new (64u << 20);
  if (arena == NULL)
    return 0;
  const bool fine = take_update (&r, arena, &base) && take_update (&r, arena, &first) &&
                    take_update (&r, arena, &second) && base.record.kind == first.record.kind &&
                    first.record.kind == second.record.kind;
  if (fine && merge3 ((how & 1) != 0 ? &base : NULL, &first, &second,
                      (how & 2) != 0 ? MERGE_SECOND : MERGE_FIRST, arena, &m) == ERR_OK) {
    write_again (&m, arena);
    name_clashes (&m, &first, &second, arena);
    if (merge3 (&base, &first, &first, MERGE_FIRST, arena, &m) == ERR_OK)
      CHECK (m.clashes_n == 0 && m.operation == first.operation);
  }
  arena_destroy (&arena);
  return 0;
}
