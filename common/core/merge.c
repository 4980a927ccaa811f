/* merge.c - three-way merging of records.
 *
 * Every scalar goes through take_second, the one place that says who wins. The scalars of a record and of an
 * entry are those of fields.def, so that a new column merges without a line here; what has no column
 * (unknown bytes, the provincial kinds' office) stands in `beside`.
 *
 * Lists are merged by key: both sides and the base are in order of their keys, and are walked side by side.
 * An entry that one side removed and the other left alone is gone; edited there, it is a clash of the entry
 * as a whole. Entries with ids of their own that say the same (one file imported on two PCs) are one entry.
 */
#include "common/core/merge.h"
#include "common/core/fields.h"
#include "common/core/lists.h"

#include <stdio.h>

#define NAME_MAX_BYTES 96u
#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))

typedef struct {
  merge_prefer_t prefer;
  arena_t *arena;
  merged_t *out;
  str_t *clash;
  char prefix[NAME_MAX_BYTES]; /* of names: "", "funding.2." … */
  bool no_memory;
} merging_t;

/* Scalars without a column. */
static const struct {
  kind_t kind;
  const char *name;
  field_type_t type;
  size_t offset;
} beside[] = {
    {KIND_SCHEME, "unknown", FIELD_TEXT, offsetof (scheme_t, unknown)},
    {KIND_OUTCOME, "unknown", FIELD_TEXT, offsetof (outcome_t, unknown)},
    {KIND_CONSULTING, "unknown", FIELD_TEXT, offsetof (consulting_t, unknown)},
    {KIND_CONSULTING, "district", FIELD_UNIT, offsetof (consulting_t, district)},
    {KIND_STAFF, "unknown", FIELD_TEXT, offsetof (staff_t, unknown)},
    {KIND_STAFF, "district", FIELD_UNIT, offsetof (staff_t, district)},
    {KIND_DOCUMENT, "unknown", FIELD_TEXT, offsetof (document_t, unknown)},
    {KIND_DOCUMENT, "district", FIELD_UNIT, offsetof (document_t, district)},
    {KIND_SUBMISSION, "unknown", FIELD_TEXT, offsetof (submission_t, unknown)},
    {FORM_LEDGER, "unknown", FIELD_TEXT, offsetof (ledger_line_t, entry.unknown)},
    {FORM_BENEFICIARY, "unknown", FIELD_TEXT, offsetof (beneficiary_line_t, entry.unknown)},
};

/* ---- one scalar ---- */

static void
note_clash (merging_t *m, const char *name)
{
  char whole[2 * NAME_MAX_BYTES];
  if (m->out->clashes_n == CLASHES_MAX)
    return;
  snprintf (whole, sizeof whole, "%s%s", m->prefix, name);
  str_t kept = arena_str (m->arena, str_of (whole));
  m->no_memory = m->no_memory || kept.p == NULL;
  m->clash[m->out->clashes_n++] = kept;
}

/* Which side's value stands, where they are not the same. */
static bool
take_second (merging_t *m, const char *name, bool first_changed, bool second_changed)
{
  bool second = second_changed && !first_changed;
  if (first_changed && second_changed) {
    note_clash (m, name);
    second = m->prefer == MERGE_SECOND;
  }
  if (second)
    m->out->as_first = false;
  else
    m->out->as_second = false;
  return second;
}

static bool
text_same (str_t a, str_t b)
{
  return a.n == b.n && (a.n == 0 || memcmp (a.p, b.p, a.n) == 0);
}

static bool
amount_same (opt_i64_t a, opt_i64_t b)
{
  return a.has == b.has && (!a.has || a.v == b.v);
}

typedef enum { MEMBER_TEXT, MEMBER_AMOUNT, MEMBER_PLAIN } member_form_t;

