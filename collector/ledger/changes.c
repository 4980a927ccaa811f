/* changes.c - two answers to one question, then and now, laid side by side.
 *
 * Cells are compared as text, as a person would compare two printed tables. A record's share is found the
 * same way: the question is put to its state then and to its state now alone. */
#include "collector/ledger/changes.h"

#include "common/core/contribution.h"

#include <stdlib.h>

typedef struct {
  query_t *q;
  query_result_t r;
} answer_side_t;

struct changes {
  changes_ask_t ask;
  snapshot_t *then, *now;
  answer_side_t before, after; /* of the cells */
  bool gathered;               /* what follows: shares of records, sorted by cell, key */
  arena_t *arena;
  change_row_t *row;
  size_t rows, cap;
  changes_count_t count;
};

/* ---- questions ---- */

static const catalogue_t *
catalogue_for (const changes_t *c, bool then)
{
  return then && c->ask.today == 0 ? snapshot_catalogue (c->then) : snapshot_catalogue (c->now);
}

/* A code that only the present catalogue has had no figures then: *out NULL. */
static err_t
parse_side (const changes_t *c, bool then, query_t **out, fail_t *fail)
{
  fail_t own = {0};
  query_t *q = query_parse (c->ask.by, c->ask.where, catalogue_for (c, then), then ? &own : fail);
  *out = q;
  if (q != NULL) {
    query_today (q, c->ask.today);
    return ERR_OK;
  }
  if (then)
    return own.err == ERR_INPUT ? ERR_OK : own.err;
  return fail->err != ERR_OK ? fail->err : ERR_NOMEM;
}

static err_t
finish_side (answer_side_t *s)
{
  return s->q != NULL ? query_finish (s->q, true, &s->r) : ERR_OK;
}

static void
drop_side (answer_side_t *s)
{
  query_destroy (&s->q);
  *s = (answer_side_t){.q = NULL};
}

static err_t
ask_side (changes_t *c, bool then, answer_side_t *out, fail_t *fail)
{
  err_t err = parse_side (c, then, &out->q, fail);
  if (err != ERR_OK || out->q == NULL)
    return err;
  err = snapshot_query (then ? c->then : c->now, out->q);
  return err == ERR_OK ? finish_side (out) : err;
}

err_t
changes_open (ledger_t *l, kv_txn_t *txn, const changes_ask_t *ask, changes_t **out, fail_t *fail)
{
  changes_t *c = calloc (1, sizeof *c);
  if (c == NULL)
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  c->ask = *ask;
  err_t err = snapshot_open_since (l, txn, ask->since, &c->then, fail);
  if (err == ERR_OK)
    err = snapshot_open (l, txn, STR_NONE, &c->now, fail);
  if (err == ERR_OK)
    err = ask_side (c, false, &c->after, fail);
  if (err == ERR_OK)
    err = ask_side (c, true, &c->before, fail);
  if (err != ERR_OK) {
    changes_close (&c);
    return fail_set (fail, err, "%s", err_words (err));
  }
  *out = c;
  return ERR_OK;
}

void
changes_close (changes_t **self_p)
{
  changes_t *c = *self_p;
  if (c == NULL)
    return;
  *self_p = NULL;
  drop_side (&c->before);
  drop_side (&c->after);
  free (c->row);
  arena_destroy (&c->arena);
  snapshot_close (&c->then);
  snapshot_close (&c->now);
  free (c);
}

snapshot_t *
changes_then (const changes_t *c)
{
  return c->then;
}

snapshot_t *
changes_now (const changes_t *c)
{
  return c->now;
}

const query_result_t *
changes_form (const changes_t *c)
{
  return &c->after.r;
}

size_t
changes_dimensions (const changes_t *c)
{
  const query_result_t *r = changes_form (c);
  size_t n = 0;
  while (n < r->columns && !r->is_measure[n])
    n++;
  return n;
}

/* ---- side by side ---- */

