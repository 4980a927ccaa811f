/* office.c - an office's PC: kc-agent join until it is joined, then kc-agent serve, as they are. */
#include "tests/sim/sim.h"

#include "agent/sync/sync.h"
#include "collector/cli/change.h"
#include "common/platform/platform.h"

#define AGAIN_MS 5000
#define JOIN_MS 60000

office_t offices[MACHINES_MAX];

static void ask_invite (void *ctx, uint64_t n);

static void
run (machine_t *m)
{
  office_t *o = &offices[m->index];
  while (!stop_requested ()) {
    fail_t fail = {0};
    err_t err =
        o->joined ? sync_serve (m->dir, &fail) : sync_join (m->dir, buf_str (&o->invite), JOIN_MS, &fail);
    if (err == ERR_OK && !stop_requested () && !o->joined) {
      o->joined = true;
      sim_say ("%s: joined", m->name);
      continue;
    }
    if (stop_requested ())
      return;
    sim_say ("%s: %s ended: %s", m->name, o->joined ? "serve" : "join", err_name (err));
    if (err == ERR_REFUSED && !o->joined) { /* expired, by the centre's clock: it asks for another */
      buf_clear (&o->invite);
      sim_after (SECOND, ask_invite, m, 0);
      return;
    }
    clock_sleep_ms (AGAIN_MS);
  }
}

static void
invited (machine_t *m, int exit_code, str_t out)
{
  office_t *o = &offices[m->index];
  if (exit_code != 0 || o->invite.n > 0)
    return;
  buf_put (&o->invite, out.p, out.n);
  machine_on (m);
}

/* Asked again until an answer came: a server that died meanwhile has made an invite nobody holds. */
static void
ask_invite (void *ctx, uint64_t n)
{
  machine_t *m = ctx;
  office_t *o = &offices[m->index];
  (void)n;
  if (o->invite.n > 0)
    return;
  centre_ask (CHANGE_INVITE, (const char *const[]){o->office, "office"}, 2, m, invited);
  sim_after (chance_between (2 * SECOND, 10 * SECOND), ask_invite, m, 0);
}

static machine_t *
add_pc (const char *code, unit_id_t unit, const char *name)
{
  machine_t *m = machine_add (name, run);
  offices[m->index] = (office_t){.office = code, .unit = unit};
  sim_after (chance_between (0, chance_in (600) ? 5 * SECOND : 3 * MINUTE), ask_invite, m, 0);
  return m;
}

void
office_begin (const char *code, unit_id_t unit, bool two_pcs)
{
  machine_t *m = add_pc (code, unit, code);
  if (!two_pcs)
    return;
  char name[16];
  snprintf (name, sizeof name, "%sb", code);
  machine_t *other = add_pc (code, unit, name);
  offices[m->index].twin = other;
  offices[other->index].twin = m;
}

void
offices_end (void)
{
  for (size_t i = 0; i < MACHINES_MAX; i++) {
    buf_free (&offices[i].invite);
    offices[i] = (office_t){.office = NULL};
  }
}
