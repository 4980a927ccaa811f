/* kc-bench - how fast, beside what the machine could do, in one run.
 *
 * usage: kc-bench [--large] [--updates N]     N updates per office in the backlog (default 12000)
 * --large goes on to a million records (minutes). Prints ratios; asserts nothing. */
#include "tests/bench/bench.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UPDATE_BYTES 193u /* what a synthetic scheme takes; printed beside */
#define IDLE_S 5

static const char *const codes[OFFICES] = {"540", "542", "543", "544", "545", "546",
                                           "547", "548", "549", "550", "551"};
static char bin[1024], base[1024], centre[1200], collector[1200], agent[1200];

static void
row (const char *what, double ours, const char *unit, double limit, const char *of)
{
  int digits = ours >= 100 ? 0 : ours >= 10 ? 1 : 2;
  printf ("%-46s %12.*f %-10s", what, digits, ours, unit);
  if (limit > 0)
    printf (" %.2f of %s", ours / limit, of);
  printf ("\n");
  fflush (stdout);
}

/* On every way out, also after a failure; what was started dies with us. */
static void
clean_up (void)
{
  const char *clean[] = {"/bin/rm", "-rf", base, NULL};
  drive_leave ();
  if (base[0] != '\0')
    process_run (clean, NULL);
}

static void
interrupted (int signal_number)
{
  (void)signal_number;
  exit (130);
}

static double
time_command (const char *const *argv)
{
  double begun = process_seconds ();
  if (process_run (argv, NULL) != 0)
    process_fail ("a command failed");
  return (process_seconds () - begun) * 1000;
}

typedef struct {
  double totals_ms, nothing_ms;
} read_t;

/* Best of twenty whole commands on a store that is served, in turn with one that does nothing: the machine's
 * own mood (page cache, a busy disk) is in both. */
static read_t
time_totals (void)
{
  const char *argv[] = {collector, "totals", centre, "--by", "year,source", "--format", "csv", NULL};
  const char *nothing[] = {collector, "--version", NULL};
  read_t best = {1e9, 1e9};
  for (int i = 0; i < 20; i++) {
    double totals = time_command (argv), empty = time_command (nothing);
    best.totals_ms = totals < best.totals_ms ? totals : best.totals_ms;
    best.nothing_ms = empty < best.nothing_ms ? empty : best.nothing_ms;
  }
  return best;
}

static void
read_rows (const char *when, read_t r)
{
  char what[80];
  snprintf (what, sizeof what, "totals by year,source %s", when);
  row (what, r.totals_ms, "ms", 0, "");
  row ("  a command that does nothing, beside it", r.nothing_ms, "ms", 0, "");
}

static pid_t
serve (double *ready_ms)
{
  const char *argv[] = {collector, "serve", centre, "--bind", "tcp://127.0.0.1:0", "--http", "off", NULL};
  buf_t line = BUF_INIT;
  double begun = process_seconds ();
  pid_t pid = process_start (argv, &line);
  if (strncmp (buf_z (&line), "ready ", 6) != 0)
    process_fail ("the collector did not start");
  if (ready_ms != NULL)
    *ready_ms = (process_seconds () - begun) * 1000;
  buf_free (&line);
  return pid;
}

/* A joined agent with nothing to do. */
static void
idle_agent (void)
{
  const char *invite[] = {collector, "invite", centre, "--office", "52", NULL};
  buf_t text = BUF_INIT;
  char dir[1200], file[1200];
  snprintf (dir, sizeof dir, "%s/office", base);
  snprintf (file, sizeof file, "%s/invite", base);
  fail_t fail = {0};
  if (process_run (invite, &text) != 0 || file_write (file, buf_str (&text), true, &fail) != ERR_OK)
    process_fail ("invite");
  buf_free (&text);
  const char *join[] = {agent, "join", dir, file, NULL};
  if (process_run (join, NULL) != 0)
    process_fail ("join");
  const char *argv[] = {agent, "serve", dir, "--http", "off", NULL};
  pid_t pid = process_start (argv, NULL);
  clock_sleep_ms (3000);
  double before = process_cpu_seconds (pid);
  clock_sleep_ms (IDLE_S * 1000);
  double used = process_cpu_seconds (pid) - before;
  row ("idle agent: private memory (mark: below 8)", process_private_mb (pid), "MB", 0, "");
  row ("  processor time", used / IDLE_S * 100, "%", 0, "");
  process_kill (pid, SIGTERM);
}

/* The same offices a moment apart: what others' backlogs do to them. */
static void
reconnect_rows (size_t each)
{
  drive_t alone, beside;
  drive_reconnect (collector, centre, codes, each, &alone, &beside);
  row ("live offices alone: ack latency p50", alone.ack_p50_ms, "ms", 0, "");
  row ("  p99", alone.ack_p99_ms, "ms", 0, "");
  row ("  while 40 others send backlogs: p50", beside.ack_p50_ms, "ms", alone.ack_p50_ms,
       "alone (more: worse)");
  row ("  p99", beside.ack_p99_ms, "ms", alone.ack_p99_ms, "alone (more: worse)");
  row ("  the backlogs beside them", beside.updates_per_s, "updates/s", 0, "");
}

