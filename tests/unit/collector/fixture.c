#include "tests/unit/collector/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"
#include "tests/unit/core/small_catalogue.h"

#define NOW_MS INT64_C (1764000000000)
#define NOW ((wall_t){NOW_MS})

wall_t fixture_now = {NOW_MS};

ledger_t *
fixture_ledger_of (str_t catalogue)
{
  kv_t *kv = NULL;
  ledger_t *l = NULL;
  sign_secret_t authority;
  kv_options_t o = ledger_kv_options ();
  fail_t fail = {0};
  assert_true (crypto_init ());
  o.create = true;
  assert_int_equal (kv_open_mem (&o, &kv), ERR_OK);
  assert_int_equal (ledger_init_kv (kv, catalogue, NOW, &authority, &fail), ERR_OK);
  assert_int_equal (ledger_open_kv (&kv, &l, &fail), ERR_OK);
  return l;
}

ledger_t *
fixture_ledger (void)
{
  return fixture_ledger_of (STR (SMALL_CATALOGUE));
}

void
peer_open (peer_t *p, ledger_t *l, unit_id_t unit, role_t role)
{
  memset (p, 0, sizeof *p);
  p->unit = unit;
  p->role = role;
  crypto_random (p->store.b, sizeof p->store.b);
  sign_keys_make (&p->sign, &p->secret);
  curve_keys_make (&p->curve, &p->curve_secret);
  p->chain[0] = chain_start (p->store, (store_id_t){{0}}, 0, (hash_t){{0}});

  arena_t *arena = arena_new (1u << 20);
  buf_t text = BUF_INIT;
  invite_t invite;
  agent_certificate_t certificate;
  msg_enrolled_t answer;
  str_t address = STR ("tcp://127.0.0.1:5570");
  fail_t fail = {0};
  assert_int_equal (roster_invite (l, unit, role, &address, 1, NOW, &text, &fail), ERR_OK);
  assert_int_equal (invite_parse (buf_str (&text), arena, &invite), ERR_OK);
  msg_enrol_t e = {.invite = invite.id, .curve_key = p->curve, .sign_key = p->sign, .host = STR ("pc")};
  uint8_t proof[48];
  memcpy (proof, e.invite.b, 16);
  memcpy (proof + 16, e.curve_key.b, 32);
  e.proof = sign_make (SIGN_ENROL, (str_t){(const char *)proof, sizeof proof}, &p->secret);
  assert_int_equal (roster_enrol (l, &invite.once_public, &e, NOW, arena, &answer), ERR_OK);
  assert_true (str_blank (answer.refusal));
  assert_int_equal (agent_certificate_decode (answer.certificate.body, arena, &certificate), ERR_OK);
  p->serial = certificate.serial;
  buf_free (&text);
  arena_destroy (&arena);
}

void
peer_close (peer_t *p)
{
  for (uint64_t i = 0; i < p->seq; i++)
    buf_free (&p->bytes[i]);
}

void
peer_fork (const peer_t *from, uint64_t seq, peer_t *child)
{
  *child = (peer_t){.serial = from->serial,
                    .unit = from->unit,
                    .role = from->role,
                    .curve = from->curve,
                    .curve_secret = from->curve_secret,
                    .sign = from->sign,
                    .secret = from->secret,
                    .origin = {from->store, seq, from->chain[seq]}};
  crypto_random (child->store.b, sizeof child->store.b);
  child->chain[0] = chain_start (child->store, from->store, seq, from->chain[seq]);
}

uint64_t
peer_add_raw (peer_t *p, str_t bytes)
{
  assert_true (p->seq < PEER_UPDATES_MAX);
  buf_put (&p->bytes[p->seq], bytes.p, bytes.n);
  p->chain[p->seq + 1] = chain_next (p->chain[p->seq], bytes);
  return ++p->seq;
}

uint64_t
peer_add (peer_t *p, update_t *u)
{
  buf_t bytes = BUF_INIT;
  u->version = (version_t){p->store, p->seq + 1};
  assert_true (update_encode (u, &bytes));
  uint64_t seq = peer_add_raw (p, buf_str (&bytes));
  buf_free (&bytes);
  return seq;
}

