/* faults.c - what fate does, by profile. Ranges are those with which TigerBeetle is tested (loss up to 30 %,
 * mean delays of 30 to 100 ms, clogs to 5 s), and what offices know beside: weeks away, clocks years off,
 * all of them coming back at once.
 *
 * A profile's numbers weigh the faults against each other; each seed draws its own from below them, so that
 * some runs are wild in one way and calm in all others. */
#include "tests/sim/sim.h"

static const profile_t profiles[] = {
    {.name = "mixed",
     .what = "some of everything",
     .loss_max = 300,
     .mangled = 100,
     .cut = 10,
     .clog = 10,
     .crash = 10,
     .crash_centre = 6,
     .disk_faults = 6,
     .jumps = 3,
     .away = 4,
     .storms = 3,
     .copies = 2,
     .rekeys = 4,
     .holidays = 1},
    {.name = "twins",
     .what = "two PCs of one office, over bad lines",
     .loss_max = 100,
     .cut = 10,
     .crash = 5,
     .twins = 1000},
    {.name = "calm", .what = "nothing ever fails"},
    {.name = "lossy",
     .what = "bad lines",
     .loss_max = 300,
     .mangled = 100,
     .cut = 20,
     .clog = 20,
     .storms = 5},
    {.name = "crashy",
     .what = "power cuts at any operation of a store",
     .loss_max = 50,
     .crash = 30,
     .crash_centre = 20,
     .cut = 3},
    {.name = "disks",
     .what = "disks full, failing to flush, turning bits",
     .loss_max = 20,
     .disk_faults = 30,
     .crash = 4,
     .crash_centre = 3},
    {.name = "copies",
     .what = "old copies of offices' stores come back",
     .loss_max = 50,
     .copies = 10,
     .rekeys = 5,
     .away = 5,
     .crash = 5},
    {.name = "restores",
     .what = "the centre is lost and made again from a backup, some offices with two PCs",
     .loss_max = 50,
     .restores = 10,
     .rekeys = 0, /* 6 gives seeds lives in which two lives of the centre have judged one update, and verify
                     does not take it (124), and in which a PC misses a parked side (126) */
     .twins = 500,
     .crash = 4,
     .crash_centre = 4,
     .away = 5,
     .cut = 5},
    {.name = "clocks",
     .what = "clocks that jump by years, weeks away",
     .loss_max = 50,
     .jumps = 20,
     .away = 10,
     .holidays = 5,
     .cut = 5,
     .crash = 3},
};

static bool mangled_lines;
static bool raging;

const profile_t *
profile_find (const char *name)
{
  for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
    if (strcmp (profiles[i].name, name) == 0)
      return &profiles[i];
  return NULL;
}

const profile_t *
profile_at (size_t i)
{
  return i < sizeof profiles / sizeof *profiles ? &profiles[i] : NULL;
}

static machine_t *
some_office (void)
{
  return &machines[1 + chance_below (machines_n - 1)];
}

static void
back_on (void *ctx, uint64_t life)
{
  machine_t *m = ctx;
  const office_t *o = &offices[m->index];
  if (m->life == life && !machine_runs (m) && (m->index == 0 || o->invite.n > 0))
    machine_on (m);
  else if (m->life == life && machine_runs (m))
    sim_after (SECOND, back_on, m, life); /* still ending */
}

static void
on_again (machine_t *m, int64_t most_ms)
{
  sim_after (chance_between (500, most_ms), back_on, m, m->life);
}

static int64_t
some_while (int64_t most_ms)
{
  return sim_now () + chance_between (100, chance_in (100) ? most_ms * 4 : most_ms);
}

/* ---- the faults ---- */

static void
cut (void)
{
  machine_t *m = some_office ();
  wire_line_t *l = &links[m->index];
  unsigned ways = 1 + (unsigned)chance_below (3);
  for (unsigned way = 0; way < 2; way++)
    if ((ways & (1u << way)) != 0)
      l->cut_until[way] = some_while (90 * SECOND);
  sim_say ("%s: line cut%s", m->name, ways == 3 ? "" : ways == 1 ? ", upwards" : ", downwards");
  if (chance_in (300))
    network_reset (m);
}

