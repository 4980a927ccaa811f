/* cmd_sync.c - sync: asks connected agents to begin a full round now, and says who has finished one.
 *
 * serve asks; what came of it is read where `agents` reads it. Finished is who was heard since, has nothing
 * left to send and has confirmed everything that was in the log when it was asked. */
#include "collector/cli/commands.h"

#include "collector/cli/change_period.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <inttypes.h>
#include <stdlib.h>

#define DEFAULT_TIMEOUT_MS 15000
#define LOOK_MS 100

typedef enum { ASKED_SILENT, ASKED_BUSY, ASKED_DONE } asked_t;

typedef struct {
  const args_t *a;
  reading_t *r;
  told_t offices;
  wall_t at; /* asked */
  uint64_t end_lsn;
} asking_t;

static bool
is_asked (const asking_t *s, const agent_row_t *a)
{
  return agent_counts (a) && told_has (&s->offices, a->unit);
}

static asked_t
asked_of (const asking_t *s, const contact_t *c)
{
  if (!c->online || c->seen.ms < s->at.ms)
    return ASKED_SILENT;
  return c->backlog > 0 || c->position_lsn < s->end_lsn ? ASKED_BUSY : ASKED_DONE;
}

/* Reads anew how all stand. *open: how many have not finished. */
static err_t
look (asking_t *s, agent_items_t *items, size_t *open)
{
  *open = 0;
  items->n = 0;
  kv_abort (&s->r->txn);
  err_t err = kv_begin (ledger_kv (s->r->l), false, &s->r->txn);
  if (err == ERR_OK)
    err = agents_sorted (s->r, items);
  for (size_t i = 0; err == ERR_OK && i < items->n; i++)
    *open += is_asked (s, &items->at[i].a) && asked_of (s, &items->at[i].c) != ASKED_DONE;
  return err;
}

static void
lines (asking_t *s, table_t *t, const agent_items_t *items)
{
  static const char *const states[][3] = {
      {"silent", "im lặng", "silent"}, {"sending", "đang gửi nhận", "syncing"}, {"done", "đã xong", "done"}};
  table_column (t, "agent", "Máy", "Agent", COL_TEXT);
  table_column (t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (t, "state", "Trạng thái", "State", COL_TEXT);
  table_column (t, "last_contact", "Liên lạc cuối", "Last contact", COL_TEXT);
  table_column (t, "backlog", "Chờ gửi", "Waiting", COL_NUMBER);
  for (size_t i = 0; i < items->n; i++) {
    const agent_row_t *a = &items->at[i].a;
    const contact_t *c = &items->at[i].c;
    const char *const *words = states[asked_of (s, c)];
    if (!is_asked (s, a))
      continue;
    table_row (t);
    table_cell (t, a->name);
    table_cell (t, office_code (s->r->c, a->unit));
    table_cell (t, str_of (for_people (s->a) ? L (words[1], words[2]) : words[0]));
    table_time (t, s->a, c->seen);
    if (c->seen.ms != 0)
      table_printf (t, "%" PRIu64, c->backlog);
    else
      table_cell (t, STR_NONE);
  }
}

/* Exit code; says itself what is wrong. */
static int
ask (asking_t *s)
{
  const char *given;
  fail_t fail = {0};
  position_t end = {0};
  change_request_t q = {.operation = STR (CHANGE_SYNC), .person = str_of (args_person (s->a))};
  for (size_t i = 1; (given = args_operand (s->a, i)) != NULL; i++) {
    unit_id_t unit = 0;
    if (q.args_n == CHANGE_ARGS_MAX)
      return args_usage (s->a, L ("nhiều nhất %u đơn vị", "at most %u offices"), CHANGE_ARGS_MAX);
    q.args[q.args_n++] = str_of (given);
    if (change_office (s->r->l, str_of (given), &unit, &fail) != ERR_OK)
      return args_fail (s->a, &fail);
    told_note (&s->offices, unit);
  }
  s->offices.all = s->offices.all || q.args_n == 0;
  s->at = clock_wall ();
  err_t err = ledger_end (s->r->l, s->r->txn, &end, NULL);
  s->end_lsn = end.lsn;
  return err == ERR_OK ? change_ask (s->a, args_operand (s->a, 0), &q) : answer_err (s->a, err);
}

int
cmd_sync (const args_t *a)
{
  reading_t r;
  asking_t s = {.a = a, .r = &r};
  agent_items_t items = {0};
  size_t open = 0;
  int64_t timeout;
  if (!args_seconds (a, "timeout", DEFAULT_TIMEOUT_MS, &timeout))
    return 2;
  int code = reading_open (a, &r);
  if (code == 0)
    code = ask (&s);
  if (code == 0) {
    const int64_t until = clock_mono ().ms + timeout;
    table_t *t = table_new ();
    err_t err = look (&s, &items, &open);
    while (err == ERR_OK && open > 0 && clock_mono ().ms < until && !stop_requested ()) {
      clock_sleep_ms (LOOK_MS);
      err = look (&s, &items, &open);
    }
    if (err == ERR_OK)
      lines (&s, t, &items);
    code = answer_table (a, &t, err, NULL);
  }
  free (items.at);
  reading_close (&r);
  return code == 0 && open > 0 ? err_exit_code (ERR_UNREACHABLE) : code;
}
