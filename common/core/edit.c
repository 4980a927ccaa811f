/* edit.c - one way to change a record.
 *
 * The cells of an update are applied together, not one after the other: what `province_vnd` writes
 * depends on the status after the update, and what `value` means on the indicator, wherever their
 * columns stand. So there are two passes, then the amounts are carried along (DESIGN 3, Amounts), then
 * the rules run over the outcome. A cell that cannot be read leaves its field alone and is reported; the
 * rules still run, so that one try shows all that is wrong, but they do not complain a second time
 * about a field whose cell was refused already. */
#include "common/core/edit.h"
#include "common/base/lang.h"
#include "common/core/labels.h"
#include "common/core/units.h"
#include "common/core/validate.h"
#include "common/text/csv.h"
#include "common/text/utf8.h"

#include <stdio.h>

typedef struct {
  const columns_t *cs;
  const catalogue_t *c;
  const edit_options_t *o;
  const cell_t *cells;
  size_t n;
  arena_t *arena;
  record_t *r;
  reasons_t *found;
  bool no_memory;
} edit_t;

/* The cell at hand: its place in the edit, its column and its text. */
typedef struct {
  int at;
  const column_t *col;
  str_t text;
  void *member;
} field_cell_t;

static void
refuse (edit_t *e, const field_cell_t *f, reason_code_t code, str_t a1, str_t a2)
{
  reasons_add (e->found, f->at, code, f->col->name, a1, a2);
}

/* Spaces around codes, numbers and dates are a spreadsheet's; those of free text are its author's. */
static str_t
trim_plain (str_t s)
{
  while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
    s = (str_t){s.p + 1, s.n - 1};
  while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
    s.n--;
  return s;
}

/* Those that cannot be seen in a code are not for us to drop: they would be refused. */
static str_t
trim (str_t s)
{
  static const char no_break[] = "\xC2\xA0";
  s = trim_plain (s);
  while (s.n > 1 && memcmp (s.p, no_break, 2) == 0)
    s = trim ((str_t){s.p + 2, s.n - 2});
  if (s.n > 1 && memcmp (s.p + s.n - 2, no_break, 2) == 0)
    return trim ((str_t){s.p, s.n - 2});
  return s;
}

/* ---- text and codes ---- */

static void
keep_text (edit_t *e, const field_cell_t *f, str_t text)
{
  str_t copy = arena_str (e->arena, text);
  if (copy.p == NULL)
    e->no_memory = true;
  else
    *(str_t *)f->member = copy;
}

/* An export for Excel puts an apostrophe in front of what Excel would take for a formula. Coming back, the
 * text is what it was; only where it was just that, so that no text of a person's own loses a letter. A code
 * cannot begin with an apostrophe. */
static str_t
without_guard (const edit_t *e, const field_cell_t *f, str_t text)
{
  if (!e->o->file || text.n < 2 || text.p[0] != '\'')
    return text;
  const str_t rest = {text.p + 1, text.n - 1};
  if (!csv_is_formula (rest))
    return text;
  return f->col->type == FIELD_CODE || str_eq (*(const str_t *)f->member, rest) ? rest : text;
}

static void
set_text (edit_t *e, const field_cell_t *f)
{
  str_t text = STR_NONE;
  if (!utf8_valid (f->text, NULL) || !utf8_clean (f->text, true, NULL)) {
    refuse (e, f, REASON_BAD_TEXT, STR_NONE, STR_NONE);
    return;
  }
  if (!utf8_normalise (f->text, e->arena, &text)) {
    e->no_memory = true;
    return;
  }
  text = without_guard (e, f, text);
  if (text.n > f->col->max_bytes) {
    char digits[16];
    int n = snprintf (digits, sizeof digits, "%u", (unsigned)f->col->max_bytes);
    refuse (e, f, REASON_TOO_LONG, (str_t){digits, (size_t)n}, STR_NONE);
  } else if (f->col->type == FIELD_CODE && !code_valid (text)) {
    refuse (e, f, REASON_BAD_CODE, text, STR_NONE);
  } else {
    keep_text (e, f, text);
  }
}

