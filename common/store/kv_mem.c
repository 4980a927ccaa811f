/* kv_mem.c - the engine in memory, with a disk that can be made to fail.
 *
 * For unit tests and the simulator: the same interface as LMDB, orderly and fast with a hundred
 * thousand keys, and able to fail a commit, be full or lose power on demand.
 *
 * Each database is a treap whose nodes are shared by count. A snapshot is one more count on the root; a
 * write copies the nodes on its path that somebody else can see (more than one count) and changes the
 * others in place. A path is walked from the root down, so a node with one count below nodes of our own
 * is ours alone. Readers of other threads only take and drop counts. Memory running out ends the
 * process: this engine keeps nobody's data. */
#include "common/store/kv_engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  atomic_uint refs;
  size_t key_n, value_n;
  char bytes[]; /* key, value */
} entry_t;

typedef struct node {
  atomic_uint refs;
  uint32_t priority;
  entry_t *entry;
  struct node *left, *right;
} node_t;

typedef struct {
  node_t *root[KV_DB_MAX];
  uint64_t bytes; /* of keys and values */
} state_t;

typedef struct mem_txn mem_txn_t;

typedef struct {
  kv_t base;
  pthread_mutex_t lock; /* over everything below */
  pthread_cond_t writer_gone;
  mem_txn_t *open; /* list of transactions */
  bool writing;
  state_t state; /* last commit: visible and durable are the same here */
  uint64_t last_txn;
  uint32_t readers, seed;
  kv_faults_t faults;
} mem_t;

struct mem_txn {
  kv_txn_t base;
  mem_txn_t *next, *prev;
  state_t state;
  bool gone; /* power was cut under it */
};

typedef struct {
  kv_cursor_t base;
  size_t at_n;
  char at[STORE_KEY_MAX];
} mem_cursor_t;

static void *
must_alloc (size_t n)
{
  void *p = calloc (1, n);
  CHECK (p != NULL);
  return p;
}

/* ---- entries and nodes ---- */

static str_t
key_of (const entry_t *e)
{
  return (str_t){e->bytes, e->key_n};
}

static str_t
value_of (const entry_t *e)
{
  return (str_t){e->bytes + e->key_n, e->value_n};
}

static uint64_t
size_of (const entry_t *e)
{
  return (uint64_t)e->key_n + e->value_n;
}

static entry_t *
entry_new (str_t key, size_t value_n)
{
  entry_t *e = must_alloc (sizeof *e + key.n + value_n);
  atomic_init (&e->refs, 1);
  e->key_n = key.n;
  e->value_n = value_n;
  memcpy (e->bytes, key.p, key.n);
  return e;
}

static void
entry_drop (entry_t *e)
{
  if (atomic_fetch_sub (&e->refs, 1) == 1)
    free (e);
}

static node_t *
node_share (node_t *n)
{
  if (n != NULL)
    atomic_fetch_add (&n->refs, 1);
  return n;
}

static void
node_drop (node_t *n)
{
  while (n != NULL && atomic_fetch_sub (&n->refs, 1) == 1) {
    node_t *right = n->right;
    node_drop (n->left);
    entry_drop (n->entry);
    free (n);
    n = right;
  }
}

static node_t *
node_new (entry_t *e, uint32_t priority)
{
  node_t *n = must_alloc (sizeof *n);
  atomic_init (&n->refs, 1);
  n->priority = priority;
  n->entry = e;
  return n;
}

/* Ours to change: the node itself when nobody else sees it, else a copy. Takes the caller's count. */
static node_t *
node_own (node_t *n)
{
  if (atomic_load (&n->refs) == 1)
    return n;
  atomic_fetch_add (&n->entry->refs, 1);
  node_t *copy = node_new (n->entry, n->priority);
  copy->left = node_share (n->left);
  copy->right = node_share (n->right);
  node_drop (n);
  return copy;
}

/* ---- the treap ---- */

static node_t *
tree_find (node_t *n, str_t key)
{
  while (n != NULL) {
    int order = str_cmp (key, key_of (n->entry));
    if (order == 0)
      break;
    n = order < 0 ? n->left : n->right;
  }
  return n;
}

