/* test_verify.c - verify is shown to say no: each kind of value is damaged in turn, and each is named. And it
 * says yes, slice by slice, to a store that changes all the while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/ledger/state.h"
#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/store/values.h"
#include "tests/unit/collector/fixture.h"

#define AN_NHON 10u

static peer_t a;

static int
set_up (void **state)
{
  ledger_t *l = fixture_ledger ();
  peer_open (&a, l, AN_NHON, ROLE_OFFICE);
  for (unsigned i = 0; i < 20; i++) {
    update_t u = scheme_update (AN_NHON, i, STATUS_APPROVED, 1000 + i, (version_t){{{0}}, 0});
    if (i == 7)
      u.record.u.scheme.item = STR ("X.9"); /* one refused: its row, its verdict */
    peer_add (&a, &u);
  }
  assert_int_equal (peer_send (&a, l, 1, 10).item.accepted, 9);
  assert_int_equal (peer_send (&a, l, 11, 20).item.accepted, 10);
  *state = l;
  return 0;
}

static int
tear_down (void **state)
{
  ledger_t *l = *state;
  peer_close (&a);
  ledger_close (&l);
  return 0;
}

/* What is done to the first value of a database whose key starts with prefix. */
typedef enum {
  FLIP,      /* a bit of the stored bytes: the checksum does not fit */
  FORGE,     /* a bit of the body, with a checksum that fits */
  FORGE_END, /* the same at the last byte */
  REMOVE
} harm_t;

static void
harm (ledger_t *l, kv_db_t db, const char *text, size_t skip, harm_t how, size_t at)
{
  kv_txn_t *txn = NULL;
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  buf_t k = BUF_INIT, v = BUF_INIT;
  assert_int_equal (kv_begin (ledger_kv (l), true, &txn), ERR_OK);
  assert_int_equal (kv_cursor_open (txn, db, &c), ERR_OK);
  assert_int_equal (kv_seek (c, text != NULL ? str_of (text) : STR ("\0"), &key, &stored), ERR_OK);
  for (size_t i = 0; i < skip; i++)
    assert_int_equal (kv_next (c, &key, &stored), ERR_OK);
  buf_put (&k, key.p, key.n);
  if (how == FLIP) {
    buf_put (&v, stored.p, stored.n);
    v.p[v.n - 1] ^= 4;
  } else {
    assert_int_equal (val_open (db, key, stored, &body), ERR_OK);
    buf_put (&v, body.p, body.n);
    if (how == FORGE)
      v.p[at] ^= 4;
    if (how == FORGE_END)
      v.p[v.n - 1] ^= 4;
  }
  kv_cursor_close (&c);
  if (how == FLIP)
    assert_int_equal (kv_put (txn, db, buf_str (&k), buf_str (&v)), ERR_OK);
  else if (how == REMOVE)
    assert_int_equal (kv_del (txn, db, buf_str (&k)), ERR_OK);
  else
    assert_int_equal (val_put (txn, db, buf_str (&k), buf_str (&v)), ERR_OK);
  assert_int_equal (kv_commit (&txn), ERR_OK);
  buf_free (&k);
  buf_free (&v);
}

