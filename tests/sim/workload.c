/* workload.c - what clerks and the centre's staff do all day: a table of named deeds.
 *
 * A clerk works through the store as the commands do: opens it, does one thing, closes it; the line may be
 * there or not. Some deeds the centre will refuse: keys that another office holds, periods it has locked,
 * states that a program of other rules let through. */
#include "tests/sim/sim.h"

#include "agent/entry/edits.h"
#include "agent/entry/import.h"
#include "agent/entry/submit.h"
#include "collector/cli/change.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA ((size_t)8 << 20)
#define SHARED_CODES 12u

typedef struct {
  machine_t *machine;
  office_t *office;
  outbox_t *outbox;
  arena_t *arena;
  bool changed;
} clerk_t;

static bool working;

static const char *const items[] = {"I.1", "I.2", "II.1", "III.1", "III.3", "IV.1"};
static const char *const sources[] = {"national", "province", "district"};
static const char *const statuses[] = {"draft",    "registered", "approved", "contracted", "running",
                                       "accepted", "liquidated", "settled",  "returned",   "stopped"};
static const char *const indicators[] = {"I.1", "I.2"};

#define PICK(table) (table)[chance_below (sizeof (table) / sizeof *(table))]

/* Some codes are every office's to take: the first has it. */
static void
new_code (const clerk_t *c, char out[40])
{
  if (chance_in (120))
    snprintf (out, 40, "CHUNG-%u", (unsigned)chance_below (SHARED_CODES));
  else
    snprintf (out, 40, "DA-%s-%u", c->machine->name, ++c->office->codes);
}

/* One of ours, or of the office's other PC. */
static void
known_code (const clerk_t *c, char out[40])
{
  const machine_t *of = c->office->twin != NULL && chance_in (400) ? c->office->twin : c->machine;
  snprintf (out, 40, "DA-%s-%u", of->name, 1 + (unsigned)chance_below (offices[of->index].codes));
}

static err_t
add_scheme (clerk_t *c, fail_t *fail)
{
  char code[40];
  buf_t words[4] = {{0}};
  edit_result_t done;
  new_code (c, code);
  buf_printf (&words[0], "code=%s", code);
  buf_printf (&words[1], "district=%s", c->office->office);
  buf_printf (&words[2], "plan_year=%d", (int)chance_between (2018, 2021));
  buf_printf (&words[3], "%s_vnd=%u000000", PICK (sources), (unsigned)chance_between (0, 900));
  char item[24], status[24];
  snprintf (item, sizeof item, "item=%s", PICK (items));
  snprintf (status, sizeof status, "status=%s", statuses[chance_below (5)]);
  const char *pairs[] = {buf_z (&words[0]),
                         "name=Đề án khuyến công",
                         buf_z (&words[1]),
                         buf_z (&words[2]),
                         buf_z (&words[3]),
                         item,
                         status};
  err_t err = edits_add (c->outbox, KIND_SCHEME, pairs, 7, STR ("văn thư"), c->arena, &done, fail);
  c->changed = err == ERR_OK && done.changed;
  for (size_t i = 0; i < 4; i++)
    buf_free (&words[i]);
  return err;
}

static err_t
change_scheme (clerk_t *c, fail_t *fail)
{
  char code[40], a[64], b[64];
  edit_result_t done;
  known_code (c, code);
  if (chance_in (600))
    snprintf (a, sizeof a, "status=%s", PICK (statuses));
  else
    snprintf (a, sizeof a, "%s%s_vnd=%u500000", chance_in (300) ? "settled_" : "", PICK (sources),
              (unsigned)chance_between (0, 900));
  snprintf (b, sizeof b, "note=lần %u", (unsigned)chance_below (100));
  const char *pairs[] = {a, b};
  err_t err = edits_set (c->outbox, str_of (code), KIND_SCHEME, pairs, 1 + chance_below (2), STR ("văn thư"),
                         STR ("sửa lại cho đúng"), c->arena, &done, fail);
  c->changed = err == ERR_OK && done.changed;
  return err;
}

static err_t
withdraw_scheme (clerk_t *c, fail_t *fail)
{
  char code[40];
  edit_result_t done;
  known_code (c, code);
  err_t err = edits_withdraw (c->outbox, str_of (code), KIND_SCHEME, STR ("văn thư"), STR ("nhập nhầm"),
                              c->arena, &done, fail);
  c->changed = err == ERR_OK && done.changed;
  return err;
}