/* What a field's member is made of; plain ones have no padding. */
static member_form_t
member_form (field_type_t type, size_t *size)
{
  switch (type) {
  case FIELD_TEXT:
  case FIELD_CODE:
  case FIELD_ITEM:
  case FIELD_INDICATOR:
  case FIELD_FUND:
  case FIELD_SERVICE:
  case FIELD_STAFF_ITEM:
    *size = sizeof (str_t);
    return MEMBER_TEXT;
  case FIELD_MONEY:
  case FIELD_COUNT:
  case FIELD_VALUE:
    *size = sizeof (opt_i64_t);
    return MEMBER_AMOUNT;
  case FIELD_UNIT:
    *size = sizeof (unit_id_t);
    break;
  case FIELD_YEARS:
    *size = sizeof (span_t);
    break;
  case FIELD_STATUS:
    *size = sizeof (status_t);
    break;
  case FIELD_SCHEME_KIND:
    *size = sizeof (scheme_kind_t);
    break;
  case FIELD_VALUE_KIND:
    *size = sizeof (value_kind_t);
    break;
  case FIELD_YES:
    *size = sizeof (bool);
    break;
  case FIELD_DOCUMENT_STATUS:
    *size = sizeof (document_status_t);
    break;
  case FIELD_ID:
    *size = sizeof (record_id_t);
    break;
  case FIELD_LEDGER_KIND:
    *size = sizeof (ledger_kind_t);
    break;
  case FIELD_SOURCE:
    *size = sizeof (source_id_t);
    break;
  case FIELD_DATE:
    *size = sizeof (date_t);
    break;
  case FIELD_SUPPORT: /* of a funding line: merge_funding */
  case FIELD_SETTLED:
    *size = 0;
    break;
  }
  return MEMBER_PLAIN;
}

static bool
member_same (member_form_t form, size_t size, const void *a, const void *b)
{
  if (form == MEMBER_TEXT)
    return text_same (*(const str_t *)a, *(const str_t *)b);
  if (form == MEMBER_AMOUNT)
    return amount_same (*(const opt_i64_t *)a, *(const opt_i64_t *)b);
  return memcmp (a, b, size) == 0;
}

/* out holds the first side's. */
static void
merge_member (merging_t *m, const char *name, field_type_t type, size_t offset, const record_t *b,
              const record_t *x, const record_t *y, record_t *out)
{
  size_t size = 0;
  member_form_t form = member_form (type, &size);
  const void *in_b = field_member (b, offset), *in_x = field_member (x, offset),
             *in_y = field_member (y, offset);
  if (size == 0)
    return;
  bool scaled = type == FIELD_VALUE; /* a value without its scale says nothing */
  uint8_t scale_b = scaled ? b->u.outcome.scale : 0, scale_x = scaled ? x->u.outcome.scale : 0,
          scale_y = scaled ? y->u.outcome.scale : 0;
  if (member_same (form, size, in_x, in_y) && scale_x == scale_y)
    return;
  bool first = !member_same (form, size, in_b, in_x) || scale_b != scale_x;
  bool second = !member_same (form, size, in_b, in_y) || scale_b != scale_y;
  if (!take_second (m, name, first, second))
    return;
  memcpy ((char *)&out->u + offset, in_y, size);
  if (scaled)
    out->u.outcome.scale = scale_y;
}

static void
merge_members (merging_t *m, kind_t kind, const record_t *b, const record_t *x, const record_t *y,
               record_t *out)
{
  size_t n;
  const field_t *f = fields_of (kind, &n);
  for (size_t i = 0; i < n; i++)
    if (!kind_is_form (kind) || !f[i].key) /* an entry's scheme code is the scheme's */
      merge_member (m, f[i].name, f[i].type, f[i].offset, b, x, y, out);
  for (size_t i = 0; i < COUNT (beside); i++)
    if (beside[i].kind == kind)
      merge_member (m, beside[i].name, beside[i].type, beside[i].offset, b, x, y, out);
}

/* ---- funding ---- */

static bool
funding_same (const funding_t *a, const funding_t *b)
{
  return amount_same (a->planned_vnd, b->planned_vnd) && amount_same (a->approved_vnd, b->approved_vnd) &&
         amount_same (a->settled_vnd, b->settled_vnd) && text_same (a->unknown, b->unknown);
}

static void
merge_amount (merging_t *m, const char *name, opt_i64_t b, opt_i64_t x, opt_i64_t y, opt_i64_t *out)
{
  *out = x;
  if (!amount_same (x, y) && take_second (m, name, !amount_same (b, x), !amount_same (b, y)))
    *out = y;
}