/* skip: so many values from the first (or from `from`); things: "thing|" or "thing|name" of a finding. */
static const struct {
  kv_db_t db;
  const char *from;
  size_t skip;
  harm_t how;
  size_t at;
  const char *finding;
} rows[] = {
    {DB_LOG, NULL, 6, FLIP, 0, "\nlog|"},
    {DB_LOG, NULL, 6, REMOVE, 0, "\nlog|"},
    {DB_LOG, NULL, 6, FORGE, 0, "\nchain|"},     /* its seal */
    {DB_LOG, NULL, 6, FORGE_END, 0, "\nchain|"}, /* its update: seal and stream's chain */
    {DB_LOG, NULL, 6, FORGE, 32 + 8 + 16 + 8 + 4 + 1 + 4 + 8, "\nchain|"}, /* its chain hash */
    {DB_RECORD, NULL, 3, FLIP, 0, "\nrecord|SCHEME-"},
    {DB_RECORD, NULL, 3, REMOVE, 0, "\nrecord|SCHEME-"},
    {DB_RECORD, NULL, 3, FORGE_END, 0, "\nrecord|"},
    {DB_KEY, NULL, 3, FLIP, 0, "\nkey|SCHEME-"},
    {DB_KEY, NULL, 3, REMOVE, 0, "\nkey|SCHEME-"},
    {DB_KEY, NULL, 3, FORGE_END, 0, "\nkey|SCHEME-"},
    {DB_TOTAL, NULL, 1, FLIP, 0, "\ntotal|"},
    {DB_TOTAL, NULL, 1, REMOVE, 0, "\ntotal|"},
    {DB_TOTAL, NULL, 1, FORGE, 15, "\ntotal|"},
    {DB_CURSOR, NULL, 0, FLIP, 0, "\ncursor|"},
    {DB_CURSOR, NULL, 0, REMOVE, 0, "\ncursor|"},
    {DB_CURSOR, NULL, 0, FORGE, 7, "\ncursor|"},
    {DB_CURSOR, NULL, 0, FORGE, 9, "\nchain|"}, /* the hash at the cursor */
    {DB_RANGE, NULL, 0, FLIP, 0, "\nversion index|"},
    {DB_RANGE, NULL, 0, REMOVE, 0, "\nversion index|"},
    {DB_RANGE, NULL, 0, FORGE, 7, "\nversion index|"},
    {DB_HEAD, NULL, 0, FLIP, 0, "\nhead|"},
    {DB_HEAD, NULL, 0, FORGE, 0, "\nhead|"},
    {DB_HEAD, NULL, 0, FORGE_END, 0, "\nhead|"},
    {DB_DOWN, NULL, 0, FLIP, 0, "\ndown|"},
    {DB_DOWN, NULL, 0, REMOVE, 0, "\ndown|"},
    {DB_REFUSED, NULL, 0, FLIP, 0, "\nrefused|"},
    {DB_AGENT, NULL, 0, FLIP, 0, "\nagent|"},
    {DB_AGENT, NULL, 0, FORGE_END, 0, "\nagent|"},
    {DB_INVITE, NULL, 0, FLIP, 0, "\ninvite|"},
    {DB_CATALOGUE, NULL, 0, FLIP, 0, "\ncatalogue|"},
    {DB_META, "bound", 0, FLIP, 0, "\nmeta|"},
    {DB_META, "end", 0, FLIP, 0, "\nmeta|end"},
};

static void
test_damage_is_named (void **state)
{
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    ledger_t *l = *state;
    buf_t found = BUF_INIT, text = BUF_INIT;
    assert_int_equal (fixture_verify (l, &found), 0);
    harm (l, rows[i].db, rows[i].from, rows[i].skip, rows[i].how, rows[i].at);
    uint64_t n = fixture_verify (l, &found);
    buf_printf (&text, "\n%s", buf_z (&found));
    if (n == 0 || strstr (buf_z (&text), rows[i].finding) == NULL)
      fail_msg ("row %zu: wanted %s, found:%s", i, rows[i].finding + 1, buf_z (&text));
    if (n > 30)
      fail_msg ("row %zu: one damage gave %u findings:%s", i, (unsigned)n, buf_z (&text));
    buf_free (&found);
    buf_free (&text);
    tear_down (state);
    set_up (state);
  }
}

/* ---- more than one value ---- */

/* The log's seals made anew from an entry on, by somebody who has the file and the program. */
static void
reseal (ledger_t *l, uint64_t from)
{
  kv_txn_t *txn = NULL;
  log_entry_t e;
  position_t end;
  hash_t seal;
  uint8_t key[8];
  str_t body, meta;
  buf_t v = BUF_INIT;
  assert_int_equal (kv_begin (ledger_kv (l), true, &txn), ERR_OK);
  assert_int_equal (ledger_end (l, txn, &end, NULL), ERR_OK);
  assert_int_equal (ledger_log_get (l, txn, from - 1, &e), ERR_OK);
  seal = e.seal;
  for (uint64_t lsn = from; lsn <= end.lsn; lsn++) {
    assert_int_equal (val_get (txn, DB_LOG, key_u64 (key, lsn), &body), ERR_OK);
    seal = seal_next (seal, log_entry_sealed (body));
    buf_clear (&v);
    buf_put (&v, seal.b, sizeof seal.b);
    buf_put (&v, body.p + sizeof seal.b, body.n - sizeof seal.b);
    assert_int_equal (val_put (txn, DB_LOG, key_u64 (key, lsn), buf_str (&v)), ERR_OK);
  }
  assert_int_equal (meta_get (txn, DB_META, META_END, &meta), ERR_OK);
  buf_clear (&v);
  buf_put (&v, meta.p, meta.n);
  memcpy (v.p + 8, seal.b, sizeof seal.b);
  assert_int_equal (meta_put (txn, DB_META, META_END, buf_str (&v)), ERR_OK);
  assert_int_equal (kv_commit (&txn), ERR_OK);
  buf_free (&v);
}

