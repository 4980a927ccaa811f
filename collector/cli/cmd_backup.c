/* cmd_backup.c - backup and restore: the centre's store in one file, and back. */
#include "collector/cli/commands.h"

#include "collector/ledger/backup.h"
#include "collector/ledger/roster.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <stdio.h>

#define REVOKED_MAX 64u

static void
progress (void *ctx, backup_stage_t stage, uint64_t done, uint64_t total)
{
  const char *const words[BACKUP_STAGES] = {
      [BACKUP_COPYING] = L ("chép kho", "copying the store"),
      [BACKUP_CHECKING] = L ("kiểm chứng bản sao", "proving the copy"),
      [BACKUP_SEALING] = L ("đọc lại từng byte", "reading every byte again"),
  };
  (void)ctx;
  progress_show (words[stage], done, total);
}

static double
mebibytes (const backup_info_t *i)
{
  return (double)i->size / (1024.0 * 1024.0);
}

int
cmd_backup (const args_t *a)
{
  const char *dir = args_operand (a, 0), *file = args_operand (a, 1);
  char position[POSITION_TEXT_MAX];
  backup_info_t i;
  fail_t fail = {0};
  err_t err = backup_make (dir, file, clock_wall (), progress, NULL, &i, &fail);
  progress_show (NULL, UINT64_MAX, 0);
  if (err != ERR_OK) {
    fail_at (&fail, file, 0, 0);
    return args_fail (a, &fail);
  }
  position_format (i.at, position);
  fprintf (
      stderr,
      L ("Đã sao lưu vào %s: vị trí %s, %.1f MiB, đã mở ra và kiểm chứng.\nTệp giữ khóa của trung tâm: hãy "
         "cất "
         "như cất khóa, ngoài máy này.\n",
         "Backed up to %s: position %s, %.1f MiB, opened and proved.\nThe file holds the centre's keys: keep "
         "it as keys are kept, away from this machine.\n"),
      file, position, mebibytes (&i));
  return 0;
}

/* Names with commas between. */
static size_t
names_of (const char *text, str_t out[REVOKED_MAX])
{
  size_t n = 0;
  while (text != NULL && *text != '\0' && n < REVOKED_MAX) {
    const size_t length = strcspn (text, ",");
    if (length > 0)
      out[n++] = (str_t){text, length};
    text += length;
    text += *text == ',';
  }
  return n;
}

/* A name may be of a PC enrolled after the backup, or mistyped: only a person can tell. */
static void
say_unknown (const char *dir, const str_t *names, size_t n)
{
  ledger_t *l = NULL;
  kv_txn_t *txn = NULL;
  if (ledger_open (dir, true, &l, NULL) != ERR_OK)
    return;
  if (kv_begin (ledger_kv (l), false, &txn) == ERR_OK)
    for (size_t i = 0; i < n; i++) {
      agent_row_t found;
      if (roster_agent_by_name (l, txn, names[i], &found) == ERR_NOT_FOUND)
        fprintf (stderr,
                 L ("Bản sao lưu không biết máy “%.*s” (--revoked): nếu gõ đúng thì máy ấy vào sau lần sao "
                    "lưu, và "
                    "sẽ bị từ chối khi tới.\n",
                    "The backup does not know \"%.*s\" (--revoked): if spelt right it enrolled after the "
                    "backup, and "
                    "is turned away when it comes.\n"),
                 STR_ARG (names[i]));
    }
  kv_abort (&txn);
  ledger_close (&l);
}

int
cmd_restore (const args_t *a)
{
  const char *file = args_operand (a, 0), *dir = args_operand (a, 1);
  char position[POSITION_TEXT_MAX];
  str_t revoked[REVOKED_MAX];
  backup_info_t i;
  position_t at = {0}; /* of the new epoch */
  fail_t fail = {0};
  const size_t n = names_of (args_value (a, "revoked"), revoked);
  err_t err = backup_restore (file, dir, revoked, n, clock_wall (), progress, NULL, &i, &at, &fail);
  progress_show (NULL, UINT64_MAX, 0);
  if (err != ERR_OK)
    return args_fail (a, &fail);
  position_format (i.at, position);
  fprintf (
      stderr,
      L ("Đã phục hồi kho từ %s, đến vị trí %s (%.1f MiB), trong một đời mới.\nTiếp theo: kc-collector serve "
         "%s. Các máy sẽ tự gửi lại những gì kho này chưa có.\nKhóa gốc authority.key không nằm trong bản "
         "sao "
         "lưu: hãy để nó ở nơi cất.\nGiấy mời chưa dùng đã bị hủy: hãy cấp lại. Máy bị thu hồi sau lần sao "
         "lưu mà không nêu ở --revoked thì vào được cho tới khi máy khác gửi lại việc thu hồi.\nHãy đợi mọi "
         "máy "
         "nối lại: số liệu của máy nào do máy ấy gửi lại. Nếu có máy không bao giờ trở lại, “kc-agent "
         "status” "
         "ở máy khác của đơn vị nêu số liệu bị mất, và “kc-agent recover” ở đó nhập lại.\n",
         "Restored from %s, to position %s (%.1f MiB), in a new epoch.\nNext: kc-collector serve %s. The PCs "
         "send again by themselves what this store lacks.\nThe authority's key is in no backup: leave it "
         "where "
         "it is kept.\nInvites not used yet are cancelled: make new ones. An agent revoked after the "
         "backup and not named with --revoked gets in until another PC has sent the revocation again.\nWait "
         "for "
         "all PCs: each sends its own work again. If one will never return, \"kc-agent status\" on another "
         "PC "
         "of "
         "the office names what is lost, and \"kc-agent recover\" there enters it again.\n"),
      file, position, mebibytes (&i), dir);
  if (n > 0)
    say_unknown (dir, revoked, n);
  return 0;
}
