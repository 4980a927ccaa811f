/* cmd_status.c - status: what a clerk wants to know: is it saved, is it sent, what waits, why. */
#include "agent/cli/commands.h"

#include "agent/entry/conflicts.h"
#include "agent/entry/flags.h"
#include "agent/entry/lock_warning.h"
#include "agent/entry/retry.h"
#include "agent/entry/submit.h"
#include "agent/outbox/bundle.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define LINK_BUDGET (64u << 10)
#define SERVE_LOCK "serve.lock"

typedef struct {
  const identity_t *id;
  str_t office; /* by its name of today */
  uint32_t catalogue;
  facts_t facts;
  link_state_t link;
  bool serving;
  uint64_t days;                /* work waits without a word from the centre */
  uint64_t flags;               /* in doubt, not answered */
  uint64_t returned, to_submit; /* tables sent back; due and not declared */
  uint64_t locked, again;       /* locks; refusals that may be sent again */
  uint64_t conflicts;           /* records with a parked side */
  lost_count_t lost;            /* by a restored centre, held here */
  outbox_forked_t forked;
  buf_t returns, owed, locks; /* in words, a line each */
} standing_t;

/* ---- for machines: one row ---- */

static void cell (table_t *t, const char *name, col_type_t type, bool header, const char *fmt, ...)
    PRINTF_LIKE (5, 6);
static void
cell (table_t *t, const char *name, col_type_t type, bool header, const char *fmt, ...)
{
  char text[512];
  va_list args;
  if (header) {
    table_column (t, name, NULL, NULL, type);
    return;
  }
  va_start (args, fmt);
  vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  table_cell (t, str_of (text));
}

static void
machine_row (const standing_t *s, table_t *t, bool header)
{
  char position[POSITION_TEXT_MAX];
  buf_t oldest = BUF_INIT, contact = BUF_INIT, ack = BUF_INIT;
  position_format (s->facts.down, position);
  wall_put (s->facts.oldest_pending, false, &oldest);
  wall_put (s->link.last_contact, false, &contact);
  wall_put (s->link.last_ack, false, &ack);
  cell (t, "agent", COL_TEXT, header, "%.*s", STR_ARG (s->id->agent));
  cell (t, "office", COL_TEXT, header, "%.*s", STR_ARG (s->id->unit_code));
  cell (t, "role", COL_TEXT, header, "%s", role_name (s->id->role) != NULL ? role_name (s->id->role) : "");
  cell (t, "joined", COL_TEXT, header, "%s", s->id->joined ? "yes" : "no");
  cell (t, "saved", COL_NUMBER, header, "%" PRIu64, s->facts.before + s->facts.last_seq);
  cell (t, "acknowledged", COL_NUMBER, header, "%" PRIu64, s->facts.before + s->facts.acked);
  cell (t, "waiting", COL_NUMBER, header, "%" PRIu64, s->facts.pending);
  cell (t, "waiting_since", COL_TEXT, header, "%s", buf_z (&oldest));
  cell (t, "refused", COL_NUMBER, header, "%" PRIu64, s->facts.refused);
  cell (t, "serving", COL_TEXT, header, "%s", s->serving ? "yes" : "no");
  cell (t, "online", COL_TEXT, header, "%s", s->serving && s->link.online ? "yes" : "no");
  cell (t, "last_contact", COL_TEXT, header, "%s", buf_z (&contact));
  cell (t, "last_ack", COL_TEXT, header, "%s", buf_z (&ack));
  cell (t, "clock_offset_s", COL_NUMBER, header, "%" PRId64, s->link.clock_offset_ms / 1000);
  cell (t, "last_error", COL_TEXT, header, "%.*s", STR_ARG (s->link.last_error));
  cell (t, "position", COL_TEXT, header, "%s", position);
  cell (t, "catalogue", COL_NUMBER, header, "%" PRIu32, s->catalogue);
  cell (t, "returned", COL_NUMBER, header, "%" PRIu64, s->returned);
  cell (t, "to_submit", COL_NUMBER, header, "%" PRIu64, s->to_submit);
  cell (t, "flags", COL_NUMBER, header, "%" PRIu64, s->flags);
  cell (t, "locks", COL_NUMBER, header, "%" PRIu64, s->locked);
  cell (t, "to_retry", COL_NUMBER, header, "%" PRIu64, s->again);
  cell (t, "waiting_days", COL_NUMBER, header, "%" PRIu64, s->days);
  cell (t, "export_due", COL_TEXT, header, "%s", s->days >= EXPORT_DUE_DAYS ? "yes" : "no");
  cell (t, "conflicts", COL_NUMBER, header, "%" PRIu64, s->conflicts);
  cell (t, "lost", COL_NUMBER, header, "%" PRIu64, s->lost.records);
  buf_free (&oldest);
  buf_free (&contact);
  buf_free (&ack);
}

