/* change_conflict.c - settling a conflict, as an operation. */
#include "collector/cli/change_period.h"

#include "collector/ledger/conflicts.h"
#include "common/base/lang.h"

err_t
change_resolve (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  size_t settled = 0;
  if (r->args_n < 3)
    return ERR_MALFORMED;
  resolve_t how = {.record = r->args[0], .reason = r->args[1], .person = r->person, .how = RESOLVE_VALUES};
  if (r->args_n == 3 && str_is (r->args[2], "current"))
    how.how = RESOLVE_CURRENT;
  else if (r->args_n == 3 && str_is (r->args[2], "parked"))
    how.how = RESOLVE_PARKED;
  how.cells = r->args + 2;
  how.cells_n = how.how == RESOLVE_VALUES ? r->args_n - 2 : 0;
  err_t err = conflicts_resolve (l, &how, now, &settled, fail);
  if (err == ERR_OK)
    buf_printf (out,
                L ("%.*s: đã giải quyết %zu %s; đơn vị thấy ở lần liên lạc tới\n",
                   "%.*s: settled %zu %s; the office sees it at its next contact\n"),
                STR_ARG (r->args[0]), settled,
                noun_of (settled, "bên đang chờ", "parked side", "parked sides"));
  return err;
}
