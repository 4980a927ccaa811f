/* disk.c - kv_open_lmdb over a disk that is ours: the engine in memory, and everything a disk does to it.
 *
 * What LMDB makes of a power cut is either all of a commit or nothing of it, and every commit that returned
 * stays: so a torn or forgotten write is a commit that was under way and is there, or is not. A flush that
 * fails leaves one of three things: nothing, with the store usable; the commit after all; or a store that
 * must be opened anew, with the commit in it or not. Bits turn in values as they are read. */
#include "tests/sim/sim.h"

#include "common/store/kv_engine.h"

#include <stdlib.h>

#define PER 10000u

typedef struct {
  kv_t base;
  machine_t *machine;
  kv_t *store;
  bool broken;  /* until it is opened anew */
  bool watcher; /* the checks': nothing ever fails */
} handle_t;

typedef struct rotten {
  struct rotten *next;
  char bytes[];
} rotten_t;

typedef struct {
  kv_txn_t base;
  kv_txn_t *inner;
  rotten_t *rotten;
} txn_t;

typedef struct {
  kv_cursor_t base;
  kv_cursor_t *inner;
} cursor_t;

static bool watching;

void
disk_watch (bool on)
{
  watching = on;
}

static handle_t *
handle_of (kv_t *kv)
{
  return (handle_t *)kv;
}

static bool
chance_per (uint32_t n)
{
  return n > 0 && chance_below (PER) < n;
}

/* Each operation may be the machine's last. */
static err_t
operation (handle_t *h)
{
  machine_t *m = h->machine;
  disk_t *d = m->disk;
  if (h->watcher)
    return ERR_OK;
  if (!m->dead && d->die_in > 0 && --d->die_in == 0)
    machine_die (m, "in the middle of a transaction");
  if (m->dead)
    return ERR_IO;
  return h->broken ? ERR_REOPEN : ERR_OK;
}

static void
disk_close (kv_t *kv)
{
  free (handle_of (kv));
}

static err_t
disk_begin (kv_t *kv, bool write, kv_txn_t **out)
{
  handle_t *h = handle_of (kv);
  err_t err = operation (h);
  if (err != ERR_OK)
    return err;
  txn_t *t = calloc (1, sizeof *t);
  CHECK (t != NULL);
  err = kv_begin (h->store, write, &t->inner);
  CHECK (err == ERR_OK);
  *out = &t->base;
  return ERR_OK;
}

static void
finish (txn_t *t)
{
  kv_abort (&t->inner);
  while (t->rotten != NULL) {
    rotten_t *r = t->rotten;
    t->rotten = r->next;
    free (r);
  }
  free (t);
}

static void
disk_abort (kv_txn_t *base)
{
  finish ((txn_t *)base);
}

/* The moment in which everything is decided. */
static err_t
flush (handle_t *h, txn_t *t)
{
  machine_t *m = h->machine;
  disk_t *d = m->disk;
  bool dies = d->die_at_commit > 0 && --d->die_at_commit == 0;
  if (dies && chance_in (500)) {
    machine_die (m, "before a commit was on the disk");
    return ERR_IO;
  }
  if (sim_now () < d->full_until)
    return ERR_FULL;
  bool fails = chance_per (d->flush_fails);
  if (fails && chance_in (500)) {
    h->broken = chance_in (500);
    sim_say ("%s: a flush fails, nothing was written%s", m->name, h->broken ? ", to be opened anew" : "");
    return ERR_IO;
  }
  err_t err = kv_commit (&t->inner);
  CHECK (err == ERR_OK);
  d->commits++;
  if (dies)
    machine_die (m, "right after a commit");
  if (fails) {
    h->broken = chance_in (500);
    sim_say ("%s: a flush fails, but it was written%s", m->name, h->broken ? ", to be opened anew" : "");
  }
  checks_committed (m);
  return dies || fails ? ERR_IO : ERR_OK;
}

static err_t
disk_commit (kv_txn_t *base)
{
  txn_t *t = (txn_t *)base;
  handle_t *h = handle_of (base->kv);
  err_t err = operation (h);
  if (err == ERR_OK && base->writes > 0)
    err = flush (h, t);
  finish (t);
  return err;
}

/* ---- reads and writes ---- */

