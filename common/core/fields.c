/* fields.c - the one table of columns, and a record's fields as text. */
#include "common/core/fields.h"
#include "common/core/labels.h"
#include "common/text/number.h"
#include "common/text/utf8.h"

#include <stdlib.h>

#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))

enum { R = 1, K = 2 };

static const field_t fields[] = {
#define FIELD(kind, name, type, flags, max, offset)                                                          \
  {kind, name, type, ((flags)&R) != 0, ((flags)&K) != 0, max, offset},
#include "common/core/fields.def"
#undef FIELD
};

/* All names by which a header is recognised; those of sources are not among them. */
static const struct {
  kind_t kind;
  const char *name;
  bool required;
} names[] = {
#define FIELD(kind, name, type, flags, max, offset) {kind, name, ((flags)&R) != 0},
#include "common/core/fields.def"
#undef FIELD
};

struct columns {
  kind_t kind;
  const catalogue_t *catalogue;
  arena_t *arena;
  column_t *at;
  str_t *folded; /* the labels of column i, for searching: 2i Vietnamese, 2i + 1 English */
  size_t n;
  labels_t **labels; /* of values; made when they are asked for */
};

const field_t *
fields_of (kind_t kind, size_t *n)
{
  size_t first = 0;
  while (first < COUNT (fields) && fields[first].kind != kind)
    first++;
  size_t end = first;
  while (end < COUNT (fields) && fields[end].kind == kind)
    end++;
  *n = end - first;
  return &fields[first < COUNT (fields) ? first : 0];
}

/* ---- the columns of a catalogue ---- */

static bool
per_source (field_type_t type)
{
  return type == FIELD_SUPPORT || type == FIELD_SETTLED;
}

static str_t
source_column (arena_t *arena, const char *pattern, str_t code)
{
  const char *mark = strchr (pattern, '%');
  CHECK (mark != NULL);
  size_t head = (size_t)(mark - pattern), tail = strlen (mark + 1);
  char *p = arena_alloc (arena, head + code.n + tail + 1);
  if (p == NULL)
    return STR_NONE;
  memcpy (p, pattern, head);
  memcpy (p + head, code.p, code.n);
  memcpy (p + head + code.n, mark + 1, tail);
  return (str_t){p, head + code.n + tail};
}

static bool
fold_label (columns_t *cs, str_t label, str_t *out)
{
  buf_t b = BUF_INIT;
  *out = STR_NONE;
  bool ok = str_blank (label) || utf8_fold (label, &b);
  if (ok && b.n > 0) {
    *out = arena_str (cs->arena, buf_str (&b));
    ok = out->p != NULL;
  }
  buf_free (&b);
  return ok;
}

static bool
add_column (columns_t *cs, const field_t *f, const source_t *source)
{
  column_t *col = &cs->at[cs->n];
  *col = (column_t){.name = str_of (f->name),
                    .type = f->type,
                    .required = f->required,
                    .key = f->key,
                    .max_bytes = f->max_bytes,
                    .offset = f->offset};
  if (source != NULL) {
    col->source = source->id;
    col->name = source_column (cs->arena, f->name, source->code);
    if (col->name.p == NULL)
      return false;
  }
  col->label_vi = catalogue_column_label (cs->catalogue, cs->kind, col->name, false);
  col->label_en = catalogue_column_label (cs->catalogue, cs->kind, col->name, true);
  if (!fold_label (cs, col->label_vi, &cs->folded[2 * cs->n]) ||
      !fold_label (cs, col->label_en, &cs->folded[2 * cs->n + 1]))
    return false;
  cs->n++;
  return true;
}

static bool
fill (columns_t *cs, const field_t *rows, size_t n)
{
  bool ok = true;
  for (size_t i = 0; ok && i < n; i++) {
    if (!per_source (rows[i].type)) {
      ok = add_column (cs, &rows[i], NULL);
      continue;
    }
    const source_t *s;
    for (size_t j = 0; ok && (s = catalogue_source_at (cs->catalogue, j)) != NULL; j++)
      if (s->active)
        ok = add_column (cs, &rows[i], s);
  }
  return ok;
}

