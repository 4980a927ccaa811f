/* rekey.c - an agent with new keys.
 *
 * It makes them itself and asks by the key it has, which consents by signature; the new ones prove
 * themselves. What it gets is a certificate with a serial of its own. Everything else of an agent - its name,
 * its state, the streams it writes and what the log says of their author - stays under the serial of its
 * first certificate, its number, so nothing of the past is touched: heads of before verify under the serial
 * they name, whose row stays. The row of the first certificate says which keys are the present ones; those of
 * before open nothing any more from the transaction on in which the new ones are known. */
#include "collector/ledger/roster_rows.h"

#include "common/crypto/crypto.h"

static bool
consents (const msg_enrol_t *e, const sign_key_t *key)
{
  buf_t b = BUF_INIT;
  rekey_bytes (&e->curve_key, &e->sign_key, &b);
  const bool ok = buf_ok (&b) && sign_check (SIGN_REKEY, buf_str (&b), e->consent, key);
  buf_free (&b);
  return ok;
}

/* The root's row says which certificate counts; its texts are encoded before they are written over. */
static err_t
point (ledger_t *l, turn_t *t, uint32_t number, uint32_t serial)
{
  agent_full_t root;
  err_t err = agent_get (t->txn, number, &root);
  if (err != ERR_OK || root.row.present >= serial)
    return err;
  root.row.present = serial;
  return agent_put (l, t->txn, &root);
}

static err_t
make (ledger_t *l, turn_t *t, const agent_full_t *before, const msg_enrol_t *e, arena_t *arena,
      msg_enrolled_t *out)
{
  agent_full_t a = {.invite = before->invite};
  decision_t d = {.type = DECISION_ENROLMENT};
  const uint32_t number = agent_row_number (&before->row);
  agent_certificate_t c = {.agent = arena_str (arena, before->row.name),
                           .curve_key = e->curve_key,
                           .sign_key = e->sign_key,
                           .unit = before->row.unit,
                           .role = before->row.role,
                           .replaces = before->row.serial,
                           .root = number};
  if (c.agent.p == NULL)
    return ERR_NOMEM;
  err_t err = roster_next_serial (t, before->row.serial, &c.serial);
  if (err == ERR_OK)
    err = roster_certify (l, &c, arena, &a.certificate);
  if (err != ERR_OK)
    return err;
  a.row = (agent_row_t){.serial = c.serial,
                        .name = c.agent,
                        .curve_key = c.curve_key,
                        .sign_key = c.sign_key,
                        .unit = c.unit,
                        .role = c.role,
                        .state = AGENT_ENROLLED,
                        .enrolled = t->now,
                        .host = e->host,
                        .root = number};
  err = agent_put (l, t->txn, &a);
  if (err == ERR_OK)
    err = point (l, t, number, c.serial);
  d.u.enrolment.certificate = a.certificate;
  if (err == ERR_OK)
    err = centre_append (l, t, 0, &d, STR_NONE);
  return err == ERR_OK ? roster_answer (l, &a.certificate, arena, out) : err;
}

/* The same keys again get the same certificate. */
static err_t
rekey (ledger_t *l, turn_t *t, const curve_key_t *peer, const msg_enrol_t *e, arena_t *arena,
       msg_enrolled_t *out, bool *changed)
{
  agent_row_t asks, other;
  agent_full_t now;
  err_t err = roster_agent_by_key (l, t->txn, peer, &asks);
  if (err != ERR_OK) {
    out->refusal = STR ("unknown");
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  }
  err = agent_root (t->txn, asks.serial, &now);
  if (err == ERR_OK && now.row.present != 0)
    err = agent_get (t->txn, now.row.present, &now);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  if (now.row.state == AGENT_REVOKED) {
    out->refusal = STR ("revoked");
    return ERR_OK;
  }
  if (agent_has_keys (&now.row, &e->curve_key, &e->sign_key) && now.row.root != 0)
    return roster_answer (l, &now.certificate, arena, out);
  if (now.row.serial != asks.serial) {
    out->refusal = STR ("replaced");
    return ERR_OK;
  }
  err = roster_agent_by_key (l, t->txn, &e->curve_key, &other);
  if (err == ERR_OK || !consents (e, &now.row.sign_key)) {
    out->refusal = STR ("unknown");
    return ERR_OK;
  }
  if (err != ERR_NOT_FOUND)
    return err;
  *changed = true;
  return make (l, t, &now, e, arena, out);
}

err_t
roster_rekey (ledger_t *l, const curve_key_t *peer, const msg_enrol_t *e, wall_t now, arena_t *arena,
              msg_enrolled_t *out)
{
  turn_t t;
  bool changed = false;
  *out = (msg_enrolled_t){0};
  if (!roster_proof_fits (e)) {
    out->refusal = STR ("unknown");
    return ERR_OK;
  }
  err_t err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return err;
  err = rekey (l, &t, peer, e, arena, out, &changed);
  if (err == ERR_OK && !changed)
    turn_abort (l, &t);
  else
    err = turn_end (l, &t, err);
  if (err != ERR_OK)
    *out = (msg_enrolled_t){0}; /* a certificate is a promise: only of what is durable */
  return err;
}

/* ---- of before a restore ---- */

/* A row without keys, since nobody has shown us the certificate it is of. */
static err_t
root_make (ledger_t *l, turn_t *t, const agent_certificate_t *c, agent_state_t state, arena_t *arena)
{
  agent_certificate_t first = *c;
  agent_full_t a = {.row = {.serial = c->root,
                            .unit = c->unit,
                            .role = c->role,
                            .state = state,
                            .enrolled = t->now,
                            .present = c->serial}};
  first.serial = c->root;
  err_t err = roster_name_free (l, t->txn, &first, arena, &a.row.name);
  return err == ERR_OK ? agent_put (l, t->txn, &a) : err;
}

err_t
rekey_follow (ledger_t *l, turn_t *t, const agent_certificate_t *c, agent_state_t state, arena_t *arena,
              agent_row_t *row)
{
  agent_full_t root;
  err_t err = agent_get (t->txn, c->root, &root);
  if (err == ERR_NOT_FOUND)
    err = root_make (l, t, c, state, arena);
  else if (err == ERR_OK && root.row.root != 0)
    err = ERR_FORGED;
  else if (err == ERR_OK) {
    err = point (l, t, c->root, c->serial);
    if (err == ERR_OK && state == AGENT_READMITTED)
      err = roster_state_put (l, t, c->root, state);
  }
  if (err == ERR_OK)
    err = agent_get (t->txn, c->root, &root);
  if (err != ERR_OK)
    return err;
  row->root = c->root;
  row->name = arena_str (arena, root.row.name);
  return row->name.p != NULL ? ERR_OK : ERR_NOMEM;
}

err_t
rekey_fill (ledger_t *l, turn_t *t, const agent_full_t *there, const signed_t *certificate,
            record_id_t invite, const agent_certificate_t *c)
{
  agent_full_t a = *there;
  if (!sign_check (SIGN_AGENT_CERTIFICATE, certificate->body, certificate->signature, &l->keys.centre))
    return ERR_FORGED;
  a.row.curve_key = c->curve_key;
  a.row.sign_key = c->sign_key;
  a.certificate = *certificate;
  a.invite = invite;
  return agent_put (l, t->txn, &a);
}
