/* values.c - a stored value is its CRC-32C (big-endian, over db, key and body) and then its body.
 *
 * The checksum covers where the value belongs, so a page that turns up in another place is found as
 * well as a flipped bit. The value is built in the room the engine gives: no copy, no allocation. */
#include "common/store/values.h"

#include <string.h>

#define CRC_SIZE 4u

static uint32_t
place_crc (kv_db_t db, str_t key)
{
  uint32_t crc = crc32c (0, &db, 1);
  return crc32c (crc, key.p, key.n);
}

static void
put_be32 (char *out, uint32_t v)
{
  out[0] = (char)(v >> 24);
  out[1] = (char)(v >> 16);
  out[2] = (char)(v >> 8);
  out[3] = (char)v;
}

err_t
val_open (kv_db_t db, str_t key, str_t stored, str_t *body)
{
  rd_t r = rd_of (stored.p, stored.n);
  uint32_t said = rd_u32 (&r);
  if (r.failed)
    return ERR_DAMAGED;
  str_t rest = {stored.p + CRC_SIZE, stored.n - CRC_SIZE};
  if (crc32c (place_crc (db, key), rest.p, rest.n) != said)
    return ERR_DAMAGED;
  *body = rest;
  return ERR_OK;
}

err_t
val_get (kv_txn_t *txn, kv_db_t db, str_t key, str_t *body)
{
  str_t stored = STR_NONE;
  err_t err = kv_get (txn, db, key, &stored);
  if (err != ERR_OK)
    return err;
  return val_open (db, key, stored, body);
}

static err_t
put (kv_txn_t *txn, kv_db_t db, str_t key, str_t head, str_t tail, bool append)
{
  uint32_t crc = place_crc (db, key);
  crc = crc32c (crc, head.p, head.n);
  crc = crc32c (crc, tail.p, tail.n);
  char *room = NULL;
  size_t n = CRC_SIZE + head.n + tail.n;
  err_t err = append ? kv_reserve_append (txn, db, key, n, &room) : kv_reserve (txn, db, key, n, &room);
  if (err != ERR_OK)
    return err;
  put_be32 (room, crc);
  if (head.n > 0)
    memcpy (room + CRC_SIZE, head.p, head.n);
  if (tail.n > 0)
    memcpy (room + CRC_SIZE + head.n, tail.p, tail.n);
  return ERR_OK;
}

err_t
val_put (kv_txn_t *txn, kv_db_t db, str_t key, str_t body)
{
  return put (txn, db, key, body, STR_NONE, false);
}

err_t
val_append (kv_txn_t *txn, kv_db_t db, str_t key, str_t body)
{
  return put (txn, db, key, body, STR_NONE, true);
}

err_t
val_put2 (kv_txn_t *txn, kv_db_t db, str_t key, str_t head, str_t tail)
{
  return put (txn, db, key, head, tail, false);
}

err_t
meta_get (kv_txn_t *txn, kv_db_t db, const char *name, str_t *out)
{
  return val_get (txn, db, str_of (name), out);
}

err_t
meta_put (kv_txn_t *txn, kv_db_t db, const char *name, str_t v)
{
  return val_put (txn, db, str_of (name), v);
}

err_t
meta_get_u64 (kv_txn_t *txn, kv_db_t db, const char *name, uint64_t *out)
{
  str_t body = STR_NONE;
  err_t err = meta_get (txn, db, name, &body);
  if (err != ERR_OK)
    return err;
  rd_t r = rd_of (body.p, body.n);
  uint64_t v = rd_u64 (&r);
  if (!rd_done (&r))
    return ERR_DAMAGED;
  *out = v;
  return ERR_OK;
}

err_t
meta_put_u64 (kv_txn_t *txn, kv_db_t db, const char *name, uint64_t v)
{
  char b[8];
  put_be32 (b, (uint32_t)(v >> 32));
  put_be32 (b + 4, (uint32_t)v);
  return meta_put (txn, db, name, (str_t){b, sizeof b});
}
