/* readmission.c - agents of before a restore: let in by the certificate they hold, and confirmed by a person.
 */
#include "collector/ledger/roster_rows.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"

#include <inttypes.h>

err_t
roster_state_put (ledger_t *l, turn_t *t, uint32_t serial, agent_state_t state)
{
  agent_full_t a;
  uint8_t key[4];
  buf_t copy = BUF_INIT;
  (void)l;
  err_t err = agent_root (t->txn, serial, &a);
  if (err != ERR_OK || a.row.state == AGENT_REVOKED || a.row.state == state)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  a.row.state = state;
  agent_encode (&a, &copy);
  err = buf_ok (&copy) ? val_put (t->txn, DB_AGENT, key_u32 (key, a.row.serial), buf_str (&copy)) : ERR_NOMEM;
  buf_free (&copy);
  return err;
}

/* A name that another PC bears by now is told from it by the serial. */
err_t
roster_name_free (ledger_t *l, kv_txn_t *txn, const agent_certificate_t *c, arena_t *arena, str_t *out)
{
  agent_row_t other;
  buf_t b = BUF_INIT;
  *out = c->agent;
  err_t err = roster_agent_by_name (l, txn, c->agent, &other);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  buf_printf (&b, "%.*s.%" PRIu32, STR_ARG (c->agent), c->serial);
  *out = arena_str (arena, buf_str (&b));
  buf_free (&b);
  return out->p != NULL ? ERR_OK : ERR_NOMEM;
}

static err_t
take_invite (ledger_t *l, turn_t *t, record_id_t invite, uint32_t serial)
{
  invite_row_t i;
  err_t err = invite_get (t->txn, invite, &i);
  if (err != ERR_OK || i.state == INVITE_USED)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  i.state = INVITE_USED;
  i.serial = serial;
  return invite_put (l, t->txn, &i);
}

err_t
roster_take_certificate (ledger_t *l, turn_t *t, const signed_t *certificate, record_id_t invite,
                         agent_state_t state, arena_t *arena, agent_certificate_t *out)
{
  uint64_t serial = 0;
  bool away = false;
  agent_full_t a = {.invite = invite, .certificate = *certificate};
  if (!certificate->given ||
      !sign_check (SIGN_AGENT_CERTIFICATE, certificate->body, certificate->signature, &l->keys.centre))
    return ERR_FORGED;
  err_t err = agent_certificate_decode (certificate->body, arena, out);
  if (err != ERR_OK || out->serial == 0 || out->role == ROLE_NONE)
    return err == ERR_NOMEM ? err : ERR_FORGED;
  a.row = (agent_row_t){.serial = out->serial,
                        .curve_key = out->curve_key,
                        .sign_key = out->sign_key,
                        .unit = out->unit,
                        .role = out->role,
                        .state = state,
                        .enrolled = t->now};
  err = out->root != 0 ? rekey_follow (l, t, out, state, arena, &a.row)
                       : roster_name_free (l, t->txn, out, arena, &a.row.name);
  if (err == ERR_OK)
    err = roster_turned_away (t->txn, out->agent, &away);
  if (err == ERR_OK)
    err = agent_put (l, t->txn, &a);
  if (err == ERR_OK && away)
    err = roster_revoke_in (l, t, out->serial, STR_NONE);
  if (err == ERR_OK)
    err = meta_get_u64 (t->txn, DB_META, META_SERIAL, &serial);
  /* Serials of another life of this centre are left where they are: those that follow are given out, too. */
  if ((err == ERR_OK || err == ERR_NOT_FOUND) && serial < out->serial && out->serial - serial < SERIAL_GAP)
    err = meta_put_u64 (t->txn, DB_META, META_SERIAL, out->serial);
  if (err == ERR_OK && !id_is_zero (invite.b, sizeof invite.b))
    err = take_invite (l, t, invite, out->serial);
  return err;
}

/* The certificate of one we do not know, and whose it is; a refusal in *out ends it. */
static err_t
readmit (ledger_t *l, turn_t *t, const msg_present_t *p, const agent_certificate_t *c, arena_t *arena,
         msg_readmitted_t *out, bool *changed)
{
  agent_full_t there;
  agent_certificate_t taken;
  bool away = false;
  decision_t d = {.type = DECISION_ENROLMENT, .u.enrolment.certificate = p->certificate};
  err_t err = agent_get (t->txn, c->serial, &there);
  if (err == ERR_OK) {
    const bool same = agent_has_keys (&there.row, &c->curve_key, &c->sign_key);
    out->refusal = !same                              ? STR ("unknown")
                   : there.row.state == AGENT_REVOKED ? STR ("revoked")
                   : !agent_is_present (&there.row)   ? STR ("replaced")
                                                      : STR_NONE;
    out->admitted = out->refusal.n == 0;
    return ERR_OK;
  }
  if (err != ERR_NOT_FOUND)
    return err;
  err = roster_turned_away (t->txn, c->agent, &away);
  if (err == ERR_OK)
    err =
        roster_take_certificate (l, t, &p->certificate, (record_id_t){{0}}, AGENT_READMITTED, arena, &taken);
  if (err == ERR_OK && !away)
    err = centre_append (l, t, 0, &d, STR_NONE);
  *changed = err == ERR_OK;
  out->admitted = !away;
  out->refusal = away ? STR ("revoked") : STR_NONE;
  return err;
}

