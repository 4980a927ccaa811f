/* catalogue.c - what a catalogue answers. Every update asks for three or four codes, so look-ups go
 * through one open-addressed table over all name spaces; nothing here allocates after the parse. */
#include "common/core/catalogue_impl.h"
#include "common/core/checks.h"
#include "common/text/number.h"

#include <stdlib.h>

static uint32_t
hash_of (index_space_t space, uint32_t id, str_t code)
{
  uint32_t h = UINT32_C (2166136261) ^ (uint32_t)space;
  h = (h ^ id) * UINT32_C (16777619);
  h ^= h >> 15;
  for (size_t i = 0; i < code.n; i++)
    h = (h ^ (uint8_t)code.p[i]) * UINT32_C (16777619);
  return h ^ (h >> 16);
}

/* The slot that holds the key, else the free one where it would go. */
static index_slot_t *
slot_of (const catalogue_t *c, index_space_t space, uint32_t id, str_t code, uint32_t hash)
{
  size_t mask = c->slots_cap - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    index_slot_t *s = &c->slots[i];
    if (s->space == INDEX_NONE)
      return s;
    if (s->hash == hash && s->space == space && s->id == id && s->code.n == code.n &&
        (code.n == 0 || memcmp (s->code.p, code.p, code.n) == 0))
      return s;
  }
}

const void *
catalogue_index_get (const catalogue_t *c, index_space_t space, uint32_t id, str_t code)
{
  if (c->slots_cap == 0)
    return NULL;
  return slot_of (c, space, id, code, hash_of (space, id, code))->row;
}

static err_t
index_grow (catalogue_t *c)
{
  catalogue_t bigger = *c;
  bigger.slots_cap = c->slots_cap == 0 ? 1024 : c->slots_cap * 2;
  bigger.slots = calloc (bigger.slots_cap, sizeof *bigger.slots);
  if (bigger.slots == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < c->slots_cap; i++) {
    const index_slot_t *s = &c->slots[i];
    if (s->space != INDEX_NONE)
      *slot_of (&bigger, s->space, s->id, s->code, s->hash) = *s;
  }
  free (c->slots);
  *c = bigger;
  return ERR_OK;
}

err_t
catalogue_index_put (catalogue_t *c, index_space_t space, uint32_t id, str_t code, const void *row)
{
  if (2 * (c->slots_n + 1) > c->slots_cap && index_grow (c) != ERR_OK)
    return ERR_NOMEM;
  uint32_t hash = hash_of (space, id, code);
  index_slot_t *s = slot_of (c, space, id, code, hash);
  c->slots_n += s->space == INDEX_NONE;
  *s = (index_slot_t){space, hash, id, code, row};
  return ERR_OK;
}

err_t
catalogue_list_add (list_t *list, void *row)
{
  void **at = array_room (list->at, list->n, &list->cap, sizeof *at);
  if (at == NULL)
    return ERR_NOMEM;
  list->at = at;
  list->at[list->n++] = row;
  return ERR_OK;
}

void
catalogue_destroy (catalogue_t **self_p)
{
  catalogue_t *self = *self_p;
  if (self == NULL)
    return;
  for (int i = 0; i < LIST_COUNT; i++)
    free (self->lists[i].at);
  for (size_t i = 0; i < self->raw_n; i++)
    free (self->raw[i].rows);
  free (self->raw);
  checks_destroy (&self->checks);
  free (self->units.at);
  free (self->slots);
  arena_destroy (&self->arena);
  free (self);
  *self_p = NULL;
}

uint32_t
catalogue_version (const catalogue_t *c)
{
  return c->version;
}

str_t
catalogue_bytes (const catalogue_t *c)
{
  return c->bytes;
}

str_t
catalogue_meta (const catalogue_t *c, const char *key)
{
  const list_t *list = &c->lists[LIST_META];
  for (size_t i = 0; i < list->n; i++) {
    const meta_row_t *m = list->at[i];
    if (str_is (m->key, key))
      return m->value;
  }
  return STR_NONE;
}

