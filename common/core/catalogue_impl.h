/* catalogue_impl.h - how a catalogue is laid out; for catalogue*.c alone.
 *
 * Rows live in the catalogue's arena and never move, so the index can point at them while the file is
 * still being read: a duplicate is found where it stands, not after a sort that forgot the line. */
#ifndef KC_CORE_CATALOGUE_IMPL_H
#define KC_CORE_CATALOGUE_IMPL_H

#include "common/core/catalogue.h"

typedef enum {
  LIST_META,
  LIST_UNITS,
  LIST_SOURCES,
  LIST_CATEGORIES,
  LIST_ITEMS,
  LIST_INDICATORS,
  LIST_SERVICES,
  LIST_STAFF,
  LIST_LINKS,
  LIST_LINEAGE,
  LIST_COMMUNES,
  LIST_COLUMNS,
  LIST_COUNT
} list_id_t;

/* What a key of the index is about: ids and codes are name spaces of their own. */
typedef enum {
  INDEX_NONE,
  INDEX_UNIT_ID,
  INDEX_UNIT_CODE,
  INDEX_SOURCE_ID,
  INDEX_SOURCE_CODE,
  INDEX_CATEGORY,
  INDEX_ITEM,
  INDEX_INDICATOR,
  INDEX_SERVICE,
  INDEX_STAFF,
  INDEX_COMMUNE /* unit code, 0x1f, folded name; the name absent: has communes at all */
} index_space_t;

typedef struct {
  str_t key, value;
} meta_row_t;

typedef struct {
  str_t kind, column, label_vi, label_en;
} label_row_t;

typedef struct {
  void **at;
  size_t n, cap;
} list_t;

/* A section as it stands, whether it has types or not. The first row is the header. */
typedef struct {
  str_t *cell;
  size_t n;
  uint32_t line;
} raw_row_t;

typedef struct {
  str_t name;
  raw_row_t *rows;
  size_t n, cap;
} raw_section_t;

typedef struct {
  index_space_t space; /* INDEX_NONE: a free slot */
  uint32_t hash;
  uint32_t id; /* for the spaces of ids, with code absent */
  str_t code;
  const void *row;
} index_slot_t;

struct catalogue {
  arena_t *arena;
  str_t bytes;
  uint32_t version;
  list_t lists[LIST_COUNT];
  list_t units;          /* the last version of each unit, in the order in which the units first appear */
  struct checks *checks; /* of [checks] and [ceilings] */
  raw_section_t *raw;
  size_t raw_n, raw_cap;
  index_slot_t *slots;
  size_t slots_n, slots_cap; /* a power of two, at most half full */
};

/* The row of a key, NULL when there is none. */
const void *catalogue_index_get (const catalogue_t *c, index_space_t space, uint32_t id, str_t code);
/* Adds or replaces; ERR_NOMEM. */
err_t catalogue_index_put (catalogue_t *c, index_space_t space, uint32_t id, str_t code, const void *row);
err_t catalogue_list_add (list_t *list, void *row);

#endif
