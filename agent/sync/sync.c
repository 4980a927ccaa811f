/* sync.c - serve, sync and join: each is a goal of the same line. */
#include "agent/sync/sync.h"

#include "agent/sync/hold.h"
#include "agent/sync/line.h"
#include "common/base/lang.h"
#include "common/net/net.h"

#define SERVE_PATIENCE_MS 3000 /* for a `sync` that is just ending */
#define POLL_MS 50
#define REOPEN_MS 1000
#define TEXT_BUDGET (64u << 10)
#define INVITE_BUDGET (256u << 10)

static void
listen_for_stop (void)
{
  if (stop_fd () < 0)
    stop_install ();
}

static err_t
serve_once (const char *dir, fail_t *fail)
{
  hold_t h = {0};
  const line_options_t options = {.goal = GOAL_SERVE, .timeout_ms = -1};
  err_t err = hold_take (dir, true, SERVE_PATIENCE_MS, &h, fail);
  if (err == ERR_OK && h.lock == NULL && !stop_requested ()) {
    err = fail_set (fail, ERR_BUSY,
                    L ("thư mục này đang được một “kc-agent serve” khác phục vụ",
                       "another \"kc-agent serve\" is serving this directory already"));
    fail_at (fail, dir, 0, 0);
  }
  if (err == ERR_OK && h.lock != NULL)
    err = line_run (h.outbox, &options, NULL, fail);
  hold_release (&h);
  return err;
}

err_t
sync_serve (const char *dir, fail_t *fail)
{
  listen_for_stop ();
  err_t err = serve_once (dir, fail);
  while (err == ERR_REOPEN && !stop_requested ()) {
    clock_sleep_ms (REOPEN_MS);
    *fail = (fail_t){0};
    err = serve_once (dir, fail);
  }
  net_shutdown ();
  return err;
}

/* ---- sync ---- */

/* Another process holds the line: it has been asked for a round; wait for it, or take the line when it ends.
 */
static err_t
wait_for_other (const char *dir, hold_t *h, uint64_t round, int64_t until, fail_t *fail, bool *done)
{
  for (;;) {
    uint64_t wanted, reached;
    err_t err = outbox_rounds (h->outbox, &wanted, &reached);
    *done = err == ERR_OK && reached >= round;
    if (err != ERR_OK || *done || stop_requested ())
      return err;
    err = hold_try (dir, h);
    if (err != ERR_OK || h->lock != NULL)
      return err;
    if (clock_mono ().ms >= until)
      break;
    clock_sleep_ms (POLL_MS);
  }
  link_state_t link = {0};
  arena_t *arena = arena_new (TEXT_BUDGET);
  bool known = arena != NULL && outbox_link_get (h->outbox, arena, &link) == ERR_OK;
  err_t err = fail_set (
      fail, ERR_TIMEOUT, L ("hết thời gian chờ: %.*s", "time ran out: %.*s"),
      STR_ARG (known && !str_blank (link.last_error) ? link.last_error : str_of (err_words (ERR_TIMEOUT))));
  arena_destroy (&arena);
  return err;
}

typedef struct {
  const catalogue_t *c;
  buf_t *report;
  uint64_t n;
} naming_t;

static err_t
name_refused (void *ctx, const refused_row_t *r)
{
  naming_t *t = ctx;
  reason_t why = {.code = reason_of_name (r->reason), .column = -1};
  for (size_t i = 0; i < REASON_ARGS; i++)
    why.arg[i] = r->arguments[i];
  buf_put (t->report, r->key.p, r->key.n);
  buf_puts (t->report, ": ");
  if (why.code == REASON_NONE)
    buf_put (t->report, r->reason.p, r->reason.n);
  else
    reason_words_in (&why, t->c, r->kind, t->report);
  buf_putc (t->report, '\n');
  t->n++;
  return ERR_OK;
}

static err_t
check_refused (outbox_t *o, const char *dir, buf_t *report, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  naming_t naming = {.c = outbox_catalogue (o), .report = report};
  err_t err = kv_begin (outbox_kv (o), false, &txn);
  if (err == ERR_OK)
    err = outbox_refused (o, txn, name_refused, &naming);
  kv_abort (&txn);
  if (err == ERR_OK && naming.n > 0)
    return fail_set (
        fail, ERR_NO,
        L ("trung tâm từ chối %llu bản ghi; xem “kc-agent list %s --refused”, sửa hoặc rút rồi gửi lại",
           "records refused by the centre: %llu; see \"kc-agent list %s --refused\", mend or "
           "withdraw them and sync again"),
        (unsigned long long)naming.n, dir);
  return err;
}

err_t
sync_once (const char *dir, bool wait, int64_t timeout_ms, buf_t *report, fail_t *fail)
{
  hold_t h = {0};
  uint64_t round = 0;
  bool done = false;
  int64_t until = clock_mono ().ms + timeout_ms;
  listen_for_stop ();
  err_t err = hold_take (dir, true, 0, &h, fail);
  if (err == ERR_OK) {
    err = outbox_want_sync (h.outbox, &round);
    if (err != ERR_OK)
      fail_set (fail, err, "%s", err_words (err));
  }
  if (err == ERR_OK && h.lock == NULL)
    err = wait_for_other (dir, &h, round, until, fail, &done);
  if (err == ERR_OK && !done && h.lock != NULL) {
    int64_t left = until - clock_mono ().ms;
    const line_options_t options = {.goal = GOAL_ROUND, .timeout_ms = left > 0 ? left : 0, .round = round};
    err = line_run (h.outbox, &options, NULL, fail);
  }
  if (err == ERR_OK && stop_requested ())
    err = fail_set (fail, ERR_TIMEOUT, L ("đã dừng giữa chừng", "stopped half-way"));
  if (err == ERR_OK && wait)
    err = check_refused (h.outbox, dir, report, fail);
  hold_release (&h);
  net_shutdown ();
  return err;
}

