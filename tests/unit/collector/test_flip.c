/* test_flip.c - single bits of a store's file are turned over, all across it: verify says no, or the store
 * cannot be opened, or nothing that is stored has changed. Never a crash, never a quiet difference.
 *
 * KC_FLIPS and KC_FLIP_SEED make it longer or another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/ledger/state.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/store/values.h"
#include "tests/unit/collector/fixture.h"
#include "tests/unit/core/small_catalogue.h"

#define AN_NHON 10u
#define RECORDS 300u
#define FLIPS 400u
#define PAGE 4096u
#define META_BYTES 168u
#define HEADER_BYTES 64u
#define MAP_SIZE (UINT64_C (64) << 20)
#define NOW ((wall_t){INT64_C (1764000000000)})

static char dir[64];
static buf_t whole; /* the file as it should be */
static hash_t content;

static uint64_t
next_random (uint64_t *state)
{
  uint64_t x = (*state += UINT64_C (0x9e3779b97f4a7c15));
  x = (x ^ x >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C (0x94d049bb133111eb);
  return x ^ x >> 31;
}

static uint64_t
number_of (const char *name, uint64_t otherwise)
{
  const char *text = getenv (name);
  return text != NULL ? strtoull (text, NULL, 10) : otherwise;
}

static const char *
path_of (const char *name)
{
  static char path[96];
  snprintf (path, sizeof path, "%s/%s", dir, name);
  return path;
}

static void
write_file (void)
{
  FILE *f = fopen (path_of ("data.mdb"), "wb");
  assert_non_null (f);
  assert_int_equal (fwrite (whole.p, 1, whole.n, f), whole.n);
  assert_int_equal (fclose (f), 0);
}

/* Everything a reader can see, as one hash. */
static hash_t
content_of (ledger_t *l)
{
  kv_txn_t *txn = NULL;
  buf_t all = BUF_INIT;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  for (kv_db_t db = 0; db < DB_LEDGER_COUNT; db++) {
    kv_cursor_t *c = NULL;
    str_t key, value;
    assert_int_equal (kv_cursor_open (txn, db, &c), ERR_OK);
    while (kv_next (c, &key, &value) == ERR_OK) {
      buf_u8 (&all, db);
      buf_u32 (&all, (uint32_t)key.n);
      buf_put (&all, key.p, key.n);
      buf_u32 (&all, (uint32_t)value.n);
      buf_put (&all, value.p, value.n);
    }
    kv_cursor_close (&c);
  }
  kv_abort (&txn);
  assert_true (buf_ok (&all));
  hash_t h = hash_of (buf_str (&all));
  buf_free (&all);
  return h;
}

static int
set_up (void **state)
{
  static peer_t a;
  ledger_t *l = NULL;
  fail_t fail = {0};
  (void)state;
  assert_true (crypto_init ());
  snprintf (dir, sizeof dir, "/tmp/kc-flip-XXXXXX");
  assert_non_null (mkdtemp (dir));
  assert_int_equal (ledger_init (dir, STR (SMALL_CATALOGUE), MAP_SIZE, NOW, &fail), ERR_OK);
  assert_int_equal (ledger_open (dir, false, &l, &fail), ERR_OK);
  peer_open (&a, l, AN_NHON, ROLE_OFFICE);
  for (unsigned i = 0; i < RECORDS; i++) {
    update_t u = scheme_update (AN_NHON, i, STATUS_APPROVED, 1000 + i, (version_t){{{0}}, 0});
    if (i % 50 == 7)
      u.record.u.scheme.item = STR ("X.9"); /* refused */
    peer_add (&a, &u);
  }
  for (uint64_t i = 1; i <= RECORDS; i += 20)
    assert_int_equal (peer_send (&a, l, i, i + 19).err, ERR_OK);
  peer_close (&a);
  content = content_of (l);
  ledger_close (&l);
  assert_int_equal (file_read (path_of ("data.mdb"), (size_t)1 << 30, &whole, &fail), ERR_OK);
  return 0;
}

static int
tear_down (void **state)
{
  (void)state;
  file_remove (path_of ("data.mdb"));
  file_remove (path_of ("lock.mdb"));
  file_remove (path_of ("authority.key"));
  remove (dir);
  buf_free (&whole);
  return 0;
}

static void
ignore (void *ctx, const char *thing, str_t name, const char *what)
{
  (void)ctx;
  (void)thing;
  (void)name;
  (void)what;
}

typedef enum { SAYS_NO, CANNOT_OPEN, UNAFFECTED } end_t;

static end_t
look (uint64_t bit)
{
  ledger_t *l = NULL;
  fail_t fail = {0};
  verify_counts_t n = {0};
  err_t err = ledger_open_lenient (dir, &l, &fail);
  if (err != ERR_OK) {
    if (err != ERR_DAMAGED && err != ERR_NOT_STORE && err != ERR_VERSION)
      fail_msg ("bit %llu: opening gave %s", (unsigned long long)bit, err_name (err));
    return CANNOT_OPEN;
  }
  err = verify_run (l, ignore, NULL, NULL, &n);
  bool same = err == ERR_OK && n.findings == 0 && hash_eq (content_of (l), content);
  ledger_close (&l);
  if (err != ERR_OK)
    fail_msg ("bit %llu: verify gave up: %s", (unsigned long long)bit, err_name (err));
  if (n.findings == 0 && !same)
    fail_msg ("bit %llu: verify is green, but something stored has changed", (unsigned long long)bit);
  return n.findings > 0 ? SAYS_NO : UNAFFECTED;
}

/* Half of them anywhere, half where pages say how they hang together. */
static uint64_t
pick_bit (uint64_t *random)
{
  uint64_t bit = next_random (random) % ((uint64_t)whole.n * 8);
  if (next_random (random) % 2 == 0)
    return bit;
  uint64_t page = bit / 8 / PAGE * PAGE;
  return page * 8 + next_random (random) % ((page < 2 * PAGE ? META_BYTES : HEADER_BYTES) * 8);
}

static void
flip_bits (void **state)
{
  uint64_t random = number_of ("KC_FLIP_SEED", 20261125), flips = number_of ("KC_FLIPS", FLIPS);
  unsigned outcomes[3] = {0};
  (void)state;
  for (uint64_t i = 0; i < flips; i++) {
    uint64_t bit = pick_bit (&random);
    if (getenv ("KC_FLIP_SAY") != NULL)
      fprintf (stderr, "bit %llu\n", (unsigned long long)bit);
    whole.p[bit / 8] = (char)(whole.p[bit / 8] ^ 1 << bit % 8);
    write_file ();
    file_remove (path_of ("lock.mdb"));
    outcomes[look (bit)]++;
    whole.p[bit / 8] = (char)(whole.p[bit / 8] ^ 1 << bit % 8);
  }
  write_file ();
  assert_int_equal (look (0), UNAFFECTED);
  print_message ("%u named, %u cannot be opened, %u not affected\n", outcomes[SAYS_NO], outcomes[CANNOT_OPEN],
                 outcomes[UNAFFECTED]);
  assert_true (outcomes[SAYS_NO] > 0 && outcomes[CANNOT_OPEN] > 0 && outcomes[UNAFFECTED] > 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (flip_bits, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