/* Of an indicator that is not additive a cell without a row may hold figures that cannot be one. */
static bool
may_hide (const changes_t *c, const query_result_t *form, const str_t *cell)
{
  for (size_t i = 0; i < form->columns; i++)
    if (strcmp (form->name[i], "indicator") == 0) {
      const indicator_t *of = catalogue_indicator (snapshot_catalogue (c->now), cell[i]);
      return of != NULL && !of->additive;
    }
  return false;
}

static int
compare_cells (const str_t *a, const str_t *b, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    int order = str_cmp (a[i], b[i]);
    if (order != 0)
      return order;
  }
  return 0;
}

typedef struct {
  const changes_t *c;
  change_row_t row; /* of the record they are about */
  change_row_fn *fn;
  void *ctx;
} comparing_t;

static err_t
compare_row (comparing_t *k, const query_result_t *form, const str_t *then, const str_t *now)
{
  str_t none[MEASURES_MAX];
  const str_t *cell = now != NULL ? now : then;
  size_t n = changes_dimensions (k->c), measures = form->columns - n;
  bool changed = false;
  for (size_t i = 0; i < measures; i++)
    none[i] = may_hide (k->c, form, cell) ? STR_NONE : STR ("0");
  change_row_t row = k->row;
  row.cell = cell;
  row.before = then != NULL ? then + n : none;
  row.now = now != NULL ? now + n : none;
  for (size_t i = 0; i < measures; i++)
    changed = changed || !str_eq (row.before[i], row.now[i]);
  return changed ? k->fn (k->ctx, &row) : ERR_OK;
}

/* Both are sorted by the text of their cells. */
static err_t
compare_sides (comparing_t *k, const query_result_t *form, const query_result_t *then,
               const query_result_t *now)
{
  size_t n = changes_dimensions (k->c), i = 0, j = 0;
  err_t err = ERR_OK;
  while (err == ERR_OK && (i < then->rows || j < now->rows)) {
    const str_t *a = i < then->rows ? then->cell + i * form->columns : NULL;
    const str_t *b = j < now->rows ? now->cell + j * form->columns : NULL;
    int order = a == NULL ? 1 : b == NULL ? -1 : compare_cells (a, b, n);
    err = compare_row (k, form, order <= 0 ? a : NULL, order >= 0 ? b : NULL);
    i += order <= 0;
    j += order >= 0;
  }
  return err;
}

err_t
changes_cells (changes_t *c, change_row_fn *fn, void *ctx)
{
  comparing_t k = {.c = c, .fn = fn, .ctx = ctx};
  return compare_sides (&k, &c->after.r, &c->before.r, &c->after.r);
}

/* ---- records ---- */

static bool
copy_texts (arena_t *arena, const str_t *from, size_t n, const str_t **out)
{
  str_t *to = arena_alloc (arena, (n + 1) * sizeof *to);
  if (to == NULL)
    return false;
  for (size_t i = 0; i < n; i++) {
    to[i] = arena_str (arena, from[i]);
    if (from[i].p != NULL && to[i].p == NULL)
      return false;
  }
  to[n] = STR_NONE; /* ends a cell for by_cell */
  *out = to;
  return true;
}

