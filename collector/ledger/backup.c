/* backup.c - a copy of the store in one file, and a store made of it again.
 *
 * The copy is the engine's own: one snapshot, taken while others write. It goes into a directory of its own
 * beside the file to be, is opened there as any store is, walked by verify and recounted, and only then
 * becomes the file: no backup has that name that was not proved. What the file is, and a hash over all of it,
 * stand at its end and not in front, so that the very bytes that were proved become the backup: a second copy
 * would need twice the disk, and would be another thing than what was looked at.
 *
 * A restore goes the other way. The bytes are hashed while they are copied, so that what was checked is what
 * is there; the store is put into its new epoch and proved before it gets its name. A power cut leaves either
 * no store, or the whole one. */
#include "collector/ledger/backup.h"

#include "collector/ledger/epochs.h"
#include "collector/ledger/verify.h"
#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/platform/stream.h"

#include <stdio.h>
#include <stdlib.h>

#define TRAILER_MAGIC "khuyencong-copy\n" /* 16 bytes */
#define TRAILER_FORMAT 1u
#define TRAILER_PLAIN (16u + 4u + 8u + 16u + 8u + 8u + 8u)
#define TRAILER_SIZE (TRAILER_PLAIN + 32u)
#define STEP ((size_t)1 << 20)

/* What the work is told to. */
typedef struct {
  backup_progress_fn *fn;
  void *ctx;
  backup_stage_t stage;
  uint64_t base; /* done before in this stage */
  char *found;   /* verify's first finding, for words */
  size_t found_room;
} telling_t;

static void
tell (const telling_t *t, uint64_t done, uint64_t total)
{
  if (t->fn != NULL)
    t->fn (t->ctx, t->stage, done, total);
}

/* ---- the end of the file ---- */

static void
trailer_encode (const backup_info_t *i, buf_t *out)
{
  buf_put (out, TRAILER_MAGIC, 16);
  buf_u32 (out, TRAILER_FORMAT);
  buf_u64 (out, i->size);
  buf_put (out, i->centre_id.b, sizeof i->centre_id.b);
  buf_u64 (out, i->at.epoch);
  buf_u64 (out, i->at.lsn);
  buf_i64 (out, i->made.ms);
}

static err_t
trailer_decode (str_t bytes, uint64_t file_bytes, backup_info_t *out, hash_t *digest, fail_t *fail)
{
  rd_t r = rd_of (bytes.p, bytes.n);
  const str_t magic = rd_bytes (&r, 16);
  const uint32_t format = rd_u32 (&r);
  *out = (backup_info_t){.size = rd_u64 (&r)};
  const str_t id = rd_bytes (&r, sizeof out->centre_id.b);
  out->at.epoch = rd_u64 (&r);
  out->at.lsn = rd_u64 (&r);
  out->made.ms = rd_i64 (&r);
  const str_t hash = rd_bytes (&r, sizeof digest->b);
  if (!rd_done (&r) || !str_is (magic, TRAILER_MAGIC))
    return fail_set (
        fail, ERR_INPUT,
        L ("không phải bản sao lưu của trung tâm, hoặc đã bị cắt mất phần cuối; hãy lấy bản khác",
           "is no backup of a centre, or its end was cut off; take another one"));
  if (format != TRAILER_FORMAT)
    return fail_set (fail, ERR_INPUT,
                     L ("là bản sao lưu của phiên bản mới hơn; hãy dùng chương trình mới hơn",
                        "is a backup of a newer version; use a newer program"));
  if (out->size + TRAILER_SIZE != file_bytes)
    return fail_set (fail, ERR_INPUT,
                     L ("bản sao lưu bị cắt hoặc bị nối thêm; hãy lấy bản khác",
                        "the backup was cut or added to; take another one"));
  memcpy (out->centre_id.b, id.p, id.n);
  memcpy (digest->b, hash.p, hash.n);
  return ERR_OK;
}

static err_t
trailer_read (stream_t *s, const char *path, backup_info_t *out, hash_t *digest, fail_t *fail)
{
  char bytes[TRAILER_SIZE];
  size_t got = 0;
  const uint64_t n = file_size (path);
  err_t err = n > TRAILER_SIZE ? stream_seek (s, n - TRAILER_SIZE, fail) : ERR_OK;
  if (err == ERR_OK)
    err = stream_read (s, bytes, sizeof bytes, &got, fail);
  if (err == ERR_OK)
    err = trailer_decode ((str_t){bytes, got}, n, out, digest, fail);
  return err == ERR_OK ? stream_seek (s, 0, fail) : err;
}

