/* logins.h - who is logged in, and how often somebody may try. In memory: a new start asks everybody anew.
 *
 * A login is a secret in a cookie, of which only the hash is kept, and a second secret, the form's key, that
 * a page of ours knows and a page of others cannot: without it a cookie alone changes nothing. Pure but for
 * the secrets themselves; the time is passed in. */
#ifndef KC_COLLECTOR_WEB_LOGINS_H
#define KC_COLLECTOR_WEB_LOGINS_H

#include "collector/ledger/users.h"

#define LOGINS_MAX 512u
#define LOGIN_IDLE_MS (INT64_C (12) * 3600 * 1000)
#define LOGIN_LONGEST_MS (INT64_C (7) * 24 * 3600 * 1000)

typedef struct {
  hash_t secret;
  char form_key[SECRET_TEXT_MAX];
  char name[USER_NAME_MAX + 1];
  uint64_t revision; /* of the user's row when they came in */
  mono_t since, seen;
  bool taken;
} login_t;

typedef struct logins logins_t;
logins_t *logins_new (void);
void logins_destroy (logins_t **self_p);
/* Lets a user in; when all places are taken, who was quiet longest goes. The secret is for the cookie. */
const login_t *logins_add (logins_t *self, str_t name, uint64_t revision, mono_t now,
                           char secret[SECRET_TEXT_MAX]);
/* Whose cookie it is; NULL: nobody's, or too long ago. Notes that they were seen. */
const login_t *logins_find (logins_t *self, str_t secret, mono_t now);
void logins_remove (logins_t *self, const login_t *login);

/* ---- attempts ---- */
/* May a password be tried for the name from the address? Each failure counts against the name at the address,
 * the address and the name for a quarter of an hour. Otherwise *wait_s says how long not. */
MUST_USE bool attempts_allowed (logins_t *self, str_t name, str_t address, mono_t now, unsigned *wait_s);
void attempts_failed (logins_t *self, str_t name, str_t address, mono_t now);
/* A login wipes what the name had at the address. */
void attempts_forgive (logins_t *self, str_t name, str_t address);

#endif
