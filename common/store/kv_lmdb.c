/* kv_lmdb.c - the engine on LMDB; the only file that knows lmdb.h.
 *
 * LMDB maps its file and believes it: a file cut short kills the process with SIGBUS, an empty one is
 * taken for a new store. So the file is looked at by plain reads first (kv_lmdb_file.c). Durability is
 * LMDB's own default, never weakened: no NOSYNC, NOMETASYNC or WRITEMAP. NOTLS ties a read transaction
 * to its object and not to its thread. What LMDB does not do: it never flushes the directory in which it
 * made its files, and on a short write it says EIO although the disk is only full. */
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/store/kv_engine.h"
#include "common/store/kv_lmdb_file.h"

#include <errno.h>
#include <lmdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READERS_MAX 1024u
#define CHECK_TRIES 100u
#define NO_DBI UINT32_MAX
#define FREE_ENOUGH (UINT64_C (16) << 20) /* an EIO with more free space than this is no full disk */

typedef struct {
  kv_t base;
  MDB_env *env;
  char *dir;
  uint64_t page_size;
  atomic_uint live; /* open transactions */
  MDB_dbi dbi[KV_DB_MAX];
} lm_t;

typedef struct {
  kv_txn_t base;
  MDB_txn *txn;
} lm_txn_t;

typedef struct {
  kv_cursor_t base;
  MDB_cursor *cursor; /* NULL: a database that this store does not have yet */
} lm_cursor_t;

static lm_t *
lm_of (kv_t *kv)
{
  return (lm_t *)kv;
}

static MDB_val
val_of (str_t s)
{
  return (MDB_val){s.n, (void *)(uintptr_t)s.p};
}

static str_t
str_of_val (MDB_val v)
{
  return (str_t){v.mv_data, v.mv_size};
}

static bool
disk_is_full (const char *dir)
{
  return disk_free (dir) < FREE_ENOUGH;
}

static err_t
err_of (const char *dir, int rc)
{
  switch (rc) {
  case MDB_SUCCESS:
    return ERR_OK;
  case MDB_NOTFOUND:
    return ERR_NOT_FOUND;
  case MDB_KEYEXIST:
    return ERR_EXISTS;
  case MDB_MAP_FULL:
  case MDB_TXN_FULL:
  case ENOSPC:
  case EFBIG:
#ifdef EDQUOT
  case EDQUOT:
#endif
    return ERR_FULL;
  case EIO:
    return disk_is_full (dir) ? ERR_FULL : ERR_IO;
  case ENOMEM:
    return ERR_NOMEM;
  case MDB_CORRUPTED:
  case MDB_PAGE_NOTFOUND:
  case MDB_INVALID:
  case MDB_INCOMPATIBLE:
    return ERR_DAMAGED;
  case MDB_VERSION_MISMATCH:
    return ERR_VERSION;
  case MDB_PANIC: /* a meta page was not written: what the file holds is known when it is opened again */
    return ERR_REOPEN;
  case MDB_READERS_FULL:
  case MDB_MAP_RESIZED:
  case EAGAIN:
    return ERR_BUSY;
  default:
    return ERR_IO;
  }
}

/* NULL from mdb_strerror is possible on Windows. */
static const char *
words_of (int rc)
{
  const char *words = mdb_strerror (rc);
  return words != NULL ? words : "?";
}

/* ---- opening ---- */

static void
lm_close (kv_t *kv)
{
  lm_t *self = lm_of (kv);
  CHECK (atomic_load (&self->live) == 0);
  if (self->env != NULL)
    mdb_env_close (self->env);
  free (self->dir);
  free (self);
}

/* Opens the named databases; with make, those that are missing are made. */
static int
open_names (lm_t *self, const kv_options_t *o, bool make, bool *missing)
{
  MDB_txn *txn = NULL;
  int rc = mdb_txn_begin (self->env, NULL, make ? 0 : MDB_RDONLY, &txn);
  if (rc != MDB_SUCCESS)
    return rc;
  *missing = false;
  for (size_t i = 0; i < o->db_n; i++) {
    rc = mdb_dbi_open (txn, o->db_names[i], make ? MDB_CREATE : 0, &self->dbi[i]);
    if (rc == MDB_NOTFOUND && !make) {
      self->dbi[i] = NO_DBI;
      *missing = true;
      rc = MDB_SUCCESS;
    }
    if (rc != MDB_SUCCESS) {
      mdb_txn_abort (txn);
      return rc;
    }
  }
  return mdb_txn_commit (txn); /* of a read too: else the handles would be closed again */
}

