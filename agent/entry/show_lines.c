/* show_lines.c - the entries of a scheme's lists in show and history. */
#include "agent/entry/show_private.h"

#include "common/base/lang.h"
#include "common/core/lists.h"

typedef struct {
  const columns_t *cs;
  const catalogue_t *c;
  kind_t form;
  const record_id_t *only;
  bool people;
  list_change_fn *fn;
  void *ctx;
  buf_t field, old, new_;
} lines_view_t;

/* Columns that say which entry it is: that stands in the field already. */
static bool
is_identity (const column_t *col, const record_t *line)
{
  if (line->kind == FORM_LEDGER && str_is (col->name, "voucher_no"))
    return true;
  return col->key || col->type == FIELD_ID || (line->kind == FORM_BENEFICIARY && str_is (col->name, "name"));
}

/* "ledger[PC-12]", "Sổ tiền: PC-12" */
static void
put_name (lines_view_t *v, const scheme_t *s, size_t i)
{
  buf_clear (&v->field);
  if (!v->people)
    buf_printf (&v->field, "%s[", kind_name (v->form));
  else
    buf_puts (&v->field,
              v->form == FORM_LEDGER ? L ("Sổ tiền: ", "Ledger: ") : L ("Thụ hưởng: ", "Beneficiary: "));
  list_label (s, v->form, i, &v->field);
  if (!v->people)
    buf_putc (&v->field, ']');
}

/* Behind the entry's name: ".amount_vnd", ", Số tiền". */
static void
put_column (lines_view_t *v, const column_t *col)
{
  const str_t label = show_label (col, v->people);
  buf_printf (&v->field, v->people ? ", %.*s" : ".%.*s", STR_ARG (label));
}

/* All that is given, in one line for people. */
static void
put_summary (const lines_view_t *v, const record_t *line, buf_t *out)
{
  buf_t one = BUF_INIT;
  for (size_t i = 0; i < columns_count (v->cs); i++) {
    const column_t *col = columns_at (v->cs, i);
    if (is_identity (col, line) || !column_has (col, line))
      continue;
    buf_clear (&one);
    if (col->type == FIELD_YEARS)
      buf_puts (&one, L ("ngân sách ", "budget of "));
    show_value (col, line, v->c, true, &one);
    buf_printf (out, "%s%s%s", out->n > 0 ? ", " : "", buf_z (&one),
                col->type == FIELD_MONEY ? L (" đồng", " VND") : "");
  }
  buf_free (&one);
}

static err_t
lines_view_begin (lines_view_t *v, kind_t form, columns_t **cs)
{
  v->form = form;
  v->cs = *cs = columns_new (form, v->c);
  return *cs != NULL ? ERR_OK : ERR_NOMEM;
}

static err_t
lines_view_end (lines_view_t *v, err_t err)
{
  if (err == ERR_OK && (!buf_ok (&v->field) || !buf_ok (&v->old) || !buf_ok (&v->new_)))
    err = ERR_NOMEM;
  buf_free (&v->field);
  buf_free (&v->old);
  buf_free (&v->new_);
  return err;
}

/* Calls fn for each field of an entry that differs; one of the lines may be NULL: it came, or it went. */
static void
tell_entry (lines_view_t *v, const scheme_t *named_in, size_t at, const record_t *before,
            const record_t *after)
{
  if (v->only != NULL && !record_id_eq (*v->only, line_id (before != NULL ? before : after)))
    return;
  if (v->people && (before == NULL || after == NULL)) {
    put_name (v, named_in, at);
    buf_clear (&v->old);
    buf_clear (&v->new_);
    put_summary (v, before != NULL ? before : after, before != NULL ? &v->old : &v->new_);
    v->fn (v->ctx, buf_str (&v->field), buf_str (&v->old), buf_str (&v->new_));
    return;
  }
  for (size_t i = 0; i < columns_count (v->cs); i++) {
    const column_t *col = columns_at (v->cs, i);
    buf_clear (&v->old);
    buf_clear (&v->new_);
    if (before != NULL && column_has (col, before))
      show_value (col, before, v->c, v->people, &v->old);
    if (after != NULL && column_has (col, after))
      show_value (col, after, v->c, v->people, &v->new_);
    if (col->key || (v->old.n == v->new_.n && (v->old.n == 0 || memcmp (v->old.p, v->new_.p, v->old.n) == 0)))
      continue;
    put_name (v, named_in, at);
    put_column (v, col);
    v->fn (v->ctx, buf_str (&v->field), buf_str (&v->old), buf_str (&v->new_));
  }
}

/* ---- show ---- */

static void
show_row (void *ctx, str_t field, str_t old, str_t now)
{
  (void)old;
  table_row (ctx);
  table_cell (ctx, field);
  table_cell (ctx, now.p != NULL ? now : STR (""));
}

/* ---- history ---- */

/* The ledger by its days, beneficiaries by their names; the list itself is in the order of its ids. */
static bool
comes_before (const scheme_t *s, kind_t form, uint32_t a, uint32_t b)
{
  if (form == FORM_LEDGER)
    return s->ledger[a].date < s->ledger[b].date;
  return str_cmp (s->beneficiaries[a].name, s->beneficiaries[b].name) < 0;
}

_Static_assert(BENEFICIARIES_MAX <= LEDGER_MAX, "one order holds either list");

static size_t
in_order (const scheme_t *s, kind_t form, uint32_t order[LEDGER_MAX])
{
  const size_t n = list_count (s, form);
  CHECK (n <= LEDGER_MAX);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t at = i;
    for (; at > 0 && comes_before (s, form, i, order[at - 1]); at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
  return n;
}

static void
tell_list (lines_view_t *v, const scheme_t *before, const scheme_t *after)
{
  record_t line, other;
  uint32_t order[LEDGER_MAX];
  size_t at;
  const size_t n = in_order (after, v->form, order);
  for (size_t i = 0; i < n; i++) {
    list_line (after, v->form, order[i], &line);
    const bool was = before != NULL && list_find (before, &line, &at) > 0;
    if (was)
      list_line (before, v->form, at, &other);
    if (!was || !record_same (&other, &line))
      tell_entry (v, after, order[i], was ? &other : NULL, &line);
  }
  for (size_t i = 0; before != NULL && i < list_count (before, v->form); i++) {
    list_line (before, v->form, i, &line);
    if (list_find (after, &line, &at) == 0)
      tell_entry (v, before, i, &line, NULL);
  }
}

err_t
history_lists (const scheme_t *before, const scheme_t *after, const record_id_t *only, const catalogue_t *c,
               bool people, list_change_fn *fn, void *ctx)
{
  lines_view_t v = {.c = c, .only = only, .people = people, .fn = fn, .ctx = ctx};
  err_t err = ERR_OK;
  for (kind_t form = FORM_LEDGER; form < FORM_END && err == ERR_OK; form++) {
    columns_t *cs = NULL;
    err = lines_view_begin (&v, form, &cs);
    if (err == ERR_OK)
      tell_list (&v, before, after);
    columns_destroy (&cs);
  }
  return lines_view_end (&v, err);
}

err_t
show_lists (const scheme_t *s, const catalogue_t *c, bool people, table_t *t)
{
  return history_lists (NULL, s, NULL, c, people, show_row, t);
}
