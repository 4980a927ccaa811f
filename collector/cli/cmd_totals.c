/* cmd_totals.c - totals: running totals, now or at an earlier position. */
#include "collector/cli/commands.h"

#include "collector/ledger/conflicts.h"
#include "collector/ledger/snapshot.h"
#include "common/base/lang.h"
#include "common/core/period.h"
#include "common/view/totals_view.h"

#include <string.h>

/* From the running totals; of accepted tables, or of those that are not, from the records. today 0: offices
 * as they were, by the catalogue of the position; c must know what became of them otherwise. */
static err_t
ask (snapshot_t *s, const catalogue_t *c, str_t by, str_t where, date_t today, bool machine, query_t **out,
     query_result_t *result, fail_t *fail)
{
  buf_t rest = BUF_INIT;
  accepted_want_t want;
  query_t *q = NULL;
  err_t err = accepted_of_where (where, &rest, &want, fail);
  if (err == ERR_OK && (q = query_parse (by, buf_str (&rest), c, fail)) == NULL)
    err = fail->err != ERR_OK ? fail->err : ERR_NOMEM;
  if (err == ERR_OK) {
    query_today (q, today);
    err = want == ACCEPTED_ANY ? snapshot_query (s, q) : snapshot_query_accepted (s, want, q);
  }
  if (err == ERR_OK)
    err = query_finish (q, machine, result);
  *out = q;
  buf_free (&rest);
  return err;
}

int
cmd_totals (const args_t *a)
{
  reading_t r;
  const char *by = args_value (a, "by"), *where = args_value (a, "where");
  if (by == NULL || by[0] == '\0')
    return args_usage (a,
                       L ("thiếu --by, ví dụ --by year,source", "--by is missing, such as --by year,source"));
  date_t today;
  if (!view_day (a, &today))
    return args_usage (a, L ("--view phải là then hoặc today", "--view must be then or today"));
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  bool people = args_format (a) == FORMAT_TABLE;
  snapshot_t *s = NULL;
  query_t *q = NULL;
  query_result_t result;
  uint64_t parked = 0;
  fail_t fail = {0};
  err_t err = snapshot_open (r.l, r.txn, str_of (args_value (a, "as-of")), &s, &fail);
  const catalogue_t *c = today != 0 || err != ERR_OK ? r.c : snapshot_catalogue (s);
  if (err == ERR_OK)
    err = conflicts_count (r.txn, snapshot_position (s).lsn, &parked);
  if (err == ERR_OK)
    err = ask (s, c, str_of (by), str_of (where), today, !people, &q, &result, &fail);
  if (err != ERR_OK) {
    fail_set (&fail, err, "%s", err_words (err));
    code = args_fail (a, &fail);
  } else {
    table_t *t = table_new ();
    table_meta (t, "position", snapshot_position_text (s));
    table_meta (t, "seal", snapshot_seal_text (s));
    table_meta_number (t, "parked", parked);
    totals_fill (t, c, &result, people);
    code = answer_table (a, &t, ERR_OK, NULL);
    say_parked (a, parked);
    say_as_of (a, &r);
    if (args_value (a, "as-of") == NULL)
      say_since_closing (a, &r, STR_NONE);
  }
  query_destroy (&q);
  snapshot_close (&s);
  reading_close (&r);
  return code;
}
