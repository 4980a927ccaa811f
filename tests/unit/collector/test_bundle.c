/* Bundles at the centre: whose they are, what is taken of them and how often, and what the reply says. */
#include "collector/ledger/bundle.h"
#include "collector/ledger/epochs.h"
#include "common/crypto/crypto.h"
#include "common/wire/bundle_wire.h"
#include "common/wire/message_wire.h"
#include "tests/unit/collector/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#define AN_NHON 10u
#define HOAI_NHON 4u
#define NO_BASE ((version_t){{{0}}, 0})

static peer_t mine, other;
static size_t request_bytes; /* 1: a chunk a request */

typedef struct {
  ledger_t *l;
  arena_t *arena;
  buf_t file, reply, things;
} world_t;

static int
set_up (void **state)
{
  world_t *w = calloc (1, sizeof *w);
  request_bytes = 1;
  w->l = fixture_ledger ();
  w->arena = arena_new ((size_t)32 << 20);
  peer_open (&mine, w->l, AN_NHON, ROLE_OFFICE);
  peer_open (&other, w->l, HOAI_NHON, ROLE_OFFICE);
  *state = w;
  return 0;
}

static int
tear_down (void **state)
{
  world_t *w = *state;
  const uint64_t findings = fixture_verify (w->l, &w->things);
  if (findings != 0)
    fail_msg ("%s", buf_z (&w->things));
  peer_close (&mine);
  peer_close (&other);
  ledger_close (&w->l);
  arena_destroy (&w->arena);
  buf_free (&w->file);
  buf_free (&w->reply);
  buf_free (&w->things);
  free (w);
  return 0;
}

/* ---- making one ---- */

/* What a test says otherwise than an agent would. */
typedef struct {
  const sign_secret_t *signs; /* NULL: its own */
  uint32_t serial;            /* in the certificate; 0: its own */
  const char *name;           /* likewise */
  const curve_key_t *curve;   /* likewise */
  bool by_stranger;           /* the certificate is not the centre's */
  size_t gap;                 /* updates left out between its two chunks */
  position_t down;
  uint64_t last_seq;
} odd_t;

static void
put_chunk (bundle_writer_t *out, peer_t *p, uint64_t first, uint64_t last)
{
  str_t bytes[64];
  buf_t head = BUF_INIT;
  message_t m = {.type = MSG_CHUNK};
  msg_chunk_t *c = &m.u.chunk;
  *c = (msg_chunk_t){
      .store = p->store,
      .first_seq = first,
      .previous_hash = p->chain[first - 1],
      .updates = bytes,
      .head = {.store = p->store, .seq = last, .hash = p->chain[last], .serial = p->serial, .given = true}};
  for (uint64_t seq = first; seq <= last; seq++)
    bytes[c->updates_n++] = buf_str (&p->bytes[seq - 1]);
  head_bytes (p->store, last, p->chain[last], p->serial, &head);
  c->head.signature = sign_make (SIGN_HEAD, buf_str (&head), &p->secret);
  assert_true (bundle_put (out, &m));
  buf_free (&head);
}

