/* catalogue_sections.c - the table of the sections that have types, and what a row must agree with beside its
 * own cells: whose code or id is whose, and which versions follow one another. */
#include "common/base/lang.h"
#include "common/core/catalogue_parser.h"
#include "common/text/number.h"

static err_t
index_code (parser_t *p, index_space_t space, str_t code, const void *row)
{
  p->column = (uint32_t)p->place[0] + 1;
  if (catalogue_index_get (p->c, space, 0, code) != NULL)
    return parser_refuse (
        p, L ("mã “%.*s” đã có ở một dòng trên", "code \"%.*s\" stands on a line above already"),
        STR_ARG (code));
  return catalogue_index_put (p->c, space, 0, code, row) == ERR_OK ? ERR_OK : parser_no_memory (p);
}

/* Versions of a unit follow one another in time; so do the units that bear a code in turn. */
static bool
follows (const unit_t *before, const unit_t *after)
{
  return before->valid_to != 0 && after->valid_from > before->valid_to;
}

static err_t
add_unit (parser_t *p, void *row)
{
  unit_t *u = row;
  const unit_t *same_id = catalogue_index_get (p->c, INDEX_UNIT_ID, u->id, STR_NONE);
  const unit_t *same_code = catalogue_index_get (p->c, INDEX_UNIT_CODE, 0, u->code);
  p->column = (uint32_t)p->place[0] + 1;
  if (u->valid_to != 0 && u->valid_to < u->valid_from)
    return parser_refuse (
        p, L ("đơn vị “%.*s” hết hiệu lực trước khi có hiệu lực", "unit \"%.*s\" ends before it begins"),
        STR_ARG (u->name));
  if (same_id != NULL && !follows (same_id, u))
    return parser_refuse (
        p,
        L ("id của đơn vị “%.*s” đã có ở một dòng trên; các phiên bản của một đơn vị phải nối "
           "tiếp nhau theo ngày",
           "the id of unit \"%.*s\" stands on a line above already; versions of a unit must "
           "follow one another "
           "by date"),
        STR_ARG (u->name));
  p->column = (uint32_t)p->place[1] + 1;
  if (same_code != NULL && same_code->id != u->id && !follows (same_code, u))
    return parser_refuse (
        p, L ("mã đơn vị “%.*s” đang thuộc đơn vị khác", "unit code \"%.*s\" belongs to another unit"),
        STR_ARG (u->code));
  list_t *units = &p->c->units;
  size_t i = 0;
  while (same_id != NULL && i < units->n && units->at[i] != same_id)
    i++;
  if (same_id != NULL)
    units->at[i] = u;
  else if (units->n >= UNITS_MAX)
    return parser_refuse (p, L ("quá nhiều đơn vị, từ “%.*s”", "too many units, from \"%.*s\""),
                          STR_ARG (u->name));
  else if (catalogue_list_add (units, u) != ERR_OK)
    return parser_no_memory (p);
  if (catalogue_index_put (p->c, INDEX_UNIT_ID, u->id, STR_NONE, u) != ERR_OK ||
      catalogue_index_put (p->c, INDEX_UNIT_CODE, 0, u->code, u) != ERR_OK)
    return parser_no_memory (p);
  return ERR_OK;
}

/* Units that bore a code one after another are told apart by the day each had it last. */
err_t
parser_name_units (parser_t *p)
{
  const list_t *versions = &p->c->lists[LIST_UNITS];
  for (size_t i = 0; i < versions->n; i++) {
    unit_t *u = versions->at[i];
    const unit_t *last = catalogue_unit (p->c, u->id);
    const unit_t *bearer = catalogue_index_get (p->c, INDEX_UNIT_CODE, 0, last->code);
    u->known_as = last->code;
    if (bearer->id == last->id)
      continue;
    buf_t text = BUF_INIT;
    buf_printf (&text, "%.*s@", STR_ARG (last->code));
    date_format (last->valid_to, &text);
    u->known_as = buf_ok (&text) ? arena_str (p->c->arena, buf_str (&text)) : STR_NONE;
    buf_free (&text);
    if (u->known_as.p == NULL)
      return parser_no_memory (p);
  }
  return ERR_OK;
}

/* The columns X_vnd and settled_X_vnd are made of a source's code: they must be nobody else's. */
static bool
code_makes_columns (str_t code)
{
  static const char prefix[] = "settled_";
  return !str_is (code, "matching") && !str_is (code, "investment") &&
         (code.n < sizeof prefix - 1 || memcmp (code.p, prefix, sizeof prefix - 1) != 0);
}