str_t
catalogue_title (const catalogue_t *c, bool en)
{
  str_t title = en ? catalogue_meta (c, "title_en") : STR_NONE;
  return str_blank (title) ? catalogue_meta (c, "title_vi") : title;
}

/* ---- look-ups ---- */

const unit_t *
catalogue_unit (const catalogue_t *c, unit_id_t id)
{
  return catalogue_index_get (c, INDEX_UNIT_ID, id, STR_NONE);
}

/* "546@2025-06-30": who bore the code on the day. */
static const unit_t *
unit_of_day (const catalogue_t *c, str_t text, const char *at)
{
  const str_t code = {text.p, (size_t)(at - text.p)}, day = {at + 1, text.n - code.n - 1};
  const list_t *list = &c->lists[LIST_UNITS];
  date_t date = 0;
  if (date_parse (day, NUMBER_PLAIN, &date) != NUMBER_OK || date % 100 == 0)
    return NULL;
  for (size_t i = 0; i < list->n; i++) {
    const unit_t *u = list->at[i];
    if (unit_is_on (u, date) && str_eq (u->code, code))
      return u;
  }
  return NULL;
}

/* A code may have passed from one unit to another: its row leads to the unit, the unit to its present name.
 */
const unit_t *
catalogue_unit_by_code (const catalogue_t *c, str_t code)
{
  const char *at = code.n > 0 ? memchr (code.p, '@', code.n) : NULL;
  const unit_t *u =
      at != NULL ? unit_of_day (c, code, at) : catalogue_index_get (c, INDEX_UNIT_CODE, 0, code);
  return u == NULL ? NULL : catalogue_unit (c, u->id);
}

const unit_t *
catalogue_unit_on (const catalogue_t *c, unit_id_t id, date_t day)
{
  const list_t *list = &c->lists[LIST_UNITS];
  for (size_t i = 0; i < list->n; i++) {
    const unit_t *u = list->at[i];
    if (u->id == id && unit_is_on (u, day))
      return u;
  }
  return NULL;
}

const source_t *
catalogue_source (const catalogue_t *c, source_id_t id)
{
  return catalogue_index_get (c, INDEX_SOURCE_ID, id, STR_NONE);
}

const source_t *
catalogue_source_by_code (const catalogue_t *c, str_t code)
{
  return catalogue_index_get (c, INDEX_SOURCE_CODE, 0, code);
}

const category_t *
catalogue_category (const catalogue_t *c, str_t code)
{
  return catalogue_index_get (c, INDEX_CATEGORY, 0, code);
}

const item_t *
catalogue_item (const catalogue_t *c, str_t code)
{
  return catalogue_index_get (c, INDEX_ITEM, 0, code);
}

const indicator_t *
catalogue_indicator (const catalogue_t *c, str_t code)
{
  return catalogue_index_get (c, INDEX_INDICATOR, 0, code);
}

const service_t *
catalogue_service (const catalogue_t *c, str_t code)
{
  return catalogue_index_get (c, INDEX_SERVICE, 0, code);
}

const staff_item_t *
catalogue_staff_item (const catalogue_t *c, str_t code)
{
  return catalogue_index_get (c, INDEX_STAFF, 0, code);
}

const unit_t *
catalogue_province (const catalogue_t *c)
{
  for (size_t i = 0; i < c->units.n; i++) {
    const unit_t *u = c->units.at[i];
    if (u->province)
      return u;
  }
  return NULL;
}

bool
catalogue_is_fund (const catalogue_t *c, str_t fund)
{
  const list_t *list = &c->lists[LIST_SOURCES];
  for (size_t i = 0; i < list->n; i++)
    if (!str_blank (fund) && str_eq (((const source_t *)list->at[i])->fund, fund))
      return true;
  return false;
}

static const void *
list_at (const list_t *list, size_t i)
{
  return i < list->n ? list->at[i] : NULL;
}

const unit_t *
catalogue_unit_at (const catalogue_t *c, size_t i)
{
  return list_at (&c->units, i);
}

