/* test_ledger.c - what the ledger takes, what it refuses, and that neither crash nor repeat changes a figure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"
#include "tests/unit/collector/fixture.h"

#define AN_NHON 10u
#define HOAI_NHON 4u
#define CENTRE 1u
#define NO_BASE ((version_t){{{0}}, 0})

static peer_t a, b, centre, viewer;

typedef struct {
  ledger_t *l;
  buf_t things;
} world_t;

static int
set_up (void **state)
{
  world_t *w = calloc (1, sizeof *w);
  w->l = fixture_ledger ();
  peer_open (&a, w->l, AN_NHON, ROLE_OFFICE);
  peer_open (&b, w->l, HOAI_NHON, ROLE_OFFICE);
  peer_open (&centre, w->l, CENTRE, ROLE_PROVINCE);
  peer_open (&viewer, w->l, AN_NHON, ROLE_VIEWER);
  *state = w;
  return 0;
}

static int
tear_down (void **state)
{
  world_t *w = *state;
  peer_close (&a);
  peer_close (&b);
  peer_close (&centre);
  peer_close (&viewer);
  ledger_close (&w->l);
  buf_free (&w->things);
  free (w);
  return 0;
}

static void
all_is_right (world_t *w)
{
  uint64_t n = fixture_verify (w->l, &w->things);
  if (n != 0)
    print_error ("%s", buf_z (&w->things));
  assert_int_equal (n, 0);
}

/* ---- verdicts, a row each ---- */

/* Edits the second update of a stream whose first created SCHEME-1 (approved, 5 million). */
typedef void (edit_fn) (update_t *u);

static void
keep (update_t *u)
{
  (void)u;
}
static void
other_kind (update_t *u)
{
  u->record.kind = KIND_DECISION; /* the centre's alone */
  u->decision = STR ("d");
}
static void
foreign_home (update_t *u)
{
  *u = scheme_update (HOAI_NHON, 2, STATUS_APPROVED, 1, NO_BASE);
}
static void
foreign_home_alone (update_t *u) /* the record itself says our district */
{
  *u = scheme_update (AN_NHON, 2, STATUS_APPROVED, 1, NO_BASE);
  u->home = HOAI_NHON;
}
static void
foreign_district (update_t *u)
{
  u->record.u.scheme.district = HOAI_NHON;
}
static void
stale_base (update_t *u)
{
  u->base = NO_BASE;
}
static void
unknown_base (update_t *u)
{
  u->base.seq = 77;
}
static void
no_record (update_t *u)
{
  u->id.b[14] = 9;
}
static void
same_key (update_t *u)
{
  u->id.b[14] = 9;
  u->base = NO_BASE;
}
static void
bad_item (update_t *u)
{
  u->record.u.scheme.item = STR ("X.9");
}
static void
no_name (update_t *u)
{
  u->record.u.scheme.name = STR_NONE;
}
static void
new_key (update_t *u)
{
  u->record.u.scheme.code = STR ("OTHER");
}
static void
backward (update_t *u)
{
  u->record.u.scheme.status = STATUS_REGISTERED;
  u->comment = STR_NONE;
}
static void
unsettled (update_t *u)
{
  u->record.u.scheme.status = STATUS_SETTLED;
}
static void
withdraw_silently (update_t *u)
{
  u->operation = OP_WITHDRAW;
  u->comment = STR_NONE;
}
static void
withdraw (update_t *u)
{
  u->operation = OP_WITHDRAW;
}

static const struct {
  const char *reason;
  edit_fn *edit;
} verdicts[] = {
    {"", keep},
    {"", withdraw},
    {"kind_unsupported", other_kind},
    {"foreign_office", foreign_home},
    {"foreign_office", foreign_home_alone},
    {"foreign_office", foreign_district},
    {"merged", stale_base}, /* equal edits */
    {"no_such_record", unknown_base},
    {"no_such_record", no_record},
    {"alias", same_key},
    {"unknown_code", bad_item},
    {"required", no_name},
    {"key_changed", new_key},
    {"move_needs_reason", backward},
    {"settled_amount", unsettled},
    {"withdraw_needs_reason", withdraw_silently},
};

static void
test_verdicts (void **state)
{
  for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
    if (i > 0) {
      tear_down (state);
      set_up (state);
    }
    world_t *w = *state;
    update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, NO_BASE);
    peer_add (&a, &u);
    u.base = u.version;
    verdicts[i].edit (&u);
    peer_add (&a, &u);
    sent_t s = peer_send (&a, w->l, 1, 2);
    assert_int_equal (s.err, ERR_OK);
    assert_int_equal (s.item.cursor, 2);
    const char *reason = verdict_of (w->l, &a, 2);
    if (strcmp (reason, verdicts[i].reason) != 0)
      print_error ("row %zu\n", i);
    assert_string_equal (reason, verdicts[i].reason);
    assert_int_equal (s.item.refused + s.item.merged, verdicts[i].reason[0] != '\0');
    all_is_right (w);
  }
}

