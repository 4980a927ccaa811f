/* run.c - one seed: a centre, some offices, minutes of trouble, then quiet in which all must arrive. */
#include "tests/sim/run.h"

#define OFFICES_LEAST 2
#define OFFICES_MOST 5
#define TROUBLE_LEAST (3 * MINUTE)
#define TROUBLE_MOST (12 * MINUTE)
#define DRAINED_WITHIN (5 * MINUTE) /* slow retries are half a minute apart */

static const struct {
  const char *code;
  unit_id_t unit;
} units[] = {{"540", 2}, {"542", 3}, {"543", 4}, {"544", 5}, {"545", 6}, {"549", 10}, {"550", 11}};

FILE *sim_out;

static void
drain (void)
{
  int64_t began = sim_now ();
  while (!sim_violated () && !checks_drained (false)) {
    if (sim_now () - began > DRAINED_WITHIN) {
      checks_drained (true);
      return;
    }
    sim_run_until (sim_now () + SECOND);
  }
  sim_run_until (sim_now () + 2 * SECOND);
}

void
run_seed (uint64_t seed, const profile_t *p, bool loud, run_result_t *out)
{
  *out = (run_result_t){0};
  sim_begin (seed, loud);
  unsigned n = (unsigned)chance_between (OFFICES_LEAST, OFFICES_MOST);
  unsigned first = (unsigned)chance_below (sizeof units / sizeof *units);
  bool two_pcs = p->twins > 0 && chance_in (p->twins);
  centre_begin ();
  for (unsigned i = 0; i < n; i++) {
    unsigned k = (first + i) % (unsigned)(sizeof units / sizeof *units);
    office_begin (units[k].code, units[k].unit, i == 0 && two_pcs);
  }
  checks_begin ();
  faults_begin (p);
  workload_begin ();
  sim_run_until (chance_between (TROUBLE_LEAST, TROUBLE_MOST));
  if (!sim_violated ()) {
    workload_end ();
    faults_end ();
    drain ();
  }
  if (!sim_violated ())
    checks_final ();
  out->agent_hours = (double)n * (double)sim_now () / HOUR;
  checks_end (out);
  machines_end ();
  network_end ();
  centre_end ();
  offices_end ();
  fibers_end ();
  sim_end (out);
}