/* ---- bytes ---- */

/* Reads n bytes, hashes them and, if to is given, writes them there. */
static err_t
pass (stream_t *from, stream_t *to, uint64_t n, hashing_t *h, const telling_t *t, fail_t *fail)
{
  err_t err = ERR_OK;
  char *room = malloc (STEP);
  if (room == NULL)
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  for (uint64_t done = 0; err == ERR_OK && done < n;) {
    size_t got = 0;
    const size_t want = n - done < STEP ? (size_t)(n - done) : STEP;
    err = stream_read (from, room, want, &got, fail);
    if (err == ERR_OK && got < want)
      err = fail_set (
          fail, ERR_INPUT,
          L ("tệp ngắn đi trong khi đọc; hãy thử lại", "the file got shorter while it was read; try again"));
    if (err == ERR_OK)
      hashing_put (h, (str_t){room, got});
    if (err == ERR_OK && to != NULL)
      err = stream_write (to, (str_t){room, got}, fail);
    done += got;
    tell (t, done, n);
  }
  free (room);
  return err;
}

static hash_t
digest_end (hashing_t **h, const backup_info_t *i)
{
  buf_t plain = BUF_INIT;
  trailer_encode (i, &plain);
  hashing_put (*h, buf_str (&plain));
  buf_free (&plain);
  return hashing_end (h);
}

/* Checks every byte of a backup; to NULL: only that. */
static err_t
unpack (const char *file, const char *to_path, telling_t *t, backup_info_t *out, fail_t *fail)
{
  stream_t *from = NULL, *to = NULL;
  hash_t digest, real;
  hashing_t *h = hashing_new ();
  t->stage = to_path != NULL ? BACKUP_COPYING : BACKUP_SEALING;
  err_t err = h != NULL ? stream_open (file, STREAM_READ, &from, fail) : ERR_NOMEM;
  if (err == ERR_OK)
    err = trailer_read (from, file, out, &digest, fail);
  if (err == ERR_OK && to_path != NULL)
    err = stream_open (to_path, STREAM_NEW, &to, fail);
  if (err == ERR_OK)
    err = pass (from, to, out->size, h, t, fail);
  if (h != NULL) {
    real = digest_end (&h, out);
    if (err == ERR_OK && !hash_eq (real, digest))
      err = fail_set (fail, ERR_INPUT,
                      L ("bản sao lưu đã bị thay đổi hoặc hỏng (sai giá trị băm); hãy lấy bản khác",
                         "the backup was changed or is damaged (its hash does not fit); take another one"));
  }
  if (err == ERR_OK && to != NULL)
    err = stream_flush (to, fail);
  stream_close (&from);
  stream_close (&to);
  fail_at (fail, err != ERR_OK ? file : NULL, 0, 0);
  return err;
}

/* ---- proving ---- */

static void
found (void *ctx, const char *thing, str_t name, const char *what)
{
  telling_t *t = ctx;
  if (t->found[0] == '\0')
    snprintf (t->found, t->found_room, "%s %.*s: %s", thing, STR_ARG (name), what);
}

static void
checked (void *ctx, uint64_t done, uint64_t total)
{
  tell (ctx, done, total);
}

/* Opens the store in dir and recounts it. */
static err_t
prove (const char *dir, telling_t *t, backup_info_t *info, fail_t *fail)
{
  ledger_t *l = NULL;
  verify_counts_t n;
  char words[512] = "";
  t->stage = BACKUP_CHECKING;
  t->found = words;
  t->found_room = sizeof words;
  err_t err = ledger_open_lenient (dir, &l, fail);
  if (err == ERR_OK)
    err = verify_run (l, found, checked, t, &n);
  if (err == ERR_OK && n.findings > 0)
    err = fail_set (
        fail, ERR_DAMAGED,
        L ("bản sao không kiểm chứng được, %llu điều sai, điều đầu tiên là %s; hãy chạy kc-collector "
           "verify với kho",
           "the copy does not stand up to verify, %llu findings, the first being %s; run kc-collector "
           "verify on the store"),
        (unsigned long long)n.findings, words);
  if (err == ERR_OK && info != NULL) {
    info->centre_id = ledger_keys (l)->centre_id;
    info->at = n.at;
  }
  ledger_close (&l);
  t->found = NULL;
  return err;
}