/* Codes to choose from, where a sentence can hold them. */
static str_t
choices (edit_t *e, field_type_t type)
{
  buf_t b = BUF_INIT;
  const unit_t *u;
  const source_t *s;
  for (size_t i = 0; type == FIELD_SOURCE && (s = catalogue_source_at (e->c, i)) != NULL; i++)
    if (s->active)
      buf_printf (&b, "%s%.*s", b.n == 0 ? " (" : ", ", STR_ARG (s->code));
  for (size_t i = 0; type == FIELD_UNIT && i < 16 && (u = catalogue_unit_at (e->c, i)) != NULL; i++)
    buf_printf (&b, "%s%.*s", i == 0 ? " (" : ", ", STR_ARG (u->code));
  for (size_t i = 0; type == FIELD_FUND && (s = catalogue_source_at (e->c, i)) != NULL; i++)
    if (i == 0 || !str_eq (s->fund, catalogue_source_at (e->c, i - 1)->fund))
      buf_printf (&b, "%s%.*s", b.n == 0 ? " (" : ", ", STR_ARG (s->fund));
  if (b.n > 0)
    buf_puts (&b, type == FIELD_UNIT && catalogue_unit_at (e->c, 16) != NULL ? ", …)" : ")");
  str_t out = b.n > 0 ? arena_str (e->arena, buf_str (&b)) : STR_NONE;
  buf_free (&b);
  return out;
}

static str_t
printable (const field_cell_t *f)
{
  return utf8_valid (f->text, NULL) && utf8_clean (f->text, false, NULL) ? f->text : STR ("?");
}

static bool
is_word (field_type_t t)
{
  return t == FIELD_STATUS || t == FIELD_SCHEME_KIND || t == FIELD_VALUE_KIND || t == FIELD_DOCUMENT_STATUS ||
         t == FIELD_LEDGER_KIND || t == FIELD_YES;
}

/* A text that is no code may be what people call one. False: it is not, and was refused. known: the codes to
 * choose from, in brackets. */
static bool
by_label (edit_t *e, const field_cell_t *f, str_t text, label_t *out, str_t known)
{
  buf_t near = BUF_INIT, all = BUF_INIT;
  const labels_t *labels = columns_labels (e->cs);
  const label_answer_t answer =
      labels != NULL ? labels_find (labels, f->col->type, text, out, &near) : LABEL_UNKNOWN;
  e->no_memory = e->no_memory || labels == NULL;
  if (answer == LABEL_AMBIGUOUS)
    refuse (e, f, REASON_AMBIGUOUS, text, buf_str (&near));
  else if (answer == LABEL_UNKNOWN) {
    buf_put (&all, known.p, known.n);
    if (near.n > 0)
      buf_printf (&all, L ("; gần nhất là %s", "; nearest: %s"), buf_z (&near));
    refuse (e, f, is_word (f->col->type) ? REASON_UNKNOWN_WORD : REASON_UNKNOWN_CODE, text,
            all.n > 0 ? buf_str (&all) : STR_NONE);
  }
  buf_free (&near);
  buf_free (&all);
  return answer == LABEL_FOUND;
}

static void
set_code (edit_t *e, const field_cell_t *f)
{
  str_t text = STR_NONE;
  const unit_t *u = NULL;
  const source_t *source = NULL;
  bool known = false;
  if (!utf8_valid (f->text, NULL) || !utf8_clean (f->text, false, NULL)) {
    refuse (e, f, REASON_BAD_TEXT, STR_NONE, STR_NONE);
    return;
  }
  if (!utf8_normalise (f->text, e->arena, &text)) {
    e->no_memory = true;
    return;
  }
  if (f->col->type == FIELD_UNIT)
    known = (u = unit_meant (e->c, text, *(unit_id_t *)f->member, e->o->office)) != NULL;
  else if (f->col->type == FIELD_ITEM)
    known = catalogue_item (e->c, text) != NULL;
  else if (f->col->type == FIELD_INDICATOR)
    known = catalogue_indicator (e->c, text) != NULL;
  else if (f->col->type == FIELD_SERVICE)
    known = catalogue_service (e->c, text) != NULL;
  else if (f->col->type == FIELD_STAFF_ITEM)
    known = catalogue_staff_item (e->c, text) != NULL;
  else if (f->col->type == FIELD_SOURCE)
    known = (source = catalogue_source_by_code (e->c, text)) != NULL;
  else
    known = catalogue_is_fund (e->c, text);
  label_t label;
  if (!known && !by_label (e, f, text, &label, choices (e, f->col->type)))
    return;
  if (!known) {
    text = label.code;
    u = catalogue_unit (e->c, label.unit);
    source = f->col->type == FIELD_SOURCE ? catalogue_source_by_code (e->c, label.code) : NULL;
  }
  if (u != NULL)
    *(unit_id_t *)f->member = u->id;
  else if (source != NULL)
    *(source_id_t *)f->member = source->id;
  else
    keep_text (e, f, text);
}

