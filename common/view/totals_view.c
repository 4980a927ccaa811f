/* totals_view.c - an answer of the totals: asked, and laid out with words for people. */
#include "common/view/totals_view.h"

#include "common/base/lang.h"
#include "common/core/period.h"
#include "common/core/units.h"
#include "common/platform/platform.h"

#include <string.h>

#define MEASURES_KEPT                                                                                        \
  2u /* the first two are what is asked for; the others a narrow terminal may leave out                      \
      */

err_t
totals_answer (book_t *b, kv_txn_t *txn, query_t *q, bool machine, query_result_t *result, fail_t *fail)
{
  err_t err = book_query (b, txn, q);
  if (err == ERR_OK)
    err = query_finish (q, machine, result);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

err_t
totals_ask (book_t *b, kv_txn_t *txn, const catalogue_t *c, str_t by, str_t where, bool machine,
            query_t **out, query_result_t *result, fail_t *fail)
{
  query_t *q = query_parse (by, where, c, fail);
  if (q == NULL)
    return fail->err != ERR_OK ? fail->err : fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  const err_t err = totals_answer (b, txn, q, machine, result, fail);
  if (err != ERR_OK)
    query_destroy (&q);
  else
    *out = q;
  return err;
}

/* ---- words ---- */

static str_t
by_language (str_t vi, str_t en)
{
  return lang_get () == LANG_EN && !str_blank (en) ? en : vi;
}

/* What is decreed for later is not its name yet; only words depend on the clock, never a figure. */
static str_t
name_today (const catalogue_t *c, unit_id_t id)
{
  const unit_t *u = unit_named_on (c, id, day_of (clock_wall ()));
  return by_language (u->name, u->name_en);
}

void
totals_value (const catalogue_t *c, const char *dim, str_t value, buf_t *out)
{
  dim_t d;
  const unit_t *unit;
  const source_t *source;
  const item_t *item;
  const category_t *category;
  const indicator_t *indicator = NULL;
  str_t label = STR_NONE;
  if (!dim_of_name (str_of (dim), &d))
    d = DIM_COUNT;
  if (d == DIM_DISTRICT && (unit = catalogue_unit_by_code (c, value)) != NULL)
    label = name_today (c, unit->id);
  else if (d == DIM_SOURCE && (source = catalogue_source_by_code (c, value)) != NULL)
    label = by_language (source->label_vi, source->label_en);
  else if (d == DIM_ITEM && (item = catalogue_item (c, value)) != NULL)
    label = by_language (item->label_vi, item->label_en);
  else if (d == DIM_CATEGORY && (category = catalogue_category (c, value)) != NULL)
    label = by_language (category->label_vi, category->label_en);
  else if (d == DIM_INDICATOR && (indicator = catalogue_indicator (c, value)) != NULL)
    label = by_language (indicator->label_vi, indicator->label_en);
  else if (d == DIM_SERVICE && catalogue_service (c, value) != NULL)
    label = by_language (catalogue_service (c, value)->label_vi, catalogue_service (c, value)->label_en);
  else if (d == DIM_STATUS && status_of_name (value) != STATUS_NONE)
    label = str_of (status_words (status_of_name (value)));
  else if (d == DIM_KIND && scheme_kind_of_name (value) != SCHEME_KIND_NONE)
    label = str_of (scheme_kind_words (scheme_kind_of_name (value)));
  else if (d == DIM_VALUE_KIND && value_kind_of_name (value) != VALUE_NONE)
    label = str_of (value_kind_words (value_kind_of_name (value)));
  bool label_alone =
      !str_blank (label) && (d == DIM_SOURCE || d == DIM_STATUS || d == DIM_KIND || d == DIM_VALUE_KIND);
  if (!label_alone)
    buf_put (out, value.p, value.n);
  if (!label_alone && !str_blank (label))
    buf_putc (out, ' ');
  buf_put (out, label.p, label.n);
  const str_t of = indicator != NULL ? by_language (indicator->unit_vi, indicator->unit_en) : STR_NONE;
  if (!str_blank (of))
    buf_printf (out, " (%.*s)", STR_ARG (of));
}

void
totals_labels (const char *name, const char **vi, const char **en)
{
  static const struct {
    const char *name, *vi, *en;
  } labels[] = {
      {"year", "Năm", "Year"},
      {"category", "Nhóm", "Category"},
      {"item", "Nội dung", "Item"},
      {"source", "Nguồn", "Source"},
      {"fund", "Quỹ", "Fund"},
      {"district", "Đơn vị", "Office"},
      {"office", "Đơn vị", "Office"},
      {"status", "Trạng thái", "Status"},
      {"kind", "Loại", "Kind"},
      {"indicator", "Chỉ tiêu", "Indicator"},
      {"value_kind", "Loại số liệu", "Value kind"},
      {"period", "Kỳ", "Period"},
      {"schemes", "Số đề án", "Schemes"},
      {"support_vnd", "Kinh phí hỗ trợ (đồng)", "Support (VND)"},
      {"schemes_all", "Tất cả đề án", "All schemes"},
      {"planned_vnd", "Kế hoạch (đồng)", "Planned (VND)"},
      {"approved_vnd", "Phê duyệt (đồng)", "Approved (VND)"},
      {"settled_vnd", "Quyết toán (đồng)", "Settled (VND)"},
      {"matching_vnd", "Đối ứng (đồng)", "Matching (VND)"},
      {"value", "Giá trị", "Value"},
      {"service", "Dịch vụ", "Service"},
      {"projects", "Số dự án", "Projects"},
      {"revenue_vnd", "Doanh thu (đồng)", "Revenue (VND)"},
  };
  *vi = *en = name;
  for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
    if (strcmp (labels[i].name, name) == 0) {
      *vi = labels[i].vi;
      *en = labels[i].en;
    }
}

col_type_t
totals_type (const query_result_t *r, size_t column)
{
  if (!r->is_measure[column])
    return COL_TEXT;
  if (r->is_money[column])
    return COL_MONEY;
  return strcmp (r->name[column], "value") == 0 ? COL_DECIMAL : COL_NUMBER;
}

void
totals_fill (table_t *t, const catalogue_t *c, const query_result_t *r, bool people)
{
  buf_t label = BUF_INIT;
  size_t measures = 0;
  for (size_t i = 0; i < r->columns; i++) {
    const char *vi, *en;
    totals_labels (r->name[i], &vi, &en);
    table_column (t, r->name[i], vi, en, totals_type (r, i));
    if (r->is_measure[i] && measures++ >= MEASURES_KEPT)
      table_spare (t, (unsigned)measures);
  }
  for (size_t row = 0; row < r->rows; row++) {
    table_row (t);
    for (size_t i = 0; i < r->columns; i++) {
      str_t cell = r->cell[row * r->columns + i];
      buf_clear (&label);
      if (people && !r->is_measure[i])
        totals_value (c, r->name[i], cell, &label);
      table_cell (t, people && !r->is_measure[i] ? buf_str (&label) : cell);
    }
  }
  buf_free (&label);
}
