/* hostile - a client that skips the agent's checks, against a real collector. Each attack must change
 * nothing and stop nobody else: after each, an honest office's update is acknowledged, and the totals
 * are those of the honest updates alone.
 *
 * The programs are found through KC_BIN. */
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/wire/message_wire.h"
#include "common/wire/update_wire.h"
#include "tests/support/peer.h"
#include "tests/support/process.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define REFUSED_WAIT_MS 1500 /* how long to look for an answer that must not come */
#define ANSWER_MS 60000

static char base[256], centre[300], collector[1024];
static pid_t server;
static peer_t *honest, *liar;
static uint64_t honest_count;

static peer_t *
invite (const char *office)
{
  const char *argv[] = {collector, "invite", centre, "--office", office, NULL};
  buf_t text = BUF_INIT;
  assert_int_equal (process_run (argv, &text), 0);
  peer_t *p = peer_new (buf_str (&text));
  buf_free (&text);
  assert_non_null (p);
  return p;
}

static int
set_up (void **state)
{
  (void)state;
  const char *bin = getenv ("KC_BIN");
  assert_non_null (bin);
  snprintf (collector, sizeof collector, "%s/kc-collector", bin);
  snprintf (base, sizeof base, "/tmp/kc-hostile-XXXXXX");
  assert_non_null (mkdtemp (base));
  snprintf (centre, sizeof centre, "%s/centre", base);
  const char *init[] = {collector, "init", centre, NULL};
  assert_int_equal (process_run (init, NULL), 0);
  const char *serve[] = {collector, "serve", centre, "--bind", "tcp://127.0.0.1:0", "--http", "off", NULL};
  buf_t line = BUF_INIT;
  server = process_start (serve, &line);
  assert_true (strncmp (buf_z (&line), "ready ", 6) == 0);
  buf_free (&line);
  honest = invite ("549");
  assert_true (peer_enrol (honest));
  assert_true (peer_hello (honest, ANSWER_MS));
  liar = invite ("540");
  assert_true (peer_enrol (liar));
  assert_true (peer_hello (liar, ANSWER_MS));
  return 0;
}

static int
tear_down (void **state)
{
  (void)state;
  peer_destroy (&honest);
  peer_destroy (&liar);
  process_kill (server, SIGTERM);
  const char *verify[] = {collector, "verify", centre, NULL};
  assert_int_equal (process_run (verify, NULL), 0);
  const char *clean[] = {"/bin/rm", "-rf", base, NULL};
  process_run (clean, NULL);
  return 0;
}

/* Schemes the totals count, over all offices. */
static uint64_t
counted (void)
{
  const char *argv[] = {collector, "totals", centre, "--by", "district", "--format", "csv", NULL};
  buf_t out = BUF_INIT;
  assert_int_equal (process_run (argv, &out), 0);
  uint64_t sum = 0;
  const char *z = buf_z (&out);
  for (const char *line = strchr (z, '\n'); line != NULL && line[1] != '\0'; line = strchr (line + 1, '\n')) {
    const char *comma = strchr (line, ',');
    assert_non_null (comma);
    sum += strtoull (comma + 1, NULL, 10);
  }
  buf_free (&out);
  return sum;
}

/* The honest office goes on as ever, and nothing but its updates counts. */
static void
all_is_well (void)
{
  update_t u;
  peer_scheme (honest, ++honest_count, &u);
  peer_add (honest, &u);
  message_t m;
  uint64_t seq = peer_last_seq (honest);
  peer_chunk (honest, seq, 1, &m);
  peer_send (honest, &m);
  assert_true (peer_wait_ack (honest, seq, ANSWER_MS));
  assert_int_equal (counted (), honest_count);
}

static void
liar_again (void)
{
  peer_destroy (&liar);
  liar = invite ("540");
  assert_true (peer_enrol (liar));
  assert_true (peer_hello (liar, ANSWER_MS));
}

/* Sends the liar's newest n updates as one chunk. */
static void
send_last (size_t n)
{
  message_t m;
  peer_chunk (liar, peer_last_seq (liar) - n + 1, n, &m);
  peer_send (liar, &m);
}

/* ---- who may come in ---- */

