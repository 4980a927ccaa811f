/* labels.c - an index of everything a value may be called.
 *
 * One sorted array of (type of column, folded label) → code, made once for a file and looked up by bisection.
 * Of a unit all names that it ever had are in it, with and without the word for its kind; where a unit has
 * gone and another bears its name, the name alone is ambiguous, and the word for its kind or the code tells.
 */
#include "common/core/labels.h"

#include "common/text/likeness.h"
#include "common/text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define LABELS_BUDGET (8u << 20)
enum { NEAR_MAX = 3, SHOWN_COLUMNS = 60 };

typedef struct {
  field_type_t type;
  str_t folded;
  str_t label; /* as it is written */
  label_t value;
  bool plain; /* the label alone: what is held against a text that is none */
} entry_t;

struct labels {
  const catalogue_t *c;
  arena_t *arena;
  entry_t *at;
  size_t n, room;
  bool failed;
};

/* ---- folding ---- */

static bool
is_letter (uint8_t ch)
{
  return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch >= 0x80;
}

/* Dashes, quotes and dots beyond ASCII: U+2010 to U+203F. */
static bool
is_wide_mark (str_t s, size_t i)
{
  return i + 2 < s.n && (uint8_t)s.p[i] == 0xE2 && (uint8_t)s.p[i + 1] == 0x80;
}

/* Letters and digits, words parted by one space, i for y. */
static bool
fold (str_t text, buf_t *out)
{
  buf_t folded = BUF_INIT;
  bool gap = false, ok = !str_blank (text) && utf8_fold (text, &folded);
  const str_t s = buf_str (&folded);
  const size_t start = out->n;
  for (size_t i = 0; ok && i < s.n; i++) {
    const bool wide = is_wide_mark (s, i);
    if (wide || !is_letter ((uint8_t)s.p[i])) {
      gap = out->n > start;
      i += wide ? 2 : 0;
      continue;
    }
    if (gap)
      buf_putc (out, ' ');
    gap = false;
    buf_putc (out, s.p[i] == 'y' ? 'i' : s.p[i]);
  }
  ok = ok && buf_ok (out) && out->n > start;
  buf_free (&folded);
  return ok;
}

/* ---- making the index ---- */

static void
add_entry (labels_t *l, field_type_t type, str_t text, str_t label, label_t value, bool plain)
{
  buf_t folded = BUF_INIT;
  if (!str_blank (text) && fold (text, &folded)) {
    entry_t *grown = array_room (l->at, l->n, &l->room, sizeof *grown);
    const str_t kept = arena_str (l->arena, buf_str (&folded));
    l->failed = l->failed || grown == NULL || kept.p == NULL;
    if (grown != NULL) {
      l->at = grown;
      l->at[l->n] = (entry_t){type, kept, label, value, plain};
      l->n += kept.p != NULL;
    }
  }
  buf_free (&folded);
}

/* The label, and the label with the code before or behind it. */
static void
add_label (labels_t *l, field_type_t type, str_t label, label_t value)
{
  buf_t both = BUF_INIT;
  if (str_blank (label))
    return;
  add_entry (l, type, label, label, value, true);
  buf_printf (&both, "%.*s %.*s", STR_ARG (value.code), STR_ARG (label));
  add_entry (l, type, buf_str (&both), label, value, false);
  buf_clear (&both);
  buf_printf (&both, "%.*s %.*s", STR_ARG (label), STR_ARG (value.code));
  add_entry (l, type, buf_str (&both), label, value, false);
  l->failed = l->failed || !buf_ok (&both);
  buf_free (&both);
}

static void
add_both (labels_t *l, field_type_t type, str_t code, str_t vi, str_t en)
{
  const label_t value = {.code = code};
  add_label (l, type, vi, value);
  add_label (l, type, en, value);
}

static void
add_units (labels_t *l)
{
  const unit_t *u;
  for (size_t i = 0; (u = catalogue_unit_version_at (l->c, i)) != NULL; i++) {
    const label_t value = {.code = u->known_as, .unit = u->id};
    buf_t full = BUF_INIT;
    add_label (l, FIELD_UNIT, u->name, value);
    if (!str_eq (u->name, u->name_en))
      add_label (l, FIELD_UNIT, u->name_en, value);
    buf_printf (&full, "%.*s %.*s", STR_ARG (u->type), STR_ARG (u->name));
    const str_t kept = str_blank (u->type) ? STR_NONE : arena_str (l->arena, buf_str (&full));
    add_label (l, FIELD_UNIT, kept, value);
    buf_free (&full);
  }
}

static void
add_sources (labels_t *l)
{
  const source_t *s;
  for (size_t i = 0; (s = catalogue_source_at (l->c, i)) != NULL; i++) {
    add_both (l, FIELD_SOURCE, s->code, s->label_vi, s->label_en);
    add_both (l, FIELD_FUND, s->fund, s->label_vi, s->label_en);
  }
}

