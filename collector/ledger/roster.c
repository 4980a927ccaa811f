/* roster.c - changes of the roster: invites, enrolments, revocations, what is known of agents.
 */
#include "collector/ledger/addresses.h"
#include "collector/ledger/roster_rows.h"
#include "collector/ledger/rotation.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/text/number.h"

#include <inttypes.h>
#include <stdio.h>

#define INVITE_LIFE_MS (INT64_C (30) * 24 * 3600 * 1000)

/* ---- where serve is ---- */

/* The first contact from `serial` on whose session is noted as open; ERR_END: there is none. */
static err_t
next_online (kv_txn_t *txn, uint32_t *serial, contact_t *out)
{
  uint8_t from[4];
  str_t key, stored, body;
  kv_cursor_t *c = NULL;
  bool found = false;
  err_t err = kv_cursor_open (txn, DB_CONTACT, &c);
  if (err != ERR_OK)
    return err;
  for (err = kv_seek (c, key_u32 (from, *serial), &key, &stored); err == ERR_OK && !found;) {
    rd_t r = rd_of (key.p, key.n);
    *serial = rd_u32 (&r);
    /* a damaged one is verify's to name */
    found = rd_done (&r) && val_open (DB_CONTACT, key, stored, &body) == ERR_OK &&
            contact_decode (body, out) && out->online;
    if (!found)
      err = kv_next (c, &key, &stored);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_END : err;
}

/* A serve that was killed could not note that its sessions were over. */
static err_t
all_offline (kv_txn_t *txn)
{
  uint8_t key[4];
  uint32_t serial = 0;
  contact_t contact;
  buf_t v = BUF_INIT;
  err_t err;
  while ((err = next_online (txn, &serial, &contact)) == ERR_OK) {
    contact.online = false;
    buf_clear (&v);
    contact_encode (&contact, &v);
    err = buf_ok (&v) ? val_put (txn, DB_CONTACT, key_u32 (key, serial), buf_str (&v)) : ERR_NOMEM;
    if (err != ERR_OK)
      break;
  }
  buf_free (&v);
  return err == ERR_END ? ERR_OK : err;
}

err_t
roster_bound (ledger_t *l, const str_t *endpoints, size_t n)
{
  buf_t v = BUF_INIT;
  kv_txn_t *txn = NULL;
  CHECK (n <= ADDRESSES_MAX);
  row_texts (&v, endpoints, n);
  err_t err = buf_ok (&v) ? kv_begin (l->kv, true, &txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = meta_put (txn, DB_META, META_BOUND, buf_str (&v));
  if (err == ERR_OK)
    err = all_offline (txn);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  buf_free (&v);
  return err;
}

/* ---- invites ---- */

/* Where the new key answers, while the key is being changed. */
static err_t
invite_next_key (turn_t *t, arena_t *arena, invite_t *i)
{
  rotation_t r;
  err_t err = rotation_pending (t->txn, arena, &r);
  for (size_t k = 0; err == ERR_OK && k < r.addresses_n; k++)
    if (str_eq (r.addresses[k], i->addresses[0])) {
      curve_public_of (&r.secret, &i->server_key);
      i->centre_certificate = r.certificate;
    }
  crypto_wipe (&r.secret, sizeof r.secret);
  return err;
}

static err_t
invite_fill (ledger_t *l, turn_t *t, const unit_t *unit, role_t role, arena_t *arena, invite_t *i,
             fail_t *fail)
{
  uint8_t random[10];
  if (i->addresses_n == 0) {
    err_t err = addresses_of_invites (t->txn, arena, i->addresses, &i->addresses_n);
    if (err != ERR_OK)
      return err;
  }
  if (i->addresses_n == 0)
    return fail_set (
        fail, ERR_INPUT,
        L ("chưa biết địa chỉ của trung tâm: hãy chạy kc-collector serve một lần, hoặc ghi --address "
           "tcp://TÊN-MÁY:5570",
           "the centre's address is not known yet: run kc-collector serve once, or give --address "
           "tcp://HOST:5570"));
  crypto_random (random, sizeof random);
  i->id = record_id_make (t->now, random);
  i->server_key = l->keys.curve;
  i->authority_key = l->keys.authority;
  i->centre_certificate = l->keys.centre_certificate;
  err_t err = invite_next_key (t, arena, i);
  if (err != ERR_OK)
    return err;
  curve_keys_make (&i->once_public, &i->once_secret);
  i->unit = unit->id;
  i->unit_code = unit->code;
  i->unit_name = unit->name;
  i->role = role;
  i->expires.ms = t->now.ms + INVITE_LIFE_MS;
  return ERR_OK;
}

err_t
roster_invite (ledger_t *l, unit_id_t unit_id, role_t role, const str_t *addresses, size_t addresses_n,
               wall_t now, buf_t *text, fail_t *fail)
{
  invite_t i = {0};
  turn_t t;
  const unit_t *unit = catalogue_unit (l->catalogue, unit_id);
  if (unit == NULL || role == ROLE_NONE || role >= ROLE_COUNT)
    return fail_set (fail, ERR_INPUT, L ("đơn vị hoặc vai trò không có", "no such office or role"));
  if (addresses_check (addresses, addresses_n, fail) != ERR_OK)
    return fail->err;
  for (size_t a = 0; a < addresses_n; a++)
    i.addresses[a] = addresses[a];
  i.addresses_n = addresses_n;
  arena_t *arena = arena_new (64u << 10);
  if (arena == NULL)
    return ledger_said (fail, ERR_NOMEM);
  err_t err = turn_begin (l, now, &t);
  if (err == ERR_OK) {
    err = invite_fill (l, &t, unit, role, arena, &i, fail);
    if (err == ERR_OK) {
      invite_row_t row = {.id = i.id,
                          .once_public = i.once_public,
                          .unit = unit_id,
                          .role = role,
                          .state = INVITE_OPEN,
                          .expires = i.expires};
      err = invite_put (l, t.txn, &row);
    }
    if (err == ERR_OK && !invite_format (&i, text))
      err = ERR_NOMEM;
    err = turn_end (l, &t, err);
  }
  crypto_wipe (&i.once_secret, sizeof i.once_secret);
  arena_destroy (&arena);
  return ledger_said (fail, err);
}

err_t
roster_invite_cancel (ledger_t *l, str_t id_text, wall_t now, fail_t *fail)
{
  record_id_t id;
  invite_row_t row;
  turn_t t;
  if (!record_id_parse (id_text, &id))
    return fail_set (fail, ERR_INPUT,
                     L ("“%.*s” không phải mã của một giấy mời; xem kc-collector invites DIR",
                        "\"%.*s\" is no id of an invite; see kc-collector invites DIR"),
                     STR_ARG (id_text));
  err_t err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  err = invite_get (t.txn, id, &row);
  if (err == ERR_NOT_FOUND)
    fail_set (fail, err, L ("không có giấy mời “%.*s”", "there is no invite \"%.*s\""), STR_ARG (id_text));
  if (err == ERR_OK && row.state == INVITE_USED)
    err = fail_set (fail, ERR_INPUT,
                    L ("giấy mời đã được dùng; hãy thu hồi máy bằng kc-collector revoke",
                       "the invite is used already; revoke the agent with kc-collector revoke"));
  if (err == ERR_OK) {
    row.state = INVITE_CANCELLED;
    err = invite_put (l, t.txn, &row);
  }
  return ledger_said (fail, turn_end (l, &t, err));
}

/* ---- enrolment ---- */

err_t
roster_answer (ledger_t *l, const signed_t *certificate, arena_t *arena, msg_enrolled_t *out)
{
  const signed_t *c = &l->keys.centre_certificate;
  *out = (msg_enrolled_t){
      .certificate = *certificate, .centre_certificate = *c, .reentry_secret = l->keys.reentry_secret};
  out->certificate.body = arena_str (arena, certificate->body);
  out->centre_certificate.body = arena_str (arena, c->body);
  return out->certificate.body.p != NULL && out->centre_certificate.body.p != NULL ? ERR_OK : ERR_NOMEM;
}

bool
roster_proof_fits (const msg_enrol_t *e)
{
  uint8_t bytes[16 + 32];
  memcpy (bytes, e->invite.b, 16);
  memcpy (bytes + 16, e->curve_key.b, 32);
  return sign_check (SIGN_ENROL, (str_t){(const char *)bytes, sizeof bytes}, e->proof, &e->sign_key);
}

typedef struct {
  str_t code;
  uint64_t last;
} naming_t;

static err_t
note_name (void *ctx, const agent_row_t *a, const contact_t *c)
{
  naming_t *n = ctx;
  int64_t number = 0;
  (void)c;
  if (a->name.n > n->code.n && a->name.p[n->code.n] == '-' && memcmp (a->name.p, n->code.p, n->code.n) == 0 &&
      number_parse ((str_t){a->name.p + n->code.n + 1, a->name.n - n->code.n - 1}, NUMBER_PLAIN, 0,
                    &number) == NUMBER_OK &&
      (uint64_t)number > n->last)
    n->last = (uint64_t)number;
  return ERR_OK;
}

/* "549-3". Counted over every name that ever began with the code, whichever unit bore it, so that a name
 * never means two PCs. */
static err_t
agent_name_make (ledger_t *l, kv_txn_t *txn, str_t code, arena_t *arena, str_t *out)
{
  naming_t n = {.code = {code.p, code.n < CATALOGUE_CODE_MAX ? code.n : CATALOGUE_CODE_MAX}};
  char name[CATALOGUE_CODE_MAX + 24];
  err_t err = roster_agents (l, txn, note_name, &n);
  if (err != ERR_OK)
    return err;
  snprintf (name, sizeof name, "%.*s-%" PRIu64, STR_ARG (n.code), n.last + 1);
  *out = arena_str (arena, str_of (name));
  return out->p != NULL ? ERR_OK : ERR_NOMEM;
}

uint64_t
roster_serial_leap (uint64_t from)
{
  uint16_t gaps;
  crypto_random (&gaps, sizeof gaps);
  const uint64_t to = from + (1 + (uint64_t)gaps) * SERIAL_GAP;
  return to < UINT32_MAX - SERIAL_GAP ? to : from;
}

err_t
roster_next_serial (turn_t *t, uint32_t above, uint32_t *out)
{
  uint64_t serial = 0;
  err_t err = meta_get_u64 (t->txn, DB_META, META_SERIAL, &serial);
  if (serial < above) /* of another life, which gave out those that follow it */
    serial = roster_serial_leap (above);
  if (err == ERR_OK || err == ERR_NOT_FOUND)
    err = meta_put_u64 (t->txn, DB_META, META_SERIAL, ++serial);
  *out = (uint32_t)serial;
  return err;
}

err_t
roster_certify (ledger_t *l, const agent_certificate_t *c, arena_t *arena, signed_t *out)
{
  buf_t body = BUF_INIT;
  *out = (signed_t){.given = true};
  if (agent_certificate_encode (c, &body))
    out->body = arena_str (arena, buf_str (&body));
  buf_free (&body);
  if (out->body.p == NULL)
    return ERR_NOMEM;
  out->signature = sign_make (SIGN_AGENT_CERTIFICATE, out->body, &l->keys.centre_secret);
  return ERR_OK;
}

/* Serial, name and certificate of a new agent; slices in the arena. */
static err_t
agent_make (ledger_t *l, turn_t *t, const invite_row_t *i, const msg_enrol_t *e, arena_t *arena,
            agent_full_t *a)
{
  uint32_t serial = 0;
  str_t name = STR_NONE;
  const unit_t *unit = catalogue_unit (l->catalogue, i->unit);
  err_t err = roster_next_serial (t, 0, &serial);
  if (err == ERR_OK)
    err = agent_name_make (l, t->txn, unit != NULL ? unit->code : STR ("unit"), arena, &name);
  if (err != ERR_OK)
    return err;
  *a = (agent_full_t){.invite = e->invite};
  a->row = (agent_row_t){.serial = serial,
                         .name = name,
                         .curve_key = e->curve_key,
                         .sign_key = e->sign_key,
                         .unit = i->unit,
                         .role = i->role,
                         .state = AGENT_ENROLLED,
                         .enrolled = t->now,
                         .host = e->host};
  agent_certificate_t c = {.serial = a->row.serial,
                           .agent = a->row.name,
                           .curve_key = e->curve_key,
                           .sign_key = e->sign_key,
                           .unit = i->unit,
                           .role = i->role};
  return roster_certify (l, &c, arena, &a->certificate);
}

static err_t
enrol_new (ledger_t *l, turn_t *t, invite_row_t *i, const msg_enrol_t *e, arena_t *arena, msg_enrolled_t *out)
{
  agent_full_t a;
  decision_t d = {.type = DECISION_ENROLMENT};
  err_t err = agent_make (l, t, i, e, arena, &a);
  if (err == ERR_OK)
    err = agent_put (l, t->txn, &a);
  if (err != ERR_OK)
    return err;
  i->state = INVITE_USED;
  i->serial = a.row.serial;
  err = invite_put (l, t->txn, i);
  d.u.enrolment.certificate = a.certificate;
  d.u.enrolment.invite = i->id;
  if (err == ERR_OK)
    err = centre_append (l, t, 0, &d, STR_NONE);
  if (err == ERR_OK)
    err = roster_answer (l, &a.certificate, arena, out);
  return err;
}

/* Does this peer get the certificate its invite became? Also a viewer of its own past answer. */
static err_t
enrol_again (ledger_t *l, kv_txn_t *txn, const invite_row_t *i, const curve_key_t *peer, const msg_enrol_t *e,
             arena_t *arena, msg_enrolled_t *out)
{
  agent_full_t a;
  err_t err = agent_get (txn, i->serial, &a);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  bool same = agent_has_keys (&a.row, &e->curve_key, &e->sign_key) &&
              (curve_key_eq (*peer, i->once_public) || curve_key_eq (*peer, a.row.curve_key));
  if (!same) {
    out->refusal = STR ("used");
    return ERR_OK;
  }
  if (a.row.state == AGENT_REVOKED) {
    out->refusal = STR ("cancelled");
    return ERR_OK;
  }
  return roster_answer (l, &a.certificate, arena, out);
}

err_t
roster_enrol (ledger_t *l, const curve_key_t *once, const msg_enrol_t *e, wall_t now, arena_t *arena,
              msg_enrolled_t *out)
{
  turn_t t;
  invite_row_t i;
  agent_row_t other;
  bool changed = false;
  *out = (msg_enrolled_t){0};
  if (!roster_proof_fits (e)) {
    out->refusal = STR ("unknown");
    return ERR_OK;
  }
  err_t err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return err;
  err = invite_get (t.txn, e->invite, &i);
  if (err == ERR_NOT_FOUND) {
    out->refusal = STR ("unknown");
    err = ERR_OK;
  } else if (err == ERR_OK && i.state == INVITE_USED) {
    err = enrol_again (l, t.txn, &i, once, e, arena, out);
  } else if (err == ERR_OK && !curve_key_eq (*once, i.once_public)) {
    out->refusal = STR ("unknown");
  } else if (err == ERR_OK && i.state == INVITE_CANCELLED) {
    out->refusal = STR ("cancelled");
  } else if (err == ERR_OK && i.expires.ms <= t.now.ms) {
    out->refusal = STR ("expired");
  } else if (err == ERR_OK) {
    err = roster_agent_by_key (l, t.txn, &e->curve_key, &other);
    if (err == ERR_OK) {
      out->refusal = STR ("used");
    } else if (err == ERR_NOT_FOUND) {
      changed = true;
      err = enrol_new (l, &t, &i, e, arena, out);
    }
  }
  if (err == ERR_OK && !changed) {
    turn_abort (l, &t);
    return ERR_OK;
  }
  err = turn_end (l, &t, err);
  if (err != ERR_OK)
    *out = (msg_enrolled_t){0}; /* a certificate is a promise: only of what is durable */
  return err;
}

/* ---- revocation, contacts ---- */

err_t
roster_revoke_in (ledger_t *l, turn_t *t, uint32_t serial, str_t reason)
{
  agent_full_t a;
  uint8_t key[4];
  decision_t d = {.type = DECISION_REVOCATION, .u.revocation = {.serial = serial, .reason = reason}};
  buf_t copy = BUF_INIT;
  err_t err = agent_root (t->txn, serial, &a);
  if (err == ERR_OK && a.row.state == AGENT_REVOKED)
    return ERR_OK;
  if (err == ERR_OK) {
    serial = d.u.revocation.serial = a.row.serial;
    /* encoded first: the row's text lies in the value about to be replaced */
    a.row.state = AGENT_REVOKED;
    agent_encode (&a, &copy);
    err = buf_ok (&copy) ? val_put (t->txn, DB_AGENT, key_u32 (key, serial), buf_str (&copy)) : ERR_NOMEM;
  }
  if (err == ERR_OK)
    err = centre_append (l, t, 0, &d, STR_NONE);
  buf_free (&copy);
  return err;
}

err_t
roster_agent_named (ledger_t *l, kv_txn_t *txn, str_t name, agent_row_t *out, fail_t *fail)
{
  err_t err = roster_agent_by_name (l, txn, name, out);
  if (err == ERR_NOT_FOUND)
    fail_set (fail, err,
              L ("không có máy “%.*s”; xem kc-collector agents DIR",
                 "there is no agent \"%.*s\"; see kc-collector agents DIR"),
              STR_ARG (name));
  return err;
}

err_t
roster_revoke (ledger_t *l, str_t agent_name, str_t reason, wall_t now, fail_t *fail)
{
  turn_t t;
  agent_row_t found = {0};
  err_t err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  err = roster_agent_named (l, t.txn, agent_name, &found, fail);
  if (err == ERR_OK && found.state == AGENT_REVOKED) {
    turn_abort (l, &t);
    return ERR_OK;
  }
  if (err == ERR_OK)
    err = roster_revoke_in (l, &t, found.serial, reason);
  return ledger_said (fail, turn_end (l, &t, err));
}

err_t
roster_contact (ledger_t *l, const uint32_t *serials, const contact_t *contacts, size_t n)
{
  kv_txn_t *txn = NULL;
  buf_t v = BUF_INIT;
  err_t err = kv_begin (l->kv, true, &txn);
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    uint8_t key[4];
    buf_clear (&v);
    contact_encode (&contacts[i], &v);
    err = buf_ok (&v) ? val_put (txn, DB_CONTACT, key_u32 (key, serials[i]), buf_str (&v)) : ERR_NOMEM;
  }
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  buf_free (&v);
  return err;
}