static void
strangers_key (void **state)
{
  (void)state;
  peer_t *p = invite ("542");
  peer_connect (p, PEER_STRANGER);
  message_t m = {.type = MSG_HELLO};
  m.u.hello.protocols[0] = WIRE_PROTOCOL;
  m.u.hello.protocols_n = 1;
  peer_send (p, &m);
  assert_null (peer_receive (p, REFUSED_WAIT_MS));
  peer_connect (p, PEER_NO_KEY);
  peer_send (p, &m);
  assert_null (peer_receive (p, REFUSED_WAIT_MS));
  peer_destroy (&p);
  all_is_well ();
}

static void
invite_key_is_for_enrol_only (void **state)
{
  (void)state;
  peer_t *p = invite ("542");
  peer_connect (p, PEER_ONCE);
  message_t m = {.type = MSG_HELLO};
  m.u.hello.protocols[0] = WIRE_PROTOCOL;
  m.u.hello.protocols_n = 1;
  peer_send (p, &m);
  assert_null (peer_receive_type (p, MSG_WELCOME, REFUSED_WAIT_MS));
  update_t u;
  peer_scheme (p, 1, &u);
  peer_add (p, &u);
  peer_chunk (p, 1, 1, &m);
  peer_send (p, &m);
  assert_null (peer_receive_type (p, MSG_ACK, REFUSED_WAIT_MS));
  peer_destroy (&p);
  all_is_well ();
}

static void
invite_works_once (void **state)
{
  (void)state;
  const char *argv[] = {collector, "invite", centre, "--office", "543", NULL};
  buf_t text = BUF_INIT;
  assert_int_equal (process_run (argv, &text), 0);
  peer_t *first = peer_new (buf_str (&text)), *second = peer_new (buf_str (&text));
  buf_free (&text);
  assert_true (peer_enrol (first));
  assert_true (peer_enrol (first));              /* a repeat by the same keys gives the certificate again */
  assert_true (peer_enrol_by (first, PEER_OWN)); /* by its own key too */
  assert_false (peer_enrol (second));            /* other keys: the invite is used */
  peer_destroy (&second);
  peer_destroy (&first);
  all_is_well ();
}

static void
agents_key_cannot_enrol_again (void **state)
{
  (void)state;
  liar_again ();
  message_t m = {.type = MSG_ENROL};
  m.u.enrol.invite = peer_invite (liar)->id;
  m.u.enrol.host = STR ("x");
  m.u.enrol.program = STR ("x");
  peer_send (liar, &m);
  const message_t *answer = peer_receive_type (liar, MSG_ENROLLED, REFUSED_WAIT_MS);
  assert_true (answer == NULL || !answer->u.enrolled.certificate.given);
  all_is_well ();
}

/* ---- what an enrolled liar may send ---- */

static void
foreign_office (void **state)
{
  (void)state;
  liar_again ();
  update_t u;
  peer_scheme (liar, 1, &u);
  u.record.u.scheme.district = peer_unit (honest);
  peer_add (liar, &u);
  send_last (1);
  assert_true (peer_wait_ack (liar, 1, ANSWER_MS)); /* refused and kept: the cursor moves on */
  peer_scheme (liar, 2, &u);
  u.home = peer_unit (honest);
  u.record.u.scheme.district = peer_unit (honest);
  peer_add (liar, &u);
  send_last (1);
  assert_true (peer_wait_ack (liar, 2, ANSWER_MS));
  all_is_well ();
}

static void
anothers_record (void **state)
{
  (void)state;
  liar_again ();
  update_t u;
  peer_scheme (liar, 1, &u);
  u.record.u.scheme.code = STR ("T-549-1"); /* the honest office's natural key */
  peer_add (liar, &u);
  send_last (1);
  assert_true (peer_wait_ack (liar, 1, ANSWER_MS));
  all_is_well ();
}

static void
forged_sequence (void **state)
{
  (void)state;
  liar_again ();
  update_t u;
  for (uint64_t i = 1; i <= 3; i++) {
    peer_scheme (liar, i, &u);
    u.record.u.scheme.status = STATUS_DRAFT; /* counts in nothing, should it slip through */
    peer_add (liar, &u);
  }
  message_t m;
  peer_chunk (liar, 3, 1, &m); /* a gap */
  peer_send (liar, &m);
  assert_false (peer_wait_ack (liar, 3, REFUSED_WAIT_MS));
  assert_int_equal (peer_cursor (liar), 0);
  liar_again ();
  peer_scheme (liar, 1, &u);
  peer_add (liar, &u);
  peer_chunk (liar, 1, 1, &m);
  m.u.chunk.first_seq = 7; /* says 7, holds 1 */
  peer_send (liar, &m);
  assert_false (peer_wait_ack (liar, 1, REFUSED_WAIT_MS));
  all_is_well ();
}