static void
add_lists (labels_t *l)
{
  const item_t *item;
  const indicator_t *indicator;
  const service_t *service;
  const staff_item_t *staff;
  for (size_t i = 0; (item = catalogue_item_at (l->c, i)) != NULL; i++)
    add_both (l, FIELD_ITEM, item->code, item->label_vi, item->label_en);
  for (size_t i = 0; (indicator = catalogue_indicator_at (l->c, i)) != NULL; i++)
    add_both (l, FIELD_INDICATOR, indicator->code, indicator->label_vi, indicator->label_en);
  for (size_t i = 0; (service = catalogue_service_at (l->c, i)) != NULL; i++)
    add_both (l, FIELD_SERVICE, service->code, service->label_vi, service->label_en);
  for (size_t i = 0; (staff = catalogue_staff_item_at (l->c, i)) != NULL; i++)
    add_both (l, FIELD_STAFF_ITEM, staff->code, staff->label_vi, staff->label_en);
}

static const struct {
  field_type_t type;
  word_set_t set;
} words[] = {{FIELD_STATUS, WORDS_STATUS},
             {FIELD_SCHEME_KIND, WORDS_SCHEME_KIND},
             {FIELD_VALUE_KIND, WORDS_VALUE_KIND},
             {FIELD_DOCUMENT_STATUS, WORDS_DOCUMENT_STATUS},
             {FIELD_LEDGER_KIND, WORDS_LEDGER_KIND}};

static void
add_words (labels_t *l)
{
  const word_t *w;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    for (unsigned v = 1; (w = word_of_set (words[i].set, v)) != NULL; v++)
      add_both (l, words[i].type, str_of (w->name), str_of (w->vi), str_of (w->en));
  add_both (l, FIELD_YES, STR ("yes"), STR ("có"), STR ("true"));
  add_label (l, FIELD_YES, STR ("x"), (label_t){.code = STR ("yes")});
}

/* Fields of [labels], by the names that they have in files and filters. */
static const struct {
  const char *name;
  field_type_t type;
} named[] = {{"district", FIELD_UNIT},
             {"item", FIELD_ITEM},
             {"indicator", FIELD_INDICATOR},
             {"service", FIELD_SERVICE},
             {"staff", FIELD_STAFF_ITEM},
             {"source", FIELD_SOURCE},
             {"fund", FIELD_FUND},
             {"status", FIELD_STATUS},
             {"kind", FIELD_SCHEME_KIND},
             {"value_kind", FIELD_VALUE_KIND},
             {"document_status", FIELD_DOCUMENT_STATUS},
             {"ledger_kind", FIELD_LEDGER_KIND}};

static void
add_synonyms (labels_t *l)
{
  const size_t rows = catalogue_section_rows (l->c, "labels");
  for (size_t r = 0; r < rows; r++) {
    const str_t field = catalogue_section_cell (l->c, "labels", r, "field");
    const str_t code = catalogue_section_cell (l->c, "labels", r, "code");
    const str_t label = catalogue_section_cell (l->c, "labels", r, "label");
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
      if (!str_is (field, named[i].name) || str_blank (code))
        continue;
      const unit_t *u = named[i].type == FIELD_UNIT ? catalogue_unit_by_code (l->c, code) : NULL;
      if (named[i].type != FIELD_UNIT || u != NULL)
        add_label (l, named[i].type, label, (label_t){code, u != NULL ? u->id : 0});
    }
  }
}

static int
by_label (const void *a, const void *b)
{
  const entry_t *x = a, *y = b;
  if (x->type != y->type)
    return x->type < y->type ? -1 : 1;
  const int c = str_cmp (x->folded, y->folded);
  return c != 0 ? c : str_cmp (x->value.code, y->value.code);
}

labels_t *
labels_new (const catalogue_t *c)
{
  labels_t *l = calloc (1, sizeof *l);
  if (l == NULL)
    return NULL;
  l->c = c;
  l->arena = arena_new (LABELS_BUDGET);
  l->failed = l->arena == NULL;
  if (!l->failed) {
    add_words (l);
    add_lists (l);
    add_sources (l);
    add_units (l);
    add_synonyms (l);
  }
  if (l->failed)
    labels_destroy (&l);
  else if (l->n > 1)
    qsort (l->at, l->n, sizeof *l->at, by_label);
  return l;
}

void
labels_destroy (labels_t **self_p)
{
  if (*self_p == NULL)
    return;
  arena_destroy (&(*self_p)->arena);
  free ((*self_p)->at);
  free (*self_p);
  *self_p = NULL;
}

/* ---- looking up ---- */

static bool
same_value (const entry_t *a, const entry_t *b)
{
  return a->value.unit == b->value.unit && (a->value.unit != 0 || str_eq (a->value.code, b->value.code));
}

