#include "collector/web/logins.h"

#include "common/crypto/crypto.h"

#include <stdlib.h>

#define ATTEMPTS_MAX 2048u
#define WINDOW_MS (INT64_C (15) * 60 * 1000)
/* Failures within the window: a clerk mistypes, a program guesses; and behind a proxy all have one address.
 */
#define FAILURES_OF_PAIR 10u
#define FAILURES_OF_ADDRESS 60u
#define FAILURES_OF_NAME 100u

typedef struct {
  hash_t who; /* zeros: free */
  unsigned failures;
  mono_t since;
} attempt_t;

struct logins {
  login_t at[LOGINS_MAX];
  attempt_t attempts[ATTEMPTS_MAX];
};

logins_t *
logins_new (void)
{
  return calloc (1, sizeof (logins_t));
}

void
logins_destroy (logins_t **self_p)
{
  if (*self_p != NULL)
    crypto_wipe (*self_p, sizeof **self_p);
  free (*self_p);
  *self_p = NULL;
}

static bool
over (const login_t *l, mono_t now)
{
  return now.ms - l->seen.ms > LOGIN_IDLE_MS || now.ms - l->since.ms > LOGIN_LONGEST_MS;
}

const login_t *
logins_add (logins_t *self, str_t name, uint64_t revision, mono_t now, char secret[SECRET_TEXT_MAX])
{
  login_t *place = &self->at[0];
  for (size_t i = 0; i < LOGINS_MAX && place->taken; i++)
    if (!self->at[i].taken || over (&self->at[i], now) || self->at[i].seen.ms < place->seen.ms)
      place = &self->at[i];
  CHECK (name.n <= USER_NAME_MAX);
  *place = (login_t){.revision = revision, .since = now, .seen = now, .taken = true};
  memcpy (place->name, name.p, name.n);
  secret_make (secret);
  secret_make (place->form_key);
  place->secret = secret_hash (str_of (secret));
  return place;
}

const login_t *
logins_find (logins_t *self, str_t secret, mono_t now)
{
  if (secret.n != SECRET_TEXT_MAX - 1)
    return NULL;
  hash_t hash = secret_hash (secret);
  for (size_t i = 0; i < LOGINS_MAX; i++) {
    login_t *l = &self->at[i];
    if (!l->taken || !hash_eq (l->secret, hash))
      continue;
    if (over (l, now)) {
      *l = (login_t){.taken = false};
      return NULL;
    }
    l->seen = now;
    return l;
  }
  return NULL;
}

void
logins_remove (logins_t *self, const login_t *login)
{
  size_t i = (size_t)(login - self->at);
  CHECK (i < LOGINS_MAX);
  self->at[i] = (login_t){.taken = false};
}

/* ---- attempts ---- */

/* What failures are counted against: 0 the two together, 1 the address, 2 the name. */
static hash_t
key_of (int what, str_t name, str_t address)
{
  buf_t text = BUF_INIT;
  buf_printf (&text, "%d\n%.*s\n%.*s", what, what == 1 ? 0 : (int)name.n, name.p,
              what == 2 ? 0 : (int)address.n, address.p);
  hash_t h = hash_of (buf_str (&text));
  buf_free (&text);
  return h;
}

static attempt_t *
find (logins_t *self, hash_t who, mono_t now)
{
  for (size_t i = 0; i < ATTEMPTS_MAX; i++)
    if (self->attempts[i].failures > 0 && hash_eq (self->attempts[i].who, who))
      return now.ms - self->attempts[i].since.ms <= WINDOW_MS ? &self->attempts[i] : NULL;
  return NULL;
}

bool
attempts_allowed (logins_t *self, str_t name, str_t address, mono_t now, unsigned *wait_s)
{
  static const unsigned limit[] = {FAILURES_OF_PAIR, FAILURES_OF_ADDRESS, FAILURES_OF_NAME};
  *wait_s = 0;
  for (int what = 0; what < 3; what++) {
    const attempt_t *a = find (self, key_of (what, name, address), now);
    if (a == NULL || a->failures < limit[what])
      continue;
    unsigned left = (unsigned)((WINDOW_MS - (now.ms - a->since.ms)) / 1000) + 1;
    *wait_s = left > *wait_s ? left : *wait_s;
  }
  return *wait_s == 0;
}

void
attempts_failed (logins_t *self, str_t name, str_t address, mono_t now)
{
  for (int what = 0; what < 3; what++) {
    hash_t who = key_of (what, name, address);
    attempt_t *a = find (self, who, now);
    if (a == NULL) {
      a = &self->attempts[0];
      for (size_t i = 0; i < ATTEMPTS_MAX; i++) {
        attempt_t *other = &self->attempts[i];
        if (other->failures == 0 || hash_eq (other->who, who)) {
          a = other;
          break;
        }
        if (other->since.ms < a->since.ms)
          a = other;
      }
      *a = (attempt_t){.who = who, .since = now};
    }
    a->failures++;
  }
}

void
attempts_forgive (logins_t *self, str_t name, str_t address)
{
  hash_t who = key_of (0, name, address);
  for (size_t i = 0; i < ATTEMPTS_MAX; i++)
    if (hash_eq (self->attempts[i].who, who))
      self->attempts[i] = (attempt_t){.failures = 0};
}
