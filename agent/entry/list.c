/* list.c - the office's records as a list; what waits; what was refused. */
#include "agent/entry/list_private.h"
#include "agent/entry/show_private.h"

#include "common/base/lang.h"
#include "common/core/lists.h"
#include "common/core/period.h"
#include "common/core/query.h"
#include "common/text/number.h"
#include "common/text/utf8.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- the filter ---- */

static err_t
bad_dimension (str_t dim, fail_t *fail)
{
  return fail_set (
      fail, ERR_USAGE,
      L ("--where: không có chiều hay cột “%.*s”; dùng year, item, category, source, district, status, "
         "kind, indicator hoặc tên một cột",
         "--where: no dimension or column \"%.*s\"; use year, item, category, source, district, status, "
         "kind, indicator or a column's name"),
      STR_ARG (dim));
}

static bool
known_dimension (const listing_t *l, str_t dim)
{
  static const char *const names[] = {"year",   "item",   "category", "source",    "fund", "district",
                                      "office", "status", "kind",     "indicator", "state"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (str_is (dim, names[i]))
      return true;
  for (int k = 0; k < FORM_END; k++)
    if (l->cs[k] != NULL && columns_find (l->cs[k], dim) >= 0)
      return true;
  return false;
}

/* A value that no record can have is a slip, as it is in totals. Columns take any text; so does kind, which
 * means a kind of record here too. */
static err_t
check_value (const listing_t *l, const condition_t *w, str_t condition, fail_t *fail)
{
  fail_t why = {0};
  dim_t dim;
  if (str_is (w->dim, "kind") || !dim_of_name (w->dim, &dim))
    return ERR_OK;
  query_t *q = query_parse (STR (""), condition, l->c, &why);
  const bool fine = q != NULL || why.err != ERR_INPUT;
  query_destroy (&q);
  return fine ? ERR_OK : fail_set (fail, ERR_INPUT, "%s", why.text);
}

static err_t
parse_where (listing_t *l, fail_t *fail)
{
  str_t rest = l->f->where;
  while (rest.n > 0) {
    const char *comma = memchr (rest.p, ',', rest.n);
    const str_t one = {rest.p, comma != NULL ? (size_t)(comma - rest.p) : rest.n};
    rest = comma != NULL ? (str_t){comma + 1, rest.n - one.n - 1} : (str_t){rest.p, 0};
    const char *eq = memchr (one.p, '=', one.n);
    if (eq == NULL || eq == one.p || l->where_n == WHERE_MAX)
      return fail_set (fail, ERR_USAGE,
                       L ("--where phải có dạng CHIỀU=GIÁ TRỊ,…", "--where must be of the form DIM=VALUE,…"));
    condition_t *w = &l->where[l->where_n++];
    w->dim = (str_t){one.p, (size_t)(eq - one.p)};
    w->value = (str_t){eq + 1, one.n - w->dim.n - 1};
    if (!known_dimension (l, w->dim))
      return bad_dimension (w->dim, fail);
    const err_t err = check_value (l, w, one, fail);
    if (err != ERR_OK)
      return err;
  }
  return ERR_OK;
}

static bool
has_money_of (const scheme_t *s, const listing_t *l, str_t value, bool fund)
{
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const source_t *source = catalogue_source (l->c, s->funding[i].source);
    if (source != NULL && str_eq (fund ? source->fund : source->code, value))
      return true;
  }
  return false;
}

