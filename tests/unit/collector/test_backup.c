/* A store copied, taken back, and gone on with in a new epoch: what old positions mean, who hears what, and
 * that nothing but a whole backup becomes a store. */
#include "tests/unit/collector/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "collector/ledger/backup.h"
#include "collector/ledger/epochs.h"
#include "collector/ledger/snapshot.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "tests/unit/core/small_catalogue.h"
#include "tests/unit/store/temp_dir.h"

#define NOW ((wall_t){INT64_C (1764000000000)})

static ledger_t *
copy_of (ledger_t *l)
{
  kv_t *kv = NULL;
  ledger_t *copy = NULL;
  fail_t fail = {0};
  assert_int_equal (kv_copy_mem (ledger_kv (l), &kv), ERR_OK);
  assert_int_equal (ledger_open_kv (&kv, &copy, &fail), ERR_OK);
  return copy;
}

static position_t
end_of (ledger_t *l)
{
  kv_txn_t *txn = NULL;
  position_t at = {0};
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  assert_int_equal (ledger_end (l, txn, &at, NULL), ERR_OK);
  kv_abort (&txn);
  return at;
}

static void
assert_proved (ledger_t *l)
{
  buf_t things = BUF_INIT;
  uint64_t n = fixture_verify (l, &things);
  if (n > 0)
    print_error ("%s", buf_z (&things));
  assert_int_equal (n, 0);
  buf_free (&things);
}

static void
add_schemes (peer_t *p, ledger_t *l, unsigned first, unsigned n)
{
  const uint64_t from = p->seq + 1;
  for (unsigned i = 0; i < n; i++) {
    update_t u = scheme_update (p->unit, first + i, STATUS_APPROVED, 1000, (version_t){.seq = 0});
    peer_add (p, &u);
  }
  assert_int_equal (peer_send (p, l, from, p->seq).item.accepted, n);
}

/* What a reader of an office gets from a position on: the first place and how many decisions opened a stream.
 */
static void
read_down (ledger_t *l, unit_id_t unit, position_t from, uint64_t *first, unsigned *decisions)
{
  kv_txn_t *txn = NULL;
  arena_t *arena = arena_new (4u << 20);
  msg_down_t d;
  const listener_t who = {.unit = unit, .role = ROLE_OFFICE, .serial = 99};
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  assert_int_equal (ledger_down (l, txn, &who, from, DOWN_MAX, arena, &d), ERR_OK);
  *first = d.first_lsn;
  *decisions = (unsigned)d.centre_n;
  assert_true (d.complete);
  assert_int_equal (d.epoch, ledger_epoch (l));
  kv_abort (&txn);
  arena_destroy (&arena);
}

static err_t
place (ledger_t *l, position_t at)
{
  char text[POSITION_TEXT_MAX];
  kv_txn_t *txn = NULL;
  snapshot_t *s = NULL;
  fail_t fail = {0};
  position_format (at, text);
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  err_t err = snapshot_open (l, txn, str_of (text), &s, &fail);
  if (err == ERR_OK) {
    const position_t again = snapshot_position (s);
    assert_int_equal (again.epoch, at.epoch);
    assert_int_equal (again.lsn, at.lsn);
  } else
    assert_true (fail.text[0] != '\0');
  snapshot_close (&s);
  kv_abort (&txn);
  return err;
}