static err_t
fail_open (lm_t *self, int rc, fail_t *fail)
{
  err_t err = err_of (self->dir, rc);
  switch (rc) {
  case MDB_VERSION_MISMATCH:
    fail_set (fail, err,
              L ("kho do phiên bản khác tạo ra hoặc đang mở nó; hãy dùng chương trình mới hơn",
                 "the store was made, or is held open, by another version; use a newer program"));
    break;
  case MDB_READERS_FULL:
    fail_set (fail, err,
              L ("quá nhiều tiến trình đang đọc kho; hãy đóng bớt rồi thử lại",
                 "too many processes read the store; close some and try again"));
    break;
  case EACCES:
  case EPERM:
  case EROFS:
    fail_set (fail, err,
              L ("không được phép mở kho (%s); hãy chạy bằng người dùng sở hữu thư mục này",
                 "no permission to open the store (%s); run as the user that owns the directory"),
              words_of (rc));
    break;
  default:
    if (err == ERR_DAMAGED)
      fail_set (fail, err,
                L ("kho dữ liệu bị hỏng (%s); hãy phục hồi từ bản sao lưu",
                   "the store is damaged (%s); restore it from a backup"),
                words_of (rc));
    else if (err == ERR_FULL)
      fail_set (fail, err,
                L ("kho hoặc ổ đĩa đã đầy (%s); hãy giải phóng chỗ trên ổ đĩa",
                   "the store or the disk is full (%s); free some space on the disk"),
                words_of (rc));
    else
      fail_set (fail, err, L ("không mở được kho (%s)", "the store cannot be opened (%s)"), words_of (rc));
    break;
  }
  return err;
}

static int
open_env (lm_t *self, const kv_options_t *o)
{
  int rc = mdb_env_create (&self->env);
  if (rc == MDB_SUCCESS)
    rc = mdb_env_set_maxreaders (self->env, READERS_MAX);
  if (rc == MDB_SUCCESS)
    rc = mdb_env_set_maxdbs (self->env, KV_DB_MAX);
  if (rc == MDB_SUCCESS && o->create)
    rc = mdb_env_set_mapsize (self->env, (size_t)o->map_size);
  if (rc == MDB_SUCCESS)
    rc = mdb_env_open (self->env, self->dir, MDB_NOTLS | (o->read_only ? MDB_RDONLY : 0), 0600);
  if (rc != MDB_SUCCESS)
    return rc;
  bool missing = true;
  if (!o->create)
    rc = open_names (self, o, false, &missing);
  if (rc == MDB_SUCCESS && missing && !o->read_only)
    rc = open_names (self, o, true, &missing);
  /* A process killed inside its commit may have left a meta page that is read but was never flushed. A
   * writer acknowledges what it finds here, so it makes it durable first. */
  if (rc == MDB_SUCCESS && !o->read_only && !o->create)
    rc = mdb_env_sync (self->env, 1);
  MDB_stat st;
  if (rc == MDB_SUCCESS)
    rc = mdb_env_stat (self->env, &st);
  if (rc == MDB_SUCCESS)
    self->page_size = st.ms_psize;
  return rc;
}

static const kv_engine_t lmdb_engine;

static err_t
open_checked (const char *dir, const kv_options_t *o, kv_t **out, fail_t *fail)
{
  lm_t *self = calloc (1, sizeof *self);
  size_t dir_size = strlen (dir) + 1;
  if (self != NULL)
    self->dir = malloc (dir_size);
  if (self == NULL || self->dir == NULL) {
    free (self);
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  }
  memcpy (self->dir, dir, dir_size);
  self->base = (kv_t){&lmdb_engine, o->db_n, o->read_only};
  int rc = open_env (self, o);
  if (rc != MDB_SUCCESS) {
    err_t err = fail_open (self, rc, fail);
    lm_close (&self->base);
    return err;
  }
  if (!o->read_only)
    kv_check_readers (&self->base);
  *out = &self->base;
  return ERR_OK;
}

/* Our own files only; LMDB flushed what it wrote, but neither the new names nor the lock file's. */
static err_t
flush_new (kv_t *kv, const char *dir)
{
  if (mdb_env_sync (lm_of (kv)->env, 1) != 0)
    return ERR_IO;
  return dir_sync (dir);
}

