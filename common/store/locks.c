/* locks.c - from rows, each the latest word on one (period, table or all, unit or all), to what stands. */
#include "common/store/locks.h"

#include <stdlib.h>

typedef struct {
  lock_row_t row; /* texts in the arena */
  period_t period;
} said_t;

/* What a word means for one table. */
typedef struct {
  const said_t *word;
  table_id_t table;
  size_t of; /* of an exception: index of its lock */
} standing_t;

typedef struct {
  standing_t *at;
  size_t n, cap;
} standings_t;

struct locks {
  arena_t *arena;
  said_t *word; /* by period */
  size_t words, cap;
  standings_t lock, exception;
  const catalogue_t *c; /* during locks_load */
};

/* ---- reading ---- */

static err_t
take (void *ctx, const lock_row_t *row)
{
  locks_t *l = ctx;
  said_t one = {.row = *row};
  if (!period_parse (row->period, l->c, &one.period))
    return ERR_OK; /* of a later version's making */
  said_t *grown = array_room (l->word, l->words, &l->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  l->word = grown;
  one.row.period = arena_str (l->arena, row->period);
  one.row.person = arena_str (l->arena, row->person);
  one.row.reason = arena_str (l->arena, row->reason);
  if (one.row.period.p == NULL || (row->person.p != NULL && one.row.person.p == NULL) ||
      (row->reason.p != NULL && one.row.reason.p == NULL))
    return ERR_NOMEM;
  grown[l->words++] = one;
  return ERR_OK;
}

static err_t
stand (standings_t *s, const said_t *word, table_id_t table, size_t of)
{
  standing_t *grown = array_room (s->at, s->n, &s->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  s->at = grown;
  grown[s->n++] = (standing_t){word, table, of};
  return ERR_OK;
}

/* The latest word of first..end on a table, for one unit or (0) for all. */
static const said_t *
latest (const locks_t *l, size_t first, size_t end, table_id_t table, unit_id_t unit)
{
  const said_t *last = NULL;
  for (size_t i = first; i < end; i++) {
    const lock_row_t *row = &l->word[i].row;
    if (row->unit == unit && (row->table == TABLE_NONE || row->table == table) &&
        (last == NULL || row->lsn > last->row.lsn))
      last = &l->word[i];
  }
  return last;
}

/* Each unit is asked for at its last word of those that may be about the table. */
static err_t
weigh_exceptions (locks_t *l, size_t first, size_t end, const standing_t *lock, size_t of)
{
  err_t err = ERR_OK;
  for (size_t i = first; err == ERR_OK && i < end; i++) {
    const said_t *w = &l->word[i];
    if (w->row.unit == 0 || w != latest (l, first, end, lock->table, w->row.unit))
      continue;
    if (!w->row.locked && w->row.lsn > lock->word->row.lsn)
      err = stand (&l->exception, w, lock->table, of);
  }
  return err;
}

/* Those of one period: first..end. */
static err_t
weigh (locks_t *l, size_t first, size_t end)
{
  err_t err = ERR_OK;
  for (int t = TABLE_NONE + 1; err == ERR_OK && t < TABLE_COUNT; t++) {
    const standing_t lock = {latest (l, first, end, (table_id_t)t, 0), (table_id_t)t, 0};
    if (lock.word == NULL || !lock.word->row.locked)
      continue;
    err = stand (&l->lock, lock.word, lock.table, 0);
    if (err == ERR_OK)
      err = weigh_exceptions (l, first, end, &lock, l->lock.n - 1);
  }
  return err;
}

static err_t
weigh_all (locks_t *l)
{
  err_t err = ERR_OK;
  for (size_t first = 0, end; err == ERR_OK && first < l->words; first = end) {
    for (end = first; end < l->words && str_eq (l->word[end].row.period, l->word[first].row.period);)
      end++;
    err = weigh (l, first, end);
  }
  return err;
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
  if (err == ERR_OK)
    err = weigh_all (l);
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
  free (l->word);
  free (l->lock.at);
  free (l->exception.at);
  arena_destroy (&l->arena);
  free (l);
}

/* ---- asking ---- */

size_t
locks_count (const locks_t *l)
{
  return l->lock.n;
}

/* The exception to a lock that runs longest for one of two units. */
static const lock_row_t *
excepted (const locks_t *l, size_t lock, unit_id_t office, unit_id_t author, wall_t now)
{
  const lock_row_t *longest = NULL;
  for (size_t i = 0; i < l->exception.n; i++) {
    const lock_row_t *e = &l->exception.at[i].word->row;
    if (l->exception.at[i].of == lock && (e->unit == office || e->unit == author) && now.ms <= e->until.ms &&
        (longest == NULL || e->until.ms > longest->until.ms))
      longest = e;
  }
  return longest;
}

const lock_row_t *
locks_holding (const locks_t *l, const catalogue_t *c, const record_t *r, unit_id_t author, wall_t now,
               const lock_row_t **by)
{
  const lock_row_t *first_to_end = NULL;
  table_id_t table = table_of_kind (r->kind);
  if (by != NULL)
    *by = NULL;
  for (size_t i = 0; table != TABLE_NONE && i < l->lock.n; i++) {
    const standing_t *lock = &l->lock.at[i];
    if (lock->table != table || !period_has (&lock->word->period, r, c))
      continue;
    const lock_row_t *exception = excepted (l, i, record_office (r), author, now);
    if (exception == NULL)
      return &lock->word->row;
    if (first_to_end == NULL || exception->until.ms < first_to_end->until.ms)
      first_to_end = exception;
  }
  if (by != NULL)
    *by = first_to_end;
  return NULL;
}

static const standing_t *
find_lock (const locks_t *l, str_t period, table_id_t table)
{
  for (size_t i = 0; i < l->lock.n; i++)
    if (l->lock.at[i].table == table && str_eq (l->lock.at[i].word->row.period, period))
      return &l->lock.at[i];
  return NULL;
}

const lock_row_t *
locks_of (const locks_t *l, str_t period, table_id_t table)
{
  const standing_t *lock = find_lock (l, period, table);
  return lock != NULL ? &lock->word->row : NULL;
}

const lock_row_t *
locks_exception (const locks_t *l, str_t period, table_id_t table, unit_id_t unit)
{
  const standing_t *lock = find_lock (l, period, table);
  for (size_t i = 0; lock != NULL && i < l->exception.n; i++) {
    const standing_t *e = &l->exception.at[i];
    if (e->of == (size_t)(lock - l->lock.at) && e->word->row.unit == unit)
      return &e->word->row;
  }
  return NULL;
}

/* ---- listing ---- */

/* How many tables a word stands for. */
static size_t
tables_of (const standings_t *s, const said_t *word)
{
  size_t n = 0;
  for (size_t i = 0; i < s->n; i++)
    n += s->at[i].word == word;
  return n;
}

static size_t
locked_in (const locks_t *l, const said_t *of)
{
  size_t n = 0;
  for (size_t i = 0; i < l->lock.n; i++)
    n += str_eq (l->lock.at[i].word->row.period, of->row.period);
  return n;
}

static bool
told_before (const standings_t *s, size_t at)
{
  for (size_t i = 0; i < at; i++)
    if (s->at[i].word == s->at[at].word)
      return true;
  return false;
}

/* whole: for so many tables one row says it all. */
static err_t
tell (const standings_t *s, size_t at, size_t whole, lock_fn *fn, void *ctx)
{
  lock_row_t row = s->at[at].word->row;
  row.table =
      row.table == TABLE_NONE && tables_of (s, s->at[at].word) == whole ? TABLE_NONE : s->at[at].table;
  return row.table == TABLE_NONE && told_before (s, at) ? ERR_OK : fn (ctx, &row);
}

err_t
locks_each_standing (const locks_t *l, lock_fn *fn, void *ctx)
{
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < l->lock.n; i++) {
    err = tell (&l->lock, i, TABLE_COUNT - 1, fn, ctx);
    for (size_t k = 0; err == ERR_OK && k < l->exception.n; k++)
      if (l->exception.at[k].of == i)
        err = tell (&l->exception, k, locked_in (l, l->exception.at[k].word), fn, ctx);
  }
  return err;
}