static void
epochs_go_on (void **state)
{
  static peer_t p;
  fail_t fail = {0};
  uint64_t first, last = 0;
  unsigned decisions;
  ledger_t *l = fixture_ledger ();
  (void)state;
  peer_open (&p, l, 10, ROLE_OFFICE);
  add_schemes (&p, l, 1, 5);
  const position_t backup_at = end_of (l);
  ledger_t *restored = copy_of (l);
  add_schemes (&p, l, 10, 5);
  const position_t lost_at = end_of (l);

  assert_int_equal (ledger_fork (restored, NULL, 0, NOW, &fail), ERR_OK);
  const position_t now_at = end_of (restored);
  assert_int_not_equal (now_at.epoch, backup_at.epoch);
  assert_true (now_at.lsn > backup_at.lsn);
  assert_proved (restored);

  assert_true (ledger_epoch_end (restored, backup_at.epoch, &last));
  assert_int_equal (last, backup_at.lsn);
  assert_int_equal (place (restored, backup_at), ERR_OK);
  assert_int_equal (place (restored, now_at), ERR_OK);
  assert_int_equal (place (restored, lost_at), ERR_INPUT);
  assert_int_equal (place (restored, (position_t){77, 1}), ERR_INPUT);

  /* a reader beyond the fork goes on from it, one behind it from where it stands, a stranger from the start
   */
  const struct {
    position_t from;
    uint64_t first;
  } rows[] = {
      {lost_at, backup_at.lsn + 1}, {backup_at, backup_at.lsn + 1}, {{backup_at.epoch, 2}, 3}, {{77, 5}, 1},
      {now_at, now_at.lsn + 1},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    read_down (restored, 10, rows[i].from, &first, &decisions);
    assert_int_equal (first, rows[i].first);
  }
  read_down (restored, 10, lost_at, &first, &decisions);
  assert_int_equal (decisions, now_at.lsn - backup_at.lsn);

  /* what its author kept comes again, once */
  assert_int_equal (peer_send (&p, restored, 1, 10).item.accepted, 5);
  assert_proved (restored);

  /* and a backup of that one may be restored in turn */
  ledger_t *third = copy_of (restored);
  assert_int_equal (ledger_fork (third, NULL, 0, NOW, &fail), ERR_OK);
  assert_int_equal (place (third, backup_at), ERR_OK);
  assert_int_equal (place (third, now_at), ERR_OK);
  assert_proved (third);
  ledger_close (&third);
  ledger_close (&restored);
  ledger_close (&l);
  peer_close (&p);
}

/* Serials given out after the backup are not given out again; whoever is not to come in is noted. */
static void
roster_goes_on (void **state)
{
  static peer_t p, later, fresh;
  fail_t fail = {0};
  kv_txn_t *txn = NULL;
  agent_row_t row;
  ledger_t *l = fixture_ledger ();
  (void)state;
  peer_open (&p, l, 10, ROLE_OFFICE);
  ledger_t *restored = copy_of (l);
  peer_open (&later, l, 4, ROLE_OFFICE);
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  assert_int_equal (roster_agent_by_key (l, txn, &p.curve, &row), ERR_OK);
  char name[64];
  snprintf (name, sizeof name, "%.*s", STR_ARG (row.name));
  kv_abort (&txn);
  const str_t revoked[] = {str_of (name), STR ("999-9")};
  assert_int_equal (ledger_fork (restored, revoked, 2, NOW, &fail), ERR_OK);
  peer_open (&fresh, restored, 4, ROLE_OFFICE);
  assert_true (fresh.serial > later.serial);
  update_t u = scheme_update (10, 1, STATUS_APPROVED, 1000, (version_t){.seq = 0});
  peer_add (&p, &u);
  assert_true (peer_send (&p, restored, 1, 1).item.forged);
  assert_proved (restored);
  ledger_close (&restored);
  ledger_close (&l);
}

/* ---- files ---- */

static char base[TEMP_DIR_MAX];

static const char *
at (const char *name)
{
  static char path[4][TEMP_DIR_MAX + 32];
  static unsigned turn;
  char *out = path[turn++ % 4];
  snprintf (out, sizeof path[0], "%s/%s", base, name);
  return out;
}

static void
make_store (const char *name)
{
  fail_t fail = {0};
  assert_int_equal (ledger_init (at (name), STR (SMALL_CATALOGUE), 64u << 20, NOW, &fail), ERR_OK);
}

static void
remove_store (const char *name)
{
  static const char *const files[] = {"data.mdb", "lock.mdb", "authority.key", "serve.lock"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    char path[TEMP_DIR_MAX + 64];
    snprintf (path, sizeof path, "%s/%s", at (name), files[i]);
    unlink (path);
  }
  assert_int_equal (rmdir (at (name)), 0);
}

