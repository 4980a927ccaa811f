/* cmd_report.c - report: the annexes of the province or of an office. */
#include "collector/cli/commands.h"

#include "common/base/lang.h"
#include "common/view/book_figures.h"
#include "common/view/report_view.h"

int
cmd_report (const args_t *a)
{
  reading_t r;
  report_request_t request;
  book_figures_t own = {0};
  figures_t f = {0};
  fail_t fail = {0};
  position_t at;
  hash_t seal;
  log_entry_t last;
  char position[POSITION_TEXT_MAX], seal_hex[65];
  if (args_value (a, "as-of") != NULL)
    return args_usage (a, L ("--as-of sẽ có ở phiên bản sau; bỏ đi để lập theo số hiện nay",
                             "--as-of comes with a later version; leave it out for the present figures"));
  int code = report_request (a, &request);
  if (code == 0)
    code = reading_open (a, &r);
  if (code != 0)
    return code;
  err_t err = report_office (a, r.c, &f.office, &fail);
  if (err == ERR_OK)
    err = ledger_end (r.l, r.txn, &at, &seal);
  if (err == ERR_OK)
    err = ledger_log_get (r.l, r.txn, at.lsn, &last);
  if (err == ERR_OK) {
    position_format (at, position);
    hex_encode (seal.b, 16, seal_hex);
    own = (book_figures_t){.book = ledger_book (r.l), .txn = r.txn, .only = f.office};
    book_figures (&own, &f);
    f.catalogue = r.c;
    f.position = str_of (position);
    f.seal = str_of (seal_hex);
    f.at = last.received;
    err = report_write (a, &request, &f, &fail);
  }
  book_figures_end (&own);
  if (err != ERR_OK) {
    fail_set (&fail, err, "%s", err_words (err));
    code = args_fail (a, &fail);
  }
  reading_close (&r);
  return code;
}