static void
name_candidate (const labels_t *l, const entry_t *e, buf_t *out)
{
  const unit_t *u = e->type == FIELD_UNIT ? catalogue_unit (l->c, e->value.unit) : NULL;
  const str_t label = u != NULL ? u->name : e->label;
  const size_t n = utf8_prefix (label, SHOWN_COLUMNS);
  if (out->n > 0)
    buf_puts (out, ", ");
  buf_printf (out, "%.*s (%.*s%s", STR_ARG (e->value.code), (int)n, label.p, n < label.n ? "…" : "");
  if (u != NULL && !str_blank (u->type))
    buf_printf (out, ", %.*s", STR_ARG (u->type));
  buf_putc (out, ')');
}

static size_t
first_of (const labels_t *l, const entry_t *wanted)
{
  size_t low = 0, high = l->n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (by_label (&l->at[middle], wanted) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static label_answer_t
find_folded (const labels_t *l, field_type_t type, str_t folded, label_t *out, buf_t *near)
{
  const entry_t wanted = {.type = type, .folded = folded};
  const size_t first = first_of (l, &wanted);
  label_answer_t answer = LABEL_UNKNOWN;
  for (size_t i = first; i < l->n && l->at[i].type == type && str_eq (l->at[i].folded, folded); i++) {
    if (i > first && same_value (&l->at[i], &l->at[i - 1]))
      continue;
    if (answer == LABEL_FOUND)
      name_candidate (l, &l->at[first], near);
    if (answer != LABEL_UNKNOWN)
      name_candidate (l, &l->at[i], near);
    answer = answer == LABEL_UNKNOWN ? LABEL_FOUND : LABEL_AMBIGUOUS;
    *out = l->at[i].value;
  }
  return answer;
}

/* Words for kinds of units as they are abbreviated; those of districts are taken for one another, since towns
 * were districts and people write on. */
static const struct {
  const char *word, *full;
  bool district;
} unit_words[] = {{"tp", "thanh pho", true}, {"tx", "thi xa", true},           {"h", "huien", true},
                  {"tt", "thi tran", false}, {"p", "phuong", false},           {"x", "xa", false},
                  {"t", "tinh", false},      {"thanh pho", "thanh pho", true}, {"thi xa", "thi xa", true},
                  {"huien", "huien", true}};

static label_answer_t
find_unit (const labels_t *l, str_t folded, label_t *out, buf_t *near)
{
  label_answer_t answer = LABEL_UNKNOWN;
  buf_t full = BUF_INIT;
  for (size_t i = 0; answer == LABEL_UNKNOWN && i < sizeof unit_words / sizeof unit_words[0]; i++) {
    const size_t n = strlen (unit_words[i].word);
    if (folded.n <= n + 1 || memcmp (folded.p, unit_words[i].word, n) != 0 || folded.p[n] != ' ')
      continue;
    buf_clear (&full);
    buf_printf (&full, "%s%.*s", unit_words[i].full, (int)(folded.n - n), folded.p + n);
    answer = find_folded (l, FIELD_UNIT, buf_str (&full), out, near);
    for (size_t k = 0; unit_words[i].district && k < 3 && answer == LABEL_UNKNOWN; k++) {
      buf_clear (&full);
      buf_printf (&full, "%s%.*s", unit_words[k].full, (int)(folded.n - n), folded.p + n);
      answer = find_folded (l, FIELD_UNIT, buf_str (&full), out, near);
    }
  }
  buf_free (&full);
  return answer;
}

/* ---- what is nearest ---- */

static void
find_near (const labels_t *l, field_type_t type, str_t folded, buf_t *near)
{
  struct {
    const entry_t *entry;
    unsigned percent;
  } best[NEAR_MAX + 1] = {{NULL, 0}};
  size_t n = 0;
  for (size_t i = 0; i < l->n; i++) {
    const entry_t *e = &l->at[i];
    if (e->type != type || !e->plain)
      continue;
    const unsigned percent = likeness_percent (folded, e->folded);
    size_t at = 0;
    while (at < n && !same_value (best[at].entry, e))
      at++;
    if (percent < LIKENESS_NEAR || (at < n && best[at].percent >= percent))
      continue;
    if (at == n && n < NEAR_MAX + 1)
      n++;
    for (at = at < n ? at : n - 1; at > 0 && best[at - 1].percent < percent; at--)
      best[at] = best[at - 1];
    best[at].entry = e;
    best[at].percent = percent;
    n = n > NEAR_MAX ? NEAR_MAX : n;
  }
  for (size_t i = 0; i < n; i++)
    name_candidate (l, best[i].entry, near);
}

label_answer_t
labels_find (const labels_t *self, field_type_t type, str_t text, label_t *out, buf_t *near)
{
  buf_t folded = BUF_INIT;
  label_answer_t answer = LABEL_UNKNOWN;
  *out = (label_t){STR_NONE, 0};
  if (utf8_valid (text, NULL) && fold (text, &folded)) {
    answer = find_folded (self, type, buf_str (&folded), out, near);
    if (answer == LABEL_UNKNOWN && type == FIELD_UNIT)
      answer = find_unit (self, buf_str (&folded), out, near);
    if (answer == LABEL_UNKNOWN)
      find_near (self, type, buf_str (&folded), near);
  }
  buf_free (&folded);
  return answer;
}
