/* test_bundle_office.c - bundles at the office: what goes into the file, and that of a reply nothing is taken
 * that the centre would not say on the line. */
#include "tests/unit/agent/office.h"

#include "agent/outbox/bundle.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/wire/bundle_wire.h"

#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define PROGRAM STR ("kc-agent test")

static void
enter (office_t *e, unsigned n)
{
  import_counts_t counts;
  buf_t file = BUF_INIT;
  buf_puts (&file, HEAD "\n");
  for (unsigned i = 0; i < n; i++)
    buf_printf (&file, "KC-%u,Hỗ trợ máy,549,2020,III.3,registered\n", i);
  assert_int_equal (take (e->o, buf_z (&file), NULL, NULL, &counts), ERR_OK);
  buf_free (&file);
}

static record_id_t
centre_id (office_t *e)
{
  centre_certificate_t c;
  assert_int_equal (centre_certificate_decode (e->centre->certificate.body, e->arena, &c), ERR_OK);
  return c.centre_id;
}

/* ---- the export ---- */

/* Updates in the file, first to last; 0: none. */
static uint64_t
count_updates (office_t *e, const buf_t *file, uint64_t *first)
{
  bundle_t *b = NULL;
  message_t m;
  fail_t fail = {0};
  uint64_t n = 0;
  const bundle_head_t want = {.kind = BUNDLE_UP, .centre = centre_id (e), .to = e->centre->curve};
  assert_int_equal (bundle_open (buf_str (file), &want, &e->centre->curve_secret, &b, &fail), ERR_OK);
  assert_true (bundle_signed_by (b, &outbox_identity (e->o)->sign));
  assert_int_equal (bundle_serial (b), outbox_identity (e->o)->serial);
  assert_int_equal (bundle_next_message (b, e->arena, &m), ERR_OK);
  assert_int_equal (m.type, MSG_PRESENT);
  assert_true (sign_check (SIGN_AGENT_CERTIFICATE, m.u.present.certificate.body,
                           m.u.present.certificate.signature, &e->centre->centre));
  assert_int_equal (bundle_next_message (b, e->arena, &m), ERR_OK);
  assert_int_equal (m.type, MSG_HELLO);
  assert_int_equal (m.u.hello.streams[0].last_seq, facts_of (e->o).last_seq);
  assert_int_equal (m.u.hello.down.lsn, facts_of (e->o).down.lsn);
  *first = 0;
  while (bundle_next_message (b, e->arena, &m) == ERR_OK)
    if (store_id_eq (m.u.chunk.store, outbox_store_id (e->o))) {
      *first = *first == 0 ? m.u.chunk.first_seq : *first;
      assert_int_equal (m.u.chunk.first_seq, *first + n);
      n += m.u.chunk.updates_n;
    }
  bundle_destroy (&b);
  return n;
}

static void
what_waits_or_all_of_it (void **state)
{
  office_t *e = *state;
  static const struct {
    uint64_t acked, from, first, n;
  } rows[] = {{0, 0, 1, 500},       {0, 400, 400, 101}, {300, 0, 301, 200}, {300, 1, 1, 500},
              {300, 200, 200, 301}, {500, 0, 0, 0},     {500, 1, 1, 500},   {500, 501, 0, 0}};
  enter (e, 500);
  for (size_t i = 0; i < COUNT (rows); i++) {
    buf_t file = BUF_INIT;
    bundle_made_t made;
    fail_t fail = {0};
    uint64_t first;
    assert_int_equal (outbox_acked (e->o, rows[i].acked, clock_wall ()), ERR_OK);
    const err_t err = outbox_bundle_export (e->o, rows[i].from, PROGRAM, clock_wall (), &file, &made, &fail);
    if (err != ERR_OK)
      fail_msg ("row %zu: %s", i, fail.text);
    assert_int_equal (count_updates (e, &file, &first), rows[i].n);
    assert_int_equal (first, rows[i].first);
    assert_int_equal (made.last_seq + 1 - made.first_seq, rows[i].n);
    assert_int_equal (made.end, rows[i].n > 0 ? 500 : made.last_seq);
    buf_free (&file);
  }
}

/* ---- the reply ---- */

/* What a test has the centre say otherwise than it would. */
typedef struct {
  bool stranger_signs;
  uint32_t serial;
  const store_id_t *store;
  bool other_hash, other_common, no_welcome, chunk_behind;
  uint64_t common;         /* the last place both have alike, as it says; 0: it does not */
  uint64_t epoch;          /* 0: its own */
  const curve_key_t *to;   /* NULL: this PC's */
  const msg_down_t *downs; /* said behind the welcome */
  size_t downs_n;
} odd_t;