static str_t
as_read (handle_t *h, txn_t *t, str_t value)
{
  if (h->watcher || value.n == 0 || !chance_per (h->machine->disk->rot))
    return value;
  rotten_t *r = malloc (sizeof *r + value.n);
  CHECK (r != NULL);
  memcpy (r->bytes, value.p, value.n);
  r->bytes[chance_below (value.n)] ^= (char)(1u << chance_below (8));
  r->next = t->rotten;
  t->rotten = r;
  sim_say ("%s: a bit turned while reading", h->machine->name);
  return (str_t){r->bytes, value.n};
}

static err_t
disk_get (kv_txn_t *base, kv_db_t db, str_t key, str_t *value)
{
  handle_t *h = handle_of (base->kv);
  err_t err = operation (h);
  if (err == ERR_OK)
    err = kv_get (((txn_t *)base)->inner, db, key, value);
  if (err == ERR_OK)
    *value = as_read (h, (txn_t *)base, *value);
  return err;
}

static err_t
disk_reserve (kv_txn_t *base, kv_db_t db, str_t key, size_t n, bool append, char **room)
{
  handle_t *h = handle_of (base->kv);
  kv_txn_t *inner = ((txn_t *)base)->inner;
  err_t err = operation (h);
  if (err == ERR_OK && !h->watcher && sim_now () < h->machine->disk->full_until && chance_in (300))
    err = ERR_FULL;
  if (err != ERR_OK)
    return err;
  return append ? kv_reserve_append (inner, db, key, n, room) : kv_reserve (inner, db, key, n, room);
}

static err_t
disk_del (kv_txn_t *base, kv_db_t db, str_t key)
{
  err_t err = operation (handle_of (base->kv));
  return err != ERR_OK ? err : kv_del (((txn_t *)base)->inner, db, key);
}

/* ---- cursors ---- */

static err_t
disk_cursor_open (kv_txn_t *base, kv_db_t db, kv_cursor_t **out)
{
  err_t err = operation (handle_of (base->kv));
  if (err != ERR_OK)
    return err;
  cursor_t *c = calloc (1, sizeof *c);
  CHECK (c != NULL);
  err = kv_cursor_open (((txn_t *)base)->inner, db, &c->inner);
  CHECK (err == ERR_OK);
  *out = &c->base;
  return ERR_OK;
}

static void
disk_cursor_close (kv_cursor_t *base)
{
  cursor_t *c = (cursor_t *)base;
  kv_cursor_close (&c->inner);
  free (c);
}

static err_t
disk_move (kv_cursor_t *base, kv_move_t how, str_t key, str_t *found_key, str_t *value)
{
  kv_cursor_t *inner = ((cursor_t *)base)->inner;
  handle_t *h = handle_of (base->txn->kv);
  err_t err = operation (h);
  if (err != ERR_OK)
    return err;
  switch (how) {
  case MOVE_FIRST:
    err = kv_seek (inner, STR_NONE, found_key, value);
    break;
  case MOVE_LAST:
    err = kv_seek_last (inner, STR_NONE, found_key, value);
    break;
  case MOVE_RANGE:
    err = kv_seek (inner, key, found_key, value);
    break;
  case MOVE_NEXT:
    err = kv_next (inner, found_key, value);
    break;
  case MOVE_PREV:
    err = kv_prev (inner, found_key, value);
    break;
  }
  if (err == ERR_OK)
    *value = as_read (h, (txn_t *)base->txn, *value);
  return err;
}

/* ---- the store as a whole ---- */

static void
disk_stat (kv_t *kv, kv_stat_t *out)
{
  kv_stat (handle_of (kv)->store, out);
  out->map_size = UINT64_C (1) << 30;
}

static void
disk_check_readers (kv_t *kv)
{
  (void)kv;
}

static err_t
disk_check_pages (kv_t *kv, fail_t *fail)
{
  (void)kv;
  (void)fail;
  return ERR_OK;
}

static const kv_engine_t disk_engine = {
    .close = disk_close,
    .begin = disk_begin,
    .commit = disk_commit,
    .abort = disk_abort,
    .get = disk_get,
    .reserve = disk_reserve,
    .del = disk_del,
    .cursor_open = disk_cursor_open,
    .cursor_close = disk_cursor_close,
    .move = disk_move,
    .stat = disk_stat,
    .check_readers = disk_check_readers,
    .check_pages = disk_check_pages,
};