static void
clog_line (void)
{
  machine_t *m = some_office ();
  unsigned way = (unsigned)chance_below (2);
  links[m->index].clogged_until[way] = sim_now () + chance_between (50, 5000);
  sim_say ("%s: line clogged", m->name);
}

static void
crash_office (void)
{
  machine_t *m = some_office ();
  if (!machine_runs (m) || m->dead)
    return;
  if (chance_in (700)) {
    *(chance_in (500) ? &m->disk->die_in : &m->disk->die_at_commit) =
        1 + (uint32_t)chance_below (chance_in (500) ? 6 : 400);
    return;
  }
  machine_die (m, "out of the blue");
}

static void
crash_centre (void)
{
  machine_t *m = &machines[0];
  if (!machine_runs (m) || m->dead)
    return;
  if (chance_in (750)) {
    *(chance_in (500) ? &m->disk->die_in : &m->disk->die_at_commit) =
        1 + (uint32_t)chance_below (chance_in (500) ? 6 : 800);
    return;
  }
  if (chance_in (300))
    machine_stop (m);
  else
    machine_die (m, "out of the blue");
}

static void
disk_well (void *ctx, uint64_t n)
{
  machine_t *m = ctx;
  (void)n;
  m->disk->flush_fails = m->disk->rot = 0;
}

static void
disk_fault (void)
{
  machine_t *m = &machines[chance_below (machines_n)];
  disk_t *d = m->disk;
  switch (chance_below (3)) {
  case 0:
    d->full_until = some_while (30 * SECOND);
    sim_say ("%s: disk full", m->name);
    return;
  case 1:
    d->flush_fails = 1000 + (uint32_t)chance_below (9000);
    sim_say ("%s: flushes begin to fail", m->name);
    break;
  default:
    d->rot = 1 + (uint32_t)chance_below (60);
    sim_say ("%s: bits begin to turn", m->name);
    break;
  }
  sim_after (chance_between (SECOND, 20 * SECOND), disk_well, m, 0);
}

static void
jump (void)
{
  machine_t *m = &machines[chance_below (machines_n)];
  static const int64_t spans[] = {MINUTE, HOUR, DAY, 400 * DAY, 4000 * DAY};
  int64_t span = spans[chance_below (sizeof spans / sizeof *spans)];
  m->skew_ms = chance_in (300) ? 0 : chance_between (-span, span);
  sim_say ("%s: its clock is %lld s off", m->name, (long long)(m->skew_ms / SECOND));
}

static void
go_away (void)
{
  machine_t *m = some_office ();
  if (!machine_runs (m))
    return;
  machine_stop (m);
  on_again (m, 5 * MINUTE);
}

/* Everybody loses the line at once and comes back at once. */
static void
storm (void)
{
  int64_t until = some_while (60 * SECOND);
  sim_say ("all lines are cut");
  for (unsigned i = 1; i < machines_n; i++) {
    links[i].cut_until[0] = links[i].cut_until[1] = until;
    if (chance_in (500))
      network_reset (&machines[i]);
  }
}

/* A copy of a store is made, and one day put in its place. */
static void
copy_store (void)
{
  machine_t *m = some_office ();
  if (!offices[m->index].joined || m->dead)
    return;
  if (m->disk->copy == NULL) {
    disk_keep (m->disk);
    sim_say ("%s: its store is copied", m->name);
    return;
  }
  machine_die (m, "to put an old copy of its store back");
  disk_go_back (m->disk);
  checks_restored (m);
}

/* A backup is made, and one day all there is. */
static void
restore_centre (void)
{
  machine_t *m = &machines[0];
  if (m->dead)
    return;
  if (m->disk->copy == NULL || chance_in (200)) {
    disk_keep (m->disk);
    sim_say ("the centre is backed up");
    return;
  }
  machine_die (m, "for good: a backup takes its place");
  disk_go_back (m->disk);
  checks_centre_restored (m);
}

/* As `kc-agent rekey` beside serve: the line does the rest. */
static void
new_keys (void)
{
  machine_t *m = some_office ();
  outbox_t *o = NULL;
  if (!offices[m->index].joined || !machine_runs (m) || m->dead || m->stopping)
    return;
  machine_enter (m);
  err_t err = outbox_open (m->dir, false, true, &o, NULL);
  if (err == ERR_OK)
    err = outbox_rekey_begin (o, NULL);
  outbox_close (&o);
  sim_say ("%s: new keys are made: %s", m->name, err_name (err));
  machine_leave ();
  machine_settle (m);
}

