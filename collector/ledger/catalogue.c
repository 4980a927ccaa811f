/* catalogue.c - the catalogue in the store: the present one, and what a new one must still hold. */
#include "collector/ledger/state.h"

#include "common/base/lang.h"

static err_t
catalogue_current (kv_txn_t *txn, uint64_t *version, str_t *file)
{
  uint8_t key[4];
  err_t err = meta_get_u64 (txn, DB_META, META_CATALOGUE, version);
  if (err == ERR_OK)
    err = val_get (txn, DB_CATALOGUE, key_u32 (key, (uint32_t)*version), file);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

err_t
ledger_catalogue_version (kv_txn_t *txn, uint64_t *out)
{
  return meta_get_u64 (txn, DB_META, META_CATALOGUE, out);
}

err_t
ledger_catalogue_load (kv_txn_t *txn, catalogue_t **out, fail_t *fail)
{
  uint64_t version;
  str_t file;
  err_t err = catalogue_current (txn, &version, &file);
  if (err != ERR_OK)
    return fail_set (fail, err, L ("danh mục trong kho bị hỏng", "the catalogue in the store is damaged"));
  *out = catalogue_parse (file, (uint32_t)version, fail);
  return *out != NULL ? ERR_OK : ERR_DAMAGED;
}

err_t
ledger_catalogue_refresh (ledger_t *l, kv_txn_t *txn, fail_t *fail)
{
  uint64_t version;
  str_t file;
  catalogue_t *c = NULL;
  if (l->catalogue != NULL && catalogue_current (txn, &version, &file) == ERR_OK &&
      version == catalogue_version (l->catalogue))
    return ERR_OK;
  err_t err = ledger_catalogue_load (txn, &c, fail);
  if (err != ERR_OK)
    return err;
  catalogue_destroy (&l->catalogue_before);
  l->catalogue_before = l->catalogue;
  l->catalogue = c;
  return ERR_OK;
}

/* Ids that records hold must go on meaning something. */
static err_t
catalogue_follows (const catalogue_t *before, const catalogue_t *after, fail_t *fail)
{
  const unit_t *u;
  const source_t *s;
  const item_t *item;
  const indicator_t *was;
  const service_t *service;
  const staff_item_t *line;
  for (size_t i = 0; (item = catalogue_item_at (before, i)) != NULL; i++) {
    if (catalogue_item (after, item->code) == NULL)
      return fail_set (
          fail, ERR_INPUT,
          L ("danh mục mới thiếu nội dung %.*s của danh mục đang dùng; nội dung chi không được xóa",
             "the new catalogue lacks item %.*s of the present one; items may not go"),
          STR_ARG (item->code));
  }
  for (size_t i = 0; (was = catalogue_indicator_at (before, i)) != NULL; i++) {
    const indicator_t *is = catalogue_indicator (after, was->code);
    if (is == NULL)
      return fail_set (fail, ERR_INPUT,
                       L ("danh mục mới thiếu chỉ tiêu %.*s của danh mục đang dùng; chỉ tiêu không được xóa",
                          "the new catalogue lacks indicator %.*s of the present one; indicators may not go"),
                       STR_ARG (was->code));
    if (is->scale != was->scale)
      return fail_set (
          fail, ERR_INPUT,
          L ("scale của chỉ tiêu %.*s là %u trong danh mục đang dùng và không được đổi: số liệu đã lưu theo "
             "nó",
             "the scale of indicator %.*s is %u in the present catalogue and may not change: stored figures "
             "are kept in it"),
          STR_ARG (was->code), (unsigned)was->scale);
  }
  for (size_t i = 0; (service = catalogue_service_at (before, i)) != NULL; i++) {
    if (catalogue_service (after, service->code) == NULL)
      return fail_set (
          fail, ERR_INPUT,
          L ("danh mục mới thiếu dịch vụ tư vấn %.*s của danh mục đang dùng; dịch vụ không được xóa",
             "the new catalogue lacks service %.*s of the present one; services may not go"),
          STR_ARG (service->code));
  }
  for (size_t i = 0; (line = catalogue_staff_item_at (before, i)) != NULL; i++) {
    if (catalogue_staff_item (after, line->code) == NULL)
      return fail_set (
          fail, ERR_INPUT,
          L ("danh mục mới thiếu dòng nhân lực %.*s của danh mục đang dùng; dòng này không được xóa",
             "the new catalogue lacks staff line %.*s of the present one; staff lines may not go"),
          STR_ARG (line->code));
  }
  for (size_t i = 0; (u = catalogue_unit_at (before, i)) != NULL; i++) {
    if (catalogue_unit (after, u->id) == NULL)
      return fail_set (
          fail, ERR_INPUT,
          L ("danh mục mới thiếu đơn vị %.*s (số %u) của danh mục đang dùng; đơn vị không được xóa",
             "the new catalogue lacks office %.*s (id %u) of the present one; offices may not go"),
          STR_ARG (u->code), (unsigned)u->id);
  }
  for (size_t i = 0; (s = catalogue_source_at (before, i)) != NULL; i++) {
    if (catalogue_source (after, s->id) == NULL)
      return fail_set (fail, ERR_INPUT,
                       L ("danh mục mới thiếu nguồn vốn %.*s của danh mục đang dùng; nguồn không được xóa",
                          "the new catalogue lacks source %.*s of the present one; sources may not go"),
                       STR_ARG (s->code));
  }
  return ERR_OK;
}

err_t
roster_catalogue (ledger_t *l, str_t file, str_t person, wall_t now, uint32_t *version, fail_t *fail)
{
  turn_t t;
  uint8_t key[4];
  *version = catalogue_version (l->catalogue);
  if (str_eq (file, catalogue_bytes (l->catalogue)))
    return ERR_OK;
  if (file.n > LEDGER_CATALOGUE_MAX)
    return fail_set (fail, ERR_TOO_BIG, L ("danh mục lớn quá %u byte", "the catalogue is over %u bytes"),
                     LEDGER_CATALOGUE_MAX);
  uint32_t next = *version + 1;
  catalogue_t *c = catalogue_parse (file, next, fail);
  if (c == NULL)
    return fail != NULL && fail->err != ERR_OK ? fail->err : ERR_INPUT;
  err_t err = catalogue_follows (l->catalogue, c, fail);
  catalogue_destroy (&c);
  if (err != ERR_OK)
    return err;
  err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  decision_t d = {.type = DECISION_CATALOGUE, .u.catalogue = {.version = next, .file = file}};
  err = val_put (t.txn, DB_CATALOGUE, key_u32 (key, next), file);
  if (err == ERR_OK)
    err = meta_put_u64 (t.txn, DB_META, META_CATALOGUE, next);
  if (err == ERR_OK)
    err = centre_append (l, &t, 0, &d, person);
  err = turn_end (l, &t, err);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  *version = next;
  kv_txn_t *txn = NULL;
  err = kv_begin (l->kv, false, &txn);
  if (err == ERR_OK)
    err = ledger_catalogue_refresh (l, txn, fail);
  kv_abort (&txn);
  return ledger_said (fail, err);
}
