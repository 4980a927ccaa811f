/* book_verify.c - does the store hold what it should?
 *
 * Three passes, each walked in slices that may be transactions of their own, so that nobody reads long
 * beside a writer. Rows: each must be readable, and its natural key must lead back to it; all are added
 * to a recount. Index: every entry must lead to a row that has that key. Both hold within each slice,
 * whatever changes between slices. Totals: the recount says what they should be; a row that changed
 * after its slice is counted again (book_check_again) before totals are compared, in one transaction.
 *
 * A row that cannot be read is named by its natural key, which the index still knows; its reference is
 * kept until the index is passed over. Its share of the totals is unknown, so totals are then only
 * compared with another recount, where the caller has one. */
#include "common/base/lang.h"
#include "common/core/recount.h"
#include "common/store/book_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  char ref[REF_SIZE];
  bool named;
} damaged_t;

/* Where a walk in slices stands: behind this key. */
typedef struct {
  char key[STORE_KEY_MAX];
  size_t n;
} place_t;

struct book_check {
  book_t *b;
  kv_txn_t *txn; /* of the call that is running */
  const catalogue_t *c;
  book_finding_fn *fn;
  void *ctx;
  recount_t *recount;
  buf_t damaged; /* of damaged_t, in storage order */
  buf_t name;
  place_t row, key;
  uint64_t found;
  bool unsure; /* a row's share of the totals is unknown */
};
typedef struct book_check verify_t;

static const char *
measure_name (family_t f, size_t i)
{
  static const char *const scheme[MEASURES_MAX] = {
      "schemes", "support_vnd", "schemes_all", "planned_vnd", "approved_vnd", "settled_vnd", "matching_vnd"};
  static const char *const outcome[MEASURES_MAX] = {"value", "figures"};
  static const char *const consulting[MEASURES_MAX] = {"projects", "revenue_vnd"};
  const char *name = f == FAMILY_SCHEME ? scheme[i] : f == FAMILY_OUTCOME ? outcome[i] : consulting[i];
  return name != NULL ? name : "?";
}

static void
finding (verify_t *v, const char *thing, const char *what)
{
  v->found++;
  v->fn (v->ctx, thing, buf_str (&v->name), what);
}

static void
name_key (verify_t *v, str_t index)
{
  kind_t kind = KIND_NONE;
  str_t natural = STR_NONE;
  buf_clear (&v->name);
  if (index_key_split (index, &kind, &natural))
    book_key_text (kind, natural, v->c, &v->name);
}

static void
name_id (verify_t *v, record_ref_t ref)
{
  char text[37];
  record_id_format (ref.id, text);
  buf_clear (&v->name);
  buf_puts (&v->name, text);
}

static const char *
unreadable (void)
{
  return L ("không đọc được (sai tổng kiểm tra); hãy phục hồi từ bản sao lưu",
            "cannot be read (wrong checksum); restore it from a backup");
}

/* ---- rows ---- */

/* First value behind the place, else the next one. */
static err_t
next_of (kv_cursor_t *c, const place_t *place, bool first, str_t *key, str_t *stored)
{
  if (!first || place->n == 0)
    return kv_next (c, key, stored);
  str_t at = {place->key, place->n};
  err_t err = kv_seek (c, at, key, stored);
  return err == ERR_OK && str_eq (*key, at) ? kv_next (c, key, stored) : err;
}

static void
place_at (place_t *place, str_t key)
{
  CHECK (key.n <= sizeof place->key);
  memcpy (place->key, key.p, key.n);
  place->n = key.n;
}

static err_t
keep_damaged (verify_t *v, record_ref_t ref)
{
  damaged_t d = {.named = false};
  ref_encode (ref, d.ref);
  buf_put (&v->damaged, &d, sizeof d);
  v->unsure = true;
  return buf_ok (&v->damaged) ? ERR_OK : ERR_NOMEM;
}

static err_t
check_row_key (verify_t *v, const row_t *row, const record_t *r)
{
  bool has = false;
  err_t err = index_key_of (r, &v->b->key, &has);
  if (err != ERR_OK || !has)
    return err;
  str_t body = STR_NONE;
  record_ref_t to;
  err = val_get (v->txn, v->b->dbs.key, buf_str (&v->b->key), &body);
  if (err == ERR_DAMAGED)
    return ERR_OK; /* found when the index is passed over */
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  name_key (v, buf_str (&v->b->key));
  if (err == ERR_NOT_FOUND)
    finding (v, "key", L ("bản ghi có khóa này không nằm trong chỉ mục", "its record is not in the index"));
  else if (!ref_decode (body, &to) || to.home != row->ref.home || !record_id_eq (to.id, row->ref.id))
    finding (v, "key", L ("chỉ mục dẫn tới bản ghi khác", "the index leads to another record"));
  return ERR_OK;
}