/* Updates first..last in two chunks; last < first: none. */
static void
make (world_t *w, peer_t *p, uint64_t first, uint64_t last, const odd_t *odd)
{
  static const odd_t none = {0};
  const ledger_keys_t *keys = ledger_keys (w->l);
  const bundle_head_t head = {.kind = BUNDLE_UP, .centre = keys->centre_id, .to = keys->curve};
  buf_t body = BUF_INIT;
  odd = odd != NULL ? odd : &none;
  const agent_certificate_t c = {.serial = odd->serial != 0 ? odd->serial : p->serial,
                                 .agent = str_of (odd->name != NULL ? odd->name : "549-1"),
                                 .curve_key = odd->curve != NULL ? *odd->curve : p->curve,
                                 .sign_key = p->sign,
                                 .unit = p->unit,
                                 .role = p->role};
  assert_true (agent_certificate_encode (&c, &body));
  message_t present = {.type = MSG_PRESENT}, hello = {.type = MSG_HELLO};
  present.u.present.certificate = (signed_t){.body = buf_str (&body), .given = true};
  present.u.present.certificate.signature = sign_make (SIGN_AGENT_CERTIFICATE, buf_str (&body),
                                                       odd->by_stranger ? &p->secret : &keys->centre_secret);
  const stream_state_t stream = {.store = p->store, .last_seq = odd->last_seq != 0 ? odd->last_seq : p->seq};
  hello.u.hello = (msg_hello_t){.protocols = {WIRE_PROTOCOL},
                                .protocols_n = 1,
                                .streams = &stream,
                                .streams_n = 1,
                                .down = odd->down,
                                .program = STR ("test")};
  buf_clear (&w->file);
  bundle_writer_t *out = bundle_writer_new (&head, &w->file);
  assert_non_null (out);
  assert_true (bundle_put (out, &present) && bundle_put (out, &hello));
  if (last >= first) {
    const uint64_t middle = first + (last - first) / 2;
    put_chunk (out, p, first, middle);
    if (middle + 1 + odd->gap <= last)
      put_chunk (out, p, middle + 1 + odd->gap, last);
  }
  assert_true (bundle_end (out, p->serial, odd->signs != NULL ? odd->signs : &p->secret));
  bundle_writer_destroy (&out);
  buf_free (&body);
}

static void
add_schemes (peer_t *p, unsigned from, unsigned n)
{
  for (unsigned i = 0; i < n; i++) {
    update_t u = scheme_update (p->unit, from + i, STATUS_APPROVED, 1000, NO_BASE);
    peer_add (p, &u);
  }
}

/* ---- taking it ---- */

static err_t
open_file (world_t *w, bundle_in_t **in, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  err_t err = ledger_bundle_open (w->l, txn, buf_str (&w->file), in, fail);
  if (err == ERR_OK)
    err = ledger_bundle_fits (w->l, txn, *in, fail);
  kv_abort (&txn);
  return err;
}

/* As the command does; the reply into w->reply. */
static err_t
take (world_t *w, bundle_counts_t *n, fail_t *fail)
{
  bundle_in_t *in = NULL;
  kv_txn_t *txn = NULL;
  str_t frames[BUNDLE_FRAMES_MAX];
  size_t some = 0;
  bool complete = false;
  *n = (bundle_counts_t){0};
  *fail = (fail_t){0};
  buf_clear (&w->reply);
  err_t err = open_file (w, &in, fail);
  while (err == ERR_OK && (err = ledger_bundle_next (in, request_bytes, frames, &some)) == ERR_OK &&
         some > 0) {
    bundle_counts_t got;
    const bundle_source_t *from = ledger_bundle_source (in);
    assert_true (some == 1 || request_bytes > 1);
    err = ledger_bundle_take (w->l, from->present, from->hello, frames, some, fixture_now, &got, fail);
    n->accepted += got.accepted;
    n->refused += got.refused;
    n->repeated += got.repeated;
  }
  if (err == ERR_OK) {
    assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
    assert_int_equal (ledger_bundle_reply (w->l, txn, in, fixture_now, &w->reply, &complete, fail), ERR_OK);
    assert_true (complete);
    kv_abort (&txn);
  }
  assert_true (err == ERR_OK || (fail->err == err && fail->text[0] != '\0'));
  ledger_bundle_close (&in);
  return err;
}

static void
refused (world_t *w, err_t want, const char *words)
{
  bundle_counts_t n;
  fail_t fail;
  assert_int_equal (take (w, &n, &fail), want);
  if (strstr (fail.text, words) == NULL)
    fail_msg ("wanted “%s”: %s", words, fail.text);
  assert_int_equal (n.accepted + n.refused + n.repeated, 0);
}