/* A line that says nothing is none. */
static void
merge_line (merging_t *m, const funding_t *b, const funding_t *x, const funding_t *y, funding_t *out)
{
  static const funding_t none;
  const bool in_b = !funding_same (b, &none), in_x = !funding_same (x, &none),
             in_y = !funding_same (y, &none);
  if (in_b && in_x != in_y) {
    const bool second = take_second (m, "", !funding_same (b, x), !funding_same (b, y));
    const source_id_t source = out->source;
    *out = second ? *y : *x;
    out->source = source;
    return;
  }
  merge_amount (m, ".planned_vnd", b->planned_vnd, x->planned_vnd, y->planned_vnd, &out->planned_vnd);
  merge_amount (m, ".approved_vnd", b->approved_vnd, x->approved_vnd, y->approved_vnd, &out->approved_vnd);
  merge_amount (m, ".settled_vnd", b->settled_vnd, x->settled_vnd, y->settled_vnd, &out->settled_vnd);
  out->unknown = x->unknown;
  if (!text_same (x->unknown, y->unknown) &&
      take_second (m, ".unknown", !text_same (b->unknown, x->unknown), !text_same (b->unknown, y->unknown)))
    out->unknown = y->unknown;
}

/* The line of the source, and past it; none when it is not the next one. */
static const funding_t *
next_line (const scheme_t *s, source_id_t source, uint32_t *at)
{
  static const funding_t none;
  if (*at < s->funding_n && s->funding[*at].source == source)
    return &s->funding[(*at)++];
  return &none;
}

static void
lower (const scheme_t *s, uint32_t at, bool *any, source_id_t *least)
{
  if (at < s->funding_n && (!*any || s->funding[at].source < *least)) {
    *least = s->funding[at].source;
    *any = true;
  }
}

static void
merge_funding (merging_t *m, const scheme_t *b, const scheme_t *x, const scheme_t *y, scheme_t *out)
{
  static const funding_t none;
  uint32_t in_b = 0, in_x = 0, in_y = 0;
  out->funding_n = 0;
  for (;;) {
    bool any = false;
    funding_t line = {0};
    lower (b, in_b, &any, &line.source);
    lower (x, in_x, &any, &line.source);
    lower (y, in_y, &any, &line.source);
    if (!any)
      break;
    const funding_t *of_b = next_line (b, line.source, &in_b), *of_x = next_line (x, line.source, &in_x),
                    *of_y = next_line (y, line.source, &in_y);
    snprintf (m->prefix, sizeof m->prefix, "funding.%u", (unsigned)line.source);
    merge_line (m, of_b, of_x, of_y, &line);
    m->prefix[0] = '\0';
    if (funding_same (&line, &none))
      continue;
    if (out->funding_n < FUNDING_MAX)
      out->funding[out->funding_n++] = line;
    else
      note_clash (m, "funding");
  }
}

/* ---- lists ---- */

/* One list of the base and both sides. */
typedef struct {
  merging_t *m;
  kind_t form;
  const char *name;
  const scheme_t *b, *x, *y;
  bool *twin_x, *twin_y; /* entries added on both sides under different ids */
  scheme_t *out;
  list_room_t room;
  bool full;
} listing_t;

static bool
line_same (const record_t *a, const record_t *b)
{
  return a->kind == FORM_LEDGER ? ledger_entry_same (&a->u.ledger.entry, &b->u.ledger.entry)
                                : beneficiary_same (&a->u.beneficiary.entry, &b->u.beneficiary.entry);
}

static bool
has_entry (const scheme_t *s, const record_t *line)
{
  size_t at;
  return list_find (s, line, &at) > 0;
}

/* An entry that one side alone added. */
static bool
is_new (const scheme_t *b, const scheme_t *other, const record_t *line)
{
  const record_id_t id = line_id (line);
  return !id_is_zero (id.b, sizeof id.b) && !has_entry (b, line) && !has_entry (other, line);
}

/* The places of the entries that a side alone added. */
static size_t
new_entries (const listing_t *l, const scheme_t *side, const scheme_t *other, uint32_t *out)
{
  size_t n = 0;
  record_t line;
  for (size_t i = 0; i < list_count (side, l->form); i++) {
    list_line (side, l->form, i, &line);
    if (is_new (l->b, other, &line))
      out[n++] = (uint32_t)i;
  }
  return n;
}