/* The record's text under a dimension of `totals` or a column of its kind. */
bool
listing_meets (listing_t *l, const record_t *r, update_state_t state, const condition_t *w)
{
  const bool scheme = r->kind == KIND_SCHEME;
  str_t name = w->dim;
  if (str_is (name, "state"))
    return str_is (w->value, update_state_name (state));
  if (str_is (name, "kind") && str_is (w->value, kind_name (r->kind)))
    return true;
  if (scheme && (str_is (name, "source") || str_is (name, "fund")))
    return has_money_of (&r->u.scheme, l, w->value, str_is (name, "fund"));
  if (str_is (name, "category")) {
    const item_t *item = scheme ? catalogue_item (l->c, r->u.scheme.item) : NULL;
    const indicator_t *indicator =
        r->kind == KIND_OUTCOME ? catalogue_indicator (l->c, r->u.outcome.indicator) : NULL;
    return (item != NULL && str_eq (item->category, w->value)) ||
           (indicator != NULL && str_eq (indicator->category, w->value));
  }
  if (str_is (name, "year") && scheme)
    name = STR ("plan_year");
  if (str_is (name, "office"))
    name = STR ("district");
  const int column = columns_find (l->cs[r->kind], name);
  if (column < 0)
    return false;
  buf_clear (&l->a);
  column_get (columns_at (l->cs[r->kind], (size_t)column), r, l->c, &l->a);
  const str_t have = l->a.p != NULL ? buf_str (&l->a) : STR ("");
  return str_eq (have, w->value);
}

static bool
is_searched (field_type_t t)
{
  return t == FIELD_TEXT || t == FIELD_CODE || t == FIELD_INDICATOR || t == FIELD_ITEM ||
         t == FIELD_SERVICE || t == FIELD_STAFF_ITEM;
}

/* What people read in the cell: words of states and kinds. */
static bool
is_word (field_type_t t)
{
  return t == FIELD_STATUS || t == FIELD_SCHEME_KIND || t == FIELD_VALUE_KIND || t == FIELD_DOCUMENT_STATUS ||
         t == FIELD_LEDGER_KIND;
}

/* Every text of the record, folded, one on a line. */
static bool
gather_texts (listing_t *l, const record_t *r)
{
  const columns_t *cs = l->cs[r->kind];
  bool ok = true;
  for (size_t i = 0; ok && i < columns_count (cs); i++) {
    const column_t *col = columns_at (cs, i);
    buf_clear (&l->a);
    if (is_searched (col->type) || is_word (col->type))
      column_get (col, r, l->c, &l->a);
    if (is_word (col->type) && l->a.n > 0)
      show_words (col, r, l->c, &l->a);
    if (l->a.n == 0)
      continue;
    buf_putc (&l->hay, '\n');
    ok = utf8_fold (buf_str (&l->a), &l->hay);
  }
  return ok;
}

static bool
gather_labels (listing_t *l, str_t vi, str_t en)
{
  buf_putc (&l->hay, '\n');
  bool ok = str_blank (vi) || utf8_fold (vi, &l->hay);
  buf_putc (&l->hay, '\n');
  return ok && (str_blank (en) || utf8_fold (en, &l->hay));
}

/* What the record's code stands for, in both languages; a scheme has a name of its own. */
static bool
gather_subject (listing_t *l, const record_t *r)
{
  const indicator_t *i = r->kind == KIND_OUTCOME ? catalogue_indicator (l->c, r->u.outcome.indicator) : NULL;
  const service_t *s = r->kind == KIND_CONSULTING ? catalogue_service (l->c, r->u.consulting.service) : NULL;
  const staff_item_t *t = r->kind == KIND_STAFF ? catalogue_staff_item (l->c, r->u.staff.indicator) : NULL;
  return (i == NULL || gather_labels (l, i->label_vi, i->label_en)) &&
         (s == NULL || gather_labels (l, s->label_vi, s->label_en)) &&
         (t == NULL || gather_labels (l, t->label_vi, t->label_en));
}

