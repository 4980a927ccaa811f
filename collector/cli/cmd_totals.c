/* cmd_totals.c - totals: running totals at a position. */
#include "collector/cli/totals_table.h"

#include "common/base/lang.h"

err_t
totals_ask (book_t *b, kv_txn_t *txn, const catalogue_t *c, str_t by, str_t where, bool machine,
            query_t **out, query_result_t *result, fail_t *fail)
{
  query_t *q = query_parse (by, where, c, fail);
  if (q == NULL)
    return fail->err != ERR_OK ? fail->err : fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  err_t err = book_query (b, txn, q);
  if (err == ERR_OK)
    err = query_finish (q, machine, result);
  if (err != ERR_OK) {
    query_destroy (&q);
    return fail_set (fail, err, "%s", err_words (err));
  }
  *out = q;
  return ERR_OK;
}

void
totals_fill (table_t *t, const catalogue_t *c, const query_result_t *r, bool people)
{
  buf_t label = BUF_INIT;
  for (size_t i = 0; i < r->columns; i++) {
    const char *vi, *en;
    column_labels (r->name[i], &vi, &en);
    col_type_t type = COL_TEXT;
    if (r->is_measure[i])
      type = r->is_money[i] ? COL_MONEY : (strcmp (r->name[i], "value") == 0 ? COL_DECIMAL : COL_NUMBER);
    table_column (t, r->name[i], vi, en, type);
  }
  for (size_t row = 0; row < r->rows; row++) {
    table_row (t);
    for (size_t i = 0; i < r->columns; i++) {
      str_t cell = r->cell[row * r->columns + i];
      buf_clear (&label);
      if (people && !r->is_measure[i])
        people_value (c, r->name[i], cell, &label);
      table_cell (t, people && !r->is_measure[i] ? buf_str (&label) : cell);
    }
  }
  buf_free (&label);
}

int
cmd_totals (const args_t *a)
{
  reading_t r;
  const char *by = args_value (a, "by"), *where = args_value (a, "where");
  if (by == NULL || by[0] == '\0')
    return args_usage (a,
                       L ("thiếu --by, ví dụ --by year,source", "--by is missing, such as --by year,source"));
  if (args_value (a, "as-of") != NULL || args_value (a, "view") != NULL)
    return args_usage (
        a, L ("--as-of và --view sẽ có ở phiên bản sau", "--as-of and --view come with a later version"));
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  bool people = args_format (a) == FORMAT_TABLE;
  query_t *q = NULL;
  query_result_t result;
  fail_t fail = {0};
  position_t at;
  hash_t seal;
  err_t err =
      totals_ask (ledger_book (r.l), r.txn, r.c, str_of (by), str_of (where), !people, &q, &result, &fail);
  if (err == ERR_OK)
    err = ledger_end (r.l, r.txn, &at, &seal);
  if (err != ERR_OK) {
    fail_set (&fail, err, "%s", err_words (err));
    code = args_fail (a, &fail);
  } else {
    char position[POSITION_TEXT_MAX], seal_hex[65];
    position_format (at, position);
    hex_encode (seal.b, 16, seal_hex);
    table_t *t = table_new ();
    table_meta (t, "position", str_of (position));
    table_meta (t, "seal", str_of (seal_hex));
    totals_fill (t, r.c, &result, people);
    code = answer_table (a, &t, ERR_OK, NULL);
  }
  query_destroy (&q);
  reading_close (&r);
  return code;
}
