/* kv.c - what both engines would otherwise do twice: errors that stick to a transaction, the list of its
 * cursors, where a cursor stands after a write, prefix and backward searches.
 *
 * A cursor in a write transaction keeps a copy of its key: the engine's own position is not to be trusted
 * after a write, so the cursor counts the writes and finds its place anew when the count has moved on. */
#include "common/store/kv_engine.h"

#include <string.h>

static const kv_engine_t *
engine_of (const kv_txn_t *txn)
{
  return txn->kv->engine;
}

static err_t
stick (kv_txn_t *txn, err_t err)
{
  if (err != ERR_OK && err != ERR_NOT_FOUND && txn->err == ERR_OK)
    txn->err = err;
  return err;
}

void
kv_close (kv_t **self_p)
{
  CHECK (self_p != NULL);
  kv_t *self = *self_p;
  if (self == NULL)
    return;
  *self_p = NULL;
  self->engine->close (self);
}

err_t
kv_begin (kv_t *kv, bool write, kv_txn_t **out)
{
  CHECK (kv != NULL && out != NULL);
  CHECK (!(write && kv->read_only));
  kv_txn_t *txn = NULL;
  err_t err = kv->engine->begin (kv, write, &txn);
  if (err != ERR_OK)
    return err;
  txn->kv = kv;
  txn->write = write;
  *out = txn;
  return ERR_OK;
}

static void
close_cursors (kv_txn_t *txn)
{
  while (txn->cursors != NULL) {
    kv_cursor_t *c = txn->cursors;
    kv_cursor_close (&c);
  }
}

err_t
kv_commit (kv_txn_t **txn_p)
{
  CHECK (txn_p != NULL && *txn_p != NULL);
  kv_txn_t *txn = *txn_p;
  err_t err = txn->err;
  if (err != ERR_OK || !txn->write) {
    kv_abort (txn_p);
    return err;
  }
  *txn_p = NULL;
  close_cursors (txn);
  return engine_of (txn)->commit (txn);
}

void
kv_abort (kv_txn_t **txn_p)
{
  CHECK (txn_p != NULL);
  kv_txn_t *txn = *txn_p;
  if (txn == NULL)
    return;
  *txn_p = NULL;
  close_cursors (txn);
  engine_of (txn)->abort (txn);
}

err_t
kv_txn_error (const kv_txn_t *txn)
{
  CHECK (txn != NULL);
  return txn->err;
}

/* No key is that long or empty, so it is not found; asking for one is no mistake (it may come from a user).
 */
static bool
is_key (str_t key)
{
  return key.p != NULL && key.n >= 1 && key.n <= STORE_KEY_MAX;
}

err_t
kv_get (kv_txn_t *txn, kv_db_t db, str_t key, str_t *value)
{
  CHECK (txn != NULL && db < txn->kv->db_n && value != NULL);
  if (txn->err != ERR_OK)
    return txn->err;
  if (!is_key (key))
    return ERR_NOT_FOUND;
  return stick (txn, engine_of (txn)->get (txn, db, key, value));
}

static err_t
reserve (kv_txn_t *txn, kv_db_t db, str_t key, size_t n, bool append, char **room)
{
  CHECK (txn != NULL && txn->write && db < txn->kv->db_n && is_key (key) && room != NULL);
  if (txn->err != ERR_OK)
    return txn->err;
  txn->writes++;
  return stick (txn, engine_of (txn)->reserve (txn, db, key, n, append, room));
}

err_t
kv_reserve (kv_txn_t *txn, kv_db_t db, str_t key, size_t n, char **room)
{
  return reserve (txn, db, key, n, false, room);
}

err_t
kv_reserve_append (kv_txn_t *txn, kv_db_t db, str_t key, size_t n, char **room)
{
  return reserve (txn, db, key, n, true, room);
}

static err_t
put (kv_txn_t *txn, kv_db_t db, str_t key, str_t value, bool append)
{
  char *room = NULL;
  err_t err = reserve (txn, db, key, value.n, append, &room);
  if (err == ERR_OK && value.n > 0)
    memcpy (room, value.p, value.n);
  return err;
}

err_t
kv_put (kv_txn_t *txn, kv_db_t db, str_t key, str_t value)
{
  return put (txn, db, key, value, false);
}

err_t
kv_append (kv_txn_t *txn, kv_db_t db, str_t key, str_t value)
{
  return put (txn, db, key, value, true);
}

