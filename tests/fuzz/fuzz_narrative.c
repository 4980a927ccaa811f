/* Any bytes as the sections of a catalogue that say what a report states: refused with words, or the report
 * is written in every form. */
#include "common/report/narrative.h"
#include "tests/fuzz/target.h"
#include "tests/unit/report/made_up.h"

static const atom_t atoms[] = {
    SCHEME (2019, 2019, "I.1", 1, 1, INT64_C (500000)),
    SCHEME (2018, 2020, "II.1", 3, 2, INT64_C (1000000000000000)),
    {.family = FAMILY_OUTCOME,
     .year = {2020, 2020},
     .indicator = T ("I.1"),
     .value_kind = VALUE_ESTIMATE,
     .m = {6, 1}},
    {.family = FAMILY_OUTCOME,
     .year = {2019, 2019},
     .indicator = T ("II.2"),
     .value_kind = VALUE_ACTUAL,
     .m = {31, 1}},
    {.family = FAMILY_CONSULTING, .year = {2020, 2020}, .service = T ("5.1"), .m = {3, 5}},
};

static void
write_all (const catalogue_t *c, bool en)
{
  static err_t (*const writers[]) (const narrative_t *n, buf_t *out) = {
      narrative_csv, narrative_json, narrative_html, narrative_docx, narrative_odt};
  made_up_t made = {.atom = atoms, .atoms = COUNT (atoms)};
  figures_t f = made_up_figures (&made, c);
  fail_t fail = {.err = ERR_OK};
  narrative_t n;
  arena_t *arena = arena_new ((size_t)256 << 20);
  CHECK (arena != NULL);
  err_t err = narrative_build (&f, (span_t){2019, 2020}, en, arena, &n, &fail);
  CHECK ((err == ERR_OK) == (fail.err == ERR_OK));
  for (size_t i = 0; err == ERR_OK && i < COUNT (writers); i++) {
    buf_t out = BUF_INIT;
    CHECK (writers[i](&n, &out) == ERR_OK && out.n > 0);
    buf_free (&out);
  }
  arena_destroy (&arena);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fail_t fail = {.err = ERR_OK};
  buf_t file = BUF_INIT;
  buf_puts (&file, made_up_catalogue);
  buf_put (&file, data, size);
  catalogue_t *c = catalogue_parse (buf_str (&file), 1, &fail);
  if (c != NULL) {
    err_t err = narrative_check (c, &fail);
    CHECK ((err == ERR_OK) == (fail.err == ERR_OK));
    if (err == ERR_OK) {
      write_all (c, false);
      write_all (c, true);
    }
  }
  catalogue_destroy (&c);
  buf_free (&file);
  return 0;
}
