/* lists.c - a scheme's keyed lists, entry by entry.
 *
 * Both lists are arrays of structs that begin with the entry's id; finding, putting and dropping work on that
 * alone, with the size of an entry, so they stand here once for both. */
#include "common/core/lists.h"
#include "common/text/utf8.h"

#include <inttypes.h>
#include <string.h>

#define KEY_SEPARATOR '\x1f'
#define SHORT_ID 8u
#define NAMED_ID_MIN 4u

_Static_assert(offsetof (ledger_entry_t, id) == 0 && offsetof (beneficiary_t, id) == 0,
               "an entry begins with its id");

/* A list as bytes: where it lies and how large one entry is. */
typedef struct {
  const char *at;
  uint32_t n;
  size_t size;
} view_t;

static view_t
view_of (const scheme_t *s, kind_t form)
{
  CHECK (kind_is_form (form));
  if (form == FORM_LEDGER)
    return (view_t){(const char *)s->ledger, s->ledger_n, sizeof (ledger_entry_t)};
  return (view_t){(const char *)s->beneficiaries, s->beneficiaries_n, sizeof (beneficiary_t)};
}

static void
set_list (scheme_t *s, kind_t form, const void *at, uint32_t n)
{
  if (form == FORM_LEDGER) {
    s->ledger = at;
    s->ledger_n = n;
  } else {
    s->beneficiaries = at;
    s->beneficiaries_n = n;
  }
}

static const void *
entry_of (const record_t *line)
{
  CHECK (kind_is_form (line->kind));
  return line->kind == FORM_LEDGER ? (const void *)&line->u.ledger.entry
                                   : (const void *)&line->u.beneficiary.entry;
}

size_t
list_count (const scheme_t *s, kind_t form)
{
  return view_of (s, form).n;
}

size_t
list_max (kind_t form)
{
  return form == FORM_LEDGER ? LEDGER_MAX : BENEFICIARIES_MAX;
}

void
list_line (const scheme_t *s, kind_t form, size_t i, record_t *out)
{
  CHECK (i < list_count (s, form));
  out->kind = form;
  if (form == FORM_LEDGER)
    out->u.ledger = (ledger_line_t){s->code, s->ledger[i]};
  else
    out->u.beneficiary = (beneficiary_line_t){s->code, s->beneficiaries[i]};
}

str_t
line_scheme_code (const record_t *line)
{
  return line->kind == FORM_LEDGER ? line->u.ledger.scheme_code : line->u.beneficiary.scheme_code;
}

record_id_t
line_id (const record_t *line)
{
  record_id_t id;
  memcpy (&id, entry_of (line), sizeof id);
  return id;
}

void
line_set_id (record_t *line, record_id_t id)
{
  if (line->kind == FORM_LEDGER)
    line->u.ledger.entry.id = id;
  else
    line->u.beneficiary.entry.id = id;
}

/* ---- names ---- */

static bool
ledger_key (const ledger_entry_t *e, buf_t *out)
{
  if (!str_blank (e->voucher_no)) {
    buf_printf (out, "%u%c", (unsigned)(e->date / 10000), KEY_SEPARATOR);
    buf_put (out, e->voucher_no.p, e->voucher_no.n);
    return true;
  }
  buf_printf (out, "%u%c%u%c%u%c%" PRId64, (unsigned)e->date, KEY_SEPARATOR, (unsigned)e->kind, KEY_SEPARATOR,
              (unsigned)e->source, KEY_SEPARATOR, e->amount_vnd.v);
  return e->date != 0 && e->kind != LEDGER_NONE && e->source != 0 && e->amount_vnd.has;
}

static bool
beneficiary_key (const beneficiary_t *b, buf_t *out)
{
  bool ok = str_blank (b->name) || utf8_fold (b->name, out);
  buf_putc (out, KEY_SEPARATOR);
  ok = ok && (str_blank (b->address) || utf8_fold (b->address, out));
  return ok && !str_blank (b->name);
}