err_t
kv_del (kv_txn_t *txn, kv_db_t db, str_t key)
{
  CHECK (txn != NULL && txn->write && db < txn->kv->db_n);
  if (txn->err != ERR_OK)
    return txn->err;
  if (!is_key (key))
    return ERR_NOT_FOUND;
  txn->writes++;
  return stick (txn, engine_of (txn)->del (txn, db, key));
}

/* ---- cursors ---- */

err_t
kv_cursor_open (kv_txn_t *txn, kv_db_t db, kv_cursor_t **out)
{
  CHECK (txn != NULL && db < txn->kv->db_n && out != NULL);
  if (txn->err != ERR_OK)
    return txn->err;
  kv_cursor_t *c = NULL;
  err_t err = stick (txn, engine_of (txn)->cursor_open (txn, db, &c));
  if (err != ERR_OK)
    return err;
  c->txn = txn;
  c->db = db;
  c->place = CURSOR_FRESH;
  c->prev = NULL;
  c->next = txn->cursors;
  if (c->next != NULL)
    c->next->prev = c;
  txn->cursors = c;
  *out = c;
  return ERR_OK;
}

void
kv_cursor_close (kv_cursor_t **self_p)
{
  CHECK (self_p != NULL);
  kv_cursor_t *c = *self_p;
  if (c == NULL)
    return;
  *self_p = NULL;
  if (c->prev != NULL)
    c->prev->next = c->next;
  else
    c->txn->cursors = c->next;
  if (c->next != NULL)
    c->next->prev = c->prev;
  engine_of (c->txn)->cursor_close (c);
}

static err_t
move (kv_cursor_t *c, kv_move_t how, str_t key, str_t *found_key, str_t *value)
{
  if (c->txn->err != ERR_OK)
    return c->txn->err;
  str_t k = STR_NONE, v = STR_NONE;
  err_t err = stick (c->txn, engine_of (c->txn)->move (c, how, key, &k, &v));
  c->place = err == ERR_OK ? CURSOR_PLACED : CURSOR_LOST;
  if (err != ERR_OK)
    return err;
  if (c->txn->write) {
    CHECK (k.n <= sizeof c->key);
    memcpy (c->key, k.p, k.n);
    c->key_n = k.n;
    c->writes = c->txn->writes;
  }
  if (found_key != NULL)
    *found_key = k;
  if (value != NULL)
    *value = v;
  return ERR_OK;
}

/* First >= key, where a key longer than any stored one is fine too. */
static err_t
move_range (kv_cursor_t *c, str_t key, str_t *found_key, str_t *value)
{
  if (key.n == 0)
    return move (c, MOVE_FIRST, STR_NONE, found_key, value);
  if (key.n <= STORE_KEY_MAX)
    return move (c, MOVE_RANGE, key, found_key, value);
  str_t k = STR_NONE, v = STR_NONE;
  err_t err = move (c, MOVE_RANGE, (str_t){key.p, STORE_KEY_MAX}, &k, &v);
  if (err == ERR_OK && str_cmp (k, key) < 0)
    return move (c, MOVE_NEXT, STR_NONE, found_key, value);
  if (err == ERR_OK && found_key != NULL)
    *found_key = k;
  if (err == ERR_OK && value != NULL)
    *value = v;
  return err;
}

err_t
kv_seek (kv_cursor_t *c, str_t key, str_t *found_key, str_t *value)
{
  CHECK (c != NULL);
  return move_range (c, key, found_key, value);
}

/* The last one below key (all of them when there is none at or above it). */
static err_t
move_below (kv_cursor_t *c, str_t key, str_t *found_key, str_t *value)
{
  err_t err = move_range (c, key, NULL, NULL);
  if (err == ERR_NOT_FOUND)
    return move (c, MOVE_LAST, STR_NONE, found_key, value);
  if (err != ERR_OK)
    return err;
  return move (c, MOVE_PREV, STR_NONE, found_key, value);
}

/* The smallest key above every key that begins with prefix; false when there is none (all 0xff). */
static bool
after_prefix (str_t prefix, char out[STORE_KEY_MAX], size_t *n)
{
  size_t len = prefix.n;
  while (len > 0 && (unsigned char)prefix.p[len - 1] == 0xff)
    len--;
  if (len == 0)
    return false;
  memcpy (out, prefix.p, len);
  out[len - 1] = (char)((unsigned char)out[len - 1] + 1);
  *n = len;
  return true;
}

