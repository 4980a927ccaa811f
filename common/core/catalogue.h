/* catalogue.h - reference data: offices, sources, activity groups, items, indicators, labels.
 *
 * A catalogue is one UTF-8 text file: sections "[units]" … each a CSV table with a header row
 * (deploy/binh-dinh/catalogue.csv is the example; the table of sections in catalogue_parse.c says what is
 * read). Unknown sections and columns are skipped, so that an old program reads a newer catalogue. The
 * file's bytes are what the store keeps and the centre sends down; parsing is deterministic and pure.
 * Codes are compared byte for byte. All text lives as long as the catalogue. */
#ifndef KC_CORE_CATALOGUE_H
#define KC_CORE_CATALOGUE_H

#include "common/core/record.h"

typedef struct catalogue catalogue_t;

/* One dated name of a unit. A unit has an immutable id and one or more versions. */
typedef struct {
  unit_id_t id;
  str_t code, name, name_en, type; /* "540", "Quy Nhơn", "thành phố"/"huyện"/"tỉnh" … */
  unit_id_t parent;                /* 0 = none */
  date_t valid_from, valid_to;     /* first day, last day; 0 = open */
  bool province;                   /* the provincial office */
  /* What tables call the unit, however old the version: its last code, alone for who bore it last,
   * "546@2025-06-30" with the last day for those before. */
  str_t known_as;
} unit_t;
/* Does this version hold on the day? */
static inline bool
unit_is_on (const unit_t *u, date_t day)
{
  return u->valid_from <= day && (u->valid_to == 0 || u->valid_to >= day);
}

typedef struct {
  source_id_t id;                       /* order of the ids is the order of ties */
  str_t code, fund, label_vi, label_en; /* "national", "KCQG" */
  bool active;
} source_t;

typedef struct {
  str_t code, label_vi, label_en; /* category: "III" */
} category_t;

typedef struct {
  str_t code, category, printed_code, label_vi, label_en;
} item_t;

typedef struct {
  str_t code, category, parent, printed_code, unit_vi, unit_en, label_vi, label_en;
  uint8_t decimals;         /* decimals shown */
  uint8_t scale;            /* stored value × 10^-scale is in unit; 6 for Tr. đồng */
  uint8_t average_decimals; /* of yearly averages, as printed; 0 where the catalogue does not say */
  bool additive, by_fund, subset, supplementary;
} indicator_t;

/* [services] of consulting, [staff] lines of annex 5: trees by parent, in printed order. */
typedef struct {
  str_t code, parent, label_vi, label_en;
} service_t;
typedef struct {
  str_t code, parent, printed_code, unit_vi, unit_en, label_vi, label_en;
} staff_item_t;

/* [links]: which outcome counts the same things as which budget item. */
typedef enum { LINK_NONE = 0, LINK_EQUAL, LINK_AT_LEAST } link_relation_t;
typedef struct {
  str_t indicator, item;
  link_relation_t relation;
} link_t;

/* [lineage]: what happened to a unit on a day. Rows of a merger or split name where its records go: the heir
 * takes them, a row with a commune takes those of that commune first. A unit with no heir stays itself. */
typedef enum {
  EVENT_NONE = 0,
  EVENT_RENAME,
  EVENT_RETYPE,
  EVENT_MERGE,
  EVENT_SPLIT,
  EVENT_ABOLISH,
  UNIT_EVENT_COUNT
} unit_event_t;
typedef struct {
  unit_id_t from, to; /* to 0: nobody */
  unit_event_t event;
  date_t on; /* the first day of the new state */
  str_t legal, commune;
  bool heir;
  str_t folded; /* the commune for comparing, see units.h */
} lineage_t;

/* [communes]: the communes of a unit (its code), in their time. */
typedef struct {
  str_t unit, code, name, type;
  date_t valid_from, valid_to;
} commune_t;

/* Parses a file's bytes (copied). NULL on error, *fail says line and column. */
catalogue_t *catalogue_parse (str_t file, uint32_t version, fail_t *fail);
void catalogue_destroy (catalogue_t **self_p);
uint32_t catalogue_version (const catalogue_t *c);
str_t catalogue_bytes (const catalogue_t *c);
str_t catalogue_title (const catalogue_t *c, bool en);

/* Look-ups; NULL when there is none. Units: their last version; a code stands for who bore it last,
 * CODE@YYYY-MM-DD for who bore it on that day. */
const unit_t *catalogue_unit (const catalogue_t *c, unit_id_t id);
const unit_t *catalogue_unit_by_code (const catalogue_t *c, str_t code);
/* The unit as it was on a day; NULL: it was not in being. */
const unit_t *catalogue_unit_on (const catalogue_t *c, unit_id_t id, date_t day);
const source_t *catalogue_source (const catalogue_t *c, source_id_t id);
const source_t *catalogue_source_by_code (const catalogue_t *c, str_t code);
const category_t *catalogue_category (const catalogue_t *c, str_t code);
const item_t *catalogue_item (const catalogue_t *c, str_t code);
const indicator_t *catalogue_indicator (const catalogue_t *c, str_t code);
const service_t *catalogue_service (const catalogue_t *c, str_t code);
const staff_item_t *catalogue_staff_item (const catalogue_t *c, str_t code);
/* The unit with province = yes; NULL in a catalogue without one. */
const unit_t *catalogue_province (const catalogue_t *c);
/* A value of [meta]; STR_NONE. */
str_t catalogue_meta (const catalogue_t *c, const char *key);

/* A section as it stands, for the module whose data it is (narrative, checks, periods …): row from 0 without
 * the header; the cell under a column's name, STR_NONE past the end or without such a column. */
size_t catalogue_section_rows (const catalogue_t *c, const char *section);
str_t catalogue_section_cell (const catalogue_t *c, const char *section, size_t row, const char *column);
uint32_t catalogue_section_line (const catalogue_t *c, const char *section, size_t row); /* in the file */
/* The number of a column's cells in their rows, from 1; 0: the section has no such column. */
uint32_t catalogue_section_column (const catalogue_t *c, const char *section, const char *column);
bool catalogue_is_fund (const catalogue_t *c, str_t fund);

/* In the file's order, units once each. i from 0; NULL past the end. */
const unit_t *catalogue_unit_at (const catalogue_t *c, size_t i);
const source_t *catalogue_source_at (const catalogue_t *c, size_t i);
const category_t *catalogue_category_at (const catalogue_t *c, size_t i);
const item_t *catalogue_item_at (const catalogue_t *c, size_t i);
const indicator_t *catalogue_indicator_at (const catalogue_t *c, size_t i);
const service_t *catalogue_service_at (const catalogue_t *c, size_t i);
const staff_item_t *catalogue_staff_item_at (const catalogue_t *c, size_t i);
const link_t *catalogue_link_at (const catalogue_t *c, size_t i);
const lineage_t *catalogue_lineage_at (const catalogue_t *c, size_t i);
/* Every version of every unit, in the file's order. */
const unit_t *catalogue_unit_version_at (const catalogue_t *c, size_t i);
/* "rename" …; NULL for 0 and unknown. */
const char *unit_event_name (unit_event_t e);

/* Label of an import column ("national_vnd") in Vietnamese or English; STR_NONE if not given. */
str_t catalogue_column_label (const catalogue_t *c, kind_t kind, str_t column, bool en);

#endif
