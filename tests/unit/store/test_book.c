/* The book over the engine in memory: rows, keys, totals, and what verify says of damage. */
#include "common/platform/platform.h"
#include "common/store/book.h"
#include "common/wire/update_wire.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

static const char *const names[] = {"meta", "record", "key", "total"};
enum { META, RECORD, KEY, TOTAL };
static const book_dbs_t dbs = {.record = RECORD, .key = KEY, .total = TOTAL, .meta = META};

typedef struct {
  kv_t *kv;
  kv_txn_t *txn; /* the one that is open, if any */
  book_t *book;
  catalogue_t *catalogue;
  arena_t *arena;
  buf_t bytes;
  uint64_t seq;
} env_t;

static int
set_up (void **state)
{
  env_t *e = calloc (1, sizeof *e);
  kv_options_t o = {.db_names = names, .db_n = 4, .create = true};
  buf_t file = BUF_INIT;
  *state = e;
  e->book = book_new (dbs);
  e->arena = arena_new (64u << 20);
  if (kv_open_mem (&o, &e->kv) != ERR_OK ||
      file_read (KC_SOURCE_DIR "/deploy/binh-dinh/catalogue.csv", CATALOGUE_FILE_MAX, &file, NULL) != ERR_OK)
    return -1;
  e->catalogue = catalogue_parse (buf_str (&file), 1, NULL);
  buf_free (&file);
  if (kv_begin (e->kv, true, &e->txn) != ERR_OK || book_rebuild_totals (e->book, e->txn) != ERR_OK ||
      kv_commit (&e->txn) != ERR_OK)
    return -1;
  return e->catalogue != NULL && e->book != NULL && e->arena != NULL ? 0 : -1;
}

static int
tear_down (void **state)
{
  env_t *e = *state;
  kv_abort (&e->txn);
  book_destroy (&e->book);
  kv_close (&e->kv);
  catalogue_destroy (&e->catalogue);
  arena_destroy (&e->arena);
  buf_free (&e->bytes);
  free (e);
  return 0;
}

static void
begin (env_t *e, bool write)
{
  assert_null (e->txn);
  assert_int_equal (kv_begin (e->kv, write, &e->txn), ERR_OK);
}

static void
commit (env_t *e)
{
  assert_int_equal (book_flush (e->book, e->txn), ERR_OK);
  assert_int_equal (kv_commit (&e->txn), ERR_OK);
}

/* ---- records ---- */

static record_ref_t
ref_of (unit_id_t home, uint32_t n)
{
  record_ref_t ref = {home, {{0}}};
  memcpy (ref.id.b + 8, &n, sizeof n);
  ref.id.b[0] = 1;
  return ref;
}

static record_t
scheme (const char *code, unit_id_t district, status_t status, int64_t approved)
{
  record_t r = {.kind = KIND_SCHEME};
  scheme_t *s = &r.u.scheme;
  s->code = str_of (code);
  s->name = STR ("Hỗ trợ máy móc");
  s->item = STR ("3.1");
  s->district = district;
  s->plan_year = (span_t){2019, 2019};
  s->status = status;
  s->funding_n = 1;
  s->funding[0] = (funding_t){.source = 1 + district % 3, .approved_vnd = {true, approved}};
  if (status == STATUS_SETTLED)
    s->funding[0].settled_vnd = (opt_i64_t){true, approved};
  return r;
}

static record_t
outcome (const char *indicator, unit_id_t district, const char *period, int64_t value)
{
  record_t r = {.kind = KIND_OUTCOME};
  outcome_t *o = &r.u.outcome;
  o->indicator = str_of (indicator);
  o->district = district;
  o->year = (span_t){2019, 2019};
  o->fund = STR ("KCQG");
  o->period = str_of (period);
  o->value = (opt_i64_t){true, value};
  o->value_kind = VALUE_ACTUAL;
  return r;
}