/* ---- for people: sentences ---- */

static void
say_line (const standing_t *s, const char *dir)
{
  buf_t at = BUF_INIT;
  wall_put (s->link.last_contact, true, &at);
  if (s->serving && s->link.online)
    printf ("%s\n", L ("Đang nối với trung tâm.", "Connected to the centre."));
  else if (!s->serving)
    printf (L ("Chương trình gửi nhận chưa chạy: dùng “kc-agent serve %s” hoặc “kc-agent sync %s”.\n",
               "Nothing is syncing: run \"kc-agent serve %s\" or \"kc-agent sync %s\".\n"),
            dir, dir);
  else
    printf ("%s\n",
            L ("Chưa nối được với trung tâm; sẽ tự thử lại. Cứ nhập tiếp, không mất gì.",
               "The centre is not reached; it will be tried again. Go on entering, nothing is lost."));
  if (s->link.last_error.n > 0 && !(s->serving && s->link.online))
    printf (L ("Lý do gần nhất: %.*s\n", "Last reason: %.*s\n"), STR_ARG (s->link.last_error));
  if (at.n > 0)
    printf (L ("Liên lạc gần nhất: %s\n", "Last contact: %s\n"), buf_z (&at));
  else
    printf ("%s\n", L ("Chưa liên lạc lần nào.", "No contact so far."));
  for (size_t i = 0; i < s->id->addresses_n; i++)
    printf ("%s: %.*s\n",
            i < s->id->addresses_new_n
                ? L ("Địa chỉ mới của trung tâm, đang thử", "New address of the centre, being tried")
                : L ("Địa chỉ của trung tâm", "Address of the centre"),
            STR_ARG (s->id->addresses[i]));
  const int64_t off = s->link.clock_offset_ms / 1000;
  if (off > 60 || off < -60)
    printf (L ("Đồng hồ máy này lệch %" PRId64 " giây so với trung tâm; hãy chỉnh lại.\n",
               "This PC's clock is %" PRId64 " seconds off the centre's; please set it.\n"),
            off);
  buf_free (&at);
}

static void
say_forked (const standing_t *s)
{
  buf_t at = BUF_INIT;
  if (s->forked.cause == FORK_NONE)
    return;
  wall_put (s->forked.at, true, &at);
  if (s->forked.cause == FORK_OLDER)
    printf (
        L ("*** %s: kho trên máy này là một bản cũ được khôi phục, trung tâm đã nhận nhiều hơn. Phần thiếu "
           "được trung tâm gửi lại, phần mới nhập được gửi tiếp: không mất gì, không tính hai lần.\n",
           "*** %s: the store on this PC is an old copy that was put back, the centre has more of it. What "
           "it lacks comes back from the centre, what is new is sent on: nothing is lost, and nothing "
           "counts twice.\n"),
        buf_z (&at));
  else
    printf (
        L ("*** %s: trung tâm đã nhận số liệu khác dưới tên máy này: kho này đã bị chép sang máy khác, hoặc "
           "là bản cũ được khôi phục rồi nhập tiếp. Số liệu của cả hai bên đều được gửi: không mất gì, "
           "không tính hai lần.\n",
           "*** %s: the centre has other data under this PC's name: its store was copied to another PC, or "
           "is an old copy that was put back and written on. The data of both is sent: nothing is lost, and "
           "nothing counts twice.\n"),
        buf_z (&at));
  printf ("%s\n", L ("    Hãy gọi trung tâm để họ xác nhận; cứ nhập tiếp.",
                     "    Call the centre, so that they confirm it; go on entering."));
  buf_free (&at);
}

