#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/kc-test-platform-XXXXXX";
static buf_t path;

static const char *
in_dir (const char *name)
{
  return path_join (&path, dir, name);
}

static int
make_dir (void **state)
{
  (void)state;
  return mkdtemp (dir) == NULL;
}

static int
remove_dir (void **state)
{
  (void)state;
  static const char *const names[] = {"a", "secret", "lock", "stays", "d/e/f", "d/e", "d", ""};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    (void)remove (in_dir (names[i]));
  bool gone = !file_exists (dir);
  buf_free (&path);
  return !gone; /* something was left behind */
}

static void
test_temporary (void **state)
{
  (void)state;
  struct stat st;
  buf_t one = BUF_INIT, two = BUF_INIT;
  fail_t fail = {.err = ERR_OK};
  setenv ("TMPDIR", dir, 1);
  assert_int_equal (file_temporary (&one, &fail), ERR_OK);
  assert_int_equal (file_temporary (&two, &fail), ERR_OK);
  assert_memory_equal (buf_z (&one), dir, strlen (dir));
  assert_string_not_equal (buf_z (&one), buf_z (&two));
  assert_int_equal (stat (buf_z (&one), &st), 0);
  assert_int_equal (st.st_mode & 0777, 0600);
  assert_int_equal (st.st_size, 0);
  assert_true (file_remove (buf_z (&one)) && file_remove (buf_z (&two)));
  setenv ("TMPDIR", "/no/such/folder", 1);
  assert_int_equal (file_temporary (&one, &fail), ERR_NO_FILE);
  unsetenv ("TMPDIR");
  buf_free (&one);
  buf_free (&two);
}

static void
test_write_and_read (void **state)
{
  (void)state;
  struct stat st;
  buf_t out = BUF_INIT;
  fail_t fail = {.err = ERR_OK};
  assert_int_equal (file_write (in_dir ("a"), STR ("one"), false, &fail), ERR_OK);
  assert_int_equal (file_write (in_dir ("a"), STR ("two\0!"), false, &fail), ERR_OK);
  buf_puts (&out, "kept");
  assert_int_equal (file_read (in_dir ("a"), 5, &out, &fail), ERR_OK);
  assert_true (str_eq (buf_str (&out), STR ("kepttwo\0!")));
  assert_int_equal (file_size (in_dir ("a")), 5);
  assert_int_equal (file_write (in_dir ("secret"), STR ("s"), true, &fail), ERR_OK);
  assert_int_equal (stat (in_dir ("secret"), &st), 0);
  assert_int_equal (st.st_mode & 0777, 0600);
  assert_true (file_remove (in_dir ("secret")));
  assert_false (file_exists (in_dir ("secret")));
  assert_int_equal (file_size (in_dir ("secret")), 0);
  buf_free (&out);
}