bool
line_key (const record_t *line, buf_t *out)
{
  return line->kind == FORM_LEDGER ? ledger_key (&line->u.ledger.entry, out)
                                   : beneficiary_key (&line->u.beneficiary.entry, out);
}

bool
line_full_key (const record_t *line, buf_t *out)
{
  const str_t code = line_scheme_code (line);
  buf_put (out, code.p, code.n);
  buf_putc (out, KEY_SEPARATOR);
  return line_key (line, out) && !str_blank (code);
}

static str_t
own_name (const record_t *line)
{
  return line->kind == FORM_LEDGER ? line->u.ledger.entry.voucher_no : line->u.beneficiary.entry.name;
}

static void
put_short_id (record_id_t id, buf_t *out)
{
  char text[37];
  record_id_format (id, text);
  if (!id_is_zero (id.b, sizeof id.b))
    buf_put (out, text, SHORT_ID);
}

void
line_label (const record_t *line, buf_t *out)
{
  const str_t name = own_name (line);
  if (str_blank (name))
    put_short_id (line_id (line), out);
  else
    buf_put (out, name.p, name.n);
}

void
line_quotable_label (const record_t *line, buf_t *out)
{
  const str_t name = own_name (line);
  if (name.n <= CODE_MAX && !str_blank (name) && utf8_clean (name, false, NULL))
    buf_put (out, name.p, name.n);
  else
    put_short_id (line_id (line), out);
}

void
list_label (const scheme_t *s, kind_t form, size_t i, buf_t *out)
{
  record_t line, other;
  bool alone = true;
  list_line (s, form, i, &line);
  for (size_t k = 0; k < list_count (s, form) && alone; k++) {
    list_line (s, form, k, &other);
    alone = k == i || !str_eq (own_name (&line), own_name (&other));
  }
  if (alone)
    line_label (&line, out);
  else
    put_short_id (line_id (&line), out);
}

/* ---- finding ---- */

