/* test_roster.c - an invite lets one PC in, once; what a mended refusal leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/ledger/addresses.h"
#include "collector/ledger/rotation.h"
#include "collector/ledger/state.h"
#include "collector/ledger/trace.h"
#include "common/crypto/crypto.h"
#include "tests/unit/collector/fixture.h"
#include "tests/unit/core/small_catalogue.h"

#define AN_NHON 10u
#define NOW ((wall_t){INT64_C (1764000000000)})
#define DAY_MS (INT64_C (24) * 3600 * 1000)

typedef struct {
  ledger_t *l;
  arena_t *arena;
  invite_t invite;
  msg_enrol_t enrol;
  sign_secret_t secret;
} world_t;

static void
sign_proof (world_t *w)
{
  uint8_t proof[48];
  memcpy (proof, w->enrol.invite.b, 16);
  memcpy (proof + 16, w->enrol.curve_key.b, 32);
  w->enrol.proof = sign_make (SIGN_ENROL, (str_t){(const char *)proof, sizeof proof}, &w->secret);
}

static void
new_keys (world_t *w)
{
  curve_key_t secret;
  sign_keys_make (&w->enrol.sign_key, &w->secret);
  curve_keys_make (&w->enrol.curve_key, &secret);
  sign_proof (w);
}

static int
set_up (void **state)
{
  world_t *w = calloc (1, sizeof *w);
  buf_t text = BUF_INIT;
  str_t address = STR ("tcp://127.0.0.1:5570");
  w->l = fixture_ledger ();
  w->arena = arena_new (1u << 20);
  assert_int_equal (roster_invite (w->l, AN_NHON, ROLE_OFFICE, &address, 1, NOW, &text, NULL), ERR_OK);
  assert_int_equal (invite_parse (buf_str (&text), w->arena, &w->invite), ERR_OK);
  buf_free (&text);
  w->enrol.invite = w->invite.id;
  new_keys (w);
  *state = w;
  return 0;
}

static int
tear_down (void **state)
{
  world_t *w = *state;
  ledger_close (&w->l);
  arena_destroy (&w->arena);
  free (w);
  return 0;
}

/* Refusal of an attempt, "" when let in. */
static str_t
attempt (world_t *w, const curve_key_t *key, int64_t after_ms, msg_enrolled_t *answer)
{
  assert_int_equal (roster_enrol (w->l, key, &w->enrol, (wall_t){NOW.ms + after_ms}, w->arena, answer),
                    ERR_OK);
  assert_int_equal (answer->certificate.given, str_blank (answer->refusal));
  return str_blank (answer->refusal) ? STR ("") : answer->refusal;
}

static void
test_once (void **state)
{
  world_t *w = *state;
  msg_enrolled_t first, again;
  agent_certificate_t c;
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &first), ""));
  assert_int_equal (agent_certificate_decode (first.certificate.body, w->arena, &c), ERR_OK);
  assert_true (str_is (c.agent, "549-1") && c.unit == AN_NHON && c.role == ROLE_OFFICE);
  assert_true (sign_check (SIGN_AGENT_CERTIFICATE, first.certificate.body, first.certificate.signature,
                           &ledger_keys (w->l)->centre));
  curve_key_t reentry; /* what PRESENT will come in with */
  curve_public_of (&first.reentry_secret, &reentry);
  assert_true (curve_key_eq (reentry, ledger_keys (w->l)->reentry));
  /* the same PC again, by either key: the same certificate, however late */
  assert_true (str_is (attempt (w, &w->invite.once_public, 99 * DAY_MS, &again), ""));
  assert_true (str_eq (again.certificate.body, first.certificate.body));
  assert_true (str_is (attempt (w, &w->enrol.curve_key, 0, &again), ""));
  assert_true (str_eq (again.certificate.body, first.certificate.body));
  new_keys (w);
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &again), "used"));
  assert_true (id_is_zero (again.reentry_secret.b, sizeof again.reentry_secret.b));
}

