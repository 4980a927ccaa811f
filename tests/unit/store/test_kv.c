/* One set of rules for both engines: every test runs over LMDB and over the one in memory. */
#include "common/base/bounds.h"
#include "common/store/values.h"
#include "tests/unit/store/temp_dir.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

static const char *const names[] = {"one", "two", "three"};
enum { ONE, TWO, THREE };

typedef struct {
  bool mem;
  char dir[TEMP_DIR_MAX];
  kv_t *kv;
} env_t;

static kv_options_t
options (bool create)
{
  return (kv_options_t){.db_names = names, .db_n = 3, .map_size = UINT64_C (64) << 20, .create = create};
}

static int
set_up (void **state, bool mem)
{
  env_t *e = calloc (1, sizeof *e);
  e->mem = mem;
  kv_options_t o = options (true);
  *state = e;
  if (mem)
    return kv_open_mem (&o, &e->kv) == ERR_OK ? 0 : -1;
  temp_dir_make (e->dir);
  return kv_open_lmdb (e->dir, &o, &e->kv, NULL) == ERR_OK ? 0 : -1;
}

static int
set_up_lmdb (void **state)
{
  return set_up (state, false);
}

static int
set_up_mem (void **state)
{
  return set_up (state, true);
}

static int
tear_down (void **state)
{
  env_t *e = *state;
  kv_close (&e->kv);
  if (!e->mem)
    temp_dir_remove (e->dir);
  free (e);
  return 0;
}

static kv_txn_t *
begin (env_t *e, bool write)
{
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (e->kv, write, &txn), ERR_OK);
  return txn;
}

static void
commit (kv_txn_t **txn)
{
  assert_int_equal (kv_commit (txn), ERR_OK);
  assert_null (*txn);
}

static void
put_all (env_t *e, const char *const *keys)
{
  kv_txn_t *txn = begin (e, true);
  for (size_t i = 0; keys[i] != NULL; i++)
    assert_int_equal (kv_put (txn, ONE, str_of (keys[i]), str_of (keys[i])), ERR_OK);
  commit (&txn);
}

static void
assert_str (str_t s, const char *z)
{
  if (!str_is (s, z))
    fail_msg ("\"%.*s\" is not \"%s\"", STR_ARG (s), z);
}

/* ---- reading and writing ---- */

static void
test_put_get_del (void **state)
{
  env_t *e = *state;
  kv_txn_t *txn = begin (e, true);
  str_t v;
  assert_int_equal (kv_get (txn, ONE, STR ("k"), &v), ERR_NOT_FOUND);
  assert_int_equal (kv_put (txn, ONE, STR ("k"), STR ("first")), ERR_OK);
  assert_int_equal (kv_put (txn, TWO, STR ("k"), STR ("")), ERR_OK);
  assert_int_equal (kv_get (txn, ONE, STR ("k"), &v), ERR_OK);
  assert_str (v, "first");
  assert_int_equal (kv_put (txn, ONE, STR ("k"), STR ("second, longer")), ERR_OK);
  commit (&txn);

  txn = begin (e, false);
  assert_int_equal (kv_get (txn, ONE, STR ("k"), &v), ERR_OK);
  assert_str (v, "second, longer");
  assert_int_equal (kv_get (txn, TWO, STR ("k"), &v), ERR_OK);
  assert_int_equal (v.n, 0);
  assert_int_equal (kv_get (txn, THREE, STR ("k"), &v), ERR_NOT_FOUND);
  kv_abort (&txn);

  txn = begin (e, true);
  assert_int_equal (kv_del (txn, ONE, STR ("k")), ERR_OK);
  assert_int_equal (kv_del (txn, ONE, STR ("k")), ERR_NOT_FOUND);
  assert_int_equal (kv_txn_error (txn), ERR_OK);
  commit (&txn);
  txn = begin (e, false);
  assert_int_equal (kv_get (txn, ONE, STR ("k"), &v), ERR_NOT_FOUND);
  assert_int_equal (kv_commit (&txn), ERR_OK);
}

