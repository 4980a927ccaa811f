/* cmd_view.c - what the office holds: export, template, list, show, history, totals, conflicts. */
#include "agent/cli/commands.h"

#include "agent/entry/conflicts.h"
#include "agent/entry/inherited.h"
#include "agent/entry/views.h"
#include "agent/outbox/told.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/shipped/catalogue.h"
#include "common/view/totals_view.h"

#include <inttypes.h>
#include <stdio.h>

int
put_out (const args_t *a, const buf_t *text)
{
  fail_t fail = {0};
  const char *path = args_value (a, "o");
  if (path == NULL || strcmp (path, "-") == 0) {
    fwrite (text->p, 1, text->n, stdout);
    return 0;
  }
  err_t err = file_write (path, buf_str (text), false, &fail);
  if (err == ERR_OK)
    return 0;
  fail_at (&fail, path, 0, 0);
  return answer_fail (a, err, &fail);
}

static bool
ends_in_xlsx (str_t path)
{
  const str_t ending = STR (".xlsx");
  if (path.n <= ending.n)
    return false;
  for (size_t i = 0; i < ending.n; i++) {
    const char c = path.p[path.n - ending.n + i];
    if ((c >= 'A' && c <= 'Z' ? (char)(c + 32) : c) != ending.p[i])
      return false;
  }
  return true;
}

/* A workbook is asked for by --format, else by the ending of the name to write to. */
static int
take_workbook (const args_t *a, bool *workbook)
{
  const str_t path = str_of (args_value (a, "o")), format = str_of (args_value (a, "format"));
  *workbook = str_blank (format) ? ends_in_xlsx (path) : str_is (format, "xlsx");
  if (!str_blank (format) && !*workbook && !str_is (format, "csv"))
    return args_usage (a, L ("--format phải là csv hoặc xlsx", "--format must be csv or xlsx"));
  if (*workbook && args_excel (a))
    return args_usage (a, L ("“--excel” chỉ đi với “--format csv”", "--excel goes with --format csv only"));
  if (*workbook && (str_blank (path) || str_is (path, "-")))
    return args_usage (a, L ("dạng %s cần -o TỆP", "%s needs -o FILE"), "xlsx");
  return 0;
}

int
cmd_export (const args_t *a)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  buf_t text = BUF_INIT;
  kind_t kind;
  bool workbook = false;
  int code = name_kind (a, args_operand (a, 1), &kind);
  if (code == 0)
    code = take_workbook (a, &workbook);
  if (code == 0)
    code = store_open (a, true, true, &o);
  if (code == 0) {
    err_t err = workbook ? export_workbook (o, kind, &text, &fail)
                         : export_records (o, kind, args_excel (a), &text, &fail);
    code = err == ERR_OK ? put_out (a, &text) : answer_fail (a, err, &fail);
  }
  outbox_close (&o);
  buf_free (&text);
  return code;
}

/* The catalogue of --dir's store, else the shipped one. *o keeps the first alive, *own is the second. */
static err_t
template_catalogue (const args_t *a, outbox_t **o, catalogue_t **own, fail_t *fail)
{
  const char *dir = args_value (a, "dir");
  if (dir != NULL)
    return outbox_open (dir, true, true, o, fail);
  *own = catalogue_parse ((str_t){(const char *)shipped_catalogue, shipped_catalogue_size}, 1, fail);
  return *own != NULL ? ERR_OK : ERR_INPUT;
}

int
cmd_template (const args_t *a)
{
  outbox_t *o = NULL;
  catalogue_t *own = NULL;
  fail_t fail = {0};
  buf_t text = BUF_INIT;
  kind_t kind;
  bool workbook = false;
  int code = name_kind (a, args_operand (a, 0), &kind);
  if (code == 0)
    code = take_workbook (a, &workbook);
  if (code != 0)
    return code;
  err_t err = template_catalogue (a, &o, &own, &fail);
  const catalogue_t *c = own != NULL || err != ERR_OK ? own : outbox_catalogue (o);
  if (err == ERR_OK && workbook)
    err = template_workbook (kind, c, o != NULL ? edits_office (o) : 0, &text, &fail);
  else if (err == ERR_OK)
    err = export_template (kind, c, args_excel (a), &text, &fail);
  code = err == ERR_OK ? put_out (a, &text) : answer_fail (a, err, &fail);
  catalogue_destroy (&own);
  outbox_close (&o);
  buf_free (&text);
  return code;
}

/* ---- tables ---- */

static err_t
fill_list (const args_t *a, outbox_t *o, table_t *t, fail_t *fail)
{
  const bool people = for_people (a);
  list_filter_t f = {.search = str_of (args_value (a, "search")),
                     .where = str_of (args_value (a, "where")),
                     .sort = str_of (args_value (a, "sort"))};
  if (args_operand (a, 1) != NULL)
    f.kind = kind_of_name (str_of (args_operand (a, 1)));
  if (args_flag (a, "waiting"))
    return view_waiting (o, &f, people, t, fail);
  if (args_flag (a, "refused"))
    return view_refused (o, &f, people, t, fail);
  if (args_flag (a, "conflicts"))
    return view_conflicts (o, &f, people, t, fail);
  return view_list (o, &f, people, t, fail);
}

static err_t
fill_show (const args_t *a, outbox_t *o, table_t *t, fail_t *fail)
{
  return view_show (o, str_of (args_operand (a, 1)), kind_of_name (str_of (args_value (a, "kind"))),
                    for_people (a), t, fail);
}

static err_t
fill_history (const args_t *a, outbox_t *o, table_t *t, fail_t *fail)
{
  return view_history (o, str_of (args_operand (a, 1)), kind_of_name (str_of (args_value (a, "kind"))),
                       for_people (a), t, fail);
}

