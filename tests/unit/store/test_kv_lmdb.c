/* What only the engine on LMDB can meet: files that are no store, cut files, a full map. */
#include "common/base/lang.h"
#include "common/store/kv_lmdb_file.h"
#include "common/store/values.h"
#include "tests/unit/store/temp_dir.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

static const char *const names[] = {"one", "two", "three"};
enum { ONE, TWO };

static char dir[TEMP_DIR_MAX];

static const char *
data_path (void)
{
  static char path[TEMP_DIR_MAX + 16];
  snprintf (path, sizeof path, "%s/data.mdb", dir);
  return path;
}

static int
set_up (void **state)
{
  (void)state;
  temp_dir_make (dir);
  return 0;
}

static int
tear_down (void **state)
{
  (void)state;
  temp_dir_remove (dir);
  return 0;
}

static err_t
open_with (bool create, bool read_only, uint64_t map_size, kv_t **kv, fail_t *fail)
{
  kv_options_t o = {names, 2, map_size, create, read_only};
  *fail = (fail_t){0};
  return kv_open_lmdb (dir, &o, kv, fail);
}

static kv_t *
create (uint64_t map_size)
{
  kv_t *kv = NULL;
  fail_t fail;
  assert_int_equal (open_with (true, false, map_size, &kv, &fail), ERR_OK);
  return kv;
}

static kv_t *
reopen (bool read_only)
{
  kv_t *kv = NULL;
  fail_t fail;
  assert_int_equal (open_with (false, read_only, 0, &kv, &fail), ERR_OK);
  return kv;
}

static void
write_file (const char *bytes, size_t n)
{
  FILE *f = fopen (data_path (), "wb");
  assert_non_null (f);
  assert_int_equal (fwrite (bytes, 1, n, f), n);
  fclose (f);
}

/* n values of `size` bytes under numbered keys. */
static err_t
put_many (kv_t *kv, kv_db_t db, int from, int n, size_t size)
{
  static char body[70000];
  kv_txn_t *txn = NULL;
  err_t err = kv_begin (kv, true, &txn);
  for (int i = from; err == ERR_OK && i < from + n; i++) {
    char key[16];
    snprintf (key, sizeof key, "%08d", i);
    err = val_put (txn, db, str_of (key), (str_t){body, size});
  }
  if (err == ERR_OK)
    return kv_commit (&txn);
  kv_abort (&txn);
  return err;
}

/* Reads everything there is; returns how many values are sound. */
static int
read_all (kv_t *kv)
{
  kv_txn_t *txn = NULL;
  int n = 0;
  assert_int_equal (kv_begin (kv, false, &txn), ERR_OK);
  for (kv_db_t db = ONE; db <= TWO; db++) {
    kv_cursor_t *c = NULL;
    str_t k, v, body;
    assert_int_equal (kv_cursor_open (txn, db, &c), ERR_OK);
    while (kv_next (c, &k, &v) == ERR_OK) {
      n += val_open (db, k, v, &body) == ERR_OK;
    }
    kv_cursor_close (&c);
  }
  kv_abort (&txn);
  return n;
}

/* ---- what is no store ---- */

typedef struct {
  const char *what, *bytes;
  size_t n;
  err_t err;
} no_store_t;

static void
test_no_store (void **state)
{
  (void)state;
  static char zeros[8192], noise[8192], text[] = "code,name\nCT-540,Quy Nhơn\n";
  for (size_t i = 0; i < sizeof noise; i++)
    noise[i] = (char)(i * 2654435761u >> 11);
  const no_store_t rows[] = {
      {"empty", "", 0, ERR_NOT_STORE},
      {"text", text, sizeof text - 1, ERR_NOT_STORE},
      {"zeros", zeros, sizeof zeros, ERR_NOT_STORE},
      {"noise", noise, sizeof noise, ERR_NOT_STORE},
  };
  kv_t *kv = NULL;
  fail_t fail;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    write_file (rows[i].bytes, rows[i].n);
    for (int read_only = 0; read_only < 2; read_only++) {
      err_t err = open_with (false, read_only == 1, 0, &kv, &fail);
      if (err != rows[i].err || fail.text[0] == '\0' || strcmp (fail.where, dir) != 0)
        fail_msg ("%s: %s %s: %s", rows[i].what, err_name (err), fail.where, fail.text);
      struct stat st;
      assert_int_equal (stat (data_path (), &st), 0);
      assert_int_equal (st.st_size, rows[i].n); /* left as it was */
    }
  }
  unlink (data_path ());
  assert_int_equal (mkdir (data_path (), 0700), 0);
  assert_int_equal (open_with (false, false, 0, &kv, &fail), ERR_NOT_STORE);
  rmdir (data_path ());
}

