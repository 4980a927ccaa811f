/* valid_edits.h - records of every kind that are in order, and edits that leave them so, also put together
 * with others: no field that is required is cleared, no key changed, no state reached that needs an amount.
 */
#ifndef KC_TESTS_VALID_EDITS_H
#define KC_TESTS_VALID_EDITS_H

#include "common/core/record.h"

typedef struct {
  uint64_t seed;
  unsigned number; /* of the last text given out */
  bool unique;     /* no two edits ever write the same; else they often do */
  arena_t *arena;  /* what they write lives here */
} editor_t;

unsigned editor_chance (editor_t *e, unsigned n);
/* Number n of its kind: another n, another natural key (n below 150). */
void valid_record (editor_t *e, kind_t kind, unsigned n, unit_id_t home, update_t *out);
/* One field, line or entry; a record that is withdrawn comes back with it or without. */
void valid_edit (editor_t *e, update_t *u);

#endif
