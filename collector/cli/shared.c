/* shared.c - what the commands have in common: opening a store, asking for a change, showing an answer. */
#include "collector/cli/commands.h"

#include "collector/gate/control.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <inttypes.h>
#include <stdio.h>

#define ASK_PATIENCE_MS 10000

int
reading_open_at (const args_t *a, const char *dir, reading_t *out)
{
  fail_t fail = {0};
  *out = (reading_t){0};
  err_t err = ledger_open (dir, true, &out->l, &fail);
  if (err == ERR_OK) {
    err = kv_begin (ledger_kv (out->l), false, &out->txn);
    out->c = ledger_catalogue (out->l);
  }
  if (err == ERR_OK)
    return 0;
  fail_set (&fail, err, "%s", err_words (err));
  fail_at (&fail, dir, 0, 0);
  reading_close (out);
  return args_fail (a, &fail);
}

int
reading_open (const args_t *a, reading_t *out)
{
  return reading_open_at (a, args_operand (a, 0), out);
}

void
reading_close (reading_t *r)
{
  kv_abort (&r->txn);
  ledger_close (&r->l);
}

int
answer_err (const args_t *a, err_t err)
{
  fail_t fail = {0};
  if (err == ERR_OK)
    return 0;
  fail_set (&fail, err, "%s", err_words (err));
  fail_at (&fail, args_operand (a, 0), 0, 0);
  return args_fail (a, &fail);
}

int
answer_table (const args_t *a, table_t **t, err_t err, const char *title)
{
  if (err == ERR_OK)
    err = table_print (*t, stdout, args_format (a), args_excel (a), title);
  table_destroy (t);
  return answer_err (a, err);
}

/* ---- changes ---- */

/* Under the store's own lock, so that neither serve nor another change runs beside it. */
static err_t
change_directly (const char *dir, str_t request, buf_t *reply, fail_t *fail)
{
  lock_t *lock = NULL;
  ledger_t *l = NULL;
  buf_t path = BUF_INIT;
  err_t err = lock_take (path_join (&path, dir, "serve.lock"), &lock);
  if (err == ERR_OK) {
    file_remove (path_join (&path, dir, CONTROL_SOCKET)); /* what a crash left behind; nobody serves now */
    err = ledger_open (dir, false, &l, fail);
  }
  if (err == ERR_OK)
    (void)change_run (l, request, clock_wall (), reply, NULL);
  ledger_close (&l);
  lock_release (&lock);
  buf_free (&path);
  return err;
}

static err_t
ask (const char *dir, str_t request, buf_t *reply, fail_t *fail)
{
  ledger_t *l = NULL;
  err_t err = ledger_open (dir, true, &l, fail); /* no store: no lock file in somebody's directory */
  ledger_close (&l);
  if (err != ERR_OK)
    return err;
  mono_t until = {clock_mono ().ms + ASK_PATIENCE_MS};
  for (;;) {
    buf_clear (reply);
    err = control_call (dir, request, reply);
    if (err != ERR_NOT_FOUND || reply->n > 0)
      return err == ERR_OK || reply->n > 0 ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
    err = change_directly (dir, request, reply, fail);
    if (err != ERR_BUSY)
      return err;
    if (clock_mono ().ms >= until.ms)
      return fail_set (fail, ERR_BUSY,
                       L ("kho đang bận (serve chưa trả lời); hãy thử lại",
                          "the store is busy (serve does not answer); try again"));
    clock_sleep_ms (50);
  }
}

int
change_send (const args_t *a, const char *dir, const change_request_t *request, buf_t *bytes,
             change_reply_t *reply)
{
  buf_t asked = BUF_INIT;
  fail_t fail = {0};
  err_t err = change_request_encode (request, &asked) ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK)
    err = ask (dir, buf_str (&asked), bytes, &fail);
  if (err == ERR_OK)
    err = change_reply_decode (buf_str (bytes), reply);
  buf_free (&asked);
  if (err == ERR_OK)
    return 0;
  fail_set (&fail, err, "%s", err_words (err));
  fail_at (&fail, dir, 0, 0);
  return args_fail (a, &fail);
}

int
change_ask (const args_t *a, const char *dir, const change_request_t *request)
{
  buf_t bytes = BUF_INIT;
  change_reply_t r = {0};
  int code = change_send (a, dir, request, &bytes, &r);
  if (code == 0) {
    /* an invite is what was asked for, whatever the format */
    FILE *out = str_is (request->operation, CHANGE_INVITE) ? stdout : args_words (a);
    fwrite (r.out.p, 1, r.out.n, out);
    if (r.err.n > 0)
      fprintf (stderr, "%s: %.*s\n", args_program (a)->program, STR_ARG (r.err));
    code = r.exit_code;
  }
  buf_free (&bytes);
  return code;
}

/* ---- values ---- */

str_t
office_code (const catalogue_t *c, unit_id_t id)
{
  const unit_t *u = catalogue_unit (c, id);
  return u != NULL ? u->known_as : STR ("");
}

void
table_time (table_t *t, const args_t *a, wall_t w)
{
  buf_t text = BUF_INIT;
  wall_put (w, args_format (a) == FORMAT_TABLE, &text);
  table_cell (t, buf_str (&text));
  buf_free (&text);
}

bool
for_people (const args_t *a)
{
  return args_format (a) == FORMAT_TABLE;
}

void
table_day (table_t *t, const args_t *a, date_t day)
{
  buf_t text = BUF_INIT;
  day_put (day, for_people (a), &text);
  table_cell (t, buf_str (&text));
  buf_free (&text);
}

void
table_table (table_t *t, const args_t *a, table_id_t table)
{
  if (table == TABLE_NONE)
    table_cell (t, str_of (for_people (a) ? L ("mọi biểu", "every table") : ""));
  else
    table_cell (t, str_of (for_people (a) ? table_words (table) : table_name (table)));
}

int
option_period (const args_t *a, const catalogue_t *c, period_t *p, char text[PERIOD_TEXT_MAX])
{
  const char *given = args_value (a, "period");
  fail_t fail = {0};
  text[0] = '\0';
  if (given == NULL)
    return 0;
  if (period_read (str_of (given), c, p, &fail) != ERR_OK)
    return args_fail (a, &fail);
  period_format (p, text);
  return 0;
}

bool
view_day (const args_t *a, date_t *today)
{
  const char *view = args_value (a, "view");
  *today = 0;
  if (view == NULL || strcmp (view, "then") == 0)
    return true;
  *today = day_of (clock_wall ());
  return strcmp (view, "today") == 0;
}

void
say_parked (const args_t *a, uint64_t parked)
{
  if (!for_people (a) || parked == 0)
    return;
  fprintf (stderr,
           L ("Chưa kể %" PRIu64 " %s đang chờ giải quyết xung đột: kc-collector conflicts %s\n",
              "%" PRIu64 " %s of conflicts left out: kc-collector conflicts %s\n"),
           parked, noun_of (parked, "bên", "parked side", "parked sides"), args_operand (a, 0));
}
