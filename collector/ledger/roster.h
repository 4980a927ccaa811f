/* roster.h - who may come in: invites, agents, revocations; and what is known of each agent's state. */
#ifndef KC_COLLECTOR_LEDGER_ROSTER_H
#define KC_COLLECTOR_LEDGER_ROSTER_H

#include "collector/ledger/ledger.h"

typedef enum {
  AGENT_NONE = 0,
  AGENT_ENROLLED,
  AGENT_REVOKED,
  AGENT_READMITTED,
  /* origin.c; as AGENT_READMITTED, until a person confirms */
  AGENT_FORKED,
  AGENT_CLONED,
  AGENT_REINSTALLED
} agent_state_t;

typedef struct {
  uint32_t serial;
  str_t name; /* "549-1": unit code and a count, never reused */
  curve_key_t curve_key;
  sign_key_t sign_key;
  unit_id_t unit;
  role_t role;
  agent_state_t state;
  wall_t enrolled;
  str_t host;
  uint32_t root;    /* the agent's first serial, whose row has its state and name; 0: this is it */
  uint32_t present; /* in the root's: the serial whose keys it has now; 0: its own */
} agent_row_t;
/* The number an agent has whatever its keys: what its streams and log entries are kept under. */
static inline uint32_t
agent_row_number (const agent_row_t *a)
{
  return a->root != 0 ? a->root : a->serial;
}

/* Last known state of an agent, written now and then by serve; not part of the log. */
typedef struct {
  bool online;             /* as of `seen`; a serve that is gone means offline */
  wall_t seen;             /* last contact, collector's clock */
  uint64_t position_lsn;   /* down cursor the agent confirmed */
  uint64_t backlog;        /* updates it said are waiting */
  wall_t oldest_unsent;    /* agent time; 0 = none */
  int64_t clock_offset_ms; /* agent − collector */
  str_t version, last_error;
} contact_t;

typedef enum { INVITE_OPEN = 1, INVITE_USED, INVITE_CANCELLED, INVITE_EXPIRED } invite_state_t;
typedef struct {
  record_id_t id;
  curve_key_t once_public;
  unit_id_t unit;
  role_t role;
  invite_state_t state;
  wall_t expires;
  uint32_t serial; /* agent it became; 0 */
} invite_row_t;

/* Are its keys the ones the agent has now? */
bool agent_is_present (const agent_row_t *a);

typedef err_t (agent_row_fn) (void *ctx, const agent_row_t *a,
                              const contact_t *c); /* c all zero: never seen */
typedef err_t (invite_row_fn) (void *ctx, const invite_row_t *i);
MUST_USE err_t roster_agents (ledger_t *l, kv_txn_t *txn, agent_row_fn *fn, void *ctx);
MUST_USE err_t roster_invites (ledger_t *l, kv_txn_t *txn, wall_t now, invite_row_fn *fn, void *ctx);
MUST_USE err_t roster_agent_by_key (ledger_t *l, kv_txn_t *txn, const curve_key_t *key, agent_row_t *out);
MUST_USE err_t roster_agent_by_name (ledger_t *l, kv_txn_t *txn, str_t name, agent_row_t *out);

/* ---- changes: each is one durable transaction ---- */
/* Makes an invite; text = what join takes. addresses_n may be 0: those of addresses_of_invites are used;
 * without any, ERR_INPUT with words. */
MUST_USE err_t roster_invite (ledger_t *l, unit_id_t unit, role_t role, const str_t *addresses,
                              size_t addresses_n, wall_t now, buf_t *text, fail_t *fail);
MUST_USE err_t roster_invite_cancel (ledger_t *l, str_t id, wall_t now, fail_t *fail);
/* Registration and the death of the invite are one transaction; an enrolment entry goes to the stream
 * for all. The once key is the CURVE key the peer came with. A repeat by the same agent keys gives the
 * same certificate; *out holds it, or a refusal (used, cancelled, expired, unknown), or nothing after an
 * error. Slices in the arena. */
MUST_USE err_t roster_enrol (ledger_t *l, const curve_key_t *once, const msg_enrol_t *e, wall_t now,
                             arena_t *arena, msg_enrolled_t *out);
/* The same for an agent that has made itself new keys (rekey.c); peer: the CURVE key it comes with. */
MUST_USE err_t roster_rekey (ledger_t *l, const curve_key_t *peer, const msg_enrol_t *e, wall_t now,
                             arena_t *arena, msg_enrolled_t *out);
/* An agent that is not in the roster shows its certificate, its key's signature over our nonce with it: it is
 * registered again, by a decision in the stream for all, until a person confirms it. *out: admitted, or a
 * refusal: revoked, unknown. nonce NULL: the caller has seen it prove its key otherwise. */
MUST_USE err_t roster_readmit (ledger_t *l, const msg_present_t *p, const hash_t *nonce, wall_t now,
                               msg_readmitted_t *out);
/* A person has looked at it: it is an agent as any other. *changed false: it was that already. */
MUST_USE err_t roster_confirm (ledger_t *l, str_t agent_name, str_t reason, str_t person, wall_t now,
                               bool *changed, fail_t *fail);
MUST_USE err_t roster_revoke (ledger_t *l, str_t agent_name, str_t reason, wall_t now, fail_t *fail);
MUST_USE err_t roster_catalogue (ledger_t *l, str_t file, str_t person, wall_t now, uint32_t *version,
                                 fail_t *fail);
MUST_USE err_t roster_contact (ledger_t *l, const uint32_t *serials, const contact_t *contacts, size_t n);
MUST_USE err_t roster_bound (ledger_t *l, const str_t *endpoints,
                             size_t n); /* what serve bound: default of invites */

#endif