static void
test_refused (void **state)
{
  world_t *w = *state;
  msg_enrolled_t answer;
  char id[37];
  curve_key_t other = w->enrol.curve_key;
  assert_true (str_is (attempt (w, &other, 0, &answer), "unknown")); /* not the invite's key */
  w->enrol.proof.b[0] ^= 1;
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &answer), "unknown"));
  sign_proof (w);
  w->enrol.invite.b[5] ^= 1;
  sign_proof (w);
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &answer), "unknown"));
  w->enrol.invite.b[5] ^= 1;
  sign_proof (w);
  assert_true (str_is (attempt (w, &w->invite.once_public, 31 * DAY_MS, &answer), "expired"));
  record_id_format (w->invite.id, id);
  assert_int_equal (roster_invite_cancel (w->l, str_of (id), NOW, NULL), ERR_OK);
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &answer), "cancelled"));
}

/* ---- refusals that were mended ---- */

static err_t
count (void *ctx, const trace_version_t *v)
{
  (void)v;
  ++*(unsigned *)ctx;
  return ERR_OK;
}

static unsigned
refused_now (ledger_t *l)
{
  kv_txn_t *txn = NULL;
  unsigned n = 0;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  assert_int_equal (trace_refused (l, txn, count, &n), ERR_OK);
  kv_abort (&txn);
  return n;
}

static void
test_mended (void **state)
{
  static peer_t a;
  world_t *w = *state;
  peer_open (&a, w->l, AN_NHON, ROLE_OFFICE);
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 1000, (version_t){{{0}}, 0});
  str_t item = u.record.u.scheme.item;
  u.record.u.scheme.item = STR ("X.9");
  peer_add (&a, &u);
  u.base = u.version;
  peer_add (&a, &u);
  assert_int_equal (peer_send (&a, w->l, 1, 2).item.refused, 2);
  assert_int_equal (refused_now (w->l), 2);
  u.base = u.version;
  u.record.u.scheme.item = item;
  peer_add (&a, &u);
  assert_int_equal (peer_send (&a, w->l, 3, 3).item.accepted, 1);
  assert_int_equal (refused_now (w->l), 0);
  peer_close (&a);
}

static err_t
count_expired (void *ctx, const invite_row_t *i)
{
  *(unsigned *)ctx += i->state == INVITE_EXPIRED;
  return ERR_OK;
}

/* Neither the list nor the door goes by a clock that stands behind the log. */
static void
test_clock_set_back (void **state)
{
  world_t *w = *state;
  buf_t text = BUF_INIT;
  str_t address = STR ("tcp://127.0.0.1:5570");
  msg_enrolled_t answer;
  kv_txn_t *txn = NULL;
  unsigned expired = 0;
  wall_t later = {NOW.ms + 31 * DAY_MS};
  assert_int_equal (roster_invite (w->l, AN_NHON, ROLE_OFFICE, &address, 1, later, &text, NULL), ERR_OK);
  buf_free (&text);
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &answer), "expired"));
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  assert_int_equal (roster_invites (w->l, txn, NOW, count_expired, &expired), ERR_OK);
  kv_abort (&txn);
  assert_int_equal (expired, 1);
}

