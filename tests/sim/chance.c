/* chance.c - everything that is not certain comes from one seed: xoshiro256**, and the same for the keys and
 * ids that the programs draw from the library of secrets. */
#include "tests/sim/sim.h"

#include <sodium.h>

typedef struct {
  uint64_t s[4];
} spring_t;

static spring_t fate, secrets;

static uint64_t
rotate (uint64_t x, int k)
{
  return (x << k) | (x >> (64 - k));
}

static uint64_t
next (spring_t *r)
{
  uint64_t *s = r->s, result = rotate (s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate (s[3], 45);
  return result;
}

static void
seed_with (spring_t *r, uint64_t seed)
{
  for (unsigned i = 0; i < 4; i++) { /* splitmix64 */
    uint64_t z = seed += UINT64_C (0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
    r->s[i] = z ^ (z >> 31);
  }
}

void
chance_seed (uint64_t seed)
{
  seed_with (&fate, seed);
  seed_with (&secrets, ~seed);
}

uint64_t
chance (void)
{
  return next (&fate);
}

uint64_t
chance_below (uint64_t n)
{
  return n == 0 ? 0 : next (&fate) % n;
}

int64_t
chance_between (int64_t low, int64_t high)
{
  return low + (int64_t)chance_below ((uint64_t)(high - low) + 1);
}

bool
chance_in (uint32_t permille)
{
  return chance_below (1000) < permille;
}

/* ---- the library of secrets draws from here ---- */

static const char *
name (void)
{
  return "seed";
}

static uint32_t
draw (void)
{
  return (uint32_t)(next (&secrets) >> 32);
}

static void
fill (void *const out, const size_t n)
{
  uint8_t *p = out;
  for (size_t i = 0; i < n; i++)
    p[i] = (uint8_t)(next (&secrets) >> 56);
}

void
chance_install (void)
{
  static struct randombytes_implementation ours = {.implementation_name = name, .random = draw, .buf = fill};
  CHECK (randombytes_set_implementation (&ours) == 0);
}