static void
forged_chain (void **state)
{
  (void)state;
  for (int what = 0; what < 5; what++) {
    liar_again ();
    update_t u;
    peer_scheme (liar, 1, &u);
    peer_add (liar, &u);
    message_t m;
    peer_chunk (liar, 1, 1, &m);
    msg_chunk_t *c = &m.u.chunk;
    switch (what) {
    case 0:
      c->previous_hash.b[3] ^= 1;
      break;
    case 1:
      c->head.hash.b[0] ^= 1;
      break;
    case 2:
      c->head.signature.b[10] ^= 1;
      break;
    case 3:
      c->head.given = false;
      break;
    default:
      c->store = peer_store (honest); /* another's stream */
      break;
    }
    peer_send (liar, &m);
    assert_false (peer_wait_ack (liar, 1, REFUSED_WAIT_MS / 3));
  }
  all_is_well ();
}

static void
replay_of_an_old_session (void **state)
{
  (void)state;
  liar_again ();
  update_t u;
  peer_scheme (liar, 1, &u);
  u.record.u.scheme.status = STATUS_DRAFT;
  peer_add (liar, &u);
  message_t m;
  peer_chunk (liar, 1, 1, &m);
  peer_send (liar, &m);
  assert_true (peer_wait_ack (liar, 1, ANSWER_MS));
  uint64_t old = peer_token (liar);
  assert_true (peer_hello (liar, ANSWER_MS));
  assert_int_not_equal (old, peer_token (liar));
  peer_scheme (liar, 2, &u);
  peer_add (liar, &u);
  peer_chunk (liar, 2, 1, &m);
  m.u.chunk.token = old;
  peer_send (liar, &m);
  assert_false (peer_wait_ack (liar, 2, REFUSED_WAIT_MS));
  m.u.chunk.token = peer_token (honest);
  peer_send (liar, &m);
  assert_false (peer_wait_ack (liar, 2, REFUSED_WAIT_MS));
  all_is_well ();
}

static void
repeated_chunks_count_once (void **state)
{
  (void)state;
  update_t u;
  for (int i = 0; i < 5; i++) {
    peer_scheme (honest, ++honest_count, &u);
    peer_add (honest, &u);
  }
  uint64_t last = peer_last_seq (honest);
  message_t m;
  for (int i = 0; i < 6; i++) { /* whole, again, and overlapping parts */
    peer_chunk (honest, last - 4 + (uint64_t)(i % 3), (size_t)(5 - i % 3), &m);
    peer_send (honest, &m);
  }
  assert_true (peer_wait_ack (honest, last, ANSWER_MS));
  all_is_well ();
}

static void
bad_values (void **state)
{
  (void)state;
  static const struct {
    const char *name;
    int what;
  } rows[] = {{"unknown status", 0},     {"unknown kind", 1},      {"negative money", 2},
              {"too much money", 3},     {"unknown item", 4},      {"no name", 5},
              {"bad date", 6},           {"year out of range", 7}, {"unknown source", 8},
              {"bad code", 9},           {"long name", 10},        {"decision by an agent", 11},
              {"settled, no amount", 12}};
  static char long_name[TEXT_LONG_MAX + 2];
  memset (long_name, 'x', sizeof long_name - 1);
  liar_again ();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    update_t u;
    peer_scheme (liar, i + 1, &u);
    scheme_t *s = &u.record.u.scheme;
    switch (rows[i].what) {
    case 0:
      s->status = (status_t)77;
      break;
    case 1:
      s->kind = (scheme_kind_t)9;
      break;
    case 2:
      s->funding[0].approved_vnd.v = -5;
      break;
    case 3:
      s->funding[0].approved_vnd.v = AMOUNT_MAX + 1;
      break;
    case 4:
      s->item = STR ("XX.1");
      break;
    case 5:
      s->name = STR_NONE;
      break;
    case 6:
      s->approved_on = 20191345;
      break;
    case 7:
      s->plan_year = (span_t){1900, 1900};
      break;
    case 8:
      s->funding[0].source = 99;
      break;
    case 9:
      s->code = STR ("Đ 1");
      break;
    case 10:
      s->name = (str_t){long_name, TEXT_LONG_MAX + 1};
      break;
    case 11:
      u.record.kind = KIND_DECISION;
      u.decision = STR ("\x0a\x00");
      break;
    default:
      s->status = STATUS_SETTLED;
      break;
    }
    peer_add (liar, &u);
    send_last (1);
    if (!peer_wait_ack (liar, i + 1, ANSWER_MS))
      fail_msg ("%s: neither refused nor kept", rows[i].name);
  }
  all_is_well ();
}