static void
test_missing_makes_no_files (void **state)
{
  (void)state;
  kv_t *kv = NULL;
  fail_t fail;
  for (int read_only = 0; read_only < 2; read_only++) {
    assert_int_equal (open_with (false, read_only == 1, 0, &kv, &fail), ERR_NOT_STORE);
    assert_true (fail.text[0] != '\0');
  }
  assert_int_equal (rmdir (dir), 0); /* it is empty still */
  assert_int_equal (open_with (false, true, 0, &kv, &fail), ERR_NOT_STORE);
  assert_int_not_equal (access (dir, F_OK), 0);
}

static void
test_create (void **state)
{
  (void)state;
  static const char *const files[] = {"data.mdb", "lock.mdb"};
  kv_t *kv = create (UINT64_C (3) << 20), *again = NULL;
  kv_stat_t st;
  fail_t fail;
  kv_close (&kv);
  for (size_t i = 0; i < 2; i++) {
    char path[TEMP_DIR_MAX + 16];
    struct stat s;
    snprintf (path, sizeof path, "%s/%s", dir, files[i]);
    assert_int_equal (stat (path, &s), 0);
    assert_int_equal (s.st_mode & 07777, 0600);
  }
  assert_int_equal (open_with (true, false, UINT64_C (3) << 20, &again, &fail), ERR_EXISTS);
  kv = reopen (false);
  kv_stat (kv, &st);
  assert_int_equal (st.map_size, UINT64_C (3) << 20); /* kept in the store */
  kv_close (&kv);
}

/* ---- cut files ---- */

/* At whatever length: refused with words, or every value is there. Never a signal. */
static void
test_cut_anywhere (void **state)
{
  (void)state;
  kv_t *kv = create (UINT64_C (16) << 20);
  assert_int_equal (put_many (kv, ONE, 0, 400, 100), ERR_OK);
  assert_int_equal (put_many (kv, TWO, 0, 20, 9000), ERR_OK);
  kv_close (&kv);
  struct stat st;
  assert_int_equal (stat (data_path (), &st), 0);
  static char whole[1 << 20];
  FILE *f = fopen (data_path (), "rb");
  assert_true ((size_t)st.st_size <= sizeof whole);
  assert_int_equal (fread (whole, 1, sizeof whole, f), st.st_size);
  fclose (f);
  int refused = 0;
  for (size_t n = 0; n <= (size_t)st.st_size; n += n < 200 ? 7 : 1021) {
    fail_t fail;
    write_file (whole, n);
    err_t err = open_with (false, true, 0, &kv, &fail);
    if (err == ERR_OK) {
      assert_int_equal (read_all (kv), 420);
      kv_close (&kv);
      continue;
    }
    refused++;
    assert_int_equal (err, n < 24 ? ERR_NOT_STORE : ERR_DAMAGED);
    assert_true (fail.text[0] != '\0');
  }
  assert_true (refused > 100);
}

/* Pages taken at the end and given back in the same transaction are counted but never written. */
static void
test_short_but_sound (void **state)
{
  (void)state;
  kv_t *kv = create (UINT64_C (16) << 20);
  for (int i = 0; i < 4;
       i++) /* free pages of earlier transactions: only with some does LMDB take ours back */
    assert_int_equal (put_many (kv, ONE, 0, 10, 100), ERR_OK);
  kv_txn_t *txn = NULL;
  static char body[70000];
  assert_int_equal (kv_begin (kv, true, &txn), ERR_OK);
  assert_int_equal (val_put (txn, TWO, STR ("big"), (str_t){body, sizeof body}), ERR_OK);
  assert_int_equal (kv_del (txn, TWO, STR ("big")), ERR_OK);
  assert_int_equal (kv_commit (&txn), ERR_OK);
  kv_stat_t st;
  kv_stat (kv, &st);
  kv_close (&kv);
  struct stat s;
  assert_int_equal (stat (data_path (), &s), 0);
  assert_true ((uint64_t)s.st_size < st.used); /* else this test shows nothing */
  kv = reopen (false);
  assert_int_equal (read_all (kv), 10);
  assert_int_equal (put_many (kv, TWO, 0, 50, 5000), ERR_OK);
  assert_int_equal (read_all (kv), 60);
  kv_close (&kv);
}

static void
test_wrong_second_page (void **state)
{
  (void)state;
  kv_t *kv = create (UINT64_C (1) << 20);
  kv_close (&kv);
  FILE *f = fopen (data_path (), "r+b");
  assert_int_equal (fseek (f, 4096 + 16, SEEK_SET), 0);
  assert_int_equal (fwrite ("????", 1, 4, f), 4);
  fclose (f);
  fail_t fail;
  assert_int_equal (open_with (false, false, 0, &kv, &fail), ERR_DAMAGED);
}

