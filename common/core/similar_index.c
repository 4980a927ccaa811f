/* similar_index.c - who may be like whom, by the rarest words.
 *
 * The index follows from the limit on names: of a set of n words in which at most k may differ, two of the
 * k + 2 rarest must be shared, so an entry stands under each pair of these. Rarity is counted over the set;
 * ties go by hash, so that order of entry does not matter. Under a limit so low that two names may share one
 * word alone, single words stand for pairs. A block too crowded to tell anything is not searched
 * (BLOCK_MAX). */
#include "common/core/similar_private.h"

#include <stdlib.h>

#define BLOCK_MAX 20000u
#define YEARS_MAX 10u  /* blocks of a span */
#define KEYS_MAX 512u  /* under which one entry stands, for each year */
#define PAIRS_FROM 67u /* percent from which two names that are alike share two words */

typedef struct {
  size_t times;
  uint64_t word;
} rare_t;

static int
by_rarity (const void *x, const void *y)
{
  const rare_t *a = x, *b = y;
  if (a->times != b->times)
    return a->times < b->times ? -1 : 1;
  return (a->word > b->word) - (a->word < b->word);
}

static size_t
first_not_below (const uint64_t *at, size_t n, uint64_t word)
{
  size_t low = 0, high = n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (at[middle] < word)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static size_t
times_of (const similar_t *s, uint64_t word)
{
  size_t from = first_not_below (s->counted, s->counted_n, word);
  return (word < UINT64_MAX ? first_not_below (s->counted, s->counted_n, word + 1) : s->counted_n) - from;
}

static uint64_t
block_of (unsigned year, uint64_t marks, uint64_t key)
{
  const uint64_t parts[] = {year, marks, key};
  return hash_end (hash_more (HASH_START, parts, sizeof parts));
}

/* The rarest words of a name, two of which (one: under PAIRS_FROM) any name like it shares. */
static size_t
rarest (const similar_t *s, const entry_t *e, uint64_t out[WORDS_MAX])
{
  rare_t rare[WORDS_MAX];
  size_t p = s->limits.name_percent, shared_by = p >= PAIRS_FROM ? 2 : 1;
  if (e->words_n < 2)
    return 0;
  for (size_t i = 0; i < e->words_n; i++)
    rare[i] = (rare_t){times_of (s, e->words[i]), e->words[i]};
  qsort (rare, e->words_n, sizeof rare[0], by_rarity);
  /* the fewest a set of this size can share: with the smallest set that may be like it */
  size_t need = (e->words_n * p + (200 - p) - 1) / (200 - p);
  size_t take = need < e->words_n ? e->words_n - need + shared_by : shared_by;
  take = take < e->words_n ? take : e->words_n;
  for (size_t i = 0; i < take; i++)
    out[i] = rare[i].word;
  return take;
}

/* What an entry stands under, but for the year; its beneficiary stands for a name that tells nothing. */
static size_t
keys_of (const similar_t *s, const entry_t *e, uint64_t out[KEYS_MAX])
{
  uint64_t word[WORDS_MAX];
  size_t words = rarest (s, e, word), n = 0;
  if (e->has_who)
    out[n++] = e->who;
  for (size_t i = 0; i < words; i++) {
    if (s->limits.name_percent < PAIRS_FROM && n < KEYS_MAX)
      out[n++] = word[i];
    for (size_t k = i + 1; s->limits.name_percent >= PAIRS_FROM && k < words && n < KEYS_MAX; k++) {
      uint64_t low = word[i] < word[k] ? word[i] : word[k], high = word[i] < word[k] ? word[k] : word[i];
      const uint64_t both[] = {low, high};
      out[n++] = hash_end (hash_more (HASH_START, both, sizeof both));
    }
  }
  return n;
}

static int
by_block (const void *x, const void *y)
{
  const posting_t *a = x, *b = y;
  if (a->block != b->block)
    return a->block < b->block ? -1 : 1;
  return (a->entry > b->entry) - (a->entry < b->entry);
}

static unsigned
last_year (const entry_t *e)
{
  return e->to < e->from + YEARS_MAX ? e->to : e->from + YEARS_MAX - 1u;
}

static err_t
count_words (similar_t *s)
{
  size_t n = 0;
  for (size_t i = 0; i < s->n; i++)
    n += s->at[i].words_n;
  free (s->counted);
  s->counted = malloc ((n + 1) * sizeof *s->counted);
  s->counted_n = 0;
  for (size_t i = 0; s->counted != NULL && i < s->n; i++) {
    memcpy (s->counted + s->counted_n, s->at[i].words, s->at[i].words_n * sizeof *s->counted);
    s->counted_n += s->at[i].words_n;
  }
  if (s->counted != NULL)
    numbers_sort (s->counted, s->counted_n);
  return s->counted != NULL ? ERR_OK : ERR_NOMEM;
}

static uint32_t
who_of (const entry_t *e)
{
  return e->has_who ? (uint32_t)(e->who >> 32) | 1u : 0;
}

static size_t
run_from (const similar_t *s, size_t at)
{
  size_t n = 1;
  while (at + n < s->postings_n && s->postings[at + n].block == s->postings[at].block)
    n++;
  return n;
}

/* From entries to their places, but for crowded blocks. */
static err_t
note_stands (similar_t *s)
{
  if (s->postings_n > UINT32_MAX)
    return ERR_TOO_BIG;
  free (s->stand);
  free (s->stands);
  s->stand = calloc (s->n + 2, sizeof *s->stand);
  s->stands = calloc (s->postings_n + 1, sizeof *s->stands);
  if (s->stand == NULL || s->stands == NULL)
    return ERR_NOMEM;
  for (int counting = 1; counting >= 0; counting--) {
    for (size_t i = 0, n; i < s->postings_n; i += n) {
      n = run_from (s, i);
      for (size_t k = i; n <= BLOCK_MAX && k < i + n; k++)
        if (counting != 0)
          s->stand[s->postings[k].entry + 2]++;
        else
          s->stands[s->stand[s->postings[k].entry + 1]++] = (uint32_t)k;
    }
    for (size_t i = 0; counting != 0 && i < s->n; i++)
      s->stand[i + 2] += s->stand[i + 1];
  }
  return ERR_OK;
}

err_t
similar_index (similar_t *s)
{
  uint64_t key[KEYS_MAX];
  err_t err = count_words (s);
  s->postings_n = 0;
  for (size_t i = 0; err == ERR_OK && i < s->n; i++) {
    const entry_t *e = &s->at[i];
    size_t n = keys_of (s, e, key);
    for (unsigned y = e->from; y <= last_year (e); y++)
      for (size_t k = 0; err == ERR_OK && k < n; k++) {
        posting_t *grown = array_room (s->postings, s->postings_n, &s->postings_cap, sizeof *grown);
        if (grown == NULL)
          return ERR_NOMEM;
        s->postings = grown;
        s->postings[s->postings_n++] = (posting_t){block_of (y, e->marks, key[k]), (uint32_t)i, who_of (e)};
      }
  }
  if (err == ERR_OK && s->postings_n > 1)
    qsort (s->postings, s->postings_n, sizeof *s->postings, by_block);
  if (err == ERR_OK)
    err = note_stands (s);
  free (s->seen);
  s->seen = calloc (s->n + 1, sizeof *s->seen);
  return err == ERR_OK && s->seen == NULL ? ERR_NOMEM : err;
}

/* The run of a block; n 0: none, or too crowded. */
static const posting_t *
block_run (const similar_t *s, uint64_t block, size_t *n)
{
  size_t low = 0, high = s->postings_n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (s->postings[middle].block < block)
      low = middle + 1;
    else
      high = middle;
  }
  *n = 0;
  while (low + *n < s->postings_n && s->postings[low + *n].block == block && *n <= BLOCK_MAX)
    ++*n;
  if (*n > BLOCK_MAX)
    *n = 0;
  return s->postings + low;
}