static void
test_malformed_and_behind_it (void **state)
{
  world_t *w = *state;
  peer_add_raw (&a, STR ("\xff\xff\xff nothing"));
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, NO_BASE);
  peer_add (&a, &u);
  sent_t s = peer_send (&a, w->l, 1, 2);
  assert_int_equal (s.item.refused, 1);
  assert_int_equal (s.item.accepted, 1);
  assert_string_equal (verdict_of (w->l, &a, 1), "malformed");
  all_is_right (w);
}

static void
test_roles (void **state)
{
  world_t *w = *state;
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, NO_BASE);
  peer_add (&viewer, &u);
  assert_int_equal (peer_send (&viewer, w->l, 1, 1).item.refused, 1);
  assert_string_equal (verdict_of (w->l, &viewer, 1), "read_only");
  peer_add (&centre, &u);
  assert_int_equal (peer_send (&centre, w->l, 1, 1).item.accepted, 1);
  /* another office's key, and a second author of our own office */
  update_t v = scheme_update (HOAI_NHON, 1, STATUS_APPROVED, 1, NO_BASE);
  v.id.b[14] = 1;
  peer_add (&b, &v);
  assert_int_equal (peer_send (&b, w->l, 1, 1).item.refused, 1);
  assert_string_equal (verdict_of (w->l, &b, 1), "key_held");
  all_is_right (w);
}

/* The clerk's correction of a refused create is a create; of a refused edit, an edit of what stood before. */
static void
test_refused_bases (void **state)
{
  world_t *w = *state;
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, NO_BASE);
  str_t item = u.record.u.scheme.item;
  u.record.u.scheme.item = STR ("X.9");
  peer_add (&a, &u);
  u.base = u.version;
  peer_add (&a, &u);
  u.base = u.version;
  u.record.u.scheme.item = item;
  peer_add (&a, &u);
  u.base = u.version;
  u.record.u.scheme.item = STR ("X.9");
  peer_add (&a, &u);
  u.base = u.version;
  u.record.u.scheme.item = item;
  peer_add (&a, &u);
  sent_t s = peer_send (&a, w->l, 1, 5);
  assert_int_equal (s.item.refused, 3);
  assert_string_equal (verdict_of (w->l, &a, 2), "unknown_code");
  assert_string_equal (verdict_of (w->l, &a, 3), "");
  assert_string_equal (verdict_of (w->l, &a, 5), "");
  all_is_right (w);
}

/* ---- chunks ---- */

static void
test_repeats_and_gaps (void **state)
{
  world_t *w = *state;
  for (unsigned i = 0; i < 6; i++) {
    update_t u = scheme_update (AN_NHON, i, STATUS_APPROVED, 1000, NO_BASE);
    peer_add (&a, &u);
  }
  sent_t s = peer_send (&a, w->l, 2, 3);
  assert_true (s.item.restated && s.item.cursor == 0);
  s = peer_send (&a, w->l, 1, 3);
  assert_true (!s.item.restated && s.item.cursor == 3 && s.item.accepted == 3);
  s = peer_send (&a, w->l, 1, 3);
  assert_true (s.item.cursor == 3 && s.item.repeated == 3 && s.item.accepted == 0);
  s = peer_send (&a, w->l, 2, 5);
  assert_true (s.item.cursor == 5 && s.item.repeated == 2 && s.item.accepted == 2);
  assert_int_equal (peer_send (&a, w->l, 6, 6).item.cursor, 6);
  all_is_right (w);
}

static void
break_head_hash (msg_chunk_t *c, decoded_t *d)
{
  (void)d;
  c->head.hash.b[0] ^= 1;
}
static void
break_signature (msg_chunk_t *c, decoded_t *d)
{
  (void)d;
  c->head.signature.b[0] ^= 1;
}
static void
break_serial (msg_chunk_t *c, decoded_t *d)
{
  (void)d;
  c->head.serial++;
}
static void
break_missing_head (msg_chunk_t *c, decoded_t *d)
{
  (void)d;
  c->head.given = false;
}
static void
break_number (msg_chunk_t *c, decoded_t *d)
{
  (void)c;
  d[0].update.version.seq += 5;
}
static void
break_previous (msg_chunk_t *c, decoded_t *d)
{
  (void)d;
  c->previous_hash.b[3] ^= 1;
}