/* A key that no store can hold is simply not there. */
static void
test_impossible_keys (void **state)
{
  env_t *e = *state;
  static char longest[STORE_KEY_MAX + 1];
  memset (longest, 'x', sizeof longest);
  kv_txn_t *txn = begin (e, true);
  str_t k, v;
  kv_cursor_t *c = NULL;
  assert_int_equal (kv_put (txn, ONE, (str_t){longest, STORE_KEY_MAX}, STR ("v")), ERR_OK);
  assert_int_equal (kv_get (txn, ONE, (str_t){longest, STORE_KEY_MAX}, &v), ERR_OK);
  assert_int_equal (kv_get (txn, ONE, (str_t){longest, STORE_KEY_MAX + 1}, &v), ERR_NOT_FOUND);
  assert_int_equal (kv_get (txn, ONE, STR (""), &v), ERR_NOT_FOUND);
  assert_int_equal (kv_del (txn, ONE, STR_NONE), ERR_NOT_FOUND);
  assert_int_equal (kv_cursor_open (txn, ONE, &c), ERR_OK);
  assert_int_equal (kv_seek (c, (str_t){longest, STORE_KEY_MAX + 1}, &k, &v), ERR_NOT_FOUND);
  assert_int_equal (kv_put (txn, ONE, STR ("y"), STR ("v")), ERR_OK);
  assert_int_equal (kv_seek (c, (str_t){longest, STORE_KEY_MAX + 1}, &k, &v), ERR_OK);
  assert_str (k, "y");
  assert_int_equal (kv_seek_last (c, (str_t){longest, STORE_KEY_MAX + 1}, &k, &v), ERR_NOT_FOUND);
  kv_abort (&txn);
}

static void
test_append_keeps_order (void **state)
{
  env_t *e = *state;
  kv_txn_t *txn = begin (e, true);
  assert_int_equal (kv_append (txn, ONE, STR ("a"), STR ("1")), ERR_OK);
  assert_int_equal (kv_append (txn, ONE, STR ("c"), STR ("2")), ERR_OK);
  assert_int_equal (kv_append (txn, ONE, STR ("b"), STR ("3")), ERR_EXISTS);
  assert_int_equal (kv_txn_error (txn), ERR_EXISTS);
  kv_abort (&txn);
}

/* ---- cursors ---- */

typedef struct {
  const char *how, *key, *found; /* found NULL: nothing */
} seek_row_t;

static void
test_seeks (void **state)
{
  static const char *const keys[] = {"b", "ba", "bb", "bb\xff", "d", "\xff\xff", NULL};
  static const seek_row_t rows[] = {
      {"seek", "", "b"},
      {"seek", "a", "b"},
      {"seek", "b", "b"},
      {"seek", "bab", "bb"},
      {"seek", "e", "\xff\xff"},
      {"seek", "\xff\xff\xff", NULL},
      {"last", "", "\xff\xff"},
      {"last", "b", "bb\xff"},
      {"last", "ba", "ba"},
      {"last", "bb", "bb\xff"},
      {"last", "c", NULL},
      {"last", "d", "d"},
      {"last", "\xff", "\xff\xff"},
      {"last", "a", NULL},
      {"last", "da", NULL},
      {"before", "a", NULL},
      {"before", "b", "b"},
      {"before", "b0", "b"},
      {"before", "c", "bb\xff"},
      {"before", "\xff\xff\xff", "\xff\xff"},
      {"before", "d", "d"},
  };
  env_t *e = *state;
  put_all (e, keys);
  for (int write = 0; write < 2; write++)
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
      const seek_row_t *r = &rows[i];
      kv_txn_t *txn = begin (e, write == 1);
      kv_cursor_t *c = NULL;
      str_t k = STR_NONE, v = STR_NONE;
      assert_int_equal (kv_cursor_open (txn, ONE, &c), ERR_OK);
      err_t err = r->how[0] == 's'   ? kv_seek (c, str_of (r->key), &k, &v)
                  : r->how[0] == 'l' ? kv_seek_last (c, str_of (r->key), &k, &v)
                                     : kv_seek_before (c, str_of (r->key), &k, &v);
      if (err != (r->found != NULL ? ERR_OK : ERR_NOT_FOUND) || (r->found != NULL && !str_is (k, r->found)))
        fail_msg ("%s \"%s\": %s \"%.*s\"", r->how, r->key, err_name (err), STR_ARG (k));
      if (r->found != NULL)
        assert_str (v, r->found);
      else
        assert_int_equal (kv_next (c, &k, &v), ERR_NOT_FOUND);
      kv_cursor_close (&c);
      kv_abort (&txn);
    }
}