/* A scheme is found by the entries of its lists too: by a beneficiary, by a voucher. */
bool
listing_finds (listing_t *l, const record_t *r, str_t title, unit_id_t office)
{
  record_t line;
  if (l->needle.n == 0)
    return true;
  buf_clear (&l->hay);
  bool ok = (str_blank (title) || utf8_fold (title, &l->hay)) && gather_texts (l, r) && gather_subject (l, r);
  /* the provincial office has "khuyến công" in its name, and all of some kinds: that would find everything */
  const unit_t *u = catalogue_unit (l->c, office);
  if (u == catalogue_province (l->c))
    u = NULL;
  ok = ok && (u == NULL || gather_labels (l, u->name, u->name_en));
  for (kind_t form = FORM_LEDGER; ok && r->kind == KIND_SCHEME && form < FORM_END; form++)
    for (size_t i = 0; ok && i < list_count (&r->u.scheme, form); i++) {
      list_line (&r->u.scheme, form, i, &line);
      ok = gather_texts (l, &line);
    }
  return ok && utf8_contains (buf_str (&l->hay), buf_str (&l->needle));
}

/* ---- list ---- */

static int64_t
support_of (const scheme_t *s)
{
  int64_t sum = 0;
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const funding_t *f = &s->funding[i];
    const opt_i64_t *v = &f->planned_vnd;
    if (s->status == STATUS_SETTLED)
      v = &f->settled_vnd;
    else if (status_approved_or_later (s->status) || f->approved_vnd.has)
      v = &f->approved_vnd;
    if (v->has) /* FUNDING_MAX × AMOUNT_MAX fits */
      sum += v->v;
  }
  return sum;
}

static str_t
by_language (str_t vi, str_t en)
{
  return lang_get () == LANG_VI || str_blank (en) ? vi : en;
}

static str_t
title_of (const listing_t *l, const record_t *r)
{
  if (r->kind == KIND_SCHEME)
    return r->u.scheme.name;
  if (r->kind == KIND_SUBMISSION)
    return str_of (table_words (table_of_name (r->u.submission.table)));
  if (r->kind == KIND_DOCUMENT)
    return r->u.document.title;
  if (r->kind == KIND_CONSULTING) {
    const service_t *service = catalogue_service (l->c, r->u.consulting.service);
    if (!str_blank (r->u.consulting.client) || service == NULL)
      return r->u.consulting.client;
    return by_language (service->label_vi, service->label_en);
  }
  if (r->kind == KIND_STAFF) {
    const staff_item_t *item = catalogue_staff_item (l->c, r->u.staff.indicator);
    return item != NULL ? by_language (item->label_vi, item->label_en) : STR_NONE;
  }
  if (r->kind != KIND_OUTCOME)
    return STR_NONE;
  const indicator_t *i = catalogue_indicator (l->c, r->u.outcome.indicator);
  if (i == NULL)
    return STR_NONE;
  return by_language (i->label_vi, i->label_en);
}

static unsigned
decimals_of (const catalogue_t *c, const outcome_t *o)
{
  const indicator_t *i = catalogue_indicator (c, o->indicator);
  return i != NULL ? i->decimals : 0;
}

/* Its state, and what a figure is meant as, by name or in words. */
static str_t
status_of (const listing_t *l, const record_t *r)
{
  const char *name = "";
  if (r->kind == KIND_SCHEME)
    name = l->people ? status_words (r->u.scheme.status) : status_name (r->u.scheme.status);
  else if (r->kind == KIND_OUTCOME && value_kind_name (r->u.outcome.value_kind) != NULL)
    name = l->people ? value_kind_words (r->u.outcome.value_kind) : value_kind_name (r->u.outcome.value_kind);
  else if (r->kind == KIND_DOCUMENT)
    name = l->people ? document_status_words (r->u.document.status)
                     : document_status_name (r->u.document.status);
  else if (r->kind == KIND_SUBMISSION && r->u.submission.nil)
    name = l->people ? L ("không phát sinh", "nil") : "nil";
  return str_of (name != NULL ? name : "");
}

/* The code of the catalogue that it is about. */
static str_t
subject_of (const record_t *r)
{
  switch (r->kind) {
  case KIND_SCHEME:
    return r->u.scheme.item;
  case KIND_OUTCOME:
    return r->u.outcome.indicator;
  case KIND_CONSULTING:
    return r->u.consulting.service;
  case KIND_STAFF:
    return r->u.staff.indicator;
  case KIND_NONE:
  case KIND_DOCUMENT:
  case KIND_SUBMISSION:
  case KIND_DECISION:
  case KIND_COUNT:
  case FORM_LEDGER:
  case FORM_BENEFICIARY:
  case FORM_END:
    break;
  }
  return STR_NONE;
}