static err_t
add_outcome (clerk_t *c, fail_t *fail)
{
  char district[24], year[24], value[24], indicator[24];
  edit_result_t done;
  snprintf (indicator, sizeof indicator, "indicator=%s", PICK (indicators));
  snprintf (district, sizeof district, "district=%s", c->office->office);
  snprintf (year, sizeof year, "year=%d", (int)chance_between (2014, 2021));
  snprintf (value, sizeof value, "value=%u", (unsigned)chance_between (0, 5000));
  const char *pairs[] = {indicator, district, year, "fund=KCĐP", value};
  err_t err = edits_add (c->outbox, KIND_OUTCOME, pairs, 5, STR ("văn thư"), c->arena, &done, fail);
  c->changed = err == ERR_OK && done.changed;
  return err;
}

static err_t
import_schemes (clerk_t *c, fail_t *fail)
{
  buf_t file = BUF_INIT;
  import_counts_t n = {0};
  const import_options_t o = {.person = STR ("văn thư")};
  size_t rows = 2 + chance_below (chance_in (100) ? 150 : 25);
  buf_puts (&file, "code,name,district,plan_year,item,status,province_vnd\n");
  for (size_t i = 0; i < rows; i++)
    buf_printf (&file, "DA-%s-%u,Đề án nhập từ tệp,%s,%d,%s,registered,%u000000\n", c->machine->name,
                chance_in (100) ? 1 + (unsigned)chance_below (c->office->codes + 1) : ++c->office->codes,
                c->office->office, (int)chance_between (2018, 2021), PICK (items),
                (unsigned)chance_between (1, 400));
  err_t err = import_file (c->outbox, STR ("de-an.csv"), buf_str (&file), &o, &(import_watch_t){0}, &n, fail);
  c->changed = err == ERR_OK && n.created + n.changed > 0;
  buf_free (&file);
  return err;
}

static err_t
submit (clerk_t *c, fail_t *fail)
{
  char period[16];
  submit_result_t done;
  snprintf (period, sizeof period, "%d", (int)chance_between (2018, 2021));
  const declaration_t d = {.table = chance_in (500) ? TABLE_BUDGET : TABLE_OUTCOMES,
                           .period = str_of (period),
                           .nil = chance_in (200),
                           .person = STR ("trưởng phòng")};
  err_t err = submit_table (c->outbox, &d, machine_clock (c->machine), c->arena, &done, fail);
  c->changed = err == ERR_OK && done.what != SUBMITTED_UNCHANGED;
  return err;
}

/* As a program of other rules would store it: what it does not know of stays with it for ever, and some of
 * it the centre must refuse. */
static err_t
write_raw (clerk_t *c, fail_t *fail)
{
  char code[40];
  draft_t d = {.operation = OP_PUT};
  uint8_t random[10];
  for (size_t i = 0; i < sizeof random; i++)
    random[i] = (uint8_t)chance ();
  new_code (c, code);
  d.ref = (record_ref_t){c->office->unit, record_id_make (machine_clock (c->machine), random)};
  d.record.kind = KIND_SCHEME;
  scheme_t *s = &d.record.u.scheme;
  s->code = str_of (code);
  s->name = STR ("Đề án của bản mới");
  s->district = chance_in (150) ? 1 + (unit_id_t)chance_below (12) : c->office->unit;
  s->plan_year = (span_t){2020, 2020};
  s->item = chance_in (150) ? STR ("XX.9") : STR ("I.1");
  s->status = STATUS_REGISTERED;
  s->unknown = STR ("\xfa\x3e\x05"
                    "mai-k"); /* field 1007, 5 bytes */
  err_t err = outbox_store (c->outbox, &d, 1, STR ("văn thư"), STR_NONE, NULL, machine_clock (c->machine),
                            NULL, NULL, fail);
  c->changed = err == ERR_OK;
  return err;
}

static err_t
want_sync (clerk_t *c, fail_t *fail)
{
  uint64_t number;
  (void)fail;
  return outbox_want_sync (c->outbox, &number);
}

static const struct {
  const char *name;
  uint32_t weight;
  err_t (*run) (clerk_t *c, fail_t *fail);
} deeds[] = {
    {"adds a scheme", 30, add_scheme},           {"changes a scheme", 40, change_scheme},
    {"withdraws a scheme", 6, withdraw_scheme},  {"adds an outcome", 14, add_outcome},
    {"imports a file", 8, import_schemes},       {"declares a table", 6, submit},
    {"writes of another version", 6, write_raw}, {"asks for a round", 4, want_sync},
};