static node_t *
tree_put (node_t *n, entry_t *e, uint32_t priority)
{
  if (n == NULL)
    return node_new (e, priority);
  n = node_own (n);
  int order = str_cmp (key_of (e), key_of (n->entry));
  if (order == 0) {
    entry_drop (n->entry);
    n->entry = e;
    return n;
  }
  node_t **side = order < 0 ? &n->left : &n->right;
  *side = tree_put (*side, e, priority);
  node_t *child = *side;
  if (child->priority <= n->priority)
    return n;
  if (order < 0) {
    n->left = child->right;
    child->right = n;
  } else {
    n->right = child->left;
    child->left = n;
  }
  return child;
}

static node_t *
tree_join (node_t *a, node_t *b)
{
  if (a == NULL)
    return b;
  if (b == NULL)
    return a;
  if (a->priority > b->priority) {
    a = node_own (a);
    a->right = tree_join (a->right, b);
    return a;
  }
  b = node_own (b);
  b->left = tree_join (a, b->left);
  return b;
}

/* The key is there. */
static node_t *
tree_del (node_t *n, str_t key)
{
  n = node_own (n);
  int order = str_cmp (key, key_of (n->entry));
  if (order < 0)
    n->left = tree_del (n->left, key);
  else if (order > 0)
    n->right = tree_del (n->right, key);
  else {
    node_t *rest = tree_join (n->left, n->right);
    n->left = n->right = NULL;
    node_drop (n);
    return rest;
  }
  return n;
}

/* The nearest key above (or at, if equal is fine) or below. */
static node_t *
tree_near (node_t *n, str_t key, bool above, bool equal)
{
  node_t *best = NULL;
  while (n != NULL) {
    int order = str_cmp (key_of (n->entry), key);
    if (order == 0 && equal)
      return n;
    if (above ? order > 0 : order < 0) {
      best = n;
      n = above ? n->left : n->right;
    } else
      n = above ? n->right : n->left;
  }
  return best;
}

static node_t *
tree_end (node_t *n, bool last)
{
  while (n != NULL && (last ? n->right : n->left) != NULL)
    n = last ? n->right : n->left;
  return n;
}

/* ---- states and transactions ---- */

static state_t
state_share (const state_t *s)
{
  state_t copy = *s;
  for (size_t i = 0; i < KV_DB_MAX; i++)
    node_share (copy.root[i]);
  return copy;
}

static void
state_drop (state_t *s)
{
  for (size_t i = 0; i < KV_DB_MAX; i++)
    node_drop (s->root[i]);
  *s = (state_t){0};
}

static mem_t *
mem_of (kv_t *kv)
{
  return (mem_t *)kv;
}

/* Under the lock. A transaction that lost its power has left all this before. */
static void
leave (mem_t *self, mem_txn_t *txn)
{
  if (txn->gone)
    return;
  if (txn->base.write) {
    self->writing = false;
    pthread_cond_signal (&self->writer_gone);
  } else
    self->readers--;
}

static void
txn_free (mem_t *self, mem_txn_t *txn)
{
  if (txn->prev != NULL)
    txn->prev->next = txn->next;
  else
    self->open = txn->next;
  if (txn->next != NULL)
    txn->next->prev = txn->prev;
  state_drop (&txn->state);
  free (txn);
}

static err_t
mem_begin (kv_t *kv, bool write, kv_txn_t **out)
{
  mem_t *self = mem_of (kv);
  mem_txn_t *txn = must_alloc (sizeof *txn);
  pthread_mutex_lock (&self->lock);
  while (write && self->writing)
    pthread_cond_wait (&self->writer_gone, &self->lock);
  if (write)
    self->writing = true;
  else
    self->readers++;
  txn->state = state_share (&self->state);
  txn->next = self->open;
  if (txn->next != NULL)
    txn->next->prev = txn;
  self->open = txn;
  pthread_mutex_unlock (&self->lock);
  *out = &txn->base;
  return ERR_OK;
}

/* What the disk says to this commit: counts down to the one that fails. */
static bool
commit_fails (kv_faults_t *f)
{
  if (f->fail_commit_at == 0)
    return false;
  if (f->fail_commit_at > 1) {
    f->fail_commit_at--;
    return false;
  }
  if (!f->fail_sticky)
    f->fail_commit_at = 0;
  return true;
}