/* What it counts: a figure, or the revenue of a project. */
static void
put_figure (const listing_t *l, const record_t *r, buf_t *out)
{
  if (r->kind == KIND_CONSULTING && r->u.consulting.revenue_vnd.has)
    buf_printf (out, "%" PRId64, r->u.consulting.revenue_vnd.v);
  else if (r->kind == KIND_STAFF && r->u.staff.value.has)
    buf_printf (out, "%" PRId64, r->u.staff.value.v);
  else if (r->kind == KIND_OUTCOME && r->u.outcome.value.has)
    number_format_plain (r->u.outcome.value.v, r->u.outcome.scale, decimals_of (l->c, &r->u.outcome), out);
}

static err_t
add_record (listing_t *l, record_id_t id, const record_t *r, str_t title, update_state_t state)
{
  const unit_t *unit = catalogue_unit (l->c, record_office (r));
  char years[12] = "";
  span_format (record_years (r), years);
  buf_clear (&l->key);
  buf_clear (&l->a);
  buf_clear (&l->b);
  edits_key_text (r, l->c, &l->key);
  if (r->kind == KIND_SCHEME)
    buf_printf (&l->a, "%" PRId64, support_of (&r->u.scheme));
  const size_t support = l->a.n;
  flag_marks_put (l->marks, id, l->people, &l->a);
  put_figure (l, r, &l->b);
  const str_t money = {l->a.p, support}; /* and behind it the flags */
  str_t district = STR_NONE;
  if (unit != NULL)
    district = l->people ? unit->name : unit->known_as;
  const str_t cells[] = {buf_str (&l->key),
                         str_of (l->people ? kind_words (r->kind) : kind_name (r->kind)),
                         title,
                         district,
                         status_of (l, r),
                         str_of (years),
                         subject_of (r),
                         support > 0 ? money : STR_NONE,
                         buf_str (&l->b),
                         str_of (l->people ? update_state_words (state) : update_state_name (state)),
                         l->a.n > support ? (str_t){l->a.p + support, l->a.n - support} : STR_NONE};
  if (!buf_ok (&l->key) || !buf_ok (&l->a) || !buf_ok (&l->b))
    return ERR_NOMEM;
  return lines_add (&l->lines, cells);
}

bool
listing_wants (listing_t *l, const record_t *r, update_state_t state)
{
  if (l->cs[r->kind] == NULL || (l->f->kind != KIND_NONE && r->kind != l->f->kind))
    return false;
  for (size_t i = 0; i < l->where_n; i++)
    if (!listing_meets (l, r, state, &l->where[i]))
      return false;
  return listing_finds (l, r, title_of (l, r), record_office (r));
}

static err_t
list_row (void *ctx, err_t err, const row_t *row)
{
  listing_t *l = ctx;
  update_t u;
  update_state_t state;
  if (err != ERR_OK || row->withdrawn)
    return err;
  arena_reset (l->arena);
  err = row_decode (row, l->arena, &u);
  if (err == ERR_OK)
    err = outbox_state_of (l->o, l->txn, row, &state);
  if (err != ERR_OK || !listing_wants (l, &u.record, state))
    return err;
  return add_record (l, row->ref.id, &u.record, title_of (l, &u.record), state);
}

void
listing_column (listing_t *l, table_t *t, const char *name, const char *label_vi, const char *label_en,
                col_type_t type)
{
  CHECK (l->lines.width < LIST_COLUMNS_MAX);
  l->lines.name[l->lines.width] = name;
  l->lines.type[l->lines.width++] = type;
  table_column (t, name, label_vi, label_en, type);
}