static void
clear_away (const char *dir)
{
  static const char *const names[] = {"data.mdb", "lock.mdb"};
  buf_t path = BUF_INIT;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    file_remove (path_join (&path, dir, names[i]));
  dir_remove (dir);
  buf_free (&path);
}

/* ---- making one ---- */

static err_t
copy_store (const char *dir, const char *to, telling_t *t, fail_t *fail)
{
  kv_t *kv = NULL;
  kv_options_t o = ledger_kv_options ();
  o.read_only = true;
  t->stage = BACKUP_COPYING;
  tell (t, 0, 0);
  err_t err = kv_open_lmdb (dir, &o, &kv, fail);
  if (err == ERR_OK)
    err = kv_copy_lmdb (kv, to, fail);
  kv_close (&kv);
  return err;
}

static err_t
seal (const char *path, telling_t *t, backup_info_t *info, fail_t *fail)
{
  stream_t *s = NULL;
  buf_t end = BUF_INIT;
  hashing_t *h = hashing_new ();
  t->stage = BACKUP_SEALING;
  info->size = file_size (path);
  err_t err = h != NULL ? stream_open (path, STREAM_READ, &s, fail) : ERR_NOMEM;
  if (err == ERR_OK)
    err = pass (s, NULL, info->size, h, t, fail);
  stream_close (&s);
  trailer_encode (info, &end);
  if (h != NULL) {
    hash_t digest = digest_end (&h, info);
    buf_put (&end, digest.b, sizeof digest.b);
  }
  if (err == ERR_OK && !buf_ok (&end))
    err = ERR_NOMEM;
  if (err == ERR_OK)
    err = stream_open (path, STREAM_APPEND, &s, fail);
  if (err == ERR_OK)
    err = stream_write (s, buf_str (&end), fail);
  if (err == ERR_OK)
    err = stream_flush (s, fail);
  stream_close (&s);
  buf_free (&end);
  return err;
}

