/* world.c - one queue of events by simulated time, and the book of what happened. */
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  int64_t when;
  uint64_t order; /* of two at the same time the one put in first */
  event_fn *fn;
  void *ctx;
  uint64_t n;
} event_t;

static struct {
  event_t *heap;
  size_t n, cap;
  int64_t now;
  uint64_t order, seed, fingerprint, events;
  bool loud, violated;
} world;

int64_t
sim_now (void)
{
  return world.now;
}

/* ---- the heap ---- */

static bool
before (const event_t *a, const event_t *b)
{
  return a->when != b->when ? a->when < b->when : a->order < b->order;
}

void
sim_at (int64_t when, event_fn *fn, void *ctx, uint64_t n)
{
  if (world.n == world.cap) {
    world.cap = world.cap < 64 ? 64 : world.cap * 2;
    world.heap = realloc (world.heap, world.cap * sizeof *world.heap);
    CHECK (world.heap != NULL);
  }
  event_t e = {when < world.now ? world.now : when, ++world.order, fn, ctx, n};
  size_t i = world.n++;
  for (; i > 0 && before (&e, &world.heap[(i - 1) / 2]); i = (i - 1) / 2)
    world.heap[i] = world.heap[(i - 1) / 2];
  world.heap[i] = e;
}

void
sim_after (int64_t delay, event_fn *fn, void *ctx, uint64_t n)
{
  sim_at (world.now + delay, fn, ctx, n);
}

static event_t
take_first (void)
{
  event_t first = world.heap[0], last = world.heap[--world.n];
  size_t i = 0;
  for (size_t child; (child = 2 * i + 1) < world.n; i = child) {
    if (child + 1 < world.n && before (&world.heap[child + 1], &world.heap[child]))
      child++;
    if (!before (&world.heap[child], &last))
      break;
    world.heap[i] = world.heap[child];
  }
  world.heap[i] = last;
  return first;
}

void
sim_run_until (int64_t until)
{
  while (!world.violated) {
    if (fibers_turn ())
      continue;
    if (world.n == 0 || world.heap[0].when > until)
      break;
    event_t e = take_first ();
    world.now = e.when;
    e.fn (e.ctx, e.n);
  }
  if (world.now < until && !world.violated)
    world.now = until;
}

/* ---- what happened ---- */

static void
print_time (FILE *f)
{
  int64_t t = world.now;
  fprintf (f, "%3" PRId64 "d %02d:%02d:%02d.%03d ", t / DAY, (int)(t % DAY / HOUR), (int)(t % HOUR / MINUTE),
           (int)(t % MINUTE / SECOND), (int)(t % SECOND));
}

static void
digest (const void *p, size_t n)
{
  const uint8_t *b = p;
  for (size_t i = 0; i < n; i++) /* FNV-1a */
    world.fingerprint = (world.fingerprint ^ b[i]) * UINT64_C (1099511628211);
}

void
sim_say (const char *fmt, ...)
{
  char text[512];
  va_list args;
  va_start (args, fmt);
  int n = vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  digest (&world.now, sizeof world.now);
  digest (text, n < (int)sizeof text ? (size_t)n : sizeof text - 1);
  world.events++;
  if (!world.loud)
    return;
  print_time (sim_out);
  fprintf (sim_out, "%s\n", text);
}

void
sim_note (const char *fmt, ...)
{
  va_list args;
  if (!world.loud)
    return;
  print_time (sim_out);
  va_start (args, fmt);
  vfprintf (sim_out, fmt, args);
  va_end (args);
  fprintf (sim_out, "\n");
}

bool
sim_loud (void)
{
  return world.loud;
}

void
sim_violation (const char *fmt, ...)
{
  char text[1024];
  va_list args;
  va_start (args, fmt);
  vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  if (!world.violated) {
    fprintf (sim_out, "seed %" PRIu64 ": VIOLATION at ", world.seed);
    print_time (sim_out);
    fprintf (sim_out, "%s\n", text);
    fflush (sim_out);
  }
  world.violated = true;
}

bool
sim_violated (void)
{
  return world.violated;
}

/* A broken invariant of the programs' own is one of ours too; nothing can go on after it. */
void
check_failed (const char *file, int line, const char *what)
{
  sim_violation ("CHECK failed at %s:%d: %s", file, line, what);
  fflush (sim_out);
  _Exit (EXIT_CHECK_FAILED);
}

void
sim_begin (uint64_t seed, bool loud)
{
  chance_seed (seed);
  world.seed = seed;
  world.loud = loud;
  world.fingerprint = UINT64_C (14695981039346656037);
}

void
sim_end (run_result_t *out)
{
  out->seed = world.seed;
  out->events = world.events;
  out->fingerprint = world.fingerprint;
  out->violated = world.violated;
  free (world.heap);
  memset (&world, 0, sizeof world);
}