static void
test_forged (void **state)
{
  static meddle_fn *const rows[] = {break_head_hash,    break_signature, break_serial,
                                    break_missing_head, break_number,    break_previous};
  world_t *w = *state;
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 1000, NO_BASE);
  peer_add (&a, &u);
  const size_t n = sizeof rows / sizeof rows[0];
  for (size_t i = 0; i < 2 * n; i++) { /* checked in the transaction, and before it */
    a.prove_with = i < n ? NULL : &a.sign;
    sent_t s = peer_send_meddled (&a, w->l, 1, 1, rows[i % n]);
    assert_int_equal (s.err, ERR_OK);
    assert_true (s.item.forged);
    assert_int_equal (cursor_of (w->l, a.store), 0);
  }
  a.prove_with = NULL;
  /* another agent's stream */
  assert_int_equal (peer_send (&a, w->l, 1, 1).item.cursor, 1);
  update_t v = scheme_update (AN_NHON, 2, STATUS_APPROVED, 1000, NO_BASE);
  peer_add (&a, &v);
  uint32_t serial = a.serial;
  sign_secret_t secret = a.secret;
  a.serial = b.serial;
  a.secret = b.secret;
  assert_true (peer_send (&a, w->l, 2, 2).item.forged);
  a.serial = serial;
  a.secret = secret;
  assert_int_equal (peer_send (&a, w->l, 2, 2).item.cursor, 2);
  /* another history under known numbers */
  uint8_t first = (uint8_t)a.bytes[0].p[a.bytes[0].n - 1];
  a.bytes[0].p[a.bytes[0].n - 1] ^= 1;
  hash_t h1 = a.chain[1];
  a.chain[1] = chain_next (a.chain[0], buf_str (&a.bytes[0]));
  assert_true (peer_send (&a, w->l, 1, 1).item.restated);
  a.bytes[0].p[a.bytes[0].n - 1] = (char)first;
  a.chain[1] = h1;
  all_is_right (w);
}

/* A proof holds only for the key that the roster has. */
static void
test_proofs (void **state)
{
  world_t *w = *state;
  for (unsigned i = 1; i <= 3; i++) {
    update_t u = scheme_update (AN_NHON, i, STATUS_APPROVED, 1000, NO_BASE);
    peer_add (&a, &u);
  }
  a.prove_with = &a.sign;
  assert_int_equal (peer_send (&a, w->l, 1, 2).item.cursor, 2);
  assert_int_equal (peer_send (&a, w->l, 1, 3).item.cursor, 3); /* overlapping */
  update_t u = scheme_update (AN_NHON, 4, STATUS_APPROVED, 1000, NO_BASE);
  peer_add (&a, &u);
  sign_secret_t own = a.secret;
  a.secret = b.secret;
  a.prove_with = &b.sign; /* true of that key, and worth nothing */
  assert_true (peer_send (&a, w->l, 4, 4).item.forged);
  a.secret = own;
  assert_int_equal (peer_send (&a, w->l, 4, 4).item.cursor, 4); /* false of that key: looked at again */
  a.prove_with = NULL;
  all_is_right (w);
}

static void
test_revoked (void **state)
{
  world_t *w = *state;
  fail_t fail = {0};
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 1000, NO_BASE);
  peer_add (&a, &u);
  assert_int_equal (roster_revoke (w->l, STR ("549-1"), STR ("mất máy"), (wall_t){1}, &fail), ERR_OK);
  assert_true (peer_send (&a, w->l, 1, 1).item.forged);
  assert_int_equal (roster_revoke (w->l, STR ("549-9"), STR (""), (wall_t){1}, &fail), ERR_NOT_FOUND);
  all_is_right (w);
}

/* ---- clocks ---- */

static wall_t
received_of (ledger_t *l, const peer_t *p, uint64_t seq)
{
  kv_txn_t *txn = NULL;
  uint64_t lsn;
  log_entry_t e;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  assert_int_equal (ledger_version_lsn (l, txn, (version_t){p->store, seq}, &lsn), ERR_OK);
  assert_int_equal (ledger_log_get (l, txn, lsn, &e), ERR_OK);
  kv_abort (&txn);
  return e.received;
}