err_t
backup_make (const char *dir, const char *file, wall_t now, backup_progress_fn *progress, void *ctx,
             backup_info_t *out, fail_t *fail)
{
  buf_t work = BUF_INIT, path = BUF_INIT;
  telling_t t = {.fn = progress, .ctx = ctx};
  ledger_t *l = NULL;
  *out = (backup_info_t){.made = now};
  err_t err = ledger_open_lenient (dir, &l, fail); /* a centre's store? */
  ledger_close (&l);
  if (err == ERR_OK && path_is_dir (file))
    err = fail_set (fail, ERR_NO_FILE,
                    L ("%s là một thư mục; hãy ghi tên tệp", "%s is a directory; give a file's name"), file);
  if (err != ERR_OK)
    return err;
  err = dir_temporary (file, &work, fail);
  if (err != ERR_OK) {
    buf_free (&work);
    return err;
  }
  (void)path_join (&path, buf_z (&work), "data.mdb");
  err = copy_store (dir, buf_z (&work), &t, fail);
  if (err == ERR_OK)
    err = prove (buf_z (&work), &t, out, fail);
  if (err == ERR_OK)
    err = seal (buf_z (&path), &t, out, fail);
  if (err == ERR_OK)
    err = file_move (buf_z (&path), file, fail);
  clear_away (buf_z (&work));
  buf_free (&work);
  buf_free (&path);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

/* ---- restoring one ---- */

/* The authority's key, where DIR has it, must be the one this centre's certificate stands under. */
static err_t
check_authority (const char *dir, const ledger_t *l, fail_t *fail)
{
  sign_key_t ours;
  buf_t path = BUF_INIT;
  err_t err = ERR_OK;
  if (file_exists (path_join (&path, dir, "authority.key")))
    err = ledger_authority_read (buf_z (&path), &ours, NULL, fail);
  else
    ours = ledger_keys (l)->authority;
  if (err == ERR_OK && memcmp (ours.b, ledger_keys (l)->authority.b, sizeof ours.b) != 0)
    err = fail_set (
        fail, ERR_FOREIGN,
        L ("bản sao lưu là của một trung tâm khác với khóa gốc authority.key ở đây; hãy chọn thư mục khác",
           "the backup is of another centre than the authority.key here; choose another directory"));
  buf_free (&path);
  return err;
}

static err_t
begin_anew (const char *work, const char *dir, const str_t *revoked, size_t revoked_n, wall_t now,
            position_t *now_at, fail_t *fail)
{
  ledger_t *l = NULL;
  kv_txn_t *txn = NULL;
  err_t err = ledger_open (work, false, &l, fail);
  if (err == ERR_OK)
    err = check_authority (dir, l, fail);
  if (err == ERR_OK)
    err = ledger_fork (l, revoked, revoked_n, now, fail);
  if (err == ERR_OK)
    err = kv_begin (ledger_kv (l), false, &txn);
  if (err == ERR_OK)
    err = ledger_end (l, txn, now_at, NULL);
  kv_abort (&txn);
  ledger_close (&l);
  return err;
}

static err_t
restore_into (const char *file, const char *dir, const char *work, const str_t *revoked, size_t revoked_n,
              wall_t now, telling_t *t, backup_info_t *out, position_t *now_at, fail_t *fail)
{
  buf_t path = BUF_INIT, to = BUF_INIT;
  err_t err = unpack (file, path_join (&path, work, "data.mdb"), t, out, fail);
  if (err == ERR_OK)
    err = begin_anew (work, dir, revoked, revoked_n, now, now_at, fail);
  if (err == ERR_OK)
    err = prove (work, t, NULL, fail);
  if (err == ERR_OK)
    err = file_move (buf_z (&path), path_join (&to, dir, "data.mdb"), fail);
  buf_free (&path);
  buf_free (&to);
  return err;
}

static err_t
has_store (const char *dir, fail_t *fail)
{
  buf_t path = BUF_INIT;
  const bool there = file_size (path_join (&path, dir, "data.mdb")) > 0;
  buf_free (&path);
  if (!there)
    return ERR_OK;
  fail_set (fail, ERR_EXISTS,
            L ("thư mục đã có kho dữ liệu và được giữ nguyên; hãy phục hồi vào một thư mục khác",
               "the directory holds a store already, which is left as it was; restore into another one"));
  fail_at (fail, dir, 0, 0);
  return ERR_EXISTS;
}

err_t
backup_restore (const char *file, const char *dir, const str_t *revoked, size_t revoked_n, wall_t now,
                backup_progress_fn *progress, void *ctx, backup_info_t *out, position_t *now_at, fail_t *fail)
{
  buf_t work = BUF_INIT, path = BUF_INIT;
  lock_t *lock = NULL;
  telling_t t = {.fn = progress, .ctx = ctx};
  const bool made = !file_exists (dir), locked = file_exists (path_join (&path, dir, "serve.lock"));
  err_t err = has_store (dir, fail);
  if (err == ERR_OK) /* before anything is made */
    err = unpack (file, NULL, &t, out, fail);
  if (err != ERR_OK) {
    buf_free (&path);
    return fail_set (fail, err, "%s", err_words (err));
  }
  err = dir_make (dir);
  if (err != ERR_OK)
    fail_set (fail, err,
              L ("không tạo được thư mục này; hãy kiểm tra đường dẫn và quyền ghi",
                 "the directory cannot be made; check its path and who may write there"));
  if (err == ERR_OK)
    err = lock_take (path_join (&path, dir, "serve.lock"), &lock);
  if (err == ERR_OK)
    err = has_store (dir, fail); /* another restore may have been quicker */
  if (err == ERR_OK)
    err = dir_temporary (path_join (&path, dir, "restore"), &work, fail);
  if (err == ERR_OK)
    err = restore_into (file, dir, buf_z (&work), revoked, revoked_n, now, &t, out, now_at, fail);
  if (work.n > 0)
    clear_away (buf_z (&work));
  lock_release (&lock);
  if (err != ERR_OK && !locked)
    file_remove (path_join (&path, dir, "serve.lock"));
  if (err != ERR_OK && made)
    dir_remove (dir);
  buf_free (&work);
  buf_free (&path);
  if (err != ERR_OK) {
    fail_set (fail, err, "%s", err_words (err));
    fail_at (fail, dir, 0, 0);
  }
  return err;
}
