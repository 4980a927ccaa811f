/* Any bytes as a catalogue: refused with words, or every row can be asked for by its code, every unit
 * followed to its end, and an event written into it gives another catalogue. */
#include "common/core/unit_events.h"
#include "common/core/units.h"
#include "tests/fuzz/target.h"

static void
follow_units (const catalogue_t *c)
{
  const lineage_t *l;
  const unit_t *u;
  for (size_t i = 0; (u = catalogue_unit_at (c, i)) != NULL; i++)
    CHECK (catalogue_unit (c, unit_today (c, u->id, u->name, 0)) != NULL &&
           unit_named_on (c, u->id, 20200101));
  for (size_t i = 0; (l = catalogue_lineage_at (c, i)) != NULL; i++)
    CHECK (catalogue_unit (c, unit_today (c, l->from, l->commune, l->on)) != NULL);
  for (size_t i = 0; i < 4 && (u = catalogue_unit_at (c, i)) != NULL; i++)
    (void)commune_fits (c, u->id, u->name);
}

static void
write_event (const catalogue_t *c)
{
  const unit_t *u = catalogue_unit_at (c, 0);
  fail_t fail = {.err = ERR_OK};
  buf_t out = BUF_INIT;
  bool changed = false;
  unit_change_t ch = {
      .event = EVENT_RETYPE, .on = 20250701, .type = STR ("xã"), .offices = &u->code, .offices_n = 1};
  err_t err = unit_change_apply (c, &ch, &out, &changed, &fail);
  catalogue_t *next = changed ? catalogue_parse (buf_str (&out), 2, &fail) : NULL;
  CHECK ((err == ERR_OK) == (fail.err == ERR_OK) && changed == (next != NULL));
  catalogue_destroy (&next);
  buf_free (&out);
}

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
  follow_units (c);
  write_event (c);
  catalogue_destroy (&c);
  return 0;
}
