/* similar.c - names as sets of word hashes.
 *
 * A name becomes two sorted sets. The marks are its numbers, single letters and Roman numerals: they must
 * agree exactly, since they are what tells one machine, class or stage from the next. The words are the rest
 * without those of the item's label; [same_words] of the catalogue writes abbreviations one way and drops
 * words that say nothing. If nothing is left to tell a name by, only a named beneficiary can make a pair. */
#include "common/core/similar_private.h"
#include "common/text/utf8.h"

#include <stdlib.h>

#define ARENA_BUDGET ((size_t)2 << 30)

/* ---- numbers for words ---- */

uint64_t
hash_more (uint64_t from, const void *p, size_t n)
{
  const uint8_t *b = p;
  for (size_t i = 0; i < n; i++)
    from = (from ^ b[i]) * UINT64_C (1099511628211);
  return from;
}

uint64_t
hash_end (uint64_t h)
{
  h = (h ^ (h >> 33)) * UINT64_C (0xff51afd7ed558ccd);
  h = (h ^ (h >> 33)) * UINT64_C (0xc4ceb9fe1a85ec53);
  return h ^ (h >> 33);
}

static int
by_number (const void *x, const void *y)
{
  uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
  return (a > b) - (a < b);
}

void
numbers_sort (uint64_t *at, size_t n)
{
  if (n > 1)
    qsort (at, n, sizeof *at, by_number);
}

/* ---- a text as words ---- */

typedef struct {
  uint64_t word[WORDS_MAX], mark[WORDS_MAX];
  size_t words, marks;
} parts_t;

static bool
is_letter (char ch)
{
  return (ch >= 'a' && ch <= 'z') || (uint8_t)ch >= 0x80;
}

static bool
is_digit (char ch)
{
  return ch >= '0' && ch <= '9';
}

/* What tells one of a series from the next: numbers, single letters, I to XXXIX. */
static bool
is_mark (const char *p, size_t n)
{
  bool roman = n <= 7;
  for (size_t i = 0; i < n && roman; i++)
    roman = p[i] == 'i' || p[i] == 'v' || p[i] == 'x';
  return n == 1 || is_digit (p[0]) || roman;
}

/* Quy and Qui, Mỹ and Mĩ are one. A number has no leading zeros. */
static uint64_t
word_number (const char *p, size_t n)
{
  uint64_t h = HASH_START;
  while (n > 1 && *p == '0') {
    p++;
    n--;
  }
  for (size_t i = 0; i < n; i++)
    h = hash_more (h, p[i] == 'y' ? "i" : p + i, 1);
  return hash_end (h);
}

/* The longest phrase that stands at the first of n words; NULL. */
static const phrase_t *
phrase_at (const similar_t *s, const uint64_t *word, size_t n)
{
  const phrase_t *best = NULL;
  for (size_t i = 0; i < s->phrases_n; i++) {
    const phrase_t *f = &s->phrases[i];
    if (f->n <= n && f->word[0] == word[0] && (best == NULL || f->n > best->n) &&
        memcmp (f->word, word, f->n * sizeof *word) == 0)
      best = f;
  }
  return best;
}

typedef struct {
  uint64_t word[WORDS_MAX];
  bool mark[WORDS_MAX];
  size_t n;
} run_t;

static bool
split (str_t text, buf_t *fold, run_t *out)
{
  out->n = 0;
  buf_clear (fold);
  if (str_blank (text))
    return true;
  if (!utf8_fold (text, fold))
    return !fold->failed; /* no UTF-8: no words */
  for (size_t i = 0; i < fold->n && out->n < WORDS_MAX;) {
    const char *p = fold->p + i;
    size_t n = 0;
    if (is_digit (*p))
      while (i + n < fold->n && is_digit (p[n]))
        n++;
    else
      while (i + n < fold->n && is_letter (p[n]))
        n++;
    if (n > 0) {
      out->mark[out->n] = is_mark (p, n);
      out->word[out->n++] = word_number (p, n);
    }
    i += n > 0 ? n : 1;
  }
  return true;
}

