/* cmd_lock.c - locks, retry: what the centre has locked, and sending again what it refused. */
#include "agent/cli/commands.h"

#include "agent/entry/lock_warning.h"
#include "agent/entry/retry.h"
#include "common/base/lang.h"
#include "common/view/locks_view.h"

#include <inttypes.h>
#include <stdio.h>

int
cmd_locks (const args_t *a)
{
  outbox_t *o = NULL;
  kv_txn_t *txn = NULL;
  locks_t *locks = NULL;
  fail_t fail = {0};
  int code = store_open (a, true, true, &o);
  if (code != 0)
    return code;
  table_t *t = table_new ();
  err_t err = t != NULL ? kv_begin (outbox_kv (o), false, &txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = locks_of_outbox (o, txn, &locks);
  if (err == ERR_OK)
    err = locks_fill (t, locks, outbox_catalogue (o), LOCKS_NO_CLOCK, for_people (a));
  code = answer (a, &t, err, &fail, NULL);
  locks_destroy (&locks);
  kv_abort (&txn);
  outbox_close (&o);
  return code;
}

static void
say_retried (const retry_result_t *r, const char *dir, FILE *out)
{
  if (r->sent == 0)
    fprintf (out, "%s\n", L ("Không có gì gửi lại được lúc này.", "There is nothing to send again now."));
  else
    fprintf (out,
             L ("%" PRIu64 " %s sẽ được gửi lại ở lần liên lạc tới\n",
                "%" PRIu64 " %s again with the next contact\n"),
             r->sent, noun_of (r->sent, "thay đổi", "change goes", "changes go"));
  if (r->held > 0)
    fprintf (out,
             L ("%" PRIu64
                " thay đổi để nguyên: kỳ vẫn khóa và đơn vị chưa được gia hạn; xem “kc-agent locks "
                "%s”\n",
                "%" PRIu64 " left as they are: their period is locked and this office has no extension; see "
                "\"kc-agent locks %s\"\n"),
             r->held, dir);
  if (r->refused > 0)
    fprintf (out,
             L ("%" PRIu64 " bị từ chối vì lý do khác: hãy sửa; xem “kc-agent list %s --refused”\n",
                "%" PRIu64
                " were refused for other reasons: mend them; see \"kc-agent list %s --refused\"\n"),
             r->refused, dir);
}

int
cmd_retry (const args_t *a)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  retry_result_t result = {0, 0, 0};
  reasons_t found = {.arena = arena_new (65536)};
  const char *record = args_count (a) > 1 ? args_operand (a, 1) : NULL;
  kind_t kind;
  int code = option_kind (a, &kind);
  if (code == 0)
    code = store_open (a, false, true, &o);
  if (code == 0) {
    err_t err = found.arena != NULL
                    ? retry_refused (o, str_of (record), kind, str_of (args_person (a)),
                                     str_of (args_value (a, "reason")), &found, &result, &fail)
                    : ERR_NOMEM;
    if (err != ERR_OK) {
      code = answer_fail (a, err, &fail);
    } else {
      say_notes (o, kind, &found);
      say_retried (&result, args_operand (a, 0), args_words (a));
    }
  }
  outbox_close (&o);
  arena_destroy (&found.arena);
  return code;
}
