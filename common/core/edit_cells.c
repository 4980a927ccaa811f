/* edit_cells.c - a cell read by its column's type: text, codes and what they are called, words, numbers,
 * dates. */
#include "common/core/edit_private.h"

#include "common/base/lang.h"
#include "common/core/labels.h"
#include "common/core/units.h"
#include "common/text/csv.h"
#include "common/text/utf8.h"

#include <stdio.h>

void
edit_refuse (edit_t *e, const field_cell_t *f, reason_code_t code, str_t a1, str_t a2)
{
  reasons_add (e->found, f->at, code, f->col->name, a1, a2);
}

/* Spaces around codes, numbers and dates are a spreadsheet's; those of free text are its author's. */
str_t
edit_trim_plain (str_t s)
{
  while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
    s = (str_t){s.p + 1, s.n - 1};
  while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
    s.n--;
  return s;
}

/* Those that cannot be seen in a code are not for us to drop: they would be refused. */
str_t
edit_trim (str_t s)
{
  static const char no_break[] = "\xC2\xA0";
  s = edit_trim_plain (s);
  while (s.n > 1 && memcmp (s.p, no_break, 2) == 0)
    s = edit_trim ((str_t){s.p + 2, s.n - 2});
  if (s.n > 1 && memcmp (s.p + s.n - 2, no_break, 2) == 0)
    return edit_trim ((str_t){s.p, s.n - 2});
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
  if (!e->o->file || e->o->guarded || text.n < 2 || text.p[0] != '\'')
    return text;
  const str_t rest = {text.p + 1, text.n - 1};
  if (!csv_is_formula (rest))
    return text;
  return f->col->type == FIELD_CODE || str_eq (*(const str_t *)f->member, rest) ? rest : text;
}

void
edit_set_text (edit_t *e, const field_cell_t *f)
{
  str_t text = STR_NONE;
  if (!utf8_valid (f->text, NULL) || !utf8_clean (f->text, true, NULL)) {
    edit_refuse (e, f, REASON_BAD_TEXT, STR_NONE, STR_NONE);
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
    edit_refuse (e, f, REASON_TOO_LONG, (str_t){digits, (size_t)n}, STR_NONE);
  } else if (f->col->type == FIELD_CODE && !code_valid (text)) {
    edit_refuse (e, f, REASON_BAD_CODE, text, STR_NONE);
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

str_t
edit_printable (const field_cell_t *f)
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
    edit_refuse (e, f, REASON_AMBIGUOUS, text, buf_str (&near));
  else if (answer == LABEL_UNKNOWN) {
    buf_put (&all, known.p, known.n);
    if (near.n > 0)
      buf_printf (&all, L ("; gần nhất là %s", "; nearest: %s"), buf_z (&near));
    edit_refuse (e, f, is_word (f->col->type) ? REASON_UNKNOWN_WORD : REASON_UNKNOWN_CODE, text,
                 all.n > 0 ? buf_str (&all) : STR_NONE);
  }
  buf_free (&near);
  buf_free (&all);
  return answer == LABEL_FOUND;
}

void
edit_set_code (edit_t *e, const field_cell_t *f)
{
  str_t text = STR_NONE;
  const unit_t *u = NULL;
  const source_t *source = NULL;
  bool known = false;
  if (!utf8_valid (f->text, NULL) || !utf8_clean (f->text, false, NULL)) {
    edit_refuse (e, f, REASON_BAD_TEXT, STR_NONE, STR_NONE);
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

void
edit_set_yes (edit_t *e, const field_cell_t *f)
{
  label_t label;
  if (str_is (f->text, "yes") || by_label (e, f, edit_printable (f), &label, STR ("yes")))
    *(bool *)f->member = true;
}

void
edit_set_word (edit_t *e, const field_cell_t *f)
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
  if (v == 0 && by_label (e, f, edit_printable (f), &label, buf_str (&names)))
    v = value_of (word_sets[i].set, label.code);
  if (v != 0)
    put_word (f, v);
  buf_free (&names);
}

/* ---- numbers ---- */

bool
edit_read_amount (edit_t *e, const field_cell_t *f, unsigned scale, int64_t *out)
{
  int64_t v = 0;
  number_status_t status = number_parse (f->text, e->o->locale, scale, &v);
  if (status == NUMBER_RANGE || (status == NUMBER_OK && (v < 0 || v > AMOUNT_MAX)))
    edit_refuse (e, f, REASON_OUT_OF_RANGE, edit_printable (f), STR ("0..10^15"));
  else if (status != NUMBER_OK)
    edit_refuse (e, f, REASON_BAD_NUMBER, edit_printable (f), str_of (number_words (status)));
  *out = v;
  return status == NUMBER_OK && v >= 0 && v <= AMOUNT_MAX;
}

unsigned
edit_money_scale (const edit_t *e)
{
  return e->o->million ? 6 : 0;
}

void
edit_set_money (edit_t *e, const field_cell_t *f)
{
  int64_t v;
  if (edit_read_amount (e, f, edit_money_scale (e), &v))
    *(opt_i64_t *)f->member = (opt_i64_t){true, v};
}

void
edit_set_count (edit_t *e, const field_cell_t *f)
{
  int64_t v;
  if (edit_read_amount (e, f, 0, &v))
    *(opt_i64_t *)f->member = (opt_i64_t){true, v};
}

void
edit_set_date (edit_t *e, const field_cell_t *f)
{
  date_t d = 0;
  number_status_t status = date_parse (f->text, e->o->locale, &d);
  if (status == NUMBER_RANGE || (status == NUMBER_OK && (d / 10000 < YEAR_MIN || d / 10000 > YEAR_MAX)))
    edit_refuse (e, f, REASON_OUT_OF_RANGE, edit_printable (f), STR ("2000-01-01..2100-12-31"));
  else if (status != NUMBER_OK)
    edit_refuse (e, f, REASON_BAD_DATE, edit_printable (f), str_of (number_words (status)));
  else
    *(date_t *)f->member = d;
}

void
edit_set_id (edit_t *e, const field_cell_t *f)
{
  record_id_t id;
  if (record_id_parse (f->text, &id) && !id_is_zero (id.b, sizeof id.b))
    *(record_id_t *)f->member = id;
  else
    edit_refuse (e, f, REASON_BAD_CODE, edit_printable (f), STR_NONE);
}

void
edit_set_years (edit_t *e, const field_cell_t *f)
{
  span_t *span = f->member;
  if (!span_parse (f->text, span))
    edit_refuse (e, f, REASON_BAD_YEAR, edit_printable (f), STR_NONE);
  else if (columns_kind (e->cs) == FORM_LEDGER && span->from != span->to) {
    *span = (span_t){0, 0};
    edit_refuse (e, f, REASON_NOT_ONE_YEAR, edit_printable (f), STR_NONE);
  }
}
