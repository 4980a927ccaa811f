#include "common/store/locks.h"

#include <stdlib.h>

typedef struct {
  lock_row_t row; /* texts in the arena */
  period_t period;
} held_t;

struct locks {
  arena_t *arena;
  held_t *lock, *exception;
  size_t locks, locks_cap, exceptions, exceptions_cap;
  const catalogue_t *c; /* during locks_load */
};

static err_t
keep (arena_t *arena, held_t **list, size_t *n, size_t *cap, const held_t *one)
{
  held_t *grown = array_room (*list, *n, cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  *list = grown;
  held_t *kept = &grown[*n];
  *kept = *one;
  kept->row.person = STR_NONE;
  kept->row.reason = STR_NONE;
  kept->row.period = arena_str (arena, one->row.period);
  if (kept->row.period.p == NULL)
    return ERR_NOMEM;
  ++*n;
  return ERR_OK;
}

static err_t
take (void *ctx, const lock_row_t *row)
{
  locks_t *l = ctx;
  held_t one = {.row = *row};
  if (!period_parse (row->period, l->c, &one.period))
    return ERR_OK; /* of a later version's making */
  if (row->unit != 0)
    return row->locked ? ERR_OK : keep (l->arena, &l->exception, &l->exceptions, &l->exceptions_cap, &one);
  return row->locked ? keep (l->arena, &l->lock, &l->locks, &l->locks_cap, &one) : ERR_OK;
}

err_t
locks_load (kv_txn_t *txn, kv_db_t db, const catalogue_t *c, locks_t **out)
{
  locks_t *l = calloc (1, sizeof *l);
  err_t err = l != NULL && (l->arena = arena_new (SIZE_MAX / 4)) != NULL ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK) {
    l->c = c;
    err = locks_each (txn, db, take, l);
    l->c = NULL;
  }
  if (err != ERR_OK) {
    locks_destroy (&l);
    return err;
  }
  *out = l;
  return ERR_OK;
}

void
locks_destroy (locks_t **self_p)
{
  locks_t *l = *self_p;
  if (l == NULL)
    return;
  *self_p = NULL;
  free (l->lock);
  free (l->exception);
  arena_destroy (&l->arena);
  free (l);
}

size_t
locks_count (const locks_t *l)
{
  return l->locks;
}

static bool
excepted (const locks_t *l, const held_t *lock, table_id_t table, unit_id_t office, unit_id_t author,
          wall_t now)
{
  for (size_t i = 0; i < l->exceptions; i++) {
    const lock_row_t *e = &l->exception[i].row;
    if ((e->unit == office || e->unit == author) && (e->table == TABLE_NONE || e->table == table) &&
        e->lsn > lock->row.lsn && now.ms <= e->until.ms && str_eq (e->period, lock->row.period))
      return true;
  }
  return false;
}

const lock_row_t *
locks_holding (const locks_t *l, const catalogue_t *c, const record_t *r, unit_id_t author, wall_t now)
{
  table_id_t table = table_of_kind (r->kind);
  if (table == TABLE_NONE)
    return NULL;
  for (size_t i = 0; i < l->locks; i++) {
    const held_t *lock = &l->lock[i];
    if ((lock->row.table == TABLE_NONE || lock->row.table == table) && period_has (&lock->period, r, c) &&
        !excepted (l, lock, table, record_office (r), author, now))
      return &lock->row;
  }
  return NULL;
}
