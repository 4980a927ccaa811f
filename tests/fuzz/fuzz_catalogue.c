/* Any bytes as a catalogue: refused with words, or every row can be asked for by its code. */
#include "common/core/catalogue.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fail_t fail = {.err = ERR_OK};
  catalogue_t *c = catalogue_parse ((str_t){(const char *)data, size}, 1, &fail);
  CHECK ((c == NULL) == (fail.err != ERR_OK));
  if (c == NULL)
    return 0;
  const unit_t *u;
  const source_t *s;
  const item_t *item;
  const indicator_t *indicator;
  for (size_t i = 0; (u = catalogue_unit_at (c, i)) != NULL; i++)
    CHECK (catalogue_unit (c, u->id) == u && catalogue_unit_by_code (c, u->code) != NULL);
  for (size_t i = 0; (s = catalogue_source_at (c, i)) != NULL; i++)
    CHECK (catalogue_source_by_code (c, s->code) == s && catalogue_is_fund (c, s->fund));
  for (size_t i = 0; (item = catalogue_item_at (c, i)) != NULL; i++)
    CHECK (catalogue_item (c, item->code) == item && catalogue_category (c, item->category) != NULL);
  for (size_t i = 0; (indicator = catalogue_indicator_at (c, i)) != NULL; i++)
    CHECK (catalogue_indicator (c, indicator->code) == indicator);
  catalogue_destroy (&c);
  return 0;
}