/* ---- words ---- */

static const struct {
  field_type_t type;
  word_set_t set;
} word_sets[] = {{FIELD_STATUS, WORDS_STATUS},
                 {FIELD_SCHEME_KIND, WORDS_SCHEME_KIND},
                 {FIELD_VALUE_KIND, WORDS_VALUE_KIND},
                 {FIELD_DOCUMENT_STATUS, WORDS_DOCUMENT_STATUS},
                 {FIELD_LEDGER_KIND, WORDS_LEDGER_KIND}};

static unsigned
value_of (word_set_t set, str_t text)
{
  const word_t *w;
  for (unsigned v = 1; (w = word_of_set (set, v)) != NULL; v++)
    if (str_is (text, w->name))
      return v;
  return 0;
}

static void
put_word (const field_cell_t *f, unsigned v)
{
  if (f->col->type == FIELD_STATUS)
    *(status_t *)f->member = (status_t)v;
  else if (f->col->type == FIELD_SCHEME_KIND)
    *(scheme_kind_t *)f->member = (scheme_kind_t)v;
  else if (f->col->type == FIELD_VALUE_KIND)
    *(value_kind_t *)f->member = (value_kind_t)v;
  else if (f->col->type == FIELD_DOCUMENT_STATUS)
    *(document_status_t *)f->member = (document_status_t)v;
  else
    *(ledger_kind_t *)f->member = (ledger_kind_t)v;
}

static void
set_yes (edit_t *e, const field_cell_t *f)
{
  label_t label;
  if (str_is (f->text, "yes") || by_label (e, f, printable (f), &label, STR ("yes")))
    *(bool *)f->member = true;
}

static void
set_word (edit_t *e, const field_cell_t *f)
{
  const word_t *w;
  label_t label;
  buf_t names = BUF_INIT;
  size_t i = 0;
  while (word_sets[i].type != f->col->type)
    i++;
  unsigned v = value_of (word_sets[i].set, f->text);
  for (unsigned k = 1; v == 0 && (w = word_of_set (word_sets[i].set, k)) != NULL; k++)
    buf_printf (&names, "%s%s", k == 1 ? "" : ", ", w->name);
  if (v == 0 && by_label (e, f, printable (f), &label, buf_str (&names)))
    v = value_of (word_sets[i].set, label.code);
  if (v != 0)
    put_word (f, v);
  buf_free (&names);
}

/* ---- numbers ---- */

static bool
read_amount (edit_t *e, const field_cell_t *f, unsigned scale, int64_t *out)
{
  int64_t v = 0;
  number_status_t status = number_parse (f->text, e->o->locale, scale, &v);
  if (status == NUMBER_RANGE || (status == NUMBER_OK && (v < 0 || v > AMOUNT_MAX)))
    refuse (e, f, REASON_OUT_OF_RANGE, printable (f), STR ("0..10^15"));
  else if (status != NUMBER_OK)
    refuse (e, f, REASON_BAD_NUMBER, printable (f), str_of (number_words (status)));
  *out = v;
  return status == NUMBER_OK && v >= 0 && v <= AMOUNT_MAX;
}

static unsigned
money_scale (const edit_t *e)
{
  return e->o->million ? 6 : 0;
}

static void
set_money (edit_t *e, const field_cell_t *f)
{
  int64_t v;
  if (read_amount (e, f, money_scale (e), &v))
    *(opt_i64_t *)f->member = (opt_i64_t){true, v};
}

static void
set_count (edit_t *e, const field_cell_t *f)
{
  int64_t v;
  if (read_amount (e, f, 0, &v))
    *(opt_i64_t *)f->member = (opt_i64_t){true, v};
}

