/* units.c - following units through their events.
 *
 * A walk goes forward in time: from a unit the next event that takes the record, then from the new unit what
 * comes on that day or later. A commune split off and given back years after is so no circle; circles within
 * a day are refused by the parser, hence every walk ends. */
#include "common/core/units.h"
#include "common/core/catalogue_impl.h"
#include "common/text/utf8.h"

/* ---- codes and names of a day ---- */

const unit_t *
unit_named_on (const catalogue_t *c, unit_id_t id, date_t day)
{
  const unit_t *last = catalogue_unit (c, id), *first = NULL, *u;
  if (last == NULL || day == 0 || day >= last->valid_from)
    return last;
  for (size_t i = 0; (u = catalogue_unit_version_at (c, i)) != NULL; i++) {
    if (u->id != id)
      continue;
    if (first == NULL || u->valid_from <= day)
      first = u;
  }
  return first;
}

const unit_t *
unit_by_code_on (const catalogue_t *c, str_t code, date_t day)
{
  const unit_t *u;
  for (size_t i = 0; (u = catalogue_unit_version_at (c, i)) != NULL; i++)
    if (unit_is_on (u, day) && str_eq (u->code, code))
      return u;
  return NULL;
}

static bool
bore (const catalogue_t *c, unit_id_t id, str_t code)
{
  const unit_t *u;
  for (size_t i = 0; id != 0 && (u = catalogue_unit_version_at (c, i)) != NULL; i++)
    if (u->id == id && str_eq (u->code, code))
      return true;
  return false;
}

const unit_t *
unit_meant (const catalogue_t *c, str_t code, unit_id_t now, unit_id_t office)
{
  if (bore (c, now, code))
    return catalogue_unit (c, now);
  return bore (c, office, code) ? catalogue_unit (c, office) : catalogue_unit_by_code (c, code);
}

int
unit_order (const unit_t *a, const unit_t *b)
{
  buf_t x = BUF_INIT, y = BUF_INIT;
  if (!utf8_sort_key (a->name, &x) || !utf8_sort_key (b->name, &y)) {
    buf_clear (&x);
    buf_clear (&y);
  }
  int c = (int)b->province - (int)a->province;
  if (c == 0)
    c = str_cmp (buf_str (&x), buf_str (&y));
  if (c == 0)
    c = str_cmp (a->code, b->code);
  buf_free (&x);
  buf_free (&y);
  return c != 0 ? c : (a->valid_from > b->valid_from) - (a->valid_from < b->valid_from);
}

/* ---- communes ---- */

