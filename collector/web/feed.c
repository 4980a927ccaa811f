#include "collector/web/feed.h"

#include "collector/ledger/conflicts.h"
#include "common/text/json.h"
#include "common/view/totals_view.h"

#include <inttypes.h>
#include <stdlib.h>

#define GROUPINGS_MAX 16u
#define END '\x1f' /* after each part of a cell */
#define BY_MAX 128u
#define SEAL_TEXT_BYTES 16u /* as totals has it */

/* One cell of a grouping: what it is of, and what stands there. Views of the standing's text. */
typedef struct {
  str_t dims, measures;
  size_t row; /* of the answer it was read from */
} cell_t;

/* A grouping as it stood at a look: its cells in the order of their dims' bytes. */
typedef struct {
  buf_t text;
  cell_t *at;
  size_t n;
} standing_t;

struct feed {
  ledger_t *l;
  events_t *events;
  uint64_t seen_txn;
  standing_t before[GROUPINGS_MAX];
};

static void
standing_free (standing_t *s)
{
  buf_free (&s->text);
  free (s->at);
  *s = (standing_t){.n = 0};
}

static int
by_dims (const void *a, const void *b)
{
  return str_cmp (((const cell_t *)a)->dims, ((const cell_t *)b)->dims);
}

static size_t
dims_of (const query_result_t *r)
{
  size_t n = 0;
  while (n < r->columns && !r->is_measure[n])
    n++;
  return n;
}

static err_t
standing_of (const query_result_t *r, standing_t *out)
{
  const size_t dims = dims_of (r);
  *out = (standing_t){.at = calloc (r->rows + 1, sizeof *out->at), .n = r->rows};
  for (size_t row = 0; row < r->rows; row++)
    for (size_t i = 0; i < r->columns; i++) {
      const str_t *cell = &r->cell[row * r->columns + i];
      buf_put (&out->text, cell->p, cell->n);
      buf_putc (&out->text, END);
    }
  if (out->at == NULL || !buf_ok (&out->text)) {
    standing_free (out);
    return ERR_NOMEM;
  }
  const char *p = out->text.p;
  for (size_t row = 0; row < r->rows; row++) {
    const char *from = p, *middle = p;
    for (size_t i = 0; i < r->columns; i++) {
      p += r->cell[row * r->columns + i].n + 1;
      middle = i + 1 == dims ? p : middle;
    }
    out->at[row] = (cell_t){{from, (size_t)(middle - from)}, {middle, (size_t)(p - middle)}, row};
  }
  if (out->n > 1)
    qsort (out->at, out->n, sizeof *out->at, by_dims);
  return ERR_OK;
}

/* ---- rows that changed, as an answer of their own ---- */

typedef struct {
  query_result_t r; /* its cells are pointers into r or a standing */
  size_t room;
} rows_t;

static err_t
rows_new (const query_result_t *like, size_t most, rows_t *out)
{
  *out = (rows_t){.r = *like, .room = most};
  out->r.rows = 0;
  out->r.cell = calloc (most * like->columns + 1, sizeof *out->r.cell);
  return out->r.cell != NULL ? ERR_OK : ERR_NOMEM;
}

static void
rows_add (rows_t *rows, const query_result_t *from, size_t row)
{
  CHECK (rows->r.rows < rows->room);
  memcpy (rows->r.cell + rows->r.rows++ * from->columns, from->cell + row * from->columns,
          from->columns * sizeof *from->cell);
}

/* A cell that was there and is gone stands at 0 now. */
static void
rows_add_gone (rows_t *rows, str_t dims)
{
  const size_t n = dims_of (&rows->r);
  CHECK (rows->r.rows < rows->room);
  str_t *cell = rows->r.cell + rows->r.rows++ * rows->r.columns;
  for (size_t i = 0; i < n; i++) {
    const char *end = memchr (dims.p, END, dims.n);
    CHECK (end != NULL);
    cell[i] = (str_t){dims.p, (size_t)(end - dims.p)};
    dims = (str_t){end + 1, dims.n - cell[i].n - 1};
  }
  for (size_t i = n; i < rows->r.columns; i++)
    cell[i] = STR ("0");
}