err_t
kv_seek_last (kv_cursor_t *c, str_t prefix, str_t *found_key, str_t *value)
{
  CHECK (c != NULL);
  if (prefix.n > STORE_KEY_MAX) {
    c->place = CURSOR_LOST;
    return c->txn->err != ERR_OK ? c->txn->err : ERR_NOT_FOUND;
  }
  char above[STORE_KEY_MAX];
  size_t above_n = 0;
  str_t k = STR_NONE, v = STR_NONE;
  err_t err;
  if (after_prefix (prefix, above, &above_n))
    err = move_below (c, (str_t){above, above_n}, &k, &v);
  else
    err = move (c, MOVE_LAST, STR_NONE, &k, &v);
  if (err != ERR_OK)
    return err;
  if (k.n < prefix.n || (prefix.n > 0 && memcmp (k.p, prefix.p, prefix.n) != 0)) {
    c->place = CURSOR_LOST;
    return ERR_NOT_FOUND;
  }
  if (found_key != NULL)
    *found_key = k;
  if (value != NULL)
    *value = v;
  return ERR_OK;
}

err_t
kv_seek_before (kv_cursor_t *c, str_t key, str_t *found_key, str_t *value)
{
  CHECK (c != NULL);
  str_t k = STR_NONE, v = STR_NONE;
  err_t err = move_range (c, key, &k, &v);
  if (err == ERR_NOT_FOUND)
    return move (c, MOVE_LAST, STR_NONE, found_key, value);
  if (err != ERR_OK)
    return err;
  if (str_cmp (k, key) != 0)
    return move (c, MOVE_PREV, STR_NONE, found_key, value);
  if (found_key != NULL)
    *found_key = k;
  if (value != NULL)
    *value = v;
  return ERR_OK;
}

/* Writes of its own transaction may have moved or removed what the cursor stood on: it goes on from the key.
 */
static bool
must_return (const kv_cursor_t *c)
{
  return c->txn->write && c->writes != c->txn->writes;
}

err_t
kv_next (kv_cursor_t *c, str_t *key, str_t *value)
{
  CHECK (c != NULL);
  if (c->place == CURSOR_LOST)
    return c->txn->err != ERR_OK ? c->txn->err : ERR_NOT_FOUND;
  if (c->place == CURSOR_FRESH)
    return move (c, MOVE_FIRST, STR_NONE, key, value);
  if (!must_return (c))
    return move (c, MOVE_NEXT, STR_NONE, key, value);
  char at[STORE_KEY_MAX];
  size_t n = c->key_n;
  memcpy (at, c->key, n);
  str_t k = STR_NONE, v = STR_NONE;
  err_t err = move (c, MOVE_RANGE, (str_t){at, n}, &k, &v);
  if (err != ERR_OK)
    return err;
  if (str_cmp (k, (str_t){at, n}) == 0)
    return move (c, MOVE_NEXT, STR_NONE, key, value);
  if (key != NULL)
    *key = k;
  if (value != NULL)
    *value = v;
  return ERR_OK;
}

err_t
kv_prev (kv_cursor_t *c, str_t *key, str_t *value)
{
  CHECK (c != NULL);
  if (c->place == CURSOR_LOST)
    return c->txn->err != ERR_OK ? c->txn->err : ERR_NOT_FOUND;
  if (c->place == CURSOR_FRESH)
    return move (c, MOVE_LAST, STR_NONE, key, value);
  if (!must_return (c))
    return move (c, MOVE_PREV, STR_NONE, key, value);
  char at[STORE_KEY_MAX];
  size_t n = c->key_n;
  memcpy (at, c->key, n);
  return move_below (c, (str_t){at, n}, key, value);
}

void
kv_stat (kv_t *kv, kv_stat_t *out)
{
  CHECK (kv != NULL && out != NULL);
  *out = (kv_stat_t){0};
  kv->engine->stat (kv, out);
}

void
kv_check_readers (kv_t *kv)
{
  CHECK (kv != NULL);
  kv->engine->check_readers (kv);
}

err_t
kv_check_pages (kv_t *kv, fail_t *fail)
{
  CHECK (kv != NULL);
  return kv->engine->check_pages (kv, fail);
}