sent_t
peer_send_meddled (peer_t *p, ledger_t *l, uint64_t first, uint64_t last, meddle_fn *meddle)
{
  size_t n = (size_t)(last - first + 1);
  sent_t sent = {0};
  arena_t *arena = arena_new ((size_t)64 << 20);
  str_t *bytes = calloc (n, sizeof *bytes);
  decoded_t *d = calloc (n, sizeof *d);
  hash_t *chain = calloc (n, sizeof *chain);
  buf_t head = BUF_INIT;
  for (size_t i = 0; i < n; i++) {
    bytes[i] = buf_str (&p->bytes[first - 1 + i]);
    d[i].err = update_decode (bytes[i], arena, &d[i].update, &d[i].why);
  }
  msg_chunk_t c = {
      .store = p->store,
      .first_seq = first,
      .previous_hash = p->chain[first - 1],
      .updates = bytes,
      .updates_n = n,
      .head = {.store = p->store, .seq = last, .hash = p->chain[last], .serial = p->serial, .given = true}};
  head_bytes (c.head.store, c.head.seq, c.head.hash, c.head.serial, &head);
  c.head.signature = sign_make (SIGN_HEAD, buf_str (&head), &p->secret);
  if (meddle != NULL)
    meddle (&c, d);
  sent.item = (ingest_t){.serial = p->serial, .office = p->unit, .role = p->role, .chunk = &c, .updates = d};
  sent.item.acked_before = p->acked_before;
  sent.item.origin = p->origin;
  sent.item.patient = p->patient;
  if (p->prove_with != NULL)
    ledger_prove (&c, p->prove_with, chain, &sent.item.proof);
  sent.err = ledger_ingest (l, &sent.item, 1, fixture_now, &sent.report);
  buf_free (&head);
  free (chain);
  free (bytes);
  free (d);
  arena_destroy (&arena);
  return sent;
}

sent_t
peer_send (peer_t *p, ledger_t *l, uint64_t first, uint64_t last)
{
  return peer_send_meddled (p, l, first, last, NULL);
}

update_t
scheme_update (unit_id_t home, unsigned n, status_t status, int64_t support_vnd, version_t base)
{
  static char code[8][16];
  static unsigned slot;
  char *text = code[slot++ % 8];
  update_t u;
  memset (&u, 0, sizeof u);
  snprintf (text, sizeof code[0], "SCHEME-%u", n % 10000000);
  memset (u.id.b, 0, sizeof u.id.b);
  memcpy (u.id.b, &n, sizeof n);
  u.id.b[15] = 1;
  u.home = home;
  u.operation = OP_PUT;
  u.base = base;
  u.person = STR ("Nguyễn Văn A");
  u.comment = STR ("lý do");
  u.record.kind = KIND_SCHEME;
  scheme_t *s = &u.record.u.scheme;
  s->code = str_of (text);
  s->name = STR ("Hỗ trợ máy móc");
  s->district = home;
  s->plan_year = (span_t){2019, 2019};
  s->item = STR ("I.1");
  s->status = status;
  s->funding_n = 1;
  s->funding[0].source = 2;
  s->funding[0].planned_vnd = (opt_i64_t){true, support_vnd};
  if (status_approved_or_later (status))
    s->funding[0].approved_vnd = (opt_i64_t){true, support_vnd};
  if (status == STATUS_SETTLED)
    s->funding[0].settled_vnd = (opt_i64_t){true, support_vnd};
  return u;
}

const char *
verdict_of (ledger_t *l, const peer_t *p, uint64_t seq)
{
  static char text[64];
  kv_txn_t *txn = NULL;
  uint64_t lsn;
  log_entry_t e;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  assert_int_equal (ledger_version_lsn (l, txn, (version_t){p->store, seq}, &lsn), ERR_OK);
  assert_int_equal (ledger_log_get (l, txn, lsn, &e), ERR_OK);
  snprintf (text, sizeof text, "%.*s", STR_ARG (e.reason));
  if (e.verdict != VERDICT_REFUSED && e.verdict != VERDICT_ACCEPTED)
    snprintf (text, sizeof text, "%s", verdict_name (e.verdict));
  else
    assert_int_equal (e.verdict, text[0] != '\0' ? VERDICT_REFUSED : VERDICT_ACCEPTED);
  kv_abort (&txn);
  return text;
}

uint64_t
cursor_of (ledger_t *l, store_id_t s)
{
  kv_txn_t *txn = NULL;
  uint64_t cursor;
  hash_t hash;
  uint32_t owner;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  err_t err = ledger_cursor (l, txn, s, &cursor, &hash, &owner);
  assert_true (err == ERR_OK || err == ERR_NOT_FOUND);
  kv_abort (&txn);
  return cursor;
}

kv_txn_t *
fixture_reading (ledger_t *l)
{
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  return txn;
}

static void
note_finding (void *ctx, const char *thing, str_t name, const char *what)
{
  buf_printf (ctx, "%s|%.*s|%s\n", thing, STR_ARG (name), what);
}

uint64_t
fixture_verify (ledger_t *l, buf_t *things)
{
  verify_counts_t n;
  buf_clear (things);
  assert_int_equal (verify_run (l, note_finding, NULL, things, &n), ERR_OK);
  return n.findings;
}

void
fixture_all_is_right (ledger_t *l)
{
  buf_t things = BUF_INIT;
  if (fixture_verify (l, &things) != 0)
    fail_msg ("%s", buf_z (&things));
  buf_free (&things);
}