/* Reads what is there and applies the new state, as both stores do. */
static err_t
apply (env_t *e, record_ref_t ref, const record_t *after, operation_t operation)
{
  row_t row;
  update_t before = {0};
  err_t err = book_get (e->book, e->txn, ref, &row);
  bool there = err == ERR_OK;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  arena_reset (e->arena);
  if (there)
    assert_int_equal (update_decode (row.bytes, e->arena, &before, NULL), ERR_OK);
  update_t u = {.version = {.seq = ++e->seq}, .id = ref.id, .home = ref.home, .operation = operation};
  u.version.store.b[0] = 7;
  u.person = STR ("An");
  u.record = *after;
  if (there)
    u.base = row.version;
  buf_clear (&e->bytes);
  assert_true (update_encode (&u, &e->bytes));
  u.bytes = buf_str (&e->bytes);
  return book_apply (e->book, e->txn, there ? &row : NULL, there ? &before.record : NULL, &u, e->seq,
                     (wall_t){1000 + (int64_t)e->seq});
}

static void
put (env_t *e, record_ref_t ref, record_t r)
{
  assert_int_equal (apply (e, ref, &r, OP_PUT), ERR_OK);
}

/* ---- findings ---- */

static char findings[4096];

static void
note_finding (void *ctx, const char *thing, str_t name, const char *what)
{
  (void)ctx;
  size_t n = strlen (findings);
  assert_true (what[0] != '\0');
  snprintf (findings + n, sizeof findings - n, "%s %.*s|", thing, STR_ARG (name));
}

static void
assert_verify (env_t *e, const char *want)
{
  uint64_t n = 99;
  findings[0] = '\0';
  begin (e, false);
  assert_int_equal (book_verify (e->book, e->txn, e->catalogue, note_finding, NULL, &n), ERR_OK);
  kv_abort (&e->txn);
  assert_string_equal (findings, want);
  uint64_t counted = 0;
  for (const char *p = findings; *p != '\0'; p++)
    counted += *p == '|';
  assert_int_equal (n, counted);
}

/* ---- rows and keys ---- */

static void
test_rows (void **state)
{
  env_t *e = *state;
  row_t row;
  record_ref_t ref = ref_of (10, 1);
  begin (e, true);
  assert_int_equal (book_get (e->book, e->txn, ref, &row), ERR_NOT_FOUND);
  put (e, ref, scheme ("549-01", 10, STATUS_APPROVED, 100));
  put (e, ref, scheme ("549-01", 10, STATUS_SETTLED, 90));
  commit (e);
  begin (e, false);
  assert_int_equal (book_get (e->book, e->txn, ref, &row), ERR_OK);
  assert_int_equal (row.ref.home, 10);
  assert_true (record_id_eq (row.ref.id, ref.id));
  assert_int_equal (row.version.seq, 2);
  assert_int_equal (row.version.store.b[0], 7);
  assert_int_equal (row.revision, 2);
  assert_int_equal (row.at, 2);
  assert_int_equal (row.received.ms, 1002);
  assert_false (row.withdrawn);
  assert_true (str_eq (row.bytes, buf_str (&e->bytes))); /* as the author encoded it */
  kv_abort (&e->txn);
  assert_verify (e, "");
}

static void
test_keys (void **state)
{
  env_t *e = *state;
  record_ref_t a = ref_of (10, 1), b = ref_of (11, 2), found;
  record_t twin = scheme ("549-01", 11, STATUS_DRAFT, 1);
  begin (e, true);
  put (e, a, scheme ("549-01", 10, STATUS_APPROVED, 100));
  assert_int_equal (apply (e, b, &twin, OP_PUT), ERR_EXISTS);
  put (e, b, scheme ("550-01", 11, STATUS_APPROVED, 100));
  commit (e);
  assert_verify (e, "");

  begin (e, true);
  record_t gone = scheme ("549-01", 10, STATUS_APPROVED, 100);
  assert_int_equal (apply (e, a, &gone, OP_WITHDRAW), ERR_OK);
  assert_int_equal (book_find_key (e->book, e->txn, KIND_SCHEME, STR ("549-01"), &found), ERR_OK);
  assert_int_equal (found.home, 10); /* withdrawn, and found still */
  assert_int_equal (book_find_key (e->book, e->txn, KIND_OUTCOME, STR ("549-01"), &found), ERR_NOT_FOUND);
  put (e, b, scheme ("550-99", 11, STATUS_APPROVED, 100)); /* a key that moves takes its entry along */
  assert_int_equal (book_find_key (e->book, e->txn, KIND_SCHEME, STR ("550-01"), &found), ERR_NOT_FOUND);
  assert_int_equal (book_find_key (e->book, e->txn, KIND_SCHEME, STR ("550-99"), &found), ERR_OK);
  commit (e);
  assert_verify (e, "");
}