static bool
text_parts (similar_t *s, str_t text, parts_t *out)
{
  run_t run;
  *out = (parts_t){.words = 0};
  if (!split (text, &s->fold, &run))
    return false;
  for (size_t i = 0; i < run.n;) {
    const phrase_t *f = phrase_at (s, run.word + i, run.n - i);
    if (f != NULL && f->as != 0)
      out->word[out->words++] = f->as;
    else if (f == NULL && run.mark[i])
      out->mark[out->marks++] = run.word[i];
    else if (f == NULL)
      out->word[out->words++] = run.word[i];
    i += f != NULL ? f->n : 1;
  }
  numbers_sort (out->word, out->words);
  numbers_sort (out->mark, out->marks);
  return true;
}

static uint64_t
one_number (const parts_t *p, bool words)
{
  uint64_t h = hash_more (HASH_START, p->mark, p->marks * sizeof *p->mark);
  if (words)
    h = hash_more (h, p->word, p->words * sizeof *p->word);
  return p->marks + (words ? p->words : 0) > 0 ? hash_end (h) | 1 : 0;
}

/* ---- a set ---- */

static err_t
read_phrases (similar_t *s)
{
  size_t rows = catalogue_section_rows (s->c, "same_words");
  run_t run;
  for (size_t i = 0; i < rows; i++) {
    phrase_t f = {.n = 0};
    if (!split (catalogue_section_cell (s->c, "same_words", i, "words"), &s->fold, &run))
      return ERR_NOMEM;
    if (run.n == 0 || run.n > PHRASE_MAX)
      continue;
    f.n = run.n;
    memcpy (f.word, run.word, run.n * sizeof run.word[0]);
    if (!split (catalogue_section_cell (s->c, "same_words", i, "as"), &s->fold, &run))
      return ERR_NOMEM;
    f.as = run.n > 0 ? run.word[0] : 0;
    phrase_t *grown = array_room (s->phrases, s->phrases_n, &s->phrases_cap, sizeof f);
    if (grown == NULL)
      return ERR_NOMEM;
    s->phrases = grown;
    s->phrases[s->phrases_n++] = f;
  }
  return ERR_OK;
}

similar_t *
similar_new (const catalogue_t *c, similar_limits_t limits)
{
  similar_t *s = calloc (1, sizeof *s);
  if (s == NULL)
    return NULL;
  s->c = c;
  s->limits = limits;
  s->arena = arena_new (ARENA_BUDGET);
  if (s->arena == NULL || read_phrases (s) != ERR_OK)
    similar_destroy (&s);
  return s;
}

void
similar_destroy (similar_t **self_p)
{
  similar_t *s = *self_p;
  if (s == NULL)
    return;
  arena_destroy (&s->arena);
  free (s->at);
  free (s->phrases);
  free (s->labels);
  free (s->postings);
  free (s->stand);
  free (s->stands);
  free (s->counted);
  free (s->seen);
  buf_free (&s->fold);
  free (s);
  *self_p = NULL;
}

size_t
similar_count (const similar_t *s)
{
  return s->n;
}

static uint64_t *
keep (similar_t *s, const uint64_t *from, size_t n)
{
  uint64_t *to = arena_alloc (s->arena, (n > 0 ? n : 1) * sizeof *to);
  if (to != NULL && n > 0)
    memcpy (to, from, n * sizeof *to);
  return to;
}

static const label_t *
label_of (similar_t *s, str_t item)
{
  parts_t parts;
  for (size_t i = 0; i < s->labels_n; i++)
    if (str_eq (s->labels[i].item, item))
      return &s->labels[i];
  const item_t *known = catalogue_item (s->c, item);
  label_t *grown = array_room (s->labels, s->labels_n, &s->labels_cap, sizeof *grown);
  if (grown == NULL || !text_parts (s, known != NULL ? known->label_vi : STR_NONE, &parts))
    return NULL;
  s->labels = grown;
  label_t *l = &grown[s->labels_n];
  *l = (label_t){known != NULL ? known->code : arena_str (s->arena, item), keep (s, parts.word, parts.words),
                 parts.words};
  if (l->words == NULL)
    return NULL;
  s->labels_n++;
  return l;
}

