/* Any bytes as a catalogue: refused with words, or every row can be asked for by its code, every unit
 * followed to its end, and an event written into it gives another catalogue. */
#include "common/core/quality.h"
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

/* Whatever its checks say: a few records are looked over, and what is found has words. */
static void
look_over (const catalogue_t *c)
{
  const unit_t *u = catalogue_unit_at (c, 0);
  const finding_t *found = NULL;
  size_t n = 0;
  buf_t words = BUF_INIT;
  quality_t *q = quality_new (c, SCOPE_PROVINCE);
  CHECK (q != NULL);
  for (unsigned i = 0; i < 24; i++) {
    const item_t *item = catalogue_item_at (c, i / 6);
    const indicator_t *indicator = catalogue_indicator_at (c, i / 4);
    record_t r = {.kind = i % 2 == 0 ? KIND_SCHEME : KIND_OUTCOME};
    record_id_t id = {{(uint8_t)i}};
    uint16_t year = (uint16_t)(2014 + i % 5);
    if (r.kind == KIND_SCHEME)
      r.u.scheme = (scheme_t){.code = u->code,
                              .name = u->name,
                              .beneficiary = i % 4 == 0 ? u->name : STR_NONE,
                              .item = item != NULL ? item->code : STR ("x"),
                              .district = u->id,
                              .plan_year = {year, year},
                              .status = STATUS_APPROVED,
                              .approved_on = 20180510 - i,
                              .funding = {{.source = 1, .approved_vnd = {true, INT64_C (1) << 2 * i}}},
                              .funding_n = 1};
    else
      r.u.outcome = (outcome_t){.indicator = indicator != NULL ? indicator->code : STR ("x"),
                                .district = u->id,
                                .year = {2019, 2019},
                                .value = {true, INT64_MAX >> (i % 8 * 8)},
                                .value_kind = VALUE_ACTUAL};
    CHECK (quality_add (q, id, (wall_t){i}, &r) == ERR_OK);
  }
  CHECK (quality_run (q, &found, &n) == ERR_OK);
  for (size_t i = 0; i < n; i++)
    check_words (found[i].check, found[i].argument[0], NULL, &words);
  CHECK (buf_ok (&words));
  buf_free (&words);
  quality_destroy (&q);
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
  look_over (c);
  catalogue_destroy (&c);
  return 0;
}
