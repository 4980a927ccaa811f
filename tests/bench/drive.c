/* Synthetic offices against a real collector over CURVE loopback. Frames are made before the clock
 * starts, so that the load costs as little as it can on the shared cores. */
#include "tests/bench/bench.h"
#include "tests/support/load.h"

#include <stdlib.h>

#define CHUNK_UPDATES 650u
#define SINGLES_EACH 6000u /* more than a run gets through */
#define LIVE 4u
#define ALONE_S 3
#define NUMBERS_OF_ONE UINT64_C (1000000000) /* codes of schemes of PCs of one unit must differ */

static peer_t *peers[OFFICES];

static peer_t *
join (const char *collector, const char *dir, const char *unit_code)
{
  const char *argv[] = {collector, "invite", dir, "--office", unit_code, NULL};
  buf_t invite = BUF_INIT;
  if (process_run (argv, &invite) != 0)
    process_fail ("invite");
  peer_t *p = peer_new (buf_str (&invite));
  buf_free (&invite);
  if (p == NULL || !peer_enrol (p) || !peer_hello (p, 10000))
    process_fail ("a synthetic office could not join");
  return p;
}

void
drive_join (const char *collector, const char *dir, const char *const *unit_codes)
{
  for (size_t i = 0; i < OFFICES; i++)
    peers[i] = join (collector, dir, unit_codes[i]);
}

void
drive_leave (void)
{
  for (size_t i = 0; i < OFFICES; i++)
    peer_destroy (&peers[i]);
}

static void
make_all (load_t *load, peer_t *const *of, size_t n, uint64_t number, size_t updates, size_t per_chunk)
{
  for (size_t i = 0; i < n; i++)
    load_make (&load[i], of[i], (i + 1) * number + peer_last_seq (of[i]) + 1, updates, per_chunk);
}

static void
free_all (load_t *load, size_t n)
{
  for (size_t i = 0; i < n; i++)
    load_free (&load[i]);
}

void
drive_backlog (size_t updates_each, drive_t *out)
{
  load_t load[OFFICES];
  lived_t lived;
  make_all (load, peers, OFFICES, 0, updates_each, CHUNK_UPDATES);
  load_live (NULL, 0, load, OFFICES, 0, &lived);
  *out = (drive_t){.update_bytes = load[0].bytes / load[0].updates};
  out->updates_per_s = (double)lived.backlog / lived.seconds;
  free_all (load, OFFICES);
  lived_free (&lived);
}

static int
by_size (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Of live offices, beside backlogs or with none. */
static void
live (size_t live_n, load_t *backlogs, size_t backlogs_n, double seconds, drive_t *out)
{
  load_t load[OFFICES];
  lived_t lived;
  make_all (load, peers, live_n, 0, SINGLES_EACH, 1);
  load_live (load, live_n, backlogs, backlogs_n, seconds, &lived);
  if (lived.n == 0)
    process_fail ("no update of a live office was acknowledged");
  qsort (lived.latency_ms, lived.n, sizeof *lived.latency_ms, by_size);
  *out = (drive_t){.update_bytes = load[0].bytes / load[0].updates,
                   .ack_p50_ms = lived.latency_ms[lived.n / 2],
                   .ack_p99_ms = lived.latency_ms[lived.n * 99 / 100]};
  out->updates_per_s = (double)(backlogs_n > 0 ? lived.backlog : lived.n) / lived.seconds;
  free_all (load, live_n);
  lived_free (&lived);
}

void
drive_single (double seconds, drive_t *out)
{
  live (OFFICES, NULL, 0, seconds, out);
}

void
drive_reconnect (const char *collector, const char *dir, const char *const *unit_codes, size_t updates_each,
                 drive_t *alone, drive_t *beside)
{
  load_t backlogs[RETURNING];
  peer_t *returning[RETURNING];
  for (size_t i = 0; i < RETURNING; i++)
    returning[i] = join (collector, dir, unit_codes[i % OFFICES]);
  live (LIVE, NULL, 0, ALONE_S, alone);
  make_all (backlogs, returning, RETURNING, NUMBERS_OF_ONE, updates_each, CHUNK_UPDATES);
  live (LIVE, backlogs, RETURNING, 0, beside);
  free_all (backlogs, RETURNING);
  for (size_t i = 0; i < RETURNING; i++)
    peer_destroy (&returning[i]);
}
