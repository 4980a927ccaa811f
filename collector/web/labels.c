/* labels.c - what the codes of the figures are called, for who shows them: /api/v1/labels. */
#include "collector/web/ask.h"

#include "common/text/json.h"
#include "common/view/totals_view.h"

static void
put_label (const catalogue_t *c, const char *dim, str_t code, bool *first, buf_t *out)
{
  buf_t label = BUF_INIT;
  totals_value (c, dim, code, &label);
  if (!*first)
    buf_puts (out, ",\n");
  *first = false;
  json_put_text (out, code);
  buf_putc (out, ':');
  json_put_text (out, buf_str (&label));
  if (!buf_ok (&label))
    out->failed = true;
  buf_free (&label);
}

static void
begin (const char *dim, buf_t *out)
{
  buf_printf (out, "%s\"%s\":{", out->n > 1 ? "},\n" : "", dim);
}

static void
put_labels (const catalogue_t *c, buf_t *out)
{
  const category_t *category;
  const item_t *item;
  const source_t *source;
  const unit_t *unit;
  bool first = true;
  buf_puts (out, "{");
  begin ("category", out);
  for (size_t i = 0; (category = catalogue_category_at (c, i)) != NULL; i++)
    put_label (c, "category", category->code, &first, out);
  begin ("item", out);
  first = true;
  for (size_t i = 0; (item = catalogue_item_at (c, i)) != NULL; i++)
    put_label (c, "item", item->code, &first, out);
  begin ("source", out);
  first = true;
  for (size_t i = 0; (source = catalogue_source_at (c, i)) != NULL; i++)
    put_label (c, "source", source->code, &first, out);
  begin ("district", out);
  first = true;
  for (size_t i = 0; (unit = catalogue_unit_at (c, i)) != NULL; i++)
    put_label (c, "district", unit->known_as, &first, out);
  begin ("status", out);
  first = true;
  for (status_t s = STATUS_NONE + 1; s < STATUS_COUNT; s++)
    put_label (c, "status", str_of (status_name (s)), &first, out);
  begin ("category_of", out);
  for (size_t i = 0; (item = catalogue_item_at (c, i)) != NULL; i++) {
    buf_puts (out, i > 0 ? "," : "");
    json_put_text (out, item->code);
    buf_putc (out, ':');
    json_put_text (out, item->category);
  }
  buf_puts (out, "}}\n");
}

void
labels_handle (ask_t *a)
{
  kv_txn_t *txn = NULL;
  fail_t fail = {0};
  buf_t body = BUF_INIT;
  err_t err = kv_begin (ledger_kv (a->web->ledger), false, &txn);
  if (err == ERR_OK)
    err = ledger_catalogue_refresh (a->web->ledger, txn, &fail);
  kv_abort (&txn);
  if (err != ERR_OK) {
    answer_error (a, MHD_HTTP_SERVICE_UNAVAILABLE, err_words (err));
    return;
  }
  put_labels (ledger_catalogue (a->web->ledger), &body);
  answer_body (a, MHD_HTTP_OK, "application/json", &body);
}
