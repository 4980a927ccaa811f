/* cmd_view.c - what the office holds: export, template, list, show, history, totals, conflicts. */
#include "agent/cli/commands.h"

#include "agent/cli/shipped.h"
#include "agent/entry/views.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <stdio.h>

static int
put_out (const args_t *a, const buf_t *text)
{
  fail_t fail = {0};
  const char *path = args_value (a, "o");
  if (path == NULL || strcmp (path, "-") == 0) {
    fwrite (text->p, 1, text->n, stdout);
    return 0;
  }
  err_t err = file_write (path, buf_str (text), false, &fail);
  if (err == ERR_OK)
    return 0;
  fail_at (&fail, path, 0, 0);
  return answer_fail (a, err, &fail);
}

int
cmd_export (const args_t *a)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  buf_t text = BUF_INIT;
  kind_t kind;
  int code = name_kind (a, args_operand (a, 1), &kind);
  if (code == 0)
    code = store_open (a, true, true, &o);
  if (code == 0) {
    err_t err = export_records (o, kind, args_excel (a), &text, &fail);
    code = err == ERR_OK ? put_out (a, &text) : answer_fail (a, err, &fail);
  }
  outbox_close (&o);
  buf_free (&text);
  return code;
}

/* The catalogue of --dir's store, else the shipped one. *o keeps the first alive, *own is the second. */
static err_t
template_catalogue (const args_t *a, outbox_t **o, catalogue_t **own, fail_t *fail)
{
  const char *dir = args_value (a, "dir");
  if (dir != NULL)
    return outbox_open (dir, true, true, o, fail);
  *own = catalogue_parse ((str_t){(const char *)shipped_catalogue, shipped_catalogue_size}, 1, fail);
  return *own != NULL ? ERR_OK : ERR_INPUT;
}

int
cmd_template (const args_t *a)
{
  outbox_t *o = NULL;
  catalogue_t *own = NULL;
  fail_t fail = {0};
  buf_t text = BUF_INIT;
  kind_t kind;
  int code = name_kind (a, args_operand (a, 0), &kind);
  if (code != 0)
    return code;
  err_t err = template_catalogue (a, &o, &own, &fail);
  if (err == ERR_OK)
    err = export_template (kind, own != NULL ? own : outbox_catalogue (o), args_excel (a), &text, &fail);
  code = err == ERR_OK ? put_out (a, &text) : answer_fail (a, err, &fail);
  catalogue_destroy (&own);
  outbox_close (&o);
  buf_free (&text);
  return code;
}

/* ---- tables ---- */

static err_t
fill_list (const args_t *a, outbox_t *o, table_t *t, fail_t *fail)
{
  const bool people = for_people (a);
  if (args_flag (a, "waiting"))
    return view_waiting (o, people, t, fail);
  if (args_flag (a, "refused"))
    return view_refused (o, people, t, fail);
  if (args_flag (a, "conflicts")) {
    view_conflicts (t);
    return ERR_OK;
  }
  list_filter_t f = {.search = str_of (args_value (a, "search")), .where = str_of (args_value (a, "where"))};
  if (args_operand (a, 1) != NULL)
    f.kind = kind_of_name (str_of (args_operand (a, 1)));
  return view_list (o, &f, people, t, fail);
}

static err_t
fill_show (const args_t *a, outbox_t *o, table_t *t, fail_t *fail)
{
  return view_show (o, str_of (args_operand (a, 1)), kind_of_name (str_of (args_value (a, "kind"))),
                    for_people (a), t, fail);
}

static err_t
fill_history (const args_t *a, outbox_t *o, table_t *t, fail_t *fail)
{
  return view_history (o, str_of (args_operand (a, 1)), kind_of_name (str_of (args_value (a, "kind"))),
                       for_people (a), t, fail);
}

static err_t
fill_conflicts (const args_t *a, outbox_t *o, table_t *t, fail_t *fail)
{
  (void)a;
  (void)o;
  (void)fail;
  view_conflicts (t);
  return ERR_OK;
}

