/* book_find.c - from what a person types to a record, and from a key to what a person reads. */
#include "common/store/book_private.h"

#include <stdlib.h>

#define PARTS 7u /* of an outcome's key: indicator, unit, years, fund, scheme, period, P or F */

/* ---- keys for people ---- */

static size_t
split (str_t s, char at, str_t *out, size_t max)
{
  size_t n = 0;
  while (n < max) {
    const char *end = s.n > 0 ? memchr (s.p, at, s.n) : NULL;
    size_t len = end != NULL ? (size_t)(end - s.p) : s.n;
    out[n++] = (str_t){s.p, len};
    if (end == NULL)
      return n;
    s = (str_t){end + 1, s.n - len - 1};
  }
  return max + 1;
}

static void
put_unit (str_t id, const catalogue_t *c, buf_t *out)
{
  char text[16] = "";
  const unit_t *u = NULL;
  if (id.n < sizeof text) {
    memcpy (text, id.p, id.n);
    u = c != NULL ? catalogue_unit (c, (unit_id_t)strtoul (text, NULL, 10)) : NULL;
  }
  if (u != NULL)
    id = u->known_as;
  buf_put (out, id.p, id.n);
}

/* A part that is blank shows as "-", so that the text survives copying and a table's cell. */
static void
outcome_text (const str_t part[PARTS], const catalogue_t *c, buf_t *out)
{
  buf_put (out, part[0].p, part[0].n);
  buf_puts (out, " / ");
  put_unit (part[1], c, out);
  size_t last = part[4].n > 0 || part[5].n > 0 ? 5 : 3;
  for (size_t i = 2; i <= last; i++) {
    buf_puts (out, " / ");
    if (part[i].n > 0)
      buf_put (out, part[i].p, part[i].n);
    else
      buf_putc (out, '-');
  }
  if (str_is (part[6], "P")) {
    buf_puts (out, " / ");
    buf_puts (out, value_kind_name (VALUE_PLAN));
  }
}

/* office/table/period: how people name a submission. */
static void
submission_text (const str_t part[3], const catalogue_t *c, buf_t *out)
{
  put_unit (part[0], c, out);
  for (size_t i = 1; i < 3; i++) {
    buf_putc (out, '/');
    buf_put (out, part[i].p, part[i].n);
  }
}

void
book_key_text (kind_t kind, str_t natural_key, const catalogue_t *c, buf_t *out)
{
  str_t part[PARTS];
  CHECK (out != NULL);
  if (kind == KIND_OUTCOME && split (natural_key, '\x1f', part, PARTS) == PARTS)
    outcome_text (part, c, out);
  else if (kind == KIND_SUBMISSION && split (natural_key, '\x1f', part, PARTS) == 3)
    submission_text (part, c, out);
  else
    for (size_t i = 0; i < natural_key.n; i++)
      if (natural_key.p[i] == '\x1f')
        buf_puts (out, " / ");
      else
        buf_putc (out, natural_key.p[i]);
}

/* ---- finding ---- */

/* Kinds whose keys have several parts are found by their texts. The keys of outcomes and staff figures begin
 * with the indicator, so only that indicator's are looked at; of submissions there are few. */
static err_t
find_text (book_t *b, kv_txn_t *txn, const catalogue_t *c, kind_t of, str_t text, record_ref_t *out)
{
  size_t first = 0;
  const bool leads = of != KIND_SUBMISSION; /* the key's first part is the text's first word */
  const char mark = leads ? ' ' : '/';
  while (first < text.n && text.p[first] != mark)
    first++;
  buf_t prefix = BUF_INIT, with_code = BUF_INIT, with_id = BUF_INIT;
  kv_cursor_t *cursor = NULL;
  err_t err = ERR_NOT_FOUND;
  if (first == text.n)
    goto done;
  buf_u8 (&prefix, (uint8_t)of);
  if (leads) {
    buf_put (&prefix, text.p, first);
    buf_putc (&prefix, '\x1f');
  }
  if (!buf_ok (&prefix)) {
    err = ERR_NOMEM;
    goto done;
  }
  err = kv_cursor_open (txn, b->dbs.key, &cursor);
  str_t key = STR_NONE, stored = STR_NONE, body = STR_NONE;
  if (err == ERR_OK)
    err = kv_seek (cursor, buf_str (&prefix), &key, &stored);
  for (; err == ERR_OK; err = kv_next (cursor, &key, &stored)) {
    kind_t kind = KIND_NONE;
    str_t natural = STR_NONE;
    if (key.n < prefix.n || memcmp (key.p, prefix.p, prefix.n) != 0) {
      err = ERR_NOT_FOUND;
      break;
    }
    if (!index_key_split (key, &kind, &natural))
      continue;
    buf_clear (&with_code);
    buf_clear (&with_id);
    book_key_text (kind, natural, c, &with_code);
    book_key_text (kind, natural, NULL, &with_id);
    if (!buf_ok (&with_code) || !buf_ok (&with_id)) {
      err = ERR_NOMEM;
      break;
    }
    if (!str_eq (buf_str (&with_code), text) && !str_eq (buf_str (&with_id), text))
      continue;
    err = val_open (b->dbs.key, key, stored, &body);
    if (err == ERR_OK && !ref_decode (body, out))
      err = ERR_DAMAGED;
    break;
  }

done:
  kv_cursor_close (&cursor);
  buf_free (&prefix);
  buf_free (&with_code);
  buf_free (&with_id);
  return err;
}

