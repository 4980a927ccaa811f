/* machine.c - PCs and the server: power, clocks, locks, the wish to stop. */
#include "tests/sim/sim.h"

#include "collector/gate/descriptors.h"
#include "common/platform/platform.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BEGINNING_MS INT64_C (1577836800000) /* 2020-01-01 */
#define MONO_MS INT64_C (1000000)

machine_t machines[MACHINES_MAX];
unsigned machines_n;
static machine_t *here;
static int64_t skipped_ms;

machine_t *
machine_here (void)
{
  return here;
}

void
machine_enter (machine_t *m)
{
  CHECK (here == NULL && m != NULL);
  here = m;
}

void
machine_leave (void)
{
  CHECK (here != NULL);
  here = NULL;
}

machine_t *
machine_add (const char *name, void (*program) (machine_t *m))
{
  CHECK (machines_n < MACHINES_MAX);
  machine_t *m = &machines[machines_n];
  *m = (machine_t){.index = machines_n++, .program = program};
  snprintf (m->name, sizeof m->name, "%s", name);
  snprintf (m->dir, sizeof m->dir, "%s", name);
  m->disk = calloc (1, sizeof *m->disk);
  CHECK (m->disk != NULL);
  return m;
}

bool
machine_runs (const machine_t *m)
{
  return m->fibers > 0;
}

static void
run_program (void *arg)
{
  machine_t *m = arg;
  m->program (m);
}

void
machine_on (machine_t *m)
{
  if (machine_runs (m))
    return;
  m->dead = m->buried = m->stopping = m->locked = false;
  m->shade_ms = 0;
  m->life++;
  m->on_since = sim_now ();
  sim_say ("%s: on", m->name);
  fiber_new (m, run_program, m);
}

/* Every wait of the programs ends within half a second by itself, then they see it. */
void
machine_stop (machine_t *m)
{
  if (!machine_runs (m) || m->stopping)
    return;
  sim_say ("%s: asked to stop", m->name);
  m->stopping = true;
}

void
machine_settle (machine_t *m)
{
  if (!m->dead || m->buried)
    return;
  m->buried = true;
  network_died (m);
  fibers_unwind (m);
  m->locked = false;
  m->disk->die_in = m->disk->die_at_commit = 0;
}

void
machine_die (machine_t *m, const char *how)
{
  if (m->dead)
    return;
  sim_say ("%s: power cut, %s", m->name, how);
  m->dead = true;
  if (here == NULL)
    machine_settle (m);
}

wall_t
machine_clock (const machine_t *m)
{
  return (wall_t){BEGINNING_MS + skipped_ms + sim_now () + (m != NULL ? m->skew_ms : 0)};
}

void
machines_skip (int64_t ms)
{
  skipped_ms += ms;
}

void
machines_end (void)
{
  skipped_ms = 0;
  for (unsigned i = 0; i < machines_n; i++) {
    machine_t *m = &machines[i];
    m->dead = true;
    machine_settle (m);
    disk_end (m->disk);
    free (m->disk);
    *m = (machine_t){0};
  }
  machines_n = 0;
}

/* ---- the platform's headers ---- */

wall_t
clock_wall (void)
{
  return machine_clock (here);
}

mono_t
clock_mono (void)
{
  int64_t since = here != NULL ? here->shade_ms - here->on_since : 0;
  return (mono_t){MONO_MS + sim_now () + since};
}

void
clock_sleep_ms (int64_t ms)
{
  if (ms > 0)
    fiber_wait (ms);
}

void
stop_install (void)
{
}

bool
stop_requested (void)
{
  return here->dead || here->stopping;
}

int
stop_fd (void)
{
  return -1;
}

void
stop_request (void)
{
  here->stopping = true;
}

void
signals_hold (void)
{
}

void
signals_release (void)
{
}

/* The folder of a store is a name of a disk here (the linker puts this in the place of dir_make). */
err_t __wrap_dir_make (const char *path);

err_t
__wrap_dir_make (const char *path)
{
  (void)path;
  return ERR_OK;
}

struct lock {
  machine_t *machine;
};

err_t
lock_take (const char *path, lock_t **out)
{
  (void)path;
  if (here->locked)
    return ERR_BUSY;
  lock_t *l = calloc (1, sizeof *l);
  CHECK (l != NULL);
  l->machine = here;
  here->locked = true;
  *out = l;
  return ERR_OK;
}

void
lock_release (lock_t **self_p)
{
  if (*self_p == NULL)
    return;
  (*self_p)->machine->locked = false;
  free (*self_p);
  *self_p = NULL;
}

bool
lock_is_taken (const char *path)
{
  (void)path;
  return here->locked;
}

bool
descriptors_scarce (bool already)
{
  (void)already;
  return false;
}

uint64_t
process_private_memory (void)
{
  return 0;
}

void
process_give_memory_back (void)
{
}

void
process_raise_limits (void)
{
}

/* The machines' changes of state, for replay alone. */
bool
trace_wanted (void)
{
  return sim_loud ();
}

void
trace_line (const char *fmt, ...)
{
  char text[512];
  va_list args;
  va_start (args, fmt);
  vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  sim_note ("%s: %s", here->name, text);
}

const char *
host_name (void)
{
  return here != NULL ? here->name : "nobody";
}

const char *
login_name (void)
{
  return "nobody";
}

const char *
locale_name (void)
{
  return "vi";
}

bool
console_is_terminal (int fd)
{
  (void)fd;
  return false;
}

unsigned
console_width (void)
{
  return 80;
}

unsigned
console_height (void)
{
  return 24;
}

bool
console_gone (int fd)
{
  (void)fd;
  return false;
}

void
console_init (void)
{
}

void
console_arguments (int *argc, char ***argv)
{
  (void)argc;
  (void)argv;
}