typedef err_t (fill_fn) (const args_t *a, outbox_t *o, table_t *t, fail_t *fail);

static int
view (const args_t *a, fill_fn *fill)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  int code = store_open (a, true, true, &o);
  if (code != 0)
    return code;
  table_t *t = table_new ();
  err_t err = t != NULL ? fill (a, o, t, &fail) : ERR_NOMEM;
  code = answer (a, &t, err, &fail, NULL);
  outbox_close (&o);
  return code;
}

int
cmd_list (const args_t *a)
{
  kind_t kind;
  const char *name = args_operand (a, 1);
  if (args_flag (a, "waiting") + args_flag (a, "refused") + args_flag (a, "conflicts") > 1)
    return args_usage (a, L ("chỉ dùng một trong --waiting, --refused, --conflicts",
                             "use only one of --waiting, --refused, --conflicts"));
  int code = name != NULL ? name_kind (a, name, &kind) : 0;
  return code != 0 ? code : view (a, fill_list);
}

int
cmd_show (const args_t *a)
{
  kind_t kind;
  int code = option_kind (a, &kind);
  return code != 0 ? code : view (a, fill_show);
}

int
cmd_history (const args_t *a)
{
  kind_t kind;
  int code = option_kind (a, &kind);
  return code != 0 ? code : view (a, fill_history);
}

int
cmd_conflicts (const args_t *a)
{
  return view (a, fill_conflicts);
}

/* ---- totals ---- */

static const struct {
  const char *name, *vi, *en;
} headings[] = {
    {"year", "Năm", "Year"},
    {"category", "Nhóm", "Group"},
    {"item", "Nội dung", "Item"},
    {"source", "Cấp kinh phí", "Source"},
    {"fund", "Nguồn kinh phí", "Fund"},
    {"district", "Đơn vị", "Office"},
    {"office", "Đơn vị", "Office"},
    {"status", "Trạng thái", "Status"},
    {"kind", "Loại", "Kind"},
    {"indicator", "Chỉ tiêu", "Indicator"},
    {"value_kind", "Loại số liệu", "Kind of figure"},
    {"period", "Kỳ", "Period"},
    {"schemes", "Số đề án", "Schemes"},
    {"support_vnd", "Hỗ trợ (đồng)", "Support (đồng)"},
    {"schemes_all", "Mọi đề án", "All schemes"},
    {"planned_vnd", "Kế hoạch (đồng)", "Planned (đồng)"},
    {"approved_vnd", "Được duyệt (đồng)", "Approved (đồng)"},
    {"settled_vnd", "Quyết toán (đồng)", "Settled (đồng)"},
    {"matching_vnd", "Đối ứng (đồng)", "Matching (đồng)"},
    {"value", "Giá trị", "Value"},
};

static void
totals_column (table_t *t, const query_result_t *r, size_t i)
{
  const char *vi = NULL, *en = NULL;
  for (size_t k = 0; k < sizeof headings / sizeof headings[0]; k++)
    if (strcmp (headings[k].name, r->name[i]) == 0) {
      vi = headings[k].vi;
      en = headings[k].en;
    }
  col_type_t type = COL_TEXT;
  if (r->is_measure[i])
    type = r->is_money[i] ? COL_MONEY : strcmp (r->name[i], "value") == 0 ? COL_DECIMAL : COL_NUMBER;
  table_column (t, r->name[i], vi, en, type);
}

static str_t
by_language (str_t vi, str_t en)
{
  return lang_get () == LANG_VI || str_blank (en) ? vi : en;
}