static bool
pair_twins (listing_t *l)
{
  const size_t nx = list_count (l->x, l->form), ny = list_count (l->y, l->form);
  uint32_t *new_x = arena_alloc (l->m->arena, (nx + 1) * sizeof *new_x);
  uint32_t *new_y = arena_alloc (l->m->arena, (ny + 1) * sizeof *new_y);
  record_t of_x, of_y;
  l->twin_x = arena_alloc (l->m->arena, nx + 1);
  l->twin_y = arena_alloc (l->m->arena, ny + 1);
  if (new_x == NULL || new_y == NULL || l->twin_x == NULL || l->twin_y == NULL)
    return false;
  const size_t in_x = new_entries (l, l->x, l->y, new_x), in_y = new_entries (l, l->y, l->x, new_y);
  for (size_t j = 0; j < in_y; j++) {
    bool *twin = &l->twin_y[new_y[j]];
    list_line (l->y, l->form, new_y[j], &of_y);
    for (size_t i = 0; i < in_x && !*twin; i++) {
      if (l->twin_x[new_x[i]])
        continue;
      list_line (l->x, l->form, new_x[i], &of_x);
      line_set_id (&of_x, line_id (&of_y));
      l->twin_x[new_x[i]] = *twin = line_same (&of_x, &of_y);
    }
  }
  return true;
}

static void
put_line (listing_t *l, const record_t *line)
{
  if (l->full || l->m->no_memory)
    return;
  if (list_put (l->out, line, &l->room, l->m->arena))
    return;
  l->full = list_count (l->out, l->form) == list_max (l->form);
  l->m->no_memory = !l->full;
}

/* An entry as the base and both sides have it; NULL: not there. */
static void
merge_entry (listing_t *l, const record_t *b, const record_t *x, const record_t *y, bool twin)
{
  static const record_t none;
  merging_t *m = l->m;
  record_t out;
  char id[37];
  if (x == NULL && y == NULL)
    return;
  record_id_format (line_id (x != NULL ? x : y), id);
  snprintf (m->prefix, sizeof m->prefix, "%s.%s", l->name, id);
  if (x != NULL && y != NULL) {
    snprintf (m->prefix, sizeof m->prefix, "%s.%s.", l->name, id);
    out = *x;
    merge_members (m, l->form, b != NULL ? b : &none, x, y, &out);
    put_line (l, &out);
  } else if (twin) {
    if (x != NULL)
      put_line (l, x);
  } else {
    bool first = b == NULL ? x != NULL : x == NULL || !line_same (b, x);
    bool second = b == NULL ? y != NULL : y == NULL || !line_same (b, y);
    const record_t *stands = take_second (m, "", first, second) ? y : x;
    if (stands != NULL)
      put_line (l, stands);
  }
  m->prefix[0] = '\0';
}

static bool
line_at (const scheme_t *s, kind_t form, size_t at, record_t *line)
{
  if (at >= list_count (s, form))
    return false;
  list_line (s, form, at, line);
  return true;
}

static void
walk_lists (listing_t *l)
{
  size_t at[3] = {0, 0, 0};
  const scheme_t *side[3] = {l->b, l->x, l->y};
  record_t line[3];
  for (;;) {
    bool there[3];
    const record_t *least = NULL;
    for (int i = 0; i < 3; i++) {
      there[i] = line_at (side[i], l->form, at[i], &line[i]);
      if (there[i] && (least == NULL || memcmp (line_id (&line[i]).b, line_id (least).b, 16) < 0))
        least = &line[i];
    }
    if (least == NULL)
      return;
    const record_id_t id = line_id (least);
    for (int i = 0; i < 3; i++)
      there[i] = there[i] && record_id_eq (line_id (&line[i]), id);
    const bool twin = (there[1] && l->twin_x[at[1]]) || (there[2] && l->twin_y[at[2]]);
    merge_entry (l, there[0] ? &line[0] : NULL, there[1] ? &line[1] : NULL, there[2] ? &line[2] : NULL, twin);
    for (int i = 0; i < 3; i++)
      at[i] += there[i];
  }
}

static void
set_list (scheme_t *to, const scheme_t *from, kind_t form)
{
  if (form == FORM_LEDGER) {
    to->ledger = from->ledger;
    to->ledger_n = from->ledger_n;
  } else {
    to->beneficiaries = from->beneficiaries;
    to->beneficiaries_n = from->beneficiaries_n;
  }
}