columns_t *
columns_new (kind_t kind, const catalogue_t *c)
{
  size_t n;
  const field_t *rows = fields_of (kind, &n);
  if (n == 0)
    return NULL;
  columns_t *cs = calloc (1, sizeof *cs);
  if (cs == NULL)
    return NULL;
  cs->kind = kind;
  cs->catalogue = c;
  cs->arena = arena_new (1u << 20);
  if (cs->arena != NULL) {
    cs->at = arena_alloc (cs->arena, (n + (size_t)2 * SOURCES_MAX) * sizeof *cs->at);
    cs->labels = arena_alloc (cs->arena, sizeof (labels_t *));
    cs->folded = arena_alloc (cs->arena, 2 * (n + (size_t)2 * SOURCES_MAX) * sizeof *cs->folded);
  }
  if (cs->at == NULL || cs->folded == NULL || cs->labels == NULL || !fill (cs, rows, n))
    columns_destroy (&cs);
  return cs;
}

void
columns_destroy (columns_t **self_p)
{
  if (*self_p == NULL)
    return;
  if ((*self_p)->labels != NULL)
    labels_destroy ((*self_p)->labels);
  arena_destroy (&(*self_p)->arena);
  free (*self_p);
  *self_p = NULL;
}

const labels_t *
columns_labels (const columns_t *cs)
{
  if (*cs->labels == NULL)
    *cs->labels = labels_new (cs->catalogue);
  return *cs->labels;
}

kind_t
columns_kind (const columns_t *cs)
{
  return cs->kind;
}

size_t
columns_count (const columns_t *cs)
{
  return cs->n;
}

const column_t *
columns_at (const columns_t *cs, size_t i)
{
  CHECK (i < cs->n);
  return &cs->at[i];
}

static bool
takes_end (str_t *s, const char *end)
{
  const size_t n = strlen (end);
  const bool has = s->n > n && memcmp (s->p + s->n - n, end, n) == 0;
  s->n -= has ? n : 0;
  return has;
}

/* "Mã đề án (*):" is the label with what forms on paper put behind it: required, a colon. */
static str_t
without_marks (str_t name)
{
  while (name.n > 1 && (*name.p == '*' || *name.p == ' '))
    name = (str_t){name.p + 1, name.n - 1};
  while (takes_end (&name, " ") || takes_end (&name, ":") || takes_end (&name, "(*)") ||
         takes_end (&name, "*"))
    ;
  return name;
}

/* A header cell in the form that is compared: case, accents, spaces and marks do not count. */
static bool
fold_name (str_t name, buf_t *out)
{
  buf_clear (out);
  name = str_blank (name) ? name : without_marks (name);
  return !str_blank (name) && utf8_valid (name, NULL) && utf8_fold (name, out) && out->n > 0;
}

int
columns_find (const columns_t *cs, str_t name)
{
  int found = -1;
  for (size_t i = 0; i < cs->n; i++)
    if (str_eq (cs->at[i].name, name))
      return (int)i;
  buf_t folded = BUF_INIT;
  if (fold_name (name, &folded)) {
    for (size_t i = 0; found < 0 && i < cs->n; i++)
      if (str_eq (cs->at[i].name, buf_str (&folded)))
        found = (int)i;
    for (size_t i = 0; found < 0 && i < 2 * cs->n; i++)
      if (str_eq (cs->folded[i], buf_str (&folded)))
        found = (int)(i / 2);
  }
  buf_free (&folded);
  return found;
}

static bool
is_label (str_t label, str_t folded_cell)
{
  buf_t b = BUF_INIT;
  const bool same = fold_name (label, &b) && str_eq (buf_str (&b), folded_cell);
  buf_free (&b);
  return same;
}