static err_t
gather_row (void *ctx, const change_row_t *row)
{
  changes_t *c = ctx;
  size_t dims = changes_dimensions (c), measures = c->after.r.columns - dims;
  change_row_t *grown = array_room (c->row, c->rows, &c->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  c->row = grown;
  change_row_t *kept = &c->row[c->rows];
  *kept = *row;
  kept->key = arena_str (c->arena, row->key);
  kept->person = arena_str (c->arena, row->person);
  if (kept->key.p == NULL || kept->person.p == NULL || !copy_texts (c->arena, row->cell, dims, &kept->cell) ||
      !copy_texts (c->arena, row->before, measures, &kept->before) ||
      !copy_texts (c->arena, row->now, measures, &kept->now))
    return ERR_NOMEM;
  c->rows++;
  return ERR_OK;
}

/* The question put to one state of one record; none: nothing. */
static err_t
share (const changes_t *c, bool then, const record_t *r, bool withdrawn, answer_side_t *out)
{
  fail_t fail = {0};
  atom_t atoms[ATOMS_MAX];
  size_t n = r != NULL ? contribution (r, withdrawn, atoms) : 0;
  if (n == 0)
    return ERR_OK;
  err_t err = parse_side (c, then, &out->q, &fail);
  if (err != ERR_OK || out->q == NULL)
    return err;
  for (size_t i = 0; err == ERR_OK && i < n; i++)
    if (atoms[i].family == query_family (out->q))
      err = query_feed (out->q, &atoms[i]);
  return err == ERR_OK ? finish_side (out) : err;
}

static err_t
gather_record (void *ctx, const update_t *then, bool then_withdrawn, const update_t *now,
               const row_t *now_row)
{
  changes_t *c = ctx;
  answer_side_t before = {.q = NULL}, after = {.q = NULL};
  buf_t key = BUF_INIT;
  size_t shares = c->rows;
  record_key_text (&now->record, snapshot_catalogue (c->now), &key);
  comparing_t k = {.c = c,
                   .row = {.record = true,
                           .key = key.n > 0 ? buf_str (&key) : STR (""),
                           .office = record_office (&now->record),
                           .revision = now_row->revision,
                           .withdrawn = now_row->withdrawn,
                           .person = now->person.p != NULL ? now->person : STR (""),
                           .received = now_row->received},
                   .fn = gather_row,
                   .ctx = c};
  err_t err = buf_ok (&key) ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK)
    err = share (c, true, then != NULL ? &then->record : NULL, then_withdrawn, &before);
  if (err == ERR_OK)
    err = share (c, false, &now->record, now_row->withdrawn, &after);
  if (err == ERR_OK)
    err = compare_sides (&k, changes_form (c), &before.r, &after.r);
  c->count.touched += now->record.kind != KIND_SUBMISSION;
  c->count.moved += c->rows > shares;
  drop_side (&before);
  drop_side (&after);
  buf_free (&key);
  return err;
}

static int
by_cell (const void *x, const void *y)
{
  const change_row_t *a = x, *b = y;
  for (size_t i = 0; a->cell[i].p != NULL; i++) {
    int order = str_cmp (a->cell[i], b->cell[i]);
    if (order != 0)
      return order;
  }
  return str_cmp (a->key, b->key);
}

static err_t
gather (changes_t *c)
{
  if (c->gathered)
    return ERR_OK;
  c->arena = arena_new (SIZE_MAX / 4);
  err_t err = c->arena != NULL ? snapshot_changes (c->then, gather_record, c) : ERR_NOMEM;
  if (err == ERR_OK && c->rows > 0)
    qsort (c->row, c->rows, sizeof *c->row, by_cell);
  c->gathered = err == ERR_OK;
  return err;
}

/* Cells as they come, and between them the records. */
typedef struct {
  const changes_t *c;
  size_t told;
  change_row_fn *fn;
  void *ctx;
} weaving_t;

/* upto NULL: all that are left; else those of cells before it or (with) also of it. */
static err_t
tell_records (weaving_t *w, const str_t *upto, bool with)
{
  const changes_t *c = w->c;
  err_t err = ERR_OK;
  for (; err == ERR_OK && w->told < c->rows; w->told++) {
    int order = upto != NULL ? compare_cells (c->row[w->told].cell, upto, changes_dimensions (c)) : -1;
    if (order > 0 || (order == 0 && !with))
      break;
    err = w->fn (w->ctx, &c->row[w->told]);
  }
  return err;
}

static err_t
weave (void *ctx, const change_row_t *cell)
{
  weaving_t *w = ctx;
  err_t err = tell_records (w, cell->cell, false);
  if (err == ERR_OK)
    err = w->fn (w->ctx, cell);
  return err == ERR_OK ? tell_records (w, cell->cell, true) : err;
}

err_t
changes_records (changes_t *c, change_row_fn *fn, void *ctx, changes_count_t *count)
{
  weaving_t w = {.c = c, .fn = fn, .ctx = ctx};
  err_t err = gather (c);
  if (err == ERR_OK)
    err = changes_cells (c, weave, &w);
  if (err == ERR_OK)
    err = tell_records (&w, NULL, true);
  if (count != NULL)
    *count = c->count;
  return err;
}