static void
test_walks (void **state)
{
  static const char *const keys[] = {"a", "b", "c", NULL};
  env_t *e = *state;
  put_all (e, keys);
  kv_txn_t *txn = begin (e, false);
  kv_cursor_t *c = NULL, *back = NULL, *empty = NULL;
  str_t k = STR_NONE, v = STR_NONE;
  assert_int_equal (kv_cursor_open (txn, ONE, &c), ERR_OK);
  assert_int_equal (kv_cursor_open (txn, ONE, &back), ERR_OK);
  assert_int_equal (kv_cursor_open (txn, TWO, &empty), ERR_OK);
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal (kv_next (c, &k, &v), ERR_OK);
    assert_str (k, keys[i]);
    assert_int_equal (kv_prev (back, &k, &v), ERR_OK);
    assert_str (k, keys[2 - i]);
  }
  assert_int_equal (kv_next (c, &k, &v), ERR_NOT_FOUND);
  assert_int_equal (kv_next (c, &k, &v), ERR_NOT_FOUND);
  assert_int_equal (kv_prev (c, &k, &v), ERR_NOT_FOUND);
  assert_int_equal (kv_prev (back, &k, &v), ERR_NOT_FOUND);
  assert_int_equal (kv_seek (c, STR ("b"), &k, &v), ERR_OK);
  assert_int_equal (kv_prev (c, &k, NULL), ERR_OK);
  assert_str (k, "a");
  assert_int_equal (kv_next (c, NULL, &v), ERR_OK);
  assert_str (v, "b");
  assert_int_equal (kv_next (empty, &k, &v), ERR_NOT_FOUND);
  assert_int_equal (kv_prev (empty, &k, &v), ERR_NOT_FOUND);
  assert_int_equal (kv_seek_last (empty, STR (""), &k, &v), ERR_NOT_FOUND);
  kv_cursor_close (&back);
  kv_abort (&txn); /* with cursors still open */
}

/* A cursor goes on from its key whatever its own transaction does to it meanwhile. */
static void
test_cursor_survives_writes (void **state)
{
  static const char *const keys[] = {"a", "b", "c", "d", "e", NULL};
  env_t *e = *state;
  put_all (e, keys);
  kv_txn_t *txn = begin (e, true);
  kv_cursor_t *c = NULL;
  str_t k = STR_NONE, v = STR_NONE;
  assert_int_equal (kv_cursor_open (txn, ONE, &c), ERR_OK);
  assert_int_equal (kv_next (c, &k, &v), ERR_OK);
  assert_int_equal (kv_del (txn, ONE, STR ("a")), ERR_OK);
  assert_int_equal (kv_next (c, &k, &v), ERR_OK);
  assert_str (k, "b");
  assert_int_equal (kv_put (txn, ONE, STR ("ba"), STR ("new")), ERR_OK);
  assert_int_equal (kv_next (c, &k, &v), ERR_OK);
  assert_str (k, "ba");
  assert_str (v, "new");
  assert_int_equal (kv_del (txn, ONE, STR ("ba")), ERR_OK);
  assert_int_equal (kv_del (txn, ONE, STR ("b")), ERR_OK);
  assert_int_equal (kv_prev (c, &k, &v), ERR_NOT_FOUND);
  assert_int_equal (kv_seek (c, STR ("d"), &k, &v), ERR_OK);
  assert_int_equal (kv_del (txn, ONE, STR ("d")), ERR_OK);
  assert_int_equal (kv_prev (c, &k, &v), ERR_OK);
  assert_str (k, "c");
  commit (&txn);
}

