/* trace.c - from a figure to its records, from a record to its versions.
 *
 * A cell is described as the totals' own --where; each record is asked that very question on its own, so
 * what trace lists adds up to what totals says by the same code. */
#include "collector/ledger/trace.h"
#include "collector/ledger/state.h"

#include "common/core/query.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

/* ---- cells ---- */

/* The dimensions of "a=1,b=2" as "a,b"; a repeated one once. */
static bool
dims_of_where (str_t where, buf_t *out)
{
  size_t at = 0;
  while (at < where.n) {
    size_t end = at, equals = at;
    while (end < where.n && where.p[end] != ',')
      end++;
    while (equals < end && where.p[equals] != '=')
      equals++;
    str_t name = {where.p + at, equals - at};
    str_t have = buf_str (out);
    bool known = false;
    for (size_t i = 0; i + name.n <= have.n && !known; i++)
      known = memcmp (have.p + i, name.p, name.n) == 0 && (i == 0 || have.p[i - 1] == ',') &&
              (i + name.n == have.n || have.p[i + name.n] == ',');
    if (equals < end && !known) {
      if (out->n > 0)
        buf_putc (out, ',');
      buf_put (out, name.p, name.n);
    }
    at = end + 1;
  }
  return buf_ok (out);
}

static query_t *
cell_query (const catalogue_t *c, str_t where, fail_t *fail)
{
  buf_t by = BUF_INIT;
  query_t *q = dims_of_where (where, &by) ? query_parse (buf_str (&by), where, c, fail) : NULL;
  buf_free (&by);
  return q;
}

err_t
trace_family (const catalogue_t *c, str_t where, family_t *out, fail_t *fail)
{
  query_t *q = cell_query (c, where, fail);
  if (q == NULL)
    return fail->err != ERR_OK ? fail->err : fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  *out = query_family (q);
  query_destroy (&q);
  return ERR_OK;
}

typedef struct {
  ledger_t *l;
  const catalogue_t *c;
  str_t where;
  date_t today;
  arena_t *decode, *keep;
  trace_row_t *row;
  size_t n, cap;
  fail_t *fail;
} tracing_t;

static int64_t
whole (str_t text)
{
  int64_t v = 0;
  bool minus = text.n > 0 && text.p[0] == '-';
  for (size_t i = minus ? 1 : 0; i < text.n; i++)
    v = v * 10 + (text.p[i] - '0');
  return minus ? -v : v;
}

/* What the record gives to the cell; *behind false: nothing. */
static err_t
contribution_to (tracing_t *t, const record_t *r, bool withdrawn, trace_row_t *out, bool *behind)
{
  atom_t atom[ATOMS_MAX];
  query_result_t result;
  size_t n = contribution (r, withdrawn, atom);
  *behind = false;
  if (n == 0)
    return ERR_OK;
  query_t *q = cell_query (t->c, t->where, t->fail);
  if (q == NULL)
    return t->fail->err != ERR_OK ? t->fail->err : ERR_NOMEM;
  err_t err = ERR_OK;
  query_today (q, t->today);
  for (size_t i = 0; i < n && err == ERR_OK; i++)
    if (atom[i].family == query_family (q))
      err = query_feed (q, &atom[i]);
  if (err == ERR_OK)
    err = query_finish (q, true, &result);
  for (size_t row = 0; err == ERR_OK && row < result.rows; row++)
    for (size_t i = 0; i < result.columns; i++) {
      str_t cell = result.cell[row * result.columns + i];
      if (!result.is_measure[i])
        continue;
      if (strcmp (result.name[i], "schemes") == 0 || strcmp (result.name[i], "projects") == 0)
        out->schemes += whole (cell);
      else if (strcmp (result.name[i], "support_vnd") == 0 || strcmp (result.name[i], "revenue_vnd") == 0)
        out->support_vnd += whole (cell);
      else if (strcmp (result.name[i], "value") == 0)
        out->value = arena_str (t->keep, cell);
    }
  *behind = out->schemes != 0 || out->support_vnd != 0 || out->value.p != NULL;
  query_destroy (&q);
  return err;
}

static str_t
key_of (arena_t *arena, const catalogue_t *c, const record_t *r)
{
  buf_t key = BUF_INIT, text = BUF_INIT;
  if (kind_supported (r->kind) && record_key (r, &key))
    book_key_text (r->kind, buf_str (&key), c, &text);
  str_t out = arena_str (arena, buf_str (&text));
  buf_free (&key);
  buf_free (&text);
  return out;
}