/* What an office's clock says is kept and decides nothing; the centre's own never goes behind the log. */
static void
test_clocks (void **state)
{
  static const int64_t agent_ms[] = {0, 1, INT64_C (4102444800000), -5};
  world_t *w = *state;
  const wall_t now = fixture_now;
  for (unsigned i = 0; i < 4; i++) {
    update_t u = scheme_update (AN_NHON, 10 + i, STATUS_APPROVED, 1000, NO_BASE);
    u.agent_time.ms = agent_ms[i];
    uint64_t seq = peer_add (&a, &u);
    fixture_now.ms = now.ms + (i % 2 == 0 ? 5000 : -86400000); /* set back by a day, each second time */
    assert_int_equal (peer_send (&a, w->l, seq, seq).item.accepted, 1);
    assert_true (received_of (w->l, &a, seq).ms == now.ms + 5000);
  }
  fixture_now = now;
  all_is_right (w);
}

/* ---- failing disks ---- */

static void
test_failed_commit (void **state)
{
  world_t *w = *state;
  for (int lose = 0; lose < 2; lose++) {
    update_t u = scheme_update (AN_NHON, 50u + (unsigned)lose, STATUS_APPROVED, 1000, NO_BASE);
    uint64_t seq = peer_add (&a, &u);
    kv_faults_t f = {.fail_commit_at = 1, .lose_failed = lose != 0};
    kv_mem_faults (ledger_kv (w->l), &f);
    assert_int_not_equal (peer_send (&a, w->l, seq, seq).err, ERR_OK);
    kv_mem_faults (ledger_kv (w->l), &(kv_faults_t){0});
    sent_t s = peer_send (&a, w->l, seq, seq);
    assert_int_equal (s.err, ERR_OK);
    assert_int_equal (s.item.cursor, seq);
    all_is_right (w);
  }
}

/* Three authors, good and bad updates, chunks repeated, overlapping and out of order, power cuts: in the end
 * every update is in the log once and totals are what a recount gives. */
static uint32_t
dice (uint64_t *x)
{
  *x = *x * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
  return (uint32_t)(*x >> 33);
}

static void
add_random (peer_t *p, uint64_t *x)
{
  unsigned n = dice (x) % 40 + p->unit * 100;
  static const status_t states[] = {STATUS_REGISTERED, STATUS_APPROVED, STATUS_RUNNING, STATUS_SETTLED};
  update_t u = scheme_update (p->unit, n, states[dice (x) % 4], 1000 * (int64_t)(dice (x) % 100), NO_BASE);
  uint32_t kind = dice (x) % 10;
  if (kind > 2 && p->seq > 0) /* based on some version: often the right one, often not */
    u.base = (version_t){p->store, 1 + dice (x) % p->seq};
  if (kind == 9)
    u.record.u.scheme.item = STR ("X.9");
  if (kind == 8)
    u.operation = OP_WITHDRAW;
  if (dice (x) % 30 == 0)
    peer_add_raw (p, STR ("\x08\xff rubbish"));
  else
    peer_add (p, &u);
}

static void
test_random_streams (void **state)
{
  world_t *w = *state;
  peer_t *const peers[] = {&a, &b, &centre};
  uint64_t x = 20261125;
  for (unsigned round = 0; round < 400; round++) {
    peer_t *p = peers[dice (&x) % 3];
    for (unsigned i = dice (&x) % 6; i > 0; i--)
      add_random (p, &x);
    if (p->seq == 0)
      continue;
    uint64_t cursor = cursor_of (w->l, p->store), first = 1 + dice (&x) % p->seq;
    if (dice (&x) % 2 == 0)
      first = cursor < p->seq ? cursor + 1 : p->seq;
    uint64_t last = first + dice (&x) % (p->seq - first + 1);
    sent_t s = peer_send (p, w->l, first, last);
    assert_int_equal (s.err, ERR_OK);
    assert_false (s.item.forged);
    if (first > cursor + 1)
      assert_true (s.item.restated && s.item.cursor == cursor);
    else
      assert_int_equal (s.item.cursor, last > cursor ? last : cursor);
    if (dice (&x) % 8 == 0) {
      kv_mem_crash (ledger_kv (w->l));
      assert_int_equal (cursor_of (w->l, p->store), s.item.cursor);
    }
  }
  for (size_t i = 0; i < 3; i++)
    if (cursor_of (w->l, peers[i]->store) < peers[i]->seq)
      assert_int_equal (peer_send (peers[i], w->l, cursor_of (w->l, peers[i]->store) + 1, peers[i]->seq).err,
                        ERR_OK);
  all_is_right (w);
}

/* ---- down ---- */

static const listener_t an_nhon = {.unit = AN_NHON, .role = ROLE_OFFICE};
static const listener_t hoai_nhon = {.unit = HOAI_NHON, .role = ROLE_OFFICE};