static err_t
add_source (parser_t *p, void *row)
{
  const source_t *s = row;
  p->column = (uint32_t)p->place[0] + 1;
  if (catalogue_index_get (p->c, INDEX_SOURCE_ID, s->id, STR_NONE) != NULL)
    return parser_refuse (
        p, L ("id của nguồn “%.*s” đã có ở một dòng trên", "the id of source \"%.*s\" stands above already"),
        STR_ARG (s->code));
  p->column = (uint32_t)p->place[1] + 1;
  if (catalogue_index_get (p->c, INDEX_SOURCE_CODE, 0, s->code) != NULL)
    return parser_refuse (
        p, L ("mã nguồn “%.*s” đã có ở một dòng trên", "source code \"%.*s\" stands above already"),
        STR_ARG (s->code));
  if (!code_makes_columns (s->code))
    return parser_refuse (p,
                          L ("mã nguồn “%.*s” trùng với cột khác của tệp nhập; chọn mã khác",
                             "source code \"%.*s\" collides with another import column; choose another"),
                          STR_ARG (s->code));
  if (p->c->lists[LIST_SOURCES].n >= SOURCES_MAX)
    return parser_refuse (p, L ("quá nhiều nguồn, từ “%.*s”", "too many sources, from \"%.*s\""),
                          STR_ARG (s->code));
  if (catalogue_index_put (p->c, INDEX_SOURCE_ID, s->id, STR_NONE, s) != ERR_OK ||
      catalogue_index_put (p->c, INDEX_SOURCE_CODE, 0, s->code, s) != ERR_OK)
    return parser_no_memory (p);
  return ERR_OK;
}

static err_t
add_category (parser_t *p, void *row)
{
  return index_code (p, INDEX_CATEGORY, ((category_t *)row)->code, row);
}

static err_t
add_item (parser_t *p, void *row)
{
  return index_code (p, INDEX_ITEM, ((item_t *)row)->code, row);
}

static err_t
add_indicator (parser_t *p, void *row)
{
  const indicator_t *i = row;
  if (i->decimals > i->scale)
    return parser_refuse (
        p, L ("chỉ tiêu “%.*s”: decimals lớn hơn scale", "indicator \"%.*s\": decimals is above scale"),
        STR_ARG (i->code));
  return index_code (p, INDEX_INDICATOR, i->code, row);
}

/* Trees are printed from the top down, so a parent stands above its children; hence no circles. */
static err_t
parent_stands (parser_t *p, index_space_t space, str_t parent)
{
  p->column = (uint32_t)p->place[1] + 1;
  if (str_blank (parent) || catalogue_index_get (p->c, space, 0, parent) != NULL)
    return ERR_OK;
  return parser_refuse (
      p, L ("dòng cha “%.*s” phải đứng trước dòng này", "parent \"%.*s\" must stand above this row"),
      STR_ARG (parent));
}

static err_t
add_service (parser_t *p, void *row)
{
  const service_t *s = row;
  err_t err = parent_stands (p, INDEX_SERVICE, s->parent);
  return err == ERR_OK ? index_code (p, INDEX_SERVICE, s->code, row) : err;
}

static err_t
add_staff_item (parser_t *p, void *row)
{
  const staff_item_t *s = row;
  err_t err = parent_stands (p, INDEX_STAFF, s->parent);
  return err == ERR_OK ? index_code (p, INDEX_STAFF, s->code, row) : err;
}

static err_t
add_nothing (parser_t *p, void *row)
{
  (void)p, (void)row;
  return ERR_OK;
}

#define COL(type, row, name, must)                                                                           \
  {                                                                                                          \
#name, type, offsetof(row, name), must, INDEX_NONE                                                       \
  }
#define REF(type, row, name, must, space)                                                                    \
  {                                                                                                          \
#name, type, offsetof(row, name), must, space                                                            \
  }

