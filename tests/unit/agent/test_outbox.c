/* test_outbox.c - the office's store: what is chained, sent, acknowledged, refused; forged messages; and what
 * a failing or vanishing disk leaves. */
#include "tests/unit/agent/office.h"

#include "agent/entry/views.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/wire/update_wire.h"

static const char three[] =
    HEAD "\nA-1,Một,549,2019,III.3,draft\nA-2,Hai,549,2019,III.3,draft\nA-3,Ba,549,2019,III.3,draft\n";
static const char again[] = HEAD "\nA-1,Một,549,2019,III.3,registered\n";

static int
set_up (void **state)
{
  *state = office_new ("549", ROLE_OFFICE);
  return 0;
}

static int
tear_down (void **state)
{
  office_destroy (*state);
  return 0;
}

static void
join_gives_identity_and_catalogue (void **state)
{
  const office_t *e = *state;
  const identity_t *id = outbox_identity (e->o);
  assert_true (id->joined && id->enrolled);
  assert_true (str_is (id->agent, "549-1"));
  assert_true (str_is (id->unit_code, "549"));
  assert_int_equal (id->addresses_n, 1);
  assert_true (id_is_zero (id->once_secret.b, 32));
  assert_int_equal (catalogue_version (outbox_catalogue (e->o)), 1);
  assert_int_equal (facts_of (e->o).down.lsn, 2);
  assert_int_equal (facts_of (e->o).epochs_n, 1);
}

static void
joining_again (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  const invite_t other = fake_centre_invite (e->centre, "549", ROLE_OFFICE);
  assert_int_equal (outbox_join_begin (e->o, &other, clock_wall (), &fail), ERR_EXISTS);

  outbox_t *o = empty_store ();
  invite_t first = fake_centre_invite (e->centre, "549", ROLE_OFFICE);
  fail = (fail_t){0};
  assert_int_equal (outbox_join_begin (o, &first, clock_wall (), &fail), ERR_OK);
  const curve_key_t ours = outbox_identity (o)->curve;
  assert_int_equal (outbox_join_begin (o, &first, clock_wall (), &fail), ERR_OK);
  assert_true (curve_key_eq (ours, outbox_identity (o)->curve)); /* a repeat keeps the keys */
  msg_enrolled_t enrolled = fake_centre_enrol (e->centre, o, "549", ROLE_OFFICE);
  msg_enrolled_t forged = enrolled;
  forged.certificate.signature.b[3] ^= 1;
  fail = (fail_t){0};
  assert_int_equal (outbox_join_enrolled (o, &forged, &fail), ERR_FORGED);
  forged = enrolled;
  forged.reentry_secret.b[3] ^= 1; /* not the secret of the pair that the authority certified */
  fail = (fail_t){0};
  assert_int_equal (outbox_join_enrolled (o, &forged, &fail), ERR_FORGED);
  assert_false (outbox_identity (o)->enrolled);
  fail = (fail_t){0};
  assert_int_equal (outbox_join_enrolled (o, &(msg_enrolled_t){.refusal = STR ("used")}, &fail), ERR_REFUSED);
  assert_int_equal (outbox_join_enrolled (o, &enrolled, &fail), ERR_OK);
  assert_int_equal (outbox_join_begin (o, &first, clock_wall (), &fail), ERR_OK);
  assert_false (outbox_identity (o)->joined); /* no catalogue yet */
  outbox_close (&o);

  o = empty_store ();
  first.authority_key.b[0] ^= 1;
  fail = (fail_t){0};
  assert_int_equal (outbox_join_begin (o, &first, clock_wall (), &fail), ERR_FORGED);
  outbox_close (&o);
}