/* The code 549 passes to another unit: its PCs are counted on, so that revoking one means one. */
static void
test_code_passes_on (void **state)
{
  static const char after[] =
      SMALL_META "[units]\nid,code,name,type,parent,province,valid_from,valid_to\n"
                 "1,52,Trung tâm,tỉnh,,yes,,\n4,543,Hoài Nhơn,thị xã,1,no,,\n"
                 "10,549,An Nhơn,thị xã,1,no,,2025-06-30\n"
                 "20,549,An Nhơn,phường,1,no,2025-07-01,\n" SMALL_SOURCES SMALL_CATEGORIES SMALL_ITEMS
                     SMALL_INDICATORS SMALL_COLUMNS;
  world_t *w = *state;
  msg_enrolled_t answer;
  agent_certificate_t c;
  agent_row_t found;
  kv_txn_t *txn = NULL;
  buf_t text = BUF_INIT;
  str_t address = STR ("tcp://127.0.0.1:5570");
  uint32_t version = 0;
  fail_t fail = {0};
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &answer), ""));
  assert_int_equal (roster_catalogue (w->l, STR (after), STR ("Lan"), NOW, &version, &fail), ERR_OK);
  assert_int_equal (roster_invite (w->l, 20, ROLE_OFFICE, &address, 1, NOW, &text, NULL), ERR_OK);
  assert_int_equal (invite_parse (buf_str (&text), w->arena, &w->invite), ERR_OK);
  buf_free (&text);
  w->enrol.invite = w->invite.id;
  new_keys (w);
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &answer), ""));
  assert_int_equal (agent_certificate_decode (answer.certificate.body, w->arena, &c), ERR_OK);
  assert_true (str_is (c.agent, "549-2") && c.unit == 20);
  assert_int_equal (roster_revoke (w->l, STR ("549-2"), STR ("lost"), NOW, &fail), ERR_OK);
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  assert_int_equal (roster_agent_by_name (w->l, txn, STR ("549-1"), &found), ERR_OK);
  assert_true (found.unit == AN_NHON && found.state == AGENT_ENROLLED);
  assert_int_equal (roster_agent_by_name (w->l, txn, STR ("549-2"), &found), ERR_OK);
  assert_true (found.unit == 20 && found.state == AGENT_REVOKED);
  kv_abort (&txn);
}

/* No certificate leaves for a registration that is not on the disk. */
static void
test_not_durable (void **state)
{
  world_t *w = *state;
  msg_enrolled_t answer;
  const kv_faults_t faults[] = {{.fail_commit_at = 1, .lose_failed = true}, {.full_after = 1}};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    kv_mem_faults (ledger_kv (w->l), &faults[i]);
    assert_int_not_equal (roster_enrol (w->l, &w->invite.once_public, &w->enrol, NOW, w->arena, &answer),
                          ERR_OK);
    assert_false (answer.certificate.given);
    assert_true (str_blank (answer.refusal));
    kv_mem_faults (ledger_kv (w->l), NULL);
  }
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &answer), ""));
}

static void
consent_to (msg_enrol_t *e, const sign_secret_t *by)
{
  buf_t b = BUF_INIT;
  rekey_bytes (&e->curve_key, &e->sign_key, &b);
  e->consent = sign_make (SIGN_REKEY, buf_str (&b), by);
  e->consent_given = true;
  buf_free (&b);
}

static str_t
rekeyed (world_t *w, const curve_key_t *peer, agent_certificate_t *c)
{
  msg_enrolled_t answer;
  *c = (agent_certificate_t){.serial = 0};
  assert_int_equal (roster_rekey (w->l, peer, &w->enrol, NOW, w->arena, &answer), ERR_OK);
  if (!str_blank (answer.refusal))
    return answer.refusal;
  assert_true (sign_check (SIGN_AGENT_CERTIFICATE, answer.certificate.body, answer.certificate.signature,
                           &ledger_keys (w->l)->centre));
  assert_int_equal (agent_certificate_decode (answer.certificate.body, w->arena, c), ERR_OK);
  return STR ("");
}

static void
row_of (world_t *w, uint32_t serial, agent_full_t *out)
{
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  assert_int_equal (agent_get (txn, serial, out), ERR_OK);
  kv_abort (&txn);
}