static void
say_conflicts (const standing_t *s, const char *dir)
{
  if (s->conflicts == 0)
    return;
  printf (L ("*** %" PRIu64 " %s bị sửa khác nhau ở hai máy: xem “kc-agent conflicts %s”, rồi chọn bằng\n"
             "    kc-agent resolve %s MÃ mine|theirs|cột=giá trị --reason “…”\n",
             "*** %" PRIu64
             " %s changed differently on two PCs: see \"kc-agent conflicts %s\", then choose with\n"
             "    kc-agent resolve %s CODE mine|theirs|column=value --reason \"…\"\n"),
          s->conflicts, noun_of (s->conflicts, "bản ghi", "record", "records"), dir, dir);
}

static void
say_export (const standing_t *s, const char *dir)
{
  if (s->days >= EXPORT_DUE_DAYS)
    printf (L ("*** %" PRIu64 " THAY ĐỔI CHƯA GỬI ĐƯỢC ĐÃ %" PRIu64
               " NGÀY: xuất ra USB bằng “kc-agent bundle export %s "
               "TỆP” rồi mang về trung tâm; tệp ấy cũng là bản lưu của đơn vị\n",
               "*** %" PRIu64 " UPDATES UNSENT FOR %" PRIu64
               " DAYS: export them to a USB stick with \"kc-agent bundle "
               "export %s FILE\" and carry it to the centre; it is the office's own copy, too\n"),
            s->facts.pending, s->days, dir);
}

static void
say_locks (const standing_t *s, const char *dir)
{
  if (s->locked > 0)
    printf (L ("Trung tâm đã khóa:\n%.*s", "Locked by the centre:\n%.*s"), STR_ARG (buf_str (&s->locks)));
  if (s->again > 0)
    printf (L ("*** %" PRIu64 " %s bị từ chối vì khóa kỳ nay gửi lại được: “kc-agent retry %s”\n",
               "*** %" PRIu64 " %s refused for a lock can be sent again now: \"kc-agent retry %s\"\n"),
            s->again, noun_of (s->again, "thay đổi", "change", "changes"), dir);
}

/* What is to be done stands last, where the eye is when the command is over. */
static void
say_tables (standing_t *s, const char *dir)
{
  if (s->returned > 0)
    printf (L ("*** TRUNG TÂM TRẢ LẠI %" PRIu64 " %s — hãy sửa số liệu rồi nộp lại:\n%s",
               "*** THE CENTRE RETURNED %" PRIu64 " %s: mend the figures and submit again:\n%s"),
            s->returned, noun_of (s->returned, "BIỂU", "TABLE", "TABLES"), buf_z (&s->returns));
  if (s->to_submit > 0)
    printf (L ("Còn phải nộp %" PRIu64 " %s:\n%s", "%" PRIu64 " %s to be submitted:\n%s"), s->to_submit,
            noun_of (s->to_submit, "biểu", "table", "tables"), buf_z (&s->owed));
  if (s->flags > 0)
    printf (L ("Có %" PRIu64 " %s; xem “kc-agent flags %s”\n",
               "%" PRIu64 " %s in doubt; see \"kc-agent flags %s\"\n"),
            s->flags, noun_of (s->flags, "chỗ đáng ngờ trong số liệu", "figure", "figures"), dir);
  if (s->returned + s->to_submit > 0)
    printf (L ("Xem đủ: “kc-agent submissions %s”\n", "All of them: \"kc-agent submissions %s\"\n"), dir);
}

