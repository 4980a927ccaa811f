/* run.h - one whole run of the world. */
#ifndef KC_TESTS_SIM_RUN_H
#define KC_TESTS_SIM_RUN_H

#include "tests/sim/sim.h"

/* Leaves nothing behind, so that runs may follow each other in one process. */
void run_seed (uint64_t seed, const profile_t *p, bool loud, run_result_t *out);

#endif