/* New keys twice over: who asks and who consents, what a repeat gets, and which keys count. */
static void
test_new_keys (void **state)
{
  world_t *w = *state;
  msg_enrolled_t first;
  agent_certificate_t c;
  agent_full_t row;
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &first), ""));
  w->enrol.invite = (record_id_t){{0}};
  for (uint32_t before = 1; before <= 2; before++) {
    const curve_key_t had = w->enrol.curve_key;
    const sign_secret_t consenting = w->secret;
    new_keys (w); /* others, for later */
    const msg_enrol_t others = w->enrol;
    new_keys (w);
    consent_to (&w->enrol, &w->secret);
    assert_true (str_is (rekeyed (w, &had, &c), "unknown")); /* its own consent is none */
    consent_to (&w->enrol, &consenting);
    assert_true (str_is (rekeyed (w, &w->invite.once_public, &c), "unknown"));
    assert_true (str_is (rekeyed (w, &w->enrol.curve_key, &c), "unknown"));
    assert_true (str_is (rekeyed (w, &had, &c), ""));
    assert_true (c.serial == before + 1 && c.replaces == before && c.root == 1 && str_is (c.agent, "549-1"));
    assert_true (curve_key_eq (c.curve_key, w->enrol.curve_key) && c.unit == AN_NHON);
    assert_true (str_is (rekeyed (w, &w->enrol.curve_key, &c), "") && c.serial == before + 1); /* a repeat */
    assert_true (str_is (rekeyed (w, &had, &c), "") && c.serial == before + 1);
    row_of (w, before, &row);
    assert_false (agent_is_present (&row.row));
    row_of (w, before + 1, &row);
    assert_true (agent_is_present (&row.row) && agent_row_number (&row.row) == 1);
    const msg_enrol_t good = w->enrol;
    w->enrol = others;
    consent_to (&w->enrol, &consenting);
    assert_true (str_is (rekeyed (w, &had, &c), "replaced"));
    w->enrol = good;
  }
}

/* State is the agent's, whichever certificate is named; a revocation holds for all of them. */
static void
test_new_keys_share_state (void **state)
{
  world_t *w = *state;
  msg_enrolled_t first;
  msg_readmitted_t said;
  agent_certificate_t c;
  agent_full_t row;
  bool changed;
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &first), ""));
  const curve_key_t had = w->enrol.curve_key;
  const sign_secret_t consenting = w->secret;
  w->enrol.invite = (record_id_t){{0}};
  new_keys (w);
  consent_to (&w->enrol, &consenting);
  assert_true (str_is (rekeyed (w, &had, &c), ""));
  const msg_present_t by_old = {.certificate = first.certificate};
  assert_int_equal (roster_readmit (w->l, &by_old, NULL, NOW, &said), ERR_OK);
  assert_true (!said.admitted && str_is (said.refusal, "replaced"));
  turn_t t;
  assert_int_equal (turn_begin (w->l, NOW, &t), ERR_OK);
  assert_int_equal (roster_state_put (w->l, &t, c.serial, AGENT_FORKED), ERR_OK);
  assert_int_equal (turn_commit (w->l, &t), ERR_OK);
  row_of (w, 1, &row);
  assert_int_equal (row.row.state, AGENT_FORKED);
  assert_int_equal (roster_confirm (w->l, STR ("549-1"), STR ("xem rồi"), STR ("Lan"), NOW, &changed, NULL),
                    ERR_OK);
  row_of (w, c.serial, &row);
  assert_true (changed && row.row.state == AGENT_ENROLLED);
  assert_int_equal (roster_revoke (w->l, STR ("549-1"), STR (""), NOW, NULL), ERR_OK);
  row_of (w, c.serial, &row);
  assert_int_equal (row.row.state, AGENT_REVOKED);
  assert_true (str_is (rekeyed (w, &w->enrol.curve_key, &c), "revoked"));
}