static err_t
mem_commit (kv_txn_t *base)
{
  mem_t *self = mem_of (base->kv);
  mem_txn_t *txn = (mem_txn_t *)base;
  err_t err = ERR_OK;
  pthread_mutex_lock (&self->lock);
  if (txn->gone)
    err = ERR_IO;
  else if (base->writes > 0) {
    if (commit_fails (&self->faults))
      err = ERR_IO;
    if (err == ERR_OK || !self->faults.lose_failed) {
      state_t old = self->state;
      self->state = txn->state;
      txn->state = old;
      self->last_txn++;
    }
  }
  leave (self, txn);
  txn_free (self, txn);
  pthread_mutex_unlock (&self->lock);
  return err;
}

static void
mem_abort (kv_txn_t *base)
{
  mem_t *self = mem_of (base->kv);
  pthread_mutex_lock (&self->lock);
  leave (self, (mem_txn_t *)base);
  txn_free (self, (mem_txn_t *)base);
  pthread_mutex_unlock (&self->lock);
}

/* ---- reads and writes ---- */

static err_t
mem_get (kv_txn_t *base, kv_db_t db, str_t key, str_t *value)
{
  node_t *n = tree_find (((mem_txn_t *)base)->state.root[db], key);
  if (n == NULL)
    return ERR_NOT_FOUND;
  *value = value_of (n->entry);
  return ERR_OK;
}

static uint32_t
next_priority (mem_t *self)
{
  uint32_t x = self->seed; /* xorshift: the writer's alone */
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return self->seed = x;
}

static err_t
mem_reserve (kv_txn_t *base, kv_db_t db, str_t key, size_t n, bool append, char **room)
{
  mem_t *self = mem_of (base->kv);
  mem_txn_t *txn = (mem_txn_t *)base;
  node_t *last = append ? tree_end (txn->state.root[db], true) : NULL;
  if (last != NULL && str_cmp (key_of (last->entry), key) >= 0)
    return ERR_EXISTS;
  node_t *there = tree_find (txn->state.root[db], key);
  uint64_t bytes = txn->state.bytes - (there != NULL ? size_of (there->entry) : 0) + key.n + n;
  if (self->faults.full_after != 0 && bytes > self->faults.full_after)
    return ERR_FULL;
  entry_t *e = entry_new (key, n);
  txn->state.root[db] = tree_put (txn->state.root[db], e, next_priority (self));
  txn->state.bytes = bytes;
  *room = e->bytes + e->key_n;
  return ERR_OK;
}

static err_t
mem_del (kv_txn_t *base, kv_db_t db, str_t key)
{
  mem_txn_t *txn = (mem_txn_t *)base;
  node_t *n = tree_find (txn->state.root[db], key);
  if (n == NULL)
    return ERR_NOT_FOUND;
  txn->state.bytes -= size_of (n->entry);
  txn->state.root[db] = tree_del (txn->state.root[db], key);
  return ERR_OK;
}

/* ---- cursors: a key, searched for from the root at each move ---- */

static err_t
mem_cursor_open (kv_txn_t *txn, kv_db_t db, kv_cursor_t **out)
{
  (void)txn;
  (void)db;
  mem_cursor_t *c = must_alloc (sizeof *c);
  *out = &c->base;
  return ERR_OK;
}

static void
mem_cursor_close (kv_cursor_t *c)
{
  free (c);
}

static err_t
mem_move (kv_cursor_t *base, kv_move_t how, str_t key, str_t *found_key, str_t *value)
{
  mem_cursor_t *c = (mem_cursor_t *)base;
  node_t *root = ((mem_txn_t *)base->txn)->state.root[base->db];
  str_t at = {c->at, c->at_n};
  node_t *n = NULL;
  switch (how) {
  case MOVE_FIRST:
    n = tree_end (root, false);
    break;
  case MOVE_LAST:
    n = tree_end (root, true);
    break;
  case MOVE_RANGE:
    n = tree_near (root, key, true, true);
    break;
  case MOVE_NEXT:
    n = tree_near (root, at, true, false);
    break;
  case MOVE_PREV:
    n = tree_near (root, at, false, false);
    break;
  }
  if (n == NULL)
    return ERR_NOT_FOUND;
  *found_key = key_of (n->entry);
  *value = value_of (n->entry);
  c->at_n = n->entry->key_n;
  memcpy (c->at, n->entry->bytes, c->at_n);
  return ERR_OK;
}

