/* ledger.c - life of the centre's store and its keys. */
#include "collector/ledger/state.h"

#include "common/base/lang.h"
#include "common/core/validate.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"

#include <stdlib.h>

static const char *const names[] = {
    "meta",  "log",      "record",   "key",           "total", "cursor",  "range", "down",    "refused",
    "agent", "contact",  "invite",   "catalogue",     "head",  "answer",  "due",   "closing", "lock",
    "flag",  "audience", "conflict", "conflict_past", "alias", "verdict", "user",  "token",   "audit"};
_Static_assert(sizeof names / sizeof names[0] == DB_LEDGER_COUNT, "a name for each database");

/* ---- keys ---- */

static void
keys_encode (const ledger_keys_t *k, buf_t *out)
{
  buf_put (out, k->authority.b, 32);
  buf_put (out, k->centre.b, 32);
  buf_put (out, k->centre_secret.b, 64);
  buf_put (out, k->curve.b, 32);
  buf_put (out, k->curve_secret.b, 32);
  buf_put (out, k->reentry.b, 32);
  buf_put (out, k->reentry_secret.b, 32);
  buf_put (out, k->centre_id.b, 16);
  buf_put (out, k->centre_certificate.signature.b, 64);
  buf_put (out, k->centre_certificate.body.p, k->centre_certificate.body.n);
}

static void
take (rd_t *r, uint8_t *to, size_t n)
{
  str_t s = rd_bytes (r, n);
  if (s.p != NULL)
    memcpy (to, s.p, n);
}

static bool
keys_decode (ledger_t *l, str_t v)
{
  ledger_keys_t *k = &l->keys;
  rd_t r = rd_of (v.p, v.n);
  take (&r, k->authority.b, 32);
  take (&r, k->centre.b, 32);
  take (&r, k->centre_secret.b, 64);
  take (&r, k->curve.b, 32);
  take (&r, k->curve_secret.b, 32);
  take (&r, k->reentry.b, 32);
  take (&r, k->reentry_secret.b, 32);
  take (&r, k->centre_id.b, 16);
  take (&r, k->centre_certificate.signature.b, 64);
  str_t body = rd_bytes (&r, r.n);
  if (!rd_done (&r) || body.n == 0)
    return false;
  buf_clear (&l->certificate);
  buf_put (&l->certificate, body.p, body.n);
  k->centre_certificate.body = buf_str (&l->certificate);
  k->centre_certificate.given = true;
  return buf_ok (&l->certificate);
}

err_t
ledger_curve_put (ledger_t *l, kv_txn_t *txn, const curve_key_t *secret, const signed_t *certificate)
{
  ledger_keys_t k = l->keys;
  buf_t v = BUF_INIT;
  k.curve_secret = *secret;
  curve_public_of (secret, &k.curve);
  k.centre_certificate = *certificate;
  keys_encode (&k, &v);
  err_t err = buf_ok (&v) ? meta_put (txn, DB_META, "keys", buf_str (&v)) : ERR_NOMEM;
  if (v.p != NULL)
    crypto_wipe (v.p, v.n);
  buf_free (&v);
  crypto_wipe (&k, sizeof k);
  return err;
}

err_t
ledger_curve_take (ledger_t *l, const curve_key_t *secret, const signed_t *certificate)
{
  l->keys.curve_secret = *secret;
  curve_public_of (secret, &l->keys.curve);
  buf_clear (&l->certificate);
  buf_put (&l->certificate, certificate->body.p, certificate->body.n);
  l->keys.centre_certificate.signature = certificate->signature;
  l->keys.centre_certificate.body = buf_str (&l->certificate);
  return buf_ok (&l->certificate) ? ERR_OK : ERR_NOMEM;
}