static void
takes (world_t *w, uint64_t accepted, uint64_t repeated)
{
  bundle_counts_t n;
  fail_t fail;
  err_t err = take (w, &n, &fail);
  if (err != ERR_OK)
    fail_msg ("%s", fail.text);
  assert_int_equal (n.accepted, accepted);
  assert_int_equal (n.repeated, repeated);
  assert_int_equal (n.refused, 0);
}

/* ---- the tests ---- */

static void
once_whatever_comes_how_often (void **state)
{
  world_t *w = *state;
  add_schemes (&mine, 1, 9);
  make (w, &mine, 1, 4, NULL);
  takes (w, 4, 0);
  takes (w, 0, 4);
  request_bytes = 1u << 20;
  make (w, &mine, 3, 7, NULL); /* overlaps */
  takes (w, 3, 2);
  peer_send (&mine, w->l, 8, 8); /* the line is back for a while */
  make (w, &mine, 8, 9, NULL);
  takes (w, 1, 1);
  make (w, &mine, 1, 9, NULL);
  takes (w, 0, 9);
  make (w, &mine, 10, 9, NULL); /* nothing in it */
  takes (w, 0, 0);
  assert_int_equal (cursor_of (w->l, mine.store), 9);
}

static void
a_gap_says_what_is_missing (void **state)
{
  world_t *w = *state;
  add_schemes (&mine, 1, 8);
  make (w, &mine, 3, 6, NULL);
  refused (w, ERR_INPUT, "--from 1");
  make (w, &mine, 1, 2, NULL);
  takes (w, 2, 0);
  make (w, &mine, 5, 8, NULL);
  refused (w, ERR_INPUT, "--from 3");
  make (w, &mine, 1, 8, &(odd_t){.gap = 1});
  refused (w, ERR_INPUT, ""); /* an agent makes none such; nothing is taken of it */
  assert_int_equal (cursor_of (w->l, mine.store), 2);
}

static void
refusals_are_verdicts_as_on_the_line (void **state)
{
  world_t *w = *state;
  bundle_counts_t n;
  fail_t fail;
  add_schemes (&mine, 1, 1);
  update_t foreign = scheme_update (HOAI_NHON, 2, STATUS_APPROVED, 1000, NO_BASE);
  peer_add (&mine, &foreign);
  peer_add_raw (&mine, STR ("no update"));
  add_schemes (&mine, 3, 1);
  make (w, &mine, 1, 4, NULL);
  assert_int_equal (take (w, &n, &fail), ERR_OK);
  assert_int_equal (n.accepted, 2);
  assert_int_equal (n.refused, 2);
  assert_string_not_equal (verdict_of (w->l, &mine, 2), "");
  assert_int_equal (take (w, &n, &fail), ERR_OK);
  assert_int_equal (n.refused, 0);
  assert_int_equal (n.repeated, 4);
}

static void
only_of_whom_it_says (void **state)
{
  world_t *w = *state;
  const uint32_t nobody = 999;
  add_schemes (&mine, 1, 2);
  make (w, &mine, 1, 2, &(odd_t){.signs = &other.secret});
  refused (w, ERR_INPUT, "549-1");
  make (w, &mine, 1, 2, &(odd_t){.serial = other.serial});
  refused (w, ERR_FOREIGN, ""); /* under our seal, of an agent the centre would not know so */
  make (w, &mine, 1, 2, &(odd_t){.serial = other.serial, .by_stranger = true});
  refused (w, ERR_FOREIGN, "");
  make (w, &mine, 1, 2, &(odd_t){.serial = nobody, .by_stranger = true});
  refused (w, ERR_FOREIGN, "");
  make (w, &mine, 1, 2, &(odd_t){.serial = nobody});
  refused (w, ERR_FOREIGN, "");
  make (w, &mine, 1, 2, &(odd_t){.curve = &other.curve});
  refused (w, ERR_FOREIGN, "");
  assert_int_equal (cursor_of (w->l, mine.store), 0);
  make (w, &mine, 1, 2, NULL);
  takes (w, 2, 0);
}