/* ---- new keys ---- */

/* Another process holds the line: it registers them. *done, or the line is ours. */
static err_t
wait_for_keys (const char *dir, hold_t *h, uint32_t before, int64_t until, fail_t *fail, bool *done)
{
  for (;;) {
    err_t err = outbox_refresh (h->outbox, fail);
    const identity_t *id = outbox_identity (h->outbox);
    *done = err == ERR_OK && id->serial != before;
    if (err != ERR_OK || *done || stop_requested ())
      return err;
    if (!id->next.given)
      return fail_set (fail, ERR_REFUSED, "%s", session_reason_words (SESSION_NOT_ADMITTED));
    err = hold_try (dir, h);
    if (err != ERR_OK || h->lock != NULL)
      return err;
    if (clock_mono ().ms >= until)
      return fail_set (fail, ERR_TIMEOUT,
                       L ("hết thời gian chờ; khóa mới đã có sẵn và sẽ được đăng ký ở lần kết nối tới",
                          "time ran out; the new keys are made and the next session registers them"));
    clock_sleep_ms (POLL_MS);
  }
}

err_t
sync_rekey (const char *dir, int64_t timeout_ms, fail_t *fail)
{
  hold_t h = {0};
  bool done = false;
  int64_t until = clock_mono ().ms + timeout_ms;
  listen_for_stop ();
  err_t err = hold_take (dir, true, 0, &h, fail);
  const uint32_t before = err == ERR_OK ? outbox_identity (h.outbox)->serial : 0;
  if (err == ERR_OK)
    err = outbox_rekey_begin (h.outbox, fail);
  if (err == ERR_OK && h.lock == NULL)
    err = wait_for_keys (dir, &h, before, until, fail, &done);
  if (err == ERR_OK && !done && h.lock != NULL) {
    int64_t left = until - clock_mono ().ms;
    const line_options_t options = {.goal = GOAL_REKEY, .timeout_ms = left > 0 ? left : 0};
    err = line_run (h.outbox, &options, NULL, fail);
  }
  if (err == ERR_OK && stop_requested ())
    err = fail_set (fail, ERR_TIMEOUT, L ("đã dừng giữa chừng", "stopped half-way"));
  hold_release (&h);
  net_shutdown ();
  return err;
}

/* ---- join ---- */

static err_t
begin (const char *dir, const invite_t *invite, hold_t *h, bool *repeat, fail_t *fail)
{
  err_t err = outbox_create (dir, 0, fail);
  if (err == ERR_OK)
    err = hold_take (dir, false, 0, h, fail);
  if (err != ERR_OK)
    return err;
  *repeat = memcmp (outbox_identity (h->outbox)->invite.b, invite->id.b, sizeof invite->id.b) == 0;
  err = outbox_join_begin (h->outbox, invite, clock_wall (), fail);
  if (err == ERR_OK && h->lock == NULL && !outbox_identity (h->outbox)->joined)
    err = fail_set (fail, ERR_BUSY,
                    L ("một “kc-agent” khác đang nối thư mục này với trung tâm; đợi nó xong rồi làm lại",
                       "another kc-agent is joining this directory; wait for it and try again"));
  if (err != ERR_OK)
    fail_at (fail, dir, 0, 0);
  return err;
}

err_t
sync_join (const char *dir, str_t invite_text, int64_t timeout_ms, fail_t *fail)
{
  hold_t h = {0};
  invite_t invite;
  line_options_t options = {.goal = GOAL_JOIN, .timeout_ms = timeout_ms};
  arena_t *arena = arena_new (INVITE_BUDGET);
  listen_for_stop ();
  err_t err = arena != NULL ? invite_parse (invite_text, arena, &invite) : ERR_NOMEM;
  if (err != ERR_OK)
    err = fail_set (fail, err == ERR_NOMEM ? err : ERR_MALFORMED,
                    L ("không đọc được giấy mời: chép lại đủ từ “KCI1-” đến hết, hoặc xin giấy mời mới",
                       "the invite cannot be read: copy all of it from \"KCI1-\" on, or ask for a new one"));
  if (err == ERR_OK)
    err = begin (dir, &invite, &h, &options.repeat, fail);
  if (err == ERR_OK && !outbox_identity (h.outbox)->joined)
    err = line_run (h.outbox, &options, NULL, fail);
  if (err == ERR_OK)
    err = outbox_refresh (h.outbox, fail);
  if (err == ERR_OK && !outbox_identity (h.outbox)->joined)
    err = fail_set (fail, ERR_TIMEOUT,
                    L ("đã dừng giữa chừng; hãy chạy lại", "stopped half-way; run it again"));
  hold_release (&h);
  arena_destroy (&arena);
  net_shutdown ();
  return err;
}