err_t
kv_open_lmdb (const char *dir, const kv_options_t *o, kv_t **out, fail_t *fail)
{
  CHECK (dir != NULL && o != NULL && out != NULL);
  CHECK (o->db_n >= 1 && o->db_n <= KV_DB_MAX && !(o->create && o->read_only));
  buf_t path = BUF_INIT;
  kv_t *kv = NULL;
  err_t err = ERR_NOMEM;
  path_join (&path, dir, "data.mdb");
  if (!buf_ok (&path))
    goto done;
  if (o->create) {
    CHECK (o->map_size > 0);
    err = dir_make (dir);
    if (err != ERR_OK) {
      fail_set (fail, err,
                L ("không tạo được thư mục này; hãy kiểm tra đường dẫn và quyền ghi",
                   "the directory cannot be made; check its path and who may write there"));
      goto done;
    }
    if (file_exists (buf_z (&path)) && file_size (buf_z (&path)) > 0) {
      err = fail_set (fail, ERR_EXISTS,
                      L ("thư mục đã có kho dữ liệu; hãy chọn thư mục khác",
                         "the directory holds a store already; choose another one"));
      goto done;
    }
  } else {
    err = lmdb_file_check (buf_z (&path), fail);
    if (err != ERR_OK)
      goto done;
  }
  err = open_checked (dir, o, &kv, fail);
  if (err == ERR_OK && o->create)
    err = flush_new (kv, dir);
  if (err == ERR_OK) {
    *out = kv;
    kv = NULL;
  }

done:
  if (err != ERR_OK) {
    fail_set (fail, err, "%s", err_words (err));
    fail_at (fail, dir, 0, 0);
  }
  if (kv != NULL)
    kv_close (&kv);
  buf_free (&path);
  return err;
}

/* ---- transactions ---- */

static err_t
lm_begin (kv_t *kv, bool write, kv_txn_t **out)
{
  lm_t *self = lm_of (kv);
  lm_txn_t *txn = calloc (1, sizeof *txn);
  if (txn == NULL)
    return ERR_NOMEM;
  unsigned flags = write ? 0 : MDB_RDONLY;
  int rc = mdb_txn_begin (self->env, NULL, flags, &txn->txn);
  if (rc == MDB_READERS_FULL) {
    kv_check_readers (kv);
    rc = mdb_txn_begin (self->env, NULL, flags, &txn->txn);
  }
  if (rc != MDB_SUCCESS) {
    free (txn);
    return err_of (self->dir, rc);
  }
  atomic_fetch_add (&self->live, 1);
  *out = &txn->base;
  return ERR_OK;
}

static err_t
lm_commit (kv_txn_t *base)
{
  lm_t *self = lm_of (base->kv);
  MDB_txn *txn = ((lm_txn_t *)base)->txn;
  free (base); /* before the result is looked at: LMDB has freed its part whatever comes out */
  int rc = mdb_txn_commit (txn);
  atomic_fetch_sub (&self->live, 1);
  return err_of (self->dir, rc);
}

static void
lm_abort (kv_txn_t *base)
{
  lm_t *self = lm_of (base->kv);
  MDB_txn *txn = ((lm_txn_t *)base)->txn;
  free (base);
  mdb_txn_abort (txn);
  atomic_fetch_sub (&self->live, 1);
}

static err_t
lm_get (kv_txn_t *txn, kv_db_t db, str_t key, str_t *value)
{
  lm_t *self = lm_of (txn->kv);
  if (self->dbi[db] == NO_DBI)
    return ERR_NOT_FOUND;
  MDB_val k = val_of (key), v;
  int rc = mdb_get (((lm_txn_t *)txn)->txn, self->dbi[db], &k, &v);
  if (rc != MDB_SUCCESS)
    return err_of (self->dir, rc);
  *value = str_of_val (v);
  return ERR_OK;
}

static err_t
lm_reserve (kv_txn_t *txn, kv_db_t db, str_t key, size_t n, bool append, char **room)
{
  lm_t *self = lm_of (txn->kv);
  MDB_val k = val_of (key), v = {n, NULL};
  unsigned flags = MDB_RESERVE | (append ? MDB_APPEND : 0);
  int rc = mdb_put (((lm_txn_t *)txn)->txn, self->dbi[db], &k, &v, flags);
  if (rc != MDB_SUCCESS)
    return err_of (self->dir, rc);
  *room = v.mv_data;
  return ERR_OK;
}

static err_t
lm_del (kv_txn_t *txn, kv_db_t db, str_t key)
{
  lm_t *self = lm_of (txn->kv);
  MDB_val k = val_of (key);
  return err_of (self->dir, mdb_del (((lm_txn_t *)txn)->txn, self->dbi[db], &k, NULL));
}

/* ---- cursors ---- */

static err_t
lm_cursor_open (kv_txn_t *txn, kv_db_t db, kv_cursor_t **out)
{
  lm_t *self = lm_of (txn->kv);
  lm_cursor_t *c = calloc (1, sizeof *c);
  if (c == NULL)
    return ERR_NOMEM;
  int rc = MDB_SUCCESS;
  if (self->dbi[db] != NO_DBI)
    rc = mdb_cursor_open (((lm_txn_t *)txn)->txn, self->dbi[db], &c->cursor);
  if (rc != MDB_SUCCESS) {
    free (c);
    return err_of (self->dir, rc);
  }
  *out = &c->base;
  return ERR_OK;
}

