/* units.h - offices in time: who bore a code or a name on a day, and who has what a unit left.
 *
 * A unit's id never changes its meaning; names, types and codes are dated versions, and a code may pass to
 * another unit. Records keep the unit they were made with. [lineage] says where a unit's records belong once
 * it has gone; following it is how totals are mapped to today and how an heir may write for its forebear. */
#ifndef KC_CORE_UNITS_H
#define KC_CORE_UNITS_H

#include "common/core/catalogue.h"

/* The unit as it was on a day, before its first version the first, after its last the last; NULL only for an
 * unknown id. What reports call it. day 0: the last. */
const unit_t *unit_named_on (const catalogue_t *c, unit_id_t id, date_t day);
/* Who bore the code on the day; NULL: nobody. */
const unit_t *unit_by_code_on (const catalogue_t *c, str_t code, date_t day);

/* Whom the author of a record means by a plain code that several units bore in turn: the unit the record has
 * now (0: none), else the author's own (0: the province's), else who bore it last. NULL: nobody ever did. */
const unit_t *unit_meant (const catalogue_t *c, str_t code, unit_id_t now, unit_id_t office);

/* Order of lists that people read: the province first, then names in Vietnamese order, codes, time. */
int unit_order (const unit_t *a, const unit_t *b);

/* The unit that has, on `day` (0: after every event the catalogue knows), a record of `unit` with `commune`
 * (may be absent). Events are followed in their order of time; a unit that left no heir stays itself. */
unit_id_t unit_today (const catalogue_t *c, unit_id_t unit, str_t commune, date_t day);
/* Does such a record come to `heir` at any time? A unit is no heir of its own. */
bool unit_heir_of (const catalogue_t *c, unit_id_t heir, unit_id_t unit, str_t commune);
/* Do all of its records, whatever their commune? */
bool unit_heir_of_all (const catalogue_t *c, unit_id_t heir, unit_id_t unit);
/* Units whose records, or some of them, may come to this one in time, each once; at most max. */
#define FOREBEARS_MAX 32u /* that are looked at, of one unit */
size_t unit_forebears (const catalogue_t *c, unit_id_t unit, unit_id_t *out, size_t max);
/* Do communes decide anything by that day? Then a cell's unit is not enough to map it. */
bool unit_communes_decide (const catalogue_t *c, date_t day);

/* A commune's name for comparing, appended: folded, without "xã", "phường", "TT." …, spaces and marks, y as
 * i, so that Hoà and Hòa, Mỹ and Mĩ are one. Blank text appends nothing. False: not UTF-8, or no memory. */
bool commune_fold (str_t name, buf_t *out);
/* Of several ("Nhơn Hậu, Nhơn Mỹ và Bình Định") one after another; false at the end. Starts with *at = 0. */
bool commune_next (str_t communes, size_t *at, str_t *one);
/* Are all these communes the unit's, at some time? True where the catalogue does not know its communes, and
 * for the province, whose records lie anywhere. */
bool commune_fits (const catalogue_t *c, unit_id_t unit, str_t communes);

#endif