/* Nonsense of any length: its office still hears every verdict, this one's and those behind it. */
static void
verdicts_can_be_read (void **state)
{
  (void)state;
  static char code[120000];
  memset (code, 'A', sizeof code);
  liar_again ();
  uint64_t before = 0, last = 0;
  for (uint64_t i = 1; i <= 2; i++) {
    update_t u;
    peer_scheme (liar, i, &u);
    if (i == 1)
      u.record.u.scheme.code = (str_t){code, sizeof code};
    else
      u.record.u.scheme.name = STR_NONE;
    peer_add (liar, &u);
    send_last (1);
    assert_true (peer_wait_ack (liar, i, ANSWER_MS));
  }
  assert_true (peer_hello (liar, ANSWER_MS));
  arena_t *arena = arena_new (64u << 20);
  unsigned seen = 0;
  for (bool complete = false; !complete && seen < 2;) {
    const message_t *m = peer_receive_type (liar, MSG_DOWN, ANSWER_MS);
    assert_non_null (m);
    complete = m->u.down.complete;
    for (size_t i = 0; i < m->u.down.centre_n; i++) {
      update_t u;
      decision_t d;
      assert_int_equal (update_decode (m->u.down.centre[i].update, arena, &u, NULL), ERR_OK);
      assert_int_equal (decision_decode (u.decision, arena, &d), ERR_OK);
      before = last;
      last = m->u.down.centre[i].lsn;
      assert_true (last > before);
      seen += d.type == DECISION_VERDICT && store_id_eq (d.u.verdict.update.store, peer_store (liar));
    }
    message_t ack = {.type = MSG_DOWN_ACK};
    ack.u.down_ack = (msg_down_ack_t){peer_token (liar), {m->u.down.epoch, m->u.down.last_lsn}};
    peer_send (liar, &ack);
  }
  assert_int_equal (seen, 2);
  arena_destroy (&arena);
  all_is_well ();
}

/* Bytes that are no update at all are refused and kept too; a session is never stuck on them. */
static void
garbage_in_a_chunk (void **state)
{
  (void)state;
  liar_again ();
  message_t m;
  str_t garbage = STR ("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01 no protobuf");
  memset (&m, 0, sizeof m);
  m.type = MSG_CHUNK;
  msg_chunk_t *c = &m.u.chunk;
  c->token = peer_token (liar);
  c->store = peer_store (liar);
  c->first_seq = 1;
  c->previous_hash = peer_hash_at (liar, 0);
  c->updates = &garbage;
  c->updates_n = 1;
  c->head.given = true;
  c->head.store = c->store;
  c->head.seq = 1;
  c->head.hash = chain_next (c->previous_hash, garbage);
  peer_send (liar, &m); /* the signature is wrong as well */
  assert_false (peer_wait_ack (liar, 1, REFUSED_WAIT_MS));
  all_is_well ();
}

/* ---- raw bytes ---- */