/* ---- the store as a whole ---- */

static void
mem_stat (kv_t *kv, kv_stat_t *out)
{
  mem_t *self = mem_of (kv);
  pthread_mutex_lock (&self->lock);
  out->last_txn = self->last_txn;
  out->map_size = self->faults.full_after != 0 ? self->faults.full_after : UINT64_MAX;
  out->used = self->state.bytes;
  out->readers = self->readers;
  pthread_mutex_unlock (&self->lock);
}

static void
mem_check_readers (kv_t *kv)
{
  (void)kv;
}

static err_t
mem_check_pages (kv_t *kv, fail_t *fail)
{
  (void)kv;
  (void)fail;
  return ERR_OK;
}

/* Transactions that the power cut left behind may be lying about still. */
static void
mem_close (kv_t *kv)
{
  mem_t *self = mem_of (kv);
  while (self->open != NULL) {
    CHECK (self->open->gone);
    kv_txn_t *txn = &self->open->base;
    kv_abort (&txn);
  }
  state_drop (&self->state);
  pthread_cond_destroy (&self->writer_gone);
  pthread_mutex_destroy (&self->lock);
  free (self);
}

static const kv_engine_t mem_engine = {
    .close = mem_close,
    .begin = mem_begin,
    .commit = mem_commit,
    .abort = mem_abort,
    .get = mem_get,
    .reserve = mem_reserve,
    .del = mem_del,
    .cursor_open = mem_cursor_open,
    .cursor_close = mem_cursor_close,
    .move = mem_move,
    .stat = mem_stat,
    .check_readers = mem_check_readers,
    .check_pages = mem_check_pages,
};

err_t
kv_open_mem (const kv_options_t *o, kv_t **out)
{
  CHECK (o != NULL && out != NULL && o->db_n >= 1 && o->db_n <= KV_DB_MAX);
  mem_t *self = must_alloc (sizeof *self);
  self->base = (kv_t){&mem_engine, o->db_n, o->read_only};
  self->seed = 2463534242u;
  if (pthread_mutex_init (&self->lock, NULL) != 0 || pthread_cond_init (&self->writer_gone, NULL) != 0) {
    free (self);
    return ERR_NOMEM;
  }
  *out = &self->base;
  return ERR_OK;
}

err_t
kv_copy_mem (kv_t *kv, kv_t **out)
{
  CHECK (kv != NULL && kv->engine == &mem_engine);
  mem_t *self = mem_of (kv);
  kv_t *copy = NULL;
  static const char *const no_names[KV_DB_MAX];
  err_t err = kv_open_mem (&(kv_options_t){.db_names = no_names, .db_n = kv->db_n}, &copy);
  if (err != ERR_OK)
    return err;
  pthread_mutex_lock (&self->lock);
  for (size_t i = 0; i < KV_DB_MAX; i++)
    mem_of (copy)->state.root[i] = node_share (self->state.root[i]);
  mem_of (copy)->state.bytes = self->state.bytes;
  mem_of (copy)->last_txn = self->last_txn;
  pthread_mutex_unlock (&self->lock);
  *out = copy;
  return ERR_OK;
}

void
kv_mem_faults (kv_t *kv, const kv_faults_t *f)
{
  CHECK (kv != NULL && kv->engine == &mem_engine);
  mem_t *self = mem_of (kv);
  pthread_mutex_lock (&self->lock);
  self->faults = f != NULL ? *f : (kv_faults_t){0};
  pthread_mutex_unlock (&self->lock);
}

void
kv_mem_crash (kv_t *kv)
{
  CHECK (kv != NULL && kv->engine == &mem_engine);
  mem_t *self = mem_of (kv);
  pthread_mutex_lock (&self->lock);
  for (mem_txn_t *txn = self->open; txn != NULL; txn = txn->next) {
    leave (self, txn);
    txn->gone = true;
    txn->base.err = ERR_IO; /* whoever still holds it gets nothing more out of it */
  }
  pthread_mutex_unlock (&self->lock);
}