err_t
roster_readmit (ledger_t *l, const msg_present_t *p, const hash_t *nonce, wall_t now, msg_readmitted_t *out)
{
  turn_t t;
  agent_certificate_t c;
  bool changed = false;
  arena_t *arena = arena_new (256u << 10);
  *out = (msg_readmitted_t){.refusal = STR ("unknown")};
  if (arena == NULL)
    return ERR_NOMEM;
  err_t err =
      sign_check (SIGN_AGENT_CERTIFICATE, p->certificate.body, p->certificate.signature, &l->keys.centre)
          ? agent_certificate_decode (p->certificate.body, arena, &c)
          : ERR_FORGED;
  if (err == ERR_OK && nonce != NULL &&
      !sign_check (SIGN_PRESENT, (str_t){(const char *)nonce->b, sizeof nonce->b}, p->signature, &c.sign_key))
    err = ERR_FORGED;
  if (err != ERR_OK) { /* not ours, or not his: refused, and nothing is to be written */
    arena_destroy (&arena);
    return err == ERR_NOMEM ? err : ERR_OK;
  }
  err = turn_begin (l, now, &t);
  if (err == ERR_OK) {
    err = readmit (l, &t, p, &c, arena, out, &changed);
    if (err == ERR_OK && !changed)
      turn_abort (l, &t);
    else
      err = turn_end (l, &t, err);
  }
  arena_destroy (&arena);
  return err;
}

err_t
roster_confirm (ledger_t *l, str_t agent_name, str_t reason, str_t person, wall_t now, bool *changed,
                fail_t *fail)
{
  turn_t t;
  agent_row_t found = {0};
  decision_t d = {.type = DECISION_CONFIRMATION};
  *changed = false;
  err_t err = centre_comment_check (reason, fail);
  if (err == ERR_OK)
    err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  err = roster_agent_named (l, t.txn, agent_name, &found, fail);
  if (err == ERR_OK && found.state == AGENT_REVOKED)
    err = fail_set (fail, ERR_INPUT,
                    L ("máy “%.*s” đã bị thu hồi; hãy mời lại bằng giấy mời mới",
                       "agent \"%.*s\" is revoked; invite it anew"),
                    STR_ARG (agent_name));
  if (err == ERR_OK && found.state == AGENT_ENROLLED) {
    turn_abort (l, &t);
    return ERR_OK;
  }
  d.u.confirmation.serial = found.serial;
  d.u.confirmation.reason = reason;
  if (err == ERR_OK)
    err = roster_state_put (l, &t, found.serial, AGENT_ENROLLED);
  if (err == ERR_OK)
    err = centre_append (l, &t, 0, &d, person);
  *changed = err == ERR_OK;
  return ledger_said (fail, turn_end (l, &t, err));
}

err_t
roster_enrolled_before (ledger_t *l, turn_t *t, const signed_t *certificate, record_id_t invite)
{
  agent_full_t there;
  agent_certificate_t c;
  arena_t *arena = arena_new (256u << 10);
  err_t err = arena != NULL ? agent_certificate_decode (certificate->body, arena, &c) : ERR_NOMEM;
  if (err == ERR_OK) {
    err = agent_get (t->txn, c.serial, &there);
    if (err == ERR_OK && there.certificate.body.n == 0)
      err = rekey_fill (l, t, &there, certificate, invite, &c);
    if (err == ERR_OK) /* let in by its certificate meanwhile: now we know it ourselves */
      err = there.row.state == AGENT_READMITTED ? roster_state_put (l, t, c.serial, AGENT_ENROLLED) : ERR_OK;
    else if (err == ERR_NOT_FOUND)
      err = roster_take_certificate (l, t, certificate, invite, AGENT_ENROLLED, arena, &c);
  } else if (err != ERR_NOMEM)
    err = ERR_OK; /* of a later version */
  arena_destroy (&arena);
  return err == ERR_FORGED ? ERR_OK : err;
}