static void
alike_rows (void)
{
  alike_t a;
  bench_alike (100000, &a);
  row ("near-duplicates: 100,000 schemes taken in", a.index_ms, "ms", a.read_ms,
       "reading their names (more: worse)");
  row ("  one against 100,000 (mark: below 1000)", a.one_ms, "ms", a.each_ms, "comparing with each");
  row ("  all pairs of 100,000", a.pairs_ms, "ms", a.each_ms, "comparing one with each");
}

static void
find_programs (const char *argv0)
{
  const char *slash = strrchr (argv0, '/');
  snprintf (bin, sizeof bin, "%.*s", slash != NULL ? (int)(slash - argv0) : 1, slash != NULL ? argv0 : ".");
  snprintf (collector, sizeof collector, "%s/kc-collector", bin);
  snprintf (agent, sizeof agent, "%s/kc-agent", bin);
  const char *tmp = getenv ("TMPDIR");
  snprintf (base, sizeof base, "%s/kc-bench-%d", tmp != NULL ? tmp : "/tmp", (int)getpid ());
  snprintf (centre, sizeof centre, "%s/centre", base);
  if (dir_make (base) != ERR_OK)
    process_fail ("no directory for the benchmark");
}

int
main (int argc, char **argv)
{
  bool large = false;
  size_t each = 12000;
  for (int i = 1; i < argc; i++) {
    if (strcmp (argv[i], "--large") == 0)
      large = true;
    else if (strcmp (argv[i], "--updates") == 0 && i + 1 < argc)
      each = (size_t)strtoull (argv[++i], NULL, 10);
    else {
      fprintf (stderr, "usage: kc-bench [--large] [--updates N]\n");
      return 2;
    }
  }
  CHECK (crypto_init ());
  find_programs (argv[0]);
  atexit (clean_up);
  signal (SIGINT, interrupted);
  signal (SIGTERM, interrupted);
  char limit_dir[1200];
  snprintf (limit_dir, sizeof limit_dir, "%s/limit-batch", base);
  double echo = limit_echo (3);
  double limit_batch = limit_lmdb (limit_dir, 200000, 1000, UPDATE_BYTES);
  snprintf (limit_dir, sizeof limit_dir, "%s/limit-single", base);
  double limit_single = limit_lmdb (limit_dir, 4000, 1, UPDATE_BYTES);
  row ("limit: LMDB in process, batches of 1,000", limit_batch, "updates/s", 0, "");
  row ("limit: LMDB in process, one a commit", limit_single, "commits/s", 0, "");
  row ("limit: bare CURVE echo, 11 clients", echo, "trips/s", 0, "");

  alike_rows ();
  const char *init[] = {collector, "init", centre, NULL};
  if (process_run (init, NULL) != 0)
    process_fail ("init");
  pid_t pid = serve (NULL);
  drive_join (collector, centre, codes);
  row ("collector: private memory with 11 sessions", process_private_mb (pid), "MB", 0, "");
  drive_t d;
  drive_backlog (910, &d); /* about ten thousand records */
  read_t small = time_totals ();
  drive_backlog (each, &d);
  row ("backlog in chunks, durable and counted", d.updates_per_s, "updates/s", limit_batch, "the LMDB limit");
  printf ("%-46s %12zu bytes\n", "  an update", d.update_bytes);
  drive_single (5, &d);
  row ("11 offices, one update in flight each", d.updates_per_s, "updates/s", limit_single,
       "LMDB, one a commit");
  row ("  the same beside the bare echo", d.updates_per_s, "updates/s", echo, "the echo");
  row ("  ack latency p50", d.ack_p50_ms, "ms", 0, "");
  row ("  ack latency p99", d.ack_p99_ms, "ms", 0, "");
  reconnect_rows (each / 4);
  if (large) {
    drive_backlog (1000000 / OFFICES, &d);
    row ("backlog, on the way to a million records", d.updates_per_s, "updates/s", limit_batch,
         "the LMDB limit");
  }
  read_t big = time_totals ();
  read_rows ("at 10 thousand records", small);
  read_rows (large ? "at over a million" : "after the backlog", big);
  row ("collector: private memory after the load", process_private_mb (pid), "MB", 0, "");
  idle_agent (); /* takes seconds, in which the collector comes to rest */
  row ("collector: private memory at rest, 12 sessions", process_private_mb (pid), "MB", 0, "");
  drive_leave ();
  process_kill (pid, SIGKILL);
  double ready_ms;
  pid = serve (&ready_ms);
  row ("start-up after kill -9", ready_ms, "ms", 0, "");
  process_kill (pid, SIGTERM);
  const char *verify[] = {collector, "verify", centre, NULL};
  if (process_run (verify, NULL) != 0)
    process_fail ("verify says no");
  return 0;
}