static err_t
count (verify_t *v, const record_t *r, bool withdrawn, int sign)
{
  err_t err = recount_add (v->recount, r, withdrawn, sign);
  if (err != ERR_OVERFLOW)
    return err;
  v->unsure = true;
  finding (v, "record", L ("số tiền quá lớn, không cộng được", "its amounts are too large to be added up"));
  return ERR_OK;
}

static err_t
check_row (verify_t *v, const row_t *row)
{
  update_t u;
  err_t err = book_decode (v->b, row->bytes, &u);
  if (err != ERR_OK)
    return err;
  if (u.home != row->ref.home || !record_id_eq (u.id, row->ref.id) || !version_eq (u.version, row->version) ||
      (u.operation == OP_WITHDRAW) != row->withdrawn) {
    name_id (v, row->ref);
    finding (v, "record",
             L ("nội dung không khớp với chỗ lưu", "its content does not fit the place it is stored in"));
  }
  err = check_row_key (v, row, &u.record);
  name_id (v, row->ref);
  return err == ERR_OK ? count (v, &u.record, row->withdrawn, 1) : err;
}

err_t
book_check_rows (book_check_t *v, kv_txn_t *txn, size_t limit, book_row_fn *fn, void *ctx, bool *over)
{
  kv_cursor_t *c = NULL;
  str_t key = STR_NONE, stored = STR_NONE;
  v->txn = txn;
  *over = false;
  err_t err = kv_cursor_open (txn, v->b->dbs.record, &c);
  for (size_t i = 0; err == ERR_OK && i < limit; i++) {
    row_t row = {0};
    err = next_of (c, &v->row, i == 0, &key, &stored);
    if (err != ERR_OK)
      break;
    place_at (&v->row, key);
    err_t readable = book_row_open (v->b, key, stored, &row);
    if (readable == ERR_OK)
      readable = check_row (v, &row);
    if (readable != ERR_OK && readable != ERR_DAMAGED)
      err = readable;
    if (err == ERR_OK && readable == ERR_DAMAGED)
      err = keep_damaged (v, row.ref);
    if (err == ERR_OK && fn != NULL)
      err = fn (ctx, readable, &row);
  }
  kv_cursor_close (&c);
  *over = err == ERR_NOT_FOUND;
  return *over ? ERR_OK : err;
}

err_t
book_check_again (book_check_t *v, kv_txn_t *txn, str_t counted, const row_t *row)
{
  update_t u;
  err_t err = ERR_OK;
  v->txn = txn;
  if (counted.p != NULL) {
    err = book_decode (v->b, counted, &u);
    if (err == ERR_OK)
      err = count (v, &u.record, u.operation == OP_WITHDRAW, -1);
  }
  if (err == ERR_OK)
    err = check_row (v, row);
  if (err != ERR_DAMAGED)
    return err;
  v->unsure = true;
  name_id (v, row->ref);
  finding (v, "record", unreadable ());
  return ERR_OK;
}

void
book_check_unsure (book_check_t *v)
{
  v->unsure = true;
}

/* ---- the index ---- */

static int
damaged_cmp (const void *key, const void *item)
{
  return memcmp (key, ((const damaged_t *)item)->ref, REF_SIZE);
}

static damaged_t *
damaged_at (verify_t *v, str_t ref)
{
  if (v->damaged.n == 0)
    return NULL;
  return bsearch (ref.p, v->damaged.p, v->damaged.n / sizeof (damaged_t), sizeof (damaged_t), damaged_cmp);
}

static err_t
check_entry (verify_t *v, str_t key, record_ref_t ref)
{
  row_t row;
  update_t u;
  bool has = false;
  err_t err = book_get (v->b, v->txn, ref, &row);
  if (err == ERR_OK)
    err = book_decode (v->b, row.bytes, &u);
  if (err == ERR_OK)
    err = index_key_of (&u.record, &v->b->key, &has);
  if (err == ERR_OK && has && str_eq (buf_str (&v->b->key), key))
    return ERR_OK;
  if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_DAMAGED)
    return err;
  name_key (v, key);
  finding (v, "key",
           err == ERR_OK ? L ("bản ghi của khóa này đã mang khóa khác", "its record has another key")
                         : L ("khóa dẫn tới bản ghi không có", "it leads to a record that is not there"));
  return ERR_OK;
}

