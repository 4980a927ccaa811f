/* similar.h - schemes that are probably one scheme registered twice.
 *
 * Two schemes are alike when their years overlap, what numbers and single letters their names hold is the
 * same
 * ("máy CNC 2 trục" is not "máy CNC 3 trục"), the rest of the words nearly so, whatever their order, accents
 * and usual abbreviations, their beneficiaries agree where both are named, and so do their amounts. Words
 * that the item's own label has prove nothing: "Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến" is the name of
 * half the schemes there are.
 *
 * A set of n is searched by blocks of (year, numbers, two of a name's rarest words), so that one against a
 * hundred thousand compares a handful. Pure; the same input gives the same pairs in the same order. */
#ifndef KC_CORE_SIMILAR_H
#define KC_CORE_SIMILAR_H

#include "common/core/catalogue.h"

typedef struct {
  str_t name, beneficiary, item; /* beneficiary may be absent; item: a code of the catalogue */
  span_t years;
  int64_t amount_vnd; /* 0: none yet */
} likeness_t;

typedef struct {
  unsigned name_percent;   /* of their words that names have in common, at least */
  unsigned amount_percent; /* of the larger amount that amounts may differ by */
} similar_limits_t;

typedef struct similar similar_t;
/* Takes [same_words] and the items' labels of the catalogue, which it borrows. NULL: no memory. */
similar_t *similar_new (const catalogue_t *c, similar_limits_t limits);
void similar_destroy (similar_t **self_p);
/* Adds one; they are numbered from 0. Copies what it needs. ERR_TOO_BIG: SIMILAR_MAX are in it. */
#define SIMILAR_MAX 2000000u
MUST_USE err_t similar_add (similar_t *s, const likeness_t *l);
size_t similar_count (const similar_t *s);
/* Are these two alike? Asks nothing of the index. */
bool similar_alike (const similar_t *s, size_t a, size_t b);

/* Makes the index over what is there; adding more needs a new one. */
MUST_USE err_t similar_index (similar_t *s);
typedef err_t (similar_fn) (void *ctx, size_t a, size_t b);
/* Every other one that is alike to a, ascending. */
MUST_USE err_t similar_find (similar_t *s, size_t a, similar_fn *fn, void *ctx);
/* Every pair a < b that is alike, by a, then b. */
MUST_USE err_t similar_pairs (similar_t *s, similar_fn *fn, void *ctx);

/* A beneficiary's name for comparing: one number for all ways to write it; 0 for a blank name. */
MUST_USE err_t similar_who (similar_t *s, str_t beneficiary, uint64_t *who);

/* A number of bytes, continued from `from` (HASH_START first): quick, the same everywhere, no secret. */
#define HASH_START UINT64_C (14695981039346656037)
uint64_t hash_more (uint64_t from, const void *p, size_t n);
uint64_t hash_end (uint64_t h); /* spreads what was put in over all bits */

#endif