static void
reply (office_t *e, uint64_t cursor, const odd_t *odd, buf_t *out)
{
  static const odd_t none = {0};
  sign_key_t stranger;
  sign_secret_t stranger_secret;
  hash_t hash;
  odd = odd != NULL ? odd : &none;
  const bundle_head_t head = {.kind = BUNDLE_REPLY,
                              .centre = centre_id (e),
                              .to = odd->to != NULL ? *odd->to : outbox_identity (e->o)->curve};
  stream_cursor_t at[2] = {
      {.store = odd->store != NULL ? *odd->store : outbox_store_id (e->o), .cursor = cursor}};
  if (outbox_hash_at (e->o, cursor, &hash) == ERR_OK)
    at[0].hash = hash;
  at[0].hash.b[3] ^= odd->other_hash ? 1 : 0;
  at[0].acked_fits = !odd->other_hash;
  at[1] = (stream_cursor_t){.store = at[0].store, .cursor = odd->common, .acked_fits = true};
  if (outbox_hash_at (e->o, odd->common, &hash) == ERR_OK)
    at[1].hash = hash;
  at[1].hash.b[3] ^= odd->other_common ? 1 : 0;
  message_t m = {.type = MSG_WELCOME};
  m.u.welcome = (msg_welcome_t){.protocol = WIRE_PROTOCOL,
                                .streams = at,
                                .streams_n = odd->common > 0 ? 2 : 1,
                                .end = {odd->epoch != 0 ? odd->epoch : e->centre->epoch, e->centre->lsn}};
  sign_keys_make (&stranger, &stranger_secret);
  buf_clear (out);
  bundle_writer_t *w = bundle_writer_new (&head, out);
  assert_non_null (w);
  if (!odd->no_welcome)
    assert_true (bundle_put (w, &m));
  for (size_t i = 0; i < odd->downs_n; i++) {
    message_t down = {.type = MSG_DOWN, .u.down = odd->downs[i]};
    assert_true (bundle_put (w, &down));
  }
  if (odd->chunk_behind) {
    message_t chunk = {.type = MSG_CHUNK};
    assert_int_equal (outbox_read_chunk (e->o, 1, 1000, e->arena, &chunk.u.chunk), ERR_OK);
    assert_true (bundle_put (w, &chunk));
  }
  assert_true (
      bundle_end (w, odd->serial, odd->stranger_signs ? &stranger_secret : &e->centre->centre_secret));
  bundle_writer_destroy (&w);
}

static err_t
hear (office_t *e, const buf_t *file, bundle_taken_t *taken)
{
  fail_t fail = {0};
  *taken = (bundle_taken_t){0};
  err_t err = outbox_bundle_import (e->o, buf_str (file), clock_wall (), taken, &fail);
  assert_true (err == ERR_OK || (fail.text[0] != '\0' && fail.err != ERR_OK));
  return err;
}

static void
what_the_centre_has_received (void **state)
{
  office_t *e = *state;
  buf_t file = BUF_INIT;
  bundle_taken_t taken;
  enter (e, 50);
  static const struct {
    uint64_t says, acked;
  } rows[] = {{0, 0}, {20, 20}, {20, 20}, {10, 20}, {50, 50}, {20, 50}, {0, 50}};
  uint64_t before = 0;
  for (size_t i = 0; i < COUNT (rows); i++) {
    reply (e, rows[i].says, NULL, &file);
    assert_int_equal (hear (e, &file, &taken), ERR_OK);
    assert_int_equal (taken.acked_before, before);
    assert_int_equal (taken.acked, rows[i].acked);
    assert_int_equal (facts_of (e->o).acked, rows[i].acked);
    before = rows[i].acked;
  }
  buf_free (&file);
}

static msg_down_t
say_due (office_t *e, const char *period)
{
  decision_t d = {.type = DECISION_DUE};
  d.u.due.period = str_of (period);
  d.u.due.date = 20300101;
  return fake_centre_say (e->centre, &d);
}