static void
a_revoked_agent_brings_nothing (void **state)
{
  world_t *w = *state;
  bundle_in_t *in = NULL;
  bundle_counts_t n;
  str_t frames[BUNDLE_FRAMES_MAX];
  size_t some;
  fail_t fail = {0};
  add_schemes (&mine, 1, 4);
  make (w, &mine, 1, 4, NULL);
  assert_int_equal (open_file (w, &in, &fail), ERR_OK);
  char name[64];
  snprintf (name, sizeof name, "%.*s", STR_ARG (ledger_bundle_source (in)->agent));
  assert_int_equal (roster_revoke (w->l, str_of (name), STR_NONE, fixture_now, &fail), ERR_OK);
  /* between the look and the taking */
  assert_int_equal (ledger_bundle_next (in, 1, frames, &some), ERR_OK);
  assert_int_equal (ledger_bundle_take (w->l, ledger_bundle_source (in)->present,
                                        ledger_bundle_source (in)->hello, frames, some, fixture_now, &n,
                                        &fail),
                    ERR_FOREIGN);
  ledger_bundle_close (&in);
  refused (w, ERR_FOREIGN, name);
  assert_int_equal (cursor_of (w->l, mine.store), 0);
}

static void
another_history_is_not_taken (void **state)
{
  world_t *w = *state;
  static peer_t clone;
  add_schemes (&mine, 1, 3);
  clone = mine; /* the same keys and stream, and from the second update on another past */
  memset (clone.bytes, 0, sizeof clone.bytes);
  clone.seq = 0;
  add_schemes (&clone, 1, 1);
  add_schemes (&clone, 20, 3);
  make (w, &mine, 1, 3, NULL);
  takes (w, 3, 0);
  make (w, &clone, 3, 4, NULL);
  refused (w, ERR_INPUT, "");
  make (w, &clone, 4, 4, NULL);
  refused (w, ERR_INPUT, "");
  assert_int_equal (cursor_of (w->l, mine.store), 3);
  peer_close (&clone);
}

/* The reply opened with the agent's key: its first message into *m, the bundle at the second. */
static bundle_t *
open_reply (world_t *w, peer_t *p, message_t *m)
{
  bundle_t *b = NULL;
  fail_t fail = {0};
  const ledger_keys_t *keys = ledger_keys (w->l);
  const bundle_head_t want = {.kind = BUNDLE_REPLY, .centre = keys->centre_id, .to = p->curve};
  assert_int_equal (bundle_open (buf_str (&w->reply), &want, &p->curve_secret, &b, &fail), ERR_OK);
  assert_int_equal (bundle_serial (b), 0);
  assert_true (bundle_signed_by (b, &keys->centre));
  assert_int_equal (bundle_next_message (b, w->arena, m), ERR_OK);
  assert_int_equal (m->type, MSG_WELCOME);
  return b;
}

static void
the_reply_is_what_the_line_would_say (void **state)
{
  world_t *w = *state;
  message_t m;
  position_t at = {0};
  size_t centre = 0, own = 0;
  add_schemes (&mine, 1, 5);
  add_schemes (&other, 10, 2);
  peer_send (&other, w->l, 1, 2);
  make (w, &mine, 1, 5, NULL);
  takes (w, 5, 0);
  bundle_t *b = open_reply (w, &mine, &m);
  assert_int_equal (m.u.welcome.streams_n, 1);
  assert_int_equal (m.u.welcome.streams[0].cursor, 5);
  assert_true (hash_eq (m.u.welcome.streams[0].hash, mine.chain[5]));
  while (bundle_next_message (b, w->arena, &m) == ERR_OK) {
    assert_int_equal (m.type, MSG_DOWN);
    assert_int_equal (m.u.down.first_lsn, at.lsn + 1);
    assert_int_equal (m.u.down.records_n, 0); /* of another office */
    at = (position_t){m.u.down.epoch, m.u.down.last_lsn};
    centre += m.u.down.centre_n;
    for (size_t i = 0; i < m.u.down.own_n; i++)
      own += (size_t)(m.u.down.own[i].last_seq - m.u.down.own[i].first_seq + 1);
  }
  assert_true (centre > 0);
  assert_int_equal (own, 5);
  bundle_destroy (&b);
  /* who has heard all that is told nothing again */
  make (w, &mine, 6, 5, &(odd_t){.down = at});
  takes (w, 0, 0);
  b = open_reply (w, &mine, &m);
  assert_int_equal (m.u.welcome.streams[0].cursor, 5);
  assert_int_equal (bundle_next_message (b, w->arena, &m), ERR_END);
  bundle_destroy (&b);
}