static err_t
check_index (verify_t *v, str_t key, str_t stored)
{
  str_t body = STR_NONE;
  record_ref_t ref;
  if (val_open (v->b->dbs.key, key, stored, &body) != ERR_OK || !ref_decode (body, &ref)) {
    name_key (v, key);
    finding (v, "key", unreadable ());
    return ERR_OK;
  }
  damaged_t *d = damaged_at (v, body);
  if (d == NULL)
    return check_entry (v, key, ref);
  if (!d->named) {
    name_key (v, key);
    finding (v, "record", unreadable ());
  }
  d->named = true;
  return ERR_OK;
}

static void
name_the_rest (verify_t *v)
{
  for (size_t at = 0; at < v->damaged.n; at += sizeof (damaged_t)) {
    damaged_t d;
    record_ref_t ref;
    memcpy (&d, v->damaged.p + at, sizeof d);
    if (d.named || !ref_decode ((str_t){d.ref, sizeof d.ref}, &ref))
      continue;
    name_id (v, ref);
    finding (v, "record", unreadable ());
  }
}

err_t
book_check_keys (book_check_t *v, kv_txn_t *txn, size_t limit, bool *over)
{
  kv_cursor_t *c = NULL;
  str_t key = STR_NONE, stored = STR_NONE;
  v->txn = txn;
  *over = false;
  err_t err = kv_cursor_open (txn, v->b->dbs.key, &c);
  for (size_t i = 0; err == ERR_OK && i < limit; i++) {
    err = next_of (c, &v->key, i == 0, &key, &stored);
    if (err != ERR_OK)
      break;
    place_at (&v->key, key);
    err = check_index (v, key, stored);
  }
  kv_cursor_close (&c);
  *over = err == ERR_NOT_FOUND;
  if (*over)
    name_the_rest (v);
  return *over ? ERR_OK : err;
}

/* ---- totals ---- */

static void
name_dim (verify_t *v, dim_t d, const atom_t *a)
{
  char years[12];
  const unit_t *unit = v->c != NULL ? catalogue_unit (v->c, a->district) : NULL;
  const source_t *source = v->c != NULL ? catalogue_source (v->c, a->source) : NULL;
  const char *word = NULL;
  str_t text = STR_NONE;
  buf_printf (&v->name, "%s%s=", v->name.n > 0 ? "," : "", dim_name (d));
  switch (d) {
  case DIM_YEAR:
    span_format (a->year, years);
    word = years;
    break;
  case DIM_ITEM:
    text = a->item;
    break;
  case DIM_SOURCE:
    if (source != NULL)
      text = source->code;
    else if (a->source != 0)
      buf_printf (&v->name, "%" PRIu32, a->source);
    break;
  case DIM_FUND:
    text = a->fund;
    break;
  case DIM_DISTRICT:
    if (unit != NULL)
      text = unit->known_as;
    else
      buf_printf (&v->name, "%" PRIu32, a->district);
    break;
  case DIM_STATUS:
    word = status_name (a->status);
    break;
  case DIM_KIND:
    word = scheme_kind_name (a->kind);
    break;
  case DIM_INDICATOR:
    text = a->indicator;
    break;
  case DIM_VALUE_KIND:
    word = value_kind_name (a->value_kind);
    break;
  case DIM_PERIOD:
    text = a->period;
    break;
  case DIM_SERVICE:
    text = a->service;
    break;
  case DIM_CATEGORY:
  case DIM_COUNT:
    break; /* never stored */
  }
  if (word != NULL)
    buf_puts (&v->name, word);
  buf_put (&v->name, text.p, text.n);
}

/* "year=2019,district=549"; the bytes in hex when they are no cell's key. */
static family_t
name_cell (verify_t *v, str_t key)
{
  const grouping_t *g = NULL;
  atom_t a = {0};
  buf_clear (&v->name);
  if (cell_key_decode (key, &g, &a)) {
    for (int d = 0; d < DIM_COUNT; d++)
      if (g->dims & DIM_BIT (d))
        name_dim (v, (dim_t)d, &a);
    return g->family;
  }
  for (size_t i = 0; i < key.n; i++)
    buf_printf (&v->name, "%02x", (unsigned)(unsigned char)key.p[i]);
  return FAMILY_COUNT;
}