/* Makes every key; the authority's secret goes to the caller and nowhere else. */
static bool
keys_make (ledger_t *l, sign_secret_t *authority_secret)
{
  ledger_keys_t *k = &l->keys;
  sign_keys_make (&k->authority, authority_secret);
  sign_keys_make (&k->centre, &k->centre_secret);
  curve_keys_make (&k->curve, &k->curve_secret);
  curve_keys_make (&k->reentry, &k->reentry_secret);
  crypto_random (k->centre_id.b, sizeof k->centre_id.b);
  centre_certificate_t c = {.centre_key = k->centre,
                            .curve_key = k->curve,
                            .reentry_key = k->reentry,
                            .serial = 1,
                            .centre_id = k->centre_id};
  buf_clear (&l->certificate);
  if (!centre_certificate_encode (&c, &l->certificate))
    return false;
  k->centre_certificate = (signed_t){.body = buf_str (&l->certificate), .given = true};
  k->centre_certificate.signature =
      sign_make (SIGN_CENTRE_CERTIFICATE, k->centre_certificate.body, authority_secret);
  return true;
}

/* ---- making a store ---- */

static err_t
fill_new (ledger_t *l, str_t catalogue_file, wall_t now)
{
  turn_t t = {.now = now, .first_lsn = 1};
  decision_t d = {.type = DECISION_CATALOGUE, .u.catalogue = {.version = 1, .file = catalogue_file}};
  uint8_t key[4];
  err_t err = kv_begin (l->kv, true, &t.txn);
  if (err != ERR_OK)
    return err;
  buf_clear (&l->value);
  keys_encode (&l->keys, &l->value);
  err = buf_ok (&l->value) ? meta_put (t.txn, DB_META, "keys", buf_str (&l->value)) : ERR_NOMEM;
  if (err == ERR_OK)
    err = meta_put_u64 (t.txn, DB_META, "format", LEDGER_FORMAT);
  if (err == ERR_OK)
    err = meta_put_u64 (t.txn, DB_META, "epoch", l->epoch);
  if (err == ERR_OK)
    err = meta_put_u64 (t.txn, DB_META, META_TABLES, DB_LEDGER_COUNT);
  if (err == ERR_OK)
    err = meta_put_u64 (t.txn, DB_META, META_CATALOGUE, 1);
  if (err == ERR_OK)
    err = val_put (t.txn, DB_CATALOGUE, key_u32 (key, 1), catalogue_file);
  if (err == ERR_OK)
    err = centre_append (l, &t, 0, &d, STR_NONE);
  if (err == ERR_OK)
    err = book_rebuild_totals (l->book, t.txn);
  if (err == ERR_OK)
    return turn_commit (l, &t);
  turn_abort (l, &t);
  return err;
}

static ledger_t *
ledger_new (kv_t *kv)
{
  ledger_t *l = calloc (1, sizeof *l);
  if (l == NULL)
    return NULL;
  l->kv = kv;
  l->book = book_new (ledger_book_dbs ());
  l->arena = arena_new (5 * UPDATE_ROOM);
  l->chain = calloc (CHUNK_UPDATES_MAX, sizeof *l->chain);
  if (l->book == NULL || l->arena == NULL || l->chain == NULL) {
    l->kv = NULL; /* stays the caller's */
    ledger_close (&l);
  }
  return l;
}

kv_options_t
ledger_kv_options (void)
{
  return (kv_options_t){.db_names = names, .db_n = DB_LEDGER_COUNT, .map_size = MAP_SIZE_COLLECTOR};
}

static err_t
authority_write (const char *path, const sign_secret_t *secret, fail_t *fail)
{
  char hex[129];
  buf_t text = BUF_INIT;
  hex_encode (secret->b, sizeof secret->b, hex);
  buf_printf (&text, "kc-authority-1 %s\n", hex);
  err_t err = buf_ok (&text) ? file_write (path, buf_str (&text), true, fail) : ERR_NOMEM;
  crypto_wipe (hex, sizeof hex);
  if (text.p != NULL)
    crypto_wipe (text.p, text.n);
  buf_free (&text);
  return err;
}