static err_t
restore (const char *file, const char *dir, backup_info_t *info)
{
  position_t now_at;
  fail_t fail = {0};
  err_t err = backup_restore (at (file), at (dir), NULL, 0, NOW, NULL, NULL, info, &now_at, &fail);
  assert_true (err == ERR_OK || fail.text[0] != '\0');
  return err;
}

static void
write_bytes (const char *name, str_t bytes)
{
  fail_t fail = {0};
  assert_int_equal (file_write (at (name), bytes, true, &fail), ERR_OK);
}

static void
only_whole_backups (void **state)
{
  backup_info_t made, got;
  fail_t fail = {0};
  buf_t bytes = BUF_INIT, other = BUF_INIT;
  struct stat st;
  (void)state;
  temp_dir_make (base);
  make_store ("a");
  assert_int_equal (backup_make (at ("a"), at ("b"), NOW, NULL, NULL, &made, &fail), ERR_OK);
  assert_int_equal (stat (at ("b"), &st), 0);
  assert_int_equal (st.st_mode & 0777, 0600);
  assert_int_equal (file_read (at ("b"), SIZE_MAX / 2, &bytes, &fail), ERR_OK);

  /* it holds no trace of the authority's secret */
  assert_int_equal (file_read (at ("a/authority.key"), 4096, &other, &fail), ERR_OK);
  uint8_t secret[32];
  assert_true (hex_decode ((str_t){other.p + 15, 64}, secret, sizeof secret));
  assert_null (memmem (bytes.p, bytes.n, secret, sizeof secret));

  /* cut anywhere, changed anywhere, added to: refused, and nothing is left of the try */
  const size_t places[] = {0, 1, 4096, bytes.n / 2, bytes.n - 101, bytes.n - 100, bytes.n - 33, bytes.n - 1};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    write_bytes ("bad", (str_t){bytes.p, places[i]});
    assert_int_equal (restore ("bad", "r", &got), ERR_INPUT);
    bytes.p[places[i]] ^= 4;
    write_bytes ("bad", buf_str (&bytes));
    bytes.p[places[i]] ^= 4;
    assert_int_equal (restore ("bad", "r", &got), ERR_INPUT);
    assert_false (file_exists (at ("r")));
  }
  buf_putc (&bytes, 'x');
  write_bytes ("bad", buf_str (&bytes));
  assert_int_equal (restore ("bad", "r", &got), ERR_INPUT);
  assert_int_equal (restore ("missing", "r", &got), ERR_NO_FILE);
  assert_false (file_exists (at ("r")));

  /* a store that is there stays as it was */
  make_store ("c");
  buf_clear (&other);
  assert_int_equal (file_read (at ("c/data.mdb"), SIZE_MAX / 2, &other, &fail), ERR_OK);
  assert_int_equal (restore ("b", "c", &got), ERR_EXISTS);
  buf_clear (&bytes);
  assert_int_equal (file_read (at ("c/data.mdb"), SIZE_MAX / 2, &bytes, &fail), ERR_OK);
  assert_true (str_eq (buf_str (&bytes), buf_str (&other)));

  /* nor does a backup go under another authority's key */
  assert_int_equal (unlink (at ("c/data.mdb")), 0);
  assert_int_equal (restore ("b", "c", &got), ERR_FOREIGN);
  assert_false (file_exists (at ("c/data.mdb")));

  assert_int_equal (restore ("b", "r", &got), ERR_OK);
  assert_memory_equal (&got, &made, sizeof got);
  ledger_t *l = NULL;
  assert_int_equal (ledger_open (at ("r"), true, &l, &fail), ERR_OK);
  assert_true (ledger_epoch (l) != made.at.epoch);
  ledger_close (&l);
  unlink (at ("b"));
  unlink (at ("bad"));
  remove_store ("a");
  remove_store ("c");
  remove_store ("r");
  assert_int_equal (rmdir (base), 0); /* no work of ours is left lying */
  buf_free (&bytes);
  buf_free (&other);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (epochs_go_on),
      cmocka_unit_test (roster_goes_on),
      cmocka_unit_test (only_whole_backups),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