/* By its name or one of the catalogue's labels for it. The header's cells are folded. */
static bool
header_has (const catalogue_t *c, const buf_t *header, size_t n, kind_t kind, const char *name)
{
  for (size_t i = 0; i < n; i++) {
    const str_t cell = buf_str (&header[i]);
    if (str_is (cell, name))
      return true;
    if (c != NULL && cell.n > 0 &&
        (is_label (catalogue_column_label (c, kind, str_of (name), false), cell) ||
         is_label (catalogue_column_label (c, kind, str_of (name), true), cell)))
      return true;
  }
  return false;
}

static kind_t
recognise (const catalogue_t *c, const buf_t *header, size_t n)
{
  kind_t best = KIND_NONE;
  size_t best_common = 0;
  for (kind_t kind = KIND_SCHEME; kind < FORM_END; kind++) {
    size_t common = 0;
    bool fits = true;
    if (kind == KIND_STAFF && (header_has (c, header, n, KIND_OUTCOME, "fund") ||
                               header_has (c, header, n, KIND_OUTCOME, "district")))
      continue;
    for (size_t i = 0; i < COUNT (names); i++) {
      if (names[i].kind != kind)
        continue;
      bool has = header_has (c, header, n, kind, names[i].name);
      common += has;
      fits = fits && (has || !names[i].required);
    }
    if (fits && common > best_common) {
      best = kind;
      best_common = common;
    }
  }
  return best;
}

kind_t
columns_recognise (const catalogue_t *c, const str_t *header, size_t n)
{
  buf_t *folded = calloc (n + 1, sizeof *folded);
  kind_t kind = KIND_NONE;
  for (size_t i = 0; folded != NULL && i < n; i++)
    (void)fold_name (header[i], &folded[i]);
  if (folded != NULL)
    kind = recognise (c, folded, n);
  for (size_t i = 0; folded != NULL && i < n; i++)
    buf_free (&folded[i]);
  free (folded);
  return kind;
}

/* ---- a field as text ---- */

static const funding_t *
funding_of (const record_t *r, source_id_t source)
{
  static const funding_t none;
  if (r->kind == KIND_SCHEME)
    for (uint32_t i = 0; i < r->u.scheme.funding_n; i++)
      if (r->u.scheme.funding[i].source == source)
        return &r->u.scheme.funding[i];
  return &none;
}

static opt_i64_t
amount_of (const column_t *col, const record_t *r)
{
  if (!per_source (col->type))
    return *(const opt_i64_t *)field_member (r, col->offset);
  const funding_t *f = funding_of (r, col->source);
  if (col->type == FIELD_SETTLED)
    return f->settled_vnd;
  return f->approved_vnd.has ? f->approved_vnd : f->planned_vnd;
}

static void
put_name (buf_t *out, const char *name, unsigned number)
{
  if (name != NULL)
    buf_puts (out, name);
  else if (number != 0)
    buf_printf (out, "#%u", number);
}

static void
put_unit (buf_t *out, const catalogue_t *c, unit_id_t id)
{
  const unit_t *u = catalogue_unit (c, id);
  if (u != NULL)
    buf_put (out, u->known_as.p, u->known_as.n);
  else if (id != 0)
    buf_printf (out, "#%u", (unsigned)id);
}

static void
put_source (buf_t *out, const catalogue_t *c, source_id_t id)
{
  const source_t *s = catalogue_source (c, id);
  if (s != NULL)
    buf_put (out, s->code.p, s->code.n);
  else if (id != 0)
    buf_printf (out, "#%u", (unsigned)id);
}

static void
put_id (buf_t *out, record_id_t id)
{
  char text[37];
  record_id_format (id, text);
  if (!id_is_zero (id.b, sizeof id.b))
    buf_puts (out, text);
}

static void
put_value (buf_t *out, const catalogue_t *c, const record_t *r)
{
  const outcome_t *o = &r->u.outcome;
  const indicator_t *i = catalogue_indicator (c, o->indicator);
  if (o->value.has)
    number_format_plain (o->value.v, o->scale, i == NULL ? 0 : i->decimals, out);
}