err_t
kv_open_lmdb (const char *dir, const kv_options_t *o, kv_t **out, fail_t *fail)
{
  machine_t *m = machine_here ();
  disk_t *d = m->disk;
  (void)dir;
  if (!watching && m->dead)
    return fail_set (fail, ERR_IO, "dead");
  if (o->create && d->store != NULL)
    return fail_set (fail, ERR_EXISTS, "there");
  if (!o->create && d->store == NULL)
    return fail_set (fail, ERR_NOT_STORE, "no store");
  if (d->store == NULL) {
    kv_options_t all = *o;
    all.db_n = o->db_n;
    err_t err = kv_open_mem (&all, &d->store);
    CHECK (err == ERR_OK);
  }
  handle_t *h = calloc (1, sizeof *h);
  CHECK (h != NULL);
  h->base = (kv_t){&disk_engine, o->db_n, o->read_only};
  h->machine = m;
  h->store = d->store;
  h->watcher = watching;
  *out = &h->base;
  return ERR_OK;
}

bool
disk_rot_forever (disk_t *d, size_t db_n)
{
  kv_txn_t *txn = NULL;
  kv_cursor_t *c = NULL;
  str_t key, value;
  buf_t at = BUF_INIT, bytes = BUF_INIT;
  kv_db_t db = (kv_db_t)chance_below (db_n);
  CHECK (kv_begin (d->store, true, &txn) == ERR_OK && kv_cursor_open (txn, db, &c) == ERR_OK);
  size_t n = 0;
  while (kv_next (c, &key, &value) == ERR_OK)
    if (value.n > 0 && chance_below (++n) == 0) {
      buf_clear (&at);
      buf_clear (&bytes);
      buf_put (&at, key.p, key.n);
      buf_put (&bytes, value.p, value.n);
    }
  kv_cursor_close (&c);
  if (n > 0) {
    bytes.p[chance_below (bytes.n)] ^= (char)(1u << chance_below (8));
    CHECK (kv_put (txn, db, buf_str (&at), buf_str (&bytes)) == ERR_OK && kv_commit (&txn) == ERR_OK);
  }
  kv_abort (&txn);
  buf_free (&at);
  buf_free (&bytes);
  return n > 0;
}

/* ---- copies ---- */

static void
copy_rows (kv_txn_t *from, kv_txn_t *to, kv_db_t db)
{
  kv_cursor_t *c = NULL;
  str_t key, value;
  CHECK (kv_cursor_open (from, db, &c) == ERR_OK);
  while (kv_next (c, &key, &value) == ERR_OK)
    CHECK (kv_append (to, db, key, value) == ERR_OK);
  kv_cursor_close (&c);
}

static void
remove_rows (kv_txn_t *txn, kv_db_t db)
{
  kv_cursor_t *c = NULL;
  str_t key, value;
  char copy[STORE_KEY_MAX];
  CHECK (kv_cursor_open (txn, db, &c) == ERR_OK);
  while (kv_next (c, &key, &value) == ERR_OK) {
    memcpy (copy, key.p, key.n);
    CHECK (kv_del (txn, db, (str_t){copy, key.n}) == ERR_OK);
  }
  kv_cursor_close (&c);
}

static void
copy_store (kv_t *from, kv_t *to)
{
  kv_txn_t *read = NULL, *write = NULL;
  CHECK (kv_begin (from, false, &read) == ERR_OK && kv_begin (to, true, &write) == ERR_OK);
  for (size_t db = 0; db < from->db_n; db++) {
    remove_rows (write, (kv_db_t)db);
    copy_rows (read, write, (kv_db_t)db);
  }
  CHECK (kv_commit (&write) == ERR_OK);
  kv_abort (&read);
}

void
disk_keep (disk_t *d)
{
  static const char *const no_names[KV_DB_MAX];
  const kv_options_t o = {.db_names = no_names, .db_n = d->store->db_n};
  kv_close (&d->copy);
  CHECK (kv_open_mem (&o, &d->copy) == ERR_OK);
  copy_store (d->store, d->copy);
}

void
disk_go_back (disk_t *d)
{
  CHECK (d->copy != NULL);
  copy_store (d->copy, d->store);
}

void
disk_end (disk_t *d)
{
  kv_close (&d->copy);
  kv_close (&d->store);
}