static void
raw_frames (void **state)
{
  (void)state;
  static const struct {
    const char *bytes;
    size_t n;
  } rows[] = {{"", 0},
              {"K", 1},
              {"K\1\5\0", 4},
              {"X\1\3\0xxxx", 8},
              {"K\2\3\0", 4},
              {"K\1\x63\0", 4},
              {"K\1\3\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 15},
              {"K\1\5\0\x2a\xff\xff\xff\x7f", 9}, /* a list entry of 256 MiB, it says */
              {"K\1\3\0\x0b\x0b\x0b\x0b\x0b\x0b", 10}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    liar_again ();
    peer_send_raw (liar, (str_t){rows[i].bytes, rows[i].n});
    peer_send_two (liar, STR ("K\1\x9\0"), (str_t){rows[i].bytes, rows[i].n});
  }
  all_is_well ();
}

static void
huge_frames_and_counts (void **state)
{
  (void)state;
  liar_again ();
  size_t n = 8u << 20;
  char *huge = calloc (1, n);
  assert_non_null (huge);
  memcpy (huge, "K\1\5\0", 4);
  peer_send_raw (liar, (str_t){huge, n}); /* over the frame limit */
  /* the library ends the line before any of it is kept: nobody there reads it and says goodbye */
  assert_null (peer_receive_type (liar, MSG_BYE, 500));
  all_is_well ();
  /* a frame within the limit that says it holds very many updates, each empty */
  liar_again ();
  n = FRAME_MAX - 64;
  for (size_t i = 4; i + 1 < n; i += 2) {
    huge[i] = 0x2a;
    huge[i + 1] = 0;
  }
  peer_send_raw (liar, (str_t){huge, n});
  free (huge);
  all_is_well ();
}

static void
flood_of_hellos (void **state)
{
  (void)state;
  liar_again ();
  message_t m = {.type = MSG_HELLO};
  m.u.hello.protocols[0] = WIRE_PROTOCOL;
  m.u.hello.protocols_n = 1;
  for (int i = 0; i < 500; i++)
    peer_send (liar, &m);
  all_is_well ();
}

/* Each HELLO gives credit anew; what came before it is dropped, not heaped up. */
static void
flood_of_chunks_behind_hellos (void **state)
{
  (void)state;
  static char note[150000];
  memset (note, 'x', sizeof note);
  liar_again ();
  update_t u;
  peer_scheme (liar, 1, &u);
  u.record.u.scheme.note = (str_t){note, sizeof note};
  peer_add (liar, &u);
  for (int i = 0; i < 100; i++) {
    message_t m = {.type = MSG_HELLO};
    m.u.hello.protocols[0] = WIRE_PROTOCOL;
    m.u.hello.protocols_n = 1;
    peer_send (liar, &m);
    const message_t *w = peer_receive_type (liar, MSG_WELCOME, ANSWER_MS);
    assert_non_null (w);
    uint64_t token = w->u.welcome.token;
    for (int k = 0; k < 4; k++) {
      peer_chunk (liar, 1, 1, &m);
      m.u.chunk.token = token;
      peer_send (liar, &m);
    }
  }
  all_is_well ();
}

/* ---- revocation ---- */

static void
revoked_in_mid_session (void **state)
{
  (void)state;
  liar_again ();
  const char *list[] = {collector, "agents", centre, "--format", "csv", NULL};
  buf_t out = BUF_INIT;
  assert_int_equal (process_run (list, &out), 0);
  /* the newest agent of 540 is the liar */
  char name[32] = "";
  for (const char *line = buf_z (&out); line != NULL; line = strchr (line, '\n')) {
    line += *line == '\n';
    unsigned number = 0, newest = 0;
    if (sscanf (name, "540-%u", &newest) < 0)
      newest = 0;
    if (sscanf (line, "540-%u", &number) == 1 && number >= newest)
      snprintf (name, sizeof name, "540-%u", number);
  }
  buf_free (&out);
  assert_true (name[0] != '\0');
  const char *revoke[] = {collector, "revoke", centre, name, NULL};
  assert_int_equal (process_run (revoke, NULL), 0);
  const message_t *bye = peer_receive_type (liar, MSG_BYE, ANSWER_MS); /* though it said nothing */
  assert_non_null (bye);
  assert_true (str_is (bye->u.bye.reason, "revoked"));
  update_t u;
  peer_scheme (liar, 1, &u);
  peer_add (liar, &u);
  send_last (1);
  assert_false (peer_wait_ack (liar, 1, REFUSED_WAIT_MS));
  assert_false (peer_hello (liar, REFUSED_WAIT_MS));
  all_is_well ();
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (strangers_key),
      cmocka_unit_test (invite_key_is_for_enrol_only),
      cmocka_unit_test (invite_works_once),
      cmocka_unit_test (agents_key_cannot_enrol_again),
      cmocka_unit_test (foreign_office),
      cmocka_unit_test (anothers_record),
      cmocka_unit_test (forged_sequence),
      cmocka_unit_test (forged_chain),
      cmocka_unit_test (replay_of_an_old_session),
      cmocka_unit_test (repeated_chunks_count_once),
      cmocka_unit_test (bad_values),
      cmocka_unit_test (verdicts_can_be_read),
      cmocka_unit_test (garbage_in_a_chunk),
      cmocka_unit_test (raw_frames),
      cmocka_unit_test (huge_frames_and_counts),
      cmocka_unit_test (flood_of_hellos),
      cmocka_unit_test (flood_of_chunks_behind_hellos),
      cmocka_unit_test (revoked_in_mid_session),
  };
  return cmocka_run_group_tests (tests, set_up, tear_down);
}