static void
lm_cursor_close (kv_cursor_t *base)
{
  lm_cursor_t *c = (lm_cursor_t *)base;
  if (c->cursor != NULL)
    mdb_cursor_close (c->cursor);
  free (c);
}

static err_t
lm_move (kv_cursor_t *base, kv_move_t how, str_t key, str_t *found_key, str_t *value)
{
  static const MDB_cursor_op op[] = {
      [MOVE_FIRST] = MDB_FIRST, [MOVE_LAST] = MDB_LAST, [MOVE_RANGE] = MDB_SET_RANGE,
      [MOVE_NEXT] = MDB_NEXT,   [MOVE_PREV] = MDB_PREV,
  };
  lm_cursor_t *c = (lm_cursor_t *)base;
  if (c->cursor == NULL)
    return ERR_NOT_FOUND;
  MDB_val k = val_of (key), v;
  int rc = mdb_cursor_get (c->cursor, &k, &v, op[how]);
  if (rc != MDB_SUCCESS)
    return err_of (lm_of (base->txn->kv)->dir, rc);
  *found_key = str_of_val (k);
  *value = str_of_val (v);
  return ERR_OK;
}

/* ---- facts ---- */

static void
lm_stat (kv_t *kv, kv_stat_t *out)
{
  lm_t *self = lm_of (kv);
  MDB_envinfo info;
  MDB_txn *reader = NULL;
  if (mdb_env_info (self->env, &info) != MDB_SUCCESS)
    return;
  out->last_txn = info.me_last_txnid;
  /* A commit shows in the meta page for as long as its flush takes before a reader sees it. Who remembered
   * that number and read would never look again: so it is the number a reader has. */
  if (mdb_txn_begin (self->env, NULL, MDB_RDONLY, &reader) == MDB_SUCCESS)
    out->last_txn = mdb_txn_id (reader);
  mdb_txn_abort (reader);
  out->map_size = info.me_mapsize;
  out->used = ((uint64_t)info.me_last_pgno + 1) * self->page_size;
  out->readers = info.me_numreaders;
  for (size_t i = 0; i < kv->db_n; i++)
    out->missing += self->dbi[i] == NO_DBI;
}

static void
lm_check_readers (kv_t *kv)
{
  int dead = 0;
  if (mdb_reader_check (lm_of (kv)->env, &dead) != MDB_SUCCESS)
    return;
}

/* The reader keeps writers off the snapshot's pages, but its number is in the meta pages only until two more
 * commits have gone by: then another one is taken. */
static err_t
lm_check_pages (kv_t *kv, fail_t *fail)
{
  buf_t path = BUF_INIT;
  lm_t *self = lm_of (kv);
  path_join (&path, self->dir, "data.mdb");
  err_t err = ERR_NOT_FOUND;
  for (unsigned i = 0; i < CHECK_TRIES && err == ERR_NOT_FOUND; i++) {
    kv_txn_t *txn = NULL;
    err = kv_begin (kv, false, &txn);
    if (err == ERR_OK)
      err = lmdb_file_walk (buf_z (&path), mdb_txn_id (((lm_txn_t *)txn)->txn), fail);
    kv_abort (&txn);
  }
  buf_free (&path);
  if (err == ERR_NOT_FOUND)
    err = ERR_BUSY;
  if (err != ERR_OK)
    fail_set (fail, err, "%s", err_words (err));
  fail_at (fail, err != ERR_OK ? self->dir : NULL, 0, 0);
  return err;
}

static const kv_engine_t lmdb_engine = {
    .close = lm_close,
    .begin = lm_begin,
    .commit = lm_commit,
    .abort = lm_abort,
    .get = lm_get,
    .reserve = lm_reserve,
    .del = lm_del,
    .cursor_open = lm_cursor_open,
    .cursor_close = lm_cursor_close,
    .move = lm_move,
    .stat = lm_stat,
    .check_readers = lm_check_readers,
    .check_pages = lm_check_pages,
};

/* Free pages go along: leaving them out is slower, and fails where one was lost. */
err_t
kv_copy_lmdb (kv_t *kv, const char *dir, fail_t *fail)
{
  CHECK (kv != NULL && kv->engine == &lmdb_engine);
  int rc = mdb_env_copy (lm_of (kv)->env, dir);
  err_t err = err_of (dir, rc);
  if (err == ERR_FULL)
    fail_set (fail, err,
              L ("ổ đĩa đã đầy trong khi chép kho; hãy giải phóng chỗ hoặc chọn ổ khác",
                 "the disk got full while the store was copied; free some space or choose another disk"));
  else if (err != ERR_OK)
    fail_set (fail, err, L ("không chép được kho tới đây (%s)", "the store cannot be copied to here (%s)"),
              words_of (rc));
  fail_at (fail, err != ERR_OK ? dir : NULL, 0, 0);
  return err;
}
