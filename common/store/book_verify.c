/* book_verify.c - does the store hold what it should?
 *
 * Three passes. Rows: each must be readable, and its natural key must lead back to it; all are added to
 * a recount. Index: every entry must lead to a row that has that key - once all rows have found theirs,
 * equal numbers prove it, so rows are only read again when they differ. Totals: the recount says what
 * they should be.
 *
 * A row that cannot be read is named by its natural key, which the index still knows; its reference is
 * kept until the index is passed over. Its share of the totals is unknown, so totals are then only
 * checked for damage of their own. */
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

typedef struct {
  book_t *b;
  kv_txn_t *txn;
  const catalogue_t *c;
  book_finding_fn *fn;
  void *ctx;
  recount_t *recount;
  buf_t damaged; /* of damaged_t, in storage order */
  buf_t name;
  uint64_t found, keys_fit, keys_seen;
} verify_t;

static const char *
measure_name (family_t f, size_t i)
{
  static const char *const scheme[MEASURES_MAX] = {
      "schemes", "support_vnd", "schemes_all", "planned_vnd", "approved_vnd", "settled_vnd", "matching_vnd"};
  static const char *const outcome[MEASURES_MAX] = {"value", "figures"};
  const char *name = f == FAMILY_SCHEME ? scheme[i] : outcome[i];
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

static err_t
keep_damaged (verify_t *v, record_ref_t ref)
{
  damaged_t d = {.named = false};
  ref_encode (ref, d.ref);
  buf_put (&v->damaged, &d, sizeof d);
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
  else
    v->keys_fit++;
  return ERR_OK;
}

static err_t
check_row (void *ctx, err_t err, const row_t *row)
{
  verify_t *v = ctx;
  update_t u;
  if (err == ERR_OK)
    err = book_decode (v->b, row->bytes, &u);
  if (err == ERR_DAMAGED)
    return keep_damaged (v, row->ref);
  if (err != ERR_OK)
    return err;
  if (u.home != row->ref.home || !record_id_eq (u.id, row->ref.id) || !version_eq (u.version, row->version) ||
      (u.operation == OP_WITHDRAW) != row->withdrawn) {
    name_id (v, row->ref);
    finding (v, "record",
             L ("nội dung không khớp với chỗ lưu", "its content does not fit the place it is stored in"));
  }
  err = check_row_key (v, row, &u.record);
  return err == ERR_OK ? recount_add (v->recount, &u.record, row->withdrawn, 1) : err;
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

/* Rows have been checked already; this finds entries that no row has. */
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
pass_index (verify_t *v, bool deep)
{
  kv_cursor_t *c = NULL;
  str_t key = STR_NONE, stored = STR_NONE, body = STR_NONE;
  err_t err = kv_cursor_open (v->txn, v->b->dbs.key, &c);
  while (err == ERR_OK) {
    record_ref_t ref;
    err = kv_next (c, &key, &stored);
    if (err != ERR_OK)
      break;
    bool fine = val_open (v->b->dbs.key, key, stored, &body) == ERR_OK && ref_decode (body, &ref);
    if (!fine && !deep) {
      name_key (v, key);
      finding (v, "key", unreadable ());
    }
    if (!fine)
      continue;
    damaged_t *d = damaged_at (v, body);
    if (d != NULL) {
      if (!d->named) {
        name_key (v, key);
        finding (v, "record", unreadable ());
      }
      d->named = true;
    } else if (deep)
      err = check_entry (v, key, ref);
    else
      v->keys_seen++;
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
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
      text = unit->code;
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

static err_t
pass_totals (verify_t *v)
{
  kv_cursor_t *c = NULL;
  str_t key = STR_NONE, stored = STR_NONE, body = STR_NONE;
  err_t err = kv_cursor_open (v->txn, v->b->dbs.total, &c);
  while (err == ERR_OK) {
    int64_t m[MEASURES_MAX], ours[MEASURES_MAX] = {0};
    err = kv_next (c, &key, &stored);
    if (err != ERR_OK)
      break;
    if (val_open (v->b->dbs.total, key, stored, &body) != ERR_OK || !cell_decode (body, m)) {
      name_cell (v, key);
      finding (v, "total",
               L ("không đọc được (sai tổng kiểm tra); các tổng có thể tính lại từ bản ghi",
                  "cannot be read (wrong checksum); totals can be made anew from the records"));
      (void)recount_check (v->recount, key, ours, ours); /* it is there: not missing as well */
    } else if (!recount_check (v->recount, key, m, ours) && v->damaged.n == 0)
      differing (v, key, m, ours);
  }
  kv_cursor_close (&c);
  if (err == ERR_NOT_FOUND && v->damaged.n == 0)
    recount_missing (v->recount, missing, v);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
book_verify (book_t *b, kv_txn_t *txn, const catalogue_t *c, book_finding_fn *fn, void *ctx, uint64_t *n)
{
  CHECK (b != NULL && txn != NULL && fn != NULL && n != NULL);
  verify_t v = {.b = b, .txn = txn, .c = c, .fn = fn, .ctx = ctx};
  err_t err = ERR_NOMEM;
  v.recount = recount_new ();
  if (v.recount == NULL)
    goto done;
  err = book_each (b, txn, 0, check_row, &v);
  if (err == ERR_OK)
    err = pass_index (&v, false);
  if (err == ERR_OK && v.keys_seen != v.keys_fit)
    err = pass_index (&v, true);
  if (err != ERR_OK)
    goto done;
  name_the_rest (&v);
  err = pass_totals (&v);
  if (err == ERR_OK)
    *n = v.found;

done:
  recount_destroy (&v.recount);
  buf_free (&v.damaged);
  buf_free (&v.name);
  return err;
}
