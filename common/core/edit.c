/* edit.c - one way to change a record.
 *
 * The cells of an update are applied together, not one after the other: what `province_vnd` writes
 * depends on the status after the update, and what `value` means on the indicator, wherever their
 * columns stand. So there are two passes, then the amounts are carried along (DESIGN 3, Amounts), then
 * the rules run over the outcome. A cell that cannot be read leaves its field alone and is reported; the
 * rules still run, so that one try shows all that is wrong, but they do not complain a second time
 * about a field whose cell was refused already. */
#include "common/core/edit_private.h"

#include "common/core/validate.h"

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
    amount.has = edit_read_amount (e, f, edit_money_scale (e), &amount.v);
    if (!amount.has)
      return;
  }
  funding_t *line = funding_line (s, f->col->source);
  if (line == NULL)
    edit_refuse (e, f, REASON_OUT_OF_RANGE, edit_printable (f), STR_NONE);
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
  if (edit_read_amount (e, f, i->scale, &v)) {
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
    edit_set_text (e, f);
    return;
  case FIELD_UNIT:
  case FIELD_ITEM:
  case FIELD_INDICATOR:
  case FIELD_FUND:
  case FIELD_SERVICE:
  case FIELD_STAFF_ITEM:
  case FIELD_SOURCE:
    edit_set_code (e, f);
    return;
  case FIELD_ID:
    edit_set_id (e, f);
    return;
  case FIELD_YEARS:
    edit_set_years (e, f);
    return;
  case FIELD_STATUS:
  case FIELD_SCHEME_KIND:
  case FIELD_VALUE_KIND:
  case FIELD_DOCUMENT_STATUS:
  case FIELD_LEDGER_KIND:
    edit_set_word (e, f);
    return;
  case FIELD_YES:
    edit_set_yes (e, f);
    return;
  case FIELD_MONEY:
    edit_set_money (e, f);
    return;
  case FIELD_COUNT:
    edit_set_count (e, f);
    return;
  case FIELD_DATE:
    edit_set_date (e, f);
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
  str_t trimmed = edit_trim (e->cells[i].text);
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
      f.text = edit_trim_plain (e->cells[i].text);
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
                                 (r->code == REASON_REQUIRED && edit_trim (e->cells[cell].text).n > 0));
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
