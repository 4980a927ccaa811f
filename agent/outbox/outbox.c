/* outbox.c - life of the office's store: creating, opening, who we are, what others changed meanwhile. */
#include "agent/outbox/internal.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"

#include <stdlib.h>

#define IDENTITY_BUDGET (64u << 10)

const char *const outbox_db_names[ODB_COUNT] = {
    "meta", "log",  "record", "key",   "total", "refused", "import", "centre", "catalogue", "head", "answer",
    "due",  "lock", "flag",   "other", "story", "shadow",  "hidden", "parked", "alias",     "lost"};
static const book_dbs_t book_dbs = {ODB_RECORD, ODB_KEY, ODB_TOTAL, ODB_META};

/* ---- small values ---- */

err_t
outbox_meta_fixed (kv_txn_t *txn, const char *name, void *out, size_t n)
{
  str_t v;
  err_t err = meta_get (txn, ODB_META, name, &v);
  if (err != ERR_OK)
    return err;
  if (v.n != n)
    return ERR_DAMAGED;
  memcpy (out, v.p, n);
  return ERR_OK;
}

err_t
outbox_meta_number (kv_txn_t *txn, const char *name, uint64_t fallback, uint64_t *out)
{
  err_t err = meta_get_u64 (txn, ODB_META, name, out);
  if (err != ERR_NOT_FOUND)
    return err;
  *out = fallback;
  return ERR_OK;
}

err_t
outbox_signed_get (kv_txn_t *txn, const char *name, signed_t *out)
{
  str_t v;
  err_t err = meta_get (txn, ODB_META, name, &v);
  if (err != ERR_OK)
    return err;
  if (v.n < sizeof out->signature.b)
    return ERR_DAMAGED;
  out->body = (str_t){v.p, v.n - sizeof out->signature.b};
  memcpy (out->signature.b, v.p + out->body.n, sizeof out->signature.b);
  out->given = true;
  return ERR_OK;
}

err_t
outbox_signed_put (kv_txn_t *txn, const char *name, const signed_t *s)
{
  buf_t b = BUF_INIT;
  buf_put (&b, s->body.p, s->body.n);
  buf_put (&b, s->signature.b, sizeof s->signature.b);
  err_t err = buf_ok (&b) ? meta_put (txn, ODB_META, name, buf_str (&b)) : ERR_NOMEM;
  buf_free (&b);
  return err;
}

err_t
outbox_fail (fail_t *fail, err_t err)
{
  if (err == ERR_OK)
    return ERR_OK;
  if (err == ERR_FULL)
    return fail_set (
        fail, err,
        L ("kho hoặc ổ đĩa đã đầy: chưa lưu gì của lần này, những gì đã lưu trước vẫn còn; hãy dọn "
           "ổ đĩa rồi làm lại",
           "the store or the disk is full: nothing of this was saved, what was saved before stands; "
           "free some space and try again"));
  if (err == ERR_DAMAGED)
    return fail_set (fail, err,
                     L ("kho dữ liệu của máy này bị hỏng; đừng nhập thêm, hãy gọi trung tâm",
                        "this PC's store is damaged; enter nothing more and call the centre"));
  if (err == ERR_IO)
    return fail_set (fail, err,
                     L ("ổ đĩa báo lỗi: không chắc lần này đã được lưu; hãy kiểm tra ổ đĩa rồi làm lại, cái "
                        "đã lưu sẽ không bị ghi hai lần",
                        "the disk reports an error: whether this was saved is uncertain; check the disk and "
                        "do it again, nothing is stored twice"));
  return fail_set (fail, err, "%s", err_words (err));
}

/* ---- identity and catalogue ---- */

static err_t
read_text (outbox_t *o, kv_txn_t *txn, const char *name, str_t *out)
{
  str_t v;
  err_t err = meta_get (txn, ODB_META, name, &v);
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  if (err != ERR_OK)
    return err;
  *out = arena_str (o->identity_arena, v);
  return out->p != NULL ? ERR_OK : ERR_NOMEM;
}