/* A centre restored from before it knew either certificate learns the later one first. */
static void
test_new_keys_before_a_restore (void **state)
{
  world_t *w = *state;
  msg_enrolled_t first, answer;
  msg_readmitted_t said;
  agent_certificate_t c, taken;
  agent_full_t row;
  uint8_t key[4];
  turn_t t;
  assert_true (str_is (attempt (w, &w->invite.once_public, 0, &first), ""));
  const curve_key_t had = w->enrol.curve_key;
  const sign_secret_t consenting = w->secret;
  w->enrol.invite = (record_id_t){{0}};
  new_keys (w);
  consent_to (&w->enrol, &consenting);
  assert_int_equal (roster_rekey (w->l, &had, &w->enrol, NOW, w->arena, &answer), ERR_OK);
  assert_int_equal (agent_certificate_decode (answer.certificate.body, w->arena, &c), ERR_OK);
  assert_int_equal (turn_begin (w->l, NOW, &t), ERR_OK);
  for (uint32_t serial = 1; serial <= c.serial; serial++)
    assert_int_equal (kv_del (t.txn, DB_AGENT, key_u32 (key, serial)), ERR_OK);
  assert_int_equal (turn_commit (w->l, &t), ERR_OK);
  const msg_present_t p = {.certificate = answer.certificate};
  assert_int_equal (roster_readmit (w->l, &p, NULL, NOW, &said), ERR_OK);
  assert_true (said.admitted);
  row_of (w, 1, &row);
  assert_true (row.row.state == AGENT_READMITTED && !agent_is_present (&row.row));
  assert_true (row.certificate.body.n == 0 && str_is (row.row.name, "549-1"));
  row_of (w, c.serial, &row);
  assert_true (row.row.state == AGENT_READMITTED && agent_is_present (&row.row));
  assert_int_equal (turn_begin (w->l, NOW, &t), ERR_OK);
  assert_int_equal (roster_enrolled_before (w->l, &t, &first.certificate, w->invite.id), ERR_OK);
  assert_int_equal (roster_enrolled_before (w->l, &t, &answer.certificate, (record_id_t){{0}}), ERR_OK);
  assert_int_equal (turn_commit (w->l, &t), ERR_OK);
  row_of (w, 1, &row);
  assert_true (row.row.state == AGENT_ENROLLED && !agent_is_present (&row.row));
  assert_true (curve_key_eq (row.row.curve_key, had) && row.certificate.body.n > 0);
  assert_int_equal (agent_certificate_decode (row.certificate.body, w->arena, &taken), ERR_OK);
}