/* An id says nothing of its office: each office that has records is asked, by one seek to it. */
static err_t
find_id (book_t *b, kv_txn_t *txn, record_id_t id, kind_t kind, record_ref_t *out)
{
  kv_cursor_t *c = NULL;
  char at[REF_SIZE];
  record_ref_t ref = {0, {{0}}};
  str_t key = STR_NONE;
  err_t err = kv_cursor_open (txn, b->dbs.record, &c);
  while (err == ERR_OK) {
    ref_encode (ref, at);
    err = kv_seek (c, (str_t){at, sizeof at}, &key, NULL);
    if (err != ERR_OK)
      break;
    record_ref_t found;
    if (!ref_decode (key, &found)) {
      err = ERR_DAMAGED;
      break;
    }
    if (found.home == ref.home && record_id_eq (found.id, id)) {
      *out = found;
      break;
    }
    bool asked = record_id_eq (ref.id, id) && found.home == ref.home; /* this office does not have it */
    if (!asked)
      ref = (record_ref_t){found.home, id};
    else if (ref.home == UINT32_MAX)
      err = ERR_NOT_FOUND;
    else
      ref = (record_ref_t){ref.home + 1, {{0}}};
  }
  kv_cursor_close (&c);
  if (err != ERR_OK || kind == KIND_NONE)
    return err;
  row_t row;
  update_t u;
  err = book_get (b, txn, *out, &row);
  if (err == ERR_OK)
    err = book_decode (b, row.bytes, &u);
  if (err == ERR_OK && u.record.kind != kind)
    err = ERR_NOT_FOUND;
  return err;
}

err_t
book_find (book_t *b, kv_txn_t *txn, const catalogue_t *c, str_t record, kind_t kind, record_ref_t *out)
{
  CHECK (b != NULL && txn != NULL && out != NULL);
  record_ref_t found = {0, {{0}}};
  unsigned n = 0;
  for (int k = KIND_NONE + 1; k < KIND_COUNT; k++) {
    record_ref_t ref;
    if (kind != KIND_NONE && (kind_t)k != kind)
      continue;
    const bool parts = k == KIND_OUTCOME || k == KIND_SUBMISSION || k == KIND_STAFF;
    err_t err = parts ? find_text (b, txn, c, (kind_t)k, record, &ref)
                      : book_find_key (b, txn, (kind_t)k, record, &ref);
    if (err == ERR_NOT_FOUND)
      continue;
    if (err != ERR_OK)
      return err;
    found = ref;
    n++;
  }
  if (n > 1)
    return ERR_INPUT;
  record_id_t id;
  if (n == 0) {
    if (!record_id_parse (record, &id))
      return ERR_NOT_FOUND;
    err_t err = find_id (b, txn, id, kind, &found);
    if (err != ERR_OK)
      return err;
  }
  *out = found;
  return ERR_OK;
}

err_t
book_each_of (book_t *b, kv_txn_t *txn, kind_t kind, book_row_fn *fn, void *ctx)
{
  CHECK (b != NULL && txn != NULL && fn != NULL && kind != KIND_NONE);
  kv_cursor_t *cursor = NULL;
  const char prefix[1] = {(char)kind};
  str_t key = STR_NONE, stored = STR_NONE, body = STR_NONE;
  err_t err = kv_cursor_open (txn, b->dbs.key, &cursor);
  if (err == ERR_OK)
    err = kv_seek (cursor, (str_t){prefix, 1}, &key, &stored);
  while (err == ERR_OK && key.n > 0 && key.p[0] == prefix[0]) {
    row_t row = {.version.seq = 0};
    err_t read = val_open (b->dbs.key, key, stored, &body);
    if (read == ERR_OK && !ref_decode (body, &row.ref))
      read = ERR_DAMAGED;
    if (read == ERR_OK)
      read = book_get (b, txn, row.ref, &row);
    if (read != ERR_OK && read != ERR_DAMAGED && read != ERR_NOT_FOUND) {
      err = read;
      break;
    }
    err = fn (ctx, read == ERR_OK ? ERR_OK : ERR_DAMAGED, &row);
    if (err == ERR_OK)
      err = kv_next (cursor, &key, &stored);
  }
  kv_cursor_close (&cursor);
  return err == ERR_NOT_FOUND || err == ERR_END ? ERR_OK : err;
}