/* Whatever byte of a page's structure is changed: the check says so, or the store reads as if nothing were.
 */
static void
test_check_pages (void **state)
{
  (void)state;
  kv_t *kv = create (UINT64_C (16) << 20);
  fail_t fail = {0};
  assert_int_equal (put_many (kv, ONE, 0, 400, 100), ERR_OK);
  assert_int_equal (put_many (kv, TWO, 0, 20, 9000), ERR_OK);
  assert_int_equal (kv_check_pages (kv, &fail), ERR_OK);
  kv_txn_t *txn = NULL; /* beside a writer too */
  assert_int_equal (kv_begin (kv, true, &txn), ERR_OK);
  assert_int_equal (val_put (txn, ONE, STR ("k"), STR ("v")), ERR_OK);
  assert_int_equal (kv_check_pages (kv, &fail), ERR_OK);
  kv_abort (&txn);
  struct stat st;
  assert_int_equal (stat (data_path (), &st), 0);
  int noticed = 0;
  for (long page = 2; page < st.st_size / 4096; page++)
    for (long at = 0; at < 18; at++) { /* header and first node offset */
      char b;
      FILE *f = fopen (data_path (), "r+b");
      setvbuf (f, NULL, _IONBF, 0);
      assert_int_equal (fseek (f, page * 4096 + at, SEEK_SET), 0);
      assert_int_equal (fread (&b, 1, 1, f), 1);
      char changed = (char)(b ^ 0x55);
      assert_int_equal (fseek (f, page * 4096 + at, SEEK_SET), 0);
      assert_int_equal (fwrite (&changed, 1, 1, f), 1);
      fail = (fail_t){0};
      err_t err = kv_check_pages (kv, &fail);
      if (err == ERR_OK)
        assert_true (read_all (kv) >= 419); /* what is a value's own is found by its checksum */
      else {
        assert_int_equal (err, ERR_DAMAGED);
        assert_true (fail.text[0] != '\0');
        noticed++;
        assert_int_equal (lmdb_file_check (data_path (), NULL), ERR_DAMAGED); /* opening says so too */
      }
      assert_int_equal (fseek (f, page * 4096 + at, SEEK_SET), 0);
      assert_int_equal (fwrite (&b, 1, 1, f), 1);
      fclose (f);
    }
  assert_true (noticed > 100);
  assert_int_equal (kv_check_pages (kv, &fail), ERR_OK);
  kv_close (&kv);
}

/* ---- full ---- */

static void
test_map_full (void **state)
{
  (void)state;
  kv_t *kv = create (UINT64_C (1) << 20);
  int n = 0;
  err_t err = ERR_OK;
  while (err == ERR_OK && n < 10000) {
    err = put_many (kv, ONE, n, 50, 1000);
    if (err == ERR_OK)
      n += 50;
  }
  assert_int_equal (err, ERR_FULL);
  assert_true (n >= 100);
  assert_int_equal (read_all (kv), n); /* all that was committed and nothing else */
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (kv, true, &txn), ERR_OK); /* it goes on in the same environment */
  assert_int_equal (val_put (txn, TWO, STR ("small"), STR ("v")), ERR_OK);
  kv_abort (&txn);
  kv_close (&kv);
  kv = reopen (true);
  assert_int_equal (read_all (kv), n);
  kv_close (&kv);
}

/* ---- several openings ---- */

/* A store of an older program lacks a database: readers find it empty, a writer makes it. */
static void
test_missing_database (void **state)
{
  (void)state;
  kv_t *kv = create (UINT64_C (1) << 20);
  assert_int_equal (put_many (kv, ONE, 0, 3, 10), ERR_OK);
  kv_close (&kv);
  for (int read_only = 1; read_only >= 0; read_only--) {
    kv_options_t o = {names, 3, 0, false, read_only == 1};
    kv_txn_t *txn = NULL;
    kv_cursor_t *c = NULL;
    str_t k, v;
    assert_int_equal (kv_open_lmdb (dir, &o, &kv, NULL), ERR_OK);
    assert_int_equal (kv_begin (kv, read_only == 0, &txn), ERR_OK);
    assert_int_equal (kv_get (txn, 2, STR ("k"), &v), ERR_NOT_FOUND);
    assert_int_equal (kv_cursor_open (txn, 2, &c), ERR_OK);
    assert_int_equal (kv_next (c, &k, &v), ERR_NOT_FOUND);
    if (read_only == 0)
      assert_int_equal (kv_put (txn, 2, STR ("k"), STR ("v")), ERR_OK);
    assert_int_equal (kv_commit (&txn), ERR_OK);
    kv_close (&kv);
  }
}

/* LMDB writes a meta page alone and its other pages whole; the test program's pwrite is found before libc's.
 */
static bool fail_meta;