static size_t
pick_deed (void)
{
  uint32_t sum = 0;
  for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
    sum += deeds[i].weight;
  uint32_t at = (uint32_t)chance_below (sum);
  for (size_t i = 0;; i++) {
    if (at < deeds[i].weight)
      return i;
    at -= deeds[i].weight;
  }
}

static void
work (machine_t *m)
{
  clerk_t c = {.machine = m, .office = &offices[m->index], .arena = arena_new (ARENA)};
  fail_t fail = {0};
  size_t i = pick_deed ();
  CHECK (c.arena != NULL);
  machine_enter (m);
  err_t err = outbox_open (m->dir, false, true, &c.outbox, &fail);
  if (err == ERR_OK)
    err = deeds[i].run (&c, &fail);
  if (err == ERR_OK && !m->dead)
    checks_saved (m, c.outbox, c.changed);
  outbox_close (&c.outbox);
  arena_destroy (&c.arena);
  sim_say ("%s: its clerk %s: %s", m->name, deeds[i].name, err_name (err));
  machine_leave ();
  machine_settle (m);
}

static void
day_of_clerk (void *ctx, uint64_t n)
{
  machine_t *m = ctx;
  (void)n;
  if (!working)
    return;
  if (offices[m->index].joined && machine_runs (m) && !m->dead && !m->stopping)
    for (size_t k = chance_in (100) ? 1 + chance_below (30) : 1; k > 0 && machine_runs (m) && !m->dead; k--)
      work (m);
  sim_after (chance_between (200, 20 * SECOND), day_of_clerk, m, 0);
}

/* ---- the centre's staff ---- */

static void
change_catalogue (void)
{
  buf_t file = BUF_INIT;
  centre_catalogue (&file);
  buf_printf (&file, "\n[simulation]\nedition\n%u\n", (unsigned)chance_below (1000));
  centre_ask (CHANGE_CATALOGUE, (const char *const[]){buf_z (&file)}, 1, NULL, NULL);
  buf_free (&file);
}

static void
answer (void)
{
  char which[48];
  const machine_t *m = &machines[1 + chance_below (machines_n - 1)];
  snprintf (which, sizeof which, "%s/%s/%d", offices[m->index].office,
            chance_in (500) ? "budget" : "outcomes", (int)chance_between (2018, 2021));
  bool accepts = chance_in (500);
  centre_ask (CHANGE_ANSWER,
              (const char *const[]){which, accepts ? "accepted" : "returned", accepts ? "" : "thiếu số liệu"},
              3, NULL, NULL);
}

static void
set_due (void)
{
  char period[16], day[16];
  snprintf (period, sizeof period, "%d", (int)chance_between (2018, 2021));
  snprintf (day, sizeof day, "2021-0%u-15", (unsigned)chance_between (1, 9));
  centre_ask (CHANGE_DUE, (const char *const[]){period, day, "outcomes", ""}, 4, NULL, NULL);
}

static void
lock_period (void)
{
  char period[16];
  snprintf (period, sizeof period, "%d", (int)chance_between (2018, 2021));
  centre_ask (
      CHANGE_LOCK,
      (const char *const[]){period, "all", chance_in (500) ? "locked" : "open", "", "", "chốt số liệu"}, 6,
      NULL, NULL);
}

static void
revoke (void)
{
  unsigned i = 1 + (unsigned)chance_below (machines_n - 1);
  char agent[sizeof machines[0].name + 4];
  if (machines_n < 5 || !offices[i].joined || offices[i].twin != NULL)
    return;
  snprintf (agent, sizeof agent, "%s-1", machines[i].name);
  offices[i].revoked = true;
  centre_ask (CHANGE_REVOKE, (const char *const[]){agent, "máy mất"}, 2, NULL, NULL);
}

static const struct {
  uint32_t weight;
  void (*run) (void);
} decisions[] = {{8, change_catalogue}, {30, answer}, {20, set_due}, {12, lock_period}, {1, revoke}};

static void
day_of_staff (void *ctx, uint64_t n)
{
  (void)ctx;
  (void)n;
  if (!working)
    return;
  uint32_t at = (uint32_t)chance_below (71);
  size_t i = 0;
  while (at >= decisions[i].weight)
    at -= decisions[i++].weight;
  decisions[i].run ();
  sim_after (chance_between (5 * SECOND, 60 * SECOND), day_of_staff, NULL, 0);
}

void
workload_begin (void)
{
  working = true;
  for (unsigned i = 1; i < machines_n; i++)
    sim_after (chance_between (0, 10 * SECOND), day_of_clerk, &machines[i], 0);
  sim_after (30 * SECOND, day_of_staff, NULL, 0);
}

void
workload_end (void)
{
  working = false;
}