static void
set_date (edit_t *e, const field_cell_t *f)
{
  date_t d = 0;
  number_status_t status = date_parse (f->text, e->o->locale, &d);
  if (status == NUMBER_RANGE || (status == NUMBER_OK && (d / 10000 < YEAR_MIN || d / 10000 > YEAR_MAX)))
    refuse (e, f, REASON_OUT_OF_RANGE, printable (f), STR ("2000-01-01..2100-12-31"));
  else if (status != NUMBER_OK)
    refuse (e, f, REASON_BAD_DATE, printable (f), str_of (number_words (status)));
  else
    *(date_t *)f->member = d;
}

static void
set_id (edit_t *e, const field_cell_t *f)
{
  record_id_t id;
  if (record_id_parse (f->text, &id) && !id_is_zero (id.b, sizeof id.b))
    *(record_id_t *)f->member = id;
  else
    refuse (e, f, REASON_BAD_CODE, printable (f), STR_NONE);
}

static void
set_years (edit_t *e, const field_cell_t *f)
{
  if (!span_parse (f->text, f->member))
    refuse (e, f, REASON_BAD_YEAR, printable (f), STR_NONE);
}

/* ---- amounts by source ---- */

/* The line of a source, made in its place when there is none; NULL when there is no room. */
static funding_t *
funding_line (scheme_t *s, source_id_t source)
{
  uint32_t i = 0;
  while (i < s->funding_n && s->funding[i].source < source)
    i++;
  if (i < s->funding_n && s->funding[i].source == source)
    return &s->funding[i];
  if (s->funding_n >= FUNDING_MAX)
    return NULL;
  memmove (&s->funding[i + 1], &s->funding[i], (s->funding_n - i) * sizeof s->funding[0]);
  s->funding[i] = (funding_t){.source = source};
  s->funding_n++;
  return &s->funding[i];
}

static void
set_funding (edit_t *e, const field_cell_t *f)
{
  scheme_t *s = &e->r->u.scheme;
  opt_i64_t amount = {false, 0};
  if (f->text.n > 0) {
    amount.has = read_amount (e, f, money_scale (e), &amount.v);
    if (!amount.has)
      return;
  }
  funding_t *line = funding_line (s, f->col->source);
  if (line == NULL)
    refuse (e, f, REASON_OUT_OF_RANGE, printable (f), STR_NONE);
  else if (f->col->type == FIELD_SETTLED)
    line->settled_vnd = amount;
  else if (!amount.has)
    line->planned_vnd = line->approved_vnd = amount;
  else if (status_approved_or_later (s->status) || line->approved_vnd.has)
    line->approved_vnd = amount;
  else
    line->planned_vnd = amount;
}

/* A column that the update gives has written its approved amount already, or cleared the plan. */
static void
fill_approved (scheme_t *s, status_t before)
{
  if (status_approved_or_later (before) || !status_approved_or_later (s->status))
    return;
  for (uint32_t i = 0; i < s->funding_n; i++)
    if (!s->funding[i].approved_vnd.has)
      s->funding[i].approved_vnd = s->funding[i].planned_vnd;
}

static void
drop_empty_lines (scheme_t *s)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const funding_t *f = &s->funding[i];
    if (f->planned_vnd.has || f->approved_vnd.has || f->settled_vnd.has || !str_blank (f->unknown))
      s->funding[n++] = *f;
  }
  s->funding_n = n;
}

/* ---- outcomes ---- */

static void
set_value (edit_t *e, const field_cell_t *f)
{
  outcome_t *o = &e->r->u.outcome;
  const indicator_t *i = catalogue_indicator (e->c, o->indicator);
  int64_t v;
  if (f->text.n == 0) {
    o->value = (opt_i64_t){false, 0};
    return;
  }
  if (i == NULL)
    return; /* the indicator's own finding says enough */
  if (read_amount (e, f, i->scale, &v)) {
    o->value = (opt_i64_t){true, v};
    o->scale = i->scale;
  }
}

static void
complete_outcome (edit_t *e, bool create)
{
  outcome_t *o = &e->r->u.outcome;
  const indicator_t *i = catalogue_indicator (e->c, o->indicator);
  if (o->value_kind == VALUE_NONE)
    o->value_kind = VALUE_ACTUAL;
  if (create && i != NULL)
    o->scale = i->scale;
}

/* ---- the provincial office's ---- */