static void
say (standing_t *s, const char *dir)
{
  buf_t b = BUF_INIT;
  const uint64_t saved = s->facts.before + s->facts.last_seq;
  if (!s->id->joined) {
    printf ("%s\n",
            L ("Máy này chưa kết nối lần đầu xong: hãy chạy “kc-agent join” với giấy mời của trung tâm.",
               "This PC has not finished joining: run \"kc-agent join\" with the centre's invite."));
    return;
  }
  const char *may = s->id->role == ROLE_VIEWER ? L (", chỉ được xem", ", may only read")
                    : s->id->role == ROLE_PROVINCE
                        ? L (", nhập được cho mọi đơn vị", ", enters for all offices")
                        : "";
  printf (L ("Máy %.*s của %.*s (mã đơn vị %.*s%s)\n", "Agent %.*s of %.*s (office %.*s%s)\n"),
          STR_ARG (s->id->agent), STR_ARG (s->office), STR_ARG (s->id->unit_code), may);
  printf (L ("Đã lưu trên máy này: %" PRIu64 " %s\n", "Saved on this PC: %" PRIu64 " %s\n"), saved,
          noun_of (saved, "thay đổi", "update", "updates"));
  wall_put (s->link.last_ack, true, &b);
  printf (L ("Trung tâm đã nhận: %" PRIu64, "Received by the centre: %" PRIu64),
          s->facts.before + s->facts.acked);
  if (b.n > 0)
    printf (L (" (lần cuối %s)", " (last %s)"), buf_z (&b));
  printf ("\n");
  if (s->facts.pending > 0) {
    wall_put (s->facts.oldest_pending, true, &b);
    printf (L ("Còn chờ gửi: %" PRIu64 ", từ %s\n", "Waiting: %" PRIu64 ", since %s\n"), s->facts.pending,
            buf_z (&b));
  } else
    printf ("%s\n", L ("Không còn gì chờ gửi.", "Nothing is waiting."));
  if (s->facts.refused > 0)
    printf (L ("Bị trung tâm từ chối: %" PRIu64 " bản ghi; xem “kc-agent list %s --refused”\n",
               "Records refused by the centre: %" PRIu64 "; see \"kc-agent list %s --refused\"\n"),
            s->facts.refused, dir);
  say_line (s, dir);
  say_forked (s);
  say_lost (&s->lost, dir, stdout);
  say_export (s, dir);
  say_conflicts (s, dir);
  say_locks (s, dir);
  say_tables (s, dir);
  buf_free (&b);
}

typedef struct {
  standing_t *s;
  const char *dir;
} tables_t;

static err_t
note_table (void *ctx, const office_submission_t *t)
{
  tables_t *x = ctx;
  buf_t day = BUF_INIT;
  day_put (t->due, true, &day);
  if (t->state == OFFICE_RETURNED) {
    x->s->returned++;
    buf_printf (&x->s->returns,
                L ("  %.*s: “%.*s” (%.*s)\n    sửa xong: kc-agent submit %s %s %.*s\n",
                   "  %.*s: \"%.*s\" (%.*s)\n    when mended: kc-agent submit %s %s %.*s\n"),
                STR_ARG (t->key), STR_ARG (t->answer.comment), STR_ARG (t->answer.person), x->dir,
                table_name (t->table), STR_ARG (t->period));
  } else if (t->state == OFFICE_TODO) {
    x->s->to_submit++;
    buf_printf (&x->s->owed, L ("  %.*s, hạn %s\n", "  %.*s, due %s\n"), STR_ARG (t->key), buf_z (&day));
  }
  buf_free (&day);
  return ERR_OK;
}