static err_t
fill_conflicts (const args_t *a, outbox_t *o, table_t *t, fail_t *fail)
{
  static const list_filter_t all = {.kind = KIND_NONE};
  err_t err = view_conflicts (o, &all, for_people (a), t, fail);
  if (err == ERR_OK && for_people (a) && table_rows (t) > 0)
    fprintf (stderr,
             L ("Giải quyết: kc-agent resolve %s MÃ mine|theirs|cột=giá trị --reason “…”\n",
                "Settle them with kc-agent resolve %s CODE mine|theirs|column=value --reason \"…\"\n"),
             args_operand (a, 0));
  return err;
}

typedef err_t (fill_fn) (const args_t *a, outbox_t *o, table_t *t, fail_t *fail);

static int
view (const args_t *a, fill_fn *fill)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  int code = store_open (a, true, true, &o);
  if (code != 0)
    return code;
  table_t *t = table_new ();
  err_t err = t != NULL ? fill (a, o, t, &fail) : ERR_NOMEM;
  code = answer (a, &t, err, &fail, NULL);
  outbox_close (&o);
  return code;
}

int
cmd_list (const args_t *a)
{
  kind_t kind;
  const char *name = args_operand (a, 1);
  if (args_flag (a, "waiting") + args_flag (a, "refused") + args_flag (a, "conflicts") > 1)
    return args_usage (a, L ("chỉ dùng một trong --waiting, --refused, --conflicts",
                             "use only one of --waiting, --refused, --conflicts"));
  int code = name != NULL ? name_kind (a, name, &kind) : 0;
  return code != 0 ? code : view (a, fill_list);
}

int
cmd_show (const args_t *a)
{
  kind_t kind;
  int code = option_kind (a, &kind);
  return code != 0 ? code : view (a, fill_show);
}

int
cmd_history (const args_t *a)
{
  kind_t kind;
  int code = option_kind (a, &kind);
  return code != 0 ? code : view (a, fill_history);
}

int
cmd_conflicts (const args_t *a)
{
  return view (a, fill_conflicts);
}

/* ---- totals ---- */

/* What is left out of an office's own totals; what is only a part of another's. */
static void
say_inherited (const outbox_t *o, const inherited_t *h, const query_t *q, bool alone)
{
  const catalogue_t *c = outbox_catalogue (o);
  const unit_t *own = catalogue_unit (c, outbox_identity (o)->unit), *u;
  buf_t codes = BUF_INIT;
  for (size_t i = 0; i < h->n; i++)
    if ((u = catalogue_unit (c, h->at[i].unit)) != NULL &&
        (alone || (!h->at[i].whole && query_takes_office (q, u->id))))
      buf_printf (&codes, "%s%.*s", codes.n > 0 ? ", " : "", STR_ARG (u->known_as));
  if (codes.n > 0 && alone)
    fprintf (
        stderr,
        L ("Đây là số liệu của riêng đơn vị %.*s, chưa kể số liệu nhận lại từ %s: xem bằng --by district "
           "hoặc --where district=MÃ\n",
           "These are the figures of office %.*s alone, without those left to it by %s: see them with --by "
           "district or --where district=CODE\n"),
        STR_ARG (own != NULL ? own->known_as : outbox_identity (o)->unit_code), buf_z (&codes));
  else if (codes.n > 0)
    fprintf (stderr,
             L ("Của đơn vị %s, máy này chỉ giữ phần đã về đơn vị mình; số liệu đủ ở trung tâm\n",
                "Of office %s this PC holds only the part that came to its own; the centre has all of it\n"),
             buf_z (&codes));
  buf_free (&codes);
}

static err_t
fill_totals (const args_t *a, outbox_t *o, table_t *t, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  query_result_t r;
  facts_t facts;
  inherited_t inherited;
  char position[POSITION_TEXT_MAX];
  uint64_t parked = 0;
  const identity_t *id = outbox_identity (o);
  query_t *q = query_parse (str_of (args_value (a, "by")), str_of (args_value (a, "where")),
                            outbox_catalogue (o), fail);
  const bool alone = q != NULL && id->role == ROLE_OFFICE && query_own (q, id->unit);
  err_t err = q != NULL ? outbox_facts (o, &facts) : fail->err != ERR_OK ? fail->err : ERR_NOMEM;
  if (err == ERR_OK)
    err = kv_begin (outbox_kv (o), false, &txn);
  if (err == ERR_OK)
    err = totals_answer (outbox_book (o), txn, q, !for_people (a), &r, fail);
  if (err == ERR_OK)
    err = outbox_parked_count (txn, &parked);
  if (err == ERR_OK)
    err = inherited_read (o, txn, &inherited);
  kv_abort (&txn);
  if (err == ERR_OK) {
    position_format (facts.down, position);
    table_meta (t, "position", str_of (position));
    table_meta (t, "seal", STR (""));
    table_meta_number (t, "parked", parked);
    totals_fill (t, outbox_catalogue (o), &r, for_people (a));
    say_inherited (o, &inherited, q, alone);
  }
  if (err == ERR_OK && parked > 0 && for_people (a))
    fprintf (stderr,
             L ("Chưa kể %" PRIu64 " %s đang chờ giải quyết xung đột: kc-agent conflicts %s\n",
                "%" PRIu64 " %s of conflicts left out: kc-agent conflicts %s\n"),
             parked, noun_of (parked, "bên", "parked side", "parked sides"), args_operand (a, 0));
  query_destroy (&q);
  return err;
}

int
cmd_totals (const args_t *a)
{
  if (args_value (a, "by") == NULL)
    return args_usage (a, L ("cần --by, ví dụ --by year,source", "--by is needed, e.g. --by year,source"));
  return view (a, fill_totals);
}