static bool
lists_same (const scheme_t *a, const scheme_t *b, kind_t form)
{
  const size_t n = list_count (a, form);
  record_t of_a, of_b;
  if (n != list_count (b, form))
    return false;
  for (size_t i = 0; i < n; i++) {
    list_line (a, form, i, &of_a);
    list_line (b, form, i, &of_b);
    if (!line_same (&of_a, &of_b))
      return false;
  }
  return true;
}

/* As the rules want lists; what is not cannot be gone through side by side, and is one thing. */
static bool
in_order (const scheme_t *s, kind_t form)
{
  record_t line;
  record_id_t last = {{0}};
  for (size_t i = 0; i < list_count (s, form); i++) {
    list_line (s, form, i, &line);
    const record_id_t id = line_id (&line);
    if (memcmp (id.b, last.b, sizeof id.b) <= 0)
      return false;
    last = id;
  }
  return true;
}

static void
merge_list (merging_t *m, kind_t form, const char *name, const scheme_t *b, const scheme_t *x,
            const scheme_t *y, scheme_t *out)
{
  static const scheme_t none;
  listing_t l = {.m = m, .form = form, .name = name, .b = b, .x = x, .y = y, .out = out};
  if (lists_same (x, y, form))
    return; /* out has the first side's */
  if (!in_order (b, form) || !in_order (x, form) || !in_order (y, form)) {
    if (take_second (m, name, !lists_same (b, x, form), !lists_same (b, y, form)))
      set_list (out, y, form);
    return;
  }
  const size_t clashes = m->out->clashes_n;
  set_list (out, &none, form);
  if (!pair_twins (&l)) {
    m->no_memory = true;
    return;
  }
  walk_lists (&l);
  if (!l.full)
    return;
  m->out->clashes_n = clashes;
  set_list (out, take_second (m, name, true, true) ? y : x, form);
}

/* ---- the whole ---- */

static bool
says_more (const update_t *b, const update_t *side)
{
  return b->operation != side->operation || !record_same (&b->record, &side->record) ||
         !text_same (b->unknown, side->unknown);
}

/* Withdrawing a record keeps its state, so whoever edits it means another thing than whoever withdraws it,
 * whatever is edited. */
static void
merge_operation (merging_t *m, const update_t *b, const update_t *first, const update_t *second, bool created)
{
  m->out->operation = first->operation;
  if (first->operation == second->operation)
    return;
  if (take_second (m, "withdrawn", created || says_more (b, first), created || says_more (b, second)))
    m->out->operation = second->operation;
}

err_t
merge3 (const update_t *base, const update_t *first, const update_t *second, merge_prefer_t prefer,
        arena_t *arena, merged_t *out)
{
  static const update_t nothing;
  const update_t *b = base != NULL ? base : &nothing;
  const kind_t kind = first->record.kind;
  CHECK (kind_supported (kind) && second->record.kind == kind && (base == NULL || b->record.kind == kind));
  *out = (merged_t){.record = first->record, .unknown = first->unknown, .as_first = true, .as_second = true};
  merging_t m = {.prefer = prefer, .arena = arena, .out = out};
  m.clash = arena_alloc (arena, CLASHES_MAX * sizeof *m.clash);
  if (m.clash == NULL)
    return ERR_NOMEM;
  out->clashes = m.clash;
  merge_operation (&m, b, first, second, base == NULL);
  merge_members (&m, kind, &b->record, &first->record, &second->record, &out->record);
  if (kind == KIND_SCHEME) {
    const scheme_t *sb = &b->record.u.scheme, *sx = &first->record.u.scheme, *sy = &second->record.u.scheme;
    scheme_t *to = &out->record.u.scheme;
    merge_funding (&m, sb, sx, sy, to);
    merge_list (&m, FORM_LEDGER, "ledger", sb, sx, sy, to);
    merge_list (&m, FORM_BENEFICIARY, "beneficiaries", sb, sx, sy, to);
  }
  if (!text_same (first->unknown, second->unknown) &&
      take_second (&m, "unknown", !text_same (b->unknown, first->unknown),
                   !text_same (b->unknown, second->unknown)))
    out->unknown = second->unknown;
  return m.no_memory ? ERR_NOMEM : ERR_OK;
}