/* Files of these kinds have no column for the office: there is one that they can be of. */
static void
complete_provincial (edit_t *e)
{
  const unit_t *province = catalogue_province (e->c);
  const unit_id_t id = province != NULL ? province->id : 0;
  if (record_provincial (e->r) == NULL || *record_provincial (e->r) != 0)
    return;
  if (e->r->kind == KIND_CONSULTING)
    e->r->u.consulting.district = id;
  else if (e->r->kind == KIND_STAFF)
    e->r->u.staff.district = id;
  else
    e->r->u.document.district = id;
}

/* ---- cells ---- */

static void
clear (const field_cell_t *f)
{
  switch (f->col->type) {
  case FIELD_TEXT:
  case FIELD_CODE:
  case FIELD_ITEM:
  case FIELD_INDICATOR:
  case FIELD_FUND:
  case FIELD_SERVICE:
  case FIELD_STAFF_ITEM:
    *(str_t *)f->member = STR_NONE;
    return;
  case FIELD_UNIT:
    *(unit_id_t *)f->member = 0;
    return;
  case FIELD_YEARS:
    *(span_t *)f->member = (span_t){0, 0};
    return;
  case FIELD_STATUS:
    *(status_t *)f->member = STATUS_NONE;
    return;
  case FIELD_SCHEME_KIND:
    *(scheme_kind_t *)f->member = SCHEME_KIND_NONE;
    return;
  case FIELD_VALUE_KIND:
    *(value_kind_t *)f->member = VALUE_NONE;
    return;
  case FIELD_YES:
    *(bool *)f->member = false;
    return;
  case FIELD_DOCUMENT_STATUS:
    *(document_status_t *)f->member = DOCUMENT_NONE;
    return;
  case FIELD_ID:
    return; /* an entry keeps the identity it has */
  case FIELD_LEDGER_KIND:
    *(ledger_kind_t *)f->member = LEDGER_NONE;
    return;
  case FIELD_SOURCE:
    *(source_id_t *)f->member = 0;
    return;
  case FIELD_DATE:
    *(date_t *)f->member = 0;
    return;
  case FIELD_MONEY:
  case FIELD_COUNT:
    *(opt_i64_t *)f->member = (opt_i64_t){false, 0};
    return;
  case FIELD_VALUE:
  case FIELD_SUPPORT:
  case FIELD_SETTLED:
    return; /* of the second pass */
  }
  UNREACHABLE ();
}

static bool
depends (field_type_t t)
{
  return t == FIELD_VALUE || t == FIELD_SUPPORT || t == FIELD_SETTLED;
}

static void
apply_first (edit_t *e, const field_cell_t *f)
{
  switch (f->col->type) {
  case FIELD_TEXT:
  case FIELD_CODE:
    set_text (e, f);
    return;
  case FIELD_UNIT:
  case FIELD_ITEM:
  case FIELD_INDICATOR:
  case FIELD_FUND:
  case FIELD_SERVICE:
  case FIELD_STAFF_ITEM:
  case FIELD_SOURCE:
    set_code (e, f);
    return;
  case FIELD_ID:
    set_id (e, f);
    return;
  case FIELD_YEARS:
    set_years (e, f);
    return;
  case FIELD_STATUS:
  case FIELD_SCHEME_KIND:
  case FIELD_VALUE_KIND:
  case FIELD_DOCUMENT_STATUS:
  case FIELD_LEDGER_KIND:
    set_word (e, f);
    return;
  case FIELD_YES:
    set_yes (e, f);
    return;
  case FIELD_MONEY:
    set_money (e, f);
    return;
  case FIELD_COUNT:
    set_count (e, f);
    return;
  case FIELD_DATE:
    set_date (e, f);
    return;
  case FIELD_VALUE:
  case FIELD_SUPPORT:
  case FIELD_SETTLED:
    return;
  }
  UNREACHABLE ();
}

static bool
is_code (field_type_t t)
{
  return t == FIELD_CODE || t == FIELD_UNIT || t == FIELD_ITEM || t == FIELD_INDICATOR || t == FIELD_FUND ||
         t == FIELD_SERVICE || t == FIELD_STAFF_ITEM || t == FIELD_SOURCE;
}