static void
what_it_has_decided (void **state)
{
  office_t *e = *state;
  buf_t file = BUF_INIT;
  bundle_taken_t taken;
  enter (e, 5);
  const uint64_t before = facts_of (e->o).down.lsn;
  msg_down_t downs[3];
  const char *const periods[] = {"2019", "2020", "2021"};
  for (size_t i = 0; i < COUNT (downs); i++)
    downs[i] = say_due (e, periods[i]);
  /* the first two, then all three: what is known is passed over */
  for (size_t n = 2; n <= 3; n++) {
    reply (e, 5, &(odd_t){.downs = downs, .downs_n = n}, &file);
    assert_int_equal (hear (e, &file, &taken), ERR_OK);
    assert_int_equal (taken.at.lsn, before + n);
    assert_true (taken.complete);
  }
  assert_int_equal (hear (e, &file, &taken), ERR_OK);
  assert_int_equal (taken.before.lsn, taken.at.lsn);
  /* one is missing in between: what comes before it is good */
  msg_down_t more[3];
  for (size_t i = 0; i < COUNT (more); i++)
    more[i] = say_due (e, periods[i]);
  const msg_down_t holed[] = {more[0], more[2]};
  reply (e, 5, &(odd_t){.downs = holed, .downs_n = 2}, &file);
  assert_int_equal (hear (e, &file, &taken), ERR_INPUT);
  assert_int_equal (facts_of (e->o).down.lsn, before + 4);
  /* changed under the centre's own seal */
  msg_down_t forged = more[1];
  signed_head_t head = forged.heads[0];
  head.signature.b[7] ^= 1;
  forged.heads = &head;
  reply (e, 5, &(odd_t){.downs = &forged, .downs_n = 1}, &file);
  assert_int_equal (hear (e, &file, &taken), ERR_INPUT);
  assert_int_equal (facts_of (e->o).down.lsn, before + 4);
  reply (e, 5, &(odd_t){.downs = more, .downs_n = 3}, &file);
  assert_int_equal (hear (e, &file, &taken), ERR_OK);
  assert_int_equal (facts_of (e->o).down.lsn, before + 6);
  buf_free (&file);
}

static void
nothing_of_others (void **state)
{
  office_t *e = *state;
  buf_t file = BUF_INIT;
  bundle_taken_t taken;
  curve_key_t theirs, theirs_secret;
  const store_id_t elsewhere = {{9}};
  enter (e, 10);
  curve_keys_make (&theirs, &theirs_secret);
  const msg_down_t down = say_due (e, "2020");
  struct {
    uint64_t cursor;
    odd_t odd;
    err_t err;
  } rows[] = {
      {5, {.stranger_signs = true}, ERR_INPUT},
      {5, {.serial = 7}, ERR_INPUT}, /* by the centre's key, said to be an agent's */
      {5, {.to = &theirs}, ERR_FOREIGN},
      {5, {.store = &elsewhere}, ERR_FOREIGN},
      {5, {.no_welcome = true}, ERR_INPUT},
      {5, {.chunk_behind = true}, ERR_INPUT},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    const bool late = rows[i].odd.chunk_behind; /* behind what is good */
    const uint64_t lsn = facts_of (e->o).down.lsn;
    rows[i].odd.downs = &down;
    rows[i].odd.downs_n = late ? 0 : 1;
    reply (e, rows[i].cursor, &rows[i].odd, &file);
    if (hear (e, &file, &taken) != rows[i].err)
      fail_msg ("row %zu", i);
    assert_int_equal (facts_of (e->o).acked, 0);
    assert_int_equal (facts_of (e->o).down.lsn, lsn);
  }
  assert_int_equal (outbox_bundle_import (e->o, STR ("code,name\n"), clock_wall (), &taken, NULL), ERR_INPUT);
  assert_int_equal (outbox_bundle_import (e->o, STR (""), clock_wall (), &taken, NULL), ERR_INPUT);
  buf_free (&file);
}

/* The centre has more under our name, or something else: nothing of what it says is lost, nor of what we
 * have. */