/* Everything there is taken out behind the cursor. */
static void
test_clearing_with_a_cursor (void **state)
{
  env_t *e = *state;
  char key[16];
  kv_txn_t *txn = begin (e, true);
  for (int i = 0; i < 2000; i++) {
    snprintf (key, sizeof key, "%05d", i);
    assert_int_equal (kv_put (txn, ONE, str_of (key), str_of (key)), ERR_OK);
  }
  commit (&txn);
  txn = begin (e, true);
  kv_cursor_t *c = NULL;
  str_t k = STR_NONE;
  int n = 0;
  assert_int_equal (kv_cursor_open (txn, ONE, &c), ERR_OK);
  while (kv_next (c, &k, NULL) == ERR_OK) {
    memcpy (key, k.p, k.n);
    assert_int_equal (kv_del (txn, ONE, (str_t){key, k.n}), ERR_OK);
    n++;
  }
  assert_int_equal (n, 2000);
  assert_int_equal (kv_seek (c, STR (""), &k, NULL), ERR_NOT_FOUND);
  commit (&txn);
}

/* ---- transactions ---- */

static void
test_snapshot (void **state)
{
  static const char *const keys[] = {"a", "b", NULL};
  env_t *e = *state;
  str_t v = STR_NONE, k = STR_NONE;
  put_all (e, keys);
  kv_txn_t *before = begin (e, false);
  kv_txn_t *txn = begin (e, true);
  assert_int_equal (kv_put (txn, ONE, STR ("a"), STR ("changed")), ERR_OK);
  assert_int_equal (kv_del (txn, ONE, STR ("b")), ERR_OK);
  assert_int_equal (kv_put (txn, ONE, STR ("c"), STR ("c")), ERR_OK);
  kv_txn_t *during = begin (e, false);
  commit (&txn);
  kv_txn_t *after = begin (e, false);
  kv_txn_t *old[] = {before, during};
  for (size_t i = 0; i < 2; i++) {
    kv_cursor_t *c = NULL;
    assert_int_equal (kv_get (old[i], ONE, STR ("a"), &v), ERR_OK);
    assert_str (v, "a");
    assert_int_equal (kv_get (old[i], ONE, STR ("b"), &v), ERR_OK);
    assert_int_equal (kv_cursor_open (old[i], ONE, &c), ERR_OK);
    assert_int_equal (kv_seek_last (c, STR (""), &k, &v), ERR_OK);
    assert_str (k, "b");
    kv_abort (&old[i]);
  }
  assert_int_equal (kv_get (after, ONE, STR ("a"), &v), ERR_OK);
  assert_str (v, "changed");
  assert_int_equal (kv_get (after, ONE, STR ("b"), &v), ERR_NOT_FOUND);
  kv_abort (&after);
}

static void
test_abort_leaves_nothing (void **state)
{
  env_t *e = *state;
  str_t v;
  kv_stat_t before, after;
  kv_stat (e->kv, &before);
  kv_txn_t *txn = begin (e, true);
  assert_int_equal (kv_put (txn, ONE, STR ("k"), STR ("v")), ERR_OK);
  kv_abort (&txn);
  assert_null (txn);
  kv_abort (&txn);
  txn = begin (e, false);
  assert_int_equal (kv_get (txn, ONE, STR ("k"), &v), ERR_NOT_FOUND);
  kv_abort (&txn);
  kv_stat (e->kv, &after);
  assert_int_equal (after.last_txn, before.last_txn);
}

static void
test_stat_changes_with_each_commit (void **state)
{
  static const char *const keys[] = {"a", NULL};
  env_t *e = *state;
  kv_stat_t before, after;
  kv_stat (e->kv, &before);
  put_all (e, keys);
  kv_stat (e->kv, &after);
  assert_true (after.last_txn > before.last_txn);
  assert_true (after.used > 0 && after.used <= after.map_size);
  kv_txn_t *txn = begin (e, false);
  kv_stat (e->kv, &after);
  assert_true (after.readers >= 1);
  kv_abort (&txn);
  kv_check_readers (e->kv);
}