/* To a file that does not go on from what we have: up to where it is the same. */
static void
the_reply_names_what_is_common (void **state)
{
  world_t *w = *state;
  static peer_t clone;
  message_t m;
  bundle_in_t *in = NULL;
  kv_txn_t *txn = NULL;
  bool complete;
  fail_t fail = {0};
  add_schemes (&mine, 1, 8);
  peer_send (&mine, w->l, 1, 8);
  clone = mine;
  memset (clone.bytes, 0, sizeof clone.bytes);
  clone.seq = 0;
  add_schemes (&clone, 1, 5);
  add_schemes (&clone, 50, 2);
  static const struct {
    uint64_t first, last, common;
  } rows[] = {{1, 7, 5}, {3, 6, 5}, {1, 4, 4}, {6, 7, 0}, {8, 7, 0}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    make (w, &clone, rows[i].first, rows[i].last, NULL);
    assert_int_equal (open_file (w, &in, &fail), ERR_OK);
    assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
    buf_clear (&w->reply);
    assert_int_equal (ledger_bundle_reply (w->l, txn, in, fixture_now, &w->reply, &complete, &fail), ERR_OK);
    kv_abort (&txn);
    ledger_bundle_close (&in);
    bundle_t *b = open_reply (w, &clone, &m);
    assert_int_equal (m.u.welcome.streams[0].cursor, 8);
    assert_int_equal (m.u.welcome.streams_n, rows[i].common > 0 ? 2 : 1);
    if (rows[i].common > 0) {
      assert_int_equal (m.u.welcome.streams[1].cursor, rows[i].common);
      assert_true (hash_eq (m.u.welcome.streams[1].hash, mine.chain[rows[i].common]));
    }
    bundle_destroy (&b);
  }
  peer_close (&clone);
}

static void
replies_are_for_one_bundle_and_one_agent (void **state)
{
  world_t *w = *state;
  message_t m;
  hash_t answered[2];
  fail_t fail = {0};
  add_schemes (&mine, 1, 2);
  for (uint64_t i = 0; i < 2; i++) {
    bundle_t *b = NULL;
    const ledger_keys_t *keys = ledger_keys (w->l);
    const bundle_head_t want = {.kind = BUNDLE_UP, .centre = keys->centre_id, .to = keys->curve};
    make (w, &mine, 1, i + 1, NULL);
    takes (w, 1, i);
    assert_int_equal (bundle_open (buf_str (&w->file), &want, &keys->curve_secret, &b, &fail), ERR_OK);
    const hash_t name = bundle_name (b);
    bundle_destroy (&b);
    b = open_reply (w, &mine, &m);
    answered[i] = bundle_head (b)->answers;
    assert_true (hash_eq (answered[i], name));
    bundle_destroy (&b);
  }
  assert_false (hash_eq (answered[0], answered[1]));
  bundle_t *b = NULL;
  const bundle_head_t theirs = {
      .kind = BUNDLE_REPLY, .centre = ledger_keys (w->l)->centre_id, .to = other.curve};
  assert_int_equal (bundle_open (buf_str (&w->reply), &theirs, &other.curve_secret, &b, &fail), ERR_FOREIGN);
}

