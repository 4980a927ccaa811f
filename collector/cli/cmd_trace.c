/* cmd_trace.c - trace and refused: from a figure to the records behind it, from a record to its history. */
#include "collector/cli/commands.h"

#include "collector/ledger/epochs.h"
#include "collector/ledger/trace.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

typedef struct {
  const args_t *a;
  reading_t *r;
  table_t *t;
  bool outcomes;
  date_t today; /* --view */
} tracing_t;

static err_t
cell_line (void *ctx, const trace_row_t *row)
{
  tracing_t *s = ctx;
  table_row (s->t);
  table_cell (s->t, row->key);
  table_cell (s->t, office_code (s->r->c, row->office));
  table_printf (s->t, "%u", (unsigned)row->revision);
  table_cell (s->t, row->person);
  table_time (s->t, s->a, row->received);
  if (s->outcomes) {
    table_cell (s->t, row->value);
    return ERR_OK;
  }
  table_printf (s->t, "%lld", (long long)row->schemes);
  table_printf (s->t, "%lld", (long long)row->support_vnd);
  return ERR_OK;
}

static err_t
trace_cell_command (tracing_t *s, str_t where, fail_t *fail)
{
  family_t family;
  err_t err = trace_family (s->r->c, where, &family, fail);
  if (err != ERR_OK)
    return err;
  s->outcomes = family == FAMILY_OUTCOME;
  table_column (s->t, "code", "Mã", "Code", COL_TEXT);
  table_column (s->t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (s->t, "revision", "Lần sửa", "Revision", COL_NUMBER);
  table_column (s->t, "person", "Người ghi", "Person", COL_TEXT);
  table_column (s->t, "received_at", "Nhận lúc", "Received", COL_TEXT);
  if (s->outcomes) {
    table_column (s->t, "value", "Giá trị", "Value", COL_DECIMAL);
  } else if (family == FAMILY_CONSULTING) {
    table_column (s->t, "projects", "Số dự án", "Projects", COL_NUMBER);
    table_column (s->t, "revenue_vnd", "Doanh thu (đồng)", "Revenue (VND)", COL_MONEY);
  } else {
    table_column (s->t, "schemes", "Số đề án", "Schemes", COL_NUMBER);
    table_column (s->t, "support_vnd", "Kinh phí hỗ trợ (đồng)", "Support (VND)", COL_MONEY);
  }
  return trace_cell (s->r->l, s->r->txn, where, s->today, cell_line, s, fail);
}

static const char *
verdict_words (verdict_t v)
{
  switch (v) {
  case VERDICT_ACCEPTED:
    return L ("đã nhận", "accepted");
  case VERDICT_MERGED:
    return L ("đã gộp", "merged");
  case VERDICT_PARKED:
    return L ("để riêng", "parked");
  case VERDICT_REFUSED:
    return L ("bị từ chối", "refused");
  case VERDICT_ALIAS:
    return L ("trùng một bản ghi khác", "another record's double");
  case VERDICT_NONE:
    break;
  }
  return "";
}

/* By its name, or in words. */
static const char *
verdict_of (const trace_version_t *v, bool people)
{
  if (v->settled)
    return people ? L ("giải quyết xung đột", "conflict settled") : "settled";
  const char *name = people ? verdict_words (v->verdict) : verdict_name (v->verdict);
  return name != NULL ? name : "";
}

/* What the update did, by its code or in words. */
static const char *
deed (const trace_version_t *v, bool people)
{
  const update_t *u = v->update;
  const char *what;
  if (u->record.kind == KIND_DECISION)
    return people ? answer_words (v->answer) : answer_name (v->answer);
  if (u->operation == OP_WITHDRAW)
    return people ? L ("đã rút", "withdrawn") : "withdraw";
  if (u->record.kind != KIND_SCHEME)
    return people ? L ("đã ghi", "written") : "put";
  what = people ? status_words (u->record.u.scheme.status) : status_name (u->record.u.scheme.status);
  return what != NULL ? what : "";
}

/* People read the catalogue's labels of columns; a script what it always read. */
static const catalogue_t *
labels_of (const tracing_t *s)
{
  return for_people (s->a) ? s->r->c : NULL;
}

static err_t
version_line (void *ctx, const trace_version_t *v)
{
  tracing_t *s = ctx;
  char position[POSITION_TEXT_MAX];
  buf_t words = BUF_INIT;
  position_format (ledger_position (s->r->l, v->lsn), position);
  table_row (s->t);
  table_cell (s->t, str_of (position));
  bool people = args_format (s->a) == FORMAT_TABLE;
  table_cell (s->t, str_of (verdict_of (v, people)));
  table_cell (s->t, v->agent);
  table_cell (s->t, v->update->person.p != NULL ? v->update->person : STR (""));
  table_time (s->t, s->a, v->received);
  table_cell (s->t, str_of (deed (v, people)));
  if (!str_blank (v->reason)) /* refused, or parked because of a rule */
    trace_reason_words (v->reason, v->arguments, labels_of (s), v->update->record.kind, &words);
  else if (!str_blank (v->comment))
    buf_put (&words, v->comment.p, v->comment.n);
  table_cell (s->t, buf_str (&words));
  buf_free (&words);
  return ERR_OK;
}

static err_t
trace_record_command (tracing_t *s, str_t record, fail_t *fail)
{
  const char *kind_word = args_value (s->a, "kind");
  kind_t kind = kind_word != NULL ? kind_of_name (str_of (kind_word)) : KIND_NONE;
  record_ref_t ref;
  if (kind_word != NULL && kind == KIND_NONE)
    return fail_set (fail, ERR_USAGE, L ("không có loại bản ghi “%s”", "there is no kind \"%s\""), kind_word);
  err_t err = ledger_find (s->r->l, s->r->txn, record, kind, &ref);
  if (err == ERR_NOT_FOUND)
    return fail_set (fail, err, L ("không có bản ghi “%.*s”", "there is no record \"%.*s\""),
                     STR_ARG (record));
  if (err == ERR_INPUT)
    return fail_set (
        fail, err,
        L ("“%.*s” có ở nhiều loại bản ghi; hãy thêm --kind", "\"%.*s\" stands in several kinds; add --kind"),
        STR_ARG (record));
  if (err != ERR_OK)
    return err;
  table_column (s->t, "position", "Vị trí", "Position", COL_TEXT);
  table_column (s->t, "verdict", "Kết luận", "Verdict", COL_TEXT);
  table_column (s->t, "agent", "Máy", "Agent", COL_TEXT);
  table_column (s->t, "person", "Người ghi", "Person", COL_TEXT);
  table_column (s->t, "received_at", "Nhận lúc", "Received", COL_TEXT);
  table_column (s->t, "state", "Trạng thái", "State", COL_TEXT);
  table_column (s->t, "comment", "Ghi chú, lý do", "Comment, reason", COL_TEXT);
  return trace_record (s->r->l, s->r->txn, ref, version_line, s);
}

int
cmd_trace (const args_t *a)
{
  reading_t r;
  fail_t fail = {0};
  date_t today;
  if (!view_day (a, &today))
    return args_usage (a, L ("--view phải là then hoặc today", "--view must be then or today"));
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  str_t what = str_of (args_operand (a, 1));
  tracing_t s = {.a = a, .r = &r, .t = table_new (), .today = today};
  err_t err = memchr (what.p, '=', what.n) != NULL ? trace_cell_command (&s, what, &fail)
                                                   : trace_record_command (&s, what, &fail);
  if (err != ERR_OK) {
    fail_set (&fail, err, "%s", err_words (err));
    table_destroy (&s.t);
    code = args_fail (a, &fail);
  } else {
    code = answer_table (a, &s.t, ERR_OK, NULL);
  }
  reading_close (&r);
  return code;
}

static err_t
refused_line (void *ctx, const trace_version_t *v)
{
  tracing_t *s = ctx;
  buf_t words = BUF_INIT;
  char position[POSITION_TEXT_MAX];
  position_format (ledger_position (s->r->l, v->lsn), position);
  trace_reason_words (v->reason, v->arguments, labels_of (s), v->update->record.kind, &words);
  table_row (s->t);
  table_cell (s->t, v->key);
  table_cell (s->t, v->reason);
  table_time (s->t, s->a, v->received);
  table_cell (s->t, office_code (s->r->c, v->office));
  table_cell (s->t, v->agent);
  table_cell (s->t, str_of (position));
  table_cell (s->t, buf_str (&words));
  buf_free (&words);
  return ERR_OK;
}

int
cmd_refused (const args_t *a)
{
  reading_t r;
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  tracing_t s = {.a = a, .r = &r, .t = table_new ()};
  table_column (s.t, "code", "Mã", "Code", COL_TEXT);
  table_column (s.t, "reason", "Lý do", "Reason", COL_TEXT);
  table_column (s.t, "since", "Từ lúc", "Since", COL_TEXT);
  table_column (s.t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (s.t, "agent", "Máy", "Agent", COL_TEXT);
  table_column (s.t, "position", "Vị trí", "Position", COL_TEXT);
  table_column (s.t, "detail", "Chi tiết", "Detail", COL_TEXT);
  err_t err = trace_refused (r.l, r.txn, refused_line, &s);
  code = answer_table (a, &s.t, err, NULL);
  reading_close (&r);
  return code;
}
