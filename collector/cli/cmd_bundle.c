/* cmd_bundle.c - bundle import: what an office without a line carried here, and the reply. */
#include "collector/cli/commands.h"

#include "collector/ledger/bundle.h"
#include "collector/ledger/trace.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <inttypes.h>
#include <stdio.h>

#define REQUEST_BYTES (1u << 20) /* of chunks in one request: about a commit */
#define NAMED_MAX 20u            /* refused updates that are named */

typedef struct {
  const args_t *a;
  const char *dir, *path, *reply;
  reading_t r;
  buf_t file;
  bundle_in_t *in;
  bundle_counts_t n;
  uint64_t before; /* end of the log */
  size_t named, unnamed;
} taking_t;

static int
fail_about (const taking_t *t, const char *what, err_t err, fail_t *fail)
{
  fail_set (fail, err, "%s", err_words (err));
  fail_at (fail, what, 0, 0);
  return args_fail (t->a, fail);
}

/* ---- opening ---- */

static int
open_file (taking_t *t)
{
  fail_t fail = {0};
  position_t end = {0};
  int code = reading_open_at (t->a, t->dir, &t->r);
  if (code != 0)
    return code;
  err_t err = file_read (t->path, BUNDLE_FILE_MAX, &t->file, &fail);
  if (err == ERR_OK)
    err = ledger_bundle_open (t->r.l, t->r.txn, buf_str (&t->file), &t->in, &fail);
  if (err == ERR_OK)
    err = ledger_bundle_fits (t->r.l, t->r.txn, t->in, &fail);
  if (err == ERR_OK)
    err = ledger_end (t->r.l, t->r.txn, &end, NULL);
  t->before = end.lsn;
  kv_abort (&t->r.txn); /* nothing is read while others write */
  return err == ERR_OK ? 0 : fail_about (t, t->path, err, &fail);
}

/* ---- sending it to the writer ---- */

static int
send_some (taking_t *t, const str_t *frames, size_t n)
{
  const bundle_source_t *from = ledger_bundle_source (t->in);
  buf_t bytes = BUF_INIT;
  change_reply_t reply = {0};
  bundle_counts_t got = {0};
  change_request_t r = {.operation = STR (CHANGE_BUNDLE), .person = str_of (args_person (t->a))};
  r.args[r.args_n++] = from->present;
  r.args[r.args_n++] = from->hello;
  for (size_t i = 0; i < n; i++)
    r.args[r.args_n++] = frames[i];
  int code = change_send (t->a, t->dir, &r, &bytes, &reply);
  if (code == 0 && reply.exit_code != 0) {
    fprintf (stderr, "%s: %s: %.*s\n", args_program (t->a)->program, t->path, STR_ARG (reply.err));
    code = reply.exit_code;
  } else if (code == 0) {
    err_t err = change_bundle_decode (reply.out, &got);
    code = err == ERR_OK ? 0 : fail_about (t, t->dir, err, &(fail_t){0});
  }
  t->n.accepted += got.accepted;
  t->n.merged += got.merged;
  t->n.parked += got.parked;
  t->n.refused += got.refused;
  t->n.repeated += got.repeated;
  t->n.regained += got.regained;
  buf_free (&bytes);
  return code;
}

static int
send_all (taking_t *t)
{
  str_t frames[BUNDLE_FRAMES_MAX];
  uint64_t sent = 0;
  size_t n = 0;
  int code = 0;
  for (;;) {
    err_t err = ledger_bundle_next (t->in, REQUEST_BYTES, frames, &n);
    if (err != ERR_OK)
      code = fail_about (t, t->path, err, &(fail_t){0});
    if (code != 0 || n == 0)
      break;
    for (size_t i = 0; i < n; i++)
      sent += frames[i].n;
    code = send_some (t, frames, n);
    progress_show (L ("nhận tệp", "taking the bundle in"), sent, t->file.n);
    if (code != 0)
      break;
  }
  progress_show (NULL, UINT64_MAX, 0);
  return code;
}

/* ---- what came of it ---- */

static err_t
name_refused (void *ctx, const trace_version_t *v)
{
  taking_t *t = ctx;
  buf_t words = BUF_INIT;
  if (v->lsn <= t->before || !str_eq (v->agent, ledger_bundle_source (t->in)->agent))
    return ERR_OK;
  if (t->named == NAMED_MAX) {
    t->unnamed++;
    return ERR_OK;
  }
  t->named++;
  trace_reason_words (v->reason, v->arguments, t->r.c, v->update->record.kind, &words);
  printf ("  %.*s: %s\n", STR_ARG (v->key), buf_z (&words));
  buf_free (&words);
  return ERR_OK;
}

static bool
is_new (const bundle_counts_t *n)
{
  return n->accepted + n->merged + n->parked + n->refused > 0;
}

