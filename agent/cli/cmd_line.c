/* cmd_line.c - join, sync, rekey, serve, doctor: the commands that use the line. */
#include "agent/cli/commands.h"

#include "agent/sync/sync.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <stdio.h>

#define INVITE_FILE_MAX (64u << 10)
#define INVITE_PREFIX "KCI1-"
#define DEFAULT_TIMEOUT_MS 60000

/* The invite's text: "-" is stdin, else pasted text, else a file. */
static err_t
read_invite (const char *operand, buf_t *out, fail_t *fail)
{
  if (strncmp (operand, INVITE_PREFIX, sizeof INVITE_PREFIX - 1) == 0 && !file_exists (operand)) {
    buf_puts (out, operand);
    return buf_ok (out) ? ERR_OK : ERR_NOMEM;
  }
  err_t err = file_read (operand, INVITE_FILE_MAX, out, fail);
  fail_at (fail, err != ERR_OK ? operand : NULL, 0, 0);
  return err;
}

int
cmd_join (const args_t *a)
{
  fail_t fail = {0};
  buf_t text = BUF_INIT;
  int64_t timeout;
  if (!args_seconds (a, "timeout", DEFAULT_TIMEOUT_MS, &timeout))
    return 2;
  err_t err = read_invite (args_operand (a, 1), &text, &fail);
  if (err == ERR_OK)
    err = sync_join (args_operand (a, 0), buf_str (&text), timeout, &fail);
  buf_free (&text);
  if (err != ERR_OK)
    return answer_fail (a, err, &fail);
  outbox_t *o = NULL;
  int code = store_open (a, true, true, &o);
  if (code == 0 && outbox_identity (o)->role == ROLE_VIEWER)
    fprintf (args_words (a),
             L ("đã kết nối: máy %.*s của %.*s, chỉ được xem\n",
                "joined: agent %.*s of %.*s, which may only read\n"),
             STR_ARG (outbox_identity (o)->agent), STR_ARG (office_name (o)));
  else if (code == 0)
    fprintf (
        args_words (a),
        L ("đã kết nối: máy %.*s của %.*s. Tiếp theo: “kc-agent serve %s”, rồi “kc-agent import %s TỆP”\n",
           "joined: agent %.*s of %.*s. Next: \"kc-agent serve %s\", then \"kc-agent import %s FILE\"\n"),
        STR_ARG (outbox_identity (o)->agent), STR_ARG (office_name (o)), args_operand (a, 0),
        args_operand (a, 0));
  outbox_close (&o);
  return code;
}

int
cmd_sync (const args_t *a)
{
  fail_t fail = {0};
  buf_t report = BUF_INIT;
  int64_t timeout;
  if (!args_seconds (a, "timeout", DEFAULT_TIMEOUT_MS, &timeout))
    return 2;
  err_t err = sync_once (args_operand (a, 0), args_flag (a, "wait"), timeout, &report, &fail);
  fputs (buf_z (&report), args_words (a));
  buf_free (&report);
  if (err == ERR_OK)
    fprintf (stderr, "%s\n", L ("đã gửi và nhận xong", "everything is exchanged"));
  if (err == ERR_OK || err == ERR_NO)
    say_lost_of (a, stderr);
  return err == ERR_OK ? 0 : answer_fail (a, err, &fail);
}

int
cmd_rekey (const args_t *a)
{
  fail_t fail = {0};
  int64_t timeout;
  if (!args_seconds (a, "timeout", DEFAULT_TIMEOUT_MS, &timeout))
    return 2;
  err_t err = sync_rekey (args_operand (a, 0), timeout, &fail);
  if (err == ERR_OK)
    fprintf (
        stderr, "%s\n",
        L ("đã đổi khóa: trung tâm chỉ còn nhận khóa mới; các bản chép cũ của kho này không vào được nữa",
           "keys changed: the centre takes the new ones only; older copies of this store are not let in any "
           "more"));
  return err == ERR_OK ? 0 : answer_fail (a, err, &fail);
}

int
cmd_serve (const args_t *a)
{
  fail_t fail = {0};
  const char *http = args_value (a, "http");
  if (http != NULL && strcmp (http, "off") != 0)
    fprintf (stderr, "%s\n",
             L ("trang web tại chỗ chưa có trong phiên bản này; vẫn gửi nhận như thường",
                "the local web page is not in this version yet; syncing goes on"));
  err_t err = sync_serve (args_operand (a, 0), &fail);
  return err == ERR_OK ? 0 : answer_fail (a, err, &fail);
}

int
cmd_doctor (const args_t *a)
{
  fail_t fail = {0};
  err_t err = sync_doctor (args_operand (a, 0), args_words (a), &fail);
  return err == ERR_OK ? 0 : answer_fail (a, err, &fail);
}
