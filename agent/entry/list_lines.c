/* list_lines.c - the entries of all schemes' lists as a list. */
#include "agent/entry/list_private.h"
#include "agent/entry/show_private.h"

#include "common/base/lang.h"
#include "common/core/lists.h"

/* Headings are shorter here than in a file; what is not named has its name. */
static const struct {
  const char *column, *vi, *en;
  col_type_t type;
} headings[] = {
    {"scheme_code", "Mã đề án", "Scheme", COL_TEXT},
    {"ledger_kind", "Nghiệp vụ", "Event", COL_TEXT},
    {"date", "Ngày", "Date", COL_TEXT},
    {"budget_year", "Năm ngân sách", "Budget year", COL_TEXT},
    {"source", "Nguồn", "Source", COL_TEXT},
    {"amount_vnd", "Số tiền (đồng)", "Amount (VND)", COL_MONEY},
    {"voucher_no", "Số chứng từ", "Voucher", COL_TEXT},
    {"note", "Ghi chú", "Note", COL_TEXT},
    {"name", "Tên", "Name", COL_TEXT},
    {"address", "Địa chỉ", "Address", COL_TEXT},
    {"support_vnd", "Hỗ trợ (đồng)", "Support (VND)", COL_MONEY},
    {"accepted_on", "Nghiệm thu", "Accepted on", COL_TEXT},
    {"acceptance_no", "Số biên bản", "Minute", COL_TEXT},
    {"id", "Mã mục", "Id", COL_TEXT},
};

#define CELLS_MAX 16u /* of a row */

/* People read scheme and name in the code already, and an id not at all. */
static bool
is_listed (const listing_t *l, const column_t *col)
{
  return !l->people || (!col->key && col->type != FIELD_ID);
}

static void
name_columns (listing_t *l, const columns_t *cs, table_t *t)
{
  listing_column (l, t, "code", "Mã", "Code", COL_TEXT);
  for (size_t i = 0; i < columns_count (cs); i++) {
    const column_t *col = columns_at (cs, i);
    for (size_t k = 0; k < sizeof headings / sizeof headings[0] && is_listed (l, col); k++)
      if (str_is (col->name, headings[k].column)) {
        listing_column (l, t, headings[k].column, headings[k].vi, headings[k].en, headings[k].type);
      }
  }
  listing_column (l, t, "state", "Gửi đi", "Sent", COL_TEXT);
}

bool
listing_wants_line (listing_t *l, const record_t *scheme, const record_t *line, update_state_t state)
{
  for (size_t i = 0; i < l->where_n; i++) {
    const condition_t *w = &l->where[i];
    const bool own = columns_find (l->cs[line->kind], w->dim) >= 0;
    if (!listing_meets (l, own ? line : scheme, state, w))
      return false;
  }
  return listing_finds (l, line, scheme->u.scheme.name, record_office (scheme));
}

static err_t
add_line (listing_t *l, const scheme_t *s, size_t at, const record_t *line, update_state_t state)
{
  str_t cells[CELLS_MAX];
  size_t ends[CELLS_MAX], n = 0, from = 0;
  const columns_t *cs = l->cs[line->kind];
  buf_clear (&l->a);
  buf_clear (&l->b);
  buf_printf (&l->a, "%.*s:", STR_ARG (s->code));
  list_label (s, line->kind, at, &l->a);
  ends[n++] = l->a.n;
  for (size_t i = 0; i < columns_count (cs); i++) {
    const column_t *col = columns_at (cs, i);
    if (!is_listed (l, col))
      continue;
    CHECK (n + 1 < CELLS_MAX);
    buf_clear (&l->b);
    show_value (col, line, l->c, l->people && col->type != FIELD_MONEY, &l->b);
    buf_put (&l->a, l->b.p, l->b.n);
    ends[n++] = l->a.n;
  }
  if (!buf_ok (&l->a) || !buf_ok (&l->b))
    return ERR_NOMEM;
  for (size_t i = 0; i < n; from = ends[i++])
    cells[i] = (str_t){l->a.p + from, ends[i] - from};
  cells[n++] = str_of (l->people ? update_state_words (state) : update_state_name (state));
  CHECK (n == l->lines.width);
  return lines_add (&l->lines, cells);
}

static err_t
list_scheme (void *ctx, err_t err, const row_t *row)
{
  listing_t *l = ctx;
  update_t u;
  update_state_t state;
  record_t line;
  if (err != ERR_OK || row->withdrawn)
    return err;
  arena_reset (l->arena);
  err = row_decode (row, l->arena, &u);
  if (err == ERR_OK)
    err = outbox_state_of (l->o, l->txn, row, &state);
  if (err != ERR_OK || u.record.kind != KIND_SCHEME)
    return err;
  for (size_t i = 0; i < list_count (&u.record.u.scheme, l->f->kind) && err == ERR_OK; i++) {
    list_line (&u.record.u.scheme, l->f->kind, i, &line);
    if (listing_wants_line (l, &u.record, &line, state))
      err = add_line (l, &u.record.u.scheme, i, &line, state);
  }
  return err;
}

err_t
view_list_lines (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail)
{
  listing_t l = {.o = o, .f = f, .people = people};
  columns_t *cs = columns_new (f->kind, outbox_catalogue (o));
  if (cs != NULL)
    name_columns (&l, cs, t);
  err_t err = cs != NULL ? listing_open (&l, fail) : ERR_NOMEM;
  columns_destroy (&cs);
  if (err == ERR_OK)
    err = book_each_of (outbox_book (o), l.txn, KIND_SCHEME, list_scheme, &l);
  return listing_close (&l, err, t);
}