/* A key longer than the store can hold is found by all of it, not by its beginning. */
static void
test_long_keys (void **state)
{
  env_t *e = *state;
  static char code[2][600];
  record_ref_t found;
  memset (code, 'x', sizeof code);
  code[0][598] = '1';
  code[1][598] = '2';
  code[0][599] = code[1][599] = '\0';
  begin (e, true);
  for (uint32_t i = 0; i < 2; i++) {
    record_t r = scheme (code[i], 10, STATUS_APPROVED, 100);
    update_t u = {.version = {.seq = i + 1},
                  .id = ref_of (10, i).id,
                  .home = 10,
                  .operation = OP_PUT,
                  .record = r,
                  .bytes = STR ("bytes")};
    assert_int_equal (book_apply (e->book, e->txn, NULL, NULL, &u, 1, (wall_t){1}), ERR_OK);
  }
  for (uint32_t i = 0; i < 2; i++) {
    assert_int_equal (book_find_key (e->book, e->txn, KIND_SCHEME, str_of (code[i]), &found), ERR_OK);
    assert_true (record_id_eq (found.id, ref_of (10, i).id));
  }
  kv_abort (&e->txn);
}

static void
test_find (void **state)
{
  static const struct {
    const char *text;
    kind_t kind;
    err_t err;
    unit_id_t home;
    uint32_t n;
  } rows[] = {
      {"549-01", KIND_NONE, ERR_OK, 10, 1},
      {"549-01", KIND_SCHEME, ERR_OK, 10, 1},
      {"549-01", KIND_OUTCOME, ERR_NOT_FOUND, 0, 0},
      {"I.1 / 549 / 2019 / KCQG", KIND_NONE, ERR_OK, 10, 2},
      {"I.1 / 10 / 2019 / KCQG", KIND_OUTCOME, ERR_OK, 10, 2},
      {"I.1 / 549 / 2019 / KCQG / - / quý 1", KIND_NONE, ERR_OK, 10, 3},
      {"I.1 / 549 / 2019 / KCQG", KIND_SCHEME, ERR_NOT_FOUND, 0, 0},
      {"I.1 / 550 / 2019 / KCQG", KIND_NONE, ERR_NOT_FOUND, 0, 0},
      {"I.1", KIND_NONE, ERR_NOT_FOUND, 0, 0},
      {"", KIND_NONE, ERR_NOT_FOUND, 0, 0},
      {"both / 549 / 2019 / KCQG", KIND_NONE, ERR_INPUT, 0, 0},
      {"both / 549 / 2019 / KCQG", KIND_SCHEME, ERR_OK, 12, 5},
      {"both / 549 / 2019 / KCQG", KIND_OUTCOME, ERR_OK, 10, 4},
      {"01000000-0000-0000-0600-000000000000", KIND_NONE, ERR_OK, 2, 6},
      {"01000000-0000-0000-0600-000000000000", KIND_SCHEME, ERR_OK, 2, 6},
      {"01000000-0000-0000-0600-000000000000", KIND_OUTCOME, ERR_NOT_FOUND, 0, 0},
      {"01000000-0000-0000-0100-000000000000", KIND_NONE, ERR_OK, 10, 1},
      {"01000000-0000-0000-0500-000000000000", KIND_NONE, ERR_OK, 12, 5},
      {"01000000-0000-0000-0700-000000000000", KIND_NONE, ERR_NOT_FOUND, 0, 0},
      {"ffffffff-ffff-ffff-ffff-ffffffffffff", KIND_NONE, ERR_NOT_FOUND, 0, 0},
      {"00000000-0000-0000-0000-000000000000", KIND_NONE, ERR_NOT_FOUND, 0, 0},
  };
  env_t *e = *state;
  begin (e, true);
  put (e, ref_of (10, 1), scheme ("549-01", 10, STATUS_APPROVED, 100));
  put (e, ref_of (10, 2), outcome ("I.1", 10, "", 3));
  put (e, ref_of (10, 3), outcome ("I.1", 10, "quý 1", 3));
  put (e, ref_of (10, 4), outcome ("both", 10, "", 3));
  put (e, ref_of (12, 5), scheme ("both / 549 / 2019 / KCQG", 12, STATUS_DRAFT, 1));
  put (e, ref_of (2, 6), scheme ("540-01", 2, STATUS_APPROVED, 100));
  put (e, ref_of (3, 8), scheme ("542-01", 3, STATUS_APPROVED, 100));
  commit (e);
  begin (e, false);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    record_ref_t found = {0, {{0}}};
    err_t err = book_find (e->book, e->txn, e->catalogue, str_of (rows[i].text), rows[i].kind, &found);
    if (err != rows[i].err || found.home != rows[i].home ||
        (err == ERR_OK && !record_id_eq (found.id, ref_of (0, rows[i].n).id)))
      fail_msg ("\"%s\" of kind %d: %s, home %u", rows[i].text, rows[i].kind, err_name (err), found.home);
  }
}