/* A lock, or behind it the office's extension. */
static err_t
note_lock (void *ctx, const lock_row_t *row)
{
  standing_t *s = ctx;
  buf_t day = BUF_INIT;
  if (row->unit == 0) {
    s->locked++;
    buf_printf (&s->locks, L ("  kỳ %.*s, %s\n", "  period %.*s, %s\n"), STR_ARG (row->period),
                row->table != TABLE_NONE ? table_words (row->table) : L ("mọi biểu", "every table"));
  } else {
    day_put (day_of (row->until), true, &day);
    buf_printf (
        &s->locks, L ("    được gia hạn đến hết ngày %s (%s)\n", "    extended until the end of %s (%s)\n"),
        buf_z (&day), row->table != TABLE_NONE ? table_words (row->table) : L ("mọi biểu", "every table"));
  }
  buf_free (&day);
  return ERR_OK;
}

static err_t
read_locks (outbox_t *o, standing_t *s)
{
  kv_txn_t *txn = NULL;
  locks_t *locks = NULL;
  err_t err = kv_begin (outbox_kv (o), false, &txn);
  if (err == ERR_OK)
    err = locks_of_outbox (o, txn, &locks);
  if (err == ERR_OK)
    err = locks_each_standing (locks, note_lock, s);
  if (err == ERR_OK && s->facts.refused > 0)
    err = retry_count (o, txn, &s->again);
  locks_destroy (&locks);
  kv_abort (&txn);
  return err;
}

static err_t
read_tables (outbox_t *o, const char *dir, standing_t *s)
{
  kv_txn_t *txn = NULL;
  tables_t x = {s, dir};
  err_t err = kv_begin (outbox_kv (o), false, &txn);
  if (err == ERR_OK)
    err = submissions_of_office (o, txn, note_table, &x);
  if (err == ERR_OK)
    err = flags_waiting (o, txn, &s->flags);
  if (err == ERR_OK)
    err = conflicts_waiting (o, txn, &s->conflicts);
  if (err == ERR_OK)
    err = lost_count (o, txn, &s->lost);
  if (err == ERR_OK)
    err = outbox_forked (txn, &s->forked);
  kv_abort (&txn);
  return err;
}

static err_t
read_standing (outbox_t *o, const char *dir, arena_t *arena, standing_t *s)
{
  buf_t path = BUF_INIT;
  s->id = outbox_identity (o);
  s->office = office_name (o);
  s->catalogue = outbox_catalogue (o) != NULL ? catalogue_version (outbox_catalogue (o)) : 0;
  s->serving = lock_is_taken (path_join (&path, dir, SERVE_LOCK));
  buf_free (&path);
  err_t err = outbox_facts (o, &s->facts);
  if (err == ERR_OK)
    err = outbox_link_get (o, arena, &s->link);
  if (err == ERR_OK)
    s->days = outbox_waiting_days (&s->facts, s->link.last_contact, clock_wall ());
  if (err == ERR_OK && s->id->joined)
    err = read_locks (o, s);
  return err == ERR_OK && s->id->joined ? read_tables (o, dir, s) : err;
}

int
cmd_status (const args_t *a)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  standing_t s = {0};
  int code = store_open (a, true, false, &o);
  if (code != 0)
    return code;
  arena_t *arena = arena_new (LINK_BUDGET);
  err_t err = arena != NULL ? read_standing (o, args_operand (a, 0), arena, &s) : ERR_NOMEM;
  if (err != ERR_OK)
    code = answer_fail (a, err, &fail);
  else if (for_people (a))
    say (&s, args_operand (a, 0));
  else {
    table_t *t = table_new ();
    machine_row (&s, t, true);
    table_row (t);
    machine_row (&s, t, false);
    code = answer (a, &t, ERR_OK, &fail, NULL);
  }
  buf_free (&s.returns);
  buf_free (&s.owed);
  buf_free (&s.locks);
  lost_count_free (&s.lost);
  arena_destroy (&arena);
  outbox_close (&o);
  return code;
}