static err_t
say (taking_t *t)
{
  const bundle_source_t *from = ledger_bundle_source (t->in);
  const unit_t *unit = catalogue_unit (t->r.c, from->unit);
  buf_t made = BUF_INIT;
  err_t err = ERR_OK;
  wall_put (from->made, true, &made);
  printf (L ("Tệp của máy %.*s (%.*s), xuất lúc %s theo đồng hồ máy ấy\n",
             "Bundle of agent %.*s (%.*s), made %s by that PC's clock\n"),
          STR_ARG (from->agent), STR_ARG (unit != NULL ? unit->name : STR ("")), buf_z (&made));
  buf_free (&made);
  if (t->n.regained > 0)
    printf (L ("Lấy lại %" PRIu64 " quyết định mà trung tâm đã mất khi khôi phục\n",
               "Got back %" PRIu64 " decisions that the centre lost when it was restored\n"),
            t->n.regained);
  if (is_new (&t->n)) {
    printf (L ("Nhận mới %" PRIu64 ", gộp %" PRIu64 ", chờ giải quyết xung đột %" PRIu64 ", từ chối %" PRIu64
               "; đã có từ trước %" PRIu64 "\n",
               "Accepted %" PRIu64 ", merged %" PRIu64 ", parked as conflicts %" PRIu64 ", refused %" PRIu64
               "; known before %" PRIu64 "\n"),
            t->n.accepted, t->n.merged, t->n.parked, t->n.refused, t->n.repeated);
    if (t->n.refused > 0)
      err = trace_refused (t->r.l, t->r.txn, name_refused, t);
    if (t->unnamed > 0)
      printf (L ("  … và %zu thay đổi nữa: kc-collector refused %s\n",
                 "  … and %zu more: kc-collector refused %s\n"),
              t->unnamed, t->dir);
    if (t->n.parked > 0)
      printf (L ("Xem xung đột: kc-collector conflicts %s\n", "The conflicts: kc-collector conflicts %s\n"),
              t->dir);
  } else if (t->n.repeated > 0)
    printf (L ("Không có gì mới: cả %" PRIu64 " thay đổi đã nhận từ trước\n",
               "Nothing new: all %" PRIu64 " updates were received before\n"),
            t->n.repeated);
  else
    printf ("%s\n", L ("Tệp không có thay đổi nào để nhận", "There are no updates in it"));
  return err;
}

static int
tell_machines (taking_t *t)
{
  const bundle_source_t *from = ledger_bundle_source (t->in);
  const struct {
    const char *name;
    uint64_t n;
  } counts[] = {{"first", from->first},     {"last", from->upto},    {"accepted", t->n.accepted},
                {"merged", t->n.merged},    {"parked", t->n.parked}, {"refused", t->n.refused},
                {"repeated", t->n.repeated}};
  table_t *table = table_new ();
  table_column (table, "agent", NULL, NULL, COL_TEXT);
  table_column (table, "office", NULL, NULL, COL_TEXT);
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    table_column (table, counts[i].name, NULL, NULL, COL_NUMBER);
  table_row (table);
  table_cell (table, from->agent);
  table_cell (table, office_code (t->r.c, from->unit));
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    char text[24];
    snprintf (text, sizeof text, "%" PRIu64, counts[i].n);
    table_cell (table, str_of (text));
  }
  return answer_table (t->a, &table, ERR_OK, NULL);
}

static int
write_reply (taking_t *t)
{
  buf_t out = BUF_INIT;
  fail_t fail = {0};
  bool complete = true;
  err_t err = ledger_bundle_reply (t->r.l, t->r.txn, t->in, clock_wall (), &out, &complete, &fail);
  if (err == ERR_OK)
    err = file_write (t->reply, buf_str (&out), false, &fail);
  buf_free (&out);
  if (err != ERR_OK)
    return fail_about (t, t->reply, err, &fail);
  if (!for_people (t->a))
    return 0;
  printf (L ("Tệp trả lời: %s; mang về máy đơn vị rồi chạy kc-agent bundle import DIR %s\n",
             "Reply: %s; carry it back to the office and run kc-agent bundle import DIR %s\n"),
          t->reply, t->reply);
  if (!complete)
    printf ("%s\n", L ("Tệp trả lời chưa chứa hết: nhập xong ở đơn vị thì xuất thêm một lần nữa",
                       "There is more than the reply holds: once it is taken in, the office exports again"));
  return 0;
}

static int
import (taking_t *t)
{
  int code = open_file (t);
  if (code != 0)
    return code;
  code = send_all (t);
  err_t err = kv_begin (ledger_kv (t->r.l), false, &t->r.txn);
  if (err == ERR_OK && for_people (t->a) && (code == 0 || is_new (&t->n)))
    err = say (t);
  if (err != ERR_OK && code == 0)
    code = answer_err (t->a, err);
  if (code == 0 && !for_people (t->a))
    code = tell_machines (t);
  if (t->reply == NULL || err != ERR_OK || (code != 0 && code != err_exit_code (ERR_INPUT)))
    return code;
  const int wrote = write_reply (t); /* also to who has to mend something: it says where the centre stands */
  return code != 0 ? code : wrote;
}

int
cmd_bundle (const args_t *a)
{
  taking_t t = {
      .a = a, .dir = args_operand (a, 1), .path = args_operand (a, 2), .reply = args_value (a, "reply")};
  if (!str_is (str_of (args_operand (a, 0)), "import"))
    return args_usage (
        a, L ("dùng: bundle import DIR FILE [--reply FILE]", "use: bundle import DIR FILE [--reply FILE]"));
  int code = import (&t);
  ledger_bundle_close (&t.in);
  reading_close (&t.r);
  buf_free (&t.file);
  return code;
}