static void
an_old_copy_goes_on_in_a_new_stream (void **state)
{
  (void)state;
  static const struct {
    uint64_t acked, cursor;
    bool other_hash, other_common;
    uint64_t says, common;
  } rows[] = {{0, 11, false, false, 0, 0},   {4, 15, false, false, 0, 4}, {6, 8, true, false, 0, 0},
              {0, 11, false, false, 10, 10}, {4, 15, false, false, 7, 7}, {6, 8, true, false, 3, 3},
              {0, 11, false, true, 10, 0}, /* it is not the same there */
              {6, 15, false, false, 3, 6},   {0, 15, false, false, 12, 0}};
  for (size_t i = 0; i < COUNT (rows); i++) {
    office_t *e = office_new ("549", ROLE_OFFICE);
    buf_t file = BUF_INIT;
    bundle_taken_t taken;
    bundle_made_t made;
    fail_t fail = {0};
    uint64_t first;
    enter (e, 10);
    assert_int_equal (outbox_acked (e->o, rows[i].acked, clock_wall ()), ERR_OK);
    const facts_t before = facts_of (e->o);
    const msg_down_t down = say_due (e, "2020");
    const odd_t odd = {.other_hash = rows[i].other_hash,
                       .other_common = rows[i].other_common,
                       .common = rows[i].says,
                       .downs = &down,
                       .downs_n = 1};
    reply (e, rows[i].cursor, &odd, &file);
    assert_int_equal (hear (e, &file, &taken), ERR_OK);
    assert_true (taken.forked);
    const facts_t after = facts_of (e->o);
    assert_false (store_id_eq (after.store, before.store));
    assert_int_equal (after.last_seq, 10 - rows[i].common);
    assert_int_equal (after.acked, 0);
    assert_int_equal (after.down.lsn, before.down.lsn);      /* it is told again, and more */
    assert_int_equal (hear (e, &file, &taken), ERR_FOREIGN); /* about the stream it has left */
    buf_clear (&file);
    assert_int_equal (outbox_bundle_export (e->o, 0, PROGRAM, clock_wall (), &file, &made, &fail), ERR_OK);
    assert_int_equal (count_updates (e, &file, &first), 10 - rows[i].common);
    assert_int_equal (first, rows[i].common < 10 ? 1 : 0);
    buf_free (&file);
    office_destroy (e);
  }
}

/* A reply that lay in a drawer while the centre was restored does not turn the cursor back. */
static void
nothing_of_an_epoch_that_is_over (void **state)
{
  office_t *e = *state;
  buf_t old = BUF_INIT, file = BUF_INIT;
  bundle_taken_t taken;
  enter (e, 10);
  const msg_down_t late = say_due (e, "2019");
  reply (e, 10, &(odd_t){.downs = &late, .downs_n = 1}, &old);
  e->centre->lsn--; /* the restored one goes on without it */
  e->centre->seq--;
  const uint64_t was = e->centre->epoch;
  const uint64_t end = e->centre->lsn;
  e->centre->epoch = was + 1;
  const msg_down_t first = {.epoch = was + 1, .first_lsn = end + 1, .last_lsn = end + 3, .complete = true};
  reply (e, 2, &(odd_t){.downs = &first, .downs_n = 1}, &file);
  assert_int_equal (hear (e, &file, &taken), ERR_OK);
  assert_int_equal (facts_of (e->o).down.epoch, was + 1);
  assert_int_equal (hear (e, &old, &taken), ERR_INPUT);
  assert_int_equal (facts_of (e->o).down.epoch, was + 1);
  assert_int_equal (facts_of (e->o).down.lsn, end + 3);
  assert_int_equal (facts_of (e->o).acked, 2);
  buf_free (&old);
  buf_free (&file);
}

static void
how_long_it_has_waited (void **state)
{
  (void)state;
#define DAY INT64_C (86400000)
  static const struct {
    uint64_t pending;
    int64_t oldest, contact, now;
    uint64_t days;
  } rows[] = {
      {0, 10 * DAY, 0, 20 * DAY, 0},         {1, 10 * DAY, 0, 20 * DAY, 10},
      {1, 10 * DAY, 0, 11 * DAY - 1, 0},     {1, 10 * DAY, 0, 11 * DAY, 1},
      {5, 10 * DAY, 18 * DAY, 20 * DAY, 2},  {1, 10 * DAY, 0, 5 * DAY, 0}, /* a clock that was set back */
      {1, 10 * DAY, 30 * DAY, 20 * DAY, 0},  {1, 0, 0, 20 * DAY, 0},
      {1, -5 * DAY, -2 * DAY, INT64_MAX, 0},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    const facts_t f = {.pending = rows[i].pending, .oldest_pending = {rows[i].oldest}};
    assert_int_equal (outbox_waiting_days (&f, (wall_t){rows[i].contact}, (wall_t){rows[i].now}),
                      rows[i].days);
  }
}

int
main (void)
{
#define ROW(test) cmocka_unit_test_setup_teardown (test, office_set_up, office_tear_down)
  const struct CMUnitTest tests[] = {
      ROW (what_waits_or_all_of_it),
      ROW (what_the_centre_has_received),
      ROW (what_it_has_decided),
      ROW (nothing_of_others),
      ROW (nothing_of_an_epoch_that_is_over),
      cmocka_unit_test (an_old_copy_goes_on_in_a_new_stream),
      cmocka_unit_test (how_long_it_has_waited),
  };
  return crypto_init () ? cmocka_run_group_tests (tests, NULL, NULL) : 1;
}
