/* conflict_rows.c - parked sides as people read them. */
#include "collector/ledger/conflicts.h"
#include "collector/ledger/trace.h"

#include "common/core/edit.h"

#include <stdlib.h>

typedef struct {
  ledger_t *l;
  kv_txn_t *txn;
  const catalogue_t *c;
  arena_t *work, *keep;
  str_t why; /* of the side at hand */
  conflict_row_t *row;
  size_t n, cap;
} gathering_t;

static err_t
keep_row (gathering_t *g, const conflict_sides_t *of, const clash_row_t *clash)
{
  conflict_row_t *grown = array_room (g->row, g->n, &g->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  g->row = grown;
  const str_t person = of->parked.person.p != NULL ? of->parked.person : STR ("");
  conflict_row_t row = {.code = arena_str (g->keep, clash->code),
                        .field = arena_str (g->keep, clash->field),
                        .current = arena_str (g->keep, clash->first),
                        .parked = arena_str (g->keep, clash->second),
                        .person = arena_str (g->keep, person),
                        .why = g->why,
                        .since = of->received,
                        .lsn = of->conflict->lsn};
  if (row.code.p == NULL || row.field.p == NULL || row.current.p == NULL || row.parked.p == NULL ||
      row.person.p == NULL)
    return ERR_NOMEM;
  g->row[g->n++] = row;
  return ERR_OK;
}

/* Fields that are fine alone and not together. */
static err_t
rows_of_change (gathering_t *g, const conflict_sides_t *of)
{
  columns_t *cs = columns_new (of->current.record.kind, g->c);
  int *changed = cs != NULL ? calloc (columns_count (cs) + 1, sizeof *changed) : NULL;
  buf_t key = BUF_INIT, first = BUF_INIT, second = BUF_INIT;
  err_t err = changed != NULL ? ERR_OK : ERR_NOMEM;
  size_t n = err == ERR_OK ? edit_diff (cs, g->c, &of->current.record, &of->merged.record, changed) : 0;
  record_key_text (&of->current.record, g->c, &key);
  for (size_t i = 0; i < (n > 0 ? n : 1) && err == ERR_OK; i++) {
    clash_row_t row = {.code = buf_str (&key), .field = STR (""), .first = STR (""), .second = STR ("")};
    if (n > 0) {
      const column_t *col = columns_at (cs, (size_t)changed[i]);
      buf_clear (&first);
      buf_clear (&second);
      column_get (col, &of->current.record, g->c, &first);
      column_get (col, &of->merged.record, g->c, &second);
      row.field = col->name;
      row.first = first.n > 0 ? buf_str (&first) : STR ("");
      row.second = second.n > 0 ? buf_str (&second) : STR ("");
    }
    err = keep_row (g, of, &row);
  }
  buf_free (&key);
  buf_free (&first);
  buf_free (&second);
  free (changed);
  columns_destroy (&cs);
  return err;
}

static err_t
say_why (gathering_t *g, const conflict_sides_t *of)
{
  buf_t words = BUF_INIT;
  if (!str_blank (of->reason))
    trace_reason_words (of->reason, of->arguments, g->c, of->parked.record.kind, &words);
  g->why = arena_str (g->keep, words.n > 0 ? buf_str (&words) : STR (""));
  buf_free (&words);
  return g->why.p != NULL ? ERR_OK : ERR_NOMEM;
}

static err_t
gather_one (void *ctx, const conflict_t *c)
{
  gathering_t *g = ctx;
  conflict_sides_t of;
  clash_row_t *row = NULL;
  size_t n = 0;
  arena_reset (g->work);
  err_t err = conflict_sides (g->l, g->txn, c, MERGE_FIRST, g->work, &of);
  if (err == ERR_OK)
    err = say_why (g, &of);
  if (err == ERR_OK)
    err =
        clash_rows (g->c, of.merged.clashes, of.merged.clashes_n, &of.current, &of.parked, g->work, &row, &n);
  for (size_t i = 0; i < n && err == ERR_OK; i++)
    err = keep_row (g, &of, &row[i]);
  return err == ERR_OK && n == 0 ? rows_of_change (g, &of) : err;
}

/* Fields of one side stay in the order they were found in: that of import files. */
typedef struct {
  const conflict_row_t *row;
  size_t at;
} sorted_t;

static int
by_code (const void *x, const void *y)
{
  const sorted_t *a = x, *b = y;
  int order = str_cmp (a->row->code, b->row->code);
  if (order == 0)
    order = (a->row->lsn > b->row->lsn) - (a->row->lsn < b->row->lsn);
  return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

static err_t
sort_rows (gathering_t *g, arena_t *arena, conflict_row_t **out)
{
  sorted_t *sorted = calloc (g->n + 1, sizeof *sorted);
  *out = arena_alloc (arena, (g->n + 1) * sizeof **out);
  err_t err = sorted != NULL && *out != NULL ? ERR_OK : ERR_NOMEM;
  for (size_t i = 0; err == ERR_OK && i < g->n; i++)
    sorted[i] = (sorted_t){&g->row[i], i};
  if (err == ERR_OK && g->n > 0)
    qsort (sorted, g->n, sizeof *sorted, by_code);
  for (size_t i = 0; err == ERR_OK && i < g->n; i++)
    (*out)[i] = *sorted[i].row;
  free (sorted);
  return err;
}

err_t
conflicts_rows (ledger_t *l, kv_txn_t *txn, arena_t *arena, conflict_row_t **out, size_t *n)
{
  gathering_t g = {.l = l, .txn = txn, .c = ledger_catalogue (l), .keep = arena};
  g.work = arena_new (5 * UPDATE_ROOM);
  err_t err = g.work != NULL ? conflicts_each (txn, NULL, gather_one, &g) : ERR_NOMEM;
  *out = NULL;
  if (err == ERR_OK)
    err = sort_rows (&g, arena, out);
  *n = err == ERR_OK ? g.n : 0;
  free (g.row);
  arena_destroy (&g.work);
  return err;
}
