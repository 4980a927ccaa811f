/* unit_events.h - rename, retype, merge, split, abolish: the next catalogue from this one. */
#ifndef KC_CORE_UNIT_EVENTS_H
#define KC_CORE_UNIT_EVENTS_H

#include "common/core/catalogue.h"

#define UNIT_OFFICES_MAX 256u

/* A successor: a unit there is (code alone) or one to be made. */
typedef struct {
  str_t code, type, name;
  str_t communes; /* whose records come to it, ";" between them; may be absent */
} successor_t;

typedef struct {
  unit_event_t event;
  date_t on; /* the first day of the new state */
  str_t legal;
  const str_t *offices; /* codes; one, but for a merger */
  size_t offices_n;
  str_t name, name_en, type; /* rename, retype; of the unit a merger makes */
  const successor_t *into;   /* merge: one; split: at least one */
  size_t into_n;
  str_t heir; /* split, abolish: code of who takes all that no commune decides; may be absent */
  bool keep;  /* split: the office goes on */
} unit_change_t;

/* Appends the next file to *out. *changed false: it all stands there already, nothing is appended. ERR_USAGE,
 * ERR_INPUT with words. */
MUST_USE err_t unit_change_apply (const catalogue_t *c, const unit_change_t *change, buf_t *out,
                                  bool *changed, fail_t *fail);

/* "CODE", "CODE:TYPE:NAME" or "CODE:TYPE:NAME:COMMUNE;COMMUNE"; slices of text. False: no such form. */
bool successor_parse (str_t text, successor_t *out);
/* The day before a whole day. */
date_t day_before (date_t day);

#endif
