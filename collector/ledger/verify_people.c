/* verify_people.c - users, their tokens, the audit trail: no part of the log, so each must be readable and
 * name only what there is. */
#include "collector/ledger/users.h"
#include "collector/ledger/verify_private.h"

static err_t
check_user (verify_t *v, str_t key, str_t body)
{
  user_t u;
  (void)v;
  return user_decode (key, body, &u) ? ERR_OK : ERR_DAMAGED;
}

static err_t
check_token (verify_t *v, str_t key, str_t body)
{
  str_t name;
  wall_t made;
  user_t u;
  if (key.n != 32 || !token_decode (body, &name, &made))
    return ERR_DAMAGED;
  err_t err = user_get (v->txn, name, &u);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err == ERR_DAMAGED ? ERR_OK : err; /* named where it is */
}

static err_t
check_audit (verify_t *v, str_t key, str_t body)
{
  audit_t a;
  (void)v;
  return audit_decode (key, body, &a) ? ERR_OK : ERR_DAMAGED;
}

static void
name_user (verify_t *v, str_t key)
{
  buf_put (&v->name, key.p, key.n);
}

static void
name_audit (verify_t *v, str_t key)
{
  if (key.n == 8)
    buf_printf (&v->name, "%llu", (unsigned long long)key_read_u64 (key, 0));
}

static void
name_key (verify_t *v, str_t key)
{
  char hex[65];
  hex_encode (key.p, key.n < 32 ? key.n : 32, hex);
  buf_puts (&v->name, hex);
}

err_t
verify_people (verify_t *v)
{
  err_t err = verify_each (v, DB_USER, "user", name_user, check_user);
  if (err == ERR_OK)
    err = verify_each (v, DB_TOKEN, "token", name_key, check_token);
  return err == ERR_OK ? verify_each (v, DB_AUDIT, "audit", name_audit, check_audit) : err;
}