static void
test_first_failure_sticks (void **state)
{
  env_t *e = *state;
  str_t v;
  kv_txn_t *txn = begin (e, true);
  assert_int_equal (kv_put (txn, ONE, STR ("b"), STR ("v")), ERR_OK);
  assert_int_equal (kv_append (txn, ONE, STR ("a"), STR ("v")), ERR_EXISTS);
  assert_int_equal (kv_put (txn, ONE, STR ("c"), STR ("v")), ERR_EXISTS);
  assert_int_equal (kv_get (txn, ONE, STR ("b"), &v), ERR_EXISTS);
  assert_int_equal (kv_commit (&txn), ERR_EXISTS);
  assert_null (txn);
  txn = begin (e, false);
  assert_int_equal (kv_get (txn, ONE, STR ("b"), &v), ERR_NOT_FOUND);
  kv_abort (&txn);
}

/* ---- against a model: a flat array ---- */

#define MODEL_KEYS 300

static uint32_t
random_next (uint32_t *x)
{
  *x ^= *x << 13;
  *x ^= *x >> 17;
  *x ^= *x << 5;
  return *x;
}

static void
assert_model (kv_txn_t *txn, const uint32_t *model)
{
  kv_cursor_t *c = NULL;
  str_t k = STR_NONE, v = STR_NONE;
  char key[16];
  assert_int_equal (kv_cursor_open (txn, TWO, &c), ERR_OK);
  for (uint32_t i = 0; i < MODEL_KEYS; i++)
    if (model[i] != 0) {
      snprintf (key, sizeof key, "%04u", i);
      assert_int_equal (kv_next (c, &k, &v), ERR_OK);
      assert_str (k, key);
      assert_int_equal (v.n, model[i]);
    }
  assert_int_equal (kv_next (c, &k, &v), ERR_NOT_FOUND);
  kv_cursor_close (&c);
}

static void
test_random_against_model (void **state)
{
  env_t *e = *state;
  static char body[4000];
  uint32_t model[MODEL_KEYS] = {0}, seed = 20261125;
  memset (body, 'v', sizeof body);
  for (int round = 0; round < 60; round++) {
    uint32_t next[MODEL_KEYS];
    memcpy (next, model, sizeof next);
    kv_txn_t *reader = begin (e, false);
    kv_txn_t *txn = begin (e, true);
    for (int i = 0; i < 40; i++) {
      char key[16];
      uint32_t n = random_next (&seed) % MODEL_KEYS, size = random_next (&seed) % sizeof body;
      snprintf (key, sizeof key, "%04u", n);
      if (random_next (&seed) % 3 == 0) {
        assert_int_equal (kv_del (txn, TWO, str_of (key)), next[n] != 0 ? ERR_OK : ERR_NOT_FOUND);
        next[n] = 0;
      } else {
        size = size % 5 == 0 ? size + 1 : size % 60 + 1;
        assert_int_equal (kv_put (txn, TWO, str_of (key), (str_t){body, size}), ERR_OK);
        next[n] = size;
      }
    }
    assert_model (txn, next);
    assert_model (reader, model);
    if (random_next (&seed) % 4 == 0)
      kv_abort (&txn);
    else {
      commit (&txn);
      assert_model (reader, model);
      memcpy (model, next, sizeof model);
      assert_int_equal (kv_check_pages (e->kv, NULL), ERR_OK);
    }
    kv_abort (&reader);
    reader = begin (e, false);
    assert_model (reader, model);
    kv_abort (&reader);
  }
}

/* ---- values ---- */