static err_t
changed_rows (const standing_t *before, const standing_t *now, const query_result_t *r, rows_t *out)
{
  err_t err = rows_new (r, before->n + now->n, out);
  size_t a = 0, b = 0;
  while (err == ERR_OK && (a < before->n || b < now->n)) {
    int order = a == before->n ? 1 : b == now->n ? -1 : str_cmp (before->at[a].dims, now->at[b].dims);
    if (order < 0)
      rows_add_gone (out, before->at[a++].dims);
    else if (order > 0)
      rows_add (out, r, now->at[b++].row);
    else {
      if (!str_eq (before->at[a].measures, now->at[b].measures))
        rows_add (out, r, now->at[b].row);
      a++;
      b++;
    }
  }
  return err;
}

/* ---- json ---- */

/* {"by":"year,item,source","rows":[…]} */
static err_t
put_grouping (const catalogue_t *c, const char *by, const query_result_t *r, buf_t *out)
{
  table_t *t = table_new ();
  buf_t rows = BUF_INIT;
  totals_fill (t, c, r, false);
  err_t err = table_render (t, FORMAT_JSON, false, 0, NULL, &rows);
  if (err == ERR_OK) {
    buf_puts (out, out->p[out->n - 1] == '[' ? "{\"by\":" : ",{\"by\":");
    json_put_text (out, str_of (by));
    buf_putc (out, ',');
    for (size_t i = 1; i < rows.n; i++) /* without its own brace, and in one line */
      if (rows.p[i] != '\n')
        buf_putc (out, rows.p[i]);
  }
  table_destroy (&t);
  buf_free (&rows);
  return err;
}

static void
begin_json (const char *position, hash_t seal, uint64_t parked, buf_t *out)
{
  char hex[2 * SEAL_TEXT_BYTES + 1];
  hex_encode (seal.b, SEAL_TEXT_BYTES, hex);
  buf_printf (out, "{\"position\":\"%s\",\"seal\":\"%s\",\"parked\":%" PRIu64 ",\"groupings\":[", position,
              hex, parked);
}

static void
by_of (const grouping_t *g, char by[BY_MAX])
{
  size_t n = 0;
  by[0] = '\0';
  for (int d = 0; d < DIM_COUNT; d++)
    if ((g->dims & DIM_BIT ((dim_t)d)) != 0) {
      int put = snprintf (by + n, BY_MAX - n, "%s%s", n > 0 ? "," : "", dim_name ((dim_t)d));
      CHECK (put > 0 && (size_t)put < BY_MAX - n);
      n += (size_t)put;
    }
}

/* ---- looking ---- */

typedef struct {
  feed_t *feed;
  kv_txn_t *txn;
  const catalogue_t *c;
  buf_t changes, all;            /* all: only what is wanted */
  standing_t now[GROUPINGS_MAX]; /* takes the feed's place once it is told */
  bool snapshot, first;
} look_t;

static err_t
look_at (look_t *k, size_t i, const grouping_t *g, fail_t *fail)
{
  query_t *q = NULL;
  query_result_t r = {.rows = 0};
  rows_t changed = {.room = 0};
  char by[BY_MAX];
  by_of (g, by);
  err_t err = totals_ask (ledger_book (k->feed->l), k->txn, k->c, str_of (by), STR_NONE, true, &q, &r, fail);
  if (err == ERR_OK)
    err = standing_of (&r, &k->now[i]);
  if (err == ERR_OK && !k->first)
    err = changed_rows (&k->feed->before[i], &k->now[i], &r, &changed);
  if (err == ERR_OK && changed.r.rows > 0)
    err = put_grouping (k->c, by, &changed.r, &k->changes);
  if (err == ERR_OK && k->snapshot)
    err = put_grouping (k->c, by, &r, &k->all);
  free (changed.r.cell);
  query_destroy (&q);
  return err;
}

