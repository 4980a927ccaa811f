/* completeness.c - who has declared what for a period, and which figures stand in accepted tables.
 *
 * Asked of an office is what the catalogue says of the offices in being on the period's last day: one that
 * was abolished or merged before is not waited for, its successor is, and has the records it left. What such
 * an office sends all the same (its backlog) gets a row of its own and never counts as owed. A resubmission
 * is judged as the version that stands, by when it came: due date and receipt in a row always tell the same
 * story. */
#include "collector/ledger/submissions.h"

#include "common/base/lang.h"
#include "common/core/units.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

typedef struct {
  const char *name, *vi, *en;
} state_words_t;

static const state_words_t states[COMPLETE_COUNT] = {
    [COMPLETE_MISSING] = {"missing", "chưa có", "missing"},
    [COMPLETE_PARTIAL] = {"partial", "có số liệu, chưa nộp", "figures in it, not submitted"},
    [COMPLETE_RETURNED] = {"returned", "đã trả lại, chờ nộp lại", "returned, to be submitted again"},
    [COMPLETE_LATE] = {"late", "nộp muộn", "late"},
    [COMPLETE_ON_TIME] = {"on_time", "đúng hạn", "on time"},
    [COMPLETE_EMPTY] = {"empty", "báo không phát sinh", "declared nil"},
    [COMPLETE_ACCEPTED] = {"accepted", "đã chấp nhận", "accepted"},
};

const char *
complete_name (complete_state_t s)
{
  return s < COMPLETE_COUNT ? states[s].name : NULL;
}

const char *
complete_words (complete_state_t s)
{
  return s < COMPLETE_COUNT ? L (states[s].vi, states[s].en) : "";
}

/* ---- rows ---- */

/* A row while it is being worked out. */
typedef struct {
  complete_row_t row;
  bool declared, nil, spans; /* spans: figures of several years touch it */
  uint64_t lsn;              /* of the declaration */
  answer_state_t answer;
} working_t;

typedef struct {
  ledger_t *l;
  const catalogue_t *c;
  const period_t *p;
  arena_t *arena;
  working_t *at;
  size_t n, cap, asked; /* asked: the first ones, in order */
} gathering_t;

static int
by_unit (const void *x, const void *y)
{
  const complete_row_t *a = &((const working_t *)x)->row, *b = &((const working_t *)y)->row;
  if (a->office != b->office)
    return a->office < b->office ? -1 : 1;
  return (a->table > b->table) - (a->table < b->table);
}

static working_t *
find_row (const gathering_t *g, unit_id_t office, table_id_t table)
{
  working_t key = {.row = {.office = office, .table = table}};
  working_t *found = g->asked > 0 ? bsearch (&key, g->at, g->asked, sizeof key, by_unit) : NULL;
  for (size_t i = g->asked; found == NULL && i < g->n; i++)
    if (by_unit (&key, &g->at[i]) == 0)
      found = &g->at[i];
  return found;
}

static working_t *
add_row (gathering_t *g, const unit_t *u, unit_id_t office, table_id_t table, bool asked)
{
  working_t *grown = array_room (g->at, g->n, &g->cap, sizeof *grown);
  if (grown == NULL)
    return NULL;
  g->at = grown;
  g->at[g->n] = (working_t){.row = {.office = office, .unit = u, .table = table, .asked = asked}};
  return &g->at[g->n++];
}

static err_t
add_asked (gathering_t *g)
{
  const unit_t *u;
  for (size_t i = 0; (u = catalogue_unit_at (g->c, i)) != NULL; i++) {
    const unit_t *then = catalogue_unit_on (g->c, u->id, g->p->to);
    for (int t = TABLE_CONSULTING; then != NULL && t < (int)TABLE_COUNT; t++)
      if (table_expected ((table_id_t)t, then) && add_row (g, then, u->id, (table_id_t)t, true) == NULL)
        return ERR_NOMEM;
  }
  if (g->n > 0)
    qsort (g->at, g->n, sizeof *g->at, by_unit);
  g->asked = g->n;
  return ERR_OK;
}

static err_t
add_declared (void *ctx, const submission_row_t *s)
{
  gathering_t *g = ctx;
  working_t *w = find_row (g, s->office, s->table);
  if (w == NULL)
    w = add_row (g, catalogue_unit (g->c, s->office), s->office, s->table, false);
  if (w == NULL)
    return ERR_NOMEM;
  w->declared = true;
  w->nil = s->nil;
  w->lsn = s->lsn;
  w->answer = s->answer.state;
  w->row.received = s->received;
  return ERR_OK;
}