static err_t
bad_sort (const listing_t *l, fail_t *fail)
{
  buf_t names = BUF_INIT;
  for (size_t i = 0; i < l->lines.width; i++)
    buf_printf (&names, "%s%s", i == 0 ? "" : ", ", l->lines.name[i]);
  fail_set (fail, ERR_USAGE,
            L ("--sort: danh sách này không có cột “%.*s”; dùng một trong: %s",
               "--sort: this list has no column \"%.*s\"; use one of: %s"),
            STR_ARG (l->f->sort), buf_z (&names));
  buf_free (&names);
  return ERR_USAGE;
}

err_t
listing_open (listing_t *l, fail_t *fail)
{
  const list_filter_t *f = l->f;
  l->c = outbox_catalogue (l->o);
  l->arena = arena_new (DECODE_BUDGET (UPDATE_MAX));
  err_t err = l->arena != NULL ? lines_init (&l->lines) : ERR_NOMEM;
  for (int k = 1; k < FORM_END; k++)
    l->cs[k] = columns_new ((kind_t)k, l->c);
  if (err == ERR_OK)
    err = parse_where (l, fail);
  if (err == ERR_OK && !str_blank (f->search) &&
      (!utf8_valid (f->search, NULL) || !utf8_fold (f->search, &l->needle)))
    err = fail_set (fail, ERR_USAGE, L ("--search không phải UTF-8", "--search is not UTF-8"));
  if (err == ERR_OK && !str_blank (f->sort) && !lines_column (&l->lines, f->sort, &l->by))
    err = bad_sort (l, fail);
  return err == ERR_OK ? kv_begin (outbox_kv (l->o), false, &l->txn) : err;
}

err_t
listing_close (listing_t *l, err_t err, table_t *t)
{
  kv_abort (&l->txn);
  flag_marks_destroy (&l->marks);
  if (err == ERR_OK)
    err = lines_put (&l->lines, l->by, t);
  for (int k = 1; k < FORM_END; k++)
    columns_destroy (&l->cs[k]);
  lines_free (&l->lines);
  arena_destroy (&l->arena);
  buf_free (&l->needle);
  buf_free (&l->hay);
  buf_free (&l->a);
  buf_free (&l->b);
  buf_free (&l->key);
  return err;
}

err_t
view_list (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail)
{
  listing_t l = {.o = o, .f = f, .people = people};
  if (kind_is_form (f->kind))
    return view_list_lines (o, f, people, t, fail);
  listing_column (&l, t, "code", "Mã", "Code", COL_TEXT);
  listing_column (&l, t, "kind", "Loại", "Kind", COL_TEXT);
  table_spare (t, 5);
  listing_column (&l, t, "name", "Tên", "Name", COL_TEXT);
  listing_column (&l, t, "district", "Đơn vị", "Office", COL_TEXT);
  table_spare (t, 4);
  listing_column (&l, t, "status", "Trạng thái", "Status", COL_TEXT);
  listing_column (&l, t, "year", "Năm", "Year", COL_TEXT);
  table_spare (t, 2);
  listing_column (&l, t, "item", "Nội dung", "Item", COL_TEXT);
  table_spare (t, 3);
  listing_column (&l, t, "support_vnd", "Kinh phí hỗ trợ (đồng)", "Support (VND)", COL_MONEY);
  table_spare (t, 1);
  listing_column (&l, t, "value", "Giá trị", "Value", COL_DECIMAL);
  table_spare (t, 1);
  listing_column (&l, t, "state", "Gửi đi", "Sent", COL_TEXT);
  listing_column (&l, t, "flags", "Cảnh báo", "Flags", people ? COL_NUMBER : COL_TEXT);
  if (people && str_blank (f->sort))
    (void)lines_column (&l.lines, STR ("name"), &l.by);
  err_t err = listing_open (&l, fail);
  if (err == ERR_OK)
    err = flag_marks_read (o, l.txn, &l.marks);
  if (err == ERR_OK)
    err = book_each (outbox_book (o), l.txn, 0, list_row, &l);
  return listing_close (&l, err, t);
}