static void
apply_cell (edit_t *e, size_t i, bool second)
{
  const column_t *col = columns_at (e->cs, (size_t)e->cells[i].column);
  str_t trimmed = trim (e->cells[i].text);
  field_cell_t f = {(int)i, col, trimmed, (char *)&e->r->u + col->offset};
  if (depends (col->type) != second)
    return;
  if (col->type == FIELD_VALUE)
    set_value (e, &f);
  else if (second)
    set_funding (e, &f);
  else if (trimmed.n == 0)
    clear (&f);
  else {
    if (col->type == FIELD_TEXT)
      f.text = e->cells[i].text;
    else if (is_code (col->type))
      f.text = trim_plain (e->cells[i].text);
    apply_first (e, &f);
  }
}

/* ---- the rules' findings, given a place in the edit ---- */

static int
cell_of (const edit_t *e, str_t column)
{
  for (size_t i = 0; i < e->n; i++)
    if (str_eq (columns_at (e->cs, (size_t)e->cells[i].column)->name, column))
      return (int)i;
  return -1;
}

/* The column a rule is about when its reason does not name it. */
static str_t
column_of (const reason_t *r)
{
  switch ((int)r->code) {
  case REASON_FOREIGN_OFFICE:
    return STR ("district");
  case REASON_ILLEGAL_MOVE:
  case REASON_MOVE_NEEDS_REASON:
    return STR ("status");
  case REASON_BY_FUND:
  case REASON_NOT_BY_FUND:
    return STR ("fund");
  case REASON_KEY_CHANGED:
    return STR ("code");
  default:
    return r->arg[0];
  }
}

static bool
cell_refused (const reasons_t *found, uint32_t n, int cell)
{
  for (uint32_t i = 0; i < n; i++)
    if (found->at[i].column == cell && !reason_soft (found->at[i].code))
      return true;
  return false;
}

static bool
run_rules (edit_t *e, const record_t *before)
{
  reasons_t rules;
  rules.n = 0;
  rules.arena = e->arena;
  (void)validate (e->c, before, e->r, e->o->comment, e->o->office, &rules);
  uint32_t own = e->found->n;
  for (uint32_t i = 0; i < rules.n; i++) {
    const reason_t *r = &rules.at[i];
    int cell = cell_of (e, column_of (r));
    bool follows = cell >= 0 && (cell_refused (e->found, own, cell) ||
                                 (r->code == REASON_REQUIRED && trim (e->cells[cell].text).n > 0));
    if (!follows)
      reasons_add (e->found, cell, r->code, r->arg[0], r->arg[1], r->arg[2]);
  }
  return reasons_hard (e->found) == NULL;
}

bool
edit_apply (const columns_t *cs, const catalogue_t *c, const edit_options_t *o, const record_t *before,
            const cell_t *cells, size_t n, arena_t *arena, record_t *after, reasons_t *found)
{
  edit_t e = {cs, c, o, cells, n, arena, after, found, false};
  CHECK (before == NULL || before->kind == columns_kind (cs));
  if (found->arena == NULL)
    found->arena = arena; /* reasons name columns and numbers made here */
  if (before != NULL)
    *after = *before;
  else
    memset (after, 0, sizeof *after);
  after->kind = columns_kind (cs);
  for (size_t i = 0; i < n; i++)
    apply_cell (&e, i, false);
  for (size_t i = 0; i < n; i++)
    apply_cell (&e, i, true);
  if (after->kind == KIND_SCHEME) {
    fill_approved (&after->u.scheme, before == NULL ? STATUS_NONE : before->u.scheme.status);
    drop_empty_lines (&after->u.scheme);
  } else if (after->kind == KIND_OUTCOME) {
    complete_outcome (&e, before == NULL);
  } else {
    complete_provincial (&e);
  }
  if (e.no_memory) {
    reasons_add (found, -1, REASON_OUT_OF_MEMORY, STR_NONE, STR_NONE, STR_NONE);
    return false;
  }
  return run_rules (&e, before);
}

size_t
edit_diff (const columns_t *cs, const catalogue_t *c, const record_t *before, const record_t *after, int *out)
{
  buf_t was = BUF_INIT, now = BUF_INIT;
  size_t n = 0;
  for (size_t i = 0; i < columns_count (cs); i++) {
    const column_t *col = columns_at (cs, i);
    buf_clear (&was);
    buf_clear (&now);
    if (before != NULL)
      column_get (col, before, c, &was);
    column_get (col, after, c, &now);
    if (was.n != now.n || (now.n > 0 && memcmp (was.p, now.p, now.n) != 0))
      out[n++] = (int)i;
  }
  buf_free (&was);
  buf_free (&now);
  return n;
}