const source_t *
catalogue_source_at (const catalogue_t *c, size_t i)
{
  return list_at (&c->lists[LIST_SOURCES], i);
}

const category_t *
catalogue_category_at (const catalogue_t *c, size_t i)
{
  return list_at (&c->lists[LIST_CATEGORIES], i);
}

const item_t *
catalogue_item_at (const catalogue_t *c, size_t i)
{
  return list_at (&c->lists[LIST_ITEMS], i);
}

const indicator_t *
catalogue_indicator_at (const catalogue_t *c, size_t i)
{
  return list_at (&c->lists[LIST_INDICATORS], i);
}

const service_t *
catalogue_service_at (const catalogue_t *c, size_t i)
{
  return list_at (&c->lists[LIST_SERVICES], i);
}

const staff_item_t *
catalogue_staff_item_at (const catalogue_t *c, size_t i)
{
  return list_at (&c->lists[LIST_STAFF], i);
}

const link_t *
catalogue_link_at (const catalogue_t *c, size_t i)
{
  return list_at (&c->lists[LIST_LINKS], i);
}

const lineage_t *
catalogue_lineage_at (const catalogue_t *c, size_t i)
{
  return list_at (&c->lists[LIST_LINEAGE], i);
}

const unit_t *
catalogue_unit_version_at (const catalogue_t *c, size_t i)
{
  return list_at (&c->lists[LIST_UNITS], i);
}

const char *
unit_event_name (unit_event_t e)
{
  static const char *const names[] = {[EVENT_RENAME] = "rename",
                                      [EVENT_RETYPE] = "retype",
                                      [EVENT_MERGE] = "merge",
                                      [EVENT_SPLIT] = "split",
                                      [EVENT_ABOLISH] = "abolish"};
  return (unsigned)e < UNIT_EVENT_COUNT ? names[e] : NULL;
}

/* ---- sections as they stand ---- */

static const raw_section_t *
raw_section (const catalogue_t *c, const char *section)
{
  for (size_t i = 0; i < c->raw_n; i++)
    if (str_is (c->raw[i].name, section))
      return &c->raw[i];
  return NULL;
}

size_t
catalogue_section_rows (const catalogue_t *c, const char *section)
{
  const raw_section_t *s = raw_section (c, section);
  return s == NULL || s->n == 0 ? 0 : s->n - 1;
}

str_t
catalogue_section_cell (const catalogue_t *c, const char *section, size_t row, const char *column)
{
  const raw_section_t *s = raw_section (c, section);
  if (s == NULL || s->n == 0 || row >= s->n - 1)
    return STR_NONE;
  const raw_row_t *header = &s->rows[0], *r = &s->rows[row + 1];
  for (size_t i = 0; i < header->n && i < r->n; i++)
    if (str_is (header->cell[i], column))
      return r->cell[i];
  return STR_NONE;
}

uint32_t
catalogue_section_line (const catalogue_t *c, const char *section, size_t row)
{
  const raw_section_t *s = raw_section (c, section);
  return s == NULL || s->n == 0 || row >= s->n - 1 ? 0 : s->rows[row + 1].line;
}

uint32_t
catalogue_section_column (const catalogue_t *c, const char *section, const char *column)
{
  const raw_section_t *s = raw_section (c, section);
  for (size_t i = 0; s != NULL && s->n > 0 && i < s->rows[0].n; i++)
    if (str_is (s->rows[0].cell[i], column))
      return (uint32_t)i + 1;
  return 0;
}

str_t
catalogue_column_label (const catalogue_t *c, kind_t kind, str_t column, bool en)
{
  const list_t *list = &c->lists[LIST_COLUMNS];
  const char *name = kind_name (kind);
  for (size_t i = 0; name != NULL && i < list->n; i++) {
    const label_row_t *l = list->at[i];
    if (str_is (l->kind, name) && str_eq (l->column, column))
      return en ? l->label_en : l->label_vi;
  }
  return STR_NONE;
}
