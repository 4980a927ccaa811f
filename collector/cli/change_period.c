/* change_period.c - what the centre decides of a period's tables, as operations. */
#include "collector/cli/change_period.h"

#include "collector/ledger/closings.h"
#include "collector/ledger/period_locks.h"
#include "collector/ledger/submissions.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/text/number.h"

/* ---- arguments ---- */

err_t
change_office (const ledger_t *l, str_t code, unit_id_t *out, fail_t *fail)
{
  const unit_t *unit = catalogue_unit_by_code (ledger_catalogue (l), code);
  if (unit == NULL)
    return fail_set (fail, ERR_INPUT,
                     L ("danh mục không có đơn vị mã “%.*s”; xem kc-collector offices DIR",
                        "the catalogue has no office with code \"%.*s\"; see kc-collector offices DIR"),
                     STR_ARG (code));
  *out = unit->id;
  return ERR_OK;
}

/* "" is every table. */
static err_t
read_table (str_t name, bool with_all, table_id_t *out, fail_t *fail)
{
  *out = table_of_name (name);
  if (name.n == 0 || *out != TABLE_NONE)
    return ERR_OK;
  return fail_set (
      fail, ERR_INPUT,
      L ("không có biểu “%.*s”; dùng consulting, outcomes, budget, documents, staff hoặc 1..5%s",
         "there is no table \"%.*s\"; use consulting, outcomes, budget, documents, staff or 1..5%s"),
      STR_ARG (name), with_all ? L (", hay all cho mọi biểu", ", or all for every table") : "");
}

/* "" is every office. */
static err_t
read_office (const ledger_t *l, str_t code, unit_id_t *out, fail_t *fail)
{
  *out = 0;
  return code.n > 0 ? change_office (l, code, out, fail) : ERR_OK;
}

/* ---- due ---- */

err_t
change_due (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  bool changed = false;
  if (r->args_n != 4)
    return ERR_MALFORMED;
  due_t d = {.period = r->args[0], .person = r->person};
  if (!str_is (r->args[1], "none") && date_parse (r->args[1], NUMBER_PLAIN, &d.date) != NUMBER_OK)
    return fail_set (fail, ERR_INPUT,
                     L ("“%.*s” không phải ngày; hãy ghi như 2020-06-20, hoặc none để bỏ hạn",
                        "\"%.*s\" is no day; write it as 2020-06-20, or none to take the date back"),
                     STR_ARG (r->args[1]));
  err_t err = read_table (r->args[2], false, &d.table, fail);
  if (err == ERR_OK)
    err = read_office (l, r->args[3], &d.unit, fail);
  if (err == ERR_OK)
    err = submissions_due_set (l, &d, now, &changed, fail);
  if (err == ERR_OK)
    buf_printf (out, "%.*s: %s\n", STR_ARG (r->args[0]),
                !changed      ? L ("hạn nộp vẫn như cũ", "the due date stands as it did")
                : d.date == 0 ? L ("đã bỏ hạn nộp", "the due date is taken back")
                              : L ("đã đặt hạn nộp; các đơn vị thấy ở lần liên lạc tới",
                                   "the due date is set; offices see it at their next contact"));
  return err;
}

/* ---- close ---- */

err_t
change_close (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  closing_t c;
  bool changed = false;
  char position[POSITION_TEXT_MAX];
  buf_t at = BUF_INIT;
  if (r->args_n != 2)
    return ERR_MALFORMED;
  err_t err = closings_close (l, r->args[0], r->args[1].n > 0 ? r->args[1] : STR_NONE, r->person, now, &c,
                              &changed, fail);
  if (err != ERR_OK)
    return err;
  position_format (c.at, position);
  wall_put (c.closed, true, &at);
  if (changed)
    buf_printf (out,
                L ("%.*s: đã chốt ở vị trí %s; những gì đổi về sau xem bằng changes --since %.*s\n",
                   "%.*s: closed at position %s; what changes later is shown by changes --since %.*s\n"),
                STR_ARG (c.period), position, STR_ARG (c.period));
  else
    buf_printf (out,
                L ("%.*s: đã chốt lúc %s ở vị trí %s và từ đó chưa có gì đổi, nên không chốt thêm\n",
                   "%.*s: closed on %s at position %s, and nothing has changed since: not closed again\n"),
                STR_ARG (c.period), buf_z (&at), position);
  buf_free (&at);
  return ERR_OK;
}

/* ---- lock, unlock ---- */

static const char *
lock_sentence (const lock_row_t *row, bool changed)
{
  if (row->unit == 0 && row->locked)
    return changed ? L ("đã khóa; các đơn vị thấy ở lần liên lạc tới",
                        "locked; offices see it at their next contact")
                   : L ("đã khóa từ trước", "was locked before");
  if (row->unit == 0)
    return changed ? L ("đã mở khóa; các đơn vị thấy ở lần liên lạc tới",
                        "unlocked; offices see it at their next contact")
                   : L ("không bị khóa", "is not locked");
  if (row->locked)
    return changed ? L ("đã thôi gia hạn; đơn vị thấy ở lần liên lạc tới",
                        "the extension is taken back; the office sees it at its next contact")
                   : L ("đơn vị này không có gia hạn", "the office has no extension");
  return changed ? L ("đã gia hạn; đơn vị thấy ở lần liên lạc tới",
                      "the office has longer; it sees it at its next contact")
                 : L ("đã gia hạn như vậy từ trước", "the office had that much longer before");
}

err_t
change_lock (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  bool changed = false;
  date_t until = 0;
  if (r->args_n != 6)
    return ERR_MALFORMED;
  lock_row_t row = {.period = r->args[0],
                    .locked = str_is (r->args[2], "locked"),
                    .person = r->person,
                    .reason = r->args[5].n > 0 ? r->args[5] : STR_NONE};
  const bool all = str_is (r->args[1], "all");
  err_t err = read_table (all ? STR ("") : r->args[1], true, &row.table, fail);
  if (err == ERR_OK)
    err = read_office (l, r->args[3], &row.unit, fail);
  if (err == ERR_OK && r->args[4].n > 0 &&
      (date_parse (r->args[4], NUMBER_PLAIN, &until) != NUMBER_OK || until % 100 == 0))
    err = fail_set (fail, ERR_INPUT,
                    L ("--until “%.*s” không phải ngày; hãy ghi như 2026-12-05",
                       "--until \"%.*s\" is no day; write it as 2026-12-05"),
                    STR_ARG (r->args[4]));
  if (err != ERR_OK)
    return err;
  row.until = until != 0 ? day_end (until) : (wall_t){0};
  err = period_lock_set (l, &row, now, &changed, fail);
  if (err == ERR_OK)
    buf_printf (out, "%.*s, %s: %s\n", STR_ARG (r->args[0]),
                row.table != TABLE_NONE ? table_words (row.table) : L ("mọi biểu", "every table"),
                lock_sentence (&row, changed));
  return err;
}