/* By list_id_t. The first column of a section with codes is its code. */
const section_t catalogue_sections[LIST_COUNT] = {
    [LIST_META] = {"meta",
                   false,
                   sizeof (meta_row_t),
                   add_nothing,
                   {COL (CELL_WORD, meta_row_t, key, true), COL (CELL_TEXT, meta_row_t, value, true)}},
    [LIST_UNITS] = {"units",
                    true,
                    sizeof (unit_t),
                    add_unit,
                    {COL (CELL_ID, unit_t, id, true), COL (CELL_CODE, unit_t, code, true),
                     COL (CELL_WORD, unit_t, name, true), COL (CELL_TEXT, unit_t, name_en, false),
                     COL (CELL_TEXT, unit_t, type, false),
                     REF (CELL_UNIT, unit_t, parent, false, INDEX_UNIT_ID),
                     COL (CELL_DATE, unit_t, valid_from, false), COL (CELL_DATE, unit_t, valid_to, false),
                     COL (CELL_BOOL, unit_t, province, true)}},
    [LIST_SOURCES] = {"sources",
                      true,
                      sizeof (source_t),
                      add_source,
                      {COL (CELL_ID, source_t, id, true), COL (CELL_CODE, source_t, code, true),
                       COL (CELL_FUND, source_t, fund, true), COL (CELL_WORD, source_t, label_vi, true),
                       COL (CELL_TEXT, source_t, label_en, false), COL (CELL_BOOL, source_t, active, true)}},
    [LIST_CATEGORIES] = {"categories",
                         true,
                         sizeof (category_t),
                         add_category,
                         {COL (CELL_CODE, category_t, code, true),
                          COL (CELL_WORD, category_t, label_vi, true),
                          COL (CELL_TEXT, category_t, label_en, false)}},
    [LIST_ITEMS] = {"items",
                    true,
                    sizeof (item_t),
                    add_item,
                    {COL (CELL_CODE, item_t, code, true),
                     REF (CELL_CODE, item_t, category, true, INDEX_CATEGORY),
                     COL (CELL_TEXT, item_t, printed_code, false), COL (CELL_WORD, item_t, label_vi, true),
                     COL (CELL_TEXT, item_t, label_en, false)}},
    [LIST_INDICATORS] =
        {"indicators",
         true,
         sizeof (indicator_t),
         add_indicator,
         {COL (CELL_CODE, indicator_t, code, true),
          REF (CELL_CODE, indicator_t, category, false, INDEX_CATEGORY),
          REF (CELL_CODE, indicator_t, parent, false, INDEX_INDICATOR),
          COL (CELL_TEXT, indicator_t, printed_code, false), COL (CELL_TEXT, indicator_t, unit_vi, false),
          COL (CELL_WORD, indicator_t, label_vi, true), COL (CELL_TEXT, indicator_t, label_en, false),
          COL (CELL_DECIMALS, indicator_t, decimals, true), COL (CELL_DECIMALS, indicator_t, scale, true),
          COL (CELL_BOOL, indicator_t, additive, true), COL (CELL_BOOL, indicator_t, by_fund, true),
          COL (CELL_BOOL, indicator_t, subset, false), COL (CELL_BOOL, indicator_t, supplementary, false),
          COL (CELL_TEXT, indicator_t, unit_en, false),
          COL (CELL_DECIMALS, indicator_t, average_decimals, false)}},
    [LIST_SERVICES] = {"services",
                       false,
                       sizeof (service_t),
                       add_service,
                       {COL (CELL_CODE, service_t, code, true),
                        REF (CELL_CODE, service_t, parent, false, INDEX_SERVICE),
                        COL (CELL_WORD, service_t, label_vi, true),
                        COL (CELL_TEXT, service_t, label_en, false)}},
    [LIST_STAFF] = {"staff",
                    false,
                    sizeof (staff_item_t),
                    add_staff_item,
                    {COL (CELL_CODE, staff_item_t, code, true),
                     REF (CELL_CODE, staff_item_t, parent, false, INDEX_STAFF),
                     COL (CELL_TEXT, staff_item_t, printed_code, false),
                     COL (CELL_TEXT, staff_item_t, unit_vi, false),
                     COL (CELL_WORD, staff_item_t, label_vi, true),
                     COL (CELL_TEXT, staff_item_t, label_en, false),
                     COL (CELL_TEXT, staff_item_t, unit_en, false)}},
    [LIST_LINKS] = {"links",
                    false,
                    sizeof (link_t),
                    add_nothing,
                    {REF (CELL_CODE, link_t, indicator, true, INDEX_INDICATOR),
                     REF (CELL_CODE, link_t, item, true, INDEX_ITEM),
                     COL (CELL_RELATION, link_t, relation, true)}},
    [LIST_LINEAGE] = {"lineage",
                      false,
                      sizeof (lineage_t),
                      parser_add_lineage,
                      {REF (CELL_UNIT, lineage_t, from, true, INDEX_UNIT_ID),
                       REF (CELL_UNIT, lineage_t, to, true, INDEX_UNIT_ID),
                       COL (CELL_EVENT, lineage_t, event, true), COL (CELL_DATE, lineage_t, on, true),
                       COL (CELL_TEXT, lineage_t, legal, false), COL (CELL_BOOL, lineage_t, heir, true),
                       COL (CELL_TEXT, lineage_t, commune, false)}},
    [LIST_COMMUNES] = {"communes",
                       false,
                       sizeof (commune_t),
                       parser_add_commune,
                       {COL (CELL_CODE, commune_t, unit, true), COL (CELL_CODE, commune_t, code, true),
                        COL (CELL_WORD, commune_t, name, true), COL (CELL_TEXT, commune_t, type, false),
                        COL (CELL_DATE, commune_t, valid_from, false),
                        COL (CELL_DATE, commune_t, valid_to, false)}},
    [LIST_COLUMNS] = {"columns",
                      false,
                      sizeof (label_row_t),
                      add_nothing,
                      {COL (CELL_WORD, label_row_t, kind, true), COL (CELL_WORD, label_row_t, column, true),
                       COL (CELL_TEXT, label_row_t, label_vi, true),
                       COL (CELL_TEXT, label_row_t, label_en, false)}},
};