static void
split_addresses (identity_t *id, str_t lines)
{
  const size_t before = id->addresses_n;
  size_t start = 0;
  for (size_t i = 0; i <= lines.n && id->addresses_n < before + ADDRESSES_MAX; i++) {
    if (i < lines.n && lines.p[i] != '\n')
      continue;
    const str_t a = {lines.p + start, i - start};
    bool there = a.n == 0;
    for (size_t k = 0; k < before; k++)
      there = there || str_eq (id->addresses[k], a);
    if (!there)
      id->addresses[id->addresses_n++] = a;
    start = i + 1;
  }
}

static err_t
optional (err_t err)
{
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
read_certificates (outbox_t *o, kv_txn_t *txn, identity_t *id)
{
  signed_t s = {0};
  err_t err = outbox_signed_get (txn, META_CENTRE, &s);
  if (err == ERR_OK) {
    centre_certificate_t c;
    err = centre_certificate_decode (s.body, o->identity_arena, &c);
    if (err == ERR_OK)
      id->centre = c.centre_key;
  }
  if (optional (err) != ERR_OK)
    return err;
  err = outbox_signed_get (txn, META_CERTIFICATE, &s);
  if (err != ERR_OK)
    return optional (err);
  agent_certificate_t c;
  str_t body = arena_str (o->identity_arena, s.body);
  err = body.p != NULL ? agent_certificate_decode (body, o->identity_arena, &c) : ERR_NOMEM;
  if (err != ERR_OK)
    return err;
  id->enrolled = true;
  id->certificate = (signed_t){.body = body, .signature = s.signature, .given = true};
  id->serial = c.serial;
  id->number = agent_number (&c);
  id->agent = arena_str (o->identity_arena, c.agent);
  id->unit = c.unit;
  id->role = c.role;
  return ERR_OK;
}

static err_t
read_identity (outbox_t *o, kv_txn_t *txn)
{
  identity_t id = {0};
  arena_reset (o->identity_arena);
  str_t addresses = STR_NONE, fresh = STR_NONE;
  err_t err = read_certificates (o, txn, &id);
  if (err == ERR_OK)
    err = optional (outbox_meta_fixed (txn, META_CURVE, id.curve_secret.b, 32));
  if (err == ERR_OK && !id_is_zero (id.curve_secret.b, 32))
    curve_public_of (&id.curve_secret, &id.curve);
  if (err == ERR_OK)
    err = optional (outbox_meta_fixed (txn, META_SIGN, id.sign_secret.b, 64));
  if (err == ERR_OK)
    err = optional (outbox_meta_fixed (txn, META_SIGN_PUBLIC, id.sign.b, 32));
  if (err == ERR_OK)
    err = outbox_next_keys (txn, &id.next);
  if (err == ERR_OK)
    err = optional (outbox_meta_fixed (txn, META_AUTHORITY, id.authority.b, 32));
  if (err == ERR_OK)
    err = optional (outbox_meta_fixed (txn, META_SERVER, id.server.b, 32));
  id.server_new = id.server;
  if (err == ERR_OK)
    err = outbox_key_read (txn, o->identity_arena, &id.server_new);
  if (err == ERR_OK)
    err = optional (outbox_meta_fixed (txn, META_INVITE, id.invite.b, 16));
  if (err == ERR_OK)
    err = optional (outbox_meta_fixed (txn, META_ONCE, id.once_secret.b, 32));
  if (err == ERR_OK && !id_is_zero (id.once_secret.b, 32))
    curve_public_of (&id.once_secret, &id.once);
  if (err == ERR_OK)
    err = optional (outbox_meta_fixed (txn, META_REENTRY, id.reentry_secret.b, 32));
  if (err == ERR_OK && !id_is_zero (id.reentry_secret.b, 32))
    curve_public_of (&id.reentry_secret, &id.reentry);
  if (err == ERR_OK)
    err = read_text (o, txn, META_UNIT_CODE, &id.unit_code);
  if (err == ERR_OK)
    err = read_text (o, txn, META_UNIT_NAME, &id.unit_name);
  if (err == ERR_OK)
    err = read_text (o, txn, META_ADDRESSES, &addresses);
  if (err == ERR_OK)
    err = read_text (o, txn, META_ADDRESSES_NEW, &fresh);
  if (err != ERR_OK)
    return err;
  split_addresses (&id, fresh);
  id.addresses_new_n = id.addresses_n;
  split_addresses (&id, addresses);
  crypto_wipe (&o->identity, sizeof o->identity);
  o->identity = id;
  return ERR_OK;
}

static err_t
read_catalogue (outbox_t *o, kv_txn_t *txn, fail_t *fail)
{
  uint64_t version = 0;
  err_t err = outbox_meta_number (txn, META_CATALOGUE, 0, &version);
  if (err != ERR_OK || version == 0)
    return err;
  if (o->catalogue != NULL && catalogue_version (o->catalogue) == version)
    return ERR_OK;
  buf_t key = BUF_INIT;
  str_t file;
  buf_u32 (&key, (uint32_t)version);
  err = buf_ok (&key) ? val_get (txn, ODB_CATALOGUE, buf_str (&key), &file) : ERR_NOMEM;
  buf_free (&key);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  catalogue_t *c = catalogue_parse (file, (uint32_t)version, fail);
  if (c == NULL)
    return ERR_DAMAGED;
  catalogue_destroy (&o->catalogue);
  o->catalogue = c;
  return ERR_OK;
}

err_t
outbox_refresh (outbox_t *o, fail_t *fail)
{
  kv_stat_t stat;
  kv_txn_t *txn = NULL;
  kv_stat (o->kv, &stat);
  if (stat.last_txn == o->seen_txn && o->seen_txn != 0)
    return ERR_OK;
  err_t err = kv_begin (o->kv, false, &txn);
  if (err == ERR_OK)
    err = outbox_streams_read (o, txn);
  if (err == ERR_OK)
    err = read_identity (o, txn);
  if (err == ERR_OK)
    err = read_catalogue (o, txn, fail);
  kv_abort (&txn);
  if (err != ERR_OK)
    return outbox_fail (fail, err);
  o->identity.joined = o->identity.enrolled && o->catalogue != NULL;
  o->seen_txn = stat.last_txn;
  return ERR_OK;
}

/* ---- life ---- */

static err_t
not_ours (fail_t *fail)
{
  return fail_set (fail, ERR_NOT_STORE,
                   L ("thư mục này không phải kho của kc-agent; kiểm tra lại đường dẫn DIR",
                      "this directory is no store of kc-agent; check the path DIR"));
}

/* Is this our store? ERR_NOT_FOUND: it is empty (a creation was cut off). */
static err_t
check_program (kv_txn_t *txn, fail_t *fail)
{
  str_t program, key, value;
  uint64_t format = 0;
  kv_cursor_t *cursor = NULL;
  err_t err = meta_get (txn, ODB_META, META_PROGRAM, &program);
  if (err == ERR_OK && !str_is (program, "kc-agent"))
    return not_ours (fail);
  if (err == ERR_OK) {
    err = outbox_meta_number (txn, META_FORMAT, 0, &format);
    if (err == ERR_OK && format > STORE_FORMAT)
      return fail_set (fail, ERR_VERSION,
                       L ("kho này do phiên bản kc-agent mới hơn tạo ra; hãy cài bản mới",
                          "this store was made by a newer kc-agent; install that version"));
    return err;
  }
  if (err != ERR_NOT_FOUND)
    return err;
  err = kv_cursor_open (txn, ODB_META, &cursor);
  if (err == ERR_OK)
    err = kv_seek (cursor, STR ("\0"), &key, &value);
  kv_cursor_close (&cursor);
  if (err == ERR_OK)
    return not_ours (fail);
  return err;
}

static err_t
write_beginning (kv_t *kv)
{
  kv_txn_t *txn = NULL;
  book_t *book = book_new (book_dbs);
  store_id_t store;
  crypto_random (store.b, sizeof store.b);
  err_t err = book != NULL ? kv_begin (kv, true, &txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = meta_put (txn, ODB_META, META_PROGRAM, STR ("kc-agent"));
  if (err == ERR_OK)
    err = meta_put_u64 (txn, ODB_META, META_FORMAT, STORE_FORMAT);
  if (err == ERR_OK)
    err = meta_put (txn, ODB_META, META_STORE, (str_t){(const char *)store.b, sizeof store.b});
  if (err == ERR_OK)
    err = meta_put_u64 (txn, ODB_META, META_TOLD, TOLD_FORM);
  if (err == ERR_OK)
    err = book_rebuild_totals (book, txn);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  book_destroy (&book);
  return err;
}

err_t
outbox_prepare_kv (kv_t *kv, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  err_t err = kv_begin (kv, false, &txn);
  if (err == ERR_OK)
    err = check_program (txn, fail);
  kv_abort (&txn);
  return err == ERR_NOT_FOUND ? write_beginning (kv) : err;
}

/* A writable open makes the databases that are missing; a look without writing comes first, so that a store
 * that is not ours stays as it is. ERR_OK: ours, or empty. */
static err_t
peek (const char *dir, fail_t *fail)
{
  kv_t *kv = NULL;
  kv_txn_t *txn = NULL;
  const kv_options_t options = {.db_names = outbox_db_names, .db_n = ODB_COUNT, .read_only = true};
  err_t err = kv_open_lmdb (dir, &options, &kv, fail);
  if (err == ERR_OK)
    err = kv_begin (kv, false, &txn);
  if (err == ERR_OK)
    err = check_program (txn, fail);
  kv_abort (&txn);
  kv_close (&kv);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
outbox_create (const char *dir, uint64_t map_size, fail_t *fail)
{
  kv_t *kv = NULL;
  fail_t why = {0};
  kv_options_t options = {.db_names = outbox_db_names,
                          .db_n = ODB_COUNT,
                          .map_size = map_size != 0 ? map_size : MAP_SIZE_AGENT,
                          .create = true};
  err_t err = dir_make (dir);
  if (err != ERR_OK) {
    fail_set (fail, err,
              L ("không tạo được thư mục này; hãy kiểm tra đường dẫn và quyền ghi",
                 "the directory cannot be made; check its path and who may write there"));
    fail_at (fail, dir, 0, 0);
    return err;
  }
  err = kv_open_lmdb (dir, &options, &kv, &why);
  if (err == ERR_EXISTS) {
    why = (fail_t){0};
    options.create = false;
    err = peek (dir, &why);
    if (err == ERR_OK)
      err = kv_open_lmdb (dir, &options, &kv, &why);
  }
  if (err == ERR_OK)
    err = outbox_prepare_kv (kv, &why);
  kv_close (&kv);
  if (err != ERR_OK) {
    if (why.err != ERR_OK && fail != NULL && fail->err == ERR_OK)
      *fail = why;
    outbox_fail (fail, err);
    fail_at (fail, dir, 0, 0);
  }
  return err;
}

/* The table of groupings is code: when it changed since this store was written, totals are made anew. */
static err_t
renew_totals (outbox_t *o)
{
  kv_txn_t *txn = NULL;
  err_t err = kv_begin (o->kv, true, &txn);
  if (err == ERR_OK)
    err = book_rebuild_totals (o->book, txn);
  if (err == ERR_OK)
    err = book_flush (o->book, txn);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  book_reset (o->book);
  return err;
}

static err_t
open_over (kv_t **kv_p, bool shared, outbox_t **out, fail_t *fail)
{
  err_t err = ERR_NOMEM;
  kv_txn_t *txn = NULL;
  outbox_t *o = calloc (1, sizeof *o);
  if (o == NULL)
    goto done;
  o->kv = *kv_p;
  o->shared = shared;
  *kv_p = NULL;
  o->book = book_new (book_dbs);
  o->identity_arena = arena_new (IDENTITY_BUDGET);
  if (o->book == NULL || o->identity_arena == NULL)
    goto done;
  err = kv_begin (o->kv, false, &txn);
  if (err == ERR_OK)
    err = check_program (txn, fail);
  if (err == ERR_NOT_FOUND)
    err = not_ours (fail);
  if (err == ERR_OK)
    err = outbox_streams_read (o, txn);
  kv_abort (&txn);
  if (err == ERR_OK)
    err = outbox_refresh (o, fail);
done:
  if (err != ERR_OK) {
    outbox_fail (fail, err);
    outbox_close (&o);
    if (!shared)
      kv_close (kv_p);
    return err;
  }
  *out = o;
  return ERR_OK;
}

err_t
outbox_open_kv (kv_t **kv_p, outbox_t **out, fail_t *fail)
{
  return open_over (kv_p, false, out, fail);
}

err_t
outbox_twin (outbox_t *o, outbox_t **out, fail_t *fail)
{
  kv_t *kv = o->kv;
  return open_over (&kv, true, out, fail);
}

static err_t
check_groupings (outbox_t *o)
{
  kv_txn_t *txn = NULL;
  bool current = true;
  err_t err = kv_begin (o->kv, false, &txn);
  if (err == ERR_OK)
    err = book_totals_current (o->book, txn, &current);
  kv_abort (&txn);
  return err == ERR_OK && !current ? renew_totals (o) : err;
}

err_t
outbox_open (const char *dir, bool read_only, bool need_joined, outbox_t **out, fail_t *fail)
{
  kv_t *kv = NULL;
  outbox_t *o = NULL;
  const kv_options_t options = {.db_names = outbox_db_names, .db_n = ODB_COUNT, .read_only = read_only};
  err_t err = read_only ? ERR_OK : peek (dir, fail);
  if (err == ERR_OK)
    err = kv_open_lmdb (dir, &options, &kv, fail);
  if (err == ERR_OK)
    err = outbox_open_kv (&kv, &o, fail);
  if (err == ERR_OK && !read_only)
    err = check_groupings (o);
  if (err == ERR_OK && !read_only)
    err = outbox_catch_up (o);
  if (err == ERR_OK && need_joined && !o->identity.joined)
    err =
        fail_set (fail, ERR_NOT_STORE,
                  L ("máy này chưa kết nối lần đầu xong; hãy chạy “kc-agent join” với giấy mời của trung tâm",
                     "this PC has not finished joining; run \"kc-agent join\" with the centre's invite"));
  if (err != ERR_OK) {
    outbox_fail (fail, err);
    fail_at (fail, dir, 0, 0);
    outbox_close (&o);
    return err;
  }
  *out = o;
  return ERR_OK;
}

void
outbox_close (outbox_t **self_p)
{
  outbox_t *o = *self_p;
  if (o == NULL)
    return;
  kv_abort (&o->rehearsal);
  book_destroy (&o->book);
  catalogue_destroy (&o->catalogue);
  arena_destroy (&o->identity_arena);
  free (o->past);
  if (!o->shared)
    kv_close (&o->kv);
  crypto_wipe (&o->identity, sizeof o->identity);
  free (o);
  *self_p = NULL;
}

store_id_t
outbox_store_id (const outbox_t *o)
{
  return o->store;
}

kv_t *
outbox_kv (outbox_t *o)
{
  return o->kv;
}

book_t *
outbox_book (outbox_t *o)
{
  return o->book;
}

const identity_t *
outbox_identity (const outbox_t *o)
{
  return &o->identity;
}

const catalogue_t *
outbox_catalogue (const outbox_t *o)
{
  return o->catalogue;
}