static err_t
trace_one (void *ctx, err_t err, const row_t *row)
{
  tracing_t *t = ctx;
  update_t u;
  trace_row_t out = {.value = STR_NONE};
  bool behind = false;
  if (err != ERR_OK)
    return err;
  arena_reset (t->decode);
  if (update_decode (row->bytes, t->decode, &u, NULL) != ERR_OK)
    return ERR_DAMAGED;
  err = contribution_to (t, &u.record, row->withdrawn, &out, &behind);
  if (err != ERR_OK || !behind)
    return err;
  trace_row_t *grown = array_room (t->row, t->n, &t->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  t->row = grown;
  out.key = key_of (t->keep, t->c, &u.record);
  out.office = record_office (&u.record);
  out.revision = row->revision;
  out.person = u.person.p != NULL ? arena_str (t->keep, u.person) : STR ("");
  out.received = row->received;
  if (out.key.p == NULL || out.person.p == NULL)
    return ERR_NOMEM;
  t->row[t->n++] = out;
  return ERR_OK;
}

static int
by_key (const void *x, const void *y)
{
  const trace_row_t *a = x, *b = y;
  return str_cmp (a->key, b->key);
}

err_t
trace_cell (ledger_t *l, kv_txn_t *txn, str_t where, date_t today, trace_row_fn *fn, void *ctx, fail_t *fail)
{
  tracing_t t = {.l = l, .c = ledger_catalogue (l), .where = where, .today = today, .fail = fail};
  t.decode = arena_new (UPDATE_ROOM);
  t.keep = arena_new (SIZE_MAX / 4);
  err_t err = t.decode != NULL && t.keep != NULL ? book_each (l->book, txn, 0, trace_one, &t) : ERR_NOMEM;
  if (err == ERR_OK && t.n > 0)
    qsort (t.row, t.n, sizeof *t.row, by_key);
  for (size_t i = 0; err == ERR_OK && i < t.n; i++)
    err = fn (ctx, &t.row[i]);
  free (t.row);
  arena_destroy (&t.decode);
  arena_destroy (&t.keep);
  return err;
}

/* ---- versions ---- */

typedef struct {
  uint64_t *lsn;
  size_t n, cap;
} places_t;

static err_t
place_add (places_t *p, uint64_t lsn)
{
  uint64_t *grown = array_room (p->lsn, p->n, &p->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  p->lsn = grown;
  p->lsn[p->n++] = lsn;
  return ERR_OK;
}

static int
by_lsn (const void *x, const void *y)
{
  uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
  return (a > b) - (a < b);
}

/* Places that a database of (record id, place) names, of refusals, parked sides or answers; id NULL: of every
 * record. */
static err_t
listed_places (kv_txn_t *txn, kv_db_t db, const record_id_t *id, places_t *out)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  uint8_t from[24];
  err_t err = kv_cursor_open (txn, db, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek (c, id != NULL ? key_refused (from, *id, 0) : STR ("\0"), &key, &stored);
  while (err == ERR_OK && (id == NULL || (key.n == 24 && memcmp (key.p, id->b, 16) == 0))) {
    err = val_open (db, key, stored, &body);
    if (err == ERR_OK)
      err = place_add (out, key_read_u64 (key, 16));
    if (err == ERR_OK)
      err = kv_next (c, &key, &stored);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
show_place (ledger_t *l, kv_txn_t *txn, arena_t *arena, uint64_t lsn, trace_version_fn *fn, void *ctx)
{
  log_entry_t e;
  update_t u;
  agent_full_t agent;
  err_t err = ledger_log_get (l, txn, lsn, &e);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  memset (&u, 0, sizeof u);
  /* of what was merged or settled, the state it resulted in: what people ask about */
  bool readable = update_decode (log_entry_state (&e), arena, &u, NULL) == ERR_OK;
  trace_version_t v = {.lsn = lsn,
                       .verdict = e.verdict,
                       .reason = e.reason,
                       .received = e.received,
                       .agent = STR (""),
                       .key = STR (""),
                       .update = &u};
  v.settled = e.serial == 0 && log_entry_changes (&e);
  memcpy (v.arguments, e.arguments, sizeof v.arguments);
  v.comment = u.comment;
  decision_t d = {.type = DECISION_NONE};
  if (readable && u.record.kind == KIND_DECISION && decision_decode (u.decision, arena, &d) == ERR_OK &&
      d.type == DECISION_SUBMISSION) {
    v.comment = d.u.submission.comment;
    v.answer = d.u.submission.accepted ? ANSWER_ACCEPTED : ANSWER_RETURNED;
  }
  if (readable)
    v.key = key_of (arena, ledger_catalogue (l), &u.record);
  err = agent_get (txn, e.serial, &agent);
  if (err == ERR_OK) {
    v.agent = agent.row.name;
    v.office = agent.row.unit;
  }
  return err == ERR_OK || err == ERR_NOT_FOUND ? fn (ctx, &v) : err;
}

static err_t
show_places (ledger_t *l, kv_txn_t *txn, const places_t *p, trace_version_fn *fn, void *ctx)
{
  arena_t *arena = arena_new (UPDATE_ROOM);
  err_t err = arena != NULL ? ERR_OK : ERR_NOMEM;
  for (size_t i = 0; i < p->n && err == ERR_OK; i++) {
    arena_reset (arena);
    err = show_place (l, txn, arena, p->lsn[i], fn, ctx);
  }
  arena_destroy (&arena);
  return err;
}

err_t
trace_record (ledger_t *l, kv_txn_t *txn, record_ref_t ref, trace_version_fn *fn, void *ctx)
{
  places_t p = {0};
  row_t row;
  log_entry_t e;
  err_t err = book_get (l->book, txn, ref, &row);
  uint64_t lsn = err == ERR_OK ? row.at : 0;
  while (err == ERR_OK && lsn != 0) {
    err = place_add (&p, lsn);
    if (err == ERR_OK)
      err = ledger_log_get (l, txn, lsn, &e);
    if (err == ERR_OK && e.previous_lsn >= lsn)
      err = ERR_DAMAGED;
    lsn = err == ERR_OK ? e.previous_lsn : 0;
  }
  if (err == ERR_OK)
    err = listed_places (txn, DB_REFUSED, &ref.id, &p);
  if (err == ERR_OK)
    err = listed_places (txn, DB_CONFLICT, &ref.id, &p);
  if (err == ERR_OK)
    err = listed_places (txn, DB_CONFLICT_PAST, &ref.id, &p);
  if (err == ERR_OK)
    err = listed_places (txn, DB_ANSWER, &ref.id, &p);
  if (err == ERR_OK)
    qsort (p.lsn, p.n, sizeof *p.lsn, by_lsn);
  if (err == ERR_OK)
    err = show_places (l, txn, &p, fn, ctx);
  free (p.lsn);
  return err;
}

/* Rows are sorted by their key; the log's order breaks ties. */
typedef struct {
  uint64_t lsn;
  str_t key;
} refusal_t;
typedef struct {
  refusal_t *at;
  size_t n;
  arena_t *keep;
} refusals_t;

static int
refusal_cmp (const void *x, const void *y)
{
  const refusal_t *a = x, *b = y;
  int c = str_cmp (a->key, b->key);
  return c != 0 ? c : (a->lsn > b->lsn) - (a->lsn < b->lsn);
}

static err_t
refusal_note (void *ctx, const trace_version_t *v)
{
  refusals_t *r = ctx;
  str_t key = arena_str (r->keep, v->key);
  if (key.p == NULL)
    return ERR_NOMEM;
  r->at[r->n++] = (refusal_t){v->lsn, key};
  return ERR_OK;
}

err_t
trace_refused (ledger_t *l, kv_txn_t *txn, trace_version_fn *fn, void *ctx)
{
  places_t p = {0};
  refusals_t r = {.keep = arena_new (SIZE_MAX / 4)};
  err_t err = r.keep != NULL ? listed_places (txn, DB_REFUSED, NULL, &p) : ERR_NOMEM;
  if (err == ERR_OK && p.n > 0) {
    r.at = calloc (p.n, sizeof *r.at);
    err = r.at != NULL ? show_places (l, txn, &p, refusal_note, &r) : ERR_NOMEM;
  }
  if (err == ERR_OK && r.n > 0) {
    qsort (r.at, r.n, sizeof *r.at, refusal_cmp);
    for (size_t i = 0; i < r.n; i++)
      p.lsn[i] = r.at[i].lsn;
    err = show_places (l, txn, &p, fn, ctx);
  }
  free (p.lsn);
  free (r.at);
  arena_destroy (&r.keep);
  return err;
}

void
trace_reason_words (str_t reason, const str_t arguments[REASON_ARGS], const catalogue_t *c, kind_t kind,
                    buf_t *out)
{
  reason_t r = {.code = reason_of_name (reason), .column = -1};
  for (size_t i = 0; i < REASON_ARGS; i++)
    r.arg[i] = arguments[i].p != NULL ? arguments[i] : STR ("");
  if (r.code == REASON_NONE)
    buf_put (out, reason.p, reason.n); /* of a later version: its name is all we know */
  else
    reason_words_in (&r, c, kind, out);
}
