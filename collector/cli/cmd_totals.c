/* cmd_totals.c - totals: running totals at a position. */
#include "collector/cli/commands.h"

#include "common/base/lang.h"
#include "common/view/totals_view.h"

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