/* A centre restored from a copy that knows nobody yet lets in who shows its certificate, but for those it was
 * told not to. */
static void
forgotten_agents_are_let_in (void **state)
{
  world_t *w = *state;
  for (int turned_away = 0; turned_away < 2; turned_away++) {
    static peer_t late;
    kv_t *copy = NULL;
    world_t restored = {.arena = w->arena};
    fail_t fail = {0};
    assert_int_equal (kv_copy_mem (ledger_kv (w->l), &copy), ERR_OK);
    assert_int_equal (ledger_open_kv (&copy, &restored.l, &fail), ERR_OK);
    peer_open (&late, w->l, AN_NHON, ROLE_OFFICE);
    add_schemes (&late, 50, 4);
    make (&restored, &late, 1, 4, &(odd_t){.name = "549-9"});
    refused (&restored, ERR_FOREIGN, "");
    const str_t names = STR ("549-9");
    assert_int_equal (ledger_fork (restored.l, &names, (size_t)turned_away, fixture_now, &fail), ERR_OK);
    if (turned_away)
      refused (&restored, ERR_FOREIGN, "549-9");
    else
      takes (&restored, 4, 0);
    assert_int_equal (cursor_of (restored.l, late.store), turned_away ? 0 : 4);
    assert_int_equal (fixture_verify (restored.l, &w->things), 0);
    peer_close (&late);
    ledger_close (&restored.l);
    buf_free (&restored.file);
    buf_free (&restored.reply);
  }
}

typedef struct {
  uint32_t serial;
  contact_t c;
} noted_t;

static err_t
note (void *ctx, const agent_row_t *a, const contact_t *c)
{
  noted_t *n = ctx;
  if (a->serial == n->serial)
    n->c = *c;
  return ERR_OK;
}

static noted_t
noted_of (world_t *w)
{
  kv_txn_t *txn = NULL;
  noted_t n = {.serial = mine.serial};
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  assert_int_equal (roster_agents (w->l, txn, note, &n), ERR_OK);
  kv_abort (&txn);
  return n;
}

static void
what_is_known_of_the_agent_follows (void **state)
{
  world_t *w = *state;
  add_schemes (&mine, 1, 6);
  make (w, &mine, 1, 4, &(odd_t){.last_seq = 6});
  takes (w, 4, 0);
  noted_t n = noted_of (w);
  assert_int_equal (n.c.backlog, 2);
  assert_int_equal (n.c.seen.ms, fixture_now.ms);
  fixture_now.ms += 1000;
  takes (w, 0, 4); /* nothing new: nobody has been in touch */
  assert_int_equal (noted_of (w).c.seen.ms, fixture_now.ms - 1000);
  make (w, &mine, 5, 6, NULL);
  takes (w, 2, 0);
  assert_int_equal (noted_of (w).c.backlog, 0);
  /* a session is on: it knows better */
  const contact_t live = {.online = true, .seen = fixture_now, .backlog = 7};
  assert_int_equal (roster_contact (w->l, &mine.serial, &live, 1), ERR_OK);
  add_schemes (&mine, 7, 1);
  make (w, &mine, 7, 7, NULL);
  takes (w, 1, 0);
  assert_int_equal (noted_of (w).c.backlog, 7);
}

int
main (void)
{
#define ROW(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      ROW (once_whatever_comes_how_often),        ROW (a_gap_says_what_is_missing),
      ROW (refusals_are_verdicts_as_on_the_line), ROW (only_of_whom_it_says),
      ROW (a_revoked_agent_brings_nothing),       ROW (another_history_is_not_taken),
      ROW (the_reply_is_what_the_line_would_say), ROW (replies_are_for_one_bundle_and_one_agent),
      ROW (the_reply_names_what_is_common),       ROW (what_is_known_of_the_agent_follows),
      ROW (forgotten_agents_are_let_in),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