ssize_t
pwrite (int fd, const void *p, size_t n, off_t at)
{
  if (fail_meta && n < 512) {
    errno = EIO;
    return -1;
  }
  return syscall (SYS_pwrite64, fd, p, n, at);
}

/* Whether such a commit holds is not known before the store is opened again; until then it says so. */
static void
test_meta_page_not_written (void **state)
{
  (void)state;
  kv_t *kv = create (1u << 20);
  kv_txn_t *txn = NULL;
  fail_t fail;
  str_t v;
  assert_int_equal (kv_begin (kv, true, &txn), ERR_OK);
  assert_int_equal (kv_put (txn, ONE, STR ("k"), STR ("v")), ERR_OK);
  fail_meta = true;
  assert_int_not_equal (kv_commit (&txn), ERR_OK);
  fail_meta = false;
  assert_int_equal (kv_begin (kv, true, &txn), ERR_REOPEN);
  assert_int_equal (kv_begin (kv, false, &txn), ERR_REOPEN);
  kv_close (&kv);
  assert_int_equal (open_with (false, false, 0, &kv, &fail), ERR_OK);
  assert_int_equal (kv_begin (kv, true, &txn), ERR_OK);
  assert_int_equal (kv_get (txn, ONE, STR ("k"), &v), ERR_NOT_FOUND);
  assert_int_equal (kv_put (txn, ONE, STR ("k"), STR ("v")), ERR_OK);
  assert_int_equal (kv_commit (&txn), ERR_OK);
  kv_close (&kv);
}

static void
test_words_in_both_languages (void **state)
{
  (void)state;
  kv_t *kv = NULL;
  fail_t vi, en;
  assert_int_equal (open_with (false, false, 0, &kv, &vi), ERR_NOT_STORE);
  lang_set (LANG_EN);
  assert_int_equal (open_with (false, false, 0, &kv, &en), ERR_NOT_STORE);
  lang_set (LANG_VI);
  assert_non_null (strstr (vi.text, "kho dữ liệu"));
  assert_non_null (strstr (en.text, "data.mdb is missing"));
}

#define COMMITS 300u

/* A row a commit; ends the process that was forked for it. */
static void
write_rows (void)
{
  kv_t *kv = NULL;
  fail_t fail;
  bool ok = open_with (false, false, 0, &kv, &fail) == ERR_OK;
  for (uint32_t i = 0; ok && i < COMMITS; i++) {
    kv_txn_t *txn = NULL;
    uint8_t key[4] = {(uint8_t)(i >> 8), (uint8_t)i};
    ok = kv_begin (kv, true, &txn) == ERR_OK &&
         kv_put (txn, ONE, (str_t){(const char *)key, sizeof key}, STR ("x")) == ERR_OK &&
         kv_commit (&txn) == ERR_OK;
  }
  _exit (ok ? 0 : 1);
}

static uint64_t
count_rows (kv_t *kv)
{
  kv_txn_t *txn = NULL;
  kv_cursor_t *c = NULL;
  str_t key, value;
  uint64_t n = 0;
  assert_int_equal (kv_begin (kv, false, &txn), ERR_OK);
  assert_int_equal (kv_cursor_open (txn, ONE, &c), ERR_OK);
  while (kv_next (c, &key, &value) == ERR_OK)
    n++;
  kv_cursor_close (&c);
  kv_abort (&txn);
  return n;
}

/* Who remembers a number and then reads has seen all that the number stands for, also while a commit is being
 * flushed: otherwise they would never look again. */
static void
test_a_number_is_seen (void **state)
{
  kv_stat_t stat = {0};
  int status = 0;
  (void)state;
  kv_t *kv = create (1u << 20);
  kv_stat (kv, &stat);
  const uint64_t before = stat.last_txn;
  kv_close (&kv); /* not open while forking */
  pid_t writer = fork ();
  assert_true (writer >= 0);
  if (writer == 0)
    write_rows ();
  kv = reopen (true);
  while (waitpid (writer, &status, WNOHANG) == 0) {
    kv_stat (kv, &stat);
    assert_true (stat.last_txn - before <= count_rows (kv));
  }
  assert_int_equal (status, 0);
  assert_int_equal (count_rows (kv), COMMITS);
  kv_close (&kv);
}

#define TEST(f) cmocka_unit_test_setup_teardown (f, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
      TEST (test_check_pages),
      TEST (test_no_store),
      TEST (test_missing_makes_no_files),
      TEST (test_create),
      TEST (test_cut_anywhere),
      TEST (test_short_but_sound),
      TEST (test_wrong_second_page),
      TEST (test_map_full),
      TEST (test_missing_database),
      TEST (test_meta_page_not_written),
      TEST (test_a_number_is_seen),
      TEST (test_words_in_both_languages),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