/* ---- each ---- */

typedef struct {
  char seen[256];
  size_t stop_after, n;
} each_t;

static err_t
note_row (void *ctx, err_t err, const row_t *row)
{
  each_t *x = ctx;
  size_t n = strlen (x->seen);
  snprintf (x->seen + n, sizeof x->seen - n, "%u.%u%s ", row->ref.home, row->ref.id.b[8],
            err == ERR_DAMAGED ? "!"
            : row->withdrawn   ? "-"
                               : "");
  return ++x->n == x->stop_after ? ERR_END : ERR_OK;
}

static void
flip (env_t *e, kv_db_t db, str_t key, size_t at)
{
  str_t stored;
  char copy[2048];
  assert_int_equal (kv_get (e->txn, db, key, &stored), ERR_OK);
  assert_true (at < stored.n && stored.n <= sizeof copy);
  size_t n = stored.n;
  memcpy (copy, stored.p, n);
  copy[at] = (char)(copy[at] ^ 0x10);
  assert_int_equal (kv_put (e->txn, db, key, (str_t){copy, n}), ERR_OK);
}

static str_t
row_key (record_ref_t ref, char out[20])
{
  for (int i = 0; i < 4; i++)
    out[i] = (char)(ref.home >> (24 - 8 * i));
  memcpy (out + 4, ref.id.b, 16);
  return (str_t){out, 20};
}

