/* cmd_unit.c - unit rename, retype, merge, split, abolish, list. */
#include "collector/cli/change_unit.h"
#include "collector/cli/commands.h"

#include "common/base/lang.h"
#include "common/core/period.h"
#include "common/core/unit_events.h"
#include "common/core/units.h"
#include "common/text/number.h"
#include "common/text/utf8.h"

#include <stdlib.h>
#include <string.h>

/* ---- events ---- */

/* What each event must and may be given, beside --on and --legal. */
typedef struct {
  const char *name;
  size_t offices_max;
  const char *must[2], *may[4];
} form_t;

static const form_t forms[] = {
    {"rename", 1, {"name"}, {"name-en"}},
    {"retype", 1, {"type"}, {NULL}},
    {"merge", UNIT_OFFICES_MAX, {"into"}, {"name", "name-en", "type"}},
    {"split", 1, {"into"}, {"heir", "keep"}},
    {"abolish", 1, {NULL}, {"heir"}},
};

static bool
listed (const char *const *names, size_t n, const char *option)
{
  for (size_t i = 0; i < n && names[i] != NULL; i++)
    if (strcmp (names[i], option) == 0)
      return true;
  return false;
}

static bool
given (const args_t *a, const char *option)
{
  return strcmp (option, "keep") == 0 ? args_flag (a, option) : args_value (a, option) != NULL;
}

/* Exit code of a wrong form, 0 when it is right. */
static int
check_form (const args_t *a, const form_t *f)
{
  static const char *const options[] = {"name", "name-en", "type", "into", "heir", "keep"};
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    if (given (a, options[i]) && !listed (f->must, 2, options[i]) && !listed (f->may, 4, options[i]))
      return args_usage (a, L ("unit %s không dùng --%s", "unit %s takes no --%s"), f->name, options[i]);
  for (size_t i = 0; i < 2 && f->must[i] != NULL; i++)
    if (!given (a, f->must[i]))
      return args_usage (a, L ("unit %s cần --%s", "unit %s needs --%s"), f->name, f->must[i]);
  if (!given (a, "on") || !given (a, "legal"))
    return args_usage (a,
                       L ("unit %s cần --on NGÀY (ngày đầu tiên có hiệu lực) và --legal VĂN BẢN",
                          "unit %s needs --on DATE (the first day of the new state) and --legal TEXT"),
                       f->name);
  if (args_count (a) < 3 || args_count (a) - 2 > f->offices_max)
    return args_usage (a,
                       f->offices_max == 1
                           ? L ("unit %s cần DIR và một mã đơn vị", "unit %s needs DIR and one office")
                           : L ("unit %s cần DIR và các mã đơn vị", "unit %s needs DIR and offices"),
                       f->name);
  return 0;
}

static str_t
text_of (const args_t *a, const char *option)
{
  const char *v = args_value (a, option);
  return str_of (v != NULL ? v : "");
}

/* An option that is there says something; OFFICE and --into, which travel as lines, are one line. */
static int
check_values (const args_t *a)
{
  static const char *const options[] = {"name", "type", "legal", "into"};
  const char *into[UNIT_OFFICES_MAX];
  fail_t fail = {0};
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    if (given (a, options[i]) && utf8_blank (text_of (a, options[i])))
      fail_set (&fail, ERR_INPUT,
                L ("--%s để trống; hãy ghi nội dung, hoặc bỏ tùy chọn này",
                   "--%s is blank; say something, or leave the option out"),
                options[i]);
  const size_t n = args_values (a, "into", into, UNIT_OFFICES_MAX);
  bool one_line = true;
  for (size_t i = 0; i < n; i++)
    one_line = one_line && strchr (into[i], '\n') == NULL;
  for (size_t i = 2; i < args_count (a); i++)
    one_line = one_line && strchr (args_operand (a, i), '\n') == NULL;
  if (!one_line)
    fail_set (&fail, ERR_INPUT, "%s",
              L ("mã đơn vị và --into phải viết trên một dòng", "an office and --into are one line each"));
  return fail.err == ERR_OK ? 0 : args_fail (a, &fail);
}

static int
event (const args_t *a, const form_t *f)
{
  const char *into[UNIT_OFFICES_MAX];
  buf_t offices = BUF_INIT, successors = BUF_INIT;
  int code = check_form (a, f);
  if (code == 0)
    code = check_values (a);
  if (code != 0)
    return code;
  for (size_t i = 2; i < args_count (a); i++)
    buf_printf (&offices, "%s\n", args_operand (a, i));
  size_t n = args_values (a, "into", into, UNIT_OFFICES_MAX);
  for (size_t i = 0; i < n; i++)
    buf_printf (&successors, "%s\n", into[i]);
  if (strcmp (f->name, "merge") == 0 && n != 1)
    code = args_usage (a, L ("unit merge cần đúng một --into", "unit merge needs exactly one --into"));
  else if (!buf_ok (&offices) || !buf_ok (&successors))
    code = answer_err (a, ERR_NOMEM);
  else {
    change_request_t r = {.operation = STR (CHANGE_UNIT),
                          .person = str_of (args_person (a)),
                          .args = {str_of (f->name), buf_str (&offices), text_of (a, "on"),
                                   text_of (a, "legal"), text_of (a, "name"), text_of (a, "name-en"),
                                   text_of (a, "type"), buf_str (&successors), text_of (a, "heir"),
                                   args_flag (a, "keep") ? STR ("yes") : STR ("")},
                          .args_n = CHANGE_UNIT_ARGS};
    code = change_ask (a, args_operand (a, 1), &r);
  }
  buf_free (&offices);
  buf_free (&successors);
  return code;
}