/* For people: a code with what it stands for. A code the catalogue does not know stays as it is. */
static void
people_value (const catalogue_t *c, const char *dim, str_t code, buf_t *out)
{
  str_t label = STR_NONE, measured_in = STR_NONE;
  bool code_too = false;
  if (strcmp (dim, "source") == 0) {
    const source_t *x = catalogue_source_by_code (c, code);
    label = x != NULL ? by_language (x->label_vi, x->label_en) : STR_NONE;
  } else if (strcmp (dim, "district") == 0 || strcmp (dim, "office") == 0) {
    const unit_t *x = catalogue_unit_by_code (c, code);
    label = x != NULL ? by_language (x->name, x->name_en) : STR_NONE;
  } else if (strcmp (dim, "status") == 0 && status_of_name (code) != STATUS_NONE) {
    label = str_of (status_words (status_of_name (code)));
  } else if (strcmp (dim, "kind") == 0 && scheme_kind_of_name (code) != SCHEME_KIND_NONE) {
    label = str_of (scheme_kind_words (scheme_kind_of_name (code)));
  } else if (strcmp (dim, "value_kind") == 0 && value_kind_of_name (code) != VALUE_NONE) {
    label = str_of (value_kind_words (value_kind_of_name (code)));
  } else if (strcmp (dim, "item") == 0) {
    const item_t *x = catalogue_item (c, code);
    label = x != NULL ? by_language (x->label_vi, x->label_en) : STR_NONE;
    code_too = true;
  } else if (strcmp (dim, "category") == 0) {
    const category_t *x = catalogue_category (c, code);
    label = x != NULL ? by_language (x->label_vi, x->label_en) : STR_NONE;
    code_too = true;
  } else if (strcmp (dim, "indicator") == 0) {
    const indicator_t *x = catalogue_indicator (c, code);
    measured_in = x != NULL ? x->unit_vi : STR_NONE;
    label = x != NULL ? by_language (x->label_vi, x->label_en) : STR_NONE;
    code_too = true;
  }
  if (str_blank (label) || code_too)
    buf_put (out, code.p, code.n);
  if (!str_blank (label) && code_too)
    buf_puts (out, " ");
  if (!str_blank (label))
    buf_put (out, label.p, label.n);
  if (!str_blank (measured_in))
    buf_printf (out, " (%.*s)", STR_ARG (measured_in));
}

static void
totals_rows (table_t *t, const catalogue_t *c, const query_result_t *r, bool people)
{
  buf_t words = BUF_INIT;
  for (size_t i = 0; i < r->rows; i++) {
    table_row (t);
    for (size_t k = 0; k < r->columns; k++) {
      const str_t code = r->cell[i * r->columns + k];
      buf_clear (&words);
      if (people && !r->is_measure[k])
        people_value (c, r->name[k], code, &words);
      table_cell (t, people && !r->is_measure[k] ? buf_str (&words) : code);
    }
  }
  buf_free (&words);
}

static err_t
fill_totals (const args_t *a, outbox_t *o, table_t *t, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  query_result_t r;
  facts_t facts;
  char position[POSITION_TEXT_MAX];
  query_t *q = query_parse (str_of (args_value (a, "by")), str_of (args_value (a, "where")),
                            outbox_catalogue (o), fail);
  if (q == NULL)
    return ERR_USAGE;
  err_t err = outbox_facts (o, &facts);
  if (err == ERR_OK)
    err = kv_begin (outbox_kv (o), false, &txn);
  if (err == ERR_OK)
    err = book_query (outbox_book (o), txn, q);
  if (err == ERR_OK)
    err = query_finish (q, !for_people (a), &r);
  kv_abort (&txn);
  if (err == ERR_OK) {
    position_format (facts.down, position);
    table_meta (t, "position", str_of (position));
    table_meta (t, "seal", STR (""));
    for (size_t i = 0; i < r.columns; i++)
      totals_column (t, &r, i);
    totals_rows (t, outbox_catalogue (o), &r, for_people (a));
  }
  query_destroy (&q);
  return err;
}

int
cmd_totals (const args_t *a)
{
  if (args_value (a, "by") == NULL)
    return args_usage (a, L ("cần --by, ví dụ --by year,source", "--by is needed, e.g. --by year,source"));
  return view (a, fill_totals);
}