static void
test_each (void **state)
{
  env_t *e = *state;
  char key[20];
  begin (e, true);
  put (e, ref_of (300, 1), scheme ("c", 10, STATUS_APPROVED, 100));
  put (e, ref_of (2, 3), scheme ("a", 10, STATUS_APPROVED, 100));
  put (e, ref_of (2, 4), scheme ("b", 10, STATUS_APPROVED, 100));
  put (e, ref_of (10, 2), scheme ("d", 10, STATUS_APPROVED, 100));
  record_t gone = scheme ("b", 10, STATUS_APPROVED, 100);
  assert_int_equal (apply (e, ref_of (2, 4), &gone, OP_WITHDRAW), ERR_OK);
  flip (e, RECORD, row_key (ref_of (10, 2), key), 30);
  static const struct {
    unit_id_t home;
    size_t stop_after;
    const char *seen;
  } rows[] = {
      {0, 0, "2.3 2.4- 10.2! 300.1 "},
      {0, 2, "2.3 2.4- "},
      {2, 0, "2.3 2.4- "},
      {300, 0, "300.1 "},
      {10, 0, "10.2! "},
      {5, 0, ""},
      {301, 0, ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    each_t x = {.stop_after = rows[i].stop_after};
    assert_int_equal (book_each (e->book, e->txn, rows[i].home, note_row, &x), ERR_OK);
    assert_string_equal (x.seen, rows[i].seen);
  }
}

/* ---- totals ---- */

static uint32_t
random_next (uint32_t *x)
{
  *x ^= *x << 13;
  *x ^= *x >> 17;
  *x ^= *x << 5;
  return *x;
}

static void
random_step (env_t *e, uint32_t *seed, bool *was_there)
{
  static const status_t statuses[] = {STATUS_DRAFT, STATUS_APPROVED, STATUS_RUNNING, STATUS_SETTLED,
                                      STATUS_REJECTED};
  static const unit_id_t districts[] = {2, 3, 10};
  uint32_t n = random_next (seed) % 40;
  char code[16];
  snprintf (code, sizeof code, "C%u", n);
  record_t r = scheme (code, districts[random_next (seed) % 3], statuses[random_next (seed) % 5],
                       random_next (seed) % 1000);
  if (n % 4 == 0)
    r = outcome ("I.1", 2 + n / 4, "", random_next (seed) % 50);
  if (r.kind == KIND_SCHEME && n % 3 == 0) {
    r.u.scheme.funding_n = 2;
    r.u.scheme.funding[0].source = 1;
    r.u.scheme.funding[1] = (funding_t){.source = 3, .approved_vnd = {true, 500}};
  }
  bool withdraw = was_there[n] && random_next (seed) % 5 == 0;
  assert_int_equal (apply (e, ref_of (1 + n % 4, n), &r, withdraw ? OP_WITHDRAW : OP_PUT), ERR_OK);
  was_there[n] = true;
}

/* After every commit the stored totals are those of a recount; what was aborted or failed left nothing. */
static void
test_random_totals (void **state)
{
  env_t *e = *state;
  uint32_t seed = 549;
  bool there[40] = {false};
  for (int round = 0; round < 80; round++) {
    bool now[40];
    memcpy (now, there, sizeof now);
    begin (e, true);
    for (uint32_t i = random_next (&seed) % 12; i > 0; i--)
      random_step (e, &seed, now);
    switch (random_next (&seed) % 5) {
    case 0: /* aborted before the totals were written */
      kv_abort (&e->txn);
      break;
    case 1: /* aborted after it */
      assert_int_equal (book_flush (e->book, e->txn), ERR_OK);
      kv_abort (&e->txn);
      break;
    case 2: /* the commit fails */
      kv_mem_faults (e->kv, &(kv_faults_t){.fail_commit_at = 1, .lose_failed = true});
      assert_int_equal (book_flush (e->book, e->txn), ERR_OK);
      (void)!kv_commit (&e->txn);
      kv_mem_faults (e->kv, NULL);
      break;
    default:
      commit (e);
      memcpy (there, now, sizeof there);
      break;
    }
    book_reset (e->book);
    assert_verify (e, "");
  }
}

/* Several flushes in one transaction, and a second book that wrote in between. */
static void
test_two_books (void **state)
{
  env_t *e = *state;
  book_t *first = e->book, *second = book_new (dbs);
  for (uint32_t i = 0; i < 6; i++) {
    char code[16];
    snprintf (code, sizeof code, "C%u", i);
    e->book = i % 2 == 0 ? first : second;
    begin (e, true);
    put (e, ref_of (10, i), scheme (code, 10, STATUS_APPROVED, 100));
    assert_int_equal (book_flush (e->book, e->txn), ERR_OK);
    put (e, ref_of (10, i), scheme (code, 10, STATUS_RUNNING, 70));
    commit (e);
  }
  e->book = first;
  assert_verify (e, "");
  book_destroy (&second);
}

static void
test_overflow_changes_nothing (void **state)
{
  env_t *e = *state;
  row_t row;
  record_ref_t found;
  record_t much = scheme ("B", 10, STATUS_APPROVED, INT64_MAX - 5);
  begin (e, true);
  put (e, ref_of (10, 1), scheme ("A", 10, STATUS_APPROVED, 100));
  assert_int_equal (apply (e, ref_of (10, 2), &much, OP_PUT), ERR_OVERFLOW);
  assert_int_equal (book_get (e->book, e->txn, ref_of (10, 2), &row), ERR_NOT_FOUND);
  assert_int_equal (book_find_key (e->book, e->txn, KIND_SCHEME, STR ("B"), &found), ERR_NOT_FOUND);
  assert_int_equal (kv_txn_error (e->txn), ERR_OK);
  put (e, ref_of (10, 3), scheme ("C", 10, STATUS_APPROVED, 100)); /* the next one is fine */
  commit (e);
  assert_verify (e, "");
}

static void
test_rebuild (void **state)
{
  env_t *e = *state;
  bool current = true;
  bool there[40] = {false};
  uint32_t seed = 7;
  begin (e, true);
  assert_int_equal (kv_del (e->txn, META, STR ("groupings")), ERR_OK);
  assert_int_equal (book_totals_current (e->book, e->txn, &current), ERR_OK);
  assert_false (current);
  assert_int_equal (book_rebuild_totals (e->book, e->txn), ERR_OK); /* of a new store */
  assert_int_equal (book_totals_current (e->book, e->txn, &current), ERR_OK);
  assert_true (current);
  for (int i = 0; i < 60; i++)
    random_step (e, &seed, there);
  commit (e);
  begin (e, true);
  kv_cursor_t *c = NULL;
  str_t k;
  char key[STORE_KEY_MAX];
  assert_int_equal (kv_cursor_open (e->txn, TOTAL, &c), ERR_OK);
  assert_int_equal (kv_seek (c, STR (""), &k, NULL), ERR_OK);
  memcpy (key, k.p, k.n);
  flip (e, TOTAL, (str_t){key, k.n}, 9);
  assert_int_equal (kv_put (e->txn, TOTAL, STR ("\xf0 of an older table"), STR ("old")), ERR_OK);
  assert_int_equal (book_rebuild_totals (e->book, e->txn), ERR_OK);
  assert_int_equal (kv_commit (&e->txn), ERR_OK);
  assert_verify (e, "");
}

/* ---- damage ---- */

static void
three_records (env_t *e)
{
  begin (e, true);
  put (e, ref_of (10, 1), scheme ("549-01", 10, STATUS_APPROVED, 100));
  put (e, ref_of (10, 2), outcome ("I.1", 10, "", 3));
  put (e, ref_of (11, 3), scheme ("550-01", 11, STATUS_APPROVED, 100));
  commit (e);
  assert_verify (e, "");
}

static void
test_damaged_rows_have_names (void **state)
{
  env_t *e = *state;
  char key[20];
  three_records (e);
  begin (e, true);
  flip (e, RECORD, row_key (ref_of (10, 2), key), 60);
  flip (e, RECORD, row_key (ref_of (11, 3), key), 0);
  assert_int_equal (kv_commit (&e->txn), ERR_OK);
  assert_verify (e, "record 550-01|record I.1 / 549 / 2019 / KCQG|");
  row_t row;
  begin (e, true);
  assert_int_equal (book_get (e->book, e->txn, ref_of (11, 3), &row), ERR_DAMAGED);
  assert_int_equal (book_rebuild_totals (e->book, e->txn), ERR_DAMAGED);
  kv_abort (&e->txn);
}

static void
test_damaged_keys (void **state)
{
  env_t *e = *state;
  char ref[20];
  three_records (e);
  begin (e, true);
  flip (e, KEY,
        STR ("\x01"
             "549-01"),
        6);
  assert_int_equal (kv_commit (&e->txn), ERR_OK);
  assert_verify (e, "key 549-01|");

  begin (e, true);
  assert_int_equal (kv_del (e->txn, KEY,
                            STR ("\x01"
                                 "549-01")),
                    ERR_OK);
  assert_int_equal (kv_commit (&e->txn), ERR_OK);
  assert_verify (e, "key 549-01|");

  begin (e, true);
  assert_int_equal (val_put (e->txn, KEY,
                             STR ("\x01"
                                  "549-01"),
                             row_key (ref_of (11, 3), ref)),
                    ERR_OK);
  assert_int_equal (kv_commit (&e->txn), ERR_OK);
  assert_verify (e, "key 549-01|key 549-01|"); /* the record's, and the entry's */

  begin (e, true);
  assert_int_equal (val_put (e->txn, KEY,
                             STR ("\x01"
                                  "549-01"),
                             row_key (ref_of (10, 1), ref)),
                    ERR_OK);
  assert_int_equal (val_put (e->txn, KEY,
                             STR ("\x01"
                                  "ghost"),
                             row_key (ref_of (10, 77), ref)),
                    ERR_OK);
  assert_int_equal (kv_commit (&e->txn), ERR_OK);
  assert_verify (e, "key ghost|");
}

static void
test_damaged_totals (void **state)
{
  env_t *e = *state;
  char first[STORE_KEY_MAX], body[64];
  kv_cursor_t *c = NULL;
  str_t key, v;
  three_records (e);
  begin (e, true);
  assert_int_equal (kv_cursor_open (e->txn, TOTAL, &c), ERR_OK);
  assert_int_equal (kv_seek (c, STR (""), &key, NULL), ERR_OK);
  size_t n = key.n;
  memcpy (first, key.p, n);
  str_t cell = {first, n};
  const char *name = "total year=2019,item=3.1,source=province|";
  flip (e, TOTAL, cell, 20);
  assert_int_equal (kv_commit (&e->txn), ERR_OK);
  assert_verify (e, name);

  begin (e, true); /* right by its checksum, wrong by its value */
  flip (e, TOTAL, cell, 20);
  assert_int_equal (val_get (e->txn, TOTAL, cell, &v), ERR_OK);
  assert_int_equal (v.n, sizeof body);
  memcpy (body, v.p, sizeof body);
  body[7] ^= 1;
  assert_int_equal (val_put (e->txn, TOTAL, cell, (str_t){body, sizeof body}), ERR_OK);
  assert_int_equal (kv_commit (&e->txn), ERR_OK);
  assert_verify (e, name);

  begin (e, true);
  assert_int_equal (kv_del (e->txn, TOTAL, cell), ERR_OK);
  assert_int_equal (kv_commit (&e->txn), ERR_OK);
  assert_verify (e, name);
}

/* ---- queries ---- */

/* The answer as csv. */
static const char *
answer (env_t *e, const char *by, const char *where)
{
  static char text[2048];
  query_result_t r;
  fail_t fail = {0};
  query_t *q = query_parse (str_of (by), str_of (where), e->catalogue, &fail);
  if (q == NULL)
    fail_msg ("%s %s: %s", by, where, fail.text);
  assert_int_equal (book_query (e->book, e->txn, q), ERR_OK);
  assert_int_equal (query_finish (q, true, &r), ERR_OK);
  size_t n = 0;
  text[0] = '\0';
  for (size_t i = 0; i < r.rows * r.columns; i++)
    n += (size_t)snprintf (text + n, sizeof text - n, "%.*s%s", STR_ARG (r.cell[i]),
                           i % r.columns + 1 == r.columns ? "\n" : ",");
  query_destroy (&q);
  return text;
}

static void
test_queries (void **state)
{
  env_t *e = *state;
  three_records (e);
  begin (e, false);
  /* year is in a grouping; scheme kind is in none, so that records are scanned */
  assert_string_equal (answer (e, "year", NULL), "2019,2,200,2,0,200,0,0\n");
  assert_string_equal (answer (e, "district", "year=2019"), "549,1,100,1,0,100,0,0\n550,1,100,1,0,100,0,0\n");
  assert_string_equal (answer (e, "year,kind", NULL), "2019,,2,200,2,0,200,0,0\n");
  assert_string_equal (answer (e, "district,status", "district=550"), "550,approved,1,100,1,0,100,0,0\n");
  kv_abort (&e->txn);
}

/* A store whose totals another program made, read by this one, which may not write: records are scanned. */
static void
test_totals_of_another_table (void **state)
{
  env_t *e = *state;
  char copy[STORE_KEY_MAX];
  kv_cursor_t *c = NULL;
  str_t key;
  three_records (e);
  begin (e, true);
  assert_int_equal (kv_cursor_open (e->txn, TOTAL, &c), ERR_OK);
  assert_int_equal (kv_seek (c, STR ("\x03"), &key, NULL), ERR_OK); /* by year and status */
  memcpy (copy, key.p, key.n);
  assert_int_equal (kv_del (e->txn, TOTAL, (str_t){copy, key.n}), ERR_OK);
  assert_int_equal (meta_put_u64 (e->txn, META, "groupings", GROUPINGS_VERSION + 1), ERR_OK);
  assert_string_equal (answer (e, "year", NULL), "2019,2,200,2,0,200,0,0\n");
  assert_int_equal (kv_commit (&e->txn), ERR_OK);
  assert_verify (e, "total *|");
}

#define TEST(f) cmocka_unit_test_setup_teardown (f, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
      TEST (test_rows),         TEST (test_keys),
      TEST (test_long_keys),    TEST (test_find),
      TEST (test_each),         TEST (test_random_totals),
      TEST (test_two_books),    TEST (test_overflow_changes_nothing),
      TEST (test_rebuild),      TEST (test_damaged_rows_have_names),
      TEST (test_damaged_keys), TEST (test_damaged_totals),
      TEST (test_queries),      TEST (test_totals_of_another_table),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