/* What a person configured is what invites name by themselves, in a decision for all, once. */
static void
test_addresses (void **state)
{
  world_t *w = *state;
  static const struct {
    const char *set[2];
    err_t err;
    bool changed;
    const char *invited; /* NULL: an invite needs --address */
  } rows[] = {
      {{"tcp://a:1", "tcp://b:2"}, ERR_OK, true, "tcp://a:1"},
      {{"tcp://a:1", "tcp://b:2"}, ERR_OK, false, "tcp://a:1"},
      {{"tcp://b:2", "tcp://a:1"}, ERR_OK, true, "tcp://b:2"},
      {{"tcp://*:1", NULL}, ERR_INPUT, false, "tcp://b:2"},
      {{"b:2", NULL}, ERR_INPUT, false, "tcp://b:2"},
      {{"tcp://b:0", NULL}, ERR_INPUT, false, "tcp://b:2"},
      {{NULL, NULL}, ERR_OK, true, NULL},
      {{NULL, NULL}, ERR_OK, false, NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    fail_t fail = {0};
    str_t set[2];
    size_t n = 0;
    bool changed = false;
    kv_txn_t *txn = NULL;
    position_t before, after;
    buf_t text = BUF_INIT, said = BUF_INIT;
    invite_t invite;
    addresses_t there;
    for (; n < 2 && rows[i].set[n] != NULL; n++)
      set[n] = str_of (rows[i].set[n]);
    assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
    assert_int_equal (ledger_end (w->l, txn, &before, NULL), ERR_OK);
    kv_abort (&txn);
    assert_int_equal (addresses_set (w->l, set, n, STR ("Hòa"), NOW, &changed, &fail), rows[i].err);
    assert_int_equal (changed, rows[i].changed);
    assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
    assert_int_equal (ledger_end (w->l, txn, &after, NULL), ERR_OK);
    assert_int_equal (addresses_configured (txn, w->arena, &there), ERR_OK);
    kv_abort (&txn);
    assert_int_equal (after.lsn - before.lsn, rows[i].changed);
    addresses_bytes (there.at, there.n, &said);
    if (there.n > 0)
      assert_true (
          sign_check (SIGN_ADDRESSES, buf_str (&said), there.signature, &ledger_keys (w->l)->centre));
    fail = (fail_t){0};
    assert_int_equal (roster_invite (w->l, AN_NHON, ROLE_OFFICE, NULL, 0, NOW, &text, &fail),
                      rows[i].invited != NULL ? ERR_OK : ERR_INPUT);
    if (rows[i].invited != NULL) {
      assert_int_equal (invite_parse (buf_str (&text), w->arena, &invite), ERR_OK);
      assert_true (invite.addresses_n == there.n && str_is (invite.addresses[0], rows[i].invited));
    }
    buf_free (&text);
    buf_free (&said);
  }
}

/* Another CURVE key for the centre: by our authority, one at a time, in invites of its own place only. */
static void
test_rotation (void **state)
{
  world_t *w = *state;
  kv_t *kv = NULL;
  ledger_t *l = NULL;
  sign_secret_t authority, stranger;
  sign_key_t pub;
  kv_options_t o = ledger_kv_options ();
  fail_t fail = {0};
  rotation_t r, there;
  invite_t invite;
  kv_txn_t *txn = NULL;
  curve_key_t next;
  buf_t text = BUF_INIT;
  const str_t old = STR ("tcp://old:1"), fresh = STR ("tcp://new:2");
  o.create = true;
  assert_int_equal (kv_open_mem (&o, &kv), ERR_OK);
  assert_int_equal (ledger_init_kv (kv, STR (SMALL_CATALOGUE), NOW, &authority, &fail), ERR_OK);
  assert_int_equal (ledger_open_kv (&kv, &l, &fail), ERR_OK);
  const curve_key_t before = ledger_keys (l)->curve;
  sign_keys_make (&pub, &stranger);
  assert_int_equal (rotation_make (l, &stranger, w->arena, &r), ERR_OK);
  r.endpoint = fresh;
  r.addresses[r.addresses_n++] = fresh;
  assert_int_equal (rotation_begin (l, &r, STR ("Lan"), NOW, &fail), ERR_INPUT);
  assert_int_equal (rotation_finish (l, NOW, &fail), ERR_INPUT);
  assert_int_equal (rotation_make (l, &authority, w->arena, &r), ERR_OK);
  r.endpoint = fresh;
  r.addresses[0] = fresh;
  r.addresses_n = 1;
  fail = (fail_t){0};
  assert_int_equal (rotation_begin (l, &r, STR ("Lan"), NOW, &fail), ERR_OK);
  assert_int_equal (rotation_begin (l, &r, STR ("Lan"), NOW, &fail), ERR_INPUT);
  curve_public_of (&r.secret, &next);
  for (unsigned i = 0; i < 2; i++) {
    buf_clear (&text);
    assert_int_equal (roster_invite (l, AN_NHON, ROLE_OFFICE, i == 0 ? &fresh : &old, 1, NOW, &text, NULL),
                      ERR_OK);
    assert_int_equal (invite_parse (buf_str (&text), w->arena, &invite), ERR_OK);
    assert_true (curve_key_eq (invite.server_key, i == 0 ? next : before));
  }
  bool changed;
  assert_int_equal (addresses_set (l, &old, 1, STR ("Lan"), NOW, &changed, &fail), ERR_INPUT);
  assert_true (curve_key_eq (ledger_keys (l)->curve, before));
  fail = (fail_t){0};
  assert_int_equal (rotation_finish (l, NOW, &fail), ERR_OK);
  assert_true (curve_key_eq (ledger_keys (l)->curve, next));
  assert_true (sign_check (SIGN_CENTRE_CERTIFICATE, ledger_keys (l)->centre_certificate.body,
                           ledger_keys (l)->centre_certificate.signature, &ledger_keys (l)->authority));
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  assert_int_equal (rotation_pending (txn, w->arena, &there), ERR_OK);
  str_t too;
  assert_int_equal (rotation_endpoint (txn, w->arena, &too), ERR_OK);
  kv_abort (&txn);
  assert_true (!there.given && str_eq (too, fresh));
  buf_t things = BUF_INIT;
  assert_int_equal (fixture_verify (l, &things), 0);
  buf_free (&things);
  buf_free (&text);
  ledger_close (&l);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (test_once, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_not_durable, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_new_keys, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_new_keys_share_state, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_new_keys_before_a_restore, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_rotation, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_addresses, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_mended, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_clock_set_back, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_code_passes_on, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