err_t
ledger_authority_read (const char *path, sign_key_t *out, sign_secret_t *to, fail_t *fail)
{
  static const char head[] = "kc-authority-1 ";
  uint8_t secret[64];
  buf_t text = BUF_INIT;
  err_t err = file_read (path, 4096, &text, fail);
  const size_t n = sizeof head - 1;
  if (err == ERR_OK && (text.n < n + 128 || memcmp (text.p, head, n) != 0 ||
                        !hex_decode ((str_t){text.p + n, 128}, secret, sizeof secret)))
    err = fail_set (fail, ERR_INPUT,
                    L ("không phải khóa gốc của trung tâm", "is no authority's key of a centre"));
  if (err == ERR_OK)
    memcpy (out->b, secret + 32, sizeof out->b); /* a secret ends with its public half */
  if (err == ERR_OK && to != NULL)
    memcpy (to->b, secret, sizeof to->b);
  crypto_wipe (secret, sizeof secret);
  if (text.p != NULL)
    crypto_wipe (text.p, text.n);
  buf_free (&text);
  fail_at (fail, err != ERR_OK ? path : NULL, 0, 0);
  return err;
}

/* authority_path NULL: its secret is the caller's to keep. */
static err_t
make_and_fill (kv_t *kv, str_t catalogue_file, wall_t now, const char *authority_path,
               sign_secret_t *authority_secret, fail_t *fail)
{
  catalogue_t *c = catalogue_parse (catalogue_file, 1, fail);
  if (c == NULL)
    return fail != NULL && fail->err != ERR_OK ? fail->err : ERR_INPUT;
  catalogue_destroy (&c);
  if (catalogue_file.n > LEDGER_CATALOGUE_MAX)
    return fail_set (
        fail, ERR_TOO_BIG,
        L ("danh mục lớn quá %u byte; hãy rút gọn", "the catalogue is over %u bytes; make it smaller"),
        LEDGER_CATALOGUE_MAX);
  err_t err = ERR_NOMEM;
  ledger_t *l = ledger_new (kv);
  if (l == NULL)
    return fail_set (fail, err, "%s", err_words (err));
  crypto_random (&l->epoch, sizeof l->epoch);
  if (keys_make (l, authority_secret))
    err = authority_path != NULL ? authority_write (authority_path, authority_secret, fail) : ERR_OK;
  if (err == ERR_OK)
    err = fill_new (l, catalogue_file, now);
  l->kv = NULL;
  ledger_close (&l);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

err_t
ledger_init_kv (kv_t *kv, str_t catalogue_file, wall_t now, sign_secret_t *authority_secret, fail_t *fail)
{
  return make_and_fill (kv, catalogue_file, now, NULL, authority_secret, fail);
}

/* The authority's key is on disk before the store is filled: a store without it could never be certified
 * anew. What a failed init made is taken away again. */
err_t
ledger_init (const char *dir, str_t catalogue_file, uint64_t map_size, wall_t now, fail_t *fail)
{
  kv_t *kv = NULL;
  buf_t path = BUF_INIT;
  sign_secret_t secret;
  kv_options_t o = ledger_kv_options ();
  bool made = false;
  o.create = true;
  if (map_size != 0)
    o.map_size = map_size;
  fail_t own = {0};
  if (fail == NULL)
    fail = &own;

  catalogue_t *c = catalogue_parse (catalogue_file, 1, fail);
  err_t err = c == NULL ? (fail->err != ERR_OK ? fail->err : ERR_INPUT) : ERR_OK;
  catalogue_destroy (&c);
  if (err != ERR_OK)
    goto done;
  err = dir_make (dir);
  if (err != ERR_OK) {
    fail_set (fail, err,
              L ("không tạo được thư mục này; hãy kiểm tra đường dẫn và quyền ghi",
                 "the directory cannot be made; check its path and who may write there"));
    goto done;
  }
  if (file_exists (path_join (&path, dir, "authority.key"))) {
    err =
        fail_set (fail, ERR_EXISTS,
                  L ("đã có khóa gốc authority.key; thư mục này đã được khởi tạo, hãy chọn thư mục khác",
                     "authority.key is there already: this directory has been initialised, choose another"));
    goto done;
  }
  err = kv_open_lmdb (dir, &o, &kv, fail);
  if (err != ERR_OK)
    goto done;
  made = true;
  err = make_and_fill (kv, catalogue_file, now, path_join (&path, dir, "authority.key"), &secret, fail);
  crypto_wipe (&secret, sizeof secret);
done:
  kv_close (&kv);
  if (err != ERR_OK && made) {
    file_remove (path_join (&path, dir, "authority.key")); /* of keys that are in no store */
    file_remove (path_join (&path, dir, "data.mdb"));
    file_remove (path_join (&path, dir, "lock.mdb"));
  }
  buf_free (&path);
  if (err != ERR_OK)
    fail_set (fail, err, "%s", err_words (err));
  fail_at (fail, err != ERR_OK ? dir : NULL, 0, 0);
  return err;
}

/* ---- opening ---- */

static err_t
load (ledger_t *l, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  uint64_t format = 0;
  str_t v;
  err_t err = kv_begin (l->kv, false, &txn);
  if (err != ERR_OK)
    return fail_set (fail, err, "%s", err_words (err));
  err = meta_get (txn, DB_META, "program", &v); /* an office's store says whose it is; ours never did */
  err = err == ERR_OK ? ERR_NOT_FOUND : err == ERR_NOT_FOUND ? ERR_OK : err;
  if (err == ERR_OK)
    err = meta_get_u64 (txn, DB_META, "format", &format);
  if (err == ERR_OK && meta_get (txn, DB_META, "keys", &v) == ERR_NOT_FOUND &&
      meta_get_u64 (txn, DB_META, "epoch", &l->epoch) == ERR_NOT_FOUND)
    err = ERR_NOT_FOUND; /* an office's */
  if (err == ERR_NOT_FOUND) {
    err = fail_set (
        fail, ERR_NOT_STORE,
        L ("đây không phải kho của trung tâm, hoặc việc khởi tạo đã dở dang; hãy dùng kc-collector init "
           "với một thư mục khác",
           "this is no store of a centre, or its init was cut short; use kc-collector init on another "
           "directory"));
    goto done;
  }
  if (err == ERR_OK && format > LEDGER_FORMAT)
    err = ERR_VERSION;
  if (err == ERR_OK)
    err = meta_get_u64 (txn, DB_META, "epoch", &l->epoch);
  if (err == ERR_OK)
    err = epochs_load (l, txn);
  if (err == ERR_OK)
    err = meta_get (txn, DB_META, "keys", &v);
  if (err == ERR_OK && !keys_decode (l, v))
    err = ERR_DAMAGED;
  if (err == ERR_NOT_FOUND)
    err = ERR_DAMAGED;
  if (err == ERR_DAMAGED)
    fail_set (fail, err,
              L ("thông tin chính (khóa, kỳ) của kho bị hỏng; hãy phục hồi từ bản sao lưu",
                 "the store's basic facts (keys, epoch) are damaged; restore a backup"));
  if (err == ERR_OK)
    err = ledger_catalogue_refresh (l, txn, fail);
done:
  kv_abort (&txn);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

/* A program with another table of groupings makes the totals anew before it goes on. */
static err_t
totals_ready (ledger_t *l)
{
  kv_txn_t *txn = NULL;
  bool current = true;
  err_t err = kv_begin (l->kv, false, &txn);
  if (err == ERR_OK)
    err = book_totals_current (l->book, txn, &current);
  kv_abort (&txn);
  if (err != ERR_OK || current)
    return err;
  err = kv_begin (l->kv, true, &txn);
  if (err == ERR_OK)
    err = book_rebuild_totals (l->book, txn);
  if (err == ERR_OK)
    err = kv_commit (&txn);
  kv_abort (&txn);
  book_reset (l->book);
  return err;
}

/* Opening for writing has made the databases a store of an older program did not have; from here on one that
 * is not found is lost (verify). */
static err_t
tables_noted (ledger_t *l)
{
  turn_t t = {.txn = NULL};
  uint64_t made = TABLES_AT_FIRST;
  err_t err = kv_begin (l->kv, false, &t.txn);
  if (err == ERR_OK)
    err = meta_get_u64 (t.txn, DB_META, META_TABLES, &made);
  kv_abort (&t.txn);
  if ((err != ERR_OK && err != ERR_NOT_FOUND) || made >= DB_LEDGER_COUNT)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  err = kv_begin (l->kv, true, &t.txn);
  if (err == ERR_OK && made <= DB_AUDIENCE)
    err = audience_build (l, &t);
  if (err == ERR_OK)
    err = meta_put_u64 (t.txn, DB_META, META_TABLES, DB_LEDGER_COUNT);
  if (err == ERR_OK)
    err = kv_commit (&t.txn);
  kv_abort (&t.txn);
  return err;
}

static err_t
open_kv (kv_t **kv_p, bool read_only, bool lenient, ledger_t **out, fail_t *fail)
{
  fail_t own = {0};
  if (fail == NULL)
    fail = &own;
  ledger_t *l = ledger_new (*kv_p);
  if (l == NULL) {
    kv_close (kv_p);
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  }
  *kv_p = NULL;
  err_t err = load (l, fail);
  if (err == ERR_DAMAGED && lenient && l->catalogue == NULL)
    err = ERR_OK; /* verify goes on and names it */
  if (err == ERR_OK && !read_only)
    err = totals_ready (l);
  if (err == ERR_OK && !read_only)
    err = tables_noted (l);
  if (err != ERR_OK) {
    ledger_close (&l);
    return fail_set (fail, err, "%s", err_words (err));
  }
  *out = l;
  return ERR_OK;
}

err_t
ledger_open_kv (kv_t **kv_p, ledger_t **out, fail_t *fail)
{
  return open_kv (kv_p, false, false, out, fail);
}

static err_t
open_dir (const char *dir, bool read_only, bool lenient, ledger_t **out, fail_t *fail)
{
  kv_t *kv = NULL;
  kv_options_t o = ledger_kv_options ();
  fail_t own = {0};
  if (fail == NULL)
    fail = &own;
  o.read_only = read_only;
  err_t err = kv_open_lmdb (dir, &o, &kv, fail);
  if (err == ERR_OK)
    err = open_kv (&kv, read_only, lenient, out, fail);
  if (err != ERR_OK) {
    fail_set (fail, err, "%s", err_words (err));
    fail_at (fail, dir, 0, 0);
  }
  return err;
}

err_t
ledger_open (const char *dir, bool read_only, ledger_t **out, fail_t *fail)
{
  return open_dir (dir, read_only, false, out, fail);
}

err_t
ledger_open_lenient (const char *dir, ledger_t **out, fail_t *fail)
{
  return open_dir (dir, true, true, out, fail);
}

void
ledger_close (ledger_t **self_p)
{
  ledger_t *l = *self_p;
  if (l == NULL)
    return;
  *self_p = NULL;
  book_destroy (&l->book);
  kv_close (&l->kv);
  catalogue_destroy (&l->catalogue);
  catalogue_destroy (&l->catalogue_before);
  arena_destroy (&l->arena);
  locks_destroy (&l->locks);
  free (l->chain);
  crypto_wipe (&l->keys, sizeof l->keys);
  if (l->value.p != NULL)
    crypto_wipe (l->value.p, l->value.cap);
  buf_free (&l->certificate);
  buf_free (&l->entry);
  buf_free (&l->value);
  buf_free (&l->update);
  buf_free (&l->decision);
  buf_free (&l->resulting);
  buf_free (&l->audit);
  free (l);
}

/* ---- what it holds ---- */

kv_t *
ledger_kv (ledger_t *l)
{
  return l->kv;
}

book_t *
ledger_book (ledger_t *l)
{
  return l->book;
}

book_dbs_t
ledger_book_dbs (void)
{
  return (book_dbs_t){.record = DB_RECORD, .key = DB_KEY, .total = DB_TOTAL, .meta = DB_META};
}

const ledger_keys_t *
ledger_keys (const ledger_t *l)
{
  return &l->keys;
}

uint64_t
ledger_epoch (const ledger_t *l)
{
  return l->epoch;
}

const catalogue_t *
ledger_catalogue (const ledger_t *l)
{
  return l->catalogue;
}