static void
test_a_resealed_log (void **state)
{
  ledger_t *l = *state;
  buf_t found = BUF_INIT;
  harm (l, DB_LOG, NULL, 6, FORGE, 32 + 8 + 16 + 8 + 4 + 1 + 4 + 8); /* its chain hash */
  reseal (l, 7);
  assert_true (fixture_verify (l, &found) > 0);
  assert_non_null (strstr (buf_z (&found), "chain of its stream"));
  assert_null (strstr (buf_z (&found), "seal"));
  buf_free (&found);
}

/* What a damaged record adds to the totals is still known from the log. */
static void
test_a_total_beside_a_damaged_record (void **state)
{
  ledger_t *l = *state;
  buf_t found = BUF_INIT;
  harm (l, DB_RECORD, NULL, 3, FLIP, 0);
  assert_int_equal (fixture_verify (l, &found), 1);
  harm (l, DB_TOTAL, NULL, 1, FORGE, 15);
  assert_int_equal (fixture_verify (l, &found), 2);
  assert_non_null (strstr (buf_z (&found), "record|SCHEME-"));
  assert_non_null (strstr (buf_z (&found), "total|"));
  harm (l, DB_TOTAL, NULL, 2, REMOVE, 0);
  assert_int_equal (fixture_verify (l, &found), 3);
  buf_free (&found);
}

/* ---- beside a writer ---- */

typedef struct {
  ledger_t *l;
  buf_t found;
  unsigned made, calls;
  uint64_t harm_at; /* a record's bytes are forged after so many calls; 0 = never */
} writer_t;

/* Between two slices: records made and changed, before and behind where the walk stands. */
static void
write_on (void *ctx, uint64_t done, uint64_t total)
{
  writer_t *w = ctx;
  (void)done;
  (void)total;
  uint64_t first = a.seq + 1;
  if (a.seq + 8 > PEER_UPDATES_MAX || w->calls++ > 200)
    return;
  for (unsigned i = 0; i < 3; i++) {
    unsigned n = 100 + (w->made * 7919) % 100000; /* ids all over */
    update_t u = scheme_update (AN_NHON, n, STATUS_APPROVED, 5000, (version_t){{{0}}, 0});
    w->made++;
    uint64_t seq = peer_add (&a, &u);
    update_t again = scheme_update (AN_NHON, n, STATUS_APPROVED, 7000 + n, (version_t){a.store, seq});
    if (w->made % 3 == 0)
      again.operation = OP_WITHDRAW;
    if (w->made % 5 == 0)
      again.record.u.scheme.item = STR ("X.9"); /* refused */
    peer_add (&a, &again);
  }
  assert_int_equal (peer_send (&a, w->l, first, a.seq).err, ERR_OK);
  if (w->harm_at != 0 && w->calls == w->harm_at)
    harm (w->l, DB_TOTAL, NULL, 1, FORGE, 15);
}

static void
note_found (void *ctx, const char *thing, str_t name, const char *what)
{
  writer_t *w = ctx;
  buf_printf (&w->found, "%s|%.*s|%s\n", thing, STR_ARG (name), what);
}

static void
test_beside_a_writer (void **state)
{
  static const size_t slices[] = {1, 2, 7, 50, 1000};
  for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++) {
    writer_t w = {.l = *state};
    verify_counts_t n;
    assert_int_equal (verify_run_sliced (w.l, slices[i], note_found, write_on, &w, &n), ERR_OK);
    if (n.findings != 0)
      fail_msg ("slices of %zu: %s", slices[i], buf_z (&w.found));
    position_t end;
    kv_txn_t *txn = NULL;
    assert_int_equal (kv_begin (ledger_kv (w.l), false, &txn), ERR_OK);
    assert_int_equal (ledger_end (w.l, txn, &end, NULL), ERR_OK);
    kv_abort (&txn);
    assert_true (n.at.lsn <= end.lsn && n.entries == n.at.lsn);
    assert_true (w.made > 10);
    tear_down (state);
    set_up (state);

    w = (writer_t){.l = *state, .harm_at = 3};
    assert_int_equal (verify_run_sliced (w.l, slices[i], note_found, write_on, &w, &n), ERR_OK);
    if (strstr (buf_z (&w.found), "total|") == NULL)
      fail_msg ("slices of %zu: a forged total passed", slices[i]);
    buf_free (&w.found);
    tear_down (state);
    set_up (state);
  }
}

int
main (void)
{
  lang_set (LANG_EN);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (test_damage_is_named, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_a_resealed_log, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_a_total_beside_a_damaged_record, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_beside_a_writer, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