/* Where an id stands or would stand. */
static uint32_t
place_of (view_t v, const record_id_t *id, bool *there)
{
  uint32_t low = 0, high = v.n;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (memcmp (v.at + middle * v.size, id, sizeof *id) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  *there = low < v.n && memcmp (v.at + low * v.size, id, sizeof *id) == 0;
  return low;
}

/* A line without a date, of a file that has no such column, means the voucher whatever its year. */
static bool
same_event (const ledger_entry_t *line, const ledger_entry_t *e)
{
  if (!str_blank (line->voucher_no))
    return str_eq (line->voucher_no, e->voucher_no) &&
           (line->date == 0 || line->date / 10000 == e->date / 10000);
  return str_blank (e->voucher_no) && line->date == e->date && line->kind == e->kind &&
         line->source == e->source && line->amount_vnd.has && e->amount_vnd.has &&
         line->amount_vnd.v == e->amount_vnd.v;
}

static size_t
find_event (const scheme_t *s, const ledger_entry_t *line, size_t *first)
{
  size_t n = 0;
  for (uint32_t i = 0; i < s->ledger_n; i++)
    if (same_event (line, &s->ledger[i]) && n++ == 0)
      *first = i;
  return n;
}

/* By name and address; a line without an address means the name, wherever it is. */
static size_t
find_beneficiary (const scheme_t *s, const beneficiary_t *line, size_t *first)
{
  buf_t whole = BUF_INIT, other = BUF_INIT;
  size_t same = 0, named = 0, named_at = 0;
  const bool readable = beneficiary_key (line, &whole);
  for (uint32_t i = 0; i < s->beneficiaries_n && readable; i++) {
    buf_clear (&other);
    if (!beneficiary_key (&s->beneficiaries[i], &other))
      continue;
    if (str_eq (buf_str (&whole), buf_str (&other)) && same++ == 0)
      *first = i;
    if (str_blank (line->address) && other.n > whole.n && memcmp (other.p, whole.p, whole.n) == 0 &&
        named++ == 0)
      named_at = i;
  }
  buf_free (&whole);
  buf_free (&other);
  if (same == 0)
    *first = named_at;
  return same > 0 ? same : named;
}

size_t
list_find (const scheme_t *s, const record_t *line, size_t *first)
{
  const record_id_t id = line_id (line);
  bool there;
  if (id_is_zero (id.b, sizeof id.b))
    return line->kind == FORM_LEDGER ? find_event (s, &line->u.ledger.entry, first)
                                     : find_beneficiary (s, &line->u.beneficiary.entry, first);
  *first = place_of (view_of (s, line->kind), &id, &there);
  return there;
}

/* Does the id's text begin so, dashes left out? */
static bool
id_begins (record_id_t id, str_t start)
{
  char hex[2 * sizeof id.b + 1];
  size_t at = 0;
  hex_encode (id.b, sizeof id.b, hex);
  for (size_t i = 0; i < start.n; i++) {
    if (start.p[i] == '-')
      continue;
    if (at == 2 * sizeof id.b || start.p[i] != hex[at])
      return false;
    at++;
  }
  return at >= NAMED_ID_MIN;
}

size_t
list_find_named (const scheme_t *s, kind_t form, str_t name, size_t *first)
{
  buf_t wanted = BUF_INIT, own = BUF_INIT;
  size_t by_name = 0, by_id = 0, id_at = 0;
  const bool readable = !str_blank (name) && utf8_fold (name, &wanted);
  for (size_t i = 0; i < list_count (s, form) && readable; i++) {
    record_t line;
    list_line (s, form, i, &line);
    buf_clear (&own);
    if (!str_blank (own_name (&line)) && utf8_fold (own_name (&line), &own) &&
        str_eq (buf_str (&own), buf_str (&wanted)) && by_name++ == 0)
      *first = i;
    if (id_begins (line_id (&line), name) && by_id++ == 0)
      id_at = i;
  }
  buf_free (&wanted);
  buf_free (&own);
  if (by_name > 0)
    return by_name;
  *first = id_at;
  return by_id;
}

/* ---- editing ---- */

static char *
copy_of (view_t v, uint32_t room, arena_t *arena)
{
  char *copy = arena_alloc (arena, room * v.size);
  if (copy != NULL && v.n > 0)
    memcpy (copy, v.at, v.n * v.size);
  return copy;
}

bool
list_put (scheme_t *s, const record_t *line, list_room_t *room, arena_t *arena)
{
  const view_t v = view_of (s, line->kind);
  const record_id_t id = line_id (line);
  bool there;
  CHECK (!id_is_zero (id.b, sizeof id.b));
  const uint32_t at = place_of (v, &id, &there);
  const uint32_t need = v.n + !there;
  if (need > list_max (line->kind))
    return false;
  if (room->at == NULL || need > room->room) {
    const uint32_t more = need < 8 ? 8 : need * 2;
    char *copy = copy_of (v, more, arena);
    if (copy == NULL)
      return false;
    *room = (list_room_t){copy, more};
  }
  char *to = (char *)room->at + at * v.size;
  if (!there)
    memmove (to + v.size, to, (v.n - at) * v.size);
  memcpy (to, entry_of (line), v.size);
  set_list (s, line->kind, room->at, need);
  return true;
}

bool
list_drop (scheme_t *s, kind_t form, size_t i, arena_t *arena)
{
  const view_t v = view_of (s, form);
  CHECK (i < v.n);
  char *copy = copy_of (v, v.n, arena);
  if (copy == NULL)
    return false;
  memmove (copy + i * v.size, copy + (i + 1) * v.size, (v.n - i - 1) * v.size);
  set_list (s, form, copy, v.n - 1);
  return true;
}
