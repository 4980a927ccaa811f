/* admission.c - the roster in memory.
 *
 * Revoked keys, and those that were replaced, are left out of the ZAP table, so they cannot come back; a
 * session that stands when the revocation comes is caught here, since each of its messages is looked up
 * again. Keys of used, cancelled and expired invites stay admitted: whoever comes with one is told so in
 * words, and may do nothing else. */
#include "collector/gate/admission.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  char user[ZAP_USER_MAX];
  curve_key_t key;
  admitted_t who;
} entry_t;

struct admission {
  entry_t *at;
  size_t n, cap;
  bool failed;
};

admission_t *
admission_new (void)
{
  return calloc (1, sizeof (admission_t));
}

void
admission_destroy (admission_t **self_p)
{
  if (*self_p == NULL)
    return;
  free ((*self_p)->at);
  free (*self_p);
  *self_p = NULL;
}

static entry_t *
add (admission_t *a)
{
  if (a->n == a->cap) {
    size_t cap = a->cap < 64 ? 64 : a->cap * 2;
    entry_t *p = realloc (a->at, cap * sizeof *p);
    if (p == NULL)
      return NULL;
    a->at = p;
    a->cap = cap;
  }
  a->at[a->n] = (entry_t){.user = ""};
  return &a->at[a->n++];
}

static err_t
take_agent (void *ctx, const agent_row_t *row, const contact_t *c)
{
  entry_t *e = add (ctx);
  (void)c;
  if (e == NULL)
    return ERR_NOMEM;
  snprintf (e->user, sizeof e->user, "a%" PRIu32, row->serial);
  e->key = row->curve_key;
  e->who =
      (admitted_t){.kind = row->state == AGENT_REVOKED || !agent_is_present (row) ? PEER_REVOKED : PEER_AGENT,
                   .serial = agent_row_number (row),
                   .certificate = row->serial,
                   .unit = row->unit,
                   .role = row->role,
                   .curve = row->curve_key,
                   .sign = row->sign_key};
  return ERR_OK;
}

static err_t
take_invite (void *ctx, const invite_row_t *row)
{
  entry_t *e = add (ctx);
  if (e == NULL)
    return ERR_NOMEM;
  e->user[0] = 'i';
  hex_encode (row->id.b, sizeof row->id.b, e->user + 1);
  e->key = row->once_public;
  e->who = (admitted_t){.kind = PEER_INVITE, .unit = row->unit, .role = row->role, .curve = row->once_public};
  return ERR_OK;
}

/* Whoever holds a certificate of ours may show it, and do nothing else. */
static err_t
take_reentry (admission_t *a, const ledger_t *l)
{
  entry_t *e = add (a);
  if (e == NULL)
    return ERR_NOMEM;
  e->user[0] = 'r';
  e->key = ledger_keys (l)->reentry;
  e->who = (admitted_t){.kind = PEER_REENTRY, .curve = e->key};
  return ERR_OK;
}

static int
by_user (const void *a, const void *b)
{
  return strcmp (((const entry_t *)a)->user, ((const entry_t *)b)->user);
}

static err_t
tell_zap (const admission_t *a, zap_t *zap)
{
  size_t n = 0;
  zap_entry_t *keys = calloc (a->n + 1, sizeof *keys);
  if (keys == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < a->n; i++) {
    if (a->at[i].who.kind == PEER_REVOKED)
      continue;
    keys[n].key = a->at[i].key;
    memcpy (keys[n].user, a->at[i].user, sizeof keys[n].user);
    n++;
  }
  bool ok = zap_set (zap, keys, n);
  free (keys);
  return ok ? ERR_OK : ERR_NOMEM;
}

err_t
admission_refresh (admission_t *a, ledger_t *l, zap_t *zap, wall_t now)
{
  kv_txn_t *txn = NULL;
  admission_t fresh = {0};
  err_t err = kv_begin (ledger_kv (l), false, &txn);
  if (err == ERR_OK)
    err = roster_agents (l, txn, take_agent, &fresh);
  if (err == ERR_OK)
    err = roster_invites (l, txn, now, take_invite, &fresh);
  if (err == ERR_OK)
    err = take_reentry (&fresh, l);
  kv_abort (&txn);
  if (err == ERR_OK) {
    if (fresh.n > 0)
      qsort (fresh.at, fresh.n, sizeof *fresh.at, by_user);
    err = tell_zap (&fresh, zap);
  }
  if (err != ERR_OK) {
    free (fresh.at);
    return err;
  }
  free (a->at);
  *a = fresh;
  return ERR_OK;
}

admitted_t
admission_find (const admission_t *a, const char *user)
{
  entry_t wanted = {.user = ""};
  const admitted_t stranger = {.kind = PEER_STRANGER};
  size_t n = strlen (user);
  if (n == 0 || n >= sizeof wanted.user || a->n == 0)
    return stranger;
  memcpy (wanted.user, user, n);
  const entry_t *e = bsearch (&wanted, a->at, a->n, sizeof wanted, by_user);
  return e != NULL ? e->who : stranger;
}