static size_t
without (const uint64_t *from, size_t n, const label_t *label, uint64_t *out)
{
  size_t kept = 0;
  for (size_t i = 0; i < n; i++)
    if (label->n == 0 || bsearch (&from[i], label->words, label->n, sizeof *from, by_number) == NULL)
      out[kept++] = from[i];
  return kept;
}

err_t
similar_add (similar_t *s, const likeness_t *l)
{
  parts_t name;
  uint64_t own[WORDS_MAX];
  if (s->n >= SIMILAR_MAX)
    return ERR_TOO_BIG;
  entry_t *grown = array_room (s->at, s->n, &s->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  s->at = grown;
  entry_t e = {.amount = l->amount_vnd, .from = l->years.from, .to = l->years.to};
  const label_t *label = label_of (s, l->item);
  err_t err = label != NULL ? similar_who (s, l->beneficiary, &e.who) : ERR_NOMEM;
  if (err != ERR_OK || !text_parts (s, l->name, &name))
    return ERR_NOMEM;
  e.has_who = e.who != 0;
  e.marks = one_number (&name, false);
  e.all_n = (uint16_t)name.words;
  e.all = keep (s, name.word, name.words);
  e.words_n = (uint16_t)without (name.word, name.words, label, own);
  e.words = keep (s, own, e.words_n);
  if (e.all == NULL || e.words == NULL)
    return ERR_NOMEM;
  s->at[s->n++] = e;
  return ERR_OK;
}

err_t
similar_who (similar_t *s, str_t beneficiary, uint64_t *who)
{
  parts_t parts;
  *who = 0;
  if (!text_parts (s, beneficiary, &parts))
    return ERR_NOMEM;
  *who = one_number (&parts, true);
  return ERR_OK;
}

/* ---- two of them ---- */

static size_t
shared (const uint64_t *a, size_t a_n, const uint64_t *b, size_t b_n)
{
  size_t n = 0;
  for (size_t i = 0, k = 0; i < a_n && k < b_n;) {
    n += a[i] == b[k];
    uint64_t x = a[i], y = b[k];
    i += x <= y;
    k += y <= x;
  }
  return n;
}

/* Is twice what they share enough of what both have? */
static bool
share_enough (const similar_t *s, const uint64_t *a, size_t a_n, const uint64_t *b, size_t b_n)
{
  size_t both = a_n + b_n;
  return both > 0 && shared (a, a_n, b, b_n) * 200 >= both * s->limits.name_percent;
}

static bool
amounts_near (const similar_t *s, int64_t a, int64_t b)
{
  int64_t high = a > b ? a : b, low = a > b ? b : a;
  return low <= 0 || (high - low) <= high / 100 * (int64_t)s->limits.amount_percent;
}

bool
entries_alike (const similar_t *s, const entry_t *a, const entry_t *b)
{
  bool same_who = a->has_who && b->has_who && a->who == b->who;
  if (a->from > b->to || b->from > a->to || a->marks != b->marks || (a->has_who && b->has_who && !same_who) ||
      !amounts_near (s, a->amount, b->amount))
    return false;
  if (a->words_n >= 2 && b->words_n >= 2)
    return share_enough (s, a->words, a->words_n, b->words, b->words_n);
  return same_who && share_enough (s, a->all, a->all_n, b->all, b->all_n);
}

bool
similar_alike (const similar_t *s, size_t a, size_t b)
{
  CHECK (a < s->n && b < s->n);
  return entries_alike (s, &s->at[a], &s->at[b]);
}