static err_t
look_at_all (look_t *k, position_t *at, fail_t *fail)
{
  char position[POSITION_TEXT_MAX];
  hash_t seal;
  uint64_t parked = 0;
  size_t i = 0;
  err_t err = ledger_end (k->feed->l, k->txn, at, &seal);
  if (err == ERR_OK)
    err = ledger_catalogue_refresh (k->feed->l, k->txn, fail);
  if (err == ERR_OK)
    err = conflicts_count (k->txn, UINT64_MAX, &parked);
  k->c = ledger_catalogue (k->feed->l);
  position_format (*at, position);
  begin_json (position, seal, parked, &k->changes);
  begin_json (position, seal, parked, &k->all);
  for (const grouping_t *g = groupings; err == ERR_OK && g->id != 0; g++, i++) {
    CHECK (i < GROUPINGS_MAX);
    err = buf_ok (&k->changes) && buf_ok (&k->all) ? look_at (k, i, g, fail) : ERR_NOMEM;
  }
  buf_puts (&k->changes, "]}");
  buf_puts (&k->all, "]}");
  return err == ERR_OK && !(buf_ok (&k->changes) && buf_ok (&k->all)) ? ERR_NOMEM : err;
}

/* The transaction number is read before the transaction begins: what comes between is looked at twice. */
err_t
feed_look (feed_t *self, bool snapshot, fail_t *fail)
{
  look_t k = {.feed = self, .snapshot = snapshot, .first = self->events == NULL};
  position_t at = {0};
  kv_stat_t stat;
  kv_stat (ledger_kv (self->l), &stat);
  err_t err = kv_begin (ledger_kv (self->l), false, &k.txn);
  if (err == ERR_OK)
    err = look_at_all (&k, &at, fail);
  kv_abort (&k.txn);
  if (err == ERR_OK && k.first)
    err = (self->events = events_new (at)) != NULL ? ERR_OK : ERR_NOMEM;
  position_t end = err == ERR_OK ? events_end (self->events) : at;
  if (err == ERR_OK && (end.lsn != at.lsn || end.epoch != at.epoch))
    err = events_push (self->events, at, buf_str (&k.changes));
  err_t kept = err == ERR_OK && snapshot ? events_snapshot (self->events, at, buf_str (&k.all)) : ERR_OK;
  if (err == ERR_OK)
    self->seen_txn = stat.last_txn;
  for (size_t i = 0; i < GROUPINGS_MAX; i++) {
    standing_t other = err == ERR_OK ? self->before[i] : k.now[i];
    if (err == ERR_OK)
      self->before[i] = k.now[i];
    standing_free (&other);
  }
  buf_free (&k.changes);
  buf_free (&k.all);
  err = err == ERR_OK ? kept : err;
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

err_t
feed_new (ledger_t *l, feed_t **out, fail_t *fail)
{
  feed_t *self = calloc (1, sizeof *self);
  if (self == NULL)
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  self->l = l;
  err_t err = feed_look (self, false, fail);
  if (err == ERR_OK)
    *out = self;
  else
    feed_destroy (&self);
  return err;
}

void
feed_destroy (feed_t **self_p)
{
  feed_t *self = *self_p;
  if (self == NULL)
    return;
  events_destroy (&self->events);
  for (size_t i = 0; i < GROUPINGS_MAX; i++)
    standing_free (&self->before[i]);
  free (self);
  *self_p = NULL;
}

events_t *
feed_events (feed_t *self)
{
  return self->events;
}

bool
feed_is_due (const feed_t *self)
{
  kv_stat_t stat;
  kv_stat (ledger_kv (self->l), &stat);
  return stat.last_txn != self->seen_txn;
}