static bool
is_mark (char ch)
{
  return !((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || (uint8_t)ch >= 0x80);
}

/* Length of a word for the kind of commune at the start of a folded name; 0: none. It is one only before a
 * mark and a name: "Xa" alone is a name. */
static size_t
kind_word (str_t folded)
{
  static const char *const words[] = {"thi tran", "phuong", "xa", "tt", "p", "x"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    size_t n = strlen (words[i]), rest = n;
    if (folded.n <= n || memcmp (folded.p, words[i], n) != 0 || !is_mark (folded.p[n]))
      continue;
    while (rest < folded.n && is_mark (folded.p[rest]))
      rest++;
    if (rest < folded.n)
      return rest;
  }
  return 0;
}

bool
commune_fold (str_t name, buf_t *out)
{
  buf_t folded = BUF_INIT;
  bool ok = str_blank (name) || utf8_fold (name, &folded);
  str_t s = buf_str (&folded);
  for (size_t i = kind_word (s); ok && i < s.n; i++)
    if (!is_mark (s.p[i]))
      buf_putc (out, s.p[i] == 'y' ? 'i' : s.p[i]);
  ok = ok && buf_ok (&folded) && buf_ok (out);
  buf_free (&folded);
  return ok;
}

/* Length of a separator at p: a comma, a semicolon, a plus sign, or a word "và" between blanks. */
static size_t
separator (str_t s, size_t at)
{
  static const char and_word[] = " và ";
  size_t n = sizeof and_word - 1;
  if (s.p[at] == ',' || s.p[at] == ';' || s.p[at] == '+')
    return 1;
  return s.n - at >= n && memcmp (s.p + at, and_word, n) == 0 ? n : 0;
}

bool
commune_next (str_t communes, size_t *at, str_t *one)
{
  size_t from = *at, gap = 0;
  if (from >= communes.n)
    return false;
  while (*at < communes.n && (gap = separator (communes, *at)) == 0)
    ++*at;
  *one = (str_t){communes.p + from, *at - from};
  *at += gap;
  return true;
}

static bool
in_index (const catalogue_t *c, str_t unit_code, str_t commune, bool *known)
{
  buf_t key = BUF_INIT;
  buf_put (&key, unit_code.p, unit_code.n);
  buf_putc (&key, 0x1f);
  size_t head = key.n;
  bool ok = commune_fold (commune, &key);
  *known = ok && (key.n == head || catalogue_index_get (c, INDEX_COMMUNE, 0, buf_str (&key)) != NULL);
  buf_free (&key);
  return ok;
}

bool
commune_fits (const catalogue_t *c, unit_id_t unit, str_t communes)
{
  const unit_t *u = catalogue_unit (c, unit);
  size_t at = 0;
  str_t one;
  bool known = true;
  if (u == NULL || u->province || str_blank (communes) ||
      catalogue_index_get (c, INDEX_COMMUNE, 0, u->code) == NULL)
    return true;
  while (known && commune_next (communes, &at, &one))
    if (!in_index (c, u->code, one, &known))
      return true; /* text that cannot be read is another rule's */
  return known;
}

/* ---- lineage ---- */

/* Does the row take a record with these communes? *by_commune: because of its commune. */
static bool
takes (const lineage_t *l, str_t folded, bool *by_commune)
{
  *by_commune = l->folded.n > 0;
  return l->to != 0 && (*by_commune ? str_eq (l->folded, folded) : l->heir);
}

/* The first event from `since` to `day` that takes the record away from the unit; a row about its commune
 * goes before the heir of the same day. */
static const lineage_t *
next_event (const catalogue_t *c, unit_id_t unit, str_t folded, date_t since, date_t day)
{
  const lineage_t *best = NULL, *l;
  bool best_by_commune = false, by_commune;
  for (size_t i = 0; (l = catalogue_lineage_at (c, i)) != NULL; i++) {
    if (l->from != unit || l->on < since || (day != 0 && l->on > day) || !takes (l, folded, &by_commune))
      continue;
    if (best == NULL || l->on < best->on || (l->on == best->on && by_commune && !best_by_commune)) {
      best = l;
      best_by_commune = by_commune;
    }
  }
  return best;
}

/* Where the record is in the end; stops early at `sought` (0: nowhere). */
static unit_id_t
follow (const catalogue_t *c, unit_id_t unit, str_t folded, date_t day, unit_id_t sought)
{
  const lineage_t *l;
  date_t since = 0;
  while ((l = next_event (c, unit, folded, since, day)) != NULL) {
    unit = l->to;
    since = l->on;
    if (unit == sought)
      break;
  }
  return unit;
}

static unit_id_t
walk (const catalogue_t *c, unit_id_t unit, str_t communes, date_t day, unit_id_t sought)
{
  buf_t folded = BUF_INIT;
  str_t first = STR_NONE;
  size_t at = 0;
  if (catalogue_lineage_at (c, 0) == NULL)
    return unit;
  if (!str_blank (communes) && commune_next (communes, &at, &first))
    (void)commune_fold (first, &folded);
  unit = follow (c, unit, buf_str (&folded), day, sought);
  buf_free (&folded);
  return unit;
}

unit_id_t
unit_today (const catalogue_t *c, unit_id_t unit, str_t commune, date_t day)
{
  return walk (c, unit, commune, day, 0);
}

bool
unit_heir_of (const catalogue_t *c, unit_id_t heir, unit_id_t unit, str_t commune)
{
  return heir != unit && heir != 0 && walk (c, unit, commune, 0, heir) == heir;
}

bool
unit_heir_of_all (const catalogue_t *c, unit_id_t heir, unit_id_t unit)
{
  const lineage_t *l;
  bool all = unit_heir_of (c, heir, unit, STR_NONE);
  for (size_t i = 0; all && (l = catalogue_lineage_at (c, i)) != NULL; i++)
    all = l->folded.n == 0 || follow (c, unit, l->folded, 0, heir) == heir;
  return all;
}

size_t
unit_forebears (const catalogue_t *c, unit_id_t unit, unit_id_t *out, size_t max)
{
  size_t n = 0;
  const lineage_t *l;
  for (bool grown = true; grown;) {
    grown = false;
    for (size_t i = 0; (l = catalogue_lineage_at (c, i)) != NULL && n < max; i++) {
      bool leads = l->to == unit, known = l->from == unit;
      for (size_t k = 0; k < n; k++) {
        leads = leads || l->to == out[k];
        known = known || l->from == out[k];
      }
      if (l->to == 0 || !leads || known)
        continue;
      out[n++] = l->from;
      grown = true;
    }
  }
  return n;
}

bool
unit_communes_decide (const catalogue_t *c, date_t day)
{
  const lineage_t *l;
  for (size_t i = 0; (l = catalogue_lineage_at (c, i)) != NULL; i++)
    if (l->folded.n > 0 && l->to != 0 && (day == 0 || l->on <= day))
      return true;
  return false;
}
