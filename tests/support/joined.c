#include "tests/support/joined.h"

#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/wire/update_wire.h"

#include <stdio.h>
#include <stdlib.h>

static signed_t
sign_body (fake_centre_t *c, sign_domain_t domain, const buf_t *body, const sign_secret_t *secret)
{
  signed_t s = {.body = arena_str (c->arena, buf_str (body)), .given = true};
  s.signature = sign_make (domain, s.body, secret);
  return s;
}

static bool
make_keys (fake_centre_t *c)
{
  buf_t b = BUF_INIT;
  sign_keys_make (&c->authority, &c->authority_secret);
  sign_keys_make (&c->centre, &c->centre_secret);
  curve_keys_make (&c->curve, &c->curve_secret);
  crypto_random (c->stream.b, sizeof c->stream.b);
  c->hash = chain_start (c->stream, (store_id_t){{0}}, 0, (hash_t){{0}});
  c->epoch = 0x1234567890abcdef;
  centre_certificate_t cert = {.centre_key = c->centre, .curve_key = c->curve, .serial = 1};
  cert.reentry_key = c->curve;
  crypto_random (cert.centre_id.b, sizeof cert.centre_id.b);
  const bool ok = centre_certificate_encode (&cert, &b);
  c->certificate = sign_body (c, SIGN_CENTRE_CERTIFICATE, &b, &c->authority_secret);
  buf_free (&b);
  return ok;
}

fake_centre_t *
fake_centre_new (const char *catalogue_file)
{
  buf_t file = BUF_INIT;
  fail_t fail = {0};
  fake_centre_t *c = calloc (1, sizeof *c);
  if (c == NULL || !crypto_init () || (c->arena = arena_new (64u << 20)) == NULL || !make_keys (c))
    goto failed;
  if (file_read (catalogue_file, CATALOGUE_FILE_MAX, &file, &fail) != ERR_OK)
    goto failed;
  c->catalogue = catalogue_parse (buf_str (&file), 1, &fail);
  buf_free (&file);
  if (c->catalogue != NULL)
    return c;
failed:
  fail_print (&fail, "joined");
  buf_free (&file);
  fake_centre_destroy (&c);
  return NULL;
}

void
fake_centre_destroy (fake_centre_t **self_p)
{
  if (*self_p == NULL)
    return;
  catalogue_destroy (&(*self_p)->catalogue);
  arena_destroy (&(*self_p)->arena);
  free (*self_p);
  *self_p = NULL;
}

invite_t
fake_centre_invite (fake_centre_t *c, const char *unit_code, role_t role)
{
  const unit_t *unit = catalogue_unit_by_code (c->catalogue, str_of (unit_code));
  CHECK (unit != NULL);
  invite_t i = {.addresses = {STR ("tcp://127.0.0.1:1")},
                .addresses_n = 1,
                .server_key = c->curve,
                .authority_key = c->authority,
                .centre_certificate = c->certificate,
                .unit = unit->id,
                .unit_code = unit->code,
                .unit_name = unit->name,
                .role = role};
  crypto_random (i.id.b, sizeof i.id.b);
  curve_keys_make (&i.once_public, &i.once_secret);
  return i;
}

msg_enrolled_t
fake_centre_enrol (fake_centre_t *c, const outbox_t *o, const char *unit_code, role_t role)
{
  buf_t b = BUF_INIT;
  const unit_t *unit = catalogue_unit_by_code (c->catalogue, str_of (unit_code));
  CHECK (unit != NULL);
  const agent_certificate_t cert = {.serial = 7,
                                    .agent = STR ("549-1"),
                                    .curve_key = outbox_identity (o)->curve,
                                    .sign_key = outbox_identity (o)->sign,
                                    .unit = unit->id,
                                    .role = role};
  CHECK (agent_certificate_encode (&cert, &b));
  const msg_enrolled_t e = {.certificate = sign_body (c, SIGN_AGENT_CERTIFICATE, &b, &c->centre_secret),
                            .centre_certificate = c->certificate,
                            .reentry_secret = c->curve_secret};
  buf_free (&b);
  return e;
}

msg_down_t
fake_centre_say (fake_centre_t *c, const decision_t *d)
{
  buf_t decision = BUF_INIT, bytes = BUF_INIT, head = BUF_INIT;
  update_t u = {.version = {c->stream, ++c->seq},
                .home = 1,
                .operation = OP_PUT,
                .person = STR ("trung tâm"),
                .agent_time = {1700000000000},
                .record = {.kind = KIND_DECISION}};
  crypto_random (u.id.b, sizeof u.id.b);
  CHECK (decision_encode (d, &decision));
  u.decision = buf_str (&decision);
  CHECK (update_encode (&u, &bytes));
  centre_entry_t *entry = arena_alloc (c->arena, sizeof *entry);
  signed_head_t *h = arena_alloc (c->arena, sizeof *h);
  CHECK (entry != NULL && h != NULL);
  *entry = (centre_entry_t){++c->lsn, arena_str (c->arena, buf_str (&bytes))};
  c->hash = chain_next (c->hash, entry->update);
  *h = (signed_head_t){.store = c->stream, .seq = c->seq, .hash = c->hash, .given = true};
  head_bytes (h->store, h->seq, h->hash, 0, &head);
  h->signature = sign_make (SIGN_HEAD, buf_str (&head), &c->centre_secret);
  buf_free (&decision);
  buf_free (&bytes);
  buf_free (&head);
  return (msg_down_t){.epoch = c->epoch,
                      .first_lsn = c->lsn,
                      .last_lsn = c->lsn,
                      .centre = entry,
                      .centre_n = 1,
                      .heads = h,
                      .heads_n = 1,
                      .complete = true};
}

err_t
fake_centre_join (fake_centre_t *c, outbox_t *o, const char *unit_code, role_t role, fail_t *fail)
{
  const invite_t invite = fake_centre_invite (c, unit_code, role);
  err_t err = outbox_join_begin (o, &invite, clock_wall (), fail);
  if (err != ERR_OK)
    return err;
  const msg_enrolled_t e = fake_centre_enrol (c, o, unit_code, role);
  err = outbox_join_enrolled (o, &e, fail);
  const decision_t opened = {.type = DECISION_OPENED, .u.opened = {.epoch = c->epoch}};
  const decision_t catalogue = {.type = DECISION_CATALOGUE,
                                .u.catalogue = {1, catalogue_bytes (c->catalogue)}};
  const decision_t *const say[] = {&opened, &catalogue};
  c->seq = c->lsn = 0;
  c->hash = chain_start (c->stream, (store_id_t){{0}}, 0, (hash_t){{0}});
  for (size_t i = 0; i < 2 && err == ERR_OK; i++) {
    const msg_down_t d = fake_centre_say (c, say[i]);
    err = outbox_down (o, &d, clock_wall (), fail);
  }
  return err;
}

err_t
fake_centre_refuse (fake_centre_t *c, outbox_t *o, version_t update, record_id_t id, str_t key, str_t reason,
                    fail_t *fail)
{
  decision_t d = {.type = DECISION_VERDICT};
  d.u.verdict.update = update;
  d.u.verdict.record = id;
  d.u.verdict.verdict = VERDICT_REFUSED;
  d.u.verdict.reason = reason;
  d.u.verdict.key = key;
  d.u.verdict.kind = KIND_SCHEME;
  const msg_down_t down = fake_centre_say (c, &d);
  return outbox_down (o, &down, clock_wall (), fail);
}