void
column_get (const column_t *col, const record_t *r, const catalogue_t *c, buf_t *out)
{
  const void *member = field_member (r, col->offset);
  char years[12];
  switch (col->type) {
  case FIELD_TEXT:
  case FIELD_CODE:
  case FIELD_ITEM:
  case FIELD_INDICATOR:
  case FIELD_FUND:
  case FIELD_SERVICE:
  case FIELD_STAFF_ITEM:
    buf_put (out, ((const str_t *)member)->p, ((const str_t *)member)->n);
    return;
  case FIELD_UNIT:
    put_unit (out, c, *(const unit_id_t *)member);
    return;
  case FIELD_YEARS:
    span_format (*(const span_t *)member, years);
    buf_puts (out, years);
    return;
  case FIELD_STATUS:
    put_name (out, status_name (*(const status_t *)member), (unsigned)*(const status_t *)member);
    return;
  case FIELD_SCHEME_KIND:
    put_name (out, scheme_kind_name (*(const scheme_kind_t *)member),
              (unsigned)*(const scheme_kind_t *)member);
    return;
  case FIELD_VALUE_KIND:
    put_name (out, value_kind_name (*(const value_kind_t *)member), (unsigned)*(const value_kind_t *)member);
    return;
  case FIELD_YES:
    if (*(const bool *)member)
      buf_puts (out, "yes");
    return;
  case FIELD_DOCUMENT_STATUS:
    put_name (out, document_status_name (*(const document_status_t *)member),
              (unsigned)*(const document_status_t *)member);
    return;
  case FIELD_ID:
    put_id (out, *(const record_id_t *)member);
    return;
  case FIELD_LEDGER_KIND:
    put_name (out, ledger_kind_name (*(const ledger_kind_t *)member),
              (unsigned)*(const ledger_kind_t *)member);
    return;
  case FIELD_SOURCE:
    put_source (out, c, *(const source_id_t *)member);
    return;
  case FIELD_DATE:
    if (*(const date_t *)member != 0)
      date_format (*(const date_t *)member, out);
    return;
  case FIELD_VALUE:
    put_value (out, c, r);
    return;
  case FIELD_MONEY:
  case FIELD_COUNT:
  case FIELD_SUPPORT:
  case FIELD_SETTLED:
    if (amount_of (col, r).has)
      number_format_plain (amount_of (col, r).v, 0, 0, out);
    return;
  }
  UNREACHABLE ();
}

bool
column_has (const column_t *col, const record_t *r)
{
  const void *member = field_member (r, col->offset);
  switch (col->type) {
  case FIELD_TEXT:
  case FIELD_CODE:
  case FIELD_ITEM:
  case FIELD_INDICATOR:
  case FIELD_FUND:
  case FIELD_SERVICE:
  case FIELD_STAFF_ITEM:
    return !str_blank (*(const str_t *)member);
  case FIELD_UNIT:
    return *(const unit_id_t *)member != 0;
  case FIELD_YEARS:
    return ((const span_t *)member)->from != 0;
  case FIELD_STATUS:
    return *(const status_t *)member != STATUS_NONE;
  case FIELD_SCHEME_KIND:
    return *(const scheme_kind_t *)member != SCHEME_KIND_NONE;
  case FIELD_VALUE_KIND:
    return *(const value_kind_t *)member != VALUE_NONE;
  case FIELD_YES:
    return *(const bool *)member;
  case FIELD_DOCUMENT_STATUS:
    return *(const document_status_t *)member != DOCUMENT_NONE;
  case FIELD_ID:
    return !id_is_zero (((const record_id_t *)member)->b, sizeof (record_id_t));
  case FIELD_LEDGER_KIND:
    return *(const ledger_kind_t *)member != LEDGER_NONE;
  case FIELD_SOURCE:
    return *(const source_id_t *)member != 0;
  case FIELD_DATE:
    return *(const date_t *)member != 0;
  case FIELD_VALUE:
  case FIELD_COUNT:
  case FIELD_MONEY:
  case FIELD_SUPPORT:
  case FIELD_SETTLED:
    return amount_of (col, r).has;
  }
  UNREACHABLE ();
}