static void
chunks_continue_the_chain (void **state)
{
  office_t *e = *state;
  import_counts_t n;
  msg_chunk_t all, one;
  assert_int_equal (take (e->o, three, NULL, NULL, &n), ERR_OK);
  assert_int_equal (outbox_read_chunk (e->o, 4, CHUNK_MAX, e->arena, &all), ERR_NOT_FOUND);
  assert_int_equal (outbox_read_chunk (e->o, 1, CHUNK_MAX, e->arena, &all), ERR_OK);
  assert_int_equal (all.updates_n, 3);
  hash_t h = chain_start (facts_of (e->o).store, (store_id_t){{0}}, 0, (hash_t){{0}});
  assert_true (hash_eq (h, all.previous_hash));
  for (uint64_t seq = 1; seq <= 3; seq++) {
    buf_t head = BUF_INIT;
    update_t u;
    assert_int_equal (outbox_read_chunk (e->o, seq, 1, e->arena, &one), ERR_OK);
    assert_int_equal (one.updates_n, 1); /* at least one, however small the room */
    assert_true (hash_eq (one.previous_hash, h));
    h = chain_next (h, one.updates[0]);
    assert_true (hash_eq (one.head.hash, h));
    assert_int_equal (update_decode (one.updates[0], e->arena, &u, NULL), ERR_OK);
    assert_int_equal (u.version.seq, seq);
    head_bytes (one.head.store, one.head.seq, one.head.hash, one.head.serial, &head);
    assert_true (sign_check (SIGN_HEAD, buf_str (&head), one.head.signature, &outbox_identity (e->o)->sign));
    buf_free (&head);
  }
  assert_true (hash_eq (all.head.hash, h));
}

static void
acknowledgements_only_rise (void **state)
{
  office_t *e = *state;
  import_counts_t n;
  assert_int_equal (take (e->o, three, NULL, NULL, &n), ERR_OK);
  assert_int_equal (facts_of (e->o).pending, 3);
  assert_int_equal (outbox_acked (e->o, 2, clock_wall ()), ERR_OK);
  assert_int_equal (outbox_acked (e->o, 1, clock_wall ()), ERR_OK);
  assert_int_equal (facts_of (e->o).acked, 2);
  assert_int_equal (facts_of (e->o).pending, 1);
  assert_int_equal (outbox_acked (e->o, 4, clock_wall ()), ERR_MALFORMED);
}

static void
stale_base_stores_nothing (void **state)
{
  office_t *e = *state;
  import_counts_t n;
  fail_t fail = {0};
  kv_txn_t *txn = NULL;
  record_ref_t ref;
  present_t p;
  assert_int_equal (take (e->o, three, NULL, NULL, &n), ERR_OK);
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (edits_find (e->o, txn, STR ("A-1"), KIND_NONE, &ref, &fail), ERR_OK);
  assert_int_equal (present_by_ref (e->o, txn, ref, e->arena, &p), ERR_OK);
  kv_abort (&txn);
  const draft_t d = edits_draft (e->o, &p, &p.record, clock_wall ());
  assert_int_equal (take (e->o, again, NULL, NULL, &n), ERR_OK);
  assert_int_equal (outbox_store (e->o, &d, 1, STR ("Lan"), STR_NONE, NULL, clock_wall (), NULL, NULL, &fail),
                    ERR_INPUT);
  draft_t twin = edits_draft (e->o, NULL, &p.record, clock_wall ());
  fail = (fail_t){0};
  assert_int_equal (
      outbox_store (e->o, &twin, 1, STR ("Lan"), STR_NONE, NULL, clock_wall (), NULL, NULL, &fail),
      ERR_INPUT);
  assert_int_equal (facts_of (e->o).last_seq, 4);
}

/* ---- down ---- */

