/* cmd_bundle.c - bundle export and import: exchange by file, for an office without a line. */
#include "agent/cli/commands.h"

#include "agent/outbox/bundle.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/text/number.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- export ---- */

/* --all, --from; 0: behind what the centre has received. */
static bool
first_of (const args_t *a, uint64_t *out)
{
  const char *from = args_value (a, "from");
  *out = args_flag (a, "all") ? 1 : 0;
  if (from == NULL)
    return true;
  int64_t n = 0;
  if (number_parse (str_of (from), NUMBER_PLAIN, 0, &n) != NUMBER_OK || n < 1)
    return false;
  *out = (uint64_t)n;
  return !args_flag (a, "all");
}

static void
say_made (const bundle_made_t *m, const char *dir, const char *file, FILE *out)
{
  const uint64_t n = m->last_seq + 1 - m->first_seq;
  if (n == 0)
    fprintf (out,
             L ("đã xuất %s: không có thay đổi nào chờ gửi, tệp chỉ hỏi trung tâm có gì cho máy này\n",
                "%s written: nothing waits to be sent, it only asks what the centre has for this PC\n"),
             file);
  else
    fprintf (out,
             L ("đã xuất %s: %" PRIu64 " thay đổi, số %" PRIu64 " đến %" PRIu64 "\n",
                "%s written: %" PRIu64 " updates, number %" PRIu64 " to %" PRIu64 "\n"),
             file, n, m->first_seq, m->last_seq);
  if (m->last_seq < m->end)
    fprintf (out,
             L ("tệp đã đầy; phần còn lại: kc-agent bundle export %s TỆP-KHÁC --from %" PRIu64 "\n",
                "the file is full; the rest: kc-agent bundle export %s ANOTHER-FILE --from %" PRIu64 "\n"),
             dir, m->last_seq + 1);
  fprintf (
      out, "%s\n",
      L ("Mang tệp về trung tâm; trung tâm nhập rồi trả một tệp, nhập tệp ấy ở đây. Chỉ trung tâm mở được "
         "tệp này.",
         "Carry it to the centre, which takes it in and answers with a file to be taken in here. Only the "
         "centre can open it."));
}

static err_t export(const args_t *a, outbox_t *o, const char *file, fail_t *fail)
{
  buf_t out = BUF_INIT;
  bundle_made_t made;
  uint64_t first = 0;
  if (!first_of (a, &first))
    return fail_set (fail, ERR_USAGE,
                     L ("--from là số của thay đổi đầu tiên, từ 1, và không đi cùng --all",
                        "--from is the number of the first update, from 1 on, and does not go with --all"));
  err_t err = outbox_bundle_export (o, first, STR ("kc-agent " KC_VERSION), clock_wall (), &out, &made, fail);
  if (err == ERR_OK)
    err = file_write (file, buf_str (&out), false, fail);
  if (err == ERR_OK)
    say_made (&made, args_operand (a, 1), file, args_words (a));
  buf_free (&out);
  return err;
}

/* ---- the reply ---- */

static void
say_taken (const bundle_taken_t *t, FILE *out)
{
  if (t->forked) {
    fprintf (
        out, "%s\n",
        L ("kho trên máy này là một bản cũ hoặc bản chép: những gì trung tâm chưa có đã chuyển sang một "
           "dòng mới, "
           "không mất gì. Hãy xuất tệp mới (kc-agent bundle export) và mang về trung tâm",
           "the store on this PC is an old copy, or was copied: what the centre does not have goes on in "
           "a new "
           "stream, nothing is lost. Export again (kc-agent bundle export) and carry it to the centre"));
    return;
  }
  const bool heard = t->at.lsn != t->before.lsn || t->at.epoch != t->before.epoch;
  if (t->acked > t->acked_before)
    fprintf (out,
             L ("trung tâm đã nhận đến thay đổi số %" PRIu64 "\n",
                "the centre has received up to update %" PRIu64 "\n"),
             t->acked);
  if (heard)
    fprintf (
        out, "%s\n",
        L ("đã nhận các quyết định và thay đổi từ trung tâm", "the centre's decisions and changes are here"));
  if (!heard && t->acked == t->acked_before)
    fprintf (out, "%s\n", L ("không có gì mới trong tệp này", "there is nothing new in it"));
  if (!t->complete)
    fprintf (out, "%s\n",
             L ("trung tâm còn nữa cho máy này: hãy xuất thêm một tệp (kc-agent bundle export)",
                "the centre has more for this PC: export once more (kc-agent bundle export)"));
}

static err_t
import (const args_t *a, outbox_t *o, const char *file, fail_t *fail)
{
  buf_t bytes = BUF_INIT;
  bundle_taken_t taken;
  err_t err = file_read (file, BUNDLE_FILE_MAX, &bytes, fail);
  if (err == ERR_OK)
    err = outbox_bundle_import (o, buf_str (&bytes), clock_wall (), &taken, fail);
  if (err == ERR_OK)
    say_taken (&taken, args_words (a));
  buf_free (&bytes);
  return err;
}

int
cmd_bundle (const args_t *a)
{
  const str_t what = str_of (args_operand (a, 0));
  const char *dir = args_operand (a, 1), *file = args_operand (a, 2);
  const bool out = str_is (what, "export");
  outbox_t *o = NULL;
  fail_t fail = {0};
  if (!out && !str_is (what, "import"))
    return args_usage (a, L ("dùng: bundle export DIR FILE, hoặc bundle import DIR FILE",
                             "use: bundle export DIR FILE, or bundle import DIR FILE"));
  if (outbox_open (dir, out, true, &o, &fail) != ERR_OK)
    return args_fail (a, &fail);
  err_t err = out ? export(a, o, file, &fail) : import (a, o, file, &fail);
  if (err == ERR_INPUT || err == ERR_FOREIGN || err == ERR_NO_FILE)
    fail_at (&fail, file, 0, 0);
  outbox_close (&o);
  return err == ERR_OK ? 0 : answer_fail (a, err, &fail);
}