typedef struct {
  uint64_t *at;
  size_t n, cap;
} found_t;

/* Whom of a run a is alike to. */
static err_t
meet (similar_t *s, size_t a, const posting_t *run, size_t n, found_t *found)
{
  const entry_t *e = &s->at[a];
  const uint32_t who = who_of (e);
  for (size_t i = 0; i < n; i++) {
    const size_t b = run[i].entry;
    if ((who != 0 && run[i].who != 0 && run[i].who != who) || b == a || s->seen[b] == a + 1)
      continue;
    s->seen[b] = (uint32_t)a + 1;
    if (!entries_alike (s, e, &s->at[b]))
      continue;
    uint64_t *grown = array_room (found->at, found->n, &found->cap, sizeof *grown);
    if (grown == NULL)
      return ERR_NOMEM;
    found->at = grown;
    found->at[found->n++] = b;
  }
  return ERR_OK;
}

static err_t
tell_found (size_t a, const found_t *found, similar_fn *fn, void *ctx)
{
  err_t err = ERR_OK;
  numbers_sort (found->at, found->n);
  for (size_t i = 0; err == ERR_OK && i < found->n; i++)
    err = fn (ctx, a, (size_t)found->at[i]);
  return err;
}

err_t
similar_find (similar_t *s, size_t a, similar_fn *fn, void *ctx)
{
  uint64_t key[KEYS_MAX];
  found_t found = {NULL, 0, 0};
  size_t run_n;
  err_t err = ERR_OK;
  CHECK (a < s->n && s->seen != NULL);
  const entry_t *e = &s->at[a];
  const size_t n = keys_of (s, e, key);
  memset (s->seen, 0, (s->n + 1) * sizeof *s->seen);
  for (unsigned y = e->from; y <= last_year (e); y++)
    for (size_t k = 0; err == ERR_OK && k < n; k++) {
      const posting_t *run = block_run (s, block_of (y, e->marks, key[k]), &run_n);
      err = meet (s, a, run, run_n, &found);
    }
  if (err == ERR_OK)
    err = tell_found (a, &found, fn, ctx);
  free (found.at);
  return err;
}

/* A run is sorted by entry: behind an entry's place stand those it has not met. */
err_t
similar_pairs (similar_t *s, similar_fn *fn, void *ctx)
{
  found_t found = {NULL, 0, 0};
  err_t err = ERR_OK;
  CHECK (s->seen != NULL);
  memset (s->seen, 0, (s->n + 1) * sizeof *s->seen);
  for (size_t a = 0; err == ERR_OK && a < s->n; a++) {
    found.n = 0;
    for (size_t i = s->stand[a]; err == ERR_OK && i < s->stand[a + 1]; i++)
      err = meet (s, a, &s->postings[s->stands[i] + 1], run_from (s, s->stands[i]) - 1, &found);
    if (err == ERR_OK)
      err = tell_found (a, &found, fn, ctx);
  }
  free (found.at);
  return err;
}