static void
forged_downs_store_nothing (void **state)
{
  office_t *e = *state;
  const decision_t d = {.type = DECISION_REVOCATION, .u.revocation = {99, STR ("x")}};
  const msg_down_t good = fake_centre_say (e->centre, &d);
  for (int i = 0; i < 8; i++) {
    fail_t fail = {0};
    msg_down_t bad = good;
    signed_head_t head = good.heads[0];
    char text[4096];
    centre_entry_t entry = good.centre[0];
    bad.heads = &head;
    bad.centre = &entry;
    if (i == 0)
      head.signature.b[0] ^= 1;
    else if (i == 1)
      bad.heads_n = 0;
    else if (i == 2)
      bad.first_lsn += 2;
    else if (i == 3)
      bad.epoch = 0;
    else if (i == 4)
      head.hash.b[0] ^= 1;
    else if (i == 5)
      entry.lsn++; /* behind the end that the message names */
    else if (i == 6)
      entry.lsn = 0;
    else {
      assert_true (entry.update.n < sizeof text);
      memcpy (text, entry.update.p, entry.update.n);
      text[entry.update.n - 1] ^= 1;
      entry.update.p = text;
    }
    if (outbox_down (e->o, &bad, clock_wall (), &fail) != ERR_FORGED)
      fail_msg ("row %d was taken", i);
    assert_int_equal (facts_of (e->o).down.lsn, 2);
  }
  fail_t fail = {0};
  assert_int_equal (outbox_down (e->o, &good, clock_wall (), &fail), ERR_OK);
  assert_int_equal (outbox_down (e->o, &good, clock_wall (), &fail), ERR_OK); /* a repeat is nothing */
  assert_int_equal (facts_of (e->o).down.lsn, 3);
}

static const char *
addresses_of (outbox_t *o, size_t *fresh)
{
  static char text[512];
  const identity_t *id = outbox_identity (o);
  text[0] = '\0';
  for (size_t i = 0; i < id->addresses_n; i++)
    snprintf (text + strlen (text), sizeof text - strlen (text), "%s%.*s", i > 0 ? " " : "",
              STR_ARG (id->addresses[i]));
  *fresh = id->addresses_new_n;
  return text;
}