static void
test_down (void **state)
{
  world_t *w = *state;
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 1000, NO_BASE);
  u.record.u.scheme.item = STR ("X.9");
  peer_add (&a, &u);
  assert_int_equal (peer_send (&a, w->l, 1, 1).item.refused, 1);
  kv_txn_t *txn = NULL;
  arena_t *arena = arena_new ((size_t)4 << 20);
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  msg_down_t mine, other;
  assert_int_equal (ledger_down (w->l, txn, &an_nhon, (position_t){0, 0}, DOWN_MAX, arena, &mine), ERR_OK);
  assert_int_equal (ledger_down (w->l, txn, &hoai_nhon, (position_t){0, 0}, DOWN_MAX, arena, &other), ERR_OK);
  assert_true (mine.complete && other.complete && mine.last_lsn == other.last_lsn);
  assert_int_equal (mine.centre_n, other.centre_n + 2); /* the office's stream opened, and the verdict */
  assert_int_equal (mine.heads_n, 2);
  assert_int_equal (other.heads_n, 1);
  /* in small pieces the same entries come, once each */
  size_t n = 0;
  position_t at = {mine.epoch, 0};
  for (unsigned i = 0; i < 100; i++) {
    msg_down_t piece;
    assert_int_equal (ledger_down (w->l, txn, &an_nhon, at, 1, arena, &piece), ERR_OK);
    assert_int_equal (piece.first_lsn, at.lsn + 1);
    n += piece.centre_n;
    at.lsn = piece.last_lsn;
    if (piece.complete)
      break;
  }
  assert_int_equal (n, mine.centre_n);
  kv_abort (&txn);
  arena_destroy (&arena);
}

/* A long row of corrections of what was refused: the first that is in order is the create. */
static void
test_long_refused_row (void **state)
{
  world_t *w = *state;
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 1000, NO_BASE);
  str_t item = u.record.u.scheme.item;
  u.record.u.scheme.item = STR ("X.9");
  for (unsigned i = 0; i < 1500; i++) {
    peer_add (&a, &u);
    u.base = (version_t){a.store, a.seq};
  }
  update_t other = scheme_update (AN_NHON, 2, STATUS_APPROVED, 1000, u.base); /* a base of another record */
  peer_add (&a, &other);
  u.record.u.scheme.item = item;
  peer_add (&a, &u);
  sent_t s = peer_send (&a, w->l, 1, a.seq);
  assert_int_equal (s.item.refused, 1501);
  assert_int_equal (s.item.accepted, 1);
  assert_string_equal (verdict_of (w->l, &a, 1501), "no_such_record");
  assert_string_equal (verdict_of (w->l, &a, 1502), "");
  all_is_right (w);
}

/* Nonsense of any length is refused in words that its office can read, and what is behind it goes on. */
static void
test_verdicts_stay_small (void **state)
{
  static char code[100000];
  world_t *w = *state;
  memset (code, 'A', sizeof code);
  for (int i = 0; i < 3; i++) {
    update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 1000, NO_BASE);
    u.record.u.scheme.code = (str_t){code, sizeof code - (size_t)i};
    if (i == 1) /* its key is an argument of the refusal as well */
      u.base.seq = 77;
    peer_add (&a, &u);
  }
  assert_int_equal (peer_send (&a, w->l, 1, 2).item.refused, 2);
  assert_int_equal (peer_send (&a, w->l, 3, 3).item.refused, 1);
  kv_txn_t *txn = NULL;
  arena_t *arena = arena_new ((size_t)8 << 20);
  msg_down_t d;
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  assert_int_equal (ledger_down (w->l, txn, &an_nhon, (position_t){0, 0}, DOWN_MAX, arena, &d), ERR_OK);
  unsigned said_n = 0;
  for (size_t i = 0; i < d.centre_n; i++) {
    update_t u;
    decision_t said;
    assert_int_equal (update_decode (d.centre[i].update, arena, &u, NULL), ERR_OK);
    assert_int_equal (decision_decode (u.decision, arena, &said), ERR_OK);
    said_n += said.type == DECISION_VERDICT;
  }
  assert_int_equal (said_n, 3);
  kv_abort (&txn);
  arena_destroy (&arena);
  all_is_right (w);
}

int
main (void)
{
#define T(f) cmocka_unit_test_setup_teardown (f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      T (test_verdicts),
      T (test_malformed_and_behind_it),
      T (test_roles),
      T (test_refused_bases),
      T (test_repeats_and_gaps),
      T (test_forged),
      T (test_proofs),
      T (test_revoked),
      T (test_clocks),
      T (test_failed_commit),
      T (test_random_streams),
      T (test_down),
      T (test_verdicts_stay_small),
      T (test_long_refused_row),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