static void
differing (verify_t *v, str_t key, const int64_t *stored, const int64_t *ours)
{
  char what[256];
  family_t family = name_cell (v, key);
  if (family == FAMILY_COUNT) {
    finding (v, "total", L ("khóa của tổng không đọc được", "the total's key cannot be read"));
    return;
  }
  size_t i = 0;
  while (i + 1 < MEASURES_MAX && stored[i] == ours[i])
    i++;
  snprintf (what, sizeof what,
            L ("%s: kho lưu %" PRId64 ", đếm lại được %" PRId64, "%s: stored %" PRId64 ", counted %" PRId64),
            measure_name (family, i), stored[i], ours[i]);
  finding (v, "total", what);
}

static void
missing (void *ctx, str_t key, const int64_t m[MEASURES_MAX])
{
  static const int64_t nothing[MEASURES_MAX];
  differing (ctx, key, nothing, m);
}

/* Compares with what was counted from the rows and with the other recount, as far as they are known. */
static void
check_cell (verify_t *v, recount_t *other, str_t key, str_t stored)
{
  int64_t m[MEASURES_MAX] = {0}, ours[MEASURES_MAX], theirs[MEASURES_MAX] = {0};
  str_t body = STR_NONE;
  bool readable = val_open (v->b->dbs.total, key, stored, &body) == ERR_OK && cell_decode (body, m);
  /* asked for in any case: a cell that is there is not missing as well */
  bool fits = recount_check (v->recount, key, m, ours);
  bool fits_other = other == NULL || recount_check (other, key, m, theirs);
  if (!readable) {
    name_cell (v, key);
    finding (v, "total",
             L ("không đọc được (sai tổng kiểm tra); các tổng có thể tính lại từ bản ghi",
                "cannot be read (wrong checksum); totals can be made anew from the records"));
  } else if (!fits && !v->unsure)
    differing (v, key, m, ours);
  else if (!fits_other)
    differing (v, key, m, theirs);
}

err_t
book_check_totals (book_check_t *v, kv_txn_t *txn, recount_t *other)
{
  kv_cursor_t *c = NULL;
  str_t key = STR_NONE, stored = STR_NONE;
  bool current = true;
  v->txn = txn;
  if (book_totals_current (v->b, txn, &current) == ERR_OK && !current) {
    buf_clear (&v->name);
    buf_puts (&v->name, "*");
    finding (
        v, "total",
        L ("các tổng do một phiên bản khác của chương trình tính; chạy serve (hoặc một lệnh ghi) một lần để "
           "tính lại, rồi kiểm chứng lại",
           "the totals are those of another version of the program; run serve (or a command that writes) "
           "once to make them anew, then verify again"));
    return ERR_OK;
  }
  err_t err = kv_cursor_open (txn, v->b->dbs.total, &c);
  while (err == ERR_OK) {
    err = kv_next (c, &key, &stored);
    if (err == ERR_OK)
      check_cell (v, other, key, stored);
  }
  kv_cursor_close (&c);
  if (err != ERR_NOT_FOUND)
    return err;
  size_t gone = v->unsure ? 0 : recount_missing (v->recount, missing, v);
  if (gone == 0 && other != NULL)
    recount_missing (other, missing, v);
  return ERR_OK;
}

/* ---- the whole ---- */

book_check_t *
book_check_new (book_t *b, const catalogue_t *c, book_finding_fn *fn, void *ctx)
{
  CHECK (b != NULL && fn != NULL);
  verify_t *v = calloc (1, sizeof *v);
  if (v == NULL)
    return NULL;
  v->b = b;
  v->c = c;
  v->fn = fn;
  v->ctx = ctx;
  v->recount = recount_new ();
  if (v->recount == NULL)
    book_check_destroy (&v);
  return v;
}

void
book_check_destroy (book_check_t **self_p)
{
  verify_t *v = *self_p;
  if (v == NULL)
    return;
  *self_p = NULL;
  recount_destroy (&v->recount);
  buf_free (&v->damaged);
  buf_free (&v->name);
  free (v);
}

err_t
book_verify (book_t *b, kv_txn_t *txn, const catalogue_t *c, book_finding_fn *fn, void *ctx, uint64_t *n)
{
  CHECK (txn != NULL && n != NULL);
  bool over;
  verify_t *v = book_check_new (b, c, fn, ctx);
  err_t err = v != NULL ? book_check_rows (v, txn, SIZE_MAX, NULL, NULL, &over) : ERR_NOMEM;
  if (err == ERR_OK)
    err = book_check_keys (v, txn, SIZE_MAX, &over);
  if (err == ERR_OK)
    err = book_check_totals (v, txn, NULL);
  if (err == ERR_OK)
    *n = v->found;
  book_check_destroy (&v);
  return err;
}