/* New addresses are tried before ours, and take their place once one of them has answered. */
static void
addresses_stay_until_a_new_one_answers (void **state)
{
  office_t *e = *state;
  size_t fresh = 0;
  char old[ADDRESS_MAX + 1], text[512];
  snprintf (old, sizeof old, "%s", addresses_of (e->o, &fresh));
  assert_int_equal (fresh, 0);
  const struct {
    const char *said[2], *answered, *then; /* then: @ is what the invite named */
    size_t fresh;
  } rows[] = {
      {{"tcp://wrong:1", NULL}, NULL, "tcp://wrong:1 @", 1},
      {{NULL, NULL}, old, "tcp://wrong:1 @", 1},
      {{"tcp://a:1", "tcp://b:2"}, "tcp://wrong:1", "tcp://a:1 tcp://b:2 @", 2},
      {{"tcp://b:2", old}, old, "tcp://b:2 @", 0}, /* it is among the new ones, so it is theirs that count */
      {{"tcp://x y\n:3", NULL}, NULL, "tcp://b:2 @", 0},
      {{"tcp://c:3", NULL}, NULL, "tcp://c:3 tcp://b:2 @", 1},
      {{"tcp://b:2", old}, NULL, "tcp://b:2 @", 0}, /* taken back before anybody answered there */
      {{"tcp://c:3", NULL}, "tcp://c:3", "tcp://c:3", 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    fail_t fail = {0};
    decision_t d = {.type = DECISION_KEY_NOTICE};
    for (size_t k = 0; k < 2 && rows[i].said[k] != NULL; k++)
      d.u.key_notice.addresses[d.u.key_notice.addresses_n++] = str_of (rows[i].said[k]);
    if (d.u.key_notice.addresses_n > 0) {
      const msg_down_t down = fake_centre_say (e->centre, &d);
      assert_int_equal (outbox_down (e->o, &down, clock_wall (), &fail), ERR_OK);
    }
    if (rows[i].answered != NULL)
      assert_int_equal (outbox_addresses_answered (e->o, str_of (rows[i].answered)), ERR_OK);
    const char *at = strchr (rows[i].then, '@');
    snprintf (text, sizeof text, "%.*s%s", at != NULL ? (int)(at - rows[i].then) : (int)strlen (rows[i].then),
              rows[i].then, at != NULL ? old : "");
    if (strcmp (addresses_of (e->o, &fresh), text) != 0 || fresh != rows[i].fresh)
      fail_msg ("row %zu: \"%s\", %zu new", i, addresses_of (e->o, &fresh), fresh);
  }
}

/* A certificate of the centre with another key, by `authority`; texts in the fake centre's arena. */
static signed_t
certificate_with (fake_centre_t *f, const curve_key_t *key, const sign_key_t *centre,
                  const sign_secret_t *authority)
{
  buf_t b = BUF_INIT;
  const centre_certificate_t c = {.centre_key = *centre, .curve_key = *key, .serial = 2};
  assert_true (centre_certificate_encode (&c, &b));
  signed_t s = {.body = arena_str (f->arena, buf_str (&b)), .given = true};
  s.signature = sign_make (SIGN_CENTRE_CERTIFICATE, s.body, authority);
  buf_free (&b);
  return s;
}

/* The centre's key may be another one at new addresses, if the authority says so; ours stays until it
 * answers. */
static void
the_key_stays_until_the_new_one_answers (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  size_t fresh = 0;
  curve_key_t key, secret;
  sign_key_t other_centre;
  sign_secret_t stranger;
  curve_keys_make (&key, &secret);
  sign_keys_make (&other_centre, &stranger);
  const curve_key_t ours = outbox_identity (e->o)->server;
  const sign_key_t *centre = &e->centre->centre;
  const signed_t bad[] = {certificate_with (e->centre, &key, centre, &stranger),
                          certificate_with (e->centre, &key, &other_centre, &e->centre->authority_secret),
                          e->centre->certificate}; /* the key it has */
  decision_t d = {.type = DECISION_KEY_NOTICE,
                  .u.key_notice = {.addresses = {STR ("tcp://new:1")}, .addresses_n = 1}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    d.u.key_notice.centre_certificate = bad[i];
    const msg_down_t down = fake_centre_say (e->centre, &d);
    assert_int_equal (outbox_down (e->o, &down, clock_wall (), &fail), ERR_OK);
    assert_true (curve_key_eq (outbox_identity (e->o)->server_new, ours));
    addresses_of (e->o, &fresh);
    assert_int_equal (fresh, 0);
  }
  d.u.key_notice.centre_certificate =
      certificate_with (e->centre, &key, centre, &e->centre->authority_secret);
  const msg_down_t down = fake_centre_say (e->centre, &d);
  assert_int_equal (outbox_down (e->o, &down, clock_wall (), &fail), ERR_OK);
  const identity_t *id = outbox_identity (e->o);
  assert_true (curve_key_eq (id->server, ours) && curve_key_eq (id->server_new, key));
  assert_int_equal (id->addresses_new_n, 1);
  assert_int_equal (outbox_addresses_answered (e->o, id->addresses[1]), ERR_OK); /* the old one: nothing */
  assert_true (curve_key_eq (id->server, ours));
  assert_int_equal (outbox_addresses_answered (e->o, STR ("tcp://new:1")), ERR_OK);
  assert_true (curve_key_eq (id->server, key) && curve_key_eq (id->server_new, key));
  assert_true (id->addresses_n == 1 && id->addresses_new_n == 0);
  const msg_down_t repeat = fake_centre_say (e->centre, &d);
  assert_int_equal (outbox_down (e->o, &repeat, clock_wall (), &fail), ERR_OK);
  assert_int_equal (id->addresses_new_n, 0);
}

/* An invite brings one that was away to the key and place of today; of another centre it brings nothing. */
static void
an_invite_names_the_key (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  curve_key_t key, secret;
  invite_t i = fake_centre_invite (e->centre, "549", ROLE_OFFICE);
  curve_keys_make (&key, &secret);
  i.addresses[0] = STR ("tcp://new:1");
  i.server_key = key;
  const signed_t good = certificate_with (e->centre, &key, &e->centre->centre, &e->centre->authority_secret);
  i.centre_certificate = good;
  i.centre_certificate.signature.b[1] ^= 1;
  assert_int_equal (outbox_join_begin (e->o, &i, clock_wall (), &fail), ERR_EXISTS);
  i.centre_certificate = good;
  assert_int_equal (outbox_join_begin (e->o, &i, clock_wall (), &fail), ERR_OK);
  const identity_t *id = outbox_identity (e->o);
  assert_true (id->joined && curve_key_eq (id->server_new, key) && str_is (id->addresses[0], "tcp://new:1"));
  assert_int_equal (id->addresses_n, 2);
}

/* A WELCOME's are believed under the centre's signature only. */
static void
a_welcome_names_addresses (void **state)
{
  office_t *e = *state;
  size_t fresh = 0;
  buf_t b = BUF_INIT;
  msg_welcome_t w = {.addresses = {STR ("tcp://new:1")}, .addresses_n = 1};
  assert_true (outbox_addresses_news (outbox_identity (e->o), &w));
  assert_int_equal (outbox_addresses_said (e->o, &w), ERR_FORGED);
  addresses_of (e->o, &fresh);
  assert_int_equal (fresh, 0);
  addresses_bytes (w.addresses, w.addresses_n, &b);
  w.addresses_signature = sign_make (SIGN_ADDRESSES, buf_str (&b), &e->centre->centre_secret);
  buf_free (&b);
  assert_int_equal (outbox_addresses_said (e->o, &w), ERR_OK);
  assert_non_null (strstr (addresses_of (e->o, &fresh), "tcp://new:1 "));
  assert_int_equal (fresh, 1);
  assert_false (outbox_addresses_news (outbox_identity (e->o), &w));
  w.addresses_n = 0; /* none are configured */
  assert_false (outbox_addresses_news (outbox_identity (e->o), &w));
}

/* The centre was taken back to place 1 of its log, and goes on in a new epoch and a new stream. What it has
 * lost we can give it back, proved by its own signature. */
static void
a_restored_centre_goes_on (void **state)
{
  office_t *e = *state;
  fake_centre_t *c = e->centre;
  fail_t fail = {0};
  const decision_t lost = {.type = DECISION_REVOCATION, .u.revocation = {99, STR ("x")}};
  msg_down_t d = fake_centre_say (c, &lost);
  assert_int_equal (outbox_down (e->o, &d, clock_wall (), &fail), ERR_OK);
  const store_id_t old = c->stream;
  hash_t old_hash = {{0}}, wrong;
  msg_chunk_t chunk;
  arena_t *arena = arena_new (4u << 20);
  assert_int_equal (outbox_read_refill (e->o, old, 1, arena, &chunk), ERR_OK);
  assert_int_equal (chunk.updates_n, 1);
  old_hash = chain_next (chunk.previous_hash, chunk.updates[0]);
  assert_true (hash_eq (old_hash, chunk.head.hash));

  c->epoch ^= 7;
  c->lsn = 1;
  wrong = old_hash;
  wrong.b[3] ^= 1;
  for (int right = 0; right < 2; right++) {
    const decision_t opened = {
        .type = DECISION_OPENED,
        .u.opened = {
            .epoch = c->epoch, .parent = old, .parent_seq = 1, .parent_hash = right ? old_hash : wrong}};
    crypto_random (c->stream.b, sizeof c->stream.b);
    c->seq = 0;
    c->lsn = 1;
    c->hash = chain_start (c->stream, old, 1, opened.u.opened.parent_hash);
    d = fake_centre_say (c, &opened);
    fail = (fail_t){0};
    assert_int_equal (outbox_down (e->o, &d, clock_wall (), &fail), right ? ERR_OK : ERR_FORGED);
  }
  facts_t f = facts_of (e->o);
  assert_int_equal (f.down.epoch, c->epoch);
  assert_int_equal (f.down.lsn, 2);
  assert_int_equal (f.epochs_n, 2);
  assert_int_equal (f.centre_n, 2);
  assert_true (store_id_eq (f.centre[0].store, old) && f.centre[0].last_seq == 3);
  assert_true (store_id_eq (f.centre[1].parent_store, old) && f.centre[1].parent_seq == 1);

  /* the lost tail, chunk by chunk */
  for (uint64_t next = 2; next <= f.centre[0].last_seq; next += chunk.updates_n) {
    assert_int_equal (outbox_read_refill (e->o, old, next, arena, &chunk), ERR_OK);
    buf_t b = BUF_INIT;
    hash_t h = chunk.previous_hash;
    for (size_t i = 0; i < chunk.updates_n; i++)
      h = chain_next (h, chunk.updates[i]);
    head_bytes (old, chunk.head.seq, h, 0, &b);
    assert_int_equal (chunk.head.seq, next + chunk.updates_n - 1);
    assert_true (sign_check (SIGN_HEAD, buf_str (&b), chunk.head.signature, &c->centre));
    buf_free (&b);
  }
  assert_int_equal (outbox_read_refill (e->o, old, f.centre[0].last_seq + 1, arena, &chunk), ERR_NOT_FOUND);

  /* and it comes down again from others, under other places */
  d = fake_centre_say (c, &lost);
  assert_int_equal (outbox_down (e->o, &d, clock_wall (), &fail), ERR_OK);
  assert_int_equal (facts_of (e->o).down.lsn, 3);
  arena_destroy (&arena);
}

/* A verdict of a kind that this version does not know: the centre has signed it, so it is kept, and what
 * comes behind it is taken. The head is kept with it: with both, a centre that lost them can be given them
 * back. */
static void
what_cannot_be_read_is_kept (void **state)
{
  office_t *e = *state;
  fail_t fail = {0};
  record_id_t id = {{1}};
  decision_t later = {.type = DECISION_VERDICT};
  later.u.verdict.update = (version_t){outbox_store_id (e->o), 1};
  later.u.verdict.verdict = (verdict_t)77;
  const msg_down_t d = fake_centre_say (e->centre, &later);
  assert_int_equal (outbox_down (e->o, &d, clock_wall (), &fail), ERR_OK);
  assert_int_equal (facts_of (e->o).down.lsn, 3);
  assert_int_equal (fake_centre_refuse (e->centre, e->o, (version_t){outbox_store_id (e->o), 2}, id,
                                        STR ("A-1"), STR ("a_later_reason"), &fail),
                    ERR_OK);
  assert_int_equal (facts_of (e->o).down.lsn, 4);

  kv_txn_t *txn = NULL;
  kv_cursor_t *c = NULL;
  str_t key, value, body;
  unsigned heads = 0;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (kv_cursor_open (txn, ODB_HEAD, &c), ERR_OK);
  for (err_t err = kv_seek (c, STR ("\0"), &key, &value); err == ERR_OK; err = kv_next (c, &key, &value)) {
    buf_t bytes = BUF_INIT;
    store_id_t stream;
    hash_t hash;
    signature_t signature;
    rd_t seq = rd_of (key.p + 16, 8);
    assert_int_equal (val_open (ODB_HEAD, key, value, &body), ERR_OK);
    assert_int_equal (body.n, 32 + 64);
    memcpy (stream.b, key.p, 16);
    memcpy (hash.b, body.p, 32);
    memcpy (signature.b, body.p + 32, 64);
    head_bytes (stream, rd_u64 (&seq), hash, 0, &bytes);
    assert_true (sign_check (SIGN_HEAD, buf_str (&bytes), signature, &outbox_identity (e->o)->centre));
    buf_free (&bytes);
    heads++;
  }
  assert_int_equal (heads, 4);
  kv_cursor_close (&c);
  kv_abort (&txn);
}

static size_t
refused_rows (outbox_t *o)
{
  fail_t fail = {0};
  table_t *t = table_new ();
  assert_int_equal (view_refused (o, &(list_filter_t){.kind = KIND_NONE}, false, t, &fail), ERR_OK);
  const size_t n = table_rows (t);
  table_destroy (&t);
  return n;
}

static version_t
version_of (office_t *e, const char *code, record_id_t *id)
{
  fail_t fail = {0};
  kv_txn_t *txn = NULL;
  record_ref_t ref;
  row_t row;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (edits_find (e->o, txn, str_of (code), KIND_NONE, &ref, &fail), ERR_OK);
  assert_int_equal (book_get (outbox_book (e->o), txn, ref, &row), ERR_OK);
  const version_t v = row.version;
  *id = ref.id;
  kv_abort (&txn);
  return v;
}

static void
refusal_stands_until_accepted (void **state)
{
  office_t *e = *state;
  import_counts_t n;
  fail_t fail = {0};
  record_id_t id;
  assert_int_equal (take (e->o, three, NULL, NULL, &n), ERR_OK);
  const version_t v = version_of (e, "A-1", &id);
  assert_int_equal (outbox_acked (e->o, 3, clock_wall ()), ERR_OK);
  assert_int_equal (refused_rows (e->o), 0);
  assert_int_equal (fake_centre_refuse (e->centre, e->o, v, id, STR ("A-1"), STR ("key_held"), &fail),
                    ERR_OK);
  assert_int_equal (refused_rows (e->o), 1);
  assert_int_equal (facts_of (e->o).refused, 1);
  assert_int_equal (take (e->o, again, NULL, NULL, &n), ERR_OK);
  assert_int_equal (refused_rows (e->o), 1); /* the correction waits */
  assert_int_equal (outbox_acked (e->o, 4, clock_wall ()), ERR_OK);
  assert_int_equal (refused_rows (e->o), 0);
  assert_int_equal (fake_centre_refuse (e->centre, e->o, version_of (e, "A-1", &id), id, STR ("A-1"),
                                        STR ("key_held"), &fail),
                    ERR_OK);
  assert_int_equal (refused_rows (e->o), 1); /* the correction was refused too */
  edit_result_t result;
  assert_int_equal (
      edits_withdraw (e->o, STR ("A-1"), KIND_NONE, STR ("Lan"), STR ("nhầm"), e->arena, &result, &fail),
      ERR_OK);
  assert_int_equal (refused_rows (e->o), 0);
}

static void
rounds_and_link (void **state)
{
  office_t *e = *state;
  uint64_t number = 0, wanted = 0, done = 0;
  link_state_t link;
  assert_int_equal (outbox_want_sync (e->o, &number), ERR_OK);
  assert_int_equal (number, 1);
  assert_int_equal (outbox_round_done (e->o, 1), ERR_OK);
  assert_int_equal (outbox_round_done (e->o, 0), ERR_OK);
  assert_int_equal (outbox_rounds (e->o, &wanted, &done), ERR_OK);
  assert_int_equal (wanted, 1);
  assert_int_equal (done, 1);
  const link_state_t put = {
      .last_contact = {5}, .clock_offset_ms = -7, .online = true, .last_error = STR ("đứt")};
  assert_int_equal (outbox_link_put (e->o, &put), ERR_OK);
  assert_int_equal (outbox_link_get (e->o, e->arena, &link), ERR_OK);
  assert_true (link.online && link.clock_offset_ms == -7 && str_is (link.last_error, "đứt"));
}

/* ---- the disk ---- */

static void
finding (void *ctx, const char *thing, str_t name, const char *what)
{
  (void)ctx;
  fail_msg ("%s %.*s: %s", thing, STR_ARG (name), what);
}

/* Nothing half: after a commit that failed or a power cut the store holds all of an import or none. */
static void
failing_disks_leave_nothing_half (void **state)
{
  office_t *e = *state;
  for (int lose = 0; lose < 2; lose++) {
    import_counts_t n;
    const uint64_t before = facts_of (e->o).last_seq;
    char text[256];
    snprintf (text, sizeof text,
              HEAD "\nF-%d-1,Một,549,2019,III.3,approved\nF-%d-2,Hai,549,2019,III.3,approved\n", lose, lose);
    const kv_faults_t faults = {.fail_commit_at = 1, .lose_failed = lose == 1};
    kv_mem_faults (outbox_kv (e->o), &faults);
    assert_int_not_equal (take (e->o, text, NULL, NULL, &n), ERR_OK);
    kv_mem_faults (outbox_kv (e->o), &(kv_faults_t){0});
    kv_mem_crash (outbox_kv (e->o));
    const uint64_t after = facts_of (e->o).last_seq;
    assert_int_equal (after - before, lose == 1 ? 0 : 2);
    assert_int_equal (take (e->o, text, NULL, NULL, &n), ERR_OK);
    assert_int_equal (n.created, lose == 1 ? 2 : 0);
    assert_int_equal (facts_of (e->o).last_seq, before + 2);
  }
  kv_txn_t *txn = NULL;
  uint64_t findings = 0;
  assert_int_equal (kv_begin (outbox_kv (e->o), false, &txn), ERR_OK);
  assert_int_equal (book_verify (outbox_book (e->o), txn, outbox_catalogue (e->o), finding, NULL, &findings),
                    ERR_OK);
  assert_int_equal (findings, 0);
  kv_abort (&txn);
}

static void
full_disk_keeps_what_was_saved (void **state)
{
  office_t *e = *state;
  import_counts_t n;
  kv_stat_t stat;
  assert_int_equal (take (e->o, three, NULL, NULL, &n), ERR_OK);
  kv_stat (outbox_kv (e->o), &stat);
  kv_mem_faults (outbox_kv (e->o), &(kv_faults_t){.full_after = 1});
  assert_int_equal (take (e->o, again, NULL, NULL, &n), ERR_FULL);
  kv_mem_faults (outbox_kv (e->o), &(kv_faults_t){0});
  assert_int_equal (facts_of (e->o).last_seq, 3);
  assert_int_equal (take (e->o, again, NULL, NULL, &n), ERR_OK);
  assert_int_equal (facts_of (e->o).last_seq, 4);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (join_gives_identity_and_catalogue, set_up, tear_down),
      cmocka_unit_test_setup_teardown (joining_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown (chunks_continue_the_chain, set_up, tear_down),
      cmocka_unit_test_setup_teardown (acknowledgements_only_rise, set_up, tear_down),
      cmocka_unit_test_setup_teardown (stale_base_stores_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown (forged_downs_store_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown (addresses_stay_until_a_new_one_answers, set_up, tear_down),
      cmocka_unit_test_setup_teardown (the_key_stays_until_the_new_one_answers, set_up, tear_down),
      cmocka_unit_test_setup_teardown (an_invite_names_the_key, set_up, tear_down),
      cmocka_unit_test_setup_teardown (a_welcome_names_addresses, set_up, tear_down),
      cmocka_unit_test_setup_teardown (a_restored_centre_goes_on, set_up, tear_down),
      cmocka_unit_test_setup_teardown (what_cannot_be_read_is_kept, set_up, tear_down),
      cmocka_unit_test_setup_teardown (refusal_stands_until_accepted, set_up, tear_down),
      cmocka_unit_test_setup_teardown (rounds_and_link, set_up, tear_down),
      cmocka_unit_test_setup_teardown (failing_disks_leave_nothing_half, set_up, tear_down),
      cmocka_unit_test_setup_teardown (full_disk_keeps_what_was_saved, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