static void
test_read_refuses (void **state)
{
  (void)state;
  buf_t out = BUF_INIT;
  fail_t fail = {.err = ERR_OK};
  buf_puts (&out, "kept");
  assert_int_equal (file_write (in_dir ("a"), STR ("12345"), false, &fail), ERR_OK);
  static const struct {
    const char *name;
    size_t limit;
    err_t err;
    const char *words;
  } rows[] = {
      {"none", 10, ERR_NO_FILE, "không có tệp này"},
      {"", 10, ERR_NO_FILE, "đây là thư mục"},
      {"a/b", 10, ERR_NO_FILE, "không có tệp này"},
      {"a", 4, ERR_TOO_BIG, "giới hạn"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    fail = (fail_t){.err = ERR_OK};
    assert_int_equal (file_read (in_dir (rows[i].name), rows[i].limit, &out, &fail), rows[i].err);
    assert_int_equal (fail.err, rows[i].err);
    assert_non_null (strstr (fail.text, rows[i].words));
    assert_string_equal (fail.where, in_dir (rows[i].name));
    assert_true (str_eq (buf_str (&out), STR ("kept")));
  }
  fail = (fail_t){.err = ERR_OK};
  assert_int_equal (file_read ("/dev/zero", 100000, &out, &fail), ERR_TOO_BIG);
  buf_free (&out);
}

static void
test_write_refuses (void **state)
{
  (void)state;
  fail_t fail = {.err = ERR_OK};
  assert_int_equal (file_write (in_dir ("none/a"), STR ("x"), false, &fail), ERR_NO_FILE);
  assert_non_null (strstr (fail.text, "không có thư mục để ghi"));
  fail = (fail_t){.err = ERR_OK};
  assert_int_equal (file_write (dir, STR ("x"), false, &fail), ERR_NO_FILE);
  fail = (fail_t){.err = ERR_OK};
  assert_int_equal (file_write ("/dev/full", STR ("x"), false, &fail), ERR_FULL);
  assert_string_equal (fail.where, "/dev/full");
  /* A device is written, not replaced. */
  struct stat st;
  assert_int_equal (file_write ("/dev/null", STR ("x"), false, NULL), ERR_OK);
  assert_int_equal (stat ("/dev/null", &st), 0);
  assert_true (S_ISCHR (st.st_mode));
}

static void
test_dirs (void **state)
{
  (void)state;
  struct stat st;
  assert_int_equal (dir_make (in_dir ("d/e/f")), ERR_OK);
  assert_int_equal (dir_make (in_dir ("d/e/f/")), ERR_OK);
  assert_true (path_is_dir (in_dir ("d/e/f")));
  assert_int_equal (stat (in_dir ("d/e/f"), &st), 0);
  assert_int_equal (st.st_mode & 0777, 0700);
  assert_int_equal (dir_sync (in_dir ("d")), ERR_OK);
  assert_int_equal (dir_sync (in_dir ("none")), ERR_IO);
  assert_int_equal (file_write (in_dir ("a"), STR ("x"), false, NULL), ERR_OK);
  assert_int_equal (dir_make (in_dir ("a")), ERR_EXISTS);
  assert_false (path_is_dir (in_dir ("a")));
  assert_true (disk_free (dir) > 0);
  assert_true (disk_free (in_dir ("none")) == UINT64_MAX);
}

static void
test_path_join (void **state)
{
  (void)state;
  buf_t out = BUF_INIT;
  assert_string_equal (path_join (&out, "a", "b"), "a/b");
  assert_string_equal (path_join (&out, "a/", "b"), "a/b");
  assert_string_equal (path_join (&out, "/", "b"), "/b");
  buf_free (&out);
}

/* Runs fn in a process of its own; its exit code. */
static int
in_child (int (*fn) (const char *), const char *arg)
{
  int status = 0;
  pid_t pid = fork ();
  if (pid == 0)
    _exit (fn (arg));
  assert_true (pid > 0);
  assert_int_equal (waitpid (pid, &status, 0), pid);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 100 + WTERMSIG (status);
}

static int
child_take (const char *file)
{
  lock_t *l = NULL;
  bool seen = lock_is_taken (file);
  err_t err = lock_take (file, &l);
  lock_release (&l);
  return seen == (err == ERR_BUSY) ? (int)err : 99;
}

static int
child_take_and_die (const char *file)
{
  lock_t *l = NULL;
  if (lock_take (file, &l) != ERR_OK)
    return 99;
  raise (SIGKILL);
  return 98;
}

static void
test_lock (void **state)
{
  (void)state;
  char file[128];
  lock_t *l = NULL;
  snprintf (file, sizeof file, "%s", in_dir ("lock"));
  assert_false (lock_is_taken (file));
  assert_int_equal (lock_take (file, &l), ERR_OK);
  assert_int_equal (in_child (child_take, file), ERR_BUSY);
  assert_true (lock_is_taken (file)); /* by anybody: us */
  lock_t *again = NULL;
  assert_int_equal (lock_take (file, &again), ERR_BUSY); /* not twice in one process either */
  assert_null (again);
  assert_int_equal (in_child (child_take, file), ERR_BUSY); /* and looking did not drop it */
  lock_release (&l);
  assert_null (l);
  assert_int_equal (in_child (child_take, file), ERR_OK);
  assert_int_equal (in_child (child_take_and_die, file), 100 + SIGKILL);
  assert_false (lock_is_taken (file));
  assert_int_equal (lock_take (file, &l), ERR_OK);
  lock_release (&l);
  assert_int_equal (lock_take (in_dir ("none/lock"), &l), ERR_IO);
}

static void
test_wall_format (void **state)
{
  (void)state;
  static const struct {
    int64_t ms;
    const char *vi, *en, *iso;
  } rows[] = {
      {0, "01/01/1970 07:00:00", "1970-01-01 07:00:00", "1970-01-01T00:00:00Z"},
      {INT64_C (1795572307999), "25/11/2026 09:05:07", "2026-11-25 09:05:07", "2026-11-25T02:05:07Z"},
      {INT64_C (951782400000), "29/02/2000 07:00:00", "2000-02-29 07:00:00", "2000-02-29T00:00:00Z"},
      {INT64_C (1735664399000), "31/12/2024 23:59:59", "2024-12-31 23:59:59", "2024-12-31T16:59:59Z"},
      {INT64_C (4107542400000), "01/03/2100 07:00:00", "2100-03-01 07:00:00", "2100-03-01T00:00:00Z"},
      {-1, "01/01/1970 06:59:59", "1970-01-01 06:59:59", "1969-12-31T23:59:59Z"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    buf_t out = BUF_INIT;
    wall_format ((wall_t){rows[i].ms}, &out);
    assert_string_equal (buf_z (&out), rows[i].vi);
    buf_clear (&out);
    lang_set (LANG_EN);
    wall_format ((wall_t){rows[i].ms}, &out);
    lang_set (LANG_VI);
    assert_string_equal (buf_z (&out), rows[i].en);
    buf_clear (&out);
    wall_format_iso ((wall_t){rows[i].ms}, &out);
    assert_string_equal (buf_z (&out), rows[i].iso);
    for (int people = 0; people < 2; people++) {
      wall_put ((wall_t){rows[i].ms}, people, &out);
      assert_string_equal (buf_z (&out), rows[i].ms == 0 ? "" : people ? rows[i].vi : rows[i].iso);
    }
    buf_free (&out);
  }
}

static int
child_stop (const char *how)
{
  stop_install ();
  struct pollfd p = {.fd = stop_fd (), .events = POLLIN};
  if (stop_requested () || poll (&p, 1, 0) != 0)
    return 1;
  raise (SIGPIPE);
  if (stop_requested ())
    return 2;
  if (how[0] == 't')
    raise (SIGTERM);
  else if (how[0] == 'i')
    raise (SIGINT);
  else
    stop_request ();
  stop_request ();
  if (!stop_requested ())
    return 3;
  return poll (&p, 1, 0) == 1 && poll (&p, 1, 0) == 1 ? 0 : 4;
}

static int
child_hold (const char *unused)
{
  (void)unused;
  stop_install ();
  signals_hold ();
  raise (SIGTERM);
  if (stop_requested ())
    return 1;
  signals_release ();
  return stop_requested () ? 0 : 2;
}

static void
test_stop (void **state)
{
  (void)state;
  assert_int_equal (in_child (child_stop, "term"), 0);
  assert_int_equal (in_child (child_stop, "int"), 0);
  assert_int_equal (in_child (child_stop, "request"), 0);
  assert_int_equal (in_child (child_hold, ""), 0);
}

static void
test_process_and_names (void **state)
{
  (void)state;
  assert_true (process_private_memory () > 0);
  assert_non_null (login_name ());
  assert_true (host_name ()[0] != '\0');
  assert_true (console_width () > 0);
  assert_false (console_is_terminal (-1));
  mono_t a = clock_mono (), b = clock_mono ();
  assert_true (b.ms >= a.ms);
  assert_true (clock_wall ().ms > INT64_C (1700000000000));
  setenv ("LC_ALL", "", 1);
  setenv ("LC_MESSAGES", "", 1);
  setenv ("LANG", "en_US.UTF-8", 1);
  assert_string_equal (locale_name (), "en_US.UTF-8");
  setenv ("LC_ALL", "vi_VN", 1);
  assert_string_equal (locale_name (), "vi_VN");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (test_temporary),    cmocka_unit_test (test_write_and_read),
      cmocka_unit_test (test_read_refuses), cmocka_unit_test (test_write_refuses),
      cmocka_unit_test (test_dirs),         cmocka_unit_test (test_path_join),
      cmocka_unit_test (test_lock),         cmocka_unit_test (test_wall_format),
      cmocka_unit_test (test_stop),         cmocka_unit_test (test_process_and_names),
  };
  return cmocka_run_group_tests (tests, make_dir, remove_dir);
}