static void
test_values (void **state)
{
  env_t *e = *state;
  str_t v;
  uint64_t n = 0;
  kv_txn_t *txn = begin (e, true);
  assert_int_equal (val_put (txn, ONE, STR ("a"), STR ("body")), ERR_OK);
  assert_int_equal (val_put2 (txn, ONE, STR ("b"), STR ("he"), STR ("ad")), ERR_OK);
  assert_int_equal (val_append (txn, ONE, STR ("c"), STR ("")), ERR_OK);
  assert_int_equal (val_append (txn, ONE, STR ("d"), STR ("x")), ERR_OK);
  assert_int_equal (meta_put_u64 (txn, TWO, "number", UINT64_C (0xfedcba9876543210)), ERR_OK);
  assert_int_equal (meta_put (txn, TWO, "text", STR ("đề án")), ERR_OK);
  commit (&txn);
  txn = begin (e, false);
  static const char *const want[][2] = {{"a", "body"}, {"b", "head"}, {"c", ""}, {"d", "x"}};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal (val_get (txn, ONE, str_of (want[i][0]), &v), ERR_OK);
    assert_str (v, want[i][1]);
  }
  assert_int_equal (meta_get_u64 (txn, TWO, "number", &n), ERR_OK);
  assert_true (n == UINT64_C (0xfedcba9876543210));
  assert_int_equal (meta_get (txn, TWO, "text", &v), ERR_OK);
  assert_str (v, "đề án");
  assert_int_equal (meta_get_u64 (txn, TWO, "text", &n), ERR_DAMAGED);
  assert_int_equal (meta_get_u64 (txn, TWO, "none", &n), ERR_NOT_FOUND);
  kv_abort (&txn);
}

/* Every flipped bit, every cut, another key and another database are noticed. */
static void
test_values_notice_damage (void **state)
{
  env_t *e = *state;
  str_t stored, v;
  char copy[64];
  kv_txn_t *txn = begin (e, true);
  assert_int_equal (val_put (txn, ONE, STR ("key"), STR ("Đề án nuôi bò lai, 2019")), ERR_OK);
  assert_int_equal (kv_get (txn, ONE, STR ("key"), &stored), ERR_OK);
  size_t n = stored.n;
  assert_true (n <= sizeof copy);
  memcpy (copy, stored.p, n);
  assert_int_equal (val_open (ONE, STR ("key"), (str_t){copy, n}, &v), ERR_OK);
  for (size_t bit = 0; bit < n * 8; bit++) {
    copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
    assert_int_equal (val_open (ONE, STR ("key"), (str_t){copy, n}, &v), ERR_DAMAGED);
    assert_int_equal (kv_put (txn, TWO, STR ("key"), (str_t){copy, n}), ERR_OK);
    assert_int_equal (val_get (txn, TWO, STR ("key"), &v), ERR_DAMAGED);
    copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
  }
  for (size_t cut = 0; cut < n; cut++)
    assert_int_equal (val_open (ONE, STR ("key"), (str_t){copy, cut}, &v), ERR_DAMAGED);
  assert_int_equal (val_open (TWO, STR ("key"), (str_t){copy, n}, &v), ERR_DAMAGED);
  assert_int_equal (val_open (ONE, STR ("kez"), (str_t){copy, n}, &v), ERR_DAMAGED);
  assert_int_equal (kv_txn_error (txn), ERR_OK); /* damage of a value is not one of the transaction */
  kv_abort (&txn);
}

#define BOTH(f)                                                                                              \
  cmocka_unit_test_setup_teardown (f, set_up_lmdb, tear_down),                                               \
      cmocka_unit_test_setup_teardown (f, set_up_mem, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
      BOTH (test_put_get_del),
      BOTH (test_impossible_keys),
      BOTH (test_append_keeps_order),
      BOTH (test_seeks),
      BOTH (test_walks),
      BOTH (test_cursor_survives_writes),
      BOTH (test_clearing_with_a_cursor),
      BOTH (test_snapshot),
      BOTH (test_abort_leaves_nothing),
      BOTH (test_stat_changes_with_each_commit),
      BOTH (test_first_failure_sticks),
      BOTH (test_random_against_model),
      BOTH (test_values),
      BOTH (test_values_notice_damage),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