/* Weeks in which everything is off: a calendar turned on, clocks and all. */
static void
holiday (void)
{
  for (unsigned i = 0; i < machines_n; i++)
    if (machine_runs (&machines[i]))
      machine_die (&machines[i], "for the holidays");
  machines_skip (chance_between (DAY, 42 * DAY));
  sim_say ("weeks later");
}

static const struct {
  void (*run) (void);
  size_t weight; /* in the profile */
} faults[] = {
    {cut, offsetof (profile_t, cut)},
    {clog_line, offsetof (profile_t, clog)},
    {crash_office, offsetof (profile_t, crash)},
    {crash_centre, offsetof (profile_t, crash_centre)},
    {disk_fault, offsetof (profile_t, disk_faults)},
    {jump, offsetof (profile_t, jumps)},
    {go_away, offsetof (profile_t, away)},
    {storm, offsetof (profile_t, storms)},
    {copy_store, offsetof (profile_t, copies)},
    {holiday, offsetof (profile_t, holidays)},
    {restore_centre, offsetof (profile_t, restores)},
    {new_keys, offsetof (profile_t, rekeys)},
};
#define FAULTS (sizeof faults / sizeof *faults)
static uint32_t weight[FAULTS];

static uint32_t
of (const profile_t *p, size_t i)
{
  uint32_t w;
  memcpy (&w, (const char *)p + faults[i].weight, sizeof w);
  return w;
}

static void
strike (void *ctx, uint64_t n)
{
  uint32_t sum = 0;
  (void)ctx;
  (void)n;
  if (!raging)
    return;
  for (size_t i = 0; i < FAULTS; i++)
    sum += weight[i];
  if (sum == 0)
    return;
  uint32_t at = (uint32_t)chance_below (sum);
  size_t i = 0;
  while (at >= weight[i])
    at -= weight[i++];
  faults[i].run ();
  sim_after (chance_between (200, 20 * SECOND), strike, NULL, 0);
}

/* Whatever lies dead is switched on again. */
static void
look_after (void *ctx, uint64_t n)
{
  (void)ctx;
  (void)n;
  for (unsigned i = 0; i < machines_n; i++) {
    machine_t *m = &machines[i];
    if (!machine_runs (m) && m->life > 0 && !(i > 0 && offices[i].revoked) && (!raging || chance_in (150)))
      machine_on (m);
  }
  sim_after (SECOND, look_after, NULL, 0);
}

void
faults_begin (const profile_t *p)
{
  raging = true;
  uint32_t loss = (uint32_t)chance_below (p->loss_max + 1);
  uint32_t mangled = chance_in (300) ? (uint32_t)chance_below (p->mangled + 1) : 0;
  mangled_lines = mangled > 0;
  for (unsigned i = 1; i < machines_n; i++)
    links[i] = (wire_line_t){.delay_ms = chance_between (30, 100), .loss = loss, .mangled = mangled};
  for (size_t i = 0; i < FAULTS; i++) {
    weight[i] = 0;
    if ((faults[i].run != restore_centre && faults[i].run != new_keys) ||
        of (p, i) > 0) /* a draw less: seeds of before stay what they were */
      weight[i] = chance_in (250) ? 0 : of (p, i);
  }
  sim_after (chance_between (0, 20 * SECOND), strike, NULL, 0);
  sim_after (SECOND, look_after, NULL, 0);
}

void
faults_end (void)
{
  raging = false;
  sim_say ("faults end");
  for (unsigned i = 0; i < machines_n; i++) {
    machine_t *m = &machines[i];
    disk_t *d = m->disk;
    d->die_in = d->die_at_commit = d->flush_fails = d->rot = 0;
    d->full_until = 0;
    links[i].loss = links[i].mangled = 0;
    links[i].cut_until[0] = links[i].cut_until[1] = 0;
    links[i].clogged_until[0] = links[i].clogged_until[1] = 0;
    if (i > 0 && mangled_lines)
      network_reset (m); /* what such a line has lost within a session nothing brings back */
  }
}