/* ---- the list ---- */

static int
by_code (const void *a, const void *b)
{
  const unit_t *x = *(const unit_t *const *)a, *y = *(const unit_t *const *)b;
  int c = str_cmp (x->code, y->code);
  return c != 0 ? c : (x->valid_from > y->valid_from) - (x->valid_from < y->valid_from);
}

static int
by_name (const void *a, const void *b)
{
  return unit_order (*(const unit_t *const *)a, *(const unit_t *const *)b);
}

/* Codes of those that took over, each once; none while the unit goes on under another name. */
static void
put_successors (const catalogue_t *c, const unit_t *u, buf_t *out)
{
  const lineage_t *l;
  unit_id_t last = 0;
  const unit_t *newest = catalogue_unit (c, u->id);
  for (size_t i = 0; newest == u && (l = catalogue_lineage_at (c, i)) != NULL; i++) {
    const unit_t *to = l->from == u->id && l->to != 0 && l->to != last ? catalogue_unit (c, l->to) : NULL;
    if (to == NULL)
      continue;
    last = to->id;
    buf_printf (out, "%s%.*s", out->n > 0 ? " " : "", STR_ARG (to->code));
  }
}

static void
unit_line (table_t *t, const args_t *a, const catalogue_t *c, const unit_t *u)
{
  bool people = args_format (a) == FORMAT_TABLE;
  date_t days[2] = {u->valid_from, u->valid_to};
  table_row (t);
  table_cell (t, u->code);
  table_cell (t, people && lang_get () == LANG_EN && !str_blank (u->name_en) ? u->name_en : u->name);
  table_cell (t, u->type.p != NULL ? u->type : STR (""));
  for (size_t i = 0; i < 2; i++) {
    buf_t text = BUF_INIT;
    day_put (days[i], people, &text);
    table_cell (t, buf_str (&text));
    buf_free (&text);
  }
  buf_t heirs = BUF_INIT;
  put_successors (c, u, &heirs);
  table_cell (t, buf_str (&heirs));
  buf_free (&heirs);
}

static int
list_units (const args_t *a, const char *dir, date_t on)
{
  reading_t r = {0};
  const unit_t *u;
  size_t n = 0, rows = 0;
  int code = reading_open_at (a, dir, &r);
  if (code != 0)
    return code;
  table_t *t = table_new ();
  table_column (t, "code", "Mã", "Code", COL_TEXT);
  table_column (t, "name", "Tên", "Name", COL_TEXT);
  table_column (t, "type", "Loại", "Type", COL_TEXT);
  table_column (t, "valid_from", "Từ ngày", "From", COL_TEXT);
  table_column (t, "valid_to", "Đến ngày", "To", COL_TEXT);
  table_column (t, "successors", "Đơn vị kế thừa", "Successors", COL_TEXT);
  while (catalogue_unit_version_at (r.c, rows) != NULL)
    rows++;
  const unit_t **units = calloc (rows + 1, sizeof *units);
  for (size_t i = 0; units != NULL && (u = catalogue_unit_version_at (r.c, i)) != NULL; i++)
    if (on == 0 || unit_is_on (u, on))
      units[n++] = u;
  if (n > 0)
    qsort (units, n, sizeof *units, args_format (a) == FORMAT_TABLE ? by_name : by_code);
  for (size_t i = 0; i < n; i++)
    unit_line (t, a, r.c, units[i]);
  if (!for_people (a))
    table_sort (t);
  code = answer_table (a, &t, units != NULL ? ERR_OK : ERR_NOMEM, NULL);
  free (units);
  reading_close (&r);
  return code;
}

static int
list (const args_t *a)
{
  static const char *const options[] = {"name", "name-en", "type", "into", "heir", "keep", "legal"};
  date_t on = 0;
  fail_t fail = {0};
  const char *day = args_value (a, "on");
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    if (given (a, options[i]))
      return args_usage (a, L ("unit list không dùng --%s", "unit list takes no --%s"), options[i]);
  if (day != NULL && (date_parse (str_of (day), NUMBER_PLAIN, &on) != NUMBER_OK || on % 100 == 0)) {
    fail_set (&fail, ERR_INPUT,
              L ("--on “%s” không phải ngày; hãy ghi như 2025-07-01",
                 "--on \"%s\" is no day; write it as 2025-07-01"),
              day);
    return args_fail (a, &fail);
  }
  return args_count (a) == 2
             ? list_units (a, args_operand (a, 1), on)
             : args_usage (a, L ("dùng: unit list DIR [--on NGÀY]", "use: unit list DIR [--on DATE]"));
}

int
cmd_unit (const args_t *a)
{
  const char *what = args_operand (a, 0);
  if (strcmp (what, "list") == 0)
    return list (a);
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
    if (strcmp (what, forms[i].name) == 0)
      return event (a, &forms[i]);
  return args_usage (a,
                     L ("unit %s: không có việc này; dùng rename, retype, merge, split, abolish hoặc list",
                        "unit %s: no such thing; use rename, retype, merge, split, abolish or list"),
                     what);
}
