/* change_unit.c - a unit's event as an operation: the next catalogue, put in force. */
#include "collector/cli/change_unit.h"

#include "collector/ledger/roster.h"
#include "common/base/lang.h"
#include "common/core/unit_events.h"
#include "common/text/number.h"

#include <stdlib.h>

enum {
  ARG_EVENT,
  ARG_OFFICES,
  ARG_ON,
  ARG_LEGAL,
  ARG_NAME,
  ARG_NAME_EN,
  ARG_TYPE,
  ARG_INTO,
  ARG_HEIR,
  ARG_KEEP,
  ARG_COUNT
};

_Static_assert(ARG_COUNT == CHANGE_UNIT_ARGS && ARG_COUNT <= CHANGE_ARGS_MAX, "a unit's event as arguments");

/* Lines of a text, one by one. */
static bool
next_line (str_t text, size_t *at, str_t *line)
{
  if (*at >= text.n)
    return false;
  const char *end = memchr (text.p + *at, '\n', text.n - *at);
  size_t n = end != NULL ? (size_t)(end - text.p) - *at : text.n - *at;
  *line = (str_t){text.p + *at, n};
  *at += n + 1;
  return true;
}

static err_t
read_event (const change_request_t *r, unit_change_t *ch, str_t *offices, successor_t *into, fail_t *fail)
{
  size_t at = 0;
  str_t line;
  for (unsigned e = EVENT_RENAME; e < UNIT_EVENT_COUNT; e++)
    if (str_is (r->args[ARG_EVENT], unit_event_name ((unit_event_t)e)))
      ch->event = (unit_event_t)e;
  if (ch->event == EVENT_NONE)
    return ERR_MALFORMED;
  if (date_parse (r->args[ARG_ON], NUMBER_PLAIN, &ch->on) != NUMBER_OK || ch->on % 100 == 0)
    return fail_set (fail, ERR_INPUT,
                     L ("--on “%.*s” không phải ngày; hãy ghi như 2025-07-01",
                        "--on \"%.*s\" is no day; write it as 2025-07-01"),
                     STR_ARG (r->args[ARG_ON]));
  while (next_line (r->args[ARG_OFFICES], &at, &line)) {
    if (ch->offices_n >= UNIT_OFFICES_MAX)
      return fail_set (fail, ERR_TOO_BIG, L ("quá nhiều đơn vị", "too many offices"));
    offices[ch->offices_n++] = line;
  }
  at = 0;
  while (next_line (r->args[ARG_INTO], &at, &line)) {
    if (ch->into_n >= UNIT_OFFICES_MAX)
      return fail_set (fail, ERR_TOO_BIG, L ("quá nhiều đơn vị", "too many offices"));
    if (!successor_parse (line, &into[ch->into_n++]))
      return fail_set (fail, ERR_USAGE,
                       L ("--into “%.*s”: hãy ghi CODE, CODE:LOẠI:TÊN hoặc CODE:LOẠI:TÊN:XÃ;XÃ",
                          "--into \"%.*s\": write CODE, CODE:TYPE:NAME or CODE:TYPE:NAME:COMMUNE;COMMUNE"),
                       STR_ARG (line));
  }
  ch->offices = offices;
  ch->into = into;
  ch->legal = r->args[ARG_LEGAL];
  ch->name = r->args[ARG_NAME];
  ch->name_en = r->args[ARG_NAME_EN];
  ch->type = r->args[ARG_TYPE];
  ch->heir = r->args[ARG_HEIR];
  ch->keep = str_is (r->args[ARG_KEEP], "yes");
  return ch->offices_n > 0 ? ERR_OK : ERR_MALFORMED;
}

err_t
change_unit (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  unit_change_t ch = {0};
  buf_t file = BUF_INIT;
  bool changed = false;
  uint32_t version = 0;
  if (r->args_n != ARG_COUNT)
    return ERR_MALFORMED;
  str_t *offices = calloc (UNIT_OFFICES_MAX, sizeof *offices);
  successor_t *into = calloc (UNIT_OFFICES_MAX, sizeof *into);
  err_t err = offices != NULL && into != NULL ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK)
    err = read_event (r, &ch, offices, into, fail);
  if (err == ERR_OK)
    err = unit_change_apply (ledger_catalogue (l), &ch, &file, &changed, fail);
  if (err == ERR_OK && changed)
    err = roster_catalogue (l, buf_str (&file), r->person, now, &version, fail);
  if (err == ERR_OK && changed)
    buf_printf (out,
                L ("đã ghi; danh mục phiên bản %u đang được dùng, các máy nhận ở lần liên lạc tới\n",
                   "done; catalogue version %u is in force, agents take it at their next contact\n"),
                (unsigned)version);
  else if (err == ERR_OK)
    buf_puts (out, L ("việc này đã được ghi từ trước; không có gì thay đổi\n",
                      "this was recorded before; nothing has changed\n"));
  free (offices);
  free (into);
  buf_free (&file);
  return err;
}
