/* similar_private.h - a set of names, as those who make it and those who search it see it. */
#ifndef KC_CORE_SIMILAR_PRIVATE_H
#define KC_CORE_SIMILAR_PRIVATE_H

#include "common/core/similar.h"

#define WORDS_MAX 96u /* of one name; more are not looked at */
#define PHRASE_MAX 5u /* words in a phrase of [same_words] */

typedef struct {
  uint64_t *words, *all; /* sorted; without and with the item's label */
  uint64_t marks, who;   /* one number for each set; 0: none */
  int64_t amount;
  uint16_t words_n, all_n, from, to;
  bool has_who;
} entry_t;

typedef struct {
  uint64_t word[PHRASE_MAX];
  size_t n;
  uint64_t as; /* 0: passed over */
} phrase_t;

typedef struct {
  str_t item;
  uint64_t *words;
  size_t n;
} label_t;

typedef struct {
  uint64_t block;
  uint32_t entry;
  uint32_t who; /* of its beneficiary's number, 0: not named; tells most of a block apart at a glance */
} posting_t;

struct similar {
  similar_limits_t limits;
  arena_t *arena;
  const catalogue_t *c;
  entry_t *at;
  size_t n, cap;
  phrase_t *phrases;
  size_t phrases_n, phrases_cap;
  label_t *labels;
  size_t labels_n, labels_cap;
  posting_t *postings;
  size_t postings_n, postings_cap;
  uint32_t *stand, *stands; /* where an entry stands: stands[stand[i] …], places in postings */
  uint64_t *counted; /* every word of every name, sorted: how often one occurs is how long its run is */
  size_t counted_n;
  uint32_t *seen; /* similar_find: the last asker that looked at an entry, + 1 */
  buf_t fold;
};

void numbers_sort (uint64_t *at, size_t n);
bool entries_alike (const similar_t *s, const entry_t *a, const entry_t *b);

#endif
