/* main.c - kc-sim: many seeds on all cores, or one seed told event by event. */
#include "tests/sim/run.h"

#include "common/crypto/crypto.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS_MAX 64

typedef struct {
  uint64_t first, count, seed;
  const profile_t *profile;
  bool replay;
} request_t;

static void
usage (FILE *f)
{
  fputs ("kc-sim run --first SEED --count N [--profile NAME] [--jobs N]\n"
         "    runs N seeds; ends with \"N seeds, H agent-hours, V violations\", exit 1 if V > 0\n"
         "kc-sim replay SEED [--profile NAME]\n"
         "    the same run again, bit for bit, every event on a line; exit 1 on a violation\n"
         "profiles:\n",
         f);
  for (size_t i = 0; profile_at (i) != NULL; i++)
    fprintf (f, "    %-8s %s%s\n", profile_at (i)->name, profile_at (i)->what, i == 0 ? " (default)" : "");
}

static bool
number (const char *text, uint64_t *out)
{
  char *end = NULL;
  *out = strtoull (text, &end, 10);
  return text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

static bool
parse (int argc, char **argv, request_t *r, uint64_t *jobs)
{
  bool ok = argc > 1;
  *r = (request_t){.first = 1, .count = 1, .profile = profile_at (0)};
  r->replay = ok && strcmp (argv[1], "replay") == 0;
  ok = ok && (r->replay || strcmp (argv[1], "run") == 0);
  bool given = !r->replay;
  for (int i = 2; i < argc && ok; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (!given && argv[i][0] != '-') {
      given = ok = number (argv[i], &r->seed);
      continue;
    }
    if (strcmp (argv[i], "--first") == 0)
      ok = number (value, &r->first);
    else if (strcmp (argv[i], "--count") == 0)
      ok = number (value, &r->count);
    else if (strcmp (argv[i], "--jobs") == 0)
      ok = number (value, jobs) && *jobs >= 1 && *jobs <= WORKERS_MAX;
    else if (strcmp (argv[i], "--profile") == 0)
      ok = (r->profile = profile_find (value)) != NULL;
    else
      ok = false;
    i++;
  }
  return ok && given;
}

/* What the programs say to their users is nobody's here. */
static void
quiet (void)
{
  sim_out = fdopen (dup (1), "w");
  CHECK (sim_out != NULL);
  setvbuf (sim_out, NULL, _IOLBF, 1 << 16);
  CHECK (freopen ("/dev/null", "w", stdout) != NULL);
  if (getenv ("KC_SIM_STDERR") == NULL)
    CHECK (freopen ("/dev/null", "w", stderr) != NULL);
}

static int
replay (const request_t *r)
{
  run_result_t o;
  run_seed (r->seed, r->profile, true, &o);
  fprintf (sim_out,
           "seed %" PRIu64 ": %" PRIu64 " events, fingerprint %016" PRIx64 ", %.2f agent-hours, %" PRIu64
           " updates (%" PRIu64 " refused), %" PRIu64 " acknowledgements, %" PRIu64 " commits checked\n",
           o.seed, o.events, o.fingerprint, o.agent_hours, o.updates, o.refused, o.acknowledged, o.checks);
  return o.violated;
}

/* ---- many seeds: a process a core, each every nth seed ---- */

typedef struct {
  pid_t pid;
  int from;
  uint64_t next; /* seed it is at */
} worker_t;

static void
work (const request_t *r, uint64_t first, uint64_t step, int to)
{
  for (uint64_t seed = first; seed < r->first + r->count; seed += step) {
    run_result_t o;
    run_seed (seed, r->profile, false, &o);
    if (write (to, &o, sizeof o) != (ssize_t)sizeof o)
      break;
  }
  fflush (sim_out);
  _Exit (0);
}

static void
begin (const request_t *r, worker_t *w, uint64_t first, uint64_t step)
{
  int ends[2];
  CHECK (pipe (ends) == 0);
  fflush (sim_out);
  w->next = first;
  w->pid = fork ();
  CHECK (w->pid >= 0);
  if (w->pid == 0) {
    close (ends[0]);
    work (r, first, step, ends[1]);
  }
  close (ends[1]);
  w->from = ends[0];
}

static void
name_seed (const request_t *r, uint64_t seed, const char *what)
{
  fprintf (sim_out, "seed %" PRIu64 " %s; see it with: kc-sim replay %" PRIu64 "%s%s\n", seed, what, seed,
           r->profile != profile_at (0) ? " --profile " : "",
           r->profile != profile_at (0) ? r->profile->name : "");
}

static int
run_all (const request_t *r, uint64_t jobs)
{
  worker_t w[WORKERS_MAX];
  double hours = 0;
  uint64_t violations = 0;
  for (uint64_t i = 0; i < jobs; i++)
    begin (r, &w[i], r->first + i, jobs);
  for (uint64_t i = 0; i < jobs; i++)
    while (w[i].next < r->first + r->count) {
      run_result_t o;
      if (read (w[i].from, &o, sizeof o) == (ssize_t)sizeof o) {
        hours += o.agent_hours;
        violations += o.violated;
        if (o.violated)
          name_seed (r, o.seed, "failed");
        w[i].next += jobs;
        continue;
      }
      int status = 0; /* it did not live to tell: the next one goes on behind that seed */
      waitpid (w[i].pid, &status, 0);
      close (w[i].from);
      violations++;
      name_seed (r, w[i].next, WIFEXITED (status) ? "failed" : "crashed");
      begin (r, &w[i], w[i].next + jobs, jobs);
    }
  for (uint64_t i = 0; i < jobs; i++) {
    waitpid (w[i].pid, NULL, 0);
    close (w[i].from);
  }
  fprintf (sim_out, "%" PRIu64 " seeds, %.1f agent-hours, %" PRIu64 " violations\n", r->count, hours,
           violations);
  return violations > 0;
}

int
main (int argc, char **argv)
{
  request_t r;
  long cores = sysconf (_SC_NPROCESSORS_ONLN);
  uint64_t jobs = cores > 0 && cores <= WORKERS_MAX ? (uint64_t)cores : 2;
  if (argc == 2 && strcmp (argv[1], "--help") == 0) {
    usage (stdout);
    return 0;
  }
  if (!parse (argc, argv, &r, &jobs)) {
    usage (stderr);
    return 2;
  }
  chance_install ();
  CHECK (crypto_init ());
  quiet ();
  int code = r.replay ? replay (&r) : run_all (&r, jobs);
  fclose (sim_out);
  return code;
}