/* The row a record counts in: its office's own, else that of who has it on the period's last day. */
static working_t *
row_of_record (const gathering_t *g, const record_t *r, table_id_t table)
{
  working_t *own = find_row (g, record_office (r), table);
  return own != NULL
             ? own
             : find_row (g, unit_today (g->c, record_office (r), record_commune (r), g->p->to), table);
}

static err_t
count_record (void *ctx, err_t err, const row_t *row)
{
  gathering_t *g = ctx;
  update_t u;
  if (err != ERR_OK)
    return ERR_OK; /* a damaged one is verify's to name */
  arena_reset (g->arena);
  err = update_decode (row->bytes, g->arena, &u, NULL);
  if (err == ERR_NOMEM)
    return err;
  table_id_t table = table_of_kind (u.record.kind);
  if (err != ERR_OK || table == TABLE_NONE || !period_touches (g->p, &u.record, g->c))
    return ERR_OK;
  working_t *w = row_of_record (g, &u.record, table);
  if (w == NULL)
    return ERR_OK;
  if (period_has (g->p, &u.record, g->c))
    w->row.records += !row->withdrawn;
  else
    w->spans = w->spans || !row->withdrawn;
  w->row.since += w->declared && row->at > w->lsn;
  return ERR_OK;
}

static complete_state_t
state_of (const working_t *w)
{
  if (!w->declared)
    return w->row.records > 0 ? COMPLETE_PARTIAL : COMPLETE_MISSING;
  if (w->answer == ANSWER_ACCEPTED)
    return COMPLETE_ACCEPTED;
  if (w->answer == ANSWER_RETURNED)
    return COMPLETE_RETURNED;
  if (w->nil)
    return w->row.records > 0 || w->spans ? COMPLETE_PARTIAL : COMPLETE_EMPTY;
  return w->row.due != 0 && w->row.received.ms > day_end (w->row.due).ms ? COMPLETE_LATE : COMPLETE_ON_TIME;
}

static int
by_code (const void *x, const void *y)
{
  const complete_row_t *a = x, *b = y;
  int c = str_cmp (a->unit != NULL ? a->unit->known_as : STR (""),
                   b->unit != NULL ? b->unit->known_as : STR (""));
  if (c == 0)
    c = (a->office > b->office) - (a->office < b->office);
  return c != 0 ? c : strcmp (table_name (a->table), table_name (b->table));
}

static err_t
gather (gathering_t *g, kv_txn_t *txn)
{
  char text[PERIOD_TEXT_MAX];
  period_format (g->p, text);
  err_t err = add_asked (g);
  return err == ERR_OK ? submissions_each (g->l, txn, str_of (text), SUBMISSIONS_NOW, add_declared, g) : err;
}

static err_t
finish (gathering_t *g, kv_txn_t *txn, completeness_t *out)
{
  char text[PERIOD_TEXT_MAX];
  period_format (g->p, text);
  *out = (completeness_t){.n = g->n};
  out->rows = calloc (g->n > 0 ? g->n : 1, sizeof *out->rows);
  err_t err = out->rows != NULL ? ERR_OK : ERR_NOMEM;
  for (size_t i = 0; err == ERR_OK && i < g->n; i++) {
    working_t *w = &g->at[i];
    err = due_of (txn, DB_DUE, str_of (text), w->row.table, w->row.office, &w->row.due);
    w->row.state = state_of (w);
    out->rows[i] = w->row;
    out->asked += w->row.asked;
    out->done += w->row.asked && w->row.state >= COMPLETE_LATE;
  }
  if (err == ERR_OK && g->n > 0)
    qsort (out->rows, out->n, sizeof *out->rows, by_code);
  if (err != ERR_OK)
    completeness_free (out);
  return err;
}

err_t
submissions_completeness (ledger_t *l, kv_txn_t *txn, const period_t *p, completeness_t *out)
{
  gathering_t g = {.l = l, .c = ledger_catalogue (l), .p = p};
  book_t *book = book_new (ledger_book_dbs ());
  g.arena = arena_new (UPDATE_ROOM);
  err_t err = book != NULL && g.arena != NULL ? gather (&g, txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = book_each (book, txn, 0, count_record, &g);
  if (err == ERR_OK)
    err = finish (&g, txn, out);
  book_destroy (&book);
  arena_destroy (&g.arena);
  free (g.at);
  return err;
}

void
completeness_free (completeness_t *c)
{
  free (c->rows);
  *c = (completeness_t){.rows = NULL};
}
